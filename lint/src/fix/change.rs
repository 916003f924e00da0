//! Changes of a text.

use crate::manifest::Span;

/// Other bytes for a stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// What goes.
    pub(super) span: Span,
    /// What comes.
    pub(super) text: String,
}

impl Change {
    pub(super) fn replace(start: usize, end: usize, text: impl Into<String>) -> Self {
        Self {
            span: Span::new(offset(start), offset(end)),
            text: text.into(),
        }
    }

    pub(super) fn delete(start: usize, end: usize) -> Self {
        Self::replace(start, end, "")
    }

    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(at, at, text)
    }

    /// True if the two change neighbouring bytes, so that their order would count.
    pub(super) fn touches(&self, other: &Self) -> bool {
        self.span.start <= other.span.end && other.span.start <= self.span.end
    }
}

/// The text after `changes`, which may come in any order; of two at one place the first given comes first. Nothing if
/// they overlap or lie outside.
pub(super) fn change_text(text: &str, changes: &[Change]) -> Option<String> {
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by_key(|change| change.span.start);
    let added: usize = changes.iter().map(|change| change.text.len()).sum();
    let mut out = String::with_capacity(text.len() + added);
    let mut at = 0;
    for change in changes {
        out.push_str(text.get(at..change.span.start as usize)?);
        out.push_str(&change.text);
        at = change.span.end as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_apply_in_any_order_and_never_overlap() {
        let changes = [
            Change::replace(4, 5, "E"),
            Change::insert(2, "x"),
            Change::insert(2, "y"),
            Change::delete(2, 3),
        ];
        assert_eq!(change_text("abcdef", &changes).unwrap(), "abxydEf");
        let overlap = [Change::delete(0, 3), Change::delete(2, 4)];
        assert_eq!(change_text("abcdef", &overlap), None);
        assert_eq!(change_text("ab", &[Change::delete(1, 3)]), None);
        assert!(Change::insert(2, "x").touches(&Change::delete(2, 3)));
        assert!(!Change::insert(1, "x").touches(&Change::delete(2, 3)));
    }
}
