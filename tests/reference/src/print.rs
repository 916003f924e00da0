//! Values in messages.

use palisade_abi::tape::Value as Scalar;
use palisade_lang::program::{BaseType, MessagePart};

use crate::eval::Evaluator;
use crate::value::{Item, Node, Value};
use crate::verdict::Reason;

/// Elements of a list that are printed before the rest is only counted.
const PRINTED: usize = 5;

const UNKNOWN: &str = "(unknown)";
const NOT_SET: &str = "(not set)";

impl<'a> Evaluator<'a> {
    /// The text of a message. Its reads make no findings.
    pub(crate) fn message(&mut self, parts: &'a [MessagePart]) -> String {
        for part in parts {
            self.coverage.count_part(part);
        }
        self.quietly(|this| {
            parts
                .iter()
                .map(|part| match part {
                    MessagePart::Text(text) => text.clone(),
                    MessagePart::Value(expr) => {
                        let value = this.eval(expr);
                        this.print(&value, &expr.ty.base)
                    }
                    MessagePart::Object(expr) => {
                        let value = this.eval(expr);
                        this.print_object(&value)
                    }
                })
                .collect()
        })
    }

    /// A value as messages print it; its type tells an absent list from any other absent value.
    pub(crate) fn print(&self, value: &Value, ty: &BaseType) -> String {
        if let Some(reason) = value.unknown() {
            return unknown(reason);
        }
        match value {
            Value::Absent if matches!(ty, BaseType::List(_)) => print_list(&[]),
            Value::Node(node) if matches!(self.tapes.scalar(*node), Scalar::List(_)) => {
                let items: Vec<String> = self
                    .tapes
                    .children(*node)
                    .into_iter()
                    .map(|child| self.print_node(child))
                    .collect();
                print_list(&items)
            }
            Value::List(list) => {
                let items: Vec<String> = list
                    .items
                    .iter()
                    .map(|item| self.print_item(item))
                    .collect();
                print_list(&items)
            }
            _ => self.print_scalar(value),
        }
    }

    /// An object as `Kind namespace/name`.
    pub(crate) fn print_object(&self, value: &Value) -> String {
        if value.unknown().is_some() {
            return UNKNOWN.to_owned();
        }
        let Some(node) = value.node() else {
            return NOT_SET.to_owned();
        };
        let text = |path: &[&str]| self.tapes.str_at(node, path);
        let kind = text(&["kind"]).unwrap_or("object");
        let name = match (
            text(&["metadata", "name"]),
            text(&["metadata", "generateName"]),
        ) {
            (Some(name), _) => name.to_owned(),
            (None, Some(start)) => format!("{start}*"),
            (None, None) => return format!("{kind} (unnamed)"),
        };
        match text(&["metadata", "namespace"]) {
            Some(namespace) => format!("{kind} {namespace}/{name}"),
            None => format!("{kind} {name}"),
        }
    }

    fn print_item(&self, item: &Item) -> String {
        match item {
            Item::Node(node) => self.print_node(*node),
            Item::Value(value) | Item::Placed(value, _) => match value.unknown() {
                Some(reason) => unknown(reason),
                None => self.print_scalar(value),
            },
        }
    }

    fn print_scalar(&self, value: &Value) -> String {
        match value {
            Value::Absent => NOT_SET.to_owned(),
            Value::Unknown(reason) => unknown(*reason),
            Value::Node(node) => self.print_node(*node),
            Value::Bool(b) => b.to_string(),
            Value::Int(i) => i.to_string(),
            Value::Float(text)
            | Value::String(text)
            | Value::Key(text, _)
            | Value::Quantity(text) => text.clone(),
            Value::List(_) | Value::Map(_) => "…".to_owned(),
        }
    }

    /// A node by its kind; what is inside a list is printed by its kind alone, whatever its type.
    fn print_node(&self, node: Node) -> String {
        match self.tapes.scalar(node) {
            Scalar::Null => "null".to_owned(),
            Scalar::Bool(b) => b.to_string(),
            Scalar::Int(i) => i.to_string(),
            Scalar::Float(text) | Scalar::String(text) => text.to_owned(),
            Scalar::List(_) | Scalar::Map(_) => "…".to_owned(),
            Scalar::Unknown(_) => UNKNOWN.to_owned(),
        }
    }
}

/// What is required and missing is not set either.
fn unknown(reason: Reason) -> String {
    match reason {
        Reason::Missing => NOT_SET.to_owned(),
        _ => UNKNOWN.to_owned(),
    }
}

fn print_list(items: &[String]) -> String {
    match items {
        [] => "(none)".to_owned(),
        [only] => only.clone(),
        _ if items.len() > PRINTED => {
            let shown: Vec<&str> = items.iter().take(PRINTED).map(String::as_str).collect();
            format!("{} and {} more", shown.join(", "), items.len() - PRINTED)
        }
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}
