//! A tape without aliases, merge keys and repeated keys.
//!
//! What is merged or repeated follows the order of the text, as go-yaml v2 does it: each merge and each member sets what
//! came before it. In a list of merges the first wins.

use super::{KEY_MERGE, KIND_ALIAS, fail, reading};
use crate::arena::{release, take};
use crate::json_keys::drop_repeated;
use crate::layout::{KIND_LIST, KIND_MAP, KIND_NULL, MAX_DEPTH};
use crate::node::{after, copy, first, key, kind, set_field, set_word};

/// Most values that aliases may add to a document.
const MAX_ALIAS_NODES: u32 = 1 << 16;
/// Most maps that are merged by one key.
const MAX_MERGES: u32 = 1 << 10;

/// Values that aliases may still add.
static mut LEFT: u32 = 0;

/// The tape that the tape `root` means; 0 if there is none.
pub fn compose(root: u32) -> u32 {
    // SAFETY: a guest has one thread.
    unsafe { LEFT = MAX_ALIAS_NODES }
    let made = write(root, key(root), MAX_DEPTH, false);
    if reading().is_wrong { 0 } else { made }
}

/// Counts a value that is there by an alias.
#[inline(never)]
fn spend() {
    // SAFETY: a guest has one thread.
    unsafe {
        if LEFT == 0 {
            fail();
        } else {
            LEFT -= 1;
        }
    }
}

/// What an alias stands for; a node that is none itself.
fn target(node: u32) -> u32 {
    let mut at = node;
    while kind(at) == KIND_ALIAS {
        at = first(at);
    }
    at
}

/// Writes a node and all below it after what was written before; nothing else is allocated in between.
fn write(from: u32, key: u32, levels: u32, is_alias: bool) -> u32 {
    let node = target(from);
    let is_alias = is_alias || node != from;
    if is_alias {
        spend();
    }
    let made = take(16);
    copy(made, node, 16);
    set_field(made, 4, key);
    let kind = kind(node);
    if kind != KIND_LIST && kind != KIND_MAP {
        return made;
    }
    if levels == 0 {
        fail();
    }
    if reading().is_wrong {
        return made;
    }
    if kind == KIND_MAP {
        let count = members(node, levels - 1, is_alias);
        let mut end = take(0);
        set_word(made, (end - made) | KIND_MAP);
        set_field(made, 8, count - nulls(made));
        if count > 1 {
            end = drop_repeated(made, count);
        }
        release(end);
    } else {
        let mut child = node + 16;
        while child != after(node) {
            write(child, key, levels - 1, is_alias);
            child = after(child);
        }
        set_word(made, (take(0) - made) | KIND_LIST);
    }
    made
}

/// How many members are null.
fn nulls(map: u32) -> u32 {
    let mut count = 0;
    let mut child = map + 16;
    while child != after(map) {
        count += u32::from(kind(child) == KIND_NULL);
        child = after(child);
    }
    count
}

/// Writes the members of a map in the order in which they are set; their number.
fn members(map: u32, levels: u32, is_alias: bool) -> u32 {
    let mut count = 0;
    let mut child = map + 16;
    while child != after(map) && !reading().is_wrong {
        if key(child) == KEY_MERGE {
            if is_alias {
                spend();
            }
            count += merged(child, levels, is_alias);
        } else {
            write(child, key(child), levels, is_alias);
            count += 1;
        }
        child = after(child);
    }
    count
}

/// Writes the members of the maps that a merge key names, the last first.
fn merged(value: u32, levels: u32, is_alias: bool) -> u32 {
    if kind(value) != KIND_LIST {
        return merged_map(value, levels, is_alias);
    }
    let mut left = first(value);
    if left > MAX_MERGES {
        fail();
        return 0;
    }
    let mut count = 0;
    while left != 0 {
        left -= 1;
        let mut part = value + 16;
        let mut nth = 0;
        while nth != left {
            part = after(part);
            nth += 1;
        }
        count += merged_map(part, levels, is_alias);
    }
    count
}

fn merged_map(part: u32, levels: u32, is_alias: bool) -> u32 {
    let map = target(part);
    if kind(map) != KIND_MAP || levels == 0 {
        fail();
        return 0;
    }
    members(map, levels - 1, is_alias || map != part)
}
