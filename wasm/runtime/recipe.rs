// How the guest runtime is compiled, and how its sources are recognised: for `wasm/build.rs` and for `rebuild.rs`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Settings of the compiler.
///
/// The processor stays the default of the target, whose features (bulk memory, sign extension, saturating conversion,
/// mutable globals, multi-value) every host has; `mvp` would only turn copies of memory into calls. The folder must not
/// show in the bytes, hence the mapped paths.
///
/// Modules have to be small. The stack in memory comes first, so that running over its end is a trap, and is short, so
/// that addresses of static data take two bytes: functions that call themselves keep nothing in it, others little. The
/// compiler's passes that are left out buy speed, which native code gets from its own compiler, with more variables.
const SETTINGS: [&str; 18] = [
    "--edition",
    "2024",
    "--crate-name",
    "palisade_runtime",
    "--crate-type",
    "cdylib",
    "--target",
    "wasm32-unknown-unknown",
    "-Cpanic=abort",
    "-Copt-level=z",
    "-Cllvm-args=-disable-lsr",
    "-Cllvm-args=-enable-load-pre=false",
    "-Cllvm-args=-replexitval=never",
    // Tables would be static data, which is in every module, used or not.
    "-Cllvm-args=-switch-to-lookup=false",
    "-Clto",
    "-Ccodegen-units=1",
    "-Cstrip=debuginfo",
    "-Clink-arg=-zstack-size=2048",
];

/// The arguments of `rustc`, all but the output; `root` is the folder of the crate `palisade-wasm`.
pub(crate) fn arguments(root: &Path) -> Vec<String> {
    let mut arguments: Vec<String> = SETTINGS.map(str::to_owned).into();
    arguments.push(format!("--remap-path-prefix={}=wasm", root.display()));
    arguments.push(root.join("runtime/src/lib.rs").display().to_string());
    arguments
}

/// A hash of the settings and of every source of the runtime, in hexadecimal. It tells whether the sources changed, not
/// whether somebody tampered with them.
pub(crate) fn hash_sources(root: &Path) -> io::Result<String> {
    let mut files = vec![
        root.join("abi/src/layout.rs"),
        root.join("../lang/pattern/src/dialect.rs"),
    ];
    collect(&root.join("runtime/src"), &mut files)?;
    files.sort();
    let mut hash = Fnv::new();
    for setting in SETTINGS {
        hash.add(setting.as_bytes());
    }
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file);
        hash.add(name.to_string_lossy().replace('\\', "/").as_bytes());
        // A checkout with other line ends is the same source.
        hash.add(fs::read_to_string(&file)?.replace("\r\n", "\n").as_bytes());
    }
    Ok(format!("{:032x}", hash.0))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// FNV-1a with 128 bits; a field ends with its length.
struct Fnv(u128);

impl Fnv {
    fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes.iter().chain(&(bytes.len() as u64).to_le_bytes()) {
            self.0 =
                (self.0 ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}
