//! Numbers and quantities computed.

use super::context::{Ctx, constant, error_expr};
use super::words::prose;
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Builtin, Const, Expr, ExprKind, Type};
use crate::span::Span;
use crate::syntax::ast::{self, BinaryOp};

impl Ctx<'_> {
    /// `left op right`, for the operators that only compute.
    pub(super) fn arithmetic(
        &mut self,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<&BaseType>,
        span: Span,
    ) -> Expr {
        // A quotient is a float, whatever is expected.
        let expected = expected.filter(|_| op != BinaryOp::Divide);
        let (left, right) = self.numbers(left, right, expected);
        self.computed(op, left, right, span)
    }

    /// Both operands; a literal takes the type of the other side.
    fn numbers(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<&BaseType>,
    ) -> (Expr, Expr) {
        let quantity = Some(&BaseType::Quantity);
        let expected = expected.filter(|base| Some(*base) == quantity);
        if matches!(left.kind, ast::ExprKind::Number(_)) {
            let right = self.value(right, expected);
            let is_quantity = right.ty.base == BaseType::Quantity;
            let left = self.value(left, if is_quantity { quantity } else { expected });
            return (left, right);
        }
        let left = self.value(left, expected);
        let is_quantity = left.ty.base == BaseType::Quantity;
        let right = self.value(right, if is_quantity { quantity } else { expected });
        (left, right)
    }

    /// `left op right` of ints or quantities.
    pub(super) fn computed(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        if left.ty.base == BaseType::Error || right.ty.base == BaseType::Error {
            return error_expr(span);
        }
        let (a, b) = (&left.ty.base, &right.ty.base);
        let builtin = match (a, b) {
            (a, b) if !is_number(a) || !is_number(b) => None,
            _ if op == BinaryOp::Divide => Some(Builtin::Divide),
            (BaseType::Int, BaseType::Int) => of_ints(op),
            (BaseType::Quantity, _) | (_, BaseType::Quantity) => of_quantities(op),
            _ => None,
        };
        let Some(builtin) = builtin else {
            self.not_computed(op, &left, &right);
            return error_expr(span);
        };
        if !self.expect_present(&left, None) | !self.expect_present(&right, None) {
            return error_expr(span);
        }
        if let Some(value) = folded(builtin, &left, &right) {
            return constant(Const::Int(value), BaseType::Int, span);
        }
        let is_zero = matches!(right.kind, ExprKind::Const(Const::Int(0)));
        let divides = matches!(
            builtin,
            Builtin::IntegerDivide | Builtin::Remainder | Builtin::Divide
        );
        if is_zero && divides {
            self.report(
                Diagnostic::error("division-by-zero", "division by zero", right.span, "zero")
                    .with_help("divide by another number"),
            );
            return error_expr(span);
        }
        let base = match builtin {
            Builtin::Divide => BaseType::Float,
            Builtin::AddQuantity | Builtin::SubtractQuantity | Builtin::MultiplyQuantity => {
                BaseType::Quantity
            }
            _ => BaseType::Int,
        };
        Expr {
            kind: ExprKind::Call(builtin, vec![left, right]),
            ty: Type::plain(base),
            span,
        }
    }

    fn not_computed(&mut self, op: BinaryOp, left: &Expr, right: &Expr) {
        let (a, b) = (prose(&left.ty.base), prose(&right.ty.base));
        let sign = sign(op);
        let message = format!("`{sign}` takes ints, not {a} and {b}");
        let diagnostic =
            Diagnostic::error("type-mismatch", message, right.span, b).with_label(left.span, a);
        self.report(if !is_number(&left.ty.base) || !is_number(&right.ty.base) {
            diagnostic.with_help("compute with ints")
        } else if matches!(op, BinaryOp::Plus | BinaryOp::Minus | BinaryOp::Times) {
            diagnostic.with_help("compute with two ints, or with a quantity")
        } else {
            diagnostic.with_help("compute with two ints")
        });
    }

    /// `-value`
    pub(super) fn negative(&mut self, value: Expr, span: Span) -> Expr {
        match &value.ty.base {
            BaseType::Error => error_expr(span),
            BaseType::Int => {
                if !self.expect_present(&value, None) {
                    return error_expr(span);
                }
                Expr {
                    kind: ExprKind::Call(Builtin::Negate, vec![value]),
                    ty: Type::plain(BaseType::Int),
                    span,
                }
            }
            base => {
                let what = prose(base);
                let message = format!("`-` takes an int, not {what}");
                self.report(
                    Diagnostic::error("type-mismatch", message, value.span, what)
                        .with_help("compute with an int"),
                );
                error_expr(span)
            }
        }
    }
}

fn is_number(base: &BaseType) -> bool {
    matches!(base, BaseType::Quantity | BaseType::Float | BaseType::Int)
}

fn of_ints(op: BinaryOp) -> Option<Builtin> {
    Some(match op {
        BinaryOp::Plus => Builtin::Add,
        BinaryOp::Minus => Builtin::Subtract,
        BinaryOp::Times => Builtin::Multiply,
        BinaryOp::IntegerDivide => Builtin::IntegerDivide,
        BinaryOp::Remainder => Builtin::Remainder,
        _ => return None,
    })
}

fn of_quantities(op: BinaryOp) -> Option<Builtin> {
    Some(match op {
        BinaryOp::Plus => Builtin::AddQuantity,
        BinaryOp::Minus => Builtin::SubtractQuantity,
        BinaryOp::Times => Builtin::MultiplyQuantity,
        _ => return None,
    })
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Plus => "+",
        BinaryOp::Minus => "-",
        BinaryOp::Times => "*",
        BinaryOp::IntegerDivide => "div",
        BinaryOp::Remainder => "%",
        _ => "/",
    }
}

/// The result of two constants, where there is one.
fn folded(builtin: Builtin, left: &Expr, right: &Expr) -> Option<i64> {
    let (ExprKind::Const(Const::Int(a)), ExprKind::Const(Const::Int(b))) =
        (&left.kind, &right.kind)
    else {
        return None;
    };
    match builtin {
        Builtin::Add => a.checked_add(*b),
        Builtin::Subtract => a.checked_sub(*b),
        Builtin::Multiply => a.checked_mul(*b),
        Builtin::IntegerDivide => a.checked_div(*b),
        Builtin::Remainder => a.checked_rem(*b),
        _ => None,
    }
}
