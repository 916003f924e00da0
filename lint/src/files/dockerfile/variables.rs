//! Variables of a Dockerfile: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}`.

use std::collections::BTreeMap;

/// The longest text that variables may make.
const MAX_TEXT: usize = 4096;

/// The most names that are kept; others have no value here.
const MAX_NAMES: usize = 1000;

/// Values by name; nothing for what only the build knows.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables(BTreeMap<String, Option<String>>);

impl Variables {
    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        if self.0.len() < MAX_NAMES || self.0.contains_key(name) {
            self.0.insert(name.to_owned(), value);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned().flatten()
    }

    /// The text with its variables replaced; nothing if one has no value here.
    pub(super) fn replace(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(rest.get(..at)?);
            let after = rest.get(at + 1..)?;
            let (value, left) = match after.strip_prefix('{') {
                Some(inner) => {
                    let (inner, left) = inner.split_once('}')?;
                    (self.expand(inner)?, left)
                }
                None => {
                    let is_part = |found: char| found.is_ascii_alphanumeric() || found == '_';
                    let len = after.find(|found| !is_part(found)).unwrap_or(after.len());
                    let name = after.get(..len).filter(|name| !name.is_empty())?;
                    (self.get(name)?, after.get(len..)?)
                }
            };
            out.push_str(&value);
            if out.len() > MAX_TEXT {
                return None;
            }
            rest = left;
        }
        out.push_str(rest);
        Some(out)
    }

    /// `NAME`, `NAME:-default`, `NAME:+other` and the forms without colon.
    fn expand(&self, inner: &str) -> Option<String> {
        let is_part = |found: char| found.is_ascii_alphanumeric() || found == '_';
        let len = inner.find(|found| !is_part(found)).unwrap_or(inner.len());
        let (name, modifier) = inner.split_at_checked(len)?;
        let value = self.get(name);
        let is_declared = self.0.contains_key(name);
        let modifier = modifier.strip_prefix(':').unwrap_or(modifier);
        match modifier.chars().next() {
            None => value,
            // A build may give what is declared without a value, and then the default does not count.
            Some('-') if is_declared => value,
            Some('-') => self.replace(modifier.get(1..)?),
            Some('+') if value.as_deref().is_some_and(|value| !value.is_empty()) => {
                self.replace(modifier.get(1..)?)
            }
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_value_makes_the_text_unknown() {
        let mut variables = Variables::default();
        variables.set("TAG", Some("1.2".to_owned()));
        variables.set("REPO", None);
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(variables.replace(text).as_deref(), expected, "{text}");
        };
        check("app:$TAG-x", Some("app:1.2-x"));
        check("app:${TAG}", Some("app:1.2"));
        check("${OTHER:-app}:$TAG", Some("app:1.2"));
        check("${REPO}/app", None);
        check("${REPO:-x}/app", None);
        check("$OTHER", None);
        check("${TAG:+with}", Some("with"));
        check("${TAG", None);
    }
}
