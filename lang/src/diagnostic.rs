//! What is wrong with a user's policy, as a value.
//!
//! A diagnostic has five parts, each of which can stand alone: code, message, labels, help, note. Rendering is the
//! caller's; [`plain`] is the simplest one.

pub mod plain;

use crate::span::Span;

/// How serious a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The policy does not compile.
    Error,
    /// The policy compiles; something is probably not meant.
    Warning,
}

/// A span and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The text that the label is about.
    pub span: Span,
    /// Two to six words.
    pub text: String,
}

/// A replacement of one span of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// One thing that is wrong in a source, or probably is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which diagnostic it is, in kebab case: `unknown-field`; shown as `pale(unknown-field)`.
    pub code: &'static str,
    /// Whether it stops the compilation.
    pub level: Level,
    /// What is wrong, here: 4 to 10 words, lower case, no period, the user's text in backticks.
    pub message: String,
    /// The places; the first is the primary one, and there is always at least one.
    pub labels: Vec<Label>,
    /// What to do, imperative.
    pub help: Option<String>,
    /// Why it matters: one sentence with a period.
    pub note: Option<String>,
    /// The edits that carry out the help; empty if no edit is surely right.
    pub edits: Vec<Edit>,
}

impl Diagnostic {
    /// An error with its primary label.
    pub fn error(
        code: &'static str,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Self {
            code,
            level: Level::Error,
            message: message.into(),
            labels: vec![Label {
                span,
                text: label.into(),
            }],
            help: None,
            note: None,
            edits: Vec::new(),
        }
    }

    /// A warning with its primary label.
    pub fn warning(
        code: &'static str,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Warning,
            ..Self::error(code, message, span, label)
        }
    }

    /// Adds a second place.
    #[must_use]
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says why it matters.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Adds an edit that carries out the help.
    #[must_use]
    pub fn with_edit(mut self, span: Span, text: impl Into<String>) -> Self {
        self.edits.push(Edit {
            span,
            text: text.into(),
        });
        self
    }

    /// The primary place.
    #[must_use]
    pub fn span(&self) -> Span {
        self.labels
            .first()
            .map(|label| label.span)
            .unwrap_or_default()
    }
}
