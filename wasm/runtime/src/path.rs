//! Places as people read them: `spec.containers[0].image`, `metadata.annotations["a.b/c"]`, the root `$`.

use crate::layout::{KIND_MAP, STEP_INDEX, STEP_KEY, STEP_SIZE};
use crate::message::Text;
use crate::node::{after, bytes, key, kind, text, word};
use crate::value::key_text;

/// Adds the place at `place` in the document `root`.
pub fn push_place(out: &mut Text, root: u32, place: u32) {
    let start = out.len;
    push_node(out, root, word(place));
    let (mut step, count) = (word(place + 4), word(place + 8));
    if out.len == start && (count == 0 || word(step) != STEP_KEY) {
        out.push(b"$");
    }
    let end = step + count * STEP_SIZE;
    while step < end {
        match word(step) {
            STEP_KEY => push_key(out, start, key_text(word(step + 4))),
            STEP_INDEX => push_index(out, word(step + 4)),
            _ => {
                out.push(b"[");
                out.push(key_text(word(step + 4)));
                out.push(b"=");
                push_element(out, word(step + 8));
                out.push(b"]");
            }
        }
        step += STEP_SIZE;
    }
}

/// The value that identifies an element, as JSON.
fn push_element(out: &mut Text, node: u32) {
    if kind(node) == crate::layout::KIND_STRING {
        push_string(out, text(node));
    } else {
        out.push_scalar(node);
    }
}

fn push_node(out: &mut Text, root: u32, node: u32) {
    let start = out.len;
    let mut at = root;
    // Place 0 is the object as a whole.
    while at != node && node > root && node < after(root) {
        let is_map = kind(at) == KIND_MAP;
        let (mut child, mut index) = (at + 16, 0);
        while node >= after(child) {
            child = after(child);
            index += 1;
        }
        if is_map {
            push_key(out, start, key_text(key(child)));
        } else {
            push_index(out, index);
        }
        at = child;
    }
}

fn push_index(out: &mut Text, index: u32) {
    out.push(b"[");
    out.push_digits(u64::from(index));
    out.push(b"]");
}

/// A key, plain where it looks like a name; `start` is where the path begins.
#[inline(never)]
fn push_key(out: &mut Text, start: u32, key: &[u8]) {
    let mut is_plain = !key.is_empty();
    let mut is_first = true;
    for &byte in key {
        let is_start = byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$';
        is_plain &= is_start || !is_first && (byte.is_ascii_digit() || byte == b'-');
        is_first = false;
    }
    if is_plain {
        if out.len != start {
            out.push(b".");
        }
        out.push(key);
    } else {
        out.push(b"[");
        push_string(out, key);
        out.push(b"]");
    }
}

/// Adds a JSON string with its quotes.
#[inline(never)]
pub fn push_string(out: &mut Text, text: &[u8]) {
    out.push(b"\"");
    for letter in text.chunks(1) {
        match letter {
            [byte @ (..0x20 | b'"' | b'\\' | 0x7F)] => push_escape(out, *byte),
            _ => out.push(letter),
        }
    }
    out.push(b"\"");
}

fn push_escape(out: &mut Text, byte: u8) {
    let short = match byte {
        b'\n' => b"\\n",
        b'\r' => b"\\r",
        b'\t' => b"\\t",
        b'"' => b"\\\"",
        b'\\' => b"\\\\",
        _ => {
            let digits = b"0123456789abcdef".as_ptr() as u32;
            out.push(b"\\u00");
            out.push(bytes(digits + u32::from(byte >> 4), 1));
            return out.push(bytes(digits + u32::from(byte & 15), 1));
        }
    };
    out.push(short);
}
