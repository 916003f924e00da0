//! From an edit of a value to changes of the text: which list or map it is about, and what of it is there already.
//!
//! What is set where a list or map stands is compared with it first, so that only what differs is written.

use palisade_abi::place::Step;
use palisade_abi::tape::{Kind, NodeId};

use super::change::Change;
use super::site::{Site, Trail};
use super::value::Value;
use super::{Edit, EditKind, Refusal, block, create, flow, held};

/// What an edit does to the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Changes; of two at one place the first comes first.
    pub(super) changes: Vec<Change>,
    /// Lists and maps that get or lose something. Two plans that share one are not carried out together.
    pub(super) claims: Vec<NodeId>,
}

/// The changes that `edit` asks for.
pub(super) fn plan(site: &Site<'_>, edit: &Edit) -> Result<Plan, Refusal> {
    if let Some(parts) = held::split(&edit.path) {
        return held::plan_within(site, edit, parts);
    }
    let (trail, rest) = site.find(&edit.path);
    if !matches!(edit.kind, EditKind::Create(_)) {
        site.check_unshared(&trail)?;
    }
    let mut plan = Plan::default();
    match &edit.kind {
        EditKind::Set(new) => set(site, &mut plan, &trail, rest, new)?,
        EditKind::Append(new) if rest.is_empty() && site.kind(trail.node()) == Kind::List => {
            insert_elements(site, &mut plan, &trail, std::slice::from_ref(new))?;
        }
        EditKind::Append(new) if !rest.is_empty() || site.kind(trail.node()) == Kind::Null => {
            let list = Value::List(vec![new.clone()]);
            set(site, &mut plan, &trail, rest, &list)?;
        }
        EditKind::Append(_) => return Err(Refusal::new("what should be longer is no list")),
        EditKind::Remove if rest.is_empty() => remove(site, &mut plan, &trail)?,
        EditKind::Remove => return Err(Refusal::new("there is nothing to remove")),
        EditKind::Create(new) => plan.changes.push(create::append(site, &trail, new)?),
    }
    Ok(plan)
}

fn set(
    site: &Site<'_>,
    plan: &mut Plan,
    trail: &Trail,
    rest: &[Step],
    new: &Value,
) -> Result<(), Refusal> {
    let Some((step, _)) = rest.split_first() else {
        return set_value(site, plan, trail, new);
    };
    // What is missing, with everything around it that is missing too.
    let mut made = Value::Null;
    made.set(&rest_of(site, trail, rest), new)?;
    match (site.kind(trail.node()), step, made) {
        (Kind::Null, _, made) => replace(site, plan, trail, &made),
        (Kind::Map, Step::Key(_), Value::Map(members)) => {
            insert_members(site, plan, trail, &members)
        }
        (Kind::List, Step::Index(_) | Step::Element { .. }, Value::List(elements)) => {
            insert_elements(site, plan, trail, &elements)
        }
        _ => Err(Refusal::new("a value above it is of another type")),
    }
}

/// The steps as from an empty value: the next element of a list is its first.
fn rest_of(site: &Site<'_>, trail: &Trail, rest: &[Step]) -> Vec<Step> {
    let mut rest = rest.to_vec();
    if let Some(Step::Index(index)) = rest.first_mut() {
        let count = site.children(trail.node()).count();
        *index = if *index as usize == count {
            0
        } else {
            u32::MAX
        };
    }
    rest
}

/// Writes `new` where the value at the end of `trail` stands, as far as they differ.
pub(super) fn set_value(
    site: &Site<'_>,
    plan: &mut Plan,
    trail: &Trail,
    new: &Value,
) -> Result<(), Refusal> {
    let node = trail.node();
    let old = Value::of(&site.document.tape, node);
    if old.is_same(new) {
        return Ok(());
    }
    site.check_unshared(trail)?;
    match (&old, new) {
        (Value::Map(old), Value::Map(new)) if is_within(old, new) => {
            for child in site.children(node) {
                let key = site.document.tape.key(child);
                let value = new.iter().find(|(name, _)| Some(name.as_str()) == key);
                if let Some((_, value)) = value {
                    set_value(site, plan, &trail.child(child), value)?;
                }
            }
            let is_new = |name: &str| old.iter().all(|(known, _)| known != name);
            let added: Vec<_> = (new.iter())
                .filter(|(name, _)| is_new(name))
                .cloned()
                .collect();
            if !added.is_empty() {
                insert_members(site, plan, trail, &added)?;
            }
            Ok(())
        }
        (Value::List(old), Value::List(new)) if !old.is_empty() && old.len() <= new.len() => {
            for (child, value) in site.children(node).zip(new) {
                set_value(site, plan, &trail.child(child), value)?;
            }
            let added = new.get(old.len()..).unwrap_or_default();
            if !added.is_empty() {
                insert_elements(site, plan, trail, added)?;
            }
            Ok(())
        }
        _ => replace(site, plan, trail, new),
    }
}

/// True if every key of `old`, of which there are some, is one of `new`.
fn is_within(old: &[(String, Value)], new: &[(String, Value)]) -> bool {
    !old.is_empty()
        && old
            .iter()
            .all(|(key, _)| new.iter().any(|(other, _)| key == other))
}

fn replace(site: &Site<'_>, plan: &mut Plan, trail: &Trail, new: &Value) -> Result<(), Refusal> {
    plan.claims.push(trail.node());
    let is_flow = trail.parent().is_some_and(|parent| site.is_flow(&parent));
    // A document in brackets stays one.
    if is_flow || (trail.parent().is_none() && site.is_flow(trail)) {
        flow::replace(site, trail, new, &mut plan.changes)
    } else {
        block::replace(site, trail, new, &mut plan.changes)
    }
}

fn insert_members(
    site: &Site<'_>,
    plan: &mut Plan,
    trail: &Trail,
    members: &[(String, Value)],
) -> Result<(), Refusal> {
    plan.claims.push(trail.node());
    if !site.is_flow(trail) {
        return block::insert_members(site, trail, members, &mut plan.changes);
    }
    if becomes_block(site, trail) {
        return replace(site, plan, trail, &Value::Map(members.to_vec()));
    }
    flow::insert(site, trail, flow::New::Members(members), &mut plan.changes)
}

fn insert_elements(
    site: &Site<'_>,
    plan: &mut Plan,
    trail: &Trail,
    elements: &[Value],
) -> Result<(), Refusal> {
    plan.claims.push(trail.node());
    if !site.is_flow(trail) {
        return block::insert_elements(site, trail, elements, &mut plan.changes);
    }
    if becomes_block(site, trail) {
        return replace(site, plan, trail, &Value::List(elements.to_vec()));
    }
    flow::insert(
        site,
        trail,
        flow::New::Elements(elements),
        &mut plan.changes,
    )
}

/// True for `{}` and `[]` in a block, which what is new replaces by lines of its own.
fn becomes_block(site: &Site<'_>, trail: &Trail) -> bool {
    let written = site.written(trail.node());
    let inside = written.get(1..written.len().saturating_sub(1));
    let is_empty = inside.is_some_and(|inside| inside.trim().is_empty());
    is_empty && trail.parent().is_some_and(|parent| !site.is_flow(&parent))
}

fn remove(site: &Site<'_>, plan: &mut Plan, trail: &Trail) -> Result<(), Refusal> {
    let Some(parent) = trail.parent() else {
        return Err(Refusal::new("a whole object is not removed"));
    };
    plan.claims.push(parent.node());
    if site.is_flow(&parent) {
        flow::remove(site, &parent, trail.node(), &mut plan.changes)
    } else {
        block::remove(site, &parent, trail, &mut plan.changes)
    }
}
