//! The interface between a host and a policy module, and the document tape that crosses it.
//!
//! Knows nothing of YAML, of WebAssembly engines or of policies. [`layout`] holds the numbers that `docs/abi.md` freezes
//! and is compiled into the guest as well; [`tape`] is a document as the host keeps it; [`place`] is a position in it.

pub mod layout;
pub mod place;
pub mod tape;
