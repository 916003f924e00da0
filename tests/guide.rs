//! Runs the chapters of `docs/guide` as a reader would: a block with a file name in its first line is written to that file,
//! a block `console` is typed in, and what is printed must be what the chapter prints.
//!
//! With `INSTA_UPDATE=always` the chapters are given what is printed now; read what changed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::path::{Path, PathBuf};

use support::{Folder, prepare_shell};

const CHAPTERS: usize = 12;

/// A piece of a chapter.
#[derive(Debug)]
enum Piece {
    /// Lines that are only read.
    Text(String),
    /// A block that is a file, with its fences.
    File {
        name: String,
        content: String,
        whole: String,
    },
    /// Commands, each with what it prints.
    Console(Vec<(String, String)>),
}

fn pieces(chapter: &str) -> Vec<Piece> {
    let mut pieces = vec![Piece::Text(String::new())];
    let mut lines = chapter.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            match pieces.last_mut() {
                Some(Piece::Text(text)) => text.push_str(line),
                _ => pieces.push(Piece::Text(line.to_owned())),
            }
            continue;
        };
        let body = lines.by_ref().take_while(|line| line.trim_end() != "```");
        let content: String = body.collect();
        let whole = format!("{line}{content}```\n");
        let piece = match info.trim_end().split_once(' ') {
            Some((_, name)) => Piece::File {
                name: name.to_owned(),
                content,
                whole,
            },
            None if info.trim_end() == "console" => Piece::Console(commands(&content)),
            None => Piece::Text(whole),
        };
        pieces.push(piece);
    }
    pieces
}

fn commands(block: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in block.split_inclusive('\n') {
        match line.strip_prefix("$ ") {
            Some(command) => commands.push((command.trim_end().to_owned(), String::new())),
            None => {
                let (_, printed) = commands.last_mut().unwrap();
                printed.push_str(line);
            }
        }
    }
    commands
}

/// Types the commands in; `$?` is the status of the one before.
struct Shell {
    folder: Folder,
    status: i32,
}

impl Shell {
    fn run(&mut self, command: &str) -> String {
        let command = command.replace("$?", &self.status.to_string());
        let output = prepare_shell(self.folder.path(), &format!("{{ {command}\n}} 2>&1"))
            .env("PALISADE_NO_STDLIB", "true")
            .output()
            .unwrap();
        self.status = output.status.code().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

fn chapters() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide");
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_chapter = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(|first: char| first.is_ascii_digit())
    };
    let mut chapters: Vec<PathBuf> = paths.filter(is_chapter).collect();
    chapters.sort();
    chapters
}

/// The chapter with what is printed now, and how many files and commands it has.
fn play(chapter: &str) -> (String, usize, usize) {
    let mut shell = Shell {
        folder: Folder::new(),
        status: 0,
    };
    let (mut now, mut files, mut typed) = (String::new(), 0, 0);
    for piece in pieces(chapter) {
        match piece {
            Piece::Text(text) => now.push_str(&text),
            Piece::File {
                name,
                content,
                whole,
            } => {
                shell.folder.write(&name, &content);
                now.push_str(&whole);
                files += 1;
            }
            Piece::Console(commands) => {
                now.push_str("```console\n");
                for (command, _) in commands {
                    now.push_str(&format!("$ {command}\n{}", shell.run(&command)));
                    typed += 1;
                }
                now.push_str("```\n");
            }
        }
    }
    (now, files, typed)
}

#[test]
fn every_chapter_prints_what_it_says() {
    let chapters = chapters();
    assert_eq!(chapters.len(), CHAPTERS);
    for path in chapters {
        let chapter = std::fs::read_to_string(&path).unwrap();
        let (now, files, typed) = play(&chapter);
        assert!(
            files >= 2 && typed >= 1,
            "{} has nothing to run",
            path.display()
        );
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            std::fs::write(&path, &now).unwrap();
        } else {
            assert_eq!(now, chapter, "{}", path.display());
        }
    }
}

#[test]
fn the_guide_and_the_readme_lead_to_every_chapter() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let contents = std::fs::read_to_string(root.join("docs/guide/README.md")).unwrap();
    for path in chapters() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(contents.contains(&format!("({name})")), "{name}");
    }
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains("(docs/guide/README.md)"));
}
