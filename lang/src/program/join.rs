//! What joins the objects of a query to the rest: by which values of theirs they are looked for.
//!
//! A *join* of a generator over `objects(…)` is a term `a == b` of what must hold of its tuples, where one side is made of
//! the element alone and the other needs neither it nor a name that is bound after it. `docs/meaning.md` says what joins
//! mean; where objects are found by an index, it is by them.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question is about a few forms among many"
)]

use super::within::{generators, operands};
use super::{Binding, Builtin, CompareOp, Domain, Expr, ExprKind, Generator, Local, LocalId};

/// A value of the element, and what it must equal.
#[derive(Debug, Clone, Copy)]
pub struct Join<'e> {
    /// Made of the element alone.
    pub key: &'e Expr,
    /// What it must equal; free of the element.
    pub sought: &'e Expr,
}

/// Deepest nesting of names that stand for names.
const MAX_LEVELS: u32 = 64;

/// The joins of a generator over `objects(…)` among several, in the order of `conditions`, all of which must hold of a
/// tuple that counts. None of any other generator.
#[must_use]
pub fn joins<'e>(
    locals: &'e [Local],
    generators: &[Generator],
    at: usize,
    conditions: &[&'e Expr],
) -> Vec<Join<'e>> {
    let mut found = Vec::new();
    let Some((generator, after)) = generators.get(at..).and_then(<[Generator]>::split_first) else {
        return found;
    };
    // An index counts the objects that joins leave out as well.
    if generator.key.is_some() || !is_query(locals, &generator.source) {
        return found;
    }
    let mut late: Vec<LocalId> = vec![generator.element];
    for other in after {
        late.push(other.element);
        late.extend(other.key);
    }
    let mut terms = Vec::new();
    for condition in conditions {
        add_terms(condition, &mut terms);
    }
    for term in terms {
        let ExprKind::Compare {
            op: CompareOp::Equal,
            domain: Domain::String | Domain::Int | Domain::Bool,
            left,
            right,
        } = &term.kind
        else {
            continue;
        };
        for (key, sought) in [(left, right), (right, left)] {
            let of_key = Needs::of(locals, key);
            let of_sought = Needs::of(locals, sought);
            let is_key = of_key.names == [generator.element] && !of_key.other && !of_key.walks;
            let is_free = !of_sought.names.iter().any(|name| late.contains(name));
            if is_key && is_free {
                found.push(Join { key, sought });
                break;
            }
        }
    }
    found
}

/// Whether a list is `objects(…)`, by whatever names.
#[must_use]
pub fn is_query(locals: &[Local], source: &Expr) -> bool {
    query(locals, source).is_some()
}

/// The `objects(…)` that a list is, by whatever names.
#[must_use]
pub fn query<'e>(locals: &'e [Local], source: &'e Expr) -> Option<&'e super::Target> {
    let mut source = source;
    for _ in 0..MAX_LEVELS {
        match &source.kind {
            ExprKind::Objects(target) => return Some(target),
            ExprKind::Local(name) => {
                match locals.get(name.0 as usize).map(|local| &local.binding) {
                    Some(Binding::Let(definition)) => source = definition,
                    Some(_) | None => return None,
                }
            }
            _ => return None,
        }
    }
    None
}

/// The operands of an `and`, and of those within it.
fn add_terms<'e>(condition: &'e Expr, terms: &mut Vec<&'e Expr>) {
    match &condition.kind {
        ExprKind::And(operands) => {
            for operand in operands {
                add_terms(operand, terms);
            }
        }
        ExprKind::Truth(inner) => add_terms(inner, terms),
        _ => terms.push(condition),
    }
}

/// The names that an expression needs, those that it binds itself left out.
#[derive(Debug, Default)]
struct Needs {
    /// Each once.
    names: Vec<LocalId>,
    /// It needs what the host says, or other objects.
    other: bool,
    /// It goes through a list, which takes steps.
    walks: bool,
    bound: Vec<LocalId>,
}

impl Needs {
    fn of(locals: &[Local], expr: &Expr) -> Self {
        let mut needs = Self::default();
        needs.expr(locals, expr, MAX_LEVELS);
        let bound = std::mem::take(&mut needs.bound);
        needs.names.retain(|name| !bound.contains(name));
        needs
    }

    fn expr(&mut self, locals: &[Local], expr: &Expr, levels: u32) {
        match &expr.kind {
            ExprKind::Context(_) | ExprKind::Objects(_) => self.other = true,
            // What is read of a text is kept for one evaluation only.
            ExprKind::Call(Builtin::ParseJson | Builtin::ParseYaml, _) => self.other = true,
            ExprKind::Quantifier(_)
            | ExprKind::Comprehension(_)
            | ExprKind::Pick(..)
            | ExprKind::Count(_)
            | ExprKind::In { .. } => self.walks = true,
            ExprKind::Local(name) => {
                match locals.get(name.0 as usize).map(|local| &local.binding) {
                    Some(Binding::Let(definition)) => match levels.checked_sub(1) {
                        Some(levels) => self.expr(locals, definition, levels),
                        None => self.other = true,
                    },
                    Some(_) | None if self.names.contains(name) => {}
                    Some(_) | None => self.names.push(*name),
                }
            }
            _ => {}
        }
        for generator in generators(expr) {
            self.bound.push(generator.element);
            self.bound.extend(generator.key);
        }
        for part in operands(expr) {
            self.expr(locals, part, levels);
        }
    }
}
