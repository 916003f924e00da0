//! The records, kinds and words of the random world.

use palisade_lang::program::{Arm, BaseType, Const, KindRef, Presence, View};

use crate::build::{list_of, map_of, record};

/// What every object has.
pub const COMMON: u32 = 0;
/// A pod or the template of one.
pub const POD: u32 = 1;
/// A role.
pub const ROLE: u32 = 2;

/// What names an object.
pub const META: u32 = 3;

const SPEC: u32 = 4;
const CONTAINER: u32 = 5;
const SECURITY: u32 = 6;
const RESOURCES: u32 = 7;
const PORT: u32 = 8;
const VOLUME: u32 = 9;
const CAPABILITIES: u32 = 10;
/// A rule of a role.
pub const RULE: u32 = 11;
/// A label selector.
pub const SELECTOR: u32 = 12;
const EXPRESSION: u32 = 13;
/// What a network is.
pub const NETWORK: u32 = 14;
/// A request, as the context holds it.
pub const REQUEST: u32 = 15;
const USER: u32 = 16;

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
    use BaseType::{
        Any, Bool, Cidr, Duration, Float, Image, Int, IntOrString, Ip, Quantity, Range, String,
        Timestamp, Version, Versions,
    };
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
            optional("selector", record(SELECTOR)),
            optional("labels", map_of(String)),
            optional("network", record(NETWORK)),
            optional("path", String),
            optional("host", String),
            optional("mode", String),
            optional("rules", list_of(record(RULE))),
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
            optional("apiGroups", strings()),
        ],
        SELECTOR => vec![
            optional("matchLabels", map_of(String)),
            optional("matchExpressions", list_of(record(EXPRESSION))),
        ],
        EXPRESSION => vec![
            required("key", String),
            required("operator", String),
            optional("values", strings()),
        ],
        NETWORK => vec![
            optional("address", Ip),
            optional("range", Cidr),
            optional("ranges", list_of(Cidr)),
            optional("version", Version),
            default("oldest", Version, Const::String("1.29".to_owned())),
            optional("image", Image),
            optional("versions", list_of(Version)),
            optional("timeouts", list_of(Duration)),
            optional("times", list_of(Timestamp)),
            optional("factors", list_of(Float)),
            optional("flags", list_of(Bool)),
            optional("sizes", list_of(Quantity)),
            optional("numbers", list_of(Int)),
            optional("mixed", list_of(IntOrString)),
            optional("any", list_of(Any)),
            optional("whole", Any),
            optional("flag", Bool),
            optional("number", Int),
            optional("label", String),
            optional("level", policies()),
            optional("size", Quantity),
            optional("either", IntOrString),
            optional("timeout", Duration),
            default("period", Duration, Const::String("10s".to_owned())),
            optional("since", Timestamp),
            optional("port", Float),
            optional("supported", Versions),
            optional("users", Range),
            optional("groups", list_of(Range)),
        ],
        REQUEST => vec![
            required("operation", String),
            optional("name", String),
            optional("dryRun", Bool),
            default("retries", Int, Const::Int(1)),
            optional("userInfo", record(USER)),
            optional("options", Any),
        ],
        USER => vec![
            required("username", String),
            optional("groups", strings()),
            optional("extra", map_of(strings())),
        ],
        _ => Vec::new(),
    }
}

/// Kinds of the world: groups, name, the path to the pod template. The last is a kind of file.
const KINDS: [(&[&str], &str, &[&str]); 5] = [
    (&[""], "Pod", &[]),
    (&["apps", "extensions"], "Deployment", &["spec", "template"]),
    (
        &["batch"],
        "CronJob",
        &["spec", "jobTemplate", "spec", "template"],
    ),
    (&["rbac.authorization.k8s.io"], "Role", &[]),
    (&[], "PodFile", &[]),
];

/// The number of the kind of file, whose files are pods.
pub const FILE: usize = 4;

/// A kind of the world; 0 to 2 run pods, 3 is the role, [`FILE`] a kind of file.
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
        arms: [0, 1, 2, FILE]
            .into_iter()
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

/// What some of [`WORDS`] begin or end with, but not both.
pub const ENDS: [&str; 6] = ["A", "Al", "s", "ways", "d", "8"];

/// Text.
pub const WORDS: [&str; 23] = [
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
    "${{ x }}",
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

/// Versions, readable.
pub const VERSIONS: [&str; 16] = [
    "1.29",
    "v1.30",
    "1.30.0",
    "1.3",
    "1.30-alpha.1",
    "1.30-beta2",
    "1.30-rc.1",
    "1.30-rc1",
    "v1.31.2+k3s1",
    "1.31.2-eks-abc",
    "1.10",
    "1.9",
    "1",
    "0.0.1",
    "1.2.3.4.5.6.7.8",
    "1.999999999",
];

/// Text that is nearly a version.
pub const NO_VERSIONS: [&str; 6] = ["", "v", "latest", "1.2.3.4.5.6.7.8.9", "1.1234567890", "x1"];

/// Ranges of versions, readable.
pub const VERSION_RANGES: [&str; 9] = [
    ">=1.28 <1.31",
    "1.30",
    "<1.30",
    ">1.29.99",
    "= 1.9 ",
    "<=1.9; 1.10-1.30; >=1.31.2-eks-abc",
    "1.30-beta2-1.30-rc1",
    ">=v1.30 <=1.31.2+k3s1",
    "1-2; 1.999999999",
];

/// Text that is nearly a range of versions.
pub const NO_VERSION_RANGES: [&str; 8] = [
    "",
    "1.2;",
    ">=",
    "1.2, 1.3",
    "1.x",
    "~1.2",
    "1..2",
    ">1.1234567890",
];

/// Ranges of whole numbers, readable.
pub const INT_RANGES: [&str; 8] = [
    "0-999",
    "80-443",
    "1000-",
    "-100",
    "2",
    "0",
    "1-999999999999999999",
    "443-2147483648",
];

/// Text that is nearly a range of whole numbers.
pub const NO_INT_RANGES: [&str; 6] = ["", "-", "2-1", "1-2-3", "1000000000000000000", "a-b"];

/// Base64, readable or nearly.
pub const ENCODED: [&str; 14] = [
    "YQ==",
    "YWI=",
    "YWJj",
    "",
    "w6k=",
    "4pyTIMOgIGxhIG1vZGU=",
    "YWJj\nYWJj\r\n",
    "/w==",
    "7aCA",
    "YQ",
    "YQ=a",
    "YQ==YQ==",
    "YR==",
    "====",
];

/// Durations, readable.
pub const DURATIONS: [&str; 12] = [
    "10s", "0", "1m", "60s", "1h30m", "90m", "1.5s", "1500ms", "-1s", "1us", "1µs", "100ns",
];

/// Text that is nearly a duration.
pub const NO_DURATIONS: [&str; 5] = ["10", "s", "1d", "1.s", "10s "];

/// Timestamps, readable.
pub const TIMESTAMPS: [&str; 8] = [
    "2026-11-20",
    "2026-11-20T00:00:00Z",
    "2026-11-20T01:00:00+01:00",
    "2026-11-20T00:00:00.5Z",
    "2026-11-19T23:59:59.999999999Z",
    "1970-01-01",
    "2024-02-29T12:00:00-11:30",
    "1969-12-31T23:59:59Z",
];

/// Text that is nearly a timestamp.
pub const NO_TIMESTAMPS: [&str; 5] = [
    "2026-02-29",
    "2026-11-20T00:00:00",
    "2026-13-01",
    "now",
    "2026-11-20T25:00:00Z",
];

/// Addresses, readable.
pub const ADDRESSES: [&str; 8] = [
    "10.0.0.1",
    "10.255.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "::1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "2001:db8::8:800:200c:417a",
];

/// Text that is nearly an address.
pub const NO_ADDRESSES: [&str; 6] = [
    "10.0.0",
    "10.0.0.256",
    "10.0.0.01",
    ":::",
    "fe80::1%eth0",
    "a",
];

/// Ranges, readable.
pub const RANGES: [&str; 9] = [
    "10.0.0.0/8",
    "10.1.2.3/8",
    "10.128.0.0/9",
    "0.0.0.0/0",
    "192.168.1.1/32",
    "::/0",
    "fe80::/10",
    "::1/128",
    "2001:db8::/32",
];

/// Text that is nearly a range.
pub const NO_RANGES: [&str; 5] = ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "::/129", "/8"];

/// Globs.
pub const GLOBS: [&str; 18] = [
    "*",
    "**",
    "a",
    "a*",
    "?",
    "[a-c]",
    "[!a]*",
    "{a,b}",
    "{a,{b,c}d}*",
    "*.io",
    "ghcr.io/**",
    "docker.io/*/*",
    "library/*",
    r"\*",
    "1.*",
    "",
    "é?",
    "/a/**/c",
];

/// Text that is no glob.
pub const NO_GLOBS: [&str; 3] = ["[a", "{a,b", "{[a}"];

/// Regular expressions.
pub const REGEXES: [&str; 20] = [
    "a",
    "^a",
    "b$",
    "^$",
    "[0-9]+",
    r"\d",
    r"^\w+$",
    r"\W",
    "(?i)always",
    "^(a|b)$",
    "a.b",
    "^[^a]",
    r"\.io/",
    "l{1,2}",
    "(?i:K)|S",
    r"latest",
    "é",
    "n.*?x",
    "^(?:[a-z]+/)*[a-z]+$",
    "",
];

/// Text that is no regular expression of the dialect.
pub const NO_REGEXES: [&str; 5] = ["(", "[a", "(?=a)", "*", r""];

/// Paths.
pub const PATHS: [&str; 10] = [
    "/",
    "",
    "a/b",
    "/a/b/../c",
    "/a",
    "/a/",
    "../a",
    "/..",
    "a/./b//c/",
    "/a/b",
];

/// DNS names and patterns of them.
pub const HOSTS: [&str; 7] = [
    "a.example.com",
    "A.Example.COM",
    "*.example.com",
    "b.a.example.com",
    "example.com",
    ".example.com",
    "*.com",
];

/// Text that may be read as a number.
pub const NUMERALS: [&str; 12] = [
    "10%",
    "100%",
    "33%",
    "0%",
    "0644",
    "0o17",
    "17",
    "-5",
    "+80",
    "9223372036854775808",
    "089",
    "%",
];

/// What rules of roles and requests name.
pub const GRANTED: [&str; 8] = [
    "*",
    "get",
    "list",
    "pods",
    "pods/exec",
    "*/exec",
    "",
    "apps",
];

/// Operators of label selectors.
pub const OPERATORS: [&str; 5] = ["In", "NotIn", "Exists", "DoesNotExist", "Near"];

/// Severities, and a word that is none.
pub const SEVERITIES: [&str; 6] = ["info", "low", "medium", "high", "critical", "grave"];

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
