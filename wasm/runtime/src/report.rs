//! What explaining functions are made of: values and traces of paths, messages and fixes that are written in static data.
//!
//! ```text
//! route    0 what the base may be, PATH_LAST if that is all, and from bit PATH_KEY what it is: the object, the part, or
//!            the element at a cursor; 4 a path
//! outline  0 list of fixes or 0; 4 number of pieces; a word each: address << 2, and what it is
//! fixes    a fix after the other: number of edits, 0 after the last fix; for each edit its head, the route of its place,
//!          and its value: 0, the address of a node << 1, or that of a route << 1 and 1
//! ```

use crate::fixes::{fix_edit, fix_new, json_add};
use crate::layout::{STATUS_FINDING, STATUS_UNKNOWN, TRUE, UNKNOWN_MISSING};
use crate::message::{Text, text_add, text_add_list, text_add_object, text_add_value};
use crate::node::{field, word};
use crate::results::{mark, report_unknown, write_finding};
use crate::state::{origin, state};
use crate::trace::{Trace, trace_node, trace_path};
use crate::value::{PATH_KEY, PATH_LAST, checked_element, read_path};
use crate::cursor::CURSOR_SIZE;
use crate::program::cursors;

/// The bases of routes that are no cursors.
const OBJECT: u32 = 0;
const PART: u32 = 1;

/// What a piece of an outline is.
const TEXT: u32 = 0;
const VALUE: u32 = 1;
const LIST: u32 = 2;
/// Numbers below this are no addresses of routes, but count the values given by [`message_value`].
const FIRST_ROUTE: u32 = 1024;

/// The node that a route begins with, or a code.
fn base_node(route: u32) -> u32 {
    match word(route) >> PATH_KEY {
        OBJECT => state().object,
        PART => state().part,
        cursor => field(cursor, 8),
    }
}

fn base_value(route: u32, node: u32) -> u32 {
    if word(route) >> PATH_KEY <= PART { node } else { checked_element(node, word(route)) }
}

/// The value at a route.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn value_at(route: u32) -> u32 {
    let value = base_value(route, base_node(route));
    if word(route) & PATH_LAST != 0 { value } else { read_path(value, route + 4) }
}

/// The trace of a route, with its value.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn trace_at(route: u32) -> u32 {
    let node = base_node(route);
    let value = base_value(route, node);
    if word(route) & PATH_LAST != 0 { trace_node(node, value) } else { trace_path(node, value, route + 4) }
}

/// Reads make no findings from now on.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn explain_silently() {
    state().silent = true;
}

/// Begins the explanation of a result; 1 if there is none, as results are marks, and this one has its mark. `status` is the
/// outcome of the condition; `tag` is the check's number in its policy, from bit 16 its severity, and from bit 24 the
/// number of `for` statements around it.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn explain_begin(status: u32, tag: u32) -> u32 {
    let state = state();
    if state.brief {
        state.silent = false;
        if status <= TRUE {
            mark(tag, STATUS_FINDING);
        } else if status > UNKNOWN_MISSING {
            mark(tag, STATUS_UNKNOWN | status << 16);
        }
        return 1;
    }
    state.silent = true;
    state.near = 0;
    state.arguments = 0;
    state.fix = 0;
    let mut cursor = cursors();
    let end = cursor + (tag >> 24) * CURSOR_SIZE;
    while cursor != end {
        let node = origin(field(cursor, 8));
        if node != 0 {
            state.near = node;
        }
        cursor += CURSOR_SIZE;
    }
    0
}

/// Adds a value to those that the message needs.
#[unsafe(no_mangle)]
pub extern "C" fn message_value(value: u32) {
    let state = state();
    if state.arguments == 0 {
        state.arguments = crate::functions::Items::new().0.0;
    }
    crate::functions::Items(Text(state.arguments)).push(value);
}

/// Gives the findings to come a fix, or none: 0.
#[unsafe(no_mangle)]
pub extern "C" fn offer_fix(fix: u32) {
    state().fix = fix;
}

/// A check that has one trace whatever its outcome: a finding, or that it is unknown.
#[unsafe(no_mangle)]
pub extern "C" fn report(tag: u32, status: u32, trace: u32, outline: u32) {
    if status > 1 {
        return report_unknown(tag, status, trace);
    }
    report_finding(tag, trace, outline);
}

/// A finding at the place of a trace.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn report_finding(tag: u32, trace: u32, outline: u32) {
    let message = message(outline);
    let fix = fix(outline);
    write_finding(tag, message, fix, Trace(trace));
    state().silent = false;
}

/// A finding for each witness.
#[unsafe(no_mangle)]
pub extern "C" fn report_findings(tag: u32, witnesses: u32, outline: u32) {
    let message = message(outline);
    let fix = fix(outline);
    let mut witness = word(witnesses);
    while witness != 0 {
        write_finding(tag, message, fix, Trace(witness));
        witness = Trace(witness).next();
    }
    state().silent = false;
}

/// What is unknown and no check, at the place of a route.
#[unsafe(no_mangle)]
pub extern "C" fn report_unknown_at(status: u32, tag: u32, route: u32) {
    if status > UNKNOWN_MISSING && explain_begin(status, tag) == 0 {
        report_unknown(tag, status, trace_at(route));
    }
}

/// The text of a message.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn message(outline: u32) -> u32 {
    let out = Text::new().0;
    let mut piece = outline + 4;
    let end = piece + 4 * word(piece);
    while piece != end {
        piece += 4;
        let (what, address) = (word(piece) & 3, word(piece) >> 2);
        if what == TEXT {
            text_add(out, address);
            continue;
        }
        let value = if address < FIRST_ROUTE {
            word(Text(state().arguments).ptr() + 4 * address)
        } else {
            value_at(address)
        };
        match what {
            VALUE => text_add_value(out, value),
            LIST => text_add_list(out, value),
            _ => text_add_object(out, value),
        };
    }
    out
}

/// The first of the fixes of an outline that can be made, or the one that was offered, or 0.
#[inline(never)]
fn fix(outline: u32) -> u32 {
    let fixes = word(outline);
    if fixes == 0 { state().fix } else { written_fix(fixes) }
}

/// The first fix of a list that can be made, or 0. Code generation puts another function in its place where a program has
/// none.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn written_fix(fixes: u32) -> u32 {
    let mut at = fixes;
    while word(at) != 0 {
        let fix = fix_new(word(at));
        let mut edit = at + 4;
        at = edit + 12 * word(at);
        while edit != at && add_edit(fix, edit) {
            edit += 12;
        }
        if edit == at {
            return fix;
        }
    }
    0
}

fn add_edit(fix: u32, edit: u32) -> bool {
    let value = field(edit, 8);
    let mut json = 0;
    if value != 0 {
        json = Text::new().0;
        let value = if value & 1 == 0 { value >> 1 } else { value_at(value >> 1) };
        if json_add(json, value) == 0 {
            return false;
        }
    }
    fix_edit(fix, word(edit), trace_at(field(edit, 4)), json) != 0
}
