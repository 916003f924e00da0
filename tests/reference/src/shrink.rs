//! Makes a failing case small.
//!
//! Every step keeps the program well typed, so that what remains is a case that the compiler could have been given.

use palisade_lang::program::{Body, Const, Expr, ExprKind, LocalId, Program, Stmt};

use crate::document::Document;
use crate::generate::program::always;
use crate::rewrite;

/// A program and a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The program.
    pub program: Program,
    /// What it is configured with.
    pub settings: Document,
    /// What it judges.
    pub document: Document,
}

/// A small case that still fails, reached by removing parts while `fails` says yes; at most `attempts` are tried.
pub fn shrink(mut case: Case, attempts: usize, fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    let mut left = attempts;
    loop {
        let mut is_smaller = false;
        for kind in STEPS {
            let mut site = 0;
            while left > 0 {
                let mut smaller = case.clone();
                match kind(&mut smaller, site) {
                    Step::NoSuchSite => break,
                    Step::NoChange => site += 1,
                    Step::Changed => {
                        left -= 1;
                        if fails(&smaller) {
                            case = smaller;
                            is_smaller = true;
                        } else {
                            site += 1;
                        }
                    }
                }
            }
        }
        if !is_smaller || left == 0 {
            return case;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    NoSuchSite,
    NoChange,
    Changed,
}

/// Tries a change at a site; sites are numbered from 0.
type Try = fn(&mut Case, usize) -> Step;

const STEPS: [Try; 12] = [
    remove_policy,
    remove_setting,
    clear_unused,
    remove_value,
    remove_stmt,
    unwrap_stmt,
    remove_check_details,
    replace_condition,
    narrow_expr,
    remove_part,
    simplify_value,
    remove_policy_guard,
];

/// Leaves of a policy only its name: parameters and views refer to policies by number.
fn remove_policy(case: &mut Case, site: usize) -> Step {
    let Some(policy) = case.program.policies.get_mut(site) else {
        return Step::NoSuchSite;
    };
    let is_empty = |body: &Body| body.guard.is_none() && body.block.stmts.is_empty();
    if policy.bodies.iter().all(is_empty) {
        return Step::NoChange;
    }
    for body in &mut policy.bodies {
        body.guard = None;
        body.block.stmts.clear();
    }
    Step::Changed
}

/// Removes a member of the settings, or of a section of them.
fn remove_setting(case: &mut Case, site: usize) -> Step {
    remove_from(&mut case.settings, site)
}

fn remove_policy_guard(case: &mut Case, site: usize) -> Step {
    match case.program.policies.get_mut(site) {
        None => Step::NoSuchSite,
        Some(policy) => {
            let mut result = Step::NoChange;
            for body in &mut policy.bodies {
                if body.guard.take().is_some() {
                    result = Step::Changed;
                }
            }
            result
        }
    }
}

/// Empties the checks of a policy that no statement runs any more.
fn clear_unused(case: &mut Case, site: usize) -> Step {
    let Some(policy) = case.program.policies.get_mut(site) else {
        return Step::NoSuchSite;
    };
    let mut used = Vec::new();
    for body in &mut policy.bodies {
        rewrite::block(&mut body.block, &mut |block| {
            used.extend(block.stmts.iter().filter_map(|stmt| match stmt {
                Stmt::Check(id) => Some(id.0 as usize),
                Stmt::Let(_) | Stmt::For(_) | Stmt::When { .. } => None,
            }));
        });
    }
    let empty = crate::build::check(false, always(true), "");
    let mut result = Step::NoChange;
    for (idx, check) in policy.checks.iter_mut().enumerate() {
        if !used.contains(&idx) && *check != empty {
            *check = empty.clone();
            result = Step::Changed;
        }
    }
    result
}

/// Removes a member or element of the document.
fn remove_value(case: &mut Case, site: usize) -> Step {
    remove_from(&mut case.document, site)
}

fn remove_from(document: &mut Document, site: usize) -> Step {
    let mut number = 0;
    let mut result = Step::NoSuchSite;
    rewrite::values(document, &mut |value| {
        let n_children = match value {
            Document::List(items) => items.len(),
            Document::Map(members) => members.len(),
            _ => 0,
        };
        if result == Step::NoSuchSite && site < number + n_children {
            match value {
                Document::List(items) => {
                    items.remove(site - number);
                }
                Document::Map(members) => {
                    members.remove(site - number);
                }
                _ => {}
            }
            result = Step::Changed;
        }
        number += n_children;
    });
    result
}

/// Makes a scalar shorter.
fn simplify_value(case: &mut Case, site: usize) -> Step {
    let mut number = 0;
    let mut result = Step::NoSuchSite;
    rewrite::values(&mut case.document, &mut |value| {
        if number == site {
            let plain = match value {
                Document::String(text) if text.len() > 1 => Document::String("a".to_owned()),
                Document::Number(text) if text.len() > 1 => Document::Number("1".to_owned()),
                Document::Template(text) if text.len() > 1 => Document::Template("t".to_owned()),
                _ => value.clone(),
            };
            result = if plain == *value {
                Step::NoChange
            } else {
                Step::Changed
            };
            *value = plain;
        }
        number += 1;
    });
    result
}

fn remove_stmt(case: &mut Case, site: usize) -> Step {
    let uses = uses_of_locals(&mut case.program);
    at_stmt(case, site, |stmts, idx| {
        // What uses a name has to go first.
        if matches!(stmts.get(idx), Some(Stmt::Let(id)) if uses.contains(id)) {
            return Step::NoChange;
        }
        stmts.remove(idx);
        Step::Changed
    })
}

/// The locals that some expression of the program uses; those of all policies are thrown together.
fn uses_of_locals(program: &mut Program) -> Vec<LocalId> {
    let mut used = Vec::new();
    rewrite::exprs(program, &mut |expr| {
        if let ExprKind::Local(id) = &expr.kind {
            used.push(*id);
        }
    });
    used
}

/// Puts a block of a `when` in place of the statement.
fn unwrap_stmt(case: &mut Case, site: usize) -> Step {
    at_stmt(case, site, |stmts, idx| match stmts.get(idx).cloned() {
        Some(Stmt::When {
            then, otherwise, ..
        }) => {
            let inner = then.stmts.into_iter().chain(otherwise.stmts);
            stmts.splice(idx..=idx, inner);
            Step::Changed
        }
        Some(Stmt::For(mut stmt)) if stmt.guard.is_some() => {
            stmt.guard = None;
            stmts.splice(idx..=idx, [Stmt::For(stmt)]);
            Step::Changed
        }
        _ => Step::NoChange,
    })
}

fn at_stmt(case: &mut Case, site: usize, change: impl Fn(&mut Vec<Stmt>, usize) -> Step) -> Step {
    let mut number = 0;
    let mut result = Step::NoSuchSite;
    rewrite::blocks(&mut case.program, &mut |block| {
        let n_stmts = block.stmts.len();
        if result == Step::NoSuchSite && site < number + n_stmts && site >= number {
            result = change(&mut block.stmts, site - number);
        }
        number += n_stmts;
    });
    result
}

fn remove_check_details(case: &mut Case, site: usize) -> Step {
    let mut number = 0;
    let mut result = Step::NoSuchSite;
    rewrite::checks(&mut case.program, &mut |check| {
        if number == site {
            let has_details = check.place.is_some()
                || !check.guards.is_empty()
                || check.severity.is_some()
                || !check.fixes.is_empty();
            result = if has_details {
                Step::Changed
            } else {
                Step::NoChange
            };
            check.place = None;
            check.guards.clear();
            check.severity = None;
            check.fixes.clear();
        }
        number += 1;
    });
    result
}

/// Replaces a condition by one that is always the same; two sites for each.
fn replace_condition(case: &mut Case, site: usize) -> Step {
    at_expr(case, site / 2, |expr| {
        let constant = always(site.is_multiple_of(2));
        let is_constant = |expr: &Expr| {
            matches!(&expr.kind, ExprKind::Truth(inner)
                if matches!(inner.kind, ExprKind::Const(Const::Bool(_))))
        };
        if !is_condition(expr) || is_constant(expr) {
            return Step::NoChange;
        }
        *expr = constant;
        Step::Changed
    })
}

/// Puts an operand in place of the whole, or leaves one out; eight sites for each expression.
fn narrow_expr(case: &mut Case, site: usize) -> Step {
    at_expr(case, site / 8, |expr| narrow(expr, site % 8))
}

fn narrow(expr: &mut Expr, choice: usize) -> Step {
    let ty = expr.ty.clone();
    let replacement = match &mut expr.kind {
        ExprKind::And(operands) | ExprKind::Or(operands) => {
            if operands.len() > 2 && choice >= 4 && choice - 4 < operands.len() {
                operands.remove(choice - 4);
                return Step::Changed;
            }
            operands.get(choice).cloned()
        }
        ExprKind::Concat(operands) if operands.len() > 1 => operands.get(choice).cloned(),
        ExprKind::Not(operand) if choice == 0 => Some((**operand).clone()),
        ExprKind::If {
            then, otherwise, ..
        } => match choice {
            0 => Some((**then).clone()),
            1 => Some((**otherwise).clone()),
            _ => None,
        },
        ExprKind::Comprehension(comprehension)
        | ExprKind::Pick(_, comprehension)
        | ExprKind::Count(comprehension)
            if choice < 2 =>
        {
            let had = if choice == 0 {
                comprehension.guard.take().is_some()
            } else {
                comprehension.order.take().is_some()
            };
            return if had { Step::Changed } else { Step::NoChange };
        }
        ExprKind::Record(members) if choice < members.len() => {
            members.remove(choice);
            return Step::Changed;
        }
        ExprKind::Call(_, arguments) => arguments.get(choice).cloned(),
        ExprKind::Coalesce(left, right) => match choice {
            0 => Some((**left).clone()),
            1 => Some((**right).clone()),
            _ => None,
        },
        ExprKind::Quantifier(quantifier) if choice == 0 && quantifier.guard.is_some() => {
            quantifier.guard = None;
            return Step::Changed;
        }
        ExprKind::Interpolate(parts) if parts.len() > 1 && choice < parts.len() => {
            parts.remove(choice);
            return Step::Changed;
        }
        ExprKind::List(items) if items.len() > 1 && choice < items.len() => {
            items.remove(choice);
            return Step::Changed;
        }
        ExprKind::Const(Const::List(items)) if choice < items.len() => {
            items.remove(choice);
            return Step::Changed;
        }
        _ => None,
    };
    match replacement {
        Some(replacement) if replacement.ty == ty => {
            *expr = replacement;
            Step::Changed
        }
        _ => Step::NoChange,
    }
}

/// Removes a part of a message; four sites for each check.
fn remove_part(case: &mut Case, site: usize) -> Step {
    let mut number = 0;
    let mut result = Step::NoSuchSite;
    rewrite::checks(&mut case.program, &mut |check| {
        if number == site / 4 {
            result = if site % 4 < check.message.len() {
                check.message.remove(site % 4);
                Step::Changed
            } else {
                Step::NoChange
            };
        }
        number += 1;
    });
    result
}

fn at_expr(case: &mut Case, site: usize, change: impl Fn(&mut Expr) -> Step) -> Step {
    let mut number = 0;
    let mut result = Step::NoSuchSite;
    rewrite::exprs(&mut case.program, &mut |expr| {
        if number == site {
            result = change(expr);
        }
        number += 1;
    });
    result
}

fn is_condition(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Truth(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::IsSet(_)
            | ExprKind::IsEmpty(_)
            | ExprKind::IsKnown(_)
            | ExprKind::Quantifier(_)
    )
}

#[cfg(test)]
mod tests {
    use crate::generate::rng::Rng;
    use crate::generate::{document, program};
    use crate::{Selection, configure, evaluate};

    use super::*;

    #[test]
    fn what_remains_still_fails_and_is_small() {
        let mut rng = Rng::new(7);
        let has_blame = |case: &Case| {
            configure(&case.program, &case.settings).is_ok_and(|settings| {
                let tape = case.document.to_tape();
                evaluate(&case.program, &settings, &tape, &Selection::default())
                    .iter()
                    .any(|verdict| !verdict.related.is_empty())
            })
        };
        let mut n_cases = 0;
        while n_cases < 5 {
            let program = program::program(&mut rng);
            let case = Case {
                settings: document::settings(&mut rng, &program),
                program,
                document: document::object(&mut rng),
            };
            if !has_blame(&case) {
                continue;
            }
            n_cases += 1;
            let mut small = shrink(case, 5000, &mut |case| has_blame(case));
            assert!(has_blame(&small));
            let mut n_stmts = 0;
            rewrite::blocks(&mut small.program, &mut |block| {
                n_stmts += block.stmts.len();
            });
            assert!(n_stmts <= 4, "{n_stmts} statements are left");
        }
    }
}
