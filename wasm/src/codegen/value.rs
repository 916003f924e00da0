//! Values: an expression becomes instructions that leave one word, an address or a code.

use palisade_abi::layout;
use palisade_lang::program::{
    BaseType, Const, Expr, ExprKind, ImagePart, LocalId as Name, MessagePart, Presence,
};
use walrus::ir::BinaryOp;

use super::apart::emit_apart;
use super::body::{Body, Path, Root, Slot};
use super::call::emit_call;
use super::comprehension::{emit_comprehension, emit_count, emit_pick};
use super::iterate::{emit_joined, joins_lists};
use super::kinds::{is_condition, is_list, read_name};
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
            emit_typed(b, &expr.ty.base, Role::Element);
        }
        ExprKind::Concat(_) => {
            emit_joined(b, expr);
            b.call("whole");
        }
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
            emit_text(b, parts);
            b.call("text_end");
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
            b.call("objects_known");
            b.call("whole");
        }
        ExprKind::Context(part) => {
            let key = b.shared.pool.symbol(part.key());
            b.word(key);
            b.call("context_part");
        }
        ExprKind::With { locals, body } => {
            bind_lets(b, locals);
            emit_apart(b, &[body], Path::Hot, |b| emit_value(b, body));
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
        let lists = b.temp();
        emit_joined(b, definition);
        b.set(lists);
        return Slot::Lists(lists);
    }
    if let ExprKind::Local(other) = &definition.kind {
        let slot = b.slot(*other);
        if matches!(
            slot,
            Slot::Lists(_) | Slot::Node(_) | Slot::Root(_) | Slot::Value(_) | Slot::Element(..)
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
        emit_typed(b, ty, role);
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
    if let ExprKind::Pick(_, comprehension) = &expr.kind {
        return role_of(b, &comprehension.element);
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

pub(super) fn emit_local(b: &mut Body<'_>, name: Name) {
    match b.slot(name) {
        Slot::Unbound => b.int(0),
        Slot::Traced(trace) => {
            b.get(trace);
            b.load(0);
        }
        Slot::Node(local) | Slot::Value(local) | Slot::Element(_, Some(local)) => b.get(local),
        Slot::Lists(lists) => {
            b.get(lists);
            b.call("whole");
        }
        Slot::Again => {
            if let Some(expr) = b.definition(name) {
                emit_apart(b, &[expr], Path::Cold, |b| emit_value(b, expr));
            }
        }
        slot @ (Slot::Root(_) | Slot::Element(_, None)) => {
            let route = local_route(b, name, &slot);
            b.word(route.unwrap_or(0));
            b.call("value_at");
        }
        Slot::Key(cursor) => {
            b.load_cursor(cursor, NODE);
            b.shared.has_keys = true;
            b.call("key_node");
        }
        Slot::Index(cursor) => {
            b.load_cursor(cursor, INDEX);
            b.call("int_node");
        }
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

/// A member, unless it has been read before.
fn emit_read(b: &mut Body<'_>, expr: &Expr) {
    if b.path == Path::Cold
        && let Some(route) = route_of(b, expr)
    {
        b.word(route);
        return b.call("value_at");
    }
    let name = read_name(b.policy, expr).filter(|name| b.repeated.contains(name));
    if let Some(local) = name.as_ref().and_then(|name| b.known(name)) {
        return b.get(local);
    }
    if let ExprKind::MapMember { base, key } = &expr.kind
        && known_member(expr).is_none()
    {
        emit_value(b, base);
        emit_value(b, key);
        b.call("find_map_member");
        emit_typed(b, &expr.ty.base, Role::Member);
    } else {
        let (base, steps) = steps_of(b, expr);
        emit_value(b, base);
        if let [step] = *steps {
            b.word(step);
            b.call("read");
        } else {
            let path = b.shared.pool.words(&steps);
            b.word(path);
            b.call("read_path");
        }
    }
    if let Some(name) = name {
        b.remember(name);
    }
}

/// Turns the node on the stack, or a code, into a value.
fn emit_typed(b: &mut Body<'_>, ty: &BaseType, role: Role) {
    b.mask(ty);
    b.call(match role {
        Role::Member => "member_value",
        Role::Element => "element_value",
    });
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

/// What a read of members begins with, and the path that leads from there: of each member its mask, marks and symbol, as
/// `wasm/runtime/src/value.rs` has them. It begins with what is read more than once.
fn steps_of<'e>(b: &mut Body<'_>, expr: &'e Expr) -> (&'e Expr, Vec<u32>) {
    let mut steps = Vec::new();
    let mut at = expr;
    while let Some((base, key, presence)) = known_member(at) {
        push_step(b, &mut steps, at, key, presence);
        at = base;
        if read_name(b.policy, at).is_some_and(|name| b.repeated.contains(&name)) {
            break;
        }
    }
    steps.reverse();
    (at, steps)
}

/// Adds a step to a path that is written from its end on.
fn push_step(b: &mut Body<'_>, steps: &mut Vec<u32>, read: &Expr, key: &str, presence: &Presence) {
    const INSTEAD: u32 = 1 << 10;
    let symbol = b.shared.pool.symbol(key);
    let instead = match presence {
        Presence::Optional => 0,
        Presence::Default(constant) => b.shared.pool.constant(constant),
        Presence::Required => layout::UNKNOWN_MISSING,
    };
    let kinds = b.note_type(&read.ty.base);
    b.shared.has_required |= *presence == Presence::Required;
    let mut marks = if instead == 0 { 0 } else { INSTEAD };
    if steps.is_empty() {
        marks |= LAST;
    }
    if instead != 0 {
        steps.push(instead);
    }
    steps.push(kinds | marks | symbol << KEY);
}

/// What a read of members begins with, and the address of the path that leads from there.
pub(super) fn path_of<'e>(b: &mut Body<'_>, expr: &'e Expr) -> (&'e Expr, u32) {
    let (base, steps) = steps_of(b, expr);
    (base, b.shared.pool.words(&steps))
}

/// The last step of a path, or a route without a path.
const LAST: u32 = 1 << 12;
/// Where the key of a step begins, and the base of a route.
const KEY: u32 = 13;
/// Where a cursor has its node and its index.
pub(super) const NODE: u32 = 8;
const INDEX: u32 = 12;

/// The route of a value, by which the runtime finds it and its trace, as `wasm/runtime/src/report.rs` has it: members of
/// the object, the part or an element, by whatever names.
pub(super) fn route_of(b: &mut Body<'_>, expr: &Expr) -> Option<u32> {
    let mut steps = Vec::new();
    let mut at = expr;
    loop {
        if let Some((base, key, presence)) = known_member(at) {
            push_step(b, &mut steps, at, key, presence);
            at = base;
            continue;
        }
        let ExprKind::Local(name) = &at.kind else {
            return None;
        };
        let slot = b.slot(*name);
        if let Slot::Again = slot {
            at = b.definition(*name)?;
            continue;
        }
        let base = base_of(b, *name, &slot)?;
        steps.push(if steps.is_empty() { base | LAST } else { base });
        steps.reverse();
        return Some(b.shared.pool.words(&steps));
    }
}

fn local_route(b: &mut Body<'_>, name: Name, slot: &Slot) -> Option<u32> {
    let base = base_of(b, name, slot)?;
    Some(b.shared.pool.words(&[base | LAST]))
}

/// The route of the object or the part.
pub(super) fn root_route(b: &mut Body<'_>, root: Root) -> u32 {
    b.shared.pool.words(&[root_number(root) << KEY | LAST])
}

fn root_number(root: Root) -> u32 {
    match root {
        Root::Object => 0,
        Root::Part => 1,
    }
}

/// The first word of a route that begins with a name.
fn base_of(b: &mut Body<'_>, name: Name, slot: &Slot) -> Option<u32> {
    if let Slot::Root(root) = slot {
        return Some(root_number(*root) << KEY);
    }
    let Slot::Element(cursor, _) = slot else {
        return None;
    };
    let ty = &b.policy.locals.get(name.0 as usize)?.ty.base;
    Some(b.note_type(ty) | cursor << KEY)
}

/// Writes a text into a buffer, which is left; it remembers the first value that is unknown.
fn emit_text(b: &mut Body<'_>, parts: &[MessagePart]) {
    note_parts(b, parts);
    b.call("text_new");
    for part in parts {
        let (expr, add) = match part {
            MessagePart::Text(text) => {
                let address = b.shared.pool.text(text);
                b.word(address);
                b.call("text_add");
                continue;
            }
            MessagePart::Value(expr) if is_list(expr) => (expr, "text_add_list"),
            MessagePart::Value(expr) => (expr, "text_add_value"),
            MessagePart::Object(expr) => (expr, "text_add_object"),
        };
        emit_value(b, expr);
        b.call(add);
    }
}

/// Notes which functions of the runtime a text needs.
pub(super) fn note_parts(b: &mut Body<'_>, parts: &[MessagePart]) {
    for part in parts {
        match part {
            MessagePart::Text(_) => {}
            MessagePart::Value(expr) => {
                b.shared.has_lists |= matches!(
                    expr.ty.base,
                    BaseType::List(_) | BaseType::Any | BaseType::Error
                );
            }
            MessagePart::Object(_) => b.shared.has_objects = true,
        }
    }
}
