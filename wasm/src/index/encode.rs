//! From an index to the bytes of its section.

use palisade_abi::layout::ABI_VERSION;

use super::view::{
    ELEMENT_NONE, FLAG_KEYS, FLAG_VALUE, FLAG_WHOLE, HEADER, MAGIC, OF_PACK, PARAM_ROW, POLICY_ROW,
    PROFILE_ROW, PROJECTION_ROW, ROUTE_ROW, TEXT_ROW,
};
use super::{Index, ParamEntry, PolicyEntry, ProfileEntry, ProjectionNode, Route};

pub(super) fn encode(index: &Index) -> Vec<u8> {
    let mut out = Writer {
        bytes: vec![0; HEADER],
    };
    out.set(0, MAGIC);
    out.set(4, ABI_VERSION);
    let pack = out.text(&index.pack);
    out.set_pair(8, pack);
    let profiles: Vec<_> = (index.profiles.iter())
        .map(|profile| {
            let texts = (out.text(&profile.name), out.text(&profile.settings));
            (profile, texts)
        })
        .collect();
    let policies: Vec<_> = index.policies.iter().zip(0..).collect();
    let policies = out.table(&policies, POLICY_ROW, |out, row, &(policy, number)| {
        write_policy(out, row, policy);
        let names_it = |(profile, _): &&(&ProfileEntry, _)| profile.policies.contains(&number);
        let texts: Vec<_> = profiles
            .iter()
            .filter(names_it)
            .map(|&(_, texts)| texts)
            .collect();
        let profiles = out.table(&texts, PROFILE_ROW, |out, row, &(name, settings)| {
            out.set_pair(row, name);
            out.set_pair(row + 8, settings);
        });
        out.set_pair(row + 36, profiles);
    });
    out.set_pair(16, policies);
    let symbols = out.texts(&index.symbols);
    out.set_pair(24, symbols);
    let routes = out.table(&index.routes, ROUTE_ROW, write_route);
    out.set_pair(32, routes);
    let projection = out.table(&index.projection, PROJECTION_ROW, write_projection);
    out.set_pair(40, projection);
    let params = out.table(&index.params, PARAM_ROW, write_param);
    let asked = out.table(&index.asked, ROUTE_ROW, write_route);
    out.set_pair(48, params);
    out.set_pair(56, asked);
    out.bytes
}

fn write_policy(out: &mut Writer, row: usize, policy: &PolicyEntry) {
    let name = out.text(&policy.name);
    out.set_pair(row, name);
    let title = out.text(&policy.title);
    out.set_pair(row + 8, title);
    let default = u32::from(policy.on_by_default);
    out.set(
        row + 16,
        u32::from(policy.severity) | default << 8 | u32::from(policy.operations) << 16,
    );
    out.set(row + 20, policy.first_check);
    out.set(row + 24, policy.n_checks);
    let controls = out.texts(&policy.controls);
    out.set_pair(row + 28, controls);
    out.set(row + 44, policy.asks);
}

fn write_param(out: &mut Writer, row: usize, param: &ParamEntry) {
    out.set(row, param.policy.unwrap_or(OF_PACK));
    out.set(row + 4, u32::from(param.required));
    let default = param.default.as_deref().unwrap_or_default();
    for (offset, text) in [
        (8, &*param.name),
        (16, &param.ty),
        (24, default),
        (32, &param.doc),
    ] {
        let text = out.text(text);
        out.set_pair(row + offset, text);
    }
}

fn write_route(out: &mut Writer, row: usize, route: &Route) {
    let kind = out.text(&route.kind);
    out.set_pair(row, kind);
    let groups = out.texts(&route.groups);
    out.set_pair(row + 8, groups);
    out.set(row + 16, route.projection);
    if route.source.is_some() || !route.secrets.is_empty() {
        let json = super::source::write(route.source.as_ref(), &route.secrets);
        let at = out.here();
        out.bytes.extend(number(json.len()).to_le_bytes());
        out.bytes.extend(json.as_bytes());
        out.set(row + 20, at);
    }
}

fn write_projection(out: &mut Writer, row: usize, node: &ProjectionNode) {
    let mut flags = 0;
    for (set, flag) in [
        (node.value, FLAG_VALUE),
        (node.whole, FLAG_WHOLE),
        (node.keys, FLAG_KEYS),
    ] {
        flags |= if set { flag } else { 0 };
    }
    out.set(row, flags);
    out.set(row + 4, node.element.unwrap_or(ELEMENT_NONE));
    let members = out.table(&node.members, 8, |out, row, &pair| out.set_pair(row, pair));
    out.set_pair(row + 8, members);
}

struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn here(&self) -> u32 {
        number(self.bytes.len())
    }

    fn text(&mut self, text: &str) -> (u32, u32) {
        let start = self.here();
        self.bytes.extend_from_slice(text.as_bytes());
        (start, number(text.len()))
    }

    fn texts(&mut self, texts: &[String]) -> (u32, u32) {
        self.table(texts, TEXT_ROW, |out, row, text| {
            let text = out.text(text);
            out.set_pair(row, text);
        })
    }

    /// Reserves the rows, then fills them; what rows point to comes behind.
    fn table<T>(
        &mut self,
        items: &[T],
        row_size: usize,
        write: impl Fn(&mut Self, usize, &T),
    ) -> (u32, u32) {
        let start = self.bytes.len();
        self.bytes.resize(start + items.len() * row_size, 0);
        for (i, item) in items.iter().enumerate() {
            write(self, start + i * row_size, item);
        }
        (number(start), number(items.len()))
    }

    fn set(&mut self, at: usize, value: u32) {
        if let Some(place) = self.bytes.get_mut(at..at + 4) {
            place.copy_from_slice(&value.to_le_bytes());
        }
    }

    fn set_pair(&mut self, at: usize, (first, second): (u32, u32)) {
        self.set(at, first);
        self.set(at + 4, second);
    }
}

/// A module is at most 16 MiB, so that no length of an index comes near the end of 32 bits.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
