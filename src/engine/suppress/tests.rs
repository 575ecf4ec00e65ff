//! Who may silence what, on findings made by hand.

use super::*;
use crate::model::{Confidence, Position, Secret, Severity, Snippet, Subject};
use globset::{Glob, GlobSetBuilder};
use jiff::civil::date;

fn place(path: &str) -> Place {
    Place {
        repository: Some(0),
        site: Site::File { path: path.into() },
        in_worktree: Some(true),
        in_head: Some(true),
        position: Position { line: 7, column: 1, end_line: 7, end_column: 2, offset: 0, length: 1 },
        via: vec![],
        snippet: Snippet::default(),
        introduced: None,
        versions: vec![],
        holder: None,
    }
}

fn finding(rule: &str, secret: &str, paths: &[&str]) -> Finding {
    let secret = Secret::new(secret.as_bytes(), 0);
    Finding {
        rule: rule.to_owned(),
        fingerprint: secret.fingerprint("f"),
        subject: Subject::Secret(secret),
        severity: Severity::High,
        confidence: Confidence::High,
        notes: vec![],
        hosts: vec![],
        places: paths.iter().map(|path| place(path)).collect(),
        histories: Vec::new(),
    }
}

fn entry() -> Allow {
    Allow {
        at: "keylint.toml:3".into(),
        scope: Some("/repo".into()),
        rules: BTreeSet::new(),
        paths: GlobSet::empty(),
        fingerprint: None,
        reason: "made up".to_owned(),
        owner: None,
        until: None,
        expected: true,
    }
}

fn paths(glob: &str) -> GlobSet {
    GlobSetBuilder::new().add(Glob::new(glob).expect("a glob")).build().expect("globs")
}

fn rules(rule: &str) -> BTreeSet<String> {
    BTreeSet::from([rule.to_owned()])
}

fn by(said: &Suppression, findings: Vec<Finding>, comments: &Comments) -> (Vec<Finding>, Vec<Silenced>, Vec<Notice>) {
    let is_rule = |id: &str| ["a", "b"].contains(&id);
    let roots = vec!["/repo".into(), "/other".into()];
    let known = Known { comments, roots, is_rule: &is_rule, today: date(2026, 5, 2), complete: true };
    apply(findings, said, &known)
}

/// How many findings count, how many do not, and the notices, by one entry.
fn with(entry: Allow, findings: Vec<Finding>) -> (usize, usize, Vec<String>) {
    let said = Suppression { allow: vec![entry], whole: true, ..Suppression::default() };
    let (open, silenced, notices) = by(&said, findings, &Comments::default());
    (open.len(), silenced.len(), notices.into_iter().map(|notice| notice.why).collect())
}

const UNUSED: &str = "nothing that was scanned matches this entry; take it out if no other scan needs it";

#[test]
fn all_that_an_entry_gives_must_match() {
    let key = || vec![finding("a", "x", &["test/x.py"])];
    let fingerprint = key()[0].fingerprint;
    let full = Allow { rules: rules("a"), paths: paths("test/**"), fingerprint: Some(fingerprint), ..entry() };
    assert_eq!(with(full.clone(), key()), (0, 1, vec![]));
    let unused = (1, 0, vec![UNUSED.to_owned()]);
    assert_eq!(with(Allow { rules: rules("b"), ..full.clone() }, key()), unused);
    assert_eq!(with(Allow { paths: paths("src/**"), ..full.clone() }, key()), unused);
    assert_eq!(with(full.clone(), vec![finding("a", "y", &["test/x.py"])]), unused);
    assert_eq!(with(Allow { scope: Some("/other".into()), ..full }, key()), unused);
}

#[test]
fn a_finding_is_told_twice_where_only_some_of_its_places_are_allowed() {
    let said = Suppression { allow: vec![Allow { paths: paths("test/**"), ..entry() }], ..Suppression::default() };
    let key = finding("a", "x", &["src/x.py", "test/x.py", "test/y.py"]);
    let (open, silenced, _) = by(&said, vec![key], &Comments::default());
    assert_eq!(open[0].places, [place("src/x.py")]);
    assert_eq!(silenced[0].finding.places, [place("test/x.py"), place("test/y.py")]);
    let why = Silence::Allowed { reason: "made up".to_owned(), owner: None, until: None };
    assert_eq!(silenced[0].why, why);
}

#[test]
fn paths_are_relative_to_the_configuration_and_hold_below_it_alone() {
    let key = |path| vec![finding("a", "x", &[path])];
    let sub = Allow { scope: Some("/repo/sub".into()), paths: paths("x.py"), ..entry() };
    assert_eq!(with(sub.clone(), key("sub/x.py")).0, 0);
    assert_eq!(with(sub.clone(), key("x.py")).0, 1);
    assert_eq!(with(Allow { paths: GlobSet::empty(), ..sub }, key("x.py")).0, 1);
    let anywhere = Allow { scope: None, paths: paths("x.py"), ..entry() };
    assert_eq!(with(anywhere, key("x.py")).0, 0);
    let mut message = finding("a", "x", &["x"]);
    message.places[0].site = Site::RefName { name: "refs/x".into() };
    assert_eq!(with(entry(), vec![message.clone()]).0, 0);
    message.places[0].repository = Some(1);
    assert_eq!(with(entry(), vec![message]).0, 1);
}

#[test]
fn what_is_in_no_repository_is_placed_by_its_target() {
    let mut outside = finding("a", "x", &["dir/x.py"]);
    outside.places[0].repository = None;
    let allow = vec![Allow { scope: Some("/real/dir".into()), paths: paths("x.py"), ..entry() }];
    let base = |written: &str, real: &str| Base { written: written.into(), real: real.into(), root: real.into() };
    let targets = vec![base(".", "/real/other"), base("dir", "/real/dir"), base("dir/../y", "/real/y")];
    let said = Suppression { allow, targets, ..Suppression::default() };
    assert_eq!(by(&said, vec![outside.clone()], &Comments::default()).0.len(), 0);
    for elsewhere in ["dir/../y/x.py", "../dir/x.py", "x.py"] {
        outside.places[0].site = Site::File { path: elsewhere.into() };
        assert_eq!(by(&said, vec![outside.clone()], &Comments::default()).0.len(), 1, "{elsewhere}");
    }
    outside.places[0].site = Site::Stdin;
    assert_eq!(by(&said, vec![outside], &Comments::default()).0.len(), 1);
}

#[test]
fn an_entry_holds_through_its_last_day_and_then_tells_so() {
    let of = |day| with(Allow { until: Some(day), ..entry() }, vec![finding("a", "x", &["x"])]);
    assert_eq!(of(date(2026, 5, 2)), (0, 1, vec![]));
    let why = "this entry ended on 2026-05-01 and allows nothing any more; renew it or take it out";
    assert_eq!(of(date(2026, 5, 1)), (1, 0, vec![why.to_owned()]));
}

#[test]
fn what_matches_nothing_is_told_only_where_all_was_read() {
    assert_eq!(with(entry(), vec![]), (0, 0, vec![UNUSED.to_owned()]));
    assert_eq!(with(Allow { expected: false, ..entry() }, vec![]).2.len(), 0);
    let secrets = BTreeSet::from([finding("a", "x", &[]).fingerprint]);
    let baseline = Baseline { at: "b".into(), scope: None, secrets: Secrets::Listed(secrets) };
    let mut said = Suppression { allow: vec![entry()], baselines: vec![baseline], ..Suppression::default() };
    assert_eq!(by(&said, vec![], &Comments::default()).2.len(), 0);
    said.whole = true;
    let notices = by(&said, vec![], &Comments::default()).2;
    let gone = "1 key is nowhere in what was scanned; `keylint baseline prune` takes out what is gone";
    assert_eq!(notices.iter().map(|notice| notice.why.as_str()).collect::<Vec<_>>(), [gone, UNUSED]);
}

#[test]
fn a_baseline_knows_secrets_wherever_they_are() {
    let secrets = BTreeSet::from([finding("a", "x", &[]).fingerprint]);
    let baseline = Baseline { at: "b".into(), scope: Some("/repo".into()), secrets: Secrets::Listed(secrets) };
    let said = Suppression { baselines: vec![baseline], whole: true, ..Suppression::default() };
    let found = vec![finding("b", "x", &["new/name"]), finding("a", "y", &["new/name"])];
    let (open, silenced, notices) = by(&said, found, &Comments::default());
    assert_eq!((open.len(), open[0].rule.as_str()), (1, "a"));
    assert_eq!((silenced.len(), &silenced[0].why), (1, &Silence::Baseline));
    assert_eq!(notices, []);
}

/// What a comment beside a key of the rule `a` brings about.
fn commented(marker: &str, words: &str, said: &Suppression) -> (Vec<Silenced>, Vec<Notice>) {
    let key = finding("a", "x", &["x.py"]);
    let comment = Comment { marker: marker.to_owned(), own: marker.starts_with("keylint"), words: words.into() };
    let mut comments = Comments::default();
    comments.put(key.fingerprint, &key.places[0], vec![comment]);
    let (_, silenced, notices) = by(said, vec![key], &comments);
    (silenced, notices)
}

#[test]
fn our_own_comment_names_a_rule_and_a_reason() {
    let said = Suppression { inline: true, ..Suppression::default() };
    let own = |words| commented("keylint: allow", words, &said);
    let (silenced, notices) = own("a made up");
    let why = Silence::Inline { marker: "keylint: allow".to_owned(), reason: "made up".into() };
    assert_eq!((&silenced[0].why, notices), (&why, vec![]));
    assert_eq!((own("b made up").0.len(), own("b made up").1.len()), (0, 0));
    for (words, told) in [("", "without a rule and a reason"), ("a", "without a reason"), ("c made up", "the rule c")] {
        let (silenced, notices) = own(words);
        assert_eq!((silenced.len(), notices[0].what.to_string()), (0, "x.py:7".to_owned()));
        assert!(notices[0].why.contains(told), "{notices:?}");
    }
}

#[test]
fn comments_of_others_need_nothing_and_can_be_turned_off() {
    let said = Suppression { inline: true, ..Suppression::default() };
    assert_eq!(commented("gitleaks:allow", "", &said).0.len(), 1);
    assert_eq!(commented("gitleaks:allow", "", &Suppression::default()).0.len(), 0);
}

#[test]
fn what_must_never_be_is_silenced_by_nothing() {
    let key = finding("a", "x", &["x.py"]);
    let baseline =
        Baseline { at: "b".into(), scope: None, secrets: Secrets::Listed(BTreeSet::from([key.fingerprint])) };
    let allow = vec![Allow { scope: None, ..entry() }];
    let never = rules("a");
    let said = Suppression { allow, baselines: vec![baseline], never, inline: true, whole: true, targets: vec![] };
    let (open, silenced, notices) = by(&said, vec![key], &Comments::default());
    assert_eq!((open.len(), silenced.len(), notices.len()), (1, 0, 0));
    assert_eq!(commented("gitleaks:allow", "", &Suppression { allow: vec![], ..said }).0.len(), 0);
}
