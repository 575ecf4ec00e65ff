//! Keys that are encoded or in pieces: found, told as the same key, and never shown. Must not know how they are found.

use crate::fixture::{Folder, key, key_of, program, text};
use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use keylint::{
    matcher::Matcher,
    model::{Encoding, Hit, Span},
    rule::Catalog,
};
use proptest::prelude::*;
use std::{io::Write, process::Stdio, sync::LazyLock};

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| Matcher::new(&Catalog::builtin()).expect("they can be matched"));

/// Keys of every family that is found by itself.
fn keys(seed: u64) -> Vec<String> {
    let rules = ["openai-service-account-key", "anthropic-api-key", "anthropic-oauth-token"];
    let rest = ["azure-openai-key", "azure-ai-key", "openai-session-key"];
    let keys = rules.iter().chain(&rest).map(|rule| key_of(rule, seed));
    std::iter::once(key(seed)).chain(keys).collect()
}

fn each(key: &str, write: impl Fn(u8) -> String) -> Vec<u8> {
    key.bytes().map(write).collect::<String>().into_bytes()
}

fn wide(text: &str, unit: usize, big: bool) -> Vec<u8> {
    let of = |char: char| {
        let mut bytes = if big { u32::from(char).to_be_bytes() } else { u32::from(char).to_le_bytes() }.to_vec();
        if big {
            bytes.drain(..4 - unit)
        } else {
            bytes.drain(unit..)
        };
        bytes
    };
    text.chars().flat_map(of).collect()
}

/// A way to write a key, and what reports call it.
pub(crate) struct Writing {
    pub(crate) via: &'static [Encoding],
    pub(crate) write: fn(&str) -> Vec<u8>,
    /// Whether what is written is all of the span: else it is known to lie within.
    pub(crate) exact: bool,
}

const fn writing(via: &'static [Encoding], write: fn(&str) -> Vec<u8>) -> Writing {
    Writing { via, write, exact: true }
}

const fn part(via: &'static [Encoding], write: fn(&str) -> Vec<u8>) -> Writing {
    Writing { via, write, exact: false }
}

fn halves<'a>(key: &'a str, gap: &'a str) -> Vec<u8> {
    let (a, b) = key.split_at(key.len() * 2 / 5);
    format!("{a}{gap}{b}").into_bytes()
}

pub(crate) const WRITINGS: &[Writing] = &[
    writing(&[Encoding::Base64], |key| BASE64.encode(key.as_bytes()).trim_end_matches('=').into()),
    part(&[Encoding::Base64], |key| BASE64.encode(format!(":{key}\n").as_bytes()).into()),
    part(&[Encoding::Base64], |key| BASE64URL.encode(format!("é={key};old").as_bytes()).into()),
    part(&[Encoding::Base64, Encoding::Json], |key| {
        BASE64.encode(format!("{{\"auths\": {{\"k\": \"{key}\"}}}}").as_bytes()).into()
    }),
    part(&[Encoding::Base64, Encoding::Base64], |key| {
        BASE64.encode(BASE64.encode(format!("a={key}").as_bytes()).as_bytes()).into()
    }),
    part(&[Encoding::Base64, Encoding::Utf16Le], |key| BASE64.encode(&wide(&format!("$k='{key}'"), 2, false)).into()),
    part(&[Encoding::Utf16Le, Encoding::Base64], |key| {
        [b"\xff\xfe".as_slice(), &wide(&BASE64.encode(format!("k={key}").as_bytes()), 2, false)].concat()
    }),
    writing(&[Encoding::Hex], |key| HEXLOWER.encode(key.as_bytes()).into()),
    writing(&[Encoding::Hex], |key| HEXUPPER.encode(key.as_bytes()).into()),
    writing(&[Encoding::Percent], |key| each(key, |byte| format!("%{byte:02X}"))),
    writing(&[Encoding::UnicodeEscape], |key| each(key, |byte| format!("\\u{byte:04x}"))),
    writing(&[Encoding::UnicodeEscape], |key| each(key, |byte| format!("\\u{{{byte:x}}}"))),
    writing(&[Encoding::UnicodeEscape], |key| each(key, |byte| format!("\\\\u{byte:04X}"))),
    writing(&[Encoding::ByteEscape], |key| each(key, |byte| format!("\\x{byte:02x}"))),
    writing(&[Encoding::ByteEscape], |key| each(key, |byte| format!("\\{byte:03o}"))),
    writing(&[Encoding::Html], |key| each(key, |byte| format!("&#{byte};"))),
    writing(&[Encoding::Html], |key| each(key, |byte| format!("&#x{byte:x};"))),
    writing(&[Encoding::QuotedPrintable], |key| each(key, |byte| format!("={byte:02X}"))),
    writing(&[Encoding::Reversed], |key| key.bytes().rev().collect()),
    writing(&[Encoding::CharacterCodes], |key| {
        key.as_bytes().iter().map(u8::to_string).collect::<Vec<_>>().join(", ").into()
    }),
    writing(&[Encoding::CharacterCodes], |key| {
        key.as_bytes().iter().map(u8::to_string).collect::<Vec<_>>().join(",").into()
    }),
    writing(&[Encoding::CharacterCodes], |key| {
        key.bytes().map(|byte| format!("0x{byte:02x}")).collect::<Vec<_>>().join(", ").into()
    }),
];

/// The same for what only keys of a fixed form can be told by.
pub(crate) const PIECES: &[Writing] = &[
    writing(&[Encoding::Concatenation], |key| halves(key, "\" + \"")),
    writing(&[Encoding::Concatenation], |key| halves(key, "\"\n        \"")),
    writing(&[Encoding::Concatenation], |key| halves(key, "' .\n '")),
    writing(&[Encoding::Concatenation], |key| halves(key, "\"}${\"")),
    writing(&[Encoding::Wrapped], |key| halves(key, "\\\n")),
    writing(&[Encoding::Wrapped], |key| halves(key, "\n")),
    writing(&[Encoding::Wrapped], |key| halves(key, "\r\n")),
    writing(&[Encoding::QuotedPrintable], |key| halves(key, "=\r\n")),
    writing(&[Encoding::UnicodeEscape], |key| key.replacen('-', "\\u002D", 2).into()),
    writing(&[Encoding::ByteEscape], |key| key.replacen('-', "\\x2d", 2).into()),
    writing(&[Encoding::Html], |key| key.replacen('-', "&#x2d;", 2).into()),
    writing(&[Encoding::Percent], |key| key.replacen('-', "%2D", 2).into()),
];

fn found(text: &[u8], key: &str) -> Vec<Hit> {
    MATCHER.hits(text).into_iter().filter(|hit| hit.secret.expose() == key.as_bytes()).collect()
}

/// That `key` is found in `written` with something before and after it, by the right door and at its place.
fn check(writing: &Writing, key: &str, before: &[u8], after: &[u8]) {
    let written = (writing.write)(key);
    let text = [before, &written, after].concat();
    let hits = found(&text, key);
    let shown = String::from_utf8_lossy(&text);
    assert_eq!(hits.len(), 1, "{:?}: {hits:?} in {shown:?}", writing.via);
    assert_eq!(hits[0].via, writing.via, "{shown:?}");
    let all = Span::new(before.len(), before.len() + written.len());
    if writing.exact {
        assert_eq!(hits[0].span, all, "{:?} in {shown:?}", writing.via);
    } else {
        assert!(all.start <= hits[0].span.start && hits[0].span.end <= all.end, "{:?} in {shown:?}", writing.via);
    }
}

#[test]
fn every_key_is_found_in_every_encoding() {
    for writing in WRITINGS {
        // Of the last ones too little is certain to tell them in two layers, or backwards.
        let most = match writing.via {
            [_, _, ..] => 4,
            [Encoding::Reversed] => 5,
            _ => usize::MAX,
        };
        for key in keys(7).into_iter().take(most) {
            check(writing, &key, b"", b"");
            check(writing, &key, b"a = \"", b"\"\n");
        }
    }
}

#[test]
fn keys_in_pieces_are_put_together() {
    for writing in PIECES {
        for key in [key(3), key_of("anthropic-api-key", 3)] {
            check(writing, &key, b"a = \"", b"\"\n");
        }
    }
    check(&PIECES[0], &key_of("azure-openai-key", 3), b"a = \"", b"\"\n");
}

#[test]
fn a_list_that_is_joined_is_one_string() {
    let key = key(3);
    let (a, b) = key.split_at(30);
    let text = format!("k = \"\".join([\"{a}\", \"{b}\"])");
    assert_eq!(found(text.as_bytes(), &key)[0].via, [Encoding::Concatenation]);
    let text = format!("k = [\"{a}\", \"{b}\"]");
    assert!(found(text.as_bytes(), &key).is_empty());
}

#[test]
fn wrapped_base64_is_found_wherever_its_lines_end() {
    let key = key(5);
    for before in 0..90 {
        let encoded = BASE64.encode(format!("{}{key}\nand more", "x".repeat(before)).as_bytes());
        for (width, gap) in [(64, "\n"), (76, "\r\n"), (76, "\n    "), (60, "\\n\" +\n  \"")] {
            let lines: Vec<&str> =
                encoded.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).expect("text")).collect();
            let text = format!("blob: \"{}\"\n", lines.join(gap));
            let hits = found(text.as_bytes(), &key);
            assert!(hits.len() == 1 && hits[0].via == [Encoding::Base64], "{before} {width} {gap:?}: {hits:?}");
        }
    }
}

#[test]
fn a_key_in_the_middle_of_much_base64_is_found() {
    let filler = "some words that are no key, ".repeat(4000);
    let text = BASE64URL_NOPAD.encode(format!("{filler}{}\n{filler}", key(1)).as_bytes());
    assert_eq!(found(text.as_bytes(), &key(1)).len(), 1);
}

#[test]
fn a_plain_key_stays_plain() {
    for text in [format!("\"{}\"", key(1)), format!("a\\u0020\"{}\" + \"b\"\n", key(1)), format!("%20{}=\nx", key(1))] {
        let hits = MATCHER.hits(text.as_bytes());
        assert!(hits.len() == 1 && hits[0].via.is_empty(), "{hits:?} in {text}");
    }
    let (a, b) = (key(1), key(2));
    let hits = MATCHER.hits(format!("[\"{a}\",\n\"{b}\"]\n'{a}' '{b}'").as_bytes());
    assert!(hits.len() == 4 && hits.iter().all(|hit| hit.via.is_empty()));
}

#[test]
fn what_holds_no_key_gives_none() {
    let noise: Vec<u8> = (0..60_000_u32).map(|nth| (nth.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for text in [BASE64.encode(&noise), HEXLOWER.encode(&noise)] {
        assert_eq!(MATCHER.hits(text.as_bytes()), []);
    }
    // What a key is told by, with nothing of a key around it.
    let marker =
        format!("data:{}", BASE64.encode(format!("{}T3Blbk{}", "a ".repeat(40), "FJ b".repeat(20)).as_bytes()));
    assert_eq!(MATCHER.hits(marker.as_bytes()), []);
}

/// No clock: as many decoded bytes as there may be would take minutes if they grew with the square.
#[test]
fn doors_without_end_are_read_once() {
    let marker = BASE64.encode(b"T3BlbkFJ!");
    let wide = wide("T3BlbkFJ", 2, false);
    for door in [
        marker.as_bytes(),
        &wide,
        b"T3BlbkFJ",
        b"JFkblB3T",
        b"\\x54\\x33\\x42\\x6c\\x62\\x6b\\x46\\x4a",
        b"84,51,66,108,98,107,70,",
    ] {
        let text = door.repeat(1_000_000 / door.len());
        assert!(MATCHER.hits(&text).is_empty());
    }
}

/// A repository with a file for each writing of a key of its own.
fn written() -> (Folder, Vec<(String, &'static [Encoding])>) {
    let repository = Folder::repository();
    let all = WRITINGS.iter().chain(PIECES).enumerate();
    let keys = all.map(|(nth, writing)| {
        let key = key(100 + nth as u64);
        let text = [b"# one\n", &(writing.write)(&key)[..], b"\n"].concat();
        repository.write(format!("{nth}.txt"), text);
        (key, writing.via)
    });
    let keys = keys.collect();
    (repository, keys)
}

fn via(place: &serde_json::Value) -> String {
    let layers = place["via"].as_array().expect("layers").iter();
    layers.map(text).collect::<Vec<_>>().join(" > ")
}

#[test]
fn files_and_what_is_staged_are_read_back() {
    let (repository, keys) = written();
    repository.git(["add", "--all"]);
    for args in [&["--no-history"][..], &["--staged"]] {
        let scan = repository.scan(args);
        for (nth, (key, layers)) in keys.iter().enumerate() {
            let finding = scan.of(key).unwrap_or_else(|| panic!("{args:?}: no {layers:?}"));
            assert_eq!(scan.places(key), [format!("file {nth}.txt")], "{args:?}");
            assert_eq!(via(&finding["places"][0]), Encoding::path(layers));
        }
        assert_eq!(scan.findings().len(), keys.len());
    }
}

#[test]
fn history_is_read_back_from_whole_objects_and_from_deltas() {
    let (repository, keys) = written();
    let filler: String = (0..400).map(|nth| format!("line {nth} of a file that changes little\n")).collect();
    repository.write("big.txt", &filler);
    repository.commit("Add", 1);
    // Each key once more, in a version of a file that is stored as a change of another.
    for (nth, writing) in WRITINGS.iter().enumerate() {
        let written = (writing.write)(&key(500 + nth as u64));
        repository.write("big.txt", [filler.as_bytes(), &written, filler.as_bytes()].concat());
        repository.commit("Change", 2 + nth as u32);
    }
    repository.git(["rm", "-q", "--", "*.txt"]);
    repository.commit("Remove", 90);
    repository.pack();
    let scan = repository.scan(&[]);
    for (nth, (key, layers)) in keys.iter().enumerate() {
        let finding = scan.of(key).unwrap_or_else(|| panic!("no {layers:?}"));
        assert_eq!(scan.places(key), [format!("file {nth}.txt")]);
        assert_eq!(via(&finding["places"][0]), Encoding::path(layers));
    }
    for (nth, writing) in WRITINGS.iter().enumerate() {
        assert_eq!(scan.places(&key(500 + nth as u64)), ["file big.txt"], "{:?}", writing.via);
    }
}

#[test]
fn standard_input_is_read_back() {
    let folder = Folder::new();
    for (nth, writing) in WRITINGS.iter().chain(PIECES).enumerate() {
        let key = key(nth as u64);
        let mut child = program()
            .current_dir(&folder.path)
            .args(["scan", "-", "--format", "json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        child.stdin.take().expect("a pipe").write_all(&(writing.write)(&key)).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(via(&json["findings"][0]["places"][0]), Encoding::path(writing.via));
    }
}

#[test]
fn a_key_in_two_forms_is_one_finding_with_two_places() {
    let folder = Folder::new();
    folder.write("a.env", format!("KEY={}\n", key(1)));
    folder.write("b.yaml", format!("data:\n  key: {}\n", BASE64.encode(key(1).as_bytes())));
    let scan = folder.scan(&[]);
    assert_eq!(scan.places(&key(1)), ["file a.env", "file b.yaml"]);
    let places = &scan.of(&key(1)).expect("one finding")["places"];
    assert!(places[0].get("via").is_none());
    assert_eq!(via(&places[1]), "base64");
    assert_eq!((places[1]["position"]["line"].as_u64(), places[1]["position"]["column"].as_u64()), (Some(2), Some(8)));
    let told = folder.keylint(["scan"]).stdout();
    assert!(told.contains("via base64"), "{told}");
    let told = folder.keylint(["scan", "--format", "sarif"]).stdout();
    assert!(told.contains("via base64"), "{told}");
    let fixed = folder.keylint(["fix"]).stdout();
    assert!(fixed.contains("it is encoded there"), "{fixed}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Whatever lies before and after. A word right before base64 would be read along with it, so that a document in it is
    /// found and not told to be one: a line ends with a sign.
    #[test]
    fn an_encoded_key_is_found_at_any_place(
        seed in any::<u64>(), nth in 0..WRITINGS.len(),
        before in prop::collection::vec("[a-z =:]{0,9}:\n", 0..40), after in prop::collection::vec("\n[a-z =:]{0,9}", 0..40),
    ) {
        let key = key(seed);
        prop_assume!(found(key.as_bytes(), &key).len() == 1);
        // UTF-16 has every character at a multiple of two.
        let mut before = before.concat();
        before.insert_str(0, &" ".repeat((4 - before.len() % 4) % 4));
        check(&WRITINGS[nth], &key, before.as_bytes(), after.concat().as_bytes());
    }

    /// Any bytes around what opens doors give sound hits.
    #[test]
    fn nothing_around_a_door_does_harm(
        parts in prop::collection::vec((0..WRITINGS.len(), any::<u64>(), 0..200_usize, prop::collection::vec(any::<u8>(), 0..40)), 0..8),
    ) {
        let mut text = Vec::new();
        for (nth, seed, cut, noise) in parts {
            let written = (WRITINGS[nth].write)(&key(seed % 64));
            text.extend_from_slice(&written[..written.len().saturating_sub(cut)]);
            text.extend_from_slice(&noise);
        }
        let hits = MATCHER.hits(&text);
        prop_assert!(hits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
        prop_assert!(hits.iter().all(|hit| !hit.span.is_empty() && hit.span.end <= text.len()));
        prop_assert!(hits.is_empty() || MATCHER.any(&text));
    }
}

/// Of all rules that tell a key by itself, which the others do not: they need company.
#[test]
fn keys_of_every_provider_are_found_in_every_encoding() {
    let quoted = |written: &[u8]| [b"a = \"", written, b"\"\n"].concat();
    let mut rules = 0;
    for rule in Catalog::builtin().secrets() {
        let (id, key) = (rule.id(), key_of(rule.id(), 7));
        if found(&quoted(key.as_bytes()), &key).len() != 1 {
            continue;
        }
        rules += 1;
        for writing in WRITINGS {
            let hits = found(&quoted(&(writing.write)(&key)), &key);
            let is_out_of_reach = writing.via == [Encoding::Reversed] && SHORT.contains(&id)
                || writing.via == [Encoding::Base64] && BARE.contains(&id);
            assert!(hits.len() == 1 || is_out_of_reach, "{id} {:?}", writing.via);
        }
    }
    assert!(rules > 40, "{rules}");
}

/// Keys that begin with four certain characters and fewer, which tell nothing backwards.
const SHORT: &[&str] = &[
    "cerebras-api-key",
    "databricks-token",
    "e2b-api-key",
    "elevenlabs-api-key",
    "groq-key-without-marker",
    "huggingface-token",
    "llamacloud-api-key",
    "one-api-key",
    "openai-malformed-key",
    "openai-oauth-token",
    "openai-realtime-secret",
    "replicate-api-token",
    "runpod-api-key",
    "vercel-ai-gateway-key",
    "xai-api-key",
];

/// Keys that begin with `sk-` and nothing else: too much begins so in base64.
const BARE: &[&str] = &["one-api-key", "openai-malformed-key"];
