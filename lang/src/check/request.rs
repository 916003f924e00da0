//! `request` and `old`: what a host that admits objects says about the change.

use super::context::{Ctx, Subst, Written, constant, error_expr};
use super::facts::Path;
use super::old::Old;
use crate::diagnostic::Diagnostic;
use crate::program::{
    BaseType, Builtin, Const, ContextPart, Expr, ExprKind, LocalId, RecordField, Type,
};
use crate::span::Span;
use crate::syntax::ast::{self, Name};

/// The part of the context that is called `name`.
pub(super) fn part_named(name: &str) -> Option<ContextPart> {
    match name {
        "request" => Some(ContextPart::Request),
        "old" => Some(ContextPart::Old),
        "inventory" => Some(ContextPart::Inventory),
        _ => None,
    }
}

/// The type of all objects as a whole.
pub(super) const INVENTORY_RECORD: &str = "Inventory";
/// What it has besides the objects.
pub(super) const INVENTORY_FIELDS: [&str; 4] = ["root", "cluster", "distribution", "provider"];

impl Ctx<'_> {
    /// `request` or `old`; `is_asked` if the question is whether it is there.
    pub(super) fn context_part(&mut self, part: ContextPart, is_asked: bool, span: Span) -> Expr {
        if part == ContextPart::Old && !matches!(self.old, Old::Object | Old::Record(_)) {
            if !is_asked {
                self.need_old();
            }
            if let Some(part) = self.old_part(span) {
                return part;
            }
        }
        if part == ContextPart::Old && !is_asked && matches!(self.old, Old::Record(_)) {
            let message = "`old` is written out and is no value by itself";
            self.report(
                Diagnostic::error("misplaced-record", message, span, "a record")
                    .with_help("read a field of it"),
            );
            return error_expr(span);
        }
        let base = match part {
            ContextPart::Request => self.request_type(),
            ContextPart::Old => self
                .name(LocalId::OBJECT)
                .map_or(BaseType::Any, |info| info.local.ty.base.clone()),
            ContextPart::Source => self.source_type(),
            ContextPart::Inventory => self.inventory_type(none("root")),
        };
        if base == BaseType::Error {
            return error_expr(span);
        }
        let is_set = self.is_known_set(&Path::of_context(part));
        // Read at the top level without a question, it is what the policy is about.
        let is_request = matches!(part, ContextPart::Request | ContextPart::Old);
        if is_request && !is_set && !is_asked && self.depth <= 1 {
            self.needs.insert(part);
        }
        let optional = !is_set && (is_asked || !self.needs.contains(&part));
        Expr {
            kind: ExprKind::Context(part),
            ty: Type { base, optional },
            span,
        }
    }

    /// `source(object)`
    pub(super) fn source_of(&mut self, name: &Name, arguments: &[ast::Expr], span: Span) -> Expr {
        let of_record = match arguments {
            [only] => self.record_substitution(only),
            _ => None,
        };
        let of = match of_record {
            Some(Subst::Record(Written { whole, .. })) => {
                Some(whole.map_or_else(|| self.local(LocalId::OBJECT, span), |whole| *whole))
            }
            _ => self.only_argument(name, arguments),
        };
        let Some(of) = of else {
            return error_expr(span);
        };
        if of.ty.base == BaseType::Error {
            return error_expr(span);
        }
        if self.element_of_query(&of).is_some() {
            let base = self.source_type();
            return self.narrow(Expr {
                kind: ExprKind::Call(Builtin::Source, vec![of]),
                ty: Type::optional(base),
                span,
            });
        }
        if self.is_part(&of) {
            return self.context_part(ContextPart::Source, true, span);
        }
        let what = self.quote(of.span, "this");
        let message = format!("the source of {what} is not known");
        self.report(
            Diagnostic::error("type-mismatch", message, of.span, "not an object")
                .with_help("write `source(object)`, or give it an element of `objects(…)`"),
        );
        error_expr(span)
    }

    /// Where an object is written.
    fn source_type(&self) -> BaseType {
        self.record("Source", vec![none("path"), none("template")])
    }

    /// The path of what is judged, empty where it has none.
    pub(super) fn path_of_source(&mut self, span: Span) -> Expr {
        let source = self.context_part(ContextPart::Source, true, span);
        let path = Name {
            text: "path".to_owned(),
            span,
        };
        let path = self.read(&source, &path);
        let nothing = constant(Const::String(String::new()), BaseType::String, span);
        Expr {
            kind: ExprKind::Coalesce(Box::new(path), Box::new(nothing)),
            ty: Type::plain(BaseType::String),
            span,
        }
    }

    /// What all that is judged together is called.
    pub(super) fn inventory_type(&self, root: RecordField) -> BaseType {
        let [_, others @ ..] = INVENTORY_FIELDS;
        let fields = std::iter::once(root).chain(others.map(none)).collect();
        self.record(INVENTORY_RECORD, fields)
    }

    /// What Kubernetes tells an admission webhook, as far as policies read it.
    fn request_type(&self) -> BaseType {
        let text = |name: &str| field(name, Type::plain(BaseType::String));
        let text_or_none = |name: &str| field(name, Type::optional(BaseType::String));
        let record = |name: &str, fields: Vec<RecordField>| self.record(name, fields);
        let texts = BaseType::List(Box::new(BaseType::String));
        let user = record(
            "UserInfo",
            vec![
                text_or_none("username"),
                text_or_none("uid"),
                field("groups", Type::plain(texts.clone())),
                field("extra", Type::plain(BaseType::Map(Box::new(texts)))),
            ],
        );
        let kind = record(
            "GroupVersionKind",
            vec![text("group"), text("version"), text("kind")],
        );
        let resource = record(
            "GroupVersionResource",
            vec![text("group"), text("version"), text("resource")],
        );
        let operations = ["CREATE", "UPDATE", "DELETE", "CONNECT"];
        let operation = BaseType::Enum(operations.map(str::to_owned).to_vec());
        record(
            "AdmissionRequest",
            vec![
                field("operation", Type::plain(operation)),
                text_or_none("uid"),
                text_or_none("name"),
                text_or_none("namespace"),
                text_or_none("subResource"),
                field("userInfo", Type::optional(user)),
                field("kind", Type::optional(kind)),
                field("resource", Type::optional(resource)),
                RecordField {
                    name: "dryRun".to_owned(),
                    ty: Type::plain(BaseType::Bool),
                    default: Some(Const::Bool(false)),
                },
                field("options", Type::optional(BaseType::Any)),
            ],
        )
    }
}

/// A text that may be absent.
fn none(name: &str) -> RecordField {
    field(name, Type::optional(BaseType::String))
}

fn field(name: &str, ty: Type) -> RecordField {
    RecordField {
        name: name.to_owned(),
        ty,
        default: None,
    }
}
