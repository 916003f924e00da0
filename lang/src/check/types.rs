//! Types as they are written, and which value may stand where a type is expected.

use super::context::Ctx;
use super::env::State;
use super::kinds::{record_ref, schema, union};
use super::words::near;
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, RecordField, RecordRef, RecordType, Type};
use crate::syntax::ast::{self, FieldDeclaration, Name, TypeExpr, TypeExprKind};

use super::builtins::SELECTOR;

/// The types that need no declaration.
const BUILT_IN: [(&str, BaseType); 19] = [
    ("bool", BaseType::Bool),
    ("int", BaseType::Int),
    ("float", BaseType::Float),
    ("string", BaseType::String),
    ("quantity", BaseType::Quantity),
    ("version", BaseType::Version),
    ("versions", BaseType::Versions),
    ("range", BaseType::Range),
    ("image", BaseType::Image),
    ("cidr", BaseType::Cidr),
    ("ip", BaseType::Ip),
    ("glob", BaseType::Glob),
    ("regex", BaseType::Regex),
    ("timestamp", BaseType::Timestamp),
    ("duration", BaseType::Duration),
    ("any", BaseType::Any),
    // What other languages say.
    ("number", BaseType::Error),
    ("boolean", BaseType::Error),
    ("integer", BaseType::Error),
];

/// Words for types that other languages have.
const FOREIGN: [(&str, &str); 3] = [("number", "int"), ("boolean", "bool"), ("integer", "int")];

impl Ctx<'_> {
    /// The type that is written. An unknown one is reported and has [`BaseType::Error`].
    pub(super) fn written_type(&mut self, ty: &TypeExpr) -> Type {
        match &ty.kind {
            TypeExprKind::Name(target) => Type::plain(self.named_type(target)),
            TypeExprKind::List(element) => {
                let element = self.inner_type(element);
                Type::plain(wrapped(element, |element| {
                    BaseType::List(Box::new(element))
                }))
            }
            TypeExprKind::Map(value) => {
                let value = self.inner_type(value);
                Type::plain(wrapped(value, |value| BaseType::Map(Box::new(value))))
            }
            TypeExprKind::Record(fields) => Type::plain(self.record_type("", fields)),
            TypeExprKind::Enum { members, ordered } => {
                Type::plain(self.enum_type(members, *ordered))
            }
            TypeExprKind::Union(types) => self.union_type(types, ty),
            TypeExprKind::Optional(inner) => {
                let found = self.written_type(inner);
                if matches!(found.base, BaseType::List(_) | BaseType::Map(_)) {
                    let mark = crate::span::Span {
                        start: inner.span.end,
                        ..ty.span
                    };
                    self.report(
                        Diagnostic::error(
                            "never-optional",
                            "lists and maps are never optional",
                            ty.span,
                            "absent is empty",
                        )
                        .with_help("leave the `?` out")
                        .with_edit(mark, ""),
                    );
                    return Type::plain(found.base);
                }
                Type::optional(found.base)
            }
            TypeExprKind::Hole => Type::plain(BaseType::Error),
        }
    }

    /// The type of an element, which is always there.
    fn inner_type(&mut self, ty: &TypeExpr) -> BaseType {
        let found = self.written_type(ty);
        if found.optional {
            self.report(
                Diagnostic::error(
                    "never-optional",
                    "elements are never optional",
                    ty.span,
                    "an optional type",
                )
                .with_help("leave the `?` out"),
            );
        }
        found.base
    }

    fn union_type(&mut self, types: &[TypeExpr], whole: &TypeExpr) -> Type {
        let mut optional = false;
        let mut all = BaseType::Error;
        for ty in types {
            let found = self.written_type(ty);
            optional |= found.optional;
            if found.base == BaseType::Error {
                return found;
            }
            let is_any = found.base == BaseType::Any;
            all = match (all, found.base) {
                (BaseType::Int, BaseType::String | BaseType::Enum(_))
                | (BaseType::String | BaseType::Enum(_), BaseType::Int) => BaseType::IntOrString,
                (before, base) => match union(before, base) {
                    Some(base) if base != BaseType::Any || is_any => base,
                    _ => {
                        self.report(
                            Diagnostic::error(
                                "type-mismatch",
                                "these types have nothing in common",
                                whole.span,
                                "no value is read as this",
                            )
                            .with_help("write `any` and ask with `as`"),
                        );
                        return Type::plain(BaseType::Error);
                    }
                },
            };
        }
        Type {
            base: all,
            optional,
        }
    }

    fn enum_type(&mut self, members: &[Name], ordered: bool) -> BaseType {
        let mut texts: Vec<String> = Vec::new();
        for member in members {
            if texts.contains(&member.text) {
                let message = format!("`\"{}\"` is a member twice", member.text);
                self.report(
                    Diagnostic::error("duplicate-name", message, member.span, "again")
                        .with_help("remove one of the two"),
                );
                continue;
            }
            texts.push(member.text.clone());
        }
        if ordered && !self.env.is_ordered(&texts) {
            self.env.orders.borrow_mut().push(texts.clone());
        }
        BaseType::Enum(texts)
    }

    /// A record with these fields.
    pub(super) fn record_type(&mut self, name: &str, fields: &[FieldDeclaration]) -> BaseType {
        let mut declared: Vec<RecordField> = Vec::new();
        let mut secrets: Vec<&str> = Vec::new();
        for field in fields {
            if let Some(first) = declared.iter().find(|other| other.name == field.name.text) {
                let message = format!("field `{}` is declared twice", first.name);
                self.report(
                    Diagnostic::error("duplicate-name", message, field.name.span, "again")
                        .with_help("remove one of the two"),
                );
                continue;
            }
            if let Some(split) = &field.split
                && !self.env.tables.contains_key(name)
            {
                self.report(
                    Diagnostic::error(
                        "unexpected",
                        "only the columns of a table are split",
                        split.span,
                        "no column",
                    )
                    .with_help("leave it out"),
                );
            }
            let open = super::secrets::without_secret(&field.ty);
            if open.is_some() {
                secrets.push(&field.name.text);
            }
            let ty = self.written_type(open.as_ref().unwrap_or(&field.ty));
            let default = field
                .default
                .as_ref()
                .and_then(|value| self.constant(value, &ty));
            declared.push(RecordField {
                name: field.name.text.clone(),
                ty,
                default,
            });
        }
        let record = self.env.declare_record(RecordType {
            name: name.to_owned(),
            fields: declared,
        });
        for field in secrets {
            self.env.keep_secret(&record, field);
        }
        BaseType::Record(vec![record])
    }

    fn named_type(&mut self, target: &ast::Target) -> BaseType {
        let name = target.name.text.as_str();
        if name.is_empty() {
            return BaseType::Error;
        }
        if target.group.is_some() || target.version.is_some() {
            return self.kind_type(target).unwrap_or(BaseType::Error);
        }
        if let Some((_, instead)) = FOREIGN.iter().find(|(word, _)| *word == name) {
            let message = format!("there is no type `{name}`");
            self.report(
                Diagnostic::error("unknown-type", message, target.span, "unknown type")
                    .with_help(format!("write `{instead}`"))
                    .with_edit(target.span, *instead),
            );
            return BaseType::Error;
        }
        if let Some((_, base)) = BUILT_IN.iter().find(|(word, _)| *word == name) {
            return base.clone();
        }
        if name == super::secrets::SECRET {
            self.report(
                Diagnostic::error(
                    "unknown-type",
                    "only a field of a kind or type is a `secret`",
                    target.span,
                    "no field",
                )
                .with_help("write `string`")
                .with_edit(target.span, "string"),
            );
            return BaseType::Error;
        }
        if name == SELECTOR {
            return self.env.selector();
        }
        if let Some(found) = self.declared_type(&target.name) {
            return found;
        }
        if let Some(part) = self.view_part(name) {
            return part;
        }
        if self.env.kinds.contains_key(name) || schema().kinds_named(name).next().is_some() {
            return self.kind_type(target).unwrap_or(BaseType::Error);
        }
        let records: Vec<RecordRef> = schema()
            .records_named(name)
            .map(|record| record_ref(record.id))
            .collect();
        if let Some(first) = records.first() {
            return BaseType::Record(vec![first.clone()]);
        }
        self.unknown_type(target);
        BaseType::Error
    }

    fn unknown_type(&mut self, target: &ast::Target) {
        let name = target.name.text.as_str();
        let message = format!("there is no type `{name}`");
        let diagnostic = Diagnostic::error("unknown-type", message, target.span, "unknown type");
        let built_in = BUILT_IN.iter().filter(|(_, base)| *base != BaseType::Error);
        let known: Vec<&str> = built_in
            .map(|(word, _)| *word)
            .chain(self.env.types.keys().copied())
            .chain(self.env.views.keys().copied())
            .chain(self.env.kinds.keys().copied())
            .collect();
        let meant = near(name, known).or_else(|| {
            let records = schema().records().map(|record| record.name);
            near(name, records)
        });
        self.report(match meant {
            Some(meant) => diagnostic
                .with_help(format!("write `{meant}`"))
                .with_edit(target.span, meant),
            None => diagnostic.with_help("declare it with `type`, or name a kind"),
        });
    }

    /// A type of the pack, looked into when it is first used.
    pub(super) fn declared_type(&mut self, name: &Name) -> Option<BaseType> {
        let declared = self.env.types.get(name.text.as_str())?;
        declared.used.set(true);
        let state = self.env.type_states.borrow().get(&name.text).cloned();
        match state {
            Some(State::Done(ty)) => Some(ty.base),
            Some(State::Open) => {
                let message = format!("type `{}` contains itself", name.text);
                self.report(
                    Diagnostic::error("recursion", message, name.span, "used in its own fields")
                        .with_label(declared.span, "declared here")
                        .with_help("write `any` where it repeats, and read that with `as`"),
                );
                Some(BaseType::Error)
            }
            None => {
                let states = &self.env.type_states;
                states.borrow_mut().insert(name.text.clone(), State::Open);
                let item = declared.item;
                let found = self.env.deeper(name.span, || {
                    let mut ctx = Ctx::apart(self.env, self.env.text(declared.span.file));
                    let found = match &item.ty.kind {
                        TypeExprKind::Record(fields) => {
                            Type::plain(ctx.record_type(&name.text, fields))
                        }
                        _ => ctx.written_type(&item.ty),
                    };
                    ctx.hand_over();
                    found
                });
                let found = found.unwrap_or(Type::plain(BaseType::Error));
                let base = found.base.clone();
                states
                    .borrow_mut()
                    .insert(name.text.clone(), State::Done(found));
                Some(base)
            }
        }
    }

    /// Hands the diagnostics of a declaration on to the pack.
    pub(super) fn hand_over(self) {
        self.env.diagnostics.borrow_mut().extend(self.diagnostics);
    }

    /// Whether a value of type `from` may stand where a `to` is expected.
    pub(super) fn fits(&self, from: &BaseType, to: &BaseType) -> bool {
        use BaseType::{
            Any, Enum, Error, Float, Image, Int, IntOrString, List, Map, Record, String,
        };
        match (from, to) {
            (Error, _) | (_, Error) => true,
            // Neither is anything without its type.
            (from, Any) => !self.holds_inventory(from) && !self.env.holds_pattern(from),
            (a, b) if a == b => true,
            (Enum(_) | Image, String) => true,
            (Enum(a), Enum(b)) => a.iter().all(|member| b.contains(member)),
            (Int, Float) => true,
            (Int | String | Enum(_), IntOrString) => true,
            (List(a), List(b)) => {
                let is_empty = **a == Any;
                is_empty || self.fits(a, b)
            }
            (Map(a), Map(b)) => self.fits(a, b),
            (Record(a), Record(b)) => {
                let is_selector =
                    |all: &[RecordRef], name: &str| all.iter().all(|record| record.name == name);
                a.iter().all(|record| b.contains(record))
                    || self.is_like(a, b)
                    || is_selector(a, "LabelSelector") && is_selector(b, SELECTOR)
            }
            _ => false,
        }
    }

    /// Whether records have all that others have.
    fn is_like(&self, from: &[RecordRef], to: &[RecordRef]) -> bool {
        self.env.field_names(to).iter().all(|name| {
            let (Some(a), Some(b)) = (self.env.field_of(from, name), self.env.field_of(to, name))
            else {
                return false;
            };
            a.base == b.base
        })
    }
}

fn wrapped(inner: BaseType, wrap: impl Fn(BaseType) -> BaseType) -> BaseType {
    if inner == BaseType::Error {
        return BaseType::Error;
    }
    wrap(inner)
}
