//! A report in the shape of gitleaks' JSON, for programs that read that: keys alone, since each entry is taken for a
//! leaked secret. Must not know them.

use super::{Input, date, json::put, plain, silence, whereabouts};
use crate::model::{Encoding, Finding, Place, Silence};
use serde::Serialize;
use std::io::{self, Write};

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let silenced = if input.options.show_suppressed { &input.report.silenced[..] } else { &[] };
    let silenced = silenced.iter().map(|silenced| (&silenced.finding, Some(&silenced.why)));
    let all = input.report.findings.iter().map(|finding| (finding, None)).chain(silenced);
    let all = all.filter(|(finding, _)| finding.secret().is_some());
    let leaks = all.flat_map(|(finding, why)| finding.places.iter().map(move |place| leak(input, finding, place, why)));
    put(&serde_json::to_string_pretty(&leaks.collect::<Vec<_>>())?, out)
}

/// The fields are gitleaks', and in its order.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Leak {
    #[serde(rename = "RuleID")]
    rule_id: String,
    description: String,
    start_line: u64,
    end_line: u64,
    start_column: u64,
    end_column: u64,
    #[serde(rename = "Match")]
    matched: String,
    secret: String,
    file: String,
    symlink_file: &'static str,
    commit: String,
    entropy: f64,
    author: String,
    email: String,
    date: String,
    message: String,
    tags: Vec<String>,
    fingerprint: String,
}

fn leak(input: &Input<'_>, finding: &Finding, place: &Place, why: Option<&Silence>) -> Leak {
    let path = whereabouts::path(input.report, place).map(|path| plain::line(&path));
    let file = path.unwrap_or_else(|| whereabouts::heading(input.report, place));
    let commit = whereabouts::commit(place).map(|id| id.to_string()).unwrap_or_default();
    let (rule_id, position) = (plain::line(finding.rule.as_bytes()), place.position);
    let prefix = if commit.is_empty() { String::new() } else { format!("{commit}:") };
    let info = place.introduced.as_ref();
    let silenced = why.map(|why| format!("does not count: {}", silence::reason(why)));
    let verdict = input.verdict(finding).map(|verdict| format!("verdict: {}", verdict.state));
    let via = (!place.via.is_empty()).then(|| format!("via {}", Encoding::path(&place.via)));
    let text = |text: fn(&crate::model::CommitInfo) -> &crate::model::Text| {
        info.map(|info| plain::text(text(info))).unwrap_or_default()
    };
    Leak {
        // The author is no part of it: names change with rewritten histories, and identities must not.
        fingerprint: format!("{prefix}{file}:{rule_id}:{}", position.line),
        description: plain::line(input.rule_name(finding).as_bytes()),
        start_line: position.line,
        end_line: position.end_line,
        start_column: position.column,
        // Theirs is the last character's.
        end_column: position.end_column.saturating_sub(1),
        matched: plain::line(place.snippet.text.as_bytes()),
        secret: input.key(finding),
        symlink_file: "",
        entropy: 0.0,
        author: text(|info| &info.author),
        email: text(|info| &info.email),
        date: info.map(|info| date::utc(info.time) + "Z").unwrap_or_default(),
        message: text(|info| &info.subject),
        tags: silenced.into_iter().chain(verdict).chain(via).collect(),
        rule_id,
        file,
        commit,
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        model::Report,
        report::{Format, Options, sample},
    };
    use serde_json::{Value, json};

    fn leaks(report: &Report, show_suppressed: bool) -> Vec<Value> {
        let options = Options { show_suppressed, ..Options::default() };
        serde_json::from_str(&sample::written(Format::Gitleaks, report, &options)).expect("JSON")
    }

    #[test]
    fn each_place_is_a_leak() {
        let leaks = leaks(&sample::report(), false);
        assert_eq!(leaks.len(), 3);
        let commit = sample::id(1).to_string();
        let expected = json!({
            "RuleID": "openai-project-key", "Description": "OpenAI project API key",
            "StartLine": 12, "EndLine": 12, "StartColumn": 8, "EndColumn": 45,
            "Match": "KEY = \"sk-proj-…AbC9\"", "Secret": "sk-proj-…AbC9",
            "File": "src/config.py", "SymlinkFile": "", "Commit": commit, "Entropy": 0.0,
            "Author": "Ann Lee", "Email": "ann@example.com", "Date": "2024-05-01T23:00:00Z", "Message": "Add the config",
            "Tags": [], "Fingerprint": format!("{commit}:src/config.py:openai-project-key:12")
        });
        assert_eq!(leaks[0], expected);
        assert_eq!(leaks[2]["File"], "message of commit 0505050, line 5, column 8");
    }

    #[test]
    fn a_way_of_handling_keys_is_no_leak() {
        let mut report = sample::with_practices();
        let finding = report.findings[2].clone();
        report.silenced = vec![crate::model::Silenced { finding, why: crate::model::Silence::Baseline }];
        assert_eq!(leaks(&report, true), leaks(&sample::report(), false));
    }

    #[test]
    fn no_fingerprint_names_anybody() {
        for leak in leaks(&sample::report(), false) {
            let fingerprint = leak["Fingerprint"].as_str().expect("a text");
            assert!(!fingerprint.contains("Ann") && !fingerprint.contains("example.com"), "{fingerprint}");
        }
    }

    #[test]
    fn a_place_without_a_commit_has_the_short_fingerprint() {
        let mut report = sample::report();
        let place = &mut report.findings[0].places[0];
        (place.introduced, place.versions) = (None, Vec::new());
        let leak = &leaks(&report, false)[0];
        assert_eq!((&leak["Commit"], &leak["Date"]), (&json!(""), &json!("")));
        assert_eq!(leak["Fingerprint"], "src/config.py:openai-project-key:12");
    }

    #[test]
    fn what_does_not_count_is_tagged_when_asked_for() {
        assert_eq!(leaks(&sample::silenced(), false), [] as [Value; 0]);
        let leaks = leaks(&sample::silenced(), true);
        assert_eq!(leaks.len(), 6);
        assert_eq!(leaks[2]["Tags"], json!(["does not count: in the baseline"]));
    }
}
