//! The committed table against its sources. Runs where `PALISADE_KUBERNETES_SCHEMAS` names the folder of JSON schemas
//! (README.md tells how to get it); elsewhere each test says that it did not run.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use palisade_lang::schema::{FieldType, Record, RecordId, Schema};
use serde_json::Value;

const SOURCES: &str = "PALISADE_KUBERNETES_SCHEMAS";

/// The folder of the sources, or `None` after saying that `test` did not run.
fn find_sources(test: &str) -> Option<PathBuf> {
    let folder = env::var_os(SOURCES).map(PathBuf::from);
    let required = env::var("PALISADE_REQUIRE").is_ok_and(|list| list.contains("schemas"));
    assert!(folder.is_some() || !required, "{SOURCES} is not set");
    if folder.is_none() {
        println!("{test} did not run: {SOURCES} is not set");
    }
    folder
}

fn data_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")
}

/// The definitions of every version, read here without the generator's code.
fn read_definitions(folder: &Path) -> BTreeMap<u8, Value> {
    let mut versions = BTreeMap::new();
    for minor in 25..=37 {
        let path = folder.join(format!("v1.{minor}.0-local/_definitions.json"));
        let json: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        versions.insert(minor, json["$defs"].clone());
    }
    versions
}

#[test]
fn the_committed_table_is_what_the_generator_writes() {
    let Some(folder) = find_sources("regenerate") else {
        return;
    };
    let fresh = palisade_schema_gen::generate(&folder, &data_folder().join("overlay")).unwrap();
    let committed = fs::read(data_folder().join("kubernetes.schema")).unwrap();
    println!(
        "{} bytes committed, {} generated",
        committed.len(),
        fresh.len()
    );
    assert!(
        fresh == committed,
        "run the generator and commit lang/data/kubernetes.schema"
    );
}

/// What a walk through one version's definitions and the table saw.
#[derive(Default)]
struct Walk {
    seen: BTreeSet<(u8, String, RecordId)>,
    n_fields: usize,
    /// Fields whose record has another name in the newest version: the table knows that one only.
    moved: BTreeSet<String>,
    wrong: Vec<String>,
}

#[test]
fn every_kind_of_every_version_has_the_fields_of_its_schema() {
    let Some(folder) = find_sources("compare with the sources") else {
        return;
    };
    let schema = Schema::kubernetes();
    let mut walk = Walk::default();
    let mut kinds = BTreeSet::new();
    let mut n_served = 0;
    for (minor, defs) in &read_definitions(&folder) {
        for (name, def) in defs.as_object().unwrap() {
            let meta = def["properties"]["metadata"]["$ref"]
                .as_str()
                .unwrap_or_default();
            if !meta.ends_with(".ObjectMeta") {
                continue;
            }
            for tag in def["x-kubernetes-group-version-kind"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let text = |key: &str| tag[key].as_str().unwrap();
                let (group, version, kind) = (text("group"), text("version"), text("kind"));
                let found = schema
                    .kind(group, kind)
                    .and_then(|it| it.served(group, version));
                let Some(served) = found else {
                    walk.wrong
                        .push(format!("1.{minor}: no {group}/{version} {kind}"));
                    continue;
                };
                let since = served.since.is_none_or(|since| since.minor <= *minor);
                let until = served.until.is_none_or(|until| until.minor >= *minor);
                if !since || !until {
                    walk.wrong
                        .push(format!("1.{minor}: {group}/{version} {kind} is served"));
                }
                kinds.insert((group.to_owned(), kind.to_owned()));
                n_served += 1;
                let root = schema.record(served.root.unwrap());
                compare(&mut walk, *minor, defs, name, root);
            }
        }
    }
    println!(
        "{} kinds, {n_served} kinds × versions, {} records × versions, {} fields × versions",
        kinds.len(),
        walk.seen.len(),
        walk.n_fields
    );
    assert_eq!(walk.wrong, Vec::<String>::new());
    let moved: Vec<&str> = walk.moved.iter().map(String::as_str).collect();
    assert_eq!(moved, MOVED);
    assert_eq!((kinds.len(), n_served), (88, 1089));
    // The rest of the table's kinds are the overlay's own.
    assert_eq!(schema.kinds().count(), kinds.len() + 9);
}

/// The only fields of older versions that the table types as the newest version does, by another record.
const MOVED: &[&str] = &[
    "1.25: io.k8s.api.core.v1.PersistentVolumeClaimSpec.dataSourceRef",
    "1.25: io.k8s.api.core.v1.PersistentVolumeClaimSpec.resources",
    "1.25: io.k8s.api.networking.v1.IngressStatus.loadBalancer",
    "1.26: io.k8s.api.core.v1.PersistentVolumeClaimSpec.resources",
    "1.27: io.k8s.api.core.v1.PersistentVolumeClaimSpec.resources",
    "1.28: io.k8s.api.core.v1.PersistentVolumeClaimSpec.resources",
];

fn compare(walk: &mut Walk, minor: u8, defs: &Value, name: &str, record: Record) {
    if !walk.seen.insert((minor, name.to_owned(), record.id)) {
        return;
    }
    let properties = defs[name]["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    for (field_name, property) in &properties {
        walk.n_fields += 1;
        let at = format!("1.{minor}: {name}.{field_name}");
        let Some(field) = record.field(field_name) else {
            walk.wrong.push(format!("{at} is not in the table"));
            continue;
        };
        let since = field.since.is_none_or(|since| since.minor <= minor);
        let until = field.until.is_none_or(|until| until.minor >= minor);
        if !since || !until {
            walk.wrong.push(format!(
                "{at} is there, not only {:?} to {:?}",
                field.since, field.until
            ));
        }
        compare_type(walk, minor, defs, &at, property, field.ty);
    }
    for field in record.fields() {
        let since = field.since.is_none_or(|since| since.minor <= minor);
        let until = field.until.is_none_or(|until| until.minor >= minor);
        if since && until && !properties.contains_key(field.name) {
            walk.wrong
                .push(format!("1.{minor}: {name} has no {}", field.name));
        }
    }
}

fn compare_type(walk: &mut Walk, minor: u8, defs: &Value, at: &str, given: &Value, ty: FieldType) {
    let schema = Schema::kubernetes();
    let wanted = if let Some(target) = given["$ref"].as_str() {
        let name = target.trim_start_matches("#/$defs/");
        if let FieldType::Record(id) = ty {
            let record = schema.record(id);
            if !name.ends_with(&format!(".{}", record.name)) {
                walk.moved.insert(at.to_owned());
                return;
            }
            return compare(walk, minor, defs, name, record);
        }
        name.rsplit('.').next().unwrap().to_owned()
    } else {
        let json_type = &given["type"];
        let name = json_type
            .as_str()
            .or(json_type[0].as_str())
            .unwrap_or("any");
        if let (FieldType::List(inner), "array") = (ty, name) {
            return compare_type(
                walk,
                minor,
                defs,
                at,
                &given["items"],
                schema.resolve(inner),
            );
        }
        if let (FieldType::Map(inner), "object") = (ty, name) {
            let values = &given["additionalProperties"];
            return compare_type(walk, minor, defs, at, values, schema.resolve(inner));
        }
        name.to_owned()
    };
    let fits = match wanted.as_str() {
        "string" => ty == FieldType::String,
        "boolean" => ty == FieldType::Bool,
        "integer" => ty == FieldType::Int,
        "number" => ty == FieldType::Float,
        "Quantity" => ty == FieldType::Quantity,
        "IntOrString" => ty == FieldType::IntOrString,
        "Time" | "MicroTime" => ty == FieldType::Timestamp,
        "FieldsV1"
        | "RawExtension"
        | "JSON"
        | "JSONSchemaPropsOrArray"
        | "JSONSchemaPropsOrBool"
        | "JSONSchemaPropsOrStringArray"
        | "CustomResourceSubresourceStatus" => ty == FieldType::Any,
        _ => false,
    };
    if !fits {
        walk.wrong.push(format!("{at} is a {wanted}, not {ty:?}"));
    }
}

#[test]
fn the_newest_version_says_what_is_required() {
    let Some(folder) = find_sources("compare required fields") else {
        return;
    };
    let newest = read_definitions(&folder).remove(&37).unwrap();
    let schema = Schema::kubernetes();
    let overlay = fs::read_to_string(data_folder().join("overlay/required.tsv")).unwrap();
    let mut n_required = 0;
    for (name, def) in newest.as_object().unwrap() {
        // Only names that one definition has: others cannot be told apart by their short name.
        let short = name.rsplit('.').next().unwrap();
        let twins = newest.as_object().unwrap().keys();
        let is_only = twins
            .filter(|other| other.ends_with(&format!(".{short}")))
            .count()
            == 1;
        let records: Vec<Record> = schema.records_named(short).collect();
        let ([record], true) = (records.as_slice(), is_only) else {
            continue;
        };
        let required: BTreeSet<&str> = def["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let meta = def["properties"]["metadata"]["$ref"]
            .as_str()
            .unwrap_or_default();
        let tagged = def["x-kubernetes-group-version-kind"].is_array();
        let is_kind = tagged && meta.ends_with(".ObjectMeta");
        for field in record.fields().filter(|field| field.until.is_none()) {
            let identity = is_kind && ["apiVersion", "kind", "metadata"].contains(&field.name);
            let by_hand = overlay.lines().any(|line| {
                line.split_once('\t').is_some_and(|(record, of)| {
                    of == field.name && name.ends_with(&format!(".{record}"))
                })
            });
            let expected = required.contains(field.name) || identity || by_hand;
            assert_eq!(field.required, expected, "{name}.{}", field.name);
            n_required += usize::from(expected);
        }
    }
    println!("{n_required} required fields compared");
    assert!(n_required > 500);
}
