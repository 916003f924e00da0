//! A module compiled to native code, which keeps no custom sections: the index stands beside it.

#[cfg(feature = "compiler")]
use super::{Engine, LoadError};

/// A module in native code, and its index section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The contents of `palisade.index`.
    pub index: Vec<u8>,
    /// What wasmtime loads; only an engine of the same version and platform does.
    pub native: Vec<u8>,
}

#[cfg(feature = "compiler")]
impl Image {
    /// Compiles a module.
    ///
    /// # Errors
    ///
    /// If the bytes are no WebAssembly or not a module of Palisade.
    pub fn precompile(engine: &Engine, wasm: &[u8]) -> Result<Self, LoadError> {
        let index = super::module::find_index(wasm)?.to_vec();
        let native = (engine.inner())
            .precompile_module(wasm)
            .map_err(LoadError::engine)?;
        Ok(Self { index, native })
    }
}
