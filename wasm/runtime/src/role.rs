//! The role of a container in its pod.

use crate::layout::{FIRST_ADDRESS, KIND_STRING};
use crate::node::{key, kind, text};
use crate::program::{SYM_EPHEMERAL_CONTAINERS, SYM_INIT_CONTAINERS, SYM_RESTART_POLICY};
use crate::value::{member_node, string_node};

/// `app`, `init`, `sidecar` or `ephemeral`.
#[unsafe(no_mangle)]
pub extern "C" fn container_role(container: u32) -> u32 {
    if container < FIRST_ADDRESS {
        return container;
    }
    let role: &[u8] = if key(container) == SYM_EPHEMERAL_CONTAINERS {
        b"ephemeral"
    } else if key(container) != SYM_INIT_CONTAINERS {
        b"app"
    } else {
        let policy = member_node(container, SYM_RESTART_POLICY);
        if policy != 0 && kind(policy) == KIND_STRING && text(policy) == b"Always" {
            b"sidecar"
        } else {
            b"init"
        }
    };
    string_node(role.as_ptr() as u32, role.len() as u32)
}
