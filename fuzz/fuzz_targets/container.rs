//! Any bytes, perhaps packed: what is in them is shown within bounds or told of. Must not know formats but by their
//! packers.
#![no_main]

use flate2::{Compression, write::GzEncoder};
use keylint::{
    model::{ObjectKind, Origin, Problem, Span},
    source::{Interest, Limits, Piece, Sieve, Stop, Tally, read_bytes},
};
use keylint_fuzz::{check_harmless, choice};
use libfuzzer_sys::fuzz_target;
use std::{
    cell::Cell,
    io::Write,
    sync::{
        LazyLock, Once,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Small, so that all are reached.
static LIMITS: LazyLock<Limits> =
    LazyLock::new(|| Limits { depth: 4, entries: 200, bytes: 1 << 20, times: 8, ratio: 200, free: 1 << 18, held: 1 << 20 });
/// What decoders may yield beyond a bound before that is seen, in bytes.
const AT_ONCE: u64 = 1 << 16;
/// Problems told of one container, at most.
const TOLD: u64 = 24;

/// Counts what is shown and told.
#[derive(Default)]
struct Counts {
    bytes: AtomicU64,
    entries: AtomicU64,
    problems: AtomicU64,
}

impl Sieve for Counts {
    fn interest(&self, _: ObjectKind) -> Interest {
        Interest::Everything
    }

    fn any(&self, _: &[u8]) -> bool {
        true
    }

    fn spans(&self, _: &[u8], _: &mut Vec<Span>) {}

    fn take(&self, origin: &Origin, piece: &Piece<'_>) {
        assert!(piece.bytes.get(piece.own.clone()).is_some(), "a piece owns what it does not have");
        if let Origin::Entry { is_name: false, .. } = origin {
            self.bytes.fetch_add(piece.own.len() as u64, Relaxed);
            self.entries.fetch_add(u64::from(piece.offset == 0), Relaxed);
        }
    }

    fn limits(&self) -> Option<&Limits> {
        Some(&LIMITS)
    }

    fn problem(&self, problem: Problem) {
        check_harmless(&problem.to_string());
        self.problems.fetch_add(1, Relaxed);
    }
}

thread_local! {
    /// Whether a panic is one of a decoder that others wrote, which costs the container and is told of.
    static IS_OTHERS: Cell<bool> = const { Cell::new(false) };
}

/// Lets panics of decoders be, and ends at ours.
fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let abort = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let is_others = panic.location().is_some_and(|at| {
                ["ruzstd", "lzma-rust2", "bzip2", "flate2", "zlib-rs"].iter().any(|name| at.file().contains(name))
            });
            if !is_others {
                abort(panic);
            }
            IS_OTHERS.set(true);
        }));
    });
}

fuzz_target!(|input: &[u8]| {
    let Some((packing, bytes)) = choice(input, 3) else { return };
    watch_panics();
    let bytes = match packing {
        0 => bytes.to_vec(),
        1 => gzip(bytes),
        _ => gzip(&gzip(bytes)),
    };
    let counts = Counts::default();
    let origin = Origin::File { repository: None, path: "box".into() };
    read_bytes(&bytes, &origin, &counts, (&Tally::default(), &Stop::default()));
    let (len, limits) = (bytes.len() as u64, &*LIMITS);
    // Each layer shows again what is stored in it as it is, and a page what it says as text.
    let unpacked = limits.bytes + limits.times * len + AT_ONCE;
    let most = 2 * (limits.depth as u64 + 2) * (len + unpacked);
    let shown = counts.bytes.into_inner();
    assert!(shown <= most, "{shown} bytes are shown of {len}");
    assert!(counts.entries.into_inner() <= limits.entries, "there are more entries than there may be");
    assert!(counts.problems.into_inner() <= TOLD, "too much is told");
});

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory does not fail");
    encoder.finish().expect("memory does not fail")
}
