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
use palisade_wasm::host::{Engine, Image};
use palisade_wasm::target::Target;

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
            "    Embedded {{ index: include_bytes!(\"{name}.index\"), native: include_bytes!(\"{name}.native\") }},"
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
    Ok(program.pack)
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
