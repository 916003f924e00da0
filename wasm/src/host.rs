//! Running policy modules: one engine, modules compiled once, one instance per thread.
//!
//! ```text
//! Engine ──► Module (shared, read only) ──► Instance (one per thread) ──► evaluate(tape, context, selection) ──► Outcome
//! ```
//!
//! A document's tape is copied into the guest in one piece, filtered to what the module reads; findings come back in
//! terms of the tape that was given. A module is not trusted: what it returns is checked, its memory and time are bounded.

mod context;
mod engine;
mod error;
mod gathered;
mod guest;
mod image;
mod instance;
mod inventory;
mod module;
mod results;
mod tape;
#[cfg(test)]
mod tests;
mod trie;

pub use context::{Context, Selection};
pub use engine::Engine;
pub use error::{Cause, EvaluateError, LoadError};
pub use gathered::Gathered;
pub use guest::SettingsProblem;
pub use image::Image;
pub use instance::{Instance, Prepared};
pub use inventory::{Inventory, Knowledge};
pub use module::Module;
pub use results::{Decision, Elsewhere, Finding, Fix, FixKind, Mark, Outcome, Reason, Status};
