//! Programs built by hand, compiled, run on documents.

mod build;
mod conditions;
mod guest;
mod policies;
mod size;
