//! What a run says about manifests: findings, what could not be decided, and what could not be read.
//!
//! A place is symbolic first (document, path, what is missing there) and a span last.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use palisade_abi::place::Step;

use crate::fix::{Fix, Level};
use crate::manifest::{LineColumns, Span};

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// An opinion.
    Info,
    /// See [`Severity::Info`].
    Low,
    /// See [`Severity::Info`].
    Medium,
    /// See [`Severity::Info`].
    High,
    /// See [`Severity::Info`].
    Critical,
}

impl Severity {
    /// All, the least serious first; the position is the number that modules use.
    pub const ALL: [Self; 5] = [
        Self::Info,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The severity with a module's number; numbers above the last count as critical.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL
            .get(usize::from(number))
            .copied()
            .unwrap_or(Self::Critical)
    }

    /// The word that policies, options and reports use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a report says about a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyInfo {
    /// Its name.
    pub name: String,
    /// The pack that it is of.
    pub pack: String,
    /// How things should be, in a line; may be empty.
    pub title: String,
    /// The frameworks' controls that it encodes.
    pub controls: Vec<String>,
    /// Whether it runs unless something else is asked for.
    pub on_by_default: bool,
    /// Whether it judges objects that are made, as files are, rather than changes or deletions alone.
    pub judges_files: bool,
}

/// The object that a document holds, as its author names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectName {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// The namespace, if the manifest says one.
    pub namespace: Option<String>,
    /// The name, if the manifest says one.
    pub name: Option<String>,
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        match (&self.namespace, &self.name) {
            (Some(namespace), Some(name)) => write!(f, " {namespace}/{name}"),
            (None, Some(name)) => write!(f, " {name}"),
            (_, None) => f.write_str(" (unnamed)"),
        }
    }
}

/// A position in a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From the object to the value, what is missing included: `spec.containers[0].image`.
    pub path: String,
    /// The steps that are not in the manifest; empty when the value is there.
    pub missing: Vec<Step>,
    /// The bytes shown: those of the value, or of the key of the nearest thing that is there.
    pub span: Span,
    /// The same in lines and columns.
    pub lines: LineColumns,
    /// The object that it is in, if that is another than the finding's.
    pub other: Option<Arc<Other>>,
}

/// An object besides the one that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its file, as reports name it.
    pub file: Arc<str>,
    /// Its name.
    pub object: ObjectName,
}

/// A check that fails at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The policy.
    pub policy: Arc<PolicyInfo>,
    /// The check, by its number in its module.
    pub check: u32,
    /// How serious it is.
    pub severity: Severity,
    /// What this object does, with its names and values.
    pub message: String,
    /// The file, as reports name it.
    pub file: Arc<str>,
    /// Which document of the file, from 0.
    pub document: u32,
    /// Which item of it, if it is a list.
    pub item: Option<u32>,
    /// The object.
    pub object: Arc<ObjectName>,
    /// Where.
    pub place: Place,
    /// Other places that take part.
    pub related: Vec<Place>,
    /// What would mend it, each on its own.
    pub fixes: Vec<Fix>,
}

impl Finding {
    /// The level at which a fix of it is carried out; nothing if it has none that can be.
    #[must_use]
    pub fn fix_level(&self) -> Option<Level> {
        let possible = self.fixes.iter().filter(|fix| fix.refusal.is_none());
        possible.map(Fix::level).min()
    }

    /// The order of reports: file, line, column, policy, message, check.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let key = |finding: &Self| (finding.place.lines.line, finding.place.lines.column);
        self.file
            .cmp(&other.file)
            .then_with(|| key(self).cmp(&key(other)))
            .then_with(|| self.policy.name.cmp(&other.policy.name))
            .then_with(|| self.message.cmp(&other.message))
            .then_with(|| self.check.cmp(&other.check))
            .then_with(|| (self.document, self.item).cmp(&(other.document, other.item)))
            .then_with(|| self.policy.pack.cmp(&other.policy.pack))
    }
}

/// A finding that the project exempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// What was found.
    pub finding: Finding,
    /// Why it does not count, as the project says it.
    pub reason: Option<String>,
}

/// A check that could not be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The policy.
    pub policy: Arc<PolicyInfo>,
    /// The check, by its number in its module.
    pub check: u32,
    /// Why: `template`, `budget` and the like.
    pub reason: &'static str,
    /// The file, as reports name it.
    pub file: Arc<str>,
    /// Which document of the file, from 0.
    pub document: u32,
    /// Which item of it, if it is a list.
    pub item: Option<u32>,
    /// The object.
    pub object: Arc<ObjectName>,
    /// Where.
    pub place: Place,
}

impl Unknown {
    /// The order of reports: file, line, column, policy, check.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let key = |unknown: &Self| (unknown.place.lines.line, unknown.place.lines.column);
        self.file
            .cmp(&other.file)
            .then_with(|| key(self).cmp(&key(other)))
            .then_with(|| self.policy.name.cmp(&other.policy.name))
            .then_with(|| self.check.cmp(&other.check))
            .then_with(|| self.document.cmp(&other.document))
    }
}

/// An input, or a part of one, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file, as reports name it.
    pub file: Arc<str>,
    /// The bytes that are wrong and where they are, if the file could be opened.
    pub at: Option<(Span, LineColumns)>,
    /// What is wrong, in a line.
    pub message: String,
}

impl FileError {
    /// The order of reports: file, place, message.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let key = |error: &Self| error.at.map(|(span, _)| span.start);
        self.file
            .cmp(&other.file)
            .then_with(|| key(self).cmp(&key(other)))
            .then_with(|| self.message.cmp(&other.message))
    }
}

/// A policy that could not be asked about what was linted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The policy.
    pub policy: Arc<PolicyInfo>,
    /// Why, in a line.
    pub reason: &'static str,
}

impl Skipped {
    /// The order of reports: policy, pack.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let (one, other) = (&self.policy, &other.policy);
        (&one.name, &one.pack).cmp(&(&other.name, &other.pack))
    }
}

/// A file that was passed over on purpose although it may hold objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The file or folder, as reports name it.
    pub file: Arc<str>,
    /// Why, in a line.
    pub reason: String,
}

/// From a text to the document that it holds.
const INTO: &str = " -> ";

/// Spells steps: `resources.limits`, `labels["app.kubernetes.io/name"]`.
#[must_use]
pub fn path_text<'a>(steps: impl IntoIterator<Item = &'a Step>) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Key(key) if is_plain_key(key) => {
                if !text.is_empty() && !text.ends_with(INTO) {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Key(key) => {
                text.push('[');
                text.push_str(&quote(key));
                text.push(']');
            }
            Step::Index(index) => {
                text.push_str(&format!("[{index}]"));
            }
            Step::Element { key, value } => {
                text.push_str(&format!("[?(@.{key}=={value})]"));
            }
            Step::Document { .. } => text.push_str(INTO),
        }
    }
    text
}

/// True for a key that a path shows without quotes: letters, digits, `_` and `-`, not beginning with a digit.
fn is_plain_key(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn quote(key: &str) -> String {
    serde_json::Value::from(key).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_quotes_keys_that_are_no_identifiers() {
        let steps = [
            Step::Key("metadata".into()),
            Step::Key("annotations".into()),
            Step::Key("a.b/c".into()),
            Step::Index(2),
            Step::Key("image-name".into()),
        ];
        assert_eq!(
            path_text(&steps),
            r#"metadata.annotations["a.b/c"][2].image-name"#
        );
    }

    #[test]
    fn numbers_of_severities_are_those_of_the_interface() {
        assert_eq!(Severity::from_number(0), Severity::Info);
        assert_eq!(Severity::from_number(4), Severity::Critical);
        assert!(Severity::Low < Severity::High);
    }
}
