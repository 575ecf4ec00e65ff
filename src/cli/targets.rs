//! What a scan is asked to look at: the targets of the command line, then those of a list. Must not know how a target is
//! read.

use super::{Complaint, args};
use keylint::engine::Target;
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Standard input, where a target or a file is meant.
const STDIN: &str = "-";
/// What Windows may put before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// How texts of two bytes a character begin, which are full of NUL bytes and no list of anything.
const WIDE: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// Everything that `args` name.
pub(super) fn all(args: &args::Scan) -> Result<Vec<Target>, Complaint> {
    let mut targets: Vec<Target> = args.targets.iter().map(|path| target(path)).collect();
    let Some(list) = &args.targets_from else { return Ok(targets) };
    let shown = list.display();
    let listed = listed(&bytes(list)?).map_err(|why| Complaint::new(format!("{shown}: {why}")))?;
    if listed.is_empty() && targets.is_empty() {
        let way = "write one on each line, or name targets on the command line";
        return Err(Complaint::new(format!("{shown}: the list names no target: {way}")));
    }
    targets.extend(listed);
    if list.as_os_str() == STDIN && targets.contains(&Target::Stdin) {
        let why = "standard input cannot be both a target and the list of targets: keep the list in a file";
        return Err(Complaint::new(why));
    }
    Ok(targets)
}

fn target(path: &Path) -> Target {
    if path.as_os_str() == STDIN { Target::Stdin } else { Target::Path(path.to_owned()) }
}

fn bytes(list: &Path) -> Result<Vec<u8>, Complaint> {
    let mut bytes = Vec::new();
    let read = if list.as_os_str() == STDIN {
        io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        fs::read(list).map(|read| bytes = read)
    };
    let way = "--targets-from takes a file with a target on each line, or - for standard input";
    read.map_err(|error| Complaint::new(format!("cannot read the targets from {}: {error}; {way}", list.display())))?;
    Ok(bytes)
}

/// The entries of a list: of lines, or separated by NUL bytes and then taken as they are.
fn listed(bytes: &[u8]) -> Result<Vec<Target>, String> {
    if WIDE.iter().any(|start| bytes.starts_with(start)) {
        return Err("the list is written in UTF-16: write it as UTF-8".to_owned());
    }
    if bytes.contains(&0) {
        let entries = bytes.strip_suffix(b"\0").unwrap_or(bytes).split(|&byte| byte == 0);
        let literal = |(nth, entry): (usize, &[u8])| match entry {
            [] => Err(format!("entry {} between NUL bytes is empty: take it out", nth + 1)),
            _ => path(entry, "entry", nth).map(Target::Path),
        };
        return entries.enumerate().map(literal).collect();
    }
    let lines = bytes.strip_prefix(MARK).unwrap_or(bytes).split(|&byte| byte == b'\n').enumerate();
    let lines = lines.map(|(nth, line)| (nth, line.strip_suffix(b"\r").unwrap_or(line)));
    let said = lines.filter(|(_, line)| !line.trim_ascii().is_empty() && !line.starts_with(b"#"));
    said.map(|(nth, line)| path(line, "line", nth).map(|path| target(&path))).collect()
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a path is a text")]
fn path(bytes: &[u8], _: &str, _: usize) -> Result<PathBuf, String> {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    Ok(OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn path(bytes: &[u8], what: &str, nth: usize) -> Result<PathBuf, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{what} {} is not UTF-8", nth + 1))?;
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(list: &[u8]) -> Vec<Target> {
        listed(list).expect("a list")
    }

    fn path(text: &str) -> Target {
        Target::Path(text.into())
    }

    #[test]
    fn a_line_is_a_target_unless_it_is_blank_or_a_comment() {
        let list = b"\xef\xbb\xbf# ours\r\na b\r\n\n \t\n#c\n ../d#e\n-";
        assert_eq!(paths(list), [path("a b"), path(" ../d#e"), Target::Stdin]);
        assert_eq!(paths(b""), []);
        assert_eq!(paths(b"# nothing\n"), []);
    }

    #[test]
    fn what_is_between_nul_bytes_is_taken_as_it_is() {
        assert_eq!(paths(b"#a\0b\r\nc\0-"), [path("#a"), path("b\r\nc"), path("-")]);
        assert_eq!(paths(b"a\0"), [path("a")]);
        assert!(listed(b"a\0\0b\0").is_err_and(|why| why.contains("entry 2")));
        assert!(listed(b"\0").is_err());
    }

    #[test]
    fn a_list_of_two_bytes_a_character_is_refused() {
        assert!(listed(b"\xff\xfea\0\n\0").is_err_and(|why| why.contains("UTF-8")));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_bytes() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        assert_eq!(paths(b"caf\xe9\n"), [Target::Path(OsStr::from_bytes(b"caf\xe9").into())]);
    }
}
