//! Objects that were gathered for an inventory, in as few bytes as a run over a large repository needs.
//!
//! Every thread copies all of them into its instance, so what the host keeps is only read once in each: nodes are written as
//! numbers of variable length, about a third of what they take in a guest.
//!
//! ```text
//! object   how many nodes ─ end of the text before ─ nodes
//! node     head ─ key ─ payload ─ id, as the distance from the one before
//! payload  of a text: the distance from the end of the text before ─ its length; else two words
//! ```

use palisade_abi::layout::{KEY_TEXT, KIND_MASK};
use palisade_abi::tape::Kind;

use super::inventory::number;
use super::tape::NodeBytes;

/// How many texts are remembered.
const KNOWN: usize = 1 << 10;
/// Longer texts hardly come again.
const LONGEST_KNOWN: u32 = 64;

/// Objects as far as a module reads them, in the order in which they were gathered. Addresses of texts count from the
/// first text.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// The objects, one behind the other.
    packed: Vec<u8>,
    /// Where each ends in `packed`.
    ends: Vec<u32>,
    texts: Vec<u8>,
    /// Where texts lie that may come again, by a hash of theirs.
    known: Vec<(u32, u32)>,
}

impl Gathered {
    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds an object: its nodes, whose texts count from the first of `texts`. `file` says of what kind of file it is, if it
    /// is no object of the API.
    pub(super) fn add(
        &mut self,
        nodes: &[NodeBytes],
        ids: &[u32],
        texts: &[u8],
        file: Option<&str>,
    ) {
        let file = file.map(|kind| KEY_TEXT | self.file_key(kind));
        let mut last_text = number(self.texts.len());
        let mut last_id = 0;
        self.put(number(nodes.len()));
        self.put(last_text);
        for (nth, (node, &id)) in nodes.iter().zip(ids).enumerate() {
            let [head, key, first, second] = unpack(node);
            let key = match file {
                Some(file) if nth == 0 => file,
                _ if key & KEY_TEXT == 0 => key,
                _ => KEY_TEXT | self.key_text(texts, key & !KEY_TEXT),
            };
            self.put(head);
            // No key is the smallest number, one that is a text is odd.
            self.put(key.wrapping_add(1).rotate_left(1));
            if has_text(head) {
                let start = self.keep(texts, first, second);
                self.put(folded(start.wrapping_sub(last_text)));
                last_text = start.wrapping_add(second);
            } else {
                self.put(first);
            }
            self.put(second);
            self.put(folded(id.wrapping_sub(last_id)));
            last_id = id;
        }
        self.ends.push(number(self.packed.len()));
    }

    /// Frees what only adding needs.
    pub(super) fn finish(&mut self) {
        self.known = Vec::new();
        self.packed.shrink_to_fit();
        self.texts.shrink_to_fit();
    }

    /// All texts.
    pub(super) fn texts(&self) -> &[u8] {
        &self.texts
    }

    /// How many nodes an object has.
    pub(super) fn n_nodes(&self, nth: u32) -> u32 {
        self.nodes(nth).left
    }

    /// The nodes of an object with their ids; none of one that is not there.
    pub(super) fn nodes(&self, nth: u32) -> Nodes<'_> {
        let end = |nth: u32| self.ends.get(nth as usize).copied();
        let start = nth.checked_sub(1).map_or(Some(0), end);
        let range = start.zip(end(nth)).unwrap_or((0, 0));
        let packed = self.packed.get(range.0 as usize..range.1 as usize);
        let mut nodes = Nodes {
            packed: packed.unwrap_or_default(),
            left: 0,
            last_text: 0,
            last_id: 0,
        };
        nodes.left = nodes.number();
        nodes.last_text = nodes.number();
        nodes
    }

    /// Writes a number, seven bits a byte, the lowest first.
    fn put(&mut self, number: u32) {
        let mut left = number;
        while left > 0x7F {
            self.packed.push((left & 0x7F) as u8 | 0x80);
            left >>= 7;
        }
        self.packed.push(left as u8);
    }

    /// Where the name of a kind of file lies, as a key.
    fn file_key(&mut self, kind: &str) -> u32 {
        let length = number(kind.len()).to_le_bytes();
        let text = [&length, kind.as_bytes()].concat();
        self.keep(&text, 0, number(text.len()))
    }

    /// Keeps the text of a key with its length before it.
    fn key_text(&mut self, texts: &[u8], at: u32) -> u32 {
        let length = (texts.get(at as usize..)).and_then(|rest| rest.first_chunk::<4>());
        let length = length.map_or(0, |length| u32::from_le_bytes(*length));
        self.keep(texts, at, length.saturating_add(4))
    }

    /// Where a text lies from now on, which may be where the same text lies already.
    fn keep(&mut self, texts: &[u8], at: u32, length: u32) -> u32 {
        let range = at as usize..at.saturating_add(length) as usize;
        let text = texts.get(range).unwrap_or_default();
        let start = number(self.texts.len());
        if length > LONGEST_KNOWN {
            self.texts.extend_from_slice(text);
            return start;
        }
        self.known.resize(KNOWN, (0, 0));
        let hash = text.iter().fold(0x811c_9dc5_u32, |hash, &byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        let slot = (hash ^ hash >> 16) as usize % KNOWN;
        let Some(known) = self.known.get_mut(slot) else {
            return start;
        };
        let range = known.0 as usize..(known.0 + known.1) as usize;
        if self.texts.get(range) == Some(text) {
            return known.0;
        }
        *known = (start, length);
        self.texts.extend_from_slice(text);
        start
    }
}

/// The nodes of an object as they are in a guest, but for addresses of texts, and their ids.
#[derive(Debug)]
pub(super) struct Nodes<'g> {
    packed: &'g [u8],
    left: u32,
    last_text: u32,
    last_id: u32,
}

impl Nodes<'_> {
    fn number(&mut self) -> u32 {
        let mut found = 0;
        let mut shift = 0;
        while let Some((&byte, rest)) = self.packed.split_first() {
            self.packed = rest;
            found |= u32::from(byte & 0x7F) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift >= u32::BITS {
                break;
            }
        }
        found
    }
}

impl Iterator for Nodes<'_> {
    type Item = ([u32; 4], u32);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let head = self.number();
        let key = self.number().rotate_right(1).wrapping_sub(1);
        let mut first = self.number();
        if has_text(head) {
            first = unfolded(first).wrapping_add(self.last_text);
        }
        let second = self.number();
        if has_text(head) {
            self.last_text = first.wrapping_add(second);
        }
        self.last_id = unfolded(self.number()).wrapping_add(self.last_id);
        Some(([head, key, first, second], self.last_id))
    }
}

/// A distance in either direction as a small number if it is short.
fn folded(distance: u32) -> u32 {
    let back = distance & (1 << 31) != 0;
    (distance << 1) ^ if back { u32::MAX } else { 0 }
}

/// The distance of which [`folded`] made this.
fn unfolded(number: u32) -> u32 {
    let back = number & 1 != 0;
    (number >> 1) ^ if back { u32::MAX } else { 0 }
}

/// Reads what [`pack`](super::tape::pack) wrote.
fn unpack(node: &NodeBytes) -> [u32; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(node.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words
}

/// Whether a node's payload is the address and length of a text.
pub(super) fn has_text(head: u32) -> bool {
    let kind = head & KIND_MASK;
    [Kind::Float, Kind::String, Kind::Unknown]
        .iter()
        .any(|with| with.code() == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tape::pack;
    use palisade_abi::layout::KEY_NONE;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nodes_come_back_as_they_were(
            objects in prop::collection::vec(
                prop::collection::vec((0_u32..1 << 8, any::<u32>(), any::<[u32; 2]>(), any::<u32>()), 0..9),
                0..9,
            )
        ) {
            let mut gathered = Gathered::default();
            let mut all = Vec::new();
            for object in &objects {
                let keys = [KEY_NONE, 0, 7, 1 << 20];
                // Texts are moved, what else there is stays.
                let nodes = object.iter().map(|&(head, key, [first, second], _)| {
                    let head = head << 4 | if key % 2 == 0 { Kind::Int.code() } else { Kind::Map.code() };
                    [head, keys[key as usize % keys.len()], first, second]
                });
                let nodes: Vec<[u32; 4]> = nodes.collect();
                let ids: Vec<u32> = object.iter().map(|&(.., id)| id).collect();
                let bytes: Vec<NodeBytes> = nodes.iter().copied().map(pack).collect();
                gathered.add(&bytes, &ids, &[], None);
                all.push(nodes.into_iter().zip(ids).collect::<Vec<_>>());
            }
            prop_assert_eq!(gathered.len(), all.len());
            for (nth, nodes) in (0..).zip(&all) {
                prop_assert_eq!(gathered.n_nodes(nth) as usize, nodes.len());
                prop_assert_eq!(&gathered.nodes(nth).collect::<Vec<_>>(), nodes);
            }
            prop_assert_eq!(gathered.nodes(number(all.len())).count(), 0);
        }

        #[test]
        fn texts_come_back_as_they_were(texts in prop::collection::vec("[a-c]{0,3}|[a-z]{70}", 1..40)) {
            let mut gathered = Gathered::default();
            let head = 16 | Kind::String.code();
            for of in texts.chunks(3) {
                let all = of.concat();
                let mut start = 0;
                let nodes = of.iter().map(|text| {
                    let node = pack([head, 3, start, number(text.len())]);
                    start += number(text.len());
                    node
                });
                let nodes: Vec<NodeBytes> = nodes.collect();
                let ids: Vec<u32> = (0..number(nodes.len())).collect();
                gathered.add(&nodes, &ids, all.as_bytes(), None);
            }
            for (nth, of) in (0..).zip(texts.chunks(3)) {
                for (([_, _, first, second], _), text) in gathered.nodes(nth).zip(of) {
                    let found = &gathered.texts()[first as usize..(first + second) as usize];
                    prop_assert_eq!(found, text.as_bytes());
                }
            }
        }
    }
}
