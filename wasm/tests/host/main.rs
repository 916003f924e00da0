//! Compiled policies in the host.

#[path = "../codegen/build.rs"]
#[allow(dead_code, reason = "shared with other tests, which use the rest")]
mod build;
mod documents;
mod files;
mod projection;
mod repeat;
