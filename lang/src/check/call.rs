//! The built-in functions: `containers` and `image`.

use super::context::{Ctx, error_expr};
use super::kinds::field_of;
use super::words::{base_name, listed, near, prose};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Expr, ExprKind, ImagePart, Type};
use crate::span::Span;
use crate::syntax::ast::{self, Name};

/// The functions that exist.
const FUNCTIONS: [&str; 2] = ["containers", "image"];

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
        match name.text.as_str() {
            "containers" => self.containers(name, arguments, span),
            "image" => {
                for argument in arguments {
                    self.value(argument, None);
                }
                let message = "an image is read through its parts";
                self.report(
                    Diagnostic::error("type-mismatch", message, span, "a part is needed")
                        .with_help(
                            "write `.registry`, `.repository`, `.tag` or `.digest` after it",
                        ),
                );
                error_expr(span)
            }
            _ => {
                for argument in arguments {
                    self.value(argument, None);
                }
                self.unknown_function(name);
                error_expr(span)
            }
        }
    }

    fn unknown_function(&mut self, name: &Name) {
        if name.text.is_empty() {
            self.broken = true;
            return;
        }
        let message = format!("there is no function `{}`", name.text);
        let diagnostic =
            Diagnostic::error("unknown-function", message, name.span, "unknown function");
        self.report(match near(&name.text, FUNCTIONS) {
            Some(near) => diagnostic
                .with_help(format!("write `{near}`"))
                .with_edit(name.span, near),
            None => diagnostic.with_help(format!("the functions are {}", listed(&FUNCTIONS, 9))),
        });
    }

    /// The only argument of a function.
    fn only_argument(&mut self, name: &Name, arguments: &[ast::Expr]) -> Option<Expr> {
        if let [argument] = arguments {
            return Some(self.value(argument, None));
        }
        let values: Vec<Expr> = arguments
            .iter()
            .map(|argument| self.value(argument, None))
            .collect();
        let (at, n_given) = match values.get(1) {
            Some(second) => (second.span, arguments.len()),
            None => (name.span, 0),
        };
        let message = format!("`{}` takes one argument, not {n_given}", name.text);
        let label = if n_given == 0 {
            "no argument"
        } else {
            "one too many"
        };
        self.report(Diagnostic::error("wrong-arguments", message, at, label));
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
        let field = field_of(records, "spec")?;
        let BaseType::Record(specs) = &field.base else {
            return None;
        };
        let is_pod = CONTAINER_LISTS
            .iter()
            .all(|list| field_of(specs, list).is_some());
        is_pod.then(|| self.read(pod, spec))
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
            BaseType::String => {
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
                    BaseType::Record(records) => field_of(records, "image").is_some(),
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
