//! A key planted anywhere is found where it is: at any offset of any buffer, in any writing, in any nesting of containers
//! within bounds. Must not know how.

use crate::{
    encoded::{PIECES, WRITINGS, Writing},
    fixture::key,
    packed::{STORED, STREAMED, Zipped, bzip2, gzip, pdf, png, tar, xz, zip, zip_of, zlib, zstd},
};
use keylint::{
    matcher::Matcher,
    model::{ObjectKind, Origin, Problem, Span},
    rule::Catalog,
    source::{Interest, Limits, Piece, Sieve, Stop, Tally, read_bytes},
};
use proptest::prelude::*;
use std::sync::{LazyLock, Mutex};

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| Matcher::new(&Catalog::builtin()).expect("they can be matched"));

/// What the engine makes of what is shown, without the rest of it: where each secret is, and in what.
#[derive(Default)]
struct Seen {
    limits: Limits,
    keys: Mutex<Vec<(String, Span, Vec<u8>)>>,
    problems: Mutex<Vec<String>>,
}

impl Sieve for Seen {
    fn interest(&self, _: ObjectKind) -> Interest {
        Interest::Sifted
    }

    fn any(&self, text: &[u8]) -> bool {
        MATCHER.any(text)
    }

    fn spans(&self, text: &[u8], out: &mut Vec<Span>) {
        MATCHER.spans(text, |span| out.push(span));
    }

    fn take(&self, origin: &Origin, piece: &Piece<'_>) {
        let path = match origin {
            Origin::Entry { path, is_name: false, .. } => format!("!{path}"),
            _ => String::new(),
        };
        let own = MATCHER.hits(piece.bytes).into_iter().filter(|hit| piece.own.contains(&hit.span.start));
        let keys = own.map(|hit| (path.clone(), hit.span.shifted(piece.offset as usize), hit.secret.expose().to_vec()));
        self.keys.lock().expect("no panic").extend(keys);
    }

    fn limits(&self) -> Option<&Limits> {
        Some(&self.limits)
    }

    fn problem(&self, problem: Problem) {
        self.problems.lock().expect("no panic").push(problem.to_string());
    }
}

/// A way to pack a text, and what the text is called in it.
type Packing = (fn(&[u8]) -> Vec<u8>, &'static str);

const PACKINGS: [Packing; 12] = [
    (gzip, ""),
    (bzip2, ""),
    (xz, ""),
    (zstd, ""),
    (|text| tar(&[("before", b"nothing"), ("a/b.txt", text), ("after", b"nothing")]), "a/b.txt"),
    (|text| gzip(&tar(&[("app/.env", text)])), "app/.env"),
    (|text| zip_of(&[("before", b"nothing"), ("c", text)]), "c"),
    (|text| zip(&[Zipped { method: STORED, ..Zipped::new(b"d", text) }, Zipped::new(b"after", b"nothing")]), "d"),
    (|text| zip(&[Zipped { flags: STREAMED, ..Zipped::new(b"e", text) }]), "e"),
    (|text| zip(&[Zipped { method: 95, ..Zipped::new(b"f", text) }]), "f"),
    (|text| png(&[(b"tEXt", b"author\0nobody".to_vec()), (b"zTXt", [b"g\0\0", &zlib(text)[..]].concat())]), "g"),
    (|text| pdf(text, ""), "object 4 0"),
];

/// How deep what is packed in `nesting` is: some are two containers.
fn depth(nesting: &[usize]) -> usize {
    nesting.iter().map(|nth| 1 + usize::from(*nth == 5)).sum()
}

/// Puts `text` into the containers of `nesting`, the innermost first.
fn pack(text: Vec<u8>, nesting: &[usize]) -> (Vec<u8>, String) {
    nesting.iter().fold((text, String::new()), |(bytes, inside), nth| {
        let (pack, name) = PACKINGS[*nth];
        let inside = match (name.is_empty(), inside.is_empty()) {
            (true, _) => inside,
            (_, true) => name.to_owned(),
            _ => format!("{name}!{inside}"),
        };
        (pack(&bytes), inside)
    })
}

fn read(bytes: &[u8]) -> Seen {
    let seen = Seen::default();
    let origin = Origin::File { repository: None, path: "box".into() };
    read_bytes(bytes, &origin, &seen, (&Tally::default(), &Stop::default()));
    seen
}

/// What stands before or after a writing: anything, a line end next to it.
fn around() -> impl Strategy<Value = Vec<u8>> {
    let anything = prop::collection::vec(any::<u8>(), 0..300);
    let long = (any::<u8>(), 0..200_000_usize).prop_map(|(byte, len)| vec![byte | 1; len]);
    let words = prop::collection::vec("[ -~]{0,40}\n", 0..20).prop_map(|lines| lines.concat().into_bytes());
    prop_oneof![3 => anything, 1 => long, 3 => words]
}

/// The text, and where in it the writing is. Characters of several bytes are at multiples of their size.
fn planted(writing: &Writing, key: &str, before: &[u8], after: &[u8]) -> (Vec<u8>, Span) {
    let written = (writing.write)(key);
    let mut text = before.to_vec();
    text.resize((text.len() + 1).next_multiple_of(4) - 1, b'.');
    text.push(b'\n');
    let span = Span::new(text.len(), text.len() + written.len());
    (text.into_iter().chain(written).chain(*b"\n.").chain(after.iter().copied()).collect(), span)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn a_key_is_found_in_any_writing_anywhere_in_any_nesting(
        seed in any::<u64>(), nth in 0..WRITINGS.len(), nesting in prop::collection::vec(0..PACKINGS.len(), 0..6),
        before in around(), after in around(),
    ) {
        prop_assume!(depth(&nesting) <= Limits::default().depth);
        let key = key(seed);
        prop_assume!(MATCHER.hits(key.as_bytes()).len() == 1);
        let writing = &WRITINGS[nth];
        let (text, place) = planted(writing, &key, &before, &after);
        let (bytes, inside) = pack(text, &nesting);
        let seen = read(&bytes);
        let (keys, problems) = (seen.keys.into_inner().expect("no panic"), seen.problems.into_inner().expect("no panic"));
        let path = if nesting.is_empty() { String::new() } else { format!("!{inside}") };
        let found = keys.iter().any(|(found, span, secret)| {
            let is_there = if writing.exact { *span == place } else { place.start <= span.start && span.end <= place.end };
            *found == path && is_there && secret == key.as_bytes()
        });
        prop_assert!(found, "{:?} at {place:?} in {nesting:?} {path}: {keys:?} {problems:?}", writing.via);
        prop_assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn the_prefilter_loses_nothing_that_is_encoded(
        parts in prop::collection::vec((0..WRITINGS.len() + PIECES.len(), any::<u64>(), prop::collection::vec(any::<u8>(), 0..40)), 1..4),
    ) {
        let mut text = Vec::new();
        for (nth, seed, noise) in parts {
            let writing = WRITINGS.iter().chain(PIECES).nth(nth).expect("there are as many");
            text.extend((writing.write)(&key(seed)));
            text.extend(noise);
        }
        let hits = MATCHER.hits(&text);
        prop_assert_eq!(&hits, &MATCHER.hits_without_prefilter(&text));
        // Whoever asks only where candidates are sees one in each hit's neighbourhood, and none without any.
        let mut candidates = 0;
        MATCHER.spans(&text, |_| candidates += 1);
        prop_assert_eq!(MATCHER.any(&text), candidates > 0);
        prop_assert!(hits.is_empty() || candidates > 0);
    }

    /// What is shown of a container, and with it what everything after costs, is bounded by the container and its bounds.
    #[test]
    fn no_nesting_shows_more_than_bounds_let_it(
        byte in any::<u8>(), len in 0..400_000_usize, nesting in prop::collection::vec(0..PACKINGS.len(), 1..5),
    ) {
        let limits = Limits { bytes: 50_000, times: 4, ..Limits::default() };
        let (bytes, _) = pack(vec![byte; len], &nesting);
        let shown = Shown { limits, bytes: Mutex::default() };
        let origin = Origin::File { repository: None, path: "box".into() };
        read_bytes(&bytes, &origin, &shown, (&Tally::default(), &Stop::default()));
        // What is stored in what was unpacked is shown once more a level, and what a decoder yields at once on top.
        let unpacked = shown.limits.bytes + shown.limits.times * bytes.len() as u64 + (64 << 10);
        let most = (nesting.len() as u64 + 2) * 2 * (unpacked + bytes.len() as u64);
        let shown = shown.bytes.into_inner().expect("no panic");
        prop_assert!(shown <= most, "{shown} of {} in {nesting:?}", bytes.len());
    }
}

/// Counts what it is shown.
struct Shown {
    limits: Limits,
    bytes: Mutex<u64>,
}

impl Sieve for Shown {
    fn interest(&self, _: ObjectKind) -> Interest {
        Interest::Everything
    }

    fn any(&self, _: &[u8]) -> bool {
        true
    }

    fn spans(&self, _: &[u8], _: &mut Vec<Span>) {}

    fn take(&self, _: &Origin, piece: &Piece<'_>) {
        *self.bytes.lock().expect("no panic") += piece.own.len() as u64;
    }

    fn limits(&self) -> Option<&Limits> {
        Some(&self.limits)
    }

    fn problem(&self, _: Problem) {}
}
