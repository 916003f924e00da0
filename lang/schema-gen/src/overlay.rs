//! Applies the hand-written facts of `lang/data/overlay` to a [`Model`].
//!
//! Each file is tab-separated, `#` begins a comment line. A record is named by its short name (all definitions of that
//! name) or by the end of its full name (`core.v1.PodSpec`). A row that matches nothing is an error, so that a typo or a
//! field that Kubernetes dropped is noticed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::model::{Field, Model, Record, Served, Type};

/// Where the overlay's own records live among the definitions.
const OWN: &str = "palisade.overlay.v1.";

/// Reads all files of `folder` and applies them.
pub fn apply(model: &mut Model, folder: &Path) -> Result<()> {
    require_object_identity(model);
    apply_file(model, folder, "records.tsv", add_own_field)?;
    apply_file(model, folder, "legacy.tsv", add_legacy)?;
    apply_file(model, folder, "kinds.tsv", describe_kind)?;
    apply_file(model, folder, "enums.tsv", set_members)?;
    apply_file(model, folder, "defaults.tsv", set_default)?;
    apply_file(model, folder, "required.tsv", set_required)?;
    apply_file(model, folder, "sensitive.tsv", set_sensitive)?;
    for ((name, group), kind) in &mut model.kinds {
        ensure!(
            !kind.plural.is_empty(),
            "kinds.tsv does not describe {name} of {group:?}"
        );
        kind.rank_versions();
    }
    Ok(())
}

/// The API server takes no object without these, though the published schemas do not say so.
fn require_object_identity(model: &mut Model) {
    let roots = model.kinds.values().flat_map(|kind| &kind.versions);
    let roots: Vec<String> = roots.filter_map(|served| served.root.clone()).collect();
    for root in roots {
        let Some(record) = model.records.get_mut(&root) else {
            continue;
        };
        for name in ["apiVersion", "kind", "metadata"] {
            if let Some(field) = record.fields.get_mut(name) {
                field.required = true;
            }
        }
    }
}

fn apply_file(
    model: &mut Model,
    folder: &Path,
    name: &str,
    apply_row: fn(&mut Model, &[&str]) -> Result<()>,
) -> Result<()> {
    let path: PathBuf = folder.join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let mut wrong = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let row: Vec<&str> = line.split('\t').collect();
        if let Err(error) = apply_row(model, &row) {
            wrong.push(format!("{name}:{}: {error:#}", number + 1));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// `records.tsv`: record, field, type, `required` or `optional`.
fn add_own_field(model: &mut Model, row: &[&str]) -> Result<()> {
    let [record, field, ty, presence] = row else {
        bail!("expected 4 columns")
    };
    let ty = parse_type(model, ty)?;
    let (since, until) = (model.oldest, model.newest);
    let own = model
        .records
        .entry(format!("{OWN}{record}"))
        .or_insert_with(|| Record {
            name: (*record).to_owned(),
            since,
            until,
            fields: Default::default(),
        });
    let mut value = Field::new(ty, since, until);
    value.required = parse_choice(presence, "required", "optional")?;
    ensure!(
        own.fields.insert((*field).to_owned(), value).is_none(),
        "the field is given twice"
    );
    Ok(())
}

/// `legacy.tsv`: kind, its group, group and version of the legacy form, the last minor version that served it (`-`: it
/// still is), shape: `same` as the kind's newest, `unknown`, or a record of `records.tsv`.
fn add_legacy(model: &mut Model, row: &[&str]) -> Result<()> {
    let [name, home, group, version, until, shape] = row else {
        bail!("expected 6 columns")
    };
    let home = group_name(home);
    let until = match *until {
        "-" => None,
        minor => Some(minor.parse::<u8>().context("not a minor version")?),
    };
    let known = model.kinds.get(&((*name).to_owned(), home.clone()));
    let root = match *shape {
        "same" => {
            let mut kind = known.cloned().context("`same` as no kind")?;
            kind.rank_versions();
            kind.versions.first().and_then(|served| served.root.clone())
        }
        "unknown" => None,
        record => {
            let key = format!("{OWN}{record}");
            ensure!(
                model.records.contains_key(&key),
                "records.tsv has no {record}"
            );
            Some(key)
        }
    };
    let kind = model.kinds.entry(((*name).to_owned(), home)).or_default();
    let (group, version) = (group_name(group), (*version).to_owned());
    let twice = kind
        .versions
        .iter()
        .any(|old| old.group == group && old.version == version);
    ensure!(!twice, "the version is known already");
    kind.versions.push(Served {
        group,
        version,
        since: None,
        until,
        root,
    });
    Ok(())
}

/// `kinds.tsv`: kind, group, plural, `namespaced` or `cluster`.
fn describe_kind(model: &mut Model, row: &[&str]) -> Result<()> {
    let [name, group, plural, scope] = row else {
        bail!("expected 4 columns")
    };
    let key = ((*name).to_owned(), group_name(group));
    let kind = model.kinds.get_mut(&key).context("no such kind")?;
    kind.plural = (*plural).to_owned();
    kind.namespaced = parse_choice(scope, "namespaced", "cluster")?;
    Ok(())
}

/// `enums.tsv`: record, field, members with spaces between; `""` is the empty string.
fn set_members(model: &mut Model, row: &[&str]) -> Result<()> {
    let [record, field, members] = row else {
        bail!("expected 3 columns")
    };
    let members: Vec<String> = members
        .split(' ')
        .map(|name| name.trim_matches('"').to_owned())
        .collect();
    for_fields(model, record, field, |field| {
        let strings = [Type::String, Type::List(Box::new(Type::String))];
        ensure!(strings.contains(&field.ty), "only strings have members");
        ensure!(field.members.is_empty(), "the members are given twice");
        field.members.clone_from(&members);
        Ok(())
    })
}

/// `defaults.tsv`: record, field, the value of the absent field as JSON.
fn set_default(model: &mut Model, row: &[&str]) -> Result<()> {
    let [record, field, default] = row else {
        bail!("expected 3 columns")
    };
    let value: Value = serde_json::from_str(default).context("the default is not JSON")?;
    for_fields(model, record, field, |field| {
        let fits = match (&field.ty, &value) {
            (Type::Bool, Value::Bool(_)) | (Type::Float, Value::Number(_)) => true,
            (Type::Int, Value::Number(number)) => number.is_i64(),
            (Type::IntOrString, Value::Number(number)) => number.is_i64(),
            (Type::IntOrString | Type::Quantity, Value::String(_)) => true,
            (Type::String, Value::String(text)) => {
                field.members.is_empty() || field.members.contains(text)
            }
            _ => false,
        };
        ensure!(
            fits,
            "the default does not fit the field's type {:?}",
            field.ty
        );
        ensure!(field.default.is_none(), "the default is given twice");
        field.default = Some((*default).to_owned());
        Ok(())
    })
}

/// `required.tsv`: record, field.
fn set_required(model: &mut Model, row: &[&str]) -> Result<()> {
    let [record, field] = row else {
        bail!("expected 2 columns")
    };
    for_fields(model, record, field, |field| {
        ensure!(!field.required, "the schemas require it already");
        field.required = true;
        Ok(())
    })
}

/// `sensitive.tsv`: record, field.
fn set_sensitive(model: &mut Model, row: &[&str]) -> Result<()> {
    let [record, field] = row else {
        bail!("expected 2 columns")
    };
    for_fields(model, record, field, |field| {
        field.sensitive = true;
        Ok(())
    })
}

fn for_fields(
    model: &mut Model,
    record: &str,
    field: &str,
    mut change: impl FnMut(&mut Field) -> Result<()>,
) -> Result<()> {
    let mut found = false;
    for (key, candidate) in &mut model.records {
        if is_named(key, record)
            && let Some(field) = candidate.fields.get_mut(field)
        {
            change(field).with_context(|| key.clone())?;
            found = true;
        }
    }
    ensure!(found, "no field {field} of {record}");
    Ok(())
}

/// Whether the definition's full name ends with the whole words of `name`.
fn is_named(key: &str, name: &str) -> bool {
    key.strip_suffix(name)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Reads `string`, `[T]`, `{T}` or the name of a record, where core records win.
fn parse_type(model: &Model, text: &str) -> Result<Type> {
    if let Some(inner) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return Ok(Type::List(Box::new(parse_type(model, inner)?)));
    }
    if let Some(inner) = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        return Ok(Type::Map(Box::new(parse_type(model, inner)?)));
    }
    Ok(match text {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "float" => Type::Float,
        "string" => Type::String,
        "quantity" => Type::Quantity,
        "int-or-string" => Type::IntOrString,
        "timestamp" => Type::Timestamp,
        "duration" => Type::Duration,
        "any" => Type::Any,
        name => {
            let mut keys = model.records.keys().filter(|key| is_named(key, name));
            let key = keys.next().with_context(|| format!("no record {name}"))?;
            ensure!(
                keys.next().is_none(),
                "more than one record {name}: give more of its name"
            );
            Type::Record(key.clone())
        }
    })
}

fn parse_choice(text: &str, yes: &str, no: &str) -> Result<bool> {
    ensure!(
        text == yes || text == no,
        "expected {yes} or {no}, not {text:?}"
    );
    Ok(text == yes)
}

/// `-` stands for the core group.
fn group_name(text: &str) -> String {
    if text == "-" {
        String::new()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies one row to a model with one record, `io.k8s.api.core.v1.PodSpec`, and gives its field or the error.
    fn check(apply: fn(&mut Model, &[&str]) -> Result<()>, row: &[&str]) -> Result<Field, String> {
        let key = "io.k8s.api.core.v1.PodSpec";
        let mut fields = std::collections::BTreeMap::new();
        fields.insert("policy".to_owned(), Field::new(Type::String, 25, 37));
        fields.insert("count".to_owned(), Field::new(Type::Int, 25, 37));
        let record = Record {
            name: "PodSpec".to_owned(),
            since: 25,
            until: 37,
            fields,
        };
        let mut model = Model {
            oldest: 25,
            newest: 37,
            ..Model::default()
        };
        model.records.insert(key.to_owned(), record);
        apply(&mut model, row).map_err(|error| format!("{error:#}"))?;
        Ok(model.records[key].fields[row[1]].clone())
    }

    #[test]
    fn members_may_be_empty_strings() {
        let field = check(set_members, &["PodSpec", "policy", "\"\" Always Never"]).unwrap();
        assert_eq!(field.members, ["", "Always", "Never"]);
    }

    #[test]
    fn a_record_is_named_by_whole_words_from_the_end() {
        assert!(
            check(set_required, &["core.v1.PodSpec", "policy"])
                .unwrap()
                .required
        );
        assert!(check(set_required, &["odSpec", "policy"]).is_err());
    }

    #[test]
    fn a_row_that_matches_nothing_is_an_error() {
        let error = check(set_sensitive, &["PodSpec", "polixy"]).unwrap_err();
        assert_eq!(error, "no field polixy of PodSpec");
    }

    #[test]
    fn a_default_must_fit_the_type() {
        let row = |default| check(set_default, &["PodSpec", "count", default]);
        assert_eq!(row("1").unwrap().default.as_deref(), Some("1"));
        assert!(row("\"1\"").is_err());
        assert!(row("1.5").is_err());
        assert!(
            row("one")
                .unwrap_err()
                .starts_with("the default is not JSON")
        );
    }

    #[test]
    fn types_are_read_with_their_elements() {
        let list = |inner| Type::List(Box::new(inner));
        let model = Model::default();
        assert_eq!(
            parse_type(&model, "[int-or-string]").unwrap(),
            list(Type::IntOrString)
        );
        assert_eq!(
            parse_type(&model, "{[any]}").unwrap(),
            Type::Map(Box::new(list(Type::Any)))
        );
        assert!(parse_type(&model, "Pod").is_err());
    }
}
