//! Hard policies of real projects, written in Pale (`tests/expressiveness/NN.pale`), on an input that is allowed and one
//! that is denied: each must find exactly what the header of the input says, where it says.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use support::{Run, palisade_words, shared};

/// Cases that need what the language does not have yet, and what that is.
const NOT_COVERED: &[(&str, &str)] = &[];

/// Cases whose findings stand elsewhere than the case says, and why.
const OTHER_PLACES: &[(&str, &str, &str)] = &[
    (
        "34",
        "metadata.name",
        "a request has no place, and what it carries has no name",
    ),
    (
        "35",
        "metadata.name",
        "the old object has no places of its own",
    ),
    (
        "37",
        "metadata.name",
        "the old object has no places of its own",
    ),
];

/// An input with its header.
struct Case {
    file: PathBuf,
    text: String,
}

impl Case {
    /// The values of a word of the header.
    fn all(&self, word: &str) -> Vec<&str> {
        let start = format!("# {word}: ");
        let lines = self.text.lines().take_while(|line| line.starts_with('#'));
        lines.filter_map(|line| line.strip_prefix(&start)).collect()
    }

    fn params(&self, policy: &str) -> Vec<String> {
        let Some(text) = self.all("params").pop() else {
            return Vec::new();
        };
        let params: Value = serde_json::from_str(text).unwrap();
        let params = params.as_object().unwrap().iter();
        params
            .map(|(name, value)| format!("{policy}.{name}={value}"))
            .collect()
    }

    /// The objects that are judged; all others are there to be asked for.
    fn is_subject(&self, finding: &Value) -> bool {
        let object = &finding["object"];
        let text = |key: &str| object[key].as_str().unwrap_or("-").to_owned();
        let name = [text("kind"), text("namespace"), text("name")].join("/");
        self.all("subject").contains(&name.as_str())
    }

    /// The review, and whatever other objects there are, in files of their own.
    fn take_apart(&self) -> (TempDir, Vec<PathBuf>) {
        let folder = TempDir::new().unwrap();
        let parts = self.text.split("\n---\n").enumerate().map(|(nth, text)| {
            let path = folder.path().join(format!("{nth}.yaml"));
            std::fs::write(&path, text).unwrap();
            path
        });
        let parts = parts.collect();
        (folder, parts)
    }

    fn is_review(&self) -> bool {
        self.all("subject") == ["AdmissionReview"]
    }

    /// Where findings are expected, as our reports spell it.
    fn expected(&self) -> Vec<String> {
        let mut expected: Vec<String> = self
            .all("expect")
            .into_iter()
            .map(|place| {
                let place = place.strip_prefix("object: ").unwrap_or(place);
                place
                    .replace("oldObject: ", "old.")
                    .replace(" | missing: ", ".")
            })
            .collect();
        expected.sort();
        expected
    }
}

fn cases(folder: &Path, number: &str, outcome: &str) -> Vec<Case> {
    let is_wanted =
        |name: &str| name.starts_with(number) && name.ends_with(&format!(".{outcome}.yaml"));
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap());
    entries
        .filter(|entry| is_wanted(&entry.file_name().to_string_lossy()))
        .map(|entry| Case {
            file: entry.path(),
            text: std::fs::read_to_string(entry.path()).unwrap(),
        })
        .collect()
}

/// The policies of the repository by number, each with the name of its policy.
fn policies() -> Vec<(String, PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expressiveness");
    let mut found: Vec<(String, PathBuf, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "pale")
        })
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let (_, rest) = text
                .split_once("\npolicy ")
                .unwrap_or_else(|| text.split_once("policy ").unwrap());
            let name = rest.split(' ').next().unwrap().to_owned();
            let number = path.file_stem().unwrap().to_string_lossy().into_owned();
            (number, path, name)
        })
        .collect();
    found.sort();
    found
}

/// What a policy says about an input: the places of its findings, sorted, and how many results are unknown.
fn judge(case: &Case, path: &Path, policy: &str) -> (Vec<String>, usize) {
    let params = case.params(policy);
    let mut words: Vec<&str> = Vec::new();
    let (path, file) = (path.to_str().unwrap(), case.file.to_str().unwrap());
    let (_folder, parts) = case.take_apart();
    if case.is_review() {
        let mut parts = parts.iter().map(|part| part.to_str().unwrap());
        words.extend(["eval", path, parts.next().unwrap()]);
        words.extend(parts.flat_map(|part| ["--objects", part]));
    } else {
        words.extend([
            "lint",
            "--no-stdlib",
            "--format",
            "json",
            "--policies",
            path,
            file,
        ]);
    }
    for param in &params {
        words.extend(["--param", param]);
    }
    let run: Run = palisade_words(Path::new("."), &words);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run}"));
    let findings = report["findings"].as_array().unwrap().iter();
    let mut places: Vec<String> = findings
        .filter(|finding| case.is_review() || case.is_subject(finding))
        .map(|finding| finding["path"].as_str().unwrap().to_owned())
        .collect();
    places.sort();
    (places, report["unknown"].as_array().unwrap().len())
}

#[test]
fn hard_policies_find_what_they_must_where_they_must() {
    let design = shared("conformance").map(|folder| folder.join("../design/expressiveness"));
    let Some(folder) = design.filter(|folder| folder.is_dir()) else {
        println!("expressiveness: the cases are not here");
        return;
    };
    let policies = policies();
    let mut agreed = 0;
    let mut wrong = Vec::new();
    for (number, path, policy) in &policies {
        for outcome in ["allowed", "denied"] {
            let cases = cases(&folder, number, outcome);
            assert!(!cases.is_empty(), "{number} has no case that is {outcome}");
            for case in cases {
                let (found, n_unknown) = judge(&case, path, policy);
                let mut expected = case.expected();
                let other = OTHER_PLACES.iter().find(|(other, ..)| other == number);
                if let Some((_, place, _)) = other {
                    expected.fill((*place).to_owned());
                }
                assert_eq!(expected.is_empty(), outcome == "allowed", "{number}");
                if found == expected && n_unknown == 0 {
                    agreed += 1;
                } else {
                    wrong.push(format!(
                        "{number} {outcome}: {found:?}, not {expected:?}; {n_unknown} unknown"
                    ));
                }
            }
        }
    }
    println!(
        "expressiveness: {agreed} agreed, {} disagreed, {} policies not covered",
        wrong.len(),
        NOT_COVERED.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for number in 1..=40 {
        let number = format!("{number:02}");
        let is_written = policies.iter().any(|(written, ..)| *written == number);
        let is_excused = NOT_COVERED.iter().any(|(excused, _)| *excused == number);
        assert!(
            is_written != is_excused,
            "{number} is written and excused, or neither"
        );
    }
}

/// Lines of a file that say something: neither blank nor documentation.
fn n_lines(path: &Path) -> usize {
    let text = std::fs::read_to_string(path).unwrap();
    let says = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("///");
    text.lines().filter(says).count()
}

#[test]
fn hard_policies_are_short() {
    let policies = policies();
    let mut counts: Vec<usize> = policies.iter().map(|(_, path, _)| n_lines(path)).collect();
    counts.sort_unstable();
    let half = counts.len() / 2;
    let median = (counts[half - 1] + counts[half]) as f64 / 2.0;
    let longest = counts[counts.len() - 1];
    println!(
        "expressiveness: {} policies, {median} lines in the median, {longest} at most",
        counts.len()
    );
    assert_eq!(counts.len(), 40);
    assert!(median <= 12.0, "{median} lines in the median");
    assert!(longest <= 25, "{longest} lines");
}

#[test]
fn hard_policies_are_laid_out_as_ever() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expressiveness");
    let run = palisade_words(&folder, &["fmt", "--check", "."]);
    assert_eq!(run.status, 0, "{run}");
}
