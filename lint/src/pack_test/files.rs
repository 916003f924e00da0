//! The files of a pack's tests.
//!
//! Below `tests/`: every `.yaml`, `.yml` and `.json` file is a test, and every file of a kind that the pack's policies are
//! on; `NAME.expect` beside `NAME.json` holds what cannot
//! be marked there, `NAME.fixed.yaml` what fixes are to make of `NAME.yaml`. Files that ignore lists name are tests like
//! any other: who keeps bad manifests away from linting still wants them tested.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::{Problem, Test};
use crate::files::FileMatcher;
use crate::packs::PACK_FILE;
use crate::walk::describe_io;

/// The folder of a pack that holds its tests.
const FOLDER: &str = "tests";

/// A file or folder of tests cannot be read.
#[derive(Debug, Error)]
#[error("{path}: {reason}")]
pub struct FindError {
    path: String,
    reason: String,
}

/// The tests of a pack.
#[derive(Debug, Clone, Default)]
pub struct Tests {
    /// Where they are, whether or not there are any.
    pub folder: PathBuf,
    /// In the order of their names.
    pub tests: Vec<TestFiles>,
    /// Files that belong to no test.
    pub strays: Vec<Problem>,
}

/// The files of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFiles {
    /// The manifest.
    pub manifest: PathBuf,
    /// What is expected of it, where the format has no comments: the file need not exist.
    pub expectations: Option<PathBuf>,
    /// What fixes are to make of it, if that is written down.
    pub fixed: Option<PathBuf>,
    /// What it is called up to the first point, and the folders that it is in below the folder of tests.
    names: Vec<String>,
    /// The other manifests of its folder.
    others: Vec<PathBuf>,
}

/// The tests of the pack at `path`, whose policies are on files of `kinds`: a folder, or a file, whose tests lie beside it.
///
/// # Errors
///
/// If a folder cannot be read.
pub fn find_tests(path: &Path, kinds: &[FileMatcher]) -> Result<Tests, FindError> {
    let is_file = path.is_file();
    let home = if is_file { path.parent() } else { Some(path) };
    let folder = home.unwrap_or(path).join(FOLDER);
    let mut files = BTreeSet::new();
    if folder.is_dir() {
        collect(&folder, &mut files)?;
    }
    let mut found = Tests {
        folder: folder.clone(),
        ..Tests::default()
    };
    // A kind of every file makes a test of none.
    let is_declared = |matcher: &&FileMatcher| !matcher.is_any_file();
    let is_of_kind = |path: &Path| {
        let name = name(path);
        let mut kinds = kinds.iter().filter(is_declared);
        kinds.any(|matcher| matcher.is_match(&name))
    };
    for path in &files {
        let is_hidden = path.strip_prefix(&folder).is_ok_and(|below| {
            let mut parts = below.components();
            parts.any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
        });
        if is_hidden && !is_of_kind(path) {
            continue;
        }
        match Role::of(path, is_of_kind(path)) {
            Some(Role::Manifest) => found.tests.push(TestFiles {
                manifest: path.clone(),
                expectations: expectations_of(path),
                fixed: Some(fixed_of(path)).filter(|fixed| files.contains(fixed)),
                names: names_of(path, &folder),
                others: (files.iter())
                    .filter(|other| {
                        let is_beside = other.parent() == path.parent() && *other != path;
                        is_beside && matches!(Role::of(other, false), Some(Role::Manifest))
                    })
                    .cloned()
                    .collect(),
            }),
            Some(Role::Fixed(of)) if !files.contains(&of) => {
                found.strays.push(stray(path, &of));
            }
            Some(Role::Expectations(of)) if !files.contains(&of) => {
                found.strays.push(stray(path, &of));
            }
            Some(Role::Fixed(_) | Role::Expectations(_)) | None => {}
        }
    }
    Ok(found)
}

impl TestFiles {
    /// The file that reports call `name`: one of the test's.
    #[must_use]
    pub fn path_of(&self, name: &str) -> &Path {
        let others = self.expectations.iter().chain(&self.fixed);
        others
            .map(PathBuf::as_path)
            .find(|path| *self::name(path) == *name)
            .unwrap_or(&self.manifest)
    }

    /// Reads the files. `policies` are the names of the pack's; where they ask for objects, the other manifests of the
    /// folder are read as well.
    ///
    /// # Errors
    ///
    /// If one cannot be read, as a problem of the test.
    pub fn read(&self, policies: &[&str], asks: bool) -> Result<Test, Box<Problem>> {
        let expectations = match &self.expectations {
            Some(path) if path.exists() => Some(read(path)?),
            Some(path) => Some((name(path), Arc::from(""))),
            None => None,
        };
        Ok(Test {
            manifest: read(&self.manifest)?,
            expectations,
            fixed: self.fixed.as_deref().map(read).transpose()?,
            others: if asks {
                let others = self.others.iter().map(|other| read(other));
                others.collect::<Result<_, _>>()?
            } else {
                Vec::new()
            },
            policy: (self.names.iter())
                .find(|name| policies.contains(&name.as_str()))
                .cloned(),
        })
    }
}

/// What a file is for.
enum Role {
    Manifest,
    /// What fixes make of another.
    Fixed(PathBuf),
    /// What is expected of another.
    Expectations(PathBuf),
}

impl Role {
    fn of(path: &Path, is_of_kind: bool) -> Option<Self> {
        let Some(extension) = path.extension().and_then(|extension| extension.to_str()) else {
            return is_of_kind.then_some(Self::Manifest);
        };
        if extension.eq_ignore_ascii_case("expect") {
            return Some(Self::Expectations(path.with_extension("json")));
        }
        if !is_of_kind
            && !["yaml", "yml", "json"].contains(&extension.to_ascii_lowercase().as_str())
        {
            return None;
        }
        let stem = Path::new(path.file_stem()?);
        if stem.extension().is_some_and(|end| end == "fixed") {
            let name = stem.with_extension(extension);
            return Some(Self::Fixed(path.with_file_name(name)));
        }
        Some(Self::Manifest)
    }
}

fn fixed_of(path: &Path) -> PathBuf {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    path.with_extension(format!("fixed.{extension}"))
}

fn expectations_of(path: &Path) -> Option<PathBuf> {
    let is_json = path.extension()?.eq_ignore_ascii_case("json");
    is_json.then(|| path.with_extension("expect"))
}

/// The names a test may take its policy from, the nearest first.
fn names_of(path: &Path, folder: &Path) -> Vec<String> {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let mut names: Vec<String> = below
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if let Some(last) = names.last_mut() {
        last.truncate(last.find('.').unwrap_or(last.len()));
    }
    names.reverse();
    names
}

fn stray(path: &Path, of: &Path) -> Problem {
    Problem::of_file(
        &path.display().to_string(),
        &format!("belongs to no test: there is no {}", of.display()),
    )
}

/// The files at and below a folder, other packs left out. Links to folders are not followed.
fn collect(folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), FindError> {
    let fail = |error: &std::io::Error| FindError {
        path: folder.display().to_string(),
        reason: describe_io(error),
    };
    for entry in std::fs::read_dir(folder).map_err(|error| fail(&error))? {
        let entry = entry.map_err(|error| fail(&error))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| fail(&error))?;
        if kind.is_dir() {
            if !path.join(PACK_FILE).is_file() {
                collect(&path, files)?;
            }
        } else if path.is_file() {
            files.insert(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<(Arc<str>, Arc<str>), Box<Problem>> {
    let name = name(path);
    let fail = |reason: &str| Box::new(Problem::of_file(&name, reason));
    let bytes = std::fs::read(path).map_err(|error| fail(&describe_io(&error)))?;
    let text = String::from_utf8(bytes).map_err(|_| fail("not UTF-8"))?;
    Ok((Arc::clone(&name), Arc::from(text)))
}

fn name(path: &Path) -> Arc<str> {
    let text = path.display().to_string();
    Arc::from(text.strip_prefix("./").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let tests = folder.path().join("tests");
        std::fs::create_dir_all(tests.join("no-x")).unwrap();
        for name in [
            "a.yaml",
            "a.fixed.yaml",
            "b.json",
            "c.expect",
            "d.fixed.yml",
            "no-x/deploy.yaml",
            "no-y.pass.yaml",
            "notes.txt",
            ".hidden.yaml",
        ] {
            std::fs::write(tests.join(name), "").unwrap();
        }
        let found = find_tests(folder.path(), &[]).unwrap();
        let names: Vec<_> = (found.tests.iter())
            .map(|test| {
                let policies = ["no-x", "no-y"];
                let policy = test.read(&policies, false).unwrap().policy;
                (
                    test.manifest
                        .strip_prefix(&tests)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                    test.fixed.is_some(),
                    test.expectations.is_some(),
                    policy,
                )
            })
            .collect();
        assert_eq!(
            names,
            [
                ("a.yaml".to_owned(), true, false, None),
                ("b.json".to_owned(), false, true, None),
                (
                    "no-x/deploy.yaml".to_owned(),
                    false,
                    false,
                    Some("no-x".to_owned())
                ),
                (
                    "no-y.pass.yaml".to_owned(),
                    false,
                    false,
                    Some("no-y".to_owned())
                ),
            ]
        );
        assert_eq!(found.strays.len(), 2);
    }
}
