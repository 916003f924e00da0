//! From what was named on the command line to the files to read, in the order of their names.
//!
//! A folder is walked for `.yaml`, `.yml` and `.json` files, hidden ones too, except for what `.gitignore` and
//! `.palisadeignore` name. Links are not followed inside a folder, so that a walk ends and stays where it was sent.
//! A file that is named is read whatever it is called.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::{DirEntry, WalkBuilder};

use crate::finding::{FileError, Unread};

/// Name of the file that keeps files from being linted, in the form of `.gitignore`.
pub const IGNORE_FILE: &str = ".palisadeignore";

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File {
        /// Where it is.
        path: PathBuf,
        /// As reports name it.
        name: Arc<str>,
        /// It was named itself, and is read whatever it is called.
        is_named: bool,
    },
    /// Standard input, already read.
    Text {
        /// As reports name it.
        name: Arc<str>,
        /// What was read.
        bytes: Arc<[u8]>,
    },
}

impl Input {
    /// As reports name it.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        match self {
            Self::File { name, .. } | Self::Text { name, .. } => name,
        }
    }

    /// Whether it is read whatever it is called.
    #[must_use]
    pub fn is_named(&self) -> bool {
        match self {
            Self::File { is_named, .. } => *is_named,
            Self::Text { .. } => true,
        }
    }
}

/// What a walk found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walk {
    /// What to read, sorted by name, each file once.
    pub inputs: Vec<Input>,
    /// What all of it is called together: the path that was named, or the folder above those that were.
    pub root: Arc<str>,
    /// What could not be opened.
    pub errors: Vec<FileError>,
    /// What is passed over although it may hold objects.
    pub unread: Vec<Unread>,
}

/// Finds the files of `paths`: files as they are, folders walked for manifests.
#[must_use]
pub fn find_inputs(paths: &[PathBuf]) -> Walk {
    find_inputs_and(paths, &|_| false)
}

/// Finds the files of `paths`: files as they are, folders walked for manifests and for files whose name, as reports have
/// it, `is_wanted`.
#[must_use]
pub fn find_inputs_and(paths: &[PathBuf], is_wanted: &dyn Fn(&str) -> bool) -> Walk {
    let mut found = Found {
        root: None,
        met: HashSet::new(),
        files: BTreeMap::new(),
        errors: Vec::new(),
        charts: BTreeMap::new(),
        is_wanted,
    };
    for path in paths {
        // One path alone leads to nothing twice.
        found.root =
            (paths.len() > 1).then(|| std::fs::canonicalize(path).unwrap_or_else(|_| path.clone()));
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => found.walk(path),
            Ok(_) => found.add(path, path, true),
            Err(error) => found.fail(path, path, &describe_io(&error)),
        }
    }
    Walk {
        root: root_of(paths),
        ..found.finish()
    }
}

/// The path, or the deepest folder above several, as reports name it.
fn root_of(paths: &[PathBuf]) -> Arc<str> {
    let Some((first, others)) = paths.split_first() else {
        return Arc::from(".");
    };
    let mut root: &Path = first;
    for other in others {
        while !other.starts_with(root) {
            let Some(parent) = root.parent() else {
                return Arc::from(".");
            };
            root = parent;
        }
    }
    name_of(root)
}

/// The reason of a failed read, in lower case and without the number of the operating system.
#[must_use]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the kinds of the standard library grow, and the rest keep the system's words"
)]
pub fn describe_io(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "is a folder".to_owned(),
        _ => {
            let text = error.to_string();
            let end = text.find(" (os error").unwrap_or(text.len());
            text.get(..end).unwrap_or_default().to_lowercase()
        }
    }
}

struct Found<'w> {
    /// Where the path leads that is being followed, where it matters.
    root: Option<PathBuf>,
    /// What was met already, whatever it was called.
    met: HashSet<PathBuf>,
    files: BTreeMap<Arc<str>, (PathBuf, bool)>,
    errors: Vec<FileError>,
    charts: BTreeMap<Arc<str>, ()>,
    is_wanted: &'w dyn Fn(&str) -> bool,
}

impl Found<'_> {
    fn walk(&mut self, root: &Path) {
        let walker = WalkBuilder::new(root)
            .hidden(false)
            .follow_links(false)
            .require_git(false)
            .add_custom_ignore_filename(IGNORE_FILE)
            .filter_entry(|entry| !is_repository_data(entry))
            .build();
        for entry in walker {
            match entry {
                Ok(entry) if is_template_folder_of_chart(&entry) => {
                    let chart = entry.path().parent().unwrap_or(entry.path());
                    if self.is_first(root, entry.path()) {
                        self.charts.insert(name_of(chart), ());
                    }
                }
                Ok(entry) if self.is_read(&entry) && !is_below_templates(&entry, root) => {
                    self.add(root, entry.path(), false);
                }
                Ok(_) => {}
                Err(error) => self.fail_walk(root, &error),
            }
        }
    }

    fn is_read(&self, entry: &DirEntry) -> bool {
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let is_ours = entry.file_name() == CONFIGURATION;
        is_file
            && !is_ours
            && (is_manifest(entry.path()) || (self.is_wanted)(&name_of(entry.path())))
    }

    fn add(&mut self, root: &Path, path: &Path, is_named: bool) {
        if self.is_first(root, path) {
            let file = (path.to_owned(), is_named);
            self.files.insert(name_of(path), file);
        }
    }

    fn fail(&mut self, root: &Path, path: &Path, reason: &str) {
        if self.is_first(root, path) {
            self.errors.push(FileError {
                file: name_of(path),
                at: None,
                message: reason.to_owned(),
            });
        }
    }

    /// False for what was met before. `path` is `root` or lies in it; no link leads from one to the other.
    fn is_first(&mut self, root: &Path, path: &Path) -> bool {
        let Some(place) = &self.root else {
            return true;
        };
        let below = path.strip_prefix(root).unwrap_or(Path::new(""));
        self.met.insert(place.join(below))
    }

    fn fail_walk(&mut self, root: &Path, error: &ignore::Error) {
        let path = error_path(error).unwrap_or_else(|| root.to_owned());
        let reason = match error.io_error() {
            Some(error) => describe_io(error),
            None => error.to_string(),
        };
        self.fail(root, &path, &reason);
    }

    fn finish(self) -> Walk {
        let inputs = self
            .files
            .into_iter()
            .map(|(name, (path, is_named))| Input::File {
                path,
                name,
                is_named,
            })
            .collect();
        let unread = self
            .charts
            .into_keys()
            .map(|file| Unread {
                file,
                reason: "a Helm chart: lint what `helm template` makes of it".to_owned(),
            })
            .collect();
        Walk {
            inputs,
            root: Arc::default(),
            errors: self.errors,
            unread,
        }
    }
}

/// A path as reports show it: without a leading `./`, with `/` between folders.
fn name_of(path: &Path) -> Arc<str> {
    let text = path.to_string_lossy();
    let text = if std::path::MAIN_SEPARATOR == '\\' {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    };
    let mut name = text.as_str();
    while let Some(rest) = name.strip_prefix("./") {
        name = rest.trim_start_matches('/');
    }
    Arc::from(if name.is_empty() { "." } else { name })
}

/// The file in which a project says how it is linted, which is none of its manifests.
pub const CONFIGURATION: &str = ".palisade.yaml";

fn is_repository_data(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name() == ".git"
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|text| text.to_str());
    extension.is_some_and(|text| {
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| text.eq_ignore_ascii_case(known))
    })
}

/// Whether a file of this name is read as manifests are.
pub(crate) fn is_manifest_name(name: &str) -> bool {
    is_manifest(Path::new(name))
}

/// True for the folder `templates` beside a `Chart.yaml`: what is in it becomes YAML only when Helm renders it.
fn is_template_folder_of_chart(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir()) && is_chart_templates(entry.path())
}

fn is_below_templates(entry: &DirEntry, root: &Path) -> bool {
    entry
        .path()
        .ancestors()
        .skip(1)
        .take_while(|folder| folder.starts_with(root))
        .any(is_chart_templates)
}

fn is_chart_templates(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == "templates")
        && folder
            .parent()
            .is_some_and(|chart| chart.join("Chart.yaml").is_file())
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of a foreign enum only what can hold a path"
)]
fn error_path(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithDepth { err, .. } => {
            error_path(err)
        }
        ignore::Error::Partial(errors) => errors.iter().find_map(error_path),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let walk = find_inputs(&[folder.to_owned()]);
        assert_eq!(walk.errors, []);
        let prefix = format!("{}/", name_of(folder));
        walk.inputs
            .iter()
            .map(|input| input.name().trim_start_matches(&prefix).to_owned())
            .collect()
    }

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn manifests_are_found_in_the_order_of_names() {
        let folder = tree(&[
            ("b/x.yml", ""),
            ("a.json", "{}"),
            ("b.YAML", ""),
            ("readme.md", ""),
            (".hidden/y.yaml", ""),
            (".palisade.yaml", ""),
            (".git/config.yaml", ""),
        ]);
        assert_eq!(
            names(folder.path()),
            [".hidden/y.yaml", "a.json", "b.YAML", "b/x.yml"]
        );
    }

    #[test]
    fn ignore_files_are_respected_without_a_repository() {
        let folder = tree(&[
            ("a.yaml", ""),
            ("gen/b.yaml", ""),
            ("c.yaml", ""),
            (".gitignore", "gen/\n"),
            (".palisadeignore", "c.yaml\n"),
        ]);
        assert_eq!(names(folder.path()), ["a.yaml"]);
    }

    #[test]
    fn templates_of_a_chart_are_listed_as_not_read() {
        let folder = tree(&[
            ("app/Chart.yaml", ""),
            ("app/values.yaml", ""),
            ("app/templates/deployment.yaml", "{{ x }}"),
            ("app/templates/sub/service.yaml", "{{ x }}"),
            ("templates/plain.yaml", ""),
        ]);
        assert_eq!(
            names(folder.path()),
            ["app/Chart.yaml", "app/values.yaml", "templates/plain.yaml"]
        );
        let walk = find_inputs(&[folder.path().to_owned()]);
        assert_eq!(walk.unread.len(), 1);
        assert!(walk.unread[0].file.ends_with("/app"));
    }

    #[test]
    fn a_file_named_twice_is_read_once_and_a_missing_one_is_an_error() {
        let folder = tree(&[("a.txt", "")]);
        let file = folder.path().join("a.txt");
        let walk = find_inputs(&[file.clone(), file, folder.path().join("none.yaml")]);
        assert_eq!(walk.inputs.len(), 1);
        assert_eq!(walk.errors.len(), 1);
        assert_eq!(walk.errors[0].message, "there is no such file");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_several_paths_lead_to_is_read_once() {
        let folder = tree(&[("a/x.yaml", ""), ("a/b/y.yaml", ""), ("z.yaml", "")]);
        let path = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink(path("a"), path("link")).unwrap();
        std::os::unix::fs::symlink(path("z.yaml"), path("z-link.yaml")).unwrap();
        let walk = find_inputs(&[
            path("a/b"),
            path("a/b/../b/y.yaml"),
            path("link"),
            path("z-link.yaml"),
            path("z.yaml"),
            path("none"),
            path("none"),
        ]);
        let names = walk.inputs.iter().map(Input::name);
        let names: Vec<&str> = names.map(|name| name.rsplit('/').next().unwrap()).collect();
        assert_eq!(names, ["y.yaml", "x.yaml", "z-link.yaml"]);
        assert_eq!(walk.errors.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_inside_a_folder() {
        let folder = tree(&[("a/x.yaml", "")]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("b.yaml")).unwrap();
        assert_eq!(names(folder.path()), ["a/x.yaml"]);
    }
}
