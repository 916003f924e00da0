//! Which policies of the loaded packs run, and with which settings.
//!
//! Profiles say what runs, or, if none is named, the policies do that are on by default; then single policies and packs
//! are switched on and off. A name that nothing has is an error: a policy that silently does not run is worse than none.

use std::collections::BTreeSet;

use palisade_lang::schema::near::nearest;
use palisade_wasm::host::Selection;
use palisade_wasm::index::{NO_SETTINGS, ParamEntry};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::builtin;
use crate::packs::Pack;

/// The profile of all policies.
const ALL: &str = "all";
/// The profile of the policies that are on by default.
const DEFAULT: &str = "default";
/// Levels of the Pod Security Standards under the names that Kubernetes gives them.
const ALIASES: [(&str, &str); 2] = [
    ("baseline", "pss-baseline"),
    ("restricted", "pss-restricted"),
];

/// Types whose values are written as text, also where the text looks like a number.
const TEXT_TYPES: [&str; 11] = [
    "string",
    "version",
    "duration",
    "timestamp",
    "glob",
    "regex",
    "image",
    "cidr",
    "ip",
    "versions",
    "range",
];

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Names of profiles; what any of them has runs.
    pub profiles: Vec<String>,
    /// Policies and packs that run besides.
    pub enable: Vec<String>,
    /// Policies and packs that do not run, whatever the others say.
    pub disable: Vec<String>,
    /// Values of parameters; of two for the same the later counts, and all count over what profiles set.
    pub params: Vec<Param>,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its policy, or its pack if the policies of the pack share it.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// The value as it was given, for parameters of a type that is text: `1.30` is no number where it is a version.
    pub text: String,
}

/// What runs.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// What runs of each pack, in the order of the packs.
    pub packs: Vec<PackChoice>,
    /// Findings of the reader itself that are not reported.
    pub silent: BTreeSet<&'static str>,
}

/// What runs of a pack.
#[derive(Debug, Clone, Default)]
pub struct PackChoice {
    /// Its policies.
    pub selection: Selection,
    /// How many they are.
    pub n_policies: usize,
    /// Its settings, if any differ from the defaults.
    pub settings: Option<String>,
}

impl Choice {
    /// Policies of all packs that run.
    #[must_use]
    pub fn n_policies(&self) -> usize {
        self.packs.iter().map(|pack| pack.n_policies).sum()
    }
}

/// Why a wish cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WishError {
    /// A name that nothing has.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// Parameters without a default, of policies that run, are not given.
    #[error("parameter `{}` must be given", .0.join("`, `"))]
    Missing(Vec<String>),
}

/// A name that nothing has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no {what} `{name}`{}", suggest(.near, .known))]
pub struct Unknown {
    /// What was looked for, such as `profile`.
    pub what: &'static str,
    /// The name.
    pub name: String,
    /// What may have been meant.
    pub near: Vec<String>,
    /// What there is, if these are few.
    pub known: Vec<String>,
}

fn suggest(near: &[String], known: &[String]) -> String {
    let quote = |names: &[String], last: &str| {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        match quoted.as_slice() {
            [rest @ .., end] if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
            names => names.join(""),
        }
    };
    if !near.is_empty() {
        format!("; did you mean {}?", quote(near, "or"))
    } else if !known.is_empty() {
        let verb = if known.len() == 1 { "is" } else { "are" };
        format!("; there {verb} {}", quote(known, "and"))
    } else {
        String::new()
    }
}

/// Finds what a wish means in `packs`.
///
/// # Errors
///
/// If a name that it gives is not there, or a parameter that is needed is not given.
pub fn choose(packs: &[Pack], wish: &Wish) -> Result<Choice, WishError> {
    let (chosen, silent) = find(packs, wish)?;
    let missing: Vec<String> = chosen.iter().flat_map(Chosen::missing).collect();
    if !missing.is_empty() {
        return Err(WishError::Missing(missing));
    }
    Ok(Choice {
        packs: chosen.into_iter().map(Chosen::finish).collect(),
        silent,
    })
}

/// The same where others ask for the parameters that are needed.
///
/// # Errors
///
/// If a name that it gives is not there.
pub fn choose_any(packs: &[Pack], wish: &Wish) -> Result<Choice, Unknown> {
    let (chosen, silent) = find(packs, wish)?;
    Ok(Choice {
        packs: chosen.into_iter().map(Chosen::finish).collect(),
        silent,
    })
}

/// What is chosen of each pack, and which findings of reading are left out.
type Found<'a> = (Vec<Chosen<'a>>, BTreeSet<&'static str>);

fn find<'a>(packs: &'a [Pack], wish: &Wish) -> Result<Found<'a>, Unknown> {
    let mut chosen: Vec<Chosen<'_>> = packs.iter().map(Chosen::new).collect();
    if wish.profiles.is_empty() {
        chosen.iter_mut().for_each(Chosen::add_default);
    }
    for name in &wish.profiles {
        add_profile(&mut chosen, name)?;
    }
    let mut silent = BTreeSet::new();
    for name in &wish.enable {
        switch(&mut chosen, &mut silent, name, Switch::On)?;
    }
    for name in &wish.disable {
        switch(&mut chosen, &mut silent, name, Switch::Off)?;
    }
    for param in &wish.params {
        set_param(&mut chosen, param)?;
    }
    Ok((chosen, silent))
}

/// A pack while it is being chosen from.
struct Chosen<'a> {
    pack: &'a Pack,
    policies: BTreeSet<u32>,
    settings: Map<String, Value>,
}

impl<'a> Chosen<'a> {
    fn new(pack: &'a Pack) -> Self {
        Self {
            pack,
            policies: BTreeSet::new(),
            settings: Map::new(),
        }
    }

    fn numbers(&self) -> impl Iterator<Item = u32> + use<> {
        0..self.pack.module.n_policies()
    }

    fn defaults(&self) -> impl Iterator<Item = u32> + '_ {
        let runs = self.numbers().zip(&self.pack.policies);
        runs.filter(|(_, policy)| policy.on_by_default)
            .map(|(number, _)| number)
    }

    fn add_default(&mut self) {
        let defaults: Vec<u32> = self.defaults().collect();
        self.policies.extend(defaults);
    }

    fn named(&self, name: &str) -> Vec<u32> {
        let named = self.numbers().zip(&self.pack.policies);
        named
            .filter(|(_, policy)| policy.name == name)
            .map(|(number, _)| number)
            .collect()
    }

    fn is_called(&self, name: &str) -> bool {
        self.pack.module.pack() == name
    }

    fn set(&mut self, owner: &str, name: &str, value: Value) {
        let entry = self
            .settings
            .entry(owner)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(members) = entry {
            members.insert(name.to_owned(), value);
        }
    }

    /// The policy or pack that a parameter belongs to.
    fn owner(&self, param: &ParamEntry) -> &'a str {
        let policy = param
            .policy
            .and_then(|number| self.pack.policies.get(number as usize));
        policy.map_or(self.pack.module.pack(), |policy| &policy.name)
    }

    fn find_param(&self, owner: &str, name: &str) -> Option<&'a ParamEntry> {
        let mut params = self.pack.params.iter();
        params.find(|param| param.name == name && self.owner(param) == owner)
    }

    /// Parameters of what runs that have neither a default nor a value.
    fn missing(&self) -> Vec<String> {
        let runs = |param: &&ParamEntry| match param.policy {
            Some(policy) => self.policies.contains(&policy),
            None => !self.policies.is_empty(),
        };
        let is_given = |param: &ParamEntry| {
            let owner = self.settings.get(self.owner(param));
            owner
                .and_then(|members| members.get(&param.name))
                .is_some_and(|value| !value.is_null())
        };
        let params = self.pack.params.iter().filter(|param| param.required);
        params
            .filter(runs)
            .filter(|param| !is_given(param))
            .map(|param| format!("{}.{}", self.owner(param), param.name))
            .collect()
    }

    fn finish(self) -> PackChoice {
        let is_default = self.policies.iter().copied().eq(self.defaults());
        let n_policies = self.policies.len();
        let selection = if is_default {
            Selection::default()
        } else {
            Selection::only(self.pack.module.n_policies(), self.policies)
        };
        PackChoice {
            selection,
            n_policies,
            settings: (!self.settings.is_empty()).then(|| Value::Object(self.settings).to_string()),
        }
    }
}

fn add_profile(chosen: &mut [Chosen<'_>], name: &str) -> Result<(), Unknown> {
    match name {
        ALL => {
            for pack in chosen {
                pack.policies.extend(pack.numbers());
            }
            return Ok(());
        }
        DEFAULT => {
            chosen.iter_mut().for_each(Chosen::add_default);
            return Ok(());
        }
        _ => {}
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    let mut is_known = false;
    for wanted in [Some(name), alias.map(|(_, id)| *id)].into_iter().flatten() {
        for pack in chosen.iter_mut() {
            let profiles = &pack.pack.profiles;
            let Some(profile) = profiles.iter().find(|profile| profile.name == wanted) else {
                continue;
            };
            is_known = true;
            pack.policies.extend(&profile.policies);
            if profile.settings != NO_SETTINGS {
                add_settings(pack, &profile.settings);
            }
        }
        if is_known {
            return Ok(());
        }
    }
    Err(unknown_profile(chosen, name))
}

/// Settings of a profile, which the compiler wrote; a module that was forged is told of them by its own check.
fn add_settings(pack: &mut Chosen<'_>, settings: &str) {
    let Ok(Value::Object(owners)) = serde_json::from_str(settings) else {
        return;
    };
    for (owner, members) in owners {
        if let Value::Object(members) = members {
            for (name, value) in members {
                pack.set(&owner, &name, value);
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Switch {
    On,
    Off,
}

fn switch(
    chosen: &mut [Chosen<'_>],
    silent: &mut BTreeSet<&'static str>,
    name: &str,
    to: Switch,
) -> Result<(), Unknown> {
    let mut is_known = false;
    for own in builtin::NAMES {
        if name == own || name == builtin::PACK {
            is_known = true;
            match to {
                Switch::On => silent.remove(own),
                Switch::Off => silent.insert(own),
            };
        }
    }
    for pack in chosen.iter_mut() {
        let mut policies = pack.named(name);
        if pack.is_called(name) {
            policies.extend(pack.numbers());
            is_known = true;
        }
        is_known |= !policies.is_empty();
        match to {
            Switch::On => pack.policies.extend(policies),
            Switch::Off => pack.policies.retain(|policy| !policies.contains(policy)),
        }
    }
    if is_known {
        return Ok(());
    }
    let own = builtin::NAMES.into_iter().chain([builtin::PACK]);
    Err(unknown("policy or pack", name, names(chosen).chain(own)))
}

/// The value of a parameter, as text where that is what its type is written as.
fn value_of(param: &Param, entry: &ParamEntry) -> Value {
    let is_text = TEXT_TYPES.contains(&entry.ty.trim_end_matches('?'));
    if is_text && matches!(param.value, Value::Number(_) | Value::Bool(_)) {
        return Value::from(param.text.as_str());
    }
    param.value.clone()
}

fn set_param(chosen: &mut [Chosen<'_>], param: &Param) -> Result<(), Unknown> {
    let Param { owner, name, .. } = param;
    let mut is_known = false;
    for pack in chosen.iter_mut() {
        if let Some(entry) = pack.find_param(owner, name) {
            pack.set(owner, name, value_of(param, entry));
            is_known = true;
        }
    }
    if is_known {
        return Ok(());
    }
    let has_owner = |pack: &Chosen<'_>| pack.is_called(owner) || !pack.named(owner).is_empty();
    if !chosen.iter().any(has_owner) {
        return Err(unknown("policy or pack", owner, names(chosen)));
    }
    let params = chosen.iter().flat_map(|pack| {
        let params = pack.pack.params.iter();
        params.map(|param| format!("{}.{}", pack.owner(param), param.name))
    });
    let params: Vec<String> = params.collect();
    let wanted = format!("{owner}.{name}");
    let mut unknown = unknown("parameter", &wanted, params.iter().map(String::as_str));
    let own = params.iter().filter(|path| {
        path.strip_prefix(owner.as_str())
            .is_some_and(|rest| rest.starts_with('.'))
    });
    unknown.known = own.cloned().collect();
    Err(unknown)
}

/// Packs and policies.
fn names<'a>(chosen: &'a [Chosen<'_>]) -> impl Iterator<Item = &'a str> {
    chosen.iter().flat_map(|pack| {
        let policies = pack.pack.policies.iter().map(|policy| policy.name.as_str());
        policies.chain([pack.pack.module.pack()])
    })
}

fn unknown<'a>(what: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> Unknown {
    Unknown {
        what,
        name: name.to_owned(),
        near: nearest(name, known)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        known: Vec::new(),
    }
}

fn unknown_profile(chosen: &[Chosen<'_>], name: &str) -> Unknown {
    const FEW: usize = 8;
    let mut known = BTreeSet::from([ALL, DEFAULT]);
    for pack in chosen {
        known.extend(
            pack.pack
                .profiles
                .iter()
                .map(|profile| profile.name.as_str()),
        );
    }
    let aliases = ALIASES
        .iter()
        .filter(|(_, id)| known.contains(id))
        .map(|(alias, _)| *alias);
    let candidates: Vec<&str> = known.iter().copied().chain(aliases).collect();
    let mut unknown = unknown("profile", name, candidates.into_iter());
    if known.len() <= FEW {
        unknown.known = known.into_iter().map(str::to_owned).collect();
    }
    unknown
}
