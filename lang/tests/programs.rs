//! What the checker hands on, as text.

#![expect(
    clippy::expect_used,
    reason = "a pack that cannot be read fails the test"
)]

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use palisade_lang::check::{Compiled, Files, Options, OtherPack, Source, compile};
use palisade_lang::program::MinorVersion;
use palisade_lang::program::print::print;
use palisade_lang::span::FileId;

/// Compiles the pack in a folder, its files in the order of their names.
fn compile_pack(folder: &Path) -> Compiled {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the pack is there")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "pale")
        })
        .collect();
    paths.sort();
    let texts: Vec<String> = paths
        .iter()
        .map(|path| fs::read_to_string(path).expect("the file can be read"))
        .collect();
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let sources: Vec<Source<'_>> = texts
        .iter()
        .zip(&names)
        .enumerate()
        .map(|(index, (text, path))| Source {
            file: FileId(index as u32),
            path,
            text,
        })
        .collect();
    compile(&sources, &Options::default())
}

#[test]
fn the_starter_pack_compiles_without_a_word() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stdlib-policies/packs/starter");
    let compiled = compile_pack(&folder);
    assert_eq!(compiled.diagnostics, []);
    let program = compiled
        .program
        .expect("a pack without diagnostics has a program");
    assert_eq!(program.policies.len(), 3);
    insta::assert_snapshot!(print(&program));
}

/// The program of a policy on `pod` with this body.
fn check_program(name: &str, case: &str) {
    let text = support::whole_file(case);
    let compiled = support::compile_text(&text);
    assert_eq!(compiled.diagnostics, [], "{}", support::render_all(&text));
    let program = compiled
        .program
        .expect("a file without diagnostics has a program");
    let printed = print(&program);
    let (_, policies) = printed.split_once("\npolicy").expect("there is a policy");
    insta::assert_snapshot!(name.to_owned(), format!("{text}\n---\npolicy{policies}"));
}

#[test]
fn a_check_names_all_requires_that_it_relies_on() {
    check_program(
        "guards",
        r#"
    for c in containers(pod) {
        let limit = c.resources.limits["memory"]
        let request = c.resources.requests["memory"]
        require limit is set, "no limit"
        require request is set and c.name != "x", "no request"
        let half = [limit]
        require request <= limit, "more requested than allowed"
        deny 4Gi in half, "relies on what the let relied on"
        deny c.name == "x", "relies on nothing, though it prints {limit}"
        when limit > 1Gi {
            deny c.tty == true, "relies on the header around it"
        }
        for q in [limit] where q > 2Gi {
            deny q > 3Gi, "relies on the list around it"
        }
        when request is known {
            deny c.tty == true, "asks again"
        }
    }
"#,
    );
}

#[test]
fn a_require_about_a_value_guards_nothing() {
    check_program(
        "no_guards",
        r#"
    for c in containers(pod) {
        require c.securityContext.runAsNonRoot == true, "may run as root"
        require c.securityContext.readOnlyRootFilesystem == true, "may write"
        require c.securityContext.runAsUser is set, "no user"
        deny c.securityContext.runAsGroup == 0, "the record around it is no reason to be silent"
        require c.command is set, "a list is not optional, so nothing is narrowed"
        deny "sh" in c.command, "m"
    }
"#,
    );
}

#[test]
fn defaults_read_plain_and_is_set_asks_what_was_written() {
    check_program(
        "defaults",
        r#"
    for c in containers(pod) {
        deny c.stdin, "a default reads as a plain bool"
        deny c.stdin is set, "asks what was written"
        let stdin = c.stdin
        deny stdin is set or stdin is empty, "so it does through a name"
    }
    for v in pod.spec.volumes {
        deny v.secret.optional is set, "m"
    }
"#,
    );
}

#[test]
fn every_form_of_expression_has_its_node() {
    check_program(
        "expressions",
        r#"
    let known = ["a", "b"]
    deny pod.metadata.name not in known or pod.spec.priority in [1, 2], "object {object}, {known}"
    deny pod.metadata.labels["app"] == none and pod.spec.containers[0].name != "x", "m" severity critical at pod.metadata.labels
    deny pod.metadata["name"] == "{pod.spec.hostname}-x" or (pod.spec.priority ?? -1) < 0, "m"
    require all i, c in containers(pod) where i > 0: no p in c.ports, e in c.env: p.name == e.name, "m"
    for key, value in pod.metadata.annotations where key != "x" {
        when value is empty {
            deny key > "a", "{key}"
        } else when value == "y" {
            deny image(value).digest is not set, "{image(value).registry}"
        } else {
            require pod.spec.tolerations is not known, "m"
        }
    }
    for c in pod.spec.initContainers + pod.spec.containers {
        deny c.role == "sidecar" and c.imagePullPolicy ?? "None" == "None", "{c.name + "-x"}"
        for port in c.ports {
            deny port.containerPort in [80, 443], "m"
        }
        when c.livenessProbe.httpGet is set {
            deny c.livenessProbe.httpGet.port == 80 or c.livenessProbe.httpGet.port == "http", "m"
        }
    }
"#,
    );
}

#[test]
fn a_program_knows_the_oldest_release_that_has_all_it_reads() {
    let text = support::whole_file("    deny pod.spec.hostUsers == false, \"m\"\n");
    let program = support::compile_text(&text).program.expect("it compiles");
    assert_eq!(program.policies[0].since, None);
    let text = support::whole_file("    deny pod.spec.resources.limits is empty, \"m\"\n");
    let program = support::compile_text(&text).program.expect("it compiles");
    assert_eq!(program.policies[0].since, Some(MinorVersion(32)));
}

#[test]
fn all_files_of_a_pack_are_one() {
    let texts = [
        "pack two-files edition 2026\n",
        "/// One\npolicy one on Pod {\n    severity low\n    deny object.metadata.name == \"x\", \"m\"\n}\n",
        "/// Two\npolicy one on pod {\n    severity low\n    deny pod.metadata.name == \"x\", \"m\"\n}\n",
    ];
    let sources: Vec<Source<'_>> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| Source {
            file: FileId(index as u32),
            path: "f.pale",
            text,
        })
        .collect();
    let compiled = compile(&sources[..2], &Options::default());
    assert_eq!(
        compiled.program.map(|program| program.pack).as_deref(),
        Some("two-files")
    );
    let compiled = compile(&sources, &Options::default());
    let codes: Vec<&str> = compiled
        .diagnostics
        .iter()
        .map(|found| found.code)
        .collect();
    assert_eq!(codes, ["duplicate-policy"]);
    assert_eq!(compiled.diagnostics[0].span().file, FileId(2));
    assert_eq!(compiled.program, None);
    let second = Source {
        file: FileId(3),
        path: "p.pale",
        text: "pack again edition 2026\n",
    };
    let compiled = compile(&[sources[0], second], &Options::default());
    let codes: Vec<&str> = compiled
        .diagnostics
        .iter()
        .map(|found| found.code)
        .collect();
    assert_eq!(codes, ["duplicate-pack"]);
}

/// The program of a file, whole.
fn check_file(name: &str, text: &str) {
    let compiled = support::compile_text(text);
    assert_eq!(compiled.diagnostics, [], "{}", support::render_all(text));
    let program = compiled
        .program
        .expect("a file without diagnostics has a program");
    insta::assert_snapshot!(name.to_owned(), format!("{text}\n---\n{}", print(&program)));
}

#[test]
fn parameters_profiles_and_constants_are_in_the_program() {
    check_file(
        "parameters",
        r#"pack params edition 2026

/// How many
param most: int = 5 where most > 0 and most < 100
const roots = ["root", "0"]
type Level = "None" < "Metadata" < "Request"
type Exception = { namespace: string, name: glob = "*", ids: [int] }

/// Images come from trusted registries
policy registries on pod where pod.metadata.name is set {
    severity high
    profiles base, strict
    param trusted: [glob] where trusted is not empty
    param least: version = 1.29
    param level: Level = "Metadata"
    param except: [Exception] = [{ namespace: "x", ids: [1, 2] }]
    param nets: [cidr] = ["10.0.0.0/8"]
    param owner: string?

    when cluster_version >= least and cluster_version < 1.31 {
        deny level >= "Request" or pod.metadata.name in roots, "m"
        deny any e in except: pod.metadata.name like e.name or e.namespace == "kube-system", "m"
    }
    for c in containers(pod) {
        require image(c.image).registry in trusted, "image `{c.image}` is not from {trusted}"
    }
    deny ip(pod.spec.hostname ?? "") in nets or owner is not set, "m"
    deny pod.spec.priority == most, "m"
}

profile strict extends base {
    include registries
    set registries.level = "Request"
    set params.most = 7
}
"#,
    );
}

#[test]
fn a_call_is_the_functions_body() {
    check_file(
        "functions",
        r#"fn is_root(c) = c.securityContext.runAsUser == 0
fn user(pod: pod, c) = c.securityContext.runAsUser ?? pod.spec.securityContext.runAsUser
fn twice(n: int): int = n + n
fn is_even(n: int) = n % 2 == 0 and n > 0
fn both(a, b) = is_root(a) and is_root(b)

/// Users
policy users on pod {
    severity low
    for i, c in containers(pod) where not is_root(c) {
        deny both(c, pod.spec.containers[0]), "m"
        deny user(pod, c) == twice(i + 2), "user {user(pod, c)}"
        deny is_even(i * 3), "m"
        let even = is_even(i)
        deny even or is_even(2), "m"
        let e = effective(pod, c)
        deny e.runAsNonRoot != true, "m" at e.runAsNonRoot
        deny if c.tty then c.stdin else c.name == "x", "m"
    }
}
"#,
    );
}

#[test]
fn what_is_computed_has_its_node() {
    check_file(
        "computed",
        r#"/// C
policy computed on pod {
    severity low
    for c in containers(pod) {
        let port = first p in c.ports where p.name == "x" by p.containerPort
        require port is set, "m"
        deny port.containerPort > count(p in c.ports where p.protocol == "UDP"), "m"
        deny "a" in [p.name for p in c.ports where p.name is set by p.containerPort], "m"
        deny c.name matches r"^\d+$" or c.image like "docker.io/**", "m"
        deny keys(c.resources.limits).subset_of(["cpu", "memory"]) and len(c.ports) > 2, "m"
        deny (c.resources.limits["memory"] ?? 0) + 1Gi > max(1Gi, 2Gi), "m"
        deny percent_of("30%", len(c.args)) is set, "m" severity if c.tty then high else low
    }
    deny selects(none ?? object.metadata.labels as LabelSelector, pod.metadata.labels), "m"
}
"#,
    );
}

#[test]
fn computed_arms_of_views_are_bodies() {
    check_file(
        "views",
        r#"type Flags = { anonymous: bool = true, modes: [string], log: string? }

view flags: Flags {
    pod where pod.metadata.name == "api" => { anonymous: pod.spec.hostNetwork ?? true, modes: pod.spec.containers[0].args }
    ConfigMap => { modes: [metadata.name ?? ""], log: data["log"] }
}

view container: Container {
    pod => pod.spec.containers + pod.spec.initContainers
}

view port: ContainerPort {
    container where container.name != "x" => container.ports
    PodTemplate => template.spec.containers[0].ports[0]
}

extend view pod { argoproj.io/Rollout => spec.template }

kind Rollout for argoproj.io {
    spec: { template: PodTemplateSpec, replicas: int = 1 }
}

/// Flags
policy no-anonymous on flags {
    severity low
    require flags.anonymous == false, "{object}"
    deny "AlwaysAllow" in flags.modes or flags.log is not set, "m"
    deny whole(flags).metadata.name == "x" or namespace(object) == "y", "m"
}

/// Containers
policy no-tty on container where container.name != "x" {
    severity low
    deny container.tty == true, "{container.name} in {object}"
        fix container.tty = false
}

/// Ports
policy ports on port {
    severity low
    deny port.containerPort == 80, "m"
}

/// Two bodies
policy bodies {
    severity low
    operations create, delete
    on Rollout { deny object.spec.replicas < 2, "m" }
    on Role, ClusterRole {
        deny any rule in object.rules: grants(rule, "get", "", "secrets"), "m"
    }
    on Pod/exec { deny object.command is empty, "m" }
    on Pod where request.operation == "UPDATE" { deny old.spec.nodeName != object.spec.nodeName, "m" }
}
"#,
    );
}

#[test]
fn fixes_are_in_their_checks() {
    check_file(
        "fixes",
        r#"/// F
policy fixes on pod {
    severity low
    param max: quantity = 4Gi
    for c in containers(pod) {
        let context = c.securityContext
        require c.resources.limits["memory"] is set, "m"
            fix unsafe c.resources.limits["memory"] = max
        deny c.tty == true, "m"
            fix {
                remove context.privileged
                append "x" to c.command
            } when c.name == "x"
            fix context = { privileged: false, capabilities: { drop: ["ALL"] } }
        deny c.name == "c", "m"
            fix append { name: "A", value: "{c.name}" } to c.env
            fix upsert c.resources.limits["cpu"] = 500m
        let first_port = first p in c.ports where p.name == "web"
        deny c.name == "d", "m"
            fix first_port.hostPort = 80
            fix upsert c.env["A"] = { value: "b" }
    }
}
"#,
    );
}

#[derive(Debug)]
struct OneFile;

impl Files for OneFile {
    fn read(&self, path: &str) -> Result<String, String> {
        if path != "crds/widget.yaml" {
            return Err("there is no such file".to_owned());
        }
        Ok(r#"[{"spec": {"group": "x.io", "names": {"kind": "Widget"}, "versions": [
            {"name": "v1", "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "required": ["spec"], "properties": {
                "spec": {"type": "object", "required": ["size"], "properties": {
                    "size": {"type": "integer"}, "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                    "tags": {"type": "object", "additionalProperties": {"type": "string"}},
                    "port": {"x-kubernetes-int-or-string": true}}}}}}}]}}]"#
            .to_owned())
    }

    fn read_text(&self, path: &str) -> Result<String, String> {
        match path {
            "apis.tsv" => Ok(APIS.to_owned()),
            "short.tsv" => Ok("a\tb\n1\n".to_owned()),
            _ => Err("there is no such file".to_owned()),
        }
    }
}

const APIS: &str = "group\tkind\tremoved_in\tnote\tversions\tstage\r\n\
    policy\tPodSecurityPolicy\t1.25\t-\tv1beta1 v1\tgone\r\n\
    \r\n\
    batch\tCronJob\t-\tsee v1\t-\tserved\r\n";

fn with_tables(text: &str) -> palisade_lang::check::Compiled {
    let options = Options {
        files: Some(Arc::new(OneFile)),
        ..Options::default()
    };
    let source = Source {
        file: FileId(0),
        path: "case.pale",
        text,
    };
    compile(&[source], &options)
}

#[test]
fn tables_are_constants() {
    let text = r#"
table apis from tsv "apis.tsv" {
    group: string, kind: string, removed_in: version?, note: string = "none",
    versions: [string] split " ", stage: "gone" | "served",
}

/// Removed kinds
policy removed on CronJob {
    severity low
    deny any a in apis where a.kind == object.kind: a.removed_in is set, "m {first a in apis where a.stage == \"gone\" by a.kind}"
    let gone = first a in apis where a.stage == "gone"
    deny gone is set and gone.removed_in is set and gone.removed_in <= cluster_version, "n {gone.versions}"
}
"#;
    let text = text.replace(
        "m {first a in apis where a.stage == \\\"gone\\\" by a.kind}",
        "m",
    );
    let compiled = with_tables(&text);
    assert!(
        compiled.diagnostics.is_empty(),
        "{:#?}",
        compiled.diagnostics
    );
    insta::assert_snapshot!(print(&compiled.program.unwrap()));
}

#[test]
fn mistakes_of_tables_are_located() {
    let policy = "\n/// P\npolicy p on Pod {\n    severity low\n    deny any a in t: a.kind == object.kind, \"m\"\n}\n";
    let declarations = [
        r#"table t from tsv "apis.tsv" { kind: string, removed_in: int?, note: string, stage: "gone" }"#,
        r#"table t from tsv "apis.tsv" { knd: string, versions: [string] }"#,
        r#"table t from tsv "apis.tsv" { kind: {string: string} }"#,
        r#"table t from tsv "none.tsv" { kind: string }"#,
        r#"table t from tsv "short.tsv" { a: int }"#,
        r#"table t from csv "apis.tsv" { kind: string }"#,
        r#"table t from "apis.tsv" { kind: string }"#,
        "table t from tsv { kind: string }",
        r#"table t from tsv "apis.tsv""#,
        "table t",
        "type T = { kind: [string] split \" \" }\nconst t: [T] = []",
    ];
    let mut seen = String::new();
    for declaration in declarations {
        let text = format!("{declaration}\n{policy}");
        let compiled = with_tables(&text);
        assert!(compiled.program.is_none(), "{declaration}");
        for diagnostic in &compiled.diagnostics {
            seen.push_str(&palisade_lang::diagnostic::plain::render(
                diagnostic,
                "case.pale",
                &text,
            ));
            let edited = palisade_lang::diagnostic::plain::apply_edits(diagnostic, &text);
            if edited != text {
                let left = with_tables(&edited).diagnostics.len();
                assert!(left < compiled.diagnostics.len(), "{edited}");
            }
        }
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn packs_and_definitions_come_through_the_options() {
    let text = r#"use shared

kind Widget from crd "crds/widget.yaml"

/// Widgets
policy widgets on Widget {
    severity low
    deny object.spec.size > limit or object.spec.mode == "b", "m"
    deny object.spec.port == 80 or object.spec.tags["x"] == "y", "m"
    deny object.spec.free.anything as string == "x", "m"
    deny is_large(object), "m"
}
"#;
    let shared = "pack shared edition 2026\nconst limit = 3\nfn is_large(w) = w.spec.size > 9\nfn other(x) = x == 1\n";
    let options = Options {
        packs: vec![OtherPack {
            name: "shared".to_owned(),
            files: vec![(FileId(7), shared.to_owned())],
        }],
        files: Some(Arc::new(OneFile)),
        ..Options::default()
    };
    let source = |text| Source {
        file: FileId(0),
        path: "case.pale",
        text,
    };
    let compiled = compile(&[source(text)], &options);
    assert_eq!(compiled.diagnostics, []);
    let program = compiled.program.expect("it compiles");
    insta::assert_snapshot!("options", print(&program));
    let wrong = text
        .replace("spec.size > limit", "spec.sise > limit")
        .replace("use shared", "use shard");
    let compiled = compile(&[source(&wrong)], &options);
    let found: Vec<&str> = compiled
        .diagnostics
        .iter()
        .map(|found| found.message.as_str())
        .collect();
    assert_eq!(
        found,
        [
            "there is no pack `shard` here",
            "`WidgetSpec` has no field `sise`",
            "nothing here is called `limit`",
            "there is no function `is_large`",
        ]
    );
    let missing = text.replace("widget.yaml", "gadget.yaml");
    let compiled = compile(&[source(&missing)], &options);
    assert_eq!(
        compiled
            .diagnostics
            .first()
            .map(|found| found.message.as_str()),
        Some("`crds/gadget.yaml` gives no kind: there is no such file")
    );
}

/// Declarations that each use the one before it.
fn chain(n: usize, first: &str, next: impl Fn(usize) -> String) -> String {
    let mut text = format!("pack chain edition 2026\n{first}\n");
    for at in 1..n {
        text.push_str(&next(at));
        text.push('\n');
    }
    text
}

#[test]
fn long_chains_of_declarations_are_refused_and_short_ones_not() {
    let chains = |n| {
        [
            chain(n, "fn f0(x) = x == 1", |at| {
                format!("fn f{at}(x) = f{}(x)", at - 1)
            }),
            chain(n, "const c0 = 1", |at| format!("const c{at} = c{}", at - 1)),
            chain(n, "type T0 = int", |at| {
                format!("type T{at} = {{ a: T{} }}", at - 1)
            }),
            // The last first, so that each is looked into for the one before it.
            chain(n, "fn g0(x) = g1(x)", |at| {
                if at + 1 == n {
                    format!("fn g{at}(x) = x == 1")
                } else {
                    format!("fn g{at}(x) = g{}(x)", at + 1)
                }
            }),
        ]
    };
    for text in chains(60) {
        assert_eq!(
            support::compile_text(&text).diagnostics,
            [],
            "{}",
            support::render_all(&text)
        );
    }
    for text in chains(5_000).into_iter().skip(3) {
        let found = support::compile_text(&text).diagnostics;
        assert!(found.iter().any(|found| found.code == "too-deep"));
    }
}

#[test]
fn functions_that_call_twice_do_not_explode() {
    let text = chain(40, "fn f0(x: int) = x == 1", |at| {
        let below = at - 1;
        format!("fn f{at}(x: int) = f{below}(x) and f{below}(x)")
    });
    let found = support::compile_text(&text).diagnostics;
    assert!(found.iter().any(|found| found.code == "too-large"));
}
