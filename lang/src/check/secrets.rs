//! Fields that hold secrets: their type is written `secret`, which is text that no message shows.

use super::env::{Env, State};
use crate::program::{BaseType, KindRef, SecretFields};
use crate::syntax::ast::{TypeExpr, TypeExprKind};

/// The type of fields whose text is a secret.
pub(super) const SECRET: &str = "secret";
/// In a path, any element of a list or member of a map.
const ANY: &str = "*";
/// How deep secrets are looked for in a kind.
const MAX_DEPTH: usize = 12;

/// The type with `string` where `secret` is written; nothing if that is nowhere outside of records of its own.
pub(super) fn without_secret(ty: &TypeExpr) -> Option<TypeExpr> {
    let kind = match &ty.kind {
        TypeExprKind::Name(target) if target.group.is_none() && target.name.text == SECRET => {
            let mut target = target.clone();
            target.name.text = "string".to_owned();
            TypeExprKind::Name(target)
        }
        TypeExprKind::List(of) => TypeExprKind::List(Box::new(without_secret(of)?)),
        TypeExprKind::Map(of) => TypeExprKind::Map(Box::new(without_secret(of)?)),
        TypeExprKind::Optional(of) => TypeExprKind::Optional(Box::new(without_secret(of)?)),
        TypeExprKind::Name(_)
        | TypeExprKind::Record(_)
        | TypeExprKind::Enum { .. }
        | TypeExprKind::Union(_)
        | TypeExprKind::Hole => return None,
    };
    Some(TypeExpr {
        kind,
        span: ty.span,
    })
}

/// Where the kinds that the sources declare and use hold secrets, and the documents that are read in texts.
pub(super) fn secret_fields(env: &Env<'_>) -> Vec<SecretFields> {
    let states = env.kind_states.borrow();
    let mut all = Vec::new();
    for (name, state) in states.iter() {
        let State::Done((groups, base)) = state else {
            continue;
        };
        let mut paths = Vec::new();
        find(env, base, &mut Vec::new(), &mut paths);
        if !paths.is_empty() {
            all.push(SecretFields {
                kind: KindRef {
                    groups: groups.clone(),
                    kind: name.clone(),
                },
                paths,
            });
        }
    }
    if env.reads_texts.get() {
        let mut paths: Vec<Vec<String>> = all.iter().flat_map(|of| of.paths.clone()).collect();
        for state in env.type_states.borrow().values() {
            if let State::Done(ty) = state {
                find(env, &ty.base, &mut Vec::new(), &mut paths);
            }
        }
        paths.sort();
        paths.dedup();
        if !paths.is_empty() {
            all.push(SecretFields {
                kind: KindRef::in_texts(),
                paths,
            });
        }
    }
    all
}

fn find(env: &Env<'_>, base: &BaseType, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    if path.len() >= MAX_DEPTH {
        return;
    }
    match base {
        BaseType::List(of) | BaseType::Map(of) => {
            path.push(ANY.to_owned());
            find(env, of, path, paths);
            path.pop();
        }
        // What Kubernetes calls a secret is known without it.
        BaseType::Record(records) if env.is_declared(records) => {
            for name in env.field_names(records) {
                let Some(field) = env.field_of(records, &name) else {
                    continue;
                };
                path.push(name);
                if field.sensitive {
                    paths.push(path.clone());
                } else {
                    find(env, &field.base, path, paths);
                }
                path.pop();
            }
        }
        _ => {}
    }
}
