//! Keys in Compose files. Must not know how values are told from references.

use super::{
    Ask, Diagnostic, File, Lint, Need, Path,
    assigned::{Assigned, UNREAD},
    syntax,
};

/// The lint.
pub(super) struct Compose;

const INLINE: &str = "compose-inline-key";

impl Lint for Compose {
    fn rules(&self) -> &'static [&'static str] {
        &[INLINE, UNREAD]
    }

    fn needs(&self) -> Need {
        Need::Word
    }

    fn reads(&self, path: Path<'_>) -> bool {
        is_compose(path)
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let parsed = syntax::yaml(file.bytes);
        let keys = Assigned { file, ask, rule: INLINE };
        // Also what is written apart and taken over by an alias, which stands for itself: it is told where it is written.
        parsed.documents.iter().for_each(|document| keys.tree(document, "", out));
        keys.rest(&parsed, out);
    }
}

/// Whether Compose reads files of this name.
pub(super) fn is_compose(path: Path<'_>) -> bool {
    let is_named = ["docker-compose", "compose", "podman-compose"].iter().any(|start| {
        let rest = path.name.strip_prefix(start);
        rest.is_some_and(|rest| rest.starts_with(['.', '-', '_']))
    });
    let ends = [".compose", "-compose", "docker-compose"];
    let stem = path.name.rsplit_once('.').map_or("", |(stem, _)| stem);
    (is_named || ends.iter().any(|end| stem.ends_with(end))) && matches!(path.extension(), "yml" | "yaml")
}
