//! The inventory as a whole, judged in two ways: as a document that holds its objects, and as what the module was handed.

use palisade_abi::place::Place;
use palisade_abi::tape::{NodeId, Tape};
use palisade_lang::program::KindRef;
use palisade_reference::document::Document;
use palisade_reference::generate::document;
use palisade_reference::{Inventory, Selection, Verdict};

use crate::guest::{Extent, Guest};

/// Whether the inventory is to be judged rather than an object.
pub(crate) fn is_whole(selection: &Selection) -> bool {
    let Some(Document::Map(members)) = &selection.context else {
        return false;
    };
    let kind = Document::String(KindRef::inventory().kind);
    members
        .iter()
        .any(|(key, value)| key == "kind" && *value == kind)
}

/// An inventory that is a document.
pub(crate) struct Whole {
    /// Its objects, as the host hands them over.
    inventory: Inventory,
    /// The root of each in the document.
    roots: Vec<NodeId>,
}

impl Whole {
    /// The inventory that a document is, if that is what is judged.
    pub(crate) fn of(judged: &Document, tape: &Tape, selection: &Selection) -> Option<Self> {
        let Document::Map(members) = judged else {
            return None;
        };
        let objects = members.iter().find(|(key, _)| key == "objects");
        let (true, Some((_, Document::List(objects)))) = (is_whole(selection), objects) else {
            return None;
        };
        let inventory = Inventory {
            objects: objects.clone(),
            files: None,
            sources: None,
            is_partial: (selection.inventory.as_ref()).is_some_and(|given| given.is_partial),
        };
        // One that was made smaller may be none that a host writes.
        if document::whole(&inventory) != *judged {
            return None;
        }
        let list = tape.member(NodeId::ROOT, "objects")?;
        Some(Self {
            inventory,
            roots: tape.children(list).collect(),
        })
    }

    /// What a module says of it; nothing to compare where only one way can say what is known.
    pub(crate) fn evaluate(
        &self,
        guest: &mut Guest,
        tape: &Tape,
        selection: &Selection,
        extent: Extent,
    ) -> Result<Vec<Verdict>, String> {
        // The context of a document says nothing of what is known: only the host can.
        if extent == Extent::Full && !self.inventory.is_partial {
            let found = guest.evaluate(tape, selection, extent);
            guest.forget();
            return found.map(|found| self.normal(found));
        }
        let selection = Selection {
            inventory: Some(self.inventory.clone()),
            ..selection.clone()
        };
        let found = guest.evaluate_inventory(&selection)?;
        let found = found.into_iter().map(|(within, mut verdict)| {
            verdict.place = self.place(within, verdict.place);
            let elsewhere = std::mem::take(&mut verdict.elsewhere).into_iter();
            let elsewhere = elsewhere.map(|(object, place)| self.place(Some(object), place));
            verdict.related.extend(elsewhere);
            verdict
        });
        Ok(self.normal(found.collect()))
    }

    /// A place of an object as one of the document.
    fn place(&self, within: Option<u32>, place: Place) -> Place {
        let root = within.and_then(|object| self.roots.get(object as usize));
        match root {
            Some(root) => Place {
                node: NodeId(root.0 + place.node.0),
                ..place
            },
            None => place,
        }
    }

    /// Verdicts in which all that is of no object is the inventory itself, without the places that go with the others.
    pub(crate) fn normal(&self, mut verdicts: Vec<Verdict>) -> Vec<Verdict> {
        let first = self.roots.first().copied();
        let is_own = |place: &Place| first.is_none_or(|first| place.node < first);
        for verdict in &mut verdicts {
            if is_own(&verdict.place) {
                verdict.place = Place::node(NodeId::ROOT);
            }
            verdict.related.retain(|place| !is_own(place));
        }
        verdicts
    }
}
