//! The tables of a module: what the runtime finds policies by, and what a host is told.

use palisade_lang::program::{ContextPart, KindRef, Operation, Policy, Program, Target};

use super::guest::Guest;
use super::params::params_end;
use super::policy::severity_code;
use super::pool::{Pool, count};
use super::shared::Room;
use crate::index::{Index, PolicyEntry, Route};
use crate::{profiles, settings};

/// Bytes of the rows that the runtime reads (`wasm/runtime/src/program.rs`).
const POLICY_ROW: u32 = 12;
const ROUTE_ROW: u32 = 16;

/// Bodies of policies that judge the same part of a kind, in order.
#[derive(Debug)]
struct Entry {
    path: Vec<u32>,
    /// The number of the body's function, and from bit 16 the policy.
    bodies: Vec<u32>,
}

/// What policies judge: a kind, or requests for a subresource of one.
#[derive(Debug, PartialEq, Eq)]
struct Subject {
    kind: KindRef,
    subresource: Option<String>,
}

/// Adds the tables to the module's data, which is complete afterwards; the index has no projection yet. `first` is the index of the first policy's
/// function.
pub(super) fn write_tables(
    program: &Program,
    mut pool: Pool,
    guest: &mut Guest,
    first: u32,
    params: u32,
    room: &Room,
) -> Index {
    let routes = collect_routes(program, &mut pool);
    if !routes.iter().any(|(subject, _)| subject.kind.is_any()) {
        guest.replace_by_one("any_entries");
    }
    let policies = list_policies(program);
    let policy_rows = write_policies(&mut pool, &policies, &program.policies);
    let pack = pool.text(&program.pack);
    let route_rows = write_routes(&mut pool, &routes);
    let symbols = pool.symbols().to_vec();
    let symbol_rows = write_symbols(&mut pool, &symbols);
    let (hash, mask) = write_hash_table(&mut pool, &symbols);
    let (base, bytes, heap) = pool.finish();
    guest.add_data(base, bytes);
    let header = [
        heap,
        symbol_rows,
        hash,
        mask,
        policy_rows,
        policy_rows + POLICY_ROW * count(policies.len()),
        route_rows,
        route_rows + ROUTE_ROW * count(routes.len()),
        first,
        params,
        params_end(program, params),
        pack,
        room.cursors,
        room.slots,
        room.end,
    ];
    guest.fill("PALISADE_PROGRAM", &header);
    Index {
        pack: program.pack.clone(),
        policies,
        symbols,
        routes: routes
            .into_iter()
            .filter(|(subject, _)| subject.subresource.is_none())
            .map(|(subject, _)| Route::of(program, &subject.kind))
            .collect(),
        asked: Vec::new(),
        projection: Vec::new(),
        profiles: profiles::list(program),
        params: settings::list(program),
    }
}

/// For each kind, in the order of its first policy, the parts that are judged. What is on every object is on the objects of
/// each kind, and on those of none.
fn collect_routes(program: &Program, pool: &mut Pool) -> Vec<(Subject, Vec<Entry>)> {
    let mut routes = list_subjects(program);
    let mut function = 0;
    for (number, policy) in program.policies.iter().enumerate() {
        for body in &policy.bodies {
            let run = count(number) << 16 | function;
            function += 1;
            for target in &body.targets {
                match target {
                    Target::Kind(kind) if kind.is_any() => add_to_all(&mut routes, run),
                    Target::Kind(kind) => add_run(&mut routes, kind, None, Vec::new(), run),
                    Target::View(view) => {
                        let arms = program
                            .views
                            .get(view.0 as usize)
                            .map_or(&[][..], |view| &view.arms);
                        for arm in arms {
                            let path = arm.path.iter().map(|key| pool.symbol(key)).collect();
                            add_run(&mut routes, &arm.kind, None, path, run);
                        }
                    }
                    Target::Subresource(kind, name) => {
                        add_run(&mut routes, kind, Some(name), Vec::new(), run);
                    }
                }
            }
        }
    }
    routes
}

/// What policies are on, without the parts; none at all where nothing is on every object.
fn list_subjects(program: &Program) -> Vec<(Subject, Vec<Entry>)> {
    let bodies = || program.policies.iter().flat_map(|policy| &policy.bodies);
    let targets = || bodies().flat_map(|body| &body.targets);
    let is_any = |target: &Target| matches!(target, Target::Kind(kind) if kind.is_any());
    if !targets().any(is_any) {
        return Vec::new();
    }
    let mut routes: Vec<(Subject, Vec<Entry>)> = Vec::new();
    let mut add = |kind: &KindRef| {
        let subject = Subject {
            kind: kind.clone(),
            subresource: None,
        };
        if routes.iter().all(|(known, _)| *known != subject) {
            routes.push((subject, Vec::new()));
        }
    };
    for target in targets() {
        match target {
            Target::Kind(kind) => add(kind),
            Target::View(view) => {
                let view = program.views.get(view.0 as usize);
                let arms = view.map_or(&[][..], |view| &view.arms).iter();
                arms.for_each(|arm| add(&arm.kind));
            }
            Target::Subresource(..) => {}
        }
    }
    routes
}

/// Adds a body to what judges objects, whatever their kind.
fn add_to_all(routes: &mut [(Subject, Vec<Entry>)], run: u32) {
    let of_objects = routes
        .iter_mut()
        .filter(|(subject, _)| subject.subresource.is_none() && subject.kind.is_of_api());
    for (_, entries) in of_objects {
        add_to_entries(entries, Vec::new(), run);
    }
}

fn add_run(
    routes: &mut Vec<(Subject, Vec<Entry>)>,
    kind: &KindRef,
    subresource: Option<&String>,
    path: Vec<u32>,
    run: u32,
) {
    let subject = Subject {
        kind: kind.clone(),
        subresource: subresource.cloned(),
    };
    let known = routes.iter().position(|(other, _)| *other == subject);
    let place = known.unwrap_or(routes.len());
    if known.is_none() {
        routes.push((subject, Vec::new()));
    }
    let Some((_, entries)) = routes.get_mut(place) else {
        return;
    };
    add_to_entries(entries, path, run);
}

fn add_to_entries(entries: &mut Vec<Entry>, path: Vec<u32>, run: u32) {
    // Policies run in their order, so only neighbours share an entry.
    match entries.last_mut() {
        Some(entry) if entry.path == path => entry.bodies.push(run),
        _ => entries.push(Entry {
            path,
            bodies: vec![run],
        }),
    }
}

fn list_policies(program: &Program) -> Vec<PolicyEntry> {
    let mut first_check = 0;
    program
        .policies
        .iter()
        .map(|policy| {
            let n_checks = count(policy.checks.len()) + 1;
            let entry = PolicyEntry {
                name: policy.name.clone(),
                title: policy.title.clone(),
                severity: u8::try_from(severity_code(policy.severity)).unwrap_or(u8::MAX),
                on_by_default: policy.on_by_default,
                operations: u8::try_from(operations(policy)).unwrap_or(0),
                first_check,
                n_checks,
                controls: policy.controls.clone(),
                asks: 0,
            };
            first_check += n_checks;
            entry
        })
        .collect()
}

fn write_policies(pool: &mut Pool, entries: &[PolicyEntry], policies: &[Policy]) -> u32 {
    let mut words = Vec::new();
    for (entry, policy) in entries.iter().zip(policies) {
        let flags = u32::from(entry.severity)
            | u32::from(entry.on_by_default) << 8
            | operations(policy) << 16
            | u32::from(policy.owns_files) << OWNS_FILES
            | needs(policy) << 24;
        words.extend([pool.text(&entry.name), entry.first_check, flags]);
    }
    pool.words(&words)
}

/// The bit of a policy's flags that says that text files own what is wrong with them.
const OWNS_FILES: u32 = 20;

/// The operations that a policy judges, one bit each.
fn operations(policy: &Policy) -> u32 {
    policy.operations.iter().fold(0, |bits, operation| {
        bits | match operation {
            Operation::Create => 1,
            Operation::Update => 2,
            Operation::Delete => 4,
            Operation::Connect => 8,
        }
    })
}

/// The parts of the context without which a policy does not apply, one bit each.
fn needs(policy: &Policy) -> u32 {
    policy.needs.iter().fold(0, |bits, part| {
        bits | match part {
            ContextPart::Request => 1,
            ContextPart::Old => 2,
            // Nothing is about them alone.
            ContextPart::Source | ContextPart::Inventory => 0,
        }
    })
}

/// The resource of a kind, as requests name it.
fn resource_name(kind: &str) -> String {
    let name = kind.to_ascii_lowercase();
    match name.as_bytes() {
        [.., b's' | b'x'] | [.., b'c' | b's', b'h'] => format!("{name}es"),
        [stem @ .., before, b'y'] if !b"aeiou".contains(before) => {
            let kept = name.get(..=stem.len()).unwrap_or_default();
            format!("{kept}ies")
        }
        _ => format!("{name}s"),
    }
}

fn write_routes(pool: &mut Pool, routes: &[(Subject, Vec<Entry>)]) -> u32 {
    let mut words = Vec::new();
    for (Subject { kind, subresource }, entries) in routes {
        let groups: Vec<u32> = kind.groups.iter().map(|group| pool.text(group)).collect();
        let mut rows = vec![count(entries.len())];
        for entry in entries {
            rows.extend([pool.list(&entry.path), pool.list(&entry.bodies)]);
        }
        let (name, below) = match subresource {
            None => (kind.kind.clone(), 0),
            Some(below) => (resource_name(&kind.kind), pool.text(below)),
        };
        words.extend([
            pool.text(&name),
            pool.list(&groups),
            pool.words(&rows),
            below,
        ]);
    }
    pool.words(&words)
}

fn write_symbols(pool: &mut Pool, symbols: &[String]) -> u32 {
    let words: Vec<u32> = symbols.iter().map(|symbol| pool.text(symbol)).collect();
    pool.words(&words)
}

/// An open hash table of symbols, at most four fifths full; the address and the mask.
fn write_hash_table(pool: &mut Pool, symbols: &[String]) -> (u32, u32) {
    let size = (symbols.len() * 5 / 4).next_power_of_two();
    let mask = count(size) - 1;
    let mut slots = vec![0_u16; size];
    for (number, symbol) in (1..).zip(symbols) {
        let mut slot = hash(symbol.as_bytes()) & mask;
        while slots.get(slot as usize).is_some_and(|&used| used != 0) {
            slot = (slot + 1) & mask;
        }
        if let Some(free) = slots.get_mut(slot as usize) {
            *free = number;
        }
    }
    let bytes: Vec<u8> = slots.iter().flat_map(|slot| slot.to_le_bytes()).collect();
    (pool.put(&bytes, 1), mask)
}

/// The hash of a name, as the runtime computes it (`wasm/runtime/src/program.rs`).
fn hash(name: &[u8]) -> u32 {
    let hash = name.iter().fold(0x811c_9dc5_u32, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash ^ hash >> 16
}
