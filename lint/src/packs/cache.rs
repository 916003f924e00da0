//! Native code of packs, kept from one run to the next.
//!
//! What is kept is code that will be run, so nothing in here is taken on trust: the folder belongs to this user alone and
//! lies in no repository, owner and links are looked at on what was opened, and contents are hashed before they are used.
//! Whatever is doubtful is no entry, and is written anew. A cache that cannot be used is no error: it saves time and
//! nothing else.
//!
//! An entry begins as a mark that a pack was used, and has code from the second use on: the fastest code takes the
//! longest to make, and a pack that is being edited is not used twice.

mod entry;
#[cfg(target_os = "linux")]
mod folder;

use std::path::{Path, PathBuf};

use palisade_wasm::COMPILER;
use palisade_wasm::host::{Engine, Image, Module};
use thiserror::Error;

#[cfg(not(target_os = "linux"))]
use absent as folder;
use folder::Folder;

/// Bytes of all entries together; the oldest go first.
const MOST_BYTES: u64 = 64 << 20;

/// Why a folder is no place for native code.
#[derive(Debug, Error)]
pub enum Unfit {
    /// Somebody else could have put code there with the files that are linted.
    #[error("it lies in the repository {0}")]
    InRepository(String),
    /// See [`Unfit::InRepository`].
    #[error("it lies in {0}, which is linted")]
    InInput(String),
    /// Somebody else could write to it.
    #[error("it belongs to another user")]
    Owner,
    /// See [`Unfit::Owner`].
    #[error("other users may use it; `chmod 700` it")]
    Mode,
    /// It cannot be opened.
    #[error("{0}")]
    Unreadable(String),
    /// Owners cannot be told.
    #[error("this system has none")]
    System,
}

/// A folder with native code.
#[derive(Debug)]
pub struct Cache {
    folder: Folder,
}

/// What there is under a key.
#[derive(Debug)]
pub(super) enum Kept {
    /// Nothing that can be trusted.
    Nothing,
    /// The pack was used before.
    Mark,
    /// It was used more than once, and this is its code.
    Module(Module),
}

/// What an entry is found by: a hash of everything that decides what the native code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key([u8; 32]);

impl Cache {
    /// Opens the folder at `path`, which is made if it is not there. It must not lie in one of `inputs`.
    ///
    /// # Errors
    ///
    /// If code from there cannot be trusted.
    pub fn open(path: &Path, inputs: &[PathBuf]) -> Result<Self, Unfit> {
        // Before it is made, so that nothing is left where it must not be.
        let place = find_place(path)
            .ok_or_else(|| Unfit::Unreadable("there is no such folder".to_owned()))?;
        refuse_repository(&place)?;
        for input in inputs {
            let is_around =
                std::fs::canonicalize(input).is_ok_and(|input| place.starts_with(input));
            if is_around {
                return Err(Unfit::InInput(input.display().to_string()));
            }
        }
        Ok(Self {
            folder: Folder::open(path)?,
        })
    }

    /// What an entry holds; nothing if there is none that can be trusted.
    pub(super) fn load(&self, engine: &Engine, key: &Key) -> Kept {
        let entry = self.folder.read(&key.name());
        match entry.and_then(|bytes| entry::decode(&bytes, &key.0)) {
            None => Kept::Nothing,
            Some(None) => Kept::Mark,
            Some(Some(image)) => self
                .load_image(engine, &image)
                .map_or(Kept::Nothing, Kept::Module),
        }
    }

    #[expect(
        unsafe_code,
        reason = "native code is trusted, and this is where it may be"
    )]
    fn load_image(&self, engine: &Engine, image: &Image) -> Option<Module> {
        // SAFETY: the image was written by `store` under a key of this build of the compiler and of this engine, to a
        // folder that only this user can write to; they are as they were written, as their hash says, and cannot change
        // any more: they were read, not mapped.
        unsafe { Module::from_image(engine, image.index.clone(), &image.native) }.ok()
    }

    /// Remembers that a pack was used.
    pub(super) fn mark(&self, key: &Key) {
        self.write(key, &entry::encode(None, &key.0));
    }

    /// Keeps an image, in the place of a mark.
    pub(super) fn store(&self, key: &Key, image: &Image) {
        self.write(key, &entry::encode(Some(image), &key.0));
    }

    /// If that fails the entry is as before.
    fn write(&self, key: &Key, bytes: &[u8]) {
        if bytes.len() as u64 <= MOST_BYTES && self.folder.write(&key.name(), bytes).is_ok() {
            self.folder.drop_oldest(MOST_BYTES);
        }
    }
}

/// Where a path leads, with links followed as far as it exists.
fn find_place(path: &Path) -> Option<PathBuf> {
    path.ancestors().find_map(|around| {
        let place = std::fs::canonicalize(around).ok()?;
        Some(place.join(path.strip_prefix(around).ok()?))
    })
}

/// A folder of a repository is writable by what comes with the repository.
fn refuse_repository(place: &Path) -> Result<(), Unfit> {
    for folder in place.ancestors() {
        // A folder in most repositories, a file in the work trees of git.
        if folder.join(".git").symlink_metadata().is_ok() {
            return Err(Unfit::InRepository(folder.display().to_string()));
        }
    }
    Ok(())
}

impl Key {
    /// The key of a module, by its bytes.
    pub(super) fn of_module(engine: &Engine, wasm: &[u8]) -> Self {
        Self::new("palisade cache: module", engine, [wasm])
    }

    /// The key of sources: everything that the compiler is given, in its order.
    pub(super) fn of_sources<'a>(
        engine: &Engine,
        pack: Option<&'a str>,
        sources: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let pack = [pack.unwrap_or_default()];
        let texts = sources.into_iter().flat_map(|(path, text)| [path, text]);
        let parts = pack.into_iter().chain(texts).map(str::as_bytes);
        Self::new("palisade cache: sources", engine, parts)
    }

    fn new<'a>(purpose: &str, engine: &Engine, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(purpose);
        let mut add = |part: &[u8]| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        };
        add(COMPILER.as_bytes());
        add(&engine.compatibility());
        parts.into_iter().for_each(add);
        Self(*hasher.finalize().as_bytes())
    }

    /// The name of the entry's file.
    fn name(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }
}

/// Where owners are not looked at, nothing is kept.
#[cfg(not(target_os = "linux"))]
mod absent {
    use super::Unfit;

    #[derive(Debug)]
    pub(super) enum Folder {}

    impl Folder {
        pub(super) fn open(_: &std::path::Path) -> Result<Self, Unfit> {
            Err(Unfit::System)
        }

        pub(super) fn read(&self, _: &str) -> Option<Vec<u8>> {
            match *self {}
        }

        pub(super) fn write(&self, _: &str, _: &[u8]) -> std::io::Result<()> {
            match *self {}
        }

        pub(super) fn drop_oldest(&self, _: u64) {
            match *self {}
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_cache_lies_in_no_repository_and_in_nothing_that_is_linted() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("home/.cache/palisade");
        assert!(Cache::open(&cache, &[]).is_ok());
        let around = folder.path().join("home/../home");
        assert!(matches!(
            Cache::open(&cache, &[around]),
            Err(Unfit::InInput(_))
        ));
        let elsewhere = folder.path().join("elsewhere");
        assert!(Cache::open(&cache, &[elsewhere]).is_ok());

        std::fs::create_dir(folder.path().join(".git")).unwrap();
        assert!(matches!(
            Cache::open(&cache, &[]),
            Err(Unfit::InRepository(_))
        ));
        let new = folder.path().join("another/cache");
        assert!(matches!(
            Cache::open(&new, &[]),
            Err(Unfit::InRepository(_))
        ));
        assert!(
            !new.parent().unwrap().exists(),
            "nothing is left in the repository"
        );
    }

    #[test]
    fn keys_differ_where_anything_does() {
        let engine = Engine::new().unwrap();
        let sources = |pack, sources: &[(&'static str, &'static str)]| {
            Key::of_sources(&engine, pack, sources.iter().copied())
        };
        let keys = [
            sources(None, &[("a", "b"), ("c", "d")]),
            sources(None, &[("a", "bc"), ("", "d")]),
            sources(None, &[("c", "d"), ("a", "b")]),
            sources(Some("a"), &[("a", "b"), ("c", "d")]),
            sources(None, &[("a", "b")]),
            Key::of_module(&engine, b"a"),
        ];
        for (nth, key) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|other| other == key), Some(nth));
        }
        assert_eq!(keys[5], Key::of_module(&Engine::new().unwrap(), b"a"));
    }
}
