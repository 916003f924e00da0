//! Patterns: what a regular expression and a glob may be, `matches` and `like`.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{self as re, Ast, ErrorKind};
use regex_syntax::hir::{Hir, HirKind, Look};

use super::condition::of_bool;
use super::context::{Ctx, error_expr};
use super::words::{base_name, prose};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Builtin, Const, Expr, ExprKind, Type};
use crate::span::Span;
use crate::syntax::ast::{self, BinaryOp};

/// The longest pattern, in bytes.
const MAX_LEN: usize = 1_000;
/// The most states that a pattern may need.
const MAX_STATES: usize = 10_000;

impl Ctx<'_> {
    /// `left matches right`, `left like right`
    pub(super) fn pattern(
        &mut self,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Expr {
        let wanted = match op {
            BinaryOp::Matches => BaseType::Regex,
            _ => BaseType::Glob,
        };
        let text = self.value(left, None);
        let pattern = self.value(right, Some(&wanted));
        if text.ty.base == BaseType::Error || pattern.ty.base == BaseType::Error {
            return error_expr(span);
        }
        let word = if wanted == BaseType::Regex {
            "matches"
        } else {
            "like"
        };
        let is_text = matches!(
            text.ty.base,
            BaseType::String | BaseType::Enum(_) | BaseType::Image
        );
        if !is_text {
            let what = prose(&text.ty.base);
            let message = format!("`{word}` takes a string, not {what}");
            let diagnostic = Diagnostic::error("type-mismatch", message, text.span, what);
            self.report(match &text.ty.base {
                BaseType::Any | BaseType::IntOrString => diagnostic
                    .with_help("say that it is text: `as string`")
                    .with_edit(text.span.after(), " as string"),
                BaseType::List(_) => diagnostic.with_help("go through it with `any` or `all`"),
                _ => diagnostic.with_help("compare it with `==`, or ask a field of it"),
            });
            return error_expr(span);
        }
        if pattern.ty.base != wanted {
            let diagnostic = self.no_pattern(&pattern, &wanted, word, text.span);
            self.report(diagnostic);
            return error_expr(span);
        }
        if !self.expect_present(&pattern, None) {
            return error_expr(span);
        }
        self.warn_of_plain_glob(&pattern, right, text.span.to(pattern.span));
        let optional = text.ty.optional;
        of_bool(Expr {
            kind: ExprKind::Call(Builtin::Matches, vec![text, pattern]),
            ty: Type {
                base: BaseType::Bool,
                optional,
            },
            span,
        })
    }

    fn no_pattern(&self, pattern: &Expr, wanted: &BaseType, word: &str, text: Span) -> Diagnostic {
        let (ty, what) = (base_name(wanted), prose(&pattern.ty.base));
        let message = format!("what follows `{word}` is a {ty}, not {what}");
        let diagnostic = Diagnostic::error("type-mismatch", message, pattern.span, what);
        match &pattern.ty.base {
            BaseType::List(of) if **of == *wanted => {
                let fixed = match (self.source(text), self.source(pattern.span)) {
                    (Some(text), Some(list)) => format!("{text} in {list}"),
                    _ => "… in …".to_owned(),
                };
                diagnostic
                    .with_help(format!("write `{fixed}`"))
                    .with_edit(text.to(pattern.span), fixed)
            }
            BaseType::Regex => diagnostic.with_help("write `matches`"),
            BaseType::Glob => diagnostic.with_help("write `like`"),
            _ => diagnostic.with_help(format!(
                "write the pattern in quotes, or take it from a parameter of type `{ty}`"
            )),
        }
    }

    /// Says so if a glob has nothing that makes it one.
    fn warn_of_plain_glob(&mut self, pattern: &Expr, written: &ast::Expr, whole: Span) {
        let ExprKind::Const(Const::Glob(glob)) = &pattern.kind else {
            return;
        };
        if !matches!(written.kind, ast::ExprKind::String(_))
            || glob.contains(['*', '?', '[', '{', '\\'])
        {
            return;
        }
        let between = self.source(whole).and_then(|text| {
            let at = text.rfind(" like ")?;
            Some((u32::try_from(at).ok()?, " like ".len()))
        });
        let diagnostic = Diagnostic::warning(
            "plain-glob",
            "this pattern matches one text only",
            pattern.span,
            "no `*` in it",
        )
        .with_help("write `==`");
        self.report(match between {
            Some((at, len)) => {
                let start = whole.start + at;
                let end = start + u32::try_from(len).unwrap_or(0);
                let op = Span {
                    start,
                    end,
                    ..whole
                };
                diagnostic.with_edit(op, " == ")
            }
            None => diagnostic,
        });
    }

    /// Warns of a text with a `*` in it where it is looked for as it stands.
    pub(super) fn warn_about_call(&mut self, builtin: Builtin, values: &[Expr], span: Span) {
        let [text, part] = values else { return };
        let ExprKind::Const(Const::String(literal)) = &part.kind else {
            return;
        };
        let is_prefix = match builtin {
            Builtin::StartsWith => true,
            Builtin::EndsWith | Builtin::Contains => false,
            _ => return,
        };
        if literal.is_empty() {
            self.always(true, span, "every text has the empty text in it".to_owned());
            return;
        }
        if !literal.contains('*') {
            return;
        }
        let diagnostic = Diagnostic::warning(
            "star-in-text",
            "a `*` stands for itself here",
            part.span,
            "not a pattern",
        );
        let fixed = self.source(text.span).filter(|_| is_prefix).map(|text| {
            let end = if literal.ends_with('*') { "" } else { "**" };
            format!("{text} like {:?}", format!("{literal}{end}"))
        });
        self.report(match fixed {
            Some(fixed) => diagnostic
                .with_help(format!("write `{fixed}`"))
                .with_edit(span, fixed),
            None => diagnostic.with_help("write `like` and a glob"),
        });
    }

    /// A constant regular expression.
    pub(super) fn regex(&mut self, text: String, span: Span) -> Expr {
        if let Err(problem) = check_regex(&text) {
            self.report(
                Diagnostic::error(
                    "bad-pattern",
                    problem.message,
                    span,
                    "not a regular expression",
                )
                .with_help(problem.help),
            );
            return error_expr(span);
        }
        if never_matches(&text) {
            self.report(
                Diagnostic::warning(
                    "never-matches",
                    "this regular expression never matches",
                    span,
                    "matches nothing",
                )
                .with_help("`^` is the start of the text, `$` its end"),
            );
        }
        super::context::constant(Const::Regex(text), BaseType::Regex, span)
    }

    /// A constant glob.
    pub(super) fn glob(&mut self, text: String, span: Span) -> Expr {
        if let Err(problem) = check_glob(&text) {
            self.report(
                Diagnostic::error("bad-pattern", problem, span, "not a glob")
                    .with_help("close it, or write `\\` before a sign that stands for itself"),
            );
            return error_expr(span);
        }
        super::context::constant(Const::Glob(text), BaseType::Glob, span)
    }
}

/// What is wrong with a pattern.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    message: String,
    help: String,
}

fn problem(message: impl Into<String>, help: impl Into<String>) -> Problem {
    Problem {
        message: message.into(),
        help: help.into(),
    }
}

/// Refuses what RE2 has not, and what `docs/meaning.md` leaves out.
fn check_regex(text: &str) -> Result<(), Problem> {
    if text.len() > MAX_LEN {
        return Err(problem(
            "this pattern is too long",
            "write at most 1000 bytes",
        ));
    }
    let tree = Parser::new()
        .parse(text)
        .map_err(|error| match error.kind() {
            ErrorKind::UnsupportedLookAround => problem(
                "regular expressions have no look-around",
                "ask a second question with `and` or `not`",
            ),
            ErrorKind::UnsupportedBackreference => problem(
                "regular expressions have no back-references",
                "write what may stand there",
            ),
            kind => problem(
                format!("this is no regular expression: {kind}"),
                "write `\\` before a sign that stands for itself, and the pattern as `r\"…\"`",
            ),
        })?;
    let states = states(&tree)?;
    if states > MAX_STATES {
        return Err(problem("this pattern is too large", "repeat less"));
    }
    Ok(())
}

/// About how many states a pattern needs; an error for what is not in the dialect.
fn states(tree: &Ast) -> Result<usize, Problem> {
    Ok(match tree {
        Ast::Empty(_) => 0,
        Ast::Flags(flags) => check_flags(&flags.flags)?,
        Ast::Literal(_) | Ast::Dot(_) | Ast::ClassPerl(_) => 1,
        Ast::Assertion(assertion) => match assertion.kind {
            re::AssertionKind::StartLine
            | re::AssertionKind::EndLine
            | re::AssertionKind::StartText
            | re::AssertionKind::EndText
            | re::AssertionKind::WordBoundary
            | re::AssertionKind::NotWordBoundary => 1,
            _ => {
                return Err(problem(
                    "this kind of word boundary is not available",
                    "write `\\b`",
                ));
            }
        },
        Ast::ClassUnicode(_) => return Err(no_unicode_class()),
        Ast::ClassBracketed(class) => check_class(&class.kind)?,
        Ast::Repetition(repetition) => {
            let inner = states(&repetition.ast)?;
            let times = match repetition.op.kind {
                re::RepetitionKind::Range(
                    re::RepetitionRange::Exactly(n)
                    | re::RepetitionRange::AtLeast(n)
                    | re::RepetitionRange::Bounded(_, n),
                ) => n.max(1),
                _ => 1,
            };
            if times > MAX_LEN as u32 {
                return Err(problem("a repetition of more than 1000", "repeat less"));
            }
            inner.saturating_mul(times as usize).saturating_add(1)
        }
        Ast::Group(group) => {
            if let re::GroupKind::NonCapturing(flags) = &group.kind {
                check_flags(flags)?;
            }
            states(&group.ast)?
        }
        Ast::Alternation(of) => sum(&of.asts)?,
        Ast::Concat(of) => sum(&of.asts)?,
    })
}

fn sum(all: &[Ast]) -> Result<usize, Problem> {
    all.iter()
        .try_fold(1_usize, |sum, one| Ok(sum.saturating_add(states(one)?)))
}

fn check_flags(flags: &re::Flags) -> Result<usize, Problem> {
    for item in &flags.items {
        if let re::FlagsItemKind::Flag(flag) = &item.kind {
            match flag {
                re::Flag::CaseInsensitive
                | re::Flag::MultiLine
                | re::Flag::DotMatchesNewLine
                | re::Flag::SwapGreed => {}
                re::Flag::Unicode | re::Flag::CRLF | re::Flag::IgnoreWhitespace => {
                    return Err(problem(
                        "this flag is not available",
                        "the flags are `i`, `m`, `s` and `U`",
                    ));
                }
            }
        }
    }
    Ok(0)
}

fn check_class(set: &re::ClassSet) -> Result<usize, Problem> {
    let item = match set {
        re::ClassSet::BinaryOp(_) => {
            return Err(problem(
                "classes have no `&&`, `--` or `~~`",
                "write `\\` before a sign that stands for itself",
            ));
        }
        re::ClassSet::Item(item) => item,
    };
    check_item(item)
}

fn check_item(item: &re::ClassSetItem) -> Result<usize, Problem> {
    match item {
        re::ClassSetItem::Unicode(_) => Err(no_unicode_class()),
        re::ClassSetItem::Bracketed(class) => check_class(&class.kind),
        re::ClassSetItem::Union(of) => {
            for item in &of.items {
                check_item(item)?;
            }
            Ok(1)
        }
        re::ClassSetItem::Empty(_)
        | re::ClassSetItem::Literal(_)
        | re::ClassSetItem::Range(_)
        | re::ClassSetItem::Ascii(_)
        | re::ClassSetItem::Perl(_) => Ok(1),
    }
}

fn no_unicode_class() -> Problem {
    problem(
        "classes like `\\pL` are not available",
        "write the letters that are meant: `[a-z]`",
    )
}

/// True if it is plain that no text matches.
fn never_matches(text: &str) -> bool {
    let hir = regex_syntax::ParserBuilder::new().build().parse(text);
    hir.is_ok_and(|hir| is_hopeless(&hir))
}

fn is_hopeless(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(_) => hir.properties().minimum_len().is_none(),
        HirKind::Capture(capture) => is_hopeless(&capture.sub),
        HirKind::Repetition(repetition) => repetition.min > 0 && is_hopeless(&repetition.sub),
        HirKind::Alternation(all) => all.iter().all(is_hopeless),
        HirKind::Concat(all) => {
            let takes_text = |hir: &Hir| hir.properties().minimum_len().is_some_and(|len| len > 0);
            let is_look = |hir: &Hir, look: Look| matches!(hir.kind(), HirKind::Look(found) if *found == look);
            let mut has_text = false;
            let mut has_end = false;
            for part in all {
                if is_hopeless(part) || has_text && is_look(part, Look::Start) {
                    return true;
                }
                if takes_text(part) {
                    if has_end {
                        return true;
                    }
                    has_text = true;
                }
                has_end |= is_look(part, Look::End);
            }
            false
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => false,
    }
}

/// Refuses globs with a bracket, a brace or an escape that is not closed.
pub(super) fn check_glob(text: &str) -> Result<(), &'static str> {
    if text.len() > MAX_LEN {
        return Err("this pattern is too long");
    }
    let mut depth = 0_usize;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if signs.next().is_none() => return Err("a `\\` ends this glob"),
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '[' => {
                if signs.peek() == Some(&'!') {
                    signs.next();
                }
                // A bracket right at the start stands for itself.
                let mut is_first = true;
                loop {
                    match signs.next() {
                        None => return Err("a `[` of this glob is not closed"),
                        Some(']') if !is_first => break,
                        Some('\\') => {
                            signs.next();
                        }
                        Some(_) => {}
                    }
                    is_first = false;
                }
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err("a `{` of this glob is not closed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_glob, check_regex, never_matches};

    #[test]
    fn the_dialect_is_that_of_re2() {
        for text in [
            "^a+$",
            r"\w\d\s\b",
            "(?i)x|y",
            "[a-z]{3}",
            "(?m)^x",
            "é.ü",
            "(?P<n>a)",
        ] {
            assert_eq!(check_regex(text), Ok(()), "{text}");
        }
        for text in [
            "(?=a)",
            r"(a)\1",
            r"\pL",
            "(?x)a",
            "(",
            "a{1001}",
            "[a&&b]",
            "((a{99}){99}){99}",
        ] {
            assert!(check_regex(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_can_never_match_is_seen() {
        for text in ["a^b", "$a", "(a$)b|x^", r"[^\s\S]"] {
            assert_eq!(never_matches(text), text != "(a$)b|x^", "{text}");
        }
        for text in ["^a$", "a*^", "(?m)a$\nb", ""] {
            assert!(!never_matches(text), "{text}");
        }
    }

    #[test]
    fn globs_close_what_they_open() {
        for text in ["*", "a/**/b", "[!a-z]", "[]]", "{a,{b,c}}", r"\[", "a}"] {
            assert_eq!(check_glob(text), Ok(()), "{text}");
        }
        for text in ["[a", "{a,b", r"a\", "[!"] {
            assert!(check_glob(text).is_err(), "{text}");
        }
    }
}
