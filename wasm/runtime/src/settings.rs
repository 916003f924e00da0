//! Parameters: their values from the settings, checked against their types.
//!
//! ```text
//! param  0 name text · 4 policy + 1 or 0 for the pack, bit 31: has a default · 8 type · 12 default, a value
//!       16 constraint: number of its function among those of the bodies + 1, or 0 · 20 value
//! type   0 kinds, a bit each · 4 what is expected, a text or 0 · 8 how text is read, see `read` · 12 list of members, or 0
//!       16 type of elements or 0 · 20 list of {name text, type, bit 31: must be given} or 0
//! ```
//! The rows are written to by this module alone; generated code loads values from them.

use crate::arena::take;
use crate::dispatch::call_function;
use crate::functions::addresses::{fn_cidr, fn_ip};
use crate::functions::times::{order_duration, order_timestamp};
use crate::functions::ranges::{fn_range, fn_versions};
use crate::functions::versions::fn_version;
use crate::image::fn_image;
use crate::layout::{FIRST_ADDRESS, KIND_LIST, KIND_MAP, KIND_NULL, KIND_STRING, KIND_UNKNOWN};
use crate::message::{Text, push_word};
use crate::node::{after, byte_field, copy_pair, field, first, key, kind, second, set_field, set_word, word};
use crate::pattern::compile_value;
use crate::path::{push_index, push_key};
use crate::program::{POLICY_ROW, is_text, key_text, pack, params, policies};
use crate::quantity::is_quantity;
use crate::state::begin;
use crate::value::{KINDS, new_map};

/// Bytes of a parameter's row.
const PARAM_ROW: u32 = 24;
/// Mark of a parameter with a default, and of a member that must be given.
const MARK: u32 = 1 << 31;

/// The first problem, the last one, and whether the constraint at work was found to hold.
static mut FIRST: u32 = 0;
static mut LAST: u32 = 0;
/// What the constraint at work said: 0 nothing, 1 that it holds, else its message.
static mut SAID: u32 = 0;

/// Gives the parameters their values; `settings` is 0 or what was given. The first problem, or 0.
pub fn apply(settings: u32) -> u32 {
    // SAFETY: a guest has one thread; here and below.
    unsafe {
        FIRST = 0;
        LAST = 0;
    }
    settings_begin();
    let path = Text::new();
    if settings != 0 {
        if kind(settings) == KIND_MAP {
            each_member(settings, |owner| {
                within(path, owner, || set_owner(path, owner));
            });
        } else {
            wrong_kind(path, settings, 0);
        }
    }
    settings_end();
    unsafe { FIRST }
}

/// Gives all parameters their defaults. Code generation puts another function in the place of this and of the other two of
/// its kind where a program has no parameters.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_begin() -> u32 {
    each_param(|row| set_field(row, 20, field(row, 12)));
    1
}

/// Looks for values that are missing, and at the constraints.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_end() -> u32 {
    each_param(|row| require_value(row));
    if !has_problem() {
        each_param(|row| check_constraint(row));
    }
    1
}

fn has_problem() -> bool {
    // SAFETY: see `apply`.
    unsafe { FIRST != 0 }
}

fn each_param(mut body: impl FnMut(u32)) {
    let (mut row, end) = params();
    while row != end {
        body(row);
        row += PARAM_ROW;
    }
}

/// Goes through the members of a map that are not null.
fn each_member(map: u32, mut body: impl FnMut(u32)) {
    let mut member = map + 16;
    while member < after(map) {
        if kind(member) != KIND_NULL {
            body(member);
        }
        member = after(member);
    }
}

/// Goes on with the key of a member at the end of the path.
fn within(path: Text, member: u32, body: impl FnOnce()) {
    let len = path.len();
    push_key(path, key_text(key(member)));
    body();
    set_field(path.0, 4, len);
}

/// Settings of one policy or of the pack.
fn set_owner(path: Text, owner: u32) {
    let name = key_text(key(owner));
    let mut is_known = is_same(pack(), name);
    let (mut row, end) = policies();
    while row != end {
        is_known |= is_same(word(row), name);
        row += POLICY_ROW;
    }
    if !is_known {
        say(path, b"is neither a policy of this module nor its pack");
    } else if kind(owner) != KIND_MAP {
        wrong_kind(path, owner, 0);
    } else {
        each_member(owner, |member| {
            within(path, member, || {
                if settings_lack(path.0, name, member) != 0 {
                    say(path, b"is no parameter");
                }
            });
        });
    }
}

/// 1 if a policy or pack has no parameter with the key of `member`; else the parameter gets its value.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_lack(path: u32, owner: u32, member: u32) -> u32 {
    let mut found = 0;
    each_param(|row| {
        if is_same(owner_name(row), owner) && is_same(word(row), key_text(key(member))) {
            found = row;
        }
    });
    if found == 0 {
        return 1;
    }
    let about = take(12);
    set_word(about, path);
    set_field(about, 4, member);
    set_field(about, 8, field(found, 8));
    // A value that is refused counts as given.
    let value = if settings_value(about) != 0 { member } else { 0 };
    set_field(found, 20, value);
    0
}

/// The name of the policy or pack that a parameter belongs to.
fn owner_name(row: u32) -> u32 {
    let owner = field(row, 4) & !MARK;
    if owner == 0 { pack() } else { word(policies().0 + (owner - 1) * POLICY_ROW) }
}

fn is_same(a: u32, b: u32) -> bool {
    is_text(a, b + 4, word(b))
}

/// Checks a value of the settings; 0 if there is a problem. `about` is {path, value, type}. Code generation puts 1 in its
/// place where a program has no parameters.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_value(about: u32) -> u32 {
    u32::from(is_right(Text(word(about)), field(about, 4), field(about, 8)))
}

fn is_right(path: Text, value: u32, ty: u32) -> bool {
    // Settings are no templates.
    if kind(value) == KIND_UNKNOWN {
        set_word(value, 16 | KIND_STRING);
    }
    let kind = kind(value);
    if word(ty) >> kind & 1 == 0 {
        wrong_kind(path, value, field(ty, 4));
        return false;
    }
    let how = field(ty, 8);
    if how != 0 && read(how, value) == 0 {
        let reason = words!(b"is no ");
        name_reading(reason, how);
        add_problem(path, reason);
        return false;
    }
    if field(ty, 12) != 0 && !is_member(field(ty, 12), value) {
        wrong_member(path, field(ty, 12));
        return false;
    }
    let mut right = true;
    let element = field(ty, 16);
    if kind == KIND_LIST && element != 0 {
        let mut at = value + 16;
        let mut index = 0;
        while at < after(value) {
            let len = path.len();
            push_index(path, index);
            right &= is_right(path, at, element);
            set_field(path.0, 4, len);
            at = after(at);
            index += 1;
        }
    }
    if kind == KIND_MAP && element != 0 {
        each_member(value, |member| {
            within(path, member, || right &= is_right(path, member, element));
        });
    }
    if kind == KIND_MAP && field(ty, 20) != 0 {
        right &= is_right_record(path, value, field(ty, 20));
    }
    right
}

fn is_right_record(path: Text, value: u32, fields: u32) -> bool {
    let mut right = true;
    let end = fields + 4 + 8 * word(fields);
    each_member(value, |member| {
        within(path, member, || {
            let mut at = fields + 4;
            while at != end && !is_same(word(at), key_text(key(member))) {
                at += 8;
            }
            right &= if at == end {
                add_problem(path, words!(b"is no member of this record"));
                false
            } else {
                is_right(path, member, field(at, 4) & !MARK)
            };
        });
    });
    let mut at = fields + 4;
    while at != end {
        if field(at, 4) & MARK != 0 {
            let mut is_given = false;
            each_member(value, |member| is_given |= is_same(word(at), key_text(key(member))));
            if !is_given {
                let len = path.len();
                push_key(path, word(at));
                add_problem(path, words!(b"is required and missing"));
                set_field(path.0, 4, len);
                right = false;
            }
        }
        at += 8;
    }
    right
}

/// Adds what text is read as, by number.
fn name_reading(out: Text, how: u32) {
    match how {
        1 => say!(out, b"quantity"),
        2 => say!(out, b"version"),
        3 => say!(out, b"glob"),
        4 => say!(out, b"regular expression"),
        5 => say!(out, b"cidr"),
        6 => say!(out, b"ip address"),
        7 => say!(out, b"image reference"),
        8 => say!(out, b"duration"),
        9 => say!(out, b"timestamp"),
        10 => say!(out, b"range of versions"),
        _ => say!(out, b"range"),
    }
}

/// 1 if a scalar reads as what its type says. Patterns are compiled.
fn read(how: u32, value: u32) -> u32 {
    match how {
        1 => settings_quantity(value),
        2 => settings_version(value),
        3 => settings_glob(value),
        4 => settings_regex(value),
        5 => settings_cidr(value),
        6 => settings_ip(value),
        7 => settings_image(value),
        8 => settings_duration(value),
        9 => settings_timestamp(value),
        10 => settings_versions(value),
        _ => settings_range(value),
    }
}

/// 1 if a scalar reads as a quantity. Code generation puts 1 in the place of this and of its like where no parameter needs
/// them.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_quantity(value: u32) -> u32 {
    u32::from(is_quantity(value))
}

/// See [`settings_quantity`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_version(value: u32) -> u32 {
    u32::from(fn_version(value) != 0)
}

/// See [`settings_quantity`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_glob(value: u32) -> u32 {
    compile_value(value, 1)
}

/// See [`settings_quantity`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_regex(value: u32) -> u32 {
    compile_value(value, 0)
}

/// See [`settings_quantity`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_cidr(value: u32) -> u32 {
    u32::from(fn_cidr(value) != 0)
}

/// See [`settings_quantity`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_ip(value: u32) -> u32 {
    u32::from(fn_ip(value) != 0)
}

/// See [`settings_quantity`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_image(value: u32) -> u32 {
    u32::from(fn_image(value) >= FIRST_ADDRESS)
}

/// See [`settings_quantity`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_duration(value: u32) -> u32 {
    u32::from(order_duration(value, value) == 0)
}

/// See [`settings_quantity`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_timestamp(value: u32) -> u32 {
    u32::from(order_timestamp(value, value) == 0)
}

/// See [`settings_quantity`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_versions(value: u32) -> u32 {
    u32::from(fn_versions(value) != 0)
}

/// See [`settings_quantity`].
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn settings_range(value: u32) -> u32 {
    u32::from(fn_range(value) != 0)
}

fn is_member(members: u32, value: u32) -> bool {
    let end = members + 4 * word(members);
    let mut at = members;
    while at != end {
        at += 4;
        if kind(value) == KIND_STRING && is_text(word(at), first(value), second(value)) {
            return true;
        }
    }
    false
}

fn wrong_member(path: Text, members: u32) {
    let reason = words!(b"is none of ");
    let end = members + 4 * word(members);
    let mut at = members;
    while at != end {
        at += 4;
        if at != members + 4 {
            reason.push(if at == end { b" and " } else { b", " });
        }
        reason.push_byte(b'`');
        reason.push_text(word(at));
        reason.push_byte(b'`');
    }
    add_problem(path, reason);
}

/// A parameter that has neither a value nor a default.
fn require_value(row: u32) {
    let owner = field(row, 4);
    if owner & MARK != 0 || field(row, 20) != field(row, 12) {
        return;
    }
    let policy = owner & !MARK;
    if policy == 0 || byte_field(policies().0 + (policy - 1) * POLICY_ROW, 9) != 0 {
        add_problem(path_of(row), words!(b"is required and not given"));
    }
}

fn path_of(row: u32) -> Text {
    let path = Text::new();
    push_key(path, owner_name(row));
    push_key(path, word(row));
    path
}

fn check_constraint(row: u32) {
    let constraint = field(row, 16);
    // A value that was not given is not judged.
    if constraint == 0 || (field(row, 4) & MARK == 0 && field(row, 20) == field(row, 12)) {
        return;
    }
    // SAFETY: see `apply`.
    unsafe { SAID = 0 }
    let object = new_map();
    begin(object, object + 16, 0);
    call_function(constraint - 1, object, object);
    // SAFETY: see `apply`.
    let said = unsafe { SAID };
    if said > 1 {
        add_problem(path_of(row), Text(said));
    } else if said == 0 {
        add_problem(path_of(row), words!(b"needs more steps to be checked than there are"));
    }
}

/// The constraint at work holds.
#[unsafe(no_mangle)]
pub extern "C" fn constraint_holds() {
    // SAFETY: see `apply`.
    unsafe { SAID = 1 }
}

/// The constraint at work does not hold.
#[unsafe(no_mangle)]
pub extern "C" fn constraint_fails(message: u32) {
    // SAFETY: see `apply`.
    unsafe { SAID = message }
}

fn wrong_kind(path: Text, value: u32, expected: u32) {
    let reason = Text::new();
    reason.push(b"is ");
    push_word(reason, KINDS, kind(value));
    reason.push(b" where ");
    if expected == 0 {
        reason.push(b"a map");
    } else {
        reason.push_text(expected);
    }
    reason.push(b" is expected");
    add_problem(path, reason);
}

fn say(path: Text, words: &[u8]) {
    let reason = Text::new();
    reason.push(words);
    add_problem(path, reason);
}

fn add_problem(path: Text, reason: Text) {
    let record = problem(path, reason);
    // SAFETY: see `apply`.
    unsafe {
        if FIRST == 0 {
            FIRST = record;
        } else {
            set_word(LAST, record);
        }
        LAST = record;
    }
}

/// A problem; the path is copied.
pub fn problem(path: Text, reason: Text) -> u32 {
    let record = take(20);
    let copied = Text::new();
    copied.push_at(path.ptr(), path.len());
    set_word(record, 0);
    copy_pair(record + 4, copied.0);
    copy_pair(record + 12, reason.0);
    record
}
