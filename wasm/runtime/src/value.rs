//! Reads that are not worth inlining, and the findings of reads that went wrong.

use crate::arena::take;
use crate::embedded::{COMPUTED, whereabouts};
use crate::inventory::is_here;
use crate::layout::{
    FIRST_ADDRESS, KEY_NONE, KIND_FLOAT, KIND_INT, KIND_LIST, KIND_MAP, KIND_NULL, KIND_REFS,
    KIND_STRING, KIND_UNKNOWN, STEP_KEY, UNKNOWN_INVENTORY, UNKNOWN_MISSING, UNKNOWN_SHAPE,
    UNKNOWN_TEMPLATE, UNKNOWN_VALUE,
};
use crate::message::{Text, member_string, push_word};
use crate::node::{after, fast_after, fast_kind, field, first, int, key, kind, second, set_field, set_word, word};
use crate::program::{SYM_CLUSTER_VERSION, is_text, key_text};
use crate::quantity::is_quantity;
use crate::results::write_shape;
use crate::state::{is_place, origin, state};
use crate::trace::Trace;

/// Kinds that untyped JSON may have.
pub const ANY: u32 = 0x17E;
/// Mark of a mask: the text must read as a quantity.
const QUANTITY: u32 = 1 << 11;
/// The kinds in a mask, which may have marks and a key beside them.
const KINDS_OF_MASK: u32 = (1 << 10) - 1;
const NUMBER: u32 = 1 << KIND_INT | 1 << KIND_FLOAT;
const INT_OR_STRING: u32 = 1 << KIND_INT | 1 << KIND_STRING;

// A path is static data: of each member a word with its mask, these marks, and its key from bit `PATH_KEY` on.
/// A word follows that says what stands for the member where it is absent and its base is there.
const PATH_INSTEAD: u32 = 1 << 10;
/// The last member.
pub const PATH_LAST: u32 = 1 << 12;
/// Where the key begins.
pub const PATH_KEY: u32 = 13;

/// The member of a map with a key of the module, null or not; 0 if there is none.
#[inline(never)]
pub fn child(map: u32, sought: u32) -> u32 {
    let end = fast_after(map);
    let mut at = map + 16;
    while at < end {
        if key(at) == sought {
            return at;
        }
        at = fast_after(at);
    }
    0
}

/// `node`, or 0 for null.
pub fn present(node: u32) -> u32 {
    if node != 0 && fast_kind(node) == KIND_NULL { 0 } else { node }
}

/// The member of a value; 0 if it has none or a null.
#[inline(never)]
pub fn read_node(value: u32, sought: u32) -> u32 {
    if value < FIRST_ADDRESS || kind(value) != KIND_MAP {
        return 0;
    }
    present(child(value, sought))
}

/// The member of a value, null or not; 0 if it has none.
pub fn member_node(value: u32, sought: u32) -> u32 {
    if value < FIRST_ADDRESS || fast_kind(value) != KIND_MAP {
        0
    } else {
        child(value, sought)
    }
}

/// The member of a map with the key that the string `sought` says, null or not; 0 if there is none.
pub fn map_node(map: u32, sought: u32) -> u32 {
    if map < FIRST_ADDRESS || kind(map) != KIND_MAP {
        return 0;
    }
    let end = after(map);
    let mut at = map + 16;
    while at < end {
        if is_text(key_text(key(at)), first(sought), second(sought)) {
            return at;
        }
        at = after(at);
    }
    0
}

/// The element of a list at the index that an int says; 0 if there is none. Of a list made by the policy also the code of
/// an element without value.
pub fn element_node(list: u32, index: u32) -> u32 {
    let mut left = int(index);
    if list < FIRST_ADDRESS || left < 0 || (kind(list) != KIND_LIST && kind(list) != KIND_REFS) {
        return 0;
    }
    let mut at = elements(list);
    while at != elements_end(list) {
        if left == 0 {
            return element_at(list, at);
        }
        left -= 1;
        at = next_element(list, at);
    }
    0
}

/// Where the elements of a list or the members of a map begin, null or not; there are none of what is neither.
pub fn elements(value: u32) -> u32 {
    if value < FIRST_ADDRESS {
        0
    } else if kind(value) == KIND_REFS {
        second(value)
    } else {
        value + 16
    }
}

/// Where they end.
#[inline(never)]
pub fn elements_end(value: u32) -> u32 {
    if value < FIRST_ADDRESS {
        0
    } else if kind(value) == KIND_REFS {
        second(value) + 4 * first(value)
    } else {
        after(value)
    }
}

/// The node, or the code, at a place in a list.
pub fn element_at(list: u32, at: u32) -> u32 {
    if kind(list) == KIND_REFS { word(at) } else { at }
}

/// The place after it.
pub fn next_element(list: u32, at: u32) -> u32 {
    if kind(list) == KIND_REFS { at + 4 } else { after(at) }
}

/// The value of a node that may have the kinds of `mask`; makes no finding.
pub fn checked(node: u32, mask: u32) -> u32 {
    let checked = of_kind(node, mask);
    if checked == UNKNOWN_SHAPE { amiss(node, UNKNOWN_SHAPE) } else { checked }
}

/// Why a value is unknown that is not as its type says. Of the inventory and of what a computed text holds there are no
/// findings that say so, and what is amiss in it is not known of it.
pub fn amiss(node: u32, reason: u32) -> u32 {
    if is_here(node) == 0 {
        UNKNOWN_INVENTORY
    } else if whereabouts(node) == COMPUTED {
        UNKNOWN_VALUE
    } else {
        reason
    }
}

fn of_kind(node: u32, mask: u32) -> u32 {
    let kind = kind(node);
    if kind == KIND_UNKNOWN {
        return UNKNOWN_TEMPLATE;
    }
    if mask >> kind & 1 == 0 || (mask & QUANTITY != 0 && !is_quantity(node)) {
        return UNKNOWN_SHAPE;
    }
    node
}

/// The value of an element; makes no finding.
#[inline(never)]
pub fn checked_element(node: u32, mask: u32) -> u32 {
    if node < FIRST_ADDRESS {
        return node;
    }
    if mask & KINDS_OF_MASK == ANY && kind(node) == KIND_NULL {
        node
    } else {
        checked(node, mask)
    }
}

/// The value of a member, or the code that is there instead; what contradicts its type is a finding.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn member_value(node: u32, mask: u32) -> u32 {
    if node < FIRST_ADDRESS || is_plain(node, mask) {
        node
    } else {
        odd(node, mask, false)
    }
}

/// The value of an element, or the code that is there instead; what contradicts its type is a finding.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn element_value(node: u32, mask: u32) -> u32 {
    if node < FIRST_ADDRESS || is_plain(node, mask) {
        node
    } else {
        odd(node, mask, true)
    }
}

/// True for a node of a kind of `mask`, whose text nobody has to read.
#[inline(always)]
pub fn is_plain(node: u32, mask: u32) -> bool {
    mask >> fast_kind(node) & 1 != 0 && mask & QUANTITY == 0
}

/// The value of the member with the key and the kinds that `step` says, a word of a path by itself; what contradicts its
/// type is a finding.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn read(base: u32, step: u32) -> u32 {
    if base < FIRST_ADDRESS {
        return base;
    }
    let node = member_node(base, step >> PATH_KEY);
    if node == 0 || is_plain(node, step) { node } else { odd(node, step, false) }
}

/// The node of the member of a map with a computed key, or 0; a code of the base or the key is passed on.
#[unsafe(no_mangle)]
pub extern "C" fn find_map_member(base: u32, sought: u32) -> u32 {
    if base < FIRST_ADDRESS {
        return base;
    }
    if sought < FIRST_ADDRESS {
        sought
    } else {
        present(map_node(base, sought))
    }
}

/// The node of the element of a list with a computed index, or 0; a code of the base or the index is passed on.
#[unsafe(no_mangle)]
pub extern "C" fn find_element(base: u32, index: u32) -> u32 {
    if base < FIRST_ADDRESS {
        return base;
    }
    if index < FIRST_ADDRESS {
        index
    } else {
        element_node(base, index)
    }
}

/// The value that a path leads to. What contradicts its type, or is required and missing, is a finding.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn read_path(base: u32, path: u32) -> u32 {
    let mut value = base;
    let mut at = path;
    // As long as all is as it should be: nothing is called, so that everything stays in registers.
    while value >= FIRST_ADDRESS && fast_kind(value) == KIND_MAP {
        let step = word(at);
        let end = fast_after(value);
        let mut node = value + 16;
        while node < end && key(node) != step >> PATH_KEY {
            node = fast_after(node);
        }
        if node >= end && step & PATH_INSTEAD == 0 {
            return 0;
        }
        if node >= end || !is_plain(node, step) {
            break;
        }
        if step & PATH_LAST != 0 {
            return node;
        }
        value = node;
        at = next_step(at);
    }
    read_on(value, at)
}

/// The rest of a path.
#[inline(never)]
fn read_on(base: u32, path: u32) -> u32 {
    let mut value = base;
    let mut at = path;
    while value >= FIRST_ADDRESS {
        let step = word(at);
        let map = value;
        value = read(map, step);
        if value == 0 {
            value = instead(at);
            if value == UNKNOWN_MISSING {
                value = report_missing(map, step >> PATH_KEY);
            }
        }
        if step & PATH_LAST != 0 {
            break;
        }
        at = next_step(at);
    }
    value
}

/// What stands for the member of a step where it is absent.
pub fn instead(step: u32) -> u32 {
    if word(step) & PATH_INSTEAD != 0 {
        field(step, 4)
    } else {
        0
    }
}

/// The step after a step.
pub fn next_step(step: u32) -> u32 {
    step + if word(step) & PATH_INSTEAD != 0 { 8 } else { 4 }
}

/// The value of a node that is not simply of a kind of `mask`: null is absent, a template unknown, a text may be a quantity,
/// else it is a finding.
#[inline(never)]
pub fn odd(node: u32, mask: u32, element: bool) -> u32 {
    let kind = kind(node);
    if kind == KIND_NULL && !element {
        return 0;
    }
    if kind == KIND_NULL && mask & KINDS_OF_MASK == ANY {
        return node;
    }
    if mask & QUANTITY != 0 && is_quantity(node) {
        return node;
    }
    state().odd = true;
    if kind == KIND_UNKNOWN {
        UNKNOWN_TEMPLATE
    } else {
        report_shape(node, element, mask)
    }
}

/// Reports a value that contradicts its type.
fn report_shape(node: u32, element: bool, mask: u32) -> u32 {
    if state().silent || !is_place(node) {
        return amiss(node, UNKNOWN_SHAPE);
    }
    let message = Text::new();
    if element {
        message.push(b"an element of ");
    }
    message.push_byte(b'`');
    message.push_text(key_text(key(node)));
    message.push(b"` is ");
    if push_mixed(message.0, node, mask) != 0 {
        // A type accepts one kind of a document.
        push_word(message, KINDS, kind(node));
        message.push(b" where ");
        push_word(message, KINDS, mask.trailing_zeros());
    }
    message.push(b" is expected");
    write_shape(Trace::at_node(origin(node)), message);
    UNKNOWN_SHAPE
}

/// Adds what a value is and what a type of several kinds expects; 1 if the type is of one kind. Code generation puts 1 in
/// its place where a program has only such types.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn push_mixed(message: u32, node: u32, mask: u32) -> u32 {
    let message = Text(message);
    let is_quantity = mask & QUANTITY != 0;
    if !is_quantity && mask & NUMBER != NUMBER && mask & INT_OR_STRING != INT_OR_STRING {
        return 1;
    }
    if is_quantity && matches!(kind(node), KIND_INT | KIND_FLOAT | KIND_STRING) {
        message.push_byte(b'`');
        message.push_scalar(node);
        message.push_byte(b'`');
    } else {
        push_word(message, KINDS, kind(node));
    }
    message.push(b" where ");
    if is_quantity {
        say!(message, b"a quantity");
    } else if mask & NUMBER == NUMBER {
        say!(message, b"a number");
    } else {
        say!(message, b"an int or a string");
    }
    0
}

/// Kinds of a document by number.
pub const KINDS: &[u8] = b"null,a bool,an int,a float,a string,a list,a map,";

/// Reports that `node` is no map.
pub fn report_no_map(node: u32) {
    report_shape(node, false, 1 << KIND_MAP);
}

/// Reports a required member that is missing. Code generation puts another function in its place where none is required.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn report_missing(base: u32, sought: u32) -> u32 {
    state().odd = true;
    if !state().silent && is_place(base) {
        let message = Text::new();
        message.push_byte(b'`');
        message.push_text(key_text(sought));
        say!(message, b"` is required and missing");
        write_shape(Trace::at_node(base).step(STEP_KEY, sought), message);
    }
    amiss(base, UNKNOWN_MISSING)
}

/// A string node for the key of a member, whose own key is the address of the member: see [`crate::state::origin`].
#[unsafe(no_mangle)]
pub extern "C" fn key_node(member: u32) -> u32 {
    let text = key_text(key(member));
    let node = string_node(text + 4, word(text));
    set_field(node, 4, member);
    node
}

/// A string node for a text that stays where it is.
pub fn string_node(ptr: u32, len: u32) -> u32 {
    new_node(KIND_STRING, ptr, len)
}

/// Some of the bytes of a text: a string node whose key is the address of that ([`crate::embedded::place_of`]); of all of
/// them the text itself.
#[inline(never)]
pub fn part_node(text: u32, ptr: u32, len: u32) -> u32 {
    if len == second(text) && fast_kind(text) == KIND_STRING {
        return text;
    }
    let node = string_node(ptr, len);
    set_field(node, 4, text);
    node
}

/// An int node.
#[unsafe(no_mangle)]
pub extern "C" fn int_node(value: u32) -> u32 {
    new_node(KIND_INT, value, 0)
}

/// A node by itself: kind and payload.
pub fn new_node(kind: u32, a: u32, b: u32) -> u32 {
    let node = take(16);
    set_word(node, 16 | kind);
    set_field(node, 4, KEY_NONE);
    set_field(node, 8, a);
    set_field(node, 12, b);
    node
}

/// A map without members.
pub fn new_map() -> u32 {
    new_node(KIND_MAP, 0, 0)
}

/// An int node of 64 bits.
#[inline(never)]
pub fn long_node(value: i64) -> u32 {
    new_node(KIND_INT, value as u32, (value >> 32) as u32)
}

/// A list of `count` elements elsewhere, which the caller writes from 16 bytes after it.
#[unsafe(no_mangle)]
pub extern "C" fn refs_new(count: u32) -> u32 {
    let node = take(16 + 4 * count);
    set_word(node, 16 | KIND_REFS);
    set_field(node, 4, KEY_NONE);
    set_field(node, 8, count);
    set_field(node, 12, node + 16);
    node
}

/// A list of the `count` values whose words begin at an address.
pub fn refs_to(words: u32, count: u32) -> u32 {
    let node = take(16);
    set_word(node, 16 | KIND_REFS);
    set_field(node, 4, KEY_NONE);
    set_field(node, 8, count);
    set_field(node, 12, words);
    node
}

/// A value as a scalar type has it: absent if it is none that the type accepts.
#[unsafe(no_mangle)]
pub extern "C" fn cast(value: u32, mask: u32) -> u32 {
    if value < FIRST_ADDRESS {
        return value;
    }
    let cast = of_kind(value, mask);
    if cast == UNKNOWN_SHAPE { 0 } else { cast }
}

/// A part of the context; absent if the host did not give it.
#[unsafe(no_mangle)]
pub extern "C" fn context_part(key: u32) -> u32 {
    read(state().context, key << PATH_KEY | 1 << KIND_MAP)
}

/// `cluster_version`: as the host says, else `newest`.
#[unsafe(no_mangle)]
pub extern "C" fn fn_cluster_version(newest: u32) -> u32 {
    let version = member_string(state().context, SYM_CLUSTER_VERSION);
    if version == 0 { newest } else { version }
}

/// Two lists joined. Where one of them is unknown the reason of the first is kept as the key of the result, which then is
/// no value: see [`whole`].
#[unsafe(no_mangle)]
pub extern "C" fn join(a: u32, b: u32) -> u32 {
    // Most pods have containers of one sort.
    if b == 0 && a >= FIRST_ADDRESS {
        return a;
    }
    let list = refs_new(room(a) + room(b));
    let reason = left_out(a);
    let reason = if reason == 0 { left_out(b) } else { reason };
    if reason != 0 {
        set_field(list, 4, reason);
    }
    let end = append(b, append(a, list + 16));
    // A projection may have left elements out.
    set_field(list, 8, (end - list - 16) / 4);
    list
}

/// How many elements a list has at most.
fn room(list: u32) -> u32 {
    if list < FIRST_ADDRESS { 0 } else { first(list) }
}

/// Writes the elements of a list at an address; the address after them.
#[inline(never)]
fn append(from: u32, to: u32) -> u32 {
    if from < FIRST_ADDRESS {
        return to;
    }
    let refs = kind(from) == KIND_REFS;
    let mut at = to;
    let mut element = if refs { second(from) } else { from + 16 };
    let end = elements_end(from);
    while element != end {
        set_word(at, if refs { word(element) } else { element });
        element = if refs { element + 4 } else { fast_after(element) };
        at += 4;
    }
    at
}

/// Why elements are missing that belong to a list: it is unknown, or a list was joined to it that is; else 0.
#[inline(never)]
pub fn left_out(list: u32) -> u32 {
    if list < FIRST_ADDRESS {
        list
    } else if kind(list) == KIND_REFS && key(list) < FIRST_ADDRESS {
        key(list)
    } else {
        0
    }
}

/// A list that was joined as one value: unknown if one of its parts is.
#[unsafe(no_mangle)]
pub extern "C" fn whole(list: u32) -> u32 {
    let reason = left_out(list);
    if reason == 0 { list } else { reason }
}

/// Before a list is made that depends on the part judged only: see [`shared_end`].
#[unsafe(no_mangle)]
pub extern "C" fn shared_begin() {
    state().odd = false;
}

/// Keeps a list for all that ask for it until another part is judged, unless something about it has to be told to each.
#[unsafe(no_mangle)]
pub extern "C" fn shared_end(list: u32, slot: u32) -> u32 {
    if !state().odd {
        set_word(slot, list);
    }
    list
}

/// 1 if a known value is absent or has no contents.
#[unsafe(no_mangle)]
pub extern "C" fn is_empty(value: u32) -> u32 {
    if value < FIRST_ADDRESS {
        return if value == 0 { 1 } else { value };
    }
    let kind = kind(value);
    if kind == KIND_STRING {
        return u32::from(second(value) == 0);
    }
    u32::from((kind == KIND_LIST || kind == KIND_MAP || kind == KIND_REFS) && first(value) == 0)
}
