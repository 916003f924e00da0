//! `palisade fmt`: what it shows before it changes anything, and what it does about files that it cannot read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use support::{Folder, case, palisade, pipe};

const LOOSE: &str = "policy x on Pod { severity low deny object.spec.hostPID==true, \"m\" }\n";
const LAID_OUT: &str =
    "policy x on Pod {\n    severity low\n    deny object.spec.hostPID == true, \"m\"\n}\n";

#[test]
fn a_diff_changes_nothing_and_is_status_1() {
    let folder = Folder::new();
    folder.write("a.pale", LOOSE);
    folder.write("b.pale", LAID_OUT);
    insta::assert_snapshot!(case(&folder, "fmt --diff a.pale b.pale"));
    assert_eq!(folder.read("a.pale"), LOOSE);
    insta::assert_snapshot!(case(&folder, "fmt --diff b.pale"));
}

#[test]
fn a_diff_can_be_applied() {
    let folder = Folder::new();
    folder.write("packs/a.pale", LOOSE);
    let run = palisade(&folder, "fmt --diff --quiet packs");
    assert!(run.stderr.is_empty(), "{run}");
    folder.write("change.diff", &run.stdout);
    let git = std::process::Command::new("git")
        .args(["apply", "change.diff"])
        .current_dir(folder.path())
        .output();
    // Not every machine has git; the form of the diff is a snapshot elsewhere.
    if let Ok(git) = git {
        assert!(
            git.status.success(),
            "{}",
            String::from_utf8_lossy(&git.stderr)
        );
        assert_eq!(folder.read("packs/a.pale"), LAID_OUT);
    }
}

#[test]
fn standard_input_has_a_diff_too() {
    let folder = Folder::new();
    let run = pipe(&folder, "fmt --diff -", LOOSE.as_bytes());
    assert_eq!(run.status, 1);
    assert!(
        run.stdout
            .starts_with("--- a/<stdin>\n+++ b/<stdin>\n@@ -1 +1,4 @@\n-policy x"),
        "{run}"
    );
    let run = pipe(&folder, "fmt --diff -", LAID_OUT.as_bytes());
    assert_eq!((run.status, run.stdout.as_str()), (0, ""));
}

#[test]
fn files_that_cannot_be_read_do_not_stop_the_others() {
    let folder = Folder::new();
    folder.write_bytes("a.pale", b"policy x\xff");
    folder.write("b.pale", "policy {");
    folder.write("c.pale", LOOSE);
    insta::assert_snapshot!(case(&folder, "fmt a.pale b.pale c.pale missing.pale"));
    assert_eq!(folder.read("c.pale"), LAID_OUT);
    insta::assert_snapshot!(case(&folder, "fmt missing.pale"));
}
