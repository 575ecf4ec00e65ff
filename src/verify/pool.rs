//! All questions asked: a few at a time, fewer still of one host, each until it is answered or it is no use, none beyond
//! the end of the time. Must not know what answers mean.

use super::{
    Options,
    answer::Answer,
    client::Client,
    judge::{self, Judgement},
    question::Question,
    veil::Veil,
};
use crate::model::{Access, Fingerprint, State, Verdict};
use std::{
    collections::{BTreeMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// A question is asked so often at most.
const ATTEMPTS: u32 = 3;
/// How long to wait before asking again, at first; then twice as long.
const PAUSE: Duration = Duration::from_millis(500);
/// How often a wait looks whether it is over.
const TICK: Duration = Duration::from_millis(20);
/// No more questions are asked at a time, however many hosts there are: a scanned text can name any number.
const THREADS: usize = 16;

/// Why a key that its issuer does not know is not dead.
const IN_DOUBT: &str = "it was refused as it stands here, and its shape is unusual: it may have been cut or changed";

/// What all threads share.
struct Shared {
    client: Client,
    options: Options,
    work: Mutex<Work>,
}

/// What is still to do, and what is known.
struct Work {
    hosts: Vec<Host>,
    /// How many tasks are waiting or being done.
    open: usize,
    /// Nobody waits for answers any more.
    over: bool,
    verdicts: BTreeMap<Fingerprint, Verdict>,
}

#[derive(Default)]
struct Host {
    tasks: VecDeque<Task>,
    running: usize,
    /// How many tasks were taken, so that all hosts have their turn.
    served: usize,
    /// It asked for a pause until then.
    not_before: Option<Instant>,
}

struct Task {
    question: Question,
    step: Step,
    not_before: Option<Instant>,
}

enum Step {
    /// To ask whether the secret works, for the so-manieth time.
    Ask(u32),
    /// To ask what it opens, given the first answer.
    Open(Answer),
}

pub(super) fn run(
    client: Client,
    questions: Vec<Question>,
    options: Options,
    stopped: &dyn Fn() -> bool,
) -> BTreeMap<Fingerprint, Verdict> {
    let mut once: BTreeMap<Fingerprint, Question> = BTreeMap::new();
    for question in questions {
        once.entry(question.fingerprint).or_insert(question);
    }
    let asked: Vec<Fingerprint> = once.keys().copied().collect();
    let deadline = client.deadline;
    let work = Work { hosts: by_host(once), open: asked.len(), over: false, verdicts: BTreeMap::new() };
    let shared = Arc::new(Shared { client, options, work: Mutex::new(work) });
    // Whoever drops the client last waits for what it still does, a name that nobody resolves among it: nobody does.
    Box::leak(Box::new(Arc::clone(&shared)));
    let mut threads = 0;
    for _ in 0..THREADS.min(asked.len()) {
        let shared = Arc::clone(&shared);
        // They are not waited for: a host that never answers must not keep the process from ending.
        threads += usize::from(thread::Builder::new().spawn(move || shared.serve()).is_ok());
    }
    let why = loop {
        if shared.lock().open == 0 || threads == 0 {
            break "nobody could ask";
        }
        if stopped() {
            break "it was stopped";
        }
        if Instant::now() >= deadline {
            break "the time for it was over";
        }
        thread::sleep(TICK);
    };
    let mut work = shared.lock();
    work.over = true;
    let mut verdicts = std::mem::take(&mut work.verdicts);
    for secret in asked {
        let unknown = || Verdict::unasked(State::Unknown, "", options.now);
        let verdict = verdicts.entry(secret).or_insert_with(unknown);
        // Nothing is said yet of what was not asked, or not answered.
        if verdict.why.as_deref() == Some("") {
            verdict.why = Some(format!("there is no answer: {why}"));
        }
    }
    verdicts
}

fn by_host(questions: BTreeMap<Fingerprint, Question>) -> Vec<Host> {
    let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
    for question in questions.into_values() {
        let host = hosts.entry(question.origin.clone()).or_default();
        host.tasks.push_back(Task { question, step: Step::Ask(1), not_before: None });
    }
    hosts.into_values().collect()
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What one thread does, until there is nothing left to do.
    fn serve(&self) {
        loop {
            let taken = {
                let mut work = self.lock();
                if work.over || work.open == 0 {
                    return;
                }
                work.take(self.options, self.client.deadline)
            };
            match taken {
                Some((host, task)) => {
                    // A defect costs one verdict, and is told by the message of the panic.
                    let _ = catch_unwind(AssertUnwindSafe(|| self.work_on(host, task)));
                    let mut work = self.lock();
                    work.hosts[host].running -= 1;
                    work.open -= 1;
                }
                None => thread::sleep(TICK),
            }
        }
    }

    fn work_on(&self, host: usize, task: Task) {
        let Task { question, step, .. } = task;
        match step {
            Step::Ask(attempt) => self.ask(host, question, attempt),
            Step::Open(first) => {
                let access = self.access(&question, &first, true);
                self.lock().open_up(&question, access);
            }
        }
    }

    /// Asks, keeps what is certain, and comes back to it where that may help.
    fn ask(&self, host: usize, question: Question, attempt: u32) {
        let (judged, answer) = match self.get(&question, question.recipe.path()) {
            Ok(answer) => (judge::judge(&question.recipe, &answer), Some(answer)),
            Err(judged) => (judged, None),
        };
        let answer_if_live = answer.as_ref().filter(|_| self.options.access && judged.state.is_live());
        let known = answer_if_live.map(|answer| self.access(&question, answer, false)).unwrap_or_default();
        let mut work = self.lock();
        let is_live = judged.state.is_live();
        let veil = Veil::of(&question.secret);
        work.learn(&question, &judged, answer.as_ref(), &|why: &str| veil.over(why));
        work.open_up(&question, known);
        let pause = answer.as_ref().and_then(Answer::retry_after).map(Duration::from_secs);
        let again = judged.again && attempt < ATTEMPTS;
        let until = Instant::now().checked_add(pause.unwrap_or(PAUSE * 2_u32.pow(attempt - 1)));
        let until = until.filter(|until| *until < self.client.deadline);
        if judged.again && judged.state == State::Unknown && pause.is_some() {
            work.pause(host, until, self.options.now);
        }
        if let Some(until) = until.filter(|_| again) {
            work.put(host, Task { question, step: Step::Ask(attempt + 1), not_before: Some(until) });
        } else if let Some(answer) = answer.filter(|_| self.options.access && is_live && question.asks_further()) {
            work.put(host, Task { question, step: Step::Open(answer), not_before: None });
        }
    }

    fn get(&self, question: &Question, path: &str) -> Result<Answer, Judgement> {
        let secret = String::from_utf8_lossy(question.secret.expose());
        let headers = question.recipe.headers.iter();
        let headers: Vec<(String, String)> =
            headers.map(|(name, value)| (name.clone(), value.replace("{secret}", &secret))).collect();
        self.client.get(&format!("{}{path}", question.origin), &headers).map_err(|silence| Judgement {
            state: State::Unknown,
            why: Some(silence.why.to_owned()),
            again: silence.again,
        })
    }

    /// What the secret opens, as the first answer and, if `ask`, further ones tell.
    fn access(&self, question: &Question, first: &Answer, ask: bool) -> Vec<Access> {
        let mut further = BTreeMap::new();
        for path in question.recipe.access.iter().filter_map(|fact| fact.get.as_ref()).filter(|_| ask) {
            if !further.contains_key(path)
                && !self.lock().over
                && let Ok(answer) = self.get(question, path)
            {
                further.insert(path.clone(), answer);
            }
        }
        let veil = Veil::of(&question.secret);
        judge::access(&question.recipe.access, first, &further, &|text: &str| veil.over(text))
    }
}

impl Work {
    /// Something that can be done now, and the host it is for.
    fn take(&mut self, options: Options, deadline: Instant) -> Option<(usize, Task)> {
        let now = Instant::now();
        let is_due = |at: Option<Instant>| at.is_none_or(|at| at <= now);
        let next = |host: &Host| host.tasks.iter().position(|task| is_due(task.not_before));
        let is_free = |host: &Host| host.running < options.at_once && is_due(host.not_before);
        let ready = self.hosts.iter().enumerate().filter(|(_, host)| is_free(host) && now < deadline);
        let ready = ready.filter_map(|(number, host)| Some((number, next(host)?, (host.running, host.served))));
        // One whose answers are slow must not keep the others from being asked.
        let (number, at, _) = ready.min_by_key(|(_, _, turn)| *turn)?;
        let host = &mut self.hosts[number];
        let task = host.tasks.remove(at)?;
        host.running += 1;
        host.served += 1;
        let request = Some(task.question.request());
        let unanswered = Verdict { request, ..Verdict::unasked(State::Unknown, "", options.now) };
        self.verdicts.entry(task.question.fingerprint).or_insert(unanswered);
        Some((number, task))
    }

    /// Asks a host nothing before `until`, or nothing any more where that is beyond the end.
    fn pause(&mut self, host: usize, until: Option<Instant>, now: i64) {
        let host = &mut self.hosts[host];
        if until.is_some() {
            host.not_before = host.not_before.max(until);
            return;
        }
        self.open -= host.tasks.len();
        for task in host.tasks.drain(..) {
            let why = "there is no answer: the host asks to wait longer than there is time";
            let verdict = Verdict::unasked(State::Unknown, why, now);
            self.verdicts.entry(task.question.fingerprint).or_insert(verdict);
        }
    }

    /// Keeps what is known of what a secret opens, unless more is.
    fn open_up(&mut self, question: &Question, known: Vec<Access>) {
        if let Some(verdict) = self.verdicts.get_mut(&question.fingerprint)
            && known.len() > verdict.access.len()
        {
            verdict.access = known;
        }
    }

    fn put(&mut self, host: usize, task: Task) {
        self.open += 1;
        self.hosts[host].tasks.push_back(task);
    }

    /// Keeps what an answer says, unless something is known for certain and this is not.
    fn learn(
        &mut self,
        question: &Question,
        judged: &Judgement,
        answer: Option<&Answer>,
        hide: &dyn Fn(&str) -> String,
    ) {
        let Some(verdict) = self.verdicts.get_mut(&question.fingerprint) else { return };
        if judged.state != State::Unknown || verdict.state == State::Unknown {
            let in_doubt = judged.state == State::Dead && !question.is_whole;
            verdict.state = if in_doubt { State::Unknown } else { judged.state };
            verdict.why = if in_doubt { Some(IN_DOUBT.to_owned()) } else { judged.why.as_deref().map(hide) };
            verdict.status = answer.map(|answer| answer.status);
        }
    }
}
