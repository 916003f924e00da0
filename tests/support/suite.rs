//! Every object of a corpus as JSON, and what `palisade lint` says about each.

use std::collections::BTreeMap;
use std::path::Path;

use palisade_lint::manifest::{self, Format, Layout};
use palisade_lint::run::is_object;
use palisade_lint::walk::{self, Input};
use serde_json::Value;

/// Which object: file, position among its documents, position in a list.
pub(crate) type Id = (String, u64, Option<u64>);

/// What is compared: policy, severity, path, whether something is missing there, message.
pub(crate) type Said = (String, String, String, bool, String);

/// An object of a corpus.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) id: Id,
    /// As one line of JSON.
    pub(crate) json: String,
}

/// The objects of all files that a walk of `folder` finds.
pub(crate) fn objects(folder: &Path) -> Vec<Object> {
    let mut objects = Vec::new();
    for input in walk::find_inputs(&[folder.to_owned()]).inputs {
        let Input::File { path, name, .. } = input else {
            continue;
        };
        let read = manifest::read(&std::fs::read(path).unwrap(), Format::of_name(&name));
        for document in read.documents.iter().filter(|document| is_object(document)) {
            objects.push(Object {
                id: (
                    name.to_string(),
                    document.index.into(),
                    document.item.map(u64::from),
                ),
                json: manifest::print(document, Layout::Compact).trim().to_owned(),
            });
        }
    }
    objects
}

/// The findings of a JSON report by object, without those of the reader itself, sorted.
pub(crate) fn reported(report: &str) -> BTreeMap<Id, Vec<Said>> {
    let report: Value = serde_json::from_str(report).unwrap();
    let mut by_object: BTreeMap<Id, Vec<Said>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        if finding["pack"] == "palisade" {
            continue;
        }
        let id = (
            text(&finding["file"]),
            finding["document"].as_u64().unwrap(),
            finding["item"].as_u64(),
        );
        by_object.entry(id).or_default().push(said(finding));
    }
    by_object.values_mut().for_each(|said| said.sort());
    by_object
}

/// The findings of a verdict, sorted.
pub(crate) fn judged(verdict: &str) -> Vec<Said> {
    let verdict: Value = serde_json::from_str(verdict).unwrap();
    assert_eq!(verdict["errors"], Value::Array(Vec::new()), "{verdict}");
    let findings = verdict["findings"].as_array().unwrap();
    let mut said: Vec<Said> = findings.iter().map(said).collect();
    said.sort();
    said
}

fn said(finding: &Value) -> Said {
    (
        text(&finding["policy"]),
        text(&finding["severity"]),
        text(&finding["path"]),
        finding["missing"].as_bool().unwrap(),
        text(&finding["message"]),
    )
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
