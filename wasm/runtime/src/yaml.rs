//! From YAML to the tape that a host would write of it: block and flow collections, scalars of every style, anchors,
//! aliases, merge keys and the tags of YAML itself. Values mean what they mean in manifests: `scalar` has the rules.
//!
//! One document. Keys that are no scalars, aliases and anchors of keys, lists of single pairs (`[a: b]`) and other
//! directives than the version do not read.
//!
//! As in `json_read`, the text ends in bytes 0; what finds a fault records it and goes on at that end. Nodes are written
//! one after the other in room that is bounded by the indicators of the text. Where there are anchors or merge keys a
//! second tape is made of the first (`compose`).

mod compose;
mod flow;
mod scalar;

use crate::arena::take;
use crate::json_keys::drop_repeated;
use crate::layout::{KEY_NONE, KIND_LIST, KIND_MAP, KIND_NULL, MAX_DEPTH};
use crate::node::{byte, byte_field, kind, set_byte, set_field, set_word, word};
use crate::program::find_key;

use scalar::{Style, block_scalar, plain_end, quoted_end, write_null, write_scalar};

/// Kind of an alias in the first tape: its first payload word is the address of what it stands for.
const KIND_ALIAS: u32 = 10;
/// Key of a merge in the first tape.
const KEY_MERGE: u32 = KEY_NONE - 1;

/// What one reading has reached.
struct Reading {
    /// Where the next node goes.
    node: u32,
    /// Where the next decoded text goes.
    text: u32,
    /// The beginning of the text, and its end.
    start: u32,
    end: u32,
    /// Something does not read.
    is_wrong: bool,
    /// There are anchors or merges.
    is_linked: bool,
    /// The last anchor: `{anchor before it, name, length, node}`.
    anchors: u32,
    /// The tag of the node that comes next: 0 none, else a number of `scalar`.
    tag: u32,
    /// Where the last plain or quoted scalar was written, and its length.
    ptr: u32,
    len: u32,
    /// The lowest column that lines of the scalar at hand may have.
    least: i32,
}

static mut READING: Reading = Reading {
    node: 0,
    text: 0,
    start: 0,
    end: 0,
    is_wrong: false,
    is_linked: false,
    anchors: 0,
    tag: 0,
    ptr: 0,
    len: 0,
    least: 0,
};

fn reading() -> &'static mut Reading {
    // SAFETY: a guest has one thread; the reference is used at once.
    unsafe { &mut *(&raw mut READING) }
}

/// The root of what a text says, with a key; 0 if it does not read. Bytes after the text are 0.
pub fn read_yaml(text: u32, len: u32, key: u32) -> u32 {
    let mut indicators = 2;
    let (mut from, mut to) = (text, text);
    // Lines end in LF from here on; other control characters stand in no text.
    while from != text + len {
        let mut letter = byte(from);
        from += 1;
        if letter == b'\r' {
            from += u32::from(byte(from) == b'\n');
            letter = b'\n';
        }
        if letter < b' ' && letter != b'\n' && letter != b'\t' || letter == 0x7F || is_control(letter, from) {
            return 0;
        }
        indicators += match letter {
            b':' | b'-' => 2,
            b',' | b'[' | b'{' => 1,
            _ => 0,
        };
        set_byte(to, letter);
        to += 1;
    }
    let end = to;
    while to != from {
        set_byte(to, 0);
        to += 1;
    }
    let root = take(16 * indicators);
    let state = reading();
    state.node = root;
    // An escape of two letters stands for three bytes at most.
    state.text = take(len + len / 2 + 16);
    state.start = text;
    state.end = end;
    state.is_wrong = false;
    state.is_linked = false;
    state.anchors = 0;
    state.tag = 0;
    let at = prologue(if word(text) & 0xFF_FFFF == 0xBF_BBEF { text + 3 } else { text });
    let at = epilogue(node(at, -1, key, MAX_DEPTH, false));
    let state = reading();
    if state.is_wrong || at != state.end {
        0
    } else if state.is_linked {
        compose::compose(root)
    } else {
        root
    }
}

/// True for the first byte of a character that YAML has nowhere: U+0080 to U+009F, U+FFFE and U+FFFF.
fn is_control(letter: u8, more: u32) -> bool {
    let second = byte(more);
    letter == 0xC2 && second < 0xA0 || letter == 0xEF && second == 0xBF && byte_field(more, 1) >= 0xBE
}

/// Goes past what stands before a document: a directive of the version, and its mark.
fn prologue(start: u32) -> u32 {
    reading().start = start;
    let mut at = next(start);
    while byte(at) == b'%' && column(at) == 0 {
        if word(at) != u32::from_le_bytes(*b"%YAM") {
            return fail();
        }
        at = next(line_end(at));
        if !is_mark(at, b'-') && byte(at) != b'%' {
            return fail();
        }
    }
    // Documents without anything in them are passed over.
    while is_mark(at, b'-') && is_mark(next(at + 3), b'-') {
        at = next(at + 3);
    }
    if is_mark(at, b'-') { at + 3 } else { at }
}

/// Goes past what may stand after a document; not past another one.
fn epilogue(start: u32) -> u32 {
    let mut at = next(start);
    // A mark without a document after it begins none.
    while is_mark(at, b'.') || is_mark(at, b'-') {
        at = next(at + 3);
    }
    at
}

/// Something does not read: goes on at the end.
#[inline(never)]
fn fail() -> u32 {
    let state = reading();
    state.is_wrong = true;
    state.end
}

fn is_blank(letter: u8) -> bool {
    letter == b' ' || letter == b'\t'
}

/// True for what may follow an indicator: a blank, a line end, the end.
fn is_gap(letter: u8) -> bool {
    is_blank(letter) || letter == b'\n' || letter == 0
}

#[inline(never)]
fn line_end(start: u32) -> u32 {
    let mut at = start;
    while byte(at) != b'\n' && byte(at) != 0 {
        at += 1;
    }
    at
}

#[inline(never)]
fn skip_blanks(start: u32) -> u32 {
    let mut at = start;
    while is_blank(byte(at)) {
        at += 1;
    }
    at
}

/// Goes past blanks, line ends and comments.
#[inline(never)]
fn next(start: u32) -> u32 {
    let mut at = start;
    loop {
        at = skip_blanks(at);
        let letter = byte(at);
        if letter == b'#' && (at == reading().start || is_gap(byte(at - 1))) {
            at = line_end(at);
        } else if letter == b'\n' {
            at += 1;
        } else {
            return at;
        }
    }
}

/// Bytes between the beginning of the line and an address.
#[inline(never)]
fn column(at: u32) -> i32 {
    let mut line = at;
    while line != reading().start && byte(line - 1) != b'\n' {
        line -= 1;
    }
    (at - line) as i32
}

/// True if nothing but spaces stands before an address in its line.
#[inline(never)]
fn is_fresh(at: u32) -> bool {
    let mut line = at;
    while line != reading().start && byte(line - 1) == b' ' {
        line -= 1;
    }
    line == reading().start || byte(line - 1) == b'\n'
}

/// True for `---` or `...` by itself at the beginning of a line.
#[inline(never)]
fn is_mark(at: u32, letter: u8) -> bool {
    let is_three = byte(at) == letter && byte_field(at, 1) == letter && byte_field(at, 2) == letter;
    is_three && is_gap(byte_field(at, 3)) && column(at) == 0
}

/// True where a document ends.
fn is_end(at: u32) -> bool {
    byte(at) == 0 || is_mark(at, b'-') || is_mark(at, b'.')
}

/// True for the dash of an element.
fn is_dash(at: u32) -> bool {
    byte(at) == b'-' && is_gap(byte_field(at, 1))
}

/// Begins a node: its address.
#[inline(never)]
fn begin(key: u32) -> u32 {
    let node = reading().node;
    reading().node = node + 16;
    set_field(node, 4, key);
    node
}

/// Ends a collection of so many elements, of which some are null.
#[inline(never)]
fn end_collection(node: u32, kind: u32, count: u32, n_nulls: u32) {
    let extent = reading().node - node;
    set_word(node, extent | kind);
    set_field(node, 8, if kind == KIND_MAP { count - n_nulls } else { count });
    set_field(node, 12, 0);
    // Where there are anchors nothing may move.
    if kind == KIND_MAP && count > 1 && !reading().is_linked {
        reading().node = drop_repeated(node, count);
    }
}

/// Takes the anchors and tags of the node that comes next; goes to what comes after them.
fn properties(start: u32) -> u32 {
    let mut at = start;
    loop {
        let letter = byte(at);
        if letter == b'&' {
            let name = at + 1;
            at = name_end(name);
            let anchor = take(16);
            let state = reading();
            state.is_linked = true;
            set_word(anchor, state.anchors);
            set_field(anchor, 4, name);
            set_field(anchor, 8, at - name);
            set_field(anchor, 12, state.node);
            state.anchors = anchor;
            if at == name {
                return fail();
            }
        } else if letter == b'!' {
            let name = at;
            at = name_end(at);
            reading().tag = scalar::tag(name, at - name);
        } else {
            return at;
        }
        if !is_gap(byte(at)) {
            return fail();
        }
        at = next(at);
    }
}

/// The end of the name of an anchor, alias or tag.
#[inline(never)]
fn name_end(start: u32) -> u32 {
    let mut at = start;
    while !is_gap(byte(at)) && !matches!(byte(at), b',' | b'[' | b']' | b'{' | b'}') {
        at += 1;
    }
    at
}

/// Writes the alias of the last anchor with its name; goes past it.
fn alias(start: u32, key: u32) -> u32 {
    let at = name_end(start + 1);
    let mut anchor = reading().anchors;
    while anchor != 0 {
        if crate::program::differ(word(anchor + 4), word(anchor + 8), start + 1, at - start - 1) == 0 {
            break;
        }
        anchor = word(anchor);
    }
    // What contains itself has no extent yet.
    if anchor == 0 || reading().tag != 0 || word(word(anchor + 12)) == 0 {
        return fail();
    }
    let node = begin(key);
    set_word(node, 16 | KIND_ALIAS);
    set_field(node, 8, word(anchor + 12));
    set_field(node, 12, 0);
    at
}

/// Reads the node that begins after `start`, which belongs to a collection at the column `parent`; goes past it. A member
/// may have a list at that column.
fn node(start: u32, parent: i32, key: u32, levels: u32, is_member: bool) -> u32 {
    if reading().is_wrong {
        return reading().end;
    }
    if levels == 0 {
        return fail();
    }
    // Of a node that is open the extent is not known.
    set_word(reading().node, 0);
    let first = next(start);
    let mut at = first;
    if belongs(at, parent, is_member) && matches!(byte(at), b'&' | b'!') {
        at = properties(at);
    }
    if !belongs(at, parent, is_member) {
        write_null(key);
        return at;
    }
    let is_alone = is_fresh(at);
    let letter = byte(at);
    // Tabs do not indent, and what stands at a column of its own is not after a key.
    let may_open = is_alone || !is_member && parent >= 0 && is_opened(at);
    if is_dash(at) {
        if !may_open {
            return fail();
        }
        return list(at, column(at), key, levels);
    }
    reading().least = parent + 1;
    if letter == b'|' || letter == b'>' {
        return block_scalar(at, parent, key);
    }
    if letter == b'*' {
        let end = alias(at, key);
        return after_value(end);
    }
    if letter == b'[' || letter == b'{' {
        reading().tag = 0;
        let end = flow::collection(at, key, levels);
        return after_value(end);
    }
    if matches!(letter, b'%' | b'@' | b'`' | b']' | b'}' | b',') || letter == b'?' && is_gap(byte_field(at, 1)) {
        return fail();
    }
    if key_end(at) != 0 {
        // An anchor in the line of a key is the key's.
        if !may_open || at != first && !is_alone {
            return fail();
        }
        return map(at, column(at), key, levels);
    }
    let end = write_scalar(at, key, false);
    after_value(end)
}

/// True for what stands after dashes in its line, or after the mark of a document.
fn is_opened(at: u32) -> bool {
    let mut line = at;
    while line != reading().start && matches!(byte(line - 1), b' ' | b'-') {
        line -= 1;
    }
    line == reading().start || byte(line - 1) == b'\n'
}

/// After a value comes the end of its line, or what closes a flow collection around.
fn after_value(start: u32) -> u32 {
    let at = skip_blanks(start);
    if byte(at) == b'#' && at != start || byte(at) == b'\n' || byte(at) == 0 { at } else { fail() }
}

/// True if what stands at an address is of a collection at the column `parent`.
#[inline(never)]
fn belongs(at: u32, parent: i32, is_member: bool) -> bool {
    if is_end(at) {
        return false;
    }
    if !is_fresh(at) {
        // A tab before it: not in the beginning of a line.
        let mut line = at;
        while line != reading().start && is_blank(byte(line - 1)) {
            line -= 1;
        }
        if line == reading().start || byte(line - 1) == b'\n' {
            fail();
        }
        return true;
    }
    let column = column(at);
    column > parent || is_member && column == parent && is_dash(at)
}

fn list(start: u32, column_of: i32, key: u32, levels: u32) -> u32 {
    let node = begin(key);
    reading().tag = 0;
    let mut count = 0;
    let mut at = start;
    while !reading().is_wrong && !is_end(at) && is_dash(at) && column(at) == column_of {
        at = next(self::node(at + 1, column_of, key, levels - 1, false));
        count += 1;
        if !is_end(at) && !is_fresh(at) {
            return fail();
        }
    }
    if !is_end(at) && column(at) > column_of {
        return fail();
    }
    end_collection(node, KIND_LIST, count, 0);
    at
}

fn map(start: u32, column_of: i32, key: u32, levels: u32) -> u32 {
    let node = begin(key);
    set_word(node, 0);
    reading().tag = 0;
    let (mut count, mut n_nulls) = (0, 0);
    let mut at = start;
    while !reading().is_wrong && !is_end(at) && column(at) == column_of && !is_dash(at) {
        let colon = key_end(at);
        if colon == 0 {
            return fail();
        }
        let name = key_of(at, colon);
        let child = reading().node;
        at = next(self::node(colon + 1, column_of, name, levels - 1, true));
        count += 1;
        n_nulls += u32::from(kind(child) == KIND_NULL);
        if !is_end(at) && !is_fresh(at) {
            return fail();
        }
    }
    if !is_end(at) && column(at) >= column_of {
        return fail();
    }
    end_collection(node, KIND_MAP, count, n_nulls);
    at
}

/// The colon after a key that begins at an address, in its line; 0 if there is none.
#[inline(never)]
fn key_end(start: u32) -> u32 {
    let letter = byte(start);
    let mut at = if letter == b'"' || letter == b'\'' {
        let end = quoted_end(start);
        if line_end(start) < end {
            return 0;
        }
        end
    } else {
        plain_end(start, false)
    };
    at = skip_blanks(at);
    if byte(at) == b':' && is_gap(byte_field(at, 1)) { at } else { 0 }
}

/// The key that stands before a colon.
#[inline(never)]
fn key_of(start: u32, colon: u32) -> u32 {
    let letter = byte(start);
    if start == colon || matches!(letter, b'*' | b'&' | b'!' | b'[' | b'{' | b'|' | b'>' | b'%' | b'@' | b'`') {
        fail();
        return KEY_NONE;
    }
    let mut end = colon;
    while is_blank(byte(end - 1)) {
        end -= 1;
    }
    if letter == b'"' || letter == b'\'' {
        scalar::decode(start, end, if letter == b'"' { Style::Double } else { Style::Single });
        return find_key(reading().ptr, reading().len);
    }
    named(start, end)
}

/// The key that a plain scalar is.
#[inline(never)]
fn named(start: u32, end: u32) -> u32 {
    if end - start == 2 && word(start) & 0xFFFF == u32::from_le_bytes(*b"<<\0\0") {
        reading().is_linked = true;
        return KEY_MERGE;
    }
    scalar::plain_key(start, end - start)
}
