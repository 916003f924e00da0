//! Pale, the policy language: from text to a typed program.
//!
//! A function from text to values: opens no file, reads no clock, prints nothing. Knows nothing of WebAssembly, of
//! folders or of YAML.

// The parser that pest derives without its `std` feature, whose guard of the stack costs a tenth of all parsing, names
// its collections by this crate; nesting is bounded before pest sees a text.
extern crate alloc;

pub mod check;
pub mod diagnostic;
pub mod format;
pub mod program;
pub mod schema;
pub mod span;
pub mod syntax;
