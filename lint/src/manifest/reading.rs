//! What has been read of a file so far.

use palisade_abi::tape::{Kind, NodeId};

use super::compose::{AliasBudget, compose};
use super::document::Document;
use super::draft::{Draft, Written};
use super::list;
use super::problem::{Problem, ProblemKind};
use super::{MAX_DOCUMENTS, Read};

/// Documents and problems of one file, in the order of the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    read: Read,
    next_index: u32,
    aliases: AliasBudget,
    is_full: bool,
    n_repeats: usize,
    keeps_lists: bool,
}

/// Most repeated keys that are reported for one file.
const MAX_REPEATS: usize = 10_000;

impl Reading {
    /// Lists are not taken apart.
    pub(super) fn of_whole() -> Self {
        Self {
            keeps_lists: true,
            ..Self::default()
        }
    }

    /// True if a bound was passed and nothing more is to be read.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Takes a document that was read to its end. Empty documents are passed over.
    pub(super) fn take(&mut self, draft: Draft) {
        let written = draft.finish();
        if written.tape.is_empty()
            || written.tape.kind(NodeId::ROOT) == Kind::Null && written.aliases.is_empty()
        {
            return;
        }
        self.note_repeats(&written);
        let composed = match compose(written, &mut self.aliases) {
            Ok(composed) => composed,
            Err(problem) => {
                self.fail(problem, true);
                return;
            }
        };
        let document = Document {
            index: self.next_index,
            item: None,
            tape: composed.tape,
            spans: composed.spans,
            related: composed.related,
        };
        self.next_index += 1;
        if self.keeps_lists {
            self.read.documents.push(document);
        } else {
            list::flatten(document, &mut self.read);
        }
        self.check_count();
    }

    /// Takes a problem. A document that `had_content` keeps its number although it is lost.
    pub(super) fn fail(&mut self, problem: Problem, had_content: bool) {
        self.next_index += u32::from(had_content);
        self.read.problems.push(problem);
    }

    fn note_repeats(&mut self, written: &Written) {
        let mut repeats = written.repeats.clone();
        repeats.sort_unstable_by_key(|&(_, later)| later);
        for (earlier, later) in repeats {
            if self.n_repeats == MAX_REPEATS {
                return;
            }
            self.n_repeats += 1;
            let key = |node: NodeId| {
                written
                    .spans
                    .get(node.0 as usize)
                    .map(|span| span.key)
                    .unwrap_or_default()
            };
            let name = written.tape.key(later).unwrap_or_default();
            let message = if self.n_repeats < MAX_REPEATS {
                format!("`{name}` is given twice; the last value counts")
            } else {
                format!("`{name}` is given twice; further keys of this file are not checked")
            };
            let mut problem = Problem::new(ProblemKind::DuplicateKey, key(later), message);
            problem.related = Some(key(earlier));
            self.read.problems.push(problem);
        }
    }

    fn check_count(&mut self) {
        if self.read.documents.len() <= MAX_DOCUMENTS {
            return;
        }
        let beyond = self.read.documents.drain(MAX_DOCUMENTS..).next();
        let span = beyond
            .map(|document| document.span(NodeId::ROOT))
            .unwrap_or_default();
        self.read.problems.push(Problem::new(
            ProblemKind::Limit,
            span,
            format!("more than {MAX_DOCUMENTS} documents; the rest is not read"),
        ));
        self.is_full = true;
    }

    /// Documents and problems, both in the order of the file.
    pub(super) fn into_read(mut self) -> Read {
        self.read.problems.sort_by_key(|problem| problem.span);
        self.read
    }
}
