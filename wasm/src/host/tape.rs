//! Writing a document's tape for a module: filtered, keys as symbols, addresses absolute.
//!
//! Nodes and texts have a stretch of guest memory each, which stays from one document to the next and is overwritten; so
//! all addresses are known while the nodes are gathered. A document that does not fit gets larger ones.
//!
//! ```text
//! base                          text_base
//! ├ nodes of the object ┬ context ┬ … ├ texts ┬ enabled bits ┬ severities ┬ … ┤
//! ```

use palisade_abi::layout::{KEY_NONE, KEY_TEXT, MAX_DEPTH, NODE_SIZE};
use palisade_abi::tape::{Kind, NodeId, Raw, Tape, is_template};
use serde_json::Value as Json;

use super::trie::{Node, Tries};
use super::{Context, Gathered, Selection};

/// No node of the document: a node of the context.
const FOREIGN: u32 = u32::MAX;

/// How much of a document is written.
#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Extent {
    /// What the module reads, beginning at a root of its projection.
    Projected(u32),
    /// Everything.
    #[default]
    Full,
    /// Nothing: the inventory is judged, which the guest has.
    Inventory,
}

/// Where in guest memory a document is written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Space {
    /// The address of the nodes.
    pub(super) base: u32,
    /// The address of the texts, which is where the space for nodes ends.
    text_base: u32,
    /// Where the space for texts ends.
    pub(super) end: u32,
}

impl Space {
    /// What documents of common size need, in bytes: of nodes, of texts.
    pub(super) const COMMON: (u32, u32) = (16 << 10, 16 << 10);

    /// The space at an address.
    pub(super) fn new(base: u32, (nodes, texts): (u32, u32)) -> Self {
        let text_base = base.saturating_add(nodes);
        Self {
            base,
            text_base,
            end: text_base.saturating_add(texts),
        }
    }

    /// Bytes for nodes and for texts.
    pub(super) fn sizes(self) -> (u32, u32) {
        (self.text_base - self.base, self.end - self.text_base)
    }

    /// Bytes in all.
    pub(super) fn size(self) -> u32 {
        self.end - self.base
    }

    /// Whether so many bytes of nodes and of texts fit.
    pub(super) fn holds(&self, (nodes, texts): (u32, u32)) -> bool {
        let (room_for_nodes, room_for_texts) = self.sizes();
        nodes <= room_for_nodes && texts <= room_for_texts
    }
}

/// What a call of `palisade_evaluate` is given: addresses, or 0.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Layout {
    pub(super) context: u32,
    pub(super) enabled: u32,
    pub(super) severities: u32,
}

/// A node as it lies in guest memory.
pub(super) type NodeBytes = [u8; NODE_SIZE as usize];

/// Writes a node: head, key, payload.
#[inline]
pub(super) fn pack([head, key, first, second]: [u32; 4]) -> NodeBytes {
    let words = u128::from(head)
        | u128::from(key) << 32
        | u128::from(first) << 64
        | u128::from(second) << 96;
    words.to_le_bytes()
}

/// The document is nested deeper than a module can judge.
#[derive(Debug)]
pub(super) struct TooDeep;

/// The buffers of one instance.
#[derive(Debug, Default)]
pub(super) struct TapeWriter {
    /// As they are written.
    nodes: Vec<NodeBytes>,
    /// The node of the document that each is a copy of.
    ids: Vec<u32>,
    texts: Vec<u8>,
    text_base: u32,
}

impl TapeWriter {
    /// Gathers a document and what goes with it, for `space`, which it need not fit.
    pub(super) fn gather(
        &mut self,
        tries: &Tries,
        tape: &Tape,
        extent: Extent,
        space: Space,
    ) -> Result<(), TooDeep> {
        self.nodes.clear();
        self.ids.clear();
        self.texts.clear();
        self.text_base = space.text_base;
        let part = match extent {
            Extent::Projected(root) => tries.node(root),
            Extent::Full => None,
            Extent::Inventory => return Ok(()),
        };
        let Some(root) = tape.raw(NodeId::ROOT) else {
            return Ok(());
        };
        let mut walk = Walk {
            out: self,
            tries,
            tape,
        };
        walk.write(NodeId::ROOT, root, KEY_NONE, part, MAX_DEPTH)
    }

    /// Gathers an object for an inventory; `file` is its kind of file, if it is no object of the API.
    pub(super) fn gather_apart(
        &mut self,
        tries: &Tries,
        tape: &Tape,
        root: u32,
        file: Option<&str>,
        to: &mut Gathered,
    ) -> Result<(), TooDeep> {
        self.gather(tries, tape, Extent::Projected(root), Space::new(0, (0, 0)))?;
        to.add(&self.nodes, &self.ids, &self.texts, file);
        Ok(())
    }

    /// Adds context and selection, and says where they will lie.
    pub(super) fn lay_out(
        &mut self,
        tries: &Tries,
        context: &Context,
        selection: &Selection,
        n_policies: u32,
        space: Space,
    ) -> Layout {
        let context = self.add_context(tries, context, space.base);
        let enabled = selection.enabled(n_policies);
        let enabled = enabled.map_or(0, |bits| self.add(bits));
        let severities = selection.severities(n_policies);
        let severities = severities.map_or(0, |bytes| self.add(bytes));
        Layout {
            context,
            enabled,
            severities,
        }
    }

    /// The bytes of nodes and of texts.
    pub(super) fn size(&self) -> (u32, u32) {
        let nodes = number(self.nodes.len()).saturating_mul(NODE_SIZE);
        (nodes, number(self.texts.len()))
    }

    /// Copies all to the guest's memory; false if it does not fit.
    pub(super) fn copy_to(&self, memory: &mut [u8], space: Space) -> bool {
        let Some(target) = memory.get_mut(space.base as usize..space.end as usize) else {
            return false;
        };
        let n_bytes = (space.text_base - space.base) as usize;
        let Some((nodes, texts)) = target.split_at_mut_checked(n_bytes) else {
            return false;
        };
        let written = self.nodes.as_flattened();
        let (Some(nodes), Some(texts)) = (
            nodes.get_mut(..written.len()),
            texts.get_mut(..self.texts.len()),
        ) else {
            return false;
        };
        nodes.copy_from_slice(written);
        texts.copy_from_slice(&self.texts);
        true
    }

    /// The node of the document whose copy lies `offset` bytes behind the first.
    pub(super) fn node_at(&self, offset: u32) -> Option<NodeId> {
        if !offset.is_multiple_of(NODE_SIZE) {
            return None;
        }
        let id = *self.ids.get((offset / NODE_SIZE) as usize)?;
        (id != FOREIGN).then_some(NodeId(id))
    }

    fn add_context(&mut self, tries: &Tries, context: &Context, base: u32) -> u32 {
        if context.is_empty() {
            return 0;
        }
        let start = number(self.nodes.len()).saturating_mul(NODE_SIZE);
        let mut walk = Foreign { out: self, tries };
        walk.map(KEY_NONE, context.members());
        base.saturating_add(start)
    }

    fn add(&mut self, bytes: impl Iterator<Item = u8>) -> u32 {
        let start = self.text_end();
        self.texts.extend(bytes);
        start
    }

    #[inline]
    fn push(&mut self, node: [u32; 4], id: u32) {
        self.nodes.push(pack(node));
        self.ids.push(id);
    }

    #[inline]
    fn set_head(&mut self, at: usize, head: u32) {
        if let Some(start) = self
            .nodes
            .get_mut(at)
            .and_then(|node| node.first_chunk_mut())
        {
            *start = head.to_le_bytes();
        }
    }

    /// The address that the next text will have. Of texts that do not fit it is wrong, but then there are larger ones.
    #[inline]
    fn text_end(&self) -> u32 {
        self.text_base.saturating_add(number(self.texts.len()))
    }

    #[inline]
    fn text(&mut self, text: &[u8]) -> (u32, u32) {
        let start = self.text_end();
        self.texts.extend_from_slice(text);
        (start, number(text.len()))
    }

    fn key(&mut self, tries: &Tries, key: &[u8]) -> u32 {
        if let Some(symbol) = tries.symbol(key) {
            return symbol;
        }
        let start = self.text_end();
        self.texts
            .extend_from_slice(&number(key.len()).to_le_bytes());
        self.texts.extend_from_slice(key);
        KEY_TEXT | start
    }
}

/// Writes values that are no part of the document.
struct Foreign<'a> {
    out: &'a mut TapeWriter,
    tries: &'a Tries,
}

impl Foreign<'_> {
    fn value(&mut self, key: u32, value: &Json) {
        match value {
            Json::Null => self.scalar(Kind::Null, key, (0, 0)),
            Json::Bool(value) => self.scalar(Kind::Bool, key, (u32::from(*value), 0)),
            Json::Number(value) => match value.as_i64() {
                Some(value) => self.scalar(Kind::Int, key, halves(value.cast_unsigned())),
                None => self.text(Kind::Float, key, &value.to_string()),
            },
            Json::String(text) if is_template(text) => self.text(Kind::Unknown, key, text),
            Json::String(text) => self.text(Kind::String, key, text),
            Json::Array(items) => {
                let at = self.open(key, number(items.len()));
                for item in items {
                    self.value(key, item);
                }
                self.close(at, Kind::List);
            }
            Json::Object(members) => {
                let members = members.iter().map(|(key, value)| (&**key, value.clone()));
                self.map(key, members);
            }
        }
    }

    fn map<'k>(&mut self, key: u32, members: impl Iterator<Item = (&'k str, Json)>) {
        let at = self.open(key, 0);
        let mut size = 0;
        for (name, value) in members {
            size += u32::from(!value.is_null());
            let key = self.out.key(self.tries, name.as_bytes());
            self.value(key, &value);
        }
        if let Some([_, _, _, _, _, _, _, _, payload @ ..]) = self.out.nodes.get_mut(at) {
            *payload = u64::from(size).to_le_bytes();
        }
        self.close(at, Kind::Map);
    }

    fn text(&mut self, kind: Kind, key: u32, text: &str) {
        let text = self.out.text(text.as_bytes());
        self.scalar(kind, key, text);
    }

    fn scalar(&mut self, kind: Kind, key: u32, (first, second): (u32, u32)) {
        let head = NODE_SIZE | kind.code();
        self.out.push([head, key, first, second], FOREIGN);
    }

    fn open(&mut self, key: u32, size: u32) -> usize {
        self.out.push([0, key, size, 0], FOREIGN);
        self.out.nodes.len() - 1
    }

    fn close(&mut self, at: usize, kind: Kind) {
        let extent = number(self.out.nodes.len() - at) * NODE_SIZE;
        self.out.set_head(at, extent | kind.code());
    }
}

struct Walk<'a> {
    out: &'a mut TapeWriter,
    tries: &'a Tries,
    tape: &'a Tape,
}

impl<'a> Walk<'a> {
    /// Writes a node and what is read below it; `part` is nothing where everything is.
    fn write(
        &mut self,
        id: NodeId,
        raw: Raw<'a>,
        key: u32,
        part: Option<&'a Node>,
        levels: u32,
    ) -> Result<(), TooDeep> {
        let part = part.filter(|part| !part.whole);
        let code = raw.kind.code();
        let (first, second) = match raw.kind {
            Kind::Null => (0, 0),
            Kind::Bool | Kind::Int | Kind::List | Kind::Map => halves(raw.payload),
            Kind::Float | Kind::String | Kind::Unknown => {
                if part.is_none_or(|part| part.value) {
                    self.out.text(raw.text)
                } else {
                    (0, 0)
                }
            }
        };
        let at = self.out.nodes.len();
        self.out.push([NODE_SIZE | code, key, first, second], id.0);
        let is_list = match raw.kind {
            Kind::List => true,
            Kind::Map => false,
            Kind::Null | Kind::Bool | Kind::Int | Kind::Float | Kind::String | Kind::Unknown => {
                return Ok(());
            }
        };
        if part.is_some_and(Node::is_leaf) {
            return Ok(());
        }
        let levels = levels.checked_sub(1).ok_or(TooDeep)?;
        let below = (id.0 + 1, id.0 + raw.extent);
        if is_list {
            self.write_elements(below, key, part, levels)?;
        } else {
            self.write_members(below, part, levels)?;
        }
        let extent = number(self.out.nodes.len() - at) * NODE_SIZE;
        self.out.set_head(at, extent | code);
        Ok(())
    }

    fn write_elements(
        &mut self,
        (mut at, end): (u32, u32),
        key: u32,
        part: Option<&'a Node>,
        levels: u32,
    ) -> Result<(), TooDeep> {
        let below = match part {
            None => None,
            Some(part) => match part.element {
                Some(element) => self.tries.node(element),
                None => return Ok(()),
            },
        };
        while at < end
            && let Some(raw) = self.tape.raw(NodeId(at))
        {
            self.write(NodeId(at), raw, key, below, levels)?;
            at += raw.extent;
        }
        Ok(())
    }

    fn write_members(
        &mut self,
        (mut at, end): (u32, u32),
        part: Option<&'a Node>,
        levels: u32,
    ) -> Result<(), TooDeep> {
        while at < end
            && let Some((name, extent)) = self.tape.key_and_extent(NodeId(at))
        {
            let id = NodeId(at);
            at += extent;
            let (key, below) = match part {
                None => (self.out.key(self.tries, name), None),
                Some(part) => {
                    if let Some(member) = part.member(name) {
                        (member.symbol, self.tries.node(member.node))
                    } else if let Some(element) = part.element {
                        (self.out.key(self.tries, name), self.tries.node(element))
                    } else if part.keys {
                        (self.out.key(self.tries, name), Some(&PRESENCE))
                    } else {
                        continue;
                    }
                }
            };
            if let Some(raw) = self.tape.raw(id) {
                self.write(id, raw, key, below, levels)?;
            }
        }
        Ok(())
    }
}

/// What is read of a member whose key alone counts.
static PRESENCE: Node = Node::PRESENCE;

#[expect(clippy::cast_possible_truncation, reason = "the two halves of a word")]
fn halves(value: u64) -> (u32, u32) {
    (value as u32, (value >> 32) as u32)
}

/// A file is at most 64 MiB, so that no length comes near the end of 32 bits.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
