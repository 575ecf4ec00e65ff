//! Findings as SARIF results, one for each. Must not know rules beyond their number.

use super::{
    rules::level,
    shape::{Lines, Location, LogicalLocation, PhysicalLocation, Region, Result, Suppression},
    size::Detail,
    uri,
};
use crate::{
    model::{Finding, Place, Position, Silence, Site, Snippet, Text},
    report::{Input, date, plain, quantity::count, silence, story, verdict, whereabouts},
};
use std::collections::BTreeMap;
use zizmor_sarif::{ArtifactContent, Message, PropertyBag, ResultKind};

/// A file to point at where no file holds the key and none is known to be there: GitHub refuses all of a report in which
/// one result points nowhere.
const STAND_IN: &str = "README.md";
/// GitHub keeps this many locations of a result.
const LOCATIONS: usize = 100;
/// Places that a message names.
const NAMED: usize = 10;

/// Whether GitHub would have to drop some of the places of `finding`.
pub(super) fn has_too_many_places(finding: &Finding) -> bool {
    finding.places.len() > LOCATIONS
}

/// `finding` as a result, `why` if it does not count. `name` is the identity to write, `detail` how much to tell.
pub(super) fn result(
    input: &Input<'_>,
    (finding, why): (&Finding, Option<&Silence>),
    (rule_index, name): (usize, String),
    detail: Detail,
) -> Option<Result> {
    let place = whereabouts::best(&finding.places)?;
    let others = finding.places.iter().filter(|other| !std::ptr::eq(*other, place));
    let (in_files, elsewhere): (Vec<&Place>, Vec<&Place>) =
        others.partition(|place| detail != Detail::OnePlace && whereabouts::path(input.report, place).is_some());
    let related = in_files.iter().take(LOCATIONS - 1).enumerate();
    let location = |place| location(input, finding, place, detail);
    let related = related.map(|(nth, place)| Location { id: Some(nth + 1), ..location(place) });
    let message = message(input, finding, place, (&in_files, &elsewhere));
    Some(Result {
        base: zizmor_sarif::Result {
            code_flows: Vec::new(),
            kind: Some(ResultKind::Fail),
            level: Some(level(finding.severity)),
            locations: Vec::new(),
            message: Message { text: message },
            properties: Some(properties(input, finding, place)),
            rule_id: Some(plain::line(finding.rule.as_bytes())),
        },
        rule_index,
        locations: [Location { message: None, ..location(place) }],
        related_locations: related.collect(),
        fingerprints: BTreeMap::from([("keylint/v1", name)]),
        suppressions: why.map(suppression).into_iter().collect(),
    })
}

fn suppression(why: &Silence) -> Suppression {
    let kind = if matches!(why, Silence::Inline { .. }) { "inSource" } else { "external" };
    Suppression { kind, status: "accepted", justification: silence::reason(why) }
}

/// What GitHub shows, of which the first sentence must do where space is short.
fn message(input: &Input<'_>, finding: &Finding, place: &Place, others: (&[&Place], &[&Place])) -> String {
    let name = escaped(input.rule_name(finding));
    let path = || escaped(&whereabouts::path(input.report, place).map(|path| plain::line(&path)).unwrap_or_default());
    let what = match &place.site {
        Site::File { .. } if whereabouts::standing(place) == Some(whereabouts::GONE) => {
            format!("the history of {}", path())
        }
        Site::File { .. } => path(),
        _ => escaped(&whereabouts::heading(input.report, place)),
    };
    let mut sentences = vec![format!("{name} in {what}.")];
    let standing: String = whereabouts::facts(place).map(|fact| format!(", {fact}")).collect();
    let since = place.introduced.as_ref().map(|info| {
        let day = date::day(info.time, info.offset_minutes);
        format!(", since commit {} of {day}", info.id.short())
    });
    let key = escaped(&input.key(finding));
    let is = if finding.secret().is_some() { "It is" } else { "There is" };
    sentences.push(format!("{is} {key}{standing}{}.", since.unwrap_or_default()));
    if let Some(known) = input.verdict(finding) {
        sentences.push(format!("Whether it works: {}.", escaped(&verdict::words(known))));
        let urgent = input.steps(finding).into_iter().next().filter(|_| known.state.is_live());
        sentences.extend(urgent.map(|step| escaped(&step.text)));
    }
    if whereabouts::path(input.report, place).is_none() {
        let file = escaped(&plain::line(stand_in(input)));
        sentences.push(format!("No file holds it: the first line of {file} only stands for it here."));
    }
    sentences.extend(also(input, others));
    sentences.join(" ")
}

/// A file to point at where no file holds the key.
fn stand_in<'a>(input: &Input<'a>) -> &'a [u8] {
    input.report.stand_in.as_ref().map_or(STAND_IN.as_bytes(), Text::as_bytes)
}

/// The further places, those in files as links to the related locations.
fn also(input: &Input<'_>, (in_files, elsewhere): (&[&Place], &[&Place])) -> Option<String> {
    let links = in_files.iter().enumerate();
    let links =
        links.map(|(nth, place)| format!("[{}]({})", escaped(&whereabouts::heading(input.report, place)), nth + 1));
    let texts = elsewhere.iter().map(|place| escaped(&whereabouts::heading(input.report, place)));
    let named: Vec<String> = links.chain(texts).take(NAMED).collect();
    let more = in_files.len() + elsewhere.len() - named.len();
    let more =
        if more > 0 { format!(" and {}", count(more as u64, "more place", "more places")) } else { String::new() };
    (!named.is_empty()).then(|| format!("It also stands in {}{more}.", named.join(", ")))
}

/// Text that is no link: in messages, brackets make some.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in plain::line(text.as_bytes()).chars() {
        if matches!(c, '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// `place` as something that can be opened.
fn location(input: &Input<'_>, finding: &Finding, place: &Place, detail: Detail) -> Location {
    let heading = || whereabouts::heading(input.report, place);
    let path = whereabouts::path(input.report, place).filter(|path| !path.is_empty());
    let has_lines = matches!(place.site, Site::File { .. } | Site::GitFile { .. }) && path.is_some();
    // Lines of reflogs name people.
    let has_context = has_lines && detail == Detail::Full && !matches!(place.site, Site::GitFile { .. });
    let context = has_context.then(|| Lines {
        start_line: place.position.line.max(1),
        end_line: place.position.end_line.max(place.position.line).max(1),
        snippet: ArtifactContent { text: plain::line(place.snippet.text.as_bytes()) },
    });
    let here = input.report.here.as_ref().map(Text::as_bytes);
    let region = if has_lines { region(place.position) } else { first_character() };
    let text = match finding.secret() {
        Some(_) => input.key(finding),
        None => marked(&place.snippet),
    };
    let physical_location = PhysicalLocation {
        artifact_location: uri::location(path.as_deref().unwrap_or(stand_in(input)), here),
        region: Region { snippet: has_lines.then_some(ArtifactContent { text }), ..region },
        context_region: context,
    };
    let logical = if has_lines { vec![] } else { vec![LogicalLocation { fully_qualified_name: heading() }] };
    let facts = std::iter::once(heading()).chain(whereabouts::facts(place));
    let since = place.introduced.as_ref().map(|info| format!("since commit {}", info.id.short()));
    let message = facts.chain(since).collect::<Vec<_>>().join(", ");
    Location {
        id: None,
        physical_location,
        logical_locations: logical,
        message: Some(Message { text: escaped(&message) }),
    }
}

/// What a snippet points at.
fn marked(snippet: &Snippet) -> String {
    plain::line(snippet.text.get(snippet.start..snippet.end).unwrap_or_default().as_bytes())
}

/// Never empty: GitHub refuses a region that ends before it has begun.
fn region(position: Position) -> Region {
    let Position { line, column, end_line, end_column, .. } = position;
    let (start_line, start_column) = (line.max(1), column.max(1));
    let end_line = end_line.max(start_line);
    let least = if end_line == start_line { start_column + 1 } else { 1 };
    Region { start_line, start_column, end_line, end_column: end_column.max(least), snippet: None }
}

const fn first_character() -> Region {
    Region { start_line: 1, start_column: 1, end_line: 1, end_column: 2, snippet: None }
}

/// What has no place of its own in SARIF. Nobody's name is among it.
fn properties(input: &Input<'_>, finding: &Finding, place: &Place) -> PropertyBag {
    let info = place.introduced.as_ref();
    let verdict = input.verdict(finding);
    let known = [
        ("confidence", Some(finding.confidence.as_str().into())),
        ("severity", Some(finding.severity.as_str().into())),
        ("masked", finding.secret().map(|secret| secret.masked().into())),
        ("what", finding.secret().is_none().then(|| plain::line(finding.subject.shown().as_bytes()).into())),
        ("key", story::about(finding).map(|key| key.to_string().into())),
        ("fingerprint", Some(finding.fingerprint.to_string().into())),
        ("places", Some(finding.places.len().into())),
        ("inWorktree", place.in_worktree.map(Into::into)),
        ("inHead", place.in_head.map(Into::into)),
        ("commit", whereabouts::commit(place).map(|id| id.to_string().into())),
        ("blob", place.versions.first().map(|version| version.object.to_string().into())),
        ("firstSeen", info.and_then(|info| date::rfc3339(info.time, info.offset_minutes)).map(Into::into)),
    ];
    let verified = [
        ("verdict", verdict.map(|verdict| verdict.state.as_str().into())),
        ("verdictWhy", verdict.and_then(|verdict| verdict.why.as_ref()).map(|why| plain::line(why.as_bytes()).into())),
        ("verdictRequest", verdict.and_then(|verdict| verdict.request.clone()).map(Into::into)),
        ("verdictAt", verdict.and_then(|verdict| date::rfc3339(verdict.at, 0)).map(Into::into)),
        ("access", verdict.map(verdict::access).filter(|access| !access.is_empty()).map(Into::into)),
    ];
    let known = known.into_iter().chain(verified).filter_map(|(name, value)| Some((name.to_owned(), value?)));
    PropertyBag { tags: Vec::new(), additional_properties: known.collect() }
}
