//! Turns a typed program into one WebAssembly module.
//!
//! What arrives here has been checked: every name is resolved, every optional was handled, every loop is over a finite
//! list. So nothing in here reports errors to a user, and [`emit_module`] returns a module, not a `Result`. Knows nothing
//! of sources, files or hosts.
//!
//! A value is one word: 0 absent, 2 to 15 unknown, else the address of a node. A condition is one word: 0 false, 1 true,
//! else unknown. Each body of a policy becomes one function ([`policy`]): junctions, choices and loops are instructions,
//! each read of members, step of a loop and comparison of texts is a call of the runtime. What explains a result is a
//! function of its own ([`explain`]) that only runs when there is one; what findings say and offer are tables
//! ([`outline`]). What several places need is written once: lists that policies join from the part judged ([`shared`]), and
//! parts of expressions ([`apart`]). Constants lie in static data ([`pool`]); the module is a copy of the runtime
//! ([`guest`]) without what it does not use.

mod apart;
mod body;
mod call;
mod comprehension;
mod condition;
mod explain;
mod fix;
mod guest;
mod iterate;
mod kinds;
mod outline;
mod params;
mod pattern;
mod policy;
mod pool;
mod query;
mod shared;
mod tables;
mod value;

use std::collections::BTreeMap;

use palisade_lang::program::Program;

use crate::index::Index;
use crate::{RUNTIME, projection};
use body::Shared;
use guest::Guest;
pub(crate) use guest::RUNTIME_NAME;
use pool::Pool;
use query::Queries;
use shared::Room;

/// A module with everything but its custom sections, and what they are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emitted {
    /// The module.
    pub bytes: Vec<u8>,
    /// What it offers and reads.
    pub index: Index,
}

/// The number of functions of policies and of constraints.
fn count_functions(program: &Program) -> u32 {
    let bodies = program.policies.iter().map(|policy| policy.bodies.len());
    let constraints = program
        .params
        .iter()
        .filter(|param| param.constraint.is_some());
    pool::count(bodies.sum::<usize>() + constraints.count())
}

/// Compiles a program into a copy of the runtime. The same program gives the same bytes.
#[must_use]
pub fn emit_module(program: &Program) -> Emitted {
    let guest = Guest::new(RUNTIME);
    let base = guest.address("__heap_base").next_multiple_of(16);
    let lists = shared::find_lists(program);
    let room = Room::new(base, program, lists.len());
    let mut shared = Shared {
        guest,
        pool: Pool::new(room.end.next_multiple_of(16)),
        has_quantities: false,
        has_keys: false,
        has_embedded: false,
        has_sources: false,
        has_owned: program.policies.iter().any(|policy| policy.owns_files),
        has_mixed: false,
        has_any_fixes: false,
        has_fix_tables: false,
        has_objects: false,
        has_lists: false,
        has_required: false,
        has_related: false,
        params: Vec::new(),
        cursors: room.cursors,
        lists: BTreeMap::new(),
        queries: Queries::new(program.views.clone(), count_functions(program)),
    };
    let params = params::write_params(&mut shared, program);
    shared::emit_lists(&mut shared, lists, room.slots);
    let mut functions = Vec::new();
    let mut asks = Vec::new();
    for policy in &program.policies {
        shared.queries.asks = 0;
        functions.extend(policy::emit_policy(&mut shared, policy));
        asks.push(shared.queries.asks);
    }
    functions.extend(params::emit_constraints(&mut shared, program));
    functions.extend(shared.queries.functions());
    params::drop_unused(&mut shared, program);
    let Shared {
        mut guest,
        mut pool,
        queries,
        has_sources,
        ..
    } = shared;
    if !has_sources {
        guest.drop_export("palisade_sources");
    }
    if queries.is_empty() {
        guest.leave_queries_out();
    }
    if queries.is_empty() && queries.has_no_sites() {
        guest.replace_by_one("inventory_forget");
    } else {
        queries.write(&mut pool, &mut guest);
    }
    let first = guest.table_end();
    guest.add_to_table(functions);
    let mut index = tables::write_tables(program, pool, &mut guest, first, params, &room);
    for (policy, asks) in index.policies.iter_mut().zip(asks) {
        policy.asks = asks;
    }
    projection::fill(program, &queries.asked, &mut index);
    Emitted {
        bytes: guest.finish(),
        index,
    }
}
