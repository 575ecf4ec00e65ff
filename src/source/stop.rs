//! A flag that asks a running scan to end early. Must not know who raises it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Shared by whoever may end a scan and everyone who works on it.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Asks everyone to end soon.
    pub fn raise(&self) {
        self.0.store(true, Relaxed);
    }

    /// Whether to end now.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Relaxed)
    }
}
