//! Profiles: selections of policies with their parameters.

use pest::iterators::Pair;

use super::Builder;
use super::common::near;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Item, ItemKind, Name, Profile, ProfileEntry};
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    /// `profile NAME [extends OTHER] { … }`
    pub(super) fn profile(&mut self, pair: Pair<'s, Rule>) -> Item {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "profile");
        let n_before = self.diagnostics.len();
        let mut end = keyword;
        let mut name = None;
        let mut extends = None;
        let mut block = None;
        for part in pair.into_inner() {
            end = self.span(&part);
            match part.as_rule() {
                Rule::profile_name => name = Some(self.kebab_name(&part, "profiles")),
                Rule::profile_over => extends = self.extended(part),
                Rule::profile_block => block = Some(part),
                _ => {}
            }
        }
        let help = "write `profile name { include POLICY }`";
        let name = self.required_name(name, keyword, "profile", help, n_before);
        let entries = match block {
            Some(block) => self.profile_entries(block, &name.text),
            None => {
                if self.diagnostics.len() == n_before {
                    self.report(
                        Diagnostic::error(
                            "missing-block",
                            format!("profile `{}` has no block", name.text),
                            end,
                            "`{` is missing after this",
                        )
                        .with_help("write what it holds in `{ include POLICY }`")
                        .with_edit(end.after(), " {}"),
                    );
                }
                Vec::new()
            }
        };
        let profile = Profile {
            name,
            extends,
            entries,
        };
        self.item(span, ItemKind::Profile(profile))
    }

    fn extended(&mut self, pair: Pair<'s, Rule>) -> Option<Name> {
        let keyword = self.word_at(self.span(&pair), "extends");
        let name = super::common::rules(pair, &[Rule::profile_name])
            .next()
            .map(|name| self.kebab_name(&name, "profiles"));
        if name.is_none() {
            self.report(
                Diagnostic::error(
                    "missing-name",
                    "expected a profile after `extends`",
                    keyword,
                    "no name follows",
                )
                .with_help("name the profile that this one adds to"),
            );
        }
        name
    }

    fn profile_entries(&mut self, pair: Pair<'s, Rule>, profile: &str) -> Vec<ProfileEntry> {
        let open = self.char_at(self.span(&pair).start);
        let n_at_start = self.diagnostics.len();
        let mut entries = Vec::new();
        let mut broken: Option<Span> = None;
        for part in pair.into_inner() {
            let span = self.span(&part);
            let n_before = self.diagnostics.len();
            match part.as_rule() {
                Rule::include => {
                    let names = self.include(part);
                    entries.push(ProfileEntry::Include(names));
                    broken = (self.diagnostics.len() > n_before).then_some(span);
                }
                Rule::set => {
                    entries.extend(self.set(part));
                    broken = (self.diagnostics.len() > n_before).then_some(span);
                }
                Rule::bad_entry if !self.is_on_line(broken, span) => {
                    self.bad_entry(span);
                    broken = Some(span);
                }
                Rule::close if part.as_str().is_empty() && self.diagnostics.len() == n_at_start => {
                    self.open_block(open, &format!("profile `{profile}`"));
                }
                _ => {}
            }
        }
        entries
    }

    fn bad_entry(&mut self, span: Span) {
        let text = self.slice(span);
        let word = text
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let known = match word {
            "add" | "policies" | "uses" => Some("include"),
            _ => near(word, &["include", "set"]),
        };
        let line = self.first_line(span);
        let mut diagnostic = Diagnostic::error(
            "unexpected",
            "expected `include` or `set` in a profile",
            line,
            "not understood here",
        );
        diagnostic = match known {
            Some(known) => diagnostic
                .with_help(format!("write `{known}`"))
                .with_edit(self.word_at(span, word), known),
            None => diagnostic.with_help("write `include POLICY, …` or `set POLICY.param = value`"),
        };
        self.report(diagnostic);
    }

    fn include(&mut self, pair: Pair<'s, Rule>) -> Vec<Name> {
        let n_before = self.diagnostics.len();
        let mut names: Vec<Name> = Vec::new();
        let mut waiting = None;
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::kw_include => waiting = Some(span),
                Rule::attr_comma => waiting = Some(self.char_at(span.start)),
                Rule::entry_name => {
                    if waiting.take().is_none()
                        && self.diagnostics.len() == n_before
                        && let Some(last) = names.last()
                    {
                        let last = last.span;
                        self.missing_comma("names", last, span);
                    }
                    let name = self.kebab_name(&part, "policies and packs");
                    names.push(name);
                }
                _ => {
                    waiting = None;
                    let name = self.unquoted(part, span);
                    names.push(name);
                }
            }
        }
        if let Some(waiting) = waiting
            && self.diagnostics.len() == n_before
        {
            self.report(
                Diagnostic::error(
                    "missing-value",
                    format!("expected a policy or pack after `{}`", self.slice(waiting)),
                    waiting,
                    "nothing follows",
                )
                .with_help("name policies or packs, such as `include memory-limit`"),
            );
        }
        names
    }

    fn unquoted(&mut self, pair: Pair<'s, Rule>, span: Span) -> Name {
        let text = pair
            .into_inner()
            .next()
            .map(|string| self.plain_string(string))
            .unwrap_or_default();
        self.report(
            Diagnostic::error(
                "quoted-name",
                "the name of a policy has no quotes",
                span,
                "quoted name",
            )
            .with_help(format!("write `{text}`"))
            .with_edit(span, text.clone()),
        );
        Name { text, span }
    }

    /// `set POLICY.param = value`
    fn set(&mut self, pair: Pair<'s, Rule>) -> Option<ProfileEntry> {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "set");
        let n_before = self.diagnostics.len();
        let mut policy = None;
        let mut param = None;
        let mut assign = None;
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::entry_name => policy = Some(self.kebab_name(&part, "policies")),
                Rule::word => param = Some(self.name(&part)),
                Rule::assign => assign = Some(self.assign(&part)),
                Rule::line_expr => value = Some(self.expression(part)),
                _ => {}
            }
        }
        let help = "write `set POLICY.param = value`";
        let at = |builder: &Self, name: &Option<Name>| {
            name.as_ref()
                .map_or(keyword, |name| builder.first_line(name.span))
        };
        let missing = match (&policy, &param, assign, &value) {
            (None, ..) => Some(("a policy and its parameter", keyword)),
            (_, None, ..) => Some(("`.` and a parameter", at(self, &policy))),
            (_, _, None, _) => Some(("`=` and a value", at(self, &param))),
            (_, _, Some(assign), None) => Some(("a value", assign)),
            _ => None,
        };
        if let Some((what, after)) = missing
            && self.diagnostics.len() == n_before
        {
            self.report(
                Diagnostic::error(
                    "missing-value",
                    format!("expected {what} after `{}`", self.slice(after)),
                    after,
                    "nothing follows",
                )
                .with_help(help),
            );
        }
        Some(ProfileEntry::Set {
            policy: policy?,
            param: param?,
            value: value?,
        })
    }
}
