//! Words of which every match of a pattern has one: derived from the pattern. Must not know what is done with them.
//!
//! A lint that comes with the program says its words, since deriving them takes longer than a small scan; that they are
//! right is checked as everything in a rule file is.

use super::{Rule, Wanted, phrase::spelled};
use regex_syntax::hir::{Class, Hir, HirKind};

/// No more words than this are told apart.
const WORDS: usize = 256;
/// Fewer characters are no word worth looking for.
const SHORTEST: usize = 3;

/// Gives a lint its words, where its file has none.
pub(super) fn settle(rule: &mut Rule) {
    let is_open = rule.lint.as_ref().is_some_and(|lint| lint.needs.is_empty() && lint.value != Some(Wanted::Known));
    let words = if is_open { derived(rule) } else { None };
    if let (Some(lint), Some(words)) = (&mut rule.lint, words) {
        lint.needs = words;
    }
}

/// What is wrong with the words of a lint: the field, and why.
pub(super) fn fault(rule: &Rule) -> Option<(&'static str, String)> {
    let lint = rule.lint.as_ref()?;
    // One that is no expression is told of as such.
    let hir = parsed(rule)?;
    let is_tried_at_secrets = lint.value == Some(Wanted::Known);
    if is_tried_at_secrets && !lint.needs.is_empty() {
        return Some(("needs", "are given, but the lint is tried where a secret stands: leave them out".to_owned()));
    }
    if lint.needs.is_empty() && !is_tried_at_secrets {
        let why = "are none, and none of 3 or more characters follows from the pattern, so that every line of every file would \
                   have to be tried; rewrite it";
        return Some(("needs", why.to_owned()));
    }
    let is_none = |word: &&String| {
        let (_, word) = cased(word);
        word.len() < SHORTEST || word.contains('\n')
    };
    if let Some(word) = lint.needs.iter().chain(lint.also.iter().flatten()).find(is_none) {
        return Some(("needs", format!("have {word:?}: each is 3 or more characters on one line")));
    }
    let why = || format!("do not cover the pattern: every match has one of {:?}", needs(&hir).unwrap_or_default());
    if !is_tried_at_secrets && !covers(&hir, &lint.needs) {
        return Some(("needs", why()));
    }
    (!lint.also.iter().all(|words| covers(&hir, words))).then(|| ("also", why()))
}

/// Whether every match of `hir` has one of `words`.
fn covers(hir: &Hir, words: &[String]) -> bool {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => Letters::of(hir).is_some_and(|text| text.has_any(words)),
        HirKind::Capture(capture) => covers(&capture.sub, words),
        HirKind::Repetition(repetition) => repetition.min > 0 && covers(&repetition.sub, words),
        HirKind::Alternation(parts) => parts.iter().all(|part| covers(part, words)),
        HirKind::Concat(parts) => {
            let mut run = Letters::default();
            let goes_on = |part: &Hir| {
                let Some(text) = Letters::of(part) else {
                    let before = std::mem::take(&mut run);
                    let says = |branch: &Hir| firsts(branch, &before).iter().all(|text| text.has_any(words));
                    let has = |branch: &Hir| covers(branch, words) || says(branch);
                    return branches(part).is_some_and(|all| all.iter().all(has));
                };
                run = std::mem::take(&mut run).and(text);
                run.has_any(words)
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

/// What a match of `hir` may begin with, `before` it: every match begins with one of them.
fn firsts(hir: &Hir, before: &Letters) -> Vec<Letters> {
    match hir.kind() {
        HirKind::Alternation(parts) => parts.iter().flat_map(|part| firsts(part, before)).collect(),
        HirKind::Capture(capture) => firsts(&capture.sub, before),
        HirKind::Concat(parts) => {
            let letters = parts.iter().map_while(Letters::of);
            let run = letters.fold(before.clone(), Letters::and);
            match parts.iter().find(|part| Letters::of(part).is_none()) {
                Some(next) if branches(next).is_some() => firsts(next, &run),
                _ => vec![run],
            }
        }
        _ => vec![before.clone().and(Letters::of(hir).unwrap_or_default())],
    }
}

fn parsed(rule: &Rule) -> Option<Hir> {
    let pattern = rule.pattern.as_ref()?;
    regex_syntax::ParserBuilder::new().utf8(false).build().parse(&spelled(pattern.get_ref())).ok()
}

fn derived(rule: &Rule) -> Option<Vec<String>> {
    needs(&parsed(rule)?)
}

/// Words of which every match of `hir` has one; `None` where there are none that are long enough.
fn needs(hir: &Hir) -> Option<Vec<String>> {
    let mut words = of(hir)?;
    words.sort();
    words.dedup();
    // A word that holds another says nothing that the other does not.
    let all = words.clone();
    words.retain(|word| !all.iter().any(|other| other != word && is_found(other, word)));
    Some(words)
}

fn of(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => Letters::of(hir).and_then(|text| long(vec![text.word()])),
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
    let mut run = Letters::default();
    for part in parts.iter().map(Some).chain([None]) {
        if let Some(text) = part.and_then(Letters::of) {
            run = run.and(text);
            continue;
        }
        let before = long(vec![std::mem::take(&mut run).word()]);
        for words in [before, part.and_then(of)].into_iter().flatten() {
            if best.as_ref().is_none_or(|best| worth(&words) > worth(best)) {
                best = Some(words);
            }
        }
    }
    best
}

/// What a part of a pattern says letter by letter.
#[derive(Clone, Default)]
struct Letters {
    /// In lower case.
    folded: String,
    /// As it is, with [`EITHER`] for a letter of either case.
    exact: String,
}

/// Stands for a letter that may have either case.
const EITHER: char = '\0';

impl Letters {
    fn of(hir: &Hir) -> Option<Self> {
        match hir.kind() {
            HirKind::Literal(literal) => {
                let exact = std::str::from_utf8(&literal.0).ok()?.to_owned();
                Some(Self { folded: exact.to_ascii_lowercase(), exact })
            }
            HirKind::Class(Class::Bytes(class)) => {
                let bytes: Vec<u8> = class.ranges().iter().flat_map(|range| [range.start(), range.end()]).collect();
                let (&first, rest) = bytes.split_first()?;
                let single = class.ranges().len() <= 2 && class.ranges().iter().all(|range| range.len() == 1);
                let same = rest.iter().all(|byte| byte.eq_ignore_ascii_case(&first));
                let is_one = bytes.iter().all(|byte| *byte == first);
                (single && same && first.is_ascii()).then(|| Self {
                    folded: char::from(first.to_ascii_lowercase()).to_string(),
                    exact: (if is_one { char::from(first) } else { EITHER }).to_string(),
                })
            }
            _ => None,
        }
    }

    fn and(self, more: Self) -> Self {
        Self { folded: self.folded + &more.folded, exact: self.exact + &more.exact }
    }

    fn has_any(&self, words: &[String]) -> bool {
        let has = |word: &String| match cased(word) {
            (true, word) => self.exact.contains(word),
            (false, word) => self.folded.contains(word),
        };
        words.iter().any(has)
    }

    fn word(self) -> String {
        if self.exact.contains(EITHER) { format!("{ANY_CASE}{}", self.folded) } else { self.exact }
    }
}

/// What stands before a word, in small letters, that is looked for in any case.
const ANY_CASE: &str = "(?i)";

/// `words`, to be found in any case.
pub(crate) fn any_case(words: &[String]) -> Vec<String> {
    words.iter().map(|word| format!("{ANY_CASE}{word}")).collect()
}

/// Whether a word is looked for as it is written, and the word.
pub(crate) fn cased(word: &str) -> (bool, &str) {
    word.strip_prefix(ANY_CASE).map_or((true, word), |word| (false, word))
}

/// Whether every text that has the word `long` has the word `short`.
fn is_found(short: &str, long: &str) -> bool {
    match (cased(short), cased(long)) {
        ((true, short), (is_exact, long)) => is_exact && long.contains(short),
        ((false, short), (_, long)) => long.to_ascii_lowercase().contains(short),
    }
}

fn long(words: Vec<String>) -> Option<Vec<String>> {
    let fit = !words.is_empty() && words.len() <= WORDS && words.iter().all(|word| cased(word).1.len() >= SHORTEST);
    fit.then_some(words)
}

/// Long words are rare; so are few.
fn worth(words: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    (words.iter().map(|word| cased(word).1.len()).min().unwrap_or(0).min(6), std::cmp::Reverse(words.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Catalog;

    fn words(pattern: &str) -> Option<Vec<String>> {
        needs(&regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern).expect("a pattern"))
    }

    #[test]
    fn the_rarest_part_is_taken() {
        assert_eq!(words(r"(?-u)\bab\s*=\s*secret"), Some(vec!["secret".into()]));
        assert_eq!(words(r"(?-u)(?:print|console\.log)\(.*key"), Some(vec!["console.log".into(), "print".into()]));
        assert_eq!(words(r"(?i-u)openai_?key"), Some(vec!["(?i)openai".into()]));
    }

    #[test]
    fn a_lint_that_is_tried_at_secrets_needs_no_word() {
        let fault = |more: &str| {
            let lint = format!(
                "family = 'a'\nname = 'A'\n[[lint]]\nid = 'a-b'\nname = 'b'\nseverity = 'low'\nconfidence = 'low'\n\
                 since = '0.1.0'\nabout = 'b'\nwhy = 'b'\nfix = [{{ do = 'b' }}]\npattern = '(?-u).=(?<at>[a-z]+)'\n\
                 bad = [{{ path = 'a', text = 'a' }}]\ngood = [{{ path = 'a', text = 'a' }}]\n{more}"
            );
            let error = Catalog::default().add("a.toml", &lint).err();
            error.map(|errors| errors.iter().map(ToString::to_string).collect::<String>())
        };
        assert!(fault("").is_some_and(|error| error.contains("needs: are none")));
        assert_eq!(fault("value = 'known'"), None);
        assert!(fault("value = 'known'\nneeds = ['abc']").is_some_and(|error| error.contains("needs: are given")));
    }

    #[test]
    fn each_way_to_match_needs_a_word() {
        assert_eq!(words(r"(?-u)abc|\d+"), None);
        assert_eq!(words(r"(?-u)(?:abc)?\d"), None);
        assert_eq!(words(r"(?-u)(?:abcd|abc|xyz)+"), Some(vec!["abc".into(), "xyz".into()]));
    }

    #[test]
    fn capital_letters_are_kept_where_they_stand_for_themselves() {
        assert_eq!(words(r"(?-u)OPENAI_API_[A-Z]+"), Some(vec!["OPENAI_API_".into()]));
        assert_eq!(words(r"(?-u)O(?i:pen)AI"), Some(vec!["(?i)openai".into()]));
        assert_eq!(words(r"(?-u)(?:(?i:openai)|OpenAI|OPENAI_KEY)"), Some(vec!["(?i)openai".into()]));
    }

    #[test]
    fn capital_letters_cover_themselves_alone() {
        let covered = |pattern, word: &str| {
            let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern).expect("a pattern");
            covers(&hir, &[word.to_owned()])
        };
        assert!(covered(r"(?-u)OPENAI_KEY", "KEY"));
        assert!(!covered(r"(?-u)OPENAI_KEY", "key"));
        assert!(covered(r"(?-u)OPENAI_KEY", "(?i)key"));
        assert!(!covered(r"(?-u)openai_key", "KEY"));
        assert!(!covered(r"(?-u)K(?i:ey)", "Key"));
        assert!(!covered(r"(?-u)--(?:key|token)=", "--key"));
        assert!(covered(r"(?-u)--(?:keys|key)=", "--key"));
    }
}
