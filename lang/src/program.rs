//! The typed program: what the type checker hands to code generation.
//!
//! Every name is resolved, every read has the shape it expects, every optional is explicit, every loop is over a finite
//! list. What arrives here can no longer fail; `docs/meaning.md` says what each construct means.

mod files;
pub mod join;
pub mod print;
mod wide;
pub mod within;

pub use files::{Expects, FileFormat, FileKind, KeyValue, Merged, Shape};

use crate::span::Span;

/// Version of a Kubernetes release, such as 1.31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinorVersion(pub u16);

/// A pack after checking.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// The pack's kebab-case name.
    pub pack: String,
    /// Records that the sources declare: [`RecordRef::id`] − [`DECLARED_RECORDS`] is an index.
    pub records: Vec<RecordType>,
    /// Parameters, those of the pack first, then those of the policies in order: [`ParamId`] is an index.
    pub params: Vec<Param>,
    /// The profiles, by name.
    pub profiles: Vec<Profile>,
    /// The views that policies of this program use.
    pub views: Vec<View>,
    /// The kinds of file that policies of this program are on or ask for, by name.
    pub files: Vec<FileKind>,
    /// Where declared kinds hold secrets, by name.
    pub secrets: Vec<SecretFields>,
    /// The policies, in the order of files and text.
    pub policies: Vec<Policy>,
}

/// Where objects of a declared kind hold what no report shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFields {
    /// The kind; [`KindRef::in_texts`] of what texts hold, whatever it is read as.
    pub kind: KindRef,
    /// The members that lead to each field; `*` stands for any element of a list or member of a map.
    pub paths: Vec<Vec<String>>,
}

/// First id of a record that the sources declare, rather than the schema.
pub const DECLARED_RECORDS: u32 = 1 << 24;

/// A record that the sources declare.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordType {
    /// Its name; empty if it has none.
    pub name: String,
    /// Its members, in order.
    pub fields: Vec<RecordField>,
}

/// A member of a declared record.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordField {
    /// As in the document.
    pub name: String,
    /// Optional if its absence is a value.
    pub ty: Type,
    /// What its absence means.
    pub default: Option<Const>,
}

/// Index of a parameter in its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParamId(pub u32);

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// The policy, as an index; none for a parameter of the pack.
    pub policy: Option<u32>,
    /// Its name.
    pub name: String,
    /// Documentation; empty if it has none.
    pub doc: String,
    /// What it may hold.
    pub ty: Type,
    /// Its value if none is given; none if one must be given. A parameter of an optional type has [`Const::Absent`].
    pub default: Option<Const>,
    /// What must be true of it: a policy without targets and with one `require`, whose message says what is wrong.
    pub constraint: Option<Box<Policy>>,
    /// Where it was declared.
    pub span: Span,
}

/// A selection of policies.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its kebab-case name.
    pub name: String,
    /// Its policies, as indices, in order. What it extends is included.
    pub policies: Vec<u32>,
    /// Values of parameters that it sets, at most one for each.
    pub settings: Vec<(ParamId, Const)>,
}

/// Index of a view in its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(pub u32);

/// One name for the same thing in many kinds.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Its name, such as `pod`.
    pub name: String,
    /// Where the thing is, by kind. No two arms have a kind in common.
    pub arms: Vec<Arm>,
}

/// Where a view's part is in one kind of object.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// The kind.
    pub kind: KindRef,
    /// Keys from the object to the part; empty for the object itself.
    pub path: Vec<String>,
}

/// A kind of object in every version in which it is or was served, or a kind of file; also every kind together
/// ([`KindRef::any`]) and the inventory as a whole ([`KindRef::inventory`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindRef {
    /// Its group first (empty for the core group), then groups it used to be in; none at all for a kind of file.
    pub groups: Vec<String>,
    /// Its name.
    pub kind: String,
}

/// What a policy is on.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Objects of a kind; the part is the object.
    Kind(KindRef),
    /// The parts that a view finds.
    View(ViewId),
    /// Requests for a subresource of a kind, such as `Pod/exec`; the part is the object that the request carries.
    Subresource(KindRef, String),
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// A new object.
    Create,
    /// A changed object.
    Update,
    /// An object goes; there is only the old one.
    Delete,
    /// A connection to a subresource.
    Connect,
}

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// An opinion.
    Info,
    /// See [`Severity::Info`].
    Low,
    /// See [`Severity::Info`].
    Medium,
    /// See [`Severity::Info`].
    High,
    /// See [`Severity::Info`].
    Critical,
}

/// A policy after checking.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Its kebab-case name.
    pub name: String,
    /// The first line of its documentation; empty if it has none.
    pub title: String,
    /// The rest of its documentation, Markdown.
    pub doc: String,
    /// Severity of its findings.
    pub severity: Severity,
    /// Words after `profiles`.
    pub profiles: Vec<String>,
    /// Strings after `controls`.
    pub controls: Vec<String>,
    /// The word after `category`.
    pub category: Option<String>,
    /// Strings after `links`.
    pub links: Vec<String>,
    /// False for `default off`.
    pub on_by_default: bool,
    /// The operations it judges; create and update unless it says otherwise. Without a request all documents count as
    /// created.
    pub operations: Vec<Operation>,
    /// Whether it is about requests only: without the request, or without the old object, it is not applicable.
    pub needs: Vec<ContextPart>,
    /// It reads files that others name (`file_at`): what is wrong with a text file stands in that.
    pub owns_files: bool,
    /// The oldest Kubernetes in which all that it reads exists; absent if that is older than the schemas.
    pub since: Option<MinorVersion>,
    /// Names of the policy: [`LocalId`] is an index. The first two are the object and the part.
    pub locals: Vec<Local>,
    /// What it says; at least one. No two targets of all its bodies can meet in one object, but for bodies of an
    /// expression's view arms, which run one after the other.
    pub bodies: Vec<Body>,
    /// Its checks in the order of bodies and text: [`CheckId`] is an index. A check that stands in several bodies (a
    /// view's arms) is here several times.
    pub checks: Vec<Check>,
    /// The name in the header.
    pub span: Span,
}

/// What a policy says about some of its targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// What it is on; at least one.
    pub targets: Vec<Target>,
    /// The condition of the header.
    pub guard: Option<Expr>,
    /// What it says. For a view's arm that is an expression this is a `for` over its parts, whose element stands for the
    /// part, and the target is the kind.
    pub block: Block,
}

/// Index of a local in its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalId(pub u32);

impl LocalId {
    /// The object judged.
    pub const OBJECT: Self = Self(0);
    /// The part judged: the object itself, or what a view found in it.
    pub const PART: Self = Self(1);
}

/// A name in scope of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Local {
    /// As written.
    pub name: String,
    /// The type of what it holds.
    pub ty: Type,
    /// What it is bound to.
    pub binding: Binding,
}

/// What a local is bound to.
#[derive(Debug, Clone, PartialEq)]
pub enum Binding {
    /// The object judged.
    Object,
    /// The part judged.
    Part,
    /// A `let`; evaluated when the statement is reached. Places come from the expression itself.
    Let(Box<Expr>),
    /// The element of a list, or the value of a map's member.
    Element,
    /// The key of a map's member; its place is the member.
    Key,
    /// The index of an element, from 0; its place is the element.
    Index,
}

/// Index of a check in its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub u32);

/// A `require` or a `deny`.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The value of the condition that makes a finding: false for `require`, true for `deny`.
    pub finds_when: bool,
    /// The condition.
    pub condition: Expr,
    /// What a finding says.
    pub message: Vec<MessagePart>,
    /// Severity of this check's findings, if not the policy's: an expression of text (`low`); often a constant.
    pub severity: Option<Expr>,
    /// The place, if not derived: a located expression.
    pub place: Option<Expr>,
    /// Earlier `require`s on whose narrowing this check depends, in order.
    pub guards: Vec<CheckId>,
    /// What would mend it, in order; the first that applies is offered.
    pub fixes: Vec<Fix>,
    /// The whole statement.
    pub span: Span,
}

/// Edits that are made together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// True unless it may change behaviour.
    pub is_safe: bool,
    /// The condition after `when`.
    pub condition: Option<Expr>,
    /// What is done; at least one.
    pub edits: Vec<Edit>,
}

/// One edit of a fix.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// What is done.
    pub kind: EditKind,
    /// Where: names, members, map members and elements only.
    pub path: Expr,
    /// The value, in which records may stand; a removal has none.
    pub value: Option<Expr>,
}

/// What an edit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditKind {
    /// Sets the value, creating parents.
    Set,
    /// Removes the member or element.
    Remove,
    /// Appends the value to the list.
    Append,
    /// Makes an object of its own; the path is the object judged.
    Create,
}

/// Statements in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// The statements.
    pub stmts: Vec<Stmt>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Stmt {
    /// Evaluates the expression of a [`Binding::Let`].
    Let(LocalId),
    /// Runs a block for each element.
    For(Box<For>),
    /// Runs one of two blocks.
    When {
        /// The condition.
        condition: Expr,
        /// Runs if it is true.
        then: Block,
        /// Runs if it is false.
        otherwise: Block,
    },
    /// A check.
    Check(CheckId),
}

/// A `for` statement.
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// What it runs over.
    pub generator: Generator,
    /// The condition after `where`.
    pub guard: Option<Expr>,
    /// What runs.
    pub body: Block,
}

/// Binds names to the elements of a list or the members of a map, in document order.
#[derive(Debug, Clone, PartialEq)]
pub struct Generator {
    /// The key or index, if named ([`Binding::Key`] or [`Binding::Index`]).
    pub key: Option<LocalId>,
    /// The element or value ([`Binding::Element`]).
    pub element: LocalId,
    /// A list or a map.
    pub source: Expr,
}

/// A type and whether its value may be absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    /// What the value is if it is there.
    pub base: BaseType,
    /// True for `T?`.
    pub optional: bool,
}

impl Type {
    /// A type whose value is there.
    #[must_use]
    pub fn plain(base: BaseType) -> Self {
        Self {
            base,
            optional: false,
        }
    }

    /// A type whose value may be absent.
    #[must_use]
    pub fn optional(base: BaseType) -> Self {
        Self {
            base,
            optional: true,
        }
    }
}

/// Types without absence. The kinds of node that each accepts are in `docs/meaning.md`.
#[derive(Debug, Clone, PartialEq)]
pub enum BaseType {
    /// true or false
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A number.
    Float,
    /// Text.
    String,
    /// Text with a known set of values; the set is a matter of checking only.
    Enum(Vec<String>),
    /// An exact decimal with a unit.
    Quantity,
    /// A whole number or text.
    IntOrString,
    /// A version, as text: components of digits, with a prerelease or a vendor's suffix.
    Version,
    /// An image reference, as text.
    Image,
    /// A range of addresses, as text.
    Cidr,
    /// An address, as text.
    Ip,
    /// A pattern for whole values.
    Glob,
    /// A regular expression.
    Regex,
    /// A point in time, as text.
    Timestamp,
    /// A span of time, as text.
    Duration,
    /// A map with known members: records of the schema, all of which have the members that may be read.
    Record(Vec<RecordRef>),
    /// A list.
    List(Box<BaseType>),
    /// A map from text.
    Map(Box<BaseType>),
    /// Untyped JSON.
    Any,
    /// Ranges of versions, as text.
    Versions,
    /// A range of whole numbers, as text.
    Range,
    /// A type that could not be found out; its cause is reported. Never in a program that is handed on.
    Error,
}

/// A record of the schema: its index there and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRef {
    /// Index in the schema.
    pub id: u32,
    /// Its name, such as `SecurityContext`.
    pub name: String,
}

/// A typed expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Where it was written.
    pub span: Span,
}

/// The kinds of typed expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A constant; never located.
    Const(Const),
    /// A local.
    Local(LocalId),
    /// The member of a record, or of untyped JSON.
    Member {
        /// The record; may be optional, and then so is the result.
        base: Box<Expr>,
        /// The member's name.
        key: String,
        /// What absence means.
        presence: Presence,
    },
    /// The member of a map.
    MapMember {
        /// The map.
        base: Box<Expr>,
        /// A string expression.
        key: Box<Expr>,
    },
    /// The element of a list, absent if the index is out of range.
    Element {
        /// The list.
        base: Box<Expr>,
        /// An int expression.
        index: Box<Expr>,
    },
    /// Lists joined; elements stay located.
    Concat(Vec<Expr>),
    /// A list written out, of which at least one item is no constant.
    List(Vec<Expr>),
    /// `a ?? b`
    Coalesce(Box<Expr>, Box<Expr>),
    /// Text with values in it.
    Interpolate(Vec<MessagePart>),
    /// `image(e).part`: a part of an image reference, absent if there is none or `e` is absent.
    ImagePart(ImagePart, Box<Expr>),
    /// `c.role` of a container: `app`, `init`, `sidecar` or `ephemeral`.
    ContainerRole(Box<Expr>),
    /// A bool value as a condition, or a condition that is the value of a bool.
    Truth(Box<Expr>),
    /// `a and b and …`, at least two.
    And(Vec<Expr>),
    /// `a or b or …`, at least two.
    Or(Vec<Expr>),
    /// `not e`
    Not(Box<Expr>),
    /// A comparison.
    Compare {
        /// How.
        op: CompareOp,
        /// As what.
        domain: Domain,
        /// The left operand.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// `e in list`
    In {
        /// As what elements are compared.
        domain: Domain,
        /// What is looked for.
        needle: Box<Expr>,
        /// Where; a list.
        list: Box<Expr>,
    },
    /// `e is set`; a member with a default is asked for what was written.
    IsSet(Box<Expr>),
    /// `e is empty`: absent, or text, a list or a map without contents.
    IsEmpty(Box<Expr>),
    /// `e is known`
    IsKnown(Box<Expr>),
    /// `any`, `all`, `no`.
    Quantifier(Box<Quantifier>),
    /// The value of a parameter.
    Param(ParamId),
    /// What the host says about the evaluation.
    Context(ContextPart),
    /// `objects(KIND or view)`: all objects of a kind that are in reach, or the parts that a view finds in them, in
    /// document order. Never a subresource.
    Objects(Target),
    /// Evaluates `let`s of its own, in order, then the body: a function that was called.
    With {
        /// Names bound by [`Binding::Let`], used nowhere else.
        locals: Vec<LocalId>,
        /// What is computed.
        body: Box<Expr>,
    },
    /// `if c then a else b`; a condition if its type is bool.
    If {
        /// The condition.
        condition: Box<Expr>,
        /// The value if it is true.
        then: Box<Expr>,
        /// The value if it is false.
        otherwise: Box<Expr>,
    },
    /// `[e for x in xs where g by k]`
    Comprehension(Box<Comprehension>),
    /// `first x in xs where g by k`, `last …`: one element of the first generator, absent if there is none. The element
    /// expression is that generator's name.
    Pick(Pick, Box<Comprehension>),
    /// `count(x in xs where g)`; the element expression is not evaluated.
    Count(Box<Comprehension>),
    /// `e as T` of untyped JSON: absent if a scalar type does not accept the value; a record, list or map that it does not
    /// accept is a shape finding.
    Cast(Box<Expr>),
    /// A function of the language.
    Call(Builtin, Vec<Expr>),
    /// A record written out; only within the value of an edit.
    Record(Vec<(String, Expr)>),
}

/// What a host may say about an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContextPart {
    /// `request`
    Request,
    /// `old`, the object before the change.
    Old,
    /// `source(object)`, where what is judged is written.
    Source,
    /// `inventory`, what all that is judged together is called.
    Inventory,
}

impl ContextPart {
    /// The member of the context.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Old => "old",
            Self::Source => "source",
            Self::Inventory => "inventory",
        }
    }
}

/// `e for x in xs, y in ys where g by k`
#[derive(Debug, Clone, PartialEq)]
pub struct Comprehension {
    /// At least one; later ones may use the names of earlier ones.
    pub generators: Vec<Generator>,
    /// The condition after `where`.
    pub guard: Option<Expr>,
    /// The element.
    pub element: Expr,
    /// What it is sorted by, and as what.
    pub order: Option<(Expr, Domain)>,
}

/// Which element is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// The first, or the first of those with the least key.
    First,
    /// The last, or the last of those with the greatest key.
    Last,
}

/// The functions of the language. `docs/meaning.md` has a line for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    missing_docs,
    reason = "named as in the language; docs/meaning.md says what they do"
)]
pub enum Builtin {
    // Text
    Len,
    StartsWith,
    EndsWith,
    Contains,
    Lower,
    Upper,
    Trim,
    TrimPrefix,
    TrimSuffix,
    Split,
    Join,
    Replace,
    Substring,
    FindAll,
    Entropy,
    CleanPath,
    PathWithin,
    /// `text matches pattern`, `text like pattern`
    Matches,
    // Numbers
    Add,
    Subtract,
    Multiply,
    /// `div`
    IntegerDivide,
    Remainder,
    Negate,
    Abs,
    Min,
    Max,
    Sum,
    AddQuantity,
    SubtractQuantity,
    /// Of two numbers of which one is a quantity.
    MultiplyQuantity,
    /// `/` of two numbers of whatever type.
    Divide,
    /// `int(text)`
    Int,
    /// `octal(text)`
    Octal,
    /// `float(text)`
    Float,
    /// `quantity(text)`
    Quantity,
    /// `percent_of(value, whole)`
    PercentOf,
    /// `version(text)`
    Version,
    /// `duration(text)`
    Duration,
    /// `timestamp(text)`
    Timestamp,
    /// Position of a text in a constant list, for ordered enums.
    Rank,
    // Collections
    Size,
    Keys,
    Values,
    SubsetOf,
    Union,
    Intersect,
    Minus,
    Unique,
    Sort,
    // The field
    /// `image(text)`: the text if it is an image reference.
    Image,
    Cidr,
    Ip,
    /// `ip in cidr`, or a range within a range.
    WithinCidr,
    Selects,
    Grants,
    HostMatches,
    /// `namespace(object)`
    Namespace,
    /// `whole(part)` of a part that `objects` gave: its object.
    Whole,
    /// What stands in the old object where a value stands in the object judged; untyped. What `old` is in a policy on a
    /// view.
    Before,
    /// `source(object)` of what `objects` gave; of what is judged as [`ContextPart::Source`].
    Source,
    // The run
    ClusterVersion,
    // Ranges
    /// `versions(text)`
    Versions,
    /// `version in versions`
    WithinVersions,
    /// `range(text)`
    Range,
    /// `int in range`
    WithinRange,
    // Decoding
    /// `base64_decode(text)`
    Base64Decode,
    /// `base64url_decode(text)`
    Base64UrlDecode,
    /// `parse_json(text)`
    ParseJson,
    /// `parse_yaml(text)`
    ParseYaml,
    /// `flags(words)`, and as a constant text what flags are read as: a line `KIND NAME` each, `b` for a bool, `i` for an
    /// int, `l` for a list of texts; of the others text.
    Flags,
    /// `url(text)`
    Url,
    /// `certificates(text)`
    Certificates,
    /// `signing_request(text)`
    SigningRequest,
    /// `cron(text)`
    Cron,
    /// `shell(text)`
    Shell,
    // Values by where they are
    /// `walk(value)`
    Walk,
    /// `key(value)`
    Key,
    /// `path(value)`
    Path,
    /// `same(a, b)`
    Same,
    // Time
    /// `now`
    Now,
    /// `time_between(from, to)`
    TimeBetween,
}

/// `any x in xs, y in ys where g: p`
#[derive(Debug, Clone, PartialEq)]
pub struct Quantifier {
    /// Which one.
    pub kind: QuantifierKind,
    /// At least one; later ones may use the names of earlier ones.
    pub generators: Vec<Generator>,
    /// The condition after `where`.
    pub guard: Option<Expr>,
    /// The condition after the colon.
    pub body: Expr,
}

/// The quantifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantifierKind {
    /// True if the body is true for one.
    Any,
    /// True if the body is true for each.
    All,
    /// True if the body is true for none.
    No,
}

/// What the absence of a member means.
#[derive(Debug, Clone, PartialEq)]
pub enum Presence {
    /// The value is absent.
    Optional,
    /// A finding of its own; the value is unknown. Only where the record itself is there.
    Required,
    /// The value is this constant. Only where the record itself is there; else the value is absent.
    Default(Const),
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Const {
    /// `none`
    Absent,
    /// true or false
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number, as JSON text.
    Float(String),
    /// Text.
    String(String),
    /// A quantity as written.
    Quantity(String),
    /// A pattern for whole values.
    Glob(String),
    /// A regular expression.
    Regex(String),
    /// A list.
    List(Vec<Const>),
    /// A record or a map, members in order; only in defaults and settings of parameters and fields.
    Map(Vec<(String, Const)>),
}

/// Comparisons. `!=` is `not` around `Equal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareOp {
    /// Both absent, or equal as the domain says.
    Equal,
    /// Both operands are there.
    Less,
    /// See [`CompareOp::Less`].
    LessEqual,
    /// See [`CompareOp::Less`].
    Greater,
    /// See [`CompareOp::Less`].
    GreaterEqual,
}

/// What two values are compared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// Booleans.
    Bool,
    /// Whole numbers.
    Int,
    /// Text, ordered by Unicode scalar values.
    String,
    /// Exact decimals.
    Quantity,
    /// Numbers of either kind, by exact value.
    Number,
    /// Versions.
    Version,
    /// Spans of time.
    Duration,
    /// Points in time.
    Timestamp,
    /// The left a text, the right a pattern that it has as a whole. No ordering.
    Pattern,
    /// JSON scalars of whatever kind: equal only within a kind (numbers by value). No ordering.
    Scalar,
}

/// A part of a message or of an interpolated string.
#[derive(Debug, Clone, PartialEq)]
pub enum MessagePart {
    /// Text as it is.
    Text(String),
    /// A value, printed by its kind.
    Value(Expr),
    /// An object, printed as `Kind namespace/name`.
    Object(Expr),
}

/// The parts of an image reference, with Docker's defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImagePart {
    /// `docker.io` if none is written.
    Registry,
    /// With `library/` for a lone name on Docker's registry.
    Repository,
    /// `latest` if neither tag nor digest is written.
    Tag,
    /// With its algorithm.
    Digest,
}
