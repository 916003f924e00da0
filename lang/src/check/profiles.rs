//! Profiles: which policies they select, and what parameters they set.

use std::collections::BTreeMap;

use super::context::Ctx;
use super::env::Env;
use super::words::near;
use crate::diagnostic::Diagnostic;
use crate::program::{Const, ParamId, Policy, Profile, Type};
use crate::span::Span;
use crate::syntax::ast::{self, Name, ProfileEntry};

/// The profiles of a program: those that are declared, and those that only attributes name.
pub(super) fn resolve(
    env: &Env<'_>,
    declared: &[(&ast::Profile, &str)],
    policies: &[Policy],
) -> Vec<Profile> {
    let mut all = Profiles {
        env,
        policies,
        by_name: BTreeMap::new(),
        done: BTreeMap::new(),
    };
    for (profile, text) in declared {
        let name = profile.name.text.as_str();
        if name.is_empty() {
            continue;
        }
        if let Some((first, _)) = all.by_name.get(name) {
            let first = first.name.span;
            let message = format!("profile `{name}` is declared twice");
            env.report(
                Diagnostic::error("duplicate-name", message, profile.name.span, "again")
                    .with_label(first, "first declaration")
                    .with_help("give one of the two another name"),
            );
            continue;
        }
        all.by_name.insert(name, (*profile, *text));
    }
    let declared: Vec<&str> = all.by_name.keys().copied().collect();
    for name in declared {
        all.profile(name, None, &mut Vec::new());
    }
    let words: Vec<String> = policies
        .iter()
        .flat_map(|policy| policy.profiles.iter().cloned())
        .collect();
    for word in words {
        if !all.done.contains_key(&word) {
            let selected = all.named_by_policies(&word);
            let profile = Profile {
                name: word.clone(),
                policies: selected,
                settings: Vec::new(),
            };
            all.done.insert(word, profile);
        }
    }
    all.done.into_values().collect()
}

struct Profiles<'a, 't> {
    env: &'a Env<'a>,
    policies: &'a [Policy],
    by_name: BTreeMap<&'t str, (&'t ast::Profile, &'a str)>,
    done: BTreeMap<String, Profile>,
}

impl<'t> Profiles<'_, 't> {
    /// Policies with the word among their `profiles`.
    fn named_by_policies(&self, word: &str) -> Vec<u32> {
        let all = self.policies.iter().zip(0_u32..);
        all.filter(|(policy, _)| policy.profiles.iter().any(|name| name == word))
            .map(|(_, index)| index)
            .collect()
    }

    /// The profile of this name, with what it extends; `stack` are those that are being looked into.
    fn profile(
        &mut self,
        name: &str,
        used: Option<Span>,
        stack: &mut Vec<&'t str>,
    ) -> Option<Profile> {
        if let Some(done) = self.done.get(name) {
            return Some(done.clone());
        }
        let (profile, text) = *self.by_name.get(name)?;
        if let Some(start) = stack.iter().position(|other| *other == name) {
            let mut cycle: Vec<&str> = stack.iter().skip(start).copied().collect();
            cycle.push(name);
            let message = format!("profile `{name}` extends itself: {}", cycle.join(" → "));
            let at = used.unwrap_or(profile.name.span);
            self.env.report(
                Diagnostic::error("recursion", message, at, "extends itself")
                    .with_help("extend another profile, or none"),
            );
            return None;
        }
        stack.push(&profile.name.text);
        let mut found = Profile {
            name: name.to_owned(),
            policies: self.named_by_policies(name),
            settings: Vec::new(),
        };
        if let Some(extends) = &profile.extends
            && let Some(base) = self.extended(extends, stack)
        {
            add_all(&mut found.policies, base.policies);
            found.settings = base.settings;
        }
        stack.pop();
        let mut own: Vec<(ParamId, Span)> = Vec::new();
        for entry in &profile.entries {
            match entry {
                ProfileEntry::Include(names) => {
                    for name in names {
                        let included = self.included(name);
                        add_all(&mut found.policies, included);
                    }
                }
                ProfileEntry::Set {
                    policy,
                    param,
                    value,
                } => {
                    let Some((id, value)) = self.setting(policy, param, value, text) else {
                        continue;
                    };
                    if let Some((_, first)) = own.iter().find(|(other, _)| *other == id) {
                        let message = format!("`{}` is set twice", param.text);
                        self.env.report(
                            Diagnostic::error("duplicate-name", message, param.span, "again")
                                .with_label(*first, "first set here")
                                .with_help("keep one of the two"),
                        );
                        continue;
                    }
                    own.push((id, param.span));
                    found.settings.retain(|(other, _)| *other != id);
                    found.settings.push((id, value));
                }
            }
        }
        found.policies.sort_unstable();
        found.settings.sort_by_key(|(id, _)| *id);
        self.done.insert(name.to_owned(), found.clone());
        Some(found)
    }

    /// What a profile extends: a declared profile, or one that policies name.
    fn extended(&mut self, name: &Name, stack: &mut Vec<&'t str>) -> Option<Profile> {
        if self.by_name.contains_key(name.text.as_str()) {
            return self.profile(&name.text, Some(name.span), stack);
        }
        let policies = self.named_by_policies(&name.text);
        if !policies.is_empty() {
            return Some(Profile {
                name: name.text.clone(),
                policies,
                settings: Vec::new(),
            });
        }
        let mut known: Vec<&str> = self.by_name.keys().copied().collect();
        known.extend(
            self.policies
                .iter()
                .flat_map(|policy| policy.profiles.iter().map(String::as_str)),
        );
        let message = format!("there is no profile `{}`", name.text);
        let diagnostic =
            Diagnostic::error("unknown-profile", message, name.span, "unknown profile");
        self.env.report(suggest(
            diagnostic,
            name,
            known,
            "declare it, or leave `extends` out",
        ));
        None
    }

    /// The policies that `include` means: one, or all of the pack.
    fn included(&mut self, name: &Name) -> Vec<u32> {
        if name.text.is_empty() {
            return Vec::new();
        }
        let all = self.policies.iter().zip(0_u32..);
        if name.text == self.env.pack {
            return all.map(|(_, index)| index).collect();
        }
        let found: Vec<u32> = all
            .filter(|(policy, _)| policy.name == name.text)
            .map(|(_, index)| index)
            .collect();
        if found.is_empty() {
            let known: Vec<&str> = self
                .policies
                .iter()
                .map(|policy| policy.name.as_str())
                .chain([self.env.pack.as_str()])
                .collect();
            let message = format!("there is no policy or pack `{}`", name.text);
            let diagnostic =
                Diagnostic::error("unknown-policy", message, name.span, "unknown policy");
            self.env.report(suggest(
                diagnostic,
                name,
                known,
                "name a policy of this pack",
            ));
        }
        found
    }

    fn setting(
        &mut self,
        policy: &Name,
        param: &Name,
        value: &ast::Expr,
        text: &str,
    ) -> Option<(ParamId, Const)> {
        let owner = if policy.text == self.env.pack {
            None
        } else {
            match self
                .policies
                .iter()
                .zip(0_u32..)
                .find(|(known, _)| known.name == policy.text)
            {
                Some((_, index)) => Some(index),
                None => {
                    self.included(policy);
                    return None;
                }
            }
        };
        let params = self.env.params.borrow();
        let owned = |index: usize| params.get(index).is_some_and(|known| known.policy == owner);
        let at = params
            .iter()
            .position(|known| known.policy == owner && known.name == param.text);
        let Some(at) = at else {
            let known: Vec<&str> = params
                .iter()
                .enumerate()
                .filter(|(index, _)| owned(*index))
                .map(|(_, known)| known.name.as_str())
                .collect();
            let message = format!("`{}` has no parameter `{}`", policy.text, param.text);
            let diagnostic =
                Diagnostic::error("unknown-param", message, param.span, "unknown parameter");
            let help = if known.is_empty() {
                "it has none"
            } else {
                "name one of its parameters"
            };
            self.env.report(suggest(diagnostic, param, known, help));
            return None;
        };
        let ty = params.get(at).map(|known| known.ty.clone())?;
        drop(params);
        let value = constant(self.env, value, &ty, text)?;
        Some((ParamId(u32::try_from(at).ok()?), value))
    }
}

fn constant(env: &Env<'_>, value: &ast::Expr, ty: &Type, text: &str) -> Option<Const> {
    let mut ctx = Ctx::apart(env, text);
    let found = ctx.constant(value, ty);
    ctx.hand_over();
    found
}

fn suggest(diagnostic: Diagnostic, name: &Name, known: Vec<&str>, help: &str) -> Diagnostic {
    match near(&name.text, known) {
        Some(near) => diagnostic
            .with_help(format!("write `{near}`"))
            .with_edit(name.span, near),
        None => diagnostic.with_help(help),
    }
}

fn add_all(all: &mut Vec<u32>, more: Vec<u32>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}
