//! Secrets that are encoded, broken into pieces, or both: read back around the places where one could be, and matched as
//! any other text. Must not know how places are found or how anything is decoded.
//!
//! The work is linear: no stretch is read twice in the same way but for the room around it, layers are counted, and what
//! all of them read together, and go through for it, is bounded by multiples of the text.

use super::{
    Matcher, claim,
    decode::{self, Decoded, Door, Escape},
};
use crate::model::{Confidence, Encoding, Hit, Note};
use std::collections::BTreeMap;

/// How many layers are taken off.
const LAYERS: usize = 4;
/// How much is read back altogether: this much, and this many times the text.
const LEAST: usize = 1 << 20;
const TIMES: usize = 8;
/// How many times the text is gone through for that. Made for it, one comes to a hundred; others to a few.
const PASSES: usize = 256;
/// How far around a key in pieces its pieces are looked for, in bytes.
const PIECES: usize = 2 << 10;

/// Ways to read back what begins as a key does and does not go on as one.
const MENDS: [Door; 7] = {
    let [a, b, c, d, e] = Escape::ALL;
    [
        Door::Concatenation,
        Door::Wrapped,
        Door::Escape(a),
        Door::Escape(b),
        Door::Escape(c),
        Door::Escape(d),
        Door::Escape(e),
    ]
};

/// The secrets in `text` that are encoded. `broken` are the places where something tells a key and none stands.
pub(super) fn hits(matcher: &Matcher, text: &[u8], broken: &[usize]) -> Vec<Hit> {
    within(matcher, text, broken, LAYERS, &mut Left::of(text))
}

/// How much may still be done for one text, in bytes.
struct Left {
    /// That are read back.
    read: usize,
    /// That are gone through.
    looked: usize,
}

impl Left {
    fn of(text: &[u8]) -> Self {
        let times = |times: usize| text.len().saturating_mul(times).saturating_add(LEAST);
        Self { read: times(TIMES), looked: times(PASSES) }
    }
}

/// Where the last run of one kind ended that was read, and the one before: what comes later does not begin before that.
/// Without it, each of many short ones would be looked for as far back as a long one can begin.
#[derive(Default)]
struct Ends {
    last: usize,
    one_before: usize,
}

impl Ends {
    /// The last of them that is not behind `at`.
    const fn before(&self, at: usize) -> usize {
        if self.last <= at { self.last } else { self.one_before }
    }

    const fn add(&mut self, end: usize) {
        if end > self.last {
            self.one_before = self.last;
            self.last = end;
        }
    }
}

fn within(matcher: &Matcher, text: &[u8], broken: &[usize], layers: usize, left: &mut Left) -> Vec<Hit> {
    let mut places: Vec<(usize, Door, usize)> = Vec::new();
    matcher.doors.candidates(text, &mut |opened| {
        places.push((opened.at, opened.door, decode::REACH));
        false
    });
    places.extend(broken.iter().flat_map(|at| MENDS.map(|door| (*at, door, PIECES))));
    places.sort_unstable();
    let (mut hits, mut read): (Vec<Hit>, Vec<(Door, Decoded)>) = Default::default();
    let mut ends: BTreeMap<Door, Ends> = BTreeMap::new();
    for (at, door, reach) in places {
        read.retain(|(_, decoded)| decoded.until > at);
        if left.read == 0 || left.looked == 0 || layers == 0 {
            break;
        }
        if read.iter().any(|(known, decoded)| *known == door && decoded.covers(door, at)) {
            continue;
        }
        let ends = ends.entry(door).or_default();
        let floor = ends.before(at);
        let Some(decoded) = decode::around(text, door, at, (floor, reach)) else { continue };
        left.looked = left.looked.saturating_sub(decoded.looked);
        decoded.end.iter().for_each(|end| ends.add(*end));
        if decoded.changed {
            left.read = left.read.saturating_sub(decoded.bytes.len());
            hits.extend(of_layer(matcher, text, (door, &decoded), layers, left));
        }
        if !decoded.bytes.is_empty() {
            read.push((door, decoded));
        }
    }
    hits
}

/// The hits in what was decoded, by their places in `text`.
fn of_layer(
    matcher: &Matcher,
    text: &[u8],
    (door, decoded): (Door, &Decoded),
    layers: usize,
    left: &mut Left,
) -> Vec<Hit> {
    let mut broken = Vec::new();
    let mut hits = matcher.plain(&decoded.bytes, &mut broken);
    let is_mended = matches!(door, Door::Concatenation | Door::Wrapped);
    if is_mended {
        // What is put together by guess has to be a key without any doubt.
        let is_sure = |hit: &Hit| hit.confidence > Confidence::Low && !hit.notes.contains(&Note::UnusualShape);
        hits.retain(|hit| matcher.rules().tells[hit.rule] && is_sure(hit));
    } else {
        hits.extend(within(matcher, &decoded.bytes, &broken, layers - 1, left));
    }
    let is_json = decoded.encoding == Encoding::Base64 && begins_json(&decoded.bytes);
    let mut placed = Vec::new();
    for mut hit in claim::settle(hits) {
        hit.span = decoded.place(hit.span);
        let is_plain = hit.via.is_empty() && text.get(hit.span.range()) == Some(hit.secret.expose());
        if !is_plain {
            let json = is_json.then_some(Encoding::Json);
            hit.via.splice(0..0, std::iter::once(decoded.encoding).chain(json));
            placed.push(hit);
        }
    }
    placed
}

/// Whether `bytes` begin as a JSON document does that has something in it.
fn begins_json(bytes: &[u8]) -> bool {
    let mut bytes = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
    matches!((bytes.next(), bytes.next()), (Some(b'{'), Some(b'"')) | (Some(b'['), Some(b'{' | b'"')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Catalog;
    use data_encoding::{BASE64_NOPAD, HEXLOWER};

    const MARKER: &str = "T3BlbkFJ";

    fn wide(unit: usize) -> Vec<u8> {
        MARKER.bytes().flat_map(|byte| std::iter::once(byte).chain(vec![0; unit - 1])).collect()
    }

    /// What opens doors, again and again, each time with an end to what it opens.
    fn doors() -> Vec<Vec<u8>> {
        let once = BASE64_NOPAD.encode(format!("{MARKER}!").as_bytes());
        let codes: String = MARKER.bytes().map(|byte| format!("{byte},")).collect();
        let escaped = |write: fn(u8) -> String| MARKER.bytes().map(write).collect::<String>();
        let texts = [
            once.clone(),
            BASE64_NOPAD.encode(once.as_bytes()),
            HEXLOWER.encode(MARKER.as_bytes()),
            codes,
            MARKER.chars().rev().collect(),
            escaped(|byte| format!("%{byte:02X}")),
            escaped(|byte| format!("\\u{byte:04x}")),
            escaped(|byte| format!("\\x{byte:02x}")),
            escaped(|byte| format!("&#{byte};")),
            escaped(|byte| format!("={byte:02X}")),
            format!("sk-proj-{MARKER}\" + \""),
            "sk-proj-".to_owned(),
        ];
        texts.into_iter().map(String::into_bytes).chain([wide(2), wide(4)]).collect()
    }

    #[test]
    fn what_is_gone_through_grows_with_the_text_alone() {
        let matcher = Matcher::new(&Catalog::builtin()).expect("rules");
        for door in doors() {
            for end in ["", " ", ";", "\n", "\\n", "\"\n + \"", "x;x,"] {
                let text = [&door[..], end.as_bytes()].concat().repeat(80_000 / (door.len() + end.len()));
                let mut broken = Vec::new();
                drop(matcher.plain(&text, &mut broken));
                let mut left = Left::of(&text);
                let most = left.looked - 128 * text.len();
                within(&matcher, &text, &broken, LAYERS, &mut left);
                let times = (Left::of(&text).looked - left.looked) / text.len();
                assert!(left.looked >= most, "{:?} {end:?}: {times} times", String::from_utf8_lossy(&door));
            }
        }
    }
}
