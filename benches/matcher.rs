//! Timings of the prefilter and the matcher by themselves, in bytes a second. Must not know git or
//! files: `bench/run.py` measures the whole.

#![allow(missing_docs, clippy::expect_used, reason = "a bench fails by panicking")]

use divan::{Bencher, black_box, counter::BytesCount};
use keylint::{
    matcher::Matcher,
    rule::{Catalog, expand},
};

fn main() {
    divan::main();
}

fn matcher() -> Matcher {
    Matcher::new(&Catalog::builtin()).expect("they can be matched")
}

/// A megabyte of program text without keys.
fn source() -> Vec<u8> {
    include_str!("../src/matcher/prefilter.rs").repeat(100).into_bytes()
}

/// The same with a key every ten kilobytes.
fn leaky() -> Vec<u8> {
    let key = |seed| expand("sk-proj-{b64u:74}T3BlbkFJ{b64u:72}EA", seed).expect("a generator").text;
    let chunks = source()
        .chunks(10_000)
        .zip(0..)
        .map(|(chunk, seed)| [chunk, key(seed).as_bytes()].concat())
        .collect::<Vec<_>>();
    chunks.concat()
}

/// Random bytes, as compressed files are.
fn noise() -> Vec<u8> {
    expand("{b64:1000}", 1).expect("a generator").text.repeat(1000).into_bytes()
}

#[divan::bench(args = ["source", "leaky", "noise"])]
fn prefilter(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, kind, |matcher, text| matcher.prefilter().any(text));
}

#[divan::bench(args = ["source", "leaky", "noise"])]
fn hits(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, kind, |matcher, text| !matcher.hits(text).is_empty());
}

#[divan::bench]
fn startup() -> Matcher {
    matcher()
}

fn run(bencher: Bencher<'_, '_>, kind: &str, work: fn(&Matcher, &[u8]) -> bool) {
    let (matcher, text) = (
        matcher(),
        if kind == "leaky" {
            leaky()
        } else if kind == "noise" {
            noise()
        } else {
            source()
        },
    );
    bencher.counter(BytesCount::of_slice(&text)).bench(|| work(&matcher, black_box(&text)));
}
