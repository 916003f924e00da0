//! Paths with `/` between their segments.

use super::{GIVEN, given, text_value};
use crate::layout::FIRST_ADDRESS;
use crate::message::Text;
use crate::node::{byte, first, second, set_field};
use crate::program::differ;

/// `clean_path(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_clean_path(path: u32) -> u32 {
    if path < FIRST_ADDRESS {
        return path;
    }
    text_value(clean(path))
}

/// `path_within(path, folder)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_path_within(path: u32, folder: u32) -> u32 {
    let given = given(path, folder);
    if given != GIVEN {
        return given;
    }
    let (inner, outer) = (clean(path), clean(folder));
    let len = outer.len();
    let mut rest = inner.ptr();
    if is(outer.ptr(), len, b'.', 1) {
        // Everything relative is below `.`, but for what leads out of it.
        if byte(rest) == b'/' {
            return 0;
        }
    } else {
        if len > inner.len() || differ(rest, len, outer.ptr(), len) != 0 {
            return 0;
        }
        rest += len;
        if len == inner.len() {
            return 1;
        }
        if len != 1 || byte(outer.ptr()) != b'/' {
            if byte(rest) != b'/' {
                return 0;
            }
            rest += 1;
        }
    }
    let left = inner.ptr() + inner.len() - rest;
    u32::from(!(left >= 2 && is(rest, 2, b'.', 2) && (left == 2 || byte(rest + 2) == b'/')))
}

/// True if a text is `letter` so many times, at most twice.
#[inline(never)]
fn is(ptr: u32, len: u32, letter: u8, times: u32) -> bool {
    len == times && byte(ptr) == letter && byte(ptr + len - 1) == letter
}

/// The path without empty and `.` segments, and with `..` carried out.
#[inline(never)]
fn clean(path: u32) -> Text {
    let made = Text::new();
    let mut at = first(path);
    let end = at + second(path);
    let root = u32::from(at != end && byte(at) == b'/');
    if root != 0 {
        made.push_byte(b'/');
    }
    while at != end {
        let start = at;
        while at != end && byte(at) != b'/' {
            at += 1;
        }
        let len = at - start;
        if at != end {
            at += 1;
        }
        if len == 0 || is(start, len, b'.', 1) {
            continue;
        }
        if is(start, len, b'.', 2) {
            let segment = last_segment(made, root);
            let size = made.ptr() + made.len() - segment;
            if size != 0 && !is(segment, size, b'.', 2) {
                let kept = segment - made.ptr();
                set_field(made.0, 4, if kept > root { kept - 1 } else { root });
                continue;
            }
            if root != 0 {
                continue;
            }
        }
        if made.len() > root {
            made.push_byte(b'/');
        }
        made.push_at(start, len);
    }
    if made.len() == 0 {
        made.push_byte(b'.');
    }
    made
}

/// Where the last segment of a path that is clean begins.
fn last_segment(path: Text, root: u32) -> u32 {
    let begin = path.ptr() + root;
    let mut at = path.ptr() + path.len();
    while at != begin && byte(at - 1) != b'/' {
        at -= 1;
    }
    at
}
