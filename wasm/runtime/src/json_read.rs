//! From JSON (RFC 8259) to the tape that a host would write: whole numbers of 64 bits as such, others as text, of equal
//! keys the last.
//!
//! The bytes given are decoded in place, as no escape is shorter than what it stands for; texts of the tape point into
//! them. A first look at the bytes bounds the number of nodes, since a value follows the beginning, a bracket or a comma.
//!
//! While it is read the text ends in a byte 0, which JSON has nowhere. What finds a fault records it and goes on at that
//! end, where nothing more is found: so no function needs to ask whether another failed.

use crate::arena::take;
use crate::json_keys::drop_repeated;
use crate::layout::{
    JSON_DEPTH, JSON_SYNTAX, JSON_UTF8, KEY_NONE, KIND_BOOL, KIND_FLOAT, KIND_INT, KIND_LIST, KIND_MAP,
    KIND_NULL, KIND_STRING, KIND_UNKNOWN, MAX_DEPTH,
};
use crate::node::{byte, byte_field, kind, set_byte, set_field, set_int, set_word, word};
use crate::program::find_key;

const REPLACEMENT: u32 = 0xFFFD;

/// What one reading has reached.
struct Reading {
    /// Where the next node goes.
    node: u32,
    /// The end of the text.
    end: u32,
    /// The first fault, or 0, and where it is.
    error: u32,
    fault: u32,
    /// Bytes of the string that was read last, decoded.
    len: u32,
}

static mut READING: Reading = Reading {
    node: 0,
    end: 0,
    error: 0,
    fault: 0,
    len: 0,
};

fn reading() -> &'static mut Reading {
    // SAFETY: a guest has one thread; the reference is used at once.
    unsafe { &mut *(&raw mut READING) }
}

/// Reads a document; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_read_json(json: u32, len: u32) -> u32 {
    let answer = take(12);
    let root = read_text(json, len, KEY_NONE);
    let state = reading();
    set_word(answer, root);
    set_field(answer, 4, state.error);
    set_field(answer, 8, if root == 0 { state.fault - json } else { len });
    answer
}

/// The root of what a text says, with a key; 0 if it is no JSON, and then the reading knows why. A byte after the text has
/// to be in memory.
#[inline(never)]
pub fn read_text(json: u32, len: u32, key: u32) -> u32 {
    let end = json + len;
    let mut count = 1;
    let mut at = json;
    while at != end {
        count += u32::from(byte(at) == b',' || byte(at) | 0x20 == b'{');
        at += 1;
    }
    let root = take(16 * count);
    let state = reading();
    state.node = root;
    state.end = end;
    state.error = 0;
    // What was allocated since lies after the text, so there is a byte.
    let kept = byte(end);
    set_byte(end, 0);
    // A byte order mark.
    let start = if word(json) & 0xFF_FFFF == 0xBF_BBEF { json + 3 } else { json };
    let at = skip_space(value(start, key, MAX_DEPTH));
    if at != end {
        fail(at, JSON_SYNTAX);
    }
    set_byte(end, kept);
    if reading().error == 0 { root } else { 0 }
}

/// Records a fault, unless there is an earlier one; goes on at the end.
#[inline(never)]
fn fail(at: u32, error: u32) -> u32 {
    let state = reading();
    if state.error == 0 {
        state.error = error;
        state.fault = at;
    }
    state.end
}

#[inline(never)]
fn skip_space(start: u32) -> u32 {
    let mut at = start;
    while matches!(byte(at), b' ' | b'\t' | b'\n' | b'\r') {
        at += 1;
    }
    at
}

/// Goes past one byte that has to be there.
#[inline(never)]
fn expect(at: u32, wanted: u8) -> u32 {
    if byte(at) == wanted { at + 1 } else { fail(at, JSON_SYNTAX) }
}

/// Reads a value into the next node and goes past it.
fn value(start: u32, key: u32, levels: u32) -> u32 {
    let mut at = skip_space(start);
    let node = reading().node;
    reading().node = node + 16;
    set_field(node, 4, key);
    let begin = at;
    let first = byte(begin);
    let (kind, a, b);
    if first == b'"' {
        at = string(begin);
        let len = reading().len;
        let text = if is_template(begin + 1, len) { KIND_UNKNOWN } else { KIND_STRING };
        (kind, a, b) = (16 | text, begin + 1, len);
    } else if first | 0x20 == b'{' {
        let is_map = first == b'{';
        let close = first + 2;
        if levels == 0 {
            return fail(at, JSON_DEPTH);
        }
        let (mut count, mut nulls) = (0, 0);
        at = skip_space(at + 1);
        if byte(at) != close {
            loop {
                let mut name = key;
                if is_map {
                    let quote = skip_space(at);
                    at = expect(skip_space(string(quote)), b':');
                    name = find_key(quote + 1, reading().len);
                }
                let child = reading().node;
                at = skip_space(value(at, name, levels - 1));
                count += 1;
                nulls += u32::from(self::kind(child) == KIND_NULL);
                if byte(at) == close {
                    break;
                }
                at = expect(at, b',');
                if reading().error != 0 {
                    return at;
                }
            }
        }
        at += 1;
        let extent = reading().node - node;
        set_word(node, extent | if is_map { KIND_MAP } else { KIND_LIST });
        set_field(node, 8, count - if is_map { nulls } else { 0 });
        set_field(node, 12, 0);
        if is_map && count > 1 {
            reading().node = drop_repeated(node, count);
        }
        return at;
    } else if first == b't' {
        at = literal(at, b"true");
        (kind, a, b) = (16 | KIND_BOOL, 1, 0);
    } else if first == b'f' {
        at = literal(at, b"false");
        (kind, a, b) = (16 | KIND_BOOL, 0, 0);
    } else if first == b'n' {
        at = literal(at, b"null");
        (kind, a, b) = (16 | KIND_NULL, 0, 0);
    } else {
        return number(begin, node);
    }
    set_word(node, kind);
    set_field(node, 8, a);
    set_field(node, 12, b);
    at
}

/// Whether a text holds an action of a template, `{{ … }}` but not `${{ … }}`. Before the text stands its quote.
pub fn is_template(ptr: u32, len: u32) -> bool {
    let mut sought = u32::from_le_bytes(*b"{{\0\0");
    let mut at = ptr;
    while at + 1 < ptr + len {
        if word(at) & 0xFFFF == sought {
            if sought & 0xFF == u32::from(b'}') {
                return true;
            }
            if byte(at - 1) != b'$' {
                sought = u32::from_le_bytes(*b"}}\0\0");
            }
            at += 1;
        }
        at += 1;
    }
    false
}

#[inline(never)]
fn literal(start: u32, text: &[u8]) -> u32 {
    let mut at = start;
    for &letter in text {
        at = expect(at, letter);
    }
    at
}

fn number(start: u32, node: u32) -> u32 {
    let is_negative = byte(start) == b'-';
    let whole = start + u32::from(is_negative);
    let whole_end = digits(whole);
    let mut at = whole_end;
    if byte(whole) == b'0' && at != whole + 1 {
        return fail(at, JSON_SYNTAX);
    }
    if byte(at) == b'.' {
        at = digits(at + 1);
    }
    if byte(at) | 0x20 == b'e' {
        at += 1;
        // The two signs differ in one bit of their distance.
        at += u32::from((byte(at).wrapping_sub(b'+') & !2) == 0);
        at = digits(at);
    }
    set_word(node, 16 | KIND_FLOAT);
    set_field(node, 8, start);
    set_field(node, 12, at - start);
    // Nineteen digits are below 10¹⁹, which 64 bits hold without a sign.
    if at == whole_end && at <= whole + 19 {
        let mut value = 0_i64;
        let mut digit = whole;
        while digit != at {
            value = value.wrapping_mul(10).wrapping_add(i64::from(byte(digit) - b'0'));
            digit += 1;
        }
        if is_negative {
            value = value.wrapping_neg();
        }
        // `-0` is no whole number: its text would not come back.
        if (value < 0) == is_negative {
            set_word(node, 16 | KIND_INT);
            set_int(node, value);
        }
    }
    at
}

#[inline(never)]
fn digits(start: u32) -> u32 {
    let mut at = start;
    while byte(at).is_ascii_digit() {
        at += 1;
    }
    if at == start { fail(at, JSON_SYNTAX) } else { at }
}

/// Decodes a string where it stands and goes past it.
fn string(start: u32) -> u32 {
    let mut at = expect(start, b'"');
    let mut to = at;
    loop {
        let found = u32::from(byte(at));
        let mut code = found;
        let mut next = at + 1;
        if found < 0x20 {
            return fail(at, JSON_SYNTAX);
        }
        if found == u32::from(b'"') {
            reading().len = to - start - 1;
            return next;
        }
        if found == u32::from(b'\\') {
            next += 1;
            let escaped = byte_field(at, 1);
            if escaped == b'u' {
                next += 4;
                code = unit(at + 2);
                if code >> 11 == 0x1B {
                    let mut low = 0;
                    if code < 0xDC00 && byte(next) == b'\\' && byte_field(next, 1) == b'u' {
                        low = unit(next + 2);
                    }
                    // Half a pair is U+FFFD, as for the API server.
                    if low >> 10 == 0x37 {
                        code = 0x1_0000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
                        next += 6;
                    } else {
                        code = REPLACEMENT;
                    }
                }
            } else {
                code = meaning(escaped);
                if code == 0 {
                    return fail(at + 1, JSON_SYNTAX);
                }
            }
            if reading().error != 0 {
                return reading().end;
            }
        }
        let mut written = code;
        if code >= 0x80 {
            let is_raw = next == at + 1;
            let mut more = 0;
            if is_raw {
                // The lead byte's ones say how many bytes follow.
                more = (found as u8).leading_ones() - 1;
                code &= 0x3F >> more;
                while next <= at + more {
                    code = code << 6 | u32::from(byte(next)) & 0x3F;
                    next += 1;
                }
            }
            written = encode(code);
            // What is well formed is what this character is encoded as.
            let differs = is_raw && (written ^ word(at)) << (24_u32.wrapping_sub(8 * more) & 31) != 0;
            if differs || code.wrapping_sub(0x80) > 0x10_FF7F || code >> 11 == 0x1B {
                return fail(at, JSON_UTF8);
            }
        }
        loop {
            set_byte(to, written as u8);
            to += 1;
            written >>= 8;
            if written == 0 {
                break;
            }
        }
        at = next;
    }
}

/// A character that is not ASCII in UTF-8, the first byte lowest.
pub fn encode(code: u32) -> u32 {
    let mut left = code;
    let mut bytes = 0;
    // Bits of a lead byte that say how long the character is, and how many others it has.
    let (mut mark, mut room) = (0xC0, 0x20);
    loop {
        bytes = (bytes | 0x80 | left & 0x3F) << 8;
        left >>= 6;
        if left < room {
            return bytes | mark & 0xFF | left;
        }
        room >>= 1;
        mark = 0x80 | mark >> 1;
    }
}

/// Letters of escapes and what they mean; only the first [`WRITTEN`] are written.
pub const ESCAPES: &[u8; 16] = b"\"\"\\\\n\nr\rt\tb\x08f\x0c//";
/// Bytes of [`ESCAPES`] that the writer uses.
pub const WRITTEN: u32 = 10;

fn meaning(letter: u8) -> u32 {
    let table = ESCAPES.as_ptr() as u32;
    let mut pair = table;
    while pair != table + 16 {
        if byte(pair) == letter {
            return u32::from(byte_field(pair, 1));
        }
        pair += 2;
    }
    0
}

/// The value of four hexadecimal digits.
#[inline(never)]
fn unit(start: u32) -> u32 {
    let mut value = 0;
    let mut at = start;
    while at != start + 4 {
        let mut digit = u32::from(byte(at)).wrapping_sub(48);
        if digit > 9 {
            digit = (u32::from(byte(at)) | 0x20).wrapping_sub(87);
            if digit.wrapping_sub(10) > 5 {
                fail(at, JSON_SYNTAX);
                return 0;
            }
        }
        value = value << 4 | digit;
        at += 1;
    }
    value
}
