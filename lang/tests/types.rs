//! What the diagnostics of the pages `spec/types-*.md` look like. What they must be is checked with the other pages.

#![expect(
    clippy::expect_used,
    reason = "a page that cannot be read fails the test"
)]

mod support;

use std::path::Path;

use palisade_lang::diagnostic::plain::render;
use support::{compile_text, whole_file};

/// The blocks of a page without their marks, each a whole file.
fn cases(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(page).expect("the page can be read");
    let mut cases = Vec::new();
    for block in text.split("```pale\n").skip(1) {
        let (case, _) = block.split_once("```").expect("a block ends");
        let lines = case
            .lines()
            .map(|line| line.split("//~").next().unwrap_or_default().trim_end());
        let case: Vec<&str> = lines.collect();
        cases.push(whole_file(&format!("{}\n", case.join("\n"))));
    }
    cases
}

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let page = folder.join(format!("{name}.md"));
    let mut shown = String::new();
    for text in cases(page.to_str().expect("the path is text")) {
        for diagnostic in compile_text(&text).diagnostics {
            shown.push_str(&render(&diagnostic, "case.pale", &text));
            shown.push('\n');
        }
    }
    insta::assert_snapshot!(name.to_owned(), shown);
}

#[test]
fn mistakes_of_fields_read_well() {
    check("types-fields");
}

#[test]
fn mistakes_of_names_read_well() {
    check("types-names");
}

#[test]
fn mistakes_of_absence_read_well() {
    check("types-absence");
}

#[test]
fn mistakes_of_comparisons_read_well() {
    check("types-comparisons");
}

#[test]
fn mistakes_of_conditions_read_well() {
    check("types-conditions");
}

#[test]
fn mistakes_of_messages_read_well() {
    check("types-messages");
}

#[test]
fn mistakes_of_policies_read_well() {
    check("types-policies");
}

#[test]
fn mistakes_of_files_read_well() {
    check("types-files");
}
