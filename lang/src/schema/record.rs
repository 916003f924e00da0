//! Records and their fields.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::Range;

use super::table::{Section, Table};
use super::{FieldId, RecordId, Schema, TypeRef, Version};

const REQUIRED: u8 = 1;
const SENSITIVE: u8 = 2;

/// An object type of the API: `PodSpec`, `Container`.
#[derive(Clone, Copy)]
pub struct Record {
    schema: &'static Schema,
    /// Its number.
    pub id: RecordId,
    /// Its name, without group and version; other records may have the same.
    pub name: &'static str,
    first: usize,
    n_fields: usize,
}

/// A field of a record, in its newest form.
#[derive(Clone, Copy)]
pub struct Field {
    schema: &'static Schema,
    /// Its number.
    pub id: FieldId,
    /// Its name: `imagePullPolicy`.
    pub name: &'static str,
    /// Its type.
    pub ty: FieldType,
    /// Whether the API refuses the record without it.
    pub required: bool,
    /// Whether its value is a secret, which no report may show.
    pub sensitive: bool,
    /// The first version that has it, if its record was there before.
    pub since: Option<Version>,
    /// The last version that has it, if its record is there after.
    pub until: Option<Version>,
    /// The value it has where it is absent, as JSON.
    pub default: Option<&'static str>,
    members: Rows,
    list_keys: Rows,
}

/// Positions in the lists; `Range` itself is not `Copy`.
#[derive(Clone, Copy)]
struct Rows {
    start: usize,
    end: usize,
}

/// What a field, an element of a list or a value of a map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A number.
    Float,
    /// A text, with [`Field::members`] an enum.
    String,
    /// An amount: `500m`, `1Gi`.
    Quantity,
    /// A whole number or a text: a port, a percentage.
    IntOrString,
    /// A moment in RFC 3339.
    Timestamp,
    /// A length of time: `1h30m`.
    Duration,
    /// Untyped JSON.
    Any,
    /// A record.
    Record(RecordId),
    /// A list of what [`Schema::resolve`] tells.
    List(TypeRef),
    /// A map from strings to what [`Schema::resolve`] tells.
    Map(TypeRef),
}

impl Record {
    pub(super) fn read(schema: &'static Schema, row: usize) -> Option<Self> {
        let bytes = schema.table.row(Section::Records, row)?;
        Some(Self {
            schema,
            id: RecordId(u32::try_from(row).ok()?),
            name: schema.table.text(bytes.index(0)?)?,
            first: bytes.index(2)?,
            n_fields: bytes.index(4)?,
        })
    }

    pub(super) fn empty(schema: &'static Schema, id: RecordId) -> Self {
        Self {
            schema,
            id,
            name: "",
            first: 0,
            n_fields: 0,
        }
    }

    /// Its fields by name.
    pub fn fields(&self) -> Fields {
        Fields {
            schema: self.schema,
            rows: self.rows(),
        }
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<Field> {
        let row = self
            .schema
            .table
            .find_row(Section::Fields, self.rows(), name)?;
        Field::read(self.schema, row)
    }

    /// Whether it has a field whose name is the text with this number.
    pub(super) fn has_text(&self, text: u16) -> bool {
        let name = |row| self.schema.table.row(Section::Fields, row)?.number(0);
        self.rows().any(|row| name(row) == Some(text))
    }

    fn rows(&self) -> Range<usize> {
        self.first..self.first + self.n_fields
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Record({} {})", self.id.0, self.name)
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && std::ptr::eq(self.schema, other.schema)
    }
}

impl Eq for Record {}

/// The fields of a record by name.
#[derive(Debug, Clone)]
pub struct Fields {
    schema: &'static Schema,
    rows: Range<usize>,
}

impl Iterator for Fields {
    type Item = Field;

    fn next(&mut self) -> Option<Field> {
        Field::read(self.schema, self.rows.next()?)
    }
}

impl FusedIterator for Fields {}

impl Field {
    pub(super) fn read(schema: &'static Schema, row: usize) -> Option<Self> {
        let table = &schema.table;
        let bytes = table.row(Section::Fields, row)?;
        let flags = bytes.byte(6)?;
        let extra = bytes
            .index(4)
            .and_then(|extra| table.row(Section::Extras, extra));
        let version = |at| {
            let minor = extra
                .and_then(|extra| extra.byte(at))
                .filter(|minor| *minor != u8::MAX);
            minor.map(Version::minor)
        };
        let list = |at| Rows::read(table, extra.and_then(|extra| extra.index(at)));
        Some(Self {
            schema,
            id: FieldId(u32::try_from(row).ok()?),
            name: table.text(bytes.index(0)?)?,
            ty: FieldType::read(table, TypeRef(bytes.number(2)?)),
            required: flags & REQUIRED != 0,
            sensitive: flags & SENSITIVE != 0,
            since: version(0),
            until: version(1),
            default: extra
                .and_then(|extra| extra.index(4))
                .and_then(|text| table.text(text)),
            members: list(2),
            list_keys: list(6),
        })
    }

    /// Whether a read of it can give nothing: it is neither required nor has it a default, and it is no list or map, which
    /// are empty where they are absent.
    pub fn is_optional(&self) -> bool {
        let is_collection = matches!(self.ty, FieldType::List(_) | FieldType::Map(_));
        !self.required && self.default.is_none() && !is_collection
    }

    /// The members of the enum that its strings are, the elements' if it is a list; none if any string will do.
    pub fn members(&self) -> Names {
        Names::new(self.schema, self.members)
    }

    /// The fields that tell the elements of this list apart (`name` of containers); none if they are not known.
    pub fn list_keys(&self) -> Names {
        Names::new(self.schema, self.list_keys)
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Field({} {}: {:?}", self.id.0, self.name, self.ty)?;
        write!(out, "{}", if self.required { "" } else { "?" })?;
        if let Some(default) = self.default {
            write!(out, " = {default}")?;
        }
        write!(out, ")")
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && std::ptr::eq(self.schema, other.schema)
    }
}

impl Eq for Field {}

impl Rows {
    fn read(table: &Table, start: Option<usize>) -> Self {
        let range = start.map_or(0..0, |start| table.list(start));
        Self {
            start: range.start,
            end: range.end,
        }
    }
}

/// Names from the table, in the order of the API's documents.
#[derive(Debug, Clone)]
pub struct Names {
    schema: &'static Schema,
    rows: Range<usize>,
}

impl Names {
    fn new(schema: &'static Schema, range: Rows) -> Self {
        Self {
            schema,
            rows: range.start..range.end,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether `name` is among them.
    pub fn contains(&self, name: &str) -> bool {
        self.clone().any(|other| other == name)
    }
}

impl Iterator for Names {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        let row = self.schema.table.row(Section::Lists, self.rows.next()?)?;
        self.schema.table.text(row.index(0)?)
    }
}

impl FieldType {
    pub(super) fn read(table: &Table, ty: TypeRef) -> Self {
        let Some(row) = table.row(Section::Types, usize::from(ty.0)) else {
            return Self::Any;
        };
        let arg = row.number(2).unwrap_or(u16::MAX);
        match row.byte(0) {
            Some(0) => Self::Bool,
            Some(1) => Self::Int,
            Some(2) => Self::Float,
            Some(3) => Self::String,
            Some(4) => Self::Quantity,
            Some(5) => Self::IntOrString,
            Some(6) => Self::Timestamp,
            Some(7) => Self::Duration,
            Some(9) => Self::Record(RecordId(u32::from(arg))),
            // What a list holds comes before it in the table, so a damaged one cannot be its own element.
            Some(10) if arg < ty.0 => Self::List(TypeRef(arg)),
            Some(11) if arg < ty.0 => Self::Map(TypeRef(arg)),
            _ => Self::Any,
        }
    }
}
