//! Texts from generators, so that no key-shaped bytes need to be stored. Must not know rules.
//!
//! A generator is a text with places to fill in: `{CLASS:N}` is N random characters of a class,
//! `{base64url:`TEXT`}` and `{base64:`TEXT`}` are encodings of what is between the backticks, which
//! may hold generators itself. `«` and `»` mark the secret. A brace that opens none of these is itself.

use crate::model::Span;
use data_encoding::{BASE64, BASE64URL_NOPAD};

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const DIGIT: &str = "0123456789";

/// An expanded generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The text.
    pub text: String,
    /// What was marked as the secret; the whole text where nothing was.
    pub secret: Span,
}

/// What is wrong with a generator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExampleError {
    /// `{alnum:many}`
    #[error("`{{{0}:…}}` wants a number of characters from 1 to 100000")]
    Count(String),
    /// `{alnum:20`
    #[error("`{{{0}:…` is not closed")]
    Open(String),
    /// A `«` without its `»`, or more than one pair.
    #[error("`«` and `»` mark one secret and come as one pair")]
    Marks,
}

/// Expands `template`; equal seeds give equal texts.
///
/// # Errors
/// When the generator is not well formed.
pub fn expand(template: &str, seed: u64) -> Result<Example, ExampleError> {
    let text = fill(template, &mut Random::new(seed))?;
    let (before, rest) = match text.split_once('«') {
        Some(parts) => parts,
        None if text.contains('»') => return Err(ExampleError::Marks),
        None => return Ok(Example { secret: Span::new(0, text.len()), text }),
    };
    let (secret, after) = rest.split_once('»').ok_or(ExampleError::Marks)?;
    if after.contains(['«', '»']) || secret.contains('«') {
        return Err(ExampleError::Marks);
    }
    let span = Span::new(before.len(), before.len() + secret.len());
    Ok(Example { text: [before, secret, after].concat(), secret: span })
}

/// `template` for people: an ellipsis for what is filled in and the rest of its word, so that nothing in it can be taken
/// for a key, and no marks.
#[must_use]
pub fn outline(template: &str) -> String {
    let template = template.replace(['«', '»'], "");
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let (mut out, mut rest) = (String::new(), template.as_str());
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let mut end = Generator::end_of(rest);
        if end.is_none() {
            out.push('{');
            rest = &rest[1..];
            continue;
        }
        out.push('…');
        while let Some(after) = end {
            rest = after.trim_start_matches(is_of_word);
            end = Generator::end_of(rest);
        }
    }
    out + rest
}

fn fill(template: &str, random: &mut Random) -> Result<String, ExampleError> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        rest = match Generator::at(rest) {
            Some(generator) => generator.fill(random, &mut out)?,
            None => {
                out.push('{');
                &rest[1..]
            }
        };
    }
    out.push_str(rest);
    Ok(out)
}

/// A place to fill in: its name, and the template after the colon.
struct Generator<'a> {
    name: &'a str,
    alphabet: Option<String>,
    rest: &'a str,
}

impl<'a> Generator<'a> {
    /// The generator that opens `text`, if one does.
    fn at(text: &'a str) -> Option<Self> {
        let inner = text.strip_prefix('{')?;
        let end = if inner.starts_with('[') { inner.find("]:")? + 1 } else { inner.find(':')? };
        let (name, rest) = (&inner[..end], &inner[end + 1..]);
        let alphabet = alphabet(name);
        let known = alphabet.is_some() || (matches!(name, "base64" | "base64url") && rest.starts_with('`'));
        known.then_some(Self { name, alphabet, rest })
    }

    /// What comes after the generator that opens `text`, if one does and is closed.
    fn end_of(text: &'a str) -> Option<&'a str> {
        let generator = Self::at(text)?;
        let close = if generator.alphabet.is_some() { "}" } else { "`}" };
        generator.rest.split_once(close).map(|(_, rest)| rest)
    }

    /// Appends what it stands for; returns the template after it.
    fn fill(self, random: &mut Random, out: &mut String) -> Result<&'a str, ExampleError> {
        let open = || ExampleError::Open(self.name.to_owned());
        let Some(alphabet) = self.alphabet else {
            let (inner, rest) = self.rest[1..].split_once("`}").ok_or_else(open)?;
            let inner = fill(inner, random)?;
            let encoding = if self.name == "base64" { BASE64 } else { BASE64URL_NOPAD };
            out.push_str(&encoding.encode(inner.as_bytes()));
            return Ok(rest);
        };
        let (count, rest) = self.rest.split_once('}').ok_or_else(open)?;
        let count = count.parse().ok().filter(|n| (1..=100_000).contains(n));
        let letters = alphabet.as_bytes();
        for _ in 0..count.ok_or_else(|| ExampleError::Count(self.name.to_owned()))? {
            out.push(char::from(letters[random.below(letters.len())]));
        }
        Ok(rest)
    }
}

/// The characters of a class.
fn alphabet(name: &str) -> Option<String> {
    Some(match name {
        "alnum" => [UPPER, LOWER, DIGIT].concat(),
        "b64u" => [UPPER, LOWER, DIGIT, "-_"].concat(),
        "b64" => [UPPER, LOWER, DIGIT, "+/"].concat(),
        "hex" => [DIGIT, "abcdef"].concat(),
        "upper-hex" => [DIGIT, "ABCDEF"].concat(),
        "lower" => LOWER.to_owned(),
        "upper" => UPPER.to_owned(),
        "digit" => DIGIT.to_owned(),
        _ => {
            let set = name.strip_prefix('[')?.strip_suffix(']')?;
            (!set.is_empty() && set.is_ascii()).then(|| set.to_owned())?
        }
    })
}

/// SplitMix64: small, and the same on every machine and in every version.
struct Random(u64);

impl Random {
    const fn new(seed: u64) -> Self {
        Self(seed ^ 0x6b65_796c_696e_7431)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_filled_and_the_secret_is_marked() {
        let example = expand("key = \"«sk-{hex:8}{[AB]:2}»\";", 1).expect("well formed");
        assert_eq!(example.text.len(), "key = \"sk-00000000AB\";".len());
        let secret = &example.text[example.secret.range()];
        assert!(secret.starts_with("sk-") && secret.len() == 13, "{secret}");
        assert!(secret[3..11].bytes().all(|b| b.is_ascii_hexdigit()));
    }

    #[test]
    fn the_same_seed_gives_the_same_text_and_another_another() {
        let of = |seed| expand("{b64u:40}", seed).expect("well formed").text;
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }

    #[test]
    fn encodings_hold_generators() {
        let example = expand("{base64url:`{\"n\":\"{digit:3}\"}`}", 3).expect("well formed");
        let json = BASE64URL_NOPAD.decode(example.text.as_bytes()).expect("base64url");
        assert_eq!(json.len(), "{\"n\":\"123\"}".len());
    }

    #[test]
    fn an_outline_has_nothing_filled_in() {
        assert_eq!(outline("k = \"«sk-proj-{b64u:74}T3{b64u:3}{[AE]:1}A»\" {x}"), "k = \"sk-proj-…\" {x}");
        assert_eq!(outline("Basic {base64:`u:{alnum:9}`}; {hex:3"), "Basic …; {hex:3");
    }

    #[test]
    fn a_brace_that_opens_nothing_is_itself() {
        assert_eq!(expand("f\"{key}\" ${VAR:-x} {x:1}", 0).expect("plain").text, "f\"{key}\" ${VAR:-x} {x:1}");
    }

    #[test]
    fn what_is_not_well_formed_says_so() {
        assert_eq!(expand("{hex:x}", 0), Err(ExampleError::Count("hex".into())));
        assert_eq!(expand("{hex:3", 0), Err(ExampleError::Open("hex".into())));
        assert_eq!(expand("«a", 0), Err(ExampleError::Marks));
        assert_eq!(expand("«a» «b»", 0), Err(ExampleError::Marks));
    }
}
