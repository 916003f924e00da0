//! Looking for a text in another one.

use crate::arena::{release, take};
use crate::node::{byte, set_word, word};
use crate::program::differ;

/// The address of the first occurrence of the `len` bytes at `needle` between `from` and `end`; 0 if there is none.
/// Takes time for the sum of the lengths, whatever they say (Knuth, Morris and Pratt).
#[inline(never)]
pub fn find(from: u32, end: u32, needle: u32, len: u32) -> u32 {
    if len >= end - from {
        return if differ(from, end - from, needle, len) == 0 { from } else { 0 };
    }
    if len == 0 {
        return from;
    }
    // For each beginning of the needle, how much of its end begins the needle again.
    let table = take(4 * len);
    let (mut at, mut matched) = (needle + 1, 0);
    set_word(table, 0);
    while at != needle + len {
        matched = advance(table, needle, matched, at);
        set_word(table + 4 * (at - needle), matched);
        at += 1;
    }
    (at, matched) = (from, 0);
    while at != end && matched != len {
        matched = advance(table, needle, matched, at);
        at += 1;
    }
    release(table);
    if matched == len { at - len } else { 0 }
}

/// How much of the needle ends with the byte at `at`, when `matched` bytes ended before it.
#[inline(never)]
fn advance(table: u32, needle: u32, matched: u32, at: u32) -> u32 {
    let mut matched = matched;
    loop {
        if byte(needle + matched) == byte(at) {
            return matched + 1;
        }
        if matched == 0 {
            return 0;
        }
        matched = word(table + 4 * (matched - 1));
    }
}
