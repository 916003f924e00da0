//! From an object to the policies that judge it.

use crate::arena::take;
use crate::configure::is_usable;
use crate::layout::{KIND_MAP, KIND_UNKNOWN, OUTCOME_SIZE, STEP_BUDGET, UNKNOWN_TEMPLATE};
use crate::message::member_string;
use crate::node::{after, byte, byte_field, field, first, kind, second, set_field, set_word, word};
use crate::program::{
    ENTRY_ROW, POLICY_ROW, ROUTE_ROW, SYM_API_VERSION, SYM_KIND, first_function, is_text, policies, routes,
};
use crate::results::report_unknown;
use crate::state::{begin, state, steps};
use crate::trace::trace_node;
use crate::value::{child, present, report_no_map};

/// A severity that is the policy's own.
const OWN_SEVERITY: u8 = 255;

/// Evaluates an object; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_evaluate(object: u32, _context: u32, enabled: u32, severities: u32) -> u32 {
    if !is_usable() {
        core::arch::wasm32::unreachable()
    }
    begin(object, after(object));
    let (name, version) = (member_string(object, SYM_KIND), member_string(object, SYM_API_VERSION));
    if name != 0 && version != 0 {
        // The group is what is before the first slash, if there is one.
        let mut group_len = second(version);
        let mut at = group_len;
        while at != 0 {
            at -= 1;
            if byte(first(version) + at) == b'/' {
                group_len = at;
            }
        }
        if group_len == second(version) {
            group_len = 0;
        }
        let (mut route, end) = routes();
        while route != end {
            if is_text(word(route), first(name), second(name))
                && has_group(field(route, 4), first(version), group_len)
            {
                run_entries(object, field(route, 8), enabled, severities);
            }
            route += ROUTE_ROW;
        }
    }
    let outcome = take(OUTCOME_SIZE);
    let state = state();
    set_word(outcome, state.first);
    set_field(outcome, 4, state.count);
    set_field(outcome, 8, (STEP_BUDGET as i32 - steps().max(0)) as u32);
    set_field(outcome, 12, state.flags);
    outcome
}

fn has_group(groups: u32, ptr: u32, len: u32) -> bool {
    let mut left = word(groups);
    let mut at = groups;
    while left != 0 {
        at += 4;
        if is_text(word(at), ptr, len) {
            return true;
        }
        left -= 1;
    }
    false
}

fn run_entries(object: u32, entries: u32, enabled: u32, severities: u32) {
    let mut entry = entries + 4;
    let end = entry + word(entries) * ENTRY_ROW;
    while entry != end {
        let part = walk(object, word(entry));
        let runs = field(entry, 4);
        if part != 0 {
            let mut run = runs;
            let end = runs + 4 * word(runs);
            while run != end {
                run += 4;
                run_policy(word(run), part, object, enabled, severities);
            }
        }
        entry += ENTRY_ROW;
    }
}

/// The node at a path, the first on it that is no map, or 0.
fn walk(object: u32, path: u32) -> u32 {
    let mut node = object;
    let mut at = path;
    let end = path + 4 * word(path);
    while at != end && node != 0 && kind(node) == KIND_MAP {
        at += 4;
        node = present(child(node, word(at)));
    }
    node
}

fn run_policy(policy: u32, part: u32, object: u32, enabled: u32, severities: u32) {
    let row = policies().0 + policy * POLICY_ROW;
    let on = if enabled == 0 {
        byte_field(row, 9)
    } else {
        byte(enabled + policy / 8) >> (policy % 8) & 1
    };
    if on == 0 {
        return;
    }
    let state = state();
    let mut severity = byte_field(row, 8);
    state.overridden = false;
    if severities != 0 && byte(severities + policy) != OWN_SEVERITY {
        severity = byte(severities + policy);
        state.overridden = true;
    }
    state.severity = u32::from(severity);
    state.part = part;
    state.first_check = field(row, 4);
    state.own = 0;
    state.near = 0;
    state.silent = false;
    let kind = kind(part);
    if kind == KIND_MAP {
        // SAFETY: code generation wrote the index of a function of this type into the table.
        let policy: extern "C" fn(u32, u32) = unsafe { core::mem::transmute(first_function() + policy) };
        policy(part, object);
    } else if kind == KIND_UNKNOWN {
        report_unknown(state.severity << 16, UNKNOWN_TEMPLATE, trace_node(part, 0));
    } else {
        report_no_map(part);
    }
}
