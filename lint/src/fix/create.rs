//! New objects: a document of their own after the last of the file that the finding is in.

use std::fmt;

use super::change::Change;
use super::site::{Site, Trail};
use super::value::Value;
use super::write::write_block;
use super::{Edit, EditKind, Refusal};
use crate::manifest::{Document, Format, Identity};

/// What an object is known by, whatever its version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name {
    group: String,
    kind: String,
    namespace: Option<String>,
    name: String,
}

impl Name {
    /// Of a new object, as far as it says so.
    pub(super) fn of_value(object: &Value) -> Self {
        let text = |path: &[&str]| text_at(object, path);
        Self::new(&Identity {
            api_version: text(&["apiVersion"]),
            kind: text(&["kind"]),
            namespace: text(&["metadata", "namespace"]),
            name: text(&["metadata", "name"]),
        })
    }

    /// Of an object of a file.
    pub(super) fn of_document(document: &Document) -> Self {
        Self::new(&document.identity())
    }

    fn new(identity: &Identity<'_>) -> Self {
        let group = identity.api_version.and_then(|text| text.split_once('/'));
        Self {
            group: group.map_or("", |(group, _)| group).to_owned(),
            kind: identity.kind.unwrap_or_default().to_owned(),
            namespace: identity.namespace.map(str::to_owned),
            name: identity.name.unwrap_or_default().to_owned(),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(out, "{} {namespace}/{}", self.kind, self.name),
            None => write!(out, "{} {}", self.kind, self.name),
        }
    }
}

fn text_at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    let mut at = value;
    for key in path {
        let Value::Map(members) = at else {
            return None;
        };
        at = members
            .iter()
            .find_map(|(name, member)| (name == key).then_some(member))?;
    }
    let Value::Text(text) = at else {
        return None;
    };
    Some(text)
}

/// The object that an edit makes, if it makes one.
pub(super) fn made_by(edit: &Edit) -> Option<&Value> {
    match &edit.kind {
        EditKind::Create(value) => Some(value),
        EditKind::Set(_) | EditKind::Append(_) | EditKind::Remove => None,
    }
}

/// What stands against making an object where there are others: nothing, `false` if it is there as it should be.
pub(super) fn is_new(object: &Value, others: &[Document]) -> Result<bool, Refusal> {
    let name = Name::of_value(object);
    match others.iter().find(|other| Name::of_document(other) == name) {
        None => Ok(true),
        Some(other) if Value::of_document(other).is_same(object) => Ok(false),
        Some(_) => Err(Refusal::new(format!(
            "there is another `{name}` in this file"
        ))),
    }
}

/// The text of a new document at the end of the file, in its style.
pub(super) fn append(site: &Site<'_>, trail: &Trail, object: &Value) -> Result<Change, Refusal> {
    if site.format() == Format::Json {
        return Err(Refusal::new("a JSON file holds one document"));
    }
    if !object.is_filled_collection() {
        return Err(Refusal::new("there is nothing in the new object"));
    }
    let text = site.lines.text();
    let style = site.style(trail);
    let line_break = style.line_break;
    let last = text.lines().next_back().unwrap_or_default();
    let mut out = String::new();
    if !text.is_empty() && !text.ends_with(['\n', '\r']) {
        out.push_str(line_break);
    }
    // What ends in a marker waits for a document already.
    if last.trim_end() != "---" {
        out.push_str("---");
        out.push_str(line_break);
    }
    out.push_str(&write_block(object, 0, style));
    out.push_str(line_break);
    Ok(Change::insert(text.len(), out))
}
