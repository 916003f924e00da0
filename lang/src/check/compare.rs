//! Comparisons: `==`, `!=`, ordering and `in`.

use super::comprehension::rank;
use super::condition::{negated, of_bool};
use super::context::{Ctx, condition_expr, error_expr};
use super::literal::is_quantity;
use super::words::{near, prose, quoted_choice, type_name};
use crate::diagnostic::Diagnostic;
use crate::program::{
    BaseType, Binding, Builtin, CompareOp, Const, Domain, Expr, ExprKind, Generator, Quantifier,
    QuantifierKind, Type,
};
use crate::span::Span;
use crate::syntax::ast::{self, BinaryOp};

/// What two values have in common for a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meet {
    /// They are compared as this.
    As(Domain),
    /// They are never equal.
    Never,
    /// Values of such a type are not compared.
    Not,
}

impl Ctx<'_> {
    pub(super) fn comparison(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Expr {
        match op {
            BinaryOp::In => self.member_of(left, right, span),
            BinaryOp::NotIn => negated(self.member_of(left, right, span), span),
            BinaryOp::Equal => self.equality(op_span, left, right, span, false),
            BinaryOp::NotEqual => negated(self.equality(op_span, left, right, span, true), span),
            BinaryOp::Less => self.ordering(CompareOp::Less, left, right, span),
            BinaryOp::LessEqual => self.ordering(CompareOp::LessEqual, left, right, span),
            BinaryOp::Greater => self.ordering(CompareOp::Greater, left, right, span),
            BinaryOp::GreaterEqual => self.ordering(CompareOp::GreaterEqual, left, right, span),
            BinaryOp::Matches | BinaryOp::Like => self.pattern(op, left, right, span),
            BinaryOp::Or
            | BinaryOp::And
            | BinaryOp::Coalesce
            | BinaryOp::Plus
            | BinaryOp::Minus
            | BinaryOp::Times
            | BinaryOp::Divide
            | BinaryOp::IntegerDivide
            | BinaryOp::Remainder => error_expr(span),
        }
    }

    /// Both values; a literal takes the type of the other side.
    fn operands(&mut self, left: &ast::Expr, right: &ast::Expr) -> (Expr, Expr) {
        if is_literal(left) && !is_literal(right) {
            let right = self.value(right, None);
            let left = self.value(left, Some(&right.ty.base));
            return (left, right);
        }
        let left = self.value(left, None);
        let right = self.value(right, Some(&left.ty.base));
        (left, right)
    }

    fn equality(
        &mut self,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        negate: bool,
    ) -> Expr {
        if let ast::ExprKind::Record(members) = &right.kind
            && members.is_empty()
        {
            self.value(left, None);
            let test = if negate { "is not empty" } else { "is empty" };
            self.report(
                Diagnostic::error(
                    "misplaced-record",
                    "a record is no value here",
                    right.span,
                    "an empty one",
                )
                .with_help(format!("write `{test}`"))
                .with_edit(
                    Span {
                        end: right.span.end,
                        ..op_span
                    },
                    test,
                ),
            );
            return error_expr(span);
        }
        let (left, right) = self.operands(left, right);
        if left.ty.base == BaseType::Error || right.ty.base == BaseType::Error {
            return error_expr(span);
        }
        if is_none(&left) || is_none(&right) {
            return self.equals_none(left, right, op_span, span, negate);
        }
        let (left, right) = self.written_namespaces(left, right);
        match meet_values(&left, &right) {
            Meet::As(Domain::Pattern) => {
                let word = match (&left.ty.base, &right.ty.base) {
                    (BaseType::Regex, _) | (_, BaseType::Regex) => "matches",
                    _ => "like",
                };
                let word = if negate {
                    format!("not {word}")
                } else {
                    word.to_owned()
                };
                self.report(
                    Diagnostic::error(
                        "type-mismatch",
                        "a pattern is not compared",
                        op_span,
                        "a comparison",
                    )
                    .with_help(format!("write `{word}`")),
                );
                error_expr(span)
            }
            Meet::As(domain) => {
                if !self.check_member_texts(&left, &right) {
                    return error_expr(span);
                }
                self.warn_if_constant(&left, &right, span, negate);
                compare(CompareOp::Equal, domain, left, right, span)
            }
            Meet::Never => {
                let diagnostic = self.never_equal(&left, &right, op_span);
                self.report(diagnostic);
                error_expr(span)
            }
            Meet::Not => {
                let diagnostic = self.not_comparable(&left, &right, op_span, negate);
                self.report(diagnostic);
                error_expr(span)
            }
        }
    }

    /// `x == none`
    fn equals_none(
        &mut self,
        left: Expr,
        right: Expr,
        op_span: Span,
        span: Span,
        negate: bool,
    ) -> Expr {
        let (value, none) = if is_none(&left) {
            (right, left)
        } else {
            (left, right)
        };
        if !value.ty.optional {
            let what = self.quote(value.span, "this value");
            let is_collection = matches!(value.ty.base, BaseType::List(_) | BaseType::Map(_));
            let message = format!("{what} is never absent");
            let label = format!("of type `{}`", type_name(&value.ty));
            let mut diagnostic = Diagnostic::error("never-holds", message, none.span, "never")
                .with_label(value.span, label);
            if is_collection && value.span.start < none.span.start {
                let test = if negate { "is not empty" } else { "is empty" };
                diagnostic = diagnostic
                    .with_help(format!("write `{test}`"))
                    .with_edit(op_span.to(none.span), test)
                    .with_note("Absent and empty are the same for lists and maps.");
            } else {
                diagnostic = diagnostic.with_help("remove the comparison");
            }
            self.report(diagnostic);
            return error_expr(span);
        }
        if is_none(&value) {
            self.always(
                !negate,
                span,
                "both sides of the comparison are `none`".into(),
            );
        }
        let set = condition_expr(ExprKind::IsSet(Box::new(value)), span);
        negated(set, span)
    }

    fn ordering(&mut self, op: CompareOp, left: &ast::Expr, right: &ast::Expr, span: Span) -> Expr {
        let (left, right) = self.operands(left, right);
        if left.ty.base == BaseType::Error || right.ty.base == BaseType::Error {
            return error_expr(span);
        }
        if let Some(members) = self.order_of(&left, &right) {
            return self.ranked(op, left, right, &members, span);
        }
        let domain = match meet(&left.ty.base, &right.ty.base) {
            Meet::As(domain) => domain,
            Meet::Never | Meet::Not => {
                let diagnostic = self.never_equal(&left, &right, span);
                self.report(diagnostic);
                return error_expr(span);
            }
        };
        let is_ordered = match domain {
            Domain::Int
            | Domain::Quantity
            | Domain::Number
            | Domain::Version
            | Domain::Duration
            | Domain::Timestamp => true,
            Domain::String => {
                let is_enum = |value: &Expr| matches!(value.ty.base, BaseType::Enum(_));
                !is_enum(&left) && !is_enum(&right)
            }
            Domain::Bool | Domain::Scalar | Domain::Pattern => false,
        };
        if !is_ordered {
            let unordered = if matches!(left.kind, ExprKind::Const(_)) {
                &right
            } else {
                &left
            };
            let what = prose(&unordered.ty.base);
            let message = format!("{what} is not ordered");
            let diagnostic =
                Diagnostic::error("type-mismatch", message, unordered.span, "no order");
            self.report(match unordered.ty.base {
                BaseType::Any | BaseType::IntOrString => {
                    diagnostic.with_help("say what it is, such as `as int`")
                }
                _ => diagnostic.with_help("compare with `==`, `!=` or `in`"),
            });
            return error_expr(span);
        }
        // One absent operand at a time: the first one's edit makes the second one's unneeded, or the next run says so.
        if !self.expect_present(&left, Some(span)) || !self.expect_present(&right, Some(span)) {
            return error_expr(span);
        }
        compare(op, domain, left, right, span)
    }

    /// The members of an ordered enum, if one of two values is of it.
    fn order_of(&self, left: &Expr, right: &Expr) -> Option<Vec<String>> {
        [left, right]
            .into_iter()
            .find_map(|value| match &value.ty.base {
                BaseType::Enum(members) if self.env.is_ordered(members) => Some(members.clone()),
                _ => None,
            })
    }

    /// `left op right` by the positions of texts in an ordered enum.
    fn ranked(
        &mut self,
        op: CompareOp,
        left: Expr,
        right: Expr,
        members: &[String],
        span: Span,
    ) -> Expr {
        let of = BaseType::Enum(members.to_vec());
        let (left, right) = (self.fitted(left, &of), self.fitted(right, &of));
        if left.ty.base == BaseType::Error || right.ty.base == BaseType::Error {
            return error_expr(span);
        }
        if !self.expect_present(&left, Some(span)) || !self.expect_present(&right, Some(span)) {
            return error_expr(span);
        }
        compare(
            op,
            Domain::Int,
            rank(left, members),
            rank(right, members),
            span,
        )
    }

    /// A value within a range, or within one of several.
    fn within(&mut self, function: Builtin, needle: Expr, range: Expr, span: Span) -> Expr {
        let BaseType::List(of) = &range.ty.base else {
            if !self.expect_present(&range, Some(span)) {
                return error_expr(span);
            }
            let optional = needle.ty.optional;
            let call = Expr {
                kind: ExprKind::Call(function, vec![needle, range]),
                ty: Type {
                    base: BaseType::Bool,
                    optional,
                },
                span,
            };
            return of_bool(call);
        };
        let element = Type::plain((**of).clone());
        let id = self.add_local("range", element.clone(), Binding::Element, span);
        let one = Expr {
            kind: ExprKind::Local(id),
            ty: element,
            span: range.span,
        };
        let body = self.within(function, needle, one, span);
        let quantifier = Quantifier {
            kind: QuantifierKind::Any,
            generators: vec![Generator {
                key: None,
                element: id,
                source: range,
            }],
            guard: None,
            body,
        };
        condition_expr(ExprKind::Quantifier(Box::new(quantifier)), span)
    }

    /// `left in right`
    fn member_of(&mut self, left: &ast::Expr, right: &ast::Expr, span: Span) -> Expr {
        let (needle, list) = if is_literal(right) {
            let needle = self.value(left, None);
            let wanted = wanted_after_in(&needle.ty.base, right);
            let list = self.value(right, Some(&wanted));
            (needle, list)
        } else {
            let list = self.value(right, None);
            let element = match &list.ty.base {
                BaseType::List(element) => Some((**element).clone()),
                _ => None,
            };
            (self.value(left, element.as_ref()), list)
        };
        if needle.ty.base == BaseType::Error || list.ty.base == BaseType::Error {
            return error_expr(span);
        }
        if let Some(function) = range_test(&needle.ty.base, &list.ty.base) {
            return self.within(function, needle, list, span);
        }
        let BaseType::List(element) = &list.ty.base else {
            self.not_a_list(&needle, &list, span);
            return error_expr(span);
        };
        if matches!(&list.kind, ExprKind::Const(Const::List(items)) if items.is_empty()) {
            self.report(
                Diagnostic::error(
                    "never-holds",
                    "nothing is in an empty list",
                    list.span,
                    "empty",
                )
                .with_help("name the values that are meant"),
            );
            return error_expr(span);
        }
        let one = Expr {
            ty: crate::program::Type::plain((**element).clone()),
            ..list.clone()
        };
        match meet(&needle.ty.base, element) {
            Meet::As(domain) => {
                if !self.check_member_texts(&needle, &one) {
                    return error_expr(span);
                }
                if let (ExprKind::Const(value), ExprKind::Const(Const::List(items))) =
                    (&needle.kind, &list.kind)
                {
                    let found = items.contains(value);
                    self.always(found, span, "both sides of `in` are constant".into());
                }
                let kind = ExprKind::In {
                    domain,
                    needle: Box::new(needle),
                    list: Box::new(list),
                };
                condition_expr(kind, span)
            }
            Meet::Never | Meet::Not => {
                let (what, of) = (prose(&needle.ty.base), prose(element));
                let message = format!("{what} is never in a list of {}", plural(&of));
                let diagnostic = Diagnostic::error("never-holds", message, needle.span, what)
                    .with_label(list.span, format!("of type `{}`", type_name(&list.ty)));
                let diagnostic = self.with_literal_fix(diagnostic, &needle, element);
                self.report(diagnostic);
                error_expr(span)
            }
        }
    }

    fn not_a_list(&mut self, needle: &Expr, list: &Expr, span: Span) {
        let what = self.quote(list.span, "this");
        let message = format!("{what} is {}, not a list", prose(&list.ty.base));
        let mut diagnostic =
            Diagnostic::error("not-a-list", message, list.span, prose(&list.ty.base));
        let sources = (self.source(needle.span), self.source(list.span));
        if let (BaseType::Map(_), (Some(key), Some(map))) = (&list.ty.base, sources) {
            let asked = format!("{map}[{key}] is set");
            diagnostic = diagnostic
                .with_help(format!("write `{asked}`"))
                .with_edit(span, asked);
        } else if meet(&needle.ty.base, &list.ty.base) == Meet::Never {
            diagnostic = diagnostic.with_help("write a list after `in`");
        } else {
            diagnostic = diagnostic.with_help("compare with `==`, or write a list: `[…]`");
        }
        self.report(diagnostic);
    }

    /// Says so if a constant is not among the members of the other side's enum.
    fn check_member_texts(&mut self, left: &Expr, right: &Expr) -> bool {
        let is_enum = |value: &Expr| matches!(value.ty.base, BaseType::Enum(_));
        let ok = self.check_members_of(left, right);
        if is_enum(left) && is_enum(right) {
            return ok;
        }
        self.check_members_of(right, left) && ok
    }

    fn check_members_of(&mut self, of: &Expr, value: &Expr) -> bool {
        let BaseType::Enum(members) = &of.ty.base else {
            return true;
        };
        if let BaseType::Enum(others) = &value.ty.base {
            if others.iter().any(|other| members.contains(other)) {
                return true;
            }
            let (a, b) = (self.quote(of.span, "this"), self.quote(value.span, "that"));
            let message = format!("{a} and {b} are never equal");
            self.report(
                Diagnostic::error("never-holds", message, value.span, values(others))
                    .with_label(of.span, values(members)),
            );
            return false;
        }
        let texts: Vec<String> = match self.constant_of(value) {
            Some(Const::String(text)) => vec![text.clone()],
            Some(Const::List(items)) => items
                .iter()
                .filter_map(|item| match item {
                    Const::String(text) => Some(text.clone()),
                    _ => None,
                })
                .collect(),
            _ => return true,
        };
        let mut ok = true;
        for text in texts {
            if members.contains(&text) {
                continue;
            }
            ok = false;
            let diagnostic = self.not_a_member(&text, members, value, of.span);
            self.report(diagnostic);
        }
        ok
    }

    /// The constant that a value is, under whatever name.
    fn constant_of<'v>(&'v self, value: &'v Expr) -> Option<&'v Const> {
        match &value.kind {
            ExprKind::Const(constant) => Some(constant),
            ExprKind::Local(id) => match &self.name(*id)?.local.binding {
                Binding::Let(bound) => self.constant_of(bound),
                Binding::Object
                | Binding::Part
                | Binding::Element
                | Binding::Key
                | Binding::Index => None,
            },
            _ => None,
        }
    }

    fn not_a_member(&self, text: &str, members: &[String], value: &Expr, of: Span) -> Diagnostic {
        // Of a list only the item itself is wrong.
        let quoted = format!("\"{text}\"");
        let mut at = value.span;
        if let Some(start) = self
            .source(value.span)
            .and_then(|source| source.find(&quoted))
        {
            at.start += u32::try_from(start).unwrap_or(0);
            at.end = at.start + u32::try_from(quoted.len()).unwrap_or(0);
        }
        let what = self.quote(of, "this field");
        let message = format!("{what} is never `{quoted}`");
        let mut diagnostic =
            Diagnostic::error("not-a-member", message, at, "not one of its values");
        if of != value.span {
            diagnostic = diagnostic.with_label(of, values(members));
        }
        let stands_here = self.source(at) == Some(&quoted);
        match near(text, members.iter().map(String::as_str)) {
            Some(near) => {
                let fixed = format!("\"{near}\"");
                let help = format!("write `{fixed}`");
                let diagnostic = diagnostic.with_help(help);
                if stands_here {
                    diagnostic.with_edit(at, fixed)
                } else {
                    diagnostic
                }
            }
            None => diagnostic.with_help(format!("write {}", quoted_choice(members, 8))),
        }
    }

    fn warn_if_constant(&mut self, left: &Expr, right: &Expr, span: Span, negate: bool) {
        if let (ExprKind::Const(a), ExprKind::Const(b)) = (&left.kind, &right.kind) {
            let value = (a == b) != negate;
            self.always(
                value,
                span,
                "both sides of the comparison are constant".into(),
            );
        }
    }

    /// A comparison of values of different types.
    fn never_equal(&self, left: &Expr, right: &Expr, at: Span) -> Diagnostic {
        let (literal, other) = if matches!(left.kind, ExprKind::Const(_)) {
            (left, right)
        } else {
            (right, left)
        };
        let source = self
            .source(literal.span)
            .filter(|_| is_scalar_const(literal));
        let what = match source {
            Some(source) => format!("{} `{source}`", the(&literal.ty.base)),
            None => prose(&literal.ty.base),
        };
        let message = format!("cannot compare {} with {what}", prose(&other.ty.base));
        let at = if literal.span == other.span {
            at
        } else {
            literal.span
        };
        let mut diagnostic = Diagnostic::error("never-holds", message, at, prose(&literal.ty.base))
            .with_label(other.span, format!("of type `{}`", type_name(&other.ty)));
        if at == other.span {
            diagnostic.labels.truncate(1);
        }
        self.with_literal_fix(diagnostic, literal, &other.ty.base)
    }

    /// Adds how the constant `literal` is written as a `wanted`, if it can be.
    fn with_literal_fix(
        &self,
        diagnostic: Diagnostic,
        literal: &Expr,
        wanted: &BaseType,
    ) -> Diagnostic {
        match literal_as(literal, wanted) {
            Some(fixed) => diagnostic
                .with_help(format!("write `{fixed}`"))
                .with_edit(literal.span, fixed),
            None => diagnostic.with_help(match (&literal.ty.base, wanted) {
                (_, BaseType::List(_)) => {
                    "ask about its elements, with `in`, `any` or `all`".into()
                }
                (BaseType::List(_), _) => "go through it with `any` or `all`".into(),
                (_, BaseType::Map(_) | BaseType::Record(_)) => "compare what is in it".into(),
                (_, BaseType::Any) => "compare it with a string, a number or a bool".into(),
                _ => format!("compare it with {}", prose(wanted)),
            }),
        }
    }

    fn not_comparable(&self, left: &Expr, right: &Expr, op_span: Span, negate: bool) -> Diagnostic {
        let is_plain = |value: &Expr| {
            !matches!(
                value.ty.base,
                BaseType::List(_) | BaseType::Map(_) | BaseType::Record(_)
            )
        };
        let whole = if is_plain(left) { right } else { left };
        let message = format!("{} is not compared as a whole", prose(&whole.ty.base));
        let diagnostic =
            Diagnostic::error("type-mismatch", message, whole.span, prose(&whole.ty.base));
        let is_empty_list =
            matches!(&right.kind, ExprKind::Const(Const::List(items)) if items.is_empty());
        if is_empty_list {
            let test = if negate { "is not empty" } else { "is empty" };
            return diagnostic
                .with_help(format!("write `{test}`"))
                .with_edit(op_span.to(right.span), test);
        }
        let sources = (self.source(left.span), self.source(right.span));
        if let (BaseType::List(element), (Some(list), Some(value))) = (&left.ty.base, sources)
            && matches!(meet(element, &right.ty.base), Meet::As(_))
        {
            let word = if negate { "not in" } else { "in" };
            let fixed = format!("{value} {word} {list}");
            return diagnostic
                .with_help(format!("write `{fixed}`"))
                .with_edit(left.span.to(right.span), fixed);
        }
        diagnostic.with_help("compare what is in it, or ask with `is set` or `is empty`")
    }
}

/// What a literal after `in` is: text is a range, or a list of ranges, of what is sought.
fn wanted_after_in(needle: &BaseType, right: &ast::Expr) -> BaseType {
    let range = match needle {
        BaseType::Ip | BaseType::Cidr => Some(BaseType::Cidr),
        BaseType::Version => Some(BaseType::Versions),
        BaseType::Int => Some(BaseType::Range),
        _ => None,
    };
    let is_text = |expr: &ast::Expr| matches!(expr.kind, ast::ExprKind::String(_));
    match (range, &right.kind) {
        (Some(range), ast::ExprKind::String(_)) => range,
        (Some(range), ast::ExprKind::List(items)) if items.first().is_some_and(is_text) => {
            // An address in a list of addresses, a version in a list of versions as text.
            let is_range = items.iter().all(|item| is_range_text(item, &range));
            BaseType::List(Box::new(if is_range { range } else { needle.clone() }))
        }
        _ => BaseType::List(Box::new(needle.clone())),
    }
}

fn is_range_text(expr: &ast::Expr, range: &BaseType) -> bool {
    let ast::ExprKind::String(text) = &expr.kind else {
        return false;
    };
    let [ast::StringPart::Text(text)] = text.as_slice() else {
        return false;
    };
    match range {
        BaseType::Cidr => super::scalar::is_cidr(text),
        BaseType::Versions => super::scalar::is_versions(text),
        _ => super::scalar::is_range(text),
    }
}

/// What asks whether a value is within a range, or within one of a list of ranges.
fn range_test(needle: &BaseType, ranges: &BaseType) -> Option<Builtin> {
    let range = match ranges {
        BaseType::List(of) => of,
        other => other,
    };
    match (needle, range) {
        (BaseType::Ip | BaseType::Cidr, BaseType::Cidr) => Some(Builtin::WithinCidr),
        (BaseType::Version, BaseType::Versions) => Some(Builtin::WithinVersions),
        (BaseType::Int, BaseType::Range) => Some(Builtin::WithinRange),
        _ => None,
    }
}

fn compare(op: CompareOp, domain: Domain, left: Expr, right: Expr, span: Span) -> Expr {
    let kind = ExprKind::Compare {
        op,
        domain,
        left: Box::new(left),
        right: Box::new(right),
    };
    condition_expr(kind, span)
}

fn is_literal(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ast::ExprKind::Bool(_)
        | ast::ExprKind::None
        | ast::ExprKind::Number(_)
        | ast::ExprKind::Version(_)
        | ast::ExprKind::String(_)
        | ast::ExprKind::List(_) => true,
        ast::ExprKind::Unary { operand, .. } => matches!(operand.kind, ast::ExprKind::Number(_)),
        _ => false,
    }
}

fn is_none(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Const(Const::Absent))
}

fn is_scalar_const(value: &Expr) -> bool {
    matches!(&value.kind, ExprKind::Const(constant) if !matches!(constant, Const::List(_)))
}

/// As [`meet`]; a number with a fraction is no int.
fn meet_values(a: &Expr, b: &Expr) -> Meet {
    let is_fraction = |value: &Expr| matches!(value.kind, ExprKind::Const(Const::Float(_)));
    let is_int = |value: &Expr| value.ty.base == BaseType::Int;
    if is_int(a) && is_fraction(b) || is_fraction(a) && is_int(b) {
        return Meet::Never;
    }
    meet(&a.ty.base, &b.ty.base)
}

fn meet(a: &BaseType, b: &BaseType) -> Meet {
    use BaseType::{
        Any, Bool, Cidr, Duration, Enum, Float, Glob, Image, Int, IntOrString, Ip, List, Map,
        Quantity, Range, Record, Regex, String, Timestamp, Version, Versions,
    };
    match (a, b) {
        (Record(_) | List(_) | Map(_), _) | (_, Record(_) | List(_) | Map(_)) => Meet::Not,
        (Timestamp, Timestamp) => Meet::As(Domain::Timestamp),
        (Duration, Duration) => Meet::As(Domain::Duration),
        (Version, Version) => Meet::As(Domain::Version),
        (String | Enum(_) | Image, Glob | Regex) => Meet::As(Domain::Pattern),
        (Glob | Regex, Glob | Regex) => Meet::Not,
        (Image, String | Image)
        | (String, Image)
        | (Ip, Ip)
        | (Cidr, Cidr)
        | (Versions, Versions)
        | (Range, Range) => Meet::As(Domain::String),
        (Bool, Bool) => Meet::As(Domain::Bool),
        (Int, Int) => Meet::As(Domain::Int),
        (String | Enum(_), String | Enum(_)) => Meet::As(Domain::String),
        (Quantity, Quantity) => Meet::As(Domain::Quantity),
        (Int | Float, Int | Float) => Meet::As(Domain::Number),
        (IntOrString, Int | String | Enum(_) | IntOrString)
        | (Int | String | Enum(_), IntOrString) => Meet::As(Domain::Scalar),
        (Any, Any | Bool | Int | Float | String | Enum(_) | IntOrString)
        | (Bool | Int | Float | String | Enum(_) | IntOrString, Any) => Meet::As(Domain::Scalar),
        _ => Meet::Never,
    }
}

/// The constant written as a `wanted`.
pub(super) fn literal_as(literal: &Expr, wanted: &BaseType) -> Option<String> {
    let ExprKind::Const(constant) = &literal.kind else {
        return None;
    };
    match (constant, wanted) {
        (Const::String(text), BaseType::Bool) if text == "true" || text == "false" => {
            Some(text.clone())
        }
        (Const::String(text), BaseType::Int) => {
            text.parse::<i64>().ok().map(|number| number.to_string())
        }
        (Const::String(text), BaseType::Quantity) if is_quantity(text) => Some(text.clone()),
        (Const::String(text), BaseType::Version) if literal.ty.base == BaseType::String => {
            super::scalar::is_version(text).then(|| format!("v\"{text}\""))
        }
        (Const::Bool(value), BaseType::String) => Some(format!("\"{value}\"")),
        (Const::Int(number), BaseType::String) => Some(format!("\"{number}\"")),
        (Const::Float(text) | Const::Quantity(text), BaseType::String | BaseType::IntOrString) => {
            Some(format!("\"{text}\""))
        }
        _ => None,
    }
}

fn the(base: &BaseType) -> String {
    let prose = prose(base);
    let bare = prose
        .strip_prefix("a ")
        .or_else(|| prose.strip_prefix("an "));
    format!("the {}", bare.unwrap_or(&prose))
}

fn plural(prose: &str) -> String {
    let bare = prose
        .strip_prefix("a ")
        .or_else(|| prose.strip_prefix("an "))
        .unwrap_or(prose);
    match bare.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{bare}s"),
    }
}

fn values(members: &[String]) -> String {
    quoted_choice(members, 4)
}
