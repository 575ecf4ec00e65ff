//! What to do about a key, worked out from what is known of it. Must not know formats, or how any of it was found out.

use super::Input;
use crate::model::Finding;

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Advice {
    /// What to do, as a sentence.
    pub(super) text: String,
    /// The command lines that do it, to be run in the repository, as they stand.
    pub(super) commands: Vec<String>,
    /// Where to do it.
    pub(super) url: Option<String>,
    /// What it does not achieve, as a sentence.
    pub(super) leaves: Option<String>,
    /// The number of the repository that it is to be done in, where it is one.
    pub(super) repository: Option<usize>,
}

impl Input<'_> {
    /// What to do about `finding`, in order.
    pub(super) fn advice(&self, finding: &Finding) -> Vec<Advice> {
        let step = |step: crate::rule::Step| Advice { text: step.text, url: step.url, ..Advice::default() };
        self.steps(finding).into_iter().map(step).collect()
    }
}
