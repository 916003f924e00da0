//! Compiles every pack below `packs/` to native code, and writes the list of them for `src/lib.rs` to include.
//!
//! A folder with a `pack.pale` is a pack; its files are its `.pale` files, in the order of their names. A pack with an
//! error or a warning stops the build.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use palisade_lang::check::{Options, Source, compile};
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

    let engine = Engine::new()?;
    let mut list = String::from("&[\n");
    for folder in find_packs(&root)? {
        let name = compile_pack(&engine, &folder, &out)?;
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

/// Writes index and native code of a pack; its name comes back.
fn compile_pack(engine: &Engine, folder: &Path, out: &Path) -> Result<String, Box<dyn Error>> {
    let mut texts = Vec::new();
    for path in find_sources(folder)? {
        let name = path.display().to_string();
        texts.push((name, fs::read_to_string(&path)?));
    }
    let sources: Vec<Source<'_>> = texts
        .iter()
        .zip(0..)
        .map(|((path, text), nth)| Source {
            file: FileId(nth),
            path,
            text,
        })
        .collect();
    let compiled = compile(&sources, &Options::default());
    let problems: Vec<String> = compiled
        .diagnostics
        .iter()
        .map(|diagnostic| describe(diagnostic, &texts))
        .collect();
    let Some(program) = compiled.program.filter(|_| problems.is_empty()) else {
        return Err(problems.join("\n").into());
    };
    let image = Image::precompile(engine, &build_module(&program, Target::Core)?)?;
    fs::write(out.join(format!("{}.index", program.pack)), image.index)?;
    fs::write(out.join(format!("{}.native", program.pack)), image.native)?;
    let docs = add_examples(&write_docs(&program), &read_tests(&folder.join("tests"))?)?;
    fs::write(out.join(format!("{}.docs", program.pack)), docs)?;
    Ok(program.pack)
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
        } else if path.extension().is_some_and(|found| found == "yaml") {
            tests.push((path.display().to_string(), fs::read_to_string(&path)?));
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
