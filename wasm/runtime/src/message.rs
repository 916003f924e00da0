//! Texts under construction: messages and interpolated strings.

use crate::arena::take;
use crate::layout::{
    FIRST_ADDRESS, KIND_BOOL, KIND_FLOAT, KIND_INT, KIND_LIST, KIND_NULL, KIND_PATTERN, KIND_REFS, KIND_STRING, KIND_UNKNOWN,
    UNKNOWN_MISSING,
};
use crate::node::{byte, bytes, copy, fast_kind, field, first, int, kind, second, set_field, set_word, text, word};
use crate::program::{SYM_GENERATE_NAME, SYM_KIND, SYM_METADATA, SYM_NAME, SYM_NAMESPACE, differ};
use crate::value::{element_at, elements, elements_end, member_node, next_element, string_node};

/// Elements of a list that are printed when there are more.
const SHOWN: u32 = 5;

/// Bytes that a text has room for at first: most messages are shorter.
const ROOM: u32 = 112;

/// A byte on its way into a text.
static mut LETTER: u8 = 0;

/// The address of a growing text: `{ptr, len, room, the first code of an unknown value in it}`. Of texts that nothing is
/// added to only the first two are there.
#[derive(Clone, Copy)]
pub struct Text(pub u32);

impl Text {
    #[inline(never)]
    pub fn new() -> Self {
        let text = take(16 + ROOM);
        set_word(text, text + 16);
        set_field(text, 4, 0);
        set_field(text, 8, ROOM);
        set_field(text, 12, 0);
        Self(text)
    }

    /// The first byte.
    pub fn ptr(self) -> u32 {
        word(self.0)
    }

    /// The number of bytes.
    pub fn len(self) -> u32 {
        field(self.0, 4)
    }

    pub fn bytes(self) -> &'static [u8] {
        bytes(self.ptr(), self.len())
    }

    pub fn push(self, more: &[u8]) {
        self.push_at(more.as_ptr() as u32, more.len() as u32);
    }

    /// Adds the bytes at an address.
    #[inline(never)]
    pub fn push_at(self, from: u32, len: u32) {
        let end = self.len() + len;
        if end > field(self.0, 8) {
            let grown = take(end * 2);
            copy(grown, self.ptr(), self.len());
            set_word(self.0, grown);
            set_field(self.0, 8, end * 2);
        }
        copy(self.ptr() + self.len(), from, len);
        set_field(self.0, 4, end);
    }

    /// Adds one byte.
    #[inline(never)]
    pub fn push_byte(self, letter: u8) {
        // SAFETY: a guest has one thread.
        unsafe { LETTER = letter }
        self.push_at((&raw const LETTER) as u32, 1);
    }

    /// Adds the text at `address`, which is `{len, bytes}`.
    #[inline(never)]
    pub fn push_text(self, address: u32) {
        self.push_at(address + 4, word(address));
    }

    /// Adds a scalar, raw.
    #[inline(never)]
    pub fn push_scalar(self, node: u32) {
        let kind = kind(node);
        if kind == KIND_INT {
            self.push_int(int(node));
        } else if kind == KIND_BOOL {
            self.push(if first(node) != 0 { b"true" } else { b"false" });
        } else if matches!(kind, KIND_STRING | KIND_FLOAT | KIND_PATTERN) {
            self.push_at(first(node), second(node));
        } else if kind == KIND_NULL {
            self.push(b"null");
        } else {
            self.push("…".as_bytes());
        }
    }

    fn push_int(self, value: i64) {
        if value < 0 {
            self.push_byte(b'-');
        }
        self.push_digits(value.unsigned_abs());
    }

    #[inline(never)]
    pub fn push_digits(self, value: u64) {
        if value >= 10 {
            self.push_digits(value / 10);
        }
        self.push_byte((value % 10) as u8 + b'0');
    }

    #[inline(never)]
    fn push_value(self, value: u32) {
        // What is required and missing is not set either.
        if value == 0 || value == UNKNOWN_MISSING {
            self.push(b"(not set)");
        } else if value < FIRST_ADDRESS || kind(value) == KIND_UNKNOWN {
            self.push(b"(unknown)");
        } else if matches!(kind(value), KIND_LIST | KIND_REFS) {
            text_push_list(self.0, value);
        } else {
            self.push_scalar(value);
        }
    }

    fn push_list(self, list: u32) {
        let count = first(list);
        if count == 0 {
            say!(self, b"(none)");
        }
        let shown = if count > SHOWN { SHOWN } else { count };
        let mut at = elements(list);
        let mut nth = 0;
        while nth != shown {
            if nth != 0 {
                if nth + 1 == count {
                    say!(self, b" and ");
                } else {
                    say!(self, b", ");
                }
            }
            // A projection may have left elements out.
            if at != elements_end(list) {
                let element = element_at(list, at);
                if element >= FIRST_ADDRESS && matches!(kind(element), KIND_LIST | KIND_REFS) {
                    self.push("…".as_bytes());
                } else {
                    self.push_value(element);
                }
                at = next_element(list, at);
            }
            nth += 1;
        }
        if nth < count {
            say!(self, b" and ");
            self.push_digits(u64::from(count - nth));
            say!(self, b" more");
        }
    }

    fn push_object(self, object: u32) {
        let kind = member_string(object, SYM_KIND);
        if kind == 0 {
            say!(self, b"object");
        } else {
            self.push(text(kind));
        }
        let metadata = member_node(object, SYM_METADATA);
        let namespace = member_string(metadata, SYM_NAMESPACE);
        let name = member_string(metadata, SYM_NAME);
        let generated = member_string(metadata, SYM_GENERATE_NAME);
        self.push_byte(b' ');
        if name == 0 && generated == 0 {
            say!(self, b"(unnamed)");
            return;
        }
        if namespace != 0 {
            self.push(text(namespace));
            self.push_byte(b'/');
        }
        if name != 0 {
            return self.push(text(name));
        }
        self.push(text(generated));
        self.push_byte(b'*');
    }
}

/// The text of a string or number.
pub fn scalar_text(node: u32) -> Text {
    if kind(node) == KIND_INT {
        let text = Text::new();
        text.push_scalar(node);
        return text;
    }
    // Its payload is where and how long it is.
    Text(node + 8)
}

/// The member of a value if it is a string, or 0.
#[inline(never)]
pub fn member_string(value: u32, key: u32) -> u32 {
    let node = member_node(value, key);
    if node != 0 && fast_kind(node) == KIND_STRING {
        node
    } else {
        0
    }
}

/// The number of the word that a text is; words end in commas. If it is none of them, how many there are.
#[inline(never)]
pub fn word_number(words: &[u8], text: u32) -> u32 {
    let mut number = 0;
    let mut start = words.as_ptr() as u32;
    let end = start + words.len() as u32;
    let mut at = start;
    while at != end {
        if byte(at) == b',' {
            if differ(start, at - start, first(text), second(text)) == 0 {
                break;
            }
            number += 1;
            start = at + 1;
        }
        at += 1;
    }
    number
}

/// Adds the word with a number to a text; words end in commas.
#[inline(never)]
pub fn push_word(out: Text, words: &[u8], number: u32) {
    let mut left = number;
    let mut at = words.as_ptr() as u32;
    loop {
        let letter = byte(at);
        if letter == b',' {
            if left == 0 {
                return;
            }
            left -= 1;
        } else if left == 0 {
            out.push_at(at, 1);
        }
        at += 1;
    }
}

/// A text to add to.
#[unsafe(no_mangle)]
pub extern "C" fn text_new() -> u32 {
    Text::new().0
}

/// Adds the text that is written at `address` as `{len, text}`; the buffer.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn text_add(buffer: u32, address: u32) -> u32 {
    Text(buffer).push_text(address);
    buffer
}

/// Adds a value; the buffer.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn text_add_value(buffer: u32, value: u32) -> u32 {
    if value != 0 && value < FIRST_ADDRESS && field(buffer, 12) == 0 {
        set_field(buffer, 12, value);
    }
    Text(buffer).push_value(value);
    buffer
}

/// Adds a list, which when absent is empty; the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn text_add_list(buffer: u32, value: u32) -> u32 {
    if value != 0 {
        return text_add_value(buffer, value);
    }
    say!(Text(buffer), b"(none)");
    buffer
}

/// Adds the elements of a list. Code generation puts another function in its place where no text has a list in it.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn text_push_list(buffer: u32, list: u32) -> u32 {
    Text(buffer).push_list(list);
    buffer
}

/// Adds the name of an object; the buffer. Code generation puts another function in its place where no text has one in it.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn text_add_object(buffer: u32, object: u32) -> u32 {
    if object < FIRST_ADDRESS {
        return text_add_value(buffer, object);
    }
    Text(buffer).push_object(object);
    buffer
}

/// The buffer's text as a string, or the first unknown value in it.
#[unsafe(no_mangle)]
pub extern "C" fn text_end(buffer: u32) -> u32 {
    match field(buffer, 12) {
        0 => string_node(word(buffer), field(buffer, 4)),
        reason => reason,
    }
}
