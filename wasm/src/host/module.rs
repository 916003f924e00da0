//! A module that has been compiled or loaded, and what its index says.

use std::sync::Arc;

use palisade_lang::program::KindRef;
use wasmtime::{ExternType, FuncType, Linker, Val, ValType};

use super::guest::{Limits, SOURCES};
use super::trie::Tries;
use super::{Engine, Instance, LoadError};
use crate::index::{self, Index, IndexView, PolicyEntry};
use crate::section;

/// Imports of this module are answered, not served: a host that writes tapes needs none of WASI.
const WASI: &str = "wasi_snapshot_preview1";
/// WASI's number for a function that is not supported.
const NOT_SUPPORTED: i32 = 58;

/// A policy module, ready to make instances. Cheap to clone, shared by threads.
#[derive(Debug, Clone)]
pub struct Module {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) tries: Tries,
    pub(super) symbols: Vec<Box<str>>,
    /// By policy: its first check and how many it has.
    pub(super) checks: Vec<(u32, u32)>,
    pub(super) linked: Linked,
    /// Policies ask where other objects are written.
    asks_for_sources: bool,
    /// Keeps the clock going for as long as there is something to run.
    engine: Engine,
    index: Vec<u8>,
}

/// The code with its imports supplied.
pub(super) struct Linked(pub(super) wasmtime::InstancePre<Limits>);

impl std::fmt::Debug for Linked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Linked").finish_non_exhaustive()
    }
}

pub(super) fn find_index(wasm: &[u8]) -> Result<&[u8], LoadError> {
    if section::is_component(wasm) {
        return Err(LoadError::Component);
    }
    if !section::is_module(wasm) {
        return Err(LoadError::NotWasm);
    }
    if !section::is_whole(wasm) {
        return Err(LoadError::CutShort);
    }
    let index = section::find(wasm, index::SECTION).ok_or(LoadError::NotOurs)?;
    IndexView::new(index)?;
    Ok(index)
}

impl Module {
    /// Compiles a WebAssembly file to the fastest code.
    ///
    /// # Errors
    ///
    /// If it is no WebAssembly, not a module of Palisade, of another version of the interface, or asks for imports
    /// other than WASI's.
    #[cfg(feature = "compiler")]
    pub fn new(engine: &Engine, wasm: &[u8]) -> Result<Self, LoadError> {
        let index = find_index(wasm)?;
        let module = wasmtime::Module::new(engine.inner(), wasm).map_err(LoadError::engine)?;
        Self::link(engine, &module, index.to_vec())
    }

    /// Compiles a WebAssembly file in the shortest time, to code that is somewhat slower and does the same.
    ///
    /// # Errors
    ///
    /// As for [`Module::new`].
    #[cfg(feature = "compiler")]
    pub fn compile_quickly(engine: &Engine, wasm: &[u8]) -> Result<Self, LoadError> {
        let index = find_index(wasm)?;
        let compile = |quick| wasmtime::Module::new(quick, wasm).ok();
        match engine.quick().and_then(compile) {
            Some(module) => Self::link(engine, &module, index.to_vec()),
            // A file of somebody else may use instructions that only the other compiler knows.
            None => Self::new(engine, wasm),
        }
    }

    /// Loads a module that was compiled by [`super::Image::precompile`], from the two parts of its image.
    ///
    /// # Safety
    ///
    /// The image is native code and runs with the rights of this process: it must come, unchanged, from
    /// [`super::Image::precompile`].
    ///
    /// # Errors
    ///
    /// If the image was made for another platform or by another version of the engine, or its index is damaged.
    #[expect(
        unsafe_code,
        reason = "native code is trusted, and the caller says that it may be"
    )]
    pub unsafe fn from_image(
        engine: &Engine,
        index: Vec<u8>,
        native: &[u8],
    ) -> Result<Self, LoadError> {
        // SAFETY: the caller vouches for the image.
        let module = unsafe { wasmtime::Module::deserialize(engine.inner(), native) };
        Self::link(engine, &module.map_err(LoadError::engine)?, index)
    }

    /// Maps a file that holds the native code of an image; cheaper than [`Module::from_image`], which copies.
    ///
    /// # Safety
    ///
    /// As for [`Module::from_image`]; nor may the file change while the module exists.
    ///
    /// # Errors
    ///
    /// As for [`Module::from_image`], and if the file cannot be read.
    #[expect(
        unsafe_code,
        reason = "native code is trusted, and the caller says that it may be"
    )]
    pub unsafe fn from_file(
        engine: &Engine,
        index: Vec<u8>,
        native: std::fs::File,
    ) -> Result<Self, LoadError> {
        // SAFETY: the caller vouches for the file.
        let module = unsafe { wasmtime::Module::deserialize_open_file(engine.inner(), native) };
        Self::link(engine, &module.map_err(LoadError::engine)?, index)
    }

    /// Whether the kind asked for that has this number is a kind of file. A host that knows no files says so of it.
    #[must_use]
    pub fn asks_for_files(&self, number: u32) -> bool {
        self.shared.tries.asks_for_files(number)
    }

    /// Whether policies ask where other objects are written.
    #[must_use]
    pub fn asks_for_sources(&self) -> bool {
        self.shared.asks_for_sources
    }

    /// Whether policies may read this member of the context.
    #[must_use]
    pub fn knows(&self, member: &str) -> bool {
        self.shared.tries.symbol(member.as_bytes()).is_some()
    }

    /// A fresh instance. Its settings are the defaults.
    ///
    /// # Errors
    ///
    /// If there is no memory for it, it does not come to an end, or its exports are not those of the interface.
    pub fn instantiate(&self) -> Result<Instance, LoadError> {
        self.shared.engine.start_clock()?;
        Instance::new(self.clone())
    }

    /// The pack's name.
    #[must_use]
    pub fn pack(&self) -> &str {
        self.view()
            .and_then(|view| view.pack().ok())
            .unwrap_or_default()
    }

    /// How many policies it has.
    #[must_use]
    pub fn n_policies(&self) -> u32 {
        u32::try_from(self.shared.checks.len()).unwrap_or(u32::MAX)
    }

    /// Whether some policy is on the inventory as a whole.
    #[must_use]
    pub fn judges_inventory(&self) -> bool {
        let kind = KindRef::inventory().kind;
        self.shared().tries.route_of_file(&kind).is_some()
    }

    /// A policy by number.
    #[must_use]
    pub fn policy(&self, number: u32) -> Option<PolicyEntry> {
        self.view()?.policy(number).ok()
    }

    /// The number of kinds that policies ask for besides the object judged.
    #[must_use]
    pub fn n_asked(&self) -> u32 {
        self.shared.tries.n_asked()
    }

    /// All that the index says, copied.
    ///
    /// # Errors
    ///
    /// If a part that was not needed before turns out to be damaged.
    pub fn to_index(&self) -> Result<Index, LoadError> {
        Ok(Index::decode(&self.shared.index)?)
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The policy that a check belongs to, and the check's number in it. Found soonest if it is `near` or soon after, as
    /// results come in the order of policies.
    pub(super) fn policy_of(&self, check: u32, near: u32) -> Option<(u32, u32)> {
        let checks = &self.shared.checks;
        let own = |policy: usize| {
            let &(first, count) = checks.get(policy)?;
            let own = check.wrapping_sub(first);
            (own < count).then_some((u32::try_from(policy).ok()?, own))
        };
        let near = near as usize;
        own(near).or_else(|| own(near + 1)).or_else(|| {
            own(checks
                .partition_point(|&(first, _)| first <= check)
                .checked_sub(1)?)
        })
    }

    fn view(&self) -> Option<IndexView<'_>> {
        IndexView::new(&self.shared.index).ok()
    }

    fn link(engine: &Engine, module: &wasmtime::Module, index: Vec<u8>) -> Result<Self, LoadError> {
        let view = IndexView::new(&index)?;
        let checks = (0..view.n_policies()?).map(|policy| view.checks(policy));
        let symbols = view.symbols()?;
        let shared = Shared {
            tries: Tries::new(view)?,
            symbols: (symbols.iter())
                .map(|text| text.map(Box::from))
                .collect::<Result<_, _>>()?,
            checks: checks.collect::<Result<_, _>>()?,
            linked: Linked(supply_imports(module)?),
            asks_for_sources: module.get_export(SOURCES).is_some(),
            engine: engine.clone(),
            index,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }
}

/// Answers every function of WASI with "not supported", and refuses any other import.
fn supply_imports(module: &wasmtime::Module) -> Result<wasmtime::InstancePre<Limits>, LoadError> {
    let mut linker = Linker::new(module.engine());
    for import in module.imports() {
        let name = || format!("{}.{}", import.module(), import.name());
        let ExternType::Func(ty) = import.ty() else {
            return Err(LoadError::Import(name()));
        };
        if import.module() != WASI {
            return Err(LoadError::Import(name()));
        }
        answer_not_supported(&mut linker, import.name(), ty)?;
    }
    linker.instantiate_pre(module).map_err(LoadError::engine)
}

fn answer_not_supported(
    linker: &mut Linker<Limits>,
    name: &str,
    ty: FuncType,
) -> Result<(), LoadError> {
    let answers_number = ty.results().all(|result| matches!(result, ValType::I32));
    if !answers_number {
        return Err(LoadError::Import(format!("{WASI}.{name}")));
    }
    linker
        .func_new(WASI, name, ty, |_, _, results| {
            results.fill(Val::I32(NOT_SUPPORTED));
            Ok(())
        })
        .map(|_| ())
        .map_err(LoadError::engine)
}
