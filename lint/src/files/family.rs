//! Drop-in files: several files that are one object.

use std::collections::BTreeMap;
use std::sync::Arc;

use palisade_lang::program::{FileFormat, Merged};
use rustc_hash::FxHashMap;

use super::matching::FileMatcher;
use crate::manifest::{Member, Tree, TreeValue};

/// Files that are joined into one object, in the order in which they are read.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    /// Positions among the names given.
    pub(crate) members: Vec<usize>,
}

impl Family {
    /// The families of a kind among files of these names: those of one folder, first by glob, then by name.
    pub(crate) fn find(matcher: &FileMatcher, names: &[Arc<str>]) -> Vec<Self> {
        let mut families: BTreeMap<&str, Vec<(usize, &str, usize)>> = BTreeMap::new();
        for (nth, name) in names.iter().enumerate() {
            let place = matcher.place_of(name).zip(matcher.root_of(name));
            if let Some((place, root)) = place {
                let members = families.entry(root).or_default();
                members.push((place, name, nth));
            }
        }
        families
            .into_values()
            .map(|mut members| {
                members.sort_unstable();
                Self {
                    members: members.into_iter().map(|(_, _, nth)| nth).collect(),
                }
            })
            .collect()
    }
}

/// Joins what the files of a family say. Maps are joined member by member; of other values one counts, but repeated
/// settings of a `keyvalue` file add up.
pub(crate) fn merge(trees: Vec<Tree>, format: &FileFormat, merged: Merged) -> Option<Tree> {
    let adds_up = matches!(format, FileFormat::KeyValue(_));
    let mut trees = trees.into_iter();
    let mut all = trees.next()?;
    for tree in trees {
        join(&mut all, tree, adds_up, merged);
    }
    Some(all)
}

fn join(into: &mut Tree, from: Tree, adds_up: bool, merged: Merged) {
    match (&mut into.value, from.value) {
        (TreeValue::Map(members), TreeValue::Map(more)) => {
            let names = members.iter().map(|member| member.key.clone());
            let places: FxHashMap<String, usize> = names.zip(0..).collect();
            for member in more {
                let place = places.get(&member.key).copied();
                match place.and_then(|place| members.get_mut(place)) {
                    Some(known) => join_member(known, member, adds_up, merged),
                    None => members.push(member),
                }
            }
        }
        (TreeValue::List(items), TreeValue::List(more)) if adds_up => items.extend(more),
        (_, value) => {
            if merged == Merged::Last {
                *into = Tree::new(from.span, value);
            }
        }
    }
}

fn join_member(known: &mut Member, member: Member, adds_up: bool, merged: Merged) {
    let joins = matches!(
        (&known.tree.value, &member.tree.value),
        (TreeValue::Map(_), TreeValue::Map(_)) | (TreeValue::List(_), TreeValue::List(_))
    );
    if merged == Merged::Last && !joins {
        known.key_span = member.key_span;
    }
    join(&mut known.tree, member.tree, adds_up, merged);
}
