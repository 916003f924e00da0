//! Memory that only grows until it is reset: an evaluation allocates, nobody frees.

use crate::program;

/// Next free address; 0 before the first allocation.
static mut NEXT: u32 = 0;
/// Where memory ends; 0 before the first allocation.
static mut ROOM: u32 = 0;
/// Where a reset goes back to.
static mut MARK: u32 = 0;

/// Bytes that the whole memory may take.
const LIMIT: u32 = 256 << 20;
const PAGE: u32 = 1 << 16;

/// Space for `bytes`, aligned to 16; 0 if memory cannot grow.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_alloc(bytes: u32) -> u32 {
    find_space(bytes)
}

#[inline(always)]
fn find_space(bytes: u32) -> u32 {
    // SAFETY: a guest has one thread, and nothing keeps a reference to these.
    unsafe {
        let start = NEXT;
        if bytes >= ROOM - start {
            return grow(bytes);
        }
        NEXT = align(start + bytes);
        start
    }
}

/// The same where memory may have to grow.
#[cold]
#[inline(never)]
fn grow(bytes: u32) -> u32 {
    // SAFETY: see `palisade_alloc`.
    unsafe {
        if ROOM == 0 {
            NEXT = align(program::heap());
            MARK = NEXT;
        }
        let start = NEXT;
        if bytes > LIMIT - 16 - start {
            return 0;
        }
        let end = align(start + bytes);
        // Grows by whole pages; there are at most 4096.
        let wanted = (end + PAGE - 1) / PAGE;
        let have = core::arch::wasm32::memory_size(0) as u32;
        if wanted > have && core::arch::wasm32::memory_grow(0, (wanted - have) as usize) == usize::MAX {
            return 0;
        }
        ROOM = if wanted > have { wanted } else { have } * PAGE;
        NEXT = end;
        start
    }
}

/// Space for `bytes`; traps if memory cannot grow, which the host reports as a limit.
#[inline(never)]
pub fn take(bytes: u32) -> u32 {
    let start = find_space(bytes);
    if start == 0 {
        core::arch::wasm32::unreachable()
    }
    start
}

/// The same, of zeros.
#[inline(never)]
pub fn take_zeros(bytes: u32) -> u32 {
    let start = take(bytes);
    let mut at = start;
    while at < start + bytes {
        // SAFETY: the space was just given, and is a multiple of 16 bytes. Volatile, or else it would become an
        // instruction that hosts carry out by a call, which is slow for so few bytes.
        unsafe { (at as *mut u64).write_volatile(0) }
        at += 8;
    }
    start
}

/// Gives back `start`, which [`take`] gave, and everything after it.
pub fn release(start: u32) {
    // SAFETY: see `palisade_alloc`; the caller keeps no address from `start` on.
    unsafe { NEXT = start }
}

/// Forgets everything since the last mark.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_reset() {
    // SAFETY: see `palisade_alloc`; addresses handed out before are void by contract.
    unsafe { NEXT = MARK }
}

/// Keeps what was allocated so far across resets.
pub fn mark() {
    // SAFETY: see `palisade_alloc`.
    unsafe { MARK = NEXT }
}

fn align(address: u32) -> u32 {
    (address + 15) & !15
}
