//! What is no declaration.

use pest::iterators::Pair;

use super::Builder;
use super::attribute::ATTRIBUTES;
use super::common::near;
use super::words::STMT_WORDS;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Item, ItemKind};
use crate::syntax::grammar::Rule;

/// The words that begin a declaration.
const ITEM_WORDS: &[&str] = &[
    "policy", "pack", "param", "view", "extend", "profile", "const", "type", "kind", "table",
];

impl<'s> Builder<'s> {
    pub(super) fn junk_item(&mut self, pair: &Pair<'s, Rule>) -> Item {
        let span = self.span(pair);
        if pair.as_rule() == Rule::stray_close {
            self.report(
                Diagnostic::error(
                    "stray-brace",
                    "this `}` closes no block",
                    span,
                    "nothing is open here",
                )
                .with_help("remove it")
                .with_edit(span, ""),
            );
        } else {
            self.unknown_item(span);
        }
        Item {
            kind: ItemKind::Error,
            doc: None,
            span,
        }
    }

    fn unknown_item(&mut self, span: Span) {
        let text = self.slice(span);
        let word: &str = text
            .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
            .next()
            .unwrap_or_default();
        let first = self.word_at(span, word);
        let diagnostic = if text.starts_with('#') {
            self.hash_comment(span)
        } else if STMT_WORDS.contains(&word) || ATTRIBUTES.contains(&word) {
            let diagnostic = Diagnostic::error(
                "outside-policy",
                format!("`{word}` stands outside of a policy"),
                first,
                "not a declaration",
            );
            match self.policy_end {
                Some(end) => diagnostic
                    .with_label(end, "the policy above ends here")
                    .with_help("remove the `}` that ends the policy too early"),
                None => diagnostic.with_help("move it into `policy NAME on KIND { … }`"),
            }
        } else if ITEM_WORDS.contains(&word) || word == "use" {
            let after = if word == "extend" { "view" } else { word };
            Diagnostic::error(
                "missing-name",
                format!("expected a name after `{after}`"),
                first,
                "no name follows",
            )
            .with_help(format!("write `{after} NAME …`"))
        } else if let Some(known) = near(word, ITEM_WORDS) {
            Diagnostic::error(
                "unknown-declaration",
                format!("no declaration begins with `{word}`"),
                first,
                "unknown word",
            )
            .with_help(format!("write `{known}`"))
            .with_edit(first, known)
        } else {
            let first = if word.is_empty() {
                self.char_at(span.start)
            } else {
                first
            };
            let shown = self.slice(first);
            Diagnostic::error(
                "unknown-declaration",
                format!("no declaration begins with `{shown}`"),
                first,
                "not understood",
            )
            .with_help("begin with `policy NAME on KIND { … }`")
        };
        self.report(diagnostic);
    }
}
