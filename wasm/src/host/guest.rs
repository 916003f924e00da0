//! The exports of a module as functions, and the limits that it runs under.

use palisade_abi::layout::ABI_VERSION;
use wasmtime::{Memory, ResourceLimiter, Store, Trap, TypedFunc, WasmParams, WasmResults};

use super::{Cause, LoadError, Module};

/// Bytes that a guest's memory may take.
const MEMORY_LIMIT: usize = 256 << 20;
/// The export that takes where objects are written; only modules that ask for it have it.
pub(super) const SOURCES: &str = "palisade_sources";
/// Elements that a guest's tables may have.
const TABLE_LIMIT: usize = 1 << 20;

/// A setting that the module refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// Which one, as members joined by dots; empty for the settings as a whole.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
}

/// What a guest may take, and whether it asked for more.
#[derive(Debug, Default)]
pub(super) struct Limits {
    refused: bool,
}

/// The exports of an instance, and the store that holds it.
pub(super) struct Guest {
    store: Store<Limits>,
    memory: Memory,
    alloc: TypedFunc<u32, u32>,
    reset: TypedFunc<(), ()>,
    evaluate: TypedFunc<(u32, u32, u32, u32), u32>,
    /// Modules built before it existed have none.
    decide: Option<TypedFunc<(u32, u32, u32, u32), u32>>,
    evaluate_json: TypedFunc<(u32, u32, u32, u32), u32>,
    configure: TypedFunc<(u32, u32), u32>,
    /// Only modules that ask for objects have it.
    inventory: Option<TypedFunc<(u32, u32), ()>>,
    sources: Option<TypedFunc<u32, ()>>,
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (f.debug_struct("Guest"))
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

impl Guest {
    /// Makes a guest and compares versions.
    pub(super) fn new(module: &Module, deadline: u64) -> Result<Self, LoadError> {
        let linked = &module.shared().linked.0;
        let mut store = Store::new(linked.module().engine(), Limits::default());
        store.limiter(|limits| limits);
        store.set_epoch_deadline(deadline);
        let instance = linked.instantiate(&mut store).map_err(LoadError::engine)?;
        let version = find_export::<(), u32>(&mut store, &instance, "palisade_abi")?
            .call(&mut store, ())
            .map_err(LoadError::engine)?;
        if version != ABI_VERSION {
            return Err(LoadError::Version(version));
        }
        Ok(Self {
            memory: instance
                .get_memory(&mut store, "memory")
                .ok_or(LoadError::Export("memory"))?,
            alloc: find_export(&mut store, &instance, "palisade_alloc")?,
            reset: find_export(&mut store, &instance, "palisade_reset")?,
            evaluate: find_export(&mut store, &instance, "palisade_evaluate")?,
            decide: (instance.get_typed_func(&mut store, "palisade_decide")).ok(),
            evaluate_json: find_export(&mut store, &instance, "palisade_evaluate_json")?,
            configure: find_export(&mut store, &instance, "palisade_configure")?,
            inventory: instance
                .get_typed_func(&mut store, "palisade_inventory")
                .ok(),
            sources: (instance.get_typed_func(&mut store, SOURCES)).ok(),
            store,
        })
    }

    pub(super) fn size(&self) -> usize {
        self.memory.data_size(&self.store)
    }

    pub(super) fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    pub(super) fn memory_mut(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }

    /// Gives the calls that follow so many ticks, all together.
    pub(super) fn set_deadline(&mut self, ticks: u64) {
        self.store.set_epoch_deadline(ticks);
    }

    pub(super) fn evaluate(&mut self, arguments: (u32, u32, u32, u32)) -> Result<u32, Cause> {
        let answer = (self.evaluate).call(&mut self.store, arguments);
        answer.map_err(|error| self.cause(&error))
    }

    /// The same with marks for results. Results begin as marks do, and are what a module gives that has only those.
    pub(super) fn decide(&mut self, arguments: (u32, u32, u32, u32)) -> Result<u32, Cause> {
        let decide = self.decide.as_ref().unwrap_or(&self.evaluate);
        let answer = decide.call(&mut self.store, arguments);
        answer.map_err(|error| self.cause(&error))
    }

    pub(super) fn reset(&mut self) -> Result<(), Cause> {
        let answer = self.reset.call(&mut self.store, ());
        answer.map_err(|error| self.cause(&error))
    }

    /// Hands over the objects that policies may ask for.
    pub(super) fn give_inventory(&mut self, list: u32, knowledge: u32) -> Result<(), Cause> {
        let Some(inventory) = &self.inventory else {
            return Ok(());
        };
        let answer = inventory.call(&mut self.store, (list, knowledge));
        answer.map_err(|error| self.cause(&error))
    }

    /// Hands over where these objects are written.
    pub(super) fn give_sources(&mut self, list: u32) -> Result<(), Cause> {
        let Some(sources) = &self.sources else {
            return Ok(());
        };
        let answer = sources.call(&mut self.store, list);
        answer.map_err(|error| self.cause(&error))
    }

    /// Space in the arena.
    pub(super) fn take(&mut self, bytes: u32) -> Result<u32, Cause> {
        let address = (self.alloc).call(&mut self.store, bytes);
        match address.map_err(|error| self.cause(&error))? {
            0 => Err(Cause::Memory),
            address if address % 16 != 0 => Err(Cause::Results("space that is not aligned")),
            address => Ok(address),
        }
    }

    pub(super) fn configure(
        &mut self,
        settings: &str,
        deadline: u64,
    ) -> Result<Result<(), Vec<SettingsProblem>>, Cause> {
        self.store.set_epoch_deadline(deadline);
        let (address, len) = self.give(settings)?;
        let answer = (self.configure).call(&mut self.store, (address, len));
        let first = answer.map_err(|error| self.cause(&error))?;
        if first == 0 {
            return Ok(Ok(()));
        }
        let problems = read_problems(self.memory.data(&self.store), first);
        Ok(Err(problems.map_err(Cause::Results)?))
    }

    /// The verdict on a document given as JSON; the arena is left as it is.
    pub(super) fn evaluate_json(&mut self, document: &str, context: &str) -> Result<String, Cause> {
        let (document, document_len) = self.give(document)?;
        let (context, context_len) = self.give(context)?;
        let arguments = (document, document_len, context, context_len);
        let answer = (self.evaluate_json).call(&mut self.store, arguments);
        let address = answer.map_err(|error| self.cause(&error))?;
        let memory = self.memory();
        word_at(memory, address)
            .and_then(|start| text_at(memory, start, word_at(memory, address.wrapping_add(4))?))
            .map_err(Cause::Results)
    }

    /// Copies a text into the arena: its address and length.
    fn give(&mut self, text: &str) -> Result<(u32, u32), Cause> {
        let len = u32::try_from(text.len()).map_err(|_| Cause::Memory)?;
        let address = self.take(len)?;
        let target = (self.memory_mut().get_mut(address as usize..))
            .and_then(|rest| rest.get_mut(..text.len()))
            .ok_or(Cause::Results("space outside of memory"))?;
        target.copy_from_slice(text.as_bytes());
        Ok((address, len))
    }

    fn cause(&self, error: &wasmtime::Error) -> Cause {
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => Cause::Deadline,
            Some(Trap::UnreachableCodeReached) if self.store.data().refused => Cause::Memory,
            _ => Cause::Trap(format!("{error:#}")),
        }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = desired <= MEMORY_LIMIT;
        self.refused |= !granted;
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_LIMIT)
    }
}

fn find_export<P: WasmParams, R: WasmResults>(
    store: &mut Store<Limits>,
    instance: &wasmtime::Instance,
    name: &'static str,
) -> Result<TypedFunc<P, R>, LoadError> {
    instance
        .get_typed_func(&mut *store, name)
        .map_err(|_| LoadError::Export(name))
}

/// Reads the list of problems `{next u32, path u32 ptr, len, message u32 ptr, len}`.
fn read_problems(memory: &[u8], first: u32) -> Result<Vec<SettingsProblem>, &'static str> {
    const MOST: usize = 1000;
    let text = |at: u32| {
        let (start, len) = (word_at(memory, at)?, word_at(memory, at.wrapping_add(4))?);
        text_at(memory, start, len)
    };
    let mut problems = Vec::new();
    let mut next = first;
    while next != 0 && problems.len() < MOST {
        problems.push(SettingsProblem {
            path: text(next.wrapping_add(4))?,
            message: text(next.wrapping_add(12))?,
        });
        next = word_at(memory, next)?;
    }
    Ok(problems)
}

const OUTSIDE: &str = "an address outside of memory";

fn word_at(memory: &[u8], at: u32) -> Result<u32, &'static str> {
    let bytes = memory
        .get(at as usize..)
        .and_then(|rest| rest.first_chunk());
    bytes.map(|&bytes| u32::from_le_bytes(bytes)).ok_or(OUTSIDE)
}

fn text_at(memory: &[u8], start: u32, len: u32) -> Result<String, &'static str> {
    let start = start as usize;
    let bytes = memory.get(start..start.saturating_add(len as usize));
    let text = str::from_utf8(bytes.ok_or(OUTSIDE)?).map_err(|_| "text that is no UTF-8")?;
    Ok(text.to_owned())
}
