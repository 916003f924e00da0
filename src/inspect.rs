//! `palisade inspect`: what a module holds.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use palisade_lint::packs::{self, Checked};
use palisade_lint::report::inspect as report;
use palisade_wasm::inspect::inspect;
use palisade_wasm::target::Target;

use crate::policies;
use crate::status::Status;
use crate::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  palisade inspect policies.wasm                  policies, kinds, sizes, imports
  palisade inspect my-pack                        as `palisade build my-pack` would make it
  palisade inspect policies.wasm --format json    the same for programs";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A built .wasm, a pack folder or a .pale file
    #[arg(value_name = "MODULE")]
    module: PathBuf,

    /// How to report: pretty or json
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
}

/// How to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Pretty,
    /// One JSON value
    Json,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    let Some(wasm) = read(args, terminal)? else {
        return Ok(Status::Wrong);
    };
    let name = args.module.display().to_string();
    let inspection = inspect(&wasm).with_context(|| format!("cannot inspect {name}"))?;
    let mut out = terminal.stdout();
    match args.format {
        Format::Pretty => report::write(&mut out, &terminal.stdout_look(), &name, &inspection)?,
        Format::Json => report::write_json(&mut out, &name, &inspection)?,
    }
    out.flush()?;
    Ok(Status::Clean)
}

/// The bytes of the module, or of what the pack would become; nothing if it does not compile, which has been said.
fn read(args: &Args, terminal: &Terminal) -> Result<Option<Vec<u8>>> {
    if packs::is_module(&args.module) {
        return Ok(Some(packs::read_module(&args.module)?));
    }
    let checked = packs::check(&args.module)?;
    policies::report(&checked, terminal)?;
    if checked.iter().any(Checked::has_errors) {
        terminal.complain(&policies::summary(&checked));
        return Ok(None);
    }
    let [pack] = checked.as_slice() else {
        bail!(
            "{} holds {} packs; name one",
            args.module.display(),
            checked.len()
        );
    };
    let Some(program) = &pack.program else {
        bail!("internal error: no errors and no program; please report this with the pack");
    };
    Ok(Some(packs::emit(program, Target::Wasi)?))
}
