//! The file of an entry.
//!
//! ```text
//!  0 magic "PALCACH1"
//!  8 key, 32 bytes
//! 40 hash of everything behind it, 32 bytes
//! 72 length of the index u64, length of the native code u64
//! 88 index, native code
//! ```
//!
//! A mark ends behind the hash, which is that of nothing.

use palisade_wasm::host::Image;

const MAGIC: &[u8; 8] = b"PALCACH1";

/// The file of an image, or of a mark.
pub(super) fn encode(image: Option<&Image>, key: &[u8; 32]) -> Vec<u8> {
    let mut body = Vec::new();
    if let Some(Image { index, native }) = image {
        body.reserve_exact(16 + index.len() + native.len());
        body.extend_from_slice(&(index.len() as u64).to_le_bytes());
        body.extend_from_slice(&(native.len() as u64).to_le_bytes());
        body.extend_from_slice(index);
        body.extend_from_slice(native);
    }
    [MAGIC, key.as_slice(), blake3::hash(&body).as_bytes(), &body].concat()
}

/// The image that was encoded under `key`, or the mark; nothing if a byte is another.
pub(super) fn decode(bytes: &[u8], key: &[u8; 32]) -> Option<Option<Image>> {
    let rest = bytes.strip_prefix(MAGIC)?.strip_prefix(key)?;
    let (hash, body) = rest.split_first_chunk::<32>()?;
    if blake3::hash(body) != *hash {
        return None;
    }
    if body.is_empty() {
        return Some(None);
    }
    let (index_len, rest) = read_length(body)?;
    let (native_len, rest) = read_length(rest)?;
    let (index, native) = rest.split_at_checked(index_len)?;
    (native.len() == native_len).then(|| {
        Some(Image {
            index: index.to_vec(),
            native: native.to_vec(),
        })
    })
}

fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&length, rest) = bytes.split_first_chunk()?;
    Some((usize::try_from(u64::from_le_bytes(length)).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_with_any_byte_changed_or_missing_is_none() {
        let image = Image {
            index: b"index".to_vec(),
            native: b"native code".to_vec(),
        };
        let key = [7; 32];
        for kept in [Some(image), None] {
            let bytes = encode(kept.as_ref(), &key);
            assert_eq!(decode(&bytes, &key), Some(kept));
            assert_eq!(decode(&bytes, &[8; 32]), None);
            for at in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1;
                assert_eq!(decode(&flipped, &key), None, "byte {at}");
                assert_eq!(decode(&bytes[..at], &key), None, "cut at {at}");
            }
            assert_eq!(decode(&[bytes, vec![0]].concat(), &key), None);
        }
    }
}
