//! Values where a type is asked for, and constants.

use super::context::{Ctx, constant, error_expr};
use super::env::State;
use super::words::{near, prose, quoted_choice, type_name};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Const, Expr, ExprKind, MessagePart, Type};
use crate::span::Span;
use crate::syntax::ast::{self, Name};

impl Ctx<'_> {
    /// `expr` where a `wanted` is expected; it may be absent. What does not fit is reported.
    pub(super) fn typed(&mut self, expr: &ast::Expr, wanted: &BaseType) -> Expr {
        let value = self.value(expr, Some(wanted));
        self.fitted(value, wanted)
    }

    /// `value` if it may stand where a `wanted` is expected.
    pub(super) fn fitted(&mut self, value: Expr, wanted: &BaseType) -> Expr {
        if value.ty.base == BaseType::Error || *wanted == BaseType::Error {
            return error_expr(value.span);
        }
        if is_absent(&value) {
            return value;
        }
        if let (BaseType::Enum(members), Some(texts)) = (wanted, constant_texts(&value)) {
            return match texts.iter().find(|text| !members.contains(text)) {
                Some(text) => {
                    let diagnostic = not_a_member(text, members, value.span);
                    self.report(diagnostic);
                    error_expr(value.span)
                }
                None => Expr {
                    ty: Type::plain(wanted.clone()),
                    ..value
                },
            };
        }
        if self.fits(&value.ty.base, wanted) {
            return value;
        }
        let message = format!(
            "{} is expected, not {}",
            prose(wanted),
            prose(&value.ty.base)
        );
        let label = format!("of type `{}`", type_name(&value.ty));
        let diagnostic = Diagnostic::error("type-mismatch", message, value.span, label);
        let diagnostic = match super::compare::literal_as(&value, wanted) {
            Some(fixed) => diagnostic
                .with_help(format!("write `{fixed}`"))
                .with_edit(value.span, fixed),
            None if value.ty.base == BaseType::Any => {
                let cast = format!(" as {}", type_name(&Type::plain(wanted.clone())));
                diagnostic.with_help(format!("say what it is: `{}`", cast.trim_start()))
            }
            None => diagnostic.with_help(format!("write {}", prose(wanted))),
        };
        self.report(diagnostic);
        error_expr(value.span)
    }

    /// The constant that `expr` is, as a value of type `ty`. What is none is reported.
    pub(super) fn constant(&mut self, expr: &ast::Expr, ty: &Type) -> Option<Const> {
        match (&expr.kind, &ty.base) {
            (_, BaseType::Error) => {
                self.value(expr, None);
                return None;
            }
            (ast::ExprKind::Record(members), BaseType::Record(_)) => {
                return self.constant_record(members, &ty.base, expr.span);
            }
            (ast::ExprKind::Record(members), BaseType::Map(value)) => {
                let of = Type::plain((**value).clone());
                let mut all = Vec::new();
                for (name, member) in members {
                    all.push((name.text.clone(), self.constant(member, &of)?));
                }
                return Some(Const::Map(all));
            }
            (ast::ExprKind::List(items), BaseType::List(element)) => {
                let of = Type::plain((**element).clone());
                let mut all = Vec::new();
                for item in items {
                    all.push(self.constant(item, &of)?);
                }
                return Some(Const::List(all));
            }
            _ => {}
        }
        let value = self.typed(expr, &ty.base);
        if value.ty.base == BaseType::Error {
            return None;
        }
        if is_absent(&value) && !ty.optional {
            let message = format!("`none` is no value of type `{}`", type_name(ty));
            self.report(
                Diagnostic::error("type-mismatch", message, expr.span, "absent").with_help(
                    format!("write {}, or make the type optional", prose(&ty.base)),
                ),
            );
            return None;
        }
        let folded = fold(&value);
        if folded.is_none() {
            let what = self.quote(expr.span, "this");
            let message = format!("{what} is not constant");
            self.report(
                Diagnostic::error("not-constant", message, expr.span, "not known here")
                    .with_help("write a value that needs no object"),
            );
        }
        folded
    }

    fn constant_record(
        &mut self,
        members: &[(Name, ast::Expr)],
        base: &BaseType,
        span: Span,
    ) -> Option<Const> {
        let BaseType::Record(records) = base else {
            return None;
        };
        let mut all: Vec<(String, Const)> = Vec::new();
        let mut failed = !self.check_members(members, base, span);
        for (name, member) in members {
            let Some(field) = self.env.field_of(records, &name.text) else {
                continue;
            };
            let ty = Type {
                base: field.base,
                optional: field.absence != super::kinds::Absence::Required,
            };
            match self.constant(member, &ty) {
                Some(Const::Absent) => {}
                Some(value) => all.push((name.text.clone(), value)),
                None => failed = true,
            }
        }
        (!failed).then_some(Const::Map(all))
    }

    /// Whether a record that is written out has the fields of `base`, and all that it must have.
    pub(super) fn check_members(
        &mut self,
        members: &[(Name, ast::Expr)],
        base: &BaseType,
        span: Span,
    ) -> bool {
        let BaseType::Record(records) = base else {
            return true;
        };
        let mut ok = true;
        for (at, (name, _)) in members.iter().enumerate() {
            let before = members.iter().take(at);
            if before.clone().any(|(other, _)| other.text == name.text) {
                ok = false;
                let message = format!("`{}` is given twice", name.text);
                self.report(
                    Diagnostic::error("duplicate-name", message, name.span, "again")
                        .with_help("remove one of the two"),
                );
                continue;
            }
            if self.env.field_of(records, &name.text).is_none() {
                ok = false;
                let whole = Expr {
                    ty: Type::plain(base.clone()),
                    ..error_expr(span)
                };
                let diagnostic = self.unknown_field(records, &whole, name);
                self.report(diagnostic);
            }
        }
        for name in self.env.field_names(records) {
            let Some(field) = self.env.field_of(records, &name) else {
                continue;
            };
            let is_collection = matches!(field.base, BaseType::List(_) | BaseType::Map(_));
            let is_needed = field.absence == super::kinds::Absence::Required && !is_collection;
            if is_needed && !members.iter().any(|(given, _)| given.text == name) {
                ok = false;
                let of = super::words::base_name(base);
                let what = if of.is_empty() {
                    "this".into()
                } else {
                    format!("`{of}`")
                };
                let message = format!("{what} needs `{name}`");
                self.report(
                    Diagnostic::error("missing-field", message, span, "not complete")
                        .with_help(format!("add `{name}: …`")),
                );
            }
        }
        ok
    }

    /// A constant of the pack by its name.
    pub(super) fn named_constant(&mut self, name: &str, span: Span) -> Option<Expr> {
        let declared = self.env.consts.get(name);
        let table = self.env.tables.get(name).filter(|_| declared.is_none());
        let (used, declared_at) = match (declared, table) {
            (Some(constant), _) => (&constant.used, constant.span),
            (None, Some(table)) => (&table.used, table.span),
            (None, None) => return None,
        };
        used.set(true);
        let state = self.env.const_states.borrow().get(name).cloned();
        let found = match state {
            Some(State::Done(found)) => found,
            Some(State::Open) => {
                let message = format!("`{name}` is part of its own value");
                self.report(
                    Diagnostic::error("recursion", message, span, "used in its own value")
                        .with_label(declared_at, "declared here")
                        .with_help("write its value out"),
                );
                return Some(error_expr(span));
            }
            None => {
                let states = &self.env.const_states;
                states.borrow_mut().insert(name.to_owned(), State::Open);
                let found = self.env.deeper(span, || {
                    let mut ctx = Ctx::apart(self.env, self.env.text(declared_at.file));
                    let found = match (declared, table) {
                        (Some(constant), _) => ctx.declared_constant(constant.item),
                        (None, Some(table)) => ctx.declared_table(table.item),
                        (None, None) => (Const::Absent, BaseType::Error),
                    };
                    ctx.hand_over();
                    found
                });
                let found = found.unwrap_or((Const::Absent, BaseType::Error));
                let done = State::Done(found.clone());
                states.borrow_mut().insert(name.to_owned(), done);
                found
            }
        };
        Some(constant(found.0, found.1, span))
    }

    fn declared_constant(&mut self, item: &ast::Const) -> (Const, BaseType) {
        let failed = (Const::Absent, BaseType::Error);
        if let Some(ty) = &item.ty {
            let ty = self.written_type(ty);
            return match self.constant(&item.value, &ty) {
                Some(value) if ty.base != BaseType::Error => (value, ty.base),
                _ => failed,
            };
        }
        let value = self.value(&item.value, None);
        if value.ty.base == BaseType::Error {
            return failed;
        }
        match fold(&value) {
            Some(Const::Absent) | None => {
                let message = format!("`{}` is not constant", item.name.text);
                self.report(
                    Diagnostic::error("not-constant", message, value.span, "not known here")
                        .with_help("write a value that needs no object"),
                );
                failed
            }
            Some(found) => (found, value.ty.base),
        }
    }
}

fn is_absent(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Const(Const::Absent))
}

/// The texts that a constant is or holds.
fn constant_texts(value: &Expr) -> Option<Vec<String>> {
    match &value.kind {
        ExprKind::Const(Const::String(text)) => Some(vec![text.clone()]),
        _ => None,
    }
}

/// A text that is no member of an enum.
fn not_a_member(text: &str, members: &[String], span: Span) -> Diagnostic {
    let message = format!("`\"{text}\"` is not one of the values");
    let diagnostic = Diagnostic::error("not-a-member", message, span, "not one of its values");
    match near(text, members.iter().map(String::as_str)) {
        Some(near) => diagnostic
            .with_help(format!("write `\"{near}\"`"))
            .with_edit(span, format!("\"{near}\"")),
        None => diagnostic.with_help(format!("write {}", quoted_choice(members, 8))),
    }
}

/// The constant that a value is, if it needs nothing to be known.
pub(super) fn fold(value: &Expr) -> Option<Const> {
    match &value.kind {
        ExprKind::Const(value) => Some(value.clone()),
        ExprKind::List(items) => items
            .iter()
            .map(fold)
            .collect::<Option<_>>()
            .map(Const::List),
        ExprKind::Concat(lists) => {
            let mut all = Vec::new();
            for list in lists {
                let Some(Const::List(items)) = fold(list) else {
                    return None;
                };
                all.extend(items);
            }
            Some(Const::List(all))
        }
        ExprKind::Interpolate(parts) => {
            let mut all = String::new();
            for part in parts {
                match part {
                    MessagePart::Text(text) => all.push_str(text),
                    MessagePart::Value(value) => match fold(value)? {
                        Const::String(text) | Const::Quantity(text) | Const::Float(text) => {
                            all.push_str(&text);
                        }
                        Const::Int(number) => all.push_str(&number.to_string()),
                        Const::Bool(value) => all.push_str(&value.to_string()),
                        _ => return None,
                    },
                    MessagePart::Object(_) => return None,
                }
            }
            Some(Const::String(all))
        }
        _ => None,
    }
}
