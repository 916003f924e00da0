//! The report for a person: the source with the value underlined, and a line of what was found.
//!
//! ```text
//! critical no-privileged-containers: Containers do not run privileged
//!    ╭─ deploy/app.yaml:21:23 · Deployment shop/app
//! 20 │           securityContext:
//! 21 │             privileged: true
//!    │                         ━━━━ container `app` runs privileged
//! ```
//!
//! Findings of one place share one excerpt.

use std::io::{self, Write};

use owo_colors::OwoColorize;

use super::excerpt::{self, Mark};
use super::text::{visible, width, wrap};
use super::{Look, Report, count};
use crate::finding::{FileError, Finding, Place, path_text};
use crate::fix::Level;

/// Writes the findings of `report`.
pub fn write_findings(out: &mut dyn Write, look: &Look, report: &Report) -> io::Result<()> {
    for group in report.findings.chunk_by(shares_excerpt) {
        write_group(out, look, report, group)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Writes what could not be read or judged, each with its place.
pub fn write_errors(out: &mut dyn Write, look: &Look, report: &Report) -> io::Result<()> {
    for error in report.errors.iter().chain(&report.failures) {
        write_error(out, look, report, error)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Writes one line: what was read and what was found.
pub fn write_summary(out: &mut dyn Write, look: &Look, report: &Report) -> io::Result<()> {
    let summary = report.summary;
    let palette = &look.palette;
    let mut parts = Vec::new();
    if summary.fixed > 0 {
        let text = format!("{} fixed", count(summary.fixed, "finding"));
        parts.push(format!("{}", text.style(palette.good())));
    }
    if report.findings.is_empty() {
        parts.push(format!("{}", "no findings".style(palette.good())));
    } else {
        let kinds: Vec<String> = report
            .by_severity()
            .into_iter()
            .map(|(severity, n)| {
                let text = format!("{n} {severity}");
                format!("{}", text.style(palette.severity(severity)))
            })
            .collect();
        let total = count(report.findings.len(), "finding");
        parts.push(format!(
            "{} ({})",
            total.style(palette.strong()),
            kinds.join(", ")
        ));
    }
    if !report.unknown.is_empty() {
        parts.push(format!("{} unknown", report.unknown.len()));
    }
    parts.extend(fixable_words(report));
    if !report.suppressed.is_empty() {
        parts.push(format!("{} exempt", report.suppressed.len()));
    }
    let n_errors = report.errors.len() + report.failures.len();
    if n_errors > 0 {
        let text = count(n_errors, "error");
        parts.push(format!("{}", text.style(palette.error())));
    }
    let read = format!(
        "{}, {}, {}",
        count(summary.files, "file"),
        count(summary.documents, "object"),
        count(summary.policies, "policy")
    );
    writeln!(
        out,
        "{} · {}",
        parts.join(", "),
        read.style(palette.faint())
    )
}

/// How many findings which option would fix.
fn fixable_words(report: &Report) -> Option<String> {
    let n_safe = report.n_fixable(Level::Safe);
    let n_unsafe = report.n_fixable(Level::Unsafe) - n_safe;
    match (n_safe, n_unsafe) {
        (0, 0) => None,
        (_, 0) => Some(format!("{n_safe} fixable with --fix")),
        (0, _) => Some(format!("{n_unsafe} fixable with --fix --unsafe-fixes")),
        _ => Some(format!(
            "{n_safe} fixable with --fix, {n_unsafe} more with --unsafe-fixes"
        )),
    }
}

/// True for neighbours in the report that are about the same bytes.
fn shares_excerpt(a: &Finding, b: &Finding) -> bool {
    a.file == b.file
        && a.object == b.object
        && a.place.span == b.place.span
        && a.related.is_empty()
        && b.related.is_empty()
}

fn write_group(
    out: &mut dyn Write,
    look: &Look,
    report: &Report,
    group: &[Finding],
) -> io::Result<()> {
    let Some(first) = group.first() else {
        return Ok(());
    };
    let mut named: Vec<(&str, _)> = Vec::new();
    for finding in group {
        if !named.contains(&(finding.policy.name.as_str(), finding.severity)) {
            named.push((&finding.policy.name, finding.severity));
            write_head(out, look, finding)?;
        }
    }
    let style = look.palette.severity(first.severity);
    let mut labels: Vec<String> = Vec::new();
    for label in group.iter().flat_map(finding_labels) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let mut marks = vec![mark(&first.place, labels, style, true)];
    let is_here = |place: &&Place| {
        let other = place.other.as_ref();
        other.is_none_or(|other| other.file == first.file)
    };
    for place in first.related.iter().filter(is_here) {
        let text = related_label(&first.place, place);
        marks.push(mark(place, vec![text], look.palette.related(), false));
    }
    let lines = first.place.lines;
    let location = format!("{}:{}:{}", visible(&first.file), lines.line, lines.column);
    let object = first.object.to_string();
    write_location(out, look, &marks, &location, &object)?;
    excerpt::draw(out, look, report.source(&first.file), &marks)?;
    let gutter = excerpt::gutter_width(&marks);
    let elsewhere = first.related.iter().filter(|place| !is_here(place));
    let mut lines: Vec<String> = elsewhere.filter_map(in_other_file).collect();
    lines.extend(fix_lines(group));
    write_lines(out, look, gutter, lines)
}

/// Where a related place of another file is.
fn in_other_file(place: &Place) -> Option<String> {
    let other = place.other.as_ref()?;
    let (file, lines) = (visible(&other.file), place.lines);
    let path = excerpt::label(&place.path);
    let object = other.object.to_string();
    let object = visible(&object);
    Some(format!(
        "see {file}:{}:{}: {object}, {path}",
        lines.line, lines.column
    ))
}

/// What would mend the findings, each once.
fn fix_lines(group: &[Finding]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for fix in group.iter().flat_map(|finding| &finding.fixes) {
        let what = excerpt::label(&fix.describe());
        let line = match (&fix.refusal, fix.level()) {
            (Some(reason), _) => format!("no fix: cannot {what}: {reason}"),
            (None, Level::Safe) => format!("fix: {what}"),
            (None, Level::Unsafe) => format!("fix: {what} (unsafe)"),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Writes what goes with an excerpt below it.
fn write_lines(
    out: &mut dyn Write,
    look: &Look,
    gutter: usize,
    lines: Vec<String>,
) -> io::Result<()> {
    let room = look.width.saturating_sub(gutter + 3).max(20);
    for line in lines {
        let mut corner = "╰";
        for part in wrap(&line, room) {
            let edge = format!("{:>gutter$} {corner}", "");
            writeln!(out, "{} {part}", edge.style(look.palette.faint()))?;
            corner = " ";
        }
    }
    Ok(())
}

fn write_head(out: &mut dyn Write, look: &Look, finding: &Finding) -> io::Result<()> {
    let style = look.palette.severity(finding.severity);
    let policy = &finding.policy;
    write!(out, "{} ", finding.severity.style(style))?;
    let title = visible(&policy.title);
    let name = visible(&policy.name);
    if title.is_empty() {
        return writeln!(out, "{}", name.style(look.palette.strong()));
    }
    let used = finding.severity.as_str().len() + name.len() + 3;
    writeln!(out, "{}: {}", name.style(look.palette.strong()), {
        let lines = wrap(&title, look.width.saturating_sub(used).max(20));
        lines.join("\n    ")
    })
}

pub(super) fn write_location(
    out: &mut dyn Write,
    look: &Look,
    marks: &[Mark],
    location: &str,
    object: &str,
) -> io::Result<()> {
    let faint = look.palette.faint();
    let corner = format!("{:>width$} ╭─", "", width = excerpt::gutter_width(marks));
    write!(out, "{} {location}", corner.style(faint))?;
    if object.is_empty() {
        return writeln!(out);
    }
    let object = visible(object);
    let gutter = excerpt::gutter_width(marks);
    if gutter + width(location) + width(&object) + 7 <= look.width {
        return writeln!(out, " {}", format!("· {object}").style(faint));
    }
    let beside = format!("{:>gutter$} │ {object}", "");
    writeln!(out, "\n{}", beside.style(faint))
}

fn write_error(
    out: &mut dyn Write,
    look: &Look,
    report: &Report,
    error: &FileError,
) -> io::Result<()> {
    let style = look.palette.error();
    let file = visible(&error.file);
    let message = visible(&error.message);
    let Some((span, lines)) = error.at else {
        return writeln!(out, "{} {file}: {message}", "error".style(style));
    };
    writeln!(out, "{} {file} cannot be read", "error".style(style))?;
    let marks = [Mark {
        span,
        line: lines.line,
        end_line: lines.line,
        labels: vec![message.into_owned()],
        style,
        is_primary: true,
    }];
    let location = format!("{file}:{}:{}", lines.line, lines.column);
    write_location(out, look, &marks, &location, "")?;
    excerpt::draw(out, look, report.source(&error.file), &marks)
}

fn mark(place: &Place, labels: Vec<String>, style: owo_colors::Style, is_primary: bool) -> Mark {
    // The end is exclusive: a span that ends with a line break ends on the line before.
    let ends_before = place.lines.end_column <= 1 && place.lines.end_line > place.lines.line;
    Mark {
        span: place.span,
        line: place.lines.line,
        end_line: place.lines.end_line - u32::from(ends_before),
        labels,
        style,
        is_primary,
    }
}

/// The message; and where something is missing, what.
fn finding_labels(finding: &Finding) -> Vec<String> {
    let mut labels = vec![excerpt::label(&finding.message)];
    if !finding.place.missing.is_empty() {
        let missing = path_text(&finding.place.missing);
        labels.push(format!("(missing: {})", excerpt::label(&missing)));
    }
    labels
}

/// Where the steps end that two paths have in common. Dots and blanks in keys end no step; a blank stands before and after
/// the arrow that leads into a text.
fn common_steps(one: &str, other: &str) -> usize {
    let (mut end, mut is_quoted) = (0, false);
    let both = one.char_indices().zip(other.chars());
    for ((at, letter), _) in both.take_while(|((_, one), other)| one == other) {
        match letter {
            '"' => is_quoted = !is_quoted,
            '.' | ' ' if !is_quoted => end = at + 1,
            _ => {}
        }
    }
    end
}

/// The related path, without what it has in common with the primary one.
fn related_label(primary: &Place, related: &Place) -> String {
    if let Some(other) = &related.other {
        let path = excerpt::label(&related.path);
        return format!("see {}, {path}", excerpt::label(&other.object.to_string()));
    }
    if related.path == primary.path {
        return "and here".to_owned();
    }
    let tail = (related.path)
        .get(common_steps(&primary.path, &related.path)..)
        .unwrap_or_default();
    let mut text = format!("see {}", excerpt::label(tail));
    if !related.missing.is_empty() {
        text.push_str(" (missing)");
    }
    text
}
