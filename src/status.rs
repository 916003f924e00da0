//! What the process ends with.

use std::process::ExitCode;

/// How a command ended, the least serious first; of several the most serious counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Nothing to complain about: 0.
    Clean,
    /// Findings at or above `--fail-on`: 1.
    Findings,
    /// An input could not be read or parsed: 3.
    Unreadable,
    /// The command, a policy or a module is wrong: 2.
    Wrong,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Clean => 0,
            Status::Findings => 1,
            Status::Wrong => 2,
            Status::Unreadable => 3,
        })
    }
}
