//! Kinds of file that are no Kubernetes objects: where they are, and how they are read.

/// A kind of file. Its objects have no group: what a document is, the host says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileKind {
    /// Its name, such as `DockerDaemon`.
    pub name: String,
    /// How its files are read.
    pub format: FileFormat,
    /// Globs of the paths of its files, in the order in which drop-in files are read.
    pub globs: Vec<String>,
    /// Whether its files are joined into one object, and which of two values counts. Without it each file is its own
    /// object, in which the last of two values counts.
    pub merged: Option<Merged>,
    /// What text that has no types of its own is to be read as.
    pub shape: Shape,
    /// What a document says if it is in a form that the kind knows; others are errors of their files, and not judged.
    pub expects: Option<Expects>,
}

/// What a document must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expects {
    /// The members that lead to the value.
    pub path: Vec<String>,
    /// The values that are known, as text; none: any will do, as long as there is one.
    pub values: Vec<String>,
}

impl Expects {
    /// Reads `path`, or `path = value, value`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (path, values) = match text.split_once('=') {
            Some((path, values)) => (path, Some(values)),
            None => (text, None),
        };
        let words = |text: &str, separator| -> Option<Vec<String>> {
            let words = text.split(separator).map(|word| word.trim().to_owned());
            let words: Vec<String> = words.collect();
            words.iter().all(|word| !word.is_empty()).then_some(words)
        };
        Some(Self {
            path: words(path, '.')?,
            values: values.map_or(Some(Vec::new()), |values| words(values, ','))?,
        })
    }

    /// The path as a reader of the file would write it.
    #[must_use]
    pub fn path_text(&self) -> String {
        self.path.join(".")
    }
}

/// How files are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFormat {
    /// RFC 8259.
    Json,
    /// As the API server reads it.
    Yaml,
    /// TOML 1.0.
    Toml,
    /// Instructions by stage.
    Dockerfile,
    /// A setting a line.
    KeyValue(KeyValue),
    /// Lines.
    Text,
}

/// How files of settings are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// What stands between key and value: `=` or `:` with blanks around it, or a blank for blanks alone (or one `=`).
    pub separator: char,
    /// What a line that says nothing begins with.
    pub comments: String,
    /// Keys are compared without regard to ASCII case, and read as the fields are spelled.
    pub caseless: bool,
    /// `[name]` begins the settings of a member of this name.
    pub sections: bool,
    /// The key of a line that begins a block to the next such line: an element of the list of this name, with the line's
    /// value as `condition`.
    pub blocks: Option<String>,
}

/// Which of the files that say the same counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merged {
    /// The first.
    First,
    /// The last.
    Last,
}

/// What a value is read as, where the format does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Text, or whatever it is.
    Text,
    /// `yes`, `no`, `true`, `false`, `on` or `off`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Repeated keys.
    List(Box<Shape>),
    /// Members by name.
    Record(Vec<(String, Shape)>),
}
