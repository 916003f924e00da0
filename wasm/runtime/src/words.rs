//! Texts that lie in the code: static data is in every module, used or not.

use crate::message::Text;

/// Adds a text of at most 48 bytes that lies in the code: a module that does not say it has no data of
/// it.
macro_rules! say {
    ($out:expr, $text:literal) => {{
        $crate::words::push_piece($out, const { $crate::words::piece($text, 0) });
        if const { $text.len() > 8 } {
            $crate::words::push_piece($out, const { $crate::words::piece($text, 1) });
        }
        if const { $text.len() > 16 } {
            $crate::words::push_piece($out, const { $crate::words::piece($text, 2) });
        }
        if const { $text.len() > 24 } {
            $crate::words::push_piece($out, const { $crate::words::piece($text, 3) });
        }
        if const { $text.len() > 32 } {
            $crate::words::push_piece($out, const { $crate::words::piece($text, 4) });
        }
        if const { $text.len() > 40 } {
            $crate::words::push_piece($out, const { $crate::words::piece($text, 5) });
        }
    }};
}

/// Such a text by itself.
macro_rules! words {
    ($text:literal) => {{
        let words = $crate::message::Text::new();
        say!(words, $text);
        words
    }};
}

/// The `nth` eight bytes of a text, the first lowest, with zeros after its end.
pub const fn piece(text: &[u8], nth: usize) -> u64 {
    let (mut piece, mut i) = (0, 8);
    while i != 0 {
        i -= 1;
        piece <<= 8;
        if 8 * nth + i < text.len() {
            piece |= text[8 * nth + i] as u64;
        }
    }
    piece
}

/// Adds up to eight bytes that are not zero.
#[inline(never)]
pub fn push_piece(out: Text, piece: u64) {
    let mut left = piece;
    while left != 0 {
        out.push_byte(left as u8);
        left >>= 8;
    }
}
