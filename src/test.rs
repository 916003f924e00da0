//! `palisade test`: manifests with their findings written where they belong.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::builder::BoolishValueParser;
use palisade_lint::manifest::Span;
use palisade_lint::pack_test::coverage::{Reach, cover};
use palisade_lint::pack_test::{
    self, Bench, Change, Label, Outcome, Problem, TestFiles, Tests, find_tests,
};
use palisade_lint::packs::{self, Checked, Pack};
use palisade_lint::report::{Look, diff, pack_test as report};
use palisade_wasm::docs::{PackDocs, write_docs};
use palisade_wasm::host::{Engine, Module};
use palisade_wasm::target::Target;
use rayon::prelude::*;

use crate::lint::cluster_version;
use crate::output::write_file;
use crate::policies;
use crate::status::Status;
use crate::terminal::Terminal;

const EXAMPLES: &str = "\
A test is a manifest in the folder `tests` of a pack, with its findings written
where they belong:
  privileged: true      #~ no-privileged-containers
  image: nginx          #~ pinned-image-tag: has no fixed version
  #~^ memory-limit      one line up (`^^`: two)
  args: [\"${ARGS}\"]     #~? no-shell   cannot be decided

At its top it may set the scene:
  #! policies a, b              only these run (or name the file a.yaml)
  #! param memory-limit.max = 2Gi
  #! cluster_version = 1.31

Examples:
  palisade test my-pack               run its tests
  palisade test my-pack --update      write the marks as things are now
  palisade test my-pack --coverage    name what no test reaches

Exit status: 0 all passed, 1 some failed, 2 a test or a policy is wrong, or there
are no tests.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Pack folders and .pale files [default: .]
    #[arg(value_name = "PACK")]
    packs: Vec<PathBuf>,

    /// Write marks and fixed manifests as things are now, and show the difference
    #[arg(long)]
    update: bool,

    /// Name the policies and checks that no test reaches
    #[arg(long, env = "PALISADE_COVERAGE", hide_env = true, value_parser = BoolishValueParser::new())]
    coverage: bool,

    /// Release of Kubernetes to judge against, such as 1.31, where a test names none [default: the
    /// newest known]
    #[arg(
        long,
        value_name = "VERSION",
        env = "PALISADE_KUBERNETES",
        hide_env = true
    )]
    kubernetes: Option<String>,

    /// Failures only: no summary
    #[arg(short, long, env = "PALISADE_QUIET", hide_env = true, value_parser = BoolishValueParser::new())]
    quiet: bool,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    let cluster_version = cluster_version(args.kubernetes.as_deref())?;
    let mut checked = Vec::new();
    let here = [PathBuf::from(".")];
    for path in if args.packs.is_empty() {
        &here
    } else {
        args.packs.as_slice()
    } {
        checked.append(&mut packs::check(path)?);
    }
    policies::report(&checked, terminal)?;
    if checked.iter().any(Checked::has_errors) {
        terminal.complain(&policies::summary(&checked));
        return Ok(Status::Wrong);
    }
    let engine = Engine::trusting().context("starting the engine")?;
    let mut session = Session {
        args,
        cluster_version,
        look: terminal.stdout_look(),
        out: Box::new(terminal.stdout()),
        n_tests: 0,
    };
    let mut status = Status::Clean;
    for pack in &checked {
        status = status.max(session.test_pack(&engine, pack)?);
    }
    session.out.flush()?;
    if session.n_tests == 0 && status == Status::Clean {
        terminal.complain("there are no tests: put manifests into the folder `tests` of the pack");
        return Ok(Status::Wrong);
    }
    Ok(status)
}

/// A run over several packs.
struct Session<'a> {
    args: &'a Args,
    cluster_version: String,
    look: Look,
    out: Box<dyn Write>,
    n_tests: usize,
}

impl Session<'_> {
    fn test_pack(&mut self, engine: &Engine, checked: &Checked) -> Result<Status> {
        let Some(program) = &checked.program else {
            return Ok(Status::Wrong);
        };
        let wasm = packs::emit(program, Target::Core)?;
        let pack = Module::compile_quickly(engine, &wasm)
            .and_then(Pack::new)
            .with_context(|| format!("loading {}", checked.path))?;
        let found = find_tests(checked.path.as_ref(), &pack.files)?;
        let docs = PackDocs::read(write_docs(program).as_bytes()).unwrap_or_default();
        let index = pack.module.to_index()?;
        let bench = Bench {
            pack: &pack,
            docs: &docs,
            cluster_version: &self.cluster_version.clone(),
            read_version,
            routes: &index.routes,
        };
        self.n_tests += found.tests.len();
        let mut tally = Tally::default();
        for stray in &found.strays {
            tally.has_mistakes = true;
            self.write_problem(&Outcome::default(), stray)?;
        }
        for (files, run) in found.tests.iter().zip(self.run_all(&bench, &found.tests)) {
            self.take(files, &run, &mut tally)?;
        }
        if self.args.coverage {
            self.write_coverage(&pack, checked, &tally.reach)?;
        }
        if !self.args.quiet {
            self.write_summary(program.pack.as_str(), &found, &tally)?;
        }
        Ok(tally.status())
    }

    /// Runs tests in parallel; the results are in their order.
    fn run_all(&self, bench: &Bench<'_>, tests: &[TestFiles]) -> Vec<Run> {
        let policies: Vec<&str> = (bench.pack.policies.iter())
            .map(|policy| policy.name.as_str())
            .collect();
        let is_update = self.args.update;
        (tests.par_iter())
            .map(
                |files| match files.read(&policies, bench.pack.module.n_asked() != 0) {
                    Ok(test) if is_update => {
                        let (changes, outcome) = pack_test::update(bench, &test);
                        Run { changes, outcome }
                    }
                    Ok(test) => Run {
                        changes: Vec::new(),
                        outcome: pack_test::judge(bench, &test),
                    },
                    Err(problem) => Run {
                        changes: Vec::new(),
                        outcome: Outcome {
                            problems: vec![*problem],
                            ..Outcome::default()
                        },
                    },
                },
            )
            .collect()
    }

    fn take(&mut self, files: &TestFiles, run: &Run, tally: &mut Tally) -> Result<()> {
        for change in &run.changes {
            tally.n_written += 1;
            let path = files.path_of(&change.file);
            match &change.new {
                Some(new) => write_file(path, new.as_bytes())?,
                None => std::fs::remove_file(path)
                    .with_context(|| format!("removing {}", path.display()))?,
            }
            let new = change.new.as_deref().unwrap_or_default();
            diff::write(&mut *self.out, &self.look, &change.file, &change.old, new)?;
        }
        if !run.changes.is_empty() {
            writeln!(self.out)?;
        }
        for problem in &run.outcome.problems {
            self.write_problem(&run.outcome, problem)?;
        }
        tally.n_failed += usize::from(!run.outcome.is_pass());
        tally.has_mistakes |= run.outcome.has_mistakes();
        tally.n_findings += run.outcome.n_findings;
        tally.reach.extend(&run.outcome.reach);
        Ok(())
    }

    fn write_problem(&mut self, outcome: &Outcome, problem: &Problem) -> Result<()> {
        Ok(report::write_problem(
            &mut *self.out,
            &self.look,
            &outcome.sources,
            problem,
        )?)
    }

    fn write_coverage(&mut self, pack: &Pack, checked: &Checked, reach: &Reach) -> Result<()> {
        let coverage = cover(pack, reach);
        let locate = |policy: &str, check: Option<u32>| {
            let program = checked.program.as_ref()?;
            let policy = (program.policies.iter()).find(|found| found.name == policy)?;
            let span = match check {
                None => policy.span,
                Some(nth) => policy.checks.get(nth as usize - 1)?.span,
            };
            let (file, text) = checked.sources.at(span)?;
            let label = Label {
                file: Arc::from(file),
                span: Span::new(span.start, span.end),
                text: String::new(),
            };
            Some((label, text))
        };
        let name = pack.module.pack();
        report::write_coverage(&mut *self.out, &self.look, name, &coverage, &locate)?;
        Ok(())
    }

    fn write_summary(&mut self, pack: &str, found: &Tests, tally: &Tally) -> Result<()> {
        let n_tests = found.tests.len();
        if n_tests == 0 {
            let folder = found.folder.display().to_string();
            let folder = folder.strip_prefix("./").unwrap_or(&folder);
            writeln!(self.out, "{pack}: no tests in {folder}")?;
            return Ok(());
        }
        let count = |number: usize, noun: &str| {
            let plural = if number == 1 { "" } else { "s" };
            format!("{number} {noun}{plural}")
        };
        let results = count(tally.n_findings, "finding");
        let mut line = match tally.n_failed {
            0 => format!("{pack}: {} passed, {results}", count(n_tests, "test")),
            failed => format!("{pack}: {failed} of {n_tests} tests failed"),
        };
        if tally.n_written > 0 {
            line.push_str(&format!(", {} written", count(tally.n_written, "file")));
        } else if tally.n_failed > 0 && !tally.has_mistakes && !self.args.update {
            line.push_str("; --update writes what is found");
        }
        writeln!(self.out, "{line}")?;
        Ok(())
    }
}

/// The release as a test writes it, or what to write instead.
fn read_version(text: &str) -> std::result::Result<String, String> {
    cluster_version(Some(text)).map_err(|error| {
        let text = error.to_string();
        // The option is not what the test says.
        let help = text.split_once(": ").map(|(_, help)| help.to_owned());
        help.unwrap_or(text)
    })
}

/// A test that was run.
struct Run {
    changes: Vec<Change>,
    outcome: Outcome,
}

/// What the tests of a pack add up to.
#[derive(Default)]
struct Tally {
    n_failed: usize,
    n_findings: usize,
    n_written: usize,
    has_mistakes: bool,
    reach: Reach,
}

impl Tally {
    fn status(&self) -> Status {
        if self.has_mistakes {
            Status::Wrong
        } else if self.n_failed > 0 {
            Status::Findings
        } else {
            Status::Clean
        }
    }
}
