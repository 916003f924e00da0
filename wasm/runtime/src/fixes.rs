//! Fixes: the edits that would mend what a check found, made while its results are explained.
//!
//! ```text
//! fix  0 first record u32, number u32, room for so many u32      records as in `layout`, one after the other; what a result refers to
//! ```

use crate::arena::take_zeros;
use crate::embedded::{self, COMPUTED, ELSEWHERE, whereabouts};
use crate::layout::{
    FIRST_ADDRESS, FIX_APPEND, FIX_REMOVE, FIX_SIZE, KIND_BOOL, KIND_FLOAT, KIND_INT, KIND_LIST, KIND_MAP,
    KIND_NULL, KIND_PATTERN, KIND_REFS, KIND_STRING,
};
use crate::message::Text;
use crate::node::{after, byte, copy, field, first, key, kind, second, set_field, set_word, word};
use crate::path::push_string;
use crate::program::key_text;
use crate::results::write_place;
use crate::state::state;
use crate::trace::Trace;
use crate::value::{element_at, elements, elements_end, next_element};

/// A fix with room for so many edits. Its group is new.
#[unsafe(no_mangle)]
pub extern "C" fn fix_new(edits: u32) -> u32 {
    let fix = take_zeros(12);
    set_word(fix, take_zeros(edits * FIX_SIZE));
    set_field(fix, 8, edits);
    state().fixes += 1;
    fix
}

/// Adds an edit at the place of `trace`; 0 if it cannot be made. `head` is the operation and, from bit 8, whether it is
/// safe. `json` is 0 or the text of the value.
#[unsafe(no_mangle)]
pub extern "C" fn fix_edit(fix: u32, head: u32, trace: u32, json: u32) -> u32 {
    let from = Trace(trace);
    let (value, place) = (from.value(), from.place());
    let is_unknown = value != 0 && value < FIRST_ADDRESS;
    // Nor is what stands in no text of the document.
    let is_nowhere = matches!(whereabouts(word(place)), ELSEWHERE | COMPUTED);
    if word(place) == 0 || is_unknown || is_nowhere {
        return 0;
    }
    // Nor is what a function made, or did not find.
    let is_made = value != 0 && embedded::is_written(value) == 0;
    if is_made || value == 0 && field(place, 8) == 0 {
        return 0;
    }
    let is_written = field(place, 8) == 0;
    let operation = head & 0xFF;
    if operation == FIX_REMOVE && !is_written {
        return 0;
    }
    if operation == FIX_APPEND && is_written && kind(word(place)) != KIND_LIST {
        return 0;
    }
    add_edit(fix, head, place, json);
    1
}

/// Adds an edit at a place. The head and `json` are those of [`fix_edit`].
#[inline(never)]
pub fn add_edit(fix: u32, head: u32, place: u32, json: u32) {
    let count = field(fix, 4);
    if count == field(fix, 8) {
        let room = 2 * count + 1;
        let records = take_zeros(room * FIX_SIZE);
        copy(records, word(fix), count * FIX_SIZE);
        set_word(fix, records);
        set_field(fix, 8, room);
    }
    let record = word(fix) + count * FIX_SIZE;
    set_field(fix, 4, count + 1);
    set_word(record, head | state().fixes << 16);
    write_place(record + 4, place);
    if json != 0 {
        set_field(record, 28, Text(json).ptr());
        set_field(record, 32, Text(json).len());
    }
}

/// Bytes that fixes take in the results.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn fixes_size(fixes: u32) -> u32 {
    let mut size = 0;
    let mut record = word(fixes);
    let end = record + field(fixes, 4) * FIX_SIZE;
    while record != end {
        size += FIX_SIZE + field(record, 32);
        record += FIX_SIZE;
    }
    size
}

/// Adds a byte to the JSON text of a value: a bracket.
#[unsafe(no_mangle)]
pub extern "C" fn json_mark(out: u32, letter: u32) {
    Text(out).push_byte(letter as u8);
}

/// Adds a comma unless the text ends in an opening bracket, then the key at the address of its text, if that is not 0.
#[unsafe(no_mangle)]
pub extern "C" fn json_next(out: u32, key: u32) {
    let out = Text(out);
    let last = byte(out.ptr() + out.len() - 1);
    if last != b'{' && last != b'[' {
        out.push_byte(b',');
    }
    if key != 0 {
        push_string(out, key + 4, word(key));
        out.push_byte(b':');
    }
}

/// Adds a value; 0 if it is absent, unknown or holds what is unknown.
#[unsafe(no_mangle)]
pub extern "C" fn json_add(out: u32, value: u32) -> u32 {
    if value < FIRST_ADDRESS {
        return 0;
    }
    let text = Text(out);
    match kind(value) {
        KIND_STRING | KIND_PATTERN => push_string(text, first(value), second(value)),
        KIND_NULL | KIND_BOOL | KIND_INT | KIND_FLOAT => text.push_scalar(value),
        KIND_LIST | KIND_REFS => {
            text.push_byte(b'[');
            let mut at = elements(value);
            while at != elements_end(value) {
                let element = element_at(value, at);
                at = next_element(value, at);
                // An absent element is left out.
                if element != 0 {
                    json_next(out, 0);
                    if json_add(out, element) == 0 {
                        return 0;
                    }
                }
            }
            text.push_byte(b']');
        }
        KIND_MAP => {
            text.push_byte(b'{');
            let mut member = value + 16;
            while member < after(value) {
                if kind(member) != KIND_NULL {
                    json_next(out, key_text(key(member)));
                    if json_add(out, member) == 0 {
                        return 0;
                    }
                }
                member = after(member);
            }
            text.push_byte(b'}');
        }
        // A template.
        _ => return 0,
    }
    1
}

/// Adds a member of a record; an absent one is left out. 0 if it is unknown.
#[unsafe(no_mangle)]
pub extern "C" fn json_member(out: u32, key: u32, value: u32) -> u32 {
    if value == 0 {
        return 1;
    }
    json_next(out, key);
    json_add(out, value)
}
