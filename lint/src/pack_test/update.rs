//! Writing marks instead of comparing them.
//!
//! A mark that has its result stays as it is. One that has none goes; a result without a mark gets one at the end of its
//! line, or below it (`#~^`) where the line ends inside of a text. Every other byte stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::compare::Seen;
use super::sheet::{self, Expected, Mark, Scalars};
use super::{Bench, Outcome, Test, Trial};
use crate::manifest::{self, Format, Span};
use crate::walk::is_manifest_name;

/// A file that was written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file, as reports name it.
    pub file: Arc<str>,
    /// What was in it; empty for a new file.
    pub old: Arc<str>,
    /// What is to be in it; none if the file is to go.
    pub new: Option<Arc<str>>,
}

/// Makes a test say what is found: the files to change, and the outcome after that.
#[must_use]
pub fn update(bench: &Bench<'_>, test: &Test) -> (Vec<Change>, Outcome) {
    let trial = Trial::run(bench, test);
    if !trial.is_judged || trial.outcome.is_pass() {
        return (Vec::new(), trial.outcome);
    }
    let mut changes = Vec::new();
    let mut updated = test.clone();
    if let Some((file, old)) = &test.expectations {
        let new: Arc<str> = rewrite_expectations(old, &trial).into();
        note(&mut changes, file, old, &new);
        updated.expectations = Some((Arc::clone(file), new));
    } else {
        let (file, old) = &test.manifest;
        let new: Arc<str> = rewrite_marks(old, file, &trial).into();
        note(&mut changes, file, old, &new);
        updated.manifest = (Arc::clone(file), new);
    }
    let mut after = Trial::run(bench, &updated);
    if let Some((file, old)) = &test.fixed
        && let Some(fixed) = after.fixed.clone()
        && **old != *fixed
    {
        let new: Arc<str> = Arc::from(fixed);
        note(&mut changes, file, old, &new);
        updated.fixed = Some((Arc::clone(file), new));
        after = Trial::run(bench, &updated);
    }
    (changes, after.outcome)
}

fn note(changes: &mut Vec<Change>, file: &Arc<str>, old: &Arc<str>, new: &Arc<str>) {
    if old == new {
        return;
    }
    changes.push(Change {
        file: Arc::clone(file),
        old: Arc::clone(old),
        new: Some(Arc::clone(new)).filter(|new| !new.is_empty()),
    });
}

impl Trial {
    /// The marks that have their result, and the results that have no mark.
    fn sort_out(&self) -> (Vec<&Mark>, Vec<&Seen>) {
        let kept = (self.sheet.marks.iter().zip(&self.partners))
            .filter(|(_, partner)| partner.is_some())
            .map(|(mark, _)| mark)
            .collect();
        let new = (self.seen.iter().enumerate())
            .filter(|&(nth, _)| !self.partners.contains(&Some(nth)))
            .map(|(_, seen)| seen)
            .collect();
        (kept, new)
    }

    /// True if a mark with a text was there for this policy and line: its successor has one too.
    fn had_text(&self, seen: &Seen) -> bool {
        let mut marks = self.sheet.marks.iter().zip(&self.partners);
        marks.any(|(mark, partner)| {
            partner.is_none()
                && mark.text.is_some()
                && mark.expected == Expected::Finding
                && (mark.line, mark.policy.as_str()) == (seen.line, &seen.policy.name)
        })
    }

    /// What stands after the policy of a new mark: `: message`, or nothing.
    fn suffix(&self, seen: &Seen) -> String {
        let text = seen.text.lines().next().unwrap_or_default();
        if self.had_text(seen) && !text.is_empty() && !text.contains(sheet::MARK) {
            format!(": {text}")
        } else {
            String::new()
        }
    }
}

/// A line of the manifest while marks are moved about.
struct Row<'a> {
    /// All of the line, its end included.
    whole: &'a str,
    /// Where its first mark begins, if it has marks.
    first_mark: Option<usize>,
    /// The marks that it is to have: the sign without `^`, the rest, and the line that is meant.
    marks: Vec<(&'static str, String, usize)>,
    is_changed: bool,
}

impl Row<'_> {
    /// What stands before the marks.
    fn head(&self) -> &str {
        let text = self.whole.trim_end_matches(['\n', '\r']);
        let end = self.first_mark.unwrap_or(text.len());
        text.get(..end).unwrap_or_default()
    }

    fn line_end(&self) -> &str {
        let text = self.whole.trim_end_matches(['\n', '\r']);
        self.whole.get(text.len()..).unwrap_or_default()
    }

    /// True for a line that held marks only and has none left.
    fn goes(&self) -> bool {
        self.marks.is_empty() && self.first_mark.is_some() && self.head().trim().is_empty()
    }
}

fn rewrite_marks(text: &str, name: &str, trial: &Trial) -> String {
    let (kept, new) = trial.sort_out();
    // Elsewhere a comment may not follow a value, so that a mark is written by hand.
    if !is_manifest_name(name) {
        return text.to_owned();
    }
    let read = manifest::read(text.as_bytes(), Format::of_name(name));
    let scalars = Scalars::new(&read.documents);
    let mut rows = split(text, &scalars);
    let kept_spans: BTreeSet<Span> = kept.iter().map(|mark| mark.span).collect();
    for mark in &trial.sheet.marks {
        let at = line_of(text, mark.span.start as usize);
        let Some(row) = rows.get_mut(at) else {
            continue;
        };
        if !kept_spans.contains(&mark.span) {
            row.is_changed = true;
            continue;
        }
        let body = mark.span.text(text).trim_start_matches(sheet::MARK);
        let body = body.trim_start_matches(['?', '^']).trim_start();
        row.marks
            .push((sign(mark.expected), body.to_owned(), mark.line as usize - 1));
    }
    for seen in new {
        let target = seen.line.max(1) as usize - 1;
        let at = anchor(text, &scalars, target, seen.span);
        while rows.len() <= at {
            rows.push(Row {
                whole: "",
                first_mark: None,
                marks: Vec::new(),
                is_changed: true,
            });
        }
        let body = format!("{}{}", seen.policy.name, trial.suffix(seen));
        if let Some(row) = rows.get_mut(at) {
            row.marks.push((sign(seen.outcome), body, target));
            row.is_changed = true;
        }
    }
    join(&rows)
}

fn sign(expected: Expected) -> &'static str {
    match expected {
        Expected::Finding => "",
        Expected::Unknown => "?",
    }
}

fn split<'a>(text: &'a str, scalars: &Scalars) -> Vec<Row<'a>> {
    let lines: Vec<_> = sheet::lines(text).collect();
    let ends = (lines.iter().skip(1).map(|line| line.start)).chain([text.len()]);
    let mut rows: Vec<Row<'a>> = lines
        .iter()
        .zip(ends)
        .map(|(line, end)| {
            let marks = sheet::find_marks(line.text).into_iter();
            let mut marks = marks.filter(|&(at, end)| !scalars.hold(line.span(at, end).start));
            Row {
                whole: text.get(line.start..end).unwrap_or_default(),
                first_mark: marks.next().map(|(at, _)| at),
                marks: Vec::new(),
                is_changed: false,
            }
        })
        .collect();
    // What is after the last line break is no line if nothing is.
    if rows.last().is_some_and(|row| row.whole.is_empty()) {
        rows.pop();
    }
    rows
}

fn line_of(text: &str, at: usize) -> usize {
    sheet::lines(text)
        .take_while(|line| line.start <= at)
        .count()
        .saturating_sub(1)
}

/// The line that takes a mark about line `target`, both from 0: the first from there on that does not end inside of a
/// text; the line after the last one if there is none.
pub(super) fn anchor(text: &str, scalars: &Scalars, target: usize, span: Span) -> usize {
    let mut n_lines = 0;
    for (nth, line) in sheet::lines(text).enumerate() {
        if nth > 0 && line.text.is_empty() && line.start == text.len() {
            break;
        }
        n_lines = nth + 1;
        if nth < target {
            continue;
        }
        let end = line.span(0, line.text.len()).end;
        // The header of a text in block style may have a comment, its lines may not, and nor may the last of them.
        let is_header = nth == target && span.text(text).starts_with(['|', '>']);
        let holder = (scalars.span_at(end)).or_else(|| scalars.span_at(end.saturating_sub(1)));
        let is_inside = holder.is_some_and(|scalar| {
            let is_block = scalar.text(text).starts_with(['|', '>']);
            let goes_on = end < scalar.end;
            goes_on || is_block && scalar.start < line.span(0, 0).start
        });
        if is_header || !is_inside {
            return nth;
        }
    }
    n_lines
}

/// The lines with their marks; marks that point up count the lines that are left.
fn join(rows: &[Row<'_>]) -> String {
    let mut numbers = Vec::with_capacity(rows.len());
    let mut next = 0;
    for row in rows {
        numbers.push(next);
        next += usize::from(!row.goes());
    }
    let number = |nth: usize| numbers.get(nth).copied().unwrap_or(next);
    let moved = numbers.iter().enumerate().any(|(nth, &to)| nth != to);
    let mut text = String::new();
    for (nth, row) in rows.iter().enumerate() {
        if row.goes() {
            continue;
        }
        let is_kept = !moved || row.first_mark.is_none();
        if is_kept && !row.is_changed {
            text.push_str(row.whole);
            continue;
        }
        let head = row.head().trim_end();
        let indent = row.head().len() - row.head().trim_start().len();
        if row.whole.is_empty() && !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        if head.is_empty() {
            text.push_str(row.head().get(..indent).unwrap_or_default());
        } else {
            text.push_str(head);
        }
        for (position, (sign, body, target)) in row.marks.iter().enumerate() {
            let space = match (position, head.is_empty()) {
                (0, true) => "",
                (0, false) => gap(row),
                _ => " ",
            };
            let up = "^".repeat(number(nth).saturating_sub(number(*target)));
            text.push_str(&format!("{space}{}{sign}{up} {body}", sheet::MARK));
        }
        text.push_str(if row.whole.is_empty() {
            "\n"
        } else {
            row.line_end()
        });
    }
    text
}

/// The space before the first mark, as it was written.
fn gap<'a>(row: &'a Row<'_>) -> &'a str {
    let head = row.head();
    let written = head.get(head.trim_end().len()..).unwrap_or_default();
    if row.first_mark.is_some() && !written.is_empty() {
        written
    } else {
        "  "
    }
}

fn rewrite_expectations(text: &str, trial: &Trial) -> String {
    let (kept, new) = trial.sort_out();
    let kept: BTreeSet<Span> = kept.iter().map(|mark| mark.span).collect();
    let mut marks: Vec<(u32, String)> = Vec::new();
    let mut head = String::new();
    for line in sheet::lines(text) {
        let content = line.text.trim();
        let start = line.span(0, line.text.len());
        let mark = (trial.sheet.marks.iter())
            .find(|mark| start.start <= mark.span.start && mark.span.end <= start.end);
        match mark {
            Some(mark) if kept.contains(&mark.span) => marks.push((mark.line, content.to_owned())),
            Some(_) => {}
            None if content.is_empty() => {}
            None => {
                head.push_str(line.text);
                head.push('\n');
            }
        }
    }
    for seen in new {
        let (sign, suffix) = (sign(seen.outcome), trial.suffix(seen));
        marks.push((
            seen.line,
            format!("{} {sign}{}{suffix}", seen.line, seen.policy.name),
        ));
    }
    marks.sort_by_key(|&(line, _)| line);
    let lines = marks.into_iter().map(|(_, line)| line + "\n");
    head + &lines.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line that takes a mark about the value of `needle`, counted from 1.
    fn line(text: &str, needle: &str) -> usize {
        let read = manifest::read(text.as_bytes(), Format::Yaml);
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        let start = text.find(needle).unwrap();
        let span = Span::new(start as u32, (start + needle.len()) as u32);
        anchor(
            text,
            &Scalars::new(&read.documents),
            line_of(text, start),
            span,
        ) + 1
    }

    #[test]
    fn a_mark_stands_where_a_comment_may() {
        assert_eq!(line("a: b\n", "b"), 1);
        assert_eq!(line("a: {b: 1,\n  c: 2}\n", "1"), 1);
        assert_eq!(line("a: \"b\n  c\n  d\"\ne: f\n", "\"b"), 3);
        assert_eq!(line("a: b\n  c\ne: f\n", "b"), 2);
        assert_eq!(line("a: |\n  b\n  c\nd: e\n", "|"), 1);
        assert_eq!(line("a: |\n  b\n  c\nd: e\n", "b"), 4);
        assert_eq!(line("a: |\n  b\n  c\n", "b"), 4);
        assert_eq!(line("a: |\n  b", "b"), 3);
    }
}
