//! The copy of the runtime that a module is made from.

use std::collections::{BTreeMap, BTreeSet};

use walrus::ir::Value;
use walrus::{
    ConstExpr, DataKind, ElementItems, ElementKind, ExportItem, FunctionId, GlobalKind, MemoryId,
    Module, ModuleConfig,
};

use crate::prune::{Bodies, Keep, prune, stub_bodies};

/// The runtime while functions and data are added to it. Its own functions have no bodies until [`Guest::finish`].
#[derive(Debug)]
pub(super) struct Guest {
    runtime: &'static [u8],
    pub(super) module: Module,
    pub(super) memory: MemoryId,
    functions: BTreeMap<String, FunctionId>,
    statics: BTreeMap<String, u32>,
    /// Functions of the runtime, by number, that give 1 in this module.
    ones: BTreeSet<u32>,
}

/// Exports that hosts use begin so, or are the command; the others are for generated code and vanish from the module.
const FOR_HOSTS: &str = "palisade_";
/// What the names of functions of the runtime begin with; names of policies have no points.
pub(crate) const RUNTIME_NAME: &str = "runtime.";
/// The WASI command, which [`crate::target`] takes out where it is not wanted.
const COMMAND: &str = "_start";

impl Guest {
    /// Reads the runtime.
    #[expect(
        clippy::expect_used,
        reason = "the runtime is part of this crate and was valid when it was built"
    )]
    pub(super) fn new(runtime: &'static [u8]) -> Self {
        let mut config = ModuleConfig::new();
        config.generate_producers_section(false);
        let stubs = stub_bodies(runtime).expect("the runtime is a module");
        let mut module = config.parse(&stubs).expect("so is the runtime with stubs");
        let memory = module.memories.iter().next().expect("it has a memory").id();
        let mut functions = BTreeMap::new();
        let mut statics = BTreeMap::new();
        let mut dropped = Vec::new();
        for export in module.exports.iter() {
            let keep = match export.item {
                ExportItem::Function(function) => {
                    functions.insert(export.name.clone(), function);
                    export.name.starts_with(FOR_HOSTS) || export.name == COMMAND
                }
                ExportItem::Global(global) => {
                    if let GlobalKind::Local(ConstExpr::Value(Value::I32(address))) =
                        module.globals.get(global).kind
                    {
                        statics.insert(export.name.clone(), address.cast_unsigned());
                    }
                    false
                }
                ExportItem::Memory(_) => true,
                ExportItem::Table(_) | ExportItem::Tag(_) => false,
            };
            if !keep {
                dropped.push(export.id());
            }
        }
        for export in dropped {
            module.exports.delete(export);
        }
        for function in module.funcs.iter_mut() {
            if let Some(name) = &function.name {
                function.name = Some(format!("{RUNTIME_NAME}{}", plain_name(name)));
            }
        }
        Self {
            runtime,
            module,
            memory,
            functions,
            statics,
            ones: BTreeSet::new(),
        }
    }

    /// A function of the runtime.
    #[expect(
        clippy::expect_used,
        reason = "the names are written in this crate, and every one is called in its tests"
    )]
    pub(super) fn function(&self, name: &str) -> FunctionId {
        *self.functions.get(name).expect(name)
    }

    /// Replaces a function of the runtime, without parameters that it needs, by one that gives 1.
    pub(super) fn replace_by_one(&mut self, name: &str) {
        // Functions are numbered as they were read.
        let number = u32::try_from(self.function(name).index()).unwrap_or(u32::MAX);
        self.ones.insert(number);
    }

    /// Leaves out what only modules with queries need.
    pub(super) fn leave_queries_out(&mut self) {
        self.replace_by_one("is_here");
        self.replace_by_one("inventory_brought");
        self.drop_export("palisade_inventory");
    }

    /// Leaves out a function that hosts have no use for.
    pub(super) fn drop_export(&mut self, name: &str) {
        let exports = self.module.exports.iter();
        let unused = exports
            .filter(|export| export.name == name)
            .map(walrus::Export::id)
            .next();
        if let Some(unused) = unused {
            self.module.exports.delete(unused);
        }
    }

    /// The module: what was added and what it uses of the runtime.
    #[expect(
        clippy::expect_used,
        reason = "the runtime is part of this crate, and the rest was written by it"
    )]
    pub(super) fn finish(mut self) -> Vec<u8> {
        let bodies = Bodies {
            of: self.runtime,
            ones: &self.ones,
        };
        let keep = Keep {
            export: &|_| true,
            name: &|_| true,
        };
        let stubbed = self.module.emit_wasm();
        prune(&stubbed, Some(&bodies), &keep).expect("what was emitted is a module")
    }

    /// The address of a static of the runtime.
    #[expect(clippy::expect_used, reason = "see `function`")]
    pub(super) fn address(&self, name: &str) -> u32 {
        *self.statics.get(name).expect(name)
    }

    /// Puts functions into the table; the index of the first.
    pub(super) fn add_to_table(&mut self, functions: Vec<FunctionId>) {
        let Ok(Some(table)) = self.module.tables.main_function_table() else {
            return;
        };
        let first = self.module.tables.get(table).initial;
        let more = functions.len() as u64;
        let offset = i32::try_from(first).unwrap_or(i32::MAX);
        let segment = self.module.elements.add(
            ElementKind::Active {
                table,
                offset: ConstExpr::Value(Value::I32(offset)),
            },
            ElementItems::Functions(functions),
        );
        let table = self.module.tables.get_mut(table);
        table.elem_segments.insert(segment);
        table.initial = first + more;
        table.maximum = Some(first + more);
    }

    /// The index that the next function added to the table has.
    pub(super) fn table_end(&self) -> u32 {
        match self.module.tables.main_function_table() {
            Ok(Some(table)) => {
                u32::try_from(self.module.tables.get(table).initial).unwrap_or(u32::MAX)
            }
            _ => 0,
        }
    }

    /// Adds data at an address, and lets memory begin large enough for it and for a first object.
    pub(super) fn add_data(&mut self, address: u32, bytes: Vec<u8>) {
        const PAGE: u64 = 1 << 16;
        let end = u64::from(address) + bytes.len() as u64;
        let memory = self.module.memories.get_mut(self.memory);
        memory.initial = memory.initial.max(end.div_ceil(PAGE));
        let offset = ConstExpr::Value(Value::I32(address.cast_signed()));
        let data = self.module.data.add(
            DataKind::Active {
                memory: self.memory,
                offset,
            },
            bytes,
        );
        self.module
            .memories
            .get_mut(self.memory)
            .data_segments
            .insert(data);
    }

    /// Overwrites a static of the runtime.
    pub(super) fn fill(&mut self, name: &str, words: &[u32]) {
        let bytes = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.add_data(self.address(name), bytes);
    }
}

/// The name of a function of the runtime for people: the last two parts of its path, without hash.
fn plain_name(mangled: &str) -> String {
    let Some(mut rest) = mangled.strip_prefix("_ZN") else {
        return mangled.to_owned();
    };
    let mut parts = Vec::new();
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(digits).unwrap_or(("", ""));
        let Ok(len) = number.parse::<usize>() else {
            break;
        };
        let Some((part, after)) = after.split_at_checked(len) else {
            break;
        };
        parts.push(part);
        rest = after;
    }
    // The last part is a hash.
    parts.pop();
    let start = parts.len().saturating_sub(2);
    parts.get(start..).unwrap_or_default().join("::")
}
