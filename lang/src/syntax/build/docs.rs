//! Documentation comments.

use super::Builder;
use crate::span::Span;
use crate::syntax::ast::Doc;

impl<'s> Builder<'s> {
    /// The text of the `//!` lines above all declarations.
    pub(super) fn file_doc(&self) -> Option<Doc> {
        let mut lines: Vec<Span> = Vec::new();
        for comment in self.comments {
            let from = lines.last().map_or(0, |last| last.end);
            let between = Span::new(self.file, from, comment.start);
            if !self.slice(*comment).starts_with("//!") {
                if lines.is_empty() && !self.slice(*comment).starts_with("///") {
                    continue;
                }
                break;
            }
            if !lines.is_empty() && !self.slice(between).trim().is_empty() {
                break;
            }
            lines.push(*comment);
        }
        self.doc(&lines)
    }

    /// The text of the `///` lines that end right above `start`.
    pub(super) fn item_doc(&self, start: u32) -> Option<Doc> {
        let n_before = self
            .comments
            .partition_point(|comment| comment.start < start);
        let mut lines: Vec<Span> = Vec::new();
        let mut below = start;
        for comment in self.comments.iter().take(n_before).rev() {
            let text = self.slice(*comment);
            let between = Span::new(self.file, comment.end, below);
            if !text.starts_with("///")
                || text.starts_with("////")
                || !self.slice(between).trim().is_empty()
            {
                break;
            }
            lines.push(*comment);
            below = comment.start;
        }
        lines.reverse();
        self.doc(&lines)
    }

    fn doc(&self, lines: &[Span]) -> Option<Doc> {
        let (first, last) = (lines.first()?, lines.last()?);
        let mut texts = lines.iter().map(|line| {
            let text = self.slice(*line).get(3..).unwrap_or_default();
            text.strip_prefix(' ').unwrap_or(text).trim_end()
        });
        let title = texts.next().unwrap_or_default().trim().to_owned();
        let rest: Vec<&str> = texts.collect();
        Some(Doc {
            title,
            text: rest.join("\n").trim_matches('\n').to_owned(),
            span: first.to(*last),
        })
    }
}
