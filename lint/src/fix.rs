//! Fixes: from what a policy proposes to bytes of a file.
//!
//! ```text
//! fix of a policy ── Edit: what becomes of the value ──┬─ Value::apply: the value as it should be
//!                                                      └─ plan: changes of the text ── read again ── the same?
//! ```
//!
//! Only the bytes that must change do: comments, quotes, the order and the indentation of everything else stay. Every
//! change is read again, and a fix whose text would mean anything but what its edits say is refused, so a fix that is
//! carried out is right whatever the form of the file.
//!
//! Start at [`apply()`]: a file and what is wanted of it in, the new text out. [`mend`] does it for the findings of a
//! file, [`run()`] for those of a whole run, again and again until nothing is left to do.

mod apply;
mod block;
mod change;
mod create;
mod flow;
mod held;
mod lines;
mod mend;
mod plan;
mod run;
mod scalar;
mod site;
mod value;
mod words;
mod write;

use std::borrow::Cow;

use palisade_abi::place::{Inner, Place, Step};
use palisade_abi::tape::Kind;
use palisade_wasm::host;

pub use apply::{Applied, State, Wanted, apply};
pub use held::Holding;
pub use mend::{Mended, mend};
pub use run::{Fixed, FixedFile, run};
pub use value::Value;

use crate::manifest::{Document, Format};

/// Edits that apply together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// Whether it cannot change what a running workload does.
    pub is_safe: bool,
    /// What it does, in this order.
    pub edits: Vec<Edit>,
    /// Why it cannot be carried out in place.
    pub refusal: Option<Refusal>,
}

impl Fix {
    /// The level at which it is carried out.
    #[must_use]
    pub fn level(&self) -> Level {
        if self.is_safe {
            Level::Safe
        } else {
            Level::Unsafe
        }
    }
}

/// Which fixes are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Those that cannot change what a running workload does.
    Safe,
    /// All.
    Unsafe,
}

impl Level {
    /// The word that reports use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// A change of a document's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is done.
    pub kind: EditKind,
    /// Where, from the root of the object.
    pub path: Vec<Step>,
}

/// What an edit does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditKind {
    /// Sets the value, creating what is missing above it.
    Set(Value),
    /// Adds the value to the end of the list.
    Append(Value),
    /// Removes the value and its key.
    Remove,
    /// Makes an object of its own: a document after the last of the file.
    Create(Value),
}

/// Why something cannot be done in place, in a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(Cow<'static, str>);

impl Refusal {
    pub(crate) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }

    /// The reason.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The fixes of a finding in `document`, which `text` holds, each with the reason if it is plain from the start that it
/// cannot be done.
#[must_use]
pub fn collect(
    document: &Document,
    text: &str,
    format: Format,
    proposed: &[host::Fix],
) -> Vec<Fix> {
    let mut groups: Vec<(u16, Fix)> = Vec::new();
    for part in proposed {
        let (edit, refusal) = to_edit(document, part);
        let known = groups.iter().position(|(group, _)| *group == part.group);
        let known = known.and_then(|at| groups.get_mut(at));
        if let Some((_, fix)) = known {
            fix.is_safe &= part.safe;
            fix.edits.push(edit);
            fix.refusal = fix.refusal.take().or(refusal);
        } else {
            let fix = Fix {
                is_safe: part.safe,
                edits: vec![edit],
                refusal,
            };
            groups.push((part.group, fix));
        }
    }
    let site = site::Site::new(text, document, format);
    for (_, fix) in &mut groups {
        if fix.refusal.is_none() {
            // A later edit may build on an earlier one, so only the first is tried.
            let first = fix.edits.first();
            fix.refusal = first.and_then(|edit| plan::plan(&site, edit).err());
        }
    }
    groups.into_iter().map(|(_, fix)| fix).collect()
}

/// The fixes of a finding that is not changed in place, each with the reason.
#[must_use]
pub fn refuse(document: &Document, proposed: &[host::Fix], reason: &'static str) -> Vec<Fix> {
    let mut fixes: Vec<(u16, Fix)> = Vec::new();
    for part in proposed {
        let (edit, _) = to_edit(document, part);
        match fixes.iter_mut().find(|(group, _)| *group == part.group) {
            Some((_, fix)) => fix.edits.push(edit),
            None => fixes.push((
                part.group,
                Fix {
                    is_safe: part.safe,
                    edits: vec![edit],
                    refusal: Some(Refusal::new(reason)),
                },
            )),
        }
    }
    fixes.into_iter().map(|(_, fix)| fix).collect()
}

fn to_edit(document: &Document, part: &host::Fix) -> (Edit, Option<Refusal>) {
    let value = || Value::parse(&part.value);
    let kind = match part.kind {
        host::FixKind::Set | host::FixKind::Upsert => value().map(EditKind::Set),
        host::FixKind::Append => value().map(EditKind::Append),
        host::FixKind::Remove => Some(EditKind::Remove),
        host::FixKind::Create => value().map(EditKind::Create),
    };
    let refusal = if kind.is_none() {
        Some(Refusal::new("its value is no JSON"))
    } else if has_range(part.place.inner.as_ref()) {
        Some(Refusal::new("it would change a part of a text"))
    } else {
        None
    };
    let edit = Edit {
        kind: kind.unwrap_or(EditKind::Remove),
        path: path_to(document, &part.place),
    };
    (edit, refusal)
}

/// The steps from the root to `place`.
fn path_to(document: &Document, place: &Place) -> Vec<Step> {
    let tape = &document.tape;
    let mut path = Vec::new();
    let mut at = palisade_abi::tape::NodeId::ROOT;
    while at != place.node {
        let is_map = tape.kind(at) == Kind::Map;
        let on_the_way = |child: &palisade_abi::tape::NodeId| {
            *child <= place.node && place.node < tape.after(*child)
        };
        let found = (tape.children(at).enumerate()).find(|(_, child)| on_the_way(child));
        let Some((index, child)) = found else { break };
        path.push(if is_map {
            Step::Key(tape.key(child).unwrap_or_default().to_owned())
        } else {
            Step::Index(u32::try_from(index).unwrap_or(u32::MAX))
        });
        at = child;
    }
    let mut inner = place.inner.as_ref();
    while let Some(Inner::Document(within)) = inner {
        path.push(Step::Document {
            format: within.format,
            is_decoded: within.is_decoded,
        });
        path.extend(within.path.iter().cloned());
        inner = within.inner.as_ref();
    }
    path.extend(place.missing.iter().cloned());
    path
}

/// True if a place is a part of a text that is no node of a document.
fn has_range(inner: Option<&Inner>) -> bool {
    match inner {
        None => false,
        Some(Inner::Range(..)) => true,
        Some(Inner::Document(within)) => has_range(within.inner.as_ref()),
    }
}
