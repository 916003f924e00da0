//! A document's value as a tree of its own, and what an edit means to it. The text is changed elsewhere; what it reads
//! as afterwards is compared with what is computed here.

use palisade_abi::place::Step;
use palisade_abi::tape::{NodeId, Tape, Value as TapeValue};

use super::held::{Holding, no_document};
use super::{Edit, EditKind, Refusal};
use crate::manifest::{self, Document, Format};

/// A JSON value. Members are in the order of the text; two values are the same whatever their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// Any other number, as JSON text.
    Number(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A map; keys are distinct.
    Map(Vec<(String, Self)>),
    /// A scalar whose value is not known, as written.
    Unknown(String),
    /// A text that holds a document. Only what an edit goes into is such a value; it is the same as a text that says so.
    Held(Holding, Box<Self>),
}

impl Value {
    /// The value of `node` in `tape`.
    #[must_use]
    pub fn of(tape: &Tape, node: NodeId) -> Self {
        match tape.value(node) {
            TapeValue::Null => Self::Null,
            TapeValue::Bool(value) => Self::Bool(value),
            TapeValue::Int(value) => Self::Int(value),
            TapeValue::Float(text) => Self::number(text),
            TapeValue::String(text) => Self::Text(text.to_owned()),
            TapeValue::Unknown(text) => Self::Unknown(text.to_owned()),
            TapeValue::List(_) => {
                Self::List(tape.children(node).map(|at| Self::of(tape, at)).collect())
            }
            TapeValue::Map(_) => Self::Map(
                tape.children(node)
                    .map(|at| {
                        let key = tape.key(at).unwrap_or_default().to_owned();
                        (key, Self::of(tape, at))
                    })
                    .collect(),
            ),
        }
    }

    /// The value of a whole document.
    #[must_use]
    pub fn of_document(document: &Document) -> Self {
        Self::of(&document.tape, NodeId::ROOT)
    }

    /// The value that JSON text says; nothing if it is no JSON.
    #[must_use]
    pub fn parse(json: &str) -> Option<Self> {
        // In brackets, so that null is a document and a list of objects is not taken apart.
        let read = manifest::read(format!("[{json}]").as_bytes(), Format::Json);
        let [document] = read.documents.as_slice() else {
            return None;
        };
        if !read.problems.is_empty() {
            return None;
        }
        match Self::of_document(document) {
            Self::List(mut values) if values.len() == 1 => values.pop(),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Unknown(_)
            | Self::Held(..) => None,
        }
    }

    /// `1e3` is 1000 to a reader of YAML, so whole numbers are written as such.
    fn number(text: &str) -> Self {
        let is_whole = |number: &f64| number.fract() == 0.0 && number.abs() < 9e15;
        match text.parse::<f64>() {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            Ok(number) if is_whole(&number) => Self::Int(number as i64),
            _ => Self::Number(text.to_owned()),
        }
    }

    /// True if both are the same JSON value: members in any order, numbers by value.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => {
                a == b || a.parse::<f64>().is_ok_and(|a| b.parse() == Ok(a))
            }
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b))
            }
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|((key, a), (twin, near))| {
                        // Mostly they are in the same order.
                        if key == twin {
                            return a.is_same(near);
                        }
                        b.iter().any(|(twin, b)| key == twin && a.is_same(b))
                    })
            }
            (Self::Held(holding, value), Self::Text(text))
            | (Self::Text(text), Self::Held(holding, value)) => holding
                .value(text)
                .is_some_and(|other| value.is_same(&other)),
            (Self::Held(holding, value), Self::Held(twin, other)) => {
                holding == twin && value.is_same(other)
            }
            _ => self == other,
        }
    }

    /// True for a list or map without anything in it.
    #[must_use]
    pub fn is_empty_collection(&self) -> bool {
        match self {
            Self::List(elements) => elements.is_empty(),
            Self::Map(members) => members.is_empty(),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Unknown(_)
            | Self::Held(..) => false,
        }
    }

    /// True for a list or map with something in it.
    #[must_use]
    pub fn is_filled_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_)) && !self.is_empty_collection()
    }

    /// Does to this value what `edit` says.
    ///
    /// # Errors
    ///
    /// If the edit has no meaning here; the value is then of no use any more.
    pub fn apply(&mut self, edit: &Edit) -> Result<(), Refusal> {
        match &edit.kind {
            EditKind::Set(new) => self.set(&edit.path, new),
            EditKind::Append(new) => self.append(&edit.path, new),
            EditKind::Remove => self.remove(&edit.path),
            // It leaves this one as it is.
            EditKind::Create(_) => Ok(()),
        }
    }

    /// Sets what is at `path`, with the lists and maps above it.
    pub(super) fn set(&mut self, path: &[Step], new: &Self) -> Result<(), Refusal> {
        let Some((step, rest)) = path.split_first() else {
            *self = new.clone();
            return Ok(());
        };
        let child = self.enter(step)?;
        // The new element keeps the name by which it was looked for.
        if let (Step::Element { key, .. }, Self::Map(named), Self::Map(members), []) =
            (step, &mut *child, new, rest)
            && !members.iter().any(|(member, _)| member == key)
        {
            named.retain(|(member, _)| member == key);
            named.extend(members.iter().cloned());
            return Ok(());
        }
        child.set(rest, new)
    }

    fn append(&mut self, path: &[Step], new: &Self) -> Result<(), Refusal> {
        if let Some((step, rest)) = path.split_first() {
            return self.enter(step)?.append(rest, new);
        }
        if *self == Self::Null {
            *self = Self::List(Vec::new());
        }
        let Self::List(elements) = self else {
            return Err(Refusal::new("what should be longer is no list"));
        };
        elements.push(new.clone());
        Ok(())
    }

    fn remove(&mut self, path: &[Step]) -> Result<(), Refusal> {
        let Some((step, rest)) = path.split_first() else {
            return Err(Refusal::new("a whole object is not removed"));
        };
        let gone = || Refusal::new("there is nothing to remove");
        if let Step::Document { .. } = step {
            return self.enter(step)?.remove(rest);
        }
        let at = self.find(step).ok_or_else(gone)?;
        match self {
            Self::Map(members) if rest.is_empty() => drop(members.remove(at)),
            Self::List(elements) if rest.is_empty() => drop(elements.remove(at)),
            Self::Map(members) => {
                let (_, child) = members.get_mut(at).ok_or_else(gone)?;
                child.remove(rest)?;
            }
            Self::List(elements) => elements.get_mut(at).ok_or_else(gone)?.remove(rest)?,
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Unknown(_)
            | Self::Held(..) => return Err(gone()),
        }
        Ok(())
    }

    /// The position of what `step` leads to.
    fn find(&self, step: &Step) -> Option<usize> {
        match (self, step) {
            (Self::Map(members), Step::Key(key)) => {
                members.iter().position(|(member, _)| member == key)
            }
            (Self::List(elements), Step::Index(index)) => {
                ((*index as usize) < elements.len()).then_some(*index as usize)
            }
            (Self::List(elements), Step::Element { key, value }) => {
                let value = Self::parse(value)?;
                elements.iter().position(|element| match element {
                    Self::Map(members) => members
                        .iter()
                        .any(|(member, named)| member == key && named.is_same(&value)),
                    Self::Null
                    | Self::Bool(_)
                    | Self::Int(_)
                    | Self::Number(_)
                    | Self::Text(_)
                    | Self::List(_)
                    | Self::Unknown(_)
                    | Self::Held(..) => false,
                })
            }
            _ => None,
        }
    }

    /// What `step` leads to, made if it is missing.
    fn enter(&mut self, step: &Step) -> Result<&mut Self, Refusal> {
        if let &Step::Document { format, is_decoded } = step {
            return self.open(Holding { format, is_decoded });
        }
        if *self == Self::Null {
            *self = match step {
                Step::Key(_) => Self::Map(Vec::new()),
                Step::Index(_) | Step::Element { .. } | Step::Document { .. } => {
                    Self::List(Vec::new())
                }
            };
        }
        let found = self.find(step);
        match (self, step) {
            (Self::Map(members), Step::Key(key)) => {
                let at = found.unwrap_or_else(|| {
                    members.push((key.clone(), Self::Null));
                    members.len() - 1
                });
                members.get_mut(at).map(|(_, value)| value)
            }
            (Self::List(elements), Step::Index(index)) => {
                if *index as usize == elements.len() {
                    elements.push(Self::Null);
                }
                elements.get_mut(*index as usize)
            }
            (Self::List(elements), Step::Element { key, value }) => {
                let named = Self::parse(value).unwrap_or(Self::Null);
                let at = found.unwrap_or_else(|| {
                    elements.push(Self::Map(vec![(key.clone(), named)]));
                    elements.len() - 1
                });
                elements.get_mut(at)
            }
            _ => None,
        }
        .ok_or_else(|| Refusal::new("a value above it is of another type"))
    }

    /// What the document says that this text holds.
    fn open(&mut self, how: Holding) -> Result<&mut Self, Refusal> {
        if let Self::Text(text) = self
            && let Some(value) = how.value(text)
        {
            *self = Self::Held(how, Box::new(value));
        }
        if let Self::Held(holding, value) = self
            && *holding == how
        {
            return Ok(value);
        }
        Err(no_document())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Step {
        Step::Key(name.to_owned())
    }

    fn check(before: &str, kind: EditKind, path: &[Step], after: &str) {
        let mut value = Value::parse(before).unwrap();
        let edit = Edit {
            kind,
            path: path.to_vec(),
        };
        value.apply(&edit).unwrap();
        let after = Value::parse(after).unwrap();
        assert!(value.is_same(&after), "{value:?} is not {after:?}");
    }

    fn set(json: &str) -> EditKind {
        EditKind::Set(Value::parse(json).unwrap())
    }

    #[test]
    fn setting_makes_what_is_missing_above() {
        let path = [key("a"), key("b"), Step::Index(0)];
        check("{}", set("1"), &path, r#"{"a": {"b": [1]}}"#);
        check(r#"{"a": null}"#, set("1"), &path, r#"{"a": {"b": [1]}}"#);
        check(
            r#"{"a": {"b": [0]}}"#,
            set("1"),
            &path,
            r#"{"a": {"b": [1]}}"#,
        );
    }

    #[test]
    fn elements_are_found_by_their_key() {
        let element = Step::Element {
            key: "name".to_owned(),
            value: "\"x\"".to_owned(),
        };
        let list = r#"[{"name": "w"}, {"name": "x", "v": 1}]"#;
        let path = [element.clone(), key("v")];
        check(
            list,
            set("2"),
            &path,
            r#"[{"name": "w"}, {"v": 2, "name": "x"}]"#,
        );
        check("[]", set("2"), &path, r#"[{"name": "x", "v": 2}]"#);
        let whole = r#"{"v": 3}"#;
        check(
            list,
            set(whole),
            std::slice::from_ref(&element),
            r#"[{"name": "w"}, {"name": "x", "v": 3}]"#,
        );
        check(list, EditKind::Remove, &[element], r#"[{"name": "w"}]"#);
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        let refuse = |before: &str, kind: EditKind, path: &[Step]| {
            let mut value = Value::parse(before).unwrap();
            let edit = Edit {
                kind,
                path: path.to_vec(),
            };
            value.apply(&edit).unwrap_err().to_string()
        };
        assert_eq!(
            refuse(r#"{"a": "x"}"#, set("1"), &[key("a"), key("b")]),
            "a value above it is of another type"
        );
        assert_eq!(
            refuse("{}", EditKind::Remove, &[key("a")]),
            "there is nothing to remove"
        );
        assert_eq!(
            refuse("{}", EditKind::Remove, &[]),
            "a whole object is not removed"
        );
        assert_eq!(
            refuse(r#"{"a": {}}"#, EditKind::Append(Value::Null), &[key("a")]),
            "what should be longer is no list"
        );
    }

    #[test]
    fn json_is_one_value() {
        assert_eq!(Value::parse("1e3"), Some(Value::Int(1000)));
        assert_eq!(Value::parse("null"), Some(Value::Null));
        assert_eq!(Value::parse("1, 2"), None);
        assert_eq!(Value::parse("{"), None);
        let list = Value::parse(r#"{"kind": "List", "items": [{}]}"#);
        assert!(matches!(list, Some(Value::Map(_))));
    }
}
