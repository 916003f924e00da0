//! Facts of the committed table, checked against what Kubernetes documents, and damaged tables.

use super::*;

fn schema() -> &'static Schema {
    Schema::kubernetes()
}

/// Follows `path` from a kind or record: a name is a field, lists and maps are entered on the way.
fn find_field(start: &str, path: &str) -> Field {
    let kind = schema().kinds_named(start).next();
    let named = || {
        schema()
            .records_named(start)
            .next()
            .expect("no such kind or record")
    };
    let mut record = kind.map_or_else(named, |kind| schema().record(kind.root));
    let mut found = None;
    for name in path.split('.') {
        if let Some(Field { ty, .. }) = found {
            record = schema().record(inner_record(ty).expect("the path leads through a scalar"));
        }
        found = Some(
            record
                .field(name)
                .unwrap_or_else(|| panic!("no {name} in {record:?}")),
        );
    }
    found.expect("the path is empty")
}

fn inner_record(ty: FieldType) -> Option<RecordId> {
    if let FieldType::List(inner) | FieldType::Map(inner) = ty {
        return inner_record(schema().resolve(inner));
    }
    if let FieldType::Record(id) = ty {
        Some(id)
    } else {
        None
    }
}

/// One line that says all of a field: `int? = 1 since 1.26`.
fn describe(field: Field) -> String {
    let mut text = describe_type(field.ty);
    if !field.members().is_empty() {
        text = format!(
            "{text} of {}",
            field.members().collect::<Vec<_>>().join("|")
        );
    }
    if !field.required {
        text.push('?');
    }
    if let Some(default) = field.default {
        text = format!("{text} = {default}");
    }
    if !field.list_keys().is_empty() {
        text = format!(
            "{text} by {}",
            field.list_keys().collect::<Vec<_>>().join("+")
        );
    }
    if let Some(since) = field.since {
        text = format!("{text} since {since}");
    }
    if let Some(until) = field.until {
        text = format!("{text} until {until}");
    }
    if field.sensitive {
        text.push_str(" sensitive");
    }
    text
}

fn describe_type(ty: FieldType) -> String {
    let inner = |inner| describe_type(schema().resolve(inner));
    if let FieldType::Record(id) = ty {
        schema().record(id).name.to_owned()
    } else if let FieldType::List(element) = ty {
        format!("[{}]", inner(element))
    } else if let FieldType::Map(value) = ty {
        format!("{{{}}}", inner(value))
    } else {
        format!("{ty:?}").to_lowercase()
    }
}

fn check(start: &str, path: &str, expected: &str) {
    assert_eq!(
        describe(find_field(start, path)),
        expected,
        "{start}.{path}"
    );
}

/// `group/version since..until` of every version, best first.
fn versions(group: &str, name: &str) -> String {
    let kind = schema().kind(group, name).expect("no such kind");
    let minor = |version: Option<Version>| version.map_or(String::new(), |it| it.to_string());
    let lines = kind.versions().map(|served| {
        let shape = match served.root {
            Some(root) if root == kind.root => "",
            Some(_) => " own",
            None => " unknown",
        };
        let (since, until) = (minor(served.since), minor(served.until));
        format!(
            "{}/{} {since}..{until}{shape}",
            served.group, served.version
        )
    });
    lines.collect::<Vec<_>>().join(", ")
}

#[test]
fn the_table_covers_thirteen_versions() {
    assert_eq!(
        (schema().oldest(), schema().newest()),
        (Version::minor(25), Version::minor(37))
    );
    let n_fields: usize = schema()
        .records()
        .map(|record| record.fields().count())
        .sum();
    let (n_kinds, n_records) = (schema().kinds().count(), schema().records().count());
    let n_served: usize = schema().kinds().map(|kind| kind.versions().count()).sum();
    println!("{n_kinds} kinds, {n_served} served versions, {n_records} records, {n_fields} fields");
    assert_eq!(
        (n_kinds, n_served, n_records, n_fields),
        (97, 210, 768, 3177)
    );
}

#[test]
fn fields_of_containers_have_their_types() {
    let container = "spec.containers.";
    check("Pod", "spec.containers", "[Container] by name");
    check("Pod", &format!("{container}name"), "string");
    check("Pod", &format!("{container}image"), "string");
    check(
        "Pod",
        &format!("{container}imagePullPolicy"),
        "string of Always|Never|IfNotPresent?",
    );
    check(
        "Pod",
        &format!("{container}securityContext"),
        "SecurityContext?",
    );
    check(
        "Pod",
        &format!("{container}securityContext.privileged"),
        "bool?",
    );
    check(
        "Pod",
        &format!("{container}securityContext.allowPrivilegeEscalation"),
        "bool?",
    );
    check(
        "Pod",
        &format!("{container}securityContext.capabilities.drop"),
        "[string]?",
    );
    check(
        "Pod",
        &format!("{container}resources.limits"),
        "{quantity}?",
    );
    check("Pod", &format!("{container}env"), "[EnvVar]? by name");
    check(
        "Pod",
        &format!("{container}ports"),
        "[ContainerPort]? by containerPort+protocol",
    );
    check("Pod", &format!("{container}ports.containerPort"), "int");
    check(
        "Pod",
        &format!("{container}ports.protocol"),
        "string of TCP|UDP|SCTP? = \"TCP\"",
    );
    check(
        "Pod",
        &format!("{container}livenessProbe.httpGet.port"),
        "intorstring",
    );
    check(
        "Pod",
        &format!("{container}livenessProbe.timeoutSeconds"),
        "int? = 1",
    );
}

#[test]
fn required_fields_defaults_and_collections_are_not_optional() {
    assert!(find_field("Pod", "spec.hostPID").is_optional());
    assert!(find_field("Container", "securityContext").is_optional());
    assert!(!find_field("Container", "image").is_optional());
    assert!(!find_field("Deployment", "spec.replicas").is_optional());
    assert!(!find_field("Pod", "spec.initContainers").is_optional());
    assert!(!find_field("Container", "resources.limits").is_optional());
}

/// A switch that security policies ask about says nothing by default: what its absence means is theirs to say.
#[test]
fn security_switches_have_no_default() {
    let switches = [
        (
            "SecurityContext",
            "privileged allowPrivilegeEscalation readOnlyRootFilesystem runAsNonRoot",
        ),
        (
            "SecurityContext",
            "runAsUser runAsGroup capabilities seccompProfile appArmorProfile",
        ),
        (
            "PodSecurityContext",
            "runAsNonRoot runAsUser runAsGroup fsGroup seccompProfile",
        ),
        (
            "PodSpec",
            "hostPID hostIPC hostNetwork hostUsers shareProcessNamespace",
        ),
        ("PodSpec", "automountServiceAccountToken serviceAccountName"),
        ("ServiceAccount", "automountServiceAccountToken"),
        ("ContainerPort", "hostPort"),
        ("Container", "imagePullPolicy livenessProbe readinessProbe"),
        ("NetworkPolicySpec", "podSelector"),
    ];
    for (record, fields) in switches {
        for name in fields.split(' ') {
            assert!(find_field(record, name).is_optional(), "{record}.{name}");
        }
    }
}

#[test]
fn fields_of_pods_have_their_types() {
    check("Pod", "apiVersion", "string");
    check("Pod", "metadata", "ObjectMeta");
    check("Pod", "metadata.name", "string?");
    check("Pod", "metadata.labels", "{string}?");
    check("Pod", "metadata.creationTimestamp", "timestamp?");
    check("Pod", "spec", "PodSpec");
    check("Pod", "spec.hostPID", "bool?");
    check("Pod", "spec.hostNetwork", "bool?");
    check("Pod", "spec.automountServiceAccountToken", "bool?");
    check("Pod", "spec.terminationGracePeriodSeconds", "int? = 30");
    check("Pod", "spec.os.name", "string of linux|windows");
    check("PodSpec", "securityContext.runAsNonRoot", "bool?");
    check("PodSpec", "volumes.hostPath.path", "string");
    check("PodSpec", "volumes.emptyDir.sizeLimit", "quantity?");
}

#[test]
fn fields_know_since_and_until_when_they_exist() {
    check(
        "PodSpec",
        "schedulingGates",
        "[PodSchedulingGate]? by name since 1.26",
    );
    check("PodSpec", "hostUsers", "bool?");
    check("PodSpec", "resources", "ResourceRequirements? since 1.32");
    check(
        "SecurityContext",
        "appArmorProfile",
        "AppArmorProfile? since 1.30",
    );
    check(
        "Container",
        "restartPolicy",
        "string of Always|OnFailure|Never? since 1.28",
    );
    check(
        "PodSpec",
        "workloadRef",
        "WorkloadReference? since 1.35 until 1.35",
    );
    // The record is newer than the oldest schema, so its first fields say nothing.
    check(
        "AppArmorProfile",
        "type",
        "string of RuntimeDefault|Localhost|Unconfined",
    );
}

#[test]
fn fields_of_other_kinds_have_their_types() {
    check("Deployment", "spec", "DeploymentSpec");
    check("Deployment", "spec.template", "PodTemplateSpec");
    check("Deployment", "spec.replicas", "int? = 1");
    check(
        "Deployment",
        "spec.strategy.rollingUpdate.maxSurge",
        "intorstring? = \"25%\"",
    );
    check("CronJob", "spec.jobTemplate.spec.template.spec", "PodSpec");
    check("Service", "spec.ports.port", "int");
    check("Service", "spec.ports.targetPort", "intorstring?");
    check("Secret", "data", "{string}? sensitive");
    check("Secret", "stringData", "{string}? sensitive");
    check("Role", "rules", "[PolicyRule]?");
    check("Role", "rules.verbs", "[string]");
    check("RoleBinding", "roleRef.kind", "string of Role|ClusterRole");
    check(
        "RoleBinding",
        "subjects.kind",
        "string of User|Group|ServiceAccount",
    );
    check(
        "NetworkPolicy",
        "spec.policyTypes",
        "[string] of Ingress|Egress?",
    );
    check("HorizontalPodAutoscaler", "spec.minReplicas", "int? = 1");
    check(
        "CustomResourceDefinition",
        "spec.versions.schema.openAPIV3Schema.properties",
        "{JSONSchemaProps}?",
    );
    check(
        "MutatingWebhookConfiguration",
        "webhooks.failurePolicy",
        "string of Ignore|Fail? = \"Fail\"",
    );
    check("PodSecurityPolicy", "spec.hostPorts.min", "int");
}

#[test]
fn kinds_know_the_versions_that_serve_them() {
    assert_eq!(versions("", "Pod"), "/v1 ..");
    assert_eq!(
        versions("networking.k8s.io", "NetworkPolicy"),
        "networking.k8s.io/v1 .., extensions/v1beta1 ..1.15"
    );
    assert_eq!(
        versions("apps", "Deployment"),
        "apps/v1 .., apps/v1beta2 ..1.15, apps/v1beta1 ..1.15, extensions/v1beta1 ..1.15"
    );
    assert_eq!(
        versions("networking.k8s.io", "Ingress"),
        "networking.k8s.io/v1 .., extensions/v1beta1 ..1.21 own, networking.k8s.io/v1beta1 ..1.21 own"
    );
    assert_eq!(
        versions("autoscaling", "HorizontalPodAutoscaler"),
        "autoscaling/v2 .., autoscaling/v1 .. own, autoscaling/v2beta2 ..1.25 own, autoscaling/v2beta1 ..1.24 unknown"
    );
    assert_eq!(
        versions("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        "admissionregistration.k8s.io/v1 1.30.., admissionregistration.k8s.io/v1beta1 1.28..1.33, \
         admissionregistration.k8s.io/v1alpha1 1.26..1.31 own"
    );
}

#[test]
fn a_kind_is_found_by_a_group_it_left() {
    let home = schema().kind("apps", "Deployment").unwrap();
    assert_eq!(schema().kind("extensions", "Deployment"), Some(home));
    assert_eq!(home.also().collect::<Vec<_>>(), ["extensions"]);
    assert_eq!(home.plural, "deployments");
    assert!(home.namespaced);
    assert_eq!(
        schema()
            .kind("extensions", "PodSecurityPolicy")
            .unwrap()
            .group,
        "policy"
    );
    assert_eq!(schema().kind("", "Deployment"), None);
    assert_eq!(schema().kind("apps", "Deploymint"), None);
}

#[test]
fn a_bare_name_means_the_core_group_first() {
    let groups: Vec<&str> = schema()
        .kinds_named("Event")
        .map(|kind| kind.group)
        .collect();
    assert_eq!(groups, ["", "events.k8s.io"]);
    assert!(!schema().kind("", "Namespace").unwrap().namespaced);
    assert_eq!(schema().kinds_named("Podd").count(), 0);
}

#[test]
fn ids_lead_back_to_what_they_number() {
    for kind in schema().kinds() {
        assert_eq!(schema().kind_by_id(kind.id), Some(kind));
        assert_eq!(schema().kind(kind.group, kind.name), Some(kind));
    }
    for record in schema().records() {
        assert_eq!(schema().record(record.id), record);
        for field in record.fields() {
            assert_eq!(schema().field(field.id), Some(field));
            assert_eq!(record.field(field.name), Some(field));
        }
    }
}

#[test]
fn every_kind_is_typed_and_named() {
    for kind in schema().kinds() {
        let root = schema().record(kind.root);
        assert!(
            root.field("kind").is_some_and(|field| field.required),
            "{kind:?}"
        );
        assert!(!kind.plural.is_empty(), "{kind:?}");
        assert!(
            kind.versions()
                .next()
                .is_some_and(|served| served.root == Some(kind.root))
        );
    }
}

#[test]
fn records_that_have_a_field_are_found() {
    let names = |field| {
        let mut names: Vec<_> = schema()
            .records_with_field(field)
            .map(|it| it.name)
            .collect();
        names.dedup();
        names
    };
    assert_eq!(
        names("privileged"),
        ["PodSecurityPolicySpec", "SecurityContext"]
    );
    assert_eq!(names("hostPID"), ["PodSecurityPolicySpec", "PodSpec"]);
    assert!(names("priviledged").is_empty());
}

#[test]
fn a_misspelt_field_is_near_the_right_one() {
    let record = schema().records_named("SecurityContext").next().unwrap();
    let names = record.fields().map(|field| field.name);
    assert_eq!(near::nearest("priviledged", names), ["privileged"]);
}

/// Reads everything that a table offers.
fn read_all(schema: &'static Schema) -> usize {
    let mut n_seen = 0;
    for kind in schema.kinds() {
        n_seen += kind.versions().count() + schema.kinds_named(kind.name).count();
        n_seen += kind.also().count() + schema.record(kind.root).fields().count();
    }
    for record in schema.records() {
        for field in record.fields() {
            n_seen += field.members().count() + field.list_keys().count();
            n_seen += usize::from(record.field(field.name).is_some());
            let mut ty = field.ty;
            while let FieldType::List(inner) | FieldType::Map(inner) = ty {
                ty = schema.resolve(inner);
            }
        }
    }
    n_seen + schema.records_with_field("name").count()
}

#[test]
fn a_damaged_table_gives_fewer_answers_and_no_panic() {
    let good = include_bytes!("../../data/kubernetes.schema");
    assert!(Schema::read(&good[1..]).is_none());
    assert!(Schema::read(&[]).is_none());
    assert!(Schema::read(&good[..good.len() - 1]).is_none());
    let mut state = 1u64;
    let mut n_read = 0;
    let texts = u32::from_le_bytes(good[36..40].try_into().unwrap()) as usize;
    for round in 0..60 {
        let mut bytes = good.to_vec();
        for _ in 0..200 {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let at = (state >> 33) as usize % bytes.len();
            // Texts that are not UTF-8 would be refused with the header.
            let mask = if at < texts { 0xFF } else { 0x7F };
            bytes[at] = (state >> 20) as u8 & mask;
        }
        let header = 44;
        if round % 3 == 0 {
            // Sections of wrong lengths.
            bytes[8 + round % 36] ^= 1 << (round % 8);
        } else {
            bytes[..header].copy_from_slice(&good[..header]);
        }
        if let Some(schema) = Schema::read(bytes.leak()) {
            n_read += read_all(Box::leak(Box::new(schema)));
        }
    }
    assert!(n_read > 0);
    assert!(read_all(schema()) > 3177);
}
