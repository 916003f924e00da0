//! Runs a compiled program on documents and reads what it says, in a form that a test can be compared with.

use std::collections::BTreeMap;

use palisade_abi::layout;
use palisade_lang::program::Program;
use palisade_wasm::codegen::emit_module;
use palisade_wasm::index::Index;
use palisade_wasm::target::strip;
use serde_json::Value;
use wasmtime::{Config, Engine, Instance, Memory, Module, OptLevel, Store};

/// A compiled program in an instance.
pub(crate) struct Guest {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
    index: Index,
}

/// What an evaluation gave.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct Outcome {
    /// One line for each result.
    pub(crate) results: Vec<String>,
    /// Steps taken.
    pub(crate) steps: u32,
    /// Flags of the outcome.
    pub(crate) flags: u32,
}

impl Guest {
    pub(crate) fn new(program: &Program) -> Self {
        let emitted = emit_module(program);
        let core = strip(&emitted.bytes).unwrap();
        // What the compiler of machine code makes of it is not what is tested.
        let mut config = Config::new();
        config.cranelift_opt_level(OptLevel::None);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, &core).unwrap();
        assert_eq!(module.imports().count(), 0);
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        Self {
            store,
            instance,
            memory,
            index: emitted.index,
        }
    }

    /// Evaluates a document. `{"$unknown": text}` is a template, `{"$float": text}` a number as written.
    pub(crate) fn run(&mut self, document: &Value) -> Outcome {
        self.run_with(document, None, None)
    }

    /// The same with a set of enabled policies and severities.
    pub(crate) fn run_with(
        &mut self,
        document: &Value,
        enabled: Option<&[u8]>,
        severities: Option<&[u8]>,
    ) -> Outcome {
        self.run_all(document, None, enabled, severities)
    }

    /// Evaluates a document in a context.
    pub(crate) fn run_in(&mut self, document: &Value, context: &Value) -> Outcome {
        self.run_all(document, Some(context), None, None)
    }

    /// Gives the module its settings; `path: message` for each problem.
    pub(crate) fn configure(&mut self, settings: &str) -> Vec<String> {
        let at = self.place(Some(settings.as_bytes()));
        let mut problem = self.call("palisade_configure", &[at, settings.len() as u32]);
        let mut problems = Vec::new();
        while problem != 0 {
            let path = self.text(self.word(problem + 4), self.word(problem + 8));
            let message = self.text(self.word(problem + 12), self.word(problem + 16));
            problems.push(format!("{path}: {message}"));
            problem = self.word(problem);
        }
        problems
    }

    /// The verdict on a document as JSON.
    pub(crate) fn verdict(&mut self, document: &Value) -> Value {
        self.call("palisade_reset", &[]);
        let text = document.to_string();
        let at = self.place(Some(text.as_bytes()));
        let answer = self.call("palisade_evaluate_json", &[at, text.len() as u32, 0, 0]);
        let verdict = self.text(self.word(answer), self.word(answer + 4));
        serde_json::from_str(&verdict).expect(&verdict)
    }

    fn place(&mut self, bytes: Option<&[u8]>) -> u32 {
        let Some(bytes) = bytes else { return 0 };
        let at = self.call("palisade_alloc", &[bytes.len() as u32]);
        self.memory
            .write(&mut self.store, at as usize, bytes)
            .unwrap();
        at
    }

    fn run_all(
        &mut self,
        document: &Value,
        context: Option<&Value>,
        enabled: Option<&[u8]>,
        severities: Option<&[u8]>,
    ) -> Outcome {
        self.call("palisade_reset", &[]);
        let symbols = self.index.symbols.clone();
        let mut tape = Tape::new(&symbols);
        tape.write(document, layout::KEY_NONE, "");
        let root = self.call("palisade_alloc", &[tape.size()]);
        assert_ne!(root, 0);
        let (bytes, paths) = tape.finish(root);
        self.memory
            .write(&mut self.store, root as usize, &bytes)
            .unwrap();
        let mut around = 0;
        if let Some(context) = context {
            let mut tape = Tape::new(&symbols);
            tape.write(context, layout::KEY_NONE, "");
            around = self.call("palisade_alloc", &[tape.size()]);
            let (bytes, _) = tape.finish(around);
            self.memory
                .write(&mut self.store, around as usize, &bytes)
                .unwrap();
        }
        let (enabled, severities) = (self.place(enabled), self.place(severities));
        let outcome = self.call("palisade_evaluate", &[root, around, enabled, severities]);
        self.read_outcome(outcome, &paths)
    }

    fn call(&mut self, name: &str, args: &[u32]) -> u32 {
        let function = self.instance.get_func(&mut self.store, name).unwrap();
        let args: Vec<_> = args
            .iter()
            .map(|&arg| wasmtime::Val::I32(arg.cast_signed()))
            .collect();
        let mut results = vec![wasmtime::Val::I32(0); function.ty(&self.store).results().len()];
        function.call(&mut self.store, &args, &mut results).unwrap();
        results
            .first()
            .map_or(0, |value| value.unwrap_i32().cast_unsigned())
    }

    fn word(&self, at: u32) -> u32 {
        let mut bytes = [0; 4];
        self.memory
            .read(&self.store, at as usize, &mut bytes)
            .unwrap();
        u32::from_le_bytes(bytes)
    }

    fn text(&self, at: u32, len: u32) -> String {
        let mut bytes = vec![0; len as usize];
        self.memory
            .read(&self.store, at as usize, &mut bytes)
            .unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn read_outcome(&self, outcome: u32, paths: &BTreeMap<u32, String>) -> Outcome {
        let mut results = Vec::new();
        let mut at = self.word(outcome);
        while at != 0 {
            results.push(self.read_result(at, paths));
            at = self.word(at);
        }
        assert_eq!(results.len() as u32, self.word(outcome + 4));
        Outcome {
            results,
            steps: self.word(outcome + 8),
            flags: self.word(outcome + 12),
        }
    }

    /// `policy/check severity place [also place…]: message`
    fn read_result(&self, at: u32, paths: &BTreeMap<u32, String>) -> String {
        let check = self.word(at + 4);
        let policy = self
            .index
            .policies
            .iter()
            .rev()
            .find(|policy| policy.first_check <= check)
            .unwrap();
        let head = self.word(at + 8);
        let severity = ["info", "low", "medium", "high", "critical"][(head >> 8 & 0xFF) as usize];
        let place = self.read_place(at + 16, paths);
        let (related, count) = (self.word(at + 40), self.word(at + 44));
        let also: String = (0..count)
            .map(|nth| {
                let place = self.read_place(related + nth * layout::PLACE_SIZE, paths);
                format!(" also {place}")
            })
            .collect();
        let message = if head & 0xFF == layout::STATUS_UNKNOWN {
            let reasons = [
                "",
                "",
                "shape",
                "missing",
                "template",
                "inventory",
                "budget",
                "value",
            ];
            format!("unknown {}", reasons[(head >> 16) as usize])
        } else if head & 0xFF == layout::STATUS_NOT_APPLICABLE {
            "not applicable".to_owned()
        } else {
            self.text(self.word(at + 48), self.word(at + 52))
        };
        let (fixes, n_fixes) = (self.word(at + 56), self.word(at + 60));
        let fixes: String = (0..n_fixes)
            .map(|nth| self.read_fix(fixes + nth * layout::FIX_SIZE, paths))
            .collect();
        let name = &policy.name;
        let number = check - policy.first_check;
        assert!(number < policy.n_checks);
        format!("{name}/{number} {severity} {place}{also}: {message}{fixes}")
    }

    /// ` <set .place = value, safe, 1>`
    fn read_fix(&self, at: u32, paths: &BTreeMap<u32, String>) -> String {
        let head = self.word(at);
        let operation = ["set", "remove", "append"][(head & 0xFF) as usize];
        let place = self.read_place(at + 4, paths);
        let value = self.text(self.word(at + 28), self.word(at + 32));
        let safe = if head >> 8 & 0xFF == 1 {
            "safe"
        } else {
            "unsafe"
        };
        format!(" <{operation} {place} = {value}, {safe}, {}>", head >> 16)
    }

    fn read_place(&self, at: u32, paths: &BTreeMap<u32, String>) -> String {
        let mut text = paths[&self.word(at)].clone();
        let (tail, count) = (self.word(at + 4), self.word(at + 8));
        for nth in 0..count {
            let step = tail + nth * layout::STEP_SIZE;
            let a = self.word(step + 4);
            if self.word(step) == layout::STEP_INDEX {
                text += &format!("?[{a}]");
            } else if a & layout::KEY_TEXT != 0 {
                let at = a & !layout::KEY_TEXT;
                text += &format!("?.\"{}\"", self.text(at + 4, self.word(at)));
            } else {
                text += &format!("?.{}", self.index.symbols[a as usize]);
            }
        }
        text
    }
}

/// A document as the guest sees it.
struct Tape<'a> {
    symbols: &'a [String],
    nodes: Vec<[u32; 4]>,
    /// Which words of the nodes are addresses of texts.
    texts: Vec<(usize, usize, String)>,
    paths: Vec<String>,
}

impl<'a> Tape<'a> {
    fn new(symbols: &'a [String]) -> Self {
        Self {
            symbols,
            nodes: Vec::new(),
            texts: Vec::new(),
            paths: Vec::new(),
        }
    }

    fn write(&mut self, value: &Value, key: u32, path: &str) {
        let id = self.nodes.len();
        self.nodes.push([0, key, 0, 0]);
        self.paths.push(if path.is_empty() {
            "/".into()
        } else {
            path.into()
        });
        let kind = match value {
            Value::Null => layout::KIND_NULL,
            Value::Bool(value) => {
                self.nodes[id][2] = u32::from(*value);
                layout::KIND_BOOL
            }
            Value::Number(number) => match number.as_i64() {
                Some(int) => {
                    self.nodes[id][2] = int as u32;
                    self.nodes[id][3] = (int >> 32) as u32;
                    layout::KIND_INT
                }
                None => self.text(id, &number.to_string(), layout::KIND_FLOAT),
            },
            Value::String(text) => self.text(id, text, layout::KIND_STRING),
            Value::Array(items) => {
                self.nodes[id][2] = items.len() as u32;
                for (nth, item) in items.iter().enumerate() {
                    self.write(item, key, &format!("{path}[{nth}]"));
                }
                layout::KIND_LIST
            }
            Value::Object(members) => match members.iter().next() {
                Some((name, Value::String(text))) if name == "$unknown" => {
                    self.text(id, text, layout::KIND_UNKNOWN)
                }
                Some((name, Value::String(text))) if name == "$float" => {
                    self.text(id, text, layout::KIND_FLOAT)
                }
                _ => {
                    self.nodes[id][2] =
                        members.values().filter(|value| !value.is_null()).count() as u32;
                    for (name, member) in members {
                        let child = self.nodes.len();
                        let symbol = self.symbols.iter().position(|symbol| symbol == name);
                        self.write(
                            member,
                            symbol.unwrap_or(0) as u32,
                            &format!("{path}.{name}"),
                        );
                        if symbol.is_none() {
                            self.spell(child, name);
                        }
                    }
                    layout::KIND_MAP
                }
            },
        };
        self.nodes[id][0] = ((self.nodes.len() - id) as u32 * layout::NODE_SIZE) | kind;
    }

    /// Spells the key of a member out, and of the elements right below it.
    fn spell(&mut self, child: usize, name: &str) {
        let len = (name.len() as u32).to_le_bytes();
        let text = String::from_utf8(len.to_vec()).unwrap() + name;
        self.texts.push((child, 1, text.clone()));
        if self.nodes[child][0] & layout::KIND_MASK == layout::KIND_LIST {
            let end = child + (self.nodes[child][0] / layout::NODE_SIZE) as usize;
            let mut at = child + 1;
            while at < end {
                self.texts.push((at, 1, text.clone()));
                at += (self.nodes[at][0] / layout::NODE_SIZE) as usize;
            }
        }
    }

    fn text(&mut self, id: usize, text: &str, kind: u32) -> u32 {
        self.nodes[id][3] = text.len() as u32;
        self.texts.push((id, 2, text.to_owned()));
        kind
    }

    fn size(&self) -> u32 {
        let texts: usize = self.texts.iter().map(|(.., text)| text.len()).sum();
        (self.nodes.len() * 16 + texts) as u32
    }

    /// The bytes at an address, and the path of each node's address.
    fn finish(mut self, root: u32) -> (Vec<u8>, BTreeMap<u32, String>) {
        let mut pool = Vec::new();
        let start = root + self.nodes.len() as u32 * 16;
        for (id, word, text) in &self.texts {
            let address = start + pool.len() as u32;
            self.nodes[*id][*word] = if *word == 1 {
                address | layout::KEY_TEXT
            } else {
                address
            };
            pool.extend_from_slice(text.as_bytes());
        }
        let words = self.nodes.iter().flatten();
        let mut bytes: Vec<u8> = words.flat_map(|word| word.to_le_bytes()).collect();
        bytes.extend(pool);
        let paths = (0_u32..)
            .map(|nth| root + nth * 16)
            .zip(self.paths)
            .collect();
        (bytes, paths)
    }
}
