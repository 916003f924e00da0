//! The one configuration of wasmtime, for build script, compiler and run time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::Config;

use super::LoadError;

/// The machine that runs modules. Cheap to clone; all modules of a process share one.
#[derive(Debug, Clone)]
pub struct Engine {
    inner: wasmtime::Engine,
}

impl Engine {
    /// An engine.
    ///
    /// # Errors
    ///
    /// If this machine cannot run native code of the target that this program was built for.
    pub fn new() -> Result<Self, LoadError> {
        let config = configure().map_err(LoadError::engine)?;
        let inner = wasmtime::Engine::new(&config).map_err(LoadError::engine)?;
        Ok(Self { inner })
    }

    /// Takes one tick off the deadline of every evaluation that is running.
    pub fn tick(&self) {
        self.inner.increment_epoch();
    }

    /// Ticks in a thread of its own until the clock is dropped.
    #[must_use]
    pub fn start_clock(&self, tick: Duration) -> Clock {
        let stop = Arc::new(AtomicBool::new(false));
        let (engine, stopped) = (self.clone(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::park_timeout(tick);
                engine.tick();
            }
        });
        Clock {
            stop,
            thread: Some(thread),
        }
    }

    pub(super) fn inner(&self) -> &wasmtime::Engine {
        &self.inner
    }
}

/// A thread that ticks; see [`Engine::start_clock`].
#[derive(Debug)]
pub struct Clock {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
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

fn configure() -> wasmtime::Result<Config> {
    let mut config = Config::new();
    // The plain processor of the platform, not the one of the machine that compiles: images run everywhere.
    config.target(env!("PALISADE_TARGET"))?;
    // Always compiled in, so that one image serves hosts with a deadline and without.
    config.epoch_interruption(true);
    // Errors name a policy, not a place in native code.
    config.wasm_backtrace_max_frames(None);
    config.generate_address_map(false);
    config.native_unwind_info(false);
    #[cfg(feature = "compiler")]
    config.cranelift_opt_level(wasmtime::OptLevel::Speed);
    Ok(config)
}
