//! Programs built by hand, compiled, run on documents.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and its helpers read best at the call"
)]

mod build;
mod conditions;
mod constructs;
mod guest;
mod kept;
mod params;
mod parts;
mod patterns;
mod policies;
mod size;
