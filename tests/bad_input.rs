//! Input that is broken, hostile or too much: it is said what and where, the rest is reported, nothing is half written.
//!
//! Every case is linted together with a good file, whose finding must be in the report.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::time::{Duration, Instant};

use support::{Folder, case, palisade};

const POLICY: &str = r#"
/// Pods have a network of their own
policy no-host-network on pod {
    severity high
    deny pod.spec.hostNetwork == true, "uses the host's network"
}
"#;

/// Its name is the last of a folder, so that it is read after whatever is wrong.
const GOOD: &str = "zz-good.yaml";
const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {hostNetwork: true, containers: [{name: app}]}
";
const FINDING: &str = "zz-good.yaml:4:21: high[no-host-network] uses the host's network\n";

const LINT: &str = "lint --no-stdlib -p policy.pale -f compact .";

/// A folder with a policy and the good file.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("policy.pale", POLICY);
    folder.write(GOOD, POD);
    folder
}

/// What linting says of a file beside the good one.
fn lint_beside(name: &str, bytes: &[u8]) -> String {
    let folder = folder();
    folder.write_bytes(name, bytes);
    let said = case(&folder, LINT);
    assert!(said.contains(FINDING), "{said}");
    said
}

#[test]
fn half_a_file() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: a, image: \"ngi";
    insta::assert_snapshot!(lint_beside("half.yaml", pod.as_bytes()));
}

#[test]
fn documents_before_the_broken_one_are_judged() {
    let text = format!("{POD}---\na: [1\n---\n{POD}");
    insta::assert_snapshot!(lint_beside("three.yaml", text.as_bytes()));
}

#[test]
fn a_binary_file() {
    let bytes: Vec<u8> = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0".to_vec();
    insta::assert_snapshot!(lint_beside("program.yaml", &bytes));
}

#[test]
fn text_that_is_no_utf_8() {
    insta::assert_snapshot!(lint_beside("latin.yaml", b"a: 1\nname: caf\xe9\n"));
}

#[test]
fn an_empty_file_is_no_error() {
    insta::assert_snapshot!(lint_beside("empty.yaml", b""));
}

#[test]
fn brackets_too_deep() {
    let json = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    insta::assert_snapshot!(lint_beside("deep.json", json.as_bytes()));
    let block: String = (0..10_000).map(|_| "- ").collect();
    insta::assert_snapshot!(lint_beside("block.yaml", block.as_bytes()));
}

#[test]
fn a_value_that_contains_itself() {
    insta::assert_snapshot!(lint_beside("ring.yaml", b"a: &a [*a]\n"));
}

/// What is said of a folder with these files beside the good one, by the policies of `pack.pale` as well.
#[track_caller]
fn lint_files(pack: &str, files: &[(&str, &str)]) -> String {
    let folder = folder();
    folder.write("pack/pack.pale", &format!("pack bad edition 2026\n{pack}"));
    for (name, text) in files {
        folder.write(name, text);
    }
    let said = case(
        &folder,
        "lint --no-stdlib -p policy.pale -p pack -f compact .",
    );
    assert!(said.contains(FINDING), "{said}");
    said
}

#[test]
fn a_dockerfile_whose_heredoc_does_not_end() {
    let pack = r#"
use files
/// Root builds nothing
policy no-root on Dockerfile {
    severity high
    for stage in object.stages {
        require stage.user is set, "`{stage.base}` runs as root" at stage.image
        for step in stage.instructions { deny step.name == "ADD", "adds" }
    }
}
"#;
    let files = [
        (
            "a/Dockerfile",
            "FROM debian:12\nADD x /\nRUN <<EOF\necho a\nUSER app\n",
        ),
        (
            "b/Dockerfile",
            "FROM alpine:3\nUSER app\nRUN <<-'END' cat\n\tEND \n\tEND\n",
        ),
    ];
    insta::assert_snapshot!(lint_files(pack, &files));
}

#[test]
fn toml_with_a_key_that_stands_twice() {
    let pack = r#"
use files
/// Registries are known
policy known on ContainerdHosts {
    severity high
    for name, host in object.host { deny host.skip_verify == true, "believes {name}" }
}
"#;
    let twice = "server = \"a\"\n[host.\"b\"]\nskip_verify = true\nskip_verify = false\n";
    let table = "[host.\"b\"]\nca = \"a\"\n[host.\"b\"]\nskip_verify = true\n";
    let fine = "[host.\"b\"]\nskip_verify = true\n";
    let files = [
        ("certs.d/a/hosts.toml", twice),
        ("certs.d/b/hosts.toml", table),
        ("certs.d/c/hosts.toml", fine),
    ];
    insta::assert_snapshot!(lint_files(pack, &files));
}

#[test]
fn reports_in_a_form_that_nobody_reads() {
    let pack = r#"
use files
/// Nothing is critical
policy no-critical on TrivyReport {
    severity high
    for r in object.Results {
        for v in r.Vulnerabilities { deny v.Severity == "CRITICAL", "{v.VulnerabilityID}" }
    }
}
"#;
    let report = |version: &str| {
        format!(
            r#"{{"SchemaVersion": {version}, "Results": [{{"Target": "a", "Vulnerabilities": [
  {{"VulnerabilityID": "CVE-1", "Severity": "CRITICAL"}}]}}]}}"#
        )
    };
    let text = report("\"two\"");
    let files = [
        ("trivy-1.json", "[]"),
        ("trivy-2.json", &*report("2")),
        ("trivy-3.json", &*report("3")),
        ("trivy-map.json", &*report("{\"major\": 2}")),
        ("trivy-text.json", &*text),
        ("trivy-half.json", r#"{"SchemaVersion": 2, "Results": [{"#),
        ("trivy-other.json", r#"{"Results": null}"#),
        (
            "trivy-odd.json",
            r#"{"SchemaVersion": 2, "Results": [{"Target": "a", "Vulnerabilities": {}}]}"#,
        ),
    ];
    insta::assert_snapshot!(lint_files(pack, &files));
}

#[test]
fn two_objects_of_one_name() {
    let pack = r#"
/// What a pod takes its settings from is there, and is not frozen
policy settings on Pod {
    severity medium
    let wanted = object.metadata.labels["settings"]
    when wanted is set {
        require any m in objects(ConfigMap) where m.metadata.name == wanted: namespace(m) == namespace(object),
            "`{wanted}` is not there"
        deny any m in objects(ConfigMap) where m.metadata.name == wanted and namespace(m) == namespace(object):
            m.immutable == true, "`{wanted}` is frozen"
        let n = count(m in objects(ConfigMap) where m.metadata.name == wanted)
        deny n > 1, "`{wanted}` is there {n} times" at object.metadata.labels["settings"]
    }
}
"#;
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: shop}\n";
    let frozen = format!("{map}immutable: true\n");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop, labels: {settings: one}}\nspec: {containers: [{name: a}]}\n";
    let files = [("a.yaml", map), ("b.yaml", &*frozen), ("pod.yaml", pod)];
    insta::assert_snapshot!(lint_files(pack, &files));
}

#[test]
fn a_definition_whose_schema_leads_back_to_itself() {
    let policy = r#"
kind Tree from crd "tree.yaml"
/// Trees are not deep
policy deep-trees on Tree {
    severity low
    deny object.spec.root.name == "deep", "is deep"
    deny object.spec.root.left.left.left is set, "has four levels"
}
"#;
    let definition = |left: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: trees.example.com}}\nspec:\n  group: example.com\n  names: {{kind: Tree, plural: trees}}\n  scope: Cluster\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            properties:\n              root: &node\n                type: object\n                properties:\n                  name: {{type: string}}\n                  left: {left}\n"
        )
    };
    let tree = "apiVersion: example.com/v1\nkind: Tree\nmetadata: {name: a}\nspec: {root: {name: deep, left: {left: {left: {name: x}}}}}\n";
    // A reference is no structural schema: what it leads to is not typed.
    let reference = definition("{$ref: '#/definitions/node'}");
    insta::assert_snapshot!(lint_files(
        policy,
        &[("pack/tree.yaml", &reference), ("a.yaml", tree)]
    ));
    // An alias within its own anchor is a value that contains itself.
    let folder = folder();
    folder.write(
        "pack/pack.pale",
        &format!("pack bad edition 2026\n{policy}"),
    );
    folder.write("pack/tree.yaml", &definition("*node"));
    insta::assert_snapshot!(case(&folder, "check pack"));
}

#[test]
fn patterns_that_would_need_huge_tables() {
    let folder = folder();
    folder.write(
        "pack/pack.pale",
        r#"pack bad edition 2026
/// Images
policy images on pod {
    severity low
    param allowed: [regex] = []
    for c in containers(pod) {
        deny c.image matches r"([a-z]{500}){500}", "too long"
        deny c.image matches r"(a{1000}|b{1000}|c{1000}){1000}", "too many"
        deny c.image matches r"(a|b|c", "not closed"
    }
    deny all c in containers(pod): c.image in allowed, "is allowed"
}
"#,
    );
    insta::assert_snapshot!(case(&folder, "check pack"));
    folder.write(
        "pack/pack.pale",
        r#"pack bad edition 2026
/// Images
policy images on pod {
    severity low
    param allowed: [regex] = []
    deny all c in containers(pod): c.image in allowed, "is allowed"
}
"#,
    );
    let lint = "lint --no-stdlib -p pack -f compact --param";
    insta::assert_snapshot!(case(
        &folder,
        &format!("{lint} images.allowed=[\"([a-z]{{500}}){{500}}\"] .")
    ));
    insta::assert_snapshot!(case(
        &folder,
        &format!("{lint} images.allowed=[\"(a|b\"] .")
    ));
    // A pattern whose table would be too large is run as a program: it ends, and in time.
    folder.write(
        "long.yaml",
        &POD.replace(
            "name: app}",
            &format!("name: app, image: {}}}", "ab".repeat(50_000)),
        ),
    );
    let start = Instant::now();
    insta::assert_snapshot!(case(
        &folder,
        &format!("{lint} images.allowed=[\"(a|b|ab)*(a|b)*b.{{0,200}}c$\"] .")
    ));
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_join_whose_key_is_absent_on_one_side() {
    let pack = r#"
/// Claims have a class that is there
policy claims on PersistentVolumeClaim {
    severity medium
    require any c in objects(StorageClass): c.metadata.name == object.spec.storageClassName,
        "there is no class `{object.spec.storageClassName}`"
}

/// Services lead somewhere
policy services on Service {
    severity medium
    require any d in objects(Deployment) where d.metadata.labels["app"] == object.spec.selector["app"]:
            namespace(d) == namespace(object), "leads nowhere"
}
"#;
    let claim = |name: &str, class: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{accessModes: [ReadWriteOnce]{class}}}\n"
        )
    };
    let classes = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: a\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {selector: {}, template: {spec: {containers: [{name: a}]}}}\n";
    let (one, two, three) = (
        claim("fast", ", storageClassName: fast"),
        claim("none", ""),
        claim("slow", ", storageClassName: slow"),
    );
    let files = [
        ("a.yaml", &*one),
        ("b.yaml", &*two),
        ("c.yaml", &*three),
        ("classes.yaml", classes),
        ("service.yaml", service),
        ("web.yaml", deployment),
    ];
    insta::assert_snapshot!(lint_files(pack, &files));
}

#[test]
fn a_document_inside_a_document_inside_base64() {
    let pack = r#"
type Inner = { auth: { anonymous: bool = false }?, count: int? }

/// Strangers are turned away
policy strangers on ConfigMap {
    severity high
    for name, encoded in object.data {
        let text = base64_decode(encoded)
        require text is set, "`{name}` is no base64"
        let outer = parse_yaml(text) as {string: any}
        require outer is known, "`{name}` holds no YAML" at encoded
        let inner = parse_json(outer["config"] as string ?? "null") as Inner
        require inner is known, "`{name}` holds no JSON" at encoded
        deny inner.auth.anonymous == true, "`{name}` lets strangers in"
        deny (inner.count ?? 0) > 2, "`{name}` counts too far"
    }
}
"#;
    // `one` holds YAML with a text that is JSON, whose `count` is a text; the JSON of `two` has a comma too many, the YAML of
    // `three` is not closed, and `four` is no base64.
    let maps = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: texts}
data:
  one: Y29uZmlnOiB8CiAgeyJhdXRoIjogeyJhbm9ueW1vdXMiOiB0cnVlfSwgImNvdW50IjogInRocmVlIn0K
  two: Y29uZmlnOiB8CiAgeyJhdXRoIjogeyJhbm9ueW1vdXMiOiB0cnVlLH0K
  three: Y29uZmlnOiBbMQo=
  four: '%%'
  five: b3RoZXI6IDEK
";
    insta::assert_snapshot!(lint_files(pack, &[("texts.yaml", maps)]));
}

#[cfg(target_os = "linux")]
mod bounded {
    use super::*;

    /// The most that the process may have in memory, and how long it may take, in a build without optimisation on a
    /// machine that is busy with other things.
    const MOST_KIB: u64 = 100 << 10;
    const MOST_TIME: Duration = Duration::from_secs(60);

    /// What linting says beside the good file, within bounds of time and memory.
    fn lint_bounded(name: &str, bytes: &[u8]) -> String {
        let folder = folder();
        folder.write_bytes(name, bytes);
        let start = Instant::now();
        let limited = format!("ulimit -d {MOST_KIB}; exec \"$0\" \"$@\"");
        let words: Vec<&str> = LINT.split(' ').collect();
        let plain = support::prepare(folder.path(), &words);
        let output = std::process::Command::new("sh")
            .args(["-c", &limited])
            .arg(plain.get_program())
            .args(plain.get_args())
            .args(["--jobs", "1"])
            .current_dir(folder.path())
            .env("PALISADE_NO_CACHE", "true")
            .output()
            .unwrap();
        assert!(start.elapsed() < MOST_TIME, "{:?}", start.elapsed());
        let run = support::Run::from(output);
        assert!(run.stdout.contains(FINDING), "{run}");
        run.to_string()
    }

    #[test]
    fn a_hundred_megabytes_on_a_line() {
        let mut line = b"a: ".to_vec();
        line.resize(100 << 20, b'x');
        insta::assert_snapshot!(lint_bounded("long.yaml", &line));
    }

    #[test]
    fn bombs_and_brackets_need_neither_time_nor_memory() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..30 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        insta::assert_snapshot!(lint_bounded("bomb.yaml", bomb.as_bytes()));
        let brackets = "[".repeat(10_000);
        insta::assert_snapshot!(lint_bounded("deep.yaml", brackets.as_bytes()));
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_a_circle() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    symlink(".", folder.path().join("here")).unwrap();
    symlink("b.yaml", folder.path().join("a.yaml")).unwrap();
    symlink("a.yaml", folder.path().join("b.yaml")).unwrap();
    insta::assert_snapshot!(case(&folder, LINT));
    insta::assert_snapshot!(case(&folder, &format!("{LINT} a.yaml here")));
}

#[cfg(unix)]
#[test]
fn a_folder_and_a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    folder.write("closed/pod.yaml", POD);
    folder.write("closed.yaml", POD);
    let allow = |name: &str, mode: u32| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path().join(name), mode).unwrap();
    };
    allow("closed", 0);
    allow("closed.yaml", 0);
    let is_closed = std::fs::read_dir(folder.path().join("closed")).is_err();
    let said = case(&folder, LINT);
    allow("closed", 0o700);
    if is_closed {
        insta::assert_snapshot!(said, @r"
        $ palisade lint --no-stdlib -p policy.pale -f compact .
        zz-good.yaml:4:21: high[no-host-network] uses the host's network
        -- standard error
        closed: error permission denied
        closed.yaml: error permission denied
        -- status 3
        ");
    } else {
        // Root may read everything: then nothing is to be said, and both are read.
        assert_eq!(said.matches("high[no-host-network]").count(), 3, "{said}");
    }
}

#[test]
fn a_policy_with_a_missing_brace() {
    let folder = folder();
    folder.write("broken.pale", POLICY.trim_end().trim_end_matches('}'));
    let lint = "lint --no-stdlib -p broken.pale -f compact zz-good.yaml";
    insta::assert_snapshot!(case(&folder, lint));
    insta::assert_snapshot!(case(&folder, "check broken.pale"));
}

#[test]
fn what_is_no_module_of_ours() {
    let folder = folder();
    folder.write("text.wasm", "not wasm");
    folder.write_bytes("foreign.wasm", b"\0asm\x01\0\0\0");
    folder.write_bytes("component.wasm", b"\0asm\x0d\0\x01\0");
    let built = palisade(&folder, "build policy.pale -o good.wasm");
    assert_eq!(built.status, 0, "{built}");
    let module = std::fs::read(folder.path().join("good.wasm")).unwrap();
    folder.write_bytes("half.wasm", &module[..module.len() / 2]);
    for name in ["text", "foreign", "component", "half"] {
        let command = format!("lint --no-stdlib -p {name}.wasm {GOOD}");
        insta::assert_snapshot!(format!("module_{name}"), case(&folder, &command));
    }
}

#[test]
fn a_module_that_loops_forever() {
    let folder = folder();
    let start = Instant::now();
    folder.write("more.yaml", &format!("{POD}---\n{POD}"));
    folder.write_bytes("loop.wasm", &looping(&folder));
    folder.write("other.pale", POLICY);
    let command = "lint --no-stdlib -p loop.wasm -p other.pale -f compact -j 1 .";
    let said = case(&folder, command);
    assert!(said.contains(FINDING), "{said}");
    insta::assert_snapshot!(said);
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written() {
    let folder = folder();
    let lint = "lint --no-stdlib -p policy.pale -f json zz-good.yaml";
    insta::assert_snapshot!(case(&folder, &format!("{lint} --output /dev/full")));
    insta::assert_snapshot!(case(&folder, &format!("{lint} --output none/report.json")));
    folder.write("folder/kept", "");
    insta::assert_snapshot!(case(&folder, &format!("{lint} --output folder")));
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 3, "nothing is left behind");
}

/// A module of ours whose evaluation never ends: a built one, with a loop in place of `palisade_evaluate`.
fn looping(folder: &Folder) -> Vec<u8> {
    let built = palisade(folder, "build policy.pale -o loop.wasm --target core");
    assert_eq!(built.status, 0, "{built}");
    let good = std::fs::read(folder.path().join("loop.wasm")).unwrap();
    let mut module = walrus::Module::from_buffer(&good).unwrap();
    let replaced = module.exports.get_func("palisade_evaluate").unwrap();
    let replace = |(body, _): (&mut walrus::InstrSeqBuilder, &Vec<walrus::LocalId>)| {
        body.loop_(None, |forever| {
            let start = forever.id();
            forever.br(start);
        });
        body.unreachable();
    };
    module.replace_exported_func(replaced, replace).unwrap();
    module.emit_wasm()
}
