//! Fixes: the edits that make a finding go away.

use pest::iterators::Pair;

use super::Builder;
use super::common::rules;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Edit, Fix};
use crate::syntax::grammar::Rule;

/// The forms of an edit, for whoever wrote none.
const FORMS: &str = "write `PATH = value`, `remove PATH`, `append value to PATH`, `upsert PATH[key] = value` or \
                     `create KIND { … }`";

impl<'s> Builder<'s> {
    /// `fix [unsafe] EDIT [when CONDITION]`, `fix [unsafe] { EDIT … } [when CONDITION]`
    pub(super) fn fix(&mut self, pair: Pair<'s, Rule>) -> Fix {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let mut last = span;
        let mut is_unsafe = false;
        let mut edits: Option<Vec<Edit>> = None;
        let mut condition = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::kw_unsafe => is_unsafe = true,
                Rule::edit => {
                    edits = rules(part, &[Rule::expr])
                        .next()
                        .map(|edit| vec![self.edit(edit)]);
                }
                Rule::fix_block => edits = Some(self.edits(part)),
                Rule::fix_when => {
                    condition = Some(self.when_condition(part));
                    continue;
                }
                _ => {}
            }
            if edits.is_none() {
                last = part_span;
            }
        }
        if edits.is_none() && self.diagnostics.len() == n_before {
            self.missing_edit(last);
        }
        Fix {
            is_unsafe,
            edits: edits.unwrap_or_default(),
            condition,
            span,
        }
    }

    fn missing_edit(&mut self, after: Span) {
        self.report(
            Diagnostic::error(
                "missing-edit",
                format!("expected an edit after `{}`", self.slice(after)),
                after,
                "nothing follows",
            )
            .with_help(FORMS),
        );
    }

    /// A fix that stands behind no check.
    pub(super) fn stray_fix(&mut self, pair: Pair<'s, Rule>) {
        let span = self.span(&pair);
        drop(self.silently(|builder| builder.fix(pair)));
        self.report(
            Diagnostic::error(
                "stray-fix",
                "this `fix` follows no check",
                self.word_at(span, "fix"),
                "nothing to fix",
            )
            .with_help("move it behind the message of a `require` or `deny`"),
        );
    }

    fn edits(&mut self, pair: Pair<'s, Rule>) -> Vec<Edit> {
        let span = self.span(&pair);
        let open = self.char_at(span.start);
        let n_at_start = self.diagnostics.len();
        let mut edits = Vec::new();
        let mut broken: Option<Span> = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            let n_before = self.diagnostics.len();
            match part.as_rule() {
                Rule::line_edit => {
                    let edit = part.into_inner().next().map(|edit| self.edit(edit));
                    edits.extend(edit);
                    broken = (self.diagnostics.len() > n_before).then_some(part_span);
                }
                Rule::bad_entry if !self.is_on_line(broken, part_span) => {
                    self.report(
                        Diagnostic::error(
                            "unexpected",
                            "expected an edit",
                            self.first_line(part_span),
                            "not understood here",
                        )
                        .with_help(FORMS),
                    );
                    broken = Some(part_span);
                }
                Rule::close if part.as_str().is_empty() && self.diagnostics.len() == n_at_start => {
                    self.open_block(open, "this `fix`");
                }
                _ => {}
            }
        }
        if edits.is_empty() && self.diagnostics.len() == n_at_start {
            self.missing_edit(open);
        }
        edits
    }
}
