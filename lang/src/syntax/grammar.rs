//! The parser that is generated from `pale.pest`.

use pest_derive::Parser;

/// The generated parser.
#[derive(Debug, Parser)]
#[grammar = "syntax/pale.pest"]
pub(super) struct Grammar;
