//! What the tests of the checker share: compiling a case, showing its diagnostics, applying their edits.
#![allow(dead_code, reason = "each test file uses its part of this")]

use std::fmt::Write as _;

use palisade_lang::check::{Compiled, Options, Source, compile};
use palisade_lang::diagnostic::{Diagnostic, Edit, Level};
use palisade_lang::span::{FileId, Span};

/// Compiles one file.
pub(crate) fn compile_text(text: &str) -> Compiled {
    let source = Source {
        file: FileId(0),
        path: "case.pale",
        text,
    };
    compile(
        &[source],
        &Options {
            pack: Some("case".into()),
        },
    )
}

/// The case as a file: statements alone become the body of a policy on `pod`.
pub(crate) fn whole_file(case: &str) -> String {
    if case.contains("policy ") || case.contains("pack ") {
        return case.to_owned();
    }
    format!("/// A case\npolicy case on pod {{\n    severity low\n{case}}}\n")
}

/// `text` with the edits made; none of them overlap.
pub(crate) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = text.to_owned();
    for edit in edits.into_iter().rev() {
        out.replace_range(edit.span.range(), &edit.text);
    }
    out
}

/// The number of the line of a byte, from 1.
pub(crate) fn line_of(text: &str, at: u32) -> usize {
    text[..at as usize].matches('\n').count() + 1
}

pub(crate) fn level_word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}

/// A diagnostic as plain text, with its lines underlined and the text that its edits give.
pub(crate) fn render(text: &str, diagnostic: &Diagnostic) -> String {
    let level = level_word(diagnostic.level);
    let mut out = format!(
        "{level} pale({}): {}\n",
        diagnostic.code, diagnostic.message
    );
    for label in &diagnostic.labels {
        underline(text, label.span, &label.text, &mut out);
    }
    if let Some(help) = &diagnostic.help {
        _ = writeln!(out, "  help: {help}");
    }
    if let Some(note) = &diagnostic.note {
        _ = writeln!(out, "  note: {note}");
    }
    if !diagnostic.edits.is_empty() {
        let edited = apply(text, &diagnostic.edits);
        let before: Vec<&str> = text.lines().collect();
        for line in edited.lines().filter(|line| !before.contains(line)) {
            _ = writeln!(out, "   fix: {}", without_mark(line).trim());
        }
    }
    out
}

fn underline(text: &str, span: Span, label: &str, out: &mut String) {
    let start = text[..span.start as usize]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let line = without_mark(text[start..].lines().next().unwrap_or_default());
    let number = line_of(text, span.start);
    let column = text[start..span.start as usize].chars().count();
    let end = (span.end as usize).min(start + line.len());
    let width = text[span.start as usize..end.max(span.start as usize)]
        .chars()
        .count()
        .max(1);
    _ = writeln!(out, "{number:>3} | {line}");
    _ = writeln!(
        out,
        "    | {}{} {label}",
        " ".repeat(column),
        "^".repeat(width)
    );
}

/// All diagnostics of a file, as text.
pub(crate) fn render_all(text: &str) -> String {
    let compiled = compile_text(text);
    let shown: Vec<String> = compiled
        .diagnostics
        .iter()
        .map(|diagnostic| render(text, diagnostic))
        .collect();
    shown.join("\n")
}

/// A line as it would be outside of a test page.
fn without_mark(line: &str) -> &str {
    line.split("//~").next().unwrap_or_default().trim_end()
}
