//! From JSON (RFC 8259) to the tape that a host would write: whole numbers of 64 bits as such, others as text, of equal
//! keys the last.
//!
//! The bytes given are decoded in place, as no escape is shorter than what it stands for; texts of the tape point into
//! them. A first look at the bytes bounds the number of nodes, since a value follows the beginning, a bracket or a comma.

use crate::arena::take;
use crate::json_keys::drop_repeated;
use crate::layout::{
    JSON_DEPTH, JSON_SYNTAX, JSON_UTF8, KEY_NONE, KEY_TEXT, KIND_BOOL, KIND_FLOAT, KIND_INT, KIND_LIST, KIND_MAP,
    KIND_NULL, KIND_STRING, MAX_DEPTH,
};
use crate::node::{byte, bytes, kind, set_byte, set_word, word};
use crate::program::{hash, symbol_index, symbols};

const REPLACEMENT: u32 = 0xFFFD;

/// Reads a document; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_read_json(json: u32, len: u32) -> u32 {
    let answer = take(12);
    let mut reader = Reader {
        at: json,
        end: json + len,
        node: take(16 * count_values(json, len)),
        error: 0,
    };
    let root = reader.node;
    let is_read = reader.document();
    set_word(answer, if is_read { root } else { 0 });
    set_word(answer + 4, reader.error);
    set_word(answer + 8, reader.at - json);
    answer
}

fn count_values(json: u32, len: u32) -> u32 {
    let mut count = 1;
    for &byte in bytes(json, len) {
        count += u32::from(matches!(byte, b',' | b'[' | b'{'));
    }
    count
}

/// Every function that can fail returns false then, with the error set and the cursor where it is.
struct Reader {
    at: u32,
    end: u32,
    /// Where the next node goes.
    node: u32,
    error: u32,
}

impl Reader {
    fn document(&mut self) -> bool {
        // A byte order mark.
        if self.end - self.at > 2 && word(self.at) & 0xFF_FFFF == 0xBF_BBEF {
            self.at += 3;
        }
        if !self.value(KEY_NONE, MAX_DEPTH) {
            return false;
        }
        self.skip_space();
        self.at == self.end || self.fail(JSON_SYNTAX)
    }

    fn value(&mut self, key: u32, levels: u32) -> bool {
        self.skip_space();
        let node = self.node;
        self.node += 16;
        set_word(node + 4, key);
        let start = self.at;
        let first = self.peek();
        if first == b'{' || first == b'[' {
            return self.container(node, key, levels);
        }
        match first {
            b'"' => {
                let Some((ptr, len)) = self.string() else { return false };
                set_node(node, KIND_STRING, ptr, len);
                true
            }
            b't' => self.literal(b"true", node, KIND_BOOL, 1),
            b'f' => self.literal(b"false", node, KIND_BOOL, 0),
            b'n' => self.literal(b"null", node, KIND_NULL, 0),
            _ => self.number(node, start),
        }
    }

    fn container(&mut self, node: u32, key: u32, levels: u32) -> bool {
        if levels == 0 {
            return self.fail(JSON_DEPTH);
        }
        let is_map = self.peek() == b'{';
        let close = if is_map { b'}' } else { b']' };
        self.at += 1;
        self.skip_space();
        let (mut written, mut nulls) = (0, 0);
        if self.peek() == close {
            self.at += 1;
        } else {
            loop {
                let key = if is_map { self.key() } else { Some(key) };
                let Some(key) = key else { return false };
                let child = self.node;
                if !self.value(key, levels - 1) {
                    return false;
                }
                written += 1;
                nulls += u32::from(kind(child) == KIND_NULL);
                self.skip_space();
                let next = self.peek();
                if next != close && next != b',' {
                    return self.fail(JSON_SYNTAX);
                }
                self.at += 1;
                if next == close {
                    break;
                }
            }
        }
        if is_map {
            set_node(node, self.node - node | KIND_MAP, written - nulls, 0);
            if written > 1 {
                self.node = drop_repeated(node, written);
            }
        } else {
            set_node(node, self.node - node | KIND_LIST, written, 0);
        }
        true
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<u32> {
        self.skip_space();
        if self.peek() != b'"' {
            self.fail(JSON_SYNTAX);
            return None;
        }
        let (ptr, len) = self.string()?;
        self.skip_space();
        if self.peek() != b':' {
            self.fail(JSON_SYNTAX);
            return None;
        }
        self.at += 1;
        Some(find_key(ptr, len))
    }

    fn literal(&mut self, word: &[u8], node: u32, kind: u32, value: u32) -> bool {
        for &letter in word {
            if self.peek() != letter {
                return self.fail(JSON_SYNTAX);
            }
            self.at += 1;
        }
        set_node(node, kind, value, 0);
        true
    }

    fn number(&mut self, node: u32, start: u32) -> bool {
        let is_negative = self.peek() == b'-';
        self.at += u32::from(is_negative);
        let whole = self.at;
        if !self.digits() || self.at > whole + 1 && byte(whole) == b'0' {
            return self.fail(JSON_SYNTAX);
        }
        let whole_end = self.at;
        if self.peek() == b'.' {
            self.at += 1;
            if !self.digits() {
                return false;
            }
        }
        if self.peek() | 0x20 == b'e' {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            if !self.digits() {
                return false;
            }
        }
        let mut value = 0_u64;
        let mut at = whole;
        // Nineteen digits are below 10¹⁹, which 64 bits hold without a sign.
        while at < whole_end && at < whole + 19 {
            value = value * 10 + u64::from(byte(at) - b'0');
            at += 1;
        }
        // `-0` is no whole number: its text would not come back.
        let fits = if is_negative {
            value.wrapping_sub(1) < 1 << 63
        } else {
            value < 1 << 63
        };
        if fits && at == self.at {
            let value = if is_negative { value.wrapping_neg() } else { value };
            set_node(node, KIND_INT, value as u32, (value >> 32) as u32);
        } else {
            set_node(node, KIND_FLOAT, start, self.at - start);
        }
        true
    }

    #[inline(never)]
    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        self.at != start || self.fail(JSON_SYNTAX)
    }

    /// The string at the cursor, decoded where it stands.
    #[inline(never)]
    fn string(&mut self) -> Option<(u32, u32)> {
        self.at += 1;
        let start = self.at;
        let mut to = start;
        loop {
            let found = self.peek();
            let decoded = if found == b'\\' {
                self.escape()?
            } else if found < 0x20 {
                self.fail(JSON_SYNTAX);
                return None;
            } else if found < 0x80 {
                self.at += 1;
                if found == b'"' {
                    return Some((start, to - start));
                }
                u32::from(found)
            } else {
                self.wide(found)?
            };
            to = put_char(to, decoded);
        }
    }

    /// A character of several bytes.
    fn wide(&mut self, lead: u8) -> Option<u32> {
        let start = self.at;
        let more = lead.leading_ones().wrapping_sub(1);
        let mut code = u32::from(lead) & (0x3F >> more);
        let mut left = more;
        while left != 0 {
            self.at += 1;
            let next = self.peek();
            if next & 0xC0 != 0x80 {
                break;
            }
            code = code << 6 | u32::from(next) & 0x3F;
            left -= 1;
        }
        let is_char = left == 0 && more.wrapping_sub(1) < 3 && extra_bytes(code) == more;
        if !is_char || code > 0x10_FFFF || code >> 11 == 0x1B {
            self.at = start;
            self.fail(JSON_UTF8);
            return None;
        }
        self.at += 1;
        Some(code)
    }

    fn escape(&mut self) -> Option<u32> {
        self.at += 1;
        let escaped = self.peek();
        if escaped == b'u' {
            return self.unicode();
        }
        let meanings = b"\"\"\\\\//b\x08f\x0cn\nr\rt\t";
        let mut pair = meanings.as_ptr() as u32;
        let end = pair + meanings.len() as u32;
        while pair < end {
            if byte(pair) == escaped {
                self.at += 1;
                return Some(u32::from(byte(pair + 1)));
            }
            pair += 2;
        }
        self.fail(JSON_SYNTAX);
        None
    }

    /// The character of `\uXXXX`, or of two of them; half a pair is U+FFFD, as for the API server.
    fn unicode(&mut self) -> Option<u32> {
        let high = self.unit()?;
        if high >> 11 != 0x1B {
            return Some(high);
        }
        let after = self.at;
        let is_escape = self.peek() == b'\\';
        self.at += 1;
        if high < 0xDC00 && is_escape && self.peek() == b'u' {
            let low = self.unit()?;
            if low >> 10 == 0x37 {
                return Some(0x1_0000 + ((high & 0x3FF) << 10) + (low & 0x3FF));
            }
        }
        self.at = after;
        Some(REPLACEMENT)
    }

    /// The `u` at the cursor and four digits.
    #[inline(never)]
    fn unit(&mut self) -> Option<u32> {
        let mut value = 0;
        let end = self.at + 4;
        while self.at != end {
            self.at += 1;
            let Some(digit) = char::from(self.peek()).to_digit(16) else {
                self.fail(JSON_SYNTAX);
                return None;
            };
            value = value << 4 | digit;
        }
        self.at += 1;
        Some(value)
    }

    #[inline(never)]
    fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// The byte at the cursor; 0, which JSON has nowhere, at the end.
    #[inline(never)]
    fn peek(&self) -> u8 {
        if self.at < self.end { byte(self.at) } else { 0 }
    }

    fn fail(&mut self, error: u32) -> bool {
        self.error = error;
        false
    }
}

fn set_node(node: u32, head: u32, first: u32, second: u32) {
    // A scalar is as long as itself.
    set_word(node, if head < 16 { head | 16 } else { head });
    set_word(node + 8, first);
    set_word(node + 12, second);
}

/// Writes a character as UTF-8; the address after it.
fn put_char(to: u32, code: u32) -> u32 {
    let mut left = extra_bytes(code);
    let mut at = to;
    let mark = if left == 0 { 0 } else { 0xFF00 >> (left + 1) };
    set_byte(at, (mark | code >> (6 * left)) as u8);
    while left != 0 {
        left -= 1;
        at += 1;
        set_byte(at, (0x80 | code >> (6 * left) & 0x3F) as u8);
    }
    at + 1
}

/// Bytes of a character in UTF-8, less one.
fn extra_bytes(code: u32) -> u32 {
    u32::from(code >= 0x80) + u32::from(code >= 0x800) + u32::from(code >= 0x1_0000)
}

/// The symbol of a name, or the address of a copy of it.
#[inline(never)]
fn find_key(ptr: u32, len: u32) -> u32 {
    let name = bytes(ptr, len);
    let (index, mask) = symbol_index();
    let (rows, _) = symbols();
    let mut slot = hash(name) & mask;
    loop {
        let entry = word(index + 2 * slot) & 0xFFFF;
        if entry == 0 {
            break;
        }
        let row = rows + 8 * (entry - 1);
        if bytes(word(row), word(row + 4)) == name {
            return entry - 1;
        }
        slot = (slot + 1) & mask;
    }
    let key = take(4 + len);
    set_word(key, len);
    let mut at = 0;
    while at < len {
        set_byte(key + 4 + at, byte(ptr + at));
        at += 1;
    }
    KEY_TEXT | key
}
