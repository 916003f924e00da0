//! Writing a file so that nobody ever sees half of it.

use std::path::Path;

use anyhow::{Result, anyhow};
use palisade_lint::walk::describe_io;

/// Writes beside the file and renames. A link stays a link, and what is no file (a
/// device, a pipe) is written to rather than replaced.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = match std::fs::metadata(path) {
        Ok(meta) if !meta.is_file() => std::fs::write(path, bytes),
        Ok(_) => std::fs::canonicalize(path).and_then(|file| replace(&file, bytes)),
        Err(_) => replace(path, bytes),
    };
    written.map_err(|error| {
        let reason = if error.kind() == std::io::ErrorKind::NotFound {
            "there is no such folder".to_owned()
        } else {
            describe_io(&error)
        };
        anyhow!("cannot write {}: {reason}", path.display())
    })
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut beside = std::ffi::OsString::from(".");
    beside.push(path.file_name().unwrap_or_default());
    beside.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // What is left of the attempt is worth nothing.
        let _ = std::fs::remove_file(&beside);
    }
    written
}
