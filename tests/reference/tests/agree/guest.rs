//! Programs as modules, and what they say of a document.

use palisade_abi::tape::Tape;
use palisade_lang::program::{Program, Severity};
use palisade_reference::{Reason, Selection, Status, Verdict};
use palisade_wasm::build::build_module as compile;
use palisade_wasm::host::{self, Context, Engine, Instance, Module};
use palisade_wasm::target::Target;

/// A compiled program, ready to run.
pub(crate) struct Guest {
    instance: Instance,
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
        Ok(Self { instance })
    }

    /// What the module says of a document.
    pub(crate) fn evaluate(
        &mut self,
        tape: &Tape,
        selection: &Selection,
        extent: Extent,
    ) -> Result<Vec<Verdict>, String> {
        let n_policies = self.instance.module().n_policies();
        let enabled = match &selection.enabled {
            None => host::Selection::default(),
            Some(enabled) => {
                let on =
                    (0..n_policies).filter(|&number| enabled.get(number as usize) == Some(&true));
                host::Selection::only(n_policies, on)
            }
        };
        let context = Context::default();
        let outcome = match extent {
            Extent::Projected => self.instance.evaluate(tape, &context, &enabled),
            Extent::Full => self.instance.evaluate_in_full(tape, &context, &enabled),
        };
        let outcome = outcome.map_err(|error| format!("running: {error:?}"))?;
        if outcome.out_of_steps || outcome.truncated {
            return Err("out of steps or results dropped".to_owned());
        }
        outcome.findings.iter().map(verdict).collect()
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
        (host::Status::Unknown, Some(host::Reason::Shape)) => Status::Unknown(Reason::Shape),
        (host::Status::Unknown, Some(host::Reason::Missing)) => Status::Unknown(Reason::Missing),
        (host::Status::Unknown, Some(host::Reason::Template)) => Status::Unknown(Reason::Template),
        other => return Err(format!("a result of status {other:?}")),
    };
    Ok(Verdict {
        policy: finding.policy as usize,
        check: finding.check,
        status,
        severity: severities[usize::from(finding.severity)],
        place: finding.place.clone(),
        related: finding.related.clone(),
        message: finding.message.clone(),
    })
}
