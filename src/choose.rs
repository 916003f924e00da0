//! The options that say which policies run, and in which words a wrong one is refused.

use anyhow::{Context as _, Result, anyhow};
use palisade_lint::packs::Pack;
use palisade_lint::run::StartError;
use palisade_lint::select::{self, Choice, Param, Wish, WishError};
use palisade_wasm::pattern::{self, Syntax};
use serde_json::Value;

#[derive(Debug, clap::Args)]
pub(crate) struct ChooseArgs {
    /// Run the policies of this profile only; may be repeated. `all` has every policy, `default` those that are on
    #[arg(
        long,
        value_name = "NAME",
        env = "PALISADE_PROFILE",
        value_delimiter = ',',
        hide_env = true
    )]
    profile: Vec<String>,

    /// Run this policy, or every policy of this pack, as well; may be repeated
    #[arg(
        long,
        value_name = "ID|PACK",
        env = "PALISADE_ENABLE",
        value_delimiter = ',',
        hide_env = true
    )]
    enable: Vec<String>,

    /// Leave this policy out, or every policy of this pack; may be repeated
    #[arg(
        long,
        value_name = "ID|PACK",
        env = "PALISADE_DISABLE",
        value_delimiter = ',',
        hide_env = true
    )]
    disable: Vec<String>,

    #[command(flatten)]
    pub(crate) params: ParamArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ParamArgs {
    /// Value of a parameter of a policy or pack, as JSON or plain text; may be repeated
    #[arg(long, value_name = "POLICY.NAME=VALUE", value_parser = read_param)]
    param: Vec<Param>,
}

/// What of `packs` runs.
pub(crate) fn choose(args: &ChooseArgs, packs: &[Pack]) -> Result<Choice> {
    grant(
        packs,
        &Wish {
            profiles: args.profile.clone(),
            enable: args.enable.clone(),
            disable: args.disable.clone(),
            params: args.params.param.clone(),
        },
    )
}

/// What of `packs` runs where only values of parameters can be given.
pub(crate) fn choose_default(args: &ParamArgs, packs: &[Pack]) -> Result<Choice> {
    grant(
        packs,
        &Wish {
            params: args.param.clone(),
            ..Wish::default()
        },
    )
}

fn grant(packs: &[Pack], wish: &Wish) -> Result<Choice> {
    select::choose(packs, wish).map_err(|error| match &error {
        WishError::Missing(paths) => {
            let options: Vec<String> = paths
                .iter()
                .map(|path| format!("--param {path}=VALUE"))
                .collect();
            anyhow!("{error}: write {}", options.join(" "))
        }
        WishError::Unknown(_) => error.into(),
    })
}

/// The reason why a run does not begin; problems of settings in terms of `--param`.
pub(crate) fn explain(error: StartError, args: &ParamArgs) -> anyhow::Error {
    let StartError::Settings { pack, problems } = error else {
        return error.into();
    };
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| {
            let (path, message) = (&problem.path, &problem.message);
            // What the module says either goes on from the path or stands alone.
            let goes_on = ["is ", "needs "]
                .iter()
                .any(|verb| message.starts_with(verb));
            let colon = if goes_on { "" } else { ":" };
            let why = why_no_pattern(path, message, args);
            let message = format!("{message}{}", why.unwrap_or_default());
            let is_given = args.param.iter().any(|param| concerns(path, param));
            if path.is_empty() {
                format!("settings of the pack `{pack}`: {message}")
            } else if is_given {
                format!("--param: `{path}`{colon} {message}")
            } else {
                format!("parameter `{path}`{colon} {message}; set it with --param {path}=VALUE")
            }
        })
        .collect();
    anyhow!(lines.join("\nerror: "))
}

/// Why a pattern that was given is none, after a colon.
fn why_no_pattern(path: &str, message: &str, args: &ParamArgs) -> Option<String> {
    let syntax = match message {
        "is no regular expression" => Syntax::Regex,
        "is no glob" => Syntax::Glob,
        _ => return None,
    };
    let mut all = args.param.iter();
    let param = all.find(|param| path_of(param) == path)?;
    let problem = pattern::check(&param.text, syntax).err()?;
    Some(format!(": {problem}, before byte {}", problem.at + 1))
}

fn path_of(param: &Param) -> String {
    format!("{}.{}", param.owner, param.name)
}

/// True if a path such as `no-root.max.cpu` is of what was given for `no-root.max`, or is around it.
fn concerns(path: &str, param: &Param) -> bool {
    let given = path_of(param);
    !path.is_empty() && (is_below(path, &given) || is_below(&given, path))
}

/// True if `path` is `around` or lies in it.
fn is_below(path: &str, around: &str) -> bool {
    let rest = path.strip_prefix(around);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn read_param(text: &str) -> Result<Param> {
    let (path, value) = text
        .split_once('=')
        .context("write POLICY.NAME=VALUE, such as `memory-limit.max=2Gi`")?;
    let (owner, name) = path
        .split_once('.')
        .filter(|(owner, name)| !owner.is_empty() && !name.is_empty())
        .with_context(|| {
            format!("`{path}` does not say whose parameter it is: write POLICY.NAME or PACK.NAME")
        })?;
    Ok(Param {
        owner: owner.to_owned(),
        name: name.to_owned(),
        value: serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)),
        text: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        read_param(text).unwrap().value
    }

    #[test]
    fn a_value_is_json_or_text() {
        assert_eq!(value("p.max=4"), Value::from(4));
        assert_eq!(value("p.max=\"4\""), Value::from("4"));
        assert_eq!(value("p.max=4Gi"), Value::from("4Gi"));
        assert_eq!(value("p.max="), Value::from(""));
        assert_eq!(value("p.text=a=b"), Value::from("a=b"));
        assert_eq!(value("p.list=[\"a\", 1]"), serde_json::json!(["a", 1]));
    }

    #[test]
    fn a_parameter_has_an_owner_and_a_value() {
        for wrong in ["max=4", "p.max", ".max=4", "p.=4", ""] {
            assert!(read_param(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_problem_below_a_parameter_is_of_the_parameter() {
        let param = read_param("no-root.max=1").unwrap();
        for (path, expected) in [
            ("no-root.max", true),
            ("no-root.max.cpu", true),
            ("no-root.max[0]", true),
            ("no-root.maximum", false),
            ("no-root", true),
            ("no-rootless", false),
            ("", false),
        ] {
            assert_eq!(concerns(path, &param), expected, "{path}");
        }
    }
}
