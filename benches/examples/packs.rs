//! From sources to what runs, for counting instructions from outside.
//!
//! ```text
//! packs edited PACK     reads, checks and compiles a pack until it can be called, as after an edit: nothing is kept
//! packs check PACK N    reads a pack and checks it again and again, under new names, until there are N policies
//! ```
#![allow(clippy::print_stdout, reason = "a program that prints figures")]

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use palisade_lang::check::{Options, Source, compile};
use palisade_lang::span::FileId;
use palisade_lint::packs::{PACK_FILE, Standard, load};

const USAGE: &str = "usage: packs edited PACK | packs check PACK POLICIES";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["edited", pack] => edited(pack.into()),
        ["check", pack, policies] => check(Path::new(pack), policies.parse().context(USAGE)?),
        _ => bail!(USAGE),
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

fn check(pack: &Path, n_policies: usize) -> Result<()> {
    let mut texts = vec![(
        "pack.pale".to_owned(),
        "pack many edition 2026\n".to_owned(),
    )];
    let mut wanted = n_policies;
    for copy in 0.. {
        for entry in std::fs::read_dir(pack)? {
            let path = entry?.path();
            if path.ends_with(PACK_FILE) {
                continue;
            }
            let text = std::fs::read_to_string(&path)?;
            wanted = wanted.saturating_sub(text.matches("\npolicy ").count());
            let text = text.replace("\npolicy ", &format!("\npolicy copy-{copy}-"));
            texts.push((format!("{copy}/{}", path.display()), text));
        }
        ensure!(texts.len() > copy + 1, "there is no policy");
        if wanted == 0 {
            break;
        }
    }
    let sources: Vec<Source<'_>> = (texts.iter().zip(0..))
        .map(|((path, text), nth)| Source {
            file: FileId(nth),
            path,
            text,
        })
        .collect();
    let compiled = compile(&sources, &Options::default());
    ensure!(
        compiled.diagnostics.is_empty(),
        "{:?}",
        compiled.diagnostics
    );
    let n_checked = compiled.program.map_or(0, |program| program.policies.len());
    ensure!(
        n_checked == n_policies,
        "{n_checked} policies instead of {n_policies}"
    );
    println!("{n_checked} policies are right");
    Ok(())
}
