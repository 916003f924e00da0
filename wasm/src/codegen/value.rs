//! Values: an expression becomes instructions that leave one word, an address or a code.

use palisade_abi::layout;
use palisade_lang::program::{
    BaseType, Const, ContextPart, Expr, ExprKind, ImagePart, LocalId as Name, MessagePart, Presence,
};
use walrus::LocalId;
use walrus::ir::{BinaryOp, InstrSeqId};

use super::body::{Body, Path, Slot};
use super::call::emit_call;
use super::comprehension::{emit_comprehension, emit_count, emit_pick};
use super::iterate::{evaluate, flatten, joins_lists};
use super::kinds::{expected, is_condition, is_list, mask, read_name};
use super::pool::count;

/// Which finding an odd value makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Found under its key.
    Member,
    /// An element of a list.
    Element,
}

/// Leaves the value of `expr`.
pub(super) fn emit_value(b: &mut Body<'_>, expr: &Expr) {
    if is_condition(expr) {
        return emit_truth_value(b, expr);
    }
    match &expr.kind {
        ExprKind::Const(constant) => {
            let address = b.shared.pool.constant(constant);
            b.word(address);
        }
        ExprKind::Local(name) => emit_local(b, *name),
        ExprKind::Member { .. } | ExprKind::MapMember { .. } => emit_read(b, expr),
        ExprKind::Element { base, index } => {
            emit_value(b, base);
            emit_value(b, index);
            b.call("find_element");
            emit_found(b, &expr.ty.base, Role::Element);
        }
        ExprKind::Concat(operands) => emit_concat(b, operands),
        ExprKind::List(items) => emit_list(b, items),
        ExprKind::Coalesce(left, right) => {
            let value = b.temp();
            b.block_value(|b, done| {
                emit_value(b, left);
                b.tee(value);
                b.get(value);
                b.br_if(done);
                b.drop();
                emit_value(b, right);
            });
            b.release(value);
        }
        ExprKind::Interpolate(parts) => {
            let unknown = b.temp();
            b.int(0);
            b.set(unknown);
            let buffer = emit_text(b, parts, Some(unknown));
            b.get(unknown);
            b.get(buffer);
            b.call("text_end");
            b.get(unknown);
            b.select();
            b.release(unknown);
            b.release(buffer);
        }
        ExprKind::ImagePart(part, text) => {
            emit_value(b, text);
            b.call(match part {
                ImagePart::Registry => "image_registry",
                ImagePart::Repository => "image_repository",
                ImagePart::Tag => "image_tag",
                ImagePart::Digest => "image_digest",
            });
        }
        ExprKind::ContainerRole(container) => {
            emit_value(b, container);
            b.call("container_role");
        }
        ExprKind::Truth(inner) => emit_value(b, inner),
        ExprKind::Param(param) => b.param(*param),
        ExprKind::Objects(target) => {
            let query = b.shared.queries.number(target);
            b.word(query);
            b.call("objects_all");
        }
        ExprKind::Context(part) => {
            let key = b.shared.pool.symbol(match part {
                ContextPart::Request => "request",
                ContextPart::Old => "old",
            });
            b.word(key);
            b.call("context_part");
        }
        ExprKind::With { locals, body } => {
            bind_lets(b, locals);
            emit_value(b, body);
            forget_lets(b, locals);
        }
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => emit_choice(b, condition, |b, taken| {
            emit_value(b, if taken { then } else { otherwise });
        }),
        ExprKind::Call(function, arguments) => emit_call(b, *function, arguments),
        ExprKind::Comprehension(comprehension) => emit_comprehension(b, comprehension),
        ExprKind::Pick(pick, comprehension) => emit_pick(b, *pick, comprehension),
        ExprKind::Count(comprehension) => emit_count(b, comprehension),
        ExprKind::Cast(inner) => emit_cast(b, inner, &expr.ty.base),
        // Records are written as JSON, by `fix`.
        ExprKind::Record(_) => b.int(0),
        ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::Compare { .. }
        | ExprKind::In { .. }
        | ExprKind::IsSet(_)
        | ExprKind::IsEmpty(_)
        | ExprKind::IsKnown(_)
        | ExprKind::Quantifier(_) => emit_truth_value(b, expr),
    }
}

/// Leaves what one of two branches gives, or the reason why the condition is unknown.
pub(super) fn emit_choice(
    b: &mut Body<'_>,
    condition: &Expr,
    branch: impl Fn(&mut Body<'_>, bool),
) {
    use super::condition::{emit_condition, is_certain};
    if is_certain(condition) {
        emit_condition(b, condition);
        return b.choose_value(|b| branch(b, true), |b| branch(b, false));
    }
    let status = b.temp();
    b.block_value(|b, done| {
        emit_condition(b, condition);
        b.tee(status);
        b.get(status);
        b.int(1);
        b.op(BinaryOp::I32GtU);
        b.br_if(done);
        b.choose_value(|b| branch(b, true), |b| branch(b, false));
    });
    b.release(status);
}

/// Evaluates the names of a `With`.
pub(super) fn bind_lets(b: &mut Body<'_>, names: &[Name]) {
    for &name in names {
        bind_let(b, name);
    }
}

/// Ends the scope of the names of a `With`.
pub(super) fn forget_lets(b: &mut Body<'_>, names: &[Name]) {
    for &name in names {
        b.forget(name);
    }
}

/// Evaluates a `let`.
pub(super) fn bind_let(b: &mut Body<'_>, name: Name) {
    if let Some(definition) = b.definition(name) {
        let slot = let_slot(b, definition);
        b.bind(name, slot);
    }
}

fn let_slot(b: &mut Body<'_>, definition: &Expr) -> Slot {
    if let ExprKind::With { locals, body } = &definition.kind {
        bind_lets(b, locals);
        let slot = let_slot(b, body);
        forget_lets(b, locals);
        return slot;
    }
    if matches!(definition.kind, ExprKind::Objects(_)) {
        return Slot::Again;
    }
    if matches!(definition.kind, ExprKind::Concat(_)) {
        let segments = flatten(b, definition);
        return Slot::Lists(evaluate(b, &segments));
    }
    if let ExprKind::Local(other) = &definition.kind {
        let slot = b.slot(*other);
        if matches!(
            slot,
            Slot::Lists(_) | Slot::Node(_) | Slot::Value(_) | Slot::Element(..)
        ) {
            return slot;
        }
        if joins_lists(b, definition) {
            return Slot::Again;
        }
    }
    let value = b.temp();
    emit_value(b, definition);
    b.set(value);
    Slot::Value(value)
}

fn emit_cast(b: &mut Body<'_>, inner: &Expr, ty: &BaseType) {
    emit_value(b, inner);
    if matches!(
        ty,
        BaseType::Record(_) | BaseType::List(_) | BaseType::Map(_)
    ) {
        let role = role_of(b, inner);
        emit_found(b, ty, role);
    } else {
        b.mask(ty);
        b.call("cast");
    }
}

/// How a value that is read by `expr` is found in the document.
fn role_of(b: &Body<'_>, expr: &Expr) -> Role {
    if let ExprKind::Element { .. } = &expr.kind {
        return Role::Element;
    }
    if let ExprKind::Local(name) = &expr.kind {
        if let Some(generator) = b.generator(*name) {
            return if matches!(generator.source.ty.base, BaseType::Map(_)) {
                Role::Member
            } else {
                Role::Element
            };
        }
        if let Some(definition) = b.definition(*name) {
            return role_of(b, definition);
        }
    }
    Role::Member
}

/// A condition as a bool value: false and true are constants that follow each other.
fn emit_truth_value(b: &mut Body<'_>, expr: &Expr) {
    let bools = b.shared.pool.bools();
    let value = b.temp();
    b.block_value(|b, done| {
        super::condition::emit_condition(b, expr);
        b.tee(value);
        b.get(value);
        b.int(1);
        b.op(BinaryOp::I32GtU);
        b.br_if(done);
        b.int(4);
        b.op(BinaryOp::I32Shl);
        b.word(bools);
        b.op(BinaryOp::I32Add);
    });
    b.release(value);
}

fn emit_local(b: &mut Body<'_>, name: Name) {
    match b.slot(name) {
        Slot::Unbound => b.int(0),
        Slot::Traced(trace) => {
            b.get(trace);
            b.load(0);
        }
        Slot::Node(local) | Slot::Value(local) | Slot::Element(_, Some(local)) => b.get(local),
        Slot::Lists(lists) => emit_joined(b, &lists),
        Slot::Again => {
            if let Some(expr) = b.definition(name) {
                emit_value(b, expr);
            }
        }
        Slot::Element(node, None) => {
            let local = b.policy.locals.get(name.0 as usize);
            let ty = local.map_or(BaseType::Any, |local| local.ty.base.clone());
            b.get(node);
            b.mask(&ty);
            b.call("checked_element");
        }
        Slot::Key(node) => {
            b.get(node);
            b.shared.has_keys = true;
            b.call("key_node");
        }
        Slot::Index { index, .. } => {
            b.get(index);
            b.call("int_node");
        }
    }
}

/// Leaves the lists in locals joined.
fn emit_joined(b: &mut Body<'_>, lists: &[LocalId]) {
    b.int(0);
    for &list in lists {
        b.get(list);
        b.call("concat");
    }
}

fn emit_concat(b: &mut Body<'_>, operands: &[Expr]) {
    b.int(0);
    for operand in operands {
        emit_value(b, operand);
        b.call("concat");
    }
}

fn emit_list(b: &mut Body<'_>, items: &[Expr]) {
    let list = b.temp();
    b.word(count(items.len()));
    b.call("refs_new");
    b.set(list);
    for (nth, item) in items.iter().enumerate() {
        b.get(list);
        emit_value(b, item);
        b.store(16 + 4 * count(nth));
    }
    b.get(list);
    b.release(list);
}

/// Whether the value of `expr` is certainly a map.
fn is_certain_map(b: &Body<'_>, expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Local(name) if matches!(b.slot(*name), Slot::Node(_)))
}

/// A member, unless it has been read before.
fn emit_read(b: &mut Body<'_>, expr: &Expr) {
    if b.path == Path::Cold && known_member(expr).is_some() {
        let (base, path) = path_of(b, expr);
        emit_value(b, base);
        b.word(path);
        return b.call("read_path");
    }
    let name = read_name(b.policy, expr).filter(|name| b.repeated.contains(name));
    if let Some(local) = name.as_ref().and_then(|name| b.known(name)) {
        return b.get(local);
    }
    if let ExprKind::Member {
        base,
        key,
        presence,
    } = &expr.kind
    {
        let key = b.shared.pool.symbol(key);
        emit_member(b, base, key, presence, &expr.ty.base);
    } else if let ExprKind::MapMember { base, key } = &expr.kind {
        emit_map_member(b, base, key, &expr.ty.base);
    }
    if let Some(name) = name {
        b.remember(name);
    }
}

fn emit_map_member(b: &mut Body<'_>, base: &Expr, key: &Expr, ty: &BaseType) {
    if let ExprKind::Const(Const::String(text)) = &key.kind {
        let symbol = b.shared.pool.symbol(text);
        return emit_member(b, base, symbol, &Presence::Optional, ty);
    }
    emit_value(b, base);
    emit_value(b, key);
    b.call("find_map_member");
    emit_found(b, ty, Role::Member);
}

/// Turns the node on the stack, or a code, into a value.
fn emit_found(b: &mut Body<'_>, ty: &BaseType, role: Role) {
    let node = b.temp();
    b.set(node);
    b.block_value(|b, done| {
        b.get(node);
        b.is_code(node);
        b.br_if(done);
        b.drop();
        emit_check(b, node, ty, role, done);
    });
    b.release(node);
}

/// Leaves `done` with the value of the present node in `node`; else a code is left on the stack.
pub(super) fn emit_check(
    b: &mut Body<'_>,
    node: LocalId,
    ty: &BaseType,
    role: Role,
    done: InstrSeqId,
) {
    if b.path == Path::Cold {
        b.get(node);
        b.mask(ty);
        b.call(if role == Role::Element {
            "checked_element"
        } else {
            "checked"
        });
        b.br(done);
        return;
    }
    let text = expected(ty).map_or(0, |text| b.shared.pool.text(text));
    if *ty == BaseType::Quantity {
        b.shared.has_quantities = true;
        b.get(node);
        b.word(text);
        b.call(if role == Role::Element {
            "quantity_element"
        } else {
            "quantity_member"
        });
        return;
    }
    b.get(node);
    emit_is_kind(b, node, mask(ty), role);
    b.br_if(done);
    b.word(text);
    b.call(if role == Role::Element {
        "odd_element"
    } else {
        "odd_member"
    });
}

/// Whether the node in `node` has a kind of `mask`.
fn emit_is_kind(b: &mut Body<'_>, node: LocalId, mask: u32, role: Role) {
    const CONTAINERS: u32 = 1 << layout::KIND_LIST | 1 << layout::KIND_MAP | 1 << layout::KIND_REFS;
    if mask.count_ones() == 1 && mask & CONTAINERS == 0 {
        // The extent of a scalar is its own node.
        b.get(node);
        b.load(0);
        b.word(layout::NODE_SIZE | mask.trailing_zeros());
        b.op(BinaryOp::I32Eq);
    } else if mask.count_ones() == 1 {
        b.kind(node);
        b.word(mask.trailing_zeros());
        b.op(BinaryOp::I32Eq);
    } else if mask == 1 << layout::KIND_LIST | 1 << layout::KIND_REFS && role == Role::Member {
        // Of a map only one of them can come.
        b.kind(node);
        b.word(layout::KIND_LIST);
        b.op(BinaryOp::I32Eq);
    } else {
        b.word(mask);
        b.get(node);
        b.load(0);
        b.word(layout::KIND_MASK);
        b.op(BinaryOp::I32And);
        b.op(BinaryOp::I32ShrU);
        b.int(1);
        b.op(BinaryOp::I32And);
    }
}

/// A read of a member with a constant key.
fn emit_member(b: &mut Body<'_>, base: &Expr, key: u32, presence: &Presence, ty: &BaseType) {
    let certain = is_certain_map(b, base);
    let held = held_value(b, base);
    let map = held.unwrap_or_else(|| b.temp());
    if held.is_none() {
        // Outside of the block, so that what is read here is known after it.
        emit_value(b, base);
        b.set(map);
    }
    let node = b.temp();
    b.block_value(|b, done| {
        if !certain {
            b.get(map);
            b.is_code(map);
            b.br_if(done);
            b.drop();
        }
        b.block(|b, absent| {
            if base.ty.base == BaseType::Any {
                b.kind(map);
                b.word(layout::KIND_MAP);
                b.op(BinaryOp::I32Ne);
                b.br_if(absent);
            }
            emit_find(b, map, key, node, absent);
            emit_check(b, node, ty, Role::Member, done);
            if *presence != Presence::Optional {
                b.tee(node);
                b.get(node);
                b.br_if(done);
                b.drop();
            } else {
                b.br(done);
            }
        });
        match presence {
            Presence::Optional => b.int(0),
            Presence::Default(constant) => {
                let address = b.shared.pool.constant(constant);
                b.word(address);
            }
            Presence::Required => {
                b.get(map);
                b.word(key);
                b.call("required_missing");
            }
        }
    });
    if held.is_none() {
        b.release(map);
    }
    b.release(node);
}

/// The local that holds the value of `expr` already.
fn held_value(b: &Body<'_>, expr: &Expr) -> Option<LocalId> {
    if let ExprKind::Local(name) = &expr.kind {
        return match b.slot(*name) {
            Slot::Node(local) | Slot::Value(local) | Slot::Element(_, Some(local)) => Some(local),
            Slot::Element(_, None)
            | Slot::Unbound
            | Slot::Lists(_)
            | Slot::Again
            | Slot::Traced(_)
            | Slot::Key(_)
            | Slot::Index { .. } => None,
        };
    }
    let name = read_name(b.policy, expr).filter(|name| b.repeated.contains(name))?;
    b.known(&name)
}

/// Finds the member of the map in `map`; leaves by `absent` if there is none.
fn emit_find(b: &mut Body<'_>, map: LocalId, key: u32, node: LocalId, absent: InstrSeqId) {
    let end = b.temp();
    b.after(map);
    b.set(end);
    b.get(map);
    b.word(layout::NODE_SIZE);
    b.op(BinaryOp::I32Add);
    b.set(node);
    b.block(|b, found| {
        b.repeat(|b, next| {
            b.get(node);
            b.get(end);
            b.op(BinaryOp::I32GeU);
            b.br_if(absent);
            b.get(node);
            b.load(4);
            b.word(key);
            b.op(BinaryOp::I32Eq);
            b.br_if(found);
            b.after(node);
            b.set(node);
            b.br(next);
        });
    });
    b.release(end);
}

/// A read of a member whose key is known: base, key, and what its absence means.
fn known_member(expr: &Expr) -> Option<(&Expr, &str, &Presence)> {
    if let ExprKind::Member {
        base,
        key,
        presence,
    } = &expr.kind
    {
        Some((base, key, presence))
    } else if let ExprKind::MapMember { base, key } = &expr.kind
        && let ExprKind::Const(Const::String(key)) = &key.kind
    {
        Some((base, key, &Presence::Optional))
    } else {
        None
    }
}

/// What a read of members begins with, and the address of the path that leads from there: of each member its mask, marks
/// and symbol, as `wasm/runtime/src/value.rs` has them.
pub(super) fn path_of<'e>(b: &mut Body<'_>, expr: &'e Expr) -> (&'e Expr, u32) {
    const INSTEAD: u32 = 1 << 10;
    const LAST: u32 = 1 << 12;
    const KEY: u32 = 13;
    let mut steps = Vec::new();
    let mut at = expr;
    while let Some((base, key, presence)) = known_member(at) {
        let symbol = b.shared.pool.symbol(key);
        let instead = match presence {
            Presence::Optional => 0,
            Presence::Default(constant) => b.shared.pool.constant(constant),
            Presence::Required => layout::UNKNOWN_MISSING,
        };
        b.shared.has_quantities |= at.ty.base == BaseType::Quantity;
        // From the last member to the first.
        if instead != 0 {
            steps.push(instead);
        }
        let mut marks = if instead == 0 { 0 } else { INSTEAD };
        if std::ptr::eq(at, expr) {
            marks |= LAST;
        }
        steps.push(mask(&at.ty.base) | marks | symbol << KEY);
        at = base;
    }
    steps.reverse();
    (at, b.shared.pool.words(&steps))
}

/// Writes a text into a buffer, which is left in the local returned. The reason of the first value that is unknown is
/// put into `unknown`, if given, which is 0 before.
pub(super) fn emit_text(
    b: &mut Body<'_>,
    parts: &[MessagePart],
    unknown: Option<LocalId>,
) -> LocalId {
    let buffer = b.temp();
    b.call("text_new");
    b.set(buffer);
    for part in parts {
        let (expr, add) = match part {
            MessagePart::Text(text) => {
                let address = b.shared.pool.text(text);
                b.get(buffer);
                b.word(address);
                b.call("text_add");
                continue;
            }
            MessagePart::Value(expr) if is_list(expr) => (expr, "text_add_list"),
            MessagePart::Value(expr) => (expr, "text_add_value"),
            MessagePart::Object(expr) => (expr, "text_add_object"),
        };
        let value = b.temp();
        if let Some(unknown) = unknown {
            emit_value(b, expr);
            b.set(value);
            b.get(unknown);
            b.get(value);
            b.int(0);
            b.is_unknown(value);
            b.select();
            b.get(unknown);
            b.select();
            b.set(unknown);
            b.get(buffer);
            b.get(value);
        } else {
            b.get(buffer);
            emit_value(b, expr);
        }
        b.call(add);
        b.release(value);
    }
    buffer
}
