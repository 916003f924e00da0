//! The YAML project's own cases: syntax, of YAML 1.2.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use common::{cases, mapping, parse_json, same, shared, value_of};
use palisade_lint::manifest::{Format, read};
use serde_json::Value;

/// What is wrong with our reading of a case, or nothing.
fn judge(case: &Value, bytes: &[u8], expected: Option<Vec<Value>>) -> Option<String> {
    let read = read(bytes, Format::Yaml);
    let error = read.problems.iter().find(|problem| problem.is_error());
    if case["expect"] == "fail" {
        return error.is_none().then(|| "accepted".to_owned());
    }
    if let Some(problem) = error {
        return Some(format!("refused: {}", problem.message));
    }
    // Empty documents are passed over.
    let expected: Vec<Value> = expected?.into_iter().filter(|v| !v.is_null()).collect();
    let seen: Vec<Value> = read.documents.iter().map(value_of).collect();
    let agrees =
        seen.len() == expected.len() && seen.iter().zip(&expected).all(|(a, b)| same(a, b));
    (!agrees).then(|| format!("read as {}", Value::Array(seen)))
}

#[test]
fn every_case_agrees_or_says_why_not() {
    let Some(folder) = shared("conformance/yaml-test-suite") else {
        return;
    };
    let exceptions = mapping("yaml-test-suite.tsv");
    let (mut agreed, mut compared, mut explained, mut failures) = (0, 0, 0, Vec::new());
    let cases = cases(&folder);
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let bytes = std::fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
        let expected = case["json"]
            .as_str()
            .map(|file| parse_json(&std::fs::read(folder.join(file)).unwrap()));
        let has_values = expected.is_some();
        match (judge(case, &bytes, expected), exceptions.get(id)) {
            (None, None) => {
                agreed += 1;
                compared += usize::from(has_values);
            }
            (None, Some(_)) => failures.push(format!("{id}\tagrees, so its exception goes")),
            (Some(_), Some(_)) => explained += 1,
            (Some(why), None) => failures.push(format!("{id}\t{why}")),
        }
    }
    println!(
        "yaml-test-suite: {} cases, {agreed} agreed ({compared} of them in their values), {explained} disagreed with a reason, 0 not covered",
        cases.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!((cases.len(), agreed + explained), (402, 402));
    assert_eq!(explained, exceptions.len());
}
