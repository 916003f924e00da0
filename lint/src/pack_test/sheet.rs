//! What a test expects: marks beside the values, and the scene at the top.
//!
//! ```yaml
//! #! cluster_version = 1.31
//!       privileged: true    #~ no-privileged-containers
//!       image: nginx        #~ pinned-image-tag: whose tag is `latest`
//!       #~^ memory-limit
//!       command: ["${CMD}"] #~? no-shell
//! ```

use palisade_abi::tape::{Kind, NodeId};
use palisade_lang::schema::near::nearest;

use crate::manifest::{Document, Format, Layout, Span, print, read};

/// What begins a mark.
pub(super) const MARK: &str = "#~";
/// What begins a line of the scene.
const SCENE: &str = "#!";

/// What one manifest is expected to give.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheet {
    /// In the order of the text.
    pub(super) marks: Vec<Mark>,
    pub(super) scene: Scene,
    /// What cannot be understood of it.
    pub(super) mistakes: Vec<Mistake>,
}

/// One expected result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) policy: String,
    pub(super) expected: Expected,
    /// A part of the message.
    pub(super) text: Option<String>,
    /// The line of the manifest that it is about, from 1.
    pub(super) line: u32,
    /// Where it is written: in the manifest, or in the file of expectations beside it.
    pub(super) span: Span,
}

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expected {
    /// A finding.
    Finding,
    /// A check that cannot be decided.
    Unknown,
}

/// The circumstances of a test, each with the place where it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scene {
    /// Parameters by name (`NAME` or `POLICY.NAME`), values as JSON.
    pub(super) params: Vec<(String, String, Span)>,
    pub(super) now: Option<String>,
    pub(super) cluster_version: Option<(String, Span)>,
    /// The only policies that run.
    pub(super) policies: Vec<(String, Span)>,
    pub(super) profiles: Vec<(String, Span)>,
    /// The admission request, as JSON.
    pub(super) request: Option<String>,
}

/// A part of a test that means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: String,
}

/// Reads the comments of a manifest. `documents` are what it holds: what looks like a mark inside of a text is none.
pub(super) fn read_comments(text: &str, documents: &[Document]) -> Sheet {
    let mut sheet = Sheet::default();
    let scalars = Scalars::new(documents);
    let mut is_top = true;
    for (line, number) in lines(text).zip(1..) {
        let content = line.text.trim_start();
        let indent = line.text.len() - content.len();
        is_top &= content.is_empty()
            || content.starts_with(['#', '%'])
            || content.starts_with("---")
            || content.trim_start_matches('\u{feff}').is_empty();
        if let Some(setting) = content.strip_prefix(SCENE) {
            let span = line.span(indent, line.text.trim_end().len());
            if is_top {
                read_setting(setting, span, &mut sheet);
            } else if is_setting(setting) && !scalars.hold(span.start) {
                sheet.mistakes.push(Mistake {
                    span,
                    message: "the scene is set at the top of the file".to_owned(),
                    help: "move this line above the first object".to_owned(),
                });
            }
            continue;
        }
        for (at, end) in find_marks(line.text) {
            let span = line.span(at, end);
            if !scalars.hold(span.start) {
                read_mark(line.text, (at, end), span, number, &mut sheet);
            }
        }
    }
    sheet
}

/// Reads a file of expectations, `LINE POLICY: text` each.
pub(super) fn read_expectations(text: &str) -> Sheet {
    let mut sheet = Sheet::default();
    for line in lines(text) {
        let content = line.text.trim();
        let indent = line.text.len() - line.text.trim_start().len();
        let span = line.span(indent, indent + content.len());
        if let Some(setting) = content.strip_prefix(SCENE) {
            read_setting(setting, span, &mut sheet);
        } else if !content.is_empty() && !content.starts_with('#') {
            match read_expectation(content) {
                Some((number, expected, policy, text)) => sheet.marks.push(Mark {
                    policy,
                    expected,
                    text,
                    line: number,
                    span,
                }),
                None => sheet.mistakes.push(Mistake {
                    span,
                    message: "this line says nothing that could be expected".to_owned(),
                    help: "write `LINE POLICY` or `LINE POLICY: part of the message`, such as `7 memory-limit`"
                        .to_owned(),
                }),
            }
        }
    }
    sheet
}

fn read_expectation(content: &str) -> Option<(u32, Expected, String, Option<String>)> {
    let (number, rest) = content.split_once(char::is_whitespace)?;
    let number = number.parse().ok().filter(|&number| number > 0)?;
    let rest = rest.trim_start();
    let (expected, rest) = match rest.strip_prefix('?') {
        Some(rest) => (Expected::Unknown, rest.trim_start()),
        None => (Expected::Finding, rest),
    };
    let (policy, text) = read_policy(rest)?;
    Some((number, expected, policy, text))
}

/// Where marks begin and end in a line, each up to the next.
pub(super) fn find_marks(line: &str) -> Vec<(usize, usize)> {
    let is_comment = |at: usize| {
        let before = line.get(..at).unwrap_or_default();
        before.is_empty() || before.ends_with([' ', '\t'])
    };
    let starts: Vec<usize> = line
        .match_indices(MARK)
        .map(|(at, _)| at)
        .filter(|&at| is_comment(at))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([line.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&at, end)| {
            (
                at,
                at + line.get(at..end).map_or(0, |mark| mark.trim_end().len()),
            )
        })
        .collect()
}

fn read_mark(line: &str, (at, end): (usize, usize), span: Span, number: u32, sheet: &mut Sheet) {
    let body = line.get(at + MARK.len()..end).unwrap_or_default();
    let signs = body.trim_start_matches(['?', '^']);
    let signs = body.get(..body.len() - signs.len()).unwrap_or_default();
    let rest = body.get(signs.len()..).unwrap_or_default();
    let up = u32::try_from(signs.matches('^').count()).unwrap_or(u32::MAX);
    let expected = match signs.matches('?').count() {
        0 => Expected::Finding,
        _ => Expected::Unknown,
    };
    let Some((policy, text)) = read_policy(rest.trim_start()) else {
        sheet.mistakes.push(Mistake {
            span,
            message: "this mark names no policy".to_owned(),
            help: "write `#~ POLICY` or `#~ POLICY: part of the message`".to_owned(),
        });
        return;
    };
    let Some(line) = number.checked_sub(up).filter(|&line| line > 0) else {
        sheet.mistakes.push(Mistake {
            span,
            message: "this mark points above the first line".to_owned(),
            help: "each `^` is one line up".to_owned(),
        });
        return;
    };
    sheet.marks.push(Mark {
        policy,
        expected,
        text,
        line,
        span,
    });
}

/// `POLICY`, `POLICY: text`, or `POLICY # an ordinary comment`.
fn read_policy(text: &str) -> Option<(String, Option<String>)> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .unwrap_or(text.len());
    let (policy, rest) = text.split_at_checked(end)?;
    if policy.is_empty() {
        return None;
    }
    if let Some(message) = rest.strip_prefix(':') {
        let message = message.trim();
        let message = Some(message.to_owned()).filter(|message| !message.is_empty());
        return Some((policy.to_owned(), message));
    }
    let after = rest.trim_start();
    let is_comment = after.starts_with('#') && after.len() < rest.len();
    (after.is_empty() || is_comment).then(|| (policy.to_owned(), None))
}

/// What can be set, as it is written.
const SETTINGS: [&str; 6] = [
    "param",
    "now",
    "cluster_version",
    "policies",
    "profile",
    "request",
];

fn is_setting(text: &str) -> bool {
    let word = text.trim_start().split([' ', '=', '\t', '{']).next();
    text.starts_with(' ') && word.is_some_and(|word| SETTINGS.contains(&word))
}

fn read_setting(text: &str, span: Span, sheet: &mut Sheet) {
    if let Err((message, help)) = set(text.trim(), span, &mut sheet.scene) {
        sheet.mistakes.push(Mistake {
            span,
            message,
            help,
        });
    }
}

fn set(text: &str, span: Span, scene: &mut Scene) -> Result<(), (String, String)> {
    let wrong = |message: &str, help: &str| Err((message.to_owned(), help.to_owned()));
    let end = text.find([' ', '\t', '=', '{']).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let rest = rest.trim();
    let value = rest.strip_prefix('=').map(str::trim);
    match word {
        "param" => {
            let Some((name, value)) = rest.split_once('=') else {
                return wrong(
                    "this parameter has no value",
                    "write `#! param NAME = value`",
                );
            };
            let Some(value) = read_value(value.trim()) else {
                return wrong(
                    "the value of this parameter cannot be read",
                    "write it as in YAML: `4Gi`, `true`, `[a, b]`, `\"text\"`",
                );
            };
            (scene.params).push((name.trim().to_owned(), value, span));
        }
        "now" => match value.and_then(read_time) {
            Some(time) => scene.now = Some(time),
            None => {
                return wrong(
                    "this is no time",
                    "write `#! now = 2026-01-01` or `#! now = 2026-01-01T12:00:00Z`",
                );
            }
        },
        "cluster_version" => match value {
            Some(version) if !version.is_empty() => {
                scene.cluster_version = Some((version.trim_matches('"').to_owned(), span));
            }
            _ => {
                return wrong(
                    "this version has no value",
                    "write a release, such as `#! cluster_version = 1.31`",
                );
            }
        },
        "policies" | "profile" => {
            let names = value.unwrap_or(rest).split(',').map(str::trim);
            let names: Vec<_> = names
                .filter(|name| !name.is_empty())
                .map(|name| (name.to_owned(), span_in(span, text, name)))
                .collect();
            if names.is_empty() {
                return wrong(
                    "this line names nothing",
                    "write names, separated by commas",
                );
            }
            if word == "policies" {
                scene.policies.extend(names);
            } else {
                scene.profiles.extend(names);
            }
        }
        "request" => match read_value(value.unwrap_or(rest)) {
            Some(request) if request.starts_with('{') => scene.request = Some(request),
            _ => {
                return wrong(
                    "this request cannot be read",
                    "write a map as in YAML: `#! request {operation: UPDATE}`",
                );
            }
        },
        _ => {
            let near = nearest(word, SETTINGS);
            let near = near.first();
            let help = near.map_or_else(
                || format!("what can be set: {}", SETTINGS.join(", ")),
                |near| format!("write `{near}`"),
            );
            return Err((format!("`{word}` cannot be set"), help));
        }
    }
    Ok(())
}

/// The place of `part`, which is a part of `text`, which ends where `span` does.
fn span_in(span: Span, text: &str, part: &str) -> Span {
    let after = text.len() - (part.as_ptr() as usize - text.as_ptr() as usize);
    let start = span.end - u32::try_from(after).unwrap_or(0);
    Span::new(start, start + u32::try_from(part.len()).unwrap_or(0))
}

/// A value as it may stand in YAML, as JSON.
fn read_value(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let read = read(text.as_bytes(), Format::Yaml);
    match (read.documents.as_slice(), read.problems.is_empty()) {
        ([document], true) => Some(print(document, Layout::Compact).trim_end().to_owned()),
        _ => None,
    }
}

/// RFC 3339; a date is its midnight in UTC.
fn read_time(text: &str) -> Option<String> {
    let text = text.trim_matches('"');
    let (date, time) = text.split_at_checked(10)?;
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(byte, wanted)| match wanted {
                    b'0' => byte.is_ascii_digit(),
                    _ => byte == wanted,
                })
    };
    if !shape(date, "0000-00-00") {
        return None;
    }
    if time.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let has_zone = time.ends_with('Z') || time.len() > 6 && time.is_ascii();
    (shape(time.get(..9)?, "T00:00:00") && has_zone).then(|| text.to_owned())
}

/// The values of documents that are written as text, in the order of the file.
pub(super) struct Scalars {
    spans: Vec<Span>,
}

impl Scalars {
    pub(super) fn new(documents: &[Document]) -> Self {
        let mut spans: Vec<Span> = documents
            .iter()
            .flat_map(|document| {
                let nodes =
                    (0..document.tape.len()).filter_map(|nth| u32::try_from(nth).ok().map(NodeId));
                nodes.flat_map(|node| {
                    let value = match document.tape.kind(node) {
                        Kind::List | Kind::Map => None,
                        Kind::Null
                        | Kind::Bool
                        | Kind::Int
                        | Kind::Float
                        | Kind::String
                        | Kind::Unknown => Some(document.span(node)),
                    };
                    value.into_iter().chain(document.key_span(node))
                })
            })
            .filter(|span| !span.is_empty())
            .collect();
        spans.sort_unstable();
        spans.dedup();
        Self { spans }
    }

    /// True if the byte lies in a text.
    pub(super) fn hold(&self, at: u32) -> bool {
        self.span_at(at).is_some()
    }

    /// The text that holds the byte.
    pub(super) fn span_at(&self, at: u32) -> Option<Span> {
        let after = self.spans.partition_point(|span| span.start <= at);
        let span = self.spans.get(after.checked_sub(1)?)?;
        (at < span.end).then_some(*span)
    }
}

/// A line without its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) start: usize,
    pub(super) text: &'a str,
}

impl Line<'_> {
    /// Bytes of the line as bytes of the file.
    pub(super) fn span(&self, from: usize, to: usize) -> Span {
        let at = |offset: usize| u32::try_from(self.start + offset).unwrap_or(u32::MAX);
        Span::new(at(from), at(to))
    }
}

/// The lines of a text, ended as reports count them.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let left = rest?;
        let end = left.find(['\n', '\r']).unwrap_or(left.len());
        let (line, after) = left.split_at_checked(end)?;
        let after_break = after
            .strip_prefix("\r\n")
            .or_else(|| after.strip_prefix(['\n', '\r']));
        let found = Line { start, text: line };
        start += left.len() - after_break.map_or(0, str::len);
        rest = after_break;
        Some(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::LineIndex;

    fn sheet(text: &str) -> Sheet {
        let read = read(text.as_bytes(), Format::Yaml);
        read_comments(text, &read.documents)
    }

    fn marks(text: &str) -> Vec<(u32, Expected, String, Option<String>)> {
        let sheet = sheet(text);
        assert_eq!(sheet.mistakes, []);
        let marks = sheet.marks.into_iter();
        marks
            .map(|mark| (mark.line, mark.expected, mark.policy, mark.text))
            .collect()
    }

    #[test]
    fn marks_are_read_in_all_their_forms() {
        let text = "\
a: 1   #~ one #~ two: some `text` #~? three
#~^ four # because
b: 2
#~^^ five
#~?^^ six:
";
        use Expected::{Finding, Unknown};
        let text_of = |text: &str| Some(text.to_owned());
        assert_eq!(
            marks(text),
            [
                (1, Finding, "one".into(), None),
                (1, Finding, "two".into(), text_of("some `text`")),
                (1, Unknown, "three".into(), None),
                (1, Finding, "four".into(), None),
                (2, Finding, "five".into(), None),
                (3, Unknown, "six".into(), None),
            ]
        );
    }

    #[test]
    fn what_stands_in_a_text_is_no_mark() {
        let text = "\
a: |
  #!/bin/sh
  #! now = 1
  echo 1 #~ one
b: \"x #~ two\"
c: x#~ three
d: 'y'  #~ four
";
        assert_eq!(marks(text).len(), 1);
        assert_eq!(marks(text)[0].2, "four");
    }

    #[test]
    fn a_mark_that_says_nothing_is_a_mistake() {
        for text in ["a: 1 #~", "a: 1 #~ one two", "a: 1 #~^ one", "a: 1 #~one!"] {
            let sheet = sheet(text);
            assert_eq!((sheet.marks.len(), sheet.mistakes.len()), (0, 1), "{text}");
        }
    }

    #[test]
    fn the_scene_is_read_from_the_top() {
        let text = "\
# A test.
#! param limit.max = 4Gi
#! param names = [a, 'b']
#! now = 2026-01-01
#! cluster_version = 1.30
#! policies one, two
#! profile restricted
#! request {operation: UPDATE}
---
a: 1
#! profile late
";
        let sheet = sheet(text);
        let params: Vec<_> = (sheet.scene.params.iter())
            .map(|(name, value, _)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            params,
            [("limit.max", "\"4Gi\""), ("names", "[\"a\",\"b\"]")]
        );
        assert_eq!(sheet.scene.now.as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!(sheet.scene.cluster_version.unwrap().0, "1.30");
        assert_eq!(sheet.scene.policies.len(), 2);
        assert_eq!(sheet.scene.profiles[0].0, "restricted");
        assert_eq!(sheet.scene.request.unwrap(), "{\"operation\":\"UPDATE\"}");
        assert_eq!(sheet.mistakes.len(), 1);
        assert!(sheet.mistakes[0].message.contains("at the top"));
    }

    #[test]
    fn settings_that_mean_nothing_are_mistakes() {
        for (text, message) in [
            ("#! profil x", "`profil` cannot be set"),
            ("#! now = yesterday", "this is no time"),
            ("#! now = 2026-01-01T25", "this is no time"),
            ("#! param x", "this parameter has no value"),
            (
                "#! param x = [",
                "the value of this parameter cannot be read",
            ),
            ("#! policies", "this line names nothing"),
            ("#! request 1", "this request cannot be read"),
            ("#! cluster_version", "this version has no value"),
        ] {
            let sheet = sheet(text);
            assert_eq!(sheet.mistakes.len(), 1, "{text}");
            assert_eq!(sheet.mistakes[0].message, message);
        }
    }

    #[test]
    fn expectations_name_a_line_and_a_policy() {
        let sheet =
            read_expectations("#! profile p\n# why\n\n3 one\r\n 14 ?two: text\nx three\n0 four\n");
        let marks: Vec<_> = (sheet.marks.iter())
            .map(|mark| (mark.line, mark.expected, mark.policy.as_str()))
            .collect();
        assert_eq!(
            marks,
            [
                (3, Expected::Finding, "one"),
                (14, Expected::Unknown, "two")
            ]
        );
        assert_eq!(sheet.mistakes.len(), 2);
        assert_eq!(sheet.scene.profiles.len(), 1);
    }

    #[test]
    fn lines_are_those_that_reports_count() {
        let text = "a\r\nb\rc\n\nd";
        let found: Vec<_> = lines(text).map(|line| (line.start, line.text)).collect();
        assert_eq!(found, [(0, "a"), (3, "b"), (5, "c"), (7, ""), (8, "d")]);
        let index = LineIndex::new(text);
        for (line, number) in lines(text).zip(1..) {
            let start = u32::try_from(line.start).unwrap();
            assert_eq!(index.line_column(text, start), (number, 1));
        }
    }
}
