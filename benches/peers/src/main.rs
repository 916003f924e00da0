//! The ten pod checks in Rego, judged by regorus.
//!
//! ```text
//! palisade-peers PODS findings|decisions rvm|interpreter ROUNDS
//! ```
//!
//! `PODS` holds a document as JSON on each line; findings have messages, decisions only say which checks fail. Prints how
//! many there are in one round, and the time for one document.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Rc, Value};

/// What is asked: its name, the policy, the rule.
const QUESTIONS: [(&str, &str, &str); 2] = [
    (
        "findings",
        include_str!("../pods.rego"),
        "data.pods.findings",
    ),
    (
        "decisions",
        include_str!("../decisions.rego"),
        "data.decisions.failed",
    ),
];

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [pods, question, mode, rounds] = args.as_slice() else {
        bail!("usage: palisade-peers PODS findings|decisions rvm|interpreter ROUNDS");
    };
    let known = QUESTIONS.iter().find(|(name, ..)| name == question);
    let (_, policy, rule) = known.with_context(|| format!("no question {question}"))?;
    let text = std::fs::read_to_string(pods).with_context(|| pods.clone())?;
    let inputs = text
        .lines()
        .map(Value::from_json_str)
        .collect::<Result<Vec<_>>>()?;
    ensure!(!inputs.is_empty(), "{pods} holds no documents");
    let rounds: usize = rounds.parse()?;
    let mut engine = Engine::new();
    engine.add_policy("pods.rego".to_owned(), (*policy).to_owned())?;
    let entry: Rc<str> = (*rule).into();
    let compiled = engine.compile_with_entrypoint(&entry)?;
    match mode.as_str() {
        "rvm" => {
            let program = Compiler::compile_from_policy(&compiled, &[rule])?;
            let mut vm = RegoVM::new();
            vm.load_program(program);
            vm.set_data(Value::new_object())?;
            report(&inputs, rounds, |input| {
                vm.set_input(input);
                Ok(vm.execute()?)
            })
        }
        "interpreter" => report(&inputs, rounds, |input| {
            compiled.eval_with_input(input)
        }),
        other => bail!("no mode {other}"),
    }
}

fn report(
    inputs: &[Value],
    rounds: usize,
    mut judge: impl FnMut(Value) -> Result<Value>,
) -> Result<()> {
    let mut n_found = 0;
    for input in inputs {
        n_found += judge(input.clone())?.as_set()?.len();
    }
    let start = Instant::now();
    for _ in 0..rounds {
        for input in inputs {
            black_box(judge(input.clone())?);
        }
    }
    let n_judged = rounds * inputs.len();
    println!(
        "{} pods, {n_found} found, {:.0} ns a pod",
        inputs.len(),
        start.elapsed().as_secs_f64() * 1e9 / n_judged as f64
    );
    Ok(())
}
