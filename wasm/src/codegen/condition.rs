//! Conditions: an expression becomes instructions that leave 0 for false, 1 for true, or the reason why it is unknown.

use palisade_abi::layout;
use palisade_lang::program::{
    CompareOp, Const, Domain, Expr, ExprKind, Presence, Quantifier, QuantifierKind,
};
use walrus::LocalId;
use walrus::ir::BinaryOp;

use super::apart::emit_apart;
use super::body::{Body, Path};
use super::call::{emit_call, is_test};
use super::iterate::{Tuple, each_tuple, element_type, emit_joined};
use super::kinds::is_condition;
use super::pattern::const_matcher;
use super::query::conditions_of_quantifier;
use super::value::{bind_lets, emit_choice, emit_value, forget_lets};

/// Leaves the value of the condition `expr`.
pub(super) fn emit_condition(b: &mut Body<'_>, expr: &Expr) {
    match &expr.kind {
        ExprKind::Const(constant) => b.int(i32::from(*constant == Const::Bool(true))),
        ExprKind::Truth(inner) => emit_condition(b, inner),
        ExprKind::And(operands) => emit_junction(b, operands, Junction::And),
        ExprKind::Or(operands) => emit_junction(b, operands, Junction::Or),
        ExprKind::Not(inner) => {
            emit_condition(b, inner);
            emit_not(b, inner);
        }
        ExprKind::Compare {
            op,
            domain,
            left,
            right,
        } => emit_compare(b, *op, *domain, left, right),
        ExprKind::In {
            domain,
            needle,
            list,
        } => emit_in(b, *domain, needle, list),
        ExprKind::IsSet(inner) => emit_is_set(b, inner),
        ExprKind::IsEmpty(inner) => emit_is_empty(b, inner),
        ExprKind::IsKnown(inner) => {
            let value = b.temp();
            emit_value(b, inner);
            b.set(value);
            b.is_unknown(value);
            b.is_zero();
            b.release(value);
        }
        ExprKind::Quantifier(quantifier) => emit_quantifier(b, quantifier),
        ExprKind::With { locals, body } => {
            bind_lets(b, locals);
            emit_apart(b, &[body], Path::Hot, |b| emit_condition(b, body));
            forget_lets(b, locals);
        }
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => emit_choice(b, condition, |b, taken| {
            emit_condition(b, if taken { then } else { otherwise });
        }),
        ExprKind::Call(function, arguments) if is_test(*function) => {
            emit_call(b, *function, arguments);
        }
        ExprKind::Call(..)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_)
        | ExprKind::Comprehension(_)
        | ExprKind::Pick(..)
        | ExprKind::Count(_)
        | ExprKind::Cast(_)
        | ExprKind::Record(_)
        | ExprKind::Local(_)
        | ExprKind::Member { .. }
        | ExprKind::MapMember { .. }
        | ExprKind::Element { .. }
        | ExprKind::Concat(_)
        | ExprKind::List(_)
        | ExprKind::Coalesce(..)
        | ExprKind::Interpolate(_)
        | ExprKind::ImagePart(..)
        | ExprKind::ContainerRole(_) => {
            emit_value(b, expr);
            emit_payload_test(b, |b| b.load(8));
        }
    }
}

/// Whether the condition can never be unknown.
pub(super) fn is_certain(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Const(_) | ExprKind::IsKnown(_) => true,
        ExprKind::Not(inner) | ExprKind::Truth(inner) => is_certain(inner),
        ExprKind::IsSet(inner) | ExprKind::IsEmpty(inner) => {
            matches!(inner.kind, ExprKind::Const(_))
        }
        ExprKind::And(operands) | ExprKind::Or(operands) => operands.iter().all(is_certain),
        ExprKind::Compare {
            left,
            right,
            domain,
            ..
        } => {
            !is_read_as_text(*domain)
                && matches!(left.kind, ExprKind::Const(_))
                && matches!(right.kind, ExprKind::Const(_))
        }
        ExprKind::With { body, .. } => is_certain(body),
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => is_certain(condition) && is_certain(then) && is_certain(otherwise),
        ExprKind::Call(..)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_)
        | ExprKind::Comprehension(_)
        | ExprKind::Pick(..)
        | ExprKind::Count(_)
        | ExprKind::Cast(_)
        | ExprKind::Record(_)
        | ExprKind::In { .. }
        | ExprKind::Quantifier(_)
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

/// Whether comparing two known values can be unknown, as their texts may not read as what they should be.
pub(super) fn is_read_as_text(domain: Domain) -> bool {
    read_order(domain).is_some()
}

/// The function of the runtime that orders two texts as what they say, unknown if one of them does not read so.
pub(super) fn read_order(domain: Domain) -> Option<&'static str> {
    match domain {
        Domain::Version => Some("order_version"),
        Domain::Duration => Some("order_duration"),
        Domain::Timestamp => Some("order_timestamp"),
        Domain::Bool
        | Domain::Int
        | Domain::String
        | Domain::Quantity
        | Domain::Number
        | Domain::Pattern
        | Domain::Scalar => None,
    }
}

/// Swaps true and false on the stack.
fn emit_not(b: &mut Body<'_>, of: &Expr) {
    if is_certain(of) {
        return b.is_zero();
    }
    let value = b.temp();
    b.tee(value);
    b.get(value);
    b.int(2);
    b.op(BinaryOp::I32LtU);
    b.op(BinaryOp::I32Xor);
    b.release(value);
}

/// Turns the value on the stack into a condition: codes stay (absent is false), a node is tested by `test`, which finds
/// the node's address on the stack and may only read what every node has.
fn emit_payload_test(b: &mut Body<'_>, test: impl FnOnce(&mut Body<'_>)) {
    let value = b.temp();
    b.tee(value);
    b.get(value);
    test(b);
    b.is_code(value);
    b.select();
    b.release(value);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Junction {
    And,
    Or,
}

impl Junction {
    /// The value that decides.
    fn decisive(self) -> i32 {
        i32::from(self == Self::Or)
    }
}

fn emit_junction(b: &mut Body<'_>, operands: &[Expr], junction: Junction) {
    let Some((first, rest)) = operands.split_first() else {
        return b.int(1 - junction.decisive());
    };
    let result = b.temp();
    b.block_value(|b, done| {
        emit_condition(b, first);
        let mut certain = is_certain(first);
        for operand in rest {
            // What is known so far lies on the stack.
            b.tee(result);
            b.get(result);
            emit_decides(b, junction);
            b.br_if(done);
            b.drop();
            if certain {
                emit_condition(b, operand);
            } else {
                emit_fold(b, result, junction, |b| emit_condition(b, operand));
            }
            certain = certain && is_certain(operand);
        }
    });
    b.release(result);
}

/// Whether the word on the stack decides.
fn emit_decides(b: &mut Body<'_>, junction: Junction) {
    match junction {
        Junction::And => b.is_zero(),
        Junction::Or => {
            b.int(1);
            b.op(BinaryOp::I32Eq);
        }
    }
}

/// Leaves what `so_far`, which does not decide, and the next operand make together: the first unknown stays unless the
/// operand decides.
fn emit_fold(
    b: &mut Body<'_>,
    so_far: LocalId,
    junction: Junction,
    operand: impl FnOnce(&mut Body<'_>),
) {
    b.get(so_far);
    operand(b);
    b.call(match junction {
        Junction::And => "fold_and",
        Junction::Or => "fold_or",
    });
}

fn emit_is_set(b: &mut Body<'_>, inner: &Expr) {
    // A member with a default is asked for what was written.
    if let ExprKind::Member {
        base,
        key,
        presence: Presence::Default(_),
    } = &inner.kind
    {
        let written = Expr {
            kind: ExprKind::Member {
                base: base.clone(),
                key: key.clone(),
                presence: Presence::Optional,
            },
            ..inner.clone()
        };
        return emit_is_set(b, &written);
    }
    let value = b.temp();
    emit_value(b, inner);
    b.set(value);
    let is_there = |b: &mut Body<'_>| {
        b.int(1);
        b.get(value);
        b.is_code(value);
        b.is_zero();
        b.select();
    };
    match read_parts(b, inner) {
        // A template that is written there is something.
        Some(parts) => {
            b.get(value);
            b.word(layout::UNKNOWN_TEMPLATE);
            b.op(BinaryOp::I32Eq);
            b.choose_value(
                |b| {
                    let part = b.temp();
                    b.int(1);
                    b.get(value);
                    b.int(0);
                    for operand in &parts {
                        emit_value(b, operand);
                        b.set(part);
                        b.is_code(part);
                        b.op(BinaryOp::I32Or);
                    }
                    b.is_zero();
                    b.select();
                    b.release(part);
                },
                is_there,
            );
        }
        None => is_there(b),
    }
    b.release(value);
}

/// What a read is made of, where it is one: its base, and a key or index that is computed.
fn read_parts(b: &Body<'_>, expr: &Expr) -> Option<Vec<Expr>> {
    if let ExprKind::Member { base, .. } = &expr.kind {
        return Some(vec![(**base).clone()]);
    }
    if let ExprKind::MapMember { base, key: part } | ExprKind::Element { base, index: part } =
        &expr.kind
    {
        let is_computed = !matches!(part.kind, ExprKind::Const(_));
        let part = is_computed.then(|| (**part).clone());
        return Some([(**base).clone()].into_iter().chain(part).collect());
    }
    if let ExprKind::Local(name) = &expr.kind {
        return read_parts(b, b.definition(*name)?);
    }
    None
}

fn emit_is_empty(b: &mut Body<'_>, inner: &Expr) {
    use palisade_lang::program::BaseType;
    emit_value(b, inner);
    let offset = match &inner.ty.base {
        BaseType::List(_) | BaseType::Map(_) | BaseType::Record(_) => 8,
        BaseType::String
        | BaseType::Enum(_)
        | BaseType::Timestamp
        | BaseType::Duration
        | BaseType::Version
        | BaseType::Image
        | BaseType::Cidr
        | BaseType::Versions
        | BaseType::Range
        | BaseType::Ip
        | BaseType::Glob
        | BaseType::Regex => 12,
        BaseType::Bool
        | BaseType::Int
        | BaseType::Float
        | BaseType::Quantity
        | BaseType::IntOrString
        | BaseType::Any
        | BaseType::Error => return b.call("is_empty"),
    };
    let value = b.temp();
    b.tee(value);
    b.get(value);
    b.is_zero();
    b.op(BinaryOp::I32Or);
    b.get(value);
    b.load(offset);
    b.is_zero();
    b.is_code(value);
    b.select();
    b.release(value);
}

fn emit_compare(b: &mut Body<'_>, op: CompareOp, domain: Domain, left: &Expr, right: &Expr) {
    if op == CompareOp::Equal {
        if let ExprKind::Const(constant) = &right.kind {
            return emit_equals_const(b, domain, left, constant);
        }
        if let ExprKind::Const(constant) = &left.kind
            && domain != Domain::Pattern
        {
            return emit_equals_const(b, domain, right, constant);
        }
    }
    emit_value(b, left);
    emit_value(b, right);
    b.call(order_function(domain, op));
    b.call(match op {
        CompareOp::Equal => "is_equal",
        CompareOp::Less => "is_less",
        CompareOp::LessEqual => "is_less_equal",
        CompareOp::Greater => "is_greater",
        CompareOp::GreaterEqual => "is_greater_equal",
    });
}

/// The function of the runtime that orders two values, or says why they have no order.
fn order_function(domain: Domain, op: CompareOp) -> &'static str {
    match (domain, op) {
        (Domain::Quantity, _) => "compare_quantity",
        (Domain::Version, _) => "compare_version",
        (Domain::Duration, _) => "compare_duration",
        (Domain::Timestamp, _) => "compare_timestamp",
        (Domain::Pattern, _) => "compare_pattern",
        (_, CompareOp::Equal) | (Domain::Scalar, _) => "compare_scalar",
        (Domain::Bool | Domain::Int | Domain::Number, _) => "compare_number",
        (Domain::String, _) => "compare_text",
    }
}

fn emit_equals_const(b: &mut Body<'_>, domain: Domain, expr: &Expr, constant: &Const) {
    emit_value(b, expr);
    match constant {
        // Absent equals only absent.
        Const::Absent => {
            let value = b.temp();
            b.tee(value);
            b.get(value);
            b.is_zero();
            b.op(BinaryOp::I32Or);
            b.int(0);
            b.is_code(value);
            b.select();
            b.release(value);
        }
        Const::Bool(wanted) if domain == Domain::Bool => emit_payload_test(b, |b| {
            b.load(8);
            if !wanted {
                b.is_zero();
            }
        }),
        Const::Int(wanted) if domain == Domain::Int => emit_payload_test(b, |b| {
            b.load64(8);
            if *wanted == 0 {
                b.is_zero64();
            } else {
                b.int64(*wanted);
                b.op(BinaryOp::I64Eq);
            }
        }),
        Const::Bool(_)
        | Const::Int(_)
        | Const::Float(_)
        | Const::String(_)
        | Const::Quantity(_)
        | Const::Glob(_)
        | Const::Regex(_)
        | Const::Map(_)
        | Const::List(_) => {
            let address = b.shared.pool.constant(constant);
            b.word(address);
            match domain {
                Domain::String => b.call("is_string"),
                Domain::Scalar | Domain::Bool | Domain::Int | Domain::Number => {
                    b.call("is_scalar");
                }
                Domain::Pattern => b.call(const_matcher(constant)),
                Domain::Quantity | Domain::Version | Domain::Duration | Domain::Timestamp => {
                    b.call(order_function(domain, CompareOp::Equal));
                    b.call("is_equal");
                }
            }
        }
    }
}

fn emit_in(b: &mut Body<'_>, domain: Domain, needle: &Expr, list: &Expr) {
    /// Mark of what elements may be: looking at one costs nothing (`wasm/runtime/src/cursor.rs`).
    const FREE: u32 = 1 << 13;
    emit_value(b, needle);
    emit_joined(b, list);
    b.mask(&element_type(list));
    let costs = !matches!(list.kind, ExprKind::Const(_));
    if !costs {
        b.mark(FREE);
    }
    b.call(match domain {
        Domain::Quantity => "in_quantity",
        Domain::Version => "in_version",
        Domain::Duration => "in_duration",
        Domain::Timestamp => "in_timestamp",
        Domain::Pattern => "in_pattern",
        Domain::Bool | Domain::Int | Domain::String | Domain::Number | Domain::Scalar => {
            "in_scalar"
        }
    });
    if costs {
        b.stop_if_stopped();
    }
}

fn emit_quantifier(b: &mut Body<'_>, quantifier: &Quantifier) {
    // `all` is true until something is false, the others false until something is true.
    let junction = match quantifier.kind {
        QuantifierKind::All => Junction::And,
        QuantifierKind::Any | QuantifierKind::No => Junction::Or,
    };
    let condition = tuple_condition(quantifier);
    let conditions = conditions_of_quantifier(quantifier);
    let result = b.temp();
    b.int(1 - junction.decisive());
    b.set(result);
    b.block(|b, done| {
        each_tuple(b, &quantifier.generators, &conditions, &mut |b, tuple| {
            emit_fold(b, result, junction, |b| match tuple {
                Tuple::Bound(_) => emit_tuple(b, &condition),
                Tuple::Unknown { reason } => b.get(reason),
            });
            b.tee(result);
            emit_decides(b, junction);
            b.br_if(done);
        });
    });
    b.get(result);
    if quantifier.kind == QuantifierKind::No {
        let value = b.temp();
        b.tee(value);
        b.get(value);
        b.int(2);
        b.op(BinaryOp::I32LtU);
        b.op(BinaryOp::I32Xor);
        b.release(value);
    }
    b.release(result);
}

/// Leaves what is folded for a tuple.
pub(super) fn emit_tuple(b: &mut Body<'_>, condition: &Expr) {
    emit_apart(b, &[condition], Path::Hot, |b| emit_condition(b, condition));
}

/// What is folded over the tuples: `g and p`, for `all` `not g or p`.
pub(super) fn tuple_condition(quantifier: &Quantifier) -> Expr {
    let body = quantifier.body.clone();
    let Some(guard) = quantifier.guard.clone() else {
        return body;
    };
    let (span, ty) = (body.span, body.ty.clone());
    let expr = |kind| Expr {
        kind,
        ty: ty.clone(),
        span,
    };
    debug_assert!(is_condition(&expr(ExprKind::And(Vec::new()))));
    match quantifier.kind {
        QuantifierKind::All => expr(ExprKind::Or(vec![
            expr(ExprKind::Not(Box::new(guard))),
            body,
        ])),
        QuantifierKind::Any | QuantifierKind::No => expr(ExprKind::And(vec![guard, body])),
    }
}
