//! The settings of a module. Version 1 knows no parameters: `{}` or nothing is what can be said.

use crate::arena::{mark, palisade_reset, take};
use crate::json_read::palisade_read_json;
use crate::json_write::reason_of;
use crate::layout::{ABI_VERSION, KIND_MAP};
use crate::node::{after, key, kind, set_word, word};
use crate::value::key_text;

/// Whether the last settings were refused.
static mut IS_REFUSED: bool = false;

/// The version of the interface.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_abi() -> u32 {
    ABI_VERSION
}

/// Reads the settings; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_configure(json: u32, len: u32) -> u32 {
    let mut first = 0;
    if len != 0 {
        let read = palisade_read_json(json, len);
        first = if word(read) == 0 {
            problem(0, b"", reason_of(word(read + 4)))
        } else {
            find_problems(word(read))
        };
    }
    // SAFETY: a guest has one thread.
    unsafe { IS_REFUSED = first != 0 }
    if first == 0 {
        palisade_reset();
        mark();
    }
    first
}

/// False after settings that were refused.
pub fn is_usable() -> bool {
    // SAFETY: a guest has one thread.
    !unsafe { IS_REFUSED }
}

/// The first problem of settings that have been read, or 0.
pub fn find_problems(settings: u32) -> u32 {
    if kind(settings) != KIND_MAP {
        return problem(0, b"", b"is no map");
    }
    let (mut first, mut last) = (0, 0);
    let mut member = settings + 16;
    while member < after(settings) {
        let found = problem(last, key_text(key(member)), b"is no parameter of this module");
        first = if first == 0 { found } else { first };
        last = found;
        member = after(member);
    }
    first
}

/// A problem, chained to the one before.
#[inline(never)]
fn problem(before: u32, path: &[u8], message: &[u8]) -> u32 {
    let record = take(20);
    set_word(record, 0);
    set_word(record + 4, path.as_ptr() as u32);
    set_word(record + 8, path.len() as u32);
    set_word(record + 12, message.as_ptr() as u32);
    set_word(record + 16, message.len() as u32);
    if before != 0 {
        set_word(before, record);
    }
    record
}
