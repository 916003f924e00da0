//! Faults of code generation, each of which the comparison has to find within a minute.
//!
//! The product is not touched: a fault changes the typed program that is compiled, everywhere where it can, to what a
//! faulty generator would have emitted the instructions of; the evaluator keeps the program as it was.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use palisade_lang::program::{
    BaseType, Binding, Block, Builtin, CompareOp, Comprehension, Const, ContextPart, Domain,
    EditKind, Expr, ExprKind, Fix, ImagePart, KindRef, Operation, Pick, Presence, Program,
    QuantifierKind, Stmt, Target,
};
use palisade_reference::build::condition;
use palisade_reference::generate::program::always;
use palisade_reference::generate::rng::Rng;
use palisade_reference::generate::{document, program, world};
use palisade_reference::shrink::Case;
use palisade_reference::{Selection, rewrite};
use palisade_wasm::host::Engine;

use crate::guest::Guest;

/// A fault and what it does to a program.
type Fault = (&'static str, fn(&mut Program));

const FAULTS: &[Fault] = &[
    ("the blocks of a when are swapped", |program| {
        each_stmt(program, |stmt| {
            if let Stmt::When {
                then, otherwise, ..
            } = stmt
            {
                std::mem::swap(then, otherwise);
            }
        });
    }),
    ("an index is off by one", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Element { index, .. } = &mut expr.kind
                && let ExprKind::Const(Const::Int(index)) = &mut index.kind
            {
                *index = index.saturating_add(1);
            }
        });
    }),
    ("less is taken for less or equal", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Compare {
                op: op @ CompareOp::Less,
                ..
            } = &mut expr.kind
            {
                *op = CompareOp::LessEqual;
            }
        });
    }),
    ("an or forgets its last operand", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Or(operands) = &mut expr.kind
                && operands.len() > 1
            {
                operands.pop();
            }
        });
    }),
    ("a default is forgotten", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Member {
                presence: presence @ Presence::Default(_),
                ..
            } = &mut expr.kind
            {
                *presence = Presence::Optional;
            }
        });
    }),
    ("a missing required value goes unsaid", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Member {
                presence: presence @ Presence::Required,
                ..
            } = &mut expr.kind
            {
                *presence = Presence::Optional;
            }
        });
    }),
    ("the kind of a bool is not compared", |program| {
        rewrite::exprs(program, &mut |expr| {
            let reads = matches!(
                expr.kind,
                ExprKind::Member { .. } | ExprKind::MapMember { .. } | ExprKind::Element { .. }
            );
            if reads && expr.ty.base == BaseType::Bool {
                expr.ty.base = BaseType::Any;
            }
        });
    }),
    ("guards of checks are ignored", |program| {
        rewrite::checks(program, &mut |check| check.guards.clear());
    }),
    (
        "the places of a comparison come in the wrong order",
        |program| {
            rewrite::exprs(program, &mut |expr| {
                if let ExprKind::Compare {
                    op: CompareOp::Equal,
                    left,
                    right,
                    ..
                } = &mut expr.kind
                {
                    std::mem::swap(left, right);
                }
            });
        },
    ),
    ("the where of a quantifier is ignored", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Quantifier(quantifier) = &mut expr.kind {
                quantifier.guard = None;
            }
        });
    }),
    ("the first is taken for the last", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Pick(pick, _) = &mut expr.kind {
                *pick = match *pick {
                    Pick::First => Pick::Last,
                    Pick::Last => Pick::First,
                };
            }
        });
    }),
    ("what a list is sorted by is ignored", |program| {
        each_comprehension(program, |comprehension| comprehension.order = None);
    }),
    ("the where of a comprehension is ignored", |program| {
        each_comprehension(program, |comprehension| comprehension.guard = None);
    }),
    (
        "the default of a parameter is taken although it is set",
        |program| {
            let params = program.params.clone();
            rewrite::exprs(program, &mut |expr| {
                if let ExprKind::Param(id) = &expr.kind
                    && let Some(default) = &params[id.0 as usize].default
                {
                    expr.kind = ExprKind::Const(default.clone());
                }
            });
        },
    ),
    ("the when of a fix is ignored", |program| {
        each_fix(program, |fix| fix.condition = None);
    }),
    ("a fix sets where it should append", |program| {
        each_fix(program, |fix| {
            for edit in &mut fix.edits {
                if edit.kind == EditKind::Append {
                    edit.kind = EditKind::Set;
                }
            }
        });
    }),
    ("a star of a glob crosses a slash", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Const(Const::Glob(glob)) = &mut expr.kind
                && !glob.contains('\\')
            {
                *glob = glob.replace("**", "*").replace('*', "**");
            }
        });
    }),
    ("versions are compared as text", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Compare {
                domain: domain @ Domain::Version,
                ..
            } = &mut expr.kind
            {
                *domain = Domain::String;
            }
        });
    }),
    ("the rest is taken for the quotient", |program| {
        each_call(program, |function| {
            if *function == Builtin::IntegerDivide {
                *function = Builtin::Remainder;
            }
        });
    }),
    ("a prefix is taken for a suffix", |program| {
        each_call(program, |function| {
            *function = match *function {
                Builtin::StartsWith => Builtin::EndsWith,
                Builtin::TrimPrefix => Builtin::TrimSuffix,
                other => other,
            };
        });
    }),
    (
        "what two lists share is taken for what they do not",
        |program| {
            each_call(program, |function| {
                if *function == Builtin::Intersect {
                    *function = Builtin::Minus;
                }
            });
        },
    ),
    ("the branches of an if are swapped", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::If {
                then, otherwise, ..
            } = &mut expr.kind
            {
                std::mem::swap(then, otherwise);
            }
        });
    }),
    ("a policy runs whatever the request does", |program| {
        for policy in &mut program.policies {
            if !policy.operations.contains(&Operation::Create) {
                policy.operations.push(Operation::Create);
            }
        }
    }),
    ("the severity of a check is ignored", |program| {
        rewrite::checks(program, &mut |check| check.severity = None);
    }),
    ("a cast keeps what is of another kind", |program| {
        rewrite::exprs(program, &mut |expr| {
            if matches!(expr.kind, ExprKind::Cast(_)) && is_scalar(&expr.ty.base) {
                expr.ty.base = BaseType::Any;
            }
        });
    }),
    ("the order of an enum is turned round", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Call(Builtin::Rank, arguments) = &mut expr.kind
                && let Some(order) = arguments.get_mut(1)
                && let ExprKind::Const(Const::List(members)) = &mut order.kind
            {
                members.reverse();
            }
        });
    }),
    ("the old object is taken for the request", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Context(part) = &mut expr.kind {
                *part = match *part {
                    ContextPart::Request => ContextPart::Old,
                    ContextPart::Old => ContextPart::Request,
                    other => other,
                };
            }
        });
    }),
    (
        "the version of the cluster is always the newest",
        |program| {
            rewrite::exprs(program, &mut |expr| {
                if let ExprKind::Call(Builtin::ClusterVersion, _) = &expr.kind {
                    let newest = palisade_lang::schema::Schema::kubernetes().newest();
                    expr.kind = ExprKind::Const(Const::String(newest.to_string()));
                }
            });
        },
    ),
    ("a policy on a subresource judges the object", |program| {
        let bodies = program
            .policies
            .iter_mut()
            .flat_map(|policy| &mut policy.bodies);
        for target in bodies.flat_map(|body| &mut body.targets) {
            if let Target::Subresource(kind, _) = target {
                *target = Target::Kind(kind.clone());
            }
        }
    }),
    (
        "text that is no quantity is not said to be none",
        |program| {
            rewrite::exprs(program, &mut |expr| {
                let reads = matches!(
                    expr.kind,
                    ExprKind::Member { .. } | ExprKind::MapMember { .. } | ExprKind::Element { .. }
                );
                if reads && expr.ty.base == BaseType::Quantity {
                    expr.ty.base = BaseType::IntOrString;
                }
            });
        },
    ),
    ("text that is no duration is compared as it is", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Compare {
                domain: domain @ Domain::Duration,
                ..
            } = &mut expr.kind
            {
                *domain = Domain::String;
            }
        });
    }),
    (
        "a new object is taken for a change of this one",
        |program| {
            each_fix(program, |fix| {
                for edit in &mut fix.edits {
                    if edit.kind == EditKind::Create {
                        edit.kind = EditKind::Set;
                    }
                }
            });
        },
    ),
    ("a range of versions is compared as text", |program| {
        each_call(program, |function| {
            if *function == Builtin::WithinVersions {
                *function = Builtin::StartsWith;
            }
        });
    }),
];

/// Faults of what the others leave alone: looked for when `PALISADE_AGREE_FAULTS` is set, for they take minutes.
const MORE: &[Fault] = &[
    ("an and forgets its last operand", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::And(operands) = &mut expr.kind
                && operands.len() > 1
            {
                operands.pop();
            }
        });
    }),
    ("a not is forgotten", |program| {
        replace(program, |kind| match kind {
            ExprKind::Not(operand) => Some(operand.kind.clone()),
            _ => None,
        });
    }),
    ("all is taken for any", |program| {
        each_quantifier(program, |kind| match kind {
            QuantifierKind::All => QuantifierKind::Any,
            other => other,
        });
    }),
    ("no is taken for any", |program| {
        each_quantifier(program, |kind| match kind {
            QuantifierKind::No => QuantifierKind::Any,
            other => other,
        });
    }),
    ("what is known is taken for set", |program| {
        replace(program, |kind| match kind {
            ExprKind::IsSet(operand) => Some(ExprKind::IsKnown(operand.clone())),
            _ => None,
        });
    }),
    ("what is set is never empty", |program| {
        replace(program, |kind| match kind {
            ExprKind::IsEmpty(operand) => {
                let is_set = condition(ExprKind::IsSet(operand.clone()));
                Some(ExprKind::Not(Box::new(is_set)))
            }
            _ => None,
        });
    }),
    ("everything is known", |program| {
        replace(program, |kind| match kind {
            ExprKind::IsKnown(_) => Some(always(true).kind),
            _ => None,
        });
    }),
    ("joined lists lack the last", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Concat(lists) = &mut expr.kind
                && lists.len() > 2
            {
                lists.pop();
            }
        });
    }),
    ("the left of two values is passed over", |program| {
        replace(program, |kind| match kind {
            ExprKind::Coalesce(_, right) => Some(right.kind.clone()),
            _ => None,
        });
    }),
    ("the digest of an image is taken for its tag", |program| {
        each_image_part(program, ImagePart::Tag, ImagePart::Digest);
    }),
    ("the registry is taken for the repository", |program| {
        each_image_part(program, ImagePart::Repository, ImagePart::Registry);
    }),
    ("every container is an app", |program| {
        replace(program, |kind| match kind {
            ExprKind::ContainerRole(_) => Some(ExprKind::Const(Const::String("app".to_owned()))),
            _ => None,
        });
    }),
    ("the objects of a view are those of one kind", |program| {
        replace(program, |kind| match kind {
            ExprKind::Objects(Target::View(_)) => {
                Some(ExprKind::Objects(Target::Kind(world::kind(0))))
            }
            _ => None,
        });
    }),
    ("the where of a for is ignored", |program| {
        each_stmt(program, |stmt| {
            if let Stmt::For(stmt) = stmt {
                stmt.guard = None;
            }
        });
    }),
    ("the condition of a policy is ignored", |program| {
        let policies = program.policies.iter_mut();
        for body in policies.flat_map(|policy| &mut policy.bodies) {
            body.guard = None;
        }
    }),
    ("the place of a check is ignored", |program| {
        rewrite::checks(program, &mut |check| check.place = None);
    }),
    ("the last fix is offered first", |program| {
        rewrite::checks(program, &mut |check| check.fixes.reverse());
    }),
    ("a message lacks its last part", |program| {
        rewrite::checks(program, &mut |check| {
            check.message.pop();
        });
    }),
    ("a text lacks its last part", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Interpolate(parts) = &mut expr.kind
                && parts.len() > 1
            {
                parts.pop();
            }
        });
    }),
    ("another member of a map is read", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::MapMember { key, .. } = &mut expr.kind
                && let ExprKind::Const(Const::String(key)) = &mut key.kind
            {
                key.push('x');
            }
        });
    }),
    ("a constant list lacks its last element", |program| {
        rewrite::exprs(program, &mut |expr| {
            if let ExprKind::Const(Const::List(items)) = &mut expr.kind {
                items.pop();
            }
        });
    }),
    ("a constraint of a parameter is not looked at", |program| {
        for param in &mut program.params {
            param.constraint = None;
        }
    }),
    ("a policy on every object is on pods", |program| {
        each_target(program, |kind| kind.is_any(), KindRef::any);
    }),
    ("a policy on files is on objects", |program| {
        each_target(
            program,
            |kind| *kind == world::kind(world::FILE),
            KindRef::any,
        );
    }),
    ("a policy on the inventory is on every object", |program| {
        each_target(program, KindRef::is_inventory, KindRef::any);
    }),
    ("a view knows its first kind only", |program| {
        for view in &mut program.views {
            view.arms.truncate(1);
        }
    }),
    ("the last body of a policy is forgotten", |program| {
        for policy in &mut program.policies {
            if policy.bodies.len() > 1 {
                policy.bodies.pop();
            }
        }
    }),
    ("what a function was given is absent", |program| {
        for local in program
            .policies
            .iter_mut()
            .flat_map(|policy| &mut policy.locals)
        {
            if local.name.starts_with("given")
                && let Binding::Let(bound) = &mut local.binding
                && bound.ty.optional
            {
                bound.kind = ExprKind::Const(Const::Absent);
            }
        }
    }),
    ("quantities are compared as text", |program| {
        each_domain(program, Domain::Quantity, Domain::String);
    }),
    ("times are compared as text", |program| {
        each_domain(program, Domain::Timestamp, Domain::String);
    }),
    (
        "where an object is written is taken for what all are called",
        |program| {
            replace(program, |kind| match kind {
                ExprKind::Context(ContextPart::Source) => {
                    Some(ExprKind::Context(ContextPart::Inventory))
                }
                _ => None,
            });
        },
    ),
];

/// Puts something else in the place of expressions.
fn replace(program: &mut Program, change: fn(&ExprKind) -> Option<ExprKind>) {
    rewrite::exprs(program, &mut |expr| {
        if let Some(kind) = change(&expr.kind) {
            expr.kind = kind;
        }
    });
}

fn each_quantifier(program: &mut Program, change: fn(QuantifierKind) -> QuantifierKind) {
    rewrite::exprs(program, &mut |expr| {
        if let ExprKind::Quantifier(quantifier) = &mut expr.kind {
            quantifier.kind = change(quantifier.kind);
        }
    });
}

fn each_image_part(program: &mut Program, from: ImagePart, to: ImagePart) {
    rewrite::exprs(program, &mut |expr| {
        if let ExprKind::ImagePart(part, _) = &mut expr.kind
            && *part == from
        {
            *part = to;
        }
    });
}

fn each_domain(program: &mut Program, from: Domain, to: Domain) {
    rewrite::exprs(program, &mut |expr| {
        if let ExprKind::Compare { domain, .. } = &mut expr.kind
            && *domain == from
        {
            *domain = to;
        }
    });
}

fn each_target(program: &mut Program, is: fn(&KindRef) -> bool, other: fn() -> KindRef) {
    let bodies = program
        .policies
        .iter_mut()
        .flat_map(|policy| &mut policy.bodies);
    for target in bodies.flat_map(|body| &mut body.targets) {
        if let Target::Kind(kind) = target
            && is(kind)
        {
            *kind = if kind.is_any() {
                world::kind(0)
            } else {
                other()
            };
        }
    }
}

/// A value of the type that a function hardly gives.
fn wrong(ty: &BaseType) -> Const {
    match ty {
        BaseType::Bool => Const::Bool(false),
        BaseType::Int | BaseType::IntOrString => Const::Int(-7),
        BaseType::Float => Const::Float("7.5".to_owned()),
        BaseType::Quantity => Const::Quantity("7".to_owned()),
        BaseType::List(_) => Const::List(Vec::new()),
        BaseType::Map(_) => Const::Map(Vec::new()),
        BaseType::Record(_) | BaseType::Any => Const::Absent,
        _ => Const::String("7".to_owned()),
    }
}

/// The functions that random programs call.
fn functions() -> BTreeSet<Builtin> {
    let mut all = BTreeSet::new();
    for seed in 0..2_000 {
        let mut program = program::program(&mut Rng::new(seed));
        each_call_of(&mut program, &mut |expr, function| {
            all.insert(function);
            _ = expr;
        });
    }
    all
}

fn each_call_of(program: &mut Program, visit: &mut dyn FnMut(&mut Expr, Builtin)) {
    rewrite::exprs(program, &mut |expr| {
        if let ExprKind::Call(function, _) = expr.kind {
            visit(expr, function);
        }
    });
}

fn is_scalar(base: &BaseType) -> bool {
    !matches!(
        base,
        BaseType::Record(_) | BaseType::List(_) | BaseType::Map(_) | BaseType::Any
    )
}

fn each_comprehension(program: &mut Program, change: fn(&mut Comprehension)) {
    rewrite::exprs(program, &mut |expr| {
        if let ExprKind::Comprehension(inner) | ExprKind::Pick(_, inner) | ExprKind::Count(inner) =
            &mut expr.kind
        {
            change(inner);
        }
    });
}

fn each_fix(program: &mut Program, change: fn(&mut Fix)) {
    rewrite::checks(program, &mut |check| {
        check.fixes.iter_mut().for_each(change);
    });
}

fn each_call(program: &mut Program, change: fn(&mut Builtin)) {
    rewrite::exprs(program, &mut |expr| {
        if let ExprKind::Call(function, _) = &mut expr.kind {
            change(function);
        }
    });
}

fn each_stmt(program: &mut Program, change: fn(&mut Stmt)) {
    rewrite::blocks(program, &mut |block: &mut Block| {
        block.stmts.iter_mut().for_each(change);
    });
}

/// How long it takes until a module with the fault is caught; `None` if it is not caught in time.
fn time_to_catch(engine: &Engine, fault: &dyn Fn(&mut Program)) -> Option<(Duration, u32)> {
    let start = Instant::now();
    let mut n_programs = 0;
    for seed in 1_000_000_u64.. {
        if start.elapsed() > Duration::from_secs(60) {
            break;
        }
        let mut rng = Rng::new(seed);
        let whole = program::program(&mut rng);
        let mut faulty = whole.clone();
        fault(&mut faulty);
        if faulty == whole {
            continue;
        }
        // A sound module that disagrees would not be the fault's doing.
        let sound = || Guest::new(engine, &whole);
        let Ok(mut guest) = Guest::new(engine, &faulty) else {
            continue;
        };
        n_programs += 1;
        let settings = document::settings(&mut rng, &whole);
        for _ in 0..super::DOCUMENTS {
            let case = Case {
                program: whole.clone(),
                settings: settings.clone(),
                document: document::object(&mut rng),
            };
            let drawn = super::selection(&mut rng);
            let selection = Selection {
                context: drawn.context,
                inventory: drawn.inventory,
                ..Selection::default()
            };
            let mut case = case;
            if let (true, Some(inventory)) =
                (crate::whole::is_whole(&selection), &selection.inventory)
            {
                case.document = document::whole(inventory);
            }
            if super::disagreement(&mut guest, &case, &selection).is_some()
                && let Ok(mut sound) = sound()
                && super::disagreement(&mut sound, &case, &selection).is_none()
            {
                return Some((start.elapsed(), n_programs));
            }
        }
    }
    None
}

/// A fault that may hold on to something.
type Named = (String, Box<dyn Fn(&mut Program)>);

/// Says how long each fault takes to be found; fails if one is not.
fn find_all(faults: impl Iterator<Item = Named>) {
    let engine = Engine::trusting().unwrap();
    let mut missed = Vec::new();
    for (name, fault) in faults {
        match time_to_catch(&engine, &fault) {
            Some((time, n_programs)) => {
                println!("{name}: found in {time:.1?}, program {n_programs} with it");
            }
            None => {
                println!("{name}: not found");
                missed.push(name);
            }
        }
    }
    assert!(missed.is_empty(), "not found: {missed:#?}");
}

fn named(faults: &'static [Fault]) -> impl Iterator<Item = Named> {
    faults.iter().map(|(name, fault)| {
        let fault: Box<dyn Fn(&mut Program)> = Box::new(*fault);
        ((*name).to_owned(), fault)
    })
}

#[test]
fn seeded_faults_are_found_within_a_minute() {
    find_all(named(FAULTS));
}

#[test]
fn faults_of_every_function_are_found() {
    let functions = functions();
    let source = include_str!("../../../../lang/src/program.rs");
    let (_, listed) = source.split_once("pub enum Builtin {").unwrap();
    let (listed, _) = listed.split_once("\n}").unwrap();
    let n_listed = listed.lines().filter(|line| line.ends_with(',')).count();
    assert_eq!(functions.len(), n_listed, "{functions:?}");
    if std::env::var_os("PALISADE_AGREE_FAULTS").is_none() {
        return;
    }
    let wrong_results = functions.into_iter().map(|function| {
        let fault: Box<dyn Fn(&mut Program)> = Box::new(move |program| {
            each_call_of(program, &mut |expr, called| {
                if called == function {
                    expr.kind = ExprKind::Const(wrong(&expr.ty.base));
                }
            });
        });
        (format!("{function:?} gives something else"), fault)
    });
    find_all(named(MORE).chain(wrong_results));
}
