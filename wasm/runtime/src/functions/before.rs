//! What was there before: the old object, at the path of a node of the object that is judged.

use crate::dispatch::context_member;
use crate::layout::{FIRST_ADDRESS, KIND_LIST, KIND_MAP, KIND_UNKNOWN, UNKNOWN_TEMPLATE};
use crate::message::member_string;
use crate::node::{after, first, key, kind, second, towards, word};
use crate::program::{SYM_NAME, SYM_OLD, differ, key_text};
use crate::state::{is_located, state};
use crate::value::present;

/// What stands in the old object where `part` stands in the object: by the same keys; of a list the element with the same
/// `name`, or the same index where `part` is in one without.
#[unsafe(no_mangle)]
pub extern "C" fn fn_before(part: u32) -> u32 {
    if part < FIRST_ADDRESS {
        return part;
    }
    if !is_located(part) {
        return 0;
    }
    let mut at = state().object;
    let mut old = context_member(SYM_OLD);
    while old != 0 && at != part {
        if kind(old) == KIND_UNKNOWN {
            return UNKNOWN_TEMPLATE;
        }
        let (next, index) = towards(at, part);
        let is_same = kind(old) == kind(at);
        old = if !is_same { 0 } else { counterpart(old, next, index) };
        at = next;
    }
    old
}

/// Of a map or list the member or element that stands for one of another, which is the `index`th there; 0 if there is none.
fn counterpart(within: u32, sought: u32, index: u32) -> u32 {
    let is_map = kind(within) == KIND_MAP;
    let name = if is_map || kind(within) != KIND_LIST { 0 } else { member_string(sought, SYM_NAME) };
    let end = after(within);
    let mut at = within + 16;
    let mut nth = 0;
    while at != end {
        let is_it = if is_map {
            is_same_key(key(at), key(sought))
        } else if name == 0 {
            nth == index
        } else {
            let other = member_string(at, SYM_NAME);
            other != 0 && differ(first(other), second(other), first(name), second(name)) == 0
        };
        if is_it {
            return present(at);
        }
        nth += 1;
        at = after(at);
    }
    0
}

/// Compares the keys of nodes of two tapes: what is no symbol has an address of its own in each.
fn is_same_key(a: u32, b: u32) -> bool {
    let (text, other) = (key_text(a), key_text(b));
    a == b || differ(text + 4, word(text), other + 4, word(other)) == 0
}
