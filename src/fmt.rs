//! `palisade fmt`: policies in the standard layout.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::builder::BoolishValueParser;
use palisade_lang::format::format;
use palisade_lang::span::FileId;
use palisade_lint::report::diagnostic::SourceTexts;
use palisade_lint::report::{Look, diff};
use palisade_lint::walk::describe_io;

use crate::output::write_file;
use crate::status::Status;
use crate::terminal::Terminal;

/// What standard input is called.
const STDIN: &str = "<stdin>";

const EXAMPLES: &str = "\
Examples:
  palisade fmt                        lay out every .pale file below this folder
  palisade fmt --check my-pack        for pipelines: status 1 if something is to be done
  palisade fmt --diff | git apply     the same, seen first
  palisade fmt - < my.pale            standard input to standard output

Exit status: 0 all is laid out, 1 something would change (--check, --diff), 2 a file
cannot be read or parsed; the others are laid out all the same.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Files and folders of policies, or - for standard input [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Change nothing: name the files that are laid out otherwise, with status 1
    #[arg(long)]
    check: bool,

    /// Change nothing: show what would change as a unified diff, with status 1 if there is any
    #[arg(long)]
    diff: bool,

    /// Errors only
    #[arg(short, long, env = "PALISADE_QUIET", hide_env = true, value_parser = BoolishValueParser::new())]
    quiet: bool,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return format_input(args, terminal);
    }
    let mut tally = Tally::default();
    let files = list(&args.paths, terminal, &mut tally);
    if files.is_empty() && tally.n_unread == 0 {
        return Err(anyhow!("there is no .pale file to lay out"));
    }
    let mut out = terminal.stdout();
    for file in &files {
        format_file(args, terminal, &mut out, file, &mut tally)?;
    }
    out.flush()?;
    if !args.quiet {
        // With `--diff` standard output is the diff, for a program to read.
        let mut notes: Box<dyn Write> = if args.diff {
            Box::new(terminal.stderr())
        } else {
            Box::new(out)
        };
        let n_sound = tally.n_read - tally.n_broken;
        if n_sound > 0 {
            let is_dry = args.check || args.diff;
            writeln!(notes, "{}", describe(n_sound, tally.n_changed, is_dry))?;
        }
        if tally.n_broken > 0 {
            writeln!(
                notes,
                "{} with errors, left as written",
                count(tally.n_broken)
            )?;
        }
        if tally.n_unread > 0 {
            let noun = if tally.n_unread == 1 { "path" } else { "paths" };
            writeln!(notes, "{} {noun} not read", tally.n_unread)?;
        }
        notes.flush()?;
    }
    let is_wrong = tally.n_broken + tally.n_unread > 0;
    Ok(match tally.n_changed {
        _ if is_wrong => Status::Wrong,
        1.. if args.check || args.diff => Status::Findings,
        _ => Status::Clean,
    })
}

/// What became of the files.
#[derive(Debug, Default)]
struct Tally {
    n_read: usize,
    n_changed: usize,
    /// Files with syntax errors.
    n_broken: usize,
    /// Files and folders that could not be read.
    n_unread: usize,
}

/// Lays one file out. One that cannot be read or parsed is said, counted and left.
fn format_file(
    args: &Args,
    terminal: &Terminal,
    out: &mut dyn Write,
    file: &Path,
    tally: &mut Tally,
) -> Result<()> {
    let name = file.display().to_string();
    let read = std::fs::read(file).map_err(|error| describe_io(&error));
    let text = match read.map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(error)) => {
            let at = error.utf8_error().valid_up_to();
            out.flush()?;
            terminal.complain(&format!("{name}: not UTF-8 from byte {at} on"));
            tally.n_unread += 1;
            return Ok(());
        }
        Err(reason) => {
            out.flush()?;
            terminal.complain(&format!("cannot read {name}: {reason}"));
            tally.n_unread += 1;
            return Ok(());
        }
    };
    tally.n_read += 1;
    let laid_out = if args.diff {
        lay_out(
            &mut terminal.stderr(),
            &terminal.stderr_look(),
            &name,
            &text,
        )?
    } else {
        lay_out(out, &terminal.stdout_look(), &name, &text)?
    };
    let Some(laid_out) = laid_out else {
        tally.n_broken += 1;
        return Ok(());
    };
    if laid_out == text {
        return Ok(());
    }
    tally.n_changed += 1;
    if args.diff {
        diff::write(out, &terminal.stdout_look(), &name, &text, &laid_out)?;
        return Ok(());
    }
    if !args.check {
        write_file(file, laid_out.as_bytes())?;
    }
    if !args.quiet {
        writeln!(out, "{name}")?;
    }
    Ok(())
}

/// Standard input to standard output; with `--check` only the status, with `--diff` the change and the status.
fn format_input(args: &Args, terminal: &Terminal) -> Result<Status> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("reading standard input")?;
    let mut err = terminal.stderr();
    let laid_out = lay_out(&mut err, &terminal.stderr_look(), STDIN, &text)?;
    err.flush()?;
    let Some(laid_out) = laid_out else {
        return Ok(Status::Wrong);
    };
    if args.diff {
        let mut out = terminal.stdout();
        diff::write(&mut out, &terminal.stdout_look(), STDIN, &text, &laid_out)?;
        out.flush()?;
    }
    if args.check || args.diff {
        let is_same = laid_out == text;
        return Ok(if is_same {
            Status::Clean
        } else {
            Status::Findings
        });
    }
    let mut out = terminal.stdout();
    out.write_all(laid_out.as_bytes())?;
    out.flush()?;
    Ok(Status::Clean)
}

/// The text in the standard layout; nothing, and its errors on `out`, if it cannot be parsed.
fn lay_out(out: &mut dyn Write, look: &Look, name: &str, text: &str) -> Result<Option<String>> {
    match format(FileId(0), text) {
        Ok(laid_out) => Ok(Some(laid_out)),
        Err(diagnostics) => {
            let sources = SourceTexts::new(vec![(name.to_owned(), text.to_owned())]);
            Terminal::draw_diagnostics(out, look, &diagnostics, &sources)?;
            Ok(None)
        }
    }
}

/// The `.pale` files below the paths, each once and sorted; a file that is named counts whatever it is called. What cannot
/// be looked into is said and counted.
fn list(paths: &[PathBuf], terminal: &Terminal, tally: &mut Tally) -> Vec<PathBuf> {
    let here = [PathBuf::from(".")];
    let mut files = Vec::new();
    for path in if paths.is_empty() { &here } else { paths } {
        for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
            match entry {
                Ok(entry) => {
                    let is_policy = entry.path().extension().is_some_and(|end| end == "pale");
                    if entry.file_type().is_file() && (is_policy || entry.depth() == 0) {
                        files.push(entry.into_path());
                    }
                }
                Err(error) => {
                    terminal.complain(&unreadable(path, &error));
                    tally.n_unread += 1;
                }
            }
        }
    }
    files.sort();
    files.dedup();
    files
}

fn unreadable(path: &Path, error: &walkdir::Error) -> String {
    let reason = error
        .io_error()
        .map_or_else(|| error.to_string(), describe_io);
    let at = error.path().unwrap_or(path);
    format!("cannot read {}: {reason}", at.display())
}

fn describe(n_files: usize, n_changed: usize, is_check: bool) -> String {
    let files = count(n_files);
    match (n_changed, is_check) {
        (0, _) => format!("{files}, all in the standard layout"),
        (_, true) => format!("{n_changed} of {files} to be laid out anew"),
        (_, false) => format!("{n_changed} of {files} laid out anew"),
    }
}

fn count(n_files: usize) -> String {
    let noun = if n_files == 1 { "file" } else { "files" };
    format!("{n_files} {noun}")
}
