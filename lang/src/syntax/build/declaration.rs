//! Declarations of one line or of fields: `param`, `fn`, `const`, `type`, `kind`, `use`.

use pest::iterators::Pair;

use super::Builder;
use super::common::rules;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{
    Const, Expr, Fn, FnParam, Item, ItemKind, KindDeclaration, KindSource, Name, Param,
    TypeDeclaration, TypeExpr,
};
use crate::syntax::grammar::Rule;

/// The formats of files that `kind … from` reads.
const FORMATS: &[&str] = &[
    "crd",
    "json",
    "yaml",
    "toml",
    "dockerfile",
    "keyvalue",
    "text",
];

/// The formats that say themselves which fields there are.
const FIXED_FORMATS: &[&str] = &["crd", "dockerfile", "text"];

/// What the name of a declaration looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Naming {
    /// It stands in expressions: snake case, no reserved word.
    Value,
    /// It stands in types.
    Type,
}

/// The parts that many declarations have; each with the end of what was read of it.
#[derive(Debug, Default)]
struct Parts {
    name: Option<Name>,
    ty: Option<TypeExpr>,
    value: Option<Expr>,
    constraint: Option<Expr>,
    params: Option<Vec<FnParam>>,
    /// The end of the last part.
    end: Span,
}

impl<'s> Builder<'s> {
    pub(super) fn pack_param(&mut self, pair: Pair<'s, Rule>) -> Item {
        let param = self.param(pair);
        Item {
            doc: param.doc.clone(),
            span: param.span,
            kind: ItemKind::Param(param),
        }
    }

    /// `param NAME: TYPE [= DEFAULT] [where CONSTRAINT]`
    pub(super) fn param(&mut self, pair: Pair<'s, Rule>) -> Param {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "param");
        let n_before = self.diagnostics.len();
        let example = "write `param NAME: TYPE`, or `param NAME: TYPE = DEFAULT`";
        let parts = self.parts(pair, keyword, Naming::Value);
        let name = self.required_name(parts.name, keyword, "param", example, n_before);
        let ty = parts.ty.unwrap_or_else(|| {
            if self.diagnostics.len() == n_before {
                self.report(
                    Diagnostic::error(
                        "missing-type",
                        format!("expected `:` and a type after `{}`", name.text),
                        name.span,
                        "no type follows",
                    )
                    .with_help(example),
                );
            }
            self.type_hole(name.span)
        });
        Param {
            name,
            ty,
            default: parts.value,
            constraint: parts.constraint,
            doc: self.item_doc(span.start),
            span,
        }
    }

    /// `fn NAME(a: TYPE, b) [: TYPE] = EXPRESSION`
    pub(super) fn function(&mut self, pair: Pair<'s, Rule>) -> Item {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "fn");
        let n_before = self.diagnostics.len();
        let example = "write `fn name(x: TYPE) = value`";
        let parts = self.parts(pair, keyword, Naming::Value);
        let name = self.required_name(parts.name, keyword, "fn", example, n_before);
        if parts.params.is_none() && self.diagnostics.len() == n_before {
            self.report(
                Diagnostic::error(
                    "missing-parameters",
                    format!("expected `(` and parameters after `{}`", name.text),
                    name.span,
                    "`(` is missing after this",
                )
                .with_help("write `()` for a function without parameters, or declare a `const`")
                .with_edit(name.span.after(), "()"),
            );
        }
        let body = self.required_value(parts.value, parts.end, example, n_before);
        self.item(
            span,
            ItemKind::Fn(Fn {
                name,
                params: parts.params.unwrap_or_default(),
                result: parts.ty,
                body,
            }),
        )
    }

    /// `const NAME[: TYPE] = EXPRESSION`
    pub(super) fn constant(&mut self, pair: Pair<'s, Rule>) -> Item {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "const");
        let n_before = self.diagnostics.len();
        let example = "write `const name = value`";
        let parts = self.parts(pair, keyword, Naming::Value);
        let name = self.required_name(parts.name, keyword, "const", example, n_before);
        let value = self.required_value(parts.value, parts.end, example, n_before);
        self.item(
            span,
            ItemKind::Const(Const {
                name,
                ty: parts.ty,
                value,
            }),
        )
    }

    /// `type NAME = TYPE`
    pub(super) fn type_declaration(&mut self, pair: Pair<'s, Rule>) -> Item {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "type");
        let n_before = self.diagnostics.len();
        let example = "write `type Name = { field: TYPE }`";
        let parts = self.parts(pair, keyword, Naming::Type);
        let name = self.required_name(parts.name, keyword, "type", example, n_before);
        let ty = parts.ty.unwrap_or_else(|| {
            if self.diagnostics.len() == n_before {
                self.report(
                    Diagnostic::error(
                        "missing-type",
                        format!("expected `=` and a type after `{}`", name.text),
                        name.span,
                        "no type follows",
                    )
                    .with_help(example),
                );
            }
            self.type_hole(name.span)
        });
        self.item(span, ItemKind::Type(TypeDeclaration { name, ty }))
    }

    /// `use PACK`
    pub(super) fn use_item(&mut self, pair: Pair<'s, Rule>) -> Item {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "use");
        let n_before = self.diagnostics.len();
        let name = rules(pair, &[Rule::kebab])
            .next()
            .map(|name| self.kebab_name(&name, "packs"));
        let name = self.required_name(name, keyword, "use", "write `use PACK`", n_before);
        self.item(span, ItemKind::Use(name))
    }

    /// `kind NAME from FORMAT[(option: value, …)] "glob", … [merged first|last] [{ fields }]`,
    /// `kind NAME for GROUP { fields }`
    pub(super) fn kind(&mut self, pair: Pair<'s, Rule>) -> Item {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "kind");
        let n_before = self.diagnostics.len();
        let mut name = None;
        let mut source = None;
        let mut fields = None;
        let mut end = keyword;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::decl_name => name = Some(self.declared_name(&part, Naming::Type)),
                Rule::kind_for => source = Some(self.kind_for(part)),
                Rule::kind_from => source = Some(self.kind_from(part)),
                Rule::type_braces => fields = Some(self.fields(part)),
                _ => {}
            }
            end = part_span;
        }
        let name = self.required_name(name, keyword, "kind", "write `kind NAME from …`", n_before);
        let source = source.unwrap_or_else(|| {
            if self.diagnostics.len() == n_before {
                self.report(
                    Diagnostic::error(
                        "missing-source",
                        format!("kind `{}` does not say where it comes from", name.text),
                        name.span,
                        "`from` or `for` is missing after this",
                    )
                    .with_help("write `from json \"GLOB\"`, `from crd \"PATH\"` or `for GROUP`"),
                );
            }
            KindSource::Group(Name {
                text: String::new(),
                span: name.span.after(),
            })
        });
        let is_fixed = matches!(&source, KindSource::File { format, .. } if FIXED_FORMATS.contains(&format.text.as_str()));
        if fields.is_none() && !is_fixed && self.diagnostics.len() == n_before {
            self.report(
                Diagnostic::error(
                    "missing-fields",
                    format!("kind `{}` has no fields", name.text),
                    end,
                    "`{` is missing after this",
                )
                .with_help("write its fields in `{ name: TYPE, … }`")
                .with_edit(end.after(), " {}"),
            );
        }
        self.item(
            span,
            ItemKind::Kind(KindDeclaration {
                name,
                source,
                fields,
            }),
        )
    }

    fn kind_for(&mut self, pair: Pair<'s, Rule>) -> KindSource {
        let keyword = self.word_at(self.span(&pair), "for");
        match rules(pair, &[Rule::group_name]).next() {
            Some(group) => KindSource::Group(self.name(&group)),
            None => {
                self.report(
                    Diagnostic::error(
                        "missing-name",
                        "expected a group after `for`",
                        keyword,
                        "no name follows",
                    )
                    .with_help("name the group of the API, such as `for example.org`"),
                );
                KindSource::Group(Name {
                    text: String::new(),
                    span: keyword.after(),
                })
            }
        }
    }

    fn kind_from(&mut self, pair: Pair<'s, Rule>) -> KindSource {
        let keyword = self.word_at(self.span(&pair), "from");
        let n_before = self.diagnostics.len();
        let mut format = None;
        let mut options = Vec::new();
        let mut patterns: Vec<Name> = Vec::new();
        let mut merged = None;
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::format => format = Some(self.format(&part)),
                Rule::format_options => options = self.format_options(part),
                Rule::string => {
                    let text = self.plain_string(part);
                    patterns.push(Name { text, span });
                }
                Rule::merged => merged = self.merged(part),
                _ => {}
            }
        }
        let format = format.unwrap_or_else(|| {
            self.report(
                Diagnostic::error(
                    "missing-name",
                    "expected a format after `from`",
                    keyword,
                    "no name follows",
                )
                .with_help(format!("write one of `{}`", FORMATS.join("`, `"))),
            );
            Name {
                text: String::new(),
                span: keyword.after(),
            }
        });
        if patterns.is_empty() && self.diagnostics.len() == n_before {
            self.report(
                Diagnostic::error(
                    "missing-value",
                    format!("expected a string after `{}`", format.text),
                    format.span,
                    "no string follows",
                )
                .with_help("say which files they are, such as `\"**/daemon.json\"`"),
            );
        }
        KindSource::File {
            format,
            options,
            patterns,
            merged,
        }
    }

    /// `(option: value, …)`
    fn format_options(&mut self, pair: Pair<'s, Rule>) -> Vec<(Name, Name)> {
        let open = self.char_at(self.span(&pair).start);
        let is_closed = pair.as_str().ends_with(')');
        let mut options = Vec::new();
        for part in rules(pair, &[Rule::format_option]) {
            let mut words = part.into_inner();
            let Some(name) = words.next().map(|word| self.name(&word)) else {
                continue;
            };
            let value = words.next().map(|value| {
                let span = self.span(&value);
                match value.as_rule() {
                    Rule::string => Name {
                        text: self.plain_string(value),
                        span,
                    },
                    _ => self.name(&value),
                }
            });
            let Some(value) = value else {
                self.report(
                    Diagnostic::error(
                        "missing-value",
                        format!("expected `:` and a value after `{}`", name.text),
                        name.span,
                        "no value follows",
                    )
                    .with_help("write `name: \"value\"`"),
                );
                continue;
            };
            options.push((name, value));
        }
        if !is_closed {
            self.not_closed(open, ")");
        }
        options
    }

    fn format(&mut self, pair: &Pair<'s, Rule>) -> Name {
        let name = self.name(pair);
        if !FORMATS.contains(&name.text.as_str()) {
            let mut diagnostic = Diagnostic::error(
                "unknown-format",
                format!("no files are read as `{}`", name.text),
                name.span,
                "unknown format",
            );
            diagnostic = match super::common::near(&name.text, FORMATS) {
                Some(known) => diagnostic
                    .with_help(format!("write `{known}`"))
                    .with_edit(name.span, known),
                None => diagnostic.with_help(format!("write one of `{}`", FORMATS.join("`, `"))),
            };
            self.report(diagnostic);
        }
        name
    }

    fn merged(&mut self, pair: Pair<'s, Rule>) -> Option<Name> {
        let keyword = self.word_at(self.span(&pair), "merged");
        let name = rules(pair, &[Rule::word])
            .next()
            .map(|word| self.name(&word));
        let is_known = name
            .as_ref()
            .is_some_and(|name| matches!(name.text.as_str(), "first" | "last"));
        if !is_known {
            self.report(
                Diagnostic::error(
                    "missing-value",
                    "expected `first` or `last` after `merged`",
                    keyword,
                    "neither follows",
                )
                .with_help("say whether the first file or the last one wins"),
            );
        }
        name
    }

    pub(super) fn item(&self, span: Span, kind: ItemKind) -> Item {
        Item {
            kind,
            doc: self.item_doc(span.start),
            span,
        }
    }

    /// The parts of a `param`, `fn`, `const` or `type`.
    fn parts(&mut self, pair: Pair<'s, Rule>, keyword: Span, naming: Naming) -> Parts {
        let mut parts = Parts {
            end: keyword,
            ..Parts::default()
        };
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::decl_name => parts.name = Some(self.declared_name(&part, naming)),
                Rule::named => self.named(part, naming, &mut parts),
                Rule::fn_params => parts.params = Some(self.fn_params(part)),
                Rule::type_part => parts.ty = Some(self.type_part(part)),
                Rule::type_value => parts.ty = Some(self.type_value(part)),
                Rule::value_part => parts.value = Some(self.value_part(part)),
                Rule::where_clause => parts.constraint = Some(self.guard(part)),
                _ => {}
            }
            if span.start < span.end {
                parts.end = span;
            }
        }
        parts
    }

    /// A name, and a type whose colon is missing.
    fn named(&mut self, pair: Pair<'s, Rule>, naming: Naming, parts: &mut Parts) {
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::decl_name => parts.name = Some(self.declared_name(&part, naming)),
                _ => parts.ty = Some(self.type_part(part)),
            }
        }
    }

    pub(super) fn declared_name(&mut self, pair: &Pair<'s, Rule>, naming: Naming) -> Name {
        match naming {
            Naming::Value => self.bound_name(pair),
            Naming::Type => {
                let name = self.name(pair);
                if name.text.contains('-') {
                    let proposal = name.text.replace('-', "");
                    self.report(
                        Diagnostic::error(
                            "name-style",
                            format!("names of types have no hyphens, unlike `{}`", name.text),
                            name.span,
                            "not a type's name",
                        )
                        .with_help(format!("write `{proposal}`"))
                        .with_edit(name.span, proposal),
                    );
                }
                name
            }
        }
    }

    /// The name, or a report that there is none.
    pub(super) fn required_name(
        &mut self,
        name: Option<Name>,
        keyword: Span,
        word: &str,
        help: &str,
        n_before: usize,
    ) -> Name {
        name.unwrap_or_else(|| {
            if self.diagnostics.len() == n_before {
                self.report(
                    Diagnostic::error(
                        "missing-name",
                        format!("expected a name after `{word}`"),
                        keyword,
                        "no name follows",
                    )
                    .with_help(help),
                );
            }
            Name {
                text: String::new(),
                span: keyword.after(),
            }
        })
    }

    fn required_value(
        &mut self,
        value: Option<Expr>,
        end: Span,
        help: &str,
        n_before: usize,
    ) -> Expr {
        value.unwrap_or_else(|| {
            if self.diagnostics.len() == n_before {
                self.report(
                    Diagnostic::error(
                        "missing-value",
                        "expected `=` and a value",
                        end,
                        "`=` is missing after this",
                    )
                    .with_help(help),
                );
            }
            self.hole(end)
        })
    }

    fn fn_params(&mut self, pair: Pair<'s, Rule>) -> Vec<FnParam> {
        let open = self.char_at(self.span(&pair).start);
        let n_before = self.diagnostics.len();
        let mut params: Vec<FnParam> = Vec::new();
        let mut has_comma = true;
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::comma => has_comma = true,
                Rule::fn_param => {
                    if !std::mem::take(&mut has_comma)
                        && let Some(last) = params.last()
                        && self.diagnostics.len() == n_before
                    {
                        let last = last.name.span;
                        self.missing_comma("parameters", last, span);
                    }
                    let param = self.fn_param(part, span);
                    params.push(param);
                }
                Rule::group_close
                    if part.as_str().is_empty() && self.diagnostics.len() == n_before =>
                {
                    self.not_closed(open, ")");
                }
                _ => {}
            }
        }
        params
    }

    fn fn_param(&mut self, pair: Pair<'s, Rule>, span: Span) -> FnParam {
        let mut name = None;
        let mut ty = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::fn_name => name = Some(self.bound_name(&part)),
                Rule::type_part => ty = Some(self.type_part(part)),
                _ => {}
            }
        }
        let name = name.unwrap_or(Name {
            text: String::new(),
            span,
        });
        FnParam { name, ty }
    }

    /// `= VALUE`
    pub(super) fn value_part(&mut self, pair: Pair<'s, Rule>) -> Expr {
        let mut assign = self.span(&pair);
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::assign => assign = self.assign(&part),
                _ => value = Some(self.expression(part)),
            }
        }
        value.unwrap_or_else(|| {
            self.report(
                Diagnostic::error(
                    "missing-value",
                    format!("expected a value after `{}`", self.slice(assign)),
                    assign,
                    "nothing follows",
                )
                .with_help("write a value, such as `= 4Gi`"),
            );
            self.hole(assign)
        })
    }

    /// The span of a sign that gives a value, which should be `=`.
    pub(super) fn assign(&mut self, pair: &Pair<'s, Rule>) -> Span {
        let span = self.span(pair);
        if pair.as_str() != "=" {
            self.report(
                Diagnostic::error(
                    "wrong-assign",
                    "a value is given with `=`",
                    span,
                    "not an operator",
                )
                .with_help("write `=`")
                .with_edit(span, "="),
            );
        }
        span
    }

    pub(super) fn missing_comma(&mut self, of: &str, last: Span, at: Span) {
        self.report(
            Diagnostic::error(
                "missing-comma",
                format!("expected `,` between two {of}"),
                self.first_line(at),
                "a second one",
            )
            .with_help(format!("separate {of} with `,`"))
            .with_edit(last.after(), ","),
        );
    }

    pub(super) fn not_closed(&mut self, open: Span, close: &str) {
        self.report(
            Diagnostic::error(
                "missing-bracket",
                format!("this `{}` is not closed", self.slice(open)),
                open,
                "opens here",
            )
            .with_help(format!("close it with `{close}`")),
        );
    }
}
