//! How the files of a kind are found and read, as JSON; `docs/abi.md` says what the members mean.

use palisade_lang::program::{FileFormat, FileKind, KeyValue, Merged, Shape};
use serde_json::{Map, Value, json};

/// How deep a shape may nest.
const MAX_SHAPE: usize = 16;

/// The JSON of a kind, without its name.
pub(super) fn write(kind: &FileKind) -> String {
    let mut members = Map::new();
    let mut add = |key: &str, value: Value| members.insert(key.to_owned(), value);
    let format = match &kind.format {
        FileFormat::Json => "json",
        FileFormat::Yaml => "yaml",
        FileFormat::Toml => "toml",
        FileFormat::Dockerfile => "dockerfile",
        FileFormat::Text => "text",
        FileFormat::KeyValue(options) => {
            add("separator", options.separator.to_string().into());
            add("comments", options.comments.as_str().into());
            add("caseless", options.caseless.into());
            add("sections", options.sections.into());
            add("blocks", options.blocks.as_deref().into());
            // Only this format has values without types.
            add("fields", shape(&kind.shape));
            "keyvalue"
        }
    };
    add("format", format.into());
    add("globs", kind.globs.clone().into());
    if let Some(which) = kind.merged {
        let which = match which {
            Merged::First => "first",
            Merged::Last => "last",
        };
        add("merged", which.into());
    }
    Value::Object(members).to_string()
}

fn shape(of: &Shape) -> Value {
    match of {
        Shape::Text => "string".into(),
        Shape::Bool => "bool".into(),
        Shape::Int => "int".into(),
        Shape::Float => "float".into(),
        Shape::List(of) => json!([shape(of)]),
        Shape::Record(fields) => {
            let fields = fields.iter().map(|(name, of)| (name.clone(), shape(of)));
            Value::Object(fields.collect())
        }
    }
}

/// The kind that a JSON describes; nothing if it is none that this version knows.
pub(super) fn read(name: &str, json: &[u8]) -> Option<FileKind> {
    let json: Value = serde_json::from_slice(json).ok()?;
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    let flag = |key: &str| json.get(key).and_then(Value::as_bool).unwrap_or(false);
    let format = match text("format")? {
        "json" => FileFormat::Json,
        "yaml" => FileFormat::Yaml,
        "toml" => FileFormat::Toml,
        "dockerfile" => FileFormat::Dockerfile,
        "text" => FileFormat::Text,
        "keyvalue" => FileFormat::KeyValue(KeyValue {
            separator: text("separator")?.chars().next()?,
            comments: text("comments")?.to_owned(),
            caseless: flag("caseless"),
            sections: flag("sections"),
            blocks: text("blocks").map(str::to_owned),
        }),
        _ => return None,
    };
    let globs = json.get("globs")?.as_array()?.iter();
    Some(FileKind {
        name: name.to_owned(),
        format,
        globs: globs
            .map(|glob| glob.as_str().map(str::to_owned))
            .collect::<Option<_>>()?,
        merged: match text("merged") {
            None => None,
            Some("first") => Some(Merged::First),
            Some("last") => Some(Merged::Last),
            Some(_) => return None,
        },
        shape: match json.get("fields") {
            Some(fields) => read_shape(fields, MAX_SHAPE)?,
            None => Shape::Text,
        },
    })
}

fn read_shape(json: &Value, levels: usize) -> Option<Shape> {
    let levels = levels.checked_sub(1)?;
    Some(match json {
        Value::String(word) => match word.as_str() {
            "string" => Shape::Text,
            "bool" => Shape::Bool,
            "int" => Shape::Int,
            "float" => Shape::Float,
            _ => return None,
        },
        Value::Array(of) => Shape::List(Box::new(read_shape(of.first()?, levels)?)),
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, of)| Some((name.clone(), read_shape(of, levels)?)));
            Shape::Record(fields.collect::<Option<_>>()?)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => return None,
    })
}
