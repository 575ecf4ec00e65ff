//! What to do about a key, worked out from what is known of it: where it stands decides whether it has to be ended, and
//! which commands take it out. Must not know formats, or how any of it was found out.
//!
//! `tests/advice.rs` follows it in real repositories, to the letter.

mod command;
mod repository;

use super::Input;
use crate::model::{Finding, History, Pushed, RefKind, State};

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Advice {
    /// What to do, as a sentence.
    pub(super) text: String,
    /// The command lines that do it, to be run in the repository, as they stand.
    pub(super) commands: Vec<String>,
    /// Where to do it.
    pub(super) url: Option<String>,
    /// What it does not achieve or what it costs, as a sentence.
    pub(super) leaves: Option<String>,
    /// The number of the repository that it is to be done in, where it is one.
    pub(super) repository: Option<usize>,
}

impl Advice {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn commands(self, commands: Vec<String>) -> Self {
        Self { commands, ..self }
    }

    fn leaves(self, leaves: impl Into<String>) -> Self {
        Self { leaves: Some(leaves.into()), ..self }
    }
}

/// What no step achieves.
const UNDONE: &str = "None of this undoes what was done with the key while it worked, or unreads what it could read.";

/// How far a key has got, by what a repository tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reached {
    /// Into files, and no commit.
    Files,
    /// Into what was put aside, amended or dropped, and nothing else that is stored.
    Aside,
    /// Into commits that were not pushed.
    Commits,
    /// Into another repository, or nobody can tell that it has not.
    Others,
}

impl Reached {
    /// How far the key of `history` has got in that repository.
    pub(super) fn of(history: &History) -> Self {
        let aside = |kind| matches!(kind, RefKind::Stash | RefKind::Reflog);
        if !history.pushed.is_private() && (history.is_committed() || !history.refs.is_empty()) {
            // Where no remote is known, what no ref leads to was hardly pushed.
            let kept_aside = history.refs.iter().all(|reach| aside(reach.kind));
            if !(history.pushed == Pushed::Unknown && kept_aside) {
                return Self::Others;
            }
        }
        match history.refs.iter().all(|reach| aside(reach.kind)) {
            true if history.only_logged || history.unreachable || !history.refs.is_empty() => Self::Aside,
            true => Self::Files,
            false => Self::Commits,
        }
    }
}

impl Input<'_> {
    /// How far the key of `finding` has got; none if no history was asked.
    pub(super) fn reached(&self, finding: &Finding) -> Option<Reached> {
        let staged = || {
            let is_new = |place: &crate::model::Place| place.introduced.is_none() && !place.versions.is_empty();
            let places = finding.places.iter();
            (!finding.places.is_empty() && places.clone().all(is_new)).then_some(Reached::Files)
        };
        finding.histories.iter().map(|history| Reached::of(history)).max().or_else(staged)
    }

    /// What to do about `finding`, in order.
    pub(super) fn advice(&self, finding: &Finding) -> Vec<Advice> {
        let steps = self.steps(finding).into_iter();
        let steps = steps.map(|step| Advice { url: step.url, ..Advice::new(step.text) });
        if finding.secret().is_none() {
            return steps.collect();
        }
        let reached = self.reached(finding);
        let mut advice = match (self.report.state(finding), reached) {
            (State::Dead, _) => {
                vec![Advice::new("Its issuer says that it does not work: there is nothing left to end.")]
            }
            (_, None | Some(Reached::Others)) => {
                let mut steps: Vec<Advice> = steps.collect();
                steps.last_mut().into_iter().for_each(|last| last.leaves = Some(UNDONE.to_owned()));
                steps
            }
            (state, Some(_)) => {
                let url = steps.clone().find_map(|step| step.url);
                let works = if state.is_live() { "It works. " } else { "" };
                let text = format!(
                    "{works}As far as the repository tells, nobody else has it from there. If it was shown anywhere else, or you \
                     are in doubt, end it first."
                );
                vec![Advice { url, ..Advice::new(text) }]
            }
        };
        if finding.histories.is_empty() && reached == Some(Reached::Files) {
            let repository = finding.places.iter().find_map(|place| place.repository);
            advice.extend(self.staged(finding).into_iter().map(|step| Advice { repository, ..step }));
        }
        for history in &finding.histories {
            let steps = self.in_repository(finding, history).into_iter();
            advice.extend(steps.map(|step| Advice { repository: Some(history.repository), ..step }));
        }
        advice
    }
}
