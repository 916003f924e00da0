//! Text as a terminal shows it: widths, wrapping, and nothing that could steer the terminal.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// What a terminal may be given for `c`: control characters become their pictures, characters that turn the direction
/// of writing a replacement character, so that a manifest cannot draw on the screen or show other text than it holds.
pub(super) fn visible_char(c: char) -> char {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => '\u{fffd}',
        _ => c,
    }
}

/// [`visible_char`] for each character.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| visible_char(c) == c) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(visible_char).collect())
    }
}

/// Columns that a visible character takes.
pub(super) fn char_width(c: char) -> usize {
    c.width().unwrap_or(1)
}

/// Columns that a visible text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Breaks a visible text at spaces into lines of at most `limit` columns; a longer word is broken anywhere.
pub(super) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let needed = width(&line) + usize::from(!line.is_empty()) + width(word);
        if needed <= limit {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut used = 0;
        for c in word.chars() {
            if used + char_width(c) > limit {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            used += char_width(c);
            line.push(c);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        assert_eq!(visible("a\u{1b}[31mb\r\n"), "a␛[31mb␍␊");
        assert_eq!(visible("ab\u{202e}c"), "ab\u{fffd}c");
        assert!(matches!(visible("plain ключ"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_break_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghijkl", 8), ["abcdefgh", "ijkl"]);
        assert_eq!(wrap("", 8), [""]);
    }
}
