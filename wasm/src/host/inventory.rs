//! The objects that policies ask for besides the one that is judged: gathered once, copied into every instance.

use palisade_abi::layout::{KEY_NONE, KEY_TEXT, NODE_SIZE};
use palisade_abi::tape::{Kind, NodeId};

use super::gathered::{Gathered, has_text};
use super::guest::Guest;
use super::tape::pack;
use super::{Cause, Module};

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
    /// What stands before the objects: a map with their list as its last member, and its texts.
    head: Vec<[u32; 4]>,
    head_texts: Vec<u8>,
    /// The objects as they were gathered.
    parts: Vec<Gathered>,
    /// Their order: the number of a part, the number of an object in it.
    order: Vec<(u32, u32)>,
    /// The index of each object's first node, and at last that after all.
    starts: Vec<u32>,
    /// By number of the kind asked for; complete where it is not said.
    knowledge: Vec<u8>,
    /// Where the objects are written: the list of it, and its texts; nothing where no policy asks.
    sources: Vec<[u32; 4]>,
    source_texts: Vec<u8>,
}

impl Inventory {
    /// Puts objects in order that one module [gathered](super::Instance::gather): `order` has the number of a part and of
    /// an object in it. `root` is what the inventory is called: the folder that it was found in.
    #[must_use]
    pub fn new(
        module: &Module,
        root: &str,
        parts: Vec<Gathered>,
        order: impl IntoIterator<Item = (u32, u32)>,
    ) -> Self {
        Self::called(module, root, &[], parts, order)
    }

    /// The same with what else the inventory is called, by the names that policies use: `cluster`, `distribution`,
    /// `provider`.
    #[must_use]
    pub fn called(
        module: &Module,
        root: &str,
        called: &[(&str, &str)],
        parts: Vec<Gathered>,
        order: impl IntoIterator<Item = (u32, u32)>,
    ) -> Self {
        let mut all = Self {
            parts,
            order: order.into_iter().collect(),
            ..Self::default()
        };
        for part in &mut all.parts {
            part.finish();
        }
        all.begin(module, root, called);
        let mut end = number(all.head.len());
        all.starts = Vec::with_capacity(all.order.len() + 1);
        for &(part, nth) in &all.order {
            all.starts.push(end);
            let part = all.parts.get(part as usize);
            end = end.saturating_add(part.map_or(0, |part| part.n_nodes(nth)));
        }
        all.starts.push(end);
        let count = number(all.order.len());
        let list = all.list();
        for (at, kind, size) in [(0, Kind::Map, 0), (list, Kind::List, count)] {
            let extent = (end - at).saturating_mul(NODE_SIZE);
            if let Some([head, _, first, _]) = all.head.get_mut(at as usize) {
                *head = extent | kind.code();
                if kind == Kind::List {
                    *first = size;
                }
            }
        }
        all
    }

    /// Objects that were gathered in their order.
    #[must_use]
    pub fn of(module: &Module, root: &str, objects: Gathered) -> Self {
        let order: Vec<(u32, u32)> = (0..number(objects.len())).map(|nth| (0, nth)).collect();
        Self::new(module, root, vec![objects], order)
    }

    /// Writes what stands before the objects: the inventory's kind and name, its root, and what else it is called.
    fn begin(&mut self, module: &Module, root: &str, called: &[(&str, &str)]) {
        let key = |this: &mut Self, key: &str| {
            let symbol = module.shared().tries.symbol(key.as_bytes());
            symbol.unwrap_or_else(|| this.key(key))
        };
        let scalar = NODE_SIZE | Kind::String.code();
        let metadata = (2 * NODE_SIZE) | Kind::Map.code();
        let kind = self.text("Inventory");
        let name = self.text(root);
        let members = number(called.len()).saturating_add(4);
        self.head = vec![
            [0, KEY_NONE, members, 0],
            [scalar, key(self, "kind"), kind.0, kind.1],
            [metadata, key(self, "metadata"), 1, 0],
            [scalar, key(self, "name"), name.0, name.1],
            [scalar, key(self, "root"), name.0, name.1],
        ];
        for (member, value) in called {
            let value = self.text(value);
            let node = [scalar, key(self, member), value.0, value.1];
            self.head.push(node);
        }
        let objects = key(self, "objects");
        self.head.push([0, objects, 0, 0]);
    }

    /// A key that is no symbol of the module.
    fn key(&mut self, key: &str) -> u32 {
        let start = number(self.head_texts.len());
        let length = number(key.len()).to_le_bytes();
        self.head_texts.extend_from_slice(&length);
        self.head_texts.extend_from_slice(key.as_bytes());
        KEY_TEXT | start
    }

    fn text(&mut self, text: &str) -> (u32, u32) {
        let start = number(self.head_texts.len());
        self.head_texts.extend_from_slice(text.as_bytes());
        (start, number(text.len()))
    }

    /// The index of the list.
    fn list(&self) -> u32 {
        number(self.head.len()).saturating_sub(1)
    }

    /// How many nodes there are.
    fn n_nodes(&self) -> u32 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// How many bytes of texts.
    fn n_texts(&self) -> usize {
        let parts = self.parts.iter().map(|part| part.texts().len());
        self.head_texts.len() + parts.sum::<usize>()
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

    /// Says where each object is written, in their order: the path of its file, and the template that it was rendered from.
    /// Nothing is kept of it for a module whose policies do not ask.
    #[must_use]
    pub fn with_sources<'s>(
        mut self,
        module: &Module,
        sources: impl IntoIterator<Item = (&'s str, Option<&'s str>)>,
    ) -> Self {
        if !module.asks_for_sources() {
            return self;
        }
        let mut texts = std::mem::take(&mut self.source_texts);
        let mut keep = |bytes: &[u8]| {
            let start = number(texts.len());
            texts.extend_from_slice(bytes);
            start
        };
        let mut key = |key: &str| {
            let symbol = module.shared().tries.symbol(key.as_bytes());
            symbol.unwrap_or_else(|| {
                let start = keep(&number(key.len()).to_le_bytes());
                keep(key.as_bytes());
                KEY_TEXT | start
            })
        };
        let keys = (key("path"), key("template"));
        let mut nodes = vec![[0, KEY_NONE, 0, 0]];
        let mut last: Option<(&str, u32)> = None;
        let mut count = 0;
        for (path, template) in sources {
            let scalar = NODE_SIZE | Kind::String.code();
            let members = 1 + u32::from(template.is_some());
            let extent = (1 + members) * NODE_SIZE;
            nodes.push([extent | Kind::Map.code(), KEY_NONE, members, 0]);
            // Objects of one file follow each other.
            let start = match last {
                Some((other, start)) if other == path => start,
                _ => keep(path.as_bytes()),
            };
            last = Some((path, start));
            nodes.push([scalar, keys.0, start, number(path.len())]);
            if let Some(template) = template {
                let start = keep(template.as_bytes());
                nodes.push([scalar, keys.1, start, number(template.len())]);
            }
            count += 1;
        }
        let extent = number(nodes.len()).saturating_mul(NODE_SIZE);
        if let Some(list) = nodes.first_mut() {
            *list = [extent | Kind::List.code(), KEY_NONE, count, 0];
        }
        self.sources = nodes;
        self.source_texts = texts;
        self
    }

    /// How many objects there are.
    #[must_use]
    pub fn n_objects(&self) -> usize {
        self.order.len()
    }

    /// Bytes that it takes in a guest.
    pub(super) fn size(&self) -> usize {
        self.n_nodes() as usize * NODE_SIZE as usize
            + self.n_texts()
            + self.knowledge.len()
            + self.sources.len() * NODE_SIZE as usize
            + self.source_texts.len()
    }

    /// Copies it into a guest and hands it over; the address of its first node, which is what is judged as the inventory.
    pub(super) fn give_to(&self, guest: &mut Guest) -> Result<u32, Cause> {
        let of_sources = self.sources.len() * NODE_SIZE as usize + self.source_texts.len();
        let bytes = u32::try_from(self.size() - of_sources).map_err(|_| Cause::Memory)?;
        let base = guest.take(bytes)?;
        let first_text = base + self.n_nodes() * NODE_SIZE;
        let knowledge = first_text + number(self.n_texts());
        let outside = || Cause::Results("space outside of memory");
        let target = (guest.memory_mut().get_mut(base as usize..))
            .and_then(|rest| rest.get_mut(..bytes as usize))
            .ok_or_else(outside)?;
        let (nodes, rest) = target
            .split_at_mut_checked(self.n_nodes() as usize * NODE_SIZE as usize)
            .ok_or_else(outside)?;
        let (texts, last) = rest
            .split_at_mut_checked(self.n_texts())
            .ok_or_else(outside)?;
        last.copy_from_slice(&self.knowledge);
        // Where the texts of each part begin.
        let mut bases = Vec::new();
        let mut left = texts;
        let mut address = first_text;
        let of_parts = self.parts.iter().map(Gathered::texts);
        for source in std::iter::once(self.head_texts.as_slice()).chain(of_parts) {
            let (to, more) = std::mem::take(&mut left)
                .split_at_mut_checked(source.len())
                .ok_or_else(outside)?;
            to.copy_from_slice(source);
            left = more;
            bases.push(address);
            address += number(source.len());
        }
        let (chunks, _) = nodes.as_chunks_mut::<16>();
        let mut chunks = chunks.iter_mut();
        let mut write = |nodes: &mut dyn Iterator<Item = [u32; 4]>, texts: u32| {
            // The nodes first: else a chunk would be lost at the end of each object.
            for (node, chunk) in nodes.zip(chunks.by_ref()) {
                *chunk = pack(moved(node, texts));
            }
        };
        let mut bases = bases.into_iter();
        let of_head = bases.next().unwrap_or(first_text);
        write(&mut self.head.iter().copied(), of_head);
        let bases: Vec<u32> = bases.collect();
        for &(part, nth) in &self.order {
            let (Some(of), Some(&texts)) =
                (self.parts.get(part as usize), bases.get(part as usize))
            else {
                continue;
            };
            write(&mut of.nodes(nth).map(|(node, _)| node), texts);
        }
        let knowledge = if self.knowledge.is_empty() {
            0
        } else {
            knowledge
        };
        guest.give_inventory(base + self.list() * NODE_SIZE, knowledge)?;
        self.give_sources_to(guest)?;
        Ok(base)
    }

    /// Copies where the objects are written into a guest.
    fn give_sources_to(&self, guest: &mut Guest) -> Result<(), Cause> {
        if self.sources.is_empty() {
            return Ok(());
        }
        let n_nodes = self.sources.len() * NODE_SIZE as usize;
        let bytes = n_nodes + self.source_texts.len();
        let base = guest.take(u32::try_from(bytes).map_err(|_| Cause::Memory)?)?;
        let first_text = base + number(n_nodes);
        let (nodes, texts) = (guest.memory_mut().get_mut(base as usize..))
            .and_then(|rest| rest.get_mut(..bytes))
            .and_then(|space| space.split_at_mut_checked(n_nodes))
            .ok_or(Cause::Results("space outside of memory"))?;
        texts.copy_from_slice(&self.source_texts);
        for (&node, chunk) in self.sources.iter().zip(nodes.as_chunks_mut::<16>().0) {
            *chunk = pack(moved(node, first_text));
        }
        guest.give_sources(base)
    }

    /// Whether the node `offset` bytes behind the first is the inventory's own rather than an object's.
    pub(super) fn is_own(&self, offset: u32) -> bool {
        offset / NODE_SIZE <= self.list()
    }

    /// The object, and in it the node, whose copy lies `offset` bytes behind the first.
    pub(super) fn node_at(&self, offset: u32) -> Option<(u32, NodeId)> {
        if !offset.is_multiple_of(NODE_SIZE) {
            return None;
        }
        let index = offset / NODE_SIZE;
        if index >= self.n_nodes() {
            return None;
        }
        let after = self.starts.partition_point(|&start| start <= index);
        let object = after.checked_sub(1)?;
        let start = *self.starts.get(object)?;
        let &(part, nth) = self.order.get(object)?;
        let mut nodes = self.parts.get(part as usize)?.nodes(nth);
        let (_, id) = nodes.nth((index - start) as usize)?;
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
    let first = if has_text(head) {
        first.wrapping_add(shift)
    } else {
        first
    };
    [head, key, first, second]
}

/// What does not fit into 32 bits does not fit into a guest, which says so.
pub(super) fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
