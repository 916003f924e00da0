//! The syntax tree: what was written, with spans, before any name has a meaning.
//!
//! Broken input gives a tree too: what could not be understood is an `Error` or [`ExprKind::Hole`] node, and every such
//! node has its diagnostic.

use crate::span::{FileId, Span};

/// A `.pale` file.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceFile {
    /// Which file.
    pub file: FileId,
    /// The text of the `//!` lines.
    pub doc: Option<Doc>,
    /// `pack NAME edition YEAR`, if the file holds it.
    pub pack: Option<PackHeader>,
    /// The declarations, in order.
    pub items: Vec<Item>,
}

/// `pack NAME edition YEAR`.
#[derive(Debug, Clone, PartialEq)]
pub struct PackHeader {
    /// The pack's kebab-case name.
    pub name: Name,
    /// The language edition, such as `2026`.
    pub edition: Option<Name>,
    /// The whole header.
    pub span: Span,
}

/// The text of a run of documentation comments, without the slashes.
#[derive(Debug, Clone, PartialEq)]
pub struct Doc {
    /// The first line.
    pub title: String,
    /// The rest, Markdown; empty if there is none.
    pub text: String,
    /// The comment lines.
    pub span: Span,
}

/// A word with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The word as written, without quotes.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A declaration of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What is declared.
    pub kind: ItemKind,
    /// The documentation above it.
    pub doc: Option<Doc>,
    /// The whole declaration, without its documentation.
    pub span: Span,
}

/// The kinds of declaration.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all declarations are policies"
)]
pub enum ItemKind {
    /// `policy NAME on TARGETS { … }`
    Policy(Policy),
    /// What could not be understood.
    Error,
}

/// `policy NAME on TARGETS [where GUARD] { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The kebab-case name.
    pub name: Name,
    /// The kinds and views after `on`.
    pub targets: Vec<Target>,
    /// The condition after `where`.
    pub guard: Option<Expr>,
    /// Severity, profiles and the like, in order.
    pub attributes: Vec<Attribute>,
    /// The statements.
    pub body: Block,
}

/// A target of a policy: `Pod`, `pod`, `apps/Deployment`, `argoproj.io/Rollout`, `apps/v1/Deployment`.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The group, if written.
    pub group: Option<Name>,
    /// The version, if written.
    pub version: Option<Name>,
    /// The kind, or the view.
    pub name: Name,
    /// The whole target.
    pub span: Span,
}

/// An attribute of a policy: a word and what follows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// `severity`, `profiles`, `controls`, `category`, `links`, `default`.
    pub name: Name,
    /// Words and strings, in order; strings without their quotes.
    pub values: Vec<Name>,
    /// The whole line.
    pub span: Span,
}

/// Statements in braces.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The statements, in order.
    pub stmts: Vec<Stmt>,
    /// The braces and what is between.
    pub span: Span,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// The whole statement.
    pub span: Span,
}

/// The kinds of statement.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// `let NAME = VALUE`
    Let {
        /// The name bound.
        name: Name,
        /// Its value.
        value: Expr,
    },
    /// `for GENERATOR [where GUARD] { … }`
    For {
        /// `x in xs`, `k, v in m`.
        generator: Generator,
        /// The condition after `where`.
        guard: Option<Expr>,
        /// The statements run for each element.
        body: Block,
    },
    /// `when CONDITION { … } [else { … }]`; `else when` is an `else` whose block holds one `when`.
    When {
        /// The condition.
        condition: Expr,
        /// What holds if it is true.
        then: Block,
        /// What holds if it is false.
        otherwise: Option<Block>,
    },
    /// `require CONDITION, MESSAGE` or `deny CONDITION, MESSAGE`
    Check(Check),
    /// What could not be understood.
    Error,
}

/// `require CONDITION, MESSAGE [severity S] [at PATH]`
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Which of the two.
    pub kind: CheckKind,
    /// The condition.
    pub condition: Expr,
    /// The message; a string expression, absent if it was forgotten (which has its diagnostic).
    pub message: Option<Expr>,
    /// The severity of this check's findings, if not the policy's.
    pub severity: Option<Expr>,
    /// The place, if not derived.
    pub place: Option<Expr>,
}

/// The two checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckKind {
    /// Finds when its condition is false.
    Require,
    /// Finds when its condition is true.
    Deny,
}

/// `x in xs`, `k, v in m`, `i, x in xs`
#[derive(Debug, Clone, PartialEq)]
pub struct Generator {
    /// One name, or two: key or index first.
    pub names: Vec<Name>,
    /// The list or map.
    pub source: Expr,
    /// The whole generator.
    pub span: Span,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The whole expression, parentheses not included.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `true`, `false`
    Bool(bool),
    /// `none`
    None,
    /// A number with its unit, if any, as written: `80`, `1.5`, `500m`, `4Gi`, `1.29`. The expected type decides.
    Number(String),
    /// `v"1.29"`
    Version(String),
    /// `"text {expr} text"`, or raw `r"…"` (one literal part).
    String(Vec<StringPart>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// A name.
    Name(String),
    /// `base.name`, or `base["quoted"]` is an [`ExprKind::Index`].
    Field {
        /// The receiver.
        base: Box<Expr>,
        /// The field; empty text where the editor's cursor left a hole.
        name: Name,
    },
    /// `base[index]`
    Index {
        /// The list or map.
        base: Box<Expr>,
        /// The key or number.
        index: Box<Expr>,
    },
    /// `name(arguments)`, and `receiver.name(arguments)` with the receiver first.
    Call {
        /// The function.
        name: Name,
        /// The arguments.
        arguments: Vec<Expr>,
        /// True if it was written with a receiver.
        method: bool,
    },
    /// `not e`, `-e`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// The operand.
        operand: Box<Expr>,
    },
    /// `a op b`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// The left operand.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// `e is set` and its like.
    Test {
        /// Which test.
        test: Test,
        /// True for `is not …`.
        negated: bool,
        /// The operand.
        operand: Box<Expr>,
    },
    /// `any x in xs, y in ys where g: p`
    Quantifier {
        /// Which one.
        quantifier: Quantifier,
        /// At least one.
        generators: Vec<Generator>,
        /// The condition after `where`.
        guard: Option<Box<Expr>>,
        /// The condition after the colon.
        body: Box<Expr>,
    },
    /// Nothing, where an expression was expected.
    Hole,
}

/// A part of a string.
#[derive(Debug, Clone, PartialEq)]
pub enum StringPart {
    /// Text with its escapes resolved.
    Text(String),
    /// `{expr}`
    Value(Expr),
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Minus,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `??`
    Coalesce,
    /// `+`
    Plus,
}

/// Tests of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// `is set`
    Set,
    /// `is empty`
    Empty,
    /// `is known`
    Known,
}

/// Quantifiers over lists and maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// True if the body is true for one.
    Any,
    /// True if the body is true for each.
    All,
    /// True if the body is true for none.
    No,
}
