//! Reading and writing nodes and raw memory.

use crate::layout::{EXTENT_MASK, KIND_MASK};

/// The word at `address`.
pub fn word(address: u32) -> u32 {
    // SAFETY: wasm bounds every access to the guest's own memory; there is nothing beyond it to corrupt.
    unsafe { (address as *const u32).read_unaligned() }
}

/// Writes the word at `address`.
pub fn set_word(address: u32, value: u32) {
    // SAFETY: see `word`.
    unsafe { (address as *mut u32).write_unaligned(value) }
}

/// The word `offset` bytes after `address`, for an access of a record: the two never go round the end of memory, so that
/// the offset is part of the instruction.
pub fn field(address: u32, offset: u32) -> u32 {
    // SAFETY: see `word`.
    unsafe { (address as *const u8).add(offset as usize).cast::<u32>().read_unaligned() }
}

/// Writes the word `offset` bytes after `address`.
pub fn set_field(address: u32, offset: u32, value: u32) {
    // SAFETY: see `word`.
    unsafe { (address as *mut u8).add(offset as usize).cast::<u32>().write_unaligned(value) }
}

/// The byte `offset` bytes after `address`.
pub fn byte_field(address: u32, offset: u32) -> u8 {
    // SAFETY: see `word`.
    unsafe { *(address as *const u8).add(offset as usize) }
}

/// The byte at `address`.
pub fn byte(address: u32) -> u8 {
    // SAFETY: see `word`.
    unsafe { *(address as *const u8) }
}

/// Writes the byte at `address`.
pub fn set_byte(address: u32, value: u8) {
    // SAFETY: see `word`.
    unsafe { *(address as *mut u8) = value }
}

/// Copies 8 bytes.
pub fn copy_pair(to: u32, from: u32) {
    // SAFETY: see `word`.
    unsafe { (to as *mut u64).write_unaligned((from as *const u64).read_unaligned()) }
}

/// Copies bytes; the stretches may overlap.
pub fn copy(to: u32, from: u32, len: u32) {
    // SAFETY: see `word`.
    unsafe { core::ptr::copy(from as *const u8, to as *mut u8, len as usize) }
}

/// The bytes of a text.
pub fn bytes(address: u32, len: u32) -> &'static [u8] {
    // SAFETY: see `word`; the arena is not reset while an evaluation runs.
    unsafe { core::slice::from_raw_parts(address as *const u8, len as usize) }
}

/// The kind of a node.
#[inline(never)]
pub fn kind(node: u32) -> u32 {
    fast_kind(node)
}

/// The same in place, where time counts more than room.
#[inline(always)]
pub fn fast_kind(node: u32) -> u32 {
    word(node) & KIND_MASK
}

/// The node after `node` and everything below it.
#[inline(never)]
pub fn after(node: u32) -> u32 {
    fast_after(node)
}

/// The same in place, where time counts more than room.
#[inline(always)]
pub fn fast_after(node: u32) -> u32 {
    node + (word(node) & EXTENT_MASK)
}

/// The element or member of a list or map that is a node or holds it, and how many are before it.
#[inline(always)]
pub fn towards(container: u32, node: u32) -> (u32, u32) {
    let (mut at, mut index) = (container + 16, 0);
    while node >= after(at) {
        at = after(at);
        index += 1;
    }
    (at, index)
}

/// The key of a node.
pub fn key(node: u32) -> u32 {
    field(node, 4)
}

/// The first payload word: address of the text, size, low half of an int, bool.
pub fn first(node: u32) -> u32 {
    field(node, 8)
}

/// The second payload word: length of the text, high half of an int.
pub fn second(node: u32) -> u32 {
    field(node, 12)
}

/// The value of an int node.
pub fn int(node: u32) -> i64 {
    // SAFETY: see `word`.
    unsafe { (node as *const u8).add(8).cast::<i64>().read_unaligned() }
}

/// Writes the value of an int node.
pub fn set_int(node: u32, value: i64) {
    // SAFETY: see `word`.
    unsafe { (node as *mut u8).add(8).cast::<i64>().write_unaligned(value) }
}

/// The text of a string, float or unknown node.
pub fn text(node: u32) -> &'static [u8] {
    bytes(first(node), second(node))
}
