//! The custom section `palisade.docs`: JSON for people, which nothing but explanations opens.
//!
//! ```text
//! {"pack": "…", "views": {"pod": ["Pod", "apps/Deployment", …]}, "policies": [{"name": "…", "title": "…",
//!   "doc": "Markdown", "severity": "high", "default": true, "on": ["pod"], "category": "…", "profiles": […],
//!   "controls": […], "links": […], "since": "1.31", "checks": 2, "params": [{"name": "…", "type": "…", "default": "…",
//!   "doc": "…"}]}], "params": […], "profiles": ["…"]}
//! ```
//! Members that say nothing are left out. `checks` counts what stands in the policy, without check 0. The kinds of a view
//! are those of `views`; a kind has its group before it unless that is the core group.

mod read;
mod words;

pub use read::{PackDocs, ParamDocs, PolicyDocs, ViewDocs};

use palisade_lang::program::{KindRef, Param, Policy, Program, Severity, Target};
use serde_json::{Map, Value};

/// Name of the custom section.
pub const SECTION: &str = "palisade.docs";

/// The contents of the section.
#[must_use]
pub fn write_docs(program: &Program) -> String {
    let views = program.views.iter().map(|view| {
        let kinds: Vec<String> = view.arms.iter().map(|arm| kind_name(&arm.kind)).collect();
        (view.name.clone(), Value::from(kinds))
    });
    let policies = program.policies.iter();
    let policies = (0..).zip(policies);
    let policies = policies.map(|(number, policy)| describe(program, number, policy));
    let profiles = program.profiles.iter();
    let profiles: Vec<&str> = profiles.map(|profile| profile.name.as_str()).collect();
    compact([
        ("pack", program.pack.as_str().into()),
        ("views", Value::Object(views.collect())),
        ("policies", Value::Array(policies.collect())),
        ("params", describe_params(program, None)),
        ("profiles", profiles.into()),
    ])
    .to_string()
}

fn describe(program: &Program, number: u32, policy: &Policy) -> Value {
    let since = policy.since.map(|version| format!("1.{}", version.0));
    compact([
        ("name", Value::from(policy.name.as_str())),
        ("title", policy.title.as_str().into()),
        ("doc", policy.doc.as_str().into()),
        ("severity", severity_word(policy.severity).into()),
        ("default", policy.on_by_default.into()),
        ("on", targets(program, policy).into()),
        ("category", policy.category.as_deref().into()),
        ("profiles", policy.profiles.clone().into()),
        ("controls", policy.controls.clone().into()),
        ("links", policy.links.clone().into()),
        ("since", since.into()),
        ("checks", policy.checks.len().into()),
        ("params", describe_params(program, Some(number))),
    ])
}

/// The parameters of a policy, or those of the pack.
fn describe_params(program: &Program, policy: Option<u32>) -> Value {
    let own = program.params.iter().filter(|param| param.policy == policy);
    Value::Array(own.map(describe_param).collect())
}

fn describe_param(param: &Param) -> Value {
    compact([
        ("name", param.name.as_str().into()),
        ("type", words::type_text(&param.ty).into()),
        (
            "default",
            param.default.as_ref().map(words::const_text).into(),
        ),
        ("doc", param.doc.as_str().into()),
    ])
}

/// What the policy is on, as its header says it.
fn targets(program: &Program, policy: &Policy) -> Vec<String> {
    let mut names = Vec::new();
    for target in policy.bodies.iter().flat_map(|body| &body.targets) {
        let name = match target {
            Target::Kind(kind) if kind.is_any() => "any".to_owned(),
            Target::Kind(kind) => kind_name(kind),
            Target::Subresource(kind, part) => format!("{}/{part}", kind_name(kind)),
            Target::View(view) => match program.views.get(view.0 as usize) {
                Some(view) => view.name.clone(),
                None => continue,
            },
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// `Pod`, `apps/Deployment`.
fn kind_name(kind: &KindRef) -> String {
    match kind.groups.first().map(String::as_str) {
        None | Some("") => kind.kind.clone(),
        Some(group) => format!("{group}/{}", kind.kind),
    }
}

/// A map without the members that say nothing.
fn compact<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.map(|(key, value)| (key.to_owned(), value));
    let said: Map<String, Value> = members
        .into_iter()
        .filter(|(_, value)| !is_silent(value))
        .collect();
    Value::Object(said)
}

fn is_silent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

#[cfg(test)]
mod tests {
    use palisade_lang::program::{MinorVersion, Operation};
    use palisade_lang::span::Span;

    use super::*;

    #[test]
    fn docs_say_what_the_policy_says_and_no_more() {
        let policy = Policy {
            name: "no-x".into(),
            title: "No x".into(),
            doc: String::new(),
            severity: Severity::High,
            profiles: vec![],
            controls: vec!["CIS 1".into()],
            category: None,
            links: vec![],
            on_by_default: false,
            operations: vec![Operation::Create],
            needs: vec![],
            owns_files: false,
            since: Some(MinorVersion(29)),
            locals: vec![],
            bodies: vec![],
            checks: vec![],
            span: Span::default(),
        };
        let program = Program {
            pack: "trial".into(),
            records: vec![],
            params: vec![],
            profiles: vec![],
            views: vec![],
            files: vec![],
            secrets: vec![],
            policies: vec![policy],
        };
        assert_eq!(
            write_docs(&program),
            r#"{"pack":"trial","policies":[{"name":"no-x","title":"No x","severity":"high","default":false,"controls":["CIS 1"],"since":"1.29","checks":0}]}"#
        );
    }
}
