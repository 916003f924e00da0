//! What the running evaluation has reached: the object, the policy, the results so far.

use crate::embedded::{place_of, whereabouts};
use crate::inventory::is_foreign;
use crate::layout::{FIRST_ADDRESS, STEP_BUDGET};
use crate::node::{key, set_word};
use crate::program::shared;

/// Steps left; generated loops count it down.
#[unsafe(no_mangle)]
pub static mut PALISADE_STEPS: i32 = 0;

/// All of it; overwritten at the start of each evaluation.
#[derive(Clone, Copy)]
pub struct State {
    /// The object judged, and the address after its last node.
    pub object: u32,
    pub object_end: u32,
    /// What the host said about the evaluation; 0 for nothing.
    pub context: u32,
    /// The part judged.
    pub part: u32,
    /// The row of the policy that runs; 0 for none.
    pub policy: u32,
    /// What the host says of severities: 0, or the address of a byte for each policy.
    pub severities: u32,
    /// Reads make no findings: a finding is being explained.
    pub silent: bool,
    /// A read was not simply what it should be; whoever wants to know sets it to false before.
    pub odd: bool,
    /// Results are marks: nothing is explained.
    pub brief: bool,
    /// The element of the innermost `for` that is located; 0 for none.
    pub near: u32,
    /// The values that a message needs beside those that it finds itself; 0 for none.
    pub arguments: u32,
    /// The fix that belongs to the findings to come; 0 for none.
    pub fix: u32,
    /// First result, last result, first result of this policy.
    pub first: u32,
    pub last: u32,
    pub own: u32,
    pub count: u32,
    /// Bytes that the results take.
    pub bytes: u32,
    pub flags: u32,
    /// The row of the policy that ran out of steps last.
    pub stopped: u32,
    /// Fixes made.
    pub fixes: u32,
    /// The documents that texts held; 0 for none.
    pub embedded: u32,
}

static mut STATE: State = State {
    object: 0,
    object_end: 0,
    context: 0,
    part: 0,
    policy: 0,
    severities: 0,
    silent: false,
    odd: false,
    brief: false,
    near: 0,
    arguments: 0,
    fix: 0,
    first: 0,
    last: 0,
    own: 0,
    count: 0,
    bytes: 0,
    flags: 0,
    stopped: 0,
    fixes: 0,
    embedded: 0,
};

/// The state. Callers keep no reference across a call that may take another.
pub fn state() -> &'static mut State {
    // SAFETY: a guest has one thread and is not re-entered; no function keeps the reference while calling another that
    // takes it.
    unsafe { &mut *(&raw mut STATE) }
}

/// Begins an evaluation.
pub fn begin(object: u32, object_end: u32, context: u32) {
    // SAFETY: all zeros is a state.
    *state() = unsafe { core::mem::zeroed() };
    state().object = object;
    state().object_end = object_end;
    state().context = context;
    set_steps(STEP_BUDGET as i32);
}

/// Forgets what was found out about a part: another one is judged.
#[inline(never)]
pub fn forget_shared() {
    let (mut slot, end) = shared();
    while slot != end {
        set_word(slot, 0);
        slot += 4;
    }
}

/// Steps left; negative once they ran out.
pub fn steps() -> i32 {
    // SAFETY: one thread.
    unsafe { (&raw const PALISADE_STEPS).read() }
}

/// Takes one step; false if there was none left.
pub fn take_step() -> bool {
    let left = steps() - 1;
    set_steps(left);
    left >= 0
}

/// Takes steps; false if there are not so many left, and then there are none.
#[inline(never)]
pub fn spend(n_steps: u32) -> bool {
    let left = i64::from(steps()) - i64::from(n_steps);
    set_steps(if left < 0 { -1 } else { left as i32 });
    left >= 0
}

fn set_steps(steps: i32) {
    // SAFETY: one thread.
    unsafe { (&raw mut PALISADE_STEPS).write(steps) }
}

/// True for a node of the object judged.
#[inline(always)]
pub fn is_located(node: u32) -> bool {
    let state = state();
    node >= state.object && node < state.object_end
}

/// True for a node of the object judged, or of a document in one of its texts.
pub fn is_place(node: u32) -> bool {
    is_located(node) || whereabouts(node) >= FIRST_ADDRESS
}

/// The node if it is a place; of a text that stands at a place, as keys do, that; else 0.
#[inline(never)]
pub fn origin(node: u32) -> u32 {
    if is_located(node) { node } else { member_of_key(node) & !1 }
}

/// The place that a value is or stands at, if it is no node of the object judged: a member as its key, what base64 was
/// decoded from, a part of a text. 0 or 1 if there is none. Code generation puts 1 in its place where a program makes no such values.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn member_of_key(node: u32) -> u32 {
    // Symbols are below every document, addresses of texts have a bit that no address of a node has.
    if node < FIRST_ADDRESS {
        0
    } else if is_foreign(node) == 0 {
        node
    } else {
        let place = place_of(node);
        if place < FIRST_ADDRESS && is_located(key(node)) { key(node) } else { place }
    }
}
