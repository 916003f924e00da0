//! The configurations of wasmtime, for build script, compilers and run time.

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::Config;

use super::LoadError;

/// What the clock counts in. A deadline is met up to one tick early.
const TICK: Duration = Duration::from_millis(100);

/// The machine that runs modules. Cheap to clone; all modules of a process from one origin share one.
#[derive(Debug, Clone)]
pub struct Engine {
    inner: wasmtime::Engine,
    watch: Watch,
    /// The same with the quick compiler, made when it is first asked for; nothing where that compiler does not exist.
    quick: Arc<OnceLock<Option<wasmtime::Engine>>>,
    /// Started with the first instance: who only compiles needs none.
    clock: Arc<OnceLock<Clock>>,
}

/// Whether evaluations end at a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watch {
    /// They do: native code looks at the clock in every function and loop, which takes a third of its time.
    Deadline,
    /// They end by themselves.
    None,
}

impl Engine {
    /// An engine for modules of any origin, whose evaluations end at a deadline.
    ///
    /// # Errors
    ///
    /// If this machine cannot run native code of the target that this program was built for.
    pub fn new() -> Result<Self, LoadError> {
        Self::with(Watch::Deadline)
    }

    /// An engine for modules that this program made of policies, and no others: they count their steps, so that every
    /// evaluation ends, and no time is lost on watching them.
    ///
    /// # Errors
    ///
    /// As for [`Engine::new`].
    pub fn trusting() -> Result<Self, LoadError> {
        Self::with(Watch::None)
    }

    /// An engine as of [`Engine::trusting`] for a host that judges documents for hours: what functions call becomes part
    /// of them, which takes a seventh of the time off a decision. Code is four times as large and takes longer to make and
    /// to load, so that it costs more than it gains where a process judges a folder and ends.
    ///
    /// # Errors
    ///
    /// As for [`Engine::new`].
    #[cfg(feature = "compiler")]
    pub fn lasting() -> Result<Self, LoadError> {
        let mut config = configure(Watch::None).map_err(LoadError::engine)?;
        config.compiler_inlining(wasmtime::Inlining::Yes);
        // Else every call of a policy asks whether it is the first one.
        config.table_lazy_init(false);
        Self::of(&config, Watch::None)
    }

    fn with(watch: Watch) -> Result<Self, LoadError> {
        Self::of(&configure(watch).map_err(LoadError::engine)?, watch)
    }

    fn of(config: &Config, watch: Watch) -> Result<Self, LoadError> {
        Ok(Self {
            inner: wasmtime::Engine::new(config).map_err(LoadError::engine)?,
            watch,
            quick: Arc::default(),
            clock: Arc::default(),
        })
    }

    /// A hash of all that decides whether native code of another process runs here: version and settings of the
    /// engine, the deadline included, features of the platform.
    #[must_use]
    pub fn compatibility(&self) -> [u8; 32] {
        let mut hasher = Digest(blake3::Hasher::new());
        self.inner.precompile_compatibility_hash().hash(&mut hasher);
        *hasher.0.finalize().as_bytes()
    }

    /// Ticks from now on, in a thread of its own, until the last module of this engine is gone, if it watches them.
    pub(super) fn start_clock(&self) -> Result<(), LoadError> {
        if self.watch == Watch::Deadline && self.clock.get().is_none() {
            let clock = Clock::start(&self.inner, &self.quick).map_err(|_| LoadError::Clock)?;
            // Of two threads that come here at once one starts a clock too many, which ends here.
            let _other = self.clock.set(clock);
        }
        Ok(())
    }

    pub(super) fn inner(&self) -> &wasmtime::Engine {
        &self.inner
    }

    /// The engine whose compiler takes a quarter of the time, for code that is a quarter slower.
    #[cfg(feature = "compiler")]
    pub(super) fn quick(&self) -> Option<&wasmtime::Engine> {
        let make = || wasmtime::Engine::new(&configure_quick(self.watch).ok()?).ok();
        self.quick.get_or_init(make).as_ref()
    }
}

/// The shortest deadline, as the first tick may come at once.
pub(super) const LEAST_TICKS: u64 = 2;

/// As many ticks as make up `time`, and no fewer than [`LEAST_TICKS`].
pub(super) fn ticks_of(time: Duration) -> u64 {
    let ticks = time.as_millis().div_ceil(TICK.as_millis());
    u64::try_from(ticks).unwrap_or(u64::MAX).max(LEAST_TICKS)
}

/// A thread that takes a tick off the deadline of everything that runs.
#[derive(Debug)]
struct Clock {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Clock {
    fn start(
        engine: &wasmtime::Engine,
        quick: &Arc<OnceLock<Option<wasmtime::Engine>>>,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (engine, quick) = (engine.clone(), Arc::clone(quick));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::park_timeout(TICK);
                engine.increment_epoch();
                if let Some(Some(quick)) = quick.get() {
                    quick.increment_epoch();
                }
            }
        })?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A clock that panicked has stopped as well.
            let _ = thread.join();
        }
    }
}

/// Hashes what is given in pieces; the same pieces give the same hash in every process.
struct Digest(blake3::Hasher);

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        hash.as_bytes()
            .first_chunk()
            .map_or(0, |&bytes| u64::from_le_bytes(bytes))
    }
}

fn configure(watch: Watch) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    // The plain processor of the platform, not the one of the machine that compiles: images run everywhere.
    config.target(env!("PALISADE_TARGET"))?;
    config.epoch_interruption(watch == Watch::Deadline);
    // Errors name a policy, not a place in native code.
    config.wasm_backtrace_max_frames(None);
    config.generate_address_map(false);
    config.native_unwind_info(false);
    #[cfg(feature = "compiler")]
    config.cranelift_opt_level(wasmtime::OptLevel::Speed);
    Ok(config)
}

/// The configuration of the compiler that makes one pass over each function (Winch). Only what leads into functions is
/// still made by the other one, which need not take pains over it.
#[cfg(feature = "compiler")]
fn configure_quick(watch: Watch) -> wasmtime::Result<Config> {
    let mut config = configure(watch)?;
    config.strategy(wasmtime::Strategy::Winch);
    config.cranelift_opt_level(wasmtime::OptLevel::None);
    config.cranelift_regalloc_algorithm(wasmtime::RegallocAlgorithm::SinglePass);
    Ok(config)
}
