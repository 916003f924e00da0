//! Where native code is kept between runs, and when it is not.

use std::io::Write;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use palisade_lint::packs::cache::Cache;

use crate::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct CacheArgs {
    /// Keep compiled policies between runs even where CI is set
    #[arg(long, env = "PALISADE_CACHE", hide_env = true, value_parser = BoolishValueParser::new())]
    cache: bool,

    /// Compile policies anew and keep nothing
    #[arg(long, env = "PALISADE_NO_CACHE", hide_env = true, value_parser = BoolishValueParser::new())]
    no_cache: bool,
}

/// The cache, if there is to be one and its folder can be trusted; `inputs` are linted. Only who asked for it hears that
/// there is none.
pub(crate) fn open(args: &CacheArgs, inputs: &[PathBuf], terminal: &Terminal) -> Option<Cache> {
    if args.no_cache || (is_pipeline() && !args.cache) {
        return None;
    }
    let path = find_folder()?;
    match Cache::open(&path, inputs) {
        Ok(cache) => Some(cache),
        Err(unfit) => {
            if args.cache {
                let path = path.display();
                // Nobody is left to tell.
                let _ = writeln!(terminal.stderr(), "note: no cache in {path}: {unfit}");
            }
            None
        }
    }
}

/// A pipeline starts from nothing, and what it restores from elsewhere is not to be run.
fn is_pipeline() -> bool {
    std::env::var_os("CI")
        .is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// See the [base directory specification](https://specifications.freedesktop.org/basedir/latest/).
fn find_folder() -> Option<PathBuf> {
    let folder = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    Some(caches?.join("palisade"))
}
