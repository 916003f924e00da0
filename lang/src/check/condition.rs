//! Expressions as conditions.

use super::context::{Ctx, condition_expr, error_expr};
use super::functions::Wanted;
use super::words::{prose, type_name};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Const, Expr, ExprKind, Type};
use crate::span::Span;
use crate::syntax::ast::{self, BinaryOp, Test, UnaryOp};

impl Ctx<'_> {
    /// `expr` as a condition. What it tells is not assumed afterwards.
    pub(super) fn condition(&mut self, expr: &ast::Expr) -> Expr {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Binary {
                op: BinaryOp::And, ..
            } => self.connected(expr, BinaryOp::And),
            ast::ExprKind::Binary {
                op: BinaryOp::Or, ..
            } => self.connected(expr, BinaryOp::Or),
            ast::ExprKind::Binary {
                op,
                op_span,
                left,
                right,
            } if is_comparison(*op) => self.comparison(*op, *op_span, left, right, span),
            ast::ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => {
                self.warn_of_reach(span, operand);
                let inner = self.condition(operand);
                negated(inner, span)
            }
            ast::ExprKind::Test {
                test,
                negated,
                operand,
            } => self.test(*test, *negated, operand, span),
            ast::ExprKind::Quantifier {
                quantifier,
                generators,
                guard,
                body,
            } => self.quantifier(*quantifier, generators, guard.as_deref(), body, span),
            ast::ExprKind::Call {
                name, arguments, ..
            } if let Some(function) = self.env.function(name) => {
                self.declared_call(function, name, arguments, span, Wanted::Condition)
            }
            _ => {
                let value = self.value(expr, Some(&BaseType::Bool));
                self.truth(value)
            }
        }
    }

    /// Warns of a `not` before several conditions that no parentheses hold together: it reaches over all of them. Where
    /// parentheses hold the first alone, `not (a) and b`, they say otherwise than `not` means: an error.
    fn warn_of_reach(&mut self, span: Span, operand: &ast::Expr) {
        let ast::ExprKind::Binary {
            op: op @ (BinaryOp::And | BinaryOp::Or),
            left,
            ..
        } = &operand.kind
        else {
            return;
        };
        // The span of an operand in parentheses leaves them out.
        let before = Span {
            end: operand.span.start,
            ..span
        };
        if self.source(before).is_none_or(|text| text.contains('(')) {
            return;
        }
        let word = if *op == BinaryOp::And { "and" } else { "or" };
        let message = format!("this `not` is about everything that `{word}` joins");
        let mut first = left;
        while let ast::ExprKind::Binary {
            op: BinaryOp::And | BinaryOp::Or,
            left,
            ..
        } = &first.kind
        {
            first = left;
        }
        let quoted = |span: Span| self.source(span).unwrap_or("…").to_owned();
        let (all, mut one) = (quoted(operand.span), quoted(first.span));
        let is_grouped = all.starts_with('(');
        if is_grouped {
            one = format!("({one})");
        }
        let help = if all.len() <= 60 && !all.contains('\n') {
            format!("write `not ({all})`; if only the first is meant, `(not {one}) {word} …`")
        } else {
            format!("write `not ( … )`; if only the first is meant, `(not …) {word} …`")
        };
        let made = if is_grouped {
            Diagnostic::error("not-reaches-far", message, before, "reaches to the end").with_note(
                "The parentheses hold the first condition alone, `not` is about all of them.",
            )
        } else {
            Diagnostic::warning("not-reaches-far", message, before, "reaches to the end")
        };
        self.report(
            made.with_label(operand.span, "all of this is negated")
                .with_help(help)
                .with_edit(before, "not (")
                .with_edit(operand.span.after(), ")"),
        );
    }

    /// A chain of `and` or of `or`: each operand knows what those before it tell.
    fn connected(&mut self, expr: &ast::Expr, op: BinaryOp) -> Expr {
        let mut operands = Vec::new();
        flatten(expr, op, &mut operands);
        let n_facts = self.facts.len();
        let mut conditions = Vec::new();
        let mut failed = false;
        for operand in operands {
            let condition = self.condition(operand);
            failed |= condition.ty.base == BaseType::Error;
            self.assume(&condition, op == BinaryOp::And);
            conditions.push(condition);
        }
        self.facts.truncate(n_facts);
        let kind = if op == BinaryOp::And {
            ExprKind::And(conditions)
        } else {
            ExprKind::Or(conditions)
        };
        // A chain with a mistake in it still tells what its sound operands do.
        let base = if failed {
            BaseType::Error
        } else {
            BaseType::Bool
        };
        Expr {
            kind,
            ty: Type::plain(base),
            span: expr.span,
        }
    }

    /// A value where a condition is expected.
    fn truth(&mut self, value: Expr) -> Expr {
        let span = value.span;
        match &value.ty.base {
            BaseType::Error => error_expr(span),
            BaseType::Bool if matches!(value.kind, ExprKind::Truth(_)) => of_bool(value),
            // A function of an absent value is absent, which counts as false.
            BaseType::Bool if matches!(value.kind, ExprKind::Call(..)) => of_bool(value),
            BaseType::Bool if !value.ty.optional => {
                if let ExprKind::Const(Const::Bool(value)) = value.kind {
                    self.always(value, span, format!("`{value}` is always {value}"));
                }
                condition_expr(ExprKind::Truth(Box::new(value)), span)
            }
            BaseType::Bool => {
                let what = self.quote(span, "this value");
                let message = format!("{what} may be absent");
                let label = format!("of type `{}`", type_name(&value.ty));
                self.report(
                    Diagnostic::error("absent-value", message, span, label)
                        .with_help("say what absence means: `== true`, `!= false` or `?? false`")
                        .with_edit(span.after(), " == true"),
                );
                error_expr(span)
            }
            other => {
                let diagnostic = self.not_a_condition(other, &value);
                self.report(diagnostic);
                error_expr(span)
            }
        }
    }

    fn not_a_condition(&self, base: &BaseType, value: &Expr) -> Diagnostic {
        let span = value.span;
        let what = self.quote(span, "this");
        let message = format!("{what} is {}, not a condition", prose(base));
        let diagnostic = Diagnostic::error("not-a-condition", message, span, prose(base));
        let test = match base {
            BaseType::List(_) | BaseType::Map(_) => "is not empty",
            BaseType::String | BaseType::Enum(_) if !value.ty.optional => "is not empty",
            BaseType::Any => "== true",
            _ if value.ty.optional => "is set",
            _ => return diagnostic.with_help("compare it, with `==` or another comparison"),
        };
        if matches!(value.kind, ExprKind::Const(_)) {
            return diagnostic.with_help("write a comparison");
        }
        diagnostic
            .with_help(format!("ask what is meant, such as `{test}`"))
            .with_edit(span.after(), format!(" {test}"))
    }

    /// `operand is set` and its like.
    fn test(&mut self, test: Test, negate: bool, operand: &ast::Expr, span: Span) -> Expr {
        let value = self.asked(test, operand);
        if value.ty.base == BaseType::Error {
            return error_expr(span);
        }
        let written = match test {
            Test::Known => value,
            Test::Set | Test::Empty => {
                let written = self.as_written(value);
                self.warn_about_test(test, negate, &written, span);
                written
            }
        };
        let kind = match test {
            Test::Set => ExprKind::IsSet(Box::new(written)),
            Test::Empty => ExprKind::IsEmpty(Box::new(written)),
            Test::Known => ExprKind::IsKnown(Box::new(written)),
        };
        let tested = condition_expr(kind, span);
        if negate {
            negated(tested, span)
        } else {
            tested
        }
    }

    /// The operand of a test. `request is set` asks for the request without needing it.
    fn asked(&mut self, test: Test, operand: &ast::Expr) -> Expr {
        if let ast::ExprKind::Name(name) = &operand.kind
            && let Some(part) = super::request::part_named(name)
            && test != Test::Known
            && !self.scope.is_apart
            && self.find(name).is_none()
        {
            return self.context_part(part, true, operand.span);
        }
        self.value(operand, None)
    }

    fn warn_about_test(&mut self, test: Test, negate: bool, value: &Expr, span: Span) {
        let is_collection = matches!(value.ty.base, BaseType::List(_) | BaseType::Map(_));
        if value.ty.optional || is_collection && !matches!(value.kind, ExprKind::Const(_)) {
            return;
        }
        let what = self.quote(value.span, "this value");
        let never_empty = match &value.ty.base {
            BaseType::Bool | BaseType::Int | BaseType::Float | BaseType::Quantity => true,
            BaseType::IntOrString
            | BaseType::String
            | BaseType::Enum(_)
            | BaseType::Version
            | BaseType::Image
            | BaseType::Cidr
            | BaseType::Versions
            | BaseType::Range
            | BaseType::Ip
            | BaseType::Glob
            | BaseType::Regex
            | BaseType::Timestamp
            | BaseType::Duration
            | BaseType::Record(_)
            | BaseType::List(_)
            | BaseType::Map(_)
            | BaseType::Any
            | BaseType::Error => false,
        };
        match test {
            Test::Set => self.always(!negate, span, format!("{what} is always set")),
            Test::Empty if never_empty => {
                self.always(negate, span, format!("{what} is never empty"));
            }
            Test::Empty | Test::Known => {}
        }
    }

    /// Warns of a condition that always has the same value.
    pub(super) fn always(&mut self, value: bool, span: Span, message: String) {
        let code = if value { "always-true" } else { "always-false" };
        let label = format!("always {value}");
        let help = "remove the condition, or ask for what can differ";
        self.report(Diagnostic::warning(code, message, span, label).with_help(help));
    }
}

/// A value of type bool as a condition.
pub(super) fn of_bool(value: Expr) -> Expr {
    let span = value.span;
    match value.kind {
        ExprKind::Truth(condition) => *condition,
        _ => condition_expr(ExprKind::Truth(Box::new(value)), span),
    }
}

/// A condition as a value of type bool.
pub(super) fn as_value(condition: Expr) -> Expr {
    let span = condition.span;
    condition_expr(ExprKind::Truth(Box::new(condition)), span)
}

/// `not condition`
pub(super) fn negated(condition: Expr, span: Span) -> Expr {
    Expr {
        ty: condition.ty.clone(),
        kind: ExprKind::Not(Box::new(condition)),
        span,
    }
}

fn flatten<'e>(expr: &'e ast::Expr, op: BinaryOp, operands: &mut Vec<&'e ast::Expr>) {
    match &expr.kind {
        ast::ExprKind::Binary {
            op: found,
            left,
            right,
            ..
        } if *found == op => {
            flatten(left, op, operands);
            flatten(right, op, operands);
        }
        _ => operands.push(expr),
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    match op {
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual
        | BinaryOp::In
        | BinaryOp::NotIn
        | BinaryOp::Matches
        | BinaryOp::Like => true,
        BinaryOp::Or
        | BinaryOp::And
        | BinaryOp::Coalesce
        | BinaryOp::Plus
        | BinaryOp::Minus
        | BinaryOp::Times
        | BinaryOp::Divide
        | BinaryOp::IntegerDivide
        | BinaryOp::Remainder => false,
    }
}
