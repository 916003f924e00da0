//! Compiled modules and the reference evaluator say the same of random programs and documents.
//!
//! `PALISADE_AGREE_PROGRAMS` sets how many programs are tried, `PALISADE_AGREE_SEED` which.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test as a whole: what is not as expected ends it"
)]

mod faults;
mod guest;
mod json;

use std::time::Instant;

use palisade_lang::program::print::print;
use palisade_lang::program::{Program, Severity};
use palisade_reference::coverage::Coverage;
use palisade_reference::document::Document;
use palisade_reference::generate::rng::Rng;
use palisade_reference::generate::{document, program};
use palisade_reference::shrink::{Case, shrink};
use palisade_reference::{Selection, Settings, configure, evaluate, evaluate_counting, render};
use palisade_wasm::host::Engine;

use guest::{Extent, Guest};

/// Documents judged by each program.
const DOCUMENTS: usize = 24;

pub(crate) fn number_from(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is no number: {text}")),
        Err(_) => default,
    }
}

/// What the module says otherwise than the evaluator; nothing if they agree.
fn disagreement(guest: &mut Guest, case: &Case, selection: &Selection) -> Option<String> {
    let settings = match agree_on_settings(guest, case) {
        Ok(Some(settings)) => settings,
        Ok(None) => return None,
        Err(complaint) => return Some(complaint),
    };
    judge(guest, case, &settings, selection)
}

/// The configured program, if both accept the settings; an error if they do not agree on that.
fn agree_on_settings(guest: &mut Guest, case: &Case) -> Result<Option<Settings>, String> {
    let found = guest.configure(&case.settings)?;
    let expected = configure(&case.program, &case.settings);
    let paths: Vec<&str> = match &expected {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .iter()
            .map(|problem| problem.path.as_str())
            .collect(),
    };
    if paths != found {
        return Err(format!(
            "settings\n  the evaluator refuses {paths:?}\n  the module refuses {found:?}"
        ));
    }
    Ok(expected.ok())
}

fn judge(
    guest: &mut Guest,
    case: &Case,
    settings: &Settings,
    selection: &Selection,
) -> Option<String> {
    let tape = case.document.to_tape();
    let expected = evaluate(&case.program, settings, &tape, selection);
    for extent in [Extent::Full, Extent::Projected] {
        let found = match guest.evaluate(&tape, selection, extent) {
            Ok(found) => found,
            Err(error) => return Some(format!("{extent:?}: {error}")),
        };
        if found != expected {
            let lines = |verdicts: &[_]| -> String {
                let lines = verdicts
                    .iter()
                    .map(|verdict| render::verdict(&tape, verdict));
                lines.map(|line| format!("    {line}\n")).collect()
            };
            return Some(format!(
                "{extent:?}\n  the evaluator says\n{}  the module says\n{}",
                lines(&expected),
                lines(&found)
            ));
        }
    }
    None
}

/// A small case on which they disagree, as text.
fn explain(engine: &Engine, case: Case, selection: &Selection) -> String {
    let complaint = |case: &Case| match Guest::new(engine, &case.program) {
        Ok(mut guest) => disagreement(&mut guest, case, selection),
        Err(error) => Some(error),
    };
    let class = |complaint: &str| {
        complaint
            .split(['\n', '('])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let whole = complaint(&case).unwrap_or_default();
    println!("shrinking: {whole}");
    let small = shrink(
        case,
        number_from("PALISADE_AGREE_ATTEMPTS", 800) as usize,
        &mut |case| complaint(case).is_some_and(|found| class(&found) == class(&whole)),
    );
    format!(
        "{}{selection:?}\nsettings {}\n{}\n{}",
        print(&small.program),
        small.settings,
        small.document,
        complaint(&small).unwrap_or_default()
    )
}

/// What is asked of the module: some policies and severities, now and then a version.
fn selection(rng: &mut Rng, program: &Program) -> Selection {
    let mut severities = Vec::new();
    if rng.once_in(6) {
        severities = vec![None, Some(Severity::Info), None];
    }
    // A policy that is off may lack a parameter that it must be given.
    let is_on = |number: usize| {
        program
            .policies
            .get(number)
            .is_some_and(|policy| policy.on_by_default)
    };
    Selection {
        enabled: rng.once_in(4).then(|| {
            (0..3)
                .map(|number| is_on(number) && !rng.once_in(2))
                .collect()
        }),
        severities,
        context: document::context(rng)
            .filter(|context| !context.has_template())
            .map(passed_on),
    }
}

/// A context as it is after a library for JSON had it: members sorted, numbers short.
fn passed_on(document: Document) -> Document {
    match document {
        Document::Number(text) if text.parse::<i64>().is_err() => {
            Document::Number("0.5".to_owned())
        }
        Document::List(items) => Document::List(items.into_iter().map(passed_on).collect()),
        Document::Map(members) => {
            let mut members: Vec<(String, Document)> = members
                .into_iter()
                .map(|(key, value)| (key, passed_on(value)))
                .collect();
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
            Document::Map(members)
        }
        other => other,
    }
}

#[test]
fn modules_and_the_evaluator_agree() {
    let n_programs = number_from("PALISADE_AGREE_PROGRAMS", 120);
    let first_seed = number_from("PALISADE_AGREE_SEED", 0);
    let n_shown = number_from("PALISADE_AGREE_SHOWN", 1);
    let engine = Engine::new().unwrap();
    let start = Instant::now();
    let mut coverage = Coverage::default();
    let mut disagreements = Vec::new();
    let mut n_cases = 0;
    let skips_broken = std::env::var_os("PALISADE_AGREE_SKIP_BROKEN").is_some();
    let (mut n_broken, mut n_refused) = (0, 0);
    for seed in first_seed..first_seed + n_programs {
        let mut rng = Rng::new(seed);
        let program = program::program(&mut rng);
        let mut guest = match Guest::new(&engine, &program) {
            Ok(guest) => guest,
            Err(error) => {
                if skips_broken {
                    println!("seed {seed}: {error}");
                    n_broken += 1;
                    continue;
                }
                let case = Case {
                    program,
                    settings: Document::Map(Vec::new()),
                    document: Document::Map(Vec::new()),
                };
                let text = explain(&engine, case, &Selection::default());
                println!("seed {seed}: {error}\n{text}");
                disagreements.push(format!("seed {seed}: {error}\n{text}"));
                if disagreements.len() as u64 >= n_shown {
                    break;
                }
                continue;
            }
        };
        let mut case = Case {
            settings: document::settings(&mut rng, &program),
            program,
            document: Document::Map(Vec::new()),
        };
        n_refused += u32::from(configure(&case.program, &case.settings).is_err());
        for _ in 0..DOCUMENTS {
            case.document = document::object(&mut rng);
            let selection = selection(&mut rng, &case.program);
            n_cases += 1;
            if let Ok(settings) = configure(&case.program, &case.settings) {
                let tape = case.document.to_tape();
                let program = &case.program;
                let _ = evaluate_counting(program, &settings, &tape, &selection, &mut coverage);
            }
            if disagreement(&mut guest, &case, &selection).is_some() {
                let text = explain(&engine, case.clone(), &selection);
                println!("seed {seed}\n{text}");
                disagreements.push(format!("seed {seed}\n{text}"));
                break;
            }
        }
        if disagreements.len() as u64 >= n_shown {
            break;
        }
    }
    println!("{coverage}");
    let elapsed = start.elapsed();
    println!(
        "{n_cases} cases in {elapsed:.1?}, {:.0} a second, {} disagreements, {n_refused} settings refused, {n_broken} programs skipped",
        f64::from(n_cases) / elapsed.as_secs_f64(),
        disagreements.len()
    );
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}
