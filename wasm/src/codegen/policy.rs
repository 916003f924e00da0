//! Statements: a policy becomes one function, and each check one more that explains its results.

use palisade_abi::layout;
use std::rc::Rc;

use palisade_lang::program::{
    self, Block, Check, CheckId, Const, Expr, ExprKind, For, LocalId as Name, Policy, Severity,
    Stmt,
};
use walrus::ir::{BinaryOp, InstrSeqId};
use walrus::{FunctionId, LocalId};

use super::body::{Body, Cold, Path, Root, Shared, Slot, Subject};
use super::condition::{emit_condition, is_certain};
use super::explain::{emit_blame, emit_trace, emit_unknown, sole_witness, traced_route};
use super::iterate::each_bound;
use super::kinds::{element_sources, repeated_reads};
use super::outline::{emit_outline, emit_text_outline, is_simple};
use super::pool::count;
use super::query::{conditions_of, emit_source_trace};
use super::value::{bind_let, emit_value};

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
    let mut b = Body::new(shared, subject, Path::Hot, 2, 0);
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
    let mut b = Body::new(shared, &subject, Path::Cold, 2, 0);
    for slot in &mut b.slots {
        *slot = Slot::Again;
    }
    b.call("explain_silently");
    for check in &constraint.checks {
        emit_condition(&mut b, &check.condition);
        b.int(i32::from(!check.finds_when));
        b.op(BinaryOp::I32Ne);
        b.when(|b| {
            let outline = emit_text_outline(b, &check.message);
            b.word(outline);
            b.call("message");
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
            emit_site(b, status, sole_witness(guard), |b| emit_unknown(b, guard));
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
                let source = &generator.source;
                let conditions = conditions_of(statement.guard.as_ref());
                emit_site(b, unknown, Some(source), |b| {
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
                emit_site(b, status, sole_witness(condition), |b| {
                    emit_unknown(b, condition);
                });
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

/// Reports what is unknown and no check, if `status`, which is not 0, says so: `reason` is the expression of which
/// `trace` leaves the trace, unless that takes more.
fn emit_site(
    b: &mut Body<'_>,
    status: LocalId,
    reason: Option<&Expr>,
    trace: impl FnOnce(&mut Body<'_>),
) {
    b.progress.n_sites += 1;
    let name = format!("{}: unknown {}", b.policy.name, b.progress.n_sites);
    let tag = severity_code(b.policy.severity) << 16;
    let mut route = None;
    let cold = emit_cold(b, name, None, |b, status, tag| {
        route = reason.and_then(|reason| traced_route(b, reason));
        if route.is_some() {
            return;
        }
        b.get(tag);
        b.get(status);
        trace(b);
        b.call("report_unknown");
    });
    if let Some(route) = route {
        // Nothing leads to the function, so that it goes.
        b.get(status);
        b.word(tag | scopes_tag(cold.depth));
        b.word(route);
        return b.call("report_unknown_at");
    }
    emit_is_reported(b, status);
    b.when(|b| emit_explanation(b, cold, status, tag));
}

/// Whether the reason in `status` has no finding of its own.
fn emit_is_reported(b: &mut Body<'_>, status: LocalId) {
    b.get(status);
    b.word(layout::UNKNOWN_MISSING);
    b.op(BinaryOp::I32GtU);
}

/// The number of scopes as a part of a tag.
fn scopes_tag(depth: usize) -> u32 {
    count(depth) << 24
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
    let name = format!("{}: check {}", b.policy.name, id.0 + 1);
    let computed = (check.severity.as_ref()).filter(|_| constant_severity(check).is_none());
    let cold = emit_cold(
        b,
        name,
        computed.map(|severity| (severity, id)),
        |b, status, tag| {
            emit_results(b, check, status, tag);
        },
    );
    b.progress.explained.insert(id.0, cold);
    let status = b.temp();
    let emit_test = |b: &mut Body<'_>| {
        emit_condition(b, &check.condition);
        b.tee(status);
        if !check.finds_when {
            b.int(1);
            b.op(BinaryOp::I32Ne);
        }
        b.when(|b| emit_explanation(b, cold, status, tag));
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
    let (Some(&state), Some(&cold)) = (
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
        b.when(|b| emit_explanation(b, cold, status, tag));
        b.br(done);
    });
}

/// Calls an explaining function.
fn emit_explanation(b: &mut Body<'_>, cold: Cold, status: LocalId, tag: u32) {
    b.get(status);
    b.word(tag | scopes_tag(cold.depth));
    b.call_id(cold.function);
    if cold.loops {
        b.stop_without_steps();
    }
}

/// Writes a function that explains: `(status, tag)`. It finds the elements of the scopes around by their cursors.
/// `severity` is that of a check if it is computed.
fn emit_cold(
    hot: &mut Body<'_>,
    name: String,
    severity: Option<(&Expr, CheckId)>,
    write: impl FnOnce(&mut Body<'_>, LocalId, LocalId),
) -> Cold {
    let subject = hot.subject.clone();
    let scopes: Vec<_> = hot
        .progress
        .scopes
        .iter()
        .map(|&(element, key)| {
            let indexed = key.filter(|&key| matches!(hot.slot(key), Slot::Index(_)));
            (element, key, indexed.is_some())
        })
        .collect();
    let mut b = Body::new(hot.shared, &subject, Path::Cold, 2, 0);
    let params = b.params();
    let [status, tag] = *params.as_slice() else {
        unreachable!("there are two parameters")
    };
    for slot in &mut b.slots {
        *slot = Slot::Again;
    }
    b.bind(Name::OBJECT, Slot::Root(Root::Object));
    b.bind(Name::PART, Slot::Root(Root::Part));
    b.depth = hot.depth;
    let depth = scopes.len();
    for (nth, (element, key, indexed)) in scopes.into_iter().enumerate() {
        let cursor = b.cursor(nth);
        b.bind(element, Slot::Element(cursor, None));
        match key {
            Some(key) if indexed => b.bind(key, Slot::Index(cursor)),
            Some(key) => b.bind(key, Slot::Key(cursor)),
            None => {}
        }
    }
    if let Some((severity, id)) = severity {
        b.call("explain_silently");
        emit_severity(&mut b, severity, id, tag);
    }
    b.get(status);
    b.get(tag);
    b.call("explain_begin");
    b.when(Body::ret);
    write(&mut b, status, tag);
    let loops = b.loops;
    Cold {
        function: b.finish(name),
        loops,
        depth,
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
    if let Some(witness) = sole_witness(&check.condition)
        && check.place.is_none()
        && is_simple(b, check)
    {
        b.get(tag);
        b.get(status);
        emit_trace(b, witness);
        let outline = emit_outline(b, check);
        b.word(outline);
        return b.call("report");
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
    } else if let Some(witness) = sole_witness(&check.condition) {
        report = "report_finding";
        emit_trace(b, witness);
    } else {
        emit_blame(b, &check.condition, check.finds_when);
    }
    let outline = emit_outline(b, check);
    b.word(outline);
    b.call(report);
}
