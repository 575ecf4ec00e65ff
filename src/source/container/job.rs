//! One container from outside, with all that is packed in it: what bounds hold for all of that together, and what was
//! told of it. Must not know formats.

use super::{Limits, Sieve, Stop};
use crate::model::{Origin, Problem, ProblemKind, Text};
use std::cell::{Cell, RefCell};

/// No more problems than this are told of one container: each takes a line, and an archive can have any number of
/// broken ones in it.
const TOLD: u32 = 20;

/// What to do about a limit.
pub(super) const WAY_OUT: &str = "what is beyond was not looked at; unpack it and scan what comes of it";

pub(super) struct Job<'a> {
    pub(super) holder: &'a Origin,
    /// What to call the container.
    pub(super) name: Text,
    pub(super) sieve: &'a dyn Sieve,
    pub(super) stop: &'a Stop,
    pub(super) limits: &'a Limits,
    /// How many bytes of the container were read.
    pub(super) read: Cell<u64>,
    unpacked: Cell<u64>,
    entries: Cell<u64>,
    /// How many bytes of archives are held in memory.
    pub(super) held: Cell<u64>,
    told: Cell<u32>,
    /// Whether nothing more is unpacked.
    halted: Cell<bool>,
    /// Whether what is being read ends early, which was told already.
    pub(super) broken: Cell<bool>,
    /// Buffers for further entries.
    spare: RefCell<Vec<Vec<u8>>>,
}

impl<'a> Job<'a> {
    pub(super) fn new(holder: &'a Origin, (sieve, stop): (&'a dyn Sieve, &'a Stop), limits: &'a Limits) -> Self {
        Self {
            holder,
            name: holder.name(),
            sieve,
            stop,
            limits,
            read: Cell::new(0),
            unpacked: Cell::new(0),
            entries: Cell::new(0),
            held: Cell::new(0),
            told: Cell::new(0),
            halted: Cell::new(false),
            broken: Cell::new(false),
            spare: RefCell::default(),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.halted.get() || self.stop.is_raised()
    }

    pub(super) fn halt(&self) {
        self.halted.set(true);
    }

    /// Counts an entry; says whether it may be read.
    pub(super) fn count_entry(&self) -> bool {
        self.entries.set(self.entries.get() + 1);
        if self.entries.get() > self.limits.entries && !self.is_over() {
            let why = format!("it has more than {} entries; {WAY_OUT}", self.limits.entries);
            self.problem(ProblemKind::Limit, self.name.clone(), why);
            self.halt();
        }
        !self.is_over()
    }

    /// Counts `bytes` more that were unpacked; says whether they may be shown.
    pub(super) fn count_bytes(&self, bytes: u64) -> bool {
        self.unpacked.set(self.unpacked.get() + bytes);
        let limits = self.limits;
        let most = limits.bytes.saturating_add(self.read.get().saturating_mul(limits.times));
        if self.unpacked.get() > most && !self.is_over() {
            let why = format!(
                "it unpacks to more than {} MiB and {} times its size; {WAY_OUT}",
                limits.bytes >> 20,
                limits.times
            );
            self.problem(ProblemKind::Limit, self.name.clone(), why);
            self.halt();
        }
        !self.is_over()
    }

    /// Tells of a problem, unless it is a consequence of one that was told, or one of very many.
    pub(super) fn problem(&self, kind: ProblemKind, what: Text, why: String) {
        if self.is_over() || self.broken.get() {
            return;
        }
        self.told.set(self.told.get() + 1);
        if self.told.get() <= TOLD {
            self.tell(Problem::new(kind, what, why));
        } else if self.told.get() == TOLD + 1 {
            let why = "more in it could not be read, and is not listed";
            self.tell(Problem::new(kind, self.name.clone(), why));
        }
    }

    fn tell(&self, problem: Problem) {
        let content = match *self.holder {
            Origin::Object { repository, id, .. } => Some((repository, id)),
            _ => None,
        };
        self.sieve.problem(Problem { content, ..problem });
    }

    pub(super) fn buffer(&self) -> Vec<u8> {
        self.spare.borrow_mut().pop().unwrap_or_default()
    }

    pub(super) fn put_back(&self, buffer: Vec<u8>) {
        self.spare.borrow_mut().push(buffer);
    }
}
