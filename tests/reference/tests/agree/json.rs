//! A document that the module reads as JSON gets the verdict that its tape gets.

use palisade_lang::program::print::print;
use palisade_lang::program::{Program, Severity};
use palisade_reference::generate::rng::Rng;
use palisade_reference::generate::{document, program};
use palisade_reference::{Selection, Status, Verdict, configure, evaluate};
use serde_json::Value;
use wasmtime::{Engine, Instance, Memory, Module, Store, TypedFunc};

use crate::guest::compile_quietly;
use crate::number_from;

/// A module without a host of ours.
struct Bare {
    store: Store<()>,
    memory: Memory,
    alloc: TypedFunc<u32, u32>,
    reset: TypedFunc<(), ()>,
    configure: TypedFunc<(u32, u32), u32>,
    evaluate: TypedFunc<(u32, u32, u32, u32), u32>,
}

impl Bare {
    fn new(engine: &Engine, program: &Program) -> Self {
        let module = Module::new(engine, compile_quietly(program).unwrap()).unwrap();
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        Self {
            memory: instance.get_memory(&mut store, "memory").unwrap(),
            alloc: instance
                .get_typed_func(&mut store, "palisade_alloc")
                .unwrap(),
            reset: instance
                .get_typed_func(&mut store, "palisade_reset")
                .unwrap(),
            configure: instance
                .get_typed_func(&mut store, "palisade_configure")
                .unwrap(),
            evaluate: instance
                .get_typed_func(&mut store, "palisade_evaluate_json")
                .unwrap(),
            store,
        }
    }

    fn give(&mut self, json: &str) -> (u32, u32) {
        let len = u32::try_from(json.len()).unwrap();
        let at = self.alloc.call(&mut self.store, len).unwrap();
        self.memory
            .write(&mut self.store, at as usize, json.as_bytes())
            .unwrap();
        (at, len)
    }

    fn is_configured(&mut self, json: &str) -> bool {
        let (at, len) = self.give(json);
        self.configure.call(&mut self.store, (at, len)).unwrap() == 0
    }

    /// Nothing where the verdict holds a number that this test cannot read: a fix may say a number that no float is.
    fn verdict(&mut self, json: &str, context: Option<&str>) -> Option<Value> {
        let (at, len) = self.give(json);
        let (context, context_len) = context.map_or((0, 0), |context| self.give(context));
        let answer = self
            .evaluate
            .call(&mut self.store, (at, len, context, context_len))
            .unwrap();
        let word = |at: u32| {
            let bytes = &self.memory.data(&self.store)[at as usize..at as usize + 4];
            u32::from_le_bytes(bytes.try_into().unwrap())
        };
        let (start, len) = (word(answer) as usize, word(answer + 4) as usize);
        let text = self.memory.data(&self.store)[start..start + len].to_vec();
        self.reset.call(&mut self.store, ()).unwrap();
        match serde_json::from_slice(&text) {
            Err(error) if error.to_string().starts_with("number out of range") => None,
            read => Some(read.unwrap()),
        }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// What both forms of a finding tell; the path is in the other comparison.
type Told = (String, u64, String, String, bool);

fn expected(program: &Program, verdicts: &[Verdict]) -> Vec<Told> {
    let findings = verdicts
        .iter()
        .filter(|verdict| verdict.status == Status::Finding);
    findings
        .map(|verdict| {
            (
                program.policies[verdict.policy].name.clone(),
                u64::from(verdict.check),
                severity(verdict.severity).to_owned(),
                verdict.message.clone(),
                !verdict.place.missing.is_empty(),
            )
        })
        .collect()
}

fn told(answer: &Value) -> Vec<Told> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let findings = answer["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            (
                text(finding, "policy"),
                finding["check"].as_u64().unwrap(),
                text(finding, "severity"),
                text(finding, "message"),
                finding["missing"].as_bool().unwrap(),
            )
        })
        .collect()
}

#[test]
fn documents_read_as_json_get_the_same_verdict() {
    let n_programs = number_from("PALISADE_AGREE_PROGRAMS", 60) / 3;
    let engine = Engine::default();
    let (mut n_cases, mut n_findings, mut n_unread) = (0, 0, 0);
    for seed in 0..n_programs {
        let mut rng = Rng::new(2_000_000 + seed);
        let program = program::program(&mut rng);
        let mut module = Bare::new(&engine, &program);
        let settings = document::settings(&mut rng, &program);
        let configured = configure(&program, &settings);
        assert_eq!(
            module.is_configured(&settings.to_string()),
            configured.is_ok(),
            "seed {seed} {settings}"
        );
        let Ok(configured) = configured else { continue };
        for _ in 0..super::DOCUMENTS {
            let document = document::object(&mut rng);
            if document.has_template() {
                continue;
            }
            let context = document::context(&mut rng).filter(|context| !context.has_template());
            let json = context.as_ref().map(ToString::to_string);
            let selection = Selection {
                context,
                ..Selection::default()
            };
            let verdicts = evaluate(&program, &configured, &document.to_tape(), &selection);
            let Some(answer) = module.verdict(&document.to_string(), json.as_deref()) else {
                n_unread += 1;
                continue;
            };
            let expected = expected(&program, &verdicts);
            n_cases += 1;
            n_findings += expected.len();
            assert_eq!(
                told(&answer),
                expected,
                "seed {seed}\n{}settings {settings}\n{document}\n{json:?}\n{answer}",
                print(&program)
            );
            let unknown = answer["unknown"].as_array().unwrap();
            let is_unknown = |verdict: &&Verdict| matches!(verdict.status, Status::Unknown(_));
            assert_eq!(
                unknown.len(),
                verdicts.iter().filter(is_unknown).count(),
                "{document}\n{answer}"
            );
        }
    }
    println!("{n_cases} documents as JSON, {n_findings} findings, {n_unread} not read");
    assert!(n_cases > 0 && n_findings > 0 && n_unread * 100 < n_cases);
}
