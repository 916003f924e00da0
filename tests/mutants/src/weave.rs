//! Puts many mutants into one source, each behind a switch.
//!
//! `a + b` becomes `(if crate::mutant(7) { a - b } else { a + b })`. A mutant's text is the one that `cargo mutants`
//! would have compiled: an operator is replaced in the whole chain of operators it stands in, so that it binds as it would
//! there. At most one switch is on at a time, so that the text of a mutant holds no other switches.

use std::ops::Range;

use anyhow::{Context, Result};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::draw::{Genre, Mutant, Position};

/// What stands where: a part of the source that has other texts, each with the number of its mutant.
struct Choice {
    range: Range<usize>,
    others: Vec<(usize, String)>,
}

/// A source with mutants.
pub struct Woven {
    /// The text.
    pub text: String,
    /// The numbers of the mutants that cannot be behind a switch: they have to be compiled by themselves.
    pub left_out: Vec<usize>,
}

/// The text with the mutants, which come with their numbers.
pub fn weave(text: &str, mutants: &[(usize, &Mutant)]) -> Result<Woven> {
    let file = syn::parse_file(text)?;
    let lines = Lines::of(text);
    let mut seen = Seen::new(&lines);
    seen.visit_file(&file);
    let mut choices: Vec<Choice> = Vec::new();
    let mut inserted: Vec<(usize, String)> = Vec::new();
    let mut left_out = Vec::new();
    for &(number, mutant) in mutants {
        let range = lines.at(mutant.span.start)..lines.at(mutant.span.end);
        let on = format!("crate::mutant({number})");
        let replacement = &mutant.replacement;
        let (whole, other) = match mutant.genre {
            Genre::FnValue => {
                inserted.push((range.start, format!("if {on} {{ return {replacement}; }} ")));
                continue;
            }
            Genre::MatchArm => {
                let arm = seen.arms.iter().find(|arm| arm.start == range.start);
                let arm = arm.with_context(|| format!("no arm at {}", mutant.name))?;
                let guard = if arm.has_guard { "" } else { " if" };
                let and = if arm.has_guard { " &&" } else { "" };
                inserted.push((arm.guard_at, format!("{guard} !{on}{and} ")));
                continue;
            }
            Genre::MatchArmGuard => (range, replacement.clone()),
            Genre::UnaryOperator => {
                let whole = seen.unary.iter().find(|whole| whole.start == range.start);
                let whole = whole.with_context(|| format!("no operand at {}", mutant.name))?;
                (whole.clone(), text[range.end..whole.end].to_owned())
            }
            Genre::BinaryOperator => {
                let found = seen.binary.iter().find(|(at, _)| *at == range.start);
                let Some((_, whole)) = found else {
                    left_out.push(number);
                    continue;
                };
                let (before, after) =
                    (&text[whole.start..range.start], &text[range.end..whole.end]);
                (whole.clone(), format!("{before}{replacement}{after}"))
            }
            Genre::StructField => {
                left_out.push(number);
                continue;
            }
        };
        match choices.iter_mut().find(|choice| choice.range == whole) {
            Some(choice) => choice.others.push((number, other)),
            None => choices.push(Choice {
                range: whole,
                others: vec![(number, other)],
            }),
        }
    }
    choices.sort_by_key(|choice| (choice.range.start, usize::MAX - choice.range.end));
    inserted.sort();
    let mut woven = String::new();
    write(&mut woven, text, 0..text.len(), &choices, &inserted);
    Ok(Woven {
        text: woven,
        left_out,
    })
}

/// Writes a part of the source with the choices in it, outermost first.
fn write(
    woven: &mut String,
    text: &str,
    range: Range<usize>,
    choices: &[Choice],
    inserted: &[(usize, String)],
) {
    let mut at = range.start;
    let mut left = choices;
    while let Some((choice, rest)) = left.split_first() {
        let n_inner = (rest.iter()).take_while(|inner| inner.range.start < choice.range.end);
        let (inner, after) = rest.split_at(n_inner.count());
        copy(woven, text, at..choice.range.start, inserted);
        woven.push('(');
        for (number, other) in &choice.others {
            woven.push_str(&format!("if crate::mutant({number}) {{ {other} }} else "));
        }
        woven.push_str("{ ");
        write(woven, text, choice.range.clone(), inner, inserted);
        woven.push_str(" })");
        at = choice.range.end;
        left = after;
    }
    copy(woven, text, at..range.end, inserted);
}

/// Copies source without choices, with what is put in.
fn copy(woven: &mut String, text: &str, range: Range<usize>, inserted: &[(usize, String)]) {
    let mut at = range.start;
    for (place, what) in inserted.iter().filter(|(place, _)| range.contains(place)) {
        woven.push_str(&text[at..*place]);
        woven.push_str(what);
        at = *place;
    }
    woven.push_str(&text[at..range.end]);
}

/// Where the lines of a text begin.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        Self { text, starts }
    }

    /// The byte at a position.
    fn at(&self, position: Position) -> usize {
        let start = self.starts[position.line - 1];
        let line = &self.text[start..];
        let skipped = line.char_indices().nth(position.column - 1);
        skipped.map_or(self.text.len(), |(at, _)| start + at)
    }

    fn range(&self, what: &impl Spanned) -> Range<usize> {
        let span = what.span();
        let [start, end] = [span.start(), span.end()].map(|place| {
            self.at(Position {
                line: place.line,
                column: place.column + 1,
            })
        });
        start..end
    }
}

/// An arm of a match: where it begins, and where a guard of it does or would.
struct Arm {
    start: usize,
    has_guard: bool,
    guard_at: usize,
}

/// What mutants can be about.
struct Seen<'l> {
    lines: &'l Lines<'l>,
    arms: Vec<Arm>,
    unary: Vec<Range<usize>>,
    /// Where an operator stands, and the chain of operators that it is a part of.
    binary: Vec<(usize, Range<usize>)>,
    chain: Option<Range<usize>>,
}

impl<'l> Seen<'l> {
    fn new(lines: &'l Lines<'l>) -> Self {
        Self {
            lines,
            arms: Vec::new(),
            unary: Vec::new(),
            binary: Vec::new(),
            chain: None,
        }
    }
}

/// Whether an expression is a `let` of a condition, or joins one with others.
fn holds_let(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => holds_let(&binary.left) || holds_let(&binary.right),
        _ => false,
    }
}

impl Visit<'_> for Seen<'_> {
    fn visit_expr(&mut self, expr: &syn::Expr) {
        // Only operands that are operators themselves go on with a chain.
        let chain = self.chain.take();
        if let syn::Expr::Binary(binary) = expr {
            // What a `let` binds is lost in a branch, and no other operator may stand there.
            let chain =
                (!holds_let(expr)).then(|| chain.unwrap_or_else(|| self.lines.range(binary)));
            let at = self.lines.range(&binary.op).start;
            self.binary.extend(chain.clone().map(|chain| (at, chain)));
            for operand in [&binary.left, &binary.right] {
                self.chain = chain.clone();
                self.visit_expr(operand);
            }
            self.chain = None;
            return;
        }
        if let syn::Expr::Unary(unary) = expr {
            self.unary.push(self.lines.range(unary));
        }
        visit::visit_expr(self, expr);
    }

    fn visit_arm(&mut self, arm: &syn::Arm) {
        let range = self.lines.range(arm);
        let guard_at = match &arm.guard {
            Some((_, guard)) => self.lines.range(&**guard).start,
            None => self.lines.range(&arm.pat).end,
        };
        self.arms.push(Arm {
            start: range.start,
            has_guard: arm.guard.is_some(),
            guard_at,
        });
        visit::visit_arm(self, arm);
    }
}
