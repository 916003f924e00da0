//! What an evaluation says.

use palisade_abi::layout;
use palisade_abi::place::Place;
use palisade_lang::program::{EditKind, Severity};

use crate::document::Document;

/// Why something is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A value contradicts its type.
    Shape,
    /// A required value is not there.
    Missing,
    /// A template has not been rendered.
    Template,
    /// The host does not know what was asked for.
    Inventory,
    /// The evaluation ran out of steps.
    Budget,
    /// Arithmetic left its range, or text could not be read as what it should be.
    Value,
}

impl Reason {
    /// The number of this reason in a result record.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::Shape => layout::UNKNOWN_SHAPE,
            Self::Missing => layout::UNKNOWN_MISSING,
            Self::Template => layout::UNKNOWN_TEMPLATE,
            Self::Inventory => layout::UNKNOWN_INVENTORY,
            Self::Budget => layout::UNKNOWN_BUDGET,
            Self::Value => layout::UNKNOWN_VALUE,
        }
    }

    /// True if the finding of a read has already said it, so that no unknown result is recorded for it.
    #[must_use]
    pub fn is_reported(self) -> bool {
        matches!(self, Self::Shape | Self::Missing)
    }
}

/// What kind of result this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The check fails at the place.
    Finding,
    /// The check could not be decided.
    Unknown(Reason),
    /// The policy is about requests, and there is none.
    NotApplicable,
}

/// Severities that the host gives, by policy.
pub type Severities = Vec<Option<Severity>>;

/// One result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Index of the policy in its program.
    pub policy: usize,
    /// The check within the policy: 0 for the policy's own reads and conditions, then its checks from 1.
    pub check: u32,
    /// Finding or unknown.
    pub status: Status,
    /// How serious.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// Other places that belong to it, in order.
    pub related: Vec<Place>,
    /// Places in objects of the inventory that belong to it, in order.
    pub elsewhere: Vec<(u32, Place)>,
    /// What it says; empty for what is no finding.
    pub message: String,
    /// The fix that is offered: edits that are made together; empty if there is none.
    pub fix: Vec<Change>,
}

/// One edit of a fix that can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is done.
    pub kind: EditKind,
    /// Whether the fix changes no behaviour.
    pub is_safe: bool,
    /// Where.
    pub place: Place,
    /// The value; absent for a removal.
    pub value: Option<Document>,
}
