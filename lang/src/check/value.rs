//! Expressions as values.

use super::context::{Ctx, constant, error_expr};
use super::words::{near, prose, type_name};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Binding, Const, Expr, ExprKind, Presence, Type};
use crate::span::Span;
use crate::syntax::ast::{self, BinaryOp, UnaryOp};

impl Ctx<'_> {
    /// The value of `expr`. Literals take the type that is expected, if they can have it.
    pub(super) fn value(&mut self, expr: &ast::Expr, expected: Option<&BaseType>) -> Expr {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Bool(value) => constant(Const::Bool(*value), BaseType::Bool, span),
            ast::ExprKind::None => Expr {
                kind: ExprKind::Const(Const::Absent),
                ty: Type::optional(expected.cloned().unwrap_or(BaseType::Any)),
                span,
            },
            ast::ExprKind::Number(text) => self.number(text, false, expected, span),
            ast::ExprKind::Version(_) => self.not_yet("versions", span),
            ast::ExprKind::String(parts) => self.string(parts, span),
            ast::ExprKind::List(items) => self.list(items, expected, span),
            ast::ExprKind::Name(name) => self.local(name, span),
            ast::ExprKind::Field { base, name } => self.field(base, name, span),
            ast::ExprKind::Index { base, index } => self.index(base, index, span),
            ast::ExprKind::Call {
                name, arguments, ..
            } => self.call(name, arguments, span),
            ast::ExprKind::Unary {
                op: UnaryOp::Minus,
                operand,
            } => self.minus(operand, expected, span),
            ast::ExprKind::Binary {
                op: BinaryOp::Coalesce,
                left,
                right,
                ..
            } => self.coalesce(left, right, expected, span),
            ast::ExprKind::Binary {
                op: BinaryOp::Plus,
                left,
                right,
                ..
            } => self.plus(left, right, expected, span),
            ast::ExprKind::Unary {
                op: UnaryOp::Not, ..
            }
            | ast::ExprKind::Binary { .. }
            | ast::ExprKind::Test { .. }
            | ast::ExprKind::Quantifier { .. } => {
                let condition = self.condition(expr);
                if condition.ty.base == BaseType::Error {
                    return condition;
                }
                let kind = ExprKind::Truth(Box::new(condition));
                Expr {
                    kind,
                    ty: Type::plain(BaseType::Bool),
                    span,
                }
            }
            ast::ExprKind::If { .. } => self.not_yet("`if` expressions", span),
            ast::ExprKind::Comprehension { .. }
            | ast::ExprKind::Pick { .. }
            | ast::ExprKind::Count { .. } => self.not_yet("comprehensions", span),
            ast::ExprKind::Cast { .. } => self.not_yet("casts", span),
            ast::ExprKind::Record(_) => self.not_yet("records", span),
            ast::ExprKind::Hole => {
                self.broken = true;
                error_expr(span)
            }
        }
    }

    /// Says that `what` is a part of the language that cannot be compiled yet.
    pub(super) fn not_yet(&mut self, what: &str, span: Span) -> Expr {
        let message = format!("{what} are not available yet");
        self.report(Diagnostic::error("not-yet", message, span, "not available"));
        error_expr(span)
    }

    fn local(&mut self, name: &str, span: Span) -> Expr {
        let Some(id) = self.find(name) else {
            self.unknown_name(name, span);
            return error_expr(span);
        };
        let Some(info) = self.name_mut(id) else {
            return error_expr(span);
        };
        info.used = true;
        let ty = info.local.ty.clone();
        let relied = info.relied.clone();
        self.relied.extend(relied);
        self.narrow(Expr {
            kind: ExprKind::Local(id),
            ty,
            span,
        })
    }

    fn unknown_name(&mut self, name: &str, span: Span) {
        let message = format!("nothing here is called `{name}`");
        let mut diagnostic = Diagnostic::error("unknown-name", message, span, "unknown name");
        let in_scope: Vec<String> = self
            .scope
            .iter()
            .filter_map(|id| self.name(*id).map(|info| info.local.name.clone()))
            .collect();
        if let Some(near) = near(name, in_scope.iter().map(String::as_str)) {
            // It was probably meant, so it is not unused.
            if let Some(id) = self.find(near)
                && let Some(info) = self.name_mut(id)
            {
                info.used = true;
            }
            diagnostic = diagnostic
                .with_help(format!("write `{near}`"))
                .with_edit(span, near);
        } else if let Some(bound) = self.names.iter().find(|info| info.local.name == name) {
            diagnostic = diagnostic
                .with_label(bound.span, "bound in another block")
                .with_help("use it inside the block that binds it");
        } else if let Some(path) = self.path_from_target(name) {
            diagnostic = diagnostic
                .with_help(format!("write `{path}`"))
                .with_edit(span, path);
        } else if name == "pod" {
            diagnostic = diagnostic
                .with_help("write `on pod` in the header, or read the field from `object`")
                .with_note("`pod` is the pod template that the view of that name finds.");
        } else if name == "true" || name == "false" || name.starts_with(char::is_uppercase) {
            let quoted = format!("\"{name}\"");
            diagnostic = diagnostic
                .with_help(format!("write `{quoted}` if the text is meant"))
                .with_edit(span, quoted);
        } else {
            diagnostic = diagnostic.with_help(format!("bind it with `let {name} = …`"));
        }
        self.report(diagnostic);
    }

    /// `-80`
    fn minus(&mut self, operand: &ast::Expr, expected: Option<&BaseType>, span: Span) -> Expr {
        match &operand.kind {
            ast::ExprKind::Number(text) => self.number(text, true, expected, span),
            ast::ExprKind::Hole => self.value(operand, None),
            _ => {
                let value = self.value(operand, None);
                if value.ty.base == BaseType::Error {
                    return value;
                }
                self.not_yet("computed negative numbers", span)
            }
        }
    }

    /// `left ?? right`
    fn coalesce(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<&BaseType>,
        span: Span,
    ) -> Expr {
        let value = self.value(left, expected);
        let default = self.value(right, Some(&value.ty.base));
        let (from, to) = (value.ty.base.clone(), default.ty.base.clone());
        if from == BaseType::Error || to == BaseType::Error {
            return error_expr(span);
        }
        let is_none = matches!(default.kind, ExprKind::Const(Const::Absent));
        let base = match super::kinds::union(from.clone(), to.clone()) {
            _ if is_none => from,
            // `c.imagePullPolicy ?? "None"` has one value more than the field, and still no misspelt ones.
            Some(BaseType::String) if let Some(base) = with_member(&from, &default) => base,
            Some(base) if base != BaseType::Any || from == BaseType::Any => base,
            _ => {
                let message = format!("{} cannot stand for {}", prose(&to), prose(&from));
                let label = format!("of type `{}`", type_name(&default.ty));
                self.report(
                    Diagnostic::error("type-mismatch", message, right.span, label)
                        .with_label(left.span, format!("of type `{}`", type_name(&value.ty)))
                        .with_help(format!("write {} after `??`", prose(&from))),
                );
                return error_expr(span);
            }
        };
        if !value.ty.optional {
            let what = self.quote(left.span, "this value");
            let message = format!("{what} always has a value");
            let rest = Span {
                start: left.span.end,
                ..span
            };
            self.report(
                Diagnostic::warning("always-set", message, right.span, "never used")
                    .with_help("remove `??` and what follows it")
                    .with_edit(rest, ""),
            );
        }
        let optional = value.ty.optional && default.ty.optional;
        let kind = ExprKind::Coalesce(Box::new(value), Box::new(default));
        Expr {
            kind,
            ty: Type { base, optional },
            span,
        }
    }

    /// Says that `value`, which may be absent, needs to be there. False if it is absent-able.
    pub(super) fn expect_present(&mut self, value: &Expr, whole: Option<Span>) -> bool {
        if !value.ty.optional {
            return true;
        }
        let what = self.quote(value.span, "this value");
        let message = format!("{what} may be absent");
        let label = format!("of type `{}`", type_name(&value.ty));
        let mut diagnostic = Diagnostic::error("absent-value", message, value.span, label);
        if let Some(denied) = self.denied_before(value)
            && let Some(what) = self.source(denied.what)
        {
            let required = format!("require {what} is set");
            let (head, help) = (
                denied.head,
                format!("write `{required}` in the check before"),
            );
            self.report(
                diagnostic
                    .with_label(head, "guards nothing")
                    .with_help(help)
                    .with_edit(head, required)
                    .with_note("Only a `require` guards the checks after it."),
            );
            return false;
        }
        let source = self.source(value.span).filter(|text| !text.contains('\n'));
        diagnostic = match (whole, source, self.path_of(value)) {
            (Some(whole), Some(source), Some(_)) => {
                let start = Span {
                    end: whole.start,
                    ..whole
                };
                diagnostic
                    .with_help(format!(
                        "ask first: `{source} is set and …`, or give a default: `?? …`"
                    ))
                    .with_edit(start, format!("{source} is set and "))
            }
            _ => diagnostic.with_help("handle absence with `?? …` or `is set`"),
        };
        self.report(diagnostic);
        false
    }

    /// `value` as `is set` and `is empty` look at it: a member with a default is asked for what was written.
    pub(super) fn as_written(&self, mut value: Expr) -> Expr {
        if let Some(bound) = self.bound_default(&value) {
            value = Expr {
                span: value.span,
                ..bound.clone()
            };
        }
        if let ExprKind::Member { presence, .. } = &mut value.kind
            && matches!(presence, Presence::Default(_))
        {
            *presence = Presence::Optional;
            value.ty.optional = true;
        }
        value
    }

    /// The member with a default that a name stands for.
    fn bound_default<'v>(&'v self, value: &'v Expr) -> Option<&'v Expr> {
        let ExprKind::Local(id) = &value.kind else {
            return None;
        };
        match &self.name(*id)?.local.binding {
            Binding::Let(bound) if has_default(bound) => Some(bound),
            Binding::Let(bound) => self.bound_default(bound),
            Binding::Object | Binding::Part | Binding::Element | Binding::Key | Binding::Index => {
                None
            }
        }
    }

    /// True if the value is secret, or made from one that is.
    pub(super) fn is_sensitive(&self, value: &Expr) -> bool {
        match &value.kind {
            ExprKind::Local(id) => self.name(*id).is_some_and(|info| info.sensitive),
            ExprKind::Member { base, key, .. } => {
                let BaseType::Record(records) = &base.ty.base else {
                    return self.is_sensitive(base);
                };
                super::kinds::field_of(records, key).is_some_and(|field| field.sensitive)
                    || self.is_sensitive(base)
            }
            ExprKind::MapMember { base, .. } | ExprKind::Element { base, .. } => {
                self.is_sensitive(base)
            }
            ExprKind::ImagePart(_, inner) => self.is_sensitive(inner),
            ExprKind::Concat(items) | ExprKind::List(items) => {
                items.iter().any(|item| self.is_sensitive(item))
            }
            ExprKind::Coalesce(left, right) => self.is_sensitive(left) || self.is_sensitive(right),
            ExprKind::Interpolate(parts) => parts.iter().any(|part| self.part_is_sensitive(part)),
            // A condition tells one bit of a secret, and rules about secrets need to say it.
            _ => false,
        }
    }
}

/// The enum `base` with the constant `value` as one more member.
fn with_member(base: &BaseType, value: &Expr) -> Option<BaseType> {
    let (BaseType::Enum(members), ExprKind::Const(Const::String(text))) = (base, &value.kind)
    else {
        return None;
    };
    let mut members = members.clone();
    if !members.contains(text) {
        members.push(text.clone());
    }
    Some(BaseType::Enum(members))
}

fn has_default(value: &Expr) -> bool {
    matches!(
        &value.kind,
        ExprKind::Member {
            presence: Presence::Default(_),
            ..
        }
    )
}
