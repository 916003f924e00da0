//! Quantities: sums, and the least and greatest.

use super::{GIVEN, fresh, given, is_unknown, text_value};
use crate::layout::{FIRST_ADDRESS, KIND_FLOAT, UNKNOWN_VALUE};
use crate::message::Text;
use crate::node::set_word;
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
        high.scaled = ten_times(high.scaled);
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

/// `a * b`, of which one is a quantity
#[unsafe(no_mangle)]
pub extern "C" fn fn_multiply_quantity(a: u32, b: u32) -> u32 {
    let given = given(a, b);
    if given != GIVEN {
        return given;
    }
    match (of_node(a), of_node(b)) {
        (Some(left), Some(right)) => match product(strip(left), strip(right)) {
            Some(product) => print(product),
            None => UNKNOWN_VALUE,
        },
        _ => UNKNOWN_VALUE,
    }
}

/// Nothing if the product of two numbers without zeros at the end is longer than a quantity can be.
fn product(a: Quantity, b: Quantity) -> Option<Quantity> {
    let (mut left, mut right) = (a.scaled, b.scaled);
    if left == 0 || right == 0 {
        return Some(if left == 0 { a } else { b });
    }
    let mut exponent = a.exponent + b.exponent;
    // What makes tens goes to the exponent, so that every digit of the product is one that counts.
    exponent += pair_off(&mut left, &mut right);
    exponent += pair_off(&mut right, &mut left);
    if left >= TOO_LARGE || right >= TOO_LARGE {
        return None;
    }
    let (left, right) = (left as u64, right as u64);
    if right > (TOO_LARGE as u64 - 1) / left {
        return None;
    }
    Some(Quantity {
        negative: a.negative != b.negative,
        scaled: u128::from(left * right),
        exponent,
    })
}

/// Takes as many twos from one as fives from the other: how many.
fn pair_off(twos: &mut u128, fives: &mut u128) -> i64 {
    let mut count = 0;
    while *twos & 1 == 0 {
        let (fifth, rest) = divide(*fives, 5);
        if rest != 0 {
            break;
        }
        *twos >>= 1;
        *fives = fifth;
        count += 1;
    }
    count
}

/// Digits of a quotient.
const QUOTIENT_DIGITS: u32 = 15;

/// `a / b` of any numbers, a float
#[unsafe(no_mangle)]
pub extern "C" fn fn_divide(a: u32, b: u32) -> u32 {
    let given = given(a, b);
    if given != GIVEN {
        return given;
    }
    let (Some(left), Some(right)) = (of_node(a), of_node(b)) else {
        return UNKNOWN_VALUE;
    };
    if right.scaled == 0 {
        return UNKNOWN_VALUE;
    }
    let made = print(strip(quotient(left, right)));
    set_word(made, 16 | KIND_FLOAT);
    made
}

/// The quotient, rounded half away from zero; `b` is not zero. No number passes 124 bits on the way.
fn quotient(a: Quantity, b: Quantity) -> Quantity {
    if a.scaled == 0 {
        return a;
    }
    let (mut rest, mut divisor) = (a.scaled, b.scaled);
    let mut exponent = a.exponent - b.exponent;
    while rest < divisor {
        rest = ten_times(rest);
        exponent -= 1;
    }
    while rest >= ten_times(divisor) {
        divisor = ten_times(divisor);
        exponent += 1;
    }
    let mut digits: u64 = 0;
    let mut left = QUOTIENT_DIGITS;
    loop {
        let mut digit = 0;
        while rest >= divisor {
            rest -= divisor;
            digit += 1;
        }
        if left == 0 {
            digits += u64::from(digit >= 5);
            break;
        }
        digits = digits * 10 + digit;
        rest = ten_times(rest);
        left -= 1;
    }
    Quantity {
        negative: a.negative != b.negative,
        scaled: u128::from(digits),
        exponent: exponent - i64::from(QUOTIENT_DIGITS) + 1,
    }
}

fn ten_times(number: u128) -> u128 {
    (number << 3) + (number << 1)
}

/// The same without zeros at the end.
#[inline(never)]
fn strip(quantity: Quantity) -> Quantity {
    let mut quantity = quantity;
    while quantity.scaled != 0 {
        let (tenth, digit) = divide(quantity.scaled, 10);
        if digit != 0 {
            break;
        }
        quantity.scaled = tenth;
        quantity.exponent += 1;
    }
    quantity
}

/// The quotient by a small number, and what is left.
#[inline(never)]
fn divide(number: u128, by: u64) -> (u128, u64) {
    let mut quotient = 0;
    let mut rest = 0;
    let mut shift = 128;
    while shift != 0 {
        shift -= 32;
        rest = rest << 32 | u64::from((number >> shift) as u32);
        quotient |= u128::from(rest / by) << shift;
        rest %= by;
    }
    (quotient, rest)
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
