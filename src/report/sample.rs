//! A made-up report for the tests of all writers. Its keys are not key-shaped.

use super::{Format, Options, write};
use crate::{
    model::{
        CommitInfo, Confidence, Coverage, Event, Finding, Fingerprint, History, Identity, Interval, ObjectId, Person,
        Place, Position, Practice, Pushed, Reach, RefKind, Report, Repository, Secret, Severity, Silence, Silenced,
        Site, Snippet, Subject, Text, Version,
    },
    rule::Catalog,
};
use std::sync::Arc;

/// Two keys: one in a file and in its past, one in a commit message.
pub(super) fn report() -> Report {
    let secret = Secret::new(b"sk-proj-not-a-key-but-as-long-as-AbC9", 8);
    let older = Place {
        site: Site::File { path: Text::from("config/old.env") },
        in_worktree: Some(false),
        in_head: Some(false),
        position: position(3),
        introduced: Some(commit(4, 1_600_000_000)),
        versions: Vec::new(),
        ..place(&secret, 3)
    };
    let other = Secret::new(b"sk-None-neither-is-this-one-Wxyz", 8);
    let message = Place {
        site: Site::Commit { id: id(5), part: Text::from("message") },
        in_worktree: Some(false),
        in_head: Some(false),
        introduced: Some(commit(5, 1_700_000_000)),
        versions: Vec::new(),
        ..place(&other, 5)
    };
    Report {
        findings: vec![
            finding("openai-project-key", &secret, vec![place(&secret, 12), older]),
            finding("openai-user-key", &other, vec![message]),
        ],
        coverage: Coverage { files: 12, file_bytes: 3_400_000, objects: 2, object_bytes: 1_800, commits: 1 },
        repositories: vec![Repository { name: Text::from("."), folder: Text::from(".") }],
        ..Report::default()
    }
}

/// The lint that the practices of the sample are of.
pub(super) const LINT: &str = "browser-allowed";

/// The same, and two ways of handling keys: one about the first key, beside it, and one by itself, in two places.
pub(super) fn with_practices() -> Report {
    let mut report = report();
    let key = report.findings[0].fingerprint;
    let path = |path: &str| Site::File { path: Text::from(path) };
    report.findings.push(practice("allowBrowser: true", Some(key), vec![(path("src/config.py"), 11)]));
    report.findings.push(practice("allowBrowser: !0", None, vec![(path("web/a.ts"), 4), (path("web/a.ts"), 9)]));
    report.linted = true;
    report
}

/// The same two keys with their stories: one pushed, taken out and kept by a tag; one in an amended message alone.
pub(super) fn with_histories() -> Report {
    let mut report = report();
    let event = |byte, time, path: Option<&str>| Event {
        commit: commit(byte, time - 3600),
        committer: Identity { name: Text::from("Bo Moe"), email: Text::from("bo@example.com") },
        time,
        offset_minutes: -420,
        path: path.map(Text::from),
    };
    let person = |name: &str, introduced, carried| Person {
        identity: Identity {
            name: Text::from(name),
            email: Text::from(format!("{}@example.com", &name[..3]).as_str()),
        },
        introduced,
        carried,
    };
    let reach = |kind, name: &str, at_tip| Reach { kind, name: Text::from(name), at_tip };
    let pushed = History {
        repository: 0,
        introduced: vec![event(1, 1_714_604_400, Some("src/config.py")), event(6, 1_717_000_000, Some("b.py"))],
        removed: vec![event(7, 1_718_000_000, Some("b.py"))],
        last: Some(event(8, 1_719_000_000, Some("src/config.py"))),
        commits: 12,
        intervals: vec![
            Interval { from: 1_714_604_400, until: Some(1_716_000_000) },
            Interval { from: 1_717_000_000, until: None },
        ],
        people: vec![person("Ann Lee", 2, 1), person("Bob Doe", 0, 3)],
        in_index: true,
        in_head: true,
        refs: vec![
            reach(RefKind::Branch, "refs/heads/main", true),
            reach(RefKind::RemoteBranch, "refs/remotes/origin/main", false),
            reach(RefKind::Tag, "refs/tags/v1.0", true),
            reach(RefKind::Reflog, "HEAD", true),
        ],
        only_logged: true,
        unreachable: false,
        pushed: Pushed::Yes(vec![Text::from("refs/remotes/origin/main")]),
        whole: false,
        line: None,
    };
    let amended = History {
        introduced: vec![event(5, 1_700_000_000, None)],
        removed: Vec::new(),
        last: Some(event(5, 1_700_000_000, None)),
        commits: 1,
        intervals: vec![Interval { from: 1_700_000_000, until: Some(1_700_000_060) }],
        people: vec![person("Ann Lee", 1, 0)],
        in_index: false,
        in_head: false,
        refs: vec![reach(RefKind::Reflog, "refs/heads/main", false)],
        only_logged: true,
        pushed: Pushed::No,
        whole: true,
        ..pushed.clone()
    };
    report.findings[0].histories = vec![Arc::new(pushed)];
    report.findings[1].histories = vec![Arc::new(amended)];
    report
}

fn practice(what: &str, key: Option<Fingerprint>, sites: Vec<(Site, u64)>) -> Finding {
    let subject = Practice { what: what.to_owned(), key };
    let snippet = Snippet { text: format!("f({what})"), start: 2, end: 2 + what.len() };
    let (column, end_column) = (3, 3 + what.len() as u64);
    let place = |(site, line)| Place {
        repository: Some(0),
        site,
        in_worktree: Some(true),
        in_head: None,
        position: Position { line, column, end_line: line, end_column, offset: 40, length: what.len() as u64 },
        via: vec![],
        snippet: snippet.clone(),
        introduced: None,
        versions: Vec::new(),
        holder: None,
    };
    Finding {
        rule: LINT.to_owned(),
        fingerprint: subject.fingerprint(LINT, &Text::from("a")),
        subject: Subject::Practice(subject),
        severity: Severity::High,
        confidence: Confidence::High,
        notes: Vec::new(),
        hosts: vec![],
        places: sites.into_iter().map(place).collect(),
        histories: Vec::new(),
    }
}

/// The same keys, none of which counts, for each of the reasons.
pub(super) fn silenced() -> Report {
    let report = report();
    let reasons = [
        Silence::Before,
        Silence::Baseline,
        Silence::Inline { marker: "gitleaks:allow".to_owned(), reason: Text::from("a test") },
        Silence::Allowed {
            reason: "revoked".to_owned(),
            owner: Some("Ann".to_owned()),
            until: Some("2030-01-01".to_owned()),
        },
    ];
    let finding = |nth: usize| report.findings[nth % 2].clone();
    let silenced = reasons.into_iter().enumerate().map(|(nth, why)| Silenced { finding: finding(nth), why });
    Report { silenced: silenced.collect(), findings: Vec::new(), ..report }
}

pub(super) fn catalog() -> Catalog {
    Catalog::builtin()
}

pub(super) fn written(format: Format, report: &Report, options: &Options) -> String {
    let mut out = Vec::new();
    write(format, report, &catalog(), options, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// A text of that many bytes that cannot be packed to much less than three quarters.
pub(super) fn noise(seed: usize, length: usize) -> String {
    let mut state = seed as u64 * 2 + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + (state >> 58) as u8)
    };
    (0..length).map(|_| next()).collect()
}

pub(super) fn id(byte: u8) -> ObjectId {
    ObjectId::from_bytes(&[byte; 20]).expect("20 bytes")
}

fn finding(rule: &str, secret: &Secret, places: Vec<Place>) -> Finding {
    Finding {
        rule: rule.to_owned(),
        subject: Subject::Secret(secret.clone()),
        fingerprint: secret.fingerprint("openai"),
        severity: Severity::Critical,
        confidence: Confidence::High,
        notes: Vec::new(),
        hosts: vec![],
        places,
        histories: Vec::new(),
    }
}

fn place(secret: &Secret, line: u64) -> Place {
    let (before, masked) = ("KEY = \"", secret.masked());
    let snippet =
        Snippet { text: format!("{before}{masked}\""), start: before.len(), end: before.len() + masked.len() };
    Place {
        repository: Some(0),
        site: Site::File { path: Text::from("src/config.py") },
        in_worktree: Some(true),
        in_head: Some(true),
        position: position(line),
        via: vec![],
        snippet,
        introduced: Some(commit(1, 1_714_604_400)),
        versions: vec![Version { object: id(2), commit: Some(id(1)), position: position(line) }],
        holder: None,
    }
}

fn position(line: u64) -> Position {
    Position { line, column: 8, end_line: line, end_column: 46, offset: 300, length: 38 }
}

fn commit(byte: u8, time: i64) -> CommitInfo {
    CommitInfo {
        time,
        offset_minutes: 120,
        id: id(byte),
        author: Text::from("Ann Lee"),
        email: Text::from("ann@example.com"),
        subject: Text::from("Add the config"),
    }
}
