//! The verdict on a document as JSON.
//!
//! ```text
//! {"version":1,
//!  "findings":[{"policy":"…","severity":"high","message":"…","path":"spec.x","missing":false,"check":1,
//!               "fixes":[{"op":"set","path":"spec.x","value":true,"safe":false,"group":1}]}],
//!  "unknown":[{"policy":"…","path":"…","reason":"template"}],
//!  "notApplicable":[{"policy":"…"}],
//!  "errors":[{"message":"…"}]}
//! ```
//! `missing`: the path ends in what is not there. `check` counts in the policy. The fixes of a finding are made together or
//! not at all; `op` is `set`, `remove` (without value), `append`, `upsert` or `create`. A run with errors has failed.

use crate::arena::take;
use crate::configure::is_usable;
use crate::dispatch::palisade_evaluate;
use crate::json_read::palisade_read_json;
use crate::layout::{
    FIX_APPEND, FIX_REMOVE, FIX_SET, FIX_SIZE, FIX_UPSERT, JSON_DEPTH, JSON_UTF8, OUTCOME_BUDGET, STATUS_FINDING, STATUS_NOT_APPLICABLE, STATUS_UNKNOWN,
};
use crate::message::{Text, push_word};
use crate::node::{byte, byte_field, field, set_field, set_word, word};
use crate::path::{push_place, push_string};
use crate::program::{POLICY_ROW, policies};

/// Evaluates a document given as JSON; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_evaluate_json(json: u32, len: u32, context: u32, context_len: u32) -> u32 {
    // A growing text begins as the answer does.
    let reason = Text::new();
    let document = palisade_read_json(json, len);
    let mut faulty = document;
    reason.push(b"the document ");
    if word(document) != 0 {
        if context_len == 0 {
            return verdict(word(document), 0).0;
        }
        faulty = palisade_read_json(context, context_len);
        let around = word(faulty);
        if around != 0 {
            return verdict(word(document), around).0;
        }
        set_field(reason.0, 4, 4);
        reason.push(b"context ");
    }
    push_reason(reason, field(faulty, 4));
    write_verdict(0, 0, reason).0
}

/// The verdict on a document that has been read; `context` is 0 or its root.
pub fn verdict(document: u32, context: u32) -> Text {
    let reason = Text::new();
    if !is_usable() {
        reason.push(b"the settings were refused");
        return write_verdict(0, 0, reason);
    }
    let outcome = palisade_evaluate(document, context, 0, 0);
    let flags = field(outcome, 12);
    // Either failure may hide findings; one word says so.
    if flags & OUTCOME_BUDGET != 0 {
        reason.push(b"a policy ran out of steps");
    } else if flags != 0 {
        reason.push(b"results outgrew their limit");
    }
    write_verdict(word(outcome), document, reason)
}

/// Writes the results from `first` on, and an error if a reason for one is given.
#[inline(never)]
fn write_verdict(first: u32, document: u32, reason: Text) -> Text {
    let about = take(8);
    set_word(about, first);
    set_field(about, 4, reason.0);
    let out = Text::new();
    write(out, VERDICT, about, document);
    out
}

/// What is wrong with JSON, by its error number.
pub fn push_reason(out: Text, error: u32) {
    out.push(match error {
        JSON_DEPTH => b"is nested deeper than 256 levels",
        JSON_UTF8 => b"is no UTF-8",
        _ => b"is no JSON",
    });
}

/// Forms; control characters stand for what [`push_part`] puts there, and a form ends in a 0.
const VERDICT: &[u8] = b"{\"version\":1,\"findings\":[\x01],\"unknown\":[\x02],\"notApplicable\":[\x0e],\"errors\":[\x03]}\0";
const ERROR: &[u8] = b"{\"message\":\x04}\0";
const FINDING: &[u8] =
    b"{\"policy\":\x05,\"severity\":\"\x06\",\"message\":\x07,\"path\":\x08,\"missing\":\x09,\"check\":\x0a,\"fixes\":[\x0c]}\0";
const UNKNOWN: &[u8] = b"{\"policy\":\x05,\"path\":\x08,\"reason\":\"\x0b\"}\0";
/// The severities by number; each ends in a comma.
pub const SEVERITIES: &[u8] = b"info,low,medium,high,critical,";
const NOT_APPLICABLE: &[u8] = b"{\"policy\":\x05}\0";
const FIX: &[u8] = b"{\"op\":\"\x10\",\"path\":\x11\x12,\"safe\":\x13,\"group\":\x14}\0";
const REASONS: &[u8] = b",,shape,missing,template,inventory,budget,value,";

#[inline(never)]
fn write(out: Text, form: &[u8], about: u32, document: u32) {
    let mut at = form.as_ptr() as u32;
    loop {
        let letter = u32::from(byte(at));
        if letter == 0 {
            return;
        }
        if letter < 0x20 {
            if letter < 16 {
                push_part(out, letter, about, document);
            } else {
                push_fix_part(out.0, letter, about, document);
            }
        } else {
            out.push_at(at, 1);
        }
        at += 1;
    }
}

/// `about` is the first result and a reason for parts 1 to 3 and 14, a text for 4, a fix from 16 on, a result for the others.
fn push_part(out: Text, part: u32, about: u32, document: u32) {
    match part {
        1 => push_results(out, about, document, STATUS_FINDING),
        2 => push_results(out, about, document, STATUS_UNKNOWN),
        3 => {
            let reason = field(about, 4);
            if field(reason, 4) != 0 {
                write(out, ERROR, reason, document);
            }
        }
        4 => push_string(out, word(about), field(about, 4)),
        5 => {
            let name = word(policy_of(field(about, 4)));
            push_string(out, name + 4, word(name));
        }
        6 => push_word(out, SEVERITIES, u32::from(byte_field(about, 9))),
        7 => push_string(out, field(about, 48), field(about, 52)),
        8 => {
            let path = Text::new();
            push_place(path, document, about + 16);
            push_string(out, path.ptr(), path.len());
        }
        12 => _ = write_fixes(out.0, about, document),
        14 => push_results(out, about, document, STATUS_NOT_APPLICABLE),
        9 => out.push(if field(about, 24) == 0 { b"false" } else { b"true" }),
        10 => {
            let check = field(about, 4);
            out.push_digits(u64::from(check - field(policy_of(check), 4)));
        }
        _ => push_word(out, REASONS, field(about, 8) >> 16),
    }
}

/// The fixes of a result. Code generation puts other functions in the place of this and the next where there are none.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn write_fixes(out: u32, result: u32, document: u32) -> u32 {
    let mut fix = field(result, 56);
    let end = fix + field(result, 60) * FIX_SIZE;
    while fix != end {
        write(Text(out), FIX, fix, document);
        fix += FIX_SIZE;
        if fix != end {
            Text(out).push_byte(b',');
        }
    }
    out
}

/// A part of a fix.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn push_fix_part(out: u32, part: u32, about: u32, document: u32) -> u32 {
    let text = Text(out);
    match part {
        16 => match u32::from(byte(about)) {
            FIX_SET => say!(text, b"set"),
            FIX_REMOVE => say!(text, b"remove"),
            FIX_APPEND => say!(text, b"append"),
            FIX_UPSERT => say!(text, b"upsert"),
            _ => say!(text, b"create"),
        },
        17 => {
            let path = Text::new();
            push_place(path, document, about + 4);
            push_string(text, path.ptr(), path.len());
        }
        18 => {
            if field(about, 32) != 0 {
                say!(text, b",\"value\":");
                text.push_at(field(about, 28), field(about, 32));
            }
        }
        19 => text.push(if byte_field(about, 1) == 0 { b"false" } else { b"true" }),
        _ => text.push_digits(u64::from(word(about) >> 16)),
    }
    out
}

#[inline(never)]
fn push_results(out: Text, outcome: u32, document: u32, status: u32) {
    let mut result = word(outcome);
    let mut is_first = true;
    while result != 0 {
        if u32::from(byte_field(result, 8)) == status {
            if !is_first {
                out.push_byte(b',');
            }
            is_first = false;
            let form = match status {
                STATUS_FINDING => FINDING,
                STATUS_UNKNOWN => UNKNOWN,
                _ => NOT_APPLICABLE,
            };
            write(out, form, result, document);
        }
        result = word(result);
    }
}

/// The row of the policy that a check belongs to: the last that begins no later.
fn policy_of(check: u32) -> u32 {
    let mut row = policies().1;
    loop {
        row -= POLICY_ROW;
        // Policy 0 begins with check 0.
        if field(row, 4) <= check {
            return row;
        }
    }
}
