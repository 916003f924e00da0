//! One function while it is written: instructions, blocks, locals.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use palisade_abi::layout;
use palisade_lang::program::{BaseType, Expr, Generator, LocalId as Name, ParamId, Policy};
use walrus::ir::{
    BinaryOp, Block, IfElse, Instr, InstrSeqId, InstrSeqType, LoadKind, Loop, MemArg, StoreKind,
    UnaryOp, Value,
};
use walrus::{FunctionBuilder, FunctionId, InstrSeqBuilder, LocalId, ValType};

use super::guest::Guest;
use super::kinds::{is_read_of, mask};
use super::pool::{Pool, count};
use super::query::Queries;
use super::shared::CURSOR_SIZE;

/// What all functions of a module share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) guest: Guest,
    pub(super) pool: Pool,
    /// Whether a read of a quantity was written.
    pub(super) has_quantities: bool,
    /// Whether keys become values.
    pub(super) has_keys: bool,
    /// Whether texts are read as documents.
    pub(super) has_embedded: bool,
    /// Whether policies ask where other objects are written.
    pub(super) has_sources: bool,
    /// Whether what is wrong with a text file stands in that.
    pub(super) has_owned: bool,
    /// Whether a type is of several kinds.
    pub(super) has_mixed: bool,
    /// Whether checks have fixes.
    pub(super) has_any_fixes: bool,
    /// Whether fixes were written as tables.
    pub(super) has_fix_tables: bool,
    /// Whether texts name objects.
    pub(super) has_objects: bool,
    /// Whether there may be lists in texts.
    pub(super) has_lists: bool,
    /// Whether a member is required.
    pub(super) has_required: bool,
    /// Whether results may have related places.
    pub(super) has_related: bool,
    /// The addresses of the words that hold the values of parameters.
    pub(super) params: Vec<u32>,
    pub(super) queries: Queries,
    /// Where the cursors of loops are, by how deep they are nested.
    pub(super) cursors: u32,
    /// The functions that make lists for several policies, by what they make.
    pub(super) lists: BTreeMap<String, FunctionId>,
}

/// A policy with what is found out about it once.
#[derive(Debug, Clone)]
pub(super) struct Subject<'m> {
    pub(super) policy: &'m Policy,
    /// The generator of each local that has one.
    pub(super) generators: Rc<Vec<Option<&'m Generator>>>,
}

/// What a name of the policy is in the function being written.
#[derive(Debug, Clone)]
pub(super) enum Slot {
    /// Not bound here.
    Unbound,
    /// The object or the part: a node of the right kind.
    Node(LocalId),
    /// The same where it is in no local.
    Root(Root),
    /// A `let` evaluated before.
    Value(LocalId),
    /// A `let` of joined lists, of which some may be unknown.
    Lists(LocalId),
    /// A `let` that is evaluated at each use.
    Again,
    /// A `let` of which the trace was made before, with the value in it.
    Traced(LocalId),
    /// An element: the address of the loop's cursor, and its value if that was checked before.
    Element(u32, Option<LocalId>),
    /// The key of the member at a cursor.
    Key(u32),
    /// The index of the element at a cursor.
    Index(u32),
}

/// What the runtime finds by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    /// The object judged.
    Object,
    /// The part judged.
    Part,
}

/// What a function is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    /// The common one.
    Hot,
    /// Explains a result: short rather than fast, silent.
    Cold,
}

/// How far the writing of a policy has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The `for` statements around, outermost first: element and key. Each has the cursor of its depth.
    pub(super) scopes: Vec<(Name, Option<Name>)>,
    /// The explaining function of each check written so far.
    pub(super) explained: BTreeMap<u32, Cold>,
    /// The condition's value of each check on which others depend.
    pub(super) states: BTreeMap<u32, LocalId>,
    /// Functions written that explain what is no check.
    pub(super) n_sites: usize,
}

/// A function that explains.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cold {
    pub(super) function: FunctionId,
    /// It may run out of steps.
    pub(super) loops: bool,
    /// How many scopes it is in.
    pub(super) depth: usize,
}

/// A function being written, in the scope of a policy.
#[derive(Debug)]
pub(super) struct Body<'m> {
    pub(super) shared: &'m mut Shared,
    pub(super) policy: &'m Policy,
    pub(super) subject: Subject<'m>,
    pub(super) path: Path,
    pub(super) slots: Vec<Slot>,
    pub(super) progress: Progress,
    /// Whether a loop was written.
    pub(super) loops: bool,
    /// Whether the function leaves a word.
    pub(super) has_result: bool,
    /// How many loops are around what is written, those of the function that calls this one included.
    pub(super) depth: usize,
    /// Reads that the policy makes more than once.
    pub(super) repeated: BTreeSet<String>,
    /// Of those the ones that were made on every way here, and the locals that hold them.
    known: Vec<(String, LocalId)>,
    builder: FunctionBuilder,
    seqs: Vec<InstrSeqId>,
    params: Vec<LocalId>,
    free: Vec<LocalId>,
}

impl<'m> Body<'m> {
    /// A function of `n_params` words and `n_results`, in the scope of a policy.
    pub(super) fn new(
        shared: &'m mut Shared,
        subject: &Subject<'m>,
        path: Path,
        n_params: usize,
        n_results: usize,
    ) -> Self {
        let policy = subject.policy;
        let types = vec![ValType::I32; n_params];
        let results = vec![ValType::I32; n_results];
        let builder = FunctionBuilder::new(&mut shared.guest.module.types, &types, &results);
        let params = (0..n_params)
            .map(|_| shared.guest.module.locals.add(ValType::I32))
            .collect();
        let seqs = vec![builder.func_body_id()];
        Self {
            slots: vec![Slot::Unbound; policy.locals.len()],
            shared,
            policy,
            subject: subject.clone(),
            path,
            progress: Progress::default(),
            loops: false,
            has_result: n_results != 0,
            depth: 0,
            repeated: BTreeSet::new(),
            known: Vec::new(),
            builder,
            seqs,
            params,
            free: Vec::new(),
        }
    }

    /// The parameters in order.
    pub(super) fn params(&self) -> Vec<LocalId> {
        self.params.clone()
    }

    /// Ends the function.
    pub(super) fn finish(mut self, name: String) -> FunctionId {
        self.builder.name(name);
        self.builder
            .finish(self.params, &mut self.shared.guest.module.funcs)
    }

    fn seq(&mut self) -> InstrSeqBuilder<'_> {
        let id = self
            .seqs
            .last()
            .copied()
            .unwrap_or_else(|| self.builder.func_body_id());
        self.builder.instr_seq(id)
    }

    /// A local that nothing else uses until it is given back with [`Body::release`].
    pub(super) fn temp(&mut self) -> LocalId {
        self.free
            .pop()
            .unwrap_or_else(|| self.shared.guest.module.locals.add(ValType::I32))
    }

    /// Gives a local back.
    pub(super) fn release(&mut self, local: LocalId) {
        self.free.push(local);
    }

    pub(super) fn int(&mut self, value: i32) {
        self.seq().i32_const(value);
    }

    /// A number of the interface or an address.
    pub(super) fn word(&mut self, value: u32) {
        self.int(value.cast_signed());
    }

    pub(super) fn int64(&mut self, value: i64) {
        self.seq().i64_const(value);
    }

    pub(super) fn get(&mut self, local: LocalId) {
        let mut seq = self.seq();
        // What was just put there is kept instead.
        if let Some((Instr::LocalSet(last), _)) = seq.instrs().last()
            && last.local == local
        {
            seq.instrs_mut().pop();
            seq.local_tee(local);
            return;
        }
        seq.local_get(local);
    }

    pub(super) fn set(&mut self, local: LocalId) {
        self.seq().local_set(local);
    }

    pub(super) fn tee(&mut self, local: LocalId) {
        self.seq().local_tee(local);
    }

    pub(super) fn op(&mut self, op: BinaryOp) {
        self.seq().binop(op);
    }

    pub(super) fn is_zero(&mut self) {
        self.seq().unop(UnaryOp::I32Eqz);
    }

    pub(super) fn drop(&mut self) {
        self.seq().drop();
    }

    pub(super) fn select(&mut self) {
        self.seq().select(None);
    }

    pub(super) fn load(&mut self, offset: u32) {
        self.load_as(LoadKind::I32 { atomic: false }, offset);
    }

    pub(super) fn load64(&mut self, offset: u32) {
        self.load_as(LoadKind::I64 { atomic: false }, offset);
    }

    fn load_as(&mut self, kind: LoadKind, offset: u32) {
        // Texts lie anywhere, and an alignment of 1 is only a hint.
        let arg = MemArg {
            align: 1,
            offset: u64::from(offset),
        };
        let memory = self.shared.guest.memory;
        self.seq().load(memory, kind, arg);
    }

    pub(super) fn store(&mut self, offset: u32) {
        let arg = MemArg {
            align: 4,
            offset: u64::from(offset),
        };
        let memory = self.shared.guest.memory;
        self.seq()
            .store(memory, StoreKind::I32 { atomic: false }, arg);
    }

    /// Calls a function of the runtime.
    pub(super) fn call(&mut self, name: &str) {
        self.shared.has_related |= relates(name);
        let function = self.shared.guest.function(name);
        self.seq().call(function);
    }

    pub(super) fn call_id(&mut self, function: FunctionId) {
        self.seq().call(function);
    }

    pub(super) fn ret(&mut self) {
        self.seq().return_();
    }

    pub(super) fn br(&mut self, label: InstrSeqId) {
        self.seq().br(label);
    }

    pub(super) fn br_if(&mut self, label: InstrSeqId) {
        self.seq().br_if(label);
    }

    /// A block without result.
    pub(super) fn block(&mut self, f: impl FnOnce(&mut Self, InstrSeqId)) {
        let seq = self.nested(None, f);
        self.seq().instr(Block { seq });
    }

    /// A block that leaves a word.
    pub(super) fn block_value(&mut self, f: impl FnOnce(&mut Self, InstrSeqId)) {
        let seq = self.nested(Some(ValType::I32), f);
        self.seq().instr(Block { seq });
    }

    /// A loop without result.
    pub(super) fn repeat(&mut self, f: impl FnOnce(&mut Self, InstrSeqId)) {
        let seq = self.nested(None, f);
        self.seq().instr(Loop { seq });
    }

    /// Runs `f` if the word on the stack is not zero.
    pub(super) fn when(&mut self, f: impl FnOnce(&mut Self)) {
        self.choose_as(None, f, |_| {});
    }

    /// Runs one of two, without result.
    pub(super) fn choose(&mut self, then: impl FnOnce(&mut Self), other: impl FnOnce(&mut Self)) {
        self.choose_as(None, then, other);
    }

    /// Runs one of two, each of which leaves a word.
    pub(super) fn choose_value(
        &mut self,
        then: impl FnOnce(&mut Self),
        other: impl FnOnce(&mut Self),
    ) {
        self.choose_as(Some(ValType::I32), then, other);
    }

    fn choose_as(
        &mut self,
        result: Option<ValType>,
        then: impl FnOnce(&mut Self),
        other: impl FnOnce(&mut Self),
    ) {
        let consequent = self.nested(result, |b, _| then(b));
        let alternative = self.nested(result, |b, _| other(b));
        self.seq().instr(IfElse {
            consequent,
            alternative,
        });
    }

    fn nested(
        &mut self,
        result: Option<ValType>,
        f: impl FnOnce(&mut Self, InstrSeqId),
    ) -> InstrSeqId {
        let id = self
            .builder
            .dangling_instr_seq(InstrSeqType::Simple(result))
            .id();
        self.seqs.push(id);
        let n_known = self.known.len();
        f(self, id);
        // What follows is also reached without what was done in here.
        self.known.truncate(n_known);
        self.seqs.pop();
        id
    }

    /// A mask of kinds.
    pub(super) fn mask(&mut self, ty: &BaseType) {
        let mask = self.note_type(ty);
        self.word(mask);
    }

    /// The mask of a type that the program uses.
    pub(super) fn note_type(&mut self, ty: &BaseType) -> u32 {
        self.shared.has_quantities |= *ty == BaseType::Quantity;
        self.shared.has_mixed |= matches!(
            ty,
            BaseType::Quantity | BaseType::Float | BaseType::IntOrString
        );
        mask(ty)
    }

    /// The local that holds a read made before.
    pub(super) fn known(&self, read: &str) -> Option<LocalId> {
        let (_, local) = self.known.iter().find(|(known, _)| known == read)?;
        Some(*local)
    }

    /// Keeps the value on the stack for when the same is read again.
    pub(super) fn remember(&mut self, read: String) {
        let local = self.temp();
        self.tee(local);
        self.known.push((read, local));
    }

    /// Forgets what was read of a name that goes out of scope.
    pub(super) fn forget(&mut self, name: Name) {
        self.known.retain(|(read, _)| !is_read_of(read, name));
    }

    /// The generator that binds a name.
    pub(super) fn generator(&self, name: Name) -> Option<&'m Generator> {
        *self.subject.generators.get(name.0 as usize)?
    }

    /// Leaves the value of a parameter.
    pub(super) fn param(&mut self, param: ParamId) {
        let address = self.shared.params.get(param.0 as usize).copied();
        self.int(0);
        self.load(address.unwrap_or(0));
    }

    /// What a name is here.
    pub(super) fn slot(&self, name: Name) -> Slot {
        self.slots
            .get(name.0 as usize)
            .cloned()
            .unwrap_or(Slot::Unbound)
    }

    /// Binds a name.
    pub(super) fn bind(&mut self, name: Name, slot: Slot) {
        if let Some(place) = self.slots.get_mut(name.0 as usize) {
            *place = slot;
        }
    }

    /// The expression of a `let`.
    pub(super) fn definition(&self, name: Name) -> Option<&'m Expr> {
        definition(self.policy, name)
    }

    /// Adds a mark to the mask that was just written.
    pub(super) fn mark(&mut self, mark: u32) {
        if let Some((Instr::Const(constant), _)) = self.seq().instrs_mut().last_mut()
            && let Value::I32(mask) = &mut constant.value
        {
            *mask |= mark.cast_signed();
        }
    }

    /// The address of the cursor of a loop in so many others.
    pub(super) fn cursor(&self, depth: usize) -> u32 {
        self.shared.cursors + CURSOR_SIZE * count(depth)
    }

    /// Loads a word of a cursor.
    pub(super) fn load_cursor(&mut self, cursor: u32, offset: u32) {
        self.int(0);
        self.load(cursor + offset);
    }

    pub(super) fn is_zero64(&mut self) {
        self.seq().unop(UnaryOp::I64Eqz);
    }

    /// Ends the function where there are no steps left.
    pub(super) fn stop(&mut self) {
        if self.has_result {
            self.word(layout::FIRST_ADDRESS);
        }
        self.ret();
    }

    /// Ends the function if the one just called, whose result is on the stack, has ended for want of steps: it gave what
    /// is no value and no condition.
    pub(super) fn stop_if_stopped(&mut self) {
        let result = self.temp();
        self.tee(result);
        self.word(layout::FIRST_ADDRESS);
        self.op(BinaryOp::I32Eq);
        self.when(Self::stop);
        self.get(result);
        self.release(result);
        self.loops = true;
    }

    /// Ends the function if a function called before ran out of steps.
    pub(super) fn stop_without_steps(&mut self) {
        self.loops = true;
        self.call("is_out_of_steps");
        self.when(Self::stop);
    }

    /// Whether the value in `local` is a code: absent or unknown.
    pub(super) fn is_code(&mut self, local: LocalId) {
        self.get(local);
        self.word(layout::FIRST_ADDRESS);
        self.op(BinaryOp::I32LtU);
    }

    /// Whether the value in `local` is unknown.
    pub(super) fn is_unknown(&mut self, local: LocalId) {
        self.get(local);
        self.int(2);
        self.op(BinaryOp::I32Sub);
        self.word(layout::FIRST_ADDRESS - 2);
        self.op(BinaryOp::I32LtU);
    }
}

/// Whether a function of the runtime makes traces with related places.
fn relates(name: &str) -> bool {
    const PLAIN: [&str; 7] = [
        "trace_at",
        "trace_node",
        "trace_nowhere",
        "trace_path_on",
        "trace_value",
        "witness_none",
        "witness_one",
    ];
    (name.starts_with("trace_") || name.starts_with("witness_")) && !PLAIN.contains(&name)
}

/// The expression of a `let` of a policy.
pub(super) fn definition(policy: &Policy, name: Name) -> Option<&Expr> {
    use palisade_lang::program::Binding;
    match &policy.locals.get(name.0 as usize)?.binding {
        Binding::Let(expr) => Some(expr),
        Binding::Object | Binding::Part | Binding::Element | Binding::Key | Binding::Index => None,
    }
}
