//! Fixes: of a check's fixes the first that can be made goes with its findings.

use palisade_lang::program::within::operands;
use palisade_lang::program::{Binding, Builtin, Const, Edit, Expr, ExprKind, Fix, Policy};
use walrus::LocalId;
use walrus::ir::{BinaryOp, InstrSeqId};

use super::body::Body;
use super::condition::emit_condition;
use super::explain::emit_valued_trace;
use super::kinds::list_sources;
use super::outline::edit_head;
use super::pool::count;
use super::value::{bind_lets, emit_value, forget_lets};

/// Leaves the address of the edits of the first fix that can be made, or 0.
pub(super) fn emit_fixes(b: &mut Body<'_>, fixes: &[Fix]) {
    if fixes.is_empty() {
        return b.int(0);
    }
    b.block_value(|b, done| {
        for fix in fixes {
            b.block(|b, next| {
                if let Some(condition) = &fix.condition {
                    emit_condition(b, condition);
                    b.int(1);
                    b.op(BinaryOp::I32Ne);
                    b.br_if(next);
                }
                let made = b.temp();
                b.word(count(fix.edits.len()));
                b.call("fix_new");
                b.set(made);
                for edit in &fix.edits {
                    emit_edit(b, made, edit, fix.is_safe, next);
                }
                b.get(made);
                b.br(done);
                b.release(made);
            });
        }
        b.int(0);
    });
}

/// Adds an edit to the fix in `made`; leaves by `next` if it cannot be made.
fn emit_edit(b: &mut Body<'_>, made: LocalId, edit: &Edit, is_safe: bool, next: InstrSeqId) {
    if !may_be_flag(b, edit) {
        return emit_plain_edit(b, made, edit, is_safe, next);
    }
    b.block(|b, done| {
        let outcome = b.temp();
        b.get(made);
        b.word(edit_head(edit, is_safe));
        emit_flag(b, &edit.path);
        match &edit.value {
            Some(value) => emit_value(b, value),
            None => b.int(0),
        }
        b.call("fix_flag");
        b.tee(outcome);
        leave_if_zero(b, next);
        b.get(outcome);
        b.release(outcome);
        b.int(1);
        b.op(BinaryOp::I32Eq);
        b.br_if(done);
        // No flag after all.
        emit_plain_edit(b, made, edit, is_safe, next);
    });
}

/// Whether an edit could be of a member of a record of flags; what cannot be a flag's value is none.
pub(super) fn may_be_flag(b: &Body<'_>, edit: &Edit) -> bool {
    is_member(b, &edit.path)
        && !edit.value.as_ref().is_some_and(holds_record)
        && reads_flags(b.policy)
}

fn is_member(b: &Body<'_>, path: &Expr) -> bool {
    if let ExprKind::Cast(inner) | ExprKind::With { body: inner, .. } = &path.kind {
        return is_member(b, inner);
    }
    if let ExprKind::Local(name) = &path.kind {
        let definition = b.definition(*name);
        return definition.is_some_and(|definition| is_member(b, definition));
    }
    matches!(
        path.kind,
        ExprKind::Member { .. } | ExprKind::MapMember { .. }
    )
}

/// Whether paths of a policy can lead to flags.
fn reads_flags(policy: &Policy) -> bool {
    fn holds(expr: &Expr) -> bool {
        matches!(expr.kind, ExprKind::Call(Builtin::Flags, _))
            || operands(expr).into_iter().any(holds)
    }
    let definitions = policy
        .locals
        .iter()
        .filter_map(|local| match &local.binding {
            Binding::Let(definition) => Some(&**definition),
            Binding::Object | Binding::Part | Binding::Element | Binding::Key | Binding::Index => {
                None
            }
        });
    let edits = policy.checks.iter().flat_map(|check| &check.fixes);
    let paths = edits.flat_map(|fix| &fix.edits).map(|edit| &edit.path);
    list_sources(policy)
        .chain(definitions)
        .chain(paths)
        .any(holds)
}

/// Leaves the trace of what a path is a member of, and the text that names the member.
fn emit_flag(b: &mut Body<'_>, path: &Expr) {
    if let ExprKind::Member { base, key, .. } = &path.kind {
        emit_valued_trace(b, base);
        let name = b.shared.pool.constant(&Const::String(key.clone()));
        b.word(name);
    } else if let ExprKind::MapMember { base, key } = &path.kind {
        emit_valued_trace(b, base);
        emit_value(b, key);
    } else if let ExprKind::Cast(inner) = &path.kind {
        emit_flag(b, inner);
    } else if let ExprKind::With { locals, body } = &path.kind {
        bind_lets(b, locals);
        emit_flag(b, body);
        forget_lets(b, locals);
    } else if let ExprKind::Local(name) = &path.kind
        && let Some(definition) = b.definition(*name)
    {
        emit_flag(b, definition);
    }
}

fn emit_plain_edit(b: &mut Body<'_>, made: LocalId, edit: &Edit, is_safe: bool, next: InstrSeqId) {
    let json = b.temp();
    b.int(0);
    b.set(json);
    if let Some(value) = &edit.value {
        b.call("text_new");
        b.set(json);
        emit_json(b, json, value, next);
    }
    b.get(made);
    b.word(edit_head(edit, is_safe));
    emit_valued_trace(b, &edit.path);
    b.get(json);
    b.call("fix_edit");
    leave_if_zero(b, next);
    b.release(json);
}

/// Adds a value to the text in `out`; leaves by `next` if it is absent or unknown.
fn emit_json(b: &mut Body<'_>, out: LocalId, value: &Expr, next: InstrSeqId) {
    if let ExprKind::Record(members) = &value.kind {
        emit_mark(b, out, b'{');
        for (name, member) in members {
            let key = b.shared.pool.text(name);
            b.get(out);
            b.word(key);
            if holds_record(member) {
                b.call("json_next");
                emit_json(b, out, member, next);
            } else {
                emit_value(b, member);
                b.call("json_member");
                leave_if_zero(b, next);
            }
        }
        return emit_mark(b, out, b'}');
    }
    if !holds_record(value) {
        b.get(out);
        emit_value(b, value);
        b.call("json_add");
        return leave_if_zero(b, next);
    }
    if let ExprKind::List(items) = &value.kind {
        emit_mark(b, out, b'[');
        for item in items {
            b.get(out);
            b.int(0);
            b.call("json_next");
            emit_json(b, out, item, next);
        }
        emit_mark(b, out, b']');
    } else if let ExprKind::With { locals, body } = &value.kind {
        bind_lets(b, locals);
        emit_json(b, out, body, next);
        forget_lets(b, locals);
    } else if let ExprKind::If {
        condition,
        then,
        otherwise,
    } = &value.kind
    {
        let status = b.temp();
        emit_condition(b, condition);
        b.tee(status);
        b.int(1);
        b.op(BinaryOp::I32GtU);
        b.br_if(next);
        b.get(status);
        b.release(status);
        b.choose(
            |b| emit_json(b, out, then, next),
            |b| emit_json(b, out, otherwise, next),
        );
    } else {
        // No other expression has records in it.
        b.br(next);
    }
}

fn emit_mark(b: &mut Body<'_>, out: LocalId, letter: u8) {
    b.get(out);
    b.int(i32::from(letter));
    b.call("json_mark");
}

fn leave_if_zero(b: &mut Body<'_>, next: InstrSeqId) {
    b.is_zero();
    b.br_if(next);
}

/// Whether a record is written out in a value.
fn holds_record(value: &Expr) -> bool {
    if let ExprKind::List(items) = &value.kind {
        return items.iter().any(holds_record);
    }
    if let ExprKind::With { body, .. } = &value.kind {
        return holds_record(body);
    }
    if let ExprKind::If {
        then, otherwise, ..
    } = &value.kind
    {
        return holds_record(then) || holds_record(otherwise);
    }
    matches!(value.kind, ExprKind::Record(_))
}
