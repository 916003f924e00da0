//! The policies that come with Palisade.
//!
//! The packs lie in `packs/`, one folder each, in Pale like any other. The build script compiles them to native code
//! that is part of this library, so that using them costs no compilation.

pub mod example;

use palisade_wasm::host::{Engine, LoadError, Module};

/// A pack as the build script left it.
struct Embedded {
    index: &'static [u8],
    native: &'static [u8],
    docs: &'static [u8],
}

const PACKS: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// What packs of users may use: the files of the packs without policies, each with the pack's name, its path and its text.
pub const SHARED: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/shared.rs"));

/// The modules of all packs, in the order of their folders.
///
/// # Errors
///
/// If this machine cannot run native code of the platform that Palisade was built for.
pub fn load(engine: &Engine) -> Result<Vec<Module>, LoadError> {
    PACKS.iter().map(|pack| load_pack(engine, pack)).collect()
}

/// What the packs say about their policies, as `palisade.docs` does (native code keeps no such section), in the order of
/// [`load`]. Nothing reads it but who asks here.
pub fn docs() -> impl Iterator<Item = &'static [u8]> {
    PACKS.iter().map(|pack| pack.docs)
}

#[expect(
    unsafe_code,
    reason = "native code is trusted; this was made by our own build"
)]
fn load_pack(engine: &Engine, pack: &Embedded) -> Result<Module, LoadError> {
    // SAFETY: the bytes are those that `Image::precompile` gave to the build script, part of this program since.
    unsafe { Module::from_image(engine, pack.index.to_vec(), pack.native) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_loads_and_names_are_its_own() {
        let engine = Engine::trusting().unwrap();
        let modules = load(&engine).unwrap();
        assert!(!modules.is_empty());
        let mut names = Vec::new();
        for module in &modules {
            for policy in module.to_index().unwrap().policies {
                assert!(!policy.title.is_empty(), "{} has no title", policy.name);
                names.push(policy.name);
            }
        }
        let n_policies = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), n_policies);
        assert!(n_policies > 0);
    }
}
