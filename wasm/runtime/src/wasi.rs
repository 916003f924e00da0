//! The WASI preview 1 command around the library: `evaluate` reads a document from standard input and writes the verdict
//! to standard output.
//!
//! Only a module of the target `wasi` keeps this; in others `_start` is not exported and is dropped with its imports.
//! Exit 0 says that a verdict was written, exit 1 that there is none, for the reason on standard error.

use crate::arena::take;
use crate::json_read::palisade_read_json;
use crate::json_write::{push_reason, verdict};
use crate::layout::{KEY_NONE, KIND_MAP, KIND_NULL};
use crate::message::Text;
use crate::node::{after, byte, bytes, field, key, kind, set_field, set_word, word};
use crate::program::{is_text, key_text};
use crate::settings::apply;

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn args_sizes_get(count: u32, bytes: u32) -> u32;
    fn args_get(table: u32, buffer: u32) -> u32;
    fn fd_read(file: u32, pieces: u32, count: u32, read: u32) -> u32;
    fn fd_write(file: u32, pieces: u32, count: u32, written: u32) -> u32;
    fn proc_exit(status: u32) -> !;
}

/// Ends the command with a complaint.
macro_rules! fail_with {
    ($text:literal) => {{
        let reason = complaint();
        say!(reason, $text);
        fail(reason)
    }};
}

/// Bytes that are asked for at once; a multiple of 16, so that pieces of the arena join.
const PIECE: u32 = 1 << 16;
/// Bytes that the input may have.
const INPUT_LIMIT: u32 = 64 << 20;

/// Runs the command; without arguments does nothing, as hosts that want the library alone call it too.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let sizes = take(16);
    // SAFETY: here and below the host writes where it is told to, in memory of the arena.
    let status = unsafe { args_sizes_get(sizes, sizes + 4) };
    let count = word(sizes);
    if status != 0 || count < 2 {
        return;
    }
    let table = take(4 * count);
    // SAFETY: see above.
    if unsafe { args_get(table, take(field(sizes, 4))) } != 0 {
        fail_with!(b"cannot read the arguments");
    }
    let command = c_text(field(table, 4));
    match command {
        b"evaluate" if count == 2 => evaluate(),
        b"evaluate" => fail_with!(b"`evaluate` takes no arguments"),
        b"validate" | b"validate-settings" | b"review" => {
            let reason = complaint();
            reason.push(command);
            say!(reason, b" is not supported by this version");
            fail(reason)
        }
        _ => fail_with!(b"unknown command; the commands are: evaluate"),
    }
}

fn evaluate() {
    let (input, len) = read_input();
    let read = palisade_read_json(input, len);
    let root = word(read);
    if root == 0 {
        let reason = complaint();
        say!(reason, b"the input ");
        push_reason(reason, field(read, 4));
        say!(reason, b", at byte ");
        reason.push_digits(u64::from(field(read, 8)));
        fail(reason);
    }
    let (document, context) = unwrap(root);
    let out = verdict(document, context);
    write(1, out);
    let end = Text::new();
    end.push_byte(10);
    write(1, end);
}

/// The document and the context of `{"document": …, "settings": …, "context": …}`; anything else is the document.
fn unwrap(root: u32) -> (u32, u32) {
    let document = member(root, words!(b"document"));
    if document == 0 || member(root, words!(b"kind")) != 0 {
        return (root, 0);
    }
    let settings = member(root, words!(b"settings"));
    if settings != 0 {
        let problem = apply(settings);
        if problem != 0 {
            let reason = complaint();
            say!(reason, b"the settings were refused: `");
            reason.push(bytes(field(problem, 4), field(problem, 8)));
            say!(reason, b"` ");
            reason.push(bytes(field(problem, 12), field(problem, 16)));
            fail(reason);
        }
    }
    set_field(document, 4, KEY_NONE);
    (document, member(root, words!(b"context")))
}

/// The member of a map, or 0. The names of the envelope are no symbols of the module, so they are compared as text.
fn member(map: u32, name: Text) -> u32 {
    if kind(map) != KIND_MAP {
        return 0;
    }
    let mut at = map + 16;
    while at < after(map) {
        if is_text(key_text(key(at)), name.ptr(), name.len()) {
            return if kind(at) == KIND_NULL { 0 } else { at };
        }
        at = after(at);
    }
    0
}

fn read_input() -> (u32, u32) {
    let piece = take(16);
    let start = take(PIECE);
    let (mut len, mut room) = (0, PIECE);
    loop {
        set_word(piece, start + len);
        set_field(piece, 4, room - len);
        // SAFETY: see `_start`.
        if unsafe { fd_read(0, piece, 1, piece + 8) } != 0 {
            fail_with!(b"cannot read the input");
        }
        let read = field(piece, 8);
        if read == 0 {
            return (start, len);
        }
        len += read;
        if len == room {
            if room >= INPUT_LIMIT {
                fail_with!(b"the input is longer than 64 MiB");
            }
            take(PIECE);
            room += PIECE;
        }
    }
}

fn write(file: u32, text: Text) {
    let piece = take(16);
    let mut done = 0;
    while done < text.len() {
        set_word(piece, text.ptr() + done);
        set_field(piece, 4, text.len() - done);
        // SAFETY: see `_start`.
        let status = unsafe { fd_write(file, piece, 1, piece + 8) };
        if status != 0 || field(piece, 8) == 0 {
            // SAFETY: see `_start`.
            unsafe { proc_exit(1) }
        }
        done += field(piece, 8);
    }
}

/// The beginning of what is said on standard error.
fn complaint() -> Text {
    let text = Text::new();
    say!(text, b"palisade: ");
    text
}

fn fail(text: Text) -> ! {
    text.push_byte(10);
    write(2, text);
    // SAFETY: see `_start`.
    unsafe { proc_exit(1) }
}

fn c_text(start: u32) -> &'static [u8] {
    let mut end = start;
    while byte(end) != 0 {
        end += 1;
    }
    bytes(start, end - start)
}
