//! The settings of a module. Version 1 knows no parameters: `{}` or nothing is what can be said.

use crate::arena::{mark, palisade_reset, take};
use crate::json_read::palisade_read_json;
use crate::json_write::push_reason;
use crate::layout::{ABI_VERSION, KEY_NONE, KIND_MAP};
use crate::message::Text;
use crate::node::{after, copy, field, key, kind, set_field, set_word, word};
use crate::program::key_text;

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
            let reason = Text::new();
            push_reason(reason, field(read, 4));
            problem(0, KEY_NONE, reason)
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
        let reason = Text::new();
        reason.push(b"is no map");
        return problem(0, KEY_NONE, reason);
    }
    let reason = Text::new();
    reason.push(b"is no parameter of this module");
    let (mut first, mut last) = (0, 0);
    let mut member = settings + 16;
    while member != after(settings) {
        last = problem(last, key(member), reason);
        first = if first == 0 { last } else { first };
        member = after(member);
    }
    first
}

/// A problem, chained to the one before.
#[inline(never)]
fn problem(before: u32, key: u32, message: Text) -> u32 {
    let record = take(20);
    let path = key_text(key);
    set_word(record, 0);
    set_field(record, 4, path + 4);
    set_field(record, 8, word(path));
    copy(record + 12, message.0, 8);
    if before != 0 {
        set_word(before, record);
    }
    record
}
