//! Records that functions of the language give, and flags that are read as a record.

use super::builtins::Gives;
use super::context::{Ctx, constant};
use super::env::Env;
use crate::program::{
    BaseType, Builtin, Const, Expr, ExprKind, RecordField, RecordRef, RecordType, Type,
};

/// The type of what a function gives, if that is made of records.
pub(super) fn given(env: &Env<'_>, gives: Gives) -> Option<Type> {
    Some(match gives {
        Gives::MaybeUrl => Type::optional(record(
            env,
            "Url",
            &[
                ("scheme", Field::Text),
                ("host", Field::Text),
                ("port", Field::MaybeInt),
                ("user", Field::MaybeText),
                ("has_password", Field::Bool),
                ("path", Field::Text),
                ("query", Field::MaybeText),
            ],
        )),
        Gives::Certificates => {
            let fields: Vec<_> = REQUEST.iter().chain(CERTIFICATE).copied().collect();
            let certificate = record(env, "Certificate", &fields);
            Type::plain(BaseType::List(Box::new(certificate)))
        }
        Gives::MaybeRequest => Type::optional(record(env, "SigningRequest", REQUEST)),
        _ => return None,
    })
}

#[derive(Debug, Clone, Copy)]
enum Field {
    Text,
    MaybeText,
    Texts,
    MaybeInt,
    Bool,
    Timestamp,
}

/// What a request for a certificate and a certificate have.
const REQUEST: &[(&str, Field)] = &[
    ("subject", Field::Text),
    ("common_name", Field::MaybeText),
    ("organizations", Field::Texts),
    ("names", Field::Texts),
    ("key", Field::MaybeText),
    ("bits", Field::MaybeInt),
    ("hash", Field::MaybeText),
    ("is_ca", Field::Bool),
];

/// What a certificate has besides.
const CERTIFICATE: &[(&str, Field)] = &[
    ("issuer", Field::Text),
    ("not_before", Field::Timestamp),
    ("not_after", Field::Timestamp),
    ("is_self_signed", Field::Bool),
];

fn record(env: &Env<'_>, name: &str, fields: &[(&str, Field)]) -> BaseType {
    let fields = fields.iter().map(|(name, field)| RecordField {
        name: (*name).to_owned(),
        ty: match field {
            Field::Text => Type::plain(BaseType::String),
            Field::MaybeText => Type::optional(BaseType::String),
            Field::Texts => Type::plain(BaseType::List(Box::new(BaseType::String))),
            Field::MaybeInt => Type::optional(BaseType::Int),
            Field::Bool => Type::plain(BaseType::Bool),
            Field::Timestamp => Type::plain(BaseType::Timestamp),
        },
        default: None,
    });
    let record = RecordType {
        name: name.to_owned(),
        fields: fields.collect(),
    };
    BaseType::Record(vec![env.declare_record(record)])
}

impl Ctx<'_> {
    /// `flags(words) as T`: flags are read as the fields of the record say.
    pub(super) fn shape_flags(&self, value: &mut Expr, wanted: &BaseType) {
        let ExprKind::Call(Builtin::Flags, arguments) = &mut value.kind else {
            return;
        };
        let BaseType::Record(records) = wanted else {
            return;
        };
        if let Some(shapes) = arguments.get_mut(1) {
            let lines = self.flag_lines(records);
            *shapes = constant(Const::String(lines), BaseType::String, shapes.span);
        }
    }

    fn flag_lines(&self, records: &[RecordRef]) -> String {
        let mut lines = String::new();
        for name in self.env.field_names(records) {
            let letter = match self.env.field_of(records, &name).map(|field| field.base) {
                Some(BaseType::Bool) => 'b',
                Some(BaseType::Int) => 'i',
                Some(BaseType::List(_)) => 'l',
                _ => continue,
            };
            lines.push(letter);
            lines.push(' ');
            lines.push_str(&name);
            lines.push('\n');
        }
        lines
    }
}
