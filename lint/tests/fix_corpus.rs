//! Random edits of real manifests: the file reads as the edit says, and every line that the edit is not about stays.
//!
//! What the edit means is computed here, on JSON values, by other code than the fixes use.
#![allow(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use std::collections::BTreeMap;

use common::{files, same, shared, value_of};
use palisade_abi::place::Step;
use palisade_abi::tape::{Kind, NodeId};
use palisade_lint::fix::{Edit, EditKind, Fix, State, Value as FixValue, Wanted, apply};
use palisade_lint::manifest::{Document, Format, read};
use serde_json::{Value, json};

/// Edits of each file.
const EDITS_PER_FILE: usize = 6;

#[test]
fn random_edits_read_as_they_should_and_leave_the_rest_alone() {
    let Some(folder) = shared("corpus") else {
        return;
    };
    let mut random = Random(0x5EED_0001);
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for path in files(&folder, &["yaml", "yml", "json"]) {
        let name = path.to_str().unwrap();
        let format = Format::of_name(name);
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if text.len() > 200_000 {
            continue;
        }
        let mut documents = read(text.as_bytes(), format).documents;
        documents.retain(|document| document.tape.len() > 1);
        for _ in 0..EDITS_PER_FILE.min(documents.len() * 3) {
            let document = &documents[random.below(documents.len())];
            let probe = Probe::choose(&mut random, document, &text);
            match probe.check(&text, format, document, &documents) {
                Ok(()) => *done.entry(probe.name).or_default() += 1,
                Err(reason) => {
                    if std::env::var_os("PALISADE_SHOW").is_some() {
                        println!("{name}: {:?}: {reason}", probe.edit);
                    }
                    *refused.entry(reason).or_default() += 1;
                }
            }
        }
    }
    println!("done {done:?}\nrefused {refused:?}");
    let (n_done, n_refused): (usize, usize) = (done.values().sum(), refused.values().sum());
    assert!(n_done > 8000 && done.values().all(|&count| count > 1000));
    // What cannot be done is rare: anchors, keys given twice, templates.
    assert!(n_refused * 100 < n_done, "{n_refused} of {n_done}");
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn value(&mut self) -> Value {
        let texts = [
            "yes",
            "",
            "a b",
            "RuntimeDefault",
            "1.5",
            "- x",
            "a: b #c",
            "it's \"q\"",
            "ü\n",
            "128Mi",
            "{{ x }}",
            "~",
        ];
        match self.below(8) {
            0 => json!(true),
            1 => json!(-7),
            2 => json!(null),
            3 => json!({}),
            4 => json!(["ALL", {"k": "v", "deep": [[1], {"m": []}]}]),
            5 => json!({"type": "x", "list": [1, 2], "on": {"8080": "no"}}),
            _ => json!(texts[self.below(texts.len())]),
        }
    }
}

/// An edit, and the lines that it is about.
struct Probe {
    name: &'static str,
    edit: Edit,
    /// The value afterwards, as far as it is not removed.
    value: Value,
    own: (usize, usize),
}

impl Probe {
    fn choose(random: &mut Random, document: &Document, text: &str) -> Self {
        let tape = &document.tape;
        let mut way = random.below(4);
        for turn in 0.. {
            // Not every document has a list.
            if turn % 50 == 49 {
                way = random.below(4);
            }
            let node = NodeId(u32::try_from(random.below(tape.len())).unwrap());
            let value = random.value();
            let new = FixValue::parse(&value.to_string()).unwrap();
            let mut path = path_to(document, node);
            let (name, kind) = match (way, tape.kind(node)) {
                (0, _) if node != NodeId::ROOT => ("set", EditKind::Set(new)),
                (1, _) if node != NodeId::ROOT => ("remove", EditKind::Remove),
                (2, Kind::Map) => {
                    path.push(Step::Key("addedHere".to_owned()));
                    if random.below(2) == 0 {
                        path.push(Step::Key("b/c".to_owned()));
                    }
                    ("add", EditKind::Set(new))
                }
                (3, Kind::List) => ("append", EditKind::Append(new)),
                _ => continue,
            };
            return Self {
                own: lines_of(document, text, node, name == "set" || name == "remove"),
                name,
                edit: Edit { kind, path },
                value,
            };
        }
        panic!("no edit was found");
    }

    fn check(
        &self,
        text: &str,
        format: Format,
        document: &Document,
        documents: &[Document],
    ) -> Result<(), String> {
        let fix = Fix {
            is_safe: true,
            edits: vec![self.edit.clone()],
            refusal: None,
        };
        let wanted = Wanted {
            document: document.index,
            item: document.item,
            fix: &fix,
        };
        let applied = apply(text, format, &[wanted]);
        if let State::Refused(refusal) = &applied.states[0] {
            assert_eq!(applied.text, text);
            return Err(refusal.to_string());
        }
        let after = read(applied.text.as_bytes(), format).documents;
        let after = (after.iter()).filter(|new| new.tape.len() > 1 || new.index == document.index);
        assert_eq!(after.clone().count(), documents.len());
        for (old, new) in documents.iter().zip(after) {
            let mut expected = value_of(old);
            if (old.index, old.item) == (document.index, document.item) {
                self.apply(&mut expected);
            }
            let seen = value_of(new);
            assert!(
                same(&seen, &expected),
                "{:?}\n{seen}\n{expected}",
                self.edit
            );
        }
        let (from, to) = self.own;
        assert!(
            applied.text.starts_with(&text[..from])
                && applied.text.ends_with(&text[to..])
                && applied.text.len() >= from + text.len() - to,
            "{:?} changes more than\n{}\nto\n{}",
            self.edit,
            &text[from..to],
            applied.text
        );
        Ok(())
    }

    fn apply(&self, value: &mut Value) {
        let (last, above) = self
            .edit
            .path
            .split_last()
            .map_or((None, &[][..]), |(last, above)| (Some(last), above));
        let mut at = value;
        for step in above {
            at = enter(at, step);
        }
        match (&self.edit.kind, last) {
            (EditKind::Remove, Some(Step::Key(key))) => {
                at.as_object_mut().unwrap().remove(key).unwrap();
            }
            (EditKind::Remove, Some(Step::Index(index))) => {
                at.as_array_mut().unwrap().remove(*index as usize);
            }
            (EditKind::Set(_), Some(step)) => *enter(at, step) = self.value.clone(),
            (EditKind::Append(_), step) => {
                let list = step.cloned();
                let list = match list {
                    Some(step) => enter(at, &step),
                    None => at,
                };
                list.as_array_mut().unwrap().push(self.value.clone());
            }
            other => panic!("{other:?}"),
        }
    }
}

fn enter<'a>(value: &'a mut Value, step: &Step) -> &'a mut Value {
    match step {
        Step::Key(key) => {
            if value.is_null() {
                *value = json!({});
            }
            value
                .as_object_mut()
                .unwrap()
                .entry(key)
                .or_insert(Value::Null)
        }
        Step::Index(index) => &mut value.as_array_mut().unwrap()[*index as usize],
        Step::Element { .. } | Step::Document { .. } => panic!("not used here"),
    }
}

fn parent_of(document: &Document, node: NodeId) -> Option<NodeId> {
    let tape = &document.tape;
    let mut found = None;
    for at in (0..node.0).map(NodeId) {
        if tape.after(at) > node {
            found = Some(at);
        }
    }
    found
}

fn path_to(document: &Document, node: NodeId) -> Vec<Step> {
    let tape = &document.tape;
    let mut path = Vec::new();
    let mut at = node;
    while let Some(parent) = parent_of(document, at) {
        path.push(match tape.kind(parent) {
            Kind::Map => Step::Key(tape.key(at).unwrap().to_owned()),
            _ => {
                let index = tape.children(parent).position(|child| child == at);
                Step::Index(u32::try_from(index.unwrap()).unwrap())
            }
        });
        at = parent;
    }
    path.reverse();
    path
}

/// The lines that an edit of `node` may change. For what goes or changes: its own, with those of an only child's parent
/// and of the comma before it. For what comes: the end of the list or map, all of it if it is empty.
fn lines_of(document: &Document, text: &str, node: NodeId, is_own: bool) -> (usize, usize) {
    let tape = &document.tape;
    let start = |node| document.key_span(node).unwrap_or(document.span(node)).start as usize;
    let end = |node| document.span(node).end as usize;
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |found| found + 1);
    let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |found| at + found);
    if !is_own {
        let is_empty = tape.children(node).next().is_none();
        let from = if is_empty { start(node) } else { end(node) };
        // The bracket may stand below the last value.
        let last = tape.children(node).map(end).max().unwrap_or(from).min(from);
        return (line_start(last), line_end(end(node)));
    }
    let parent = parent_of(document, node).unwrap();
    let siblings: Vec<NodeId> = tape.children(parent).collect();
    let at = siblings.iter().position(|&child| child == node).unwrap();
    let from = if siblings.len() == 1 {
        start(parent).min(start(node))
    } else if at > 0 {
        end(siblings[at - 1])
    } else {
        start(node)
    };
    let to = match siblings.get(at + 1) {
        // Behind a dash the next member moves up.
        Some(&next) => start(next),
        None => end(node).max(end(parent)),
    };
    (line_start(from.min(start(node))), line_end(to))
}
