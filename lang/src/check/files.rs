//! `kind NAME from FORMAT "glob", …`: files that are no Kubernetes objects, and the fields that their readers give.

use super::context::Ctx;
use super::env::{Env, State};
use super::words::near;
use crate::diagnostic::Diagnostic;
use crate::program::{
    BaseType, Expects, FileFormat, FileKind, KeyValue, KindRef, Merged, Policy, RecordField,
    RecordRef, RecordType, Shape, Target, Type,
};
use crate::syntax::ast::{KindDeclaration, KindSource, Name};

/// The target that every text file meets.
pub(super) const ANY_FILE: &str = "file";
/// How deep the shape of a declared record is followed.
const MAX_SHAPE: usize = 8;
/// The options of the format `keyvalue`.
const OPTIONS: [&str; 5] = ["separator", "comments", "caseless", "sections", "blocks"];
/// The option of formats whose documents say what they are.
const EXPECTS: &str = "expects";

pub(super) fn any_file_ref() -> KindRef {
    KindRef {
        groups: Vec::new(),
        kind: ANY_FILE.to_owned(),
    }
}

/// The kinds of file that policies are on or ask for, by name.
pub(super) fn file_kinds(env: &Env<'_>, policies: &[Policy]) -> Vec<FileKind> {
    let mut names: Vec<String> = env.asked_files.borrow().iter().cloned().collect();
    let views = env.take_views();
    for target in policies
        .iter()
        .flat_map(|policy| &policy.bodies)
        .flat_map(|body| &body.targets)
    {
        match target {
            Target::Kind(kind) if !kind.is_of_api() => names.push(kind.kind.clone()),
            Target::View(view) => {
                let arms = views
                    .get(view.0 as usize)
                    .map_or(&[][..], |view| &view.arms);
                let of_files = arms.iter().filter(|arm| arm.kind.groups.is_empty());
                names.extend(of_files.map(|arm| arm.kind.kind.clone()));
            }
            Target::Kind(_) | Target::Subresource(..) => {}
        }
    }
    names.sort_unstable();
    names.dedup();
    names
        .iter()
        .filter_map(|name| {
            if name == ANY_FILE && !env.kinds.contains_key(ANY_FILE) {
                return Some(any_file_kind());
            }
            let declared = env.kinds.get(name.as_str())?;
            let states = env.kind_states.borrow();
            let Some(State::Done((_, base))) = states.get(name.as_str()) else {
                return None;
            };
            file_kind(env, declared.item, base)
        })
        .collect()
}

fn any_file_kind() -> FileKind {
    FileKind {
        name: ANY_FILE.to_owned(),
        format: FileFormat::Text,
        globs: vec!["**".to_owned()],
        merged: None,
        shape: Shape::Text,
        expects: None,
    }
}

fn file_kind(env: &Env<'_>, item: &KindDeclaration, base: &BaseType) -> Option<FileKind> {
    let KindSource::File {
        format,
        options,
        patterns,
        merged,
    } = &item.source
    else {
        return None;
    };
    Some(FileKind {
        name: item.name.text.clone(),
        format: match format.text.as_str() {
            "json" => FileFormat::Json,
            "yaml" => FileFormat::Yaml,
            "toml" => FileFormat::Toml,
            "dockerfile" => FileFormat::Dockerfile,
            "keyvalue" => FileFormat::KeyValue(key_value(options)),
            "text" => FileFormat::Text,
            _ => return None,
        },
        globs: patterns.iter().map(|glob| glob.text.clone()).collect(),
        merged: merged.as_ref().map(|which| match which.text.as_str() {
            "first" => Merged::First,
            _ => Merged::Last,
        }),
        shape: shape(env, base, MAX_SHAPE),
        expects: options
            .iter()
            .find(|(name, _)| name.text == EXPECTS)
            .and_then(|(_, value)| Expects::parse(&value.text)),
    })
}

fn key_value(options: &[(Name, Name)]) -> KeyValue {
    let value = |wanted: &str| {
        let option = options.iter().find(|(name, _)| name.text == wanted);
        option.map(|(_, value)| value.text.as_str())
    };
    let separator = value("separator").and_then(|text| text.chars().next());
    let separator = separator.unwrap_or('=');
    KeyValue {
        separator,
        comments: value("comments").unwrap_or("#;").to_owned(),
        caseless: value("caseless") == Some("true"),
        sections: value("sections") == Some("true"),
        blocks: value("blocks").map(str::to_owned),
    }
}

/// What text is read as where a value of the type is expected.
fn shape(env: &Env<'_>, base: &BaseType, levels: usize) -> Shape {
    let Some(levels) = levels.checked_sub(1) else {
        return Shape::Text;
    };
    match base {
        BaseType::Bool => Shape::Bool,
        BaseType::Int => Shape::Int,
        BaseType::Float => Shape::Float,
        BaseType::List(of) => Shape::List(Box::new(shape(env, of, levels))),
        BaseType::Record(records) => {
            let names = env.field_names(records);
            let fields = names.into_iter().filter_map(|name| {
                let field = env.field_of(records, &name)?;
                let shape = shape(env, &field.base, levels);
                Some((name, shape))
            });
            Shape::Record(fields.collect())
        }
        BaseType::String
        | BaseType::Enum(_)
        | BaseType::Quantity
        | BaseType::IntOrString
        | BaseType::Version
        | BaseType::Image
        | BaseType::Cidr
        | BaseType::Versions
        | BaseType::Range
        | BaseType::Ip
        | BaseType::Glob
        | BaseType::Regex
        | BaseType::Timestamp
        | BaseType::Duration
        | BaseType::Map(_)
        | BaseType::Any
        | BaseType::Error => Shape::Text,
    }
}

impl Ctx<'_> {
    /// What a file of the declared kind is.
    pub(super) fn file_type(&mut self, item: &KindDeclaration) -> BaseType {
        let KindSource::File {
            format,
            options,
            patterns,
            merged,
        } = &item.source
        else {
            return BaseType::Error;
        };
        self.check_options(format, options);
        for glob in patterns {
            if let Err(problem) = super::pattern::check_glob(&glob.text) {
                let message = problem;
                self.report(
                    Diagnostic::error("bad-pattern", message, glob.span, "not a glob")
                        .with_help("write a path such as `**/daemon.json`"),
                );
            }
        }
        if let Some(which) = merged
            && !matches!(format.text.as_str(), "json" | "yaml" | "toml" | "keyvalue")
        {
            let message = format!("files of the format `{}` cannot be merged", format.text);
            self.report(
                Diagnostic::error("bad-merge", message, which.span, "nothing to merge by")
                    .with_help("leave `merged` out"),
            );
        }
        let own = match format.text.as_str() {
            "dockerfile" => self.dockerfile(),
            "text" => self.any_file(),
            _ => {
                let fields = item.fields.as_deref().unwrap_or_default();
                return self.record_type(&item.name.text, fields);
            }
        };
        if let Some(field) = item.fields.iter().flatten().next() {
            let message = format!("the format `{}` gives its own fields", format.text);
            self.report(
                Diagnostic::error("surplus-fields", message, field.span, "given by the reader")
                    .with_help("leave the braces out"),
            );
        }
        own
    }

    fn check_options(&mut self, format: &Name, options: &[(Name, Name)]) {
        let allowed: &[&str] = match format.text.as_str() {
            "keyvalue" => &OPTIONS,
            "json" | "yaml" | "toml" => &[EXPECTS],
            _ => &[],
        };
        for (name, value) in options {
            if allowed.is_empty() {
                let message = format!("the format `{}` has no options", format.text);
                self.report(
                    Diagnostic::error("unknown-option", message, name.span, "an option")
                        .with_help("leave the parentheses out"),
                );
                return;
            }
            let needs = match name.text.as_str() {
                EXPECTS if allowed.contains(&EXPECTS) && Expects::parse(&value.text).is_none() => {
                    "a path such as `\"Results\"`, or one and its values: `\"SchemaVersion = 1, 2\"`"
                }
                "separator" if !matches!(value.text.as_str(), "=" | ":" | " ") => {
                    "`\"=\"`, `\":\"` or `\" \"`"
                }
                "comments" if value.text.is_empty() || !value.text.is_ascii() => {
                    "the characters that begin a comment, such as `\"#;\"`"
                }
                "caseless" | "sections" if !matches!(value.text.as_str(), "true" | "false") => {
                    "`true` or `false`"
                }
                "blocks" if value.text.is_empty() => "the key that begins a block",
                known if allowed.contains(&known) => continue,
                other => {
                    let message = format!("the format `{}` has no option `{other}`", format.text);
                    let diagnostic =
                        Diagnostic::error("unknown-option", message, name.span, "unknown option");
                    self.report(match near(other, allowed.iter().copied()) {
                        Some(near) => diagnostic
                            .with_help(format!("write `{near}`"))
                            .with_edit(name.span, near),
                        None => diagnostic
                            .with_help(format!("the options are `{}`", allowed.join("`, `"))),
                    });
                    continue;
                }
            };
            let message = format!("`{}` takes {needs}", name.text);
            self.report(
                Diagnostic::error("bad-option", message, value.span, "not one of these")
                    .with_help(format!("write {needs}")),
            );
        }
    }

    /// A text file: where it is, what it says, and its lines.
    pub(super) fn any_file(&self) -> BaseType {
        self.record(
            "File",
            vec![
                field("path", BaseType::String),
                field("name", BaseType::String),
                field("text", BaseType::String),
                field("lines", list(BaseType::String)),
            ],
        )
    }

    /// What the reader of Dockerfiles gives; `docs/language.md` has it as a table.
    fn dockerfile(&self) -> BaseType {
        let text = || BaseType::String;
        let map = || BaseType::Map(Box::new(BaseType::String));
        let command = self.record(
            "DockerfileCommand",
            vec![
                optional("name", text()),
                field("words", list(text())),
                optional("after", text()),
            ],
        );
        let instruction = self.record(
            "DockerfileInstruction",
            vec![
                field("name", text()),
                field("text", text()),
                field("words", list(text())),
                field("flags", map()),
                field("pairs", map()),
                field("exec", BaseType::Bool),
                field("on_build", BaseType::Bool),
                field("commands", list(command)),
                field("heredocs", list(text())),
            ],
        );
        let arg = self.record(
            "DockerfileArg",
            vec![field("name", text()), optional("value", text())],
        );
        let stage = self.record(
            "DockerfileStage",
            vec![
                field("image", text()),
                optional("name", text()),
                optional("platform", text()),
                optional("parent", text()),
                field("base", text()),
                optional("user", text()),
                optional("healthcheck", text()),
                field("is_last", BaseType::Bool),
                field("instructions", list(instruction)),
            ],
        );
        self.record(
            "Dockerfile",
            vec![
                field("directives", map()),
                field("args", list(arg)),
                field("stages", list(stage)),
            ],
        )
    }

    pub(super) fn record(&self, name: &str, fields: Vec<RecordField>) -> BaseType {
        let record: RecordRef = self.env.declare_record(RecordType {
            name: name.to_owned(),
            fields,
        });
        BaseType::Record(vec![record])
    }
}

fn list(of: BaseType) -> BaseType {
    BaseType::List(Box::new(of))
}

pub(super) fn field(name: &str, base: BaseType) -> RecordField {
    RecordField {
        name: name.to_owned(),
        ty: Type::plain(base),
        default: None,
    }
}

fn optional(name: &str, base: BaseType) -> RecordField {
    RecordField {
        name: name.to_owned(),
        ty: Type::optional(base),
        default: None,
    }
}
