//! Versions, by a regular expression of the grammar in `docs/meaning.md`.

use std::sync::LazyLock;

use regex::Regex;

/// A version as it compares: components without zeros at the end, then the prerelease.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    components: Vec<u32>,
    stage: Stage,
}

/// Stages in the order of time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Before { word: String, number: u32 },
    Release,
}

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\Av?([0-9]+(?:\.[0-9]+)*)(?:-(alpha|beta|rc)(?:\.?([0-9]+))?(?:[^0-9A-Za-z](?s:.*))?|(?s:.*))\z",
    )
    .ok()
});

/// Reads a version; `None` if the text is none.
pub(crate) fn version(text: &str) -> Option<Version> {
    let found = SHAPE.as_ref()?.captures(text)?;
    let component = |digits: &str| {
        (digits.len() <= 9)
            .then(|| digits.parse::<u32>().ok())
            .flatten()
    };
    let mut components: Vec<u32> = found
        .get(1)?
        .as_str()
        .split('.')
        .map(component)
        .collect::<Option<_>>()?;
    if components.len() > 8 {
        return None;
    }
    while components.last() == Some(&0) {
        components.pop();
    }
    let stage = match found.get(2) {
        Some(word) => Stage::Before {
            word: word.as_str().to_owned(),
            number: match found.get(3) {
                Some(digits) => component(digits.as_str())?,
                None => 0,
            },
        },
        None => Stage::Release,
    };
    Some(Version { components, stage })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_component_and_stage() {
        for (left, right) in [
            ("1.2", "1.10"),
            ("v1.2", "1.2.1"),
            ("1.30-alpha", "1.30"),
            ("1.30-alpha.2", "1.30-alpha10"),
            ("1.30-beta", "1.30-rc.1"),
            ("1.29.99", "1.30-alpha"),
        ] {
            assert!(
                version(left).unwrap() < version(right).unwrap(),
                "{left} {right}"
            );
        }
        for (left, right) in [
            ("1.2", "v1.2.0"),
            ("1.2+k3s1", "1.2"),
            ("1.2-eks-abc", "1.2"),
            ("1.2-gke.100", "1.2"),
            ("1.2-rc", "1.2-rc.0"),
            ("1.2-rc1-eks", "1.2-rc.1"),
            ("1.2-rcx", "1.2"),
            ("1.2.", "1.2"),
        ] {
            assert_eq!(
                version(left).unwrap(),
                version(right).unwrap(),
                "{left} {right}"
            );
        }
        for text in [
            "",
            "v",
            "x1",
            "1.1234567890",
            "1.2.3.4.5.6.7.8.9",
            "-1",
            " 1",
        ] {
            assert_eq!(version(text), None, "{text}");
        }
    }
}
