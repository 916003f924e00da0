//! What a module holds, read from the file alone: nothing is compiled or run.

use thiserror::Error;
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::docs::{self, PackDocs};
use crate::index::{self, Index, IndexError, IndexView};
use crate::section;
use crate::target::{self, CORE_SECTION};

/// Why a file cannot be inspected.
#[derive(Debug, Error)]
pub enum InspectError {
    /// It is no WebAssembly module.
    #[error("it is no WebAssembly module")]
    NotWasm,
    /// It has no index section.
    #[error("it is no module of Palisade")]
    NotOurs,
    /// Its index cannot be read.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The rest of it cannot be read.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// What a module holds. Sizes are bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The whole file.
    pub size: usize,
    /// The file without custom sections and without what only a target adds.
    pub core_size: usize,
    /// BLAKE3 of the core, as the file says it.
    pub core_hash: Option<[u8; 32]>,
    /// Whether the core has that hash.
    pub is_intact: bool,
    /// Version of the interface.
    pub abi: u32,
    /// What it imports: `module.name`.
    pub imports: Vec<String>,
    /// Code of the library that policies share.
    pub runtime_size: usize,
    /// Constants, symbols and tables.
    pub data_size: usize,
    /// Code of each policy, by number.
    pub policy_sizes: Vec<usize>,
    /// What hosts are told.
    pub index: Index,
    /// What people are told.
    pub docs: PackDocs,
}

/// Reads a module.
///
/// # Errors
///
/// If it is damaged or was not made by Palisade.
pub fn inspect(wasm: &[u8]) -> Result<Inspection, InspectError> {
    if !section::is_module(wasm) {
        return Err(InspectError::NotWasm);
    }
    let bytes = section::find(wasm, index::SECTION).ok_or(InspectError::NotOurs)?;
    // The view compares versions: what follows is of this one.
    IndexView::new(bytes)?;
    let index = Index::decode(bytes)?;
    let damaged = |error: &dyn std::fmt::Display| InspectError::Damaged(error.to_string());
    let core = target::strip(wasm).map_err(|error| damaged(&error))?;
    let core_hash: Option<[u8; 32]> =
        section::find(wasm, CORE_SECTION).and_then(|hash| hash.try_into().ok());
    let shape = Shape::read(wasm).map_err(|error| damaged(&error))?;
    let policy_sizes: Vec<usize> = (index.policies.iter())
        .map(|policy| shape.size_of(&policy.name))
        .collect();
    Ok(Inspection {
        size: wasm.len(),
        core_size: core.len(),
        core_hash,
        is_intact: core_hash.is_some_and(|hash| blake3::hash(&core) == hash),
        abi: palisade_abi::layout::ABI_VERSION,
        runtime_size: shape.code_size() - policy_sizes.iter().sum::<usize>(),
        data_size: shape.data_size,
        imports: shape.imports,
        policy_sizes,
        index,
        docs: section::find(wasm, docs::SECTION)
            .and_then(PackDocs::read)
            .unwrap_or_default(),
    })
}

/// Sizes and names of the parts of a module.
#[derive(Debug, Default)]
struct Shape {
    imports: Vec<String>,
    /// Size of each function's code, the first defined one first.
    code: Vec<usize>,
    /// Names of functions by their number, imported ones counted.
    names: Vec<(u32, String)>,
    n_imported_functions: u32,
    data_size: usize,
}

impl Shape {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the other parts of a module, also those of later versions, are not looked at"
    )]
    fn read(wasm: &[u8]) -> wasmparser::Result<Self> {
        let mut shape = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        let is_function = matches!(import.ty, wasmparser::TypeRef::Func(_));
                        shape.n_imported_functions += u32::from(is_function);
                        (shape.imports).push(format!("{}.{}", import.module, import.name));
                    }
                }
                Payload::CodeSectionEntry(body) => shape.code.push(body.range().len()),
                Payload::DataSection(data) => shape.data_size += data.range().len(),
                Payload::CustomSection(custom) => {
                    if let KnownCustom::Name(names) = custom.as_known() {
                        for name in names {
                            if let Name::Function(functions) = name? {
                                for naming in functions {
                                    let naming = naming?;
                                    shape.names.push((naming.index, naming.name.to_owned()));
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(shape)
    }

    fn code_size(&self) -> usize {
        self.code.iter().sum()
    }

    /// Code of a policy: the function with its name, and those whose names begin with it and a colon.
    fn size_of(&self, policy: &str) -> usize {
        let is_of = |name: &str| {
            let rest = name.strip_prefix(policy);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        };
        (self.names.iter())
            .filter(|(_, name)| is_of(name))
            .filter_map(|(number, _)| {
                let nth = number.checked_sub(self.n_imported_functions)?;
                self.code.get(nth as usize)
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{Target, link};

    #[test]
    fn a_file_is_what_it_says_until_a_byte_changes() {
        let index = Index {
            pack: "trial".to_owned(),
            ..Index::default()
        };
        let link = |target| link(crate::RUNTIME, &index, r#"{"pack":"trial"}"#, target).unwrap();
        let wasi = inspect(&link(Target::Wasi)).unwrap();
        let core = inspect(&link(Target::Core)).unwrap();
        assert!(wasi.is_intact && core.is_intact);
        assert_eq!(wasi.core_hash, core.core_hash);
        assert_eq!(wasi.core_size, core.core_size);
        assert_eq!((wasi.imports.len(), core.imports.len()), (5, 0));
        assert_eq!(wasi.docs.pack, "trial");
        let mut changed = link(Target::Core);
        let data = inspect(&changed).unwrap().core_size - 1;
        changed[data] ^= 1;
        // The last byte of the core is in its section of names, which is part of it.
        assert!(!inspect(&changed).is_ok_and(|inspection| inspection.is_intact));
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        assert!(matches!(inspect(b"text"), Err(InspectError::NotWasm)));
        assert!(matches!(
            inspect(b"\0asm\x01\0\0\0"),
            Err(InspectError::NotOurs)
        ));
    }
}
