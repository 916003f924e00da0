//! Diagnostics as plain text, as `style.md` draws them: for tests, logs and terminals without colour.

use std::fmt::Write as _;

use super::{Diagnostic, Label, Level};

/// Draws a diagnostic of `text`, the content of the file shown as `name`.
///
/// Ends with a newline. Columns count characters from one; a label of several lines is drawn on its first.
#[must_use]
pub fn render(diagnostic: &Diagnostic, name: &str, text: &str) -> String {
    let level = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let lines = Lines { text };
    let (line, column) = lines.position(diagnostic.span().start as usize);
    let mut out = format!(
        "{level} pale({}): {}\n",
        diagnostic.code, diagnostic.message
    );
    let mut labels: Vec<&Label> = diagnostic.labels.iter().collect();
    labels.sort_by_key(|label| label.span);
    let last_line = labels
        .iter()
        .map(|label| lines.position(label.span.start as usize).0)
        .max()
        .unwrap_or(line);
    let width = last_line.to_string().len();
    let margin = " ".repeat(width);
    // Writing to a string cannot fail.
    let _ = writeln!(out, " {margin} ╭─[{name}:{line}:{column}]");
    let mut drawn = None;
    for label in labels {
        let (line, column) = lines.position(label.span.start as usize);
        let source = lines.line(line);
        if drawn.is_some_and(|drawn: usize| drawn + 1 < line) {
            let _ = writeln!(out, " {margin} ·");
        }
        if drawn != Some(line) {
            let _ = writeln!(out, " {line:>width$} │ {source}");
        }
        drawn = Some(line);
        let shown = text
            .get(label.span.range())
            .and_then(|span| span.lines().next())
            .map_or(0, |span| span.chars().count());
        let before: String = source
            .chars()
            .take(column - 1)
            .map(|letter| if letter == '\t' { '\t' } else { ' ' })
            .collect();
        let (left, right) = (shown.max(1).div_ceil(2) - 1, shown.max(1) / 2);
        let _ = writeln!(
            out,
            " {margin} · {before}{}┬{}",
            "─".repeat(left),
            "─".repeat(right)
        );
        let _ = writeln!(
            out,
            " {margin} · {before}{}╰── {}",
            " ".repeat(left),
            label.text
        );
    }
    let _ = writeln!(out, " {margin} ╰────");
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "  help: {help}");
    }
    if let Some(note) = &diagnostic.note {
        let _ = writeln!(out, "  note: {note}");
    }
    out
}

/// The text with the edits of a diagnostic applied.
#[must_use]
pub fn apply_edits(diagnostic: &Diagnostic, text: &str) -> String {
    let mut edits: Vec<_> = diagnostic.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.span.start, edit.span.end)));
    let mut text = text.to_owned();
    for edit in edits {
        let range = edit.span.range();
        if text.get(range.clone()).is_some() {
            text.replace_range(range, &edit.text);
        }
    }
    text
}

struct Lines<'s> {
    text: &'s str,
}

impl<'s> Lines<'s> {
    /// Line and column of a byte, from one.
    fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    fn line(&self, number: usize) -> &'s str {
        let line = self.text.split('\n').nth(number - 1).unwrap_or_default();
        line.trim_end_matches('\r')
    }
}
