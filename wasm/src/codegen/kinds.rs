//! What a type accepts, and what an expression is.

use palisade_abi::layout;
use palisade_lang::program::{BaseType, Expr, ExprKind};

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
