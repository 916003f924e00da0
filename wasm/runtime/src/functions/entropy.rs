//! How little a text repeats itself.

use crate::arena::{release, take_zeros};
use crate::layout::FIRST_ADDRESS;
use crate::node::{byte, first, second, set_word, word};
use crate::value::long_node;

/// `entropy(text)`: thousandths of a bit per byte.
#[unsafe(no_mangle)]
pub extern "C" fn fn_entropy(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let len = second(text);
    if len == 0 {
        return long_node(0);
    }
    let counts = take_zeros(1024);
    let mut at = first(text);
    while at != first(text) + len {
        let count = counts + 4 * u32::from(byte(at));
        set_word(count, word(count) + 1);
        at += 1;
    }
    let whole = log2(len);
    let mut sum = 0;
    at = counts;
    while at != counts + 1024 {
        let count = word(at);
        if count != 0 {
            sum += u64::from(count) * (whole - log2(count));
        }
        at += 4;
    }
    release(counts);
    // 26 bits of length, 21 of a logarithm and 10 of the factor fit.
    long_node((sum * 1000 / (u64::from(len) << 16)) as i64)
}

/// The logarithm in units of 2⁻¹⁶, rounded down; `n` is not 0.
#[inline(never)]
fn log2(n: u32) -> u64 {
    let highest = 31 - n.leading_zeros();
    let mut x = u64::from(n) << (31 - highest);
    let mut y = u64::from(highest) << 16;
    let mut bit = 1 << 15;
    while bit != 0 {
        x = (x * x) >> 31;
        if x >> 32 != 0 {
            x >>= 1;
            y += bit;
        }
        bit >>= 1;
    }
    y
}
