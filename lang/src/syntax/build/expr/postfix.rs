//! What stands behind an operand: fields, indices, tests.

use super::{Built, MAX_HEIGHT, Tokens};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind, Name, Test};
use crate::syntax::build::Builder;
use crate::syntax::build::common::rules;
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    /// An operand with the fields, indices and calls after it.
    pub(super) fn postfix(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let mut base = self.primary(tokens);
        loop {
            match tokens.peek() {
                Some((Rule::field, _)) => base = self.field(tokens, base),
                Some((Rule::bracket, _)) => base = self.index(tokens, base),
                Some((Rule::cast, _)) => base = self.cast(tokens, base),
                _ => return base,
            }
            if base.height >= MAX_HEIGHT {
                self.too_deep(base.outer);
                tokens.skip_all();
                return base;
            }
        }
    }

    fn field(&mut self, tokens: &mut Tokens<'s>, base: Built) -> Built {
        let Some(pair) = self.take(tokens) else {
            return base;
        };
        let span = tokens.last;
        let mut dot = span;
        let mut name = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::dot => {
                    dot = self.span(&part);
                    if part.as_str() == "?." {
                        self.report(
                            Diagnostic::error(
                                "unknown-operator",
                                "absence passes through `.`; there is no `?.`",
                                dot,
                                "not an operator",
                            )
                            .with_help("write `.`")
                            .with_edit(dot, "."),
                        );
                    }
                }
                _ => name = Some(self.name(&part)),
            }
        }
        let name = name.unwrap_or_else(|| {
            self.report(
                Diagnostic::error(
                    "missing-field",
                    "expected a field after `.`",
                    dot,
                    "no name follows",
                )
                .with_help("name a field on the same line"),
            );
            Name {
                text: String::new(),
                span: dot.after(),
            }
        });
        let outer = base.outer.to(span);
        if matches!(tokens.peek(), Some((Rule::group, _))) {
            let (arguments, height) = self.arguments(tokens);
            let outer = outer.to(tokens.last);
            return Built {
                height: height.max(base.height) + 1,
                outer,
                expr: Expr {
                    kind: ExprKind::Call {
                        name,
                        arguments: std::iter::once(base.expr).chain(arguments).collect(),
                        method: true,
                    },
                    span: outer,
                },
            };
        }
        Built {
            height: base.height + 1,
            outer,
            expr: Expr {
                kind: ExprKind::Field {
                    base: Box::new(base.expr),
                    name,
                },
                span: outer,
            },
        }
    }

    fn index(&mut self, tokens: &mut Tokens<'s>, base: Built) -> Built {
        let Some(pair) = self.take(tokens) else {
            return base;
        };
        let span = tokens.last;
        let n_before = self.diagnostics.len();
        let (mut items, height) = self.items(pair, "]");
        let index = if items.is_empty() {
            if self.diagnostics.len() == n_before {
                self.report(
                    Diagnostic::error(
                        "missing-index",
                        "expected a key or number in `[ ]`",
                        span,
                        "nothing stands here",
                    )
                    .with_help("write `[\"key\"]` or `[0]`"),
                );
            }
            self.hole(span)
        } else {
            if let Some(second) = items.get(1)
                && self.diagnostics.len() == n_before
            {
                let second = second.span;
                self.report(
                    Diagnostic::error(
                        "missing-index",
                        "expected one key or number in `[ ]`",
                        second,
                        "a second one",
                    )
                    .with_help("take one element at a time"),
                );
            }
            items.swap_remove(0)
        };
        let outer = base.outer.to(span);
        Built {
            height: height.max(base.height) + 1,
            outer,
            expr: Expr {
                kind: ExprKind::Index {
                    base: Box::new(base.expr),
                    index: Box::new(index),
                },
                span: outer,
            },
        }
    }

    fn arguments(&mut self, tokens: &mut Tokens<'s>) -> (Vec<Expr>, usize) {
        match self.take(tokens) {
            Some(group) => self.items(group, ")"),
            None => (Vec::new(), 1),
        }
    }

    /// `left is [not] set` and its like, after `is`; with the span from `is` to the last word.
    pub(super) fn test(
        &mut self,
        tokens: &mut Tokens<'s>,
        left: Built,
        is_span: Span,
    ) -> (Built, Span) {
        let mut op_span = is_span;
        let mut negated = false;
        if tokens.peek_name() == Some("not") {
            negated = true;
            self.take(tokens);
            op_span = op_span.to(tokens.last);
        }
        let word = tokens.peek_name();
        let test = match word {
            Some("set") => Some(Test::Set),
            Some("empty") => Some(Test::Empty),
            Some("known") => Some(Test::Known),
            _ => None,
        };
        let outer_start = left.outer;
        let Some(test) = test else {
            self.bad_test(tokens, op_span, negated);
            tokens.skip_all();
            let outer = outer_start.to(op_span);
            let built = Built {
                expr: Expr {
                    kind: ExprKind::Hole,
                    span: outer,
                },
                outer,
                height: 1,
            };
            return (built, op_span);
        };
        self.take(tokens);
        let op_span = op_span.to(tokens.last);
        let outer = outer_start.to(op_span);
        let built = Built {
            height: left.height + 1,
            expr: Expr {
                kind: ExprKind::Test {
                    test,
                    negated,
                    operand: Box::new(left.expr),
                },
                span: outer,
            },
            outer,
        };
        (built, op_span)
    }

    /// `base as TYPE`
    fn cast(&mut self, tokens: &mut Tokens<'s>, base: Built) -> Built {
        let Some(pair) = self.take(tokens) else {
            return base;
        };
        let span = tokens.last;
        let keyword = self.word_at(span, "as");
        let ty = rules(pair, &[Rule::cast_type]).next();
        let ty = match ty {
            Some(ty) => self.type_term(ty),
            None => {
                self.report(
                    Diagnostic::error(
                        "missing-type",
                        "expected a type after `as`",
                        keyword,
                        "no type follows",
                    )
                    .with_help("write a type, such as `as string` or `as Pod`"),
                );
                self.type_hole(keyword)
            }
        };
        let outer = base.outer.to(keyword).to(ty.span);
        Built {
            height: base.height + 1,
            outer,
            expr: Expr {
                kind: ExprKind::Cast {
                    operand: Box::new(base.expr),
                    ty,
                },
                span: outer,
            },
        }
    }

    /// `name(arguments)`; `count(x in xs where g)` is no call.
    pub(super) fn call(&mut self, tokens: &mut Tokens<'s>, name: Name) -> Built {
        let start = name.span;
        if name.text == "count" {
            return self.count(tokens, start);
        }
        let (arguments, height) = self.arguments(tokens);
        let outer = start.to(tokens.last);
        Built {
            height: height + 1,
            outer,
            expr: Expr {
                kind: ExprKind::Call {
                    name,
                    arguments,
                    method: false,
                },
                span: outer,
            },
        }
    }
}
