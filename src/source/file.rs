//! One file, standard input, or bytes that are at hand, read whole or in pieces. Must not know which files there are.

use super::{
    Piece, Sieve, Stop, Tally, WINDOW,
    container::{in_pieces_and_within, unpack},
};
use crate::model::{Origin, Problem, ProblemKind, Text};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Reads the file at `path` and shows it to `sieve` as `origin`, using `buffer` for its bytes.
///
/// What cannot be read becomes a problem of the file that `name` names.
pub fn read_file(
    path: &Path,
    (name, origin): (&Text, &Origin),
    sieve: &dyn Sieve,
    (tally, stop): (&Tally, &Stop),
    buffer: &mut Vec<u8>,
) {
    let mut take = |piece: &Piece<'_>| {
        sieve.look(origin, piece);
        !stop.is_raised()
    };
    match read(path, buffer, (origin, sieve, stop), &mut take) {
        Ok((read, expected)) => {
            tally.file(read);
            if expected.is_some_and(|expected| expected != read) && !stop.is_raised() {
                let why = "it changed while it was read; scan it again";
                sieve.problem(Problem::new(ProblemKind::Changed, name.clone(), why));
            }
        }
        Err(error) => sieve.problem(unreadable(name.clone(), &error)),
    }
}

/// Shows `bytes`, which the caller has, to `sieve` as `origin`, with what is packed in them.
pub fn read_bytes(bytes: &[u8], origin: &Origin, sieve: &dyn Sieve, (tally, stop): (&Tally, &Stop)) {
    tally.file(bytes.len() as u64);
    sieve.look(origin, &Piece::whole(bytes));
    unpack(bytes, origin, (sieve, stop));
}

/// Reads standard input to its end and shows it to `sieve`.
pub fn read_stdin(sieve: &dyn Sieve, tally: &Tally, stop: &Stop) {
    let mut take = |piece: &Piece<'_>| {
        if sieve.any(piece.bytes) {
            sieve.take(&Origin::Stdin, piece);
        }
        !stop.is_raised()
    };
    let mut reader = io::stdin().lock();
    match in_pieces_and_within(&mut reader, &mut Vec::new(), &Origin::Stdin, (sieve, stop), &mut take) {
        Ok(bytes) => tally.file(bytes),
        Err(error) => sieve.problem(unreadable("standard input".into(), &error)),
    }
}

/// The problem of a file that `error` kept from being read.
pub(super) fn unreadable(name: Text, error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => Problem::new(ProblemKind::Changed, name, "it was there a moment ago and is gone"),
        io::ErrorKind::PermissionDenied => {
            Problem::new(ProblemKind::Unreadable, name, "permission denied; scan it as a user who may read it")
        }
        _ => Problem::new(ProblemKind::Unreadable, name, error.to_string()),
    }
}

/// How many bytes were read, and how many there should have been, where that is known.
fn read(
    path: &Path,
    buffer: &mut Vec<u8>,
    (origin, sieve, stop): (&Origin, &dyn Sieve, &Stop),
    take: &mut dyn FnMut(&Piece<'_>) -> bool,
) -> io::Result<(u64, Option<u64>)> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let expected = metadata.is_file().then_some(metadata.len());
    match expected.and_then(|len| usize::try_from(len).ok()).filter(|&len| len < WINDOW) {
        // Files of the kernel say they are empty.
        Some(len) if len > 0 => {
            // One byte more than there should be, so that the end shows in the same call.
            buffer.resize(len + 1, 0);
            let mut read = 0;
            while read <= len {
                match file.read(&mut buffer[read..]) {
                    Ok(0) => break,
                    Ok(more) => read += more,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
                if read == len {
                    break;
                }
            }
            take(&Piece::whole(&buffer[..read]));
            unpack(&buffer[..read], origin, (sieve, stop));
            Ok((read as u64, expected))
        }
        _ => {
            let read = in_pieces_and_within(&mut file, buffer, origin, (sieve, stop), take)?;
            Ok((read, expected.filter(|&len| len > 0)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{ObjectKind, Span},
        source::Interest,
    };
    use std::io::Write;

    struct Nothing;

    impl Sieve for Nothing {
        fn interest(&self, _: ObjectKind) -> Interest {
            Interest::Nothing
        }

        fn any(&self, _: &[u8]) -> bool {
            false
        }

        fn spans(&self, _: &[u8], _: &mut Vec<Span>) {}

        fn take(&self, _: &Origin, _: &Piece<'_>) {}

        fn problem(&self, _: Problem) {}
    }

    #[test]
    fn a_file_is_read_whole_whatever_its_size() {
        for size in [0, 1, 4096, WINDOW - 1, WINDOW, WINDOW + 1] {
            let mut file = tempfile::NamedTempFile::new().expect("a file");
            file.write_all(&vec![b'x'; size]).expect("room");
            let mut seen = 0;
            let outcome =
                read(file.path(), &mut Vec::new(), (&Origin::Stdin, &Nothing, &Stop::default()), &mut |piece| {
                    seen += piece.own.len();
                    true
                });
            let (read, expected) = outcome.expect("it can be read");
            assert_eq!((read, seen), (size as u64, size));
            assert!(expected.is_none_or(|expected| expected == read));
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        let whole = (&Origin::Stdin, &Nothing as &dyn Sieve, &Stop::default());
        let error = read(Path::new("/nowhere/at/all"), &mut Vec::new(), whole, &mut |_| true).expect_err("not there");
        assert_eq!(unreadable("x".into(), &error).kind, ProblemKind::Changed);
    }
}
