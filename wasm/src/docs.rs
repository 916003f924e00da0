//! The custom section `palisade.docs`: JSON for people, which nothing but explanations opens.
//!
//! ```text
//! {"pack": "…", "policies": [{"name": "…", "title": "…", "doc": "Markdown", "severity": "high", "default": true,
//!   "category": "…", "profiles": […], "controls": […], "links": […], "since": "1.31", "checks": 2}]}
//! ```
//! Members that say nothing are left out. `checks` counts what stands in the policy, without check 0.

use palisade_lang::program::{Policy, Program, Severity};
use serde_json::{Map, Value};

/// Name of the custom section.
pub const SECTION: &str = "palisade.docs";

/// The contents of the section.
#[must_use]
pub fn write_docs(program: &Program) -> String {
    let policies = program.policies.iter().map(describe).collect();
    let mut docs = Map::new();
    docs.insert("pack".into(), program.pack.as_str().into());
    docs.insert("policies".into(), Value::Array(policies));
    Value::Object(docs).to_string()
}

fn describe(policy: &Policy) -> Value {
    let since = policy.since.map(|version| format!("1.{}", version.0));
    let members = [
        ("name", Value::from(policy.name.as_str())),
        ("title", policy.title.as_str().into()),
        ("doc", policy.doc.as_str().into()),
        ("severity", severity_word(policy.severity).into()),
        ("default", policy.on_by_default.into()),
        ("category", policy.category.as_deref().into()),
        ("profiles", policy.profiles.clone().into()),
        ("controls", policy.controls.clone().into()),
        ("links", policy.links.clone().into()),
        ("since", since.into()),
        ("checks", policy.checks.len().into()),
    ];
    let members = members.map(|(key, value)| (key.to_owned(), value));
    Value::Object(
        members
            .into_iter()
            .filter(|(_, value)| !is_silent(value))
            .collect(),
    )
}

fn is_silent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
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
            policies: vec![policy],
        };
        assert_eq!(
            write_docs(&program),
            r#"{"pack":"trial","policies":[{"name":"no-x","title":"No x","severity":"high","default":false,"controls":["CIS 1"],"since":"1.29","checks":0}]}"#
        );
    }
}
