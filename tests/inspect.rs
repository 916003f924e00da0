//! `palisade inspect`: what a module holds.

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
policy no-host-pid on pod {
    severity high
    profiles pss-baseline
    controls "PSS baseline"
    deny pod.spec.hostPID == true, "shares the host's process ids"
}

/// Roles grant no wildcards
policy no-wildcards on Role, ClusterRole {
    severity medium
    default off
    for rule in object.rules {
        deny "*" in rule.verbs, "grants every verb"
    }
}
"#;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("trial.pale", POLICIES);
    folder
}

/// Sizes change with the library; that they add up is asserted below.
fn without_sizes(text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in text.split(' ') {
        let is_number =
            |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        if word.starts_with("bytes") {
            while words.pop_if(|last| is_number(last)).is_some() {}
            while words.pop_if(|last| last.is_empty()).is_some() {}
            words.push("N");
        }
        words.push(word);
    }
    words.join(" ")
}

#[test]
fn a_pack_is_shown_as_it_would_be_built() {
    let folder = folder();
    let shown = case(&folder, "inspect trial.pale");
    let hash = shown
        .split_whitespace()
        .find(|word| word.len() == 64)
        .unwrap();
    insta::assert_snapshot!(without_sizes(&shown.replace(hash, "HASH")));
}

#[test]
fn json_adds_up_and_the_file_is_what_the_pack_says() {
    let folder = folder();
    assert_eq!(
        palisade(&folder, "build trial.pale -o trial.wasm").status,
        0
    );
    let read = |command: &str| -> serde_json::Value {
        let run = palisade(&folder, command);
        assert_eq!(run.status, 0, "{run}");
        serde_json::from_str(&run.stdout).unwrap()
    };
    let mut pack = read("inspect trial.pale --format json");
    let file = read("inspect trial.wasm --format json");
    pack["module"] = "trial.wasm".into();
    assert_eq!(pack, file);
    let size = std::fs::metadata(folder.path().join("trial.wasm"))
        .unwrap()
        .len();
    assert_eq!(file["size"], size);
    assert_eq!(file["core"]["intact"], true);
    assert_eq!(file["target"], "wasi");
    assert_eq!(file["abi"], 1);
    let policies = file["policies"].as_array().unwrap();
    let sizes: u64 = policies
        .iter()
        .map(|policy| policy["size"].as_u64().unwrap())
        .sum();
    assert_eq!(file["sizes"]["policies"], sizes);
    assert!(
        policies
            .iter()
            .all(|policy| policy["size"].as_u64().unwrap() > 40)
    );
    let parts = ["library", "policies", "data"].map(|part| file["sizes"][part].as_u64().unwrap());
    assert!(parts.iter().sum::<u64>() < size);
    assert_eq!(policies[0]["kinds"][4], "apps/Deployment");
    assert_eq!(
        policies[1]["on"],
        serde_json::json!([
            "rbac.authorization.k8s.io/Role",
            "rbac.authorization.k8s.io/ClusterRole"
        ])
    );
    assert_eq!(policies[1]["default"], false);
}

#[test]
fn a_core_has_no_imports_and_the_same_hash() {
    let folder = folder();
    palisade(&folder, "build trial.pale -o core.wasm --target core");
    let read = |command: &str| -> serde_json::Value {
        serde_json::from_str(&palisade(&folder, command).stdout).unwrap()
    };
    let core = read("inspect core.wasm -f json");
    assert_eq!(core["imports"], serde_json::json!([]));
    assert_eq!(core["target"], "core");
    assert_eq!(core["core"], read("inspect trial.pale -f json")["core"]);
}

#[test]
fn what_is_no_module_of_ours_is_refused() {
    let folder = folder();
    folder.write("text.wasm", "text");
    folder.write_bytes("empty.wasm", b"\0asm\x01\0\0\0");
    insta::assert_snapshot!(case(&folder, "inspect text.wasm"));
    insta::assert_snapshot!(case(&folder, "inspect empty.wasm"));
    insta::assert_snapshot!(case(&folder, "inspect nothing.wasm"));
    palisade(&folder, "build trial.pale -o trial.wasm");
    let wasm = std::fs::read(folder.path().join("trial.wasm")).unwrap();
    for end in [9, 100, 5000, wasm.len() - 1] {
        folder.write_bytes("cut.wasm", &wasm[..end]);
        let run = palisade(&folder, "inspect cut.wasm");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "cut at {end}");
        assert!(
            run.stderr.starts_with("error: cannot inspect cut.wasm: "),
            "{}",
            run.stderr
        );
    }
}
