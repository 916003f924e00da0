//! The functions of the language.

use num_bigint::BigInt;
use palisade_abi::place::{EmbeddedFormat, Place};
use palisade_abi::tape::{Kind, NodeId};
use palisade_lang::program::{BaseType, Builtin, ContextPart, Domain, Expr, ImagePart};

use crate::compare::Key;
use crate::eval::{Evaluator, is_template};
use crate::read::element_type;
use crate::value::{Item, Kleene, Node, Source, Value};
use crate::verdict::Reason;
use crate::{image, made, network, number, pattern, ranges, text, time, version};

/// An argument after it was evaluated.
#[derive(Debug, Clone)]
enum Argument {
    /// Anything that is no list of which the elements are looked at.
    One(Value),
    /// The elements of a list, with their nodes.
    Many(Vec<Element>),
}

#[derive(Debug, Clone)]
struct Element {
    value: Value,
    node: Option<NodeId>,
}

/// What a function could not do: unknown for a reason, or absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Unknown(Reason),
    Absent,
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Unknown(reason)
    }
}

/// Arithmetic that left its range, or text that does not read.
const NO_VALUE: Stop = Stop::Unknown(Reason::Value);

type Answer = Result<Value, Stop>;

impl<'a> Evaluator<'a> {
    /// A call.
    pub(crate) fn call(&mut self, function: Builtin, arguments: &'a [Expr]) -> Value {
        let mut unknown = None;
        let mut is_absent = false;
        let mut values = Vec::new();
        for argument in arguments {
            let value = self.eval(argument);
            let ty = &argument.ty.base;
            let is_list = matches!(ty, BaseType::List(_)) && looks_at_elements(function);
            // An absent selector selects nothing, an absent record has no keys.
            let may_miss = matches!(ty, BaseType::List(_) | BaseType::Map(_))
                || matches!(function, Builtin::Selects | Builtin::Keys);
            is_absent |= value.is_absent() && !may_miss;
            if let Some(reason) = value.unknown() {
                unknown = unknown.or(Some(reason));
            } else if is_list {
                let elements = self.elements_of(&value, element_type(ty));
                unknown = unknown.or(elements.iter().find_map(|e| e.value.unknown()));
                values.push(Argument::Many(elements));
            } else {
                values.push(Argument::One(value));
            }
        }
        if let Some(reason) = unknown {
            return Value::Unknown(reason);
        }
        if is_absent {
            return if is_test(function) {
                Value::Bool(false)
            } else {
                Value::Absent
            };
        }
        let types: Vec<&BaseType> = arguments.iter().map(|a| &a.ty.base).collect();
        match self.apply(function, &values, &types) {
            Ok(value) => value,
            Err(Stop::Unknown(reason)) => Value::Unknown(reason),
            Err(Stop::Absent) => Value::Absent,
        }
    }

    /// The elements of a list up to the first that is unknown.
    fn elements_of(&mut self, list: &Value, ty: &BaseType) -> Vec<Element> {
        let mut elements = Vec::new();
        for turn in self.turns(list) {
            let node = turn.item.located();
            let value = self.take(turn.item, ty, turn.site);
            let is_unknown = value.unknown().is_some();
            elements.push(Element { value, node });
            if is_unknown {
                break;
            }
        }
        elements
    }

    fn apply(&self, function: Builtin, arguments: &[Argument], types: &[&BaseType]) -> Answer {
        let given = Given {
            this: self,
            arguments,
        };
        let flag = |truth: bool| Ok(Value::Bool(truth));
        let text = |text: String| Ok(Value::String(text));
        Ok(match function {
            Builtin::Len => Value::Int(count(given.text(0)?.chars().count())),
            Builtin::StartsWith => return flag(given.text(0)?.starts_with(&given.text(1)?)),
            Builtin::EndsWith => return flag(given.text(0)?.ends_with(&given.text(1)?)),
            Builtin::Contains => return flag(given.text(0)?.contains(&given.text(1)?)),
            Builtin::Lower => return text(given.text(0)?.to_ascii_lowercase()),
            Builtin::Upper => return text(given.text(0)?.to_ascii_uppercase()),
            Builtin::Trim => {
                let (whole, spaces) = (given.text(0)?, [' ', '\t', '\r', '\n']);
                return given.part(&whole, whole.trim_matches(spaces));
            }
            Builtin::TrimPrefix => {
                let (whole, prefix) = (given.text(0)?, given.text(1)?);
                return given.part(&whole, whole.strip_prefix(&prefix).unwrap_or(&whole));
            }
            Builtin::TrimSuffix => {
                let (whole, suffix) = (given.text(0)?, given.text(1)?);
                return given.part(&whole, whole.strip_suffix(&suffix).unwrap_or(&whole));
            }
            Builtin::Split => {
                let (whole, between) = (given.text(0)?, given.text(1)?);
                if between.is_empty() {
                    return Err(NO_VALUE);
                }
                return given.parts(&whole, whole.split(&between));
            }
            Builtin::Join => {
                let parts = given.texts(0)?;
                return text(parts.join(&given.text(1)?));
            }
            Builtin::Replace => {
                let (whole, from, to) = (given.text(0)?, given.text(1)?, given.text(2)?);
                if from.is_empty() {
                    return Err(NO_VALUE);
                }
                return text(whole.replace(&from, &to));
            }
            Builtin::Substring => {
                let (whole, from, to) = (given.text(0)?, given.int(1)?, given.int(2)?);
                let from = usize::try_from(from).map_err(|_| NO_VALUE)?;
                let to = usize::try_from(to).map_err(|_| NO_VALUE)?;
                let position = |nth: usize| {
                    let mut places = whole.char_indices().map(|(at, _)| at);
                    places.nth(nth).unwrap_or(whole.len())
                };
                let (start, end) = (position(from), position(to));
                let cut = whole.get(start..end.max(start)).unwrap_or_default();
                return given.part(&whole, cut);
            }
            Builtin::FindAll => {
                let whole = given.text(0)?;
                let compiled = pattern::regex(&given.text(1)?).ok_or(NO_VALUE)?;
                let found = compiled.find_iter(&whole).map(|found| found.as_str());
                return given.parts(&whole, found.filter(|part| !part.is_empty()));
            }
            Builtin::Entropy => Value::Int(text::entropy(&given.text(0)?)),
            Builtin::CleanPath => return text(text::clean_path(&given.text(0)?)),
            Builtin::PathWithin => {
                return flag(text::path_within(&given.text(0)?, &given.text(1)?));
            }
            Builtin::Matches => {
                let (whole, pattern) = (given.one(0)?, given.one(1)?);
                let ty = types.get(1).copied().unwrap_or(&BaseType::Glob);
                return match self.has_pattern(whole, pattern, ty) {
                    Kleene::Unknown(reason) => Err(reason.into()),
                    truth => flag(truth == Kleene::True),
                };
            }
            Builtin::Add => return whole(given.big(0)? + given.big(1)?),
            Builtin::Subtract => return whole(given.big(0)? - given.big(1)?),
            Builtin::Multiply => return whole(given.big(0)? * given.big(1)?),
            Builtin::IntegerDivide | Builtin::Remainder => {
                let (left, right) = (given.big(0)?, given.big(1)?);
                if right == BigInt::from(0) {
                    return Err(NO_VALUE);
                }
                return whole(if function == Builtin::Remainder {
                    left % right
                } else {
                    left / right
                });
            }
            Builtin::Negate => return whole(-given.big(0)?),
            Builtin::Abs => {
                let int = given.big(0)?;
                return whole(if int < BigInt::from(0) { -int } else { int });
            }
            Builtin::Min | Builtin::Max => return given.extreme(function == Builtin::Max, types),
            Builtin::Sum => return given.sum(),
            Builtin::AddQuantity | Builtin::SubtractQuantity => {
                let (left, right) = (given.fraction(0)?, given.fraction(1)?);
                let sum = left.add(&right, function == Builtin::SubtractQuantity);
                return sum.to_decimal().map(Value::Quantity).ok_or(NO_VALUE);
            }
            Builtin::MultiplyQuantity => {
                let product = given.fraction(0)?.times(&given.fraction(1)?);
                return product.to_decimal().map(Value::Quantity).ok_or(NO_VALUE);
            }
            Builtin::Divide => {
                let quotient = given.fraction(0)?.over(&given.fraction(1)?);
                return quotient.map(Value::Float).ok_or(NO_VALUE);
            }
            Builtin::Float => {
                let text = given.text(0)?;
                let reads = number::is_json(&text);
                return if reads {
                    Ok(Value::Float(text))
                } else {
                    Err(Stop::Absent)
                };
            }
            Builtin::Duration => return given.text_if(|text| time::duration(text).is_some()),
            Builtin::Timestamp => return given.text_if(|text| time::timestamp(text).is_some()),
            Builtin::Int => {
                let digits = given.text(0)?;
                let plain = digits.strip_prefix(['+', '-']).unwrap_or(&digits);
                let is_plain = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit());
                let int = is_plain.then(|| digits.parse::<i64>().ok()).flatten();
                return int.map(Value::Int).ok_or(Stop::Absent);
            }
            Builtin::Octal => {
                let digits = given.text(0)?;
                let plain = digits
                    .strip_prefix("0o")
                    .or_else(|| digits.strip_prefix('0').filter(|rest| !rest.is_empty()))
                    .unwrap_or(&digits);
                let is_plain = !plain.is_empty() && plain.bytes().all(|b| matches!(b, b'0'..=b'7'));
                let int = is_plain
                    .then(|| i64::from_str_radix(plain, 8).ok())
                    .flatten();
                return int.map(Value::Int).ok_or(Stop::Absent);
            }
            Builtin::Quantity => {
                let text = given.text(0)?;
                let reads = number::quantity(&text).is_some();
                return if reads {
                    Ok(Value::Quantity(text))
                } else {
                    Err(Stop::Absent)
                };
            }
            Builtin::PercentOf => return given.percent_of(),
            Builtin::Version => return given.text_if(|text| version::version(text).is_some()),
            Builtin::Rank => {
                let text = given.text(0)?;
                let members = given.texts(1)?;
                let rank = members.iter().position(|member| *member == text);
                Value::Int(count(rank.ok_or(NO_VALUE)?))
            }
            Builtin::Size => Value::Int(count(self.turns(given.one(0)?).len())),
            Builtin::Keys => {
                let turns = self.turns(given.one(0)?);
                Value::list(turns.into_iter().map(|turn| Item::Value(turn.key)))
            }
            Builtin::Values => {
                let turns = self.turns(given.one(0)?);
                Value::list(turns.into_iter().map(|turn| turn.item))
            }
            Builtin::SubsetOf => {
                let (left, right) = (given.many(0)?, given.many(1)?);
                return flag(left.iter().all(|element| self.has(right, element)));
            }
            Builtin::Union => {
                let both = given.many(0)?.iter().chain(given.many(1)?);
                self.distinct(both)
            }
            Builtin::Intersect => {
                let (left, right) = (given.many(0)?, given.many(1)?);
                self.distinct(left.iter().filter(|element| self.has(right, element)))
            }
            Builtin::Minus => {
                let (left, right) = (given.many(0)?, given.many(1)?);
                self.distinct(left.iter().filter(|element| !self.has(right, element)))
            }
            Builtin::Unique => self.distinct(given.many(0)?.iter()),
            Builtin::Sort => {
                let mut elements = given.many(0)?.to_vec();
                elements.sort_by_key(|element| {
                    (
                        self.int_of(&element.value).is_none(),
                        self.int_of(&element.value),
                        self.text_of(&element.value),
                    )
                });
                Value::list(elements.into_iter().map(item))
            }
            Builtin::Image => {
                let text = given.text(0)?;
                if is_template(&text) {
                    return Err(Reason::Template.into());
                }
                return given
                    .text_if(|text| image::image_part(text, ImagePart::Registry).is_some());
            }
            Builtin::Cidr => return given.text_if(|text| network::range(text).is_some()),
            Builtin::Ip => return given.text_if(|text| network::address(text).is_some()),
            Builtin::WithinCidr => {
                let is_within = network::is_within(&given.text(0)?, &given.text(1)?);
                return flag(is_within.ok_or(NO_VALUE)?);
            }
            Builtin::Selects => return self.selects(given.one(0)?, given.one(1)?),
            Builtin::Grants => {
                return self.grants(
                    given.one(0)?,
                    &given.text(1)?,
                    &given.text(2)?,
                    &given.text(3)?,
                );
            }
            Builtin::HostMatches => {
                return flag(text::host_matches(&given.text(0)?, &given.text(1)?));
            }
            Builtin::Namespace => return self.namespace(given.one(0)?),
            Builtin::Whole => return self.whole(given.one(0)?),
            Builtin::Source => return self.source(given.one(0)?),
            Builtin::Before => return self.before(given.one(0)?),
            Builtin::ClusterVersion => match self.tapes.of_context("clusterVersion") {
                Some(node) => Value::String(self.text_at(node)?),
                None => Value::String(newest_version()),
            },
            Builtin::Base64Decode | Builtin::Base64UrlDecode => {
                let encoded = given.text(0)?;
                let encoded = match function {
                    Builtin::Base64UrlDecode => text::of_base64url(&encoded).ok_or(Stop::Absent)?,
                    _ => encoded,
                };
                let decoded = text::from_base64(&encoded).ok_or(Stop::Absent)?;
                return Ok(match self.stands_at(given.one(0)?) {
                    Some(node) => Value::Key(decoded, node),
                    None => Value::String(decoded),
                });
            }
            Builtin::ParseJson => return self.parse(given.one(0)?, EmbeddedFormat::Json),
            Builtin::ParseYaml => return self.parse(given.one(0)?, EmbeddedFormat::Yaml),
            Builtin::Flags => {
                let words = given.many(0)?.iter().filter_map(|word| {
                    let stand = self.place_of(&word.value);
                    Some(made::Argument {
                        text: self.text_of(&word.value)?,
                        stand,
                        own: stand.filter(|node| {
                            word.value.node() == Some(*node) && !self.tapes.nest.is_made(node.id)
                        }),
                    })
                });
                let line = made::CommandLine {
                    words: words.collect(),
                    shapes: given.text(1)?,
                };
                let (tape, stands) = made::flags(&line).end();
                Value::Node(self.tapes.nest.keep(tape, stands, Some(line)))
            }
            Builtin::Url => {
                let stand = self.place_of(given.one(0)?);
                let record = made::url(&given.text(0)?, stand).ok_or(Stop::Absent)?;
                self.keep(record)
            }
            Builtin::Certificates => {
                let stand = self.place_of(given.one(0)?);
                let blocks = made::blocks(&given.text(0)?, "CERTIFICATE");
                let blocks = blocks.into_iter().map(|bytes| {
                    let record = bytes.and_then(|bytes| made::certificate(&bytes, true, stand));
                    match record.map(|record| self.keep(record)) {
                        Some(Value::Node(node)) => Item::Node(node),
                        _ => Item::Value(Value::Unknown(Reason::Value)),
                    }
                });
                Value::list(blocks.collect::<Vec<_>>())
            }
            Builtin::SigningRequest => {
                let (text, stand) = (given.text(0)?, self.place_of(given.one(0)?));
                let mut blocks = made::blocks(&text, "CERTIFICATE REQUEST");
                blocks.extend(made::blocks(&text, "NEW CERTIFICATE REQUEST"));
                let first = blocks.into_iter().next().ok_or(Stop::Absent)?;
                let record = first.and_then(|bytes| made::certificate(&bytes, false, stand));
                self.keep(record.ok_or(NO_VALUE)?)
            }
            Builtin::Shell => {
                let (of, whole) = (given.one(0)?, given.text(0)?);
                let stand = self.place_of(of);
                let commands = crate::shell::commands(&whole);
                let commands = commands.into_iter().map(|command| {
                    let at = |range: (usize, usize)| {
                        stand?;
                        let part = whole.get(range.0..range.1).unwrap_or_default();
                        self.place_of(&self.part(of, &whole, part))
                    };
                    match self.keep(made::command(&command, at)) {
                        Value::Node(node) => Item::Node(node),
                        other => Item::Value(other),
                    }
                });
                Value::list(commands.collect::<Vec<_>>())
            }
            Builtin::Cron => return given.text_if(made::is_cron),
            Builtin::Walk => {
                let mut leaves = Vec::new();
                self.walk(given.one(0)?, &mut leaves);
                Value::list(leaves)
            }
            Builtin::Key => {
                let node = match given.one(0)? {
                    Value::Node(node) => Some(*node),
                    // What the host says has no places for other values to stand at.
                    other => self
                        .place_of(other)
                        .filter(|node| !matches!(node.source, Source::Context | Source::Origin(_))),
                };
                let key = node.and_then(|node| match node.source {
                    Source::Document | Source::Object(_) => self.tapes.key(self.tapes.stand(node)),
                    Source::Context | Source::Origin(_) => self.tapes.key(node),
                    Source::Settings | Source::Computed => None,
                });
                return match key {
                    Some(key) if !key.is_empty() => text(key),
                    _ => Err(Stop::Absent),
                };
            }
            Builtin::Path => {
                let node = self.place_of(given.one(0)?).ok_or(Stop::Absent)?;
                let place = self.tapes.nest.settle(Place::node(node.id));
                return text(crate::render::path(self.tapes.document, &place));
            }
            Builtin::Same => {
                let (left, right) = (given.one(0)?, given.one(1)?);
                let places = [left, right]
                    .map(|value| self.place_of(value).map(|node| self.tapes.stand(node)));
                let [a, b] = places;
                return flag(match (a, b) {
                    (None, None) => {
                        let is_elsewhere =
                            left.node().is_some_and(|node| node.elsewhere().is_some());
                        is_elsewhere && left.node() == right.node()
                    }
                    (a, b) => a == b,
                });
            }
            Builtin::Now => match self.tapes.of_context("now") {
                Some(node) => Value::String(self.text_at(node)?),
                None => return Err(NO_VALUE),
            },
            Builtin::TimeBetween => {
                let from = time::timestamp(&given.text(0)?).ok_or(NO_VALUE)?;
                let to = time::timestamp(&given.text(1)?).ok_or(NO_VALUE)?;
                let between = i64::try_from(to - from).map_err(|_| NO_VALUE)?;
                let (seconds, rest) = (
                    between.unsigned_abs() / 1_000_000_000,
                    between.unsigned_abs() % 1_000_000_000,
                );
                let sign = if between < 0 { "-" } else { "" };
                return text(if rest == 0 {
                    format!("{sign}{seconds}s")
                } else {
                    format!("{sign}{seconds}s{rest}ns")
                });
            }
            Builtin::Versions => return given.text_if(|text| ranges::versions(text).is_some()),
            Builtin::Range => return given.text_if(|text| ranges::range(text).is_some()),
            Builtin::WithinVersions => {
                let version = version::version(&given.text(0)?).ok_or(NO_VALUE)?;
                let alternatives = ranges::versions(&given.text(1)?).ok_or(NO_VALUE)?;
                return flag(ranges::holds(&version, &alternatives));
            }
            Builtin::WithinRange => {
                let number = self.int_of(given.one(0)?).ok_or(NO_VALUE)?;
                let (low, high) = ranges::range(&given.text(1)?).ok_or(NO_VALUE)?;
                return flag((low..=high).contains(&number));
            }
        })
    }

    /// The place that a value is or stands at.
    fn place_of(&self, value: &Value) -> Option<Node> {
        let node = match value {
            Value::Node(node) | Value::Key(_, node) => *node,
            _ => return None,
        };
        (node.source == Source::Document).then_some(node)
    }

    fn keep(&self, record: made::Record) -> Value {
        let (tape, stands) = record.end();
        Value::Node(self.tapes.nest.keep(tape, stands, None))
    }

    /// The scalars at and below a value that are not null.
    fn walk(&self, value: &Value, leaves: &mut Vec<Item>) {
        match value {
            Value::Node(node) => match self.tapes.kind(*node) {
                Kind::List | Kind::Map => {
                    for child in self.tapes.children(*node) {
                        self.walk(&Value::Node(child), leaves);
                    }
                }
                Kind::Null => {}
                _ => leaves.push(Item::Node(*node)),
            },
            Value::List(items) => {
                for item in &items.items {
                    match item {
                        Item::Node(node) => self.walk(&Value::Node(*node), leaves),
                        Item::Value(value) | Item::Placed(value, _) => self.walk(value, leaves),
                    }
                }
            }
            Value::Map(members) => {
                for (_, value) in members {
                    self.walk(value, leaves);
                }
            }
            Value::Absent => {}
            scalar => leaves.push(Item::Value(scalar.clone())),
        }
    }

    /// The node of the document judged, or of one elsewhere, that a text is or stands at.
    fn stands_at(&self, text: &Value) -> Option<Node> {
        match text {
            Value::Node(node) | Value::Key(_, node) => {
                matches!(node.source, Source::Document | Source::Object(_)).then_some(*node)
            }
            _ => None,
        }
    }

    /// A part of the text of a value, which is all of it, or has its place.
    fn part(&self, of: &Value, whole: &str, part: &str) -> Value {
        if part.len() == whole.len() {
            return match of {
                // Patterns and the like are text from here on.
                Value::Node(_) | Value::Key(..) => of.clone(),
                _ => Value::String(part.to_owned()),
            };
        }
        let start = part.as_ptr().addr() - whole.as_ptr().addr();
        let range = (count_bytes(start), count_bytes(start + part.len()));
        match (self.stands_at(of), of) {
            (Some(node), Value::Node(_))
                if !self.tapes.nest.is_made(node.id) && !part.is_empty() =>
            {
                Value::Node(self.tapes.nest.part(node, part, range))
            }
            (Some(node), _) => Value::Key(part.to_owned(), self.tapes.stand(node)),
            (None, _) => Value::String(part.to_owned()),
        }
    }

    /// The document that a text holds.
    fn parse(&self, value: &Value, format: EmbeddedFormat) -> Answer {
        let text = self.text_of(value).ok_or(NO_VALUE)?;
        let origin = self.stands_at(value);
        let origin = origin.map(|node| (node, matches!(value, Value::Key(..))));
        let nested = self.tapes.nest.read(&text, format, origin);
        let tape = nested.tape.as_ref().ok_or(NO_VALUE)?;
        match tape.kind(NodeId::ROOT) {
            Kind::Null => Err(Stop::Absent),
            Kind::Unknown => Err(Stop::Unknown(Reason::Template)),
            _ => Ok(Value::Node(nested.root())),
        }
    }

    fn has(&self, list: &[Element], element: &Element) -> bool {
        list.iter()
            .any(|known| self.same_scalar(&known.value, &element.value))
    }

    fn distinct<'e>(&self, elements: impl Iterator<Item = &'e Element>) -> Value {
        let mut kept: Vec<Element> = Vec::new();
        for element in elements {
            if !self.has(&kept, element) {
                kept.push(element.clone());
            }
        }
        Value::list(kept.into_iter().map(item))
    }

    // Records of Kubernetes

    /// The text of a node.
    fn text_at(&self, node: Node) -> Result<String, Reason> {
        match self.tapes.kind(node) {
            Kind::Unknown => Err(Reason::Template),
            _ => self
                .text_of(&Value::Node(node))
                .ok_or(node.amiss(Reason::Shape)),
        }
    }

    /// A member of a map that is of a kind, if it is there.
    fn member_of(&self, map: Node, key: &str, kind: Kind) -> Result<Option<Node>, Reason> {
        match self.tapes.live_member(map, key) {
            None => Ok(None),
            Some(member) => match self.tapes.kind(member) {
                found if found == kind => Ok(Some(member)),
                Kind::Unknown => Err(Reason::Template),
                _ => Err(member.amiss(Reason::Shape)),
            },
        }
    }

    fn namespace(&self, object: &Value) -> Answer {
        let object = object.node().ok_or(NO_VALUE)?;
        let Some(metadata) = self.member_of(object, "metadata", Kind::Map)? else {
            return Err(Reason::Inventory.into());
        };
        match self.member_of(metadata, "namespace", Kind::String)? {
            Some(namespace) => Ok(Value::String(self.text_at(namespace)?)),
            None => Err(Reason::Inventory.into()),
        }
    }

    /// The object of a part.
    fn whole(&self, part: &Value) -> Answer {
        let part = part.node().ok_or(NO_VALUE)?;
        Ok(Value::Node(self.tapes.root_of(part)))
    }

    /// Where an object is written.
    fn source(&self, of: &Value) -> Answer {
        let object = self.tapes.root_of(of.node().ok_or(NO_VALUE)?);
        let number = match (object.source, self.tapes.own_objects()) {
            (Source::Object(number), _) => number,
            // What is a document itself says nothing of where its objects are written.
            (Source::Document, Some(own)) if own.contains(&object) => return Err(Stop::Absent),
            _ => return Ok(self.context(ContextPart::Source)),
        };
        let source = Node {
            source: Source::Origin(number),
            id: NodeId::ROOT,
        };
        let is_there = self.tapes.kind(source) == Kind::Map;
        Ok(if is_there {
            Value::Node(source)
        } else {
            Value::Absent
        })
    }

    /// What stands in the old object where a node of the document stands in that.
    fn before(&self, part: &Value) -> Answer {
        let part = part.node().and_then(Node::located).ok_or(Stop::Absent)?;
        let mut old = self.tapes.of_context("old").ok_or(Stop::Absent)?;
        let mut at = Node::of_document(NodeId::ROOT);
        while at.id != part {
            let children = self.tapes.children(at);
            let holds = |child: &Node| child.id <= part && part < self.tapes.after(*child);
            let nth = children.iter().position(holds).ok_or(Stop::Absent)?;
            let child = *children.get(nth).ok_or(Stop::Absent)?;
            old = match (self.tapes.kind(at), self.tapes.kind(old)) {
                (_, Kind::Unknown) => return Err(Reason::Template.into()),
                (Kind::Map, Kind::Map) => {
                    let key = self.tapes.key(child).ok_or(Stop::Absent)?;
                    self.tapes.live_member(old, &key)
                }
                (Kind::List, Kind::List) => {
                    let name = |node: Node| self.tapes.str_at(node, &["name"]);
                    let others = self.tapes.children(old);
                    match name(child) {
                        Some(own) => others.into_iter().find(|other| name(*other) == Some(own)),
                        None => others.get(nth).copied(),
                    }
                }
                _ => None,
            }
            .filter(|node| self.tapes.kind(*node) != Kind::Null)
            .ok_or(Stop::Absent)?;
            at = child;
        }
        Ok(Value::Node(old))
    }

    fn selects(&self, selector: &Value, labels: &Value) -> Answer {
        let Some(selector) = selector.node() else {
            return Ok(Value::Bool(false));
        };
        let mut terms: Vec<Result<bool, Reason>> = Vec::new();
        match self.member_of(selector, "matchLabels", Kind::Map) {
            Ok(None) => {}
            Ok(Some(wanted)) => {
                for member in self.tapes.live_children(wanted) {
                    terms.push(self.has_label(member, labels));
                }
            }
            Err(reason) => terms.push(Err(reason)),
        }
        match self.member_of(selector, "matchExpressions", Kind::List) {
            Ok(None) => {}
            Ok(Some(wanted)) => {
                for expression in self.tapes.children(wanted) {
                    terms.push(self.holds(expression, labels));
                }
            }
            Err(reason) => terms.push(Err(reason)),
        }
        if terms.contains(&Ok(false)) {
            return Ok(Value::Bool(false));
        }
        match terms.into_iter().find_map(Result::err) {
            Some(reason) => Err(reason.into()),
            None => Ok(Value::Bool(true)),
        }
    }

    /// Whether a member of `matchLabels` is among the labels.
    fn has_label(&self, member: Node, labels: &Value) -> Result<bool, Reason> {
        let value = self.text_at(member)?;
        let key = self.tapes.key(member).unwrap_or_default();
        Ok(self.label(labels, &key)? == Some(value))
    }

    /// Whether an element of `matchExpressions` holds.
    fn holds(&self, expression: Node, labels: &Value) -> Result<bool, Reason> {
        match self.tapes.kind(expression) {
            Kind::Map => {}
            Kind::Unknown => return Err(Reason::Template),
            _ => return Err(expression.amiss(Reason::Shape)),
        }
        let text = |key| -> Result<String, Reason> {
            let member = self.member_of(expression, key, Kind::String)?;
            self.text_at(member.ok_or(expression.amiss(Reason::Shape))?)
        };
        let (key, operator) = (text("key")?, text("operator")?);
        let has_value = |label: &str| -> Result<bool, Reason> {
            let Some(values) = self.member_of(expression, "values", Kind::List)? else {
                return Ok(false);
            };
            let mut problem = None;
            for value in self.tapes.children(values) {
                match self.text_at(value) {
                    Ok(text) if text == label => return Ok(true),
                    Ok(_) => {}
                    Err(reason) => problem = problem.or(Some(reason)),
                }
            }
            problem.map_or(Ok(false), Err)
        };
        let label = match operator.as_str() {
            "In" | "NotIn" | "Exists" | "DoesNotExist" => self.label(labels, &key)?,
            _ => return Err(Reason::Value),
        };
        match (operator.as_str(), label) {
            ("In", None) => Ok(false),
            ("In", Some(label)) => has_value(&label),
            ("NotIn", None) => Ok(true),
            ("NotIn", Some(label)) => has_value(&label).map(|has| !has),
            ("Exists", label) => Ok(label.is_some()),
            (_, label) => Ok(label.is_none()),
        }
    }

    fn label(&self, labels: &Value, key: &str) -> Result<Option<String>, Reason> {
        let found = match labels {
            Value::Node(labels) => self.tapes.live_member(*labels, key),
            Value::Map(members) => {
                let known = members.iter().find(|(known, _)| known == key);
                let known = known.filter(|(_, value)| !value.is_absent());
                let text = known.map(|(_, value)| self.text_of(value).ok_or(Reason::Shape));
                return text.transpose();
            }
            _ => None,
        };
        found.map(|label| self.text_at(label)).transpose()
    }

    fn grants(&self, rule: &Value, verb: &str, group: &str, resource: &str) -> Answer {
        let rule = rule.node().ok_or(NO_VALUE)?;
        let mut wanted = vec!["*".to_owned(), resource.to_owned()];
        if let Some((_, sub)) = resource.split_once('/') {
            wanted.push(format!("*/{sub}"));
        }
        let lists = [
            ("verbs", vec!["*".to_owned(), verb.to_owned()]),
            ("apiGroups", vec!["*".to_owned(), group.to_owned()]),
            ("resources", wanted),
        ];
        let mut all = Kleene::True;
        for (key, wanted) in lists {
            match self.is_listed(rule, key, &wanted) {
                Kleene::False => return Ok(Value::Bool(false)),
                truth => all = all.join(truth),
            }
        }
        match all {
            Kleene::Unknown(reason) => Err(reason.into()),
            truth => Ok(Value::Bool(truth == Kleene::True)),
        }
    }

    /// Whether the list at `key` has one of the texts.
    fn is_listed(&self, rule: Node, key: &str, wanted: &[String]) -> Kleene {
        let list = match self.member_of(rule, key, Kind::List) {
            Ok(Some(list)) => list,
            Ok(None) => return Kleene::False,
            Err(reason) => return Kleene::Unknown(reason),
        };
        let mut result = Kleene::False;
        for element in self.tapes.children(list) {
            let truth = match self.text_at(element) {
                Ok(text) => Kleene::from(wanted.contains(&text)),
                Err(reason) => Kleene::Unknown(reason),
            };
            if truth == Kleene::True {
                return truth;
            }
            result = result.join(truth);
        }
        result
    }
}

/// Whether a function looks at what the elements of its lists are.
fn looks_at_elements(function: Builtin) -> bool {
    !matches!(
        function,
        Builtin::Size | Builtin::Walk | Builtin::Key | Builtin::Path | Builtin::Same
    )
}

/// Whether a function asks something of its arguments; of an absent one the answer is no.
fn is_test(function: Builtin) -> bool {
    matches!(
        function,
        Builtin::StartsWith
            | Builtin::EndsWith
            | Builtin::Contains
            | Builtin::PathWithin
            | Builtin::Matches
            | Builtin::SubsetOf
            | Builtin::WithinCidr
            | Builtin::Selects
            | Builtin::Grants
            | Builtin::HostMatches
            | Builtin::Same
            | Builtin::WithinVersions
            | Builtin::WithinRange
    )
}

/// The newest Kubernetes that the schemas know.
fn newest_version() -> String {
    palisade_lang::schema::Schema::kubernetes()
        .newest()
        .to_string()
}

/// The arguments of a call.
struct Given<'g, 'a> {
    this: &'g Evaluator<'a>,
    arguments: &'g [Argument],
}

impl<'g> Given<'g, '_> {
    fn one(&self, number: usize) -> Result<&'g Value, Stop> {
        match self.arguments.get(number) {
            Some(Argument::One(value)) => Ok(value),
            _ => Err(NO_VALUE),
        }
    }

    fn many(&self, number: usize) -> Result<&'g [Element], Stop> {
        match self.arguments.get(number) {
            Some(Argument::Many(elements)) => Ok(elements),
            _ => Err(NO_VALUE),
        }
    }

    fn text(&self, number: usize) -> Result<String, Stop> {
        self.this.text_of(self.one(number)?).ok_or(NO_VALUE)
    }

    /// Some of `whole`, the first argument's text.
    fn part(&self, whole: &str, part: &str) -> Answer {
        Ok(self.this.part(self.one(0)?, whole, part))
    }

    fn parts<'p>(&self, whole: &str, parts: impl Iterator<Item = &'p str>) -> Answer {
        let of = self.one(0)?;
        let parts = parts.map(|part| Item::Value(self.this.part(of, whole, part)));
        Ok(Value::list(parts.collect::<Vec<_>>()))
    }

    fn texts(&self, number: usize) -> Result<Vec<String>, Stop> {
        self.many(number)?
            .iter()
            .map(|element| self.this.text_of(&element.value).ok_or(NO_VALUE))
            .collect()
    }

    fn int(&self, number: usize) -> Result<i64, Stop> {
        self.this.int_of(self.one(number)?).ok_or(NO_VALUE)
    }

    fn big(&self, number: usize) -> Result<BigInt, Stop> {
        self.int(number).map(BigInt::from)
    }

    fn fraction(&self, number: usize) -> Result<number::Fraction, Stop> {
        let text = self.this.written_text(self.one(number)?).ok_or(NO_VALUE)?;
        number::quantity(&text).ok_or(NO_VALUE)
    }

    /// The first argument if its text passes.
    fn text_if(&self, passes: impl Fn(&str) -> bool) -> Answer {
        let text = self.text(0)?;
        if passes(&text) {
            Ok(Value::String(text))
        } else {
            Err(Stop::Absent)
        }
    }

    fn extreme(&self, takes_greatest: bool, types: &[&BaseType]) -> Answer {
        let (values, ty): (Vec<&Value>, _) = match self.arguments.first() {
            Some(Argument::Many(elements)) => (
                elements.iter().map(|element| &element.value).collect(),
                types.first().map(|ty| element_type(ty)),
            ),
            _ => (vec![self.one(0)?, self.one(1)?], types.first().copied()),
        };
        let domain = match ty {
            Some(BaseType::Quantity) => Domain::Quantity,
            _ => Domain::Int,
        };
        let mut best: Option<(Key, &Value)> = None;
        for value in values {
            let key = self.this.key(domain, value)?;
            let is_better = best.as_ref().is_none_or(|(known, _)| {
                if takes_greatest {
                    key > *known
                } else {
                    key < *known
                }
            });
            if is_better {
                best = Some((key, value));
            }
        }
        let (_, best) = best.ok_or(Stop::Absent)?;
        Ok(match domain {
            Domain::Quantity => self.this.unlocated_quantity(best),
            _ => Value::Int(self.this.int_of(best).ok_or(NO_VALUE)?),
        })
    }

    fn sum(&self) -> Answer {
        let mut sum = 0_i64;
        for element in self.many(0)? {
            let int = self.this.int_of(&element.value).ok_or(NO_VALUE)?;
            sum = sum.checked_add(int).ok_or(NO_VALUE)?;
        }
        Ok(Value::Int(sum))
    }

    fn percent_of(&self) -> Answer {
        let value = self.one(0)?;
        let of = self.big(1)?;
        if let Some(int) = self.this.int_of(value) {
            return Ok(Value::Int(int));
        }
        let text = self.text(0)?;
        let digits = text.strip_suffix('%').ok_or(Stop::Absent)?;
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Stop::Absent);
        }
        let percent: u64 = digits.parse().map_err(|_| NO_VALUE)?;
        let scaled = BigInt::from(percent) * of;
        let hundred = BigInt::from(100);
        let rest = &scaled % &hundred;
        let rounded = scaled / hundred;
        whole(if rest > BigInt::from(0) {
            rounded + 1
        } else {
            rounded
        })
    }
}

fn item(element: Element) -> Item {
    match (element.value.located(), element.node) {
        (None, Some(node)) => Item::Placed(element.value, node),
        _ => Item::Value(element.value),
    }
}

fn whole(int: BigInt) -> Answer {
    i64::try_from(int).map(Value::Int).map_err(|_| NO_VALUE)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn count_bytes(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
