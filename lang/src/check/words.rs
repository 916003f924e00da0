//! The words of diagnostics: types as users write them, near names, lists of names.

use crate::program::{BaseType, RecordRef, Type};
use crate::schema::near::nearest;

/// A type as users write it: `[string]`, `quantity?`.
pub(super) fn type_name(ty: &Type) -> String {
    let mark = if ty.optional { "?" } else { "" };
    format!("{}{mark}", base_name(&ty.base))
}

/// A type as users write it.
pub(super) fn base_name(base: &BaseType) -> String {
    match base {
        BaseType::Bool => "bool".into(),
        BaseType::Int => "int".into(),
        BaseType::Float => "float".into(),
        BaseType::String | BaseType::Enum(_) => "string".into(),
        BaseType::Quantity => "quantity".into(),
        BaseType::IntOrString => "int | string".into(),
        BaseType::Version => "version".into(),
        BaseType::Image => "image".into(),
        BaseType::Cidr => "cidr".into(),
        BaseType::Ip => "ip".into(),
        BaseType::Versions => "versions".into(),
        BaseType::Range => "range".into(),
        BaseType::Glob => "glob".into(),
        BaseType::Regex => "regex".into(),
        BaseType::Timestamp => "timestamp".into(),
        BaseType::Duration => "duration".into(),
        BaseType::Record(records) => {
            let name = |record: &'_ RecordRef| match record.name.as_str() {
                "" => "record".to_owned(),
                name => name.to_owned(),
            };
            let mut names: Vec<String> = records.iter().map(name).collect();
            names.dedup();
            match names.split_at_checked(3) {
                Some((first, rest)) if !rest.is_empty() => {
                    format!("{} | … {} more", first.join(" | "), rest.len())
                }
                _ => names.join(" | "),
            }
        }
        BaseType::List(element) => format!("[{}]", base_name(element)),
        BaseType::Map(value) => format!("{{string: {}}}", base_name(value)),
        BaseType::Any | BaseType::Error => "any".into(),
    }
}

/// A type in a sentence: "a bool", "a list", "a `Container`".
pub(super) fn prose(base: &BaseType) -> String {
    match base {
        BaseType::Bool => "a bool".into(),
        BaseType::Int => "an int".into(),
        BaseType::Float => "a number".into(),
        BaseType::String | BaseType::Enum(_) => "a string".into(),
        BaseType::Quantity => "a quantity".into(),
        BaseType::IntOrString => "an int or string".into(),
        BaseType::Version => "a version".into(),
        BaseType::Image => "an image".into(),
        BaseType::Cidr => "a cidr".into(),
        BaseType::Ip => "an ip".into(),
        BaseType::Versions => "a range of versions".into(),
        BaseType::Range => "a range".into(),
        BaseType::Glob => "a glob".into(),
        BaseType::Regex => "a regex".into(),
        BaseType::Timestamp => "a timestamp".into(),
        BaseType::Duration => "a duration".into(),
        BaseType::Record(_) => {
            let name = base_name(base);
            let article = if name.starts_with(['A', 'E', 'I', 'O', 'U']) {
                "an"
            } else {
                "a"
            };
            format!("{article} `{name}`")
        }
        BaseType::List(_) => "a list".into(),
        BaseType::Map(_) => "a map".into(),
        BaseType::Any | BaseType::Error => "an untyped value".into(),
    }
}

/// The one of `known` that was probably meant by `written`.
pub(super) fn near<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    match nearest(written, known).as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// `` `a`, `b` and `c` ``, of at most `limit` names.
pub(super) fn listed<S: AsRef<str>>(names: &[S], limit: usize) -> String {
    joined(names, limit, "and", |name| format!("`{name}`"))
}

/// `"a", "b" or "c"`, of at most `limit` texts.
pub(super) fn quoted_choice<S: AsRef<str>>(texts: &[S], limit: usize) -> String {
    joined(texts, limit, "or", |text| format!("{text:?}"))
}

fn joined<S: AsRef<str>>(
    names: &[S],
    limit: usize,
    word: &str,
    quote: impl Fn(&str) -> String,
) -> String {
    let mut shown: Vec<String> = names
        .iter()
        .take(limit)
        .map(|name| quote(name.as_ref()))
        .collect();
    if names.len() > limit {
        shown.push(format!("{} more", names.len() - limit));
    }
    match shown.pop() {
        Some(last) if !shown.is_empty() => format!("{} {word} {last}", shown.join(", ")),
        Some(last) => last,
        None => String::new(),
    }
}
