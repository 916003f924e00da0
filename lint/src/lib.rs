//! From files to findings: walking, reading manifests, running policies, reporting.
//!
//! Start at [`run::lint`]: what a walk found and loaded packs in, a [`report::Report`] out, which the
//! formats beside it write.
//! Knows nothing of the grammar of Pale, and prints nothing.

pub mod builtin;
pub mod clusters;
pub mod exempt;
pub mod explain;
pub mod files;
pub mod finding;
pub mod fix;
mod inventory;
mod kinds;
pub mod manifest;
pub mod pack_test;
pub mod packs;
pub mod report;
pub mod run;
mod secrets;
pub mod select;
mod twins;
pub mod walk;
