//! Gives the pairs of the grammar the shape of the tree, and says what is wrong with those that are not Pale.
//!
//! This file has the declarations; statements are in [`stmt`], expressions in [`expr`], strings in [`text`], the bounds
//! and names that all of them use in [`common`].

mod common;
mod expr;
mod stmt;
mod text;

use pest::iterators::Pair;

use super::ast::{Block, Doc, Item, ItemKind, Name, PackHeader, Policy, SourceFile, Target};
use super::grammar::Rule;
use crate::diagnostic::Diagnostic;
use crate::span::{FileId, Span};
use common::{near, rules};

/// The words that begin a declaration of the full language.
const ITEM_WORDS: &[&str] = &["policy", "pack"];

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
    suspect: Option<stmt::Suspect>,
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
        for pair in file.into_iter().flat_map(Pair::into_inner) {
            let was_in_junk = std::mem::replace(&mut in_junk, false);
            match pair.as_rule() {
                Rule::pack => self.pack(pair, &mut tree),
                Rule::policy => {
                    let item = self.policy(pair);
                    tree.items.push(item);
                }
                Rule::later_item => {
                    let item = self.later_item(&pair);
                    tree.items.push(item);
                }
                Rule::EOI => {}
                _ => {
                    in_junk = true;
                    if !was_in_junk {
                        let item = self.junk_item(&pair);
                        tree.items.push(item);
                    }
                }
            }
        }
        self.diagnostics.sort_by_key(|diagnostic| {
            let span = diagnostic.span();
            (span.start, span.end)
        });
        self.diagnostics.dedup();
        (tree, self.diagnostics)
    }

    fn pack(&mut self, pair: Pair<'s, Rule>, tree: &mut SourceFile) {
        let span = self.span(&pair);
        let mut name = None;
        let mut edition = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::pack_name => name = Some(self.kebab_name(&part, "packs")),
                Rule::edition => edition = Some(self.name(&part)),
                _ => {}
            }
        }
        let Some(name) = name else {
            let keyword = Span {
                end: span.start + 4,
                ..span
            };
            self.report(
                Diagnostic::error(
                    "missing-name",
                    "expected the name of the pack",
                    keyword,
                    "no name follows",
                )
                .with_help("write `pack NAME edition 2026`"),
            );
            return;
        };
        if edition.is_none() {
            self.report(
                Diagnostic::error(
                    "missing-edition",
                    format!("pack `{}` names no edition", name.text),
                    name.span,
                    "no edition follows",
                )
                .with_help("write `edition 2026` after the name")
                .with_edit(name.span.after(), " edition 2026"),
            );
        }
        if tree.pack.is_some() {
            self.report(
                Diagnostic::error(
                    "second-pack",
                    "a file names its pack once",
                    span,
                    "second header",
                )
                .with_help("remove this line"),
            );
            return;
        }
        tree.pack = Some(PackHeader {
            name,
            edition,
            span,
        });
    }

    fn policy(&mut self, pair: Pair<'s, Rule>) -> Item {
        let span = self.span(&pair);
        self.suspect = None;
        self.took_brace = false;
        let keyword = self.word_at(span, "policy");
        let mut head_end = keyword;
        let mut name = None;
        let mut targets = None;
        let mut guard = None;
        let mut bad = None;
        let mut body = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::policy_name => name = Some(self.policy_name(part)),
                Rule::bad_header => bad = bad.or(Some(part_span)),
                Rule::on_clause => targets = Some(self.targets(part)),
                Rule::where_clause => guard = Some(self.guard(part)),
                Rule::policy_block => {
                    body = Some(part);
                    continue;
                }
                _ => {}
            }
            head_end = part_span;
        }
        let on_inside = body.as_ref().is_some_and(|body| {
            body.clone()
                .into_inner()
                .any(|stmt| stmt.as_rule() == Rule::on_stmt)
        });
        let shown = name.as_ref().map_or_else(
            || "the policy".to_owned(),
            |name: &Name| format!("policy `{}`", name.text),
        );
        if let Some(bad) = bad {
            self.bad_header(bad, &shown);
        } else if name.is_none() {
            self.report(
                Diagnostic::error(
                    "missing-name",
                    "expected a name after `policy`",
                    keyword,
                    "no name follows",
                )
                .with_help("name what is wrong, in kebab-case: `no-privileged-containers`"),
            );
        } else if targets.is_none() && !on_inside {
            self.report(
                Diagnostic::error(
                    "missing-target",
                    format!("{shown} has no target"),
                    name.as_ref().map_or(keyword, |name| name.span),
                    "`on` is missing after this",
                )
                .with_help("write `on` and a kind or view, such as `on pod`"),
            );
        }
        let (attributes, body) = match body {
            Some(body) => self.policy_block(body, head_end, &shown),
            None => {
                if bad.is_none() {
                    self.report(
                        Diagnostic::error(
                            "missing-block",
                            format!("{shown} has no block"),
                            head_end,
                            "`{` is missing after this",
                        )
                        .with_help("write the policy's attributes and checks in `{ … }`")
                        .with_edit(head_end.after(), " {}"),
                    );
                }
                (
                    Vec::new(),
                    Block {
                        stmts: Vec::new(),
                        span: head_end.after(),
                    },
                )
            }
        };
        self.policy_end = self
            .slice(span)
            .ends_with('}')
            .then(|| Span::new(self.file, span.end - 1, span.end));
        let name = name.unwrap_or_else(|| Name {
            text: String::new(),
            span: keyword.after(),
        });
        Item {
            doc: self.item_doc(span.start),
            kind: ItemKind::Policy(Policy {
                params: Vec::new(),
                bodies: Vec::new(),
                name,
                targets: targets.unwrap_or_default(),
                guard,
                attributes,
                body,
            }),
            span,
        }
    }

    fn policy_name(&mut self, pair: Pair<'s, Rule>) -> Name {
        let name = self.name(&pair);
        let Some(inner) = pair.into_inner().next() else {
            return name;
        };
        if inner.as_rule() == Rule::kebab {
            return self.kebab_name(&inner, "policies");
        }
        let text: String = name.text.trim_matches('"').to_owned();
        let proposal = common::to_kebab(&text);
        let mut diagnostic = Diagnostic::error(
            "quoted-name",
            "the name of a policy has no quotes",
            name.span,
            "quoted name",
        );
        if !proposal.is_empty() {
            diagnostic = diagnostic
                .with_help(format!("write `{proposal}`"))
                .with_edit(name.span, proposal);
        }
        self.report(diagnostic);
        Name { text, ..name }
    }

    fn bad_header(&mut self, bad: Span, shown: &str) {
        let text = self.slice(bad);
        let word = text.split_whitespace().next().unwrap_or_default();
        let mut diagnostic = Diagnostic::error(
            "bad-header",
            format!("expected `on` after the name of {shown}"),
            Span {
                end: bad.start + u32::try_from(word.len()).unwrap_or_default(),
                ..bad
            },
            "not understood here",
        )
        .with_help("write `policy NAME on KIND { … }`");
        if word == "for" || word == ":" {
            let at = diagnostic.span();
            diagnostic = diagnostic.with_edit(at, "on");
        }
        self.report(diagnostic);
    }

    fn targets(&mut self, pair: Pair<'s, Rule>) -> Vec<Target> {
        let clause = self.span(&pair);
        let before = self.diagnostics.len();
        let mut targets: Vec<Target> = Vec::new();
        let mut comma: Option<Span> = Some(self.word_at(clause, "on"));
        for part in rules(pair, &[Rule::target, Rule::comma]) {
            let span = self.span(&part);
            if part.as_rule() == Rule::comma {
                if comma.is_some() && self.diagnostics.len() == before {
                    self.report(
                        Diagnostic::error(
                            "missing-target",
                            "expected a kind or view before `,`",
                            span,
                            "nothing stands before this",
                        )
                        .with_help("remove the comma")
                        .with_edit(span, ""),
                    );
                }
                comma = Some(span);
                continue;
            }
            if comma.is_none()
                && let Some(last) = targets.last()
            {
                let last = last.span;
                self.report(
                    Diagnostic::error(
                        "missing-comma",
                        "expected `,` between two targets",
                        span,
                        "a second target",
                    )
                    .with_help("separate targets with `,`")
                    .with_edit(last.after(), ","),
                );
            }
            comma = None;
            let target = self.target(part);
            targets.push(target);
        }
        if let Some(last) = comma
            && self.diagnostics.len() == before
        {
            self.report(
                Diagnostic::error(
                    "missing-target",
                    format!("expected a kind or view after `{}`", self.slice(last)),
                    last,
                    "nothing follows",
                )
                .with_help("name a kind such as `Deployment`, or the view `pod`"),
            );
        }
        targets
    }

    fn target(&mut self, pair: Pair<'s, Rule>) -> Target {
        let span = self.span(&pair);
        let mut parts: Vec<Name> = pair.into_inner().map(|part| self.name(&part)).collect();
        let n_parts = parts.len();
        let name = parts.pop().unwrap_or_else(|| Name {
            text: String::new(),
            span,
        });
        let is_version = |text: &str| {
            text.strip_prefix('v')
                .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        };
        let mut parts = parts.into_iter();
        let (group, version) = match n_parts {
            0 | 1 => (None, None),
            2 => {
                let first = parts.next();
                if first.as_ref().is_some_and(|first| is_version(&first.text)) {
                    (None, first)
                } else {
                    (first, None)
                }
            }
            _ => (parts.next(), parts.next()),
        };
        if n_parts > 3 || self.slice(span).ends_with('/') {
            self.report(
                Diagnostic::error(
                    "bad-target",
                    "a target has at most three parts",
                    span,
                    "not a target",
                )
                .with_help("write `KIND`, `GROUP/KIND` or `GROUP/VERSION/KIND`"),
            );
        } else if let Some(kind) = &group
            && kind
                .text
                .starts_with(|first: char| first.is_ascii_uppercase())
        {
            self.report_later(
                "subresources",
                &format!("`{}`", self.slice(span)),
                span,
                "a subresource",
            );
        }
        Target {
            group,
            version,
            name,
            span,
        }
    }

    fn later_item(&mut self, pair: &Pair<'s, Rule>) -> Item {
        let span = self.span(pair);
        let word: String = self
            .slice(span)
            .chars()
            .take_while(|letter| letter.is_ascii_alphabetic())
            .collect();
        let keyword = self.word_at(span, &word);
        self.report_later(
            "declarations",
            &format!("`{word}`"),
            keyword,
            "a declaration of the full language",
        );
        Item {
            kind: ItemKind::Error,
            doc: self.item_doc(span.start),
            span,
        }
    }

    fn junk_item(&mut self, pair: &Pair<'s, Rule>) -> Item {
        let span = self.span(pair);
        if pair.as_rule() == Rule::stray_close {
            self.report(
                Diagnostic::error(
                    "stray-brace",
                    "this `}` closes no block",
                    span,
                    "nothing is open here",
                )
                .with_help("remove it")
                .with_edit(span, ""),
            );
        } else {
            self.unknown_item(span);
        }
        Item {
            kind: ItemKind::Error,
            doc: None,
            span,
        }
    }

    fn unknown_item(&mut self, span: Span) {
        let text = self.slice(span);
        let word: &str = text
            .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
            .next()
            .unwrap_or_default();
        let first = self.word_at(span, word);
        let diagnostic = if text.starts_with('#') {
            self.hash_comment(span)
        } else if stmt::STMT_WORDS.contains(&word) || stmt::ATTRIBUTES.contains(&word) {
            let diagnostic = Diagnostic::error(
                "outside-policy",
                format!("`{word}` stands outside of a policy"),
                first,
                "not a declaration",
            );
            match self.policy_end {
                Some(end) => diagnostic
                    .with_label(end, "the policy above ends here")
                    .with_help("remove the `}` that ends the policy too early"),
                None => diagnostic.with_help("move it into `policy NAME on KIND { … }`"),
            }
        } else if let Some(known) = near(word, ITEM_WORDS) {
            Diagnostic::error(
                "unknown-declaration",
                format!("no declaration begins with `{word}`"),
                first,
                "unknown word",
            )
            .with_help(format!("write `{known}`"))
            .with_edit(first, known)
        } else {
            let first = if word.is_empty() {
                self.char_at(span.start)
            } else {
                first
            };
            let shown = self.slice(first);
            Diagnostic::error(
                "unknown-declaration",
                format!("no declaration begins with `{shown}`"),
                first,
                "not understood",
            )
            .with_help("begin with `policy NAME on KIND { … }`")
        };
        self.report(diagnostic);
    }

    /// The text of the `//!` lines above all declarations.
    fn file_doc(&self) -> Option<Doc> {
        let mut lines: Vec<Span> = Vec::new();
        for comment in self.comments {
            let from = lines.last().map_or(0, |last| last.end);
            let between = Span::new(self.file, from, comment.start);
            if !self.slice(*comment).starts_with("//!") {
                if lines.is_empty() && !self.slice(*comment).starts_with("///") {
                    continue;
                }
                break;
            }
            if !lines.is_empty() && !self.slice(between).trim().is_empty() {
                break;
            }
            lines.push(*comment);
        }
        self.doc(&lines)
    }

    /// The text of the `///` lines that end right above `start`.
    fn item_doc(&self, start: u32) -> Option<Doc> {
        let n_before = self
            .comments
            .partition_point(|comment| comment.start < start);
        let mut lines: Vec<Span> = Vec::new();
        let mut below = start;
        for comment in self.comments.iter().take(n_before).rev() {
            let text = self.slice(*comment);
            let between = Span::new(self.file, comment.end, below);
            if !text.starts_with("///")
                || text.starts_with("////")
                || !self.slice(between).trim().is_empty()
            {
                break;
            }
            lines.push(*comment);
            below = comment.start;
        }
        lines.reverse();
        self.doc(&lines)
    }

    fn doc(&self, lines: &[Span]) -> Option<Doc> {
        let (first, last) = (lines.first()?, lines.last()?);
        let mut texts = lines.iter().map(|line| {
            let text = self.slice(*line).get(3..).unwrap_or_default();
            text.strip_prefix(' ').unwrap_or(text).trim_end()
        });
        let title = texts.next().unwrap_or_default().trim().to_owned();
        let rest: Vec<&str> = texts.collect();
        Some(Doc {
            title,
            text: rest.join("\n").trim_matches('\n').to_owned(),
            span: first.to(*last),
        })
    }
}
