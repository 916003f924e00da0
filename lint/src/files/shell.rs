//! The simple commands of a shell script, as far as words tell: no expansion, no control flow.
//!
//! `a && b | c; d` is four commands. A word that quotes or escapes hold together is one; what `$( … )` or backticks run is a
//! command of its own as well. Reserved words (`if`, `then`, `do`) stand before a command and are left out.

/// A command and what joined it to the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// `&&`, `||`, `|`, `;`, `&`, or nothing for the first.
    pub(super) after: Option<&'static str>,
    pub(super) words: Vec<Word>,
}

/// A word: where it is written, and what it says without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Bytes of the script.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
}

/// Stands where lines were joined: it is in no word, and parts none.
pub(super) const JOINT: u8 = 1;
/// How deep substitutions are looked into.
const MAX_DEPTH: usize = 8;
/// Words that begin or continue a construct, before a command.
const RESERVED: [&str; 10] = [
    "if", "then", "else", "elif", "do", "while", "until", "!", "{", "time",
];
/// Words after which nothing runs, or that end a construct.
const CLOSING: [&str; 4] = ["fi", "done", "esac", "}"];

/// The commands of `script`, in the order in which they are written. `escape` is what a backslash is in most shells.
pub(super) fn commands(script: &str, escape: u8) -> Vec<Command> {
    let mut out = Vec::new();
    scan(script, escape, (0, script.len()), MAX_DEPTH, &mut out);
    out
}

fn scan(
    script: &str,
    escape: u8,
    (from, to): (usize, usize),
    levels: usize,
    out: &mut Vec<Command>,
) {
    let mut scanner = Scanner {
        script,
        escape,
        at: from,
        to,
        words: Vec::new(),
        after: None,
        inner: Vec::new(),
        gave_up: false,
    };
    scanner.run(out);
    let inner = scanner.inner;
    if let Some(levels) = levels.checked_sub(1) {
        for range in inner {
            scan(script, escape, range, levels, out);
        }
    }
}

struct Scanner<'s> {
    script: &'s str,
    escape: u8,
    at: usize,
    to: usize,
    words: Vec<Word>,
    after: Option<&'static str>,
    /// Scripts within words.
    inner: Vec<(usize, usize)>,
    /// A bracket does not close, and no other one is looked for.
    gave_up: bool,
}

impl Scanner<'_> {
    fn run(&mut self, out: &mut Vec<Command>) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | JOINT => self.at += 1,
                _ if byte == self.escape && self.ends_line() => self.escape(&mut String::new()),
                b'#' => self.skip_comment(),
                b'\n' | b';' | b'&' | b'|' | b'(' | b')' => self.operator(out),
                b'<' | b'>' => self.redirection(),
                _ => self.word(),
            }
        }
        self.finish(out);
    }

    fn peek(&self) -> Option<u8> {
        if self.at >= self.to {
            return None;
        }
        self.script.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &str {
        self.script.get(self.at..self.to).unwrap_or_default()
    }

    /// Whether the escape at hand is the last of its line.
    fn ends_line(&self) -> bool {
        let rest = self.rest().get(1..).unwrap_or_default();
        rest.starts_with('\n') || rest.starts_with("\r\n")
    }

    fn skip_comment(&mut self) {
        let len = self.rest().find('\n').unwrap_or(self.rest().len());
        self.at += len;
    }

    fn operator(&mut self, out: &mut Vec<Command>) {
        let rest = self.rest();
        let (operator, len) = if rest.starts_with("&&") {
            ("&&", 2)
        } else if rest.starts_with("||") {
            ("||", 2)
        } else if rest.starts_with("|&") {
            ("|", 2)
        } else if rest.starts_with('|') {
            ("|", 1)
        } else if rest.starts_with("&>") {
            // A redirection of both streams.
            self.at += 1;
            return;
        } else if rest.starts_with('&') {
            ("&", 1)
        } else {
            (";", 1)
        };
        self.finish(out);
        self.at += len;
        // A line end or a bracket after an operator changes nothing.
        let is_first = self.after.is_none() && out.is_empty();
        if operator != ";" || self.after.is_none() && !is_first {
            self.after = Some(operator);
        }
    }

    /// Passes `2>&1` and `>` of `>file`, whose word is read as one of the command.
    fn redirection(&mut self) {
        let is_number = |word: &Word| word.text.bytes().all(|byte| byte.is_ascii_digit());
        let from = self.at;
        self.words
            .pop_if(|word| word.end == from && is_number(word));
        let mut is_copy = false;
        while let Some(byte @ (b'<' | b'>' | b'&')) = self.peek() {
            is_copy = byte == b'&';
            self.at += 1;
        }
        while is_copy && let Some(b'0'..=b'9' | b'-') = self.peek() {
            self.at += 1;
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let mut text = String::new();
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => {
                    break;
                }
                JOINT => self.at += 1,
                b'\'' => self.single(&mut text),
                b'"' => self.double(&mut text),
                _ if byte == self.escape => self.escape(&mut text),
                b'$' | b'`' => self.substitution(&mut text),
                _ => self.plain(&mut text),
            }
        }
        self.words.push(Word {
            start,
            end: self.at,
            text,
        });
    }

    fn plain(&mut self, text: &mut String) {
        if let Some(found) = self.rest().chars().next() {
            text.push(found);
            self.at += found.len_utf8();
        } else {
            self.at = self.to;
        }
    }

    fn single(&mut self, text: &mut String) {
        self.at += 1;
        let rest = self.rest();
        let len = rest.find('\'').unwrap_or(rest.len());
        let inner = rest.get(..len).unwrap_or_default();
        text.extend(inner.chars().filter(|&found| found != char::from(JOINT)));
        self.at = (self.at + len + 1).min(self.to);
    }

    fn double(&mut self, text: &mut String) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                JOINT => self.at += 1,
                _ if byte == self.escape => self.escape(text),
                b'$' | b'`' => self.substitution(text),
                _ => self.plain(text),
            }
        }
    }

    fn escape(&mut self, text: &mut String) {
        self.at += 1;
        match self.peek() {
            // The line goes on.
            Some(b'\n') => self.at += 1,
            Some(b'\r') if self.rest().starts_with("\r\n") => self.at += 2,
            Some(_) => self.plain(text),
            None => {}
        }
    }

    /// `$( … )` and backticks, kept as they are in the word, and noted as scripts of their own.
    fn substitution(&mut self, text: &mut String) {
        let start = self.at;
        let rest = self.rest();
        let end = if self.gave_up || rest.starts_with("$((") {
            None
        } else if rest.starts_with("$(") {
            closing(rest, 2).map(|len| (start + 2, start + len, start + len + 1))
        } else if rest.starts_with('`') {
            let inner = rest.get(1..).unwrap_or_default();
            let len = inner.find('`');
            len.map(|len| (start + 1, start + 1 + len, start + len + 2))
        } else {
            None
        };
        let opens = rest.starts_with("$(") && !rest.starts_with("$((") || rest.starts_with('`');
        let Some((from, to, after)) = end else {
            self.gave_up |= opens;
            self.plain(text);
            return;
        };
        self.inner.push((from, to));
        let written = self.script.get(start..after).unwrap_or_default();
        text.extend(written.chars().filter(|&found| found != char::from(JOINT)));
        self.at = after;
    }

    /// Ends the command at hand.
    fn finish(&mut self, out: &mut Vec<Command>) {
        let mut words = std::mem::take(&mut self.words);
        let n_reserved = words
            .iter()
            .take_while(|word| RESERVED.contains(&word.text.as_str()))
            .count();
        words.drain(..n_reserved);
        let is_closing = |word: &Word| CLOSING.contains(&word.text.as_str());
        if words.first().is_none_or(is_closing) {
            return;
        }
        out.push(Command {
            after: self.after.take(),
            words,
        });
    }
}

/// Where the bracket that is open at `from` closes.
fn closing(text: &str, from: usize) -> Option<usize> {
    let mut depth = 1_usize;
    let mut quote = None;
    let mut is_escaped = false;
    for (at, found) in text.char_indices().skip_while(|&(at, _)| at < from) {
        if is_escaped {
            is_escaped = false;
            continue;
        }
        match (quote, found) {
            (Some('\''), '\'') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => is_escaped = true,
            (Some(open), _) if open == found => quote = None,
            (None, '\'' | '"') => quote = Some(found),
            (Some(_), _) => {}
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expected: &str) {
        let found: Vec<String> = commands(script, b'\\')
            .iter()
            .map(|command| {
                let words: Vec<&str> = command.words.iter().map(|word| &*word.text).collect();
                format!("{}[{}]", command.after.unwrap_or(""), words.join(","))
            })
            .collect();
        assert_eq!(found.join(" "), expected, "{script}");
    }

    #[test]
    fn operators_part_commands() {
        check(
            "apt-get update && apt-get install -y 'a b' | tee x; id",
            "[apt-get,update] &&[apt-get,install,-y,a b] |[tee,x] ;[id]",
        );
        check("a ||\n b\nc", "[a] ||[b] ;[c]");
        check("a \\\n  b # c\nd", "[a,b] ;[d]");
    }

    #[test]
    fn quotes_and_escapes_hold_words_together() {
        check("echo \"a $(id -u) b\"\\ c", "[echo,a $(id -u) b c] [id,-u]");
        check("echo '$(id)' `pwd`", "[echo,$(id),`pwd`] [pwd]");
    }

    #[test]
    fn reserved_words_are_no_commands() {
        check(
            "if test -f x; then sudo rm x; else id; fi",
            "[test,-f,x] ;[sudo,rm,x] ;[id]",
        );
        check("(cd x && make 2>&1) > log", "[cd,x] &&[make] ;[log]");
    }
}
