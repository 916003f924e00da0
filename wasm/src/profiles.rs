//! The profiles of a program, as the index tells them to hosts.

use palisade_lang::program::Program;

use crate::index::{NO_SETTINGS, ProfileEntry};

/// The profiles that have policies, in the order in which policies name them.
#[must_use]
pub fn list(program: &Program) -> Vec<ProfileEntry> {
    let mut profiles: Vec<ProfileEntry> = Vec::new();
    for (policy, number) in program.policies.iter().zip(0..) {
        for name in &policy.profiles {
            let known = profiles.iter_mut().find(|profile| profile.name == *name);
            match known {
                Some(profile) => profile.policies.push(number),
                None => profiles.push(ProfileEntry {
                    name: name.clone(),
                    policies: vec![number],
                    settings: NO_SETTINGS.to_owned(),
                }),
            }
        }
    }
    for profile in &mut profiles {
        profile.policies.dedup();
    }
    profiles
}
