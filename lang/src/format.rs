//! The one layout of Pale.
//!
//! The tokens stay as they are, comments among them; only what stands between them changes. Four spaces an indent, one
//! statement or attribute a line, one blank line at most, and 100 columns where a line has a place to break.

mod layout;
mod marks;
mod tokens;

use crate::diagnostic::Diagnostic;
use crate::span::FileId;
use crate::syntax;

/// The text of a `.pale` file as it should look.
///
/// # Errors
///
/// The syntax errors of the text, which has no layout until they are gone.
pub fn format(file: FileId, text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = syntax::parse(file, text);
    if !parsed.diagnostics.is_empty() {
        return Err(parsed.diagnostics);
    }
    let marks = marks::Marks::of(&parsed.tree, text);
    let tokens = tokens::tokens(text, &marks);
    let formatted = layout::lay_out(text, &tokens, &marks);
    // Whatever the layout, nothing but blanks may have changed.
    let is_same = {
        let again = syntax::parse(file, &formatted);
        let marks = marks::Marks::of(&again.tree, &formatted);
        let written = tokens::tokens(&formatted, &marks);
        again.diagnostics.is_empty()
            && written
                .iter()
                .map(|token| token.text)
                .eq(tokens.iter().map(|token| token.text))
    };
    Ok(if is_same { formatted } else { text.to_owned() })
}
