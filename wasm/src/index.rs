//! The custom section `palisade.index`: what a host needs to write tapes for a module and to name its results.

/// Name of the custom section.
pub const SECTION: &str = "palisade.index";

/// Symbols that every module has, in this order; the runtime relies on it (`wasm/runtime/src/program.rs`).
pub const FIXED_SYMBOLS: [&str; 15] = [
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
];

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
    /// The nodes of the projection; routes and nodes refer to them by index.
    pub projection: Vec<ProjectionNode>,
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
    /// The module-wide number of its check 0.
    pub first_check: u32,
    /// Its checks, check 0 included.
    pub n_checks: u32,
    /// The frameworks' controls that it encodes.
    pub controls: Vec<String>,
}

/// A kind of object that a module reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Groups in which the kind is or was served; empty text for the core group.
    pub groups: Vec<String>,
    /// The kind.
    pub kind: String,
    /// Its root in the projection.
    pub projection: u32,
}

/// What is read at one point of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
