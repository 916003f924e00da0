//! Texts under construction: messages and interpolated strings.

use crate::arena::take;
use crate::layout::{
    FIRST_ADDRESS, KEY_NONE, KIND_BOOL, KIND_FLOAT, KIND_INT, KIND_LIST, KIND_NULL, KIND_REFS, KIND_STRING,
};
use crate::node::{byte, bytes, first, int, kind, second, set_byte, set_word, text, word};
use crate::program::{SYM_GENERATE_NAME, SYM_KIND, SYM_METADATA, SYM_NAME, SYM_NAMESPACE};
use crate::value::{Elements, member_node, string_node};

/// Elements of a list that are printed when there are more.
const SHOWN: u32 = 5;

/// A text in the arena.
#[derive(Clone, Copy)]
pub struct Text {
    pub ptr: u32,
    pub len: u32,
    room: u32,
}

impl Text {
    pub const EMPTY: Self = Self {
        ptr: 0,
        len: 0,
        room: 0,
    };

    pub fn new() -> Self {
        Self {
            ptr: take(64),
            len: 0,
            room: 64,
        }
    }

    /// What the buffer at `address` holds.
    pub fn of_buffer(address: u32) -> Self {
        Self {
            ptr: word(address),
            len: word(address + 4),
            room: word(address + 8),
        }
    }

    /// The text of a string or number.
    pub fn of_scalar(node: u32) -> Self {
        if kind(node) == KIND_INT {
            let mut text = Self::new();
            text.push_scalar(node);
            return text;
        }
        Self {
            ptr: first(node),
            len: second(node),
            room: 0,
        }
    }

    pub fn bytes(&self) -> &'static [u8] {
        bytes(self.ptr, self.len)
    }

    pub fn push(&mut self, more: &[u8]) {
        let len = more.len() as u32;
        if len > self.room - self.len {
            let room = (self.len + len) * 2;
            let grown = take(room);
            copy(grown, self.ptr, self.len);
            self.ptr = grown;
            self.room = room;
        }
        copy(self.ptr + self.len, more.as_ptr() as u32, len);
        self.len += len;
    }

    /// Adds a scalar, raw.
    pub fn push_scalar(&mut self, node: u32) {
        let kind = kind(node);
        if kind == KIND_INT {
            self.push_int(int(node));
        } else if kind == KIND_BOOL {
            self.push(if first(node) != 0 { b"true" } else { b"false" });
        } else if kind == KIND_STRING || kind == KIND_FLOAT {
            self.push(text(node));
        } else if kind == KIND_NULL {
            self.push(b"null");
        } else {
            self.push("…".as_bytes());
        }
    }

    fn push_int(&mut self, value: i64) {
        if value < 0 {
            self.push(b"-");
        }
        self.push_digits(value.unsigned_abs());
    }

    pub fn push_digits(&mut self, value: u64) {
        // Twenty digits are the most; written from the end.
        let at = take(32);
        let mut start = at + 20;
        let mut left = value;
        loop {
            start -= 1;
            set_byte(start, b'0' + (left % 10) as u8);
            left /= 10;
            if left == 0 {
                break;
            }
        }
        self.push(bytes(start, at + 20 - start));
    }

    fn push_value(&mut self, value: u32) {
        if value == 0 {
            self.push(b"(not set)");
        } else if value < FIRST_ADDRESS || kind(value) == crate::layout::KIND_UNKNOWN {
            self.push(b"(unknown)");
        } else if matches!(kind(value), KIND_LIST | KIND_REFS) {
            self.push_list(value);
        } else {
            self.push_scalar(value);
        }
    }

    fn push_list(&mut self, list: u32) {
        let count = first(list);
        if count == 0 {
            self.push(b"(none)");
        }
        let mut elements = Elements::of(list);
        let mut nth = 0;
        while nth < count && (count <= SHOWN || nth < SHOWN) {
            if nth != 0 {
                self.push(if nth + 1 == count { b" and " } else { b", " });
            }
            match elements.next() {
                Some(element) if element < FIRST_ADDRESS => self.push_value(element),
                Some(element) if kind(element) == crate::layout::KIND_UNKNOWN => self.push(b"(unknown)"),
                Some(element) if kind(element) == KIND_REFS => self.push("…".as_bytes()),
                Some(element) => self.push_scalar(element),
                None => {}
            }
            nth += 1;
        }
        if nth < count {
            self.push(b" and ");
            self.push_digits(u64::from(count - nth));
            self.push(b" more");
        }
    }

    fn push_object(&mut self, object: u32) {
        if object < FIRST_ADDRESS {
            return self.push_value(object);
        }
        let kind = string_member(object, SYM_KIND);
        self.push(if kind == 0 { b"object" } else { text(kind) });
        let metadata = member_node(object, SYM_METADATA);
        let namespace = string_member(metadata, SYM_NAMESPACE);
        let name = string_member(metadata, SYM_NAME);
        let generated = string_member(metadata, SYM_GENERATE_NAME);
        self.push(b" ");
        if name == 0 && generated == 0 {
            return self.push(b"(unnamed)");
        }
        if namespace != 0 {
            self.push(text(namespace));
            self.push(b"/");
        }
        if name != 0 {
            return self.push(text(name));
        }
        self.push(text(generated));
        self.push(b"*");
    }

    fn save(&self, address: u32) {
        set_word(address, self.ptr);
        set_word(address + 4, self.len);
        set_word(address + 8, self.room);
    }
}

fn string_member(value: u32, key: u32) -> u32 {
    let node = member_node(value, key);
    if node != 0 && kind(node) == KIND_STRING {
        node
    } else {
        0
    }
}

fn copy(to: u32, from: u32, len: u32) {
    let mut at = 0;
    while at < len {
        set_byte(to + at, byte(from + at));
        at += 1;
    }
}

/// A buffer for a text.
#[unsafe(no_mangle)]
pub extern "C" fn text_new() -> u32 {
    let buffer = take(16);
    Text::new().save(buffer);
    set_word(buffer + 12, KEY_NONE);
    buffer
}

/// Adds the text that is written at `address` as `{len, text}`.
#[unsafe(no_mangle)]
pub extern "C" fn text_add(buffer: u32, address: u32) {
    let mut text = Text::of_buffer(buffer);
    text.push(bytes(address + 4, word(address)));
    text.save(buffer);
}

/// Adds a value.
#[unsafe(no_mangle)]
pub extern "C" fn text_add_value(buffer: u32, value: u32) {
    let mut text = Text::of_buffer(buffer);
    text.push_value(value);
    text.save(buffer);
}

/// Adds a list, which when absent is empty.
#[unsafe(no_mangle)]
pub extern "C" fn text_add_list(buffer: u32, value: u32) {
    if value != 0 {
        return text_add_value(buffer, value);
    }
    let mut text = Text::of_buffer(buffer);
    text.push(b"(none)");
    text.save(buffer);
}

/// Adds the name of an object.
#[unsafe(no_mangle)]
pub extern "C" fn text_add_object(buffer: u32, object: u32) {
    let mut text = Text::of_buffer(buffer);
    text.push_object(object);
    text.save(buffer);
}

/// The buffer's text as a string.
#[unsafe(no_mangle)]
pub extern "C" fn text_end(buffer: u32) -> u32 {
    string_node(word(buffer), word(buffer + 4))
}
