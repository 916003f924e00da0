//! Fixes of flags: edits of the words that give them.

use palisade_abi::place::Place;
use palisade_abi::tape::{Kind, Value as Scalar};
use palisade_lang::program::{Binding, Edit, EditKind, Expr, ExprKind};

use crate::coverage::Outcome;
use crate::document::Document;
use crate::eval::Evaluator;
use crate::made::{CommandLine, Given};
use crate::value::{Item, Node, Value};
use crate::verdict::Change;

/// Edits of words that are being gathered.
struct Words<'l> {
    line: &'l CommandLine,
    is_safe: bool,
    changes: Vec<(EditKind, Node, Option<String>)>,
}

impl Words<'_> {
    /// Nothing if the document does not have the word as it is.
    fn edit(&mut self, kind: EditKind, at: usize, text: Option<String>) -> Option<()> {
        let node = self.line.words.get(at)?.own?;
        self.changes.push((kind, node, text));
        Some(())
    }

    fn remove(&mut self, flag: &Given) -> Option<()> {
        if flag.value_at != flag.name_at {
            self.edit(EditKind::Remove, flag.value_at, None)?;
        }
        self.edit(EditKind::Remove, flag.name_at, None)
    }

    /// Gives a flag another value.
    fn write(&mut self, flag: &Given, text: String, is_bool: bool) -> Option<()> {
        let is_apart = flag.value_at != flag.name_at;
        if is_apart && !text.starts_with('-') && !is_bool {
            return self.edit(EditKind::Set, flag.value_at, Some(text));
        }
        let word = &self.line.words.get(flag.name_at)?.text;
        let name = word.split('=').next().unwrap_or_default();
        let whole = format!("{name}={text}");
        self.edit(EditKind::Set, flag.name_at, Some(whole))?;
        if is_apart {
            self.edit(EditKind::Remove, flag.value_at, None)?;
        }
        Some(())
    }
}

impl<'a> Evaluator<'a> {
    /// The changes of an edit of a flag, inner nothing if they cannot be made; nothing if it is of no flag.
    pub(crate) fn flag_changes(
        &mut self,
        edit: &'a Edit,
        is_safe: bool,
    ) -> Option<Option<Vec<Change>>> {
        let (base, name) = self.named_member(&edit.path)?;
        if edit.value.as_ref().is_some_and(holds_record) {
            return None;
        }
        let root = base.node()?;
        let line = self.tapes.nest.line(root.id)?;
        let changes = self.changes_of_words(edit, is_safe, line, name.as_deref());
        let outcome = match &changes {
            Some(_) => Outcome::True,
            None => Outcome::False,
        };
        self.coverage.count("fix flag", Some(outcome));
        Some(changes)
    }

    /// What a path is a member of, and the name of that.
    fn named_member(&mut self, path: &'a Expr) -> Option<(Value, Option<String>)> {
        match &path.kind {
            ExprKind::Member { base, key, .. } => Some((self.eval(base), Some(key.clone()))),
            ExprKind::MapMember { base, key } => {
                let base = self.eval(base);
                let key = self.eval(key);
                Some((base, self.text_of(&key)))
            }
            ExprKind::Cast(inner) => self.named_member(inner),
            ExprKind::With { locals, body } => {
                self.bind_lets(locals);
                self.named_member(body)
            }
            ExprKind::Local(name) => match self.binding(*name) {
                Some(Binding::Let(definition)) => self.named_member(definition),
                _ => None,
            },
            _ => None,
        }
    }

    fn changes_of_words(
        &mut self,
        edit: &'a Edit,
        is_safe: bool,
        line: &CommandLine,
        name: Option<&str>,
    ) -> Option<Vec<Change>> {
        let value = edit.value.as_ref().map(|value| self.eval(value));
        let text = match &value {
            Some(value) => self.as_flag(value)?,
            None => String::new(),
        };
        let name = name.filter(|name| !name.contains('_'))?;
        let is_list = line.shape(name) == Some("l");
        let all = line.given();
        let own: Vec<&Given> = all.iter().filter(|flag| flag.name == name).collect();
        let mut words = Words {
            line,
            is_safe,
            changes: Vec::new(),
        };
        let is_bool = value.as_ref().is_some_and(|value| self.is_bool(value));
        match (edit.kind, own.split_last()) {
            (EditKind::Remove, None) | (EditKind::Create, _) => return None,
            (EditKind::Remove, Some(_)) => {
                for flag in own.iter().rev() {
                    words.remove(flag)?;
                }
            }
            (EditKind::Append, _) if !is_list => return None,
            (EditKind::Set | EditKind::Append, None) => {
                let is_divided =
                    |word: &crate::made::Argument| word.text == "--" || word.text == "-c";
                if line.words.iter().any(is_divided) {
                    return None;
                }
                let beside = match all.last() {
                    Some(last) => line.words.get(last.value_at)?,
                    None => line.words.last()?,
                };
                let list = self.tapes.parent(beside.own?)?;
                if self.tapes.kind(list) != Kind::List {
                    return None;
                }
                let word = format!("--{name}={text}");
                words.changes.push((EditKind::Append, list, Some(word)));
            }
            (EditKind::Set, Some((last, before))) => {
                words.write(last, text, is_bool)?;
                if is_list {
                    for flag in before.iter().rev() {
                        words.remove(flag)?;
                    }
                }
            }
            (EditKind::Append, Some((last, _))) => {
                let mut whole = last.value.clone();
                if !whole.is_empty() && !whole.ends_with(',') {
                    whole.push(',');
                }
                whole.push_str(&text);
                words.write(last, whole, false)?;
            }
        }
        let Words {
            is_safe, changes, ..
        } = words;
        let changes = changes.into_iter().map(|(kind, node, text)| Change {
            kind,
            is_safe,
            place: self.tapes.nest.settle(Place::node(node.id)),
            value: text.map(Document::String),
        });
        Some(changes.collect())
    }

    fn is_bool(&self, value: &Value) -> bool {
        match value {
            Value::Bool(_) => true,
            Value::Node(node) => self.tapes.kind(*node) == Kind::Bool,
            _ => false,
        }
    }

    /// A value as a flag has it: of a list the elements with commas between them, none of which may have one.
    fn as_flag(&self, value: &Value) -> Option<String> {
        let elements = match value {
            Value::Node(node) if self.tapes.kind(*node) == Kind::List => {
                let nodes = self.tapes.children(*node).into_iter();
                nodes.map(Value::Node).collect::<Vec<_>>()
            }
            Value::List(list) if list.unknown.is_none() => {
                let items = list.items.iter().map(|item| match item {
                    Item::Node(node) => Value::Node(*node),
                    Item::Value(value) | Item::Placed(value, _) => value.clone(),
                });
                items.collect()
            }
            other => return self.scalar_as_flag(other),
        };
        let texts = elements.iter().map(|element| {
            let text = self.scalar_as_flag(element)?;
            (!text.contains(',')).then_some(text)
        });
        let texts = texts.collect::<Option<Vec<_>>>()?;
        Some(texts.join(","))
    }

    fn scalar_as_flag(&self, value: &Value) -> Option<String> {
        Some(match value {
            Value::Bool(b) => b.to_string(),
            Value::Int(i) => i.to_string(),
            Value::Float(text)
            | Value::String(text)
            | Value::Key(text, _)
            | Value::Quantity(text) => text.clone(),
            Value::Node(node) => match self.tapes.scalar(*node) {
                Scalar::Bool(b) => b.to_string(),
                Scalar::Int(i) => i.to_string(),
                Scalar::Float(text) | Scalar::String(text) => text.to_owned(),
                Scalar::Null | Scalar::List(_) | Scalar::Map(_) | Scalar::Unknown(_) => {
                    return None;
                }
            },
            Value::Absent | Value::Unknown(_) | Value::List(_) | Value::Map(_) => return None,
        })
    }
}

/// Whether a record is written out in a value.
fn holds_record(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Record(_) => true,
        ExprKind::List(items) => items.iter().any(holds_record),
        ExprKind::With { body, .. } => holds_record(body),
        ExprKind::If {
            then, otherwise, ..
        } => holds_record(then) || holds_record(otherwise),
        _ => false,
    }
}
