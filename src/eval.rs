//! `palisade eval`: a module on one document, the answer as the module gives it to any host.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use palisade_lang::program::{FileKind, KindRef};
use palisade_lang::schema::near::nearest;
use palisade_lint::files;
use palisade_lint::manifest::{self, Format, Layout, LineIndex};
use palisade_lint::packs::{Pack, Standard};
use palisade_lint::run::StartError;
use palisade_wasm::host::{Context, Instance};

use crate::cache::CacheArgs;
use crate::choose::ParamArgs;
use crate::lint::cluster_version;
use crate::read::read_bytes;
use crate::status::Status;
use crate::terminal::Terminal;
use crate::{cache, choose, policies, review};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A built .wasm, a pack folder or a .pale file
    #[arg(value_name = "MODULE")]
    module: PathBuf,

    /// A manifest with one object, or an admission review [default: standard input]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// A file or folder with all objects that policies may ask for; without one, what they ask is unknown
    #[arg(long, value_name = "PATH")]
    objects: Vec<PathBuf>,

    /// Kind of the document, if it is no Kubernetes object: one that the policies declare with `kind … from`, or
    /// `inventory`: all of --objects as a whole
    #[arg(long, value_name = "NAME")]
    kind: Option<String>,

    #[command(flatten)]
    params: ParamArgs,

    /// Release of Kubernetes to judge against, such as 1.31 [default: the newest known]
    #[arg(
        long,
        value_name = "VERSION",
        env = "PALISADE_KUBERNETES",
        hide_env = true
    )]
    kubernetes: Option<String>,

    #[command(flatten)]
    cache: CacheArgs,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status> {
    let modules = std::slice::from_ref(&args.module);
    let cache = cache::open(&args.cache, &[], terminal);
    let Some(packs) = policies::load(Standard::Left, modules, cache.as_ref(), terminal)? else {
        return Ok(Status::Wrong);
    };
    let [pack] = packs.packs.as_slice() else {
        bail!(
            "{} holds {} packs; name one",
            args.module.display(),
            packs.packs.len()
        );
    };
    if args.kind.as_deref() == Some(&KindRef::inventory().kind) {
        return judge_inventory(args, pack, terminal);
    }
    let path = args.file.clone().unwrap_or_else(|| PathBuf::from("-"));
    let name = path.display().to_string();
    let bytes = match read_bytes(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            terminal.complain(&format!(
                "{name}: {}",
                palisade_lint::walk::describe_io(&error)
            ));
            return Ok(Status::Unreadable);
        }
    };
    let kind = args.kind.as_deref().map(|kind| find_kind(pack, kind));
    let kind = kind.transpose()?;
    let read = match kind {
        Some(kind) => files::read(&bytes, &name, kind),
        None => manifest::read(&bytes, Format::of_name(&name)),
    };
    if let Some(problem) = read.problems.iter().find(|problem| problem.is_error()) {
        let text = String::from_utf8_lossy(&bytes);
        let at = LineIndex::new(&text).line_columns(&text, problem.span);
        terminal.complain(&format!(
            "{name}:{}:{}: {}",
            at.line, at.column, problem.message
        ));
        return Ok(Status::Unreadable);
    }
    let [document] = read.documents.as_slice() else {
        bail!(
            "{name} holds {} documents; eval takes one",
            read.documents.len()
        );
    };
    let mut instance = start(args, pack)?;
    if !args.objects.is_empty() {
        let is_of_kind = |name: &str| pack.files.iter().any(|kind| kind.is_match(name));
        let walk = palisade_lint::walk::find_inputs_and(&args.objects, &is_of_kind);
        let inventory = palisade_lint::run::gather_all(&walk, pack, &mut instance);
        instance.set_inventory(std::sync::Arc::new(inventory))?;
    }
    let mut json = manifest::print(document, Layout::Compact);
    let mut context = Context {
        now: Some(crate::now::now()),
        cluster_version: Some(cluster_version(args.kubernetes.as_deref())?),
        kind: args.kind.clone(),
        ..Context::default()
    };
    let value = serde_json::from_str(&json).context("reading the document")?;
    if kind.is_none()
        && let Some(review) = review::take_apart(value)?
    {
        json = review.object.to_string();
        context.old = review.old;
        context.request = Some(review.request);
    }
    let verdict = instance.evaluate_json(&json, &context)?;
    let mut out = terminal.stdout();
    writeln!(out, "{verdict}")?;
    out.flush()?;
    Ok(Status::Clean)
}

/// The module with its settings.
fn start(args: &Args, pack: &Pack) -> Result<Instance> {
    let choice = choose::choose_default(&args.params, std::slice::from_ref(pack))?;
    let mut instance = pack.module.instantiate().context("starting the module")?;
    let mut chosen = choice.packs.into_iter();
    if let Some(settings) = chosen.next().and_then(|pack| pack.settings) {
        let pack = pack.module.pack().to_owned();
        instance.configure(&settings)?.map_err(|problems| {
            choose::explain(StartError::Settings { pack, problems }, &args.params)
        })?;
    }
    Ok(instance)
}

/// Judges all objects as a whole, given as one document.
fn judge_inventory(args: &Args, pack: &Pack, terminal: &Terminal) -> Result<Status> {
    if args.objects.is_empty() || args.file.is_some() {
        bail!("--kind inventory: name the objects with --objects, and no file");
    }
    let walk = palisade_lint::walk::find_inputs(&args.objects);
    let objects = match palisade_lint::run::print_all(&walk) {
        Ok(objects) => objects,
        Err(error) => {
            terminal.complain(&format!("{}: {}", error.file, error.message));
            return Ok(Status::Unreadable);
        }
    };
    let root = serde_json::Value::from(&*walk.root);
    let inventory = format!(
        "{{\"kind\":\"Inventory\",\"metadata\":{{\"name\":{root}}},\"root\":{root},\"objects\":[{}]}}",
        objects.join(",")
    );
    let context = Context {
        cluster_version: Some(cluster_version(args.kubernetes.as_deref())?),
        kind: args.kind.clone(),
        ..Context::default()
    };
    let verdict = start(args, pack)?.evaluate_json(&inventory, &context)?;
    let mut out = terminal.stdout();
    writeln!(out, "{verdict}")?;
    out.flush()?;
    Ok(Status::Clean)
}

/// The kind of file of this name that a policy of the pack is on.
fn find_kind<'p>(pack: &'p Pack, name: &str) -> Result<&'p FileKind> {
    let mut kinds = pack.files.iter().map(|matcher| &matcher.kind);
    if let Some(kind) = kinds.find(|kind| kind.name == name) {
        return Ok(kind);
    }
    let known = pack.files.iter().map(|matcher| matcher.kind.name.as_str());
    let near = nearest(name, known);
    let help = near
        .first()
        .map_or_else(String::new, |near| format!("; write `{near}`"));
    bail!("--kind {name}: no policy is on files of that kind{help}")
}
