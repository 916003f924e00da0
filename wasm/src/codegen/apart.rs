//! Parts of expressions that are needed in several places: the condition of a tuple and its explanation, the body of a
//! function of the language, the definition of a `let`. Each becomes a function of its own where it is large enough, and
//! equal functions become one when the module is written.

use std::collections::BTreeSet;

use palisade_lang::program::within::{generators, operands};
use palisade_lang::program::{Expr, ExprKind, LocalId as Name};
use walrus::LocalId;

use super::body::{Body, Path, Slot, definition};
use super::value::emit_local;

/// Expressions with fewer parts are written where they are needed.
const LEAST: usize = 8;

/// Writes what `write` leaves, one word that depends on `exprs` only, where it is, or as a call of a function of its own
/// that is written for `path`.
pub(super) fn emit_apart(
    b: &mut Body<'_>,
    exprs: &[&Expr],
    path: Path,
    write: impl FnOnce(&mut Body<'_>),
) {
    let weight: usize = exprs.iter().map(|expr| weigh(b, expr)).sum();
    if weight < LEAST {
        return write(b);
    }
    let mut names = Names::default();
    for expr in exprs {
        names.expr(b, expr);
    }
    let subject = b.subject.clone();
    let mut slots = b.slots.clone();
    let mut given = Vec::new();
    for &name in &names.free {
        match b.slot(name) {
            Slot::Value(local) | Slot::Traced(local) | Slot::Node(local) | Slot::Lists(local) => {
                b.get(local);
                given.push(name);
            }
            Slot::Element(_, Some(local)) => {
                b.get(local);
                given.push(name);
            }
            // Where conditions are written all alike, the places that explain can call the functions of those that judge.
            Slot::Root(_) | Slot::Element(_, None) if path == Path::Hot => {
                emit_local(b, name);
                given.push(name);
            }
            Slot::Root(_)
            | Slot::Element(_, None)
            | Slot::Again
            | Slot::Unbound
            | Slot::Key(_)
            | Slot::Index(_) => {}
        }
    }
    for slot in &mut slots {
        if holds_local(slot) {
            *slot = Slot::Unbound;
        }
    }
    let title = format!("{}: part", b.policy.name);
    let (path, depth) = (if b.path == Path::Hot { Path::Hot } else { path }, b.depth);
    let mut part = Body::new(b.shared, &subject, path, given.len(), 1);
    part.depth = depth;
    part.slots = slots;
    for (&name, local) in given.iter().zip(part.params()) {
        let slot = moved(&b.slots, name, local);
        part.bind(name, slot);
    }
    write(&mut part);
    let loops = part.loops;
    let function = part.finish(title);
    b.call_id(function);
    if loops {
        b.stop_if_stopped();
    }
}

/// Whether a name is in a local of the function that is written.
fn holds_local(slot: &Slot) -> bool {
    match slot {
        Slot::Value(_)
        | Slot::Traced(_)
        | Slot::Node(_)
        | Slot::Lists(_)
        | Slot::Element(_, Some(_)) => true,
        Slot::Unbound
        | Slot::Root(_)
        | Slot::Again
        | Slot::Element(_, None)
        | Slot::Key(_)
        | Slot::Index(_) => false,
    }
}

/// What a name is where its value was handed over.
fn moved(slots: &[Slot], name: Name, to: LocalId) -> Slot {
    match slots.get(name.0 as usize) {
        Some(Slot::Traced(_)) => Slot::Traced(to),
        Some(Slot::Node(_) | Slot::Root(_)) => Slot::Node(to),
        Some(Slot::Lists(_)) => Slot::Lists(to),
        Some(Slot::Element(cursor, _)) => Slot::Element(*cursor, Some(to)),
        Some(Slot::Unbound | Slot::Value(_) | Slot::Again | Slot::Key(_) | Slot::Index(_))
        | None => Slot::Value(to),
    }
}

/// How many parts an expression has.
fn weigh(b: &Body<'_>, expr: &Expr) -> usize {
    let names = if let ExprKind::With { locals, .. } = &expr.kind {
        locals.as_slice()
    } else {
        &[]
    };
    let definitions = names.iter().filter_map(|&name| b.definition(name));
    1 + operands(expr)
        .into_iter()
        .chain(definitions)
        .map(|part| weigh(b, part))
        .sum::<usize>()
}

/// The names that an expression uses and does not bind, in the order of their first use.
#[derive(Debug, Default)]
struct Names {
    free: Vec<Name>,
    bound: BTreeSet<Name>,
}

impl Names {
    fn expr(&mut self, b: &Body<'_>, expr: &Expr) {
        if let ExprKind::Local(name) = &expr.kind {
            if self.bound.contains(name) || self.free.contains(name) {
                return;
            }
            self.free.push(*name);
            if let (Slot::Again, Some(meaning)) = (b.slot(*name), definition(b.policy, *name)) {
                self.expr(b, meaning);
            }
            return;
        }
        for generator in generators(expr) {
            self.bound.insert(generator.element);
            self.bound.extend(generator.key);
        }
        if let ExprKind::With { locals, .. } = &expr.kind {
            for &name in locals {
                self.bound.insert(name);
                if let Some(meaning) = definition(b.policy, name) {
                    self.expr(b, meaning);
                }
            }
        }
        for operand in operands(expr) {
            self.expr(b, operand);
        }
    }
}
