//! `request` and `old`: what a host that admits objects says about the change.

use super::context::{Ctx, error_expr};
use super::facts::Path;
use crate::program::{
    BaseType, Const, ContextPart, Expr, ExprKind, LocalId, RecordField, RecordType, Type,
};
use crate::span::Span;

/// The part of the context that is called `name`.
pub(super) fn part_named(name: &str) -> Option<ContextPart> {
    match name {
        "request" => Some(ContextPart::Request),
        "old" => Some(ContextPart::Old),
        _ => None,
    }
}

impl Ctx<'_> {
    /// `request` or `old`; `is_asked` if the question is whether it is there.
    pub(super) fn context_part(&mut self, part: ContextPart, is_asked: bool, span: Span) -> Expr {
        let base = match part {
            ContextPart::Request => self.request_type(),
            ContextPart::Old => self
                .name(LocalId::OBJECT)
                .map_or(BaseType::Any, |info| info.local.ty.base.clone()),
        };
        if base == BaseType::Error {
            return error_expr(span);
        }
        let is_set = self.is_known_set(&Path::of_context(part));
        // Read at the top level without a question, it is what the policy is about.
        if !is_set && !is_asked && self.depth <= 1 {
            self.needs.insert(part);
        }
        let optional = !is_set && (is_asked || !self.needs.contains(&part));
        Expr {
            kind: ExprKind::Context(part),
            ty: Type { base, optional },
            span,
        }
    }

    /// What Kubernetes tells an admission webhook, as far as policies read it.
    fn request_type(&self) -> BaseType {
        let text = |name: &str| field(name, Type::plain(BaseType::String));
        let text_or_none = |name: &str| field(name, Type::optional(BaseType::String));
        let record = |name: &str, fields: Vec<RecordField>| {
            let record = RecordType {
                name: name.to_owned(),
                fields,
            };
            BaseType::Record(vec![self.env.declare_record(record)])
        };
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

fn field(name: &str, ty: Type) -> RecordField {
    RecordField {
        name: name.to_owned(),
        ty,
        default: None,
    }
}
