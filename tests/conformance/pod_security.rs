//! The Pod Security Standards as the admission controller of Kubernetes has them: every pod, at every level and release,
//! and the same pods under other names in the templates of workloads.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::suite::{Case, Suite, Tally, Verdicts, holds, table};
use crate::support::{Folder, palisade_words};

const SUITE: &str = "pss-admission";

/// The cases of each level and release.
fn groups(suite: &Suite) -> BTreeMap<(&str, &str), Vec<&Case>> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Case>> = BTreeMap::new();
    for case in &suite.cases {
        let key = (case.level.as_str(), case.version.as_str());
        groups.entry(key).or_default().push(case);
    }
    groups
}

fn options<'a>(profile: &'a str, version: &'a str) -> Vec<&'a str> {
    vec!["--profile", profile, "--kubernetes", version]
}

/// Whether the policies that find something are as the case asks: none, or among them one that its check is mapped to.
fn agrees(
    case: &Case,
    found: &BTreeSet<(&str, &str)>,
    mapping: &BTreeMap<String, Vec<String>>,
) -> bool {
    if case.is_pass {
        return found.is_empty();
    }
    let wanted = mapping
        .get(&case.check)
        .unwrap_or_else(|| panic!("{} is not in the table", case.check));
    wanted.iter().any(|policy| holds(found, policy))
}

fn mapping() -> BTreeMap<String, Vec<String>> {
    let rows = table(&format!("{SUITE}.tsv"));
    rows.into_iter()
        .map(|row| {
            (
                row[0].clone(),
                row[1].split(',').map(str::to_owned).collect(),
            )
        })
        .collect()
}

#[test]
fn pods_are_judged_as_by_the_admission_controller() {
    let Some(suite) = Suite::open(SUITE) else {
        return;
    };
    let (mapping, mut tally) = (mapping(), Tally::default());
    for ((level, version), cases) in groups(&suite) {
        let files = cases.iter().map(|case| case.file.clone()).collect();
        let profile = format!("pss-{level}");
        let verdicts = Verdicts::of(&suite.folder, &options(&profile, version), &files);
        for case in cases {
            let found = verdicts.at(&case.file, case.place);
            let detail = format!("expects {} of {}: {found:?}", case.is_pass, case.check);
            tally.count(agrees(case, &found, &mapping), &case.id, &detail);
        }
    }
    tally.close(SUITE, 551);
}

/// A workload around a pod, by kind.
fn wrap(kind: &str, pod: &Value) -> Value {
    let mut template = json!({"metadata": pod["metadata"], "spec": pod["spec"]});
    template["metadata"]["name"] = json!("renamed");
    let labels = json!({"matchLabels": {"app": "any"}});
    let spec = match kind {
        "CronJob" => json!({"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}}),
        _ => json!({"extra": [1, {"a": null}], "template": template, "selector": labels}),
    };
    let api_version = match kind {
        "CronJob" | "Job" => "batch/v1",
        "ReplicationController" => "v1",
        _ => "apps/v1",
    };
    json!({"spec": spec, "metadata": {"name": "other"}, "kind": kind, "apiVersion": api_version})
}

#[test]
fn verdicts_stay_when_pods_move_into_workloads() {
    let Some(suite) = Suite::open(SUITE) else {
        return;
    };
    let mapping = mapping();
    let mut n_judged = 0;
    for ((level, version), cases) in groups(&suite) {
        let folder = Folder::new();
        let mut words = vec!["read"];
        words.extend(cases.iter().map(|case| case.file.as_str()));
        let read = palisade_words(&suite.folder, &words).stdout;
        let pods: Vec<Value> = serde_json::Deserializer::from_str(&read)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert_eq!(pods.len(), cases.len());
        let kinds = ["Deployment", "CronJob", "DaemonSet", "Job", "StatefulSet"];
        let mut files = BTreeSet::new();
        for (nth, pod) in pods.iter().enumerate() {
            let name = format!("{nth}.json");
            let workload = wrap(kinds[nth % kinds.len()], pod);
            folder.write(&name, &workload.to_string());
            files.insert(name);
        }
        let profile = format!("pss-{level}");
        let verdicts = Verdicts::of(folder.path(), &options(&profile, version), &files);
        for (nth, case) in cases.iter().enumerate() {
            let found = verdicts.at(&format!("{nth}.json"), (0, None));
            assert!(agrees(case, &found, &mapping), "{}: {found:?}", case.id);
            n_judged += 1;
        }
    }
    println!("{SUITE}: {n_judged} pods judged within workloads");
    assert!(n_judged >= 551);
}
