//! Documents as trees that are easy to write, change and print.

use std::fmt;

use palisade_abi::tape::{Builder, Tape, is_template};

/// A document or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// null
    Null,
    /// true or false
    Bool(bool),
    /// A number as JSON text.
    Number(String),
    /// Text.
    String(String),
    /// A scalar that is not known, with its text.
    Template(String),
    /// A list.
    List(Vec<Document>),
    /// A map; keys are distinct.
    Map(Vec<(String, Document)>),
}

impl Document {
    /// The tape of this document.
    #[must_use]
    pub fn to_tape(&self) -> Tape {
        let mut builder = Builder::new();
        self.write(&mut builder, true);
        builder.finish()
    }

    /// The tape of this document as settings, in which text is text.
    #[must_use]
    pub fn to_settings_tape(&self) -> Tape {
        let mut builder = Builder::new();
        self.write(&mut builder, false);
        builder.finish()
    }

    /// True if a scalar somewhere is not known for another reason than its text; such a document cannot be written as JSON.
    #[must_use]
    pub fn has_template(&self) -> bool {
        match self {
            Self::Template(text) => !is_template(text),
            Self::List(items) => items.iter().any(Self::has_template),
            Self::Map(members) => members.iter().any(|(_, value)| value.has_template()),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => false,
        }
    }

    fn write(&self, builder: &mut Builder, has_templates: bool) {
        match self {
            Self::Null => {
                builder.null();
            }
            Self::Bool(b) => {
                builder.bool(*b);
            }
            Self::Number(text) => {
                match text.parse::<i64>() {
                    Ok(int) => builder.int(int),
                    Err(_) => builder.float(text),
                };
            }
            Self::String(text) if has_templates && is_template(text) => {
                builder.unknown(text);
            }
            Self::String(text) => {
                builder.string(text);
            }
            Self::Template(text) => {
                builder.unknown(text);
            }
            Self::List(items) => {
                builder.start_list();
                for item in items {
                    item.write(builder, has_templates);
                }
                builder.end();
            }
            Self::Map(members) => {
                builder.start_map();
                for (key, value) in members {
                    builder.key(key);
                    value.write(builder, has_templates);
                }
                builder.end();
            }
        }
    }

    /// Reads JSON, with `<…>` for a scalar that is not known. `None` if the text is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { rest: text };
        let document = parser.value()?;
        parser.skip_space();
        parser.rest.is_empty().then_some(document)
    }
}

/// JSON; a scalar that is not known and whose text is no template is written `<…>`, which is none.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Number(text) => f.write_str(text),
            Self::String(text) => write_string(f, text),
            Self::Template(text) if is_template(text) => write_string(f, text),
            Self::Template(text) => write!(f, "<{text}>"),
            Self::List(items) => {
                f.write_str("[")?;
                for (idx, item) in items.iter().enumerate() {
                    f.write_str(if idx > 0 { "," } else { "" })?;
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
            Self::Map(members) => {
                f.write_str("{")?;
                for (idx, (key, value)) in members.iter().enumerate() {
                    f.write_str(if idx > 0 { "," } else { "" })?;
                    write_string(f, key)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            c if u32::from(c) < 0x20 => write!(f, "\\u{:04x}", u32::from(c))?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

struct Parser<'t> {
    rest: &'t str,
}

impl Parser<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, text: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self) -> Option<Document> {
        if self.take("null") {
            return Some(Document::Null);
        }
        if self.take("true") {
            return Some(Document::Bool(true));
        }
        if self.take("false") {
            return Some(Document::Bool(false));
        }
        if self.take("<") {
            let (text, rest) = self.rest.split_once('>')?;
            self.rest = rest;
            return Some(Document::Template(text.to_owned()));
        }
        if self.take("[") {
            let mut items = Vec::new();
            while !self.take("]") {
                items.push(self.value()?);
                self.take(",");
            }
            return Some(Document::List(items));
        }
        if self.take("{") {
            let mut members = Vec::new();
            while !self.take("}") {
                let key = self.string()?;
                if !self.take(":") {
                    return None;
                }
                members.push((key, self.value()?));
                self.take(",");
            }
            return Some(Document::Map(members));
        }
        if self.rest.starts_with('"') {
            return self.string().map(Document::String);
        }
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
            .unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!number.is_empty()).then(|| Document::Number(number.to_owned()))
    }

    fn string(&mut self) -> Option<String> {
        if !self.take("\"") {
            return None;
        }
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => match chars.next()? {
                    'n' => text.push('\n'),
                    'u' => {
                        let code: String = chars.by_ref().take(4).collect();
                        text.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                    }
                    escaped => text.push(escaped),
                },
                c => text.push(c),
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_what_was_printed_gives_the_same() {
        let text = r#"{"a":[1,-2.5e3,null,true,<.x>],"b\n\"":{"":"é\u0001\\"}}"#;
        let document = Document::parse(text).unwrap();
        assert_eq!(
            Document::parse(&document.to_string()),
            Some(document.clone())
        );
        assert_eq!(document.to_string(), text);
        assert!(document.has_template());
    }
}
