//! What judging costs beside reading: whole runs over a folder, in turns, with the library's packs.
//!
//! ```text
//! lint MANIFESTS [THREADS]     default: 2 threads
//! ```
//!
//! *read* walks and reads the bytes, *empty* is a run in which no policy is on, so that documents are read, projected and
//! handed to evaluations that return at once, *full* is a run with the policies that are on by default.
#![allow(clippy::print_stdout, reason = "a program that prints figures")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use palisade_lint::exempt::Exempt;
use palisade_lint::finding::Severity;
use palisade_lint::packs::{Packs, Standard, load};
use palisade_lint::run::{Settings, lint};
use palisade_lint::select::{Choice, PackChoice};
use palisade_lint::walk::{Input, find_inputs};
use palisade_wasm::host::{Context, Selection};

/// Timed rounds.
const ROUNDS: usize = 15;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().context("usage: lint MANIFESTS [THREADS]")?);
    let jobs = args.next().map_or(Ok(2), |jobs| jobs.parse())?;
    let packs = load(Standard::Included, &[])?;
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    let mut n_findings = 0;
    for _ in 0..ROUNDS {
        for (nth, times) in times.iter_mut().enumerate() {
            let start = Instant::now();
            match nth {
                0 => ensure!(read(&folder, jobs) > 0, "{} is empty", folder.display()),
                1 => ensure!(run(&folder, jobs, &packs, nothing(&packs))? == 0),
                _ => n_findings = run(&folder, jobs, &packs, Choice::default())?,
            }
            times.push(start.elapsed().as_secs_f64());
        }
    }
    let [read, empty, full] = &times;
    println!("{n_findings} findings, {jobs} threads");
    print_ratio("full / empty", full, empty);
    print_ratio("full / read", full, read);
    Ok(())
}

/// The median of the ratios of each round, and their range.
fn print_ratio(what: &str, over: &[f64], under: &[f64]) {
    let mut ratios: Vec<_> = over.iter().zip(under).map(|(a, b)| a / b).collect();
    ratios.sort_by(f64::total_cmp);
    let at = |nth: usize| ratios.get(nth).copied().unwrap_or_default();
    println!(
        "{what}: median {:.2} ({:.2} to {:.2})",
        at(ratios.len() / 2),
        at(0),
        at(ratios.len().saturating_sub(1))
    );
}

/// A choice of no policy, not even those of the reader itself.
fn nothing(packs: &Packs) -> Choice {
    let packs = packs.packs.iter().map(|pack| PackChoice {
        selection: Selection::only(pack.module.n_policies(), []),
        ..PackChoice::default()
    });
    Choice {
        packs: packs.collect(),
        silent: ["yaml-duplicate-key", "malformed-object", "duplicate-object"].into(),
    }
}

fn run(folder: &std::path::Path, jobs: usize, packs: &Packs, choice: Choice) -> Result<usize> {
    let settings = Settings {
        jobs,
        min_severity: Severity::Info,
        context: Context::default(),
        choice,
        exempt: Exempt::default(),
        root: std::sync::Arc::from("."),
        clusters: palisade_lint::clusters::Clusters::default(),
        keeps_texts: false,
    };
    let report = lint(find_inputs(&[folder.to_path_buf()]), packs, &settings)?;
    Ok(report.findings.len())
}

/// Walks as a run does and reads the bytes of what it finds, on as many threads: how many bytes.
fn read(folder: &std::path::Path, jobs: usize) -> usize {
    let walk = find_inputs(&[folder.to_path_buf()]);
    let next = AtomicUsize::new(0);
    let n_bytes = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(input) = walk.inputs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Input::File { path, .. } = input
                        && let Ok(bytes) = std::fs::read(path)
                    {
                        n_bytes.fetch_add(std::hint::black_box(bytes).len(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    n_bytes.into_inner()
}
