//! From syntax tree to typed program: names, types, absence, and what is wrong with them.
//!
//! Start at [`compile`]. A policy is checked by itself with a [`context::Ctx`]: its header in [`policy`] and [`target`],
//! statements in [`stmt`], conditions in [`condition`], values in [`value`]. What is known to be set is in [`facts`]. All
//! that is known of Kubernetes comes through [`kinds`].
//!
//! A mistake is reported once: what is built on it has [`BaseType::Error`] and stays silent.
//!
//! [`BaseType::Error`]: crate::program::BaseType::Error

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most matches here ask for one form among many; those that must know all forms list them"
)]

mod access;
mod call;
mod compare;
mod condition;
mod context;
mod facts;
mod fields;
mod kinds;
mod list;
mod literal;
mod message;
mod policy;
mod quantifier;
mod stmt;
mod target;
mod value;
mod words;

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level};
use crate::program::{Policy, Program};
use crate::span::{FileId, Span};
use crate::syntax::ast::{Item, ItemKind, PackHeader, SourceFile};
use crate::syntax::parse;

/// A file of a pack.
#[derive(Debug, Clone, Copy)]
pub struct Source<'s> {
    /// Its id, which spans carry.
    pub file: FileId,
    /// Its path as users see it; only names it.
    pub path: &'s str,
    /// Its text.
    pub text: &'s str,
}

/// What a compilation is told beside its sources.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The pack's name where no source has a `pack` header, such as a lone file.
    pub pack: Option<String>,
}

/// What a compilation gives.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The typed program; absent if there is an error.
    pub program: Option<Program>,
    /// Errors and warnings, in the order of files and text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses and checks the files of one pack.
#[must_use]
pub fn compile(sources: &[Source<'_>], options: &Options) -> Compiled {
    let mut diagnostics = Vec::new();
    let mut trees = Vec::new();
    for source in sources {
        let mut parsed = parse(source.file, source.text);
        diagnostics.append(&mut parsed.diagnostics);
        trees.push(parsed.tree);
    }
    let mut pack = Pack::default();
    for (tree, source) in trees.iter().zip(sources) {
        pack.check_file(tree, source.text);
    }
    diagnostics.append(&mut pack.diagnostics);
    diagnostics.sort_by_key(|diagnostic| {
        let span = diagnostic.span();
        (
            span.file,
            span.start,
            span.end,
            diagnostic.level,
            diagnostic.code,
        )
    });
    diagnostics.dedup();
    let failed = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.level == Level::Error);
    let name = pack.header.map(|header| header.name.text.clone());
    let program = Program {
        pack: name
            .or_else(|| options.pack.clone())
            .unwrap_or_else(|| String::from("policies")),
        records: Vec::new(),
        params: Vec::new(),
        profiles: Vec::new(),
        views: pack.views.into_views(),
        policies: pack.policies,
    };
    Compiled {
        program: (!failed).then_some(program),
        diagnostics,
    }
}

/// What is collected over the files of a pack.
#[derive(Debug, Default)]
struct Pack<'t> {
    header: Option<&'t PackHeader>,
    names: BTreeMap<&'t str, Span>,
    views: target::Views,
    policies: Vec<Policy>,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Pack<'t> {
    fn check_file(&mut self, tree: &'t SourceFile, text: &str) {
        if let Some(header) = &tree.pack {
            self.check_header(header);
        }
        for item in &tree.items {
            self.check_item(item, text);
        }
    }

    fn check_header(&mut self, header: &'t PackHeader) {
        if let Some(first) = self.header {
            let message = format!("the pack is already named `{}`", first.name.text);
            self.diagnostics.push(
                Diagnostic::error("duplicate-pack", message, header.span, "second header")
                    .with_label(first.span, "first header")
                    .with_help("remove one of the two")
                    .with_edit(header.span, ""),
            );
            return;
        }
        self.header = Some(header);
    }

    fn check_item(&mut self, item: &'t Item, text: &str) {
        let ItemKind::Policy(policy) = &item.kind else {
            return;
        };
        let name = &policy.name;
        if !name.text.is_empty() {
            if let Some(first) = self.names.get(name.text.as_str()) {
                let message = format!("policy `{}` is declared twice", name.text);
                self.diagnostics.push(
                    Diagnostic::error("duplicate-policy", message, name.span, "second declaration")
                        .with_label(*first, "first declaration")
                        .with_help("give one of the two another name"),
                );
            } else {
                self.names.insert(&name.text, name.span);
            }
        }
        let checked = policy::check(policy, item.doc.as_ref(), text, &mut self.views);
        self.policies.push(checked.policy);
        self.diagnostics.extend(checked.diagnostics);
    }
}
