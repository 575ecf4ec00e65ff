//! Loose objects: one file each, compressed. Must not know packs, or what objects mean.

use super::listing::sorted;
use crate::{
    model::{ObjectId, ObjectKind, Origin, Problem},
    source::{Interest, Piece, Sieve, Stop, container::in_pieces_and_within, in_pieces},
};
use flate2::read::ZlibDecoder;
use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// The longest header there can be: `commit ` and twenty digits and a NUL.
const HEADER: usize = 32;

/// The loose objects of one object directory.
#[derive(Debug)]
pub(super) struct Loose {
    folder: PathBuf,
    ids: Vec<ObjectId>,
    /// Their kinds as far as they were opened, so that none is opened for nothing twice.
    kinds: Vec<OnceLock<ObjectKind>>,
}

impl Loose {
    /// Lists the loose objects below `folder`.
    pub(super) fn open(folder: &Path, hash: usize, problem: &mut dyn FnMut(Problem)) -> Self {
        let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let mut ids = Vec::new();
        for fan in sorted(folder, problem) {
            let first = name(&fan);
            if first.len() != 2 || !first.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                continue;
            }
            let files = sorted(&fan, problem);
            let named = files.iter().map(|file| format!("{first}{}", name(file)));
            ids.extend(named.filter(|id| id.len() == 2 * hash).filter_map(|id| ObjectId::from_hex(id.as_bytes())));
        }
        ids.sort_unstable();
        let kinds = ids.iter().map(|_| OnceLock::new()).collect();
        Self { folder: folder.to_owned(), ids, kinds }
    }

    /// All ids, in order.
    pub(super) fn ids(&self) -> &[ObjectId] {
        &self.ids
    }

    /// The ids of those that are known to be trees: all, after a walk.
    pub(super) fn trees(&self) -> impl Iterator<Item = &ObjectId> {
        let kinds = self.ids.iter().zip(&self.kinds);
        kinds.filter(|(_, kind)| kind.get() == Some(&ObjectKind::Tree)).map(|(id, _)| id)
    }

    pub(super) fn has(&self, id: &ObjectId) -> bool {
        self.ids.binary_search(id).is_ok()
    }

    /// Reads the object into memory.
    pub(super) fn read(&self, id: &ObjectId) -> Result<(ObjectKind, Vec<u8>), String> {
        let (kind, size, mut reader) = self.open_object(id)?;
        let mut bytes = Vec::new();
        let read = reader.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if read as u64 == size { Ok((kind, bytes)) } else { Err(SIZE.to_owned()) }
    }

    /// Reads the object piece by piece and shows it to `sieve`, as one of `repository`, with what is packed in it.
    /// Returns its kind and size, or nothing if that kind is of no interest.
    pub(super) fn walk(
        &self,
        id: &ObjectId,
        repository: usize,
        (sieve, stop): (&dyn Sieve, &Stop),
    ) -> Result<Option<(ObjectKind, u64)>, String> {
        let known = self.ids.binary_search(id).ok().map(|at| &self.kinds[at]);
        let idle = |kind: ObjectKind| sieve.interest(kind) == Interest::Nothing;
        if known.and_then(OnceLock::get).is_some_and(|&kind| idle(kind)) {
            return Ok(None);
        }
        let (kind, size, mut reader) = self.open_object(id)?;
        known.map(|known| known.get_or_init(|| kind));
        if idle(kind) {
            return Ok(None);
        }
        let origin = Origin::Object { repository, id: *id, kind };
        let mut take = |piece: &Piece<'_>| {
            if sieve.interest(kind) == Interest::Everything || sieve.any(piece.bytes) {
                sieve.take(&origin, piece);
            }
            true
        };
        let mut buffer = Vec::new();
        let read = match kind {
            ObjectKind::Blob => in_pieces_and_within(&mut reader, &mut buffer, &origin, (sieve, stop), &mut take),
            _ => in_pieces(&mut reader, &mut buffer, take),
        };
        let read = read.map_err(|error| error.to_string())?;
        if read == size { Ok(Some((kind, size))) } else { Err(SIZE.to_owned()) }
    }

    fn open_object(&self, id: &ObjectId) -> Result<(ObjectKind, u64, impl Read), String> {
        let hex = id.to_string();
        let path = self.folder.join(&hex[..2]).join(&hex[2..]);
        let file = File::open(path).map_err(|error| error.to_string())?;
        let mut reader = ZlibDecoder::new(BufReader::with_capacity(64 << 10, file));
        let (kind, size) = header(&mut reader).map_err(|error| error.to_string())?;
        Ok((kind, size, reader))
    }
}

const SIZE: &str = "it is not of the size that its header says";

/// Reads `blob 123` and the NUL after it.
fn header(reader: &mut dyn Read) -> io::Result<(ObjectKind, u64)> {
    let mut header = Vec::with_capacity(HEADER);
    let mut byte = [0];
    while header.len() < HEADER {
        reader.read_exact(&mut byte)?;
        if byte[0] == 0 {
            break;
        }
        header.push(byte[0]);
    }
    let parsed = header.iter().position(|&byte| byte == b' ').and_then(|space| {
        let kind = ObjectKind::from_name(&header[..space])?;
        let size = std::str::from_utf8(&header[space + 1..]).ok()?.parse().ok()?;
        Some((kind, size))
    });
    parsed.ok_or_else(|| io::Error::other("its header is damaged"))
}
