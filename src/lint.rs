//! `palisade lint`: manifests in, findings out.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use clap::builder::BoolishValueParser;
use palisade_lang::schema::{Schema, Version};
use palisade_lint::finding::Severity;
use palisade_lint::manifest::MAX_BYTES;
use palisade_lint::packs::{Packs, Standard};
use palisade_lint::report::{Look, Report, compact, json, jsonl, pretty};
use palisade_lint::run::{self, Settings};
use palisade_lint::walk::{self, Input, Walk};
use palisade_wasm::host::Context;

use crate::cache::CacheArgs;
use crate::choose::ChooseArgs;
use crate::cli::severity_parser;
use crate::config::ConfigArgs;
use crate::fix::{self, FixArgs};
use crate::output::write_file;
use crate::status::Status;
use crate::terminal::Terminal;
use crate::{cache, choose, policies};

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

    #[command(flatten)]
    choose: ChooseArgs,

    /// How to report: pretty, compact, json or jsonl
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

    /// Write the report to this file instead of standard output
    #[arg(
        short,
        long,
        value_name = "FILE",
        env = "PALISADE_OUTPUT",
        hide_env = true
    )]
    output: Option<PathBuf>,

    /// What standard input is called in the report
    #[arg(
        long,
        value_name = "NAME",
        env = "PALISADE_STDIN_FILENAME",
        hide_env = true
    )]
    stdin_filename: Option<String>,

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

    /// Accept that there is nothing to lint, or no policy
    #[arg(long, env = "PALISADE_ALLOW_EMPTY", hide_env = true, value_parser = BoolishValueParser::new())]
    allow_empty: bool,

    /// Threads [default: one per processor]
    #[arg(short, long, value_name = "N", env = "PALISADE_JOBS", hide_env = true, value_parser = read_jobs)]
    jobs: Option<std::num::NonZeroUsize>,

    #[command(flatten)]
    fix: FixArgs,

    #[command(flatten)]
    config: ConfigArgs,

    /// Report what the configuration exempts as well (json, jsonl)
    #[arg(long, env = "PALISADE_SHOW_SUPPRESSED", hide_env = true, value_parser = BoolishValueParser::new())]
    show_suppressed: bool,

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
    /// One JSON value a line
    Jsonl,
}

impl Format {
    /// True if everything that is to be said is in the report.
    fn is_for_programs(self) -> bool {
        match self {
            Self::Pretty | Self::Compact => false,
            Self::Json | Self::Jsonl => true,
        }
    }
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    let context = Context {
        now: Some(crate::now::now()),
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
    if let ([path, ..], false) = (packs.empty.as_slice(), args.allow_empty) {
        bail!("--policies {path}: there is no policy in it");
    }
    let choice = choose::choose(&args.choose, &packs.packs)?;
    if choice.n_policies() == 0 && !args.allow_empty {
        bail!(
            "no policy is left to run: --profile and --disable leave out all {}",
            packs.n_policies()
        );
    }
    let config = args.config.read(&inputs, &packs)?;
    let walk = find_inputs(inputs, args.stdin_filename.as_deref(), &packs)?;
    let settings = Settings {
        jobs: match args.jobs {
            Some(jobs) => jobs.get(),
            None => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        },
        min_severity: args.min_severity,
        context,
        choice,
        exempt: config.exempt,
        clusters: config.clusters,
        root: Arc::clone(&walk.root),
        keeps_texts: args.format == Format::Pretty || args.fix.needs_texts(),
    };
    let fixing = args.fix.plan(&walk)?;
    let mut fixed = fixing
        .lint(walk, |walk| run::lint(walk, &packs, &settings))
        .map_err(|error| choose::explain(error, &args.choose.params))?;
    let written = fixing.write(&mut fixed, terminal)?;
    fixed.report.shows_suppressed = args.show_suppressed;
    let report = &fixed.report;
    if fixing.is_diff() {
        write_errors(args, terminal, report)?;
        if !args.quiet {
            writeln!(terminal.stderr(), "{}", fix::describe_diff(&fixed))?;
        }
    } else {
        write(args, terminal, report, fixing.has_document())?;
    }
    let mut status = judge(args, terminal, report).max(written);
    // Nothing was written, so what could be fixed is still there.
    if fixing.is_diff() && fixed.severity >= Some(args.fail_on) {
        status = status.max(Status::Findings);
    }
    Ok(status)
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

fn find_inputs(mut named: Vec<PathBuf>, stdin_name: Option<&str>, packs: &Packs) -> Result<Walk> {
    let n_named = named.len();
    named.retain(|path| path.as_os_str() != "-");
    let mut walk = walk::find_inputs_and(&named, &|name| packs.is_of_kind(name));
    if named.len() < n_named {
        let input = read_stdin(stdin_name.unwrap_or(STDIN))?;
        if named.is_empty() {
            walk.root = Arc::clone(input.name());
        }
        walk.inputs.insert(0, input);
    } else if let Some(name) = stdin_name {
        bail!("--stdin-filename {name}: standard input is not read; name `-` as well");
    }
    Ok(walk)
}

fn read_stdin(name: &str) -> Result<Input> {
    let mut bytes = Vec::new();
    // One byte more than is read, so that the reader says that it is too long.
    std::io::stdin()
        .lock()
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .context("reading standard input")?;
    Ok(Input::Text {
        name: Arc::from(name),
        bytes: Arc::from(bytes),
    })
}

/// The report to standard output, or at once to a file; what is wrong with the inputs to standard error. Where standard
/// output is for a document the report goes to standard error as well.
fn write(args: &Args, terminal: &Terminal, report: &Report, is_beside: bool) -> Result<()> {
    let Some(path) = &args.output else {
        let (mut out, look): (Box<dyn Write>, _) = if is_beside {
            (Box::new(terminal.stderr()), terminal.stderr_look())
        } else {
            (Box::new(terminal.stdout()), terminal.stdout_look())
        };
        write_findings(args, &mut out, &look, report)?;
        out.flush()?;
        write_errors(args, terminal, report)?;
        write_summary(args, &mut out, &look, report)?;
        out.flush()?;
        return Ok(());
    };
    let look = Terminal::file_look();
    let mut out = Vec::new();
    write_findings(args, &mut out, &look, report)?;
    write_summary(args, &mut out, &look, report)?;
    write_errors(args, terminal, report)?;
    write_file(path, &out)
}

fn write_findings(args: &Args, out: &mut dyn Write, look: &Look, report: &Report) -> Result<()> {
    match args.format {
        Format::Pretty => pretty::write_findings(out, look, report)?,
        Format::Compact => compact::write_findings(out, report)?,
        Format::Json => json::write(out, report)?,
        Format::Jsonl => jsonl::write(out, report)?,
    }
    Ok(())
}

fn write_errors(args: &Args, terminal: &Terminal, report: &Report) -> Result<()> {
    let mut err = terminal.stderr();
    match args.format {
        Format::Pretty => pretty::write_errors(&mut err, &terminal.stderr_look(), report)?,
        Format::Compact => compact::write_errors(&mut err, report)?,
        Format::Json | Format::Jsonl => {}
    }
    if !args.quiet && !args.format.is_for_programs() {
        for unread in &report.unread {
            writeln!(err, "note: {} was not read: {}", unread.file, unread.reason)?;
        }
    }
    err.flush()?;
    Ok(())
}

fn write_summary(args: &Args, out: &mut dyn Write, look: &Look, report: &Report) -> Result<()> {
    if !args.quiet && args.format == Format::Pretty {
        pretty::write_summary(out, look, report)?;
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
