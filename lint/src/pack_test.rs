//! Tests of a pack: manifests whose findings are written where they belong.
//!
//! ```text
//! tests/*.yaml ── sheet: marks, scene ──┐
//!      └── run: findings, unknowns ─────┴── compare ── problems, each with its place
//! ```
//!
//! Start at [`find_tests`] for the files of a pack and at [`judge`] for one of them, which opens no file and so serves
//! editors as well. [`update`] writes marks instead of comparing them, [`coverage`] says what no test reaches.

mod compare;
mod content;
pub mod coverage;
mod files;
mod fixed;
mod sheet;
mod update;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use palisade_lang::schema::near::nearest;
use palisade_wasm::docs::PackDocs;
use palisade_wasm::host::{Context, Selection, SettingsProblem};
use palisade_wasm::index::Route;

pub use files::{FindError, TestFiles, Tests, find_tests};
pub use update::{Change, update};

use crate::builtin;
use crate::clusters::Clusters;
use crate::exempt::Exempt;
use crate::finding::Severity;
use crate::manifest::Span;
use crate::packs::Pack;
use crate::report::Report;
use crate::run::{self, Judge, StartError};
use crate::select::{Choice, PackChoice, Param, Unknown, Wish, choose_any};
use crate::walk::Input;
use content::Content;
use coverage::Reach;
use sheet::{Mistake, Scene, Sheet};

/// What stands for all policies in a scene.
const ALL: &str = "all";

/// A test in memory.
#[derive(Debug, Clone)]
pub struct Test {
    /// The manifest, as reports name it, and its text.
    pub manifest: (Arc<str>, Arc<str>),
    /// The file of expectations beside it, where the format has no comments.
    pub expectations: Option<(Arc<str>, Arc<str>)>,
    /// What its fixes are to make of it.
    pub fixed: Option<(Arc<str>, Arc<str>)>,
    /// The other manifests of its folder, by name: their objects can be asked for.
    pub others: Vec<(Arc<str>, Arc<str>)>,
    /// The policy that the test is named after: it runs alone unless the scene says otherwise.
    pub policy: Option<String>,
}

/// What tests are judged with.
#[derive(Debug)]
pub struct Bench<'a> {
    /// The pack.
    pub pack: &'a Pack,
    /// What its documentation says; parameters and targets are taken from it.
    pub docs: &'a PackDocs,
    /// The release judged against where a test names none, such as `1.31`.
    pub cluster_version: &'a str,
    /// Reads a release as a test writes it: `1.31`, or why it is none.
    pub read_version: fn(&str) -> Result<String, String>,
    /// The kinds of object that the pack's module reads.
    pub routes: &'a [Route],
}

/// How a test went.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What is not as it should be, in the order of the file; none for a test that passed.
    pub problems: Vec<Problem>,
    /// Findings that came as marked.
    pub n_findings: usize,
    /// What the test reached of the pack.
    pub reach: Reach,
    /// The texts that problems point into.
    pub sources: BTreeMap<Arc<str>, Arc<str>>,
}

impl Outcome {
    /// True if everything came as marked.
    #[must_use]
    pub fn is_pass(&self) -> bool {
        self.problems.is_empty()
    }

    /// True if the test itself is wrong, so that it says nothing about the policies.
    #[must_use]
    pub fn has_mistakes(&self) -> bool {
        (self.problems.iter()).any(|problem| problem.verdict == Verdict::Mistake)
    }
}

/// Whose fault a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// What was found is not what was marked.
    Mismatch,
    /// The test cannot be read or run.
    Mistake,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whose fault it is.
    pub verdict: Verdict,
    /// What is wrong, in a line.
    pub title: String,
    /// The object that it is about; may be empty.
    pub object: String,
    /// Where, the most telling place first. Empty if it is about the test as a whole.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// A text that should be another: name, as it is, as it should be.
    pub change: Option<(Arc<str>, Arc<str>, Arc<str>)>,
}

/// A place with what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub file: Arc<str>,
    /// The bytes.
    pub span: Span,
    /// A few words.
    pub text: String,
}

impl Label {
    fn position(&self) -> (Arc<str>, Span) {
        (Arc::clone(&self.file), self.span)
    }
}

impl Problem {
    /// A problem of the test itself at a place of `file`.
    fn mistake(file: &Arc<str>, mistake: Mistake) -> Self {
        Self {
            verdict: Verdict::Mistake,
            title: mistake.message,
            object: String::new(),
            labels: vec![Label {
                file: Arc::clone(file),
                span: mistake.span,
                text: String::new(),
            }],
            help: Some(mistake.help).filter(|help| !help.is_empty()),
            change: None,
        }
    }

    /// A problem of a whole file.
    fn of_file(file: &str, title: &str) -> Self {
        Self {
            verdict: Verdict::Mistake,
            title: format!("{file}: {title}"),
            object: String::new(),
            labels: Vec::new(),
            help: None,
            change: None,
        }
    }
}

/// Runs a test and compares what was found with what is marked.
#[must_use]
pub fn judge(bench: &Bench<'_>, test: &Test) -> Outcome {
    Trial::run(bench, test).outcome
}

/// A test that was run, with what led to its outcome.
struct Trial {
    /// The marks, as far as they could be read.
    sheet: Sheet,
    seen: Vec<compare::Seen>,
    /// For each mark its result.
    partners: Vec<Option<usize>>,
    /// What the fixes make of the manifest, if there are any.
    fixed: Option<String>,
    outcome: Outcome,
    /// False if the policies could not be run, so that the marks say nothing.
    is_judged: bool,
}

impl Trial {
    fn run(bench: &Bench<'_>, test: &Test) -> Self {
        let (name, text) = &test.manifest;
        let content = Content::read(bench, name, text);
        let mut sheet = sheet::read_comments(text, &content.documents);
        let mut problems: Vec<Problem> = std::mem::take(&mut sheet.mistakes)
            .into_iter()
            .map(|mistake| Problem::mistake(name, mistake))
            .collect();
        // Where the setting of a scene is written.
        let mut scene_file = name;
        let mut sources = BTreeMap::from([(Arc::clone(name), Arc::clone(text))]);
        if let Some((file, text)) = &test.expectations {
            sources.insert(Arc::clone(file), Arc::clone(text));
            let mut written = sheet::read_expectations(text);
            let mistakes = std::mem::take(&mut written.mistakes);
            problems.extend((mistakes.into_iter()).map(|mistake| Problem::mistake(file, mistake)));
            sheet = written;
            scene_file = file;
        }
        let mut trial = Self {
            sheet,
            seen: Vec::new(),
            partners: Vec::new(),
            fixed: None,
            outcome: Outcome {
                problems,
                sources,
                ..Outcome::default()
            },
            is_judged: false,
        };
        trial.check_marks(bench, scene_file);
        let stopped = AtomicBool::new(false);
        let scene = trial.sheet.scene.clone();
        match Stage::set(bench, test, &scene, &stopped) {
            Ok(stage) => trial.compare(stage, bench, test, &content),
            Err(mistakes) => {
                let problems = mistakes.into_iter();
                let problems = problems.map(|mistake| Problem::mistake(scene_file, mistake));
                trial.outcome.problems.extend(problems);
            }
        }
        let first = |problem: &Problem| problem.labels.first().map(Label::position);
        trial.outcome.problems.sort_by_key(first);
        trial
    }

    /// Marks of policies that do not exist are mistakes, and are not compared.
    fn check_marks(&mut self, bench: &Bench<'_>, file: &Arc<str>) {
        let mut kept = Vec::new();
        for mark in std::mem::take(&mut self.sheet.marks) {
            match bench.check_policy(&mark.policy, mark.span) {
                Ok(()) => kept.push(mark),
                Err(mistake) => self.outcome.problems.push(Problem::mistake(file, mistake)),
            }
        }
        self.sheet.marks = kept;
    }

    fn compare(&mut self, mut stage: Stage<'_>, bench: &Bench<'_>, test: &Test, content: &Content) {
        let (name, text) = &test.manifest;
        let report = stage.lint(name, text);
        let n_mistakes = self.outcome.problems.len();
        for error in &report.errors {
            self.outcome.problems.push(unreadable(error));
        }
        for failure in &report.failures {
            let title = failure.message.as_str();
            self.outcome.problems.push(Problem::of_file(name, title));
        }
        self.is_judged = self.outcome.problems.len() == n_mistakes;
        if !self.is_judged {
            // What was not read has no findings, which is not the fault of its marks.
            return;
        }
        self.seen = compare::collect(&report);
        self.partners = compare::pair(&self.sheet.marks, &self.seen);
        let files = compare::Files {
            manifest: name,
            expectations: test.expectations.as_ref().map(|(file, _)| file),
            anchor: &|seen| {
                let scalars = sheet::Scalars::new(&content.documents);
                let target = seen.line.saturating_sub(1) as usize;
                let at = update::anchor(text, &scalars, target, seen.span);
                u32::try_from(at + 1).unwrap_or(seen.line)
            },
        };
        let problems = compare::describe(&self.sheet.marks, &self.seen, &self.partners, &files);
        self.outcome.problems.extend(problems);
        self.outcome.n_findings = self.partners.iter().flatten().count();
        self.outcome.reach = coverage::measure(bench, &stage.policies, content, &report);
        let (fixed, problems) = fixed::check(&mut stage, test, &report);
        self.fixed = fixed;
        self.outcome.problems.extend(problems);
    }
}

/// A manifest, or a part of it, that cannot be read.
fn unreadable(error: &crate::finding::FileError) -> Problem {
    let Some((span, _)) = error.at else {
        return Problem::of_file(&error.file, &error.message);
    };
    Problem {
        labels: vec![Label {
            file: Arc::clone(&error.file),
            span,
            text: error.message.clone(),
        }],
        ..Problem::of_file(&error.file, "cannot be read")
    }
}

impl Bench<'_> {
    /// The names of the policies that a test may speak of.
    fn policies(&self) -> impl Iterator<Item = &str> {
        let own = self.pack.policies.iter().map(|policy| policy.name.as_str());
        own.chain(builtin::NAMES)
    }

    fn check_policy(&self, name: &str, span: Span) -> Result<(), Mistake> {
        if self.policies().any(|known| known == name) {
            return Ok(());
        }
        let pack = self.pack.module.pack();
        let help = suggest(name, self.policies());
        Err(Mistake {
            span,
            message: format!("pack {pack} has no policy `{name}`"),
            help,
        })
    }
}

/// What to write instead of `name`; nothing if no name is near.
fn suggest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let near = nearest(name, names);
    let near: Vec<String> = near.iter().map(|near| format!("`{near}`")).collect();
    if near.is_empty() {
        return String::new();
    }
    format!("write {}", near.join(" or "))
}

/// The scene of a test: the pack at work with its settings.
struct Stage<'a> {
    /// The other manifests of the folder, by name.
    others: Vec<Input>,
    judges: Vec<Judge<'a>>,
    /// The policies that run, by number.
    policies: Vec<u32>,
    settings: run::Settings,
}

impl<'a> Stage<'a> {
    fn set(
        bench: &Bench<'a>,
        test: &Test,
        scene: &Scene,
        stopped: &'a AtomicBool,
    ) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let policies = choose_policies(bench, test, scene, &mut mistakes);
        let settings = read_settings(bench, scene, &mut mistakes);
        let cluster_version = match &scene.cluster_version {
            None => bench.cluster_version.to_owned(),
            Some((version, span)) => (bench.read_version)(version).unwrap_or_else(|reason| {
                let message = format!("`{version}` is no release of Kubernetes");
                mistakes.push(Mistake::new(*span, message, reason));
                String::new()
            }),
        };
        // What was read as YAML and printed as JSON can be read again.
        let request = scene.request.as_deref();
        let request: Option<serde_json::Value> =
            request.and_then(|text| serde_json::from_str(text).ok());
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let chosen = PackChoice {
            selection: Selection::only(bench.pack.module.n_policies(), policies.iter().copied()),
            n_policies: policies.len(),
            settings,
        };
        let judge = Judge::start(bench.pack, chosen, stopped)
            .map_err(|error| describe_start(&error, scene))?;
        Ok(Self {
            others: test.others.iter().map(to_input).collect(),
            judges: vec![judge],
            policies,
            settings: run::Settings {
                jobs: 1,
                min_severity: Severity::Info,
                context: Context {
                    now: scene.now.clone(),
                    old: (request.as_ref()).and_then(|request| request.get("oldObject").cloned()),
                    request,
                    cluster_version: Some(cluster_version),
                    ..Context::default()
                },
                choice: Choice::default(),
                exempt: Exempt::default(),
                root: Arc::from("."),
                clusters: Clusters::default(),
                keeps_texts: true,
            },
        })
    }

    fn lint(&mut self, name: &Arc<str>, text: &str) -> Report {
        let mut inputs = self.others.clone();
        let judged = inputs.partition_point(|other| other.name() < name);
        inputs.insert(judged, to_input(&(Arc::clone(name), Arc::from(text))));
        run::lint_among(&inputs, judged, &mut self.judges, &self.settings)
    }
}

fn to_input((name, text): &(Arc<str>, Arc<str>)) -> Input {
    Input::Text {
        name: Arc::clone(name),
        bytes: Arc::from(text.as_bytes()),
    }
}

/// The numbers of the policies that a test is about: those of its scene and its profiles, else the one it is named after,
/// else all of the pack.
fn choose_policies(
    bench: &Bench<'_>,
    test: &Test,
    scene: &Scene,
    mistakes: &mut Vec<Mistake>,
) -> Vec<u32> {
    let all = 0..bench.pack.module.n_policies();
    let mut names: Vec<&str> = Vec::new();
    for (name, span) in &scene.policies {
        if name == ALL {
            return all.collect();
        }
        match bench.check_policy(name, *span) {
            Ok(()) => names.push(name),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    let mut chosen: BTreeSet<u32> = BTreeSet::new();
    for (name, span) in &scene.profiles {
        let wish = Wish {
            profiles: vec![name.clone()],
            ..Wish::default()
        };
        match choose_of(bench, &wish) {
            Ok(choice) => chosen.extend(all.clone().filter(|&policy| {
                let own = bench.pack.policies.get(policy as usize);
                let is_default = own.is_some_and(|policy| policy.on_by_default);
                choice.selection.runs(policy).unwrap_or(is_default)
            })),
            Err(unknown) => mistakes.push(Mistake::of_unknown(*span, &unknown)),
        }
    }
    if scene.policies.is_empty() && scene.profiles.is_empty() {
        match &test.policy {
            Some(policy) => names.push(policy),
            None => return all.collect(),
        }
    }
    let named = all.zip(&bench.pack.policies);
    let named = named.filter(|(_, policy)| names.contains(&policy.name.as_str()));
    chosen.extend(named.map(|(number, _)| number));
    chosen.into_iter().collect()
}

/// The settings of the scene's profiles, and over them its parameters.
fn read_settings(bench: &Bench<'_>, scene: &Scene, mistakes: &mut Vec<Mistake>) -> Option<String> {
    let mut params = Vec::new();
    for (name, value, span) in &scene.params {
        let (owner, name) = match name.split_once('.') {
            Some((owner, name)) => (owner, name),
            None => match bench.docs.owners_of_param(name).as_slice() {
                // The module says that there is no such parameter.
                [] => (bench.docs.pack.as_str(), name.as_str()),
                [owner] => (*owner, name.as_str()),
                owners @ [first, ..] => {
                    let message = format!("{} have a parameter `{name}`", owners.join(" and "));
                    let help = format!("write `{first}.{name}`");
                    mistakes.push(Mistake::new(*span, message, help));
                    continue;
                }
            },
        };
        let param = Param {
            owner: owner.to_owned(),
            name: name.to_owned(),
            value: serde_json::from_str(value).unwrap_or_default(),
            text: value.clone(),
        };
        let wish = Wish {
            params: vec![param.clone()],
            ..Wish::default()
        };
        match choose_of(bench, &wish) {
            Ok(_) => params.push(param),
            Err(unknown) => mistakes.push(Mistake::of_unknown(*span, &unknown)),
        }
    }
    let wish = Wish {
        profiles: scene
            .profiles
            .iter()
            .map(|(name, _)| name.clone())
            .collect(),
        params,
        ..Wish::default()
    };
    // What is unknown has been said above, with its place.
    choose_of(bench, &wish).ok()?.settings
}

fn choose_of(bench: &Bench<'_>, wish: &Wish) -> Result<PackChoice, Unknown> {
    let choice = choose_any(std::slice::from_ref(bench.pack), wish)?;
    Ok(choice.packs.into_iter().next().unwrap_or_default())
}

/// Why the pack does not start, at the parameters that it refuses.
fn describe_start(error: &StartError, scene: &Scene) -> Vec<Mistake> {
    let first = scene.params.first().map(|(_, _, span)| *span);
    let StartError::Settings { problems, .. } = error else {
        return vec![Mistake::new(
            first.unwrap_or_default(),
            error.to_string(),
            "",
        )];
    };
    let describe = |problem: &SettingsProblem| {
        // `POLICY.NAME`, and below it the members of the value.
        let is_at = |name: &str| {
            let rest = problem.path.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let own = problem.path.split_once('.').map_or("", |(_, rest)| rest);
        let named = (scene.params.iter()).find(|(name, _, _)| {
            is_at(name) || !name.contains('.') && own.split('.').next() == Some(name)
        });
        let span = named.map(|(_, _, span)| *span).or(first);
        let message = format!("`{}`: {}", problem.path, problem.message);
        Mistake::new(span.unwrap_or_default(), message, "")
    };
    problems.iter().map(describe).collect()
}

impl Mistake {
    fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: help.into(),
        }
    }

    fn of_unknown(span: Span, unknown: &Unknown) -> Self {
        Self::new(span, unknown.to_string(), "")
    }
}
