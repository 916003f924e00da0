//! `.palisade.yaml`: what a project says once for all its runs.
//!
//! Of the keys of the design only `exempt` and `inventories` are read; the others are refused by name, so that none is
//! passed over in silence.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::builder::BoolishValueParser;
use palisade_lang::schema::near::nearest;
use palisade_lint::builtin;
use palisade_lint::clusters::{Cluster, Clusters};
use palisade_lint::exempt::{By, Entry, Exempt};
use palisade_lint::manifest::{self, Format, Layout, LineIndex};
use palisade_lint::packs::Packs;
use palisade_lint::walk::CONFIGURATION;
use serde_json::{Map, Value};

/// Its keys, those that are not read yet included.
const KEYS: [&str; 10] = [
    "exempt",
    "kubernetes",
    "profiles",
    "packs",
    "policies",
    "exceptions",
    "schemas",
    "inventories",
    "exclude",
    "fail-on",
];
/// What an entry of `inventories` may say.
const OF_CLUSTERS: [&str; 4] = ["path", "cluster", "distribution", "provider"];
/// What an entry of `exempt` may say beside what it exempts.
const WORDS: [&str; 2] = ["policies", "reason"];

#[derive(Debug, clap::Args)]
pub(crate) struct ConfigArgs {
    /// The configuration [default: .palisade.yaml in the folder of the first path, or above]
    #[arg(long, value_name = "FILE", env = "PALISADE_CONFIG", hide_env = true)]
    config: Option<PathBuf>,

    /// Read no configuration
    #[arg(long, conflicts_with = "config", env = "PALISADE_NO_CONFIG", hide_env = true, value_parser = BoolishValueParser::new())]
    no_config: bool,
}

impl ConfigArgs {
    /// What the configuration says. Policies that it names must be among `packs`.
    pub(crate) fn read(&self, paths: &[PathBuf], packs: &Packs) -> Result<Config> {
        let path = match &self.config {
            _ if self.no_config => return Ok(Config::default()),
            Some(path) => path.clone(),
            None => match find(paths) {
                Some(path) => path,
                None => return Ok(Config::default()),
            },
        };
        let name = path.display().to_string();
        let bytes = std::fs::read(&path).with_context(|| format!("{name}: reading it"))?;
        let config = read(&name, &bytes)?;
        let all = packs.packs.iter().flat_map(|pack| &pack.policies);
        let known: Vec<&str> = all
            .map(|policy| policy.name.as_str())
            .chain(builtin::NAMES)
            .collect();
        for policy in config.exempt.policies() {
            if !known.contains(&policy) {
                bail!(
                    "{name}: exempt: there is no policy `{policy}`{}",
                    meant(policy, &known)
                );
            }
        }
        Ok(config)
    }
}

/// What a configuration says.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// What policies do not judge.
    pub(crate) exempt: Exempt,
    /// The folders that are a cluster each.
    pub(crate) clusters: Clusters,
}

/// The configuration in the folder of the first path, or the nearest above.
fn find(paths: &[PathBuf]) -> Option<PathBuf> {
    let first = paths.iter().find(|path| path.as_os_str() != "-");
    let here = Path::new(".");
    let start = first.map_or(here, PathBuf::as_path);
    let start = std::fs::canonicalize(start).ok()?;
    start
        .ancestors()
        .map(|folder| folder.join(CONFIGURATION))
        .find(|path| path.is_file())
}

fn read(name: &str, bytes: &[u8]) -> Result<Config> {
    let read = manifest::read(bytes, Format::Yaml);
    if let Some(problem) = read.problems.first() {
        let text = String::from_utf8_lossy(bytes);
        let at = LineIndex::new(&text).line_columns(&text, problem.span);
        bail!("{name}:{}:{}: {}", at.line, at.column, problem.message);
    }
    let document = match read.documents.as_slice() {
        [] => return Ok(Config::default()),
        [document] => document,
        more => bail!("{name} holds {} documents, not one", more.len()),
    };
    let value: Value = serde_json::from_str(&manifest::print(document, Layout::Compact))
        .with_context(|| format!("{name}: reading it"))?;
    let keys = match value {
        Value::Null => return Ok(Config::default()),
        Value::Object(keys) => keys,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            bail!("{name} is no map; write `exempt:` and entries below it")
        }
    };
    let mut config = Config::default();
    for (key, value) in &keys {
        match key.as_str() {
            "exempt" => config.exempt = read_exempt(name, value)?,
            "inventories" => config.clusters = read_clusters(name, value)?,
            known if KEYS.contains(&known) => {
                bail!("{name}: `{key}` is not available yet; `exempt` and `inventories` are")
            }
            _ => bail!("{name}: there is no key `{key}`{}", meant(key, &KEYS)),
        }
    }
    Ok(config)
}

/// Folders that are a cluster each: texts, or maps that say more of them.
fn read_clusters(name: &str, value: &Value) -> Result<Clusters> {
    let Value::Array(items) = value else {
        bail!("{name}: inventories: it is a list of folders; begin each with `- `");
    };
    let mut entries = Vec::new();
    for (nth, item) in items.iter().enumerate() {
        let place = format!("{name}: inventories[{nth}]");
        let keys = match item {
            Value::String(path) => Map::from_iter([("path".to_owned(), path.as_str().into())]),
            Value::Object(keys) => keys.clone(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                bail!("{place}: it is no folder; write `clusters/*` or the like")
            }
        };
        if let Some(key) = keys.keys().find(|key| !OF_CLUSTERS.contains(&key.as_str())) {
            bail!(
                "{place}: there is no key `{key}`{}",
                meant(key, &OF_CLUSTERS)
            );
        }
        let text = |key: &str| match keys.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => bail!("{place}.{key}: it is no text"),
        };
        let Some(path) = text("path")? else {
            bail!("{place}: it says no `path`");
        };
        let cluster = Cluster::new(&path);
        let mut cluster =
            cluster.map_err(|problem| anyhow!("{place}.path: `{path}`: {problem}"))?;
        cluster.name = text("cluster")?;
        cluster.distribution = text("distribution")?;
        cluster.provider = text("provider")?;
        entries.push(cluster);
    }
    Ok(Clusters::new(entries))
}

fn read_exempt(name: &str, value: &Value) -> Result<Exempt> {
    let Value::Array(items) = value else {
        bail!("{name}: exempt: it is a list of entries; begin each with `- `");
    };
    let mut entries = Vec::new();
    for (nth, item) in items.iter().enumerate() {
        let place = format!("{name}: exempt[{nth}]");
        let Value::Object(keys) = item else {
            bail!("{place}: it is no map; write `namespaces: [\"…\"]` or the like");
        };
        entries.push(read_entry(&place, keys)?);
    }
    Ok(Exempt::new(entries))
}

fn read_entry(place: &str, keys: &Map<String, Value>) -> Result<Entry> {
    let words = By::ALL.map(By::as_str);
    let known: Vec<&str> = words.into_iter().chain(WORDS).collect();
    if let Some(key) = keys.keys().find(|key| !known.contains(&key.as_str())) {
        bail!("{place}: there is no key `{key}`{}", meant(key, &known));
    }
    let reason = match keys.get("reason") {
        None | Some(Value::Null) => None,
        Some(Value::String(reason)) => Some(reason.clone()),
        Some(_) => bail!("{place}.reason: it is no text"),
    };
    let mut entry = Entry::new(texts(place, "policies", keys)?, reason);
    for by in By::ALL {
        for pattern in texts(place, by.as_str(), keys)? {
            let added = entry.add(by, &pattern);
            if let Err(problem) = added {
                bail!("{place}.{}: `{pattern}`: {problem}", by.as_str());
            }
        }
    }
    if entry.is_empty() {
        bail!("{place}: it exempts nothing; name namespaces, objects, images or paths");
    }
    Ok(entry)
}

fn texts(place: &str, key: &str, keys: &Map<String, Value>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    match keys.get(key) {
        None | Some(Value::Null) => {}
        Some(Value::Array(items)) => {
            for item in items {
                let Value::String(text) = item else {
                    bail!("{place}.{key}: `{item}` is no text");
                };
                found.push(text.clone());
            }
        }
        Some(_) => bail!("{place}.{key}: it is no list; write `{key}: [\"…\"]`"),
    }
    Ok(found)
}

/// `; write …`, if something near is known.
fn meant(word: &str, known: &[&str]) -> String {
    let near = nearest(word, known.iter().copied());
    near.first()
        .map_or_else(String::new, |near| format!("; write `{near}`"))
}
