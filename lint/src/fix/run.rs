//! Fixing a whole run: lint, carry out fixes, lint what they made, until there is nothing to do. The last report says
//! what remains.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::apply::State;
use super::create::{Name, made_by};
use super::mend::mend_those;
use super::{EditKind, Fix, Level, Refusal};
use crate::finding::{Finding, Severity};
use crate::manifest::{self, Format};
use crate::report::Report;
use crate::walk::{Input, Walk};

/// Times that the files are linted and fixed again: a fix may show the next finding.
const MAX_ROUNDS: usize = 10;

/// A run after its fixes.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// What remains.
    pub report: Report,
    /// The files that change, in the order of the walk.
    pub files: Vec<FixedFile>,
    /// The worst of what was fixed.
    pub severity: Option<Severity>,
}

/// A file whose text changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedFile {
    /// Where it came from.
    pub input: Input,
    /// The text that was read.
    pub before: Arc<str>,
    /// The text with the fixes.
    pub after: Arc<str>,
    /// Findings that are fixed in it.
    pub n_fixed: usize,
}

/// Lints `walk` and carries out fixes up to `level` until nothing changes. Writes nothing.
///
/// # Errors
///
/// Those of `lint`.
pub fn run<E>(
    walk: Walk,
    level: Level,
    mut lint: impl FnMut(Walk) -> Result<Report, E>,
) -> Result<Fixed, E> {
    let original = walk.inputs.clone();
    let mut texts: BTreeMap<Arc<str>, (Arc<str>, Arc<str>)> = BTreeMap::new();
    let mut known = Known::default();
    let mut names = FxHashSet::default();
    for input in &original {
        if !names.insert(input.name()) {
            known.ambiguous.insert(Arc::clone(input.name()));
        }
    }
    let mut current = walk;
    let mut report = lint(current.clone())?;
    for _ in 0..MAX_ROUNDS {
        known.look_around(&report, level, &current);
        let changed = known.fix(&report, level);
        if changed.is_empty() {
            break;
        }
        for (name, before, after) in changed {
            let entry = texts
                .entry(name)
                .or_insert_with(|| (before, Arc::clone(&after)));
            entry.1 = after;
        }
        for input in &mut current.inputs {
            if let Some((_, after)) = texts.get(input.name()) {
                *input = Input::Text {
                    name: Arc::clone(input.name()),
                    bytes: Arc::from(after.as_bytes()),
                };
            }
        }
        report = lint(current.clone())?;
    }
    known.explain(&mut report);
    report.summary.fixed = known.n_fixed.values().sum();
    let files = original.into_iter().filter_map(|input| {
        let (before, after) = texts.get(input.name())?;
        (before != after).then(|| FixedFile {
            before: Arc::clone(before),
            after: Arc::clone(after),
            n_fixed: known.n_fixed.get(input.name()).copied().unwrap_or(0),
            input,
        })
    });
    Ok(Fixed {
        files: files.collect(),
        severity: known.severity,
        report,
    })
}

/// What was tried, by finding and edits.
#[derive(Debug, Default)]
struct Known {
    /// Done once; a policy that finds the same again would have it done for ever.
    done: FxHashSet<String>,
    refused: BTreeMap<String, Refusal>,
    /// By file.
    n_fixed: BTreeMap<Arc<str>, usize>,
    severity: Option<Severity>,
    /// Names of several inputs.
    ambiguous: FxHashSet<Arc<str>>,
    /// The objects of the run with their files, once a fix wants to make one.
    objects: Option<FxHashMap<Name, Arc<str>>>,
}

impl Known {
    /// Refuses to make objects that another file of the run has.
    fn look_around(&mut self, report: &Report, level: Level, walk: &Walk) {
        for finding in &report.findings {
            for fix in finding.fixes.iter().filter(|fix| fix.level() <= level) {
                let made = fix.edits.iter().filter_map(made_by);
                for name in made.map(Name::of_value) {
                    let objects = self.objects.get_or_insert_with(|| objects_of(walk));
                    // Of several files that want it the first has it.
                    let file = objects
                        .entry(name.clone())
                        .or_insert_with(|| Arc::clone(&finding.file));
                    if *file != finding.file {
                        let refusal = Refusal::new(format!("`{name}` is in {file}"));
                        self.refused.insert(key_of(finding, fix), refusal);
                    }
                }
            }
        }
    }

    /// Fixes each file that has something to fix; gives back name, old and new text of those that changed.
    fn fix(&mut self, report: &Report, level: Level) -> Vec<(Arc<str>, Arc<str>, Arc<str>)> {
        let mut changed = Vec::new();
        // Findings are sorted by file. Of two files with one name it is not known which a finding is about.
        for findings in report.findings.chunk_by(|a, b| a.file == b.file) {
            let Some((name, text)) = findings
                .first()
                .filter(|first| !self.ambiguous.contains(&first.file))
                .and_then(|first| report.whole_source(&first.file))
            else {
                continue;
            };
            let mended = mend_those(name, text, findings, |finding, fix| {
                let key = key_of(finding, fix);
                fix.level() <= level
                    && !self.done.contains(&key)
                    && !self.refused.contains_key(&key)
            });
            for finding in mended.done().filter_map(|nth| findings.get(nth)) {
                *self.n_fixed.entry(Arc::clone(name)).or_default() += 1;
                self.severity = self.severity.max(Some(finding.severity));
            }
            for (nth, which, state) in mended.states {
                let Some(finding) = findings.get(nth) else {
                    continue;
                };
                let Some(fix) = finding.fixes.get(which) else {
                    continue;
                };
                match state {
                    State::Done if is_repeatable(fix) => {}
                    State::Done => drop(self.done.insert(key_of(finding, fix))),
                    State::Refused(refusal) => {
                        self.refused.insert(key_of(finding, fix), refusal);
                    }
                    State::Overtaken => {}
                }
            }
            if *mended.text != **text {
                changed.push((Arc::clone(name), Arc::clone(text), Arc::from(mended.text)));
            }
        }
        changed
    }

    /// Says of what remains why it could not be fixed.
    fn explain(&self, report: &mut Report) {
        for finding in &mut report.findings {
            let mut fixes = std::mem::take(&mut finding.fixes);
            for fix in &mut fixes {
                let key = key_of(finding, fix);
                if let Some(refusal) = self.refused.get(&key) {
                    fix.refusal = Some(refusal.clone());
                } else if self.done.contains(&key) {
                    fix.refusal = Some(Refusal::new("it was carried out and did not help"));
                }
            }
            finding.fixes = fixes;
        }
    }
}

/// The objects of all files, by name; of two of one name the first counts.
fn objects_of(walk: &Walk) -> FxHashMap<Name, Arc<str>> {
    let mut objects = FxHashMap::default();
    for input in &walk.inputs {
        let bytes: Arc<[u8]> = match input {
            // One that cannot be read is an error of the run already.
            Input::File { path, .. } => match std::fs::read(path) {
                Ok(bytes) => Arc::from(bytes),
                Err(_) => continue,
            },
            Input::Text { bytes, .. } => Arc::clone(bytes),
        };
        let read = manifest::read(&bytes, Format::of_name(input.name()));
        for document in &read.documents {
            let name = Name::of_document(document);
            objects
                .entry(name)
                .or_insert_with(|| Arc::clone(input.name()));
        }
    }
    objects
}

/// Removing the first element can be meant again when the second is the first.
fn is_repeatable(fix: &Fix) -> bool {
    fix.edits.iter().all(|edit| edit.kind == EditKind::Remove)
}

fn key_of(finding: &Finding, fix: &Fix) -> String {
    format!(
        "{}\0{}\0{}\0{}\0{:?}\0{:?}",
        finding.file, finding.policy.name, finding.check, finding.document, finding.item, fix.edits
    )
}
