//! `palisade-schema-gen SCHEMAS`: writes `lang/data/kubernetes.schema`. See README.md beside this crate.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let mut args = env::args_os().skip(1);
    let (Some(schemas), None) = (args.next(), args.next()) else {
        bail!("usage: palisade-schema-gen FOLDER-OF-SCHEMAS");
    };
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let bytes = palisade_schema_gen::generate(Path::new(&schemas), &data.join("overlay"))?;
    let target = data.join("kubernetes.schema");
    let beside = data.join("kubernetes.schema.new");
    fs::write(&beside, &bytes).with_context(|| format!("writing {}", beside.display()))?;
    fs::rename(&beside, &target).with_context(|| format!("writing {}", target.display()))?;
    println!("{}: {} bytes", target.display(), bytes.len());
    Ok(())
}
