//! Random programs that the type checker could have made, and random documents for them to judge.
//!
//! Both come from one small world of records ([`world`]) and one set of words, so that comparisons are often equal.

mod calls;
pub mod document;
mod features;
mod params;
pub mod program;
pub mod rng;
mod wider;
pub mod world;
mod yaml;
