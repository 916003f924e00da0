//! The fixes of a file's findings.

use super::apply::{Applied, State, Wanted, apply};
use super::{Fix, Level};
use crate::finding::Finding;
use crate::manifest::Format;

/// A file after the fixes of its findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The text, changed or not.
    pub text: String,
    /// The position of a finding in the list that was given, that of the fix in the finding, and what became of it.
    pub states: Vec<(usize, usize, State)>,
}

impl Mended {
    /// The findings of which a fix is in the text.
    pub fn done(&self) -> impl Iterator<Item = usize> + '_ {
        let is_done = |(_, _, state): &&(usize, usize, State)| *state == State::Done;
        let mut findings: Vec<usize> = self
            .states
            .iter()
            .filter(is_done)
            .map(|done| done.0)
            .collect();
        findings.dedup();
        findings.into_iter()
    }
}

/// Carries out the fixes up to `level` of those `findings` that are about the file `name`, which holds `text`.
#[must_use]
pub fn mend(name: &str, text: &str, findings: &[Finding], level: Level) -> Mended {
    mend_those(name, text, findings, |_, fix| fix.level() <= level)
}

/// The same for the fixes that `chosen` takes.
pub(super) fn mend_those(
    name: &str,
    text: &str,
    findings: &[Finding],
    chosen: impl Fn(&Finding, &Fix) -> bool,
) -> Mended {
    let (mut ids, mut wanted) = (Vec::new(), Vec::new());
    for (nth, finding) in findings.iter().enumerate() {
        if *finding.file != *name {
            continue;
        }
        for (which, fix) in finding.fixes.iter().enumerate() {
            if fix.refusal.is_none() && chosen(finding, fix) {
                ids.push((nth, which));
                wanted.push(Wanted {
                    document: finding.document,
                    item: finding.item,
                    fix,
                });
            }
        }
    }
    let Applied { text, states } = apply(text, Format::of_name(name), &wanted);
    let states = ids.into_iter().zip(states);
    Mended {
        text,
        states: states
            .map(|((nth, which), state)| (nth, which, state))
            .collect(),
    }
}
