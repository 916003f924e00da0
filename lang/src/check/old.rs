//! `old` in a policy on a view: what the view's part was before.
//!
//! Of a part that is a node it is what stands at the same path of the old object. Of a part that is written out as a record
//! it is the same record, written out of the old object.

use super::context::{Ctx, Subst, Substitution, Written};
use super::facts::Path;
use super::views::{Parts, ViewInfo};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Binding, Builtin, ContextPart, Expr, ExprKind, LocalId, Type};
use crate::span::Span;
use crate::syntax::ast;

/// What `old` is in a body of a policy.
#[derive(Debug, Clone)]
pub(super) enum Old {
    /// All of the old object.
    Object,
    /// What stood where this name stands.
    Part(LocalId),
    /// A record written out.
    Record(Vec<(String, Expr)>),
    /// Not to be had: parts of the view are computed.
    Computed,
}

impl Ctx<'_> {
    /// The part that `old` is; nothing if it is all of the object, or written out.
    pub(super) fn old_part(&mut self, span: Span) -> Option<Expr> {
        match self.old {
            Old::Object | Old::Record(_) => None,
            Old::Part(part) => {
                let ty = self.name(part)?.local.ty.clone();
                let part = Expr {
                    kind: ExprKind::Local(part),
                    ty,
                    span,
                };
                let mut old = before(part);
                let is_known = self
                    .path_of(&old)
                    .is_some_and(|path| self.is_known_set(&path));
                old.ty.optional = !is_known;
                Some(old)
            }
            Old::Computed => {
                self.report(
                    Diagnostic::error(
                        "not-a-part",
                        "what the parts of this view were is not known",
                        span,
                        "the view computes its parts",
                    )
                    .with_help("read the old object: `whole(old)`"),
                );
                Some(super::context::error_expr(span))
            }
        }
    }

    /// The record that `old` is, if it is written out.
    pub(super) fn old_record(&mut self) -> Option<Subst> {
        let Old::Record(members) = &self.old else {
            return None;
        };
        let members = members.clone();
        self.need_old();
        Some(Subst::Record(Written {
            members,
            whole: Some(Box::new(self.old_object(Span::default()))),
        }))
    }

    /// The old object that `expr` asks for by `whole` or `namespace`, if it is what `old` is in a policy on a view.
    pub(super) fn whole_old(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let ast::ExprKind::Name(name) = &expr.kind else {
            return None;
        };
        let is_it = name == ContextPart::Old.key()
            && !self.scope.is_apart
            && self.find(name).is_none()
            && self.substitution(name).is_none()
            && !matches!(self.old, Old::Object);
        is_it.then(|| {
            self.need_old();
            self.old_object(expr.span)
        })
    }

    fn old_object(&self, span: Span) -> Expr {
        let object = self.name(LocalId::OBJECT);
        let base = object.map_or(BaseType::Any, |info| info.local.ty.base.clone());
        let is_set = self.is_known_set(&Path::of_context(ContextPart::Old));
        Expr {
            kind: ExprKind::Context(ContextPart::Old),
            ty: Type {
                base,
                optional: !is_set && !self.needs.contains(&ContextPart::Old),
            },
            span,
        }
    }

    /// Notes that a policy is about changes, if `old` is read at its top level.
    pub(super) fn need_old(&mut self) {
        let is_set = self.is_known_set(&Path::of_context(ContextPart::Old));
        if !is_set && self.depth <= 1 {
            self.needs.insert(ContextPart::Old);
        }
    }

    /// Whether a value of an arm is a node of the object.
    fn is_node(&self, value: &Expr) -> bool {
        match &value.kind {
            ExprKind::Local(id) => match self.name(*id).map(|info| (&info.local.binding, info)) {
                Some((Binding::Let(value), _)) => self.is_node(value),
                Some((Binding::Object | Binding::Part | Binding::Element, info)) => {
                    info.made.is_none()
                }
                _ => false,
            },
            ExprKind::Member { base, .. }
            | ExprKind::MapMember { base, .. }
            | ExprKind::Element { base, .. } => self.is_node(base),
            ExprKind::Cast(inner) | ExprKind::With { body: inner, .. } => self.is_node(inner),
            ExprKind::Coalesce(one, other)
            | ExprKind::If {
                then: one,
                otherwise: other,
                ..
            } => self.is_node(one) && self.is_node(other),
            ExprKind::Pick(_, picked) => self.is_node(&picked.element),
            _ => false,
        }
    }

    /// Whether the elements of an arm's list are nodes of the object.
    pub(super) fn holds_nodes(&self, list: &Expr) -> bool {
        match &list.kind {
            ExprKind::Comprehension(of) => self.is_node(&of.element),
            ExprKind::Concat(lists) => lists.iter().all(|list| self.holds_nodes(list)),
            ExprKind::List(items) => items.iter().all(|item| self.is_node(item)),
            ExprKind::With { body, .. } => self.holds_nodes(body),
            ExprKind::Call(Builtin::Values, of) => of.iter().all(|of| self.is_node(of)),
            _ => self.is_node(list),
        }
    }

    /// The record that an arm writes out, made of the old object. Not to be had if it cannot be made of that.
    pub(super) fn old_members(&mut self, value: &ast::Expr, info: &ViewInfo) -> Old {
        if !self.reads_old || self.is_query {
            return Old::Computed;
        }
        let n_diagnostics = self.diagnostics.len();
        let locals = std::mem::take(&mut self.scope.locals);
        let substitutions = self.scope.substitutions.clone();
        let fields_of = self.scope.fields_of.take();
        for known in &mut self.scope.substitutions {
            if let Subst::Value(value) = &known.stands_for {
                known.stands_for = Subst::Value(then(value));
            }
        }
        for id in &locals {
            let Some(name) = self.name(*id) else { continue };
            let (ty, is_key) = (
                name.local.ty.clone(),
                name.local.binding != Binding::Element,
            );
            let name = name.local.name.clone();
            let value = Expr {
                kind: ExprKind::Local(*id),
                ty,
                span: value.span,
            };
            self.scope.substitutions.push(Substitution {
                name,
                span: value.span,
                used: true,
                // A key is what it was.
                stands_for: Subst::Value(if is_key { value } else { then(&value) }),
            });
        }
        self.scope.fields_of = fields_of.as_ref().map(then);
        let parts = self.arm_parts(value, info);
        self.scope.locals = locals;
        self.scope.substitutions = substitutions;
        self.scope.fields_of = fields_of;
        let failed = self.diagnostics.len() > n_diagnostics;
        self.diagnostics.truncate(n_diagnostics);
        match parts {
            Some(Parts::Record(members)) if !failed => Old::Record(members),
            _ => Old::Computed,
        }
    }
}

/// What a name of an arm stood for in the old object.
fn then(value: &Expr) -> Expr {
    match value.kind {
        ExprKind::Local(LocalId::OBJECT) => Expr {
            kind: ExprKind::Context(ContextPart::Old),
            ty: Type::optional(value.ty.base.clone()),
            span: value.span,
        },
        _ => before(value.clone()),
    }
}

/// What stood where `value` stands.
fn before(value: Expr) -> Expr {
    let (base, span) = (value.ty.base.clone(), value.span);
    let any = |kind| Expr {
        kind,
        ty: Type::optional(BaseType::Any),
        span,
    };
    let untyped = Expr {
        ty: Type::plain(BaseType::Any),
        ..value
    };
    let found = any(ExprKind::Call(Builtin::Before, vec![untyped]));
    if base == BaseType::Any {
        return found;
    }
    Expr {
        kind: ExprKind::Cast(Box::new(found)),
        ty: Type::optional(base),
        span,
    }
}
