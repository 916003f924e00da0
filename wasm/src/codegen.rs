//! Turns a typed program into one WebAssembly module.
//!
//! What arrives here has been checked: every name is resolved, every optional was handled, every loop is over a finite
//! list. So nothing in here reports errors to a user, and [`emit_module`] returns a module, not a `Result`. Knows nothing
//! of sources, files or hosts.
//!
//! A value is one word: 0 absent, 2 to 15 unknown, else the address of a node. A condition is one word: 0 false, 1 true,
//! else unknown. Each body of a policy becomes one function ([`policy`]) of inline instructions; what explains a result is a
//! function of its own ([`explain`]) that only runs when there is one. Constants lie in static data ([`pool`]); what is
//! not worth inlining is called in the runtime, of which the module is a copy ([`guest`]).

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
use shared::Room;

/// A module with everything but its custom sections, and what they are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emitted {
    /// The module.
    pub bytes: Vec<u8>,
    /// What it offers and reads.
    pub index: Index,
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
        has_fixes: false,
        params: Vec::new(),
        cursors: room.cursors,
        lists: BTreeMap::new(),
    };
    let params = params::write_params(&mut shared, program);
    shared::emit_lists(&mut shared, lists, room.slots);
    let mut functions: Vec<_> = program
        .policies
        .iter()
        .flat_map(|policy| policy::emit_policy(&mut shared, policy))
        .collect();
    functions.extend(params::emit_constraints(&mut shared, program));
    params::drop_unused(&mut shared, program);
    let Shared {
        mut guest, pool, ..
    } = shared;
    let first = guest.table_end();
    guest.add_to_table(functions);
    let mut index = tables::write_tables(program, pool, &mut guest, first, params, &room);
    projection::fill(program, &mut index);
    Emitted {
        bytes: guest.finish(),
        index,
    }
}
