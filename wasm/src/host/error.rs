//! What can go wrong between a host and a module.

use std::fmt;

use thiserror::Error;

use crate::index::IndexError;

/// Why a module cannot be loaded. The text goes behind the module's name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LoadError {
    /// The file is something else.
    #[error("it is no WebAssembly module")]
    NotWasm,
    /// The other format of WebAssembly files.
    #[error("it is a WebAssembly component, not a module")]
    Component,
    /// The file ends in the middle of a section.
    #[error("it is cut short")]
    CutShort,
    /// WebAssembly, but without our index.
    #[error("it is not a module of Palisade: it has no section `palisade.index`")]
    NotOurs,
    /// The index cannot be used.
    #[error("{0}")]
    Index(#[from] IndexError),
    /// The module wants something from its host.
    #[error("it asks for `{0}`, which this host does not have")]
    Import(String),
    /// An export of `docs/abi.md` is missing or has another type.
    #[error("it has no export `{0}` as the interface asks for")]
    Export(&'static str),
    /// The export `palisade_abi` contradicts the index.
    #[error("its code speaks version {0} of the interface")]
    Version(u32),
    /// Its code did not come to an end when it was started.
    #[error("it runs past its deadline when it is started")]
    Deadline,
    /// It is on files that no path can match.
    #[error("`{0}`, which says what files it is on, is no glob")]
    Glob(String),
    /// No thread could be had for the clock that ends evaluations.
    #[error("there is no thread for the clock that would end it")]
    Clock,
    /// wasmtime refused.
    #[error("the engine refuses it: {0}")]
    Engine(String),
}

impl LoadError {
    #[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
    pub(super) fn engine(error: wasmtime::Error) -> Self {
        match error.downcast_ref::<wasmtime::Trap>() {
            Some(wasmtime::Trap::Interrupt) => Self::Deadline,
            _ => Self::Engine(format!("{error:#}")),
        }
    }
}

/// An evaluation that came to no result. The instance has been replaced and can be used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluateError {
    /// The object that was judged, such as `Pod default/web`.
    pub object: String,
    /// The policy at fault, where one alone fails the same way.
    pub policy: Option<String>,
    /// What happened.
    pub cause: Cause,
}

/// What ended an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Cause {
    /// The module trapped; wasmtime's words.
    #[error("failed: {0}")]
    Trap(String),
    /// The deadline passed.
    #[error("ran past its deadline")]
    Deadline,
    /// Memory could not grow any further.
    #[error("needed more memory than it may have")]
    Memory,
    /// The results break the interface.
    #[error("returned results that break the interface: {0}")]
    Results(&'static str),
    /// The document is nested too deeply to be judged.
    #[error("cannot judge a document nested deeper than 256 levels")]
    Depth,
    /// No instance could be made.
    #[error("could not start: {0}")]
    Start(LoadError),
}

impl std::error::Error for EvaluateError {}

impl fmt::Display for EvaluateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.policy {
            Some(policy) => write!(f, "policy `{policy}` ")?,
            None => write!(f, "the module ")?,
        }
        write!(f, "{} on {}", self.cause, self.object)
    }
}
