//! Compiles every pack below `packs/` to native code, and writes the list of them for `src/lib.rs` to include.
//!
//! A folder with a `pack.pale` is a pack; its files are its `.pale` files, in the order of their names. A pack with an
//! error or a warning stops the build. Packs without policies are there for others to use; their sources are listed.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use palisade_lang::check::{Options, OtherPack, Source, compile};
use palisade_lang::diagnostic::Diagnostic;
use palisade_lang::span::FileId;
use palisade_wasm::build::build_module;
use palisade_wasm::docs::write_docs;
use palisade_wasm::host::{Engine, Image};
use palisade_wasm::target::Target;

#[path = "src/example.rs"]
#[allow(unreachable_pub, reason = "it is public in the library")]
mod example;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("packs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=packs");

    let engine = Engine::trusting()?;
    let folders = find_packs(&root)?;
    let mut shared = Vec::new();
    let mut sources = String::from("&[\n");
    for folder in &folders {
        let texts = read_sources(folder)?;
        if texts.iter().all(|(_, text)| !has_policy(text)) {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            for (path, _) in &texts {
                writeln!(sources, "    ({name:?}, {path:?}, include_str!({path:?})),")?;
            }
            shared.push((name.into_owned(), texts));
        }
    }
    sources.push_str("]\n");
    fs::write(out.join("shared.rs"), sources)?;
    let mut list = String::from("&[\n");
    for folder in folders {
        let Some(name) = compile_pack(&engine, &folder, &out, &shared)? else {
            continue;
        };
        writeln!(
            list,
            "    Embedded {{ index: include_bytes!(\"{name}.index\"), native: include_bytes!(\"{name}.native\"), docs: include_bytes!(\"{name}.docs\") }},"
        )?;
    }
    list.push_str("]\n");
    fs::write(out.join("packs.rs"), list)?;
    Ok(())
}

/// The folders with a `pack.pale`, sorted.
fn find_packs(root: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(root)? {
        let folder = entry?.path();
        if folder.join("pack.pale").is_file() {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}

/// Path and text of each file of a pack.
fn read_sources(folder: &Path) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut texts = Vec::new();
    for path in find_sources(folder)? {
        let name = path.display().to_string();
        texts.push((name, fs::read_to_string(&path)?));
    }
    Ok(texts)
}

/// Whether a line of the text begins a policy.
fn has_policy(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("policy "))
}

/// A pack without policies: its name, and path and text of each file.
type Shared = (String, Vec<(String, String)>);

/// Writes index and native code of a pack; its name comes back, or nothing if it has no policies.
fn compile_pack(
    engine: &Engine,
    folder: &Path,
    out: &Path,
    shared: &[Shared],
) -> Result<Option<String>, Box<dyn Error>> {
    let texts = read_sources(folder)?;
    let mut ids = (texts.len()..).map_while(|id| u32::try_from(id).ok().map(FileId));
    let packs = shared.iter().map(|(name, texts)| OtherPack {
        name: name.clone(),
        files: (ids.by_ref().zip(texts))
            .map(|(id, (_, text))| (id, text.clone()))
            .collect(),
    });
    let options = Options {
        packs: packs.collect(),
        ..Options::default()
    };
    let sources: Vec<Source<'_>> = texts
        .iter()
        .zip(0..)
        .map(|((path, text), nth)| Source {
            file: FileId(nth),
            path,
            text,
        })
        .collect();
    let compiled = compile(&sources, &options);
    let problems: Vec<String> = compiled
        .diagnostics
        .iter()
        .map(|diagnostic| describe(diagnostic, &texts))
        .collect();
    let Some(program) = compiled.program.filter(|_| problems.is_empty()) else {
        return Err(problems.join("\n").into());
    };
    if program.policies.is_empty() {
        return Ok(None);
    }
    let image = Image::precompile(engine, &build_module(&program, Target::Core)?)?;
    fs::write(out.join(format!("{}.index", program.pack)), image.index)?;
    fs::write(out.join(format!("{}.native", program.pack)), image.native)?;
    let docs = add_examples(&write_docs(&program), &read_tests(&folder.join("tests"))?)?;
    fs::write(out.join(format!("{}.docs", program.pack)), docs)?;
    Ok(Some(program.pack))
}

/// The documentation with an example for each policy that its pack's tests have one for.
fn add_examples(docs: &str, tests: &[(String, String)]) -> Result<String, Box<dyn Error>> {
    let mut docs: serde_json::Value = serde_json::from_str(docs)?;
    let policies = docs
        .get_mut("policies")
        .and_then(|list| list.as_array_mut());
    for policy in policies.into_iter().flatten() {
        let name = policy.get("name").and_then(|name| name.as_str());
        let found = name.and_then(|name| example::find_example(name, tests));
        if let (Some(found), Some(members)) = (found, policy.as_object_mut()) {
            members.insert("examples".to_owned(), vec![found].into());
        }
    }
    Ok(docs.to_string())
}

/// The manifests at and below a folder, by name.
fn read_tests(folder: &Path) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut tests = Vec::new();
    if !folder.is_dir() {
        return Ok(tests);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            tests.append(&mut read_tests(&path)?);
        } else if path.extension().is_none_or(|found| found != "expect") {
            let mut text = fs::read_to_string(&path)?;
            let expectations = path.with_extension("expect");
            if expectations.is_file() {
                text = example::with_expectations(&text, &fs::read_to_string(expectations)?);
            }
            tests.push((path.display().to_string(), text));
        }
    }
    tests.sort();
    Ok(tests)
}

fn find_sources(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == "pale") {
            sources.push(path);
        }
    }
    sources.sort();
    Ok(sources)
}

fn describe(diagnostic: &Diagnostic, texts: &[(String, String)]) -> String {
    let span = diagnostic.span();
    let (path, text) = texts
        .get(span.file.0 as usize)
        .map_or(("", ""), |(path, text)| (path, text));
    let before = text.get(..span.start as usize).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let help = diagnostic.help.as_deref().unwrap_or_default();
    format!("{path}:{line}: {}; {help}", diagnostic.message)
}
