//! The configuration file as it is written: its keys, and what is wrong with one. Must not know where it was
//! found, or what it brings about.

use super::{Complaint, rules::nearest};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::civil::Date;
use keylint::{
    model::{Confidence, Fingerprint, Severity, visible},
    rule::Catalog,
    verify,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// Words that are longer are quoted by their beginning alone: they may be anything, and half a key is no key that
/// would be recognised and masked.
const QUOTED: usize = 40;
const BEGINNING: usize = 12;

/// The keys of `Policy`, which are looked for above it as well.
const POLICY: [&str; 3] = ["fail-on", "known-keys", "never"];

/// What a configuration file holds; `docs/configuration.md` specifies it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Config {
    /// Files of further rules.
    pub(super) rules: Vec<Spanned<String>>,
    /// Rules that count; all if empty.
    pub(super) select: Vec<Spanned<String>>,
    /// Rules that do not.
    pub(super) ignore: Vec<Spanned<String>>,
    /// Globs of paths where nothing counts.
    pub(super) ignore_paths: Vec<Spanned<String>>,
    /// Globs of paths where no lint counts, and keys do.
    pub(super) ignore_lints: Vec<Spanned<String>>,
    /// Whether every lint is run, also those that are often wrong.
    pub(super) strict: bool,
    /// After how many days a key is old.
    pub(super) key_age: Option<u32>,
    pub(super) policy: Policy,
    pub(super) verify: Option<Spanned<Verify>>,
    pub(super) allow: Vec<Spanned<Entry>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Policy {
    pub(super) fail_on: Option<Spanned<FailOn>>,
    /// Fingerprints of keys that may exist.
    pub(super) known_keys: Vec<Spanned<String>>,
    /// Rules that nothing may silence.
    pub(super) never: Vec<Spanned<String>>,
}

/// How issuers are asked about keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Verify {
    /// Other addresses to ask, by provider.
    pub(super) base_url: BTreeMap<String, Spanned<String>>,
}

/// What makes a scan fail; what is below is told of all the same.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table: { severity = \"high\", confidence = \"medium\" }")]
pub(super) struct FailOn {
    pub(super) severity: Option<Severity>,
    pub(super) confidence: Option<Confidence>,
}

/// Something that is allowed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) rule: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) paths: Vec<Spanned<String>>,
    pub(super) fingerprint: Option<Spanned<String>>,
    pub(super) reason: Spanned<String>,
    pub(super) until: Option<Spanned<Until>>,
    pub(super) owner: Option<Spanned<String>>,
}

/// A day, as text or as TOML has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "`until` is a day, written as \"2030-12-31\"")]
pub(super) enum Until {
    Text(String),
    Day(toml::value::Datetime),
}

impl Until {
    /// The day, if it is one.
    pub(super) fn day(&self) -> Option<Date> {
        let text = self.text();
        let dashed = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        text.parse().ok().filter(|_| dashed)
    }

    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Day(day) => day.to_string(),
        }
    }
}

impl Config {
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, Complaint> {
        conflict(name, text)?;
        toml::from_str(text).map_err(|error| fault(name, text, &error))
    }

    /// Everything in it that means nothing, with its line.
    pub(super) fn check(&self, name: &str, text: &str, catalog: &Catalog) -> Vec<String> {
        let mut faults = Vec::new();
        let mut wrong = |at: usize, why: String| faults.push(format!("{name}:{}: {why}", line_of(text, at)));
        let never: Vec<&str> = self.policy.never.iter().map(|rule| rule.get_ref().as_str()).collect();
        let own = self.allow.iter().filter_map(|entry| entry.get_ref().rule.as_ref());
        for rule in self.select.iter().chain(&self.policy.never).chain(own.clone()).chain(&self.ignore) {
            if let Some(why) = unknown(rule.get_ref(), catalog) {
                wrong(rule.span().start, why);
            }
        }
        for rule in own.chain(&self.ignore).filter(|rule| never.contains(&rule.get_ref().as_str())) {
            wrong(rule.span().start, format!("`never` says that nothing may silence {}", rule.get_ref()));
        }
        for list in
            self.allow.iter().map(|entry| &entry.get_ref().paths).chain([&self.ignore_paths, &self.ignore_lints])
        {
            let texts = || list.iter().map(|glob| glob.get_ref().as_str());
            let single = list.iter().find_map(|glob| Some((glob, paths([glob.get_ref().as_str()]).err()?)));
            // Globs that are good can be too many together.
            if let Some((glob, why)) = single.or_else(|| Some((list.first()?, paths(texts()).err()?))) {
                wrong(glob.span().start, why);
            }
        }
        let fingerprints = self.allow.iter().filter_map(|entry| entry.get_ref().fingerprint.as_ref());
        for fingerprint in self.policy.known_keys.iter().chain(fingerprints) {
            if Fingerprint::from_hex(fingerprint.get_ref()).is_none() {
                // What stands there instead may well be the key.
                let why = "this is no fingerprint: one is 32 hex digits, as a report shows it";
                wrong(fingerprint.span().start, why.to_owned());
            }
        }
        for (provider, base) in self.verify.iter().flat_map(|verify| &verify.get_ref().base_url) {
            let providers = || catalog.rules().iter().map(|rule| rule.provider.as_str());
            if !providers().any(|known| known == provider) {
                let hint =
                    nearest(provider, providers()).map_or_else(String::new, |near| format!("; did you mean {near}?"));
                wrong(base.span().start, format!("there is no provider {}{hint}", quoted(provider)));
            }
            if let Err(why) = verify::Settings::check_base(base.get_ref()) {
                wrong(base.span().start, format!("{}: {why}", quoted(base.get_ref())));
            }
        }
        for entry in &self.allow {
            entry.get_ref().check(entry.span().start, &mut wrong);
        }
        faults
    }
}

impl Entry {
    fn check(&self, at: usize, wrong: &mut dyn FnMut(usize, String)) {
        if self.rule.is_none() && self.paths.is_empty() && self.fingerprint.is_none() {
            wrong(at, "this would allow everything: give a `rule`, `paths` or a `fingerprint`".to_owned());
        }
        if self.reason.get_ref().trim().is_empty() {
            wrong(self.reason.span().start, "`reason` is empty: say why this is allowed".to_owned());
        }
        if let Some(until) = self.until.as_ref().filter(|until| until.get_ref().day().is_none()) {
            let why = "`until` is a day, written as \"2030-12-31\"";
            wrong(until.span().start, format!("{}: {why}", quoted(&until.get_ref().text())));
        }
        if let Some(owner) = self.owner.as_ref().filter(|owner| owner.get_ref().trim().is_empty()) {
            wrong(owner.span().start, "`owner` is empty: name somebody, or leave it out".to_owned());
        }
    }
}

/// The paths that `globs` match: `*` stays within a directory, `**` does not, and one that ends in `/` is a
/// directory and all below.
pub(super) fn paths<'a>(globs: impl IntoIterator<Item = &'a str>) -> Result<GlobSet, String> {
    let why = |error: &globset::Error| visible(error.kind().to_string().as_bytes());
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let whole = if glob.ends_with('/') { format!("{glob}**") } else { glob.to_owned() };
        let built = GlobBuilder::new(&whole).literal_separator(true).build();
        set.add(built.map_err(|error| format!("{} is no glob: {}", quoted(glob), why(&error)))?);
    }
    set.build().map_err(|error| why(&error))
}

/// What is wrong with the rule `id`, if it is none.
fn unknown(id: &str, catalog: &Catalog) -> Option<String> {
    let ids = || catalog.rules().iter().map(|rule| rule.id());
    if ids().any(|known| known == id) {
        return None;
    }
    let hint = nearest(id, ids()).map_or_else(String::new, |near| format!("; did you mean {near}?"));
    Some(format!("there is no rule {}{hint}", quoted(id)))
}

/// Complains of what a merge has left behind: what a parser says of that is no help.
pub(super) fn conflict(name: &str, text: &str) -> Result<(), Complaint> {
    let Some(at) = text.lines().position(|line| line.starts_with("<<<<<<<")) else { return Ok(()) };
    let why = "a merge has left a conflict here; keep the lines of both sides";
    Err(Complaint::new(format!("{name}:{}: {why}", at + 1)))
}

/// What is wrong with the file `name`, with its line.
pub(super) fn fault(name: &str, text: &str, error: &toml::de::Error) -> Complaint {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    Complaint::new(format!("{name}:{line}: {}", explained(error.message())))
}

/// A parser's message, made shorter where it is about a word that is not known.
fn explained(message: &str) -> String {
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let kind = match message {
        _ if message.starts_with("unknown field") => "key",
        _ if message.starts_with("unknown variant") => "value",
        _ => return without_value(&visible(message.as_bytes())),
    };
    let Some((wrong, known)) = words.split_first() else { return visible(message.as_bytes()) };
    let hint = match nearest(wrong, known.iter().copied()) {
        _ if POLICY.contains(wrong) && known.contains(&"policy") => "it belongs below [policy]".to_owned(),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    format!("there is no {kind} `{}` here; {hint}", quoted(wrong))
}

/// A message of the form `invalid type: string "…", expected …` without what stands there.
fn without_value(message: &str) -> String {
    let Some((found, expected)) = message.split_once(" \"").zip(message.rsplit_once("\", expected ")) else {
        return message.to_owned();
    };
    format!("{}, expected {}", found.0, expected.1)
}

/// A word of the file, short and safe to show.
fn quoted(word: &str) -> String {
    let whole = visible(word.as_bytes());
    if whole.chars().count() <= QUOTED { whole } else { whole.chars().take(BEGINNING).collect::<String>() + "…" }
}

pub(super) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let catalog = Catalog::builtin();
        match Config::parse("k.toml", text) {
            Ok(config) => config.check("k.toml", text, &catalog),
            Err(complaint) => vec![complaint.to_string()],
        }
    }

    #[test]
    fn a_whole_file_is_read() {
        let text = r#"
select = ["openai-project-key"]
ignore-paths = ["vendor/", "**/*.min.js"]
[policy]
fail-on = { severity = "high", confidence = "medium" }
known-keys = ["30ba458518939c33dbf4ab32759ce30c"]
never = ["openai-admin-key"]
[[allow]]
rule = "openai-project-key"
paths = ["tests/**"]
fingerprint = "30ba458518939c33dbf4ab32759ce30c"
reason = "made up"
until = "2030-12-31"
owner = "team"
"#;
        assert_eq!(faults(text), [""; 0]);
        assert_eq!(faults(""), [""; 0]);
    }

    #[test]
    fn what_is_misspelt_is_told_with_its_line_and_what_was_meant() {
        let cases = [
            ("\nalow = 1", "k.toml:2: there is no key `alow` here; did you mean `allow`?"),
            ("[[allow]]\nresaon = 'x'", "k.toml:2: there is no key `resaon` here; did you mean `reason`?"),
            ("[policy]\n\nfailon = 1", "k.toml:3: there is no key `failon` here; did you mean `fail-on`?"),
            ("[network]", "k.toml:1: there is no key `network` here; there are "),
            (
                "[policy]\nfail-on = { severity = 'hihg' }",
                "k.toml:2: there is no value `hihg` here; did you mean `high`?",
            ),
            (
                "\nignore = ['openai-amdin-key']",
                "k.toml:2: there is no rule openai-amdin-key; did you mean openai-admin-key?",
            ),
            ("[[allow]]\nrule = 'x'\n\n[[allow]]\n", "k.toml:1: missing field `reason`"),
            ("[[allow]]\nrule = 'openai-user-key'\nreason = ' '", "k.toml:3: `reason` is empty"),
            ("\n[[allow]]\nreason = 'x'", "k.toml:2: this would allow everything"),
            ("[[allow]]\nfingerprint = 'xy'\nreason = 'x'", "k.toml:2: this is no fingerprint: one is 32 hex digits"),
            ("ignore = 'a, \"b'", "k.toml:1: invalid type: string, expected a sequence"),
            ("ignore-paths = [\n  'a[',\n]", "k.toml:2: a[ is no glob: unclosed character class"),
            ("\n<<<<<<< HEAD", "k.toml:2: a merge has left a conflict here"),
            ("never = []", "k.toml:1: there is no key `never` here; it belongs below [policy]"),
            ("[policy]\nfail-on = 'high'", "k.toml:2: invalid type: string, expected a table: { severity = \"high\""),
            ("[[allow]]\nrule = 'openai-user-key'\nreason = 'x'\nowner = ''", "k.toml:4: `owner` is empty"),
            ("a = ", "k.toml:1: "),
            ("policy = 3", "k.toml:1: "),
            (
                "ignore = ['openai-admin-key']\n[policy]\nnever = ['openai-admin-key']",
                "k.toml:1: `never` says that nothing may silence openai-admin-key",
            ),
        ];
        for (text, told) in cases {
            assert!(faults(text).first().is_some_and(|fault| fault.starts_with(told)), "{text}: {:?}", faults(text));
        }
    }

    #[test]
    fn days_are_days() {
        let of = |until| faults(&format!("[[allow]]\nrule = 'openai-user-key'\nreason = 'x'\nuntil = '{until}'"));
        assert_eq!(of("2028-02-29").len(), 0);
        let bare = |day| faults(&format!("[[allow]]\nrule = 'openai-user-key'\nreason = 'x'\nuntil = {day}"));
        assert_eq!(bare("2028-02-29").len(), 0);
        assert!(bare("2028-02-28T10:00:00Z")[0].starts_with("k.toml:4: 2028-02-28T10:00:00Z: `until` is a day"));
        assert!(bare("3")[0].starts_with("k.toml:4: `until` is a day"), "{:?}", bare("3"));
        for wrong in ["2027-02-29", "2027-2-1", "soon", "2027-02-01T00:00:00", "20270201"] {
            assert!(of(wrong)[0].starts_with(&format!("k.toml:4: {wrong}: `until` is a day")), "{wrong}");
        }
    }

    #[test]
    fn a_star_stays_within_its_directory() {
        let all = paths(["a/*.py", "b/**", "c/", "**/d.txt"]).expect("globs");
        for path in ["a/x.py", "b/x/y", "c/x/y", "d.txt", "x/d.txt"] {
            assert!(all.is_match(path), "{path}");
        }
        for path in ["a/x/y.py", "x/b/y", "c", "x/c/y"] {
            assert!(!all.is_match(path), "{path}");
        }
    }

    #[test]
    fn what_is_quoted_is_short_and_safe() {
        let fault = &faults(&format!("\"\\u001b{}\" = 1", "x".repeat(99)))[0];
        assert!(fault.contains("\\u{1b}xxx") && fault.contains("x…`") && !fault.contains(&"x".repeat(13)), "{fault}");
        // What a library says of a glob has its characters in it.
        let fault = &faults(r#"ignore-paths = ["[t-\u001b]"]"#)[0];
        assert!(fault.contains("no glob") && fault.contains("\\u{1b}") && !fault.contains('\u{1b}'), "{fault}");
    }
}
