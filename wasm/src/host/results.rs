//! From result records in guest memory to values of the host, with nothing taken on trust.

use std::sync::Arc;

use palisade_abi::layout::{
    EMBEDDED_DECODED, EMBEDDED_JSON, EMBEDDED_PART, EMBEDDED_RANGE, EMBEDDED_YAML, FIX_APPEND,
    FIX_CREATE, FIX_REMOVE, FIX_SET, FIX_SIZE, FIX_UPSERT, INNER_NODE, INNER_NONE, INNER_RANGE,
    KEY_TEXT, MARK_SIZE, OUTCOME_BUDGET, OUTCOME_TRUNCATED, PLACE_SIZE, RESULT_LIMIT, RESULT_SIZE,
    STATUS_ERROR, STATUS_FINDING, STATUS_NOT_APPLICABLE, STATUS_UNKNOWN, STEP_ELEMENT, STEP_INDEX,
    STEP_KEY, STEP_SIZE, UNKNOWN_BUDGET, UNKNOWN_INVENTORY, UNKNOWN_MISSING, UNKNOWN_SHAPE,
    UNKNOWN_TEMPLATE, UNKNOWN_VALUE,
};
use palisade_abi::place::{Embedded, EmbeddedFormat, Inner, Place, Step};
use palisade_abi::tape::{NodeId, Tape, Value};

use super::guest::Guest;
use super::tape::TapeWriter;
use super::{Cause, Inventory, Module};

/// What an evaluation found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// In the order of evaluation.
    pub findings: Vec<Finding>,
    /// Turns of loops that it took.
    pub steps: u32,
    /// Some policy ran out of steps: the run has failed.
    pub out_of_steps: bool,
    /// Results were dropped because they outgrew the limit: the run has failed.
    pub truncated: bool,
}

impl Decision {
    /// Whether it can have been made of what gave an outcome: it has a mark for each result and no others, but for checks
    /// whose findings the outcome leaves out because an earlier check of the policy says the same of the same place.
    #[must_use]
    pub fn fits(&self, outcome: &Outcome) -> bool {
        let mut results = Vec::new();
        for finding in &outcome.findings {
            add_mark(&mut results, finding.mark());
        }
        let mut left = results.iter().peekable();
        for mark in &self.marks {
            let is_next = left.next_if(|next| *next == mark).is_some();
            let finds = |other: &Mark| {
                other.policy == mark.policy && other.status == Status::Finding && other != mark
            };
            if !(is_next || mark.status == Status::Finding && results.iter().any(finds)) {
                return false;
            }
        }
        left.next().is_none()
            && self.out_of_steps == outcome.out_of_steps
            && self.truncated == outcome.truncated
    }
}

impl Finding {
    /// The finding without its explanation.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            policy: self.policy,
            check: self.check,
            status: self.status,
            severity: self.severity,
            reason: self.reason,
        }
    }
}

/// Adds a mark unless its policy has it.
fn add_mark(marks: &mut Vec<Mark>, mark: Mark) {
    let mut own = (marks.iter().rev()).take_while(|other| other.policy == mark.policy);
    if !own.any(|other| *other == mark) {
        marks.push(mark);
    }
}

/// Which checks fail or could not be decided: an outcome without places, messages and fixes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// In the order of evaluation, no two the same.
    pub marks: Vec<Mark>,
    /// Some policy ran out of steps: the run has failed.
    pub out_of_steps: bool,
    /// Results were dropped because they outgrew the limit: the run has failed.
    pub truncated: bool,
}

/// That a check has at least one result of this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The policy's number in its module.
    pub policy: u32,
    /// The check's number in its policy; 0 is the policy as such.
    pub check: u32,
    /// Whether the check fails, or could not be decided.
    pub status: Status,
    /// 0 (info) to 4 (critical).
    pub severity: u8,
    /// Why the check could not be decided.
    pub reason: Option<Reason>,
}

/// What an evaluation gives, in one of two forms.
pub(super) trait Answer: Default {
    /// Has the guest evaluate: the address of its outcome.
    fn call(guest: &mut Guest, arguments: (u32, u32, u32, u32)) -> Result<u32, Cause>;

    /// Reads the outcome at an address.
    fn read(reader: &mut Reader<'_>, at: u32) -> Result<Self, Broken>;
}

impl Answer for Outcome {
    fn call(guest: &mut Guest, arguments: (u32, u32, u32, u32)) -> Result<u32, Cause> {
        guest.evaluate(arguments)
    }

    fn read(reader: &mut Reader<'_>, at: u32) -> Result<Self, Broken> {
        let mut findings = Vec::new();
        let (steps, flags) = reader.results(at, |reader, at| {
            let (finding, next) = reader.finding(at)?;
            findings.push(finding);
            Ok(next)
        })?;
        Ok(Self {
            findings,
            steps,
            out_of_steps: flags & OUTCOME_BUDGET != 0,
            truncated: flags & OUTCOME_TRUNCATED != 0,
        })
    }
}

impl Answer for Decision {
    fn call(guest: &mut Guest, arguments: (u32, u32, u32, u32)) -> Result<u32, Cause> {
        guest.decide(arguments)
    }

    fn read(reader: &mut Reader<'_>, at: u32) -> Result<Self, Broken> {
        let [_, count] = reader.words(at)?;
        let mut marks = Vec::with_capacity(COMMON_MARKS.min(count as usize));
        let (_, flags) = reader.results(at, |reader, at| {
            let (mark, next) = reader.mark(at)?;
            // A module that gives whole results has several of one form.
            add_mark(&mut marks, mark);
            Ok(next)
        })?;
        Ok(Self {
            marks,
            out_of_steps: flags & OUTCOME_BUDGET != 0,
            truncated: flags & OUTCOME_TRUNCATED != 0,
        })
    }
}

/// One result of a check at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The policy's number in its module.
    pub policy: u32,
    /// The check's number in its policy; 0 is the policy as such.
    pub check: u32,
    /// Whether the check fails, or could not be decided.
    pub status: Status,
    /// 0 (info) to 4 (critical).
    pub severity: u8,
    /// Why the check could not be decided.
    pub reason: Option<Reason>,
    /// The object of the inventory that the place is in: if the inventory as a whole is judged, or what is wrong stands in a
    /// file that what is judged names.
    pub within: Option<u32>,
    /// Where.
    pub place: Place,
    /// What else takes part, at most eight places together with those elsewhere.
    pub related: Vec<Place>,
    /// Places in other objects that take part.
    pub elsewhere: Vec<Elsewhere>,
    /// The message; empty where there is none.
    pub message: String,
    /// Edits that would mend it.
    pub fixes: Vec<Fix>,
}

/// A place in an object of the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The object, by its index in the inventory.
    pub object: u32,
    /// Where in it.
    pub place: Place,
}

/// What a result says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The check fails at this place.
    Finding,
    /// The check could not be decided.
    Unknown,
    /// The policy does not apply to this evaluation.
    NotApplicable,
    /// The module is at fault.
    Error,
}

/// Why a check could not be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A value contradicts its type.
    Shape,
    /// A required value is missing.
    Missing,
    /// A template has not been rendered.
    Template,
    /// The objects asked for are not known in full.
    Inventory,
    /// The evaluation ran out of steps.
    Budget,
    /// Arithmetic left its range, or text could not be read.
    Value,
}

/// An edit of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What is done.
    pub kind: FixKind,
    /// Whether it cannot change what a running workload does.
    pub safe: bool,
    /// Fixes of one group apply together or not at all.
    pub group: u16,
    /// Where.
    pub place: Place,
    /// The value as JSON text; empty for a removal.
    pub value: String,
}

/// What a fix does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FixKind {
    /// Sets the place to the value, creating parents.
    Set,
    /// Removes what is at the place.
    Remove,
    /// Appends the value to the list at the place.
    Append,
    /// Sets the element of the keyed list at the place, or appends it.
    Upsert,
    /// Creates an object.
    Create,
}

/// A result breaks the interface in this way.
pub(super) type Broken = &'static str;

/// Guest memory after an evaluation, and what addresses in it mean.
pub(super) struct Reader<'a> {
    pub(super) memory: &'a [u8],
    /// Address of the first node that the host wrote.
    pub(super) base: u32,
    pub(super) writer: &'a TapeWriter,
    pub(super) tape: &'a Tape,
    pub(super) module: &'a Module,
    /// The objects that policies may ask for, and the address of their first node.
    pub(super) inventory: Option<&'a (Arc<Inventory>, u32)>,
    /// The inventory itself is judged: places are in its objects.
    pub(super) of_inventory: bool,
    /// Bytes that copies may still take, so that records which share their texts cannot fill the host.
    pub(super) left: usize,
    /// The policy of the last result that was read.
    pub(super) last_policy: u32,
}

/// What all results of an evaluation may take in the host.
pub(super) const COPY_LIMIT: usize = 4 * RESULT_LIMIT as usize;

/// Room for marks that is made at once, at most.
const COMMON_MARKS: usize = 16;
/// Room for rows that is made at once.
const FEW_ROWS: u32 = 8;

const ELSEWHERE: Broken = "a place in another object";
const OUTSIDE: Broken = "an address outside of memory";

impl Reader<'_> {
    /// Takes the results of the outcome at an address one by one, each of which gives the address of the next; gives its
    /// steps and flags.
    fn results(
        &mut self,
        at: u32,
        mut take: impl FnMut(&mut Self, u32) -> Result<u32, Broken>,
    ) -> Result<(u32, u32), Broken> {
        let [mut next, mut left, steps, flags] = self.words(at)?;
        while next != 0 {
            left = (left.checked_sub(1)).ok_or("more results than it counts")?;
            next = take(self, next)?;
        }
        if left != 0 {
            return Err("fewer results than it counts");
        }
        Ok((steps, flags))
    }

    /// What a result begins with, and the address of the next one.
    #[inline]
    fn mark(&mut self, at: u32) -> Result<(Mark, u32), Broken> {
        self.spend(MARK_SIZE)?;
        let [next, check, status] = self.words(at)?;
        let policy = self.module.policy_of(check, self.last_policy);
        let (policy, check) = policy.ok_or("an unknown check")?;
        self.last_policy = policy;
        let [status, severity, reason @ ..] = status.to_le_bytes();
        let status = to_status(status)?;
        if severity > 4 {
            return Err("an unknown severity");
        }
        let mark = Mark {
            policy,
            check,
            status,
            severity,
            reason: match status {
                Status::Unknown => Some(to_reason(u16::from_le_bytes(reason))?),
                Status::Finding | Status::NotApplicable | Status::Error => None,
            },
        };
        Ok((mark, next))
    }

    fn finding(&mut self, at: u32) -> Result<(Finding, u32), Broken> {
        self.spend(RESULT_SIZE)?;
        let field = |offset: u32| at.wrapping_add(offset);
        let (mark, next) = self.mark(at)?;
        let mut related = Vec::new();
        let mut elsewhere = Vec::new();
        for (object, place) in self.rows(field(40), PLACE_SIZE, Self::place_anywhere)? {
            match object {
                None => related.push(place),
                Some(object) => elsewhere.push(Elsewhere { object, place }),
            }
        }
        let (within, place) = self.place_anywhere(field(16))?;
        let finding = Finding {
            policy: mark.policy,
            check: mark.check,
            status: mark.status,
            severity: mark.severity,
            reason: mark.reason,
            within,
            place,
            related,
            elsewhere,
            message: self.text(field(48))?,
            fixes: self.rows(field(56), FIX_SIZE, Self::fix)?,
        };
        Ok((finding, next))
    }

    fn place(&mut self, at: u32) -> Result<Place, Broken> {
        match self.place_anywhere(at)? {
            (None, place) => Ok(place),
            (Some(_), _) => Err(ELSEWHERE),
        }
    }

    /// A place, and the object of the inventory that it is in, if it is in one.
    fn place_anywhere(&mut self, at: u32) -> Result<(Option<u32>, Place), Broken> {
        self.spend(PLACE_SIZE)?;
        let [node, _, _, inner, a, b] = self.words(at)?;
        let (object, node) = match node {
            0 => (None, NodeId::ROOT),
            address => match self.node_elsewhere(address) {
                Some((object, node)) => (Some(object), node),
                None if self.is_of_inventory_itself(address) => (None, NodeId::ROOT),
                None => (None, self.node(address)?),
            },
        };
        let missing = self.rows(at.wrapping_add(4), STEP_SIZE, Self::step)?;
        let inner = match inner {
            INNER_NONE => None,
            INNER_RANGE => Some(Inner::Range(a, b)),
            INNER_NODE => Some(self.embedded(a)?),
            _ => return Err("an unknown inner place"),
        };
        let place = Place {
            node,
            missing,
            inner,
        };
        Ok((object, place))
    }

    /// What is inside a text: a chain of records, outermost first.
    fn embedded(&mut self, at: u32) -> Result<Inner, Broken> {
        let mut levels = Vec::new();
        let mut inner = None;
        let mut next = at;
        while next != 0 {
            self.spend(PLACE_SIZE)?;
            let [how, _, _, after] = self.words(next)?;
            if how == EMBEDDED_RANGE && after == 0 && !levels.is_empty() {
                let [start, end] = self.words(next.wrapping_add(16))?;
                inner = Some(Inner::Range(start, end));
                break;
            }
            if how > (EMBEDDED_YAML | EMBEDDED_DECODED | EMBEDDED_PART) {
                return Err("an embedded document of an unknown form");
            }
            let range = match how & EMBEDDED_PART {
                0 => None,
                _ => Some(self.words(next.wrapping_add(16))?),
            };
            let path = self.rows(next.wrapping_add(4), STEP_SIZE, Self::step)?;
            levels.push((how, range, path));
            next = after;
        }
        for (how, range, path) in levels.into_iter().rev() {
            inner = Some(Inner::Document(Box::new(Embedded {
                range: range.map(|[start, end]| (start, end)),
                format: if how & EMBEDDED_YAML == EMBEDDED_JSON {
                    EmbeddedFormat::Json
                } else {
                    EmbeddedFormat::Yaml
                },
                is_decoded: how & EMBEDDED_DECODED != 0,
                path,
                inner,
            })));
        }
        inner.ok_or("an embedded document without its place")
    }

    fn node_elsewhere(&self, address: u32) -> Option<(u32, NodeId)> {
        let (inventory, base) = self.inventory?;
        inventory.node_at(address.checked_sub(*base)?)
    }

    fn is_of_inventory_itself(&self, address: u32) -> bool {
        let offset = |&(_, base): &(_, u32)| address.checked_sub(base);
        let judged = self.inventory.filter(|_| self.of_inventory);
        judged.is_some_and(|of| offset(of).is_some_and(|offset| of.0.is_own(offset)))
    }

    fn step(&mut self, at: u32) -> Result<Step, Broken> {
        self.spend(STEP_SIZE)?;
        let a = self.word(at.wrapping_add(4))?;
        match self.word(at)? {
            STEP_KEY => Ok(Step::Key(self.key(a)?)),
            STEP_INDEX => Ok(Step::Index(a)),
            STEP_ELEMENT => {
                let node = self.word(at.wrapping_add(8))?;
                Ok(Step::Element {
                    key: self.key(a)?,
                    value: to_json(self.tape, self.node(node)?)?,
                })
            }
            _ => Err("an unknown step"),
        }
    }

    fn fix(&mut self, at: u32) -> Result<Fix, Broken> {
        self.spend(FIX_SIZE)?;
        let [op, safe, group @ ..] = self.word(at)?.to_le_bytes();
        Ok(Fix {
            kind: match u32::from(op) {
                FIX_SET => FixKind::Set,
                FIX_REMOVE => FixKind::Remove,
                FIX_APPEND => FixKind::Append,
                FIX_UPSERT => FixKind::Upsert,
                FIX_CREATE => FixKind::Create,
                _ => return Err("an unknown fix"),
            },
            safe: safe != 0,
            group: u16::from_le_bytes(group),
            place: self.place(at.wrapping_add(4))?,
            value: self.text(at.wrapping_add(28))?,
        })
    }

    /// Rows of one size, given by address and number.
    fn rows<T>(
        &mut self,
        at: u32,
        size: u32,
        read: impl Fn(&mut Self, u32) -> Result<T, Broken>,
    ) -> Result<Vec<T>, Broken> {
        let (start, count) = (self.word(at)?, self.word(at.wrapping_add(4))?);
        if count == 0 {
            return Ok(Vec::new());
        }
        // What is read of each row is paid for before it is kept.
        let mut rows = Vec::with_capacity(count.min(FEW_ROWS) as usize);
        for i in 0..count {
            let row = i
                .checked_mul(size)
                .and_then(|offset| start.checked_add(offset));
            rows.push(read(self, row.ok_or(OUTSIDE)?)?);
        }
        Ok(rows)
    }

    fn node(&self, address: u32) -> Result<NodeId, Broken> {
        address
            .checked_sub(self.base)
            .and_then(|offset| self.writer.node_at(offset))
            .ok_or("a place outside of the document")
    }

    fn key(&mut self, key: u32) -> Result<String, Broken> {
        if key & KEY_TEXT == 0 {
            let symbol = self.module.shared().symbols.get(key as usize);
            let symbol = symbol.ok_or("an unknown symbol")?;
            self.spend_bytes(symbol.len())?;
            return Ok(str::to_owned(symbol));
        }
        let at = key & !KEY_TEXT;
        let len = self.word(at)?;
        self.copy(at.wrapping_add(4), len)
    }

    fn text(&mut self, at: u32) -> Result<String, Broken> {
        let (start, len) = (self.word(at)?, self.word(at.wrapping_add(4))?);
        self.copy(start, len)
    }

    fn copy(&mut self, start: u32, len: u32) -> Result<String, Broken> {
        self.spend(len)?;
        let end = (start as usize).checked_add(len as usize).ok_or(OUTSIDE)?;
        let bytes = self.memory.get(start as usize..end).ok_or(OUTSIDE)?;
        let text = str::from_utf8(bytes).map_err(|_| "text that is no UTF-8")?;
        Ok(text.to_owned())
    }

    #[inline]
    fn word(&self, at: u32) -> Result<u32, Broken> {
        let [word] = self.words(at)?;
        Ok(word)
    }

    #[inline]
    fn words<const N: usize>(&self, at: u32) -> Result<[u32; N], Broken> {
        let bytes = (self.memory.get(at as usize..))
            .and_then(|rest| rest.get(..4 * N))
            .ok_or(OUTSIDE)?;
        let (words, _) = bytes.as_chunks::<4>();
        let mut read = [0; N];
        for (word, bytes) in read.iter_mut().zip(words) {
            *word = u32::from_le_bytes(*bytes);
        }
        Ok(read)
    }

    fn spend(&mut self, bytes: u32) -> Result<(), Broken> {
        self.spend_bytes(bytes as usize)
    }

    fn spend_bytes(&mut self, bytes: usize) -> Result<(), Broken> {
        self.left = (self.left.checked_sub(bytes)).ok_or("more results than fit into the limit")?;
        Ok(())
    }
}

fn to_status(number: u8) -> Result<Status, Broken> {
    match u32::from(number) {
        STATUS_FINDING => Ok(Status::Finding),
        STATUS_UNKNOWN => Ok(Status::Unknown),
        STATUS_NOT_APPLICABLE => Ok(Status::NotApplicable),
        STATUS_ERROR => Ok(Status::Error),
        _ => Err("an unknown status"),
    }
}

fn to_reason(number: u16) -> Result<Reason, Broken> {
    match u32::from(number) {
        UNKNOWN_SHAPE => Ok(Reason::Shape),
        UNKNOWN_MISSING => Ok(Reason::Missing),
        UNKNOWN_TEMPLATE => Ok(Reason::Template),
        UNKNOWN_INVENTORY => Ok(Reason::Inventory),
        UNKNOWN_BUDGET => Ok(Reason::Budget),
        UNKNOWN_VALUE => Ok(Reason::Value),
        _ => Err("an unknown reason"),
    }
}

/// The value that identifies an element of a keyed list, which is a scalar.
fn to_json(tape: &Tape, node: NodeId) -> Result<String, Broken> {
    Ok(match tape.value(node) {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(text) => text.to_owned(),
        Value::String(text) => serde_json::Value::from(text).to_string(),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Unknown(_) => {
            return Err("an element without a value to know it by");
        }
    })
}
