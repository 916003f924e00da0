//! The shape of expressions of the full language.

use super::check;

#[test]
fn arithmetic_binds_as_in_school() {
    check("a + b * c - d", "(- (+ a (* b c)) d)");
    check("a * b / c % d div e", "(div (% (/ (* a b) c) d) e)");
    check("-a * b", "(* (- a) b)");
    check("a - -1", "(- a (- 1))");
    check("a ?? b - c", "(?? a (- b c))");
    check("a - b == c", "(== (- a b) c)");
}

#[test]
fn patterns_are_comparisons() {
    check(
        "a matches r\"x\" and b like \"y*\"",
        "(and (matches a \"x\") (like b \"y*\"))",
    );
    check("not a like b", "(not (like a b))");
}

#[test]
fn conditionals_reach_as_far_right_as_they_can() {
    check("if a then b else c or d", "(if a b (or c d))");
    check("if a or b then c ?? d else e", "(if (or a b) (?? c d) e)");
    check("if a then b else if c then d else e", "(if a b (if c d e))");
    check("if a then if b then c else d else e", "(if a (if b c d) e)");
    check("(if a then b else c) + d", "(+ (if a b c) d)");
    check(
        "if any x in xs: x then 1 else no y in ys: y",
        "(if (any (x xs) x) 1 (no (y ys) y))",
    );
    check("if a then { x: 1 } else {}", "(if a {x: 1} {})");
    check(r#""{if a then "b" else "c"}""#, r#"(if a "b" "c")"#);
    check(
        r#""{a and not "b" like "c"}""#,
        r#"(and a (not (like "b" "c")))"#,
    );
    check("[if a then type else kind]", "[(if a type kind)]");
}

#[test]
fn casts_bind_like_a_postfix() {
    check("a.b as string ?? c", "(?? (as (. a b) string) c)");
    check("-a as int", "(- (as a int))");
    check("a as int / 2", "(/ (as a int) 2)");
    check("a as Pod.spec", "(. (as a Pod) spec)");
    check("a as apps/v1/Deployment", "(as a apps/v1/Deployment)");
    check("a as [string]", "(as a [string])");
    check("a as {string: [int]}", "(as a {string: [int]})");
    check(
        "a as { b: int?, \"c-d\": string = \"x\" }",
        "(as a { b: int?, c-d: string = \"x\" })",
    );
    check("a as string?", "(as a string?)");
    check("a as int == b as int", "(== (as a int) (as b int))");
    check("any x in xs as [int]: x", "(any (x (as xs [int])) x)");
}

#[test]
fn comprehensions_have_generators_guards_and_an_order() {
    check("[e for x in xs]", "[e for (x xs)]");
    check(
        "[x.a + 1 for x in xs, k, v in f(x) where g and h by x.b]",
        "[(+ (. x a) 1) for (x xs) (k v (f x)) where (and g h) by (. x b)]",
    );
    check("[x for x in xs by -x]", "[x for (x xs) by (- x)]");
    check(
        "[{ a: x, b: [y for y in ys] } for x in xs]",
        "[{a: x, b: [y for (y ys)]} for (x xs)]",
    );
    check(
        "[x\n  for x in xs\n  where g\n  by k]",
        "[x for (x xs) where g by k]",
    );
    check("[type for type in kinds]", "[type for (type kinds)]");
}

#[test]
fn picks_have_a_guard_and_an_order() {
    check("first x in xs", "(first (x xs))");
    check(
        "last k, v in m where v.a == 1 by v.b ?? 0",
        "(last (k v m) where (== (. v a) 1) by (?? (. v b) 0))",
    );
    check(
        "(first x in xs by x.a).b",
        "(. (first (x xs) by (. x a)) b)",
    );
    check(
        "if a then first x in xs where g else last y in ys",
        "(if a (first (x xs) where g) (last (y ys)))",
    );
    check("first(xs) + last", "(+ (first xs) last)");
    check("f(first x in xs, 1)", "(f (first (x xs)) 1)");
}

#[test]
fn counts_have_generators_and_a_guard() {
    check("count(x in xs)", "(count (x xs))");
    check(
        "count(x in xs, k, v in x.m where g or h) > 1",
        "(> (count (x xs) (k v (. x m)) where (or g h)) 1)",
    );
    check("xs.count(1)", "(.count xs 1)");
}

#[test]
fn records_hold_words_and_strings() {
    check("{}", "{}");
    check(
        "{ a: 1, \"b-c\": { for: x }, when: [\n1], }",
        "{a: 1, b-c: {for: x}, when: [1]}",
    );
    check("f({ a: { } })", "(f {a: {}})");
    check("{ a: b.c, policy: d }.a", "(. {a: (. b c), policy: d} a)");
}

#[test]
fn words_of_the_full_language_are_names_elsewhere() {
    check("to + by", "(+ to by)");
    check("a.to == by.on", "(== (. a to) (. by on))");
    check("on == off", "(== on off)");
    check("remove + append.set", "(+ remove (. append set))");
}
