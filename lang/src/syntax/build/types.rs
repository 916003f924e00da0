//! Types as they are written.

use pest::iterators::Pair;

use super::Builder;
use super::common::rules;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{FieldDeclaration, Name, Target, TypeExpr, TypeExprKind};
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    /// `: TYPE`, or a type without its colon.
    pub(super) fn type_part(&mut self, pair: Pair<'s, Rule>) -> TypeExpr {
        let span = self.span(&pair);
        let mut colon = None;
        let mut ty = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::type_colon => colon = Some(self.span(&part)),
                _ => ty = Some(part),
            }
        }
        match (colon, ty) {
            (Some(_), Some(ty)) => self.type_expr(ty),
            (None, Some(ty)) => {
                let at = self.span(&ty);
                self.report(
                    Diagnostic::error(
                        "missing-colon",
                        "expected `:` before the type",
                        self.first_line(at),
                        "the type",
                    )
                    .with_help("write `NAME: TYPE`")
                    .with_edit(self.end_before(at), ":"),
                );
                self.type_expr(ty)
            }
            (colon, None) => self.missing_type(colon.unwrap_or(span)),
        }
    }

    /// `= TYPE`
    pub(super) fn type_value(&mut self, pair: Pair<'s, Rule>) -> TypeExpr {
        let mut assign = self.span(&pair);
        let mut ty = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::assign => assign = self.assign(&part),
                _ => ty = Some(self.type_expr(part)),
            }
        }
        ty.unwrap_or_else(|| self.missing_type(assign))
    }

    fn missing_type(&mut self, after: Span) -> TypeExpr {
        self.report(
            Diagnostic::error(
                "missing-type",
                format!("expected a type after `{}`", self.slice(after)),
                after,
                "nothing follows",
            )
            .with_help("write a type, such as `string`, `[string]` or `quantity`"),
        );
        self.type_hole(after)
    }

    /// No type, just after `after`.
    pub(super) fn type_hole(&self, after: Span) -> TypeExpr {
        TypeExpr {
            kind: TypeExprKind::Hole,
            span: after.after(),
        }
    }

    /// The empty span behind what stands before `span`.
    fn end_before(&self, span: Span) -> Span {
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let end = u32::try_from(before.trim_end().len()).unwrap_or_default();
        Span::new(self.file, end, end)
    }

    /// The type of a `type` pair: terms that are joined by `|`, or members that are joined by `<`.
    fn type_expr(&mut self, pair: Pair<'s, Rule>) -> TypeExpr {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let mut terms: Vec<TypeExpr> = Vec::new();
        let mut joins: Vec<Span> = Vec::new();
        let mut waits = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            if part.as_rule() == Rule::type_join {
                waits = Some(part_span);
                joins.push(part_span);
            } else {
                waits = None;
                let term = self.type_term(part);
                terms.push(term);
            }
        }
        if let Some(last) = waits
            && self.diagnostics.len() == n_before
        {
            self.missing_type(last);
        }
        if terms.len() < 2 {
            return terms.pop().unwrap_or_else(|| self.type_hole(span));
        }
        self.joined_types(terms, &joins, span, n_before)
    }

    fn joined_types(
        &mut self,
        terms: Vec<TypeExpr>,
        joins: &[Span],
        span: Span,
        n_before: usize,
    ) -> TypeExpr {
        let is_less = |builder: &Self, join: &Span| builder.slice(*join) == "<";
        let n_ordered = joins.iter().filter(|join| is_less(self, join)).count();
        let members = terms.iter().map(single_member).collect::<Option<Vec<_>>>();
        if n_ordered > 0 && (n_ordered < joins.len() || members.is_none()) {
            let at = joins.iter().find(|join| is_less(self, join));
            if let Some(at) = at.copied()
                && self.diagnostics.len() == n_before
            {
                self.report(
                    Diagnostic::error(
                        "bad-enum",
                        "only the members of one enum are ordered with `<`",
                        at,
                        "not between types",
                    )
                    .with_help("write `\"A\" < \"B\"` for an ordered enum, `A | B` for a union"),
                );
            }
        }
        let kind = match members {
            Some(members) => TypeExprKind::Enum {
                members,
                ordered: n_ordered > 0,
            },
            None => TypeExprKind::Union(terms),
        };
        TypeExpr { kind, span }
    }

    /// A type without `|`, with the `?` behind it; of a `type_term` or `cast_type` pair.
    pub(super) fn type_term(&mut self, pair: Pair<'s, Rule>) -> TypeExpr {
        let span = self.span(&pair);
        let mut ty = self.type_hole(Span {
            end: span.start,
            ..span
        });
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            let kind = match part.as_rule() {
                Rule::optional if matches!(ty.kind, TypeExprKind::Optional(_)) => {
                    self.report(
                        Diagnostic::error(
                            "bad-type",
                            "a type is optional once",
                            part_span,
                            "second `?`",
                        )
                        .with_help("remove it")
                        .with_edit(part_span, ""),
                    );
                    continue;
                }
                Rule::optional => {
                    let inner = std::mem::replace(&mut ty, self.type_hole(span));
                    TypeExprKind::Optional(Box::new(inner))
                }
                Rule::type_name => TypeExprKind::Name(self.type_name(part)),
                Rule::type_list => self.type_list(part),
                Rule::type_braces => self.type_braces(part),
                _ => {
                    let text = self.plain_string(part);
                    TypeExprKind::Enum {
                        members: vec![Name {
                            text,
                            span: part_span,
                        }],
                        ordered: false,
                    }
                }
            };
            ty = TypeExpr {
                kind,
                span: Span {
                    end: part_span.end,
                    ..span
                },
            };
        }
        ty
    }

    fn type_name(&mut self, pair: Pair<'s, Rule>) -> Target {
        self.target(pair)
    }

    fn type_list(&mut self, pair: Pair<'s, Rule>) -> TypeExprKind {
        let span = self.span(&pair);
        let open = self.char_at(span.start);
        let n_before = self.diagnostics.len();
        let mut ty = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::bracket_close if part.as_str().is_empty() => {
                    if self.diagnostics.len() == n_before {
                        self.not_closed(open, "]");
                    }
                }
                Rule::bracket_close => {}
                _ => ty = Some(self.type_expr(part)),
            }
        }
        let ty = ty.unwrap_or_else(|| {
            if self.diagnostics.len() == n_before {
                self.report(
                    Diagnostic::error(
                        "missing-type",
                        "expected a type in `[ ]`",
                        span,
                        "nothing stands here",
                    )
                    .with_help("write the type of an element, such as `[string]`"),
                );
            }
            self.type_hole(open)
        });
        TypeExprKind::List(Box::new(ty))
    }

    /// `{string: T}`, or fields.
    fn type_braces(&mut self, pair: Pair<'s, Rule>) -> TypeExprKind {
        let span = self.span(&pair);
        let mut fields = self.fields(pair);
        let is_map = matches!(
            fields.as_slice(),
            [FieldDeclaration { name, default: None, .. }]
                if self.slice(name.span) == "string" && !self.has_last_comma(span)
        );
        match fields.pop() {
            Some(only) if is_map => TypeExprKind::Map(Box::new(only.ty)),
            last => {
                fields.extend(last);
                TypeExprKind::Record(fields)
            }
        }
    }

    fn has_last_comma(&self, braces: Span) -> bool {
        let inside = self.slice(braces);
        inside
            .strip_suffix('}')
            .is_some_and(|inside| inside.trim_end().ends_with(','))
    }

    /// The fields between braces.
    pub(super) fn fields(&mut self, pair: Pair<'s, Rule>) -> Vec<FieldDeclaration> {
        let open = self.char_at(self.span(&pair).start);
        let n_before = self.diagnostics.len();
        let mut fields: Vec<FieldDeclaration> = Vec::new();
        let mut has_comma = true;
        for part in pair.into_inner() {
            let span = self.span(&part);
            let is_silent = self.diagnostics.len() > n_before;
            match part.as_rule() {
                Rule::comma => has_comma = true,
                Rule::field_decl => {
                    if !std::mem::take(&mut has_comma)
                        && !is_silent
                        && let Some(last) = fields.last()
                    {
                        let last = last.span;
                        self.missing_comma("fields", last, span);
                    }
                    let field = if is_silent {
                        self.silently(|builder| builder.field_declaration(part))
                    } else {
                        self.field_declaration(part)
                    };
                    fields.push(field);
                }
                Rule::bad_field if !is_silent => self.bad_field(span),
                Rule::braces_close if part.as_str().is_empty() && !is_silent => {
                    self.not_closed(open, "}");
                }
                _ => {}
            }
        }
        fields
    }

    pub(super) fn bad_field(&mut self, span: Span) {
        let shown = self.slice(self.first_line(span));
        self.report(
            Diagnostic::error(
                "unexpected",
                format!("expected `name: …` instead of `{shown}`"),
                self.first_line(span),
                "not understood here",
            )
            .with_help("write `name: …`, and `,` between two"),
        );
    }

    fn field_declaration(&mut self, pair: Pair<'s, Rule>) -> FieldDeclaration {
        let span = self.span(&pair);
        let mut name = None;
        let mut ty = None;
        let mut default = None;
        let mut split = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::field_key => name = Some(self.key(part)),
                Rule::type_part => ty = Some(self.type_part(part)),
                Rule::value_part => default = Some(self.value_part(part)),
                Rule::split_part => {
                    for text in rules(part, &[Rule::string]) {
                        let span = self.span(&text);
                        let text = self.plain_string(text);
                        split = Some(Name { text, span });
                    }
                }
                _ => {}
            }
        }
        let name = name.unwrap_or(Name {
            text: String::new(),
            span,
        });
        let ty = ty.unwrap_or_else(|| {
            self.report(
                Diagnostic::error(
                    "missing-type",
                    format!("expected `:` and a type after `{}`", name.text),
                    name.span,
                    "no type follows",
                )
                .with_help("write `name: TYPE`"),
            );
            self.type_hole(name.span)
        });
        FieldDeclaration {
            name,
            ty,
            default,
            split,
            doc: self.item_doc(span.start),
            span,
        }
    }

    /// The name of a field or key, quoted or not.
    pub(super) fn key(&mut self, pair: Pair<'s, Rule>) -> Name {
        let span = self.span(&pair);
        let Some(inner) = pair.into_inner().next() else {
            return Name {
                text: self.slice(span).to_owned(),
                span,
            };
        };
        if inner.as_rule() == Rule::string {
            let text = self.plain_string(inner);
            return Name { text, span };
        }
        let name = self.name(&inner);
        if name.text.contains('-') {
            let proposal = format!("\"{}\"", name.text);
            self.report(
                Diagnostic::error(
                    "unquoted-key",
                    format!("`{}` is written in quotes", name.text),
                    name.span,
                    "not a word",
                )
                .with_help(format!("write `{proposal}`"))
                .with_edit(name.span, proposal),
            );
        }
        name
    }
}

/// The member of an enum of one.
fn single_member(ty: &TypeExpr) -> Option<Name> {
    match &ty.kind {
        TypeExprKind::Enum { members, .. } => members.first().cloned(),
        _ => None,
    }
}
