//! Policies that ask for other objects: over several files, with what is not known, and as fast with an index as without
//! one they would be slow.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use serde_json::Value;
use support::{Folder, palisade};

/// A Deployment that a Service must select, and Services that must have selectors of their own.
const POLICIES: &str = "\
/// Every Deployment is selected by a Service
policy has-service on Deployment {
    severity medium
    let labels = object.spec.template.metadata.labels

    require any s in objects(Service) where s.metadata.name == object.metadata.name and namespace(s) == namespace(object):
            labels[\"app\"] == s.spec.selector[\"app\"],
        \"no Service selects `{object.metadata.name}`\"
}

/// No two Services select the same
policy unique-selector on Service {
    severity low
    deny any s in objects(Service) where namespace(s) == namespace(object) and s.metadata.name != object.metadata.name:
            s.spec.selector[\"app\"] == object.spec.selector[\"app\"],
        \"selects what another selects\"
}
";

const CHECK: &str = "lint --no-stdlib --policies policies.pale manifests";

fn deployment(name: &str, app: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{}}\n  \
         template:\n    metadata:\n      labels: {{app: {app}}}\n    spec:\n      containers: []\n"
    )
}

fn service(name: &str, app: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: shop\nspec:\n  selector: {{app: {app}}}\n"
    )
}

/// A folder with the policies and some manifests.
fn folder(manifests: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    folder.write("policies.pale", POLICIES);
    for (name, text) in manifests {
        folder.write(&format!("manifests/{name}.yaml"), text);
    }
    folder
}

fn report(folder: &Folder, command: &str) -> Value {
    let run = palisade(folder, &format!("{command} --format json"));
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run}"))
}

/// Policy, file and path of each finding.
fn findings(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings
        .map(|finding| {
            ["policy", "file", "path"]
                .map(|key| text(finding, key))
                .join(" ")
        })
        .collect()
}

#[test]
fn objects_of_other_files_are_found_and_named() {
    let (web, alone) = (deployment("web", "web"), deployment("alone", "alone"));
    let folder = folder(&[
        ("a", &web),
        ("b", &service("web", "web")),
        ("c", &alone),
        ("d", &service("other", "web")),
    ]);
    let report = report(&folder, CHECK);
    assert_eq!(
        findings(&report),
        [
            "unique-selector manifests/b.yaml spec.selector.app",
            "has-service manifests/c.yaml spec.template.metadata.labels.app",
            "unique-selector manifests/d.yaml spec.selector.app",
        ]
    );
    let related = report["findings"][0]["related"].as_array().unwrap();
    let other = related.iter().find(|place| !place["file"].is_null());
    let other = other.unwrap_or_else(|| panic!("{related:?}"));
    assert_eq!(other["file"], "manifests/d.yaml");
    assert_eq!(other["object"]["name"], "other");
    assert_eq!(other["path"], "spec.selector.app");
    assert_eq!(other["line"], 7);
    assert_eq!(report["summary"]["documents"], 4);
    assert!(report["unknown"].as_array().unwrap().is_empty());
}

#[test]
fn threads_do_not_show() {
    let texts: Vec<(String, String)> = (0..60)
        .map(|nth| {
            let name = format!("app-{nth}");
            let app = format!("app-{}", nth / 3);
            let text = format!("{}---\n{}", deployment(&name, &app), service(&name, &app));
            (format!("{nth:02}"), text)
        })
        .collect();
    let manifests: Vec<(&str, &str)> = (texts.iter())
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let folder = folder(&manifests);
    let first = report(&folder, &format!("{CHECK} --jobs 1"));
    assert_eq!(findings(&first).len(), 60);
    for jobs in [2, 3, 8] {
        assert_eq!(report(&folder, &format!("{CHECK} --jobs {jobs}")), first);
    }
}

#[test]
fn what_the_run_does_not_know_is_unknown() {
    let (web, alone) = (deployment("web", "web"), deployment("alone", "alone"));
    let folder = folder(&[
        ("a", &web),
        ("b", &service("web", "web")),
        ("c", &alone),
        ("broken", "a: [\n"),
    ]);
    let report = report(&folder, CHECK);
    assert!(findings(&report).is_empty(), "{report}");
    let unknown = report["unknown"].as_array().unwrap();
    let of = |policy: &str| -> Vec<(&str, &str, &str)> {
        let unknown = unknown.iter().filter(|unknown| unknown["policy"] == policy);
        let text = |value: &'static str| move |unknown: &'_ Value| unknown[value].clone();
        let _ = text;
        unknown
            .map(|unknown| {
                (
                    unknown["file"].as_str().unwrap(),
                    unknown["path"].as_str().unwrap(),
                    unknown["reason"].as_str().unwrap(),
                )
            })
            .collect()
    };
    // One Service was found; whether there is another for the other Deployment nobody can say.
    assert_eq!(
        of("has-service"),
        [(
            "manifests/c.yaml",
            "spec.template.metadata.labels.app",
            "inventory"
        )]
    );
    assert_eq!(of("unique-selector").len(), 1, "{unknown:?}");
}

#[test]
fn what_is_amiss_in_another_object_is_unknown_and_no_finding() {
    let odd = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: 7}\n";
    let folder = folder(&[("a", &deployment("web", "web")), ("b", odd)]);
    let report = report(&folder, CHECK);
    let unknown = &report["unknown"][0];
    assert_eq!(unknown["policy"], "has-service", "{report}");
    assert_eq!(unknown["reason"], "inventory");
    // The Service's own policy says what is wrong with it.
    assert_eq!(
        findings(&report),
        ["unique-selector manifests/b.yaml spec.selector.app"]
    );
}

#[test]
fn an_index_changes_nothing() {
    let folder = Folder::new();
    let body = |condition: &str| {
        format!(
            "    severity low\n    deny any s in objects(Service) where {condition}: s.spec.clusterIP != \"None\", \"x\"\n}}\n"
        )
    };
    // The second of each pair says the same in a form that no index answers.
    let conditions = [
        (
            "s.metadata.name == object.metadata.name",
            "not (s.metadata.name != object.metadata.name)",
        ),
        (
            "namespace(s) == namespace(object) and s.spec.type == object.metadata.labels[\"type\"]",
            "(not (namespace(s) != namespace(object))) and (not (s.spec.type != object.metadata.labels[\"type\"]))",
        ),
        (
            "s.spec.sessionAffinity == object.metadata.labels[\"none\"]",
            "not (s.spec.sessionAffinity != object.metadata.labels[\"none\"])",
        ),
    ];
    let mut policies = String::new();
    for (nth, (joined, scanned)) in conditions.iter().enumerate() {
        for (form, condition) in [("joined", joined), ("scanned", scanned)] {
            let body = body(condition);
            policies.push_str(&format!(
                "/// x\npolicy {form}-{nth} on ConfigMap {{\n{body}\n"
            ));
        }
    }
    folder.write("policies.pale", &policies);
    for nth in 0..40 {
        let namespace = [
            "",
            ", namespace: a",
            ", namespace: b",
            ", namespace: \"{{ .ns }}\"",
        ][nth % 4];
        let ty = ["ClusterIP", "NodePort", "{{ .type }}"][nth % 3];
        let text = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: n{}{namespace}}}\nspec: {{type: \"{ty}\", clusterIP: \"{}\"}}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: n{}{namespace}, labels: {{type: \"{ty}\"}}}}\n",
            nth % 7,
            ["None", "10.0.0.1"][nth % 2],
            nth % 11,
        );
        folder.write(&format!("manifests/{nth}.yaml"), &text);
    }
    let report = report(&folder, CHECK);
    for list in ["findings", "unknown"] {
        let of = |form: &str| -> Vec<String> {
            let all = report[list].as_array().unwrap().iter();
            let mut all: Vec<String> = all
                .filter_map(|found| {
                    let nth = found["policy"].as_str()?.strip_prefix(form)?;
                    Some(format!(
                        "{nth} {} {} {}",
                        found["file"], found["object"], found["reason"]
                    ))
                })
                .collect();
            all.sort();
            all
        };
        assert_eq!(of("joined"), of("scanned"), "{list}");
    }
}

#[test]
fn parts_lead_to_their_objects() {
    let folder = Folder::new();
    folder.write(
        "policies.pale",
        "\
/// Accounts are used
policy used-account on ServiceAccount {
    severity low
    let pods = [p for p in objects(pod) where p.spec.serviceAccountName == object.metadata.name]
    require count(p in pods where namespace(p) == namespace(object)) >= 1, \"nothing runs as it\"
    deny any p in pods: whole(p).metadata.name == \"batch\", \"`{object.metadata.name}` runs a batch\"
}
",
    );
    let job = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: batch, namespace: shop}\nspec:\n  schedule: x\n  jobTemplate:\n    \
               spec:\n      template:\n        spec: {serviceAccountName: runner}\n";
    let account = |name: &str| {
        format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}, namespace: shop}}\n"
        )
    };
    folder.write("manifests/a.yaml", &account("runner"));
    folder.write("manifests/b.yaml", &account("idle"));
    folder.write("manifests/c.yaml", job);
    let report = report(&folder, CHECK);
    let messages = report["findings"].as_array().unwrap().iter();
    let messages: Vec<&str> = messages
        .map(|finding| finding["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages, ["`runner` runs a batch", "nothing runs as it"]);
}

#[test]
fn eval_knows_the_objects_that_it_is_given() {
    let folder = folder(&[
        ("a", &deployment("web", "web")),
        ("b", &service("web", "web")),
    ]);
    let eval = "eval policies.pale manifests/a.yaml";
    let run = palisade(&folder, eval);
    assert!(run.stdout.contains("\"inventory\""), "{run}");
    let run = palisade(&folder, &format!("{eval} --objects manifests"));
    assert!(run.stdout.contains("\"findings\":[]"), "{run}");
    assert!(!run.stdout.contains("inventory"), "{run}");
    let run = palisade(&folder, &format!("{eval} --objects manifests/a.yaml"));
    assert!(run.stdout.contains("no Service selects"), "{run}");
}

#[test]
fn a_folder_of_tests_is_one_inventory() {
    let folder = Folder::new();
    folder.write(
        "pack.pale",
        &format!("pack trial edition 2026\n\n{POLICIES}"),
    );
    let marked = deployment("web", "web").replace(
        "      labels: {app: web}",
        "      labels:\n        app: web #~ has-service",
    );
    folder.write("tests/alone/web.yaml", &marked);
    folder.write("tests/together/web.yaml", &deployment("web", "web"));
    folder.write("tests/together/service.yaml", &service("web", "web"));
    let run = palisade(&folder, "test");
    assert_eq!(run.status, 0, "{run}");
}

/// Policies on all objects as a whole, and on every object.
const WHOLE: &str = "\
/// Traffic is restricted somewhere
policy some-network-policy on inventory {
    severity high
    require objects(NetworkPolicy) is not empty, \"there is no NetworkPolicy in `{inventory.root}`\"
    for s in objects(Service) {
        deny s.spec.selector[\"app\"] == \"web\", \"{s} selects web\"
    }
}

/// Everything has an owner
policy owned on any {
    severity low
    require object.metadata.labels[\"owner\"] is set, \"{object} has no owner\"
}
";

const LINT_WHOLE: &str = "lint --no-stdlib --policies whole.pale manifests";

fn whole_folder() -> Folder {
    let folder = Folder::new();
    folder.write("whole.pale", WHOLE);
    folder.write("manifests/a.yaml", &service("web", "web"));
    let others = format!(
        "apiVersion: example.com/v1\nkind: Custom\nmetadata: {{name: x, labels: {{owner: me}}}}\n---\n{}",
        service("again", "web")
    );
    folder.write("manifests/b.yaml", &others);
    folder
}

#[test]
fn the_inventory_is_judged_once_and_owns_its_places() {
    let folder = whole_folder();
    assert_eq!(
        findings(&report(&folder, LINT_WHOLE)),
        [
            "some-network-policy manifests ",
            "owned manifests/a.yaml metadata.labels.owner",
            "some-network-policy manifests/a.yaml spec.selector.app",
            "owned manifests/b.yaml metadata.labels.owner",
            "some-network-policy manifests/b.yaml spec.selector.app",
        ]
    );
    // What cannot be read may hold what is asked for.
    folder.write("manifests/c.yaml", "a: [");
    let report = report(&folder, LINT_WHOLE);
    let unknown = report["unknown"].as_array().unwrap();
    assert_eq!(unknown.len(), 2, "{unknown:?}");
    assert!(
        unknown.iter().all(|found| found["reason"] == "inventory"),
        "{unknown:?}"
    );
}

#[test]
fn hosts_give_the_inventory_as_json() {
    let folder = whole_folder();
    let run = palisade(
        &folder,
        "eval whole.pale --kind inventory --objects manifests",
    );
    let verdict: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run}"));
    let paths: Vec<&str> = verdict["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        paths,
        [
            "metadata.name",
            "objects[0].spec.selector.app",
            "objects[2].spec.selector.app"
        ],
        "{run}"
    );
}

#[test]
fn a_key_that_is_absent_on_one_side_joins_nothing() {
    let policies = "\
/// Open namespaces are one
policy same on Service {
    severity low
    deny any s in objects(Service) where s.metadata.namespace == object.metadata.namespace
            and s.metadata.name != object.metadata.name: s.spec.selector is set, \"has a neighbour\"
    deny any s in objects(Service) where s.metadata.namespace in [object.metadata.namespace ?? \"none\"]
            and s.metadata.name != object.metadata.name: s.spec.selector is set, \"has a named neighbour\"
}
";
    let folder = Folder::new();
    folder.write("policies.pale", policies);
    let open = |name: &str| service(name, "x").replace("  namespace: shop\n", "");
    folder.write("manifests/a.yaml", &open("a"));
    folder.write("manifests/b.yaml", &service("b", "x"));
    assert!(findings(&report(&folder, CHECK)).is_empty());
    // Absent on both sides is equal; in a list it is nothing.
    folder.write("manifests/c.yaml", &open("c"));
    let report = report(&folder, CHECK);
    let found = report["findings"].as_array().unwrap();
    let messages: Vec<&Value> = found.iter().map(|found| &found["message"]).collect();
    assert_eq!(messages, ["has a neighbour", "has a neighbour"]);
}

#[test]
fn two_objects_of_one_name_are_two_objects() {
    let (one, other) = (service("web", "web"), service("web", "other"));
    let folder = folder(&[
        ("a", &deployment("web", "other")),
        ("b", &one),
        ("c", &other),
    ]);
    assert!(findings(&report(&folder, CHECK)).is_empty());
}

#[test]
fn what_a_project_exempts_is_counted_and_not_found() {
    let folder = whole_folder();
    folder.write(
        ".palisade.yaml",
        "exempt:\n  - policies: [owned]\n    objects: [shop/web]\n    reason: an old one\n  - paths: [manifests/b.yaml]\n",
    );
    let command = format!("{LINT_WHOLE} --config .palisade.yaml");
    let seen = report(&folder, &command);
    assert_eq!(
        findings(&seen),
        [
            "some-network-policy manifests ",
            "some-network-policy manifests/a.yaml spec.selector.app"
        ]
    );
    assert_eq!(seen["summary"]["suppressed"], 3);
    let all = report(&folder, &format!("{command} --show-suppressed"));
    let all = all["findings"].as_array().unwrap();
    assert_eq!(all.len(), 5);
    let reasons: Vec<&Value> = all
        .iter()
        .map(|found| &found["suppressed"]["reason"])
        .collect();
    assert!(reasons.contains(&&Value::from("an old one")), "{reasons:?}");
    for (text, expected) in [
        ("exempts: []", "there is no key `exempts`; write `exempt`"),
        (
            "exempt: [{namespace: [a]}]",
            "exempt[0]: there is no key `namespace`; write `namespaces`",
        ),
        (
            "exempt: [{paths: [a], policies: [ownd]}]",
            "there is no policy `ownd`; write `owned`",
        ),
        ("exempt: [{policies: [owned]}]", "it exempts nothing"),
        ("profiles: [a]", "`profiles` is not available yet"),
    ] {
        folder.write(".palisade.yaml", text);
        let run = palisade(&folder, &command);
        assert_eq!(run.status, 2, "{run}");
        assert!(run.stderr.contains(expected), "{run}");
    }
}

/// Policies that ask for files: by their kind, all of them, and by a path.
const ASKING: &str = r#"
use files

type EncryptionConfig = { resources: [{ resources: [string], providers: [{string: any}] }] }

/// Secrets are encrypted
policy encrypted on Pod {
    severity high
    for c in object.spec.containers {
        let path = flags(c.command)["encryption-provider-config"]
        require path is set, "nothing is encrypted"
        let file = file_at(path)
        require file is set, "`{path}` is not here" at path
        for entry in (parse_yaml(file.text) as EncryptionConfig).resources {
            deny entry.providers[0]["identity"] is set, "{file.path} leaves {entry.resources} as they are" at path
        }
    }
}

/// Daemons keep containers apart
policy apart on Pod {
    severity low
    deny any d in objects(DockerDaemon): d.icc == true, "a daemon lets containers talk"
}

/// Every cluster says what it is made of
policy described on inventory {
    severity low
    require any f in objects(file): f.name == "README.md" and f.text is not empty, "nothing describes `{inventory.root}`"
}

/// What is in `prod` says so
policy says-so on Pod {
    severity info
    deny source(object).path like "**/prod/**" and object.metadata.labels["stage"] != "prod",
        "{source(object).path} of {inventory.root}, from {source(object).template}"
}
"#;

#[test]
fn files_are_asked_for_by_kind_and_by_path() {
    let folder = Folder::new();
    folder.write(
        "policies/pack.pale",
        &format!("pack asking edition 2026\n{ASKING}"),
    );
    for stage in ["dev", "prod"] {
        folder.write(
            &format!("all/{stage}/api.yaml"),
            "# Source: chart/api.yaml\napiVersion: v1\nkind: Pod\nmetadata: {name: api}\nspec:\n  containers:\n    - name: a\n      \
             command: [kube-apiserver, --encryption-provider-config=/etc/kubernetes/enc.yaml]\n",
        );
    }
    let command = "lint --no-stdlib -p policies all";
    let encrypted = |seen: &Value| {
        let all = findings(seen).into_iter();
        all.filter(|found| found.starts_with("encrypted"))
            .collect::<Vec<_>>()
    };
    let missing = report(&folder, command);
    assert_eq!(
        encrypted(&missing),
        [
            "encrypted all/dev/api.yaml spec.containers[0].command[1]",
            "encrypted all/prod/api.yaml spec.containers[0].command[1]",
        ]
    );
    let plain = "resources:\n  - resources: [secrets]\n    providers:\n      - identity: {}\n";
    folder.write("all/enc.yaml", "resources: []\n");
    folder.write("all/prod/etc/kubernetes/enc.yaml", plain);
    folder.write(
        "all/dev/etc/kubernetes/enc.yaml",
        &plain.replace("identity", "aescbc"),
    );
    folder.write("all/dev/daemon.json", "{\"icc\": true}\n");
    folder.write("all/README.md", "What this is.\n");
    let seen = report(&folder, command);
    assert_eq!(
        findings(&seen),
        [
            "apart all/dev/api.yaml metadata.name",
            "says-so all/prod/api.yaml metadata.labels.stage",
            "apart all/prod/api.yaml metadata.name",
            "encrypted all/prod/api.yaml spec.containers[0].command[1]",
        ]
    );
    let said = seen["findings"].as_array().unwrap();
    assert_eq!(
        said[1]["message"],
        "all/prod/api.yaml of all, from chart/api.yaml"
    );
    let beside = &said[3]["related"][0];
    assert_eq!(
        [&beside["file"], &beside["path"]],
        [
            "all/prod/etc/kubernetes/enc.yaml",
            "text -> resources[0].providers[0].identity"
        ]
    );
    assert_eq!([&beside["line"], &beside["column"]], [4, 19]);
    assert_eq!(seen["unknown"], Value::Array(Vec::new()));
    // Where no files can be, nothing is known of them.
    folder.write(
        "pod.json",
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[]}}"#,
    );
    let run = palisade(&folder, "eval policies pod.json");
    assert!(run.stdout.contains("inventory"), "{run}");
}

#[test]
fn routes_of_every_kind_expose_what_they_lead_to() {
    let folder = Folder::new();
    folder.write(
        "policies.pale",
        "/// Nothing is exposed\npolicy hidden on pod {\n    severity low\n    deny exposed(pod), \"is exposed\"\n}\n",
    );
    let common = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\nspec: {containers: []}\n---\n\
                  apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}}\n---\n";
    let routes = [
        (
            "gateway.networking.k8s.io/v1",
            "HTTPRoute",
            "{parentRefs: [{name: g}], rules: [{backendRefs: [{name: web}]}]}",
            true,
        ),
        (
            "gateway.networking.k8s.io/v1",
            "GRPCRoute",
            "{parentRefs: [{name: g}], rules: [{backendRefs: [{name: api}]}]}",
            false,
        ),
        (
            "gateway.networking.k8s.io/v1",
            "HTTPRoute",
            "{parentRefs: [{kind: Service, name: g}], rules: [{backendRefs: [{name: web}]}]}",
            false,
        ),
        (
            "route.openshift.io/v1",
            "Route",
            "{to: {kind: Service, name: web}}",
            true,
        ),
        (
            "traefik.io/v1alpha1",
            "IngressRoute",
            "{routes: [{services: [{name: web}]}]}",
            true,
        ),
        (
            "networking.istio.io/v1",
            "VirtualService",
            "{gateways: [g], http: [{route: [{destination: {host: web.shop.svc.cluster.local}}]}]}",
            true,
        ),
        (
            "networking.istio.io/v1",
            "VirtualService",
            "{gateways: [mesh], http: [{route: [{destination: {host: web}}]}]}",
            false,
        ),
    ];
    for (version, kind, spec, is_exposed) in routes {
        let route = format!(
            "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: r, namespace: shop}}\nspec: {spec}\n"
        );
        folder.write("manifests/all.yaml", &format!("{common}{route}"));
        let seen = report(&folder, CHECK);
        assert_eq!(
            findings(&seen).len(),
            usize::from(is_exposed),
            "{route}{seen}"
        );
        assert_eq!(seen["unknown"], Value::Array(Vec::new()), "{route}");
    }
}

#[test]
fn clusters_know_nothing_of_each_other() {
    let folder = Folder::new();
    folder.write(
        "policies.pale",
        "/// There is a quota\npolicy quota on inventory {\n    severity low\n    require objects(ResourceQuota) is not empty,\n        \
         \"no quota in {inventory.root} of {inventory.cluster} by {inventory.provider}\"\n}\n\n\
         /// Every Pod has a Service\npolicy service on Pod {\n    severity low\n    \
         require any s in objects(Service): s.metadata.name == object.metadata.name,\n        \
         \"no Service in {inventory.cluster}\"\n}\n",
    );
    let object =
        |kind: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: web}}\nspec: {{}}\n");
    for place in ["clusters/a", "clusters/b", "base"] {
        folder.write(&format!("all/{place}/pod.yaml"), &object("Pod"));
    }
    folder.write("all/clusters/a/service.yaml", &object("Service"));
    folder.write("all/base/quota.yaml", &object("ResourceQuota"));
    let command = "lint --no-stdlib --policies policies.pale --config config.yaml all";
    let said = |seen: &Value| -> Vec<String> {
        let all = seen["findings"].as_array().unwrap().iter();
        all.map(|found| format!("{}: {}", found["file"], found["message"]))
            .map(|said| said.replace('"', ""))
            .collect()
    };
    folder.write("config.yaml", "inventories: []\n");
    assert_eq!(said(&report(&folder, command)), [""; 0]);
    folder.write(
        "config.yaml",
        "inventories:\n  - clusters/a\n  - path: clusters/*\n    cluster: second\n    provider: aws\n",
    );
    let expected = [
        "all/base/pod.yaml: no Service in (not set)",
        "all/clusters/a: no quota in all/clusters/a of a by (not set)",
        "all/clusters/b: no quota in all/clusters/b of second by aws",
        "all/clusters/b/pod.yaml: no Service in second",
    ];
    assert_eq!(said(&report(&folder, command)), expected);
    assert_eq!(
        said(&report(&folder, &format!("{command} --jobs 3"))),
        expected
    );
    for (text, expected) in [
        ("inventories: a", "it is a list of folders"),
        ("inventories: [1]", "inventories[0]: it is no folder"),
        (
            "inventories: [{path: a, clustr: b}]",
            "there is no key `clustr`; write `cluster`",
        ),
        ("inventories: [{cluster: b}]", "it says no `path`"),
        ("inventories: ['a[']", "inventories[0].path: `a[`: "),
    ] {
        folder.write("config.yaml", text);
        let run = palisade(&folder, command);
        assert_eq!(run.status, 2, "{run}");
        assert!(run.stderr.contains(expected), "{run}");
    }
}

/// A view whose arms write parts out, and policies that look for them from Services.
const WRITTEN_OUT: &str = r#"
view work: { name: string?, labels: {string: string}, containers: [Container] } {
    Deployment, StatefulSet => {
        name: metadata.name, labels: spec.template.metadata.labels, containers: spec.template.spec.containers
    }
    Pod where object.spec.nodeName is set => { name: metadata.name, labels: metadata.labels, containers: spec.containers }
}

view running: { name: string, image: string? } {
    pod => [{ name: c.name, image: c.image } for c in spec.containers]
}

/// Every Service selects something
policy selects on Service {
    severity medium
    require any w in objects(work) where namespace(w) == namespace(object): all k, v in object.spec.selector: w.labels[k] == v,
        "selects nothing" at object.spec.selector
}

/// What a Service is named after runs no latest image
policy pinned on Service {
    severity low
    for w in objects(work) where w.name == object.metadata.name {
        for c in w.containers {
            deny c.image like "**:latest", "`{c.name}` of {whole(w).kind} in {source(w).path} from {source(whole(w)).template}"
        }
    }
}

/// An image runs once
policy once on Service {
    severity low
    let all_of_them = objects(running)
    let image = object.metadata.annotations["image"]
    deny count(r in all_of_them where r.image == image) > 1,
        "{[r.name for r in objects(running) where r.image == image]} run it" at image
}
"#;

#[test]
fn parts_that_views_write_out_are_found_in_other_objects() {
    let folder = Folder::new();
    folder.write("policies.pale", WRITTEN_OUT);
    folder.write(
        "manifests/a.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n  annotations: {image: 'x:latest'}\n\
         spec:\n  selector: {app: web}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {name: alone, namespace: shop}\nspec:\n  selector: {app: alone}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {name: other, namespace: shop}\nspec:\n  selector: {app: other}\n",
    );
    folder.write(
        "manifests/b.yaml",
        "# Source: chart/web.yaml\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web, namespace: shop}\nspec:\n  \
         selector: {}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      \
         - {name: a, image: 'x:latest'}\n      - {name: b, image: 'x:1'}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata: {name: other, namespace: shop, labels: {app: other}}\nspec:\n  \
         containers: [{name: a, image: 'x:latest'}]\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata: {name: alone, namespace: shop, labels: {app: alone}}\nspec:\n  \
         nodeName: first\n  containers: [{name: c, image: 'x:2'}]\n",
    );
    let seen = report(&folder, CHECK);
    assert_eq!(
        findings(&seen),
        [
            "pinned manifests/a.yaml metadata.name",
            "once manifests/a.yaml metadata.annotations.image",
            "selects manifests/a.yaml spec.selector",
        ]
    );
    let said = seen["findings"].as_array().unwrap();
    assert_eq!(
        [
            &said[0]["message"],
            &said[1]["message"],
            &said[2]["object"]["name"]
        ],
        [
            "`a` of StatefulSet in manifests/b.yaml from chart/web.yaml",
            "a and a run it",
            "other"
        ]
    );
    let beside = &said[0]["related"][0];
    assert_eq!(
        [&beside["file"], &beside["path"]],
        ["manifests/b.yaml", "spec.template.spec.containers[0].image"]
    );
    assert_eq!([&beside["line"], &beside["column"]], [11, 26]);
    assert_eq!(seen["unknown"], Value::Array(Vec::new()));
    // They are found by an index: no warning says that all objects are gone through.
    let run = palisade(&folder, "check policies.pale");
    let said = run.to_string();
    assert_eq!(said.matches("no-index").count(), 2, "{run}");
    assert!(!said.contains("w in objects"), "{run}");
}

/// What a flag names is read, and what is wrong with it stands there.
const OWNED: &str = r#"
type EncryptionConfig = { resources: [{ resources: [string], providers: [{string: any}] }] }

/// Secrets are encrypted
policy encrypted on Pod {
    severity high
    for c in spec.containers {
        let path = flags(c.command)["encryption-provider-config"]
        require path is set, "nothing is encrypted"
        let file = file_at(path)
        require file is set, "`{path}` is not here" at path
        for entry in (parse_yaml(file.text) as EncryptionConfig).resources {
            deny entry.providers[0]["identity"] is set, "{entry.resources} stay as they are"
        }
        deny contains(file.text, "TODO"), "unfinished"
        deny source(file).path like "**/draft/**", "a draft" at path
    }
}
"#;

#[test]
fn findings_in_a_file_that_others_name_stand_in_that_file() {
    let folder = Folder::new();
    folder.write("policies/pack.pale", "pack owning edition 2026\n");
    folder.write(
        "policies/owning.pale",
        &OWNED.replace("in spec.containers", "in object.spec.containers"),
    );
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n    - name: a\n      \
             command: [kube-apiserver, --encryption-provider-config=/draft/enc.conf]\n"
        )
    };
    let config = "resources:\n  - resources: [secrets]\n    providers:\n      - identity: {}\n  - providers: 1\n# TODO\n";
    for (name, text) in [("one.yaml", pod("one")), ("two.yaml", pod("two"))] {
        folder.write(&format!("all/{name}"), &text);
    }
    folder.write("all/draft/enc.conf", config);
    let command = "lint --no-stdlib -p policies all";
    let seen = report(&folder, command);
    assert_eq!(
        findings(&seen),
        [
            "encrypted all/draft/enc.conf text",
            "encrypted all/draft/enc.conf text -> resources[0].providers[0].identity",
            "encrypted all/draft/enc.conf text -> resources[1].providers",
            "encrypted all/one.yaml spec.containers[0].command[1]",
            "encrypted all/two.yaml spec.containers[0].command[1]",
        ]
    );
    let said = seen["findings"].as_array().unwrap();
    let at = |nth: usize| [&said[nth]["line"], &said[nth]["column"]];
    assert_eq!([at(1), at(2)], [[4, 19], [5, 16]]);
    assert_eq!(said[1]["message"], "secrets stay as they are");
    assert_eq!(said[1]["object"]["kind"], "file");
    assert_eq!(seen["unknown"], Value::Array(Vec::new()));
    for jobs in [1, 2, 3] {
        assert_eq!(report(&folder, &format!("{command} --jobs {jobs}")), seen);
    }
    // What the project exempts is exempt where it stands.
    folder.write(
        ".palisade.yaml",
        "exempt: [{paths: ['all/draft/**'], policies: [encrypted], reason: later}]\n",
    );
    let seen = report(&folder, command);
    assert_eq!(seen["findings"].as_array().unwrap().len(), 2, "{seen}");
    // A test of the pack marks it in the file itself.
    folder.write(
        "policies/tests/draft/one.yaml",
        &pod("one").replace("enc.conf]", "enc.yaml]   #~ encrypted: a draft"),
    );
    folder.write(
        "policies/tests/draft/enc.yaml",
        "resources:\n  - resources: [secrets]\n    providers:\n      - identity: {}   #~ encrypted: stay as\n",
    );
    let run = palisade(&folder, "test policies");
    assert_eq!(run.status, 0, "{run}");
}

/// What must not change, once for all that runs pods.
const CHANGES: &str = r#"pack changes edition 2026

view container: Container { pod => [c for c in spec.containers] }

view brief: { name: string, image: string? } {
    pod => [{ name: c.name, image: c.image } for c in spec.containers]
}

/// The service account stays
policy keep-account on pod {
    severity high
    operations update
    require (old.spec.serviceAccountName ?? "default") == (pod.spec.serviceAccountName ?? "default"),
        "was `{old.spec.serviceAccountName}` in {whole(old).metadata.name}" at pod.spec.serviceAccountName
}

/// Containers keep their images
policy keep-image on container {
    severity high
    operations update
    deny old is set and old.image != container.image, "was `{old.image}`"
}

/// Containers keep their images, as their view says
policy keep-brief on brief {
    severity high
    operations update
    deny old.image is set and old.image != brief.image, "`{brief.name}` was `{old.image}`"
}
"#;

#[test]
fn old_is_what_the_part_of_a_view_was() {
    let folder = Folder::new();
    folder.write("changes/pack.pale", CHANGES);
    let old =
        "{serviceAccountName: web, containers: [{name: b, image: 'x:1'}, {name: a, image: 'w:1'}]}";
    let containers = |indent: &str| {
        format!(
            "{indent}spec:   #~ keep-account: was `web` in was\n{indent}  containers:\n{indent}  - name: a\n{indent}    \
             image: z:1   #~ keep-image: was `w:1`  #~ keep-brief: `a` was `w:1`\n{indent}  - {{name: b, image: 'x:1'}}\n\
             {indent}  - {{name: c, image: 'n:1'}}\n"
        )
    };
    folder.write(
        "changes/tests/pod.yaml",
        &format!(
            "#! policies keep-account, keep-image, keep-brief\n#! request {{operation: UPDATE, oldObject: {{metadata: {{name: was}}, spec: {old}}}}}\n\
             apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\n{}",
            containers("")
        ),
    );
    folder.write(
        "changes/tests/job.yaml",
        &format!(
            "#! policies keep-account, keep-image, keep-brief\n#! request {{operation: UPDATE, oldObject: {{metadata: {{name: was}}, \
             spec: {{jobTemplate: {{spec: {{template: {{spec: {old}}}}}}}}}}}}}\n\
             apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: web}}\nspec:\n  schedule: '@daily'\n  jobTemplate:\n    \
             spec:\n      template:\n{}",
            containers("        ")
        ),
    );
    let run = palisade(&folder, "test changes");
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stdout.contains("2 tests passed, 6 findings"), "{run}");
}
