//! Changing programs and documents in place: what shrinking and seeded faults are made of.

use palisade_lang::program::{
    Binding, Block, Check, Expr, ExprKind, Generator, MessagePart, Policy, Program, Stmt,
};

use crate::document::Document;

/// Visits every expression of a program, outer ones before what is in them. What `visit` puts in place of an
/// expression is gone into as well.
pub fn exprs(program: &mut Program, visit: &mut dyn FnMut(&mut Expr)) {
    for policy in &mut program.policies {
        policy_exprs(policy, visit);
    }
}

fn policy_exprs(policy: &mut Policy, visit: &mut dyn FnMut(&mut Expr)) {
    for local in &mut policy.locals {
        if let Binding::Let(bound) = &mut local.binding {
            expr(bound, visit);
        }
    }
    for body in &mut policy.bodies {
        if let Some(guard) = &mut body.guard {
            expr(guard, visit);
        }
        block_exprs(&mut body.block, visit);
    }
    for check in &mut policy.checks {
        expr(&mut check.condition, visit);
        parts(&mut check.message, visit);
        let optional = [&mut check.place, &mut check.severity];
        for part in optional.into_iter().flatten() {
            expr(part, visit);
        }
        for fix in &mut check.fixes {
            if let Some(condition) = &mut fix.condition {
                expr(condition, visit);
            }
            for edit in &mut fix.edits {
                expr(&mut edit.path, visit);
                if let Some(value) = &mut edit.value {
                    expr(value, visit);
                }
            }
        }
    }
}

fn generators(at: &mut [Generator], visit: &mut dyn FnMut(&mut Expr)) {
    for generator in at {
        expr(&mut generator.source, visit);
    }
}

fn block_exprs(block: &mut Block, visit: &mut dyn FnMut(&mut Expr)) {
    for stmt in &mut block.stmts {
        match stmt {
            Stmt::Let(_) | Stmt::Check(_) => {}
            Stmt::For(stmt) => {
                expr(&mut stmt.generator.source, visit);
                if let Some(guard) = &mut stmt.guard {
                    expr(guard, visit);
                }
                block_exprs(&mut stmt.body, visit);
            }
            Stmt::When {
                condition,
                then,
                otherwise,
            } => {
                expr(condition, visit);
                block_exprs(then, visit);
                block_exprs(otherwise, visit);
            }
        }
    }
}

fn parts(parts: &mut [MessagePart], visit: &mut dyn FnMut(&mut Expr)) {
    for part in parts {
        match part {
            MessagePart::Text(_) => {}
            MessagePart::Value(value) | MessagePart::Object(value) => expr(value, visit),
        }
    }
}

/// Visits an expression and what is in it.
pub fn expr(at: &mut Expr, visit: &mut dyn FnMut(&mut Expr)) {
    visit(at);
    match &mut at.kind {
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_) => {}
        ExprKind::With { body, .. } => expr(body, visit),
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => {
            expr(condition, visit);
            expr(then, visit);
            expr(otherwise, visit);
        }
        ExprKind::Record(members) => {
            for (_, value) in members {
                expr(value, visit);
            }
        }
        ExprKind::Comprehension(comprehension)
        | ExprKind::Pick(_, comprehension)
        | ExprKind::Count(comprehension) => {
            generators(&mut comprehension.generators, visit);
            if let Some(guard) = &mut comprehension.guard {
                expr(guard, visit);
            }
            expr(&mut comprehension.element, visit);
            if let Some((by, _)) = &mut comprehension.order {
                expr(by, visit);
            }
        }
        ExprKind::Member { base, .. } => expr(base, visit),
        ExprKind::MapMember { base: a, key: b }
        | ExprKind::Element { base: a, index: b }
        | ExprKind::Coalesce(a, b)
        | ExprKind::Compare {
            left: a, right: b, ..
        }
        | ExprKind::In {
            needle: a, list: b, ..
        } => {
            expr(a, visit);
            expr(b, visit);
        }
        ExprKind::Concat(items)
        | ExprKind::List(items)
        | ExprKind::And(items)
        | ExprKind::Or(items)
        | ExprKind::Call(_, items) => {
            for item in items {
                expr(item, visit);
            }
        }
        ExprKind::Interpolate(text) => parts(text, visit),
        ExprKind::ImagePart(_, operand)
        | ExprKind::ContainerRole(operand)
        | ExprKind::Cast(operand)
        | ExprKind::Truth(operand)
        | ExprKind::Not(operand)
        | ExprKind::IsSet(operand)
        | ExprKind::IsEmpty(operand)
        | ExprKind::IsKnown(operand) => expr(operand, visit),
        ExprKind::Quantifier(quantifier) => {
            generators(&mut quantifier.generators, visit);
            if let Some(guard) = &mut quantifier.guard {
                expr(guard, visit);
            }
            expr(&mut quantifier.body, visit);
        }
    }
}

/// Visits every block of a program, outer ones first.
pub fn blocks(program: &mut Program, visit: &mut dyn FnMut(&mut Block)) {
    for policy in &mut program.policies {
        for body in &mut policy.bodies {
            block(&mut body.block, visit);
        }
    }
}

/// Visits a block and the blocks in it.
pub fn block(at: &mut Block, visit: &mut dyn FnMut(&mut Block)) {
    visit(at);
    for stmt in &mut at.stmts {
        match stmt {
            Stmt::Let(_) | Stmt::Check(_) => {}
            Stmt::For(stmt) => block(&mut stmt.body, visit),
            Stmt::When {
                then, otherwise, ..
            } => {
                block(then, visit);
                block(otherwise, visit);
            }
        }
    }
}

/// Visits every check of a program.
pub fn checks(program: &mut Program, visit: &mut dyn FnMut(&mut Check)) {
    for policy in &mut program.policies {
        for check in &mut policy.checks {
            visit(check);
        }
    }
}

/// Visits every value of a document, outer ones first.
pub fn values(at: &mut Document, visit: &mut dyn FnMut(&mut Document)) {
    visit(at);
    match at {
        Document::List(items) => {
            for item in items {
                values(item, visit);
            }
        }
        Document::Map(members) => {
            for (_, value) in members {
                values(value, visit);
            }
        }
        Document::Null
        | Document::Bool(_)
        | Document::Number(_)
        | Document::String(_)
        | Document::Template(_) => {}
    }
}
