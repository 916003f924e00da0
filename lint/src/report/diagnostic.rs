//! What is wrong in a policy, for miette to draw. Only this module and the binary know miette.

use std::fmt;

use miette::{LabeledSpan, NamedSource, Severity, SourceCode};
use palisade_lang::diagnostic::{Diagnostic, Level};
use palisade_lang::span::Span;

/// The sources of a compilation, in the order of their file ids.
#[derive(Debug, Clone, Default)]
pub struct SourceTexts {
    files: Vec<(String, String)>,
}

impl SourceTexts {
    /// Sources as (name, text).
    #[must_use]
    pub fn new(files: Vec<(String, String)>) -> Self {
        Self { files }
    }

    /// Name and text of the file that a diagnostic is about.
    #[must_use]
    pub fn of(&self, diagnostic: &Diagnostic) -> (&str, &str) {
        self.at(diagnostic.span()).unwrap_or_default()
    }

    /// Name and text of the file that a span lies in.
    #[must_use]
    pub fn at(&self, span: Span) -> Option<(&str, &str)> {
        let (name, text) = self.files.get(span.file.0 as usize)?;
        Some((name, text))
    }
}

/// A diagnostic of the language together with its source.
#[derive(Debug)]
pub struct Drawn<'a> {
    diagnostic: &'a Diagnostic,
    source: NamedSource<String>,
    help: Option<String>,
}

impl<'a> Drawn<'a> {
    /// `diagnostic`, which is about one of `sources`.
    #[must_use]
    pub fn new(diagnostic: &'a Diagnostic, sources: &SourceTexts) -> Self {
        let (name, text) = sources.of(diagnostic);
        let help = match (&diagnostic.help, &diagnostic.note) {
            (Some(help), Some(note)) => Some(format!("{help}\nnote: {note}")),
            (None, Some(note)) => Some(note.clone()),
            (help, None) => help.clone(),
        };
        Self {
            diagnostic,
            source: NamedSource::new(name, text.to_owned()),
            help,
        }
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.diagnostic.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let (code, message) = (self.diagnostic.code, &self.diagnostic.message);
        write!(f, "{level} pale({code}): {message}")
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(match self.diagnostic.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let primary = self.diagnostic.span();
        let labels = self.diagnostic.labels.iter().enumerate();
        Some(Box::new(labels.filter_map(move |(nth, label)| {
            if label.span.file != primary.file {
                return None;
            }
            let text = Some(label.text.clone());
            let range = label.span.range();
            Some(if nth == 0 {
                LabeledSpan::new_primary_with_span(text, range)
            } else {
                LabeledSpan::new_with_span(text, range)
            })
        })))
    }
}
