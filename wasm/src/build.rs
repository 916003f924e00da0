//! From a typed program to a file: code, index and documentation together.

use palisade_lang::program::Program;

use crate::codegen::emit_module;
use crate::docs::write_docs;
use crate::target::{LinkError, Target, link};

/// The module of `program` for hosts of `target`. The same program gives the same bytes.
///
/// # Errors
///
/// If what code generation made cannot be read back, which is an error of this crate.
pub fn build_module(program: &Program, target: Target) -> Result<Vec<u8>, LinkError> {
    let emitted = emit_module(program);
    link(&emitted.bytes, &emitted.index, &write_docs(program), target)
}
