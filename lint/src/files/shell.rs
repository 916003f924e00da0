//! The simple commands of a shell script, as far as words tell: no expansion, no control flow.
//!
//! `a && b | c; d` is four commands. A word that quotes or escapes hold together is one; what `$( … )` or backticks run is a
//! command of its own as well, and what a here document holds is none. Reserved words (`if`, `then`, `do`) stand before a command and are left out.

mod ahead;

use ahead::{Ahead, Found, Here, Inner, Sign, ends_word};

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
    let whole = Inner {
        from: 0,
        to: script.len(),
        limit: script.len(),
    };
    scan(script, escape, whole, MAX_DEPTH, &mut out);
    out
}

fn scan(script: &str, escape: u8, range: Inner, levels: usize, out: &mut Vec<Command>) {
    let mut scanner = Scanner {
        ahead: Ahead {
            script,
            escape,
            to: range.limit,
        },
        at: range.from,
        end: range.to,
        words: Vec::new(),
        after: None,
        has_command: false,
        found: Found::default(),
        here: Vec::new(),
    };
    scanner.run(out);
    let inner = scanner.found.inner;
    if let Some(levels) = levels.checked_sub(1) {
        for range in inner {
            scan(script, escape, range, levels, out);
        }
    }
}

struct Scanner<'s> {
    ahead: Ahead<'s>,
    at: usize,
    end: usize,
    words: Vec<Word>,
    after: Option<&'static str>,
    /// Whether a command of this script was read.
    has_command: bool,
    found: Found,
    /// Here documents that begin after this line.
    here: Vec<Here>,
}

impl Scanner<'_> {
    fn run(&mut self, out: &mut Vec<Command>) {
        while self.at < self.end
            && let Some(byte) = self.peek()
        {
            match byte {
                b' ' | b'\t' | b'\r' | JOINT => self.at += 1,
                _ if self.ahead.joins_lines(self.at) => self.at = self.ahead.after_escape(self.at),
                b'#' => self.at = self.ahead.line_end(self.at),
                b'\n' | b';' | b'&' | b'|' | b'(' | b')' => self.operator(out),
                b'<' | b'>' => self.redirection(),
                _ => self.word(),
            }
        }
        self.finish(out);
    }

    fn peek(&self) -> Option<u8> {
        self.ahead.byte(self.at)
    }

    fn operator(&mut self, out: &mut Vec<Command>) {
        let rest = self.ahead.rest(self.at);
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
            self.at += if rest.starts_with("&>>") { 3 } else { 2 };
            return;
        } else if rest.starts_with('&') {
            ("&", 1)
        } else {
            (";", 1)
        };
        let ends_line = rest.starts_with('\n');
        self.finish(out);
        self.at += len;
        // A line end or a bracket after an operator changes nothing.
        if self.has_command && (operator != ";" || self.after.is_none()) {
            self.after = Some(operator);
        }
        if ends_line {
            self.at = self
                .ahead
                .after_here(self.at, &std::mem::take(&mut self.here));
        }
    }

    /// Passes `2>&1`, `<<END`, and `>` of `>file`, whose word is read as one of the command.
    fn redirection(&mut self) {
        let ahead = self.ahead;
        self.words
            .pop_if(|word| word.end == self.at && ahead.is_number(word.start, word.end));
        let (sign, len) = ahead.redirection(self.at);
        self.at += len;
        match sign {
            Sign::Copy => self.at = ahead.after_number(self.at),
            Sign::Here => {
                let (here, end) = ahead.here(self.at);
                self.here.extend(here);
                self.at = end;
            }
            Sign::File => {}
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let mut text = String::new();
        while let Some(byte) = self.peek() {
            match byte {
                _ if ends_word(byte) => break,
                JOINT => self.at += 1,
                b'\'' => self.single(&mut text),
                b'"' => self.double(&mut text),
                _ if byte == self.ahead.escape => self.escape(&mut text),
                b'$' | b'`' => self.substitution(&mut text, false),
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
        if let Some(found) = self.ahead.rest(self.at).chars().next() {
            text.push(found);
            self.at += found.len_utf8();
        } else {
            self.at = self.ahead.to;
        }
    }

    /// Adds what is written up to `end`, as it is.
    fn written(&mut self, end: usize, text: &mut String) {
        let written = self.ahead.script.get(self.at..end).unwrap_or_default();
        text.extend(written.chars().filter(|&found| found != char::from(JOINT)));
        self.at = end;
    }

    fn single(&mut self, text: &mut String) {
        self.at += 1;
        let end = self.ahead.after_single(self.at);
        let is_closed = end > self.at && self.ahead.byte(end - 1) == Some(b'\'');
        self.written(end - usize::from(is_closed), text);
        self.at = end;
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
                _ if byte == self.ahead.escape && self.ahead.escapes_in_double(self.at) => {
                    self.escape(text);
                }
                b'$' | b'`' => self.substitution(text, true),
                _ => self.plain(text),
            }
        }
    }

    fn escape(&mut self, text: &mut String) {
        if self.ahead.joins_lines(self.at) {
            self.at = self.ahead.after_escape(self.at);
            return;
        }
        self.at += 1;
        if self.at < self.ahead.to {
            self.plain(text);
        }
    }

    /// `$( … )` and the like, kept as they are in the word, and noted if they are scripts of their own.
    fn substitution(&mut self, text: &mut String, in_double: bool) {
        match (self.ahead).substitution(self.at, in_double, 0, &mut self.found) {
            Some(end) => self.written(end, text),
            None => self.plain(text),
        }
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
        self.has_command = true;
        out.push(Command {
            after: self.after.take(),
            words,
        });
    }
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
    fn a_backslash_between_double_quotes_escapes_little() {
        check(r#"grep "a\d\$\"\\b" 'c\d'"#, r#"[grep,a\d$"\b,c\d]"#);
        check("echo \"a\\\nb\"", "[echo,ab]");
    }

    #[test]
    fn what_is_substituted_is_one_word() {
        check(
            "echo $((1 + (2 << 3))) ${a:-b c} x",
            "[echo,$((1 + (2 << 3))),${a:-b c},x]",
        );
        check(
            "a \"$(b \"c)\" \"$(d ')')\")\" e",
            "[a,$(b \"c)\" \"$(d ')')\"),e] [b,c),$(d ')')] [d,)]",
        );
        check("a `b \\`c\\``", "[a,`b \\`c\\``] [b,`c`]");
        check("a $(\n(b) # )'\nc)", "[a,$(\n(b) # )'\nc)] [b] ;[c]");
        check("a $(b $(c", "[a,$] ;[b,$] ;[c]");
    }

    #[test]
    fn here_documents_hold_no_commands() {
        check(
            "cat <<-'E F' > x && b\n\tcurl http://h | sh\n\tE F\nc 2>| d '' > e",
            "[cat,x] &&[b] ;[c,d,,e]",
        );
        check(
            "a <<E $(b <<F\n)\nF\n) c\nd\nE\ne",
            "[a,$(b <<F\n)\nF\n),c] ;[e] [b]",
        );
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
