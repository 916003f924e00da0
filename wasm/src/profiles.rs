//! The profiles of a program, as the index tells them to hosts.

use palisade_lang::program::{Profile, Program};
use serde_json::{Map, Value};

use crate::index::{NO_SETTINGS, ProfileEntry};
use crate::settings;

/// The profiles that have policies, in the order in which policies name them; last those that only declarations name.
#[must_use]
pub fn list(program: &Program) -> Vec<ProfileEntry> {
    let mut profiles: Vec<ProfileEntry> = Vec::new();
    let mut add = |name: &str, number: u32| {
        let known = profiles.iter_mut().find(|profile| profile.name == *name);
        match known {
            Some(profile) => profile.policies.push(number),
            None => profiles.push(ProfileEntry {
                name: name.to_owned(),
                policies: vec![number],
                settings: NO_SETTINGS.to_owned(),
            }),
        }
    };
    for (policy, number) in program.policies.iter().zip(0..) {
        for name in &policy.profiles {
            add(name, number);
        }
        for declared in &program.profiles {
            if declared.policies.contains(&number) {
                add(&declared.name, number);
            }
        }
    }
    for profile in &mut profiles {
        profile.policies.dedup();
        let mut declared = program.profiles.iter();
        if let Some(declared) = declared.find(|declared| declared.name == profile.name) {
            profile.settings = settings_of(program, declared);
        }
    }
    profiles
}

/// What a profile sets, in the form that `palisade_configure` takes.
fn settings_of(program: &Program, profile: &Profile) -> String {
    let mut owners = Map::new();
    for (id, value) in &profile.settings {
        let (Some(param), Some(value)) =
            (program.params.get(id.0 as usize), settings::value_of(value))
        else {
            continue;
        };
        let policy = param
            .policy
            .and_then(|policy| program.policies.get(policy as usize));
        let owner = policy.map_or(&program.pack, |policy| &policy.name);
        let owner = owners
            .entry(owner.clone())
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(members) = owner {
            members.insert(param.name.clone(), value);
        }
    }
    if owners.is_empty() {
        return NO_SETTINGS.to_owned();
    }
    Value::Object(owners).to_string()
}
