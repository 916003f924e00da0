//! The simple commands of a shell script, as far as words tell: no expansion, no control flow.
//!
//! Bytes from the script become those of the decoded words, one after the other, in room that is as long as the script.

mod ahead;

use ahead::{Ahead, Found, INNER, Sign, ends_word};

use super::{Items, is_packed, pack};
use crate::arena::take;
use crate::layout::{FIRST_ADDRESS, UNKNOWN_BUDGET};
use crate::made;
use crate::message::Text;
use crate::node::{byte, copy, field, first, second, set_field, set_word, word};
use crate::state::{origin, spend};
use crate::value::{part_node, string_node};

/// How deep substitutions are looked into.
const MAX_DEPTH: u32 = 8;
/// Bytes of a word: the part of the script that it is written as; address and length of its text.
const WORD: u32 = 12;

/// One script that is read.
struct Scan {
    at: u32,
    ahead: Ahead,
    /// Where the next byte of a word goes.
    to: u32,
    /// The words of the command at hand.
    words: Text,
    /// What joined the command at hand to the one before: the packed operator, or 0.
    after: u32,
    /// Whether a command of this script was read.
    has_command: bool,
    found: Found,
    /// Here documents that begin after this line; no text if there are none.
    here: Text,
    list: Items,
    /// The text that is read, if it has a place; else 0.
    source: u32,
    is_out: bool,
}

static mut SCAN: Scan = Scan {
    at: 0,
    ahead: Ahead { limit: 0 },
    to: 0,
    words: Text(0),
    after: 0,
    has_command: false,
    found: Found { inner: Text(0), gave_up: false },
    here: Text(0),
    list: Items(Text(0)),
    source: 0,
    is_out: false,
};

fn scan() -> &'static mut Scan {
    // SAFETY: a guest has one thread; the reference is used at once.
    unsafe { &mut *(&raw mut SCAN) }
}

/// `shell(text)`: the commands in the order in which they are written, those of substitutions after the script around
/// them.
#[unsafe(no_mangle)]
pub extern "C" fn fn_shell(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let list = Items::new();
    let state = scan();
    state.list = list;
    state.source = if origin(text) == 0 { 0 } else { text };
    state.is_out = false;
    let (script, len) = (first(text), second(text));
    read_script(script, script + len, script + len, MAX_DEPTH);
    if scan().is_out { UNKNOWN_BUDGET } else { list.end(true) }
}

fn read_script(from: u32, to: u32, limit: u32, levels: u32) {
    let words = Text::new();
    let inner = Text::new();
    let room = take(limit - from + 1);
    let state = scan();
    state.at = from;
    state.ahead = Ahead { limit };
    state.to = room;
    state.words = words;
    state.after = 0;
    state.has_command = false;
    state.found = Found { inner, gave_up: false };
    state.here = Text(0);
    while scan().at < to && !scan().is_out {
        let at = scan().at;
        let ahead = scan().ahead;
        match byte(at) {
            b' ' | b'\t' | b'\r' => scan().at += 1,
            b'\\' if ahead.joins_lines(at) => scan().at = ahead.after_escape(at),
            b'#' => scan().at = ahead.find(at, b'\n'),
            b'\n' | b';' | b'&' | b'|' | b'(' | b')' => operator(),
            b'<' | b'>' => redirection(),
            _ => read_word(),
        }
    }
    finish();
    if levels == 0 {
        return;
    }
    let mut nth = 0;
    while nth != inner.len() && !scan().is_out {
        let row = inner.ptr() + nth;
        read_script(word(row), field(row, 4), field(row, 8), levels - 1);
        nth += INNER;
    }
}

fn operator() {
    let (at, ahead) = (scan().at, scan().ahead);
    let (letter, second) = (byte(at), ahead.byte(at + 1));
    if letter == b'&' && second == b'>' {
        // A redirection of both streams.
        scan().at += if ahead.byte(at + 2) == b'>' { 3 } else { 2 };
        return;
    }
    let mut sign = u32::from(b';');
    let mut len = 1;
    if letter == b'&' || letter == b'|' {
        sign = u32::from(letter);
        if second == letter {
            sign |= sign << 8;
            len = 2;
        } else if letter == b'|' && second == b'&' {
            len = 2;
        }
    }
    finish();
    let state = scan();
    if state.is_out {
        return;
    }
    state.at += len;
    // A line end or a bracket after an operator changes nothing.
    if state.has_command && (sign != u32::from(b';') || state.after == 0) {
        state.after = sign;
    }
    if letter == b'\n' {
        let here = state.here;
        state.here = Text(0);
        state.at = ahead.after_here(state.at, here);
    }
}

/// Passes `2>&1`, `<<END`, and the `>` of `>file`, whose word is read as one of the command.
fn redirection() {
    let state = scan();
    let len = state.words.len();
    if len != 0 {
        let last = state.words.ptr() + len - WORD;
        let (mut digit, end) = (first(word(last)), end_of(last));
        while digit != end && byte(digit).is_ascii_digit() {
            digit += 1;
        }
        if end == state.at && digit == end {
            set_field(state.words.0, 4, len - WORD);
        }
    }
    let ahead = state.ahead;
    let (sign, len) = ahead.redirection(state.at);
    state.at += len;
    match sign {
        Sign::Copy => state.at = ahead.after_number(state.at),
        Sign::Here => state.at = ahead.here(state.at, &mut state.here),
        Sign::File => {}
    }
}

fn read_word() {
    let (from, start) = (scan().at, scan().to);
    while scan().at < scan().ahead.limit {
        let letter = byte(scan().at);
        match letter {
            _ if ends_word(letter) => break,
            b'\'' => single(),
            b'"' => double(),
            b'\\' => escape(),
            b'$' | b'`' => substitution(false),
            _ => written(scan().at + 1),
        }
    }
    let row = take(WORD);
    let state = scan();
    set_word(row, part(from, state.at));
    set_field(row, 4, start);
    set_field(row, 8, state.to - start);
    state.words.push_at(row, WORD);
}

/// What is written from one address of the script to another.
fn part(from: u32, to: u32) -> u32 {
    let source = scan().source;
    if source == 0 { string_node(from, to - from) } else { part_node(source, from, to - from) }
}

/// Where a word ends in the script.
fn end_of(row: u32) -> u32 {
    first(word(row)) + second(word(row))
}

/// Adds what is written up to `end`, as it is.
#[inline(never)]
fn written(end: u32) {
    let state = scan();
    let len = end - state.at;
    copy(state.to, state.at, len);
    state.to += len;
    state.at = end;
}

fn single() {
    scan().at += 1;
    let (at, ahead) = (scan().at, scan().ahead);
    written(ahead.find(at, b'\''));
    scan().at = ahead.after(at, b'\'');
}

fn double() {
    scan().at += 1;
    while scan().at < scan().ahead.limit {
        let at = scan().at;
        match byte(at) {
            b'"' => {
                scan().at += 1;
                return;
            }
            b'\\' if escapes_in_double(at) => escape(),
            b'$' | b'`' => substitution(true),
            _ => written(at + 1),
        }
    }
}

/// Whether the backslash that stands here escapes what follows between double quotes.
fn escapes_in_double(at: u32) -> bool {
    let ahead = scan().ahead;
    matches!(ahead.byte(at + 1), b'$' | b'`' | b'"' | b'\\') || ahead.joins_lines(at)
}

#[inline(never)]
fn escape() {
    let (at, ahead) = (scan().at, scan().ahead);
    if ahead.joins_lines(at) {
        scan().at = ahead.after_escape(at);
        return;
    }
    scan().at += 1;
    if scan().at < ahead.limit {
        written(at + 2);
    }
}

/// `$( … )` and the like, kept as they are in the word, and noted if they are scripts of their own.
#[inline(never)]
fn substitution(in_double: bool) {
    let state = scan();
    let at = state.at;
    let end = state.ahead.substitution(at, in_double, 0, &mut state.found);
    written(if end == 0 { at + 1 } else { end });
}

/// True for a word that begins or continues a construct, before a command.
fn is_reserved(row: u32) -> bool {
    let is = |text: (u64, u64)| is_packed(field(row, 4), field(row, 8), text.0, text.1);
    is(pack(b"if")) || is(pack(b"then")) || is(pack(b"else")) || is(pack(b"elif")) || is(pack(b"do"))
        || is(pack(b"while")) || is(pack(b"until")) || is(pack(b"!")) || is(pack(b"{")) || is(pack(b"time"))
}

/// True for a word after which nothing runs.
fn is_closing(row: u32) -> bool {
    let is = |text: (u64, u64)| is_packed(field(row, 4), field(row, 8), text.0, text.1);
    is(pack(b"fi")) || is(pack(b"done")) || is(pack(b"esac")) || is(pack(b"}"))
}

/// Ends the command at hand.
fn finish() {
    let words = scan().words;
    let mut at = words.ptr();
    let end = at + words.len();
    while at != end && is_reserved(at) {
        at += WORD;
    }
    set_field(words.0, 4, 0);
    if at == end || is_closing(at) {
        return;
    }
    if !spend(1 + (end - at) / WORD) {
        scan().is_out = true;
        return;
    }
    scan().has_command = true;
    let after = scan().after;
    scan().after = 0;
    let source = stand(part(first(word(at)), end_of(end - WORD)));
    made::begin(source);
    name(at, end);
    if after != 0 {
        let sign = take(4);
        set_word(sign, after);
        made::text(made::key(words!(b"after")), sign, if after > 0xFF { 2 } else { 1 }, source);
    }
    let list = made::list(made::key(words!(b"words")), source);
    while at != end {
        made::item(list, field(at, 4), field(at, 8), stand(word(at)));
        at += WORD;
    }
    scan().list.push(made::end());
}

/// Where what is made of a part of the script stands: there, if the script has a place.
fn stand(part: u32) -> u32 {
    if scan().source == 0 { 0 } else { part }
}

/// Adds the name of the program: the first word that is no setting, without folders.
fn name(start: u32, end: u32) {
    let mut at = start;
    while at != end && is_setting(at) {
        at += WORD;
    }
    if at == end {
        return;
    }
    let (mut from, to) = (field(at, 4), field(at, 4) + field(at, 8));
    let mut letter = from;
    while letter != to {
        letter += 1;
        if byte(letter - 1) == b'/' {
            from = letter;
        }
    }
    made::text(made::key(words!(b"name")), from, to - from, stand(word(at)));
}

/// True for `NAME=value`.
fn is_setting(row: u32) -> bool {
    let (start, end) = (field(row, 4), field(row, 4) + field(row, 8));
    let mut at = start;
    while at != end && (byte(at).is_ascii_alphanumeric() || byte(at) == b'_') {
        at += 1;
    }
    at != start && at != end && byte(at) == b'='
}
