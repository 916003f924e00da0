//! Generators, quantifiers and comprehensions.

use std::ops::ControlFlow;

use palisade_abi::tape::{Kind, NodeId};
use palisade_lang::program::join::{Join, Source as Joined, joins, sources};
use palisade_lang::program::{
    Comprehension, Expr, Generator, KindRef, Pick, Quantifier, QuantifierKind, Target,
};

use crate::compare::Key;
use crate::eval::{Evaluator, Slot};
use crate::read::{Site, element_type};
use crate::value::{Item, Items, Kleene, Node, Source, Value};
use crate::verdict::Reason;

/// An element of a list or a member of a map, as a generator meets it.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    /// The key or the index.
    pub(crate) key: Value,
    pub(crate) item: Item,
    pub(crate) site: Site,
}

/// Where an element is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Element {
    /// Its node in the document.
    pub(crate) node: Option<NodeId>,
    /// Its node elsewhere.
    pub(crate) elsewhere: Option<Node>,
}

/// What must hold of the tuples of a comprehension or a `for`.
pub(crate) fn conditions(guard: Option<&Expr>) -> Vec<&Expr> {
    guard.into_iter().collect()
}

/// What must hold of the tuples that a quantifier counts.
pub(crate) fn quantified(quantifier: &Quantifier) -> Vec<&Expr> {
    let mut all = conditions(quantifier.guard.as_ref());
    if quantifier.kind != QuantifierKind::All {
        all.push(&quantifier.body);
    }
    all
}

/// What generators come to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tuple<'a> {
    /// All names are bound; the last generator's element.
    Bound(Element),
    /// The source of a generator, by its number, is unknown.
    Unknown(&'a [Generator], usize, Reason),
}

impl<'a> Evaluator<'a> {
    /// The elements of a list or the members of a map that are not null, in order; of an unknown value what is known.
    pub(crate) fn turns(&self, source: &Value) -> Vec<Turn> {
        match source {
            Value::Node(node) => match self.tapes.kind(*node) {
                Kind::List => numbered(self.tapes.children(*node).into_iter().map(Item::Node)),
                Kind::Map => self
                    .tapes
                    .live_children(*node)
                    .into_iter()
                    .map(|child| Turn {
                        key: self.key_of(child),
                        item: Item::Node(child),
                        site: Site::Member,
                    })
                    .collect(),
                _ => Vec::new(),
            },
            Value::List(items) => numbered(items.items.iter().cloned()),
            Value::Map(members) => members
                .iter()
                .filter(|(_, value)| !value.is_absent())
                .map(|(key, value)| Turn {
                    key: Value::String(key.clone()),
                    item: Item::Value(value.clone()),
                    site: Site::Member,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The key of a member, which has its place if that is in the document.
    fn key_of(&self, member: Node) -> Value {
        let text = self.tapes.key(member).unwrap_or_default();
        match member.source {
            Source::Document | Source::Object(_) => Value::Key(text, member),
            Source::Context | Source::Settings | Source::Origin(_) | Source::Computed => {
                Value::String(text)
            }
        }
    }

    /// Binds the names of a generator to one element. The node of the element, if it is located.
    pub(crate) fn bind(&mut self, generator: &'a Generator, turn: Turn) -> Element {
        let node = turn.item.located();
        let elsewhere = turn.item.elsewhere();
        let value = self.take(
            turn.item,
            element_type(&generator.source.ty.base),
            turn.site,
        );
        let origin = Some(&generator.source);
        self.set(
            generator.element,
            Slot {
                value,
                node,
                elsewhere,
                origin,
            },
        );
        if let Some(key) = generator.key {
            self.set(
                key,
                Slot {
                    value: turn.key,
                    node,
                    elsewhere,
                    origin: None,
                },
            );
        }
        Element { node, elsewhere }
    }

    /// Goes through the tuples of generators. After the elements that are known of a source that is unknown, `visit` gets
    /// the source itself. Objects that the joins among `conditions` leave out are none.
    pub(crate) fn each_tuple(
        &mut self,
        generators: &'a [Generator],
        conditions: &[&'a Expr],
        visit: &mut dyn FnMut(&mut Self, Tuple<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.each_from(generators, 0, conditions, Element::default(), visit)
    }

    fn each_from(
        &mut self,
        generators: &'a [Generator],
        at: usize,
        conditions: &[&'a Expr],
        last: Element,
        visit: &mut dyn FnMut(&mut Self, Tuple<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(generator) = generators.get(at) else {
            return visit(self, Tuple::Bound(last));
        };
        let joins = joins(&self.policy.locals, generators, at, conditions);
        self.count_joins(&joins, generator);
        let source = self.eval(&generator.source);
        let sought: Vec<Value> = joins.iter().map(|join| self.eval(join.sought)).collect();
        for turn in self.turns(&source) {
            let element = self.bind(generator, turn);
            if !self.is_left_out(&joins, &sought) {
                self.each_from(generators, at + 1, conditions, element, visit)?;
            }
        }
        match source.unknown() {
            Some(reason) => visit(self, Tuple::Unknown(generators, at, reason)),
            None => ControlFlow::Continue(()),
        }
    }

    /// Counts by what elements are found, and in what.
    pub(crate) fn count_joins(&mut self, joins: &[Join<'a>], generator: &'a Generator) {
        for join in joins {
            let name = if join.is_among { "join in" } else { "join ==" };
            self.coverage.count(name, None);
        }
        if joins.is_empty() {
            return;
        }
        let sources = sources(&self.policy.locals, &generator.source);
        if sources.len() > 1 {
            self.coverage.count("join of lists", None);
        }
        if sources
            .iter()
            .any(|source| matches!(source, Joined::Table(_)))
        {
            self.coverage.count("join of a table", None);
        }
    }

    /// Whether joins leave out the element that is bound.
    pub(crate) fn is_left_out(&mut self, joins: &[Join<'a>], sought: &[Value]) -> bool {
        self.quietly(|this| {
            let mut is_apart = false;
            for (join, sought) in joins.iter().zip(sought) {
                let key = this.eval(join.key);
                if key.unknown().or(sought.unknown()).is_some() {
                    return false;
                }
                let key = this.plain(&key);
                if !join.is_among {
                    is_apart |= key != this.plain(sought);
                    continue;
                }
                let element = element_type(&join.sought.ty.base);
                let mut is_there = false;
                for turn in this.turns(sought) {
                    let value = this.take(turn.item, element, turn.site);
                    if value.unknown().is_some() {
                        return false;
                    }
                    is_there |= !value.is_absent() && this.plain(&value) == key;
                }
                is_apart |= !is_there;
            }
            is_apart
        })
    }

    /// A known scalar of a join as something that is equal where it is.
    fn plain(&self, value: &Value) -> Option<String> {
        if value.is_absent() {
            return None;
        }
        let text = self.text_of(value);
        let number = || self.int_of(value).map(|int| int.to_string());
        text.or_else(number)
            .or_else(|| Some(format!("{:?}", self.bool_of(value))))
    }

    /// The objects of the inventory that a query asks for, or their parts.
    pub(crate) fn objects(&self, target: &Target) -> Value {
        let own = self.tapes.own_objects();
        // What is a document itself says nothing of files.
        let files = self.tapes.files.filter(|_| own.is_none());
        let given = self.tapes.objects.map(|tapes| {
            let numbers = (0..).zip(tapes).map(|(number, _)| number);
            let roots = numbers.map(|number| Node {
                source: Source::Object(number),
                id: NodeId::ROOT,
            });
            roots.collect()
        });
        let Some(objects) = own.or(given) else {
            return Value::Unknown(Reason::Inventory);
        };
        let file_of = |object: Node| match (object.source, files) {
            (Source::Object(number), Some(files)) => files.get(number as usize)?.as_deref(),
            _ => None,
        };
        let asks_for_files = match target {
            Target::Kind(asked) => asked.groups.is_empty(),
            Target::View(view) => {
                let view = self.tapes.views.get(view.0 as usize);
                view.is_some_and(|view| view.arms.iter().any(|arm| arm.kind.groups.is_empty()))
            }
            Target::Subresource(..) => false,
        };
        let is_partial = self.tapes.is_partial || asks_for_files && files.is_none();
        let found = objects.into_iter().filter_map(|object| {
            if let Some(file) = file_of(object) {
                let meets = |asked: &KindRef| asked.groups.is_empty() && asked.kind == file;
                return self.part_of(object, target, &meets);
            }
            let kind = self.tapes.str_at(object, &["kind"])?;
            let version = self.tapes.str_at(object, &["apiVersion"])?;
            let group = match version.rsplit_once('/') {
                Some((before, _)) => before.split('/').next().unwrap_or_default(),
                None => "",
            };
            let meets = |asked: &KindRef| {
                asked.is_any()
                    || asked.kind == kind && asked.groups.iter().any(|known| known == group)
            };
            self.part_of(object, target, &meets)
        });
        Value::List(Items {
            items: found.collect(),
            unknown: is_partial.then_some(Reason::Inventory),
        })
    }

    /// The part of an object of the inventory that is asked for, if it meets one of the kinds.
    fn part_of(
        &self,
        object: Node,
        target: &Target,
        meets: &dyn Fn(&KindRef) -> bool,
    ) -> Option<Item> {
        let path: &[String] = match target {
            Target::Kind(asked) => meets(asked).then_some(&[][..])?,
            Target::View(view) => {
                let view = self.tapes.views.get(view.0 as usize)?;
                &view.arms.iter().find(|arm| meets(&arm.kind))?.path
            }
            Target::Subresource(..) => return None,
        };
        let mut part = object;
        for key in path {
            part = self.tapes.live_member(part, key)?;
            if self.tapes.kind(part) != Kind::Map {
                break;
            }
        }
        Some(Item::Node(part))
    }

    /// `any`, `all` and `no`.
    pub(crate) fn quantifier(&mut self, quantifier: &'a Quantifier) -> Kleene {
        let decisive = Kleene::from(quantifier.kind != QuantifierKind::All);
        let mut result = decisive.negated();
        // Stopping at a decisive element is the only way in which the walk ends early.
        let _ = self.each_tuple(
            &quantifier.generators,
            &quantified(quantifier),
            &mut |this, tuple| {
                let truth = match tuple {
                    Tuple::Bound(_) => this.fold_tuple(quantifier).0,
                    Tuple::Unknown(_, _, reason) => Kleene::Unknown(reason),
                };
                if truth == decisive {
                    result = decisive;
                    return ControlFlow::Break(());
                }
                result = result.join(truth);
                ControlFlow::Continue(())
            },
        );
        match quantifier.kind {
            QuantifierKind::No => result.negated(),
            QuantifierKind::Any | QuantifierKind::All => result,
        }
    }

    /// What one tuple adds to the fold, `g and p` or `not g or p`, and which of guard and body made it unknown.
    pub(crate) fn fold_tuple(&mut self, quantifier: &'a Quantifier) -> (Kleene, Option<&'a Expr>) {
        let is_all = quantifier.kind == QuantifierKind::All;
        let guard = match &quantifier.guard {
            Some(guard) => (self.condition(guard), Some(guard)),
            None => (Kleene::True, None),
        };
        if guard.0 == Kleene::False {
            return (Kleene::from(is_all), None);
        }
        let body = self.condition(&quantifier.body);
        match (guard.0, body) {
            (Kleene::Unknown(_), body) if body == Kleene::from(is_all) => (body, None),
            (Kleene::Unknown(reason), _) => (Kleene::Unknown(reason), guard.1),
            (_, Kleene::Unknown(reason)) => (Kleene::Unknown(reason), Some(&quantifier.body)),
            (_, body) => (body, None),
        }
    }

    /// Goes through the tuples of a comprehension whose `where` is true, until something is unknown: why.
    fn each_taken(
        &mut self,
        comprehension: &'a Comprehension,
        take: &mut dyn FnMut(&mut Self) -> Option<Reason>,
    ) -> Option<Reason> {
        let mut unknown = None;
        let generators = &comprehension.generators;
        let conditions = conditions(comprehension.guard.as_ref());
        let _ = self.each_tuple(generators, &conditions, &mut |this, tuple| {
            let problem = match tuple {
                Tuple::Unknown(_, _, reason) => Some(reason),
                Tuple::Bound(_) => match comprehension.guard.as_ref().map(|g| this.condition(g)) {
                    None | Some(Kleene::True) => take(this),
                    Some(Kleene::False) => None,
                    Some(Kleene::Unknown(reason)) => Some(reason),
                },
            };
            unknown = problem;
            match problem {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        });
        unknown
    }

    /// The elements of a comprehension, sorted as it says.
    fn taken(&mut self, comprehension: &'a Comprehension) -> Result<Vec<Value>, Reason> {
        let mut elements: Vec<(Value, Value)> = Vec::new();
        let unknown = self.each_taken(comprehension, &mut |this| {
            let element = this.eval(&comprehension.element).handed_on();
            if element.is_absent() {
                return None;
            }
            let Some((by, _)) = &comprehension.order else {
                elements.push((Value::Absent, element));
                return None;
            };
            let key = this.eval(by);
            if let Some(reason) = key.unknown() {
                return Some(reason);
            }
            elements.push((key, element));
            None
        });
        if let Some(reason) = unknown {
            return Err(reason);
        }
        if let Some((_, domain)) = &comprehension.order {
            // Insertion: each before the first that is greater.
            let mut sorted: Vec<(Option<Key>, Value)> = Vec::new();
            for (key, element) in elements {
                let key = match key {
                    Value::Absent => None,
                    key => Some(self.key(*domain, &key)?),
                };
                let at = sorted
                    .iter()
                    .position(|known| known.0 > key)
                    .unwrap_or(sorted.len());
                sorted.insert(at, (key, element));
            }
            return Ok(sorted.into_iter().map(|(_, element)| element).collect());
        }
        Ok(elements.into_iter().map(|(_, element)| element).collect())
    }

    /// `[e for …]`
    pub(crate) fn comprehension(&mut self, comprehension: &'a Comprehension) -> Value {
        match self.taken(comprehension) {
            Ok(elements) => Value::list(elements.into_iter().map(Item::Value)),
            Err(reason) => Value::Unknown(reason),
        }
    }

    /// `first …` and `last …`
    pub(crate) fn pick(&mut self, pick: Pick, comprehension: &'a Comprehension) -> Value {
        match self.taken(comprehension) {
            Ok(elements) => {
                let mut elements = elements.into_iter();
                let picked = match pick {
                    Pick::First => elements.next(),
                    Pick::Last => elements.next_back(),
                };
                picked.unwrap_or(Value::Absent)
            }
            Err(reason) => Value::Unknown(reason),
        }
    }

    /// `count(…)`
    pub(crate) fn count_tuples(&mut self, comprehension: &'a Comprehension) -> Value {
        let mut n_taken = 0;
        let unknown = self.each_taken(comprehension, &mut |_| {
            n_taken += 1;
            None
        });
        unknown.map_or(Value::Int(n_taken), Value::Unknown)
    }
}

fn numbered(items: impl Iterator<Item = Item>) -> Vec<Turn> {
    items
        .zip(0_i64..)
        .map(|(item, index)| Turn {
            key: Value::Int(index),
            item,
            site: Site::Element,
        })
        .collect()
}
