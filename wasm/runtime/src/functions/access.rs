//! Rules of access control, and how the functions here look into records.

use super::{GIVEN, given, is_packed, is_unknown, pack};
use crate::arena::take;
use crate::compare::same_text;
use crate::layout::{FIRST_ADDRESS, KIND_LIST, KIND_STRING, UNKNOWN_BUDGET};
use crate::node::{after, byte, copy, first, key, second, set_byte, word};
use crate::program::key_text;
use crate::state::spend;
use crate::value::{checked, elements, elements_end, present, string_node};

/// The member of a record with a short name; `mask` is what it may be. Makes no finding.
#[inline(never)]
pub fn member(record: u32, name: (u64, u64), mask: u32) -> u32 {
    let mut at = record + 16;
    while at != after(record) {
        let text = key_text(key(at));
        if is_packed(text + 4, word(text), name.0, name.1) {
            return if present(at) == 0 { 0 } else { checked(at, mask) };
        }
        at = after(at);
    }
    0
}

/// The text of a node, or why it has none.
pub fn text_of(node: u32) -> u32 {
    checked(node, 1 << KIND_STRING)
}

/// `result and next`, where `result` is not false.
pub fn fold(result: u32, next: u32) -> u32 {
    if next == 0 || result == 1 { next } else { result }
}

/// Whether a list of texts has one of three, which may be the same; costs a step for each element.
#[inline(never)]
pub fn holds_text(list: u32, a: u32, b: u32, c: u32) -> u32 {
    if is_unknown(list) {
        return list;
    }
    let mut result = 0;
    let mut at = elements(list);
    while at != elements_end(list) {
        if !spend(1) {
            return UNKNOWN_BUDGET;
        }
        let text = text_of(at);
        if text < FIRST_ADDRESS {
            result = if result == 0 { text } else { result };
        } else if same_text(text, a) | same_text(text, b) | same_text(text, c) != 0 {
            return 1;
        }
        at = after(at);
    }
    result
}

/// `grants(rule, verb, group, resource)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_grants(rule: u32, verb: u32, group: u32, resource: u32) -> u32 {
    const VERBS: (u64, u64) = pack(b"verbs");
    const GROUPS: (u64, u64) = pack(b"apiGroups");
    const RESOURCES: (u64, u64) = pack(b"resources");
    let (what, to) = (given(rule, verb), given(group, resource));
    if what > GIVEN || to > GIVEN {
        return if what > GIVEN { what } else { to };
    }
    if what & to == 0 {
        return 0;
    }
    let star = text_node(b'*', 0, 0);
    let slash = find_slash(resource);
    let end = first(resource) + second(resource);
    let any_owner = if slash == end { star } else { text_node(b'*', slash, end - slash) };
    let mut result = granted(rule, VERBS, verb, star, star);
    if result != 0 {
        result = fold(result, granted(rule, GROUPS, group, star, star));
    }
    if result != 0 {
        result = fold(result, granted(rule, RESOURCES, resource, star, any_owner));
    }
    result
}

/// Whether the list of a rule has one of the texts.
fn granted(rule: u32, name: (u64, u64), sought: u32, star: u32, other: u32) -> u32 {
    holds_text(member(rule, name, 1 << KIND_LIST), sought, star, other)
}

fn find_slash(text: u32) -> u32 {
    let mut at = first(text);
    while at != first(text) + second(text) && byte(at) != b'/' {
        at += 1;
    }
    at
}

/// A text of a letter and some more.
fn text_node(letter: u8, more: u32, len: u32) -> u32 {
    let text = take(len + 1);
    set_byte(text, letter);
    copy(text + 1, more, len);
    string_node(text, len + 1)
}
