//! The guest says in JSON what the host says in values.

use palisade_lint::manifest::{self, Document, Format};
use palisade_wasm::build::build_module;
use palisade_wasm::host::{Context, Fix, FixKind, Module, Outcome, Reason, Selection, Status};
use palisade_wasm::target::Target;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::build::program;
use crate::documents::{object, runner};
use crate::projection::{instance, policies};

const SEVERITIES: [&str; 5] = ["info", "low", "medium", "high", "critical"];

/// A module as an embedder of another language would run it.
struct Raw {
    store: wasmtime::Store<()>,
    instance: wasmtime::Instance,
}

impl Raw {
    fn new(core: &[u8]) -> Self {
        let engine = wasmtime::Engine::default();
        let module = wasmtime::Module::new(&engine, core).unwrap();
        let mut store = wasmtime::Store::new(&engine, ());
        let instance = wasmtime::Instance::new(&mut store, &module, &[]).unwrap();
        Self { store, instance }
    }

    fn call<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
        &mut self,
        name: &str,
        with: P,
    ) -> R {
        let function = self.instance.get_typed_func(&mut self.store, name);
        function.unwrap().call(&mut self.store, with).unwrap()
    }

    fn verdict(&mut self, json: &str) -> Value {
        self.call::<(), ()>("palisade_reset", ());
        let len = json.len() as u32;
        let at: u32 = self.call("palisade_alloc", len);
        let memory = self.instance.get_memory(&mut self.store, "memory").unwrap();
        memory
            .write(&mut self.store, at as usize, json.as_bytes())
            .unwrap();
        let answer: u32 = self.call("palisade_evaluate_json", (at, len, 0_u32, 0_u32));
        let bytes = memory.data(&self.store);
        let word = |at: u32| {
            let bytes = &bytes[at as usize..at as usize + 4];
            u32::from_le_bytes(bytes.try_into().unwrap()) as usize
        };
        let (ptr, len) = (word(answer), word(answer + 4));
        serde_json::from_slice(&bytes[ptr..ptr + len]).unwrap()
    }
}

/// The verdict from the outcome in the host, with paths as reports print them.
fn verdict_of(outcome: &Outcome, module: &Module, document: &Document) -> Value {
    let (mut findings, mut unknown) = (Vec::new(), Vec::new());
    for finding in &outcome.findings {
        let policy = module.policy(finding.policy).unwrap().name;
        let path = document.path_of(&finding.place);
        match finding.status {
            Status::Finding => findings.push(json!({
                "policy": policy,
                "severity": SEVERITIES[finding.severity as usize],
                "message": finding.message,
                "path": path,
                "missing": !finding.place.missing.is_empty(),
                "check": finding.check,
                "fixes": finding.fixes.iter().map(|fix| fix_of(fix, document)).collect::<Vec<_>>(),
            })),
            Status::Unknown => {
                let reason = match finding.reason.unwrap() {
                    Reason::Shape => "shape",
                    Reason::Missing => "missing",
                    Reason::Template => "template",
                    Reason::Inventory => "inventory",
                    Reason::Budget => "budget",
                    Reason::Value => "value",
                };
                unknown.push(json!({"policy": policy, "path": path, "reason": reason}));
            }
            Status::NotApplicable | Status::Error => panic!("{finding:?}"),
        }
    }
    json!({"version": 1, "findings": findings, "unknown": unknown, "notApplicable": [], "errors": []})
}

fn fix_of(fix: &Fix, document: &Document) -> Value {
    let operation = match fix.kind {
        FixKind::Set => "set",
        FixKind::Remove => "remove",
        FixKind::Append => "append",
        FixKind::Create => "create",
        FixKind::Upsert => panic!("{fix:?}"),
    };
    let path = document.path_of(&fix.place);
    let mut said = json!({"op": operation, "path": path, "safe": fix.safe, "group": fix.group});
    if !fix.value.is_empty() {
        said["value"] = serde_json::from_str(&fix.value).unwrap();
    }
    said
}

#[test]
fn the_verdict_in_json_is_what_the_host_says() {
    let core = build_module(&program(policies()), Target::Core).unwrap();
    let cell = std::cell::RefCell::new((Raw::new(&core), instance(policies()), 0, 0));
    let mut runner = runner(600);
    runner
        .run(&object(), |object| {
            let Some(json) = object.to_json() else {
                return Ok(());
            };
            let mut read = manifest::read(json.as_bytes(), Format::Json);
            let document = read.documents.remove(0);
            let mut guard = cell.borrow_mut();
            let (raw, host, n_findings, n_unknown) = &mut *guard;
            let outcome = host.evaluate(&document.tape, &Context::default(), &Selection::default());
            let expected = verdict_of(&outcome.unwrap(), host.module(), &document);
            let said = raw.verdict(&json);
            *n_findings += expected["findings"].as_array().unwrap().len();
            *n_unknown += expected["unknown"].as_array().unwrap().len();
            prop_assert_eq!(said, expected);
            Ok(())
        })
        .unwrap();
    let (_, _, n_findings, n_unknown) = cell.into_inner();
    assert!(
        n_findings > 300 && n_unknown > 3,
        "{n_findings} findings, {n_unknown} unknown"
    );
}
