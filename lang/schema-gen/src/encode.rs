//! Writes a [`Model`] as the table that `palisade_lang::schema` reads in place.
//!
//! The layout is drawn in `docs/schema.md`. All numbers are little-endian.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::merge::{Merged, merge_records, span_in};
use crate::model::{Field, Kind, Model, Record, Type};

/// First bytes of the table.
const MAGIC: &[u8; 4] = b"PKS1";
/// Stands for "none" where a number of 16 bits is expected.
const NONE: u16 = u16::MAX;
/// Stands for "no such version" where a minor version is expected.
const NO_VERSION: u8 = 0xFF;

const REQUIRED: u8 = 1;
const SENSITIVE: u8 = 2;
const NAMESPACED: u8 = 1;

/// The bytes of the table.
pub fn encode(model: &Model) -> Result<Vec<u8>> {
    let merged = merge_records(model);
    let strings = Strings::collect(model, &merged)?;
    let mut tables = Tables::new(strings);
    for key in &merged.records {
        let record = model
            .records
            .get(key)
            .context("a merged record is missing")?;
        tables.add_record(record, &merged)?;
    }
    for ((name, group), kind) in &model.kinds {
        tables.add_kind(name, group, kind, &merged)?;
    }
    tables.finish(model)
}

/// All texts of the table, sorted, so that a text is found by binary search.
struct Strings {
    sorted: Vec<String>,
}

impl Strings {
    fn collect(model: &Model, merged: &Merged) -> Result<Self> {
        let mut all = Vec::new();
        for key in &merged.records {
            let record = model
                .records
                .get(key)
                .context("a merged record is missing")?;
            all.push(record.name.clone());
            for (name, field) in &record.fields {
                all.push(name.clone());
                all.extend(field.members.iter().cloned());
                all.extend(field.list_keys.iter().cloned());
                all.extend(field.default.clone());
            }
        }
        for ((name, group), kind) in &model.kinds {
            all.extend([name.clone(), group.clone(), kind.plural.clone()]);
            for served in &kind.versions {
                all.extend([served.group.clone(), served.version.clone()]);
            }
        }
        all.sort();
        all.dedup();
        Ok(Self { sorted: all })
    }

    fn id(&self, text: &str) -> Result<u16> {
        let found = self
            .sorted
            .binary_search_by(|other| other.as_str().cmp(text));
        let index = found
            .ok()
            .with_context(|| format!("{text:?} was not collected"))?;
        to_u16(index)
    }
}

/// The sections under construction, in the order in which they are written.
struct Tables {
    strings: Strings,
    kinds: Vec<u8>,
    served: Vec<u8>,
    records: Vec<u8>,
    fields: Vec<u8>,
    extras: Vec<u8>,
    extra_ids: BTreeMap<[u8; 8], u16>,
    types: Vec<u8>,
    type_ids: BTreeMap<[u8; 4], u16>,
    lists: Vec<u8>,
    list_ids: BTreeMap<Vec<u16>, u16>,
}

impl Tables {
    fn new(strings: Strings) -> Self {
        Self {
            strings,
            kinds: Vec::new(),
            served: Vec::new(),
            records: Vec::new(),
            fields: Vec::new(),
            extras: Vec::new(),
            extra_ids: BTreeMap::new(),
            types: Vec::new(),
            type_ids: BTreeMap::new(),
            lists: Vec::new(),
            list_ids: BTreeMap::new(),
        }
    }

    fn add_record(&mut self, record: &Record, merged: &Merged) -> Result<()> {
        let first = to_u16(self.fields.len() / 8)?;
        for (name, field) in &record.fields {
            let name = self.strings.id(name)?;
            let ty = self.type_id(&field.ty, merged)?;
            let extra = self.extra_id(record, field)?;
            push_u16s(&mut self.fields, &[name, ty, extra]);
            let flags = if field.required { REQUIRED } else { 0 }
                | if field.sensitive { SENSITIVE } else { 0 };
            self.fields.extend([flags, 0]);
        }
        let name = self.strings.id(&record.name)?;
        push_u16s(
            &mut self.records,
            &[name, first, to_u16(record.fields.len())?],
        );
        Ok(())
    }

    fn extra_id(&mut self, record: &Record, field: &Field) -> Result<u16> {
        let (since, until) = span_in(record, field);
        let members = self.list_id(&field.members)?;
        let keys = self.list_id(&field.list_keys)?;
        let default = match &field.default {
            Some(text) => self.strings.id(text)?,
            None => NONE,
        };
        if since.is_none() && until.is_none() && [members, keys, default] == [NONE; 3] {
            return Ok(NONE);
        }
        let mut row = vec![since.unwrap_or(NO_VERSION), until.unwrap_or(NO_VERSION)];
        push_u16s(&mut row, &[members, default, keys]);
        let row: [u8; 8] = row.try_into().ok().context("an extra has eight bytes")?;
        if let Some(id) = self.extra_ids.get(&row) {
            return Ok(*id);
        }
        let id = to_u16(self.extras.len() / 8)?;
        self.extras.extend(row);
        self.extra_ids.insert(row, id);
        Ok(id)
    }

    /// The position of a list of texts: its length, then their ids.
    fn list_id(&mut self, texts: &[String]) -> Result<u16> {
        if texts.is_empty() {
            return Ok(NONE);
        }
        let mut row = vec![to_u16(texts.len())?];
        for text in texts {
            row.push(self.strings.id(text)?);
        }
        if let Some(id) = self.list_ids.get(&row) {
            return Ok(*id);
        }
        let id = to_u16(self.lists.len() / 2)?;
        push_u16s(&mut self.lists, &row);
        self.list_ids.insert(row, id);
        Ok(id)
    }

    fn type_id(&mut self, ty: &Type, merged: &Merged) -> Result<u16> {
        let (tag, arg) = match ty {
            Type::Bool => (0, NONE),
            Type::Int => (1, NONE),
            Type::Float => (2, NONE),
            Type::String => (3, NONE),
            Type::Quantity => (4, NONE),
            Type::IntOrString => (5, NONE),
            Type::Timestamp => (6, NONE),
            Type::Duration => (7, NONE),
            Type::Any => (8, NONE),
            Type::Record(key) => (9, root_id(merged, key)?),
            Type::List(inner) => (10, self.type_id(inner, merged)?),
            Type::Map(inner) => (11, self.type_id(inner, merged)?),
        };
        let [low, high] = arg.to_le_bytes();
        let row = [tag, 0, low, high];
        if let Some(id) = self.type_ids.get(&row) {
            return Ok(*id);
        }
        let id = to_u16(self.types.len() / 4)?;
        self.types.extend(row);
        self.type_ids.insert(row, id);
        Ok(id)
    }

    fn add_kind(&mut self, name: &str, group: &str, kind: &Kind, merged: &Merged) -> Result<()> {
        let first = to_u16(self.served.len() / 8)?;
        for served in &kind.versions {
            let group = self.strings.id(&served.group)?;
            let version = self.strings.id(&served.version)?;
            let root = match &served.root {
                Some(key) => root_id(merged, key)?,
                None => NONE,
            };
            push_u16s(&mut self.served, &[group, version, root]);
            self.served.push(served.since.unwrap_or(NO_VERSION));
            self.served.push(served.until.unwrap_or(NO_VERSION));
        }
        let best = kind
            .versions
            .iter()
            .find_map(|served| served.root.as_deref());
        let root = root_id(
            merged,
            best.with_context(|| format!("{name} has no shape"))?,
        )?;
        let (name, group) = (self.strings.id(name)?, self.strings.id(group)?);
        let plural = self.strings.id(&kind.plural)?;
        push_u16s(&mut self.kinds, &[name, group, plural, root, first]);
        let n_served = u8::try_from(kind.versions.len()).context("too many versions of a kind")?;
        self.kinds
            .extend([n_served, if kind.namespaced { NAMESPACED } else { 0 }]);
        Ok(())
    }

    fn finish(self, model: &Model) -> Result<Vec<u8>> {
        let mut ends = Vec::new();
        let mut texts = Vec::new();
        for text in &self.strings.sorted {
            texts.extend(text.as_bytes());
            ends.extend(to_u32(texts.len())?.to_le_bytes());
        }
        let sections = [
            &self.kinds,
            &self.served,
            &self.records,
            &self.fields,
            &self.extras,
            &self.types,
            &self.lists,
            &ends,
            &texts,
        ];
        let mut out = MAGIC.to_vec();
        out.extend([model.oldest, model.newest]);
        out.extend(to_u16(sections.len())?.to_le_bytes());
        let mut end = out.len() + 4 * sections.len();
        for section in sections {
            end += section.len();
            out.extend(to_u32(end)?.to_le_bytes());
        }
        for section in sections {
            out.extend(section);
        }
        Ok(out)
    }
}

fn root_id(merged: &Merged, key: &str) -> Result<u16> {
    let index = merged
        .index
        .get(key)
        .with_context(|| format!("no record {key}"))?;
    to_u16(*index)
}

fn push_u16s(out: &mut Vec<u8>, numbers: &[u16]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// Fails for 65535 too, which stands for "none".
fn to_u16(number: usize) -> Result<u16> {
    let number = u16::try_from(number).ok().filter(|number| *number != NONE);
    number.context("the table has outgrown its 16-bit numbers")
}

fn to_u32(number: usize) -> Result<u32> {
    u32::try_from(number).context("the table has outgrown its 32-bit offsets")
}
