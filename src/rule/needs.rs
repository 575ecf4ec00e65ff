//! Words of which every match of a pattern has one: derived from the pattern. Must not know what is done with them.
//!
//! A lint that comes with the program says its words, since deriving them takes longer than a small scan; that they are
//! right is checked as everything in a rule file is.

use super::{Rule, phrase::spelled};
use regex_syntax::hir::{Class, Hir, HirKind};

/// No more words than this are told apart.
const WORDS: usize = 256;
/// Fewer characters are no word worth looking for.
const SHORTEST: usize = 3;

/// Gives a lint its words, where its file has none.
pub(super) fn settle(rule: &mut Rule) {
    let is_open = rule.lint.as_ref().is_some_and(|lint| lint.needs.is_empty());
    let words = if is_open { derived(rule) } else { None };
    if let (Some(lint), Some(words)) = (&mut rule.lint, words) {
        lint.needs = words;
    }
}

/// What is wrong with the words of a lint.
pub(super) fn fault(rule: &Rule) -> Option<String> {
    let lint = rule.lint.as_ref()?;
    // One that is no expression is told of as such.
    let hir = parsed(rule)?;
    if lint.needs.is_empty() {
        let why = "are none, and none of 3 or more characters follows from the pattern, so that every line of every file would \
                   have to be tried; rewrite it";
        return Some(why.to_owned());
    }
    let why = || format!("do not cover the pattern: every match has one of {:?}", needs(&hir).unwrap_or_default());
    (!covers(&hir, &lint.needs)).then(why)
}

/// Whether every match of `hir` has one of `words`.
fn covers(hir: &Hir, words: &[String]) -> bool {
    let says = |text: &str| words.iter().any(|word| text.contains(word.as_str()));
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => letters(hir).is_some_and(|text| says(&text)),
        HirKind::Capture(capture) => covers(&capture.sub, words),
        HirKind::Repetition(repetition) => repetition.min > 0 && covers(&repetition.sub, words),
        HirKind::Alternation(parts) => parts.iter().all(|part| covers(part, words)),
        HirKind::Concat(parts) => {
            let mut run = String::new();
            let goes_on = |part: &Hir| {
                let Some(text) = letters(part) else {
                    let before = std::mem::take(&mut run);
                    return branches(part)
                        .is_some_and(|all| all.iter().all(|part| says(&format!("{before}{}", first(part)))));
                };
                run.push_str(&text);
                says(&run)
            };
            parts.iter().any(|part| covers(part, words)) || parts.iter().any(goes_on)
        }
        HirKind::Empty | HirKind::Look(_) => false,
    }
}

/// The ways to match `hir`, if it is a choice between some.
fn branches(hir: &Hir) -> Option<&[Hir]> {
    match hir.kind() {
        HirKind::Alternation(parts) => Some(parts),
        HirKind::Capture(capture) => branches(&capture.sub),
        _ => None,
    }
}

/// What every match of `hir` begins with.
fn first(hir: &Hir) -> String {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().map_while(letters).collect(),
        HirKind::Capture(capture) => first(&capture.sub),
        _ => letters(hir).unwrap_or_default(),
    }
}

fn parsed(rule: &Rule) -> Option<Hir> {
    let pattern = rule.pattern.as_ref()?;
    regex_syntax::ParserBuilder::new().utf8(false).build().parse(&spelled(pattern.get_ref())).ok()
}

fn derived(rule: &Rule) -> Option<Vec<String>> {
    needs(&parsed(rule)?)
}

/// Words, in lower case, of which every match of `hir` has one; `None` where there are none that are long enough.
fn needs(hir: &Hir) -> Option<Vec<String>> {
    let mut words = of(hir)?;
    words.sort();
    words.dedup();
    // A word that holds another says nothing that the other does not.
    let all = words.clone();
    words.retain(|word| !all.iter().any(|other| other != word && word.contains(other.as_str())));
    Some(words)
}

fn of(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => letters(hir).and_then(|text| long(vec![text])),
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub),
        HirKind::Alternation(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(of).collect();
            long(parts?.concat())
        }
        HirKind::Concat(parts) => of_sequence(parts),
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// The best words of any part, where neighbours that are letters count as one.
fn of_sequence(parts: &[Hir]) -> Option<Vec<String>> {
    let mut best: Option<Vec<String>> = None;
    let mut run = String::new();
    for part in parts.iter().map(Some).chain([None]) {
        if let Some(text) = part.and_then(letters) {
            run.push_str(&text);
            continue;
        }
        let before = long(vec![std::mem::take(&mut run)]);
        for words in [before, part.and_then(of)].into_iter().flatten() {
            if best.as_ref().is_none_or(|best| worth(&words) > worth(best)) {
                best = Some(words);
            }
        }
    }
    best
}

/// What a part says letter by letter, whatever their case.
fn letters(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(str::to_ascii_lowercase),
        HirKind::Class(Class::Bytes(class)) => {
            let mut bytes = class.ranges().iter().flat_map(|range| range.start()..=range.end().min(range.start() + 1));
            one(bytes.next()?, bytes.next(), class.ranges().len(), class.ranges().iter().all(|r| r.len() == 1))
        }
        _ => None,
    }
}

/// The letter that a class of one or two bytes stands for.
fn one(first: u8, second: Option<u8>, ranges: usize, single: bool) -> Option<String> {
    let same = second.is_none_or(|second| second.eq_ignore_ascii_case(&first));
    (single && ranges <= 2 && same && first.is_ascii()).then(|| char::from(first.to_ascii_lowercase()).to_string())
}

fn long(words: Vec<String>) -> Option<Vec<String>> {
    let fit = !words.is_empty() && words.len() <= WORDS && words.iter().all(|word| word.len() >= SHORTEST);
    fit.then_some(words)
}

/// Long words are rare; so are few.
fn worth(words: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    (words.iter().map(String::len).min().unwrap_or(0).min(6), std::cmp::Reverse(words.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pattern: &str) -> Option<Vec<String>> {
        needs(&regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern).expect("a pattern"))
    }

    #[test]
    fn the_rarest_part_is_taken() {
        assert_eq!(words(r"(?-u)\bab\s*=\s*secret"), Some(vec!["secret".into()]));
        assert_eq!(words(r"(?-u)(?:print|console\.log)\(.*key"), Some(vec!["console.log".into(), "print".into()]));
        assert_eq!(words(r"(?i-u)openai_?key"), Some(vec!["openai".into()]));
    }

    #[test]
    fn each_way_to_match_needs_a_word() {
        assert_eq!(words(r"(?-u)abc|\d+"), None);
        assert_eq!(words(r"(?-u)(?:abc)?\d"), None);
        assert_eq!(words(r"(?-u)(?:abcd|abc|xyz)+"), Some(vec!["abc".into(), "xyz".into()]));
    }
}
