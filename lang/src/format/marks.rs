//! What the tree knows about a text that its tokens do not tell: where lines begin and blocks open.

use std::collections::{BTreeMap, BTreeSet};

use crate::span::Span;
use crate::syntax::ast::{Block, ItemKind, Policy, SourceFile, Stmt, StmtKind};

/// Places of a text, in bytes.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Where a declaration, attribute, statement or closing brace begins, each of which has a line of its own.
    pub(super) starts: BTreeSet<usize>,
    /// The opening braces of blocks.
    pub(super) opens: BTreeSet<usize>,
    /// The closing braces of blocks.
    pub(super) closes: BTreeSet<usize>,
    /// Where a declaration ends.
    pub(super) item_ends: BTreeSet<usize>,
    /// Names with characters that are tokens elsewhere, from their start to their end.
    pub(super) names: BTreeMap<usize, usize>,
    /// From the start of a check to the start of its message.
    pub(super) messages: BTreeMap<usize, usize>,
}

impl Marks {
    /// The places of a file without syntax errors.
    pub(super) fn of(tree: &SourceFile, text: &str) -> Self {
        let mut marks = Self::default();
        if let Some(pack) = &tree.pack {
            marks.starts.insert(at(pack.span.start));
            marks.item_ends.insert(at(pack.span.end));
            marks.name(pack.name.span);
            if let Some(edition) = &pack.edition {
                marks.name(edition.span);
            }
        }
        for item in &tree.items {
            marks.starts.insert(at(item.span.start));
            marks.item_ends.insert(at(item.span.end));
            if let ItemKind::Policy(policy) = &item.kind {
                marks.policy(policy, text);
            }
        }
        marks
    }

    fn name(&mut self, span: Span) {
        self.names.insert(at(span.start), at(span.end));
    }

    fn policy(&mut self, policy: &Policy, text: &str) {
        self.name(policy.name.span);
        for target in &policy.targets {
            self.name(target.span);
        }
        for attribute in &policy.attributes {
            self.starts.insert(at(attribute.span.start));
            for value in &attribute.values {
                self.name(value.span);
            }
        }
        self.block(&policy.body, text);
    }

    fn block(&mut self, block: &Block, text: &str) {
        let range = block.span.range();
        // The block of an `else when` has no braces.
        let has_braces = text
            .get(range.clone())
            .is_some_and(|block| block.starts_with('{') && block.ends_with('}'));
        if has_braces {
            self.opens.insert(range.start);
            self.closes.insert(range.end - 1);
            self.starts.insert(range.end - 1);
        }
        for stmt in &block.stmts {
            if has_braces {
                self.starts.insert(at(stmt.span.start));
            }
            self.stmt(stmt, text);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, text: &str) {
        match &stmt.kind {
            StmtKind::For { body, .. } => self.block(body, text),
            StmtKind::When {
                then, otherwise, ..
            } => {
                self.block(then, text);
                if let Some(otherwise) = otherwise {
                    self.block(otherwise, text);
                }
            }
            StmtKind::Check(check) => {
                if let Some(message) = &check.message {
                    self.messages
                        .insert(at(stmt.span.start), at(message.span.start));
                }
            }
            StmtKind::Let { .. } | StmtKind::Error => {}
        }
    }
}

fn at(offset: u32) -> usize {
    offset as usize
}
