//! Compiles the guest runtime, or takes the copy that is committed.
//!
//! The copy counts as long as the hash of the sources recorded beside it is theirs. Otherwise the runtime is compiled
//! from source, which needs the target `wasm32-unknown-unknown`; without it a changed runtime is an error.
//! `wasm/runtime/rebuild.sh` renews the copy, and tells with `--check` whether it is what the sources give.

use std::env;
use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "runtime/recipe.rs"]
mod recipe;

/// All that decides which module sources become, besides the runtime. A published crate has only its own part, and its
/// version says the rest.
const COMPILER: [&str; 4] = ["src", "abi/src", "../lang/src", "../lang/data"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?).join("runtime.wasm");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=runtime");
    println!("cargo:rerun-if-changed=abi/src/layout.rs");
    println!("cargo:rerun-if-changed=../lang/pattern/src/dialect.rs");
    println!("cargo:rustc-env=PALISADE_TARGET={}", env::var("TARGET")?);

    println!(
        "cargo:rustc-env=PALISADE_COMPILER={:016x}",
        hash_compiler(&root)?
    );

    let prebuilt = root.join("runtime/prebuilt");
    let recorded = fs::read_to_string(prebuilt.join("runtime.hash")).unwrap_or_default();
    if recorded.trim() == recipe::hash_sources(&root)? {
        fs::copy(prebuilt.join("runtime.wasm"), &out)?;
        return Ok(());
    }
    compile(&root, &out)
}

/// A hash of the sources of the compiler, so that a cache of its results knows one build from the next.
fn hash_compiler(root: &Path) -> io::Result<u64> {
    let mut files = Vec::new();
    for folder in COMPILER.map(|folder| root.join(folder)) {
        if folder.is_dir() {
            println!("cargo:rerun-if-changed={}", folder.display());
            collect(&folder, &mut files)?;
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    recipe::hash_sources(root)?.hash(&mut hasher);
    for file in files {
        fs::read(file)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn compile(root: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let status = Command::new(rustc)
        .args(recipe::arguments(root))
        // A later compiler may warn of what the pinned one does not know.
        .arg("-Awarnings")
        .arg("-o")
        .arg(out)
        .status()?;
    if !status.success() {
        return Err("the guest runtime did not compile; \
            if its target is missing: rustup target add wasm32-unknown-unknown"
            .into());
    }
    Ok(())
}
