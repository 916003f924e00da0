//! What joins the objects of a query to the rest: by which values of theirs they are looked for.
//!
//! A *join* of a generator over `objects(…)` or a table is a term `a == b`, or `a in b`, of what must hold of its tuples,
//! where one side is made of the element alone and the other needs neither it nor a name that is bound after it.
//! `docs/meaning.md` says what joins mean; where objects are found by an index, it is by them.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question is about a few forms among many"
)]

use super::within::{generators, operands};
use super::{
    Binding, Builtin, CompareOp, Const, Domain, Expr, ExprKind, Generator, Local, LocalId, Target,
};

/// A value of the element, and what it must equal.
#[derive(Debug, Clone, Copy)]
pub struct Join<'e> {
    /// Made of the element alone.
    pub key: &'e Expr,
    /// What it must equal; free of the element.
    pub sought: &'e Expr,
    /// What is sought is a list, of which the key must equal an element. One join of a generator at most, the last.
    pub is_among: bool,
}

/// What elements are found in.
#[derive(Debug, Clone, Copy)]
pub enum Source<'e> {
    /// `objects(…)`
    Objects(&'e Target),
    /// The rows of a table.
    Table(&'e Const),
}

/// Deepest nesting of names that stand for names.
const MAX_LEVELS: u32 = 64;

/// The joins of a generator over `objects(…)` or tables among several, in the order of `conditions`, all of which must hold
/// of a tuple that counts, but for the one `in`, which comes last. None of any other generator.
#[must_use]
pub fn joins<'e>(
    locals: &'e [Local],
    generators: &[Generator],
    at: usize,
    conditions: &[&'e Expr],
) -> Vec<Join<'e>> {
    let mut found = Vec::new();
    let mut among = None;
    let Some((generator, after)) = generators.get(at..).and_then(<[Generator]>::split_first) else {
        return found;
    };
    // An index counts the objects that joins leave out as well.
    if generator.key.is_some() || sources(locals, &generator.source).is_empty() {
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
    let is_key = |side: &Expr| {
        let needs = Needs::of(locals, side);
        needs.names == [generator.element] && !needs.other && !needs.walks
    };
    let is_free = |side: &Expr| {
        let needs = Needs::of(locals, side);
        !needs.names.iter().any(|name| late.contains(name))
    };
    for term in terms {
        let join = |key, sought, is_among| Join {
            key,
            sought,
            is_among,
        };
        match &term.kind {
            ExprKind::Compare {
                op: CompareOp::Equal,
                domain: Domain::String | Domain::Int | Domain::Bool,
                left,
                right,
            } => {
                let sides = [(left, right), (right, left)];
                let mut sides = sides.into_iter();
                let side = sides.find(|(key, sought)| is_key(key) && is_free(sought));
                found.extend(side.map(|(key, sought)| join(key, sought, false)));
            }
            ExprKind::In {
                domain: Domain::String | Domain::Int | Domain::Bool,
                needle,
                list,
            } if among.is_none() && is_key(needle) && is_free(list) => {
                among = Some(join(needle, list, true));
            }
            _ => {}
        }
    }
    found.extend(among);
    found
}

/// The names that an expression needs, but for those that it binds itself.
#[must_use]
pub fn names_of(locals: &[Local], expr: &Expr) -> Vec<LocalId> {
    Needs::of(locals, expr).names
}

/// What a list is joined of, by whatever names, if it is of `objects(…)` and tables alone; else nothing.
#[must_use]
pub fn sources<'e>(locals: &'e [Local], list: &'e Expr) -> Vec<Source<'e>> {
    let mut all = Vec::new();
    if add_sources(locals, list, MAX_LEVELS, &mut all) {
        all
    } else {
        Vec::new()
    }
}

fn add_sources<'e>(
    locals: &'e [Local],
    list: &'e Expr,
    levels: u32,
    all: &mut Vec<Source<'e>>,
) -> bool {
    let Some(levels) = levels.checked_sub(1) else {
        return false;
    };
    match &list.kind {
        ExprKind::Objects(target) => all.push(Source::Objects(target)),
        ExprKind::Const(table @ Const::List(rows)) => {
            let is_row = |row: &Const| matches!(row, Const::Map(_));
            if rows.is_empty() || !rows.iter().all(is_row) {
                return false;
            }
            all.push(Source::Table(table));
        }
        ExprKind::Concat(lists) => {
            let mut lists = lists.iter();
            return lists.all(|list| add_sources(locals, list, levels, all));
        }
        ExprKind::Local(name) => {
            return match locals.get(name.0 as usize).map(|local| &local.binding) {
                Some(Binding::Let(definition)) => add_sources(locals, definition, levels, all),
                Some(_) | None => false,
            };
        }
        _ => return false,
    }
    true
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
            ExprKind::Local(name) => self.name(locals, *name, levels),
            // They are evaluated, used or not.
            ExprKind::With { locals: names, .. } => {
                for name in names {
                    self.name(locals, *name, levels);
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

    fn name(&mut self, locals: &[Local], name: LocalId, levels: u32) {
        match locals.get(name.0 as usize).map(|local| &local.binding) {
            Some(Binding::Let(definition)) => match levels.checked_sub(1) {
                Some(levels) => self.expr(locals, definition, levels),
                None => self.other = true,
            },
            Some(_) | None if self.names.contains(&name) => {}
            Some(_) | None => self.names.push(name),
        }
    }
}
