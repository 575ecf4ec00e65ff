//! All lints, put to one file after the other. Must not know what any of them looks for.

use super::{Ask, Diagnostic, File, LINTS, Lint, Need, Path, Project, code::Code, literal::Value, names::Names, whole};
use crate::{
    matcher::{Matcher, MatcherError, Patterns, Prefilter},
    model::{Confidence, Hit, Span, Text, visible},
    rule::{Catalog, PathRules, Rule, Tier, Wanted},
};
use std::{cell::LazyCell, cmp::Reverse, collections::HashMap, ops::Deref, sync::OnceLock};

/// No more of what was seen is told than this many characters.
const LONGEST: usize = 72;

/// How to lint.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether lints of the tier `strict` run.
    pub strict: bool,
    /// After how many days a secret is old.
    pub key_age: u32,
}

impl Options {
    /// As many days as a key is in use before it is replaced, where keys are looked after:
    /// <https://support.claude.com/en/articles/9767949-api-key-best-practices-keeping-your-keys-safe-and-secure>.
    pub const KEY_AGE: u32 = 90;
}

/// Every lint of a catalog that is to run, shared by all threads. What few files need is made ready when one comes.
pub struct Linter<'a> {
    catalog: &'a Catalog,
    matcher: &'a Matcher,
    options: Options,
    /// Finds words that only files have which deal with an issuer of keys.
    words: Prefilter,
    ready: OnceLock<Ready>,
    patterns: OnceLock<Patterns>,
}

/// What is needed once a file comes that there may be something to say of.
struct Ready {
    paths: PathRules,
    names: Names,
    /// The number of each lint that is to run, by its id.
    numbers: HashMap<String, usize>,
}

/// What a lint has to say, for a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Index of the rule in the catalog.
    pub rule: usize,
    /// Where in the file.
    pub span: Span,
    /// What was seen, without a secret.
    pub what: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// The secret that it points at or in, as an index into those of the file.
    pub key: Option<usize>,
}

/// What is known of a file before it is known which secrets stand in it.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// Whether it deals with an issuer of keys.
    speaks: bool,
    /// Where patterns match around words.
    hits: Vec<Hit>,
}

impl<'a> Linter<'a> {
    /// The lints of `catalog`, made ready in `matcher`, that `options` ask for.
    #[must_use]
    pub fn new((catalog, matcher): (&'a Catalog, &'a Matcher), options: Options) -> Self {
        let words = Prefilter::of_words(&catalog.speech().in_any_case());
        Self { catalog, matcher, options, words, ready: OnceLock::new(), patterns: OnceLock::new() }
    }

    fn ready_patterns(&self) -> &Patterns {
        self.patterns.get_or_init(|| Patterns::new(self.catalog, &|rule| runs(rule, self.options)))
    }

    fn ready(&self) -> &Ready {
        self.ready.get_or_init(|| {
            let lints = self.catalog.lints();
            let running = lints.iter().enumerate().filter(|(_, lint)| runs(lint, self.options));
            let numbers = running.map(|(nth, lint)| (lint.id().to_owned(), self.catalog.first_lint() + nth)).collect();
            Ready { paths: PathRules::new(lints), names: Names::of(self.catalog.speech()), numbers }
        })
    }

    /// Whether every lint can be run: those that come with the program can.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn check_patterns(catalog: &Catalog) -> Result<(), MatcherError> {
        let is_nothing =
            |rule: &&Rule| rule.lint.is_some() && rule.pattern.is_none() && Self::of_code().all(|id| id != rule.id());
        if let Some(rule) = catalog.rules().iter().find(is_nothing) {
            let message = "is missing: only lints that come with the program are code".to_owned();
            return Err(MatcherError { rule: rule.id().to_owned(), field: "pattern", message });
        }
        Patterns::new(catalog, &|_| true).compile(catalog)
    }

    /// The ids that lints written in code speak under.
    pub fn of_code() -> impl Iterator<Item = &'static str> {
        LINTS.iter().flat_map(|lint| lint.rules().iter().copied()).chain(whole::ids())
    }

    /// The rules that the secrets of files refer to.
    #[must_use]
    pub fn secrets(&self) -> &'a [Rule] {
        self.catalog.secrets()
    }

    /// The lint with this number among all rules.
    fn lint(&self, number: usize) -> &'a Rule {
        &self.catalog.lints()[number - self.catalog.first_lint()]
    }

    /// What can be known of the file at `path` before it is known which secrets stand in it: most of the work.
    #[must_use]
    pub fn ahead(&self, path: &Text, bytes: &[u8]) -> Ahead {
        let name = String::from_utf8_lossy(path.as_bytes());
        let path = Path::of(&name);
        let speaks = !path.is_lock() && self.speaks(bytes);
        let is_read = speaks && !is_report(path, bytes);
        let is_test = LazyCell::new(|| path.is_test());
        let applies = |rule| self.applies(rule, path, &is_test);
        Ahead { speaks, hits: if is_read { self.ready_patterns().around_words(bytes, &applies) } else { Vec::new() } }
    }

    /// Everything there is to say of `file`, in order.
    #[must_use]
    pub fn check(&self, file: &File<'_>, project: &dyn Project) -> Vec<Remark> {
        self.check_further(file, project, self.ahead(file.path, file.bytes))
    }

    /// The same of a file of which so much is known already.
    #[must_use]
    pub fn check_further(&self, file: &File<'_>, project: &dyn Project, ahead: Ahead) -> Vec<Remark> {
        let Ahead { speaks, hits } = ahead;
        let name = String::from_utf8_lossy(file.path.as_bytes());
        let path = Path::of(&name);
        let mut remarks = Vec::new();
        let has = |need| match need {
            Need::Nothing => true,
            Need::Word => speaks || !file.keys.is_empty(),
            Need::Key => !file.keys.is_empty(),
        };
        let reading: Vec<_> = LINTS.iter().filter(|lint| has(lint.needs()) && lint.reads(path)).collect();
        // Of most files there is nothing to say, and nothing is made ready for them.
        if !speaks && reading.is_empty() || is_report(path, file.bytes) {
            return remarks;
        }
        if speaks {
            self.patterns(path, file, hits, &mut remarks);
        }
        let mut said = Vec::new();
        let ask = Ask { project, names: &self.ready().names, matcher: self.matcher, speaks };
        for lint in reading.into_iter().filter(|lint| self.has_any(**lint)) {
            lint.check(file, ask, &mut said);
        }
        remarks.extend(said.into_iter().filter_map(|said| self.remark(path, file, said)));
        remarks.sort_by_key(|remark| (remark.span.start, remark.rule, Reverse(remark.span.end)));
        remarks.dedup_by(|b, a| a.rule == b.rule && a.span.overlaps(b.span));
        remarks
    }

    /// Whether the file deals with an issuer of keys: no lint looks for words in what is no text.
    fn speaks(&self, bytes: &[u8]) -> bool {
        !is_binary(bytes) && self.words.any(bytes)
    }

    fn has_any(&self, lint: &dyn Lint) -> bool {
        lint.rules().iter().any(|id| self.ready().numbers.contains_key(*id))
    }

    /// What the lints say that are patterns, which match around words at `hits`.
    fn patterns(&self, path: Path<'_>, file: &File<'_>, hits: Vec<Hit>, out: &mut Vec<Remark>) {
        let is_test = LazyCell::new(|| path.is_test());
        let applies = |rule| self.applies(rule, path, &is_test);
        let further = self.ready_patterns().around_secrets(file.bytes, file.keys, &applies);
        let code = Code::new(path, file.bytes);
        for hit in hits.into_iter().chain(further) {
            let lint = self.lint(hit.rule).lint.as_deref();
            let within = lint.map(|lint| lint.within).unwrap_or_default();
            let wanted = lint.and_then(|lint| lint.value);
            if code.is_within(hit.span.start, within) && wanted.is_none_or(|wanted| is_wanted(file, hit.span, wanted)) {
                out.push(self.told(file, hit.rule, hit.span, None));
            }
        }
    }

    /// Whether the rule with this number looks at the file.
    fn applies(&self, rule: usize, path: Path<'_>, is_test: &dyn Deref<Target = bool>) -> bool {
        let lint = self.lint(rule).lint.as_deref();
        lint.is_some_and(|lint| lint.in_tests || !**is_test)
            && self.ready().paths.applies_to(rule - self.catalog.first_lint(), path.whole)
    }

    fn remark(&self, path: Path<'_>, file: &File<'_>, said: Diagnostic) -> Option<Remark> {
        let rule = *self.ready().numbers.get(said.rule)?;
        self.applies(rule, path, &LazyCell::new(|| path.is_test())).then(|| self.told(file, rule, said.span, said.what))
    }

    fn told(&self, file: &File<'_>, rule: usize, span: Span, what: Option<String>) -> Remark {
        let first = first_in(file, span);
        let key = file.keys.get(first).filter(|key| key.span.overlaps(span)).map(|_| first);
        let what = cut(&hushed(&what.unwrap_or_else(|| shown(file, span))));
        Remark { rule, span, what, confidence: self.lint(rule).confidence, key }
    }
}

/// Whether `bytes` are no text, as git tells.
fn is_binary(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 8000;
    memchr::memchr(0, &bytes[..bytes.len().min(LOOKED_AT)]).is_some()
}

/// Whether a file is a report, which quotes what it speaks of: this program's own hold every lint's examples.
fn is_report(path: Path<'_>, bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(256)];
    path.extension().eq_ignore_ascii_case("sarif") || memchr::memmem::find(head, b"/sarif-2.1.0").is_some()
}

/// Whether `rule` is a lint that `options` ask for.
pub(super) fn runs(rule: &Rule, options: Options) -> bool {
    rule.lint.as_ref().is_some_and(|lint| lint.tier == Tier::Default || options.strict)
}

/// The first of the secrets, which stand in order, that does not end before `span`.
fn first_in(file: &File<'_>, span: Span) -> usize {
    file.keys.partition_point(|key| key.span.end <= span.start)
}

/// Whether the value at `span` is what a lint speaks of.
fn is_wanted(file: &File<'_>, span: Span, wanted: Wanted) -> bool {
    let is_known = || file.has_key(span);
    let is_literal = || {
        let value = file.bytes.get(span.range()).and_then(|value| std::str::from_utf8(value).ok());
        value.is_some_and(|value| Value::of(value) == Value::Literal)
    };
    match wanted {
        Wanted::Literal => is_known() || is_literal(),
        Wanted::Unknown => !is_known() && is_literal(),
        Wanted::Known => is_known(),
    }
}

/// The text at `span` on one line, secrets masked.
fn shown(file: &File<'_>, span: Span) -> String {
    let mut text = String::new();
    let mut at = span.start;
    let inside = |key: &&Hit| key.span.overlaps(span);
    for key in file.keys[first_in(file, span)..].iter().take_while(inside) {
        text.push_str(&String::from_utf8_lossy(file.bytes.get(at..key.span.start).unwrap_or_default()));
        text.push_str(&key.secret.masked());
        at = key.span.end;
    }
    text.push_str(&String::from_utf8_lossy(file.bytes.get(at..span.end).unwrap_or_default()));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of `text`, safe to show. What was to be masked is: half a key would not be known for one.
fn cut(text: &str) -> String {
    let cut: String = text.chars().take(LONGEST).collect();
    visible(if cut.len() < text.len() { cut + "…" } else { cut }.as_bytes())
}

/// `text` with an ellipsis for each word that looks drawn at random: what nobody knows to be a key may be one.
fn hushed(text: &str) -> String {
    let (mut out, mut from) = (String::new(), 0);
    for word in crate::matcher::random_words(text.as_bytes(), Span::new(0, text.len())) {
        out.push_str(&text[from..word.start]);
        out.push('…');
        from = word.end;
    }
    out + &text[from..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lint::Nowhere, rule::expand};

    #[test]
    fn no_word_that_looks_like_a_key_is_shown() {
        let text = expand("--key gsk_{alnum:52}, key {hex:32} OPENAI_API_KEY", 1).expect("a generator").text;
        assert_eq!(hushed(&text), "--key …, key … OPENAI_API_KEY");
        let text = "client = OpenAI(api_key=os.environ[\"OPENAI_API_KEY\"]) # é";
        assert_eq!(hushed(text), text);
    }

    /// No clock: each would take hours if what is no name were tried once more from everything that leads to it.
    #[test]
    fn names_that_are_none_are_passed_by_in_one_go() {
        let (catalog, path) = (Catalog::builtin(), Text::from("webpack.config.js"));
        let matcher = Matcher::new(&catalog).expect("rules");
        let linter = Linter::new((&catalog, &matcher), Options { strict: true, key_age: Options::KEY_AGE });
        for (line, end) in [
            ("define: { a KEY\n", " OPENAI_CACHE_KEY: JSON.stringify(a"),
            ("define: { OPENAI_CACHE_KEY: JSON.stringify(a\n", ""),
            ("OPENAI", &format!("{}_KEY", "1".repeat(500_000))),
        ] {
            let text = line.repeat(500_000 / line.len()) + end;
            let file = File { path: &path, bytes: text.as_bytes(), keys: &[] };
            assert_eq!(linter.check(&file, &Nowhere), []);
        }
    }

    #[test]
    fn what_package_managers_write_is_not_linted() {
        let catalog = Catalog::builtin();
        let matcher = Matcher::new(&catalog).expect("rules");
        let linter = Linter::new((&catalog, &matcher), Options { strict: false, key_age: Options::KEY_AGE });
        let said = |path: &str| {
            let (path, bytes) = (Text::from(path), &b"openai = { verify=False }"[..]);
            linter.check(&File { path: &path, bytes, keys: &[] }, &Nowhere).len()
        };
        for path in ["poetry.lock", "a/package-lock.json", "pnpm-lock.yaml", "go.sum", "Package.resolved"] {
            assert_eq!(said(path), 0, "{path}");
        }
        for path in ["lock.py", "a/package-lock.js", "go.sum.py", "openai.lock/a.py"] {
            assert_eq!(said(path), 1, "{path}");
        }
    }

    #[test]
    fn what_is_long_is_cut_after_it_was_masked() {
        let text = expand("{[x ]:60}gsk_{alnum:52}", 1).expect("a generator").text;
        let shown = cut(&hushed(&text));
        assert!(!shown.contains("gsk_"), "{shown}");
    }
}
