//! Expressions: a flat run of tokens becomes a tree by precedence.
//!
//! This file has the operators between two operands. What stands before an operand is in [`prefix`], the operand itself in
//! [`operand`] and [`bracket`], what stands behind it in [`postfix`]; [`edit`] reads the edits of fixes. What does not
//! belong is explained in [`unexpected`] and [`foreign`].

mod bracket;
mod edit;
mod foreign;
mod operand;
mod postfix;
mod prefix;
mod unexpected;

use pest::iterators::Pair;

use super::Builder;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};
use crate::syntax::grammar::Rule;

/// The height of a tree of expressions at most, so that whoever walks it may recurse.
const MAX_HEIGHT: usize = 256;

/// An expression under construction.
#[derive(Debug)]
struct Built {
    expr: Expr,
    /// The expression and the parentheses around it.
    outer: Span,
    height: usize,
}

/// The tokens of one expression.
#[derive(Debug)]
struct Tokens<'s> {
    list: std::iter::Peekable<std::vec::IntoIter<Pair<'s, Rule>>>,
    /// The last token that was taken; at first, the empty span where the expression begins.
    last: Span,
}

impl<'s> Tokens<'s> {
    fn peek(&mut self) -> Option<(Rule, &'s str)> {
        self.list.peek().map(|pair| (pair.as_rule(), pair.as_str()))
    }

    /// The token after the next.
    fn second(&self) -> Option<(Rule, &'s str)> {
        let mut rest = self.list.clone();
        rest.next();
        rest.next().map(|pair| (pair.as_rule(), pair.as_str()))
    }

    fn peek_name(&mut self) -> Option<&'s str> {
        match self.peek() {
            Some((Rule::name, text)) => Some(text),
            _ => None,
        }
    }

    fn skip_all(&mut self) {
        while self.list.next().is_some() {}
    }
}

/// Where an expression stands, which tells what was meant by two of them in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Context {
    /// Before the message of a check.
    Check,
    /// Between brackets.
    Item,
    Other,
}

/// What stands between two operands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Infix {
    Binary(BinaryOp),
    Is,
}

/// A list or condition, and what it is sorted by.
#[derive(Debug)]
pub(super) struct Ordered {
    pub(super) expr: Expr,
    /// The expression and the parentheses around it.
    pub(super) outer: Span,
    /// What stands behind `by`.
    pub(super) order: Option<Expr>,
}

/// How strongly operators bind, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Or,
    And,
    Compare,
    Coalesce,
    Sum,
    Product,
    Unary,
    Above,
}

impl Level {
    fn above(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::Compare,
            Self::Compare => Self::Coalesce,
            Self::Coalesce => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product => Self::Unary,
            Self::Unary | Self::Above => Self::Above,
        }
    }
}

impl<'s> Builder<'s> {
    /// The expression of an `expr` or `source` pair.
    pub(super) fn expression(&mut self, pair: Pair<'s, Rule>) -> Expr {
        self.built(pair, Context::Other).0.expr
    }

    /// The condition of a check, and the message that follows it without a comma, if so.
    pub(super) fn condition(&mut self, pair: Pair<'s, Rule>) -> (Expr, Option<Expr>) {
        self.in_condition = true;
        let (built, message) = self.built(pair, Context::Check);
        self.in_condition = false;
        (built.expr, message)
    }

    /// A list or condition that may be followed by `by` and what it is sorted by.
    pub(super) fn ordered(&mut self, pair: Pair<'s, Rule>) -> Ordered {
        let n_before = self.diagnostics.len();
        let mut tokens = self.tokens(pair);
        let built = self.binary(&mut tokens, Level::Or);
        let outer = built.outer;
        if tokens.peek_name() != Some("by") {
            let expr = built.expr.clone();
            self.rest(tokens, &built, Context::Other, n_before);
            return Ordered {
                expr,
                outer,
                order: None,
            };
        }
        self.take(&mut tokens);
        let by = tokens.last;
        let order = self.binary(&mut tokens, Level::Or);
        self.after_prefix(&order, by);
        let key = order.expr.clone();
        self.rest(tokens, &order, Context::Other, n_before);
        Ordered {
            expr: built.expr,
            outer,
            order: Some(key),
        }
    }

    fn tokens(&self, pair: Pair<'s, Rule>) -> Tokens<'s> {
        let span = self.span(&pair);
        let list: Vec<_> = pair.into_inner().collect();
        Tokens {
            list: list.into_iter().peekable(),
            last: Span {
                end: span.start,
                ..span
            },
        }
    }

    fn built(&mut self, pair: Pair<'s, Rule>, context: Context) -> (Built, Option<Expr>) {
        let n_before = self.diagnostics.len();
        let mut tokens = self.tokens(pair);
        let built = self.binary(&mut tokens, Level::Or);
        let message = self.rest(tokens, &built, context, n_before);
        (built, message)
    }

    /// Looks at the tokens behind an expression, which do not belong to it; the message of a check, if they are one.
    fn rest(
        &mut self,
        mut tokens: Tokens<'s>,
        built: &Built,
        context: Context,
        n_before: usize,
    ) -> Option<Expr> {
        let mut message = None;
        if let Some(next) = tokens.list.next() {
            let is_last = tokens.list.peek().is_none();
            let is_silent = self.diagnostics.len() > n_before;
            let at = self.span(&next);
            if context == Context::Check
                && is_last
                && matches!(next.as_rule(), Rule::string | Rule::raw | Rule::quoted)
            {
                if !is_silent || built.expr.kind != ExprKind::Hole {
                    self.report(
                        Diagnostic::error(
                            "missing-comma",
                            "expected `,` before the message",
                            at,
                            "the message",
                        )
                        .with_help("separate the condition and its message with `,`")
                        .with_edit(built.outer.after(), ","),
                    );
                }
                message = Some(self.string_expr(next));
            } else if is_silent {
            } else if let Some(open) = self.open_quote(built, &next, tokens.list) {
                self.unterminated(open, "\"");
            } else if context == Context::Item && next.as_rule() != Rule::symbol {
                self.report(
                    Diagnostic::error(
                        "missing-comma",
                        "expected `,` between two values",
                        self.first_line(at),
                        "a second value",
                    )
                    .with_help("separate values with `,`")
                    .with_edit(built.outer.after(), ","),
                );
            } else {
                self.unexpected(&next, built);
            }
        }
        message
    }

    /// Takes the next token.
    fn take(&mut self, tokens: &mut Tokens<'s>) -> Option<Pair<'s, Rule>> {
        let pair = tokens.list.next()?;
        tokens.last = self.span(&pair);
        Some(pair)
    }

    /// An operand and the operators after it that bind at least as strongly as `level`.
    fn binary(&mut self, tokens: &mut Tokens<'s>, level: Level) -> Built {
        if self.depth >= MAX_HEIGHT {
            self.too_deep(tokens.last);
            tokens.skip_all();
            return self.built_hole(tokens.last);
        }
        self.depth += 1;
        let mut left = self.prefix(tokens);
        let mut compared: Option<(Span, Span)> = None;
        while let Some((infix, found)) = self.infix(tokens) {
            if found < level {
                break;
            }
            if left.height >= MAX_HEIGHT {
                self.too_deep(left.outer);
                tokens.skip_all();
                break;
            }
            let is_comparison = found == Level::Compare;
            let right_of_chain = is_comparison.then_some(compared).flatten();
            let (built, op_span, right) = self.apply(tokens, left, infix, found);
            left = built;
            if let Some((middle, _)) = right_of_chain {
                self.chained(op_span, middle);
                compared = Some((middle, op_span));
                // Once is enough for a longer chain.
                tokens.skip_all();
            } else if is_comparison {
                compared = Some((right, op_span));
            }
        }
        self.depth -= 1;
        left
    }

    /// The operator that comes next, which is not taken.
    fn infix(&mut self, tokens: &mut Tokens<'s>) -> Option<(Infix, Level)> {
        let (rule, text) = tokens.peek()?;
        let binary = |op, level| Some((Infix::Binary(op), level));
        match (rule, text) {
            (Rule::name, "or") | (Rule::symbol, "||") => binary(BinaryOp::Or, Level::Or),
            (Rule::name, "and") | (Rule::symbol, "&&") => binary(BinaryOp::And, Level::And),
            (Rule::symbol, "==" | "=" | "===" | "=~" | "=>") => {
                binary(BinaryOp::Equal, Level::Compare)
            }
            (Rule::symbol, "!=" | "<>" | "!==") => binary(BinaryOp::NotEqual, Level::Compare),
            (Rule::symbol, "<") => binary(BinaryOp::Less, Level::Compare),
            (Rule::symbol, "<=") => binary(BinaryOp::LessEqual, Level::Compare),
            (Rule::symbol, ">") => binary(BinaryOp::Greater, Level::Compare),
            (Rule::symbol, ">=") => binary(BinaryOp::GreaterEqual, Level::Compare),
            (Rule::name, "in") => binary(BinaryOp::In, Level::Compare),
            (Rule::name, "not") => binary(BinaryOp::NotIn, Level::Compare),
            (Rule::name, "is") => Some((Infix::Is, Level::Compare)),
            (Rule::name, "matches") => binary(BinaryOp::Matches, Level::Compare),
            (Rule::name, "like") => binary(BinaryOp::Like, Level::Compare),
            (Rule::symbol, "??") => binary(BinaryOp::Coalesce, Level::Coalesce),
            (Rule::symbol, "+") => binary(BinaryOp::Plus, Level::Sum),
            (Rule::symbol, "-") => binary(BinaryOp::Minus, Level::Sum),
            (Rule::symbol, "*") => binary(BinaryOp::Times, Level::Product),
            (Rule::symbol, "/") => binary(BinaryOp::Divide, Level::Product),
            (Rule::symbol, "%") => binary(BinaryOp::Remainder, Level::Product),
            (Rule::name, "div") => binary(BinaryOp::IntegerDivide, Level::Product),
            _ => None,
        }
    }

    /// `left` with the operator that comes next and its right operand; the operator's span and the operand's.
    fn apply(
        &mut self,
        tokens: &mut Tokens<'s>,
        left: Built,
        infix: Infix,
        level: Level,
    ) -> (Built, Span, Span) {
        let written = tokens.peek().map_or("", |(_, text)| text);
        let n_before = self.diagnostics.len();
        self.take(tokens);
        let mut op_span = tokens.last;
        if infix == Infix::Binary(BinaryOp::NotIn) {
            if tokens.peek_name() == Some("in") {
                self.take(tokens);
                op_span = op_span.to(tokens.last);
            } else {
                self.report(
                    Diagnostic::error(
                        "unexpected",
                        "expected `in` after `not`",
                        op_span,
                        "not an operator",
                    )
                    .with_label(left.outer, "the expression before it")
                    .with_help("write `not in`, or `and not`"),
                );
            }
        }
        let Infix::Binary(op) = infix else {
            let (built, op_span) = self.test(tokens, left, op_span);
            return (built, op_span, op_span.after());
        };
        self.foreign_operator(written, op_span);
        let right = self.binary(tokens, level.above());
        if right.expr.kind == ExprKind::Hole
            && right.expr.span.start == right.expr.span.end
            && self.diagnostics.len() == n_before
        {
            self.report(
                Diagnostic::error(
                    "missing-operand",
                    format!("expected a value after `{}`", self.slice(op_span)),
                    op_span,
                    "nothing follows",
                )
                .with_help("write what to compare or combine with"),
            );
        }
        let outer = left.outer.to(right.outer);
        let right_span = right.outer;
        let height = left.height.max(right.height) + 1;
        let kind = ExprKind::Binary {
            op,
            op_span,
            left: Box::new(left.expr),
            right: Box::new(right.expr),
        };
        let built = Built {
            expr: Expr { kind, span: outer },
            outer,
            height,
        };
        (built, op_span, right_span)
    }

    fn built_hole(&self, after: Span) -> Built {
        let expr = self.hole(after);
        Built {
            outer: expr.span,
            expr,
            height: 1,
        }
    }

    fn too_deep(&mut self, at: Span) {
        if !self.said_too_deep {
            self.said_too_deep = true;
            self.report(
                Diagnostic::error(
                    "nesting-too-deep",
                    format!("more than {MAX_HEIGHT} operations in one expression"),
                    at,
                    "the expression up to here",
                )
                .with_help("name parts with `let`, or ask `x in [ … ]`"),
            );
        }
    }
}

/// The text if it is short, else its beginning.
fn shorten(text: &str) -> String {
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    if line.chars().count() <= 24 && line.len() == text.len() {
        return line.to_owned();
    }
    let beginning: String = line.chars().take(20).collect();
    format!("{}…", beginning.trim_end())
}
