//! The verdict on a document as JSON.
//!
//! ```text
//! {"version":1,
//!  "findings":[{"policy":"…","severity":"high","message":"…","path":"spec.x","missing":false,"check":1}],
//!  "unknown":[{"policy":"…","path":"…","reason":"template"}],
//!  "errors":[{"message":"…"}]}
//! ```
//! `missing`: the path ends in what is not there. `check` counts in the policy. A run with errors has failed.

use crate::arena::take;
use crate::configure::is_usable;
use crate::dispatch::palisade_evaluate;
use crate::json_read::palisade_read_json;
use crate::layout::{
    JSON_DEPTH, JSON_UTF8, OUTCOME_BUDGET, OUTCOME_TRUNCATED, STATUS_FINDING, STATUS_UNKNOWN,
};
use crate::message::Text;
use crate::node::{byte, bytes, set_word, word};
use crate::path::{push_place, push_string};
use crate::program::policies;

const POLICY_ROW: u32 = 24;

/// Evaluates a document given as JSON; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_evaluate_json(json: u32, len: u32, context: u32, context_len: u32) -> u32 {
    let text = verdict_of_text(json, len, context, context_len);
    let answer = take(8);
    set_word(answer, text.ptr);
    set_word(answer + 4, text.len);
    answer
}

fn verdict_of_text(json: u32, len: u32, context: u32, context_len: u32) -> Text {
    let document = palisade_read_json(json, len);
    if word(document) == 0 {
        return refusal(b"the document ", word(document + 4));
    }
    let mut around = 0;
    if context_len != 0 {
        let read = palisade_read_json(context, context_len);
        around = word(read);
        if around == 0 {
            return refusal(b"the context ", word(read + 4));
        }
    }
    verdict(word(document), around)
}

/// The verdict on a document that has been read; `context` is 0 or its root.
pub fn verdict(document: u32, context: u32) -> Text {
    if !is_usable() {
        return failure(b"the settings were refused", b"");
    }
    let outcome = palisade_evaluate(document, context, 0, 0);
    let mut out = Text::new();
    out.push(b"{\"version\":1,\"findings\":[");
    push_results(&mut out, outcome, document, STATUS_FINDING);
    out.push(b"],\"unknown\":[");
    push_results(&mut out, outcome, document, STATUS_UNKNOWN);
    out.push(b"],\"errors\":[");
    let flags = word(outcome + 12);
    // Either failure may hide findings; one word says so.
    if flags & (OUTCOME_BUDGET | OUTCOME_TRUNCATED) != 0 {
        out.push(if flags & OUTCOME_BUDGET != 0 {
            b"{\"message\":\"a policy ran out of steps\"}"
        } else {
            b"{\"message\":\"results outgrew their limit\"}"
        });
    }
    out.push(b"]}");
    out
}

/// What is wrong with JSON, by its error number.
pub fn reason_of(error: u32) -> &'static [u8] {
    match error {
        JSON_DEPTH => b"is nested deeper than 256 levels",
        JSON_UTF8 => b"is no UTF-8",
        _ => b"is no JSON",
    }
}

fn refusal(what: &[u8], error: u32) -> Text {
    failure(what, reason_of(error))
}

fn failure(what: &[u8], reason: &[u8]) -> Text {
    let mut message = Text::new();
    message.push(what);
    message.push(reason);
    let mut out = Text::new();
    out.push(b"{\"version\":1,\"findings\":[],\"unknown\":[],\"errors\":[{\"message\":");
    push_string(&mut out, message.bytes());
    out.push(b"}]}");
    out
}

#[inline(never)]
fn push_results(out: &mut Text, outcome: u32, document: u32, status: u32) {
    let mut result = word(outcome);
    let mut is_first = true;
    while result != 0 {
        if word(result + 8) & 0xFF == status {
            out.push(if is_first { b"" } else { b"," });
            is_first = false;
            push_result(out, result, document);
        }
        result = word(result);
    }
}

/// A finding; control characters stand for what [`push_part`] puts there.
const FINDING: &[u8] =
    b"{\"policy\":\x01,\"severity\":\"\x02\",\"message\":\x03,\"path\":\x04,\"missing\":\x05,\"check\":\x06}";
const UNKNOWN: &[u8] = b"{\"policy\":\x01,\"path\":\x04,\"reason\":\"\x07\"}";
/// Severities, then reasons, by number.
const WORDS: &[u8] = b"info,low,medium,high,critical,,,shape,missing,template,inventory,budget,value,";
/// Where the words of reasons would begin, had the first two numbers one.
const REASONS: u32 = 5;

fn push_result(out: &mut Text, result: u32, document: u32) {
    let form = if u32::from(byte(result + 8)) == STATUS_FINDING { FINDING } else { UNKNOWN };
    for letter in form.chunks(1) {
        match letter {
            [part @ ..8] => push_part(out, *part, result, document),
            _ => out.push(letter),
        }
    }
}

fn push_part(out: &mut Text, part: u8, result: u32, document: u32) {
    let policy = policy_of(word(result + 4));
    match part {
        1 => push_string(out, bytes(word(policy), word(policy + 4))),
        2 => push_word(out, u32::from(byte(result + 9))),
        3 => push_string(out, bytes(word(result + 48), word(result + 52))),
        4 => {
            let mut path = Text::new();
            push_place(&mut path, document, result + 16);
            push_string(out, path.bytes());
        }
        5 => out.push(if word(result + 24) == 0 { b"false" } else { b"true" }),
        6 => out.push_digits(u64::from(word(result + 4) - word(policy + 12))),
        _ => push_word(out, REASONS + (word(result + 8) >> 16)),
    }
}

/// Adds one of [`WORDS`].
fn push_word(out: &mut Text, number: u32) {
    let mut left = number;
    for letter in WORDS.chunks(1) {
        if letter == b"," {
            if left == 0 {
                return;
            }
            left -= 1;
        } else if left == 0 {
            out.push(letter);
        }
    }
}

/// The row of the policy that a check belongs to: the last that begins no later.
fn policy_of(check: u32) -> u32 {
    let (first, count) = policies();
    let mut row = first + count * POLICY_ROW;
    while row > first {
        row -= POLICY_ROW;
        if word(row + 12) <= check {
            break;
        }
    }
    row
}
