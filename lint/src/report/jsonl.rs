//! The report for programs that read line by line: one JSON value a line, each with its `type`.
//!
//! The first line is `start`, the last `summary`; between them stands what the lists of the `json` format hold, in the
//! same order: `finding`, `unknown`, `skipped`, `error`, `unread`. A report without a summary was cut off.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use super::json::{Counts, Failure, Item, PassedBy, PassedOver, Undecided};

/// Writes `report`.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    line(out, "start", Start { version: 1 })?;
    for finding in Item::all_of(report) {
        line(out, "finding", finding)?;
    }
    for unknown in &report.unknown {
        line(out, "unknown", Undecided::of(unknown))?;
    }
    for skipped in &report.skipped {
        line(out, "skipped", PassedBy::of(skipped))?;
    }
    for error in report.errors.iter().chain(&report.failures) {
        line(out, "error", Failure::of(error))?;
    }
    for unread in &report.unread {
        line(out, "unread", PassedOver::of(unread))?;
    }
    line(out, "summary", Counts::of(report))
}

#[derive(Serialize)]
struct Start {
    version: u32,
}

#[derive(Serialize)]
struct Line<T> {
    r#type: &'static str,
    #[serde(flatten)]
    value: T,
}

fn line(out: &mut dyn Write, r#type: &'static str, value: impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Line { r#type, value })?;
    writeln!(out)
}
