//! All objects of a pack, each unpacked once: along the chains of deltas, from each base to what
//! builds on it.
//!
//! Must not know what is looked for. The point of it is what it does not do: of an object that builds
//! on another, only the insertions and the seams are searched, and one that nothing builds on is not
//! even put together unless there is something in it.

use super::{
    delta::Delta,
    pack::{Entry, EntryError, EntryKind, LARGEST, Pack, Table, inflate},
};
use crate::{
    model::{ObjectId, ObjectKind, Span},
    source::{
        Interest, REACH, Sieve, Stop, WINDOW,
        container::{HEAD, is_wanted},
    },
};
use libdeflater::Decompressor;
use rayon::prelude::*;
use std::sync::Mutex;

/// How many chains a thread takes at a time.
const BATCH: usize = 16;

/// What the walk of a pack tells besides what its sieve takes.
pub(super) trait Receiver: Sync {
    /// Counts an object of `bytes` bytes that was looked through.
    fn count(&self, kind: ObjectKind, bytes: u64);
    /// Whether an object was met in another pack already.
    fn is_known(&self, id: &ObjectId) -> bool;
    /// Takes an object in which the sieve is interested.
    fn object(&self, id: ObjectId, kind: ObjectKind, bytes: &[u8]);
    /// Takes a content in which something is packed, whether or not it was taken as an object.
    fn container(&self, id: ObjectId, bytes: &[u8]);
    /// Takes a large object as it is in the pack, compressed.
    fn large(&self, id: ObjectId, kind: ObjectKind, size: u64, data: &[u8]);
}

/// Walks the chains of `pack` of all kinds in which `sieve` is interested. Returns the objects that
/// could not be unpacked, and why.
pub(super) fn walk(
    pack: &Pack,
    table: &Table,
    sieve: &dyn Sieve,
    receiver: &dyn Receiver,
    stop: &Stop,
) -> Vec<(ObjectId, EntryError)> {
    let walk = Walk { pack, table, sieve, receiver, stop, broken: Mutex::default() };
    // Blobs are most of the work and come first; what is left over at the end is small.
    let kinds = [ObjectKind::Blob, ObjectKind::Tree, ObjectKind::Commit, ObjectKind::Tag];
    let wanted = kinds.into_iter().filter(|&kind| sieve.interest(kind) != Interest::Nothing);
    let roots: Vec<(ObjectKind, u32)> =
        wanted.flat_map(|kind| table.roots(kind).map(move |root| (kind, root))).collect();
    let batch = |thread: &mut Thread, roots: &[(ObjectKind, u32)]| {
        for &(kind, root) in roots.iter().take_while(|_| !stop.is_raised()) {
            walk.chain(thread, kind, root);
        }
    };
    roots.par_chunks(BATCH).with_max_len(1).for_each_init(Thread::new, batch);
    table.lost().iter().for_each(|&entry| walk.break_off(entry, &EntryError::Header));
    walk.broken.into_inner().unwrap_or_default()
}

struct Walk<'a> {
    pack: &'a Pack,
    table: &'a Table,
    sieve: &'a dyn Sieve,
    receiver: &'a dyn Receiver,
    stop: &'a Stop,
    broken: Mutex<Vec<(ObjectId, EntryError)>>,
}

/// What a thread keeps between objects, so that it is not allocated for each.
struct Thread {
    inflater: Decompressor,
    delta: Vec<u8>,
    condensed: Vec<u8>,
    /// How the object begins.
    head: Vec<u8>,
    spare: Vec<Vec<u8>>,
}

/// An object that others build on.
struct Node {
    bytes: Vec<u8>,
    /// Where the sieve stopped in it, in order.
    spans: Vec<Span>,
    /// The next entry that builds on it.
    next: Option<u32>,
}

impl Thread {
    fn new() -> Self {
        let [delta, condensed, head] = Default::default();
        Self { inflater: Decompressor::new(), delta, condensed, head, spare: Vec::new() }
    }

    /// Keeps a buffer for the next object, unless it is large.
    fn put_back(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() <= 1 << 20 {
            self.spare.push(buffer);
        }
    }
}

impl Walk<'_> {
    /// One whole object and everything that builds on it.
    fn chain(&self, thread: &mut Thread, kind: ObjectKind, root: u32) {
        let Some(entry) = self.pack.entry(self.table.offset(root)) else {
            return self.break_off(root, &EntryError::Header);
        };
        if entry.size > WINDOW as u64 && self.table.first_on(root).is_none() {
            return self.large(root, kind, &entry);
        }
        let mut bytes = thread.spare.pop().unwrap_or_default();
        if let Err(error) = inflate(&mut thread.inflater, &entry, &mut bytes) {
            return self.break_off(root, &error);
        }
        self.receiver.count(kind, bytes.len() as u64);
        let spans = self.sift(root, kind, &bytes);
        if self.is_container(kind, &bytes[..bytes.len().min(HEAD)]) {
            self.contained(root, &bytes);
        }
        let mut stack = vec![Node { bytes, spans, next: self.table.first_on(root) }];
        while let Some(mut base) = stack.pop() {
            let Some(entry) = base.next.filter(|_| !self.stop.is_raised()) else {
                thread.put_back(base.bytes);
                continue;
            };
            base.next = self.table.next_to(entry);
            let node = self.derive(thread, kind, entry, &base).unwrap_or_else(|error| {
                self.break_off(entry, &error);
                None
            });
            // A base is let go before the last chain on it is followed: memory stays at two objects
            // for a chain of any length.
            if base.next.is_some() {
                stack.push(base);
            } else {
                thread.put_back(base.bytes);
            }
            stack.extend(node);
        }
    }

    /// The object at `entry`, which builds on `base`; to go on with if others build on it in turn.
    fn derive(
        &self,
        thread: &mut Thread,
        kind: ObjectKind,
        entry: u32,
        base: &Node,
    ) -> Result<Option<Node>, EntryError> {
        self.inflate_delta(thread, entry)?;
        let delta = Delta::new(&thread.delta, base.bytes.len())?;
        if delta.size > LARGEST {
            return Err(EntryError::Size(delta.size));
        }
        let next = self.table.first_on(entry);
        let mut bytes = thread.spare.pop().unwrap_or_default();
        bytes.clear();
        thread.condensed.clear();
        thread.head.clear();
        let mut inherits = false;
        delta.walk(|step| {
            step.condense::<{ REACH - 1 }>(&base.bytes, &mut thread.condensed);
            inherits = inherits || step.copies_any(&base.spans);
            step.begin::<HEAD>(&base.bytes, &mut thread.head);
            if next.is_some() {
                step.apply(&base.bytes, &mut bytes);
            }
        })?;
        self.receiver.count(kind, delta.size);
        let all = self.sieve.interest(kind) == Interest::Everything;
        let wanted = all || inherits || self.sieve.any(&thread.condensed);
        // Of what is packed anything may be new, whatever little of it the delta has.
        let is_container = self.is_container(kind, &thread.head);
        if (wanted || is_container) && next.is_none() {
            delta.apply(&base.bytes, &mut bytes)?;
        }
        let spans = if wanted { self.sift(entry, kind, &bytes) } else { Vec::new() };
        if is_container {
            self.contained(entry, &bytes);
        }
        if next.is_none() {
            thread.put_back(bytes);
            return Ok(None);
        }
        Ok(Some(Node { bytes, spans, next }))
    }

    fn inflate_delta(&self, thread: &mut Thread, entry: u32) -> Result<(), EntryError> {
        let entry = self.pack.entry(self.table.offset(entry)).ok_or(EntryError::Header)?;
        if matches!(entry.kind, EntryKind::Whole(_)) {
            return Err(EntryError::Header);
        }
        inflate(&mut thread.inflater, &entry, &mut thread.delta)
    }

    /// Looks through an object, and hands it over if there is something in it.
    fn sift(&self, entry: u32, kind: ObjectKind, bytes: &[u8]) -> Vec<Span> {
        let all = self.sieve.interest(kind) == Interest::Everything;
        let mut spans = Vec::new();
        if !all {
            self.sieve.spans(bytes, &mut spans);
            spans.sort_unstable();
        }
        if (all || !spans.is_empty())
            && let Some(id) = self.pack.id_of(self.table, entry)
            && !self.receiver.is_known(&id)
        {
            self.receiver.object(id, kind, bytes);
        }
        spans
    }

    fn is_container(&self, kind: ObjectKind, head: &[u8]) -> bool {
        kind == ObjectKind::Blob && is_wanted(self.sieve, head)
    }

    fn contained(&self, entry: u32, bytes: &[u8]) {
        if let Some(id) = self.pack.id_of(self.table, entry).filter(|id| !self.receiver.is_known(id)) {
            self.receiver.container(id, bytes);
        }
    }

    fn large(&self, entry: u32, kind: ObjectKind, header: &Entry<'_>) {
        self.receiver.count(kind, header.size);
        if let Some(id) = self.pack.id_of(self.table, entry).filter(|id| !self.receiver.is_known(id)) {
            self.receiver.large(id, kind, header.size, header.data);
        }
    }

    /// Notes that `entry` cannot be unpacked, and so nothing that builds on it.
    fn break_off(&self, entry: u32, error: &EntryError) {
        let mut lost = vec![(entry, error.clone())];
        while let Some((entry, error)) = lost.pop() {
            if let Some(id) = self.pack.id_of(self.table, entry)
                && let Ok(mut broken) = self.broken.lock()
            {
                broken.push((id, error));
            }
            let mut child = self.table.first_on(entry);
            while let Some(entry) = child {
                lost.push((entry, EntryError::Base));
                child = self.table.next_to(entry);
            }
        }
    }
}
