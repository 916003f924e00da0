//! Quantities: exact decimals with a unit.

use crate::layout::{FIRST_ADDRESS, KIND_FLOAT, KIND_INT, KIND_STRING};
use crate::message::scalar_text;
use crate::node::kind;

/// Most digits that count.
const MAX_DIGITS: u32 = 18;

/// `±scaled × 10^exponent`; zero has no sign. The binary unit is multiplied in, which needs 120 bits.
#[derive(Clone, Copy)]
pub struct Quantity {
    pub negative: bool,
    pub scaled: u128,
    pub exponent: i64,
}

/// True if the scalar at `node` reads as a quantity.
pub fn is_quantity(node: u32) -> bool {
    reads_as_quantity(node) != 0
}

/// 1 if the scalar at `node` reads as a quantity. Code generation puts 1 in its place where a program has no quantities,
/// so that the parser is dropped.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn reads_as_quantity(node: u32) -> u32 {
    u32::from(of_node(node).is_some())
}

/// -1, 0 or 1: by exact value. Both are quantities.
#[unsafe(no_mangle)]
pub extern "C" fn order_quantity(a: u32, b: u32) -> i32 {
    if a < FIRST_ADDRESS || b < FIRST_ADDRESS {
        return 2;
    }
    match (of_node(a), of_node(b)) {
        (Some(left), Some(right)) => order(left, right),
        _ => 2,
    }
}

/// The quantity that a scalar says.
pub fn of_node(node: u32) -> Option<Quantity> {
    if !matches!(kind(node), KIND_INT | KIND_FLOAT | KIND_STRING) {
        return None;
    }
    parse(scalar_text(node).bytes())
}

fn order(a: Quantity, b: Quantity) -> i32 {
    if a.negative != b.negative {
        return if a.negative { -1 } else { 1 };
    }
    let magnitude = order_magnitude(a, b);
    if a.negative { -magnitude } else { magnitude }
}

fn order_magnitude(a: Quantity, b: Quantity) -> i32 {
    if a.scaled == 0 || b.scaled == 0 {
        return i32::from(a.scaled != 0) - i32::from(b.scaled != 0);
    }
    if a.exponent < b.exponent {
        return -order_magnitude(b, a);
    }
    let mut left = a.scaled;
    let mut exponent = a.exponent;
    // Ends after 37 turns at most: `left` grows past anything that `b` can be.
    while exponent > b.exponent && left <= b.scaled {
        left = (left << 3) + (left << 1);
        exponent -= 1;
    }
    if left > b.scaled {
        1
    } else if exponent == b.exponent && left == b.scaled {
        0
    } else {
        -1
    }
}

fn parse(text: &[u8]) -> Option<Quantity> {
    let mut rest = text;
    let mut negative = false;
    if let [sign @ (b'+' | b'-'), tail @ ..] = rest {
        negative = *sign == b'-';
        rest = tail;
    }
    let mut mantissa: u64 = 0;
    let mut exponent: i64 = 0;
    let mut counted = 0;
    // Zeros that count only if another digit follows.
    let mut zeros: u32 = 0;
    let mut any = false;
    let mut fraction = false;
    while let [byte, tail @ ..] = rest {
        if byte.is_ascii_digit() {
            any = true;
            exponent -= i64::from(fraction);
            if *byte == b'0' {
                zeros += 1;
            } else {
                if counted == 0 {
                    zeros = 0;
                }
                counted += zeros + 1;
                if counted > MAX_DIGITS {
                    return None;
                }
                while zeros != 0 {
                    mantissa *= 10;
                    zeros -= 1;
                }
                mantissa = mantissa * 10 + u64::from(byte - b'0');
            }
        } else if *byte == b'.' && !fraction {
            fraction = true;
        } else {
            break;
        }
        rest = tail;
    }
    if !any {
        return None;
    }
    let (decimal, binary) = unit(rest)?;
    if mantissa == 0 {
        return Some(Quantity {
            negative: false,
            scaled: 0,
            exponent: 0,
        });
    }
    let exponent = exponent + i64::from(zeros) + i64::from(decimal);
    Some(Quantity {
        negative,
        scaled: u128::from(mantissa) << binary,
        exponent,
    })
}

/// The powers of ten and two that a suffix means.
fn unit(suffix: &[u8]) -> Option<(i32, u32)> {
    match suffix {
        [] => Some((0, 0)),
        [letter, b'i'] => {
            let nth = b"KMGTPE".iter().position(|unit| unit == letter)?;
            Some((0, 10 * (nth as u32 + 1)))
        }
        [letter] => {
            let nth = b"num.kMGTPE".iter().position(|unit| unit == letter)?;
            if nth == 3 {
                None
            } else {
                Some((3 * (nth as i32 - 3), 0))
            }
        }
        [b'e' | b'E', b'-', digits @ ..] => Some((-power(digits)?, 0)),
        [b'e' | b'E', b'+', digits @ ..] | [b'e' | b'E', digits @ ..] => Some((power(digits)?, 0)),
        _ => None,
    }
}

fn power(digits: &[u8]) -> Option<i32> {
    if digits.is_empty() || digits.len() > 3 {
        return None;
    }
    let mut power = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        power = power * 10 + i32::from(digit - b'0');
    }
    Some(power)
}
