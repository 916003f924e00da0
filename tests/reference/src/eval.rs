//! Values of expressions.

use palisade_abi::tape::{NodeId, Tape};
use palisade_lang::program::{
    Binding, Check, ContextPart, Expr, ExprKind, ImagePart, LocalId, MessagePart, ParamId, Policy,
    View,
};

use crate::coverage::{Coverage, Outcome};
use crate::embedded::Nest;
use crate::policy::Decided;
use crate::value::{Item, Items, Kleene, Node, Value};
use crate::verdict::{Reason, Severities, Verdict};

/// One policy being run on one document.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    pub(crate) policy: &'a Policy,
    /// The number of the policy.
    pub(crate) number: usize,
    pub(crate) tapes: Tapes<'a>,
    /// The values of the program's parameters.
    pub(crate) params: &'a [Value],
    /// The severities that the host gave.
    pub(crate) severities: &'a Severities,
    /// What the locals are bound to.
    pub(crate) slots: Vec<Slot<'a>>,
    /// The elements of the `for`s being run, outermost first, where they are located.
    pub(crate) elements: Vec<Option<NodeId>>,
    /// What became of the checks so far.
    pub(crate) decided: Vec<Option<Decided>>,
    /// True while a place or a message is computed: reads then make no findings.
    pub(crate) quiet: bool,
    pub(crate) results: Vec<Verdict>,
    pub(crate) coverage: &'a mut Coverage,
}

/// What the nodes of an evaluation are of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tapes<'a> {
    /// The document judged.
    pub(crate) document: &'a Tape,
    /// What the host says; a map, if it says anything.
    pub(crate) context: Option<&'a Tape>,
    /// The settings.
    pub(crate) settings: &'a Tape,
    /// The inventory, if the host gave one.
    pub(crate) objects: Option<&'a [Tape]>,
    /// Which of it are files, and of what kind, if the host knows any.
    pub(crate) files: Option<&'a [Option<String>]>,
    /// Where the objects are written, if the host says it.
    pub(crate) origins: Option<&'a [Tape]>,
    /// Whether there may be other objects.
    pub(crate) is_partial: bool,
    /// The views of the program.
    pub(crate) views: &'a [View],
    /// The documents that texts hold.
    pub(crate) nest: &'a Nest,
}

/// What a local is bound to.
#[derive(Debug, Clone)]
pub(crate) struct Slot<'a> {
    pub(crate) value: Value,
    /// Its node in the document, also if the value is unknown because the node has the wrong kind.
    pub(crate) node: Option<NodeId>,
    /// Its node if that is elsewhere.
    pub(crate) elsewhere: Option<Node>,
    /// What an element is of.
    pub(crate) origin: Option<&'a Expr>,
}

impl<'a> Evaluator<'a> {
    /// The value of any expression.
    pub(crate) fn eval(&mut self, expr: &'a Expr) -> Value {
        let value = match &expr.kind {
            ExprKind::Const(constant) => Value::constant(constant),
            ExprKind::Local(local) => self.slot(*local).value,
            ExprKind::Param(param) => self.param(*param),
            ExprKind::Context(part) => self.context(*part),
            ExprKind::Objects(target) => self.objects(target),
            ExprKind::Member {
                base,
                key,
                presence,
            } => self.read(expr, base, key, presence),
            ExprKind::MapMember { base, key } => self.map_member(expr, base, key),
            ExprKind::Element { base, index } => self.element(expr, base, index),
            ExprKind::Concat(operands) => Value::List(self.concat(operands)),
            ExprKind::List(items) => Value::list(
                items
                    .iter()
                    .map(|item| Item::Value(self.eval(item).handed_on()))
                    .collect::<Vec<_>>(),
            ),
            ExprKind::Record(members) => Value::Map(
                members
                    .iter()
                    .map(|(key, value)| (key.clone(), self.eval(value).handed_on()))
                    .collect(),
            ),
            ExprKind::Coalesce(left, right) => match self.eval(left) {
                Value::Absent => self.eval(right).handed_on(),
                value => value.handed_on(),
            },
            ExprKind::Interpolate(parts) => self.interpolate(parts),
            ExprKind::ImagePart(part, text) => self.image(*part, text),
            ExprKind::ContainerRole(container) => self.role(container),
            ExprKind::Cast(operand) => self.cast(expr, operand),
            ExprKind::Call(function, arguments) => self.call(*function, arguments),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Pick(pick, comprehension) => self.pick(*pick, comprehension),
            ExprKind::Count(comprehension) => self.count_tuples(comprehension),
            ExprKind::With { locals, body } => {
                self.bind_lets(locals);
                self.eval(body)
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => match self.condition(condition) {
                Kleene::True => self.eval(then).handed_on(),
                Kleene::False => self.eval(otherwise).handed_on(),
                Kleene::Unknown(reason) => Value::Unknown(reason),
            },
            ExprKind::Truth(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::IsSet(_)
            | ExprKind::IsEmpty(_)
            | ExprKind::IsKnown(_)
            | ExprKind::Quantifier(_) => return self.condition(expr).into_value(),
        };
        self.count(expr, || match (value.unknown(), &value) {
            (Some(_), _) => Outcome::Unknown,
            (None, Value::Absent) => Outcome::False,
            (None, Value::Bool(false)) if matches!(expr.kind, ExprKind::Call(..)) => Outcome::False,
            _ => Outcome::True,
        });
        value
    }

    /// The truth of a condition, or of a bool value.
    pub(crate) fn condition(&mut self, expr: &'a Expr) -> Kleene {
        let truth = match &expr.kind {
            ExprKind::Truth(value) => self.truth(value),
            ExprKind::And(operands) => self.fold(operands, Kleene::False),
            ExprKind::Or(operands) => self.fold(operands, Kleene::True),
            ExprKind::Not(operand) => self.condition(operand).negated(),
            ExprKind::Compare {
                op,
                domain,
                left,
                right,
            } => self.compare(*op, *domain, left, right),
            ExprKind::In {
                domain,
                needle,
                list,
            } => self.is_in(*domain, needle, list),
            ExprKind::IsSet(operand) => {
                let value = self.written(operand);
                if value.unknown() == Some(Reason::Template) && self.is_there(operand) {
                    Kleene::True
                } else {
                    test(&value, || !value.is_absent())
                }
            }
            ExprKind::IsEmpty(operand) => {
                let value = self.eval(operand);
                test(&value, || self.is_empty(&value))
            }
            ExprKind::IsKnown(operand) => Kleene::from(self.eval(operand).unknown().is_none()),
            ExprKind::Quantifier(quantifier) => self.quantifier(quantifier),
            ExprKind::With { locals, body } => {
                self.bind_lets(locals);
                self.condition(body)
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => match self.condition(condition) {
                Kleene::True => self.condition(then),
                Kleene::False => self.condition(otherwise),
                unknown @ Kleene::Unknown(_) => unknown,
            },
            _ => return self.truth(expr),
        };
        self.count(expr, || match truth {
            Kleene::False => Outcome::False,
            Kleene::True => Outcome::True,
            Kleene::Unknown(_) => Outcome::Unknown,
        });
        truth
    }

    /// Whether a read that gave a template found it where it looked, rather than on the way there.
    fn is_there(&mut self, read: &'a Expr) -> bool {
        let mut is_known = |part: &'a Expr| {
            let value = self.eval(part);
            value.unknown().is_none() && !value.is_absent()
        };
        match &read.kind {
            ExprKind::Member { base, .. } => is_known(base),
            ExprKind::MapMember { base, key: part } | ExprKind::Element { base, index: part } => {
                let base = is_known(base);
                (matches!(part.kind, ExprKind::Const(_)) || is_known(part)) && base
            }
            ExprKind::Local(local) => match self.binding(*local) {
                Some(Binding::Let(bound)) => self.is_there(bound),
                _ => false,
            },
            _ => false,
        }
    }

    /// Computes without findings of reads, as for places and messages.
    pub(crate) fn quietly<T>(&mut self, compute: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.quiet, true);
        let value = compute(self);
        self.quiet = before;
        value
    }

    /// What a local is bound to.
    pub(crate) fn slot(&self, local: LocalId) -> Slot<'a> {
        self.slots.get(local.0 as usize).cloned().unwrap_or(Slot {
            value: Value::Absent,
            node: None,
            elsewhere: None,
            origin: None,
        })
    }

    /// Binds a local.
    pub(crate) fn set(&mut self, local: LocalId, slot: Slot<'a>) {
        if let Some(bound) = self.slots.get_mut(local.0 as usize) {
            *bound = slot;
        }
    }

    /// Evaluates names bound by `let`, in order.
    pub(crate) fn bind_lets(&mut self, locals: &[LocalId]) {
        for local in locals {
            if let Some(Binding::Let(bound)) = self.binding(*local) {
                let value = self.eval(bound);
                self.set(
                    *local,
                    Slot {
                        value,
                        node: None,
                        elsewhere: None,
                        origin: None,
                    },
                );
            }
        }
    }

    /// What a local is declared as.
    pub(crate) fn binding(&self, local: LocalId) -> Option<&'a Binding> {
        let local = self.policy.locals.get(local.0 as usize)?;
        Some(&local.binding)
    }

    /// The check of a number.
    pub(crate) fn check(&self, index: u32) -> Option<&'a Check> {
        self.policy.checks.get(index as usize)
    }

    fn count(&mut self, expr: &Expr, outcome: impl FnOnce() -> Outcome) {
        if !self.quiet {
            let outcome = outcome();
            self.coverage.count_expr(expr, outcome);
            if let ExprKind::Local(local) = &expr.kind
                && let Some(binding) = self.binding(*local)
            {
                let name = match binding {
                    Binding::Object => "local object",
                    Binding::Part => "local part",
                    Binding::Let(_) => "local let",
                    Binding::Element => "local element",
                    Binding::Key => "local key",
                    Binding::Index => "local index",
                };
                self.coverage.count(name, Some(outcome));
            }
        }
    }

    // What the host says

    fn param(&self, param: ParamId) -> Value {
        let value = self.params.get(param.0 as usize);
        value.cloned().unwrap_or(Value::Absent)
    }

    pub(crate) fn context(&self, part: ContextPart) -> Value {
        self.tapes
            .of_context(part.key())
            .map_or(Value::Absent, Value::Node)
    }

    // Lists

    fn concat(&mut self, operands: &'a [Expr]) -> Items {
        let mut joined = Items::default();
        for operand in operands {
            let value = self.eval(operand);
            joined.unknown = joined.unknown.or(value.unknown());
            joined
                .items
                .extend(self.turns(&value).into_iter().map(|turn| turn.item));
        }
        joined
    }

    // Conditions

    fn truth(&mut self, expr: &'a Expr) -> Kleene {
        let value = self.eval(expr);
        test(&value, || self.bool_of(&value) == Some(true))
    }

    /// `And` with `False` as what decides, `Or` with `True`.
    fn fold(&mut self, operands: &'a [Expr], decisive: Kleene) -> Kleene {
        let mut result = decisive.negated();
        for operand in operands {
            match self.condition(operand) {
                truth if truth == decisive => return decisive,
                truth => result = result.join(truth),
            }
        }
        result
    }

    // Computed text

    fn interpolate(&mut self, parts: &'a [MessagePart]) -> Value {
        let mut unknown = None;
        let mut text = String::new();
        for part in parts {
            self.coverage_of_part(part);
            match part {
                MessagePart::Text(literal) => text.push_str(literal),
                MessagePart::Value(expr) => {
                    let value = self.eval(expr);
                    unknown = unknown.or(value.unknown());
                    text.push_str(&self.print(&value, &expr.ty.base));
                }
                MessagePart::Object(expr) => {
                    let value = self.eval(expr);
                    unknown = unknown.or(value.unknown());
                    text.push_str(&self.print_object(&value));
                }
            }
        }
        match unknown {
            Some(reason) => Value::Unknown(reason),
            None => Value::String(text),
        }
    }

    fn coverage_of_part(&mut self, part: &MessagePart) {
        if !self.quiet {
            self.coverage.count_part(part);
        }
    }

    fn image(&mut self, part: ImagePart, text: &'a Expr) -> Value {
        let value = self.eval(text);
        if let Some(reason) = value.unknown() {
            return Value::Unknown(reason);
        }
        match self.text_of(&value) {
            Some(text) if is_template(&text) => Value::Unknown(Reason::Template),
            Some(text) => {
                crate::image::image_part(&text, part).map_or(Value::Absent, Value::String)
            }
            None => Value::Absent,
        }
    }

    fn role(&mut self, container: &'a Expr) -> Value {
        let value = self.eval(container);
        if value.unknown().is_some() || value.is_absent() {
            return value;
        }
        let Some(node) = value.node() else {
            return Value::Absent;
        };
        let role = match self.tapes.key(node).as_deref() {
            Some("initContainers")
                if self.tapes.str_at(node, &["restartPolicy"]) == Some("Always") =>
            {
                "sidecar"
            }
            Some("initContainers") => "init",
            Some("ephemeralContainers") => "ephemeral",
            _ => "app",
        };
        Value::String(role.to_owned())
    }
}

/// Whether a text holds something that is yet to be filled in.
pub(crate) fn is_template(text: &str) -> bool {
    ["{{", "${", "$("].iter().any(|mark| text.contains(mark))
}

/// A test of a value that is itself unknown for an unknown value.
pub(crate) fn test(value: &Value, holds: impl FnOnce() -> bool) -> Kleene {
    match value.unknown() {
        Some(reason) => Kleene::Unknown(reason),
        None => Kleene::from(holds()),
    }
}
