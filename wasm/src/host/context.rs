//! What an evaluation is told besides the document.

use serde_json::Value;

/// The circumstances of an evaluation, which policies can read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// The time of the evaluation, RFC 3339.
    pub now: Option<String>,
    /// The version judged against, such as `1.31`.
    pub cluster_version: Option<String>,
    /// The request that is judged, as an admission review has it.
    pub request: Option<Value>,
    /// The object before the change.
    pub old: Option<Value>,
    /// The kind of a document that is no object of the API, as `kind … from` names it.
    pub kind: Option<String>,
    /// Where what is judged is written: `path`, and `template` if it was rendered from one.
    pub source: Option<Value>,
    /// What all that is judged together is called: `root`, `cluster`, `distribution`, `provider`.
    pub inventory: Option<Value>,
}

impl Context {
    /// Whether nothing is set.
    pub(super) fn is_empty(&self) -> bool {
        let Self {
            now,
            cluster_version,
            request,
            old,
            kind,
            source,
            inventory,
        } = self;
        now.is_none()
            && cluster_version.is_none()
            && request.is_none()
            && old.is_none()
            && kind.is_none()
            && source.is_none()
            && inventory.is_none()
    }

    /// The members by symbol, those that are set.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let text = |text: &Option<String>| text.as_deref().map(Value::from);
        [
            ("request", self.request.clone()),
            ("old", self.old.clone()),
            ("now", text(&self.now)),
            ("clusterVersion", text(&self.cluster_version)),
            ("kind", text(&self.kind)),
            ("source", self.source.clone()),
            ("inventory", self.inventory.clone()),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
    }

    /// Whether a request for a subresource is judged.
    pub(super) fn has_subresource(&self) -> bool {
        let request = self.request.as_ref();
        let name = request.and_then(|request| request.get("subResource")?.as_str());
        name.is_some_and(|name| !name.is_empty())
    }
}

/// Which policies run, and how serious their findings are. The default is what the module says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// A bit for each policy, policy 0 in bit 0 of byte 0.
    enabled: Option<Vec<u8>>,
    /// A byte for each policy.
    severities: Option<Vec<u8>>,
}

/// The policy's own severity.
const OWN: u8 = 255;

impl Selection {
    /// Runs these policies, by number, and no others.
    #[must_use]
    pub fn only(n_policies: u32, policies: impl IntoIterator<Item = u32>) -> Self {
        let mut enabled = vec![0; (n_policies as usize).div_ceil(8)];
        for policy in policies {
            if let Some(byte) = enabled.get_mut(policy as usize / 8) {
                *byte |= 1_u8 << (policy % 8);
            }
        }
        Self {
            enabled: Some(enabled),
            severities: None,
        }
    }

    /// Gives findings of a policy another severity, 0 (info) to 4 (critical).
    #[must_use]
    pub fn with_severity(mut self, n_policies: u32, policy: u32, severity: u8) -> Self {
        let severities = (self.severities).get_or_insert_with(|| vec![OWN; n_policies as usize]);
        if let Some(own) = severities.get_mut(policy as usize) {
            *own = severity.min(4);
        }
        self
    }

    /// Whether a policy is named; nothing if the module decides.
    #[must_use]
    pub fn runs(&self, policy: u32) -> Option<bool> {
        let byte = self.enabled.as_ref()?.get(policy as usize / 8);
        Some(byte.is_some_and(|byte| byte >> (policy % 8) & 1 == 1))
    }

    /// The bit set, filled up to the module's number of policies: a guest reads that far.
    pub(super) fn enabled(&self, n_policies: u32) -> Option<impl Iterator<Item = u8>> {
        let bits = self.enabled.as_ref()?;
        Some(fill(bits, (n_policies as usize).div_ceil(8), 0))
    }

    /// The severities, filled up likewise.
    pub(super) fn severities(&self, n_policies: u32) -> Option<impl Iterator<Item = u8>> {
        let severities = self.severities.as_ref()?;
        Some(fill(severities, n_policies as usize, OWN))
    }

    /// The same severities, other policies.
    #[must_use]
    pub fn narrowed_to(&self, n_policies: u32, policies: &[u32]) -> Self {
        Self {
            severities: self.severities.clone(),
            ..Self::only(n_policies, policies.iter().copied())
        }
    }
}

fn fill(bytes: &[u8], len: usize, rest: u8) -> impl Iterator<Item = u8> {
    let padding = std::iter::repeat(rest);
    bytes.iter().copied().chain(padding).take(len)
}
