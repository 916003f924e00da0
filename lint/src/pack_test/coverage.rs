//! What tests reach of a pack: for each policy a finding and a pass, and each of its checks found once.

use std::collections::BTreeSet;

use palisade_abi::tape::NodeId;

use super::Bench;
use super::content::Content;
use crate::manifest::Document;
use crate::packs::Pack;
use crate::report::Report;
use crate::run::is_object;

/// What a test, or several, reached. Policies are numbers of their module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Policies that ran on an object of a kind that they are about.
    ran: BTreeSet<u32>,
    /// Policies that had nothing to say about such an object.
    passed: BTreeSet<u32>,
    /// Checks that found something, by policy; check 0 is a value of the wrong shape.
    found: BTreeSet<(u32, u32)>,
}

impl Reach {
    /// Adds what another test reached.
    pub fn extend(&mut self, other: &Self) {
        self.ran.extend(&other.ran);
        self.passed.extend(&other.passed);
        self.found.extend(&other.found);
    }
}

/// What no test reaches of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The policy.
    pub policy: String,
    /// What is missing.
    pub kind: GapKind,
}

/// Which part of a policy no test reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapKind {
    /// No test has an object that it is about.
    NeverRun,
    /// It never finds anything.
    NoFinding,
    /// It is never content with an object.
    NoPass,
    /// This check never finds anything, though others of the policy do; counted from 1 in the order of text.
    Check(u32),
}

/// How much of a pack its tests reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Policies of the pack.
    pub n_policies: usize,
    /// Those of them that are found and passed.
    pub n_covered: usize,
    /// Checks of the pack.
    pub n_checks: usize,
    /// Those of them that find something.
    pub n_found: usize,
    /// What is missing, in the order of the policies.
    pub gaps: Vec<Gap>,
}

/// What `reach` covers of a pack.
#[must_use]
pub fn cover(pack: &Pack, reach: &Reach) -> Coverage {
    let mut coverage = Coverage::default();
    for (number, policy) in (0..).zip(&pack.policies) {
        let n_checks = (pack.module.policy(number)).map_or(0, |entry| entry.n_checks.max(1) - 1);
        let found: BTreeSet<u32> = (1..=n_checks)
            .filter(|&check| reach.found.contains(&(number, check)))
            .collect();
        let has_finding = !found.is_empty() || reach.found.contains(&(number, 0));
        coverage.n_policies += 1;
        coverage.n_checks += n_checks as usize;
        coverage.n_found += found.len();
        let mut kinds = Vec::new();
        if !reach.ran.contains(&number) {
            kinds.push(GapKind::NeverRun);
        } else {
            if !has_finding {
                kinds.push(GapKind::NoFinding);
            }
            if !reach.passed.contains(&number) {
                kinds.push(GapKind::NoPass);
            }
        }
        coverage.n_covered += usize::from(kinds.is_empty());
        if has_finding {
            let unfound = (1..=n_checks).filter(|check| !found.contains(check));
            kinds.extend(unfound.map(GapKind::Check));
        }
        coverage.gaps.extend(kinds.into_iter().map(|kind| Gap {
            policy: policy.name.clone(),
            kind,
        }));
    }
    coverage
}

/// What a run of `policies` reached.
pub(super) fn measure(
    bench: &Bench<'_>,
    policies: &[u32],
    content: &Content,
    report: &Report,
) -> Reach {
    let mut reach = Reach::default();
    for &policy in policies {
        let Some(info) = bench.pack.policies.get(policy as usize) else {
            continue;
        };
        let is_of = |name: &str, pack: &str| name == info.name && pack == info.pack;
        let findings: Vec<_> = (report.findings.iter())
            .filter(|finding| is_of(&finding.policy.name, &finding.policy.pack))
            .collect();
        let unknown: Vec<_> = (report.unknown.iter())
            .filter(|unknown| is_of(&unknown.policy.name, &unknown.policy.pack))
            .collect();
        for finding in &findings {
            reach.found.insert((policy, finding.check));
        }
        let objects = content.documents.iter();
        let objects = objects.filter(|document| is_about(bench, &info.name, document));
        let kinds = bench.docs.kinds_of(&info.name);
        let of_kinds = content.of_kinds.iter();
        let of_kinds = of_kinds.filter(|(kind, _)| kinds.contains(&kind.as_str()));
        for document in objects.chain(of_kinds.map(|(_, document)| document)) {
            reach.ran.insert(policy);
            let holds = |index, item| (index, item) == (document.index, document.item);
            let has_result = (findings.iter()).any(|seen| holds(seen.document, seen.item))
                || (unknown.iter()).any(|seen| holds(seen.document, seen.item));
            if !has_result {
                reach.passed.insert(policy);
            }
        }
    }
    reach
}

/// True if the document's kind is one that the policy is on.
fn is_about(bench: &Bench<'_>, policy: &str, document: &Document) -> bool {
    if !is_object(document) {
        return false;
    }
    let text = |key: &str| document.tape.str_at(NodeId::ROOT, &[key]);
    let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) else {
        return false;
    };
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    // A kind may have been served in other groups before; the index knows them all.
    let route = (bench.routes.iter())
        .find(|route| route.kind == kind && route.groups.iter().any(|known| known == group));
    let Some(route) = route else {
        return false;
    };
    let name = match route.groups.first().map(String::as_str) {
        None | Some("") => route.kind.clone(),
        Some(group) => format!("{group}/{}", route.kind),
    };
    bench.docs.kinds_of(policy).contains(&name.as_str())
}
