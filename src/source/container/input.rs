//! Bytes that come one after another, with a look ahead and a count. Must not know what they are.

use std::{
    cell::Cell,
    io::{self, BufRead, Read},
};

/// How much is read at once, in bytes, and looked ahead at most.
const SIZE: usize = 32 << 10;

/// A reader with a buffer.
pub(super) struct Input<'a> {
    source: &'a mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    /// How many bytes were taken from it.
    taken: &'a Cell<u64>,
}

impl<'a> Input<'a> {
    pub(super) fn new(source: &'a mut dyn Read, taken: &'a Cell<u64>) -> Self {
        Self { source, buffer: Vec::new(), at: 0, taken }
    }

    /// The count of the bytes that were taken.
    pub(super) const fn taken(&self) -> &'a Cell<u64> {
        self.taken
    }

    /// The next bytes: `len` of them or more, fewer at the end alone.
    pub(super) fn peek(&mut self, len: usize) -> io::Result<&[u8]> {
        if self.buffer.len() - self.at < len {
            self.buffer.drain(..self.at);
            self.at = 0;
            let room = SIZE.max(len) - self.buffer.len();
            // A source that has little to give at a time is asked for no more than is needed.
            while self.buffer.len() < len {
                let before = self.buffer.len();
                self.buffer.resize(before + room.min(SIZE.max(len) - before), 0);
                let read = self.source.read(&mut self.buffer[before..]);
                self.buffer.truncate(before + *read.as_ref().unwrap_or(&0));
                match read {
                    Ok(0) => break,
                    Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(&self.buffer[self.at..])
    }

    /// The next bytes, exactly `len`, taken; none if there are fewer.
    pub(super) fn take_bytes(&mut self, len: usize) -> io::Result<Option<Vec<u8>>> {
        let found = self.peek(len)?.get(..len).map(<[u8]>::to_vec);
        if found.is_some() {
            self.consume(len);
        }
        Ok(found)
    }

    /// Passes by `len` bytes; says whether there were as many.
    pub(super) fn skip(&mut self, len: u64) -> io::Result<bool> {
        let skipped = io::copy(&mut self.by_ref().take(len), &mut io::sink())?;
        Ok(skipped == len)
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let found = self.fill_buf()?;
        let len = found.len().min(out.len());
        out[..len].copy_from_slice(&found[..len]);
        self.consume(len);
        Ok(len)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, len: usize) {
        let len = len.min(self.buffer.len() - self.at);
        self.at += len;
        self.taken.set(self.taken.get() + len as u64);
    }
}
