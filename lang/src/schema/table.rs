//! The bytes of the table: sections of rows of fixed size, and texts.
//!
//! ```text
//! "PKS1"  oldest u8  newest u8  n_sections u16  end of each section u32 …  kinds  served  records  fields …
//! ```

use std::cmp::Ordering;
use std::ops::Range;

/// First bytes of every table; the digit is the layout's version.
const MAGIC: &[u8] = b"PKS1";
const HEADER: usize = 8;
const N_SECTIONS: usize = 9;
/// Stands for "none" where a number of 16 bits is expected.
const NONE: u16 = u16::MAX;

/// The sections with rows, in the order of the file; after them come the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Kinds,
    Served,
    Records,
    Fields,
    Extras,
    Types,
    Lists,
    TextEnds,
}

impl Section {
    const fn row_size(self) -> usize {
        match self {
            Self::Kinds => 12,
            Self::Served | Self::Fields | Self::Extras => 8,
            Self::Records => 6,
            Self::Types | Self::TextEnds => 4,
            Self::Lists => 2,
        }
    }
}

/// Where the sections are; every read is checked against the bytes that exist.
#[derive(Debug)]
pub(super) struct Table {
    sections: [&'static [u8]; N_SECTIONS],
    /// The last section, checked once to be UTF-8: a check of each text was a quarter of a look-up.
    texts: &'static str,
    pub(super) oldest: u8,
    pub(super) newest: u8,
}

/// A row of a section; reads beyond its end give nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row(&'static [u8]);

impl Row {
    pub(super) fn byte(self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }

    pub(super) fn number(self, at: usize) -> Option<u16> {
        let bytes = self.0.get(at..at.checked_add(2)?)?;
        Some(u16::from_le_bytes(bytes.try_into().ok()?))
    }

    /// A number that may say "none".
    pub(super) fn index(self, at: usize) -> Option<usize> {
        self.number(at)
            .filter(|number| *number != NONE)
            .map(usize::from)
    }
}

impl Table {
    pub(super) const EMPTY: Self = Self {
        sections: [&[]; N_SECTIONS],
        texts: "",
        oldest: 0,
        newest: 0,
    };

    pub(super) fn read(bytes: &'static [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let [oldest, newest, low, high, ..] = *rest else {
            return None;
        };
        if usize::from(u16::from_le_bytes([low, high])) != N_SECTIONS {
            return None;
        }
        let mut sections: [&'static [u8]; N_SECTIONS] = [&[]; N_SECTIONS];
        let mut start = HEADER + 4 * N_SECTIONS;
        for (number, section) in sections.iter_mut().enumerate() {
            let end = bytes.get(HEADER + 4 * number..HEADER + 4 * (number + 1))?;
            let end = usize::try_from(u32::from_le_bytes(end.try_into().ok()?)).ok()?;
            *section = bytes.get(start..end)?;
            start = end;
        }
        let texts = std::str::from_utf8(sections.last()?).ok()?;
        Some(Self {
            sections,
            texts,
            oldest,
            newest,
        })
    }

    fn bytes(&self, section: Section) -> &'static [u8] {
        self.sections
            .get(section as usize)
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn n_rows(&self, section: Section) -> usize {
        self.bytes(section).len() / section.row_size()
    }

    pub(super) fn row(&self, section: Section, row: usize) -> Option<Row> {
        let size = section.row_size();
        let start = row.checked_mul(size)?;
        self.bytes(section)
            .get(start..start.checked_add(size)?)
            .map(Row)
    }

    /// The text with this number.
    pub(super) fn text(&self, number: usize) -> Option<&'static str> {
        let start = match number.checked_sub(1) {
            Some(before) => self.text_end(before)?,
            None => 0,
        };
        self.texts.get(start..self.text_end(number)?)
    }

    fn text_end(&self, number: usize) -> Option<usize> {
        let Row(bytes) = self.row(Section::TextEnds, number)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    }

    /// The number of this text, if the table has it.
    pub(super) fn find_text(&self, text: &str) -> Option<u16> {
        let all = 0..self.n_rows(Section::TextEnds);
        let found = partition(all, |number| self.text(number) < Some(text));
        let equal = self.text(found) == Some(text);
        u16::try_from(found).ok().filter(|_| equal)
    }

    /// The rows of a section sorted by name that have this name.
    pub(super) fn equal_rows(&self, section: Section, name: &str) -> Range<usize> {
        let end = self.n_rows(section);
        let start = partition(0..end, |row| self.name(section, row) < Some(name));
        let equal = |row: &usize| self.name(section, *row) == Some(name);
        let n_equal = (start..end).take_while(equal).count();
        start..start + n_equal
    }

    /// The row among `rows` of a section sorted by name that has this name.
    pub(super) fn find_row(
        &self,
        section: Section,
        rows: Range<usize>,
        name: &str,
    ) -> Option<usize> {
        let Range { mut start, mut end } = rows;
        while start < end {
            let middle = start + (end - start) / 2;
            match self.name(section, middle).cmp(&Some(name)) {
                Ordering::Less => start = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => end = middle,
            }
        }
        None
    }

    /// The name of a row: in every named section its first number is that of the name.
    fn name(&self, section: Section, row: usize) -> Option<&'static str> {
        self.text(self.row(section, row)?.index(0)?)
    }

    /// The numbers of the list that starts at this position of [`Section::Lists`].
    pub(super) fn list(&self, start: usize) -> Range<usize> {
        let length = self
            .row(Section::Lists, start)
            .and_then(|row| row.number(0));
        let first = start.saturating_add(1);
        first..first.saturating_add(usize::from(length.unwrap_or(0)))
    }
}

/// The first position of `range` for which `is_before` does not hold; it must hold for a prefix.
fn partition(range: Range<usize>, is_before: impl Fn(usize) -> bool) -> usize {
    let Range { mut start, mut end } = range;
    while start < end {
        let middle = start + (end - start) / 2;
        if is_before(middle) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    start
}
