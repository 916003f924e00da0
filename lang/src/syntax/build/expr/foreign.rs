//! Operators and tests of other languages.

use super::{Built, Level, Tokens, shorten};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind, UnaryOp};
use crate::syntax::build::Builder;
use crate::syntax::build::common::near;
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    /// Says how an operator of other languages is written.
    pub(super) fn foreign_operator(&mut self, written: &str, span: Span) {
        let (message, right) = match written {
            "=" | "===" => (
                format!("values are compared with `==`, not `{written}`"),
                "==",
            ),
            "!==" | "<>" => (
                format!("values are compared with `!=`, not `{written}`"),
                "!=",
            ),
            "=>" => ("at least is written `>=`, not `=>`".to_owned(), ">="),
            "&&" => ("both conditions are joined with `and`".to_owned(), "and"),
            "||" => ("either condition is joined with `or`".to_owned(), "or"),
            "=~" => {
                self.report(Diagnostic::error(
                    "unknown-operator",
                    "`=~` is not an operator",
                    span,
                    "not an operator",
                ));
                return;
            }
            _ => return,
        };
        self.report(
            Diagnostic::error("unknown-operator", message, span, "not an operator")
                .with_help(format!("write `{right}`"))
                .with_edit(span, right),
        );
    }

    /// `!x`, which is written `not x`.
    pub(super) fn bang(&mut self, tokens: &mut Tokens<'s>) -> Built {
        self.take(tokens);
        let at = tokens.last;
        let operand = self.binary(tokens, Level::Unary);
        let mut diagnostic = Diagnostic::error(
            "unknown-operator",
            "negation is written `not`, not `!`",
            at,
            "not an operator",
        );
        // `not` reaches as far right as it can, `!` does not.
        diagnostic = if tokens.peek().is_some() {
            diagnostic
                .with_help("write `(not …)`")
                .with_edit(at, "(not ")
                .with_edit(operand.outer.after(), ")")
        } else {
            diagnostic.with_help("write `not`").with_edit(at, "not ")
        };
        self.report(diagnostic);
        let span = at.to(operand.outer);
        Built {
            height: operand.height + 1,
            outer: span,
            expr: Expr {
                kind: ExprKind::Unary {
                    op: UnaryOp::Not,
                    operand: Box::new(operand.expr),
                },
                span,
            },
        }
    }

    pub(super) fn bad_test(&mut self, tokens: &mut Tokens<'s>, op_span: Span, negated: bool) {
        let next = tokens.peek();
        let Some((rule, text)) = next else {
            self.report(
                Diagnostic::error(
                    "missing-test",
                    format!(
                        "expected `set`, `empty` or `known` after `{}`",
                        self.slice(op_span)
                    ),
                    op_span,
                    "nothing follows",
                )
                .with_help("write `is set`, `is empty` or `is known`"),
            );
            return;
        };
        let at = tokens.list.peek().map_or(op_span, |pair| self.span(pair));
        let is_hole = text.is_empty();
        let diagnostic = Diagnostic::error(
            "unknown-test",
            format!("`{}` is not something to test with `is`", shorten(text)),
            at,
            "not `set`, `empty` or `known`",
        );
        let diagnostic = match text {
            "none" | "null" | "nil" | "undefined" | "absent" | "missing" => {
                let right = if negated { "is set" } else { "is not set" };
                diagnostic
                    .with_help(format!("write `{right}`"))
                    .with_edit(op_span.to(at), right)
            }
            "present" | "defined" | "there" => {
                let right = if negated { "is not set" } else { "is set" };
                diagnostic
                    .with_help(format!("write `{right}`"))
                    .with_edit(op_span.to(at), right)
            }
            "in" => diagnostic
                .with_help(if negated {
                    "write `not in`"
                } else {
                    "write `in`"
                })
                .with_edit(op_span.to(at), if negated { "not in" } else { "in" }),
            _ if !is_hole
                && (matches!(text, "true" | "false")
                    || matches!(rule, Rule::string | Rule::number)) =>
            {
                let right = if negated { "!=" } else { "==" };
                diagnostic
                    .with_help(format!("compare with `{right}`"))
                    .with_edit(op_span, right)
            }
            _ => match near(text, &["set", "empty", "known"]) {
                Some(known) => diagnostic
                    .with_help(format!("write `{known}`"))
                    .with_edit(at, known),
                None => diagnostic.with_help("write `is set`, `is empty` or `is known`"),
            },
        };
        self.report(diagnostic);
    }

    pub(super) fn chained(&mut self, op: Span, middle: Span) {
        let mut diagnostic = Diagnostic::error(
            "chained-comparison",
            "comparisons do not chain",
            op,
            "second comparison",
        );
        if middle.start < middle.end {
            let middle = self.slice(middle);
            diagnostic = diagnostic
                .with_help(format!("write `and {}` before this", shorten(middle)))
                .with_edit(
                    Span {
                        end: op.start,
                        ..op
                    },
                    format!("and {middle} "),
                );
        }
        self.report(diagnostic);
    }
}
