//! Expressions and types: records that stand on several lines, names that are more than a word.

use super::{Braces, Marks, at, next_sign};
use crate::syntax::ast::{Expr, ExprKind, FieldDeclaration, Generator, TypeExpr, TypeExprKind};

impl Marks {
    /// A part that may be missing.
    pub(super) fn guard(&mut self, expr: Option<&Expr>, text: &str) {
        if let Some(expr) = expr {
            self.expr(expr, text);
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr, text: &str) {
        match &expr.kind {
            ExprKind::Bool(_)
            | ExprKind::None
            | ExprKind::Number(_)
            | ExprKind::Version(_)
            | ExprKind::Name(_)
            // A string is one token with all that is in it.
            | ExprKind::String(_)
            | ExprKind::Hole => {}
            ExprKind::Objects(target) => self.target(target),
            ExprKind::List(items) => self.all(items, text),
            ExprKind::Call { arguments, .. } => self.all(arguments, text),
            ExprKind::Field { base, .. } => self.expr(base, text),
            ExprKind::Index { base, index } => {
                self.expr(base, text);
                self.expr(index, text);
            }
            ExprKind::Unary { operand, .. } | ExprKind::Test { operand, .. } => {
                self.expr(operand, text);
            }
            ExprKind::Binary { left, right, .. } => {
                self.expr(left, text);
                self.expr(right, text);
            }
            ExprKind::Quantifier {
                generators,
                guard,
                body,
                ..
            } => {
                self.generators(generators, text);
                self.guard(guard.as_deref(), text);
                let head = guard.as_ref().map(|guard| guard.span).or(generators
                    .last()
                    .map(|last| last.source.span));
                let colon = head.and_then(|head| next_sign(text, at(head.end), ':'));
                self.colons.extend(colon);
                self.expr(body, text);
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.expr(condition, text);
                self.expr(then, text);
                self.expr(otherwise, text);
            }
            ExprKind::Comprehension {
                element,
                generators,
                guard,
                order,
            } => {
                self.expr(element, text);
                self.generators(generators, text);
                self.guard(guard.as_deref(), text);
                self.guard(order.as_deref(), text);
            }
            ExprKind::Pick {
                generator,
                guard,
                order,
                ..
            } => {
                self.generator(generator, text);
                self.guard(guard.as_deref(), text);
                self.guard(order.as_deref(), text);
            }
            ExprKind::Count { generators, guard } => {
                self.generators(generators, text);
                self.guard(guard.as_deref(), text);
            }
            ExprKind::Cast { operand, ty } => {
                self.expr(operand, text);
                self.ty(ty, text);
            }
            ExprKind::Record(entries) => {
                let braces = whole(expr.span);
                let first = entries.first().map(|(key, _)| at(key.span.start));
                let is_broken = first.is_some_and(|first| braces.is_broken(text, first));
                if is_broken {
                    self.braces(Some(braces));
                }
                for (key, value) in entries {
                    if is_broken {
                        self.starts.insert(at(key.span.start));
                    }
                    self.expr(value, text);
                }
            }
        }
    }

    fn all(&mut self, exprs: &[Expr], text: &str) {
        for expr in exprs {
            self.expr(expr, text);
        }
    }

    fn generators(&mut self, generators: &[Generator], text: &str) {
        for generator in generators {
            self.generator(generator, text);
        }
    }

    pub(super) fn annotation(&mut self, ty: Option<&TypeExpr>, text: &str) {
        if let Some(ty) = ty {
            self.ty(ty, text);
        }
    }

    pub(super) fn ty(&mut self, ty: &TypeExpr, text: &str) {
        match &ty.kind {
            TypeExprKind::Name(target) => self.target(target),
            TypeExprKind::List(inner) | TypeExprKind::Optional(inner) => self.ty(inner, text),
            TypeExprKind::Map(inner) => {
                let braces = whole(ty.span);
                self.tight.extend([braces.open, braces.close]);
                self.ty(inner, text);
            }
            TypeExprKind::Record(fields) => self.fields(fields, Some(whole(ty.span)), text),
            TypeExprKind::Union(types) => {
                for ty in types {
                    self.ty(ty, text);
                }
            }
            TypeExprKind::Enum { .. } | TypeExprKind::Hole => {}
        }
    }

    /// Fields, each on a line of its own if the first is.
    pub(super) fn fields(
        &mut self,
        fields: &[FieldDeclaration],
        braces: Option<Braces>,
        text: &str,
    ) {
        let first = fields.first().map(|field| at(field.span.start));
        let broken =
            braces.filter(|braces| first.is_some_and(|first| braces.is_broken(text, first)));
        self.braces(broken);
        for field in fields {
            if broken.is_some() {
                self.starts.insert(at(field.span.start));
            }
            self.ty(&field.ty, text);
            self.guard(field.default.as_ref(), text);
        }
    }
}

/// The braces at both ends of a span.
fn whole(span: crate::span::Span) -> Braces {
    Braces {
        open: at(span.start),
        close: at(span.end).saturating_sub(1),
    }
}
