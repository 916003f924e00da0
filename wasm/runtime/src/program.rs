//! The compiled program as the runtime sees it: tables that code generation writes into static data.
//!
//! ```text
//! PROGRAM   0 heap u32                first free address after all static data
//!           4 symbols u32, count u32  rows {ptr u32, len u32}; the first ones are SYM_*
//!          12 index u32, mask u32     hash table of symbols for reading JSON: u16 symbol + 1, 0 empty; slot = hash & mask, then the next
//!          20 policies u32, count u32 rows of 24: name ptr, len; severity u8, default u8, pad u16; first check; checks; title ptr is not here
//!          28 routes u32, count u32   rows of 24: kind ptr, len; groups u32, count (rows {ptr, len}); entries u32, count
//!                                     entry of 16: path u32, count (u32 symbols); runs u32, count
//!                                     run of 8: policy u32, function u32 (index in the function table)
//! ```

use crate::node::word;

/// Filled in by code generation.
#[unsafe(no_mangle)]
pub static mut PALISADE_PROGRAM: [u32; 16] = [0; 16];

/// Symbols that every module has, in this order.
pub const SYM_API_VERSION: u32 = 0;
pub const SYM_KIND: u32 = 1;
pub const SYM_METADATA: u32 = 2;
pub const SYM_NAME: u32 = 3;
pub const SYM_NAMESPACE: u32 = 4;
pub const SYM_GENERATE_NAME: u32 = 5;
pub const SYM_REQUEST: u32 = 6;
pub const SYM_OLD: u32 = 7;
pub const SYM_NAMESPACE_OBJECT: u32 = 8;
pub const SYM_NOW: u32 = 9;
pub const SYM_CLUSTER_VERSION: u32 = 10;
pub const SYM_KNOWLEDGE: u32 = 11;
pub const SYM_INIT_CONTAINERS: u32 = 12;
pub const SYM_EPHEMERAL_CONTAINERS: u32 = 13;
pub const SYM_RESTART_POLICY: u32 = 14;

fn base() -> u32 {
    (&raw const PALISADE_PROGRAM) as u32
}

/// The first free address.
pub fn heap() -> u32 {
    word(base())
}

/// The table of symbols and its length.
pub fn symbols() -> (u32, u32) {
    (word(base() + 4), word(base() + 8))
}

/// The hash table of symbols and its mask.
pub fn symbol_index() -> (u32, u32) {
    (word(base() + 12), word(base() + 16))
}

/// The table of policies and its length.
pub fn policies() -> (u32, u32) {
    (word(base() + 20), word(base() + 24))
}

/// The table of routes and its length.
pub fn routes() -> (u32, u32) {
    (word(base() + 28), word(base() + 32))
}

/// The hash of a name, for the hash table of symbols: FNV-1a of its bytes, the high half folded in.
pub fn hash(name: &[u8]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    for &byte in name {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash ^ (hash >> 16)
}
