//! From a typed program to a WebAssembly module, and the host that runs it.
//!
//! Knows nothing of YAML, of folders or of the command line.

pub mod build;
pub mod codegen;
pub mod docs;
#[cfg(test)]
mod guest_tests;
pub mod host;
pub mod index;
pub mod inspect;
pub mod profiles;
pub mod projection;
mod prune;
pub mod section;
pub mod settings;
pub mod target;
#[cfg(test)]
mod testing;

/// The guest runtime that code generation works on a copy of.
pub const RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runtime.wasm"));

/// Changes with everything that decides which module sources become: for caches of modules.
pub const COMPILER: &str = concat!(env!("CARGO_PKG_VERSION"), "-", env!("PALISADE_COMPILER"));

pub use palisade_pattern as pattern;
