//! The guest library: what generated policies call, and what a host calls.
//!
//! `no_std`, no dependencies, no imports, no tables in static data. Compiled by plain `rustc` for
//! `wasm32-unknown-unknown`; code generation works on a copy of the result and drops what a program does not use.
//! Knows nothing of single policies: those are functions in the table and rows in [`program`].
#![no_std]

#[path = "../../abi/src/layout.rs"]
mod layout;

#[macro_use]
mod words;

mod arena;
mod compare;
mod configure;
mod cursor;
#[path = "../../../lang/pattern/src/dialect.rs"]
mod dialect;
mod dispatch;
mod embedded;
mod fixes;
mod functions;
mod image;
mod inventory;
mod json_keys;
mod json_read;
mod json_write;
mod list;
mod made;
mod message;
mod node;
mod path;
mod pattern;
mod program;
mod quantity;
mod report;
mod results;
mod role;
mod settings;
mod state;
mod trace;
mod value;
mod wasi;
mod yaml;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
