//! Scalars: plain ones on one line, quoted ones, block scalars.

use std::borrow::Cow;

use super::super::span::{Span, offset};
use super::cursor::{line_end, repeat};
use super::{Piece, Reader};

impl<'a> Reader<'a> {
    /// A plain or quoted scalar on one line, blank space after it not included.
    #[inline]
    pub(super) fn piece(&mut self) -> Option<(Piece<'a>, Span)> {
        let start = self.at;
        let piece = match self.peek()? {
            quote @ (b'"' | b'\'') => {
                self.is_long = false;
                Piece::Quoted(self.quoted(quote)?)
            }
            b'-' if matches!(self.bytes.get(start + 1), None | Some(b' ' | b'\t' | b'\n')) => {
                return None;
            }
            b':' if matches!(self.bytes.get(start + 1), None | Some(b' ' | b'\t' | b'\n')) => {
                return None;
            }
            b'?' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>'
            | b'%' | b'@' | b'`' => return None,
            _ => Piece::Plain(self.plain()?),
        };
        let span = Span::new(self.base + offset(start), self.here());
        Some((piece, span))
    }

    /// A plain scalar up to a `: `, a ` #` or the end of the line.
    #[inline]
    pub(super) fn plain(&mut self) -> Option<&'a str> {
        let start = self.at;
        let mut at = start;
        loop {
            at = next_plain_stop(self.bytes, at);
            match self.bytes.get(at) {
                None | Some(b'\n') => break,
                Some(b':') if matches!(self.bytes.get(at + 1), None | Some(b' ' | b'\n')) => break,
                Some(b'#') if self.bytes.get(at.wrapping_sub(1)) == Some(&b' ') => break,
                Some(b'\t') => return None,
                Some(_) => at += 1,
            }
        }
        while at > start && self.bytes.get(at - 1) == Some(&b' ') {
            at -= 1;
        }
        self.at = at;
        self.text.get(start..at)
    }

    /// A quoted scalar. Its further lines may be indented as little as they like, as the API server's tools have it.
    pub(super) fn quoted(&mut self, quote: u8) -> Option<Cow<'a, str>> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            match *self.bytes.get(at)? {
                b'\n' => break,
                b'\\' if quote == b'"' => break,
                byte if byte == quote => {
                    if quote == b'\'' && self.bytes.get(at + 1) == Some(&b'\'') {
                        break;
                    }
                    self.at = at + 1;
                    return self.text.get(start..at).map(Cow::Borrowed);
                }
                _ => at += 1,
            }
        }
        let mut decoded = self.text.get(start..at)?.to_owned();
        self.at = at;
        self.quoted_rest(quote, &mut decoded)?;
        Some(Cow::Owned(decoded))
    }

    /// The rest of a quoted scalar, from its first escape or line end on.
    pub(super) fn quoted_rest(&mut self, quote: u8, decoded: &mut String) -> Option<()> {
        // Blank space before a line end goes, but not what an escape stands for.
        let mut n_kept = 0;
        loop {
            let from = self.at;
            while self
                .peek()
                .is_some_and(|byte| byte != quote && byte != b'\\' && byte != b'\n')
            {
                self.at += 1;
            }
            decoded.push_str(self.text.get(from..self.at)?);
            match self.peek()? {
                b'\n' => {
                    self.is_long = true;
                    let trimmed = decoded.trim_end_matches([' ', '\t']).len();
                    decoded.truncate(trimmed.max(n_kept));
                    self.fold_lines(decoded)?;
                    n_kept = decoded.len();
                }
                b'\\' if quote == b'\'' => {
                    decoded.push('\\');
                    self.at += 1;
                }
                b'\\' => {
                    // The other escapes are rare.
                    decoded.push(match self.bytes.get(self.at + 1)? {
                        b'n' => '\n',
                        b't' => '\t',
                        b'r' => '\r',
                        b'"' => '"',
                        b'\\' => '\\',
                        b'/' => '/',
                        b' ' => ' ',
                        b'0' => '\0',
                        _ => return None,
                    });
                    self.at += 2;
                    n_kept = decoded.len();
                }
                _ if quote == b'\'' && self.bytes.get(self.at + 1) == Some(&b'\'') => {
                    decoded.push('\'');
                    self.at += 2;
                }
                _ => {
                    self.at += 1;
                    return Some(());
                }
            }
        }
    }

    /// Folds the line ends that stand here, with the blank space after them: one is a space, more are one less.
    pub(super) fn fold_lines(&mut self, decoded: &mut String) -> Option<()> {
        let mut n_breaks = 0;
        while self.peek() == Some(b'\n') {
            n_breaks += 1;
            self.at += 1;
            let line = self.rest();
            if line.starts_with(b"---") || line.starts_with(b"...") || line.starts_with(b"\t") {
                return None;
            }
            while let Some(b' ' | b'\t') = self.peek() {
                self.at += 1;
            }
        }
        match n_breaks {
            1 => decoded.push(' '),
            _ => decoded.extend(std::iter::repeat_n('\n', n_breaks - 1)),
        }
        Some(())
    }

    /// A block scalar whose parent stands at `indent`.
    pub(super) fn block_scalar(&mut self, indent: usize, is_folded: bool) -> Option<()> {
        let start = self.here();
        self.at += 1;
        let chomp = self.peek()?;
        if let b'-' | b'+' = chomp {
            self.at += 1;
        }
        self.end_line()?;
        let content = self.block_indent(indent)?;
        self.scratch.clear();
        let (mut n_blank, mut is_first) = (0, true);
        let mut end = self.at;
        loop {
            let line = self.at;
            let mut at = line;
            while at < line + content && self.bytes.get(at) == Some(&b' ') {
                at += 1;
            }
            match self.bytes.get(at) {
                Some(b'\n') => {
                    n_blank += 1;
                    self.at = at + 1;
                    continue;
                }
                None => break,
                Some(_) if at < line + content => {
                    // A line between the parent's column and the text's is wrong unless it is a comment.
                    if at - line > indent || matches!(self.bytes.get(at), Some(b'\t' | b'\r')) {
                        return None;
                    }
                    break;
                }
                Some(b' ' | b'\t') if is_folded => return None,
                Some(_) => {}
            }
            let stop = line_end(self.bytes, at);
            if is_first || !is_folded {
                self.scratch
                    .extend(std::iter::repeat_n('\n', n_blank + usize::from(!is_first)));
            } else if n_blank == 0 {
                self.scratch.push(' ');
            } else {
                self.scratch.extend(std::iter::repeat_n('\n', n_blank));
            }
            self.scratch.push_str(self.text.get(at..stop)?);
            (n_blank, is_first) = (0, false);
            end = stop;
            self.at = (stop + 1).min(self.bytes.len());
        }
        if is_first || (chomp == b'+' && self.bytes.last() != Some(&b'\n')) {
            return None;
        }
        match chomp {
            b'-' => {}
            b'+' => {
                self.scratch.extend(std::iter::repeat_n('\n', n_blank + 1));
                end = self.at - 1;
            }
            _ => self.scratch.push('\n'),
        }
        if chomp != b'+' {
            while matches!(self.bytes.get(end - 1), Some(b' ' | b'\t' | b'\n')) {
                end -= 1;
            }
        }
        let span = Span::new(start, self.base + offset(end));
        self.draft.string(&self.scratch, span);
        Some(())
    }

    /// The column of a block scalar's text: that of its first line that is not blank.
    pub(super) fn block_indent(&self, parent: usize) -> Option<usize> {
        let (mut at, mut widest) = (self.at, 0);
        loop {
            let line = at;
            while self.bytes.get(at) == Some(&b' ') {
                at += 1;
            }
            match self.bytes.get(at)? {
                b'\n' => {
                    widest = widest.max(at - line);
                    at += 1;
                }
                b'\t' | b'\r' => return None,
                _ => {
                    let indent = at - line;
                    return (indent > parent && widest <= indent).then_some(indent);
                }
            }
        }
    }
}

/// The next byte from `at` on that may end a plain scalar: a colon, a number sign, a line end or a tab. Looks at eight
/// bytes at a time; of the marks it sets only the lowest is exact, and only that one is used.
#[inline]
fn next_plain_stop(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*word);
        let zeros = |word: u64| word.wrapping_sub(repeat(1)) & !word;
        let stops = zeros(word ^ repeat(b':'))
            | zeros(word ^ repeat(b'#'))
            | (word.wrapping_sub(repeat(0x0B)) & !word);
        let stops = stops & repeat(0x80);
        if stops != 0 {
            return at + (stops.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes
        .get(at)
        .is_some_and(|byte| !matches!(byte, b':' | b'#' | b'\n' | b'\t'))
    {
        at += 1;
    }
    at
}
