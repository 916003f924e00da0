//! Which files make a pack.

use std::path::{Path, PathBuf};

use super::{PACK_FILE, PackError, has_extension, show, unreadable};

/// The files of one pack.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PackFiles {
    /// Its folder, or its only file.
    pub(super) path: PathBuf,
    /// Its name where no file says one.
    pub(super) name: Option<String>,
    /// Sorted.
    pub(super) files: Vec<PathBuf>,
}

/// The packs that a path names.
pub(super) fn find_packs(path: &Path) -> Result<Vec<PackFiles>, PackError> {
    let meta = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !meta.is_dir() {
        if !has_extension(path, "pale") {
            return Err(PackError::NotPolicies { path: show(path) });
        }
        return Ok(vec![pack_of_file(path)]);
    }
    let mut packs = Vec::new();
    collect_packs(path, &mut packs)?;
    if packs.is_empty() {
        return Err(PackError::NoPack { path: show(path) });
    }
    Ok(packs)
}

/// A file that lies in a pack's folder is still a pack of its own when it is named: that is how one tries a policy.
fn pack_of_file(path: &Path) -> PackFiles {
    PackFiles {
        path: path.to_owned(),
        name: path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned()),
        files: vec![path.to_owned()],
    }
}

/// The packs at and below `folder`, in the order of their names.
fn collect_packs(folder: &Path, packs: &mut Vec<PackFiles>) -> Result<(), PackError> {
    if !folder.join(PACK_FILE).is_file() {
        for entry in list(folder)? {
            if entry.is_dir() {
                collect_packs(&entry, packs)?;
            }
        }
        return Ok(());
    }
    let mut files = Vec::new();
    collect_files(folder, &mut files)?;
    packs.push(PackFiles {
        path: folder.to_owned(),
        name: None,
        files,
    });
    Ok(())
}

/// The `.pale` files at and below `folder`, other packs left out.
fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), PackError> {
    for entry in list(folder)? {
        if entry.is_dir() {
            if !entry.join(PACK_FILE).is_file() {
                collect_files(&entry, files)?;
            }
        } else if has_extension(&entry, "pale") {
            files.push(entry);
        }
    }
    Ok(())
}

/// What is in a folder, sorted, without hidden entries and without links to folders.
fn list(folder: &Path) -> Result<Vec<PathBuf>, PackError> {
    let fail = |error: &std::io::Error| unreadable(folder, error);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| fail(&error))? {
        let entry = entry.map_err(|error| fail(&error))?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let is_link_to_folder = is_link && entry.path().is_dir();
        if !is_hidden && !is_link_to_folder {
            entries.push(entry.path());
        }
    }
    entries.sort();
    Ok(entries)
}
