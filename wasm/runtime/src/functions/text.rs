//! Functions on text.

use super::search::find;
use super::{GIVEN, Items, MAX_TEXT, given, given_three, is_unknown, text_value};
use crate::arena::take;
use crate::layout::{FIRST_ADDRESS, UNKNOWN_BUDGET, UNKNOWN_VALUE};
use crate::message::Text;
use crate::node::{byte, copy, first, int, second, set_byte};
use crate::program::differ;
use crate::value::{element_at, elements, elements_end, long_node, next_element, part_node, string_node};

/// `len(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_len(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let mut count = 0;
    let mut at = first(text);
    while at != first(text) + second(text) {
        count += i64::from(begins_scalar(at));
        at += 1;
    }
    long_node(count)
}

/// False for the bytes of a scalar value after its first.
fn begins_scalar(at: u32) -> bool {
    byte(at) & 0xC0 != 0x80
}

/// True if the second is the beginning of the first.
#[inline(never)]
fn begins(text: u32, prefix: u32) -> bool {
    second(prefix) <= second(text) && differ(first(text), second(prefix), first(prefix), second(prefix)) == 0
}

/// True if the second is the end of the first.
#[inline(never)]
fn ends(text: u32, suffix: u32) -> bool {
    let len = second(suffix);
    len <= second(text) && differ(first(text) + second(text) - len, len, first(suffix), len) == 0
}

/// `starts_with(text, prefix)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_starts_with(text: u32, prefix: u32) -> u32 {
    let given = given(text, prefix);
    if given != GIVEN {
        return given;
    }
    u32::from(begins(text, prefix))
}

/// `ends_with(text, suffix)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_ends_with(text: u32, suffix: u32) -> u32 {
    let given = given(text, suffix);
    if given != GIVEN {
        return given;
    }
    u32::from(ends(text, suffix))
}

/// `contains(text, part)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_contains(text: u32, part: u32) -> u32 {
    let given = given(text, part);
    if given != GIVEN {
        return given;
    }
    // Text that is empty may lie at address 0.
    u32::from(second(part) == 0 || next(text, first(text), part) != 0)
}

/// The first occurrence of `part` in `text` from an address on, or 0.
fn next(text: u32, from: u32, part: u32) -> u32 {
    find(from, first(text) + second(text), first(part), second(part))
}

/// `trim_prefix(text, prefix)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_trim_prefix(text: u32, prefix: u32) -> u32 {
    let given = given(text, prefix);
    if given != GIVEN {
        return given;
    }
    let cut = if begins(text, prefix) { second(prefix) } else { 0 };
    part_node(text, first(text) + cut, second(text) - cut)
}

/// `trim_suffix(text, suffix)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_trim_suffix(text: u32, suffix: u32) -> u32 {
    let given = given(text, suffix);
    if given != GIVEN {
        return given;
    }
    let cut = if ends(text, suffix) { second(suffix) } else { 0 };
    part_node(text, first(text), second(text) - cut)
}

/// `trim(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_trim(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let mut start = first(text);
    let mut end = start + second(text);
    while start != end && is_space(byte(start)) {
        start += 1;
    }
    while start != end && is_space(byte(end - 1)) {
        end -= 1;
    }
    part_node(text, start, end - start)
}

fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t' || byte == b'\n' || byte == b'\r'
}

/// `lower(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_lower(text: u32) -> u32 {
    with_case(text, b'A')
}

/// `upper(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_upper(text: u32) -> u32 {
    with_case(text, b'a')
}

/// The text with the letters of one case, which begin with `from`, in the other.
#[inline(never)]
fn with_case(text: u32, from: u8) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let len = second(text);
    let start = take(len);
    copy(start, first(text), len);
    let mut at = start;
    while at != start + len {
        if byte(at).wrapping_sub(from) < 26 {
            set_byte(at, byte(at) ^ 0x20);
        }
        at += 1;
    }
    string_node(start, len)
}

/// `split(text, separator)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_split(text: u32, separator: u32) -> u32 {
    let given = given(text, separator);
    if given != GIVEN {
        return given;
    }
    if second(separator) == 0 {
        return UNKNOWN_VALUE;
    }
    let parts = Items::new();
    let end = first(text) + second(text);
    let mut from = first(text);
    loop {
        let found = next(text, from, separator);
        let stop = if found == 0 { end } else { found };
        let paid = parts.push_part(text, from, stop - from);
        if !paid || found == 0 {
            return parts.end(paid);
        }
        from = found + second(separator);
    }
}

/// `replace(text, what, with)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_replace(text: u32, what: u32, with: u32) -> u32 {
    let given = given_three(text, what, with);
    if given != GIVEN {
        return given;
    }
    if second(what) == 0 {
        return UNKNOWN_VALUE;
    }
    let made = Text::new();
    let end = first(text) + second(text);
    let mut from = first(text);
    loop {
        let found = next(text, from, what);
        let stop = if found == 0 { end } else { found };
        let len = u64::from(made.len()) + u64::from(stop - from) + u64::from(second(with));
        if len > MAX_TEXT {
            return UNKNOWN_BUDGET;
        }
        made.push_at(from, stop - from);
        if found == 0 {
            return text_value(made);
        }
        made.push_at(first(with), second(with));
        from = found + second(what);
    }
}

/// `join(list, separator)`; the elements are known to be text.
#[unsafe(no_mangle)]
pub extern "C" fn fn_join(list: u32, separator: u32) -> u32 {
    if is_unknown(list) {
        return list;
    }
    if separator < FIRST_ADDRESS {
        return separator;
    }
    let made = Text::new();
    let mut at = elements(list);
    let mut is_first = true;
    while at != elements_end(list) {
        let element = element_at(list, at);
        let len = u64::from(made.len()) + u64::from(second(element)) + u64::from(second(separator));
        if len > MAX_TEXT {
            return UNKNOWN_BUDGET;
        }
        if !is_first {
            made.push_at(first(separator), second(separator));
        }
        made.push_at(first(element), second(element));
        is_first = false;
        at = next_element(list, at);
    }
    text_value(made)
}

/// `substring(text, from, to)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_substring(text: u32, from: u32, to: u32) -> u32 {
    let given = given_three(text, from, to);
    if given != GIVEN {
        return given;
    }
    if int(from) < 0 || int(to) < 0 {
        return UNKNOWN_VALUE;
    }
    let start = position(text, int(from));
    let end = position(text, int(to));
    part_node(text, start, if end > start { end - start } else { 0 })
}

/// The address of the scalar value at a position, or the end.
#[inline(never)]
fn position(text: u32, nth: i64) -> u32 {
    let mut left = nth;
    let mut at = first(text);
    let end = at + second(text);
    while at != end {
        if begins_scalar(at) {
            if left == 0 {
                return at;
            }
            left -= 1;
        }
        at += 1;
    }
    end
}
