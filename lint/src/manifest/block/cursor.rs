//! Moving through the text: blank space, line ends, and what stands at the cursor.

use super::super::span::offset;
use super::Reader;

impl<'a> Reader<'a> {
    /// True if a dash that begins an element stands here.
    #[inline]
    pub(super) fn is_dash(&self) -> bool {
        self.peek() == Some(b'-')
            && matches!(self.bytes.get(self.at + 1), None | Some(b' ' | b'\n'))
    }

    /// True if what was read is a key: a colon follows, after blank space or not, and blank space after that.
    #[inline]
    pub(super) fn is_key_end(&self) -> bool {
        let mut at = self.at;
        while self.bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        self.bytes.get(at) == Some(&b':')
            && matches!(self.bytes.get(at + 1), None | Some(b' ' | b'\n'))
    }

    /// True if nothing but a comment is left of the line; the cursor is past blank space.
    #[inline]
    pub(super) fn is_line_end(&self) -> Option<bool> {
        match self.peek() {
            None | Some(b'\n' | b'#') => Some(true),
            Some(b'\t' | b'\r') => None,
            Some(_) => Some(false),
        }
    }

    /// Moves past the line's end; there may be blank space and a comment before it.
    #[inline]
    pub(super) fn end_line(&mut self) -> Option<()> {
        let before = self.at;
        self.skip_spaces();
        match self.peek() {
            None => {}
            Some(b'\n') => self.at += 1,
            Some(b'#')
                if self.at > before || self.bytes.get(before.wrapping_sub(1)) == Some(&b' ') =>
            {
                self.skip_line();
            }
            Some(_) => return None,
        }
        Some(())
    }

    pub(super) fn skip_line(&mut self) {
        let end = line_end(self.bytes, self.at);
        self.at = (end + 1).min(self.bytes.len());
    }

    #[inline]
    pub(super) fn skip_spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// As [`Reader::skip_spaces`], for the many at the start of a line.
    #[inline]
    pub(super) fn skip_indent(&mut self) {
        while let Some(word) = self.rest().first_chunk::<8>() {
            let others = u64::from_le_bytes(*word) ^ repeat(b' ');
            if others != 0 {
                self.at += (others.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
        self.skip_spaces();
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    #[inline]
    pub(super) fn here(&self) -> u32 {
        self.base + offset(self.at)
    }
}

/// The byte eight times.
pub(super) const fn repeat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The position of the next `\n`, or the end.
#[inline]
pub(super) fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(rest.len())
}
