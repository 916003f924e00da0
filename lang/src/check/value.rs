//! Expressions as values.

use super::context::{Ctx, Subst, constant, error_expr};
use super::prelude;
use super::words::{prose, type_name};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Binding, Builtin, Const, Expr, ExprKind, LocalId, Presence, Type};
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
            ast::ExprKind::Version(text) => self.version(text, span),
            ast::ExprKind::String(parts) => {
                let text = self.string(parts, span);
                self.text_as(text, expected)
            }
            ast::ExprKind::List(items) => self.list(items, expected, span),
            ast::ExprKind::Objects(target) => self.objects(target, span),
            ast::ExprKind::Name(name) => self.name_value(name, span),
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
            ast::ExprKind::Binary {
                op:
                    op @ (BinaryOp::Minus
                    | BinaryOp::Times
                    | BinaryOp::Divide
                    | BinaryOp::IntegerDivide
                    | BinaryOp::Remainder),
                left,
                right,
                ..
            } => self.arithmetic(*op, left, right, expected, span),
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
            ast::ExprKind::If {
                condition,
                then,
                otherwise,
            } => self.choice(condition, then, otherwise, expected, span),
            ast::ExprKind::Comprehension {
                element,
                generators,
                guard,
                order,
            } => self.comprehension(
                element,
                generators,
                guard.as_deref(),
                order.as_deref(),
                span,
            ),
            ast::ExprKind::Pick {
                which,
                generator,
                guard,
                order,
            } => self.pick(*which, generator, guard.as_deref(), order.as_deref(), span),
            ast::ExprKind::Count { generators, guard } => {
                self.count(generators, guard.as_deref(), span)
            }
            ast::ExprKind::Cast { operand, ty } => self.cast(operand, ty, span),
            ast::ExprKind::Record(_) => {
                self.report(
                    Diagnostic::error(
                        "misplaced-record",
                        "a record is no value here",
                        span,
                        "written out",
                    )
                    .with_help("write records in fixes, in the arms of views and as defaults"),
                );
                error_expr(span)
            }
            ast::ExprKind::Hole => {
                self.broken = true;
                error_expr(span)
            }
        }
    }

    /// What a name stands for.
    fn name_value(&mut self, name: &str, span: Span) -> Expr {
        if let Some(id) = self.find(name) {
            return self.local(id, span);
        }
        if let Some(value) = self.substituted(name, span) {
            return value;
        }
        if let Some(value) = self.param(name, span) {
            return value;
        }
        if let Some(value) = self.named_constant(name, span) {
            return value;
        }
        if name == "cluster_version" {
            return Expr {
                kind: ExprKind::Call(Builtin::ClusterVersion, Vec::new()),
                ty: Type::plain(BaseType::Version),
                span,
            };
        }
        if name == "now" {
            return Expr {
                kind: ExprKind::Call(Builtin::Now, Vec::new()),
                ty: Type::plain(BaseType::Timestamp),
                span,
            };
        }
        if name == prelude::PATH_OF_SOURCE && span.file == prelude::FILE {
            // Only `file_at` asks for it.
            self.owns_files = true;
            return self.path_of_source(span);
        }
        if let Some(part) = super::request::part_named(name)
            && !self.scope.is_apart
        {
            return self.context_part(part, false, span);
        }
        if self.scope.has_severities && super::policy::severity_named(name).is_some() {
            let members = super::policy::SEVERITIES.map(str::to_owned).to_vec();
            return constant(
                Const::String(name.to_owned()),
                BaseType::Enum(members),
                span,
            );
        }
        if let Some(value) = self.field_in_scope(name, span) {
            return value;
        }
        self.unknown_name(name, span);
        error_expr(span)
    }

    pub(super) fn local(&mut self, id: LocalId, span: Span) -> Expr {
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

    /// What an argument of a function stands for.
    fn substituted(&mut self, name: &str, span: Span) -> Option<Expr> {
        let all = self.scope.substitutions.iter_mut().rev();
        let mut found = all.into_iter().filter(|known| known.name == name);
        let known = found.next()?;
        known.used = true;
        let Subst::Value(value) = &known.stands_for else {
            let message = format!("`{name}` is written out and is no value by itself");
            self.report(
                Diagnostic::error("misplaced-record", message, span, "a record")
                    .with_help("read a field of it"),
            );
            return Some(error_expr(span));
        };
        let value = Expr {
            span,
            ..value.clone()
        };
        if let ExprKind::Local(id) = &value.kind
            && let Some(info) = self.name(*id)
        {
            let relied = info.relied.clone();
            self.relied.extend(relied);
        }
        Some(self.narrow(value))
    }

    /// Whether a name stands behind `any`, `all` or `no`.
    fn is_quantified(&self, name: Span) -> bool {
        let before = self.text.get(..name.start as usize).map(str::trim_end);
        let word =
            before.and_then(|before| before.rsplit(|letter: char| !letter.is_alphabetic()).next());
        word.is_some_and(|word| ["any", "all", "no"].contains(&word))
    }

    fn unknown_name(&mut self, name: &str, span: Span) {
        let message = format!("nothing here is called `{name}`");
        let mut diagnostic = Diagnostic::error("unknown-name", message, span, "unknown name");
        if let Some(near) = self.near_value(name) {
            // It was probably meant, so it is not unused.
            if let Some(id) = self.find(&near)
                && let Some(info) = self.name_mut(id)
            {
                info.used = true;
            }
            if let Some((_, id, _)) = self.scope.params.iter().find(|(param, ..)| *param == near) {
                self.env.use_param(*id);
            }
            diagnostic = diagnostic
                .with_help(format!("write `{near}`"))
                .with_edit(span, near);
        } else if self.scope.is_apart && self.is_of_policies(name) {
            diagnostic = diagnostic
                .with_help("take it as a parameter of a function")
                .with_note("Declarations outside of policies know no object.");
        } else if let Some(bound) = self.names.iter().find(|info| info.local.name == name) {
            let quantified = bound.span.file == span.file && self.is_quantified(bound.span);
            diagnostic = if quantified {
                diagnostic
                    .with_label(bound.span, "bound in this condition alone")
                    .with_help("go through the list with `for`, whose block knows the name")
            } else {
                diagnostic
                    .with_label(bound.span, "bound in another block")
                    .with_help("use it inside the block that binds it")
            };
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

    /// Whether the name means something in policies only.
    fn is_of_policies(&self, name: &str) -> bool {
        matches!(name, "object" | "request" | "old") || self.env.views.contains_key(name)
    }

    /// `-80`
    fn minus(&mut self, operand: &ast::Expr, expected: Option<&BaseType>, span: Span) -> Expr {
        match &operand.kind {
            ast::ExprKind::Number(text) => self.number(text, true, expected, span),
            ast::ExprKind::Hole => self.value(operand, None),
            _ => {
                let value = self.value(operand, None);
                self.negative(value, span)
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
                self.env
                    .field_of(records, key)
                    .is_some_and(|field| field.sensitive)
                    || self.is_sensitive(base)
            }
            ExprKind::MapMember { base, .. } | ExprKind::Element { base, .. } => {
                self.is_sensitive(base)
            }
            ExprKind::ImagePart(_, inner) => self.is_sensitive(inner),
            ExprKind::Concat(items) | ExprKind::List(items) => {
                items.iter().any(|item| self.is_sensitive(item))
            }
            ExprKind::Coalesce(left, right)
            | ExprKind::If {
                then: left,
                otherwise: right,
                ..
            } => self.is_sensitive(left) || self.is_sensitive(right),
            ExprKind::With { body, .. } | ExprKind::Cast(body) => self.is_sensitive(body),
            ExprKind::Comprehension(of) | ExprKind::Pick(_, of) => self.is_sensitive(&of.element),
            // What a certificate says is for everyone to see.
            ExprKind::Call(Builtin::Certificates | Builtin::SigningRequest, _) => false,
            // A number or a bool made from a secret tells little of it, a text made from it may be the secret.
            ExprKind::Call(_, arguments) => {
                let is_text = matches!(
                    value.ty.base,
                    BaseType::String | BaseType::List(_) | BaseType::Map(_) | BaseType::Any
                );
                is_text && arguments.iter().any(|argument| self.is_sensitive(argument))
            }
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
