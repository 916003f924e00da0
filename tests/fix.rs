//! `palisade lint --fix` and `--diff` as a user meets them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::path::Path;

use support::{Folder, case, pipe};

const POLICIES: &str = r#"
/// Containers do not run privileged
policy no-privileged-containers on pod {
    severity critical
    for c in containers(pod) {
        deny c.securityContext.privileged == true, "container `{c.name}` runs privileged"
            fix unsafe remove c.securityContext.privileged
    }
}

/// Pods do not get links to services they do not ask for
policy no-service-links on pod {
    severity low
    require pod.spec.enableServiceLinks == false, "gets a variable for each service"
        fix pod.spec.enableServiceLinks = false
}

/// Containers drop all capabilities
policy drop-all on pod {
    severity medium
    for c in containers(pod) {
        require "ALL" in c.securityContext.capabilities.drop, "container `{c.name}` keeps capabilities"
            fix append "ALL" to c.securityContext.capabilities.drop
    }
}
"#;

const PODS: &str = "\
# Two pods.
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: app # the server
    image: nginx:1.27
    securityContext:
      privileged: yes   # for now
      runAsUser: 1000
  - {name: side, image: busybox}
---
{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"json\"},
 \"spec\": {\"enableServiceLinks\": false, \"containers\": []}}
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("pods.pale", POLICIES);
    folder.write("pods.yaml", PODS);
    folder
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_report_says_what_a_fix_would_do() {
    let folder = folder();
    insta::assert_snapshot!(case(&folder, "lint --no-stdlib -p pods.pale pods.yaml"));
}

#[test]
fn safe_fixes_are_carried_out_and_the_rest_is_reported() {
    let folder = folder();
    let seen = case(&folder, "lint --no-stdlib -p pods.pale --fix pods.yaml");
    let text = read(&folder.path().join("pods.yaml"));
    insta::assert_snapshot!(format!("{seen}\n-- pods.yaml\n{text}"));
    // Nothing is left to fix, so nothing changes any more.
    case(&folder, "lint --no-stdlib -p pods.pale --fix pods.yaml");
    assert_eq!(read(&folder.path().join("pods.yaml")), text);
}

#[test]
fn unsafe_fixes_are_asked_for() {
    let folder = folder();
    let seen = case(
        &folder,
        "lint --no-stdlib -p pods.pale --fix --unsafe-fixes pods.yaml",
    );
    let text = read(&folder.path().join("pods.yaml"));
    insta::assert_snapshot!(format!("{seen}\n-- pods.yaml\n{text}"));
}

#[test]
fn a_diff_changes_nothing_and_ends_with_the_status_of_the_files_as_they_are() {
    let folder = folder();
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p pods.pale --diff --unsafe-fixes pods.yaml"
    ));
    assert_eq!(read(&folder.path().join("pods.yaml")), PODS);
    case(
        &folder,
        "lint --no-stdlib -p pods.pale --fix --unsafe-fixes .",
    );
    insta::assert_snapshot!(case(&folder, "lint --no-stdlib -p pods.pale --diff ."));
}

#[test]
fn standard_input_is_fixed_to_standard_output() {
    let folder = folder();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n";
    insta::assert_snapshot!(pipe(
        &folder,
        "lint --no-stdlib -p pods.pale --fix -",
        pod.as_bytes()
    ));
    let fixed = "apiVersion: v1\nkind: Pod\nspec: {containers: [], enableServiceLinks: false}\n";
    insta::assert_snapshot!(pipe(
        &folder,
        "lint --no-stdlib -p pods.pale --fix -q -",
        fixed.as_bytes()
    ));
}

#[test]
fn what_cannot_be_fixed_in_place_says_why() {
    let folder = folder();
    folder.write(
        "shared.yaml",
        "\
apiVersion: v1
kind: Pod
metadata:
  name: shared
spec:
  enableServiceLinks: false
  containers:
  - name: a
    securityContext: &all
      capabilities:
        drop: [NET_RAW]
  - name: b
    securityContext: *all
",
    );
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p pods.pale --fix shared.yaml"
    ));
}

#[test]
fn options_that_go_together() {
    let folder = folder();
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p pods.pale --unsafe-fixes ."
    ));
}

#[test]
fn json_counts_what_can_be_fixed() {
    let folder = folder();
    folder.write(
        "pod.yaml",
        "apiVersion: v1\nkind: Pod\nspec: {containers: []}\n",
    );
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p pods.pale -f jsonl pod.yaml"
    ));
}

#[cfg(unix)]
#[test]
fn files_keep_their_permissions_and_links_stay_links() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let file = folder.path().join("pods.yaml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.yaml");
    std::os::unix::fs::symlink("pods.yaml", &link).unwrap();
    case(&folder, "lint --no-stdlib -p pods.pale --fix -q link.yaml");
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(read(&file).contains("enableServiceLinks: false\n---"));
    assert_eq!(
        folder_names(&folder),
        ["link.yaml", "pods.pale", "pods.yaml"]
    );
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_an_error_and_the_others_are_written() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let pod = "apiVersion: v1\nkind: Pod\nspec: {containers: []}\n";
    folder.write("a.yaml", pod);
    folder.write("b.yaml", pod);
    std::fs::remove_file(folder.path().join("pods.yaml")).unwrap();
    let first = folder.path().join("a.yaml");
    std::fs::set_permissions(&first, std::fs::Permissions::from_mode(0o444)).unwrap();
    insta::assert_snapshot!(case(&folder, "lint --no-stdlib -p pods.pale --fix ."));
    assert_eq!(read(&first), pod);
    assert!(read(&folder.path().join("b.yaml")).contains("enableServiceLinks: false"));
}

#[cfg(unix)]
fn folder_names(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn elements_are_found_by_their_key_or_picked() {
    let folder = Folder::new();
    folder.write(
        "env.pale",
        r#"
/// The time zone is UTC
policy utc on pod {
    severity low
    for c in containers(pod) {
        let zone = first e in c.env where e.name == "TZ"
        require zone is set and zone.value == "UTC", "container `{c.name}` keeps local time"
            fix upsert c.env["TZ"] = { value: "UTC" }
    }
}

/// Nobody debugs
policy no-debug on pod {
    severity low
    for c in containers(pod) {
        let debug = last e in c.env where e.name == "DEBUG"
        deny debug is set and debug.value != "0", "container `{c.name}` debugs"
            fix debug.value = "0"
    }
}

/// DNS is over UDP, port 53 by name
policy dns on pod {
    severity low
    for c in containers(pod) where c.name == "dns" {
        require any p in c.ports where p.containerPort == 53 and p.protocol == "UDP": p.name == "dns", "has no port of this name"
            fix upsert c.ports[53] = { protocol: "UDP", name: "dns" }
    }
}
"#,
    );
    folder.write(
        "pod.yaml",
        "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: none
    image: a
  - name: other
    image: b
    env:
    - name: DEBUG # for now
      value: \"1\"
    - name: TZ
      value: Europe/Paris
  - name: dns
    image: c
    env:
    - name: TZ
      value: UTC
    ports:
    - containerPort: 53
      protocol: TCP
",
    );
    case(&folder, "lint --no-stdlib -p env.pale --fix pod.yaml");
    let fixed = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: none
    image: a
    env:
    - name: TZ
      value: UTC
  - name: other
    image: b
    env:
    - name: DEBUG # for now
      value: \"0\"
    - name: TZ
      value: UTC
  - name: dns
    image: c
    env:
    - name: TZ
      value: UTC
    ports:
    - containerPort: 53
      protocol: TCP
    - containerPort: 53
      protocol: UDP
      name: dns
";
    assert_eq!(read(&folder.path().join("pod.yaml")), fixed);
    case(&folder, "lint --no-stdlib -p env.pale --fix pod.yaml");
    assert_eq!(read(&folder.path().join("pod.yaml")), fixed);
}

const CREATES: &str = r#"
/// Pods have a network policy of their own
policy own-network-policy on Pod {
    severity medium
    require object.metadata.labels["policy"] is set, "`{object.metadata.name}` has no network policy"
        fix {
            create NetworkPolicy {
                metadata: { name: object.metadata.name, namespace: object.metadata.namespace },
                spec: { podSelector: {}, policyTypes: ["Ingress"] },
            }
            object.metadata.labels["policy"] = "own"
        }
}

/// Namespaces of pods have a default
policy has-default on Pod {
    severity low
    deny object.metadata.namespace == "shop", "the namespace has no default"
        fix create ConfigMap { metadata: { name: "default", namespace: "shop" }, data: { a: "1" } }
}
"#;

#[test]
fn new_objects_are_documents_after_the_last() {
    let folder = Folder::new();
    folder.write("create.pale", CREATES);
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n    name: {name}\n    namespace: shop\nspec:\n    containers: []\n"
        )
    };
    folder.write(
        "a.yaml",
        &format!("{}---\n{}", pod("one"), pod("two").trim_end()),
    );
    folder.write("b.yaml", &pod("three"));
    let json = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "four", "labels": {"policy": "x"}}}"#;
    folder.write(
        "c.json",
        &json.replace("\"labels\"", "\"namespace\": \"shop\", \"labels\""),
    );
    let diff = case(
        &folder,
        "lint --no-stdlib -p create.pale --diff a.yaml b.yaml c.json",
    );
    let seen = case(
        &folder,
        "lint --no-stdlib -p create.pale --fix a.yaml b.yaml c.json",
    );
    let files = ["a.yaml", "b.yaml", "c.json"].map(|name| {
        let text = read(&folder.path().join(name));
        format!("-- {name}\n{text}")
    });
    insta::assert_snapshot!(format!("{diff}\n{seen}\n{}", files.join("\n")));
    // Never twice.
    case(
        &folder,
        "lint --no-stdlib -p create.pale --fix a.yaml b.yaml c.json",
    );
    let again = ["a.yaml", "b.yaml", "c.json"].map(|name| {
        let text = read(&folder.path().join(name));
        format!("-- {name}\n{text}")
    });
    assert_eq!(files, again);
}

const VIEWS: &str = r#"
use files

kind HTTPRoute for gateway.networking.k8s.io { spec: { hostnames: [string] }? }

view hosts: { names: [string], owner: string? } {
    Ingress => { names: [r.host for r in spec.rules where r.host is set], owner: metadata.annotations["owner"] }
    HTTPRoute => { names: spec.hostnames }
}

view claim: PersistentVolumeClaimSpec {
    PersistentVolumeClaim => spec
    StatefulSet => [t.spec for t in spec.volumeClaimTemplates]
}

/// Hosts are written in small letters, and owned
policy small-hosts on hosts {
    severity low
    for name in hosts.names { require name == lower(name), "`{name}` is not in small letters" fix name = lower(name) }
    require hosts.owner is set, "has no owner" fix hosts.owner = "shop"
}

/// Claims have a class
policy claims on claim {
    severity low
    require claim.storageClassName is set, "has no class"
        fix {
            claim.storageClassName = "fast"
            append "ReadWriteOncePod" to claim.accessModes
        } when claim.accessModes is empty
        fix claim.storageClassName = "shared"
}

/// Strangers ask nothing
policy no-strangers on apiserver {
    severity low
    let word = flag_word(apiserver.words, "anonymous-auth")
    let named = last a in apiserver.named where a.name == "anonymous-auth"
    require flag(apiserver, "anonymous-auth") in off, "strangers may ask"
        fix word = "--anonymous-auth=false"
        fix named.value = "false"
        fix apiserver.given["anonymous-auth"] = "false"
}
"#;

#[test]
fn fixes_go_through_views_to_where_a_value_is_written() {
    let folder = Folder::new();
    folder.write("views.pale", VIEWS);
    folder.write(
        "a.yaml",
        "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
    - host: a.shop
    - host: B.shop
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  hostnames: [A.shop, b.shop]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: a}]}}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteMany]}
    - metadata: {name: more}
      spec: {}
---
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver}
spec:
  containers:
    - name: kube-apiserver
      command:
        - kube-apiserver
        - --anonymous-auth=true # for now
        - --secure-port=6443
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    secure-port: \"6443\"
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - name: anonymous-auth
      value: \"true\"
",
    );
    let diff = case(&folder, "lint --no-stdlib -p views.pale --diff a.yaml");
    let seen = case(
        &folder,
        "lint --no-stdlib -p views.pale --fix -f compact a.yaml",
    );
    insta::assert_snapshot!(format!("{diff}\n{seen}"));
    let once = read(&folder.path().join("a.yaml"));
    case(&folder, "lint --no-stdlib -p views.pale --fix a.yaml");
    assert_eq!(read(&folder.path().join("a.yaml")), once);
}
