//! Addresses and ranges of the internet protocols.

use super::numbers::digits;
use super::{GIVEN, given};
use crate::arena::{release, take, take_zeros};
use crate::layout::{FIRST_ADDRESS, UNKNOWN_VALUE};
use crate::node::{byte, copy, first, second, set_byte};
use crate::value::string_node;

/// Bytes of what is read: the address, most significant byte first, then its size in bits and how many of them count.
const RECORD: u32 = 18;
const SIZE: u32 = 16;
const LENGTH: u32 = 17;

/// `ip(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_ip(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let record = take_zeros(RECORD);
    let reads = read_address(record, first(text), first(text) + second(text));
    release(record);
    if reads { string_node(first(text), second(text)) } else { 0 }
}

/// `cidr(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_cidr(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let record = take_zeros(RECORD);
    let reads = read(record, text) && has_length(text);
    release(record);
    if reads { string_node(first(text), second(text)) } else { 0 }
}

/// `inner in outer`: an address or a range in a range.
#[unsafe(no_mangle)]
pub extern "C" fn fn_within_cidr(inner: u32, outer: u32) -> u32 {
    let given = given(inner, outer);
    if given != GIVEN {
        return given;
    }
    let a = take_zeros(2 * RECORD);
    let b = a + RECORD;
    let answer = if !read(a, inner) || !read(b, outer) || !has_length(outer) {
        UNKNOWN_VALUE
    } else {
        u32::from(is_within(a, b))
    };
    release(a);
    answer
}

fn is_within(inner: u32, outer: u32) -> bool {
    if byte(inner + SIZE) != byte(outer + SIZE) || byte(inner + LENGTH) < byte(outer + LENGTH) {
        return false;
    }
    let mut left = u32::from(byte(outer + LENGTH));
    let mut at = 0;
    while left != 0 {
        let n_bits = if left < 8 { left } else { 8 };
        let differing = byte(inner + at) ^ byte(outer + at);
        if u32::from(differing) >> (8 - n_bits) != 0 {
            return false;
        }
        left -= n_bits;
        at += 1;
    }
    true
}

/// Where the `/` of a range is; the end if there is none.
fn slash(text: u32) -> u32 {
    let mut at = first(text);
    while at != first(text) + second(text) && byte(at) != b'/' {
        at += 1;
    }
    at
}

fn has_length(text: u32) -> bool {
    slash(text) != first(text) + second(text)
}

/// Reads an address or a range.
#[inline(never)]
fn read(record: u32, text: u32) -> bool {
    let slash = slash(text);
    let end = first(text) + second(text);
    if !read_address(record, first(text), slash) {
        return false;
    }
    if slash == end {
        return true;
    }
    let length = short(slash + 1, end, 3, byte(record + SIZE));
    if let Some(length) = length {
        set_byte(record + LENGTH, length);
    }
    length.is_some()
}

/// A decimal number of few digits, without zeros before it.
fn short(from: u32, end: u32, most: u32, limit: u8) -> Option<u8> {
    if end - from > most || (end - from > 1 && byte(from) == b'0') {
        return None;
    }
    digits(from, end, 10, u64::from(limit)).map(|value| value as u8)
}

/// Reads an address into a record of zeros.
#[inline(never)]
fn read_address(record: u32, from: u32, end: u32) -> bool {
    let mut at = from;
    while at != end && byte(at) != b':' {
        at += 1;
    }
    let (reads, size) = if at == end {
        (read_quad(record, from, end), 32)
    } else {
        (read_long(record, from, end), 128)
    };
    set_byte(record + SIZE, size);
    set_byte(record + LENGTH, size);
    reads
}

/// Four decimal numbers.
#[inline(never)]
fn read_quad(to: u32, from: u32, end: u32) -> bool {
    let mut start = from;
    let mut nth = 0;
    loop {
        let mut at = start;
        while at != end && byte(at) != b'.' {
            at += 1;
        }
        match short(start, at, 3, 255) {
            Some(value) => set_byte(to + nth, value),
            None => return false,
        }
        nth += 1;
        if nth == 4 {
            return at == end;
        }
        if at == end {
            return false;
        }
        start = at + 1;
    }
}

/// Eight groups of up to four hexadecimal digits, `::` for any number of groups of zeros, the last two perhaps four
/// decimal numbers.
fn read_long(to: u32, from: u32, end: u32) -> bool {
    let mut at = from;
    // Bytes written, and how many of them stood before `::`.
    let mut len = 0;
    let mut gap = 16 + 1;
    if is_gap(at, end) {
        gap = 0;
        at += 2;
    }
    while at != end {
        if len == 16 {
            return false;
        }
        let start = at;
        let mut value = 0;
        while at != end && byte(at).is_ascii_hexdigit() && at - start < 4 {
            let letter = byte(at);
            let digit = if letter <= b'9' { letter - b'0' } else { (letter | 0x20) - b'a' + 10 };
            value = value << 4 | u32::from(digit);
            at += 1;
        }
        if at != end && byte(at) == b'.' {
            if len > 12 || !read_quad(to + len, start, end) {
                return false;
            }
            len += 4;
            break;
        }
        if at == start {
            return false;
        }
        set_byte(to + len, (value >> 8) as u8);
        set_byte(to + len + 1, value as u8);
        len += 2;
        if at == end {
            break;
        }
        if is_gap(at, end) {
            if gap <= 16 {
                return false;
            }
            gap = len;
            at += 2;
        } else if byte(at) == b':' && at + 1 != end {
            at += 1;
        } else {
            return false;
        }
    }
    if gap > 16 {
        return len == 16;
    }
    if len == 16 {
        return false;
    }
    // What stood after the gap goes to the end.
    let tail = len - gap;
    let scratch = take(16);
    copy(scratch, to + gap, tail);
    let mut nth = gap;
    while nth != 16 {
        set_byte(to + nth, if nth < 16 - tail { 0 } else { byte(scratch + nth + tail - 16) });
        nth += 1;
    }
    release(scratch);
    true
}

fn is_gap(at: u32, end: u32) -> bool {
    end - at > 1 && byte(at) == b':' && byte(at + 1) == b':'
}
