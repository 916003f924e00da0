//! What was found against what was marked.
//!
//! A mark stands for one result, and a result needs one mark. Where several marks of a line could stand for several
//! results, they are paired so that as many as possible have a partner. What is left over is described so that it can be
//! mended: a mark on the wrong line with the line of its result, a mark with the wrong text with the message.

use std::sync::Arc;

use super::sheet::{Expected, MARK, Mark};
use super::{Label, Problem, Verdict};
use crate::finding::{Finding, ObjectName, PolicyInfo, Unknown};
use crate::manifest::Span;
use crate::report::Report;

/// A result of a run, as marks speak of it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) policy: Arc<PolicyInfo>,
    pub(super) outcome: Expected,
    /// The message, or why the check cannot be decided.
    pub(super) text: String,
    pub(super) line: u32,
    pub(super) span: Span,
    pub(super) object: Arc<ObjectName>,
}

impl Seen {
    fn of_finding(finding: &Finding) -> Self {
        Self {
            policy: Arc::clone(&finding.policy),
            outcome: Expected::Finding,
            text: finding.message.clone(),
            line: finding.place.lines.line,
            span: finding.place.span,
            object: Arc::clone(&finding.object),
        }
    }

    fn of_unknown(unknown: &Unknown) -> Self {
        Self {
            policy: Arc::clone(&unknown.policy),
            outcome: Expected::Unknown,
            text: unknown.reason.to_owned(),
            line: unknown.place.lines.line,
            span: unknown.place.span,
            object: Arc::clone(&unknown.object),
        }
    }

    fn is_marked_by(&self, mark: &Mark) -> bool {
        self.line == mark.line && self.outcome == mark.expected && self.says(mark)
    }

    /// The policy and the text are those of the mark.
    fn says(&self, mark: &Mark) -> bool {
        let text = mark.text.as_deref().unwrap_or_default();
        self.policy.name == mark.policy && self.text.contains(text)
    }

    /// The mark that stands for it on line `at`.
    fn mark_at(&self, at: u32) -> String {
        let sign = match self.outcome {
            Expected::Finding => "",
            Expected::Unknown => "?",
        };
        let up = "^".repeat(at.saturating_sub(self.line) as usize);
        format!("{MARK}{sign}{up} {}", self.policy.name)
    }
}

/// The results of a run in the order of the file. Equal unknown results of one place are one, as equal findings are.
pub(super) fn collect(report: &Report) -> Vec<Seen> {
    let mut seen: Vec<Seen> = report.findings.iter().map(Seen::of_finding).collect();
    for unknown in report.unknown.iter().map(Seen::of_unknown) {
        let is_known = |earlier: &Seen| {
            earlier.outcome == Expected::Unknown
                && earlier.span == unknown.span
                && earlier.policy.name == unknown.policy.name
                && earlier.object == unknown.object
        };
        if !seen.iter().any(is_known) {
            seen.push(unknown);
        }
    }
    seen.sort_by(|a, b| {
        let key = |seen: &Seen| (seen.line, seen.span, seen.outcome);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.policy.name.cmp(&b.policy.name))
            .then_with(|| a.text.cmp(&b.text))
    });
    seen
}

/// For each mark the result that it stands for.
pub(super) fn pair(marks: &[Mark], seen: &[Seen]) -> Vec<Option<usize>> {
    let mut owners: Vec<Option<usize>> = vec![None; seen.len()];
    // Marks with a text first: they are the harder ones to place.
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by_key(|&nth| marks.get(nth).is_some_and(|mark| mark.text.is_none()));
    for nth in order {
        let mut tried = vec![false; seen.len()];
        place(nth, marks, seen, &mut owners, &mut tried);
    }
    let mut partners = vec![None; marks.len()];
    for (result, owner) in owners.iter().enumerate() {
        if let Some(partner) = owner.and_then(|mark| partners.get_mut(mark)) {
            *partner = Some(result);
        }
    }
    partners
}

/// Finds a result for a mark, moving other marks to other results where that makes room.
fn place(
    mark_idx: usize,
    marks: &[Mark],
    seen: &[Seen],
    owners: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    let Some(mark) = marks.get(mark_idx) else {
        return false;
    };
    for (nth, result) in seen.iter().enumerate() {
        let Some(is_tried) = tried.get_mut(nth) else {
            continue;
        };
        if *is_tried || !result.is_marked_by(mark) {
            continue;
        }
        *is_tried = true;
        let is_free = match owners.get(nth).copied().flatten() {
            None => true,
            Some(owner) => place(owner, marks, seen, owners, tried),
        };
        if is_free {
            if let Some(owner) = owners.get_mut(nth) {
                *owner = Some(mark_idx);
            }
            return true;
        }
    }
    false
}

/// Which file a mark is written in, and the line that it points at there.
pub(super) struct Files<'a> {
    pub(super) manifest: &'a Arc<str>,
    /// The file that the marks are in, if not the manifest.
    pub(super) expectations: Option<&'a Arc<str>>,
    /// The line that takes the mark of a result.
    pub(super) anchor: &'a dyn Fn(&Seen) -> u32,
}

/// Describes the marks and results that are left without a partner.
pub(super) fn describe(
    marks: &[Mark],
    seen: &[Seen],
    partners: &[Option<usize>],
    files: &Files<'_>,
) -> Vec<Problem> {
    let mut left_marks: Vec<&Mark> = (marks.iter().zip(partners))
        .filter(|(_, partner)| partner.is_none())
        .map(|(mark, _)| mark)
        .collect();
    let is_paired = |nth: usize| partners.contains(&Some(nth));
    let mut left_seen: Vec<&Seen> = (seen.iter().enumerate())
        .filter(|&(nth, _)| !is_paired(nth))
        .map(|(_, seen)| seen)
        .collect();
    let mut problems = Vec::new();
    for how in [Near::Text, Near::Outcome, Near::Line] {
        left_marks.retain(|mark| {
            let nearest = (left_seen.iter().enumerate())
                .filter(|(_, seen)| how.fits(mark, seen))
                .min_by_key(|(_, seen)| seen.line.abs_diff(mark.line))
                .map(|(nth, _)| nth);
            let Some(nth) = nearest else {
                return true;
            };
            let seen = left_seen.remove(nth);
            problems.push(how.describe(mark, seen, files));
            false
        });
    }
    problems.extend(left_seen.into_iter().map(|seen| unmarked(seen, files)));
    problems.extend(left_marks.into_iter().map(|mark| unfound(mark, files)));
    problems
}

/// In what a mark and a result differ that may still belong together.
#[derive(Debug, Clone, Copy)]
enum Near {
    Text,
    Outcome,
    Line,
}

impl Near {
    fn fits(self, mark: &Mark, seen: &Seen) -> bool {
        if mark.policy != seen.policy.name {
            return false;
        }
        let (is_same_line, is_same_outcome) =
            (mark.line == seen.line, mark.expected == seen.outcome);
        match self {
            Self::Text => is_same_line && is_same_outcome,
            Self::Outcome => is_same_line,
            Self::Line => is_same_outcome && seen.says(mark),
        }
    }

    fn describe(self, mark: &Mark, seen: &Seen, files: &Files<'_>) -> Problem {
        let policy = &mark.policy;
        let (title, at_mark) = match self {
            Self::Text => (
                format!("`{policy}` says something else"),
                "expects another message".to_owned(),
            ),
            Self::Outcome => match seen.outcome {
                Expected::Finding => (
                    format!("`{policy}` finds what was to be unknown"),
                    format!("write `#~ {policy}` if that is right"),
                ),
                Expected::Unknown => (
                    format!("`{policy}` cannot decide what it was to find"),
                    format!("write `#~? {policy}` if that is right"),
                ),
            },
            Self::Line => (
                format!("`{policy}` finds this on another line"),
                format!("marked on line {}, found on line {}", mark.line, seen.line),
            ),
        };
        Problem {
            labels: vec![result_label(seen, files), mark_label(mark, at_mark, files)],
            ..problem(title, seen.object.to_string())
        }
    }
}

fn unmarked(seen: &Seen, files: &Files<'_>) -> Problem {
    let policy = &seen.policy.name;
    let title = match seen.outcome {
        Expected::Finding => format!("`{policy}` finds something without a mark"),
        Expected::Unknown => format!("`{policy}` cannot decide, and no mark says so"),
    };
    let help = match files.expectations {
        None => {
            let at = (files.anchor)(seen);
            format!("write `{}` at the end of line {at}", seen.mark_at(at))
        }
        Some(file) => {
            let sign = match seen.outcome {
                Expected::Finding => "",
                Expected::Unknown => "?",
            };
            format!("write `{} {sign}{policy}` in {file}", seen.line)
        }
    };
    Problem {
        labels: vec![result_label(seen, files)],
        help: Some(help),
        ..problem(title, seen.object.to_string())
    }
}

fn unfound(mark: &Mark, files: &Files<'_>) -> Problem {
    let policy = &mark.policy;
    let title = match mark.expected {
        Expected::Finding => format!("`{policy}` finds nothing here"),
        Expected::Unknown => format!("`{policy}` has nothing unknown here"),
    };
    let text = format!("nothing on line {}", mark.line);
    Problem {
        labels: vec![mark_label(mark, text, files)],
        ..problem(title, String::new())
    }
}

fn problem(title: String, object: String) -> Problem {
    Problem {
        verdict: Verdict::Mismatch,
        title,
        object,
        labels: Vec::new(),
        help: None,
        change: None,
    }
}

fn result_label(seen: &Seen, files: &Files<'_>) -> Label {
    let text = match seen.outcome {
        Expected::Finding => seen.text.clone(),
        Expected::Unknown => format!("unknown: {}", seen.text),
    };
    Label {
        file: Arc::clone(files.manifest),
        span: seen.span,
        text,
    }
}

fn mark_label(mark: &Mark, text: String, files: &Files<'_>) -> Label {
    Label {
        file: Arc::clone(files.expectations.unwrap_or(files.manifest)),
        span: mark.span,
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(line: u32, policy: &str, text: Option<&str>) -> Mark {
        Mark {
            policy: policy.to_owned(),
            expected: Expected::Finding,
            text: text.map(str::to_owned),
            line,
            span: Span::at(line),
        }
    }

    fn seen(line: u32, policy: &str, text: &str) -> Seen {
        Seen {
            policy: Arc::new(PolicyInfo {
                name: policy.to_owned(),
                pack: String::new(),
                title: String::new(),
                controls: Vec::new(),
                on_by_default: true,
                judges_files: true,
            }),
            outcome: Expected::Finding,
            text: text.to_owned(),
            line,
            span: Span::at(line),
            object: Arc::default(),
        }
    }

    #[test]
    fn marks_with_a_text_leave_the_other_result_to_the_one_without() {
        let marks = [mark(1, "p", None), mark(1, "p", Some("a"))];
        let results = [seen(1, "p", "a"), seen(1, "p", "b")];
        assert_eq!(pair(&marks, &results), [Some(1), Some(0)]);
    }

    #[test]
    fn a_mark_gives_way_to_one_that_has_no_other_result() {
        let marks = [mark(1, "p", Some("a")), mark(1, "p", Some("ab"))];
        let results = [seen(1, "p", "ab"), seen(1, "p", "a")];
        assert_eq!(pair(&marks, &results), [Some(1), Some(0)]);
    }

    #[test]
    fn one_mark_stands_for_one_result() {
        let marks = [mark(1, "p", None)];
        let results = [seen(1, "p", "a"), seen(1, "p", "b"), seen(2, "p", "a")];
        assert_eq!(pair(&marks, &results), [Some(0)]);
        assert_eq!(pair(&marks, &[seen(1, "q", "a")]), [None]);
    }

    #[test]
    fn what_is_left_over_is_described_by_what_is_near() {
        let manifest = Arc::from("m.yaml");
        let files = Files {
            manifest: &manifest,
            expectations: None,
            anchor: &|seen| seen.line,
        };
        let titles = |marks: &[Mark], results: &[Seen]| -> Vec<String> {
            let problems = describe(marks, results, &pair(marks, results), &files);
            problems.into_iter().map(|problem| problem.title).collect()
        };
        assert_eq!(
            titles(&[mark(1, "p", Some("x"))], &[seen(1, "p", "a")]),
            ["`p` says something else"]
        );
        assert_eq!(
            titles(
                &[mark(3, "p", None)],
                &[seen(1, "p", "a"), seen(4, "p", "a")]
            ),
            [
                "`p` finds this on another line",
                "`p` finds something without a mark"
            ]
        );
        assert_eq!(
            titles(&[mark(3, "p", None)], &[seen(3, "q", "a")]),
            [
                "`q` finds something without a mark",
                "`p` finds nothing here"
            ]
        );
    }
}
