//! Whether a string looks drawn at random, as keys are, or made up by a person.
//!
//! Must not know what the string is. The bounds are set so that a random body of a key practically
//! never fails: the cut-offs lie below the minimum over 20,000 drawn bodies, and words count only
//! where together they fill much of the body.

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
/// Words people write where a key should go. Only together and at length do they speak.
const WORDS: &[&str] = &[
    "your",
    "this",
    "that",
    "here",
    "goes",
    "with",
    "from",
    "real",
    "fake",
    "test",
    "none",
    "null",
    "demo",
    "mock",
    "dummy",
    "sample",
    "secret",
    "token",
    "openai",
    "placeholder",
    "example",
    "replace",
    "redacted",
    "changeme",
    "insert",
    "paste",
    "enter",
    "invalid",
    "random",
    "string",
    "value",
    "project",
    "account",
    "apikey",
    "please",
    "leaked",
    "masked",
    "hidden",
    "removed",
    "private",
    "password",
    "lorem",
    "ipsum",
    "hello",
    "world",
    "just",
    "only",
    "some",
    "test",
    "xxxx",
    "asdf",
    "qwer",
    "foobar",
    "deadbeef",
];

pub(super) fn look(body: &[u8]) -> Look {
    let hex = body.iter().all(u8::is_ascii_hexdigit);
    if longest_run(body) > RUN || longest_sequence(body) > SEQUENCE || is_periodic(body) {
        return Look::Placeholder;
    }
    let (least, doubtful) = if body.len() >= 80 { (4.0, 4.5) } else { (3.0, 3.5) };
    let wordy = (word_bytes(body).max(plain_segment_bytes(body))) as f64 / body.len().max(1) as f64;
    let entropy = if hex { entropy(body) + 1.0 } else { entropy(body) };
    if entropy < least || wordy >= 0.4 {
        Look::Placeholder
    } else if (body.len() >= 40 && entropy < doubtful) || wordy >= 0.2 {
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

/// How many characters are part of one of the words.
fn word_bytes(body: &[u8]) -> usize {
    let lower = body.to_ascii_lowercase();
    let mut covered = vec![false; lower.len()];
    for word in WORDS.iter().map(|word| word.as_bytes()) {
        for (at, window) in lower.windows(word.len()).enumerate() {
            if window == word {
                covered[at..at + word.len()].fill(true);
            }
        }
    }
    covered.iter().filter(|&&covered| covered).count()
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
