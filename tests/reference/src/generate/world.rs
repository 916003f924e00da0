//! The records, kinds and words of the random world.

use palisade_lang::program::{Arm, BaseType, Const, KindRef, Presence, View};

use crate::build::{list_of, map_of, record};

/// What every object has.
pub const COMMON: u32 = 0;
/// A pod or the template of one.
pub const POD: u32 = 1;
/// A role.
pub const ROLE: u32 = 2;

const META: u32 = 3;
const SPEC: u32 = 4;
const CONTAINER: u32 = 5;
const SECURITY: u32 = 6;
const RESOURCES: u32 = 7;
const PORT: u32 = 8;
const VOLUME: u32 = 9;
const CAPABILITIES: u32 = 10;
const RULE: u32 = 11;

/// A member of a record.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub key: &'static str,
    /// Its type.
    pub ty: BaseType,
    /// What its absence means.
    pub presence: Presence,
}

fn optional(key: &'static str, ty: BaseType) -> Field {
    Field {
        key,
        ty,
        presence: Presence::Optional,
    }
}

fn required(key: &'static str, ty: BaseType) -> Field {
    Field {
        key,
        ty,
        presence: Presence::Required,
    }
}

fn default(key: &'static str, ty: BaseType, value: Const) -> Field {
    Field {
        key,
        ty,
        presence: Presence::Default(value),
    }
}

/// Words of an enum of the world.
pub const POLICIES: [&str; 3] = ["Always", "Never", "OnFailure"];

fn policies() -> BaseType {
    BaseType::Enum(POLICIES.map(str::to_owned).to_vec())
}

fn strings() -> BaseType {
    list_of(BaseType::String)
}

/// The members of a record.
#[must_use]
pub fn fields(id: u32) -> Vec<Field> {
    use BaseType::{Any, Bool, Duration, Float, Int, IntOrString, Quantity, String, Timestamp};
    match id {
        COMMON => vec![
            optional("apiVersion", String),
            optional("kind", String),
            optional("metadata", record(META)),
        ],
        POD => vec![
            optional("metadata", record(META)),
            required("spec", record(SPEC)),
        ],
        ROLE => vec![
            optional("metadata", record(META)),
            optional("rules", list_of(record(RULE))),
            default("weight", Float, Const::Float("0.5".to_owned())),
        ],
        META => vec![
            optional("name", String),
            optional("namespace", String),
            optional("generateName", String),
            optional("labels", map_of(String)),
            optional("annotations", map_of(String)),
            optional("created", Timestamp),
        ],
        SPEC => vec![
            optional("containers", list_of(record(CONTAINER))),
            optional("initContainers", list_of(record(CONTAINER))),
            optional("ephemeralContainers", list_of(record(CONTAINER))),
            optional("hostNetwork", Bool),
            default("share", Bool, Const::Bool(false)),
            default("replicas", Int, Const::Int(1)),
            optional("priority", Int),
            optional("weight", Float),
            optional("account", String),
            default(
                "restartPolicy",
                policies(),
                Const::String("Always".to_owned()),
            ),
            optional("securityContext", record(SECURITY)),
            optional("volumes", list_of(record(VOLUME))),
            optional("tolerations", list_of(Any)),
            optional("nodeSelector", map_of(String)),
            optional("overhead", map_of(Quantity)),
            optional("deadline", Duration),
            optional("byName", map_of(record(PORT))),
            optional("extra", Any),
        ],
        CONTAINER => vec![
            required("name", String),
            optional("image", String),
            optional("command", strings()),
            optional("args", strings()),
            optional("ports", list_of(record(PORT))),
            optional("resources", record(RESOURCES)),
            optional("securityContext", record(SECURITY)),
            optional("restartPolicy", String),
            default("tty", Bool, Const::Bool(false)),
            default("pull", policies(), Const::String("Never".to_owned())),
        ],
        SECURITY => vec![
            optional("privileged", Bool),
            optional("runAsUser", Int),
            default("runAsNonRoot", Bool, Const::Bool(false)),
            optional("capabilities", record(CAPABILITIES)),
            required("level", String),
        ],
        CAPABILITIES => vec![optional("add", strings()), optional("drop", strings())],
        RESOURCES => vec![
            optional("limits", map_of(Quantity)),
            optional("requests", map_of(Quantity)),
            optional("memory", Quantity),
            default("cpu", Quantity, Const::Quantity("100m".to_owned())),
            required("disk", Quantity),
            optional("steps", list_of(Quantity)),
        ],
        PORT => vec![
            required("port", IntOrString),
            required("number", Int),
            default("protocol", String, Const::String("TCP".to_owned())),
            optional("target", IntOrString),
        ],
        VOLUME => vec![
            required("name", String),
            optional("size", Quantity),
            optional("raw", Any),
            optional("matrix", list_of(list_of(Int))),
            optional("table", map_of(strings())),
            optional("modes", list_of(IntOrString)),
            optional("switches", list_of(Bool)),
            optional("factors", list_of(Float)),
            default(
                "names",
                strings(),
                Const::List(vec![Const::String("a".to_owned())]),
            ),
        ],
        RULE => vec![
            optional("verbs", strings()),
            optional("resources", strings()),
            optional("groups", strings()),
        ],
        _ => Vec::new(),
    }
}

/// Kinds of the world: groups, name, the path to the pod template.
const KINDS: [(&[&str], &str, &[&str]); 4] = [
    (&[""], "Pod", &[]),
    (&["apps", "extensions"], "Deployment", &["spec", "template"]),
    (
        &["batch"],
        "CronJob",
        &["spec", "jobTemplate", "spec", "template"],
    ),
    (&["rbac.authorization.k8s.io"], "Role", &[]),
];

/// A kind of the world; 0 to 2 run pods, 3 is the role.
#[must_use]
pub fn kind(number: usize) -> KindRef {
    let (groups, name, _) = KINDS.get(number).unwrap_or(&(&[], "", &[]));
    KindRef {
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        kind: (*name).to_owned(),
    }
}

/// Keys from an object of the kind to its pod template.
#[must_use]
pub fn pod_path(number: usize) -> &'static [&'static str] {
    KINDS.get(number).map_or(&[], |(_, _, path)| path)
}

/// The view of pods.
#[must_use]
pub fn pod_view() -> View {
    View {
        name: "pod".to_owned(),
        arms: (0..3)
            .map(|number| Arm {
                kind: kind(number),
                path: pod_path(number)
                    .iter()
                    .map(|key| (*key).to_owned())
                    .collect(),
            })
            .collect(),
    }
}

/// Text.
pub const WORDS: [&str; 22] = [
    "a",
    "b",
    "*",
    "",
    "Always",
    "Never",
    "TCP",
    "default",
    "app",
    "init",
    "sidecar",
    "80",
    "true",
    "latest",
    "é",
    "日本",
    "😀",
    "\u{ffff}",
    "a\u{0}b",
    "{{ .Values.x }}",
    "$(VAR)",
    "quote\"back\\slash\n",
];

/// Text that may be an image reference.
pub const IMAGES: [&str; 20] = [
    "nginx",
    "nginx:1.2",
    "nginx:latest",
    "docker.io/nginx",
    "index.docker.io/a",
    "a/b",
    "ghcr.io/a/b:c",
    "localhost:5000/x",
    "localhost/x@sha256:0123456789abcdef0123456789abcdef",
    "a:1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "Nginx",
    "Reg/x",
    "a//b",
    "a:",
    "nginx:{{ .tag }}",
    "${REG}/x",
    "[::1]:5/b",
    "a_b/c--d.e",
    "x.y-/b",
    "docker.io",
];

/// Parts of image references.
pub const IMAGE_PARTS: [&str; 6] = [
    "docker.io",
    "ghcr.io",
    "library/nginx",
    "latest",
    "1.2",
    "sha256:0123456789abcdef0123456789abcdef",
];

/// Keys of maps.
pub const KEYS: [&str; 6] = ["app", "memory", "cpu", "é", "", "name"];

/// Whole numbers.
pub const INTS: [i64; 12] = [
    0,
    1,
    2,
    80,
    -1,
    1000,
    443,
    2_147_483_648,
    9_007_199_254_740_993,
    i64::MAX,
    i64::MIN,
    999_999_999_999_999_999,
];

/// Other numbers, as JSON text.
pub const FLOATS: [&str; 14] = [
    "0.5",
    "1.0",
    "1e0",
    "-0.0",
    "8E1",
    "80.00",
    "1e400",
    "1e-400",
    "9223372036854775808",
    "123456789012345678901234567890",
    "0.1",
    "1E+2",
    "100000000000000000000e-18",
    "1e99999999999",
];

/// Quantities, readable.
pub const QUANTITIES: [&str; 34] = [
    "0",
    "1",
    "1Gi",
    "1024Mi",
    "1G",
    "1000M",
    "100m",
    "0.1",
    "500m",
    "0.5",
    ".5",
    "5.",
    "+1",
    "-1",
    "-100m",
    "1n",
    "1u",
    "1k",
    "1Ki",
    "1M",
    "1Mi",
    "1T",
    "1Ti",
    "1P",
    "1Pi",
    "1E",
    "1Ei",
    "1e3",
    "1E3",
    "1e-3",
    "1e+3",
    "999999999999999999",
    "1e999",
    "0.000000000000000000000001",
];

/// Text that is nearly a quantity.
pub const NO_QUANTITIES: [&str; 10] = [
    "4GB",
    "",
    ".",
    "1e",
    "1K",
    "1 Gi",
    "1234567890123456789",
    "1e1000",
    "--1",
    "1.2.3",
];
