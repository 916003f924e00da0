//! A document as the host keeps it: nodes in document order, without spans and without pointers.
//!
//! ```text
//! {a: {b: 1}, c: [x, y]}      nodes   0 map size 2, extent 6
//!                                     1 ├ a: map size 1, extent 2
//!                                     2 │ └ b: int 1
//!                                     3 └ c: list size 2, extent 3
//!                                     4   ├ (c) string x
//!                                     5   └ (c) string y
//! ```
//!
//! A node and everything below it are one contiguous run, so that passing over a subtree is one addition. Text (keys,
//! strings, numbers with a fraction) lies in one pool. The tape that a module sees is a copy of this one, filtered to
//! what it reads, with keys replaced by the module's symbols; see `docs/abi.md`.

use crate::layout;

/// The index of a node in its tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The root of a document.
    pub const ROOT: Self = Self(0);
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// JSON null; reads as absent.
    Null,
    /// A boolean.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// Any other number, kept as exact JSON text.
    Float,
    /// Text.
    String,
    /// A list.
    List,
    /// A map.
    Map,
    /// A scalar whose value is not known; its text is.
    Unknown,
}

impl Kind {
    /// The number of this kind in a node's head.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::Null => layout::KIND_NULL,
            Self::Bool => layout::KIND_BOOL,
            Self::Int => layout::KIND_INT,
            Self::Float => layout::KIND_FLOAT,
            Self::String => layout::KIND_STRING,
            Self::List => layout::KIND_LIST,
            Self::Map => layout::KIND_MAP,
            Self::Unknown => layout::KIND_UNKNOWN,
        }
    }
}

/// A value as a match sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// JSON null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number: its JSON text.
    Float(&'a str),
    /// Text.
    String(&'a str),
    /// A list and its number of elements.
    List(u32),
    /// A map and its number of members that are not null.
    Map(u32),
    /// A scalar whose value is not known: its text.
    Unknown(&'a str),
}

/// A node as it stands in its tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a> {
    /// What it is.
    pub kind: Kind,
    /// Nodes of the subtree, this one included.
    pub extent: u32,
    /// Of a bool 0 or 1, of a whole number its bits, of a list or map its size, else of no meaning.
    pub payload: u64,
    /// The text of a string, of another number, or of a scalar that is not known; UTF-8.
    pub text: &'a [u8],
}

/// A stretch of text in the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Text {
    start: u32,
    len: u32,
}

impl Text {
    /// The key of a node that has none; no text is that long.
    const NONE: Self = Self {
        start: 0,
        len: u32::MAX,
    };

    fn pack(self) -> u64 {
        u64::from(self.start) | u64::from(self.len) << 32
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a word")]
    fn unpack(word: u64) -> Self {
        Self {
            start: word as u32,
            len: (word >> 32) as u32,
        }
    }
}

/// 24 bytes, so that a document of common size stays in the cache.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Nodes of the subtree, this one included.
    extent: u32,
    kind: Kind,
    /// The member's key; for an element of a list the key of that list.
    key: Text,
    /// By kind: 0 or 1, the bits of a whole number, a packed [`Text`], the size of a list or map.
    payload: u64,
}

/// A document: one root and everything below it.
///
/// Invariants: extents nest, every text lies in the pool and is UTF-8, a map's size counts its members that are not
/// null, keys of one map are distinct.
///
/// Two tapes are equal if they hold the same nodes in the same order, wherever their texts lie in the pool.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    nodes: Vec<Node>,
    pool: String,
}

impl Tape {
    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True if nothing was written, not even a root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The kind of `node`; null for an id that is not of this tape.
    #[must_use]
    pub fn kind(&self, node: NodeId) -> Kind {
        self.get(node).map_or(Kind::Null, |n| n.kind)
    }

    /// The value of `node`; null for an id that is not of this tape.
    #[must_use]
    pub fn value(&self, node: NodeId) -> Value<'_> {
        let Some(node) = self.get(node) else {
            return Value::Null;
        };
        match node.kind {
            Kind::Null => Value::Null,
            Kind::Bool => Value::Bool(node.payload != 0),
            Kind::Int => Value::Int(node.payload.cast_signed()),
            Kind::Float => Value::Float(self.text(Text::unpack(node.payload))),
            Kind::String => Value::String(self.text(Text::unpack(node.payload))),
            Kind::Unknown => Value::Unknown(self.text(Text::unpack(node.payload))),
            Kind::List => Value::List(node.size()),
            Kind::Map => Value::Map(node.size()),
        }
    }

    /// The key of `node` in its map; for an element of a list the key of that list, if it has one.
    #[must_use]
    pub fn key(&self, node: NodeId) -> Option<&str> {
        let key = self.get(node)?.key;
        (key != Text::NONE).then(|| self.text(key))
    }

    /// What a copy of `node` is made of, in one go; nothing for an id that is not of this tape.
    #[must_use]
    #[inline]
    pub fn raw(&self, node: NodeId) -> Option<Raw<'_>> {
        let node = self.get(node)?;
        Some(Raw {
            kind: node.kind,
            extent: node.extent,
            payload: node.payload,
            text: match node.kind {
                Kind::Float | Kind::String | Kind::Unknown => {
                    self.bytes(Text::unpack(node.payload))
                }
                Kind::Null | Kind::Bool | Kind::Int | Kind::List | Kind::Map => &[],
            },
        })
    }

    /// The key of `node`, UTF-8, which is empty if it has none, and the number of nodes of its subtree; nothing for an id
    /// that is not of this tape.
    #[must_use]
    #[inline]
    pub fn key_and_extent(&self, node: NodeId) -> Option<(&[u8], u32)> {
        let node = self.get(node)?;
        // The length of no key is beyond every pool.
        Some((self.bytes(node.key), node.extent))
    }

    /// The node after `node` and everything below it.
    #[must_use]
    pub fn after(&self, node: NodeId) -> NodeId {
        NodeId(node.0 + self.get(node).map_or(1, |n| n.extent))
    }

    /// The members or elements of `node`, in document order; nothing for a scalar.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.after(node);
        let mut next = NodeId(node.0 + 1);
        std::iter::from_fn(move || {
            let child = next;
            (child < end).then(|| {
                next = self.after(child);
                child
            })
        })
    }

    /// The member of the map `node` with `key`, null or not.
    #[must_use]
    pub fn member(&self, node: NodeId, key: &str) -> Option<NodeId> {
        if self.kind(node) != Kind::Map {
            return None;
        }
        self.children(node)
            .find(|&child| self.key(child) == Some(key))
    }

    /// The text at a path of keys below `node`, if there is a string.
    #[must_use]
    pub fn str_at(&self, node: NodeId, path: &[&str]) -> Option<&str> {
        let mut at = node;
        for key in path {
            at = self.member(at, key)?;
        }
        match self.value(at) {
            Value::String(text) => Some(text),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Unknown(_) => None,
        }
    }

    /// Takes out `node` and everything below it, as for the earlier of two equal keys; sizes of the ancestors given,
    /// innermost first, shrink. Later ids move down by the number of nodes removed, which is returned.
    pub fn remove(&mut self, node: NodeId, ancestors: &[NodeId]) -> u32 {
        let Some(gone) = self.get(node).copied() else {
            return 0;
        };
        for (level, &ancestor) in ancestors.iter().enumerate() {
            let Some(above) = self.nodes.get_mut(ancestor.0 as usize) else {
                continue;
            };
            above.extent -= gone.extent;
            if level == 0 && (above.kind == Kind::List || gone.kind != Kind::Null) {
                above.payload = above.payload.saturating_sub(1);
            }
        }
        let from = node.0 as usize;
        self.nodes.drain(from..from + gone.extent as usize);
        gone.extent
    }

    /// A tape of its own that holds `node` and everything below it; the new root has no key.
    #[must_use]
    pub fn subtree(&self, node: NodeId) -> Self {
        let mut tape = Self::default();
        let (from, end) = (node.0 as usize, self.after(node).0 as usize);
        let root_key = self.get(node).map_or(Text::NONE, |n| n.key);
        // Elements of a list share its key, so the texts of neighbouring keys are often the same.
        let mut last = (Text::NONE, Text::NONE);
        for source in self.nodes.get(from..end).unwrap_or_default() {
            let mut copy = *source;
            if source.key == root_key {
                copy.key = Text::NONE;
            } else if source.key == last.0 {
                copy.key = last.1;
            } else if source.key != Text::NONE {
                copy.key = tape.intern(self.text(source.key));
                last = (source.key, copy.key);
            }
            if matches!(source.kind, Kind::Float | Kind::String | Kind::Unknown) {
                copy.payload = tape.intern(self.text(Text::unpack(source.payload))).pack();
            }
            tape.nodes.push(copy);
        }
        tape
    }

    fn intern(&mut self, text: &str) -> Text {
        let start = u32::try_from(self.pool.len()).unwrap_or(u32::MAX);
        self.pool.push_str(text);
        Text {
            start,
            len: u32::try_from(text.len()).unwrap_or(u32::MAX - 1),
        }
    }

    fn get(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node.0 as usize)
    }

    #[inline]
    fn bytes(&self, text: Text) -> &[u8] {
        let start = text.start as usize;
        let bytes = self.pool.as_bytes();
        bytes
            .get(start..start + text.len as usize)
            .unwrap_or_default()
    }

    fn text(&self, text: Text) -> &str {
        let start = text.start as usize;
        self.pool
            .get(start..start + text.len as usize)
            .unwrap_or_default()
    }
}

impl PartialEq for Tape {
    fn eq(&self, other: &Self) -> bool {
        self.nodes.len() == other.nodes.len()
            && (0..self.nodes.len()).all(|index| {
                let node = NodeId(u32::try_from(index).unwrap_or(u32::MAX));
                self.after(node) == other.after(node)
                    && self.key(node) == other.key(node)
                    && self.value(node) == other.value(node)
            })
    }
}

impl Node {
    #[expect(clippy::cast_possible_truncation, reason = "written from a u32")]
    fn size(&self) -> u32 {
        self.payload as u32
    }
}

/// A list or map that has been begun.
#[derive(Debug)]
struct Open {
    node: u32,
    kind: Kind,
    key: Text,
    size: u32,
}

/// Writes a [`Tape`] from events in document order.
///
/// Give a key before each member of a map with [`Builder::key`]; elements of a list take none. Duplicate keys are the
/// caller's to remove ([`Tape::remove`]), because only the caller can report them.
#[derive(Debug)]
pub struct Builder {
    tape: Tape,
    open: Vec<Open>,
    pending: Text,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            tape: Tape::default(),
            open: Vec::new(),
            pending: Text::NONE,
        }
    }
}

impl Builder {
    /// An empty tape.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty tape with room for `nodes` nodes and `text` bytes of text.
    #[must_use]
    pub fn with_capacity(nodes: usize, text: usize) -> Self {
        Self {
            tape: Tape {
                nodes: Vec::with_capacity(nodes),
                pool: String::with_capacity(text),
            },
            ..Self::default()
        }
    }

    /// The tape as far as it is written. The extents and sizes of lists and maps still open are not known yet.
    #[must_use]
    pub fn written(&self) -> &Tape {
        &self.tape
    }

    /// How many lists and maps are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The id that the next node will have.
    #[must_use]
    pub fn next_id(&self) -> NodeId {
        NodeId(u32::try_from(self.tape.nodes.len()).unwrap_or(u32::MAX))
    }

    /// The key of the member that follows.
    pub fn key(&mut self, key: &str) {
        self.pending = self.tape.intern(key);
    }

    /// Writes null.
    pub fn null(&mut self) -> NodeId {
        self.push(Kind::Null, 0)
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) -> NodeId {
        self.push(Kind::Bool, u64::from(value))
    }

    /// Writes a whole number.
    pub fn int(&mut self, value: i64) -> NodeId {
        self.push(Kind::Int, value.cast_unsigned())
    }

    /// Writes a number that is no whole number of 64 bits, as JSON text.
    pub fn float(&mut self, text: &str) -> NodeId {
        let text = self.tape.intern(text);
        self.push(Kind::Float, text.pack())
    }

    /// Writes a string.
    pub fn string(&mut self, text: &str) -> NodeId {
        let text = self.tape.intern(text);
        self.push(Kind::String, text.pack())
    }

    /// Writes a scalar whose value is not known.
    pub fn unknown(&mut self, text: &str) -> NodeId {
        let text = self.tape.intern(text);
        self.push(Kind::Unknown, text.pack())
    }

    /// Begins a list; end it with [`Builder::end`].
    pub fn start_list(&mut self) -> NodeId {
        self.start(Kind::List)
    }

    /// Begins a map; end it with [`Builder::end`].
    pub fn start_map(&mut self) -> NodeId {
        self.start(Kind::Map)
    }

    /// Ends the innermost open list or map.
    pub fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let end = self.next_id().0;
        if let Some(node) = self.tape.nodes.get_mut(open.node as usize) {
            node.extent = end - open.node;
            node.payload = u64::from(open.size);
        }
    }

    /// The finished tape. Lists and maps still open are ended.
    #[must_use]
    pub fn finish(mut self) -> Tape {
        while !self.open.is_empty() {
            self.end();
        }
        self.tape
    }

    fn start(&mut self, kind: Kind) -> NodeId {
        let id = self.push(kind, 0);
        let key = self.tape.get(id).map_or(Text::NONE, |node| node.key);
        self.open.push(Open {
            node: id.0,
            kind,
            key,
            size: 0,
        });
        id
    }

    fn push(&mut self, kind: Kind, payload: u64) -> NodeId {
        let id = self.next_id();
        let mut key = std::mem::replace(&mut self.pending, Text::NONE);
        if let Some(parent) = self.open.last_mut() {
            if parent.kind == Kind::List {
                key = parent.key;
                parent.size += 1;
            } else {
                parent.size += u32::from(kind != Kind::Null);
            }
        }
        self.tape.nodes.push(Node {
            extent: 1,
            kind,
            key,
            payload,
        });
        id
    }
}

/// Whether a text holds an action of a template, `{{ … }}`: what it will say is not known before it is rendered. Readers
/// of documents write such a text as a value of the kind *unknown*. `${{ … }}` is none: what pipelines put in there comes
/// when they run, and the text is what policies are about.
#[must_use]
pub fn is_template(text: &str) -> bool {
    // Nearly every text ends here.
    if !text.as_bytes().contains(&b'{') {
        return false;
    }
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{{") {
        if !before.ends_with('$') {
            return inside.contains("}}");
        }
        rest = inside;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_of_a_template_has_two_braces_and_no_dollar() {
        for text in ["{{ .Values.tag }}", "a{{x}}b", "${{ a }} {{ b }}", "{{{x}}"] {
            assert!(is_template(text), "{text}");
        }
        for text in [
            "",
            "{",
            "{{",
            "}} {{",
            "{ {x} }",
            "${{ github.ref }}",
            "${x}",
        ] {
            assert!(!is_template(text), "{text}");
        }
    }

    fn sample() -> Tape {
        let mut b = Builder::new();
        b.start_map();
        b.key("a");
        b.start_map();
        b.key("b");
        b.int(1);
        b.end();
        b.key("c");
        b.start_list();
        b.string("x");
        b.string("y");
        b.end();
        b.key("n");
        b.null();
        b.finish()
    }

    #[test]
    fn a_subtree_is_one_run_of_nodes() {
        let tape = sample();
        assert_eq!(tape.len(), 7);
        assert_eq!(tape.value(NodeId::ROOT), Value::Map(2));
        let keys: Vec<_> = tape.children(NodeId::ROOT).map(|c| tape.key(c)).collect();
        assert_eq!(keys, [Some("a"), Some("c"), Some("n")]);
        assert_eq!(tape.value(NodeId(2)), Value::Int(1));
    }

    #[test]
    fn an_element_has_the_key_of_its_list() {
        let tape = sample();
        let list = tape.member(NodeId::ROOT, "c").unwrap();
        assert!(
            tape.children(list)
                .all(|child| tape.key(child) == Some("c"))
        );
    }

    #[test]
    fn a_subtree_stands_alone() {
        let tape = sample().subtree(NodeId(3));
        assert_eq!(tape.value(NodeId::ROOT), Value::List(2));
        assert_eq!(tape.key(NodeId::ROOT), None);
        assert_eq!(tape.key(NodeId(1)), None);
        assert_eq!(tape.value(NodeId(2)), Value::String("y"));
    }

    #[test]
    fn equality_does_not_see_where_texts_lie() {
        let whole = sample();
        let mut other = Builder::with_capacity(4, 4);
        other.start_map();
        other.key("b");
        other.int(1);
        assert_eq!(whole.subtree(NodeId(1)), other.finish());
        assert_ne!(whole, whole.subtree(NodeId(1)));
    }

    #[test]
    fn removing_a_member_closes_the_gap() {
        let mut tape = sample();
        assert_eq!(tape.remove(NodeId(1), &[NodeId::ROOT]), 2);
        assert_eq!(tape.value(NodeId::ROOT), Value::Map(1));
        assert_eq!(tape.str_at(NodeId::ROOT, &["c"]), None);
        assert_eq!(tape.value(NodeId(2)), Value::String("x"));
    }
}
