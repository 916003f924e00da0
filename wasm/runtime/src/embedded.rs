//! What is inside of texts of documents: the documents that they hold, read once an evaluation, and parts of them.
//!
//! A text that is a node, or that stands at one (a key, what base64 stands for), is the *source* of its document; nodes of
//! such a document are places inside it. So is a part of a text, a string node whose key is the address of the text and
//! whose bytes are among that text's: of those that are none of them it has the place.
//!
//! ```text
//! table  0 rows in the order of their nodes: a text of words · 4 heads of chains · then the first place written, or 0
//! row    0 next of its chain · 4 root, or a code · 8 end of the nodes · 12 source, or 0 · 16 how: JSON or YAML, DECODED
//!        20 address of the text · 24 its length, of flags their words and what they are read as · 28 0: its nodes are places; else what `whereabouts` says of them
//!        32 start and end of the text in that of its source; the end 0: all of it
//! inside 0 how · 4 steps from the root u32 ptr, u32 count · 12 the same within that text, or 0 · 16 start, end of a range
//! place  0 next · 4 node · 8 inside
//! ```

use crate::arena::{take, take_zeros};
use crate::inventory::{file_of, is_foreign, is_here};
use crate::json_read::read_text;
use crate::layout::{
    EMBEDDED_DECODED, EMBEDDED_JSON, EMBEDDED_PART, EMBEDDED_RANGE, EMBEDDED_YAML, FIRST_ADDRESS, INNER_NODE,
    INNER_RANGE, KEY_NONE, KIND_MAP, KIND_STRING, KIND_UNKNOWN, STEP_INDEX, STEP_KEY, STEP_SIZE, UNKNOWN_BUDGET, UNKNOWN_TEMPLATE,
    UNKNOWN_VALUE,
};
use crate::message::Text;
use crate::node::{after, byte, copy, field, first, key, kind, second, set_byte, set_field, set_word, towards, word};
use crate::path::push_steps;
use crate::program::{differ, heap};
use crate::results::depth;
use crate::state::{is_located, origin, spend, state};
use crate::value::present;
use crate::yaml::read_yaml;

/// Chains of rows; a power of two.
const CHAINS: u32 = 256;
const ROW_SIZE: u32 = 40;
const INSIDE_SIZE: u32 = 24;
/// Bytes after a text that is read, which are 0.
const MARGIN: u32 = 16;

/// How: no text at all, but a record that a function made; its source is the address of a word for each node.
const MADE: u32 = 1 << 16;

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
        source = text;
        while source != 0 && is_here(source) != 0 {
            source = made_of(source);
        }
    }
    if source != text {
        how |= EMBEDDED_DECODED;
    }
    let (ptr, len) = (first(text), second(text));
    let (source, start, end) = stretch(source);
    let head = table() + 4 + 4 * (((source >> 4) ^ len) & (CHAINS - 1));
    let mut row = word(head);
    while row != 0 {
        if field(row, 12) == source
            && field(row, 16) == how
            && field(row, 32) == start
            && field(row, 36) == end
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
    set_field(row, 32, start);
    set_field(row, 36, end);
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

/// Keeps of which words a record of flags was made, and what they are read as.
pub fn keep_words(root: u32, words: u32, shapes: u32) {
    let row = row_of(root);
    set_field(row, 20, words);
    set_field(row, 24, shapes);
}

/// The words of which a record of flags was made, and what they are read as; 0 of anything else.
pub fn words_of(root: u32) -> (u32, u32) {
    let row = row_of(root);
    if row == 0 || field(row, 16) != MADE || field(row, 4) != root { (0, 0) } else { (field(row, 20), field(row, 24)) }
}

/// The root of the document that a place is a node of.
pub fn root_of(node: u32) -> u32 {
    let row = row_of(node);
    if row == 0 { state().object } else { field(row, 4) }
}

/// The table, which is made when it is first asked for.
fn table() -> u32 {
    if state().embedded == 0 {
        let rows = Text::new().0;
        let table = take_zeros(8 + 4 * CHAINS);
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

/// The text that a text was made of, or the node at which it stands; 0 of a node of a document, and of a text that does
/// not know.
fn made_of(text: u32) -> u32 {
    let from = if text < FIRST_ADDRESS { 0 } else { key(text) };
    // Symbols are below all that is made, addresses of texts have a bit that no address of a node has.
    if from >= heap() && from < KEY_NONE { from } else { 0 }
}

/// True if a text that was made of another has bytes, and they are among that text's.
fn is_cut(part: u32, text: u32) -> bool {
    let (start, end) = (first(text), first(text) + second(text));
    kind(text) == KIND_STRING && second(part) != 0 && first(part) >= start && first(part) + second(part) <= end
}

/// Of a part of a text, if it is a place inside of it, the node of a document whose text that is; else 0. Code generation
/// puts 1 in its place: see [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn text_around(node: u32) -> u32 {
    if is_located(node) || row_of(node) != 0 {
        return 0;
    }
    let from = made_of(node);
    if from == 0 || !is_cut(node, from) || origin(from) != from && is_here(from) != 0 {
        return 0;
    }
    let around = text_around(from);
    if around == 0 { from } else { around }
}

/// The node of a document whose text a place is a stretch of, and from where to where; the end is 0 of every other place,
/// which is the node itself.
fn stretch(node: u32) -> (u32, u32, u32) {
    let around = text_around(node);
    if around == 0 {
        return (node, 0, 0);
    }
    let start = first(node) - first(around);
    (around, start, start + second(node))
}

/// 1 if two places are one, or the same part of one text.
#[inline(never)]
pub fn is_same_part(a: u32, b: u32) -> u32 {
    let around = text_around(a) & !1;
    let is_part = around != 0 && around == text_around(b) && first(a) == first(b) && second(a) == second(b);
    u32::from(a == b || is_part)
}

/// The node whose text holds the embedded document that a node is of, or that a part is of, if that makes it a place; else
/// [`NOWHERE`], [`ELSEWHERE`] or [`COMPUTED`]. Code generation puts 1 in its place where a program reads no texts as
/// documents, and makes no parts of any.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn whereabouts(node: u32) -> u32 {
    let row = row_of(node);
    if row == 0 {
        let around = text_around(node);
        if around == 0 {
            NOWHERE
        } else if is_here(around) == 0 {
            ELSEWHERE
        } else {
            around
        }
    } else if field(row, 16) == MADE {
        let stand = origin(stand_of(row, node));
        if stand == 0 { COMPUTED } else { stand }
    } else if field(row, 28) != 0 {
        field(row, 28)
    } else {
        field(row, 12)
    }
}

/// The place that a node of an embedded document is, that one stands at which a function made, or that a text made of
/// another is or stands at; 0 or 1 if there is none. Code generation puts 1 in its place: see [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn place_of(node: u32) -> u32 {
    let row = row_of(node);
    if row == 0 {
        let from = made_of(node);
        let place = if from == 0 { 0 } else { origin(from) };
        if place == from && place != 0 && is_cut(node, from) { node } else { place }
    } else if field(row, 28) != 0 {
        0
    } else if field(row, 16) == MADE {
        origin(stand_of(row, node))
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
    node >= other && node < after(other) || is_apart(node, other) == 0
}

/// 0 if a node is within another through texts, or inside of one. Code generation puts 1 in its place: see
/// [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn is_apart(node: u32, other: u32) -> u32 {
    let (text, start, end) = stretch(other);
    let (mut at, mut from, mut to) = stretch(node);
    loop {
        let is_in = if end == 0 {
            at >= text && at < after(text)
        } else {
            at == text && to != 0 && from >= start && to <= end
        };
        if is_in {
            return 0;
        }
        let row = row_of(at);
        if row == 0 || field(row, 28) == COMPUTED {
            return 1;
        }
        (at, from, to) = if field(row, 16) == MADE {
            stretch(origin(stand_of(row, at)))
        } else {
            (field(row, 12), field(row, 32), field(row, 36))
        };
        if at == 0 {
            return 1;
        }
    }
}

/// Steps from the root of the object to a node of an embedded document or to a part of a text, and 2; 1 if it is none that
/// is a place. Code generation puts 1 in its place: see [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn depth_inside(node: u32) -> u32 {
    let source = whereabouts(node);
    if source < FIRST_ADDRESS {
        // A node of a text file that is a place.
        return if is_foreign(node) == 0 { steps_to(file_of(node), node, Text::new()) + 2 } else { 1 };
    }
    let row = row_of(node);
    let steps = if row == 0 {
        1
    } else {
        u32::from(field(row, 36) != 0) + steps_to(field(row, 4), node, Text::new())
    };
    depth(source) as u32 + steps + 2
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

/// Writes a place at a node of an embedded document or at a part of a text, but for its tail: the node of the document
/// whose text holds it, and what is inside. 1 if the node is neither. Code generation puts 1 in its place: see
/// [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn write_inside(to: u32, node: u32) -> u32 {
    let (mut at, start, end) = stretch(node);
    let mut inside = if end == 0 { 0 } else { within(EMBEDDED_RANGE, 0, (start, end)) };
    let part = inside;
    loop {
        let row = row_of(at);
        if row == 0 || field(row, 28) == COMPUTED || field(row, 16) == MADE {
            break;
        }
        let range = (field(row, 32), field(row, 36));
        let how = field(row, 16) | if range.1 == 0 { 0 } else { EMBEDDED_PART };
        inside = within(how, inside, range);
        let steps = Text::new();
        set_field(inside, 8, steps_to(field(row, 4), at, steps));
        set_field(inside, 4, steps.ptr());
        at = field(row, 12);
    }
    if inside == 0 {
        return 1;
    }
    set_word(to, at);
    if inside == part {
        set_field(to, 12, INNER_RANGE);
        set_field(to, 16, start);
        set_field(to, 20, end);
        return 0;
    }
    // Places are compared by what they say of what is inside.
    let mut known = table() + 4 + 4 * CHAINS;
    while word(known) != 0 && is_same_part(field(word(known), 4), node) == 0 {
        known = word(known);
    }
    if word(known) == 0 {
        let place = take_zeros(16);
        set_field(place, 4, node);
        set_field(place, 8, inside);
        set_word(known, place);
    }
    set_field(to, 12, INNER_NODE);
    set_field(to, 16, field(word(known), 8));
    set_field(to, 20, field(word(known), 4));
    0
}

/// A record of what is inside of a text, without steps.
fn within(how: u32, next: u32, (start, end): (u32, u32)) -> u32 {
    let inside = take_zeros(INSIDE_SIZE);
    set_word(inside, how);
    set_field(inside, 12, next);
    set_field(inside, 16, start);
    set_field(inside, 20, end);
    inside
}

/// Adds what is inside of a text to the path of the text. Code generation puts 1 in its place: see [`whereabouts`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn push_inside(out: u32, place: u32) -> u32 {
    let mut inside = if field(place, 12) == INNER_NODE { field(place, 16) } else { 0 };
    while inside != 0 && word(inside) != EMBEDDED_RANGE {
        say!(Text(out), b" -> ");
        let part = Text::new();
        let (steps, count) = (field(inside, 4), field(inside, 8));
        inside = field(inside, 12);
        let is_last = inside == 0 || word(inside) == EMBEDDED_RANGE;
        let (tail, n_missing) = if is_last { (field(place, 4), field(place, 8)) } else { (0, 0) };
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
