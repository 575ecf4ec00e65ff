//! When what refs led to had a secret. Must not know secrets or repositories: it is told which commits had it.

use super::graph::Graph;
use crate::model::Interval;

/// A stretch in which a ref was at a commit, by the numbers of commits: from when, and until when if that is over.
pub(super) type Stay = (usize, i64, Option<i64>);

/// The stretches of time in which some ref led to a commit of which `has` is true. A commit was led to from when it
/// was made until the last that builds on it was; while a ref of `tips` is at it; and as `stays` say.
pub(super) fn of(graph: &Graph, has: &[bool], tips: impl Iterator<Item = usize>, stays: &[Stay]) -> Vec<Interval> {
    let commits = (0..graph.len()).filter(|&commit| has[commit]).map(|commit| {
        let from = graph.times[commit];
        let until = graph.children(commit).map(|child| graph.times[child]).fold(from, i64::max);
        Interval { from, until: Some(until) }
    });
    let tips = tips.filter(|&tip| has[tip]).map(|tip| Interval { from: graph.times[tip], until: None });
    let stays = stays.iter().filter(|(commit, ..)| has[*commit]);
    let stays = stays.map(|&(_, from, until)| Interval { from, until: until.map(|until| until.max(from)) });
    joined(commits.chain(tips).chain(stays).collect())
}

/// The same stretches, those that touch each other as one.
fn joined(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    let mut joined: Vec<Interval> = Vec::new();
    for interval in intervals {
        match joined.last_mut() {
            Some(last) if last.until.is_none_or(|until| interval.from <= until) => {
                last.until = last.until.zip(interval.until).map(|(a, b)| a.max(b));
            }
            _ => joined.push(interval),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(from: i64, until: Option<i64>) -> Interval {
        Interval { from, until }
    }

    #[test]
    fn what_touches_is_one() {
        let all = vec![
            interval(5, Some(9)),
            interval(1, Some(3)),
            interval(3, Some(4)),
            interval(20, None),
            interval(6, Some(7)),
            interval(30, Some(31)),
        ];
        assert_eq!(joined(all), [interval(1, Some(4)), interval(5, Some(9)), interval(20, None)]);
        assert_eq!(joined(Vec::new()), []);
    }
}
