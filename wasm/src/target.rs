//! One core, several files: what a module imports decides which hosts take it.
//!
//! Code generation makes a module that has everything: the library, and the WASI command `_start` around it. The *core* is
//! that module without the command, and without the imports and functions that only the command uses. Stripping a file
//! of any target gives the same core, byte for byte; `palisade.core` holds its hash.

use thiserror::Error;

use crate::codegen::RUNTIME_NAME;
use crate::index::{self, Index};
use crate::prune::{self, Keep};
use crate::{docs, section};

/// Name of the custom section that holds the core's BLAKE3 hash, 32 bytes.
pub const CORE_SECTION: &str = "palisade.core";

const COMMAND: &str = "_start";
/// What names begin with in a runtime that code generation has not been at.
const MANGLED: &str = "_ZN";

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// No imports: for hosts that embed the library.
    Core,
    /// A WASI preview 1 command as well.
    Wasi,
}

/// The module cannot be read, which is an error of code generation or a file of somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cannot read the module: {0}")]
pub struct LinkError(String);

/// The file for `target`, from a module with everything, its index and its documentation.
///
/// # Errors
///
/// If `module` is no WebAssembly.
pub fn link(
    module: &[u8],
    index: &Index,
    docs: &str,
    target: Target,
) -> Result<Vec<u8>, LinkError> {
    let core = strip(module)?;
    let hash = blake3::hash(&core);
    let mut file = match target {
        Target::Core => core,
        Target::Wasi => prune(module, |_| true)?,
    };
    section::append(&mut file, index::SECTION, &index.encode());
    section::append(&mut file, CORE_SECTION, hash.as_bytes());
    section::append(&mut file, docs::SECTION, docs.as_bytes());
    Ok(file)
}

/// The core of a file of any target, without custom sections but the one with names.
///
/// # Errors
///
/// If `file` is no WebAssembly.
pub fn strip(file: &[u8]) -> Result<Vec<u8>, LinkError> {
    prune(file, |export| export != COMMAND)
}

/// A module without what it does not use, and without custom sections but the one with the names of policies, which tell
/// of a trap whose it is. The runtime's own names would be a fifth of a small module.
fn prune(file: &[u8], keep: impl Fn(&str) -> bool) -> Result<Vec<u8>, LinkError> {
    let keep = Keep {
        export: &keep,
        name: &|name| !name.starts_with(RUNTIME_NAME) && !name.starts_with(MANGLED),
    };
    prune::prune(file, None, &keep).map_err(LinkError)
}

#[cfg(test)]
mod tests {
    use walrus::Module;

    use super::*;
    use crate::RUNTIME;

    fn imports(file: &[u8]) -> Vec<String> {
        let module = Module::from_buffer(file).unwrap();
        let imports = module.imports.iter();
        imports
            .map(|import| format!("{}.{}", import.module, import.name))
            .collect()
    }

    #[test]
    fn the_core_is_the_same_in_every_target() {
        let index = Index::default();
        let [core, wasi] =
            [Target::Core, Target::Wasi].map(|target| link(RUNTIME, &index, "{}", target).unwrap());
        assert_ne!(core, wasi);
        assert_eq!(strip(&core).unwrap(), strip(&wasi).unwrap());
        for file in [&core, &wasi] {
            let hash = blake3::hash(&strip(file).unwrap());
            assert_eq!(
                section::find(file, CORE_SECTION),
                Some(hash.as_bytes().as_slice())
            );
            assert_eq!(
                section::find(file, index::SECTION),
                Some(index.encode().as_slice())
            );
            assert_eq!(section::find(file, docs::SECTION), Some(b"{}".as_slice()));
        }
        // What is stripped of its sections alone is the core as it stands in the file.
        assert!(core.starts_with(&strip(&core).unwrap()));
    }

    #[test]
    fn a_core_imports_nothing_and_a_command_what_wasi_has() {
        let link = |target| link(RUNTIME, &Index::default(), "", target).unwrap();
        assert_eq!(imports(&link(Target::Core)), Vec::<String>::new());
        let wasi = link(Target::Wasi);
        let mut wanted = imports(&wasi);
        wanted.sort();
        assert_eq!(
            wanted,
            [
                "args_get",
                "args_sizes_get",
                "fd_read",
                "fd_write",
                "proc_exit"
            ]
            .map(|name| format!("wasi_snapshot_preview1.{name}"))
        );
        assert_eq!(
            link(Target::Wasi),
            wasi,
            "the same module gives the same bytes"
        );
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(link(b"text", &Index::default(), "", Target::Core).is_err());
    }
}
