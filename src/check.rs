//! `palisade check`: what is wrong in policies.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::builder::BoolishValueParser;
use palisade_lint::packs::{self, Checked};

use crate::policies::summary;
use crate::status::Status;
use crate::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Pack folders and .pale files [default: .]
    #[arg(value_name = "PACK")]
    packs: Vec<PathBuf>,

    /// Errors and warnings only: no summary
    #[arg(short, long, env = "PALISADE_QUIET", hide_env = true, value_parser = BoolishValueParser::new())]
    quiet: bool,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    let mut checked: Vec<Checked> = Vec::new();
    if args.packs.is_empty() {
        checked.append(&mut packs::check(".".as_ref())?);
    }
    for path in &args.packs {
        checked.append(&mut packs::check(path)?);
    }
    let mut out = terminal.stdout();
    let look = terminal.stdout_look();
    for pack in &checked {
        Terminal::draw_diagnostics(&mut out, &look, &pack.diagnostics, &pack.sources)?;
    }
    if !args.quiet {
        writeln!(out, "{}", describe(&checked))?;
    }
    out.flush()?;
    Ok(if checked.iter().any(Checked::has_errors) {
        Status::Wrong
    } else {
        Status::Clean
    })
}

fn describe(checked: &[Checked]) -> String {
    if checked.iter().any(|pack| !pack.diagnostics.is_empty()) {
        return summary(checked);
    }
    let policies: usize = checked
        .iter()
        .filter_map(|pack| pack.program.as_ref())
        .map(|program| program.policies.len())
        .sum();
    let count = |number: usize, one: &str, many: &str| {
        let noun = if number == 1 { one } else { many };
        format!("{number} {noun}")
    };
    format!(
        "{} in {}: no errors",
        count(policies, "policy", "policies"),
        count(checked.len(), "pack", "packs")
    )
}
