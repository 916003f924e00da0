//! The command line of Palisade: parses arguments, calls the crates, prints.
//!
//! One file per command. A command gets its arguments and a [`terminal::Terminal`], writes its result, and returns the
//! [`status::Status`] that the process ends with; an error that it returns is one line on standard error and status 2.

mod build;
mod cache;
mod check;
mod choose;
mod cli;
mod config;
mod eval;
mod explain;
mod fix;
mod fmt;
mod inspect;
mod lint;
mod now;
mod output;
mod policies;
mod read;
mod review;
mod status;
mod terminal;
mod test;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use status::Status;
use terminal::Terminal;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; a closed pipe is no reason to complain about them either.
            let _ = error.print();
            return if error.use_stderr() {
                Status::Wrong.into()
            } else {
                Status::Clean.into()
            };
        }
    };
    let terminal = Terminal::new(cli.color);
    let outcome = match &cli.command {
        Command::Lint(args) => lint::run(args, &terminal),
        Command::Check(args) => check::run(args, &terminal),
        Command::Test(args) => test::run(args, &terminal),
        Command::Fmt(args) => fmt::run(args, &terminal),
        Command::Build(args) => build::run(args, &terminal),
        Command::Inspect(args) => inspect::run(args, &terminal),
        Command::Explain(args) => explain::run(args, &terminal),
        Command::Eval(args) => eval::run(args, &terminal),
        Command::Read(args) => read::run(args, &terminal),
    };
    match outcome {
        Ok(status) => status.into(),
        Err(error) => {
            terminal.complain(&format!("{error:#}"));
            Status::Wrong.into()
        }
    }
}
