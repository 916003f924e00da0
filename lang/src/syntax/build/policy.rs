//! Policies: the header, its targets, the bodies.

use pest::iterators::Pair;

use super::Builder;
use super::common::{rules, to_kebab};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{
    Attribute, Block, Item, ItemKind, Name, Param, Policy, PolicyBody, Target,
};
use crate::syntax::grammar::Rule;

/// What a policy's block holds beside statements.
#[derive(Debug, Default)]
pub(super) struct PolicyParts {
    pub(super) attributes: Vec<Attribute>,
    pub(super) params: Vec<Param>,
    pub(super) bodies: Vec<PolicyBody>,
}

impl<'s> Builder<'s> {
    pub(super) fn policy(&mut self, pair: Pair<'s, Rule>) -> Item {
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
                .any(|stmt| stmt.as_rule() == Rule::on_body)
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
        let mut parts = PolicyParts::default();
        let body = match body {
            Some(body) => self.policy_block(body, head_end, &shown, &mut parts),
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
                Block {
                    stmts: Vec::new(),
                    span: head_end.after(),
                }
            }
        };
        if let (Some(targets), Some(second)) = (&targets, parts.bodies.first())
            && let Some(first) = targets.first()
            && !self.has_reported(second.span)
        {
            self.report(
                Diagnostic::error(
                    "second-target",
                    format!("{shown} names its targets twice"),
                    self.word_at(second.span, "on"),
                    "targets of a body",
                )
                .with_label(first.span, "targets of the whole policy")
                .with_help("remove `on` from the header, or give the checks no `on` of their own"),
            );
        }
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
                name,
                targets: targets.unwrap_or_default(),
                guard,
                attributes: parts.attributes,
                params: parts.params,
                body,
                bodies: parts.bodies,
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
        let proposal = to_kebab(&text);
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

    pub(super) fn target(&mut self, pair: Pair<'s, Rule>) -> Target {
        let span = self.span(&pair);
        let parts: Vec<Name> = pair.into_inner().map(|part| self.name(&part)).collect();
        let target = Self::target_of(parts.clone(), span);
        if parts.len() > 3 || self.slice(span).ends_with('/') {
            self.report(
                Diagnostic::error(
                    "bad-target",
                    "a target has at most three parts",
                    span,
                    "not a target",
                )
                .with_help("write `KIND`, `GROUP/KIND` or `GROUP/VERSION/KIND`"),
            );
        }
        target
    }

    /// The target of parts that stood between slashes.
    pub(super) fn target_of(mut parts: Vec<Name>, span: Span) -> Target {
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
        Target {
            group,
            version,
            name,
            span,
        }
    }

    /// `on TARGETS [where GUARD] { … }` within a policy.
    pub(super) fn on_body(&mut self, pair: Pair<'s, Rule>) -> PolicyBody {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let mut head = self.word_at(span, "on");
        let mut targets = Vec::new();
        let mut guard = None;
        let mut block = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::on_clause => targets = self.targets(part),
                Rule::where_clause => guard = Some(self.guard(part)),
                Rule::bad_head => self.bad_head(part_span, n_before),
                Rule::block => {
                    block = Some(part);
                    continue;
                }
                _ => {}
            }
            head = part_span;
        }
        let is_reported = self.diagnostics.len() > n_before;
        let body = self.block_after(block, head, "this `on`", is_reported);
        PolicyBody {
            targets,
            guard,
            body,
            span,
        }
    }
}
