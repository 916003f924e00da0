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
mod arithmetic;
mod builtins;
mod call;
mod compare;
mod comprehension;
mod condition;
mod context;
mod create;
mod declared;
mod editable;
mod env;
mod facts;
mod fields;
mod files;
mod fix;
mod functions;
mod kinds;
mod list;
mod literal;
mod made;
mod message;
mod objects;
mod old;
mod params;
mod pattern;
mod policy;
mod prelude;
mod profiles;
mod quantifier;
mod request;
mod scalar;
mod secrets;
mod stmt;
mod table;
mod target;
mod typed;
mod types;
mod upsert;
mod value;
mod views;
mod ways;
mod wide;
mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use self::context::Ctx;
use self::env::Env;
use crate::diagnostic::{Diagnostic, Level};
use crate::program::{ParamId, Policy, Program};
use crate::span::{FileId, Span};
use crate::syntax::ast::{ItemKind, Name, PackHeader, Param, Profile, SourceFile};
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

/// Another pack, for `use`.
#[derive(Debug, Clone, Default)]
pub struct OtherPack {
    /// Its name.
    pub name: String,
    /// Its files, with ids that no file of the pack has, and their texts.
    pub files: Vec<(FileId, String)>,
}

/// The files that a pack's declarations name.
pub trait Files: fmt::Debug + Send + Sync {
    /// The manifest at a path, relative to the pack, as JSON: several documents are a list.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, without its path: it is not there, or it cannot be read.
    fn read(&self, path: &str) -> Result<String, String>;

    /// The text of the file at a path, relative to the pack.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, without its path.
    fn read_text(&self, path: &str) -> Result<String, String>;
}

/// What a compilation is told beside its sources.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The pack's name where no source has a `pack` header, such as a lone file.
    pub pack: Option<String>,
    /// The packs that `use` may name.
    pub packs: Vec<OtherPack>,
    /// Reads the files that `kind … from crd` and `table` name; without it there are none.
    pub files: Option<Arc<dyn Files>>,
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
        trees.push((parsed.tree, source.text));
    }
    let used = used_packs(&trees, options, &mut diagnostics);
    let others = options.packs.iter().flat_map(|pack| &pack.files);
    let mut texts = sources
        .iter()
        .map(|source| source.text)
        .chain(others.map(|(_, text)| text.as_str()));
    let prelude = texts
        .any(prelude::is_called)
        .then(|| parse(prelude::FILE, prelude::TEXT).tree);
    let header = only_header(&trees, &mut diagnostics);
    let name = header.map(|header| header.name.text.clone());
    let name = name
        .or_else(|| options.pack.clone())
        .unwrap_or_else(|| String::from("policies"));
    let (program, found) = check(&trees, &used, prelude.as_ref(), name, options);
    diagnostics.extend(found);
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
    Compiled {
        program: (!failed).then_some(program),
        diagnostics,
    }
}

/// A file's tree and its text.
type Tree<'s> = (SourceFile, &'s str);

/// Checks a pack with what the packs that it uses declare.
fn check(
    trees: &[Tree<'_>],
    used: &[Tree<'_>],
    prelude: Option<&SourceFile>,
    name: String,
    options: &Options,
) -> (Program, Vec<Diagnostic>) {
    let mut env = Env::new(name, options);
    for (tree, text) in trees {
        env.collect(tree, text, true);
    }
    for (tree, text) in used {
        env.collect(tree, text, false);
    }
    if let Some(prelude) = prelude {
        env.collect_prelude(prelude);
    }
    env.extend_views();
    let pack_params = declare_pack_params(&env, trees);
    env.pack_params = pack_params;
    let mut pack = Pack::default();
    for (tree, text) in trees {
        pack.check_file(&env, tree, text);
    }
    let unused = check_declarations(&env);
    let profiles = profiles::resolve(&env, &pack.profiles, &pack.policies);
    let is_error = |found: &Diagnostic| found.level == Level::Error;
    let broken = env
        .diagnostics
        .borrow()
        .iter()
        .chain(&pack.diagnostics)
        .any(is_error);
    // What is wrong may be what would use them.
    if env.n_policies > 0 && !broken {
        pack.diagnostics.extend(unused);
    }
    let program = Program {
        pack: env.pack.clone(),
        records: env.take_records(),
        params: env.params.borrow().clone(),
        profiles,
        views: env.take_views(),
        files: files::file_kinds(&env, &pack.policies),
        secrets: secrets::secret_fields(&env),
        policies: pack.policies,
    };
    let mut diagnostics = pack.diagnostics;
    diagnostics.append(&mut env.diagnostics.borrow_mut());
    // What the functions of the language warn of is nothing that the pack could change.
    diagnostics.retain(|found| found.span().file != prelude::FILE || is_error(found));
    (program, diagnostics)
}

/// The parameters of the pack, which come first in the program.
fn declare_pack_params<'t>(env: &Env<'_>, trees: &'t [Tree<'_>]) -> BTreeMap<&'t str, ParamId> {
    let mut names: BTreeMap<&str, ParamId> = BTreeMap::new();
    for (tree, text) in trees {
        let params: Vec<&Param> = tree
            .items
            .iter()
            .filter_map(|item| match &item.kind {
                ItemKind::Param(param) => Some(param),
                _ => None,
            })
            .collect();
        for param in params {
            let name = param.name.text.as_str();
            if names.contains_key(name) {
                let message = format!("`{name}` is declared twice");
                env.report(
                    Diagnostic::error("duplicate-name", message, param.name.span, "again")
                        .with_help("give one of the two another name"),
                );
                continue;
            }
            let id = ParamId(u32::try_from(names.len()).unwrap_or(u32::MAX));
            let mut ctx = Ctx::apart(env, text);
            ctx.scope.is_apart = false;
            ctx.declare_params(&[param], None);
            ctx.hand_over();
            names.insert(name, id);
        }
    }
    names
}

/// Looks into all declarations of the pack, used or not. Gives warnings of those that nothing uses.
fn check_declarations(env: &Env<'_>) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    let mut unused = |what: &str, name: &str, span: Span| {
        let message = format!("nothing uses the {what} `{name}`");
        all.push(
            Diagnostic::warning("unused-declaration", message, span, "unused")
                .with_help("remove it, or begin its name with `_`"),
        );
    };
    for (name, function) in env.fns.iter().filter(|(_, function)| function.is_own) {
        let was_used = function.used.get();
        let mut ctx = Ctx::apart(env, env.text(function.span.file));
        ctx.check_alone(function);
        ctx.hand_over();
        if builtins::is_function(name) || prelude::NAMES.contains(name) {
            let message = format!("`{name}` is a function of the language");
            env.report(
                Diagnostic::warning("hides-built-in", message, function.span, "hides it")
                    .with_help("give it another name"),
            );
        }
        if !was_used {
            unused("function", name, function.span);
        }
    }
    for (name, constant) in env.consts.iter().filter(|(_, constant)| constant.is_own) {
        let was_used = constant.used.get();
        let mut ctx = Ctx::apart(env, env.text(constant.span.file));
        ctx.named_constant(name, constant.span);
        ctx.hand_over();
        if !was_used {
            unused("constant", name, constant.span);
        }
    }
    for (name, table) in env.tables.iter().filter(|(_, table)| table.is_own) {
        let was_used = table.used.get();
        let mut ctx = Ctx::apart(env, env.text(table.span.file));
        ctx.named_constant(name, table.span);
        ctx.hand_over();
        if !was_used {
            unused("table", name, table.span);
        }
    }
    for (name, ty) in env.types.iter().filter(|(_, ty)| ty.is_own) {
        let was_used = ty.used.get();
        let mut ctx = Ctx::apart(env, env.text(ty.span.file));
        ctx.declared_type(&Name {
            text: (*name).to_owned(),
            span: ty.span,
        });
        ctx.hand_over();
        if !was_used {
            unused("type", name, ty.span);
        }
    }
    for (name, kind) in env.kinds.iter().filter(|(_, kind)| kind.is_own) {
        let was_used = kind.used.get();
        let mut ctx = Ctx::apart(env, env.text(kind.span.file));
        ctx.declared_kind(None, name, kind.span);
        ctx.hand_over();
        if !was_used {
            unused("kind", name, kind.span);
        }
    }
    for (name, view) in env.views.iter().filter(|(_, view)| view.is_own) {
        let Some(span) = view.span else { continue };
        let was_used = view.used.get();
        let mut ctx = Ctx::apart(env, env.text(span.file));
        ctx.check_view_alone(name, span);
        ctx.hand_over();
        if !was_used {
            unused("view", name, span);
        }
    }
    let params = env.params.borrow();
    let used = env.params_used.borrow();
    for (param, used) in params.iter().zip(used.iter()) {
        if param.policy.is_none() && !used && !param.name.starts_with('_') {
            all.push(params::unused_param(&param.name, param.span));
        }
    }
    all
}

/// The `pack` header, of which there is one at most.
fn only_header<'t>(
    trees: &'t [Tree<'_>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<&'t PackHeader> {
    let mut found: Option<&PackHeader> = None;
    for header in trees.iter().filter_map(|(tree, _)| tree.pack.as_ref()) {
        let Some(first) = found else {
            found = Some(header);
            continue;
        };
        let message = format!("the pack is already named `{}`", first.name.text);
        diagnostics.push(
            Diagnostic::error("duplicate-pack", message, header.span, "second header")
                .with_label(first.span, "first header")
                .with_help("remove one of the two")
                .with_edit(header.span, ""),
        );
    }
    found
}

/// The files of the packs that `use` names.
fn used_packs<'s>(
    trees: &[Tree<'_>],
    options: &'s Options,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Tree<'s>> {
    let mut names: Vec<&Name> = Vec::new();
    let mut found = Vec::new();
    for item in trees.iter().flat_map(|(tree, _)| &tree.items) {
        let ItemKind::Use(name) = &item.kind else {
            continue;
        };
        if name.text.is_empty() || names.iter().any(|known| known.text == name.text) {
            continue;
        }
        names.push(name);
        let Some(pack) = options.packs.iter().find(|pack| pack.name == name.text) else {
            let message = format!("there is no pack `{}` here", name.text);
            let diagnostic = Diagnostic::error("unknown-pack", message, name.span, "unknown pack");
            let known = options.packs.iter().map(|pack| pack.name.as_str());
            diagnostics.push(match words::near(&name.text, known) {
                Some(near) => diagnostic
                    .with_help(format!("write `{near}`"))
                    .with_edit(name.span, near),
                None => diagnostic.with_help("put the pack beside this one"),
            });
            continue;
        };
        for (file, text) in &pack.files {
            let parsed = parse(*file, text);
            diagnostics.extend(parsed.diagnostics);
            found.push((parsed.tree, text.as_str()));
        }
    }
    found
}

/// What is collected over the files of a pack.
#[derive(Debug, Default)]
struct Pack<'t> {
    names: BTreeMap<&'t str, Span>,
    profiles: Vec<(&'t Profile, &'t str)>,
    policies: Vec<Policy>,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Pack<'t> {
    fn check_file(&mut self, env: &Env<'_>, tree: &'t SourceFile, text: &'t str) {
        for item in &tree.items {
            match &item.kind {
                ItemKind::Policy(policy) => {
                    self.check_name(&policy.name);
                    let index = u32::try_from(self.policies.len()).unwrap_or(u32::MAX);
                    let checked = policy::check(env, policy, item.doc.as_ref(), text, index);
                    self.policies.push(checked.policy);
                    self.diagnostics.extend(checked.diagnostics);
                }
                ItemKind::Profile(profile) => self.profiles.push((profile, text)),
                ItemKind::View(_)
                | ItemKind::Fn(_)
                | ItemKind::Const(_)
                | ItemKind::Type(_)
                | ItemKind::Kind(_)
                | ItemKind::Use(_)
                | ItemKind::Param(_)
                | ItemKind::Table(_)
                | ItemKind::Error => {}
            }
        }
    }

    fn check_name(&mut self, name: &'t Name) {
        if name.text.is_empty() {
            return;
        }
        let Some(first) = self.names.get(name.text.as_str()) else {
            self.names.insert(&name.text, name.span);
            return;
        };
        let message = format!("policy `{}` is declared twice", name.text);
        self.diagnostics.push(
            Diagnostic::error("duplicate-policy", message, name.span, "second declaration")
                .with_label(*first, "first declaration")
                .with_help("give one of the two another name"),
        );
    }
}
