//! Ten pod checks, from tapes in host memory to findings: a compiled module against the same checks by hand.
//!
//! ```text
//! pods MANIFESTS compare             checks that both find the same, then times them in turn; prints the ratio
//! pods MANIFESTS hand|module|decide|prepared ROUNDS
//!                                    only one of them, for counting instructions from outside
//! pods MANIFESTS json                the documents judged, one a line, for other engines
//! ```
#![allow(clippy::print_stdout, reason = "a program that prints figures")]

use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use palisade_abi::tape::Tape;
use palisade_benches::by_hand::{HandFinding, check_pod, path_to_pod};
use palisade_lang::check::{Options, Source, compile};
use palisade_lang::span::FileId;
use palisade_lint::manifest::{Document, Format, Layout, print, read};
use palisade_wasm::build::build_module;
use palisade_wasm::host::{Context, Engine, Instance, Module, Prepared, Selection, Status};
use palisade_wasm::target::Target;

/// Pairs of timed rounds.
const PAIRS: usize = 15;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = args
        .next()
        .context("usage: pods MANIFESTS compare | hand N | module N | decide N | prepared N")?;
    let documents = read_pods(Path::new(&folder))?;
    if args.len() == 1 && args.next().as_deref() == Some("json") {
        for document in &documents {
            println!("{}", print(document, Layout::Compact));
        }
        return Ok(());
    }
    let mut args = std::env::args().skip(2);
    let tapes: Vec<Tape> = documents
        .into_iter()
        .map(|document| document.tape)
        .collect();
    ensure!(!tapes.is_empty(), "no pods below {folder}");
    let mut instance = load_ten_checks()?.instantiate()?;
    match args.next().as_deref() {
        Some("compare") => compare(&tapes, &mut instance),
        Some("hand") => {
            let rounds = rounds(args.next())?;
            println!("{} findings", by_hand(&tapes, rounds));
            Ok(())
        }
        Some("module") => {
            let rounds = rounds(args.next())?;
            println!("{} findings", by_module(&tapes, &mut instance, rounds)?);
            Ok(())
        }
        Some("decide") => {
            let rounds = rounds(args.next())?;
            println!("{} marks", deciding(&tapes, &mut instance, rounds)?);
            Ok(())
        }
        Some("prepared") => {
            let rounds = rounds(args.next())?;
            let mut prepared = prepare(&tapes, &mut instance)?;
            println!(
                "{} marks",
                deciding_prepared(&mut prepared, &mut instance, rounds)?
            );
            Ok(())
        }
        other => bail!("expected compare, hand, module, decide or prepared, not {other:?}"),
    }
}

fn rounds(arg: Option<String>) -> Result<usize> {
    arg.context("how many rounds?")?
        .parse()
        .context("a number of rounds")
}

/// The documents of a folder on which at least one of the ten policies can say something.
fn read_pods(folder: &Path) -> Result<Vec<Document>> {
    let mut pods = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy();
        if ![".yaml", ".yml", ".json"]
            .iter()
            .any(|ending| name.ends_with(ending))
        {
            continue;
        }
        let bytes = std::fs::read(entry.path())?;
        let documents = read(&bytes, Format::of_name(&name)).documents;
        let is_pod = |document: &Document| path_to_pod(&document.tape).is_some();
        pods.extend(documents.into_iter().filter(is_pod));
    }
    Ok(pods)
}

fn load_ten_checks() -> Result<Module> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/packs/ten-pod-checks");
    let texts = ["pack.pale", "pod.pale"]
        .map(|name| std::fs::read_to_string(Path::new(folder).join(name)).map(|t| (name, t)));
    let mut files = Vec::new();
    for text in texts {
        files.push(text?);
    }
    let sources: Vec<_> = files
        .iter()
        .zip(0..)
        .map(|((path, text), file)| Source {
            file: FileId(file),
            path,
            text,
        })
        .collect();
    let compiled = compile(&sources, &Options::default());
    let program = compiled
        .program
        .with_context(|| format!("{:?}", compiled.diagnostics))?;
    let wasm = build_module(&program, Target::Core)?;
    println!(
        "module: {} bytes, {} policies",
        wasm.len(),
        program.policies.len()
    );
    Ok(Module::new(&Engine::lasting()?, &wasm)?)
}

fn by_hand(tapes: &[Tape], rounds: usize) -> usize {
    (0..rounds)
        .map(|_| {
            tapes
                .iter()
                .map(|tape| check_pod(tape).len())
                .sum::<usize>()
        })
        .sum()
}

fn by_module(tapes: &[Tape], instance: &mut Instance, rounds: usize) -> Result<usize> {
    let (context, selection) = (Context::default(), Selection::default());
    let mut n_findings = 0;
    for _ in 0..rounds {
        for tape in tapes {
            n_findings += instance
                .evaluate(tape, &context, &selection)?
                .findings
                .len();
        }
    }
    Ok(n_findings)
}

/// Only which checks fail.
fn deciding(tapes: &[Tape], instance: &mut Instance, rounds: usize) -> Result<usize> {
    let (context, selection) = (Context::default(), Selection::default());
    let mut n_marks = 0;
    for _ in 0..rounds {
        for tape in tapes {
            n_marks += instance.decide(tape, &context, &selection)?.marks.len();
        }
    }
    Ok(n_marks)
}

/// What policies read of the documents, gathered before: the counterpart of values that other engines have ready.
fn prepare<'a>(tapes: &'a [Tape], instance: &mut Instance) -> Result<Vec<Prepared<'a>>> {
    static SETTING: LazyLock<(Context, Selection)> = LazyLock::new(Default::default);
    let (context, selection) = &*SETTING;
    let mut prepared = Vec::new();
    for tape in tapes {
        prepared.extend(instance.prepare(tape, context, selection)?);
    }
    ensure!(prepared.len() == tapes.len(), "a document is left out");
    Ok(prepared)
}

fn deciding_prepared(
    prepared: &mut [Prepared<'_>],
    instance: &mut Instance,
    rounds: usize,
) -> Result<usize> {
    let mut n_marks = 0;
    for _ in 0..rounds {
        for document in &mut *prepared {
            n_marks += instance.decide_prepared(document)?.marks.len();
        }
    }
    Ok(n_marks)
}

fn compare(tapes: &[Tape], instance: &mut Instance) -> Result<()> {
    let n_findings = check_agreement(tapes, instance)?;
    println!(
        "{} pods, {n_findings} findings, the same from both",
        tapes.len()
    );
    let mut hand_times = Vec::new();
    let mut module_times = Vec::new();
    let mut decision_times = Vec::new();
    let mut prepared_times = Vec::new();
    let mut prepared = prepare(tapes, instance)?;
    let rounds = (200_000 / tapes.len()).max(1);
    for _ in 0..PAIRS {
        let start = Instant::now();
        std::hint::black_box(by_hand(tapes, rounds));
        hand_times.push(start.elapsed());
        let start = Instant::now();
        std::hint::black_box(by_module(tapes, instance, rounds)?);
        module_times.push(start.elapsed());
        let start = Instant::now();
        std::hint::black_box(deciding(tapes, instance, rounds)?);
        decision_times.push(start.elapsed());
        let start = Instant::now();
        std::hint::black_box(deciding_prepared(&mut prepared, instance, rounds)?);
        prepared_times.push(start.elapsed());
    }
    let mut ratios: Vec<_> = hand_times
        .iter()
        .zip(&module_times)
        .map(|(hand, module)| module.as_secs_f64() / hand.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    let per_pod = |times: &mut Vec<Duration>| {
        times.sort();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        median.as_secs_f64() * 1e9 / (rounds * tapes.len()) as f64
    };
    println!(
        "by hand {:.0} ns a pod, findings {:.0} ns, decisions {:.0} ns, on projected tapes {:.0} ns",
        per_pod(&mut hand_times),
        per_pod(&mut module_times),
        per_pod(&mut decision_times),
        per_pod(&mut prepared_times)
    );
    println!(
        "module / by hand: median {:.2} ({:.2} to {:.2})",
        ratios.get(ratios.len() / 2).copied().unwrap_or_default(),
        ratios.first().copied().unwrap_or_default(),
        ratios.last().copied().unwrap_or_default()
    );
    Ok(())
}

/// Both must find the same before it means anything which is faster. Pods whose values have the wrong shape are left
/// out: the module has a finding for those that the hand-written checks do not know.
fn check_agreement(tapes: &[Tape], instance: &mut Instance) -> Result<usize> {
    let mut n_findings = 0;
    for tape in tapes {
        let outcome = instance.evaluate(tape, &Context::default(), &Selection::default())?;
        let decision = instance.decide(tape, &Context::default(), &Selection::default())?;
        ensure!(decision.fits(&outcome), "{decision:?} of {outcome:?}");
        let (context, selection) = (Context::default(), Selection::default());
        if let Some(mut prepared) = instance.prepare(tape, &context, &selection)? {
            let again = instance.decide_prepared(&mut prepared)?;
            ensure!(again == decision, "{again:?} is not {decision:?}");
        }
        let found: Vec<_> = outcome
            .findings
            .into_iter()
            .filter(|finding| finding.status == Status::Finding)
            .collect();
        if found.iter().any(|finding| finding.check == 0) {
            continue;
        }
        let found: Vec<_> = found
            .into_iter()
            .map(|f| HandFinding {
                policy: f.policy,
                place: f.place,
                message: f.message,
            })
            .collect();
        let expected = check_pod(tape);
        ensure!(
            found == expected,
            "found {found:#?}\nexpected {expected:#?}"
        );
        n_findings += found.len();
    }
    Ok(n_findings)
}
