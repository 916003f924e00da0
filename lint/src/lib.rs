//! From files to findings: walking, reading manifests, running policies, reporting.
//!
//! Start at [`run::lint`]: inputs and loaded packs in, a [`run::Outcome`] out, which the formats of [`report`] write.
//! Knows nothing of the grammar of Pale, and prints nothing.

pub mod finding;
pub mod manifest;
pub mod report;
pub mod walk;
