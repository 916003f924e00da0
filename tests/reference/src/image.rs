//! Image references, by regular expressions of the grammar in `docs/meaning.md`.

use std::sync::LazyLock;

use palisade_lang::program::ImagePart;
use regex::Regex;

static REGISTRY: LazyLock<Regex> = LazyLock::new(|| {
    let label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
    compile(&format!(
        r"\A(?:{label}(?:\.{label})*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?\z"
    ))
});

static REST: LazyLock<Regex> = LazyLock::new(|| {
    let component = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*";
    let tag = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
    let algorithm = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*";
    compile(&format!(
        r"\A(?<path>{component}(?:/{component})*)(?::(?<tag>{tag}))?(?:@(?<digest>{algorithm}:[0-9A-Fa-f]{{32,}}))?\z"
    ))
});

#[expect(clippy::expect_used, reason = "the two patterns above are constants")]
fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is well formed")
}

/// The part of the reference `text`, absent if it has none or is no reference.
pub(crate) fn image_part(text: &str, part: ImagePart) -> Option<String> {
    let (registry, rest) = split_registry(text);
    if registry.is_some_and(|registry| !REGISTRY.is_match(registry)) {
        return None;
    }
    let rest = REST.captures(rest)?;
    let group = |name| rest.name(name).map(|found| found.as_str().to_owned());
    let registry = match registry {
        None | Some("index.docker.io") => "docker.io",
        Some(registry) => registry,
    };
    match part {
        ImagePart::Registry => Some(registry.to_owned()),
        ImagePart::Repository => group("path").map(|path| {
            if registry == "docker.io" && !path.contains('/') {
                format!("library/{path}")
            } else {
                path
            }
        }),
        ImagePart::Tag => {
            group("tag").or_else(|| group("digest").is_none().then(|| "latest".to_owned()))
        }
        ImagePart::Digest => group("digest"),
    }
}

/// The registry, if the first component is one, and what follows it.
fn split_registry(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.contains(|c: char| c.is_ascii_uppercase()) =>
        {
            (Some(first), rest)
        }
        _ => (None, text),
    }
}

#[cfg(test)]
mod tests {
    use oci_spec::distribution::Reference;

    use super::*;

    fn parts(text: &str) -> [Option<String>; 4] {
        [
            ImagePart::Registry,
            ImagePart::Repository,
            ImagePart::Tag,
            ImagePart::Digest,
        ]
        .map(|part| image_part(text, part))
    }

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn parts_have_the_defaults_of_docker() {
        for (text, expected) in [
            ("nginx", ["docker.io", "library/nginx", "latest", "-"]),
            (
                "docker.io/nginx",
                ["docker.io", "library/nginx", "latest", "-"],
            ),
            (
                "index.docker.io/nginx:1",
                ["docker.io", "library/nginx", "1", "-"],
            ),
            ("a/b", ["docker.io", "a/b", "latest", "-"]),
            ("localhost/b", ["localhost", "b", "latest", "-"]),
            ("localhost:5000/b:x", ["localhost:5000", "b", "x", "-"]),
            (
                "ghcr.io/a/b_c/d--e",
                ["ghcr.io", "a/b_c/d--e", "latest", "-"],
            ),
            ("Local/b", ["Local", "b", "latest", "-"]),
            ("[::1]:5/b", ["[::1]:5", "b", "latest", "-"]),
            ("nginx:5000", ["docker.io", "library/nginx", "5000", "-"]),
        ] {
            let expected = expected.map(|part| (part != "-").then(|| part.to_owned()));
            assert_eq!(parts(text), expected, "{text}");
        }
        assert_eq!(
            parts(&format!("a@{DIGEST}")),
            [
                Some("docker.io".into()),
                Some("library/a".into()),
                None,
                Some(DIGEST.into())
            ]
        );
    }

    #[test]
    fn anything_else_is_no_reference() {
        for text in [
            "",
            " ",
            "Nginx",
            "a:",
            "a@",
            "a@sha256:00",
            "a//b",
            "a/",
            "/a",
            "a..b",
            "a___b",
            "-a",
            "a-",
            "a:.x",
            "é",
            "a b",
            "a\n",
            "ghcr.io/",
            "-x.io/a",
            "a.b./c",
            "a:b:c",
            "_a",
        ] {
            assert_eq!(parts(text), [None, None, None, None], "{text:?}");
        }
    }

    #[test]
    fn the_oci_crate_agrees() {
        for text in [
            "nginx",
            "nginx:1.2",
            "a/b",
            "ghcr.io/a/b:c",
            "localhost:5000/x",
            "localhost/x",
            "docker.io/x",
            "docker.io/library/x:y",
            "quay.io/a/b.c/d__e:V1",
            "Nginx",
            "a//b",
            "a:",
        ] {
            match (text.parse::<Reference>(), parts(text)) {
                (Ok(theirs), [Some(registry), Some(repository), tag, digest]) => {
                    assert_eq!(theirs.registry(), registry, "{text}");
                    assert_eq!(theirs.repository(), repository, "{text}");
                    assert_eq!(theirs.tag(), tag.as_deref(), "{text}");
                    assert_eq!(theirs.digest(), digest.as_deref(), "{text}");
                }
                (Err(_), [None, None, None, None]) => {}
                (theirs, ours) => panic!("{text}: {theirs:?} and {ours:?}"),
            }
        }
    }
}
