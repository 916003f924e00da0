//! The checks of `packs/ten-pod-checks`, written by hand over the same tape: what the module is measured against.
//!
//! They give what the module gives: place and message of each finding, in the same order.

use palisade_abi::place::{Place, Step};
use palisade_abi::tape::{NodeId, Tape, Value};

/// A finding of one of the ten checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandFinding {
    /// The number of the policy, in the order of the pack.
    pub policy: u32,
    /// Where it is.
    pub place: Place,
    /// What it says.
    pub message: String,
}

/// Kinds with a pod and the keys that lead to it.
const PODS: [(&str, &str, &[&str]); 9] = [
    ("", "Pod", &[]),
    ("", "PodTemplate", &["template"]),
    ("", "ReplicationController", &["spec", "template"]),
    ("apps", "ReplicaSet", &["spec", "template"]),
    ("apps", "Deployment", &["spec", "template"]),
    ("apps", "StatefulSet", &["spec", "template"]),
    ("apps", "DaemonSet", &["spec", "template"]),
    ("batch", "Job", &["spec", "template"]),
    (
        "batch",
        "CronJob",
        &["spec", "jobTemplate", "spec", "template"],
    ),
];

/// Runs the ten checks on one document.
#[must_use]
pub fn check_pod(tape: &Tape) -> Vec<HandFinding> {
    let mut findings = Vec::new();
    let Some(path) = path_to_pod(tape) else {
        return findings;
    };
    let Some(pod) = path
        .iter()
        .try_fold(NodeId::ROOT, |at, key| tape.member(at, key))
    else {
        return findings;
    };
    let Some(spec) = tape.member(pod, "spec") else {
        return findings;
    };
    let mut report = |policy, place, message| {
        findings.push(HandFinding {
            policy,
            place,
            message,
        });
    };

    for (policy, key, message) in [
        (0, "hostNetwork", "uses the host's network"),
        (1, "hostPID", "shares the host's PID namespace"),
        (2, "hostIPC", "shares the host's IPC namespace"),
    ] {
        if let Some(node) = tape.member(spec, key)
            && tape.value(node) == Value::Bool(true)
        {
            report(policy, Place::node(node), message.to_owned());
        }
    }
    for volume in list(tape, spec, "volumes") {
        let Some(host_path) = tape.member(volume, "hostPath") else {
            continue;
        };
        let name = text(tape, volume, "name");
        let path = text(tape, host_path, "path");
        report(
            3,
            Place::node(host_path),
            format!("volume `{name}` mounts the host's `{path}`"),
        );
    }
    let containers = || {
        ["initContainers", "containers", "ephemeralContainers"]
            .into_iter()
            .flat_map(|key| list(tape, spec, key))
    };
    for c in containers() {
        if let Ok(node) = find(tape, c, &["securityContext", "privileged"])
            && tape.value(node) == Value::Bool(true)
        {
            report(
                4,
                Place::node(node),
                format!("container `{}` runs privileged", name(tape, c)),
            );
        }
    }
    for c in containers() {
        let place = match find(tape, c, &["securityContext", "allowPrivilegeEscalation"]) {
            Ok(node) if tape.value(node) == Value::Bool(false) => continue,
            Ok(node) => Place::node(node),
            Err(place) => place,
        };
        report(
            5,
            place,
            format!("container `{}` may gain privileges", name(tape, c)),
        );
    }
    for c in containers() {
        let own = find(tape, c, &["securityContext", "runAsNonRoot"]);
        let decided = match &own {
            Ok(node) => Ok(*node),
            Err(_) => find(tape, spec, &["securityContext", "runAsNonRoot"]),
        };
        let place = match (decided, own) {
            (Ok(node), _) if tape.value(node) == Value::Bool(true) => continue,
            (Ok(node), _) => Place::node(node),
            (Err(_), Err(place)) => place,
            (Err(_), Ok(node)) => Place::node(node),
        };
        report(
            6,
            place,
            format!("container `{}` may run as root", name(tape, c)),
        );
    }
    for c in containers() {
        let place = match find(tape, c, &["securityContext", "capabilities", "drop"]) {
            Ok(drop)
                if tape
                    .children(drop)
                    .any(|cap| tape.value(cap) == Value::String("ALL")) =>
            {
                continue;
            }
            Ok(drop) => Place::node(drop),
            Err(place) => place,
        };
        report(
            7,
            place,
            format!("container `{}` keeps capabilities", name(tape, c)),
        );
    }
    for c in containers() {
        for port in list(tape, c, "ports") {
            let Some(node) = tape.member(port, "hostPort") else {
                continue;
            };
            if let Value::Int(number) = tape.value(node)
                && number != 0
            {
                let message = format!("container `{}` uses host port {number}", name(tape, c));
                report(8, Place::node(node), message);
            }
        }
    }
    for c in containers() {
        if let Err(place) = find(tape, c, &["resources", "limits", "memory"]) {
            report(
                9,
                place,
                format!("container `{}` has no memory limit", name(tape, c)),
            );
        }
    }
    findings
}

/// The node at the end of the path, or the place where it is missing.
fn find(tape: &Tape, from: NodeId, path: &[&str]) -> Result<NodeId, Place> {
    let mut at = from;
    for (i, key) in path.iter().enumerate() {
        match tape.member(at, key) {
            Some(node) if tape.value(node) != Value::Null => at = node,
            _ => {
                let missing = path
                    .iter()
                    .skip(i)
                    .map(|key| Step::Key((*key).to_owned()))
                    .collect();
                return Err(Place {
                    node: at,
                    missing,
                    inner: None,
                });
            }
        }
    }
    Ok(at)
}

fn list<'a>(tape: &'a Tape, from: NodeId, key: &str) -> impl Iterator<Item = NodeId> + use<'a> {
    tape.member(from, key)
        .into_iter()
        .flat_map(|node| tape.children(node))
}

fn name(tape: &Tape, node: NodeId) -> &str {
    text(tape, node, "name")
}

fn text<'a>(tape: &'a Tape, node: NodeId, key: &str) -> &'a str {
    match tape.member(node, key).map(|node| tape.value(node)) {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => "(not set)",
        Some(_) => "(unknown)",
    }
}

/// The keys that lead to the pod of an object, if its kind has one. `extensions` is where workloads used to be.
#[must_use]
pub fn path_to_pod(tape: &Tape) -> Option<&'static [&'static str]> {
    let kind = tape.str_at(NodeId::ROOT, &["kind"])?;
    let api_version = tape.str_at(NodeId::ROOT, &["apiVersion"])?;
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let fits = |&&(own, name, _): &&(&str, &str, _)| {
        name == kind && (own == group || own == "apps" && group == "extensions")
    };
    PODS.iter().find(fits).map(|(_, _, path)| *path)
}
