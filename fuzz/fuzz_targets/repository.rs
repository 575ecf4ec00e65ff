//! A repository made of any bytes: packs whose entries are whole or deltas, their indices, loose objects, git's index and
//! what names things. It is read to its end, and what cannot be read is told of. Must not know how any of it is read.
#![no_main]

use flate2::{Compression, write::ZlibEncoder};
use keylint::{
    engine::{Options, Policy, Scope, Suppression, Target, scan},
    model::ProblemKind,
    source::{Limits, Stop, Tally},
};
use keylint_fuzz::{choice, part, rules};
use libfuzzer_sys::fuzz_target;
use sha1::{Digest, Sha1};
use std::{fs, io::Write, path::Path};
use tempfile::TempDir;

/// Parts of a repository beyond this many are left out.
const PARTS: usize = 24;

fuzz_target!(|input: &[u8]| {
    let Some((scope, input)) = choice(input, 2) else { return };
    let folder = TempDir::new().expect("a directory");
    let git = folder.path().join(".git");
    let made = Made::of(input);
    made.write(&git).expect("files can be written");
    let scope = match scope {
        0 => Scope::Everything { worktree: true, history: true, ignore: true },
        _ => Scope::Staged { index: None },
    };
    let options = Options {
        scope,
        show_secrets: false,
        lint: None,
        limits: Some(Limits::default()),
        jobs: 1,
        now: 0,
        policy: Policy::default(),
        suppression: Suppression::default(),
    };
    let (catalog, matcher) = rules();
    let targets = [Target::Path(folder.path().to_owned())];
    let report = scan(&targets, (catalog, matcher), &options, &Tally::default(), &Stop::default());
    let problems = report.iter().flat_map(|report| &report.problems);
    problems.for_each(|problem| assert!(problem.kind != ProblemKind::Internal, "{problem:?}"));
});

/// An entry of a pack: its id, and where it begins.
struct Entry {
    id: [u8; 20],
    at: u32,
}

/// The files of a repository.
#[derive(Default)]
struct Made {
    pack: Vec<u8>,
    entries: Vec<Entry>,
    /// Bytes of the pack's index that are other ones.
    patches: Vec<(usize, u8)>,
    files: Vec<(String, Vec<u8>)>,
    loose: Vec<(&'static str, Vec<u8>)>,
}

impl Made {
    /// Of parts one after another: a byte that says what, two that say how long it is, and as many bytes.
    fn of(mut input: &[u8]) -> Self {
        let mut made = Self { pack: b"PACK\0\0\0\x02\0\0\0\0".to_vec(), ..Self::default() };
        for _ in 0..PARTS {
            let Some((kind, rest)) = input.split_first() else { break };
            let Some((content, rest)) = part(rest) else { break };
            made.add(*kind, content);
            input = rest;
        }
        made
    }

    fn add(&mut self, kind: u8, content: &[u8]) {
        let name = |kind: u8| ["commit", "tree", "blob", "tag"][usize::from(kind - 1)];
        match kind {
            1..=4 => self.entry(id(name(kind), content), kind, &[], content),
            6 => {
                // On an entry before: how far back is said by its number.
                let Some((nth, delta)) = choice(content, self.entries.len().max(1)) else { return };
                let base = self.entries.get(nth).map_or(0, |base| base.at);
                let mut back = u64::from(self.pack.len() as u32 - base);
                let mut bytes = vec![back as u8 & 0x7f];
                while back > 0x7f {
                    back = (back >> 7) - 1;
                    bytes.insert(0, back as u8 & 0x7f | 0x80);
                }
                self.entry(id("delta", content), kind, &bytes, delta);
            }
            7 => {
                let Some((nth, delta)) = choice(content, self.entries.len().max(1)) else { return };
                let base = self.entries.get(nth).map_or([0; 20], |base| base.id);
                self.entry(id("delta", content), kind, &base, delta);
            }
            8 => {
                self.entries.push(Entry { id: id("raw", content), at: self.pack.len() as u32 });
                self.pack.extend(content);
            }
            9 => self.patches.extend(
                content.first_chunk().map(|[low, high, byte]| (usize::from(u16::from_le_bytes([*low, *high])), *byte)),
            ),
            10..=13 => self.loose.push((name(kind - 9), content.to_vec())),
            14 => self.file("objects/aa/00112233445566778899aabbccddeeff001122", content),
            // Of git's index the sum is left out: git may be told not to write one.
            15 => self.file("index", &[content, &[0; 20]].concat()),
            16 => self.file("packed-refs", content),
            17 => self.file("HEAD", content),
            18 => self.file("logs/HEAD", content),
            19 => self.file("shallow", content),
            20 => self.file("refs/heads/main", content),
            21 => self.file("../.gitmodules", content),
            22 => self.file("../box", content),
            _ => {}
        }
    }

    fn file(&mut self, name: &str, content: &[u8]) {
        self.files.push((name.to_owned(), content.to_vec()));
    }

    fn entry(&mut self, id: [u8; 20], kind: u8, base: &[u8], content: &[u8]) {
        self.entries.push(Entry { id, at: self.pack.len() as u32 });
        let mut size = content.len();
        let mut byte = kind << 4 | (size & 15) as u8;
        size >>= 4;
        while size > 0 {
            self.pack.push(byte | 0x80);
            byte = (size & 0x7f) as u8;
            size >>= 7;
        }
        self.pack.push(byte);
        self.pack.extend(base);
        self.pack.extend(zlib(content));
    }

    /// The index of the pack.
    fn index(&self) -> Vec<u8> {
        let mut order: Vec<&Entry> = self.entries.iter().collect();
        order.sort_by_key(|entry| entry.id);
        let mut out = b"\xfftOc\0\0\0\x02".to_vec();
        for first in 0..=255 {
            out.extend((order.iter().filter(|entry| entry.id[0] <= first).count() as u32).to_be_bytes());
        }
        order.iter().for_each(|entry| out.extend(entry.id));
        out.resize(out.len() + 4 * order.len(), 0);
        order.iter().for_each(|entry| out.extend(entry.at.to_be_bytes()));
        out.resize(out.len() + 40, 0);
        for (at, byte) in &self.patches {
            let at = at % out.len();
            out[at] = *byte;
        }
        out
    }

    fn write(&self, git: &Path) -> std::io::Result<()> {
        for folder in ["objects/pack", "objects/aa", "refs/heads", "logs"] {
            fs::create_dir_all(git.join(folder))?;
        }
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n")?;
        fs::write(git.join("config"), "[core]\nrepositoryformatversion = 0\nbare = false\n")?;
        if !self.entries.is_empty() {
            fs::write(git.join("objects/pack/pack-1.pack"), [&self.pack[..], &[0; 20]].concat())?;
            fs::write(git.join("objects/pack/pack-1.idx"), self.index())?;
        }
        for (kind, content) in &self.loose {
            let hex: String = id(kind, content).iter().map(|byte| format!("{byte:02x}")).collect();
            fs::create_dir_all(git.join("objects").join(&hex[..2]))?;
            let object = [format!("{kind} {}\0", content.len()).as_bytes(), content].concat();
            fs::write(git.join("objects").join(&hex[..2]).join(&hex[2..]), zlib(&object))?;
        }
        self.files.iter().try_for_each(|(name, content)| fs::write(git.join(name), content))
    }
}

fn id(kind: &str, content: &[u8]) -> [u8; 20] {
    let hash = Sha1::new().chain_update(format!("{kind} {}\0", content.len())).chain_update(content);
    hash.finalize().into()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory does not fail");
    encoder.finish().expect("memory does not fail")
}
