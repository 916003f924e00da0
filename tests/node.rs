//! The file that `palisade build` makes, unchanged in Node, on every object of two corpora: what it says is what
//! `palisade lint` says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking and says what it saw"
)]

#[path = "support/suite.rs"]
mod suite;
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use support::{Folder, is_required, palisade_words, shared};

const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/stdlib-policies/packs/starter");
const RUNNER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hosts/run.mjs");

#[test]
fn node_says_what_lint_says_of_kubernetes_examples() {
    compare("corpus/kubernetes__examples", 200);
}

#[test]
fn node_says_what_lint_says_of_kubernetes_goat() {
    compare("corpus/madhuakula__kubernetes-goat", 30);
}

/// Compares both on all objects of a corpus, which are at least `n_objects`.
fn compare(corpus: &str, n_objects: usize) {
    let Some(corpus) = shared(corpus) else {
        eprintln!("passed over: no corpus");
        return;
    };
    if !has_node() {
        assert!(!is_required("node"), "node is missing");
        eprintln!("passed over: no node");
        return;
    }
    let folder = Folder::new();
    let build = palisade_words(folder.path(), &["build", PACK, "-o", "starter.wasm"]);
    assert_eq!(build.status, 0, "{build}");
    let corpus = corpus.canonicalize().unwrap();
    let objects = suite::objects(&corpus);
    assert!(objects.len() >= n_objects, "{} objects", objects.len());

    let mut expected = suite::reported(&lint(folder.path(), &corpus));
    let n_findings: usize = expected.values().map(Vec::len).sum();
    assert!(n_findings > n_objects / 10, "{n_findings} findings");
    for (object, (status, verdict)) in objects.iter().zip(run(&folder, &objects)) {
        assert_eq!(status, 0, "{:?}", object.id);
        let said = expected.remove(&object.id).unwrap_or_default();
        assert_eq!(suite::judged(&verdict), said, "{:?}", object.id);
    }
    assert_eq!(expected, BTreeMap::new(), "findings on what is no object");
    println!(
        "{} objects, {n_findings} findings, the same in Node",
        objects.len()
    );
}

fn lint(folder: &Path, corpus: &Path) -> String {
    let corpus = corpus.to_str().unwrap();
    let words = ["lint", "--no-stdlib", "-p", PACK, "-f", "json", corpus];
    palisade_words(folder, &words).stdout
}

/// Status and verdict for each object, in order.
fn run(folder: &Folder, objects: &[suite::Object]) -> Vec<(i64, String)> {
    let lines: Vec<&str> = objects.iter().map(|object| object.json.as_str()).collect();
    folder.write("documents", &lines.join("\n"));
    let output = Command::new("node")
        .args([
            "--no-warnings",
            RUNNER,
            "starter.wasm",
            "documents",
            "verdicts",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let verdicts = std::fs::read_to_string(folder.path().join("verdicts")).unwrap();
    let verdicts: Vec<(i64, String)> = verdicts
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let verdict = line["verdict"].as_str().unwrap().to_owned();
            (line["status"].as_i64().unwrap(), verdict)
        })
        .collect();
    assert_eq!(verdicts.len(), objects.len());
    verdicts
}

fn has_node() -> bool {
    Command::new("node")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}
