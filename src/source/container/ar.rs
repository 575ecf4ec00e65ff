//! Archives of `ar`: packages of Debian, static libraries. Must not know what entries hold.

use super::{input::Input, level::Level};
use std::io::{self, Read};

pub(super) const MAGIC: &[u8] = b"!<arch>\n";
/// Length of what stands before an entry.
const HEADER: usize = 60;
/// A longer name, or list of names, is none: libraries of a hundred thousand objects have one of a few MiB.
const LONGEST: u64 = 8 << 20;
const NAME: u64 = 4096;

/// Shows all entries of an archive.
pub(super) fn read(input: &mut Input<'_>, level: &Level<'_>) -> Result<(), String> {
    entries(input, level).map_err(|error| error.to_string())
}

fn entries(input: &mut Input<'_>, level: &Level<'_>) -> io::Result<()> {
    input.skip(MAGIC.len() as u64)?;
    // Names of more than 15 letters, which entries name by where they begin.
    let mut names = Vec::new();
    while !level.is_over() {
        // Entries begin at even places, and a line end fills up.
        if input.peek(1)?.first() == Some(&b'\n') {
            input.skip(1)?;
        }
        if input.peek(1)?.is_empty() {
            break;
        }
        let header = input.take_bytes(HEADER)?.ok_or_else(cut_short)?;
        let size = decimal(&header[48..58]).filter(|_| header.ends_with(b"`\n"));
        let size =
            size.ok_or_else(|| io::Error::other("it is damaged: what should be the header of an entry is none"))?;
        let name = header[..16].trim_ascii_end();
        let start = input.taken().get();
        match name {
            // What the linker looks up.
            b"/" | b"/SYM64/" => {}
            b"//" => drop(input.by_ref().take(size.min(LONGEST)).read_to_end(&mut names)?),
            _ => {
                let name = match name.strip_prefix(b"#1/").and_then(decimal) {
                    Some(len) => {
                        let mut name = Vec::new();
                        input.by_ref().take(len.min(size).min(NAME)).read_to_end(&mut name)?;
                        name.split(|&byte| byte == 0).next().unwrap_or_default().to_vec()
                    }
                    None => listed(name, &names),
                };
                let left = size.saturating_sub(input.taken().get() - start);
                level.entry(&name, &mut input.by_ref().take(left));
            }
        }
        if !input.skip(size.saturating_sub(input.taken().get() - start))? {
            return Err(cut_short());
        }
    }
    Ok(())
}

/// The name of an entry: as it stands there, or where in the list of names it says.
fn listed(name: &[u8], names: &[u8]) -> Vec<u8> {
    let far = name.strip_prefix(b"/").and_then(decimal).and_then(|at| names.get(usize::try_from(at).ok()?..));
    let name = far.map_or(name, |rest| rest.split(|&byte| byte == b'\n').next().unwrap_or_default());
    name.strip_suffix(b"/").unwrap_or(name).to_vec()
}

fn decimal(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field).ok()?.trim_end().parse().ok()
}

fn cut_short() -> io::Error {
    io::Error::other("it is cut short")
}
