//! Functions of text alone.

/// Shannon entropy of the bytes in thousandths of a bit, with the logarithm that `docs/meaning.md` describes.
pub(crate) fn entropy(text: &str) -> i64 {
    let n_bytes = text.len();
    if n_bytes == 0 {
        return 0;
    }
    let mut total = 0_i128;
    for byte in 0..=u8::MAX {
        let times = text.bytes().filter(|other| *other == byte).count();
        if times > 0 {
            total += wide(times) * (log2(n_bytes) - log2(times));
        }
    }
    i64::try_from(1000 * total / (wide(n_bytes) << 16)).unwrap_or(i64::MAX)
}

fn wide(n: usize) -> i128 {
    i128::try_from(n).unwrap_or(i128::MAX)
}

/// The logarithm to the base 2 of a number that is not 0, in 2⁻¹⁶.
fn log2(n: usize) -> i128 {
    let position = n.ilog2();
    let mut x = wide(n) * (1 << 31) / (1 << position);
    let mut y = i128::from(position) * (1 << 16);
    for bit in (0..16).rev() {
        x = x * x / (1 << 31);
        if x >= 1 << 32 {
            x /= 2;
            y += 1 << bit;
        }
    }
    y
}

/// The segments of a path after cleaning, and whether it begins at the root.
fn segments(path: &str) -> (bool, Vec<&str>) {
    let is_absolute = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => match kept.last() {
                None if is_absolute => {}
                None | Some(&"..") => kept.push(".."),
                Some(_) => {
                    kept.pop();
                }
            },
            name => kept.push(name),
        }
    }
    (is_absolute, kept)
}

/// A path without what says nothing.
pub(crate) fn clean_path(path: &str) -> String {
    let (is_absolute, segments) = segments(path);
    match (is_absolute, segments.join("/")) {
        (true, joined) => format!("/{joined}"),
        (false, joined) if joined.is_empty() => ".".to_owned(),
        (false, joined) => joined,
    }
}

/// Whether the first path is the second or below it.
pub(crate) fn path_within(path: &str, folder: &str) -> bool {
    let (path, folder) = (segments(path), segments(folder));
    path.0 == folder.0
        && path
            .1
            .strip_prefix(folder.1.as_slice())
            .is_some_and(|rest| rest.first() != Some(&".."))
}

/// Whether a DNS name has a pattern, which may begin with `*.`.
pub(crate) fn host_matches(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.to_ascii_lowercase(), pattern.to_ascii_lowercase());
    match pattern.strip_prefix("*.") {
        Some(parent) => name
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest == parent),
        None => name == pattern,
    }
}

const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A text in base64.
pub(crate) fn to_base64(text: &str) -> String {
    let bits: Vec<bool> = text
        .bytes()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
        .collect();
    let mut encoded: String = bits
        .chunks(6)
        .filter_map(|bits| {
            let value = (0..6).fold(0, |sum, nth| {
                sum << 1 | usize::from(bits.get(nth).copied().unwrap_or(false))
            });
            DIGITS.chars().nth(value)
        })
        .collect();
    while !encoded.len().is_multiple_of(4) {
        encoded.push('=');
    }
    encoded
}

/// The text that base64 with padding stands for, line ends left out; nothing if it is none, or is no text.
pub(crate) fn from_base64(text: &str) -> Option<String> {
    String::from_utf8(bytes_of_base64(text)?).ok()
}

/// Base64 for URLs as base64 with padding; nothing if it has signs that are none of it.
pub(crate) fn of_base64url(text: &str) -> Option<String> {
    if text.contains(['+', '/']) {
        return None;
    }
    let mut padded = text
        .replace(['\r', '\n'], "")
        .replace('-', "+")
        .replace('_', "/");
    if !padded.ends_with('=') && padded.len() % 4 > 1 {
        padded.push_str(if padded.len() % 4 == 2 { "==" } else { "=" });
    }
    Some(padded)
}

/// The bytes that base64 with padding stands for, line ends left out; nothing if it is none.
pub(crate) fn bytes_of_base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !"\r\n".contains(*c)).collect();
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut bits: Vec<bool> = Vec::new();
    for digit in digits.chars() {
        let value = DIGITS.find(digit)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1 == 1));
    }
    let bytes = bits
        .chunks_exact(8)
        .map(|byte| byte.iter().fold(0_u8, |sum, bit| sum << 1 | u8::from(*bit)));
    Some(bytes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_rounded_down() {
        for (text, expected) in [
            ("", 0),
            ("aaaa", 0),
            ("ab", 1000),
            ("abcd", 2000),
            ("aab", 918),
        ] {
            assert_eq!(entropy(text), expected, "{text}");
        }
        // The sum of real logarithms is near.
        let text = "correct horse battery staple";
        let real: f64 = (0..=u8::MAX)
            .map(|byte| text.bytes().filter(|other| *other == byte).count())
            .filter(|times| *times > 0)
            .map(|times| {
                let share = f64::from(u32::try_from(times).unwrap()) / 28.0;
                -share * share.log2()
            })
            .sum();
        let found = f64::from(i32::try_from(entropy(text)).unwrap()) / 1000.0;
        assert!((found - real).abs() < 0.002, "{found} {real}");
    }

    #[test]
    fn paths_are_cleaned_and_compared_by_segment() {
        for (path, clean) in [
            ("", "."),
            ("/", "/"),
            ("/../a//b/./c/..", "/a/b"),
            ("a/..", "."),
            ("../a", "../a"),
            ("a/../../b/", "../b"),
        ] {
            assert_eq!(clean_path(path), clean, "{path}");
        }
        for (path, folder, expected) in [
            ("/a/b", "/a", true),
            ("/ab", "/a", false),
            ("/a/../b", "/a", false),
            ("/a", "/a/", true),
            ("a", ".", true),
            ("../a", ".", false),
            ("../../a", "..", false),
            ("a", "/", false),
            ("/a", "/", true),
        ] {
            assert_eq!(path_within(path, folder), expected, "{path} {folder}");
        }
    }

    #[test]
    fn a_star_stands_for_one_label() {
        for (name, pattern, expected) in [
            ("a.example.com", "*.example.com", true),
            ("A.Example.com", "*.eXample.com", true),
            ("a.b.example.com", "*.example.com", false),
            (".example.com", "*.example.com", false),
            ("example.com", "*.example.com", false),
            ("example.com", "example.COM", true),
        ] {
            assert_eq!(host_matches(name, pattern), expected, "{name} {pattern}");
        }
    }
}
