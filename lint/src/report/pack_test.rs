//! What tests of packs say, for a person: each problem with its source, as findings are shown.
//!
//! ```text
//! failed: `no-privileged-containers` finds something without a mark
//!    ╭─ tests/pod.yaml:11:19 · Pod shop/web
//! 10 │     securityContext:
//! 11 │       privileged: true
//!    │                   ━━━━ container `app` runs privileged
//!   help: write `#~ no-privileged-containers` at the end of line 11
//! ```

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use owo_colors::{OwoColorize, Style};

use super::excerpt::{self, Mark};
use super::text::{visible, wrap};
use super::{Look, diff, pretty};
use crate::manifest::LineIndex;
use crate::pack_test::coverage::{Coverage, GapKind};
use crate::pack_test::{Label, Problem, Verdict};

/// Writes a problem. `sources` are the texts that it points into.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write_problem(
    out: &mut dyn Write,
    look: &Look,
    sources: &BTreeMap<Arc<str>, Arc<str>>,
    problem: &Problem,
) -> io::Result<()> {
    let word = match problem.verdict {
        Verdict::Mismatch => "failed",
        Verdict::Mistake => "error",
    };
    let style = look.palette.error();
    write_title(out, look, (word, style), &problem.title)?;
    let mut labels = problem.labels.as_slice();
    let mut is_first = true;
    while let Some(first) = labels.first() {
        let n_same = (labels.iter())
            .take_while(|label| label.file == first.file)
            .count();
        let (here, rest) = labels.split_at(n_same);
        let object = if is_first { &problem.object } else { "" };
        let source = sources.get(&first.file).map_or("", |text| text);
        write_labels(out, look, source, here, object, (style, is_first))?;
        labels = rest;
        is_first = false;
    }
    if let Some((name, old, new)) = &problem.change {
        diff::write(out, look, name, old, new)?;
    }
    if let Some(help) = &problem.help {
        write_help(out, look, help)?;
    }
    writeln!(out)
}

/// Finds the place of a policy's name, or of one of its checks, counted from 1, and the text that it is in.
pub type Locate<'a> = dyn Fn(&str, Option<u32>) -> Option<(Label, &'a str)> + 'a;

/// Writes what tests do not reach, and how much they do.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write_coverage<'a>(
    out: &mut dyn Write,
    look: &Look,
    pack: &str,
    coverage: &Coverage,
    locate: &Locate<'a>,
) -> io::Result<()> {
    for gap in &coverage.gaps {
        let policy = &gap.policy;
        let (title, text, check) = match gap.kind {
            GapKind::NeverRun => (
                format!("`{policy}` never runs"),
                "no test has an object of its kinds",
                None,
            ),
            GapKind::NoFinding => (
                format!("`{policy}` never finds anything"),
                "no test has a finding of it",
                None,
            ),
            GapKind::NoPass => (
                format!("`{policy}` never passes"),
                "no test has an object that it is content with",
                None,
            ),
            GapKind::Check(nth) => (
                format!("a check of `{policy}` never finds anything"),
                "no test has a finding of it",
                Some(nth),
            ),
        };
        let style = look.palette.warning();
        write_title(out, look, ("not covered", style), &title)?;
        if let Some((mut label, source)) = locate(policy, check) {
            text.clone_into(&mut label.text);
            write_labels(out, look, source, &[label], "", (style, true))?;
        }
        writeln!(out)?;
    }
    let parts = format!(
        "{} of {} found and passed, {} of {} found",
        coverage.n_covered,
        super::count(coverage.n_policies, "policy"),
        coverage.n_found,
        super::count(coverage.n_checks, "check"),
    );
    writeln!(
        out,
        "{}: {parts}",
        format!("coverage of {}", visible(pack)).style(look.palette.strong())
    )
}

fn write_title(
    out: &mut dyn Write,
    look: &Look,
    (word, style): (&str, Style),
    title: &str,
) -> io::Result<()> {
    let room = look.width.saturating_sub(word.len() + 2).max(20);
    let title = wrap(&visible(title), room).join("\n    ");
    writeln!(
        out,
        "{}: {}",
        word.style(style),
        title.style(look.palette.strong())
    )
}

/// Draws labels of one file, the first of which is primary if it is the first of the problem.
fn write_labels(
    out: &mut dyn Write,
    look: &Look,
    source: &str,
    labels: &[Label],
    object: &str,
    (style, has_primary): (Style, bool),
) -> io::Result<()> {
    let index = LineIndex::new(source);
    let marks: Vec<Mark> = (labels.iter().enumerate())
        .map(|(nth, label)| {
            let lines = index.line_columns(source, label.span);
            // The end is exclusive: a span that ends with a line break ends on the line before.
            let ends_before = lines.end_column <= 1 && lines.end_line > lines.line;
            let is_primary = has_primary && nth == 0;
            Mark {
                span: label.span,
                line: lines.line,
                end_line: lines.end_line - u32::from(ends_before),
                labels: Some(excerpt::label(&label.text))
                    .filter(|text| !text.is_empty())
                    .into_iter()
                    .collect(),
                style: if is_primary {
                    style
                } else {
                    look.palette.related()
                },
                is_primary,
            }
        })
        .collect();
    let Some(first) = labels.first() else {
        return Ok(());
    };
    let (line, column) = index.line_column(source, first.span.start);
    let location = format!("{}:{line}:{column}", visible(&first.file));
    pretty::write_location(out, look, &marks, &location, object)?;
    excerpt::draw(out, look, source, &marks)
}

fn write_help(out: &mut dyn Write, look: &Look, help: &str) -> io::Result<()> {
    let lines = wrap(&visible(help), look.width.saturating_sub(8).max(20));
    writeln!(
        out,
        "  {}: {}",
        "help".style(look.palette.related()),
        lines.join("\n        ")
    )
}
