//! Checks: `require` and `deny`, and the clauses behind them.

use pest::iterators::Pair;

use super::Builder;
use super::common::rules;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Check, CheckKind, Expr, StmtKind};
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    pub(super) fn check(&mut self, pair: Pair<'s, Rule>) -> StmtKind {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let mut keyword = span;
        let mut kind = CheckKind::Deny;
        let mut condition = None;
        let mut is_broken = false;
        let mut comma = None;
        let mut message = None;
        let mut severity = None;
        let mut place = None;
        let mut fixes = Vec::new();
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::kw_check => {
                    keyword = part_span;
                    if part.as_str() == "require" {
                        kind = CheckKind::Require;
                    }
                }
                Rule::expr if comma.is_some() => message = Some(self.expression(part)),
                Rule::expr => {
                    let (expr, juxtaposed) = self.condition(part);
                    condition = Some(expr);
                    message = juxtaposed;
                    is_broken = self.diagnostics.len() > n_before;
                }
                Rule::comma => comma = Some(part_span),
                Rule::bad_comma => self.report(
                    Diagnostic::error(
                        "extra-comma",
                        "no `,` stands before `severity`, `at` or `fix`",
                        part_span,
                        "not needed",
                    )
                    .with_help("remove it")
                    .with_edit(part_span, ""),
                ),
                Rule::severity_clause => severity = Some(self.clause(part, "severity")),
                Rule::at_clause => place = Some(self.clause(part, "at")),
                Rule::fix_clause => fixes.push(self.fix(part)),
                _ => {}
            }
        }
        let word = self.slice(keyword);
        let condition = match condition {
            Some(condition) => condition,
            None => {
                is_broken = true;
                self.missing_condition(keyword, word)
            }
        };
        if message.is_none() && !is_broken {
            self.missing_message(word, &condition, comma, keyword);
        }
        StmtKind::Check(Check {
            kind,
            condition,
            message,
            severity,
            place,
            fixes,
        })
    }

    fn missing_message(
        &mut self,
        word: &str,
        condition: &Expr,
        comma: Option<Span>,
        keyword: Span,
    ) {
        let diagnostic = match comma {
            Some(comma) => Diagnostic::error(
                "missing-message",
                "expected a message after `,`",
                comma,
                "nothing follows",
            )
            .with_edit(comma.after(), " \"…\""),
            None => {
                let at = self.line_end_of(condition, keyword);
                Diagnostic::error(
                    "missing-message",
                    "expected `,` and a message after the condition",
                    condition.span,
                    "nothing follows this",
                )
                .with_edit(at, ", \"…\"")
            }
        };
        let help = if word == "deny" {
            "say in a string what is wrong when this is true"
        } else {
            "say in a string what is wrong when this is false"
        };
        self.report(diagnostic.with_help(help));
    }

    /// The empty span after an expression and the parentheses around it.
    fn line_end_of(&self, condition: &Expr, keyword: Span) -> Span {
        let n_open = self
            .slice(Span::new(self.file, keyword.end, condition.span.start))
            .matches('(')
            .count();
        let mut end = condition.span.end;
        for _ in 0..n_open {
            let rest = self.text.get(end as usize..).unwrap_or_default();
            let blank = rest.len() - rest.trim_start().len();
            if rest.trim_start().starts_with(')') {
                end += u32::try_from(blank + 1).unwrap_or_default();
            }
        }
        Span::new(self.file, end, end)
    }

    fn clause(&mut self, pair: Pair<'s, Rule>, word: &str) -> Expr {
        let keyword = self.word_at(self.span(&pair), word);
        if let Some(value) = rules(pair, &[Rule::expr]).next() {
            return self.expression(value);
        }
        let help = if word == "at" {
            "write the field to point at, such as `at c.image`"
        } else {
            "write one of `critical`, `high`, `medium`, `low`, `info`"
        };
        self.report(
            Diagnostic::error(
                "missing-value",
                format!("expected a value after `{word}`"),
                keyword,
                "nothing follows",
            )
            .with_help(help),
        );
        self.hole(keyword)
    }
}
