//! Functions that make records, and what they read: flags, addresses, schedules, certificates.

use std::sync::LazyLock;

use palisade_abi::tape::{Builder, Tape};
use regex::Regex;

use crate::shell::{Command, Word};
use crate::value::Node;

/// A record under construction: a flat map whose members stand at nodes.
pub(crate) struct Record {
    builder: Builder,
    stands: Vec<Option<Node>>,
}

impl Record {
    pub(crate) fn new(stand: Option<Node>) -> Self {
        let mut builder = Builder::new();
        builder.start_map();
        Self {
            builder,
            stands: vec![stand],
        }
    }

    pub(crate) fn text(&mut self, key: &str, text: &str, stand: Option<Node>) {
        self.builder.key(key);
        self.builder.string(text);
        self.stands.push(stand);
    }

    fn int(&mut self, key: &str, value: i64, stand: Option<Node>) {
        self.builder.key(key);
        self.builder.int(value);
        self.stands.push(stand);
    }

    fn bool(&mut self, key: &str, value: bool, stand: Option<Node>) {
        self.builder.key(key);
        self.builder.bool(value);
        self.stands.push(stand);
    }

    fn texts(&mut self, key: &str, texts: &[(String, Option<Node>)], stand: Option<Node>) {
        self.builder.key(key);
        self.builder.start_list();
        self.stands.push(stand);
        for (text, stand) in texts {
            self.builder.string(text);
            self.stands.push(*stand);
        }
        self.builder.end();
    }

    pub(crate) fn end(mut self) -> (Tape, Vec<Option<Node>>) {
        self.builder.end();
        (self.builder.finish(), self.stands)
    }
}

/// A word of a command line.
#[derive(Debug, Clone)]
pub(crate) struct Argument {
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) stand: Option<Node>,
    /// The node that it is, if the document has it as it is.
    pub(crate) own: Option<Node>,
}

/// What a record of flags was made of.
#[derive(Debug, Clone)]
pub(crate) struct CommandLine {
    pub(crate) words: Vec<Argument>,
    /// What flags are read as.
    pub(crate) shapes: String,
}

/// A flag that is given: its name, its value, and the positions of the words that have them.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) name_at: usize,
    pub(crate) value_at: usize,
}

impl CommandLine {
    /// All flags, in order.
    pub(crate) fn given(&self) -> Vec<Given> {
        let mut given = Vec::new();
        let mut rest = self.words.iter().enumerate().peekable();
        while let Some((name_at, word)) = rest.next() {
            let Some(flag) = word.text.strip_prefix("--") else {
                continue;
            };
            if flag.is_empty() {
                break;
            }
            let (name, value, value_at) = match flag.split_once('=') {
                Some((name, value)) => (name, value.to_owned(), name_at),
                None => match rest.next_if(|(_, next)| !next.text.starts_with('-')) {
                    Some((at, next)) => (flag, next.text.clone(), at),
                    None => (flag, "true".to_owned(), name_at),
                },
            };
            given.push(Given {
                name: name.replace('_', "-"),
                value,
                name_at,
                value_at,
            });
        }
        given
    }

    /// What a flag is read as.
    pub(crate) fn shape(&self, name: &str) -> Option<&str> {
        let mut shapes = self.shapes.lines().filter_map(|line| line.split_once(' '));
        shapes.find_map(|(letter, known)| (known == name).then_some(letter))
    }
}

/// `flags(words)`
pub(crate) fn flags(line: &CommandLine) -> Record {
    let stand_of = |flag: &Given| line.words.get(flag.value_at).and_then(|word| word.stand);
    let given = line.given().into_iter().map(|flag| {
        let stand = stand_of(&flag);
        (flag.name, flag.value, stand)
    });
    let given: Vec<(String, String, Option<Node>)> = given.collect();
    let mut record = Record::new(None);
    for (nth, (name, value, stand)) in given.iter().enumerate() {
        if given.iter().skip(nth + 1).any(|(later, ..)| later == name) {
            continue;
        }
        let truth = match value.as_str() {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
            _ => None,
        };
        let number = (!value.starts_with('+')).then(|| value.parse::<i64>().ok());
        match (line.shape(name), truth, number.flatten()) {
            (Some("b"), Some(truth), _) => record.bool(name, truth, *stand),
            (Some("i"), _, Some(number)) => record.int(name, number, *stand),
            (Some("l"), ..) => {
                let all = given.iter().filter(|(other, ..)| other == name);
                let items: Vec<(String, Option<Node>)> = all
                    .flat_map(|(_, value, stand)| {
                        let value = value.strip_suffix(',').unwrap_or(value);
                        let parts = value.split(',').filter(|_| !value.is_empty());
                        parts.map(|part| (part.to_owned(), *stand))
                    })
                    .collect();
                record.texts(name, &items, *stand);
            }
            _ => record.text(name, value, *stand),
        }
    }
    record
}

/// A command of `shell(text)`; `at` says where a range of bytes of the script stands.
pub(crate) fn command(command: &Command, at: impl Fn((usize, usize)) -> Option<Node>) -> Record {
    let (first, last) = (command.words.first(), command.words.last());
    let range = |word: Option<&Word>| word.map_or((0, 0), |word| word.range);
    let stand = at((range(first).0, range(last).1));
    let mut record = Record::new(stand);
    let is_setting = |word: &&Word| {
        let name = word.text.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| {
            let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            !name.is_empty() && name.chars().all(is_name)
        })
    };
    if let Some(name) = command.words.iter().find(|word| !is_setting(word)) {
        let base = name.text.rsplit('/').next().unwrap_or_default();
        record.text("name", base, at(name.range));
    }
    if let Some(after) = command.after {
        record.text("after", after, stand);
    }
    let words = command.words.iter();
    let words: Vec<_> = words
        .map(|word| (word.text.clone(), at(word.range)))
        .collect();
    record.texts("words", &words, stand);
    record
}

static URL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\A([A-Za-z][A-Za-z0-9+.-]*)://(?:([^/?#]*)@)?",
        r"(?:\[([^/?#\]@]+)\]|([^/?#:@\[][^/?#:@]*))(?::([0-9]*))?",
        r"([/][^?#]*)?(?:\?([^#]*))?(?:#.*)?\z"
    ))
    .ok()
});

/// `url(text)`
pub(crate) fn url(text: &str, stand: Option<Node>) -> Option<Record> {
    if text
        .chars()
        .any(|letter| letter <= ' ' || letter == '\u{7f}')
    {
        return None;
    }
    let found = URL.as_ref()?.captures(text)?;
    let part = |nth: usize| found.get(nth).map(|part| part.as_str());
    let port: u32 = match part(5) {
        None | Some("") => 0,
        Some(digits) => digits.parse().ok().filter(|port| *port <= 65_535)?,
    };
    let mut record = Record::new(stand);
    record.text("scheme", &part(1)?.to_ascii_lowercase(), stand);
    let host = part(3).or(part(4))?.to_ascii_lowercase();
    record.text("host", &host, stand);
    if port != 0 {
        record.int("port", i64::from(port), stand);
    }
    if let Some(user) = part(2) {
        record.text("user", user.split(':').next().unwrap_or_default(), stand);
        record.bool("has_password", user.contains(':'), stand);
    } else {
        record.bool("has_password", false, stand);
    }
    record.text("path", part(6).unwrap_or_default(), stand);
    if let Some(query) = part(7) {
        record.text("query", query, stand);
    }
    Some(record)
}

/// `cron(text)`
pub(crate) fn is_cron(text: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    if let Some(name) = text.strip_prefix('@') {
        return match name.strip_prefix("every ") {
            Some(every) => crate::time::duration(every).is_some(),
            None => [
                "yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly",
            ]
            .contains(&name),
        };
    }
    let bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
    let fields: Vec<&str> = text.split([' ', '\t']).filter(|f| !f.is_empty()).collect();
    if fields.len() != bounds.len() {
        return false;
    }
    let number = |text: &str, nth: usize| -> Option<u32> {
        let names: &[&str] = match nth {
            3 => &MONTHS,
            4 => &DAYS,
            _ => &[],
        };
        let small = text.to_ascii_lowercase();
        if let Some(at) = names.iter().position(|name| *name == small) {
            return u32::try_from(at + usize::from(nth == 3)).ok();
        }
        let is_number = text.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    fields
        .iter()
        .zip(bounds)
        .enumerate()
        .all(|(nth, (field, (least, most)))| {
            field.split(',').all(|part| {
                let (range, step) = match part.split_once('/') {
                    Some((range, step)) => (range, step),
                    None => (part, "1"),
                };
                let is_step = step.bytes().all(|digit| digit.is_ascii_digit())
                    && step
                        .parse::<u32>()
                        .is_ok_and(|step| step > 0 && step <= 1 << 30);
                let (low, high) = range.split_once('-').unwrap_or((range, range));
                let is_range = match (number(low, nth), number(high, nth)) {
                    (Some(low), Some(high)) => least <= low && low <= high && high <= most,
                    _ => false,
                };
                is_step && (range == "*" || range == "?" || is_range)
            })
        })
}

/// A value of DER: its tag, its contents, and what comes after it.
type Der<'a> = (u8, &'a [u8], &'a [u8]);

fn der(bytes: &[u8]) -> Option<Der<'_>> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (len, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let digits = usize::from(first & 0x7F);
        if !(1..=3).contains(&digits) {
            return None;
        }
        let (digits, rest) = rest.split_at_checked(digits)?;
        let len = digits
            .iter()
            .fold(0, |len, digit| len << 8 | usize::from(*digit));
        (len, rest)
    };
    let (body, rest) = rest.split_at_checked(len)?;
    Some((tag, body, rest))
}

fn all(bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut values = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (tag, body, after) = der(rest)?;
        values.push((tag, body));
        rest = after;
    }
    Some(values)
}

/// The bytes of the blocks with a label; nothing for one that is no base64.
pub(crate) fn blocks(text: &str, label: &str) -> Vec<Option<Vec<u8>>> {
    let mark = format!("-----BEGIN {label}-----");
    let parts = text.split(mark.as_str()).skip(1);
    parts
        .map(|part| crate::text::bytes_of_base64(part.split('-').next().unwrap_or_default()))
        .collect()
}

/// A certificate, or with `is_signed` false a request for one.
pub(crate) fn certificate(bytes: &[u8], is_signed: bool, stand: Option<Node>) -> Option<Record> {
    let (0x30, outer, _) = der(bytes)? else {
        return None;
    };
    let outer = all(outer)?;
    let [(0x30, inner), (0x30, algorithm), ..] = outer.as_slice() else {
        return None;
    };
    let mut record = Record::new(stand);
    let (6, oid, _) = der(algorithm)? else {
        return None;
    };
    if let Some(hash) = hash(oid) {
        record.text("hash", hash, stand);
    }
    let mut fields = all(inner)?.into_iter().peekable();
    if is_signed {
        fields.next_if(|(tag, _)| *tag == 0xA0);
    }
    let mut field = |wanted: u8| {
        let (tag, body) = fields.next()?;
        (tag == wanted).then_some(body)
    };
    field(2)?;
    let mut issuer = None;
    if is_signed {
        field(0x30)?;
        let name = field(0x30)?;
        issuer = Some(name);
        record.text("issuer", &name_text(name)?, stand);
        let times = all(field(0x30)?)?;
        let [first, second, ..] = times.as_slice() else {
            return None;
        };
        record.text("not_before", &time(*first)?, stand);
        record.text("not_after", &time(*second)?, stand);
    }
    let subject = field(0x30)?;
    record.text("subject", &name_text(subject)?, stand);
    if let Some(issuer) = issuer {
        record.bool("is_self_signed", issuer == subject, stand);
    }
    let parts = name_parts(subject)?;
    let of = |kind: u8| {
        let found = parts.iter().filter(move |(found, _)| *found == kind);
        found.map(|(_, text)| text.clone())
    };
    if let Some(name) = of(3).next_back().filter(|name| !name.is_empty()) {
        record.text("common_name", &name, stand);
    }
    let organizations: Vec<_> = of(10).map(|text| (text, stand)).collect();
    record.texts("organizations", &organizations, stand);
    public_key(field(0x30)?, &mut record, stand)?;
    let mut extensions = Vec::new();
    for (tag, body) in fields {
        if is_signed && tag == 0xA3 {
            extensions = all(der(body)?.1)?;
        } else if !is_signed && tag == 0xA0 {
            for (_, attribute) in all(body)? {
                let (6, oid, rest) = der(attribute)? else {
                    return None;
                };
                if oid.ends_with(&[9, 14]) && oid.len() == 9 {
                    let (0x31, set, _) = der(rest)? else {
                        return None;
                    };
                    extensions = all(der(set)?.1)?;
                    break;
                }
            }
        }
    }
    add_extensions(&extensions, &mut record, stand)?;
    Some(record)
}

fn add_extensions(
    extensions: &[(u8, &[u8])],
    record: &mut Record,
    stand: Option<Node>,
) -> Option<()> {
    let (mut is_ca, mut names) = (false, Vec::new());
    for (_, extension) in extensions {
        let parts = all(extension)?;
        let (Some((6, oid)), Some((4, value))) = (parts.first(), parts.last()) else {
            return None;
        };
        match oid {
            [0x55, 0x1D, 19] => {
                let inner = all(der(value)?.1)?;
                is_ca = matches!(inner.first(), Some((1, [flag])) if *flag != 0);
            }
            [0x55, 0x1D, 17] => {
                names.clear();
                for (tag, name) in all(der(value)?.1)? {
                    match (tag, name) {
                        (0x81 | 0x82 | 0x86, name) => {
                            names.extend(String::from_utf8(name.to_vec()).ok());
                        }
                        (0x87, [a, b, c, d]) => names.push(format!("{a}.{b}.{c}.{d}")),
                        (0x87, long) if long.len() == 16 => {
                            let groups = long.chunks(2).map(|pair| match pair {
                                [high, low] => {
                                    format!("{:x}", u16::from(*high) << 8 | u16::from(*low))
                                }
                                _ => String::new(),
                            });
                            names.push(groups.collect::<Vec<_>>().join(":"));
                        }
                        (0x87, _) => return None,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    record.bool("is_ca", is_ca, stand);
    let names: Vec<_> = names.into_iter().map(|name| (name, stand)).collect();
    record.texts("names", &names, stand);
    Some(())
}

/// The texts of a name, each with the last number of what it is.
fn name_parts(name: &[u8]) -> Option<Vec<(u8, String)>> {
    let mut parts = Vec::new();
    for (tag, set) in all(name)? {
        if tag != 0x31 {
            return None;
        }
        for (_, pair) in all(set)? {
            let (6, oid, rest) = der(pair)? else {
                return None;
            };
            let (_, value, _) = der(rest)?;
            let kind = match oid {
                [0x55, 4, kind] => *kind,
                _ => 0,
            };
            if let Ok(text) = String::from_utf8(value.to_vec()) {
                parts.push((kind, text));
            }
        }
    }
    Some(parts)
}

fn name_text(name: &[u8]) -> Option<String> {
    let parts = name_parts(name)?.into_iter().map(|(kind, text)| {
        let word = match kind {
            3 => "CN",
            6 => "C",
            7 => "L",
            8 => "ST",
            10 => "O",
            11 => "OU",
            _ => "?",
        };
        format!("{word}={text}")
    });
    Some(parts.collect::<Vec<_>>().join(","))
}

fn time((tag, body): (u8, &[u8])) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let digits = text.strip_suffix('Z')?;
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let full = match (tag, digits.len()) {
        (0x17, 12) if digits < "5" => format!("20{digits}"),
        (0x17, 12) => format!("19{digits}"),
        (0x18, 14) => digits.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| full.get(from..to);
    Some(format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    ))
}

const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1];
const ECDSA: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D];

fn hash(oid: &[u8]) -> Option<&'static str> {
    if let Some([last]) = oid.strip_prefix(RSA) {
        return Some(match last {
            2 => "MD2",
            4 => "MD5",
            5 => "SHA1",
            11 => "SHA256",
            12 => "SHA384",
            13 => "SHA512",
            14 => "SHA224",
            _ => return None,
        });
    }
    Some(match oid.strip_prefix(ECDSA)? {
        [4, 1] => "SHA1",
        [4, 3, 1] => "SHA224",
        [4, 3, 2] => "SHA256",
        [4, 3, 3] => "SHA384",
        [4, 3, 4] => "SHA512",
        _ => return None,
    })
}

fn public_key(spki: &[u8], record: &mut Record, stand: Option<Node>) -> Option<()> {
    let parts = all(spki)?;
    let [(0x30, algorithm), (3, bits), ..] = parts.as_slice() else {
        return None;
    };
    let (6, oid, _) = der(algorithm)? else {
        return None;
    };
    let key = bits.get(1..).filter(|key| !key.is_empty())?;
    let (kind, size) = if oid.strip_prefix(RSA).is_some_and(|rest| rest.len() == 1) {
        let (0x30, numbers, _) = der(key)? else {
            return None;
        };
        let (2, modulus, _) = der(numbers)? else {
            return None;
        };
        let number = num_bigint::BigUint::from_bytes_be(modulus);
        ("RSA", i64::try_from(number.bits()).ok()?)
    } else if oid.starts_with(ECDSA) && oid.len() > 6 {
        let size = (key.len() - 1) / 2 * 8;
        (
            "ECDSA",
            i64::try_from(if size == 528 { 521 } else { size }).ok()?,
        )
    } else if matches!(oid, [0x2B, 0x65, 0x70 | 0x71]) {
        ("Ed25519", i64::try_from(8 * key.len()).ok()?)
    } else {
        return Some(());
    };
    record.text("key", kind, stand);
    record.int("bits", size, stand);
    Some(())
}
