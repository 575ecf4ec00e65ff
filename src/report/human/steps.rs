//! What to do about what was found. Must not know where it stands.

use super::{Page, plain, quantity::count};
use crate::{
    model::Finding,
    report::advice::{Advice, Reached},
    rule::{Rule, Step},
};
use std::io::{self, Write};

/// The steps of each rule with findings; rules with the same steps share them.
pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (groups, kept) = (groups(page), kept(page));
    if groups.is_empty() && kept.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", page.paint.strong("What to do"))?;
    for key in kept.iter().take(page.limits.advice) {
        writeln!(out, "  {}, fingerprint {}:", page.input.key(key), key.fingerprint)?;
        advice(page, &page.input.advice(key), out)?;
    }
    if kept.len() > page.limits.advice {
        writeln!(
            out,
            "  {} (keylint story FINGERPRINT)",
            count((kept.len() - page.limits.advice) as u64, "more key", "more keys")
        )?;
    }
    for group in groups {
        let names: Vec<_> = group.rules.iter().map(|rule| plain::line(rule.name.as_bytes())).collect();
        let more = group.rules.first().filter(|_| group.is_of_lints());
        let more = more.map(|rule| format!(" (keylint rules explain {})", plain::line(rule.id().as_bytes())));
        writeln!(out, "  {}{}:", names.join(", "), more.unwrap_or_default())?;
        let shown = if group.is_of_lints() { page.limits.fixes } else { usize::MAX };
        for (index, step) in group.steps.iter().take(shown).enumerate() {
            writeln!(out, "    {}. {}", index + 1, plain::line(step.text.as_bytes()))?;
            if let Some(url) = &step.url {
                writeln!(out, "       {}", plain::line(url.as_bytes()))?;
            }
        }
    }
    if page.input.keys().any(|key| !key.histories.is_empty()) {
        writeln!(out, "  The whole story of a key, and the commands for its case: keylint story FINGERPRINT")?;
    }
    writeln!(out)
}

/// The keys that nobody else has, as far as their repositories tell: what is to be done about each is another thing.
fn kept<'a>(page: &Page<'a>) -> Vec<&'a Finding> {
    page.input.keys().filter(|key| is_kept(page, key)).collect()
}

fn is_kept(page: &Page<'_>, finding: &Finding) -> bool {
    finding.secret().is_some() && page.input.reached(finding).is_some_and(|reached| reached < Reached::Others)
}

/// Steps by their numbers, with the commands that do them.
pub(super) fn advice(page: &Page<'_>, advice: &[Advice], out: &mut dyn Write) -> io::Result<()> {
    let names = &page.input.report.repositories;
    for (nth, step) in advice.iter().enumerate() {
        let place = step.repository.and_then(|number| names.get(number)).filter(|_| names.len() > 1);
        let place = place.map(|name| format!("In {}: ", plain::text(&name.name))).unwrap_or_default();
        writeln!(out, "    {}. {place}{}", nth + 1, plain::line(step.text.as_bytes()))?;
        for command in &step.commands {
            writeln!(out, "         {}", page.paint.strong(command))?;
        }
        if let Some(url) = &step.url {
            writeln!(out, "       {}", plain::line(url.as_bytes()))?;
        }
        if let Some(leaves) = &step.leaves {
            writeln!(out, "       {}", page.paint.faint(&plain::line(leaves.as_bytes())))?;
        }
    }
    Ok(())
}

/// Rules with the same steps.
struct Group<'a> {
    rules: Vec<&'a Rule>,
    steps: Vec<Step>,
}

impl Group<'_> {
    fn is_of_lints(&self) -> bool {
        self.rules.iter().all(|rule| rule.lint.is_some())
    }
}

/// The rules that found something and have steps, in order of their first findings, those of keys first.
fn groups<'a>(page: &Page<'a>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for finding in page.input.keys().filter(|key| !is_kept(page, key)).chain(page.input.practices()) {
        let steps = page.input.steps(finding);
        let Some(rule) = page.input.rule(finding).filter(|_| !steps.is_empty()) else { continue };
        match groups.iter_mut().find(|group| same(&group.steps, &steps)) {
            Some(group) if group.rules.iter().any(|known| known.id() == rule.id()) => {}
            Some(group) => group.rules.push(rule),
            None => groups.push(Group { rules: vec![rule], steps }),
        }
    }
    groups
}

fn same(a: &[Step], b: &[Step]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (&a.text, &a.url) == (&b.text, &b.url))
}

#[cfg(test)]
mod tests {
    use crate::report::{Format, Options, Verbosity, sample};

    fn advice(rules: &[&str]) -> String {
        let mut report = sample::report();
        let finding = report.findings[0].clone();
        report.findings =
            rules.iter().map(|rule| crate::model::Finding { rule: (*rule).to_owned(), ..finding.clone() }).collect();
        let text = sample::written(Format::Human, &report, &Options::default());
        text.split_once("What to do\n").map_or_else(String::new, |(_, advice)| advice.to_owned())
    }

    #[test]
    fn steps_are_numbered_and_their_pages_stand_below() {
        let advice = advice(&["openai-project-key"]);
        let mut lines = advice.lines();
        assert_eq!(lines.next(), Some("  OpenAI project API key:"));
        assert!(lines.next().expect("a step").starts_with("    1. Create a new key"), "{advice}");
        assert!(lines.next().expect("a page").starts_with("       https://platform.openai.com/"), "{advice}");
        assert!(advice.contains("\n    2. "), "{advice}");
    }

    #[test]
    fn rules_with_the_same_steps_share_them() {
        let advice = advice(&["openai-project-key", "openai-user-key", "openai-project-key", "openai-admin-key"]);
        assert!(advice.starts_with("  OpenAI project API key, OpenAI user API key:\n"), "{advice}");
        assert!(advice.contains("\n  OpenAI admin API key:\n"), "{advice}");
        assert_eq!(advice.matches("    1. ").count(), 2);
    }

    #[test]
    fn of_a_lint_the_first_step_is_told_and_where_the_rest_is() {
        let report = sample::with_practices();
        let of = |verbosity| {
            let text = sample::written(Format::Human, &report, &Options { verbosity, ..Options::default() });
            text.split_once("  SDK allowed to use a key in a browser (keylint rules explain browser-allowed):\n")
                .expect("advice")
                .1
                .to_owned()
        };
        let short = of(Verbosity::Normal);
        let lines: Vec<&str> = short.lines().collect();
        assert!(lines[0].starts_with("    1. Call your own server"), "{short}");
        assert_eq!(lines[1], "");
        assert!(of(Verbosity::Verbose).contains("    2. For speech in the browser"));
    }

    #[test]
    fn of_a_key_that_nobody_else_has_it_is_told_what_takes_it_out() {
        let report = sample::with_histories();
        let text = sample::written(Format::Human, &report, &Options::default());
        let (_, advice) = text.split_once("What to do\n").expect("advice");
        let fingerprint = report.findings[1].fingerprint;
        assert!(
            advice
                .starts_with(&format!("  sk-None-…Wxyz, fingerprint {fingerprint}:\n    1. As far as the repository")),
            "{advice}"
        );
        assert!(advice.contains("\n         git reflog expire --expire-unreachable=now refs/heads/main\n"), "{advice}");
        assert!(advice.contains("\n  OpenAI project API key:\n    1. Create a new key"), "{advice}");
        assert!(!advice.contains("OpenAI user API key:"), "{advice}");
    }

    #[test]
    fn a_rule_nobody_knows_has_no_steps() {
        assert_eq!(advice(&["no-such-rule"]), "");
    }
}
