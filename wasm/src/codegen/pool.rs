//! Static data: symbols, texts, constant nodes. Everything has its address from the moment it is added.

use std::collections::BTreeMap;

use palisade_abi::layout;
use palisade_lang::program::Const;
use palisade_pattern::Syntax;

use super::pattern::Pattern;
use crate::index::FIXED_SYMBOLS;

/// Static data that begins at an address of the module's memory.
#[derive(Debug)]
pub(super) struct Pool {
    base: u32,
    bytes: Vec<u8>,
    texts: BTreeMap<String, u32>,
    nodes: BTreeMap<Vec<u8>, u32>,
    tables: BTreeMap<Vec<u32>, u32>,
    symbols: Vec<String>,
    numbers: BTreeMap<String, u32>,
    pub(super) patterns: Vec<Pattern>,
    /// Whether the module looks for where a pattern matches.
    pub(super) finds: bool,
}

impl Pool {
    /// An empty pool with the symbols that every module has; `base` is a multiple of 16.
    pub(super) fn new(base: u32) -> Self {
        let mut pool = Self {
            base,
            bytes: Vec::new(),
            texts: BTreeMap::new(),
            nodes: BTreeMap::new(),
            tables: BTreeMap::new(),
            symbols: Vec::new(),
            numbers: BTreeMap::new(),
            patterns: Vec::new(),
            finds: false,
        };
        for name in FIXED_SYMBOLS {
            pool.symbol(name);
        }
        pool
    }

    /// The number of a symbol.
    pub(super) fn symbol(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = count(self.symbols.len());
        self.symbols.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// The symbols by number.
    pub(super) fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// The address of `{len, text}`.
    pub(super) fn text(&mut self, text: &str) -> u32 {
        if let Some(&address) = self.texts.get(text) {
            return address;
        }
        let mut bytes = count(text.len()).to_le_bytes().to_vec();
        bytes.extend_from_slice(text.as_bytes());
        let address = self.put(&bytes, 1);
        self.texts.insert(text.to_owned(), address);
        address
    }

    /// The address of a node for a constant; 0 for an absent one.
    pub(super) fn constant(&mut self, constant: &Const) -> u32 {
        let mut nodes = Vec::new();
        self.write(constant, &mut nodes);
        if nodes.is_empty() {
            0
        } else {
            self.nodes(nodes)
        }
    }

    /// The address of two nodes one after the other: false and true.
    pub(super) fn bools(&mut self) -> u32 {
        let mut nodes = Vec::new();
        self.write(&Const::Bool(false), &mut nodes);
        self.write(&Const::Bool(true), &mut nodes);
        self.nodes(nodes)
    }

    fn nodes(&mut self, nodes: Vec<u8>) -> u32 {
        if let Some(&address) = self.nodes.get(&nodes) {
            return address;
        }
        let address = self.put(&nodes, 16);
        self.nodes.insert(nodes, address);
        address
    }

    fn write(&mut self, constant: &Const, nodes: &mut Vec<u8>) {
        match constant {
            Const::Absent => {}
            Const::Bool(value) => {
                push_node(
                    nodes,
                    layout::KIND_BOOL,
                    u64::from(*value),
                    layout::NODE_SIZE,
                );
            }
            Const::Int(value) => {
                push_node(
                    nodes,
                    layout::KIND_INT,
                    value.cast_unsigned(),
                    layout::NODE_SIZE,
                );
            }
            Const::Float(text) => self.write_text(layout::KIND_FLOAT, text, nodes),
            Const::String(text) | Const::Quantity(text) => {
                self.write_text(layout::KIND_STRING, text, nodes);
            }
            Const::Glob(text) => self.write_pattern(text, Syntax::Glob, nodes),
            Const::Regex(text) => self.write_pattern(text, Syntax::Regex, nodes),
            Const::Map(members) => {
                let mut below = Vec::new();
                let mut size = 0_u64;
                for (name, member) in members {
                    let at = below.len();
                    self.write(member, &mut below);
                    let symbol = self.symbol(name);
                    if let Some(key) = below.get_mut(at + 4..at + 8) {
                        key.copy_from_slice(&symbol.to_le_bytes());
                        size += 1;
                    }
                }
                let extent = layout::NODE_SIZE + count(below.len());
                push_node(nodes, layout::KIND_MAP, size, extent);
                nodes.extend_from_slice(&below);
            }
            Const::List(items) => {
                let mut below = Vec::new();
                for item in items {
                    self.write(item, &mut below);
                }
                let extent = layout::NODE_SIZE + count(below.len());
                push_node(nodes, layout::KIND_LIST, items.len() as u64, extent);
                nodes.extend_from_slice(&below);
            }
        }
    }

    fn write_text(&mut self, kind: u32, text: &str, nodes: &mut Vec<u8>) {
        let address = self.text(text) + 4;
        let payload = u64::from(address) | (text.len() as u64) << 32;
        push_node(nodes, kind, payload, layout::NODE_SIZE);
    }

    /// A text that is no pattern, which the checker does not let pass, matches nothing.
    fn write_pattern(&mut self, text: &str, syntax: Syntax, nodes: &mut Vec<u8>) {
        let Some(address) = self.pattern(text, syntax) else {
            return self.write_text(layout::KIND_STRING, text, nodes);
        };
        let payload = u64::from(address) | (text.len() as u64) << 32;
        push_node(nodes, layout::KIND_PATTERN, payload, layout::NODE_SIZE);
    }

    /// The address of a table of words; a table that is the end of another is not written again.
    pub(super) fn words(&mut self, words: &[u32]) -> u32 {
        if let Some(&address) = self.tables.get(words) {
            return address;
        }
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let address = self.put(&bytes, 1);
        for (nth, at) in (0..words.len()).zip((address..).step_by(4)) {
            let end = words.get(nth..).unwrap_or_default();
            self.tables.entry(end.to_vec()).or_insert(at);
        }
        address
    }

    /// The address of a table of words that begins with their number.
    pub(super) fn list(&mut self, words: &[u32]) -> u32 {
        let mut list = vec![count(words.len())];
        list.extend_from_slice(words);
        self.words(&list)
    }

    /// The address of a table of bytes.
    pub(super) fn put(&mut self, bytes: &[u8], align: usize) -> u32 {
        self.bytes
            .resize(self.bytes.len().next_multiple_of(align), 0);
        let address = self.base + count(self.bytes.len());
        self.bytes.extend_from_slice(bytes);
        address
    }

    /// Overwrites a word of the data.
    pub(super) fn set_word(&mut self, address: u32, word: u32) {
        let at = address.wrapping_sub(self.base) as usize;
        if let Some(bytes) = self.bytes.get_mut(at..at + 4) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
    }

    /// Where the data begins, the data, and the first free address after it.
    pub(super) fn finish(mut self) -> (u32, Vec<u8>, u32) {
        self.add_programs();
        let end = self.base + count(self.bytes.len());
        (self.base, self.bytes, end.next_multiple_of(16))
    }
}

fn push_node(nodes: &mut Vec<u8>, kind: u32, payload: u64, extent: u32) {
    nodes.extend_from_slice(&(extent | kind).to_le_bytes());
    nodes.extend_from_slice(&layout::KEY_NONE.to_le_bytes());
    nodes.extend_from_slice(&payload.to_le_bytes());
}

/// A count as the module sees it; sources are far smaller than its memory.
pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
