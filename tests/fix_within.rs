//! `palisade lint --fix` where what is wrong is inside a text: in a document that the text holds, or in the words of a
//! command line.

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

use support::{Folder, case};

/// What `--diff` shows, what remains after `--fix`, and that a second time changes nothing.
fn mend(folder: &Folder, policies: &str, file: &str) -> String {
    let run = |options: &str| {
        let line = format!("lint --no-stdlib -p {policies} {options} {file}");
        case(folder, &line)
    };
    let diff = run("--diff");
    let seen = run("--fix -f compact");
    let read = || std::fs::read_to_string(folder.path().join(file)).unwrap();
    let once = read();
    run("--fix -f compact");
    assert_eq!(read(), once);
    format!("{diff}\n{seen}")
}

const DOCUMENTS: &str = r#"
type Kubelet = {
    readOnlyPort: int?,
    authentication: { anonymous: { enabled: bool? }?, x509: { clientCAFile: string? }? }?,
    tlsCipherSuites: [string],
}

/// Kubelets ask everyone who they are
policy kubelet on ConfigMap {
    severity high
    for name, text in object.data where name like "kubelet*" {
        let config = parse_yaml(text) as Kubelet
        require config.authentication.anonymous.enabled == false, "strangers may ask"
            fix config.authentication.anonymous.enabled = false
        require config.readOnlyPort == 0, "answers without asking"
            fix config.readOnlyPort = 0
        let weak = first s in config.tlsCipherSuites where s == "TLS_RSA_WITH_RC4_128_SHA"
        deny "TLS_RSA_WITH_RC4_128_SHA" in config.tlsCipherSuites, "a weak cipher"
            fix remove weak
    }
}

/// Nobody skips who the server is
policy kubeconfig on Secret {
    severity high
    let text = base64_decode(object.data["config"] ?? "")
    for c in (parse_yaml(text ?? "") as { clusters: [{ cluster: { "insecure-skip-tls-verify": bool? } }] }).clusters {
        deny c.cluster["insecure-skip-tls-verify"] == true, "asks nobody who it is"
            fix remove c.cluster["insecure-skip-tls-verify"]
    }
}

/// What was applied last says the same
policy annotation on Service {
    severity low
    let applied = parse_json(object.metadata.annotations["last"] ?? "") as { spec: { type: string? }? }
    require applied.spec.type == "ClusterIP", "was open" fix applied.spec.type = "ClusterIP"
}

/// A list within a list
policy nested on Namespace {
    severity low
    let outer = parse_yaml(object.metadata.annotations["outer"] ?? "") as { inner: string? }
    for port in parse_json(outer.inner ?? "") as [int] {
        deny port == 22, "port 22" fix port = 2222
    }
}
"#;

#[test]
fn documents_in_texts_are_mended_where_they_are_written() {
    let folder = Folder::new();
    folder.write("documents.pale", DOCUMENTS);
    folder.write(
        "a.yaml",
        r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: kubelet}
data:
  kubelet.yaml: |
    kind: KubeletConfiguration
    # nothing is asked
    authentication:
      anonymous:
        enabled: true  # for now
    readOnlyPort: 10255
    tlsCipherSuites:
      - TLS_AES_128_GCM_SHA256
      - TLS_RSA_WITH_RC4_128_SHA
  kubelet.json: "{\"readOnlyPort\": 10255}"
  kubelet-short: 'authentication: {anonymous: {enabled: false}}'
---
apiVersion: v1
kind: Secret
metadata: {name: kubeconfig}
data:
  config: Y2x1c3RlcnM6Ci0gbmFtZTogYQogIGNsdXN0ZXI6CiAgICBzZXJ2ZXI6IGEKICAgIGluc2VjdXJlLXNraXAtdGxzLXZlcmlmeTogdHJ1ZQo=
---
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations:
    last: '{"kind":"Service","spec":{"type":"NodePort"}}'
---
apiVersion: v1
kind: Namespace
metadata:
  name: nested
  annotations:
    outer: |
      inner: "[22, 80]" # ports
"#,
    );
    let seen = mend(&folder, "documents.pale", "a.yaml");
    let text = std::fs::read_to_string(folder.path().join("a.yaml")).unwrap();
    let secret = text.split("---").nth(1).unwrap();
    insta::assert_snapshot!(format!("{seen}\n{secret}"));
}

const FLAGS: &str = r#"
type ApiServerFlags = {
    "anonymous-auth": bool = true,
    "audit-log-maxage": int?,
    "authorization-mode": [string],
    "enable-admission-plugins": [string],
    "insecure-port": int?,
    "request-timeout": string?,
}

view server: ApiServerFlags {
    Pod => [flags(c.command + c.args) as ApiServerFlags for c in spec.containers]
}

/// The API server asks who asks
policy server-flags on server {
    severity critical
    require server["anonymous-auth"] == false, "strangers may ask" fix server["anonymous-auth"] = false
    require server["audit-log-maxage"] == 30, "forgets" fix server["audit-log-maxage"] = 30
    require "Node" in server["authorization-mode"] and "AlwaysAllow" not in server["authorization-mode"],
        "allows everything"
        fix server["authorization-mode"] = ["Node", "RBAC"]
    require "NodeRestriction" in server["enable-admission-plugins"], "nodes change others"
        fix append "NodeRestriction" to server["enable-admission-plugins"]
    deny server["insecure-port"] is set, "answers everyone" fix remove server["insecure-port"]
    require server["request-timeout"] == "1m0s", "waits" fix server["request-timeout"] = "1m0s"
}

/// The same by name
policy named-flags on Deployment {
    severity low
    for c in object.spec.template.spec.containers {
        let given = flags(c.args)
        for name in ["profiling", "secure-port", "secure_port"] {
            require given[name] == "false", "--{name}" fix given[name] = "false"
        }
    }
}
"#;

#[test]
fn flags_are_mended_in_their_words() {
    let folder = Folder::new();
    folder.write("flags.pale", FLAGS);
    folder.write(
        "a.yaml",
        r#"
apiVersion: v1
kind: Pod
metadata: {name: given}
spec:
  containers:
    - name: one
      command:
        - kube-apiserver
        - --anonymous-auth=true # for now
        - "--audit_log_maxage=7"
        - --authorization-mode=AlwaysAllow
        - --insecure-port=8080
        - --enable-admission-plugins=PodSecurity
        - --authorization-mode=Node
        - --insecure-port
        - "8080"
        - --request-timeout
        - 2m
    - name: bare
      command: [kube-apiserver]
      args: [--anonymous-auth, --audit-log-maxage=30, "--request-timeout=1m0s", '--enable-admission-plugins=']
    - name: none
      command:
        - kube-apiserver
    - name: behind
      command: [kube-apiserver]
      args:
        - --
        - --anonymous-auth=true
    - name: script
      command: [sh, -c, kube-apiserver --anonymous-auth=true]
    - name: nothing
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: named}
spec:
  selector: {}
  template:
    spec:
      containers:
        - name: a
          args:
            - --profiling
            - "true"
"#,
    );
    insta::assert_snapshot!(mend(&folder, "flags.pale", "a.yaml"));
}

const COMPONENTS: &str = r#"
use files

/// Strangers ask the API server nothing
policy strangers on apiserver {
    severity critical
    require flag(apiserver, "anonymous-auth") in off, "strangers may ask"
        fix flags(apiserver.words)["anonymous-auth"] = "false"
        fix upsert apiserver.named["anonymous-auth"] = { value: "false" }
        fix apiserver.given["anonymous-auth"] = "false"
    deny has_flag(apiserver, "insecure-port"), "answers everyone"
        fix remove flags(apiserver.words)["insecure-port"]
        fix remove apiserver.given["insecure-port"]
}
"#;

#[test]
fn flags_are_mended_wherever_a_component_has_them() {
    let folder = Folder::new();
    folder.write("components.pale", COMPONENTS);
    folder.write(
        "a.yaml",
        r#"
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver}
spec:
  containers:
    - name: kube-apiserver
      command:
        - kube-apiserver
      args:
        - --secure-port=6443
        - --insecure-port=0
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    insecure-port: "0"
    secure-port: "6443"
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - name: secure-port
      value: "6443"
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - name: anonymous-auth
      value: "true"
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
"#,
    );
    insta::assert_snapshot!(mend(&folder, "components.pale", "a.yaml"));
    folder.write(
        "kube-apiserver.service",
        "[Service]\nExecStart=/usr/bin/kube-apiserver --anonymous-auth=true\n",
    );
    insta::assert_snapshot!(mend(&folder, "components.pale", "kube-apiserver.service"));
}

#[test]
fn what_is_no_text_of_the_document_is_not_written() {
    let folder = Folder::new();
    folder.write(
        "computed.pale",
        r#"
/// Nothing here can be written
policy computed on ConfigMap {
    severity low
    for name, text in object.data {
        let a = parse_yaml(trim(text)) as { x: int? }
        require a.x == 1, "a" fix a.x = 1
        let b = parse_yaml(name) as { x: int? }
        require b.x == 1, "b" fix b.x = 1
        let c = flags(split(text, " "))
        require c["x"] == "1", "c" fix c["x"] = "1"
        let d = parse_yaml(if name == "x" then text else name) as { x: int? }
        require d.x == 1, "d" fix d.x = 1
        let e = base64_decode(text)
        require e is not set, "e" fix e = "1"
    }
}
"#,
    );
    folder.write("a.yaml", "kind: ConfigMap\n");
    insta::assert_snapshot!(case(&folder, "lint --no-stdlib -p computed.pale a.yaml"));
}

#[test]
fn secrets_stay_as_they_are() {
    let folder = Folder::new();
    folder.write("documents.pale", DOCUMENTS);
    let file = |port: u16| {
        format!(
            "\
apiVersion: v1
kind: Secret
metadata: {{name: s}}
data: {{password: aGVsbG8=}}
stringData:
  note: |
    a secret
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: c}}
data:
  kubelet: |
    authentication: {{anonymous: {{enabled: false}}}}
    readOnlyPort: {port}
"
        )
    };
    folder.write("a.yaml", &file(10255));
    case(&folder, "lint --no-stdlib -p documents.pale --fix a.yaml");
    let text = std::fs::read_to_string(folder.path().join("a.yaml")).unwrap();
    assert_eq!(text, file(0));
}

#[test]
fn tests_of_packs_say_what_becomes_of_texts_and_flags() {
    let folder = Folder::new();
    folder.write("trial/pack.pale", "pack trial edition 2026\n");
    folder.write(
        "trial/nodes.pale",
        r#"/// Kubelets ask who is there
policy kubelet-asks on ConfigMap {
    severity high
    let config = parse_yaml(object.data["kubelet"] ?? "") as { anonymous: bool?, port: int? }
    require config.anonymous == false, "strangers may ask" fix config.anonymous = false
    deny config.port is set, "answers without asking" fix remove config.port
}

/// So does the API server
policy server-asks on Pod {
    severity high
    for c in object.spec.containers {
        let given = flags(c.command)
        require given["anonymous-auth"] == "false", "strangers may ask" fix given["anonymous-auth"] = "false"
    }
}
"#,
    );
    let manifest = |anonymous: &str, port: &str, word: &str| {
        format!(
            "\
apiVersion: v1
kind: ConfigMap
metadata: {{name: kubelet}}
data:
  # The whole file.
  kubelet: |
    anonymous: {anonymous}
{port}---
apiVersion: v1
kind: Pod
metadata: {{name: server}}
spec:
  containers:
    - name: server
      command:
        - kube-apiserver
        - --anonymous-auth={word}
"
        )
    };
    let given = manifest("true", "    port: 10255\n", "true");
    folder.write("trial/tests/nodes.yaml", &given);
    folder.write(
        "trial/tests/nodes.fixed.yaml",
        &manifest("false", "", "false"),
    );
    case(&folder, "test trial --update");
    insta::assert_snapshot!(case(&folder, "test trial"));
    let marked = std::fs::read_to_string(folder.path().join("trial/tests/nodes.yaml")).unwrap();
    let fixed = std::fs::read_to_string(folder.path().join("trial/tests/nodes.fixed.yaml"));
    insta::assert_snapshot!(format!("{marked}\n-- fixed\n{}", fixed.unwrap()));
}
