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
/// A port.
pub const PORT: u32 = 8;
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
/// What embedded documents are.
pub const EMBEDDED: u32 = 17;
/// Flags of a command line.
pub const FLAGS: u32 = 18;
/// The parts of an address.
pub const URL: u32 = 19;
/// What a certificate says.
pub const CERTIFICATE: u32 = 20;
/// What a request for a certificate says.
pub const SIGNING_REQUEST: u32 = 21;
/// A command of a script.
pub const COMMANDS: u32 = 22;
/// All objects as a whole.
pub const INVENTORY: u32 = 23;
/// Where what is judged is written, as the context holds it.
pub const SOURCE: u32 = 24;
/// What all that is judged together is called, as the context holds it.
pub const CALLED: u32 = 25;

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
            optional("config", String),
            optional("encoded", String),
            optional("made", String),
            optional("flags", strings()),
        ],
        INVENTORY => vec![required("root", String)],
        COMMANDS => vec![
            optional("name", String),
            optional("words", strings()),
            optional("after", String),
        ],
        FLAGS => vec![
            optional("on", Bool),
            optional("count", Int),
            optional("names", strings()),
            optional("name", String),
            default("level", Int, Const::Int(2)),
        ],
        URL => vec![
            required("scheme", String),
            required("host", String),
            optional("port", Int),
            optional("user", String),
            required("has_password", Bool),
            required("path", String),
            optional("query", String),
        ],
        CERTIFICATE | SIGNING_REQUEST => {
            let mut fields = vec![
                required("subject", String),
                optional("common_name", String),
                optional("organizations", strings()),
                optional("names", strings()),
                optional("key", String),
                optional("bits", Int),
                optional("hash", String),
                required("is_ca", Bool),
            ];
            if id == CERTIFICATE {
                fields.extend([
                    required("issuer", String),
                    required("not_before", Timestamp),
                    required("not_after", Timestamp),
                    required("is_self_signed", Bool),
                ]);
            }
            fields
        }
        EMBEDDED => vec![
            required("name", String),
            optional("on", Bool),
            default("count", Int, Const::Int(3)),
            optional("ports", list_of(record(PORT))),
            optional("settings", map_of(String)),
            optional("extra", Any),
            optional("config", String),
            optional("size", Quantity),
            optional("args", strings()),
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
        SOURCE => vec![optional("path", String), optional("template", String)],
        CALLED => vec![
            optional("root", String),
            optional("cluster", String),
            optional("provider", String),
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

/// What flags are read as.
pub const FLAG_SHAPES: &str = "b on\ni count\nl names\ni level\n";

/// Words of a command line.
pub const COMMAND: [&str; 20] = [
    "--on",
    "--on=true",
    "--on=0",
    "--on=yes",
    "--count=3",
    "--count",
    "7",
    "-1",
    "--count=x",
    "--names=a,b",
    "--names",
    "c",
    "--names=,",
    "--name=x",
    "--name",
    "--level=4",
    "--",
    "-v",
    "--le_vel=9",
    "serve",
];

/// Addresses of the web, and what is none.
pub const URLS: [&str; 16] = [
    "http://a.example.com",
    "HTTPS://User:pw@Host.example:8443/a/b?x=1#f",
    "http://[2001:db8::1]:80/",
    "http://[::1",
    "ftp://h:99999/",
    "http://:80",
    "http://user@",
    "https://h?q",
    "https://h#f",
    "//h/p",
    "http:/h",
    "1http://h",
    "http://a b",
    "oci://ghcr.io/a/b",
    "http://h:",
    "http://h/@x",
];

/// Scripts, some of them torn.
pub const SCRIPTS: [&str; 14] = [
    "apt-get update && apt-get install -y 'a b' | tee x; id",
    "a ||\n b\nc",
    "a \\\n  b # c\nd",
    "echo \"a $(id -u) b\"\\ c",
    "echo '$(id)' `pwd`",
    "if test -f x; then sudo rm x; else id; fi",
    "(cd x && make 2>&1) > log",
    "A=1 B=2 /usr/bin/sudo -E env; X=3",
    "echo $(a $(b 'c)') \"d",
    "a &> b & c |& d",
    "echo $((1+2)) $(x",
    "while ! curl -k http://h; do sleep 1; done",
    "'",
    " ; && # only\n",
];

/// Schedules, and what is none.
pub const SCHEDULES: [&str; 20] = [
    "* * * * *",
    "*/5 0 1 1 0",
    "0 3 * * MON-fri",
    "0 0 1 jan,Feb *",
    "@daily",
    "@every 1h30m",
    "@every soon",
    "@reboot",
    "0 0 * * 7",
    "60 * * * *",
    "* * * *",
    "* * * * * *",
    "1-0 * * * *",
    "1-5/2 ? * * *",
    "5/15 * * * *",
    "*/0 * * * *",
    "a * * * *",
    "",
    "1,,2 * * * *",
    "TZ=UTC * * * * *",
];

/// Certificates, requests, and what is nearly one.
pub const CERTIFICATES: [&str; 9] = [
    "-----BEGIN CERTIFICATE-----\nMIICYjCCAcugAwIBAgIURjFh9ap0qqHUBzUYssImdEyvtu4wDQYJKoZIhvcNAQEF\nBQAwKTEXMBUGA1UECgwOc3lzdGVtOm1hc3RlcnMxDjAMBgNVBAMMBWFkbWluMB4X\nDTI2MTEyMTIxNDM1NVoXDTM2MTExODIxNDM1NVowKTEXMBUGA1UECgwOc3lzdGVt\nOm1hc3RlcnMxDjAMBgNVBAMMBWFkbWluMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB\niQKBgQDIeimm7ktffTPum5KObnSTssaWnvEDstUlZv6obH2kXzLC3Z9GKRuWCwLG\n42Q14dO0fQAYPSKVUO6zoJGm2pfnys7V/vuAT991356E2NnnudZMFExjlqCrtH0S\nMfdBAmS+tsxdmO1enjqZpdNfy/2UszPGwlbhvTBvcHS3m8o+yQIDAQABo4GGMIGD\nMB0GA1UdDgQWBBSLQrDCxpkd2VoeYRljIWlAY4VNvjAfBgNVHSMEGDAWgBSLQrDC\nxpkd2VoeYRljIWlAY4VNvjAPBgNVHRMBAf8EBTADAQH/MDAGA1UdEQQpMCeCDWEu\nZXhhbXBsZS5jb22HBAoAAAGHECABDbgAAAAAAAAAAAAAAAEwDQYJKoZIhvcNAQEF\nBQADgYEAopxW5hMM9EQH3hw0Jwod05ff5+nnYLVIcXgh7elnAm/UmODXIpyv75i4\nPgoirFZq1E91VhBGOebzBMySx8qS2wgVlIQwNvgcxKdVKc0dnTIsvQa6nl4TPyHR\nRPzTrv+JmeadCi3BaoriPMzV6UmgcTVciqw9Iox1xmZBNrgTgiE=\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nMIIBujCCAWCgAwIBAgIUKQuK9kfM1MmfuBBXFavD7xWroK0wCgYIKoZIzj0EAwIw\nNDELMAkGA1UEBhMCREUxCjAIBgNVBAoMAUExCjAIBgNVBAoMAUIxDTALBgNVBAMM\nBGxlYWYwHhcNMjYxMTIxMjE0MzU1WhcNMjcwMjE5MjE0MzU1WjA0MQswCQYDVQQG\nEwJERTEKMAgGA1UECgwBQTEKMAgGA1UECgwBQjENMAsGA1UEAwwEbGVhZjBZMBMG\nByqGSM49AgEGCCqGSM49AwEHA0IABD1K8mSXUVaVJ6mF3/mi0KzpKARZIJ6wPGJR\nfKFP9V/UI7qeyHfgVDEa6cUMv7rfh3t14AvM5uRBTyGpNIN5GRajUDBOMB0GA1Ud\nDgQWBBRb/GMVFj6SSgsFyYBv+csz2ZrbuDAfBgNVHSMEGDAWgBRb/GMVFj6SSgsF\nyYBv+csz2ZrbuDAMBgNVHRMBAf8EAjAAMAoGCCqGSM49BAMCA0gAMEUCIBhkl0PN\ndVcGuwGjrHApjUbEYltgDChxjZRR/tE3F0aUAiEAzKLmqAv2Irq1rvXnJyyJmhs+\nu3flL6Z8NwuX5gHgjfU=\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nMIIBMDCB46ADAgECAhR2dLezy6PzvZ29uqpYBAGKXIWnjTAFBgMrZXAwDTELMAkG\nA1UEAwwCZWQwIBcNMjYxMTIxMjE0MzU1WhgPMzAyNjAzMjQyMTQzNTVaMA0xCzAJ\nBgNVBAMMAmVkMCowBQYDK2VwAyEAWoSaxmTrmA6+ZO3gjJC6/d7XMTVLVfEw4/tC\nyVtnfaqjUzBRMB0GA1UdDgQWBBR4ez4N8j5wbj1nycUX1DBUnbnYZjAfBgNVHSME\nGDAWgBR4ez4N8j5wbj1nycUX1DBUnbnYZjAPBgNVHRMBAf8EBTADAQH/MAUGAytl\ncANBABZbkiKDBfHrUMhZj7cdoJGb2aHbahNYYROGRlDmtdIBi/VkWE7zTQfuNOHk\nbq+w9JemXxVSWWjQahLgyHt4Ag8=\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE REQUEST-----\nMIIBDTCBtAIBADAnMRcwFQYDVQQKDA5zeXN0ZW06bWFzdGVyczEMMAoGA1UEAwwD\nZGV2MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPUryZJdRVpUnqYXf+aLQrOko\nBFkgnrA8YlF8oU/1X9Qjup7Id+BUMRrpxQy/ut+He3XgC8zm5EFPIak0g3kZFqAr\nMCkGCSqGSIb3DQEJDjEcMBowGAYDVR0RBBEwD4INeC5leGFtcGxlLmNvbTAKBggq\nhkjOPQQDAgNIADBFAiEA0lP4yg5A4RjZm0MlcyO4VulTUmdJC03M1d0rk0TJVDoC\nIALmSVbEOX6dfiyp5cL2MCL2Y7dts9bEr7fGUdOuBPgO\n-----END CERTIFICATE REQUEST-----\n",
    "-----BEGIN CERTIFICATE REQUEST-----\nMIIBTjCBsQIBADAMMQowCAYDVQQDDAF1MIGbMBAGByqGSM49AgEGBSuBBAAjA4GG\nAAQB0HVRKOu2wKbD2OurlHHi72FMjTUNzyZcoFjyCdjrkAmD/mKmP0+aalZUSg6k\n+F8lUWBvFXV/YuSh2PVaklRN3QQBlhMt7P1FJ4uhQgxdRFAgrt5xIUYRLuQ/PisN\nNWCPaeRiZBHsqyorioUQpzP6mwLxhGhuXBpLzrQ5jvFSLSnYNjKgADAKBggqhkjO\nPQQDBAOBiwAwgYcCQVgKFsS6DAZEjHF8/yc4V9Yq1A4ozNi7I2Pcq2f3wWw37xgi\nLWMmCqhW99FurDEW5Pdb2e18TdA+qeAIuivKkzLKAkIBKw0B2I4GqfJh0fxlssJZ\naeZx1UTjkN7kBqND0OfODL40xzeKCErW4U8socaL8SADCO5T/VWUaPu/7mLP4vLV\nbvI=\n-----END CERTIFICATE REQUEST-----\n",
    "-----BEGIN CERTIFICATE-----\nMIIBujCCAWCgAwIBAgIUKQuK9kfM1MmfuBBXFavD7xWroK0wCgYIKoZIzj0EAwIw\nNDELMAkGA1UEBhMCREUxCjAIBgNVBAoMAUExCjAIBgNVBAoMAUIxDTALBgNVBAMM\nBGxlYWYwHhcNMjYxMTIxMjE0MzU1WhcNMjcwMjE5MjE0MzU1WjA0MQswCQYDVQQG\nEwJERTEKMAgGA1UECgwBQTEKMAgGA1UECgwBQjENMAsGA1UEAwwEbGVhZjBZMBMG\nByqGSM49AgEGCCqGSM49AwEHA0IABD1K8mSXUVaVJ6mF3/mi0KzpKARZIJ6wPGJR\nfKFP9V/UI7qeyHfgVDEa6cUMv7rfh3t14AvM5uRBTyGpNIN5GRajUDBOMB0GA1Ud\nDgQWBBRb/GMVFj6SSgsFyYBv+csz2ZrbuDAfBgNVHSMEGDAWgBRb/GMVFj6SSgsF\nyYBv+csz2ZrbuDAMBgNVHRMBAf8EAjAAMAoGCCqGSM49BAMCA0gAMEUCIBhkl0PN\ndVcGuwGjrHApjUbEYltgDChxjZRR/tE3F0aUAiEAzKLmqAv2Irq1rvXnJyyJmhs+\nu3flL6Z8NwuX5gHgjfU=\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nMIJCYjCCAcugAwIBAgIURjFh9ap0qqHUBzUYssImdEyvtu4wDQYJKoZIhvcNAQEF\nBQAwKTEXMBUGA1UECgwOc3lzdGVtOm1hc3RlcnMxDjAMBgNVBAMMBWFkbWluMB4X\nDTI2MTEyMTIxNDM1NVoXDTM2MTExODIxNDM1NVowKTEXMBUGA1UECgwOc3lzdGVt\nOm1hc3RlcnMxDjAMBgNVBAMMBWFkbWluMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB\niQKBgQDIeimm7ktffTPum5KObnSTssaWnvEDstUlZv6obH2kXzLC3Z9GKRuWCwLG\n42Q14dO0fQAYPSKVUO6zoJGm2pfnys7V/vuAT991356E2NnnudZMFExjlqCrtH0S\nMfdBAmS+tsxdmO1enjqZpdNfy/2UszPGwlbhvTBvcHS3m8o+yQIDAQABo4GGMIGD\nMB0GA1UdDgQWBBSLQrDCxpkd2VoeYRljIWlAY4VNvjAfBgNVHSMEGDAWgBSLQrDC\nxpkd2VoeYRljIWlAY4VNvjAPBgNVHRMBAf8EBTADAQH/MDAGA1UdEQQpMCeCDWEu\nZXhhbXBsZS5jb22HBAoAAAGHECABDbgAAAAAAAAAAAAAAAEwDQYJKoZIhvcNAQEF\nBQADgYEAopxW5hMM9EQH3hw0Jwod05ff5+nnYLVIcXgh7elnAm/UmODXIpyv75i4\nPgoirFZq1E91VhBGOebzBMySx8qS2wgVlIQwNvgcxKdVKc0dnTIsvQa6nl4TPyHR\nRPzTrv+JmeadCi3BaoriPMzV6UmgcTVciqw9Iox1xmZBNrgTgiE=\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nMIIBMDCB46ADAgECAhR2dLezy6PzvZ29uqpYBAGKXIWnjTAFBgMrZXAwDTELMAkG\nA1UEAwwCZWQwIBcNMjYxMTIxMjE0MzU1WhgPMzAyNjAzMjQyMTQzNTVaMA0xCzAJ\nBgNVBAMMAmVkMCowBQYDK2VwAyEAWoSaxmTrmA6+ZO3gjJC6/d7XMTVLVfEw4/tC\nyVtnfaqjUzBRMB0GA1UdDgQWBBR4ez4N8j5wbj1nycUX1DBUnbnYZjAfBgNVHSME\nGDAWgBR4ez4N8j5wbj1nycUX1DBUnbnYZjAPBgNVHRMBAf8EBTADAQH/MAUGAytl\ncANBABZbkiKDBfHrUMhZj7cdoJGb2aHbahNYYROGRlDmtdIBi/VkWE7zTQfuNOHk\nbq+w9JemXxVSWWjQahLgyHt4Ag8=\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nMIIBujCCAWCgAwIBAgIUKQuK9kfM1MmfuBBXFavD7xWroK0wCgYIKoZIzj0EAwIw\nNDELMAkGA1UEBhMCREUxCjAIBgNVBAoMAUExCjAIBgNVBAoMAUIxDTALBgNVBAMM\nBGxlYWYwHhcNMjYxMTIxMjE0MzU1WhcNMjcwMjE5MjE0MzU1WjA0MQswCQYDVQQG\nEwJERTEKMAgGA1UECgwBQTEKMAgGA1UECgwBQjENMAsGA1UEAwwEbGVhZjBZMBMG\nByqGSM49AgEG\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n",
    "no certificate",
];

/// Base64, readable or nearly.
pub const ENCODED: [&str; 18] = [
    "4pyT-IMOg_",
    "Pz8_Pz8-",
    "Pz8/Pz8+",
    "YWI",
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
