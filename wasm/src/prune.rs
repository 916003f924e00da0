//! Drops from a module what it does not use, reading no more of it than is used.
//!
//! Functions, types, imports and globals that nothing leads to go, and what is left is numbered anew; tables, memory and
//! data stay as they are. The order stays too, so that pruning twice is pruning once.
//!
//! Code generation works on a copy of the runtime in which every body is a stub ([`stub_bodies`]): of hundreds of
//! functions a program calls a few, and reading the others would take longer than all the rest. [`prune`] puts the bodies
//! back that are used.

mod body;
mod read;
mod write;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use wasmparser::FuncType;

use crate::section;
use body::{Body, Index};
use read::Source;

/// What is kept of a module.
pub(crate) struct Keep<'a> {
    /// Whether an export stays.
    pub(crate) export: &'a dyn Fn(&str) -> bool,
    /// Whether the name of a function stays.
    pub(crate) name: &'a dyn Fn(&str) -> bool,
}

/// Where bodies come from that are stubs in a module.
pub(crate) struct Bodies<'a> {
    /// The module whose bodies [`stub_bodies`] has replaced.
    pub(crate) of: &'a [u8],
    /// Functions of it, by number, that give 1 and do nothing.
    pub(crate) ones: &'a BTreeSet<u32>,
}

/// A reason why a module cannot be read.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// A copy of a module in which every function says its number and stops.
///
/// # Errors
///
/// If `wasm` is no WebAssembly.
pub(crate) fn stub_bodies(wasm: &[u8]) -> Result<Vec<u8>> {
    let source = Source::read(wasm)?;
    let mut code = Vec::new();
    section::write_leb(&mut code, source.bodies.len());
    for number in (source.imports.len()..).take(source.bodies.len()) {
        let stub = body::stub(count(number)?.cast_signed());
        section::write_leb(&mut code, stub.len());
        code.extend_from_slice(&stub);
    }
    write::replace_code(&source, &code)
}

/// The module without what it does not use.
///
/// # Errors
///
/// If `wasm` is no WebAssembly, or uses what Palisade never writes.
pub(crate) fn prune(wasm: &[u8], bodies: Option<&Bodies<'_>>, keep: &Keep<'_>) -> Result<Vec<u8>> {
    let mut source = Source::read(wasm)?;
    source.exports.retain(|export| (keep.export)(export.name));
    source.names.retain(|(_, name)| (keep.name)(name));
    let runtime = bodies
        .map(|bodies| Runtime::read(bodies, &source))
        .transpose()?;
    let mut used = Used::find(&source, runtime.as_ref())?;
    used.merge(&source)?;
    write::write(&source, &used)
}

/// The module that stubs stand for, and what its numbers are in the module with the stubs.
struct Runtime<'a> {
    source: Source<'a>,
    ones: &'a BTreeSet<u32>,
    functions: BTreeMap<u32, u32>,
    types: Vec<Option<u32>>,
}

impl<'a> Runtime<'a> {
    fn read(bodies: &Bodies<'a>, stubbed: &Source<'_>) -> Result<Self> {
        let source = Source::read(bodies.of)?;
        let mut functions: BTreeMap<u32, u32> = (0..).zip(0..).take(source.imports.len()).collect();
        for (here, body) in (stubbed.imports.len()..).zip(&stubbed.bodies) {
            if let Some(number) = body::number_of_stub(stubbed.bytes(body.range())) {
                functions.insert(number, count(here)?);
            }
        }
        let place = |ty: &FuncType| {
            let place = stubbed.types.iter().position(|other| other == ty);
            place.map(count).transpose()
        };
        let types = source.types.iter().map(place).collect::<Result<_>>()?;
        Ok(Self {
            source,
            ones: bodies.ones,
            functions,
            types,
        })
    }

    /// The body of a function by its number in the runtime, in terms of the module with the stubs.
    fn body(&self, number: u32) -> Result<Body<'_>> {
        if self.ones.contains(&number) {
            return Ok(Body::one());
        }
        let mut body = body::read(&self.source, number)?;
        for patch in &mut body.patches {
            let found = match &mut patch.index {
                Index::Function(index) => self.functions.get(index).map(|&here| *index = here),
                Index::Type(index) | Index::BlockType(index) => {
                    (self.types.get(*index as usize).copied().flatten()).map(|here| *index = here)
                }
                // Statics of the runtime keep their places while code is generated.
                Index::Global(_) | Index::Bytes(_) => Some(()),
            };
            found.ok_or("a stub is missing")?;
        }
        Ok(body)
    }
}

/// What is used, by number.
#[derive(Default)]
struct Used<'a> {
    functions: BTreeMap<u32, Option<Body<'a>>>,
    types: BTreeSet<u32>,
    globals: BTreeSet<u32>,
    /// Functions that are not written, as another is what they are.
    same: BTreeMap<u32, u32>,
}

impl<'a> Used<'a> {
    fn find(source: &'a Source<'_>, runtime: Option<&'a Runtime<'_>>) -> Result<Self> {
        let mut used = Self::default();
        let mut open = Vec::new();
        for export in &source.exports {
            match export.kind {
                wasmparser::ExternalKind::Func => open.push(export.index),
                wasmparser::ExternalKind::Global => {
                    used.globals.insert(export.index);
                }
                // Tables and memory stay in any case; what exports the others is refused when it is written.
                wasmparser::ExternalKind::Table
                | wasmparser::ExternalKind::Memory
                | wasmparser::ExternalKind::Tag
                | wasmparser::ExternalKind::FuncExact => {}
            }
        }
        for element in &source.elements {
            open.extend(&element.functions);
        }
        while let Some(function) = open.pop() {
            if used.functions.contains_key(&function) {
                continue;
            }
            used.types.insert(source.type_of(function)?);
            if source.is_imported(function) {
                used.functions.insert(function, None);
                continue;
            }
            let own = source.body(function)?;
            let number = runtime.and_then(|_| body::number_of_stub(source.bytes(own.range())));
            let body = match (number, runtime) {
                (Some(number), Some(runtime)) => runtime.body(number)?,
                _ => body::read(source, function)?,
            };
            for patch in &body.patches {
                match patch.index {
                    Index::Function(index) => open.push(index),
                    Index::Type(index) | Index::BlockType(index) => {
                        used.types.insert(index);
                    }
                    Index::Global(index) => {
                        used.globals.insert(index);
                    }
                    Index::Bytes(_) => {}
                }
            }
            used.functions.insert(function, Some(body));
        }
        Ok(used)
    }

    /// Keeps one of equal functions, until those that are left differ. Those in tables and those that are exported stay:
    /// their names tell of a trap whose it is.
    fn merge(&mut self, source: &Source<'_>) -> Result<()> {
        let listed: BTreeSet<u32> = source
            .elements
            .iter()
            .flat_map(|element| element.functions.iter().copied())
            .chain(source.exports.iter().map(|export| export.index))
            .collect();
        loop {
            let mut first = BTreeMap::new();
            let mut found = Vec::new();
            for (&function, body) in &self.functions {
                let Some(body) = body else { continue };
                if listed.contains(&function) {
                    continue;
                }
                let text = (source.type_of(function)?, body.text(&self.same));
                match first.entry(text) {
                    Entry::Vacant(place) => {
                        place.insert(function);
                    }
                    Entry::Occupied(place) => found.push((function, *place.get())),
                }
            }
            if found.is_empty() {
                return Ok(());
            }
            for (function, kept) in found {
                self.functions.remove(&function);
                for target in self.same.values_mut().filter(|target| **target == function) {
                    *target = kept;
                }
                self.same.insert(function, kept);
            }
        }
    }
}

fn count(number: usize) -> Result<u32> {
    u32::try_from(number).map_err(|_| "too many items".to_owned())
}
