//! Reading the documentation of a module. Nothing is trusted: what is missing or of another shape reads as not said.

use serde_json::Value;

/// What a pack says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackDocs {
    /// Its name.
    pub pack: String,
    /// The views that its policies use.
    pub views: Vec<ViewDocs>,
    /// Its policies, by number.
    pub policies: Vec<PolicyDocs>,
    /// Parameters of the pack itself.
    pub params: Vec<ParamDocs>,
    /// The profiles that it declares.
    pub profiles: Vec<String>,
}

/// A view and the kinds that it looks into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewDocs {
    /// Its name.
    pub name: String,
    /// Its kinds: `Pod`, `apps/Deployment`.
    pub kinds: Vec<String>,
}

/// What a policy says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyDocs {
    /// Its name.
    pub name: String,
    /// How things should be, in a line; may be empty.
    pub title: String,
    /// Why, as Markdown; may be empty.
    pub doc: String,
    /// `info` to `critical`.
    pub severity: String,
    /// Whether it is on unless said otherwise.
    pub on_by_default: bool,
    /// Views and kinds that it is on.
    pub on: Vec<String>,
    /// Its category, if it has one.
    pub category: Option<String>,
    /// Profiles that it is in.
    pub profiles: Vec<String>,
    /// The frameworks' controls that it encodes.
    pub controls: Vec<String>,
    /// Where to read more.
    pub links: Vec<String>,
    /// The oldest Kubernetes in which all that it reads exists.
    pub since: Option<String>,
    /// How many checks stand in it.
    pub n_checks: u64,
    /// Its parameters.
    pub params: Vec<ParamDocs>,
    /// Manifests in which it finds something, if the pack brings some.
    pub examples: Vec<String>,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParamDocs {
    /// Its name.
    pub name: String,
    /// Its type, as a policy writes it.
    pub ty: String,
    /// Its default, as a policy writes it; none if a value must be given.
    pub default: Option<String>,
    /// What it is for; may be empty.
    pub doc: String,
}

impl PackDocs {
    /// Reads the section; nothing if it is no JSON object.
    #[must_use]
    pub fn read(section: &[u8]) -> Option<Self> {
        let docs: Value = serde_json::from_slice(section).ok()?;
        docs.is_object().then(|| Self {
            pack: text(&docs, "pack"),
            views: read_views(&docs),
            policies: list(&docs, "policies").map(read_policy).collect(),
            params: list(&docs, "params").map(read_param).collect(),
            profiles: texts(&docs, "profiles"),
        })
    }

    /// A policy by name.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&PolicyDocs> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    /// The kinds that a policy is about, directly or through a view: `Pod`, `apps/Deployment`.
    #[must_use]
    pub fn kinds_of(&self, policy: &str) -> Vec<&str> {
        let targets = self.policy(policy).map_or(&[][..], |policy| &policy.on);
        let mut kinds = Vec::new();
        for target in targets {
            match self.views.iter().find(|view| view.name == *target) {
                Some(view) => kinds.extend(view.kinds.iter().map(String::as_str)),
                None => kinds.push(target.as_str()),
            }
        }
        kinds
    }

    /// The names of all profiles, sorted.
    #[must_use]
    pub fn profiles(&self) -> Vec<String> {
        let named = self.policies.iter().flat_map(|policy| &policy.profiles);
        let mut names: Vec<String> = named.chain(&self.profiles).cloned().collect();
        names.sort();
        names.dedup();
        names
    }

    /// The owners that a parameter may have: the pack alone if it declares it, else the policies that do.
    #[must_use]
    pub fn owners_of_param(&self, name: &str) -> Vec<&str> {
        let has = |params: &[ParamDocs]| params.iter().any(|param| param.name == name);
        if has(&self.params) {
            return vec![&self.pack];
        }
        let owners = self.policies.iter().filter(|policy| has(&policy.params));
        owners.map(|policy| policy.name.as_str()).collect()
    }
}

fn read_policy(policy: &Value) -> PolicyDocs {
    PolicyDocs {
        name: text(policy, "name"),
        title: text(policy, "title"),
        doc: text(policy, "doc"),
        severity: text(policy, "severity"),
        on_by_default: policy.get("default").and_then(Value::as_bool) == Some(true),
        on: texts(policy, "on"),
        category: maybe_text(policy, "category"),
        profiles: texts(policy, "profiles"),
        controls: texts(policy, "controls"),
        links: texts(policy, "links"),
        since: maybe_text(policy, "since"),
        n_checks: policy.get("checks").and_then(Value::as_u64).unwrap_or(0),
        params: list(policy, "params").map(read_param).collect(),
        examples: texts(policy, "examples"),
    }
}

fn read_param(param: &Value) -> ParamDocs {
    ParamDocs {
        name: text(param, "name"),
        ty: text(param, "type"),
        default: maybe_text(param, "default"),
        doc: text(param, "doc"),
    }
}

fn read_views(docs: &Value) -> Vec<ViewDocs> {
    let views = docs.get("views").and_then(Value::as_object);
    let views = views.into_iter().flatten();
    views
        .map(|(name, kinds)| ViewDocs {
            name: name.clone(),
            kinds: strings(kinds),
        })
        .collect()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    (value.get(key).and_then(Value::as_array).into_iter()).flatten()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    value.get(key).map(strings).unwrap_or_default()
}

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    let texts = items.filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

fn maybe_text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn text(value: &Value, key: &str) -> String {
    maybe_text(value, key).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_profiles_are_found_through_views_and_declarations() {
        let docs = PackDocs::read(
            br#"{"pack": "p", "views": {"pod": ["Pod", "apps/Deployment"]}, "params": [{"name": "a"}],
            "policies": [
                {"name": "x", "on": ["pod", "Role"], "profiles": ["one"], "params": [{"name": "b", "type": "int"}]},
                {"name": "y", "on": ["Role"]}],
            "profiles": ["two"]}"#,
        )
        .unwrap();
        assert_eq!(docs.kinds_of("x"), ["Pod", "apps/Deployment", "Role"]);
        assert_eq!(docs.profiles(), ["one", "two"]);
        let owners = ["a", "b", "c"].map(|name| docs.owners_of_param(name));
        assert_eq!(owners, [vec!["p"], vec!["x"], vec![]]);
    }

    #[test]
    fn what_has_another_shape_is_not_said() {
        assert_eq!(PackDocs::read(b"[]"), None);
        assert_eq!(PackDocs::read(b"{"), None);
        let docs = PackDocs::read(br#"{"policies": [{"name": 1, "links": "x"}, 2]}"#).unwrap();
        assert_eq!(docs.policies, vec![PolicyDocs::default(); 2]);
    }
}
