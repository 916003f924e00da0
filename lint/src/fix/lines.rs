//! Lines of a text around a position: where they begin and end, how they are indented, what stands behind a value.

/// A text to look at. Positions are bytes; those outside of the text are taken as its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines<'a> {
    text: &'a str,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text }
    }

    pub(super) fn text(self) -> &'a str {
        self.text
    }

    /// The bytes from `start` to `end`.
    pub(super) fn slice(self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The byte at `at`.
    pub(super) fn byte(self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Where the line of `at` begins. A byte order mark belongs to no line.
    pub(super) fn start(self, at: usize) -> usize {
        let before = self.slice(0, at);
        let start = before.rfind(['\n', '\r']).map_or(0, |found| found + 1);
        if start == 0 && before.starts_with('\u{feff}') {
            return '\u{feff}'.len_utf8();
        }
        start
    }

    /// Where the line of `at` ends, before its line break.
    pub(super) fn end(self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.find(['\n', '\r']).unwrap_or(rest.len())
    }

    /// Where the next line begins; the end of the text if there is none.
    pub(super) fn next(self, at: usize) -> usize {
        let end = self.end(at);
        end + self.break_at(end).len()
    }

    /// The line break at `end`, empty at the end of the text.
    fn break_at(self, end: usize) -> &'a str {
        let rest = self.text.get(end..).unwrap_or_default();
        let length = if rest.starts_with("\r\n") {
            2
        } else {
            usize::from(rest.starts_with(['\n', '\r']))
        };
        rest.get(..length).unwrap_or_default()
    }

    /// The line break that the text uses at `at`: that of the line, or of the one before, or of the first.
    pub(super) fn line_break(self, at: usize) -> &'a str {
        let here = self.break_at(self.end(at));
        if !here.is_empty() {
            return here;
        }
        let first = self.break_at(self.end(0));
        if first.is_empty() { "\n" } else { first }
    }

    /// Bytes between the start of the line and `at`.
    pub(super) fn column(self, at: usize) -> usize {
        at - self.start(at)
    }

    /// The blank space that begins the line of `at`.
    pub(super) fn indent(self, at: usize) -> &'a str {
        let start = self.start(at);
        self.slice(start, self.skip_blank(start))
    }

    /// True if only blank space stands before `at` on its line.
    pub(super) fn begins_line(self, at: usize) -> bool {
        is_blank(self.slice(self.start(at), at))
    }

    /// The first position from `at` on without blank space.
    pub(super) fn skip_blank(self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.len() - rest.trim_start_matches([' ', '\t']).len()
    }

    /// The first position from `at` on with neither blank space nor a line break.
    pub(super) fn skip_space(self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len()
    }

    /// The first position from `at` on that is neither blank space nor in a comment.
    pub(super) fn skip_comments(self, at: usize) -> usize {
        let mut at = self.skip_space(at);
        while self.byte(at) == Some(b'#') {
            at = self.skip_space(self.end(at));
        }
        at
    }

    /// Where the line above that of `at` ends, before its line break.
    pub(super) fn end_above(self, at: usize) -> usize {
        let text = self.slice(0, self.start(at));
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.strip_suffix('\r').unwrap_or(text).len()
    }

    /// True if behind `at` the line has nothing but blank space and a comment.
    pub(super) fn is_rest_comment(self, at: usize) -> bool {
        let next = self.skip_blank(at);
        next == self.end(at) || (self.byte(next) == Some(b'#') && next > at)
    }

    /// Past blank space, anchors and tags from `at` on, as far as they stand on its line; at the end of the last of them.
    pub(super) fn skip_properties(self, at: usize) -> usize {
        let mut end = at;
        loop {
            let next = self.skip_blank(end);
            if !matches!(self.byte(next), Some(b'&' | b'!')) {
                return end;
            }
            let rest = self.text.get(next..).unwrap_or_default();
            let length = rest.find([' ', '\t', '\n', '\r', ',', ']', '}']);
            end = next + length.unwrap_or(rest.len());
        }
    }
}

pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}
