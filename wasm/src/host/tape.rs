//! Writing a document's tape for a module: filtered, keys as symbols, addresses absolute.
//!
//! The nodes are gathered with their texts counted from the first byte of the texts; only when both are known is space
//! taken in the guest, and the copy adds the address. The buffers live as long as the instance.
//!
//! ```text
//! base                               base + 16·nodes
//! ├ nodes of the object ┬ context ┬ texts ┬ enabled bits ┬ severities ┤
//! ```

use palisade_abi::layout::{KEY_NONE, KEY_TEXT, KIND_MASK, KIND_STRING, MAX_DEPTH, NODE_SIZE};
use palisade_abi::tape::{Kind, NodeId, Tape, Value};
use serde_json::Value as Json;

use super::trie::{Node, Tries};
use super::{Context, Selection};

/// No node of the document: a node of the context.
const FOREIGN: u32 = u32::MAX;

/// How much of a document is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extent {
    /// What the module reads, beginning at a root of its projection.
    Projected(u32),
    /// Everything.
    Full,
}

/// What a call of `palisade_evaluate` is given, with offsets from the first node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) context: Option<u32>,
    pub(super) enabled: Option<u32>,
    pub(super) severities: Option<u32>,
    pub(super) size: u32,
}

/// The document is nested deeper than a module can judge.
#[derive(Debug)]
pub(super) struct TooDeep;

/// The buffers of one instance.
#[derive(Debug, Default)]
pub(super) struct TapeWriter {
    /// head, key, payload.
    nodes: Vec<[u32; 4]>,
    /// The node of the document that each is a copy of.
    ids: Vec<u32>,
    texts: Vec<u8>,
}

impl TapeWriter {
    /// Gathers a document and what goes with it.
    pub(super) fn gather(
        &mut self,
        tries: &Tries,
        tape: &Tape,
        extent: Extent,
    ) -> Result<(), TooDeep> {
        self.nodes.clear();
        self.ids.clear();
        self.texts.clear();
        let part = match extent {
            Extent::Projected(root) => tries.node(root),
            Extent::Full => None,
        };
        let mut walk = Walk {
            out: self,
            tries,
            tape,
        };
        walk.write(NodeId::ROOT, KEY_NONE, part, MAX_DEPTH)
    }

    /// Adds context and selection, and says where all will lie.
    pub(super) fn lay_out(
        &mut self,
        tries: &Tries,
        context: &Context,
        selection: &Selection,
        n_policies: u32,
    ) -> Layout {
        let context = self.add_context(tries, context);
        let nodes = number(self.nodes.len()) * NODE_SIZE;
        let mut add = |bytes: Option<&mut dyn Iterator<Item = u8>>| {
            bytes.map(|bytes| {
                let offset = nodes + number(self.texts.len());
                self.texts.extend(bytes);
                offset
            })
        };
        let enabled = add(selection
            .enabled(n_policies)
            .as_mut()
            .map(|bytes| bytes as _));
        let severities = add(selection
            .severities(n_policies)
            .as_mut()
            .map(|bytes| bytes as _));
        Layout {
            context,
            enabled,
            severities,
            size: nodes + number(self.texts.len()),
        }
    }

    /// Copies all to `base` in the guest's memory; false if it does not fit.
    pub(super) fn copy_to(&self, memory: &mut [u8], base: u32) -> bool {
        let n_bytes = self.nodes.len() * NODE_SIZE as usize;
        let Some(target) = memory.get_mut(base as usize..) else {
            return false;
        };
        let Some((nodes, rest)) = target.split_at_mut_checked(n_bytes) else {
            return false;
        };
        let Some(texts) = rest.get_mut(..self.texts.len()) else {
            return false;
        };
        let text_base = base + number(n_bytes);
        let (chunks, _) = nodes.as_chunks_mut::<16>();
        for (chunk, &[head, key, first, second]) in chunks.iter_mut().zip(&self.nodes) {
            let key = if key & KEY_TEXT == 0 {
                key
            } else {
                key + text_base
            };
            let first = if has_text(head) {
                first + text_base
            } else {
                first
            };
            let words = u128::from(head)
                | u128::from(key) << 32
                | u128::from(first) << 64
                | u128::from(second) << 96;
            *chunk = words.to_le_bytes();
        }
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

    fn add_context(&mut self, tries: &Tries, context: &Context) -> Option<u32> {
        let mut members = context.members().peekable();
        members.peek()?;
        let start = number(self.nodes.len()) * NODE_SIZE;
        let mut walk = Foreign { out: self, tries };
        walk.map(KEY_NONE, members);
        Some(start)
    }

    fn push(&mut self, node: [u32; 4], id: u32) {
        self.nodes.push(node);
        self.ids.push(id);
    }

    fn text(&mut self, text: &str) -> (u32, u32) {
        let start = number(self.texts.len());
        self.texts.extend_from_slice(text.as_bytes());
        (start, number(text.len()))
    }

    fn key(&mut self, tries: &Tries, key: &str) -> u32 {
        if let Some(symbol) = tries.symbol(key) {
            return symbol;
        }
        let start = number(self.texts.len());
        self.texts
            .extend_from_slice(&number(key.len()).to_le_bytes());
        self.texts.extend_from_slice(key.as_bytes());
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
                Some(value) => self.scalar(Kind::Int, key, halves(value)),
                None => self.text(Kind::Float, key, &value.to_string()),
            },
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
            let key = self.out.key(self.tries, name);
            self.value(key, &value);
        }
        if let Some([_, _, first, _]) = self.out.nodes.get_mut(at) {
            *first = size;
        }
        self.close(at, Kind::Map);
    }

    fn text(&mut self, kind: Kind, key: u32, text: &str) {
        let text = self.out.text(text);
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
        if let Some([head, ..]) = self.out.nodes.get_mut(at) {
            *head = extent | kind.code();
        }
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
        key: u32,
        part: Option<&'a Node>,
        levels: u32,
    ) -> Result<(), TooDeep> {
        let part = part.filter(|part| !part.whole);
        let value = self.tape.value(id);
        let at = self.out.nodes.len();
        let (first, second) = match value {
            Value::Null => (0, 0),
            Value::Bool(value) => (u32::from(value), 0),
            Value::Int(value) => halves(value),
            Value::Float(text) | Value::String(text) | Value::Unknown(text) => {
                if part.is_none_or(|part| part.value) {
                    self.out.text(text)
                } else {
                    (0, 0)
                }
            }
            Value::List(size) | Value::Map(size) => (size, 0),
        };
        let kind = self.tape.kind(id);
        self.out
            .push([NODE_SIZE | kind.code(), key, first, second], id.0);
        match kind {
            Kind::List => self.write_elements(id, key, part, levels)?,
            Kind::Map => self.write_members(id, part, levels)?,
            Kind::Null | Kind::Bool | Kind::Int | Kind::Float | Kind::String | Kind::Unknown => {
                return Ok(());
            }
        }
        let extent = number(self.out.nodes.len() - at) * NODE_SIZE;
        if let Some([head, ..]) = self.out.nodes.get_mut(at) {
            *head = extent | kind.code();
        }
        Ok(())
    }

    fn write_elements(
        &mut self,
        list: NodeId,
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
        let levels = levels.checked_sub(1).ok_or(TooDeep)?;
        let tape = self.tape;
        for child in tape.children(list) {
            self.write(child, key, below, levels)?;
        }
        Ok(())
    }

    fn write_members(
        &mut self,
        map: NodeId,
        part: Option<&'a Node>,
        levels: u32,
    ) -> Result<(), TooDeep> {
        if part.is_some_and(Node::is_leaf) {
            return Ok(());
        }
        let levels = levels.checked_sub(1).ok_or(TooDeep)?;
        let tape = self.tape;
        for child in tape.children(map) {
            let key = tape.key(child).unwrap_or_default();
            let Some(part) = part else {
                let key = self.out.key(self.tries, key);
                self.write(child, key, None, levels)?;
                continue;
            };
            if let Some(member) = part.member(key) {
                self.write(child, member.symbol, self.tries.node(member.node), levels)?;
            } else if let Some(element) = part.element {
                let key = self.out.key(self.tries, key);
                self.write(child, key, self.tries.node(element), levels)?;
            } else if part.keys {
                let key = self.out.key(self.tries, key);
                self.write(child, key, Some(&PRESENCE), levels)?;
            }
        }
        Ok(())
    }
}

/// What is read of a member whose key alone counts.
static PRESENCE: Node = Node::PRESENCE;

fn has_text(head: u32) -> bool {
    use palisade_abi::layout::{KIND_FLOAT, KIND_UNKNOWN};
    matches!(head & KIND_MASK, KIND_STRING | KIND_FLOAT | KIND_UNKNOWN)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the two halves of a word"
)]
fn halves(value: i64) -> (u32, u32) {
    (value as u32, (value as u64 >> 32) as u32)
}

/// A file is at most 64 MiB, so that no length comes near the end of 32 bits.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
