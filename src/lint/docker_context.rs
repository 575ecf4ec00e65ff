//! `.env` files that are copied into images, by name or along with all that lies around them. Must not know what values
//! mean beside what a key may be.

use super::{
    Ask, Diagnostic, File, Lint, Path,
    docker::{Stages, is_dockerfile},
    env_file::{self, Kind},
    syntax::dockerfile::{self, Instruction, Part},
};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::HashMap;

/// The lint.
pub(super) struct DockerContext;

const NAMED: &str = "docker-copies-env";
const ALONG: &str = "docker-context-env";

/// The names that are looked for in a directory that is copied.
const NAMES: &[&str] = &[
    ".env",
    ".env.local",
    ".env.production",
    ".env.production.local",
    ".env.development",
    ".env.development.local",
    ".env.prod",
    ".env.dev",
    ".env.staging",
    ".envrc",
];

/// No more sources than this are looked for on disk.
const MOST: usize = 64;
/// No more lines of a `.dockerignore` count.
const MOST_PATTERNS: usize = 4096;
/// Longer ones are no paths, in bytes.
const LONGEST: usize = 4096;

impl Lint for DockerContext {
    fn rules(&self) -> &'static [&'static str] {
        &[NAMED, ALONG]
    }

    fn reads(&self, path: Path<'_>) -> bool {
        is_dockerfile(path)
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let read = dockerfile::read(file.bytes);
        let stages = Stages::of(&read);
        let copies = read.instructions.iter().filter(|one| matches!(one.keyword.as_str(), "COPY" | "ADD"));
        let copies: Vec<&Instruction> = copies.collect();
        let name = file.name();
        let context = Context::of(Path::of(&name), &copies, ask);
        let mut holds: HashMap<String, Option<String>> = HashMap::new();
        let mut harmless: HashMap<String, bool> = HashMap::new();
        // What is copied into a stage that is left behind stays behind with it.
        for copy in copies.into_iter().filter(|copy| stages.keep(copy)) {
            let except = Ignore::of_flags(copy);
            let is_local = !has_flag(copy, b"from");
            for (part, source) in sources(copy) {
                let span = copy.span_of(part);
                if is_env(&source) {
                    let first = first_of(&source);
                    let is_harmless = || context.leaves_out(first) || context.is_harmless(first, ask);
                    let is_asked = is_local && (harmless.len() < MOST || harmless.contains_key(&source));
                    if !(is_asked && *harmless.entry(source.clone()).or_insert_with(is_harmless)) {
                        let what = Some(format!("{} {source}", copy.keyword));
                        out.push(Diagnostic { rule: NAMED, span, what });
                    }
                } else if is_local && (holds.len() < MOST || holds.contains_key(&source)) {
                    let found = holds.entry(source.clone()).or_insert_with(|| context.env_below(&source, ask));
                    if let Some(found) = found.as_ref().filter(|found| !except.leaves_out(found)) {
                        let source = if source.is_empty() { "." } else { &source };
                        let what = Some(format!("{} {source} with {found} in it", copy.keyword));
                        out.push(Diagnostic { rule: ALONG, span, what });
                    }
                }
            }
        }
    }
}

/// Whether `source` is a `.env` file. What is called `*.env` may be anything.
fn is_env(source: &str) -> bool {
    let path = Path::of(first_of(source));
    env_file::kind(path) == Some(Kind::Real) && !path.name.starts_with('*')
}

/// The file that `.env*` and `.env.*` have before all others.
fn first_of(source: &str) -> &str {
    let first = source.trim_end_matches('*');
    if first.len() < source.len() { first.trim_end_matches('.') } else { source }
}

fn has_flag(copy: &Instruction, name: &[u8]) -> bool {
    copy.flags.iter().any(|flag| copy.text(flag.name) == name)
}

/// What `copy` takes, cleaned: no `./` before it and no `/` around it.
fn sources(copy: &Instruction) -> Vec<(Part, String)> {
    let Some((_, sources)) = copy.words.split_last() else { return Vec::new() };
    let is_path =
        |text: &str| text.len() <= LONGEST && !text.starts_with("<<") && !text.contains("://") && !text.contains('$');
    let all = sources.iter().map(|part| (*part, String::from_utf8_lossy(copy.text(*part))));
    all.filter(|(_, text)| is_path(text)).map(|(part, text)| (part, clean(&text))).collect()
}

fn clean(path: &str) -> String {
    let path = path.trim_matches(['"', '\'']);
    path.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/")
}

/// What an image is built from: a directory, and what is left out of it.
struct Context {
    /// Where it is, with the slash after it; nothing at the root.
    root: String,
    ignore: Ignore,
}

impl Context {
    /// The context of the Dockerfile at `path`. It is not written there: of the directories that the file lies in, it is
    /// the innermost with something that is copied, else the innermost.
    fn of(path: Path<'_>, copies: &[&Instruction], ask: Ask<'_>) -> Self {
        let local = copies.iter().filter(|copy| !has_flag(copy, b"from"));
        let wanted: Vec<String> = local.flat_map(|copy| sources(copy)).map(|(_, source)| source).take(MOST).collect();
        let mut roots = vec![path.folder()];
        while let Some(folder) = roots.last().and_then(|folder| folder.strip_suffix('/')) {
            roots.push(&folder[..folder.rfind('/').map_or(0, |slash| slash + 1)]);
        }
        let has_one = |root: &&str| wanted.iter().any(|source| ask.project.exists(&format!("{root}{source}")));
        let root = roots.iter().copied().find(has_one).unwrap_or(path.folder()).to_owned();
        let ignore = ask.project.read(&format!("{}.dockerignore", path.whole));
        let ignore = ignore.or_else(|| ask.project.read(&format!("{root}.dockerignore"))).unwrap_or_default();
        Self { root, ignore: Ignore::of(&ignore) }
    }

    fn leaves_out(&self, path: &str) -> bool {
        self.ignore.leaves_out(path)
    }

    /// Whether the file at `path` is there and holds nothing that opens anything.
    fn is_harmless(&self, path: &str, ask: Ask<'_>) -> bool {
        ask.project
            .read(&format!("{}{path}", self.root))
            .is_some_and(|bytes| !env_file::holds_secret(&bytes, ask.names))
    }

    /// A file with secrets that is copied along with the directory `folder`.
    fn env_below(&self, folder: &str, ask: Ask<'_>) -> Option<String> {
        // `*` takes all there is.
        let folder = if matches!(folder, "" | "*") { String::new() } else { format!("{folder}/") };
        let names = NAMES.iter().map(|name| format!("{folder}{name}"));
        let mut names = names.filter(|name| ask.project.exists(&format!("{}{name}", self.root)));
        names.find(|name| !self.leaves_out(name) && !self.is_harmless(name, ask))
    }
}

/// What a `.dockerignore` says.
#[derive(Default)]
struct Ignore(Vec<Pattern>);

struct Pattern {
    glob: GlobMatcher,
    /// Whether it takes back what patterns before it say.
    is_exception: bool,
}

impl Ignore {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(lines.take(MOST_PATTERNS).filter_map(Pattern::of).collect())
    }

    /// `COPY --exclude=…`
    fn of_flags(copy: &Instruction) -> Self {
        let flags = copy.flags.iter().filter(|flag| copy.text(flag.name) == b"exclude");
        let values = flags.filter_map(|flag| Pattern::of(&String::from_utf8_lossy(copy.text(flag.value?))));
        Self(values.collect())
    }

    /// Whether the file at `path`, seen from the context, is no part of it: the last pattern for it or for a directory
    /// that it is in decides.
    fn leaves_out(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let paths: Vec<&str> = ends.map(|end| &path[..end]).collect();
        let last = self.0.iter().rev().find(|pattern| paths.iter().any(|path| pattern.glob.is_match(path)));
        last.is_some_and(|pattern| !pattern.is_exception)
    }
}

impl Pattern {
    fn of(line: &str) -> Option<Self> {
        let line = line.trim().trim_start_matches('\u{feff}');
        let (is_exception, rest) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim()));
        let path = clean(rest);
        if path.is_empty() {
            return None;
        }
        let glob = GlobBuilder::new(&path).literal_separator(true).backslash_escape(true).build().ok()?;
        Some(Self { glob: glob.compile_matcher(), is_exception })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dockerignore_is_read_as_docker_does() {
        for (text, path, is_left_out) in [
            ("", ".env", false),
            (".env", ".env", true),
            ("/.env", ".env", true),
            ("./.env\r\n", ".env", true),
            ("# .env", ".env", false),
            (".env", "a/.env", false),
            ("**/.env", "a/.env", true),
            ("**/.env", ".env", true),
            (".env*", ".env.local", true),
            ("*.env", ".env", true),
            ("*", "a/b/.env", true),
            ("*\n!.env", ".env", false),
            ("*\n!a", "a/.env", false),
            ("*\n!a\na/.env", "a/.env", true),
            (".env*\n!.env.example", ".env", true),
            (".env*\n!.env.example", ".env.example", false),
            ("a/", "a/.env", true),
            ("**", ".env", true),
            ("[", ".env", false),
        ] {
            assert_eq!(Ignore::of(text.as_bytes()).leaves_out(path), is_left_out, "{text:?} {path}");
        }
    }

    #[test]
    fn sources_are_cleaned() {
        let read = dockerfile::read(b"FROM a\nCOPY ./a/ /b \".env\" . $X https://c <<EOF /to/\nEOF\n");
        let found: Vec<String> = sources(&read.instructions[1]).into_iter().map(|(_, source)| source).collect();
        assert_eq!(found, ["a", "b", ".env", ""]);
    }
}
