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
    /// `profile NAME [extends OTHER] { … }`
    Profile(Profile),
    /// `view NAME: TYPE { … }`, `extend view NAME { … }`
    View(View),
    /// `fn NAME(PARAMETERS) = EXPRESSION`
    Fn(Fn),
    /// `const NAME[: TYPE] = EXPRESSION`
    Const(Const),
    /// `type NAME = TYPE`
    Type(TypeDeclaration),
    /// `kind NAME from …`, `kind NAME for …`
    Kind(KindDeclaration),
    /// `use PACK`
    Use(Name),
    /// A `param` of the pack, which all its policies may use.
    Param(Param),
    /// `table NAME from tsv "file" { column: TYPE, … }`
    Table(Table),
    /// What could not be understood.
    Error,
}

/// `profile NAME [extends OTHER] { include A, B; set POLICY.param = value }`
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The kebab-case name.
    pub name: Name,
    /// The profile that it adds to.
    pub extends: Option<Name>,
    /// What it holds, in order.
    pub entries: Vec<ProfileEntry>,
}

/// A line of a profile.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a pack has few profiles")]
pub enum ProfileEntry {
    /// `include A, B`: policies or packs.
    Include(Vec<Name>),
    /// `set POLICY.param = value`
    Set {
        /// The policy, or the pack for a shared parameter.
        policy: Name,
        /// The parameter.
        param: Name,
        /// Its value; a constant.
        value: Expr,
    },
}

/// `view NAME: TYPE { KINDS [where GUARD] => EXPRESSION … }`
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// True for `extend view`.
    pub extend: bool,
    /// The name.
    pub name: Name,
    /// The type of a part; `extend view` has none.
    pub ty: Option<TypeExpr>,
    /// Where the part is, by kind.
    pub arms: Vec<ViewArm>,
}

/// `KIND or VIEW, … [where GUARD] => EXPRESSION`
#[derive(Debug, Clone, PartialEq)]
pub struct ViewArm {
    /// The kinds and views.
    pub targets: Vec<Target>,
    /// The condition after `where`.
    pub guard: Option<Expr>,
    /// The part, or a list of parts; the object's fields are in scope.
    pub value: Expr,
    /// The whole arm.
    pub span: Span,
}

/// `fn NAME(a: TYPE, b) [: TYPE] = EXPRESSION`
#[derive(Debug, Clone, PartialEq)]
pub struct Fn {
    /// The name.
    pub name: Name,
    /// What it takes, in order.
    pub params: Vec<FnParam>,
    /// The type of its result, if written.
    pub result: Option<TypeExpr>,
    /// What it computes.
    pub body: Expr,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct FnParam {
    /// The name.
    pub name: Name,
    /// The type, if written.
    pub ty: Option<TypeExpr>,
}

/// `const NAME[: TYPE] = EXPRESSION`
#[derive(Debug, Clone, PartialEq)]
pub struct Const {
    /// The name.
    pub name: Name,
    /// The type, if written.
    pub ty: Option<TypeExpr>,
    /// The value.
    pub value: Expr,
}

/// `table NAME from tsv "file" { column: TYPE, … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The name.
    pub name: Name,
    /// The path of the file, from the pack's folder, without quotes.
    pub file: Name,
    /// The columns that are read.
    pub columns: Vec<FieldDeclaration>,
}

/// `type NAME = TYPE`
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDeclaration {
    /// The name.
    pub name: Name,
    /// What it stands for.
    pub ty: TypeExpr,
}

/// `kind NAME from FORMAT[(option: value, …)] "glob", … [merged first|last] [{ fields }]`,
/// `kind NAME for GROUP { fields }`
#[derive(Debug, Clone, PartialEq)]
pub struct KindDeclaration {
    /// The name.
    pub name: Name,
    /// Where its objects come from.
    pub source: KindSource,
    /// Its fields; absent for `from crd`, and for the formats whose readers give the fields.
    pub fields: Option<Vec<FieldDeclaration>>,
}

/// Where the objects of a declared kind come from.
#[derive(Debug, Clone, PartialEq)]
pub enum KindSource {
    /// `for GROUP`: an API object.
    Group(Name),
    /// `from FORMAT "…", …`; of the format `crd` the text is the path of the definition.
    File {
        /// `json`, `yaml`, `toml`, `dockerfile`, `keyvalue`, `text`, `crd`.
        format: Name,
        /// How files of the format are read: names of options and their values, without quotes.
        options: Vec<(Name, Name)>,
        /// The strings, without their quotes.
        patterns: Vec<Name>,
        /// `first` or `last` after `merged`.
        merged: Option<Name>,
    },
}

/// `param NAME: TYPE [= DEFAULT] [where CONSTRAINT]`
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: TypeExpr,
    /// The value if none is given.
    pub default: Option<Expr>,
    /// What must be true of it.
    pub constraint: Option<Expr>,
    /// The documentation above it.
    pub doc: Option<Doc>,
    /// The whole declaration, without its documentation.
    pub span: Span,
}

/// A type as written.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeExprKind,
    /// The whole type.
    pub span: Span,
}

/// The kinds of type.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeExprKind {
    /// `bool`, `Pod`, `apps/Deployment`, `SecurityContext`, `pod`.
    Name(Target),
    /// `[T]`
    List(Box<TypeExpr>),
    /// `{string: T}`
    Map(Box<TypeExpr>),
    /// `{ field: T = default, … }`
    Record(Vec<FieldDeclaration>),
    /// `"A" | "B"`, or `"A" < "B"`, which is ordered.
    Enum {
        /// The members, without their quotes.
        members: Vec<Name>,
        /// True if they are joined by `<`.
        ordered: bool,
    },
    /// `T | U`
    Union(Vec<TypeExpr>),
    /// `T?`
    Optional(Box<TypeExpr>),
    /// Nothing, where a type was expected; has its diagnostic.
    Hole,
}

/// `name: TYPE [= DEFAULT]`
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDeclaration {
    /// The name, quoted or not.
    pub name: Name,
    /// The type.
    pub ty: TypeExpr,
    /// What its absence means.
    pub default: Option<Expr>,
    /// The text after `split`, of a column of a table.
    pub split: Option<Name>,
    /// The documentation above it.
    pub doc: Option<Doc>,
    /// The whole declaration, without its documentation.
    pub span: Span,
}

/// `policy NAME on TARGETS [where GUARD] { … }`, or without `on` and with a body for each kind of target.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The kebab-case name.
    pub name: Name,
    /// The kinds and views after `on` in the header; empty if it has bodies of its own.
    pub targets: Vec<Target>,
    /// The condition after `where` in the header.
    pub guard: Option<Expr>,
    /// Severity, profiles and the like, in order.
    pub attributes: Vec<Attribute>,
    /// Its parameters, in order.
    pub params: Vec<Param>,
    /// The statements.
    pub body: Block,
    /// `on TARGETS [where GUARD] { … }` in its block, in order.
    pub bodies: Vec<PolicyBody>,
}

/// `on TARGETS [where GUARD] { … }` within a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyBody {
    /// The kinds and views after `on`.
    pub targets: Vec<Target>,
    /// The condition after `where`.
    pub guard: Option<Expr>,
    /// The statements.
    pub body: Block,
    /// The whole body.
    pub span: Span,
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
    /// `severity`, `profiles`, `controls`, `category`, `links`, `default`, `operations`.
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
#[expect(clippy::large_enum_variant, reason = "most statements are checks")]
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

/// `require CONDITION, MESSAGE [severity S] [at PATH] [fix …]`
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
    /// Its fixes, in order.
    pub fixes: Vec<Fix>,
}

/// `fix [unsafe] EDIT [when CONDITION]`, `fix [unsafe] { EDIT … } [when CONDITION]`
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// True for `fix unsafe`.
    pub is_unsafe: bool,
    /// What is done, all together or nothing.
    pub edits: Vec<Edit>,
    /// The condition after `when`.
    pub condition: Option<Expr>,
    /// The whole fix.
    pub span: Span,
}

/// One edit of a fix.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// What is done.
    pub kind: EditKind,
    /// Where; of `create` the kind is in [`EditKind::Create`] and this is a hole.
    pub path: Expr,
    /// The value; a removal has none.
    pub value: Option<Expr>,
    /// The whole edit.
    pub span: Span,
}

/// What an edit does.
#[derive(Debug, Clone, PartialEq)]
pub enum EditKind {
    /// `PATH = value`
    Set,
    /// `remove PATH`
    Remove,
    /// `append value to PATH`
    Append,
    /// `upsert PATH[key] = value`
    Upsert,
    /// `create KIND { … }`
    Create(Target),
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
    /// `objects(KIND)`, `objects(view)`
    Objects(Target),
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
    /// `if c then a else b`
    If {
        /// The condition.
        condition: Box<Expr>,
        /// The value if it is true.
        then: Box<Expr>,
        /// The value if it is false.
        otherwise: Box<Expr>,
    },
    /// `[e for x in xs, y in ys where g by k]`
    Comprehension {
        /// The element.
        element: Box<Expr>,
        /// At least one.
        generators: Vec<Generator>,
        /// The condition after `where`.
        guard: Option<Box<Expr>>,
        /// What it is sorted by.
        order: Option<Box<Expr>>,
    },
    /// `first x in xs where g by k`, `last …`
    Pick {
        /// Which one.
        which: Pick,
        /// What it is picked from.
        generator: Box<Generator>,
        /// The condition after `where`.
        guard: Option<Box<Expr>>,
        /// What decides; document order if absent.
        order: Option<Box<Expr>>,
    },
    /// `count(x in xs where g)`
    Count {
        /// At least one.
        generators: Vec<Generator>,
        /// The condition after `where`.
        guard: Option<Box<Expr>>,
    },
    /// `e as TYPE`
    Cast {
        /// The value.
        operand: Box<Expr>,
        /// The type.
        ty: TypeExpr,
    },
    /// `{ key: value, "quoted-key": value }`
    Record(Vec<(Name, Expr)>),
    /// Nothing, where an expression was expected.
    Hole,
}

/// Which element is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// The first, or the one with the least key.
    First,
    /// The last, or the one with the greatest key.
    Last,
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
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Divide,
    /// `div`
    IntegerDivide,
    /// `%`
    Remainder,
    /// `matches`
    Matches,
    /// `like`
    Like,
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
