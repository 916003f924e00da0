//! From an object to the policies that judge it.

use crate::arena::take;
use crate::configure::is_usable;
use crate::layout::{KIND_MAP, KIND_STRING, KIND_UNKNOWN, OUTCOME_SIZE, STEP_BUDGET, UNKNOWN_TEMPLATE};
use crate::node::{after, byte, bytes, kind, set_word, text, word};
use crate::program::{SYM_API_VERSION, SYM_KIND, policies, routes};
use crate::results::report_unknown;
use crate::state::{begin, state, steps};
use crate::trace::trace_node;
use crate::value::{child, member_node, present, report_no_map};

const POLICY_ROW: u32 = 24;
const ROUTE_ROW: u32 = 24;
const ENTRY_ROW: u32 = 16;
const RUN_ROW: u32 = 8;
/// A severity that is the policy's own.
const OWN_SEVERITY: u8 = 255;

/// Evaluates an object; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_evaluate(object: u32, _context: u32, enabled: u32, severities: u32) -> u32 {
    if !is_usable() {
        core::arch::wasm32::unreachable()
    }
    begin(object, after(object));
    let (row, count) = routes();
    let mut at = row;
    while at < row + count * ROUTE_ROW {
        if is_routed(object, at) {
            run_entries(object, word(at + 16), word(at + 20), enabled, severities);
        }
        at += ROUTE_ROW;
    }
    let outcome = take(OUTCOME_SIZE);
    let state = state();
    set_word(outcome, state.first);
    set_word(outcome + 4, state.count);
    set_word(outcome + 8, (STEP_BUDGET as i32 - steps().max(0)) as u32);
    set_word(outcome + 12, state.flags);
    outcome
}

fn is_routed(object: u32, route: u32) -> bool {
    let (name, version) = (member_node(object, SYM_KIND), member_node(object, SYM_API_VERSION));
    if name == 0 || version == 0 || kind(name) != KIND_STRING || kind(version) != KIND_STRING {
        return false;
    }
    if text(name) != bytes(word(route), word(route + 4)) {
        return false;
    }
    let mut parts = text(version).split(|&b| b == b'/');
    let first = parts.next().unwrap_or(b"");
    let group = if parts.next().is_some() { first } else { b"" };
    let (mut row, count) = (word(route + 8), word(route + 12));
    let end = row + 8 * count;
    while row < end {
        if bytes(word(row), word(row + 4)) == group {
            return true;
        }
        row += 8;
    }
    false
}

fn run_entries(object: u32, entries: u32, count: u32, enabled: u32, severities: u32) {
    let mut entry = entries;
    while entry < entries + count * ENTRY_ROW {
        let part = walk(object, word(entry), word(entry + 4));
        let (mut run, end) = (word(entry + 8), word(entry + 8) + word(entry + 12) * RUN_ROW);
        while run < end && part != 0 {
            if prepare(word(run), part, enabled, severities) {
                judge(word(run + 4), part, object);
            }
            run += RUN_ROW;
        }
        entry += ENTRY_ROW;
    }
}

/// The node at a path, the first on it that is no map, or 0.
fn walk(object: u32, path: u32, count: u32) -> u32 {
    let mut node = object;
    let mut at = path;
    while at < path + 4 * count && node != 0 && kind(node) == KIND_MAP {
        node = present(child(node, word(at)));
        at += 4;
    }
    node
}

/// Sets the scene for a policy; false if it is not enabled.
fn prepare(policy: u32, part: u32, enabled: u32, severities: u32) -> bool {
    let row = policies().0 + policy * POLICY_ROW;
    let on = if enabled == 0 {
        byte(row + 9) != 0
    } else {
        byte(enabled + policy / 8) >> (policy % 8) & 1 != 0
    };
    let severity = if severities == 0 {
        OWN_SEVERITY
    } else {
        byte(severities + policy)
    };
    let state = state();
    state.part = part;
    state.first_check = word(row + 12);
    state.overridden = severity != OWN_SEVERITY;
    state.severity = u32::from(if state.overridden { severity } else { byte(row + 8) });
    state.own = 0;
    on
}

fn judge(function: u32, part: u32, object: u32) {
    let state = state();
    state.near = 0;
    state.silent = false;
    let kind = kind(part);
    if kind == KIND_MAP {
        // SAFETY: code generation wrote the index of a function of this type into the table.
        let policy: extern "C" fn(u32, u32) = unsafe { core::mem::transmute(function) };
        policy(part, object);
    } else if kind == KIND_UNKNOWN {
        report_unknown(state.severity << 16, UNKNOWN_TEMPLATE, trace_node(part, 0));
    } else {
        report_no_map(part);
    }
}
