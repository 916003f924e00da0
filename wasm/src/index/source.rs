//! How the files of a kind are found and read, as JSON; `docs/abi.md` says what the members mean.

use palisade_lang::program::{Expects, FileFormat, FileKind, KeyValue, Merged, Shape};
use serde_json::{Map, Value, json};

/// How deep a shape may nest.
const MAX_SHAPE: usize = 16;

/// What the JSON of a route says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Described {
    pub(super) source: Option<FileKind>,
    pub(super) secrets: Vec<Vec<String>>,
}

/// The JSON of a kind, without its name.
pub(super) fn write(kind: Option<&FileKind>, secrets: &[Vec<String>]) -> String {
    let mut members = kind.map_or_else(Map::new, source);
    if !secrets.is_empty() {
        members.insert("secrets".to_owned(), json!(secrets));
    }
    Value::Object(members).to_string()
}

fn source(kind: &FileKind) -> Map<String, Value> {
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
    if let Some(expects) = &kind.expects {
        let value = json!({"path": expects.path, "values": expects.values});
        add("expects", value);
    }
    members
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

/// What a JSON describes; nothing if this version does not know it.
pub(super) fn read(name: &str, json: &[u8]) -> Option<Described> {
    let json: Value = serde_json::from_slice(json).ok()?;
    let secrets = match json.get("secrets") {
        Some(paths) => paths.as_array()?.iter().map(texts).collect::<Option<_>>()?,
        None => Vec::new(),
    };
    let is_of_the_api = !secrets.is_empty() && json.get("format").is_none();
    Some(Described {
        source: match is_of_the_api {
            true => None,
            false => Some(read_source(name, &json)?),
        },
        secrets,
    })
}

fn read_source(name: &str, json: &Value) -> Option<FileKind> {
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
    Some(FileKind {
        name: name.to_owned(),
        format,
        globs: texts(json.get("globs")?)?,
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
        expects: match json.get("expects") {
            Some(expects) => Some(Expects {
                path: texts(expects.get("path")?)?,
                values: texts(expects.get("values")?)?,
            }),
            None => None,
        },
    })
}

fn texts(json: &Value) -> Option<Vec<String>> {
    let items = json.as_array()?.iter();
    items.map(|item| item.as_str().map(str::to_owned)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(format: FileFormat, merged: Option<Merged>, shape: Shape) -> FileKind {
        FileKind {
            name: "K".to_owned(),
            format,
            globs: vec!["**/a".to_owned(), "\u{e9}\"".to_owned()],
            merged,
            shape,
            expects: merged.map(|_| Expects {
                path: vec!["a".to_owned(), "b".to_owned()],
                values: vec!["1".to_owned()],
            }),
        }
    }

    #[test]
    fn a_kind_is_read_as_it_was_written() {
        let settings = FileFormat::KeyValue(KeyValue {
            separator: ' ',
            comments: "#;".to_owned(),
            caseless: true,
            sections: false,
            blocks: Some("Match".to_owned()),
        });
        let shape = Shape::Record(vec![
            ("a".to_owned(), Shape::List(Box::new(Shape::Int))),
            (
                "b.c".to_owned(),
                Shape::Record(vec![("d".to_owned(), Shape::Bool)]),
            ),
            ("e".to_owned(), Shape::Float),
        ]);
        for kind in [
            kind(settings, Some(Merged::First), shape),
            kind(FileFormat::Json, Some(Merged::Last), Shape::Text),
            kind(FileFormat::Yaml, None, Shape::Text),
            kind(FileFormat::Toml, None, Shape::Text),
            kind(FileFormat::Dockerfile, None, Shape::Text),
            kind(FileFormat::Text, None, Shape::Text),
        ] {
            for secrets in [Vec::new(), vec![vec!["a".to_owned(), "*".to_owned()]]] {
                let json = write(Some(&kind), &secrets);
                let source = Some(kind.clone());
                let described = Described { source, secrets };
                assert_eq!(read("K", json.as_bytes()), Some(described));
            }
        }
        let secrets = vec![vec!["token".to_owned()]];
        let described = Described {
            source: None,
            secrets: secrets.clone(),
        };
        assert_eq!(read("K", write(None, &secrets).as_bytes()), Some(described));
    }

    #[test]
    fn what_no_version_wrote_is_no_kind() {
        let deep = format!(
            r##"{{"format":"keyvalue","separator":"=","comments":"#","globs":[],"fields":{}1{}}}"##,
            "[".repeat(40),
            "]".repeat(40)
        );
        for json in [
            "",
            "[]",
            r#"{"format":"xml","globs":[]}"#,
            r#"{"format":"json"}"#,
            r#"{"secrets":[]}"#,
            r#"{"secrets":[1]}"#,
            r#"{"format":"json","globs":[1]}"#,
            r#"{"format":"json","globs":[],"merged":"both"}"#,
            r#"{"format":"keyvalue","globs":[]}"#,
            &deep,
        ] {
            assert_eq!(read("K", json.as_bytes()), None, "{json}");
        }
    }
}
