//! The projection of a module in the form that writing a tape wants: keys as text, hashed.

use rustc_hash::FxHashMap;

use crate::index::{IndexError, IndexView, Texts};

/// The kind that every object is of.
const EVERY: &str = "*";

/// What a module reads, by route.
#[derive(Debug)]
pub(super) struct Tries {
    nodes: Vec<Node>,
    /// Every name that the module knows.
    symbols: FxHashMap<Box<[u8]>, u32>,
    /// By kind: the groups of a route and its root.
    routes: FxHashMap<Box<str>, Vec<Route>>,
    /// Likewise the kinds that policies ask for.
    asked: FxHashMap<Box<str>, Vec<Route>>,
    /// How many there are.
    n_asked: u32,
}

#[derive(Debug)]
struct Route {
    groups: Vec<Box<str>>,
    root: u32,
    /// Its number.
    number: u32,
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

/// Members by key: an open hash table, of which most keys that are not in it are told by one bit.
#[derive(Debug)]
struct Members {
    /// The bits of the hashes that occur.
    seen: u64,
    /// A power of two, at least one of them free; none at all where there are no members.
    slots: Vec<Option<(Box<[u8]>, Member)>>,
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
            asked: FxHashMap::default(),
            n_asked: index.n_asked()?,
        };
        for (number, text) in (0..).zip(symbols.iter()) {
            tries.symbols.insert(text?.as_bytes().into(), number);
        }
        for i in 0..index.n_projection()? {
            let node = index.projection(i)?;
            let members = (node.members.iter())
                .map(|&(symbol, node)| Ok((symbols.get(symbol)?, Member { symbol, node })))
                .collect::<Result<Vec<(&str, Member)>, IndexError>>()?;
            tries.nodes.push(Node {
                value: node.value,
                whole: node.whole,
                keys: node.keys,
                element: node.element,
                members: Members::new(&members),
            });
        }
        for number in 0..index.n_routes()? {
            let (kind, route) = tries.read_route(number, index.route(number)?)?;
            tries.routes.entry(kind).or_default().push(route);
        }
        for number in 0..index.n_asked()? {
            let (kind, route) = tries.read_route(number, index.asked(number)?)?;
            tries.asked.entry(kind).or_default().push(route);
        }
        Ok(tries)
    }

    fn read_route(
        &self,
        number: u32,
        (kind, groups, root): (&str, Texts<'_>, u32),
    ) -> Result<(Box<str>, Route), IndexError> {
        if root as usize >= self.nodes.len() {
            return Err(IndexError::Damaged(32));
        }
        let groups = groups.iter().map(|group| group.map(Box::from));
        let route = Route {
            groups: groups.collect::<Result<_, _>>()?,
            root,
            number,
        };
        Ok((kind.into(), route))
    }

    /// The number of kinds that policies ask for.
    pub(super) fn n_asked(&self) -> u32 {
        self.n_asked
    }

    /// The number and the root of the kind asked for that an object is of.
    pub(super) fn asked(&self, api_version: &str, kind: &str) -> Option<(u32, u32)> {
        find(&self.asked, api_version, kind).map(|route| (route.number, route.root))
    }

    /// The number and the root of a kind of file that is asked for.
    pub(super) fn asked_file(&self, kind: &str) -> Option<(u32, u32)> {
        of_files(&self.asked, kind).map(|route| (route.number, route.root))
    }

    /// Whether the kind asked for that has this number is one of files.
    pub(super) fn asks_for_files(&self, number: u32) -> bool {
        let mut asked = self.asked.values().flatten();
        asked.any(|route| route.number == number && route.groups.is_empty())
    }

    /// The number of the kind asked for that every object is of.
    pub(super) fn asked_of_all(&self) -> Option<u32> {
        Some(self.asked.get(EVERY)?.first()?.number)
    }

    /// The root for an object, if the module reads its kind.
    pub(super) fn route(&self, api_version: &str, kind: &str) -> Option<u32> {
        find(&self.routes, api_version, kind).map(|route| route.root)
    }

    /// The root for a document that is no object of the API, if the module reads its kind.
    pub(super) fn route_of_file(&self, kind: &str) -> Option<u32> {
        of_files(&self.routes, kind).map(|route| route.root)
    }

    pub(super) fn node(&self, number: u32) -> Option<&Node> {
        self.nodes.get(number as usize)
    }

    pub(super) fn symbol(&self, key: &[u8]) -> Option<u32> {
        self.symbols.get(key).copied()
    }
}

/// The route of a kind of file.
fn of_files<'a>(routes: &'a FxHashMap<Box<str>, Vec<Route>>, kind: &str) -> Option<&'a Route> {
    let routes = routes.get(kind)?;
    routes.iter().find(|route| route.groups.is_empty())
}

fn find<'a>(
    routes: &'a FxHashMap<Box<str>, Vec<Route>>,
    api_version: &str,
    kind: &str,
) -> Option<&'a Route> {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let of_kind = routes.get(kind).map_or(&[][..], Vec::as_slice);
    let has_group = |route: &&Route| route.groups.iter().any(|known| **known == *group);
    // What is on every object is on those of other kinds, too.
    (of_kind.iter().find(has_group)).or_else(|| routes.get(EVERY)?.first())
}

impl Node {
    /// Nothing but that a node is there, and of which kind.
    pub(super) const PRESENCE: Self = Self {
        value: false,
        whole: false,
        keys: false,
        element: None,
        members: Members {
            seen: 0,
            slots: Vec::new(),
        },
    };

    /// Whether nothing below is read.
    pub(super) fn is_leaf(&self) -> bool {
        self.members.slots.is_empty() && self.element.is_none() && !self.keys
    }

    #[inline]
    pub(super) fn member(&self, key: &[u8]) -> Option<Member> {
        self.members.find(key)
    }
}

impl Members {
    fn new(members: &[(&str, Member)]) -> Self {
        if members.is_empty() {
            return Self {
                seen: 0,
                slots: Vec::new(),
            };
        }
        let mut table = Self {
            seen: 0,
            slots: vec![None; (2 * members.len()).next_power_of_two()],
        };
        for &(key, member) in members {
            let hash = hash(key.as_bytes());
            table.seen |= bit(hash);
            let mask = table.slots.len() - 1;
            let mut slot = hash as usize & mask;
            while let Some(Some(_)) = table.slots.get(slot) {
                slot = (slot + 1) & mask;
            }
            if let Some(free) = table.slots.get_mut(slot) {
                *free = Some((key.as_bytes().into(), member));
            }
        }
        table
    }

    #[inline]
    fn find(&self, key: &[u8]) -> Option<Member> {
        let hash = hash(key);
        if self.seen & bit(hash) == 0 {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while let Some(Some((name, member))) = self.slots.get(slot) {
            if **name == *key {
                return Some(*member);
            }
            slot = (slot + 1) & mask;
        }
        None
    }
}

/// The bit of a hash in the set of those that occur: other bits than those that choose a slot.
#[inline]
fn bit(hash: u32) -> u64 {
    1 << (hash >> 26)
}

/// A hash of a key's length and outermost letters, which differ enough among the members of one type.
#[inline]
fn hash(key: &[u8]) -> u32 {
    let (Some(&first), Some(&last)) = (key.first(), key.last()) else {
        return 0;
    };
    let middle = key.get(key.len() / 2).copied().unwrap_or_default();
    let word = u32::from(first) | u32::from(last) << 8 | u32::from(middle) << 16;
    let mixed = (word ^ (key.len() as u32) << 24).wrapping_mul(0x9E37_79B1);
    mixed ^ mixed >> 15
}
