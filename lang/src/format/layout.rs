//! Tokens to lines.

use std::collections::BTreeSet;

use super::marks::Marks;
use super::tokens::{Kind, Token};

/// The columns of a line, where it has a place to break.
const WIDTH: usize = 100;

/// The spaces of one level.
const INDENT: usize = 4;

/// The words that stand before an operand, not for one.
const OPERATORS: &[&str] = &[
    "all", "and", "any", "append", "as", "at", "by", "deny", "div", "else", "for", "if", "in",
    "is", "let", "like", "matches", "no", "not", "on", "or", "remove", "require", "severity",
    "then", "to", "upsert", "when", "where",
];

/// The words that a line may begin with where it goes on.
const BREAKS: &[&str] = &[
    "and", "at", "by", "else", "for", "or", "severity", "then", "where",
];

/// The formatted text.
pub(super) fn lay_out(text: &str, tokens: &[Token<'_>], marks: &Marks) -> String {
    let mut printer = Printer {
        text,
        marks,
        depth: 0,
        line: Vec::new(),
        line_depth: 0,
        before: None,
        code_before: None,
        out: String::with_capacity(text.len()),
    };
    for (at, token) in tokens.iter().enumerate() {
        let rest = tokens.get(at..).unwrap_or_default();
        printer.token(*token, rest);
    }
    printer.flush();
    printer.out
}

struct Printer<'s> {
    text: &'s str,
    marks: &'s Marks,
    /// How many blocks are open.
    depth: usize,
    /// The tokens of the line under construction.
    line: Vec<Token<'s>>,
    /// How many blocks were open where it begins.
    line_depth: usize,
    /// The last token of the line before.
    before: Option<Token<'s>>,
    /// The last token of the line before that is no comment.
    code_before: Option<Token<'s>>,
    out: String,
}

impl<'s> Printer<'s> {
    /// Takes the first token of `rest`.
    fn token(&mut self, token: Token<'s>, rest: &[Token<'s>]) {
        let is_start = |token: &Token<'_>| self.marks.starts.contains(&token.start);
        let begins = if token.kind == Kind::Comment {
            let next = rest.iter().find(|next| next.kind != Kind::Comment);
            // A comment inside of a statement stays there, and one after a statement stays on its line.
            next.is_none_or(is_start) && self.is_below(token)
        } else {
            is_start(&token) && !self.closes_empty(token)
        };
        let ends_comment = self.line.last().is_some_and(|last| {
            last.kind == Kind::Comment && self.marks.starts.contains(&token.start)
        });
        if begins || ends_comment {
            self.flush();
        }
        if self.marks.closes.contains(&token.start) {
            self.depth = self.depth.saturating_sub(1);
        }
        if self.marks.enters.contains(&token.start) {
            self.depth += 1;
        }
        if self.line.is_empty() {
            // A comment stands where what it is about stands.
            let is_entered = token.kind == Kind::Comment
                && rest
                    .iter()
                    .find(|next| next.kind != Kind::Comment)
                    .is_some_and(|next| self.marks.enters.contains(&next.start));
            self.line_depth = self.depth + usize::from(is_entered);
        }
        if self.marks.opens.contains(&token.start) {
            self.depth += 1;
        }
        self.line.push(token);
        if self.marks.leaves.contains(&token.end()) {
            self.depth = self.depth.saturating_sub(1);
        }
    }

    /// Whether a token stands on another line than the token before it.
    fn is_below(&self, token: Token<'_>) -> bool {
        let last = self.line.last().or(self.before.as_ref());
        last.is_none_or(|last| self.n_newlines(last, &token) > 0)
    }

    /// Whether a token closes the block that the token before it opened.
    fn closes_empty(&self, token: Token<'_>) -> bool {
        self.marks.closes.contains(&token.start)
            && self
                .line
                .last()
                .is_some_and(|last| self.marks.opens.contains(&last.start))
    }

    fn n_newlines(&self, before: &Token<'_>, after: &Token<'_>) -> usize {
        let between = self.text.get(before.end()..after.start).unwrap_or_default();
        between
            .matches('\n')
            .count()
            .max(between.matches('\r').count())
    }

    /// Ends the line under construction.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        let (Some(first), Some(last)) = (line.first(), line.last()) else {
            return;
        };
        if let Some(before) = self.before {
            let is_at = |places: &BTreeSet<usize>, at: fn(&Token<'_>) -> usize| {
                self.code_before
                    .is_some_and(|code| places.contains(&at(&code)))
            };
            let opened = is_at(&self.marks.opens, |code| code.start);
            let ended = is_at(&self.marks.item_ends, |code| code.end());
            let closes = self.marks.closes.contains(&first.start);
            let is_apart = self.n_newlines(&before, first) > 1 && !opened && !closes;
            if ended || is_apart {
                self.out.push('\n');
            }
        }
        self.before = Some(*last);
        self.code_before = line
            .iter()
            .rfind(|token| token.kind != Kind::Comment)
            .copied();
        Line {
            tokens: &line,
            marks: self.marks,
            text: self.text,
            indent: self.line_depth * INDENT,
        }
        .print(&mut self.out);
        self.out.push('\n');
    }
}

/// One declaration's head, attribute, statement or comment.
struct Line<'l> {
    tokens: &'l [Token<'l>],
    marks: &'l Marks,
    text: &'l str,
    indent: usize,
}

impl Line<'_> {
    fn print(&self, out: &mut String) {
        let n_code = match self.tokens {
            [code @ .., last] if last.kind == Kind::Comment => code.len(),
            _ => self.tokens.len(),
        };
        let has_comment = self
            .tokens
            .iter()
            .take(n_code)
            .any(|token| token.kind == Kind::Comment);
        if has_comment {
            return self.print_around_comments(out);
        }
        let levels = self.levels(n_code);
        let message = self.message(n_code, &levels);
        match message {
            Some(message) if self.indent + self.width(0, n_code) > WIDTH => {
                self.wrap((0, message), self.indent, 2 * INDENT, &levels, out);
                out.push('\n');
                self.wrap(
                    (message, n_code),
                    self.indent + INDENT,
                    INDENT,
                    &levels,
                    out,
                );
            }
            _ => {
                let is_head = self.tokens.first().is_some_and(|first| {
                    matches!(first.text, "for" | "when" | "require" | "deny" | "on" | "}")
                });
                let further = if is_head { 2 * INDENT } else { INDENT };
                self.wrap((0, n_code), self.indent, further, &levels, out);
            }
        }
        if let Some(comment) = self.tokens.get(n_code) {
            if n_code > 0 {
                out.push(' ');
            } else {
                out.push_str(&" ".repeat(self.indent));
            }
            out.push_str(comment.text);
        }
    }

    /// A line with comments between its tokens: they keep their lines, and nothing else is broken.
    fn print_around_comments(&self, out: &mut String) {
        let mut before: Option<&Token<'_>> = None;
        for (at, token) in self.tokens.iter().enumerate() {
            let is_broken = match before {
                None => false,
                Some(before) if before.kind == Kind::Comment => true,
                Some(before) => {
                    token.kind == Kind::Comment
                        && self
                            .text
                            .get(before.end()..token.start)
                            .is_some_and(|between| between.contains(['\n', '\r']))
                }
            };
            if before.is_none() {
                out.push_str(&" ".repeat(self.indent));
            } else if is_broken {
                out.push('\n');
                out.push_str(&" ".repeat(self.indent + INDENT));
            } else if self.is_spaced(at) {
                out.push(' ');
            }
            out.push_str(token.text);
            before = Some(token);
        }
    }

    /// How many brackets each token of the code is inside of.
    fn levels(&self, n_code: usize) -> Vec<usize> {
        let mut level = 0_usize;
        self.tokens
            .iter()
            .take(n_code)
            .map(|token| {
                if token.kind != Kind::Symbol {
                    return level;
                }
                match token.text {
                    "(" | "[" | "{" => {
                        level += 1;
                        level - 1
                    }
                    ")" | "]" | "}" => {
                        level = level.saturating_sub(1);
                        level
                    }
                    _ => level,
                }
            })
            .collect()
    }

    /// The first token of the message of a check.
    fn message(&self, n_code: usize, levels: &[usize]) -> Option<usize> {
        let first = self.tokens.first()?;
        let start = *self.marks.messages.get(&first.start)?;
        let comma = self
            .tokens
            .iter()
            .zip(levels)
            .take(n_code)
            .take_while(|(token, _)| token.start < start)
            .enumerate()
            .filter(|(_, (token, level))| token.text == "," && **level == 0)
            .last()?;
        Some(comma.0 + 1)
    }

    /// Writes tokens from one to before another, broken where they are too long; `indent` for the first line, and
    /// `further` spaces more for the others.
    fn wrap(
        &self,
        (mut from, to): (usize, usize),
        indent: usize,
        further: usize,
        levels: &[usize],
        out: &mut String,
    ) {
        let mut column = indent;
        loop {
            let end = self.line_end(from, to, column, levels);
            if from < end {
                out.push_str(&" ".repeat(column));
            }
            for (at, token) in self.tokens.iter().enumerate().take(end).skip(from) {
                if at > from && self.is_spaced(at) {
                    out.push(' ');
                }
                out.push_str(token.text);
            }
            if end >= to {
                return;
            }
            out.push('\n');
            column = indent + further;
            from = end;
        }
    }

    /// Where the line that begins with `from` ends: behind as much as fits, at a break inside of as few brackets as can be.
    fn line_end(&self, from: usize, to: usize, column: usize, levels: &[usize]) -> usize {
        let mut to = to;
        while column + self.width(from, to) > WIDTH {
            let breaks = || {
                (from + 1..to)
                    .filter(|at| self.may_break(*at))
                    .map(|at| (levels.get(at).copied().unwrap_or_default(), at))
            };
            let Some(level) = breaks().map(|(level, _)| level).min() else {
                break;
            };
            let mut at_level = breaks()
                .filter(|(found, _)| *found == level)
                .map(|(_, at)| at);
            let first = at_level.next().unwrap_or(to);
            to = at_level
                .take_while(|at| column + self.width(from, *at) <= WIDTH)
                .last()
                .unwrap_or(first);
        }
        to
    }

    /// Whether a line may begin with a token.
    fn may_break(&self, at: usize) -> bool {
        let (Some(token), Some(before)) = (
            self.tokens.get(at),
            at.checked_sub(1).and_then(|at| self.tokens.get(at)),
        ) else {
            return false;
        };
        let is_word = token.kind == Kind::Word && before.text != ".";
        // `} else when …` stays together.
        let follows_block = at == 1 && before.text == "}";
        before.text == ","
            || self.marks.colons.contains(&before.start)
            || matches!(token.text, "??" | "|")
            || (is_word && BREAKS.contains(&token.text) && !follows_block)
    }

    fn width(&self, from: usize, to: usize) -> usize {
        (from..to)
            .filter_map(|at| Some((at, self.tokens.get(at)?)))
            .map(|(at, token)| {
                token.text.chars().count() + usize::from(at > from && self.is_spaced(at))
            })
            .sum()
    }

    /// Whether a space stands before a token that is not the first of its line.
    fn is_spaced(&self, at: usize) -> bool {
        let token = |back: usize| at.checked_sub(back).and_then(|at| self.tokens.get(at));
        let (Some(this), Some(before)) = (token(0), token(1)) else {
            return false;
        };
        let is_operand = |found: Option<&Token<'_>>, before: Option<&Token<'_>>| {
            found.is_some_and(|found| match found.kind {
                Kind::Value => true,
                Kind::Word => {
                    before.is_some_and(|before| before.text == ".")
                        || !OPERATORS.contains(&found.text)
                }
                Kind::Symbol => matches!(found.text, ")" | "]"),
                Kind::Comment => false,
            })
        };
        let after_operand = is_operand(Some(before), token(2));
        match (before.kind, before.text) {
            (Kind::Symbol, "(" | "[" | ".") => return this.kind == Kind::Comment,
            // A sign belongs to what follows, unless it stands between two operands.
            (Kind::Symbol, "-") => {
                let before_sign = at.checked_sub(3).and_then(|at| self.tokens.get(at));
                return is_operand(token(2), before_sign);
            }
            (Kind::Symbol, "{") if this.text == "}" || self.marks.tight.contains(&before.start) => {
                return this.kind == Kind::Comment;
            }
            _ => {}
        }
        match (this.kind, this.text) {
            (Kind::Symbol, "," | ")" | "]" | "." | ":" | "?" | ";") => false,
            (Kind::Symbol, "}") if self.marks.tight.contains(&this.start) => false,
            (Kind::Symbol, "(" | "[") => !after_operand,
            _ => true,
        }
    }
}
