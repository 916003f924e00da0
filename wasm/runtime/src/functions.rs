//! The functions of the language, named `fn_` and as in `docs/meaning.md`, and what they have in common.
//!
//! Arguments are values. Each function gives back the first argument that is unknown, else 0 if an argument that is no
//! list and no map is absent. Functions whose type is bool give a condition, all others a value. What they compute are
//! fresh nodes, so that a result never passes for a node of the document; only elements of lists stay what they are, and
//! parts of a text know which text they are of.
//!
//! None has static data: that would be in every module, used or not.

mod access;
pub mod addresses;
mod before;
mod certificates;
mod decode;
mod entropy;
mod flags;
mod leaves;
mod lists;
mod names;
mod numbers;
mod paths;
pub mod ranges;
mod schedule;
mod search;
mod selector;
mod shell;
mod sums;
mod text;
pub mod times;
pub mod versions;

use crate::arena::take;
use crate::layout::{FIRST_ADDRESS, KEY_NONE, KIND_REFS, UNKNOWN_BUDGET};
use crate::message::Text;
use crate::node::{byte, copy, first, kind, second, set_field, set_word};
use crate::state::spend;
use crate::value::{new_node, part_node, string_node};

/// What the functions here call an argument list that is complete.
pub const GIVEN: u32 = 1;
/// Longest text that a function makes, in bytes.
const MAX_TEXT: u64 = 1 << 24;

/// True for the codes of unknown values.
fn is_unknown(value: u32) -> bool {
    value.wrapping_sub(1) < FIRST_ADDRESS - 1
}

/// [`GIVEN`] if both are present, else what the function gives back.
#[inline(never)]
pub fn given(a: u32, b: u32) -> u32 {
    if is_unknown(a) {
        a
    } else if is_unknown(b) {
        b
    } else {
        u32::from(a != 0 && b != 0)
    }
}

/// The same of three.
fn given_three(a: u32, b: u32, c: u32) -> u32 {
    let both = given(a, b);
    if both > GIVEN {
        both
    } else if is_unknown(c) {
        c
    } else {
        both & u32::from(c != 0)
    }
}

/// A value of its own that equals `node`, which is a scalar.
fn fresh(node: u32) -> u32 {
    let made = take(16);
    copy(made, node, 16);
    set_word(made, 16 | kind(node));
    set_field(made, 4, KEY_NONE);
    made
}

/// The text of a buffer as a value.
fn text_value(text: Text) -> u32 {
    string_node(text.ptr(), text.len())
}

/// A list under construction.
#[derive(Clone, Copy)]
pub struct Items(pub Text);

/// An element on its way into a list.
static mut ITEM: u32 = 0;

impl Items {
    pub fn new() -> Self {
        Self(Text::new())
    }

    #[inline(never)]
    pub fn push(self, item: u32) {
        // SAFETY: a guest has one thread.
        unsafe { ITEM = item }
        self.0.push_at((&raw const ITEM) as u32, 4);
    }

    /// Adds a part of a text, for a step; false if there is none left.
    #[inline(never)]
    pub fn push_part(self, text: u32, ptr: u32, len: u32) -> bool {
        let paid = spend(1);
        if paid {
            self.push(part_node(text, ptr, len));
        }
        paid
    }

    /// The list, if all of it could be paid for.
    pub fn end(self, paid: bool) -> u32 {
        if paid {
            new_node(KIND_REFS, self.0.len() / 4, self.0.ptr())
        } else {
            UNKNOWN_BUDGET
        }
    }
}

/// A short ASCII text as numbers, so that it takes no static data.
pub const fn pack(text: &[u8]) -> (u64, u64) {
    let (mut low, mut high) = (0, 0);
    let mut nth = 0;
    while nth < text.len() {
        let byte = text[nth] as u64;
        if nth < 8 {
            low |= byte << (8 * nth);
        } else {
            high |= byte << (8 * (nth - 8));
        }
        nth += 1;
    }
    (low, high)
}

/// The same of a text that is not known before; (0, 0) if it is longer than 16 bytes.
#[inline(never)]
pub fn is_packed(ptr: u32, len: u32, low: u64, high: u64) -> bool {
    if len > 16 {
        return false;
    }
    let (mut left, mut right) = (low, high);
    let mut at = ptr;
    while at != ptr + len {
        if left as u8 != byte(at) {
            return false;
        }
        left = left >> 8 | right << 56;
        right >>= 8;
        at += 1;
    }
    left == 0
}

/// True if a string says `packed`.
fn says(node: u32, packed: (u64, u64)) -> bool {
    is_packed(first(node), second(node), packed.0, packed.1)
}
