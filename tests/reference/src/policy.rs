//! Which policies run on a document, and what their statements do.

use palisade_abi::place::Place;
use palisade_abi::tape::{Kind, NodeId, Tape};
use palisade_lang::program::{
    Binding, Block, Check, CheckId, Expr, For, KindRef, LocalId, MessagePart, Policy, Program,
    Severity, Stmt, Target,
};

use crate::blame::{Trace, unreported};
use crate::coverage::Coverage;
use crate::eval::{Evaluator, Site, Slot, kind_in_words};
use crate::value::{Kleene, Value};
use crate::verdict::{Reason, Status, Verdict};

/// What is asked of an evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The policies to run, by number; the ones that are on by default if absent.
    pub enabled: Option<Vec<bool>>,
}

/// The results of an evaluation, in order.
pub type Outcome = Vec<Verdict>;

/// What became of a check.
#[derive(Debug, Clone)]
pub(crate) enum Decided {
    /// Its condition was true.
    Holds,
    /// Its condition was false, or that of one of its guards.
    Fails,
    /// It could not be decided; where its unknown result is.
    Unknown(Reason, Place, Vec<Place>),
}

/// Evaluates a program on the document that `tape` holds.
#[must_use]
pub fn evaluate(program: &Program, tape: &Tape, selection: &Selection) -> Outcome {
    evaluate_counting(program, tape, selection, &mut Coverage::default())
}

/// [`evaluate`], counting in `coverage` what was done.
#[must_use]
pub fn evaluate_counting(
    program: &Program,
    tape: &Tape,
    selection: &Selection,
    coverage: &mut Coverage,
) -> Outcome {
    let mut results = Vec::new();
    for (number, policy) in program.policies.iter().enumerate() {
        let is_on = match &selection.enabled {
            Some(enabled) => enabled.get(number).copied().unwrap_or(false),
            None => policy.on_by_default,
        };
        if is_on {
            let mut evaluator = Evaluator::new(policy, number, tape, coverage);
            evaluator.run(program);
            results.append(&mut evaluator.results);
        }
    }
    coverage.count_evaluation(&results);
    results
}

impl<'a> Evaluator<'a> {
    fn new(policy: &'a Policy, number: usize, tape: &'a Tape, coverage: &'a mut Coverage) -> Self {
        let unbound = Slot {
            value: Value::Absent,
            node: None,
        };
        Self {
            policy,
            number,
            tape,
            slots: vec![unbound; policy.locals.len()],
            elements: Vec::new(),
            decided: vec![None; policy.checks.len()],
            quiet: false,
            results: Vec::new(),
            coverage,
        }
    }

    fn run(&mut self, program: &'a Program) {
        for path in paths(program, self.policy, self.tape) {
            if let Some(part) = self.find_part(path) {
                self.run_on(part);
            }
        }
    }

    /// The part at the end of a view's path. A value that is no map on the way is a finding of the policy.
    fn find_part(&mut self, path: &[String]) -> Option<NodeId> {
        let mut part = NodeId::ROOT;
        for key in path {
            part = self.live_member(part, key)?;
            match self.tape.kind(part) {
                Kind::Map => {}
                Kind::Unknown => {
                    self.coverage.count_path(Some(Reason::Template));
                    let place = Trace {
                        primary: Some(Place::node(part)),
                        related: Vec::new(),
                    };
                    self.record_unknown(0, self.policy.severity, Reason::Template, place);
                    return None;
                }
                kind => {
                    self.coverage.count_path(Some(Reason::Shape));
                    self.find_shape(part, Site::Member, kind_in_words(kind), "a map");
                    return None;
                }
            }
        }
        self.coverage.count_path(None);
        Some(part)
    }

    fn run_on(&mut self, part: NodeId) {
        let object = NodeId::ROOT;
        self.set(LocalId::OBJECT, Value::Node(object), Some(object));
        self.set(LocalId::PART, Value::Node(part), Some(part));
        let policy = self.policy;
        if let Some(guard) = &policy.guard {
            match self.condition(guard) {
                Kleene::True => {}
                truth => return self.record_undecided(guard, truth),
            }
        }
        self.block(&policy.body);
    }

    fn block(&mut self, block: &'a Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(local) => {
                    if let Some(Binding::Let(expr)) = self.binding(*local) {
                        let value = self.eval(expr);
                        self.coverage.count_stmt("let", None);
                        self.set(*local, value, None);
                    }
                }
                Stmt::For(stmt) => self.run_for(stmt),
                Stmt::When {
                    condition,
                    then,
                    otherwise,
                } => {
                    let truth = self.condition(condition);
                    self.coverage.count_stmt("when", Some(truth));
                    match truth {
                        Kleene::True => self.block(then),
                        Kleene::False => self.block(otherwise),
                        Kleene::Unknown(_) => self.record_undecided(condition, truth),
                    }
                }
                Stmt::Check(id) => self.run_check(*id),
            }
        }
    }

    fn run_for(&mut self, stmt: &'a For) {
        let source = self.eval(&stmt.generator.source);
        for turn in self.turns(&source) {
            let element = self.bind(&stmt.generator, turn);
            self.elements.push(element);
            let truth = match &stmt.guard {
                Some(guard) => {
                    let truth = self.condition(guard);
                    self.record_undecided(guard, truth);
                    truth
                }
                None => Kleene::True,
            };
            self.coverage.count_stmt("for", Some(truth));
            if truth == Kleene::True {
                self.block(&stmt.body);
            }
            self.elements.pop();
        }
        if let Some(reason) = source.unknown() {
            self.coverage
                .count_stmt("for over", Some(Kleene::Unknown(reason)));
            if !reason.is_reported() {
                let trace = self.quietly(|this| this.trace(&stmt.generator.source));
                self.record_unknown(0, self.policy.severity, reason, trace);
            }
        } else {
            self.coverage.count_stmt("for over", Some(Kleene::True));
        }
    }

    fn run_check(&mut self, id: CheckId) {
        let Some(check) = self.check(id.0) else {
            return;
        };
        let severity = check.severity.unwrap_or(self.policy.severity);
        if let Some(decided) = self.decide_by_guards(check) {
            self.coverage.count_guarded(&decided);
            if let Decided::Unknown(reason, place, related) = &decided
                && !reason.is_reported()
            {
                let status = Status::Unknown(*reason);
                self.record(
                    id.0 + 1,
                    status,
                    severity,
                    place.clone(),
                    related.clone(),
                    String::new(),
                );
            }
            return self.remember(id, decided);
        }
        let truth = self.condition(&check.condition);
        self.coverage.count_stmt(
            if check.finds_when { "deny" } else { "require" },
            Some(truth),
        );
        let decided = match truth {
            Kleene::Unknown(reason) => {
                let trace = self.quietly(|this| {
                    let trace = this.blame_unknown(&check.condition);
                    match &check.place {
                        Some(at) => this.at(at, vec![trace]),
                        None => trace,
                    }
                });
                let (place, related) = self.settle(trace.clone());
                if !reason.is_reported() {
                    self.record_unknown(id.0 + 1, severity, reason, trace);
                }
                Decided::Unknown(reason, place, related)
            }
            Kleene::True => Decided::Holds,
            Kleene::False => Decided::Fails,
        };
        if truth == Kleene::from(check.finds_when) {
            self.coverage.count_finding(check);
            self.find(id, check, severity);
        }
        self.remember(id, decided);
    }

    /// What the guards of a check decide for it; nothing if all of them hold.
    fn decide_by_guards(&self, check: &Check) -> Option<Decided> {
        check
            .guards
            .iter()
            .map(|guard| {
                let decided = self.decided.get(guard.0 as usize).cloned().flatten();
                decided.unwrap_or(Decided::Fails)
            })
            .find(|decided| !matches!(decided, Decided::Holds))
    }

    fn remember(&mut self, id: CheckId, decided: Decided) {
        if let Some(slot) = self.decided.get_mut(id.0 as usize) {
            *slot = Some(decided);
        }
    }

    fn find(&mut self, id: CheckId, check: &'a Check, severity: Severity) {
        let witnesses = self.quietly(|this| {
            let witnesses = this.blame(&check.condition, check.finds_when);
            match &check.place {
                Some(at) => vec![this.at(at, witnesses)],
                None => witnesses,
            }
        });
        let parts: &'a [MessagePart] = &check.message;
        let message = self.message(parts);
        for witness in witnesses {
            let (place, related) = self.settle(witness);
            self.record(
                id.0 + 1,
                Status::Finding,
                severity,
                place,
                related,
                message.clone(),
            );
        }
    }

    /// Records that a condition of check 0 could not be decided, unless it could or its read has said so.
    fn record_undecided(&mut self, condition: &'a Expr, truth: Kleene) {
        if let Some(reason) = unreported(truth) {
            let trace = self.quietly(|this| this.blame_unknown(condition));
            self.record_unknown(0, self.policy.severity, reason, trace);
        }
    }

    fn record_unknown(&mut self, check: u32, severity: Severity, reason: Reason, trace: Trace) {
        let (place, related) = self.settle(trace);
        self.record(
            check,
            Status::Unknown(reason),
            severity,
            place,
            related,
            String::new(),
        );
    }

    /// Records a result; of findings with equal place and message only the first.
    pub(crate) fn record(
        &mut self,
        check: u32,
        status: Status,
        severity: Severity,
        place: Place,
        related: Vec<Place>,
        message: String,
    ) {
        let is_known = status == Status::Finding
            && self.results.iter().any(|known| {
                known.status == Status::Finding && known.place == place && known.message == message
            });
        if !is_known {
            self.results.push(Verdict {
                policy: self.number,
                check,
                status,
                severity,
                place,
                related,
                message,
            });
        }
    }
}

/// The paths from the object to the parts that the policy is on.
fn paths<'a>(program: &'a Program, policy: &'a Policy, tape: &Tape) -> Vec<&'a [String]> {
    let Some(kind) = tape.str_at(NodeId::ROOT, &["kind"]) else {
        return Vec::new();
    };
    let Some(version) = tape.str_at(NodeId::ROOT, &["apiVersion"]) else {
        return Vec::new();
    };
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let is_of = |wanted: &KindRef| wanted.kind == kind && wanted.groups.iter().any(|g| g == group);
    let mut paths: Vec<&[String]> = Vec::new();
    for target in &policy.targets {
        match target {
            Target::Kind(wanted) => paths.extend(is_of(wanted).then_some([].as_slice())),
            Target::View(view) => {
                let view = program.views.get(view.0 as usize);
                let arms = view.map(|view| view.arms.as_slice()).unwrap_or_default();
                let matching = arms.iter().filter(|arm| is_of(&arm.kind));
                paths.extend(matching.map(|arm| arm.path.as_slice()));
            }
        }
    }
    paths
}
