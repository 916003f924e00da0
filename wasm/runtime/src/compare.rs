//! Comparisons of two values that are both there.

use crate::functions::times::{order_duration, order_timestamp};
use crate::functions::versions::order_version;
use crate::layout::{FIRST_ADDRESS, KIND_BOOL, KIND_FLOAT, KIND_INT, KIND_STRING};
use crate::message::scalar_text;
use crate::node::{first, int, kind, second, text};
use crate::pattern::match_pattern;
use crate::program::differ;
use crate::quantity::order_quantity;

/// The conjunction of two conditions, the first of which is not false: the first unknown stays unless the second is false.
#[unsafe(no_mangle)]
pub extern "C" fn fold_and(a: u32, b: u32) -> u32 {
    if a > 1 && b != 0 { a } else { b }
}

/// The disjunction of two conditions, the first of which is not true: the first unknown stays unless the second is true.
#[unsafe(no_mangle)]
pub extern "C" fn fold_or(a: u32, b: u32) -> u32 {
    if a > 1 && b != 1 { a } else { b }
}

/// Whether a value is a string, or a code that stays what it is: absent is no string.
#[unsafe(no_mangle)]
pub extern "C" fn is_string(value: u32, wanted: u32) -> u32 {
    if value < FIRST_ADDRESS { value } else { same_text(value, wanted) }
}

/// The same of a value of any kind.
#[unsafe(no_mangle)]
pub extern "C" fn is_scalar(value: u32, wanted: u32) -> u32 {
    if value < FIRST_ADDRESS { value } else { same_scalar(value, wanted) }
}

/// Added to an order: there is none, as one side, or both, are absent. Unknown sides give their code.
const ONE_ABSENT: u32 = 16;
const BOTH_ABSENT: u32 = 17;

/// What two values are to each other: their order, which is -1, 0 or 1, or why they have none.
#[inline(always)]
fn order_values(a: u32, b: u32, order: impl Fn(u32, u32) -> u32) -> u32 {
    if a != 0 && a < FIRST_ADDRESS {
        a
    } else if b < FIRST_ADDRESS {
        if b != 0 {
            b
        } else if a == 0 {
            BOTH_ABSENT
        } else {
            ONE_ABSENT
        }
    } else if a == 0 {
        ONE_ABSENT
    } else {
        order(a, b)
    }
}

/// Orders two values, which are strings.
#[unsafe(no_mangle)]
pub extern "C" fn compare_text(a: u32, b: u32) -> u32 {
    order_values(a, b, |a, b| order_text(a, b) as u32)
}

/// See [`compare_text`], for scalars that are equal or not.
#[unsafe(no_mangle)]
pub extern "C" fn compare_scalar(a: u32, b: u32) -> u32 {
    order_values(a, b, |a, b| 1 - same_scalar(a, b))
}

/// See [`compare_text`], for numbers.
#[unsafe(no_mangle)]
pub extern "C" fn compare_number(a: u32, b: u32) -> u32 {
    order_values(a, b, |a, b| order_number(a, b) as u32)
}

/// See [`compare_text`], for quantities.
#[unsafe(no_mangle)]
pub extern "C" fn compare_quantity(a: u32, b: u32) -> u32 {
    order_values(a, b, |a, b| match order_quantity(a, b) {
        // One of them is none.
        2 => ONE_ABSENT,
        order => order as u32,
    })
}

/// See [`compare_text`], for versions.
#[unsafe(no_mangle)]
pub extern "C" fn compare_version(a: u32, b: u32) -> u32 {
    order_values(a, b, |a, b| order_version(a, b))
}

/// See [`compare_text`], for spans of time.
#[unsafe(no_mangle)]
pub extern "C" fn compare_duration(a: u32, b: u32) -> u32 {
    order_values(a, b, |a, b| order_duration(a, b))
}

/// See [`compare_text`], for points in time.
#[unsafe(no_mangle)]
pub extern "C" fn compare_timestamp(a: u32, b: u32) -> u32 {
    order_values(a, b, |a, b| order_timestamp(a, b))
}

/// See [`compare_text`], for texts and patterns, which are equal if the text has the pattern.
#[unsafe(no_mangle)]
pub extern "C" fn compare_pattern(a: u32, b: u32) -> u32 {
    order_values(a, b, |a, b| {
        let found = match_pattern(a, b);
        if found < 2 { 1 - found } else { found }
    })
}

/// The condition that an order, which [`compare_text`] or its like gave, is in bounds; an unknown stays what it is.
#[inline(always)]
fn is_order(order: u32, holds: bool) -> u32 {
    if order.wrapping_sub(2) < FIRST_ADDRESS - 2 { order } else { u32::from(holds) }
}

/// Equal, or both absent.
#[unsafe(no_mangle)]
pub extern "C" fn is_equal(order: u32) -> u32 {
    is_order(order, order == 0 || order == BOTH_ABSENT)
}

#[unsafe(no_mangle)]
pub extern "C" fn is_less(order: u32) -> u32 {
    is_order(order, (order as i32) < 0)
}

#[unsafe(no_mangle)]
pub extern "C" fn is_less_equal(order: u32) -> u32 {
    is_order(order, (order as i32) <= 0)
}

#[unsafe(no_mangle)]
pub extern "C" fn is_greater(order: u32) -> u32 {
    is_order(order, order == 1)
}

#[unsafe(no_mangle)]
pub extern "C" fn is_greater_equal(order: u32) -> u32 {
    is_order(order, order < 2)
}

/// 1 if two strings are equal.
#[unsafe(no_mangle)]
pub extern "C" fn same_text(a: u32, b: u32) -> u32 {
    u32::from(differ(first(a), second(a), first(b), second(b)) == 0)
}

/// -1, 0 or 1: strings by bytes.
#[unsafe(no_mangle)]
pub extern "C" fn order_text(a: u32, b: u32) -> i32 {
    order_bytes(text(a), text(b))
}

fn order_bytes(a: &[u8], b: &[u8]) -> i32 {
    let (mut left, mut right) = (a.iter(), b.iter());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return 0,
            (None, _) => return -1,
            (_, None) => return 1,
            (Some(x), Some(y)) if x != y => return if x < y { -1 } else { 1 },
            _ => {}
        }
    }
}

/// 1 if two scalars are of one kind and equal, numbers by value.
#[unsafe(no_mangle)]
pub extern "C" fn same_scalar(a: u32, b: u32) -> u32 {
    let (left, right) = (kind(a), kind(b));
    let same = if is_number(left) && is_number(right) {
        if left == KIND_INT && right == KIND_INT {
            first(a) == first(b) && second(a) == second(b)
        } else {
            is_same_number(a, b)
        }
    } else if left != right {
        false
    } else if left == KIND_STRING {
        same_text(a, b) != 0
    } else {
        left == KIND_BOOL && first(a) == first(b)
    };
    u32::from(same)
}

/// -1, 0 or 1: numbers of either kind by value.
#[unsafe(no_mangle)]
pub extern "C" fn order_number(a: u32, b: u32) -> i32 {
    if kind(a) == KIND_INT && kind(b) == KIND_INT {
        return i32::from(int(a) > int(b)) - i32::from(int(a) < int(b));
    }
    let (left, right) = (scalar_text(a), scalar_text(b));
    let (mut x, mut y) = (Digits::of(left.bytes()), Digits::of(right.bytes()));
    let (sign, other_sign) = (x.sign(), y.sign());
    if sign != other_sign || sign == 0 {
        return i32::from(sign > other_sign) - i32::from(sign < other_sign);
    }
    if x.whole != y.whole {
        return if x.whole > y.whole { sign } else { -sign };
    }
    loop {
        let (left, right) = (x.next(), y.next());
        if left.is_none() && right.is_none() {
            return 0;
        }
        let (left, right) = (left.unwrap_or(b'0'), right.unwrap_or(b'0'));
        if left != right {
            return if left > right { sign } else { -sign };
        }
    }
}

fn is_number(kind: u32) -> bool {
    kind == KIND_INT || kind == KIND_FLOAT
}

fn is_same_number(a: u32, b: u32) -> bool {
    let (left, right) = (scalar_text(a), scalar_text(b));
    let (mut x, mut y) = (Digits::of(left.bytes()), Digits::of(right.bytes()));
    let (high, other) = (x.magnitude(), y.magnitude());
    let (Some(high), Some(other)) = (high, other) else {
        return high.is_none() && other.is_none();
    };
    if high != other || x.negative != y.negative {
        return false;
    }
    // Digits after the last one that counts are zeros.
    loop {
        match (x.next(), y.next()) {
            (None, None) => return true,
            (a, b) if a.unwrap_or(b'0') != b.unwrap_or(b'0') => return false,
            _ => {}
        }
    }
}

/// The digits of a JSON number.
struct Digits<'a> {
    rest: core::slice::Iter<'a, u8>,
    negative: bool,
    /// Digits before the point, moved by the exponent.
    whole: i64,
}

impl<'a> Digits<'a> {
    fn of(text: &'a [u8]) -> Self {
        let negative = text.first() == Some(&b'-');
        let mut whole = 0;
        let mut exponent: i64 = 0;
        let (mut in_whole, mut in_exponent, mut minus) = (true, false, false);
        for &byte in text {
            if in_exponent {
                if byte == b'-' {
                    minus = true;
                } else if byte != b'+' {
                    // Beyond this no text of a document can even it out.
                    exponent = (exponent * 10 + i64::from(byte - b'0')).min(1 << 48);
                }
            } else if byte == b'.' {
                in_whole = false;
            } else if byte | 0x20 == b'e' {
                in_exponent = true;
            } else if in_whole && byte != b'-' {
                whole += 1;
            }
        }
        whole += if minus { -exponent } else { exponent };
        Self {
            rest: text.iter(),
            negative,
            whole,
        }
    }

    /// The place of the first digit that is not zero, which comes next; none for zero.
    fn magnitude(&mut self) -> Option<i64> {
        loop {
            let before = self.rest.clone();
            if self.next()? != b'0' {
                self.rest = before;
                return Some(self.whole);
            }
            self.whole -= 1;
        }
    }

    /// -1, 0 or 1; goes to the first digit that is not zero.
    fn sign(&mut self) -> i32 {
        match self.magnitude() {
            None => 0,
            Some(_) if self.negative => -1,
            Some(_) => 1,
        }
    }

    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.rest.next()?;
            if byte | 0x20 == b'e' {
                self.rest = [].iter();
                return None;
            }
            if byte != b'-' && byte != b'.' {
                return Some(byte);
            }
        }
    }
}
