//! One quick pass over the text: where the comments are, and whether brackets nest too deep to recurse over.

use super::MAX_NESTING;
use crate::span::{FileId, Span};

/// What the pass found.
#[derive(Debug)]
pub(super) struct Scanned {
    /// All comments, in order.
    pub(super) comments: Vec<Span>,
    /// The bracket or word that opens one level too many.
    pub(super) too_deep: Option<Span>,
}

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `{`, or the head of a block whose brace has not come yet.
    Block { braced: bool },
    /// `(` or `[`.
    Bracket,
    /// The `where` of a quantifier, or of something that ends where its statement or bracket does.
    Guard,
    /// `{` inside a string.
    Value,
}

/// Scans the text.
pub(super) fn scan(file: FileId, text: &str) -> Scanned {
    Scanner {
        file,
        bytes: text.as_bytes(),
        at: 0,
        open: Vec::new(),
        in_fix: false,
        comments: Vec::new(),
        too_deep: None,
    }
    .run()
}

struct Scanner<'s> {
    file: FileId,
    bytes: &'s [u8],
    at: usize,
    open: Vec<Open>,
    /// True from a `fix` to its `when`, or to the next statement.
    in_fix: bool,
    comments: Vec<Span>,
    too_deep: Option<Span>,
}

impl Scanner<'_> {
    fn run(mut self) -> Scanned {
        while let Some(byte) = self.peek(0) {
            let start = self.at;
            match byte {
                b'/' if self.peek(1) == Some(b'/') => self.comment(),
                b'"' => {
                    self.at += 1;
                    self.string();
                }
                b'r' | b'v' if self.peek(1) == Some(b'"') => self.raw(2, b'"'),
                b'\'' | b'`' => self.raw(1, byte),
                b'(' | b'[' => self.enter(Open::Bracket, 1),
                b'{' => self.open_brace(),
                b')' | b']' => self.close_bracket(),
                b'}' => self.close_brace(),
                b'\n' | b'\r' => {
                    // A string ends with its line, and so does what it holds.
                    self.leave_value();
                    self.at += 1;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
                _ => self.at += 1,
            }
            if self.open.len() > MAX_NESTING {
                self.too_deep = Some(self.span(start));
                break;
            }
        }
        Scanned {
            comments: self.comments,
            too_deep: self.too_deep,
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn span(&self, start: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.file, offset(start), offset(self.at))
    }

    fn enter(&mut self, open: Open, n_bytes: usize) {
        self.open.push(open);
        self.at += n_bytes;
    }

    fn comment(&mut self) {
        let start = self.at;
        self.skip_until(|byte| matches!(byte, b'\n' | b'\r'));
        self.comments.push(self.span(start));
    }

    fn skip_until(&mut self, is_end: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(|byte| !is_end(byte)) {
            self.at += 1;
        }
    }

    fn raw(&mut self, n_opening: usize, end: u8) {
        self.at += n_opening;
        self.skip_until(|byte| byte == end || matches!(byte, b'\n' | b'\r'));
        if self.peek(0) == Some(end) {
            self.at += 1;
        }
    }

    /// Goes on inside a string, up to its end or to a `{` of it.
    fn string(&mut self) {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\n' | b'\r' => return,
                b'\\' if matches!(self.peek(1), Some(next) if next != b'\n' && next != b'\r') => {
                    self.at += if self.peek(1) == Some(b'u') && self.peek(2) == Some(b'{') {
                        3
                    } else {
                        2
                    };
                }
                b'{' if self.peek(1) == Some(b'{') => self.at += 2,
                b'{' => return self.enter(Open::Value, 1),
                _ => self.at += 1,
            }
        }
    }

    fn open_brace(&mut self) {
        self.leave_inner();
        if let Some(Open::Block { braced }) = self.open.last_mut()
            && !*braced
        {
            *braced = true;
            self.at += 1;
        } else {
            self.enter(Open::Block { braced: true }, 1);
        }
    }

    fn close_brace(&mut self) {
        self.at += 1;
        self.leave_inner();
        // What lacks its brace ends with the block around it.
        while self.open.last() == Some(&Open::Block { braced: false }) {
            self.open.pop();
            self.leave_inner();
        }
        if self.open.pop() == Some(Open::Value) {
            self.string();
        }
    }

    /// Leaves the innermost bracket with all that began in it and has no brace: the `for` of a comprehension.
    fn close_bracket(&mut self) {
        self.at += 1;
        let is_inside = |open: &Open| {
            matches!(
                open,
                Open::Bracket | Open::Guard | Open::Block { braced: false }
            )
        };
        let n_inside = self
            .open
            .iter()
            .rev()
            .take_while(|open| is_inside(open))
            .count();
        let from = self.open.len() - n_inside;
        let last = self.open.iter().rposition(|open| *open == Open::Bracket);
        if let Some(bracket) = last.filter(|bracket| *bracket >= from) {
            self.open.truncate(bracket);
        }
    }

    fn leave_inner(&mut self) {
        while matches!(self.open.last(), Some(Open::Bracket | Open::Guard)) {
            self.open.pop();
        }
    }

    fn leave_value(&mut self) {
        if let Some(first) = self.open.iter().position(|open| *open == Open::Value) {
            self.open.truncate(first);
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let after_dot = start > 0 && self.bytes.get(start - 1) == Some(&b'.');
        self.skip_until(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_'));
        if after_dot {
            return;
        }
        match self.bytes.get(start..self.at).unwrap_or_default() {
            b"policy" => self.open.clear(),
            b"let" | b"require" | b"deny" | b"param" => {
                self.in_fix = false;
                self.leave_inner();
            }
            b"fix" => self.in_fix = true,
            // The condition of a fix opens no block.
            b"when" if self.in_fix => self.in_fix = false,
            b"for" | b"when" => {
                // Behind an open bracket it may be a comprehension, which the bracket ends.
                if self.open.last() == Some(&Open::Guard) {
                    self.open.pop();
                }
                self.open.push(Open::Block { braced: false });
            }
            b"where" => self.open.push(Open::Guard),
            _ => {}
        }
    }
}
