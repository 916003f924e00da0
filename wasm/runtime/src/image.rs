//! Image references, as Docker reads them.

use crate::layout::{FIRST_ADDRESS, KIND_STRING, UNKNOWN_TEMPLATE};
use crate::message::Text;
use crate::node::{first, kind, second, text};
use crate::value::string_node;

const MAX_TAG: usize = 128;
const MIN_HEX: usize = 32;

/// A reference as written; absent parts are empty.
#[derive(Clone, Copy)]
struct Reference {
    registry: &'static [u8],
    path: &'static [u8],
    tag: &'static [u8],
    digest: &'static [u8],
}

/// The registry of the reference in a text value; absent if it is none.
#[unsafe(no_mangle)]
pub extern "C" fn image_registry(value: u32) -> u32 {
    part(value, |image| {
        let registry = image.registry;
        node_of(if is_docker(registry) { b"docker.io" } else { registry })
    })
}

/// See [`image_registry`].
#[unsafe(no_mangle)]
pub extern "C" fn image_repository(value: u32) -> u32 {
    part(value, |image| {
        if !is_docker(image.registry) || image.path.contains(&b'/') {
            return node_of(image.path);
        }
        let full = Text::new();
        full.push(b"library/");
        full.push(image.path);
        string_node(full.ptr(), full.len())
    })
}

/// See [`image_registry`].
#[unsafe(no_mangle)]
pub extern "C" fn image_tag(value: u32) -> u32 {
    part(value, |image| {
        if image.tag.is_empty() && image.digest.is_empty() {
            node_of(b"latest")
        } else {
            node_of(image.tag)
        }
    })
}

/// See [`image_registry`].
#[unsafe(no_mangle)]
pub extern "C" fn image_digest(value: u32) -> u32 {
    part(value, |image| node_of(image.digest))
}

/// `image(text)`: the text if it is a reference.
#[unsafe(no_mangle)]
pub extern "C" fn fn_image(value: u32) -> u32 {
    part(value, |_| string_node(first(value), second(value)))
}

fn is_docker(registry: &[u8]) -> bool {
    registry.is_empty() || registry == b"docker.io" || registry == b"index.docker.io"
}

fn node_of(text: &'static [u8]) -> u32 {
    if text.is_empty() {
        0
    } else {
        string_node(text.as_ptr() as u32, text.len() as u32)
    }
}

fn part(value: u32, choose: impl Fn(&Reference) -> u32) -> u32 {
    if value < FIRST_ADDRESS {
        return value;
    }
    if kind(value) != KIND_STRING || second(value) == 0 {
        return 0;
    }
    let text = text(value);
    if is_template(text) {
        return UNKNOWN_TEMPLATE;
    }
    match parse(text) {
        Some(image) => choose(&image),
        None => 0,
    }
}

fn is_template(text: &[u8]) -> bool {
    let mut before = 0;
    for &byte in text {
        if (before == b'{' && byte == b'{') || (before == b'$' && (byte == b'{' || byte == b'(')) {
            return true;
        }
        before = byte;
    }
    false
}

fn parse(text: &'static [u8]) -> Option<Reference> {
    let (name, digest) = match split(text, b'@') {
        Some((name, digest)) if is_digest(digest) => (name, digest),
        Some(_) => return None,
        None => (text, &[] as &[u8]),
    };
    let (registry, rest) = match split(name, b'/') {
        Some((first, rest)) if is_registry_like(first) => {
            if !is_registry(first) {
                return None;
            }
            (first, rest)
        }
        _ => (&[] as &[u8], name),
    };
    let (path, tag) = match split(rest, b':') {
        Some((path, tag)) if is_tag(tag) => (path, tag),
        Some(_) => return None,
        None => (rest, &[] as &[u8]),
    };
    if is_path(path) {
        Some(Reference {
            registry,
            path,
            tag,
            digest,
        })
    } else {
        None
    }
}

/// What is before and after the first `at`.
fn split(text: &'static [u8], at: u8) -> Option<(&'static [u8], &'static [u8])> {
    let place = text.iter().position(|&byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

fn is_registry_like(text: &[u8]) -> bool {
    text == b"localhost" || text.iter().any(|&b| b == b'.' || b == b':' || b.is_ascii_uppercase())
}

fn is_registry(text: &'static [u8]) -> bool {
    if let [b'[', rest @ ..] = text {
        let Some((inside, port)) = split(rest, b']') else {
            return false;
        };
        return !inside.is_empty()
            && inside.iter().all(|&b| b.is_ascii_hexdigit() || b == b':')
            && (port.is_empty() || matches!(port, [b':', digits @ ..] if is_digits(digits)));
    }
    let host = match split(text, b':') {
        Some((host, port)) if is_digits(port) => host,
        Some(_) => return false,
        None => text,
    };
    host.split(|&b| b == b'.').all(is_label)
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

fn is_label(label: &[u8]) -> bool {
    label.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'-') && !matches!(label, [] | [b'-', ..] | [.., b'-'])
}

fn is_path(path: &[u8]) -> bool {
    path.split(|&b| b == b'/').all(is_component)
}

/// `[a-z0-9]+` joined by `.`, `_`, `__` or dashes.
fn is_component(component: &[u8]) -> bool {
    // The separator being read: its byte, and how often it stood.
    let (mut separator, mut times) = (b'.', 0_u32);
    let mut begun = false;
    for &byte in component {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() {
            begun = true;
            times = 0;
            continue;
        }
        if !begun || !matches!(byte, b'.' | b'_' | b'-') || (times != 0 && byte != separator) {
            return false;
        }
        separator = byte;
        times += 1;
        if (byte == b'.' && times > 1) || (byte == b'_' && times > 2) {
            return false;
        }
    }
    begun && times == 0
}

fn is_tag(tag: &[u8]) -> bool {
    tag.len() <= MAX_TAG
        && !matches!(tag, [] | [b'.' | b'-', ..])
        && tag
            .iter()
            .all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

fn is_digest(digest: &'static [u8]) -> bool {
    let Some((algorithm, hex)) = split(digest, b':') else {
        return false;
    };
    hex.len() >= MIN_HEX
        && hex.iter().all(u8::is_ascii_hexdigit)
        && algorithm
            .split(|&b| matches!(b, b'-' | b'_' | b'+' | b'.'))
            .all(|part| matches!(part, [first, rest @ ..] if first.is_ascii_alphabetic() && rest.iter().all(u8::is_ascii_alphanumeric)))
}
