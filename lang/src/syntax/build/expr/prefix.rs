//! What stands before an operand and reaches to its end: `not`, `-`, `if`, quantifiers, `first` and `last`.

use super::{Built, Level, Tokens};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind, Generator, Pick, Quantifier, UnaryOp};
use crate::syntax::build::Builder;
use crate::syntax::grammar::Rule;

/// How many generators of a quantifier count towards its height.
const MAX_GENERATOR_HEIGHT: usize = 1;

impl<'s> Builder<'s> {
    /// An operand with what stands before it.
    pub(super) fn prefix(&mut self, tokens: &mut Tokens<'s>) -> Built {
        while let Some((Rule::hash, _)) = tokens.peek() {
            self.take(tokens);
            let diagnostic = self.hash_comment(tokens.last);
            self.report(diagnostic);
        }
        match tokens.peek() {
            Some((Rule::name, "not")) => self.unary(tokens, UnaryOp::Not, Level::Or),
            Some((Rule::symbol, "-")) => self.unary(tokens, UnaryOp::Minus, Level::Unary),
            Some((Rule::symbol, "!")) => self.bang(tokens),
            Some((Rule::name, "if")) => self.conditional(tokens),
            Some((Rule::quantified, _)) => self.quantified(tokens),
            Some((Rule::picked, _)) => self.picked(tokens),
            _ => self.postfix(tokens),
        }
    }

    fn unary(&mut self, tokens: &mut Tokens<'s>, op: UnaryOp, level: Level) -> Built {
        self.take(tokens);
        let at = tokens.last;
        let operand = self.binary(tokens, level);
        self.after_prefix(&operand, at);
        let span = at.to(operand.outer);
        Built {
            height: operand.height + 1,
            outer: span,
            expr: Expr {
                kind: ExprKind::Unary {
                    op,
                    operand: Box::new(operand.expr),
                },
                span,
            },
        }
    }

    /// Reports that nothing follows a prefix, unless something about it was said already.
    pub(super) fn after_prefix(&mut self, operand: &Built, prefix: Span) {
        let span = operand.expr.span;
        let is_missing = operand.expr.kind == ExprKind::Hole && span.start == span.end;
        let is_said = self
            .diagnostics
            .last()
            .is_some_and(|last| last.span().start >= prefix.start);
        if is_missing && !is_said {
            self.report(Diagnostic::error(
                "missing-operand",
                format!("expected a value after `{}`", self.slice(prefix)),
                prefix,
                "nothing follows",
            ));
        }
    }

    fn quantified(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let Some(head) = self.take(tokens) else {
            return self.built_hole(tokens.last);
        };
        let start = tokens.last;
        let n_before = self.diagnostics.len();
        let mut keyword = start;
        let mut quantifier = Quantifier::Any;
        let mut generators: Vec<Generator> = Vec::new();
        let mut guard = None;
        let mut colon = None;
        for part in head.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::quantifier => {
                    keyword = part_span;
                    quantifier = match part.as_str() {
                        "all" => Quantifier::All,
                        "no" => Quantifier::No,
                        _ => Quantifier::Any,
                    };
                }
                Rule::generator => {
                    let generator = self.generator(part);
                    generators.push(generator);
                }
                Rule::quantified_guard => guard = Some(Box::new(self.guard(part))),
                Rule::late => self.late_generators(part, guard.as_deref(), &mut generators),
                Rule::colon => colon = Some(part_span),
                _ => {}
            }
        }
        let word = self.slice(keyword);
        if generators.is_empty() {
            self.report(
                Diagnostic::error(
                    "missing-generator",
                    format!("expected a name and a list after `{word}`"),
                    keyword,
                    "nothing follows",
                )
                .with_help(format!("write `{word} x in list: condition`")),
            );
            generators.push(self.empty_generator(keyword));
        }
        if colon.is_none() && self.diagnostics.len() == n_before {
            self.report(
                Diagnostic::error(
                    "missing-body",
                    format!("expected `:` and a condition after `{word} …`"),
                    start,
                    "no condition follows",
                )
                .with_help(format!("write `{word} x in list: condition`")),
            );
        }
        let has_errors = self.diagnostics.len() > n_before;
        let body = self.binary(tokens, Level::Or);
        let body_span = body.expr.span;
        if body.expr.kind == ExprKind::Hole
            && body_span.start == body_span.end
            && !has_errors
            && self.diagnostics.len() == n_before
            && let Some(colon) = colon
        {
            self.report(
                Diagnostic::error(
                    "missing-operand",
                    "expected a condition after `:`",
                    colon,
                    "nothing follows",
                )
                .with_help(format!("write `{word} x in list: condition`")),
            );
        }
        let span = start.to(body.outer);
        let inner_height = 1 + MAX_GENERATOR_HEIGHT.min(generators.len());
        Built {
            height: body.height.max(inner_height) + 1,
            outer: span,
            expr: Expr {
                kind: ExprKind::Quantifier {
                    quantifier,
                    generators,
                    guard,
                    body: Box::new(body.expr),
                },
                span,
            },
        }
    }

    /// `if c then a else b`
    fn conditional(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let n_before = self.diagnostics.len();
        self.take(tokens);
        let start = tokens.last;
        let condition = self.binary(tokens, Level::Or);
        self.after_prefix(&condition, start);
        let then = self.branch_value(tokens, "then", n_before);
        let otherwise = self.branch_value(tokens, "else", n_before);
        let span = start.to(condition.outer).to(then.outer).to(otherwise.outer);
        Built {
            height: condition.height.max(then.height).max(otherwise.height) + 1,
            outer: span,
            expr: Expr {
                kind: ExprKind::If {
                    condition: Box::new(condition.expr),
                    then: Box::new(then.expr),
                    otherwise: Box::new(otherwise.expr),
                },
                span,
            },
        }
    }

    /// The value after `then` or `else`.
    fn branch_value(&mut self, tokens: &mut Tokens<'s>, word: &str, n_before: usize) -> Built {
        let before = tokens.last;
        if tokens.peek_name() == Some(word) {
            self.take(tokens);
            let at = tokens.last;
            if matches!(tokens.peek_name(), Some("then" | "else")) {
                let value = self.built_hole(at);
                self.after_prefix(&value, at);
                return value;
            }
            let value = self.binary(tokens, Level::Or);
            self.after_prefix(&value, at);
            return value;
        }
        if self.diagnostics.len() == n_before {
            self.report(
                Diagnostic::error(
                    "missing-branch",
                    format!("expected `{word}` and a value after this"),
                    before,
                    format!("`{word}` is missing after this"),
                )
                .with_help("write `if CONDITION then VALUE else VALUE`"),
            );
            tokens.skip_all();
        }
        self.built_hole(before)
    }

    /// `first x in xs where g by k`, `last …`
    fn picked(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let Some(pair) = self.take(tokens) else {
            return self.built_hole(tokens.last);
        };
        let span = tokens.last;
        let n_before = self.diagnostics.len();
        let mut which = Pick::First;
        let mut word = span;
        let mut generator = None;
        let mut guard = None;
        let mut order = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::pick_word => {
                    word = self.span(&part);
                    if part.as_str() == "last" {
                        which = Pick::Last;
                    }
                }
                Rule::pick_generator => {
                    let (found, by) = self.ordered_generator(part);
                    generator = Some(found);
                    order = by;
                }
                _ => {
                    let (condition, by) = self.ordered_guard(part);
                    if let (Some(first), Some(_)) = (&order, &by)
                        && self.diagnostics.len() == n_before
                    {
                        self.second_order(first.span);
                    }
                    guard = Some(Box::new(condition));
                    order = by.or(order);
                }
            }
        }
        let generator = generator.unwrap_or_else(|| {
            if self.diagnostics.len() == n_before {
                let shown = self.slice(word);
                self.report(
                    Diagnostic::error(
                        "missing-generator",
                        format!("expected a name and a list after `{shown}`"),
                        word,
                        "nothing follows",
                    )
                    .with_help(format!("write `{shown} x in list`")),
                );
            }
            self.empty_generator(word)
        });
        Built {
            height: 3,
            outer: span,
            expr: Expr {
                kind: ExprKind::Pick {
                    which,
                    generator: Box::new(generator),
                    guard,
                    order: order.map(Box::new),
                },
                span,
            },
        }
    }

    /// Reports an order before a `where`.
    pub(super) fn second_order(&mut self, first: Span) {
        self.report(
            Diagnostic::error(
                "misplaced-order",
                "`by` stands behind the condition",
                first,
                "an order before `where`",
            )
            .with_help("write `x in list where condition by key`"),
        );
    }
}
