//! Expressions: a flat run of tokens becomes a tree by precedence.

use pest::iterators::Pair;

use super::Builder;
use super::common::{near, rules};
use super::stmt::{ATTRIBUTES, STMT_WORDS};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{
    BinaryOp, Expr, ExprKind, Generator, Name, Quantifier, StringPart, Test, UnaryOp,
};
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
    /// An operator of the full language.
    Later,
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
    As,
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
            Self::Unary => Self::As,
            Self::As | Self::Above => Self::Above,
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

    fn built(&mut self, pair: Pair<'s, Rule>, context: Context) -> (Built, Option<Expr>) {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let list: Vec<_> = pair.into_inner().collect();
        let mut tokens = Tokens {
            list: list.into_iter().peekable(),
            last: Span {
                end: span.start,
                ..span
            },
        };
        let built = self.binary(&mut tokens, Level::Or);
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
            } else if let Some(open) = self.open_quote(&built, &next, tokens.list) {
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
                self.unexpected(&next, &built);
            }
        }
        (built, message)
    }

    /// The string before `next` if its closing quote is missing, so that it ends where the next one was meant to begin and
    /// the last quote of the line opens a string.
    fn open_quote(
        &self,
        before: &Built,
        next: &Pair<'s, Rule>,
        rest: impl Iterator<Item = Pair<'s, Rule>>,
    ) -> Option<Span> {
        let at = self.span(next);
        let text = self.slice(before.outer);
        let is_adjacent = text.ends_with('"') && at.start == before.outer.end;
        let last = rest.last();
        let last = last.as_ref().unwrap_or(next);
        let opens = last.as_rule() == Rule::string && last.as_str().matches('"').count() == 1;
        if !is_adjacent || !opens {
            return None;
        }
        let inside = text.strip_suffix('"')?;
        let start = u32::try_from(inside.rfind('"')?).ok()?;
        Some(Span {
            start: before.outer.start + start,
            end: before.outer.end - 1,
            ..before.outer
        })
    }

    /// The part of a span on its first line.
    fn first_line(&self, span: Span) -> Span {
        let line = self
            .slice(span)
            .split(['\n', '\r'])
            .next()
            .unwrap_or_default();
        self.word_at(span, line.trim_end())
    }

    fn unexpected(&mut self, next: &Pair<'s, Rule>, before: &Built) {
        let at = self.span(next);
        let text = next.as_str();
        let on_next_line = self
            .slice(Span::new(self.file, before.outer.end, at.start))
            .contains('\n');
        let is_word = next.as_rule() == Rule::name;
        let diagnostic = if is_word
            && on_next_line
            && (near(text, STMT_WORDS).is_some() || near(text, ATTRIBUTES).is_some())
        {
            self.unknown_word(text, at)
        } else if next.as_rule() == Rule::hash {
            self.hash_comment(at)
        } else if matches!(text, "contains" | "has" | "includes") {
            Diagnostic::error(
                "unknown-operator",
                format!("`{text}` is not an operator"),
                at,
                "not an operator",
            )
            .with_help("write `ELEMENT in LIST`")
        } else if matches!(text, "equals" | "eq") {
            Diagnostic::error(
                "unknown-operator",
                format!("`{text}` is not an operator"),
                at,
                "not an operator",
            )
            .with_help("write `==`")
            .with_edit(at, "==")
        } else if text == "else" {
            self.unknown_word(text, at)
        } else {
            let shown = shorten(text);
            let subject = match next.as_rule() {
                Rule::quantified => {
                    format!("`{}`", text.split_whitespace().next().unwrap_or_default())
                }
                Rule::string | Rule::raw | Rule::quoted => "a string".to_owned(),
                _ => format!("`{shown}`"),
            };
            Diagnostic::error(
                "unexpected",
                format!("expected an operator before {subject}"),
                self.first_line(at),
                "not understood here",
            )
            .with_label(before.outer, "the expression before it")
            .with_help("join the two with an operator such as `and`, or separate them with `,`")
        };
        self.report(diagnostic);
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

    fn chained(&mut self, op: Span, middle: Span) {
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
            (Rule::name, "matches" | "like") => Some((Infix::Later, Level::Compare)),
            (Rule::symbol, "??") => binary(BinaryOp::Coalesce, Level::Coalesce),
            (Rule::symbol, "+") => binary(BinaryOp::Plus, Level::Sum),
            (Rule::symbol, "-") => Some((Infix::Later, Level::Sum)),
            (Rule::symbol, "*" | "/" | "%") | (Rule::name, "div") => {
                Some((Infix::Later, Level::Product))
            }
            (Rule::name, "as") => Some((Infix::Later, Level::As)),
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
        if infix == Infix::Is {
            let (built, op_span) = self.test(tokens, left, op_span);
            return (built, op_span, op_span.after());
        }
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
        let kind = match infix {
            Infix::Binary(op) => ExprKind::Binary {
                op,
                op_span,
                left: Box::new(left.expr),
                right: Box::new(right.expr),
            },
            Infix::Is | Infix::Later => {
                if self.diagnostics.len() == n_before {
                    self.report_later(
                        "",
                        &format!("`{written}`"),
                        op_span,
                        "an operator of the full language",
                    );
                }
                ExprKind::Hole
            }
        };
        let built = Built {
            expr: Expr { kind, span: outer },
            outer,
            height,
        };
        (built, op_span, right_span)
    }

    /// Says how an operator of other languages is written.
    fn foreign_operator(&mut self, written: &str, span: Span) {
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

    /// `left is [not] set` and its like, after `is`; with the span from `is` to the last word.
    fn test(&mut self, tokens: &mut Tokens<'s>, left: Built, is_span: Span) -> (Built, Span) {
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

    fn bad_test(&mut self, tokens: &mut Tokens<'s>, op_span: Span, negated: bool) {
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

    fn built_hole(&self, after: Span) -> Built {
        let expr = self.hole(after);
        Built {
            outer: expr.span,
            expr,
            height: 1,
        }
    }

    /// An operand with what stands before it.
    fn prefix(&mut self, tokens: &mut Tokens<'s>) -> Built {
        while let Some((Rule::hash, _)) = tokens.peek() {
            self.take(tokens);
            let diagnostic = self.hash_comment(tokens.last);
            self.report(diagnostic);
        }
        match tokens.peek() {
            Some((Rule::name, "not")) => self.unary(tokens, UnaryOp::Not, Level::Or),
            Some((Rule::symbol, "-")) => self.unary(tokens, UnaryOp::Minus, Level::Unary),
            Some((Rule::symbol, "!")) => self.bang(tokens),
            Some((Rule::quantified, _)) => self.quantified(tokens),
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
    fn after_prefix(&mut self, operand: &Built, prefix: Span) {
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

    /// `!x`, which is written `not x`.
    fn bang(&mut self, tokens: &mut Tokens<'s>) -> Built {
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

    /// An operand with the fields, indices and calls after it.
    fn postfix(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let mut base = self.primary(tokens);
        loop {
            match tokens.peek() {
                Some((Rule::field, _)) => base = self.field(tokens, base),
                Some((Rule::bracket, _)) => base = self.index(tokens, base),
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

    /// The expressions between brackets, and the height of the highest.
    fn items(&mut self, pair: Pair<'s, Rule>, close: &str) -> (Vec<Expr>, usize) {
        let span = self.span(&pair);
        let open = self.char_at(span.start);
        let n_before = self.diagnostics.len();
        let mut items = Vec::new();
        let mut height = 0;
        let mut waiting = Some(open);
        let mut last = open;
        let mut before_last = open;
        let mut last_value = open;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::comma => {
                    if waiting.is_some() && self.diagnostics.len() == n_before {
                        self.report(
                            Diagnostic::error(
                                "missing-operand",
                                "expected a value before `,`",
                                part_span,
                                "nothing stands before this",
                            )
                            .with_help("remove the comma")
                            .with_edit(part_span, ""),
                        );
                    }
                    waiting = Some(part_span);
                }
                Rule::expr => {
                    before_last = last_value;
                    last_value = part_span;
                    let (built, _) = self.built(part, Context::Item);
                    height = height.max(built.height);
                    items.push(built.expr);
                    waiting = None;
                }
                Rule::group_where | Rule::comprehension if self.diagnostics.len() == n_before => {
                    let (word, shown) = if part.as_rule() == Rule::comprehension {
                        ("for", "`[… for x in list]`")
                    } else {
                        ("where", "`where` in an argument")
                    };
                    let at = self.word_at(part_span, word);
                    self.report_later("", shown, at, "a part of the full language");
                }
                Rule::group_close | Rule::bracket_close if part.as_str().is_empty() => {
                    // A string at the end of an open bracket in a condition is the message of the check.
                    let is_message = self.in_condition
                        && items.len() > 1
                        && matches!(
                            items.last(),
                            Some(Expr {
                                kind: ExprKind::String(_),
                                ..
                            })
                        );
                    let end = if is_message { before_last } else { last };
                    if self.diagnostics.len() == n_before {
                        self.report(
                            Diagnostic::error(
                                "missing-bracket",
                                format!("this `{}` is not closed", self.slice(open)),
                                open,
                                "opens here",
                            )
                            .with_help(format!("close it with `{close}`"))
                            .with_edit(end.after(), close),
                        );
                    }
                    continue;
                }
                _ => {}
            }
            last = part_span;
        }
        (items, height)
    }

    /// An operand by itself.
    fn primary(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let Some((rule, text)) = tokens.peek() else {
            return self.built_hole(tokens.last);
        };
        match rule {
            Rule::name if is_operator_word(text) => self.no_operand(tokens, text),
            Rule::symbol | Rule::field => self.no_operand(tokens, text),
            Rule::name => self.word(tokens, text),
            Rule::group => self.group(tokens),
            Rule::bracket => {
                let Some(pair) = self.take(tokens) else {
                    return self.built_hole(tokens.last);
                };
                let span = tokens.last;
                let (items, height) = self.items(pair, "]");
                Built {
                    expr: Expr {
                        kind: ExprKind::List(items),
                        span,
                    },
                    outer: span,
                    height: height + 1,
                }
            }
            _ => {
                let Some(pair) = self.take(tokens) else {
                    return self.built_hole(tokens.last);
                };
                let span = tokens.last;
                let expr = if rule == Rule::number {
                    Expr {
                        kind: ExprKind::Number(text.to_owned()),
                        span,
                    }
                } else if matches!(
                    rule,
                    Rule::string | Rule::raw | Rule::version | Rule::quoted
                ) {
                    self.string_expr(pair)
                } else {
                    self.report(
                        Diagnostic::error(
                            "unexpected",
                            format!("`{}` has no meaning here", shorten(text)),
                            span,
                            "not understood",
                        )
                        .with_help("remove it, or put it into a string"),
                    );
                    tokens.skip_all();
                    Expr {
                        kind: ExprKind::Hole,
                        span,
                    }
                };
                // The values inside of a string count as its children.
                let height = string_height(&expr);
                Built {
                    expr,
                    outer: span,
                    height,
                }
            }
        }
    }

    /// Reports that a value is missing before an operator, unless what came before that is to blame.
    fn no_operand(&mut self, tokens: &mut Tokens<'s>, text: &'s str) -> Built {
        let at = tokens
            .list
            .peek()
            .map_or(tokens.last, |pair| self.span(pair));
        let shown = if text.starts_with('.') || text.starts_with("?.") {
            "."
        } else {
            text
        };
        self.report(
            Diagnostic::error(
                "missing-operand",
                format!("expected a value before `{shown}`"),
                self.word_at(at, shown),
                "nothing stands before this",
            )
            .with_help(if shown == "." {
                "begin with a name, such as `object` or a `let`"
            } else {
                "write what the operator works on"
            }),
        );
        let before = Span {
            start: tokens.last.end,
            ..tokens.last
        };
        self.built_hole(before)
    }

    fn word(&mut self, tokens: &mut Tokens<'s>, text: &'s str) -> Built {
        self.take(tokens);
        let span = tokens.last;
        if text == "if" || text == "then" {
            self.report_later(
                "",
                "`if … then … else`",
                span,
                "an expression of the full language",
            );
            tokens.skip_all();
            return Built {
                expr: Expr {
                    kind: ExprKind::Hole,
                    span,
                },
                outer: span,
                height: 1,
            };
        }
        if matches!(text, "first" | "last")
            && tokens
                .peek_name()
                .is_some_and(|next| !is_operator_word(next))
        {
            self.report_later(
                "",
                &format!("`{text} x in list`"),
                span,
                "an expression of the full language",
            );
            tokens.skip_all();
            return Built {
                expr: Expr {
                    kind: ExprKind::Hole,
                    span,
                },
                outer: span,
                height: 1,
            };
        }
        if matches!(tokens.peek(), Some((Rule::group, _))) {
            let name = Name {
                text: text.to_owned(),
                span,
            };
            return self.call(tokens, name);
        }
        let kind = match text {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "none" => ExprKind::None,
            "null" | "nil" | "undefined" | "None" | "True" | "False" => {
                let (right, kind) = match text {
                    "True" => ("true", ExprKind::Bool(true)),
                    "False" => ("false", ExprKind::Bool(false)),
                    _ => ("none", ExprKind::None),
                };
                let message = if right == "none" {
                    format!("the absent value is `none`, not `{text}`")
                } else {
                    format!("`{right}` is written in lower case")
                };
                self.report(
                    Diagnostic::error("unknown-literal", message, span, "not a value")
                        .with_help(format!("write `{right}`"))
                        .with_edit(span, right),
                );
                kind
            }
            _ => ExprKind::Name(text.to_owned()),
        };
        Built {
            expr: Expr { kind, span },
            outer: span,
            height: 1,
        }
    }

    fn call(&mut self, tokens: &mut Tokens<'s>, name: Name) -> Built {
        let start = name.span;
        let is_count = name.text == "count";
        let n_before = self.diagnostics.len();
        let (arguments, height) = self.arguments(tokens);
        let span = start.to(tokens.last);
        let counts = matches!(
            arguments.first().map(|argument| &argument.kind),
            Some(ExprKind::Binary { op: BinaryOp::In, left, .. }) if matches!(left.kind, ExprKind::Name(_))
        );
        let kind = if is_count && counts {
            if self.diagnostics.len() == n_before {
                self.report_later(
                    "",
                    "`count(x in list)`",
                    start,
                    "an expression of the full language",
                );
            }
            ExprKind::Hole
        } else {
            ExprKind::Call {
                name,
                arguments,
                method: false,
            }
        };
        Built {
            expr: Expr { kind, span },
            outer: span,
            height: height + 1,
        }
    }

    fn group(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let Some(pair) = self.take(tokens) else {
            return self.built_hole(tokens.last);
        };
        let span = tokens.last;
        let n_before = self.diagnostics.len();
        let n_commas = rules(pair.clone(), &[Rule::comma]).count();
        let (mut items, height) = self.items(pair, ")");
        if self.diagnostics.len() == n_before {
            if items.is_empty() {
                self.report(Diagnostic::error(
                    "missing-operand",
                    "expected a value in `( )`",
                    span,
                    "nothing stands here",
                ));
            } else if n_commas > 0 {
                self.report(
                    Diagnostic::error(
                        "unexpected",
                        "expected one value in `( )`",
                        span,
                        "several values",
                    )
                    .with_help("write a list in `[ … ]`"),
                );
            }
        }
        let expr = if items.is_empty() {
            Expr {
                kind: ExprKind::Hole,
                span,
            }
        } else {
            items.swap_remove(0)
        };
        Built {
            expr,
            outer: span,
            height: height.max(1),
        }
    }
}

/// How many generators of a quantifier count towards its height.
const MAX_GENERATOR_HEIGHT: usize = 1;

fn string_height(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::String(parts)
            if parts
                .iter()
                .any(|part| matches!(part, StringPart::Value(_))) =>
        {
            2
        }
        _ => 1,
    }
}

fn is_operator_word(text: &str) -> bool {
    matches!(
        text,
        "or" | "and" | "in" | "is" | "matches" | "like" | "div" | "as" | "not" | "then"
    )
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
