//! What is wrong with a file, at a place in it.

use super::span::Span;

/// What sort of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// The text cannot be read; its document is lost.
    Syntax,
    /// A bound was passed; the document, or the rest of the file, is lost.
    Limit,
    /// The text is fine, but the API server would not take it as an object. The document is kept.
    Object,
    /// A map has a key twice. The last value counts. The span is the later key, `related` the earlier one.
    DuplicateKey,
    /// An object stands twice in a file. The last one counts. The span is the later name, `related` the earlier one.
    Twin,
}

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What sort of problem it is.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
    /// Another place that explains it.
    pub related: Option<Span>,
    /// What is wrong, in lower case and without a period.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, span: Span, message: impl Into<String>) -> Self {
        Self {
            kind,
            span,
            related: None,
            message: message.into(),
        }
    }

    pub(super) fn too_deep(span: Span) -> Self {
        Self::new(
            ProblemKind::Limit,
            span,
            format!(
                "nested more than {} levels deep",
                palisade_abi::layout::MAX_DEPTH
            ),
        )
    }

    /// True if a document or the rest of the file could not be read.
    #[must_use]
    pub fn is_error(&self) -> bool {
        match self.kind {
            ProblemKind::Syntax | ProblemKind::Limit => true,
            ProblemKind::Object | ProblemKind::DuplicateKey | ProblemKind::Twin => false,
        }
    }
}
