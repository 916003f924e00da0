//! What a type accepts, and what an expression is.

use std::collections::BTreeSet;

use palisade_abi::layout;
use palisade_lang::program::{BaseType, Block, Expr, ExprKind, MessagePart, Policy, Stmt};

use super::body::definition;

/// Mark of a mask: the text must read as a quantity.
const QUANTITY: u32 = 1 << 31;
/// Mask of untyped JSON.
pub(super) const ANY: u32 = 0x17E;

/// The kinds of node that a type accepts, one bit each.
pub(super) fn mask(ty: &BaseType) -> u32 {
    match ty {
        BaseType::Bool => 1 << layout::KIND_BOOL,
        BaseType::Int => 1 << layout::KIND_INT,
        BaseType::Float => 1 << layout::KIND_INT | 1 << layout::KIND_FLOAT,
        BaseType::String | BaseType::Enum(_) | BaseType::Timestamp | BaseType::Duration => {
            1 << layout::KIND_STRING
        }
        BaseType::Quantity => {
            QUANTITY | 1 << layout::KIND_INT | 1 << layout::KIND_FLOAT | 1 << layout::KIND_STRING
        }
        BaseType::IntOrString => 1 << layout::KIND_INT | 1 << layout::KIND_STRING,
        BaseType::Record(_) | BaseType::Map(_) => 1 << layout::KIND_MAP,
        BaseType::List(_) => 1 << layout::KIND_LIST | 1 << layout::KIND_REFS,
        BaseType::Any | BaseType::Error => ANY,
    }
}

/// What a finding says is expected; nothing for untyped JSON.
pub(super) fn expected(ty: &BaseType) -> Option<&'static str> {
    Some(match ty {
        BaseType::Bool => "a bool",
        BaseType::Int => "an int",
        BaseType::Float => "a number",
        BaseType::String | BaseType::Enum(_) | BaseType::Timestamp | BaseType::Duration => {
            "a string"
        }
        BaseType::Quantity => "a quantity",
        BaseType::IntOrString => "an int or a string",
        BaseType::Record(_) | BaseType::Map(_) => "a map",
        BaseType::List(_) => "a list",
        BaseType::Any | BaseType::Error => return None,
    })
}

/// Whether the expression computes a condition rather than a value.
pub(super) fn is_condition(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::Compare { .. }
        | ExprKind::In { .. }
        | ExprKind::IsSet(_)
        | ExprKind::IsEmpty(_)
        | ExprKind::IsKnown(_)
        | ExprKind::Quantifier(_) => true,
        ExprKind::Truth(_)
        | ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Member { .. }
        | ExprKind::MapMember { .. }
        | ExprKind::Element { .. }
        | ExprKind::Concat(_)
        | ExprKind::List(_)
        | ExprKind::Coalesce(..)
        | ExprKind::Interpolate(_)
        | ExprKind::ImagePart(..)
        | ExprKind::ContainerRole(_) => false,
    }
}

/// Whether absence prints as an empty list.
pub(super) fn is_list(expr: &Expr) -> bool {
    matches!(expr.ty.base, BaseType::List(_))
}

/// A name for a read of members with constant keys from a local; equal reads of one policy have equal names.
pub(super) fn read_name(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Local(name) => Some(name.0.to_string()),
        ExprKind::Member {
            base,
            key,
            presence,
        } => {
            let base = read_name(base)?;
            let accepted = mask(&expr.ty.base);
            Some(format!("{base}.{key:?} {accepted} {presence:?}"))
        }
        ExprKind::MapMember { base, key } => {
            let ExprKind::Const(key) = &key.kind else {
                return None;
            };
            let base = read_name(base)?;
            Some(format!("{base}[{key:?}] {}", mask(&expr.ty.base)))
        }
        ExprKind::Truth(_)
        | ExprKind::Const(_)
        | ExprKind::Element { .. }
        | ExprKind::Concat(_)
        | ExprKind::List(_)
        | ExprKind::Coalesce(..)
        | ExprKind::Interpolate(_)
        | ExprKind::ImagePart(..)
        | ExprKind::ContainerRole(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::Compare { .. }
        | ExprKind::In { .. }
        | ExprKind::IsSet(_)
        | ExprKind::IsEmpty(_)
        | ExprKind::IsKnown(_)
        | ExprKind::Quantifier(_) => None,
    }
}

/// The reads that a policy's statements make more than once.
pub(super) fn repeated_reads(policy: &Policy) -> BTreeSet<String> {
    let mut reads = Reads::default();
    reads.block(policy, &policy.body);
    if let Some(guard) = &policy.guard {
        reads.expr(guard);
    }
    reads.repeated
}

#[derive(Debug, Default)]
struct Reads {
    seen: BTreeSet<String>,
    repeated: BTreeSet<String>,
}

impl Reads {
    fn block(&mut self, policy: &Policy, block: &Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(name) => {
                    if let Some(definition) = definition(policy, *name) {
                        self.expr(definition);
                    }
                }
                Stmt::For(statement) => {
                    self.expr(&statement.generator.source);
                    if let Some(guard) = &statement.guard {
                        self.expr(guard);
                    }
                    self.block(policy, &statement.body);
                }
                Stmt::When {
                    condition,
                    then,
                    otherwise,
                } => {
                    self.expr(condition);
                    self.block(policy, then);
                    self.block(policy, otherwise);
                }
                Stmt::Check(id) => {
                    if let Some(check) = policy.checks.get(id.0 as usize) {
                        self.expr(&check.condition);
                    }
                }
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        if !matches!(expr.kind, ExprKind::Local(_))
            && let Some(name) = read_name(expr)
            && !self.seen.insert(name.clone())
        {
            self.repeated.insert(name);
            // What it reads from is not read again.
            return;
        }
        for operand in operands(expr) {
            self.expr(operand);
        }
    }
}

/// The expressions right below one.
fn operands(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Const(_) | ExprKind::Local(_) => Vec::new(),
        ExprKind::Member { base, .. } => vec![base],
        ExprKind::MapMember { base, key } => vec![base, key],
        ExprKind::Element { base, index } => vec![base, index],
        ExprKind::Concat(list)
        | ExprKind::List(list)
        | ExprKind::And(list)
        | ExprKind::Or(list) => list.iter().collect(),
        ExprKind::Coalesce(left, right) => vec![left, right],
        ExprKind::Interpolate(parts) => parts
            .iter()
            .filter_map(|part| match part {
                MessagePart::Text(_) => None,
                MessagePart::Value(expr) | MessagePart::Object(expr) => Some(expr),
            })
            .collect(),
        ExprKind::ImagePart(_, inner)
        | ExprKind::ContainerRole(inner)
        | ExprKind::Truth(inner)
        | ExprKind::Not(inner)
        | ExprKind::IsSet(inner)
        | ExprKind::IsEmpty(inner)
        | ExprKind::IsKnown(inner) => vec![inner],
        ExprKind::Compare { left, right, .. } => vec![left, right],
        ExprKind::In { needle, list, .. } => vec![needle, list],
        ExprKind::Quantifier(quantifier) => quantifier
            .generators
            .iter()
            .map(|generator| &generator.source)
            .chain(&quantifier.guard)
            .chain([&quantifier.body])
            .collect(),
    }
}
