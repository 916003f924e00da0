//! `palisade build`: a pack to one WebAssembly module.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::ValueEnum;
use clap::builder::BoolishValueParser;
use palisade_lint::packs::{self, Checked};

use crate::output::write_file;
use crate::policies;
use crate::status::Status;
use crate::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A pack folder or a .pale file
    #[arg(value_name = "PACK", required = true)]
    packs: Vec<PathBuf>,

    /// Where to write the module; `-` is standard output
    #[arg(short, long, value_name = "FILE", required = true)]
    output: PathBuf,

    /// What the module is for: wasi (any WASI host, and Palisade) or core (embedders)
    #[arg(
        long,
        hide_possible_values = true,
        value_enum,
        value_name = "TARGET",
        default_value = "wasi",
        env = "PALISADE_TARGET",
        hide_env = true
    )]
    target: Target,

    /// Say nothing on success
    #[arg(short, long, env = "PALISADE_QUIET", hide_env = true, value_parser = BoolishValueParser::new())]
    quiet: bool,
}

/// Which hosts a module is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// A WASI preview 1 command: wasmtime, wazero, wasmer, Node, Palisade
    Wasi,
    /// No imports at all, for embedders
    Core,
}

impl From<Target> for palisade_wasm::target::Target {
    fn from(target: Target) -> Self {
        match target {
            Target::Wasi => Self::Wasi,
            Target::Core => Self::Core,
        }
    }
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    let mut checked = Vec::new();
    for path in &args.packs {
        checked.append(&mut packs::check(path)?);
    }
    policies::report(&checked, terminal)?;
    if checked.iter().any(Checked::has_errors) {
        terminal.complain(&policies::summary(&checked));
        return Ok(Status::Wrong);
    }
    let [pack] = checked.as_slice() else {
        bail!("a module holds one pack; {} were named", checked.len());
    };
    let Some(program) = &pack.program else {
        bail!("internal error: no errors and no program; please report this with the pack");
    };
    let wasm = packs::emit(program, args.target.into())?;
    if args.output.as_os_str() == "-" {
        let mut out = terminal.stdout();
        out.write_all(&wasm)?;
        out.flush()?;
        return Ok(Status::Clean);
    }
    write_file(&args.output, &wasm)?;
    if !args.quiet {
        let n_policies = program.policies.len();
        let noun = if n_policies == 1 {
            "policy"
        } else {
            "policies"
        };
        let mut err = terminal.stderr();
        writeln!(
            err,
            "{}: {n_policies} {noun} of pack {}, {} bytes",
            args.output.display(),
            program.pack,
            wasm.len()
        )?;
        err.flush()?;
    }
    Ok(Status::Clean)
}
