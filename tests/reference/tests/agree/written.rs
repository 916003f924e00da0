//! Policies that people wrote, on the manifests and files that they wrote for them.
//!
//! Each program judges every input of its tests: those of the packs theirs, the hard policies of `tests/expressiveness`
//! those of the design, where it is here, and one another's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use palisade_lang::program::{FileKind, Program};
use palisade_lint::manifest::{self, Format, Layout};
use palisade_lint::{files, packs};
use palisade_reference::document::Document;
use palisade_reference::generate::rng::Rng;
use palisade_reference::{Inventory, Selection, configure, evaluate};
use palisade_wasm::host::Engine;

use crate::guest::Guest;

/// When and for which cluster policies are judged.
const CONTEXT: &str = r#""now":"2026-01-01T00:00:00Z","clusterVersion":"1.33""#;

/// What a file holds: the objects, which may be asked for, and what each is judged with.
struct Input {
    path: PathBuf,
    text: String,
    objects: Vec<Document>,
}

impl Input {
    fn read(path: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        let format = Format::of_name(path.to_str()?);
        let documents = manifest::read(text.as_bytes(), format).documents;
        Some(Self {
            path: path.to_owned(),
            objects: documents.iter().map(document).collect(),
            text,
        })
    }

    fn name(&self) -> &str {
        self.path.file_name().unwrap().to_str().unwrap()
    }

    /// What is judged, each with its context: the objects, what a review brings, and the files of the program's kinds.
    fn judged(&self, program: &Program) -> Vec<(Document, Document)> {
        let context = |more: String| Document::parse(&format!("{{{CONTEXT}{more}}}")).unwrap();
        let objects = self.objects.iter().map(|object| match review(object) {
            Some((object, request)) => (object, context(request)),
            None => (object.clone(), context(String::new())),
        });
        let kinds = (program.files.iter()).filter(|kind| is_of(self.name(), kind));
        let read = kinds.flat_map(|kind| {
            let read = files::read(self.text.as_bytes(), self.name(), kind);
            let kind = format!(r#","kind":"{}""#, kind.name);
            let documents: Vec<_> = read.documents.iter().map(document).collect();
            documents.into_iter().zip(std::iter::repeat(context(kind)))
        });
        objects.chain(read).collect()
    }

    /// The settings that the header of a case gives to the first policy.
    fn settings(&self, program: &Program) -> Document {
        let mut lines = self.text.lines();
        let params = lines.find_map(|line| line.strip_prefix("# params: "));
        let params = params.map(|params| format!(r#"{{"{}":{params}}}"#, program.policies[0].name));
        Document::parse(params.as_deref().unwrap_or("{}")).unwrap()
    }
}

fn document(read: &manifest::Document) -> Document {
    Document::parse(&manifest::print(read, Layout::Compact)).unwrap()
}

/// The object of a review, and what its context says besides.
fn review(object: &Document) -> Option<(Document, String)> {
    let request = member(object, "request")?;
    let judged = member(request, "object").filter(|object| **object != Document::Null);
    let old = member(request, "oldObject").filter(|object| **object != Document::Null);
    let mut said = format!(r#","request":{}"#, super::passed_on(request.clone()));
    if let Some(old) = old {
        said += &format!(r#","old":{}"#, super::passed_on(old.clone()));
    }
    Some((judged.or(old)?.clone(), said))
}

fn member<'d>(map: &'d Document, key: &str) -> Option<&'d Document> {
    let Document::Map(members) = map else {
        return None;
    };
    let (_, value) = members.iter().find(|(known, _)| known == key)?;
    Some(value)
}

/// Whether the last part of a glob of the kind fits a name; what lies above is not looked at.
fn is_of(name: &str, kind: &FileKind) -> bool {
    kind.globs.iter().any(|glob| {
        let last = glob.rsplit('/').next().unwrap_or(glob);
        match last.split_once('*') {
            Some((start, end)) => name.starts_with(start) && name.ends_with(end),
            None => name == last,
        }
    })
}

/// The files at and below a folder, sorted.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let below = paths.into_iter().flat_map(|path| match path.is_dir() {
        true => files_below(&path),
        false => vec![path],
    });
    below.collect()
}

/// The packs and lone policies at a path, with the inputs of their tests.
fn cases(policies: &Path, inputs: &Path) -> Vec<(Program, Vec<Input>)> {
    let inputs = || files_below(inputs).into_iter();
    packs::check(policies)
        .unwrap()
        .into_iter()
        .map(|checked| {
            let program = checked
                .program
                .unwrap_or_else(|| panic!("{}", checked.path));
            let inputs = inputs().filter_map(|path| Input::read(&path));
            (program, inputs.collect())
        })
        .collect()
}

/// The packs and hard policies that come with the project, each with the inputs of its tests.
fn all_cases() -> Vec<(Program, Vec<Input>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let design = root.join("../shared/design/expressiveness");
    let mut all = Vec::new();
    for path in files_below(&root.join("tests/expressiveness")) {
        if path
            .extension()
            .is_some_and(|extension| extension == "pale")
        {
            all.extend(cases(&path, &design));
        }
    }
    for folder in ["stdlib-policies/packs", "samples/policies"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let pack = entry.unwrap().path();
            if pack.join("pack.pale").is_file() {
                all.extend(cases(&pack, &pack.join("tests")));
            }
        }
    }
    all
}

/// Judges inputs in both ways: how much was judged, and how many results there were.
fn compare(engine: &Engine, program: &Program, inputs: &[Input]) -> (usize, usize) {
    let (mut n_judged, mut n_found) = (0, 0);
    let mut guest = Guest::new(engine, program).unwrap();
    for input in inputs {
        let settings = input.settings(program);
        let Ok(configured) = configure(program, &settings) else {
            continue;
        };
        assert_eq!(guest.configure(&settings), Ok(Vec::new()));
        for (document, context) in input.judged(program) {
            let selection = Selection {
                enabled: Some(vec![true; program.policies.len()]),
                context: Some(context),
                inventory: Some(Inventory {
                    objects: input.objects.clone(),
                    files: None,
                    sources: None,
                    is_partial: false,
                }),
                ..Selection::default()
            };
            let tape = document.to_tape();
            let expected = evaluate(program, &configured, &tape, &selection);
            n_judged += 1;
            n_found += expected.len();
            if let Some(complaint) = super::judge(&mut guest, &document, &expected, &selection) {
                panic!("{} on {}\n{complaint}", program.pack, input.path.display());
            }
        }
    }
    (n_judged, n_found)
}

#[test]
fn modules_and_the_evaluator_agree_on_what_people_wrote() {
    let all = all_cases();
    let engine = Engine::trusting().unwrap();
    let (mut n_judged, mut n_found, mut silent) = (0, 0, BTreeSet::new());
    for (program, inputs) in &all {
        let (judged, found) = compare(&engine, program, inputs);
        n_judged += judged;
        n_found += found;
        if found == 0 && !inputs.is_empty() {
            silent.insert(&program.policies[0].name);
        }
    }
    println!(
        "{} programs, {n_judged} judged, {n_found} results; none from {silent:?}",
        all.len()
    );
    assert!(n_found > 0);
}

/// What people run clusters with. `PALISADE_AGREE_FILES` is how many of its files are drawn.
#[test]
fn modules_and_the_evaluator_agree_on_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if !corpus.is_dir() {
        return;
    }
    let paths = files_below(&corpus);
    let is_manifest = |path: &&PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("yaml" | "yml" | "json"))
    };
    let paths: Vec<&PathBuf> = paths.iter().filter(is_manifest).collect();
    let mut rng = Rng::new(4_000_000);
    let n_files = super::number_from("PALISADE_AGREE_FILES", 40);
    let drawn = (0..n_files).filter_map(|_| Input::read(rng.pick(&paths)?));
    // Of a long file each object is judged with all others.
    let inputs: Vec<Input> = drawn.filter(|input| input.objects.len() <= 40).collect();
    let engine = Engine::trusting().unwrap();
    let (mut n_judged, mut n_found) = (0, 0);
    for (program, _) in &all_cases() {
        let (judged, found) = compare(&engine, program, &inputs);
        n_judged += judged;
        n_found += found;
    }
    println!(
        "{} files, {n_judged} judged, {n_found} results",
        inputs.len()
    );
    assert!(n_found > 0);
}
