//! The command and options, as clap reads them.

use anstream::ColorChoice;
use clap::builder::styling::{AnsiColor, Effects, Styles};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use palisade_lint::finding::Severity;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Examples:
  palisade lint deploy/                     lint a folder with the standard library
  palisade lint --policies my-pack .        with a pack of your own as well
  helm template chart | palisade lint -     lint what Helm renders
  palisade build my-pack -o policies.wasm   one module for every host

Every option can be set in the environment: --fail-on is PALISADE_FAIL_ON.
Exit status: 0 nothing found, 1 findings, 2 the command or a policy is wrong,
3 an input could not be read.";

/// Typed policies for Kubernetes manifests, compiled to WebAssembly
#[derive(Debug, Parser)]
#[command(
    name = "palisade",
    version,
    styles = STYLES,
    max_term_width = 100,
    after_help = EXAMPLES,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    infer_subcommands = false
)]
pub(crate) struct Cli {
    /// When to color: auto, always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        env = "PALISADE_COLOR",
        hide_env = true,
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true,
        value_parser = PossibleValuesParser::new(["auto", "always", "never"]).map(|when| to_choice(&when))
    )]
    pub(crate) color: ColorChoice,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find what is wrong in manifests
    Lint(crate::lint::Args),
    /// Compile policies without running them
    Check(crate::check::Args),
    /// Run the tests of packs
    Test(crate::test::Args),
    /// Lay out policies in the standard way
    Fmt(crate::fmt::Args),
    /// Compile a pack to one WebAssembly module
    Build(crate::build::Args),
    /// Say what a module holds
    Inspect(crate::inspect::Args),
    /// Run a module on one document and print its verdict as JSON
    Eval(crate::eval::Args),
    /// Say what a policy asks for, and why
    Explain(crate::explain::Args),
    /// Print manifests as the API server sees them
    Read(crate::read::Args),
}

/// Reads a severity: `info` to `critical`.
pub(crate) fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::as_str)).try_map(|word| {
        Severity::ALL
            .into_iter()
            .find(|severity| severity.as_str() == word)
            .ok_or("no severity")
    })
}

fn to_choice(when: &str) -> ColorChoice {
    match when {
        "always" => ColorChoice::Always,
        "never" => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
