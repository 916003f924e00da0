//! Explanations: where a value came from, and which values a condition's outcome is owed to.
//!
//! Written for cold functions only. A trace and a list of witnesses are addresses of structures of the runtime; every
//! function here leaves one on the stack. `docs/meaning.md` has the table of places.

use palisade_abi::layout;
use palisade_lang::program::within::message_exprs;
use palisade_lang::program::{
    Builtin, Const, Domain, Expr, ExprKind, LocalId as Name, Quantifier, QuantifierKind,
};
use walrus::ir::BinaryOp;

use super::apart::emit_apart;
use super::body::{Body, Path, Slot};
use super::call::gives_part;
use super::condition::{emit_condition, emit_tuple, is_certain, read_order, tuple_condition};
use super::iterate::{Tuple, each_bound, each_tuple, element_type, emit_joined};
use super::kinds::is_computed;
use super::query::{conditions_of, conditions_of_quantifier, emit_source_trace};
use super::value::{NODE, emit_choice, emit_value, forget_lets, path_of, route_of};

/// Leaves the trace of `expr`. Its value is in the trace if it is a read, a name or a choice between such.
pub(super) fn emit_trace(b: &mut Body<'_>, expr: &Expr) {
    match &expr.kind {
        ExprKind::Const(_) | ExprKind::List(_) => {
            emit_value(b, expr);
            b.call("trace_nowhere");
        }
        ExprKind::Local(name) => emit_local_trace(b, *name, expr),
        ExprKind::Member { .. } => emit_path_trace(b, expr),
        ExprKind::MapMember { base, key } => {
            if let ExprKind::Const(Const::String(_)) = &key.kind {
                return emit_path_trace(b, expr);
            }
            emit_valued_trace(b, base);
            emit_valued_trace(b, key);
            b.mask(&expr.ty.base);
            b.call("trace_map_member");
        }
        ExprKind::Element { base, index } => {
            emit_valued_trace(b, base);
            emit_valued_trace(b, index);
            b.mask(&expr.ty.base);
            b.call(if is_computed(b.policy, base) {
                "trace_element_made"
            } else {
                "trace_element"
            });
        }
        ExprKind::Coalesce(left, right) => {
            emit_valued_trace(b, left);
            emit_valued_trace(b, right);
            b.call("trace_coalesce");
        }
        ExprKind::Concat(operands) => emit_joined_traces(b, operands),
        ExprKind::Interpolate(parts) => {
            emit_joined_traces(b, message_exprs(parts));
        }
        ExprKind::ImagePart(_, inner)
        | ExprKind::ContainerRole(inner)
        | ExprKind::Truth(inner)
        | ExprKind::Not(inner)
        | ExprKind::IsSet(inner)
        | ExprKind::IsEmpty(inner)
        | ExprKind::IsKnown(inner) => emit_joined_traces(b, [&**inner]),
        ExprKind::And(operands) | ExprKind::Or(operands) => emit_joined_traces(b, operands),
        ExprKind::Compare { left, right, .. } => emit_joined_traces(b, [&**left, &**right]),
        ExprKind::In { needle, list, .. } => emit_joined_traces(b, [&**needle, &**list]),
        ExprKind::Quantifier(quantifier) => emit_quantifier_trace(b, quantifier),
        ExprKind::Call(function, arguments) if is_within_text(*function) => {
            emit_joined_traces(b, arguments);
            emit_value(b, expr);
            b.call("trace_embedded");
        }
        // What was there before, and what the host says, is no place of what is judged.
        ExprKind::Call(Builtin::Before | Builtin::Source, _)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_)
        | ExprKind::Record(_) => {
            emit_value(b, expr);
            b.call("trace_nowhere");
        }
        ExprKind::Call(_, arguments) => emit_joined_traces(b, arguments),
        ExprKind::Comprehension(comprehension) | ExprKind::Count(comprehension) => {
            let conditions = conditions_of(comprehension.guard.as_ref());
            emit_source_trace(b, &comprehension.generators, &conditions);
        }
        ExprKind::Pick(_, comprehension) => {
            emit_value(b, expr);
            let conditions = conditions_of(comprehension.guard.as_ref());
            emit_source_trace(b, &comprehension.generators, &conditions);
            b.call("trace_found");
        }
        ExprKind::With { locals, body } => {
            trace_lets(b, locals);
            emit_apart(b, &[body], Path::Cold, |b| emit_valued_trace(b, body));
            forget_lets(b, locals);
        }
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => emit_chosen(
            b,
            condition,
            |b, taken| emit_valued_trace(b, if taken { then } else { otherwise }),
            |b| {
                emit_trace(b, condition);
                emit_condition(b, condition);
                b.call("trace_value");
            },
        ),
        ExprKind::Cast(inner) => emit_trace(b, inner),
    }
}

/// Makes the traces of the names of a `With`.
fn trace_lets(b: &mut Body<'_>, names: &[Name]) {
    for &name in names {
        if let Some(definition) = b.definition(name) {
            let trace = b.temp();
            emit_valued_trace(b, definition);
            b.set(trace);
            b.bind(name, Slot::Traced(trace));
        }
    }
}

/// Leaves what one of two branches gives; if the condition is unknown, what `unknown` gives.
fn emit_chosen(
    b: &mut Body<'_>,
    condition: &Expr,
    branch: impl Fn(&mut Body<'_>, bool),
    unknown: impl FnOnce(&mut Body<'_>),
) {
    if is_certain(condition) {
        return emit_choice(b, condition, branch);
    }
    let status = b.temp();
    emit_condition(b, condition);
    b.tee(status);
    b.int(1);
    b.op(BinaryOp::I32GtU);
    b.choose_value(unknown, |b| {
        b.get(status);
        b.choose_value(|b| branch(b, true), |b| branch(b, false));
    });
    b.release(status);
}

/// Leaves the trace of `expr` with its value in it.
pub(super) fn emit_valued_trace(b: &mut Body<'_>, expr: &Expr) {
    emit_trace(b, expr);
    if !has_value(b, expr) {
        emit_value(b, expr);
        b.call("trace_value");
    }
}

/// Whether [`emit_trace`] puts the value into the trace.
fn has_value(b: &Body<'_>, expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Local(name) => match (b.slot(*name), b.definition(*name)) {
            (Slot::Again, Some(definition)) => has_value(b, definition),
            _ => true,
        },
        ExprKind::Const(_)
        | ExprKind::List(_)
        | ExprKind::Member { .. }
        | ExprKind::MapMember { .. }
        | ExprKind::Element { .. }
        | ExprKind::Coalesce(..)
        | ExprKind::Pick(..)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_)
        | ExprKind::With { .. }
        | ExprKind::If { .. }
        | ExprKind::Record(_)
        | ExprKind::Call(Builtin::Before | Builtin::Source, _) => true,
        ExprKind::Call(function, _) => is_within_text(*function),
        ExprKind::Comprehension(_)
        | ExprKind::Count(_)
        | ExprKind::Cast(_)
        | ExprKind::Concat(_)
        | ExprKind::Interpolate(_)
        | ExprKind::ImagePart(..)
        | ExprKind::ContainerRole(_)
        | ExprKind::Truth(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::Compare { .. }
        | ExprKind::In { .. }
        | ExprKind::IsSet(_)
        | ExprKind::IsEmpty(_)
        | ExprKind::IsKnown(_)
        | ExprKind::Quantifier(_) => false,
    }
}

/// Whether what a function gives may be a place inside of the text that it is given.
fn is_within_text(function: Builtin) -> bool {
    matches!(function, Builtin::ParseJson | Builtin::ParseYaml) || gives_part(function)
}

fn emit_local_trace(b: &mut Body<'_>, name: Name, expr: &Expr) {
    match b.slot(name) {
        Slot::Again => match b.definition(name) {
            Some(definition) => {
                emit_apart(b, &[definition], Path::Cold, |b| emit_trace(b, definition));
            }
            None => b.int(0),
        },
        Slot::Traced(trace) => {
            b.get(trace);
            b.call("trace_again");
        }
        Slot::Root(_) | Slot::Element(..) | Slot::Key(_) | Slot::Index(_) => {
            if let Some(route) = traced_route(b, expr) {
                b.word(route);
                return b.call("trace_at");
            }
            if let Slot::Element(cursor, _) | Slot::Key(cursor) | Slot::Index(cursor) = b.slot(name)
            {
                b.load_cursor(cursor, NODE);
            }
            emit_value(b, expr);
            b.call("trace_node");
            if let Some(source) = made_source(b, name) {
                emit_trace(b, source);
                b.call("trace_or");
            }
        }
        Slot::Node(node) => {
            b.get(node);
            b.get(node);
            b.call("trace_node");
        }
        Slot::Unbound | Slot::Value(_) | Slot::Lists(_) => {
            emit_value(b, expr);
            b.call("trace_nowhere");
        }
    }
}

/// Where the elements of a name come from, if that is a list made by a function or a comprehension.
fn made_source<'m>(b: &Body<'m>, name: Name) -> Option<&'m Expr> {
    let source = &b.generator(name)?.source;
    is_computed(b.policy, source).then_some(source)
}

/// The trace of a read of members.
fn emit_path_trace(b: &mut Body<'_>, expr: &Expr) {
    if let Some(route) = traced_route(b, expr) {
        b.word(route);
        return b.call("trace_at");
    }
    let (base, path) = path_of(b, expr);
    emit_valued_trace(b, base);
    b.word(path);
    b.call("trace_path_on");
}

/// The route of a value whose trace the runtime finds by it: not one of an element that may have its list's place.
pub(super) fn traced_route(b: &mut Body<'_>, expr: &Expr) -> Option<u32> {
    let mut base = expr;
    loop {
        if let ExprKind::Member { base: inner, .. } | ExprKind::MapMember { base: inner, .. } =
            &base.kind
        {
            base = inner;
        } else if let ExprKind::Local(name) = &base.kind {
            if made_source(b, *name).is_some() {
                return None;
            }
            match (b.slot(*name), b.definition(*name)) {
                (Slot::Again, Some(definition)) => base = definition,
                _ => return route_of(b, expr),
            }
        } else {
            return None;
        }
    }
}

fn emit_joined_traces<'e>(b: &mut Body<'_>, operands: impl IntoIterator<Item = &'e Expr>) {
    let mut begun = false;
    for operand in operands {
        if matches!(operand.kind, ExprKind::Const(_)) {
            continue;
        }
        emit_trace(b, operand);
        if begun {
            b.call("trace_join");
        }
        begun = true;
    }
    if !begun {
        emit_nowhere(b);
    }
}

fn emit_nowhere(b: &mut Body<'_>) {
    b.int(0);
    b.call("trace_nowhere");
}

fn emit_quantifier_trace(b: &mut Body<'_>, quantifier: &Quantifier) {
    let conditions = conditions_of_quantifier(quantifier);
    emit_source_trace(b, &quantifier.generators, &conditions);
}

/// The value whose trace is the one witness of the condition `expr` whatever its outcome, also where it is unknown; nothing
/// if the condition is of no such form.
pub(super) fn sole_witness(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Not(inner) => sole_witness(inner),
        ExprKind::Truth(inner) | ExprKind::IsSet(inner) | ExprKind::IsEmpty(inner) => Some(inner),
        ExprKind::Compare { left, right, .. } => match (&left.kind, &right.kind) {
            (ExprKind::Const(_), ExprKind::Const(_)) => None,
            (ExprKind::Const(_), _) => Some(right),
            (_, ExprKind::Const(_)) => Some(left),
            _ => None,
        },
        ExprKind::Local(_) | ExprKind::Call(..) => Some(expr),
        ExprKind::Const(_)
        | ExprKind::Member { .. }
        | ExprKind::MapMember { .. }
        | ExprKind::Element { .. }
        | ExprKind::Concat(_)
        | ExprKind::List(_)
        | ExprKind::Coalesce(..)
        | ExprKind::Interpolate(_)
        | ExprKind::ImagePart(..)
        | ExprKind::ContainerRole(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::In { .. }
        | ExprKind::IsKnown(_)
        | ExprKind::Quantifier(_)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_)
        | ExprKind::With { .. }
        | ExprKind::If { .. }
        | ExprKind::Comprehension(_)
        | ExprKind::Pick(..)
        | ExprKind::Count(_)
        | ExprKind::Cast(_)
        | ExprKind::Record(_) => None,
    }
}

/// Leaves the witnesses of the condition `expr`, which is `outcome`.
pub(super) fn emit_blame(b: &mut Body<'_>, expr: &Expr, outcome: bool) {
    match &expr.kind {
        ExprKind::Not(inner) => emit_blame(b, inner, !outcome),
        ExprKind::And(operands) if outcome => {
            emit_every_blame(b, operands, outcome, "witness_deepest");
        }
        ExprKind::Or(operands) if !outcome => {
            emit_every_blame(b, operands, outcome, "witness_placed");
        }
        ExprKind::And(operands) | ExprKind::Or(operands) => {
            emit_deciding_blame(b, operands, outcome);
        }
        ExprKind::Compare { left, right, .. } => {
            emit_joined_traces(b, [&**left, &**right]);
            b.call("witness_one");
        }
        ExprKind::Truth(inner)
        | ExprKind::IsSet(inner)
        | ExprKind::IsEmpty(inner)
        | ExprKind::IsKnown(inner) => {
            emit_trace(b, inner);
            b.call("witness_one");
        }
        ExprKind::In {
            domain,
            needle,
            list,
        } => emit_in_blame(b, *domain, needle, list, outcome),
        ExprKind::Quantifier(quantifier) => emit_quantifier_blame(b, quantifier, outcome),
        ExprKind::Local(_) | ExprKind::Call(..) => {
            emit_trace(b, expr);
            b.call("witness_one");
        }
        ExprKind::With { locals, body } => {
            trace_lets(b, locals);
            emit_apart(b, &[body], Path::Cold, |b| emit_blame(b, body, outcome));
            forget_lets(b, locals);
        }
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => emit_chosen(
            b,
            condition,
            |b, taken| emit_blame(b, if taken { then } else { otherwise }, outcome),
            |b| b.call("witness_none"),
        ),
        ExprKind::Const(_)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_)
        | ExprKind::Comprehension(_)
        | ExprKind::Pick(..)
        | ExprKind::Count(_)
        | ExprKind::Cast(_)
        | ExprKind::Record(_)
        | ExprKind::Member { .. }
        | ExprKind::MapMember { .. }
        | ExprKind::Element { .. }
        | ExprKind::Concat(_)
        | ExprKind::List(_)
        | ExprKind::Coalesce(..)
        | ExprKind::Interpolate(_)
        | ExprKind::ImagePart(..)
        | ExprKind::ContainerRole(_) => {
            emit_trace(b, expr);
            b.call("witness_one");
        }
    }
}

/// All operands had the outcome together: one is chosen, the others are related.
fn emit_every_blame(b: &mut Body<'_>, operands: &[Expr], outcome: bool, choose: &str) {
    b.int(0);
    for operand in operands {
        emit_blame(b, operand, outcome);
        b.call("witness_chain");
    }
    b.call(choose);
}

/// The first operand with the outcome decided.
fn emit_deciding_blame(b: &mut Body<'_>, operands: &[Expr], outcome: bool) {
    match operands {
        [] => b.call("witness_none"),
        [last] => emit_blame(b, last, outcome),
        [first, rest @ ..] => {
            emit_condition(b, first);
            b.int(i32::from(outcome));
            b.op(BinaryOp::I32Eq);
            b.choose_value(
                |b| emit_blame(b, first, outcome),
                |b| emit_deciding_blame(b, rest, outcome),
            );
        }
    }
}

fn emit_in_blame(b: &mut Body<'_>, domain: Domain, needle: &Expr, list: &Expr, outcome: bool) {
    let sought = b.temp();
    emit_valued_trace(b, needle);
    b.set(sought);
    if outcome {
        let found = b.temp();
        b.call("witness_none");
        b.set(found);
        // Patterns come from the program or the settings, and have no place.
        if domain != Domain::Pattern {
            b.get(sought);
            emit_joined(b, list);
            b.get(found);
            b.mask(&element_type(list));
            b.call(match domain {
                Domain::Quantity => "witness_in_quantity",
                Domain::Version => "witness_in_version",
                Domain::Duration => "witness_in_duration",
                Domain::Timestamp => "witness_in_timestamp",
                Domain::Bool
                | Domain::Int
                | Domain::String
                | Domain::Number
                | Domain::Pattern
                | Domain::Scalar => "witness_in",
            });
            b.drop();
        }
        b.get(sought);
        b.get(found);
        b.call("witness_in_end");
        b.release(found);
    } else {
        // The second word of a trace is the node of its place.
        b.get(sought);
        b.load(4);
        b.choose_value(|b| b.get(sought), |b| emit_trace(b, list));
        b.call("witness_one");
    }
    b.release(sought);
}

fn emit_quantifier_blame(b: &mut Body<'_>, quantifier: &Quantifier, outcome: bool) {
    let found_when = quantifier.kind == QuantifierKind::Any;
    if outcome != found_when {
        emit_quantifier_trace(b, quantifier);
        return b.call("witness_one");
    }
    // `any` true, `no` false and `all` false have a witness for each tuple that decides.
    let decisive = quantifier.kind != QuantifierKind::All;
    let condition = tuple_condition(quantifier);
    let found = b.temp();
    b.call("witness_none");
    b.set(found);
    let conditions = conditions_of_quantifier(quantifier);
    each_tuple(b, &quantifier.generators, &conditions, &mut |b, tuple| {
        let Tuple::Bound(cursor) = tuple else {
            return;
        };
        emit_tuple(b, &condition);
        b.int(i32::from(decisive));
        b.op(BinaryOp::I32Eq);
        b.when(|b| {
            b.get(found);
            emit_blame(b, &quantifier.body, decisive);
            b.load_cursor(cursor, NODE);
            b.call("witness_draw");
        });
    });
    b.get(found);
    b.release(found);
}

/// Leaves the trace that explains why the condition `expr` is unknown.
pub(super) fn emit_unknown(b: &mut Body<'_>, expr: &Expr) {
    match &expr.kind {
        ExprKind::Not(inner) => emit_unknown(b, inner),
        ExprKind::And(operands) | ExprKind::Or(operands) => emit_first_unknown(b, operands),
        ExprKind::Compare {
            domain,
            left,
            right,
            ..
        } => {
            if matches!(left.kind, ExprKind::Const(_)) {
                return emit_trace(b, right);
            }
            if matches!(right.kind, ExprKind::Const(_)) {
                return emit_trace(b, left);
            }
            emit_is_left(b, *domain, left, right);
            b.choose_value(|b| emit_trace(b, left), |b| emit_trace(b, right));
        }
        ExprKind::In {
            domain,
            needle,
            list,
        } => {
            if matches!(list.kind, ExprKind::Const(_)) {
                return emit_trace(b, needle);
            }
            emit_is_unknown(b, needle);
            b.choose_value(
                |b| emit_trace(b, needle),
                |b| {
                    if let Some(unread) = trace_unread(*domain) {
                        emit_trace(b, needle);
                        emit_value(b, needle);
                        emit_value(b, list);
                        b.mask(&element_type(list));
                        emit_trace(b, list);
                        return b.call(unread);
                    }
                    emit_value(b, list);
                    b.mask(&element_type(list));
                    emit_trace(b, list);
                    b.call("trace_unknown_element");
                },
            );
        }
        ExprKind::Quantifier(quantifier) => emit_unknown_tuple(b, quantifier),
        ExprKind::Truth(inner) | ExprKind::IsSet(inner) | ExprKind::IsEmpty(inner) => {
            emit_trace(b, inner);
        }
        ExprKind::Local(_) | ExprKind::Call(..) => emit_trace(b, expr),
        ExprKind::With { locals, body } => {
            trace_lets(b, locals);
            emit_apart(b, &[body], Path::Cold, |b| emit_unknown(b, body));
            forget_lets(b, locals);
        }
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => emit_chosen(
            b,
            condition,
            |b, taken| emit_unknown(b, if taken { then } else { otherwise }),
            |b| emit_unknown(b, condition),
        ),
        ExprKind::Const(_)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_)
        | ExprKind::Comprehension(_)
        | ExprKind::Pick(..)
        | ExprKind::Count(_)
        | ExprKind::Cast(_)
        | ExprKind::Record(_)
        | ExprKind::IsKnown(_)
        | ExprKind::Member { .. }
        | ExprKind::MapMember { .. }
        | ExprKind::Element { .. }
        | ExprKind::Concat(_)
        | ExprKind::List(_)
        | ExprKind::Coalesce(..)
        | ExprKind::Interpolate(_)
        | ExprKind::ImagePart(..)
        | ExprKind::ContainerRole(_) => emit_trace(b, expr),
    }
}

/// The function of the runtime that finds the text that does not read as what is looked for.
fn trace_unread(domain: Domain) -> Option<&'static str> {
    match domain {
        Domain::Version => Some("trace_unread_version"),
        Domain::Duration => Some("trace_unread_duration"),
        Domain::Timestamp => Some("trace_unread_timestamp"),
        Domain::Bool
        | Domain::Int
        | Domain::String
        | Domain::Quantity
        | Domain::Number
        | Domain::Pattern
        | Domain::Scalar => None,
    }
}

/// Whether it is the left side that makes a comparison unknown: it is unknown, or both sides are known and its text does
/// not read as what is compared.
fn emit_is_left(b: &mut Body<'_>, domain: Domain, left: &Expr, right: &Expr) {
    let Some(order) = read_order(domain) else {
        return emit_is_unknown(b, left);
    };
    let (first, second) = (b.temp(), b.temp());
    emit_value(b, left);
    b.set(first);
    emit_value(b, right);
    b.set(second);
    b.is_unknown(first);
    b.choose_value(
        |b| b.int(1),
        |b| {
            b.is_unknown(second);
            b.choose_value(
                |b| b.int(0),
                |b| {
                    // A text that reads as something is in order with itself.
                    b.get(first);
                    b.get(first);
                    b.call(order);
                    b.word(layout::UNKNOWN_VALUE);
                    b.op(BinaryOp::I32Eq);
                },
            );
        },
    );
    b.release(first);
    b.release(second);
}

fn emit_is_unknown(b: &mut Body<'_>, expr: &Expr) {
    let value = b.temp();
    emit_value(b, expr);
    b.set(value);
    b.is_unknown(value);
    b.release(value);
}

fn emit_first_unknown(b: &mut Body<'_>, operands: &[Expr]) {
    match operands {
        [] => emit_nowhere(b),
        [last] => emit_unknown(b, last),
        [first, rest @ ..] if is_certain(first) => emit_first_unknown(b, rest),
        [first, rest @ ..] => {
            emit_condition(b, first);
            b.int(1);
            b.op(BinaryOp::I32GtU);
            b.choose_value(|b| emit_unknown(b, first), |b| emit_first_unknown(b, rest));
        }
    }
}

/// The first source that is unknown, or the first tuple whose condition is.
fn emit_unknown_tuple(b: &mut Body<'_>, quantifier: &Quantifier) {
    b.block_value(|b, done| {
        emit_unknown_below(b, quantifier, 0, done);
        emit_nowhere(b);
    });
}

fn emit_unknown_below(
    b: &mut Body<'_>,
    quantifier: &Quantifier,
    level: usize,
    done: walrus::ir::InstrSeqId,
) {
    let Some(generator) = quantifier.generators.get(level) else {
        return;
    };
    if level == 0 {
        emit_is_unknown(b, &generator.source);
        b.when(|b| {
            emit_quantifier_trace(b, quantifier);
            b.br(done);
        });
    }
    let conditions = conditions_of_quantifier(quantifier);
    each_bound(
        b,
        (&quantifier.generators, level, &conditions),
        |b, cursor| {
            if level + 1 < quantifier.generators.len() {
                return emit_unknown_below(b, quantifier, level + 1, done);
            }
            emit_tuple(b, &tuple_condition(quantifier));
            b.int(1);
            b.op(BinaryOp::I32GtU);
            b.when(|b| {
                emit_unknown_member(b, quantifier);
                b.load_cursor(cursor, NODE);
                b.call("trace_draw");
                b.br(done);
            });
        },
        |b, _| {
            if level > 0 {
                emit_trace(b, &generator.source);
                b.br(done);
            }
        },
    );
}

/// Of the guard and the body the one that is unknown.
fn emit_unknown_member(b: &mut Body<'_>, quantifier: &Quantifier) {
    match &quantifier.guard {
        None => emit_unknown(b, &quantifier.body),
        Some(guard) => {
            emit_condition(b, guard);
            b.int(1);
            b.op(BinaryOp::I32GtU);
            b.choose_value(
                |b| emit_unknown(b, guard),
                |b| emit_unknown(b, &quantifier.body),
            );
        }
    }
}
