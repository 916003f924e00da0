//! Faults of code generation, each of which the comparison has to find within a minute.
//!
//! The product is not touched: a fault changes the typed program that is compiled, everywhere where it can, to what a
//! faulty generator would have emitted the instructions of; the evaluator keeps the program as it was.

use std::time::{Duration, Instant};

use palisade_lang::program::{
    BaseType, Block, Builtin, CompareOp, Comprehension, Const, ContextPart, Domain, EditKind,
    ExprKind, Fix, Operation, Pick, Presence, Program, Stmt, Target,
};
use palisade_reference::generate::rng::Rng;
use palisade_reference::generate::{document, program};
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
fn time_to_catch(engine: &Engine, fault: fn(&mut Program)) -> Option<(Duration, u32)> {
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
            let selection = Selection {
                context: super::selection(&mut rng).context,
                ..Selection::default()
            };
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

#[test]
fn seeded_faults_are_found_within_a_minute() {
    let engine = Engine::trusting().unwrap();
    let mut missed = Vec::new();
    for (name, fault) in FAULTS {
        match time_to_catch(&engine, *fault) {
            Some((time, n_programs)) => {
                println!("{name}: found in {time:.1?}, program {n_programs} with it");
            }
            None => missed.push(name),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:#?}");
}
