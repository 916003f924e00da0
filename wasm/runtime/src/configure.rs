//! Taking the settings of a module over: they outlive resets, nothing else does.

use crate::arena::{mark, palisade_reset};
use crate::inventory::inventory_forget;
use crate::json_read::palisade_read_json;
use crate::json_write::push_reason;
use crate::layout::ABI_VERSION;
use crate::message::Text;
use crate::node::{field, word};
use crate::settings::{apply, problem};

/// Whether the last settings were refused.
static mut IS_REFUSED: bool = false;

/// The version of the interface.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_abi() -> u32 {
    ABI_VERSION
}

/// Reads the settings; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_configure(json: u32, len: u32) -> u32 {
    inventory_forget();
    let mut settings = 0;
    let mut first = 0;
    if len != 0 {
        let read = palisade_read_json(json, len);
        settings = word(read);
        if settings == 0 {
            let reason = Text::new();
            push_reason(reason, field(read, 4));
            first = problem(Text::new(), reason);
        }
    }
    if first == 0 {
        first = apply(settings);
    }
    // SAFETY: a guest has one thread.
    unsafe { IS_REFUSED = first != 0 }
    if first == 0 {
        if settings == 0 {
            palisade_reset();
        }
        mark();
    }
    first
}

/// False after settings that were refused.
pub fn is_usable() -> bool {
    // SAFETY: a guest has one thread.
    !unsafe { IS_REFUSED }
}
