//! What the tree knows about a text that its tokens do not tell: where lines begin and blocks open.

mod values;

use std::collections::{BTreeMap, BTreeSet};

use crate::span::Span;
use crate::syntax::ast::{
    Attribute, Block, Check, EditKind, Fix, Generator, Item, ItemKind, KindDeclaration, KindSource,
    Param, Policy, Profile, ProfileEntry, SourceFile, Stmt, StmtKind, Target, View,
};

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
    /// Braces without blanks inside: those of map types.
    pub(super) tight: BTreeSet<usize>,
    /// The colons of quantifiers, behind which a line may end.
    pub(super) colons: BTreeSet<usize>,
    /// Where a line begins that is indented once more than its statement: the fixes of a check.
    pub(super) enters: BTreeSet<usize>,
    /// Where such a part of a statement ends.
    pub(super) leaves: BTreeSet<usize>,
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
        for (item, next) in tree
            .items
            .iter()
            .zip(tree.items.iter().skip(1).map(Some).chain([None]))
        {
            marks.starts.insert(at(item.span.start));
            // Short declarations stand together as they were written.
            if !(is_short(item) && next.is_some_and(is_short)) {
                marks.item_ends.insert(at(item.span.end));
            }
            marks.item(item, text);
        }
        marks
    }

    fn item(&mut self, item: &Item, text: &str) {
        let braces = |from: Span| Braces::after(text, from, item.span);
        match &item.kind {
            ItemKind::Policy(policy) => self.policy(policy, text),
            ItemKind::Profile(profile) => self.profile(profile, item.span, text),
            ItemKind::View(view) => {
                let head = view.ty.as_ref().map_or(view.name.span, |ty| ty.span);
                self.braces(braces(head));
                self.view(view, text);
            }
            ItemKind::Fn(function) => {
                for param in &function.params {
                    self.annotation(param.ty.as_ref(), text);
                }
                self.annotation(function.result.as_ref(), text);
                self.expr(&function.body, text);
            }
            ItemKind::Const(constant) => {
                self.annotation(constant.ty.as_ref(), text);
                self.expr(&constant.value, text);
            }
            ItemKind::Type(declared) => self.ty(&declared.ty, text),
            ItemKind::Kind(kind) => {
                self.source(&kind.source);
                if let Some(fields) = &kind.fields {
                    self.fields(fields, braces(end_of_source(kind)), text);
                }
            }
            ItemKind::Table(table) => {
                self.fields(&table.columns, braces(table.file.span), text);
            }
            ItemKind::Use(pack) => self.name(pack.span),
            ItemKind::Param(param) => self.param(param, text),
            ItemKind::Error => {}
        }
    }

    fn name(&mut self, span: Span) {
        self.names.insert(at(span.start), at(span.end));
    }

    pub(super) fn target(&mut self, target: &Target) {
        if target.group.is_some() || target.version.is_some() {
            self.name(target.span);
        }
    }

    /// Braces around lines.
    fn braces(&mut self, braces: Option<Braces>) {
        if let Some(braces) = braces {
            self.opens.insert(braces.open);
            self.closes.insert(braces.close);
            self.starts.insert(braces.close);
        }
    }

    fn profile(&mut self, profile: &Profile, span: Span, text: &str) {
        self.name(profile.name.span);
        if let Some(extends) = &profile.extends {
            self.name(extends.span);
        }
        let head = profile.extends.as_ref().unwrap_or(&profile.name).span;
        self.braces(Braces::after(text, head, span));
        for entry in &profile.entries {
            match entry {
                ProfileEntry::Include(names) => {
                    if let Some(first) = names.first() {
                        self.word_before(text, first.span, "include");
                    }
                    for name in names {
                        self.name(name.span);
                    }
                }
                ProfileEntry::Set { policy, value, .. } => {
                    self.word_before(text, policy.span, "set");
                    self.name(policy.span);
                    self.expr(value, text);
                }
            }
        }
    }

    /// A line begins with a word, which stands right before a name.
    fn word_before(&mut self, text: &str, name: Span, word: &str) {
        let before = text.get(..at(name.start)).unwrap_or_default().trim_end();
        if let Some(before) = before.strip_suffix(word) {
            self.starts.insert(before.len());
        }
    }

    fn view(&mut self, view: &View, text: &str) {
        self.annotation(view.ty.as_ref(), text);
        for arm in &view.arms {
            self.starts.insert(at(arm.span.start));
            for target in &arm.targets {
                self.target(target);
            }
            self.guard(arm.guard.as_ref(), text);
            self.expr(&arm.value, text);
        }
    }

    fn source(&mut self, source: &KindSource) {
        if let KindSource::Group(group) = source {
            self.name(group.span);
        }
    }

    fn param(&mut self, param: &Param, text: &str) {
        self.ty(&param.ty, text);
        self.guard(param.default.as_ref(), text);
        self.guard(param.constraint.as_ref(), text);
    }

    fn policy(&mut self, policy: &Policy, text: &str) {
        self.name(policy.name.span);
        for target in &policy.targets {
            self.target(target);
        }
        self.guard(policy.guard.as_ref(), text);
        for attribute in &policy.attributes {
            self.attribute(attribute);
        }
        for param in &policy.params {
            self.starts.insert(at(param.span.start));
            self.param(param, text);
        }
        for body in &policy.bodies {
            self.starts.insert(at(body.span.start));
            for target in &body.targets {
                self.target(target);
            }
            self.guard(body.guard.as_ref(), text);
            self.block(&body.body, text);
        }
        self.block(&policy.body, text);
    }

    fn attribute(&mut self, attribute: &Attribute) {
        self.starts.insert(at(attribute.span.start));
        for value in &attribute.values {
            self.name(value.span);
        }
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
            StmtKind::For {
                generator,
                guard,
                body,
            } => {
                self.generator(generator, text);
                self.guard(guard.as_ref(), text);
                self.block(body, text);
            }
            StmtKind::When {
                condition,
                then,
                otherwise,
            } => {
                self.expr(condition, text);
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
                self.check(check, text);
            }
            StmtKind::Let { value, .. } => self.expr(value, text),
            StmtKind::Error => {}
        }
    }

    fn check(&mut self, check: &Check, text: &str) {
        self.expr(&check.condition, text);
        for clause in [&check.message, &check.severity, &check.place] {
            self.guard(clause.as_ref(), text);
        }
        for fix in &check.fixes {
            self.fix(fix, text);
        }
    }

    fn fix(&mut self, fix: &Fix, text: &str) {
        self.starts.insert(at(fix.span.start));
        self.enters.insert(at(fix.span.start));
        self.leaves.insert(at(fix.span.end));
        let braces = block_of_fix(fix, text);
        self.braces(braces);
        for edit in &fix.edits {
            if braces.is_some() {
                self.starts.insert(at(edit.span.start));
            }
            if let EditKind::Create(target) = &edit.kind {
                self.target(target);
            }
            self.expr(&edit.path, text);
            self.guard(edit.value.as_ref(), text);
        }
        self.guard(fix.condition.as_ref(), text);
    }

    fn generator(&mut self, generator: &Generator, text: &str) {
        self.expr(&generator.source, text);
    }
}

/// Two braces that belong together.
#[derive(Debug, Clone, Copy)]
struct Braces {
    open: usize,
    close: usize,
}

impl Braces {
    /// The first brace behind a head, and the one that ends the whole declaration.
    fn after(text: &str, head: Span, whole: Span) -> Option<Self> {
        let open = next_sign(text, at(head.end), '{')?;
        let close = at(whole.end).checked_sub(1)?;
        text.get(close..at(whole.end))
            .is_some_and(|last| last == "}" && open < close)
            .then_some(Self { open, close })
    }

    /// Whether there is a line end between the opening brace and what follows it.
    fn is_broken(self, text: &str, first: usize) -> bool {
        text.get(self.open..first)
            .is_some_and(|between| between.contains(['\n', '\r']))
    }
}

/// The braces of `fix { … }`.
fn block_of_fix(fix: &Fix, text: &str) -> Option<Braces> {
    let written = text.get(fix.span.range())?;
    let rest = written.strip_prefix("fix")?.trim_start();
    let rest = if fix.is_unsafe {
        rest.strip_prefix("unsafe")?.trim_start()
    } else {
        rest
    };
    let open = at(fix.span.end) - rest.len();
    let last = fix.edits.last()?;
    let close = next_sign(text, at(last.span.end), '}')?;
    rest.starts_with('{').then_some(Braces { open, close })
}

fn end_of_source(kind: &KindDeclaration) -> Span {
    match &kind.source {
        KindSource::Group(group) => group.span,
        KindSource::File {
            format,
            patterns,
            merged,
            ..
        } => merged.as_ref().or(patterns.last()).unwrap_or(format).span,
    }
}

/// Whether a declaration usually takes a line or two.
fn is_short(item: &Item) -> bool {
    matches!(
        item.kind,
        ItemKind::Use(_) | ItemKind::Const(_) | ItemKind::Param(_) | ItemKind::Fn(_)
    )
}

/// The first place of a sign that is not in a comment.
fn next_sign(text: &str, from: usize, sign: char) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let found = rest.find(sign)?;
        match rest.find("//") {
            Some(comment) if comment < found => {
                let line = rest.get(comment..)?;
                at += comment + line.find(['\n', '\r'])?;
            }
            _ => return Some(at + found),
        }
    }
}

fn at(offset: u32) -> usize {
    offset as usize
}
