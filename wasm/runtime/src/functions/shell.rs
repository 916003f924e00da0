//! The simple commands of a shell script, as far as words tell: no expansion, no control flow.
//!
//! Bytes from the script become those of the decoded words, one after the other, in room that is as long as the script.

use super::{Items, is_packed, pack};
use crate::arena::take;
use crate::layout::{FIRST_ADDRESS, UNKNOWN_BUDGET};
use crate::made;
use crate::message::Text;
use crate::node::{byte, byte_field, copy, field, first, second, set_byte, set_field, set_word, word};
use crate::state::{origin, spend};

/// How deep substitutions are looked into.
const MAX_DEPTH: u32 = 8;
/// Bytes of a word: where it ends in the script; address and length of its text.
const WORD: u32 = 12;

/// One script that is read.
struct Scan {
    at: u32,
    end: u32,
    /// Where the next byte of a word goes.
    to: u32,
    /// The words of the command at hand, and scripts in words that are yet to be read: beginning and end.
    words: Text,
    inner: Text,
    /// What joined the command at hand to the one before: the packed operator, or 0.
    after: u32,
    /// A bracket does not close, and no other one is looked for.
    gave_up: bool,
    list: Items,
    source: u32,
    is_out: bool,
}

static mut SCAN: Scan = Scan {
    at: 0,
    end: 0,
    to: 0,
    words: Text(0),
    inner: Text(0),
    after: 0,
    gave_up: false,
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
    state.source = origin(text);
    state.is_out = false;
    // What is looked for after the end must not be there.
    let len = second(text);
    let script = take(len + 4);
    copy(script, first(text), len);
    set_word(script + len, 0);
    read_script(script, script + len, MAX_DEPTH);
    if scan().is_out { UNKNOWN_BUDGET } else { list.end(true) }
}

fn read_script(from: u32, to: u32, levels: u32) {
    let words = Text::new();
    let inner = Text::new();
    let room = take(to - from + 1);
    let state = scan();
    state.at = from;
    state.end = to;
    state.to = room;
    state.words = words;
    state.inner = inner;
    state.after = 0;
    state.gave_up = false;
    while scan().at < scan().end {
        let at = scan().at;
        match byte(at) {
            b' ' | b'\t' | b'\r' => scan().at += 1,
            b'\\' if ends_line(at) => escape(),
            b'#' => skip_comment(),
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
        let (start, end) = (word(inner.ptr() + nth), field(inner.ptr() + nth, 4));
        read_script(start, end, levels - 1);
        nth += 8;
    }
}

/// True if an escape is the last of its line.
fn ends_line(at: u32) -> bool {
    let next = at + 1;
    next < scan().end && (byte(next) == b'\n' || byte(next) == b'\r' && next + 1 < scan().end && byte(next + 1) == b'\n')
}

fn skip_comment() {
    let state = scan();
    while state.at < state.end && byte(state.at) != b'\n' {
        state.at += 1;
    }
}

fn operator() {
    let at = scan().at;
    let (letter, second) = (byte(at), if at + 1 < scan().end { byte(at + 1) } else { 0 });
    if letter == b'&' && second == b'>' {
        // A redirection of both streams.
        scan().at += 1;
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
    state.at += len;
    // A line end or a bracket after an operator changes nothing.
    let is_first = state.after == 0 && state.list.0.len() == 0;
    if sign != u32::from(b';') || state.after == 0 && !is_first {
        state.after = sign;
    }
}

/// Passes `2>&1` and the `>` of `>file`, whose word is read as one of the command.
fn redirection() {
    let state = scan();
    let len = state.words.len();
    if len != 0 {
        let last = state.words.ptr() + len - WORD;
        let (mut digit, end) = (field(last, 4), field(last, 4) + field(last, 8));
        while digit != end && byte(digit).is_ascii_digit() {
            digit += 1;
        }
        if word(last) == state.at && digit == end {
            set_field(state.words.0, 4, len - WORD);
        }
    }
    let mut is_copy = false;
    while state.at < state.end && matches!(byte(state.at), b'<' | b'>' | b'&') {
        is_copy = byte(state.at) == b'&';
        state.at += 1;
    }
    while is_copy && state.at < state.end && (byte(state.at).is_ascii_digit() || byte(state.at) == b'-') {
        state.at += 1;
    }
}

fn put(letter: u8) {
    let state = scan();
    set_byte(state.to, letter);
    state.to += 1;
}

fn read_word() {
    let start = scan().to;
    while scan().at < scan().end {
        let letter = byte(scan().at);
        match letter {
            b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => break,
            b'\'' => single(),
            b'"' => double(),
            b'\\' => escape(),
            b'$' | b'`' => substitution(),
            _ => plain(),
        }
    }
    let row = take(WORD);
    let state = scan();
    set_word(row, state.at);
    set_field(row, 4, start);
    set_field(row, 8, state.to - start);
    state.words.push_at(row, WORD);
}

#[inline(never)]
fn plain() {
    let state = scan();
    put(byte(state.at));
    scan().at += 1;
}

fn single() {
    scan().at += 1;
    while scan().at < scan().end {
        if byte(scan().at) == b'\'' {
            scan().at += 1;
            return;
        }
        plain();
    }
}

fn double() {
    scan().at += 1;
    while scan().at < scan().end {
        match byte(scan().at) {
            b'"' => {
                scan().at += 1;
                return;
            }
            b'\\' => escape(),
            b'$' | b'`' => substitution(),
            _ => plain(),
        }
    }
}

#[inline(never)]
fn escape() {
    let at = scan().at;
    if ends_line(at) {
        // The line goes on.
        scan().at += if byte(at + 1) == b'\r' { 3 } else { 2 };
        return;
    }
    scan().at += 1;
    if scan().at < scan().end {
        plain();
    }
}

/// `$( … )` and backticks, kept as they are in the word, and noted as scripts of their own.
#[inline(never)]
fn substitution() {
    let start = scan().at;
    let is_tick = byte(start) == b'`';
    let is_open = !is_tick && byte_field(start, 1) == b'(' && byte_field(start, 2) != b'(';
    let mut from = start + 1;
    let mut close = 0;
    if !scan().gave_up && is_open {
        from = start + 2;
        close = closing(from);
    } else if !scan().gave_up && is_tick {
        let mut at = from;
        while at < scan().end && byte(at) != b'`' {
            at += 1;
        }
        close = if at < scan().end { at } else { 0 };
    }
    if close == 0 {
        scan().gave_up |= is_open || is_tick;
        return plain();
    }
    let row = take(8);
    set_word(row, from);
    set_field(row, 4, close);
    scan().inner.push_at(row, 8);
    while scan().at <= close {
        plain();
    }
}

/// Where the bracket that is open before an address closes; 0 if it does not.
fn closing(from: u32) -> u32 {
    let mut depth = 1;
    let mut quote = 0;
    let mut at = from;
    while at < scan().end {
        let letter = byte(at);
        if quote != b'\'' && letter == b'\\' {
            at += 1;
        } else if quote != 0 {
            if letter == quote {
                quote = 0;
            }
        } else if letter == b'\'' || letter == b'"' {
            quote = letter;
        } else if letter == b'(' {
            depth += 1;
        } else if letter == b')' {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
        at += 1;
    }
    0
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
        scan().at = scan().end;
        return;
    }
    let (source, after) = (scan().source, scan().after);
    scan().after = 0;
    made::begin(source);
    name(at, end, source);
    if after != 0 {
        let sign = take(4);
        set_word(sign, after);
        made::text(made::key(words!(b"after")), sign, if after > 0xFF { 2 } else { 1 }, source);
    }
    let list = made::list(made::key(words!(b"words")), source);
    while at != end {
        made::item(list, field(at, 4), field(at, 8), source);
        at += WORD;
    }
    scan().list.push(made::end());
}

/// Adds the name of the program: the first word that is no setting, without folders.
fn name(start: u32, end: u32, source: u32) {
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
    made::text(made::key(words!(b"name")), from, to - from, source);
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
