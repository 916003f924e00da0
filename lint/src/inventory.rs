//! The objects of a run that policies ask for: gathered while files are read for the first time, handed to the modules
//! before the policies that ask are judged.
//!
//! Nothing here runs unless a policy that was chosen asks for objects.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use palisade_abi::place::Place as NodePlace;
use palisade_abi::tape::{Kind, NodeId};
use palisade_lang::program::{FileKind, SecretFields};
use palisade_wasm::host::{Cause, Gathered, Instance, Inventory, Knowledge, Module, Selection};

use crate::clusters::{Root, group_of};
use crate::files;
use crate::finding::{ObjectName, Place};
use crate::manifest::{self, Document, Format, LineIndex};
use crate::packs::Pack;
use crate::run::{name_file, name_object, read_input, template_of};
use crate::secrets;
use crate::select::PackChoice;
use crate::walk::{Input, is_manifest_name};

/// Files that are kept in memory for places in them, at most.
const MOST_FILES: usize = 4;

/// What of a pack is judged when.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// All of it.
    pub(crate) all: Selection,
    /// The policies that ask for nothing: at once.
    pub(crate) now: Selection,
    /// Those that ask: once all objects are known.
    pub(crate) later: Selection,
    /// The kinds that they ask for, as the index has them.
    pub(crate) asks: u32,
}

impl Stage {
    /// The stages of a pack; nothing if no policy that runs asks for objects, and none is on the inventory as a whole.
    pub(crate) fn of(pack: &Pack, chosen: &PackChoice) -> Option<Self> {
        let n_policies = pack.module.n_policies();
        let runs = |policy: u32| {
            let default = || {
                pack.policies
                    .get(policy as usize)
                    .map(|policy| policy.on_by_default)
            };
            let runs = chosen.selection.runs(policy).or_else(default);
            runs.unwrap_or(false)
        };
        let asks_of = |policy: u32| pack.asks.get(policy as usize).copied().unwrap_or(0);
        let running = (0..n_policies).filter(|&policy| runs(policy));
        let (later, now): (Vec<u32>, Vec<u32>) = running.partition(|&policy| asks_of(policy) != 0);
        let asks = later.iter().fold(0, |all, &policy| all | asks_of(policy));
        let waits = !later.is_empty() || pack.module.judges_inventory();
        waits.then(|| Self {
            all: chosen.selection.clone(),
            now: chosen.selection.narrowed_to(n_policies, &now),
            later: chosen.selection.narrowed_to(n_policies, &later),
            asks,
        })
    }
}

/// Where an object is written. In their order, objects are in document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Source {
    /// The number of the input.
    pub(crate) input: u32,
    /// Which document of it.
    pub(crate) document: u32,
    /// Which item of that, if it is a list.
    pub(crate) item: Option<u32>,
    /// Of a file that is no object of the API: its kind, by number in its pack.
    pub(crate) kind: Option<u32>,
}

/// What was gathered for one pack.
#[derive(Debug, Default)]
pub(crate) struct Harvest {
    /// The objects that its policies ask for, as each thread gathered them, with the number of the inventory that all of
    /// a part are of.
    pub(crate) parts: Vec<(u32, Gathered)>,
    /// The number of the inventory that each input is of; empty if all are of one.
    pub(crate) groups: Arc<[u32]>,
    /// Where they are written: the source, the number of the part, the number of the object in it.
    pub(crate) places: Vec<(Source, u32, u32)>,
    /// The inputs that policies of the pack may be on, by number.
    pub(crate) targets: BTreeSet<usize>,
    /// Policies that run ask for objects.
    pub(crate) asks: bool,
    /// There are objects that could not be gathered.
    pub(crate) is_partial: bool,
    /// Policies ask where other objects are written.
    pub(crate) wants_sources: bool,
    /// Of objects that Helm rendered the template, by the number of the input and that of the document.
    pub(crate) templates: BTreeMap<(u32, u32), Box<str>>,
}

impl Harvest {
    /// Adds what another thread gathered.
    pub(crate) fn add(&mut self, other: Self) {
        let shift = number(self.parts.len());
        self.parts.extend(other.parts);
        let moved = |(source, part, nth)| (source, part + shift, nth);
        self.places.extend(other.places.into_iter().map(moved));
        self.targets.extend(other.targets);
        self.is_partial |= other.is_partial;
        self.asks |= other.asks;
        self.wants_sources |= other.wants_sources;
        self.templates.extend(other.templates);
    }

    /// Adds an object if policies ask for its kind; `asks` is the set of kinds, as the index has them.
    pub(crate) fn gather(
        &mut self,
        input: usize,
        (document, text): (&Document, &str),
        instance: &mut Instance,
        asks: u32,
    ) {
        if self.wants_sources
            && let Some(template) = template_of(document, text)
        {
            let at = (number(input), document.index);
            self.templates.insert(at, Box::from(template));
        }
        self.is_partial |= is_of_unknown_kind(document);
        self.add_gathered(input, document, None, |part| {
            instance.gather(&document.tape, asks, part)
        });
    }

    /// Adds a file if policies ask for its kind, which has a number in the pack.
    pub(crate) fn gather_file(
        &mut self,
        input: usize,
        document: &Document,
        (number_of_kind, kind): (usize, &str),
        instance: &mut Instance,
        asks: u32,
    ) {
        let number_of_kind = Some(number(number_of_kind));
        self.add_gathered(input, document, number_of_kind, |part| {
            instance.gather_file(&document.tape, kind, asks, part)
        });
    }

    /// Has a document added to the part of its inventory, and notes where it is written if it was.
    fn add_gathered(
        &mut self,
        input: usize,
        document: &Document,
        kind: Option<u32>,
        gather: impl FnOnce(&mut Gathered) -> Result<bool, Cause>,
    ) {
        let Some((number_of_part, part)) = self.part_of(input) else {
            return;
        };
        let nth = number(part.len());
        match gather(part) {
            Ok(true) => {
                let source = Source {
                    input: number(input),
                    document: document.index,
                    item: document.item,
                    kind,
                };
                self.places.push((source, number_of_part, nth));
            }
            Ok(false) => {}
            Err(_) => self.is_partial = true,
        }
    }

    /// The part that the objects of an input are added to, and its number.
    fn part_of(&mut self, input: usize) -> Option<(u32, &mut Gathered)> {
        let group = group_of(&self.groups, input);
        let known = self.parts.iter().position(|(other, _)| *other == group);
        let nth = known.unwrap_or(self.parts.len());
        if known.is_none() {
            self.parts.push((group, Gathered::default()));
        }
        let (_, part) = self.parts.get_mut(nth)?;
        Some((number(nth), part))
    }

    /// All objects of one inventory in document order, and where each is written.
    pub(crate) fn finish(
        self,
        module: &Module,
        root: &Root,
        inputs: &[Input],
    ) -> (Inventory, Vec<Source>) {
        let mut all = self.finish_each(module, std::slice::from_ref(root), inputs);
        all.pop().unwrap_or_default()
    }

    /// The same of each inventory, which have these roots by number.
    pub(crate) fn finish_each(
        mut self,
        module: &Module,
        roots: &[Root],
        inputs: &[Input],
    ) -> Vec<(Inventory, Vec<Source>)> {
        self.places.sort_by_key(|&(source, ..)| source);
        // Of each inventory its parts, which get new numbers, and the places in them.
        let mut parts: Vec<Vec<Gathered>> = roots.iter().map(|_| Vec::new()).collect();
        let mut places: Vec<Vec<(Source, u32, u32)>> = roots.iter().map(|_| Vec::new()).collect();
        let mut renumbered = Vec::new();
        for (group, gathered) in self.parts {
            let mut new = 0;
            if let Some(own) = parts.get_mut(group as usize) {
                new = number(own.len());
                own.push(gathered);
            }
            renumbered.push((group, new));
        }
        for (source, part, nth) in self.places {
            let of = renumbered.get(part as usize);
            if let Some(&(group, part)) = of
                && let Some(own) = places.get_mut(group as usize)
            {
                own.push((source, part, nth));
            }
        }
        let mut finished = Vec::new();
        for ((root, parts), places) in roots.iter().zip(parts).zip(places) {
            let order = places.iter().map(|&(_, part, nth)| (part, nth));
            let called: Vec<(&str, &str)> = root.called().collect();
            let inventory = Inventory::called(module, &root.folder, &called, parts, order);
            let inventory = if self.is_partial {
                inventory.with_knowledge((0..module.n_asked()).map(|_| Knowledge::Partial))
            } else {
                inventory
            };
            let sources: Vec<Source> = places.iter().map(|&(source, ..)| source).collect();
            let inventory = if self.wants_sources {
                let written = sources.iter().map(|source| {
                    let input = inputs.get(source.input as usize);
                    let template = self.templates.get(&(source.input, source.document));
                    let path = input.map_or("", |input| input.name());
                    (
                        path,
                        template
                            .filter(|_| source.kind.is_none())
                            .map(|name| &**name),
                    )
                });
                inventory.with_sources(module, written)
            } else {
                inventory
            };
            finished.push((inventory, sources));
        }
        finished
    }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// True for an object that could be of any kind.
fn is_of_unknown_kind(document: &Document) -> bool {
    ["kind", "apiVersion"].iter().any(|key| {
        let member = document.tape.member(NodeId::ROOT, key);
        member.is_some_and(|node| document.tape.kind(node) == Kind::Unknown)
    })
}

/// The files of a run, for places in others than the one that is judged.
#[derive(Debug)]
pub(crate) struct Others {
    inputs: Arc<[Input]>,
    /// Where the objects of the inventory are written.
    sources: Arc<[Source]>,
    /// The kinds of file of the pack.
    kinds: Vec<FileKind>,
    /// By the number of the input and that of the kind.
    read: HashMap<(u32, Option<u32>), Option<Other>>,
}

/// A file that was read again.
#[derive(Debug)]
struct Other {
    text: String,
    lines: LineIndex,
    documents: Vec<Document>,
}

impl Others {
    pub(crate) fn new(inputs: Arc<[Input]>, sources: Arc<[Source]>, pack: &Pack) -> Self {
        let kinds = pack.files.iter().map(|matcher| matcher.kind.clone());
        Self {
            inputs,
            sources,
            kinds: kinds.collect(),
            read: HashMap::new(),
        }
    }

    /// A place in an object of the inventory. Nothing if its file cannot be read any more.
    pub(crate) fn place(&mut self, object: u32, place: &NodePlace) -> Option<Found> {
        let source = *self.sources.get(object as usize)?;
        let input = self.inputs.get(source.input as usize)?;
        let number = (source.input, source.kind);
        if self.read.len() >= MOST_FILES && !self.read.contains_key(&number) {
            self.read.clear();
        }
        let kind = match source.kind {
            Some(kind) => Some(self.kinds.get(kind as usize)?),
            None => None,
        };
        if kind.is_some_and(|kind| kind.merged.is_some()) {
            // What is written in several files has no place in one.
            return None;
        }
        let other = self.read.entry(number).or_insert_with(|| {
            let bytes = read_input(input).ok()?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let read = match kind {
                Some(kind) => files::read(&bytes, input.name(), kind),
                None => manifest::read(&bytes, Format::of_name(input.name())),
            };
            Some(Other {
                lines: LineIndex::new(&text),
                text,
                documents: read.documents,
            })
        });
        let other = other.as_ref()?;
        let is_it = |document: &&Document| {
            document.index == source.document && document.item == source.item
        };
        let document = other.documents.iter().find(is_it)?;
        let mut place = place.clone();
        // An object as a whole is known by its name; a file begins where it begins.
        if place.node == NodeId::ROOT
            && place.missing.is_empty()
            && let Some(metadata) = document.tape.member(NodeId::ROOT, "metadata")
            && let Some(name) = document.tape.member(metadata, "name")
        {
            place.node = name;
        }
        let span = document.place_span(&other.text, &place);
        Some(Found {
            file: Arc::clone(input.name()),
            object: match kind {
                Some(kind) => name_file(&kind.name, input.name()),
                None => name_object(document),
            },
            source,
            place: Place {
                path: document.path_of(&place),
                span,
                lines: other.lines.line_columns(&other.text, span),
                missing: place.missing,
                other: None,
            },
        })
    }

    /// The text of a file, whatever its kind, without what is secret in it as an object or as a kind of file of the pack.
    pub(crate) fn text_of_any(&self, source: Source, pack: &Pack) -> Option<String> {
        let input = self.inputs.get(source.input as usize)?;
        let text = &self.read.get(&(source.input, source.kind))?.as_ref()?.text;
        let (bytes, name) = (text.as_bytes(), input.name());
        let mut spans = Vec::new();
        if is_manifest_name(name) {
            for document in &manifest::read(bytes, Format::of_name(name)).documents {
                secrets::of_object(document, pack.secrets.iter(), &mut spans);
            }
        }
        for matcher in pack.files.iter().filter(|matcher| matcher.is_match(name)) {
            for document in &files::read(bytes, name, &matcher.kind).documents {
                secrets::of_file(
                    document,
                    &matcher.kind.name,
                    pack.secrets.iter(),
                    &mut spans,
                );
            }
        }
        Some(secrets::mask(text, &spans))
    }

    /// The text of a file that a place was found in, without what is secret.
    pub(crate) fn shown_text(&self, source: Source, declared: &[&SecretFields]) -> Option<String> {
        let other = self.read.get(&(source.input, source.kind))?.as_ref()?;
        let kind = source.kind.and_then(|kind| self.kinds.get(kind as usize));
        let mut spans = Vec::new();
        for document in &other.documents {
            let declared = declared.iter().copied();
            match kind {
                Some(kind) => secrets::of_file(document, &kind.name, declared.clone(), &mut spans),
                None => secrets::of_object(document, declared.clone(), &mut spans),
            }
            secrets::of_texts(document, &other.text, declared, &mut spans);
        }
        Some(secrets::mask(&other.text, &spans))
    }
}

/// A place in an object of the inventory.
#[derive(Debug)]
pub(crate) struct Found {
    /// The file, as reports name it.
    pub(crate) file: Arc<str>,
    /// The object.
    pub(crate) object: ObjectName,
    /// Where that is written.
    pub(crate) source: Source,
    /// The place in it.
    pub(crate) place: Place,
}

impl Found {
    /// The place as one that goes with a finding about something else.
    pub(crate) fn beside(self) -> Place {
        Place {
            other: Some(Arc::new(crate::finding::Other {
                file: self.file,
                object: self.object,
            })),
            ..self.place
        }
    }
}
