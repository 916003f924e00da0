//! The frame of a WebAssembly file: finding and adding custom sections without reading the rest.
//!
//! [Binary format](https://webassembly.github.io/spec/core/binary/modules.html): eight bytes of header, then sections
//! `id u8, size LEB128, contents`; those with id 0 begin with a name.

pub(crate) const HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";
/// Version 13, layer 1.
const COMPONENT: [u8; 8] = *b"\0asm\x0d\0\x01\0";

/// The contents of the first custom section called `name`; nothing if there is none or the file is cut short before.
#[must_use]
pub fn find<'a>(wasm: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut rest = wasm.strip_prefix(HEADER.as_slice())?;
    while let Some((&id, after)) = rest.split_first() {
        let (size, after) = read_leb(after)?;
        let (contents, after) = after.split_at_checked(size as usize)?;
        if id == 0
            && let Some((found, payload)) = read_name(contents)
            && found == name.as_bytes()
        {
            return Some(payload);
        }
        rest = after;
    }
    None
}

/// Whether bytes begin like a WebAssembly module (not a component).
#[must_use]
pub fn is_module(bytes: &[u8]) -> bool {
    bytes.starts_with(&HEADER)
}

/// Whether bytes begin like a component, which is made of modules.
#[must_use]
pub fn is_component(bytes: &[u8]) -> bool {
    bytes.starts_with(&COMPONENT)
}

/// Whether the last section of a module ends where the file does.
#[must_use]
pub fn is_whole(wasm: &[u8]) -> bool {
    let Some(mut rest) = wasm.strip_prefix(HEADER.as_slice()) else {
        return false;
    };
    while let Some((_, after)) = rest.split_first() {
        let after = read_leb(after).and_then(|(size, after)| after.get(size as usize..));
        let Some(after) = after else { return false };
        rest = after;
    }
    true
}

/// Adds a custom section at the end of a module.
pub fn append(wasm: &mut Vec<u8>, name: &str, contents: &[u8]) {
    let mut body = Vec::with_capacity(name.len() + contents.len() + 5);
    write_leb(&mut body, name.len());
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(contents);
    wasm.push(0);
    write_leb(wasm, body.len());
    wasm.extend_from_slice(&body);
}

fn read_name(contents: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = read_leb(contents)?;
    rest.split_at_checked(len as usize)
}

/// A number and what follows it.
pub(crate) fn read_leb(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut value = 0;
    for (i, &byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((u32::try_from(value).ok()?, bytes.get(i + 1..)?));
        }
    }
    None
}

/// Adds a number in its shortest form.
pub(crate) fn write_leb(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appended_section_is_found_and_the_first_of_a_name_counts() {
        let mut wasm = HEADER.to_vec();
        append(&mut wasm, "one", &[1; 300]);
        append(&mut wasm, "two", b"second");
        append(&mut wasm, "one", b"later");
        assert_eq!(find(&wasm, "one"), Some([1; 300].as_slice()));
        assert_eq!(find(&wasm, "two"), Some(b"second".as_slice()));
        assert_eq!(find(&wasm, "three"), None);
    }

    #[test]
    fn a_file_cut_short_anywhere_has_no_section() {
        let mut wasm = HEADER.to_vec();
        append(&mut wasm, "name", b"contents");
        for end in 0..wasm.len() {
            assert_eq!(find(&wasm[..end], "name"), None, "cut at {end}");
            assert_eq!(is_whole(&wasm[..end]), end == HEADER.len(), "cut at {end}");
        }
        assert!(is_whole(&wasm));
    }
}
