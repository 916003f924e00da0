//! Label selectors.

use super::access::{fold, holds_text, member, text_of};
use super::{GIVEN, given, is_unknown, pack, says};
use crate::layout::{
    KIND_LIST, KIND_MAP, KIND_NULL, UNKNOWN_BUDGET, UNKNOWN_SHAPE, UNKNOWN_VALUE,
};
use crate::node::{after, kind};
use crate::compare::same_text;
use crate::state::spend;
use crate::value::{amiss, checked, elements, elements_end, key_node, map_node, present};

/// `selects(selector, labels)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_selects(selector: u32, labels: u32) -> u32 {
    let given = given(selector, labels);
    if given > GIVEN {
        return given;
    }
    if selector == 0 {
        return 0;
    }
    const MATCH_LABELS: (u64, u64) = pack(b"matchLabels");
    const MATCH_EXPRESSIONS: (u64, u64) = pack(b"matchExpressions");
    let exact = member(selector, MATCH_LABELS, 1 << KIND_MAP);
    let mut result = if is_unknown(exact) { exact } else { 1 };
    let mut at = elements(exact);
    while at != elements_end(exact) && result != 0 {
        if !spend(1) {
            return UNKNOWN_BUDGET;
        }
        if kind(at) != KIND_NULL {
            result = fold(result, equals(text_of(at), label(labels, key_node(at))));
        }
        at = after(at);
    }
    let expressions = member(selector, MATCH_EXPRESSIONS, 1 << KIND_LIST);
    if is_unknown(expressions) {
        return fold(result, expressions);
    }
    at = elements(expressions);
    while at != elements_end(expressions) && result != 0 {
        if !spend(1) {
            return UNKNOWN_BUDGET;
        }
        result = fold(result, matches(at, labels));
        at = after(at);
    }
    result
}

/// The value of a label: a text, absent or unknown.
fn label(labels: u32, key: u32) -> u32 {
    let node = present(map_node(labels, key));
    if node == 0 { 0 } else { text_of(node) }
}

/// Whether a wanted text is what is there.
fn equals(wanted: u32, found: u32) -> u32 {
    let given = given(wanted, found);
    if given == GIVEN { same_text(wanted, found) } else { given }
}

/// Whether labels are as one expression wants.
fn matches(expression: u32, labels: u32) -> u32 {
    const KEY: (u64, u64) = pack(b"key");
    const OPERATOR: (u64, u64) = pack(b"operator");
    const VALUES: (u64, u64) = pack(b"values");
    let map = checked(expression, 1 << KIND_MAP);
    if is_unknown(map) {
        return map;
    }
    let key = text_member(map, KEY);
    let operator = text_member(map, OPERATOR);
    if given(key, operator) != GIVEN {
        return given(key, operator);
    }
    let negative = says(operator, const { pack(b"NotIn") }) || says(operator, const { pack(b"DoesNotExist") });
    let among = says(operator, const { pack(b"In") }) || says(operator, const { pack(b"NotIn") });
    let there = says(operator, const { pack(b"Exists") }) || says(operator, const { pack(b"DoesNotExist") });
    if !among && !there {
        return UNKNOWN_VALUE;
    }
    let found = label(labels, key);
    if is_unknown(found) {
        return found;
    }
    let answer = if there {
        u32::from(found != 0)
    } else if found == 0 {
        0
    } else {
        let values = member(map, VALUES, 1 << KIND_LIST);
        if is_unknown(values) { values } else { holds_text(values, found, found, found) }
    };
    if answer > 1 { answer } else { answer ^ u32::from(negative) }
}

/// A member that has to be a text.
fn text_member(map: u32, name: (u64, u64)) -> u32 {
    let text = member(map, name, 1 << crate::layout::KIND_STRING);
    if text == 0 { amiss(map, UNKNOWN_SHAPE) } else { text }
}
