//! Linting: files are read and judged in parallel, each thread with instances of its own; what comes out is sorted, so
//! that threads do not show.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use palisade_abi::tape::{Kind, NodeId};
use palisade_wasm::host::{
    Cause, Context, EvaluateError, Instance, LoadError, Reason, Selection, SettingsProblem, Status,
};
use thiserror::Error;

use crate::builtin;
use crate::finding::{
    FileError, Finding, ObjectName, Place, PolicyInfo, Severity, Skipped, Unknown,
};
use crate::fix;
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
    let jobs = settings.jobs.clamp(1, walk.inputs.len().max(1));
    let next = AtomicUsize::new(0);
    let stopped: Vec<AtomicBool> = packs.packs.iter().map(|_| AtomicBool::new(false)).collect();
    let work = || run_worker(&walk.inputs, &next, packs, &stopped, settings);
    let parts = if jobs == 1 {
        vec![work()]
    } else {
        run_parallel(jobs, work)
    };
    let mut report = Report {
        errors: walk.errors,
        unread: walk.unread,
        ..Report::default()
    };
    report.summary.policies = count_policies(packs, &settings.choice);
    for part in parts {
        add(&mut report, part?);
    }
    sort(&mut report);
    Ok(report)
}

/// Reads and judges one text that is at hand.
#[must_use]
pub fn lint_text(
    name: &Arc<str>,
    bytes: &[u8],
    judges: &mut [Judge<'_>],
    settings: &Settings,
) -> Report {
    let mut report = Report::default();
    lint_bytes(name, bytes, judges, settings, &mut report);
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

/// Takes one file after the other until none is left.
fn run_worker(
    inputs: &[Input],
    next: &AtomicUsize,
    packs: &Packs,
    stopped: &[AtomicBool],
    settings: &Settings,
) -> Result<Report, StartError> {
    let mut judges = Vec::new();
    for ((nth, pack), stopped) in packs.packs.iter().enumerate().zip(stopped) {
        let chosen = settings.choice.packs.get(nth).cloned().unwrap_or_default();
        judges.push(Judge::start(pack, chosen, stopped)?);
    }
    let mut report = Report::default();
    while let Some(input) = inputs.get(next.fetch_add(1, Ordering::Relaxed)) {
        lint_input(input, &mut judges, settings, &mut report);
    }
    Ok(report)
}

/// A pack at work in one thread.
#[derive(Debug)]
pub struct Judge<'a> {
    pack: &'a Pack,
    instance: Instance,
    selection: Selection,
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
        Ok(Self {
            pack,
            instance,
            selection: chosen.selection,
            stopped,
        })
    }
}

fn lint_input(input: &Input, judges: &mut [Judge<'_>], settings: &Settings, report: &mut Report) {
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
    lint_bytes(name, &bytes, judges, settings, report);
}

fn lint_bytes(
    name: &Arc<str>,
    bytes: &[u8],
    judges: &mut [Judge<'_>],
    settings: &Settings,
    report: &mut Report,
) {
    let read = manifest::read(bytes, Format::of_name(name));
    let mut file = File {
        name,
        text: String::from_utf8_lossy(bytes),
        lines: None,
        settings,
        report,
        has_output: false,
    };
    file.report.summary.files += 1;
    for document in &read.documents {
        if is_object(document) {
            file.report.summary.documents += 1;
            file.judge(document, judges);
        }
    }
    file.add_problems(&read);
    if file.has_output {
        let text = Arc::from(&*file.text);
        report.sources.insert(Arc::clone(name), text);
    }
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
fn read_input(input: &Input) -> Result<Cow<'_, [u8]>, String> {
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

impl File<'_> {
    fn judge(&mut self, document: &Document, judges: &mut [Judge<'_>]) {
        let mut object = None;
        for judge in judges {
            if judge.stopped.load(Ordering::Relaxed) {
                continue;
            }
            let context = &self.settings.context;
            let outcome = (judge.instance).evaluate(&document.tape, context, &judge.selection);
            match outcome {
                Ok(outcome) => self.add_outcome(document, &mut object, judge.pack, outcome),
                Err(error) => self.fail(&error, judge),
            }
        }
    }

    fn add_outcome(
        &mut self,
        document: &Document,
        object: &mut Option<Arc<ObjectName>>,
        pack: &Pack,
        outcome: palisade_wasm::host::Outcome,
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
                        let finding = self.finding(document, policy, object, severity, result);
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

    fn place(&mut self, document: &Document, place: &palisade_abi::place::Place) -> Place {
        let span = document.place_span(&self.text, place);
        Place {
            path: document.path_of(place),
            missing: place.missing.clone(),
            span,
            lines: self.lines_of(span),
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

fn name_object(document: &Document) -> ObjectName {
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
