//! What a pack reads beside its own files: the packs that it uses, the manifests that define kinds, and tables.
//!
//! Both are found from where the pack lies, never from how a command was called, so that a pack means the same in every
//! command.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use palisade_lang::check::{Files, OtherPack};
use palisade_lang::span::FileId;
use palisade_lang::syntax::parse;

use super::files::{PackFiles, find_packs};
use super::{PACK_FILE, describe_io, has_extension, read_bounded, read_sources};
use crate::manifest::{Format, Layout, print, read};

/// Longest manifest that defines kinds.
const MAX_DEFINITION: u64 = 16 << 20;

/// What lies around a pack.
#[derive(Debug)]
pub(super) struct Around {
    /// The packs beside it, if it uses any.
    pub(super) packs: Vec<OtherPack>,
    /// Name and text of each of their files; the ids go on from those of the pack.
    pub(super) texts: Vec<(String, String)>,
    /// Its folder.
    pub(super) files: Arc<dyn Files>,
}

impl Around {
    /// What lies around a pack with these sources.
    pub(super) fn of(pack: &PackFiles, texts: &[(String, String)]) -> Self {
        if has_word(texts, &["use"]) {
            return Self::all(pack, texts);
        }
        Self::alone(pack)
    }

    /// All that lies around it, whether or not it uses any.
    pub(super) fn all(pack: &PackFiles, texts: &[(String, String)]) -> Self {
        let mut around = Self::alone(pack);
        for other in beside(pack) {
            // What cannot be read is not there for the one that uses it.
            let Ok(sources) = read_sources(&other) else {
                continue;
            };
            around.add(texts.len(), other.name.clone(), sources);
        }
        around.add_standard(texts.len());
        around
    }

    fn alone(pack: &PackFiles) -> Self {
        Self {
            packs: Vec::new(),
            texts: Vec::new(),
            files: Arc::new(Folder(home_of(pack))),
        }
    }

    /// Adds the packs that come with Palisade to be used, but for those whose names are taken.
    fn add_standard(&mut self, n_own: usize) {
        for files in palisade_stdlib::SHARED.chunk_by(|(a, ..), (b, ..)| a == b) {
            let Some((name, ..)) = files.first() else {
                continue;
            };
            if self.packs.iter().any(|pack| pack.name == *name) {
                continue;
            }
            let sources = files.iter().map(|(name, path, text)| {
                let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
                (format!("<{name}>/{file}"), (*text).to_owned())
            });
            self.add(n_own, Some((*name).to_owned()), sources.collect());
        }
    }

    fn add(&mut self, n_own: usize, name: Option<String>, sources: Vec<(String, String)>) {
        let first = n_own + self.texts.len();
        let ids = (first..).map_while(|id| u32::try_from(id).ok().map(FileId));
        let files: Vec<(FileId, String)> = ids
            .zip(&sources)
            .map(|(id, (_, text))| (id, text.clone()))
            .collect();
        let headers = files
            .iter()
            .filter_map(|(id, text)| Some(parse(*id, text).tree.pack?.name.text));
        let Some(name) = headers.chain(name).next() else {
            return;
        };
        self.packs.push(OtherPack { name, files });
        self.texts.extend(sources);
    }
}

/// True if what the sources mean may depend on other files. Looks at words only: it may say so of a pack that reads none.
pub(super) fn reads_others(texts: &[(String, String)]) -> bool {
    has_word(texts, &["use", "kind", "table"])
}

/// True if a word stands anywhere outside of whole lines of comment.
fn has_word(texts: &[(String, String)], words: &[&str]) -> bool {
    let lines = texts.iter().flat_map(|(_, text)| text.lines());
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(str::split_whitespace)
        .any(|word| words.contains(&word))
}

/// The packs in the folder that holds the pack, itself left out.
fn beside(pack: &PackFiles) -> Vec<PackFiles> {
    let home = home_of(pack);
    // A file without a pack around it lies among the others, a folder beside them.
    let is_lone = !home.join(PACK_FILE).is_file();
    // Without `..` where it can be, as messages show it.
    let around = match (home.file_name(), home.parent()) {
        _ if is_lone => home.clone(),
        (Some(_), Some(parent)) => parent.to_owned(),
        (None, _) | (_, None) => home.join(".."),
    };
    let Ok(entries) = std::fs::read_dir(or_here(&around)) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    let own = std::fs::canonicalize(if is_lone { &pack.path } else { &home });
    let is_other = |path: &PathBuf| match (std::fs::canonicalize(path), &own) {
        (Ok(path), Ok(own)) => path != *own,
        (Err(_), _) | (_, Err(_)) => false,
    };
    names
        .into_iter()
        .map(|name| around.join(name))
        .filter(|path| path.join(PACK_FILE).is_file() || is_lone_file(path))
        .filter(is_other)
        .filter_map(|path| find_packs(&path).ok())
        .flatten()
        .collect()
}

/// A file that is a pack of its own.
fn is_lone_file(path: &Path) -> bool {
    let is_part = path.with_file_name(PACK_FILE).is_file();
    has_extension(path, "pale") && path.is_file() && !is_part
}

/// What paths in the pack's declarations start from: its folder, also where only a file of it is looked at.
fn home_of(pack: &PackFiles) -> PathBuf {
    if pack.path.is_dir() {
        return pack.path.clone();
    }
    let mut folders = pack.path.ancestors().skip(1).map(or_here);
    let folder = folders
        .clone()
        .find(|folder| folder.join(PACK_FILE).is_file());
    let folder = folder.or_else(|| folders.next());
    folder.unwrap_or(Path::new(".")).to_owned()
}

fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

/// The folder of a pack, for what its declarations name.
#[derive(Debug)]
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<String, String> {
        let bytes = self.bytes(path)?;
        let found = read(&bytes, Format::of_name(path));
        if let Some(problem) = found.problems.first() {
            return Err(problem.message.clone());
        }
        let documents = found.documents.iter();
        let texts: Vec<String> = documents
            .map(|document| print(document, Layout::Compact))
            .collect();
        Ok(format!("[{}]", texts.join(",")))
    }

    fn read_text(&self, path: &str) -> Result<String, String> {
        String::from_utf8(self.bytes(path)?).map_err(|_| "it is not UTF-8".to_owned())
    }
}

impl Folder {
    fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        let place = self.0.join(path);
        // Errors of `read_bounded` name the path, which is in the message already.
        let meta = std::fs::metadata(&place).map_err(|error| describe_io(&error))?;
        if !meta.is_file() {
            return Err("it is no file".to_owned());
        }
        read_bounded(&place, MAX_DEFINITION).map_err(|error| error.to_string())
    }
}
