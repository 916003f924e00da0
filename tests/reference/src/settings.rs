//! Values of parameters: what the settings say, else the defaults.

use palisade_abi::tape::{Kind, NodeId, Tape, Value as Scalar};
use palisade_lang::program::{
    BaseType, DECLARED_RECORDS, Param, Policy, Program, RecordField, Type,
};

use crate::coverage::Coverage;
use crate::document::Document;
use crate::embedded::Nest;
use crate::eval::{Evaluator, Tapes};
use crate::image::image_part;
use crate::policy::Decided;
use crate::read::{accepts, is_collection};
use crate::value::{Node, Source, Value};
use crate::verdict::Reason;
use crate::{network, number, pattern, ranges, time, version};

/// The values of a program's parameters.
#[derive(Debug)]
pub struct Settings {
    pub(crate) tape: Tape,
    pub(crate) values: Vec<Value>,
}

/// What is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The value: `POLICY.param`, then `.member` and `[element]`.
    pub path: String,
    /// For a constraint its message; else empty.
    pub message: String,
}

/// Configures a program with settings: a map of policies (or the pack) to maps of parameters.
///
/// # Errors
///
/// All that is wrong, in no particular order. Constraints are looked at only if nothing else is wrong.
pub fn configure(program: &Program, settings: &Document) -> Result<Settings, Vec<Problem>> {
    let tape = settings.to_settings_tape();
    let mut reader = Reader {
        program,
        tape: &tape,
        problems: Vec::new(),
    };
    let values = reader.values();
    let mut problems = reader.problems;
    if problems.is_empty() {
        problems = refused(program, &tape, &values);
    }
    if problems.is_empty() {
        Ok(Settings { tape, values })
    } else {
        problems.sort();
        problems.dedup();
        Err(problems)
    }
}

/// The word before the dot of a parameter's path.
fn owner<'p>(program: &'p Program, param: &Param) -> &'p str {
    match policy_of(program, param) {
        Some(policy) => &policy.name,
        None => &program.pack,
    }
}

fn policy_of<'p>(program: &'p Program, param: &Param) -> Option<&'p Policy> {
    program.policies.get(param.policy? as usize)
}

fn is_on(program: &Program, param: &Param) -> bool {
    policy_of(program, param).is_none_or(|policy| policy.on_by_default)
}

struct Reader<'r> {
    program: &'r Program,
    tape: &'r Tape,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn complain(&mut self, path: &str) {
        self.problems.push(Problem {
            path: path.to_owned(),
            message: String::new(),
        });
    }

    fn values(&mut self) -> Vec<Value> {
        let mut values: Vec<Value> = self
            .program
            .params
            .iter()
            .map(|param| {
                let default = param.default.as_ref();
                default.map_or(Value::Unknown(Reason::Value), Value::constant)
            })
            .collect();
        let mut is_given = vec![false; values.len()];
        for section in self.members(NodeId::ROOT, "") {
            let name = self.key(section);
            let at = below("", &name);
            let is_known = name == self.program.pack
                || self
                    .program
                    .policies
                    .iter()
                    .any(|policy| policy.name == name);
            if !is_known {
                self.complain(&at);
                continue;
            }
            for member in self.members(section, &at) {
                let path = below(&at, &self.key(member));
                let known = self.program.params.iter().position(|param| {
                    owner(self.program, param) == name && param.name == self.key(member)
                });
                let Some(known) = known else {
                    self.complain(&path);
                    continue;
                };
                if let (Some(param), Some(value), Some(given)) = (
                    self.program.params.get(known),
                    values.get_mut(known),
                    is_given.get_mut(known),
                ) {
                    self.check(member, &param.ty.base, &path);
                    *given = true;
                    *value = Value::Node(Node {
                        source: Source::Settings,
                        id: member,
                    });
                }
            }
        }
        for (param, given) in self.program.params.iter().zip(is_given) {
            if !given && param.default.is_none() && is_on(self.program, param) {
                self.complain(&format!("{}.{}", owner(self.program, param), param.name));
            }
        }
        values
    }

    fn key(&self, node: NodeId) -> String {
        self.tape.key(node).unwrap_or_default().to_owned()
    }

    /// The members of a map that are given; a problem if it is none.
    fn members(&mut self, node: NodeId, path: &str) -> Vec<NodeId> {
        if self.tape.kind(node) != Kind::Map {
            self.complain(path);
            return Vec::new();
        }
        self.tape
            .children(node)
            .filter(|child| self.tape.kind(*child) != Kind::Null)
            .collect()
    }

    fn check(&mut self, node: NodeId, ty: &BaseType, path: &str) {
        if !accepts(ty, self.tape.kind(node)) {
            return self.complain(path);
        }
        let text = match self.tape.value(node) {
            Scalar::String(text) | Scalar::Float(text) => text.to_owned(),
            Scalar::Int(int) => int.to_string(),
            _ => String::new(),
        };
        let reads = match ty {
            BaseType::Enum(members) => members.contains(&text),
            BaseType::Quantity => number::quantity(&text).is_some(),
            BaseType::Version => version::version(&text).is_some(),
            BaseType::Image => {
                image_part(&text, palisade_lang::program::ImagePart::Registry).is_some()
            }
            BaseType::Cidr => network::range(&text).is_some(),
            BaseType::Ip => network::address(&text).is_some(),
            BaseType::Versions => ranges::versions(&text).is_some(),
            BaseType::Range => ranges::range(&text).is_some(),
            BaseType::Glob => pattern::glob(&text).is_some(),
            BaseType::Regex => pattern::regex(&text).is_some(),
            BaseType::Timestamp => time::timestamp(&text).is_some(),
            BaseType::Duration => time::duration(&text).is_some(),
            _ => true,
        };
        if !reads {
            return self.complain(path);
        }
        match ty {
            BaseType::List(element) => {
                let elements: Vec<NodeId> = self.tape.children(node).collect();
                for (idx, child) in elements.into_iter().enumerate() {
                    self.check(child, element, &format!("{path}[{idx}]"));
                }
            }
            BaseType::Map(value) => {
                for member in self.members(node, path) {
                    let path = below(path, &self.key(member));
                    self.check(member, value, &path);
                }
            }
            BaseType::Record(refs) => {
                let id = refs.first().map_or(0, |record| record.id);
                let declared = id
                    .checked_sub(DECLARED_RECORDS)
                    .and_then(|index| self.program.records.get(index as usize));
                if let Some(record) = declared {
                    let fields: &[RecordField] = &record.fields;
                    self.check_record(node, fields, path);
                }
            }
            _ => {}
        }
    }

    fn check_record(&mut self, node: NodeId, fields: &[RecordField], path: &str) {
        let members = self.members(node, path);
        for member in &members {
            let key = self.key(*member);
            let path = below(path, &key);
            match fields.iter().find(|field| field.name == key) {
                Some(field) => self.check(*member, &field.ty.base, &path),
                None => self.complain(&path),
            }
        }
        for field in fields {
            let is_given = members.iter().any(|member| self.key(*member) == field.name);
            if !is_given && is_required(&field.ty) && field.default.is_none() {
                self.complain(&format!("{path}.{}", field.name));
            }
        }
    }
}

/// The path of a member: a key that is no name is written as JSON in brackets.
fn below(path: &str, key: &str) -> String {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    let is_name = key.starts_with(is_start)
        && key
            .chars()
            .all(|c| is_start(c) || c.is_ascii_digit() || c == '-');
    match (is_name, path) {
        (true, "") => key.to_owned(),
        (true, _) => format!("{path}.{key}"),
        (false, _) => format!("{path}[{}]", Document::String(key.to_owned())),
    }
}

fn is_required(ty: &Type) -> bool {
    !ty.optional && !is_collection(&ty.base)
}

/// The parameters whose constraint is not true.
fn refused(program: &Program, tape: &Tape, values: &[Value]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (param, value) in program.params.iter().zip(values) {
        let Some(constraint) = &param.constraint else {
            continue;
        };
        if value.unknown().is_some() {
            continue;
        }
        let nest = Nest::default();
        let tapes = Tapes {
            document: tape,
            context: None,
            settings: tape,
            objects: None,
            files: None,
            origins: None,
            is_partial: false,
            views: &program.views,
            nest: &nest,
        };
        let mut coverage = Coverage::default();
        let severities = Vec::new();
        let mut evaluator =
            Evaluator::new(constraint, 0, tapes, values, &severities, &mut coverage);
        for body in &constraint.bodies {
            evaluator.block(&body.block);
        }
        let holds = matches!(evaluator.decided.last(), Some(Some(Decided::Holds)));
        if !holds {
            let found = evaluator.results.into_iter().next();
            problems.push(Problem {
                path: format!("{}.{}", owner(program, param), param.name),
                message: found.map(|found| found.message).unwrap_or_default(),
            });
        }
    }
    problems
}
