//! How much was read, in words. Must not know formats, or what was found.

use super::quantity::{bytes, count, rate, seconds};
use crate::model::Coverage;
use std::time::Duration;

/// Bytes from which on a speed says something about the program rather than about its start.
const WORTH_A_RATE: u64 = 10_000_000;

/// `12 files (3.4 MB) and 233,478 objects of 34,473 commits (1.8 GB) read in 0.51 s (3.5 GB/s)`
pub(super) fn words(coverage: Coverage, elapsed: Option<Duration>) -> String {
    let Coverage { files, objects, .. } = coverage;
    let what = match (files, objects) {
        (0, 0) => "nothing".to_owned(),
        (_, 0) => on_disk(coverage),
        (0, _) => in_git(coverage),
        _ => format!("{} and {}", on_disk(coverage), in_git(coverage)),
    };
    let Some(elapsed) = elapsed else { return format!("{what} read") };
    let speed = rate(coverage.bytes(), elapsed).filter(|_| coverage.bytes() >= WORTH_A_RATE);
    let speed = speed.map_or_else(String::new, |speed| format!(" ({speed})"));
    format!("{what} read in {}{speed}", seconds(elapsed))
}

/// `12 files (3.4 MB)`
pub(super) fn on_disk(coverage: Coverage) -> String {
    format!("{} ({})", count(coverage.files, "file", "files"), bytes(coverage.file_bytes))
}

/// `233,478 objects of 34,473 commits (1.8 GB)`
pub(super) fn in_git(coverage: Coverage) -> String {
    let Coverage { objects, object_bytes, commits, .. } = coverage;
    let of = if commits > 0 { format!(" of {}", count(commits, "commit", "commits")) } else { String::new() };
    format!("{}{of} ({})", count(objects, "object", "objects"), bytes(object_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_what_was_read_and_how_fast() {
        let coverage = Coverage {
            files: 12,
            file_bytes: 3_400_000,
            objects: 233_478,
            object_bytes: 1_800_000_000,
            commits: 34_473,
        };
        let of = |coverage, millis| words(coverage, Some(Duration::from_millis(millis)));
        let whole = "12 files (3.4 MB) and 233,478 objects of 34,473 commits (1.8 GB) read in 0.51 s (3.5 GB/s)";
        assert_eq!(of(coverage, 510), whole);
        let on_disk = Coverage { objects: 0, object_bytes: 0, commits: 0, ..coverage };
        assert_eq!(of(on_disk, 7), "12 files (3.4 MB) read in 7 ms");
        let staged = Coverage { files: 0, file_bytes: 0, objects: 1, object_bytes: 80, commits: 0 };
        assert_eq!(of(staged, 20), "1 object (80 B) read in 20 ms");
        assert_eq!(words(Coverage::default(), None), "nothing read");
    }
}
