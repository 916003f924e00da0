//! A document while it is read: the tape, a span for every node, and what must be settled at its end.
//!
//! Readers call [`Draft`] in document order. Aliases, merge keys and repeated keys are only noted; a document that has
//! none of them is finished as it stands, the others are settled in [`super::compose`].

use palisade_abi::layout::MAX_DEPTH;
use palisade_abi::tape::{Builder, NodeId, Tape, is_template};

use super::scalar::Scalar;
use super::span::Span;

/// Where a node lies in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeSpan {
    /// The value as written.
    pub(super) value: Span,
    /// The key as written; [`NO_KEY`] for a root and for an element of a list.
    pub(super) key: Span,
}

/// The key's span of a node that has no key of its own.
pub(super) const NO_KEY: Span = Span {
    start: u32::MAX,
    end: u32::MAX,
};

/// What an alias stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alias {
    /// The node that holds its place.
    pub(super) node: NodeId,
    /// The anchored node, which comes before it.
    pub(super) target: NodeId,
}

/// Nesting beyond what a document may have.
#[derive(Debug)]
pub(super) struct TooDeep;

#[derive(Debug)]
struct Frame {
    node: NodeId,
    is_map: bool,
    expects_key: bool,
    /// Where this map's keys begin in `keys`.
    keys_from: u32,
}

#[derive(Debug, Clone, Copy)]
struct KeyMark {
    hash: u32,
    node: NodeId,
}

/// A document being written.
#[derive(Debug)]
pub(super) struct Draft {
    builder: Builder,
    spans: Vec<NodeSpan>,
    frames: Vec<Frame>,
    keys: Vec<KeyMark>,
    key_span: Span,
    key_hash: u32,
    last_end: u32,
    is_merge: bool,
    pub(super) aliases: Vec<Alias>,
    /// Values of merge keys.
    pub(super) merges: Vec<NodeId>,
    /// Members of one map with one key, the earlier and the later.
    pub(super) repeats: Vec<(NodeId, NodeId)>,
    /// Scalars that were read through an alias, and where they are written.
    pub(super) related: Vec<(NodeId, Span)>,
}

/// What a reader leaves behind.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) tape: Tape,
    pub(super) spans: Vec<NodeSpan>,
    pub(super) aliases: Vec<Alias>,
    pub(super) merges: Vec<NodeId>,
    pub(super) repeats: Vec<(NodeId, NodeId)>,
    pub(super) related: Vec<(NodeId, Span)>,
}

impl Draft {
    /// An empty document, of which `size` bytes are to be read, beginning at `start`.
    pub(super) fn new(size: usize, start: u32) -> Self {
        // Manifests have a node for each 16 bytes or more; most of the rest is indentation.
        let nodes = size / 16 + 8;
        Self {
            builder: Builder::with_capacity(nodes, size / 2),
            spans: Vec::with_capacity(nodes),
            frames: Vec::with_capacity(16),
            keys: Vec::with_capacity(32),
            ..Self::empty(start)
        }
    }

    /// A document of which nothing has been read, beginning at `start`. Allocates nothing.
    pub(super) fn empty(start: u32) -> Self {
        Self {
            builder: Builder::new(),
            spans: Vec::new(),
            frames: Vec::new(),
            keys: Vec::new(),
            key_span: NO_KEY,
            key_hash: 0,
            last_end: start,
            is_merge: false,
            aliases: Vec::new(),
            merges: Vec::new(),
            repeats: Vec::new(),
            related: Vec::new(),
        }
    }

    /// True if the next scalar is a key.
    pub(super) fn expects_key(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.expects_key)
    }

    /// True if the innermost open collection is a map.
    pub(super) fn innermost_is_map(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.is_map)
    }

    /// Where the last scalar, alias, key or bracket ended.
    pub(super) fn last_end(&self) -> u32 {
        self.last_end
    }

    /// Lists and maps that are open.
    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    /// The tape as far as it is written.
    pub(super) fn tape(&self) -> &Tape {
        self.builder.written()
    }

    /// The id of the node that comes next.
    pub(super) fn next_id(&self) -> NodeId {
        self.builder.next_id()
    }

    /// True while `node` is a list or map that has not ended.
    pub(super) fn is_open(&self, node: NodeId) -> bool {
        self.frames.iter().any(|frame| frame.node == node)
    }

    /// Notes that the text up to `end` has been read.
    pub(super) fn pass(&mut self, end: u32) {
        self.last_end = end;
    }

    /// The key of the member that follows.
    pub(super) fn key(&mut self, key: &str, span: Span) {
        self.builder.key(key);
        self.key_hash = hash(key.as_bytes());
        self.begin_member(span);
    }

    /// A merge key: what follows is merged into the map.
    pub(super) fn merge_key(&mut self, span: Span) {
        self.is_merge = true;
        self.begin_member(span);
    }

    fn begin_member(&mut self, span: Span) {
        self.key_span = span;
        self.last_end = span.end;
        if let Some(frame) = self.frames.last_mut() {
            frame.expects_key = false;
        }
    }

    /// A scalar.
    pub(super) fn scalar(&mut self, value: &Scalar<'_>, span: Span) -> NodeId {
        self.begin_value(span);
        match value {
            Scalar::Null => self.builder.null(),
            Scalar::Bool(value) => self.builder.bool(*value),
            Scalar::Int(value) => self.builder.int(*value),
            Scalar::Number(number) => self.builder.float(&number.json()),
            Scalar::Text(text) => self.text(text),
        }
    }

    /// A string.
    pub(super) fn string(&mut self, text: &str, span: Span) -> NodeId {
        self.begin_value(span);
        self.text(text)
    }

    fn text(&mut self, text: &str) -> NodeId {
        if is_template(text) {
            self.builder.unknown(text)
        } else {
            self.builder.string(text)
        }
    }

    /// A number that is no whole number of 64 bits, as JSON text.
    pub(super) fn float(&mut self, text: &str, span: Span) -> NodeId {
        self.begin_value(span);
        self.builder.float(text)
    }

    /// A use of the anchored node `target`.
    pub(super) fn alias(&mut self, target: NodeId, span: Span) {
        self.begin_value(span);
        let node = self.builder.null();
        self.aliases.push(Alias { node, target });
    }

    /// Begins a list at `start`.
    pub(super) fn start_list(&mut self, start: u32) -> Result<NodeId, TooDeep> {
        self.start(start, false)
    }

    /// Begins a map at `start`.
    pub(super) fn start_map(&mut self, start: u32) -> Result<NodeId, TooDeep> {
        self.start(start, true)
    }

    fn start(&mut self, start: u32, is_map: bool) -> Result<NodeId, TooDeep> {
        if self.frames.len() >= MAX_DEPTH as usize {
            return Err(TooDeep);
        }
        self.begin_value(Span::at(start));
        let node = if is_map {
            self.builder.start_map()
        } else {
            self.builder.start_list()
        };
        self.frames.push(Frame {
            node,
            is_map,
            expects_key: is_map,
            keys_from: super::span::offset(self.keys.len()),
        });
        Ok(node)
    }

    /// Ends the innermost list or map with its closing bracket.
    pub(super) fn end_at(&mut self, end: u32) {
        self.last_end = end;
        self.end();
    }

    /// Ends the innermost list or map where its last part ended.
    pub(super) fn end(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        self.builder.end();
        if let Some(span) = self.spans.get_mut(frame.node.0 as usize) {
            span.value.end = self.last_end.max(span.value.start);
        }
        if frame.is_map {
            self.note_repeats(frame.keys_from as usize);
            self.keys.truncate(frame.keys_from as usize);
        }
    }

    /// What comes before every node: its span, and its place among the keys of its map.
    #[inline]
    fn begin_value(&mut self, span: Span) {
        self.last_end = span.end;
        if let Some(frame) = self.frames.last_mut()
            && frame.is_map
        {
            frame.expects_key = true;
            let node = self.builder.next_id();
            if self.is_merge {
                self.is_merge = false;
                self.merges.push(node);
            } else {
                self.keys.push(KeyMark {
                    hash: self.key_hash,
                    node,
                });
            }
        }
        self.spans.push(NodeSpan {
            value: span,
            key: std::mem::replace(&mut self.key_span, NO_KEY),
        });
    }

    fn note_repeats(&mut self, from: usize) {
        let Some(marks) = self.keys.get_mut(from..) else {
            return;
        };
        // Comparing all pairs is cheapest for the maps of manifests; a large map is sorted instead.
        if marks.len() <= 24 {
            let mut rest = &*marks;
            while let Some((mark, later)) = rest.split_first() {
                rest = later;
                // The nearest later one, so that three of a kind make two pairs.
                let tape = self.builder.written();
                if let Some(twin) = later.iter().find(|twin| {
                    twin.hash == mark.hash && tape.key(twin.node) == tape.key(mark.node)
                }) {
                    self.repeats.push((mark.node, twin.node));
                }
            }
            return;
        }
        let tape = self.builder.written();
        marks.sort_by(|a, b| {
            a.hash
                .cmp(&b.hash)
                .then_with(|| tape.key(a.node).cmp(&tape.key(b.node)))
                .then(a.node.cmp(&b.node))
        });
        for pair in marks.windows(2) {
            if let [a, b] = pair
                && a.hash == b.hash
                && tape.key(a.node) == tape.key(b.node)
            {
                self.repeats.push((a.node, b.node));
            }
        }
    }

    /// The document as it was read.
    pub(super) fn finish(self) -> Written {
        Written {
            tape: self.builder.finish(),
            spans: self.spans,
            aliases: self.aliases,
            merges: self.merges,
            repeats: self.repeats,
            related: self.related,
        }
    }
}

/// Tells most keys apart by their length and their first and last bytes; equal hashes are compared by text.
fn hash(key: &[u8]) -> u32 {
    let word = |low: u64, high: u64| {
        (low.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ high.rotate_left(29))
            .wrapping_add(key.len() as u64)
            .wrapping_mul(0xD6E8_FEB8_6659_FD93)
    };
    let mixed = if let (Some(first), Some(last)) = (key.first_chunk(), key.last_chunk()) {
        word(u64::from_le_bytes(*first), u64::from_le_bytes(*last))
    } else if let (Some(first), Some(last)) = (key.first_chunk(), key.last_chunk()) {
        word(
            u64::from(u32::from_le_bytes(*first)),
            u64::from(u32::from_le_bytes(*last)),
        )
    } else {
        key.iter()
            .fold(1, |mixed, &byte| mixed << 8 | u64::from(byte))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
    };
    (mixed >> 32) as u32
}
