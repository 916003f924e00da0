//! Gives the pairs of the grammar the shape of the tree, and says what is wrong with those that are not Pale.
//!
//! This file has the walk over a file. Declarations are in [`pack`], [`policy`], [`declaration`], [`view`], [`profile`]
//! and [`junk`]; types in [`types`]; blocks and statements in [`block`], [`attribute`], [`stmt`], [`check`] and [`fix`];
//! expressions in [`expr`], strings in [`text`]; documentation in [`docs`]; spans and names in [`common`].

mod attribute;
mod block;
mod check;
mod common;
mod declaration;
mod docs;
mod expr;
mod fix;
mod junk;
mod pack;
mod policy;
mod profile;
mod stmt;
mod table;
mod text;
mod types;
mod view;
mod words;

use pest::iterators::Pair;

use super::ast::SourceFile;
use super::grammar::Rule;
use crate::diagnostic::Diagnostic;
use crate::span::{FileId, Span};

/// The state of the walk over one file.
#[derive(Debug)]
pub(super) struct Builder<'s> {
    file: FileId,
    text: &'s str,
    comments: &'s [Span],
    diagnostics: Vec<Diagnostic>,
    /// How many expressions we are inside of.
    depth: usize,
    /// True once the file was told that an expression is too deep.
    said_too_deep: bool,
    /// A block whose closing brace stands at another indentation than its head: what probably lacks a brace when the
    /// policy around it turns out to.
    suspect: Option<block::Suspect>,
    /// True inside of the condition of a check.
    in_condition: bool,
    /// True if a block of the policy that lacks its `{` took a `}` that may have been meant for another.
    took_brace: bool,
    /// The end of the last policy, if nothing was declared since.
    policy_end: Option<Span>,
}

impl<'s> Builder<'s> {
    pub(super) fn new(file: FileId, text: &'s str, comments: &'s [Span]) -> Self {
        Self {
            file,
            text,
            comments,
            diagnostics: Vec::new(),
            depth: 0,
            said_too_deep: false,
            suspect: None,
            in_condition: false,
            took_brace: false,
            policy_end: None,
        }
    }

    /// The tree of the pair of a file, and its diagnostics in order.
    pub(super) fn build(mut self, file: Option<Pair<'s, Rule>>) -> (SourceFile, Vec<Diagnostic>) {
        let mut tree = SourceFile {
            file: self.file,
            doc: self.file_doc(),
            pack: None,
            items: Vec::new(),
        };
        // What follows a stray brace or unreadable text is one mistake with it, up to the next declaration.
        let mut in_junk = false;
        // The last declaration, if it is broken: text on its last line belongs to the same mistake.
        let mut broken: Option<Span> = None;
        for pair in file.into_iter().flat_map(Pair::into_inner) {
            let was_in_junk = std::mem::replace(&mut in_junk, false);
            let n_before = self.diagnostics.len();
            let item = match pair.as_rule() {
                Rule::pack => {
                    self.pack(pair, &mut tree);
                    None
                }
                Rule::EOI => None,
                Rule::policy => Some(self.policy(pair)),
                Rule::view => Some(self.view(pair)),
                Rule::profile => Some(self.profile(pair)),
                Rule::fn_item => Some(self.function(pair)),
                Rule::const_item => Some(self.constant(pair)),
                Rule::type_item => Some(self.type_declaration(pair)),
                Rule::kind_item => Some(self.kind(pair)),
                Rule::use_item => Some(self.use_item(pair)),
                Rule::param => Some(self.pack_param(pair)),
                Rule::table_item => Some(self.table(pair)),
                _ => {
                    in_junk = true;
                    let is_known = was_in_junk || self.is_on_line(broken, self.span(&pair));
                    (!is_known).then(|| self.junk_item(&pair))
                }
            };
            if let Some(item) = item {
                broken = (self.diagnostics.len() > n_before).then_some(item.span);
                tree.items.push(item);
            }
        }
        self.diagnostics.sort_by_key(|diagnostic| {
            let span = diagnostic.span();
            (span.start, span.end)
        });
        self.diagnostics.dedup();
        (tree, self.diagnostics)
    }
}
