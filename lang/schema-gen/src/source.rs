//! Reads the JSON schemas of all Kubernetes versions into one [`Model`].
//!
//! The input is a folder with one folder per version (`v1.25.0-local`), each with a `_definitions.json` whose `$defs`
//! are the API's definitions by full name.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::model::{Field, Model, Record, Served, Type};

/// Definitions that are not records, and what they are instead.
const SPECIAL: &[(&str, Type)] = &[
    (
        "io.k8s.apimachinery.pkg.api.resource.Quantity",
        Type::Quantity,
    ),
    (
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
        Type::IntOrString,
    ),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.Time", Type::Timestamp),
    (
        "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
        Type::Timestamp,
    ),
    (
        "io.k8s.apimachinery.pkg.apis.meta.v1.Duration",
        Type::Duration,
    ),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1", Type::Any),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.Patch", Type::Any),
    ("io.k8s.apimachinery.pkg.runtime.RawExtension", Type::Any),
    (
        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus",
        Type::Any,
    ),
];

/// Reads every version under `folder`; versions are told from the folders' names.
pub fn read_versions(folder: &Path) -> Result<Model> {
    let versions = find_versions(folder)?;
    let (Some(first), Some(last)) = (versions.first(), versions.last()) else {
        bail!("no folder named like v1.25.0-local in {}", folder.display());
    };
    let mut model = Model {
        oldest: first.0,
        newest: last.0,
        ..Model::default()
    };
    for (minor, path) in &versions {
        let text =
            fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let json: Value =
            serde_json::from_str(&text).with_context(|| format!("parsing {}", path.display()))?;
        let defs = json
            .get("$defs")
            .and_then(Value::as_object)
            .context("no $defs")?;
        for (name, def) in defs {
            read_definition(&mut model, *minor, name, def, defs)
                .with_context(|| format!("{name} of 1.{minor}"))?;
        }
    }
    close_kinds(&mut model);
    Ok(model)
}

fn find_versions(folder: &Path) -> Result<Vec<(u8, PathBuf)>> {
    let mut versions = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let minor = name
            .to_str()
            .and_then(|name| name.strip_prefix("v1.")?.strip_suffix(".0-local"))
            .and_then(|minor| minor.parse::<u8>().ok());
        if let Some(minor) = minor {
            versions.push((minor, entry.path().join("_definitions.json")));
        }
    }
    versions.sort();
    for pair in versions.windows(2) {
        if let [(a, _), (b, _)] = pair {
            ensure!(
                a + 1 == *b,
                "1.{a} is followed by 1.{b}: a version is missing"
            );
        }
    }
    Ok(versions)
}

fn read_definition(
    model: &mut Model,
    minor: u8,
    name: &str,
    def: &Value,
    defs: &Map<String, Value>,
) -> Result<()> {
    if special(name, def).is_some() {
        return Ok(());
    }
    let record = model
        .records
        .entry(name.to_owned())
        .or_insert_with(|| Record {
            name: short_name(name).to_owned(),
            since: minor,
            until: minor,
            fields: Default::default(),
        });
    record.until = minor;
    let required = string_list(def.get("required"));
    for (field_name, schema) in def
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let ty = read_type(schema, defs).with_context(|| format!("field {field_name}"))?;
        let field = record
            .fields
            .entry(field_name.clone())
            .or_insert_with(|| Field::new(ty.clone(), minor, minor));
        field.ty = ty;
        field.until = minor;
        field.required = required.contains(field_name);
        field.list_keys = string_list(schema.get("x-kubernetes-list-map-keys"));
    }
    if has_object_meta(def) {
        read_kinds(model, minor, name, def);
    }
    Ok(())
}

/// The kinds of the table are the objects: what has an `ObjectMeta`. Lists are unrolled by the reader of manifests.
fn has_object_meta(def: &Value) -> bool {
    def.pointer("/properties/metadata/$ref")
        .and_then(Value::as_str)
        .is_some_and(|target| target.ends_with(".meta.v1.ObjectMeta"))
}

fn read_kinds(model: &mut Model, minor: u8, name: &str, def: &Value) {
    let tags = def
        .get("x-kubernetes-group-version-kind")
        .and_then(Value::as_array);
    for tag in tags.into_iter().flatten() {
        let text = |key: &str| {
            tag.get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (group, version) = (text("group"), text("version"));
        let kind = model
            .kinds
            .entry((text("kind"), group.clone()))
            .or_default();
        let known = kind
            .versions
            .iter_mut()
            .find(|served| served.version == version);
        match known {
            Some(served) => served.until = Some(minor),
            None => kind.versions.push(Served {
                group,
                version,
                since: (minor > model.oldest).then_some(minor),
                until: Some(minor),
                root: Some(name.to_owned()),
            }),
        }
    }
}

/// What the newest version serves has no end.
fn close_kinds(model: &mut Model) {
    let newest = model.newest;
    for kind in model.kinds.values_mut() {
        for served in &mut kind.versions {
            served.until = served.until.filter(|until| *until < newest);
        }
    }
}

fn read_type(schema: &Value, defs: &Map<String, Value>) -> Result<Type> {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target
            .strip_prefix("#/$defs/")
            .context("a reference to elsewhere")?;
        let def = defs
            .get(name)
            .with_context(|| format!("no definition {name}"))?;
        return Ok(special(name, def).unwrap_or_else(|| Type::Record(name.to_owned())));
    }
    let Some(kind) = json_type(schema) else {
        return Ok(Type::Any);
    };
    Ok(match kind {
        "string" => Type::String,
        "boolean" => Type::Bool,
        "integer" => Type::Int,
        "number" => Type::Float,
        "array" => {
            let items = schema.get("items").context("an array without items")?;
            Type::List(Box::new(read_type(items, defs)?))
        }
        "object" => match schema.get("additionalProperties") {
            Some(values) => Type::Map(Box::new(read_type(values, defs)?)),
            None => Type::Any,
        },
        other => bail!("unknown type {other}"),
    })
}

/// The JSON type, where `["string", "null"]` counts as `string`: null is absent.
fn json_type(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(name) => Some(name),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn special(name: &str, def: &Value) -> Option<Type> {
    let listed = SPECIAL
        .iter()
        .find(|(special, _)| *special == name)
        .map(|(_, ty)| ty.clone());
    // A definition without a type (`JSON`, `JSONSchemaPropsOrBool`) may be anything.
    listed.or_else(|| (json_type(def) != Some("object")).then_some(Type::Any))
}

fn short_name(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn string_list(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}
