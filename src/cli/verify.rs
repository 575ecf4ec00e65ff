//! Asking issuers whether keys work: in a scan, where the user wants it, and for one key by itself. Must not know how
//! anybody is asked, or what answers mean.

use super::{
    Complaint, Exit,
    args::{self, Asking, OnlyState, VerdictFormat, VerifyLevel},
    clock, interrupt, output, rules,
    settings::Settings,
    verdicts::Memory,
};
use keylint::{
    engine,
    matcher::Matcher,
    model::{Finding, Fingerprint, Hit, Problem, ProblemKind, Report, Secret, State, Subject, Verdict},
    report,
    rule::{Catalog, Rule, secret_of},
    source::Stop,
    verify::{self, Question, Told, question},
};
use regex::bytes::Regex;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, IsTerminal, Read, Write},
    sync::Arc,
    time::Duration,
};

/// The longest that one answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many questions one host is asked at a time.
const AT_ONCE: usize = 4;
/// No more of standard input is read for a key.
const INPUT: u64 = 1 << 20;

/// What a user has to know before a key is sent to anybody.
const NOTICE: &str = "a check may show to a key's owner as its last use; check only keys that you may test";

/// Why nobody was asked about keys of a scan that the user ended.
const STOPPED: &str = "there is no answer: it was stopped before anybody was asked";
/// Hosts that are named before they are asked.
const HOSTS: usize = 5;

/// Everything that is needed to ask.
pub(super) struct Asker<'a> {
    pub(super) asking: &'a Asking,
    pub(super) settings: verify::Settings,
    pub(super) catalog: &'a Catalog,
    pub(super) now: i64,
    pub(super) quiet: bool,
}

impl<'a> Asker<'a> {
    /// What `asking` and the user's own configuration say.
    pub(super) fn of(
        asking: &'a Asking,
        settings: &Settings,
        catalog: &'a Catalog,
        (now, quiet): (i64, bool),
    ) -> Result<Self, Complaint> {
        let mut of = verify::Settings { bases: settings.base_urls()?, ..verify::Settings::default() };
        for given in &asking.verify_host {
            let (provider, host) = given.split_once('=').unwrap_or(("", given));
            of.add_host(provider, host, catalog)
                .map_err(|why| Complaint::new(format!("--verify-host {given}: {why}")))?;
        }
        Ok(Self { asking, settings: of, catalog, now, quiet })
    }

    /// Finds out about the keys of `report`, as far as the user wants it, and puts the ones that work first.
    pub(super) fn settle(
        &self,
        level: VerifyLevel,
        only: &[OnlyState],
        report: &mut Report,
        stop: &Arc<Stop>,
    ) -> Result<(), Complaint> {
        let findings: Vec<(&Finding, &Rule)> =
            keys(report).filter_map(|finding| Some((finding, self.catalog.get(&finding.rule)?))).collect();
        report.verdicts = self.verdicts(level, &findings, stop)?;
        engine::weigh(report);
        keep_only(only, report);
        Ok(())
    }

    /// A verdict for each of `findings`.
    fn verdicts(
        &self,
        level: VerifyLevel,
        findings: &[(&Finding, &Rule)],
        stop: &Arc<Stop>,
    ) -> Result<BTreeMap<Fingerprint, Verdict>, Complaint> {
        let access = level == VerifyLevel::Access;
        let mut verdicts = BTreeMap::new();
        let mut questions = Vec::new();
        for (finding, rule) in findings {
            match question(finding, rule, &self.settings, self.now) {
                Told::Known(verdict) => drop(verdicts.insert(finding.fingerprint, verdict)),
                Told::Ask(question) => questions.push(question),
            }
        }
        if level == VerifyLevel::Plan {
            verdicts.extend(questions.iter().map(|question| (question.fingerprint, planned(question, self.now))));
            return Ok(verdicts);
        }
        if stop.is_raised() {
            let stopped = || Verdict::unasked(State::Unknown, STOPPED, self.now);
            verdicts.extend(questions.iter().map(|question| (question.fingerprint, stopped())));
            return Ok(verdicts);
        }
        let mut memory = match self.asking.verify_cache {
            Some(hours) => Some(Memory::open(hours, self.now)?),
            None => None,
        };
        questions.retain(|question| {
            let known = memory.as_ref().and_then(|memory| memory.recall(question, access));
            known.is_none_or(|known| verdicts.insert(question.fingerprint, known).is_some())
        });
        if !questions.is_empty() {
            self.announce(&questions);
            interrupt::raise_on_interrupt(stop);
            let budget = Duration::from_secs(self.asking.verify_timeout);
            let options = verify::Options { access, patience: PATIENCE, budget, at_once: AT_ONCE, now: self.now };
            let asked = verify::ask(questions, options, &|| stop.is_raised());
            let asked = asked.map_err(|error| Complaint::new(error.to_string()))?;
            // What is known is worth more than its being known tomorrow.
            if let Some(Err(why)) = memory.as_mut().map(|memory| memory.keep(&asked)) {
                let _ = writeln!(anstream::stderr().lock(), "keylint: warning: verdicts are not remembered: {why}");
            }
            verdicts.extend(asked);
        }
        Ok(verdicts)
    }

    /// Says who is asked, before anybody is.
    fn announce(&self, questions: &[Question]) {
        let hosts: BTreeSet<&str> = questions.iter().map(Question::host).collect();
        let more = hosts.len().saturating_sub(HOSTS);
        let mut hosts = hosts.into_iter().take(HOSTS).collect::<Vec<_>>().join(", ");
        if more > 0 {
            hosts.push_str(&format!(" and {more} more"));
        }
        let keys = if questions.len() == 1 { "1 key".to_owned() } else { format!("{} keys", questions.len()) };
        if !self.quiet {
            let _ = writeln!(anstream::stderr().lock(), "keylint: asking {hosts} about {keys}: {NOTICE}");
        }
    }
}

/// What of `report` somebody can be asked about: how a key is handled is no question to its issuer.
fn keys(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| finding.secret().is_some())
}

/// Leaves only the states in the report that were asked for. What nobody could tell is not left out unseen; what is no
/// key is in no state.
fn keep_only(only: &[OnlyState], report: &mut Report) {
    let wanted: BTreeSet<State> = only.iter().flat_map(|state| state.states()).copied().collect();
    if wanted.is_empty() {
        return;
    }
    let findings = std::mem::take(&mut report.findings);
    let (kept, left): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|key| key.secret().is_some() && wanted.contains(&report.state(key)));
    for finding in left.iter().filter(|finding| finding.secret().is_some()) {
        if report.state(finding) != State::Unknown {
            continue;
        }
        let why = report.verdicts.get(&finding.fingerprint).and_then(|known| known.why.clone()).unwrap_or_default();
        let what = format!("{} {}", finding.rule, finding.subject.shown());
        report.problems.push(Problem::new(ProblemKind::Unverified, what.as_str(), why));
    }
    report.leave_out(left.iter());
    report.findings = kept;
}

/// What would be asked.
fn planned(question: &Question, now: i64) -> Verdict {
    let (requests, header) = question.plan(true);
    let (first, further) = requests.split_first().map_or(("", &[][..]), |(first, further)| (first.as_str(), further));
    let mut why = format!("nobody was asked; --verify would send {first} with the key in the header {header}");
    if !further.is_empty() {
        why.push_str(&format!(", and --verify=access {} as well", further.join(" and ")));
    }
    Verdict::unasked(State::Unknown, why, now)
}

/// `keylint verify`: one key from standard input.
pub(super) fn run(args: &args::Verify) -> Result<Exit, Complaint> {
    let settings = Settings::of_user(args.config.as_deref())?;
    let catalog = rules::catalog(&[])?;
    settings.check(&catalog)?;
    let now = clock::now();
    let mut text = Vec::new();
    if io::stdin().is_terminal() && !args.quiet {
        let _ = writeln!(anstream::stderr().lock(), "keylint: paste the key, then a new line and the end of input");
    }
    let read = io::stdin().lock().take(INPUT + 1).read_to_end(&mut text);
    read.map_err(|error| Complaint::new(format!("standard input: {error}")))?;
    if text.len() as u64 > INPUT {
        return Err(Complaint::new("there is more than 1 MiB on standard input; give one key"));
    }
    let finding = one(&text, args.rule.as_deref(), &catalog)?;
    let rule = catalog.get(&finding.rule).ok_or_else(|| rules::unknown(&finding.rule, &catalog))?;
    let asker = Asker::of(&args.asking, &settings, &catalog, (now, args.quiet))?;
    let level = match (args.plan, args.access) {
        (true, _) => VerifyLevel::Plan,
        (_, true) => VerifyLevel::Access,
        _ => VerifyLevel::Live,
    };
    let stop = Arc::new(Stop::default());
    let verdicts = asker.verdicts(level, &[(&finding, rule)], &stop)?;
    let verdict = verdicts.get(&finding.fingerprint).ok_or_else(|| Complaint::new("there is no verdict"))?;
    let text = match args.format {
        VerdictFormat::Human => report::verdict_for_people(&finding, rule, verdict),
        VerdictFormat::Json => report::verdict_as_json(&finding, verdict),
    };
    output::print(text.as_bytes())?;
    Ok(match verdict.state {
        State::Live | State::LiveLimited => Exit::Found,
        State::Dead => Exit::Clean,
        State::Unknown => Exit::Incomplete,
    })
}

/// The one key in `text`: what a rule takes for one or, where the form does not say it, what `rule` says it is.
fn one(text: &[u8], rule: Option<&str>, catalog: &Catalog) -> Result<Finding, Complaint> {
    let rule = rule.map(|id| catalog.get(id).ok_or_else(|| rules::unknown(id, catalog))).transpose()?;
    if let Some(lint) = rule.filter(|rule| rule.lint.is_some()) {
        return Err(Complaint::new(format!("{} says how keys are handled: it is the rule of no key", lint.id())));
    }
    let matcher = Matcher::new(catalog).map_err(|error| Complaint::new(error.to_string()))?;
    let mut hits = matcher.hits(text);
    hits.sort_by(|a, b| a.secret.cmp(&b.secret));
    hits.dedup_by(|a, b| a.secret == b.secret);
    let id_of = |hit: &Hit| catalog.rules()[hit.rule].id();
    match (&hits[..], rule) {
        ([hit], named) if named.is_none_or(|rule| rule.id() == id_of(hit)) => {
            let host = matcher.host(hit.rule, text, hit.span);
            Ok(found(&catalog.rules()[hit.rule], hit.secret.clone(), hit.notes.clone(), host))
        }
        ([hit], _) => Err(Complaint::new(format!("by its form, this is of the rule {}: leave --rule out", id_of(hit)))),
        ([], Some(rule)) => {
            let secret = bare(text, rule).ok_or_else(|| {
                let way = "give the key alone, on one line; one that was cut or changed is not sent";
                Complaint::new(format!("standard input is no key of the rule {}: {way}", rule.id()))
            })?;
            Ok(found(rule, Secret::new(secret, rule.shown.len()), vec![], None))
        }
        ([], None) => Err(Complaint::new(
            "there is no key on standard input that any rule knows; --rule RULE says what it is (`keylint rules list`)",
        )),
        _ => Err(Complaint::new(format!(
            "there are {} keys on standard input; give one, or use `keylint scan --verify -`",
            hits.len()
        ))),
    }
}

/// The key that `text` is, without what it was copied with, if its form says too little to be known by: a rule with
/// a marker or a name of its own would have known it.
fn bare<'t>(text: &'t [u8], rule: &Rule) -> Option<&'t [u8]> {
    const QUOTES: &[u8] = b"\"'`,;";
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let is_around = |byte: &u8| byte.is_ascii_whitespace() || QUOTES.contains(byte);
    let start = text.iter().position(|byte| !is_around(byte))?;
    let end = text.iter().rposition(|byte| !is_around(byte))? + 1;
    let key = &text[start..end];
    let form = secret_of(rule.pattern.as_ref().filter(|_| rule.jwt.is_none())?.get_ref())?;
    let form = Regex::new(&format!("^(?:{form})$")).ok()?;
    (form.is_match(key) && key.iter().all(u8::is_ascii_graphic)).then_some(key)
}

fn found(rule: &Rule, secret: Secret, notes: Vec<keylint::model::Note>, host: Option<String>) -> Finding {
    Finding {
        rule: rule.id().to_owned(),
        fingerprint: secret.fingerprint(&rule.family),
        subject: Subject::Secret(secret),
        severity: rule.severity,
        confidence: rule.confidence,
        notes,
        hosts: host.into_iter().collect(),
        places: vec![],
        histories: vec![],
    }
}
