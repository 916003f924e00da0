//! Where a part of a decoded scalar stands in the file: through quotes, escapes, folded lines and block scalars, in YAML,
//! JSON and TOML, and in words of files that are read as a shell reads them.
//!
//! The written and the decoded text are walked side by side. Where they do not match as they should, there is no answer,
//! and the whole scalar is the place.

use super::span::{Span, offset};

/// The bytes of `written`, a scalar as it stands in the file, that make `decoded[start..end]`.
pub(crate) fn find_part(written: &str, decoded: &str, start: usize, end: usize) -> Option<Span> {
    decoded.get(start..end)?;
    // As it is, or between quotes of one or three signs.
    for n_quotes in [0, 1, 3] {
        let Some(inner) = written.get(n_quotes..written.len().saturating_sub(n_quotes)) else {
            break;
        };
        let after_break = inner.strip_prefix("\r\n").or(inner.strip_prefix('\n'));
        let shift = match after_break {
            Some(rest) if n_quotes == 3 && rest == decoded => written.len() - 3 - rest.len(),
            _ if inner == decoded => n_quotes,
            _ => continue,
        };
        return Some(Span::new(offset(shift + start), offset(shift + end)));
    }
    let find = |at: usize, go: fn(&mut Walk<'_>) -> Option<()>| {
        let mut walk = Walk {
            written,
            decoded,
            at,
            done: 0,
            start,
            end,
            from: None,
            to: None,
        };
        go(&mut walk)?;
        let (from, to) = (walk.from?, walk.to?);
        (from <= to).then(|| Span::new(offset(from), offset(to)))
    };
    let found = match written.as_bytes().first()? {
        b'"' if written.starts_with(LINES) => {
            let body = written.trim_start_matches('"');
            let body = body.strip_prefix("\r\n").or(body.strip_prefix('\n'));
            let at = body.map_or(LINES.len(), |body| written.len() - body.len());
            find(at, |walk| walk.flow(Style::Lines))
        }
        b'"' => find(1, |walk| walk.flow(Style::Double)),
        b'\'' => find(1, |walk| walk.flow(Style::Single)),
        b'|' | b'>' => find(0, |walk| walk.block()),
        _ => find(0, |walk| walk.flow(Style::Plain)),
    };
    found.or_else(|| find(0, |walk| walk.words()))
}

/// What TOML's text of several lines begins with.
const LINES: &str = "\"\"\"";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    /// See [`LINES`].
    Lines,
}

struct Walk<'a> {
    written: &'a str,
    decoded: &'a str,
    /// Bytes of the written text that have been passed.
    at: usize,
    /// Bytes of the decoded text that they make.
    done: usize,
    start: usize,
    end: usize,
    from: Option<usize>,
    to: Option<usize>,
}

impl Walk<'_> {
    /// Passes `length` written bytes that make `makes` decoded ones.
    fn pass(&mut self, length: usize, makes: usize) {
        if self.from.is_none() && self.start < self.done + makes.max(1) && makes > 0 {
            self.from = Some(self.at);
        }
        self.at += length;
        self.done += makes;
        if self.from.is_some() && self.to.is_none() && self.end <= self.done {
            self.to = Some(self.at);
        }
    }

    fn is_done(&self) -> bool {
        self.to.is_some() || self.done >= self.decoded.len()
    }

    fn written_rest(&self) -> &str {
        self.written.get(self.at..).unwrap_or_default()
    }

    fn decoded_rest(&self) -> &str {
        self.decoded.get(self.done..).unwrap_or_default()
    }

    /// Passes one character that stands for itself.
    fn pass_char(&mut self) -> Option<()> {
        let found = self.written_rest().chars().next()?;
        if !self.decoded_rest().starts_with(found) {
            return None;
        }
        self.pass(found.len_utf8(), found.len_utf8());
        Some(())
    }

    fn flow(&mut self, style: Style) -> Option<()> {
        while !self.is_done() {
            let rest = self.written_rest();
            let has_escapes = matches!(style, Style::Double | Style::Lines);
            if has_escapes && rest.starts_with('\\') {
                self.escape()?;
            } else if style == Style::Lines {
                // A line end of two bytes is read as one.
                if rest.starts_with("\r\n") && self.decoded_rest().starts_with('\n') {
                    self.at += 1;
                }
                self.pass_char()?;
            } else if style == Style::Single && rest.starts_with("''") {
                self.pass(2, 1);
            } else {
                let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
                let n_breaks = count_breaks(rest.get(..blank).unwrap_or_default());
                match n_breaks {
                    0 => self.pass_char()?,
                    1 if self.decoded_rest().starts_with(' ') => self.pass(blank, 1),
                    // The line before ended in an escaped line end.
                    1 => return None,
                    _ => self.pass(blank, n_breaks - 1),
                }
            }
        }
        Some(())
    }

    fn escape(&mut self) -> Option<()> {
        let made = self.decoded_rest().chars().next()?;
        let rest = self.written_rest();
        // Blanks may stand before the end of the line.
        let line = rest.get(1..)?.trim_start_matches([' ', '\t']);
        let length = match rest.as_bytes().get(1)? {
            _ if line.starts_with(['\n', '\r']) => {
                let blank = rest.get(1..)?.trim_start_matches([' ', '\t', '\n', '\r']);
                self.at += rest.len() - blank.len();
                return Some(());
            }
            b'x' => 4,
            b'u' if made.len_utf16() == 2 => 12,
            b'u' => 6,
            b'U' => 10,
            _ => 2,
        };
        self.pass(length, made.len_utf8());
        Some(())
    }

    /// Words between quotes, with escapes, on lines that go on after an escape and comments.
    fn words(&mut self) -> Option<()> {
        while !self.is_done() {
            let rest = self.written_rest();
            let escaped = rest.strip_prefix(['\\', '`']).unwrap_or_default();
            let blank = escaped.trim_start_matches([' ', '\t', '\r']);
            if let Some(next) = blank.strip_prefix('\n') {
                let is_passed = |line: &&str| {
                    let line = line.trim_start();
                    line.is_empty() || line.starts_with('#')
                };
                let lines = next.split_inclusive('\n').take_while(is_passed);
                self.at += rest.len() - next.len() + lines.map(str::len).sum::<usize>();
                continue;
            }
            let mark = rest.chars().next().filter(|mark| "\"'\\`".contains(*mark));
            if self.pass_char().is_none() {
                self.at += mark?.len_utf8();
            }
        }
        Some(())
    }

    fn block(&mut self) -> Option<()> {
        self.at = self.written.find('\n')? + 1;
        let indent = self.block_indent()?;
        self.enter_line(indent);
        while !self.is_done() {
            let rest = self.written_rest();
            if !rest.starts_with('\n') && !rest.starts_with("\r\n") {
                self.pass_char()?;
                continue;
            }
            self.line_ends(indent)?;
        }
        Some(())
    }

    /// Passes line ends, and the indentation after them, with what they make: themselves, or a space if folded.
    fn line_ends(&mut self, indent: usize) -> Option<()> {
        if self.decoded_rest().starts_with(' ') {
            self.pass(self.break_length(), 1);
            self.enter_line(indent);
            return Some(());
        }
        // Of several line ends in a folded scalar one may make nothing: the first.
        let n_written = count_breaks(leading_breaks(self.written_rest()));
        let n_made = self.decoded_rest().len() - self.decoded_rest().trim_start_matches('\n').len();
        if n_made == 0 {
            return None;
        }
        for index in 0..n_written {
            let makes = usize::from(index + n_made >= n_written);
            self.pass(self.break_length(), makes);
            self.enter_line(indent);
        }
        Some(())
    }

    fn break_length(&self) -> usize {
        if self.written_rest().starts_with('\r') {
            2
        } else {
            1
        }
    }

    /// Passes up to `indent` spaces, which make nothing.
    fn enter_line(&mut self, indent: usize) {
        let rest = self.written_rest().as_bytes();
        let spaces = rest.iter().take(indent).take_while(|&&byte| byte == b' ');
        self.at += spaces.count();
    }

    /// The column of the text, or rather the spaces before it, as the scalar tells by its first line with content.
    fn block_indent(&self) -> Option<usize> {
        let text = self.decoded.trim_start_matches('\n');
        let line = self
            .written_rest()
            .lines()
            .find(|line| !line.trim_matches([' ', '\r']).is_empty())?;
        let first = text.lines().next()?;
        // A folded scalar goes on in the decoded line, so the written one is a beginning of it.
        let n_spaces = line.len() - line.trim_start_matches(' ').len();
        let n_kept = first.len() - first.trim_start_matches(' ').len();
        n_spaces.checked_sub(n_kept)
    }
}

fn count_breaks(text: &str) -> usize {
    text.matches('\n').count()
}

/// The line ends at the start of `text`, with blank lines among them.
fn leading_breaks(text: &str) -> &str {
    let mut end = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' => end = at + 1,
            b' ' | b'\r' => {}
            _ => break,
        }
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, decoded: &str, part: &str, expected: &str) {
        let start = decoded.find(part).unwrap();
        let found = find_part(written, decoded, start, start + part.len());
        let seen = found.map(|span| span.text(written));
        assert_eq!(seen, Some(expected), "{part} in {written:?}");
    }

    #[test]
    fn a_part_is_found_through_every_style() {
        check("repo:latest", "repo:latest", "latest", "latest");
        check("\"a\\tlatest\"", "a\tlatest", "latest", "latest");
        check("\"\\u00e9x\\U0001F600y\"", "éx😀y", "y", "y");
        check("\"\\ud83d\\ude00y\"", "😀y", "y", "y");
        check("\"\\ud83d\\ude00y\"", "😀y", "😀", "\\ud83d\\ude00");
        check("'it''s here'", "it's here", "'s", "''s");
        check("one\n   two\n\n  three", "one two\nthree", "three", "three");
        check("one\n   two", "one two", "one two", "one\n   two");
        check("|\n    a b\n     c\n\n    d", "a b\n c\n\nd\n", "d", "d");
        check("|\n    a b\n     c\n\n    d", "a b\n c\n\nd\n", "c", "c");
        check(">-\n  a\n  b\n\n  c", "a b\nc", "c", "c");
        check(">-\n  a\n  b\n\n  c", "a b\nc", "b", "b");
        check(">\n\n  a\n    b\n  c\n  d", "\na\n  b\nc d\n", "d", "d");
        check("|2-\n    a\n   b", "  a\n b", "b", "b");
        check("\"\"\"\na\\tb\r\nc \\ \n  d\"\"\"", "a\tb\nc d", "d", "d");
        check("\"\"\"\na\\tb\nc\"\"\"", "a\tb\nc", "b\nc", "b\nc");
        check("'''\na'b\nc'''", "a'b\nc", "'b\nc", "'b\nc");
        check("'''a'", "'a", "'a", "''a");
        check(
            "apk add \\\n  # a tool\n  curl",
            "apk add   curl",
            "curl",
            "curl",
        );
        check("\"a b\"'c'd", "a bcd", "cd", "c'd");
    }

    #[test]
    fn what_does_not_match_has_no_part() {
        assert_eq!(find_part("abc", "xyz", 1, 2), None);
        assert_eq!(find_part("abc", "abc", 2, 9), None);
    }
}
