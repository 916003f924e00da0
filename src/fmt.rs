//! `palisade fmt`: policies in the standard layout.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::builder::BoolishValueParser;
use palisade_lang::format::format;
use palisade_lang::span::FileId;
use palisade_lint::report::diagnostic::SourceTexts;
use palisade_lint::walk::describe_io;

use crate::output::write_file;
use crate::status::Status;
use crate::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files and folders of policies, or - for standard input [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Change nothing: name the files that are laid out otherwise, with status 1
    #[arg(long)]
    check: bool,

    /// Errors only
    #[arg(short, long, env = "PALISADE_QUIET", hide_env = true, value_parser = BoolishValueParser::new())]
    quiet: bool,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return format_input(args, terminal);
    }
    let mut status = Status::Clean;
    let (mut n_changed, mut n_broken) = (0, 0);
    let files = list(&args.paths)?;
    let mut out = terminal.stdout();
    for file in &files {
        let bytes = std::fs::read(file)
            .map_err(|error| anyhow!("cannot read {}: {}", file.display(), describe_io(&error)))?;
        let name = file.display().to_string();
        let text = String::from_utf8(bytes).map_err(|_| anyhow!("{name} is not UTF-8"))?;
        let Some(laid_out) = lay_out(&mut out, terminal, &name, &text)? else {
            status = Status::Wrong;
            n_broken += 1;
            continue;
        };
        if laid_out == text {
            continue;
        }
        n_changed += 1;
        if args.check {
            status = status.max(Status::Findings);
        } else {
            write_file(file, laid_out.as_bytes())?;
        }
        if !args.quiet {
            writeln!(out, "{name}")?;
        }
    }
    if !args.quiet {
        let n_sound = files.len() - n_broken;
        if n_sound > 0 {
            writeln!(out, "{}", describe(n_sound, n_changed, args.check))?;
        }
        if n_broken > 0 {
            writeln!(out, "{} with errors, left as written", count(n_broken))?;
        }
    }
    out.flush()?;
    Ok(status)
}

/// Standard input to standard output; with `--check` only the status.
fn format_input(args: &Args, terminal: &Terminal) -> Result<Status> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("reading standard input")?;
    let mut err = terminal.stderr();
    let Some(laid_out) = lay_out(&mut err, terminal, "<stdin>", &text)? else {
        return Ok(Status::Wrong);
    };
    if args.check {
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
fn lay_out(
    out: &mut dyn Write,
    terminal: &Terminal,
    name: &str,
    text: &str,
) -> Result<Option<String>> {
    match format(FileId(0), text) {
        Ok(laid_out) => Ok(Some(laid_out)),
        Err(diagnostics) => {
            let sources = SourceTexts::new(vec![(name.to_owned(), text.to_owned())]);
            Terminal::draw_diagnostics(out, &terminal.stdout_look(), &diagnostics, &sources)?;
            Ok(None)
        }
    }
}

/// The `.pale` files below the paths, each once and sorted; a file that is named counts whatever it is called.
fn list(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let here = [PathBuf::from(".")];
    let mut files = Vec::new();
    for path in if paths.is_empty() { &here } else { paths } {
        for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| unreadable(path, &error))?;
            let is_policy = entry.path().extension().is_some_and(|end| end == "pale");
            if entry.file_type().is_file() && (is_policy || entry.depth() == 0) {
                files.push(entry.into_path());
            }
        }
    }
    files.sort();
    files.dedup();
    if files.is_empty() {
        return Err(anyhow!("there is no .pale file to lay out"));
    }
    Ok(files)
}

fn unreadable(path: &Path, error: &walkdir::Error) -> anyhow::Error {
    let reason = error
        .io_error()
        .map_or_else(|| error.to_string(), describe_io);
    let at = error.path().unwrap_or(path);
    anyhow!("cannot read {}: {reason}", at.display())
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
