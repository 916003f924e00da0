//! Lists made element by element, one element of such a list, and how many there are.

use palisade_lang::program::{Comprehension, Domain, Pick};
use walrus::LocalId;
use walrus::ir::{BinaryOp, InstrSeqId};

use super::body::Body;
use super::condition::{emit_condition, is_certain};
use super::iterate::{Tuple, each_tuple};
use super::query::conditions_of;
use super::value::emit_value;

/// Leaves the list that a comprehension makes, or the reason why it is unknown.
pub(super) fn emit_comprehension(b: &mut Body<'_>, comprehension: &Comprehension) {
    let (list, keys) = (b.temp(), b.temp());
    b.call("text_new");
    b.set(list);
    if comprehension.order.is_some() {
        b.call("text_new");
        b.set(keys);
    }
    b.block_value(|b, done| {
        each_wanted(b, comprehension, done, |b, next| {
            let value = b.temp();
            emit_value(b, &comprehension.element);
            b.tee(value);
            b.is_zero();
            b.br_if(next);
            if let Some((key, _)) = &comprehension.order {
                let sorted_by = b.temp();
                emit_value(b, key);
                b.set(sorted_by);
                b.is_unknown(sorted_by);
                b.when(|b| {
                    b.get(sorted_by);
                    b.br(done);
                });
                b.get(keys);
                b.get(sorted_by);
                b.call("list_add");
                b.release(sorted_by);
            }
            b.get(list);
            b.get(value);
            b.call("list_add");
            b.release(value);
        });
        if let Some((_, domain)) = &comprehension.order {
            let status = b.temp();
            b.get(list);
            b.get(keys);
            b.call(sort_name(*domain));
            b.tee(status);
            b.get(status);
            b.br_if(done);
            b.drop();
            b.release(status);
        }
        b.get(list);
        b.call("list_end");
    });
    b.release(list);
    b.release(keys);
}

/// Leaves the first or the last element of a comprehension.
pub(super) fn emit_pick(b: &mut Body<'_>, pick: Pick, comprehension: &Comprehension) {
    emit_comprehension(b, comprehension);
    b.call(match pick {
        Pick::First => "list_first",
        Pick::Last => "list_last",
    });
}

/// Leaves how many tuples there are.
pub(super) fn emit_count(b: &mut Body<'_>, comprehension: &Comprehension) {
    let count = b.temp();
    b.int(0);
    b.set(count);
    b.block_value(|b, done| {
        each_wanted(b, comprehension, done, |b, _| {
            b.get(count);
            b.int(1);
            b.op(BinaryOp::I32Add);
            b.set(count);
        });
        b.get(count);
        b.call("int_node");
    });
    b.release(count);
}

/// Goes through the tuples whose `where` is true; what makes all of it unknown leaves `done` with the reason. `body` gets
/// the way to the next tuple.
fn each_wanted(
    b: &mut Body<'_>,
    comprehension: &Comprehension,
    done: InstrSeqId,
    body: impl Fn(&mut Body<'_>, InstrSeqId),
) {
    let conditions = conditions_of(comprehension.guard.as_ref());
    let generators = &comprehension.generators;
    each_tuple(b, generators, &conditions, &mut |b, tuple| match tuple {
        Tuple::Bound(_) => b.block(|b, next| {
            if let Some(guard) = &comprehension.guard {
                let status = b.temp();
                emit_condition(b, guard);
                b.tee(status);
                b.is_zero();
                b.br_if(next);
                if !is_certain(guard) {
                    leave_unless_true(b, status, done);
                }
                b.release(status);
            }
            body(b, next);
        }),
        Tuple::Unknown { reason } => {
            b.get(reason);
            b.br(done);
        }
    });
}

fn leave_unless_true(b: &mut Body<'_>, status: LocalId, done: InstrSeqId) {
    b.get(status);
    b.int(1);
    b.op(BinaryOp::I32Ne);
    b.when(|b| {
        b.get(status);
        b.br(done);
    });
}

/// The function of the runtime that sorts by keys of a domain.
fn sort_name(domain: Domain) -> &'static str {
    match domain {
        Domain::Bool | Domain::Int => "list_sort_int",
        Domain::String | Domain::Pattern | Domain::Scalar => "list_sort_text",
        Domain::Quantity => "list_sort_quantity",
        Domain::Number => "list_sort_number",
        Domain::Version => "list_sort_version",
        Domain::Duration => "list_sort_duration",
        Domain::Timestamp => "list_sort_timestamp",
    }
}
