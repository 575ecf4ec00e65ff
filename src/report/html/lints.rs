//! Lint findings, by what they are about and by rule, so that what to do is said once. Must not know those that are told
//! with a key.

use super::{
    card,
    element::{Element, tag},
    events, places, steps,
};
use crate::{
    model::Finding,
    report::{Input, quantity::count, story},
};

/// Rules, findings of each, and places of a finding, the first of which come with their line.
const RULES: usize = 100;
const FINDINGS: usize = 25;
const LINES: usize = 1;
const PLACES: usize = 5;

/// Everything in `alone`, and that there are `told` more with their keys.
pub(super) fn section(input: &Input<'_>, alone: &[&Finding], told: usize) -> Option<Element> {
    if alone.is_empty() && told == 0 {
        return None;
    }
    let one = "lint finding is told above, with the key it is about.";
    let many = "lint findings are told above, with the keys they are about.";
    let note = (told > 0).then(|| tag("p").class("faint").text(&count(told as u64, one, many)));
    let mut section = tag("section").with("id", "lints").with("aria-labelledby", "lints-name");
    section = section.child(tag("h2").with("id", "lints-name").text("How keys are handled")).children(note);
    let mut rules = 0;
    for (group, of_rules) in grouped(input, alone) {
        let left = RULES.saturating_sub(rules);
        rules += of_rules.len();
        if left == 0 {
            continue;
        }
        let of_rules = of_rules.iter().take(left).map(|findings| rule(input, findings));
        section = section.child(tag("section").child(tag("h3").text(group)).children(of_rules));
    }
    Some(section.children(events::more(rules, RULES, "rule", "rules")))
}

/// Families of rules, rules within them, findings of each: all in the order of their first findings, the most urgent
/// first.
fn grouped<'a>(input: &Input<'a>, alone: &[&'a Finding]) -> Vec<(&'a str, Vec<Vec<&'a Finding>>)> {
    let mut groups: Vec<(&str, Vec<Vec<&Finding>>)> = Vec::new();
    for finding in alone {
        let name = input.rule(finding).map_or("Other", |rule| rule.group.as_str());
        let at = groups.iter().position(|(known, _)| *known == name).unwrap_or(groups.len());
        if at == groups.len() {
            groups.push((name, Vec::new()));
        }
        let rules = &mut groups[at].1;
        match rules.iter_mut().find(|findings| findings[0].rule == finding.rule) {
            Some(findings) => findings.push(finding),
            None => rules.push(vec![finding]),
        }
    }
    groups
}

fn rule(input: &Input<'_>, findings: &[&Finding]) -> Element {
    let Some(first) = findings.first() else { return tag("div") };
    let number = tag("span").class("faint").text(&count(findings.len() as u64, "finding", "findings"));
    let head = tag("p").class("grade").child(card::severity(first)).child(number);
    let title = tag("h4").text(input.rule_name(first)).text(" ").child(tag("span").class("faint").code(&first.rule));
    let items = findings.iter().take(FINDINGS).map(|finding| item(input, finding));
    let fix = steps::list(input.report, &input.advice(first)).map(|steps| {
        let open = tag("summary").text("How to fix it");
        tag("details").child(open).child(steps)
    });
    let card = tag("article").class(&format!("lint {}", first.severity)).child(head).child(title);
    card.child(tag("ul").class("seen").children(items))
        .children(events::more(findings.len(), FINDINGS, "finding", "findings"))
        .children(fix)
}

fn item(input: &Input<'_>, finding: &Finding) -> Element {
    let about = story::about(finding).and_then(|about| input.keys().find(|key| key.fingerprint == about));
    let about = about.map(|key| tag("span").class("faint").text("about ").code(&input.key(key)));
    let seen = input.key(finding);
    // The line of the first place marks the same.
    let is_marked = finding.places.first().is_some_and(|place| {
        let snippet = &place.snippet;
        snippet.text.get(snippet.start..snippet.end) == Some(seen.as_str())
    });
    let seen = (!is_marked).then(|| tag("strong").code(&seen));
    let head = (seen.is_some() || about.is_some()).then(|| tag("div").children(seen).text(" ").children(about));
    tag("li").children(head).child(places::list(input.report, &finding.places, LINES, PLACES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Options, sample};

    #[test]
    fn findings_are_told_by_family_and_rule() {
        let mut report = sample::with_practices();
        let mut other = report.findings[3].clone();
        other.rule = "no-such-rule".to_owned();
        report.findings.extend([other, report.findings[3].clone()]);
        let (catalog, options) = (sample::catalog(), Options::default());
        let input = Input { report: &report, catalog: &catalog, options: &options };
        let alone: Vec<&Finding> = report.findings[3..].iter().collect();
        let text = section(&input, &alone, 1).expect("lints").to_string();
        assert!(text.contains("1 lint finding is told above, with the key it is about."), "{text}");
        let [browser, other] =
            ["<h3>Keys in browsers</h3>", "<h3>Other</h3>"].map(|title| text.find(title).expect(title));
        assert!(browser < other, "{text}");
        assert!(text.contains(">2 findings</span>") && text.matches("<article").count() == 2, "{text}");
        assert_eq!(text.matches("<summary>How to fix it").count(), 1, "{text}");
        assert_eq!(text.matches("<code>allowBrowser: !0</code>").count(), 0, "its line has it: {text}");
        report.findings[3].places[0].snippet = Default::default();
        let input = Input { report: &report, catalog: &catalog, options: &options };
        let text = section(&input, &[&report.findings[3]], 0).expect("lints").to_string();
        assert!(text.contains("<strong><code>allowBrowser: !0</code></strong>"), "{text}");
        assert!(section(&input, &[], 0).is_none());
        assert!(
            section(&input, &[], 3)
                .expect("a note")
                .to_string()
                .contains(">3 lint findings are told above, with the keys")
        );
    }

    #[test]
    fn long_lists_are_cut_and_counted() {
        let report = sample::with_practices();
        let (catalog, options) = (sample::catalog(), Options::default());
        let input = Input { report: &report, catalog: &catalog, options: &options };
        let text = section(&input, &[&report.findings[3]; 40], 0).expect("lints").to_string();
        assert!(text.contains("… and 15 more findings (all of them: --format json)"), "{text}");
        let mut many = vec![report.findings[3].clone(); 130];
        many.iter_mut().enumerate().for_each(|(nth, finding)| finding.rule = format!("rule-{nth}"));
        let many: Vec<&Finding> = many.iter().collect();
        let text = section(&input, &many, 0).expect("lints").to_string();
        assert!(text.matches("<article").count() == 100 && text.contains("… and 30 more rules"), "{text}");
    }
}
