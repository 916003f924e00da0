//! A fast reader for the YAML that manifests are written in: block maps and lists, scalars, flow collections, anchors
//! and aliases, comments.
//!
//! It reads a part of a file completely or not at all: whatever it is not sure of (tags, tabs, explicit keys, rare
//! escapes, carriage returns, anything that is wrong) it leaves to [`super::yaml`], which also explains errors. What it
//! does read is the same to the last span; tests compare both over whole repositories and over damaged files.
//!
//! Start at [`Reader::document`]: line by line, with the open collections on a stack.

mod cursor;
mod flow;
mod scalar;

use std::borrow::Cow;

use palisade_abi::tape::NodeId;
use rustc_hash::FxHashMap;

use super::draft::Draft;
use super::scalar::{Scalar, plain_key, resolve_plain};
use super::span::{Span, offset};

/// The document in `part`, which begins at `base` in its file; `None` if this reader is not for it.
pub(super) fn read(part: &str, base: usize) -> Option<Draft> {
    if !is_plain_text(part) || part.as_bytes().contains(&b'\r') {
        return None;
    }
    let mut reader = Reader {
        text: part,
        bytes: part.as_bytes(),
        base: offset(base),
        at: 0,
        draft: Draft::new(part.len().min(MAX_ROOM), offset(base)),
        levels: Vec::with_capacity(16),
        is_pending: false,
        is_long: false,
        next: None,
        anchor: None,
        anchors: FxHashMap::default(),
        scratch: String::new(),
    };
    reader.document()?;
    Some(reader.draft)
}

/// Bytes for which room is made ahead.
const MAX_ROOM: usize = 1 << 20;

/// True if every character that is not ASCII can stand in a scalar and does not end a line.
fn is_plain_text(part: &str) -> bool {
    part.is_ascii()
        || part.chars().all(|found| {
            !matches!(
                found,
                '\u{80}'
                    ..='\u{9f}' | '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}'
            )
        })
}

/// An open block collection.
#[derive(Debug, Clone, Copy)]
struct Level {
    /// Column of its keys or dashes.
    indent: usize,
    is_map: bool,
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    base: u32,
    at: usize,
    draft: Draft,
    levels: Vec<Level>,
    /// True after a key or dash whose value has not begun.
    is_pending: bool,
    /// True if the last quoted scalar had several lines.
    is_long: bool,
    /// What [`Reader::next_content`] said, if it was asked ahead.
    next: Option<Option<usize>>,
    /// The anchor of the node that comes next.
    anchor: Option<&'a str>,
    anchors: FxHashMap<&'a str, NodeId>,
    scratch: String,
}

/// A scalar on one line, as far as it is known before it is clear whether it is a key.
enum Piece<'a> {
    Plain(&'a str),
    Quoted(Cow<'a, str>),
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Option<()> {
        if self.bytes.starts_with(b"---") {
            self.at = 3;
            self.end_line()?;
        }
        while let Some(indent) = match self.next.take() {
            Some(next) => next,
            None => self.next_content()?,
        } {
            self.settle(indent)?;
            self.line(indent)?;
        }
        if self.is_pending {
            self.null()?;
        }
        while self.levels.pop().is_some() {
            self.draft.end();
        }
        Some(())
    }

    /// Moves to the first character of the next line with content and tells its column; `Some(None)` at the end.
    #[inline]
    fn next_content(&mut self) -> Option<Option<usize>> {
        loop {
            let start = self.at;
            self.skip_indent();
            match self.peek() {
                None => return Some(None),
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(b'\t' | b'\r' | b'%') => return None,
                Some(b'.') if self.at == start && self.rest().starts_with(b"...") => return None,
                Some(_) => return Some(Some(self.at - start)),
            }
        }
    }

    /// Ends what a line at `indent` ends, and gives a key or dash without a value its null.
    fn settle(&mut self, indent: usize) -> Option<()> {
        let is_dash = self.is_dash();
        if self.is_pending {
            let level = *self.levels.last()?;
            let belongs =
                indent > level.indent || (indent == level.indent && level.is_map && is_dash);
            if belongs {
                self.is_pending = false;
                return self.open(indent, is_dash);
            }
            self.null()?;
        }
        while let Some(level) = self.levels.last() {
            let is_inside =
                level.indent < indent || (level.indent == indent && (level.is_map || is_dash));
            if is_inside {
                break;
            }
            self.draft.end();
            self.levels.pop();
        }
        match self.levels.last() {
            Some(level) if level.indent == indent && level.is_map != is_dash => Some(()),
            None if self.draft.next_id().0 == 0 => self.open(indent, is_dash),
            Some(_) | None => None,
        }
    }

    /// The value of a key or dash that has none. With an anchor it is a case for the other reader.
    fn null(&mut self) -> Option<()> {
        self.is_pending = false;
        if self.anchor.is_some() {
            return None;
        }
        let at = self.draft.last_end();
        self.draft.scalar(&Scalar::Null, Span::at(at));
        Some(())
    }

    /// Begins a list or, if a key stands here, a map.
    fn open(&mut self, indent: usize, is_dash: bool) -> Option<()> {
        self.bind_anchor();
        let start = self.here();
        let opened = if is_dash {
            self.draft.start_list(start)
        } else {
            self.draft.start_map(start)
        };
        opened.ok()?;
        self.levels.push(Level {
            indent,
            is_map: !is_dash,
        });
        Some(())
    }

    /// A line of the innermost collection, from its dash or key on.
    fn line(&mut self, indent: usize) -> Option<()> {
        if !self.is_dash() {
            let (piece, span) = self.piece()?;
            return self.member(piece, span);
        }
        let mut column = indent;
        loop {
            self.at += 1;
            self.draft.pass(self.here());
            let before = self.at;
            self.skip_spaces();
            if self.is_line_end()? {
                self.is_pending = true;
                return self.end_line();
            }
            column += 1 + self.at - before;
            if !self.is_dash() {
                break;
            }
            self.open(column, true)?;
        }
        if self.begins_special() {
            return self.special_value();
        }
        let (piece, span) = self.piece()?;
        if self.is_key_end() {
            self.draft_map_at(column, span)?;
            return self.member(piece, span);
        }
        self.scalar(piece, span)
    }

    fn draft_map_at(&mut self, column: usize, span: Span) -> Option<()> {
        self.draft.start_map(span.start).ok()?;
        self.levels.push(Level {
            indent: column,
            is_map: true,
        });
        Some(())
    }

    /// The member whose key has just been read.
    #[inline]
    fn member(&mut self, key: Piece<'a>, span: Span) -> Option<()> {
        if !self.is_key_end() || span.end - span.start > 1000 {
            return None;
        }
        self.key(key, span)?;
        self.skip_spaces();
        self.at += 1;
        self.draft.pass(self.here());
        self.skip_spaces();
        if self.is_line_end()? {
            self.is_pending = true;
            return self.end_line();
        }
        if self.begins_special() {
            return self.special_value();
        }
        let (piece, span) = self.piece()?;
        self.scalar(piece, span)
    }

    fn key(&mut self, key: Piece<'a>, span: Span) -> Option<()> {
        match key {
            Piece::Quoted(_) if self.is_long => return None,
            Piece::Quoted(text) => self.draft.key(&text, span),
            Piece::Plain("<<") => self.draft.merge_key(span),
            Piece::Plain(text) => self.draft.key(&plain_key(text).ok()??, span),
        }
        Some(())
    }

    /// A scalar that is a value.
    #[inline]
    fn scalar(&mut self, piece: Piece<'a>, span: Span) -> Option<()> {
        match piece {
            Piece::Quoted(text) => {
                self.draft.string(&text, span);
                self.end_value()
            }
            Piece::Plain(text) => {
                // A colon here would be a map within the line, which is wrong.
                if self.is_key_end() {
                    return None;
                }
                let end = self.at;
                self.end_line()?;
                let indent = indent_of(&self.levels)?;
                let next = self.next_content()?;
                if next.is_some_and(|next| next > indent) {
                    self.at = end;
                    return self.long_plain(text, span.start, indent);
                }
                self.draft.scalar(&resolve_plain(text).ok()?, span);
                self.next = Some(next);
                Some(())
            }
        }
    }

    /// A plain scalar that goes on in lines deeper than `indent`; its first line, `text`, has just been read.
    fn long_plain(&mut self, text: &'a str, start: u32, indent: usize) -> Option<()> {
        self.scratch.clear();
        self.scratch.push_str(text);
        let mut end = self.at;
        loop {
            self.skip_spaces();
            let mut n_breaks = 0;
            let mut line = self.at;
            while self.peek() == Some(b'\n') {
                n_breaks += 1;
                self.at += 1;
                line = self.at;
                self.skip_spaces();
            }
            match self.peek() {
                None | Some(b'#') => break,
                Some(_) if n_breaks == 0 => return None,
                Some(_) if self.at - line <= indent => break,
                Some(_) => {}
            }
            let text = self.plain()?;
            if self.is_key_end() {
                return None;
            }
            match n_breaks {
                1 => self.scratch.push(' '),
                _ => self.scratch.extend(std::iter::repeat_n('\n', n_breaks - 1)),
            }
            self.scratch.push_str(text);
            end = self.at;
        }
        self.at = end;
        let span = Span::new(start, self.here());
        self.draft.scalar(&resolve_plain(&self.scratch).ok()?, span);
        self.end_value()
    }

    /// After a value: the end of the line, and no deeper line, which would continue the value or be wrong.
    fn end_value(&mut self) -> Option<()> {
        self.end_line()?;
        let indent = indent_of(&self.levels)?;
        let next = self.next_content()?;
        self.next = Some(next);
        (next.is_none_or(|next| next <= indent)).then_some(())
    }

    /// True if what stands here is no plain or quoted scalar on one line.
    #[inline]
    fn begins_special(&self) -> bool {
        matches!(self.peek(), Some(b'[' | b'{' | b'|' | b'>' | b'&' | b'*'))
    }

    fn special_value(&mut self) -> Option<()> {
        let indent = indent_of(&self.levels)?;
        match self.peek()? {
            b'|' => self.block_scalar(indent, false),
            b'>' => self.block_scalar(indent, true),
            b'*' => {
                self.alias()?;
                self.end_value()
            }
            b'&' => self.anchored(),
            _ => {
                self.flow()?;
                self.end_value()
            }
        }
    }

    /// An anchor and the value it is on. An anchor on a key is left to the other reader.
    fn anchored(&mut self) -> Option<()> {
        let name = self.name()?;
        self.anchor = Some(name);
        self.skip_spaces();
        if self.is_line_end()? {
            self.is_pending = true;
            return self.end_line();
        }
        match self.peek()? {
            b'&' | b'*' => None,
            b'[' | b'{' | b'|' | b'>' => {
                self.bind_anchor();
                self.special_value()
            }
            _ => {
                self.bind_anchor();
                let (piece, span) = self.piece()?;
                if self.is_key_end() {
                    return None;
                }
                self.scalar(piece, span)
            }
        }
    }

    fn bind_anchor(&mut self) {
        if let Some(name) = self.anchor.take() {
            self.anchors.insert(name, self.draft.next_id());
        }
    }

    fn alias(&mut self) -> Option<()> {
        let start = self.here();
        let name = self.name()?;
        let target = *self.anchors.get(name)?;
        if self.draft.is_open(target) {
            return None;
        }
        self.draft.alias(target, Span::new(start, self.here()));
        Some(())
    }

    /// The name after `&` or `*`, of characters that are surely part of it.
    fn name(&mut self) -> Option<&'a str> {
        self.at += 1;
        let start = self.at;
        while let Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-') = self.peek() {
            self.at += 1;
        }
        let is_whole = matches!(self.peek(), None | Some(b' ' | b'\n' | b',' | b']' | b'}'));
        if !is_whole || self.at == start {
            return None;
        }
        self.text.get(start..self.at)
    }
}

/// The column of the innermost collection: deeper lines belong to its current value.
fn indent_of(levels: &[Level]) -> Option<usize> {
    levels.last().map(|level| level.indent)
}

#[cfg(test)]
mod tests;
