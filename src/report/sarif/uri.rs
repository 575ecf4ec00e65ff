//! Paths as URIs. Must not know what is at them.

use super::shape::ArtifactLocation;

/// What relative URIs are relative to.
pub(super) const ROOT: &str = "%SRCROOT%";

/// `path` as a URI: relative where it is, percent-encoded where anything could be meant by a character.
pub(super) fn location(path: &[u8]) -> ArtifactLocation {
    let path = path.strip_prefix(b"./").unwrap_or(path);
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
        let of = |path: &[u8]| location(path).uri;
        assert_eq!(of(b"src/a-b_c.d~e/F9"), "src/a-b_c.d~e/F9");
        assert_eq!(of(b"a b/c#d?e%f:g"), "a%20b/c%23d%3Fe%25f%3Ag");
        assert_eq!(of("ä[id]\n\u{202e}".as_bytes()), "%C3%A4%5Bid%5D%0A%E2%80%AE");
        assert_eq!(of(b"caf\xe9"), "caf%E9");
        assert_eq!(of(b"https://x"), "https%3A//x", "no path is taken for another scheme");
    }

    #[test]
    fn relative_paths_stay_relative() {
        assert_eq!((location(b"./a").uri.as_str(), location(b"./a").uri_base_id), ("a", Some(ROOT)));
        assert_eq!(location(b"../a").uri, "../a");
        assert_eq!((location(b"/a b").uri.as_str(), location(b"/a b").uri_base_id), ("file:///a%20b", None));
        assert_eq!(location(b"C:/a").uri, "file:///C:/a");
    }
}
