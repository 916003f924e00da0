//! The commands of a shell script, by recursive descent: every substitution is parsed where it stands, as the shell does.
//!
//! Quoting, operators and here documents are POSIX's (*Shell Command Language*, 2.2, 2.3, 2.7); what counts as a command,
//! what joins it and what is left out is as `docs/meaning.md` has it.

/// A command and what joins it to the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// `&&`, `||`, `|`, `&` or `;`.
    pub after: Option<&'static str>,
    /// Its words.
    pub words: Vec<Word>,
}

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What it says, without quotes.
    pub text: String,
    /// The bytes of the script that it is written as.
    pub range: (usize, usize),
}

/// Substitutions within each other that are looked for.
const NESTED: usize = 32;
/// Scripts within scripts whose commands are told.
const TOLD: usize = 8;

/// The commands of a script.
#[must_use]
pub fn commands(script: &str) -> Vec<Command> {
    let letters: Vec<char> = script.chars().collect();
    let mut reader = Reader {
        letters: &letters,
        start: 0,
        at: 0,
    };
    // Nothing closes the script around all.
    let found = reader.script(false, 0).unwrap_or_default();
    let mut told = Vec::new();
    found.tell(TOLD, &mut told);
    let starts: Vec<usize> = script.char_indices().map(|(at, _)| at).collect();
    let byte = |at: usize| starts.get(at).copied().unwrap_or(script.len());
    for word in told.iter_mut().flat_map(|command| &mut command.words) {
        word.range = (byte(word.range.0), byte(word.range.1));
    }
    told
}

/// What a script has.
#[derive(Debug, Clone, Default)]
struct Script {
    commands: Vec<Command>,
    inner: Vec<Script>,
    /// A substitution in it does not close.
    is_odd: bool,
}

impl Script {
    fn tell(self, levels: usize, told: &mut Vec<Command>) {
        told.extend(self.commands);
        if levels > 0 {
            for inner in self.inner {
                inner.tell(levels - 1, told);
            }
        }
    }
}

/// What a token is.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// Of a command: what it says, and what was written.
    Word(Word, String),
    /// Between commands.
    Operator(&'static str),
    /// Before a file.
    Redirection(&'static str),
    End,
}

/// Longer ones first.
const OPERATORS: [(&str, &str); 10] = [
    ("&&", "&&"),
    ("||", "||"),
    ("|&", "|"),
    (";;", ";"),
    ("|", "|"),
    ("&", "&"),
    (";", ";"),
    ("(", "("),
    (")", ")"),
    ("\n", "\n"),
];
const REDIRECTIONS: [&str; 12] = [
    "&>>", "&>", "<<<", "<<-", "<<", "<>", "<&", ">>", ">&", ">|", "<", ">",
];

struct Reader<'s> {
    letters: &'s [char],
    /// Letters of the script around all before them.
    start: usize,
    at: usize,
}

impl Reader<'_> {
    fn written(&self, from: usize, to: usize) -> &[char] {
        self.letters.get(from..to).unwrap_or_default()
    }

    fn rest(&self) -> &[char] {
        self.written(self.at, self.letters.len())
    }

    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn looks_at(&self, text: &str) -> bool {
        let mut rest = self.rest().iter();
        text.chars().all(|letter| rest.next() == Some(&letter))
    }

    fn takes(&mut self, text: &str) -> bool {
        let is_there = self.looks_at(text);
        if is_there {
            self.at += text.chars().count();
        }
        is_there
    }

    /// A line that goes on after a backslash.
    fn takes_joint(&mut self) -> bool {
        self.takes("\\\n") || self.takes("\\\r\n")
    }

    /// A script up to the bracket that closes it, which has to be there, or up to the end.
    fn script(&mut self, is_inner: bool, nested: usize) -> Option<Script> {
        let mut script = Script::default();
        let mut words: Vec<Word> = Vec::new();
        let mut joints: Vec<&'static str> = Vec::new();
        let mut marks: Vec<(String, bool)> = Vec::new();
        let mut brackets = 0_usize;
        loop {
            match self.token(&mut script, nested) {
                Token::Word(text, written) => {
                    let is_stream = !written.is_empty()
                        && written.chars().all(|letter| letter.is_ascii_digit())
                        && matches!(self.peek(), Some('<' | '>'));
                    if !is_stream {
                        words.push(text);
                    }
                }
                Token::Redirection(sign @ ("<<" | "<<-")) => {
                    if let Some(mark) = self.mark() {
                        marks.push((mark, sign == "<<-"));
                    }
                }
                Token::Redirection(">&" | "<&") => self.skip_stream(),
                Token::Redirection(_) => {}
                Token::End => {
                    end_command(&mut script, &mut words, &mut joints);
                    return (!is_inner).then_some(script);
                }
                Token::Operator(operator) => {
                    end_command(&mut script, &mut words, &mut joints);
                    match operator {
                        "(" => brackets += 1,
                        ")" if brackets > 0 => brackets -= 1,
                        ")" if is_inner => return Some(script),
                        "\n" => self.skip_documents(&std::mem::take(&mut marks)),
                        _ => {}
                    }
                    joints.push(match operator {
                        "(" | ")" | "\n" => ";",
                        other => other,
                    });
                }
            }
        }
    }

    /// The next token, blanks and comments before it left out.
    fn token(&mut self, script: &mut Script, nested: usize) -> Token {
        loop {
            match self.peek() {
                None => return Token::End,
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('#') => {
                    while self.peek().is_some_and(|letter| letter != '\n') {
                        self.at += 1;
                    }
                }
                _ if self.takes_joint() => {}
                _ => break,
            }
        }
        if let Some(sign) = REDIRECTIONS.iter().find(|sign| self.takes(sign)) {
            return Token::Redirection(sign);
        }
        if let Some((_, says)) = OPERATORS.iter().find(|(sign, _)| self.takes(sign)) {
            return Token::Operator(says);
        }
        let from = self.at;
        let mut text = String::new();
        while let Some(letter) = self
            .peek()
            .filter(|letter| !" \t\r\n;&|()<>".contains(*letter))
        {
            match letter {
                '\'' => text.push_str(&self.single()),
                '"' => self.double(script, nested, &mut text),
                '\\' => {
                    if !self.takes_joint() {
                        self.at += 1;
                        text.extend(self.next());
                    }
                }
                '$' | '`' => self.dollar(script, nested, false, &mut text),
                _ => text.extend(self.next()),
            }
        }
        let word = Word {
            text,
            range: (self.start + from, self.start + self.at),
        };
        Token::Word(word, self.written(from, self.at).iter().collect())
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek();
        self.at += usize::from(letter.is_some());
        letter
    }

    /// What stands between single quotes.
    fn single(&mut self) -> String {
        self.at += 1;
        let rest = self.rest().iter();
        let inner: String = rest.take_while(|letter| **letter != '\'').collect();
        self.at = (self.at + inner.chars().count() + 1).min(self.letters.len());
        inner
    }

    fn double(&mut self, script: &mut Script, nested: usize, text: &mut String) {
        self.at += 1;
        while let Some(letter) = self.peek() {
            match letter {
                '"' => {
                    self.at += 1;
                    return;
                }
                _ if self.takes_joint() => {}
                '\\' if ["\\$", "\\`", "\\\"", "\\\\"]
                    .iter()
                    .any(|two| self.looks_at(two)) =>
                {
                    self.at += 1;
                    text.extend(self.next());
                }
                '$' | '`' => self.dollar(script, nested, true, text),
                _ => text.extend(self.next()),
            }
        }
    }

    /// A substitution as it is written, or the letter alone where none stands.
    fn dollar(&mut self, script: &mut Script, nested: usize, in_double: bool, text: &mut String) {
        let from = self.at;
        if !self.substitution(script, nested, in_double) {
            self.at = from + 1;
        }
        text.extend(self.written(from, self.at));
    }

    /// Passes a substitution, whose scripts become scripts within this one.
    fn substitution(&mut self, script: &mut Script, nested: usize, in_double: bool) -> bool {
        let opens = ["`", "$(", "${"].iter().any(|sign| self.looks_at(sign));
        if !opens || script.is_odd {
            return false;
        }
        let n_inner = script.inner.len();
        let nested = nested + 1;
        let mut closes = false;
        if nested > NESTED {
        } else if self.takes("`") {
            let start = self.at;
            while let Some(letter) = self.next() {
                if letter == '\\' {
                    self.at = (self.at + 1).min(self.letters.len());
                } else if letter == '`' {
                    closes = true;
                    break;
                }
            }
            if closes {
                let mut inner = Reader {
                    letters: self.written(start, self.at - 1),
                    start: self.start + start,
                    at: 0,
                };
                script.inner.extend(inner.script(false, 0));
            }
        } else if self.takes("${") {
            closes = self.within("}", script, nested, in_double);
        } else if self.takes("$((") {
            closes = self.sum(script, nested);
        } else {
            self.at += 2;
            let inner = self.script(true, nested);
            closes = inner.is_some();
            script.inner.extend(inner);
        }
        if !closes {
            script.inner.truncate(n_inner);
            script.is_odd = true;
        }
        closes
    }

    /// Passes what stands within quotes and substitutions up to one of the ends; false if there is none.
    fn within(&mut self, ends: &str, script: &mut Script, nested: usize, in_double: bool) -> bool {
        while let Some(letter) = self.peek() {
            match letter {
                _ if ends.contains(letter) => {
                    self.at += 1;
                    return true;
                }
                '\\' => {
                    if !self.takes_joint() {
                        self.at = (self.at + 2).min(self.letters.len());
                    }
                }
                '\'' if !in_double => _ = self.single(),
                '"' => self.quoted(script, nested),
                '$' | '`' => self.dollar(script, nested, in_double, &mut String::new()),
                _ => self.at += 1,
            }
        }
        false
    }

    /// Passes double quotes.
    fn quoted(&mut self, script: &mut Script, nested: usize) {
        self.double(script, nested, &mut String::new());
    }

    /// Passes a sum up to its two brackets.
    fn sum(&mut self, script: &mut Script, nested: usize) -> bool {
        let mut open = 0;
        while self.within("()", script, nested, false) {
            match (self.written(self.at - 1, self.at), open) {
                (['('], _) => open += 1,
                (_, 0) => return self.takes(")"),
                _ => open -= 1,
            }
        }
        false
    }

    /// The word that ends a here document, without quotes.
    fn mark(&mut self) -> Option<String> {
        while let Some(' ' | '\t') = self.peek() {
            self.at += 1;
        }
        let from = self.at;
        let mut mark = String::new();
        while let Some(letter) = self
            .peek()
            .filter(|letter| !" \t\r\n;&|()<>".contains(*letter))
        {
            match letter {
                '\'' => mark.push_str(&self.single()),
                '"' => {
                    self.at += 1;
                    while let Some(letter) = self.next().filter(|letter| *letter != '"') {
                        mark.push(letter);
                    }
                }
                '\\' => {
                    if !self.takes_joint() {
                        self.at += 1;
                        mark.extend(self.next());
                    }
                }
                _ => mark.extend(self.next()),
            }
        }
        (self.at > from).then_some(mark)
    }

    /// Passes here documents, each up to the line that is its mark.
    fn skip_documents(&mut self, marks: &[(String, bool)]) {
        for (mark, strips) in marks {
            loop {
                if self.peek().is_none() {
                    return;
                }
                let rest = self.rest().iter();
                let line: String = rest.take_while(|letter| **letter != '\n').collect();
                self.at = (self.at + line.chars().count() + 1).min(self.letters.len());
                let line = line.strip_suffix('\r').unwrap_or(&line);
                let line = if *strips {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                if line == mark {
                    break;
                }
            }
        }
    }

    /// Passes the number of a stream, or `-`.
    fn skip_stream(&mut self) {
        let from = self.at;
        while self.peek().is_some_and(|letter| letter.is_ascii_digit()) {
            self.at += 1;
        }
        self.takes("-");
        if self
            .peek()
            .is_some_and(|letter| !" \t\r\n;&|()<>".contains(letter))
        {
            self.at = from;
        }
    }
}

/// Ends the command that the words are, if they are one.
fn end_command(script: &mut Script, words: &mut Vec<Word>, joints: &mut Vec<&'static str>) {
    const BEFORE: [&str; 10] = [
        "if", "then", "else", "elif", "do", "while", "until", "!", "{", "time",
    ];
    const AFTER: [&str; 4] = ["fi", "done", "esac", "}"];
    let words: Vec<Word> = words
        .drain(..)
        .skip_while(|word| BEFORE.contains(&word.text.as_str()))
        .collect();
    if words
        .first()
        .is_none_or(|word| AFTER.contains(&word.text.as_str()))
    {
        return;
    }
    // What says most of all that stands between two commands.
    let joint = joints
        .iter()
        .rfind(|joint| **joint != ";")
        .or(joints.last());
    script.commands.push(Command {
        after: joint.copied().filter(|_| !script.commands.is_empty()),
        words,
    });
    joints.clear();
}
