//! What git is to ignore so that files with keys stay out of commits. Must not know what such files hold.

use super::line_end;

/// Files with settings, but for the one that shows which there are.
const LINES: [&str; 2] = [".env*", "!.env.example"];

/// The text of a `.gitignore` that ignores files called `.env`, with all it said before.
#[must_use]
pub fn with_env_files(before: &[u8]) -> Vec<u8> {
    let end = line_end(before);
    let mut out = before.to_vec();
    if !out.is_empty() && !out.ends_with(b"\n") {
        out.extend_from_slice(end.as_bytes());
    }
    let has = |line: &str| before.split(|byte| *byte == b'\n').any(|known| known.trim_ascii() == line.as_bytes());
    for line in LINES.into_iter().filter(|line| !has(line)) {
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(end.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_once_and_in_the_way_of_the_file() {
        assert_eq!(with_env_files(b""), b".env*\n!.env.example\n");
        assert_eq!(with_env_files(b"target"), b"target\n.env*\n!.env.example\n");
        assert_eq!(with_env_files(b"a\r\nb\r\n"), b"a\r\nb\r\n.env*\r\n!.env.example\r\n");
        assert_eq!(with_env_files(b".env*\n"), b".env*\n!.env.example\n");
    }
}
