//! What Palisade's speed is measured against.
//!
//! `measure.sh` takes all figures; `examples/pods.rs` compares ten checks written by hand with the same ten compiled.

pub mod by_hand;
