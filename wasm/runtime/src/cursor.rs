//! Loops of generated code, and looking for a value in a list.
//!
//! ```text
//! cursor  0 next place · 4 end · 8 node at hand, or a code · 12 its index · 16 what elements may be, and marks
//!         20 why elements were left out, 0 if none was; OUT if there were no steps left
//! ```
//!
//! Where a loop is written decides which cursor it has: the one of its depth.

use crate::compare::same_scalar;
use crate::functions::times::{order_duration, order_timestamp};
use crate::functions::versions::order_version;
use crate::layout::{FIRST_ADDRESS, KIND_NULL, KIND_REFS, UNKNOWN_VALUE};
use crate::node::{fast_after, fast_kind, field, first, key, second, set_field, set_word, word};
use crate::pattern::match_pattern;
use crate::quantity::order_quantity;
use crate::results::report_budget;
use crate::state::{spend, take_step};
use crate::value::{element_at, element_value, elements, elements_end, is_plain, left_out, next_element, odd};

/// Bytes of a cursor.
pub const CURSOR_SIZE: u32 = 24;
/// Mark of what elements may be: they are the members of a map, and those that are null do not count.
const MEMBERS: u32 = 1 << 12;
/// Mark: looking at an element costs nothing.
const FREE: u32 = 1 << 13;
/// Mark of a cursor: its places hold addresses of nodes.
const REFS: u32 = 1 << 14;
/// What [`loop_next`] gives at the end, which is no value.
const END: u32 = 1;
/// There were no steps left; no condition is this.
const OUT: u32 = 1;

/// Begins a loop over a list or a map.
#[unsafe(no_mangle)]
pub extern "C" fn loop_begin(list: u32, what: u32, cursor: u32) {
    // What other functions say of a list, in place: most loops have few turns.
    let (mut begin, mut end, mut what, mut reason) = (0, 0, what, list);
    if list >= FIRST_ADDRESS {
        (begin, end, reason) = (list + 16, fast_after(list), 0);
        if fast_kind(list) == KIND_REFS {
            begin = second(list);
            end = begin + 4 * first(list);
            what |= REFS;
            if key(list) < FIRST_ADDRESS {
                reason = key(list);
            }
        }
    }
    set_word(cursor, begin);
    set_field(cursor, 4, end);
    set_field(cursor, 12, u32::MAX);
    set_field(cursor, 16, what);
    set_field(cursor, 20, reason);
}

/// The next value, or [`END`].
#[unsafe(no_mangle)]
pub extern "C" fn loop_next(cursor: u32) -> u32 {
    let what = field(cursor, 16);
    loop {
        let at = word(cursor);
        if at >= field(cursor, 4) {
            return END;
        }
        if !take_step() {
            return stop(cursor);
        }
        let mut node = at;
        if what & REFS != 0 {
            set_word(cursor, at + 4);
            node = word(at);
        } else {
            set_word(cursor, fast_after(at));
        }
        set_field(cursor, 8, node);
        if what & MEMBERS == 0 {
            set_field(cursor, 12, field(cursor, 12) + 1);
            if node < FIRST_ADDRESS || is_plain(node, what) {
                return node;
            }
            return odd(node, what, true);
        }
        if fast_kind(node) != KIND_NULL {
            return if is_plain(node, what) { node } else { odd(node, what, false) };
        }
    }
}

/// There are no steps left.
#[inline(never)]
fn stop(cursor: u32) -> u32 {
    report_budget();
    set_field(cursor, 20, OUT);
    END
}

/// What [`in_scalar`] and its like give where there are no steps left: no condition.
const STOP: u32 = FIRST_ADDRESS;

/// Whether a value is in a list; `what` is what elements may be, and marks.
#[unsafe(no_mangle)]
pub extern "C" fn in_scalar(needle: u32, list: u32, what: u32) -> u32 {
    is_in(needle, list, what, |a, b| same_scalar(a, b))
}

/// See [`in_scalar`], for quantities.
#[unsafe(no_mangle)]
pub extern "C" fn in_quantity(needle: u32, list: u32, what: u32) -> u32 {
    is_in(needle, list, what, |a, b| u32::from(order_quantity(a, b) == 0))
}

/// See [`in_scalar`], for versions.
#[unsafe(no_mangle)]
pub extern "C" fn in_version(needle: u32, list: u32, what: u32) -> u32 {
    is_in(needle, list, what, |a, b| reads_same(order_version(a, b)))
}

/// See [`in_scalar`], for spans of time.
#[unsafe(no_mangle)]
pub extern "C" fn in_duration(needle: u32, list: u32, what: u32) -> u32 {
    is_in(needle, list, what, |a, b| reads_same(order_duration(a, b)))
}

/// See [`in_scalar`], for points in time.
#[unsafe(no_mangle)]
pub extern "C" fn in_timestamp(needle: u32, list: u32, what: u32) -> u32 {
    is_in(needle, list, what, |a, b| reads_same(order_timestamp(a, b)))
}

/// See [`in_scalar`], for texts and patterns that match them.
#[unsafe(no_mangle)]
pub extern "C" fn in_pattern(needle: u32, list: u32, what: u32) -> u32 {
    is_in(needle, list, what, |a, b| match_pattern(a, b))
}

fn reads_same(order: u32) -> u32 {
    if order == UNKNOWN_VALUE { order } else { u32::from(order == 0) }
}

/// Elements in order until one is equal; an element that is unknown, or is compared in vain, counts unless a later one is
/// equal.
#[inline(always)]
fn is_in(needle: u32, list: u32, what: u32, same: impl Fn(u32, u32) -> u32) -> u32 {
    if needle < FIRST_ADDRESS {
        return needle;
    }
    let mut reason = 0;
    let mut at = elements(list);
    while at != elements_end(list) {
        if what & FREE == 0 && !spend(1) {
            report_budget();
            return STOP;
        }
        let element = element_value(element_at(list, at), what);
        at = next_element(list, at);
        let mut found = element;
        if element >= FIRST_ADDRESS {
            found = same(needle, element);
            if found == 1 {
                return 1;
            }
        }
        if reason == 0 {
            reason = found;
        }
    }
    if reason == 0 { left_out(list) } else { reason }
}
