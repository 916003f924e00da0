//! Pale, the policy language: from text to a typed program.
//!
//! A function from text to values: opens no file, reads no clock, prints nothing. Knows nothing of WebAssembly, of
//! folders or of YAML.

pub mod check;
pub mod diagnostic;
pub mod program;
pub mod schema;
pub mod span;
pub mod syntax;
