//! From an object to the policies that judge it.

use crate::arena::take;
use crate::configure::is_usable;
use crate::inventory::inventory_brought;
use crate::layout::{KIND_MAP, KIND_UNKNOWN, OUTCOME_SIZE, STEP_BUDGET, UNKNOWN_TEMPLATE};
use crate::message::{member_string, word_number};
use crate::node::{after, byte, byte_field, fast_kind, field, first, second, set_field, set_word, word};
use crate::program::{
    ENTRY_ROW, POLICY_ROW, ROUTE_ROW, SYM_API_VERSION, SYM_GROUP, SYM_KIND, SYM_OLD, SYM_OPERATION, SYM_REQUEST,
    SYM_RESOURCE, SYM_SUBRESOURCE, first_function, is_text, policies, routes,
};
use crate::results::{own_tag, report_not_applicable, report_unknown};
use crate::state::{begin, forget_shared, state, steps};
use crate::trace::trace_node;
use crate::value::{child, member_node, present, report_no_map};

/// Operations, one bit each, in this order.
const OPERATIONS: &[u8] = b"CREATE,UPDATE,DELETE,CONNECT,";
const CREATE: u8 = 1;

/// What one evaluation is asked for.
struct Task {
    object: u32,
    enabled: u32,
    /// The bit of the request's operation.
    operation: u8,
    /// The context parts that are there: 1 the request, 2 the old object.
    parts: u8,
}

/// Evaluates an object; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_evaluate(object: u32, context: u32, enabled: u32, severities: u32) -> u32 {
    begin(object, after(object), context);
    run(object, enabled, severities)
}

/// Evaluates an object, and says no more than which checks fail or could not be decided; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_decide(object: u32, context: u32, enabled: u32, severities: u32) -> u32 {
    begin(object, after(object), context);
    state().brief = true;
    run(object, enabled, severities)
}

#[inline(never)]
fn run(object: u32, enabled: u32, severities: u32) -> u32 {
    if !is_usable() {
        core::arch::wasm32::unreachable()
    }
    state().severities = severities;
    inventory_brought(object);
    let (request, old) = (context_member(SYM_REQUEST), context_member(SYM_OLD));
    let task = Task {
        object,
        enabled,
        operation: operation_of(request),
        parts: u8::from(request != 0) | u8::from(old != 0) << 1,
    };
    // Reviews of whole objects have an empty one.
    let mut subresource = 0;
    if request != 0 {
        subresource = member_string(request, SYM_SUBRESOURCE);
        if subresource != 0 && second(subresource) == 0 {
            subresource = 0;
        }
    }
    // What the host says is no object of the API.
    let file = if state().context == 0 { 0 } else { member_string(state().context, SYM_KIND) };
    let (name, group, group_len);
    if file != 0 {
        subresource = 0;
        (name, group, group_len) = (file, file, 0);
    } else if subresource == 0 {
        name = member_string(object, SYM_KIND);
        group = member_string(object, SYM_API_VERSION);
        group_len = if group == 0 { 0 } else { group_of(group) };
    } else {
        let resource = member_node(request, SYM_RESOURCE);
        name = member_string(resource, SYM_RESOURCE);
        group = member_string(resource, SYM_GROUP);
        group_len = if group == 0 { 0 } else { second(group) };
    }
    if name != 0 && (group != 0 || subresource != 0) {
        let mut is_met = false;
        let (mut route, end) = routes();
        while route != end {
            if word(word(route)) != second(name) {
                route += ROUTE_ROW;
                continue;
            }
            let below = field(route, 12);
            let is_wanted = if below == 0 || subresource == 0 {
                below == subresource
            } else {
                is_text(below, first(subresource), second(subresource))
            };
            if is_wanted
                && is_text(word(route), first(name), second(name))
                && if file == 0 {
                    has_group(field(route, 4), first(group), group_len)
                } else {
                    word(field(route, 4)) == 0
                }
            {
                run_entries(&task, field(route, 8));
                is_met = true;
            }
            route += ROUTE_ROW;
        }
        let others = any_entries();
        if others > 1 && !is_met && file == 0 && subresource == 0 {
            run_entries(&task, others);
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

/// The entries for objects of kinds that have no route. Code generation puts 1 in its place where there are none.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn any_entries() -> u32 {
    let (mut route, end) = routes();
    while route != end {
        if word(word(route)) == 1 && byte(word(route) + 4) == b'*' {
            return field(route, 8);
        }
        route += ROUTE_ROW;
    }
    1
}

/// A part of the context; 0 if the host did not give it.
#[inline(always)]
pub fn context_member(key: u32) -> u32 {
    if state().context == 0 { 0 } else { present(member_node(state().context, key)) }
}

/// What the request does; without one, or without word of it, the object is created.
fn operation_of(request: u32) -> u8 {
    let operation = if request == 0 { 0 } else { member_string(request, SYM_OPERATION) };
    if operation == 0 {
        return CREATE;
    }
    // One that is no word of these is creation.
    CREATE << (word_number(OPERATIONS, operation) & 3)
}

/// The length of the group that an `apiVersion` begins with: what is before the first slash, if there is one.
#[inline(never)]
pub fn group_of(version: u32) -> u32 {
    let mut len = 0;
    let mut at = second(version);
    while at != 0 {
        at -= 1;
        if byte(first(version) + at) == b'/' {
            len = at;
        }
    }
    len
}

#[inline(never)]
pub fn has_group(groups: u32, ptr: u32, len: u32) -> bool {
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

fn run_entries(task: &Task, entries: u32) {
    let mut entry = entries + 4;
    let end = entry + word(entries) * ENTRY_ROW;
    while entry != end {
        run_bodies(task, field(entry, 4), walk(task.object, word(entry)));
        entry += ENTRY_ROW;
    }
}

/// Runs a list of bodies on a part: by itself, as a loop with few variables keeps them in registers.
#[inline(never)]
fn run_bodies(task: &Task, bodies: u32, part: u32) {
    let mut body = bodies;
    let end = body + 4 * word(body);
    let state = state();
    if state.part != part {
        state.part = part;
        forget_shared();
    }
    while body != end {
        body += 4;
        let policy = field(body, 0) >> 16;
        let row = policies().0 + policy * POLICY_ROW;
        let on = if task.enabled == 0 {
            byte_field(row, 9)
        } else {
            byte(task.enabled + policy / 8) >> (policy % 8) & 1
        };
        if on == 0 || byte_field(row, 10) & task.operation == 0 {
            continue;
        }
        let is_new = state.policy != row;
        if is_new {
            state.policy = row;
            state.own = 0;
            state.silent = false;
        }
        state.near = 0;
        if byte_field(row, 11) & !task.parts != 0 {
            if is_new {
                report_not_applicable(task.object, part);
            }
        } else if part != 0 {
            if fast_kind(part) == KIND_MAP {
                call_function(field(body, 0) & 0xFFFF, part, task.object);
            } else {
                report_part(part);
            }
        }
    }
}

/// The node at a path, the first on it that is no map, or 0.
#[inline(never)]
pub fn walk(object: u32, path: u32) -> u32 {
    let mut node = object;
    let mut at = path;
    let end = path + 4 * word(path);
    while at != end && node != 0 && fast_kind(node) == KIND_MAP {
        at += 4;
        node = present(child(node, word(at)));
    }
    node
}

/// A part that is no map.
#[inline(never)]
fn report_part(part: u32) {
    if fast_kind(part) == KIND_UNKNOWN {
        report_unknown(own_tag(), UNKNOWN_TEMPLATE, trace_node(part, 0));
    } else {
        report_no_map(part);
    }
}

/// Calls a function of a policy's body, or of the constraint of a parameter, by its number.
pub fn call_function(number: u32, part: u32, object: u32) {
    // SAFETY: code generation wrote the index of a function of this type into the table.
    let function: extern "C" fn(u32, u32) = unsafe { core::mem::transmute(first_function() + number) };
    function(part, object);
}
