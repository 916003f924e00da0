//! Where a condition's value comes from: traces of expressions, witnesses of conditions.
//!
//! Everything here evaluates again what it needs, quietly.

use std::ops::ControlFlow;

use palisade_abi::place::{Place, Step};
use palisade_abi::tape::{Kind, NodeId, Tape};
use palisade_lang::program::join::joins;
use palisade_lang::program::{
    Binding, Builtin, Const, Expr, ExprKind, Generator, LocalId, MessagePart, Quantifier,
    QuantifierKind,
};

use crate::eval::Evaluator;
use crate::read::element_type;
use crate::tuples::{Element, Tuple, conditions, quantified};
use crate::value::{Item, Kleene, Node, Source, Value};
use crate::verdict::Reason;

/// The places that a value or a condition's value comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) primary: Option<Place>,
    pub(crate) related: Vec<Spot>,
}

/// A place, of the document or of an object of the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The object, if it is elsewhere.
    pub(crate) object: Option<u32>,
    pub(crate) place: Place,
}

impl Spot {
    /// A place of the document.
    fn here(place: Place) -> Self {
        Self {
            object: None,
            place,
        }
    }

    /// A node elsewhere.
    fn elsewhere(node: Node) -> Self {
        Self {
            object: node.elsewhere(),
            place: Place::node(node.id),
        }
    }
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

    /// What a node leads to: a place of the document, or something related elsewhere.
    fn of(node: Node) -> Self {
        let elsewhere = node.elsewhere().map(|_| Spot::elsewhere(node));
        Self {
            related: elsewhere.into_iter().collect(),
            ..Self::from_node(node.located())
        }
    }

    /// What an element or a key leads to.
    fn of_slot(node: Option<NodeId>, elsewhere: Option<Node>) -> Self {
        match elsewhere {
            Some(node) => Self::of(node),
            None => Self::from_node(node),
        }
    }

    /// The first primary stays; all other places follow in the order of the operands.
    fn join(traces: impl IntoIterator<Item = Self>) -> Self {
        let mut joined = Self::default();
        for trace in traces {
            match (&joined.primary, trace.primary) {
                (None, primary) => joined.primary = primary,
                (Some(_), primary) => joined.related.extend(primary.map(Spot::here)),
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
            ExprKind::Const(_)
            | ExprKind::List(_)
            | ExprKind::Record(_)
            | ExprKind::Param(_)
            | ExprKind::Context(_)
            | ExprKind::Objects(_)
            | ExprKind::Call(Builtin::Before | Builtin::Source, _) => Trace::default(),
            ExprKind::Local(local) => self.trace_local(*local),
            ExprKind::With { locals, body } => {
                self.bind_lets(locals);
                self.trace(body)
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => match self.condition(condition) {
                Kleene::True => self.trace(then),
                Kleene::False => self.trace(otherwise),
                Kleene::Unknown(_) => self.trace(condition),
            },
            ExprKind::Comprehension(comprehension) | ExprKind::Count(comprehension) => {
                let conditions = conditions(comprehension.guard.as_ref());
                self.trace_first_source(&comprehension.generators, &conditions)
            }
            ExprKind::Pick(_, comprehension) => {
                let picked = self.eval(expr);
                let conditions = conditions(comprehension.guard.as_ref());
                match picked.located() {
                    Some(node) => Trace::node(node),
                    None => {
                        let mut trace =
                            self.trace_first_source(&comprehension.generators, &conditions);
                        let elsewhere = picked.node().filter(|node| node.elsewhere().is_some());
                        trace.related.extend(elsewhere.map(Spot::elsewhere));
                        trace
                    }
                }
            }
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
            ExprKind::Concat(operands)
            | ExprKind::And(operands)
            | ExprKind::Or(operands)
            | ExprKind::Call(_, operands) => {
                if let ExprKind::Call(function, _) = &expr.kind
                    && is_within_text(*function)
                {
                    let value = self.eval(expr);
                    let elsewhere = value.node().filter(|node| node.elsewhere().is_some());
                    if value.located().is_some() || elsewhere.is_some() {
                        return Trace::of_slot(value.located(), elsewhere);
                    }
                }
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
            | ExprKind::Cast(operand)
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
            ExprKind::Quantifier(quantifier) => {
                self.trace_first_source(&quantifier.generators, &quantified(quantifier))
            }
        }
    }

    fn trace_local(&mut self, local: LocalId) -> Trace {
        match self.binding(local) {
            Some(Binding::Let(bound)) => self.trace(bound),
            Some(Binding::Element) => {
                let slot = self.slot(local);
                let own = Trace::of_slot(slot.node, slot.elsewhere);
                match slot.origin {
                    Some(origin) if own.primary.is_none() && self.is_computed(origin) => {
                        let mut trace = self.trace(origin);
                        trace.related.extend(own.related);
                        trace
                    }
                    _ => own,
                }
            }
            Some(Binding::Object | Binding::Part | Binding::Key | Binding::Index) => {
                let slot = self.slot(local);
                Trace::of_slot(slot.node, slot.elsewhere)
            }
            None => Trace::default(),
        }
    }

    /// Whether what is not located of a list takes the list's place.
    fn is_computed(&self, source: &Expr) -> bool {
        match &source.kind {
            ExprKind::Call(..) | ExprKind::Comprehension(_) => true,
            ExprKind::With { body, .. } => self.is_computed(body),
            ExprKind::Local(local) => match self.binding(*local) {
                Some(Binding::Let(bound)) => self.is_computed(bound),
                _ => false,
            },
            _ => false,
        }
    }

    fn trace_both(&mut self, left: &'a Expr, right: &'a Expr) -> Trace {
        let left = self.trace(left);
        let right = self.trace(right);
        Trace::join([left, right])
    }

    /// The trace of the first generator's source; of objects, of what joins them to the rest.
    pub(crate) fn trace_first_source(
        &mut self,
        generators: &'a [Generator],
        conditions: &[&'a Expr],
    ) -> Trace {
        let joins = joins(&self.policy.locals, generators, 0, conditions);
        let mut joined: Option<Trace> = None;
        for join in joins {
            let trace = self.trace(join.sought);
            joined = Some(match joined {
                None => trace,
                Some(before) => {
                    let depth = |trace: &Trace| self.depth(trace.primary.as_ref());
                    if depth(&trace) > depth(&before) {
                        Trace::join([trace, before])
                    } else {
                        Trace::join([before, trace])
                    }
                }
            });
        }
        match (joined, generators.first()) {
            (Some(joined), _) => joined,
            (None, Some(generator)) => self.trace(&generator.source),
            (None, None) => Trace::default(),
        }
    }

    fn trace_member(&mut self, base: &'a Expr, key: &str) -> Trace {
        let value = self.eval(base);
        let trace = self.trace(base);
        if value.unknown().is_some() {
            return trace;
        }
        let member = value
            .node()
            .and_then(|node| self.tapes.live_member(node, key));
        if let Some(node) = value.node().filter(|node| node.elsewhere().is_some()) {
            return Trace::of(member.unwrap_or(node));
        }
        let is_made = (value.node()).is_some_and(|node| self.tapes.nest.is_made(node.id));
        if (value.node()).is_some_and(|node| node.source == Source::Computed) && !is_made {
            return Trace::default();
        }
        let Some(place) = &trace.primary else {
            // What is missing elsewhere is missing in what was there.
            let is_path = match &base.kind {
                ExprKind::Member { .. } => true,
                ExprKind::MapMember { key, .. } => {
                    matches!(key.kind, ExprKind::Const(Const::String(_)))
                }
                _ => false,
            };
            let mut lacking = Trace::default();
            if is_path && value.is_absent() {
                lacking.related = trace.related;
            }
            return lacking;
        };
        match member.map(Node::located) {
            Some(member) => Trace::from_node(member),
            // What a function did not find is not missing where it looked.
            None if is_made => Trace::at(place.clone()),
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
        let item = self.item_at(&value, &index_value);
        let located = item.as_ref().and_then(Item::located);
        let elsewhere = item.as_ref().and_then(Item::elsewhere);
        if let Some(node) = elsewhere.filter(|node| self.tapes.kind(*node) != Kind::Null) {
            return Trace::of(node);
        }
        if let Some(node) = located.filter(|node| self.is_live(*node)) {
            return Trace::node(node);
        }
        let Some(place) = &trace.primary else {
            return Trace::default();
        };
        match item {
            Some(item) => match item.located() {
                Some(_) => Trace::at(below_index(place, position)),
                None if self.is_computed(base) => trace,
                None => Trace::default(),
            },
            None => Trace::at(below_index(place, position)),
        }
    }

    fn is_live(&self, node: NodeId) -> bool {
        self.tapes.kind(Node::of_document(node)) != Kind::Null
    }

    fn trace_coalesce(&mut self, left: &'a Expr, right: &'a Expr) -> Trace {
        let trace = self.trace(left);
        if self.eval(left) != Value::Absent {
            return trace;
        }
        if self.eval(right).located().is_some() || trace.primary.is_none() {
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
            ExprKind::With { locals, body } => {
                self.bind_lets(locals);
                self.blame(body, truth)
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => match self.condition(condition) {
                Kleene::True => self.blame(then, truth),
                _ => self.blame(otherwise, truth),
            },
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
                let ty = element_type(&list.ty.base);
                let mut equal = Vec::new();
                for turn in self.turns(&list_value) {
                    let found = Trace::of_slot(turn.item.located(), turn.item.elsewhere());
                    let element = self.take(turn.item, ty, turn.site);
                    if element.unknown().is_none()
                        && self.equal(*domain, &needle, &element, ty) == Kleene::True
                        && found != Trace::default()
                    {
                        equal.push(found);
                    }
                }
                blame_membership(trace, equal)
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
                    vec![self.trace_first_source(&quantifier.generators, &quantified(quantifier))]
                }
            }
            _ => vec![self.trace(expr)],
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
            witness
                .related
                .extend(others.iter().cloned().map(Spot::here));
        }
        witnesses
    }

    /// Steps from the root to a place; −1 without a place.
    fn depth(&self, place: Option<&Place>) -> i64 {
        let Some(place) = place else { return -1 };
        self.tapes.depth(place.node) + i64::try_from(place.missing.len()).unwrap_or(i64::MAX)
    }

    /// The witnesses of the tuples that decided a quantifier, drawn to their elements.
    fn blame_tuples(&mut self, quantifier: &'a Quantifier) -> Vec<Trace> {
        let body_is = quantifier.kind != QuantifierKind::All;
        let mut witnesses = Vec::new();
        let mut has_unlocated = false;
        let _ = self.each_tuple(
            &quantifier.generators,
            &quantified(quantifier),
            &mut |this, tuple| {
                let Tuple::Bound(element) = tuple else {
                    return ControlFlow::Continue(());
                };
                if this.fold_tuple(quantifier).0 != Kleene::from(body_is) {
                    return ControlFlow::Continue(());
                }
                if element.node.is_none() && std::mem::replace(&mut has_unlocated, true) {
                    return ControlFlow::Continue(());
                }
                for witness in this.blame(&quantifier.body, body_is) {
                    witnesses.push(this.draw(witness, element));
                }
                ControlFlow::Continue(())
            },
        );
        witnesses
    }

    /// The witness, with the element as its place unless its place is in the element already.
    fn draw(&self, mut witness: Trace, element: Element) -> Trace {
        if let Some(node) = element.elsewhere {
            let is_in = |spot: &Spot| {
                spot.object == node.elsewhere() && self.tapes.is_within(spot.place.node, node)
            };
            if !witness.related.iter().any(is_in) {
                witness.related.push(Spot::elsewhere(node));
            }
            return witness;
        }
        let Some(element) = element.node else {
            return witness;
        };
        match &witness.primary {
            Some(place) if (self.tapes).is_within(place.node, Node::of_document(element)) => {
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
            ExprKind::With { locals, body } => {
                self.bind_lets(locals);
                self.blame_unknown(body)
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => match self.condition(condition) {
                Kleene::True => self.blame_unknown(then),
                Kleene::False => self.blame_unknown(otherwise),
                Kleene::Unknown(_) => self.blame_unknown(condition),
            },
            ExprKind::Compare {
                domain,
                left,
                right,
                ..
            } => {
                let value = self.eval(left);
                let is_left = value.unknown().is_some()
                    || (self.eval(right).unknown().is_none() && self.key(*domain, &value).is_err());
                self.trace(if is_left { left } else { right })
            }
            ExprKind::In {
                domain,
                needle,
                list,
            } => {
                let needle_value = self.eval(needle);
                if needle_value.unknown().is_some() {
                    return self.trace(needle);
                }
                let value = self.eval(list);
                if value.unknown().is_some() {
                    return self.trace(list);
                }
                let ty = element_type(&list.ty.base);
                for turn in self.turns(&value) {
                    let found = Trace::of_slot(turn.item.located(), turn.item.elsewhere());
                    let element = self.take(turn.item, ty, turn.site);
                    if element.unknown().is_some() {
                        return found;
                    }
                    let truth = self.equal(*domain, &needle_value, &element, ty);
                    if matches!(truth, Kleene::Unknown(_)) {
                        return match self.key(*domain, &needle_value) {
                            Err(_) => self.trace(needle),
                            Ok(_) => found,
                        };
                    }
                }
                Trace::default()
            }
            ExprKind::Truth(operand) | ExprKind::IsSet(operand) | ExprKind::IsEmpty(operand) => {
                self.trace(operand)
            }
            ExprKind::Quantifier(quantifier) => self.blame_unknown_tuple(quantifier),
            ExprKind::IsKnown(_) => Trace::default(),
            _ => self.trace(expr),
        }
    }

    fn blame_unknown_tuple(&mut self, quantifier: &'a Quantifier) -> Trace {
        if let Some(generator) = quantifier.generators.first()
            && self.eval(&generator.source).unknown().is_some()
        {
            return self.trace_first_source(&quantifier.generators, &quantified(quantifier));
        }
        let mut blamed = Trace::default();
        let _ = self.each_tuple(
            &quantifier.generators,
            &quantified(quantifier),
            &mut |this, tuple| {
                blamed = match tuple {
                    Tuple::Unknown(generators, at, _) => match generators.get(at) {
                        Some(generator) => this.trace(&generator.source),
                        None => Trace::default(),
                    },
                    Tuple::Bound(element) => match this.fold_tuple(quantifier) {
                        (Kleene::Unknown(_), Some(operand)) => {
                            let witness = this.blame_unknown(operand);
                            this.draw(witness, element)
                        }
                        _ => return ControlFlow::Continue(()),
                    },
                };
                ControlFlow::Break(())
            },
        );
        blamed
    }

    /// A witness as place and related places of a result.
    pub(crate) fn settle(&self, witness: Trace) -> (Place, Vec<Spot>) {
        let nest = self.tapes.nest;
        let place =
            witness
                .primary
                .unwrap_or_else(|| match self.elements.iter().rev().flatten().next() {
                    Some(element) => Place::node(*element),
                    None => object_name(self.tapes.document),
                });
        let place = nest.stand(place);
        let mut related: Vec<Spot> = Vec::new();
        for other in witness.related {
            let other = Spot {
                object: other.object,
                place: nest.stand(other.place),
            };
            if other != Spot::here(place.clone())
                && !related.contains(&other)
                && related.len() < MAX_RELATED
            {
                related.push(other);
            }
        }
        (place, related)
    }

    /// The one witness of a check with `at`: its place, the others related.
    pub(crate) fn at(&mut self, place: &'a Expr, witnesses: Vec<Trace>) -> Trace {
        let mut at = self.trace(place);
        for witness in witnesses {
            at.related.extend(witness.primary.map(Spot::here));
            at.related.extend(witness.related);
        }
        at
    }
}

/// Whether what a function gives is a place inside of the text that it is given.
fn is_within_text(function: Builtin) -> bool {
    matches!(
        function,
        Builtin::ParseJson
            | Builtin::ParseYaml
            | Builtin::Trim
            | Builtin::TrimPrefix
            | Builtin::TrimSuffix
            | Builtin::Substring
    )
}

/// The place of the object's name, or of where it would be.
#[must_use]
pub fn object_name(tape: &Tape) -> Place {
    let mut place = Place::node(NodeId::ROOT);
    for key in ["metadata", "name"] {
        let member = tape
            .member(place.node, key)
            .filter(|member| tape.kind(*member) != Kind::Null);
        place = match member {
            Some(member) if place.missing.is_empty() => Place::node(member),
            _ => below(&place, Step::Key(key.to_owned())),
        };
    }
    place
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

fn blame_membership(needle: Trace, equal: Vec<Trace>) -> Vec<Trace> {
    if needle.primary.is_some() {
        let mut witness = needle;
        if let Some(first) = equal.into_iter().next() {
            witness.related.extend(first.primary.map(Spot::here));
            witness.related.extend(first.related);
        }
        return vec![witness];
    }
    // Of those elsewhere the first counts, if nothing came before it.
    let mut found: Vec<Trace> = Vec::new();
    for trace in equal {
        if trace.primary.is_some() || found.is_empty() {
            found.push(trace);
        }
    }
    if found.is_empty() {
        found.push(Trace::default());
    }
    found
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
