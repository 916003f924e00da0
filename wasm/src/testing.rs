//! What several tests need.

use palisade_abi::layout::*;
use palisade_abi::tape::{NodeId, Tape, Value};

/// A node as tests compare it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) extent: u32,
    pub(crate) key: Option<String>,
    pub(crate) value: String,
}

/// The nodes of a tape.
pub(crate) fn rows(tape: &Tape) -> Vec<Row> {
    (0..u32::try_from(tape.len()).unwrap())
        .map(NodeId)
        .map(|node| Row {
            extent: tape.after(node).0 - node.0,
            key: tape.key(node).map(str::to_owned),
            value: format!("{:?}", tape.value(node)),
        })
        .collect()
}

/// Reads a tape out of guest memory and asserts that it is well formed: extents nest, keys are symbols where there are.
pub(crate) fn read_guest_tape(memory: &[u8], root: u32, symbols: &[String]) -> Vec<Row> {
    let mut reader = Reader {
        memory,
        symbols,
        rows: Vec::new(),
    };
    reader.node(root, KEY_NONE, false);
    reader.rows
}

struct Reader<'a> {
    memory: &'a [u8],
    symbols: &'a [String],
    rows: Vec<Row>,
}

impl Reader<'_> {
    fn word(&self, at: u32) -> u32 {
        let at = at as usize;
        u32::from_le_bytes(self.memory[at..at + 4].try_into().unwrap())
    }

    fn text(&self, start: u32, len: u32) -> &str {
        let bytes = &self.memory[start as usize..(start + len) as usize];
        str::from_utf8(bytes).unwrap()
    }

    fn key(&self, key: u32) -> Option<String> {
        if key == KEY_NONE {
            return None;
        }
        if key & KEY_TEXT == 0 {
            return Some(self.symbols[key as usize].clone());
        }
        let at = key & !KEY_TEXT;
        let text = self.text(at + 4, self.word(at)).to_owned();
        assert!(!self.symbols.contains(&text), "`{text}` has a symbol");
        Some(text)
    }

    /// Reads a node and what is below; `key` is what its key must be in a list, and is not looked at in a map.
    fn node(&mut self, at: u32, key: u32, in_map: bool) -> u32 {
        assert_eq!(at % NODE_SIZE, 0);
        let head = self.word(at);
        let (first, second) = (self.word(at + 8), self.word(at + 12));
        let own = self.word(at + 4);
        assert!(in_map || own == key, "an element has the key of its list");
        let (extent, kind) = (head & EXTENT_MASK, head & KIND_MASK);
        let value = match kind {
            KIND_NULL => Value::Null,
            KIND_BOOL => Value::Bool(first != 0),
            KIND_INT => {
                let bits = u64::from(first) | u64::from(second) << 32;
                Value::Int(bits.cast_signed())
            }
            KIND_FLOAT => Value::Float(self.text(first, second)),
            KIND_STRING => Value::String(self.text(first, second)),
            KIND_UNKNOWN => Value::Unknown(self.text(first, second)),
            KIND_LIST => Value::List(first),
            KIND_MAP => Value::Map(first),
            other => panic!("kind {other}"),
        };
        let row = Row {
            extent: extent / NODE_SIZE,
            key: self.key(own),
            value: format!("{value:?}"),
        };
        self.rows.push(row);
        let is_open = matches!(kind, KIND_LIST | KIND_MAP);
        assert!(is_open || extent == NODE_SIZE, "a scalar is one node");
        let mut child = at + NODE_SIZE;
        while child < at + extent {
            child = self.node(child, own, kind == KIND_MAP);
        }
        assert_eq!(child, at + extent, "children fill their parent");
        child
    }
}
