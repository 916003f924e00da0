//! The kinds, records and fields of the Kubernetes API, of all supported versions at once.
//!
//! The table is one file, `data/kubernetes.schema`, compiled into the program and read in place: a look-up is a binary
//! search over its bytes, nothing is unpacked. `docs/schema.md` draws its layout. A damaged table gives fewer answers,
//! never a panic.
//!
//! Start at [`Schema::kubernetes`]; from there [`Schema::kinds_named`] leads to a [`Kind`], its root to a [`Record`],
//! and [`Record::field`] to a [`Field`]. [`near`] finds the name that was meant, [`path`] the field one record further down.

mod kind;
pub mod near;
pub mod path;
mod record;
mod table;

use std::sync::OnceLock;

pub use self::kind::{Kind, ServedVersion, Versions};
pub use self::record::{Field, FieldType, Fields, Names, Record};
use self::table::{Section, Table};

/// A table of kinds and records.
#[derive(Debug)]
pub struct Schema {
    table: Table,
}

/// The number of a kind in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub u32);

/// The number of a record in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u32);

/// The number of a field in its table; it belongs to one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u32);

/// The number of a type in its table; [`Schema::resolve`] tells what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeRef(pub u16);

/// A version of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// `1` in `1.25`.
    pub major: u8,
    /// `25` in `1.25`.
    pub minor: u8,
}

impl std::fmt::Display for Version {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// The version `1.minor`.
    pub fn minor(minor: u8) -> Self {
        Self { major: 1, minor }
    }
}

impl Schema {
    /// The table of the Kubernetes API that is part of this crate.
    pub fn kubernetes() -> &'static Self {
        static KUBERNETES: OnceLock<Schema> = OnceLock::new();
        KUBERNETES.get_or_init(|| {
            let bytes = include_bytes!("../data/kubernetes.schema");
            Self::read(bytes).unwrap_or(Self {
                table: Table::EMPTY,
            })
        })
    }

    /// The table in `bytes`, or `None` if they do not begin as one or their texts are not UTF-8. Nothing else is looked at.
    pub fn read(bytes: &'static [u8]) -> Option<Self> {
        Table::read(bytes).map(|table| Self { table })
    }

    /// The oldest version of Kubernetes with a schema: what it has is there "always".
    pub fn oldest(&self) -> Version {
        Version::minor(self.table.oldest)
    }

    /// The newest version of Kubernetes with a schema.
    pub fn newest(&self) -> Version {
        Version::minor(self.table.newest)
    }

    /// All kinds, by name and then by group.
    pub fn kinds(&'static self) -> impl Iterator<Item = Kind> {
        (0..self.table.n_rows(Section::Kinds)).filter_map(move |row| Kind::read(self, row))
    }

    /// The kinds of this name, the core group's first, then by group.
    pub fn kinds_named(&'static self, name: &str) -> impl Iterator<Item = Kind> {
        let rows = self.table.equal_rows(Section::Kinds, name);
        rows.filter_map(move |row| Kind::read(self, row))
    }

    /// The kind of this name in `group`, which is empty for the core group and may be one that no longer serves it.
    pub fn kind(&'static self, group: &str, name: &str) -> Option<Kind> {
        let mut kinds = self.kinds_named(name);
        let home = kinds.find(|kind| kind.group == group);
        home.or_else(|| {
            self.kinds_named(name)
                .find(|kind| kind.versions().any(|served| served.group == group))
        })
    }

    /// The kind with this number.
    pub fn kind_by_id(&'static self, id: KindId) -> Option<Kind> {
        Kind::read(self, usize::try_from(id.0).ok()?)
    }

    /// All records, by name; of several with one name the core group's is first, then the stable ones.
    pub fn records(&'static self) -> impl Iterator<Item = Record> {
        (0..self.table.n_rows(Section::Records)).filter_map(move |row| Record::read(self, row))
    }

    /// The records of this name in the order of [`Schema::records`].
    pub fn records_named(&'static self, name: &str) -> impl Iterator<Item = Record> {
        let rows = self.table.equal_rows(Section::Records, name);
        rows.filter_map(move |row| Record::read(self, row))
    }

    /// The record with this number; one without name and fields if there is none.
    pub fn record(&'static self, id: RecordId) -> Record {
        let row = usize::try_from(id.0).unwrap_or(usize::MAX);
        Record::read(self, row).unwrap_or(Record::empty(self, id))
    }

    /// The field with this number.
    pub fn field(&'static self, id: FieldId) -> Option<Field> {
        Field::read(self, usize::try_from(id.0).ok()?)
    }

    /// What the type with this number is; untyped if there is none.
    pub fn resolve(&self, ty: TypeRef) -> FieldType {
        FieldType::read(&self.table, ty)
    }

    /// The records that have a field of this name. Looks at every field: meant for diagnostics.
    pub fn records_with_field<'n>(
        &'static self,
        name: &'n str,
    ) -> impl Iterator<Item = Record> + use<'n> {
        // A text is stored once, so comparing numbers is enough.
        let wanted = self.table.find_text(name);
        self.records()
            .filter(move |record| wanted.is_some_and(|text| record.has_text(text)))
    }
}

#[cfg(test)]
mod tests;
