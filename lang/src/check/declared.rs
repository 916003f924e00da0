//! Kinds that a pack declares: `kind NAME for GROUP { … }` and `kind NAME from crd "path"`; those of files are in `files`.

use serde_json::Value;

use super::context::Ctx;
use super::env::State;
use super::kinds::{record_ref, schema};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, KindRef, RecordField, RecordType, Type};
use crate::span::Span;
use crate::syntax::ast::{KindDeclaration, KindSource};

impl Ctx<'_> {
    /// A kind that the pack declares, by its group and name; its type is absent if it is wrong.
    pub(super) fn declared_kind(
        &mut self,
        group: Option<&str>,
        name: &str,
        span: Span,
    ) -> Option<(KindRef, Option<BaseType>)> {
        let declared = self.env.kinds.get(name)?;
        let state = self.env.kind_states.borrow().get(name).cloned();
        let found = match state {
            Some(State::Done(found)) => found,
            Some(State::Open) => {
                let message = format!("kind `{name}` contains itself");
                self.report(
                    Diagnostic::error("recursion", message, span, "used in its own fields")
                        .with_help("write `any` where it repeats, and read that with `as`"),
                );
                (Vec::new(), BaseType::Error)
            }
            None => {
                let states = &self.env.kind_states;
                states.borrow_mut().insert(name.to_owned(), State::Open);
                let mut ctx = Ctx::apart(self.env, self.env.text(declared.span.file));
                let found = ctx.look_into_kind(declared.item);
                ctx.hand_over();
                states
                    .borrow_mut()
                    .insert(name.to_owned(), State::Done(found.clone()));
                found
            }
        };
        let (groups, base) = found;
        let is_elsewhere = |group| !groups.iter().any(|known| known == group);
        // What went wrong has no groups either.
        if group.is_some_and(is_elsewhere) && base != BaseType::Error {
            return None;
        }
        declared.used.set(true);
        let kind = KindRef {
            groups,
            kind: name.to_owned(),
        };
        Some((kind, (base != BaseType::Error).then_some(base)))
    }

    /// Groups and type of a declared kind.
    fn look_into_kind(&mut self, item: &KindDeclaration) -> (Vec<String>, BaseType) {
        let failed = (Vec::new(), BaseType::Error);
        match &item.source {
            KindSource::Group(group) => {
                let name = if group.text == "core" {
                    ""
                } else {
                    group.text.as_str()
                };
                let fields = item.fields.as_deref().unwrap_or_default();
                let base = self.record_type(&item.name.text, fields);
                (vec![name.to_owned()], self.as_object(&item.name.text, base))
            }
            KindSource::File {
                format, patterns, ..
            } if format.text == "crd" => {
                let Some(path) = patterns.first() else {
                    return failed;
                };
                let read = match self.env.files {
                    Some(files) => files.read(&path.text),
                    None => Err("files cannot be read here".to_owned()),
                };
                let found = read.and_then(|text| {
                    let json: Value = serde_json::from_str(&text)
                        .map_err(|error| format!("it is no JSON: {error}"))?;
                    definition(&json, &item.name.text).ok_or_else(|| {
                        format!("it defines no kind `{}` with a schema", item.name.text)
                    })
                });
                match found {
                    Ok((group, schema)) => {
                        let base = self.structural(&schema, &item.name.text);
                        (vec![group], self.as_object(&item.name.text, base))
                    }
                    Err(problem) => {
                        let message = format!("`{}` gives no kind: {problem}", path.text);
                        self.report(
                            Diagnostic::error("bad-crd", message, path.span, "no definition")
                                .with_help("name the manifest of a CustomResourceDefinition"),
                        );
                        failed
                    }
                }
            }
            KindSource::File { .. } => (Vec::new(), self.file_type(item)),
        }
    }

    /// A record with the fields that every object has.
    fn as_object(&self, name: &str, base: BaseType) -> BaseType {
        let BaseType::Record(records) = &base else {
            return base;
        };
        let mut fields: Vec<RecordField> = Vec::new();
        let metadata = schema().records_named("ObjectMeta").next();
        let metadata = metadata.map_or(BaseType::Any, |found| {
            BaseType::Record(vec![record_ref(found.id)])
        });
        for (name, ty) in [
            ("apiVersion", BaseType::String),
            ("kind", BaseType::String),
            ("metadata", metadata),
        ] {
            fields.push(field(name, Type::plain(ty)));
        }
        for name in self.env.field_names(records) {
            if fields.iter().any(|known| known.name == name) {
                continue;
            }
            if let Some(info) = self.env.field_of(records, &name) {
                fields.push(RecordField {
                    name,
                    default: match &info.absence {
                        super::kinds::Absence::Default(value) => Some(value.clone()),
                        _ => None,
                    },
                    ty: Type {
                        optional: info.absence == super::kinds::Absence::Optional
                            && !matches!(info.base, BaseType::List(_) | BaseType::Map(_)),
                        base: info.base,
                    },
                });
            }
        }
        let record = self.env.declare_record(RecordType {
            name: name.to_owned(),
            fields,
        });
        for name in self.env.field_names(records) {
            let field = self.env.field_of(records, &name);
            if field.is_some_and(|field| field.sensitive) {
                self.env.keep_secret(&record, &name);
            }
        }
        BaseType::Record(vec![record])
    }

    /// The type that an `OpenAPI` schema describes.
    fn structural(&self, schema: &Value, name: &str) -> BaseType {
        let is = |key: &str| schema.get(key).and_then(Value::as_bool) == Some(true);
        if is("x-kubernetes-int-or-string") {
            return BaseType::IntOrString;
        }
        if is("x-kubernetes-preserve-unknown-fields") {
            return BaseType::Any;
        }
        let list_of = |of: BaseType| BaseType::List(Box::new(of));
        match schema.get("type").and_then(Value::as_str) {
            Some("boolean") => BaseType::Bool,
            Some("integer") => BaseType::Int,
            Some("number") => BaseType::Float,
            Some("string") => string_type(schema),
            Some("array") => match schema.get("items") {
                Some(items) => list_of(self.structural(items, name)),
                None => list_of(BaseType::Any),
            },
            Some("object") => {
                match (schema.get("properties"), schema.get("additionalProperties")) {
                    (Some(Value::Object(properties)), _) => {
                        let required: Vec<&str> = schema
                            .get("required")
                            .and_then(Value::as_array)
                            .map(|names| names.iter().filter_map(Value::as_str).collect())
                            .unwrap_or_default();
                        let fields = properties
                            .iter()
                            .map(|(key, value)| self.property(key, value, name, &required))
                            .collect();
                        let record = RecordType {
                            name: name.to_owned(),
                            fields,
                        };
                        BaseType::Record(vec![self.env.declare_record(record)])
                    }
                    (_, Some(value @ Value::Object(_))) => {
                        BaseType::Map(Box::new(self.structural(value, name)))
                    }
                    _ => BaseType::Any,
                }
            }
            _ => BaseType::Any,
        }
    }

    fn property(&self, key: &str, value: &Value, owner: &str, required: &[&str]) -> RecordField {
        let mut initial = key.chars();
        let name: String = match initial.next() {
            Some(first) => first.to_uppercase().chain(initial).collect(),
            None => String::new(),
        };
        let base = self.structural(value, &format!("{owner}{name}"));
        let default = value.get("default").and_then(|json| {
            let text = json.to_string();
            super::kinds::default_value(&text, &base)
        });
        let is_collection = matches!(base, BaseType::List(_) | BaseType::Map(_));
        let is_needed = required.contains(&key) || default.is_some() || is_collection;
        RecordField {
            name: key.to_owned(),
            ty: Type {
                base,
                optional: !is_needed,
            },
            default,
        }
    }
}

fn field(name: &str, ty: Type) -> RecordField {
    RecordField {
        name: name.to_owned(),
        ty,
        default: None,
    }
}

fn string_type(schema: &Value) -> BaseType {
    if let Some(Value::Array(members)) = schema.get("enum") {
        let texts: Option<Vec<String>> = members
            .iter()
            .map(|member| member.as_str().map(str::to_owned))
            .collect();
        if let Some(texts) = texts {
            return BaseType::Enum(texts);
        }
    }
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => BaseType::Timestamp,
        Some("duration") => BaseType::Duration,
        _ => BaseType::String,
    }
}

/// Group and schema of the kind in a definition, which may be one of a list. The stored version counts.
fn definition(json: &Value, kind: &str) -> Option<(String, Value)> {
    if let Value::Array(all) = json {
        return all.iter().find_map(|one| definition(one, kind));
    }
    let spec = json.get("spec")?;
    if spec.get("names")?.get("kind")?.as_str()? != kind {
        return None;
    }
    let group = spec.get("group")?.as_str()?.to_owned();
    let versions = spec.get("versions")?.as_array()?;
    let is_stored =
        |version: &&Value| version.get("storage").and_then(Value::as_bool) == Some(true);
    let version = versions.iter().find(is_stored).or(versions.first())?;
    let schema = version.get("schema")?.get("openAPIV3Schema")?;
    Some((group, schema.clone()))
}
