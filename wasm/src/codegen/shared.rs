//! What several policies ask for: lists that depend on the part judged only are made once a part, by a function of their
//! own, and handed to each policy.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

use palisade_lang::program::{Expr, ExprKind, LocalId as Name, Policy, Program};

use super::body::{Body, Path, Root, Shared, Slot, Subject, definition};
use super::iterate::emit_joined;
use super::kinds::{element_sources, list_sources, mask};
use super::pool::count;
use super::value::root_route;

/// Bytes of a loop's cursor (`wasm/runtime/src/cursor.rs`).
pub(super) const CURSOR_SIZE: u32 = 24;

/// Memory before the static data that begins as zeros, so that no module has to hold it.
#[derive(Debug)]
pub(super) struct Room {
    /// The cursors of loops: as many as the policy has loops that has most, so that there is one for each depth.
    pub(super) cursors: u32,
    /// Words for lists that were made.
    pub(super) slots: u32,
    /// The address after them.
    pub(super) end: u32,
}

impl Room {
    /// Room from `base` on for the loops of a program and so many lists.
    pub(super) fn new(base: u32, program: &Program, n_lists: usize) -> Self {
        let constraints = program
            .params
            .iter()
            .filter_map(|param| param.constraint.as_deref());
        let n_cursors = program
            .policies
            .iter()
            .chain(constraints)
            .map(|policy| element_sources(policy).iter().flatten().count())
            .max()
            .unwrap_or(0);
        let slots = base + CURSOR_SIZE * count(n_cursors);
        Self {
            cursors: base,
            slots,
            end: slots + 4 * count(n_lists),
        }
    }
}

/// A list that is worth a function: the policy where it is first, and what it is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'p> {
    policy: &'p Policy,
    source: &'p Expr,
}

/// The lists that policies join more than once from the same parts of what is judged.
pub(super) fn find_lists(program: &Program) -> BTreeMap<String, List<'_>> {
    let mut found: BTreeMap<String, (List<'_>, usize)> = BTreeMap::new();
    for policy in &program.policies {
        for source in list_sources(policy) {
            if let Some(name) = list_name(policy, source) {
                let list = List { policy, source };
                found.entry(name).or_insert((list, 0)).1 += 1;
            }
        }
    }
    found
        .into_iter()
        .filter(|(_, (_, uses))| *uses > 1)
        .map(|(name, (list, _))| (name, list))
        .collect()
}

/// A name for a list joined of what depends on the part judged only; lists with equal names are equal.
pub(super) fn list_name(policy: &Policy, source: &Expr) -> Option<String> {
    let mut name = String::new();
    let joined = write_name(policy, source, &mut name)?;
    joined.then_some(name)
}

/// Adds the name; whether lists are joined in it. Nothing if it depends on more than the part.
fn write_name(policy: &Policy, expr: &Expr, name: &mut String) -> Option<bool> {
    match &expr.kind {
        ExprKind::Local(local) if *local == Name::PART || *local == Name::OBJECT => {
            _ = write!(name, "{}", local.0);
            Some(false)
        }
        ExprKind::Local(local) => write_name(policy, definition(policy, *local)?, name),
        ExprKind::With { body, .. } => write_name(policy, body, name),
        ExprKind::Member {
            base,
            key,
            presence,
        } => {
            let joined = write_name(policy, base, name)?;
            _ = write!(name, ".{key:?} {} {presence:?}", mask(&expr.ty.base));
            Some(joined)
        }
        ExprKind::Concat(operands) => {
            name.push('(');
            for operand in operands {
                write_name(policy, operand, name)?;
                name.push('+');
            }
            name.push(')');
            Some(true)
        }
        ExprKind::Const(_)
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
        | ExprKind::Objects(_)
        | ExprKind::If { .. }
        | ExprKind::Comprehension(_)
        | ExprKind::Pick(..)
        | ExprKind::Count(_)
        | ExprKind::Cast(_)
        | ExprKind::Call(..)
        | ExprKind::Record(_) => None,
    }
}

/// Writes the functions that make the lists; their words begin at `slots`.
pub(super) fn emit_lists(shared: &mut Shared, lists: BTreeMap<String, List<'_>>, slots: u32) {
    let mut written = BTreeMap::new();
    for ((name, list), slot) in lists.into_iter().zip((slots..).step_by(4)) {
        let subject = Subject {
            policy: list.policy,
            generators: Rc::new(element_sources(list.policy)),
        };
        let title = format!("list {}", written.len() + 1);
        let mut b = Body::new(shared, &subject, Path::Hot, 0, 1);
        for place in &mut b.slots {
            *place = Slot::Again;
        }
        let made = b.temp();
        b.int(0);
        b.load(slot);
        b.tee(made);
        b.when(|b| {
            b.get(made);
            b.ret();
        });
        b.call("shared_begin");
        for (root, local) in [(Root::Object, Name::OBJECT), (Root::Part, Name::PART)] {
            b.bind(local, Slot::Root(root));
        }
        let part = b.temp();
        let route = root_route(&mut b, Root::Part);
        b.word(route);
        b.call("value_at");
        b.set(part);
        b.bind(Name::PART, Slot::Node(part));
        emit_joined(&mut b, list.source);
        b.word(slot);
        b.call("shared_end");
        written.insert(name, b.finish(title));
    }
    shared.lists = written;
}
