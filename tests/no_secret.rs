//! No report holds a key: every format's output is searched for every planted key, in clear and in the forms in which
//! something on the way may have written it. Must not know how reports are made.

use crate::{
    encoded::WRITINGS,
    fixture::{Folder, key, text},
};
use data_encoding::{BASE32, BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use flate2::{Compression, write::GzEncoder};
use keylint::report::Format;
use std::{fs, io::Write};

/// How much of a key must not be shown: a third of its body is enough to look for the rest.
const WINDOW: usize = 48;

/// A repository with a key in every kind of place, some of them not counted.
fn leaky() -> (Folder, Vec<String>) {
    let repository = Folder::repository();
    let keys: Vec<String> = (20..34).map(key).collect();
    repository.write("src/a.py", format!("\tkey = '{}'  # and {}\n", keys[0], keys[1]));
    repository.write(format!("names/{}.txt", keys[2]), format!("=cmd(),\"{}\"\n", keys[0]));
    // What is in a container is told with the name of that.
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(format!("K={}\n", keys[13]).as_bytes()).expect("memory takes everything");
    repository.write(format!("boxes/{}.gz", keys[12]), packed.finish().expect("memory takes everything"));
    repository.commit(&format!("Add {}\n\nBecause of {}", keys[3], keys[4]), 1);
    let somebody = format!("{} <{}@example.com>", keys[5], keys[6]);
    repository.git_as(&somebody, ["commit", "--quiet", "--allow-empty", "-m", &keys[0]]);
    repository.git(["tag", "-a", "v1", "-m", &keys[7]]);
    repository.git(["branch", &format!("wip/{}", keys[8])]);
    repository.git(["remote", "add", "origin", &format!("https://u:{}@example.com/x", keys[9])]);
    repository.git(["update-ref", "-m", &keys[10], "HEAD", "HEAD~1"]);
    repository.write("untracked.env", format!("K={}", keys[11]));
    (repository, keys)
}

/// Every text that would give away the stretch of a key, by the name of its form.
fn forms(part: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let reversed: Vec<u8> = part.iter().rev().copied().collect();
    let each = |of: fn(u8) -> String| part.iter().map(|&byte| of(byte)).collect::<String>().into_bytes();
    let mut forms = vec![
        ("clear", part.to_vec()),
        ("reversed", reversed),
        ("hex", HEXLOWER.encode(part).into_bytes()),
        ("HEX", HEXUPPER.encode(part).into_bytes()),
        ("percent", each(|byte| format!("%{byte:02X}"))),
        ("percent, lower", each(|byte| format!("%{byte:02x}"))),
        ("JSON escapes", each(|byte| format!("\\u{byte:04x}"))),
        ("HTML entities", each(|byte| format!("&#{byte};"))),
        ("HTML entities, hex", each(|byte| format!("&#x{byte:x};"))),
        // What Markdown escapes, and what a URI does, of a key's alphabet.
        ("entities of marks", String::from_utf8_lossy(part).replace('_', "&#95;").replace('-', "&#45;").into_bytes()),
        ("entities of _", String::from_utf8_lossy(part).replace('_', "&#95;").into_bytes()),
        ("percent of marks", String::from_utf8_lossy(part).replace('_', "%5F").replace('-', "%2D").into_bytes()),
        ("UTF-16", part.iter().flat_map(|&byte| [byte, 0]).collect()),
        ("base32", BASE32.encode(&part[..part.len() / 5 * 5]).into_bytes()),
    ];
    // Base64 of the same bytes has three forms, by what stands before them.
    for skip in 0..3 {
        let whole = &part[skip..skip + (part.len() - skip) / 3 * 3];
        forms.push(("base64", BASE64_NOPAD.encode(whole).into_bytes()));
        forms.push(("base64url", BASE64URL_NOPAD.encode(whole).into_bytes()));
    }
    forms
}

/// The names of the forms in which `text` shows a part of `key`.
fn shown(text: &[u8], key: &str) -> Vec<&'static str> {
    let body = &key.as_bytes()[8..key.len() - 4];
    // Stretches that overlap by half, so that no whole one can be missed.
    let parts = (0..=body.len() - WINDOW).step_by(WINDOW / 2).map(|at| &body[at..at + WINDOW]);
    let found = parts.flat_map(forms).filter(|(_, form)| memchr::memmem::find(text, form).is_some());
    found.map(|(name, _)| name).collect()
}

#[test]
fn no_report_holds_a_key_in_any_form() {
    let (repository, keys) = leaky();
    let out = Folder::new();
    let file = |format: &Format| format!("{0}={1}", format.as_str(), out.at(format.as_str()).display());
    for extra in [&[][..], &["--show-suppressed", "--verbose", "--color=always"], &["--quiet"]] {
        let mut args = vec!["scan".to_owned(), "--output".to_owned(), out.at("main").display().to_string()];
        for format in Format::ALL {
            args.extend(["--report".to_owned(), file(format)]);
        }
        args.extend(extra.iter().map(|arg| (*arg).to_owned()));
        let run = repository.keylint(&args);
        assert_eq!((run.code(), run.stdout(), run.stderr()), (1, String::new(), String::new()));
        for format in Format::ALL {
            let text = fs::read(out.at(format.as_str())).expect("a report");
            assert!(!text.is_empty(), "{format:?}");
            for (nth, key) in keys.iter().enumerate() {
                assert_eq!(shown(&text, key), [] as [&str; 0], "{format:?} {extra:?}, key {nth}");
            }
        }
    }
}

#[test]
fn no_story_holds_a_key_in_any_form() {
    let (repository, keys) = leaky();
    let scan = repository.scan(&[]);
    assert!(scan.findings().len() >= keys.len());
    for finding in scan.findings() {
        let run = repository.keylint(["story", text(&finding["fingerprint"])]);
        assert_eq!((run.code(), run.stderr()), (1, String::new()));
        for (nth, key) in keys.iter().enumerate() {
            assert_eq!(shown(&run.0.stdout, key), [] as [&str; 0], "key {nth}: {}", run.stdout());
        }
    }
}

#[test]
fn each_format_tells_of_each_key() {
    let (repository, keys) = leaky();
    for format in Format::ALL {
        let told = repository.keylint(["scan", "--format", format.as_str()]).stdout();
        // GitHub shows ten annotations; the last line says that there are more.
        let most = if *format == Format::Github { 10 } else { keys.len() };
        let tails = keys.iter().filter(|key| {
            let tail = &key[key.len() - 4..];
            told.contains(&format!("…{tail}")) || told.contains(&format!("…{}", tail.replace('_', "&#95;")))
        });
        assert!(tails.count() >= most, "{format:?}: {told}");
    }
}

#[test]
fn no_report_holds_a_key_as_it_was_encoded() {
    let repository = Folder::repository();
    let keys: Vec<String> = (0..WRITINGS.len() as u64).map(|nth| key(60 + nth)).collect();
    for (nth, (writing, key)) in WRITINGS.iter().zip(&keys).enumerate() {
        let written = (writing.write)(key);
        repository.write(format!("{nth}.txt"), [b"a = '", &written[..], b"' # and '", &written, b"'\n"].concat());
    }
    // What is in names and messages is masked as well.
    let encoded = BASE64URL_NOPAD.encode(keys[0].as_bytes());
    repository.commit(&format!("Add {encoded}"), 1);
    for format in Format::ALL {
        let run = repository.keylint(["scan", "--format", format.as_str(), "--verbose"]);
        for (writing, key) in WRITINGS.iter().zip(&keys) {
            assert_eq!(shown(&run.0.stdout, key), [] as [&str; 0], "{format:?} {:?}", writing.via);
            let written = (writing.write)(key);
            let middle = &written[written.len() / 3..written.len() / 3 + 60];
            assert!(memchr::memmem::find(&run.0.stdout, middle).is_none(), "{format:?} {:?}", writing.via);
        }
    }
}

/// The search must be able to fail.
#[test]
fn a_key_is_seen_in_each_of_its_forms() {
    let key = key(20);
    for (name, form) in forms(&key.as_bytes()[8 + WINDOW / 2..][..WINDOW]) {
        let text = [b"before ", &form[..], b" after"].concat();
        assert!(shown(&text, &key).contains(&name), "{name}");
    }
    // Whatever stands before it, whole base64 of it shows.
    for before in ["", "a", "ab", "abc"] {
        let text = BASE64.encode(format!("{before}{key}").as_bytes());
        assert!(shown(text.as_bytes(), &key).contains(&"base64"), "{before}");
    }
    assert_eq!(shown(b"sk-proj-\xe2\x80\xa6AbC9", &key), [] as [&str; 0]);
}
