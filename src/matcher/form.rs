//! A rule made ready: how its match begins, how it is confirmed. Must not know the other rules.

use super::{
    MatcherError,
    context::Surroundings,
    marker::MarkerForm,
    opening::{self, Opening},
    pattern::PatternForm,
};
use crate::{model::Hit, rule::Rule};

/// What the prefilter looks for and what a candidate is then put to.
#[derive(Debug)]
pub(super) enum Form {
    /// All rules that share one marker.
    Marker(MarkerForm),
    /// One rule with a regular expression.
    Pattern(Box<PatternForm>),
}

/// The forms of `rules`: one for each pattern, one for each marker.
pub(super) fn of(rules: &[Rule]) -> Result<Vec<Form>, MatcherError> {
    made(rules, PatternForm::new)
}

/// The same for rules that were checked before and of which it is known how their matches begin.
pub(super) fn without_openings(rules: &[Rule]) -> Vec<Form> {
    made(rules, |index, rule| Ok(PatternForm::without_openings(index, rule))).unwrap_or_default()
}

fn made(
    rules: &[Rule],
    pattern: impl Fn(usize, &Rule) -> Result<PatternForm, MatcherError>,
) -> Result<Vec<Form>, MatcherError> {
    let mut forms: Vec<Form> = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let Some(marker) = &rule.marker else {
            forms.push(Form::Pattern(Box::new(pattern(index, rule)?)));
            continue;
        };
        let literal = marker.literal.get_ref().as_bytes();
        let known = forms.iter_mut().find_map(|form| match form {
            Form::Marker(form) if form.literal() == literal => Some(form),
            _ => None,
        });
        match known {
            Some(form) => form.add(index, rule, marker),
            None => {
                let mut form = MarkerForm::new(literal);
                form.add(index, rule, marker);
                forms.push(Form::Marker(form));
            }
        }
    }
    Ok(forms)
}

impl Form {
    /// What a match begins with; a match is looked for only where one of these stands.
    pub(super) fn openings(&self) -> Vec<Opening> {
        match self {
            Self::Marker(form) => vec![form.opening()],
            Self::Pattern(form) => form.openings().to_vec(),
        }
    }

    /// What a match is told by even when it is encoded or in pieces, and what it begins with besides; nothing for a form
    /// that needs company, which is looked for in what else was decoded.
    pub(super) fn telling(&self) -> (Vec<Opening>, Vec<Opening>) {
        match self {
            Self::Marker(form) => {
                (vec![opening::exactly(form.literal())], form.prefixes().map(opening::exactly).collect())
            }
            Self::Pattern(form) => (form.telling(), Vec::new()),
        }
    }

    /// Whether it is of JSON web tokens: so many begin alike that none is told by its beginning.
    pub(super) fn is_jwt(&self) -> bool {
        matches!(self, Self::Pattern(form) if form.is_jwt())
    }

    /// The rules that it is of.
    pub(super) fn rules(&self) -> Vec<usize> {
        match self {
            Self::Marker(form) => form.rules().collect(),
            Self::Pattern(form) => vec![form.rule()],
        }
    }

    /// Whether nothing is known of how a match begins.
    pub(super) fn is_blind(&self) -> bool {
        matches!(self, Self::Pattern(form) if form.is_blind())
    }

    /// Whether the form is to be searched for in the whole of a text in which one of its openings
    /// stands, or in every text if it has none.
    pub(super) fn is_searched(&self) -> bool {
        matches!(self, Self::Pattern(form) if form.is_searched())
    }

    /// The secret of a match that begins exactly at `at`, if there is one.
    pub(super) fn confirm(&self, text: &[u8], at: usize, around: &mut Surroundings) -> Option<Hit> {
        match self {
            Self::Marker(form) => form.confirm(text, at),
            Self::Pattern(form) => form.confirm(text, at, around),
        }
    }

    /// Every match in `text`, for a form that is searched for.
    pub(super) fn search(&self, text: &[u8], around: &mut Surroundings, out: &mut Vec<Hit>) {
        if let Self::Pattern(form) = self {
            form.search(text, around, out);
        }
    }
}
