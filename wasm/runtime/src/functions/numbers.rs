//! Whole numbers.

use super::times::skip_digits;
use super::{GIVEN, fresh, given, is_unknown};
use crate::layout::{FIRST_ADDRESS, KIND_FLOAT, KIND_INT, UNKNOWN_VALUE};
use crate::node::{byte, first, int, kind, second, set_word};
use crate::value::{element_at, elements, elements_end, long_node, next_element};

/// What an operation on two ints gives; nothing is out of range.
fn operate(a: u32, b: u32, operation: impl FnOnce(i64, i64) -> Option<i64>) -> u32 {
    let given = given(a, b);
    if given != GIVEN {
        return given;
    }
    value_of(operation(int(a), int(b)))
}

fn value_of(result: Option<i64>) -> u32 {
    match result {
        Some(value) => long_node(value),
        None => UNKNOWN_VALUE,
    }
}

/// `a + b`
#[unsafe(no_mangle)]
pub extern "C" fn fn_add(a: u32, b: u32) -> u32 {
    operate(a, b, i64::checked_add)
}

/// `a - b`
#[unsafe(no_mangle)]
pub extern "C" fn fn_subtract(a: u32, b: u32) -> u32 {
    operate(a, b, i64::checked_sub)
}

/// `a * b`
#[unsafe(no_mangle)]
pub extern "C" fn fn_multiply(a: u32, b: u32) -> u32 {
    operate(a, b, times)
}

/// The product, without the 128 bits that `checked_mul` works with.
fn times(a: i64, b: i64) -> Option<i64> {
    if a == 0 {
        return Some(0);
    }
    if a == -1 {
        return b.checked_neg();
    }
    let product = a.wrapping_mul(b);
    if product / a == b { Some(product) } else { None }
}

/// `a div b`
#[unsafe(no_mangle)]
pub extern "C" fn fn_integer_divide(a: u32, b: u32) -> u32 {
    operate(a, b, i64::checked_div)
}

/// `a % b`
#[unsafe(no_mangle)]
pub extern "C" fn fn_remainder(a: u32, b: u32) -> u32 {
    operate(a, b, |a, b| if b == 0 { None } else { Some(a.wrapping_rem(b)) })
}

/// `-a`
#[unsafe(no_mangle)]
pub extern "C" fn fn_negate(a: u32) -> u32 {
    if a < FIRST_ADDRESS {
        return a;
    }
    value_of(int(a).checked_neg())
}

/// `abs(a)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_abs(a: u32) -> u32 {
    if a < FIRST_ADDRESS {
        return a;
    }
    value_of(int(a).checked_abs())
}

/// `min(a, b)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_min(a: u32, b: u32) -> u32 {
    operate(a, b, |a, b| Some(if b < a { b } else { a }))
}

/// `max(a, b)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_max(a: u32, b: u32) -> u32 {
    operate(a, b, |a, b| Some(if b > a { b } else { a }))
}

/// What the elements of a list of ints make together, or absent if there are none.
fn fold(list: u32, operation: impl Fn(i64, i64) -> Option<i64>) -> u32 {
    if is_unknown(list) {
        return list;
    }
    let mut at = elements(list);
    if at == elements_end(list) {
        return 0;
    }
    let mut result = int(element_at(list, at));
    loop {
        at = next_element(list, at);
        if at == elements_end(list) {
            return long_node(result);
        }
        match operation(result, int(element_at(list, at))) {
            Some(next) => result = next,
            None => return UNKNOWN_VALUE,
        }
    }
}

/// `min(list)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_min_of(list: u32) -> u32 {
    fold(list, |a, b| Some(if b < a { b } else { a }))
}

/// `max(list)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_max_of(list: u32) -> u32 {
    fold(list, |a, b| Some(if b > a { b } else { a }))
}

/// `sum(list)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_sum(list: u32) -> u32 {
    let sum = fold(list, i64::checked_add);
    if sum == 0 { long_node(0) } else { sum }
}

/// The number that digits from an address to another say, in base 8 or 10; nothing if there are none, others, or it is
/// greater than `limit`.
#[inline(never)]
pub fn digits(from: u32, end: u32, base: u64, limit: u64) -> Option<u64> {
    let mut at = from;
    let mut value = 0;
    while at < end {
        let digit = u64::from(byte(at).wrapping_sub(b'0'));
        if digit >= base || value > (limit - digit) / base {
            return None;
        }
        value = value * base + digit;
        at += 1;
    }
    if from < end { Some(value) } else { None }
}

/// `int(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_int(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let mut at = first(text);
    let end = at + second(text);
    let mut minus = 0;
    if at != end && (byte(at) == b'-' || byte(at) == b'+') {
        minus = u64::from(byte(at) == b'-');
        at += 1;
    }
    match digits(at, end, 10, (1 << 63) - 1 + minus) {
        Some(value) if minus != 0 => long_node((value as i64).wrapping_neg()),
        Some(value) => long_node(value as i64),
        None => 0,
    }
}

/// `float(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_float(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let mut at = first(text);
    let end = at + second(text);
    if at != end && byte(at) == b'-' {
        at += 1;
    }
    let whole = at;
    at = skip_digits(at, end);
    // Zeros before other digits are not JSON's.
    let mut reads = at != whole && (byte(whole) != b'0' || at == whole + 1);
    if at != end && byte(at) == b'.' {
        let fraction = at + 1;
        at = skip_digits(fraction, end);
        reads &= at != fraction;
    }
    if at != end && byte(at) | 0x20 == b'e' {
        at += 1;
        if at != end && (byte(at) == b'-' || byte(at) == b'+') {
            at += 1;
        }
        let power = at;
        at = skip_digits(power, end);
        reads &= at != power;
    }
    if !reads || at != end {
        return 0;
    }
    let made = fresh(text);
    set_word(made, 16 | KIND_FLOAT);
    made
}

/// `octal(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_octal(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let mut at = first(text);
    let len = second(text);
    let end = at + len;
    if len > 2 && byte(at) == b'0' && byte(at + 1) == b'o' {
        at += 2;
    }
    match digits(at, end, 8, (1 << 63) - 1) {
        Some(value) => long_node(value as i64),
        None => 0,
    }
}

/// `percent_of(value, whole)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_percent_of(value: u32, whole: u32) -> u32 {
    let given = given(value, whole);
    if given != GIVEN {
        return given;
    }
    if kind(value) == KIND_INT {
        return long_node(int(value));
    }
    let (start, len) = (first(value), second(value));
    if len < 2 || byte(start + len - 1) != b'%' {
        return 0;
    }
    let end = start + len - 1;
    let mut at = start;
    while at != end {
        if !byte(at).is_ascii_digit() {
            return 0;
        }
        at += 1;
    }
    value_of(match digits(start, end, 10, (1 << 63) - 1) {
        Some(percent) => share(percent as i64, int(whole)),
        None => None,
    })
}

/// ⌈percent · whole / 100⌉; what is in range never passes through a number that is not.
fn share(percent: i64, whole: i64) -> Option<i64> {
    let (hundreds, rest) = (whole / 100, whole % 100);
    let last = percent % 100 * rest;
    let up = last / 100 + i64::from(last % 100 > 0);
    times(percent, hundreds)?.checked_add(times(percent / 100, rest)?)?.checked_add(up)
}

/// The position of a text in a list of texts.
#[unsafe(no_mangle)]
pub extern "C" fn fn_rank(text: u32, list: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let mut at = elements(list);
    let mut nth = 0;
    while at != elements_end(list) {
        if crate::compare::same_text(text, element_at(list, at)) != 0 {
            return long_node(nth);
        }
        nth += 1;
        at = next_element(list, at);
    }
    UNKNOWN_VALUE
}
