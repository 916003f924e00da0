//! Where a condition's value comes from: traces of expressions, witnesses of conditions.
//!
//! Everything here evaluates again what it needs, quietly.

use std::ops::ControlFlow;

use palisade_abi::place::{Place, Step};
use palisade_abi::tape::NodeId;
use palisade_lang::program::{Binding, Expr, ExprKind, MessagePart, Quantifier, QuantifierKind};

use crate::eval::{Evaluator, Tuple};
use crate::value::{Kleene, Value};
use crate::verdict::Reason;

/// The places that a value or a condition's value comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) primary: Option<Place>,
    pub(crate) related: Vec<Place>,
}

impl Trace {
    fn node(node: NodeId) -> Self {
        Self::at(Place::node(node))
    }

    fn at(place: Place) -> Self {
        Self {
            primary: Some(place),
            related: Vec::new(),
        }
    }

    fn from_node(node: Option<NodeId>) -> Self {
        node.map_or_else(Self::default, Self::node)
    }

    /// The first primary stays; all other places follow in the order of the operands.
    fn join(traces: impl IntoIterator<Item = Self>) -> Self {
        let mut joined = Self::default();
        for trace in traces {
            match (&joined.primary, trace.primary) {
                (None, primary) => joined.primary = primary,
                (Some(_), primary) => joined.related.extend(primary),
            }
            joined.related.extend(trace.related);
        }
        joined
    }
}

impl<'a> Evaluator<'a> {
    /// The trace of an expression.
    pub(crate) fn trace(&mut self, expr: &'a Expr) -> Trace {
        match &expr.kind {
            ExprKind::Const(_) | ExprKind::List(_) => Trace::default(),
            ExprKind::Local(local) => match self.binding(*local) {
                Some(Binding::Let(bound)) => self.trace(bound),
                Some(
                    Binding::Object
                    | Binding::Part
                    | Binding::Element
                    | Binding::Key
                    | Binding::Index,
                ) => Trace::from_node(self.slot(*local).node),
                None => Trace::default(),
            },
            ExprKind::Member { base, key, .. } => self.trace_member(base, key),
            ExprKind::MapMember { base, key } => {
                let value = self.eval(key);
                match self.text_of(&value) {
                    Some(text) => self.trace_member(base, &text),
                    None if self.eval(base).unknown().is_some() => self.trace(base),
                    None => self.trace(key),
                }
            }
            ExprKind::Element { base, index } => self.trace_element(base, index),
            ExprKind::Coalesce(left, right) => self.trace_coalesce(left, right),
            ExprKind::Concat(operands) | ExprKind::And(operands) | ExprKind::Or(operands) => {
                let traces: Vec<Trace> = operands.iter().map(|o| self.trace(o)).collect();
                Trace::join(traces)
            }
            ExprKind::Interpolate(parts) => {
                let traces: Vec<Trace> = parts
                    .iter()
                    .filter_map(|part| match part {
                        MessagePart::Text(_) => None,
                        MessagePart::Value(expr) | MessagePart::Object(expr) => Some(expr),
                    })
                    .map(|expr| self.trace(expr))
                    .collect();
                Trace::join(traces)
            }
            ExprKind::ImagePart(_, operand)
            | ExprKind::ContainerRole(operand)
            | ExprKind::Truth(operand)
            | ExprKind::Not(operand)
            | ExprKind::IsSet(operand)
            | ExprKind::IsEmpty(operand)
            | ExprKind::IsKnown(operand) => self.trace(operand),
            ExprKind::Compare { left, right, .. }
            | ExprKind::In {
                needle: left,
                list: right,
                ..
            } => self.trace_both(left, right),
            ExprKind::Quantifier(quantifier) => self.trace_first_source(quantifier),
        }
    }

    fn trace_both(&mut self, left: &'a Expr, right: &'a Expr) -> Trace {
        let left = self.trace(left);
        let right = self.trace(right);
        Trace::join([left, right])
    }

    fn trace_first_source(&mut self, quantifier: &'a Quantifier) -> Trace {
        match quantifier.generators.first() {
            Some(generator) => self.trace(&generator.source),
            None => Trace::default(),
        }
    }

    fn trace_member(&mut self, base: &'a Expr, key: &str) -> Trace {
        let value = self.eval(base);
        let trace = self.trace(base);
        if value.unknown().is_some() {
            return trace;
        }
        let Some(place) = &trace.primary else {
            return Trace::default();
        };
        match value.node().and_then(|node| self.live_member(node, key)) {
            Some(member) => Trace::node(member),
            None => Trace::at(below(place, Step::Key(key.to_owned()))),
        }
    }

    fn trace_element(&mut self, base: &'a Expr, index: &'a Expr) -> Trace {
        let value = self.eval(base);
        if value.unknown().is_some() {
            return self.trace(base);
        }
        let index_value = self.eval(index);
        let Some(position) = self.int_of(&index_value) else {
            return self.trace(index);
        };
        let trace = self.trace(base);
        let Some(place) = &trace.primary else {
            return Trace::default();
        };
        match self.item_at(&value, &index_value) {
            Some(item) => match item.node() {
                Some(node) if self.is_live(node) => Trace::node(node),
                Some(_) => Trace::at(below_index(place, position)),
                None => Trace::default(),
            },
            None => Trace::at(below_index(place, position)),
        }
    }

    fn is_live(&self, node: NodeId) -> bool {
        self.tape.kind(node) != palisade_abi::tape::Kind::Null
    }

    fn trace_coalesce(&mut self, left: &'a Expr, right: &'a Expr) -> Trace {
        let trace = self.trace(left);
        if self.eval(left) != Value::Absent {
            return trace;
        }
        if self.eval(right).node().is_some() || trace.primary.is_none() {
            return self.trace(right);
        }
        trace
    }

    /// The witnesses of a condition that is true (`truth`) or false.
    pub(crate) fn blame(&mut self, expr: &'a Expr, truth: bool) -> Vec<Trace> {
        match &expr.kind {
            ExprKind::Truth(operand)
            | ExprKind::IsSet(operand)
            | ExprKind::IsEmpty(operand)
            | ExprKind::IsKnown(operand) => vec![self.trace(operand)],
            ExprKind::Local(_) => vec![self.trace(expr)],
            ExprKind::Compare { left, right, .. } => vec![self.trace_both(left, right)],
            ExprKind::In {
                needle,
                list,
                domain,
            } => {
                let trace = self.trace(needle);
                if !truth && trace.primary.is_none() {
                    return vec![self.trace(list)];
                }
                if !truth {
                    return vec![trace];
                }
                let needle = self.eval(needle);
                let list_value = self.eval(list);
                let ty = crate::eval::element_type(&list.ty.base);
                let mut equal = Vec::new();
                for turn in self.turns(&list_value) {
                    let node = turn.item.node();
                    let element = self.take(turn.item, ty, turn.site);
                    if element.unknown().is_none() && self.equal(*domain, &needle, &element) {
                        equal.extend(node);
                    }
                }
                blame_membership(trace, &equal)
            }
            ExprKind::Not(operand) => self.blame(operand, !truth),
            ExprKind::And(operands) if truth => self.blame_all(operands, truth, most_specific),
            ExprKind::Or(operands) if !truth => self.blame_all(operands, truth, first_placed),
            ExprKind::And(operands) | ExprKind::Or(operands) => {
                let decisive = operands
                    .iter()
                    .find(|operand| self.condition(operand) == Kleene::from(truth));
                match decisive {
                    Some(operand) => self.blame(operand, truth),
                    None => vec![Trace::default()],
                }
            }
            ExprKind::Quantifier(quantifier) => {
                let witnessed = match quantifier.kind {
                    QuantifierKind::Any => truth,
                    QuantifierKind::All | QuantifierKind::No => !truth,
                };
                if witnessed {
                    self.blame_tuples(quantifier)
                } else {
                    vec![self.trace_first_source(quantifier)]
                }
            }
            ExprKind::Const(_)
            | ExprKind::Member { .. }
            | ExprKind::MapMember { .. }
            | ExprKind::Element { .. }
            | ExprKind::Concat(_)
            | ExprKind::List(_)
            | ExprKind::Coalesce(..)
            | ExprKind::Interpolate(_)
            | ExprKind::ImagePart(..)
            | ExprKind::ContainerRole(_) => vec![Trace::default()],
        }
    }

    /// The witnesses of the operand that `choose` picks; the others' places are related.
    fn blame_all(
        &mut self,
        operands: &'a [Expr],
        truth: bool,
        choose: fn(&Self, &[Option<Place>]) -> usize,
    ) -> Vec<Trace> {
        let blames: Vec<Vec<Trace>> = operands.iter().map(|o| self.blame(o, truth)).collect();
        let firsts: Vec<Option<Place>> = blames
            .iter()
            .map(|witnesses| {
                witnesses
                    .first()
                    .and_then(|witness| witness.primary.clone())
            })
            .collect();
        let chosen = choose(self, &firsts);
        let others: Vec<Place> = firsts
            .into_iter()
            .enumerate()
            .filter(|(idx, _)| *idx != chosen)
            .filter_map(|(_, place)| place)
            .collect();
        let mut witnesses = blames.into_iter().nth(chosen).unwrap_or_default();
        for witness in &mut witnesses {
            witness.related.extend(others.iter().cloned());
        }
        witnesses
    }

    /// Steps from the root to a place; −1 without a place.
    fn depth(&self, place: Option<&Place>) -> i64 {
        let Some(place) = place else { return -1 };
        let mut depth = 0;
        let mut at = NodeId::ROOT;
        while at != place.node {
            match self
                .tape
                .children(at)
                .find(|child| *child <= place.node && place.node < self.tape.after(*child))
            {
                Some(child) => at = child,
                None => break,
            }
            depth += 1;
        }
        depth + i64::try_from(place.missing.len()).unwrap_or(i64::MAX)
    }

    /// The witnesses of the tuples that decided a quantifier, drawn to their elements.
    fn blame_tuples(&mut self, quantifier: &'a Quantifier) -> Vec<Trace> {
        let body_is = quantifier.kind != QuantifierKind::All;
        let mut witnesses = Vec::new();
        let mut has_unlocated = false;
        let _ = self.each_tuple(quantifier, 0, None, &mut |this, tuple| {
            let Tuple::Bound(element) = tuple else {
                return ControlFlow::Continue(());
            };
            if this.fold_tuple(quantifier).0 != Kleene::from(body_is) {
                return ControlFlow::Continue(());
            }
            if element.is_none() && std::mem::replace(&mut has_unlocated, true) {
                return ControlFlow::Continue(());
            }
            for witness in this.blame(&quantifier.body, body_is) {
                witnesses.push(this.draw(witness, element));
            }
            ControlFlow::Continue(())
        });
        witnesses
    }

    /// The witness, with the element as its place unless its place is in the element already.
    fn draw(&self, witness: Trace, element: Option<NodeId>) -> Trace {
        let Some(element) = element else {
            return witness;
        };
        match &witness.primary {
            Some(place) if element <= place.node && place.node < self.tape.after(element) => {
                witness
            }
            _ => Trace::join([Trace::node(element), witness]),
        }
    }

    /// What makes a condition unknown.
    pub(crate) fn blame_unknown(&mut self, expr: &'a Expr) -> Trace {
        match &expr.kind {
            ExprKind::And(operands) | ExprKind::Or(operands) => {
                let first = operands
                    .iter()
                    .find(|operand| matches!(self.condition(operand), Kleene::Unknown(_)));
                first.map_or_else(Trace::default, |operand| self.blame_unknown(operand))
            }
            ExprKind::Not(operand) => self.blame_unknown(operand),
            ExprKind::Compare { left, right, .. } => {
                if self.eval(left).unknown().is_some() {
                    self.trace(left)
                } else {
                    self.trace(right)
                }
            }
            ExprKind::In { needle, list, .. } => {
                if self.eval(needle).unknown().is_some() {
                    return self.trace(needle);
                }
                let value = self.eval(list);
                if value.unknown().is_some() {
                    return self.trace(list);
                }
                let ty = crate::eval::element_type(&list.ty.base);
                for turn in self.turns(&value) {
                    let node = turn.item.node();
                    if self.take(turn.item, ty, turn.site).unknown().is_some() {
                        return Trace::from_node(node);
                    }
                }
                Trace::default()
            }
            ExprKind::Truth(operand) | ExprKind::IsSet(operand) | ExprKind::IsEmpty(operand) => {
                self.trace(operand)
            }
            ExprKind::Local(_) => self.trace(expr),
            ExprKind::Quantifier(quantifier) => self.blame_unknown_tuple(quantifier),
            ExprKind::Const(_)
            | ExprKind::Member { .. }
            | ExprKind::MapMember { .. }
            | ExprKind::Element { .. }
            | ExprKind::Concat(_)
            | ExprKind::List(_)
            | ExprKind::Coalesce(..)
            | ExprKind::Interpolate(_)
            | ExprKind::ImagePart(..)
            | ExprKind::ContainerRole(_)
            | ExprKind::IsKnown(_) => Trace::default(),
        }
    }

    fn blame_unknown_tuple(&mut self, quantifier: &'a Quantifier) -> Trace {
        if let Some(generator) = quantifier.generators.first()
            && self.eval(&generator.source).unknown().is_some()
        {
            return self.trace(&generator.source);
        }
        let mut blamed = Trace::default();
        let _ = self.each_tuple(quantifier, 0, None, &mut |this, tuple| {
            blamed = match tuple {
                Tuple::Unknown(source, _) => this.trace(source),
                Tuple::Bound(element) => match this.fold_tuple(quantifier) {
                    (Kleene::Unknown(_), Some(operand)) => {
                        let witness = this.blame_unknown(operand);
                        this.draw(witness, element)
                    }
                    _ => return ControlFlow::Continue(()),
                },
            };
            ControlFlow::Break(())
        });
        blamed
    }

    /// The place of the object's name, or of where it would be.
    fn object_name(&self) -> Place {
        let mut place = Place::node(NodeId::ROOT);
        for key in ["metadata", "name"] {
            let member = self.live_member(place.node, key);
            place = match member {
                Some(member) if place.missing.is_empty() => Place::node(member),
                _ => below(&place, Step::Key(key.to_owned())),
            };
        }
        place
    }

    /// A witness as place and related places of a result.
    pub(crate) fn settle(&self, witness: Trace) -> (Place, Vec<Place>) {
        let place =
            witness
                .primary
                .unwrap_or_else(|| match self.elements.iter().rev().flatten().next() {
                    Some(element) => Place::node(*element),
                    None => self.object_name(),
                });
        let mut related: Vec<Place> = Vec::new();
        for other in witness.related {
            if other != place && !related.contains(&other) && related.len() < MAX_RELATED {
                related.push(other);
            }
        }
        (place, related)
    }

    /// The one witness of a check with `at`: its place, the others related.
    pub(crate) fn at(&mut self, place: &'a Expr, witnesses: Vec<Trace>) -> Trace {
        let mut at = self.trace(place);
        for witness in witnesses {
            at.related.extend(witness.primary);
            at.related.extend(witness.related);
        }
        at
    }
}

/// Related places that a result keeps.
const MAX_RELATED: usize = 8;

/// The reason a result has if a condition could not be decided.
pub(crate) fn unreported(truth: Kleene) -> Option<Reason> {
    match truth {
        Kleene::Unknown(reason) if !reason.is_reported() => Some(reason),
        Kleene::Unknown(_) | Kleene::True | Kleene::False => None,
    }
}

fn blame_membership(needle: Trace, equal: &[NodeId]) -> Vec<Trace> {
    if needle.primary.is_some() {
        let mut witness = needle;
        witness
            .related
            .extend(equal.first().copied().map(Place::node));
        return vec![witness];
    }
    if equal.is_empty() {
        return vec![Trace::default()];
    }
    equal.iter().copied().map(Trace::node).collect()
}

/// For `and`: the deepest place, of equal ones the leftmost.
fn most_specific(this: &Evaluator<'_>, firsts: &[Option<Place>]) -> usize {
    let mut best = (0, i64::MIN);
    for (idx, place) in firsts.iter().enumerate() {
        let depth = this.depth(place.as_ref());
        if depth > best.1 {
            best = (idx, depth);
        }
    }
    best.0
}

/// For `or`: the first that has a place.
fn first_placed(_: &Evaluator<'_>, firsts: &[Option<Place>]) -> usize {
    firsts.iter().position(Option::is_some).unwrap_or(0)
}

fn below(place: &Place, step: Step) -> Place {
    let mut below = place.clone();
    below.missing.push(step);
    below
}

/// The place of an element that is not there. An index that no list can have adds no step.
fn below_index(place: &Place, index: i64) -> Place {
    match u32::try_from(index) {
        Ok(index) => below(place, Step::Index(index)),
        Err(_) => place.clone(),
    }
}
