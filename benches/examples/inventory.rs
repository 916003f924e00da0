//! What policies cost that look at other objects, by the number of objects.
//!
//! ```text
//! inventory write FOLDER OBJECTS     writes an inventory of about so many objects: a namespace with its workloads each
//! inventory run FOLDER PACK…         lints it once, on one thread
//! ```
//!
//! *run* prints the objects, the bytes of their manifests, findings, seconds, and the most memory that the process had.
#![allow(clippy::print_stdout, reason = "a program that prints figures")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use palisade_lint::exempt::Exempt;
use palisade_lint::finding::Severity;
use palisade_lint::packs::{Standard, load};
use palisade_lint::run::{Settings, lint};
use palisade_lint::select::Choice;
use palisade_lint::walk::find_inputs;
use palisade_wasm::host::Context;

/// Workloads of a namespace, each with what belongs to it.
const WORKLOADS: usize = 6;
/// Objects of a workload, and of a namespace besides them.
const OF_WORKLOAD: usize = 6;
const OF_NAMESPACE: usize = 4;
/// Namespaces of a file.
const IN_FILE: usize = 5;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["write", folder, objects] => write(Path::new(folder), objects.parse()?),
        ["run", folder, packs @ ..] if !packs.is_empty() => run(Path::new(folder), packs),
        _ => bail!("usage: inventory write FOLDER OBJECTS | inventory run FOLDER PACK…"),
    }
}

fn write(folder: &Path, n_objects: usize) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let of_namespace = OF_NAMESPACE + WORKLOADS * OF_WORKLOAD;
    let namespaces: Vec<usize> = (0..n_objects.div_ceil(of_namespace)).collect();
    for (nth, chunk) in namespaces.chunks(IN_FILE).enumerate() {
        let mut text = String::new();
        for &namespace in chunk {
            write_namespace(&mut text, namespace)?;
        }
        std::fs::write(folder.join(format!("{nth:05}.yaml")), text)?;
    }
    Ok(())
}

/// A namespace in which all is right, but for one workload that no Service selects.
fn write_namespace(text: &mut String, number: usize) -> Result<()> {
    let ns = format!("team-{number}");
    writeln!(
        text,
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {ns}\n  labels:\n    pod-security.kubernetes.io/enforce: restricted\n---\n\
         apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: default-deny\n  namespace: {ns}\n\
         spec:\n  podSelector: {{}}\n  policyTypes: [Ingress, Egress]\n---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: reader\n  namespace: {ns}\n\
         rules:\n  - apiGroups: [\"\"]\n    resources: [pods, configmaps]\n    verbs: [get, list, watch]\n---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: reader\n  namespace: {ns}\n\
         roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: reader\n\
         subjects:\n  - kind: ServiceAccount\n    name: web-0\n    namespace: {ns}\n---"
    )?;
    for workload in 0..WORKLOADS {
        write_workload(text, &ns, workload)?;
    }
    Ok(())
}

fn write_workload(text: &mut String, ns: &str, number: usize) -> Result<()> {
    let name = format!("web-{number}");
    let selected = if number == 0 { "nothing" } else { &name };
    writeln!(
        text,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: {ns}\n  labels:\n    app.kubernetes.io/name: {name}\n\
         spec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: {name}\n  template:\n    metadata:\n      labels:\n        app: {name}\n\
         \x20   spec:\n      serviceAccountName: {name}\n      containers:\n        - name: app\n\
         \x20         image: registry.example.com/{ns}/{name}:1.2.3\n          args: [--listen, \":8080\"]\n\
         \x20         ports:\n            - name: http\n              containerPort: 8080\n\
         \x20         envFrom:\n            - configMapRef:\n                name: {name}\n\
         \x20         resources:\n            limits:\n              memory: 256Mi\n              cpu: 500m\n\
         \x20         securityContext:\n            runAsNonRoot: true\n            allowPrivilegeEscalation: false\n---\n\
         apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: {ns}\n\
         spec:\n  selector:\n    app: {selected}\n  ports:\n    - name: http\n      port: 80\n      targetPort: http\n---\n\
         apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\n  namespace: {ns}\nautomountServiceAccountToken: false\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: {ns}\n\
         data:\n  LOG_LEVEL: info\n  UPSTREAM: http://upstream.{ns}.svc:8080\n---\n\
         apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: {name}\n  namespace: {ns}\n\
         spec:\n  minReplicas: 2\n  maxReplicas: 5\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {name}\n---\n\
         apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: {name}\n  namespace: {ns}\n\
         spec:\n  rules:\n    - host: {name}.{ns}.example.com\n      http:\n        paths:\n          - path: /\n            pathType: Prefix\n\
         \x20           backend:\n              service:\n                name: {name}\n                port:\n                  name: http\n---"
    )?;
    Ok(())
}

fn run(folder: &Path, packs: &[&str]) -> Result<()> {
    let paths: Vec<PathBuf> = packs.iter().map(PathBuf::from).collect();
    let packs = load(Standard::Left, &paths)?;
    let settings = Settings {
        jobs: 1,
        min_severity: Severity::Info,
        context: Context::default(),
        choice: Choice::default(),
        exempt: Exempt::default(),
        root: std::sync::Arc::from("."),
        clusters: palisade_lint::clusters::Clusters::default(),
        keeps_texts: false,
    };
    let walk = find_inputs(&[folder.to_path_buf()]);
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    let start = Instant::now();
    let report = lint(walk, &packs, &settings)?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} objects, {bytes} bytes, {} findings, {} unknown, {seconds:.3} seconds, {} KiB",
        report.summary.documents,
        report.findings.len(),
        report.unknown.len(),
        peak_memory()?
    );
    Ok(())
}

/// The most memory that the process had, in KiB.
fn peak_memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context("no VmHWM")?.parse()?)
}
