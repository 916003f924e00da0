//! A policy: its attributes, its guard, its body.

use super::context::{Ctx, NameInfo};
use super::stmt::unknown_severity;
use super::target::{Resolved, Views};
use super::words::near;
use crate::diagnostic::{Diagnostic, Level};
use crate::program::{Binding, Body, Local, LocalId, Operation, Policy, Severity, Type};
use crate::span::Span;
use crate::syntax::ast::{self, Attribute, Doc};

/// A policy and what was wrong with it.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) policy: Policy,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Checks one policy of a file with the text `text`.
pub(super) fn check(
    policy: &ast::Policy,
    doc: Option<&Doc>,
    text: &str,
    views: &mut Views,
) -> Checked {
    let mut ctx = Ctx::new(text);
    let resolved = ctx.resolve_targets(&policy.targets, views);
    ctx.bind_target(&resolved, policy);
    let guard = policy.guard.as_ref().map(|guard| ctx.condition(guard));
    if let Some(guard) = &guard {
        ctx.assume(guard, true);
    }
    let block = ctx.block(&policy.body);
    let attributes = ctx.attributes(policy);
    ctx.check_title(policy, doc);
    Checked {
        policy: Policy {
            name: policy.name.text.clone(),
            title: doc.map(|doc| doc.title.clone()).unwrap_or_default(),
            doc: doc.map(|doc| doc.text.clone()).unwrap_or_default(),
            severity: attributes.severity.unwrap_or(Severity::Medium),
            profiles: attributes.profiles,
            controls: attributes.controls,
            category: attributes.category,
            links: attributes.links,
            on_by_default: attributes.on_by_default,
            operations: vec![Operation::Create, Operation::Update],
            needs: Vec::new(),
            since: ctx.since,
            locals: ctx.names.into_iter().map(|info| info.local).collect(),
            bodies: vec![Body {
                targets: resolved.targets,
                guard,
                block,
            }],
            checks: ctx.checks,
            span: policy.name.span,
        },
        diagnostics: one_per_cause(ctx.diagnostics),
    }
}

/// The diagnostics without those that say of a name with an error that nothing uses it.
fn one_per_cause(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let failed: Vec<Span> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.level == Level::Error)
        .map(Diagnostic::span)
        .collect();
    diagnostics.retain(|diagnostic| {
        diagnostic.code != "unused-name" || !failed.contains(&diagnostic.span())
    });
    diagnostics
}

/// The severity of this name.
pub(super) fn severity_named(word: &str) -> Option<Severity> {
    Some(match word {
        "critical" => Severity::Critical,
        "high" => Severity::High,
        "medium" => Severity::Medium,
        "low" => Severity::Low,
        "info" => Severity::Info,
        _ => return None,
    })
}

/// The name of a severity.
pub(super) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}

#[derive(Debug)]
struct Attributes {
    severity: Option<Severity>,
    profiles: Vec<String>,
    controls: Vec<String>,
    category: Option<String>,
    links: Vec<String>,
    on_by_default: bool,
}

impl Ctx<'_> {
    fn bind_target(&mut self, resolved: &Resolved, policy: &ast::Policy) {
        let span = policy
            .targets
            .first()
            .map_or(policy.name.span, |target| target.span);
        for (name, ty, binding) in [
            ("object", &resolved.object, Binding::Object),
            (resolved.part_name, &resolved.part, Binding::Part),
        ] {
            self.names.push(NameInfo {
                local: Local {
                    name: name.to_owned(),
                    ty: Type::plain(ty.clone()),
                    binding,
                },
                span,
                used: true,
                sensitive: false,
                relied: std::collections::BTreeSet::new(),
                alias: None,
                removal: None,
            });
        }
        self.scope.push(LocalId::OBJECT);
        if resolved.part_name != "object" {
            self.scope.push(LocalId::PART);
        }
    }

    fn attributes(&mut self, policy: &ast::Policy) -> Attributes {
        let mut found = Attributes {
            severity: None,
            profiles: Vec::new(),
            controls: Vec::new(),
            category: None,
            links: Vec::new(),
            on_by_default: true,
        };
        let mut seen: Vec<&Attribute> = Vec::new();
        for attribute in &policy.attributes {
            let name = attribute.name.text.as_str();
            if let Some(first) = seen.iter().find(|other| other.name.text == name) {
                let message = format!("`{name}` is written twice");
                let first = first.name.span;
                self.report(
                    Diagnostic::error("duplicate-attribute", message, attribute.name.span, "again")
                        .with_label(first, "first written here")
                        .with_help("keep one of the two"),
                );
                continue;
            }
            seen.push(attribute);
            let texts = || {
                attribute
                    .values
                    .iter()
                    .map(|value| value.text.clone())
                    .collect()
            };
            match name {
                "severity" => found.severity = self.severity(attribute),
                "profiles" => found.profiles = texts(),
                "controls" => found.controls = texts(),
                "category" => found.category = self.only_value(attribute),
                "links" => found.links = texts(),
                "default" => found.on_by_default = self.default_state(attribute),
                // The parser knows which attributes there are.
                _ => {}
            }
        }
        if !seen
            .iter()
            .any(|attribute| attribute.name.text == "severity")
        {
            self.missing_severity(policy);
        }
        found
    }

    fn missing_severity(&mut self, policy: &ast::Policy) {
        if policy.name.text.is_empty() || self.source(policy.body.span).is_none() {
            return;
        }
        let message = format!("policy `{}` has no severity", policy.name.text);
        let mut diagnostic =
            Diagnostic::error("missing-severity", message, policy.name.span, "no severity")
                .with_help("say how serious a finding is, such as `severity medium`");
        let body = policy.body.span;
        if self.source(body).is_some_and(|text| text.starts_with('{')) {
            let inside = Span {
                start: body.start + 1,
                end: body.start + 1,
                ..body
            };
            let is_one_line = self.source(body).is_some_and(|text| !text.contains('\n'));
            let text = if is_one_line {
                " severity medium\n"
            } else {
                "\n    severity medium"
            };
            diagnostic = diagnostic.with_edit(inside, text);
        }
        self.report(diagnostic);
    }

    fn severity(&mut self, attribute: &Attribute) -> Option<Severity> {
        let word = attribute.values.first()?;
        let found = severity_named(&word.text);
        if found.is_none() {
            self.report(unknown_severity(&word.text, word.span));
        }
        self.check_single(attribute);
        found
    }

    fn only_value(&mut self, attribute: &Attribute) -> Option<String> {
        self.check_single(attribute);
        attribute.values.first().map(|value| value.text.clone())
    }

    fn check_single(&mut self, attribute: &Attribute) {
        let [first, second, ..] = attribute.values.as_slice() else {
            return;
        };
        let message = format!("`{}` takes one word", attribute.name.text);
        let last = attribute.values.last().unwrap_or(second).span;
        let surplus = Span {
            start: first.span.end,
            ..last
        };
        self.report(
            Diagnostic::error("too-many-values", message, second.span, "one too many")
                .with_help("keep one of them")
                .with_edit(surplus, ""),
        );
    }

    fn default_state(&mut self, attribute: &Attribute) -> bool {
        self.check_single(attribute);
        let Some(word) = attribute.values.first() else {
            return true;
        };
        match word.text.as_str() {
            "on" => true,
            "off" => false,
            other => {
                let message = format!("`default` is `on` or `off`, not `{other}`");
                let diagnostic =
                    Diagnostic::error("unknown-default", message, word.span, "neither");
                let meant = match other {
                    "false" | "no" => Some("off"),
                    "true" | "yes" => Some("on"),
                    _ => near(other, ["on", "off"]),
                };
                self.report(match meant {
                    Some(meant) => diagnostic
                        .with_help(format!("write `{meant}`"))
                        .with_edit(word.span, meant),
                    None => diagnostic.with_help("write `on` or `off`"),
                });
                true
            }
        }
    }

    fn check_title(&mut self, policy: &ast::Policy, doc: Option<&Doc>) {
        if doc.is_some_and(|doc| !doc.title.is_empty()) || policy.name.text.is_empty() {
            return;
        }
        let message = format!("policy `{}` has no title", policy.name.text);
        self.report(
            Diagnostic::warning(
                "missing-title",
                message,
                policy.name.span,
                "no documentation",
            )
            .with_help("say above it how things should be: `/// …`")
            .with_note("The first line of the documentation is the title in reports."),
        );
    }
}
