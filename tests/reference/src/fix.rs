//! Fixes of findings.

use palisade_abi::tape::{Kind, Value as Scalar};
use palisade_lang::program::{Edit, EditKind, Fix};

use crate::document::Document;
use crate::eval::Evaluator;
use crate::value::{Item, Kleene, Node, Value};
use crate::verdict::Change;

impl<'a> Evaluator<'a> {
    /// The changes of the first fix that can be made.
    pub(crate) fn fix(&mut self, fixes: &'a [Fix]) -> Vec<Change> {
        self.quietly(|this| {
            fixes
                .iter()
                .find_map(|fix| this.changes(fix))
                .unwrap_or_default()
        })
    }

    fn changes(&mut self, fix: &'a Fix) -> Option<Vec<Change>> {
        if let Some(condition) = &fix.condition {
            let truth = self.condition(condition);
            self.coverage.count("fix when", Some(truth.into()));
            if truth != Kleene::True {
                return None;
            }
        }
        let mut all = Vec::new();
        for edit in &fix.edits {
            match self.flag_changes(edit, fix.is_safe) {
                Some(changes) => all.extend(changes?),
                None => all.push(self.change(edit, fix.is_safe)?),
            }
        }
        Some(all)
    }

    fn change(&mut self, edit: &'a Edit, is_safe: bool) -> Option<Change> {
        let there = self.eval(&edit.path);
        let place = self.trace(&edit.path).primary?;
        let nest = self.tapes.nest;
        let is_made = |node: &crate::value::Node| nest.is_made(node.id);
        let mut inside = place.node;
        while nest.of(inside).is_some() {
            inside = nest.outer(inside)?;
        }
        let is_nowhere = there.is_absent() && place.missing.is_empty();
        if there.unknown().is_some()
            || nest.is_made(place.node)
            || there.node().as_ref().is_some_and(is_made)
            || is_nowhere
        {
            return None;
        }
        let is_list = match &there {
            Value::Node(node) => self.tapes.kind(*node) == Kind::List,
            _ => false,
        };
        let can_be_made = match edit.kind {
            EditKind::Set | EditKind::Create => true,
            EditKind::Remove => place.missing.is_empty(),
            EditKind::Append => is_list || !place.missing.is_empty(),
        };
        if !can_be_made {
            return None;
        }
        let value = match &edit.value {
            Some(value) => {
                let value = self.eval(value);
                Some(self.written_out(&value)?)
            }
            None => None,
        };
        Some(Change {
            kind: edit.kind,
            is_safe,
            place: nest.settle(place),
            value,
        })
    }

    /// A value as a document; nothing of an absent or unknown one, or if a template is in it.
    fn written_out(&self, value: &Value) -> Option<Document> {
        if value.unknown().is_some() {
            return None;
        }
        Some(match value {
            Value::Absent | Value::Unknown(_) => return None,
            Value::Node(node) => self.node_out(*node)?,
            Value::Bool(b) => Document::Bool(*b),
            Value::Int(i) => Document::Number(i.to_string()),
            Value::Float(text) => Document::Number(text.clone()),
            Value::String(text) | Value::Key(text, _) | Value::Quantity(text) => {
                Document::String(text.clone())
            }
            Value::List(items) => {
                let mut out = Vec::new();
                for item in &items.items {
                    match item {
                        Item::Node(node) => out.push(self.node_out(*node)?),
                        Item::Value(Value::Absent) => {}
                        Item::Value(value) | Item::Placed(value, _) => {
                            out.push(self.written_out(value)?);
                        }
                    }
                }
                Document::List(out)
            }
            Value::Map(members) => {
                let mut out = Vec::new();
                for (key, value) in members {
                    if !value.is_absent() {
                        out.push((key.clone(), self.written_out(value)?));
                    }
                }
                Document::Map(out)
            }
        })
    }

    fn node_out(&self, node: Node) -> Option<Document> {
        let children = self.tapes.children(node);
        Some(match self.tapes.scalar(node) {
            Scalar::Null => Document::Null,
            Scalar::Bool(b) => Document::Bool(b),
            Scalar::Int(i) => Document::Number(i.to_string()),
            Scalar::Float(text) => Document::Number(text.to_owned()),
            Scalar::String(text) => Document::String(text.to_owned()),
            Scalar::Unknown(_) => return None,
            Scalar::List(_) => Document::List(
                children
                    .into_iter()
                    .map(|child| self.node_out(child))
                    .collect::<Option<_>>()?,
            ),
            Scalar::Map(_) => Document::Map(
                children
                    .into_iter()
                    .filter(|child| self.tapes.kind(*child) != Kind::Null)
                    .map(|child| {
                        let key = self.tapes.key(child).unwrap_or_default();
                        Some((key, self.node_out(child)?))
                    })
                    .collect::<Option<_>>()?,
            ),
        })
    }
}
