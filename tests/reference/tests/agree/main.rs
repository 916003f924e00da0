//! Compiled modules and the reference evaluator say the same of random programs and documents.
//!
//! A run tries the same programs each time, and fails also if a construct was not met; one of 2,000 programs or more, if
//! an outcome that a construct can have was not. (That they can all be met is a test of its own, `world`.)
//! A longer one: `PALISADE_AGREE_PROGRAMS=3000 cargo test --release -p palisade-reference --test agree modules`.
//! `PALISADE_AGREE_SEED` is the first program's seed, `PALISADE_AGREE_SHOWN` how many disagreements end the run, and
//! `PALISADE_AGREE_ATTEMPTS` how much is tried to make one small. With `PALISADE_AGREE_FAULTS` a fault of every function
//! and of every other construct has to be found too, not only those of a short list.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "a test as a whole: what is not as expected ends it"
)]

mod budget;
mod faults;
mod guest;
mod json;
mod whole;
mod written;

use std::time::Instant;

use palisade_lang::program::Severity;
use palisade_lang::program::print::print;
use palisade_reference::constructs;
use palisade_reference::coverage::Coverage;
use palisade_reference::document::Document;
use palisade_reference::generate::rng::Rng;
use palisade_reference::generate::{document, program};
use palisade_reference::shrink::{Case, shrink};
use palisade_reference::{
    Selection, Settings, Verdict, configure, evaluate, evaluate_counting, render,
};
use palisade_wasm::host::Engine;

use guest::{Extent, Guest};

/// Programs tried.
const PROGRAMS: u64 = 300;
/// Programs after which every outcome of every construct has to have been met, not only every construct.
const LONG_RUN: u64 = 2_000;
/// Documents judged by each program.
const DOCUMENTS: usize = 24;
/// Settings that a program is given at most, until it accepts some.
const SETTINGS: usize = 6;

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
    let tape = case.document.to_tape();
    let expected = evaluate(&case.program, &settings, &tape, selection);
    judge(guest, &case.document, &expected, selection)
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

/// What the module says otherwise than what is expected.
fn judge(
    guest: &mut Guest,
    document: &Document,
    expected: &[Verdict],
    selection: &Selection,
) -> Option<String> {
    let tape = &document.to_tape();
    let whole = whole::Whole::of(document, tape, selection);
    let expected = match &whole {
        Some(whole) => &whole.normal(expected.to_vec()),
        None => expected,
    };
    for extent in [Extent::Full, Extent::Projected] {
        let found = match &whole {
            Some(whole) => whole.evaluate(guest, tape, selection, extent),
            None => guest.evaluate(tape, selection, extent),
        };
        let found = match found {
            Ok(found) => found,
            Err(error) => return Some(format!("{extent:?}: {error}")),
        };
        if found != expected {
            let lines = |verdicts: &[_]| -> String {
                let lines = verdicts
                    .iter()
                    .map(|verdict| render::verdict(tape, verdict));
                lines.map(|line| format!("    {line}\n")).collect()
            };
            return Some(format!(
                "{extent:?}\n  the evaluator says\n{}  the module says\n{}",
                lines(expected),
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

/// What is asked of the module: some policies and severities, now and then a context.
fn selection(rng: &mut Rng) -> Selection {
    let mut severities = Vec::new();
    if rng.once_in(6) {
        severities = vec![None, Some(Severity::Info), None];
    }
    Selection {
        enabled: rng
            .once_in(4)
            .then(|| (0..3).map(|_| rng.once_in(2)).collect()),
        severities,
        context: document::context(rng)
            .filter(|context| !context.has_template())
            .map(passed_on),
        inventory: Some(document::inventory(rng)),
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

/// What a run came to.
#[derive(Debug, Default)]
struct Run {
    coverage: Coverage,
    n_cases: u32,
    n_refused: u32,
    disagreements: Vec<String>,
}

impl Run {
    /// Tries a program with settings and documents until something differs.
    fn try_program(&mut self, engine: &Engine, seed: u64) {
        let mut rng = Rng::new(seed);
        let mut case = Case {
            program: program::program(&mut rng),
            settings: Document::Map(Vec::new()),
            document: Document::Map(Vec::new()),
        };
        let mut guest = match Guest::new(engine, &case.program) {
            Ok(guest) => guest,
            Err(error) => {
                println!("seed {seed}: {error}");
                return self.disagree(engine, seed, case, &Selection::default());
            }
        };
        let mut accepted = None;
        for _ in 0..SETTINGS {
            case.settings = document::settings(&mut rng, &case.program);
            match agree_on_settings(&mut guest, &case) {
                Ok(Some(settings)) => {
                    accepted = Some(settings);
                    break;
                }
                Ok(None) => self.n_refused += 1,
                Err(_) => return self.disagree(engine, seed, case, &Selection::default()),
            }
        }
        let Some(settings) = accepted else { return };
        for _ in 0..DOCUMENTS {
            case.document = document::object(&mut rng);
            let selection = selection(&mut rng);
            if let (true, Some(inventory)) = (whole::is_whole(&selection), &selection.inventory) {
                case.document = document::whole(inventory);
            }
            self.n_cases += 1;
            let tape = case.document.to_tape();
            let coverage = &mut self.coverage;
            let expected = evaluate_counting(&case.program, &settings, &tape, &selection, coverage);
            if judge(&mut guest, &case.document, &expected, &selection).is_some() {
                return self.disagree(engine, seed, case, &selection);
            }
        }
    }

    fn disagree(&mut self, engine: &Engine, seed: u64, case: Case, selection: &Selection) {
        let text = format!("seed {seed}\n{}", explain(engine, case, selection));
        println!("{text}");
        self.disagreements.push(text);
    }
}

#[test]
fn modules_and_the_evaluator_agree() {
    let n_programs = number_from("PALISADE_AGREE_PROGRAMS", PROGRAMS);
    let first_seed = number_from("PALISADE_AGREE_SEED", 0);
    let n_shown = number_from("PALISADE_AGREE_SHOWN", 1);
    let engine = Engine::trusting().unwrap();
    let start = Instant::now();
    let mut run = Run::default();
    for seed in first_seed..first_seed + n_programs {
        run.try_program(&engine, seed);
        if run.disagreements.len() as u64 >= n_shown {
            break;
        }
    }
    println!("{}", run.coverage);
    let elapsed = start.elapsed();
    println!(
        "{} cases in {elapsed:.1?}, {:.0} a second, {} disagreements, {} settings refused",
        run.n_cases,
        f64::from(run.n_cases) / elapsed.as_secs_f64(),
        run.disagreements.len(),
        run.n_refused,
    );
    let mut unmet = constructs::unmet(&run.coverage);
    println!("not met: {unmet:#?}");
    if n_programs < LONG_RUN {
        unmet.retain(|what| !constructs::is_outcome(what));
    }
    assert!(
        run.disagreements.is_empty(),
        "{}",
        run.disagreements.join("\n")
    );
    assert!(
        unmet.is_empty() || n_programs < PROGRAMS,
        "constructs and outcomes that no case met: {unmet:#?}"
    );
}
