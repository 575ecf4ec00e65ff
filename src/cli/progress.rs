//! A line on the terminal that says how far a scan is. Must not know how it is done.

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use keylint::source::Tally;
use std::{
    io::IsTerminal,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How often the line is drawn anew.
const EVERY: Duration = Duration::from_millis(100);

/// A progress line that is drawn until it is dropped.
pub(super) struct Progress {
    done: Arc<AtomicBool>,
    drawer: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows the counts of `tally`, if standard error is a terminal.
    pub(super) fn show(tally: &Arc<Tally>, wanted: bool) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let draws = wanted && std::io::stderr().is_terminal();
        let drawer = draws.then(|| {
            let (tally, done) = (Arc::clone(tally), Arc::clone(&done));
            thread::spawn(move || draw(&tally, &done))
        });
        Self { done, drawer }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Relaxed);
        if let Some(drawer) = self.drawer.take() {
            drawer.thread().unpark();
            let _ = drawer.join();
        }
    }
}

fn draw(tally: &Tally, done: &AtomicBool) {
    // A scan that is over at once shows nothing.
    thread::park_timeout(EVERY);
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {msg}") {
        bar.set_style(style);
    }
    while !done.load(Relaxed) {
        let read = tally.so_far();
        bar.set_length(tally.expected().max(read.objects));
        bar.set_position(read.objects);
        bar.set_message(format!(
            "{} files, {} objects, {}",
            HumanCount(read.files),
            HumanCount(read.objects),
            HumanBytes(read.bytes())
        ));
        thread::park_timeout(EVERY);
    }
    bar.finish_and_clear();
}
