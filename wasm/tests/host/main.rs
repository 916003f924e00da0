//! Compiled policies in the host.
#![cfg(test)]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "what fails in a test is a failure of the test"
)]

#[path = "../codegen/build.rs"]
#[allow(dead_code, reason = "shared with other tests, which use the rest")]
mod build;
mod context;
mod documents;
mod files;
mod json;
mod projection;
mod repeat;
