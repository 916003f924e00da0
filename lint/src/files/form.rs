//! Documents in a form that their kind does not know, such as a report in a later version.

use palisade_abi::tape::{Kind, NodeId, Value};
use palisade_lang::program::{Expects, FileKind};

use crate::manifest::{Document, Problem, ProblemKind};

/// What the document says otherwise than its kind expects, at the nearest value that is there.
pub(crate) fn find_foreign_form(document: &Document, kind: &FileKind) -> Option<Problem> {
    let expects = kind.expects.as_ref()?;
    let mut node = NodeId::ROOT;
    for key in &expects.path {
        let member = document.tape.member(node, key);
        match member.filter(|member| document.tape.kind(*member) != Kind::Null) {
            Some(member) => node = member,
            None => return Some(at(document, node, &missing(expects, &kind.name))),
        }
    }
    let value = written(document.tape.value(node));
    let is_known = |known: &String| value.as_ref() == Some(known);
    if expects.values.is_empty() || expects.values.iter().any(is_known) {
        return None;
    }
    let path = expects.path_text();
    let said = value.unwrap_or_else(|| "of another type".to_owned());
    let known = expects.values.join(" or ");
    let message = format!("`{path}` is {said}; `{}` reads {known}", kind.name);
    Some(at(document, node, &message))
}

fn missing(expects: &Expects, kind: &str) -> String {
    let path = expects.path_text();
    if expects.values.is_empty() {
        return format!("no `{path}` here, which every `{kind}` has");
    }
    let known = expects.values.join(" or ");
    format!("no `{path}` here; `{kind}` reads {known}")
}

fn at(document: &Document, node: NodeId, message: &str) -> Problem {
    Problem::new(ProblemKind::Object, document.span(node), message)
}

/// A scalar as text.
fn written(value: Value<'_>) -> Option<String> {
    Some(match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(text) | Value::String(text) | Value::Unknown(text) => text.to_owned(),
        Value::Null | Value::List(_) | Value::Map(_) => return None,
    })
}
