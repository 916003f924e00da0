//! What the suites share: finding the data, reading a table of exceptions, comparing values.
#![allow(dead_code, reason = "each suite uses a part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use palisade_lint::manifest::{Document, Layout, print};
use serde_json::Value;

/// The folder `name` of the data beside the project; `None`, with a note, where a machine does not have it.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("PALISADE_SHARED") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
    };
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var("PALISADE_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|word| word == "conformance"),
        "{} is required and missing",
        folder.display()
    );
    println!("{} is not here: nothing compared", folder.display());
    None
}

/// The table `tests/mappings/NAME.tsv`: the first column of each row to its other columns.
pub(crate) fn mapping(name: &str) -> BTreeMap<String, Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/mappings")
        .join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut rows = BTreeMap::new();
    for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
        let mut columns = line.split('\t').map(str::to_owned);
        let id = columns.next().unwrap();
        let before = rows.insert(id.clone(), columns.collect());
        assert!(before.is_none(), "{name}: `{id}` is there twice");
    }
    rows
}

/// The cases of a suite, in order.
pub(crate) fn cases(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The document as a JSON value.
pub(crate) fn value_of(document: &Document) -> Value {
    let text = print(document, Layout::Compact);
    parse_json(text.as_bytes()).remove(0)
}

/// The JSON values in `text`, one after another, however deep.
pub(crate) fn parse_json(text: &[u8]) -> Vec<Value> {
    let mut values = serde_json::Deserializer::from_slice(text);
    values.disable_recursion_limit();
    values
        .into_iter()
        .map(|value| value.unwrap_or_else(|error| panic!("{error}")))
        .collect()
}

/// Equal as JSON: the order of members does not count, numbers are compared by value.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            _ => a.as_f64() == b.as_f64(),
        },
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// All files below `folder` with one of `extensions`, sorted.
pub(crate) fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|e| extensions.iter().any(|x| e == *x))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
