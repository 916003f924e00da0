//! A suite's cases, its tables, and what a run of the program says about its files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{palisade_words, shared};

/// One case of an index.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) file: String,
    /// The document, and the item of a list.
    pub(crate) place: (u64, Option<u64>),
    /// The peer's name of the check, with its rule: `check`, `check/rule`.
    pub(crate) check: String,
    pub(crate) rule: String,
    pub(crate) is_pass: bool,
    pub(crate) level: String,
    pub(crate) version: String,
    /// Whether the verdict depends on more than the objects and the peer's defaults.
    pub(crate) is_special: bool,
}

/// A suite of the folder beside the repository.
pub(crate) struct Suite {
    pub(crate) folder: PathBuf,
    pub(crate) cases: Vec<Case>,
}

impl Suite {
    /// Nothing where the machine does not have it and need not.
    pub(crate) fn open(name: &str) -> Option<Self> {
        let folder = shared(&format!("conformance/{name}"))?;
        let index = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
        let cases = index.lines().filter_map(case).collect();
        Some(Self { folder, cases })
    }
}

fn case(line: &str) -> Option<Case> {
    let row: Value = serde_json::from_str(line).unwrap();
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let is_pass = match row["expect"].as_str()? {
        "pass" => true,
        "fail" => false,
        _ => return None,
    };
    Some(Case {
        id: text("id"),
        file: text("file"),
        place: (
            row["doc"]["index"].as_u64().unwrap_or(0),
            row["doc"]["item"].as_u64(),
        ),
        check: text("check"),
        rule: text("rule"),
        is_pass,
        level: text("level"),
        version: text("version").trim_start_matches('v').to_owned(),
        is_special: ["needs", "params", "context", "inventory"]
            .iter()
            .any(|key| !row[*key].is_null()),
    })
}

/// A document: its file, its number there, and the item of a list.
type Place = (String, u64, Option<u64>);

/// What is found, by document: policies with their messages.
#[derive(Debug, Default)]
pub(crate) struct Verdicts(BTreeMap<Place, BTreeSet<(String, String)>>);

/// Whether something is found by what a table names: `policy`, or `policy:part of its message`.
pub(crate) fn holds(found: &BTreeSet<(&str, &str)>, wanted: &str) -> bool {
    let (policy, part) = wanted.split_once(':').unwrap_or((wanted, ""));
    (found.iter()).any(|(other, message)| *other == policy && message.contains(part))
}

impl Verdicts {
    /// What `palisade lint OPTIONS FILES` finds; paths are relative to `folder`.
    pub(crate) fn of(folder: &Path, options: &[&str], files: &BTreeSet<String>) -> Self {
        let mut words = vec!["lint", "--format", "json"];
        words.extend(options);
        words.extend(files.iter().map(String::as_str));
        let run = palisade_words(folder, &words);
        // One of checkov's Dockerfiles ends in a line of a single `~`, which Docker refuses; the rest of it is judged.
        let is_broken = run.status == 3 && folder.ends_with("checkov-dockerfile");
        let is_read = [0, 1].contains(&run.status) || is_broken;
        assert!(is_read, "{options:?}: {}", run.stderr);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["summary"]["files"], files.len(), "{options:?}");
        let mut verdicts = Self::default();
        for list in ["findings", "unknown"] {
            for finding in report[list].as_array().unwrap() {
                let place = (
                    finding["file"].as_str().unwrap().to_owned(),
                    finding["document"].as_u64().unwrap(),
                    finding["item"].as_u64(),
                );
                let policy = finding["policy"].as_str().unwrap().to_owned();
                let policies = verdicts.0.entry(place).or_default();
                // What cannot be decided is no pass either.
                let message = finding["message"].as_str().unwrap_or_default().to_owned();
                policies.insert((policy, message));
            }
        }
        verdicts
    }

    /// The policies that find something in the document of a case.
    pub(crate) fn at(&self, file: &str, place: (u64, Option<u64>)) -> BTreeSet<(&str, &str)> {
        let key = (file.to_owned(), place.0, place.1);
        (self.0.get(&key).into_iter().flatten())
            .map(|(policy, message)| (policy.as_str(), message.as_str()))
            .collect()
    }
}

/// The rows of `tests/mappings/peers/NAME`, below the header; nothing if there is no such table.
pub(crate) fn table(name: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/mappings/peers/{name}"));
    let Ok(text) = std::fs::read_to_string(path) else {
        return Vec::new();
    };
    let rows = text.lines().skip(1).filter(|line| !line.is_empty());
    rows.map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// How a suite went.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    agreed: usize,
    not_covered: usize,
    disagreed: Vec<String>,
}

impl Tally {
    pub(crate) fn skip(&mut self) {
        self.not_covered += 1;
    }

    /// Counts a case; `detail` is for the list of disagreements.
    pub(crate) fn count(&mut self, agrees: bool, id: &str, detail: &str) {
        if agrees {
            self.agreed += 1;
        } else {
            self.disagreed.push(format!("{id}\t{detail}"));
        }
    }

    /// Prints the figures; fails on a disagreement without a reason, on a reason without a disagreement, and when fewer
    /// than `least` cases were covered.
    pub(crate) fn close(self, name: &str, least: usize) {
        let reasons = table(&format!("{name}.exceptions.tsv"));
        let excused: BTreeSet<&str> = reasons.iter().map(|row| row[0].as_str()).collect();
        let found: BTreeSet<&str> = (self.disagreed.iter())
            .filter_map(|line| line.split('\t').next())
            .collect();
        println!(
            "{name}: {} agreed, {} disagreed ({} with a reason), {} not covered",
            self.agreed,
            self.disagreed.len(),
            found.intersection(&excused).count(),
            self.not_covered
        );
        let open: Vec<&String> = (self.disagreed.iter())
            .filter(|line| !excused.contains(line.split('\t').next().unwrap_or_default()))
            .collect();
        assert!(open.is_empty(), "{name}: {open:#?}");
        let idle: Vec<&&str> = excused.difference(&found).collect();
        assert!(
            idle.is_empty(),
            "{name}: reasons without a disagreement: {idle:?}"
        );
        assert!(self.agreed >= least, "{name}: only {} agreed", self.agreed);
    }
}
