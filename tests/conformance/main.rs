//! What other projects require: their cases, judged by the policies that their checks are mapped to.
//!
//! `tests/mappings/peers/SUITE.tsv` says which of our policies a check of theirs is (columns: check, policies, options of
//! the command), `SUITE.exceptions.tsv` in which cases we mean something else, and why. Each suite prints how many cases
//! agreed, disagreed and were not covered, and fails on a disagreement without a reason and on a reason without one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod peers;
mod pod_security;
mod suite;
#[path = "../support/mod.rs"]
mod support;
