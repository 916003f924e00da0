//! `palisade read`: manifests as the API server sees them.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use clap::builder::BoolishValueParser;
use palisade_lint::finding::FileError;
use palisade_lint::manifest::{self, Format, Layout, LineIndex};
use palisade_lint::report::{Report, pretty};
use palisade_lint::walk::describe_io;

use crate::status::Status;
use crate::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Add to each value the bytes at which it stands
    #[arg(long, env = "PALISADE_PLACES", hide_env = true, value_parser = BoolishValueParser::new())]
    places: bool,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    let layout = if args.places {
        Layout::Spans
    } else {
        Layout::Pretty
    };
    let mut out = terminal.stdout();
    let mut report = Report::default();
    for path in &args.files {
        let name: Arc<str> = Arc::from(path.display().to_string());
        let bytes = match read_bytes(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                report.errors.push(FileError {
                    file: name,
                    at: None,
                    message: describe_io(&error),
                });
                continue;
            }
        };
        let read = manifest::read(&bytes, Format::of_name(&name));
        for document in &read.documents {
            writeln!(out, "{}", manifest::print(document, layout).trim_end())?;
        }
        let text = String::from_utf8_lossy(&bytes);
        let index = LineIndex::new(&text);
        for problem in read.problems.iter().filter(|problem| problem.is_error()) {
            report.errors.push(FileError {
                file: Arc::clone(&name),
                at: Some((problem.span, index.line_columns(&text, problem.span))),
                message: problem.message.clone(),
            });
        }
        report.sources.insert(name, Arc::from(text.as_ref()));
    }
    out.flush()?;
    let mut err = terminal.stderr();
    pretty::write_errors(&mut err, &terminal.stderr_look(), &report)?;
    err.flush()?;
    Ok(if report.errors.is_empty() {
        Status::Clean
    } else {
        Status::Unreadable
    })
}

/// The contents of a file or of standard input, at most a byte more than the reader takes.
pub(crate) fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let limit = manifest::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)?;
    } else {
        let file = std::fs::File::open(path)?;
        file.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
