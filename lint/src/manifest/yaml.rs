//! YAML, by the events of `granit-parser`; nothing of that crate leaves this file.
//!
//! A file is cut at its `---` lines first, as kubectl does, so that what is wrong with one document stays there. A part
//! with directives may only be read with what follows it, and is left whole.

mod wording;

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, Span as EventSpan, StructureStyle};
use palisade_abi::tape::{NodeId, Value};
use rustc_hash::FxHashMap;

use super::block;
use super::draft::{Draft, TooDeep};
use super::problem::{Problem, ProblemKind};
use super::reading::Reading;
use super::scalar::{Refusal, Scalar, Tag, plain_key, resolve_plain, resolve_tagged};
use super::span::{Span, offset};

/// Reads the documents of `text` into `reading`.
pub(super) fn read(text: &str, reading: &mut Reading) {
    read_parts(text, reading, block::read);
}

/// Reads the parts of `text`, each with `fast` if that can.
pub(super) fn read_parts(
    text: &str,
    reading: &mut Reading,
    fast: impl Fn(&str, usize) -> Option<Draft>,
) {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut at = start;
    while at < text.len() && !reading.is_full() {
        let end = part_end(text, at);
        let part = text.get(at..end).unwrap_or_default();
        match fast(part, at) {
            Some(draft) => reading.take(draft),
            None => read_part(part, at, reading),
        }
        at = end;
    }
}

/// Where the part that begins at `from` ends: at the next `---` line, or at the end of the file if it has directives.
fn part_end(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    if bytes.get(from) == Some(&b'%') {
        return bytes.len();
    }
    let mut at = from;
    while let Some(line) = next_marked_line(bytes, at) {
        match bytes.get(line) {
            Some(b'%') => return bytes.len(),
            _ if is_separator(bytes.get(line..).unwrap_or_default()) => return line,
            _ => at = line,
        }
    }
    bytes.len()
}

/// The start of the next line after `from` that begins with `-` or `%`.
fn next_marked_line(bytes: &[u8], from: usize) -> Option<usize> {
    // Eight bytes at a time: line ends are below 0x20, and few other bytes of a manifest are.
    let mut at = from;
    loop {
        let rest = bytes.get(at..)?;
        if let Some(word) = rest.first_chunk::<8>() {
            let word = u64::from_le_bytes(*word);
            let low = word.wrapping_sub(0x2020_2020_2020_2020) & !word & 0x8080_8080_8080_8080;
            if low == 0 {
                at += 8;
                continue;
            }
            at += (low.trailing_zeros() / 8) as usize;
        }
        match bytes.get(at)? {
            b'\n' | b'\r' if matches!(bytes.get(at + 1), Some(b'-' | b'%')) => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// True at `---` that is followed by blank space or the end.
pub(super) fn is_separator(line: &[u8]) -> bool {
    line.starts_with(b"---") && matches!(line.get(3), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

fn read_part(part: &str, base: usize, reading: &mut Reading) {
    // kubectl's parts begin after the `---` line, so a byte order mark may stand there.
    let marked = part
        .starts_with("---")
        .then(|| part.split_once('\n'))
        .flatten()
        .and_then(|(_, rest)| rest.strip_prefix('\u{feff}'));
    let (part, base) = match marked {
        Some(rest) => (rest, base + part.len() - rest.len()),
        None => (part, base),
    };
    let mut options = granit_parser::options! {
        flow_nesting_limit: 300,
        block_nesting_limit: 300,
    };
    options.set_emit_comments(false);
    let mut parser = Parser::new_from_str_with_options(part, options);
    let mut events = Events {
        source: part,
        base: offset(base),
        draft: Draft::new(part.len().min(MAX_ROOM), offset(base)),
        anchors: FxHashMap::default(),
        has_next_line: !part.is_ascii() && part.contains(NEXT_LINE),
    };
    while let Some(event) = parser.next_event() {
        let problem = match event {
            Ok((Event::DocumentEnd, _)) => {
                let draft = events.restart();
                reading.take(draft);
                Ok(())
            }
            Ok((event, span)) => events.take(event, span),
            Err(error) => Err(wording::describe(&error, part, events.base)),
        };
        if let Err(problem) = problem {
            let had_content = events.draft.next_id() != NodeId::ROOT;
            let problem = wording::blame_template(problem, part, events.base);
            reading.fail(problem, had_content);
            events.restart();
            if reading.is_full() || !matches!(parser.proceed_next_document(), Ok(true)) {
                return;
            }
        }
    }
}

/// Bytes for which room is made ahead, as little may follow.
const MAX_ROOM: usize = 1 << 20;

/// What an anchor stands for.
#[derive(Debug, Clone)]
enum Anchored {
    Node(NodeId),
    /// An anchor on a key.
    Key(Scalar<'static>, Span),
}

/// The state of one document.
struct Events<'a> {
    source: &'a str,
    base: u32,
    draft: Draft,
    anchors: FxHashMap<usize, Anchored>,
    has_next_line: bool,
}

const NEXT_LINE: char = '\u{85}';

impl<'a> Events<'a> {
    fn restart(&mut self) -> Draft {
        self.anchors.clear();
        let next = Draft::empty(self.base);
        std::mem::replace(&mut self.draft, next)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a foreign, open set; options that add to it are off"
    )]
    fn take(&mut self, event: Event<'a>, span: EventSpan) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| full_tag(&tag));
                self.scalar(text, style, anchor, tag, span)
            }
            Event::MappingStart(_, anchor, _) => {
                let start = self.span(span).start;
                self.open(start, anchor, Draft::start_map)
            }
            Event::SequenceStart(style, anchor, _) => {
                let start = match style {
                    StructureStyle::Flow => self.span(span).start,
                    StructureStyle::Block => self.find_dash(self.span(span).start),
                };
                self.open(start, anchor, Draft::start_list)
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let span = self.span(span);
                if span.is_empty() {
                    self.draft.end();
                } else {
                    self.draft.end_at(span.end);
                }
                Ok(())
            }
            Event::Alias(id) => self.alias(id, self.span(span)),
            // The rest carries no values.
            _ => Ok(()),
        }
    }

    fn open(
        &mut self,
        start: u32,
        anchor: usize,
        begin: fn(&mut Draft, u32) -> Result<NodeId, TooDeep>,
    ) -> Result<(), Problem> {
        if self.draft.expects_key() {
            return Err(collection_key(Span::new(start, start + 1)));
        }
        let node = begin(&mut self.draft, start)
            .map_err(|TooDeep| Problem::too_deep(Span::new(start, start + 1)))?;
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored::Node(node));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Tag>,
        event_span: EventSpan,
    ) -> Result<(), Problem> {
        let mut span = self.span(event_span);
        let is_plain = style == ScalarStyle::Plain;
        let mut text = text;
        match style {
            ScalarStyle::Plain if span.is_empty() => {
                text = Cow::Borrowed("");
                span = self.empty_span(span);
            }
            ScalarStyle::Literal | ScalarStyle::Folded => span = self.block_span(span),
            ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {}
        }
        if self.has_next_line && text.contains(NEXT_LINE) {
            text = self.fold_next_lines(text, style, span);
        }
        if self.draft.expects_key() {
            return self.key(&text, is_plain, anchor, tag, span);
        }
        if anchor != 0 {
            let node = self.draft.next_id();
            self.anchors.insert(anchor, Anchored::Node(node));
        }
        match tag {
            None if is_plain => {
                let value = resolve_plain(&text).map_err(|refusal| refuse(refusal, span))?;
                self.draft.scalar(&value, span);
            }
            None => {
                self.draft.string(&text, span);
            }
            Some(tag) => {
                let value = resolve_tagged(tag, &text).map_err(|refusal| refuse(refusal, span))?;
                self.draft.scalar(&value, span);
            }
        }
        Ok(())
    }

    /// U+0085 ends a line in YAML 1.1, and so for the API server, but not in YAML 1.2, which the parser reads.
    fn fold_next_lines(&self, text: Cow<'a, str>, style: ScalarStyle, span: Span) -> Cow<'a, str> {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let written = self.text(span);
        if is_block {
            return Cow::Owned(text.replace(NEXT_LINE, "\n"));
        }
        // An escape for it is a character like others; text with both kinds is left alone.
        if ["\\N", "\\x85", "\\u0085"]
            .iter()
            .any(|escape| written.contains(escape))
        {
            return text;
        }
        let mut folded = String::with_capacity(text.len());
        let mut n_breaks = 0;
        for (index, line) in text.split(NEXT_LINE).enumerate() {
            let line = if index == 0 {
                line
            } else {
                line.trim_start_matches([' ', '\t'])
            };
            n_breaks += usize::from(index > 0);
            if !line.is_empty() && n_breaks > 0 {
                folded.truncate(folded.trim_end_matches([' ', '\t']).len());
                folded.push_str(if n_breaks == 1 { " " } else { "" });
                folded.extend(std::iter::repeat_n('\n', n_breaks - 1));
                n_breaks = 0;
            }
            folded.push_str(line);
        }
        folded.push_str(if n_breaks > 0 { " " } else { "" });
        Cow::Owned(folded)
    }

    fn key(
        &mut self,
        text: &str,
        is_plain: bool,
        anchor: usize,
        tag: Option<Tag>,
        span: Span,
    ) -> Result<(), Problem> {
        if anchor != 0 {
            let value = match tag {
                None if is_plain => resolve_plain(text),
                None => Ok(Scalar::Text(Cow::Borrowed(text))),
                Some(tag) => resolve_tagged(tag, text),
            };
            let value = value.map_err(|refusal| refuse(refusal, span))?;
            self.anchors
                .insert(anchor, Anchored::Key(value.into_owned(), span));
        }
        let key = match tag {
            None if !is_plain => Some(Cow::Borrowed(text)),
            None if text == "<<" => {
                self.draft.merge_key(span);
                return Ok(());
            }
            None => plain_key(text).map_err(|refusal| refuse(refusal, span))?,
            Some(tag) => resolve_tagged(tag, text)
                .map_err(|refusal| refuse(refusal, span))?
                .as_key()
                .map(|key| Cow::Owned(key.into_owned())),
        };
        self.named(key.as_deref(), span)
    }

    fn named(&mut self, key: Option<&str>, span: Span) -> Result<(), Problem> {
        let Some(key) = key else {
            return Err(Problem::new(
                ProblemKind::Syntax,
                span,
                "null or a number beyond 64 bits cannot be a key",
            ));
        };
        self.draft.key(key, span);
        Ok(())
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), Problem> {
        let Some(anchored) = self.anchors.get(&id).cloned() else {
            let message = format!("unknown anchor `{}`", self.text(span));
            return Err(Problem::new(ProblemKind::Syntax, span, message));
        };
        if self.draft.expects_key() {
            return self.alias_key(&anchored, span);
        }
        match anchored {
            Anchored::Node(target) if self.draft.is_open(target) => Err(Problem::new(
                ProblemKind::Syntax,
                span,
                format!("the value of `{}` contains itself", self.text(span)),
            )),
            Anchored::Node(target) => {
                self.draft.alias(target, span);
                Ok(())
            }
            Anchored::Key(value, origin) => {
                let node = self.draft.scalar(&value, span);
                self.draft.related.push((node, origin));
                Ok(())
            }
        }
    }

    fn alias_key(&mut self, anchored: &Anchored, span: Span) -> Result<(), Problem> {
        let value = match anchored {
            Anchored::Key(value, _) => value.clone(),
            Anchored::Node(target) => match self.draft.tape().value(*target) {
                Value::Bool(value) => Scalar::Bool(value),
                Value::Int(value) => Scalar::Int(value),
                Value::Float(text) | Value::String(text) => Scalar::Text(text.to_owned().into()),
                Value::Null | Value::Unknown(_) => Scalar::Null,
                Value::List(_) | Value::Map(_) => return Err(collection_key(span)),
            },
        };
        self.named(value.as_key().as_deref(), span)
    }

    fn span(&self, span: EventSpan) -> Span {
        let range = span.byte_range().unwrap_or_default();
        Span::new(
            self.base + offset(range.start),
            self.base + offset(range.end),
        )
    }

    fn text(&self, span: Span) -> &'a str {
        let (start, end) = (span.start - self.base, span.end - self.base);
        Span::new(start, end).text(self.source)
    }

    /// A value that is not written stands right behind the `:` or `-` that asks for it.
    fn empty_span(&self, span: Span) -> Span {
        let bytes = self.source.as_bytes();
        if self.draft.expects_key() {
            return span;
        }
        if !self.draft.innermost_is_map() {
            return self.last_dash(span.start).map_or(span, Span::at);
        }
        let mut at = (span.start - self.base) as usize;
        while let Some(b' ' | b'\t') = bytes.get(at) {
            at += 1;
        }
        if bytes.get(at) != Some(&b':') {
            return span;
        }
        Span::at(self.base + offset(at + 1))
    }

    /// The end of the last dash between the last token and `limit`.
    fn last_dash(&self, limit: u32) -> Option<u32> {
        let mut found = None;
        let mut from = self.draft.last_end();
        while let Some(dash) = self.find_indicator(from, limit, b"-") {
            found = Some(dash + 1);
            from = dash + 1;
        }
        found
    }

    /// The first dash of a list. Of a list that is indented no deeper than its key, the event tells where the first
    /// element begins; only members of maps can be such lists.
    fn find_dash(&self, start: u32) -> u32 {
        if !self.draft.innermost_is_map() {
            return start;
        }
        self.find_indicator(self.draft.last_end(), start, b"-")
            .map_or(start, |found| found.min(start))
    }

    /// A block scalar from its indicator to the end of its last line, without the line's end. Blank lines after the text
    /// are part of it only if they count (`|+`).
    fn block_span(&self, content: Span) -> Span {
        let start = self
            .find_indicator(self.draft.last_end(), content.start, b"|>")
            .unwrap_or(content.start);
        let header = self.text(Span::new(start, content.start.max(start)));
        let keeps = header
            .split(['\n', '\r', '#'])
            .next()
            .is_some_and(|line| line.contains('+'));
        let written = self.text(Span::new(start, content.end.max(start)));
        let trimmed = if keeps {
            // The event may reach into the indentation of the line after it.
            let ended = written.trim_end_matches([' ', '\t']);
            let lines = if ended.ends_with(['\n', '\r']) {
                ended
            } else {
                written
            };
            let line = lines.strip_suffix('\n').unwrap_or(lines);
            line.strip_suffix('\r').unwrap_or(line)
        } else {
            written.trim_end_matches(['\n', '\r', ' ', '\t'])
        };
        Span::new(start, start + offset(trimmed.len()))
    }

    /// The first of `indicators` between `from` and `limit`, past blank space, comments, anchors and tags.
    fn find_indicator(&self, from: u32, limit: u32, indicators: &[u8]) -> Option<u32> {
        let end = (limit - self.base) as usize;
        let bytes = self.source.as_bytes().get(..end)?;
        let mut at = (from - self.base) as usize;
        loop {
            match bytes.get(at)? {
                byte if indicators.contains(byte) => return Some(self.base + offset(at)),
                b'#' => {
                    while !matches!(bytes.get(at)?, b'\n' | b'\r') {
                        at += 1;
                    }
                }
                b'&' | b'!' => {
                    while !matches!(bytes.get(at)?, b'\n' | b'\r' | b' ' | b'\t') {
                        at += 1;
                    }
                }
                _ => at += 1,
            }
        }
    }
}

fn collection_key(span: Span) -> Problem {
    Problem::new(ProblemKind::Syntax, span, "a list or map cannot be a key")
}

fn refuse(refusal: Refusal, span: Span) -> Problem {
    Problem::new(ProblemKind::Syntax, span, refusal.message())
}

fn full_tag(tag: &granit_parser::Tag) -> Tag {
    let (handle, suffix) = (tag.handle(), tag.suffix());
    if handle == "tag:yaml.org,2002:" {
        return Tag::named_core(suffix);
    }
    let mut name = String::with_capacity(handle.len() + suffix.len());
    name.push_str(handle);
    name.push_str(suffix);
    Tag::named(&name)
}
