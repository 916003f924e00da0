//! Names that another pack declares: what nothing here is called may only want a `use`.

use palisade_lang::diagnostic::Diagnostic;
use palisade_lang::syntax::ast::ItemKind;
use palisade_lang::syntax::parse;

use super::around::Around;
use super::files::PackFiles;

/// What says that a name is not known.
const UNKNOWN: [&str; 3] = ["unknown-kind", "unknown-function", "unknown-name"];

/// Helps with names that packs beside this one, or those that come with Palisade, declare.
pub(super) fn point_to_packs(
    diagnostics: &mut [Diagnostic],
    pack: &PackFiles,
    texts: &[(String, String)],
) {
    let mut unknown: Vec<&mut Diagnostic> = diagnostics
        .iter_mut()
        .filter(|diagnostic| UNKNOWN.contains(&diagnostic.code))
        .collect();
    if unknown.is_empty() {
        return;
    }
    let around = Around::all(pack, texts);
    let declared = around.packs.iter().flat_map(|other| {
        let files = other.files.iter();
        files.flat_map(|(id, text)| {
            let items = parse(*id, text).tree.items;
            items
                .into_iter()
                .filter_map(|item| Some((declares(&item.kind)?.to_owned(), other.name.clone())))
                .collect::<Vec<_>>()
        })
    });
    let declared: Vec<(String, String)> = declared.collect();
    for diagnostic in &mut unknown {
        let span = diagnostic.span();
        let text = texts.get(span.file.0 as usize).map(|(_, text)| text);
        let name = text.and_then(|text| text.get(span.start as usize..span.end as usize));
        let found = declared
            .iter()
            .find(|(known, _)| Some(known.as_str()) == name);
        if let Some((_, pack)) = found {
            diagnostic.help = Some(format!("add `use {pack}`, the pack that declares it"));
            diagnostic.edits.clear();
        }
    }
}

/// The name by which other packs may use what is declared.
fn declares(item: &ItemKind) -> Option<&str> {
    match item {
        ItemKind::View(view) if !view.extend => Some(&view.name.text),
        ItemKind::Fn(function) => Some(&function.name.text),
        ItemKind::Kind(kind) => Some(&kind.name.text),
        ItemKind::Type(of) => Some(&of.name.text),
        ItemKind::Const(constant) => Some(&constant.name.text),
        ItemKind::Table(table) => Some(&table.name.text),
        ItemKind::View(_)
        | ItemKind::Policy(_)
        | ItemKind::Profile(_)
        | ItemKind::Use(_)
        | ItemKind::Param(_)
        | ItemKind::Error => None,
    }
}
