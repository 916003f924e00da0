//! Compiles the guest runtime, or takes the copy that is committed.
//!
//! The copy counts as long as the hash of the sources recorded beside it is theirs. Otherwise the runtime is compiled
//! from source, which needs the target `wasm32-unknown-unknown`; without it a changed runtime is an error.
//! `wasm/runtime/rebuild.sh` renews the copy, and tells with `--check` whether it is what the sources give.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "runtime/recipe.rs"]
mod recipe;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?).join("runtime.wasm");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=runtime");
    println!("cargo:rerun-if-changed=abi/src/layout.rs");
    println!("cargo:rerun-if-changed=../lang/pattern/src/dialect.rs");
    println!("cargo:rustc-env=PALISADE_TARGET={}", env::var("TARGET")?);

    let prebuilt = root.join("runtime/prebuilt");
    let recorded = fs::read_to_string(prebuilt.join("runtime.hash")).unwrap_or_default();
    if recorded.trim() == recipe::hash_sources(&root)? {
        fs::copy(prebuilt.join("runtime.wasm"), &out)?;
        return Ok(());
    }
    compile(&root, &out)
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
