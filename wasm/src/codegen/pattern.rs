//! Patterns among the constants: what they are compiled to, and which function of the runtime runs that.
//!
//! A constant is a table where that is small, else a program. Only the program can say where a pattern matches, so that
//! each pattern has one as well if `find_all` is called anywhere. The node is drawn at `KIND_PATTERN`.

use palisade_lang::program::{Const, Expr, ExprKind};
use palisade_pattern::{Block, Syntax};

use super::pool::Pool;

/// Bytes of the two addresses before a pattern's text.
const ADDRESSES: u32 = 8;

/// A pattern whose program may have to be added.
#[derive(Debug)]
pub(super) struct Pattern {
    /// Its text.
    text: String,
    /// What it is.
    syntax: Syntax,
    /// Where the address of its program belongs.
    program: u32,
}

impl Pool {
    /// The address of a pattern's text, for its node; nothing if the text is no pattern.
    pub(super) fn pattern(&mut self, text: &str, syntax: Syntax) -> Option<u32> {
        let known = |pattern: &&Pattern| pattern.text == text && pattern.syntax == syntax;
        if let Some(pattern) = self.patterns.iter().find(known) {
            return Some(pattern.program + ADDRESSES);
        }
        let block = Block::to_match(text, syntax).ok()?;
        let block = self.put(&block.0, 4);
        let program = self.put(&0_u32.to_le_bytes(), 4);
        self.put(&block.to_le_bytes(), 1);
        self.put(text.as_bytes(), 1);
        self.patterns.push(Pattern {
            text: text.to_owned(),
            syntax,
            program,
        });
        Some(program + ADDRESSES)
    }

    /// Adds the programs of all patterns if the module looks for where one matches.
    pub(super) fn add_programs(&mut self) {
        if !self.finds {
            return;
        }
        for pattern in std::mem::take(&mut self.patterns) {
            let Ok(block) = Block::to_find(&pattern.text, pattern.syntax) else {
                continue;
            };
            let address = self.put(&block.0, 4);
            self.set_word(pattern.program, address);
        }
    }
}

/// The function of the runtime that tells whether a text has a pattern.
pub(super) fn matcher(pattern: &Expr) -> &'static str {
    if let ExprKind::Const(constant) = &pattern.kind {
        const_matcher(constant)
    } else {
        ANY_MATCHER
    }
}

/// The same of a constant.
pub(super) fn const_matcher(pattern: &Const) -> &'static str {
    let (text, syntax) = if let Const::Glob(text) = pattern {
        (text, Syntax::Glob)
    } else if let Const::Regex(text) = pattern {
        (text, Syntax::Regex)
    } else {
        return ANY_MATCHER;
    };
    match Block::to_match(text, syntax) {
        Ok(block) if block.is_table() => "match_table",
        Ok(_) | Err(_) => ANY_MATCHER,
    }
}

/// The function that runs whatever a pattern was compiled to.
pub(super) const ANY_MATCHER: &str = "match_pattern";
