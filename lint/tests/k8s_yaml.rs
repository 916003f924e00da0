//! What kubectl makes of odd YAML, and what we make of it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use common::{cases, mapping, parse_json, same, shared, value_of};
use palisade_lint::manifest::{Format, find_object_problems, read};
use serde_json::Value;

/// What is wrong with our reading of a case, or nothing.
fn judge(case: &Value, bytes: &[u8], expected: Option<&Value>) -> Option<String> {
    let read = read(bytes, Format::of_name(case["file"].as_str().unwrap()));
    let mut problems: Vec<String> = read
        .problems
        .iter()
        .filter(|problem| problem.is_error())
        .map(|problem| problem.message.clone())
        .collect();
    let is_yaml_error = !problems.is_empty();
    for document in &read.documents {
        problems.extend(
            find_object_problems(document)
                .into_iter()
                .map(|p| p.message),
        );
    }
    problems.extend(
        read.problems
            .iter()
            .filter(|p| p.kind == palisade_lint::manifest::ProblemKind::Object)
            .map(|p| p.message.clone()),
    );
    if case["expect"] == "pass" && !problems.is_empty() {
        return Some(format!("refused: {}", problems.join("; ")));
    }
    if case["expect"] == "fail" {
        if problems.is_empty() {
            return Some("accepted".to_owned());
        }
        if (case["layer"] == "yaml") != is_yaml_error {
            return Some(format!(
                "refused in the other layer: {}",
                problems.join("; ")
            ));
        }
    }
    let expected = expected?;
    let seen = Value::Array(read.documents.iter().map(value_of).collect());
    (!same(&seen, expected)).then(|| format!("read as {seen}"))
}

#[test]
fn every_case_agrees_or_says_why_not() {
    let Some(folder) = shared("conformance/k8s-yaml") else {
        return;
    };
    let exceptions = mapping("k8s-yaml.tsv");
    let (mut agreed, mut explained, mut failures) = (0, 0, Vec::new());
    let cases = cases(&folder);
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let bytes = std::fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
        let expected: Option<Value> = case["json"]
            .as_str()
            .map(|file| parse_json(&std::fs::read(folder.join(file)).unwrap()).remove(0));
        let verdict = judge(case, &bytes, expected.as_ref());
        match (verdict, exceptions.get(id)) {
            (None, None) => agreed += 1,
            (None, Some(_)) => failures.push(format!("{id}: agrees, so its exception goes")),
            (Some(_), Some(_)) if case["note"].is_string() => explained += 1,
            (Some(why), _) => failures.push(format!("{id}: {why}")),
        }
    }
    println!(
        "k8s-yaml: {} cases, {agreed} agreed, {explained} disagreed with a reason, 0 not covered",
        cases.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!((cases.len(), agreed + explained), (76, 76));
    assert_eq!(explained, exceptions.len());
}
