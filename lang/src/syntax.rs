//! From text to syntax tree.
//!
//! [`parse`] always gives a tree. What it could not understand is an error node or a hole with a diagnostic, and what
//! stands around it is understood all the same, so one run shows every syntax error of a file.
//!
//! The grammar (`pale.pest`) finds blocks, statements, brackets and words and accepts every text; [`build`] gives the tree
//! its shape and says what is wrong. [`scan`] finds comments and bounds the nesting before either of them recurses.

pub mod ast;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the rules of the grammar are an open set, of which each place expects a few"
)]
mod build;
mod grammar;
mod scan;
#[cfg(test)]
mod tests;

use pest::Parser as _;

use crate::diagnostic::Diagnostic;
use crate::span::{FileId, Span};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// How many brackets and blocks may stand inside each other.
pub const MAX_NESTING: usize = 128;

/// The words that a `let`, `for` or quantifier cannot bind, sorted. Any of them may follow a dot or be quoted.
pub const RESERVED: &[&str] = &[
    "all", "and", "any", "as", "at", "const", "deny", "div", "else", "false", "first", "fix", "fn",
    "for", "if", "in", "is", "last", "let", "like", "matches", "no", "none", "not", "or", "param",
    "policy", "require", "severity", "then", "true", "when", "where",
];

/// What a file's text means, as far as it could be understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The tree.
    pub tree: ast::SourceFile,
    /// The syntax errors in the order of the text; empty for a valid file.
    pub diagnostics: Vec<Diagnostic>,
    /// All comments, documentation included, from their slashes to the end of their lines.
    pub comments: Vec<Span>,
}

/// Reads the text of a `.pale` file.
///
/// A file of more than [`MAX_BYTES`] bytes or [`MAX_NESTING`] levels gives an empty tree and one diagnostic.
#[must_use]
pub fn parse(file: FileId, text: &str) -> Parsed {
    let refused = |diagnostic, comments| Parsed {
        tree: ast::SourceFile {
            file,
            doc: None,
            pack: None,
            items: Vec::new(),
        },
        diagnostics: vec![diagnostic],
        comments,
    };
    if text.len() > MAX_BYTES {
        let start = Span::new(file, 0, 0);
        return refused(
            Diagnostic::error(
                "file-too-large",
                "the file is larger than 1 MiB",
                start,
                "this file",
            )
            .with_help("split the file; all files of a pack see each other"),
            Vec::new(),
        );
    }
    let scanned = scan::scan(file, text);
    if let Some(span) = scanned.too_deep {
        return refused(
            Diagnostic::error(
                "nesting-too-deep",
                format!("more than {MAX_NESTING} levels of nesting"),
                span,
                "one level too many",
            )
            .with_help("name inner parts with `let`"),
            scanned.comments,
        );
    }
    match grammar::Grammar::parse(grammar::Rule::file, text) {
        Ok(mut pairs) => {
            let (tree, diagnostics) =
                build::Builder::new(file, text, &scanned.comments).build(pairs.next());
            Parsed {
                tree,
                diagnostics,
                comments: scanned.comments,
            }
        }
        // The grammar accepts every text, and pest stops only where a caller left it too little of its stack.
        Err(_) => refused(
            Diagnostic::error(
                "nesting-too-deep",
                "the file nests too deep to be read here",
                Span::new(file, 0, 0),
                "this file",
            )
            .with_help("name inner parts with `let`"),
            scanned.comments,
        ),
    }
}
