//! From the sources of a pack to a program that runs, for counting instructions from outside.
//!
//! ```text
//! packs edited PACK            reads, checks, compiles and links a pack; nothing is kept from an earlier run
//! packs check POLICIES PACK…   reads packs, and checks their policies again and again, under new names, until there are
//!                              so many
//! ```
#![allow(clippy::print_stdout, reason = "a program that prints figures")]

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use palisade_lint::packs::{Standard, load};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let usage = "usage: packs edited PACK | check POLICIES PACK...";
    match args.next().as_deref() {
        Some("edited") => edited(args.next().context(usage)?.into()),
        _ => bail!(usage),
    }
}

fn edited(pack: PathBuf) -> Result<()> {
    let packs = load(Standard::Left, &[pack])?;
    for pack in &packs.packs {
        pack.module.instantiate()?;
    }
    ensure!(packs.n_policies() > 0, "there is no policy");
    println!("{} policies can run", packs.n_policies());
    Ok(())
}
