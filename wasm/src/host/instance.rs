//! One guest: its memory, its deadline, and the evaluation of one document after the other.

use std::sync::Arc;
use std::time::Duration;

use palisade_abi::tape::{NodeId, Tape};
use palisade_lang::program::KindRef;

use super::engine::{LEAST_TICKS, ticks_of};
use super::guest::{Guest, SettingsProblem};
use super::results::{Answer, COPY_LIMIT, Reader};
use super::tape::{Extent, Layout, Space, TapeWriter};
use super::{
    Cause, Context, Decision, EvaluateError, Gathered, Inventory, LoadError, Module, Outcome,
    Selection,
};

/// A guest whose memory has grown beyond this is given up after its document.
const KEEP_LIMIT: usize = 16 << 20;
/// What the objects of an inventory may take with the tables made of them, in times of what they take alone.
const TABLES_FACTOR: usize = 8;
/// Documents that are judged before the guest forgets what it allocated for them; sooner if one took much.
const FORGET_AFTER: u32 = 16;
/// Bytes that are much.
const FORGET_BEYOND: u32 = 64 << 10;
/// What one document may take where the engine has a deadline: a million times what it does take.
const DEADLINE: Duration = Duration::from_secs(5);
/// When looking for the policy that ran past its deadline, each attempt gets this part of it.
const SEARCH_PART: u64 = 10;

/// A document as a module reads it: what [`Instance::prepare`] makes.
#[derive(Debug)]
pub struct Prepared<'a> {
    tape: &'a Tape,
    context: &'a Context,
    selection: &'a Selection,
    written: Written,
}

/// A document and what goes with it, gathered for a place in guest memory.
#[derive(Debug, Default)]
struct Written {
    writer: TapeWriter,
    extent: Extent,
    space: Space,
    layout: Layout,
}

/// A module with memory of its own. Belongs to one thread; keeps nothing from one document to the next but its settings.
#[derive(Debug)]
pub struct Instance {
    module: Module,
    guest: Guest,
    written: Written,
    /// Where documents are written; nothing if the guest has forgotten.
    space: Option<Space>,
    /// Documents judged since.
    n_judged: u32,
    settings: Option<String>,
    /// The objects that policies may ask for, and where they lie.
    inventory: Option<(Arc<Inventory>, u32)>,
    /// Ticks that an evaluation may take.
    deadline: u64,
}

impl Instance {
    pub(super) fn new(module: Module) -> Result<Self, LoadError> {
        Ok(Self {
            guest: Guest::new(&module, ticks_of(DEADLINE))?,
            module,
            written: Written::default(),
            space: None,
            n_judged: 0,
            settings: None,
            inventory: None,
            deadline: ticks_of(DEADLINE),
        })
    }

    /// Ends every evaluation after about this time, to a tenth of a second, instead of after five seconds, if the engine
    /// has a deadline.
    pub fn set_deadline(&mut self, deadline: Duration) {
        self.deadline = ticks_of(deadline);
    }

    /// The module that this is an instance of.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Gives the module its settings, as JSON.
    ///
    /// # Errors
    ///
    /// The outer one if the module fails, the inner one if it refuses: it can then not be used before settings are
    /// accepted.
    pub fn configure(
        &mut self,
        settings: &str,
    ) -> Result<Result<(), Vec<SettingsProblem>>, EvaluateError> {
        self.settings = Some(settings.to_owned());
        self.inventory = None;
        let outcome = self.forget();
        let outcome = outcome.and_then(|()| self.guest.configure(settings, self.deadline));
        outcome.map_err(|cause| self.fail("its settings".to_owned(), None, cause))
    }

    /// Adds an object to those gathered before, as far as policies read it that ask for its kind; false if none of `asks`
    /// does, which is a set of kinds as [`PolicyEntry::asks`](crate::index::PolicyEntry::asks) has them.
    ///
    /// # Errors
    ///
    /// If it is nested deeper than a module can judge.
    pub fn gather(&mut self, tape: &Tape, asks: u32, to: &mut Gathered) -> Result<bool, Cause> {
        let tries = &self.module.shared().tries;
        let kind = tape.str_at(NodeId::ROOT, &["kind"]);
        let api_version = tape.str_at(NodeId::ROOT, &["apiVersion"]);
        let (Some(kind), Some(api_version)) = (kind, api_version) else {
            return Ok(false);
        };
        let all = tries.asked_of_all();
        let all = all.is_some_and(|number| is_wanted(asks, number));
        let asked = tries.asked(api_version, kind);
        match asked.filter(|&(number, _)| all || is_wanted(asks, number)) {
            None => Ok(false),
            Some((_, root)) => {
                let writer = &mut self.written.writer;
                let gathered = writer.gather_apart(tries, tape, root, None, to);
                gathered.map_err(|_| Cause::Depth)?;
                Ok(true)
            }
        }
    }

    /// The same of a file of a kind that is no object of the API, such as `DockerDaemon`.
    ///
    /// # Errors
    ///
    /// See [`Instance::gather`].
    pub fn gather_file(
        &mut self,
        tape: &Tape,
        kind: &str,
        asks: u32,
        to: &mut Gathered,
    ) -> Result<bool, Cause> {
        let tries = &self.module.shared().tries;
        let asked = tries.asked_file(kind);
        let Some((_, root)) = asked.filter(|&(number, _)| is_wanted(asks, number)) else {
            return Ok(false);
        };
        let writer = &mut self.written.writer;
        let gathered = writer.gather_apart(tries, tape, root, Some(kind), to);
        gathered.map_err(|_| Cause::Depth)?;
        Ok(true)
    }

    /// Whether some policy is on objects of this kind.
    #[must_use]
    pub fn judges(&self, tape: &Tape) -> bool {
        self.route(tape).is_some()
    }

    /// Hands over the objects that policies may ask for. They stay until the next settings or inventory.
    ///
    /// # Errors
    ///
    /// If they do not fit into the guest's memory.
    pub fn set_inventory(&mut self, inventory: Arc<Inventory>) -> Result<(), EvaluateError> {
        let outcome = self.forget();
        self.guest.set_deadline(self.deadline);
        let outcome = outcome.and_then(|()| inventory.give_to(&mut self.guest));
        let base = outcome.map_err(|cause| self.fail("the inventory".to_owned(), None, cause))?;
        self.inventory = Some((inventory, base));
        Ok(())
    }

    /// Judges a document.
    ///
    /// # Errors
    ///
    /// If the module traps, runs too long, wants too much memory or breaks the interface. The instance has been replaced
    /// then, and the policy that fails alone is named.
    pub fn evaluate(
        &mut self,
        tape: &Tape,
        context: &Context,
        selection: &Selection,
    ) -> Result<Outcome, EvaluateError> {
        self.answer(tape, context, selection)
    }

    /// Judges a document, and says no more than which checks fail or could not be decided: what [`Instance::evaluate`]
    /// does, several times faster. Explaining takes steps too, so an evaluation that takes nearly all may run out of them
    /// only when it explains.
    ///
    /// # Errors
    ///
    /// See [`Instance::evaluate`].
    pub fn decide(
        &mut self,
        tape: &Tape,
        context: &Context,
        selection: &Selection,
    ) -> Result<Decision, EvaluateError> {
        self.answer(tape, context, selection)
    }

    /// Gathers a document once, for a host that decides on it more than once.
    ///
    /// # Errors
    ///
    /// If it is nested deeper than a module can judge, or the module has no memory for it.
    pub fn prepare<'a>(
        &mut self,
        tape: &'a Tape,
        context: &'a Context,
        selection: &'a Selection,
    ) -> Result<Option<Prepared<'a>>, EvaluateError> {
        let Some(extent) = self.extent(tape, context) else {
            return Ok(None);
        };
        let mut written = Written::default();
        match self.gather_for_guest(&mut written, tape, extent, context, selection) {
            Ok(()) => Ok(Some(Prepared {
                tape,
                context,
                selection,
                written,
            })),
            Err(cause @ Cause::Depth) => Err(error(describe(tape), None, cause)),
            Err(cause) => Err(self.fail(describe(tape), None, cause)),
        }
    }

    /// [`Instance::decide`] on a document that was gathered before, by this instance or another one of the same module.
    ///
    /// # Errors
    ///
    /// See [`Instance::evaluate`].
    pub fn decide_prepared(
        &mut self,
        document: &mut Prepared<'_>,
    ) -> Result<Decision, EvaluateError> {
        let Prepared {
            tape,
            context,
            selection,
            ref mut written,
        } = *document;
        let extent = written.extent;
        let answer = match self.reaches(written.space) {
            Ok(true) => Ok(()),
            Ok(false) => self.gather_for_guest(written, tape, extent, context, selection),
            Err(cause) => Err(cause),
        };
        match answer.and_then(|()| self.call(written, tape)) {
            Ok(decision) => Ok(decision),
            Err(_) => {
                self.remake()
                    .map_err(|cause| error(describe(tape), None, cause))?;
                // Who is to blame is found out as always.
                self.run(tape, extent, context, selection)
            }
        }
    }

    /// Whether documents are written to this place, as far as it has been chosen.
    fn reaches(&mut self, space: Space) -> Result<bool, Cause> {
        if self.space.is_none() {
            self.space = Some(Space::new(self.guest.take(space.size())?, space.sizes()));
        }
        Ok(self.space == Some(space))
    }

    fn answer<T: Answer>(
        &mut self,
        tape: &Tape,
        context: &Context,
        selection: &Selection,
    ) -> Result<T, EvaluateError> {
        match self.extent(tape, context) {
            Some(extent) => self.run(tape, extent, context, selection),
            None => Ok(T::default()),
        }
    }

    /// How much of a document is read; nothing if no policy is on its kind.
    fn extent(&self, tape: &Tape, context: &Context) -> Option<Extent> {
        if context.kind.is_none() && context.has_subresource() {
            // What the request carries may be of a kind that no policy names.
            return Some(Extent::Full);
        }
        let root = match &context.kind {
            Some(kind) => self.module.shared().tries.route_of_file(kind),
            None => self.route(tape),
        };
        root.map(Extent::Projected)
    }

    /// Whether some policy is on files of this kind.
    #[must_use]
    pub fn judges_file(&self, kind: &str) -> bool {
        self.module.shared().tries.route_of_file(kind).is_some()
    }

    /// Whether some policy is on the inventory as a whole.
    #[must_use]
    pub fn judges_inventory(&self) -> bool {
        self.module.judges_inventory()
    }

    /// Judges the inventory as a whole, if there is one and policies are on it. Places are in its objects, or nowhere.
    ///
    /// # Errors
    ///
    /// See [`Instance::evaluate`].
    pub fn evaluate_inventory(
        &mut self,
        context: &Context,
        selection: &Selection,
    ) -> Result<Outcome, EvaluateError> {
        if !self.judges_inventory() || self.inventory.is_none() {
            return Ok(Outcome::default());
        }
        let context = Context {
            kind: Some(KindRef::inventory().kind),
            ..context.clone()
        };
        let nothing = Tape::default();
        self.run(&nothing, Extent::Inventory, &context, selection)
    }

    /// Judges a document of which everything is written, which gives the same outcome more slowly.
    ///
    /// # Errors
    ///
    /// See [`Instance::evaluate`].
    pub fn evaluate_in_full(
        &mut self,
        tape: &Tape,
        context: &Context,
        selection: &Selection,
    ) -> Result<Outcome, EvaluateError> {
        self.run(tape, Extent::Full, context, selection)
    }

    /// Judges a document given as JSON; the answer is the verdict as JSON, the one that hosts get that write no tapes.
    ///
    /// # Errors
    ///
    /// See [`Instance::evaluate`]; no policy is named.
    pub fn evaluate_json(
        &mut self,
        document: &str,
        context: &Context,
    ) -> Result<String, EvaluateError> {
        let members = context
            .members()
            .map(|(key, value)| (key.to_owned(), value));
        let context = serde_json::Value::Object(members.collect()).to_string();
        self.guest.set_deadline(self.deadline);
        let answer = self.forget();
        answer
            .and_then(|()| self.guest.evaluate_json(document, &context))
            .and_then(|verdict| self.guest.reset().map(|()| verdict))
            .map_err(|cause| self.fail("the document".to_owned(), None, cause))
    }

    fn route(&self, tape: &Tape) -> Option<u32> {
        let kind = tape.str_at(NodeId::ROOT, &["kind"])?;
        let api_version = tape.str_at(NodeId::ROOT, &["apiVersion"])?;
        self.module.shared().tries.route(api_version, kind)
    }

    fn run<T: Answer>(
        &mut self,
        tape: &Tape,
        extent: Extent,
        context: &Context,
        selection: &Selection,
    ) -> Result<T, EvaluateError> {
        match self.attempt(tape, extent, context, selection) {
            Ok(answer) => {
                let inventory = self.inventory.as_ref();
                let kept = inventory.map_or(0, |(inventory, _)| inventory.size());
                if self.guest.size() > KEEP_LIMIT + TABLES_FACTOR * kept {
                    self.remake()
                        .map_err(|cause| error(describe(tape), None, cause))?;
                }
                Ok(answer)
            }
            Err(cause @ Cause::Depth) => Err(error(describe(tape), None, cause)),
            Err(cause) => {
                let deadline = self.deadline;
                if cause == Cause::Deadline {
                    self.deadline = (deadline / SEARCH_PART).max(LEAST_TICKS);
                }
                let policy = self.find_guilty::<T>(tape, extent, context, selection, &cause);
                self.deadline = deadline;
                Err(self.fail(describe(tape), policy, cause))
            }
        }
    }

    fn attempt<T: Answer>(
        &mut self,
        tape: &Tape,
        extent: Extent,
        context: &Context,
        selection: &Selection,
    ) -> Result<T, Cause> {
        let mut written = std::mem::take(&mut self.written);
        let gathered = self.gather_for_guest(&mut written, tape, extent, context, selection);
        let answer = gathered.and_then(|()| self.call(&written, tape));
        self.written = written;
        answer
    }

    /// Gathers a document for the place where documents are written, which is made larger if need be.
    fn gather_for_guest(
        &mut self,
        written: &mut Written,
        tape: &Tape,
        extent: Extent,
        context: &Context,
        selection: &Selection,
    ) -> Result<(), Cause> {
        let shared = self.module.shared();
        let (writer, guest) = (&mut written.writer, &mut self.guest);
        guest.set_deadline(self.deadline);
        let n_policies = self.module.n_policies();
        let mut wanted = Space::COMMON;
        loop {
            let space = match self.space {
                Some(space) => space,
                None => {
                    let size = wanted.0.checked_add(wanted.1).ok_or(Cause::Memory)?;
                    *self.space.insert(Space::new(guest.take(size)?, wanted))
                }
            };
            (writer.gather(&shared.tries, tape, extent, space)).map_err(|_| Cause::Depth)?;
            let layout = writer.lay_out(&shared.tries, context, selection, n_policies, space);
            wanted = writer.size();
            if space.holds(wanted) {
                (written.extent, written.space, written.layout) = (extent, space, layout);
                return Ok(());
            }
            guest.reset()?;
            self.space = None;
        }
    }

    /// Writes a document to where it was gathered for, and evaluates.
    fn call<T: Answer>(&mut self, written: &Written, tape: &Tape) -> Result<T, Cause> {
        let Written {
            ref writer,
            extent,
            space,
            layout,
        } = *written;
        let guest = &mut self.guest;
        guest.set_deadline(self.deadline);
        if !writer.copy_to(guest.memory_mut(), space) {
            return Err(Cause::Results("space outside of memory"));
        }
        let base = space.base;
        let of_inventory = matches!(extent, Extent::Inventory);
        let judged = match &self.inventory {
            Some((_, inventory)) if of_inventory => *inventory,
            Some(_) | None => base,
        };
        let arguments = (judged, layout.context, layout.enabled, layout.severities);
        let address = T::call(guest, arguments)?;

        let mut reader = Reader {
            memory: guest.memory(),
            base,
            writer,
            tape,
            module: &self.module,
            inventory: self.inventory.as_ref(),
            of_inventory,
            left: COPY_LIMIT,
            last_policy: 0,
        };
        let answer = T::read(&mut reader, address).map_err(Cause::Results)?;
        self.n_judged += 1;
        // The outcome is the last that the guest allocates.
        let is_much = address.wrapping_sub(space.end) > FORGET_BEYOND;
        if is_much || self.n_judged == FORGET_AFTER {
            self.forget()?;
        }
        Ok(answer)
    }

    /// Lets the guest forget everything but its settings.
    fn forget(&mut self) -> Result<(), Cause> {
        self.space = None;
        self.n_judged = 0;
        self.guest.reset()
    }

    /// The policy that fails alone as all did together, by halving.
    fn find_guilty<T: Answer>(
        &mut self,
        tape: &Tape,
        extent: Extent,
        context: &Context,
        selection: &Selection,
        cause: &Cause,
    ) -> Option<String> {
        let n_policies = self.module.n_policies();
        let mut suspects: Vec<u32> = (0..n_policies)
            .filter(|&policy| {
                (selection.runs(policy))
                    .or_else(|| Some(self.module.policy(policy)?.on_by_default))
                    .unwrap_or(false)
            })
            .collect();
        loop {
            let half = suspects.len().div_ceil(2);
            let rest = suspects.split_off(half);
            if !self.fails_alone::<T>(tape, extent, context, selection, &suspects, cause) {
                if rest.is_empty() {
                    return None;
                }
                suspects = rest;
            } else if let [policy] = suspects.as_slice() {
                return self.module.policy(*policy).map(|policy| policy.name);
            }
        }
    }

    fn fails_alone<T: Answer>(
        &mut self,
        tape: &Tape,
        extent: Extent,
        context: &Context,
        selection: &Selection,
        policies: &[u32],
        cause: &Cause,
    ) -> bool {
        if self.remake().is_err() {
            return false;
        }
        let selection = selection.narrowed_to(self.module.n_policies(), policies);
        let answer = self.attempt::<T>(tape, extent, context, &selection);
        // The words of a trap name places in the code, which differ.
        answer.is_err_and(|other| std::mem::discriminant(&other) == std::mem::discriminant(cause))
    }

    fn fail(&mut self, object: String, policy: Option<String>, cause: Cause) -> EvaluateError {
        match self.remake() {
            Ok(()) => error(object, policy, cause),
            Err(worse) => error(object, policy, worse),
        }
    }

    /// Replaces the guest, with the same settings.
    fn remake(&mut self) -> Result<(), Cause> {
        self.space = None;
        self.n_judged = 0;
        self.guest = Guest::new(&self.module, self.deadline).map_err(Cause::Start)?;
        if let Some(settings) = &self.settings {
            // Refused settings leave the new guest as unusable as the old one.
            let _refused = self.guest.configure(settings, self.deadline)?;
        }
        if let Some((inventory, base)) = &mut self.inventory {
            self.guest.set_deadline(self.deadline);
            *base = inventory.give_to(&mut self.guest)?;
        }
        Ok(())
    }
}

/// Whether a kind is in a set of kinds asked for.
fn is_wanted(asks: u32, number: u32) -> bool {
    asks >> number.min(31) & 1 == 1
}

fn error(object: String, policy: Option<String>, cause: Cause) -> EvaluateError {
    EvaluateError {
        object,
        policy,
        cause,
    }
}

/// An object as messages name it, such as `Pod default/web`.
fn describe(tape: &Tape) -> String {
    let text = |path: &[&str]| tape.str_at(NodeId::ROOT, path);
    let kind = text(&["kind"]).unwrap_or("object");
    let Some(name) = text(&["metadata", "name"]) else {
        return kind.to_owned();
    };
    match text(&["metadata", "namespace"]) {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}
