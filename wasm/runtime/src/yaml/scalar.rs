//! Scalars: where they end, what they say, and what that means to the API server, which reads YAML 1.1 and then JSON: `yes`
//! is true, `010` is 8, `1_000` is 1000, `1.50` is 1.5; dates are text.
//!
//! A number with a fraction is written with the digits that it has, where a host writes the shortest that tell 64-bit
//! floats apart; up to fifteen digits that is the same.

use super::{column, fail, is_blank, is_gap, is_mark, key_end, line_end, reading, skip_blanks};
use crate::arena::take;
use crate::functions::{is_packed, pack};
use crate::json_read::{encode, is_template};
use crate::layout::{KEY_NONE, KIND_BOOL, KIND_FLOAT, KIND_INT, KIND_NULL, KIND_STRING, KIND_UNKNOWN};
use crate::message::Text;
use crate::node::{byte, byte_field, copy, first, kind, set_byte, set_field, set_int, set_word};
use crate::program::find_key;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Single,
    Double,
}

/// Tags; 0 is none.
const STR: u32 = 1;
const NULL: u32 = 2;
const BOOL: u32 = 3;
const INT: u32 = 4;
const FLOAT: u32 = 5;
const UNREAD: u32 = 6;

/// The number of a tag, by its name with the `!`. Tags that are not of YAML itself make text.
pub fn tag(name: u32, len: u32) -> u32 {
    const NAMES: [((u64, u64), u32); 6] = [
        (pack(b"null"), NULL),
        (pack(b"bool"), BOOL),
        (pack(b"int"), INT),
        (pack(b"float"), FLOAT),
        (pack(b"binary"), UNREAD),
        (pack(b"timestamp"), UNREAD),
    ];
    if len < 3 || byte_field(name, 1) != b'!' {
        // The long form of a tag of YAML itself is rare.
        return if byte_field(name, 1) == b'<' { UNREAD } else { STR };
    }
    let (at, rest) = (name + 2, len - 2);
    let is = |packed: (u64, u64)| is_packed(at, rest, packed.0, packed.1);
    if is(NAMES[0].0) {
        NULL
    } else if is(NAMES[1].0) {
        BOOL
    } else if is(NAMES[2].0) {
        INT
    } else if is(NAMES[3].0) {
        FLOAT
    } else if is(NAMES[4].0) || is(NAMES[5].0) {
        UNREAD
    } else {
        STR
    }
}

/// Where a quoted scalar ends, its quote included.
#[inline(never)]
pub fn quoted_end(start: u32) -> u32 {
    let quote = byte(start);
    let mut at = start + 1;
    loop {
        let letter = byte(at);
        if letter == 0 {
            return fail();
        }
        at += 1;
        if letter == quote {
            if quote == b'"' || byte(at) != quote {
                return at;
            }
            at += 1;
        } else if letter == b'\\' && quote == b'"' {
            at += 1;
        }
        if at > reading().end {
            return fail();
        }
    }
}

pub fn is_flow_mark(letter: u8) -> bool {
    matches!(letter, b',' | b'[' | b']' | b'{' | b'}')
}

/// Where what is plain ends in its line, without blanks.
#[inline(never)]
pub fn plain_end(start: u32, in_flow: bool) -> u32 {
    let (mut at, mut end) = (start, start);
    loop {
        let letter = byte(at);
        let after = byte_field(at, 1);
        if letter == 0
            || letter == b'\n'
            || letter == b':' && (is_gap(after) || in_flow && is_flow_mark(after))
            || letter == b'#' && at != start && is_blank(byte(at - 1))
            || in_flow && is_flow_mark(letter)
        {
            return end;
        }
        at += 1;
        if !is_blank(letter) {
            end = at;
        }
    }
}

/// Where what is plain ends, over lines.
fn plain_extent(start: u32, in_flow: bool) -> u32 {
    let mut end = plain_end(start, in_flow);
    if end == start {
        return fail();
    }
    loop {
        let mut at = skip_blanks(end);
        if byte(at) != b'\n' {
            return end;
        }
        while byte(at) == b'\n' || is_blank(byte(at)) {
            at += 1;
        }
        if byte(at) == 0 || byte(at) == b'#' || column(at) < reading().least || is_mark(at, b'-') || is_mark(at, b'.') {
            return end;
        }
        // A key has one line.
        if !in_flow && key_end(at) != 0 {
            return fail();
        }
        let more = plain_end(at, in_flow);
        if more == at {
            return end;
        }
        end = more;
    }
}

/// Writes the plain or quoted scalar at an address; goes past it.
#[inline(never)]
pub fn write_scalar(start: u32, key: u32, in_flow: bool) -> u32 {
    let letter = byte(start);
    let is_quoted = letter == b'"' || letter == b'\'';
    let end = if is_quoted { quoted_end(start) } else { plain_extent(start, in_flow) };
    if reading().is_wrong {
        return end;
    }
    decode(
        start,
        end,
        match letter {
            b'"' => Style::Double,
            b'\'' => Style::Single,
            _ => Style::Plain,
        },
    );
    write_value(key, !is_quoted);
    end
}

/// Adds a byte to the text at hand.
fn put(letter: u8) {
    let state = reading();
    set_byte(state.text, letter);
    state.text += 1;
}

/// Begins a text; after another one comes a byte 0.
#[inline(never)]
fn begin_text() {
    put(0);
    reading().ptr = reading().text;
}

fn end_text() {
    let state = reading();
    state.len = state.text - state.ptr;
}

/// Line ends within a scalar that is folded: one is a space.
#[inline(never)]
fn put_breaks(count: u32) {
    let mut left = count;
    if left == 1 {
        put(b' ');
    }
    while left > 1 {
        put(b'\n');
        left -= 1;
    }
}

/// Decodes the scalar between two addresses, with its quotes.
#[inline(never)]
pub fn decode(start: u32, end: u32, style: Style) {
    begin_text();
    let edge = u32::from(style != Style::Plain);
    let mut at = start + edge;
    let stop = end - edge;
    // Blanks before it are not at the end of a line.
    let mut floor = reading().text;
    while at < stop && !reading().is_wrong {
        let letter = byte(at);
        at += 1;
        if letter == b'\n' {
            while reading().text != floor && is_blank(byte(reading().text - 1)) {
                reading().text -= 1;
            }
            let mut breaks = 1;
            while at < stop && (byte(at) == b'\n' || is_blank(byte(at))) {
                breaks += u32::from(byte(at) == b'\n');
                at += 1;
            }
            let is_out = column(at) < reading().least || is_mark(at, b'-') || is_mark(at, b'.');
            if style != Style::Plain && is_out {
                fail();
            }
            put_breaks(breaks);
            floor = reading().text;
        } else if letter == b'\\' && style == Style::Double {
            at = escape(at);
            floor = reading().text;
        } else {
            put(letter);
            at += u32::from(letter == b'\'' && style == Style::Single);
        }
    }
    if at > stop {
        fail();
    }
    end_text();
}

/// Adds what the escape says whose letter is at an address; goes past it.
#[inline(never)]
fn escape(start: u32) -> u32 {
    let letter = byte(start);
    let mut at = start + 1;
    let code = match letter {
        b'\n' => {
            at = skip_blanks(at);
            // Empty lines after it count.
            while byte(at) == b'\n' {
                put(b'\n');
                at = skip_blanks(at + 1);
            }
            return at;
        }
        b'0' => 0,
        b'a' => 7,
        b'b' => 8,
        b't' | b'\t' => 9,
        b'n' => 10,
        b'v' => 11,
        b'f' => 12,
        b'r' => 13,
        b'e' => 27,
        b' ' | b'"' | b'/' | b'\\' => u32::from(letter),
        b'N' => 0x85,
        b'_' => 0xA0,
        b'L' => 0x2028,
        b'P' => 0x2029,
        b'x' | b'u' | b'U' => {
            let count = match letter {
                b'x' => 2,
                b'u' => 4,
                _ => 8,
            };
            at += count;
            let mut code = hex(start + 1, count);
            let is_pair = letter == b'u' && code >> 10 == 0x36 && byte(at) == b'\\' && byte_field(at, 1) == b'u';
            if is_pair {
                let low = hex(at + 2, 4);
                at += 6;
                if low >> 10 != 0x37 {
                    return fail();
                }
                code = 0x1_0000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
            }
            code
        }
        _ => return fail(),
    };
    if code > 0x10_FFFF || code >> 11 == 0x1B {
        return fail();
    }
    let mut written = if code < 0x80 { code } else { encode(code) };
    loop {
        put(written as u8);
        written >>= 8;
        if written == 0 {
            return at;
        }
    }
}

/// The value of hexadecimal digits.
#[inline(never)]
fn hex(start: u32, count: u32) -> u32 {
    let mut value = 0_u32;
    let mut at = start;
    while at != start + count {
        let digit = digit_of(byte(at));
        if digit > 15 {
            fail();
            return 0;
        }
        value = value << 4 | digit;
        at += 1;
    }
    value
}

/// The value of a digit or letter as a digit; a large number for anything else.
fn digit_of(letter: u8) -> u32 {
    let digit = u32::from(letter).wrapping_sub(48);
    if digit <= 9 {
        return digit;
    }
    let letter = (u32::from(letter) | 0x20).wrapping_sub(97);
    if letter < 26 { letter + 10 } else { 99 }
}

/// Writes the block scalar at an address; goes to the line after it.
pub fn block_scalar(start: u32, parent: i32, key: u32) -> u32 {
    let is_folded = byte(start) == b'>';
    let least = if parent < 0 { 0 } else { parent };
    let mut indent = -1;
    let mut chomp = 0;
    let mut at = start + 1;
    loop {
        let letter = byte(at);
        if (letter == b'+' || letter == b'-') && chomp == 0 {
            chomp = letter;
        } else if letter.wrapping_sub(b'1') < 9 && indent < 0 {
            indent = least + i32::from(letter - b'0');
        } else {
            break;
        }
        at += 1;
    }
    let header = at;
    at = skip_blanks(at);
    if byte(at) == b'#' && at != header {
        at = line_end(at);
    }
    if byte(at) != b'\n' && byte(at) != 0 {
        return fail();
    }
    at += u32::from(byte(at) == b'\n');
    begin_text();
    // Line ends that wait: of the last line with content, and of empty ones.
    let (mut has_break, mut n_empty) = (false, 0);
    let mut was_blank = false;
    loop {
        // Empty lines, which have no more spaces than the text.
        let mut content = at;
        while byte(content) == b' ' && (indent < 0 || column(content) < indent) {
            content += 1;
        }
        if byte(content) == b'\n' {
            n_empty += 1;
            at = content + 1;
            continue;
        }
        let column = column(content);
        if indent < 0 {
            indent = if column > parent { column } else { least + 1 };
            if byte(content) == b'\t' && column < indent {
                return fail();
            }
        }
        // The end of the text ends a line.
        if byte(content) == 0 {
            n_empty += u32::from(content != at);
            at = content;
            break;
        }
        if column < indent || is_mark(content, b'-') || is_mark(content, b'.') {
            break;
        }
        let is_blank_line = is_blank(byte(content));
        if is_folded && has_break && !was_blank && !is_blank_line {
            if n_empty == 0 {
                put(b' ');
            }
        } else if has_break {
            put(b'\n');
        }
        put_lines(n_empty);
        n_empty = 0;
        was_blank = is_blank_line;
        let end = line_end(content);
        let state = reading();
        copy(state.text, content, end - content);
        state.text += end - content;
        has_break = true;
        at = end + u32::from(byte(end) == b'\n');
    }
    if chomp != b'-' && has_break {
        put(b'\n');
    }
    if chomp == b'+' {
        put_lines(n_empty);
    }
    end_text();
    write_value(key, false);
    at
}

#[inline(never)]
fn put_lines(count: u32) {
    let mut left = count;
    while left != 0 {
        put(b'\n');
        left -= 1;
    }
}

/// Writes a null, or what a tag makes of nothing.
pub fn write_null(key: u32) {
    begin_text();
    end_text();
    write_value(key, true);
}

/// Writes the scalar that was decoded last.
#[inline(never)]
fn write_value(key: u32, is_plain: bool) {
    let node = super::begin(key);
    let state = reading();
    let tag = state.tag;
    state.tag = 0;
    let (ptr, len) = (state.ptr, state.len);
    if tag == UNREAD {
        fail();
    }
    if tag > STR || tag == 0 && is_plain {
        resolve(node, ptr, len);
        let kind = kind(node);
        let is_right = match tag {
            0 => true,
            NULL => kind == KIND_NULL,
            BOOL => kind == KIND_BOOL,
            INT => kind == KIND_INT,
            _ => kind == KIND_INT || kind == KIND_FLOAT,
        };
        if !is_right {
            fail();
        }
    } else {
        write_text(node, ptr, len);
    }
}

fn write_text(node: u32, ptr: u32, len: u32) {
    let text = if is_template(ptr, len) { KIND_UNKNOWN } else { KIND_STRING };
    set(node, text, ptr, len);
}

#[inline(never)]
fn set(node: u32, kind: u32, a: u32, b: u32) {
    set_word(node, 16 | kind);
    set_field(node, 8, a);
    set_field(node, 12, b);
}

/// The key that a plain scalar makes: text, or what a bool or a whole number prints as.
#[inline(never)]
pub fn plain_key(ptr: u32, len: u32) -> u32 {
    let node = take(16);
    resolve(node, ptr, len);
    let text = Text::new();
    match kind(node) {
        KIND_STRING | KIND_UNKNOWN => return find_key(ptr, len),
        KIND_BOOL if first(node) == 0 => say!(text, b"false"),
        KIND_BOOL => say!(text, b"true"),
        KIND_INT if !is_float_like(ptr, len) => text.push_scalar(node),
        _ => {
            fail();
            return KEY_NONE;
        }
    }
    find_key(text.ptr(), text.len())
}

/// True for what has a letter or a point in it, or begins with a zero: of a whole number perhaps the form of another one.
fn is_float_like(ptr: u32, len: u32) -> bool {
    let mut at = ptr;
    while at != ptr + len {
        if byte(at) == b'.' || byte(at) | 0x20 == b'e' {
            return true;
        }
        at += 1;
    }
    false
}

/// Writes what a plain scalar means.
#[inline(never)]
fn resolve(node: u32, ptr: u32, len: u32) {
    let letter = byte(ptr);
    if len == 0 || len == 1 && letter == b'~' {
        return set(node, KIND_NULL, 0, 0);
    }
    if letter.is_ascii_digit() || matches!(letter, b'+' | b'-' | b'.') {
        if !number(node, ptr, len) {
            write_text(node, ptr, len);
        }
        return;
    }
    let word = word_of(ptr, len);
    if word == NO_WORD {
        write_text(node, ptr, len);
    } else if word == NULL_WORD {
        set(node, KIND_NULL, 0, 0);
    } else {
        set(node, KIND_BOOL, word, 0);
    }
}

const NULL_WORD: u32 = 2;
const NO_WORD: u32 = 3;

/// 0 for a word that means false, 1 for one that means true; [`NULL_WORD`], [`NO_WORD`].
fn word_of(ptr: u32, len: u32) -> u32 {
    if len > 5 {
        return NO_WORD;
    }
    // All small, all capital, or the first alone.
    let small = |nth: u32| byte(ptr + nth).is_ascii_lowercase();
    let mut word = 0_u64;
    let mut nth = len;
    while nth != 0 {
        nth -= 1;
        let letter = byte(ptr + nth);
        if !letter.is_ascii_alphabetic() || nth != 0 && small(nth) != small(len - 1) {
            return NO_WORD;
        }
        word = word << 8 | u64::from(letter | 0x20);
    }
    if len > 1 && small(0) && !small(1) {
        return NO_WORD;
    }
    if word == pack(b"y").0 || word == pack(b"yes").0 || word == pack(b"true").0 || word == pack(b"on").0 {
        1
    } else if word == pack(b"n").0 || word == pack(b"no").0 || word == pack(b"false").0 || word == pack(b"off").0 {
        0
    } else if word == pack(b"null").0 {
        NULL_WORD
    } else {
        NO_WORD
    }
}

/// Writes a number; false if it is none.
fn number(node: u32, ptr: u32, len: u32) -> bool {
    let letter = byte(ptr);
    let signed = letter == b'+' || letter == b'-';
    if is_not_finite(ptr + u32::from(signed), len - u32::from(signed), signed) {
        fail();
        return true;
    }
    // A copy without underscores, which after a point stand between digits only.
    let plain = take(len + 1);
    let mut end = plain;
    let mut at = ptr;
    while at != ptr + len {
        if byte(at) != b'_' {
            set_byte(end, byte(at));
            end += 1;
        } else if letter == b'.' && !(byte(at - 1).is_ascii_digit() && byte_field(at, 1).is_ascii_digit() && at + 1 != ptr + len) {
            return false;
        }
        at += 1;
    }
    let digits = plain + u32::from(signed);
    letter != b'.' && whole(node, digits, end, letter == b'-', signed) || fraction(node, digits, end, letter == b'-')
}

/// `.inf` and `.nan`, which no JSON has.
fn is_not_finite(ptr: u32, len: u32, signed: bool) -> bool {
    let is = |packed: (u64, u64)| is_packed(ptr, len, packed.0, packed.1);
    is(pack(b".inf")) || is(pack(b".Inf")) || is(pack(b".INF"))
        || !signed && (is(pack(b".nan")) || is(pack(b".NaN")) || is(pack(b".NAN")))
}

/// A whole number: `0b`, `0o`, `0x`, a leading zero for octal. False if it is none.
fn whole(node: u32, start: u32, end: u32, is_negative: bool, signed: bool) -> bool {
    let mut at = start;
    let mut base = 10_u64;
    if end - start > 1 && byte(start) == b'0' {
        base = 8;
        at += 2;
        match byte_field(start, 1) | 0x20 {
            b'b' => base = 2,
            b'x' => base = 16,
            b'o' => {}
            _ => at -= 1,
        }
    }
    if at >= end {
        return false;
    }
    let mut value = 0_u64;
    while at != end {
        let digit = u64::from(digit_of(byte(at)));
        if digit >= base || value > (u64::MAX - digit) / base {
            return false;
        }
        value = value * base + digit;
        at += 1;
    }
    let limit = (1 << 63) - u64::from(!is_negative);
    if value > limit {
        if signed {
            return false;
        }
        let text = Text::new();
        text.push_digits(value);
        set(node, KIND_FLOAT, text.ptr(), text.len());
        return true;
    }
    set_whole(node, value, is_negative);
    true
}

fn set_whole(node: u32, value: u64, is_negative: bool) {
    set_word(node, 16 | KIND_INT);
    set_int(node, if is_negative { (value as i64).wrapping_neg() } else { value as i64 });
}

/// Another number: digits with at most one point, and an exponent. False if it is none.
fn fraction(node: u32, start: u32, end: u32, is_negative: bool) -> bool {
    // Digits without zeros at the ends, and the power of ten that the number has times them.
    let digits = take(end - start + 1);
    let mut count = 0;
    let mut power = 0_i32;
    let (mut has_digit, mut has_point) = (false, false);
    let mut at = start;
    while at != end && byte(at) | 0x20 != b'e' {
        let letter = byte(at);
        if letter == b'.' && !has_point {
            has_point = true;
        } else if letter.is_ascii_digit() {
            has_digit = true;
            power -= i32::from(has_point);
            if count != 0 || letter != b'0' {
                set_byte(digits + count, letter);
                count += 1;
            }
        } else {
            return false;
        }
        at += 1;
    }
    if !has_digit {
        return false;
    }
    if at != end {
        at += 1;
        let is_minus = byte(at) == b'-';
        at += u32::from(at != end && (is_minus || byte(at) == b'+'));
        if at == end {
            return false;
        }
        let mut exponent = 0;
        while at != end {
            if !byte(at).is_ascii_digit() {
                return false;
            }
            exponent = (exponent * 10 + i32::from(byte(at) - b'0')).min(1 << 20);
            at += 1;
        }
        power += if is_minus { -exponent } else { exponent };
    }
    while count != 0 && byte(digits + count - 1) == b'0' {
        count -= 1;
        power += 1;
    }
    // Digits before the point.
    let before = count as i32 + power;
    if count == 0 || before < -323 {
        set_whole(node, 0, false);
        return true;
    }
    // What overflows is text.
    if before > 309 {
        return false;
    }
    if power >= 0 && before <= 19 && set_large(node, digits, count, power, is_negative) {
        return true;
    }
    let text = Text::new();
    if is_negative {
        text.push_byte(b'-');
    }
    push_decimal(text, digits, count, before);
    set(node, KIND_FLOAT, text.ptr(), text.len());
    true
}

/// Writes digits and zeros as a whole number, if 64 bits hold it.
fn set_large(node: u32, digits: u32, count: u32, zeros: i32, is_negative: bool) -> bool {
    let mut value = 0_u64;
    let mut nth = 0;
    while nth != count + zeros as u32 {
        let digit = if nth < count { byte(digits + nth) - b'0' } else { 0 };
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        nth += 1;
    }
    // Nineteen digits are below 10¹⁹, which 64 bits hold without a sign.
    let fits = value < 1 << 63;
    if fits {
        set_whole(node, value, is_negative);
    }
    fits
}

/// Adds digits with a point after so many of them; with an exponent where Go writes one.
fn push_decimal(text: Text, digits: u32, count: u32, before: i32) {
    if !(-5..=21).contains(&before) {
        text.push_at(digits, 1);
        if count > 1 {
            text.push_byte(b'.');
            text.push_at(digits + 1, count - 1);
        }
        let power = before - 1;
        text.push_byte(b'e');
        text.push_byte(if power < 0 { b'-' } else { b'+' });
        return text.push_digits(u64::from(power.unsigned_abs()));
    }
    if before <= 0 {
        text.push_byte(b'0');
        text.push_byte(b'.');
        let mut zeros = before;
        while zeros != 0 {
            text.push_byte(b'0');
            zeros += 1;
        }
        return text.push_at(digits, count);
    }
    let mut nth = 0;
    while nth < count || nth < before as u32 {
        if nth == before as u32 {
            text.push_byte(b'.');
        }
        text.push_byte(if nth < count { byte(digits + nth) } else { b'0' });
        nth += 1;
    }
}
