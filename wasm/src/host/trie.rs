//! The projection of a module in the form that writing a tape wants: keys as text, small sets compared, large ones hashed.

use rustc_hash::FxHashMap;

use crate::index::{IndexError, IndexView};

/// Up to this many members comparing texts one by one beats hashing them.
const FEW: usize = 8;

/// What a module reads, by route.
#[derive(Debug)]
pub(super) struct Tries {
    nodes: Vec<Node>,
    /// Every name that the module knows.
    symbols: FxHashMap<Box<str>, u32>,
    /// By kind: the groups of a route and its root.
    routes: FxHashMap<Box<str>, Vec<Route>>,
}

#[derive(Debug)]
struct Route {
    groups: Vec<Box<str>>,
    root: u32,
}

/// What is read at one point.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) value: bool,
    pub(super) whole: bool,
    pub(super) keys: bool,
    pub(super) element: Option<u32>,
    members: Members,
}

#[derive(Debug)]
enum Members {
    Few(Vec<(Box<str>, Member)>),
    Many(FxHashMap<Box<str>, Member>),
}

/// A member that is read: its symbol and what is read of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) symbol: u32,
    pub(super) node: u32,
}

impl Tries {
    pub(super) fn new(index: IndexView<'_>) -> Result<Self, IndexError> {
        let symbols = index.symbols()?;
        let mut tries = Self {
            nodes: Vec::with_capacity(index.n_projection()? as usize),
            symbols: FxHashMap::default(),
            routes: FxHashMap::default(),
        };
        for (number, text) in (0..).zip(symbols.iter()) {
            tries.symbols.insert(text?.into(), number);
        }
        for i in 0..index.n_projection()? {
            let node = index.projection(i)?;
            let members = (node.members.iter())
                .map(|&(symbol, node)| {
                    Ok((Box::from(symbols.get(symbol)?), Member { symbol, node }))
                })
                .collect::<Result<Vec<(Box<str>, Member)>, IndexError>>()?;
            tries.nodes.push(Node {
                value: node.value,
                whole: node.whole,
                keys: node.keys,
                element: node.element,
                members: Members::new(members),
            });
        }
        for i in 0..index.n_routes()? {
            let (kind, groups, root) = index.route(i)?;
            if root as usize >= tries.nodes.len() {
                return Err(IndexError::Damaged(32));
            }
            let groups = groups.iter().map(|group| group.map(Box::from));
            let groups = groups.collect::<Result<_, _>>()?;
            let routes = tries.routes.entry(kind.into()).or_default();
            routes.push(Route { groups, root });
        }
        Ok(tries)
    }

    /// The root for an object, if the module reads its kind.
    pub(super) fn route(&self, api_version: &str, kind: &str) -> Option<u32> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let routes = self.routes.get(kind)?;
        (routes.iter())
            .find(|route| route.groups.iter().any(|known| **known == *group))
            .map(|route| route.root)
    }

    pub(super) fn node(&self, number: u32) -> Option<&Node> {
        self.nodes.get(number as usize)
    }

    pub(super) fn symbol(&self, key: &str) -> Option<u32> {
        self.symbols.get(key).copied()
    }
}

impl Node {
    /// Nothing but that a node is there, and of which kind.
    pub(super) const PRESENCE: Self = Self {
        value: false,
        whole: false,
        keys: false,
        element: None,
        members: Members::Few(Vec::new()),
    };

    /// Whether nothing below is read.
    pub(super) fn is_leaf(&self) -> bool {
        let no_members = matches!(&self.members, Members::Few(members) if members.is_empty());
        no_members && self.element.is_none() && !self.keys
    }

    pub(super) fn member(&self, key: &str) -> Option<Member> {
        match &self.members {
            Members::Few(members) => (members.iter())
                .find(|(name, _)| **name == *key)
                .map(|&(_, member)| member),
            Members::Many(members) => members.get(key).copied(),
        }
    }
}

impl Members {
    fn new(members: Vec<(Box<str>, Member)>) -> Self {
        if members.len() <= FEW {
            Self::Few(members)
        } else {
            Self::Many(members.into_iter().collect())
        }
    }
}
