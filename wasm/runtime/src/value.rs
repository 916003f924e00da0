//! Reads that are not worth inlining, and the findings of reads that went wrong.

use crate::arena::take;
use crate::layout::{
    FIRST_ADDRESS, KEY_NONE, KEY_TEXT, KIND_BOOL, KIND_FLOAT, KIND_INT, KIND_LIST, KIND_MAP, KIND_NULL, KIND_REFS,
    KIND_STRING, KIND_UNKNOWN, UNKNOWN_MISSING, UNKNOWN_SHAPE, UNKNOWN_TEMPLATE,
};
use crate::message::Text;
use crate::node::{after, bytes, first, int, key, kind, second, set_word, text, word};
use crate::program::symbols;
use crate::quantity::is_quantity;
use crate::results::write_shape;
use crate::state::{is_located, state};
use crate::trace::Place;

/// Kinds that untyped JSON may have.
pub const ANY: u32 = 0x17E;
/// Mark of a mask: the text must read as a quantity.
const QUANTITY: u32 = 1 << 31;

/// The member of a map with a key of the module, null or not; 0 if there is none.
pub fn child(map: u32, sought: u32) -> u32 {
    let end = after(map);
    let mut at = map + 16;
    while at < end {
        if key(at) == sought {
            return at;
        }
        at = after(at);
    }
    0
}

/// `node`, or 0 for null.
pub fn present(node: u32) -> u32 {
    if node != 0 && kind(node) == KIND_NULL { 0 } else { node }
}

/// The member of a value, null or not; 0 if it has none.
pub fn member_node(value: u32, sought: u32) -> u32 {
    if value < FIRST_ADDRESS || kind(value) != KIND_MAP {
        0
    } else {
        child(value, sought)
    }
}

/// The member of a map with the key that the string `sought` says, null or not; 0 if there is none.
pub fn map_node(map: u32, sought: u32) -> u32 {
    if map < FIRST_ADDRESS || kind(map) != KIND_MAP {
        return 0;
    }
    let end = after(map);
    let mut at = map + 16;
    while at < end {
        if key_text(key(at)) == text(sought) {
            return at;
        }
        at = after(at);
    }
    0
}

/// The element of a list at the index that an int says; 0 if there is none. Of a list made by the policy also the code of
/// an element without value.
pub fn element_node(list: u32, index: u32) -> u32 {
    let mut left = int(index);
    if list < FIRST_ADDRESS || left < 0 || (kind(list) != KIND_LIST && kind(list) != KIND_REFS) {
        return 0;
    }
    let mut elements = Elements::of(list);
    while let Some(element) = elements.next() {
        if left == 0 {
            return element;
        }
        left -= 1;
    }
    0
}

/// Goes through the elements of a list or the members of a map, null or not; through nothing for what is neither.
pub struct Elements {
    at: u32,
    end: u32,
    refs: bool,
}

impl Elements {
    pub fn of(value: u32) -> Self {
        let (mut at, mut end, mut refs) = (0, 0, false);
        if value >= FIRST_ADDRESS {
            refs = kind(value) == KIND_REFS;
            at = if refs { second(value) } else { value + 16 };
            end = if refs { at + 4 * first(value) } else { after(value) };
        }
        Self { at, end, refs }
    }

    pub fn next(&mut self) -> Option<u32> {
        if self.at >= self.end {
            return None;
        }
        let at = self.at;
        if self.refs {
            self.at += 4;
            return Some(word(at));
        }
        self.at = after(at);
        Some(at)
    }
}

/// The value of a node that may have the kinds of `mask`; makes no finding.
#[unsafe(no_mangle)]
pub extern "C" fn checked(node: u32, mask: u32) -> u32 {
    let kind = kind(node);
    if kind == KIND_UNKNOWN {
        return UNKNOWN_TEMPLATE;
    }
    if mask >> kind & 1 == 0 || (mask & QUANTITY != 0 && !is_quantity(node)) {
        return UNKNOWN_SHAPE;
    }
    node
}

/// The value of an element; makes no finding.
#[unsafe(no_mangle)]
pub extern "C" fn checked_element(node: u32, mask: u32) -> u32 {
    if node < FIRST_ADDRESS {
        return node;
    }
    if mask == ANY && kind(node) == KIND_NULL {
        node
    } else {
        checked(node, mask)
    }
}

/// The value of a member; makes no finding.
#[unsafe(no_mangle)]
pub extern "C" fn read_member(base: u32, sought: u32, mask: u32) -> u32 {
    if base < FIRST_ADDRESS {
        return base;
    }
    let node = present(member_node(base, sought));
    if node == 0 { 0 } else { checked(node, mask) }
}

/// The node of the member of a map with a computed key, or 0; a code of the base or the key is passed on.
#[unsafe(no_mangle)]
pub extern "C" fn find_map_member(base: u32, sought: u32) -> u32 {
    if base < FIRST_ADDRESS {
        return base;
    }
    if sought < FIRST_ADDRESS {
        sought
    } else {
        present(map_node(base, sought))
    }
}

/// The node of the element of a list with a computed index, or 0; a code of the base or the index is passed on.
#[unsafe(no_mangle)]
pub extern "C" fn find_element(base: u32, index: u32) -> u32 {
    if base < FIRST_ADDRESS {
        return base;
    }
    if index < FIRST_ADDRESS {
        index
    } else {
        element_node(base, index)
    }
}

/// What stands for an absent member of a base that is there.
#[unsafe(no_mangle)]
pub extern "C" fn or_default(base: u32, value: u32, default: u32) -> u32 {
    if base >= FIRST_ADDRESS && value == 0 {
        default
    } else {
        value
    }
}

/// The value of a member whose kind is not among those expected: null is absent, a template unknown, else it is a finding.
#[unsafe(no_mangle)]
pub extern "C" fn odd_member(node: u32, expected: u32) -> u32 {
    match kind(node) {
        KIND_NULL => 0,
        KIND_UNKNOWN => UNKNOWN_TEMPLATE,
        _ => report_shape(node, false, expected),
    }
}

/// The value of an element whose kind is not among those expected; nothing is expected of untyped JSON.
#[unsafe(no_mangle)]
pub extern "C" fn odd_element(node: u32, expected: u32) -> u32 {
    if node < FIRST_ADDRESS {
        return node;
    }
    match kind(node) {
        KIND_NULL if expected == 0 => node,
        KIND_UNKNOWN => UNKNOWN_TEMPLATE,
        _ => report_shape(node, true, expected),
    }
}

/// The value of a member that should be a quantity.
#[unsafe(no_mangle)]
pub extern "C" fn quantity_member(node: u32, expected: u32) -> u32 {
    if is_quantity(node) {
        node
    } else {
        odd_member(node, expected)
    }
}

/// The value of an element that should be a quantity.
#[unsafe(no_mangle)]
pub extern "C" fn quantity_element(node: u32, expected: u32) -> u32 {
    if node >= FIRST_ADDRESS && is_quantity(node) {
        node
    } else {
        odd_element(node, expected)
    }
}

/// Reports a value that contradicts its type; `expected` is the address of `{len, text}`.
fn report_shape(node: u32, element: bool, expected: u32) -> u32 {
    if state().silent || !is_located(node) {
        return UNKNOWN_SHAPE;
    }
    let mut message = Text::new();
    if element {
        message.push(b"an element of ");
    }
    message.push(b"`");
    message.push(key_text(key(node)));
    message.push(b"` is ");
    let expected = bytes(expected + 4, word(expected));
    let scalar = matches!(kind(node), KIND_INT | KIND_FLOAT | KIND_STRING);
    if scalar && expected == b"a quantity" {
        message.push(b"`");
        message.push_scalar(node);
        message.push(b"`");
    } else {
        message.push(kind_name(kind(node)));
    }
    message.push(b" where ");
    message.push(expected);
    message.push(b" is expected");
    write_shape(Place::node(node), message);
    UNKNOWN_SHAPE
}

/// Reports that `node` is no map.
pub fn report_no_map(node: u32) {
    // The text that codegen would give lies in its own data; this one is the runtime's.
    #[repr(C)]
    struct Expected(u32, [u8; 5]);
    static A_MAP: Expected = Expected(5, *b"a map");
    report_shape(node, false, (&raw const A_MAP) as u32);
}

/// Reports a required member that is missing.
#[unsafe(no_mangle)]
pub extern "C" fn required_missing(base: u32, sought: u32) -> u32 {
    if !state().silent {
        let mut message = Text::new();
        message.push(b"`");
        message.push(key_text(sought));
        message.push(b"` is required and missing");
        write_shape(Place::node(base).key(sought), message);
    }
    UNKNOWN_MISSING
}

fn kind_name(kind: u32) -> &'static [u8] {
    if kind == KIND_NULL {
        b"null"
    } else if kind == KIND_BOOL {
        b"a bool"
    } else if kind == KIND_INT {
        b"an int"
    } else if kind == KIND_FLOAT {
        b"a float"
    } else if kind == KIND_STRING {
        b"a string"
    } else if kind == KIND_LIST {
        b"a list"
    } else {
        b"a map"
    }
}

/// The text of a key; empty for none.
pub fn key_text(key: u32) -> &'static [u8] {
    if key & KEY_TEXT != 0 {
        let at = key & !KEY_TEXT;
        return bytes(at + 4, word(at));
    }
    if key == KEY_NONE {
        return b"";
    }
    let row = symbols().0 + 8 * key;
    bytes(word(row), word(row + 4))
}

/// The key that the string `node` spells: a symbol if the module knows it.
pub fn key_of_text(node: u32) -> u32 {
    let (rows, count) = symbols();
    let mut symbol = 0;
    while symbol < count {
        if key_text(symbol) == text(node) {
            return symbol;
        }
        symbol += 1;
    }
    let at = take(4 + second(node));
    set_word(at, second(node));
    let mut copy = 0;
    while copy < second(node) {
        crate::node::set_byte(at + 4 + copy, crate::node::byte(first(node) + copy));
        copy += 1;
    }
    let _ = rows;
    KEY_TEXT | at
}

/// A string node for the key of a member.
#[unsafe(no_mangle)]
pub extern "C" fn key_node(member: u32) -> u32 {
    let text = key_text(key(member));
    string_node(text.as_ptr() as u32, text.len() as u32)
}

/// A string node for a text that stays where it is.
pub fn string_node(ptr: u32, len: u32) -> u32 {
    new_node(KIND_STRING, ptr, len)
}

/// An int node.
#[unsafe(no_mangle)]
pub extern "C" fn int_node(value: u32) -> u32 {
    new_node(KIND_INT, value, 0)
}

fn new_node(kind: u32, a: u32, b: u32) -> u32 {
    let node = take(16);
    set_word(node, 16 | kind);
    set_word(node + 4, KEY_NONE);
    set_word(node + 8, a);
    set_word(node + 12, b);
    node
}

/// A list of `count` elements elsewhere, which the caller writes from 16 bytes after it.
#[unsafe(no_mangle)]
pub extern "C" fn refs_new(count: u32) -> u32 {
    let node = take(16 + 4 * count);
    set_word(node, 16 | KIND_REFS);
    set_word(node + 4, KEY_NONE);
    set_word(node + 8, count);
    set_word(node + 12, node + 16);
    node
}

/// Two lists joined; unknown if one of them is.
#[unsafe(no_mangle)]
pub extern "C" fn concat(a: u32, b: u32) -> u32 {
    if a != 0 && a < FIRST_ADDRESS {
        return a;
    }
    if b != 0 && b < FIRST_ADDRESS {
        return b;
    }
    let list = refs_new(length(a) + length(b));
    let mut at = list + 16;
    let mut from = a;
    loop {
        let mut elements = Elements::of(from);
        while let Some(element) = elements.next() {
            set_word(at, element);
            at += 4;
        }
        if from == b {
            return list;
        }
        from = b;
    }
}

fn length(list: u32) -> u32 {
    let mut count = 0;
    let mut elements = Elements::of(list);
    while elements.next().is_some() {
        count += 1;
    }
    count
}

/// 1 if a known value is absent or has no contents.
#[unsafe(no_mangle)]
pub extern "C" fn is_empty(value: u32) -> u32 {
    if value < FIRST_ADDRESS {
        return if value == 0 { 1 } else { value };
    }
    let kind = kind(value);
    if kind == KIND_STRING {
        return u32::from(second(value) == 0);
    }
    u32::from((kind == KIND_LIST || kind == KIND_MAP || kind == KIND_REFS) && first(value) == 0)
}
