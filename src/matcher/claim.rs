//! One place is one secret, and one rule claims it. Must not know how hits are found.

use crate::model::Hit;
use std::{cmp::Reverse, collections::BTreeMap};

/// The hits that remain when of any that overlap the surest, then the least encoded, then the longest, then the first
/// rule's is kept; in order.
pub(super) fn settle(mut hits: Vec<Hit>) -> Vec<Hit> {
    if hits.len() < 2 {
        return hits;
    }
    hits.sort_by_key(|hit| (Reverse(hit.confidence), hit.via.len(), Reverse(hit.span.len()), hit.rule, hit.span.start));
    let mut kept: BTreeMap<usize, Hit> = BTreeMap::new();
    for hit in hits {
        let free = kept.range(..hit.span.end).next_back().is_none_or(|(_, last)| last.span.end <= hit.span.start);
        if free {
            kept.insert(hit.span.start, hit);
        }
    }
    kept.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, Secret, Span};

    fn hit(rule: usize, start: usize, end: usize, confidence: Confidence) -> Hit {
        Hit { rule, span: Span::new(start, end), secret: Secret::new(b"x", 0), confidence, notes: vec![], via: vec![] }
    }

    fn kept(hits: Vec<Hit>) -> Vec<(usize, usize)> {
        settle(hits).iter().map(|hit| (hit.rule, hit.span.start)).collect()
    }

    #[test]
    fn the_surest_of_overlapping_hits_wins_then_the_longest_then_the_first() {
        use Confidence::{High, Low};
        assert_eq!(kept(vec![hit(0, 0, 90, Low), hit(1, 10, 20, High)]), [(1, 10)]);
        assert_eq!(kept(vec![hit(0, 0, 9, High), hit(1, 0, 20, High)]), [(1, 0)]);
        assert_eq!(kept(vec![hit(1, 0, 9, High), hit(0, 0, 9, High)]), [(0, 0)]);
    }

    #[test]
    fn neighbours_are_both_kept_in_order() {
        use Confidence::{High, Low};
        assert_eq!(kept(vec![hit(0, 10, 20, High), hit(1, 0, 10, Low)]), [(1, 0), (0, 10)]);
    }
}
