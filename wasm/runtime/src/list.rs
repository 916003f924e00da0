//! Lists that a policy makes element by element: comprehensions.
//!
//! A list under construction is a growing text of words, each a value; another of the same length holds the keys that it
//! is sorted by.

use crate::arena::take;
use crate::compare::{order_number, order_text};
use crate::functions::times::{order_duration, order_timestamp};
use crate::functions::versions::order_version;
use crate::layout::{FIRST_ADDRESS, UNKNOWN_VALUE};
use crate::message::Text;
use crate::node::{copy, first, int, second, set_word, word};
use crate::value::refs_to;

/// Adds a value.
#[unsafe(no_mangle)]
pub extern "C" fn list_add(list: u32, value: u32) {
    let cell = take(4);
    set_word(cell, value);
    Text(list).push_at(cell, 4);
}

/// The finished list.
#[unsafe(no_mangle)]
pub extern "C" fn list_end(list: u32) -> u32 {
    let text = Text(list);
    refs_to(text.ptr(), text.len() / 4)
}

/// The first element of a list that a policy made; absent if there is none. A code is passed on.
#[unsafe(no_mangle)]
pub extern "C" fn list_first(list: u32) -> u32 {
    if list < FIRST_ADDRESS {
        list
    } else if first(list) == 0 {
        0
    } else {
        word(second(list))
    }
}

/// The last element; see [`list_first`].
#[unsafe(no_mangle)]
pub extern "C" fn list_last(list: u32) -> u32 {
    if list < FIRST_ADDRESS {
        list
    } else if first(list) == 0 {
        0
    } else {
        word(second(list) + 4 * (first(list) - 1))
    }
}

/// Sorts a list under construction by keys of which none is unknown, absent ones first, equal ones as they are. The
/// reason of the first key that does not read as what it should be, or 0.
#[inline(always)]
fn sort(list: u32, keys: u32, order: impl Fn(u32, u32) -> i32 + Copy) -> u32 {
    let (values, sorted) = (Text(list), Text(keys));
    let count = values.len() / 4;
    let end = 4 * count;
    let mut at = 0;
    while at != end {
        let key = word(sorted.ptr() + at);
        if key != 0 && order(key, key) == UNREADABLE {
            return UNKNOWN_VALUE;
        }
        at += 4;
    }
    // Merges runs of doubling length, from one pair of arrays to another.
    let (mut from, mut from_keys) = (values.ptr(), sorted.ptr());
    let (mut to, mut to_keys) = (take(end), take(end));
    let mut run = 4;
    while run < end {
        let mut start = 0;
        while start < end {
            let middle = (start + run).min(end);
            let last = (middle + run).min(end);
            let (mut left, mut right) = (start, middle);
            let mut out = start;
            while out != last {
                let takes_right = right != last
                    && (left == middle || is_above(word(from_keys + left), word(from_keys + right), order));
                let next = if takes_right { right } else { left };
                set_word(to + out, word(from + next));
                set_word(to_keys + out, word(from_keys + next));
                if takes_right {
                    right += 4;
                } else {
                    left += 4;
                }
                out += 4;
            }
            start = last;
        }
        core::mem::swap(&mut from, &mut to);
        core::mem::swap(&mut from_keys, &mut to_keys);
        run *= 2;
    }
    copy(values.ptr(), from, end);
    0
}

/// What an order is if one of the two does not read as what it should be.
const UNREADABLE: i32 = UNKNOWN_VALUE as i32;

fn is_above(a: u32, b: u32, order: impl Fn(u32, u32) -> i32) -> bool {
    if a == 0 || b == 0 { a > b } else { order(a, b) > 0 }
}

/// Sorts by ints or bools.
#[unsafe(no_mangle)]
pub extern "C" fn list_sort_int(list: u32, keys: u32) -> u32 {
    sort(list, keys, |a, b| int(a).cmp(&int(b)) as i32)
}

/// Sorts by texts.
#[unsafe(no_mangle)]
pub extern "C" fn list_sort_text(list: u32, keys: u32) -> u32 {
    sort(list, keys, |a, b| order_text(a, b))
}

/// Sorts by quantities.
#[unsafe(no_mangle)]
pub extern "C" fn list_sort_quantity(list: u32, keys: u32) -> u32 {
    sort(list, keys, |a, b| crate::quantity::order_quantity(a, b))
}

/// Sorts by numbers.
#[unsafe(no_mangle)]
pub extern "C" fn list_sort_number(list: u32, keys: u32) -> u32 {
    sort(list, keys, |a, b| order_number(a, b))
}

/// Sorts by versions.
#[unsafe(no_mangle)]
pub extern "C" fn list_sort_version(list: u32, keys: u32) -> u32 {
    sort(list, keys, |a, b| order_version(a, b) as i32)
}

/// Sorts by spans of time.
#[unsafe(no_mangle)]
pub extern "C" fn list_sort_duration(list: u32, keys: u32) -> u32 {
    sort(list, keys, |a, b| order_duration(a, b) as i32)
}

/// Sorts by points in time.
#[unsafe(no_mangle)]
pub extern "C" fn list_sort_timestamp(list: u32, keys: u32) -> u32 {
    sort(list, keys, |a, b| order_timestamp(a, b) as i32)
}
