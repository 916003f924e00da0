//! Loading packs for a command, and saying what is wrong with them.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use palisade_lint::packs::cache::Cache;
use palisade_lint::packs::{self, Checked, PackError, Packs, Standard};

use crate::terminal::Terminal;

/// The packs at `paths`; nothing if they do not compile, which has been said on standard error.
pub(crate) fn load(
    standard: Standard,
    paths: &[PathBuf],
    cache: Option<&Cache>,
    terminal: &Terminal,
) -> Result<Option<Packs>> {
    match packs::load_cached(standard, paths, cache) {
        Ok(loaded) => {
            report(&loaded.checked, terminal)?;
            Ok(Some(loaded))
        }
        Err(PackError::Diagnostics(checked)) => {
            report(&checked, terminal)?;
            terminal.complain(&summary(&checked));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes the diagnostics of `checked` on standard error.
pub(crate) fn report(checked: &[Checked], terminal: &Terminal) -> Result<()> {
    let mut err = terminal.stderr();
    let look = terminal.stderr_look();
    for pack in checked {
        Terminal::draw_diagnostics(&mut err, &look, &pack.diagnostics, &pack.sources)?;
    }
    err.flush()?;
    Ok(())
}

/// `2 errors and 1 warning in the policies`.
pub(crate) fn summary(checked: &[Checked]) -> String {
    use palisade_lang::diagnostic::Level;
    let count = |level: Level, noun: &str| {
        let number = checked
            .iter()
            .flat_map(|pack| &pack.diagnostics)
            .filter(|diagnostic| diagnostic.level == level)
            .count();
        match number {
            0 => None,
            1 => Some(format!("1 {noun}")),
            _ => Some(format!("{number} {noun}s")),
        }
    };
    let parts: Vec<String> = [
        count(Level::Error, "error"),
        count(Level::Warning, "warning"),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!("{} in the policies", parts.join(" and "))
}
