//! Reading an index in place: nothing is parsed before it is asked for, nothing is trusted.

use palisade_abi::layout::ABI_VERSION;
use thiserror::Error;

use super::source::Described;
use super::{Index, ParamEntry, PolicyEntry, ProfileEntry, ProjectionNode, Route};

pub(super) const MAGIC: u32 = u32::from_le_bytes(*b"PALI");
pub(super) const HEADER: usize = 64;
pub(super) const TEXT_ROW: usize = 8;
pub(super) const POLICY_ROW: usize = 48;
pub(super) const PROFILE_ROW: usize = 16;
pub(super) const PARAM_ROW: usize = 40;
pub(super) const ROUTE_ROW: usize = 24;
pub(super) const PROJECTION_ROW: usize = 16;
pub(super) const FLAG_VALUE: u32 = 1;
pub(super) const FLAG_WHOLE: u32 = 2;
pub(super) const FLAG_KEYS: u32 = 4;
pub(super) const ELEMENT_NONE: u32 = u32::MAX;
/// The policy of a parameter of the pack.
pub(super) const OF_PACK: u32 = u32::MAX;

/// Why bytes are no index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IndexError {
    /// The section does not begin like an index.
    #[error("its index section is not of Palisade")]
    Foreign,
    /// The interface is of another version.
    #[error("it speaks version {0} of the interface, and this is version {ABI_VERSION}")]
    Version(u32),
    /// Something points outside of the section, or is no UTF-8.
    #[error("its index section is damaged at byte {0}")]
    Damaged(usize),
}

/// An index section, read where it lies.
#[derive(Debug, Clone, Copy)]
pub struct IndexView<'a> {
    bytes: &'a [u8],
}

/// A table of texts in an index.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    view: IndexView<'a>,
    table: Table,
}

/// Bytes that owned copies may still take. What an encoder wrote overlaps nowhere and is at most as long as its section;
/// a forged section could name one stretch a thousand times.
struct Budget(usize);

impl Budget {
    fn take(&mut self, bytes: usize) -> Result<(), IndexError> {
        self.0 = self.0.checked_sub(bytes).ok_or(IndexError::Damaged(0))?;
        Ok(())
    }

    fn copy(&mut self, text: &str) -> Result<String, IndexError> {
        self.take(text.len() + TEXT_ROW)?;
        Ok(text.to_owned())
    }

    fn copy_all(&mut self, texts: Texts<'_>) -> Result<Vec<String>, IndexError> {
        texts.iter().map(|text| self.copy(text?)).collect()
    }
}

#[derive(Debug, Clone, Copy)]
struct Table {
    start: usize,
    rows: u32,
}

impl<'a> IndexView<'a> {
    /// Looks at the first bytes of a section.
    ///
    /// # Errors
    ///
    /// If they are not those of an index of this version.
    pub fn new(bytes: &'a [u8]) -> Result<Self, IndexError> {
        let view = Self { bytes };
        match view.number(0) {
            Ok(MAGIC) if bytes.len() >= HEADER => {}
            Ok(_) | Err(_) => return Err(IndexError::Foreign),
        }
        match view.number(4)? {
            ABI_VERSION => Ok(view),
            version => Err(IndexError::Version(version)),
        }
    }

    /// The pack's name.
    ///
    /// # Errors
    ///
    /// Like every read of a view: if the bytes point outside of the section or are no UTF-8.
    pub fn pack(&self) -> Result<&'a str, IndexError> {
        self.text(8)
    }

    /// The number of policies.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`].
    pub fn n_policies(&self) -> Result<u32, IndexError> {
        Ok(self.table(16, POLICY_ROW)?.rows)
    }

    /// A policy by number.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`]; also if there is no such policy.
    pub fn policy(&self, number: u32) -> Result<PolicyEntry, IndexError> {
        self.copy_policy(number, &mut Budget(self.bytes.len()))
    }

    fn copy_policy(&self, number: u32, budget: &mut Budget) -> Result<PolicyEntry, IndexError> {
        let row = self.table(16, POLICY_ROW)?.row(number, POLICY_ROW)?;
        let flags = self.number(row + 16)?.to_le_bytes();
        let [severity, default, operations, _] = flags;
        Ok(PolicyEntry {
            name: budget.copy(self.text(row)?)?,
            title: budget.copy(self.text(row + 8)?)?,
            severity,
            on_by_default: default != 0,
            operations,
            first_check: self.number(row + 20)?,
            n_checks: self.number(row + 24)?,
            controls: budget.copy_all(self.texts(row + 28)?)?,
            asks: self.number(row + 44)?,
        })
    }

    /// The first check of a policy and how many it has, check 0 included.
    ///
    /// # Errors
    ///
    /// See [`IndexView::policy`].
    pub fn checks(&self, number: u32) -> Result<(u32, u32), IndexError> {
        let row = self.table(16, POLICY_ROW)?.row(number, POLICY_ROW)?;
        Ok((self.number(row + 20)?, self.number(row + 24)?))
    }

    /// The names of the profiles that a policy is in, and what each of them sets.
    ///
    /// # Errors
    ///
    /// See [`IndexView::policy`].
    pub fn profiles(&self, number: u32) -> Result<Vec<(&'a str, &'a str)>, IndexError> {
        let row = self.table(16, POLICY_ROW)?.row(number, POLICY_ROW)?;
        let table = self.table(row + 36, PROFILE_ROW)?;
        (0..table.rows)
            .map(|i| {
                let row = table.row(i, PROFILE_ROW)?;
                Ok((self.text(row)?, self.text(row + 8)?))
            })
            .collect()
    }

    /// The symbols, by number.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`].
    pub fn symbols(&self) -> Result<Texts<'a>, IndexError> {
        self.texts(24)
    }

    /// The number of routes.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`].
    pub fn n_routes(&self) -> Result<u32, IndexError> {
        Ok(self.table(32, ROUTE_ROW)?.rows)
    }

    /// The kind, the groups and the projection of a route.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`]; also if there is no such route.
    pub fn route(&self, number: u32) -> Result<(&'a str, Texts<'a>, u32), IndexError> {
        self.route_of(32, number)
    }

    /// The number of kinds that policies ask for.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`].
    pub fn n_asked(&self) -> Result<u32, IndexError> {
        Ok(self.table(56, ROUTE_ROW)?.rows)
    }

    /// The kind, the groups and the projection of a kind that policies ask for.
    ///
    /// # Errors
    ///
    /// See [`IndexView::route`].
    pub fn asked(&self, number: u32) -> Result<(&'a str, Texts<'a>, u32), IndexError> {
        self.route_of(56, number)
    }

    fn route_of(&self, at: usize, number: u32) -> Result<(&'a str, Texts<'a>, u32), IndexError> {
        let row = self.table(at, ROUTE_ROW)?.row(number, ROUTE_ROW)?;
        Ok((
            self.text(row)?,
            self.texts(row + 8)?,
            self.number(row + 16)?,
        ))
    }

    /// How the files of a route are found and read, if it is one of files, and where it holds secrets.
    ///
    /// # Errors
    ///
    /// See [`IndexView::route`].
    fn described(&self, table: usize, number: u32) -> Result<Described, IndexError> {
        let row = self.table(table, ROUTE_ROW)?.row(number, ROUTE_ROW)?;
        let at = self.number(row + 20)? as usize;
        if at == 0 {
            return Ok(Described::default());
        }
        let len = self.number(at)? as usize;
        let start = at + 4;
        start
            .checked_add(len)
            .and_then(|end| self.bytes.get(start..end))
            .and_then(|bytes| super::source::read(self.text(row).ok()?, bytes))
            .ok_or(IndexError::Damaged(at))
    }

    /// The number of nodes of the projection.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`].
    pub fn n_projection(&self) -> Result<u32, IndexError> {
        Ok(self.table(40, PROJECTION_ROW)?.rows)
    }

    /// A node of the projection. What it refers to exists.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`]; also if there is no such node, or one that it refers to, or its members are out of
    /// order.
    pub fn projection(&self, number: u32) -> Result<ProjectionNode, IndexError> {
        let nodes = self.table(40, PROJECTION_ROW)?;
        let n_symbols = self.symbols()?.len();
        let row = nodes.row(number, PROJECTION_ROW)?;
        let flags = self.number(row)?;
        let element = Some(self.number(row + 4)?).filter(|&element| element != ELEMENT_NONE);
        if element.is_some_and(|element| element >= nodes.rows) {
            return Err(IndexError::Damaged(row + 4));
        }
        let table = self.table(row + 8, 8)?;
        let mut members: Vec<(u32, u32)> = Vec::with_capacity(table.rows as usize);
        for i in 0..table.rows {
            let at = table.row(i, 8)?;
            let (symbol, node) = (self.number(at)?, self.number(at + 4)?);
            let ordered = members.last().is_none_or(|&(before, _)| before < symbol);
            if !ordered || symbol >= n_symbols || node >= nodes.rows {
                return Err(IndexError::Damaged(at));
            }
            members.push((symbol, node));
        }
        Ok(ProjectionNode {
            value: flags & FLAG_VALUE != 0,
            whole: flags & FLAG_WHOLE != 0,
            keys: flags & FLAG_KEYS != 0,
            element,
            members,
        })
    }

    /// The number of parameters.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`].
    pub fn n_params(&self) -> Result<u32, IndexError> {
        Ok(self.table(48, PARAM_ROW)?.rows)
    }

    /// A parameter by number.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`]; also if there is no such parameter, or its policy.
    pub fn param(&self, number: u32) -> Result<ParamEntry, IndexError> {
        self.copy_param(number, &mut Budget(self.bytes.len()))
    }

    fn copy_param(&self, number: u32, budget: &mut Budget) -> Result<ParamEntry, IndexError> {
        let row = self.table(48, PARAM_ROW)?.row(number, PARAM_ROW)?;
        let policy = Some(self.number(row)?).filter(|&policy| policy != OF_PACK);
        let n_policies = self.n_policies()?;
        if policy.is_some_and(|policy| policy >= n_policies) {
            return Err(IndexError::Damaged(row));
        }
        let default = self.text(row + 24)?;
        Ok(ParamEntry {
            policy,
            required: self.number(row + 4)? != 0,
            name: budget.copy(self.text(row + 8)?)?,
            ty: budget.copy(self.text(row + 16)?)?,
            default: if default.is_empty() {
                None
            } else {
                Some(budget.copy(default)?)
            },
            doc: budget.copy(self.text(row + 32)?)?,
        })
    }

    pub(super) fn to_index(self) -> Result<Index, IndexError> {
        let budget = &mut Budget(self.bytes.len());
        let mut index = Index {
            pack: budget.copy(self.pack()?)?,
            symbols: budget.copy_all(self.symbols()?)?,
            ..Index::default()
        };
        for i in 0..self.n_policies()? {
            index.policies.push(self.copy_policy(i, budget)?);
            for (name, settings) in self.profiles(i)? {
                budget.take(PROFILE_ROW)?;
                match index.profiles.iter_mut().find(|known| known.name == name) {
                    Some(known) => known.policies.push(i),
                    None => index.profiles.push(ProfileEntry {
                        name: budget.copy(name)?,
                        policies: vec![i],
                        settings: budget.copy(settings)?,
                    }),
                }
            }
        }
        index.routes = self.copy_routes(32, budget)?;
        index.asked = self.copy_routes(56, budget)?;
        for i in 0..self.n_projection()? {
            let node = self.projection(i)?;
            let size = PROJECTION_ROW + node.members.len() * 8;
            budget.take(size)?;
            index.projection.push(node);
        }
        for i in 0..self.n_params()? {
            index.params.push(self.copy_param(i, budget)?);
        }
        Ok(index)
    }

    /// The rows of a table of kinds.
    fn copy_routes(&self, table: usize, budget: &mut Budget) -> Result<Vec<Route>, IndexError> {
        let mut routes = Vec::new();
        for i in 0..self.table(table, ROUTE_ROW)?.rows {
            let (kind, groups, projection) = self.route_of(table, i)?;
            if projection >= self.n_projection()? {
                return Err(IndexError::Damaged(table));
            }
            let described = self.copy_described(table, i, budget)?;
            routes.push(Route {
                groups: budget.copy_all(groups)?,
                kind: budget.copy(kind)?,
                projection,
                source: described.source,
                secrets: described.secrets,
            });
        }
        Ok(routes)
    }

    fn copy_described(
        &self,
        table: usize,
        number: u32,
        budget: &mut Budget,
    ) -> Result<Described, IndexError> {
        let row = self.table(table, ROUTE_ROW)?.row(number, ROUTE_ROW)?;
        let at = self.number(row + 20)? as usize;
        if at != 0 {
            budget.take(self.number(at)? as usize)?;
        }
        self.described(table, number)
    }

    fn number(&self, at: usize) -> Result<u32, IndexError> {
        self.bytes
            .get(at..)
            .and_then(|rest| rest.first_chunk::<4>())
            .map(|&bytes| u32::from_le_bytes(bytes))
            .ok_or(IndexError::Damaged(at))
    }

    fn text(&self, at: usize) -> Result<&'a str, IndexError> {
        let (start, len) = (self.number(at)? as usize, self.number(at + 4)? as usize);
        start
            .checked_add(len)
            .and_then(|end| self.bytes.get(start..end))
            .and_then(|bytes| str::from_utf8(bytes).ok())
            .ok_or(IndexError::Damaged(at))
    }

    fn texts(&self, at: usize) -> Result<Texts<'a>, IndexError> {
        let table = self.table(at, TEXT_ROW)?;
        Ok(Texts { view: *self, table })
    }

    /// A table whose rows all lie in the section, so that a number of rows is never larger than the bytes allow.
    fn table(&self, at: usize, row_size: usize) -> Result<Table, IndexError> {
        let (start, rows) = (self.number(at)? as usize, self.number(at + 4)?);
        (rows as usize)
            .checked_mul(row_size)
            .and_then(|size| size.checked_add(start))
            .filter(|&end| end <= self.bytes.len())
            .map(|_| Table { start, rows })
            .ok_or(IndexError::Damaged(at))
    }
}

impl<'a> Texts<'a> {
    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> u32 {
        self.table.rows
    }

    /// A text by number.
    ///
    /// # Errors
    ///
    /// See [`IndexView::pack`]; also if there is no such text.
    pub fn get(&self, number: u32) -> Result<&'a str, IndexError> {
        self.view.text(self.table.row(number, TEXT_ROW)?)
    }

    /// All of them, borrowed.
    pub fn iter(&self) -> impl Iterator<Item = Result<&'a str, IndexError>> + use<'a> {
        let texts = *self;
        (0..texts.len()).map(move |i| texts.get(i))
    }
}

impl Table {
    fn row(self, number: u32, row_size: usize) -> Result<usize, IndexError> {
        if number >= self.rows {
            return Err(IndexError::Damaged(self.start));
        }
        Ok(self.start + number as usize * row_size)
    }
}
