//! `palisade lint --fix` and `--diff`: what is done with the files that fixes change.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Result, bail};
use clap::builder::BoolishValueParser;
use palisade_lint::fix::{self, Fixed, Level};
use palisade_lint::report::{Report, diff};
use palisade_lint::walk::{Input, Walk};

use crate::output::write_file;
use crate::status::Status;
use crate::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct FixArgs {
    /// Carry out safe fixes, then report what remains
    #[arg(long, env = "PALISADE_FIX", hide_env = true, value_parser = BoolishValueParser::new())]
    fix: bool,

    /// With --fix or --diff: also fixes that can change what a workload does
    #[arg(long, env = "PALISADE_UNSAFE_FIXES", hide_env = true, value_parser = BoolishValueParser::new())]
    unsafe_fixes: bool,

    /// Print what --fix would change as a unified diff, and change nothing
    #[arg(long, env = "PALISADE_DIFF", hide_env = true, value_parser = BoolishValueParser::new())]
    diff: bool,
}

/// What fixing is to do with what it makes.
#[derive(Debug, Clone)]
pub(crate) struct Fixing {
    level: Option<Level>,
    is_diff: bool,
    /// Standard input, which is a document to be written to standard output.
    stdin: Option<Arc<[u8]>>,
}

impl FixArgs {
    /// Whether fixes are made, for which the texts of the files are needed.
    pub(crate) fn needs_texts(&self) -> bool {
        self.fix || self.diff
    }

    /// What these options ask of the files of `walk`.
    pub(crate) fn plan(&self, walk: &Walk) -> Result<Fixing> {
        let is_on = self.fix || self.diff;
        if self.unsafe_fixes && !is_on {
            bail!("--unsafe-fixes goes with --fix or --diff");
        }
        let level = if self.unsafe_fixes {
            Level::Unsafe
        } else {
            Level::Safe
        };
        let stdin = walk.inputs.iter().find_map(|input| match input {
            Input::Text { bytes, .. } => Some(Arc::clone(bytes)),
            Input::File { .. } => None,
        });
        Ok(Fixing {
            level: is_on.then_some(level),
            is_diff: self.diff,
            stdin: stdin.filter(|_| is_on && !self.diff),
        })
    }
}

impl Fixing {
    /// True if standard output is for a document, so that the report goes to standard error.
    pub(crate) fn has_document(&self) -> bool {
        self.stdin.is_some()
    }

    /// True if standard output is for a diff, and there is no report.
    pub(crate) fn is_diff(&self) -> bool {
        self.is_diff
    }

    /// Lints `walk` with `lint`, again and again if fixes are asked for.
    pub(crate) fn lint<E>(
        &self,
        walk: Walk,
        mut lint: impl FnMut(Walk) -> Result<Report, E>,
    ) -> Result<Fixed, E> {
        match self.level {
            Some(level) => fix::run(walk, level, lint),
            None => Ok(Fixed {
                report: lint(walk)?,
                files: Vec::new(),
                severity: None,
            }),
        }
    }

    /// Writes the files, or the diff, or the document of standard input. A file that cannot be written is complained
    /// about, nothing of it counts as fixed, and the others are written all the same.
    pub(crate) fn write(&self, fixed: &mut Fixed, terminal: &Terminal) -> Result<Status> {
        let mut out = terminal.stdout();
        let mut status = Status::Clean;
        let mut document = self.stdin.clone();
        for file in &fixed.files {
            if self.is_diff {
                let look = terminal.stdout_look();
                let shown = file.shown.as_ref().unwrap_or(&file.before);
                diff::write_shown(
                    &mut out,
                    &look,
                    file.input.name(),
                    (&file.before, shown),
                    &file.after,
                )?;
                continue;
            }
            match &file.input {
                Input::Text { .. } => document = Some(Arc::from(file.after.as_bytes())),
                Input::File { path, .. } => {
                    if let Err(error) = write_file(path, file.after.as_bytes()) {
                        terminal.complain(&error.to_string());
                        let summary = &mut fixed.report.summary;
                        summary.fixed = summary.fixed.saturating_sub(file.n_fixed);
                        status = Status::Wrong;
                    }
                }
            }
        }
        if let Some(document) = document {
            out.write_all(&document)?;
        }
        out.flush()?;
        Ok(status)
    }
}

/// One line about a diff: what it would fix and what would remain.
pub(crate) fn describe_diff(fixed: &Fixed) -> String {
    let n_fixed = fixed.report.summary.fixed;
    let n_left = fixed.report.findings.len();
    let findings = |number: usize| match number {
        1 => "1 finding".to_owned(),
        _ => format!("{number} findings"),
    };
    let files = match fixed.files.len() {
        1 => "1 file".to_owned(),
        number => format!("{number} files"),
    };
    match n_fixed {
        0 => format!("nothing to fix, {} would remain", findings(n_left)),
        _ => format!(
            "{} would be fixed in {files}, {} would remain",
            findings(n_fixed),
            findings(n_left)
        ),
    }
}
