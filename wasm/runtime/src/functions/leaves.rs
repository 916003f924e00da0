//! Values by where they are: all below one, the key of one, whether two are the same.

use super::{GIVEN, Items, given};
use crate::arena::take;
use crate::embedded::{is_same_part, text_around};
use crate::inventory::is_here;
use crate::layout::{FIRST_ADDRESS, KIND_LIST, KIND_MAP, KIND_NULL, KIND_PATTERN, KIND_REFS, PLACE_SIZE};
use crate::message::Text;
use crate::node::{after, first, key, kind, second, word};
use crate::path::push_place;
use crate::program::key_text;
use crate::results::write_place;
use crate::state::{origin, spend, state};
use crate::trace::Trace;
use crate::value::{element_at, elements, elements_end, next_element, string_node};

/// `walk(value)`: the scalars at and below a value that are not null.
#[unsafe(no_mangle)]
pub extern "C" fn fn_walk(value: u32) -> u32 {
    if value < FIRST_ADDRESS {
        return value;
    }
    let list = Items::new();
    let paid = walk(value, list);
    list.end(paid)
}

/// Adds the leaves of a value; a step for each node.
fn walk(root: u32, list: Items) -> bool {
    if kind(root) == KIND_REFS {
        return walk_elements(root, list);
    }
    if !spend((after(root) - root) / 16) {
        return false;
    }
    let mut at = root;
    while at != after(root) {
        match kind(at) {
            KIND_MAP | KIND_LIST | KIND_NULL => {}
            // As an untyped value it is its text.
            KIND_PATTERN => list.push(string_node(first(at), second(at))),
            _ => list.push(at),
        }
        // Nodes stand one after the other, whatever is in them.
        at += 16;
    }
    true
}

/// [`walk`] of a list that is no node: its elements are anywhere, or unknown, and then stay so.
fn walk_elements(root: u32, list: Items) -> bool {
    let mut at = elements(root);
    let mut paid = true;
    while at != elements_end(root) {
        let element = element_at(root, at);
        if element >= FIRST_ADDRESS {
            paid &= walk(element, list);
        } else if element != 0 {
            list.push(element);
        }
        at = next_element(root, at);
    }
    paid
}

/// `key(value)`: the name of the member that a value is, or that is nearest around it.
#[unsafe(no_mangle)]
pub extern "C" fn fn_key(value: u32) -> u32 {
    if value < FIRST_ADDRESS {
        return value;
    }
    let node = origin(value);
    let node = if node == 0 && (is_here(value) == 0 || is_of_context(value)) { value } else { node };
    if node == 0 {
        return 0;
    }
    let around = text_around(node) & !1;
    let text = key_text(key(if around == 0 { node } else { around }));
    if word(text) == 0 { 0 } else { string_node(text + 4, word(text)) }
}

/// Whether a node is of what the host said about the evaluation, such as the old object.
fn is_of_context(node: u32) -> bool {
    let context = state().context;
    context != 0 && node >= context && node < after(context)
}

/// `path(value)`: where a value is, as reports write it.
#[unsafe(no_mangle)]
pub extern "C" fn fn_path(value: u32) -> u32 {
    if value < FIRST_ADDRESS {
        return value;
    }
    let node = origin(value);
    if node == 0 {
        return 0;
    }
    let place = take(PLACE_SIZE);
    write_place(place, Trace::at_node(node).place());
    let text = Text::new();
    push_place(text, state().object, place);
    string_node(text.ptr(), text.len())
}

/// `same(a, b)`: whether two values are one.
#[unsafe(no_mangle)]
pub extern "C" fn fn_same(a: u32, b: u32) -> u32 {
    let given = given(a, b);
    if given != GIVEN {
        return given;
    }
    let (left, right) = (origin(a), origin(b));
    if left == 0 && right == 0 {
        // Elsewhere a node is what it is.
        return u32::from(is_here(a) == 0 && is_same_part(a, b) != 0);
    }
    is_same_part(left, right)
}
