//! `palisade lint`: manifests in, findings out.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use clap::builder::BoolishValueParser;
use palisade_lang::schema::{Schema, Version};
use palisade_lint::finding::Severity;
use palisade_lint::packs::Standard;
use palisade_lint::report::{Report, compact, json, pretty};
use palisade_lint::run::{self, Settings};
use palisade_lint::walk::{self, Input, Walk};
use palisade_wasm::host::Context;

use crate::cache::CacheArgs;
use crate::cli::severity_parser;
use crate::status::Status;
use crate::terminal::Terminal;
use crate::{cache, policies};

/// What standard input is called in reports.
const STDIN: &str = "<stdin>";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files and folders; `-` is standard input [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// A pack folder, a .pale file or a built .wasm; may be repeated
    #[arg(
        short,
        long,
        value_name = "PATH",
        env = "PALISADE_POLICIES",
        value_delimiter = ',',
        hide_env = true
    )]
    policies: Vec<PathBuf>,

    /// Leave out the standard library
    #[arg(long, env = "PALISADE_NO_STDLIB", hide_env = true, value_parser = BoolishValueParser::new())]
    no_stdlib: bool,

    /// How to report: pretty, compact or json
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "pretty",
        hide_possible_values = true,
        env = "PALISADE_FORMAT",
        hide_env = true
    )]
    format: Format,

    /// Lowest severity that makes the exit status 1: info, low, medium, high or critical
    #[arg(
        long,
        hide_possible_values = true,
        value_name = "SEVERITY",
        value_parser = severity_parser(),
        default_value = "low",
        env = "PALISADE_FAIL_ON",
        hide_env = true
    )]
    fail_on: Severity,

    /// Make the exit status 1 too if a check could not be decided
    #[arg(long, env = "PALISADE_FAIL_ON_UNKNOWN", hide_env = true, value_parser = BoolishValueParser::new())]
    fail_on_unknown: bool,

    /// Leave out findings below this severity
    #[arg(
        long,
        value_name = "SEVERITY",
        value_parser = severity_parser(),
        default_value = "info",
        env = "PALISADE_MIN_SEVERITY",
        hide_env = true,
        hide_possible_values = true
    )]
    min_severity: Severity,

    /// Release of Kubernetes to judge against, such as 1.31 [default: the newest known]
    #[arg(
        long,
        value_name = "VERSION",
        env = "PALISADE_KUBERNETES",
        hide_env = true
    )]
    kubernetes: Option<String>,

    /// Accept that there is nothing to lint
    #[arg(long, env = "PALISADE_ALLOW_EMPTY", hide_env = true, value_parser = BoolishValueParser::new())]
    allow_empty: bool,

    /// Threads [default: one per processor]
    #[arg(short, long, value_name = "N", env = "PALISADE_JOBS", hide_env = true, value_parser = read_jobs)]
    jobs: Option<std::num::NonZeroUsize>,

    /// Findings only: no summary, no hints
    #[arg(short, long, env = "PALISADE_QUIET", hide_env = true, value_parser = BoolishValueParser::new())]
    quiet: bool,

    #[command(flatten)]
    cache: CacheArgs,
}

/// How to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Source and underlined value, for people
    Pretty,
    /// One line a finding
    Compact,
    /// One JSON value
    Json,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    let context = Context {
        cluster_version: Some(cluster_version(args.kubernetes.as_deref())?),
        ..Context::default()
    };
    let standard = if args.no_stdlib {
        Standard::Left
    } else {
        Standard::Included
    };
    let inputs = or_here(&args.paths);
    let cache = cache::open(&args.cache, &inputs, terminal);
    let Some(packs) = policies::load(standard, &args.policies, cache.as_ref(), terminal)? else {
        return Ok(Status::Wrong);
    };
    if packs.n_policies() == 0 && !args.allow_empty {
        bail!("no policies: name some with --policies, or leave out --no-stdlib");
    }
    let walk = find_inputs(inputs)?;
    let settings = Settings {
        jobs: match args.jobs {
            Some(jobs) => jobs.get(),
            None => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        },
        min_severity: args.min_severity,
        context,
    };
    let report = run::lint(walk, &packs, &settings)?;
    write(args, terminal, &report)?;
    Ok(judge(args, terminal, &report))
}

fn read_jobs(text: &str) -> Result<std::num::NonZeroUsize, &'static str> {
    text.parse()
        .map_err(|_| "write a number of threads, from 1 on")
}

/// The paths that were named, or this folder.
fn or_here(paths: &[PathBuf]) -> Vec<PathBuf> {
    if paths.is_empty() {
        return vec![PathBuf::from(".")];
    }
    paths.to_vec()
}

fn find_inputs(mut named: Vec<PathBuf>) -> Result<Walk> {
    let n_named = named.len();
    named.retain(|path| path.as_os_str() != "-");
    let mut walk = walk::find_inputs(&named);
    if named.len() < n_named {
        walk.inputs.insert(0, read_stdin()?);
    }
    Ok(walk)
}

fn read_stdin() -> Result<Input> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .context("reading standard input")?;
    Ok(Input::Text {
        name: Arc::from(STDIN),
        bytes: Arc::from(bytes),
    })
}

fn write(args: &Args, terminal: &Terminal, report: &Report) -> Result<()> {
    let mut out = terminal.stdout();
    let look = terminal.stdout_look();
    match args.format {
        Format::Pretty => pretty::write_findings(&mut out, &look, report)?,
        Format::Compact => compact::write_findings(&mut out, report)?,
        Format::Json => json::write(&mut out, report)?,
    }
    out.flush()?;
    let mut err = terminal.stderr();
    match args.format {
        Format::Pretty => pretty::write_errors(&mut err, &terminal.stderr_look(), report)?,
        Format::Compact => compact::write_errors(&mut err, report)?,
        Format::Json => {}
    }
    if !args.quiet && args.format != Format::Json {
        for unread in &report.unread {
            writeln!(err, "note: {} was not read: {}", unread.file, unread.reason)?;
        }
    }
    err.flush()?;
    if !args.quiet && args.format == Format::Pretty {
        pretty::write_summary(&mut out, &look, report)?;
        out.flush()?;
    }
    Ok(())
}

fn judge(args: &Args, terminal: &Terminal, report: &Report) -> Status {
    let mut status = Status::Clean;
    let fails = |severity: Severity| severity >= args.fail_on;
    if report
        .findings
        .iter()
        .any(|finding| fails(finding.severity))
    {
        status = Status::Findings;
    }
    if args.fail_on_unknown && !report.unknown.is_empty() {
        status = Status::Findings;
    }
    if !report.errors.is_empty() {
        status = Status::Unreadable;
    }
    if !report.failures.is_empty() {
        status = Status::Wrong;
    }
    let is_empty = report.summary.documents == 0 && report.errors.is_empty();
    if is_empty && !args.allow_empty {
        terminal.complain("nothing to lint: no object with `apiVersion` and `kind` was found");
        status = Status::Wrong;
    }
    status
}

/// The release as `1.31`.
pub(crate) fn cluster_version(asked: Option<&str>) -> Result<String> {
    let newest = Schema::kubernetes().newest();
    let Some(asked) = asked else {
        return Ok(newest.to_string());
    };
    let mut parts = asked.strip_prefix('v').unwrap_or(asked).split('.');
    let minor = match (parts.next(), parts.next()) {
        (Some("1"), Some(minor)) => minor.parse::<u8>().ok(),
        _ => None,
    };
    let Some(minor) = minor.filter(|&minor| Version::minor(minor) <= newest) else {
        bail!("--kubernetes {asked}: write a release from 1.0 to {newest}, such as 1.31");
    };
    Ok(format!("1.{minor}"))
}
