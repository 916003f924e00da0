//! Linting: files are read and judged in parallel, each thread with instances of its own; what comes out is sorted, so
//! that threads do not show.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use palisade_abi::tape::{Kind, NodeId};
use palisade_wasm::host::{
    Cause, Context, Elsewhere, EvaluateError, Instance, Inventory, LoadError, Reason, Selection,
    SettingsProblem, Status,
};
use thiserror::Error;

use crate::builtin;
use crate::finding::{
    FileError, Finding, ObjectName, Place, PolicyInfo, Severity, Skipped, Unknown,
};
use crate::fix;
use crate::inventory::{Harvest, Others, Source, Stage};
use crate::kinds;
use crate::manifest::{self, Document, Format, LineColumns, LineIndex, Problem, ProblemKind, Span};
use crate::packs::{Pack, Packs};
use crate::report::{Report, Summary};
use crate::select::{Choice, PackChoice};
use crate::walk::{Input, Walk, describe_io};

/// Why a run does not begin.
#[derive(Debug, Error)]
pub enum StartError {
    /// A module cannot be started.
    #[error("cannot start the pack `{pack}`: {error}")]
    Module {
        /// The pack.
        pack: String,
        /// What is wrong with its module.
        error: LoadError,
    },
    /// A module refuses its settings.
    #[error("the pack `{pack}` refuses its settings")]
    Settings {
        /// The pack.
        pack: String,
        /// What it says, at least one.
        problems: Vec<SettingsProblem>,
    },
    /// A module fails when it reads its settings.
    #[error("the pack `{pack}` cannot read its settings: {error}")]
    Configure {
        /// The pack.
        pack: String,
        /// How it ended.
        error: EvaluateError,
    },
}

/// How a run is done.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Threads; at least one is used, and never more than there are files.
    pub jobs: usize,
    /// Findings below are left out.
    pub min_severity: Severity,
    /// What policies are told besides the document.
    pub context: Context,
    /// Which policies run; the default is what the modules say.
    pub choice: Choice,
}

/// Reads and judges what a walk found.
///
/// # Errors
///
/// If a module that was loaded cannot be started or refuses its settings.
pub fn lint(walk: Walk, packs: &Packs, settings: &Settings) -> Result<Report, StartError> {
    let stopped: Vec<AtomicBool> = packs.packs.iter().map(|_| AtomicBool::new(false)).collect();
    let run = Run {
        inputs: &walk.inputs,
        packs,
        stopped: &stopped,
        settings,
    };
    let all: Vec<usize> = (0..walk.inputs.len()).collect();
    let parts = run.each_thread(&all, |next| run.first_pass(next));
    let mut report = Report {
        errors: walk.errors,
        unread: walk.unread,
        ..Report::default()
    };
    report.summary.policies = count_policies(packs, &settings.choice);
    let mut harvests: Vec<Harvest> = packs.packs.iter().map(|_| Harvest::default()).collect();
    for part in parts {
        let (part, gathered) = part?;
        add(&mut report, part);
        for (harvest, gathered) in harvests.iter_mut().zip(gathered) {
            harvest.add(gathered);
        }
    }
    if harvests.iter().any(|harvest| !harvest.targets.is_empty()) {
        // What was not read may hold what is asked for.
        let is_partial = !report.errors.is_empty() || !report.unread.is_empty();
        let known = Known::new(packs.packs.iter().zip(harvests), is_partial);
        let parts = run.each_thread(&known.targets, |next| run.second_pass(&known, next));
        for part in parts {
            add(&mut report, part?);
        }
    }
    sort(&mut report);
    Ok(report)
}

/// All that is known before the policies are judged that ask for objects.
struct Known {
    /// Of each pack what it may ask for, if it asks.
    inventories: Vec<Option<Arc<Inventory>>>,
    /// Where that is written.
    sources: Vec<Vec<Source>>,
    /// The inputs to judge, by number.
    targets: Vec<usize>,
}

impl Known {
    fn new<'p>(harvests: impl Iterator<Item = (&'p Pack, Harvest)>, is_partial: bool) -> Self {
        let mut known = Self {
            inventories: Vec::new(),
            sources: Vec::new(),
            targets: Vec::new(),
        };
        for (pack, mut harvest) in harvests {
            harvest.is_partial |= is_partial;
            known.targets.append(&mut harvest.targets);
            let asks = !known.targets.is_empty();
            let (inventory, sources) = harvest.finish(pack.module.n_asked());
            known.inventories.push(asks.then(|| Arc::new(inventory)));
            known.sources.push(sources);
        }
        known.targets.sort_unstable();
        known.targets.dedup();
        known
    }
}

/// A run over files.
#[derive(Clone, Copy)]
struct Run<'a> {
    inputs: &'a [Input],
    packs: &'a Packs,
    stopped: &'a [AtomicBool],
    settings: &'a Settings,
}

impl<'a> Run<'a> {
    /// Runs `work` in every thread, with what gives it one number of `inputs` after the other.
    fn each_thread<T: Send>(
        &self,
        inputs: &[usize],
        work: impl Fn(&mut dyn Iterator<Item = usize>) -> T + Sync,
    ) -> Vec<T> {
        let jobs = self.settings.jobs.clamp(1, inputs.len().max(1));
        let next = AtomicUsize::new(0);
        let work = || {
            let take = || inputs.get(next.fetch_add(1, Ordering::Relaxed)).copied();
            work(&mut std::iter::from_fn(take))
        };
        if jobs == 1 {
            vec![work()]
        } else {
            run_parallel(jobs, work)
        }
    }

    /// The packs at work in one thread.
    fn judges(&self) -> Result<Vec<Judge<'a>>, StartError> {
        let packs = self.packs.packs.iter().enumerate().zip(self.stopped);
        packs
            .map(|((nth, pack), stopped)| {
                let chosen = self.settings.choice.packs.get(nth);
                Judge::start(pack, chosen.cloned().unwrap_or_default(), stopped)
            })
            .collect()
    }

    /// Reads files; judges all but the policies that ask for objects, which are gathered.
    fn first_pass(
        &self,
        next: &mut dyn Iterator<Item = usize>,
    ) -> Result<(Report, Vec<Harvest>), StartError> {
        let mut judges = self.judges()?;
        let mut report = Report::default();
        for number in next {
            if let Some(input) = self.inputs.get(number) {
                lint_input((number, input), &mut judges, self.settings, &mut report);
            }
        }
        Ok((
            report,
            judges.into_iter().map(|judge| judge.harvest).collect(),
        ))
    }

    /// Judges the policies that ask for objects.
    fn second_pass(
        &self,
        known: &Known,
        next: &mut dyn Iterator<Item = usize>,
    ) -> Result<Report, StartError> {
        let mut judges = self.judges()?;
        let mut others = Others::new(self.inputs, &known.sources);
        let mut report = Report::default();
        let Some(ready) = inform(&mut judges, known, &mut report, self.inputs) else {
            return Ok(report);
        };
        for number in next {
            let Some(input) = self.inputs.get(number) else {
                continue;
            };
            // A file that cannot be read is reported by the first pass, or it has gone since.
            if let Ok(bytes) = read_input(input) {
                let name = input.name();
                judge_later(
                    name,
                    &bytes,
                    &mut judges,
                    &ready,
                    &mut others,
                    self.settings,
                    &mut report,
                );
            }
        }
        Ok(report)
    }
}

/// Reads and judges one text that is at hand.
#[must_use]
pub fn lint_text(
    name: &Arc<str>,
    bytes: &[u8],
    judges: &mut [Judge<'_>],
    settings: &Settings,
) -> Report {
    let input = Input::Text {
        name: Arc::clone(name),
        bytes: Arc::from(bytes),
    };
    lint_among(&[input], 0, judges, settings)
}

/// Reads and judges one of several texts that are at hand; policies that ask for objects find those of all of them.
#[must_use]
pub fn lint_among(
    inputs: &[Input],
    judged: usize,
    judges: &mut [Judge<'_>],
    settings: &Settings,
) -> Report {
    let mut report = Report::default();
    for judge in &mut *judges {
        judge.harvest = Harvest::default();
    }
    let asks = judges.iter().any(|judge| judge.stage.is_some());
    for (number, input) in inputs.iter().enumerate() {
        if number == judged {
            lint_input((number, input), judges, settings, &mut report);
        } else if asks && let Ok(bytes) = read_input(input) {
            let read = manifest::read(&bytes, Format::of_name(input.name()));
            for document in read.documents.iter().filter(|document| is_object(document)) {
                gather(number, document, judges);
            }
        }
    }
    if asks && let Some(input) = inputs.get(judged) {
        let packs: Vec<&Pack> = judges.iter().map(|judge| judge.pack).collect();
        let harvests = judges
            .iter_mut()
            .map(|judge| std::mem::take(&mut judge.harvest));
        let known = Known::new(packs.into_iter().zip(harvests), !report.errors.is_empty());
        let mut others = Others::new(inputs, &known.sources);
        if let Some(ready) = inform(judges, &known, &mut report, inputs)
            && let Ok(bytes) = read_input(input)
        {
            let name = input.name();
            judge_later(
                name,
                &bytes,
                judges,
                &ready,
                &mut others,
                settings,
                &mut report,
            );
        }
    }
    sort(&mut report);
    report
}

fn count_policies(packs: &Packs, choice: &Choice) -> usize {
    let defaults = |pack: &Pack| {
        pack.policies
            .iter()
            .filter(|policy| policy.on_by_default)
            .count()
    };
    let packs = packs.packs.iter().enumerate();
    packs
        .map(|(nth, pack)| match choice.packs.get(nth) {
            Some(chosen) => chosen.n_policies,
            None => defaults(pack),
        })
        .sum()
}

fn run_parallel<T: Send>(jobs: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    match rayon::ThreadPoolBuilder::new().num_threads(jobs).build() {
        Ok(pool) => pool.broadcast(|_| work()),
        // No threads to be had: one is enough.
        Err(_) => vec![work()],
    }
}

/// A pack at work in one thread.
#[derive(Debug)]
pub struct Judge<'a> {
    pack: &'a Pack,
    instance: Instance,
    selection: Selection,
    /// If some of its policies ask for objects: what is judged when.
    stage: Option<Stage>,
    /// What was gathered for them.
    harvest: Harvest,
    /// In some thread it ran past its deadline. It would do so again on every other object, and the run would never end.
    stopped: &'a AtomicBool,
}

impl<'a> Judge<'a> {
    /// A pack that judges what was chosen of it. `stopped` says, for all threads, that it ran past its deadline.
    ///
    /// # Errors
    ///
    /// If its module cannot be started or refuses its settings.
    pub fn start(
        pack: &'a Pack,
        chosen: PackChoice,
        stopped: &'a AtomicBool,
    ) -> Result<Self, StartError> {
        let name = || pack.module.pack().to_owned();
        let instance = pack.module.instantiate();
        let mut instance = instance.map_err(|error| StartError::Module {
            pack: name(),
            error,
        })?;
        // Without settings a module has its defaults; what has none is known to be given or not to run.
        if let Some(settings) = &chosen.settings {
            instance
                .configure(settings)
                .map_err(|error| StartError::Configure {
                    pack: name(),
                    error,
                })?
                .map_err(|problems| StartError::Settings {
                    pack: name(),
                    problems,
                })?;
        }
        let stage = Stage::of(pack, &chosen);
        Ok(Self {
            pack,
            instance,
            selection: match &stage {
                Some(stage) => stage.now.clone(),
                None => chosen.selection,
            },
            stage,
            harvest: Harvest::default(),
            stopped,
        })
    }
}

fn lint_input(
    (number, input): (usize, &Input),
    judges: &mut [Judge<'_>],
    settings: &Settings,
    report: &mut Report,
) {
    let name = input.name();
    let bytes = match read_input(input) {
        Ok(bytes) => bytes,
        Err(message) => {
            report.errors.push(FileError {
                file: Arc::clone(name),
                at: None,
                message,
            });
            return;
        }
    };
    lint_bytes((number, name), &bytes, judges, settings, report);
}

fn lint_bytes(
    (number, name): (usize, &Arc<str>),
    bytes: &[u8],
    judges: &mut [Judge<'_>],
    settings: &Settings,
    report: &mut Report,
) {
    let read = manifest::read(bytes, Format::of_name(name));
    let mut file = File::new(name, bytes, settings, report);
    file.report.summary.files += 1;
    for document in &read.documents {
        if is_object(document) {
            file.report.summary.documents += 1;
            file.judge(document, judges);
            gather(number, document, judges);
        }
    }
    file.add_problems(&read);
    file.finish();
}

/// All objects of a walk that the policies of a module may ask for.
#[must_use]
pub fn gather_all(walk: &Walk, instance: &mut Instance) -> Inventory {
    let mut harvest = Harvest {
        is_partial: !walk.errors.is_empty() || !walk.unread.is_empty(),
        ..Harvest::default()
    };
    for (number, input) in walk.inputs.iter().enumerate() {
        let Ok(bytes) = read_input(input) else {
            harvest.is_partial = true;
            continue;
        };
        let read = manifest::read(&bytes, Format::of_name(input.name()));
        harvest.is_partial |= read.problems.iter().any(Problem::is_error);
        for document in read.documents.iter().filter(|document| is_object(document)) {
            harvest.gather(number, document, instance, u32::MAX);
        }
    }
    let n_asked = instance.module().n_asked();
    harvest.finish(n_asked).0
}

/// Gathers an object for the packs that ask for it.
fn gather(number: usize, document: &Document, judges: &mut [Judge<'_>]) {
    for judge in judges {
        let Some(stage) = &judge.stage else { continue };
        let harvest = &mut judge.harvest;
        harvest.gather(number, document, &mut judge.instance, stage.asks);
        if judge.instance.judges(&document.tape) && harvest.targets.last() != Some(&number) {
            harvest.targets.push(number);
        }
    }
}

/// Tells the packs of all objects that they ask for: which of them can go on. Nothing if none can.
fn inform(
    judges: &mut [Judge<'_>],
    known: &Known,
    report: &mut Report,
    inputs: &[Input],
) -> Option<Vec<bool>> {
    let mut ready = Vec::new();
    for (judge, inventory) in judges.iter_mut().zip(&known.inventories) {
        let told = match inventory {
            Some(inventory) if judge.stage.is_some() => {
                judge.instance.set_inventory(Arc::clone(inventory))
            }
            Some(_) | None => {
                ready.push(false);
                continue;
            }
        };
        if let Err(error) = &told
            && !judge.stopped.swap(true, Ordering::Relaxed)
        {
            report.failures.push(FileError {
                file: inputs
                    .first()
                    .map_or_else(|| Arc::from(""), |input| Arc::clone(input.name())),
                at: None,
                message: format!("pack `{}`: {error}", judge.pack.module.pack()),
            });
        }
        ready.push(told.is_ok());
    }
    ready.contains(&true).then_some(ready)
}

/// Judges the policies that ask for objects, of the packs that are ready.
fn judge_later(
    name: &Arc<str>,
    bytes: &[u8],
    judges: &mut [Judge<'_>],
    ready: &[bool],
    others: &mut Others<'_>,
    settings: &Settings,
    report: &mut Report,
) {
    let read = manifest::read(bytes, Format::of_name(name));
    let mut file = File::new(name, bytes, settings, report);
    for document in read.documents.iter().filter(|document| is_object(document)) {
        let mut object = None;
        for (nth, judge) in judges.iter_mut().enumerate() {
            let Some(stage) = &judge.stage else { continue };
            let is_ready = ready.get(nth) == Some(&true);
            if !is_ready || judge.stopped.load(Ordering::Relaxed) {
                continue;
            }
            let context = &settings.context;
            let outcome = (judge.instance).evaluate(&document.tape, context, &stage.later);
            match outcome {
                Ok(outcome) => {
                    let others = Some((nth, &mut *others));
                    file.add_outcome((document, &mut object), judge.pack, outcome, others);
                }
                Err(error) => file.fail(&error, judge),
            }
        }
    }
    file.finish();
}

/// True for a document that says that it is an object of Kubernetes; others (values, settings of tools) are passed over.
/// What it says may be of the wrong shape: that is a finding, no reason to look away.
#[must_use]
pub fn is_object(document: &Document) -> bool {
    let says = |key| {
        let member = document.tape.member(NodeId::ROOT, key);
        member.is_some_and(|node| document.tape.kind(node) != Kind::Null)
    };
    says("apiVersion") && says("kind")
}

/// The bytes of an input, or why there are none.
pub(crate) fn read_input(input: &Input) -> Result<Cow<'_, [u8]>, String> {
    use std::io::Read;
    const MOST: u64 = manifest::MAX_BYTES as u64;
    let path = match input {
        Input::Text { bytes, .. } => return Ok(Cow::Borrowed(bytes)),
        Input::File { path, .. } => path,
    };
    let fail = |error: std::io::Error| describe_io(&error);
    let file = std::fs::File::open(path).map_err(fail)?;
    let meta = file.metadata().map_err(fail)?;
    if meta.is_file() && meta.len() > MOST {
        return Err(format!("longer than {} MiB", MOST >> 20));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    // One byte more than is read, so that the reader says that the file is too long.
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(fail)?;
    Ok(Cow::Owned(bytes))
}

/// A file while it is being judged.
struct File<'a> {
    name: &'a Arc<str>,
    text: Cow<'a, str>,
    /// Made when the first line number is asked for.
    lines: Option<LineIndex>,
    settings: &'a Settings,
    report: &'a mut Report,
    /// Something points into the text.
    has_output: bool,
}

impl<'a> File<'a> {
    fn new(
        name: &'a Arc<str>,
        bytes: &'a [u8],
        settings: &'a Settings,
        report: &'a mut Report,
    ) -> Self {
        Self {
            name,
            text: String::from_utf8_lossy(bytes),
            lines: None,
            settings,
            report,
            has_output: false,
        }
    }

    /// Keeps the text for the report if something points into it.
    fn finish(self) {
        if self.has_output {
            let text = Arc::from(&*self.text);
            self.report.sources.insert(Arc::clone(self.name), text);
        }
    }

    fn judge(&mut self, document: &Document, judges: &mut [Judge<'_>]) {
        let mut object = None;
        for judge in judges {
            if judge.stopped.load(Ordering::Relaxed) {
                continue;
            }
            let context = &self.settings.context;
            let outcome = (judge.instance).evaluate(&document.tape, context, &judge.selection);
            match outcome {
                Ok(outcome) => {
                    self.add_outcome((document, &mut object), judge.pack, outcome, None);
                }
                Err(error) => self.fail(&error, judge),
            }
        }
    }

    fn add_outcome(
        &mut self,
        (document, object): (&Document, &mut Option<Arc<ObjectName>>),
        pack: &Pack,
        outcome: palisade_wasm::host::Outcome,
        mut others: Option<(usize, &mut Others<'_>)>,
    ) {
        if outcome.truncated {
            self.fail_with("the results outgrew 1 MiB; the rest was dropped".to_owned());
        }
        let mut exhausted = None;
        for result in outcome.findings {
            let Some(policy) = pack.policies.get(result.policy as usize) else {
                continue;
            };
            let object = Arc::clone(object.get_or_insert_with(|| Arc::new(name_object(document))));
            match result.status {
                Status::Finding => {
                    let severity = Severity::from_number(result.severity);
                    if severity >= self.settings.min_severity {
                        let elsewhere = self.elsewhere(&result.elsewhere, &mut others);
                        let mut finding = self.finding(document, policy, object, severity, result);
                        finding.related.extend(elsewhere);
                        self.report.findings.push(finding);
                    }
                }
                Status::Unknown => {
                    let reason = result.reason.map_or("unknown", reason_word);
                    if result.reason == Some(Reason::Budget) {
                        exhausted.get_or_insert_with(|| Arc::clone(policy));
                    }
                    let place = self.place(document, &result.place);
                    self.report.unknown.push(Unknown {
                        policy: Arc::clone(policy),
                        check: result.check,
                        reason,
                        file: Arc::clone(self.name),
                        document: document.index,
                        item: document.item,
                        object,
                        place,
                    });
                }
                Status::Error => {
                    let name = &policy.name;
                    self.fail_with(format!("policy `{name}` failed on {object}"));
                }
                Status::NotApplicable => self.report.skipped.push(Skipped {
                    policy: Arc::clone(policy),
                    reason: "it judges requests to the API server, and a file is none",
                }),
            }
        }
        if outcome.out_of_steps {
            let name = exhausted.map_or_else(String::new, |policy| format!(" `{}`", policy.name));
            let object = name_object(document);
            self.fail_with(format!("policy{name} ran out of its steps on {object}"));
        }
    }

    fn finding(
        &mut self,
        document: &Document,
        policy: &Arc<PolicyInfo>,
        object: Arc<ObjectName>,
        severity: Severity,
        result: palisade_wasm::host::Finding,
    ) -> Finding {
        let place = self.place(document, &result.place);
        let mut related: Vec<Place> = result
            .related
            .iter()
            .map(|place| self.place(document, place))
            .collect();
        // A value read through an alias is written elsewhere, where it would have to be changed.
        if let Some(span) = document.anchored_span(result.place.node) {
            related.push(Place {
                path: place.path.clone(),
                missing: Vec::new(),
                span,
                lines: self.lines_of(span),
                other: None,
            });
        }
        let fixes = if result.fixes.is_empty() {
            Vec::new()
        } else {
            let format = Format::of_name(self.name);
            fix::collect(document, &self.text, format, &result.fixes)
        };
        Finding {
            policy: Arc::clone(policy),
            check: result.check,
            severity,
            message: result.message,
            file: Arc::clone(self.name),
            document: document.index,
            item: document.item,
            object,
            place,
            related,
            fixes,
        }
    }

    /// Places in other objects, of this file or of others.
    fn elsewhere(
        &mut self,
        places: &[Elsewhere],
        others: &mut Option<(usize, &mut Others<'_>)>,
    ) -> Vec<Place> {
        let Some((pack, others)) = others else {
            return Vec::new();
        };
        let found = places
            .iter()
            .filter_map(|elsewhere| others.place(*pack, elsewhere));
        let found: Vec<Place> = found.collect();
        let is_here = |place: &Place| {
            let other = place.other.as_ref();
            other.is_some_and(|other| other.file == *self.name)
        };
        self.has_output |= found.iter().any(is_here);
        found
    }

    fn place(&mut self, document: &Document, place: &palisade_abi::place::Place) -> Place {
        let span = document.place_span(&self.text, place);
        Place {
            path: document.path_of(place),
            missing: place.missing.clone(),
            span,
            lines: self.lines_of(span),
            other: None,
        }
    }

    fn lines_of(&mut self, span: Span) -> LineColumns {
        self.has_output = true;
        self.lines
            .get_or_insert_with(|| LineIndex::new(&self.text))
            .line_columns(&self.text, span)
    }

    fn add_problems(&mut self, read: &manifest::Read) {
        for document in &read.documents {
            if is_object(document) {
                let problems = manifest::find_object_problems(document).into_iter();
                for problem in problems.chain(kinds::find_misplaced_kind(document)) {
                    self.add_builtin(Some(document), &problem);
                }
            }
        }
        for problem in &read.problems {
            if problem.is_error() {
                let lines = self.lines_of(problem.span);
                self.report.errors.push(FileError {
                    file: Arc::clone(self.name),
                    at: Some((problem.span, lines)),
                    message: problem.message.clone(),
                });
                continue;
            }
            let holder = read
                .documents
                .iter()
                .find(|document| builtin::holds(document, problem.span));
            // Keys of what is no object are nobody's business here; a list around objects is.
            let has_objects = || read.documents.iter().any(is_object);
            if holder.map_or_else(has_objects, is_object) {
                self.add_builtin(holder, problem);
            }
        }
    }

    /// A finding of the reader's own: what is wrong with the text of an object, whatever the policies.
    fn add_builtin(&mut self, document: Option<&Document>, problem: &Problem) {
        let (policy, severity) = match problem.kind {
            ProblemKind::DuplicateKey => builtin::duplicate_key(),
            ProblemKind::Syntax | ProblemKind::Limit | ProblemKind::Object => {
                builtin::malformed_object()
            }
        };
        let is_silent = self.settings.choice.silent.contains(policy.name.as_str());
        if severity < self.settings.min_severity || is_silent {
            return;
        }
        let path = document.map_or_else(String::new, |document| {
            builtin::path_at(document, problem.span)
        });
        let related = problem.related.map(|span| Place {
            path: path.clone(),
            missing: Vec::new(),
            span,
            lines: self.lines_of(span),
            other: None,
        });
        let lines = self.lines_of(problem.span);
        self.report.findings.push(Finding {
            policy,
            check: 0,
            severity,
            message: problem.message.clone(),
            file: Arc::clone(self.name),
            document: document.map_or(0, |document| document.index),
            item: document.and_then(|document| document.item),
            object: Arc::new(document.map(name_object).unwrap_or_default()),
            place: Place {
                path,
                missing: Vec::new(),
                span: problem.span,
                lines,
                other: None,
            },
            related: related.into_iter().collect(),
            fixes: Vec::new(),
        });
    }

    fn fail(&mut self, error: &EvaluateError, judge: &Judge<'_>) {
        if error.cause != Cause::Deadline {
            self.fail_with(error.to_string());
        } else if !judge.stopped.swap(true, Ordering::Relaxed) {
            let pack = judge.pack.module.pack();
            self.fail_with(format!(
                "{error}; the pack `{pack}` was stopped and did not judge what came after"
            ));
        }
    }

    fn fail_with(&mut self, message: String) {
        self.report.failures.push(FileError {
            file: Arc::clone(self.name),
            at: None,
            message,
        });
    }
}

pub(crate) fn name_object(document: &Document) -> ObjectName {
    let identity = document.identity();
    ObjectName {
        api_version: identity.api_version.unwrap_or_default().to_owned(),
        kind: identity.kind.unwrap_or_default().to_owned(),
        namespace: identity.namespace.map(str::to_owned),
        name: identity.name.map(str::to_owned),
    }
}

fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::Shape => "shape",
        Reason::Missing => "missing",
        Reason::Template => "template",
        Reason::Inventory => "inventory",
        Reason::Budget => "budget",
        Reason::Value => "value",
    }
}

fn add(report: &mut Report, part: Report) {
    let Report {
        summary,
        findings,
        unknown,
        errors,
        failures,
        skipped,
        unread,
        sources,
    } = part;
    let Summary {
        files, documents, ..
    } = summary;
    report.summary.files += files;
    report.summary.documents += documents;
    report.findings.extend(findings);
    report.unknown.extend(unknown);
    report.errors.extend(errors);
    report.failures.extend(failures);
    report.skipped.extend(skipped);
    report.unread.extend(unread);
    report.sources.extend(sources);
}

fn sort(report: &mut Report) {
    report.findings.sort_by(Finding::order);
    report.unknown.sort_by(Unknown::order);
    report.errors.sort_by(FileError::order);
    report.failures.sort_by(FileError::order);
    // Once for each policy, not for each object.
    report.skipped.sort_by(Skipped::order);
    report.skipped.dedup();
}
