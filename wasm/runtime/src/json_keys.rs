//! Of equal keys in a map the last counts, as for the API server.

use crate::arena::take;
use crate::layout::{KEY_TEXT, KIND_MAP, KIND_MASK, KIND_NULL};
use crate::node::{after, copy, field, key, kind, set_field, set_word, word};
use crate::program::differ;

/// Mark of a member that goes; no kind of a document.
const GONE: u32 = KIND_MASK;

/// Removes all but the last of equal keys from the map `map` of `count` members, and returns the address after it.
///
/// Sorts the members by key (a heap: no input makes it slow) and compares neighbours.
pub fn drop_repeated(map: u32, count: u32) -> u32 {
    let end = after(map);
    let rows = take(4 * count);
    let rows_end = rows + 4 * count;
    let mut row = rows;
    let mut member = map + 16;
    while row != rows_end {
        set_word(row, member);
        member = after(member);
        row += 4;
    }
    sort(rows, count);
    let mut to = end;
    row = rows + 4;
    while row != rows_end {
        let member = word(row - 4);
        if compare(member, word(row)) == 0 {
            set_word(member, word(member) | GONE);
            to = map + 16;
        }
        row += 4;
    }
    if to == end {
        return end;
    }
    // Closes the gaps.
    let (mut from, mut size) = (to, 0);
    while from != end {
        let extent = after(from) - from;
        if kind(from) != GONE {
            size += u32::from(kind(from) != KIND_NULL);
            copy(to, from, extent);
            to += extent;
        }
        from += extent;
    }
    set_word(map, to - map | KIND_MAP);
    set_field(map, 8, size);
    to
}

/// Negative, 0 or positive, by key in some order.
fn compare(a: u32, b: u32) -> i32 {
    let (a, b) = (key(a), key(b));
    if a & b & KEY_TEXT == 0 {
        // A symbol and another key differ, and the mark of texts is the sign.
        return if a == b { 0 } else if a < b { -1 } else { 1 };
    }
    differ((a & !KEY_TEXT) + 4, word(a & !KEY_TEXT), (b & !KEY_TEXT) + 4, word(b & !KEY_TEXT))
}

/// Of equal keys the earlier member comes first.
#[inline(never)]
fn is_before(a: u32, b: u32) -> bool {
    let order = compare(a, b);
    order < 0 || order == 0 && a < b
}

fn sort(rows: u32, count: u32) {
    let mut unsorted = count / 2;
    let mut left = count;
    loop {
        let sinking;
        if unsorted != 0 {
            unsorted -= 1;
            sinking = word(rows + 4 * unsorted);
        } else {
            left -= 1;
            if left == 0 {
                return;
            }
            sinking = word(rows + 4 * left);
            set_word(rows + 4 * left, word(rows));
        }
        let mut at = unsorted;
        loop {
            let mut child = 2 * at + 1;
            if child >= left {
                break;
            }
            let mut below = rows + 4 * child;
            if child + 1 < left && is_before(word(below), field(below, 4)) {
                child += 1;
                below += 4;
            }
            if !is_before(sinking, word(below)) {
                break;
            }
            set_word(rows + 4 * at, word(below));
            at = child;
        }
        set_word(rows + 4 * at, sinking);
    }
}
