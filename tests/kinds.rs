//! Every kind of the pack `files`: a policy on it finds what is wrong in files of that kind, exactly there, and nothing in
//! files that are right. `tests/kinds` has the policies and, below `repository`, a folder of files for each.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::path::{Path, PathBuf};

use support::{Run, palisade_words};

/// Documents that a folder without faults holds are judged: none at all would be status 2.
const LINT: [&str; 6] = ["lint", "--no-stdlib", "-p", ".", "-f", "compact"];

fn pack() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kinds")
}

fn lint(path: &str) -> Run {
    palisade_words(&pack(), &[&LINT[..], &[path]].concat())
}

/// The names of policies, or of whatever else the files of a folder declare with `word`.
fn declared(folder: &Path, word: &str) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "pale")
        {
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.lines().filter_map(|line| line.strip_prefix(word));
            names.extend(lines.map(|rest| rest.split(' ').next().unwrap().to_owned()));
        }
    }
    names.sort();
    names
}

#[test]
fn every_kind_is_read_and_judged_where_the_fault_is() {
    let said = lint("repository");
    insta::assert_snapshot!(said);
    for policy in declared(&pack(), "policy ") {
        let own = format!("repository/{policy}/denied/");
        let is_own = |line: &&str| line.contains(&format!("[{policy}]"));
        let found: Vec<&str> = said.stdout.lines().filter(is_own).collect();
        assert!(!found.is_empty(), "`{policy}` finds nothing");
        for line in found {
            assert!(line.starts_with(&own), "{line}");
        }
    }
}

#[test]
fn files_without_a_fault_are_judged_and_nothing_is_said() {
    for policy in declared(&pack(), "policy ") {
        let said = lint(&format!("repository/{policy}/allowed"));
        assert_eq!(
            (said.stdout.as_str(), said.stderr.as_str()),
            ("", ""),
            "{policy}"
        );
        assert_eq!(said.status, 0, "{policy}");
    }
}

#[test]
fn every_kind_of_the_pack_has_a_policy() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib-policies/packs/files");
    let kinds = declared(&files, "kind ");
    assert!(kinds.len() >= 38, "{} kinds", kinds.len());
    let policies = std::fs::read_dir(pack()).unwrap().filter_map(|entry| {
        let path = entry.unwrap().path();
        path.is_file()
            .then(|| std::fs::read_to_string(path).unwrap())
    });
    let policies: String = policies.collect();
    for kind in kinds {
        assert!(policies.contains(&format!(" on {kind} {{")), "{kind}");
    }
}
