//! What policies do not judge: namespaces, objects, images and paths that a project exempts, from all policies alike or
//! from those that it names.

use globset::{GlobBuilder, GlobMatcher};
use palisade_abi::tape::{NodeId, Tape, Value};

use crate::finding::ObjectName;

/// All that is exempt.
#[derive(Debug, Clone, Default)]
pub struct Exempt {
    entries: Vec<Entry>,
}

/// What is exempt from some policies, and why.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    policies: Vec<String>,
    /// What an object must match: one pattern of each list that is not empty.
    namespaces: Vec<GlobMatcher>,
    objects: Vec<GlobMatcher>,
    images: Vec<GlobMatcher>,
    paths: Vec<GlobMatcher>,
    reason: Option<String>,
}

/// What patterns are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The namespace that the manifest says.
    Namespaces,
    /// `namespace/name`, or the name alone where the manifest says no namespace.
    Objects,
    /// The image of the container that a finding is in.
    Images,
    /// The path of the file; without `**/` at its beginning below any folder.
    Paths,
}

impl By {
    /// All, in the order of documents.
    pub const ALL: [Self; 4] = [Self::Namespaces, Self::Objects, Self::Images, Self::Paths];

    /// The word that configurations use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Objects => "objects",
            Self::Images => "images",
            Self::Paths => "paths",
        }
    }
}

/// Where something was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) policy: &'a str,
    pub(crate) file: &'a str,
    pub(crate) object: &'a ObjectName,
    /// The image of the container that it is in.
    pub(crate) image: Option<&'a str>,
}

impl Exempt {
    /// What all these entries exempt.
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries }
    }

    /// The policies that entries name.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        let policies = self.entries.iter().flat_map(|entry| &entry.policies);
        policies.map(String::as_str)
    }

    /// Whether nothing is exempt.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The first entry that exempts what was found.
    pub(crate) fn covering(&self, subject: &Subject<'_>) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.covers(subject))
    }
}

impl Entry {
    /// One that exempts nothing yet from these policies; from all if there are none.
    #[must_use]
    pub fn new(policies: Vec<String>, reason: Option<String>) -> Self {
        Self {
            policies,
            reason,
            ..Self::default()
        }
    }

    /// Adds a pattern: a glob, in which `*` stops at `/` and `**` does not.
    ///
    /// # Errors
    ///
    /// Why it is no glob.
    pub fn add(&mut self, by: By, pattern: &str) -> Result<(), String> {
        let below = match by {
            By::Paths if !pattern.starts_with("**") => {
                format!("**/{}", pattern.trim_start_matches('/'))
            }
            By::Paths | By::Namespaces | By::Objects | By::Images => pattern.to_owned(),
        };
        let glob = GlobBuilder::new(&below).literal_separator(true).build();
        let matcher = glob
            .map_err(|error| error.kind().to_string())?
            .compile_matcher();
        match by {
            By::Namespaces => self.namespaces.push(matcher),
            By::Objects => self.objects.push(matcher),
            By::Images => self.images.push(matcher),
            By::Paths => self.paths.push(matcher),
        }
        Ok(())
    }

    /// Whether it exempts nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let lists = [&self.namespaces, &self.objects, &self.images, &self.paths];
        lists.iter().all(|list| list.is_empty())
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    fn covers(&self, subject: &Subject<'_>) -> bool {
        let matches = |globs: &[GlobMatcher], text: Option<&str>| {
            globs.is_empty()
                || text.is_some_and(|text| globs.iter().any(|glob| glob.is_match(text)))
        };
        let name = subject.object.name.as_deref();
        let namespace = subject.object.namespace.as_deref();
        let object = match (namespace, name) {
            (Some(namespace), Some(name)) => Some(format!("{namespace}/{name}")),
            (None, name) => name.map(str::to_owned),
            (Some(_), None) => None,
        };
        let is_meant =
            self.policies.is_empty() || self.policies.iter().any(|policy| policy == subject.policy);
        is_meant
            && matches(&self.namespaces, namespace)
            && matches(&self.objects, object.as_deref())
            && matches(&self.images, subject.image)
            && matches(&self.paths, Some(subject.file))
    }
}

/// The image of the innermost map around a node that has one.
pub(crate) fn image_around(tape: &Tape, node: NodeId) -> Option<&str> {
    let mut at = NodeId::ROOT;
    let mut image = None;
    loop {
        if let Some(member) = tape.member(at, "image")
            && let Value::String(text) = tape.value(member)
        {
            image = Some(text);
        }
        let mut children = tape.children(at);
        let next = children.find(|&child| child <= node && node < tape.after(child));
        match next {
            Some(next) => at = next,
            None => return image,
        }
    }
}
