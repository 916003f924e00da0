//! Formats of a report, one file each. They write to what they are given and decide nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

pub mod compact;
pub mod diagnostic;
pub mod diff;
mod excerpt;
pub mod explain;
pub mod inspect;
pub mod json;
pub mod jsonl;
pub mod pack_test;
mod palette;
pub mod pretty;
mod text;

pub use palette::Palette;

use crate::finding::{FileError, Finding, Severity, Skipped, Suppressed, Unknown, Unread};
use crate::fix::Level;

/// How a person's report looks.
#[derive(Debug, Clone)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Colours, or none.
    pub palette: Palette,
}

/// Counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// Objects found in them.
    pub documents: usize,
    /// Policies that took part.
    pub policies: usize,
    /// Findings that were fixed, and are not in the report.
    pub fixed: usize,
}

/// Everything that a run says, in the order of reports.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Counts.
    pub summary: Summary,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What would be wrong, had the project not exempted it.
    pub suppressed: Vec<Suppressed>,
    /// Whether those are reported one by one.
    pub shows_suppressed: bool,
    /// What could not be decided.
    pub unknown: Vec<Unknown>,
    /// What could not be read.
    pub errors: Vec<FileError>,
    /// What stopped an evaluation: the policy is named in the message.
    pub failures: Vec<FileError>,
    /// Policies that could not be asked.
    pub skipped: Vec<Skipped>,
    /// What was passed over on purpose.
    pub unread: Vec<Unread>,
    /// The texts of the files that the lists above point into.
    pub sources: BTreeMap<Arc<str>, Arc<str>>,
    /// The texts as they are of those files of which `sources` hides secrets: what changes files needs them.
    pub whole: BTreeMap<Arc<str>, Arc<str>>,
}

impl Report {
    /// The text of a file that a finding points into.
    fn source(&self, file: &str) -> &str {
        self.sources.get(file).map_or("", |text| text)
    }

    /// The name and the text of a file that a finding points into, with its secrets.
    pub(crate) fn whole_source(&self, file: &str) -> Option<(&Arc<str>, &Arc<str>)> {
        (self.whole.get_key_value(file)).or_else(|| self.sources.get_key_value(file))
    }

    /// Findings with a fix that is carried out at `level`.
    #[must_use]
    pub fn n_fixable(&self, level: Level) -> usize {
        let is_fixable = |finding: &&Finding| finding.fix_level().is_some_and(|own| own <= level);
        self.findings.iter().filter(is_fixable).count()
    }

    /// Findings by severity, the most serious first, without the severities that have none.
    fn by_severity(&self) -> Vec<(Severity, usize)> {
        Severity::ALL
            .iter()
            .rev()
            .map(|&severity| {
                let has = |finding: &&Finding| finding.severity == severity;
                (severity, self.findings.iter().filter(has).count())
            })
            .filter(|&(_, count)| count > 0)
            .collect()
    }
}

/// `1 file`, `3 files`, `2 policies`.
fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}
