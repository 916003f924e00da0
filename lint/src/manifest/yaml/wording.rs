//! What the parser refuses, said for the person who wrote the manifest, at the bytes that have to change.

use granit_parser::{ErrorKind, ScanError};

use crate::manifest::problem::{Problem, ProblemKind};
use crate::manifest::span::{Span, offset};

/// The problem that `error` is, in `source`, which begins at byte `base` of its file.
pub(super) fn describe(error: &ScanError, source: &str, base: u32) -> Problem {
    let marked = error.marker().byte_offset().unwrap_or(0);
    let at = marked.min(source.len());
    let at = if source.is_char_boundary(at) { at } else { 0 };
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return Problem::too_deep(to_span(source, base, at, 1));
    }
    let (start, n_chars, message) = word(error, source, at);
    let span = to_span(source, base, start, n_chars);
    Problem::new(ProblemKind::Syntax, span, message)
}

/// A problem that a template makes is about the template: `{{ … }}` becomes YAML only when it is rendered.
pub(super) fn blame_template(problem: Problem, source: &str, base: u32) -> Problem {
    let at = (problem.span.start - base) as usize;
    if problem.kind != ProblemKind::Syntax || !source.is_char_boundary(at) {
        return problem;
    }
    let (before, after) = source.split_at(at);
    let line_start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let line_end = after
        .find(['\n', '\r'])
        .map_or(source.len(), |end| at + end);
    let line = source.get(line_start..line_end).unwrap_or_default();
    // The parser may stop at the second brace, and not before the first.
    let opening = line
        .find("{{")
        .filter(|&open| line_start + open <= at + 1)
        .and_then(|open| Some((open, line.get(open..)?.find("}}")?)));
    let Some((open, length)) = opening else {
        return problem;
    };
    let start = line_start + open;
    let n_chars = source
        .get(start..start + length + 2)
        .map_or(1, |text| text.chars().count());
    let span = to_span(source, base, start, n_chars);
    let message = "a template is not YAML: lint what is rendered from it, as with `helm template`";
    Problem::new(ProblemKind::Syntax, span, message)
}

/// Where it begins, how many characters of its line it has, and what is wrong.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a foreign, open set; what no manifest meets keeps the parser's words"
)]
fn word(error: &ScanError, source: &str, at: usize) -> (usize, usize, String) {
    let rest = source.get(at..).unwrap_or_default();
    let say = |message: &str| (at, 1, message.to_owned());
    match error.kind() {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => {
            let tab = find_indenting_tab(source, at).unwrap_or(at);
            (tab, 1, "a tab cannot indent: use spaces".to_owned())
        }
        ErrorKind::UnknownAnchor => {
            let name = first_word(rest);
            let anchor = name.strip_prefix('*').unwrap_or(name);
            let message = format!("there is no anchor `&{anchor}` before this");
            (at, name.chars().count(), message)
        }
        ErrorKind::SimpleKeyExpected => {
            let text = rest.lines().next().unwrap_or_default().trim_end();
            (
                at,
                text.chars().count(),
                "expected `:` after a key".to_owned(),
            )
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let shown = character.escape_debug();
            say(&format!(
                "text cannot begin with `{shown}`: put it in quotes"
            ))
        }
        ErrorKind::ExpectedBlockMappingKey if dash_before(source, at).is_some() => {
            let dash = dash_before(source, at).unwrap_or(at);
            let message = "an element of a list among the keys of a map";
            (dash, 1, message.to_owned())
        }
        ErrorKind::ExpectedBlockMappingKey => {
            say("expected a key: is this indented like the keys before it?")
        }
        ErrorKind::ExpectedBlockSequenceEntry => {
            say("expected `-`: what is before this is the elements of a list")
        }
        ErrorKind::MappingValueNotAllowed => {
            say("`:` cannot follow here: put the text in quotes, or check the indentation")
        }
        ErrorKind::MappingKeyNotAllowed => say("a key cannot begin here: check the indentation"),
        ErrorKind::BlockSequenceEntryNotAllowed => {
            say("a list cannot begin here: put it on a line of its own")
        }
        ErrorKind::InvalidIndentation | ErrorKind::InvalidFlowScalarIndent => {
            say("indented too little for what it belongs to")
        }
        ErrorKind::InvalidQuotedScalarIndent => say(
            "a line of quoted text that is indented too little: is a quote before it not closed?",
        ),
        ErrorKind::InvalidBlockScalarIndent => say("indented less than the first line of its text"),
        ErrorKind::InvalidColonPlacement => {
            say("`:` cannot follow here: is a bracket before it not closed?")
        }
        ErrorKind::ExpectedFlowSequenceSeparator | ErrorKind::UnexpectedEofFlowSequence => {
            say("expected `,` or `]`")
        }
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => say("expected `,` or `}`"),
        ErrorKind::UnclosedFlowCollection { open } => say(&format!("`{open}` is not closed")),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            say(&format!("`{open}` is closed by `{close}`"))
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            let bracket = rest.chars().next().unwrap_or(']');
            say(&format!("`{bracket}` closes nothing"))
        }
        ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            say("`-` cannot begin an element inside brackets: separate elements with `,`")
        }
        ErrorKind::UnclosedQuotedScalar => say("the quote is not closed"),
        ErrorKind::DocumentIndicatorInQuotedScalar => {
            say("the document ends inside a quote that is not closed")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            say("text after the closing quote: quote all of it, or nothing")
        }
        ErrorKind::UnknownQuotedScalarEscape => match find_bad_escape(rest) {
            Some((from, character)) => {
                let message = format!(
                    "`\\{character}` is no escape: double the backslash, or use single quotes"
                );
                (at + from, 2, message)
            }
            None => say("a backslash that begins no escape: double it, or use single quotes"),
        },
        ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => say("an escape here names no character of Unicode"),
        ErrorKind::InvalidBlockScalarHeader | ErrorKind::ZeroBlockScalarIndent => {
            say("expected the end of the line after `|` or `>`")
        }
        ErrorKind::CommentNotSeparated => say("a comment needs a space before its `#`"),
        ErrorKind::CommentInterceptedScalar => say("a comment in the middle of a text"),
        ErrorKind::MissingAnchorOrAliasName => say("expected a name after `&` or `*`"),
        ErrorKind::UndeclaredTagHandle => say("a tag whose handle no `%TAG` line declares"),
        ErrorKind::BomInsideDocument => say("a byte order mark inside a document"),
        ErrorKind::InvalidDocumentEnd | ErrorKind::ExpectedDocumentStart => {
            say("expected `---` before this")
        }
        ErrorKind::ExpectedNodeContent
        | ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence => say("expected a value"),
        _ => say(&error.info()),
    }
}

fn to_span(source: &str, base: u32, at: usize, n_chars: usize) -> Span {
    let line = source.get(at..).unwrap_or_default();
    let n_bytes: usize = line
        .chars()
        .take(n_chars)
        .take_while(|found| !matches!(found, '\n' | '\r'))
        .map(char::len_utf8)
        .sum();
    let start = base + offset(at);
    Span::new(start, start + offset(n_bytes))
}

/// The first word of `text`, as far as a flow indicator.
fn first_word(text: &str) -> &str {
    let end = text.find(|found: char| found.is_whitespace() || ",[]{}".contains(found));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// The dash that begins the line of `at`, if nothing else is between them.
fn dash_before(source: &str, at: usize) -> Option<usize> {
    let before = source.get(..at)?.trim_end_matches([' ', '\t']);
    let head = before.strip_suffix('-')?;
    let is_first = head.trim_end_matches(' ').ends_with(['\n', '\r']);
    is_first.then_some(head.len())
}

/// The first tab among the blanks that begin the line of `at` or a later one.
fn find_indenting_tab(source: &str, at: usize) -> Option<usize> {
    let line_start = source
        .get(..at)?
        .rfind(['\n', '\r'])
        .map_or(0, |end| end + 1);
    let mut start = line_start;
    for line in source.get(line_start..)?.split_inclusive(['\n', '\r']) {
        let indented = line.trim_start_matches([' ', '\t']);
        let blanks = line.get(..line.len() - indented.len())?;
        if let Some(tab) = blanks.find('\t').filter(|_| !indented.trim().is_empty()) {
            return Some(start + tab);
        }
        start += line.len();
    }
    None
}

/// The first backslash in the double-quoted text that begins `text` that starts no escape, and what follows it.
fn find_bad_escape(text: &str) -> Option<(usize, char)> {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, found)) = chars.next() {
        match found {
            '"' => return None,
            '\\' => {
                let (_, escaped) = chars.next()?;
                if !"0abt\tnvfre \"/\\N_LPxuU\n\r".contains(escaped) {
                    return Some((at, escaped));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::manifest::{Format, read};

    /// Line, column, the marked text and the message of each problem.
    fn said(text: &str) -> Vec<String> {
        let found = read(text.as_bytes(), Format::Yaml);
        let problems = found.problems.iter().filter(|problem| problem.is_error());
        problems
            .map(|problem| {
                let (start, end) = (problem.span.start as usize, problem.span.end as usize);
                let line = text[..start].matches('\n').count() + 1;
                let column = start - text[..start].rfind('\n').map_or(0, |end| end + 1) + 1;
                let marked = &text[start..end];
                format!("{line}:{column} {marked:?} {}", problem.message)
            })
            .collect()
    }

    #[test]
    fn every_mistake_of_a_first_hour_is_said_at_its_place() {
        let cases = [
            "a:\n\tb: c\n",
            "a:\n  b: 1\n\tc: 2\n",
            "a: *nope\n",
            "a: [*nope, b]\n",
            "a: 1\nkind Pod \nb: 2\n",
            "a: @x\n",
            "a: %x\n",
            "a:\n  b: 1\n c: 2\n",
            "a:\n  b: 1\n  - c\n",
            "a:\n- b\nc: 1\n  d: 2\n",
            "a:\n  - b\n  c: d\n",
            "a: b: c\n",
            "a: - b\n",
            "a: [b, c\nd: e\n",
            "a: [b c: d\n",
            "a: {b: c\n",
            "a: {b: c]\n",
            "a: ]\n",
            "a: [- b]\n",
            "a: \"b\n",
            "a: 'b\nc: d\n",
            "a: \"b\" c\n",
            "a: \"ä\\qb\"\n",
            "a: \"\\u12\"\n",
            "a: |x\n  b\n",
            "a: \"b\"#c\n",
            "a: &\n",
            "a: !x!y z\n",
        ];
        let listed: Vec<String> = cases
            .iter()
            .map(|case| format!("{case:?}\n  {}", said(case).join("\n  ")))
            .collect();
        insta::assert_snapshot!(listed.join("\n"));
    }

    #[test]
    fn a_template_is_called_one() {
        for text in [
            "a: {{ .Values.a }}\n",
            "a: 1\n{{- if .b }}\nc: 2\n{{- end }}\n",
            "a: {{ .b }}-c\n",
        ] {
            let problems = said(text);
            assert!(
                problems[0].contains("a template is not YAML"),
                "{problems:?}"
            );
            assert!(problems[0].contains("\"{{"), "{problems:?}");
        }
        // Braces of YAML's own.
        assert_eq!(
            said("a: {b: c}\nd: {[e]: f}\n"),
            ["2:5 \"[\" a list or map cannot be a key"]
        );
    }
}
