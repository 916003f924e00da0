//! What checking asks of the schema: kinds by name, and fields of one record or of several at once.

use crate::program::{BaseType, Const, Expr, ExprKind, KindRef, MinorVersion, RecordRef, Type};
use crate::schema::{Field, FieldType, Kind, RecordId, Schema, Version};
use crate::span::Span;

/// A field as reads of it see it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldInfo {
    pub(super) base: BaseType,
    pub(super) absence: Absence,
    pub(super) sensitive: bool,
    pub(super) since: Option<MinorVersion>,
}

/// What it means if a field of a record that is there is not written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Absence {
    Optional,
    Required,
    Default(Const),
}

pub(super) fn schema() -> &'static Schema {
    Schema::kubernetes()
}

/// The kind with its groups, its own first.
pub(super) fn kind_ref(kind: &Kind) -> KindRef {
    let mut groups = vec![kind.group.to_owned()];
    for group in kind.also() {
        if !groups.iter().any(|other| other == group) {
            groups.push(group.to_owned());
        }
    }
    KindRef {
        groups,
        kind: kind.name.to_owned(),
    }
}

/// The release that introduced the kind, if that is known.
pub(super) fn kind_since(kind: &Kind) -> Option<MinorVersion> {
    let mut since: Option<Version> = None;
    for served in kind.versions() {
        let first = served.since?;
        since = Some(since.map_or(first, |since| since.min(first)));
    }
    since.map(minor)
}

pub(super) fn record_ref(id: RecordId) -> RecordRef {
    RecordRef {
        id: id.0,
        name: schema().record(id).name.to_owned(),
    }
}

/// What a value of the kind is.
pub(super) fn root_type(kind: &Kind) -> BaseType {
    BaseType::Record(vec![record_ref(kind.root)])
}

/// A field of the schema.
pub(super) fn schema_field(field: &Field) -> FieldInfo {
    let members: Vec<String> = field.members().map(str::to_owned).collect();
    let base = base_type(field.ty, &members);
    let absence = match field.default.and_then(|json| default_value(json, &base)) {
        Some(value) => Absence::Default(value),
        None if field.required => Absence::Required,
        None => Absence::Optional,
    };
    FieldInfo {
        base,
        absence,
        sensitive: field.sensitive,
        since: field.since.map(minor),
    }
}

fn minor(version: Version) -> MinorVersion {
    MinorVersion(u16::from(version.minor))
}

fn base_type(ty: FieldType, members: &[String]) -> BaseType {
    match ty {
        FieldType::Bool => BaseType::Bool,
        FieldType::Int => BaseType::Int,
        FieldType::Float => BaseType::Float,
        FieldType::String if members.is_empty() => BaseType::String,
        FieldType::String => BaseType::Enum(members.to_vec()),
        FieldType::Quantity => BaseType::Quantity,
        FieldType::IntOrString => BaseType::IntOrString,
        FieldType::Timestamp => BaseType::Timestamp,
        FieldType::Duration => BaseType::Duration,
        FieldType::Any => BaseType::Any,
        FieldType::Record(id) => BaseType::Record(vec![record_ref(id)]),
        FieldType::List(element) => {
            BaseType::List(Box::new(base_type(schema().resolve(element), members)))
        }
        FieldType::Map(value) => {
            BaseType::Map(Box::new(base_type(schema().resolve(value), members)))
        }
    }
}

/// The default of a field of type `base`, written as JSON; `None` if that type has no constants.
pub(super) fn default_value(json: &str, base: &BaseType) -> Option<Const> {
    let text = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match base {
        BaseType::Bool => json.parse().ok().map(Const::Bool),
        BaseType::Int => json.parse().ok().map(Const::Int),
        BaseType::Float => Some(Const::Float(json.to_owned())),
        BaseType::String | BaseType::Enum(_) => text.map(|text| Const::String(text.to_owned())),
        BaseType::Quantity => Some(Const::Quantity(text.unwrap_or(json).to_owned())),
        BaseType::IntOrString => match text {
            Some(text) => Some(Const::String(text.to_owned())),
            None => json.parse().ok().map(Const::Int),
        },
        // Lists and maps are never absent, and nothing else has a default.
        BaseType::Timestamp
        | BaseType::Duration
        | BaseType::Version
        | BaseType::Image
        | BaseType::Cidr
        | BaseType::Versions
        | BaseType::Range
        | BaseType::Ip
        | BaseType::Glob
        | BaseType::Regex
        | BaseType::Record(_)
        | BaseType::List(_)
        | BaseType::Map(_)
        | BaseType::Any
        | BaseType::Error => None,
    }
}

/// The field of a value that has either form.
pub(super) fn merged_field(a: FieldInfo, b: FieldInfo) -> Option<FieldInfo> {
    Some(FieldInfo {
        base: union(a.base, b.base)?,
        absence: if a.absence == b.absence {
            a.absence
        } else {
            Absence::Optional
        },
        sensitive: a.sensitive || b.sensitive,
        since: a.since.max(b.since),
    })
}

/// The type of a value that has either type; `None` if they have nothing in common.
pub(super) fn union(a: BaseType, b: BaseType) -> Option<BaseType> {
    use BaseType::{Any, Enum, Error, Float, Int, IntOrString, List, Map, Record};
    Some(match (a, b) {
        (a, b) if a == b => a,
        (Error, other) | (other, Error) => other,
        (Any, _) | (_, Any) => Any,
        (Enum(mut all), Enum(more)) => {
            for member in more {
                if !all.contains(&member) {
                    all.push(member);
                }
            }
            Enum(all)
        }
        (Enum(_), BaseType::String) | (BaseType::String, Enum(_)) => BaseType::String,
        (Int, Float) | (Float, Int) => Float,
        (IntOrString, Int | BaseType::String | Enum(_))
        | (Int | BaseType::String | Enum(_), IntOrString) => IntOrString,
        (Record(mut all), Record(more)) => {
            for record in more {
                if !all.contains(&record) {
                    all.push(record);
                }
            }
            Record(all)
        }
        (List(a), List(b)) => List(Box::new(union(*a, *b)?)),
        (Map(a), Map(b)) => Map(Box::new(union(*a, *b)?)),
        _ => return None,
    })
}

/// What a field of a record that is written out is, if it is left out.
pub(super) fn absent_field(field: &FieldInfo, span: Span) -> Expr {
    let base = field.base.clone();
    let (value, optional) = match (&field.absence, &base) {
        (Absence::Default(value), _) => (value.clone(), false),
        (_, BaseType::List(_)) => (Const::List(Vec::new()), false),
        (_, BaseType::Map(_)) => (Const::Map(Vec::new()), false),
        _ => (Const::Absent, true),
    };
    Expr {
        kind: ExprKind::Const(value),
        ty: Type { base, optional },
        span,
    }
}
