//! Compiles the guest runtime and renews the committed copy; with `--check` compares instead. See `rebuild.sh`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

mod recipe;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let root = PathBuf::from(arguments.next().ok_or("the folder of palisade-wasm is missing")?);
    let scratch = PathBuf::from(arguments.next().ok_or("the scratch folder is missing")?);
    let check = arguments.next().is_some_and(|argument| argument == "--check");
    let made = compile(&root, &scratch)?;
    let hash = format!("{}\n", recipe::hash_sources(&root)?);
    let wasm = root.join("runtime/prebuilt/runtime.wasm");
    let record = root.join("runtime/prebuilt/runtime.hash");
    if !check {
        fs::write(wasm, &made)?;
        fs::write(record, hash)?;
        return Ok(());
    }
    if fs::read_to_string(record)? != hash {
        return Err("the committed runtime is of other sources: run wasm/runtime/rebuild.sh".into());
    }
    if fs::read(wasm)? != made {
        return Err("the committed runtime is not what the pinned compiler makes".into());
    }
    Ok(())
}

fn compile(root: &Path, scratch: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let out = scratch.join("runtime.wasm");
    let status = Command::new("rustc")
        .args(recipe::arguments(root))
        .args(["-Dwarnings", "-Adead_code"])
        .arg("-o")
        .arg(&out)
        .status()?;
    if !status.success() {
        return Err("the guest runtime did not compile".into());
    }
    Ok(fs::read(out)?)
}
