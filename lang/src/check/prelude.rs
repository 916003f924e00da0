//! Functions of the language that are written in Pale: what Kubernetes means rather than what is written.
//!
//! They are read only where a source calls one of them, and cost nothing else: a call is the function's body. What they
//! call themselves is theirs, whatever a pack declares.

use crate::span::FileId;

/// The file that holds them, which no source of a pack has.
pub(super) const FILE: FileId = FileId(u32::MAX);

/// The functions.
pub(super) const TEXT: &str = include_str!("prelude/prelude.pale");

/// The rows of its table.
pub(super) const ROLES: &str = include_str!("prelude/roles.tsv");

/// What the functions call the path of what is judged.
pub(super) const PATH_OF_SOURCE: &str = "path_of_source";

/// The functions that policies may call; the others are parts of them.
pub(super) const NAMES: [&str; 13] = [
    "bindings_of",
    "bindings_to",
    "directions",
    "exposed",
    "file_at",
    "granted",
    "ports",
    "references",
    "replicas",
    "rules",
    "service_account",
    "token_mounted",
    "workloads_of",
];

/// Whether a text calls one of the functions, or seems to.
pub(super) fn is_called(text: &str) -> bool {
    NAMES.iter().any(|name| {
        let mut calls = text.match_indices(name);
        calls.any(|(at, _)| {
            let after = text.get(at + name.len()..).unwrap_or_default();
            let before = text.get(..at).unwrap_or_default();
            let is_longer = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            after.trim_start().starts_with('(') && !is_longer
        })
    })
}
