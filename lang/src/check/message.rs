//! Strings with values in them, and what can be printed.

use super::context::{Ctx, OfQuery, constant, error_expr};
use super::words::{base_name, prose};
use crate::diagnostic::Diagnostic;
use crate::program::{
    BaseType, Binding, Builtin, Const, Expr, ExprKind, LocalId, MessagePart, Type,
};
use crate::span::Span;
use crate::syntax::ast::{self, StringPart};

impl Ctx<'_> {
    /// `"text {value} text"` as a value.
    pub(super) fn string(&mut self, parts: &[StringPart], span: Span) -> Expr {
        let mut parts = self.parts(parts);
        let text = match parts.as_mut_slice() {
            [] => Some(String::new()),
            [MessagePart::Text(text)] => Some(std::mem::take(text)),
            _ => None,
        };
        if let Some(text) = text {
            return constant(Const::String(text), BaseType::String, span);
        }
        Expr {
            kind: ExprKind::Interpolate(parts),
            ty: Type::plain(BaseType::String),
            span,
        }
    }

    /// The message of a check.
    pub(super) fn message(&mut self, message: &ast::Expr) -> Vec<MessagePart> {
        if let ast::ExprKind::String(parts) = &message.kind {
            return self.parts(parts);
        }
        let value = self.value(message, Some(&BaseType::String));
        match &value.ty.base {
            BaseType::Error => Vec::new(),
            BaseType::String | BaseType::Enum(_) => self.part(value).into_iter().collect(),
            base => {
                let message = format!("the message is {}, not a string", prose(base));
                let label = prose(base);
                let mut diagnostic =
                    Diagnostic::error("message-not-text", message, value.span, label);
                diagnostic = match self
                    .source(value.span)
                    .filter(|text| !text.contains(['"', '\n']))
                {
                    Some(source) if self.prints(&value) => {
                        let fixed = format!("\"{{{source}}}\"");
                        diagnostic
                            .with_help(format!("write `{fixed}`, or say what is wrong in words"))
                            .with_edit(value.span, fixed)
                    }
                    _ => diagnostic.with_help("write what is wrong in quotes"),
                };
                self.report(diagnostic);
                Vec::new()
            }
        }
    }

    fn parts(&mut self, parts: &[StringPart]) -> Vec<MessagePart> {
        let mut found = Vec::new();
        for part in parts {
            match part {
                StringPart::Text(text) => found.push(MessagePart::Text(text.clone())),
                StringPart::Value(value) => {
                    let value = self.value(value, None);
                    found.extend(self.part(value));
                }
            }
        }
        found
    }

    /// `value` as a part of a text, if it prints.
    fn part(&mut self, value: Expr) -> Option<MessagePart> {
        if value.ty.base == BaseType::Error {
            return Some(MessagePart::Value(error_expr(value.span)));
        }
        if self.is_object(&value) {
            return Some(MessagePart::Object(value));
        }
        if self.is_sensitive(&value) {
            let what = self.quote(value.span, "this value");
            let message = format!("{what} is secret and does not print");
            self.report(
                Diagnostic::error("does-not-print", message, value.span, "secret")
                    .with_help("name the key or the object instead")
                    .with_note("Messages end in logs and reports that more people read."),
            );
            return None;
        }
        if !self.prints(&value) {
            let diagnostic = self.does_not_print(&value);
            self.report(diagnostic);
            return None;
        }
        Some(MessagePart::Value(value))
    }

    fn prints(&self, value: &Expr) -> bool {
        prints(&value.ty.base) && !self.is_sensitive(value)
    }

    fn does_not_print(&self, value: &Expr) -> Diagnostic {
        let span = value.span;
        let what = self.quote(span, "this");
        let message = format!("{what} is {} and does not print", prose(&value.ty.base));
        let label = base_name(&value.ty.base);
        let diagnostic = Diagnostic::error("does-not-print", message, span, label);
        let has = |name: &str| match &value.ty.base {
            BaseType::Record(records) => self
                .env
                .field_of(records, name)
                .is_some_and(|field| prints(&field.base) && !field.sensitive),
            _ => false,
        };
        match ["name", "key", "path"].into_iter().find(|name| has(name)) {
            Some(name) => {
                let help = match self.source(span) {
                    Some(source) => format!("write `{source}.{name}`"),
                    None => format!("write its `{name}`"),
                };
                diagnostic
                    .with_help(help)
                    .with_edit(span.after(), format!(".{name}"))
            }
            None => diagnostic.with_help(match &value.ty.base {
                BaseType::Map(_) => "print one of its values: `…[\"key\"]`",
                BaseType::List(_) => "go through the list and print a field of its elements",
                _ => "print a field of it that is text or a number",
            }),
        }
    }

    /// True for the object judged, whatever it is called, and for one of `objects(…)`.
    fn is_object(&self, value: &Expr) -> bool {
        let id = match &value.kind {
            ExprKind::Local(id) => id,
            ExprKind::Call(Builtin::Whole, _) => return !value.ty.optional,
            _ => return false,
        };
        match self.name(*id).map(|info| &info.local.binding) {
            Some(Binding::Object) => true,
            Some(Binding::Let(bound)) => self.is_object(bound),
            Some(Binding::Part) => {
                let object = self.name(LocalId::OBJECT);
                let part = self.name(*id);
                // The part of a target that is a kind is the object itself.
                object.map(|info| &info.local.name) == part.map(|info| &info.local.name)
            }
            Some(Binding::Element) => matches!(self.element_of_query(value), Some(OfQuery::Object)),
            Some(Binding::Key | Binding::Index) | None => false,
        }
    }

    pub(super) fn part_is_sensitive(&self, part: &MessagePart) -> bool {
        match part {
            MessagePart::Text(_) | MessagePart::Object(_) => false,
            MessagePart::Value(value) => self.is_sensitive(value),
        }
    }
}

fn prints(base: &BaseType) -> bool {
    match base {
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
        | BaseType::Duration
        | BaseType::Any
        | BaseType::Error => true,
        BaseType::List(element) => prints(element),
        BaseType::Record(_) | BaseType::Map(_) => false,
    }
}
