//! Quantities: sums, and the least and greatest.

use super::{GIVEN, fresh, given, is_unknown, text_value};
use crate::layout::{FIRST_ADDRESS, UNKNOWN_VALUE};
use crate::message::Text;
use crate::quantity::{Quantity, is_quantity, of_node, order_quantity};
use crate::value::{element_at, elements, elements_end, next_element};

/// The least number with more digits than a quantity has.
const TOO_LARGE: u128 = 1_000_000_000_000_000_000;
/// The greatest number that ten times is still a number.
const MAX_TENTH: u128 = u128::MAX >> 4;

/// `quantity(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_quantity(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    if is_quantity(text) { fresh(text) } else { 0 }
}

/// `a + b`
#[unsafe(no_mangle)]
pub extern "C" fn fn_add_quantity(a: u32, b: u32) -> u32 {
    add(a, b, false)
}

/// `a - b`
#[unsafe(no_mangle)]
pub extern "C" fn fn_subtract_quantity(a: u32, b: u32) -> u32 {
    add(a, b, true)
}

#[inline(never)]
fn add(a: u32, b: u32, subtract: bool) -> u32 {
    let given = given(a, b);
    if given != GIVEN {
        return given;
    }
    let (Some(left), Some(mut right)) = (of_node(a), of_node(b)) else {
        return UNKNOWN_VALUE;
    };
    right.negative ^= subtract;
    match sum(strip(left), strip(right)) {
        Some(sum) => print(strip(sum)),
        None => UNKNOWN_VALUE,
    }
}

/// Nothing if the sum is longer than a quantity can be.
fn sum(a: Quantity, b: Quantity) -> Option<Quantity> {
    if a.scaled == 0 {
        return Some(b);
    }
    if b.scaled == 0 {
        return Some(a);
    }
    let (mut high, low) = if a.exponent < b.exponent { (b, a) } else { (a, b) };
    // The last digit of the other one is not zero, so that a number beyond the range has too many digits.
    while high.exponent != low.exponent {
        if high.scaled > MAX_TENTH {
            return None;
        }
        high.scaled = (high.scaled << 3) + (high.scaled << 1);
        high.exponent -= 1;
    }
    if high.negative == low.negative {
        high.scaled = high.scaled.checked_add(low.scaled)?;
    } else if high.scaled >= low.scaled {
        high.scaled -= low.scaled;
    } else {
        high.scaled = low.scaled - high.scaled;
        high.negative = low.negative;
    }
    Some(high)
}

/// The same without zeros at the end.
#[inline(never)]
fn strip(quantity: Quantity) -> Quantity {
    let mut quantity = quantity;
    while quantity.scaled != 0 {
        let (tenth, digit) = divide_by_ten(quantity.scaled);
        if digit != 0 {
            break;
        }
        quantity.scaled = tenth;
        quantity.exponent += 1;
    }
    quantity
}

/// A tenth, and what is left.
fn divide_by_ten(number: u128) -> (u128, u64) {
    let mut tenth = 0;
    let mut rest = 0;
    let mut shift = 128;
    while shift != 0 {
        shift -= 32;
        rest = rest << 32 | u64::from((number >> shift) as u32);
        tenth |= u128::from(rest / 10) << shift;
        rest %= 10;
    }
    (tenth, rest)
}

/// Plain decimals; unknown if there are too many digits.
fn print(quantity: Quantity) -> u32 {
    let made = Text::new();
    if quantity.scaled == 0 {
        made.push_byte(b'0');
        return text_value(made);
    }
    if quantity.scaled >= TOO_LARGE {
        return UNKNOWN_VALUE;
    }
    if quantity.negative {
        made.push_byte(b'-');
    }
    let digits = Text::new();
    digits.push_digits(quantity.scaled as u64);
    // Digits before the point.
    let whole = i64::from(digits.len()) + quantity.exponent;
    if whole <= 0 {
        made.push_byte(b'0');
        made.push_byte(b'.');
        push_zeros(made, -whole);
        made.push_at(digits.ptr(), digits.len());
    } else if quantity.exponent < 0 {
        made.push_at(digits.ptr(), whole as u32);
        made.push_byte(b'.');
        made.push_at(digits.ptr() + whole as u32, digits.len() - whole as u32);
    } else {
        made.push_at(digits.ptr(), digits.len());
        push_zeros(made, quantity.exponent);
    }
    text_value(made)
}

fn push_zeros(to: Text, count: i64) {
    let mut left = count;
    while left != 0 {
        to.push_byte(b'0');
        left -= 1;
    }
}

/// `min(a, b)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_min_quantity(a: u32, b: u32) -> u32 {
    pick(a, b, 1)
}

/// `max(a, b)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_max_quantity(a: u32, b: u32) -> u32 {
    pick(a, b, -1)
}

/// The second if the first stands to it in this order, else the first.
fn pick(a: u32, b: u32, order: i32) -> u32 {
    let given = given(a, b);
    if given != GIVEN {
        return given;
    }
    fresh(if order_quantity(a, b) == order { b } else { a })
}

/// `min(list)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_min_quantity_of(list: u32) -> u32 {
    pick_of(list, 1)
}

/// `max(list)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_max_quantity_of(list: u32) -> u32 {
    pick_of(list, -1)
}

#[inline(never)]
fn pick_of(list: u32, order: i32) -> u32 {
    if is_unknown(list) {
        return list;
    }
    let mut best = 0;
    let mut at = elements(list);
    while at != elements_end(list) {
        let element = element_at(list, at);
        if best == 0 || order_quantity(best, element) == order {
            best = element;
        }
        at = next_element(list, at);
    }
    if best == 0 { 0 } else { fresh(best) }
}
