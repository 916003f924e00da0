//! Every kind of the pack `files`: a policy on it finds what is wrong in files of that kind, exactly there, and nothing in
//! files that are right. `tests/kinds` has the policies and, below `repository`, a folder of files for each.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use support::palisade_words;

fn pack() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kinds")
}

/// What policies say of the files in the folders of their names, with their errors.
fn lint() -> Vec<String> {
    let words = [
        "lint",
        "--no-stdlib",
        "-p",
        ".",
        "-f",
        "compact",
        "repository",
    ];
    let said = palisade_words(&pack(), &words);
    assert_eq!(said.status, 3, "{said}");
    let lines = said.stdout.lines().chain(said.stderr.lines());
    let is_own = |line: &&str| {
        let folder = line.split('/').nth(1).unwrap();
        line.contains(&format!("[{folder}] ")) || line.contains(": error ")
    };
    lines.filter(is_own).map(str::to_owned).collect()
}

/// The paths of the files below a folder, within it.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found
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
fn every_kind_is_read_and_judged_where_the_fault_is_and_nowhere_else() {
    let found = lint();
    for policy in declared(&pack(), "policy ") {
        let denied = format!("repository/{policy}/denied/");
        assert!(
            found.iter().any(|line| line.starts_with(&denied)),
            "`{policy}` finds nothing"
        );
        // Files without a fault are of the kind as well: they are called like those that have one.
        let folder = pack().join("repository").join(&policy);
        let (denied, allowed) = (
            files(&folder.join("denied")),
            files(&folder.join("allowed")),
        );
        assert!(!denied.is_disjoint(&allowed), "{policy}");
    }
    for line in &found {
        assert!(line.split('/').nth(2) == Some("denied"), "{line}");
    }
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn every_kind_of_the_pack_has_a_policy() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib-policies/packs/files");
    let kinds = declared(&files, "kind ");
    assert!(kinds.len() >= 39, "{} kinds", kinds.len());
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
