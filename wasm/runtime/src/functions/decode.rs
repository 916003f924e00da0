//! Text that stands for other text.

use crate::arena::take;
use crate::inventory::is_here;
use crate::layout::FIRST_ADDRESS;
use crate::node::{byte, first, second, set_byte, set_field};
use crate::state::origin;
use crate::value::string_node;

/// `base64_decode(text)`: absent if it is no base64, or if what it stands for is no text.
#[unsafe(no_mangle)]
pub extern "C" fn fn_base64_decode(text: u32) -> u32 {
    decoded(text, false)
}

/// `base64url_decode(text)`: the same of the alphabet for URLs.
#[unsafe(no_mangle)]
pub extern "C" fn fn_base64url_decode(text: u32) -> u32 {
    decoded(text, true)
}

fn decoded(text: u32, is_url: bool) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let start = take(second(text) + 1);
    let to = decode_base64(first(text), first(text) + second(text), start, is_url);
    if to == 0 || !is_utf8(start, to) {
        return 0;
    }
    let decoded = string_node(start, to - start);
    // It stands where the text does.
    let source = origin(text);
    if source != 0 {
        set_field(decoded, 4, source);
    } else if is_here(text) == 0 {
        set_field(decoded, 4, text);
    }
    decoded
}

/// Writes what base64 stands for to an address; the address after it, or 0 if it is none. That for URLs has other signs for
/// 62 and 63, and need not be padded.
#[inline(never)]
pub fn decode_base64(from: u32, end: u32, to: u32, is_url: bool) -> u32 {
    let (mut at, mut to) = (from, to);
    // Digits of the group at work with their bits, and signs of padding.
    let (mut n_digits, mut bits, mut n_padding) = (0, 0_u32, 0);
    while at != end {
        let sign = byte(at);
        at += 1;
        if sign == b'\n' || sign == b'\r' {
            continue;
        }
        if sign == b'=' && n_digits >= 2 && n_padding < 2 {
            n_padding += 1;
        } else if n_padding != 0 {
            return 0;
        }
        let digit = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' if !is_url => 62,
            b'/' if !is_url => 63,
            b'-' if is_url => 62,
            b'_' if is_url => 63,
            b'=' if n_padding != 0 => 0,
            _ => return 0,
        };
        bits = bits << 6 | u32::from(digit);
        n_digits += 1;
        if n_digits == 4 {
            let mut nth = 0;
            while nth < 3 - n_padding {
                set_byte(to, (bits >> (16 - 8 * nth)) as u8);
                to += 1;
                nth += 1;
            }
            n_digits = 0;
            bits = 0;
            // Only the last group is padded.
            if n_padding != 0 {
                n_padding = 3;
            }
        }
    }
    if n_digits == 0 {
        return to;
    }
    if !is_url || n_digits == 1 || n_padding != 0 {
        return 0;
    }
    bits <<= 6 * (4 - n_digits);
    set_byte(to, (bits >> 16) as u8);
    set_byte(to + 1, (bits >> 8) as u8);
    to + n_digits - 1
}

/// True if bytes are UTF-8.
pub fn is_utf8(start: u32, end: u32) -> bool {
    let mut at = start;
    while at != end {
        let lead = byte(at);
        at += 1;
        // Bytes that follow, and what the first of them may be.
        let (more, low, high) = match lead {
            0..=0x7F => (0, 0x80, 0xBF),
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            _ => return false,
        };
        let mut nth = 0;
        while nth != more {
            if at == end {
                return false;
            }
            let found = byte(at);
            let is_right = if nth == 0 { found >= low && found <= high } else { found & 0xC0 == 0x80 };
            if !is_right {
                return false;
            }
            at += 1;
            nth += 1;
        }
    }
    true
}
