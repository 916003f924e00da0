//! Random pods, deployments and things that pretend to be one.

use palisade_abi::tape::{Builder, Tape, is_template};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// Runs so many cases, the same ones every time: tests count what they have seen.
pub(crate) fn runner(n_cases: u32) -> TestRunner {
    let config = ProptestConfig {
        cases: n_cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// A value as a test writes it.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(&'static str),
    Text(String),
    Template(&'static str),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    pub(crate) fn to_tape(&self) -> Tape {
        let mut builder = Builder::new();
        self.write(&mut builder);
        builder.finish()
    }

    fn write(&self, to: &mut Builder) {
        match self {
            Self::Null => to.null(),
            Self::Bool(value) => to.bool(*value),
            Self::Int(value) => to.int(*value),
            Self::Float(text) => to.float(text),
            Self::Text(text) if is_template(text) => to.unknown(text),
            Self::Text(text) => to.string(text),
            Self::Template(text) => to.unknown(text),
            Self::List(items) => {
                let id = to.start_list();
                items.iter().for_each(|item| item.write(to));
                to.end();
                id
            }
            Self::Map(members) => {
                let id = to.start_map();
                for (key, value) in members {
                    to.key(key);
                    value.write(to);
                }
                to.end();
                id
            }
        };
    }

    /// As JSON; nothing if it holds a template, which JSON has not.
    pub(crate) fn to_json(&self) -> Option<String> {
        Some(match self {
            Self::Null => "null".into(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(text) => (*text).into(),
            Self::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
            Self::Template(_) => return None,
            Self::List(items) => {
                let items: Option<Vec<_>> = items.iter().map(Self::to_json).collect();
                format!("[{}]", items?.join(","))
            }
            Self::Map(members) => {
                let members: Option<Vec<_>> = (members.iter())
                    .map(|(key, value)| {
                        Some(format!(
                            "{}:{}",
                            serde_json::Value::from(key.as_str()),
                            value.to_json()?
                        ))
                    })
                    .collect();
                format!("{{{}}}", members?.join(","))
            }
        })
    }
}

/// The keys that the policies of these tests read, and some that they do not.
const KEYS: [&str; 22] = [
    "apiVersion",
    "kind",
    "metadata",
    "name",
    "namespace",
    "generateName",
    "labels",
    "spec",
    "containers",
    "initContainers",
    "ephemeralContainers",
    "securityContext",
    "privileged",
    "image",
    "resources",
    "limits",
    "memory",
    "command",
    "restartPolicy",
    "hostNetwork",
    "template",
    "a.b/c d",
];

const TEXTS: [&str; 14] = [
    "",
    "app",
    "web",
    "Always",
    "nginx",
    "nginx:1.2",
    "registry.io/x/y@sha256:00",
    "{{ x }}",
    "100Mi",
    "2Gi",
    "0.5",
    "4GB",
    "ü \"q\"\n",
    "true",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        3 => any::<bool>().prop_map(Value::Bool),
        2 => (-3..9_i64).prop_map(Value::Int),
        1 => prop::sample::select(vec!["1.5", "-0", "1e3"]).prop_map(Value::Float),
        5 => prop::sample::select(&TEXTS[..]).prop_map(|text| Value::Text(text.into())),
        1 => prop::sample::select(vec!["{{ .Values.x }}", "${X}"]).prop_map(Value::Template),
    ]
}

fn map(value: impl Strategy<Value = Value>, most: usize) -> impl Strategy<Value = Value> {
    let key = prop::sample::select(&KEYS[..]).prop_map(str::to_owned);
    proptest::collection::btree_map(key, value, 0..most)
        .prop_map(|members| Value::Map(members.into_iter().collect()))
}

/// Anything below one of the keys.
fn anything() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            map(inner, 5),
        ]
    })
}

fn or_anything(usual: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![9 => usual, 1 => anything()].boxed()
}

/// A map in which each member is there two times out of three.
fn record(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let members: Vec<_> = (members.into_iter())
        .map(|(key, value)| {
            proptest::option::weighted(0.66, or_anything(value))
                .prop_map(move |value| value.map(|value| (key.to_owned(), value)))
                .boxed()
        })
        .collect();
    let extra = proptest::option::weighted(0.2, scalar());
    (members, extra)
        .prop_map(|(members, extra)| {
            let mut members: Vec<_> = members.into_iter().flatten().collect();
            members.extend(extra.map(|extra| ("unread".to_owned(), extra)));
            Value::Map(members)
        })
        .boxed()
}

fn container() -> BoxedStrategy<Value> {
    let limits = record(vec![
        ("memory", scalar().boxed()),
        ("a.b/c d", scalar().boxed()),
    ]);
    record(vec![
        ("name", scalar().boxed()),
        (
            "image",
            prop_oneof![4 => scalar(), 1 => Just(Value::Text("{{ x }}".into()))].boxed(),
        ),
        (
            "securityContext",
            record(vec![("privileged", scalar().boxed())]),
        ),
        ("resources", record(vec![("limits", limits)])),
        (
            "command",
            proptest::collection::vec(scalar(), 0..8)
                .prop_map(Value::List)
                .boxed(),
        ),
        ("restartPolicy", scalar().boxed()),
    ])
}

fn pod_spec() -> BoxedStrategy<Value> {
    let containers = || {
        let list = proptest::collection::vec(or_anything(container()), 0..4);
        list.prop_map(Value::List).boxed()
    };
    record(vec![
        ("initContainers", containers()),
        ("containers", containers()),
        ("ephemeralContainers", containers()),
        ("hostNetwork", scalar().boxed()),
        ("restartPolicy", scalar().boxed()),
    ])
}

/// An object of a kind that the policies of these tests read.
pub(crate) fn object() -> impl Strategy<Value = Value> {
    let metadata = || {
        record(vec![
            ("name", scalar().boxed()),
            (
                "namespace",
                prop_oneof![scalar(), Just(Value::Text("web".into()))].boxed(),
            ),
            ("generateName", scalar().boxed()),
            ("labels", map(scalar(), 5).boxed()),
        ])
    };
    let pod = || vec![("metadata", metadata()), ("spec", pod_spec())];
    let pods = record(pod()).prop_map(|body| with_kind("v1", "Pod", body));
    let template = record(vec![("template", record(pod()))]);
    let deployments = record(vec![("metadata", metadata()), ("spec", template)])
        .prop_map(|body| with_kind("apps/v1", "Deployment", body));
    prop_oneof![2 => pods, 1 => deployments]
}

fn with_kind(api_version: &str, kind: &str, body: Value) -> Value {
    let named = [("apiVersion", api_version), ("kind", kind)];
    let mut members: Vec<_> = (named.iter())
        .map(|&(key, text)| (key.to_owned(), Value::Text(text.into())))
        .collect();
    if let Value::Map(more) = body {
        members.extend(more);
    }
    Value::Map(members)
}
