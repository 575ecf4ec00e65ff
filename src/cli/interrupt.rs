//! Ctrl-C: the first ends the scan and lets what was found be told, the second ends the process.
//! Must not know what a scan is.

use keylint::source::Stop;
use std::{sync::Arc, thread, time::Duration};

/// What a shell expects of a process that an interrupt ended.
const INTERRUPTED: i32 = 130;
/// How long a scan may take to end: one that waits for standard input never will.
const GRACE: Duration = Duration::from_secs(3);

/// Raises `stop` at the first interrupt.
pub(super) fn raise_on_interrupt(stop: &Arc<Stop>) {
    let stop = Arc::clone(stop);
    // Where no handler can be set, an interrupt ends the process at once, as it does everywhere.
    let _ = ctrlc::set_handler(move || {
        if stop.is_raised() {
            leave();
        }
        stop.raise();
        thread::spawn(|| {
            thread::sleep(GRACE);
            leave();
        });
    });
}

#[expect(clippy::exit, reason = "the user insists, and threads may be busy or waiting")]
fn leave() {
    std::process::exit(INTERRUPTED);
}
