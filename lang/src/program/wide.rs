//! What a policy may be on that is no kind of its own: every object, and the inventory as a whole.

use super::KindRef;

/// The group and the kind of what every object is of.
const EVERY: &str = "*";
/// The kind of an inventory.
const INVENTORY: &str = "inventory";

impl KindRef {
    /// What stands for the documents that texts hold.
    #[must_use]
    pub fn in_texts() -> Self {
        Self {
            groups: Vec::new(),
            kind: String::new(),
        }
    }

    /// What every object of the API is of, whatever its kind.
    #[must_use]
    pub fn any() -> Self {
        Self {
            groups: vec![EVERY.to_owned()],
            kind: EVERY.to_owned(),
        }
    }

    /// Whether every object of the API is of it.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.kind == EVERY
    }

    /// What an inventory as a whole is of: a document that is no object of the API.
    #[must_use]
    pub fn inventory() -> Self {
        Self {
            groups: Vec::new(),
            kind: INVENTORY.to_owned(),
        }
    }

    /// Whether an inventory as a whole is of it.
    #[must_use]
    pub fn is_inventory(&self) -> bool {
        self.groups.is_empty() && self.kind == INVENTORY
    }

    /// Whether it is a kind of object of the API, rather than of file or the inventory.
    #[must_use]
    pub fn is_of_api(&self) -> bool {
        !self.groups.is_empty()
    }
}
