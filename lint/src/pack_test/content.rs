//! What a test's file holds: objects, and documents of the kinds of file that the pack is on.

use palisade_lang::program::FileFormat;

use super::Bench;
use crate::files;
use crate::manifest::{self, Document, Format};
use crate::run::is_object;
use crate::walk::is_manifest_name;

/// The documents of a file.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// As manifests are read: what looks like a mark inside of their texts is none.
    pub(super) documents: Vec<Document>,
    /// What the others are judged as: the kind, and a document of it.
    pub(super) of_kinds: Vec<(String, Document)>,
}

impl Content {
    /// Reads the text of the file `name`. What cannot be read is left out: linting reports it.
    pub(super) fn read(bench: &Bench<'_>, name: &str, text: &str) -> Self {
        let mut content = Self::default();
        let kinds = bench.pack.files.iter();
        let kinds: Vec<_> = kinds.filter(|matcher| matcher.is_match(name)).collect();
        if is_manifest_name(name) || kinds.is_empty() {
            content.documents = manifest::read(text.as_bytes(), Format::of_name(name)).documents;
        }
        for matcher in kinds {
            let kind = &matcher.kind;
            let read = files::read(text.as_bytes(), name, kind);
            let is_structured = matches!(kind.format, FileFormat::Json | FileFormat::Yaml);
            for document in read.documents {
                if !(is_structured && is_object(&document)) {
                    content.of_kinds.push((kind.name.clone(), document));
                }
            }
        }
        content
    }
}
