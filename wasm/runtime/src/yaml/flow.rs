//! Collections in brackets.

use super::scalar::{self, Style, plain_end, quoted_end, write_null, write_scalar};
use super::{alias, begin, end_collection, fail, next, properties, reading};
use crate::layout::{KIND_LIST, KIND_MAP, KIND_NULL};
use crate::node::{byte, kind, set_word};
use crate::program::find_key;

/// Reads the collection at an address; goes past its bracket.
pub fn collection(start: u32, key: u32, levels: u32) -> u32 {
    if levels == 0 {
        return fail();
    }
    let is_map = byte(start) == b'{';
    let close = byte(start) + 2;
    let node = begin(key);
    set_word(node, 0);
    let (mut count, mut n_nulls) = (0, 0);
    let mut at = next(start + 1);
    while byte(at) != close {
        let mut name = key;
        let mut has_value = true;
        if is_map {
            let end = key_end(at);
            name = key_of(at, end);
            at = next(end);
            has_value = byte(at) == b':';
            if has_value {
                at = next(at + 1);
            }
        }
        if reading().is_wrong {
            return reading().end;
        }
        let child = reading().node;
        if has_value {
            at = next(value(at, name, levels - 1));
        } else {
            write_null(name);
        }
        count += 1;
        n_nulls += u32::from(kind(child) == KIND_NULL);
        if byte(at) == b',' {
            at = next(at + 1);
        } else if byte(at) != close {
            return fail();
        }
    }
    end_collection(node, if is_map { KIND_MAP } else { KIND_LIST }, count, n_nulls);
    at + 1
}

/// Where a key ends.
fn key_end(start: u32) -> u32 {
    let letter = byte(start);
    if letter == b'"' || letter == b'\'' {
        quoted_end(start)
    } else {
        plain_end(start, true)
    }
}

fn key_of(start: u32, end: u32) -> u32 {
    let letter = byte(start);
    if end == start || reading().is_wrong || !begins_scalar(start) {
        fail();
        return 0;
    }
    if letter == b'"' || letter == b'\'' {
        scalar::decode(start, end, if letter == b'"' { Style::Double } else { Style::Single });
        return find_key(reading().ptr, reading().len);
    }
    super::named(start, end)
}

/// False for indicators that a scalar does not begin with.
fn begins_scalar(at: u32) -> bool {
    let letter = byte(at);
    let is_single = matches!(letter, b'-' | b'?') && (super::is_gap(byte(at + 1)) || super::scalar::is_flow_mark(byte(at + 1)));
    !(is_single || matches!(letter, b'*' | b'&' | b'!' | b'[' | b'{' | b'|' | b'>' | b'%' | b'@' | b'`' | b'#'))
}

/// Reads a value; goes past it.
fn value(start: u32, key: u32, levels: u32) -> u32 {
    set_word(reading().node, 0);
    let at = if matches!(byte(start), b'&' | b'!') { properties(start) } else { start };
    let letter = byte(at);
    if matches!(letter, b',' | b']' | b'}') {
        // Between commas there is something.
        if at == start && byte(at - 1) == b',' {
            return fail();
        }
        write_null(key);
        at
    } else if letter == b'[' || letter == b'{' {
        reading().tag = 0;
        collection(at, key, levels)
    } else if letter == b'*' {
        alias(at, key)
    } else if begins_scalar(at) {
        write_scalar(at, key, true)
    } else {
        fail()
    }
}
