//! Paths as URIs. Must not know what is at them.

use super::shape::ArtifactLocation;

/// What relative URIs are relative to.
pub(super) const ROOT: &str = "%SRCROOT%";

/// `path` as a URI: relative where it is, percent-encoded where anything could be meant by a character. What lies outside
/// of where the scan was started has nothing to be relative to. It is told whole if `here` says where that is.
pub(super) fn location(path: &[u8], here: Option<&[u8]>) -> ArtifactLocation {
    // How Windows writes a path that it takes as it is.
    let path = &settled(path.strip_prefix(b"//?/").unwrap_or(path));
    if path.starts_with(b"../") {
        return match here {
            Some(here) => location(&[here, b"/", path.as_slice()].concat(), None),
            None => ArtifactLocation { uri: encoded(path), uri_base_id: None },
        };
    }
    let drive = path.len() > 2 && path[0].is_ascii_alphabetic() && path[1..].starts_with(b":/");
    if path.starts_with(b"/") {
        ArtifactLocation { uri: format!("file://{}", encoded(path)), uri_base_id: None }
    } else if drive {
        let uri = format!("file:///{}:{}", char::from(path[0]), encoded(&path[2..]));
        ArtifactLocation { uri, uri_base_id: None }
    } else {
        ArtifactLocation { uri: encoded(path), uri_base_id: Some(ROOT) }
    }
}

/// `path` without `.`, and without `..` but at its start.
fn settled(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match (part, parts.last()) {
            (b".", _) => {}
            // Above the root is the root.
            (b"..", Some(&b"")) if parts.len() == 1 => {}
            (b"..", Some(&last)) if last != b".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join(&b'/')
}

fn encoded(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for &byte in path {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_mean_something_is_encoded() {
        let of = |path: &[u8]| location(path, None).uri;
        assert_eq!(of(b"src/a-b_c.d~e/F9"), "src/a-b_c.d~e/F9");
        assert_eq!(of(b"a b/c#d?e%f:g"), "a%20b/c%23d%3Fe%25f%3Ag");
        assert_eq!(of("ä[id]\n\u{202e}".as_bytes()), "%C3%A4%5Bid%5D%0A%E2%80%AE");
        assert_eq!(of(b"caf\xe9"), "caf%E9");
        assert_eq!(of(b"https://x"), "https%3A//x", "no path is taken for another scheme");
    }

    #[test]
    fn relative_paths_stay_relative() {
        let of = |path: &[u8]| {
            let location = location(path, None);
            (location.uri, location.uri_base_id)
        };
        assert_eq!(of(b"./a"), ("a".to_owned(), Some(ROOT)));
        assert_eq!(of(b"a/../b/./c"), ("b/c".to_owned(), Some(ROOT)));
        assert_eq!(of(b"/a b"), ("file:///a%20b".to_owned(), None));
        assert_eq!(of(b"//?/C:/a"), ("file:///C:/a".to_owned(), None));
        assert_eq!(of(b"C:/a"), ("file:///C:/a".to_owned(), None));
    }

    #[test]
    fn what_lies_outside_is_relative_to_nothing() {
        let of = |path: &[u8], here: Option<&[u8]>| {
            let location = location(path, here);
            assert_eq!(location.uri_base_id, None);
            location.uri
        };
        assert_eq!(of(b"../a", None), "../a");
        assert_eq!(of(b"../a", Some(b"/x/y")), "file:///x/a");
        assert_eq!(of(b"b/../../../../a", Some(b"/x/y")), "file:///a");
        assert_eq!(of(b"../a", Some(b"C:/x/y")), "file:///C:/x/a");
    }
}
