//! Secrets that are encoded, broken into pieces, or both: read back around the places where one could be, and matched as
//! any other text. Must not know how places are found or how anything is decoded.
//!
//! The work is linear: no stretch is read twice in the same way but for the room around it, layers are counted, and what
//! all of them read together is bounded by a multiple of the text.

use super::{
    Matcher, claim,
    decode::{self, Decoded, Door, Escape},
};
use crate::model::{Confidence, Encoding, Hit, Note};

/// How many layers are taken off.
const LAYERS: usize = 4;
/// How much is read back altogether: this much, and this many times the text.
const LEAST: usize = 1 << 20;
const TIMES: usize = 8;
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
    let mut left = text.len().saturating_mul(TIMES).saturating_add(LEAST);
    within(matcher, text, broken, LAYERS, &mut left)
}

fn within(matcher: &Matcher, text: &[u8], broken: &[usize], layers: usize, left: &mut usize) -> Vec<Hit> {
    let mut places: Vec<(usize, Door, usize)> = Vec::new();
    matcher.doors.candidates(text, &mut |opened| {
        places.push((opened.at, opened.door, decode::REACH));
        false
    });
    places.extend(broken.iter().flat_map(|at| MENDS.map(|door| (*at, door, PIECES))));
    places.sort_unstable();
    let (mut hits, mut read): (Vec<Hit>, Vec<(Door, Decoded)>) = Default::default();
    for (at, door, reach) in places {
        read.retain(|(_, decoded)| decoded.until > at);
        if *left == 0 || layers == 0 || read.iter().any(|(known, decoded)| *known == door && decoded.covers(door, at)) {
            continue;
        }
        let Some(decoded) = decode::around(text, door, at, reach) else { continue };
        if decoded.changed {
            *left = left.saturating_sub(decoded.bytes.len());
            hits.extend(of_layer(matcher, text, (door, &decoded), layers, left));
        }
        read.push((door, decoded));
    }
    hits
}

/// The hits in what was decoded, by their places in `text`.
fn of_layer(
    matcher: &Matcher,
    text: &[u8],
    (door, decoded): (Door, &Decoded),
    layers: usize,
    left: &mut usize,
) -> Vec<Hit> {
    let mut broken = Vec::new();
    let mut hits = matcher.plain(&decoded.bytes, &mut broken);
    let is_mended = matches!(door, Door::Concatenation | Door::Wrapped);
    if is_mended {
        // What is put together by guess has to be a key without any doubt.
        let is_sure = |hit: &Hit| hit.confidence > Confidence::Low && !hit.notes.contains(&Note::UnusualShape);
        hits.retain(|hit| matcher.tells[hit.rule] && is_sure(hit));
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
