//! The custom section `palisade.index`: what a host needs to write tapes for a module and to name its results.
//!
//! Numbers are little endian, offsets count from the beginning of the section, a *text* is `{offset u32, len u32}` of
//! UTF-8, a *table* is `{offset u32, rows u32}`. A row is read by its number alone, so that a reader looks only at what it needs:
//!
//! ```text
//!  0 magic "PALI"
//!  4 interface u32      version of docs/abi.md
//!  8 pack               text
//! 16 policies           table, rows of 48: name text, title text, severity u8, default u8, operations u8 (bits: create,
//!                       update, delete, connect; 0: not said), 0 u8, first check u32,
//!                       checks u32, controls table (rows of 8: text), profiles table (rows of 16: name text,
//!                       settings text), asks u32 (a bit for each row of queries, the last for all from 31 on)
//! 24 symbols            table, rows of 8: text
//! 32 routes             table, rows of 24: kind text, groups table (rows of 8: text; none for a kind of file),
//!                       projection u32, for a kind of file the offset of {len u32, JSON} as `docs/abi.md` has it, else 0
//! 40 projection         table, rows of 16: flags u32 (1 value, 2 whole, 4 keys), element u32 (0xFFFF_FFFF none),
//!                       members table (rows of 8: symbol u32, node u32)
//! 48 parameters         table, rows of 40: policy u32 (0xFFFF_FFFF the pack), required u32, name text, type text, default text
//!                       (JSON, empty for none), documentation text
//! 56 queries            table, rows as of routes: the kinds that policies ask for
//! 64 rows and texts
//! ```

mod encode;
mod source;
#[cfg(test)]
mod tests;
mod view;

use palisade_lang::program::{FileKind, KindRef, Program};

pub use view::{IndexError, IndexView, Texts};

/// Name of the custom section.
pub const SECTION: &str = "palisade.index";

/// Symbols that every module has, in this order; the runtime relies on it (`wasm/runtime/src/program.rs`).
pub const FIXED_SYMBOLS: [&str; 19] = [
    "apiVersion",
    "kind",
    "metadata",
    "name",
    "namespace",
    "generateName",
    "request",
    "old",
    "namespaceObject",
    "now",
    "clusterVersion",
    "knowledge",
    "initContainers",
    "ephemeralContainers",
    "restartPolicy",
    "operation",
    "subResource",
    "resource",
    "group",
];

/// The settings of a profile that sets none.
pub const NO_SETTINGS: &str = "{}";

/// The index of a module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    /// The pack.
    pub pack: String,
    /// The policies, by number.
    pub policies: Vec<PolicyEntry>,
    /// The symbols, by number; the first are [`FIXED_SYMBOLS`].
    pub symbols: Vec<String>,
    /// Which kinds of object the module reads.
    pub routes: Vec<Route>,
    /// The kinds of object that policies ask for besides the one judged.
    pub asked: Vec<Route>,
    /// The nodes of the projection; routes and nodes refer to them by index.
    pub projection: Vec<ProjectionNode>,
    /// The profiles that have a policy of this module, in the order in which policies name them.
    pub profiles: Vec<ProfileEntry>,
    /// The parameters, those of the pack first.
    pub params: Vec<ParamEntry>,
}

impl Index {
    /// The bytes of the section.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode::encode(self)
    }

    /// Reads all of a section.
    ///
    /// # Errors
    ///
    /// If the bytes are no index of this version, or point outside of themselves.
    pub fn decode(bytes: &[u8]) -> Result<Self, IndexError> {
        IndexView::new(bytes)?.to_index()
    }
}

/// A policy of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEntry {
    /// Its kebab-case name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its severity, 0 (info) to 4 (critical).
    pub severity: u8,
    /// Whether it is on unless said otherwise.
    pub on_by_default: bool,
    /// The operations that it judges, a bit each: create, update, delete, connect; 0 where the module does not say.
    pub operations: u8,
    /// The module-wide number of its check 0.
    pub first_check: u32,
    /// Its checks, check 0 included.
    pub n_checks: u32,
    /// The frameworks' controls that it encodes.
    pub controls: Vec<String>,
    /// The kinds of object that it asks for, by number a bit each; those from 31 on share the last.
    pub asks: u32,
}

/// A selection of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileEntry {
    /// Its name.
    pub name: String,
    /// Its policies, by number, in ascending order.
    pub policies: Vec<u32>,
    /// What it sets, in the form that `palisade_configure` takes; [`NO_SETTINGS`] if it sets nothing.
    pub settings: String,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamEntry {
    /// The number of its policy; none for a parameter of the pack.
    pub policy: Option<u32>,
    /// Its name.
    pub name: String,
    /// Its type, as the language writes it.
    pub ty: String,
    /// Its default as JSON, if it has one that is a value.
    pub default: Option<String>,
    /// Whether it must be given.
    pub required: bool,
    /// Its documentation; empty if it has none.
    pub doc: String,
}

/// A kind of object that a module reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Groups in which the kind is or was served; empty text for the core group, none for a kind of file.
    pub groups: Vec<String>,
    /// The kind.
    pub kind: String,
    /// Its root in the projection.
    pub projection: u32,
    /// How its files are found and read, if it is a kind of file.
    pub source: Option<FileKind>,
    /// Where it holds what no report shows, as [`palisade_lang::program::SecretFields`] has it.
    pub secrets: Vec<Vec<String>>,
}

impl Route {
    /// A kind of a program, of which nothing is read yet.
    pub(crate) fn of(program: &Program, kind: &KindRef) -> Self {
        let is_source = |file: &&FileKind| !kind.is_of_api() && file.name == kind.kind;
        let source = program.files.iter().find(is_source);
        let mut secrets = program.secrets.iter();
        let secrets = secrets.find(|secrets| secrets.kind == *kind);
        Self {
            groups: kind.groups.clone(),
            kind: kind.kind.clone(),
            projection: 0,
            source: source.cloned(),
            secrets: secrets.map_or_else(Vec::new, |secrets| secrets.paths.clone()),
        }
    }
}

/// What is read at one point of a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ProjectionNode {
    /// The text or number of a scalar is read, not just its kind.
    pub value: bool,
    /// The whole subtree is read.
    pub whole: bool,
    /// All members of a map are read, at least for their keys.
    pub keys: bool,
    /// What is read of elements, and of members that are not in `members`.
    pub element: Option<u32>,
    /// What is read of single members, by symbol in ascending order.
    pub members: Vec<(u32, u32)>,
}
