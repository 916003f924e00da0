//! Statements: a policy becomes one function, and each check one more that explains its results.

use palisade_abi::layout;
use std::rc::Rc;

use palisade_lang::program::{
    self, Block, Check, CheckId, Const, Expr, ExprKind, For, LocalId as Name, Policy, Severity,
    Stmt,
};
use walrus::ir::{BinaryOp, InstrSeqId};
use walrus::{FunctionId, LocalId};

use super::body::{Body, Cold, Path, Shared, Slot, Subject};
use super::condition::{emit_condition, is_certain};
use super::explain::{emit_blame, emit_is_reported, emit_single_blame, emit_trace, emit_unknown};
use super::fix::emit_fixes;
use super::iterate::each_bound;
use super::kinds::{element_sources, repeated_reads};
use super::query::{conditions_of, emit_source_trace};
use super::value::{bind_let, emit_text, emit_value};

/// The number of a severity.
pub(super) fn severity_code(severity: Severity) -> u32 {
    match severity {
        Severity::Info => layout::SEVERITY_INFO,
        Severity::Low => layout::SEVERITY_LOW,
        Severity::Medium => layout::SEVERITY_MEDIUM,
        Severity::High => layout::SEVERITY_HIGH,
        Severity::Critical => layout::SEVERITY_CRITICAL,
    }
}

/// The severity that a check's findings have, unless that is computed.
fn constant_severity(check: &Check) -> Option<Severity> {
    let ExprKind::Const(Const::String(name)) = &check.severity.as_ref()?.kind else {
        return None;
    };
    Some(match name.as_str() {
        "info" => Severity::Info,
        "low" => Severity::Low,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        "critical" => Severity::Critical,
        _ => return None,
    })
}

/// Writes a policy: a function for each body, which takes the part and the object.
pub(super) fn emit_policy(shared: &mut Shared, policy: &Policy) -> Vec<FunctionId> {
    let subject = Subject {
        policy,
        generators: Rc::new(element_sources(policy)),
    };
    let mut n_sites = 0;
    let mut functions = Vec::new();
    for (nth, body) in (1..).zip(&policy.bodies) {
        let (function, sites) = emit_body(shared, &subject, body, nth, n_sites);
        functions.push(function);
        n_sites = sites;
    }
    functions
}

fn emit_body(
    shared: &mut Shared,
    subject: &Subject<'_>,
    body: &program::Body,
    nth: usize,
    n_sites: usize,
) -> (FunctionId, usize) {
    let policy = subject.policy;
    let mut b = Body::new(shared, subject, Path::Hot, 2);
    b.repeated = repeated_reads(policy, body);
    b.progress.n_sites = n_sites;
    if let [part, object] = b.params().as_slice() {
        b.bind(Name::OBJECT, Slot::Node(*object));
        b.bind(Name::PART, Slot::Node(*part));
    }
    b.block(|b, end| {
        if let Some(guard) = &body.guard {
            emit_guard(b, guard, end);
        }
        emit_block(b, &body.block);
    });
    let n_sites = b.progress.n_sites;
    let name = if nth == 1 {
        policy.name.clone()
    } else {
        format!("{}: body {nth}", policy.name)
    };
    (b.finish(name), n_sites)
}

/// Writes the constraint of a parameter: a function of the form of a body's, which tells the runtime whether it holds.
pub(super) fn emit_constraint(
    shared: &mut Shared,
    constraint: &Policy,
    name: String,
) -> FunctionId {
    let subject = Subject {
        policy: constraint,
        generators: Rc::new(element_sources(constraint)),
    };
    let mut b = Body::new(shared, &subject, Path::Cold, 2);
    for slot in &mut b.slots {
        *slot = Slot::Again;
    }
    b.call("explain_begin");
    for check in &constraint.checks {
        emit_condition(&mut b, &check.condition);
        b.int(i32::from(!check.finds_when));
        b.op(BinaryOp::I32Ne);
        b.when(|b| {
            let message = emit_text(b, &check.message, None);
            b.get(message);
            b.call("constraint_fails");
            b.ret();
        });
    }
    b.call("constraint_holds");
    b.finish(name)
}

fn emit_block(b: &mut Body<'_>, block: &Block) {
    for stmt in &block.stmts {
        match stmt {
            Stmt::Let(name) => bind_let(b, *name),
            Stmt::For(statement) => emit_for(b, statement),
            Stmt::When {
                condition,
                then,
                otherwise,
            } => emit_when(b, condition, then, otherwise),
            Stmt::Check(id) => emit_check(b, *id),
        }
    }
}

/// Leaves by `out` unless the guard is true; unknown is a result.
fn emit_guard(b: &mut Body<'_>, guard: &Expr, out: InstrSeqId) {
    let status = b.temp();
    emit_condition(b, guard);
    b.tee(status);
    b.int(1);
    b.op(BinaryOp::I32Ne);
    b.when(|b| {
        if !is_certain(guard) {
            emit_site(b, status, |b| emit_unknown(b, guard));
        }
        b.br(out);
    });
    b.release(status);
}

fn emit_for(b: &mut Body<'_>, statement: &For) {
    let generator = &statement.generator;
    let conditions = conditions_of(statement.guard.as_ref());
    each_bound(
        b,
        (std::slice::from_ref(generator), 0, &conditions),
        |b, _| {
            b.progress.scopes.push((generator.element, generator.key));
            b.block(|b, next| {
                if let Some(guard) = &statement.guard {
                    emit_guard(b, guard, next);
                }
                emit_block(b, &statement.body);
            });
            b.progress.scopes.pop();
        },
        |b, unknown| {
            if !matches!(generator.source.kind, ExprKind::Const(_)) {
                emit_site(b, unknown, |b| {
                    let conditions = conditions_of(statement.guard.as_ref());
                    emit_source_trace(b, std::slice::from_ref(generator), &conditions);
                });
            }
        },
    );
}

fn emit_when(b: &mut Body<'_>, condition: &Expr, then: &Block, otherwise: &Block) {
    let status = b.temp();
    emit_condition(b, condition);
    b.tee(status);
    b.int(1);
    b.op(BinaryOp::I32Eq);
    b.choose(
        |b| emit_block(b, then),
        |b| {
            if !is_certain(condition) {
                emit_site(b, status, |b| emit_unknown(b, condition));
            }
            if !otherwise.stmts.is_empty() {
                b.get(status);
                b.is_zero();
                b.when(|b| emit_block(b, otherwise));
            }
        },
    );
    b.release(status);
}

/// Reports what is unknown and no check, if `status` says so.
fn emit_site(b: &mut Body<'_>, status: LocalId, trace: impl FnOnce(&mut Body<'_>)) {
    b.progress.n_sites += 1;
    let name = format!("{}: unknown {}", b.policy.name, b.progress.n_sites);
    let cold = emit_cold(b, name, |b, status, tag| {
        b.get(tag);
        b.get(status);
        trace(b);
        b.call("report_unknown");
    });
    let tag = severity_code(b.policy.severity) << 16;
    emit_is_reported(b, status);
    b.when(|b| {
        let depth = b.progress.scopes.len();
        emit_explanation(b, cold, depth, status, tag);
    });
}

fn emit_check(b: &mut Body<'_>, id: CheckId) {
    let Some(check) = b.policy.checks.get(id.0 as usize) else {
        return;
    };
    let is_guard = b
        .policy
        .checks
        .iter()
        .any(|other| other.guards.contains(&id));
    let severity = severity_code(constant_severity(check).unwrap_or(b.policy.severity));
    let tag = (id.0 + 1) | severity << 16;
    let depth = b.progress.scopes.len();
    let name = format!("{}: check {}", b.policy.name, id.0 + 1);
    let cold = emit_cold(b, name, |b, status, tag| {
        if let Some(severity) = &check.severity
            && constant_severity(check).is_none()
        {
            emit_severity(b, severity, id, tag);
        }
        emit_results(b, check, status, tag);
    });
    b.progress.explained.insert(id.0, (cold, depth));
    let status = b.temp();
    let emit_test = |b: &mut Body<'_>| {
        emit_condition(b, &check.condition);
        b.tee(status);
        if !check.finds_when {
            b.int(1);
            b.op(BinaryOp::I32Ne);
        }
        b.when(|b| emit_explanation(b, cold, depth, status, tag));
    };
    let guards = all_guards(b.policy, check);
    if guards.is_empty() {
        emit_test(b);
    } else {
        b.block(|b, done| {
            for guard in guards {
                emit_dependence(b, guard, status, tag, done);
            }
            emit_test(b);
        });
    }
    if is_guard {
        b.progress.states.insert(id.0, status);
    } else {
        b.release(status);
    }
}

/// The checks on which one depends, each after those on which it depends itself: the first that does not hold decides.
fn all_guards(policy: &Policy, check: &Check) -> Vec<CheckId> {
    let mut all = Vec::new();
    for guard in &check.guards {
        if let Some(earlier) = policy.checks.get(guard.0 as usize) {
            all.extend(all_guards(policy, earlier));
        }
        all.push(*guard);
    }
    all.dedup();
    all
}

/// Leaves by `done` unless an earlier check's condition was true; if it was unknown, so is this one.
fn emit_dependence(b: &mut Body<'_>, guard: CheckId, status: LocalId, tag: u32, done: InstrSeqId) {
    let (Some(&state), Some(&(cold, depth))) = (
        b.progress.states.get(&guard.0),
        b.progress.explained.get(&guard.0),
    ) else {
        return;
    };
    b.get(state);
    b.tee(status);
    b.int(1);
    b.op(BinaryOp::I32Ne);
    b.when(|b| {
        emit_is_reported(b, status);
        b.when(|b| emit_explanation(b, cold, depth, status, tag));
        b.br(done);
    });
}

/// Calls an explaining function that was written in `depth` scopes.
fn emit_explanation(b: &mut Body<'_>, cold: Cold, depth: usize, status: LocalId, tag: u32) {
    b.get(status);
    b.word(tag);
    for name in [Name::OBJECT, Name::PART] {
        if let Slot::Node(local) = b.slot(name) {
            b.get(local);
        }
    }
    for node in scope_locals(b).into_iter().take(depth).flatten() {
        b.get(node);
    }
    b.call_id(cold.function);
    if cold.loops {
        b.stop_without_steps();
    }
}

/// The locals that say where each scope is: the node of its element, and its index if that has a name.
fn scope_locals(b: &Body<'_>) -> Vec<Vec<LocalId>> {
    b.progress
        .scopes
        .iter()
        .map(|(element, key)| {
            let mut locals = Vec::new();
            if let Slot::Element(node, _) = b.slot(*element) {
                locals.push(node);
            }
            if let Some(Slot::Index { index, .. }) = key.map(|key| b.slot(key)) {
                locals.push(index);
            }
            locals
        })
        .collect()
}

/// Writes a function that explains: `(status, tag, object, part, scopes…)`.
fn emit_cold(
    hot: &mut Body<'_>,
    name: String,
    write: impl FnOnce(&mut Body<'_>, LocalId, LocalId),
) -> Cold {
    let subject = hot.subject.clone();
    let n_params = 4 + scope_locals(hot).iter().map(Vec::len).sum::<usize>();
    let scopes: Vec<_> = hot
        .progress
        .scopes
        .iter()
        .map(|&(element, key)| {
            let indexed = key.filter(|&key| matches!(hot.slot(key), Slot::Index { .. }));
            (element, key, indexed.is_some())
        })
        .collect();
    let mut b = Body::new(hot.shared, &subject, Path::Cold, n_params);
    let mut params = b.params().into_iter();
    let (Some(status), Some(tag), Some(object), Some(part)) =
        (params.next(), params.next(), params.next(), params.next())
    else {
        unreachable!("there are four parameters before those of the scopes")
    };
    for slot in &mut b.slots {
        *slot = Slot::Again;
    }
    b.bind(Name::OBJECT, Slot::Node(object));
    b.bind(Name::PART, Slot::Node(part));
    b.call("explain_begin");
    for (element, key, indexed) in scopes {
        let Some(node) = params.next() else { break };
        b.bind(element, Slot::Element(node, None));
        match key {
            Some(key) if indexed => {
                let Some(index) = params.next() else { break };
                b.bind(key, Slot::Index { index, node });
            }
            Some(key) => b.bind(key, Slot::Key(node)),
            None => {}
        }
        b.get(node);
        b.call("explain_near");
    }
    write(&mut b, status, tag);
    b.call("explain_end");
    let loops = b.loops;
    Cold {
        function: b.finish(name),
        loops,
    }
}

/// Puts a computed severity into the tag. What a check hands on to those that it guards has theirs, or their policy's.
fn emit_severity(b: &mut Body<'_>, severity: &Expr, id: CheckId, tag: LocalId) {
    b.get(tag);
    b.int(0xFFFF);
    b.op(BinaryOp::I32And);
    b.word(id.0 + 1);
    b.op(BinaryOp::I32Eq);
    b.when(|b| {
        b.get(tag);
        emit_value(b, severity);
        b.call("severity_tag");
        b.set(tag);
    });
}

/// The results of a check whose condition was not what it should be.
fn emit_results(b: &mut Body<'_>, check: &Check, status: LocalId, tag: LocalId) {
    if is_certain(&check.condition) {
        return emit_findings(b, check, tag);
    }
    b.get(status);
    b.int(1);
    b.op(BinaryOp::I32GtU);
    b.choose(
        |b| {
            b.get(tag);
            b.get(status);
            if let Some(place) = &check.place {
                emit_trace(b, place);
                emit_unknown(b, &check.condition);
                b.call("witness_one");
                b.call("witness_at");
                // A list begins with its first witness.
                b.load(0);
            } else {
                emit_unknown(b, &check.condition);
            }
            b.call("report_unknown");
        },
        |b| emit_findings(b, check, tag),
    );
}

fn emit_findings(b: &mut Body<'_>, check: &Check, tag: LocalId) {
    b.get(tag);
    let mut report = "report_findings";
    if let Some(place) = &check.place {
        emit_trace(b, place);
        emit_blame(b, &check.condition, check.finds_when);
        b.call("witness_at");
    } else if emit_single_blame(b, &check.condition) {
        report = "report_finding";
    } else {
        emit_blame(b, &check.condition, check.finds_when);
    }
    let message = emit_text(b, &check.message, None);
    b.get(message);
    emit_fixes(b, &check.fixes);
    b.call(report);
    b.release(message);
}
