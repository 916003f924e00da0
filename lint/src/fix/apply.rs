//! Carries out fixes on one file, as many at a time as do not get in each other's way, and reads the file again after
//! each time: what its documents say then must be what the edits say.

use palisade_abi::place::Step;
use rustc_hash::{FxHashMap, FxHashSet};

use super::change::{Change, change_text};
use super::create::{is_new, made_by};
use super::plan::{Plan, plan};
use super::site::Site;
use super::value::Value;
use super::{Edit, EditKind, Fix, Refusal};
use crate::manifest::{self, Document, Format, Read};

/// Times that a file is changed and read again. What is not done by then is for the next run.
const MAX_PASSES: usize = 200;

/// A fix that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Which document of the file.
    pub document: u32,
    /// Which item of it, if it is a list.
    pub item: Option<u32>,
    /// What is to be done.
    pub fix: &'a Fix,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The text, changed or not.
    pub text: String,
    /// What became of each fix that was asked for, in that order.
    pub states: Vec<State>,
}

/// What became of a fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is in the text.
    Done,
    /// It cannot be done in place.
    Refused(Refusal),
    /// The text says so already, or another fix changed what it is about: whether it is still needed is for the policies
    /// to say.
    Overtaken,
}

/// Does what is `wanted` of the file `text`.
#[must_use]
pub fn apply(text: &str, format: Format, wanted: &[Wanted<'_>]) -> Applied {
    let mut work = Work {
        text: text.to_owned(),
        format,
        states: vec![State::Overtaken; wanted.len()],
    };
    let mut pending = gather(wanted);
    for _ in 0..MAX_PASSES {
        if pending.is_empty() {
            break;
        }
        pending = work.pass(pending);
    }
    Applied {
        text: work.text,
        states: work.states,
    }
}

/// Edits to be done together, and the fixes that ask for just these.
#[derive(Debug, Clone)]
struct Task {
    at: (u32, Option<u32>),
    edits: Vec<Edit>,
    ids: Vec<usize>,
}

/// Equal fixes of several findings are one task.
fn gather(wanted: &[Wanted<'_>]) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::new();
    let mut known: FxHashMap<(u32, Option<u32>, String), usize> = FxHashMap::default();
    for (id, one) in wanted.iter().enumerate() {
        // An object that several findings want is one.
        let is_object = one.fix.edits.iter().all(|edit| made_by(edit).is_some());
        let (document, item) = if is_object {
            (u32::MAX, None)
        } else {
            (one.document, one.item)
        };
        let name = (document, item, format!("{:?}", one.fix.edits));
        let at = *known.entry(name).or_insert(tasks.len());
        if let Some(task) = tasks.get_mut(at) {
            task.ids.push(id);
        } else {
            tasks.push(Task {
                at: (one.document, one.item),
                edits: one.fix.edits.clone(),
                ids: vec![id],
            });
        }
    }
    tasks
}

struct Work {
    text: String,
    format: Format,
    states: Vec<State>,
}

impl Work {
    /// Does some of `pending`, at least one, and gives back the rest.
    fn pass(&mut self, pending: Vec<Task>) -> Vec<Task> {
        let read = manifest::read(self.text.as_bytes(), self.format);
        let (mut batch, mut later) = (Vec::new(), Vec::new());
        let mut taken = Taken::default();
        for task in pending {
            match self.plan(&read, &task) {
                Err(refusal) => self.settle(&task, &State::Refused(refusal)),
                // The text says so already.
                Ok(Planned::Together(plan)) if plan.changes.is_empty() => {}
                Ok(Planned::Together(plan)) if taken.take(task.at, &plan) => {
                    batch.push((task, plan.changes));
                }
                // Alone, as its edits build on each other.
                Ok(Planned::Stepwise) if batch.is_empty() && later.is_empty() => {
                    self.step_through(&read, &task);
                    taken.is_closed = true;
                    later.push(Later::Done(task));
                }
                Ok(Planned::Together(_) | Planned::Stepwise) => later.push(Later::Waits(task)),
            }
        }
        self.commit(&read, batch, later)
    }

    fn plan(&self, read: &Read, task: &Task) -> Result<Planned, Refusal> {
        let document = find(read, task.at)?;
        let site = Site::new(&self.text, document, self.format);
        let mut whole = Plan::default();
        let mut taken = Taken::default();
        for edit in &task.edits {
            if let Some(object) = made_by(edit)
                && !is_new(object, &read.documents)?
            {
                continue;
            }
            match plan(&site, edit) {
                Ok(part) if taken.take(task.at, &part) => {
                    whole.changes.extend(part.changes);
                    whole.claims.extend(part.claims);
                }
                Ok(_) => return Ok(Planned::Stepwise),
                Err(refusal) if task.edits.len() == 1 => return Err(refusal),
                Err(_) => return Ok(Planned::Stepwise),
            }
        }
        Ok(Planned::Together(whole))
    }

    /// Does a task edit by edit; all of it or nothing.
    fn step_through(&mut self, read: &Read, task: &Task) {
        let mut text = self.text.clone();
        let mut outcome = Ok(());
        for edit in &task.edits {
            let next = step(&text, self.format, task.at, edit);
            match next {
                Ok(next) => text = next,
                Err(refusal) => {
                    outcome = Err(refusal);
                    break;
                }
            }
        }
        let outcome = outcome.and_then(|()| verify(read, &text, self.format, &[task]));
        match outcome {
            Ok(()) => {
                self.text = text;
                self.settle(task, &State::Done);
            }
            Err(refusal) => self.settle(task, &State::Refused(refusal)),
        }
    }

    /// Does as many of `batch`, from its start, as read as they should.
    fn commit(
        &mut self,
        read: &Read,
        mut batch: Vec<(Task, Vec<Change>)>,
        later: Vec<Later>,
    ) -> Vec<Task> {
        let mut rest = Vec::new();
        while !batch.is_empty() {
            let changes: Vec<Change> = batch.iter().flat_map(|(_, part)| part.clone()).collect();
            let tasks: Vec<&Task> = batch.iter().map(|(task, _)| task).collect();
            let text = change_text(&self.text, &changes);
            let outcome = text
                .ok_or_else(|| Refusal::new("its changes overlap"))
                .and_then(|text| {
                    verify(read, &text, self.format, &tasks)?;
                    Ok(text)
                });
            match outcome {
                Ok(text) => {
                    self.text = text;
                    break;
                }
                Err(refusal) if batch.len() == 1 => {
                    for (task, _) in batch.drain(..) {
                        self.settle(&task, &State::Refused(refusal.clone()));
                    }
                }
                // One of them is at fault; the first half tells which half has it.
                Err(_) => rest.extend(batch.split_off(batch.len() / 2)),
            }
        }
        let mut done: Vec<Task> = batch.into_iter().map(|(task, _)| task).collect();
        for task in &done {
            self.settle(task, &State::Done);
        }
        let mut waiting: Vec<Task> = rest.into_iter().map(|(task, _)| task).collect();
        for one in later {
            match one {
                Later::Done(task) => {
                    if let Some(id) = task.ids.first()
                        && self.states.get(*id) == Some(&State::Done)
                    {
                        done.push(task);
                    }
                }
                Later::Waits(task) => waiting.push(task),
            }
        }
        for task in &done {
            for edit in &task.edits {
                waiting.retain_mut(|other| other.at != task.at || other.survives(edit));
            }
        }
        // In the order in which they were asked for.
        waiting.sort_by_key(|task| task.ids.first().copied());
        waiting
    }

    fn settle(&mut self, task: &Task, state: &State) {
        for &id in &task.ids {
            if let Some(slot) = self.states.get_mut(id) {
                *slot = state.clone();
            }
        }
    }
}

enum Planned {
    /// All edits on the text as it is.
    Together(Plan),
    /// Each edit on what the one before left.
    Stepwise,
}

enum Later {
    Done(Task),
    Waits(Task),
}

/// What the plans chosen so far touch.
#[derive(Default)]
struct Taken {
    changes: Vec<Change>,
    claims: FxHashSet<(u32, Option<u32>, u32)>,
    is_closed: bool,
}

impl Taken {
    /// Adds `plan`, or tells that it is in the way of another.
    fn take(&mut self, at: (u32, Option<u32>), plan: &Plan) -> bool {
        let claims = || plan.claims.iter().map(|node| (at.0, at.1, node.0));
        if self.is_closed || claims().any(|claim| self.claims.contains(&claim)) {
            return false;
        }
        // Plans come in the order of the file, mostly, so the nearest is the last.
        let is_free =
            |change: &Change| !self.changes.iter().rev().any(|other| other.touches(change));
        if !plan.changes.iter().all(is_free) {
            return false;
        }
        self.claims.extend(claims());
        self.changes.extend(plan.changes.iter().cloned());
        true
    }
}

impl Task {
    /// False if `done` changed what this task is about. Indices behind a removed element move up.
    fn survives(&mut self, done: &Edit) -> bool {
        if made_by(done).is_some() {
            return true;
        }
        self.edits.iter_mut().all(|edit| {
            if made_by(edit).is_some() {
                return true;
            }
            let path = &mut edit.path;
            if let (EditKind::Remove, Some((Step::Index(gone), list))) =
                (&done.kind, done.path.split_last())
                && path.len() > list.len()
                && path.starts_with(list)
                && let Some(Step::Index(index)) = path.get_mut(list.len())
                && *index > *gone
            {
                *index -= 1;
                return true;
            }
            let adds = |kind: &EditKind| matches!(kind, EditKind::Append(_));
            match (adds(&done.kind), adds(&edit.kind)) {
                // A longer list leaves everything where it was.
                (true, true) => true,
                (true, false) => !done.path.starts_with(path),
                (false, _) => !done.path.starts_with(path) && !path.starts_with(&done.path),
            }
        })
    }
}

fn find(read: &Read, at: (u32, Option<u32>)) -> Result<&Document, Refusal> {
    let found = (read.documents.iter()).find(|document| (document.index, document.item) == at);
    found.ok_or_else(|| Refusal::new("its object is no longer there"))
}

/// The text after one edit.
fn step(
    text: &str,
    format: Format,
    at: (u32, Option<u32>),
    edit: &Edit,
) -> Result<String, Refusal> {
    let read = manifest::read(text.as_bytes(), format);
    if let Some(object) = made_by(edit)
        && !is_new(object, &read.documents)?
    {
        return Ok(text.to_owned());
    }
    let site = Site::new(text, find(&read, at)?, format);
    let plan = plan(&site, edit)?;
    change_text(text, &plan.changes).ok_or_else(|| Refusal::new("its changes overlap"))
}

/// Reads `text` and compares it with what `before` must be after `tasks`.
fn verify(before: &Read, text: &str, format: Format, tasks: &[&Task]) -> Result<(), Refusal> {
    let otherwise = || Refusal::new("in this form the text cannot be changed without side effects");
    let after = manifest::read(text.as_bytes(), format);
    let n_errors = |read: &Read| read.problems.iter().filter(|at| at.is_error()).count();
    let mut made: Vec<&Value> = Vec::new();
    for object in tasks
        .iter()
        .flat_map(|task| &task.edits)
        .filter_map(made_by)
    {
        let is_known = made.iter().any(|known| known.is_same(object));
        if !is_known && is_new(object, &before.documents)? {
            made.push(object);
        }
    }
    let new = after.documents.get(before.documents.len()..);
    let is_made = new.is_some_and(|new| {
        new.len() == made.len()
            && new
                .iter()
                .zip(&made)
                .all(|(document, object)| Value::of_document(document).is_same(object))
    });
    if !is_made
        || after.problems.len() > before.problems.len()
        || n_errors(&after) != n_errors(before)
    {
        return Err(otherwise());
    }
    for (old, new) in before.documents.iter().zip(&after.documents) {
        if (old.index, old.item) != (new.index, new.item) {
            return Err(otherwise());
        }
        let mut own = tasks
            .iter()
            .filter(|task| task.at == (old.index, old.item))
            .peekable();
        if own.peek().is_none() {
            if old.tape == new.tape {
                continue;
            }
            return Err(otherwise());
        }
        let mut value = Value::of_document(old);
        for task in own {
            for edit in &task.edits {
                value.apply(edit)?;
            }
        }
        if !value.is_same(&Value::of_document(new)) {
            return Err(otherwise());
        }
    }
    Ok(())
}
