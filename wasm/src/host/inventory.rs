//! The objects that policies ask for besides the one that is judged: gathered once, copied into every instance.

use palisade_abi::layout::{KEY_NONE, KEY_TEXT, KIND_MASK, NODE_SIZE};
use palisade_abi::tape::{Kind, NodeId};

use super::guest::Guest;
use super::{Cause, Module};

/// An object as far as a module reads it. Addresses of texts count from the first text.
#[derive(Debug, Clone)]
pub struct Gathered {
    pub(super) nodes: Box<[[u32; 4]]>,
    pub(super) ids: Box<[u32]>,
    pub(super) texts: Box<[u8]>,
}

/// What a host knows of the objects of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Knowledge {
    /// There may be any number of them.
    None,
    /// There may be more.
    Partial,
    /// There are no others.
    Complete,
}

/// All objects that one module may ask for, in document order; also what is judged as the inventory itself.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// A map with the list as its last member, and the objects one after the other.
    nodes: Vec<[u32; 4]>,
    /// The index of the list.
    list: usize,
    ids: Vec<u32>,
    texts: Vec<u8>,
    /// The index of each object's first node.
    starts: Vec<u32>,
    /// By number of the kind asked for; complete where it is not said.
    knowledge: Vec<u8>,
}

impl Inventory {
    /// Joins objects that a module [gathered](super::Instance::gather), in their order. `root` is what the inventory is
    /// called: the folder that it was found in.
    #[must_use]
    pub fn new(module: &Module, root: &str, objects: impl IntoIterator<Item = Gathered>) -> Self {
        let mut all = Self::default();
        all.begin(module, root);
        for object in objects {
            all.add(&object);
        }
        let count = number(all.starts.len());
        for (at, kind, size) in [(0, Kind::Map, 0), (all.list, Kind::List, count)] {
            let extent = number(all.nodes.len() - at).saturating_mul(NODE_SIZE);
            if let Some([head, _, first, _]) = all.nodes.get_mut(at) {
                *head = extent | kind.code();
                if kind == Kind::List {
                    *first = size;
                }
            }
        }
        all
    }

    /// Writes what stands before the objects: the inventory's kind and name, and its root.
    fn begin(&mut self, module: &Module, root: &str) {
        let tries = &module.shared().tries;
        let scalar = NODE_SIZE | Kind::String.code();
        let keys = ["kind", "metadata", "name", "root", "objects"];
        let keys = keys.map(|key| match tries.symbol(key.as_bytes()) {
            Some(symbol) => symbol,
            None => self.key(key),
        });
        let [kind_key, metadata_key, name_key, root_key, objects_key] = keys;
        let kind = self.text("Inventory");
        let name = self.text(root);
        let metadata = (2 * NODE_SIZE) | Kind::Map.code();
        self.nodes = vec![
            [0, KEY_NONE, 4, 0],
            [scalar, kind_key, kind.0, kind.1],
            [metadata, metadata_key, 1, 0],
            [scalar, name_key, name.0, name.1],
            [scalar, root_key, name.0, name.1],
            [0, objects_key, 0, 0],
        ];
        self.list = self.nodes.len() - 1;
        self.ids = vec![0; self.nodes.len()];
    }

    /// A key that is no symbol of the module.
    fn key(&mut self, key: &str) -> u32 {
        let start = number(self.texts.len());
        let length = number(key.len()).to_le_bytes();
        self.texts.extend_from_slice(&length);
        self.texts.extend_from_slice(key.as_bytes());
        KEY_TEXT | start
    }

    fn text(&mut self, text: &str) -> (u32, u32) {
        let start = number(self.texts.len());
        self.texts.extend_from_slice(text.as_bytes());
        (start, number(text.len()))
    }

    /// Says what is known of each kind that the module asks for, by number.
    #[must_use]
    pub fn with_knowledge(mut self, kinds: impl IntoIterator<Item = Knowledge>) -> Self {
        let kinds = kinds.into_iter().map(|knowledge| match knowledge {
            Knowledge::None => 0,
            Knowledge::Partial => 1,
            Knowledge::Complete => 2,
        });
        self.knowledge = kinds.collect();
        self
    }

    /// How many objects there are.
    #[must_use]
    pub fn n_objects(&self) -> usize {
        self.starts.len()
    }

    /// Bytes that it takes in a guest.
    pub(super) fn size(&self) -> usize {
        self.nodes.len() * NODE_SIZE as usize + self.texts.len() + self.knowledge.len()
    }

    fn add(&mut self, object: &Gathered) {
        let shift = number(self.texts.len());
        self.starts.push(number(self.nodes.len()));
        let nodes = object.nodes.iter().map(|&node| moved(node, shift));
        self.nodes.extend(nodes);
        self.ids.extend_from_slice(&object.ids);
        self.texts.extend_from_slice(&object.texts);
    }

    /// Copies it into a guest and hands it over; the address of its first node, which is what is judged as the inventory.
    pub(super) fn give_to(&self, guest: &mut Guest) -> Result<u32, Cause> {
        let bytes = u32::try_from(self.size()).map_err(|_| Cause::Memory)?;
        let base = guest.take(bytes)?;
        let texts = base + number(self.nodes.len()) * NODE_SIZE;
        let knowledge = texts + number(self.texts.len());
        let outside = || Cause::Results("space outside of memory");
        let memory = guest.memory_mut();
        let target = (memory.get_mut(base as usize..))
            .and_then(|rest| rest.get_mut(..bytes as usize))
            .ok_or_else(outside)?;
        let (nodes, rest) = target
            .split_at_mut_checked(self.nodes.len() * NODE_SIZE as usize)
            .ok_or_else(outside)?;
        let (chunks, _) = nodes.as_chunks_mut::<16>();
        for (chunk, &node) in chunks.iter_mut().zip(&self.nodes) {
            let [head, key, first, second] = moved(node, texts);
            let words = u128::from(head)
                | u128::from(key) << 32
                | u128::from(first) << 64
                | u128::from(second) << 96;
            *chunk = words.to_le_bytes();
        }
        let (text_bytes, rest) = rest
            .split_at_mut_checked(self.texts.len())
            .ok_or_else(outside)?;
        text_bytes.copy_from_slice(&self.texts);
        rest.copy_from_slice(&self.knowledge);
        let knowledge = if self.knowledge.is_empty() {
            0
        } else {
            knowledge
        };
        guest.give_inventory(base + number(self.list) * NODE_SIZE, knowledge)?;
        Ok(base)
    }

    /// Whether the node `offset` bytes behind the first is the inventory's own rather than an object's.
    pub(super) fn is_own(&self, offset: u32) -> bool {
        (offset / NODE_SIZE) as usize <= self.list
    }

    /// The object, and in it the node, whose copy lies `offset` bytes behind the first.
    pub(super) fn node_at(&self, offset: u32) -> Option<(u32, NodeId)> {
        if !offset.is_multiple_of(NODE_SIZE) {
            return None;
        }
        let index = offset / NODE_SIZE;
        let after = self.starts.partition_point(|&start| start <= index);
        let object = after.checked_sub(1)?;
        let id = *self.ids.get(index as usize)?;
        Some((number(object), NodeId(id)))
    }
}

/// A node whose texts lie `shift` bytes further.
fn moved([head, key, first, second]: [u32; 4], shift: u32) -> [u32; 4] {
    let key = if key & KEY_TEXT == 0 {
        key
    } else {
        key.wrapping_add(shift)
    };
    let kind = head & KIND_MASK;
    let has_text = [Kind::Float, Kind::String, Kind::Unknown]
        .iter()
        .any(|with| with.code() == kind);
    let first = if has_text {
        first.wrapping_add(shift)
    } else {
        first
    };
    [head, key, first, second]
}

/// What does not fit into 32 bits does not fit into a guest, which says so.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
