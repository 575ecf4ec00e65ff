//! Whether a string looks drawn at random, as keys are, or made up by a person.
//!
//! Must not know what the string is. There is no list of words: one could silence a key that happens to
//! spell one. What is measured are runs, sequences, repetition, entropy, and how much of it reads like
//! language; the bounds are set so that a random body of a key practically never fails.

use super::language::is_common;
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

/// The verdict on a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Random,
    /// Not how the bulk of random strings looks.
    Doubtful,
    /// Never drawn at random: repeated, in sequence, or made of words.
    Placeholder,
}

/// The longest run of one character that still passes: Azure's keys have six in their fixed part.
const RUN: usize = 7;
/// The longest run of neighbours in the alphabet or on the keyboard that still passes.
const SEQUENCE: usize = 7;
/// The bounds of a body of some length.
struct Bounds {
    /// Least entropy, in bits a character: below the first it is a placeholder, below the second doubtful.
    entropy: (f64, f64),
    /// Most that may read like language, as a share of its pairs: from the first on it is a placeholder,
    /// from the second on doubtful. Of 100,000 random bodies one reaches the second, none the first.
    language: (f64, f64),
}

impl Bounds {
    const fn of(len: usize, hex: bool) -> Self {
        match len {
            _ if hex => Self { entropy: (2.5, 3.0), language: (0.55, 0.45) },
            80.. => Self { entropy: (4.0, 4.5), language: (0.42, 0.36) },
            40.. => Self { entropy: (3.0, 3.5), language: (0.5, 0.42) },
            _ => Self { entropy: (3.0, 3.0), language: (0.55, 0.45) },
        }
    }
}

/// Fewer characters are no key of anybody's.
pub(super) const SHORTEST: usize = 20;
/// Of twenty letters and digits drawn at random three are digits, and the case changes ten times. Addresses have one digit
/// (`/v1/`), names of three words five changes at most. Of thirteen hundred keys of twenty letters and digits one has fewer of
/// both, of small letters and digits alone one in eighty; of keys of thirty-two, one in two thousand at most.
const DIGITS: usize = 2;
const CHANGES: usize = 4;

/// Characters that keys are made of.
pub(super) fn is_of_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.+/=~".contains(&byte)
}

/// Whether a word of `text` may have been drawn at random, as far as can be seen at a glance.
pub(super) fn may_hold_random(text: &[u8]) -> bool {
    let is_changed = |pair: &[u8]| {
        pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()
            || pair[0].is_ascii_uppercase() && pair[1].is_ascii_lowercase()
    };
    let may_be = |word: &[u8]| {
        word.iter().filter(|byte| byte.is_ascii_digit()).count() >= DIGITS
            || word.windows(2).filter(|pair| is_changed(pair)).count() >= CHANGES
    };
    text.split(|byte| !is_of_key(*byte)).any(|word| word.len() >= SHORTEST && may_be(word))
}

pub(super) fn look(body: &[u8]) -> Look {
    if longest_run(body) > RUN
        || is_stuttering(body)
        || is_in_sequence(body)
        || is_periodic(body)
        || is_encoded_text(body)
    {
        return Look::Placeholder;
    }
    let bounds = Bounds::of(body.len(), body.iter().all(u8::is_ascii_hexdigit));
    let entropy = entropy(body);
    let language = language(body);
    let plain = plain_segment_bytes(body) as f64 / body.len().max(1) as f64;
    if entropy < bounds.entropy.0 || language >= bounds.language.0 || plain >= 0.4 {
        Look::Placeholder
    } else if entropy < bounds.entropy.1 || language >= bounds.language.1 || plain >= 0.2 {
        Look::Doubtful
    } else {
        Look::Random
    }
}

/// Shannon entropy, in bits a character.
pub(super) fn entropy(body: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    body.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    let all = body.len() as f64;
    let of = |&count: &u32| {
        let share = f64::from(count) / all;
        -share * share.log2()
    };
    counts.iter().filter(|&&count| count > 0).map(of).sum()
}

pub(super) fn distinct(body: &[u8]) -> usize {
    let mut seen = [false; 256];
    body.iter().for_each(|&byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|&&seen| seen).count()
}

/// Whether upper and lower case occur. Of 40 random letters and digits one in a thousand has no digit,
/// but one in three thousand million lacks a case.
pub(super) fn is_mixed(body: &[u8]) -> bool {
    body.iter().any(u8::is_ascii_uppercase) && body.iter().any(u8::is_ascii_lowercase)
}

fn longest_run(body: &[u8]) -> usize {
    longest(body, |a, b| a == b)
}

/// Whether every other character repeats the one before, as in `aabbccdd`.
fn is_stuttering(body: &[u8]) -> bool {
    let same = body.windows(2).filter(|pair| pair[0] == pair[1]).count();
    same * 5 >= body.len() * 2
}

/// The longest stretch in which each character follows from the one before as in `abcd`, `9876`,
/// `qwerty`, in either direction and whatever the case.
fn longest_sequence(body: &[u8]) -> usize {
    const ROWS: [&[u8]; 4] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm", b"1234567890"];
    let up = |a: u8, b: u8| {
        let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
        (a.is_ascii_alphanumeric() && b == a + 1)
            || (a == b'z' && b == b'0' || a == b'9' && b == b'a')
            || ROWS.iter().any(|row| row.windows(2).any(|pair| pair == [a, b]))
    };
    longest(body, up).max(longest(body, |a, b| up(b, a)))
}

fn longest(body: &[u8], continues: impl Fn(u8, u8) -> bool) -> usize {
    let (mut best, mut current) = (1.min(body.len()), 1);
    for pair in body.windows(2) {
        current = if continues(pair[0], pair[1]) { current + 1 } else { 1 };
        best = best.max(current);
    }
    best
}

/// Whether the body repeats itself: shifted by some length up to its half, nine in ten characters
/// of the overlap agree.
fn is_periodic(body: &[u8]) -> bool {
    (1..=body.len() / 2).any(|period| {
        let pairs = body.len() - period;
        let same = body.iter().zip(&body[period..]).filter(|(a, b)| a == b).count();
        same * 10 >= pairs * 9
    })
}

/// Whether much of the body is in sequence: as it stands, or its letters alone, or its digits alone, as
/// in `a1b2c3d4` and `abc123def456`.
fn is_in_sequence(body: &[u8]) -> bool {
    let only = |keep: fn(&u8) -> bool| longest_sequence(&body.iter().copied().filter(keep).collect::<Vec<_>>());
    let (letters, digits) = (only(u8::is_ascii_alphabetic), only(u8::is_ascii_digit));
    // Hex has but six letters, so that what is made of both counts together.
    let both = letters.min(digits) > SEQUENCE - 3 && letters + digits > 2 * SEQUENCE - 3;
    longest_sequence(body) > SEQUENCE || letters > SEQUENCE || digits > SEQUENCE || both
}

/// Whether the body is base64 of something that people read.
fn is_encoded_text(body: &[u8]) -> bool {
    decoded_text(body).is_some()
}

/// Whether the body is base64 of a text that looks drawn at random: a key in a Kubernetes secret.
pub(super) fn hides_random(body: &[u8]) -> bool {
    let is_key = |word: &[u8]| word.len() >= SHORTEST && look(word) == Look::Random;
    decoded_text(body).is_some_and(|text| text.split(u8::is_ascii_whitespace).any(is_key))
}

fn decoded_text(body: &[u8]) -> Option<Vec<u8>> {
    let unpadded = body.iter().rposition(|&byte| byte != b'=').map_or(0, |last| last + 1);
    let decode = |text: &[u8]| BASE64URL_NOPAD.decode(text).or_else(|_| BASE64_NOPAD.decode(text)).ok();
    let is_text = |bytes: &[u8]| bytes.iter().all(|&byte| byte == b'\n' || byte == b' ' || byte.is_ascii_graphic());
    decode(&body[..unpadded / 4 * 4]).filter(|bytes| bytes.len() >= 12 && is_text(bytes))
}

/// Which share of the pairs of neighbours reads like language: two letters that often follow one another,
/// without a capital after a small letter, where a word would begin.
fn language(body: &[u8]) -> f64 {
    let reads_on = |pair: &&[u8]| {
        let within = !(pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
        within && is_common(pair[0], pair[1])
    };
    let pairs = body.windows(2);
    let all = pairs.len().max(1) as f64;
    pairs.filter(reads_on).count() as f64 / all
}

/// How many characters are in segments, between dashes and underscores, of three or more letters all
/// of one case or capitalised: `your-project-Key`.
fn plain_segment_bytes(body: &[u8]) -> usize {
    let is_plain = |segment: &&[u8]| {
        let tail = segment.get(1..).unwrap_or_default();
        segment.len() >= 3
            && segment.iter().all(u8::is_ascii_alphabetic)
            && (tail.iter().all(u8::is_ascii_lowercase) || segment.iter().all(u8::is_ascii_uppercase))
    };
    body.split(|byte| matches!(byte, b'-' | b'_')).filter(is_plain).map(<[u8]>::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;

    #[test]
    fn a_hundred_thousand_random_bodies_are_never_taken_for_placeholders() {
        let mut doubtful = 0;
        for (class, count) in [("alnum", 40), ("b64u", 84), ("b64u", 116), ("b64u", 148), ("hex", 32)] {
            for seed in 0..20_000 {
                let body = expand(&format!("{{{class}:{count}}}"), seed).expect("a generator").text;
                let look = look(body.as_bytes());
                assert_ne!(look, Look::Placeholder, "{class}:{count} seed {seed}");
                doubtful += usize::from(look == Look::Doubtful);
            }
        }
        assert!(doubtful <= 20, "{doubtful} of 100000 are doubtful");
    }

    #[test]
    fn what_people_write_instead_of_a_key_is_a_placeholder() {
        for body in [
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "abcdefghijklmnopqrstuvwxyz0123456789ABCD",
            "1234567890abcdefghij1234567890abcdefghij",
            "YOUR-PROJECT-API-KEY-GOES-HERE-PLEASE-REPLACE",
            "thisIsAFakeKeyForTestingPleaseReplaceItWithYours",
            "a1b2c3d4e5a1b2c3d4e5a1b2c3d4e5a1b2c3d4e5",
            "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0",
            "0a1b2c3d4e5f70819263a4b5c6d7e8f9",
            "00112233445566778899aabbccddeeff",
            "aaaabbbbccccddddeeeeffff00001111",
            "abc123def456ghi789jkl012mno345pqr678stu9",
            "meineGeheimeSchluesselZeichenkette12345x",
            "VGhpcyBpcyBub3QgYSBrZXksIGl0IGlzIGEgdGV4dC4",
            "qwertyuiopasdfghjklzxcvbnm1234567890QWER",
        ] {
            assert_eq!(look(body.as_bytes()), Look::Placeholder, "{body}");
        }
    }

    #[test]
    fn an_empty_body_is_no_crash() {
        assert_eq!(look(b""), Look::Placeholder);
        assert_eq!(distinct(b""), 0);
    }
}
