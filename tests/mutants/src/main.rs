//! Draws a sample of the mutants that `cargo mutants` knows, and puts all of them into one copy of the sources.
//!
//! ```text
//! palisade-mutants LIST SEED COUNT FROM TO [WITHOUT…]
//! ```
//!
//! `LIST` is what `cargo mutants --list --json` printed of the repository `FROM`. The first `COUNT` mutants in the order of
//! `SEED` are put into the sources below `TO`, which has the same files; numbers of `WITHOUT` are left as they are. Prints
//! a line for each mutant: its number and its name.

mod draw;
mod weave;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use draw::Mutant;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [list, seed, count, from, to, without @ ..] = arguments.as_slice() else {
        bail!("usage: palisade-mutants LIST SEED COUNT FROM TO [WITHOUT…]");
    };
    let text = fs::read_to_string(list).with_context(|| format!("reading {list}"))?;
    let mut mutants: Vec<Mutant> = serde_json::from_str(&text)?;
    draw::shuffle(&mut mutants, seed.parse()?);
    mutants.truncate(count.parse()?);
    let mut files: BTreeMap<&str, Vec<(usize, &Mutant)>> = BTreeMap::new();
    for (number, mutant) in (1..).zip(&mutants) {
        println!("{number}\t{}", mutant.name);
        let of_file = files.entry(&mutant.file).or_default();
        if !without.contains(&number.to_string()) {
            of_file.push((number, mutant));
        }
    }
    for (file, mutants) in files {
        let source = fs::read_to_string(Path::new(from).join(file))?;
        let woven = weave::weave(&source, &mutants)?;
        fs::write(Path::new(to).join(file), woven.text)?;
        for number in woven.left_out {
            eprintln!("{number} has to be compiled by itself");
        }
    }
    Ok(())
}
