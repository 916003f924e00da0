//! `palisade explain`: what a policy says about itself.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::builder::BoolishValueParser;
use palisade_lang::schema::near::nearest;
use palisade_lint::explain::{self, Explained};
use palisade_lint::packs::{PackError, Standard};
use palisade_lint::report::explain as report;

use crate::inspect::Format;
use crate::policies;
use crate::status::Status;
use crate::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  palisade explain no-privileged-containers    why, where, an example
  palisade explain --list                      a line for each policy
  palisade explain --list --format json        all of it for programs
  palisade explain team-label -p my-pack       a policy of your own";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The policy
    #[arg(
        value_name = "POLICY",
        required_unless_present = "list",
        conflicts_with = "list"
    )]
    policy: Option<String>,

    /// All policies, a line each
    #[arg(short, long)]
    list: bool,

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

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    let standard = if args.no_stdlib {
        Standard::Left
    } else {
        Standard::Included
    };
    let packs = match explain::load(standard, &args.policies) {
        Ok(packs) => packs,
        Err(PackError::Diagnostics(checked)) => {
            policies::report(&checked, terminal)?;
            terminal.complain(&policies::summary(&checked));
            return Ok(Status::Wrong);
        }
        Err(error) => return Err(error.into()),
    };
    let all = explain::list(&packs);
    let chosen: Vec<Explained<'_>> = match &args.policy {
        None => all.clone(),
        Some(name) => (all.iter())
            .filter(|explained| explained.policy.name == *name)
            .cloned()
            .collect(),
    };
    if let Some(name) = args.policy.as_deref().filter(|_| chosen.is_empty()) {
        let names = all.iter().map(|explained| explained.policy.name.as_str());
        let near: Vec<String> = (nearest(name, names).iter())
            .map(|near| format!("`{near}`"))
            .collect();
        let help = match near.join(" or ") {
            near if !near.is_empty() => format!("did you mean {near}?"),
            _ => "`palisade explain --list` names all".to_owned(),
        };
        terminal.complain(&format!("there is no policy `{name}`; {help}"));
        return Ok(Status::Wrong);
    }
    let mut out = terminal.stdout();
    let look = terminal.stdout_look();
    match (args.format, args.list) {
        (Format::Json, _) => report::write_json(&mut out, &chosen)?,
        (Format::Pretty, true) => report::write_list(&mut out, &look, &chosen)?,
        (Format::Pretty, false) => {
            for (nth, explained) in chosen.iter().enumerate() {
                if nth > 0 {
                    writeln!(out)?;
                }
                report::write_policy(&mut out, &look, explained, &packs)?;
            }
        }
    }
    out.flush()?;
    Ok(Status::Clean)
}
