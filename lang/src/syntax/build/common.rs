//! Spans, names and near names.

use pest::iterators::Pair;

use super::Builder;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::RESERVED;
use crate::syntax::ast::Name;
use crate::syntax::grammar::Rule;

/// The inner pairs of one of these rules.
pub(super) fn rules<'s>(
    pair: Pair<'s, Rule>,
    wanted: &'static [Rule],
) -> impl Iterator<Item = Pair<'s, Rule>> {
    pair.into_inner()
        .filter(move |part| wanted.contains(&part.as_rule()))
}

/// The known word that `word` was probably meant to be.
pub(super) fn near(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let lower = word.to_ascii_lowercase();
    let allowed = match lower.len() {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    };
    known
        .iter()
        .map(|candidate| (strsim::osa_distance(&lower, candidate), *candidate))
        .min()
        .filter(|(distance, _)| *distance <= allowed)
        .map(|(_, candidate)| candidate)
}

/// `noPrivileged_Containers here` as `no-privileged-containers-here`.
pub(super) fn to_kebab(text: &str) -> String {
    separated(text, '-')
}

/// `my-name` as `my_name`.
pub(super) fn to_snake(text: &str) -> String {
    separated(text, '_')
}

fn separated(text: &str, separator: char) -> String {
    let mut result = String::new();
    for letter in text.chars() {
        if !letter.is_ascii_alphanumeric() {
            if !result.is_empty() && !result.ends_with(separator) {
                result.push(separator);
            }
            continue;
        }
        let after_lower =
            result.ends_with(|last: char| last.is_ascii_lowercase() || last.is_ascii_digit());
        if letter.is_ascii_uppercase() && after_lower {
            result.push(separator);
        }
        result.push(letter.to_ascii_lowercase());
    }
    let trimmed = result.trim_end_matches(separator);
    trimmed
        .trim_start_matches(|first: char| first.is_ascii_digit() || first == separator)
        .to_owned()
}

impl<'s> Builder<'s> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Whether something within a span was reported.
    pub(super) fn has_reported(&self, span: Span) -> bool {
        self.diagnostics
            .iter()
            .any(|found| span.range().contains(&(found.span().start as usize)))
    }

    /// Runs `work` and drops what it reports, because its cause is reported already.
    pub(super) fn silently<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let n_before = self.diagnostics.len();
        let result = work(self);
        self.diagnostics.truncate(n_before);
        result
    }

    /// The span of a pair without the blanks and comments that the grammar skipped at its end.
    pub(super) fn span(&self, pair: &Pair<'s, Rule>) -> Span {
        let whole = pair.as_span();
        let start = whole.start();
        let end = match pair.as_rule() {
            // Blanks inside of these are their own.
            Rule::error_stmt
            | Rule::error_item
            | Rule::bad_header
            | Rule::bad_head
            | Rule::line_rest => start + whole.as_str().trim_end().len(),
            // The slashes of a target are no tokens, and these may end in one.
            Rule::target | Rule::on_clause | Rule::policy => tight_end(pair),
            _ => self.quick_end(pair).unwrap_or_else(|| tight_end(pair)),
        };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.file, offset(start), offset(end))
    }

    /// Where the last token of a pair ends, if no comment can follow it.
    ///
    /// What the grammar skips after a token ends with a blank, or in a comment that ends the file.
    fn quick_end(&self, pair: &Pair<'s, Rule>) -> Option<usize> {
        let whole = pair.as_span();
        let text = whole.as_str();
        let is_visible = |text: &str| text.ends_with(|last: char| last.is_ascii_graphic());
        if is_visible(text) && whole.end() < self.text.len() {
            return Some(whole.end());
        }
        let trimmed = text.trim_end();
        let line_start = trimmed.rfind(['\n', '\r']).map_or(0, |newline| newline + 1);
        let has_comment = trimmed.get(line_start..)?.contains("//");
        (is_visible(trimmed) && !has_comment).then(|| whole.start() + trimmed.len())
    }

    pub(super) fn slice(&self, span: Span) -> &'s str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The span of `word` at the start of `span`.
    pub(super) fn word_at(&self, span: Span, word: &str) -> Span {
        let len = u32::try_from(word.len()).unwrap_or_default();
        Span {
            end: span.start + len,
            ..span
        }
    }

    /// The span of the character at `start`.
    pub(super) fn char_at(&self, start: u32) -> Span {
        let len = self
            .text
            .get(start as usize..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        Span::new(
            self.file,
            start,
            start + u32::try_from(len).unwrap_or_default(),
        )
    }

    pub(super) fn name(&self, pair: &Pair<'s, Rule>) -> Name {
        Name {
            text: pair.as_str().to_owned(),
            span: self.span(pair),
        }
    }

    /// A name of a policy or pack.
    pub(super) fn kebab_name(&mut self, pair: &Pair<'s, Rule>, of: &str) -> Name {
        let name = self.name(pair);
        let proposal = to_kebab(&name.text);
        if proposal != name.text {
            self.report(
                Diagnostic::error(
                    "name-style",
                    format!("names of {of} are kebab-case, unlike `{}`", name.text),
                    name.span,
                    "not kebab-case",
                )
                .with_help(format!("write `{proposal}`"))
                .with_edit(name.span, proposal),
            );
        }
        name
    }

    /// A name that a `let` or a generator binds.
    pub(super) fn bound_name(&mut self, pair: &Pair<'s, Rule>) -> Name {
        let name = self.name(pair);
        if RESERVED.contains(&name.text.as_str()) {
            let proposal = format!("{}_", name.text);
            self.report(
                Diagnostic::error(
                    "reserved-word",
                    format!("`{}` is a word of the language, not a name", name.text),
                    name.span,
                    "reserved word",
                )
                .with_help(format!("choose another name, such as `{proposal}`"))
                .with_edit(name.span, proposal),
            );
        } else if name.text.contains('-') {
            let proposal = to_snake(&name.text);
            self.report(
                Diagnostic::error(
                    "name-style",
                    format!(
                        "names in expressions are snake_case, unlike `{}`",
                        name.text
                    ),
                    name.span,
                    "not snake_case",
                )
                .with_help(format!("write `{proposal}`"))
                .with_edit(name.span, proposal),
            );
        }
        name
    }

    pub(super) fn hash_comment(&self, span: Span) -> Diagnostic {
        let hash = Span {
            end: span.start + 1,
            ..span
        };
        Diagnostic::error(
            "hash-comment",
            "a comment begins with `//`, not with `#`",
            hash,
            "not a comment",
        )
        .with_help("write `//`")
        .with_edit(hash, "//")
    }
}

/// Where the last token of a pair ends.
fn tight_end(pair: &Pair<'_, Rule>) -> usize {
    let mut end = pair.as_span().start();
    let mut current = pair.clone();
    loop {
        let last = current
            .clone()
            .into_inner()
            .rev()
            .find(|part| !part.as_str().is_empty());
        match last {
            Some(last) => current = last,
            None => return end.max(current.as_span().start() + current.as_str().trim_end().len()),
        }
        end = end.max(current.as_span().start());
    }
}
