//! Reading what is in a value: members, map values, elements.

use super::builtins::takes_one;
use super::call::is_image_part;
use super::context::{Ctx, error_expr};
use super::kinds::Absence;
use super::words::{base_name, prose};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Expr, ExprKind, Presence, RecordRef, Type};
use crate::span::Span;
use crate::syntax::ast::{self, Name};

/// What `role` of a container may be.
const ROLES: [&str; 4] = ["app", "init", "sidecar", "ephemeral"];

/// Records whose elements know their role.
const CONTAINERS: [&str; 2] = ["Container", "EphemeralContainer"];

impl Ctx<'_> {
    /// `base.name`
    pub(super) fn field(&mut self, base: &ast::Expr, name: &Name, span: Span) -> Expr {
        if let ast::ExprKind::Call {
            name: function,
            arguments,
            ..
        } = &base.kind
            && function.text == "image"
            && self.env.function(function).is_none()
        {
            return self.image_part(function, arguments, name, span);
        }
        if let Some(record) = self.record_substitution(base) {
            if name.text.is_empty() {
                self.broken = true;
                return error_expr(span);
            }
            return self.substituted_field(&record, name, span);
        }
        let (written, n_before) = (base, self.diagnostics.len());
        let base = self.value(base, None);
        if name.text.is_empty() {
            self.broken = true;
            return error_expr(span);
        }
        if self.is_method(&base, &name.text) {
            self.diagnostics.truncate(n_before);
            return self.call(name, std::slice::from_ref(written), span);
        }
        if base.ty.base == BaseType::Image
            && let Some(part) = self.part_of_image(&base, name, span)
        {
            return part;
        }
        let read = self.member(&base, name, span);
        self.narrow(read)
    }

    /// Whether `base.name` is a call without parentheses. A field wins, also one that only some of several kinds have.
    fn is_method(&self, base: &Expr, name: &str) -> bool {
        let has_field = match &base.ty.base {
            BaseType::Record(records) => {
                let one_has = |record| {
                    self.env
                        .field_of(std::slice::from_ref(record), name)
                        .is_some()
                };
                records.iter().any(one_has) || name == "role"
            }
            BaseType::Any | BaseType::Error => true,
            BaseType::Image => is_image_part(name),
            _ => false,
        };
        if has_field {
            return false;
        }
        match self.env.fns.get(name) {
            Some(function) => function.item.params.len() == 1,
            None => takes_one(name, &base.ty.base),
        }
    }

    /// A member that is known to exist.
    pub(super) fn read(&mut self, base: &Expr, name: &Name) -> Expr {
        let read = self.member(base, name, base.span);
        self.narrow(read)
    }

    pub(super) fn member(&mut self, base: &Expr, name: &Name, span: Span) -> Expr {
        match &base.ty.base {
            BaseType::Error => error_expr(span),
            BaseType::Record(records) => match self.record_member(records, base, name, span) {
                Some(read) => read,
                None if name.text == "role" && is_container(records) => role(base.clone(), span),
                None => {
                    let diagnostic = self.unknown_field(records, base, name);
                    self.report(diagnostic);
                    error_expr(span)
                }
            },
            BaseType::Any => Expr {
                kind: ExprKind::Member {
                    base: Box::new(base.clone()),
                    key: name.text.clone(),
                    presence: Presence::Optional,
                },
                ty: Type::optional(BaseType::Any),
                span,
            },
            BaseType::Map(_) => {
                let message = format!("a map has no field `{}`", name.text);
                let dotted = Span {
                    start: base.span.end,
                    ..name.span
                };
                let indexed = format!("[\"{}\"]", name.text);
                self.report(
                    Diagnostic::error("unknown-field", message, name.span, "key of a map")
                        .with_help(format!("write `{indexed}`"))
                        .with_edit(dotted, indexed),
                );
                error_expr(span)
            }
            BaseType::List(_) => {
                let ty = base_name(&base.ty.base);
                let message = format!("a list `{ty}` has no field `{}`", name.text);
                self.report(
                    Diagnostic::error("unknown-field", message, name.span, "field of an element")
                        .with_help(
                            "go through the list with `for`, `any` or `all`, or write `[0]`",
                        ),
                );
                error_expr(span)
            }
            BaseType::Bool
            | BaseType::Int
            | BaseType::Float
            | BaseType::String
            | BaseType::Enum(_)
            | BaseType::Quantity
            | BaseType::IntOrString
            | BaseType::Version
            | BaseType::Image
            | BaseType::Cidr
            | BaseType::Versions
            | BaseType::Range
            | BaseType::Ip
            | BaseType::Glob
            | BaseType::Regex
            | BaseType::Timestamp
            | BaseType::Duration => {
                let message = format!("{} has no field `{}`", prose(&base.ty.base), name.text);
                let label = format!("a `{}` is not a record", base_name(&base.ty.base));
                let mut diagnostic = Diagnostic::error("unknown-field", message, name.span, label);
                let is_text = base.ty.base == BaseType::String;
                if let (true, Some(text)) =
                    (is_text && is_image_part(&name.text), self.source(base.span))
                {
                    let fixed = format!("image({text}).{}", name.text);
                    diagnostic = diagnostic
                        .with_help(format!("write `{fixed}`"))
                        .with_edit(base.span.to(name.span), fixed);
                }
                self.report(diagnostic);
                error_expr(span)
            }
        }
    }

    /// The member of records; `None` if they have no such field.
    fn record_member(
        &mut self,
        records: &[RecordRef],
        base: &Expr,
        name: &Name,
        span: Span,
    ) -> Option<Expr> {
        let field = self.env.field_of(records, &name.text)?;
        self.note_since(field.since);
        let is_collection = matches!(field.base, BaseType::List(_) | BaseType::Map(_));
        let (presence, optional) = match field.absence {
            // Lists and maps are never optional: absent and empty are the same.
            _ if is_collection => (Presence::Optional, false),
            Absence::Optional => (Presence::Optional, true),
            Absence::Required => (Presence::Required, base.ty.optional),
            Absence::Default(value) => (Presence::Default(value), base.ty.optional),
        };
        Some(Expr {
            kind: ExprKind::Member {
                base: Box::new(base.clone()),
                key: name.text.clone(),
                presence,
            },
            ty: Type {
                base: field.base,
                optional,
            },
            span,
        })
    }

    /// `base[index]`
    pub(super) fn index(&mut self, base: &ast::Expr, index: &ast::Expr, span: Span) -> Expr {
        if let (Some(text), Some(record)) = (literal_key(index), self.record_substitution(base)) {
            let name = Name {
                text,
                span: index.span,
            };
            return self.substituted_field(&record, &name, span);
        }
        let base = self.value(base, None);
        let read = match base.ty.base.clone() {
            BaseType::Error => {
                self.value(index, None);
                return error_expr(span);
            }
            BaseType::Map(value) => {
                let Some(key) = self.key(index, &BaseType::String) else {
                    return error_expr(span);
                };
                let kind = ExprKind::MapMember {
                    base: Box::new(base),
                    key: Box::new(key),
                };
                Expr {
                    kind,
                    ty: found(*value),
                    span,
                }
            }
            BaseType::List(element) => {
                let Some(at) = self.key(index, &BaseType::Int) else {
                    return error_expr(span);
                };
                let kind = ExprKind::Element {
                    base: Box::new(base),
                    index: Box::new(at),
                };
                Expr {
                    kind,
                    ty: found(*element),
                    span,
                }
            }
            BaseType::Record(_) | BaseType::Any if literal_key(index).is_some() => {
                let text = literal_key(index).unwrap_or_default();
                let name = Name {
                    text,
                    span: index.span,
                };
                self.member(&base, &name, span)
            }
            other => {
                let message = format!("{} cannot be indexed", prose(&other));
                let at = index.span;
                let help = match other {
                    BaseType::Record(_) | BaseType::Any => {
                        "write the field as `.name` or `[\"name\"]`"
                    }
                    _ => "only lists and maps have `[…]`",
                };
                let error =
                    Diagnostic::error("type-mismatch", message, at, "index of no list or map");
                self.report(error.with_help(help));
                return error_expr(span);
            }
        };
        self.narrow(read)
    }

    /// An index of type `wanted`, which is there.
    fn key(&mut self, index: &ast::Expr, wanted: &BaseType) -> Option<Expr> {
        let key = self.value(index, Some(wanted));
        let fits = match &key.ty.base {
            BaseType::Error => return None,
            BaseType::Enum(_) => *wanted == BaseType::String,
            base => base == wanted,
        };
        if !fits {
            let what = if *wanted == BaseType::Int {
                "a list"
            } else {
                "a map"
            };
            let message = format!(
                "the index of {what} is {}, not {}",
                prose(wanted),
                prose(&key.ty.base)
            );
            let label = prose(&key.ty.base);
            self.report(Diagnostic::error(
                "type-mismatch",
                message,
                index.span,
                label,
            ));
            return None;
        }
        Some(key)
    }
}

/// What is found by an index: lists and maps are never optional, all else may be absent.
fn found(base: BaseType) -> Type {
    match base {
        BaseType::List(_) | BaseType::Map(_) => Type::plain(base),
        base => Type::optional(base),
    }
}

/// The text of an index that is written out.
pub(super) fn literal_key(index: &ast::Expr) -> Option<String> {
    let ast::ExprKind::String(parts) = &index.kind else {
        return None;
    };
    match parts.as_slice() {
        [] => Some(String::new()),
        [ast::StringPart::Text(text)] => Some(text.clone()),
        _ => None,
    }
}

fn is_container(records: &[RecordRef]) -> bool {
    records
        .iter()
        .all(|record| CONTAINERS.contains(&record.name.as_str()))
}

fn role(container: Expr, span: Span) -> Expr {
    let ty = Type {
        base: BaseType::Enum(ROLES.map(str::to_owned).to_vec()),
        optional: container.ty.optional,
    };
    Expr {
        kind: ExprKind::ContainerRole(Box::new(container)),
        ty,
        span,
    }
}
