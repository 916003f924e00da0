//! A fast reader for the YAML that manifests are mostly written in: block maps and lists, scalars on one line, flow
//! collections, block scalars, anchors and aliases, comments.
//!
//! It reads a part of a file completely or not at all: whatever it is not sure of (tags, tabs, explicit keys, scalars
//! over several lines, anything that is wrong) it leaves to [`super::yaml`], which also explains errors.
//! What it does read is the same to the last span; a test compares both over whole repositories.

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
        draft: Draft::new(part.len(), offset(base)),
        levels: Vec::with_capacity(16),
        is_pending: false,
        next: None,
        anchor: None,
        anchors: FxHashMap::default(),
        scratch: String::new(),
    };
    reader.document()?;
    Some(reader.draft)
}

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

    /// A plain or quoted scalar on one line, blank space after it not included.
    #[inline]
    fn piece(&mut self) -> Option<(Piece<'a>, Span)> {
        let start = self.at;
        let piece = match self.peek()? {
            b'"' => Piece::Quoted(self.double_quoted()?),
            b'\'' => Piece::Quoted(self.single_quoted()?),
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
    fn plain(&mut self) -> Option<&'a str> {
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

    fn single_quoted(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at + 1;
        let mut at = start;
        let mut has_quote = false;
        loop {
            match self.bytes.get(at)? {
                b'\'' if self.bytes.get(at + 1) == Some(&b'\'') => {
                    has_quote = true;
                    at += 2;
                }
                b'\'' => break,
                b'\n' | b'\r' => return None,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        let text = self.text.get(start..at)?;
        Some(if has_quote {
            Cow::Owned(text.replace("''", "'"))
        } else {
            Cow::Borrowed(text)
        })
    }

    fn double_quoted(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            match self.bytes.get(at)? {
                b'"' => {
                    self.at = at + 1;
                    return self.text.get(start..at).map(Cow::Borrowed);
                }
                b'\\' => break,
                b'\n' | b'\r' => return None,
                _ => at += 1,
            }
        }
        let mut decoded = self.text.get(start..at)?.to_owned();
        loop {
            let from = at;
            while !matches!(self.bytes.get(at)?, b'"' | b'\\' | b'\n' | b'\r') {
                at += 1;
            }
            decoded.push_str(self.text.get(from..at)?);
            if self.bytes.get(at) == Some(&b'"') {
                self.at = at + 1;
                return Some(Cow::Owned(decoded));
            }
            // The other escapes are rare; a line end goes on with the scalar.
            decoded.push(match self.bytes.get(at..at + 2)? {
                b"\\n" => '\n',
                b"\\t" => '\t',
                b"\\r" => '\r',
                b"\\\"" => '"',
                b"\\\\" => '\\',
                b"\\/" => '/',
                b"\\ " => ' ',
                b"\\0" => '\0',
                _ => return None,
            });
            at += 2;
        }
    }

    /// A flow collection.
    fn flow(&mut self) -> Option<()> {
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

    fn flow_key(&mut self) -> Option<()> {
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

    fn flow_value(&mut self) -> Option<()> {
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
    fn flow_piece(&mut self) -> Option<(Piece<'a>, Span)> {
        let start = self.at;
        let piece = match self.peek()? {
            b'"' => Piece::Quoted(self.double_quoted()?),
            b'\'' => Piece::Quoted(self.single_quoted()?),
            _ => Piece::Plain(self.flow_plain()?),
        };
        Some((piece, Span::new(self.base + offset(start), self.here())))
    }

    fn flow_plain(&mut self) -> Option<&'a str> {
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
    fn skip_flow_space(&mut self) -> Option<()> {
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

    /// A block scalar whose parent stands at `indent`.
    fn block_scalar(&mut self, indent: usize, is_folded: bool) -> Option<()> {
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
    fn block_indent(&self, parent: usize) -> Option<usize> {
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

    /// True if a dash that begins an element stands here.
    #[inline]
    fn is_dash(&self) -> bool {
        self.peek() == Some(b'-')
            && matches!(self.bytes.get(self.at + 1), None | Some(b' ' | b'\n'))
    }

    /// True if what was read is a key: a colon follows, after blank space or not, and blank space after that.
    #[inline]
    fn is_key_end(&self) -> bool {
        let mut at = self.at;
        while self.bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        self.bytes.get(at) == Some(&b':')
            && matches!(self.bytes.get(at + 1), None | Some(b' ' | b'\n'))
    }

    /// True if nothing but a comment is left of the line; the cursor is past blank space.
    #[inline]
    fn is_line_end(&self) -> Option<bool> {
        match self.peek() {
            None | Some(b'\n' | b'#') => Some(true),
            Some(b'\t' | b'\r') => None,
            Some(_) => Some(false),
        }
    }

    /// Moves past the line's end; there may be blank space and a comment before it.
    #[inline]
    fn end_line(&mut self) -> Option<()> {
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

    fn skip_line(&mut self) {
        let end = line_end(self.bytes, self.at);
        self.at = (end + 1).min(self.bytes.len());
    }

    #[inline]
    fn skip_spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// As [`Reader::skip_spaces`], for the many at the start of a line.
    #[inline]
    fn skip_indent(&mut self) {
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
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn here(&self) -> u32 {
        self.base + offset(self.at)
    }
}

/// The column of the innermost collection: deeper lines belong to its current value.
fn indent_of(levels: &[Level]) -> Option<usize> {
    levels.last().map(|level| level.indent)
}

/// The byte eight times.
const fn repeat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
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

/// The position of the next `\n`, or the end.
#[inline]
fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::reading::Reading;
    use super::super::{Read, yaml};
    use super::*;

    /// What the events of the other reader make of `text`.
    fn read_events(text: &str) -> Read {
        let mut reading = Reading::default();
        yaml::read_parts(text, &mut reading, |_, _| None);
        reading.into_read()
    }

    /// What both readers make of `text`, and how many bytes this one took.
    fn read_both(text: &str) -> (Read, usize) {
        let taken = std::cell::Cell::new(0);
        let mut reading = Reading::default();
        yaml::read_parts(text, &mut reading, |part, base| {
            let draft = read(part, base);
            taken.set(taken.get() + draft.as_ref().map_or(0, |_| part.len()));
            draft
        });
        (reading.into_read(), taken.get())
    }

    /// Requires that both readers agree on `text`; tells how many bytes this one took.
    fn compare(text: &str, name: &str) -> usize {
        // Such a file is refused before any reader sees it.
        if super::super::find_control(text.as_bytes()).is_some() {
            return 0;
        }
        let (ours, taken) = read_both(text);
        let theirs = read_events(text);
        assert_eq!(ours.problems, theirs.problems, "{name}");
        assert_eq!(ours.documents.len(), theirs.documents.len(), "{name}");
        for (a, b) in ours.documents.iter().zip(&theirs.documents) {
            assert_eq!((a.index, a.item), (b.index, b.item), "{name}");
            assert!(a.tape == b.tape, "{name}: {:?} {:?}", a.tape, b.tape);
            assert_eq!(a.spans, b.spans, "{name}");
            assert_eq!(a.related, b.related, "{name}");
        }
        taken
    }

    fn files(name: &str) -> Vec<(PathBuf, String)> {
        let root = std::env::var_os("PALISADE_SHARED").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
            PathBuf::from,
        );
        let required = std::env::var("PALISADE_REQUIRE").unwrap_or_default();
        let folder = root.join(name);
        assert!(
            folder.is_dir() || !required.contains("conformance"),
            "no {name}"
        );
        let (mut folders, mut found) = (vec![folder], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml")
                    && let Ok(text) = std::fs::read_to_string(&path)
                {
                    found.push((path, text));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn both_readers_agree_on_the_corpus() {
        let files = files("corpus");
        let (mut n_bytes, mut n_taken) = (0, 0);
        for (path, text) in &files {
            n_bytes += text.len();
            n_taken += compare(text, path.to_str().unwrap());
        }
        println!(
            "{} files, {n_taken} of {n_bytes} bytes read by the fast reader",
            files.len()
        );
        assert!(files.is_empty() || (files.len() > 2000 && n_taken * 10 > n_bytes * 7));
    }

    #[test]
    fn both_readers_agree_on_odd_yaml() {
        for suite in ["conformance/k8s-yaml", "conformance/yaml-test-suite"] {
            for (path, text) in files(suite) {
                compare(&text, path.to_str().unwrap());
            }
        }
    }

    /// Small changes to real files: what is nearly right is where two readers part ways.
    #[test]
    fn both_readers_agree_on_damaged_files() {
        let pieces = [
            " ", "\n", ":", ": ", "- ", "-", "#", " # ", "'", "\"", "|", ">", "|-\n", "{", "}",
            "[", "]", ",", "\t", "\\", "  ", "\n\n", "a: b\n", "---\n", "...\n", "?", "&a ", "*a",
            "!", "%", "@", "\u{e9}", "\u{85}", "<<: ", "~", ">+\n",
        ];
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut next = |limit: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % u64::try_from(limit).unwrap()).unwrap()
        };
        let mut n_taken = 0;
        let rounds = std::env::var("PALISADE_ROUNDS").map_or(4, |rounds| rounds.parse().unwrap());
        let files: Vec<_> = files("corpus")
            .into_iter()
            .chain(files("conformance/k8s-yaml"))
            .filter(|(_, text)| (10..1500).contains(&text.len()))
            .collect();
        for (path, text) in &files {
            for _ in 0..rounds {
                let mut damaged = text.clone();
                for _ in 0..=next(2) {
                    let at = (0..=next(damaged.len()))
                        .rev()
                        .find(|&at| damaged.is_char_boundary(at))
                        .unwrap();
                    if next(3) == 0 {
                        let end = (at + 1 + next(6)).min(damaged.len());
                        if damaged.is_char_boundary(end) {
                            damaged.replace_range(at..end, "");
                        }
                    } else {
                        damaged.insert_str(at, pieces[next(pieces.len())]);
                    }
                    if damaged.is_empty() {
                        damaged.push('a');
                    }
                }
                n_taken +=
                    usize::from(compare(&damaged, &format!("{}: {damaged:?}", path.display())) > 0);
            }
        }
        println!(
            "{n_taken} of {} damaged files read by the fast reader",
            files.len() * rounds
        );
        assert!(files.is_empty() || n_taken > 1000);
    }
}
