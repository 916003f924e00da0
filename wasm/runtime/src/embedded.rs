//! Documents that texts of documents hold: read once an evaluation, and where their nodes are.
//!
//! A text that is a node, or that stands at one (a key, what base64 stands for), is the *source* of its document; nodes of
//! such a document are places inside it.
//!
//! ```text
//! table  0 rows in the order of their nodes: a text of words · 4 heads of chains
//! row    0 next of its chain · 4 root, or a code · 8 end of the nodes · 12 source, or 0 · 16 how: JSON or YAML, DECODED
//!        20 address of the text · 24 its length · 28 0: its nodes are places; else what `whereabouts` says of them
//! inside 0 how · 4 steps from the root u32 ptr, u32 count · 12 the same within that text, or 0
//! ```

use crate::arena::{take, take_zeros};
use crate::inventory::{file_of, is_foreign, is_here};
use crate::json_read::read_text;
use crate::layout::{
    EMBEDDED_DECODED, EMBEDDED_JSON, EMBEDDED_YAML, FIRST_ADDRESS, INNER_NODE, KEY_NONE, KIND_MAP, KIND_UNKNOWN,
    STEP_INDEX, STEP_KEY, STEP_SIZE, UNKNOWN_BUDGET, UNKNOWN_TEMPLATE, UNKNOWN_VALUE,
};
use crate::message::Text;
use crate::node::{after, byte, copy, field, first, key, kind, second, set_byte, set_field, set_word, towards, word};
use crate::path::push_steps;
use crate::program::differ;
use crate::results::depth;
use crate::state::{origin, spend, state};
use crate::value::present;
use crate::yaml::read_yaml;

/// Chains of rows; a power of two.
const CHAINS: u32 = 256;
const ROW_SIZE: u32 = 32;
/// Bytes after a text that is read, which are 0.
const MARGIN: u32 = 16;

/// How: no text at all, but a record that a function made; its source is the address of a word for each node.
const MADE: u32 = 4;

/// A node of no embedded document.
const NOWHERE: u32 = 1;
/// A node of a document in another object.
pub const ELSEWHERE: u32 = 2;
/// A node of a document in a text that was computed.
pub const COMPUTED: u32 = 3;

/// `parse_json(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_parse_json(text: u32) -> u32 {
    parse(text, EMBEDDED_JSON, |text, len, key| read_text(text, len, key))
}

/// `parse_yaml(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_parse_yaml(text: u32) -> u32 {
    parse(text, EMBEDDED_YAML, |text, len, key| {
        // What is JSON is read as such, as files are.
        let mut root = 0;
        if byte(skip_blanks(text)) | 0x20 == b'{' {
            let json = take(len + MARGIN);
            copy(json, text, len);
            root = read_text(json, len, key);
        }
        if root == 0 { read_yaml(text, len, key) } else { root }
    })
}

fn skip_blanks(start: u32) -> u32 {
    let mut at = start;
    while matches!(byte(at), b' ' | b'\t' | b'\n' | b'\r') {
        at += 1;
    }
    at
}

/// The document that a text holds, made by `read` from the address of a copy of the text, its length and the key of the
/// root.
#[inline(always)]
fn parse(text: u32, format: u32, read: impl Fn(u32, u32, u32) -> u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    if !spend(1) {
        return UNKNOWN_BUDGET;
    }
    let row = find_row(text, format);
    if field(row, 4) == 0 {
        let len = second(text);
        let copied = take(len + MARGIN);
        copy(copied, first(text), len);
        let mut nth = 0;
        while nth != MARGIN {
            set_byte(copied + len + nth, 0);
            nth += 1;
        }
        let source = field(row, 12);
        let root = read(copied, len, if source == 0 { KEY_NONE } else { key(source) });
        keep(row, root);
    }
    let value = field(row, 4);
    if value < FIRST_ADDRESS {
        return value;
    }
    if kind(value) == KIND_UNKNOWN { UNKNOWN_TEMPLATE } else { present(value) }
}

/// The row of a text, which is fresh if it has no root.
#[inline(never)]
fn find_row(text: u32, format: u32) -> u32 {
    let mut how = format;
    let mut source = origin(text);
    if source == 0 {
        if is_here(text) == 0 {
            source = text;
        } else if is_here(key(text)) == 0 {
            source = key(text);
        }
    }
    if source != text {
        how |= EMBEDDED_DECODED;
    }
    let (ptr, len) = (first(text), second(text));
    let head = table() + 4 + 4 * (((source >> 4) ^ len) & (CHAINS - 1));
    let mut row = word(head);
    while row != 0 {
        if field(row, 12) == source
            && field(row, 16) == how
            && differ(field(row, 20), field(row, 24), ptr, len) == 0
        {
            return row;
        }
        row = word(row);
    }
    let row = take_zeros(ROW_SIZE);
    set_word(row, word(head));
    set_field(row, 12, source);
    set_field(row, 16, how);
    set_field(row, 20, ptr);
    set_field(row, 24, len);
    if source == 0 {
        set_field(row, 28, COMPUTED);
    } else if is_here(source) == 0 {
        set_field(row, 28, ELSEWHERE);
    }
    set_word(head, row);
    row
}

/// Fills a row in: a root, or 0 for text that does not read. Its nodes cost a step each.
#[inline(never)]
fn keep(row: u32, root: u32) {
    if root == 0 {
        return set_field(row, 4, UNKNOWN_VALUE);
    }
    let end = after(root);
    if !spend((end - root) / 16) {
        return set_field(row, 4, UNKNOWN_BUDGET);
    }
    set_field(row, 4, root);
    set_field(row, 8, end);
    enter(row);
}

/// Keeps where the nodes of a record stand that a function made: a word for each node.
#[inline(never)]
pub fn keep_made(root: u32, end: u32, sources: u32) {
    let row = take_zeros(ROW_SIZE);
    set_field(row, 4, root);
    set_field(row, 8, end);
    set_field(row, 12, sources);
    set_field(row, 16, MADE);
    enter(row);
}

/// The table, which is made when it is first asked for.
fn table() -> u32 {
    if state().embedded == 0 {
        let rows = Text::new().0;
        let table = take_zeros(4 + 4 * CHAINS);
        set_word(table, rows);
        state().embedded = table;
    }
    state().embedded
}

/// Adds a row to those that are in order.
fn enter(row: u32) {
    let cell = take(4);
    set_word(cell, row);
    Text(word(table())).push_at(cell, 4);
}

/// Where a node of a record stands that a function made, or 0.
fn stand_of(row: u32, node: u32) -> u32 {
    word(field(row, 12) + (node - field(row, 4)) / 4)
}

/// The row of the embedded document that a node is of, or 0.
#[inline(never)]
fn row_of(node: u32) -> u32 {
    if state().embedded == 0 || node < FIRST_ADDRESS {
        return 0;
    }
    let rows = Text(word(state().embedded));
    let (mut low, mut high) = (0, rows.len() / 4);
    while low != high {
        let middle = (low + high) / 2;
        let row = word(rows.ptr() + 4 * middle);
        if node < field(row, 4) {
            high = middle;
        } else if node >= field(row, 8) {
            low = middle + 1;
        } else {
            return row;
        }
    }
    0
}

/// The node whose text holds the embedded document that a node is of, if that makes it a place; else [`NOWHERE`],
/// [`ELSEWHERE`] or [`COMPUTED`]. Code generation puts 1 in its place where a program reads no texts as documents.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn whereabouts(node: u32) -> u32 {
    let row = row_of(node);
    if row == 0 {
        NOWHERE
    } else if field(row, 16) == MADE {
        let stand = stand_of(row, node);
        if stand == 0 { COMPUTED } else { stand }
    } else if field(row, 28) != 0 {
        field(row, 28)
    } else {
        field(row, 12)
    }
}

/// The place that a node of an embedded document is, or that one stands at which a function made; 0 or 1 if there is
/// none. Code generation puts 1 in its place: see [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn place_of(node: u32) -> u32 {
    let row = row_of(node);
    if row == 0 || field(row, 28) != 0 {
        0
    } else if field(row, 16) == MADE {
        stand_of(row, node)
    } else {
        node
    }
}

/// 0 for a node of a record that a function made. Code generation puts 1 in its place: see [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn is_written(node: u32) -> u32 {
    let row = row_of(node);
    u32::from(row == 0 || field(row, 16) != MADE)
}

/// True if a node is another, or below it, also through texts.
pub fn is_within(node: u32, other: u32) -> bool {
    let mut at = node;
    while !(at >= other && at < after(other)) {
        at = whereabouts(at);
        if at < FIRST_ADDRESS {
            return false;
        }
    }
    true
}

/// Steps from the root of the object to a node of an embedded document, and 2; 1 if it is none that is a place. Code
/// generation puts 1 in its place: see [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn depth_inside(node: u32) -> u32 {
    let source = whereabouts(node);
    if source < FIRST_ADDRESS {
        // A node of a text file that is a place.
        return if is_foreign(node) == 0 { steps_to(file_of(node), node, Text::new()) + 2 } else { 1 };
    }
    depth(source) as u32 + steps_to(field(row_of(node), 4), node, Text::new()) + 2
}

/// Adds the steps from a root to a node of its document; their number.
fn steps_to(root: u32, node: u32, steps: Text) -> u32 {
    let mut at = root;
    let mut count = 0;
    while at != node {
        let is_map = kind(at) == KIND_MAP;
        let index;
        (at, index) = towards(at, node);
        let step = take(STEP_SIZE);
        set_word(step, if is_map { STEP_KEY } else { STEP_INDEX });
        set_field(step, 4, if is_map { key(at) } else { index });
        set_field(step, 8, 0);
        steps.push_at(step, STEP_SIZE);
        count += 1;
    }
    count
}

/// Writes a place at a node of an embedded document, but for its tail: the node of the document whose text holds it, and
/// what is inside. 1 if the node is of none. Code generation puts 1 in its place: see [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn write_inside(to: u32, node: u32) -> u32 {
    let mut at = node;
    let mut inside = 0;
    loop {
        let row = row_of(at);
        if row == 0 || field(row, 28) == COMPUTED || field(row, 16) == MADE {
            break;
        }
        let steps = Text::new();
        let count = steps_to(field(row, 4), at, steps);
        let within = take(16);
        set_word(within, field(row, 16));
        set_field(within, 4, steps.ptr());
        set_field(within, 8, count);
        set_field(within, 12, inside);
        inside = within;
        at = field(row, 12);
    }
    if inside == 0 {
        return 1;
    }
    set_word(to, at);
    set_field(to, 12, INNER_NODE);
    set_field(to, 16, inside);
    set_field(to, 20, node);
    0
}

/// Adds what is inside of a text to the path of the text. Code generation puts 1 in its place: see [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn push_inside(out: u32, place: u32) -> u32 {
    let mut inside = field(place, 16);
    while inside != 0 {
        say!(Text(out), b" -> ");
        let part = Text::new();
        let (steps, count) = (field(inside, 4), field(inside, 8));
        inside = field(inside, 12);
        let (tail, n_missing) = if inside == 0 { (field(place, 4), field(place, 8)) } else { (0, 0) };
        let first = if count == 0 { tail } else { steps };
        if count + n_missing == 0 || word(first) != STEP_KEY {
            part.push_byte(b'$');
        }
        push_steps(part, steps, count);
        push_steps(part, tail, n_missing);
        Text(out).push_at(part.ptr(), part.len());
    }
    0
}
