//! Packages of RPM: what they say of themselves, and behind it a compressed stream of files, which is shown as one
//! text. Must not know what that holds.

use super::{input::Input, level::Level};
use std::io;

pub(super) const MAGIC: &[u8] = b"\xed\xab\xee\xdb";
/// Length of the beginning, which nobody reads any more.
const LEAD: u64 = 96;
const HEADER: &[u8] = b"\x8e\xad\xe8\x01";

/// Shows the files of a package.
pub(super) fn read(input: &mut Input<'_>, level: &Level<'_>) -> Result<(), String> {
    let found = payload(input).map_err(|error| error.to_string())?;
    if !found {
        return Err("it is damaged, or cut short; its files were not looked at".to_owned());
    }
    level.entry(b"payload", input);
    Ok(())
}

/// Passes by the signature and the header; says whether they were there.
fn payload(input: &mut Input<'_>) -> io::Result<bool> {
    let start = input.taken().get();
    input.skip(LEAD)?;
    for is_signature in [true, false] {
        let Some(head) = input.take_bytes(16)?.filter(|head| head.starts_with(HEADER)) else { return Ok(false) };
        let word = |at: usize| u64::from(u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
        let whole = input.skip(16 * word(8) + word(12))?;
        if is_signature {
            // It is filled up to a multiple of eight bytes.
            let len = input.taken().get() - start;
            input.skip(len.next_multiple_of(8) - len)?;
        }
        if !whole {
            return Ok(false);
        }
    }
    Ok(true)
}
