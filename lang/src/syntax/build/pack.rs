//! The header of a pack.

use pest::iterators::Pair;

use super::Builder;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{PackHeader, SourceFile};
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    pub(super) fn pack(&mut self, pair: Pair<'s, Rule>, tree: &mut SourceFile) {
        let span = self.span(&pair);
        let mut name = None;
        let mut edition = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::pack_name => name = Some(self.kebab_name(&part, "packs")),
                Rule::edition => edition = Some(self.name(&part)),
                _ => {}
            }
        }
        let Some(name) = name else {
            let keyword = Span {
                end: span.start + 4,
                ..span
            };
            self.report(
                Diagnostic::error(
                    "missing-name",
                    "expected the name of the pack",
                    keyword,
                    "no name follows",
                )
                .with_help("write `pack NAME edition 2026`"),
            );
            return;
        };
        if edition.is_none() {
            self.report(
                Diagnostic::error(
                    "missing-edition",
                    format!("pack `{}` names no edition", name.text),
                    name.span,
                    "no edition follows",
                )
                .with_help("write `edition 2026` after the name")
                .with_edit(name.span.after(), " edition 2026"),
            );
        }
        if tree.pack.is_some() {
            self.report(
                Diagnostic::error(
                    "second-pack",
                    "a file names its pack once",
                    span,
                    "second header",
                )
                .with_help("remove this line"),
            );
            return;
        }
        tree.pack = Some(PackHeader {
            name,
            edition,
            span,
        });
    }
}
