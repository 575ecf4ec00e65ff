//! Bounds, and bytes that are anything: what a container costs is known beforehand.

use super::*;
use crate::model::{ObjectKind, Span, Text};
use crate::source::Interest;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::{io::Write, sync::Mutex};

/// Takes everything, and keeps where it was and how much.
struct Everything {
    limits: Limits,
    seen: Mutex<Vec<(Text, usize)>>,
    problems: Mutex<Vec<String>>,
}

impl Everything {
    fn within(limits: Limits) -> Self {
        Self { limits, seen: Mutex::default(), problems: Mutex::default() }
    }

    fn unpack(self, bytes: &[u8]) -> (Vec<(String, usize)>, Vec<String>) {
        let file = Origin::File { repository: None, path: "box".into() };
        unpack(bytes, &file, (&self, &Stop::default()));
        let seen = self.seen.into_inner().expect("no panic").into_iter();
        (seen.map(|(path, len)| (path.to_string(), len)).collect(), self.problems.into_inner().expect("no panic"))
    }
}

impl Sieve for Everything {
    fn interest(&self, _: ObjectKind) -> Interest {
        Interest::Everything
    }

    fn any(&self, _: &[u8]) -> bool {
        true
    }

    fn spans(&self, _: &[u8], _: &mut Vec<Span>) {}

    fn take(&self, origin: &Origin, piece: &Piece<'_>) {
        if let Origin::Entry { path, is_name: false, .. } = origin {
            self.seen.lock().expect("no panic").push((path.clone(), piece.own.len()));
        }
    }

    fn limits(&self) -> Option<&Limits> {
        Some(&self.limits)
    }

    fn problem(&self, problem: Problem) {
        self.problems.lock().expect("no panic").push(problem.to_string());
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let step = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..len).map(step).collect()
}

#[test]
fn the_bytes_of_all_entries_together_are_bounded() {
    let limits = Limits { bytes: 100_000, times: 0, ..Limits::default() };
    let (seen, problems) = Everything::within(limits).unpack(&gzip(&noise(300_000)));
    assert!(seen.iter().map(|(_, len)| len).sum::<usize>() <= 100_000 + (64 << 10));
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("box: it unpacks to more than 0 MiB and 0 times its size; "), "{problems:?}");
}

#[test]
fn a_large_container_may_unpack_to_more() {
    let limits = Limits { bytes: 1, times: 2, ..Limits::default() };
    let (seen, problems) = Everything::within(limits).unpack(&gzip(&noise(300_000)));
    assert_eq!((seen, problems), (vec![(String::new(), 300_000)], vec![]));
}

#[test]
fn a_ratio_counts_beyond_what_is_free() {
    let bytes = gzip(&[0; 1 << 20]);
    let limits = Limits { free: 1 << 20, ..Limits::default() };
    assert_eq!(Everything::within(limits).unpack(&bytes).1, [""; 0]);
    let limits = Limits { free: 1 << 19, ..Limits::default() };
    let (_, problems) = Everything::within(limits).unpack(&bytes);
    assert!(problems.len() == 1 && problems[0].contains("200 times its packed size"), "{problems:?}");
}

#[test]
fn entries_are_counted_at_every_depth() {
    let limits = Limits { entries: 2, ..Limits::default() };
    let deep = gzip(&gzip(&gzip(b"x")));
    let (seen, problems) = Everything::within(limits).unpack(&deep);
    assert!(seen.len() <= 2 && problems.len() == 1, "{seen:?} {problems:?}");
    assert!(problems[0].starts_with("box: it has more than 2 entries"), "{problems:?}");
}

#[test]
fn no_more_is_told_than_can_be_read() {
    let broken = gzip(b"some text")[..12].to_vec();
    let mut tar = Vec::new();
    for _ in 0..100 {
        tar.extend(tar_header());
        tar.extend(&broken);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    let (_, problems) = Everything::within(Limits::default()).unpack(&tar);
    assert_eq!(problems.len(), 21, "{problems:?}");
}

/// The header of an entry of twelve bytes in a tar archive.
fn tar_header() -> Vec<u8> {
    let mut block = vec![0; 512];
    block[0] = b'a';
    block[124..135].copy_from_slice(b"00000000014");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

/// How each format begins.
fn magic() -> impl Strategy<Value = Vec<u8>> {
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0aaaabbbb\x20\0\0\0\x40\0\0\0\x01\0\0\0a".to_vec();
    let starts = [
        b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec(),
        b"BZh91AY&SY".to_vec(),
        b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46\x02\0\x21\x01\x16\0\0\0\x74\x2f\xe5\xa3".to_vec(),
        b"\x28\xb5\x2f\xfd\x24".to_vec(),
        zip,
        tar_header(),
        [&b"\x89PNG\r\n\x1a\n\0\0\0\x09zTXtkey\0\0"[..], &[0; 8]].concat(),
        b"\x89PNG\r\n\x1a\n\0\0\0\x40iTXtkey\0\x01\0\0\0".to_vec(),
        b"%PDF-1.4\n1 0 obj << /FlateDecode >> stream\n\x78\x9c".to_vec(),
        b"7z\xbc\xaf\x27\x1c".to_vec(),
        b"!<arch>\na/              0           0     0     644     100       `\n".to_vec(),
        [&b"\xed\xab\xee\xdb"[..], &[0; 92], b"\x8e\xad\xe8\x01"].concat(),
        b"\x5d\0\0\x10\0\xff\xff\xff\xff\xff\xff\xff\xff\0".to_vec(),
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0PK\x03\x04".to_vec(),
    ];
    prop::sample::select(starts.to_vec())
}

proptest! {
    #[test]
    fn any_bytes_behind_a_beginning_are_read_or_told(start in magic(), bytes in prop::collection::vec(any::<u8>(), 0..3_000)) {
        let (_, problems) = Everything::within(Limits::default()).unpack(&[start, bytes].concat());
        prop_assert!(problems.iter().all(|problem| !problem.contains("defect")), "{:?}", problems);
    }

    #[test]
    fn what_is_damaged_anywhere_is_read_or_told(
        which in 0..3_usize,
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = b"some text, and some text, and more of it".repeat(20);
        let mut bytes = match which {
            0 => gzip(&text),
            1 => gzip(&gzip(&text)),
            _ => {
                let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                encoder.write_all(&text).expect("memory");
                encoder.finish().expect("memory")
            }
        };
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(cut.index(bytes.len() + 1));
        let (_, problems) = Everything::within(Limits::default()).unpack(&bytes);
        prop_assert!(problems.iter().all(|problem| !problem.contains("defect")), "{:?}", problems);
    }
}
