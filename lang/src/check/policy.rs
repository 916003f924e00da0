//! A policy: its attributes, its guard, its body.

use super::context::Ctx;
use super::editable::NOT_EDITABLE;
use super::env::Env;
use super::old::Old;
use super::stmt::unknown_severity;
use super::target::{Found, POD, common};
use super::words::near;
use crate::diagnostic::{Diagnostic, Level};
use crate::program::{
    BaseType, Binding, Block, Body, ContextPart, LocalId, Operation, Policy, Severity, Stmt,
    Target, Type,
};
use crate::span::Span;
use crate::syntax::ast::{self, Attribute, Doc};
use std::collections::BTreeSet;

/// A policy and what was wrong with it.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) policy: Policy,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What a diagnostic is about.
fn primary(found: &Diagnostic) -> Option<Span> {
    found.labels.first().map(|label| label.span)
}

/// Checks one policy of a file; `index` is its number in the program.
pub(super) fn check<'s>(
    env: &'s Env<'s>,
    policy: &ast::Policy,
    doc: Option<&Doc>,
    text: &'s str,
    index: u32,
) -> Checked {
    let mut ctx = Ctx::new(env, text);
    ctx.add_local(
        "object",
        Type::plain(BaseType::Error),
        Binding::Object,
        policy.name.span,
    );
    ctx.add_local(
        "object",
        Type::plain(BaseType::Error),
        Binding::Part,
        policy.name.span,
    );
    let whole = Span {
        start: policy.name.span.start,
        ..policy.body.span
    };
    ctx.reads_old = ctx
        .source(whole)
        .is_some_and(|text| text.contains(ContextPart::Old.key()));
    let params: Vec<&ast::Param> = policy.params.iter().collect();
    ctx.declare_params(&params, Some(index));
    let bodies = ctx.bodies(policy);
    let attributes = ctx.attributes(policy);
    ctx.check_title(policy, doc);
    ctx.warn_of_unused_params();
    let diagnostics = if ctx.diagnostics.is_empty() {
        Vec::new()
    } else {
        let names = ctx.names.iter().filter(|info| info.used);
        let used = names.map(|info| info.span).chain(ctx.used).collect();
        one_per_cause(ctx.diagnostics, &used)
    };
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
            operations: attributes.operations,
            needs: ctx.needs.into_iter().collect(),
            owns_files: ctx.owns_files,
            since: ctx.since,
            locals: ctx.names.into_iter().map(|info| info.local).collect(),
            bodies,
            checks: ctx.checks,
            span: policy.name.span,
        },
        diagnostics,
    }
}

/// The diagnostics, each once: a body is read once for each kind of part, and what is wrong in all is wrong once. A name
/// with an error, or that the body uses for another kind of part, is not said to be unused.
fn one_per_cause(mut diagnostics: Vec<Diagnostic>, used: &BTreeSet<Span>) -> Vec<Diagnostic> {
    let failed: BTreeSet<Span> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.level == Level::Error)
        .map(Diagnostic::span)
        .collect();
    let mut said = BTreeSet::new();
    diagnostics.retain(|diagnostic| {
        let span = diagnostic.span();
        let is_used =
            diagnostic.code == "unused-name" && (failed.contains(&span) || used.contains(&span));
        !is_used && said.insert((span, diagnostic.code, diagnostic.message.clone()))
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

/// The words for severities, the worst first.
pub(super) const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];

#[derive(Debug)]
struct Attributes {
    severity: Option<Severity>,
    profiles: Vec<String>,
    controls: Vec<String>,
    category: Option<String>,
    links: Vec<String>,
    on_by_default: bool,
    operations: Vec<Operation>,
}

impl Ctx<'_> {
    /// The bodies of a policy: its own block, or one for each `on`, and one for each computed arm of a view.
    fn bodies(&mut self, policy: &ast::Policy) -> Vec<Body> {
        let mut bodies = Vec::new();
        let mut seen = Vec::new();
        let mut types = Vec::new();
        let span = policy.name.span;
        if policy.bodies.is_empty() || !policy.targets.is_empty() {
            let one = (
                policy.targets.as_slice(),
                policy.guard.as_ref(),
                &policy.body,
            );
            self.body(one, span, &mut seen, &mut bodies, &mut types);
        }
        if policy.targets.is_empty()
            && let (Some(stmt), false) = (policy.body.stmts.first(), policy.bodies.is_empty())
        {
            let message = format!("policy `{}` has bodies of its own", policy.name.text);
            self.report(
                Diagnostic::error("outside-body", message, stmt.span, "in none of them")
                    .with_help("move it into each `on … { … }` that needs it"),
            );
        }
        for body in &policy.bodies {
            let one = (body.targets.as_slice(), body.guard.as_ref(), &body.body);
            self.body(one, body.span, &mut seen, &mut bodies, &mut types);
        }
        // What the object and the part are in all bodies.
        let objects = common(types.iter().map(|(object, _)| object), false);
        let parts = common(types.iter().map(|(_, part)| part), false);
        for (id, base) in [(LocalId::OBJECT, objects), (LocalId::PART, parts)] {
            if let Some(info) = self.name_mut(id) {
                info.local.ty = Type::plain(base);
            }
        }
        bodies
    }

    fn body(
        &mut self,
        (targets, guard, block): (&[ast::Target], Option<&ast::Expr>, &ast::Block),
        span: Span,
        seen: &mut Vec<Found>,
        bodies: &mut Vec<Body>,
        types: &mut Vec<(BaseType, BaseType)>,
    ) {
        let resolved = self.resolve_targets(targets, seen);
        let is_inventory =
            |target: &Target| matches!(target, Target::Kind(kind) if kind.is_inventory());
        self.is_on_inventory = resolved.targets.iter().any(is_inventory);
        let is_view = |target: &Target| matches!(target, Target::View(_));
        self.old = if resolved.targets.iter().any(is_view) {
            Old::Part(LocalId::PART)
        } else {
            Old::Object
        };
        let span = targets.first().map_or(span, |target| target.span);
        if !resolved.targets.is_empty() || resolved.computed.is_empty() {
            // The name of a view that nobody knows is wrong once, in the header.
            let unknown = targets.first().filter(|target| {
                resolved.targets.is_empty() && near(&target.name.text, [POD]).is_none()
            });
            let part_name = unknown.map_or(&resolved.part_name, |target| &target.name.text);
            self.bind_target(&resolved.object, &resolved.part, part_name, span);
            types.push((resolved.object.clone(), resolved.part.clone()));
            let n_facts = self.facts.len();
            let guard = guard.map(|guard| self.condition(guard));
            if let Some(guard) = &guard {
                self.assume(guard, true);
            }
            let block = self.block(block);
            self.facts.truncate(n_facts);
            self.denied.clear();
            bodies.push(Body {
                targets: resolved.targets.clone(),
                guard,
                block,
            });
        }
        // A fix is left out where an arm gives nothing that could be written, as long as another arm does.
        let mut not_editable: Option<Vec<Diagnostic>> = None;
        for computed in &resolved.computed {
            let (target, object, part) = self.root_of(computed);
            self.bind_target(&object, &part, computed.root_name(), span);
            // The part that the way begins with is in scope of the view's arm only.
            self.scope.locals.truncate(1);
            let n_before = self.diagnostics.len();
            types.push((object, part));
            let (first, block) = self.through(computed, &mut |ctx| {
                let n_facts = ctx.facts.len();
                let guard = guard.map(|guard| ctx.condition(guard));
                if let Some(guard) = &guard {
                    ctx.assume(guard, true);
                }
                let block = ctx.block(block);
                ctx.facts.truncate(n_facts);
                ctx.denied.clear();
                let Some(condition) = guard else {
                    return block;
                };
                Block {
                    stmts: vec![Stmt::When {
                        condition,
                        then: block,
                        otherwise: Block::default(),
                    }],
                }
            });
            // What is constant in one arm is not in another.
            let said = self.diagnostics.split_off(n_before);
            let (of_fixes, said): (Vec<_>, Vec<_>) = said
                .into_iter()
                .partition(|found| found.code == NOT_EDITABLE);
            let is_here = |known: &Diagnostic| {
                let mut places = of_fixes.iter().map(primary);
                places.any(|place| place == primary(known))
            };
            match &mut not_editable {
                Some(known) => known.retain(is_here),
                None => not_editable = Some(of_fixes),
            }
            let is_arms = |found: &Diagnostic| found.code.starts_with("always-");
            self.diagnostics
                .extend(said.into_iter().filter(|found| !is_arms(found)));
            bodies.push(Body {
                targets: vec![target],
                guard: first,
                block,
            });
        }
        if resolved.targets.is_empty() {
            self.diagnostics.extend(not_editable.unwrap_or_default());
        }
    }

    fn bind_target(&mut self, object: &BaseType, part: &BaseType, part_name: &str, span: Span) {
        for (id, name, base) in [
            (LocalId::OBJECT, "object", object),
            (LocalId::PART, part_name, part),
        ] {
            if let Some(info) = self.name_mut(id) {
                name.clone_into(&mut info.local.name);
                info.local.ty = Type::plain(base.clone());
                info.span = span;
            }
        }
        self.scope.locals = vec![LocalId::OBJECT];
        if part_name != "object" {
            self.scope.locals.push(LocalId::PART);
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
            operations: vec![Operation::Create, Operation::Update],
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
                "operations" => found.operations = self.operations(attribute),
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

    fn operations(&mut self, attribute: &Attribute) -> Vec<Operation> {
        let mut found = Vec::new();
        for word in &attribute.values {
            let operation = match word.text.as_str() {
                "create" => Operation::Create,
                "update" => Operation::Update,
                "delete" => Operation::Delete,
                "connect" => Operation::Connect,
                other => {
                    let message = format!("`{other}` is no operation");
                    let diagnostic = Diagnostic::error(
                        "unknown-operation",
                        message,
                        word.span,
                        "unknown operation",
                    );
                    let words = ["create", "update", "delete", "connect"];
                    self.report(match near(other, words) {
                        Some(near) => diagnostic
                            .with_help(format!("write `{near}`"))
                            .with_edit(word.span, near),
                        None => {
                            diagnostic.with_help("write `create`, `update`, `delete` or `connect`")
                        }
                    });
                    continue;
                }
            };
            if !found.contains(&operation) {
                found.push(operation);
            }
        }
        found.sort_unstable();
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
