//! Programs with an archive behind them, which unpack themselves: ELF, PE, and scripts that go over into a zip after
//! their first line. Must not know how archives are read.

use super::{input::Input, level::Level, seven_zip, zip};
use memchr::memmem;
use std::io::{self, BufRead};

/// How much of what may be the beginning of an archive is looked at, in bytes.
const LOOK: usize = 512;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Archive {
    Zip,
    SevenZip,
}

/// Whether a text that begins with `head` is a program. Object files, which are not yet one, are none.
pub(super) fn is_one(head: &[u8]) -> bool {
    match head {
        [0x7f, b'E', b'L', b'F', _, order, ..] => {
            let kind = head.get(16..18).map_or(0, |kind| if *order == 2 { kind[1] } else { kind[0] });
            matches!(kind, 2 | 3)
        }
        [b'M', b'Z', ..] => {
            let at = head.get(60..64).map(|at| u32::from_le_bytes([at[0], at[1], at[2], at[3]]) as usize);
            at.and_then(|at| head.get(at..)).is_some_and(|rest| rest.starts_with(b"PE\0\0"))
        }
        [b'#', b'!', ..] => {
            let end = memchr::memchr(b'\n', head).map_or(head.len(), |end| end + 1);
            zip::is_start(&head[end..])
        }
        _ => false,
    }
}

/// Shows all entries of the archive behind a program, if there is one.
pub(super) fn read(input: &mut Input<'_>, level: &Level<'_>) -> Result<(), String> {
    match find(input).map_err(|error| error.to_string())? {
        Some(_) if level.is_too_deep() => Ok(()),
        Some(Archive::Zip) => zip::read(input, level),
        Some(Archive::SevenZip) => seven_zip::read(input, level),
        None => Ok(()),
    }
}

/// Goes to the beginning of an archive. Programs that read archives have such words in them too, so that what follows
/// must be right as well.
fn find(input: &mut Input<'_>) -> io::Result<Option<Archive>> {
    loop {
        let bytes = input.peek(LOOK)?;
        if bytes.len() < seven_zip::START {
            return Ok(None);
        }
        let first = [zip::LOCAL, seven_zip::MAGIC].iter().filter_map(|magic| memmem::find(bytes, magic)).min();
        let Some(at) = first else {
            // A beginning may be cut by the end of what was looked at.
            let len = bytes.len() - (seven_zip::MAGIC.len() - 1);
            input.consume(len);
            continue;
        };
        input.consume(at);
        let bytes = input.peek(LOOK)?;
        if zip::is_certain_start(bytes) {
            return Ok(Some(Archive::Zip));
        }
        if seven_zip::is_whole_start(bytes) {
            return Ok(Some(Archive::SevenZip));
        }
        input.consume(1);
    }
}
