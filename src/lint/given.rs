//! Keys in a text: those that rules know, and what the text gives to the name of one and looks drawn at random.
//!
//! Must not know what a file is for. It is no parser: a name, what people write between a name and its value, a value.

use super::{
    Diagnostic, File,
    literal::Value,
    names::{self, Names},
};
use crate::model::Span;

/// A name of a key, and what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) name: Span,
    /// The value, without its quotes. It is not empty.
    pub(super) value: Span,
}

/// A key in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) span: Span,
    /// The name it stands under, if it has one.
    pub(super) name: Option<String>,
}

impl Held {
    pub(super) fn said(self, rule: &'static str) -> Diagnostic {
        Diagnostic { rule, span: self.span, what: self.name }
    }
}

/// No value is looked at that is longer, in bytes.
const LONGEST: usize = 512;

/// What is given to names of keys in `text`, in order.
pub(super) fn given<'a>(text: &'a [u8], names: &'a Names) -> impl Iterator<Item = Given> + 'a {
    let mut after = 0;
    names_in(text, names).filter_map(move |name| {
        // What is given to one may read like another.
        if name.start < after {
            return None;
        }
        // Most words are given nothing, which is seen sooner than what they name.
        let value = value_after(text, name.end).filter(|value| !value.is_empty())?;
        names.is_key(&text[name.range()]).then(|| {
            after = value.end;
            Given { name, value }
        })
    })
}

/// All keys in `file`, in order.
pub(super) fn keys(file: &File<'_>, names: &Names) -> Vec<Held> {
    let given =
        given(file.bytes, names).filter(|given| is_literal(file, &file.bytes[given.value.range()], given.value));
    let held = given.map(|given| {
        let name = String::from_utf8_lossy(&file.bytes[given.name.range()]).into_owned();
        Held { span: given.value, name: Some(name) }
    });
    with_others(file, held.collect())
}

/// `held`, which is in order, each as exactly as it is known, and the keys of `file` that are in none of them.
pub(super) fn with_others(file: &File<'_>, mut held: Vec<Held>) -> Vec<Held> {
    let mut others = Vec::new();
    let mut next = 0;
    for key in file.keys {
        while held.get(next).is_some_and(|held| held.span.end <= key.span.start) {
            next += 1;
        }
        match held.get_mut(next).filter(|held| held.span.overlaps(key.span)) {
            Some(held) => held.span = key.span,
            None => others.push(Held { span: key.span, name: None }),
        }
    }
    held.append(&mut others);
    held.sort_by_key(|held| held.span);
    held
}

/// Whether `text`, which stands at `span` of `file` as a value, may open something.
pub(super) fn is_literal(file: &File<'_>, text: &[u8], span: Span) -> bool {
    file.has_key(span) || Value::of(&String::from_utf8_lossy(text)) == Value::Literal
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where the name ends that begins at `at`. Names of properties have dots and dashes in them.
fn end_of_name(text: &[u8], mut at: usize) -> usize {
    loop {
        at += text[at..].iter().position(|byte| !is_of_name(*byte)).unwrap_or(text.len() - at);
        match text[at..] {
            [b'.' | b'-', next, ..] if is_of_name(next) => at += 1,
            _ => return at,
        }
    }
}

/// What may be names of keys in `text`, in order.
pub(super) fn names_in<'a>(text: &'a [u8], names: &Names) -> impl Iterator<Item = Span> + 'a {
    let (mut hints, mut at) = (names.hints(text).into_iter(), 0);
    std::iter::from_fn(move || {
        let name = name_around(text, hints.find(|hint| hint.start >= at)?, at);
        at = name.end;
        Some(name)
    })
}

/// The name that the `hint` is part of, which does not begin before `from`. Of one that is longer than any name of a key it is
/// not looked for the beginning.
fn name_around(text: &[u8], hint: Span, from: usize) -> Span {
    let floor = from.max(hint.start.saturating_sub(names::LONGEST));
    let mut start = hint.start;
    loop {
        let before = text[floor..start].iter().rposition(|byte| !is_of_name(*byte));
        start = before.map_or(floor, |at| floor + at + 1);
        match text[floor..start] {
            [.., before, b'.' | b'-'] if is_of_name(before) => start -= 1,
            _ => return Span::new(start, end_of_name(text, hint.end)),
        }
    }
}

/// The value after a name that ends at `at`.
fn value_after(text: &[u8], at: usize) -> Option<Span> {
    let rest = Rest { text, at };
    let closed = rest.past(b"\\\"'`]", 3);
    rest.property().or_else(|| closed.element()).or_else(|| closed.attribute()).or_else(|| closed.assigned())
}

/// What follows a place in a text.
#[derive(Clone, Copy)]
struct Rest<'a> {
    text: &'a [u8],
    at: usize,
}

impl Rest<'_> {
    /// What follows as many of `bytes` as there are, up to `most`.
    fn past(self, bytes: &[u8], most: usize) -> Self {
        let rest = &self.text[self.at..];
        let len = rest.iter().take(most).take_while(|byte| bytes.contains(byte)).count();
        Self { at: self.at + len, ..self }
    }

    fn after(self, text: &[u8]) -> Option<Self> {
        self.text[self.at..].starts_with(text).then_some(Self { at: self.at + text.len(), ..self })
    }

    fn spaced(self) -> Self {
        self.past(b" \t\r\n", 64)
    }

    /// What stands from here up to one of `ends`, if that is not too far.
    fn up_to(self, ends: &[u8]) -> Option<Span> {
        let rest = &self.text[self.at..];
        let rest = &rest[..rest.len().min(LONGEST)];
        let found = rest.iter().position(|byte| ends.contains(byte));
        let whole = (self.at + rest.len() == self.text.len()).then_some(rest.len());
        found.or(whole).map(|len| Span::new(self.at, self.at + len))
    }

    /// `<key>NAME</key> <string>value</string>`
    fn property(self) -> Option<Span> {
        self.after(b"</key>")?.spaced().after(b"<string>")?.up_to(b"<")
    }

    /// `<string name="NAME">value</string>`
    fn element(self) -> Option<Span> {
        let is_plain = self.text.get(self.at) == Some(&b'>');
        let rest = if is_plain { self } else { self.after(b" translatable=\"false\"")? };
        rest.after(b">")?.up_to(b"<")
    }

    /// `key = "NAME" value = "value"`
    fn attribute(self) -> Option<Span> {
        self.spaced().after(b"value")?.past(b" ", 1).after(b"=")?.past(b" ", 1).after(b"\"")?.up_to(b"\"")
    }

    /// `NAME = "value"`, `NAME: value`, `("NAME", "value")`, `set NAME value`
    fn assigned(self) -> Option<Span> {
        let blank = self.past(b" \t", 64);
        let signs: [&[u8]; 5] = [b"=>", b":=", b"=", b":", b","];
        let sign = signs.iter().find_map(|sign| blank.after(sign));
        let after = sign.or((blank.at > self.at).then_some(blank))?.past(b" \t", 64);
        let open = after.past(b"\\\"'`", 3);
        let value = open.up_to(b" \t\r\n\\\"'`,;)<>&|")?;
        // `a == b` compares, `a::b` is a path.
        let is_value = !self.text[after.at..].starts_with(b"=") && !self.text[after.at..].starts_with(b":");
        is_value.then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Speech;

    fn names() -> Names {
        Names::of(&Speech { words: vec!["openai".to_owned()], variables: Vec::new() })
    }

    fn values(text: &str) -> Vec<&str> {
        given(text.as_bytes(), &names()).map(|given| &text[given.value.range()]).collect()
    }

    #[test]
    fn values_are_found_however_they_are_given() {
        for text in [
            "OPENAI_API_KEY=v",
            "export OPENAI_API_KEY=\"v\"",
            "set -gx OPENAI_API_KEY 'v'",
            "$env:OPENAI_API_KEY = 'v'",
            "os.environ[\"OPENAI_API_KEY\"] = \"v\"",
            "\"OPENAI_API_KEY\": \"v\",",
            "openai.api_key = 'v'",
            "openai.api.key=v\n",
            "setenv(\"OPENAI_API_KEY\", \"v\")",
            "buildConfigField(\"String\", \"OPENAI_API_KEY\", \"\\\"v\\\"\")",
            "<key>OPENAI_API_KEY</key>\n\t<string>v</string>",
            "<string name=\"openai_api_key\">v</string>",
            "<string name=\"openai_api_key\" translatable=\"false\">v</string>",
            "<EnvironmentVariable\n key = \"OPENAI_API_KEY\"\n value = \"v\"\n>",
            "%env OPENAI_API_KEY=v",
            "%env OPENAI_API_KEY v",
        ] {
            assert_eq!(values(text), ["v"], "{text}");
        }
    }

    #[test]
    fn what_is_given_nothing_has_no_value() {
        for text in ["OPENAI_API_KEY", "OPENAI_API_KEY=", "OPENAI_API_KEY=\"\"", "OPENAI_API_KEY == v", "PORT=80", ""] {
            assert_eq!(values(text), [""; 0], "{text}");
        }
        assert_eq!(given(b"OPENAI_API_KEY=\xff\xfe", &names()).count(), 1);
    }
}
