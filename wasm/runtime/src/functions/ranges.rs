//! Ranges of versions and of whole numbers.

use super::numbers::digits;
use super::versions::{order_version, reads};
use super::{GIVEN, given};
use crate::arena::release;
use crate::layout::{FIRST_ADDRESS, UNKNOWN_VALUE};
use crate::node::{byte, first, int, second};
use crate::value::string_node;

/// Greatest bound of a range of whole numbers, which is also that of a range without one.
const MAX: u64 = 999_999_999_999_999_999;

/// `versions(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_versions(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    if judge(0, text) == UNKNOWN_VALUE { 0 } else { string_node(first(text), second(text)) }
}

/// `version in versions`
#[unsafe(no_mangle)]
pub extern "C" fn fn_within_versions(version: u32, versions: u32) -> u32 {
    let given = given(version, versions);
    if given != GIVEN {
        return given;
    }
    if reads(version) { judge(version, versions) } else { UNKNOWN_VALUE }
}

/// Whether a version is in one of the alternatives, all of which are read; no version is in none.
fn judge(version: u32, versions: u32) -> u32 {
    let mut at = first(versions);
    let end = at + second(versions);
    let mut any = false;
    let mut holds = true;
    let mut is_empty = true;
    loop {
        at = after_blanks(at, end);
        if at == end || byte(at) == b';' {
            if is_empty {
                return UNKNOWN_VALUE;
            }
            any |= holds;
            if at == end {
                return u32::from(any && version != 0);
            }
            holds = true;
            is_empty = true;
            at += 1;
            continue;
        }
        // Which of less, equal and greater will do, a bit each.
        let sign = byte(at);
        let mut wanted = match sign {
            b'<' => 1,
            b'>' => 4,
            _ => 2,
        };
        let has_sign = sign == b'=' || wanted != 2;
        if has_sign {
            at += 1;
            if wanted != 2 && at != end && byte(at) == b'=' {
                wanted |= 2;
                at += 1;
            }
            at = after_blanks(at, end);
        }
        let start = at;
        let mut dash = 0;
        while at != end && byte(at) != b' ' && byte(at) != b';' {
            let is_dash = byte(at) == b'-' && at + 1 != end && byte(at + 1).is_ascii_digit();
            if is_dash && dash == 0 && !has_sign {
                dash = at;
            }
            at += 1;
        }
        let said = if dash == 0 {
            compare(version, start, at, wanted)
        } else {
            let low = compare(version, start, dash, 2 | 4);
            let high = compare(version, dash + 1, at, 1 | 2);
            if low > 1 || high > 1 { UNKNOWN_VALUE } else { low & high }
        };
        if said > 1 {
            return said;
        }
        holds &= said != 0;
        is_empty = false;
    }
}

fn after_blanks(from: u32, end: u32) -> u32 {
    let mut at = from;
    while at != end && byte(at) == b' ' {
        at += 1;
    }
    at
}

/// Whether a version stands to a bound in one of the ways that are wanted; unknown if the bound is no version.
#[inline(never)]
fn compare(version: u32, start: u32, end: u32, wanted: u32) -> u32 {
    if !is_bound(start, end) {
        return UNKNOWN_VALUE;
    }
    let bound = string_node(start, end - start);
    let said = if !reads(bound) {
        UNKNOWN_VALUE
    } else if version == 0 {
        0
    } else {
        wanted >> order_version(version, bound).wrapping_add(1) & 1
    };
    release(bound);
    said
}

/// True for digits joined by points, then nothing but a suffix of letters, digits, points and the like.
fn is_bound(start: u32, end: u32) -> bool {
    let mut at = start;
    if at != end && byte(at) == b'v' {
        at += 1;
    }
    loop {
        let number = at;
        while at != end && byte(at).is_ascii_digit() {
            at += 1;
        }
        if at == number {
            return false;
        }
        if at == end || byte(at) != b'.' {
            break;
        }
        at += 1;
    }
    if at != end && byte(at) != b'-' && byte(at) != b'+' {
        return false;
    }
    while at != end {
        let sign = byte(at);
        if !sign.is_ascii_alphanumeric() && sign != b'.' && sign != b'+' && sign != b'-' {
            return false;
        }
        at += 1;
    }
    true
}

/// `range(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_range(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    if bounds(text).is_some() { string_node(first(text), second(text)) } else { 0 }
}

/// `int in range`
#[unsafe(no_mangle)]
pub extern "C" fn fn_within_range(number: u32, range: u32) -> u32 {
    let given = given(number, range);
    if given != GIVEN {
        return given;
    }
    match bounds(range) {
        Some((low, high)) => {
            let number = int(number);
            u32::from(low.is_none_or(|low| number >= low) && high.is_none_or(|high| number <= high))
        }
        None => UNKNOWN_VALUE,
    }
}

/// The bounds of a range, either of which may be left out.
#[inline(never)]
fn bounds(text: u32) -> Option<(Option<i64>, Option<i64>)> {
    let start = first(text);
    let end = start + second(text);
    let mut dash = start;
    while dash != end && byte(dash) != b'-' {
        dash += 1;
    }
    if dash == end {
        let only = Some(number(start, end)?);
        return Some((only, only));
    }
    if end - start == 1 {
        return None;
    }
    let low = if dash == start { None } else { Some(number(start, dash)?) };
    let high = if dash + 1 == end { None } else { Some(number(dash + 1, end)?) };
    if let (Some(low), Some(high)) = (low, high)
        && low > high
    {
        return None;
    }
    Some((low, high))
}

fn number(start: u32, end: u32) -> Option<i64> {
    if end - start > 18 {
        return None;
    }
    digits(start, end, 10, MAX).map(|value| value as i64)
}
