//! What fixes make of a test's manifest: the text that is written down beside it, nothing left to find where a fix was
//! carried out, and nothing more to change the second time.

use std::sync::Arc;

use super::{Problem, Stage, Test, Verdict};
use crate::finding::Finding;
use crate::report::Report;

/// A text after its fixes.
struct Mended {
    text: String,
    /// The findings whose fix was carried out, as indices.
    findings: Vec<usize>,
}

/// Carries out all fixes, safe or not, as `--fix --unsafe-fixes` does; nothing if no finding has one.
fn mend(_name: &str, _text: &str, _report: &Report) -> Option<Mended> {
    None
}

/// The manifest after its fixes, if there are any, and what is wrong with it.
pub(super) fn check(
    stage: &mut Stage<'_>,
    test: &Test,
    report: &Report,
) -> (Option<String>, Vec<Problem>) {
    let (name, text) = &test.manifest;
    let Some(mended) = mend(name, text, report) else {
        let problems = test.fixed.iter().map(|(file, _)| Problem {
            verdict: Verdict::Mismatch,
            ..Problem::of_file(file, "there is nothing to fix in the manifest")
        });
        return (None, problems.collect());
    };
    let mut problems = Vec::new();
    let after = stage.lint(name, &mended.text);
    let fixed = mended.findings.iter();
    for finding in fixed.filter_map(|&nth| report.findings.get(nth)) {
        if after.findings.iter().any(|later| is_same(finding, later)) {
            problems.push(still_found(finding, text, &mended.text));
        }
    }
    if let Some(again) = mend(name, &mended.text, &after)
        && again.text != mended.text
    {
        problems.push(differs(
            name,
            "fixing a second time changes the manifest again",
            &mended.text,
            &again.text,
        ));
    }
    if let Some((file, wanted)) = &test.fixed
        && **wanted != *mended.text
    {
        problems.push(differs(
            file,
            "the fixes make something else of the manifest",
            wanted,
            &mended.text,
        ));
    }
    (Some(mended.text), problems)
}

/// True if both are about the same value of the same object.
fn is_same(a: &Finding, b: &Finding) -> bool {
    (a.document, a.item, a.check) == (b.document, b.item, b.check)
        && a.policy == b.policy
        && a.place.path == b.place.path
}

fn still_found(finding: &Finding, old: &str, new: &str) -> Problem {
    let policy = &finding.policy.name;
    Problem {
        object: finding.object.to_string(),
        ..differs(
            &finding.file,
            &format!("`{policy}` finds the same after its fix"),
            old,
            new,
        )
    }
}

fn differs(file: &Arc<str>, title: &str, old: &str, new: &str) -> Problem {
    Problem {
        verdict: Verdict::Mismatch,
        change: Some((Arc::clone(file), Arc::from(old), Arc::from(new))),
        ..Problem::of_file(file, title)
    }
}
