//! What is right below an expression, for all who go through one.

use super::{Comprehension, Expr, ExprKind, Generator, MessagePart};

/// The expressions right below one; what names stand for is not among them.
#[must_use]
pub fn operands(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_) => Vec::new(),
        ExprKind::Member { base, .. } => vec![base],
        ExprKind::MapMember { base, key } => vec![base, key],
        ExprKind::Element { base, index } => vec![base, index],
        ExprKind::Concat(list)
        | ExprKind::List(list)
        | ExprKind::And(list)
        | ExprKind::Or(list)
        | ExprKind::Call(_, list) => list.iter().collect(),
        ExprKind::Coalesce(left, right) => vec![left, right],
        ExprKind::Interpolate(parts) => message_exprs(parts).collect(),
        ExprKind::ImagePart(_, inner)
        | ExprKind::ContainerRole(inner)
        | ExprKind::Truth(inner)
        | ExprKind::Not(inner)
        | ExprKind::IsSet(inner)
        | ExprKind::IsEmpty(inner)
        | ExprKind::IsKnown(inner)
        | ExprKind::Cast(inner) => vec![inner],
        ExprKind::Compare { left, right, .. } => vec![left, right],
        ExprKind::In { needle, list, .. } => vec![needle, list],
        ExprKind::Quantifier(quantifier) => (quantifier.generators.iter())
            .map(|generator| &generator.source)
            .chain(&quantifier.guard)
            .chain([&quantifier.body])
            .collect(),
        ExprKind::With { body, .. } => vec![body],
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => vec![condition, then, otherwise],
        ExprKind::Comprehension(comprehension)
        | ExprKind::Pick(_, comprehension)
        | ExprKind::Count(comprehension) => comprehension_operands(comprehension),
        ExprKind::Record(members) => members.iter().map(|(_, member)| member).collect(),
    }
}

fn comprehension_operands(comprehension: &Comprehension) -> Vec<&Expr> {
    (comprehension.generators.iter())
        .map(|generator| &generator.source)
        .chain(&comprehension.guard)
        .chain([&comprehension.element])
        .chain(comprehension.order.as_ref().map(|(key, _)| key))
        .collect()
}

/// The generators of an expression itself.
#[must_use]
pub fn generators(expr: &Expr) -> &[Generator] {
    if let ExprKind::Quantifier(quantifier) = &expr.kind {
        return &quantifier.generators;
    }
    if let ExprKind::Comprehension(comprehension)
    | ExprKind::Pick(_, comprehension)
    | ExprKind::Count(comprehension) = &expr.kind
    {
        return &comprehension.generators;
    }
    &[]
}

/// The values of a text.
pub fn message_exprs(parts: &[MessagePart]) -> impl Iterator<Item = &Expr> {
    parts.iter().filter_map(|part| match part {
        MessagePart::Text(_) => None,
        MessagePart::Value(expr) | MessagePart::Object(expr) => Some(expr),
    })
}
