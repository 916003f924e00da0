//! Makes `lang/data/kubernetes.schema` from the published JSON schemas of Kubernetes and the overlay.
//!
//! The same input gives the same bytes. Knows nothing of Pale: it writes a table, `palisade_lang::schema` reads it.

use std::path::Path;

use anyhow::Result;

pub mod encode;
pub mod merge;
pub mod model;
pub mod overlay;
pub mod source;

/// The bytes of the table for the versions in `schemas`, with the facts in `overlay`.
pub fn generate(schemas: &Path, overlay: &Path) -> Result<Vec<u8>> {
    let mut model = source::read_versions(schemas)?;
    overlay::apply(&mut model, overlay)?;
    encode::encode(&model)
}
