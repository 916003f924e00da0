//! What the generator knows about the API, between reading the sources and writing the table.

use std::collections::BTreeMap;

/// All records and kinds of all versions read.
#[derive(Debug, Default)]
pub struct Model {
    /// The minor number of the oldest Kubernetes version read.
    pub oldest: u8,
    /// The minor number of the newest Kubernetes version read.
    pub newest: u8,
    /// Records by the full name of their definition (`io.k8s.api.core.v1.PodSpec`).
    pub records: BTreeMap<String, Record>,
    /// Kinds by name and group (the core group is empty).
    pub kinds: BTreeMap<(String, String), Kind>,
}

/// One object type of the API with the fields of all versions.
#[derive(Debug, Clone)]
pub struct Record {
    /// The short name, as the user writes it: `PodSpec`.
    pub name: String,
    /// The first minor version read that has it.
    pub since: u8,
    /// The last minor version read that has it.
    pub until: u8,
    /// Fields by name.
    pub fields: BTreeMap<String, Field>,
}

/// One field of a record; its type and `required` are those of the newest version that has it.
#[derive(Debug, Clone)]
pub struct Field {
    pub ty: Type,
    pub required: bool,
    pub since: u8,
    pub until: u8,
    /// Members of the string enum, of the elements where the field is a list; empty if it is open.
    pub members: Vec<String>,
    /// The value an absent field has, as JSON.
    pub default: Option<String>,
    pub sensitive: bool,
    /// The keys that tell elements of the list apart.
    pub list_keys: Vec<String>,
}

impl Field {
    /// An optional field without any fact beyond its type, from `since` to `until`.
    pub fn new(ty: Type, since: u8, until: u8) -> Self {
        Self {
            ty,
            required: false,
            since,
            until,
            members: Vec::new(),
            default: None,
            sensitive: false,
            list_keys: Vec::new(),
        }
    }
}

/// The type of a field or element.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    Bool,
    Int,
    Float,
    String,
    Quantity,
    IntOrString,
    Timestamp,
    Duration,
    Any,
    /// The record with this key in [`Model::records`].
    Record(String),
    List(Box<Type>),
    Map(Box<Type>),
}

impl Type {
    /// The record that this type is, or holds in lists and maps.
    pub fn record(&self) -> Option<&str> {
        match self {
            Self::Record(key) => Some(key),
            Self::List(inner) | Self::Map(inner) => inner.record(),
            Self::Bool
            | Self::Int
            | Self::Float
            | Self::String
            | Self::Quantity
            | Self::IntOrString
            | Self::Timestamp
            | Self::Duration
            | Self::Any => None,
        }
    }

    /// The same type with the name of its record replaced by `rename`.
    pub fn map_record(&self, rename: &dyn Fn(&str) -> String) -> Self {
        match self {
            Self::Record(key) => Self::Record(rename(key)),
            Self::List(inner) => Self::List(Box::new(inner.map_record(rename))),
            Self::Map(inner) => Self::Map(Box::new(inner.map_record(rename))),
            Self::Bool
            | Self::Int
            | Self::Float
            | Self::String
            | Self::Quantity
            | Self::IntOrString
            | Self::Timestamp
            | Self::Duration
            | Self::Any => self.clone(),
        }
    }
}

/// One kind of one group.
#[derive(Debug, Clone, Default)]
pub struct Kind {
    /// The name in URLs (`deployments`); empty if not known.
    pub plural: String,
    pub namespaced: bool,
    /// Every version that is or was served, in other groups too; best first once [`Kind::rank_versions`] ran.
    pub versions: Vec<Served>,
}

/// A group and version under which a kind is or was served.
#[derive(Debug, Clone)]
pub struct Served {
    pub group: String,
    pub version: String,
    /// The first minor version that serves it; `None` if it was there before the oldest one read.
    pub since: Option<u8>,
    /// The last minor version that serves it; `None` if the newest one read does.
    pub until: Option<u8>,
    /// The key of its record; `None` if its shape is not known and differs from the kind's newest.
    pub root: Option<String>,
}

impl Kind {
    /// Sorts the versions: served longest first, then stable before beta before alpha, then by number.
    pub fn rank_versions(&mut self) {
        self.versions.sort_by_key(|served| {
            let until = u8::MAX - served.until.unwrap_or(u8::MAX);
            (until, rank_version(&served.version), served.group.clone())
        });
    }
}

/// A key that sorts API versions as the API server prefers them: `v2`, `v1`, `v1beta2`, `v1beta1`, `v1alpha1`.
pub fn rank_version(version: &str) -> (u8, u16, u16) {
    let rest = version.strip_prefix('v').unwrap_or(version);
    let (stage, major, minor) = if let Some((major, minor)) = rest.split_once("beta") {
        (1, major, minor)
    } else if let Some((major, minor)) = rest.split_once("alpha") {
        (2, major, minor)
    } else {
        (0, rest, "0")
    };
    let number = |text: &str| u16::MAX - text.parse::<u16>().unwrap_or(0);
    (stage, number(major), number(minor))
}
