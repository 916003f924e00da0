//! Loops over the elements of lists and the members of maps.

use palisade_lang::program::{BaseType, Binding, Expr, ExprKind, Generator};
use walrus::LocalId;
use walrus::ir::BinaryOp;

use super::body::{Body, Slot};
use super::query::emit_source;
use super::shared::list_name;
use super::value::{bind_lets, emit_value};

/// Mark of what elements may be: they are members of a map (`wasm/runtime/src/cursor.rs`).
const MEMBERS: u32 = 1 << 12;
/// What a cursor gives at the end; also the reason where there were no steps left.
const END: i32 = 1;
/// Where a cursor has the reason why elements were left out.
const REASON: u32 = 20;

/// Leaves the list or map that a loop goes through. Of joined lists some may be unknown: then it is what is known of
/// them, and no value until `whole` was called.
pub(super) fn emit_joined(b: &mut Body<'_>, source: &Expr) {
    if joins_lists(b, source)
        && let Some(name) = list_name(b.policy, source)
        && let Some(&function) = b.shared.lists.get(&name)
    {
        return b.call_id(function);
    }
    if let ExprKind::Objects(target) = &source.kind {
        let query = b.shared.queries.number(target);
        b.word(query);
        b.call("objects_known");
    } else if let ExprKind::Concat(operands) = &source.kind {
        let mut begun = false;
        if operands.len() < 2 {
            b.int(0);
            begun = true;
        }
        for operand in operands {
            emit_joined(b, operand);
            if begun {
                b.call("join");
            }
            begun = true;
        }
        if operands.is_empty() {
            b.int(0);
            b.call("join");
        }
    } else if let ExprKind::With { locals, body } = &source.kind {
        // The names stay bound while the list is gone through.
        bind_lets(b, locals);
        emit_joined(b, body);
    } else if let ExprKind::Local(name) = &source.kind {
        match (b.slot(*name), b.definition(*name)) {
            (Slot::Lists(list), _) => b.get(list),
            (Slot::Again | Slot::Traced(_), Some(definition)) if joins_lists(b, definition) => {
                emit_joined(b, definition);
            }
            _ => emit_value(b, source),
        }
    } else {
        emit_value(b, source);
    }
}

/// Whether an expression joins lists, by whatever names.
pub(super) fn joins_lists(b: &Body<'_>, expr: &Expr) -> bool {
    if let ExprKind::With { body, .. } = &expr.kind {
        return joins_lists(b, body);
    }
    if let ExprKind::Local(name) = &expr.kind {
        return b
            .definition(*name)
            .is_some_and(|definition| joins_lists(b, definition));
    }
    matches!(expr.kind, ExprKind::Concat(_) | ExprKind::Objects(_))
}

/// The type of the elements of a list or the values of a map.
pub(super) fn element_type(source: &Expr) -> BaseType {
    match &source.ty.base {
        BaseType::List(element) | BaseType::Map(element) => (**element).clone(),
        BaseType::Bool
        | BaseType::Int
        | BaseType::Float
        | BaseType::String
        | BaseType::Enum(_)
        | BaseType::Quantity
        | BaseType::IntOrString
        | BaseType::Timestamp
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
        | BaseType::Any
        | BaseType::Error => BaseType::Any,
    }
}

/// A turn of a loop over tuples, or what follows the last turn of one of its sources.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tuple {
    /// All names are bound; the cursor of the last element.
    Bound(u32),
    /// A source was gone through that is unknown; the local holds the reason.
    Unknown { reason: LocalId },
}

/// Goes through all tuples of the generators, binding their names. Of objects those that the joins among `conditions`,
/// which hold of each tuple that counts, leave out are passed over.
pub(super) fn each_tuple(
    b: &mut Body<'_>,
    generators: &[Generator],
    conditions: &[&Expr],
    body: &mut dyn FnMut(&mut Body<'_>, Tuple),
) {
    each_tuple_from(b, generators, 0, conditions, body);
}

fn each_tuple_from(
    b: &mut Body<'_>,
    generators: &[Generator],
    at: usize,
    conditions: &[&Expr],
    body: &mut dyn FnMut(&mut Body<'_>, Tuple),
) {
    if at >= generators.len() {
        return;
    }
    // `body` is needed by two closures, one after the other.
    let body = std::cell::RefCell::new(body);
    each_bound(
        b,
        (generators, at, conditions),
        |b, cursor| {
            let mut body = body.borrow_mut();
            let body = &mut **body;
            if at + 1 == generators.len() {
                body(b, Tuple::Bound(cursor));
            } else {
                each_tuple_from(b, generators, at + 1, conditions, body);
            }
        },
        |b, reason| (body.borrow_mut())(b, Tuple::Unknown { reason }),
    );
}

/// Goes through the elements of the source of a generator among several, with its names bound (see [`each_tuple`]): `body` gets the cursor, `end` runs if the
/// source is unknown, with a local that holds the reason.
pub(super) fn each_bound(
    b: &mut Body<'_>,
    (generators, at, conditions): (&[Generator], usize, &[&Expr]),
    body: impl FnOnce(&mut Body<'_>, u32),
    end: impl FnOnce(&mut Body<'_>, LocalId),
) {
    let Some(generator) = generators.get(at) else {
        return;
    };
    let is_map = matches!(generator.source.ty.base, BaseType::Map(_));
    let ty = element_type(&generator.source);
    let cursor = b.cursor(b.depth);
    emit_source(b, generators, at, conditions);
    b.mask(&ty);
    if is_map {
        b.mark(MEMBERS);
    }
    b.word(cursor);
    b.call("loop_begin");
    b.loops = true;
    b.depth += 1;
    let value = b.temp();
    b.bind(generator.element, Slot::Element(cursor, Some(value)));
    if let Some(name) = generator.key {
        let local = b.policy.locals.get(name.0 as usize);
        let is_index = local.is_some_and(|local| local.binding == Binding::Index);
        let slot = if is_index { Slot::Index } else { Slot::Key };
        b.bind(name, slot(cursor));
    }
    b.repeat(|b, next| {
        b.word(cursor);
        b.call("loop_next");
        b.tee(value);
        b.int(END);
        b.op(BinaryOp::I32Ne);
        b.when(|b| {
            body(b, cursor);
            b.br(next);
        });
    });
    b.release(value);
    b.depth -= 1;
    let reason = b.temp();
    b.load_cursor(cursor, REASON);
    b.tee(reason);
    b.when(|b| {
        b.get(reason);
        b.int(END);
        b.op(BinaryOp::I32Eq);
        b.when(Body::stop);
        end(b, reason);
    });
    b.release(reason);
}
