//! Loops over the elements of lists and the members of maps.

use palisade_abi::layout;
use palisade_lang::program::{BaseType, Expr, ExprKind, Generator};
use walrus::LocalId;
use walrus::ir::{BinaryOp, InstrSeqId};

use super::body::{Body, Path, Slot};
use super::pool::count;
use super::query::segments_of;
use super::value::{Role, bind_lets, emit_check, emit_value};

/// One of the lists that are gone through one after the other.
#[derive(Debug, Clone)]
pub(super) enum Segment {
    /// An expression.
    Expr(Box<Expr>),
    /// A value in a local.
    Saved(LocalId),
    /// What is known of a query.
    Objects(u32),
    /// Why not all of a query is known; absent if it is.
    Rest(u32),
}

/// The lists that `source` joins, or itself.
pub(super) fn flatten(b: &mut Body<'_>, source: &Expr) -> Vec<Segment> {
    match &source.kind {
        ExprKind::Concat(operands) => {
            return operands
                .iter()
                .flat_map(|operand| flatten(b, operand))
                .collect();
        }
        ExprKind::Objects(target) => {
            let query = b.shared.queries.number(target);
            return vec![Segment::Objects(query), Segment::Rest(query)];
        }
        // The names stay bound while the lists are gone through.
        ExprKind::With { locals, body } => {
            bind_lets(b, locals);
            return flatten(b, body);
        }
        ExprKind::Local(name) => {
            if let Slot::Lists(lists) = b.slot(*name) {
                return lists.into_iter().map(Segment::Saved).collect();
            }
            if let Slot::Again | Slot::Traced(_) = b.slot(*name)
                && let Some(definition) = b.definition(*name)
                && joins_lists(b, definition)
            {
                return flatten(b, definition);
            }
        }
        ExprKind::Const(_)
        | ExprKind::Member { .. }
        | ExprKind::MapMember { .. }
        | ExprKind::Element { .. }
        | ExprKind::List(_)
        | ExprKind::Coalesce(..)
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
        | ExprKind::Quantifier(_)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::If { .. }
        | ExprKind::Comprehension(_)
        | ExprKind::Pick(..)
        | ExprKind::Count(_)
        | ExprKind::Cast(_)
        | ExprKind::Call(..)
        | ExprKind::Record(_) => {}
    }
    vec![Segment::Expr(Box::new(source.clone()))]
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
        | BaseType::Ip
        | BaseType::Glob
        | BaseType::Regex
        | BaseType::Record(_)
        | BaseType::Any
        | BaseType::Error => BaseType::Any,
    }
}

/// Whether the value may be a list made of nodes elsewhere.
fn may_be_made(b: &Body<'_>, segment: &Segment) -> bool {
    let Segment::Expr(expr) = segment else {
        return true;
    };
    if let ExprKind::Local(name) = &expr.kind {
        return !matches!(b.slot(*name), Slot::Node(_));
    }
    !matches!(
        expr.kind,
        ExprKind::Const(_)
            | ExprKind::Member { .. }
            | ExprKind::MapMember { .. }
            | ExprKind::Param(_)
            | ExprKind::Context(_)
    )
}

/// Goes through lists: `begin` once all are evaluated, `body` for each node (of a list made by the policy also a code),
/// `end` with a local that holds 0 or the reason of the first list that is unknown.
pub(super) fn each_element(
    b: &mut Body<'_>,
    segments: &[Segment],
    begin: impl FnOnce(&mut Body<'_>),
    body: impl FnOnce(&mut Body<'_>, LocalId),
    end: impl FnOnce(&mut Body<'_>, LocalId),
) {
    let made = segments.iter().any(|segment| may_be_made(b, segment));
    let lists = evaluate(b, segments);
    let unknown = b.temp();
    b.int(0);
    b.set(unknown);
    begin(b);
    match lists.as_slice() {
        [] => {}
        [only] => go_through(b, *only, unknown, made, body),
        [first, ..] => {
            let left = b.temp();
            b.word(count(lists.len()));
            b.set(left);
            b.repeat(|b, again| {
                go_through(b, *first, unknown, made, body);
                for pair in lists.windows(2) {
                    if let [to, from] = pair {
                        b.get(*from);
                        b.set(*to);
                    }
                }
                b.get(left);
                b.int(1);
                b.op(BinaryOp::I32Sub);
                b.tee(left);
                b.br_if(again);
            });
            b.release(left);
        }
    }
    end(b, unknown);
    b.release(unknown);
    for list in lists {
        b.release(list);
    }
}

/// Evaluates lists into locals of their own.
pub(super) fn evaluate(b: &mut Body<'_>, segments: &[Segment]) -> Vec<LocalId> {
    segments
        .iter()
        .map(|segment| {
            emit_segment(b, segment);
            let list = b.temp();
            b.set(list);
            list
        })
        .collect()
}

/// Leaves the value of a list.
pub(super) fn emit_segment(b: &mut Body<'_>, segment: &Segment) {
    match segment {
        Segment::Expr(expr) => emit_value(b, expr),
        Segment::Saved(local) => b.get(*local),
        Segment::Objects(query) => {
            b.word(*query);
            b.call("objects_known");
        }
        Segment::Rest(query) => {
            b.word(*query);
            b.call("objects_rest");
        }
    }
}

fn go_through(
    b: &mut Body<'_>,
    list: LocalId,
    unknown: LocalId,
    made: bool,
    body: impl FnOnce(&mut Body<'_>, LocalId),
) {
    let (at, end) = (b.temp(), b.temp());
    let (refs, node) = if made { (b.temp(), b.temp()) } else { (at, at) };
    b.block(|b, skip| {
        b.is_code(list);
        b.when(|b| {
            b.get(unknown);
            b.get(list);
            b.get(unknown);
            b.select();
            b.set(unknown);
            b.br(skip);
        });
        b.get(list);
        b.word(layout::NODE_SIZE);
        b.op(BinaryOp::I32Add);
        b.set(at);
        b.after(list);
        b.set(end);
        if made {
            b.kind(list);
            b.word(layout::KIND_REFS);
            b.op(BinaryOp::I32Eq);
            b.tee(refs);
            b.when(|b| {
                b.get(list);
                b.load(12);
                b.tee(at);
                b.get(list);
                b.load(8);
                b.int(2);
                b.op(BinaryOp::I32Shl);
                b.op(BinaryOp::I32Add);
                b.set(end);
            });
        }
        b.repeat(|b, next| {
            b.get(at);
            b.get(end);
            b.op(BinaryOp::I32GeU);
            b.br_if(skip);
            if made {
                b.get(refs);
                b.choose_value(
                    |b| {
                        b.get(at);
                        b.load(0);
                    },
                    |b| b.get(at),
                );
                b.set(node);
            }
            body(b, node);
            if made {
                b.get(at);
                b.int(4);
                b.op(BinaryOp::I32Add);
                b.after(at);
                b.get(refs);
                b.select();
            } else {
                b.after(at);
            }
            b.set(at);
            b.br(next);
        });
    });
    if made {
        b.release(refs);
        b.release(node);
    }
    b.release(at);
    b.release(end);
}

/// Leaves `done` with the value of the element at `node`, or leaves a code.
pub(super) fn emit_element(b: &mut Body<'_>, node: LocalId, ty: &BaseType, done: InstrSeqId) {
    if b.path == Path::Hot {
        // What was made by the policy may hold codes; they are their own value, and no address.
        b.get(node);
        b.is_code(node);
        b.br_if(done);
        b.drop();
    }
    emit_check(b, node, ty, Role::Element, done);
}

/// A turn of a loop over tuples, or what follows the last turn of one of its sources.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tuple {
    /// All names are bound; the node of the last element.
    Bound(LocalId),
    /// A source was gone through; the local holds 0 or the reason why it is unknown.
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
        |b, node| {
            let mut body = body.borrow_mut();
            let body = &mut **body;
            if at + 1 == generators.len() {
                body(b, Tuple::Bound(node));
            } else {
                each_tuple_from(b, generators, at + 1, conditions, body);
            }
        },
        |b, reason| (body.borrow_mut())(b, Tuple::Unknown { reason }),
    );
}

/// Goes through the elements of the source of a generator among several, with its names bound; see [`each_tuple`].
pub(super) fn each_bound(
    b: &mut Body<'_>,
    (generators, at, conditions): (&[Generator], usize, &[&Expr]),
    body: impl FnOnce(&mut Body<'_>, LocalId),
    end: impl FnOnce(&mut Body<'_>, LocalId),
) {
    use palisade_lang::program::Binding;
    let Some(generator) = generators.get(at) else {
        return;
    };
    let segments = segments_of(b, generators, at, conditions);
    let is_map = matches!(generator.source.ty.base, BaseType::Map(_));
    let ty = element_type(&generator.source);
    let key = generator.key.map(|name| {
        let binding = b
            .policy
            .locals
            .get(name.0 as usize)
            .map(|local| &local.binding);
        (name, binding == Some(&Binding::Index))
    });
    let index = match key {
        Some((_, true)) => Some(b.temp()),
        _ => None,
    };
    let (hot, value) = (b.path == Path::Hot, b.temp());
    each_element(
        b,
        &segments,
        |b| {
            if let Some(index) = index {
                b.int(-1);
                b.set(index);
            }
        },
        |b, node| {
            b.block(|b, next| {
                b.step();
                if is_map {
                    b.kind(node);
                    b.is_zero();
                    b.br_if(next);
                }
                if let Some(index) = index {
                    b.get(index);
                    b.int(1);
                    b.op(BinaryOp::I32Add);
                    b.set(index);
                }
                if hot {
                    b.block_value(|b, done| {
                        if is_map {
                            emit_check(b, node, &ty, Role::Member, done);
                        } else {
                            emit_element(b, node, &ty, done);
                        }
                    });
                    b.set(value);
                }
                b.bind(generator.element, Slot::Element(node, hot.then_some(value)));
                match (key, index) {
                    (Some((name, _)), Some(index)) => {
                        b.bind(name, Slot::Index { index, node });
                    }
                    (Some((name, _)), None) => b.bind(name, Slot::Key(node)),
                    (None, _) => {}
                }
                body(b, node);
            });
        },
        end,
    );
    b.release(value);
    if let Some(index) = index {
        b.release(index);
    }
}
