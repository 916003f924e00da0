//! Flags of a command line, as the flag library of Go programs with `--` reads them.

use super::{is_packed, is_unknown, pack};
use crate::embedded::{keep_words, root_of, words_of};
use crate::fixes::add_edit;
use crate::layout::{
    FIRST_ADDRESS, FIX_APPEND, FIX_REMOVE, FIX_SET, KIND_BOOL, KIND_FLOAT, KIND_INT, KIND_LIST, KIND_REFS, KIND_STRING,
    UNKNOWN_BUDGET,
};
use crate::made;
use crate::message::Text;
use crate::node::{byte, field, first, kind, second, set_byte, set_field, set_word, towards, word};
use crate::path::push_string;
use crate::program::{differ, find_key, key_text};
use crate::state::{origin, spend};
use crate::trace::Trace;
use crate::value::{element_at, elements, elements_end, next_element};

/// Bytes of an occurrence: key; address and length of the value; node of the word that has the value, of the word that has
/// the name.
const OCCURRENCE: u32 = 20;

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
    let root = made::end();
    keep_words(root, words, shapes);
    root
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
        set_field(row, 16, node);
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

/// What [`fix_flag`] gives for what is no record of flags.
const NO_FLAGS: u32 = 2;

/// Adds the edits of the words that set, remove or lengthen the flag with the name `name` of the record of flags that `base`
/// is the trace of; 0 if they cannot be made. `head` is that of [`crate::fixes::fix_edit`], `value` 0 or the value.
#[unsafe(no_mangle)]
pub extern "C" fn fix_flag(fix: u32, head: u32, base: u32, name: u32, value: u32) -> u32 {
    let root = Trace(base).value();
    let (words, shapes) = words_of(root);
    if words == 0 {
        return NO_FLAGS;
    }
    let operation = head & 0xFF;
    let text = Text::new();
    // No flag is called with an underscore: see `name_key`.
    let is_known = name >= FIRST_ADDRESS && !has(first(name), second(name), b'_') && (operation == FIX_REMOVE || push_value(text, value));
    if !is_known {
        return 0;
    }
    let flag = Flag { fix, head: head & !0xFF, key: name_key(first(name), first(name) + second(name)), found: occurrences(words) };
    let is_list = shape_of(shapes, key_text(flag.key)) == b'l';
    let is_made = if operation == FIX_REMOVE {
        flag.before(flag.end()) != 0 && flag.remove_before(flag.end())
    } else if operation == FIX_SET {
        let last = flag.before(flag.end());
        // Of a list all occurrences count.
        if last == 0 {
            flag.add(words, text)
        } else {
            flag.write(last, text, value) && (!is_list || flag.remove_before(last))
        }
    } else {
        is_list && operation == FIX_APPEND && flag.lengthen(words, text)
    };
    u32::from(is_made)
}

/// Adds a value as a flag has it; false if there is no way to write it.
fn push_value(text: Text, value: u32) -> bool {
    if value < FIRST_ADDRESS {
        return false;
    }
    if !matches!(kind(value), KIND_LIST | KIND_REFS) {
        text.push_scalar(value);
        return matches!(kind(value), KIND_STRING | KIND_BOOL | KIND_INT | KIND_FLOAT);
    }
    let mut at = elements(value);
    while at != elements_end(value) {
        if at != elements(value) {
            text.push_byte(b',');
        }
        let element = element_at(value, at);
        at = next_element(value, at);
        let start = text.len();
        let is_scalar = element >= FIRST_ADDRESS && !matches!(kind(element), KIND_LIST | KIND_REFS);
        if !is_scalar || !push_value(text, element) || has(text.ptr() + start, text.len() - start, b',') {
            return false;
        }
    }
    true
}

/// Whether a text has a letter.
fn has(ptr: u32, len: u32, letter: u8) -> bool {
    let mut at = ptr;
    while at != ptr + len && byte(at) != letter {
        at += 1;
    }
    at != ptr + len
}

/// Edits of the words of a flag.
#[derive(Clone, Copy)]
struct Flag {
    fix: u32,
    head: u32,
    key: u32,
    found: Text,
}

impl Flag {
    /// Behind the last occurrence of any flag.
    fn end(self) -> u32 {
        self.found.ptr() + self.found.len()
    }

    /// The last occurrence of the flag before another, or 0.
    fn before(self, other: u32) -> u32 {
        let mut at = other;
        while at != self.found.ptr() {
            at -= OCCURRENCE;
            let (name, own) = (key_text(word(at)), key_text(self.key));
            if differ(name + 4, word(name), own + 4, word(own)) == 0 {
                return at;
            }
        }
        0
    }

    /// Removes all occurrences before another, the last one first, so that no other changes its place.
    fn remove_before(self, other: u32) -> bool {
        let mut at = self.before(other);
        while at != 0 {
            let (value, name) = (field(at, 12), field(at, 16));
            if value != name && !self.edit(FIX_REMOVE, value, None) || !self.edit(FIX_REMOVE, name, None) {
                return false;
            }
            at = self.before(at);
        }
        true
    }

    /// Gives an occurrence another value.
    fn write(self, at: u32, text: Text, value: u32) -> bool {
        let (with_value, name) = (field(at, 12), field(at, 16));
        let is_apart = with_value != name;
        let is_flag = text.len() != 0 && byte(text.ptr()) == b'-';
        // Programs take a bool from a word of its own for something else.
        if is_apart && !is_flag && kind(value) != KIND_BOOL {
            return self.edit(FIX_SET, with_value, Some(text));
        }
        let whole = Text::new();
        let start = first(name);
        let mut sign = start;
        while sign != start + second(name) && byte(sign) != b'=' {
            sign += 1;
        }
        whole.push_at(start, sign - start);
        whole.push_byte(b'=');
        whole.push_at(text.ptr(), text.len());
        self.edit(FIX_SET, name, Some(whole)) && (!is_apart || self.edit(FIX_REMOVE, with_value, None))
    }

    /// Adds a value to those of the flag.
    fn lengthen(self, words: u32, text: Text) -> bool {
        let last = self.before(self.end());
        if last == 0 {
            return self.add(words, text);
        }
        let whole = Text::new();
        whole.push_at(field(last, 4), field(last, 8));
        if whole.len() != 0 && byte(whole.ptr() + whole.len() - 1) != b',' {
            whole.push_byte(b',');
        }
        whole.push_at(text.ptr(), text.len());
        self.write(last, whole, text.0)
    }

    /// Adds a word to the list that has the last flag, or the last word if there is no flag.
    fn add(self, words: u32, text: Text) -> bool {
        let mut beside = 0;
        let mut at = elements(words);
        while at != elements_end(words) {
            let node = element_at(words, at);
            at = next_element(words, at);
            let (ptr, len) = (first(node), second(node));
            // Behind these stand arguments of something else.
            if is_divider(ptr, len) {
                return false;
            }
            beside = node;
        }
        if self.found.len() != 0 {
            beside = field(self.end() - OCCURRENCE, 12);
        }
        let list = list_of(beside);
        let whole = Text::new();
        say!(whole, b"--");
        whole.push_text(key_text(self.key));
        whole.push_byte(b'=');
        whole.push_at(text.ptr(), text.len());
        list != 0 && self.edit(FIX_APPEND, list, Some(whole))
    }

    /// Adds an edit at a node; false if that is not written as it is.
    fn edit(self, operation: u32, node: u32, text: Option<Text>) -> bool {
        if node < FIRST_ADDRESS || origin(node) != node {
            return false;
        }
        let json = text.map_or(0, |text| {
            let json = Text::new();
            push_string(json, text.ptr(), text.len());
            json.0
        });
        add_edit(self.fix, self.head | operation, Trace::at_node(node).place(), json);
        true
    }
}

/// True for `--` and `-c`.
fn is_divider(ptr: u32, len: u32) -> bool {
    len == 2 && byte(ptr) == b'-' && matches!(byte(ptr + 1), b'-' | b'c')
}

/// The list that an element is in, if that is written; else 0.
fn list_of(node: u32) -> u32 {
    if node < FIRST_ADDRESS || origin(node) != node {
        return 0;
    }
    let (mut list, mut at) = (0, root_of(node));
    while at != node {
        list = at;
        (at, _) = towards(at, node);
    }
    if list != 0 && kind(list) == KIND_LIST { list } else { 0 }
}
