//! The pages `spec/types-*.md`: every block of Pale has exactly the diagnostics that its marks say, and each
//! diagnostic's edits make it go away.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use support::{apply, compile_text, level_word, line_of, render_all, whole_file};

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let mut pages: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the pages are there")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| {
            let name = path
                .file_name()
                .expect("a file has a name")
                .to_string_lossy();
            name.starts_with("types-") && name.ends_with(".md")
        })
        .collect();
    pages.sort();
    pages
}

/// The blocks of a page, each a whole file.
fn cases(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).expect("the page can be read");
    let mut cases = Vec::new();
    for block in text.split("```pale\n").skip(1) {
        let (case, _) = block.split_once("```").expect("a block ends");
        cases.push(whole_file(case));
    }
    cases
}

/// `//~ error code: text` of a line; `//~^` is about the line above.
fn marks(text: &str) -> Vec<(usize, String, String)> {
    let mut marks = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for mark in line.split("//~").skip(1) {
            let up = mark.chars().take_while(|c| *c == '^').count();
            let mark = mark[up..].trim();
            let (head, message) = mark.split_once(':').unwrap_or((mark, ""));
            marks.push((
                index + 1 - up,
                head.trim().to_owned(),
                message.trim().to_owned(),
            ));
        }
    }
    marks
}

#[test]
fn every_block_has_the_diagnostics_that_its_marks_say() {
    let (mut n_blocks, mut n_marks, mut wrong) = (0, 0, String::new());
    for page in pages() {
        for text in cases(&page) {
            let mut expected = marks(&text);
            n_blocks += 1;
            n_marks += expected.len();
            let mut unexpected = Vec::new();
            for found in compile_text(&text).diagnostics {
                let line = line_of(&text, found.span().start);
                let head = format!("{} {}", level_word(found.level), found.code);
                let fits = expected.iter().position(|(at, mark, message)| {
                    *at == line && *mark == head && found.message.contains(message.as_str())
                });
                match fits {
                    Some(position) => _ = expected.remove(position),
                    None => unexpected.push(format!("{line}: {head}: {}", found.message)),
                }
            }
            if !expected.is_empty() || !unexpected.is_empty() {
                let name = page
                    .file_name()
                    .expect("a file has a name")
                    .to_string_lossy();
                _ = writeln!(
                    wrong,
                    "{name}\n{text}\nmissing {expected:#?}\nunexpected {unexpected:#?}\n"
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(
        n_blocks >= 50 && n_marks >= 110,
        "{n_blocks} blocks, {n_marks} marks"
    );
}

#[test]
fn the_edits_of_every_diagnostic_make_it_go_away() {
    let mut n_edited = 0;
    for page in pages() {
        for text in cases(&page) {
            let before = compile_text(&text).diagnostics;
            for diagnostic in before
                .iter()
                .filter(|diagnostic| !diagnostic.edits.is_empty())
            {
                n_edited += 1;
                let edited = apply(&text, &diagnostic.edits);
                let mut left: Vec<&str> = before.iter().map(|other| other.code).collect();
                let this = left.iter().position(|code| *code == diagnostic.code);
                left.remove(this.expect("it is among them"));
                for other in compile_text(&edited).diagnostics {
                    let known = left.iter().position(|code| *code == other.code);
                    let Some(known) = known else {
                        panic!(
                            "{} leads to\n{edited}\n{}",
                            diagnostic.code,
                            render_all(&edited)
                        );
                    };
                    left.remove(known);
                }
            }
        }
    }
    assert!(n_edited >= 50, "{n_edited} diagnostics with edits");
}

#[test]
fn diagnostics_read_well() {
    for page in pages() {
        let name = page
            .file_stem()
            .expect("a file has a name")
            .to_string_lossy()
            .into_owned();
        let shown: Vec<String> = cases(&page)
            .iter()
            .map(|text| render_all(text))
            .filter(|shown| !shown.is_empty())
            .collect();
        insta::assert_snapshot!(name, shown.join("\n"));
    }
}
