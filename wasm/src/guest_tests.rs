//! The guest runtime by itself: what it reads, writes and answers, without any policy.

mod functions;
mod json_read;
mod patterns;
mod verdict;
mod wasi;

use std::sync::{Arc, Mutex, OnceLock};

use palisade_abi::layout::NODE_SIZE;
use wasmtime::{Caller, Engine, Extern, Instance, Linker, Memory, Module, Store};

use crate::RUNTIME;
use crate::index::FIXED_SYMBOLS;

/// Symbols of the trial module besides those that every module has.
const SYMBOLS: [&str; 4] = ["spec", "containers", "image", "ü"];

/// What a command was given and what it wrote.
#[derive(Debug, Default)]
struct Files {
    arguments: Vec<String>,
    input: Vec<u8>,
    output: Vec<u8>,
    errors: Vec<u8>,
    status: Option<i32>,
}

/// The runtime with tables that know symbols and no policies.
struct Guest {
    store: Store<Arc<Mutex<Files>>>,
    instance: Instance,
    memory: Memory,
    symbols: Vec<String>,
}

/// The runtime's code.
struct Runtime {
    engine: Engine,
    module: Module,
}

impl Runtime {
    /// Compiled once for all tests.
    fn get() -> &'static Self {
        static RUNTIME_MODULE: OnceLock<Runtime> = OnceLock::new();
        RUNTIME_MODULE.get_or_init(|| {
            let engine = Engine::default();
            let module = Module::new(&engine, RUNTIME).unwrap();
            Self { engine, module }
        })
    }

    fn guest(&self, arguments: &[&str], input: &[u8]) -> Guest {
        let files = Files {
            arguments: arguments.iter().map(ToString::to_string).collect(),
            input: input.to_vec(),
            ..Files::default()
        };
        let mut store = Store::new(&self.engine, Arc::new(Mutex::new(files)));
        let instance = link(&self.engine)
            .instantiate(&mut store, &self.module)
            .unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        let mut guest = Guest {
            store,
            instance,
            memory,
            symbols: (FIXED_SYMBOLS.iter().chain(&SYMBOLS))
                .map(ToString::to_string)
                .collect(),
        };
        guest.write_tables();
        guest
    }
}

impl Guest {
    /// Writes what code generation would: symbols, their hash table, no policies, no routes.
    fn write_tables(&mut self) {
        let start = self.memory.grow(&mut self.store, 1).unwrap() as u32 * 65536;
        let mut bytes: Vec<u8> = Vec::new();
        let mut rows = Vec::new();
        for symbol in &self.symbols {
            rows.push(start + bytes.len() as u32);
            bytes.extend((symbol.len() as u32).to_le_bytes());
            bytes.extend(symbol.as_bytes());
        }
        let slots = 64_usize;
        let mut table = vec![0_u16; slots];
        for (number, symbol) in self.symbols.iter().enumerate() {
            let mut slot = hash(symbol.as_bytes()) as usize & (slots - 1);
            while table[slot] != 0 {
                slot = (slot + 1) & (slots - 1);
            }
            table[slot] = number as u16 + 1;
        }
        let index = start + bytes.len() as u32;
        bytes.extend(table.iter().flat_map(|entry| entry.to_le_bytes()));
        let row_table = start + bytes.len() as u32;
        for text in rows {
            bytes.extend(text.to_le_bytes());
        }
        let heap = start + bytes.len() as u32;
        self.memory
            .write(&mut self.store, start as usize, &bytes)
            .unwrap();
        let header = [heap, row_table, index, slots as u32 - 1];
        let at = self
            .instance
            .get_global(&mut self.store, "PALISADE_PROGRAM")
            .unwrap();
        let at = at.get(&mut self.store).unwrap_i32() as usize;
        let header: Vec<u8> = header.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.memory.write(&mut self.store, at, &header).unwrap();
    }

    fn call<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
        &mut self,
        name: &str,
        with: P,
    ) -> R {
        let function = self.instance.get_typed_func(&mut self.store, name).unwrap();
        function.call(&mut self.store, with).unwrap()
    }

    /// Copies bytes into the arena.
    fn put(&mut self, bytes: &[u8]) -> (u32, u32) {
        let len = bytes.len() as u32;
        let at: u32 = self.call("palisade_alloc", len);
        assert!(at != 0 && at.is_multiple_of(NODE_SIZE));
        self.memory
            .write(&mut self.store, at as usize, bytes)
            .unwrap();
        (at, len)
    }

    fn word(&self, at: u32) -> u32 {
        let bytes = &self.memory.data(&self.store)[at as usize..at as usize + 4];
        u32::from_le_bytes(bytes.try_into().unwrap())
    }

    /// The address of a static of the runtime.
    fn address(&mut self, name: &str) -> u32 {
        let global = self.instance.get_global(&mut self.store, name).unwrap();
        global.get(&mut self.store).unwrap_i32().cast_unsigned()
    }

    fn set_static(&mut self, name: &str, word: u32) {
        let at = self.address(name);
        self.memory
            .write(&mut self.store, at as usize, &word.to_le_bytes())
            .unwrap();
    }

    fn static_word(&mut self, name: &str) -> u32 {
        let at = self.address(name);
        self.word(at)
    }

    fn text(&self, ptr: u32, len: u32) -> String {
        let bytes = &self.memory.data(&self.store)[ptr as usize..(ptr + len) as usize];
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

fn hash(name: &[u8]) -> u32 {
    let hash = name.iter().fold(0x811c_9dc5_u32, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash ^ (hash >> 16)
}

/// The five functions of WASI that the runtime asks for, over `Files`. Reads and writes are short, as pipes are.
fn link(engine: &Engine) -> Linker<Arc<Mutex<Files>>> {
    type Host<'a> = Caller<'a, Arc<Mutex<Files>>>;
    const WASI: &str = "wasi_snapshot_preview1";
    fn memory(caller: &mut Host<'_>) -> Memory {
        match caller.get_export("memory") {
            Some(Extern::Memory(memory)) => memory,
            _ => panic!("no memory"),
        }
    }
    fn word(caller: &mut Host<'_>, at: u32) -> u32 {
        let mut bytes = [0; 4];
        memory(caller)
            .read(&*caller, at as usize, &mut bytes)
            .unwrap();
        u32::from_le_bytes(bytes)
    }
    fn set_word(caller: &mut Host<'_>, at: u32, value: u32) {
        memory(caller)
            .write(caller, at as usize, &value.to_le_bytes())
            .unwrap();
    }
    let mut linker = Linker::new(engine);
    linker
        .func_wrap(
            WASI,
            "args_sizes_get",
            |mut caller: Host<'_>, count: u32, bytes: u32| {
                let arguments = caller.data().lock().unwrap().arguments.clone();
                set_word(&mut caller, count, arguments.len() as u32);
                let size: usize = arguments.iter().map(|argument| argument.len() + 1).sum();
                set_word(&mut caller, bytes, size as u32);
                0
            },
        )
        .unwrap();
    linker
        .func_wrap(
            WASI,
            "args_get",
            |mut caller: Host<'_>, table: u32, buffer: u32| {
                let arguments = caller.data().lock().unwrap().arguments.clone();
                let mut at = buffer;
                for (i, argument) in arguments.iter().enumerate() {
                    set_word(&mut caller, table + 4 * i as u32, at);
                    let text = format!("{argument}\0");
                    memory(&mut caller)
                        .write(&mut caller, at as usize, text.as_bytes())
                        .unwrap();
                    at += text.len() as u32;
                }
                0
            },
        )
        .unwrap();
    linker
        .func_wrap(
            WASI,
            "fd_read",
            |mut caller: Host<'_>, file: u32, pieces: u32, count: u32, read: u32| {
                assert_eq!((file, count), (0, 1));
                let (to, room) = (word(&mut caller, pieces), word(&mut caller, pieces + 4));
                let mut files = caller.data().lock().unwrap();
                let len = files.input.len().min(room as usize).min(30_001);
                let bytes: Vec<u8> = files.input.drain(..len).collect();
                drop(files);
                memory(&mut caller)
                    .write(&mut caller, to as usize, &bytes)
                    .unwrap();
                set_word(&mut caller, read, len as u32);
                0
            },
        )
        .unwrap();
    linker
        .func_wrap(
            WASI,
            "fd_write",
            |mut caller: Host<'_>, file: u32, pieces: u32, count: u32, written: u32| {
                assert_eq!(count, 1);
                let (from, len) = (word(&mut caller, pieces), word(&mut caller, pieces + 4));
                let mut bytes = vec![0; len.min(7) as usize];
                memory(&mut caller)
                    .read(&caller, from as usize, &mut bytes)
                    .unwrap();
                let mut files = caller.data().lock().unwrap();
                match file {
                    1 => files.output.extend(&bytes),
                    2 => files.errors.extend(&bytes),
                    other => panic!("file {other}"),
                }
                drop(files);
                set_word(&mut caller, written, bytes.len() as u32);
                0
            },
        )
        .unwrap();
    linker
        .func_wrap(
            WASI,
            "proc_exit",
            |caller: Host<'_>, status: i32| -> wasmtime::Result<()> {
                caller.data().lock().unwrap().status = Some(status);
                Err(wasmtime::Trap::UnreachableCodeReached.into())
            },
        )
        .unwrap();
    linker
}
