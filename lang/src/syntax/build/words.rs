//! Words that begin nothing.

use pest::iterators::Pair;

use super::Builder;
use super::attribute::ATTRIBUTES;
use super::common::{near, rules};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::grammar::Rule;

/// The words that begin a statement.
pub(super) const STMT_WORDS: &[&str] = &["let", "for", "when", "else", "require", "deny"];

impl<'s> Builder<'s> {
    pub(super) fn unknown_stmt(&mut self, pair: &Pair<'s, Rule>, span: Span) {
        let text = self.slice(span);
        let word = rules(pair.clone(), &[Rule::error_word]).next();
        let diagnostic = match word.as_ref().map(|word| (word.as_str(), self.span(word))) {
            None if text.starts_with('#') => self.hash_comment(span),
            None => {
                let first = self.char_at(span.start);
                Diagnostic::error(
                    "unknown-statement",
                    format!("no statement begins with `{}`", self.slice(first)),
                    first,
                    "not understood",
                )
                .with_help("a statement is `let`, `for`, `when`, `require` or `deny`")
            }
            Some((word, at)) => self.unknown_word(word, at),
        };
        self.report(diagnostic);
    }

    /// A diagnostic for a word that was meant to begin a statement or an attribute.
    pub(super) fn unknown_word(&self, word: &str, at: Span) -> Diagnostic {
        let as_stmt = match word {
            "assert" | "ensure" | "must" | "expect" => Some("require"),
            "forbid" | "reject" | "warn" | "violation" => Some("deny"),
            "foreach" => Some("for"),
            "const" | "var" | "def" | "set" => Some("let"),
            _ => near(word, STMT_WORDS),
        };
        if word == "else" || word == "elif" {
            return Diagnostic::error(
                "stray-else",
                format!("`{word}` follows no `when`"),
                at,
                "nothing to be the else of",
            )
            .with_help("write `when CONDITION { … } else { … }`");
        }
        if let Some(known) = as_stmt {
            return Diagnostic::error(
                "unknown-statement",
                format!("no statement begins with `{word}`"),
                at,
                "unknown word",
            )
            .with_help(format!("write `{known}`"))
            .with_edit(at, known);
        }
        let known = match word {
            "profile" => Some("profiles"),
            "control" => Some("controls"),
            "level" | "priority" => Some("severity"),
            "link" | "url" | "urls" => Some("links"),
            _ => near(word, ATTRIBUTES),
        };
        if let Some(known) = known {
            return Diagnostic::error(
                "unknown-attribute",
                format!("a policy has no attribute `{word}`"),
                at,
                "unknown attribute",
            )
            .with_help(format!("write `{known}`"))
            .with_edit(at, known);
        }
        Diagnostic::error(
            "unknown-statement",
            format!("no statement or attribute begins with `{word}`"),
            at,
            "unknown word",
        )
        .with_help("a statement is `let`, `for`, `when`, `require` or `deny`")
    }
}
