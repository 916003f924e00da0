//! From a path to something that runs: files → sources → typed program → module → host module.
//!
//! The one place where packs are loaded; every command comes through here. What `--policies` may name:
//!
//! - a folder with a `pack.pale`: a pack, all `.pale` files in it and below;
//! - a folder without one, with packs somewhere below it: all of them;
//! - a `.pale` file: a pack of one file, named after it unless it says another name;
//! - a `.wasm` file that was built before.

mod around;
pub mod cache;
mod elsewhere;
mod files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use palisade_lang::check::{Options, Source, compile};
use palisade_lang::diagnostic::{Diagnostic, Level};
use palisade_lang::program::{KindRef, Program, SecretFields};
use palisade_lang::span::FileId;
use palisade_wasm::host::{Engine, Image, LoadError, Module};
use palisade_wasm::index::{ParamEntry, ProfileEntry};
use palisade_wasm::target::{LinkError, Target};
use thiserror::Error;

use around::Around;
use cache::{Cache, Kept, Key};
use files::{PackFiles, find_packs};

use crate::files::FileMatcher;
use crate::finding::PolicyInfo;
use crate::report::diagnostic::SourceTexts;
use crate::walk::describe_io;

/// Name of the file that makes a folder a pack.
pub const PACK_FILE: &str = "pack.pale";
/// What errors call the packs that come with the program.
const STANDARD: &str = "the standard library";
/// Longest `.pale` file.
const MAX_SOURCE: u64 = 1 << 20;
/// Longest `.wasm` file.
const MAX_MODULE: u64 = 16 << 20;

/// Why packs cannot be loaded.
#[derive(Debug, Error)]
pub enum PackError {
    /// The path leads nowhere, or not to where this user may read.
    #[error("{path}: {reason}")]
    Unreadable {
        /// As it was given.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The folder holds no pack.
    #[error("{path} is no pack: it has no `{PACK_FILE}` that says `pack NAME edition 2026`")]
    NoPack {
        /// As it was given.
        path: String,
    },
    /// The file is neither source nor module.
    #[error("{path} is neither a pack folder nor a `.pale` or `.wasm` file")]
    NotPolicies {
        /// As it was given.
        path: String,
    },
    /// The file is longer than any sensible one.
    #[error("{path} is longer than {limit} MiB")]
    TooLong {
        /// As it was given.
        path: String,
        /// The bound.
        limit: u64,
    },
    /// A policy would be run twice, and nobody could tell whose a finding is.
    #[error(
        "pack `{pack}` is given twice: policy `{policy}` is in {first} and in {second}; leave one out"
    )]
    Twice {
        /// Name of both packs.
        pack: String,
        /// A policy of both.
        policy: String,
        /// The earlier one, as it was given.
        first: String,
        /// The later one.
        second: String,
    },
    /// The sources have errors, which are in the report of the compilation.
    #[error("the policies do not compile")]
    Diagnostics(Vec<Checked>),
    /// The module cannot be run here.
    #[error("cannot load {path}: {error}")]
    Module {
        /// As it was given.
        path: String,
        /// What is wrong with it.
        error: LoadError,
    },
    /// A mistake of ours.
    #[error("internal error in pack: {0}; please report this with its sources")]
    Internal(#[from] LinkError),
    /// The machine cannot run modules.
    #[error("cannot start the engine: {0}")]
    Engine(LoadError),
}

/// A pack that was compiled as far as it goes.
#[derive(Debug)]
pub struct Checked {
    /// Where it is, as reports name it.
    pub path: String,
    /// The typed program, unless there are errors.
    pub program: Option<Program>,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// What the diagnostics point into.
    pub sources: SourceTexts,
}

impl Checked {
    /// True if there is an error, not only warnings.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.level == Level::Error)
    }
}

/// A module that is ready to run.
#[derive(Debug)]
pub struct Pack {
    /// The module.
    pub module: Module,
    /// Its policies by number, as reports name them.
    pub policies: Vec<Arc<PolicyInfo>>,
    /// The profiles that have a policy of it.
    pub profiles: Vec<ProfileEntry>,
    /// Its parameters and those of its policies.
    pub params: Vec<ParamEntry>,
    /// The kinds of object that each policy asks for, as [`palisade_wasm::index::PolicyEntry::asks`] has them.
    pub asks: Vec<u32>,
    /// The kinds of file that its policies are on.
    pub files: Vec<FileMatcher>,
    /// Where objects and files of declared kinds hold what no report shows.
    pub secrets: Vec<SecretFields>,
}

impl Pack {
    /// The pack of a module.
    ///
    /// # Errors
    ///
    /// If its index is damaged.
    pub fn new(module: Module) -> Result<Self, LoadError> {
        let index = module.to_index()?;
        let asks = index.policies.iter().map(|policy| policy.asks).collect();
        let policies = index
            .policies
            .into_iter()
            .map(|policy| {
                Arc::new(PolicyInfo {
                    name: policy.name,
                    pack: index.pack.clone(),
                    title: policy.title,
                    controls: policy.controls,
                    on_by_default: policy.on_by_default,
                    judges_files: policy.operations == 0 || policy.operations & 1 == 1,
                })
            })
            .collect();
        let mut secrets: Vec<SecretFields> = Vec::new();
        let mut files: Vec<FileMatcher> = Vec::new();
        for route in index.routes.into_iter().chain(index.asked) {
            let fields = SecretFields {
                kind: KindRef {
                    groups: route.groups,
                    kind: route.kind,
                },
                paths: route.secrets,
            };
            if !fields.paths.is_empty() && !secrets.contains(&fields) {
                secrets.push(fields);
            }
            if let Some(kind) = route.source
                && files.iter().all(|known| known.kind != kind)
            {
                files.push(FileMatcher::new(kind).map_err(LoadError::Glob)?);
            }
        }
        Ok(Self {
            module,
            policies,
            profiles: index.profiles,
            params: index.params,
            asks,
            secrets,
            files,
        })
    }

    /// Whether a file of this name is of a kind of the pack's, by the number of that.
    #[must_use]
    pub fn is_of(&self, kind: usize, name: &str) -> bool {
        let matcher = self.files.get(kind);
        matcher.is_some_and(|matcher| matcher.is_match(name))
    }
}

/// The packs of a run.
#[derive(Debug)]
pub struct Packs {
    /// In the order in which they were named, the standard library first.
    pub packs: Vec<Pack>,
    /// What was compiled on the way, with its warnings.
    pub checked: Vec<Checked>,
    /// The paths, as they were given, at which there is no policy at all.
    pub empty: Vec<String>,
}

impl Packs {
    /// Whether a file of this name is of a kind that a policy is on.
    #[must_use]
    pub fn is_of_kind(&self, name: &str) -> bool {
        let mut files = self.packs.iter().flat_map(|pack| &pack.files);
        files.any(|matcher| matcher.is_match(name))
    }

    /// Policies of all packs together, those included that are off.
    #[must_use]
    pub fn n_policies(&self) -> usize {
        self.packs.iter().map(|pack| pack.policies.len()).sum()
    }
}

/// Whether the standard library takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// It does.
    Included,
    /// Only what was named does.
    Left,
}

/// Loads the standard library and the packs at `paths`, all of them compiled anew and quickly.
///
/// # Errors
///
/// If a path cannot be read, a policy does not compile or a module cannot be run.
pub fn load(standard: Standard, paths: &[PathBuf]) -> Result<Packs, PackError> {
    load_cached(standard, paths, None)
}

/// Like [`load`], with native code from a cache where it has it. Packs from there were compiled without a warning, and
/// are not in [`Packs::checked`].
///
/// Sources that the cache has not seen before are compiled quickly, as most that are being edited never come back. When
/// they do, they are compiled to the fastest code, which is kept.
///
/// # Errors
///
/// See [`load`].
pub fn load_cached(
    standard: Standard,
    paths: &[PathBuf],
    cache: Option<&Cache>,
) -> Result<Packs, PackError> {
    let engine = Engine::trusting().map_err(PackError::Engine)?;
    let loader = Loader {
        engine: &engine,
        cache,
    };
    let standard = match standard {
        Standard::Included => load_standard(&engine)?,
        Standard::Left => Vec::new(),
    };
    let found = standard
        .into_iter()
        .map(|pack| (STANDARD.to_owned(), Found::Ready(pack)));
    let mut found: Vec<(String, Found)> = found.collect();
    let mut foreign = None;
    for path in without_repeats(paths) {
        if is_module(path) {
            let bytes = read_bounded(path, MAX_MODULE)?;
            // Nobody knows what made it.
            let engine = match foreign.take() {
                Some(engine) => engine,
                None => Engine::new().map_err(PackError::Engine)?,
            };
            let loader = Loader {
                engine: foreign.insert(engine),
                cache,
            };
            let pack = loader.load_module(&show(path), &bytes)?;
            found.push((show(path), Found::Ready(pack)));
            continue;
        }
        for files in find_packs(path)? {
            found.push((show(&files.path), loader.find_or_check(&files)?));
        }
    }
    let has_errors = |(_, found): &(_, Found)| matches!(found, Found::Checked(checked, _) if checked.has_errors());
    if found.iter().any(has_errors) {
        let checked = found.into_iter().filter_map(|(_, found)| found.checked());
        return Err(PackError::Diagnostics(checked.collect()));
    }
    let mut packs = Vec::new();
    let mut origins = Vec::new();
    let mut checked = Vec::new();
    for (origin, found) in found {
        packs.push(match found {
            Found::Ready(pack) => pack,
            Found::Checked(pack, key) => {
                let loaded = loader.load_checked(&pack, key)?;
                checked.push(pack);
                let Some(loaded) = loaded else { continue };
                loaded
            }
        });
        origins.push(origin);
    }
    refuse_twice(&packs, &origins)?;
    let empty = find_empty(paths, &packs, &origins);
    Ok(Packs {
        packs,
        checked,
        empty,
    })
}

/// A pack on its way.
enum Found {
    /// It can run.
    Ready(Pack),
    /// It was compiled as far as it goes; the key is that of its sources, if there is a cache.
    Checked(Checked, Option<Key>),
}

impl Found {
    fn checked(self) -> Option<Checked> {
        match self {
            Self::Ready(_) => None,
            Self::Checked(checked, _) => Some(checked),
        }
    }
}

/// The paths at or below which no pack has a policy.
fn find_empty(paths: &[PathBuf], packs: &[Pack], origins: &[String]) -> Vec<String> {
    let has_policies = |path: &&PathBuf| {
        let mut from_here = packs
            .iter()
            .zip(origins)
            .filter(|(_, origin)| Path::new(origin).starts_with(path));
        from_here.any(|(pack, _)| !pack.policies.is_empty())
    };
    let empty = without_repeats(paths)
        .into_iter()
        .filter(|path| !has_policies(path));
    empty.map(|path| show(path)).collect()
}

/// The paths without those that lead where an earlier one does.
fn without_repeats(paths: &[PathBuf]) -> Vec<&PathBuf> {
    let mut seen = Vec::new();
    let mut kept = Vec::new();
    for path in paths {
        // A path that leads nowhere is an error of its own.
        let place = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        if !seen.contains(&place) {
            seen.push(place);
            kept.push(path);
        }
    }
    kept
}

/// An error if a policy of the same pack and name comes from two of `origins`.
fn refuse_twice(packs: &[Pack], origins: &[String]) -> Result<(), PackError> {
    let mut owners = BTreeMap::new();
    for (pack, origin) in packs.iter().zip(origins) {
        for policy in &pack.policies {
            let Some(first) = owners.insert((&policy.pack, &policy.name), origin) else {
                continue;
            };
            return Err(PackError::Twice {
                pack: policy.pack.clone(),
                policy: policy.name.clone(),
                first: first.clone(),
                second: origin.clone(),
            });
        }
    }
    Ok(())
}

/// Compiles the packs at `path` without running them.
///
/// # Errors
///
/// If the path cannot be read or holds no policies. What is wrong *in* the policies is in the result.
pub fn check(path: &Path) -> Result<Vec<Checked>, PackError> {
    let packs = find_packs(path)?;
    let check = |pack| Ok(check_sources(pack, read_sources(pack)?));
    packs.iter().map(check).collect()
}

/// The module of a program, as a file.
///
/// # Errors
///
/// Only if code generation itself is broken.
pub fn emit(program: &Program, target: Target) -> Result<Vec<u8>, PackError> {
    Ok(palisade_wasm::build::build_module(program, target)?)
}

/// True for a path that names a compiled module.
#[must_use]
pub fn is_module(path: &Path) -> bool {
    has_extension(path, "wasm")
}

/// The bytes of a compiled module.
///
/// # Errors
///
/// If the file cannot be read or is longer than any sensible one.
pub fn read_module(path: &Path) -> Result<Vec<u8>, PackError> {
    read_bounded(path, MAX_MODULE)
}

fn load_standard(engine: &Engine) -> Result<Vec<Pack>, PackError> {
    let fail = |error| PackError::Module {
        path: STANDARD.to_owned(),
        error,
    };
    let modules = palisade_stdlib::load(engine).map_err(fail)?;
    modules
        .into_iter()
        .map(|module| Pack::new(module).map_err(fail))
        .collect()
}

/// Makes modules of what was read.
struct Loader<'a> {
    engine: &'a Engine,
    cache: Option<&'a Cache>,
}

impl Loader<'_> {
    /// The pack as it was compiled before from the same sources, without anything to say about them; else it is checked.
    fn find_or_check(&self, files: &PackFiles) -> Result<Found, PackError> {
        let texts = read_sources(files)?;
        let cache = self.cache.filter(|_| !around::reads_others(&texts));
        let Some(cache) = cache else {
            return Ok(Found::Checked(check_sources(files, texts), None));
        };
        let sources = texts.iter().map(|(path, text)| (&**path, &**text));
        let key = Key::of_sources(self.engine, files.name.as_deref(), sources);
        if let Kept::Module(module) = cache.load(self.engine, &key)
            && let Ok(pack) = Pack::new(module)
        {
            return Ok(Found::Ready(pack));
        }
        Ok(Found::Checked(check_sources(files, texts), Some(key)))
    }

    /// The pack of a program, kept under the key of its sources unless there are warnings, which are to be seen again.
    fn load_checked(&self, checked: &Checked, key: Option<Key>) -> Result<Option<Pack>, PackError> {
        let Some(program) = &checked.program else {
            return Ok(None);
        };
        let wasm = emit(program, Target::Core)?;
        let pack = match (self.cache, key) {
            (Some(cache), Some(key)) if checked.diagnostics.is_empty() => {
                self.load_kept(cache, &key, &checked.path, &wasm)
            }
            // Under the key of the module itself.
            _ => self.load_module(&checked.path, &wasm),
        };
        pack.map(Some)
    }

    fn load_module(&self, path: &str, wasm: &[u8]) -> Result<Pack, PackError> {
        match self.cache {
            Some(cache) => {
                let key = Key::of_module(self.engine, wasm);
                self.load_kept(cache, &key, path, wasm)
            }
            None => self.compile_quickly(path, wasm),
        }
    }

    fn load_kept(
        &self,
        cache: &Cache,
        key: &Key,
        path: &str,
        wasm: &[u8],
    ) -> Result<Pack, PackError> {
        match cache.load(self.engine, key) {
            Kept::Module(module) => {
                if let Ok(pack) = Pack::new(module) {
                    return Ok(pack);
                }
            }
            Kept::Mark => return self.compile_and_keep(cache, key, path, wasm),
            Kept::Nothing => {}
        }
        let pack = self.compile_quickly(path, wasm)?;
        cache.mark(key);
        Ok(pack)
    }

    fn compile_quickly(&self, path: &str, wasm: &[u8]) -> Result<Pack, PackError> {
        Module::compile_quickly(self.engine, wasm)
            .and_then(Pack::new)
            .map_err(|error| cannot_load(path, error))
    }

    #[expect(
        unsafe_code,
        reason = "native code is trusted; this was made two lines up"
    )]
    fn compile_and_keep(
        &self,
        cache: &Cache,
        key: &Key,
        path: &str,
        wasm: &[u8],
    ) -> Result<Pack, PackError> {
        let fail = |error| cannot_load(path, error);
        let image = Image::precompile(self.engine, wasm).map_err(fail)?;
        // SAFETY: the image is as `Image::precompile` made it.
        let module = unsafe { Module::from_image(self.engine, image.index.clone(), &image.native) }
            .map_err(fail)?;
        let pack = Pack::new(module).map_err(fail)?;
        cache.store(key, &image);
        Ok(pack)
    }
}

fn cannot_load(path: &str, error: LoadError) -> PackError {
    PackError::Module {
        path: path.to_owned(),
        error,
    }
}

/// Name and text of each file of a pack.
fn read_sources(pack: &PackFiles) -> Result<Vec<(String, String)>, PackError> {
    let read = |path: &PathBuf| Ok((show(path), read_source(path)?));
    pack.files.iter().map(read).collect()
}

fn check_sources(pack: &PackFiles, mut texts: Vec<(String, String)>) -> Checked {
    let around = Around::of(pack, &texts);
    let sources: Vec<Source<'_>> = texts
        .iter()
        .zip(0..)
        .map(|((path, text), nth)| Source {
            file: FileId(nth),
            path,
            text,
        })
        .collect();
    let options = Options {
        pack: pack.name.clone(),
        packs: around.packs,
        files: Some(around.files),
    };
    let mut compiled = compile(&sources, &options);
    elsewhere::point_to_packs(&mut compiled.diagnostics, pack, &texts);
    texts.extend(around.texts);
    Checked {
        path: show(&pack.path),
        program: compiled.program,
        diagnostics: compiled.diagnostics,
        sources: SourceTexts::new(texts),
    }
}

fn read_source(path: &Path) -> Result<String, PackError> {
    let bytes = read_bounded(path, MAX_SOURCE)?;
    String::from_utf8(bytes).map_err(|error| PackError::Unreadable {
        path: show(path),
        reason: format!(
            "not UTF-8 from byte {} on",
            error.utf8_error().valid_up_to()
        ),
    })
}

fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, PackError> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > limit {
        return Err(PackError::TooLong {
            path: show(path),
            limit: limit >> 20,
        });
    }
    Ok(bytes)
}

fn unreadable(path: &Path, error: &std::io::Error) -> PackError {
    PackError::Unreadable {
        path: show(path),
        reason: describe_io(error),
    }
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

fn show(path: &Path) -> String {
    path.display().to_string()
}
