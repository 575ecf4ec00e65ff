//! What there is to say of a rule, as text and as Markdown: for the command line, for SARIF, for the list of all rules.
//! Must not know findings.
//!
//! Examples are shown with an ellipsis for all that is filled in: what they stand for is not for scrollbacks and logs.

use super::{plain, quantity::count};
use crate::rule::{Catalog, Earlier, Recipe, Rule, Sample, Step, Tier, outline};
use std::fmt::Write;

/// What is said under one heading; the first of a rule has none.
struct Section<'a> {
    title: &'static str,
    body: Body<'a>,
}

enum Body<'a> {
    /// Sentences, in which backticks mark code.
    Prose(&'a str),
    /// What to do, in order.
    Steps(&'a [Step]),
    /// A file.
    File(&'a Sample),
    /// Lines as they are.
    Lines(Vec<String>),
    /// Pages.
    Pages(&'a [String]),
}

/// Everything on `rule`, as text.
#[must_use]
pub fn explain(rule: &Rule) -> String {
    let (name, id) = (line(&rule.name), line(rule.id()));
    format!("{name} ({id})\n{}\n\n{}", facts(rule), in_text(&sections(rule, true)))
}

/// What there is to say of a finding of `rule`, as text: not how the rule tells keys from other texts.
#[must_use]
pub fn text(rule: &Rule) -> String {
    in_text(&sections(rule, false))
}

/// The same as Markdown.
#[must_use]
pub fn markdown(rule: &Rule) -> String {
    in_markdown(&sections(rule, false), "##")
}

fn in_text(sections: &[Section<'_>]) -> String {
    let mut out = String::new();
    for Section { title, body } in sections {
        let indent = if title.is_empty() { "" } else { "  " };
        if !title.is_empty() {
            let _ = write!(out, "\n{title}\n");
        }
        for line in body.in_text() {
            let _ = writeln!(out, "{}", format!("{indent}{line}").trim_end());
        }
    }
    out
}

/// With headings that begin with `heading`.
fn in_markdown(sections: &[Section<'_>], heading: &str) -> String {
    let mut out = String::new();
    for Section { title, body } in sections {
        if !title.is_empty() {
            let _ = write!(out, "\n{heading} {title}\n\n");
        }
        let _ = writeln!(out, "{}", body.in_markdown().join("\n"));
    }
    out
}

impl Body<'_> {
    fn in_text(&self) -> Vec<String> {
        match self {
            Self::Prose(text) => text.trim().lines().map(line).collect(),
            Self::Steps(steps) => {
                let step = |(nth, step): (usize, &Step)| {
                    let url = step.url.as_ref().map(|url| format!("   {}", line(url)));
                    [format!("{}. {}", nth + 1, line(&step.text))].into_iter().chain(url)
                };
                steps.iter().enumerate().flat_map(step).collect()
            }
            Self::File(sample) => {
                let indented = |code: Vec<String>| code.into_iter().map(|line| format!("  {line}"));
                files(sample).into_iter().flat_map(|(name, code)| [name].into_iter().chain(indented(code))).collect()
            }
            Self::Lines(lines) => lines.clone(),
            Self::Pages(pages) => pages.iter().map(|page| line(page)).collect(),
        }
    }

    fn in_markdown(&self) -> Vec<String> {
        match self {
            Self::Prose(text) => text.trim().lines().map(line).collect(),
            Self::Steps(steps) => {
                let step = |(nth, step): (usize, &Step)| {
                    let url = step.url.as_ref().map(|url| format!(" <{}>", line(url))).unwrap_or_default();
                    format!("{}. {}{url}", nth + 1, line(&step.text))
                };
                steps.iter().enumerate().map(step).collect()
            }
            Self::File(sample) => {
                let file = |(nth, (name, code)): (usize, (String, Vec<String>))| {
                    let gap = (nth > 0).then(String::new);
                    gap.into_iter().chain([format!("`{name}`"), String::new()]).chain(fenced(code)).collect::<Vec<_>>()
                };
                files(sample).into_iter().enumerate().flat_map(file).collect()
            }
            Self::Lines(lines) => fenced(lines.clone()),
            Self::Pages(pages) => pages.iter().map(|page| format!("- <{}>", line(page))).collect(),
        }
    }
}

/// All rules of `catalog` as one page of Markdown.
#[must_use]
pub fn page(catalog: &Catalog) -> String {
    let mut out = "# Rules\n\n\
        What keylint looks for: keys, and ways of handling them that let keys get out. Lints of the tier `strict` are \
        often wrong\nand run only with `keylint scan --strict`, or where one is named with `--select`; `--no-lint` runs \
        none. `keylint rules\nexplain RULE` shows the same for one rule. This page is made from the files in \
        [`rules/`](../rules): change those.\n"
        .to_owned();
    let rules = || catalog.rules().iter();
    for (title, is_lint) in [("Keys", false), ("Lints", true)] {
        let _ = write!(out, "\n## {title}\n\n| rule | severity | tier | what |\n|---|---|---|---|\n");
        for rule in rules().filter(|rule| rule.lint.is_some() == is_lint) {
            let (id, name) = (rule.id(), line(&rule.name).replace('|', "\\|"));
            let _ = writeln!(out, "| [`{id}`](#{id}) | {} | {} | {name} |", rule.severity, tier(rule));
        }
    }
    let mut group = "";
    for rule in rules() {
        if rule.group != group {
            group = &rule.group;
            let _ = write!(out, "\n## {}\n", line(group));
        }
        let (id, name) = (rule.id(), line(&rule.name));
        let _ =
            write!(out, "\n### {id}\n\n**{name}** · {}\n\n{}", facts(rule), in_markdown(&sections(rule, true), "####"));
    }
    out
}

/// Whether a rule runs unless asked for, in one word.
#[must_use]
pub fn tier(rule: &Rule) -> &'static str {
    rule.lint.as_ref().map_or(Tier::Default, |lint| lint.tier).as_str()
}

fn facts(rule: &Rule) -> String {
    let (severity, confidence) = (rule.severity, rule.confidence);
    let tier = rule.lint.as_ref().map(|lint| match lint.tier {
        Tier::Default => ", tier default",
        Tier::Strict => ", tier strict (runs with --strict)",
    });
    format!(
        "severity {severity}, confidence up to {confidence}{}, since {}",
        tier.unwrap_or_default(),
        line(&rule.since)
    )
}

fn sections(rule: &Rule, with_examples: bool) -> Vec<Section<'_>> {
    let mut all = vec![Section { title: "", body: Body::Prose(&rule.about) }];
    let mut add = |title, body| all.push(Section { title, body });
    if let Some(lint) = &rule.lint {
        add("Why it matters", Body::Prose(&lint.why));
        lint.samples.bad().first().into_iter().for_each(|sample| add("Bad", Body::File(sample)));
        lint.samples.good().first().into_iter().for_each(|sample| add("Good", Body::File(sample)));
        add("How to fix it", Body::Steps(&rule.rotate));
    } else {
        add("What to do", Body::Steps(&rule.rotate));
        add("Does it work?", Body::Lines(requests(rule)));
        let lists =
            [("Finds", &rule.examples), ("Leaves alone", &rule.counterexamples), ("Is known to miss", &rule.misses)];
        for (title, templates) in lists.into_iter().filter(|(_, templates)| with_examples && !templates.is_empty()) {
            let mut shown: Vec<String> = Vec::new();
            for template in templates.iter().map(|template| example(template.get_ref())) {
                if !shown.contains(&template) {
                    shown.push(template);
                }
            }
            add(title, Body::Lines(shown));
        }
    }
    if !rule.references.is_empty() {
        add("References", Body::Pages(&rule.references));
    }
    all
}

/// What is asked of whom to find out whether a secret works.
fn requests(rule: &Rule) -> Vec<String> {
    let Some(recipe) = &rule.recipe else {
        let why = rule.unasked.as_deref().unwrap_or("no request is known that changes nothing");
        return vec![line(&format!("It is never sent anywhere: {why}."))];
    };
    let Recipe { get, headers, access, .. } = recipe.as_ref();
    let mut out = vec![format!("--verify sends    GET {}", get.get_ref())];
    out.extend(headers.iter().map(|(name, value)| format!("                  {name}: {value}")));
    let further = access.iter().filter_map(|fact| fact.get.as_deref());
    out.extend(further.map(|path| format!("=access also      GET {}{path}", recipe.origin())));
    let names: Vec<&str> = access.iter().map(|fact| fact.name.as_str()).collect();
    if !names.is_empty() {
        out.push(format!("=access reads     {}", names.join(", ")));
    }
    out.iter().map(|text| plain::line(text.as_bytes())).collect()
}

/// A text of any number of lines on one.
fn example(template: &str) -> String {
    line(&outline(template).replace('\n', "\\n").replace('\r', "\\r"))
}

/// What a sample was, oldest first, and what it is: its path with what there is to say of it, and its lines.
fn files(sample: &Sample) -> Vec<(String, Vec<String>)> {
    let earlier = |earlier: &Earlier| {
        let author = earlier.author.as_ref().map(|author| format!(" by {author}")).unwrap_or_default();
        let days = count(u64::from(earlier.days), "day", "days");
        (line(&format!("{}, {days} ago{author}", sample.path)), code(&earlier.text))
    };
    let beside = sample.beside.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let known = [
        (!sample.before.is_empty()).then(|| "now".to_owned()),
        (!sample.tracked).then(|| "not tracked by git".to_owned()),
        sample.mode.as_ref().map(|mode| format!("mode {mode}")),
        (!beside.is_empty()).then(|| format!("beside {beside}")),
    ];
    let name = [sample.path.clone()].into_iter().chain(known.into_iter().flatten()).collect::<Vec<_>>().join(", ");
    let now = (line(&name), code(sample.text.get_ref()));
    sample.before.iter().map(earlier).chain([now]).collect()
}

/// The lines of a generator.
fn code(template: &str) -> Vec<String> {
    let shown = |text: &str| plain::line(text.replace('\t', "    ").trim_end().as_bytes());
    outline(template).lines().map(shown).collect()
}

fn fenced(lines: Vec<String>) -> Vec<String> {
    let fence = if lines.iter().any(|line| line.contains("```")) { "````" } else { "```" };
    [format!("{fence}text")].into_iter().chain(lines).chain([fence.to_owned()]).collect()
}

fn line(text: &str) -> String {
    plain::line(text.trim().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn lint(extra: &str) -> Catalog {
        let text = format!(
            "family = \"x\"\nname = \"Xs\"\n[[lint]]\nid = \"x-y\"\nname = \"An X\"\nseverity = \"low\"\nconfidence = \"high\"\n\
             tier = \"strict\"\nsince = \"0.1.0\"\nabout = \"An `x`.\"\nwhy = \"\"\"\nIt is bad.\"\"\"\n\
             fix = [{{ do = \"Mend it.\", url = \"https://x.example\" }}, {{ do = \"Again.\" }}]\npattern = 'xyzz+'\n{extra}"
        );
        let mut catalog = Catalog::default();
        catalog.add("x.toml", &text).expect("a lint");
        catalog
    }

    const SAMPLES: &str = "bad = [{ path = \"a/.env\", mode = \"644\", before = [{ text = \"x\", days = 1 }], text = \"# xyz\\nK=«sk-proj-{b64u:74}T3{b64u:9}A»\\n\\tb\" }]\n\
                           good = [{ path = \"a/.env\", tracked = false, text = \"```\", beside = { \".gitignore\" = \".env\" } }]";

    #[test]
    fn a_lint_is_explained_with_its_first_samples() {
        let catalog = lint(SAMPLES);
        let expected = "An X (x-y)
severity low, confidence up to high, tier strict (runs with --strict), since 0.1.0

An `x`.

Why it matters
  It is bad.

Bad
  a/.env, 1 day ago
    x
  a/.env, now, mode 644
    # xyz
    K=sk-proj-…
        b

Good
  a/.env, not tracked by git, beside .gitignore
    ```

How to fix it
  1. Mend it.
     https://x.example
  2. Again.
";
        assert_eq!(explain(&catalog.rules()[0]), expected);
    }

    #[test]
    fn markdown_says_the_same() {
        let catalog = lint(SAMPLES);
        let text = markdown(&catalog.rules()[0]);
        let bad = "\n## Bad\n\n`a/.env, 1 day ago`\n\n```text\nx\n```\n\n`a/.env, now, mode 644`\n\n```text\n# xyz\nK=sk-proj-…\n    b\n```\n\n## Good\n";
        assert!(text.starts_with("An `x`.\n\n## Why it matters\n\nIt is bad.\n") && text.contains(bad), "{text}");
        assert!(
            text.contains("````text\n```\n````\n\n## How to fix it\n\n1. Mend it. <https://x.example>\n2. Again.\n")
        );
        let page = page(&catalog);
        assert!(page.contains("\n| [`x-y`](#x-y) | low | strict | An X |\n"), "{page}");
        assert!(page.contains("\n## Xs\n\n### x-y\n\n**An X** · severity low, "), "{page}");
    }

    #[test]
    fn no_help_has_a_generator_or_marks() {
        for rule in sample::catalog().rules() {
            let text = explain(rule) + &markdown(rule);
            assert!(!text.contains(['«', '»', '\t']), "{text}");
            assert!(!["{b64u:", "{alnum:", "{hex:", "{lower:", "{base64"].iter().any(|it| text.contains(it)), "{text}");
            assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
        }
    }
}
