//! The report for programs. Fields may be added; those that are here keep their meaning.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use crate::finding::{FileError, Finding, ObjectName, Place, Skipped, Unknown, Unread};
use crate::fix::Level;

/// Writes `report` as one JSON value and a line break.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Whole::of(report))?;
    writeln!(out)
}

#[derive(Serialize)]
struct Whole<'a> {
    version: u32,
    summary: Counts,
    findings: Vec<Item<'a>>,
    unknown: Vec<Undecided<'a>>,
    skipped: Vec<PassedBy<'a>>,
    errors: Vec<Failure<'a>>,
    unread: Vec<PassedOver<'a>>,
}

#[derive(Serialize)]
pub(super) struct Counts {
    files: usize,
    documents: usize,
    policies: usize,
    findings: usize,
    unknown: usize,
    suppressed: usize,
    fixable: usize,
    fixed: usize,
}

#[derive(Serialize)]
pub(super) struct Item<'a> {
    policy: &'a str,
    pack: &'a str,
    severity: &'static str,
    title: &'a str,
    message: &'a str,
    file: &'a str,
    #[serde(flatten)]
    at: At<'a>,
    document: u32,
    item: Option<u32>,
    object: Object<'a>,
    related: Vec<Related<'a>>,
    controls: &'a [String],
    fix: Option<&'static str>,
    suppressed: Option<Because<'a>>,
}

/// Why a finding does not count.
#[derive(Serialize)]
struct Because<'a> {
    by: &'static str,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct At<'a> {
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    path: &'a str,
    missing: bool,
}

/// A place that takes part; with its file and object if that is another than the finding's.
#[derive(Serialize)]
struct Related<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<Object<'a>>,
    #[serde(flatten)]
    at: At<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    api_version: &'a str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Undecided<'a> {
    policy: &'a str,
    pack: &'a str,
    file: &'a str,
    #[serde(flatten)]
    at: At<'a>,
    document: u32,
    item: Option<u32>,
    object: Object<'a>,
    reason: &'static str,
}

#[derive(Serialize)]
pub(super) struct PassedBy<'a> {
    policy: &'a str,
    pack: &'a str,
    reason: &'static str,
}

#[derive(Serialize)]
pub(super) struct Failure<'a> {
    file: &'a str,
    line: Option<u32>,
    column: Option<u32>,
    message: &'a str,
}

#[derive(Serialize)]
pub(super) struct PassedOver<'a> {
    file: &'a str,
    reason: &'a str,
}

impl<'a> Whole<'a> {
    fn of(report: &'a Report) -> Self {
        Self {
            version: 1,
            summary: Counts::of(report),
            findings: Item::all_of(report).collect(),
            unknown: report.unknown.iter().map(Undecided::of).collect(),
            skipped: report.skipped.iter().map(PassedBy::of).collect(),
            errors: (report.errors.iter())
                .chain(&report.failures)
                .map(Failure::of)
                .collect(),
            unread: report.unread.iter().map(PassedOver::of).collect(),
        }
    }
}

impl Counts {
    pub(super) fn of(report: &Report) -> Self {
        Self {
            files: report.summary.files,
            documents: report.summary.documents,
            policies: report.summary.policies,
            findings: report.findings.len(),
            unknown: report.unknown.len(),
            suppressed: report.suppressed.len(),
            fixable: report.n_fixable(Level::Unsafe),
            fixed: report.summary.fixed,
        }
    }
}

impl<'a> Item<'a> {
    /// All findings of a report, and those that do not count where it shows them.
    pub(super) fn all_of(report: &'a Report) -> impl Iterator<Item = Self> {
        let shown = report.suppressed.iter().filter(|_| report.shows_suppressed);
        let exempt = shown.map(|suppressed| Self {
            suppressed: Some(Because {
                by: "config",
                reason: suppressed.reason.as_deref(),
            }),
            ..Self::of(&suppressed.finding)
        });
        report.findings.iter().map(Self::of).chain(exempt)
    }

    pub(super) fn of(finding: &'a Finding) -> Self {
        Self {
            policy: &finding.policy.name,
            pack: &finding.policy.pack,
            severity: finding.severity.as_str(),
            title: &finding.policy.title,
            message: &finding.message,
            file: &finding.file,
            at: At::of(&finding.place),
            document: finding.document,
            item: finding.item,
            object: Object::of(&finding.object),
            related: finding.related.iter().map(Related::of).collect(),
            controls: &finding.policy.controls,
            fix: finding.fix_level().map(Level::as_str),
            suppressed: None,
        }
    }
}

impl<'a> Related<'a> {
    fn of(place: &'a Place) -> Self {
        let other = place.other.as_deref();
        Self {
            file: other.map(|other| &*other.file),
            object: other.map(|other| Object::of(&other.object)),
            at: At::of(place),
        }
    }
}

impl<'a> At<'a> {
    fn of(place: &'a Place) -> Self {
        Self {
            line: place.lines.line,
            column: place.lines.column,
            end_line: place.lines.end_line,
            end_column: place.lines.end_column,
            path: &place.path,
            missing: !place.missing.is_empty(),
        }
    }
}

impl<'a> Object<'a> {
    fn of(object: &'a ObjectName) -> Self {
        Self {
            api_version: &object.api_version,
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: object.name.as_deref(),
        }
    }
}

impl<'a> Undecided<'a> {
    pub(super) fn of(unknown: &'a Unknown) -> Self {
        Self {
            policy: &unknown.policy.name,
            pack: &unknown.policy.pack,
            file: &unknown.file,
            at: At::of(&unknown.place),
            document: unknown.document,
            item: unknown.item,
            object: Object::of(&unknown.object),
            reason: unknown.reason,
        }
    }
}

impl<'a> Failure<'a> {
    pub(super) fn of(error: &'a FileError) -> Self {
        Self {
            file: &error.file,
            line: error.at.map(|(_, at)| at.line),
            column: error.at.map(|(_, at)| at.column),
            message: &error.message,
        }
    }
}

impl<'a> PassedBy<'a> {
    pub(super) fn of(skipped: &'a Skipped) -> Self {
        Self {
            policy: &skipped.policy.name,
            pack: &skipped.policy.pack,
            reason: skipped.reason,
        }
    }
}

impl<'a> PassedOver<'a> {
    pub(super) fn of(unread: &'a Unread) -> Self {
        Self {
            file: &unread.file,
            reason: &unread.reason,
        }
    }
}
