//! Flags of a command line, as the flag library of Go programs with `--` reads them.

use super::{is_packed, is_unknown, pack};
use crate::layout::{FIRST_ADDRESS, KIND_STRING, UNKNOWN_BUDGET};
use crate::made;
use crate::message::Text;
use crate::node::{byte, field, first, kind, second, set_byte, set_word, set_field, word};
use crate::program::{differ, find_key, key_text};
use crate::state::{origin, spend};
use crate::value::{element_at, elements, elements_end, next_element};

/// Bytes of an occurrence: key; address and length of the value; node of the word.
const OCCURRENCE: u32 = 16;

/// `flags(words)`: of each flag the last value. `shapes` says what flags are read as: a line `KIND NAME` each, with `b` for
/// a bool, `i` for an int, `l` for a list of texts.
#[unsafe(no_mangle)]
pub extern "C" fn fn_flags(words: u32, shapes: u32) -> u32 {
    if is_unknown(words) {
        return words;
    }
    let found = occurrences(words);
    let count = found.len() / OCCURRENCE;
    made::begin(0);
    let mut nth = 0;
    while nth != count {
        if !spend(count - nth) {
            return UNKNOWN_BUDGET;
        }
        let at = found.ptr() + OCCURRENCE * nth;
        if is_last(found, at) {
            let shape = shape_of(shapes, key_text(word(at)));
            add(found, at, shape);
        }
        nth += 1;
    }
    made::end()
}

/// Every flag that is given, in order.
fn occurrences(words: u32) -> Text {
    let found = Text::new();
    let mut at = elements(words);
    let end = elements_end(words);
    while at != end {
        let node = element_at(words, at);
        at = next_element(words, at);
        let (ptr, len) = (first(node), second(node));
        if len < 2 || byte(ptr) != b'-' || byte(ptr + 1) != b'-' {
            continue;
        }
        if len == 2 {
            break;
        }
        let mut sign = ptr + 2;
        while sign != ptr + len && byte(sign) != b'=' {
            sign += 1;
        }
        let row = crate::arena::take(OCCURRENCE);
        set_word(row, name_key(ptr + 2, sign));
        set_field(row, 12, node);
        if sign != ptr + len {
            set_field(row, 4, sign + 1);
            set_field(row, 8, ptr + len - sign - 1);
        } else if let Some(value) = value_after(words, at, end) {
            set_field(row, 4, first(value));
            set_field(row, 8, second(value));
            set_field(row, 12, value);
            at = next_element(words, at);
        } else {
            let text = words!(b"true");
            set_field(row, 4, text.ptr());
            set_field(row, 8, text.len());
        }
        found.push_at(row, OCCURRENCE);
    }
    found
}

/// The next word, if it is no flag.
fn value_after(words: u32, at: u32, end: u32) -> Option<u32> {
    if at == end {
        return None;
    }
    let node = element_at(words, at);
    let is_value = node >= FIRST_ADDRESS && kind(node) == KIND_STRING && (second(node) == 0 || byte(first(node)) != b'-');
    is_value.then_some(node)
}

/// The key of a name, in which `_` is `-`.
fn name_key(start: u32, end: u32) -> u32 {
    let name = crate::arena::take(end - start + 1);
    let mut at = start;
    while at != end {
        let letter = byte(at);
        set_byte(name + (at - start), if letter == b'_' { b'-' } else { letter });
        at += 1;
    }
    find_key(name, end - start)
}

fn is_same(a: u32, b: u32) -> bool {
    let (a, b) = (key_text(word(a)), key_text(word(b)));
    differ(a + 4, word(a), b + 4, word(b)) == 0
}

/// True if no later occurrence is of the same flag.
fn is_last(found: Text, at: u32) -> bool {
    let mut later = at + OCCURRENCE;
    while later != found.ptr() + found.len() {
        if is_same(at, later) {
            return false;
        }
        later += OCCURRENCE;
    }
    true
}

/// The letter of what a flag is read as; 0 for text.
fn shape_of(shapes: u32, name: u32) -> u8 {
    let (mut at, end) = (first(shapes), first(shapes) + second(shapes));
    while at != end {
        let letter = byte(at);
        let start = at + 2;
        at = start;
        while byte(at) != b'\n' {
            at += 1;
        }
        if differ(start, at - start, name + 4, word(name)) == 0 {
            return letter;
        }
        at += 1;
    }
    0
}

/// Adds a flag as what it is read as; what does not read stays text.
fn add(found: Text, at: u32, shape: u8) {
    let (key, ptr, len, source) = (word(at), field(at, 4), field(at, 8), origin(field(at, 12)));
    if shape == b'b' {
        let is = |a: (u64, u64), b: (u64, u64)| is_packed(ptr, len, a.0, a.1) || is_packed(ptr, len, b.0, b.1);
        if is(pack(b"1"), pack(b"t")) || is(pack(b"T"), pack(b"TRUE")) || is(pack(b"true"), pack(b"True")) {
            return made::flag(key, true, source);
        }
        if is(pack(b"0"), pack(b"f")) || is(pack(b"F"), pack(b"FALSE")) || is(pack(b"false"), pack(b"False")) {
            return made::flag(key, false, source);
        }
    }
    if shape == b'i' {
        let negative = len != 0 && byte(ptr) == b'-';
        let digits = ptr + u32::from(negative);
        let limit = (1 << 63) - u64::from(!negative);
        if digits != ptr + len
            && let Some(value) = super::numbers::digits(digits, ptr + len, 10, limit)
        {
            let value = value as i64;
            return made::whole(key, if negative { value.wrapping_neg() } else { value }, source);
        }
    }
    if shape == b'l' {
        let list = made::list(key, source);
        // All occurrences count.
        let mut other = found.ptr();
        while other != found.ptr() + found.len() {
            if is_same(other, at) {
                add_items(list, other);
            }
            other += OCCURRENCE;
        }
        return;
    }
    made::text(key, ptr, len, source);
}

fn add_items(list: u32, at: u32) {
    let source = origin(field(at, 12));
    let mut start = field(at, 4);
    let end = start + field(at, 8);
    let mut comma = start;
    while start != end {
        if comma == end || byte(comma) == b',' {
            made::item(list, start, comma - start, source);
            start = if comma == end { end } else { comma + 1 };
        }
        comma += 1;
    }
}
