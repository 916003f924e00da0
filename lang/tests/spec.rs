//! Runs the pages of `tests/spec`: prose, blocks of `.pale`, and what is said about them as comments on their lines.
//!
//! - `//~ error CODE: TEXT` expects a diagnostic whose primary label begins on this line and whose message contains TEXT;
//!   `//~^` expects it on the line above, `//~^^` two above.
//! - `//~ help: TEXT` after it expects the help of that diagnostic to contain TEXT.
//! - A block without marks must have no diagnostics. No diagnostic may be left without its mark.
//! - The edits of a diagnostic, applied, must remove it and bring no new one.
//!
//! A page is checked by what the first word of its name says; see [`CHECKERS`]. On pages about types a block may leave out
//! the policy around its statements.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a page that cannot be read fails the test"
)]

mod support;

use std::path::Path;

use palisade_lang::diagnostic::plain::{apply_edits, render};
use palisade_lang::diagnostic::{Diagnostic, Level};
use palisade_lang::span::FileId;
use palisade_lang::syntax;

/// From a text to what is said about it.
type Checker = fn(&str) -> Vec<Diagnostic>;

/// How the pages whose name begins with a word are checked.
const CHECKERS: &[(&str, Checker)] = &[("syntax", check_syntax), ("types", check_types)];

fn check_syntax(text: &str) -> Vec<Diagnostic> {
    syntax::parse(FileId(0), text).diagnostics
}

fn check_types(text: &str) -> Vec<Diagnostic> {
    support::compile_text(text).diagnostics
}

#[derive(Debug)]
struct Mark {
    /// The line that the mark is about, from one.
    line: usize,
    level: Level,
    code: String,
    message: String,
    help: Option<String>,
}

/// The `pale` blocks of a page, with the line before their first.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (idx, line) in page.lines().enumerate() {
        match &mut open {
            None if line.trim_end() == "```pale" => open = Some((idx + 1, String::new())),
            None => {}
            Some(_) if line.trim_end() == "```" => blocks.extend(open.take()),
            Some((_, block)) => {
                block.push_str(line);
                block.push('\n');
            }
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

fn marks(block: &str) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for (idx, line) in block.lines().enumerate() {
        for mark in line.split("//~").skip(1) {
            let n_above = mark.len() - mark.trim_start_matches('^').len();
            let mark = mark.trim_start_matches('^').trim();
            if let Some(help) = mark.strip_prefix("help: ") {
                let last = marks.last_mut().expect("a help follows its diagnostic");
                last.help = Some(help.to_owned());
                continue;
            }
            let (level, rest) = match mark.split_once(' ') {
                Some(("error", rest)) => (Level::Error, rest),
                Some(("warning", rest)) => (Level::Warning, rest),
                _ => panic!("not a mark: {line}"),
            };
            let (code, message) = rest.split_once(": ").unwrap_or((rest, ""));
            marks.push(Mark {
                line: idx + 1 - n_above,
                level,
                code: code.to_owned(),
                message: message.to_owned(),
                help: None,
            });
        }
    }
    marks
}

fn line_of(diagnostic: &Diagnostic, text: &str) -> usize {
    text[..diagnostic.span().start as usize]
        .matches('\n')
        .count()
        + 1
}

/// What is wrong with a block, for a person to read.
fn check_block(name: &str, block: &str, checker: Checker) -> Vec<String> {
    let mut problems = Vec::new();
    let found = checker(block);
    let mut marks = marks(block);
    for diagnostic in &found {
        let line = line_of(diagnostic, block);
        let expected = marks.iter().position(|mark| {
            mark.line == line
                && mark.level == diagnostic.level
                && mark.code == diagnostic.code
                && diagnostic.message.contains(&mark.message)
                && mark.help.as_ref().is_none_or(|help| {
                    diagnostic
                        .help
                        .as_ref()
                        .is_some_and(|given| given.contains(help))
                })
        });
        match expected {
            Some(idx) => drop(marks.remove(idx)),
            None => problems.push(format!("no mark for\n{}", render(diagnostic, name, block))),
        }
        if !diagnostic.edits.is_empty() {
            let edited = apply_edits(diagnostic, block);
            let left = checker(&edited);
            if left.len() + 1 != found.len() {
                let left: String = left
                    .iter()
                    .map(|left| render(left, name, &edited))
                    .collect();
                problems.push(format!(
                    "the edits do not help:\n{}{edited}\n{left}",
                    render(diagnostic, name, block)
                ));
            }
        }
    }
    problems.extend(
        marks
            .iter()
            .map(|mark| format!("nothing was said for {mark:?}")),
    );
    problems
}

#[test]
fn the_pages_say_what_happens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    let (mut n_blocks, mut n_marks) = (0, 0);
    let mut problems = Vec::new();
    for path in &pages {
        let name = path.file_name().unwrap().to_str().unwrap();
        let (_, checker) = CHECKERS
            .iter()
            .find(|(word, _)| name.starts_with(word))
            .unwrap_or_else(|| panic!("nothing checks {name}"));
        for (line, block) in blocks(&std::fs::read_to_string(path).unwrap()) {
            let block = if name.starts_with("types") {
                support::whole_file(&block)
            } else {
                block
            };
            n_blocks += 1;
            n_marks += marks(&block).len();
            let found = check_block(name, &block, *checker);
            problems.extend(
                found
                    .into_iter()
                    .map(|found| format!("{name}, block at line {line}: {found}")),
            );
        }
    }
    println!(
        "{} pages, {n_blocks} blocks, {n_marks} diagnostics",
        pages.len()
    );
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
    assert!(
        pages.len() >= 20 && n_blocks >= 125 && n_marks >= 480,
        "pages are missing"
    );
}
