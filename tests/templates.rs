//! What a user is told of a manifest that has not been rendered: quoted templates stand where numbers, words and text do.

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

const POLICIES: &str = r#"
/// Containers have few replicas and much memory
policy sized on Deployment {
    severity low
    deny (object.spec.replicas ?? 1) > 3, "has {object.spec.replicas} replicas"
    for c in object.spec.template.spec.containers {
        require c.resources.limits["memory"] is set, "container `{c.name}` has no memory limit"
        require c.resources.limits["memory"] <= 4Gi, "container `{c.name}` has much memory"
        deny c.imagePullPolicy == "Never", "container `{c.name}` is not pulled"
        deny c.securityContext.privileged == true, "container `{c.name}` runs privileged"
        deny image(c.image).tag == "latest", "container `{c.name}` has no tag"
        deny c.tty == true and c.stdin is set, "container `{c.name}` has a terminal"
        deny c.workingDir is not set, "container `{c.name}` has no folder"
    }
}
"#;

const DEPLOYMENT: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "{{ .Release.Name }}-web"
spec:
  replicas: "{{ .Values.replicas }}"
  selector: {}
  template:
    spec:
      containers:
      - name: app
        image: "{{ .Values.image }}:{{ .Values.tag }}"
        imagePullPolicy: "{{ .Values.pullPolicy }}"
        workingDir: '{{ .Values.folder }}'
        tty: true
        stdin: "{{ .Values.stdin }}"
        resources: {limits: {memory: "{{ .Values.memory }}"}}
        securityContext:
          privileged: "{{ .Values.privileged }}"
      - name: plain
        image: nginx
        workingDir: "{ braces } are no {{template"
        resources: {limits: {memory: 1Gi}}
"#;

#[test]
fn quoted_templates_are_unknown_whatever_is_read() {
    let folder = Folder::new();
    folder.write("sized.pale", POLICIES);
    folder.write("web.yaml", DEPLOYMENT);
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p sized.pale --format compact web.yaml"
    ));
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p sized.pale --format json web.yaml"
    ));
}
