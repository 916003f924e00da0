//! A second opinion on what a policy says: a plain evaluator of the typed program, for tests only.
//!
//! Written from `docs/meaning.md` and not from the code generator, and computes by other means: exact rationals instead
//! of scaled integers, regular expressions instead of hand-written readers, a tree walk instead of instructions. Speed
//! is no aim. Knows nothing of WebAssembly, of YAML or of policy sources.
//!
//! [`evaluate`] is the entry. [`generate`] makes random programs and documents, [`shrink`] makes them small again, and
//! [`coverage`] counts which constructs a run of them has exercised.
//!
//! How many steps an evaluation takes is not modelled: a module evaluates again where it explains. What must hold when
//! they run out is in a test of its own.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a question about one kind of value answers all others with no"
)]

mod blame;
pub mod build;
mod compare;
pub mod constructs;
pub mod coverage;
pub mod document;
mod embedded;
mod eval;
mod fix;
mod flag_fix;
mod functions;
pub mod generate;
mod image;
mod made;
mod network;
mod number;
mod pattern;
mod policy;
mod print;
mod ranges;
mod read;
pub mod render;
pub mod rewrite;
mod settings;
pub mod shell;
pub mod shrink;
mod tapes;
mod text;
mod time;
mod tuples;
mod value;
pub mod verdict;
mod version;

pub use blame::object_name;
pub use policy::{Inventory, Outcome, Selection, evaluate, evaluate_counting};
pub use settings::{Problem, Settings, configure};
pub use verdict::{Change, Reason, Severities, Status, Verdict};
