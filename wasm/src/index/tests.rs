//! An index survives its section; a section that is damaged is an error and nothing worse.

use proptest::prelude::*;

use super::*;

fn entry() -> impl Strategy<Value = PolicyEntry> {
    (
        ("[a-z-]{1,12}", ".{0,20}"),
        (0u8..5, any::<bool>(), any::<u32>(), any::<u32>()),
        proptest::collection::vec(".{0,8}", 0..3),
    )
        .prop_map(
            |((name, title), (severity, on, first, n), controls)| PolicyEntry {
                name,
                title,
                severity,
                on_by_default: on,
                operations: 3,
                first_check: first,
                n_checks: n,
                controls,
                asks: first ^ n,
            },
        )
}

fn projection(n_nodes: u32, n_symbols: u32) -> impl Strategy<Value = ProjectionNode> {
    (
        any::<[bool; 3]>(),
        proptest::option::of(0..n_nodes),
        proptest::collection::btree_map(0..n_symbols, 0..n_nodes, 0..4),
    )
        .prop_map(|([value, whole, keys], element, members)| ProjectionNode {
            value,
            whole,
            keys,
            element,
            members: members.into_iter().collect(),
        })
}

/// Profiles of the first of so many policies, in the order in which policies name them.
fn profiles(n_policies: u32) -> impl Strategy<Value = Vec<ProfileEntry>> {
    let members = proptest::collection::btree_set(0..n_policies.max(1), 1..4);
    let named = proptest::collection::btree_map("[a-z-]{1,6}", (members, ".{0,20}"), 0..4);
    named.prop_map(move |named| {
        let mut profiles: Vec<ProfileEntry> = named
            .into_iter()
            .filter(|_| n_policies > 0)
            .map(|(name, (policies, settings))| ProfileEntry {
                name,
                policies: policies.into_iter().collect(),
                settings,
            })
            .collect();
        profiles.sort_by_key(|profile| profile.policies[0]);
        profiles
    })
}

fn params(n_policies: u32) -> impl Strategy<Value = Vec<ParamEntry>> {
    let policy = proptest::option::of(0..n_policies.max(1));
    let texts = ("[a-z]{1,6}", "[a-z]{0,6}", ".{0,9}");
    let param = (policy, texts, proptest::option::of(".{1,6}"), any::<bool>());
    let param = param.prop_map(
        move |(policy, (name, ty, doc), default, required)| ParamEntry {
            policy: policy.filter(|&policy| policy < n_policies),
            name,
            ty,
            default,
            required,
            doc,
        },
    );
    proptest::collection::vec(param, 0..4)
}

fn to_routes(rows: Vec<(Vec<String>, String, u32)>) -> Vec<Route> {
    rows.into_iter()
        .map(|(groups, kind, projection)| Route {
            source: None,
            secrets: Vec::new(),
            groups,
            kind,
            projection,
        })
        .collect()
}

fn index() -> impl Strategy<Value = Index> {
    (1u32..6, 1u32..8, 0u32..4).prop_flat_map(|(n_nodes, n_symbols, n_policies)| {
        let text = || proptest::collection::vec(".{0,6}", 0..4);
        (
            "[a-z]{0,8}",
            proptest::collection::vec(entry(), n_policies as usize),
            proptest::collection::vec(".{0,9}", n_symbols as usize),
            proptest::collection::vec((text(), "[A-Z][a-z]{0,9}", 0..n_nodes), 0..4),
            proptest::collection::vec(projection(n_nodes, n_symbols), n_nodes as usize),
            (profiles(n_policies), params(n_policies)),
        )
            .prop_map(
                |(pack, policies, symbols, routes, projection, (profiles, params))| Index {
                    pack,
                    policies,
                    symbols,
                    asked: to_routes(routes.iter().take(2).cloned().collect()),
                    routes: to_routes(routes),
                    projection,
                    profiles,
                    params,
                },
            )
    })
}

proptest! {
    #[test]
    fn an_index_is_read_as_it_was_written(index in index()) {
        prop_assert_eq!(Index::decode(&index.encode()), Ok(index));
    }

    #[test]
    fn a_section_cut_short_or_changed_is_never_worse_than_an_error(
        index in index(),
        cut in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut bytes = index.encode();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        // Whatever it says, what comes back holds together: references lead somewhere.
        if let Ok(index) = Index::decode(&bytes) {
            let n = index.projection.len() as u32;
            prop_assert!(index.routes.iter().all(|route| route.projection < n));
            prop_assert!(index.projection.iter().all(|node| node.element.is_none_or(|e| e < n)));
        }
        bytes.truncate(cut.index(bytes.len()));
        let _ = Index::decode(&bytes);
    }

    #[test]
    fn random_bytes_are_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = bytes;
        prop_assert_eq!(Index::decode(&bytes), Err(IndexError::Foreign));
        let mut framed = b"PALI\x01\0\0\0".to_vec();
        framed.append(&mut bytes);
        let _ = Index::decode(&framed);
    }
}

#[test]
fn another_version_of_the_interface_is_named() {
    let mut bytes = Index::default().encode();
    bytes[4] = 9;
    assert_eq!(Index::decode(&bytes), Err(IndexError::Version(9)));
}

#[test]
fn a_text_named_many_times_does_not_fill_the_memory() {
    let index = Index {
        pack: "x".repeat(4096),
        symbols: vec![String::new(); 1000],
        ..Index::default()
    };
    let mut bytes = index.encode();
    let pack: Vec<u8> = bytes[8..16].to_vec();
    let rows = u32::from_le_bytes(bytes[24..28].try_into().unwrap()) as usize;
    for row in 0..1000 {
        bytes[rows + row * 8..rows + row * 8 + 8].copy_from_slice(&pack);
    }
    assert_eq!(Index::decode(&bytes), Err(IndexError::Damaged(0)));
}
