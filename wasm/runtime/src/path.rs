//! Places as people read them: `spec.containers[0].image`, `metadata.annotations["a.b/c"]`, the root `$`.

use crate::json_read::{ESCAPES, WRITTEN};
use crate::layout::{KIND_MAP, KIND_STRING, STEP_INDEX, STEP_KEY, STEP_SIZE};
use crate::message::Text;
use crate::node::{after, byte, byte_field, field, first, key, kind, second, word};
use crate::program::key_text;

/// Adds the place at `place` in the document `root` to an empty text.
pub fn push_place(out: Text, root: u32, place: u32) {
    push_node(out, root, word(place));
    let (mut step, count) = (field(place, 4), field(place, 8));
    if out.len() == 0 && (count == 0 || word(step) != STEP_KEY) {
        out.push(b"$");
    }
    let end = step + count * STEP_SIZE;
    while step < end {
        let (kind, a) = (word(step), field(step, 4));
        if kind == STEP_KEY {
            push_key(out, key_text(a));
        } else if kind == STEP_INDEX {
            push_index(out, a);
        } else {
            out.push(b"[");
            out.push_text(key_text(a));
            out.push(b"=");
            push_element(out, field(step, 8));
            out.push(b"]");
        }
        step += STEP_SIZE;
    }
}

/// The value that identifies an element, as JSON.
fn push_element(out: Text, node: u32) {
    if kind(node) == KIND_STRING {
        push_string(out, first(node), second(node));
    } else {
        out.push_scalar(node);
    }
}

fn push_node(out: Text, root: u32, node: u32) {
    let mut at = root;
    // Place 0 is the object as a whole.
    while at != node && node > root && node < after(root) {
        let is_map = kind(at) == KIND_MAP;
        let mut index = 0;
        at += 16;
        while node >= after(at) {
            at = after(at);
            index += 1;
        }
        if is_map {
            push_key(out, key_text(key(at)));
        } else {
            push_index(out, index);
        }
    }
}

#[inline(never)]
fn push_index(out: Text, index: u32) {
    out.push(b"[");
    out.push_digits(u64::from(index));
    out.push(b"]");
}

/// A key, plain where it looks like a name.
#[inline(never)]
fn push_key(out: Text, key: u32) {
    let len = word(key);
    let mut is_plain = len != 0;
    let mut nth = 0;
    while nth < len {
        let letter = byte(key + 4 + nth);
        let is_start = letter.is_ascii_alphabetic() || letter == b'_' || letter == b'$';
        is_plain &= is_start || nth != 0 && (letter.is_ascii_digit() || letter == b'-');
        nth += 1;
    }
    if is_plain {
        if out.len() != 0 {
            out.push(b".");
        }
        out.push_text(key);
    } else {
        out.push(b"[");
        push_string(out, key + 4, len);
        out.push(b"]");
    }
}

/// Adds a JSON string with its quotes.
#[inline(never)]
pub fn push_string(out: Text, ptr: u32, len: u32) {
    out.push(b"\"");
    let mut at = ptr;
    while at != ptr + len {
        push_letter(out, at);
        at += 1;
    }
    out.push(b"\"");
}

fn push_letter(out: Text, at: u32) {
    let letter = byte(at);
    let table = ESCAPES.as_ptr() as u32;
    let mut pair = table;
    while pair != table + WRITTEN {
        if byte_field(pair, 1) == letter {
            out.push(b"\\");
            return out.push_at(pair, 1);
        }
        pair += 2;
    }
    if letter < 0x20 || letter == 0x7F {
        out.push(b"\\u00");
        let digits = b"0123456789abcdef".as_ptr() as u32;
        out.push_at(digits + u32::from(letter >> 4), 1);
        return out.push_at(digits + u32::from(letter & 15), 1);
    }
    out.push_at(at, 1);
}
