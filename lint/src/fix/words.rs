//! A fix in words, for people.

use std::fmt::Write;

use palisade_abi::place::Step;

use super::create::Name;
use super::value::Value;
use super::{Edit, EditKind, Fix};
use crate::finding::path_text;

/// Characters of a value that are shown.
const MAX_VALUE: usize = 60;

impl Fix {
    /// What it does, such as ``remove `securityContext.privileged` ``.
    #[must_use]
    pub fn describe(&self) -> String {
        let parts: Vec<String> = self.edits.iter().map(Edit::describe).collect();
        parts.join(", ")
    }
}

impl Edit {
    fn describe(&self) -> String {
        let name = path_text(short(&self.path));
        match &self.kind {
            EditKind::Set(value) => format!("set `{name}` to {}", show(value)),
            EditKind::Append(value) => format!("append {} to `{name}`", show(value)),
            EditKind::Remove => format!("remove `{name}`"),
            EditKind::Create(value) => format!("create {}", Name::of_value(value)),
        }
    }
}

/// The way from the innermost element of a list that holds it: what is said of a container is said within the container,
/// what is said of its pod all the way.
fn short(path: &[Step]) -> &[Step] {
    let is_key = |step: &Step| matches!(step, Step::Key(_) | Step::Document { .. });
    let last = path.iter().rposition(is_key).unwrap_or(0);
    let around = path.get(..last).unwrap_or_default();
    let first = around.iter().rposition(|step| !is_key(step));
    path.get(first.map_or(0, |element| element + 1)..)
        .unwrap_or_default()
}

fn show(value: &Value) -> String {
    let mut text = String::new();
    push_json(&mut text, value);
    if text.chars().count() <= MAX_VALUE {
        return text;
    }
    text.chars().take(MAX_VALUE - 1).chain(['…']).collect()
}

fn push_json(out: &mut String, value: &Value) {
    // Writing to a string does not fail.
    let _ = match value {
        Value::Null => write!(out, "null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Int(value) => write!(out, "{value}"),
        Value::Number(text) => write!(out, "{text}"),
        Value::Text(text) | Value::Unknown(text) => {
            crate::manifest::push_string(out, text);
            Ok(())
        }
        Value::Held(_, value) => {
            push_json(out, value);
            Ok(())
        }
        Value::List(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                push_json(out, element);
            }
            out.push(']');
            Ok(())
        }
        Value::Map(members) => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                let _ = write!(out, "{key}: ");
                push_json(out, value);
            }
            out.push('}');
            Ok(())
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_reads_as_a_sentence() {
        let key = |name: &str| Step::Key(name.to_owned());
        let edit = |kind, path: &[Step]| Edit {
            kind,
            path: path.to_vec(),
        };
        let set = EditKind::Set(Value::parse(r#"{"a": [1, "x"]}"#).unwrap());
        let append = EditKind::Append(Value::Text("ALL".to_owned()));
        let fix = Fix {
            is_safe: true,
            edits: vec![
                edit(set, &[key("items"), Step::Index(0), key("spec"), key("x")]),
                edit(append, &[key("capabilities"), key("drop")]),
                edit(
                    EditKind::Remove,
                    &[key("a"), Step::Index(2), key("drop"), Step::Index(1)],
                ),
            ],
            refusal: None,
        };
        assert_eq!(
            fix.describe(),
            "set `spec.x` to {a: [1, \"x\"]}, append \"ALL\" to `capabilities.drop`, remove `drop[1]`"
        );
    }
}
