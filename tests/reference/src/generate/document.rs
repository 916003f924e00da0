//! Random documents.

use palisade_lang::program::{BaseType, DECLARED_RECORDS, KindRef, Program};

use crate::Inventory;
use crate::document::Document;
use crate::generate::rng::Rng;
use crate::generate::{world, yaml};

/// A random object. A third keep to the schema, a third stray now and then, a third often.
#[must_use]
pub fn object(rng: &mut Rng) -> Document {
    let stray = [0, 30, 10].get(rng.below(3)).copied().unwrap_or(0);
    let mut writer = Writer { rng, stray };
    // What calls itself the kind of file is an object of no kind that a policy knows.
    let number = writer.rng.below(4);
    let number = if writer.rng.once_in(16) {
        world::FILE
    } else {
        number
    };
    let kind = world::kind(number);
    let record = if number == 3 { world::ROLE } else { world::POD };
    let mut inner = writer.record(record, 0);
    let path = world::pod_path(number);
    for key in path.iter().rev() {
        inner = writer.astray(&BaseType::Any).unwrap_or(inner);
        inner = Document::Map(vec![((*key).to_owned(), inner)]);
    }
    let mut members = writer.identity(&kind);
    if let Document::Map(rest) = inner {
        members.extend(rest);
    }
    if !path.is_empty() {
        let metadata = BaseType::Record(Vec::new());
        let value = writer
            .astray(&metadata)
            .unwrap_or_else(|| writer.record(3, 1));
        members.push(("metadata".to_owned(), value));
    }
    Document::Map(members)
}

/// What inventories are called.
pub const ROOT: &str = "all";

/// The objects that policies may ask for, some of them of a kind that a policy names.
#[must_use]
pub fn inventory(rng: &mut Rng) -> Inventory {
    let n_objects = rng.below(7);
    let file = |rng: &mut Rng| {
        let is_file = rng.once_in(3);
        is_file.then(|| world::kind(world::FILE).kind)
    };
    let knows_files = !rng.once_in(4);
    Inventory {
        objects: (0..n_objects).map(|_| object(rng)).collect(),
        files: knows_files.then(|| (0..n_objects).map(|_| file(rng)).collect()),
        sources: (!rng.once_in(4)).then(|| (0..n_objects).map(|_| source(rng)).collect()),
        is_partial: rng.once_in(4),
    }
}

/// Where an object is written.
fn source(rng: &mut Rng) -> (String, Option<String>) {
    let path = rng.word(&["a.yaml", "b/c.yaml", "web"]).to_owned();
    let is_rendered = rng.once_in(3);
    (
        path,
        is_rendered.then(|| rng.word(&["web", "t.yaml"]).to_owned()),
    )
}

/// What is judged as the inventory itself, as hosts write it.
#[must_use]
pub fn whole(inventory: &Inventory) -> Document {
    let text = |text: &str| Document::String(text.to_owned());
    let metadata = Document::Map(vec![("name".to_owned(), text(ROOT))]);
    // A document has no files.
    let is_file = |nth: usize| {
        let files = inventory.files.as_ref();
        files.is_some_and(|files| files.get(nth).is_some_and(Option::is_some))
    };
    let objects = inventory.objects.iter().enumerate();
    let objects = objects.filter(|(nth, _)| !is_file(*nth));
    let objects = Document::List(objects.map(|(_, object)| object.clone()).collect());
    let members = [
        ("kind", text("Inventory")),
        ("metadata", metadata),
        ("root", text(ROOT)),
        ("objects", objects),
    ];
    let members = members.map(|(key, value)| (key.to_owned(), value));
    Document::Map(members.to_vec())
}

/// A random context; none most of the time.
#[must_use]
pub fn context(rng: &mut Rng) -> Option<Document> {
    if rng.once_in(3) {
        return None;
    }
    let stray = if rng.once_in(3) { 20 } else { 0 };
    let mut writer = Writer { rng, stray };
    let mut members = Vec::new();
    if !writer.rng.once_in(6) {
        let mut request = writer.record(world::REQUEST, 0);
        if let Document::Map(inner) = &mut request {
            // No template: these are facts that a host knows.
            if writer.rng.once_in(3) {
                let name = writer.rng.word(&["exec", "status"]);
                inner.push(("subResource".to_owned(), Document::String(name.to_owned())));
                let resource = [("group", ""), ("version", "v1"), ("resource", "pods")];
                let resource = resource
                    .map(|(key, value)| (key.to_owned(), Document::String(value.to_owned())));
                inner.push(("resource".to_owned(), Document::Map(resource.to_vec())));
            }
        }
        members.push(("request".to_owned(), request));
    }
    if !writer.rng.once_in(3) {
        members.push(("old".to_owned(), writer.record(world::POD, 0)));
    }
    if !writer.rng.once_in(3) {
        members.push(("source".to_owned(), writer.record(world::SOURCE, 0)));
    }
    if !writer.rng.once_in(3) {
        members.push(("inventory".to_owned(), writer.record(world::CALLED, 0)));
    }
    if writer.rng.once_in(2) {
        let now = writer.rng.word(&world::TIMESTAMPS);
        members.push(("now".to_owned(), Document::String(now.to_owned())));
    }
    if writer.rng.once_in(2) {
        let version = writer.rng.word(&["1.29", "1.31", "1.30"]);
        members.push((
            "clusterVersion".to_owned(),
            Document::String(version.to_owned()),
        ));
    }
    if writer.rng.once_in(3) {
        let kind = match writer.rng.below(8) {
            0 => Document::Bool(true),
            1 => Document::String("Pod".to_owned()),
            2 => Document::String("PodFiles".to_owned()),
            3..=5 => Document::String(KindRef::inventory().kind),
            _ => Document::String(world::kind(world::FILE).kind),
        };
        members.push(("kind".to_owned(), kind));
    }
    Some(Document::Map(members))
}

/// Random settings for a program; now and then wrong ones.
#[must_use]
pub fn settings(rng: &mut Rng, program: &Program) -> Document {
    let is_wrong = rng.once_in(6);
    let mut sections: Vec<(String, Document)> = Vec::new();
    let mut add = |section: &str, key: &str, value: Document| {
        let known = sections.iter().position(|(name, _)| name == section);
        let known = known.unwrap_or_else(|| {
            sections.push((section.to_owned(), Document::Map(Vec::new())));
            sections.len() - 1
        });
        if let Some((_, Document::Map(members))) = sections.get_mut(known) {
            members.push((key.to_owned(), value));
        }
    };
    for param in &program.params {
        let owner = param
            .policy
            .and_then(|policy| program.policies.get(policy as usize))
            .map_or(&program.pack, |policy| &policy.name);
        let is_off = param
            .policy
            .and_then(|policy| program.policies.get(policy as usize))
            .is_some_and(|policy| !policy.on_by_default);
        if (param.default.is_some() || is_off) && rng.once_in(2) {
            continue;
        }
        if is_wrong && rng.once_in(6) {
            continue;
        }
        let stray = if is_wrong { 6 } else { 0 };
        let mut writer = Writer { rng, stray };
        let value = writer.setting(program, &param.ty.base);
        add(owner, &param.name, value);
    }
    if is_wrong && rng.once_in(4) {
        add(&program.pack, "unknown", Document::Bool(true));
    }
    if is_wrong && rng.once_in(6) {
        add("unknown", "x", Document::Bool(true));
    }
    Document::Map(sections)
}

struct Writer<'r> {
    rng: &'r mut Rng,
    /// One value in so many is not what its type says; 0: none.
    stray: usize,
}

impl Writer<'_> {
    fn identity(&mut self, kind: &KindRef) -> Vec<(String, Document)> {
        let group = self.rng.pick(&kind.groups).cloned().unwrap_or_default();
        let version = if group.is_empty() {
            "v1".to_owned()
        } else {
            format!("{group}/v1")
        };
        let mut members = Vec::new();
        let mut add = |key: &str, value: Document| members.push((key.to_owned(), value));
        match self.rng.below(60) {
            0 => add("apiVersion", Document::Template("v".to_owned())),
            1 => add("apiVersion", Document::Number("1".to_owned())),
            2 => {}
            _ => add("apiVersion", Document::String(version)),
        }
        add("kind", Document::String(kind.kind.clone()));
        members
    }

    fn record(&mut self, id: u32, depth: usize) -> Document {
        let mut members = Vec::new();
        let mut fields = world::fields(id);
        if self.rng.once_in(3) {
            fields.reverse();
        }
        for field in fields {
            let is_wanted = matches!(field.presence, palisade_lang::program::Presence::Required);
            let skips = if is_wanted && self.stray == 0 {
                false
            } else if is_wanted {
                self.rng.once_in(12)
            } else {
                self.rng.below(12) < 3 + depth / 3
            };
            if !skips && id == world::NETWORK && self.stray > 0 && self.rng.once_in(4) {
                let value = self.stray_value(&field.ty);
                members.push((field.key.to_owned(), value));
            } else if !skips {
                let value = self.named_value(field.key, &field.ty, depth + 1);
                members.push((field.key.to_owned(), value));
            }
        }
        if self.rng.once_in(12) {
            members.push(("unread".to_owned(), self.any(2)));
        }
        Document::Map(members)
    }

    /// A value for a parameter.
    fn setting(&mut self, program: &Program, ty: &BaseType) -> Document {
        if self.stray > 0 && self.rng.once_in(self.stray) {
            return match self.rng.below(4) {
                0 => Document::Null,
                1 => Document::String(self.rng.word(words_of(ty).1).to_owned()),
                _ => self.any(1),
            };
        }
        match ty {
            BaseType::List(element) => {
                let length = self.rng.below(4);
                Document::List(
                    (0..length)
                        .map(|_| self.setting(program, element))
                        .collect(),
                )
            }
            BaseType::Map(value) => {
                let mut members: Vec<(String, Document)> = Vec::new();
                for _ in 0..self.rng.below(3) {
                    let key = self.rng.word(&world::KEYS);
                    if members.iter().all(|(known, _)| known != key) {
                        members.push((key.to_owned(), self.setting(program, value)));
                    }
                }
                Document::Map(members)
            }
            BaseType::Record(refs) => {
                let index = refs
                    .first()
                    .and_then(|record| record.id.checked_sub(DECLARED_RECORDS));
                let record = index.and_then(|index| program.records.get(index as usize));
                let mut members = Vec::new();
                for field in record
                    .map(|record| record.fields.as_slice())
                    .unwrap_or_default()
                {
                    let can_miss = field.ty.optional || field.default.is_some();
                    let skips = if can_miss {
                        self.rng.once_in(2)
                    } else {
                        self.stray > 0 && self.rng.once_in(6)
                    };
                    if !skips {
                        members.push((field.name.clone(), self.setting(program, &field.ty.base)));
                    }
                }
                if self.stray > 0 && self.rng.once_in(6) {
                    members.push(("unknown".to_owned(), Document::Bool(true)));
                }
                Document::Map(members)
            }
            _ => {
                let stray = std::mem::replace(&mut self.stray, 0);
                let value = self.value(ty, 1);
                self.stray = stray;
                value
            }
        }
    }

    fn named_value(&mut self, key: &str, ty: &BaseType, depth: usize) -> Document {
        if key == "whole" && !self.rng.once_in(4) {
            let types = [
                BaseType::Bool,
                BaseType::Int,
                BaseType::Float,
                BaseType::String,
                BaseType::Quantity,
                BaseType::Version,
                BaseType::Duration,
                BaseType::Timestamp,
                BaseType::Ip,
                BaseType::List(Box::new(BaseType::String)),
                BaseType::Map(Box::new(BaseType::String)),
            ];
            let ty = self.rng.pick(&types).cloned().unwrap_or(BaseType::Any);
            return self.value(&ty, depth);
        }
        if (key == "config" || key == "encoded") && !self.rng.once_in(8) {
            let text = self.embedded(depth);
            return Document::String(if key == "encoded" {
                crate::text::to_base64(&text)
            } else {
                text
            });
        }
        if key == "image" && self.stray != 1 {
            if let Some(stray) = self.astray(ty) {
                return stray;
            }
            return Document::String(self.rng.word(&world::IMAGES).to_owned());
        }
        let words: &[&'static str] = match key {
            "verbs" | "resources" | "apiGroups" => &world::GRANTED,
            "made" if self.rng.once_in(2) => &world::CERTIFICATES,
            "made" if self.rng.once_in(2) => &world::SCRIPTS,
            "made" => &world::URLS,
            "flags" => &world::COMMAND,
            "operator" => &world::OPERATORS,
            "path" => &world::PATHS,
            "host" => &world::HOSTS,
            "mode" => &world::NUMERALS,
            "key" => &world::KEYS,
            "operation" => &["CREATE", "UPDATE", "DELETE", "CONNECT", "update"],
            _ => &[],
        };
        if words.is_empty() || self.rng.once_in(8) {
            return self.value(ty, depth);
        }
        let mut text = || Document::String(self.rng.word(words).to_owned());
        match ty {
            BaseType::List(_) => {
                if key == "flags" {
                    return Document::List((0..5).map(|_| text()).collect());
                }
                let first = text();
                let all = Document::String("*".to_owned());
                let second = text();
                Document::List(vec![first, if self.rng.once_in(3) { all } else { second }])
            }
            _ => text(),
        }
    }

    /// The text of a document; now and then one that does not read.
    fn embedded(&mut self, depth: usize) -> String {
        let document = match self.rng.below(12) {
            0 => self.any(2),
            1 => Document::List(vec![self.record(world::PORT, depth + 3)]),
            2 => Document::Null,
            _ => self.record(world::EMBEDDED, depth + 3),
        };
        let mut text = if self.rng.once_in(3) {
            document.to_string()
        } else {
            yaml::write(&document, self.rng)
        };
        match self.rng.below(24) {
            0 => text.truncate(text.floor_char_boundary(text.len() / 2)),
            1 if document != Document::Null => text.push_str("\n---\na: 1\n"),
            2 => text.push(']'),
            3 => text.clear(),
            _ => {}
        }
        text
    }

    fn value(&mut self, ty: &BaseType, depth: usize) -> Document {
        if let Some(stray) = self.astray(ty) {
            return stray;
        }
        match ty {
            BaseType::Bool => Document::Bool(self.rng.once_in(2)),
            BaseType::Int => self.int(),
            BaseType::Float => self.number(),
            BaseType::Enum(words) => {
                Document::String(self.rng.pick(words).cloned().unwrap_or_default())
            }
            BaseType::String => self.text(),
            BaseType::Version
            | BaseType::Image
            | BaseType::Cidr
            | BaseType::Versions
            | BaseType::Range
            | BaseType::Ip
            | BaseType::Glob
            | BaseType::Regex
            | BaseType::Timestamp
            | BaseType::Duration => self.text_of(ty),
            BaseType::Quantity => self.quantity(),
            BaseType::IntOrString if self.rng.once_in(2) => self.int(),
            BaseType::IntOrString => self.text(),
            BaseType::Record(refs) => {
                let id = refs.first().map_or(world::COMMON, |record| record.id);
                self.record(id, depth)
            }
            BaseType::List(element) => {
                let length = self.length();
                Document::List(
                    (0..length)
                        .map(|_| self.value(element, depth + 1))
                        .collect(),
                )
            }
            BaseType::Map(value) => {
                let mut members: Vec<(String, Document)> = Vec::new();
                for _ in 0..self.length() {
                    let key = self.rng.word(&world::KEYS);
                    if members.iter().all(|(known, _)| known != key) {
                        members.push((key.to_owned(), self.value(value, depth + 1)));
                    }
                }
                Document::Map(members)
            }
            BaseType::Any | BaseType::Error => self.any(2),
        }
    }

    /// Something that the type does not allow, or a null or a template.
    fn astray(&mut self, ty: &BaseType) -> Option<Document> {
        let is_whole = matches!(ty, BaseType::Record(_));
        let stray = if is_whole {
            self.stray
        } else {
            self.stray.div_ceil(2)
        };
        if stray == 0 || !self.rng.once_in(stray) {
            return None;
        }
        Some(self.stray_value(ty))
    }

    fn stray_value(&mut self, ty: &BaseType) -> Document {
        match self.rng.below(8) {
            0 => Document::Null,
            1..=3 => Document::Template("{{ .Values.x }}".to_owned()),
            4 if *ty == BaseType::Quantity => {
                Document::String(self.rng.word(&world::NO_QUANTITIES).to_owned())
            }
            _ => self.any(1),
        }
    }

    fn any(&mut self, depth: usize) -> Document {
        match self.rng.below(if depth == 0 { 5 } else { 8 }) {
            0 => Document::Bool(self.rng.once_in(2)),
            1 => self.int(),
            2 => self.number(),
            3 => self.text(),
            4 if self.stray > 0 => Document::Null,
            4 => self.quantity(),
            5 => Document::List(
                (0..self.rng.below(3))
                    .map(|_| self.any(depth - 1))
                    .collect(),
            ),
            _ => {
                let mut members: Vec<(String, Document)> = Vec::new();
                for _ in 0..self.rng.below(3) {
                    let key = self.rng.word(&world::KEYS);
                    if members.iter().all(|(known, _)| known != key) {
                        members.push((key.to_owned(), self.any(depth - 1)));
                    }
                }
                Document::Map(members)
            }
        }
    }

    fn length(&mut self) -> usize {
        match self.rng.below(12) {
            0 | 1 => 0,
            2..=5 => 1,
            6..=8 => 2,
            9 | 10 => 3,
            _ => 7,
        }
    }

    fn text(&mut self) -> Document {
        Document::String(match self.rng.below(20) {
            0 if self.rng.once_in(3) => "long ".repeat(70),
            0 => self.rng.word(&world::NUMERALS).to_owned(),
            8 => self.rng.word(&world::VERSIONS).to_owned(),
            9 => self.rng.word(&world::ADDRESSES).to_owned(),
            10 => self.rng.word(&world::GRANTED).to_owned(),
            1 => self.rng.word(&world::IMAGES).to_owned(),
            2..=7 => self.rng.word(&["a", "b", "*", "Always"]).to_owned(),
            _ => self.rng.word(&world::WORDS).to_owned(),
        })
    }

    /// Text that mostly reads as the type.
    fn text_of(&mut self, ty: &BaseType) -> Document {
        let (readable, other) = words_of(ty);
        let is_other = self.stray > 0 && self.rng.once_in(6);
        let words = if is_other { other } else { readable };
        Document::String(self.rng.word(words).to_owned())
    }

    fn int(&mut self) -> Document {
        let int = self.rng.pick(&world::INTS).copied().unwrap_or(0);
        Document::Number(int.to_string())
    }

    fn number(&mut self) -> Document {
        if self.rng.once_in(3) {
            return self.int();
        }
        Document::Number(self.rng.word(&world::FLOATS).to_owned())
    }

    fn quantity(&mut self) -> Document {
        match self.rng.below(10) {
            0 => Document::Number(self.rng.word(&["0", "1", "1000", "2"]).to_owned()),
            1 => Document::Number(self.rng.word(&["0.5", "1e3", "1E+3", "1.50"]).to_owned()),
            _ => Document::String(self.rng.word(&world::QUANTITIES).to_owned()),
        }
    }
}

/// Words that read as a type of text, and words that do not.
#[must_use]
pub fn words_of(ty: &BaseType) -> (&'static [&'static str], &'static [&'static str]) {
    match ty {
        BaseType::Version => (&world::VERSIONS, &world::NO_VERSIONS),
        BaseType::Image => (&["nginx", "a/b", "ghcr.io/a/b:c"], &["Nginx", "a:", ""]),
        BaseType::Cidr => (&world::RANGES, &world::NO_RANGES),
        BaseType::Ip => (&world::ADDRESSES, &world::NO_ADDRESSES),
        BaseType::Versions => (&world::VERSION_RANGES, &world::NO_VERSION_RANGES),
        BaseType::Range => (&world::INT_RANGES, &world::NO_INT_RANGES),
        BaseType::Glob => (&world::GLOBS, &world::NO_GLOBS),
        BaseType::Regex => (&world::REGEXES, &world::NO_REGEXES),
        BaseType::Timestamp => (&world::TIMESTAMPS, &world::NO_TIMESTAMPS),
        BaseType::Duration => (&world::DURATIONS, &world::NO_DURATIONS),
        BaseType::Quantity => (&world::QUANTITIES, &world::NO_QUANTITIES),
        _ => (&world::WORDS, &world::WORDS),
    }
}
