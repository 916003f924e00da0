//! From a typed program to a WebAssembly module, and the host that runs it.
//!
//! Knows nothing of YAML, of folders or of the command line.

pub mod codegen;
pub mod index;
pub mod section;

/// The guest runtime that code generation works on a copy of.
pub const RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runtime.wasm"));
