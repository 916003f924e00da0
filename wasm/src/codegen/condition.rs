//! Conditions: an expression becomes instructions that leave 0 for false, 1 for true, or the reason why it is unknown.

use palisade_abi::layout;
use palisade_lang::program::{
    CompareOp, Const, Domain, Expr, ExprKind, Presence, Quantifier, QuantifierKind,
};
use walrus::LocalId;
use walrus::ir::BinaryOp;

use super::body::Body;
use super::call::{emit_call, is_test};
use super::iterate::{Tuple, each_element, each_tuple, flatten};
use super::kinds::is_condition;
use super::pattern::{ANY_MATCHER, const_matcher};
use super::query::conditions_of_quantifier;
use super::value::{bind_lets, emit_choice, emit_value, forget_lets};

/// Longest constant that a string is compared with inline.
const INLINE_TEXT: usize = 32;
/// Longest constant list whose items are compared one after the other.
const INLINE_ITEMS: usize = 8;

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
            emit_condition(b, body);
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
        for (nth, operand) in rest.iter().enumerate() {
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
            let _ = nth;
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
pub(super) fn emit_fold(
    b: &mut Body<'_>,
    so_far: LocalId,
    junction: Junction,
    operand: impl FnOnce(&mut Body<'_>),
) {
    let next = b.temp();
    b.get(so_far);
    operand(b);
    b.tee(next);
    b.get(so_far);
    b.int(1);
    b.op(BinaryOp::I32GtU);
    b.get(next);
    b.int(junction.decisive());
    b.op(BinaryOp::I32Ne);
    b.op(BinaryOp::I32And);
    b.select();
    b.release(next);
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
    b.int(1);
    emit_value(b, inner);
    b.tee(value);
    b.is_code(value);
    b.is_zero();
    b.select();
    b.release(value);
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
    let (first, second) = (b.temp(), b.temp());
    emit_value(b, left);
    b.set(first);
    emit_value(b, right);
    b.set(second);
    b.block_value(|b, done| {
        for value in [first, second] {
            b.get(value);
            b.is_unknown(value);
            b.br_if(done);
            b.drop();
        }
        // Here a code is absent.
        if op == CompareOp::Equal {
            b.get(first);
            b.get(second);
            b.op(BinaryOp::I32Or);
            b.is_zero();
        } else {
            b.int(0);
        }
        b.get(first);
        b.is_zero();
        b.get(second);
        b.is_zero();
        b.op(BinaryOp::I32Or);
        b.br_if(done);
        b.drop();
        emit_known_compare(b, op, domain, first, second);
    });
    b.release(first);
    b.release(second);
}

/// Compares two nodes. In some domains the result [may be unknown](is_read_as_text).
fn emit_known_compare(
    b: &mut Body<'_>,
    op: CompareOp,
    domain: Domain,
    left: LocalId,
    right: LocalId,
) {
    if domain == Domain::Int {
        for side in [left, right] {
            b.get(side);
            b.load64(8);
        }
        return b.op(match op {
            CompareOp::Equal => BinaryOp::I64Eq,
            CompareOp::Less => BinaryOp::I64LtS,
            CompareOp::LessEqual => BinaryOp::I64LeS,
            CompareOp::Greater => BinaryOp::I64GtS,
            CompareOp::GreaterEqual => BinaryOp::I64GeS,
        });
    }
    if domain == Domain::Bool {
        for side in [left, right] {
            b.get(side);
            b.load(8);
        }
    } else {
        b.get(left);
        b.get(right);
        match (domain, op) {
            (Domain::String, CompareOp::Equal) => return b.call("same_text"),
            (Domain::Scalar, _) | (Domain::Number, CompareOp::Equal) => {
                return b.call("same_scalar");
            }
            (Domain::Pattern, _) => return b.call(ANY_MATCHER),
            (Domain::Quantity, _) => b.call("order_quantity"),
            (Domain::Number, _) => b.call("order_number"),
            (Domain::Version, _) => return emit_read_order(b, "order_version", op),
            (Domain::Duration, _) => return emit_read_order(b, "order_duration", op),
            (Domain::Timestamp, _) => return emit_read_order(b, "order_timestamp", op),
            (Domain::String | Domain::Bool | Domain::Int, _) => b.call("order_text"),
        }
        b.int(0);
    }
    b.op(order_test(op));
}

/// Compares the two nodes on the stack as what their texts say; unknown if one does not read so.
fn emit_read_order(b: &mut Body<'_>, function: &str, op: CompareOp) {
    let order = b.temp();
    b.call(function);
    b.tee(order);
    b.get(order);
    b.int(0);
    b.op(order_test(op));
    b.get(order);
    b.word(layout::UNKNOWN_VALUE);
    b.op(BinaryOp::I32Eq);
    b.select();
    b.release(order);
}

/// The comparison with 0 of what a function of the runtime gives that orders.
fn order_test(op: CompareOp) -> BinaryOp {
    match op {
        CompareOp::Equal => BinaryOp::I32Eq,
        CompareOp::Less => BinaryOp::I32LtS,
        CompareOp::LessEqual => BinaryOp::I32LeS,
        CompareOp::Greater => BinaryOp::I32GtS,
        CompareOp::GreaterEqual => BinaryOp::I32GeS,
    }
}

fn emit_equals_const(b: &mut Body<'_>, domain: Domain, expr: &Expr, constant: &Const) {
    emit_value(b, expr);
    let value = b.temp();
    match constant {
        // Absent equals only absent.
        Const::Absent => {
            b.tee(value);
            b.get(value);
            b.is_zero();
            b.op(BinaryOp::I32Or);
            b.int(0);
            b.is_code(value);
            b.select();
        }
        Const::Bool(wanted) if domain == Domain::Bool => emit_payload_test(b, |b| {
            b.load(8);
            if !wanted {
                b.is_zero();
            }
        }),
        Const::Int(wanted) if domain == Domain::Int => emit_payload_test(b, |b| {
            b.load64(8);
            b.int64(*wanted);
            b.op(BinaryOp::I64Eq);
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
            b.set(value);
            b.block_value(|b, done| {
                b.get(value);
                b.is_code(value);
                b.br_if(done);
                b.drop();
                emit_same_const(b, domain, value, constant);
            });
        }
    }
    b.release(value);
}

/// Whether the present value in `value` equals the constant; in some domains that [may be unknown](is_read_as_text).
fn emit_same_const(b: &mut Body<'_>, domain: Domain, value: LocalId, constant: &Const) {
    match constant {
        Const::Absent => b.int(0),
        Const::Bool(wanted) if domain == Domain::Bool => {
            b.get(value);
            b.load(8);
            b.int(i32::from(*wanted));
            b.op(BinaryOp::I32Eq);
        }
        Const::Int(wanted) if domain == Domain::Int => {
            b.get(value);
            b.load64(8);
            b.int64(*wanted);
            b.op(BinaryOp::I64Eq);
        }
        Const::String(text) if text.len() <= INLINE_TEXT && domain == Domain::String => {
            emit_same_text(b, value, text.as_bytes());
        }
        Const::String(text) if text.len() <= INLINE_TEXT && domain == Domain::Scalar => {
            b.kind(value);
            b.word(layout::KIND_STRING);
            b.op(BinaryOp::I32Eq);
            b.choose_value(|b| emit_same_text(b, value, text.as_bytes()), |b| b.int(0));
        }
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
            b.get(value);
            b.word(address);
            match domain {
                Domain::String => b.call("same_text"),
                Domain::Quantity => {
                    b.call("order_quantity");
                    b.is_zero();
                }
                Domain::Scalar | Domain::Bool | Domain::Int | Domain::Number => {
                    b.call("same_scalar");
                }
                Domain::Pattern => b.call(const_matcher(constant)),
                Domain::Version => emit_read_order(b, "order_version", CompareOp::Equal),
                Domain::Duration => emit_read_order(b, "order_duration", CompareOp::Equal),
                Domain::Timestamp => emit_read_order(b, "order_timestamp", CompareOp::Equal),
            }
        }
    }
}

/// Compares a string with a constant: its length, then eight, four, two and one bytes at a time.
fn emit_same_text(b: &mut Body<'_>, value: LocalId, text: &[u8]) {
    b.get(value);
    b.load(12);
    b.word(super::pool::count(text.len()));
    b.op(BinaryOp::I32Eq);
    if text.is_empty() {
        return;
    }
    let at = b.temp();
    b.choose_value(
        |b| {
            b.get(value);
            b.load(8);
            b.set(at);
            let mut rest = text;
            let mut offset = 0;
            let mut begun = false;
            while !rest.is_empty() {
                let size = match rest.len() {
                    8.. => 8,
                    4..=7 => 4,
                    2 | 3 => 2,
                    _ => 1,
                };
                let (chunk, after) = rest.split_at_checked(size).unwrap_or((rest, &[]));
                emit_same_chunk(b, at, offset, chunk);
                if begun {
                    b.op(BinaryOp::I32And);
                }
                begun = true;
                offset += super::pool::count(size);
                rest = after;
            }
        },
        |b| b.int(0),
    );
    b.release(at);
}

fn emit_same_chunk(b: &mut Body<'_>, at: LocalId, offset: u32, chunk: &[u8]) {
    let wanted = chunk
        .iter()
        .rev()
        .fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
    b.get(at);
    if chunk.len() == 8 {
        b.load64(offset);
        b.int64(wanted.cast_signed());
        return b.op(BinaryOp::I64Eq);
    }
    if chunk.len() == 4 {
        b.load(offset);
    } else {
        b.load_short(chunk.len(), offset);
    }
    b.word(u32::try_from(wanted).unwrap_or(u32::MAX));
    b.op(BinaryOp::I32Eq);
}

fn emit_in(b: &mut Body<'_>, domain: Domain, needle: &Expr, list: &Expr) {
    if let ExprKind::Const(Const::List(items)) = &list.kind
        && items.len() <= INLINE_ITEMS
        && !is_read_as_text(domain)
    {
        return emit_in_items(b, domain, needle, items);
    }
    let (sought, result) = (b.temp(), b.temp());
    emit_value(b, needle);
    b.set(sought);
    b.block_value(|b, done| {
        let lists = flatten(b, list);
        let element_type = super::iterate::element_type(list);
        let constant = matches!(list.kind, ExprKind::Const(_));
        each_element(
            b,
            &lists,
            |b| {
                // The list has been evaluated; a needle that is unknown or absent decides.
                b.get(sought);
                b.is_code(sought);
                b.br_if(done);
                b.drop();
                b.int(0);
                b.set(result);
            },
            |b, element| {
                if !constant {
                    b.step();
                }
                let value = b.temp();
                b.block_value(|b, checked| {
                    super::iterate::emit_element(b, element, &element_type, checked);
                });
                b.set(value);
                b.is_code(value);
                b.choose(
                    |b| {
                        emit_fold(b, result, Junction::Or, |b| b.get(value));
                        b.set(result);
                    },
                    |b| {
                        if is_read_as_text(domain) {
                            emit_fold(b, result, Junction::Or, |b| {
                                emit_known_compare(b, CompareOp::Equal, domain, sought, value);
                            });
                            b.tee(result);
                            b.get(result);
                            b.int(1);
                            b.op(BinaryOp::I32Eq);
                        } else {
                            b.int(1);
                            emit_known_compare(b, CompareOp::Equal, domain, sought, value);
                        }
                        b.br_if(done);
                        b.drop();
                    },
                );
                b.release(value);
            },
            |b, unknown| {
                emit_fold(b, result, Junction::Or, |b| b.get(unknown));
            },
        );
    });
    b.release(sought);
    b.release(result);
}

/// Compares with each item of a short constant list.
fn emit_in_items(b: &mut Body<'_>, domain: Domain, needle: &Expr, items: &[Const]) {
    let sought = b.temp();
    emit_value(b, needle);
    b.set(sought);
    b.block_value(|b, done| {
        b.get(sought);
        b.is_code(sought);
        b.br_if(done);
        b.drop();
        for item in items {
            b.int(1);
            emit_same_const(b, domain, sought, item);
            b.br_if(done);
            b.drop();
        }
        b.int(0);
    });
    b.release(sought);
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
                Tuple::Bound(_) => emit_condition(b, &condition),
                Tuple::Unknown { reason, .. } => {
                    // A source that was known leaves the result as it is.
                    b.get(reason);
                    b.int(1 - junction.decisive());
                    b.get(reason);
                    b.select();
                }
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
