//! What the sources show, put to the matcher; what it finds, kept with its place.
//! Must not know repositories beyond the origins of texts.

use super::{
    comment::{self, Comment},
    packed,
    position::{Cursor, snippet},
    remarks,
};
use crate::{
    lint::{Ahead, Linter, Project},
    matcher::{self, Matcher},
    model::{
        Confidence, Encoding, Fingerprint, Hit, Note, ObjectKind, Origin, Position, Problem, ProblemKind, Secret,
        Snippet, Span, Subject, Text,
    },
    rule::Rule,
    source::{
        self, Interest, Limits, Piece, Sieve,
        git::{CommitNode, Commits, entries, message_start},
    },
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// A file of so many bytes is linted by a thread of its own while secrets are looked for in it.
const LARGE: usize = 512 << 10;

/// A hit, and where it was seen.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    pub(super) origin: Origin,
    pub(super) rule: usize,
    pub(super) subject: Subject,
    pub(super) confidence: Confidence,
    pub(super) notes: Vec<Note>,
    /// What it is written in, the outermost first.
    pub(super) via: Vec<Encoding>,
    /// How it is written there, if not as it is.
    pub(super) written: Option<Secret>,
    pub(super) position: Position,
    pub(super) snippet: Snippet,
    /// Which part of an object it is in: the header of a commit, the name in a directory listing; of a blob with a
    /// practice, the path that it was looked at for.
    pub(super) part: Text,
    /// What is said beside it, if it is in a file's content.
    pub(super) comments: Vec<Comment>,
    /// The host that stands beside it and that it may belong to.
    pub(super) host: Option<String>,
}

impl Sighting {
    /// What it is one of: the same for all sightings of one secret, or of one practice in one file.
    pub(super) fn fingerprint(&self, rules: &[Rule]) -> Fingerprint {
        let rule = &rules[self.rule];
        match (&self.subject, &self.origin) {
            (Subject::Secret(secret), _) => secret.fingerprint(&rule.family),
            (Subject::Practice(practice), Origin::File { path, .. }) => practice.fingerprint(rule.id(), path),
            (Subject::Practice(practice), _) => practice.fingerprint(rule.id(), &self.part),
        }
    }
}

// What a source promises to show whole is as long as what the matcher looks for.
const _: () = assert!(matcher::REACH <= source::REACH && matcher::LONGEST <= source::OVERLAP / 2);

/// Takes what the sources show, from all their threads.
pub(super) struct Collector<'a> {
    matcher: &'a Matcher,
    show_secrets: bool,
    found: Mutex<(Vec<Sighting>, Vec<Problem>)>,
    /// The commits of the repository that is being read.
    commits: Mutex<Vec<CommitNode>>,
    /// The lints, if files are linted.
    linter: Option<&'a Linter<'a>>,
    /// What the files that are being read are part of; none for a text that is no file, which is not linted.
    project: Mutex<Option<Arc<dyn Project + Send>>>,
    /// How far containers are unpacked, if they are.
    limits: Option<&'a Limits>,
    /// What of them is better called otherwise.
    renamed: Mutex<Vec<packed::Renamed>>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(matcher: &'a Matcher, show_secrets: bool) -> Self {
        Self {
            matcher,
            show_secrets,
            found: Mutex::default(),
            commits: Mutex::default(),
            linter: None,
            project: Mutex::default(),
            limits: None,
            renamed: Mutex::default(),
        }
    }

    /// The same, with files linted.
    pub(super) fn linting(self, linter: Option<&'a Linter<'a>>) -> Self {
        Self { linter, ..self }
    }

    /// The same, with containers unpacked.
    pub(super) fn unpacking(self, limits: Option<&'a Limits>) -> Self {
        Self { limits, ..self }
    }

    /// Says what the files that follow are part of.
    pub(super) fn enter(&self, project: Arc<dyn Project + Send>) {
        *self.project.lock().unwrap_or_else(PoisonError::into_inner) = Some(project);
    }

    /// The commits that were taken since this was asked last.
    pub(super) fn take_commits(&self) -> Commits {
        let mut commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        Commits::new(std::mem::take(&mut commits))
    }

    /// Everything that was taken, in an order that does not depend on the threads.
    pub(super) fn finish(self) -> (Vec<Sighting>, Vec<Problem>) {
        let (mut sightings, mut problems) = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let renamed = self.renamed.into_inner().unwrap_or_else(PoisonError::into_inner);
        packed::settle(&mut sightings, renamed);
        sort(&mut sightings);
        problems.sort();
        problems.dedup();
        (sightings, problems)
    }

    /// Adds what there is to say of `piece`, in which secrets are looked for if it `may_hold` some.
    fn look_into(&self, origin: &Origin, piece: &Piece<'_>, may_hold: bool) {
        let sightings = || {
            let (hits, ahead) = if may_hold { self.hits(origin, piece) } else { (Vec::new(), None) };
            self.sightings(origin, piece, (&hits, ahead))
        };
        // A defect in a rule's matching costs the text it shows in, and is told of; never the scan.
        match catch_unwind(AssertUnwindSafe(sightings)) {
            Ok(sightings) => self.add(sightings, None),
            Err(_) => {
                let why = "keylint failed on it; please report this as a defect";
                self.add(vec![], Some(Problem::new(ProblemKind::Internal, origin.name(), why)));
            }
        }
    }

    /// The secrets in `piece`, and what else was found out meanwhile if it is a large file: a scan of few files is over when
    /// the largest is read, and has a core left.
    fn hits(&self, origin: &Origin, piece: &Piece<'_>) -> (Vec<Hit>, Option<Ahead>) {
        let hits = || self.matcher.hits(piece.bytes);
        let is_project = || self.project.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let (Some(linter), Origin::File { path, .. }) = (self.linter, origin) else { return (hits(), None) };
        if piece.bytes.len() < LARGE || !remarks::is_whole(piece) || !is_project() {
            return (hits(), None);
        }
        thread::scope(|scope| {
            let linting = thread::Builder::new().spawn_scoped(scope, || linter.ahead(path, piece.bytes));
            let hits = hits();
            // Where no thread can be had, it is done when its turn comes.
            let ahead = linting.ok().map(|linting| linting.join().unwrap_or_else(|panic| resume_unwind(panic)));
            (hits, ahead)
        })
    }

    fn sightings(&self, origin: &Origin, piece: &Piece<'_>, (hits, ahead): (&[Hit], Option<Ahead>)) -> Vec<Sighting> {
        let spans: Vec<(Span, &Secret)> = hits.iter().map(|hit| (hit.span, &hit.secret)).collect();
        let places: Vec<Span> = hits.iter().map(|hit| hit.span).collect();
        let mut cursor = Cursor::new(piece);
        let own = |(_, hit): &(usize, &Hit)| piece.own.contains(&hit.span.start);
        let sighting = |(nth, hit): (usize, &Hit)| Sighting {
            origin: origin.clone(),
            rule: hit.rule,
            subject: Subject::Secret(hit.secret.clone()),
            confidence: hit.confidence,
            notes: hit.notes.clone(),
            via: hit.via.clone(),
            written: written(origin, piece.bytes, hit),
            position: cursor.locate(hit.span),
            snippet: snippet(piece.bytes, &spans, nth, self.show_secrets),
            host: self.matcher.host(hit.rule, piece.bytes, hit.span),
            part: part(origin, piece.bytes, hit.span),
            comments: if has_lines(origin) { comment::beside(piece.bytes, hit.span, &places) } else { Vec::new() },
        };
        let mut all: Vec<Sighting> = hits.iter().enumerate().filter(own).map(sighting).collect();
        if let (Some(linter), Origin::File { path, .. }) = (self.linter, origin) {
            let project = self.project.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let remarks =
                project.map(|project| remarks::of_file((linter, &*project), (origin, path), piece, (hits, ahead)));
            all.extend(remarks.into_iter().flatten());
        }
        all
    }

    fn add(&self, sightings: Vec<Sighting>, problem: Option<Problem>) {
        if sightings.is_empty() && problem.is_none() {
            return;
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.0.extend(sightings);
        found.1.extend(problem);
    }
}

impl Sieve for Collector<'_> {
    fn interest(&self, kind: ObjectKind) -> Interest {
        let all = kind == ObjectKind::Commit || self.matcher.prefilter().is_blind();
        if all { Interest::Everything } else { Interest::Sifted }
    }

    fn any(&self, text: &[u8]) -> bool {
        self.matcher.any(text)
    }

    fn spans(&self, text: &[u8], out: &mut Vec<Span>) {
        self.matcher.spans(text, |span| out.push(span));
    }

    fn take(&self, origin: &Origin, piece: &Piece<'_>) {
        if let Origin::Object { id, kind: ObjectKind::Commit, .. } = origin {
            let node = CommitNode::parse(*id, piece.bytes);
            self.commits.lock().unwrap_or_else(PoisonError::into_inner).extend(node);
            if !self.any(piece.bytes) {
                return;
            }
        }
        self.look_into(origin, piece, true);
    }

    fn look(&self, origin: &Origin, piece: &Piece<'_>) {
        let may_hold = self.any(piece.bytes);
        if may_hold || self.linter.is_some() {
            self.look_into(origin, piece, may_hold);
        }
    }

    fn limits(&self) -> Option<&Limits> {
        self.limits
    }

    fn rename(&self, holder: &Origin, from: &Text, to: &Text) {
        let renamed = packed::Renamed { holder: holder.clone(), from: from.clone(), to: to.clone() };
        self.renamed.lock().unwrap_or_else(PoisonError::into_inner).push(renamed);
    }

    fn problem(&self, problem: Problem) {
        self.add(vec![], Some(problem));
    }
}

/// How a secret is written where it stands, if that is not as it is and not in a container.
fn written(origin: &Origin, bytes: &[u8], hit: &Hit) -> Option<Secret> {
    let is_packed = matches!(origin, Origin::Entry { .. });
    let text = bytes.get(hit.span.range()).filter(|_| !hit.via.is_empty() && !is_packed)?;
    Some(Secret::new(text, 0))
}

/// Puts `sightings` in the order of what they were seen in.
pub(super) fn sort(sightings: &mut [Sighting]) {
    sightings.sort_by(|a, b| (&a.origin, a.position, a.rule).cmp(&(&b.origin, b.position, b.rule)));
}

/// Whether it is the content of a file, where a comment is one.
fn has_lines(origin: &Origin) -> bool {
    match origin {
        Origin::Entry { is_name, .. } => !is_name,
        _ => matches!(origin, Origin::File { .. } | Origin::Stdin | Origin::Object { kind: ObjectKind::Blob, .. }),
    }
}

/// Which part of an object `span` is in.
fn part(origin: &Origin, bytes: &[u8], span: Span) -> Text {
    let Origin::Object { kind, id, .. } = origin else { return Text::default() };
    match kind {
        ObjectKind::Blob => Text::default(),
        ObjectKind::Tree => {
            let holds = |at: usize, name: &[u8]| at <= span.start && span.end <= at + name.len();
            let mut all = entries(bytes, id.as_bytes().len());
            all.find(|entry| holds(entry.at, entry.name)).map_or_else(Text::default, |entry| entry.name.into())
        }
        ObjectKind::Commit | ObjectKind::Tag => match message_start(bytes) {
            Some(start) if span.start >= start => "message".into(),
            _ => {
                let line = bytes[..span.start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
                let word = bytes[line..].split(|byte| matches!(byte, b' ' | b'\n')).next();
                word.unwrap_or_default().into()
            }
        },
    }
}
