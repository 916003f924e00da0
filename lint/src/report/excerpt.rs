//! Lines of a source with marks under them.
//!
//! ```text
//! 18 │       - name: redis                    the line that this one belongs to, by indentation
//!  ⋮ │
//! 25 │         image: redis:latest
//!    │                ━━━━━━━━━━━━ image `redis:latest` has no fixed version
//! ```
//!
//! Only what is near a mark is looked at, so that a document in one line of megabytes costs no more than any other.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};

use super::Look;
use super::text::{char_width, visible, visible_char, width, wrap};
use crate::manifest::Span;

/// Columns to the next tab stop.
const TAB: usize = 4;
/// Lines looked through for the one that another belongs to.
const PARENT_SEARCH: usize = 400;
/// Lines of a mark that goes over more than one: the rest is left out in the middle.
const BLOCK_LINES: usize = 4;

/// A stretch of the source to underline.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// The bytes.
    pub(super) span: Span,
    /// The line of its first byte, from 1.
    pub(super) line: u32,
    /// The line of its last byte.
    pub(super) end_line: u32,
    /// What is said about it, each wrapped on its own.
    pub(super) labels: Vec<String>,
    /// The colour of underline and labels.
    pub(super) style: Style,
    /// True for the mark that the excerpt is about.
    pub(super) is_primary: bool,
}

/// One line of the source, or as much of it as matters.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    number: u32,
    /// Byte of the source at which the text begins.
    start: usize,
    text: &'a str,
    /// The text goes on before or after what is here.
    is_cut: (bool, bool),
}

/// Columns of the numbers before the lines of these marks.
pub(super) fn gutter_width(marks: &[Mark]) -> usize {
    let last = marks.iter().map(|mark| mark.end_line).max().unwrap_or(1);
    last.to_string().len().max(2)
}

/// Writes the lines of `marks` with the marks under them.
pub(super) fn draw(
    out: &mut dyn Write,
    look: &Look,
    source: &str,
    marks: &[Mark],
) -> io::Result<()> {
    let mut sorted: Vec<&Mark> = marks.iter().collect();
    sorted.sort_by_key(|mark| (mark.line, !mark.is_primary, mark.span.start));
    let mut pen = Pen {
        out,
        look,
        gutter: gutter_width(marks),
        last: 0,
    };
    let parent = sorted
        .first()
        .and_then(|mark| find_parent(source, mark, look.width));
    if let Some(parent) = parent {
        pen.line(&parent, None, None)?;
    }
    for mark in sorted {
        pen.mark(source, mark)?;
    }
    Ok(())
}

struct Pen<'a> {
    out: &'a mut dyn Write,
    look: &'a Look,
    gutter: usize,
    /// The last line that was drawn.
    last: u32,
}

impl Pen<'_> {
    /// Columns for text after the number and the bar.
    fn room(&self) -> usize {
        self.look.width.saturating_sub(self.gutter + 3).max(20)
    }

    fn mark(&mut self, source: &str, mark: &Mark) -> io::Result<()> {
        let first = line_at(source, mark.span.start as usize, mark.line, self.look.width);
        if mark.end_line > mark.line {
            return self.block(source, mark, first);
        }
        let (from, to) = self.line(&first, Some(mark.span), None)?;
        self.underline(mark, from, to)
    }

    /// A mark over several lines: a bracket on the left, the label below.
    fn block(&mut self, source: &str, mark: &Mark, first: Line<'_>) -> io::Result<()> {
        let mut line = first;
        let total = (mark.end_line - mark.line + 1) as usize;
        for nth in 0..total {
            let is_last = nth + 1 == total;
            let is_shown = total <= BLOCK_LINES || nth < BLOCK_LINES - 1 || is_last;
            let bracket = match (nth, is_last) {
                (0, _) => "┏",
                (_, true) => "┗",
                _ => "┃",
            };
            if is_shown {
                self.line(&line, None, Some((bracket, mark.style)))?;
            }
            match next_line(source, &line, self.look.width) {
                Some(next) if !is_last => line = next,
                _ => break,
            }
        }
        self.labels(mark, 2)
    }

    /// Writes a line; the columns at which `span` was shown come back.
    fn line(
        &mut self,
        line: &Line<'_>,
        span: Option<Span>,
        bracket: Option<(&str, Style)>,
    ) -> io::Result<(usize, usize)> {
        let faint = self.look.palette.faint();
        if self.last == line.number && bracket.is_none() {
            // A second mark of the same line: only the columns are wanted.
            return Ok(self.fit(line, span, 0).1);
        }
        if self.last != 0 && line.number > self.last + 1 {
            let dots = format!("{:>width$} │", "⋮", width = self.gutter);
            writeln!(self.out, "{}", dots.style(faint))?;
        }
        self.last = line.number;
        let head = format!("{:>width$} │", line.number, width = self.gutter);
        let indent = if bracket.is_some() { 2 } else { 0 };
        let (shown, columns) = self.fit(line, span, indent);
        write!(self.out, "{}", head.style(faint))?;
        if let Some((bracket, style)) = bracket {
            write!(self.out, " {}", bracket.style(style))?;
        }
        if shown.is_empty() {
            writeln!(self.out)?;
        } else {
            writeln!(self.out, " {shown}")?;
        }
        Ok(columns)
    }

    /// Lays a line out and cuts it around `span` where it is too long: the text, and the columns of the span in it.
    fn fit(&self, line: &Line<'_>, span: Option<Span>, indent: usize) -> (String, (usize, usize)) {
        let cells = lay_out(line);
        let room = self.room().saturating_sub(indent);
        let total = cells.last().map_or(0, Cell::end);
        let (from, to) = span.map_or((0, 0), |span| columns_of(&cells, span, total));
        let is_cut_left = line.is_cut.0;
        let is_cut_right = line.is_cut.1;
        let fits = total <= room || to.min(from + room / 2) + 1 < room;
        let left = if fits && !is_cut_left {
            0
        } else {
            // The mark begins after a quarter of the line, or further left if that shows the rest of the line.
            let ideal = from.saturating_sub(room / 4);
            ideal.min(
                (total + 1)
                    .saturating_sub(room)
                    .max(from.saturating_sub(room / 2)),
            )
        };
        let has_left = left > 0 || is_cut_left;
        let text_room = room - usize::from(has_left);
        let has_right = total - left > text_room || is_cut_right;
        let right = left + text_room - usize::from(has_right);
        let mut text = String::new();
        if has_left {
            text.push('…');
        }
        for cell in &cells {
            if cell.column >= left && cell.end() <= right {
                text.push_str(&cell.text);
            }
        }
        if has_right {
            text.push('…');
        }
        let text = text.trim_end().to_owned();
        let shift = |column: usize| column.clamp(left, right) - left + usize::from(has_left);
        let from = shift(from);
        (text, (from, shift(to).max(from + 1)))
    }

    fn underline(&mut self, mark: &Mark, from: usize, to: usize) -> io::Result<()> {
        let stroke = if mark.is_primary { "━" } else { "─" };
        let line = stroke.repeat(to - from);
        self.blank_head()?;
        write!(self.out, " {}{}", " ".repeat(from), line.style(mark.style))?;
        let room = self.room().saturating_sub(to + 1);
        let fits = mark.labels.iter().all(|label| width(label) <= room);
        // Beside the underline if all fits there, in lines of its own if it would be squeezed.
        if !mark.labels.is_empty() && (fits || room >= 48) {
            let lines: Vec<String> = mark.labels.iter().flat_map(|l| wrap(l, room)).collect();
            for (nth, text) in lines.iter().enumerate() {
                if nth > 0 {
                    self.blank_head()?;
                    write!(self.out, " {}", " ".repeat(to))?;
                }
                writeln!(self.out, " {}", text.style(mark.style))?;
            }
            return Ok(());
        }
        writeln!(self.out)?;
        let widest = mark.labels.iter().map(|l| width(l)).max().unwrap_or(0);
        let indent = from.min(self.room().saturating_sub(widest.max(40)));
        self.labels(mark, indent)
    }

    fn labels(&mut self, mark: &Mark, indent: usize) -> io::Result<()> {
        let room = self.room().saturating_sub(indent);
        for text in mark.labels.iter().flat_map(|label| wrap(label, room)) {
            self.blank_head()?;
            writeln!(
                self.out,
                " {}{}",
                " ".repeat(indent),
                text.style(mark.style)
            )?;
        }
        Ok(())
    }

    fn blank_head(&mut self) -> io::Result<()> {
        let head = format!("{:>width$} │", "", width = self.gutter);
        write!(self.out, "{}", head.style(self.look.palette.faint()))
    }
}

/// A character as it is shown.
#[derive(Debug)]
struct Cell {
    /// Byte of the source.
    at: usize,
    /// Bytes in the source.
    len: usize,
    column: usize,
    width: usize,
    text: String,
}

impl Cell {
    fn end(&self) -> usize {
        self.column + self.width
    }
}

fn lay_out(line: &Line<'_>) -> Vec<Cell> {
    let mut column = 0;
    line.text
        .char_indices()
        .filter(|&(_, c)| c != '\u{feff}')
        .map(|(at, c)| {
            let (text, width) = if c == '\t' {
                let width = TAB - column % TAB;
                (" ".repeat(width), width)
            } else {
                let shown = visible_char(c);
                (shown.to_string(), char_width(shown))
            };
            let cell = Cell {
                at: line.start + at,
                len: c.len_utf8(),
                column,
                width,
                text,
            };
            column += width;
            cell
        })
        .collect()
}

/// The columns that `span` takes in a line of `total` columns; empty at the end of the line if it lies behind.
fn columns_of(cells: &[Cell], span: Span, total: usize) -> (usize, usize) {
    let (start, end) = (span.start as usize, span.end as usize);
    let from = cells
        .iter()
        .find(|cell| cell.at + cell.len > start)
        .map_or(total, |cell| cell.column);
    let to = cells
        .iter()
        .rev()
        .find(|cell| cell.at < end)
        .map_or(from, Cell::end);
    (from, to.max(from))
}

fn is_break(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// The line that holds the byte `at`, cut to what could be shown around it.
fn line_at(source: &str, at: usize, number: u32, width: usize) -> Line<'_> {
    let at = floor_boundary(source, at.min(source.len()));
    let reach = 8 * width.max(40);
    let (before, after) = source.split_at(at);
    let low = floor_boundary(source, at.saturating_sub(reach));
    let start = before
        .bytes()
        .skip(low)
        .rposition(is_break)
        .map_or(low, |nth| low + nth + 1);
    let high = floor_boundary(source, (at + reach).min(source.len()));
    let end = after
        .bytes()
        .take(high - at)
        .position(is_break)
        .map_or(high, |nth| at + nth);
    let is_break_at = |at: Option<usize>| {
        at.and_then(|at| source.as_bytes().get(at).copied())
            .is_none_or(is_break)
    };
    Line {
        number,
        start,
        text: source.get(start..end).unwrap_or_default(),
        is_cut: (!is_break_at(start.checked_sub(1)), !is_break_at(Some(end))),
    }
}

/// The line after `line`; absent at the end of the source, or where the end of a long line is out of sight.
fn next_line<'a>(source: &'a str, line: &Line<'_>, width: usize) -> Option<Line<'a>> {
    if line.is_cut.1 {
        return None;
    }
    let end = line.start + line.text.len();
    let start = match (source.as_bytes().get(end)?, source.as_bytes().get(end + 1)) {
        (b'\r', Some(b'\n')) => end + 2,
        _ => end + 1,
    };
    Some(line_at(source, start, line.number + 1, width))
}

fn previous_line<'a>(source: &'a str, line: &Line<'_>, width: usize) -> Option<Line<'a>> {
    if line.is_cut.0 {
        return None;
    }
    let break_at = line.start.checked_sub(1)?;
    let end = match break_at
        .checked_sub(1)
        .and_then(|at| source.as_bytes().get(at))
    {
        Some(b'\r') if source.as_bytes().get(break_at) == Some(&b'\n') => break_at - 1,
        _ => break_at,
    };
    Some(line_at(source, end, line.number.checked_sub(1)?, width))
}

/// The nearest line above that is indented less: what the marked line belongs to.
fn find_parent<'a>(source: &'a str, mark: &Mark, width: usize) -> Option<Line<'a>> {
    let line = line_at(source, mark.span.start as usize, mark.line, width);
    let depth = indent(&line)?;
    let is_item = begins_item(&line);
    let mut at = line;
    for _ in 0..PARENT_SEARCH {
        at = previous_line(source, &at, width)?;
        if at.text.starts_with("---") {
            return None;
        }
        match indent(&at) {
            // The dashes of a list may stand in the column of its key.
            Some(found) if found < depth || (found == depth && is_item && !begins_item(&at)) => {
                return Some(at);
            }
            _ => {}
        }
    }
    None
}

fn begins_item(line: &Line<'_>) -> bool {
    line.text.trim_start().starts_with("- ")
}

/// Columns before the first character; absent for a line that is blank, a comment or cut.
fn indent(line: &Line<'_>) -> Option<usize> {
    let text = line.text.trim_start();
    if text.is_empty() || text.starts_with('#') || line.is_cut.0 {
        return None;
    }
    Some(line.text.len() - text.len())
}

fn floor_boundary(source: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|&at| source.is_char_boundary(at))
        .unwrap_or(0)
}

/// A label from text that anyone may have written.
pub(super) fn label(text: &str) -> String {
    visible(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::LineIndex;
    use crate::report::Palette;

    /// Draws `source` with `marks` (needle, label), the first being primary, at `columns`.
    fn show(source: &str, marks: &[(&str, &str)], columns: usize) -> String {
        let index = LineIndex::new(source);
        let marks: Vec<Mark> = marks
            .iter()
            .enumerate()
            .map(|(nth, (needle, text))| {
                let start = source.find(needle).unwrap();
                let span = Span::new(start as u32, (start + needle.len()) as u32);
                let lines = index.line_columns(source, span);
                Mark {
                    span,
                    line: lines.line,
                    end_line: lines.end_line,
                    labels: vec![label(text)],
                    style: Style::new(),
                    is_primary: nth == 0,
                }
            })
            .collect();
        let look = Look {
            width: columns,
            palette: Palette::plain(),
        };
        let mut out = Vec::new();
        draw(&mut out, &look, source, &marks).unwrap();
        let text = String::from_utf8(out).unwrap();
        for line in text.lines() {
            assert!(width(line) <= columns, "too wide: {line}");
        }
        text
    }

    #[test]
    fn a_mark_has_its_parent_above_it() {
        let source =
            "spec:\n  containers:\n  - name: a\n    # note\n    ports: []\n    image: x:latest\n";
        insta::assert_snapshot!(show(source, &[("x:latest", "has no fixed version")], 80));
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let source = format!(
            "{{\"a\":\"{}\",\"b\":true,\"c\":\"{}\"}}",
            "x".repeat(5000),
            "y".repeat(5000)
        );
        insta::assert_snapshot!(show(&source, &[("true", "is true")], 60));
        let start = format!("{{\"b\":true,\"c\":\"{}\"}}", "y".repeat(500));
        insta::assert_snapshot!(show(&start, &[("true", "is true")], 60));
        let end = format!("{{\"c\":\"{}\",\"b\":true}}", "y".repeat(500));
        insta::assert_snapshot!(show(&end, &[("true", "is true")], 60));
    }

    #[test]
    fn a_mark_over_several_lines_has_a_bracket() {
        let source = "a:\n  b: [x,\n    y,\n    z,\n    u,\n    v]\n";
        insta::assert_snapshot!(show(
            source,
            &[("[x,\n    y,\n    z,\n    u,\n    v]", "a long list")],
            60
        ));
    }

    #[test]
    fn wide_characters_tabs_and_line_ends_keep_the_columns() {
        let source = "{\r\n\t\"名前\":\t\"値段\"\r\n}\r\n";
        insta::assert_snapshot!(show(source, &[("\"値段\"", "here")], 60));
    }

    #[test]
    fn two_marks_of_one_line_are_drawn_below_each_other() {
        let source = "limits: {memory: 2Gi, requests: 3Gi}\n";
        insta::assert_snapshot!(show(
            source,
            &[("2Gi", "less than the request"), ("3Gi", "the request")],
            60
        ));
    }

    #[test]
    fn labels_wrap_where_there_is_no_room() {
        let source = "a: x\n";
        let text = "a message of many words that goes on and on, and then some more, until it ends";
        insta::assert_snapshot!(show(source, &[("x", text)], 60));
        let source = format!("{}: x\n", "k".repeat(50));
        insta::assert_snapshot!(show(&source, &[("x", text)], 60));
    }

    #[test]
    fn an_empty_span_at_the_end_of_the_file_is_drawn() {
        let source = "a:\n";
        insta::assert_snapshot!(show(source, &[("", "nothing here")], 60));
    }
}
