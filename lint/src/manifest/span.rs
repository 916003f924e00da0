//! Bytes of a file, and the lines and columns that people see.

/// A half-open range of bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to `end`.
    #[must_use]
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty span before the byte at `at`.
    #[must_use]
    pub fn at(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// True if no byte lies in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The text of the span in `source`; empty if it does not lie there.
    #[must_use]
    pub fn text(self, source: &str) -> &str {
        source
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// Lines and columns of a span, all counted from 1, columns in Unicode characters, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineColumns {
    /// Line of the first character.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Line of the character after the last one.
    pub end_line: u32,
    /// Column of the character after the last one.
    pub end_column: u32,
}

/// Where the lines of a file begin. A line ends with `\n`, `\r\n` or a lone `\r`, as in YAML.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// The lines of `source`.
    #[must_use]
    pub fn new(source: &str) -> Self {
        let bytes = source.as_bytes();
        let mut starts = vec![0];
        for (index, &byte) in bytes.iter().enumerate() {
            let ends = byte == b'\n' || (byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'));
            if ends {
                starts.push(offset(index + 1));
            }
        }
        Self { starts }
    }

    /// Lines and columns of `span` in `source`, which is the text the index was made from.
    #[must_use]
    pub fn line_columns(&self, source: &str, span: Span) -> LineColumns {
        let (line, column) = self.line_column(source, span.start);
        let (end_line, end_column) = self.line_column(source, span.end.max(span.start));
        LineColumns {
            line,
            column,
            end_line,
            end_column,
        }
    }

    /// Line and column of the byte at `at`, both from 1. A byte order mark takes no column.
    #[must_use]
    pub fn line_column(&self, source: &str, at: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = source
            .get(start as usize..at as usize)
            .unwrap_or_default()
            .trim_start_matches('\u{feff}');
        (offset(line), offset(before.chars().count() + 1))
    }
}

/// A position in a file, which is never longer than 64 MiB.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = "a: ü\r\nключ: x\rb";
        let index = LineIndex::new(source);
        let x = offset(source.find('x').unwrap());
        let seen = index.line_columns(source, Span::new(x, x + 1));
        assert_eq!((seen.line, seen.column), (2, 7));
        assert_eq!((seen.end_line, seen.end_column), (2, 8));
        assert_eq!(index.line_column(source, x + 2), (3, 1));
        assert_eq!(index.line_column(source, 0), (1, 1));
    }
}
