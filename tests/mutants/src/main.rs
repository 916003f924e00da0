//! Draws a sample of the mutants that `cargo mutants` knows, and puts all of them into one copy of the sources.
//!
//! ```text
//! palisade-mutants LIST SEED COUNT TREE [WITHOUT…]
//! ```
//!
//! `LIST` is what `cargo mutants --list --json` printed of the copy `TREE` of the repository. The first `COUNT` mutants in the
//! order of `SEED` are put into its sources; numbers of `WITHOUT` are left out. Prints a line for each mutant: its number and its
//! name, and `apart` where no switch can be put and it has to be compiled by itself.

mod draw;
mod weave;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use draw::Mutant;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [list, seed, count, tree, without @ ..] = arguments.as_slice() else {
        bail!("usage: palisade-mutants LIST SEED COUNT TREE [WITHOUT…]");
    };
    let text = fs::read_to_string(list).with_context(|| format!("reading {list}"))?;
    let mut mutants: Vec<Mutant> = serde_json::from_str(&text)?;
    draw::shuffle(&mut mutants, seed.parse()?);
    mutants.truncate(count.parse()?);
    let mut files: BTreeMap<&str, Vec<(usize, &Mutant)>> = BTreeMap::new();
    for (number, mutant) in (1..).zip(&mutants) {
        let of_file = files.entry(&mutant.file).or_default();
        if !without.contains(&number.to_string()) {
            of_file.push((number, mutant));
        }
    }
    let mut apart = Vec::new();
    for (file, mutants) in files {
        let path = Path::new(tree).join(file);
        let source = fs::read_to_string(&path)?;
        let woven = weave::weave(&source, &mutants)?;
        fs::write(path, woven.text)?;
        apart.extend(woven.left_out);
    }
    for (number, mutant) in (1..).zip(&mutants) {
        let mark = if apart.contains(&number) {
            "\tapart"
        } else {
            ""
        };
        println!("{number}\t{}{mark}", mutant.name);
    }
    Ok(())
}
