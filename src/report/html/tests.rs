//! The page as a whole. Must not know its parts.

use super::{BYTES, STYLE};
use crate::{
    model::{
        Event, Finding, History, Identity, Note, Notice, Person, Place, Practice, Problem, ProblemKind, Pushed, Reach,
        RefKind, Report, Repository, Silence, Silenced, Site, Snippet, State, Subject, Text, Verdict,
    },
    report::{Format, Options, sample},
};
use proptest::prelude::*;
use quick_xml::events::Event as Xml;
use snapbox::assert_data_eq;
use std::{collections::BTreeSet, sync::Arc};

/// Elements and attributes that a page may have.
const ELEMENTS: &str = "a article body br circle code col dd desc details div dl dt figcaption figure footer h1 h2 h3 h4 \
                        head header html li line main mark meta nav ol p path pre rect section span strong style summary svg \
                        table tbody td text th thead time title tr ul";
const ATTRIBUTES: &str = "aria-hidden aria-label aria-labelledby charset class content cx cy d data-label datetime dx height href \
                          http-equiv id lang name overflow r rel role scope text-anchor width x x1 x2 y y1 y2";

fn written(report: &Report) -> String {
    let options = Options { show_suppressed: true, now: Some(1_764_000_000), ..Options::default() };
    sample::written(Format::Html, report, &options)
}

/// A report with something of everything.
fn full() -> Report {
    let mut report = sample::with_practices();
    let told = sample::with_histories();
    for (finding, told) in report.findings.iter_mut().zip(told.findings) {
        finding.histories = told.histories;
    }
    report.findings[0].notes = vec![Note::UnusualShape, Note::Expires { at: 1_767_225_600 }];
    let verdict = Verdict {
        request: Some("GET https://api.openai.com/v1/models".to_owned()),
        status: Some(200),
        ..Verdict::unasked(State::LiveLimited, "it lacks money", 1_763_900_000)
    };
    report.verdicts.insert(report.findings[0].fingerprint, verdict);
    report.problems = vec![
        Problem::new(ProblemKind::Truncated, ".", "a shallow clone: `git fetch --unshallow` brings the rest"),
        Problem::new(ProblemKind::Unreadable, "secrets.zip", "it is encrypted"),
    ];
    report.notices = vec![Notice { what: Text::from("keylint.toml:3"), why: "nothing matches this entry".to_owned() }];
    report.silenced = sample::silenced().silenced;
    report.here = Some(Text::from("/srv/app"));
    report
}

/// A page is well-formed XML of known elements and attributes, and names no address but those it links to. Returns how
/// many elements it has of each name, in one text.
fn shape(page: &str) -> Result<String, String> {
    let names = |list: &'static str| list.split_whitespace().collect::<BTreeSet<_>>();
    let (elements, attributes) = (names(ELEMENTS), names(ATTRIBUTES));
    let mut reader = quick_xml::Reader::from_str(page);
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Xml::Start(tag) | Xml::Empty(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                if !elements.contains(name.as_str()) {
                    return Err(format!("an element <{name}>"));
                }
                for attribute in tag.attributes() {
                    let attribute = attribute.map_err(|error| error.to_string())?;
                    let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
                    let value = String::from_utf8_lossy(&attribute.value).into_owned();
                    let is_link = key != "href" || value.starts_with('#') || value.starts_with("https://");
                    if !attributes.contains(key.as_str()) || !is_link {
                        return Err(format!("an attribute {key}=\"{value}\""));
                    }
                }
                *seen.entry(name).or_default() += 1;
            }
            Xml::Comment(_) | Xml::CData(_) | Xml::PI(_) => return Err("markup that is no element".to_owned()),
            Xml::Eof => return Ok(format!("{seen:?}")),
            _ => {}
        }
    }
}

/// The report with every text from outside replaced by `text`.
fn saying(text: &[u8]) -> Report {
    let (word, said) = (|| Text::from(text), || String::from_utf8_lossy(text).into_owned());
    let mut report = full();
    for finding in &mut report.findings {
        if finding.secret().is_none() {
            // Never what a line has, which would not be told twice.
            finding.subject = Subject::Practice(Practice { what: format!("{}!", said()), key: None });
        }
        finding.notes.push(Note::Issuer { issuer: said() });
        let place = finding.places[0].clone();
        let sites = [
            Site::File { path: word() },
            Site::FileName { path: word() },
            Site::Commit { id: sample::id(3), part: word() },
            Site::RefName { name: word() },
            Site::GitFile { path: word() },
        ];
        finding.places = sites.into_iter().map(|site| Place { site, ..place.clone() }).collect();
        for place in &mut finding.places {
            place.snippet = Snippet { text: said(), start: 0, end: said().len() };
            place.introduced.iter_mut().for_each(|info| {
                (info.author, info.email, info.subject) = (word(), word(), word());
            });
        }
        finding.histories = finding.histories.iter().map(|history| Arc::new(retold(history, text))).collect();
    }
    report.findings[3].rule = said();
    report.repositories = vec![Repository { name: word(), folder: word() }; 2];
    report.here = Some(word());
    report.problems = vec![Problem::new(ProblemKind::Missing, word(), said())];
    report.notices = vec![Notice { what: word(), why: said() }];
    let access = vec![crate::model::Access { name: said(), values: vec![said()], more: false }];
    let verdict = Verdict { request: Some(said()), access, ..Verdict::unasked(State::Live, said(), 0) };
    report.verdicts.insert(report.findings[0].fingerprint, verdict);
    let finding = report.findings[0].clone();
    report.silenced.push(Silenced { finding, why: Silence::Inline { marker: said(), reason: word() } });
    report
}

fn retold(history: &History, text: &[u8]) -> History {
    let identity = Identity { name: Text::from(text), email: Text::from(text) };
    let event = |event: &Event| {
        let mut event = Event { committer: identity.clone(), path: Some(Text::from(text)), ..event.clone() };
        let word = || Text::from(text);
        (event.commit.author, event.commit.email, event.commit.subject) = (word(), word(), word());
        event
    };
    let kinds =
        [RefKind::Branch, RefKind::Tag, RefKind::PullRequest, RefKind::Worktree, RefKind::Other, RefKind::Reflog];
    History {
        introduced: history.introduced.iter().map(event).collect(),
        removed: history.removed.iter().map(event).collect(),
        people: vec![Person { identity: identity.clone(), introduced: 1, carried: 1 }],
        refs: kinds.map(|kind| Reach { kind, name: Text::from(text), at_tip: true }).to_vec(),
        pushed: Pushed::Once(vec![Text::from(text); 2]),
        ..history.clone()
    }
}

#[test]
fn a_page_reads_like_this() {
    let page = written(&full());
    assert_data_eq!(page, snapbox::file!["../../../tests/golden/report.html"].raw());
}

#[test]
fn a_page_is_well_formed_and_has_what_it_should() {
    shape(&written(&full())).expect("a page");
    shape(&written(&Report::default())).expect("a page");
    for (broken, why) in
        [("<p><b/></p>", "<b>"), ("<p onload=\"\"/>", "onload"), ("<p>", "expected"), ("<!--x-->", "no element")]
    {
        let told = shape(broken).err().unwrap_or_else(|| "nothing".to_owned());
        assert!(told.contains(why) || why == "expected", "{broken}: {told}");
    }
    assert!(shape("<a href=\"javascript:1\"/>").is_err());
}

/// The shape that a page has whatever its texts say. A name that no shell reads as one word is in no command: then there are
/// as many fewer of these, and all else is the same.
fn calm(page: &str) -> String {
    let commands = |page: &str| page.matches("<pre class=\"command\">").count();
    let plain = written(&saying(b"x"));
    let calm = if commands(page) == commands(&plain) { plain } else { written(&saying(b"\x07")) };
    assert_eq!(commands(page), commands(&calm));
    shape(&calm).expect("a page")
}

#[test]
fn hostile_texts_change_no_markup() {
    let hostile: [&[u8]; 9] = [
        b"</title></style></svg></code></pre><script>alert(1)</script>",
        b"<img src=x onerror=alert(1)>",
        b"\" onmouseover=\"alert(1)",
        b"' autofocus onfocus='alert(1)",
        b"]]><!--<?xml",
        b"&lt;script&gt;&#60;b&#62;&amp",
        b"javascript:alert(1)",
        "\u{202e}\u{feff}\u{fffe}\u{0}\u{1b}[2J".as_bytes(),
        b"\xff\xfe\x80{{7*7}}${x}",
    ];
    for text in hostile {
        let page = written(&saying(text));
        assert_eq!(shape(&page).as_deref(), Ok(calm(&page).as_str()), "{}", String::from_utf8_lossy(text));
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_bytes_change_the_markup(text in prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..40),
        "[<>&\"'/=a-z \\-!\\[\\]#;x0-9]{1,40}".prop_map(String::into_bytes),
    ]) {
        let page = written(&saying(&text));
        prop_assert_eq!(shape(&page), Ok(calm(&page)));
    }
}

#[test]
fn the_policy_lets_no_style_in_but_the_one() {
    let page = written(&full());
    assert_eq!(page.matches("<style>").count(), 1);
    let style = page.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).expect("a style").0;
    assert_eq!(style, STYLE);
    assert!(page.contains("style-src &#39;sha256-") && page.contains("default-src &#39;none&#39;"), "{page}");
    // Else it would be no XML, or load something.
    assert!(!STYLE.contains(['<', '&']) && !STYLE.contains("url(") && !STYLE.contains("@import"));
}

#[test]
fn a_scan_that_is_not_complete_never_looks_clean() {
    let mut report = Report::default();
    let page = written(&report);
    assert!(
        page.contains("<p class=\"verdict good\"><strong>Complete</strong>") && page.contains("<h1>no keys found</h1>")
    );
    report.problems.push(Problem::new(ProblemKind::Missing, "a", "b"));
    let page = written(&report);
    let [gap, title] = ["<strong>Incomplete</strong>: 1 thing", "<h1>no keys in what was read</h1>"]
        .map(|words| page.find(words).unwrap_or_else(|| panic!("{words}: {page}")));
    assert!(gap < title && !page.contains("verdict good\""), "{page}");
}

#[test]
fn nothing_but_the_scan_and_its_time_changes_the_bytes() {
    let report = full();
    let of = |elapsed, color, now| {
        let elapsed = Some(std::time::Duration::from_secs(elapsed));
        let verbosity = crate::report::Verbosity::Verbose;
        let options = Options { elapsed, color, now: Some(now), verbosity, ..Options::default() };
        sample::written(Format::Html, &report, &options)
    };
    assert_eq!(of(1, false, 1_764_000_000), of(9, true, 1_764_000_000));
    assert_ne!(of(1, false, 1_764_000_000), of(1, false, 1_764_100_000));
}

#[test]
fn the_summary_says_what_the_human_one_says() {
    for report in [full(), sample::report(), Report { linted: true, ..Report::default() }] {
        let words = crate::report::found::Found::of(&report).words();
        let page = written(&report);
        assert!(
            page.contains(&format!("<h1>{words}</h1>")) && page.contains(&format!("<title>keylint: {words}</title>"))
        );
    }
}

#[test]
fn keys_come_in_order_and_each_is_linked_to() {
    let page = written(&full());
    for nth in [1, 2] {
        assert_eq!(page.matches(&format!("href=\"#key-{nth}\"")).count(), 1);
        assert_eq!(page.matches(&format!("<article class=\"key critical\" id=\"key-{nth}\"")).count(), 1);
    }
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    for words in [
        "571 days so far",
        "<strong>yes</strong>: origin/main leads to it.",
        "SDK allowed to use a key in a browser",
        "Bob Doe",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn a_page_of_very_much_stays_one_that_opens() {
    let long = "<".repeat(3_000);
    let mut report = saying(long.as_bytes());
    // A snippet is a part of a line; whoever makes one sees to that.
    report.findings.iter_mut().flat_map(|finding| &mut finding.places).for_each(|place| {
        place.snippet = Snippet { text: "<".repeat(200), start: 0, end: 200 };
    });
    let key = report.findings[0].clone();
    let many = |finding: &Finding| Finding { places: vec![finding.places[0].clone(); 60], ..finding.clone() };
    report.findings = vec![many(&key); 600];
    report.findings.extend(vec![many(&full().findings[3]); 300]);
    report.problems = vec![Problem::new(ProblemKind::Missing, long.as_str(), long.as_str()); 5000];
    let page = written(&report);
    assert!(page.len() < BYTES + (4 << 20), "{}", page.len());
    let shown = page.matches("<article class=\"key ").count();
    assert!(shown > 5 && shown < 100, "{shown}");
    assert!(page.contains(&format!("… and {} more keys told in full (all of them: --format json)", 600 - shown)));
    assert!(page.contains("… and 100 more keys (all of them: --format json)"));
    shape(&page).expect("a page");
}
