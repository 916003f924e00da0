//! From files to findings. So far: reading manifests.
//!
//! Start at [`manifest::read`]: the bytes of a file in, documents with a tape and a place for every value out.

pub mod manifest;
