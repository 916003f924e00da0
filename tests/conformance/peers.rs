//! Suites of single checks: each case names a check, and the check a policy of ours.

use std::collections::{BTreeMap, BTreeSet};

use crate::suite::{Case, Suite, Tally, Verdicts, holds, table};

/// A row of a suite's table.
struct Row {
    policies: Vec<String>,
    options: String,
}

fn rows(name: &str) -> BTreeMap<String, Row> {
    let rows = table(&format!("{name}.tsv"));
    rows.into_iter()
        .map(|row| {
            let policies = row[1].split(',').map(str::to_owned).collect();
            let options = row.get(2).cloned().unwrap_or_default();
            (row[0].clone(), Row { policies, options })
        })
        .collect()
}

/// The row for a case's check and rule, else for its check.
fn find<'a>(rows: &'a BTreeMap<String, Row>, case: &Case) -> Option<&'a Row> {
    if case.is_special {
        return None;
    }
    rows.get(&format!("{}/{}", case.check, case.rule))
        .or_else(|| rows.get(&case.check))
}

/// Judges a suite; at least `least` cases must agree.
fn judge(name: &str, least: usize) {
    let Some(suite) = Suite::open(name) else {
        return;
    };
    let (rows, mut tally) = (rows(name), Tally::default());
    let mut groups: BTreeMap<&str, Vec<(&Case, &Row)>> = BTreeMap::new();
    for case in &suite.cases {
        match find(&rows, case) {
            Some(row) => groups.entry(&row.options).or_default().push((case, row)),
            None => tally.skip(),
        }
    }
    for (options, cases) in groups {
        let files: BTreeSet<String> = cases.iter().map(|(case, _)| case.file.clone()).collect();
        let mut words = vec!["--profile", "all"];
        words.extend(options.split(' ').filter(|word| !word.is_empty()));
        let verdicts = Verdicts::of(&suite.folder, &words, &files);
        for (case, row) in cases {
            let found = verdicts.at(&case.file, case.place);
            let is_found = row.policies.iter().any(|policy| holds(&found, policy));
            let detail = format!("expects pass: {}, found: {found:?}", case.is_pass);
            tally.count(is_found != case.is_pass, &case.id, &detail);
        }
    }
    tally.close(name, least);
}

#[test]
fn kyverno_pod_security() {
    judge("kyverno-pod-security", 946);
}

#[test]
fn checkov_dockerfile() {
    judge("checkov-dockerfile", 49);
}
