//! Records that functions make: flat maps of scalars and lists of texts, each member at the node that it was made of.
//!
//! What is added is gathered first, so that the nodes of a record are one run.
//!
//! ```text
//! entry  0 kind · 4 key · 8 first payload word · 12 second payload word · 16 source, or 0
//! ```

use crate::arena::take;
use crate::embedded::keep_made;
use crate::layout::{KEY_NONE, KIND_BOOL, KIND_INT, KIND_LIST, KIND_MAP, KIND_STRING};
use crate::message::Text;
use crate::node::{copy_pair, field, set_field, set_word, word};
use crate::program::find_key;

const ENTRY: u32 = 20;

/// The entries of the record that is made.
static mut ENTRIES: u32 = 0;

fn entries() -> Text {
    // SAFETY: a guest has one thread.
    Text(unsafe { ENTRIES })
}

/// Begins a record that stands at `source`, if that is not 0. No other may be open.
pub fn begin(source: u32) {
    let text = Text::new().0;
    // SAFETY: see `entries`.
    unsafe { ENTRIES = text }
    add(KIND_MAP, KEY_NONE, 0, 0, source);
}

/// Adds a node; its address among the entries.
#[inline(never)]
fn add(kind: u32, key: u32, a: u32, b: u32, source: u32) -> u32 {
    let entry = take(ENTRY);
    set_word(entry, kind);
    set_field(entry, 4, key);
    set_field(entry, 8, a);
    set_field(entry, 12, b);
    set_field(entry, 16, source);
    let at = entries().len();
    entries().push_at(entry, ENTRY);
    at
}

fn count_member() {
    let root = entries().ptr();
    set_field(root, 8, field(root, 8) + 1);
}

/// The key with a name.
pub fn key(name: Text) -> u32 {
    find_key(name.ptr(), name.len())
}

/// Adds a text.
#[inline(never)]
pub fn text(key: u32, ptr: u32, len: u32, source: u32) {
    count_member();
    add(KIND_STRING, key, ptr, len, source);
}

/// Adds a whole number.
#[inline(never)]
pub fn whole(key: u32, value: i64, source: u32) {
    count_member();
    add(KIND_INT, key, value as u32, (value >> 32) as u32, source);
}

/// Adds a bool.
#[inline(never)]
pub fn flag(key: u32, value: bool, source: u32) {
    count_member();
    add(KIND_BOOL, key, u32::from(value), 0, source);
}

/// Begins a list of texts; what [`item`] takes.
#[inline(never)]
pub fn list(key: u32, source: u32) -> u32 {
    count_member();
    add(KIND_LIST, key, 0, 0, source)
}

/// Adds a text to a list after which nothing else was added.
#[inline(never)]
pub fn item(list: u32, ptr: u32, len: u32, source: u32) {
    let at = entries().ptr() + list;
    set_field(at, 8, field(at, 8) + 1);
    let key = field(at, 4);
    add(KIND_STRING, key, ptr, len, source);
}

/// The record.
#[inline(never)]
pub fn end() -> u32 {
    let count = entries().len() / ENTRY;
    let root = take(16 * count);
    let sources = take(4 * count);
    let mut nth = 0;
    while nth != count {
        let entry = entries().ptr() + ENTRY * nth;
        let node = root + 16 * nth;
        let extent = match word(entry) {
            KIND_MAP => count,
            KIND_LIST => 1 + field(entry, 8),
            _ => 1,
        };
        set_word(node, 16 * extent | word(entry));
        set_field(node, 4, field(entry, 4));
        copy_pair(node + 8, entry + 8);
        set_word(sources + 4 * nth, field(entry, 16));
        nth += 1;
    }
    keep_made(root, root + 16 * count, sources);
    root
}
