//! What an evaluation says.

use palisade_abi::layout;
use palisade_abi::place::Place;
use palisade_lang::program::Severity;

/// Why something is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A value contradicts its type.
    Shape,
    /// A required value is not there.
    Missing,
    /// A template has not been rendered.
    Template,
}

impl Reason {
    /// The number of this reason in a result record.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::Shape => layout::UNKNOWN_SHAPE,
            Self::Missing => layout::UNKNOWN_MISSING,
            Self::Template => layout::UNKNOWN_TEMPLATE,
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
}

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
    /// What it says; empty for an unknown result.
    pub message: String,
}
