//! Writing a file so that nobody ever sees half of it.

use std::fs::Permissions;
use std::io::Write;
use std::path::Path;

use anyhow::{Result, anyhow};
use palisade_lint::walk::describe_io;

/// Writes beside the file and renames. A link stays a link, a file keeps its permissions, and what is no file (a
/// device, a pipe) is written to rather than replaced.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = match std::fs::metadata(path) {
        Ok(meta) if !meta.is_file() => std::fs::write(path, bytes),
        // Renaming over it would need no leave of the file itself.
        Ok(meta) if meta.permissions().readonly() => {
            return Err(anyhow!("cannot write {}: it is read-only", path.display()));
        }
        Ok(meta) => std::fs::canonicalize(path)
            .and_then(|file| replace(&file, bytes, Some(meta.permissions()))),
        Err(_) => replace(path, bytes, None),
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

fn replace(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> std::io::Result<()> {
    let mut beside = std::ffi::OsString::from(".");
    beside.push(path.file_name().unwrap_or_default());
    beside.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(beside);
    let written =
        write_beside(&beside, bytes, permissions).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // What is left of the attempt is worth nothing.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn write_beside(
    path: &Path,
    bytes: &[u8],
    permissions: Option<Permissions>,
) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if permissions.is_some() {
        use std::os::unix::fs::OpenOptionsExt;
        // Until it has the permissions of the file that it replaces, nobody else reads it.
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    match permissions {
        Some(permissions) => file.set_permissions(permissions),
        None => Ok(()),
    }
}
