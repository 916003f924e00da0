//! Dockerfiles: instructions by stage, as Docker reads them.
//!
//! Places are those of the file. To keep them, lines are not joined: what joins them, and the comments between, is
//! overwritten with [`JOINT`], which splits no word and is in none.

mod arguments;
mod variables;

use rustc_hash::FxHashMap;

use self::arguments::{Arguments, json_words, pairs, split_words};
use self::variables::Variables;
use super::shell::{self, JOINT};
use super::text::lines;
use crate::manifest::{Member, Problem, ProblemKind, Span, Tree, TreeValue, offset};

/// Instructions that there are.
const KNOWN: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];
/// Instructions that read here documents.
const WITH_HEREDOCS: [&str; 3] = ["ADD", "COPY", "RUN"];
/// Instructions whose arguments may be a JSON list.
const WITH_EXEC: [&str; 7] = ["ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"];
/// Instructions that take flags.
const WITH_FLAGS: [&str; 5] = ["ADD", "COPY", "FROM", "HEALTHCHECK", "RUN"];
/// Shells whose `-c` is a script.
const SHELLS: [&str; 5] = ["sh", "bash", "ash", "dash", "zsh"];

/// The file as `directives`, `args` and `stages`; what Docker would refuse goes to `problems`.
pub(super) fn read(text: &str, problems: &mut Vec<Problem>) -> Tree {
    let mut reader = Reader {
        text,
        escape: b'\\',
        directives: Vec::new(),
        args: Vec::new(),
        globals: Variables::default(),
        stages: Vec::new(),
        is_full: false,
        problems,
    };
    reader.read();
    reader.finish()
}

/// The most stages that are read.
const MAX_STAGES: usize = 1000;

/// An instruction as it is written.
#[derive(Debug, Clone)]
struct Line<'m> {
    /// The keyword.
    name: &'m str,
    name_at: usize,
    /// What follows, with joints.
    rest: &'m str,
    rest_at: usize,
    heredocs: Vec<Heredoc>,
}

#[derive(Debug, Clone)]
struct Heredoc {
    /// Bytes of the text between the line of the instruction and the line that ends it.
    start: usize,
    end: usize,
}

struct Stage {
    image: Tree,
    name: Option<Tree>,
    platform: Option<Tree>,
    parent: Option<usize>,
    user: Option<Tree>,
    healthcheck: Option<Tree>,
    variables: Variables,
    instructions: Vec<Tree>,
    span: Span,
}

struct Reader<'t, 'p> {
    text: &'t str,
    escape: u8,
    directives: Vec<Member>,
    args: Vec<Tree>,
    /// Those before the first `FROM`.
    globals: Variables,
    stages: Vec<Stage>,
    is_full: bool,
    problems: &'p mut Vec<Problem>,
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        let all: Vec<(usize, &str)> = lines(self.text).collect();
        let mut nth = self.read_directives(&all);
        while let Some(&(at, line)) = all.get(nth).filter(|_| !self.is_full) {
            nth += 1;
            if line.trim().is_empty() || line.trim_start().starts_with('#') {
                continue;
            }
            // The lines of the instruction, joined.
            let mut masked = String::new();
            let mut last = line;
            let mut end = at;
            loop {
                let (kept, goes_on) = self.without_escape(last);
                masked.push_str(kept);
                end += last.len();
                if !goes_on {
                    break;
                }
                joints(&mut masked, last.len() - kept.len());
                let Some(next) = self.next_line(&all, &mut nth, &mut masked, end) else {
                    break;
                };
                last = next.1;
                end = next.0;
            }
            self.instruction(at, &masked, &all, &mut nth);
        }
        if self.stages.is_empty() && self.problems.is_empty() {
            let message = "no stage: a Dockerfile has at least one `FROM`";
            self.fail(Span::at(0), message.to_owned());
        }
    }

    /// The line that the one that ended at `end` goes on in; comments and empty lines between are passed.
    fn next_line<'l>(
        &self,
        all: &[(usize, &'l str)],
        nth: &mut usize,
        masked: &mut String,
        end: usize,
    ) -> Option<(usize, &'l str)> {
        let mut from = end;
        while let Some(&(at, line)) = all.get(*nth) {
            *nth += 1;
            joints(masked, at - from);
            let start = line.trim_start();
            if !start.is_empty() && !start.starts_with('#') {
                return Some((at, line));
            }
            joints(masked, line.len());
            from = at + line.len();
        }
        None
    }

    /// A line without the escape at its end, and whether there was one.
    fn without_escape<'l>(&self, line: &'l str) -> (&'l str, bool) {
        let trimmed = line.trim_end_matches([' ', '\t']);
        match trimmed.strip_suffix(char::from(self.escape)) {
            Some(kept) => (kept, true),
            None => (line, false),
        }
    }

    /// `# name=value` at the very beginning; gives back how many lines that took.
    fn read_directives(&mut self, all: &[(usize, &str)]) -> usize {
        for (nth, &(at, line)) in all.iter().enumerate() {
            let Some(comment) = line.trim_start().strip_prefix('#') else {
                return nth;
            };
            let Some((key, value)) = comment.split_once('=') else {
                return nth;
            };
            let (name, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if !["syntax", "escape", "check"].contains(&name.as_str()) {
                return nth;
            }
            let find = |part: &str| {
                let start = at + line.find(part).unwrap_or(0);
                Span::new(offset(start), offset(start + part.len()))
            };
            if self.directives.iter().any(|known| known.key == name) {
                self.fail(find(key.trim()), format!("`{name}` is given twice"));
                continue;
            }
            match value.as_bytes() {
                [byte @ (b'`' | b'\\')] if name == "escape" => self.escape = *byte,
                _ if name == "escape" => {
                    self.fail(find(value), "the escape is `\\` or a backtick".to_owned());
                }
                _ => {}
            }
            self.directives.push(Member {
                key: name,
                key_span: Some(find(key.trim())),
                tree: Tree::text(find(value), value),
            });
        }
        all.len()
    }

    fn instruction(&mut self, at: usize, masked: &str, all: &[(usize, &str)], nth: &mut usize) {
        let Some(mut line) = Line::new(at, masked) else {
            return;
        };
        let mut name = line.name.to_ascii_uppercase();
        let mut on_build = false;
        if name == "ONBUILD" {
            on_build = true;
            if let Some(inner) = Line::new(line.rest_at, line.rest) {
                line = inner;
                name = line.name.to_ascii_uppercase();
            }
        }
        let name_span = line.name_span();
        if !KNOWN.contains(&name.as_str()) {
            self.fail(name_span, format!("there is no instruction `{name}`"));
            return;
        }
        let mut rest = line.rest.to_owned();
        if WITH_HEREDOCS.contains(&name.as_str()) && !rest.trim_start().starts_with('[') {
            self.read_heredocs(&mut line, &mut rest, all, nth);
        }
        let line = Line {
            rest: &rest,
            ..line
        };
        match name.as_str() {
            "FROM" => self.from(&line),
            "ARG" if self.stages.is_empty() => self.global_arg(&line),
            _ if self.stages.is_empty() => {
                self.fail(
                    name_span,
                    format!("`{name}` stands before the first `FROM`"),
                );
            }
            _ => self.in_stage(&name, &line, on_build),
        }
    }

    /// Passes the here documents that the words of a line begin, and takes those words out.
    fn read_heredocs(
        &mut self,
        line: &mut Line<'_>,
        rest: &mut String,
        all: &[(usize, &str)],
        nth: &mut usize,
    ) {
        for word in split_words(line.rest, line.rest_at, self.escape) {
            let start = word.start - line.rest_at;
            let written = line.rest.get(start..word.end - line.rest_at);
            let Some(written) = written else { continue };
            let Some(name) = heredoc_name(written) else {
                continue;
            };
            let mark = written.trim_start_matches(|found: char| found.is_ascii_digit());
            let strips = mark.starts_with("<<-");
            let blank = " ".repeat(written.len());
            rest.replace_range(start..start + written.len(), &blank);
            let from = all.get(*nth).map_or(self.text.len(), |&(at, _)| at);
            let ends = |line: &str| {
                let line = if strips {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                line == name
            };
            let later = all.get(*nth..).unwrap_or_default();
            let Some(count) = later.iter().position(|(_, line)| ends(line)) else {
                let span = Span::new(offset(word.start), offset(word.end));
                self.fail(span, format!("the here document `{name}` has no end"));
                *nth = all.len();
                line.heredocs.push(Heredoc {
                    start: from,
                    end: self.text.len(),
                });
                return;
            };
            let end = later.get(count).map_or(from, |&(at, _)| at);
            *nth += count + 1;
            line.heredocs.push(Heredoc { start: from, end });
        }
    }

    fn global_arg(&mut self, line: &Line<'_>) {
        for pair in pairs(line.rest, line.rest_at, self.escape, true) {
            let value = pair.value.as_ref().map(|value| {
                let known = self.globals.replace(&value.text);
                self.globals.set(&pair.name.text, known.clone());
                located(value.span(), known, &value.text)
            });
            if value.is_none() {
                self.globals.set(&pair.name.text, None);
            }
            let span = pair.span();
            self.args.push(Tree::record(
                span,
                [
                    ("name", Some(Tree::text(pair.name.span(), &*pair.name.text))),
                    ("value", value),
                ],
            ));
        }
    }

    fn from(&mut self, line: &Line<'_>) {
        let arguments = Arguments::new(line.rest, line.rest_at, self.escape, true);
        let words = split_words(arguments.rest, arguments.rest_at, self.escape);
        let whole = line.span();
        if self.stages.len() >= MAX_STAGES {
            let message = format!("more than {MAX_STAGES} stages; the rest is not read");
            let problem = Problem::new(ProblemKind::Limit, line.name_span(), message);
            self.problems.push(problem);
            self.is_full = true;
            return;
        }
        let Some(image) = words.first() else {
            self.fail(line.name_span(), "`FROM` names no image".to_owned());
            return;
        };
        let known = self.globals.replace(&image.text);
        let name = match words.get(1..).unwrap_or_default() {
            [keyword, name] if keyword.text.eq_ignore_ascii_case("as") => Some(name),
            [] => None,
            [surplus, ..] => {
                let message = "after the image comes `AS` and a name, or nothing";
                self.fail(surplus.span(), message.to_owned());
                None
            }
        };
        let platform = arguments.flags.iter().find(|flag| flag.name == "platform");
        let platform = platform.map(|flag| {
            let known = self.globals.replace(&flag.value);
            located(flag.span, known, &flag.value)
        });
        let wanted = known.as_deref();
        let is_named = |stage: &Stage| match stage.name.as_ref().map(|name| &name.value) {
            Some(TreeValue::Text(name)) => {
                wanted.is_some_and(|wanted| name.eq_ignore_ascii_case(wanted))
            }
            _ => false,
        };
        let parent = self.stages.iter().rposition(is_named);
        let before = parent.and_then(|at| self.stages.get(at));
        self.stages.push(Stage {
            image: located(image.span(), known.clone(), &image.text),
            name: name.map(|name| Tree::text(name.span(), &*name.text)),
            platform,
            parent,
            user: before.and_then(|stage| stage.user.clone()),
            healthcheck: before.and_then(|stage| stage.healthcheck.clone()),
            // What a parent set in its environment is set here as well.
            variables: before.map_or_else(Variables::default, |stage| stage.variables.clone()),
            instructions: Vec::new(),
            span: whole,
        });
    }

    fn in_stage(&mut self, name: &str, line: &Line<'_>, on_build: bool) {
        let has_flags = WITH_FLAGS.contains(&name);
        let arguments = Arguments::new(line.rest, line.rest_at, self.escape, has_flags);
        let (rest, rest_at) = (arguments.rest, arguments.rest_at);
        let exec = WITH_EXEC.contains(&name).then(|| json_words(rest, rest_at));
        let exec = exec.flatten();
        let words = match &exec {
            Some(words) => words.clone(),
            None => split_words(rest, rest_at, self.escape),
        };
        let has_pairs = matches!(name, "ENV" | "ARG" | "LABEL");
        let found = if has_pairs {
            pairs(rest, rest_at, self.escape, name == "ARG")
        } else {
            Vec::new()
        };
        let text = plain(rest);
        let text_span = span_of(rest, rest_at);
        let text = Tree::text(text_span, text.trim());
        let commands = self.commands(name, rest, rest_at, exec.is_some(), line);
        let heredocs = line.heredocs.iter().map(|heredoc| {
            let span = Span::new(offset(heredoc.start), offset(heredoc.end));
            Tree::text(span, span.text(self.text))
        });
        let heredocs: Vec<Tree> = heredocs.collect();
        let Some(stage) = self.stages.last_mut() else {
            return;
        };
        if !on_build {
            match name {
                "USER" => {
                    let known = stage.variables.replace(&arguments.text());
                    stage.user = Some(located(text_span, known, &arguments.text()));
                }
                "HEALTHCHECK" => stage.healthcheck = Some(text.clone()),
                "ENV" | "ARG" => {
                    for pair in &found {
                        let value = match &pair.value {
                            Some(value) => stage.variables.replace(&value.text),
                            None => self.globals.get(&pair.name.text),
                        };
                        stage.variables.set(&pair.name.text, value);
                    }
                }
                _ => {}
            }
        }
        let whole = line.span();
        let list = |items: Vec<Tree>| Some(Tree::list(whole, items));
        let members = found.into_iter().map(|pair| {
            let value = pair.value.as_ref().unwrap_or(&pair.name);
            let text = pair.value.as_ref().map_or("", |value| &*value.text);
            Member {
                key: pair.name.text.clone(),
                key_span: Some(pair.name.span()),
                tree: if pair.value.is_some() {
                    Tree::text(value.span(), text)
                } else {
                    Tree::new(value.span(), TreeValue::Null)
                },
            }
        });
        let flags = arguments.flags.iter().map(|flag| Member {
            key: flag.name.clone(),
            key_span: Some(flag.span),
            tree: Tree::text(flag.span, &*flag.value),
        });
        let flag = |value: bool| Some(Tree::new(whole, TreeValue::Bool(value)));
        stage.span.end = stage.span.end.max(whole.end);
        stage.instructions.push(Tree::record(
            whole,
            [
                ("name", Some(Tree::text(line.name_span(), name))),
                ("text", Some(text)),
                (
                    "words",
                    list(words.iter().map(|word| word.tree()).collect()),
                ),
                (
                    "flags",
                    Some(Tree::new(whole, TreeValue::Map(last_of_each(flags)))),
                ),
                (
                    "pairs",
                    Some(Tree::new(whole, TreeValue::Map(last_of_each(members)))),
                ),
                ("exec", flag(exec.is_some())),
                ("on_build", flag(on_build)),
                ("commands", list(commands)),
                ("heredocs", list(heredocs)),
            ],
        ));
    }

    /// What an instruction runs.
    fn commands(
        &self,
        name: &str,
        rest: &str,
        rest_at: usize,
        is_exec: bool,
        line: &Line<'_>,
    ) -> Vec<Tree> {
        let (rest, rest_at) = match name {
            "RUN" | "CMD" | "ENTRYPOINT" => (rest, rest_at),
            "HEALTHCHECK" => {
                let Some(inner) = Line::new(rest_at, rest) else {
                    return Vec::new();
                };
                if !inner.name.eq_ignore_ascii_case("CMD") {
                    return Vec::new();
                }
                (inner.rest, inner.rest_at)
            }
            _ => return Vec::new(),
        };
        let exec = if is_exec || name == "HEALTHCHECK" {
            json_words(rest, rest_at)
        } else {
            None
        };
        if let Some(words) = exec {
            return self.exec_commands(&words);
        }
        let mut found = self.script(rest, rest_at);
        let runs_body = found.is_empty() || {
            let words: Vec<shell::Word> = split_words(rest, rest_at, self.escape);
            words.first().is_some_and(|word| is_shell(&word.text))
        };
        if runs_body {
            for heredoc in &line.heredocs {
                let body = self.text.get(heredoc.start..heredoc.end);
                found.extend(self.script(body.unwrap_or_default(), heredoc.start));
            }
        }
        found
    }

    fn exec_commands(&self, words: &[shell::Word]) -> Vec<Tree> {
        let mut found = Vec::new();
        found.extend(command_tree(words, None));
        let is_script = |flag: &shell::Word| {
            flag.text.starts_with('-') && !flag.text.starts_with("--") && flag.text.ends_with('c')
        };
        if let [shell, flag, script, ..] = words
            && is_shell(&shell.text)
            && is_script(flag)
        {
            // Between the quotes, if the string stands there as it is.
            let written = self
                .text
                .get(script.start + 1..script.end.saturating_sub(1));
            if written == Some(&*script.text) {
                found.extend(self.script(&script.text, script.start + 1));
            }
        }
        found
    }

    fn script(&self, script: &str, at: usize) -> Vec<Tree> {
        let commands = shell::commands(script, self.escape).into_iter();
        commands
            .filter_map(|command| {
                let shifted = command.words.into_iter().map(|word| shell::Word {
                    start: word.start + at,
                    end: word.end + at,
                    text: word.text,
                });
                command_tree(&shifted.collect::<Vec<_>>(), command.after)
            })
            .collect()
    }

    fn fail(&mut self, span: Span, message: String) {
        let problem = Problem::new(ProblemKind::Syntax, span, message);
        self.problems.push(problem);
    }

    fn finish(self) -> Tree {
        let all = Span::new(0, offset(self.text.len()));
        let mut bases: Vec<Tree> = Vec::new();
        for stage in &self.stages {
            let inherited = stage.parent.and_then(|at| bases.get(at)).cloned();
            bases.push(inherited.unwrap_or_else(|| stage.image.clone()));
        }
        let n_stages = self.stages.len();
        let stages = self.stages.into_iter().zip(bases).enumerate();
        let stages = stages.map(|(nth, (stage, base))| {
            let parent = stage.parent.map(|_| stage.image.clone());
            let is_last = TreeValue::Bool(nth + 1 == n_stages);
            Tree::record(
                stage.span,
                [
                    ("parent", parent),
                    ("base", Some(base)),
                    ("name", stage.name),
                    ("platform", stage.platform),
                    ("user", stage.user),
                    ("healthcheck", stage.healthcheck),
                    ("is_last", Some(Tree::new(stage.image.span, is_last))),
                    ("image", Some(stage.image)),
                    (
                        "instructions",
                        Some(Tree::list(stage.span, stage.instructions)),
                    ),
                ],
            )
        });
        let stages: Vec<Tree> = stages.collect();
        Tree::record(
            all,
            [
                (
                    "directives",
                    Some(Tree::new(all, TreeValue::Map(self.directives))),
                ),
                ("args", Some(Tree::list(all, self.args))),
                ("stages", Some(Tree::list(all, stages))),
            ],
        )
    }
}

impl<'m> Line<'m> {
    /// The keyword of a line, and what follows.
    fn new(at: usize, masked: &'m str) -> Option<Self> {
        let is_blank = |found: char| found.is_whitespace() || found == char::from(JOINT);
        let start = masked.find(|found| !is_blank(found))?;
        let body = masked.get(start..)?;
        let len = body.find(is_blank).unwrap_or(body.len());
        let after = body.get(len..)?;
        let rest = after.trim_start_matches(is_blank);
        Some(Self {
            name: body.get(..len)?,
            name_at: at + start,
            rest,
            rest_at: at + masked.len() - rest.len(),
            heredocs: Vec::new(),
        })
    }

    fn name_span(&self) -> Span {
        let end = self.name_at + self.name.len();
        Span::new(offset(self.name_at), offset(end))
    }

    /// From the keyword to the end of the last line.
    fn span(&self) -> Span {
        let rest = span_of(self.rest, self.rest_at);
        Span::new(offset(self.name_at), rest.end.max(self.name_span().end))
    }
}

impl shell::Word {
    fn span(&self) -> Span {
        Span::new(offset(self.start), offset(self.end))
    }

    fn tree(&self) -> Tree {
        Tree::text(self.span(), &*self.text)
    }
}

/// A command with its name: the first word that sets no variable, without folders.
fn command_tree(words: &[shell::Word], after: Option<&str>) -> Option<Tree> {
    let (first, last) = (words.first()?, words.last()?);
    let span = Span::new(offset(first.start), offset(last.end));
    let is_setting = |word: &&shell::Word| {
        let name = word.text.split_once('=').map(|(name, _)| name);
        let is_name = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        name.is_some_and(is_name)
    };
    let name = words.iter().find(|word| !is_setting(word)).map(|word| {
        let base = word.text.rsplit('/').next().unwrap_or_default();
        Tree::text(word.span(), base)
    });
    let after = after.map(|operator| Tree::text(Span::at(span.start), operator));
    let words = words.iter().map(shell::Word::tree).collect();
    Some(Tree::record(
        span,
        [
            ("name", name),
            ("words", Some(Tree::list(span, words))),
            ("after", after),
        ],
    ))
}

fn is_shell(word: &str) -> bool {
    let base = word.rsplit('/').next().unwrap_or_default();
    SHELLS.contains(&base)
}

/// `EOF` of `<<EOF`, `<<-"EOF"`, `3<<EOF`.
fn heredoc_name(word: &str) -> Option<&str> {
    let word = word.trim_start_matches(|found: char| found.is_ascii_digit());
    let name = word.strip_prefix("<<")?;
    let name = name.strip_prefix('-').unwrap_or(name);
    let name = name.trim_matches(['"', '\'']);
    (!name.is_empty() && !name.contains('<')).then_some(name)
}

/// Text whose variables are known, or the text as written, which is not.
fn located(span: Span, known: Option<String>, written: &str) -> Tree {
    match known {
        Some(text) => Tree::text(span, text),
        None => Tree::new(span, TreeValue::Unknown(written.to_owned())),
    }
}

/// A text without the joints of its lines.
fn plain(masked: &str) -> String {
    masked
        .chars()
        .filter(|&found| found != char::from(JOINT))
        .collect()
}

fn span_of(masked: &str, at: usize) -> Span {
    let is_blank = |found: char| found.is_whitespace() || found == char::from(JOINT);
    let len = masked.trim_end_matches(is_blank).len();
    Span::new(offset(at), offset(at + len))
}

fn joints(masked: &mut String, count: usize) {
    masked.extend(std::iter::repeat_n(char::from(JOINT), count));
}

/// Members of which the last of each name counts, where the first stood.
fn last_of_each(members: impl Iterator<Item = Member>) -> Vec<Member> {
    let mut kept: Vec<Member> = Vec::new();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    for member in members {
        let place = *places.entry(member.key.clone()).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(known) => *known = member,
            None => kept.push(member),
        }
    }
    kept
}
