//! From a typed program to a WebAssembly module, and the host that runs it.
//!
//! Knows nothing of YAML, of folders or of the command line.

pub mod index;
