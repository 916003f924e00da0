//! Lists written out, and `+`.

use super::context::{Ctx, error_expr};
use super::kinds::union;
use super::words::{prose, type_name};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Const, Expr, ExprKind, MessagePart, Type};
use crate::span::Span;
use crate::syntax::ast;

impl Ctx<'_> {
    /// `[a, b]`
    pub(super) fn list(
        &mut self,
        items: &[ast::Expr],
        expected: Option<&BaseType>,
        span: Span,
    ) -> Expr {
        let wanted = match expected {
            Some(BaseType::List(element)) => Some(&**element),
            _ => None,
        };
        let mut values: Vec<Expr> = Vec::new();
        let mut element = None;
        let mut failed = false;
        for item in items {
            let value = self.value(item, wanted.or(element.as_ref()));
            if value.ty.base == BaseType::Error || !self.expect_present(&value, None) {
                failed = true;
                continue;
            }
            element = match element.take() {
                None => Some(value.ty.base.clone()),
                Some(before) => match unite(before.clone(), value.ty.base.clone()) {
                    Some(base) => Some(base),
                    None => {
                        self.mixed_list(&before, &value, values.first());
                        failed = true;
                        Some(before)
                    }
                },
            };
            values.push(value);
        }
        if failed {
            return error_expr(span);
        }
        let element = element.or(wanted.cloned()).unwrap_or(BaseType::Any);
        let ty = Type::plain(BaseType::List(Box::new(element)));
        let constants: Option<Vec<Const>> = values.iter().map(as_const).collect();
        let kind = match constants {
            Some(constants) => ExprKind::Const(Const::List(constants)),
            None => ExprKind::List(values),
        };
        Expr { kind, ty, span }
    }

    fn mixed_list(&mut self, before: &BaseType, value: &Expr, first: Option<&Expr>) {
        let message = format!("a list of {} and {}", prose(before), prose(&value.ty.base));
        let label = format!("of type `{}`", type_name(&value.ty));
        let mut diagnostic = Diagnostic::error("type-mismatch", message, value.span, label)
            .with_help("make all elements of one type");
        if let Some(first) = first {
            diagnostic =
                diagnostic.with_label(first.span, format!("of type `{}`", type_name(&first.ty)));
        }
        self.report(diagnostic);
    }

    /// `left + right`: lists or texts joined.
    pub(super) fn plus(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<&BaseType>,
        span: Span,
    ) -> Expr {
        let (left, right) = self.summands(left, right, expected);
        match (&left.ty.base, &right.ty.base) {
            (BaseType::Error, _) | (_, BaseType::Error) => error_expr(span),
            (BaseType::List(_), BaseType::List(_)) => self.joined(left, right, span),
            (BaseType::String | BaseType::Enum(_), BaseType::String | BaseType::Enum(_)) => {
                if !self.expect_present(&left, None) | !self.expect_present(&right, None) {
                    return error_expr(span);
                }
                let parts = [left, right].into_iter().flat_map(text_parts).collect();
                let kind = ExprKind::Interpolate(parts);
                Expr {
                    kind,
                    ty: Type::plain(BaseType::String),
                    span,
                }
            }
            (
                BaseType::Int | BaseType::Quantity | BaseType::Float,
                BaseType::Int | BaseType::Quantity | BaseType::Float,
            ) => self.computed(ast::BinaryOp::Plus, left, right, span),
            _ => self.cannot_add(&left, &right, span),
        }
    }

    /// Two lists joined.
    pub(super) fn joined(&mut self, left: Expr, right: Expr, span: Span) -> Expr {
        let element = match (&left.ty.base, &right.ty.base) {
            (BaseType::List(a), BaseType::List(b)) => unite((**a).clone(), (**b).clone()),
            _ => None,
        };
        let Some(element) = element else {
            return self.cannot_add(&left, &right, span);
        };
        let mut lists = Vec::new();
        for list in [left, right] {
            match list.kind {
                ExprKind::Concat(inner) => lists.extend(inner),
                _ => lists.push(list),
            }
        }
        Expr {
            kind: ExprKind::Concat(lists),
            ty: Type::plain(BaseType::List(Box::new(element))),
            span,
        }
    }

    /// Both operands; a number takes the type of the other side.
    fn summands(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<&BaseType>,
    ) -> (Expr, Expr) {
        if matches!(left.kind, ast::ExprKind::Number(_)) {
            let right = self.value(right, expected);
            let left = self.value(left, Some(&right.ty.base));
            return (left, right);
        }
        let left = self.value(left, expected);
        let right = self.value(right, Some(&left.ty.base));
        (left, right)
    }

    fn cannot_add(&mut self, left: &Expr, right: &Expr, span: Span) -> Expr {
        let (a, b) = (prose(&left.ty.base), prose(&right.ty.base));
        let message = format!("`+` adds numbers, joins lists or strings, not {a} and {b}");
        self.report(
            Diagnostic::error("type-mismatch", message, right.span, b).with_label(left.span, a),
        );
        error_expr(span)
    }
}

/// A text as parts of a longer one.
fn text_parts(text: Expr) -> Vec<MessagePart> {
    match text.kind {
        ExprKind::Interpolate(parts) => parts,
        ExprKind::Const(Const::String(text)) => vec![MessagePart::Text(text)],
        _ => vec![MessagePart::Value(text)],
    }
}

/// The type of elements of either type, if they may stand in one list.
fn unite(a: BaseType, b: BaseType) -> Option<BaseType> {
    let untyped = a == BaseType::Any || b == BaseType::Any;
    union(a, b).filter(|base| *base != BaseType::Any || untyped)
}

fn as_const(value: &Expr) -> Option<Const> {
    match &value.kind {
        ExprKind::Const(constant) => Some(constant.clone()),
        _ => None,
    }
}
