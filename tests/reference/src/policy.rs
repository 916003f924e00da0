//! Which policies run on a document, and what their statements do.

use palisade_abi::place::Place;
use palisade_abi::tape::{Kind, NodeId, Tape};
use palisade_lang::program::join::joins;
use palisade_lang::program::{
    Binding, Block, Body, Check, CheckId, ContextPart, Expr, ExprKind, For, KindRef, LocalId,
    MessagePart, Operation, Policy, Program, Severity, Stmt, Target,
};

use crate::blame::{Spot, Trace, object_name, unreported};
use crate::coverage::{self, Coverage};
use crate::document::Document;
use crate::embedded::Nest;
use crate::eval::{Evaluator, Slot, Tapes};
use crate::read::{Site, kind_in_words};
use crate::settings::Settings;
use crate::tuples::conditions;
use crate::value::{Kleene, Node, Value};
use crate::verdict::{Reason, Severities, Status, Verdict};

/// What is asked of an evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The policies to run, by number; the ones that are on by default if absent.
    pub enabled: Option<Vec<bool>>,
    /// The severities that the host gives, by policy; none for the policy's own.
    pub severities: Severities,
    /// What the host says about the evaluation: a map.
    pub context: Option<Document>,
    /// The objects that policies may ask for, if the host gives any.
    pub inventory: Option<Inventory>,
}

/// The objects of a host, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The objects.
    pub objects: Vec<Document>,
    /// Of each the kind of file that it is, if it is no object of the API; nothing where the host knows no files.
    pub files: Option<Vec<Option<String>>>,
    /// Of each where it is written: `path`, and `template` where there is one. Nothing where the host does not say it.
    pub sources: Option<Vec<(String, Option<String>)>>,
    /// Whether there may be more of every kind.
    pub is_partial: bool,
}

impl Inventory {
    /// Where each object is written, as values.
    fn origins(&self) -> Option<Vec<Tape>> {
        let text = |text: &String| Document::String(text.clone());
        let origin = |(path, template): &(String, Option<String>)| {
            let mut members = vec![("path".to_owned(), text(path))];
            members.extend(
                template
                    .iter()
                    .map(|name| ("template".to_owned(), text(name))),
            );
            Document::Map(members).to_tape()
        };
        let sources = self.sources.as_ref()?;
        Some(sources.iter().map(origin).collect())
    }
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
    Unknown(Reason, Place, Vec<Spot>),
}

/// Evaluates a program, with the settings that it was configured with, on the document that `tape` holds.
#[must_use]
pub fn evaluate(
    program: &Program,
    settings: &Settings,
    tape: &Tape,
    selection: &Selection,
) -> Outcome {
    evaluate_counting(program, settings, tape, selection, &mut Coverage::default())
}

/// [`evaluate`], counting in `coverage` what was done.
#[must_use]
pub fn evaluate_counting(
    program: &Program,
    settings: &Settings,
    tape: &Tape,
    selection: &Selection,
    coverage: &mut Coverage,
) -> Outcome {
    let mut results = Vec::new();
    let context = selection.context.as_ref().map(Document::to_tape);
    let inventory = selection.inventory.as_ref();
    let objects: Option<Vec<Tape>> = inventory.map(|inventory| {
        let objects = inventory.objects.iter();
        objects.map(Document::to_tape).collect()
    });
    let origins = inventory.and_then(Inventory::origins);
    let nest = Nest::default();
    let tapes = Tapes {
        document: tape,
        context: context.as_ref(),
        settings: &settings.tape,
        objects: objects.as_deref(),
        files: inventory.and_then(|inventory| inventory.files.as_deref()),
        origins: origins.as_deref(),
        is_partial: inventory.is_some_and(|inventory| inventory.is_partial),
        views: &program.views,
        nest: &nest,
    };
    for (number, policy) in program.policies.iter().enumerate() {
        let is_on = match &selection.enabled {
            Some(enabled) => enabled.get(number).copied().unwrap_or(false),
            None => policy.on_by_default,
        };
        if is_on {
            let mut evaluator = Evaluator::new(
                policy,
                number,
                tapes,
                &settings.values,
                &selection.severities,
                coverage,
            );
            evaluator.run(program);
            results.append(&mut evaluator.results);
        }
    }
    coverage.count_evaluation(&results);
    results
}

impl<'a> Evaluator<'a> {
    /// What runs a policy.
    pub(crate) fn new(
        policy: &'a Policy,
        number: usize,
        tapes: Tapes<'a>,
        params: &'a [Value],
        severities: &'a Severities,
        coverage: &'a mut Coverage,
    ) -> Self {
        let unbound = Slot {
            value: Value::Absent,
            node: None,
            elsewhere: None,
            origin: None,
        };
        Self {
            policy,
            number,
            tapes,
            params,
            severities,
            slots: vec![unbound; policy.locals.len()],
            elements: Vec::new(),
            decided: vec![None; policy.checks.len()],
            quiet: false,
            results: Vec::new(),
            coverage,
        }
    }

    fn run(&mut self, program: &'a Program) {
        let bodies: Vec<(&'a Body, Vec<&'a [String]>)> = self
            .policy
            .bodies
            .iter()
            .map(|body| (body, paths(program, body, self.tapes)))
            .filter(|(_, paths)| !paths.is_empty())
            .collect();
        if bodies.is_empty() {
            return;
        }
        let is_meant = self.policy.operations.contains(&operation(self.tapes));
        let outcome = coverage::Outcome::from(Kleene::from(is_meant));
        self.coverage.count("operation", Some(outcome));
        if !is_meant {
            return;
        }
        if bodies.len() > 1 {
            self.coverage.count("several bodies", None);
        }
        let lacks = |part: &ContextPart| self.tapes.of_context(part.key()).is_none();
        if self.policy.needs.iter().any(lacks) {
            self.coverage.count_not_applicable();
            let place = object_name(self.tapes.document);
            let severity = self.severity();
            self.record(
                0,
                Status::NotApplicable,
                severity,
                (place, Vec::new()),
                String::new(),
            );
            return;
        }
        for (body, paths) in bodies {
            for path in paths {
                if let Some(part) = self.find_part(path) {
                    self.run_on(body, part);
                }
            }
        }
    }

    /// The severity of the policy: the host's, else its own.
    pub(crate) fn severity(&self) -> Severity {
        let given = self.severities.get(self.number).copied().flatten();
        given.unwrap_or(self.policy.severity)
    }

    /// The severity of what a check finds.
    fn severity_of(&mut self, check: &'a Check) -> Severity {
        let given = self.severities.get(self.number).copied().flatten();
        if let Some(given) = given {
            return given;
        }
        let Some(expr) = &check.severity else {
            return self.policy.severity;
        };
        let value = self.quietly(|this| this.eval(expr));
        let severity = match self.text_of(&value).as_deref() {
            Some("info") => Some(Severity::Info),
            Some("low") => Some(Severity::Low),
            Some("medium") => Some(Severity::Medium),
            Some("high") => Some(Severity::High),
            Some("critical") => Some(Severity::Critical),
            _ => None,
        };
        self.coverage.count_severity(severity.is_some(), &value);
        severity.unwrap_or(self.policy.severity)
    }

    /// The part at the end of a view's path. A value that is no map on the way is a finding of the policy.
    fn find_part(&mut self, path: &[String]) -> Option<Node> {
        let mut part = Node::of_document(NodeId::ROOT);
        for key in path {
            part = self.tapes.live_member(part, key)?;
            match self.tapes.kind(part) {
                Kind::Map => {}
                Kind::Unknown => {
                    self.coverage.count_path(Some(Reason::Template));
                    let place = Trace {
                        primary: Some(Place::node(part.id)),
                        related: Vec::new(),
                    };
                    let severity = self.severity();
                    self.record_unknown(0, severity, Reason::Template, place);
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

    fn run_on(&mut self, body: &'a Body, part: Node) {
        let object = Node::of_document(NodeId::ROOT);
        for (local, node) in [(LocalId::OBJECT, object), (LocalId::PART, part)] {
            let slot = Slot {
                value: Value::Node(node),
                node: Some(node.id),
                elsewhere: None,
                origin: None,
            };
            self.set(local, slot);
        }
        let name = match body.targets.first() {
            Some(Target::Subresource(..)) => Some("target subresource"),
            Some(Target::Kind(kind)) if kind.is_any() => Some("target any"),
            Some(Target::Kind(kind)) if kind.is_inventory() => Some("target inventory"),
            Some(Target::Kind(_) | Target::View(_)) | None => None,
        };
        if let Some(name) = name {
            self.coverage.count(name, None);
        }
        if let Some(guard) = &body.guard {
            let truth = self.condition(guard);
            self.coverage.count("policy guard", Some(truth.into()));
            match truth {
                Kleene::True => {}
                truth => return self.record_undecided(guard, truth),
            }
        }
        self.block(&body.block);
    }

    /// Runs statements.
    pub(crate) fn block(&mut self, block: &'a Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(local) => {
                    if matches!(self.binding(*local), Some(Binding::Let(_))) {
                        self.bind_lets(std::slice::from_ref(local));
                        self.coverage.count_stmt("let", None);
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
        let generators = std::slice::from_ref(&stmt.generator);
        let conditions = conditions(stmt.guard.as_ref());
        let joins = joins(&self.policy.locals, generators, 0, &conditions);
        self.count_joins(&joins, &stmt.generator);
        let sought: Vec<Value> = joins.iter().map(|join| self.eval(join.sought)).collect();
        for turn in self.turns(&source) {
            let element = self.bind(&stmt.generator, turn);
            if self.is_left_out(&joins, &sought) {
                continue;
            }
            self.elements.push(element.node);
            let truth = match &stmt.guard {
                Some(guard) => {
                    let truth = self.condition(guard);
                    self.coverage.count_stmt("for where", Some(truth));
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
                let trace = self.quietly(|this| this.trace_first_source(generators, &conditions));
                let severity = self.severity();
                self.record_unknown(0, severity, reason, trace);
            }
        } else {
            self.coverage.count_stmt("for over", Some(Kleene::True));
        }
    }

    fn run_check(&mut self, id: CheckId) {
        let Some(check) = self.check(id.0) else {
            return;
        };
        if !check.guards.is_empty() && self.decide_by_guards(check).is_none() {
            self.coverage.count_guarded(&Decided::Holds);
        }
        if let Some(decided) = self.decide_by_guards(check) {
            self.coverage.count_guarded(&decided);
            if let Decided::Unknown(reason, place, related) = &decided
                && !reason.is_reported()
            {
                let status = Status::Unknown(*reason);
                let is_constant = check
                    .severity
                    .as_ref()
                    .is_none_or(|severity| matches!(severity.kind, ExprKind::Const(_)));
                let severity = if is_constant {
                    self.severity_of(check)
                } else {
                    self.severity()
                };
                let place = (place.clone(), related.clone());
                self.record(id.0 + 1, status, severity, place, String::new());
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
                    let severity = self.severity_of(check);
                    self.record_unknown(id.0 + 1, severity, reason, trace);
                }
                Decided::Unknown(reason, place, related)
            }
            Kleene::True => Decided::Holds,
            Kleene::False => Decided::Fails,
        };
        if truth == Kleene::from(check.finds_when) {
            self.coverage.count_finding(check);
            self.find(id, check);
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

    fn find(&mut self, id: CheckId, check: &'a Check) {
        let severity = self.severity_of(check);
        let witnesses = self.quietly(|this| {
            let witnesses = this.blame(&check.condition, check.finds_when);
            match &check.place {
                Some(at) => vec![this.at(at, witnesses)],
                None => witnesses,
            }
        });
        let parts: &'a [MessagePart] = &check.message;
        let message = self.message(parts);
        let fix = self.fix(&check.fixes);
        self.coverage.count_fix(check, &fix);
        for witness in witnesses {
            let place = self.settle(witness);
            let before = self.results.len();
            self.record(id.0 + 1, Status::Finding, severity, place, message.clone());
            if let Some(found) = self.results.get_mut(before) {
                found.fix.clone_from(&fix);
            }
        }
    }

    /// Records that a condition of check 0 could not be decided, unless it could or its read has said so.
    fn record_undecided(&mut self, condition: &'a Expr, truth: Kleene) {
        if let Some(reason) = unreported(truth) {
            let trace = self.quietly(|this| this.blame_unknown(condition));
            let severity = self.severity();
            self.record_unknown(0, severity, reason, trace);
        }
    }

    fn record_unknown(&mut self, check: u32, severity: Severity, reason: Reason, trace: Trace) {
        let place = self.settle(trace);
        self.record(
            check,
            Status::Unknown(reason),
            severity,
            place,
            String::new(),
        );
    }

    /// Records a result; of findings with equal place and message only the first.
    pub(crate) fn record(
        &mut self,
        check: u32,
        status: Status,
        severity: Severity,
        (place, spots): (Place, Vec<Spot>),
        message: String,
    ) {
        let place = self.tapes.nest.settle(place);
        let is_known = status == Status::Finding
            && self.results.iter().any(|known| {
                known.status == Status::Finding && known.place == place && known.message == message
            });
        let mut related = Vec::new();
        let mut elsewhere = Vec::new();
        for spot in spots {
            let place = self.tapes.nest.settle(spot.place);
            match spot.object {
                None => related.push(place),
                Some(object) => elsewhere.push((object, place)),
            }
        }
        if !is_known {
            self.results.push(Verdict {
                policy: self.number,
                check,
                status,
                severity,
                place,
                related,
                elsewhere,
                message,
                fix: Vec::new(),
            });
        }
    }
}

/// What the request does; creating if there is none or it does not say.
fn operation(tapes: Tapes<'_>) -> Operation {
    let request = tapes.of_context("request");
    let name = request.and_then(|request| tapes.str_at(request, &["operation"]));
    match name {
        Some("UPDATE") => Operation::Update,
        Some("DELETE") => Operation::Delete,
        Some("CONNECT") => Operation::Connect,
        _ => Operation::Create,
    }
}

/// The paths from the object to the parts that the body is on.
fn paths<'a>(program: &'a Program, body: &'a Body, tapes: Tapes<'_>) -> Vec<&'a [String]> {
    let tape = tapes.document;
    let kind = tape.str_at(NodeId::ROOT, &["kind"]);
    let version = tape.str_at(NodeId::ROOT, &["apiVersion"]);
    let group = version.map(|version| version.split_once('/').map_or("", |(group, _)| group));
    let request = tapes.of_context("request");
    let of_request = |path: &[&str]| request.and_then(|request| tapes.str_at(request, path));
    let subresource = of_request(&["subResource"]).filter(|name| !name.is_empty());
    let file = tapes
        .of_context("kind")
        .and_then(|kind| tapes.str_at(kind, &[]));
    let subresource = if file.is_some() { None } else { subresource };
    let is_of = |wanted: &KindRef| {
        if let Some(file) = file {
            return wanted.groups.is_empty() && wanted.kind == file;
        }
        if wanted.is_any() {
            return kind.is_some() && group.is_some();
        }
        kind.is_some_and(|kind| wanted.kind == kind)
            && group.is_some_and(|group| wanted.groups.iter().any(|known| known == group))
    };
    let mut paths: Vec<&[String]> = Vec::new();
    for target in &body.targets {
        match (target, subresource) {
            (Target::Kind(wanted), None) => paths.extend(is_of(wanted).then_some([].as_slice())),
            (Target::View(view), None) => {
                let view = program.views.get(view.0 as usize);
                let arms = view.map(|view| view.arms.as_slice()).unwrap_or_default();
                let matching = arms.iter().filter(|arm| is_of(&arm.kind));
                paths.extend(matching.map(|arm| arm.path.as_slice()));
            }
            (Target::Subresource(owner, wanted), Some(name)) => {
                let group = of_request(&["resource", "group"]).unwrap_or_default();
                let resource = of_request(&["resource", "resource"]).unwrap_or_default();
                let is_owner = owner.groups.iter().any(|known| known == group)
                    && resource == plural(owner)
                    && wanted == name;
                paths.extend(is_owner.then_some([].as_slice()));
            }
            (Target::Subresource(..), None) | (Target::Kind(_) | Target::View(_), Some(_)) => {}
        }
    }
    paths
}

/// The name of a kind in URLs: lower case and plural.
fn plural(kind: &KindRef) -> String {
    let name = kind.kind.to_lowercase();
    let has_end = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if has_end(&["s", "x", "ch", "sh"]) {
        return format!("{name}es");
    }
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{name}s"),
    }
}
