//! Files read in place. The one place where memory is mapped; must not know what the files are.

use memmap2::Mmap;
use std::{fs::File, io, path::Path};

/// Maps the file at `path` for reading.
///
/// # Errors
/// When it cannot be opened or mapped.
pub(super) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the mapping is private and read-only, and its users treat the bytes as untrusted. Git
    // never changes a pack or its index in place: it writes a new file and renames it, and a file
    // that is removed stays whole while it is mapped.
    #[expect(unsafe_code, reason = "packs are larger than memory, and copying them costs a third of the scan")]
    unsafe {
        Mmap::map(&file)
    }
}
