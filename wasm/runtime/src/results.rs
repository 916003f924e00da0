//! Result records: made, compared with earlier ones, counted.

use crate::arena::take;
use crate::embedded::{depth_inside, write_inside};
use crate::layout::{
    FIRST_ADDRESS, KIND_STRING, MARK_SIZE, OUTCOME_BUDGET, OUTCOME_TRUNCATED, PLACE_SIZE, RESULT_LIMIT, RESULT_SIZE,
    STATUS_FINDING, STATUS_NOT_APPLICABLE, STATUS_UNKNOWN, STEP_KEY, STEP_SIZE, UNKNOWN_BUDGET, UNKNOWN_MISSING,
};
use crate::fixes::fixes_size;
use crate::json_write::SEVERITIES;
use crate::message::{Text, word_number};
use crate::node::{after, byte, byte_field, copy_pair, field, int, kind, set_field, set_word, towards, word};
use crate::program::{POLICY_ROW, SYM_METADATA, SYM_NAME, differ, key_text, policies};
use crate::state::{state, steps};
use crate::trace::{Trace, trace_nowhere};
use crate::value::{child, present};

/// Related places that a result keeps.
const MAX_RELATED: u32 = 8;
/// A severity that is the policy's own.
const OWN_SEVERITY: u8 = 255;
/// How many severities there are.
const SEVERITY_COUNT: u32 = 5;

/// Writes a result at the place of `trace`, unless an equal one is there. `tag` is the check's number in its policy and,
/// from bit 16, its severity, whose bits from 24 on are of no interest here; `status` is the status and, from bit 16, the reason; `message` is 0 or a text; `fixes` is
/// 0 or the address of fix records and their number.
#[inline(never)]
fn write(tag: u32, status: u32, message: u32, fixes: u32, trace: Trace) {
    let state = state();
    if state.brief {
        return mark(tag, status);
    }
    // All of it is written one by one: instructions that fill memory are calls in hosts.
    let record = take(RESULT_SIZE);
    set_word(record, 0);
    set_field(record, 4, number(tag));
    set_field(record, 8, status | severity(tag) << 8);
    set_field(record, 12, state.part);
    let place = if word(trace.place()) == 0 { fallback() } else { trace };
    write_place(record + 16, place.place());
    copy_pair(record + 48, if message == 0 { nothing() } else { message });
    copy_pair(record + 56, if fixes == 0 { nothing() } else { fixes });
    if is_repeated(record) {
        return;
    }
    set_field(record, 40, 0);
    set_field(record, 44, 0);
    if trace.related() != 0 {
        write_related(record, trace.related());
    }
    let n_related = field(record, 44);
    let fixes = if fixes == 0 { 0 } else { fixes_size(fixes) };
    state.bytes = state.bytes.saturating_add(RESULT_SIZE + n_related * PLACE_SIZE + field(record, 52) + fixes);
    if state.bytes > RESULT_LIMIT {
        state.flags |= OUTCOME_TRUNCATED;
        return;
    }
    append(record);
}

/// Writes the related places of a result. Code generation puts another function in its place where no trace has any.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn write_related(record: u32, first: u32) -> u32 {
    let mut cell = first;
    let related = take(MAX_RELATED * PLACE_SIZE);
    let mut end = related;
    while cell != 0 && end != related + MAX_RELATED * PLACE_SIZE {
        write_place(end, cell + 4);
        let mut is_fresh = !is_same_place(record + 16, end);
        let mut earlier = related;
        while earlier != end {
            is_fresh &= !is_same_place(earlier, end);
            earlier += PLACE_SIZE;
        }
        if is_fresh {
            end += PLACE_SIZE;
        }
        cell = word(cell);
    }
    set_field(record, 40, related);
    set_field(record, 44, (end - related) / PLACE_SIZE);
    record
}

/// Writes what a result is without its explanation, unless this policy has it. Parameters as of [`write`].
#[inline(never)]
pub fn mark(tag: u32, status: u32) {
    let check = number(tag);
    let status = status | severity(tag) << 8;
    let mut other = state().own;
    while other != 0 {
        if field(other, 4) == check && field(other, 8) == status {
            return;
        }
        other = word(other);
    }
    let record = take(MARK_SIZE);
    set_word(record, 0);
    set_field(record, 4, check);
    set_field(record, 8, status);
    append(record);
}

/// The number of the check of a tag in the module.
#[inline(always)]
fn number(tag: u32) -> u32 {
    field(state().policy, 4) + (tag & 0xFFFF)
}

/// The severity of the results of a tag: the host's if it says one of the policy.
#[inline(always)]
fn severity(tag: u32) -> u32 {
    if state().severities == 0 { tag >> 16 & 0xFF } else { severity_of_host(tag) }
}

#[inline(never)]
fn severity_of_host(tag: u32) -> u32 {
    let state = state();
    let policy = (state.policy - policies().0) / POLICY_ROW;
    let severity = byte(state.severities + policy);
    if severity == OWN_SEVERITY { tag >> 16 & 0xFF } else { u32::from(severity) }
}

/// The tag of what a policy says that is no result of one of its checks.
#[inline(never)]
pub fn own_tag() -> u32 {
    u32::from(byte_field(state().policy, 8)) << 16
}

fn append(record: u32) {
    let state = state();
    state.count += 1;
    if state.last == 0 {
        state.first = record;
    } else {
        set_word(state.last, record);
    }
    state.last = record;
    if state.own == 0 {
        state.own = record;
    }
}

/// The address of 8 bytes that are zero.
fn nothing() -> u32 {
    static NOTHING: u64 = 0;
    (&raw const NOTHING) as u32
}

/// True if this policy has a finding with the same place and message.
fn is_repeated(record: u32) -> bool {
    let mut other = state().own;
    while other != 0 && field(record, 8) & 0xFF == STATUS_FINDING {
        if field(other, 8) & 0xFF == STATUS_FINDING
            && is_same_place(other + 16, record + 16)
            && differ(field(other, 48), field(other, 52), field(record, 48), field(record, 52)) == 0
        {
            return true;
        }
        other = word(other);
    }
    false
}

/// Compares two written places.
#[inline(never)]
fn is_same_place(a: u32, b: u32) -> bool {
    // What is inside is two words.
    if word(a) != word(b) || field(a, 8) != field(b, 8) || int(a + 8) != int(b + 8) {
        return false;
    }
    let (mut step, mut other) = (field(a, 4), field(b, 4));
    let end = step + field(a, 8) * STEP_SIZE;
    while step != end {
        if word(step) != word(other) || !is_same_step(word(step), field(step, 4), field(other, 4)) {
            return false;
        }
        step += STEP_SIZE;
        other += STEP_SIZE;
    }
    true
}

/// Compares two keys or two indices. A key that is no symbol has an address of its own each time it is met.
fn is_same_step(kind: u32, a: u32, b: u32) -> bool {
    if a == b || kind != STEP_KEY {
        return a == b;
    }
    let (text, other) = (key_text(a), key_text(b));
    differ(text + 4, word(text), other + 4, word(other)) == 0
}

/// Writes a place, its missing steps outermost first.
#[inline(never)]
pub fn write_place(to: u32, place: u32) {
    let count = field(place, 8);
    let tail = if count == 0 { 0 } else { take(count * STEP_SIZE) };
    let mut step = field(place, 4);
    let mut at = tail + count * STEP_SIZE;
    while at != tail {
        at -= STEP_SIZE;
        copy_pair(at, step + 4);
        set_field(at, 8, 0);
        step = word(step);
    }
    set_field(to, 4, tail);
    set_field(to, 8, count);
    if write_inside(to, word(place)) != 0 {
        set_word(to, word(place));
        set_field(to, 12, 0);
        set_field(to, 16, 0);
        set_field(to, 20, 0);
    }
}

/// The place of a result without one: the element at hand, else the object's name.
fn fallback() -> Trace {
    let state = state();
    if state.near != 0 {
        return Trace::at_node(state.near);
    }
    let mut node = state.object;
    let mut trace = Trace::at_node(node);
    let mut key = SYM_METADATA;
    loop {
        if node != 0 {
            node = present(child(node, key));
        }
        if node == 0 {
            trace = trace.step(STEP_KEY, key);
        } else {
            trace = Trace::at_node(node);
        }
        if key == SYM_NAME {
            return trace;
        }
        key = SYM_NAME;
    }
}

/// A finding of check 0: a value that contradicts its type.
pub fn write_shape(place: Trace, message: Text) {
    write(own_tag(), STATUS_FINDING, message.0, 0, place);
}

/// A result that could not be decided; nothing for reasons that have a finding of their own. `tag` is the check's number
/// in its policy and, from bit 16, its severity. Ends an explanation.
#[unsafe(no_mangle)]
pub extern "C" fn report_unknown(tag: u32, reason: u32, trace: u32) {
    if reason > UNKNOWN_MISSING {
        write(tag, STATUS_UNKNOWN | reason << 16, 0, 0, Trace(trace));
    }
    state().silent = false;
}

/// A finding at the place of a trace; `message` is a text, `fix` 0 or what [`crate::fixes`] made.
pub fn write_finding(tag: u32, message: u32, fix: u32, trace: Trace) {
    write(tag, STATUS_FINDING, message, fix, trace);
}

/// The policy at work does not apply to this evaluation, whatever the part.
#[inline(never)]
pub fn report_not_applicable(object: u32, part: u32) {
    state().part = object;
    write(own_tag(), STATUS_NOT_APPLICABLE, 0, 0, Trace(trace_nowhere(0)));
    state().part = part;
}

/// The tag of a check's results, whose severity is `value` if that is the name of one, else the policy's.
#[unsafe(no_mangle)]
pub extern "C" fn severity_tag(tag: u32, value: u32) -> u32 {
    if value < FIRST_ADDRESS || kind(value) != KIND_STRING {
        return tag;
    }
    match word_number(SEVERITIES, value) {
        SEVERITY_COUNT => tag,
        number => (tag & 0xFF00_FFFF) | number << 16,
    }
}

/// The policy at work ran out of steps.
#[unsafe(no_mangle)]
pub extern "C" fn report_budget() {
    let state = state();
    state.flags |= OUTCOME_BUDGET;
    state.stopped = state.policy;
    state.near = 0;
    state.silent = false;
    report_unknown(own_tag(), UNKNOWN_BUDGET, trace_nowhere(0));
}

/// 1 if the policy at work has to stop, as there are no steps left; what it says then it says once.
#[unsafe(no_mangle)]
pub extern "C" fn is_out_of_steps() -> u32 {
    let is_out = steps() < 0;
    if is_out && state().stopped != state().policy {
        report_budget();
    }
    u32::from(is_out)
}

/// Steps from the root of the object to `node`, through texts too; -1 if it is not of the object.
pub fn depth(node: u32) -> i32 {
    let mut at = state().object;
    let mut depth = 0;
    while at != node {
        if node < at || node >= after(at) {
            return depth_inside(node) as i32 - 2;
        }
        (at, _) = towards(at, node);
        depth += 1;
    }
    depth
}
