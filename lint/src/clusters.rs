//! Folders that are one cluster each: what policies ask for in one of them is not looked for in the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use crate::walk::Walk;

/// What a project calls its clusters.
#[derive(Debug, Clone, Default)]
pub struct Clusters {
    entries: Vec<Cluster>,
}

/// Folders that are a cluster each, and what is known of them.
#[derive(Debug, Clone)]
pub struct Cluster {
    folders: GlobMatcher,
    /// The name of the cluster; that of the folder if it has none.
    pub name: Option<String>,
    /// Such as `eks` or `talos`.
    pub distribution: Option<String>,
    /// Such as `aws`.
    pub provider: Option<String>,
}

impl Cluster {
    /// The folders that a glob matches, in which `*` stops at `/`; without `**/` at its beginning below any folder.
    ///
    /// # Errors
    ///
    /// Why it is no glob.
    pub fn new(folders: &str) -> Result<Self, String> {
        let folders = folders.trim_start_matches("./").trim_end_matches('/');
        let below = match folders.starts_with("**") {
            true => folders.to_owned(),
            false => format!("**/{}", folders.trim_start_matches('/')),
        };
        let glob = GlobBuilder::new(&below).literal_separator(true).build();
        Ok(Self {
            folders: glob
                .map_err(|error| error.kind().to_string())?
                .compile_matcher(),
            name: None,
            distribution: None,
            provider: None,
        })
    }
}

impl Clusters {
    /// All these.
    #[must_use]
    pub fn new(entries: Vec<Cluster>) -> Self {
        Self { entries }
    }

    /// The folder of the cluster that a file is of, the innermost that is one.
    fn folder_of<'f>(&self, file: &'f str) -> Option<(&'f str, &Cluster)> {
        let mut folder = file;
        while let Some((above, _)) = folder.rsplit_once('/') {
            folder = above;
            let is_it = |cluster: &&Cluster| cluster.folders.is_match(folder);
            if let Some(cluster) = self.entries.iter().find(is_it) {
                return Some((folder, cluster));
            }
        }
        None
    }

    /// What a file, and all that is judged with it, is of.
    pub(crate) fn root_of(&self, file: &str, otherwise: &Arc<str>) -> Root {
        let Some((folder, cluster)) = self.folder_of(file) else {
            return Root::of(otherwise);
        };
        let last = folder.rsplit('/').next().unwrap_or(folder);
        Root {
            folder: Arc::from(folder),
            is_cluster: true,
            cluster: Some(cluster.name.as_deref().unwrap_or(last).to_owned()),
            distribution: cluster.distribution.clone(),
            provider: cluster.provider.clone(),
        }
    }
}

/// What objects are gathered below that know of each other, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Root {
    /// The folder.
    pub(crate) folder: Arc<str>,
    /// The project says that it is a cluster.
    is_cluster: bool,
    cluster: Option<String>,
    distribution: Option<String>,
    provider: Option<String>,
}

impl Root {
    /// A folder of which nothing else is known.
    pub(crate) fn of(folder: &Arc<str>) -> Self {
        Self {
            folder: Arc::clone(folder),
            is_cluster: false,
            cluster: None,
            distribution: None,
            provider: None,
        }
    }

    /// What it is called besides its folder, by the names that policies use.
    pub(crate) fn called(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("cluster", &self.cluster),
            ("distribution", &self.distribution),
            ("provider", &self.provider),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.as_deref()?)))
    }
}

/// The inventories of a run.
#[derive(Debug)]
pub(crate) struct Groups {
    /// By number; the first is that of all files that are of no cluster.
    pub(crate) roots: Vec<Root>,
    /// The number of each input.
    pub(crate) of_inputs: Arc<[u32]>,
}

impl Groups {
    pub(crate) fn of(walk: &Walk, clusters: &Clusters) -> Self {
        let mut roots = vec![Root::of(&walk.root)];
        if clusters.entries.is_empty() {
            return Self {
                roots,
                of_inputs: Arc::from([]),
            };
        }
        let mut known: BTreeMap<Root, u32> = BTreeMap::from([(Root::of(&walk.root), 0)]);
        let numbers = walk.inputs.iter().map(|input| {
            let root = clusters.root_of(input.name(), &walk.root);
            *known.entry(root).or_insert_with_key(|root| {
                roots.push(root.clone());
                u32::try_from(roots.len() - 1).unwrap_or(u32::MAX)
            })
        });
        let of_inputs = numbers.collect();
        Self { roots, of_inputs }
    }

    /// The number of the inventory that an input is of.
    pub(crate) fn number(&self, input: usize) -> u32 {
        group_of(&self.of_inputs, input)
    }

    /// Those that policies on inventories judge: where there are clusters, what is of none is no inventory.
    pub(crate) fn judged(&self) -> impl Iterator<Item = (u32, &Root)> {
        let has_clusters = self.roots.iter().any(|root| root.is_cluster);
        let numbered = (0..).zip(&self.roots);
        numbered.filter(move |(_, root)| root.is_cluster || !has_clusters)
    }
}

/// The number of the inventory that an input is of; all are of the first where none is told apart.
pub(crate) fn group_of(of_inputs: &[u32], input: usize) -> u32 {
    of_inputs.get(input).copied().unwrap_or(0)
}
