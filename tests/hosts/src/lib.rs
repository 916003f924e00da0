//! Hosts of WebAssembly that run what `palisade build` makes; see `tests/`.
