//! Result records: made, compared with earlier ones, counted.

use crate::arena::take;
use crate::layout::{
    EXTENT_MASK, OUTCOME_BUDGET, OUTCOME_TRUNCATED, PLACE_SIZE, RESULT_LIMIT, RESULT_SIZE, STATUS_FINDING,
    STATUS_UNKNOWN, STEP_SIZE, UNKNOWN_BUDGET, UNKNOWN_MISSING,
};
use crate::message::Text;
use crate::node::{bytes, set_word, word};
use crate::program::{SYM_METADATA, SYM_NAME};
use crate::state::state;
use crate::trace::{Place, Trace};
use crate::value::{child, present};

/// Related places that a result keeps.
const MAX_RELATED: u32 = 8;

/// A result before it is written: the number of the check in its policy, and what it says.
pub struct Draft {
    pub check: u32,
    pub severity: u32,
    pub status: u32,
    pub reason: u32,
    pub message: Text,
}

/// Writes a result at the place of `trace`, unless an equal one is there.
pub fn write(draft: &Draft, trace: Trace) {
    let place = if trace.place().node == 0 {
        fallback()
    } else {
        trace.place()
    };
    let start = write_record(draft, place);
    if is_repeated(start) {
        return;
    }
    let related = take(MAX_RELATED * PLACE_SIZE);
    let mut count = 0;
    let mut cell = trace.related();
    while cell != 0 && count < MAX_RELATED {
        let other = Place::at(cell + 4);
        write_place(related + count * PLACE_SIZE, other);
        let mut earlier = 0;
        let mut fresh = !is_same_place(start + 16, related + count * PLACE_SIZE);
        while fresh && earlier < count {
            fresh = !is_same_place(related + earlier * PLACE_SIZE, related + count * PLACE_SIZE);
            earlier += 1;
        }
        count += u32::from(fresh);
        cell = word(cell);
    }
    set_word(start + 40, related);
    set_word(start + 44, count);
    append(start, RESULT_SIZE + count * PLACE_SIZE + draft.message.len);
}

fn append(record: u32, bytes: u32) {
    let state = state();
    if state.bytes.saturating_add(bytes) > RESULT_LIMIT {
        state.flags |= OUTCOME_TRUNCATED;
        return;
    }
    state.bytes += bytes;
    state.count += 1;
    if state.last == 0 {
        state.first = record;
    } else {
        set_word(state.last, record);
    }
    state.last = record;
    if state.own == 0 {
        state.own = record;
    }
}

fn write_record(draft: &Draft, place: Place) -> u32 {
    let state = state();
    let record = take(RESULT_SIZE);
    let severity = if state.overridden {
        state.severity
    } else {
        draft.severity
    };
    set_word(record, 0);
    set_word(record + 4, state.first_check + draft.check);
    set_word(record + 8, draft.status | severity << 8 | draft.reason << 16);
    set_word(record + 12, state.part);
    write_place(record + 16, place);
    set_word(record + 40, 0);
    set_word(record + 44, 0);
    set_word(record + 48, draft.message.ptr);
    set_word(record + 52, draft.message.len);
    set_word(record + 56, 0);
    set_word(record + 60, 0);
    record
}

/// True if this policy has a finding with the same place and message.
fn is_repeated(record: u32) -> bool {
    if word(record + 8) & 0xFF != STATUS_FINDING {
        return false;
    }
    let mut other = state().own;
    while other != 0 {
        if word(other + 8) & 0xFF == STATUS_FINDING
            && is_same_place(other + 16, record + 16)
            && bytes(word(other + 48), word(other + 52)) == bytes(word(record + 48), word(record + 52))
        {
            return true;
        }
        other = word(other);
    }
    false
}

/// Compares two written places.
fn is_same_place(a: u32, b: u32) -> bool {
    if word(a) != word(b) || word(a + 8) != word(b + 8) {
        return false;
    }
    let len = word(a + 8) * STEP_SIZE;
    bytes(word(a + 4), len) == bytes(word(b + 4), len)
}

/// Writes a place, its missing steps outermost first.
fn write_place(to: u32, place: Place) {
    let count = place.missing;
    let tail = if count == 0 { 0 } else { take(count * STEP_SIZE) };
    let mut step = place.tail;
    let mut left = count;
    while left != 0 {
        left -= 1;
        let at = tail + left * STEP_SIZE;
        set_word(at, word(step + 4));
        set_word(at + 4, word(step + 8));
        set_word(at + 8, 0);
        step = word(step);
    }
    set_word(to, place.node);
    set_word(to + 4, tail);
    set_word(to + 8, count);
    set_word(to + 12, 0);
    set_word(to + 16, 0);
    set_word(to + 20, 0);
}

/// The place of a result without one: the element at hand, else the object's name.
fn fallback() -> Place {
    let state = state();
    if state.near != 0 {
        return Place::node(state.near);
    }
    let metadata = present(child(state.object, SYM_METADATA));
    if metadata == 0 {
        return Place::node(state.object).key(SYM_METADATA).key(SYM_NAME);
    }
    let name = present(child(metadata, SYM_NAME));
    if name == 0 {
        Place::node(metadata).key(SYM_NAME)
    } else {
        Place::node(name)
    }
}

/// A finding of check 0: a value that contradicts its type.
pub fn write_shape(place: Place, message: Text) {
    let draft = Draft {
        check: 0,
        severity: state().severity,
        status: STATUS_FINDING,
        reason: 0,
        message,
    };
    write(&draft, Trace::of(place));
}

/// A result that could not be decided; nothing for reasons that have a finding of their own. `tag` is the check's number
/// in its policy and, from bit 16, its severity.
#[unsafe(no_mangle)]
pub extern "C" fn report_unknown(tag: u32, reason: u32, trace: u32) {
    if reason > UNKNOWN_MISSING {
        let draft = draft(tag, STATUS_UNKNOWN, reason, Text::EMPTY);
        write(&draft, Trace(trace));
    }
}

/// A finding for each witness; `message` is a buffer.
#[unsafe(no_mangle)]
pub extern "C" fn report_findings(tag: u32, witnesses: u32, message: u32) {
    let draft = draft(tag, STATUS_FINDING, 0, Text::of_buffer(message));
    let mut witness = word(witnesses);
    while witness != 0 {
        write(&draft, Trace(witness));
        witness = Trace(witness).next();
    }
}

/// The policy at work ran out of steps.
#[unsafe(no_mangle)]
pub extern "C" fn report_budget() {
    let state = state();
    state.flags |= OUTCOME_BUDGET;
    state.near = 0;
    state.silent = false;
    report_unknown(state.severity << 16, UNKNOWN_BUDGET, Trace::none().0);
}

fn draft(tag: u32, status: u32, reason: u32, message: Text) -> Draft {
    Draft {
        check: tag & 0xFFFF,
        severity: tag >> 16,
        status,
        reason,
        message,
    }
}

/// Steps from the root of the object to `node`; -1 if it is not of the object.
pub fn depth(node: u32) -> i32 {
    let mut at = state().object;
    let mut depth = 0;
    while at != node {
        let end = at + (word(at) & EXTENT_MASK);
        if node < at || node >= end {
            return -1;
        }
        at += 16;
        depth += 1;
        while node >= at + (word(at) & EXTENT_MASK) {
            at += word(at) & EXTENT_MASK;
        }
    }
    depth
}
