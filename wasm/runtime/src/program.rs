//! The compiled program as the runtime sees it: tables that code generation writes into static data.
//!
//! A *text* is the address of `{len u32, bytes}`, a *list* that of `{count u32, words}`; neither is aligned.
//!
//! ```text
//! PROGRAM   0 heap u32                 first free address after all static data
//!           4 symbols u32              words: a text each; the first ones are SYM_*
//!           8 index u32, mask u32      hash table of symbols: u16 symbol + 1, 0 empty; slot = hash & mask, then the next
//!          16 policies u32, end u32    rows of 12: name text; first check; severity u8, default u8, operations u8, needs u8
//!          24 routes u32, end u32      rows of 16: kind text; list of groups, texts; list of entries; subresource text or 0,
//!                                      and then the kind is the resource of the request
//!          32 first u32                the first function of a policy's body in the table; the others follow
//!          36 params u32, end u32      rows of PARAM_ROW: see `settings`
//!          44 pack text
//!          48 cursors u32             of loops, by how deep they are nested: see `cursor`
//!          52 shared u32, end u32     words that hold what was found out about the part judged, or 0
//! entry     0 list of symbols: the path; 4 list of bodies: number of the function u16, policy u16
//! ```

use crate::arena::take;
use crate::layout::{KEY_NONE, KEY_TEXT};
use crate::node::{byte, copy, set_word, word};

/// Filled in by code generation.
#[unsafe(no_mangle)]
pub static mut PALISADE_PROGRAM: [u32; 15] = [0; 15];

/// Symbols that every module has, in this order.
pub const SYM_API_VERSION: u32 = 0;
pub const SYM_KIND: u32 = 1;
pub const SYM_METADATA: u32 = 2;
pub const SYM_NAME: u32 = 3;
pub const SYM_NAMESPACE: u32 = 4;
pub const SYM_GENERATE_NAME: u32 = 5;
pub const SYM_REQUEST: u32 = 6;
pub const SYM_OLD: u32 = 7;
pub const SYM_NAMESPACE_OBJECT: u32 = 8;
pub const SYM_NOW: u32 = 9;
pub const SYM_CLUSTER_VERSION: u32 = 10;
pub const SYM_KNOWLEDGE: u32 = 11;
pub const SYM_INIT_CONTAINERS: u32 = 12;
pub const SYM_EPHEMERAL_CONTAINERS: u32 = 13;
pub const SYM_RESTART_POLICY: u32 = 14;
pub const SYM_OPERATION: u32 = 15;
pub const SYM_SUBRESOURCE: u32 = 16;
pub const SYM_RESOURCE: u32 = 17;
pub const SYM_GROUP: u32 = 18;

/// Bytes of a policy's row.
pub const POLICY_ROW: u32 = 12;
/// Bytes of a route's row.
pub const ROUTE_ROW: u32 = 16;
/// Bytes of an entry.
pub const ENTRY_ROW: u32 = 8;

fn at(offset: u32) -> u32 {
    // SAFETY: nothing but code generation and tests writes it, and not while the module runs.
    word((&raw const PALISADE_PROGRAM) as u32 + offset)
}

/// The first free address.
pub fn heap() -> u32 {
    at(0)
}

/// The rows of policies and the address after the last.
pub fn policies() -> (u32, u32) {
    (at(16), at(20))
}

/// The rows of routes and the address after the last.
pub fn routes() -> (u32, u32) {
    (at(24), at(28))
}

/// The first function of a body in the table.
pub fn first_function() -> u32 {
    at(32)
}

/// The rows of parameters and the address after the last.
pub fn params() -> (u32, u32) {
    (at(36), at(40))
}

/// The pack's name.
pub fn pack() -> u32 {
    at(44)
}

/// The cursors of loops.
pub fn cursors() -> u32 {
    at(48)
}

/// The words for what is known of the part, and the address after the last.
pub fn shared() -> (u32, u32) {
    (at(52), at(56))
}

static NO_TEXT: u32 = 0;

/// The text of a key; empty for none.
#[inline(never)]
pub fn key_text(key: u32) -> u32 {
    if key & KEY_TEXT != 0 {
        key & !KEY_TEXT
    } else if key == KEY_NONE {
        (&raw const NO_TEXT) as u32
    } else {
        word(at(4) + 4 * key)
    }
}

/// 0 if two stretches of bytes are equal; else their order, first by length.
#[inline(never)]
pub fn differ(a: u32, a_len: u32, b: u32, b_len: u32) -> i32 {
    let mut order = a_len as i32 - b_len as i32;
    let mut nth = 0;
    if order == 0 {
        // What is equal is passed over by words.
        while nth + 4 <= a_len && word(a + nth) == word(b + nth) {
            nth += 4;
        }
    }
    while order == 0 && nth != a_len {
        order = i32::from(byte(a + nth)) - i32::from(byte(b + nth));
        nth += 1;
    }
    order
}

/// True if a text is the bytes given.
#[inline(never)]
pub fn is_text(text: u32, ptr: u32, len: u32) -> bool {
    word(text) == len && differ(text + 4, len, ptr, len) == 0
}

/// The key of a name: its symbol, or the address of a copy.
#[inline(never)]
pub fn find_key(ptr: u32, len: u32) -> u32 {
    // FNV-1a, the high half folded in.
    let mut hash = 0x811c_9dc5_u32;
    let mut next = ptr;
    while next != ptr + len {
        hash = (hash ^ u32::from(byte(next))).wrapping_mul(0x0100_0193);
        next += 1;
    }
    let mut slot = hash ^ (hash >> 16);
    loop {
        let entry = word(at(8) + 2 * (slot & at(12))) & 0xFFFF;
        if entry == 0 {
            let key = take(4 + len);
            set_word(key, len);
            copy(key + 4, ptr, len);
            return KEY_TEXT | key;
        }
        if is_text(key_text(entry - 1), ptr, len) {
            return entry - 1;
        }
        slot += 1;
    }
}
