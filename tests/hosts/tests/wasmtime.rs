//! The file that `palisade build` makes, unchanged in wasmtime's own WASI, on every object of two corpora: what it says
//! is what `palisade lint` says.
//!
//! Takes the program from `PALISADE_BIN`, else from the release folder of the repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use wasmtime::{Engine, Linker, Module, Store};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};

/// File, kind, namespace and name of an object; several may share one.
type Id = (String, String, String, String);
/// Policy, severity, path, whether something is missing there, message.
type Said = (String, String, String, bool, String);

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn wasmtime_says_what_lint_says_of_kubernetes_examples() {
    compare("corpus/kubernetes__examples", 200);
}

#[test]
fn wasmtime_says_what_lint_says_of_kubernetes_goat() {
    compare("corpus/madhuakula__kubernetes-goat", 30);
}

fn compare(corpus: &str, n_objects: usize) {
    let Some(corpus) = shared(corpus) else {
        eprintln!("passed over: no corpus");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let pack = format!("{REPOSITORY}/stdlib-policies/packs/starter");
    let wasm = folder.path().join("starter.wasm");
    palisade(&["build", &pack, "-o", wasm.to_str().unwrap()]);
    let host = Host::new(&std::fs::read(wasm).unwrap());

    let lint = [
        "lint",
        "--no-stdlib",
        "-p",
        &pack,
        "-f",
        "json",
        corpus.to_str().unwrap(),
    ];
    let report: Value = serde_json::from_str(&palisade(&lint)).unwrap();
    let mut expected: BTreeMap<Id, Vec<Said>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        if finding["pack"] != "palisade" {
            let id = id(
                &text(&finding["file"]),
                &finding["object"],
                &finding["object"],
            );
            expected.entry(id).or_default().push(said(finding));
        }
    }
    let n_findings: usize = expected.values().map(Vec::len).sum();

    let mut found: BTreeMap<Id, Vec<Said>> = BTreeMap::new();
    let mut seen = 0;
    for file in manifests(&corpus) {
        let path = file.to_str().unwrap().to_owned();
        for json in documents(&palisade(&["read", &path])) {
            let value: Value = serde_json::from_str(&json).unwrap();
            if value["apiVersion"].is_null() || value["kind"].is_null() {
                continue;
            }
            seen += 1;
            let verdict: Value = serde_json::from_str(&host.evaluate(&json)).unwrap();
            assert_eq!(verdict["errors"], Value::Array(Vec::new()), "{path}");
            let said: Vec<Said> = verdict["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(said)
                .collect();
            if !said.is_empty() {
                let id = id(&path, &value, &value["metadata"]);
                found.entry(id).or_default().extend(said);
            }
        }
    }
    expected.values_mut().for_each(|said| said.sort());
    found.values_mut().for_each(|said| said.sort());
    assert_eq!(found, expected);
    assert!(seen >= n_objects, "{seen} objects");
    assert!(n_findings > n_objects / 10, "{n_findings} findings");
    assert_eq!(report["summary"]["documents"], seen);
    println!("{seen} objects, {n_findings} findings, the same in wasmtime");
}

/// A module and the means to run it, each time in an instance of its own.
struct Host {
    engine: Engine,
    module: Module,
    linker: Linker<WasiP1Ctx>,
}

impl Host {
    fn new(wasm: &[u8]) -> Self {
        let engine = Engine::default();
        let module = Module::new(&engine, wasm).unwrap();
        let mut linker = Linker::new(&engine);
        p1::add_to_linker_sync(&mut linker, |context| context).unwrap();
        Self {
            engine,
            module,
            linker,
        }
    }

    fn evaluate(&self, json: &str) -> String {
        let out = MemoryOutputPipe::new(4 << 20);
        let context = WasiCtxBuilder::new()
            .args(&["palisade", "evaluate"])
            .stdin(MemoryInputPipe::new(json.as_bytes().to_vec()))
            .stdout(out.clone())
            .build_p1();
        let mut store = Store::new(&self.engine, context);
        let instance = self.linker.instantiate(&mut store, &self.module).unwrap();
        let start = instance
            .get_typed_func::<(), ()>(&mut store, "_start")
            .unwrap();
        start.call(&mut store, ()).unwrap();
        drop(store);
        String::from_utf8(out.contents().to_vec()).unwrap()
    }
}

/// Runs the program; its standard output.
fn palisade(words: &[&str]) -> String {
    let program = std::env::var("PALISADE_BIN")
        .unwrap_or_else(|_| format!("{REPOSITORY}/target/release/palisade"));
    let output = Command::new(program).args(words).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The JSON values of a text, each as it is written.
fn documents(text: &str) -> Vec<String> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    let mut documents = Vec::new();
    let mut start = 0;
    while let Some(value) = values.next() {
        value.unwrap();
        documents.push(text[start..values.byte_offset()].trim().to_owned());
        start = values.byte_offset();
    }
    documents
}

/// The files that a lint of `folder` reads: those that its JSON report counts, templates of charts left out.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_chart = path.ends_with("templates") && folder.join("Chart.yaml").is_file();
        if path.is_symlink() || path.ends_with(".git") || is_chart {
            continue;
        }
        if path.is_dir() {
            files.extend(manifests(&path));
        } else if path
            .extension()
            .is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
        {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn id(file: &str, kind: &Value, names: &Value) -> Id {
    let optional = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        file.to_owned(),
        optional(&kind["kind"]),
        optional(&names["namespace"]),
        optional(&names["name"]),
    )
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

/// The folder of suites and corpora beside the repository; nothing if it is not there and need not be.
fn shared(folder: &str) -> Option<PathBuf> {
    let root =
        std::env::var("PALISADE_SHARED").unwrap_or_else(|_| format!("{REPOSITORY}/../shared"));
    let path = Path::new(&root).join(folder);
    if path.is_dir() {
        return Some(path.canonicalize().unwrap());
    }
    let required = std::env::var("PALISADE_REQUIRE").unwrap_or_default();
    assert!(
        !required.contains("conformance"),
        "{} is missing",
        path.display()
    );
    None
}
