//! A text that is read by somebody and shown window by window as it is read. Must not know formats.

use super::{
    super::{Piece, pieces::Windows},
    job::Job,
};
use std::io::{self, Read};

/// Reads to the end of what it reads and never fails: what failed is kept.
pub(super) struct Tee<'a> {
    source: &'a mut dyn Read,
    /// None where it was shown before.
    windows: Option<Windows>,
    show: &'a mut dyn FnMut(&Piece<'_>) -> bool,
    job: &'a Job<'a>,
    is_holder: bool,
    over: bool,
    failure: Option<io::Error>,
}

impl<'a> Tee<'a> {
    /// Of the container itself.
    pub(super) fn of_holder(
        source: &'a mut dyn Read,
        windows: Option<Windows>,
        show: &'a mut dyn FnMut(&Piece<'_>) -> bool,
        job: &'a Job<'a>,
    ) -> Self {
        Self { is_holder: true, ..Self::of_entry(source, windows, show, job) }
    }

    /// Of something that is packed in it.
    pub(super) fn of_entry(
        source: &'a mut dyn Read,
        windows: Option<Windows>,
        show: &'a mut dyn FnMut(&Piece<'_>) -> bool,
        job: &'a Job<'a>,
    ) -> Self {
        Self { source, windows, show, job, is_holder: false, over: false, failure: None }
    }

    /// Reads what is left, which is shown even if nothing more is unpacked where it is the container itself. Returns
    /// how much was read.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        let mut rest = [0; 8 << 10];
        while self.windows.is_some() && (self.is_holder || !self.job.is_over()) {
            match self.read(&mut rest) {
                Ok(0) => break,
                Err(error) if error.kind() != io::ErrorKind::Interrupted => break,
                _ => {}
            }
        }
        let read = self.windows.as_ref().map_or(0, Windows::len);
        if let Some(windows) = self.windows {
            self.job.put_back(windows.end(self.show));
        }
        self.failure.map_or(Ok(read), Err)
    }
}

impl Read for Tee<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.over || self.job.stop.is_raised() {
            return Ok(0);
        }
        match self.source.read(out) {
            Ok(read) => {
                self.over = read == 0 && !out.is_empty();
                if self.is_holder {
                    self.job.read.set(self.job.read.get() + read as u64);
                }
                if self.windows.as_mut().is_some_and(|windows| !windows.push(&out[..read], self.show)) {
                    self.over = true;
                    self.job.halt();
                }
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.over = true;
                self.job.broken.set(true);
                self.failure = Some(error);
                Ok(0)
            }
        }
    }
}
