//! Calls: the functions of the language, and the parts of an image.

use super::builtins::{FUNCTIONS, Function, Gives, OTHERS, is_function};
use super::context::{Ctx, OfQuery, Subst, Written, constant, error_expr};
use super::functions::Wanted;
use super::kinds::union;
use super::objects::whole_of;
use super::prelude;
use super::words::{base_name, listed, near, prose};
use crate::diagnostic::Diagnostic;
use crate::program::{
    BaseType, Builtin, Const, ContextPart, Expr, ExprKind, ImagePart, LocalId, Type,
};
use crate::span::Span;
use crate::syntax::ast::{self, Name};

/// What a container inherits from its pod.
const EFFECTIVE: [&str; 7] = [
    "runAsNonRoot",
    "runAsUser",
    "runAsGroup",
    "seccompProfile",
    "appArmorProfile",
    "seLinuxOptions",
    "windowsOptions",
];

/// The lists that `containers` joins, in its order.
const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

const IMAGE_PARTS: [(&str, ImagePart); 4] = [
    ("registry", ImagePart::Registry),
    ("repository", ImagePart::Repository),
    ("tag", ImagePart::Tag),
    ("digest", ImagePart::Digest),
];

/// True for a word that may follow `image(…)`.
pub(super) fn is_image_part(name: &str) -> bool {
    IMAGE_PARTS.iter().any(|(part, _)| *part == name)
}

impl Ctx<'_> {
    /// `name(arguments)`
    pub(super) fn call(&mut self, name: &Name, arguments: &[ast::Expr], span: Span) -> Expr {
        if let Some(function) = self.env.function(name) {
            return self.declared_call(function, name, arguments, span, Wanted::Value);
        }
        match name.text.as_str() {
            "containers" => self.containers(name, arguments, span),
            "effective" => {
                if self.effective(name, arguments).is_some() {
                    self.report(
                        Diagnostic::error(
                            "misplaced-record",
                            "the effective security context is no value by itself",
                            span,
                            "a field is needed",
                        )
                        .with_help("read a field of it: `.runAsNonRoot`"),
                    );
                }
                error_expr(span)
            }
            "whole" => self.whole(name, arguments, span),
            "objects" => self.wrong_query(name, arguments, span),
            "namespace" => self.namespace(name, arguments, span),
            "source" => self.source_of(name, arguments, span),
            text if is_function(text) => self.built_in(name, arguments, span),
            _ => {
                for argument in arguments {
                    self.value(argument, None);
                }
                self.unknown_function(name);
                error_expr(span)
            }
        }
    }

    /// A function of the table.
    fn built_in(&mut self, name: &Name, arguments: &[ast::Expr], span: Span) -> Expr {
        let forms: Vec<&Function> = FUNCTIONS
            .iter()
            .filter(|function| function.name == name.text)
            .collect();
        let counts: Vec<usize> = forms.iter().map(|form| form.takes.len()).collect();
        if !counts.contains(&arguments.len()) {
            for argument in arguments {
                self.value(argument, None);
            }
            self.wrong_count(name, arguments, counts.first().copied().unwrap_or(1), None);
            return error_expr(span);
        }
        let forms: Vec<&Function> = forms
            .into_iter()
            .filter(|form| form.takes.len() == arguments.len())
            .collect();
        let only = match forms.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let mut values: Vec<Expr> = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let takes = only.and_then(|form| form.takes.get(at));
            // A literal of a function with several forms is what the first argument is.
            let expected = match (takes, values.first()) {
                (Some(takes), _) => takes.expected(),
                (None, Some(first)) => Some(first.ty.base.clone()),
                (None, None) => None,
            };
            values.push(self.value(argument, expected.as_ref()));
        }
        if values.iter().any(|value| value.ty.base == BaseType::Error) {
            return error_expr(span);
        }
        if let Some(value) = values
            .iter()
            .find(|value| self.holds_inventory(&value.ty.base))
        {
            self.inventory_as_value(value.span);
            return error_expr(span);
        }
        let accepts = |form: &&&Function| {
            let mut all = form.takes.iter().zip(&values);
            all.all(|(takes, value)| takes.accepts(&value.ty.base))
        };
        let Some(form) = forms.iter().find(accepts) else {
            self.wrong_argument(name, &forms, &values);
            return error_expr(span);
        };
        for (takes, value) in form.takes.iter().zip(&values) {
            if !takes.takes_absent() && !self.expect_present(value, None) {
                return error_expr(span);
            }
        }
        if let (Builtin::Key | Builtin::Path, Some(setting)) = (
            form.builtin,
            values.iter().find(|value| self.is_setting(value)),
        ) {
            let what = self.quote(setting.span, "this");
            let message = format!("{what} is a setting, which has no {}", name.text);
            let help = if form.builtin == Builtin::Key {
                "bind the key where the map is gone through: `for key, value in …`"
            } else {
                "give it a value of the object"
            };
            self.report(
                Diagnostic::error("no-place", message, setting.span, "no part of a document")
                    .with_help(help),
            );
            return error_expr(span);
        }
        self.warn_about_call(form.builtin, &values, span);
        let ty = match super::made::given(self.env, form.gives) {
            Some(ty) => ty,
            None => given(form.gives, &values),
        };
        if matches!(form.builtin, Builtin::ParseJson | Builtin::ParseYaml) {
            self.env.reads_texts.set(true);
        }
        if form.builtin == Builtin::Flags {
            values.push(constant(
                Const::String(String::new()),
                BaseType::String,
                span,
            ));
        }
        self.narrow(Expr {
            kind: ExprKind::Call(form.builtin, values),
            ty,
            span,
        })
    }

    fn wrong_argument(&mut self, name: &Name, forms: &[&Function], values: &[Expr]) {
        let at = |index: usize| -> Vec<&'static str> {
            let mut words: Vec<&str> = forms
                .iter()
                .filter_map(|form| form.takes.get(index).map(|takes| takes.words()))
                .collect();
            words.dedup();
            words
        };
        let is_wrong = |(index, value): &(usize, &Expr)| {
            !forms.iter().any(|form| {
                let takes = form.takes.get(*index);
                takes.is_some_and(|takes| takes.accepts(&value.ty.base))
            })
        };
        let wrong = values.iter().enumerate().find(is_wrong);
        // Each will do in some form, but not together.
        let (index, value) = wrong
            .or(values.iter().enumerate().next_back())
            .map_or((0, None), |(index, value)| (index, Some(value)));
        let Some(value) = value else { return };
        let what = prose(&value.ty.base);
        let wanted = at(index).join(" or ");
        let message = format!("`{}` takes {wanted}, not {what}", name.text);
        let mut diagnostic = Diagnostic::error(
            "type-mismatch",
            message,
            value.span,
            base_name(&value.ty.base),
        );
        let has_image = match &value.ty.base {
            BaseType::Record(records) => self.env.field_of(records, "image").is_some(),
            _ => false,
        };
        diagnostic = if name.text == "image" && has_image {
            diagnostic
                .with_help("write `.image` after it")
                .with_edit(value.span.after(), ".image")
        } else if matches!(name.text.as_str(), "contains")
            && matches!(value.ty.base, BaseType::List(_))
        {
            diagnostic.with_help("ask a list with `in`")
        } else {
            diagnostic.with_help(format!("give it {wanted}"))
        };
        self.report(diagnostic);
    }

    /// Says that the number of arguments is wrong.
    pub(super) fn wrong_count(
        &mut self,
        name: &Name,
        arguments: &[ast::Expr],
        wanted: usize,
        declared: Option<Span>,
    ) {
        let at = match arguments.get(wanted) {
            Some(surplus) => surplus.span,
            None => name.span,
        };
        let count = match wanted {
            0 => "no arguments".to_owned(),
            1 => "one argument".to_owned(),
            n => format!("{n} arguments"),
        };
        let message = format!("`{}` takes {count}, not {}", name.text, arguments.len());
        let label = if arguments.len() > wanted {
            "one too many"
        } else if arguments.is_empty() {
            "no argument"
        } else {
            "one is missing"
        };
        let mut diagnostic = Diagnostic::error("wrong-arguments", message, at, label);
        if let Some(declared) = declared {
            diagnostic = diagnostic.with_label(declared, "declared here");
        }
        self.report(diagnostic);
    }

    /// `whole(part)`: the object that a part belongs to.
    fn whole(&mut self, name: &Name, arguments: &[ast::Expr], span: Span) -> Expr {
        if let [only] = arguments
            && let Some(old) = self.whole_old(only)
        {
            return Expr { span, ..old };
        }
        let record = match arguments {
            [only] => self.record_substitution(only),
            _ => None,
        };
        let is_record = match record {
            Some(Subst::Record(Written {
                whole: Some(whole), ..
            })) => return Expr { span, ..*whole },
            record => matches!(record, Some(Subst::Record(_))),
        };
        let part = if is_record {
            None
        } else {
            match self.only_argument(name, arguments) {
                Some(part) => Some(part),
                None => return error_expr(span),
            }
        };
        if part
            .as_ref()
            .is_some_and(|part| part.ty.base == BaseType::Error)
        {
            return error_expr(span);
        }
        match part.as_ref().and_then(|part| self.element_of_query(part)) {
            Some(OfQuery::Object) => return part.unwrap_or_else(|| error_expr(span)),
            Some(OfQuery::Part(object)) => {
                let part = part.unwrap_or_else(|| error_expr(span));
                return whole_of(part, object, span);
            }
            None => {}
        }
        let part = part.filter(|part| !self.is_part(part));
        let Some(part) = part else {
            let ty = self.name(LocalId::OBJECT).map(|info| info.local.ty.clone());
            return Expr {
                kind: ExprKind::Local(LocalId::OBJECT),
                ty: ty.unwrap_or(Type::plain(BaseType::Any)),
                span,
            };
        };
        let what = self.quote(part.span, "this");
        let message = format!("{what} is no part that a view found");
        self.report(
            Diagnostic::error("type-mismatch", message, part.span, prose(&part.ty.base))
                .with_help("give `whole` the part that the policy is on"),
        );
        error_expr(span)
    }

    /// `namespace(part or object)`
    fn namespace(&mut self, name: &Name, arguments: &[ast::Expr], span: Span) -> Expr {
        let of_record = match arguments {
            [only] => match (self.whole_old(only), self.record_substitution(only)) {
                (Some(old), _) => Some(old),
                (None, Some(Subst::Record(Written { whole, .. }))) => {
                    Some(whole.map_or_else(|| self.local(LocalId::OBJECT, span), |whole| *whole))
                }
                (None, _) => None,
            },
            _ => None,
        };
        let found = match of_record {
            Some(object) => Some(object),
            None => self.only_argument(name, arguments),
        };
        let Some(of) = found else {
            return error_expr(span);
        };
        if of.ty.base == BaseType::Error {
            return error_expr(span);
        }
        let object = if self.is_part(&of) {
            Expr {
                kind: ExprKind::Local(LocalId::OBJECT),
                ..of
            }
        } else if let Some(OfQuery::Part(object)) = self.element_of_query(&of) {
            let span = of.span;
            whole_of(of, object, span)
        } else {
            of
        };
        let has_metadata = match &object.ty.base {
            BaseType::Record(records) => {
                let field = self.env.field_of(records, "metadata");
                field.is_some()
            }
            BaseType::Any => true,
            _ => false,
        };
        if !has_metadata && !matches!(object.kind, ExprKind::Local(LocalId::OBJECT)) {
            let message = format!(
                "`namespace` takes an object, not {}",
                prose(&object.ty.base)
            );
            self.report(
                Diagnostic::error("type-mismatch", message, object.span, "no object")
                    .with_help("write `namespace(object)`"),
            );
            return error_expr(span);
        }
        if !self.expect_present(&object, None) {
            return error_expr(span);
        }
        Expr {
            kind: ExprKind::Call(Builtin::Namespace, vec![object]),
            ty: Type::plain(BaseType::String),
            span,
        }
    }

    /// Whether a value is what the policy is on: the object, the part, or a part of a view's expression.
    pub(super) fn is_part(&self, value: &Expr) -> bool {
        let ExprKind::Local(id) = &value.kind else {
            return false;
        };
        *id == LocalId::OBJECT || *id == LocalId::PART || self.parts.contains(id)
    }

    /// The pod and the container of `effective(pod, c)`.
    fn effective(&mut self, name: &Name, arguments: &[ast::Expr]) -> Option<Subst> {
        let [pod, container] = arguments else {
            for argument in arguments {
                self.value(argument, None);
            }
            self.wrong_count(name, arguments, 2, None);
            return None;
        };
        let (pod, container) = (self.value(pod, None), self.value(container, None));
        for (value, field, what) in [
            (&pod, "spec", "a pod"),
            (&container, "securityContext", "a container"),
        ] {
            let has_it = match &value.ty.base {
                BaseType::Error => return None,
                BaseType::Record(records) => self.env.field_of(records, field).is_some(),
                _ => false,
            };
            if !has_it {
                let message = format!("`effective` takes {what}, not {}", prose(&value.ty.base));
                let label = base_name(&value.ty.base);
                self.report(
                    Diagnostic::error("type-mismatch", message, value.span, label)
                        .with_help("write `effective(pod, c)` with a container `c` of the pod"),
                );
                return None;
            }
        }
        Some(Subst::Effective {
            pod: Box::new(pod),
            container: Box::new(container),
        })
    }

    /// What `expr` stands for, if that is a record written out rather than a value.
    pub(super) fn record_substitution(&mut self, expr: &ast::Expr) -> Option<Subst> {
        match &expr.kind {
            ast::ExprKind::Name(name)
                if name == ContextPart::Old.key()
                    && !self.scope.is_apart
                    && self.find(name).is_none()
                    && self.substitution(name).is_none() =>
            {
                self.old_record()
            }
            ast::ExprKind::Name(name) if self.find(name).is_none() => {
                let all = self.scope.substitutions.iter_mut().rev();
                let mut found = all.into_iter().filter(|known| known.name == *name);
                let known = found.next()?;
                if matches!(known.stands_for, Subst::Value(_)) {
                    return None;
                }
                known.used = true;
                Some(known.stands_for.clone())
            }
            ast::ExprKind::Objects(_) => self.written_query(expr).map(Subst::Query),
            ast::ExprKind::Call {
                name, arguments, ..
            } if name.text == "effective" && self.env.function(name).is_none() => {
                let n_before = self.diagnostics.len();
                let found = self.effective(name, arguments);
                if found.is_none() {
                    // The call says it again.
                    self.diagnostics.truncate(n_before);
                }
                found
            }
            ast::ExprKind::Call {
                name, arguments, ..
            } => {
                let function = self.env.function(name)?;
                self.declared_record(function, name, arguments, expr.span)
            }
            _ => None,
        }
    }

    /// The field of a record that is written out.
    pub(super) fn substituted_field(&mut self, record: &Subst, name: &Name, span: Span) -> Expr {
        let known: Vec<String> = match record {
            Subst::Value(value) => return self.member(value, name, span),
            Subst::Record(Written { members, .. }) => {
                if let Some((_, value)) = members.iter().find(|(member, _)| *member == name.text) {
                    return self.narrow(Expr {
                        span,
                        ..value.clone()
                    });
                }
                members.iter().map(|(member, _)| member.clone()).collect()
            }
            Subst::Query(_) => {
                self.written_parts(span);
                return error_expr(span);
            }
            Subst::Effective { pod, container } => {
                if EFFECTIVE.contains(&name.text.as_str()) {
                    return self.inherited(pod, container, name, span);
                }
                EFFECTIVE.map(str::to_owned).to_vec()
            }
        };
        let message = format!("this record has no field `{}`", name.text);
        let diagnostic = Diagnostic::error("unknown-field", message, name.span, "unknown field");
        self.report(match near(&name.text, known.iter().map(String::as_str)) {
            Some(near) => diagnostic
                .with_help(format!("write `{near}`"))
                .with_edit(name.span, near),
            None => diagnostic.with_help(format!("its fields are {}", listed(&known, 9))),
        });
        error_expr(span)
    }

    /// `container.securityContext.NAME ?? pod.spec.securityContext.NAME`
    fn inherited(&mut self, pod: &Expr, container: &Expr, name: &Name, span: Span) -> Expr {
        let word = |text: &str| Name {
            text: text.to_owned(),
            span: name.span,
        };
        let own = self.read(container, &word("securityContext"));
        let own = self.read(&own, name);
        let spec = self.read(pod, &word("spec"));
        let shared = self.read(&spec, &word("securityContext"));
        let shared = self.read(&shared, name);
        if own.ty.base == BaseType::Error || shared.ty.base == BaseType::Error {
            return error_expr(span);
        }
        let ty = Type {
            base: own.ty.base.clone(),
            optional: own.ty.optional && shared.ty.optional,
        };
        self.narrow(Expr {
            kind: ExprKind::Coalesce(Box::new(own), Box::new(shared)),
            ty,
            span,
        })
    }

    fn unknown_function(&mut self, name: &Name) {
        if name.text.is_empty() {
            self.broken = true;
            return;
        }
        let message = format!("there is no function `{}`", name.text);
        let diagnostic =
            Diagnostic::error("unknown-function", message, name.span, "unknown function");
        let known = FUNCTIONS.iter().map(|function| function.name).chain(OTHERS);
        let declared = self.env.fns.keys().copied().chain(prelude::NAMES);
        let known: Vec<&str> = declared.chain(known).collect();
        self.report(match near(&name.text, known) {
            Some(near) => diagnostic
                .with_help(format!("write `{near}`"))
                .with_edit(name.span, near),
            None => diagnostic.with_help(format!("declare it: `fn {}(…) = …`", name.text)),
        });
    }

    /// The only argument of a function.
    pub(super) fn only_argument(&mut self, name: &Name, arguments: &[ast::Expr]) -> Option<Expr> {
        if let [argument] = arguments {
            return Some(self.value(argument, None));
        }
        for argument in arguments {
            self.value(argument, None);
        }
        self.wrong_count(name, arguments, 1, None);
        None
    }

    /// `containers(pod)`
    fn containers(&mut self, name: &Name, arguments: &[ast::Expr], span: Span) -> Expr {
        let Some(pod) = self.only_argument(name, arguments) else {
            return error_expr(span);
        };
        if pod.ty.base == BaseType::Error {
            return error_expr(span);
        }
        let word = |text: &str| Name {
            text: text.to_owned(),
            span: pod.span,
        };
        let spec = self.pod_spec(&pod, &word("spec"));
        let Some(spec) = spec else {
            let message = format!("`containers` takes a pod, not {}", prose(&pod.ty.base));
            let label = base_name(&pod.ty.base);
            let mut diagnostic = Diagnostic::error("type-mismatch", message, pod.span, label);
            let has_pod = self.find("pod").is_some();
            diagnostic = if has_pod {
                diagnostic
                    .with_help("write `containers(pod)`")
                    .with_edit(pod.span, "pod")
            } else {
                diagnostic.with_help("give it a pod or a pod template")
            };
            self.report(diagnostic);
            return error_expr(span);
        };
        let mut lists = Vec::new();
        let mut element: Option<BaseType> = None;
        for list in CONTAINER_LISTS {
            let list = self.read(&spec, &word(list));
            let BaseType::List(of) = &list.ty.base else {
                return error_expr(span);
            };
            element = match element.take() {
                Some(before) => super::kinds::union(before, (**of).clone()),
                None => Some((**of).clone()),
            };
            lists.push(list);
        }
        let Some(element) = element else {
            return error_expr(span);
        };
        let ty = Type::plain(BaseType::List(Box::new(element)));
        Expr {
            kind: ExprKind::Concat(lists),
            ty,
            span,
        }
    }

    /// The `spec` of what has one like a pod.
    fn pod_spec(&mut self, pod: &Expr, spec: &Name) -> Option<Expr> {
        let BaseType::Record(records) = &pod.ty.base else {
            return None;
        };
        let field = self.env.field_of(records, "spec")?;
        let BaseType::Record(specs) = &field.base else {
            return None;
        };
        let is_pod = CONTAINER_LISTS
            .iter()
            .all(|list| self.env.field_of(specs, list).is_some());
        is_pod.then(|| self.read(pod, spec))
    }

    /// `value.part` of an image.
    pub(super) fn part_of_image(&mut self, value: &Expr, part: &Name, span: Span) -> Option<Expr> {
        let (_, found) = IMAGE_PARTS.iter().find(|(name, _)| *name == part.text)?;
        let kind = ExprKind::ImagePart(*found, Box::new(value.clone()));
        Some(self.narrow(Expr {
            kind,
            ty: Type::optional(BaseType::String),
            span,
        }))
    }

    /// `image(text).part`
    pub(super) fn image_part(
        &mut self,
        function: &Name,
        arguments: &[ast::Expr],
        part: &Name,
        span: Span,
    ) -> Expr {
        let text = self.only_argument(function, arguments);
        if part.text.is_empty() {
            self.broken = true;
            return error_expr(span);
        }
        let found = IMAGE_PARTS.iter().find(|(name, _)| *name == part.text);
        let Some((_, found)) = found else {
            let message = format!("an image has no part `{}`", part.text);
            let names = IMAGE_PARTS.map(|(name, _)| name);
            let diagnostic = Diagnostic::error("unknown-field", message, part.span, "unknown part");
            self.report(match near(&part.text, names) {
                Some(near) => diagnostic
                    .with_help(format!("write `{near}`"))
                    .with_edit(part.span, near),
                None => diagnostic.with_help(format!("its parts are {}", listed(&names, 4))),
            });
            return error_expr(span);
        };
        let Some(text) = text else {
            return error_expr(span);
        };
        match text.ty.base {
            BaseType::Error => error_expr(span),
            BaseType::String | BaseType::Image => {
                let kind = ExprKind::ImagePart(*found, Box::new(text));
                self.narrow(Expr {
                    kind,
                    ty: Type::optional(BaseType::String),
                    span,
                })
            }
            _ => {
                let message = format!("`image` takes a string, not {}", prose(&text.ty.base));
                let label = base_name(&text.ty.base);
                let mut diagnostic = Diagnostic::error("type-mismatch", message, text.span, label);
                let has_image = match &text.ty.base {
                    BaseType::Record(records) => self.env.field_of(records, "image").is_some(),
                    _ => false,
                };
                if has_image {
                    diagnostic = diagnostic
                        .with_help("write `.image` after it")
                        .with_edit(text.span.after(), ".image");
                }
                self.report(diagnostic);
                error_expr(span)
            }
        }
    }
}

/// The type of what a function gives for these arguments.
fn given(gives: Gives, values: &[Expr]) -> Type {
    let first = || {
        values
            .first()
            .map_or(BaseType::Any, |value| value.ty.base.clone())
    };
    match gives {
        Gives::Bool => Type::plain(BaseType::Bool),
        Gives::Int => Type::plain(BaseType::Int),
        Gives::Text => Type::plain(BaseType::String),
        Gives::Texts => Type::plain(BaseType::List(Box::new(BaseType::String))),
        Gives::Quantity => Type::plain(BaseType::Quantity),
        Gives::MaybeInt => Type::optional(BaseType::Int),
        Gives::MaybeQuantity => Type::optional(BaseType::Quantity),
        Gives::MaybeFloat => Type::optional(BaseType::Float),
        Gives::MaybeDuration => Type::optional(BaseType::Duration),
        Gives::MaybeTimestamp => Type::optional(BaseType::Timestamp),
        Gives::MaybeVersion => Type::optional(BaseType::Version),
        Gives::MaybeImage => Type::optional(BaseType::Image),
        Gives::MaybeCidr => Type::optional(BaseType::Cidr),
        Gives::MaybeIp => Type::optional(BaseType::Ip),
        Gives::MaybeText => Type::optional(BaseType::String),
        Gives::MaybeVersions => Type::optional(BaseType::Versions),
        Gives::MaybeRange => Type::optional(BaseType::Range),
        Gives::MaybeAny | Gives::MaybeUrl | Gives::MaybeRequest => Type::optional(BaseType::Any),
        Gives::Anys | Gives::Certificates | Gives::Commands => {
            Type::plain(BaseType::List(Box::new(BaseType::Any)))
        }
        Gives::TextMap => Type::plain(BaseType::Map(Box::new(BaseType::String))),
        Gives::Duration => Type::plain(BaseType::Duration),
        Gives::First => Type::plain(first()),
        Gives::MapValues => Type::plain(match first() {
            BaseType::Map(value) => BaseType::List(value),
            other => other,
        }),
        Gives::Joined => {
            let all = values.iter().map(|value| value.ty.base.clone());
            Type::plain(
                all.reduce(|a, b| union(a, b).unwrap_or(BaseType::Any))
                    .unwrap_or(BaseType::Any),
            )
        }
    }
}
