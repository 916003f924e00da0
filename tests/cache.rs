//! Native code that is kept between runs: what it saves, and what it must never do.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use support::{Folder, Run, palisade, prepare};

const POLICY: &str = r#"
/// Pods have a network of their own
policy no-host-network on pod {
    severity high
    deny pod.spec.hostNetwork == true, "uses the host's network"
}
"#;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {hostNetwork: true, containers: [{name: app}]}
";

const LINT: &str = "lint --no-stdlib -f compact -p policy.pale pod.yaml";

/// A folder to lint and a home of its own.
struct Case {
    folder: Folder,
    home: Folder,
}

impl Case {
    fn new() -> Self {
        let case = Self {
            folder: Folder::new(),
            home: Folder::new(),
        };
        case.folder.write("policy.pale", POLICY);
        case.folder.write("pod.yaml", POD);
        case
    }

    fn lint(&self, command: &str) -> Run {
        self.lint_with(command, &[])
    }

    fn lint_with(&self, command: &str, environment: &[(&str, &str)]) -> Run {
        let words: Vec<&str> = command.split(' ').collect();
        let mut command = prepare(self.folder.path(), &words);
        command
            .env_remove("PALISADE_NO_CACHE")
            .env_remove("CI")
            .env_remove("XDG_CACHE_HOME")
            .env("HOME", self.home.path())
            .envs(environment.iter().copied())
            .stdin(Stdio::null());
        command.output().unwrap().into()
    }

    fn cache(&self) -> PathBuf {
        self.home.path().join(".cache/palisade")
    }

    /// The files of the cache, sorted.
    fn entries(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.cache()) else {
            return Vec::new();
        };
        let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        entries
    }

    fn only_entry(&self) -> PathBuf {
        let [entry] = self.entries().try_into().unwrap();
        entry
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_third_run_says_the_same_from_what_the_second_one_kept() {
    let case = Case::new();
    let fresh = palisade(&case.folder, LINT);
    assert_eq!(fresh.status, 1, "{fresh}");
    assert_eq!(case.lint(LINT), fresh);
    let entry = case.only_entry();
    assert_eq!((mode(&entry), mode(&case.cache())), (0o600, 0o700));
    let mark = std::fs::metadata(&entry).unwrap().len();
    assert!(
        mark < 100,
        "{mark} bytes are kept of what may not come back"
    );
    assert_eq!(case.lint(LINT), fresh);
    let written = std::fs::metadata(case.only_entry()).unwrap();
    assert!(written.len() > 10_000, "{} bytes of code", written.len());
    assert_eq!(case.lint(LINT), fresh);
    let meta = std::fs::metadata(case.only_entry()).unwrap();
    assert_eq!(
        meta.modified().unwrap(),
        written.modified().unwrap(),
        "it was used as it was"
    );
}

#[test]
fn another_source_is_another_entry() {
    let case = Case::new();
    case.lint(LINT);
    case.folder
        .write("policy.pale", &POLICY.replace("high", "low"));
    assert!(case.lint(LINT).stdout.contains("low[no-host-network]"));
    assert_eq!(case.entries().len(), 2);
    case.folder.write("policy.pale", POLICY);
    assert!(case.lint(LINT).stdout.contains("high[no-host-network]"));
    assert_eq!(case.entries().len(), 2);
}

#[test]
fn a_damaged_or_foreign_entry_is_written_anew() {
    let case = Case::new();
    let fresh = case.lint(LINT);
    assert_eq!(case.lint(LINT), fresh);
    let entry = case.only_entry();
    let good = std::fs::read(&entry).unwrap();
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x40;
    for bad in [
        flipped,
        good[..good.len() - 1].to_vec(),
        Vec::new(),
        b"#!/bin/sh".to_vec(),
    ] {
        std::fs::write(&entry, bad).unwrap();
        assert_eq!(case.lint(LINT), fresh);
        assert_eq!(case.lint(LINT), fresh);
        assert_eq!(std::fs::read(case.only_entry()).unwrap(), good);
    }
    // An entry that others could have written, however good it looks.
    std::fs::set_permissions(&entry, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(case.lint(LINT), fresh);
    assert_eq!(mode(&case.only_entry()), 0o600);
}

#[test]
fn the_entry_of_another_pack_is_not_taken_for_its_own() {
    let case = Case::new();
    case.lint(LINT);
    case.lint(LINT);
    let first = case.only_entry();
    case.folder
        .write("policy.pale", &POLICY.replace("high", "low"));
    case.lint(LINT);
    let [second] = case
        .entries()
        .into_iter()
        .filter(|entry| *entry != first)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    std::fs::copy(first, second).unwrap();
    assert!(case.lint(LINT).stdout.contains("low[no-host-network]"));
}

#[test]
fn warnings_are_shown_again() {
    let case = Case::new();
    let warning = POLICY.replace("    deny", "    let unused = pod.spec.hostPID\n    deny");
    case.folder.write("policy.pale", &warning);
    let first = case.lint(LINT);
    assert!(first.stderr.contains("warning"), "{first}");
    assert_eq!(case.entries().len(), 1);
    for _ in 0..2 {
        assert_eq!(case.lint(LINT), first);
        assert_eq!(case.entries().len(), 1);
    }
}

#[test]
fn a_built_module_is_kept_as_well() {
    let case = Case::new();
    assert_eq!(
        palisade(&case.folder, "build policy.pale -o policy.wasm").status,
        0
    );
    let lint = "lint --no-stdlib -f compact -p policy.wasm pod.yaml";
    let first = case.lint(lint);
    assert_eq!(first.status, 1, "{first}");
    for _ in 0..2 {
        case.only_entry();
        assert_eq!(case.lint(lint), first);
    }
    case.only_entry();
}

#[test]
fn nothing_is_kept_in_pipelines_or_where_it_is_not_wanted() {
    let case = Case::new();
    for (command, environment) in [
        (LINT.to_owned(), [("CI", "true")]),
        (format!("{LINT} --no-cache"), [("CI", "")]),
        (LINT.to_owned(), [("PALISADE_NO_CACHE", "1")]),
    ] {
        assert_eq!(case.lint_with(&command, &environment).status, 1);
        assert!(!case.cache().exists(), "{command} {environment:?}");
    }
    let asked = format!("{LINT} --cache");
    assert_eq!(case.lint_with(&asked, &[("CI", "true")]).status, 1);
    case.only_entry();
}

#[test]
fn nothing_is_kept_in_a_repository_or_where_others_write() {
    let case = Case::new();
    let asked = format!("{LINT} --cache");
    std::fs::create_dir(case.home.path().join(".git")).unwrap();
    let run = case.lint(&asked);
    let home = std::fs::canonicalize(case.home.path()).unwrap();
    assert_eq!(
        run.stderr,
        format!(
            "note: no cache in {}: it lies in the repository {}\n",
            case.cache().display(),
            home.display()
        )
    );
    assert_eq!(run.status, 1);
    assert!(!case.home.path().join(".cache").exists());
    assert_eq!(case.lint(LINT).stderr, "", "who did not ask is not told");

    std::fs::remove_dir(case.home.path().join(".git")).unwrap();
    case.lint(LINT);
    std::fs::set_permissions(case.cache(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = case.lint(&asked);
    assert!(run.stderr.contains("other users may use it"), "{run}");
    assert_eq!(run.status, 1);
}

#[test]
fn what_a_pack_reads_from_another_is_never_old() {
    let case = Case::new();
    let pack = |most: u32| format!("pack shared edition 2026\nconst most = {most}\n");
    case.folder.write("shared.pale", &pack(1));
    let policy = POLICY.replace(
        "pod.spec.hostNetwork == true",
        "count(c in containers(pod)) > most",
    );
    case.folder
        .write("policy.pale", &format!("use shared\n{policy}"));
    for _ in 0..3 {
        assert_eq!(case.lint(LINT).status, 0);
    }
    case.folder.write("shared.pale", &pack(0));
    assert_eq!(case.lint(LINT).status, 1);
}
