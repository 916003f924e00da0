//! One line a finding: `file:line:column: severity[policy] message`.

use std::io::{self, Write};

use super::Report;
use super::text::visible;

/// Writes the findings of `report`.
pub fn write_findings(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    for finding in &report.findings {
        let lines = finding.place.lines;
        writeln!(
            out,
            "{}:{}:{}: {}[{}] {}",
            visible(&finding.file),
            lines.line,
            lines.column,
            finding.severity,
            visible(&finding.policy.name),
            visible(&finding.message)
        )?;
    }
    Ok(())
}

/// Writes what could not be read or judged, in the same form.
pub fn write_errors(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    for error in report.errors.iter().chain(&report.failures) {
        let file = visible(&error.file);
        let message = visible(&error.message);
        match error.at {
            Some((_, at)) => writeln!(out, "{file}:{}:{}: error {message}", at.line, at.column)?,
            None => writeln!(out, "{file}: error {message}")?,
        }
    }
    Ok(())
}
