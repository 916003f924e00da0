//! What a program reads of each kind of object, so that a host need not write the rest.
//!
//! Every expression is gone through once for each kind that its policy is on, with the positions in a trie that its
//! value may come from. A read makes the member's position, which alone says *presence* (the node, its kind and size);
//! what looks at text or numbers marks the position's *value*. Whatever the outcome, a projected document must give the
//! results of the full one, so both sides of every branch count, messages and places too.

mod trie;
mod visit;

use palisade_lang::program::{KindRef, Program, Target};

use crate::index::{Index, Route};
use trie::Trie;
use visit::{Seen, visit_body};

/// Fills in the projection of an index whose routes and symbols are known, and the kinds asked for.
pub fn fill(program: &Program, asked: &[KindRef], index: &mut Index) {
    let mut out = Vec::new();
    let mut known = rustc_hash::FxHashMap::default();
    for route in &mut index.routes {
        let symbols = &index.symbols;
        let mut trie = Trie::new(symbols);
        add_identity(&mut trie);
        for policy in &program.policies {
            for body in &policy.bodies {
                for path in parts(program, &body.targets, &route.kind, &route.groups) {
                    let mut part = Trie::ROOT;
                    for key in path {
                        part = trie.member(part, key);
                    }
                    visit_body(&mut trie, (program, policy, body), Seen::Judged(part));
                }
            }
        }
        route.projection = trie.finish(&mut out, &mut known);
    }
    for kind in asked {
        let mut trie = Trie::new(&index.symbols);
        add_identity(&mut trie);
        for policy in &program.policies {
            for body in &policy.bodies {
                visit_body(&mut trie, (program, policy, body), Seen::Asked(kind));
            }
        }
        index.asked.push(Route {
            projection: trie.finish(&mut out, &mut known),
            ..Route::of(program, kind)
        });
    }
    // It says where the documents that texts hold have secrets, and is none of a kind.
    let of_texts = Route::of(program, &KindRef::in_texts());
    if !of_texts.secrets.is_empty() {
        let mut trie = Trie::new(&index.symbols);
        add_identity(&mut trie);
        index.routes.push(Route {
            projection: trie.finish(&mut out, &mut known),
            ..of_texts
        });
    }
    index.projection = out;
}

/// The paths to the parts that a policy judges in a kind. Routes of one kind that share a group are one to a host, so
/// that each has what any of them reads.
fn parts<'a>(
    program: &'a Program,
    targets: &'a [Target],
    kind: &'a str,
    groups: &'a [String],
) -> impl Iterator<Item = &'a [String]> {
    let meets = move |other: &KindRef| {
        let is_file = groups.is_empty() && other.groups.is_empty();
        let shares = || other.groups.iter().any(|group| groups.contains(group));
        other.is_any() && !groups.is_empty() || other.kind == kind && (is_file || shares())
    };
    targets.iter().flat_map(move |target| {
        let mut paths: Vec<&[String]> = Vec::new();
        match target {
            Target::Kind(kind) if meets(kind) => paths.push(&[]),
            // What a request for a subresource carries is always written in full.
            Target::Kind(_) | Target::Subresource(..) => {}
            Target::View(view) => {
                let view = program.views.get(view.0 as usize);
                let arms = view.map_or(&[][..], |view| &view.arms).iter();
                paths.extend(arms.filter(|arm| meets(&arm.kind)).map(|arm| &*arm.path));
            }
        }
        paths
    })
}

/// What is always written: the names of an object.
fn add_identity(trie: &mut Trie<'_>) {
    for key in ["apiVersion", "kind"] {
        let node = trie.member(Trie::ROOT, key);
        trie.mark_value(node);
    }
    trie.add_name(Trie::ROOT);
}
