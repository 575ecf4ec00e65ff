//! What to do, step by step. Must not know what about.

use super::element::{Element, link, tag};
use crate::{
    model::{Finding, Report, Text},
    report::{Input, advice::Advice, plain, quantity::count},
};

/// Steps and commands of each that are shown; nobody writes as many.
const STEPS: usize = 40;

/// What was told so far, each with the number and the mask of the key that it was told of. Most keys need the same to be
/// done, which is then said once and folded where it comes up again.
#[derive(Default)]
pub(super) struct Told(Vec<(Vec<Advice>, usize, String)>);

impl Told {
    /// What to do about key number `nth`.
    pub(super) fn tell(&mut self, input: &Input<'_>, key: &Finding, nth: usize) -> Option<Element> {
        let advice = input.advice(key);
        let list = list(input.report, &advice)?;
        if let Some((_, number, mask)) = self.0.iter().find(|(known, ..)| *known == advice) {
            let steps = count(advice.len() as u64, "step", "steps");
            let summary = tag("summary").text(&format!("{steps}, the same as for key {number}, ")).code(mask);
            return Some(tag("details").child(summary).child(list));
        }
        self.0.push((advice, nth, input.key(key)));
        Some(list)
    }
}

/// All of `advice`, numbered.
pub(super) fn list(report: &Report, advice: &[Advice]) -> Option<Element> {
    let steps = || advice.iter().take(STEPS).map(|step| item(report, step));
    (!advice.is_empty()).then(|| tag("ol").class("steps").children(steps()))
}

fn item(report: &Report, step: &Advice) -> Element {
    let several = report.repositories.len() > 1;
    let repository = step.repository.and_then(|index| report.repositories.get(index)).filter(|_| several);
    let repository = repository.map(|repository| {
        let name = |name: &Text| plain::text(name);
        tag("span").class("faint").text(" In ").code(&name(&repository.name)).text(":")
    });
    let url = step.url.as_ref().map(|url| tag("div").child(link(url)));
    let commands = step.commands.iter().take(STEPS).map(|command| tag("pre").class("command").code(command));
    // What is to be done in a repository names what is in it, which says nothing of how it is to look.
    let own = step.repository.is_none();
    let words = |element: Element, text: &str| if own { element.prose(text) } else { element.text(text) };
    let leaves = step.leaves.as_ref().map(|leaves| words(tag("div").class("leaves"), leaves));
    words(tag("li"), &step.text).children(repository).children(url).children(commands).children(leaves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_step_has_its_commands_its_page_and_what_it_leaves() {
        let step = Advice {
            text: "Take <it> out.".to_owned(),
            commands: vec!["git rm 'a b' && git commit".to_owned()],
            url: Some("https://x.example/keys".to_owned()),
            leaves: Some("The past keeps it.".to_owned()),
            repository: Some(0),
        };
        let mut report = sample::report();
        let text = list(&report, std::slice::from_ref(&step)).expect("a step").to_string();
        let expected = "<ol class=\"steps\"><li>Take &lt;it&gt; out.<div><a class=\"out\" href=\"https://x.example/keys\" \
                        rel=\"noreferrer noopener\">x.example/keys</a></div>\n<pre class=\"command\"><code>git rm &#39;a \
                        b&#39; &amp;&amp; git commit</code></pre>\n<div class=\"leaves\">The past keeps it.</div>\n</li>\n";
        assert!(text.starts_with(expected), "{text}");
        report.repositories.push(report.repositories[0].clone());
        assert!(list(&report, &[step]).expect("a step").to_string().contains(" In <code>.</code>:"));
        assert!(list(&report, &[]).is_none());
    }

    #[test]
    fn what_was_told_before_is_folded() {
        let report = sample::report();
        let (catalog, options) = (sample::catalog(), crate::report::Options::default());
        let input = Input { report: &report, catalog: &catalog, options: &options };
        let mut told = Told::default();
        let mut of = |nth: usize| told.tell(&input, &report.findings[0], nth).expect("steps").to_string();
        assert!(of(1).starts_with("<ol class=\"steps\">"));
        let again = of(2);
        let summary = "<details><summary>5 steps, the same as for key 1, <code>sk-proj-…AbC9</code></summary>\n<ol";
        assert!(again.starts_with(summary), "{again}");
    }
}
