//! Reading manifests: the bytes of a file in, documents and problems out.
//!
//! Start at [`read`]. A document's values mean what they mean to the API server ([`scalar`]), and every one of them has
//! its place in the file. Nothing here opens a file, and no input makes it panic or run long: bounds are checked while
//! reading, and passing one is a problem of that file alone.
//!
//! ```text
//! bytes ─┬─ json ──┐
//!        └─ yaml ──┴─ draft ── compose ── list ── documents
//!          events     tape     aliases    items
//!                     spans    merges
//! ```

mod block;
mod compose;
mod document;
mod draft;
mod inner;
mod json;
mod list;
mod object;
mod place;
mod print;
mod problem;
mod reading;
mod scalar;
mod span;
mod tree;
mod yaml;

pub use document::{Document, Identity};
pub(crate) use inner::find_part;
pub use object::find_object_problems;
pub(crate) use print::push_string;
pub use print::{Layout, print};
pub use problem::{Problem, ProblemKind};
pub(crate) use scalar::{decode_base64, is_plain_key, is_plain_string};
pub(crate) use span::offset;
pub use span::{LineColumns, LineIndex, Span};
pub(crate) use tree::{Member, Tree, TreeValue};

/// Longest file that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 20;
/// Most documents of one file, items of lists counted.
pub const MAX_DOCUMENTS: usize = 10_000;
/// Most values that aliases and merge keys may add to one file.
pub const MAX_ALIAS_NODES: usize = 1_000_000;

/// What a file holds.
#[derive(Debug, Clone, Default)]
pub struct Read {
    /// The documents that could be read, lists taken apart.
    pub documents: Vec<Document>,
    /// What is wrong, in the order of the file.
    pub problems: Vec<Problem>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON documents one after another.
    Json,
    /// YAML. Text that begins like JSON and is JSON is read as such, as kubectl does.
    Yaml,
}

impl Format {
    /// What the name of a file says about its format.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        let is_json = name
            .rsplit_once('.')
            .is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"));
        if is_json { Self::Json } else { Self::Yaml }
    }
}

/// Reads a file.
#[must_use]
pub fn read(bytes: &[u8], format: Format) -> Read {
    match check_text(bytes) {
        Ok(text) => read_text(text, format),
        Err(problem) => Read {
            documents: Vec::new(),
            problems: vec![problem],
        },
    }
}

/// The one document that a text is, whether or not it is a list; none if there is nothing in it.
///
/// # Errors
///
/// If it does not read, or is several documents.
pub fn read_one(text: &str, format: Format) -> Result<Option<Document>, NotOne> {
    let mut read = read_into(text, format, reading::Reading::of_whole());
    if read.problems.iter().any(Problem::is_error) || read.documents.len() > 1 {
        return Err(NotOne);
    }
    Ok(read.documents.pop())
}

/// A text is not one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOne;

fn read_text(text: &str, format: Format) -> Read {
    read_into(text, format, reading::Reading::default())
}

fn read_into(text: &str, format: Format, mut reading: reading::Reading) -> Read {
    if format == Format::Json {
        json::read(text, &mut reading);
        return reading.into_read();
    }
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r']);
    if start.starts_with(['{', '[']) {
        let mut attempt = reading.clone();
        if json::read(text, &mut attempt) {
            return attempt.into_read();
        }
    }
    if let Some(at) = find_control(text.as_bytes()) {
        let found = text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .unwrap_or('\0');
        let span = Span::new(span::offset(at), span::offset(at + found.len_utf8()));
        let message = if is_binary(text.as_bytes()) {
            BINARY.to_owned()
        } else {
            format!("control character U+{:04X}", u32::from(found))
        };
        reading.fail(Problem::new(ProblemKind::Syntax, span, message), true);
    } else {
        yaml::read(text, &mut reading);
    }
    reading.into_read()
}

/// The text of a file of sensible size in UTF-8.
pub(crate) fn check_text(bytes: &[u8]) -> Result<&str, Problem> {
    let refuse = |kind, at: usize, message: String| {
        let at = span::offset(at);
        Err(Problem::new(kind, Span::at(at), message))
    };
    if bytes.len() > MAX_BYTES {
        let message = "longer than 64 MiB".to_owned();
        return refuse(ProblemKind::Limit, MAX_BYTES, message);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(_) if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) => refuse(
            ProblemKind::Syntax,
            0,
            "the file is in UTF-16; write it in UTF-8".to_owned(),
        ),
        Err(error) => {
            let message = if is_binary(bytes) {
                BINARY
            } else {
                "the file is not in UTF-8"
            };
            refuse(ProblemKind::Syntax, error.valid_up_to(), message.to_owned())
        }
    }
}

/// What is said of a file that is no text at all.
const BINARY: &str = "the file is binary, not text";

/// True for a file that has a byte of zero near its beginning, as nearly everything has that is no text.
fn is_binary(bytes: &[u8]) -> bool {
    const NEAR: usize = 8000;
    bytes.iter().take(NEAR).any(|&byte| byte == 0)
}

/// The first character that YAML does not allow: of the C0 set all but tab and line ends, and DEL.
fn find_control(bytes: &[u8]) -> Option<usize> {
    let is_control =
        |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0x7F;
    // Without an early exit the compiler looks at sixteen bytes at once.
    let any = bytes.chunks(4096).any(|chunk| {
        chunk
            .iter()
            .fold(false, |any, &byte| any | is_control(byte))
    });
    any.then(|| bytes.iter().position(|&byte| is_control(byte)))
        .flatten()
}
