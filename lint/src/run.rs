//! Linting: files are read and judged in parallel, each thread with instances of its own; what comes out is sorted, so
//! that threads do not show.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use palisade_abi::tape::{Kind, NodeId};
use palisade_lang::program::{ContextPart, FileFormat, FileKind, SecretFields};
use palisade_wasm::host::{
    self, Cause, Context, Elsewhere, EvaluateError, Instance, Inventory, LoadError, Reason,
    Selection, SettingsProblem, Status,
};
use serde_json::{Value, json};
use thiserror::Error;

use crate::builtin;
use crate::clusters::{Clusters, Groups, Root};
use crate::exempt::{Entry, Exempt, Subject, image_around};
use crate::files::{self, Family, FileMatcher};
use crate::finding::{
    FileError, Finding, ObjectName, Place, PolicyInfo, Severity, Skipped, Suppressed, Unknown,
};
use crate::fix;
use crate::inventory::{Found, Harvest, Others, Source, Stage};
use crate::kinds;
use crate::manifest::{
    self, Document, Format, LineColumns, LineIndex, Problem, ProblemKind, Span, Tree,
};
use crate::packs::{Pack, Packs};
use crate::report::{Report, Summary};
use crate::secrets;
use crate::select::{Choice, PackChoice};
use crate::twins;
use crate::walk::{self, Input, Walk, describe_io};

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
    /// What they do not judge.
    pub exempt: Exempt,
    /// What all that is judged together is called: the folder.
    pub root: Arc<str>,
    /// The folders that are a cluster each.
    pub clusters: Clusters,
    /// Whether the report is to have the texts of the files that it points into: what shows or changes them needs them.
    pub keeps_texts: bool,
}

/// Reads and judges what a walk found.
///
/// # Errors
///
/// If a module that was loaded cannot be started or refuses its settings.
pub fn lint(walk: Walk, packs: &Packs, settings: &Settings) -> Result<Report, StartError> {
    let mut tasks = list_tasks(&walk.inputs, packs);
    let groups = Groups::of(&walk, &settings.clusters);
    let stopped: Vec<AtomicBool> = packs.packs.iter().map(|_| AtomicBool::new(false)).collect();
    let run = Run {
        packs,
        stopped: &stopped,
        settings,
        groups: &groups,
    };
    let all: Vec<usize> = (0..tasks.len()).collect();
    let parts = run.each_thread(&all, |next| run.first_pass(&tasks, next));
    let mut report = Report {
        errors: walk.errors,
        unread: walk.unread,
        ..Report::default()
    };
    report.summary.policies = count_policies(packs, &settings.choice);
    report.skipped = list_unfit(packs, &settings.choice);
    let mut harvests: Vec<Harvest> = packs.packs.iter().map(|_| Harvest::default()).collect();
    for part in parts {
        let (part, gathered) = part?;
        add(&mut report, part);
        for (harvest, gathered) in harvests.iter_mut().zip(gathered) {
            harvest.add(gathered);
        }
    }
    if harvests.iter().any(|harvest| harvest.asks) {
        // What was not read may hold what is asked for.
        let is_partial = !report.errors.is_empty() || !report.unread.is_empty();
        let harvests = packs.packs.iter().zip(harvests);
        let known = Known::new(harvests, (&groups.roots, &walk.inputs), is_partial);
        let judged = groups.judged();
        tasks.extend(judged.map(|(number, root)| Task::Inventory(number, &root.folder)));
        let is_target = |&number: &usize| match tasks.get(number) {
            Some(Task::File(input, _)) => known.targets.contains(input),
            Some(Task::Family(..) | Task::Inventory(..)) => true,
            None => false,
        };
        let mut again: Vec<usize> = (0..tasks.len()).filter(is_target).collect();
        again.sort_by_key(|&number| tasks.get(number).map_or(0, |task| task.group(&groups)));
        let inputs: Arc<[Input]> = Arc::from(walk.inputs.as_slice());
        let parts = run.each_thread(&again, |next| {
            run.second_pass(&tasks, &inputs, &known, next)
        });
        for part in parts {
            add_later(&mut report, part?);
        }
    }
    sort(&mut report);
    Ok(report)
}

/// The objects that a pack may ask for, and where each is written.
#[derive(Debug, Clone)]
struct Objects {
    inventory: Arc<Inventory>,
    sources: Arc<[Source]>,
}

/// All that is known before the policies are judged that ask for objects.
struct Known {
    /// Of each pack what it may ask for, if it asks, and where that is written, by number of the inventory.
    inventories: Vec<Option<Arc<[Objects]>>>,
    /// The inputs that are judged again, by number.
    targets: BTreeSet<usize>,
}

impl Known {
    fn new<'p>(
        harvests: impl Iterator<Item = (&'p Pack, Harvest)>,
        (roots, inputs): (&[Root], &[Input]),
        is_partial: bool,
    ) -> Self {
        let mut known = Self {
            inventories: Vec::new(),
            targets: BTreeSet::new(),
        };
        for (pack, mut harvest) in harvests {
            harvest.is_partial |= is_partial;
            known.targets.extend(std::mem::take(&mut harvest.targets));
            known.inventories.push(harvest.asks.then(|| {
                let each = harvest.finish_each(&pack.module, roots, inputs);
                let each = each.into_iter();
                let each = each.map(|(inventory, sources)| Objects {
                    inventory: Arc::new(inventory),
                    sources: Arc::from(sources),
                });
                each.collect()
            }));
        }
        known
    }
}

/// A run over files.
#[derive(Clone, Copy)]
struct Run<'a> {
    packs: &'a Packs,
    stopped: &'a [AtomicBool],
    settings: &'a Settings,
    groups: &'a Groups,
}

impl<'a> Run<'a> {
    /// Runs `work` in every thread, with what gives it one number of `tasks` after the other.
    fn each_thread<T: Send>(
        &self,
        tasks: &[usize],
        work: impl Fn(&mut dyn Iterator<Item = usize>) -> T + Sync,
    ) -> Vec<T> {
        let jobs = self.settings.jobs.clamp(1, tasks.len().max(1));
        let next = AtomicUsize::new(0);
        let work = || {
            let take = || tasks.get(next.fetch_add(1, Ordering::Relaxed)).copied();
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
                let judge = Judge::start(pack, chosen.cloned().unwrap_or_default(), stopped);
                judge.map(|mut judge| {
                    judge.harvest.groups = Arc::clone(&self.groups.of_inputs);
                    judge
                })
            })
            .collect()
    }

    /// Reads files; judges all but the policies that ask for objects, which are gathered.
    fn first_pass(
        &self,
        tasks: &[Task<'_>],
        next: &mut dyn Iterator<Item = usize>,
    ) -> Result<(Report, Vec<Harvest>), StartError> {
        let mut judges = self.judges()?;
        let mut report = Report::default();
        for task in next.filter_map(|number| tasks.get(number)) {
            task.run(&mut judges, self.settings, &mut report);
        }
        let harvests = judges.into_iter().map(|judge| judge.harvest);
        Ok((report, harvests.collect()))
    }

    /// Judges the policies that ask for objects.
    fn second_pass(
        &self,
        tasks: &[Task<'_>],
        inputs: &Arc<[Input]>,
        known: &Known,
        next: &mut dyn Iterator<Item = usize>,
    ) -> Result<Report, StartError> {
        let mut report = Report::default();
        let mut judges = await_objects(self.judges()?, known);
        let mut told = None;
        for task in next.filter_map(|number| tasks.get(number)) {
            let group = task.group(self.groups);
            if told.replace(group) != Some(group) {
                inform(&mut judges, inputs, group, &mut report);
            }
            task.run(&mut judges, self.settings, &mut report);
        }
        Ok(report)
    }
}

/// The packs that ask for objects, each with those of every inventory.
fn await_objects<'a>(judges: Vec<Judge<'a>>, known: &Known) -> Vec<Judge<'a>> {
    let each = judges.into_iter().zip(&known.inventories);
    each.filter_map(|(mut judge, objects)| {
        judge.selection = judge.stage.as_ref()?.later.clone();
        judge.inventories = Arc::clone(objects.as_ref()?);
        Some(judge)
    })
    .collect()
}

/// Tells packs of the objects of one inventory; those that cannot be told of them stop.
fn inform(judges: &mut Vec<Judge<'_>>, inputs: &Arc<[Input]>, group: u32, report: &mut Report) {
    judges.retain_mut(|judge| {
        let Some(objects) = judge.inventories.get(group as usize) else {
            return false;
        };
        let told = judge.instance.set_inventory(Arc::clone(&objects.inventory));
        judge.others = Some(Others::new(
            Arc::clone(inputs),
            Arc::clone(&objects.sources),
            judge.pack,
        ));
        let Err(error) = told else {
            return true;
        };
        if !judge.stopped.swap(true, Ordering::Relaxed) {
            let file = inputs.first().map(|input| Arc::clone(input.name()));
            report.failures.push(FileError {
                file: file.unwrap_or_else(|| Arc::from("")),
                at: None,
                message: format!("pack `{}`: {error}", judge.pack.module.pack()),
            });
        }
        false
    });
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
        judge.begin();
    }
    let Some(input) = inputs.get(judged) else {
        return report;
    };
    let Ok(bytes) = read_input(input) else {
        return report;
    };
    let given = Given {
        number: judged,
        name: input.name(),
        bytes: &bytes,
        is_named: true,
        families: Families::Alone,
    };
    lint_bytes(&given, judges, settings, &mut report);
    if judges.iter().any(|judge| judge.stage.is_some()) {
        for (number, other) in inputs.iter().enumerate() {
            if let (true, Ok(bytes)) = (number != judged, read_input(other)) {
                let read = manifest::read(&bytes, Format::of_name(other.name()));
                let text = String::from_utf8_lossy(&bytes);
                for document in read.documents.iter().filter(|document| is_object(document)) {
                    gather(number, (document, &text), judges);
                }
                for matcher in kinds_of(other.name(), judges) {
                    let read = files::read(&bytes, other.name(), &matcher.kind);
                    for document in files::own_documents(&read, &matcher.kind) {
                        gather_file(number, &matcher.kind, document, judges);
                    }
                }
            }
        }
        let mut later = Report::default();
        judge_later(
            inputs,
            &given,
            judges,
            settings,
            &mut later,
            !report.errors.is_empty(),
        );
        add_later(&mut report, later);
    }
    sort(&mut report);
    report
}

/// Judges the policies of a file that ask for objects, of which all were gathered.
fn judge_later(
    inputs: &[Input],
    given: &Given<'_>,
    judges: &mut [Judge<'_>],
    settings: &Settings,
    report: &mut Report,
    is_partial: bool,
) {
    for judge in judges {
        let Some(stage) = judge.stage.clone() else {
            continue;
        };
        let mut harvest = std::mem::take(&mut judge.harvest);
        harvest.is_partial |= is_partial;
        // What is found of all files together stands in the first of them.
        let root = inputs.first().map_or(given.name, Input::name);
        let (inventory, sources) = harvest.finish(&judge.pack.module, &Root::of(root), inputs);
        if let Err(error) = judge.instance.set_inventory(Arc::new(inventory)) {
            report.failures.push(FileError {
                file: Arc::clone(given.name),
                at: None,
                message: error.to_string(),
            });
            continue;
        }
        judge.selection = stage.later;
        judge.others = Some(Others::new(
            Arc::from(inputs),
            Arc::from(sources),
            judge.pack,
        ));
        lint_bytes(given, std::slice::from_mut(judge), settings, report);
        // What stands in this file may be found on the way from others.
        if judge.pack.module.knows(ContextPart::Source.key()) {
            for (number, other) in inputs.iter().enumerate() {
                let Ok(bytes) = read_input(other) else {
                    continue;
                };
                if number == given.number {
                    continue;
                }
                let mut beside = Report::default();
                let from = Given {
                    number,
                    name: other.name(),
                    bytes: &bytes,
                    is_named: false,
                    ..*given
                };
                lint_bytes(&from, std::slice::from_mut(judge), settings, &mut beside);
                beside.findings.retain(|found| found.file == *given.name);
                beside.unknown.retain(|found| found.file == *given.name);
                report.findings.append(&mut beside.findings);
                report.unknown.append(&mut beside.unknown);
            }
            report.findings.retain(|found| found.file == *given.name);
            report.unknown.retain(|found| found.file == *given.name);
        }
        let mut whole = Report::default();
        judge_inventory(root, std::slice::from_mut(judge), settings, &mut whole);
        whole.findings.retain(|found| found.file == *given.name);
        whole.unknown.retain(|found| found.file == *given.name);
        add_later(report, whole);
    }
}

/// All objects of a walk that the policies of a module may ask for.
#[must_use]
pub fn gather_all(walk: &Walk, pack: &Pack, instance: &mut Instance) -> Inventory {
    let mut harvest = Harvest {
        is_partial: !walk.errors.is_empty() || !walk.unread.is_empty(),
        wants_sources: pack.module.asks_for_sources(),
        ..Harvest::default()
    };
    for (number, input) in walk.inputs.iter().enumerate() {
        let Ok(bytes) = read_input(input) else {
            harvest.is_partial = true;
            continue;
        };
        let read = manifest::read(&bytes, Format::of_name(input.name()));
        harvest.is_partial |= read.problems.iter().any(Problem::is_error);
        let text = String::from_utf8_lossy(&bytes);
        for document in read.documents.iter().filter(|document| is_object(document)) {
            harvest.gather(number, (document, &text), instance, u32::MAX);
        }
        let kinds = pack.files.iter().map(|matcher| &matcher.kind);
        for (nth, kind) in (kinds.enumerate()).filter(|(nth, _)| pack.is_of(*nth, input.name())) {
            let read = files::read(&bytes, input.name(), kind);
            for document in files::own_documents(&read, kind) {
                harvest.gather_file(number, document, (nth, &kind.name), instance, u32::MAX);
            }
        }
    }
    let module = instance.module().clone();
    harvest
        .finish(&module, &Root::of(&walk.root), &walk.inputs)
        .0
}

/// All objects of a walk as JSON, in document order.
///
/// # Errors
///
/// The first file that cannot be read, and why: something may be in it.
pub fn print_all(walk: &Walk) -> Result<Vec<String>, FileError> {
    if let Some(error) = walk.errors.first() {
        return Err(error.clone());
    }
    let mut all = Vec::new();
    for input in &walk.inputs {
        let fail = |message| FileError {
            file: Arc::clone(input.name()),
            at: None,
            message,
        };
        let bytes = read_input(input).map_err(fail)?;
        let read = manifest::read(&bytes, Format::of_name(input.name()));
        if let Some(problem) = read.problems.iter().find(|problem| problem.is_error()) {
            return Err(fail(problem.message.clone()));
        }
        let objects = read.documents.iter().filter(|document| is_object(document));
        all.extend(objects.map(|object| manifest::print(object, manifest::Layout::Compact)));
    }
    Ok(all)
}

/// Gathers an object for the packs that ask for it.
fn gather(number: usize, (document, text): (&Document, &str), judges: &mut [Judge<'_>]) {
    for judge in judges {
        if let (Some(stage), None) = (&judge.stage, &judge.others) {
            let instance = &mut judge.instance;
            (judge.harvest).gather(number, (document, text), instance, stage.asks);
            if judge.instance.judges(&document.tape) {
                judge.harvest.targets.insert(number);
            }
        }
    }
}

/// Gathers a file of a kind for the packs that ask for it.
fn gather_file(number: usize, kind: &FileKind, document: &Document, judges: &mut [Judge<'_>]) {
    for judge in judges {
        let mut files = judge.pack.files.iter();
        if let (Some(stage), None, Some(nth)) = (
            &judge.stage,
            &judge.others,
            files.position(|matcher| matcher.kind == *kind),
        ) {
            let named = (nth, kind.name.as_str());
            let instance = &mut judge.instance;
            (judge.harvest).gather_file(number, document, named, instance, stage.asks);
        }
    }
}

/// Why policies on requests are passed over.
const NO_REQUEST: &str = "it judges requests to the API server, and a file is none";

/// Why policies on changes are passed over.
const NO_CHANGE: &str = "it judges changes, deletions or connections, and a file is none";

/// The policies that would run, but judge nothing that a file can be.
fn list_unfit(packs: &Packs, choice: &Choice) -> Vec<Skipped> {
    let mut unfit = Vec::new();
    for (nth, pack) in packs.packs.iter().enumerate() {
        let selection = choice.packs.get(nth).map(|chosen| &chosen.selection);
        for (number, policy) in (0..).zip(&pack.policies) {
            let runs = selection.and_then(|selection| selection.runs(number));
            if runs.unwrap_or(policy.on_by_default) && !policy.judges_files {
                unfit.push(Skipped {
                    policy: Arc::clone(policy),
                    reason: NO_CHANGE,
                });
            }
        }
    }
    unfit
}

/// Something that one thread does alone.
#[derive(Debug)]
enum Task<'a> {
    /// Judges all objects as a whole, once they are known: the number of the inventory, and what it is called.
    Inventory(u32, &'a Arc<str>),
    /// Reads and judges a file, the input of that number.
    File(usize, &'a Input),
    /// Reads and judges files that are one object.
    Family(&'a FileMatcher, Vec<(usize, &'a Input)>),
}

/// Every file, and the families among them.
fn list_tasks<'a>(inputs: &'a [Input], packs: &'a Packs) -> Vec<Task<'a>> {
    let mut tasks: Vec<Task<'a>> = (inputs.iter().enumerate())
        .map(|(number, input)| Task::File(number, input))
        .collect();
    let mut known: Vec<&FileKind> = Vec::new();
    let names: Vec<Arc<str>> = inputs
        .iter()
        .map(|input| Arc::clone(input.name()))
        .collect();
    for matcher in packs.packs.iter().flat_map(|pack| &pack.files) {
        if matcher.kind.merged.is_none() || known.contains(&&matcher.kind) {
            continue;
        }
        known.push(&matcher.kind);
        for family in Family::find(matcher, &names) {
            let members = family.members.iter();
            let members = members.filter_map(|&nth| Some((nth, inputs.get(nth)?)));
            tasks.push(Task::Family(matcher, members.collect()));
        }
    }
    tasks
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

impl Task<'_> {
    /// The number of the inventory that it is of.
    fn group(&self, groups: &Groups) -> u32 {
        match self {
            Task::Inventory(group, _) => *group,
            Task::File(input, _) => groups.number(*input),
            Task::Family(_, inputs) => inputs.first().map_or(0, |(input, _)| groups.number(*input)),
        }
    }

    fn run(&self, judges: &mut [Judge<'_>], settings: &Settings, report: &mut Report) {
        match self {
            Task::Inventory(_, root) => judge_inventory(root, judges, settings, report),
            Task::File(number, input) => lint_input((*number, input), judges, settings, report),
            Task::Family(matcher, inputs) => lint_family(matcher, inputs, judges, settings, report),
        }
    }
}

/// A pack at work in one thread.
#[derive(Debug)]
pub struct Judge<'a> {
    pack: &'a Pack,
    instance: Instance,
    /// What is judged: at first all that asks for no objects, then what does.
    selection: Selection,
    /// If some of its policies ask for objects: what is judged when.
    stage: Option<Stage>,
    /// What was gathered for them.
    harvest: Harvest,
    /// Once all is gathered: the objects of each inventory, by number.
    inventories: Arc<[Objects]>,
    /// Once it is told of them: where they are written.
    others: Option<Others>,
    /// Its policies may ask where what they judge is written.
    reads_source: bool,
    /// Its policies may ask what all that is judged together is called.
    reads_inventory: bool,
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
        let mut judge = Self {
            pack,
            reads_source: pack.module.knows(ContextPart::Source.key()),
            reads_inventory: pack.module.knows(ContextPart::Inventory.key()),
            instance,
            selection: chosen.selection,
            stage,
            harvest: Harvest::default(),
            inventories: Arc::from([]),
            others: None,
            stopped,
        };
        judge.begin();
        Ok(judge)
    }

    /// Begins with the policies that ask for no objects.
    fn begin(&mut self) {
        self.others = None;
        if let Some(stage) = &self.stage {
            self.selection = stage.now.clone();
            self.harvest = Harvest {
                asks: true,
                wants_sources: self.pack.module.asks_for_sources(),
                ..Harvest::default()
            };
        }
    }
}

/// Judges all objects as a whole, by the policies that are on the inventory.
fn judge_inventory(
    root: &Arc<str>,
    judges: &mut [Judge<'_>],
    settings: &Settings,
    report: &mut Report,
) {
    let packs = judges.iter().map(|judge| judge.pack);
    let declared: Vec<&SecretFields> = packs.flat_map(|pack| &pack.secrets).collect();
    for judge in judges {
        let Some(all) = judge.stage.as_ref().map(|stage| stage.all.clone()) else {
            continue;
        };
        if judge.stopped.load(Ordering::Relaxed) || !judge.instance.judges_inventory() {
            continue;
        }
        let mut file = File::new(root, Cow::Borrowed(""), settings, report);
        match (judge.instance).evaluate_inventory(&settings.context, &all) {
            Ok(outcome) => file.add_inventory_outcome(judge, &declared, outcome),
            Err(error) => file.fail(&error, judge),
        }
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
    let given = Given {
        number,
        name,
        bytes: &bytes,
        is_named: input.is_named(),
        families: Families::Together,
    };
    lint_bytes(&given, judges, settings, report);
}

/// A file at hand.
#[derive(Debug, Clone, Copy)]
struct Given<'a> {
    /// The number of the input.
    number: usize,
    name: &'a Arc<str>,
    bytes: &'a [u8],
    /// It is to be read whatever it is called.
    is_named: bool,
    families: Families,
}

/// How files of a family are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Families {
    /// With the others, elsewhere.
    Together,
    /// Each file alone.
    Alone,
}

/// The kinds that a file is of, each once.
fn kinds_of<'a>(name: &str, judges: &[Judge<'a>]) -> Vec<&'a FileMatcher> {
    let mut kinds: Vec<&FileMatcher> = Vec::new();
    for matcher in judges.iter().flat_map(|judge| &judge.pack.files) {
        if matcher.is_match(name) && kinds.iter().all(|known| known.kind != matcher.kind) {
            kinds.push(matcher);
        }
    }
    kinds
}

fn lint_bytes(
    given: &Given<'_>,
    judges: &mut [Judge<'_>],
    settings: &Settings,
    report: &mut Report,
) {
    let &Given { name, bytes, .. } = given;
    let kinds = kinds_of(name, judges);
    let mut file = File::new(name, String::from_utf8_lossy(bytes), settings, report);
    file.is_again = judges.iter().any(|judge| judge.others.is_some());
    file.report.summary.files += 1;
    let is_here = |kind: &&FileKind| kind.merged.is_none() || given.families == Families::Alone;
    let is_manifest = walk::is_manifest_name(name);
    let is_declared = kinds.iter().any(|matcher| !matcher.is_any_file());
    let mut structured = kinds.iter().map(|matcher| &matcher.kind);
    let structured: Vec<&FileKind> = structured.by_ref().filter(is_structured).collect();
    let format = match structured.first() {
        Some(kind) if !is_manifest => Some(format_of(kind)),
        Some(_) => Some(Format::of_name(name)),
        None if is_manifest || given.is_named && !is_declared => Some(Format::of_name(name)),
        None => None,
    };
    if let Some(format) = format {
        let read = manifest::read(bytes, format);
        for document in &read.documents {
            if is_object(document) {
                file.report.summary.documents += 1;
                file.judge(document, judges);
                gather(given.number, (document, &file.text), judges);
                continue;
            }
            for kind in structured.iter().copied().filter(is_here) {
                let is_yaml = kind.format == FileFormat::Yaml;
                let restored = is_yaml.then(|| files::keys::as_written(document, &file.text));
                let restored = restored.flatten();
                let document = restored.as_ref().unwrap_or(document);
                if file.judge_as(kind, document, judges) {
                    gather_file(given.number, kind, document, judges);
                    note_target(given.number, judges);
                }
            }
        }
        file.add_problems(&read, !structured.is_empty());
    }
    for matcher in kinds {
        let kind = &matcher.kind;
        if is_structured(&kind) || !is_here(&kind) {
            continue;
        }
        let read = files::read(bytes, name, kind);
        for document in &read.documents {
            if file.judge_as(kind, document, judges) {
                gather_file(given.number, kind, document, judges);
                note_target(given.number, judges);
            }
        }
        // Files that are no text are nobody's business where every text file is asked for.
        if !matcher.is_any_file() {
            file.add_problems(&read, true);
        }
    }
    file.finish();
}

/// Remembers that policies that ask for objects may be on what is in an input.
fn note_target(number: usize, judges: &mut [Judge<'_>]) {
    for judge in judges.iter_mut().filter(|judge| judge.stage.is_some()) {
        judge.harvest.targets.insert(number);
    }
}

/// Whether files of the kind hold documents as manifests do.
fn is_structured(kind: &&FileKind) -> bool {
    matches!(kind.format, FileFormat::Json | FileFormat::Yaml)
}

fn format_of(kind: &FileKind) -> Format {
    match kind.format {
        FileFormat::Json => Format::Json,
        FileFormat::Yaml
        | FileFormat::Toml
        | FileFormat::Dockerfile
        | FileFormat::KeyValue(_)
        | FileFormat::Text => Format::Yaml,
    }
}

/// Judges files that are one object. What cannot be read of one of them is reported, and the others are judged.
fn lint_family(
    matcher: &FileMatcher,
    inputs: &[(usize, &Input)],
    judges: &mut [Judge<'_>],
    settings: &Settings,
    report: &mut Report,
) {
    let kind = &matcher.kind;
    let mut text = String::new();
    let mut parts = Vec::new();
    let mut trees = Vec::new();
    let mut reads = Vec::new();
    for (_, input) in inputs {
        // A file that cannot be opened is reported where it is judged alone.
        let Ok(bytes) = read_input(input) else {
            continue;
        };
        let start = manifest::offset(text.len());
        let read = files::read(&bytes, input.name(), kind);
        let own = read.documents.iter().filter(|found| !is_object(found));
        trees.extend(own.map(|document| Tree::of_document(document, start)));
        text.push_str(&String::from_utf8_lossy(&bytes));
        let end = manifest::offset(text.len());
        parts.push(Part::new(input.name(), start, end));
        reads.push((start, read));
    }
    let (Some(merged), false) = (kind.merged, parts.is_empty()) else {
        return;
    };
    let mut file = File {
        text: Cow::Owned(text),
        parts,
        settings,
        report,
        kind: None,
        is_again: judges.iter().any(|judge| judge.others.is_some()),
        secrets: Vec::new(),
    };
    if let Some(document) = files::merge(trees, &kind.format, merged) {
        match document.into_document(0) {
            Ok(document) => {
                if let (true, Some((first, _))) =
                    (file.judge_as(kind, &document, judges), inputs.first())
                {
                    gather_file(*first, kind, &document, judges);
                }
            }
            Err(problem) => file.add_error(&problem, 0),
        }
    }
    for (start, read) in &reads {
        // Files that hold documents were read alone as well.
        for problem in read.problems.iter().filter(|problem| problem.is_error()) {
            file.add_error(problem, *start);
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

/// A file, or files that are one object, while they are being judged.
struct File<'a> {
    /// The text; of several files one after the other.
    text: Cow<'a, str>,
    /// The files, at least one.
    parts: Vec<Part>,
    settings: &'a Settings,
    report: &'a mut Report,
    /// What the document is judged as, if it is no object of the API.
    kind: Option<&'a str>,
    /// It was read before: what the reader says of it is reported.
    is_again: bool,
    /// Where it holds what no report shows.
    secrets: Vec<Span>,
}

/// A file in a text.
struct Part {
    name: Arc<str>,
    start: u32,
    end: u32,
    /// Made when the first line number is asked for: something points into the text.
    lines: Option<LineIndex>,
}

impl Part {
    fn new(name: &Arc<str>, start: u32, end: u32) -> Self {
        Self {
            name: Arc::clone(name),
            start,
            end,
            lines: None,
        }
    }
}

/// A place in a file.
struct Located {
    file: Arc<str>,
    /// From the beginning of that file.
    span: Span,
    lines: LineColumns,
}

impl<'a> File<'a> {
    fn new(
        name: &Arc<str>,
        text: Cow<'a, str>,
        settings: &'a Settings,
        report: &'a mut Report,
    ) -> Self {
        let end = manifest::offset(text.len());
        Self {
            text,
            parts: vec![Part::new(name, 0, end)],
            settings,
            report,
            kind: None,
            is_again: false,
            secrets: Vec::new(),
        }
    }

    /// Hands over the texts that something points into, without what is secret.
    fn finish(self) {
        if !self.settings.keeps_texts {
            return;
        }
        let is_shown = self.parts.iter().any(|part| part.lines.is_some());
        let mut masked = None;
        if is_shown && !self.secrets.is_empty() {
            masked = Some(secrets::mask(&self.text, &self.secrets));
        }
        for part in self.parts.iter().filter(|part| part.lines.is_some()) {
            let span = Span::new(part.start, part.end);
            let text = span.text(&self.text);
            if let Some(masked) = &masked {
                let shown = span.text(masked);
                (self.report.whole).insert(Arc::clone(&part.name), Arc::from(text));
                (self.report.sources).insert(Arc::clone(&part.name), Arc::from(shown));
            } else {
                (self.report.sources).insert(Arc::clone(&part.name), Arc::from(text));
            }
        }
    }

    /// Judges a document as one of a kind, by the packs that know it; false if it is none of it.
    fn judge_as(
        &mut self,
        kind: &'a FileKind,
        document: &Document,
        judges: &mut [Judge<'_>],
    ) -> bool {
        if let Some(problem) = files::find_foreign_form(document, kind) {
            self.add_error(&problem, 0);
            return false;
        }
        let is_judged = |judge: &Judge<'_>| judge.instance.judges_file(&kind.name);
        if !judges.iter().any(is_judged) {
            // It is there to be asked for.
            return true;
        }
        self.report.summary.documents += 1;
        let declared = judges.iter().flat_map(|judge| &judge.pack.secrets);
        secrets::of_file(document, &kind.name, declared, &mut self.secrets);
        self.kind = Some(&kind.name);
        let mut object = None;
        for judge in &mut *judges {
            let knows_it = |matcher: &FileMatcher| matcher.kind == *kind;
            if judge.stopped.load(Ordering::Relaxed) || !judge.pack.files.iter().any(knows_it) {
                continue;
            }
            let context = Context {
                kind: Some(kind.name.clone()),
                ..self.context(judge, document).into_owned()
            };
            let outcome = (judge.instance).evaluate(&document.tape, &context, &judge.selection);
            match outcome {
                Ok(outcome) => self.add_outcome(document, &mut object, judge, outcome),
                Err(error) => self.fail(&error, judge),
            }
        }
        self.hide_texts(document, object.is_some(), judges);
        self.kind = None;
        true
    }

    /// Notes the secrets in texts of a document that something was said about.
    fn hide_texts(&mut self, document: &Document, is_told_of: bool, judges: &[Judge<'_>]) {
        if is_told_of {
            let declared = judges.iter().flat_map(|judge| &judge.pack.secrets);
            secrets::of_texts(document, &self.text, declared, &mut self.secrets);
        }
    }

    /// What the policies of a pack are told besides a document, as far as they may ask for it.
    fn context(&self, judge: &Judge<'_>, document: &Document) -> Cow<'a, Context> {
        let context = &self.settings.context;
        if !judge.reads_source && !judge.reads_inventory {
            return Cow::Borrowed(context);
        }
        let mut context = context.clone();
        if judge.reads_source {
            context.source = Some(self.source(document));
        }
        if judge.reads_inventory {
            let root = self
                .settings
                .clusters
                .root_of(&self.name(), &self.settings.root);
            let called = root
                .called()
                .map(|(key, value)| (key.to_owned(), value.into()));
            let folder = [("root".to_owned(), Value::from(&*root.folder))];
            context.inventory = Some(Value::Object(folder.into_iter().chain(called).collect()));
        }
        Cow::Owned(context)
    }

    /// Where a document is written.
    fn source(&self, document: &Document) -> Value {
        let mut source = json!({"path": &*self.name()});
        let template = template_of(document, &self.text);
        if let (Some(template), Some(members)) = (template, source.as_object_mut()) {
            members.insert("template".to_owned(), template.into());
        }
        source
    }

    /// What the document is called.
    fn name_of(&self, document: &Document) -> ObjectName {
        let Some(kind) = self.kind else {
            return name_object(document);
        };
        name_file(kind, &self.name())
    }

    /// The file that the text is of, or the first of several.
    fn name(&self) -> Arc<str> {
        self.parts
            .first()
            .map_or_else(|| Arc::from(""), |part| Arc::clone(&part.name))
    }

    fn judge(&mut self, document: &Document, judges: &mut [Judge<'_>]) {
        let declared = judges.iter().flat_map(|judge| &judge.pack.secrets);
        secrets::of_object(document, declared, &mut self.secrets);
        let mut object = None;
        for judge in &mut *judges {
            if judge.stopped.load(Ordering::Relaxed) {
                continue;
            }
            let context = self.context(judge, document);
            let outcome = (judge.instance).evaluate(&document.tape, &context, &judge.selection);
            match outcome {
                Ok(outcome) => self.add_outcome(document, &mut object, judge, outcome),
                Err(error) => self.fail(&error, judge),
            }
        }
        self.hide_texts(document, object.is_some(), judges);
    }

    fn add_outcome(
        &mut self,
        document: &Document,
        object: &mut Option<Arc<ObjectName>>,
        judge: &mut Judge<'_>,
        outcome: palisade_wasm::host::Outcome,
    ) {
        self.add_truncated(&outcome);
        let mut exhausted = None;
        for result in outcome.findings {
            let Some(policy) = judge.pack.policies.get(result.policy as usize) else {
                continue;
            };
            let object = Arc::clone(object.get_or_insert_with(|| Arc::new(self.name_of(document))));
            match result.status {
                Status::Finding => {
                    let severity = Severity::from_number(result.severity);
                    if severity >= self.settings.min_severity {
                        let others = judge.others.as_mut();
                        let elsewhere = self.elsewhere(&result.elsewhere, others);
                        let owner = self.owner(&result, (judge.pack, judge.others.as_mut()));
                        let node = result.place.node;
                        let mut finding = self.finding(document, policy, object, severity, result);
                        finding.related.extend(elsewhere);
                        match owner {
                            None => self.add_finding(finding, Some((document, node))),
                            Some(owner) => self.add_finding(owned(finding, owner), None),
                        }
                    }
                }
                Status::Unknown => {
                    let reason = result.reason.map_or("unknown", reason_word);
                    if result.reason == Some(Reason::Budget) {
                        exhausted.get_or_insert_with(|| Arc::clone(policy));
                    }
                    let owner = self.owner(&result, (judge.pack, judge.others.as_mut()));
                    let at = owner.is_none().then_some((document, result.place.node));
                    let unknown = match owner {
                        None => {
                            let (file, place) = self.place(document, &result.place);
                            Unknown {
                                policy: Arc::clone(policy),
                                check: result.check,
                                reason,
                                file,
                                document: document.index,
                                item: document.item,
                                object,
                                place,
                            }
                        }
                        Some(found) => Unknown {
                            policy: Arc::clone(policy),
                            check: result.check,
                            reason,
                            file: found.file,
                            document: found.source.document,
                            item: found.source.item,
                            object: Arc::new(found.object),
                            place: found.place,
                        },
                    };
                    let (file, object) = (&unknown.file, &unknown.object);
                    if self.exempt(&policy.name, file, object, at).is_some() {
                        continue;
                    }
                    self.report.unknown.push(unknown);
                }
                Status::Error => {
                    let name = &policy.name;
                    self.fail_with(format!("policy `{name}` failed on {object}"));
                }
                Status::NotApplicable => self.report.skipped.push(Skipped {
                    policy: Arc::clone(policy),
                    reason: NO_REQUEST,
                }),
            }
        }
        if outcome.out_of_steps {
            self.fail_of_steps(exhausted.as_deref(), &self.name_of(document));
        }
    }

    /// The place in another file that a result stands in, and its text for who shows it.
    fn owner(
        &mut self,
        result: &host::Finding,
        (pack, others): (&Pack, Option<&mut Others>),
    ) -> Option<Found> {
        let others = others?;
        let found = others.place(result.within?, &result.place)?;
        self.keep_text(&found, || others.text_of_any(found.source, pack));
        Some(found)
    }

    /// Keeps the text of a file that a place was found in, for who shows it.
    fn keep_text(&mut self, found: &Found, shown: impl FnOnce() -> Option<String>) {
        let is_new = !self.report.sources.contains_key(&found.file);
        if is_new
            && self.settings.keeps_texts
            && let Some(text) = shown()
        {
            let file = Arc::clone(&found.file);
            self.report.sources.insert(file, Arc::from(text));
        }
    }

    /// What exempts a policy's result about an object, at a node of its document if that is at hand.
    fn exempt(
        &self,
        policy: &str,
        file: &str,
        object: &ObjectName,
        at: Option<(&Document, NodeId)>,
    ) -> Option<&'a Entry> {
        let settings = self.settings;
        if settings.exempt.is_empty() {
            return None;
        }
        settings.exempt.covering(&Subject {
            policy,
            file,
            object,
            image: at.and_then(|(document, node)| image_around(&document.tape, node)),
        })
    }

    /// Adds a finding to those that count, or to those that do not.
    fn add_finding(&mut self, finding: Finding, at: Option<(&Document, NodeId)>) {
        let Finding {
            policy,
            file,
            object,
            ..
        } = &finding;
        match self.exempt(&policy.name, file, object, at) {
            None => self.report.findings.push(finding),
            Some(entry) => {
                let reason = entry.reason().map(str::to_owned);
                let suppressed = Suppressed { finding, reason };
                self.report.suppressed.push(suppressed);
            }
        }
    }

    fn add_truncated(&mut self, outcome: &host::Outcome) {
        if outcome.truncated {
            self.fail_with("the results outgrew 1 MiB; the rest was dropped".to_owned());
        }
    }

    fn fail_of_steps(&mut self, policy: Option<&PolicyInfo>, object: &ObjectName) {
        let name = policy.map_or_else(String::new, |policy| format!(" `{}`", policy.name));
        self.fail_with(format!("policy{name} ran out of its steps on {object}"));
    }

    /// Adds what was found of all objects as a whole: each result where it is in one of them, or at the root.
    fn add_inventory_outcome(
        &mut self,
        judge: &mut Judge<'_>,
        declared: &[&SecretFields],
        outcome: host::Outcome,
    ) {
        self.add_truncated(&outcome);
        let mut exhausted = None;
        let Some(mut others) = judge.others.take() else {
            return;
        };
        for result in outcome.findings {
            let Some(policy) = judge.pack.policies.get(result.policy as usize) else {
                continue;
            };
            let at = (result.within).and_then(|object| others.place(object, &result.place));
            if let Some(found) = &at {
                self.keep_text(found, || others.shown_text(found.source, declared));
            }
            let found = at.unwrap_or_else(|| self.root());
            let policy = Arc::clone(policy);
            match result.status {
                Status::Finding => {
                    let severity = Severity::from_number(result.severity);
                    let related = result.elsewhere.iter();
                    let related =
                        related.filter_map(|other| others.place(other.object, &other.place));
                    let finding = Finding {
                        policy,
                        check: result.check,
                        severity,
                        message: result.message,
                        document: found.source.document,
                        item: found.source.item,
                        object: Arc::new(found.object),
                        related: related.map(Found::beside).collect(),
                        file: found.file,
                        place: found.place,
                        fixes: Vec::new(),
                    };
                    if severity >= self.settings.min_severity {
                        self.add_finding(finding, None);
                    }
                }
                Status::Unknown => {
                    if result.reason == Some(Reason::Budget) {
                        exhausted.get_or_insert_with(|| Arc::clone(&policy));
                    }
                    if self
                        .exempt(&policy.name, &found.file, &found.object, None)
                        .is_some()
                    {
                        continue;
                    }
                    self.report.unknown.push(Unknown {
                        policy,
                        check: result.check,
                        reason: result.reason.map_or("unknown", reason_word),
                        document: found.source.document,
                        item: found.source.item,
                        object: Arc::new(found.object),
                        file: found.file,
                        place: found.place,
                    });
                }
                Status::Error => {
                    self.fail_with(format!("policy `{}` failed on the inventory", policy.name));
                }
                Status::NotApplicable => self.report.skipped.push(Skipped {
                    policy,
                    reason: NO_REQUEST,
                }),
            }
        }
        judge.others = Some(others);
        if outcome.out_of_steps {
            self.fail_of_steps(exhausted.as_deref(), &self.root().object);
        }
    }

    /// The beginning of what is judged: the place of what is said of all objects as a whole.
    fn root(&self) -> Found {
        let file = self.name();
        Found {
            object: ObjectName {
                kind: String::from("inventory"),
                name: Some(file.as_ref().to_owned()),
                ..ObjectName::default()
            },
            file,
            source: Source {
                input: 0,
                document: 0,
                item: None,
                kind: None,
            },
            place: Place {
                path: String::new(),
                missing: Vec::new(),
                span: Span::default(),
                lines: LineIndex::new("").line_columns("", Span::default()),
                other: None,
            },
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
        // What stands in another file is put there by `owned`.
        let (file, place) = match result.within {
            None => self.place(document, &result.place),
            Some(_) => self.place(document, &palisade_abi::place::Place::node(NodeId::ROOT)),
        };
        let mut related: Vec<Place> = Vec::new();
        for other in &result.related {
            let (other_file, other) = self.place(document, other);
            // A place of another file of the family cannot be named beside this one.
            if other_file == file {
                related.push(other);
            }
        }
        // A value read through an alias is written elsewhere, where it would have to be changed.
        let anchored = match result.within {
            None => document.anchored_span(result.place.node),
            Some(_) => None,
        };
        if let Some(span) = anchored {
            let Located { span, lines, .. } = self.locate(span);
            related.push(Place {
                path: place.path.clone(),
                missing: Vec::new(),
                span,
                lines,
                other: None,
            });
        }
        let fixes = if result.fixes.is_empty() {
            Vec::new()
        } else {
            self.collect_fixes(document, &result.fixes)
        };
        Finding {
            policy: Arc::clone(policy),
            check: result.check,
            severity,
            message: result.message,
            file,
            document: document.index,
            item: document.item,
            object,
            place,
            related,
            fixes,
        }
    }

    /// Places in other objects, of this file or of others.
    fn elsewhere(&mut self, places: &[Elsewhere], others: Option<&mut Others>) -> Vec<Place> {
        let Some(others) = others else {
            return Vec::new();
        };
        let found = places
            .iter()
            .filter_map(|elsewhere| others.place(elsewhere.object, &elsewhere.place));
        let found: Vec<Place> = found.map(Found::beside).collect();
        for part in &mut self.parts {
            let is_here = |place: &Place| {
                let other = place.other.as_ref();
                other.is_some_and(|other| other.file == part.name)
            };
            if part.lines.is_none() && found.iter().any(is_here) {
                let text = Span::new(part.start, part.end).text(&self.text);
                part.lines = Some(LineIndex::new(text));
            }
        }
        found
    }

    fn collect_fixes(&self, document: &Document, fixes: &[host::Fix]) -> Vec<fix::Fix> {
        let name = self.name();
        if self.parts.len() > 1 {
            return fix::refuse(document, fixes, "its value is spread over several files");
        }
        if self.kind.is_some() && self.format_is_foreign(document) {
            return fix::refuse(document, fixes, "files of this format are not changed");
        }
        fix::collect(document, &self.text, Format::of_name(&name), fixes)
    }

    /// Whether the document reads otherwise as a manifest.
    fn format_is_foreign(&self, document: &Document) -> bool {
        let name = self.name();
        let read = manifest::read(self.text.as_bytes(), Format::of_name(&name));
        let same = |other: &Document| {
            other.index == document.index && other.item == document.item && {
                manifest::print(other, manifest::Layout::Compact)
                    == manifest::print(document, manifest::Layout::Compact)
            }
        };
        !read.documents.iter().any(same)
    }

    fn place(
        &mut self,
        document: &Document,
        place: &palisade_abi::place::Place,
    ) -> (Arc<str>, Place) {
        let span = document.place_span(&self.text, place);
        let Located { file, span, lines } = self.locate(span);
        let place = Place {
            path: document.path_of(place),
            missing: place.missing.clone(),
            span,
            lines,
            other: None,
        };
        (file, place)
    }

    /// The file of a place, and where it is in that.
    fn locate(&mut self, span: Span) -> Located {
        let after = self.parts.partition_point(|part| part.start <= span.start);
        let at = after.saturating_sub(1);
        let Some(part) = self.parts.get_mut(at) else {
            return Located {
                file: Arc::from(""),
                span,
                lines: LineIndex::new("").line_columns("", Span::default()),
            };
        };
        let text = Span::new(part.start, part.end).text(&self.text);
        let span = Span::new(span.start - part.start, span.end.min(part.end) - part.start);
        let lines = part.lines.get_or_insert_with(|| LineIndex::new(text));
        Located {
            file: Arc::clone(&part.name),
            span,
            lines: lines.line_columns(text, span),
        }
    }

    /// Reports what cannot be read of the file that begins at `start`.
    fn add_error(&mut self, problem: &Problem, start: u32) {
        if self.is_again {
            return;
        }
        let span = Span::new(problem.span.start + start, problem.span.end + start);
        let Located { file, span, lines } = self.locate(span);
        self.report.errors.push(FileError {
            file,
            at: Some((span, lines)),
            message: problem.message.clone(),
        });
    }

    /// `has_kind`: documents that are no objects are judged as well.
    fn add_problems(&mut self, read: &manifest::Read, has_kind: bool) {
        if self.is_again {
            return;
        }
        for document in &read.documents {
            if is_object(document) {
                let problems = manifest::find_object_problems(document).into_iter();
                for problem in problems.chain(kinds::find_misplaced_kind(document)) {
                    self.add_builtin(Some(document), &problem);
                }
            }
        }
        for (nth, problem) in twins::find_twins(&read.documents) {
            self.add_builtin(read.documents.get(nth), &problem);
        }
        for problem in &read.problems {
            if problem.is_error() {
                self.add_error(problem, 0);
                continue;
            }
            let holder = read
                .documents
                .iter()
                .find(|document| builtin::holds(document, problem.span));
            // Keys of what is no object are nobody's business here; a list around objects is.
            let counts = |document: &Document| has_kind || is_object(document);
            let has_objects = || read.documents.iter().any(counts);
            if holder.map_or_else(has_objects, counts) {
                self.add_builtin(holder, problem);
            }
        }
    }

    /// A finding of the reader's own: what is wrong with the text of an object, whatever the policies.
    fn add_builtin(&mut self, document: Option<&Document>, problem: &Problem) {
        let (policy, severity) = match problem.kind {
            ProblemKind::DuplicateKey => builtin::duplicate_key(),
            ProblemKind::Twin => builtin::duplicate_object(),
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
            lines: self.locate(span).lines,
            other: None,
        });
        let lines = self.locate(problem.span).lines;
        let finding = Finding {
            policy,
            check: 0,
            severity,
            message: problem.message.clone(),
            file: self.name(),
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
        };
        self.add_finding(finding, None);
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
            file: self.name(),
            at: None,
            message,
        });
    }
}

/// A finding that stands in another file than what was judged, whose places are beside it.
fn owned(finding: Finding, owner: Found) -> Finding {
    let Finding {
        file,
        object,
        related,
        ..
    } = finding;
    let beside = |place: Place| Place {
        other: place.other.or_else(|| {
            let (file, object) = (Arc::clone(&file), (*object).clone());
            Some(Arc::new(crate::finding::Other { file, object }))
        }),
        ..place
    };
    Finding {
        file: owner.file,
        document: owner.source.document,
        item: owner.source.item,
        object: Arc::new(owner.object),
        place: owner.place,
        related: related.into_iter().map(beside).collect(),
        ..finding
    }
}

/// Joins what was found in a file on the way from several objects.
fn join_owned(findings: &mut Vec<Finding>) {
    const MOST_RELATED: usize = 8;
    let is_same = |one: &Finding, other: &Finding| {
        (&one.file, one.document, one.item) == (&other.file, other.document, other.item)
            && one.policy == other.policy
            && one.place == other.place
            && one.message == other.message
    };
    findings.dedup_by(|later, first| {
        let is_again = is_same(first, later);
        if is_again {
            first.related.append(&mut later.related);
            let key = |place: &Place| {
                let other = place.other.as_ref().map(|other| Arc::clone(&other.file));
                (other, place.span.start, place.path.clone())
            };
            first.related.sort_by_key(key);
            first.related.dedup();
            first.related.truncate(MOST_RELATED);
        }
        is_again
    });
}

/// What a file of a kind is called, that is no object of the API.
pub(crate) fn name_file(kind: &str, path: &str) -> ObjectName {
    ObjectName {
        kind: kind.to_owned(),
        name: path.rsplit('/').next().map(str::to_owned),
        ..ObjectName::default()
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

/// The template that a document was rendered from, as Helm says it above each.
pub(crate) fn template_of<'t>(document: &Document, text: &'t str) -> Option<&'t str> {
    let start = document.span(NodeId::ROOT).start as usize;
    let before = text.get(..start).unwrap_or_default();
    let lines = before.lines().rev();
    let comments = lines.take_while(|line| line.trim().is_empty() || line.starts_with('#'));
    let mut named = comments.filter_map(|line| line.strip_prefix("# Source: "));
    named.next().map(str::trim)
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
        suppressed,
        shows_suppressed: _,
        unknown,
        errors,
        failures,
        skipped,
        unread,
        sources,
        whole,
    } = part;
    let Summary {
        files, documents, ..
    } = summary;
    report.summary.files += files;
    report.summary.documents += documents;
    report.findings.extend(findings);
    report.suppressed.extend(suppressed);
    report.unknown.extend(unknown);
    report.errors.extend(errors);
    report.failures.extend(failures);
    report.skipped.extend(skipped);
    report.unread.extend(unread);
    report.sources.extend(sources);
    report.whole.extend(whole);
}

/// Adds what was found when files were judged again.
fn add_later(report: &mut Report, part: Report) {
    report.findings.extend(part.findings);
    report.suppressed.extend(part.suppressed);
    report.unknown.extend(part.unknown);
    report.failures.extend(part.failures);
    report.skipped.extend(part.skipped);
    report.sources.extend(part.sources);
    report.whole.extend(part.whole);
}

fn sort(report: &mut Report) {
    report.findings.sort_by(Finding::order);
    join_owned(&mut report.findings);
    report
        .suppressed
        .sort_by(|one, other| one.finding.order(&other.finding));
    report.unknown.sort_by(Unknown::order);
    report.errors.sort_by(FileError::order);
    // A file of a family may be read twice.
    report.errors.dedup();
    report.failures.sort_by(FileError::order);
    // Once for each policy, not for each object.
    report.skipped.sort_by(Skipped::order);
    report.skipped.dedup();
}
