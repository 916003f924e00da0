//! What a check's findings say and offer, as tables that the runtime reads (`wasm/runtime/src/report.rs`). What they need
//! beyond constants and members is evaluated by the function that explains the check.

use palisade_abi::layout;
use palisade_lang::program::within::message_exprs;
use palisade_lang::program::{Check, Edit, EditKind, Expr, ExprKind, Fix, MessagePart};

use super::body::Body;
use super::explain::traced_route;
use super::fix::{emit_fixes, may_be_flag};
use super::kinds::is_list;
use super::pool::count;
use super::value::{emit_value, note_parts, route_of};

/// What a piece of a message is.
const TEXT: u32 = 0;
const VALUE: u32 = 1;
const LIST: u32 = 2;
const OBJECT: u32 = 3;

/// Evaluates what the findings of a check need, in the order in which they need it; the address of their outline.
pub(super) fn emit_outline(b: &mut Body<'_>, check: &Check) -> u32 {
    b.shared.has_any_fixes |= !check.fixes.is_empty();
    let pieces = emit_pieces(b, &check.message);
    let fixes = fix_table(b, &check.fixes);
    if fixes.is_none() {
        emit_fixes(b, &check.fixes);
        b.call("offer_fix");
    }
    let mut words = vec![fixes.unwrap_or(0), count(pieces.len())];
    words.extend(pieces);
    b.shared.pool.words(&words)
}

/// Whether the outline of a check is all that its findings need.
pub(super) fn is_simple(b: &mut Body<'_>, check: &Check) -> bool {
    message_exprs(&check.message).all(|expr| route_of(b, expr).is_some())
        && fix_table(b, &check.fixes).is_some()
}

/// Evaluates what a text needs that has no fixes; the address of its outline.
pub(super) fn emit_text_outline(b: &mut Body<'_>, parts: &[MessagePart]) -> u32 {
    let pieces = emit_pieces(b, parts);
    let mut words = vec![0, count(pieces.len())];
    words.extend(pieces);
    b.shared.pool.words(&words)
}

fn emit_pieces(b: &mut Body<'_>, parts: &[MessagePart]) -> Vec<u32> {
    note_parts(b, parts);
    let mut n_values = 0;
    parts
        .iter()
        .map(|part| {
            let (expr, what) = match part {
                MessagePart::Text(text) => return b.shared.pool.text(text) << 2 | TEXT,
                MessagePart::Value(expr) if is_list(expr) => (expr, LIST),
                MessagePart::Value(expr) => (expr, VALUE),
                MessagePart::Object(expr) => (expr, OBJECT),
            };
            let route = route_of(b, expr).unwrap_or_else(|| {
                emit_value(b, expr);
                b.call("message_value");
                n_values += 1;
                n_values - 1
            });
            route << 2 | what
        })
        .collect()
}

/// The address of the table of fixes, 0 if there are none; nothing if one of them needs more than a table.
fn fix_table(b: &mut Body<'_>, fixes: &[Fix]) -> Option<u32> {
    if fixes.is_empty() {
        return Some(0);
    }
    let mut words = Vec::new();
    for fix in fixes {
        if fix.condition.is_some() {
            return None;
        }
        words.push(count(fix.edits.len()));
        for edit in &fix.edits {
            if may_be_flag(b, edit) {
                return None;
            }
            let place = traced_route(b, &edit.path)?;
            let value = match &edit.value {
                None => 0,
                Some(value) => value_word(b, value)?,
            };
            words.extend([edit_head(edit, fix.is_safe), place, value]);
        }
    }
    words.push(0);
    b.shared.has_fix_tables = true;
    Some(b.shared.pool.words(&words))
}

/// The word of a table that says what to set: a constant or what is at a route.
fn value_word(b: &mut Body<'_>, value: &Expr) -> Option<u32> {
    if let ExprKind::Const(constant) = &value.kind {
        return Some(b.shared.pool.constant(constant) << 1).filter(|&word| word != 0);
    }
    Some(route_of(b, value)? << 1 | 1)
}

/// What an edit does, and whether it is safe.
pub(super) fn edit_head(edit: &Edit, is_safe: bool) -> u32 {
    let operation = match edit.kind {
        EditKind::Set => layout::FIX_SET,
        EditKind::Remove => layout::FIX_REMOVE,
        EditKind::Append => layout::FIX_APPEND,
        EditKind::Create => layout::FIX_CREATE,
    };
    operation | u32::from(is_safe) << 8
}
