//! What fixes make of a test's manifest: the text that is written down beside it, nothing left to find where a fix was
//! carried out, and nothing more to change the second time.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use super::{Problem, Stage, Test, Verdict};
use crate::finding::Finding;
use crate::fix::{self, Level};
use crate::report::Report;
use crate::walk::{Input, Walk};

/// The manifest after its fixes, if there are any, and what is wrong with it.
pub(super) fn check(
    stage: &mut Stage<'_>,
    test: &Test,
    report: &Report,
) -> (Option<String>, Vec<Problem>) {
    let (name, text) = &test.manifest;
    let (mended, after) = mend(stage, name, text);
    if *mended == **text {
        let problems = test.fixed.iter().map(|(file, _)| Problem {
            verdict: Verdict::Mismatch,
            ..Problem::of_file(file, "there is nothing to fix in the manifest")
        });
        return (None, problems.collect());
    }
    let mut problems = Vec::new();
    for finding in (report.findings.iter()).filter(|finding| finding.fix_level().is_some()) {
        if after.findings.iter().any(|later| is_same(finding, later)) {
            problems.push(still_found(finding, text, &mended));
        }
    }
    for finding in made_by_fixes(report, &after) {
        problems.push(newly_found(finding, text, &mended));
    }
    let (again, _) = mend(stage, name, &mended);
    if again != mended {
        let title = "fixing a second time changes the manifest again";
        problems.push(differs(name, title, &mended, &again));
    }
    if let Some((file, wanted)) = &test.fixed
        && **wanted != *mended
    {
        let title = "the fixes make something else of the manifest";
        problems.push(differs(file, title, wanted, &mended));
    }
    (Some(mended), problems)
}

/// What `--fix --unsafe-fixes` makes of a text, and what is found in it then.
fn mend(stage: &mut Stage<'_>, name: &Arc<str>, text: &str) -> (String, Report) {
    let walk = Walk {
        inputs: vec![Input::Text {
            name: Arc::clone(name),
            bytes: Arc::from(text.as_bytes()),
        }],
        ..Walk::default()
    };
    let lint = |walk: Walk| -> Result<Report, Infallible> {
        let mut report = Report::default();
        for input in &walk.inputs {
            if let Input::Text { name, bytes } = input {
                report = stage.lint(name, &String::from_utf8_lossy(bytes));
            }
        }
        Ok(report)
    };
    let Ok(fixed) = fix::run(walk, Level::Unsafe, lint);
    let mended = fixed.files.first();
    let mended = mended.map_or_else(|| text.to_owned(), |file| file.after.as_ref().to_owned());
    (mended, fixed.report)
}

/// What is found after the fixes more often than before. A removed element moves others, so that places do not tell.
fn made_by_fixes<'r>(before: &Report, after: &'r Report) -> Vec<&'r Finding> {
    let name = |finding: &Finding| {
        let policy = finding.policy.name.clone();
        let message = finding.message.clone();
        (
            finding.document,
            finding.item,
            policy,
            finding.check,
            message,
        )
    };
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for finding in &before.findings {
        *counts.entry(name(finding)).or_default() += 1;
    }
    let is_new = |finding: &&Finding| match counts.get_mut(&name(finding)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    after.findings.iter().filter(is_new).collect()
}

fn newly_found(finding: &Finding, old: &str, new: &str) -> Problem {
    let (policy, message) = (&finding.policy.name, &finding.message);
    Problem {
        object: finding.object.to_string(),
        ..differs(
            &finding.file,
            &format!("`{policy}` finds what the fixes made: {message}"),
            old,
            new,
        )
    }
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
