//! What several tests need.

use palisade_abi::layout::*;
use palisade_abi::tape::{Builder, Tape};

/// Reads a tape out of guest memory and asserts that it is well formed: extents, keys and sizes.
pub(crate) fn read_guest_tape(
    memory: &[u8],
    root: u32,
    root_key: u32,
    symbols: &[String],
) -> Tape {
    let mut reader = Reader {
        memory,
        symbols,
        out: Builder::new(),
    };
    reader.node(root, root_key, false);
    reader.out.finish()
}

struct Reader<'a> {
    memory: &'a [u8],
    symbols: &'a [String],
    out: Builder,
}

impl Reader<'_> {
    fn word(&self, at: u32) -> u32 {
        let at = at as usize;
        u32::from_le_bytes(self.memory[at..at + 4].try_into().unwrap())
    }

    fn text(&self, start: u32, len: u32) -> String {
        let bytes = &self.memory[start as usize..(start + len) as usize];
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn key(&self, key: u32) -> String {
        if key & KEY_TEXT == 0 {
            return self.symbols[key as usize].clone();
        }
        let at = key & !KEY_TEXT;
        let text = self.text(at + 4, self.word(at));
        assert!(!self.symbols.contains(&text), "`{text}` has a symbol");
        text
    }

    /// Reads a node; `key` is what its key must be in a list, and is not looked at in a map.
    fn node(&mut self, at: u32, key: u32, in_map: bool) -> u32 {
        assert_eq!(at % NODE_SIZE, 0);
        let head = self.word(at);
        let (first, second) = (self.word(at + 8), self.word(at + 12));
        let own = self.word(at + 4);
        if in_map {
            let key = self.key(own);
            self.out.key(&key);
        } else {
            assert_eq!(own, key, "an element has the key of its list");
        }
        let end = at + (head & EXTENT_MASK);
        let kind = head & KIND_MASK;
        if !matches!(kind, KIND_LIST | KIND_MAP) {
            assert_eq!(head & EXTENT_MASK, NODE_SIZE);
        }
        match kind {
            KIND_NULL => self.out.null(),
            KIND_BOOL => self.out.bool(first != 0),
            KIND_INT => {
                let value = u64::from(first) | u64::from(second) << 32;
                self.out.int(value.cast_signed())
            }
            KIND_FLOAT => self.out.float(&self.text(first, second)),
            KIND_STRING => self.out.string(&self.text(first, second)),
            KIND_UNKNOWN => self.out.unknown(&self.text(first, second)),
            KIND_LIST | KIND_MAP => {
                let id = if kind == KIND_LIST {
                    self.out.start_list()
                } else {
                    self.out.start_map()
                };
                let mut child = at + NODE_SIZE;
                while child < end {
                    child = self.node(child, own, kind == KIND_MAP);
                }
                assert_eq!(child, end, "children fill their parent");
                self.out.end_with_size(first);
                id
            }
            other => panic!("kind {other}"),
        };
        end
    }
}
