//! Which paths lead to one place of the document, so that an edit can be made there.

use super::context::{Ctx, condition_expr};
use crate::diagnostic::Diagnostic;
use crate::program::{Binding, Builtin, Expr, ExprKind};
use crate::span::Span;

/// The code of what is said of a path that no edit can be made at.
pub(super) const NOT_EDITABLE: &str = "not-editable";

const COMPUTED: &str = "an element of a computed list";

/// Of what is no part of any document, and knows of no key.
const CONSTANT: &str = "an element of a constant list";
const PARAMETER: &str = "part of a parameter";

impl Ctx<'_> {
    /// Whether a value is one of a parameter or a constant, or part of one, which have no places.
    pub(super) fn is_setting(&self, value: &Expr) -> bool {
        match root(value) {
            ExprKind::Param(_) | ExprKind::Const(_) => true,
            ExprKind::Local(id) => self
                .name(*id)
                .is_some_and(|info| match &info.local.binding {
                    Binding::Let(value) => self.is_setting(value),
                    _ => info
                        .made
                        .is_some_and(|why| why == CONSTANT || why == PARAMETER),
                }),
            ExprKind::Pick(_, picked) => picked.generators.first().is_some_and(|generator| {
                let why = self.made_of(&generator.source);
                why.is_some_and(|why| why == CONSTANT || why == PARAMETER)
            }),
            _ => false,
        }
    }

    /// Whether a path leads to one place that can be written. Says why not.
    pub(super) fn is_editable(&mut self, path: &Expr) -> bool {
        let Some((why, at)) = self.obstacle(path) else {
            return true;
        };
        let what = self.quote(path.span, "this");
        let message = format!("{what} cannot be written");
        self.report(
            Diagnostic::error(NOT_EDITABLE, message, at, why)
                .with_help("write the path of a field, a key or an element of a loop")
                .with_note("A fix edits the document, so its path must lead to one place."),
        );
        false
    }

    /// What in a path cannot be written, and where.
    fn obstacle(&self, path: &Expr) -> Option<(&'static str, Span)> {
        match &path.kind {
            ExprKind::Local(id) => match self.name(*id).map(|info| &info.local.binding) {
                Some(Binding::Element) => {
                    let made = self.name(*id).and_then(|info| info.made);
                    made.map(|why| (why, path.span))
                }
                Some(Binding::Object | Binding::Part) => None,
                Some(Binding::Let(value)) => self.obstacle(value).map(|(why, _)| (why, path.span)),
                Some(Binding::Key | Binding::Index) => Some(("a key, not a value", path.span)),
                None => Some(("not a path", path.span)),
            },
            ExprKind::Member { base, .. } | ExprKind::MapMember { base, .. } => {
                match self.words_of(base) {
                    Some(words) => self.obstacle_of_words(words).map(|(why, at)| {
                        let is_name = matches!(base.kind, ExprKind::Local(_));
                        (why, if is_name { base.span } else { at })
                    }),
                    None => self.obstacle(base),
                }
            }
            ExprKind::Element { base, .. } => {
                let flags = match &base.kind {
                    ExprKind::Member { base, .. } | ExprKind::MapMember { base, .. } => {
                        self.words_of(base)
                    }
                    _ => None,
                };
                if flags.is_some() {
                    return Some(("a part of a flag", path.span));
                }
                self.obstacle(base)
            }
            ExprKind::With { body, .. } => self.obstacle(body),
            ExprKind::Cast(operand) => self.obstacle(operand),
            // What a text holds is written into the text.
            ExprKind::Call(Builtin::ParseJson | Builtin::ParseYaml, arguments) => arguments
                .first()
                .and_then(|text| self.obstacle_of_text(text)),
            ExprKind::Pick(_, picked) => {
                let source = &picked.generators.first()?.source;
                self.made_of(source).map(|why| (why, path.span))
            }
            ExprKind::Param(_) => Some(("a parameter", path.span)),
            ExprKind::Context(_) => Some(("not part of the document", path.span)),
            ExprKind::Const(_) => Some(("a constant", path.span)),
            ExprKind::Coalesce(..) | ExprKind::If { .. } => Some(("one of two places", path.span)),
            ExprKind::Concat(_) | ExprKind::List(_) | ExprKind::Comprehension(_) => {
                Some(("several places", path.span))
            }
            _ => Some(("a computed value", path.span)),
        }
    }

    /// The words whose flags an expression is, if it is that.
    fn words_of<'e>(&'e self, flags: &'e Expr) -> Option<&'e Expr> {
        match &flags.kind {
            ExprKind::Call(Builtin::Flags, arguments) => arguments.first(),
            ExprKind::Cast(inner) | ExprKind::With { body: inner, .. } => self.words_of(inner),
            ExprKind::Local(id) => match &self.name(*id)?.local.binding {
                Binding::Let(value) => self.words_of(value),
                _ => None,
            },
            _ => None,
        }
    }

    /// What stands against writing the words of flags: lists of a document do not.
    fn obstacle_of_words(&self, words: &Expr) -> Option<(&'static str, Span)> {
        match &words.kind {
            ExprKind::Concat(lists) => lists.iter().find_map(|list| self.obstacle_of_words(list)),
            ExprKind::Const(_) => None,
            ExprKind::Local(id) => match self.name(*id).map(|info| &info.local.binding) {
                Some(Binding::Let(value)) => {
                    let found = self.obstacle_of_words(value);
                    found.map(|(why, _)| (why, words.span))
                }
                _ => self.obstacle(words),
            },
            ExprKind::Cast(inner) | ExprKind::With { body: inner, .. } => {
                self.obstacle_of_words(inner)
            }
            _ => self.obstacle(words),
        }
    }

    /// What stands against writing into the document that a text holds. Of an absent text there is none.
    fn obstacle_of_text(&self, text: &Expr) -> Option<(&'static str, Span)> {
        match &text.kind {
            ExprKind::Call(Builtin::Base64Decode, arguments) => arguments
                .first()
                .and_then(|encoded| self.obstacle(without_default(encoded))),
            ExprKind::Coalesce(..) if !std::ptr::eq(without_default(text), text) => {
                self.obstacle_of_text(without_default(text))
            }
            ExprKind::Cast(inner) | ExprKind::With { body: inner, .. } => {
                self.obstacle_of_text(inner)
            }
            ExprKind::Local(id) => match self.name(*id).map(|info| &info.local.binding) {
                Some(Binding::Let(value)) => {
                    let found = self.obstacle_of_text(value);
                    found.map(|(why, _)| (why, text.span))
                }
                _ => self.obstacle(text),
            },
            _ => self.obstacle(text),
        }
    }

    /// Why the elements of a list are no part of the document, if they are none.
    pub(super) fn made_of(&self, source: &Expr) -> Option<&'static str> {
        match &source.kind {
            ExprKind::Call(Builtin::Keys, _) => Some("a key, not a value"),
            ExprKind::Call(
                Builtin::Values
                | Builtin::Union
                | Builtin::Intersect
                | Builtin::Minus
                | Builtin::Unique
                | Builtin::Sort,
                arguments,
            ) => arguments.iter().find_map(|argument| self.made_of(argument)),
            ExprKind::Call(Builtin::ParseJson | Builtin::ParseYaml, _) => {
                self.obstacle(source).map(|(why, _)| why)
            }
            ExprKind::Call(..) => Some(COMPUTED),
            ExprKind::Comprehension(comprehension) => {
                self.obstacle(&comprehension.element).map(|(why, _)| why)
            }
            ExprKind::Const(_) => Some(CONSTANT),
            ExprKind::Param(_) => Some(PARAMETER),
            ExprKind::Context(_) => Some("not part of the document"),
            ExprKind::Objects(_) => Some("part of another object"),
            ExprKind::With { body, .. } => self.made_of(body),
            ExprKind::Cast(operand) => self.made_of(operand),
            ExprKind::Member { base, .. }
            | ExprKind::MapMember { base, .. }
            | ExprKind::Element { base, .. } => self.obstacle(base).and_then(|(why, _)| {
                matches!(root(base), ExprKind::Param(_) | ExprKind::Context(_)).then_some(why)
            }),
            ExprKind::Local(id) => match self.name(*id).map(|info| &info.local.binding) {
                Some(Binding::Let(value)) => self.made_of(value),
                _ => None,
            },
            _ => None,
        }
    }

    /// The conditions under which a path leads somewhere: what was picked from lists on its way is there.
    pub(super) fn picks_of(&self, path: &Expr) -> Vec<Expr> {
        match &path.kind {
            ExprKind::Member { base, .. }
            | ExprKind::MapMember { base, .. }
            | ExprKind::Element { base, .. } => self.picks_of(base),
            ExprKind::Cast(inner) | ExprKind::With { body: inner, .. } => self.picks_of(inner),
            ExprKind::Pick(..) => vec![is_set(path)],
            ExprKind::Local(id) => match self.name(*id).map(|info| &info.local.binding) {
                Some(Binding::Let(value)) if matches!(value.kind, ExprKind::Pick(..)) => {
                    vec![is_set(path)]
                }
                Some(Binding::Let(value)) => self.picks_of(value),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Whether a name is an element of a loop, whatever it is called.
    pub(super) fn is_part_of_list(&self, path: &Expr) -> bool {
        let ExprKind::Local(id) = &path.kind else {
            return false;
        };
        match self.name(*id).map(|info| &info.local.binding) {
            Some(Binding::Element) => true,
            Some(Binding::Let(value)) => {
                !matches!(value.kind, ExprKind::Local(_)) || self.is_part_of_list(value)
            }
            _ => false,
        }
    }

    pub(super) fn whole_object(&mut self, path: &Expr) {
        let what = self.quote(path.span, "this");
        let message = format!("{what} is not replaced as a whole");
        self.report(
            Diagnostic::error(NOT_EDITABLE, message, path.span, "all that is judged")
                .with_help("set a field of it"),
        );
    }
}

/// A value without the constant that stands in where it is absent.
fn without_default(value: &Expr) -> &Expr {
    match &value.kind {
        ExprKind::Coalesce(written, default) if matches!(default.kind, ExprKind::Const(_)) => {
            written
        }
        _ => value,
    }
}

/// What a path begins with.
fn root(path: &Expr) -> &ExprKind {
    match &path.kind {
        ExprKind::Member { base, .. }
        | ExprKind::MapMember { base, .. }
        | ExprKind::Element { base, .. } => root(base),
        ExprKind::Cast(inner) | ExprKind::With { body: inner, .. } => root(inner),
        other => other,
    }
}

/// `value is set`
pub(super) fn is_set(value: &Expr) -> Expr {
    condition_expr(ExprKind::IsSet(Box::new(value.clone())), value.span)
}
