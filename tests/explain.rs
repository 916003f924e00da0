//! `palisade explain`: what policies say about themselves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use support::{Folder, case, palisade};

const POLICIES: &str = r#"
/// Pods have process ids of their own
///
/// A process that sees those of the host can read their environment and signal them, so that one container that is
/// taken over is enough.
///
/// Exceptions:
///
/// - tools that debug a node, for as long as they run, in a namespace that nobody else has anything to do in
/// - agents
policy no-host-pid on pod {
    severity high
    profiles pss-baseline
    controls "PSS baseline", "CIS-K8s 5.2.3"
    category isolation
    links "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
    deny pod.spec.hostPID == true, "shares the process ids of its host"
}

/// Roles grant no wildcards
policy no-wildcards on Role {
    severity medium
    default off
    for rule in object.rules {
        deny "*" in rule.verbs, "grants every verb"
    }
}
"#;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("trial/pack.pale", "pack trial edition 2026\n");
    folder.write("trial/policies.pale", POLICIES);
    folder.write(
        "trial/tests/no-wildcards.yaml",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: all\nrules:\n  - apiGroups: ['']\n    verbs:\n      - get\n      - '*'   #~ no-wildcards\n",
    );
    folder
}

#[test]
fn a_policy_says_why_where_and_what() {
    let folder = folder();
    insta::assert_snapshot!(case(&folder, "explain --no-stdlib -p trial no-host-pid"));
    insta::assert_snapshot!(case(&folder, "explain --no-stdlib -p trial no-wildcards"));
}

#[test]
fn a_module_says_what_its_pack_says() {
    let folder = folder();
    palisade(&folder, "build trial -o trial.wasm");
    let of = |source: &str| {
        palisade(
            &folder,
            &format!("explain --no-stdlib no-host-pid -p {source}"),
        )
    };
    assert_eq!(of("trial.wasm"), of("trial"));
}

#[test]
fn all_policies_are_listed_by_name() {
    insta::assert_snapshot!(case(&folder(), "explain --no-stdlib -p trial --list"));
}

#[test]
fn the_library_explains_itself_with_examples() {
    let folder = Folder::new();
    let run = palisade(&folder, "explain --list --format json");
    let all: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let policies = all["policies"].as_array().unwrap();
    assert!(policies.len() >= 5);
    for policy in policies {
        let name = policy["name"].as_str().unwrap();
        for member in ["title", "doc", "severity", "pack"] {
            assert!(
                !policy[member].as_str().unwrap().is_empty(),
                "{name} has no {member}"
            );
        }
        assert!(
            !policy["kinds"].as_array().unwrap().is_empty(),
            "{name} has no kinds"
        );
        assert_eq!(
            policy["examples"].as_array().unwrap().len(),
            1,
            "{name} has no example"
        );
    }
    let run = palisade(&folder, "explain no-privileged-containers");
    assert!(run.stdout.contains("privileged: true"), "{run}");
}

#[test]
fn an_unknown_policy_is_status_2_with_a_suggestion() {
    let folder = folder();
    insta::assert_snapshot!(case(&folder, "explain no-privilegd-containers"));
    insta::assert_snapshot!(case(&folder, "explain -p trial no-wildcard"));
    insta::assert_snapshot!(case(&folder, "explain zebra"));
    assert_eq!(palisade(&folder, "explain").status, 2);
    assert_eq!(palisade(&folder, "explain x --list").status, 2);
}
