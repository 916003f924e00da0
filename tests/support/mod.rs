//! Running the program in a folder of its own.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder that goes when the test ends.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        self.write_bytes(name, text.as_bytes());
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub(crate) fn write_bytes(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// What a run did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: i32,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "-- standard error\n{}", self.stderr)?;
        }
        write!(f, "-- status {}", self.status)
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code().unwrap(),
        }
    }
}

/// Runs a command line, words separated by spaces.
pub(crate) fn palisade(folder: &Folder, command: &str) -> Run {
    let words: Vec<&str> = command.split(' ').collect();
    palisade_words(folder.path(), &words)
}

/// Runs a command in `folder`.
pub(crate) fn palisade_words(folder: &Path, words: &[&str]) -> Run {
    prepare(folder, words)
        .stdin(Stdio::null())
        .output()
        .unwrap()
        .into()
}

/// Runs a command line with `input` on standard input.
pub(crate) fn pipe(folder: &Folder, command: &str, input: &[u8]) -> Run {
    let words: Vec<&str> = command.split(' ').collect();
    let mut child = prepare(folder.path(), &words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().into()
}

/// A command with all that it gave, for a snapshot.
pub(crate) fn case(folder: &Folder, command: &str) -> String {
    format!("$ palisade {command}\n{}", palisade(folder, command))
}

/// The folder of suites and corpora beside the repository; nothing if it is not there and need not be.
pub(crate) fn shared(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PALISADE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    assert!(!is_required("conformance"), "{} is missing", path.display());
    None
}

/// True if a missing `what` is a failure.
pub(crate) fn is_required(what: &str) -> bool {
    std::env::var("PALISADE_REQUIRE").is_ok_and(|list| list.split(',').any(|item| item == what))
}

/// The text without escape sequences for colors.
pub(crate) fn strip_escapes(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

/// The program with its arguments, in `folder`, without settings of whoever runs the tests and without a cache.
pub(crate) fn prepare(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_palisade"));
    command.args(words);
    settle(command, folder)
}

/// A shell that knows the program as `palisade`, as [`prepare`] sets it up.
pub(crate) fn prepare_shell(folder: &Path, script: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_palisade"));
    let mut folders = vec![program.parent().unwrap().to_owned()];
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command.env("PATH", std::env::join_paths(folders).unwrap());
    settle(command, folder)
}

fn settle(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let is_setting = name.starts_with("PALISADE_");
        if is_setting || ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"].contains(&name.as_str()) {
            command.env_remove(name);
        }
    }
    command.env("PALISADE_NO_CACHE", "true");
    command
}
