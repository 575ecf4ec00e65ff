//! Any bytes, written in one or two encodings: no panic, hits that stand in the text, and of one layer of a plain
//! encoding what this file's own decoder reads there. Must not know how anything is found.
#![no_main]

use data_encoding::{BASE64, HEXLOWER};
use keylint::model::{Encoding, Hit};
use keylint_fuzz::{check_hits, choice, rules};
use libfuzzer_sys::fuzz_target;

type Write = fn(&[u8]) -> Vec<u8>;

/// Ways to write bytes; the first leaves them as they are.
const WRITINGS: [Write; 14] = [
    <[u8]>::to_vec,
    |bytes| BASE64.encode(bytes).into(),
    |bytes| BASE64.encode(bytes).as_bytes().chunks(76).collect::<Vec<_>>().join(&b"\r\n"[..]),
    |bytes| HEXLOWER.encode(bytes).into(),
    |bytes| bytes.iter().rev().copied().collect(),
    |bytes| bytes.iter().flat_map(|byte| [*byte, 0]).collect(),
    |bytes| bytes.iter().flat_map(|byte| [0, *byte]).collect(),
    |bytes| bytes.iter().flat_map(|byte| [*byte, 0, 0, 0]).collect(),
    |bytes| each(bytes, |byte| format!("%{byte:02X}")),
    |bytes| each(bytes, |byte| format!("\\u{byte:04x}")),
    |bytes| each(bytes, |byte| format!("\\x{byte:02x}")),
    |bytes| each(bytes, |byte| format!("&#{byte};")),
    |bytes| each(bytes, |byte| format!("{byte}, ")),
    |bytes| bytes.chunks(40).collect::<Vec<_>>().join(&b"\" +\n    \""[..]),
];

fn each(bytes: &[u8], write: fn(u8) -> String) -> Vec<u8> {
    bytes.iter().map(|byte| write(*byte)).collect::<String>().into_bytes()
}

fuzz_target!(|input: &[u8]| {
    let count = WRITINGS.len();
    let Some((both, bytes)) = choice(input, count * count) else { return };
    let text = WRITINGS[both / count](&WRITINGS[both % count](bytes));
    let hits = rules().1.hits(&text);
    check_hits(&hits, &text);
    for hit in &hits {
        assert!(says(&text[hit.span.range()], hit), "{:?} does not say what it is told to", hit.span);
    }
});

/// Whether `written` says the secret of `hit`, as far as that is known here.
fn says(written: &[u8], hit: &Hit) -> bool {
    let secret = hit.secret.expose();
    let has = |decoded: &[u8]| decoded == secret;
    // What stands between two pieces of a run is not told from digits here.
    let is_run = |is_of_run: fn(&u8) -> bool| written.iter().all(|byte| is_of_run(byte) || b" \t\r\n".contains(byte));
    let without_space = || written.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<u8>>();
    match hit.via[..] {
        [Encoding::Reversed] => has(&written.iter().rev().copied().collect::<Vec<u8>>()),
        [Encoding::Hex] if is_run(u8::is_ascii_hexdigit) => {
            HEXLOWER.decode(&without_space().to_ascii_lowercase()).is_ok_and(|decoded| has(&decoded))
        }
        [Encoding::Utf16Le] => wide(written, 2, 0).is_none_or(|decoded| has(&decoded)),
        [Encoding::Utf16Be] => wide(written, 2, 1).is_none_or(|decoded| has(&decoded)),
        [Encoding::Utf32Le] => wide(written, 4, 0).is_none_or(|decoded| has(&decoded)),
        [Encoding::Utf32Be] => wide(written, 4, 3).is_none_or(|decoded| has(&decoded)),
        [Encoding::Base64] if is_run(u8::is_ascii_alphanumeric) => {
            // It may begin within a group of four.
            let digits = without_space();
            (0..3).any(|before| {
                let mut group = vec![b'A'; before];
                group.extend(&digits);
                group.resize(group.len().next_multiple_of(4), b'A');
                let decoded = BASE64.decode(&group).unwrap_or_default();
                decoded.windows(secret.len()).any(has)
            })
        }
        _ => true,
    }
}

/// ASCII of which each character is in `unit` bytes, the `nth` of which says it; none if it is more than that.
fn wide(written: &[u8], unit: usize, nth: usize) -> Option<Vec<u8>> {
    let others = |chunk: &[u8]| chunk.iter().enumerate().all(|(at, byte)| at == nth || *byte == 0);
    let is_wide = written.len().is_multiple_of(unit) && written.chunks(unit).all(others);
    is_wide.then(|| written.chunks(unit).map(|chunk| chunk[nth]).collect())
}
