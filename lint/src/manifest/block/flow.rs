//! Flow collections, over as many lines as they take.

use super::super::scalar::resolve_plain;
use super::super::span::{Span, offset};
use super::{Piece, Reader};

impl<'a> Reader<'a> {
    /// A flow collection.
    pub(super) fn flow(&mut self) -> Option<()> {
        let is_map = self.peek()? == b'{';
        let close = if is_map { b'}' } else { b']' };
        let start = self.here();
        let opened = if is_map {
            self.draft.start_map(start)
        } else {
            self.draft.start_list(start)
        };
        opened.ok()?;
        self.at += 1;
        self.skip_flow_space()?;
        while self.peek()? != close {
            if is_map {
                self.flow_key()?;
            }
            self.flow_value()?;
            self.skip_flow_space()?;
            match self.peek()? {
                b',' => self.at += 1,
                found if found == close => break,
                _ => return None,
            }
            self.skip_flow_space()?;
        }
        self.at += 1;
        self.draft.end_at(self.here());
        Some(())
    }

    pub(super) fn flow_key(&mut self) -> Option<()> {
        let (key, span) = self.flow_piece()?;
        let is_quoted = matches!(key, Piece::Quoted(_));
        // After quotes no blank space is needed, as in JSON.
        let separates =
            self.peek()? == b':' && (is_quoted || self.bytes.get(self.at + 1) == Some(&b' '));
        if !separates || span.end - span.start > 1000 {
            return None;
        }
        self.key(key, span)?;
        self.at += 1;
        self.skip_spaces();
        Some(())
    }

    pub(super) fn flow_value(&mut self) -> Option<()> {
        match self.peek()? {
            b'[' | b'{' => return self.flow(),
            b'*' => return self.alias(),
            _ => {}
        }
        match self.flow_piece()? {
            (Piece::Quoted(text), span) => {
                self.draft.string(&text, span);
            }
            (Piece::Plain(text), span) => {
                self.draft.scalar(&resolve_plain(text).ok()?, span);
            }
        }
        Some(())
    }

    /// A quoted scalar, or a plain one of letters, digits and what is surely harmless.
    pub(super) fn flow_piece(&mut self) -> Option<(Piece<'a>, Span)> {
        let start = self.at;
        let piece = match self.peek()? {
            quote @ (b'"' | b'\'') => {
                self.is_long = false;
                Piece::Quoted(self.quoted(quote)?)
            }
            _ => Piece::Plain(self.flow_plain()?),
        };
        Some((piece, Span::new(self.base + offset(start), self.here())))
    }

    pub(super) fn flow_plain(&mut self) -> Option<&'a str> {
        let start = self.at;
        let is_start = match self.peek()? {
            b'.' | b'/' | b'_' | b'$' | b'~' | b'+' | b'<' => true,
            b'-' => self
                .bytes
                .get(start + 1)
                .is_some_and(u8::is_ascii_alphanumeric),
            first => first.is_ascii_alphanumeric(),
        };
        if !is_start {
            return None;
        }
        let mut at = start;
        while let Some(byte) = self.bytes.get(at) {
            let is_inside = match byte {
                b'.' | b'/' | b'_' | b'-' | b'$' | b'~' | b'+' | b' ' | b'=' | b'*' | b'('
                | b')' | b'@' | b'<' | b'>' | b'%' | b';' | b'|' | b'^' => true,
                // A colon that no key ends with: `80:80`, `http://`.
                b':' => self
                    .bytes
                    .get(at + 1)
                    .is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'/'),
                _ => byte.is_ascii_alphanumeric(),
            };
            if !is_inside {
                break;
            }
            at += 1;
        }
        while self.bytes.get(at.wrapping_sub(1)) == Some(&b' ') {
            at -= 1;
        }
        self.at = at;
        self.text.get(start..at)
    }

    /// Passes over blank space, line ends and comments inside a flow collection.
    pub(super) fn skip_flow_space(&mut self) -> Option<()> {
        loop {
            let before = self.at;
            self.skip_spaces();
            match self.peek()? {
                b'\n' => self.at += 1,
                b'#' if self.at > before
                    || self.bytes.get(before.wrapping_sub(1)) == Some(&b'\n') =>
                {
                    self.skip_line();
                }
                b'\t' => return None,
                b'.' | b'-' if self.bytes.get(self.at.wrapping_sub(1)) == Some(&b'\n') => {
                    return None;
                }
                _ => return Some(()),
            }
        }
    }
}
