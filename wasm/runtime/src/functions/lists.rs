//! Lists and maps.

use super::{GIVEN, given, is_unknown};
use crate::arena::{release, take};
use crate::compare::{order_number, order_text, same_scalar};
use crate::layout::{FIRST_ADDRESS, KIND_MAP, KIND_NULL, KIND_STRING, UNKNOWN_BUDGET};
use crate::node::{copy, first, kind, second, set_field, set_word, word};
use crate::state::spend;
use crate::value::{
    element_at, element_value, elements, elements_end, key_node, long_node, next_element, refs_new,
};

/// A list as an argument of a function: the list, or the first element that is unknown. `mask` is what its elements may
/// be. Costs a step for each element looked at.
#[unsafe(no_mangle)]
pub extern "C" fn fn_check_list(list: u32, mask: u32) -> u32 {
    let mut at = elements(list);
    while at != elements_end(list) {
        if !spend(1) {
            return UNKNOWN_BUDGET;
        }
        let element = element_value(element_at(list, at), mask);
        if is_unknown(element) {
            return element;
        }
        at = next_element(list, at);
    }
    list
}

/// `len(list)`, `len(map)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_size(value: u32) -> u32 {
    if is_unknown(value) {
        return value;
    }
    long_node(if value == 0 { 0 } else { i64::from(first(value)) })
}

/// `keys(map)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_keys(map: u32) -> u32 {
    members(map, true)
}

/// `values(map)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_values(map: u32) -> u32 {
    members(map, false)
}

/// The keys or the nodes of the members that are not null.
#[inline(never)]
fn members(map: u32, keys: bool) -> u32 {
    if is_unknown(map) {
        return map;
    }
    if map != 0 && kind(map) != KIND_MAP {
        return refs_new(0);
    }
    let list = refs_new(if map == 0 { 0 } else { first(map) });
    let mut to = list + 16;
    let mut at = elements(map);
    while at != elements_end(map) {
        if !spend(1) {
            return UNKNOWN_BUDGET;
        }
        // A projection never leaves out a member of a map that is asked for all of them, so that the room is enough.
        if kind(at) != KIND_NULL && to != list + 16 + 4 * first(list) {
            set_word(to, if keys { key_node(at) } else { at });
            to += 4;
        }
        at = next_element(map, at);
    }
    set_field(list, 8, (to - list - 16) / 4);
    list
}

/// 1 if a list has an element equal to `sought`, else 0; unknown when there are no steps for a comparison.
#[inline(never)]
fn holds(list: u32, sought: u32) -> u32 {
    let mut at = elements(list);
    while at != elements_end(list) {
        if !spend(1) {
            return UNKNOWN_BUDGET;
        }
        if same_scalar(sought, element_at(list, at)) != 0 {
            return 1;
        }
        at = next_element(list, at);
    }
    0
}

/// `subset_of(list, other)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_subset_of(list: u32, other: u32) -> u32 {
    let given = given(list, other);
    if given > GIVEN {
        return given;
    }
    let mut at = elements(list);
    while at != elements_end(list) {
        let found = holds(other, element_at(list, at));
        if found != 1 {
            return found;
        }
        at = next_element(list, at);
    }
    1
}

/// An element counts if it is in another list.
const IN: u32 = 1;
/// An element counts if it is not in another list.
const NOT_IN: u32 = 0;
/// All elements count.
const ALL: u32 = 2;

/// Adds the elements of `from` that count, and that `to` has not, to `to`, which has room; unknown when steps run out.
#[inline(never)]
fn add(to: u32, from: u32, other: u32, condition: u32) -> u32 {
    let mut at = elements(from);
    while at != elements_end(from) {
        let element = element_at(from, at);
        let mut found = condition;
        if condition != ALL {
            found = holds(other, element);
            if found > 1 {
                return found;
            }
        }
        if found == condition {
            found = holds(to, element);
            if found == 0 {
                set_word(second(to) + 4 * first(to), element);
                set_field(to, 8, first(to) + 1);
            } else if found != 1 {
                return found;
            }
        }
        at = next_element(from, at);
    }
    to
}

/// An empty list with room for the elements of two.
fn room(a: u32, b: u32) -> u32 {
    let size = |list| if list == 0 { 0 } else { first(list) };
    let list = refs_new(size(a) + size(b));
    set_field(list, 8, 0);
    list
}

/// The elements of a list that count.
#[inline(never)]
fn choose(list: u32, other: u32, condition: u32) -> u32 {
    let given = given(list, other);
    if given > GIVEN {
        return given;
    }
    add(room(list, 0), list, other, condition)
}

/// `union(list, other)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_union(list: u32, other: u32) -> u32 {
    let given = given(list, other);
    if given > GIVEN {
        return given;
    }
    let made = add(room(list, other), list, 0, ALL);
    if made < FIRST_ADDRESS { made } else { add(made, other, 0, ALL) }
}

/// `intersect(list, other)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_intersect(list: u32, other: u32) -> u32 {
    choose(list, other, IN)
}

/// `minus(list, other)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_minus(list: u32, other: u32) -> u32 {
    choose(list, other, NOT_IN)
}

/// `unique(list)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_unique(list: u32) -> u32 {
    choose(list, 0, ALL)
}

/// `sort(list)`: numbers by value, then text by bytes.
#[unsafe(no_mangle)]
pub extern "C" fn fn_sort(list: u32) -> u32 {
    if is_unknown(list) {
        return list;
    }
    let made = room(list, 0);
    let mut end = second(made);
    let mut at = elements(list);
    while at != elements_end(list) {
        set_word(end, element_at(list, at));
        end += 4;
        at = next_element(list, at);
    }
    let start = second(made);
    set_field(made, 8, (end - start) / 4);
    let scratch = take(end - start);
    // Runs of `width` bytes are in order.
    let mut width = 4;
    while width < end - start {
        let mut from = start;
        let mut to = scratch;
        while from != end {
            let middle = before(from, width, end);
            let stop = before(middle, width, end);
            merge(from, middle, stop, to);
            to += stop - from;
            from = stop;
        }
        copy(start, scratch, end - start);
        width *= 2;
    }
    release(scratch);
    made
}

/// `from + width`, or `end` if that is less.
fn before(from: u32, width: u32, end: u32) -> u32 {
    if width < end - from { from + width } else { end }
}

/// Merges two runs of words that follow each other.
fn merge(from: u32, middle: u32, end: u32, to: u32) {
    let (mut left, mut right, mut to) = (from, middle, to);
    while left != middle || right != end {
        let is_left = right == end || (left != middle && order_item(word(left), word(right)) <= 0);
        let next = if is_left { &mut left } else { &mut right };
        set_word(to, word(*next));
        *next += 4;
        to += 4;
    }
}

fn order_item(a: u32, b: u32) -> i32 {
    let (left, right) = (kind(a) == KIND_STRING, kind(b) == KIND_STRING);
    if left != right {
        i32::from(left) - i32::from(right)
    } else if left {
        order_text(a, b)
    } else {
        order_number(a, b)
    }
}
