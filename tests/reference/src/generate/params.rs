//! Random parameters.

use palisade_lang::program::{
    BaseType, CompareOp, Const, DECLARED_RECORDS, Domain, Expr, ExprKind, Param, ParamId, Policy,
    Presence, RecordField, RecordRef, RecordType, Stmt, Type,
};

use crate::build::{
    body, check, compare, constant, expr, int, is_empty, is_set, list_of, map_of, not, param,
    policy, text,
};
use crate::generate::document::words_of;
use crate::generate::rng::Rng;
use crate::generate::world::{self, Field};

/// The record that parameters may have.
pub(super) fn record() -> BaseType {
    BaseType::Record(vec![RecordRef {
        id: DECLARED_RECORDS,
        name: "Limits".to_owned(),
    }])
}

fn inner() -> BaseType {
    BaseType::Record(vec![RecordRef {
        id: DECLARED_RECORDS + 1,
        name: "Range".to_owned(),
    }])
}

/// The records that a program declares.
pub(super) fn records() -> Vec<RecordType> {
    ["Limits", "Range"]
        .into_iter()
        .zip(DECLARED_RECORDS..)
        .map(|(name, id)| RecordType {
            name: name.to_owned(),
            fields: fields(id)
                .into_iter()
                .map(|field| {
                    let default = match &field.presence {
                        Presence::Default(value) => Some(value.clone()),
                        Presence::Optional | Presence::Required => None,
                    };
                    let is_optional = matches!(field.presence, Presence::Optional)
                        && !matches!(field.ty, BaseType::List(_) | BaseType::Map(_));
                    RecordField {
                        name: field.key.to_owned(),
                        ty: Type {
                            base: field.ty,
                            optional: is_optional,
                        },
                        default,
                    }
                })
                .collect(),
        })
        .collect()
}

/// The members of a declared record.
pub(super) fn fields(id: u32) -> Vec<Field> {
    let field = |key, ty, presence| Field { key, ty, presence };
    match id - DECLARED_RECORDS {
        0 => vec![
            field("name", BaseType::String, Presence::Required),
            field("max", BaseType::Quantity, Presence::Optional),
            field("replicas", BaseType::Int, Presence::Default(Const::Int(2))),
            field("range", inner(), Presence::Optional),
            field("names", list_of(BaseType::Glob), Presence::Optional),
            field("like", BaseType::Glob, Presence::Optional),
            field("text", BaseType::Regex, Presence::Optional),
        ],
        _ => vec![
            field("from", BaseType::Version, Presence::Required),
            field("ports", map_of(BaseType::Int), Presence::Optional),
        ],
    }
}

fn types() -> Vec<BaseType> {
    vec![
        BaseType::Bool,
        BaseType::Int,
        BaseType::Float,
        BaseType::String,
        BaseType::Enum(world::POLICIES.map(str::to_owned).to_vec()),
        BaseType::Quantity,
        BaseType::IntOrString,
        BaseType::Version,
        BaseType::Image,
        BaseType::Cidr,
        BaseType::Ip,
        BaseType::Versions,
        BaseType::Range,
        BaseType::Glob,
        BaseType::Regex,
        BaseType::Timestamp,
        BaseType::Duration,
        BaseType::Any,
        record(),
        record(),
        record(),
        list_of(BaseType::String),
        list_of(BaseType::Int),
        list_of(BaseType::Quantity),
        list_of(BaseType::Glob),
        list_of(BaseType::Regex),
        list_of(BaseType::Cidr),
        list_of(record()),
        map_of(BaseType::String),
        map_of(BaseType::Int),
    ]
}

/// Parameters of the pack, then of its policies.
pub(super) fn params(rng: &mut Rng, n_policies: usize) -> Vec<Param> {
    let mut params = Vec::new();
    for owner in std::iter::once(None).chain((0..n_policies).map(Some)) {
        for _ in 0..1 + rng.below(4) {
            let number = params.len();
            let mut made = one(rng, number);
            made.policy = owner.and_then(|owner| u32::try_from(owner).ok());
            params.push(made);
        }
    }
    params
}

fn one(rng: &mut Rng, number: usize) -> Param {
    let types = types();
    let base = rng.pick(&types).cloned().unwrap_or(BaseType::Bool);
    let default = default(rng, &base);
    let optional = default == Some(Const::Absent);
    let ty = Type { base, optional };
    let id = ParamId(u32::try_from(number).unwrap_or(u32::MAX));
    let value = expr(ExprKind::Param(id), ty.clone());
    let mut made = param(&format!("param{number}"), ty, default);
    if rng.once_in(10) {
        made.constraint = Some(Box::new(constraint(rng, value)));
    }
    made
}

/// A default, absent for an optional parameter; none for one that must be given.
fn default(rng: &mut Rng, ty: &BaseType) -> Option<Const> {
    if rng.once_in(5) {
        return None;
    }
    let is_collection = matches!(ty, BaseType::List(_) | BaseType::Map(_));
    if !is_collection && rng.once_in(3) {
        return Some(Const::Absent);
    }
    value(rng, ty)
}

fn value(rng: &mut Rng, ty: &BaseType) -> Option<Const> {
    Some(match ty {
        BaseType::Bool => Const::Bool(rng.once_in(2)),
        BaseType::Int | BaseType::IntOrString => {
            Const::Int(rng.pick(&world::INTS).copied().unwrap_or(0))
        }
        BaseType::Float => Const::Float(rng.word(&world::FLOATS).to_owned()),
        BaseType::Enum(words) => Const::String(rng.pick(words).cloned()?),
        BaseType::Quantity => Const::Quantity(rng.word(&world::QUANTITIES).to_owned()),
        BaseType::Glob => Const::Glob(rng.word(&world::GLOBS).to_owned()),
        BaseType::Regex => Const::Regex(rng.word(&world::REGEXES).to_owned()),
        BaseType::List(element) => {
            let items = (0..rng.below(3))
                .map(|_| value(rng, element))
                .collect::<Option<_>>()?;
            Const::List(items)
        }
        BaseType::Map(element) => {
            let keys = ["app", "é"].iter().take(rng.below(3));
            let members = keys
                .map(|key| Some(((*key).to_owned(), value(rng, element)?)))
                .collect::<Option<_>>()?;
            Const::Map(members)
        }
        BaseType::Record(refs) => {
            let mut members = Vec::new();
            for field in fields(refs.first()?.id) {
                let is_required = matches!(field.presence, Presence::Required);
                if is_required || rng.once_in(2) {
                    members.push((field.key.to_owned(), value(rng, &field.ty)?));
                }
            }
            Const::Map(members)
        }
        BaseType::Any => return None,
        _ => Const::String(rng.word(words_of(ty).0).to_owned()),
    })
}

fn constraint(rng: &mut Rng, value: Expr) -> Policy {
    let optional = value.ty.optional;
    let condition = match &value.ty.base {
        BaseType::Int if !optional => compare(CompareOp::Greater, Domain::Int, value, int(0)),
        BaseType::Quantity if !optional => compare(
            CompareOp::Less,
            Domain::Quantity,
            value,
            crate::build::quantity("1Gi"),
        ),
        BaseType::Version if !optional => compare(
            CompareOp::GreaterEqual,
            Domain::Version,
            value,
            constant(Const::String("1.10".to_owned()), BaseType::Version),
        ),
        BaseType::String => not(crate::build::equal(Domain::String, value, text("a"))),
        BaseType::List(_) | BaseType::Map(_) => not(is_empty(value)),
        _ => is_set(value),
    };
    let message = rng.word(&["is not enough", "é"]);
    let mut made = policy("");
    made.checks = vec![check(false, condition, message)];
    let mut only = body(Vec::new());
    only.block.stmts = vec![Stmt::Check(palisade_lang::program::CheckId(0))];
    made.bodies = vec![only];
    made
}
