//! Queries: which objects policies ask for besides the one judged, and by which values they are found.
//!
//! The runtime draws the tables (`wasm/runtime/src/inventory.rs`). A generator over `objects(…)` that is joined by an
//! equality goes through what the runtime finds in a table by key; a function of its own adds the keys of an object.

use std::collections::BTreeMap;

use palisade_lang::program::join::{Join, Source, joins, sources};
use palisade_lang::program::{Expr, Generator, KindRef, Local, LocalId as Name, Target, View};
use walrus::{FunctionId, LocalId};

use super::body::{Body, Path, Shared, Slot};
use super::explain::emit_trace;
use super::guest::Guest;
use super::iterate::{element_type, emit_joined};
use super::pool::{Pool, count};
use super::value::emit_value;

/// Number of a query without kinds, which only a program has that the checker did not make.
const NO_QUERY: u32 = 0;
/// Kinds asked for that have a bit of their own in a policy's set; the last bit stands for all others.
const MOST_BITS: u32 = 32;

/// All queries of a module.
#[derive(Debug, Default)]
pub(super) struct Queries {
    /// The views of the program.
    views: Vec<View>,
    /// The kinds asked for, by number.
    pub(super) asked: Vec<KindRef>,
    /// What is asked for, by number of the query: kinds with the paths to their parts.
    queries: Vec<Vec<(u32, Vec<String>)>>,
    sites: Vec<Site>,
    by_name: BTreeMap<(String, u32), Vec<u32>>,
    /// The number that the first function of a site will have.
    first_function: u32,
    /// The set of kinds that the policy which is being written asks for.
    pub(super) asks: u32,
}

/// What a generator finds by keys: the objects of a query, or the rows of a table.
#[derive(Debug)]
struct Site {
    query: u32,
    /// The address of the table; 0 for a query.
    table: u32,
    function: FunctionId,
}

impl Queries {
    /// None yet; `first_function` is the number of the first function after those of policies and constraints.
    pub(super) fn new(views: Vec<View>, first_function: u32) -> Self {
        Self {
            views,
            first_function,
            ..Self::default()
        }
    }

    /// Whether nothing asks for objects.
    pub(super) fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// Whether nothing is found by keys.
    pub(super) fn has_no_sites(&self) -> bool {
        self.sites.is_empty()
    }

    /// The functions that add keys, in order.
    pub(super) fn functions(&self) -> Vec<FunctionId> {
        self.sites.iter().map(|site| site.function).collect()
    }

    /// The number of a query, and the policy's mark that it asks.
    pub(super) fn number(&mut self, target: &Target) -> u32 {
        let parts = match target {
            Target::Kind(kind) => vec![(kind.clone(), Vec::new())],
            Target::View(view) => {
                let view = self.views.get(view.0 as usize);
                view.map_or_else(Vec::new, |view| {
                    let arms = view.arms.iter();
                    arms.map(|arm| (arm.kind.clone(), arm.path.clone()))
                        .collect()
                })
            }
            Target::Subresource(..) => return NO_QUERY,
        };
        let parts: Vec<(u32, Vec<String>)> = parts
            .into_iter()
            .map(|(kind, path)| (self.ask(kind), path))
            .collect();
        for (kind, _) in &parts {
            self.asks |= 1 << (*kind).min(MOST_BITS - 1);
        }
        let known = self.queries.iter().position(|other| *other == parts);
        let number = known.unwrap_or(self.queries.len());
        if known.is_none() {
            self.queries.push(parts);
        }
        count(number)
    }

    fn ask(&mut self, kind: KindRef) -> u32 {
        let known = self.asked.iter().position(|other| *other == kind);
        let number = known.unwrap_or(self.asked.len());
        if known.is_none() {
            self.asked.push(kind);
        }
        count(number)
    }

    /// Writes the tables, and tells the runtime where they are.
    pub(super) fn write(&self, pool: &mut Pool, guest: &mut Guest) {
        let mut words = Vec::new();
        for kind in &self.asked {
            let groups: Vec<u32> = kind.groups.iter().map(|group| pool.text(group)).collect();
            words.extend([pool.text(&kind.kind), pool.list(&groups)]);
        }
        let asked = pool.words(&words);
        let mut rows = Vec::new();
        for parts in &self.queries {
            let mut words = vec![count(parts.len())];
            for (kind, path) in parts {
                let path: Vec<u32> = path.iter().map(|key| pool.symbol(key)).collect();
                words.extend([*kind, pool.list(&path)]);
            }
            rows.extend([pool.words(&words), 0]);
        }
        let queries = put_rows(pool, &rows);
        let mut rows = Vec::new();
        for (nth, site) in (0..).zip(&self.sites) {
            rows.extend([site.query, self.first_function + nth, 0, site.table]);
        }
        let sites = put_rows(pool, &rows);
        let end = |start: u32, rows: usize, size: u32| start + count(rows) * size;
        guest.fill(
            "PALISADE_QUERIES",
            &[
                asked,
                end(asked, self.asked.len(), 8),
                queries,
                end(queries, self.queries.len(), 8),
                sites,
                end(sites, self.sites.len(), 16),
                pool.symbol("objects"),
            ],
        );
    }
}

/// Rows that are written to while the module runs, so that they are no table that others share.
fn put_rows(pool: &mut Pool, words: &[u32]) -> u32 {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    pool.put(&bytes, 4)
}

/// The names of the policy, as a list of their own so that they outlive the writing of an expression.
fn locals<'m>(b: &Body<'m>) -> &'m [Local] {
    &b.subject.policy.locals
}

/// Leaves what a generator goes through: its source, or what a table finds of it, as [`emit_joined`] does.
pub(super) fn emit_source(
    b: &mut Body<'_>,
    generators: &[Generator],
    at: usize,
    conditions: &[&Expr],
) {
    let Some(generator) = generators.get(at) else {
        return b.int(0);
    };
    let joins = joins(locals(b), generators, at, conditions);
    if joins.is_empty() {
        return emit_joined(b, &generator.source);
    }
    let sites = sites_of(b, generator, &joins);
    // What is sought may ask for objects itself.
    let sought: Vec<LocalId> = joins
        .iter()
        .map(|join| {
            if join.is_among {
                emit_joined(b, join.sought);
            } else {
                emit_value(b, join.sought);
            }
            let value = b.temp();
            b.set(value);
            value
        })
        .collect();
    b.call("key_begin");
    let among = joins.iter().zip(&sought).find(|(join, _)| join.is_among);
    for (join, &value) in joins.iter().zip(&sought) {
        if !join.is_among {
            b.get(value);
            b.call("key_add");
        }
    }
    let mut begun = false;
    for site in sites {
        b.word(site);
        if let Some((join, &list)) = among {
            b.get(list);
            b.mask(&element_type(join.sought));
            b.call("objects_among");
        } else {
            b.call("objects_matching");
        }
        if begun {
            b.call("join");
        }
        begun = true;
    }
    for value in sought {
        b.release(value);
    }
}

/// The numbers of the sites of a generator, one for each list that it goes through. Their function is written once, for
/// whatever goes through them.
fn sites_of(b: &mut Body<'_>, generator: &Generator, joins: &[Join<'_>]) -> Vec<u32> {
    let name = (b.policy.name.clone(), generator.element.0);
    // What the policy asks for is noted each time.
    let mut parts = Vec::new();
    for source in sources(locals(b), &generator.source) {
        parts.push(match source {
            Source::Objects(target) => (b.shared.queries.number(target), 0),
            Source::Table(rows) => (NO_QUERY, b.shared.pool.constant(rows)),
        });
    }
    if let Some(sites) = b.shared.queries.by_name.get(&name) {
        return sites.clone();
    }
    let title = format!("{}: keys of {}", b.policy.name, generator.element.0);
    let function = emit_keys(b, generator.element, joins, title);
    let queries = &mut b.shared.queries;
    let first = queries.sites.len();
    queries
        .sites
        .extend(parts.into_iter().map(|(query, table)| Site {
            query,
            table,
            function,
        }));
    let sites: Vec<u32> = (first..queries.sites.len()).map(count).collect();
    queries.by_name.insert(name, sites.clone());
    sites
}

/// Writes a function that adds the keys of an object: `(object, 0)`.
fn emit_keys(b: &mut Body<'_>, element: Name, joins: &[Join<'_>], title: String) -> FunctionId {
    let subject = b.subject.clone();
    let shared: &mut Shared = b.shared;
    let mut b = Body::new(shared, &subject, Path::Cold, 2, 0);
    for slot in &mut b.slots {
        *slot = Slot::Again;
    }
    if let Some(&object) = b.params().first() {
        // The runtime calls it for maps only.
        b.bind(element, Slot::Node(object));
    }
    for join in joins {
        emit_value(&mut b, join.key);
        b.call("key_add");
    }
    b.finish(title)
}

/// Leaves the trace of the first generator's source: of objects, of what joins them to what is judged, the deepest first.
pub(super) fn emit_source_trace(b: &mut Body<'_>, generators: &[Generator], conditions: &[&Expr]) {
    let found = joins(locals(b), generators, 0, conditions);
    let mut begun = false;
    for join in &found {
        emit_trace(b, join.sought);
        if begun {
            b.call("trace_deeper");
        }
        begun = true;
    }
    if begun {
        return;
    }
    match generators.first() {
        Some(generator) => emit_trace(b, &generator.source),
        None => {
            b.int(0);
            b.call("trace_nowhere");
        }
    }
}

/// What must hold of the tuples of a comprehension.
pub(super) fn conditions_of(guard: Option<&Expr>) -> Vec<&Expr> {
    guard.into_iter().collect()
}

/// What must hold of the tuples that a quantifier counts.
pub(super) fn conditions_of_quantifier(
    quantifier: &palisade_lang::program::Quantifier,
) -> Vec<&Expr> {
    use palisade_lang::program::QuantifierKind;
    let mut all = conditions_of(quantifier.guard.as_ref());
    if quantifier.kind != QuantifierKind::All {
        all.push(&quantifier.body);
    }
    all
}
