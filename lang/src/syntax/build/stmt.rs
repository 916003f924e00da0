//! Blocks, attributes and statements.

use pest::iterators::Pair;

use super::Builder;
use super::common::{near, rules};
use crate::diagnostic::{Diagnostic, Edit};
use crate::span::Span;
use crate::syntax::MAX_NESTING;
use crate::syntax::ast::{
    Attribute, Block, Check, CheckKind, Expr, ExprKind, Generator, Name, Stmt, StmtKind,
};
use crate::syntax::grammar::Rule;

/// The words that begin a statement.
pub(super) const STMT_WORDS: &[&str] = &["let", "for", "when", "else", "require", "deny"];

/// The attributes of a policy.
pub(super) const ATTRIBUTES: &[&str] = &[
    "severity", "profiles", "controls", "category", "links", "default",
];

/// A block that ends where its indentation says it should not.
#[derive(Debug)]
pub(super) struct Suspect {
    shown: String,
    open: Span,
    close: Span,
    indent: String,
}

impl<'s> Builder<'s> {
    /// The attributes and the statements of a policy.
    pub(super) fn policy_block(
        &mut self,
        pair: Pair<'s, Rule>,
        head: Span,
        shown: &str,
    ) -> (Vec<Attribute>, Block) {
        let mut attributes = Vec::new();
        let block = self.stmts(pair, head, shown, Some(&mut attributes));
        (attributes, block)
    }

    fn block(&mut self, pair: Option<Pair<'s, Rule>>, head: Span, shown: &str) -> Block {
        if let Some(pair) = pair {
            return self.stmts(pair, head, shown, None);
        }
        self.report(
            Diagnostic::error(
                "missing-block",
                format!("{shown} has no block"),
                head,
                "`{` is missing after this",
            )
            .with_help("write what depends on it in `{ … }`")
            .with_edit(head.after(), " {}"),
        );
        Block {
            stmts: Vec::new(),
            span: head.after(),
        }
    }

    /// The block of a head; if something was said about the head, it is to blame for a missing brace too.
    fn block_after(
        &mut self,
        pair: Option<Pair<'s, Rule>>,
        head: Span,
        shown: &str,
        is_reported: bool,
    ) -> Block {
        let has_open = pair
            .as_ref()
            .is_some_and(|pair| pair.as_str().starts_with('{'));
        if !is_reported || has_open {
            return self.block(pair, head, shown);
        }
        match pair {
            None => self.silently(|builder| builder.block(None, head, shown)),
            Some(pair) => {
                let n_before = self.diagnostics.len();
                let block = self.block(Some(pair), head, shown);
                let missing = self
                    .diagnostics
                    .iter()
                    .skip(n_before)
                    .position(|found| found.code == "missing-brace" && found.span() == head);
                if let Some(at) = missing {
                    self.diagnostics.remove(n_before + at);
                }
                block
            }
        }
    }

    fn stmts(
        &mut self,
        pair: Pair<'s, Rule>,
        head: Span,
        shown: &str,
        mut attributes: Option<&mut Vec<Attribute>>,
    ) -> Block {
        let span = self.span(&pair);
        let n_at_start = self.diagnostics.len();
        let mut stmts = Vec::new();
        let mut open = span;
        let mut close = span.after();
        let mut last_end = head;
        let mut had_errors = false;
        let mut lacks_open = false;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            let n_before = self.diagnostics.len();
            match part.as_rule() {
                Rule::open | Rule::policy_open => {
                    open = part_span;
                    last_end = part_span;
                    lacks_open = part.as_str().is_empty();
                    if lacks_open {
                        last_end = head;
                        self.missing_open(head, shown);
                    }
                    continue;
                }
                Rule::close => {
                    close = Span {
                        end: part_span.start + u32::from(!part.as_str().is_empty()),
                        ..part_span
                    };
                    continue;
                }
                Rule::attribute => {
                    let attribute = self.attribute(part);
                    match attributes.as_deref_mut() {
                        Some(attributes) => attributes.push(attribute),
                        None => self.misplaced_attribute(&attribute, n_before),
                    }
                }
                // Text that goes on after a broken statement belongs to the same mistake.
                Rule::error_stmt if had_errors && self.goes_on(part_span) => {}
                _ => {
                    if let Some(stmt) = self.stmt(part) {
                        stmts.push(stmt);
                    }
                }
            }
            last_end = part_span;
            had_errors = self.diagnostics.len() > n_before || (had_errors && stmts.is_empty());
        }
        if close.start == close.end {
            // A brace that is missing inside of this block took the one that was meant for it.
            let mut inside = self.diagnostics.iter().skip(n_at_start);
            let is_explained = self.took_brace || inside.any(|found| found.code == "missing-brace");
            if !lacks_open && !is_explained {
                self.missing_close(open, last_end, shown);
            }
        } else if lacks_open {
            self.took_brace = true;
        } else if self.suspect.is_none() {
            self.suspect = self.suspect(open, close, shown);
        }
        Block {
            stmts,
            span: open.to(if close.start == close.end {
                last_end
            } else {
                close
            }),
        }
    }

    /// Whether text cannot begin anything, so that it belongs to what stands before it.
    fn goes_on(&self, span: Span) -> bool {
        let text = self.slice(span);
        text.starts_with("where ") || !text.starts_with(|first: char| first.is_ascii_alphabetic())
    }

    fn missing_open(&mut self, head: Span, shown: &str) {
        self.report(
            Diagnostic::error(
                "missing-brace",
                format!("expected `{{` before the block of {shown}"),
                head,
                "`{` is missing after this",
            )
            .with_help("open the block with `{`")
            .with_edit(head.after(), " {"),
        );
    }

    fn missing_close(&mut self, open: Span, last_end: Span, shown: &str) {
        if let Some(suspect) = self.suspect.take()
            && suspect.open.start > open.start
        {
            let line = Span::new(
                self.file,
                self.line_start(suspect.close.start),
                self.line_start(suspect.close.start),
            );
            let edit = format!("{}}}\n", suspect.indent);
            self.report(
                Diagnostic::error(
                    "missing-brace",
                    format!("the block of {} is not closed", suspect.shown),
                    suspect.open,
                    "this block begins here",
                )
                .with_label(suspect.close, "this `}` is indented less")
                .with_help("close the block with `}`")
                .with_edit(line, edit),
            );
            return;
        }
        let indent = self.indent(open.start);
        let on_one_line = !self.slice(open.to(last_end)).contains('\n');
        let edit = if on_one_line {
            " }".to_owned()
        } else {
            format!("\n{indent}}}")
        };
        self.report(
            Diagnostic::error(
                "missing-brace",
                format!("the block of {shown} is not closed"),
                open,
                "this block begins here",
            )
            .with_help("close the block with `}`")
            .with_edit(self.line_rest(last_end), edit),
        );
    }

    /// The empty span at the end of the line of `span`'s end, so that an insertion does not land in a comment.
    fn line_rest(&self, span: Span) -> Span {
        let rest = self.text.get(span.end as usize..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let len = if line.trim_start().starts_with("//") {
            line.trim_end().len()
        } else {
            0
        };
        let end = span.end + u32::try_from(len).unwrap_or_default();
        Span::new(self.file, end, end)
    }

    fn line_start(&self, at: u32) -> u32 {
        let before = self.text.get(..at as usize).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        u32::try_from(start).unwrap_or_default()
    }

    fn indent(&self, at: u32) -> &'s str {
        let line = self
            .text
            .get(self.line_start(at) as usize..at as usize)
            .unwrap_or_default();
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..blank).unwrap_or_default()
    }

    fn suspect(&self, open: Span, close: Span, shown: &str) -> Option<Suspect> {
        let indent = self.indent(open.start);
        let close_indent = self.indent(close.start);
        let begins_line = self
            .text
            .get(self.line_start(close.start) as usize..close.start as usize)
            .is_some_and(|before| before.trim().is_empty());
        let is_less = close_indent.len() < indent.len();
        (begins_line && is_less).then(|| Suspect {
            shown: shown.to_owned(),
            open,
            close,
            indent: indent.to_owned(),
        })
    }

    fn misplaced_attribute(&mut self, attribute: &Attribute, n_before: usize) {
        if self.diagnostics.len() > n_before {
            return;
        }
        self.report(
            Diagnostic::error(
                "misplaced-attribute",
                format!("`{}` belongs to the policy as a whole", attribute.name.text),
                attribute.name.span,
                "inside of a statement",
            )
            .with_help("move it to the top of the policy's block"),
        );
    }

    fn attribute(&mut self, pair: Pair<'s, Rule>) -> Attribute {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let mut name = Name {
            text: String::new(),
            span,
        };
        let mut values: Vec<Name> = Vec::new();
        // The comma, or the attribute's name, that still waits for a value.
        let mut waiting = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            if part.as_rule() == Rule::attr_name {
                name = self.name(&part);
                waiting = Some(part_span);
                continue;
            }
            if self.diagnostics.len() > n_before {
                if let Some(value) = self.silently(|builder| builder.attribute_value(part)) {
                    values.push(value);
                }
                continue;
            }
            if part.as_rule() == Rule::attr_comma {
                if waiting.is_some() {
                    let comma = self.char_at(part_span.start);
                    self.report(
                        Diagnostic::error(
                            "missing-value",
                            "expected a value before `,`",
                            comma,
                            "nothing stands before this",
                        )
                        .with_help("remove the comma")
                        .with_edit(comma, ""),
                    );
                }
                waiting = Some(self.char_at(part_span.start));
                continue;
            }
            if part.as_rule() == Rule::attr_bad {
                let mut diagnostic = Diagnostic::error(
                    "bad-attribute",
                    format!("expected a word or a string after `{}`", name.text),
                    part_span,
                    "not a value",
                );
                if matches!(part.as_str(), ":" | "=") {
                    diagnostic = diagnostic
                        .with_help(format!("write `{} VALUE`", name.text))
                        .with_edit(part_span, "");
                }
                self.report(diagnostic);
                continue;
            }
            if waiting.is_none()
                && let Some(last) = values.last()
            {
                let last = last.span;
                self.report(
                    Diagnostic::error(
                        "missing-comma",
                        "expected `,` between two values",
                        part_span,
                        "a second value",
                    )
                    .with_help("separate values with `,`")
                    .with_edit(last.after(), ","),
                );
            }
            waiting = None;
            if let Some(value) = self.attribute_value(part) {
                values.push(value);
            }
        }
        if let Some(waiting) = waiting
            && self.diagnostics.len() == n_before
        {
            self.report(
                Diagnostic::error(
                    "missing-value",
                    format!("expected a value after `{}`", self.slice(waiting)),
                    waiting,
                    "nothing follows",
                )
                .with_help(attribute_example(&name.text)),
            );
        }
        if name.text == "operations" && self.diagnostics.len() == n_before {
            self.report_later(
                "attributes",
                "`operations`",
                name.span,
                "an attribute of the full language",
            );
        }
        Attribute { name, values, span }
    }

    fn attribute_value(&mut self, pair: Pair<'s, Rule>) -> Option<Name> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::attr_word => Some(self.name(&pair)),
            Rule::string => {
                let text = self.plain_string(pair);
                Some(Name { text, span })
            }
            Rule::quoted => {
                let text = self.quoted(&pair);
                Some(Name { text, span })
            }
            _ => None,
        }
    }

    fn stmt(&mut self, pair: Pair<'s, Rule>) -> Option<Stmt> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::check => self.check(pair),
            Rule::let_stmt => self.let_stmt(pair),
            Rule::for_stmt => self.for_stmt(pair),
            Rule::when_stmt => return Some(self.when_stmt(pair)),
            Rule::param_stmt => {
                let word = self.word_at(span, "param");
                self.report_later("", "`param`", word, "a part of the full language");
                StmtKind::Error
            }
            Rule::fix_stmt => {
                let word = self.word_at(span, "fix");
                self.report_fix(word);
                StmtKind::Error
            }
            Rule::on_stmt => {
                let word = self.word_at(span, "on");
                self.report(
                    Diagnostic::error(
                        "not-yet",
                        "`on` inside of a policy is not supported yet",
                        word,
                        "a part of the full language",
                    )
                    .with_help("write the targets after the name: `policy NAME on KIND { … }`"),
                );
                StmtKind::Error
            }
            Rule::semicolon => {
                self.report(
                    Diagnostic::error(
                        "semicolon",
                        "a statement needs no `;` at its end",
                        span,
                        "not needed",
                    )
                    .with_help("remove it")
                    .with_edit(span, ""),
                );
                return None;
            }
            _ => {
                self.unknown_stmt(&pair, span);
                StmtKind::Error
            }
        };
        Some(Stmt { kind, span })
    }

    fn report_fix(&mut self, word: Span) {
        self.report_later("", "`fix`", word, "a part of the full language");
    }

    fn unknown_stmt(&mut self, pair: &Pair<'s, Rule>, span: Span) {
        let text = self.slice(span);
        let word = rules(pair.clone(), &[Rule::error_word]).next();
        let diagnostic = match word.as_ref().map(|word| (word.as_str(), self.span(word))) {
            None if text.starts_with('#') => self.hash_comment(span),
            None => {
                let first = self.char_at(span.start);
                Diagnostic::error(
                    "unknown-statement",
                    format!("no statement begins with `{}`", self.slice(first)),
                    first,
                    "not understood",
                )
                .with_help("a statement is `let`, `for`, `when`, `require` or `deny`")
            }
            Some((word, at)) => self.unknown_word(word, at),
        };
        self.report(diagnostic);
    }

    /// A diagnostic for a word that was meant to begin a statement or an attribute.
    pub(super) fn unknown_word(&self, word: &str, at: Span) -> Diagnostic {
        let as_stmt = match word {
            "assert" | "ensure" | "must" | "expect" => Some("require"),
            "forbid" | "reject" | "warn" | "violation" => Some("deny"),
            "foreach" => Some("for"),
            "const" | "var" | "def" | "set" => Some("let"),
            _ => near(word, STMT_WORDS),
        };
        if word == "else" || word == "elif" {
            return Diagnostic::error(
                "stray-else",
                format!("`{word}` follows no `when`"),
                at,
                "nothing to be the else of",
            )
            .with_help("write `when CONDITION { … } else { … }`");
        }
        if let Some(known) = as_stmt {
            return Diagnostic::error(
                "unknown-statement",
                format!("no statement begins with `{word}`"),
                at,
                "unknown word",
            )
            .with_help(format!("write `{known}`"))
            .with_edit(at, known);
        }
        let known = match word {
            "profile" => Some("profiles"),
            "control" => Some("controls"),
            "level" | "priority" => Some("severity"),
            "link" | "url" | "urls" => Some("links"),
            _ => near(word, ATTRIBUTES),
        };
        if let Some(known) = known {
            return Diagnostic::error(
                "unknown-attribute",
                format!("a policy has no attribute `{word}`"),
                at,
                "unknown attribute",
            )
            .with_help(format!("write `{known}`"))
            .with_edit(at, known);
        }
        Diagnostic::error(
            "unknown-statement",
            format!("no statement or attribute begins with `{word}`"),
            at,
            "unknown word",
        )
        .with_help("a statement is `let`, `for`, `when`, `require` or `deny`")
    }

    fn let_stmt(&mut self, pair: Pair<'s, Rule>) -> StmtKind {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "let");
        let n_before = self.diagnostics.len();
        let mut name = None;
        let mut assign = None;
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::let_name => name = Some(self.bound_name(&part)),
                Rule::assign => assign = Some((part.as_str(), self.span(&part))),
                Rule::expr => value = Some(part),
                _ => {}
            }
        }
        let at = name.as_ref().map_or(keyword, |name| name.span);
        match (&name, assign) {
            _ if self.diagnostics.len() > n_before => {}
            (None, _) => self.report(
                Diagnostic::error(
                    "missing-name",
                    "expected a name after `let`",
                    keyword,
                    "no name follows",
                )
                .with_help("write `let name = value`"),
            ),
            (Some(name), None) => {
                let mut diagnostic = Diagnostic::error(
                    "missing-value",
                    format!("expected `=` and a value after `{}`", name.text),
                    at,
                    "`=` is missing after this",
                )
                .with_help("write `let name = value`");
                if let Some(value) = &value
                    && value
                        .as_str()
                        .starts_with(|first: char| first.is_ascii_alphanumeric() || first == '"')
                {
                    diagnostic = diagnostic.with_edit(at.after(), " =");
                }
                self.report(diagnostic);
            }
            (Some(_), Some((":=", assign))) => self.report(
                Diagnostic::error(
                    "wrong-assign",
                    "a value is given with `=`",
                    assign,
                    "not an operator",
                )
                .with_help("write `=`")
                .with_edit(assign, "="),
            ),
            (Some(_), Some((":", assign))) => self.report(
                Diagnostic::error(
                    "wrong-assign",
                    "a `let` takes its type from its value",
                    assign,
                    "a type is not written here",
                )
                .with_help("write `let name = value`"),
            ),
            (Some(_), Some((_, assign))) if value.is_none() => self.report(
                Diagnostic::error(
                    "missing-value",
                    "expected a value after `=`",
                    assign,
                    "nothing follows",
                )
                .with_help("write `let name = value`"),
            ),
            (Some(_), Some(_)) => {}
        }
        let is_broken = self.diagnostics.len() > n_before && assign.is_none_or(|(op, _)| op == ":");
        let hole = self.hole(assign.map_or(at, |(_, assign)| assign));
        let value = match value {
            Some(value) if is_broken => self.silently(|builder| builder.expression(value)),
            Some(value) => self.expression(value),
            None => hole,
        };
        StmtKind::Let {
            name: name.unwrap_or_else(|| Name {
                text: String::new(),
                span: keyword.after(),
            }),
            value,
        }
    }

    fn for_stmt(&mut self, pair: Pair<'s, Rule>) -> StmtKind {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "for");
        let n_before = self.diagnostics.len();
        let mut head = keyword;
        let mut generator = None;
        let mut guard = None;
        let mut block = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::generator => generator = Some(self.generator(part)),
                Rule::where_clause => guard = Some(self.guard(part)),
                Rule::bad_head => self.bad_head(part_span, n_before),
                Rule::block => {
                    block = Some(part);
                    continue;
                }
                _ => {}
            }
            head = part_span;
        }
        let is_headless = generator.is_none() || self.diagnostics.len() > n_before;
        let generator = generator.unwrap_or_else(|| {
            self.report(
                Diagnostic::error(
                    "missing-generator",
                    "expected a name and a list after `for`",
                    keyword,
                    "nothing follows",
                )
                .with_help("write `for x in list { … }`"),
            );
            self.empty_generator(keyword)
        });
        let body = self.block_after(block, head, "this `for`", is_headless);
        StmtKind::For {
            generator,
            guard,
            body,
        }
    }

    /// Reports what stands between a head and its block, unless the head is reported already.
    fn bad_head(&mut self, span: Span, n_before: usize) {
        let text = self.slice(span);
        if self.diagnostics.len() > n_before {
            // `for x of xs`: the word stands where `in` was expected.
            if let Some(last) = self.diagnostics.last_mut()
                && last.code == "missing-list"
                && let Some(word) = ["of", "from", "="].iter().find(|word| {
                    text.strip_prefix(**word)
                        .is_some_and(|rest| rest.starts_with(' '))
                })
            {
                let len = u32::try_from(word.len()).unwrap_or_default();
                let at = Span {
                    end: span.start + len,
                    ..span
                };
                last.edits.push(Edit {
                    span: at,
                    text: "in".to_owned(),
                });
            }
            return;
        }
        let mut diagnostic = Diagnostic::error(
            "bad-head",
            "expected `{` before the block",
            span,
            "not understood here",
        );
        if text == ":" || text == "do" || text == "then" {
            diagnostic = diagnostic.with_help("remove it").with_edit(span, "");
        }
        self.report(diagnostic);
    }

    pub(super) fn empty_generator(&self, after: Span) -> Generator {
        Generator {
            names: Vec::new(),
            source: self.hole(after),
            span: after.after(),
        }
    }

    /// `x in xs`, `k, v in m`
    pub(super) fn generator(&mut self, pair: Pair<'s, Rule>) -> Generator {
        let span = self.span(&pair);
        let mut names: Vec<Name> = Vec::new();
        let mut in_word = None;
        let mut source = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::gen_name => names.push(self.bound_name(&part)),
                Rule::kw_in => in_word = Some(self.span(&part)),
                Rule::source => source = Some(self.expression(part)),
                _ => {}
            }
        }
        let last = names.last().map_or(span, |name| name.span);
        let source = source.unwrap_or_else(|| {
            let (message, at) = match in_word {
                Some(at) => ("expected a list or map after `in`".to_owned(), at),
                None => (format!("expected `in` after `{}`", self.slice(last)), last),
            };
            self.report(
                Diagnostic::error("missing-list", message, at, "nothing follows")
                    .with_help("write `x in list`"),
            );
            self.hole(at)
        });
        Generator {
            names,
            source,
            span,
        }
    }

    /// The condition of `where CONDITION`.
    pub(super) fn guard(&mut self, pair: Pair<'s, Rule>) -> Expr {
        let keyword = self.word_at(self.span(&pair), "where");
        match rules(pair, &[Rule::expr]).next() {
            Some(condition) => self.expression(condition),
            None => self.missing_condition(keyword, "where"),
        }
    }

    fn missing_condition(&mut self, keyword: Span, word: &str) -> Expr {
        self.report(
            Diagnostic::error(
                "missing-condition",
                format!("expected a condition after `{word}`"),
                keyword,
                "nothing follows",
            )
            .with_help(format!("write what to ask, such as `{word} x is set`")),
        );
        self.hole(keyword)
    }

    /// The empty expression just after `after`.
    pub(super) fn hole(&self, after: Span) -> Expr {
        Expr {
            kind: ExprKind::Hole,
            span: after.after(),
        }
    }

    fn when_stmt(&mut self, pair: Pair<'s, Rule>) -> Stmt {
        let span = self.span(&pair);
        let mut branches = Vec::new();
        let mut otherwise = None;
        let mut parts = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::else_when => branches.push((self.span(&part), part.into_inner().collect())),
                Rule::else_part => otherwise = Some(part),
                _ => parts.push(part),
            }
        }
        branches.insert(0, (span, parts));
        if let Some((at, _)) = branches.get(MAX_NESTING) {
            let at = self.word_at(*at, "else");
            self.report(
                Diagnostic::error(
                    "nesting-too-deep",
                    format!("more than {MAX_NESTING} branches in one `when`"),
                    at,
                    "one branch too many",
                )
                .with_help("use several `when`"),
            );
            branches.truncate(MAX_NESTING);
        }
        let mut built = Vec::new();
        for (at, parts) in branches {
            built.push((at, self.branch(at, parts)));
        }
        let mut rest = otherwise.map(|part| {
            let keyword = self.word_at(self.span(&part), "else");
            let block = rules(part, &[Rule::block]).next();
            self.block(block, keyword, "this `else`")
        });
        // From the last branch to the first, each is the `else` of the one before it.
        let mut result = None;
        while let Some((at, (at_when, condition, then))) = built.pop() {
            let stmt = Stmt {
                kind: StmtKind::When {
                    condition,
                    then,
                    otherwise: rest.take(),
                },
                span: at_when.to(span),
            };
            if built.is_empty() {
                result = Some(stmt);
            } else {
                rest = Some(Block {
                    stmts: vec![stmt],
                    span: Span {
                        end: span.end,
                        ..at
                    },
                });
            }
        }
        let mut stmt = result.unwrap_or(Stmt {
            kind: StmtKind::Error,
            span,
        });
        stmt.span = span;
        stmt
    }

    fn branch(&mut self, at: Span, parts: Vec<Pair<'s, Rule>>) -> (Span, Expr, Block) {
        let n_before = self.diagnostics.len();
        let mut word = at;
        let mut head = at;
        let mut condition = None;
        let mut block = None;
        for part in parts {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::when_word => {
                    word = part_span;
                    if part.as_str() == "if" {
                        self.report(
                            Diagnostic::error(
                                "if-statement",
                                "a conditional block begins with `when`",
                                word,
                                "not a statement",
                            )
                            .with_help("write `when`")
                            .with_edit(word, "when"),
                        );
                    }
                }
                Rule::expr => condition = Some(self.expression(part)),
                Rule::bad_head => self.bad_head(part_span, n_before),
                Rule::block => {
                    block = Some(part);
                    continue;
                }
                _ => {}
            }
            head = part_span;
        }
        let is_headless = condition.is_none();
        let condition = condition.unwrap_or_else(|| self.missing_condition(word, "when"));
        let then = self.block_after(block, head, "this `when`", is_headless);
        (word, condition, then)
    }

    fn check(&mut self, pair: Pair<'s, Rule>) -> StmtKind {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let mut keyword = span;
        let mut kind = CheckKind::Deny;
        let mut condition = None;
        let mut is_broken = false;
        let mut comma = None;
        let mut message = None;
        let mut severity = None;
        let mut place = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::kw_check => {
                    keyword = part_span;
                    if part.as_str() == "require" {
                        kind = CheckKind::Require;
                    }
                }
                Rule::expr if comma.is_some() => message = Some(self.expression(part)),
                Rule::expr => {
                    let (expr, juxtaposed) = self.condition(part);
                    condition = Some(expr);
                    message = juxtaposed;
                    is_broken = self.diagnostics.len() > n_before;
                }
                Rule::comma => comma = Some(part_span),
                Rule::bad_comma => self.report(
                    Diagnostic::error(
                        "extra-comma",
                        "no `,` stands before `severity` or `at`",
                        part_span,
                        "not needed",
                    )
                    .with_help("remove it")
                    .with_edit(part_span, ""),
                ),
                Rule::severity_clause => severity = Some(self.clause(part, "severity")),
                Rule::at_clause => place = Some(self.clause(part, "at")),
                Rule::fix_clause => {
                    let word = self.word_at(part_span, "fix");
                    self.report_fix(word);
                }
                _ => {}
            }
        }
        let word = self.slice(keyword);
        let condition = match condition {
            Some(condition) => condition,
            None => {
                is_broken = true;
                self.missing_condition(keyword, word)
            }
        };
        if message.is_none() && !is_broken {
            self.missing_message(word, &condition, comma, keyword);
        }
        StmtKind::Check(Check {
            fixes: Vec::new(),
            kind,
            condition,
            message,
            severity,
            place,
        })
    }

    fn missing_message(
        &mut self,
        word: &str,
        condition: &Expr,
        comma: Option<Span>,
        keyword: Span,
    ) {
        let diagnostic = match comma {
            Some(comma) => Diagnostic::error(
                "missing-message",
                "expected a message after `,`",
                comma,
                "nothing follows",
            )
            .with_edit(comma.after(), " \"…\""),
            None => {
                let at = self.line_end_of(condition, keyword);
                Diagnostic::error(
                    "missing-message",
                    "expected `,` and a message after the condition",
                    condition.span,
                    "nothing follows this",
                )
                .with_edit(at, ", \"…\"")
            }
        };
        let help = if word == "deny" {
            "say in a string what is wrong when this is true"
        } else {
            "say in a string what is wrong when this is false"
        };
        self.report(diagnostic.with_help(help));
    }

    /// The empty span after an expression and the parentheses around it.
    fn line_end_of(&self, condition: &Expr, keyword: Span) -> Span {
        let n_open = self
            .slice(Span::new(self.file, keyword.end, condition.span.start))
            .matches('(')
            .count();
        let mut end = condition.span.end;
        for _ in 0..n_open {
            let rest = self.text.get(end as usize..).unwrap_or_default();
            let blank = rest.len() - rest.trim_start().len();
            if rest.trim_start().starts_with(')') {
                end += u32::try_from(blank + 1).unwrap_or_default();
            }
        }
        Span::new(self.file, end, end)
    }

    fn clause(&mut self, pair: Pair<'s, Rule>, word: &str) -> Expr {
        let keyword = self.word_at(self.span(&pair), word);
        if let Some(value) = rules(pair, &[Rule::expr]).next() {
            return self.expression(value);
        }
        let help = if word == "at" {
            "write the field to point at, such as `at c.image`"
        } else {
            "write one of `critical`, `high`, `medium`, `low`, `info`"
        };
        self.report(
            Diagnostic::error(
                "missing-value",
                format!("expected a value after `{word}`"),
                keyword,
                "nothing follows",
            )
            .with_help(help),
        );
        self.hole(keyword)
    }
}

fn attribute_example(name: &str) -> String {
    match name {
        "severity" => "write one of `critical`, `high`, `medium`, `low`, `info`".to_owned(),
        "profiles" => "name a profile, such as `profiles pss-baseline`".to_owned(),
        "default" => "write `default on` or `default off`".to_owned(),
        _ => format!("write a string, such as `{name} \"…\"`"),
    }
}
