//! Files that are no Kubernetes objects: which they are, and how they are read.
//!
//! Start at [`read`]. A reader gives what [`manifest`](crate::manifest) gives: documents whose every value has its place
//! in the file, and problems. The next format is a file here, a line in `read_text`, and one in
//! `lang/src/program/files.rs`.

mod dockerfile;
mod family;
mod form;
pub(crate) mod keys;
mod keyvalue;
mod matching;
mod shell;
mod text;
mod toml;

use palisade_lang::program::{FileFormat, FileKind};

use crate::manifest::{self, Document, Format, Problem, ProblemKind, Read, Span};

pub(crate) use family::{Family, merge};
pub(crate) use form::find_foreign_form;
pub use matching::FileMatcher;

/// Longest Dockerfile that is read, in bytes: each of its words is a value several times.
const MAX_DOCKERFILE: usize = 1 << 20;
/// Longest file of settings that is read, in bytes.
const MAX_SETTINGS: usize = 4 << 20;

/// The simple commands of a shell script, in order: what joins each to the one before, and its words.
#[must_use]
pub fn shell_commands(script: &str) -> Vec<(Option<&'static str>, Vec<String>)> {
    let commands = shell::commands(script, b'\\').into_iter();
    commands
        .map(|command| {
            let words = command.words.into_iter().map(|word| word.text);
            (command.after, words.collect())
        })
        .collect()
}

/// Reads a file as one of a kind. `name` is what the file is called.
#[must_use]
pub fn read(bytes: &[u8], name: &str, kind: &FileKind) -> Read {
    match &kind.format {
        FileFormat::Json => return manifest::read(bytes, Format::Json),
        FileFormat::Yaml => {
            let mut read = manifest::read(bytes, Format::Yaml);
            let text = String::from_utf8_lossy(bytes);
            for document in &mut read.documents {
                if let Some(restored) = keys::as_written(document, &text) {
                    *document = restored;
                }
            }
            return read;
        }
        FileFormat::Toml | FileFormat::Dockerfile | FileFormat::KeyValue(_) | FileFormat::Text => {}
    }
    let mut read = Read::default();
    match check_length(bytes, &kind.format).and_then(|()| manifest::check_text(bytes)) {
        Ok(text) => match read_text(text, name, kind, &mut read.problems) {
            Ok(document) => read.documents.push(document),
            Err(problem) => read.problems.push(problem),
        },
        Err(problem) => read.problems.push(problem),
    }
    read.problems.sort_by_key(|problem| problem.span);
    read
}

/// The documents of a file that are of the kind it was read as: where it holds manifests, not the objects of the API.
pub(crate) fn own_documents<'r>(
    read: &'r Read,
    kind: &'r FileKind,
) -> impl Iterator<Item = &'r Document> {
    let is_structured = matches!(kind.format, FileFormat::Json | FileFormat::Yaml);
    let documents = read.documents.iter();
    documents.filter(move |document| {
        let is_own = !is_structured || !crate::run::is_object(document);
        is_own && find_foreign_form(document, kind).is_none()
    })
}

fn check_length(bytes: &[u8], format: &FileFormat) -> Result<(), Problem> {
    let limit = match format {
        FileFormat::Dockerfile => MAX_DOCKERFILE,
        FileFormat::Toml | FileFormat::KeyValue(_) => MAX_SETTINGS,
        FileFormat::Json | FileFormat::Yaml | FileFormat::Text => manifest::MAX_BYTES,
    };
    if bytes.len() <= limit {
        return Ok(());
    }
    let message = format!("longer than {} MiB", limit >> 20);
    Err(Problem::new(ProblemKind::Limit, Span::at(0), message))
}

fn read_text(
    text: &str,
    name: &str,
    kind: &FileKind,
    problems: &mut Vec<Problem>,
) -> Result<Document, Problem> {
    let tree = match &kind.format {
        FileFormat::KeyValue(options) => {
            keyvalue::read(text, options, kind.merged, &kind.shape, problems)
        }
        FileFormat::Toml => toml::read(text)?,
        FileFormat::Dockerfile => dockerfile::read(text, problems),
        FileFormat::Json | FileFormat::Yaml | FileFormat::Text => text::read(text, name),
    };
    tree.into_document(0)
}
