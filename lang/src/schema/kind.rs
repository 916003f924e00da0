//! Kinds and the versions that serve them.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::Range;

use super::table::Section;
use super::{KindId, RecordId, Schema, Version};

const NAMESPACED: u8 = 1;

/// A kind of one group: what `apps/Deployment` names.
#[derive(Clone, Copy)]
pub struct Kind {
    schema: &'static Schema,
    /// Its number.
    pub id: KindId,
    /// Its group, empty for the core group.
    pub group: &'static str,
    /// Its name: `Deployment`.
    pub name: &'static str,
    /// Its name in URLs and in roles: `deployments`.
    pub plural: &'static str,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// The record of its best version: the newest stable one that the newest Kubernetes serves.
    pub root: RecordId,
    first: usize,
    n_versions: usize,
}

/// A group and version under which a kind is or was served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServedVersion {
    /// The group; a kind that moved has more than one.
    pub group: &'static str,
    /// The version in it: `v1`.
    pub version: &'static str,
    /// The first Kubernetes version that serves it, if that is after [`Schema::oldest`]; else "always".
    pub since: Option<Version>,
    /// The last Kubernetes version that serves it, if the newest does not.
    pub until: Option<Version>,
    /// Its record; `None` if no schema is known and its fields are not those of [`Kind::root`].
    pub root: Option<RecordId>,
}

impl Kind {
    pub(super) fn read(schema: &'static Schema, row: usize) -> Option<Self> {
        let table = &schema.table;
        let bytes = table.row(Section::Kinds, row)?;
        Some(Self {
            schema,
            id: KindId(u32::try_from(row).ok()?),
            name: table.text(bytes.index(0)?)?,
            group: table.text(bytes.index(2)?)?,
            plural: table.text(bytes.index(4)?)?,
            root: RecordId(u32::try_from(bytes.index(6)?).ok()?),
            first: bytes.index(8)?,
            n_versions: usize::from(bytes.byte(10)?),
            namespaced: bytes.byte(11)? & NAMESPACED != 0,
        })
    }

    /// Every group and version that is or was served, the one of [`Kind::root`] first.
    pub fn versions(&self) -> Versions {
        Versions {
            schema: self.schema,
            rows: self.first..self.first + self.n_versions,
        }
    }

    /// Groups other than its own that served it once: `extensions` for a Deployment.
    pub fn also(&self) -> impl Iterator<Item = &'static str> + use<> {
        let home = self.group;
        let mut last = None;
        let others = self
            .versions()
            .map(|served| served.group)
            .filter(move |group| *group != home);
        others.filter(move |group| last.replace(*group) != Some(*group))
    }

    /// The version of `group` named so.
    pub fn served(&self, group: &str, version: &str) -> Option<ServedVersion> {
        self.versions()
            .find(|served| served.group == group && served.version == version)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Kind({} {}/{})", self.id.0, self.group, self.name)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && std::ptr::eq(self.schema, other.schema)
    }
}

impl Eq for Kind {}

/// The versions of a kind, the best first.
#[derive(Debug, Clone)]
pub struct Versions {
    schema: &'static Schema,
    rows: Range<usize>,
}

impl Iterator for Versions {
    type Item = ServedVersion;

    fn next(&mut self) -> Option<ServedVersion> {
        let table = &self.schema.table;
        let row = table.row(Section::Served, self.rows.next()?)?;
        let version = |at| {
            row.byte(at)
                .filter(|minor| *minor != u8::MAX)
                .map(Version::minor)
        };
        Some(ServedVersion {
            group: table.text(row.index(0)?)?,
            version: table.text(row.index(2)?)?,
            since: version(6),
            until: version(7),
            root: row
                .index(4)
                .and_then(|root| u32::try_from(root).ok())
                .map(RecordId),
        })
    }
}

impl FusedIterator for Versions {}
