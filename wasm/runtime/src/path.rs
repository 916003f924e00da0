//! Places as people read them: `spec.containers[0].image`, `metadata.annotations["a.b/c"]`, the root `$`.

use crate::embedded::push_inside;
use crate::json_read::{ESCAPES, WRITTEN};
use crate::layout::{KIND_MAP, STEP_KEY, STEP_SIZE};
use crate::message::Text;
use crate::node::{after, byte, byte_field, field, key, kind, word, towards};
use crate::program::key_text;

/// Adds the place at `place` in the document `root` to an empty text.
pub fn push_place(out: Text, root: u32, place: u32) {
    push_node(out, root, word(place));
    let (step, count) = (field(place, 4), field(place, 8));
    let is_inside = field(place, 12) != 0;
    if out.len() == 0 && (is_inside || count == 0 || word(step) != STEP_KEY) {
        out.push_byte(b'$');
    }
    if is_inside {
        push_inside(out.0, place);
    } else {
        push_steps(out, step, count);
    }
}

/// Adds steps.
#[inline(never)]
pub fn push_steps(out: Text, steps: u32, count: u32) {
    let mut step = steps;
    let end = step + count * STEP_SIZE;
    while step < end {
        // Places of this version have no steps of the third kind, an element found by its key.
        if word(step) == STEP_KEY {
            push_key(out, key_text(field(step, 4)));
        } else {
            push_index(out, field(step, 4));
        }
        step += STEP_SIZE;
    }
}

fn push_node(out: Text, root: u32, node: u32) {
    let mut at = root;
    // Place 0 is the object as a whole.
    while at != node && node > root && node < after(root) {
        let is_map = kind(at) == KIND_MAP;
        let index;
        (at, index) = towards(at, node);
        if is_map {
            push_key(out, key_text(key(at)));
        } else {
            push_index(out, index);
        }
    }
}

#[inline(never)]
pub fn push_index(out: Text, index: u32) {
    out.push_byte(b'[');
    out.push_digits(u64::from(index));
    out.push_byte(b']');
}

/// A key, plain where it looks like a name.
#[inline(never)]
pub fn push_key(out: Text, key: u32) {
    let len = word(key);
    // The first name of a path may have dashes: that of a policy in settings.
    let is_first = out.len() == 0;
    let mut is_plain = len != 0;
    let mut nth = 0;
    while nth < len {
        let letter = byte(key + 4 + nth);
        let is_start = letter.is_ascii_alphabetic() || letter == b'_' || letter == b'$';
        is_plain &= is_start || nth != 0 && (letter.is_ascii_digit() || letter == b'-' && is_first);
        nth += 1;
    }
    if is_plain {
        if !is_first {
            out.push_byte(b'.');
        }
        out.push_text(key);
    } else {
        out.push_byte(b'[');
        push_string(out, key + 4, len);
        out.push_byte(b']');
    }
}

/// Adds a JSON string with its quotes.
#[inline(never)]
pub fn push_string(out: Text, ptr: u32, len: u32) {
    out.push_byte(b'"');
    let mut at = ptr;
    while at != ptr + len {
        push_letter(out, at);
        at += 1;
    }
    out.push_byte(b'"');
}

fn push_letter(out: Text, at: u32) {
    let letter = byte(at);
    let table = ESCAPES.as_ptr() as u32;
    let mut pair = table;
    while pair != table + WRITTEN {
        if byte_field(pair, 1) == letter {
            out.push_byte(b'\\');
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
