//! Programs as modules, and what they say of a document.

use palisade_abi::tape::Tape;
use palisade_lang::program::{EditKind, Program, Severity};
use palisade_reference::document::Document;
use palisade_reference::{Change, Inventory, Reason, Selection, Status, Verdict};
use palisade_wasm::build::build_module as compile;
use palisade_wasm::host::{self, Context, Engine, Instance, Module};
use palisade_wasm::target::Target;

/// A compiled program, ready to run.
pub(crate) struct Guest {
    instance: Instance,
    /// The inventory that it was told of last, and which of its objects it asked for.
    told: Option<Inventory>,
    numbers: Vec<u32>,
}

/// How much of a document the module is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What it says it reads.
    Projected,
    /// Everything.
    Full,
}

impl Guest {
    /// Compiles a program. The error says what went wrong.
    pub(crate) fn new(engine: &Engine, program: &Program) -> Result<Self, String> {
        let bytes = compile_quietly(program)?;
        let module = Module::new(engine, &bytes).map_err(|error| format!("loading: {error:?}"))?;
        let instance = module
            .instantiate()
            .map_err(|error| format!("starting: {error:?}"))?;
        Ok(Self {
            instance,
            told: None,
            numbers: Vec::new(),
        })
    }

    /// Gives the module its settings: the paths of what it refuses.
    pub(crate) fn configure(&mut self, settings: &Document) -> Result<Vec<String>, String> {
        self.told = None;
        let answer = self.instance.configure(&settings.to_string());
        let problems = answer.map_err(|error| format!("configuring: {error:?}"))?;
        let mut paths: Vec<String> = match problems {
            Ok(()) => Vec::new(),
            Err(problems) => problems.into_iter().map(|problem| problem.path).collect(),
        };
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    /// Hands over the objects that policies may ask for.
    fn inform(&mut self, selection: &Selection) -> Result<(), String> {
        let Some(inventory) = &selection.inventory else {
            return Ok(());
        };
        if self.told.as_ref() == Some(inventory) {
            return Ok(());
        }
        let mut objects = host::Gathered::default();
        self.numbers.clear();
        for (number, object) in (0..).zip(&inventory.objects) {
            let files = inventory.files.as_ref();
            let file = files.and_then(|files| files[number as usize].as_deref());
            let (tape, instance) = (object.to_tape(), &mut self.instance);
            let gathered = match file {
                Some(kind) => instance.gather_file(&tape, kind, u32::MAX, &mut objects),
                None => instance.gather(&tape, u32::MAX, &mut objects),
            };
            if gathered.map_err(|error| format!("gathering: {error:?}"))? {
                self.numbers.push(number);
            }
        }
        let mut all = host::Inventory::of(self.instance.module(), "all", objects);
        let module = self.instance.module();
        if let Some(sources) = &inventory.sources {
            let own = self.numbers.iter().map(|number| &sources[*number as usize]);
            let own = own.map(|(path, template)| (path.as_str(), template.as_deref()));
            all = all.with_sources(module, own);
        }
        let known = |number| match inventory.files {
            None if module.asks_for_files(number) => host::Knowledge::None,
            _ if inventory.is_partial => host::Knowledge::Partial,
            _ => host::Knowledge::Complete,
        };
        all = all.with_knowledge((0..module.n_asked()).map(known));
        let told = self.instance.set_inventory(std::sync::Arc::new(all));
        told.map_err(|error| format!("handing over the inventory: {error:?}"))?;
        self.told = Some(inventory.clone());
        Ok(())
    }

    /// What the module says of a document.
    pub(crate) fn evaluate(
        &mut self,
        tape: &Tape,
        selection: &Selection,
        extent: Extent,
    ) -> Result<Vec<Verdict>, String> {
        let (context, enabled) = self.asked(selection);
        self.inform(selection)?;
        let outcome = match extent {
            Extent::Projected => self.instance.evaluate(tape, &context, &enabled),
            Extent::Full => self.instance.evaluate_in_full(tape, &context, &enabled),
        };
        let outcome = outcome.map_err(|error| format!("running: {error:?}"))?;
        if outcome.out_of_steps || outcome.truncated {
            return Err("out of steps or results dropped".to_owned());
        }
        if extent == Extent::Projected {
            let decided = self.instance.decide(tape, &context, &enabled);
            let decided = decided.map_err(|error| format!("deciding: {error:?}"))?;
            if !decided.fits(&outcome) {
                return Err(format!(
                    "decided otherwise\n  evaluated {outcome:?}\n  decided {decided:?}"
                ));
            }
        }
        self.verdicts(&outcome)
    }

    /// What the module says of a document on which a policy runs out of steps.
    pub(crate) fn evaluate_out_of_steps(
        &mut self,
        tape: &Tape,
        selection: &Selection,
    ) -> Result<Vec<Verdict>, String> {
        let (context, enabled) = self.asked(selection);
        let outcome = self.instance.evaluate_in_full(tape, &context, &enabled);
        let outcome = outcome.map_err(|error| format!("running: {error:?}"))?;
        if outcome.out_of_steps && !outcome.truncated {
            self.verdicts(&outcome)
        } else {
            Err("there were steps enough, or results dropped".to_owned())
        }
    }

    /// The results, with the objects of the inventory by their numbers in that.
    fn verdicts(&self, outcome: &host::Outcome) -> Result<Vec<Verdict>, String> {
        let verdicts = outcome.findings.iter().map(verdict);
        let mut verdicts: Vec<Verdict> = verdicts.collect::<Result<_, _>>()?;
        for (object, _) in verdicts
            .iter_mut()
            .flat_map(|verdict| &mut verdict.elsewhere)
        {
            *object = self.numbers[*object as usize];
        }
        Ok(verdicts)
    }

    /// What the module says of the inventory as a whole, which it is handed as such: each result with the object that its
    /// place is in.
    pub(crate) fn evaluate_inventory(
        &mut self,
        selection: &Selection,
    ) -> Result<Vec<(Option<u32>, Verdict)>, String> {
        let (context, enabled) = self.asked(selection);
        self.inform(selection)?;
        let outcome = self.instance.evaluate_inventory(&context, &enabled);
        let outcome = outcome.map_err(|error| format!("running: {error:?}"))?;
        let within = outcome
            .findings
            .iter()
            .map(|finding| finding.within.map(|object| self.numbers[object as usize]));
        let within: Vec<Option<u32>> = within.collect();
        Ok(within.into_iter().zip(self.verdicts(&outcome)?).collect())
    }

    /// Forgets that it was told of an inventory.
    pub(crate) fn forget(&mut self) {
        self.told = None;
    }

    /// The context and the policies that are asked for.
    fn asked(&self, selection: &Selection) -> (Context, host::Selection) {
        let n_policies = self.instance.module().n_policies();
        let mut enabled = match &selection.enabled {
            None => host::Selection::default(),
            Some(enabled) => {
                let on =
                    (0..n_policies).filter(|&number| enabled.get(number as usize) == Some(&true));
                host::Selection::only(n_policies, on)
            }
        };
        for (policy, severity) in (0..).zip(&selection.severities) {
            if let Some(severity) = severity {
                enabled = enabled.with_severity(n_policies, policy, *severity as u8);
            }
        }
        let said = |key: &str| {
            let member = selection
                .context
                .as_ref()
                .and_then(|said| member(said, key));
            member.map(|value| serde_json::from_str(&value.to_string()).unwrap())
        };
        let context = Context {
            now: said("now").and_then(|now: serde_json::Value| now.as_str().map(str::to_owned)),
            cluster_version: said("clusterVersion")
                .and_then(|version: serde_json::Value| version.as_str().map(str::to_owned)),
            request: said("request"),
            old: said("old"),
            source: said("source"),
            inventory: said("inventory"),
            kind: said("kind").and_then(|kind: serde_json::Value| kind.as_str().map(str::to_owned)),
        };
        (context, enabled)
    }
}

fn member<'d>(map: &'d Document, key: &str) -> Option<&'d Document> {
    match map {
        Document::Map(members) => {
            let (_, value) = members.iter().find(|(known, _)| known == key)?;
            Some(value)
        }
        _ => None,
    }
}

/// The module of a program; a panic of the compiler is an error.
pub(crate) fn compile_quietly(program: &Program) -> Result<Vec<u8>, String> {
    let compiled = std::panic::catch_unwind(|| compile(program, Target::Core));
    match compiled {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(format!("linking: {error}")),
        Err(_) => Err("the compiler panicked".to_owned()),
    }
}

fn verdict(finding: &host::Finding) -> Result<Verdict, String> {
    let severities = [
        Severity::Info,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];
    let status = match (finding.status, finding.reason) {
        (host::Status::Finding, None) => Status::Finding,
        (host::Status::NotApplicable, None) => Status::NotApplicable,
        (host::Status::Unknown, Some(reason)) => Status::Unknown(match reason {
            host::Reason::Shape => Reason::Shape,
            host::Reason::Missing => Reason::Missing,
            host::Reason::Template => Reason::Template,
            host::Reason::Inventory => Reason::Inventory,
            host::Reason::Budget => Reason::Budget,
            host::Reason::Value => Reason::Value,
        }),
        other => return Err(format!("a result of status {other:?}")),
    };
    Ok(Verdict {
        policy: finding.policy as usize,
        check: finding.check,
        status,
        severity: severities[usize::from(finding.severity)],
        place: finding.place.clone(),
        related: finding.related.clone(),
        elsewhere: (finding.elsewhere.iter())
            .map(|elsewhere| (elsewhere.object, elsewhere.place.clone()))
            .collect(),
        message: finding.message.clone(),
        fix: finding.fixes.iter().map(change).collect::<Result<_, _>>()?,
    })
}

fn change(fix: &host::Fix) -> Result<Change, String> {
    let kind = match fix.kind {
        host::FixKind::Set => EditKind::Set,
        host::FixKind::Remove => EditKind::Remove,
        host::FixKind::Append => EditKind::Append,
        host::FixKind::Create => EditKind::Create,
        other => return Err(format!("a fix of kind {other:?}")),
    };
    let value = match fix.value.as_str() {
        "" => None,
        text => match Document::parse(text) {
            Some(value) => Some(value),
            None => return Err(format!("a fix with the value {text}")),
        },
    };
    Ok(Change {
        kind,
        is_safe: fix.safe,
        place: fix.place.clone(),
        value,
    })
}
