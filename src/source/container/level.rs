//! One container among those that are packed in one another: its entries are shown, and looked into in turn. Must not
//! know how any format is read.

use super::{
    super::{Piece, pieces::Windows},
    Format, HEAD, ar, executable,
    input::Input,
    job::{Job, WAY_OUT},
    pdf, png, recognise, rpm, seven_zip, streams, tar,
    tee::Tee,
    zip,
};
use crate::model::{Origin, ProblemKind, Text, visible};
use std::{
    cell::Cell,
    io::{self, Read},
};

/// How much of an entry is kept at once, in bytes.
const WINDOW: usize = 1 << 20;

pub(super) struct Level<'a> {
    job: &'a Job<'a>,
    /// The way to it from outside; empty for the outermost.
    path: Vec<u8>,
    depth: usize,
}

impl<'a> Level<'a> {
    /// The outermost container.
    pub(super) const fn top(job: &'a Job<'a>) -> Self {
        Self { job, path: Vec::new(), depth: 0 }
    }

    pub(super) fn is_over(&self) -> bool {
        self.job.is_over()
    }

    /// Unpacks the container that `tee` yields, if it is one.
    pub(super) fn read(&self, tee: &mut Tee<'_>) {
        let taken = Cell::new(0);
        let mut input = Input::new(tee, &taken);
        let format = input.peek(HEAD).ok().and_then(recognise);
        let Some(format) = format.filter(|_| !self.is_over()) else { return };
        if format != Format::Executable && self.is_too_deep() {
            return;
        }
        let read = match format {
            Format::Gzip => streams::read::<streams::Gzip<'_>>(input, self),
            Format::Bzip2 => streams::read::<streams::Bzip2<'_>>(input, self),
            Format::Xz => streams::read::<streams::Xz<'_>>(input, self),
            Format::Zstd => streams::read::<streams::Zstd<'_>>(input, self),
            Format::Zip => zip::read(&mut input, self),
            Format::Tar => tar::read(&mut input, self),
            Format::Png => png::read(&mut input, self),
            Format::Pdf => pdf::read(&mut input, self),
            Format::SevenZip => seven_zip::read(&mut input, self),
            Format::Ar => ar::read(&mut input, self),
            Format::Rpm => rpm::read(&mut input, self),
            Format::Lzma => streams::read_lzma(input, self),
            Format::Executable => executable::read(&mut input, self),
            Format::Unknown(name) => {
                Err(format!("it is packed as {name}, which is not unpacked here; unpack it and scan what comes of it"))
            }
        };
        if let Err(why) = read {
            self.problem(why);
        }
    }

    /// Whether it is packed in too many others to be unpacked, which is told.
    pub(super) fn is_too_deep(&self) -> bool {
        let limit = self.job.limits.depth;
        if self.depth > limit {
            let why = format!("containers in it are packed more than {limit} deep; {WAY_OUT}");
            self.job.problem(ProblemKind::Limit, self.shown(), why);
        }
        self.depth > limit
    }

    /// Shows an entry, its name and what is packed in it. No more of `content` is read than it has.
    pub(super) fn entry(&self, name: &[u8], content: &mut dyn Read) {
        if !self.job.count_entry() {
            return;
        }
        let inner = Level { job: self.job, path: self.below(name), depth: self.depth + 1 };
        inner.show_name(name);
        let origin = inner.origin(false);
        let sieve = self.job.sieve;
        let mut show = |piece: &Piece<'_>| {
            if sieve.any(piece.bytes) {
                sieve.take(&origin, piece);
            }
            !self.job.is_over()
        };
        let mut head = Vec::with_capacity(HEAD);
        // What fails here fails again.
        let _ = (&mut *content).take(HEAD as u64).read_to_end(&mut head);
        let is_container = recognise(&head).is_some();
        let mut whole = head.as_slice().chain(content);
        let windows = Windows::new(WINDOW, self.job.buffer());
        let mut tee = Tee::of_entry(&mut whole, Some(windows), &mut show, self.job);
        if is_container {
            inner.read(&mut tee);
        }
        let _ = tee.finish();
    }

    /// Shows an entry that a decoder yields, within what it may unpack to: `packed` counts what it takes. Returns how
    /// much it unpacked to.
    pub(super) fn unpacked(&self, name: &[u8], decoder: &mut dyn Read, packed: &Cell<u64>) -> u64 {
        let start = packed.get();
        let mut bounded = Bounded { decoder, level: self, name, packed, start, out: 0, over: false, broke: false };
        self.entry(name, &mut bounded);
        if bounded.broke {
            self.job.broken.set(false);
        }
        bounded.out
    }

    /// Says how an entry is better called.
    pub(super) fn rename(&self, name: &[u8], better: &[u8]) {
        let [from, to] = [name, better].map(|name| Text::from(self.below(name)));
        self.job.sieve.rename(self.job.holder, &from, &to);
    }

    /// Tells of something that keeps this container from being read as a whole.
    pub(super) fn problem(&self, why: String) {
        self.job.problem(ProblemKind::Unreadable, self.shown(), why);
    }

    /// Tells of an entry that cannot be unpacked.
    pub(super) fn unreadable(&self, name: &[u8], why: &str) {
        self.problem(format!("entry {}: {why}; its content was not looked at", visible(name)));
    }

    /// Tells of `count` entries that are encrypted, of which `name` is the first.
    pub(super) fn sealed(&self, name: &[u8], count: u64) {
        let (more, are, its) = match count - 1 {
            0 => (String::new(), "is", "its content was"),
            more => (format!(" and {more} more"), "are", "their content was"),
        };
        self.problem(format!("entry {}{more} {are} encrypted; {its} not looked at", visible(name)));
    }

    /// Whether `size` bytes of an archive may be held in memory, which is told if not.
    pub(super) fn hold(&self, size: u64) -> bool {
        let (held, limit) = (&self.job.held, self.job.limits.held);
        let sum = held.get().checked_add(size).filter(|&sum| sum <= limit);
        if sum.is_none() {
            let why =
                format!("it is an archive that must be held in memory, of more than {} MiB; {WAY_OUT}", limit >> 20);
            self.job.problem(ProblemKind::Limit, self.shown(), why);
        }
        sum.is_some_and(|sum| {
            held.set(sum);
            true
        })
    }

    /// Gives back what was held.
    pub(super) fn release(&self, size: u64) {
        self.job.held.set(self.job.held.get().saturating_sub(size));
    }

    /// The path of an entry.
    fn below(&self, name: &[u8]) -> Vec<u8> {
        match (self.path.is_empty(), name.is_empty()) {
            (true, _) => name.to_vec(),
            (_, true) => self.path.clone(),
            _ => [&self.path, &b"!"[..], name].concat(),
        }
    }

    fn origin(&self, is_name: bool) -> Origin {
        let holder = Box::new(self.job.holder.clone());
        Origin::Entry { holder, path: self.path.as_slice().into(), is_name }
    }

    /// What to call it.
    fn shown(&self) -> Text {
        match self.path.is_empty() {
            true => self.job.name.clone(),
            false => self.job.name.entered(&self.path.as_slice().into()),
        }
    }

    fn show_name(&self, name: &[u8]) {
        if self.job.sieve.any(name) {
            self.job.sieve.take(&self.origin(true), &Piece::whole(name));
        }
    }
}

/// What a decoder yields, as far as it may. Never fails: what is wrong is told, and is the end.
struct Bounded<'a> {
    decoder: &'a mut dyn Read,
    level: &'a Level<'a>,
    name: &'a [u8],
    packed: &'a Cell<u64>,
    start: u64,
    out: u64,
    over: bool,
    /// Whether it ended before its end.
    broke: bool,
}

impl Bounded<'_> {
    fn end(&mut self, kind: ProblemKind, why: &str) {
        let entry = if self.name.is_empty() { String::new() } else { format!("entry {}: ", visible(self.name)) };
        let job = self.level.job;
        job.problem(kind, self.level.shown(), format!("{entry}{why}"));
        self.over = true;
        self.broke = !job.broken.replace(true);
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let job = self.level.job;
        if self.over || job.is_over() || out.is_empty() {
            return Ok(0);
        }
        match self.decoder.read(out) {
            Ok(0) => {
                self.over = true;
                Ok(0)
            }
            Ok(read) => {
                self.out += read as u64;
                let packed = self.packed.get() - self.start;
                let limits = job.limits;
                if !job.count_bytes(read as u64) {
                    return Ok(0);
                }
                if self.out > limits.free && self.out / limits.ratio > packed {
                    let free = limits.free >> 20;
                    let why = format!(
                        "it unpacks to more than {free} MiB and {} times its packed size; {WAY_OUT}",
                        limits.ratio
                    );
                    self.end(ProblemKind::Limit, &why);
                }
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.end(ProblemKind::Unreadable, "it is cut short; it was looked at up to there");
                Ok(0)
            }
            Err(error) => {
                let why = format!("it is damaged ({error}); it was looked at up to there");
                self.end(ProblemKind::Unreadable, &why);
                Ok(0)
            }
        }
    }
}
