//! What a program says of its settings: parameters for people and hosts, constants as JSON.

use palisade_lang::program::{BaseType, Const, DECLARED_RECORDS, Param, Program};
use serde_json::{Map, Value};

use crate::index::ParamEntry;

/// Deepest nesting of types that is spelled out.
const MAX_LEVELS: u32 = 16;

/// The parameters, those of the pack first.
#[must_use]
pub fn list(program: &Program) -> Vec<ParamEntry> {
    program
        .params
        .iter()
        .map(|param| ParamEntry {
            policy: param.policy,
            name: param.name.clone(),
            ty: describe_type(program, param),
            default: param.default.as_ref().and_then(to_json),
            required: param.default.is_none(),
            doc: param.doc.clone(),
        })
        .collect()
}

/// A constant as JSON; none of what is absent.
#[must_use]
pub fn to_json(constant: &Const) -> Option<String> {
    Some(value_of(constant)?.to_string())
}

/// A constant as it stands in settings.
#[must_use]
pub fn value_of(constant: &Const) -> Option<Value> {
    Some(match constant {
        Const::Absent => return None,
        Const::Bool(value) => Value::from(*value),
        Const::Int(value) => Value::from(*value),
        Const::Float(text) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()))
        }
        Const::String(text) | Const::Quantity(text) | Const::Glob(text) | Const::Regex(text) => {
            Value::from(text.as_str())
        }
        Const::List(items) => items.iter().filter_map(value_of).collect(),
        Const::Map(members) => {
            let members = members
                .iter()
                .filter_map(|(name, member)| Some((name.clone(), value_of(member)?)));
            Value::Object(members.collect::<Map<_, _>>())
        }
    })
}

/// A type as the language writes it.
fn describe_type(program: &Program, param: &Param) -> String {
    let mut text = spell(program, &param.ty.base, MAX_LEVELS);
    if param.ty.optional {
        text.push('?');
    }
    text
}

fn spell(program: &Program, ty: &BaseType, levels: u32) -> String {
    let Some(levels) = levels.checked_sub(1) else {
        return "any".to_owned();
    };
    match ty {
        BaseType::Bool => "bool".to_owned(),
        BaseType::Int => "int".to_owned(),
        BaseType::Float => "float".to_owned(),
        BaseType::String => "string".to_owned(),
        BaseType::Enum(members) => {
            let members: Vec<String> = members.iter().map(|member| format!("{member:?}")).collect();
            members.join(" | ")
        }
        BaseType::Quantity => "quantity".to_owned(),
        BaseType::IntOrString => "int | string".to_owned(),
        BaseType::Version => "version".to_owned(),
        BaseType::Image => "image".to_owned(),
        BaseType::Cidr => "cidr".to_owned(),
        BaseType::Ip => "ip".to_owned(),
        BaseType::Versions => "versions".to_owned(),
        BaseType::Range => "range".to_owned(),
        BaseType::Glob => "glob".to_owned(),
        BaseType::Regex => "regex".to_owned(),
        BaseType::Timestamp => "timestamp".to_owned(),
        BaseType::Duration => "duration".to_owned(),
        BaseType::List(element) => format!("[{}]", spell(program, element, levels)),
        BaseType::Map(element) => format!("{{string: {}}}", spell(program, element, levels)),
        BaseType::Record(records) => {
            let declared = records
                .first()
                .and_then(|record| record.id.checked_sub(DECLARED_RECORDS))
                .and_then(|index| program.records.get(index as usize));
            match (declared, records.first()) {
                (Some(record), _) if record.name.is_empty() => {
                    let fields: Vec<String> = record
                        .fields
                        .iter()
                        .map(|field| {
                            let optional = if field.ty.optional { "?" } else { "" };
                            let ty = spell(program, &field.ty.base, levels);
                            format!("{}: {ty}{optional}", field.name)
                        })
                        .collect();
                    format!("{{ {} }}", fields.join(", "))
                }
                (Some(record), _) => record.name.clone(),
                (None, Some(record)) => record.name.clone(),
                (None, None) => "any".to_owned(),
            }
        }
        BaseType::Any | BaseType::Error => "any".to_owned(),
    }
}
