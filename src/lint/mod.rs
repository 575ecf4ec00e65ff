//! Lints: how files handle secrets, beside whether any stands in them.
//!
//! Must not know: how files are found and read, formats. A lint looks at one file, knows which secrets stand in it,
//! and may ask its [`Project`] what lies around it. Those that are patterns are data of `rules/hygiene/`; those that
//! need a parser or the project are code, one file each here, and have their words in `rules/hygiene/` too.

mod agents;
mod assigned;
mod code;
mod comment;
mod compose;
mod docker;
mod docker_context;
mod dotfiles;
mod env_file;
mod given;
mod guard;
mod kubernetes;
mod linter;
mod literal;
mod mobile;
mod names;
mod notebook;
mod packages;
mod project;
mod recordings;
mod script;
mod selftest;
mod shown;
mod streamlit;

mod syntax;
mod terraform;
mod untrusted;
mod upload;
mod whole;
mod workflow;

pub use linter::{Ahead, Linter, Options, Remark};
pub use project::{Nowhere, Project};
pub use selftest::{Failure, selftest};
pub use whole::{check as check_findings, is_of_secret};

use crate::{
    matcher::Matcher,
    model::{Hit, Span, Text},
};
use literal::Value;
use names::Names;
use std::borrow::Cow;

/// A file to look at.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its path, as reports show it: from the root of its repository.
    pub path: &'a Text,
    /// All of its bytes.
    pub bytes: &'a [u8],
    /// The secrets in it, in order.
    pub keys: &'a [Hit],
}

impl File<'_> {
    /// Whether a secret stands in `span`, or part of one.
    fn has_key(&self, span: Span) -> bool {
        // Secrets stand in order, one behind the other.
        let next = self.keys.partition_point(|key| key.span.end <= span.start);
        self.keys.get(next).is_some_and(|key| key.span.overlaps(span))
    }

    /// What the value is that stands at `span` and reads `text`, its quotes left out: what a rule knows is a literal.
    fn value_of(&self, text: &[u8], span: Span) -> Value {
        if self.has_key(span) { Value::Literal } else { Value::of(&String::from_utf8_lossy(text)) }
    }

    /// Its path as text.
    fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.path.as_bytes())
    }
}

/// What a lint may ask beside the file.
#[derive(Clone, Copy)]
struct Ask<'a> {
    /// What lies around the file.
    project: &'a dyn Project,
    /// Which names are those of keys.
    names: &'a Names,
    /// Knows how keys look.
    matcher: &'a Matcher,
    /// Whether the file has a word of a provider.
    speaks: bool,
}

impl Ask<'_> {
    /// Whether a rule knows a secret in `text`, which does not stand in the file like this.
    fn has_key(&self, text: &[u8]) -> bool {
        !self.matcher.hits(text).is_empty()
    }
}

/// What a lint says of a place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The id of the rule.
    pub rule: &'static str,
    /// Where.
    pub span: Span,
    /// What was seen, in a few words without a secret: `ARG OPENAI_API_KEY`. The text of the place where nothing is said.
    pub what: Option<String>,
}

/// A lint that is code.
trait Lint: Send + Sync {
    /// The rules whose findings it makes.
    fn rules(&self) -> &'static [&'static str];

    /// What a file must have for it to be of interest, beyond its path.
    fn needs(&self) -> Need {
        Need::Nothing
    }

    /// Whether it looks at files of this path.
    fn reads(&self, path: Path<'_>) -> bool;

    /// Says what there is to say of `file`.
    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>);
}

/// What makes a file interesting to a lint that is code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Its path is enough.
    Nothing,
    /// A word of a provider, or a secret.
    Word,
    /// A secret, of any kind.
    Key,
}

/// All of them.
const LINTS: &[&dyn Lint] = &[
    &agents::Agents,
    &comment::Commented,
    &compose::Compose,
    &docker::Docker,
    &docker_context::DockerContext,
    &dotfiles::Dotfiles,
    &env_file::EnvFile,
    &guard::Guard,
    &kubernetes::Kubernetes,
    &mobile::Mobile,
    &notebook::Notebook,
    &packages::Packages,
    &recordings::Recordings,
    &streamlit::Streamlit,
    &terraform::Terraform,
    &workflow::Workflow,
];

/// A path as lints tell files apart by.
#[derive(Clone, Copy, Debug)]
struct Path<'a> {
    /// All of it, `/` between its parts.
    whole: &'a str,
    /// Its last part.
    name: &'a str,
}

impl<'a> Path<'a> {
    fn of(whole: &'a str) -> Self {
        Self { whole, name: whole.rsplit('/').next().unwrap_or(whole) }
    }

    /// What the name ends in, after its last dot; nothing if it has none.
    fn extension(self) -> &'a str {
        self.name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The directory it lies in, with the slash after it; nothing at the root.
    fn folder(self) -> &'a str {
        &self.whole[..self.whole.len() - self.name.len()]
    }

    /// Whether its name begins so, in any case.
    fn begins(self, start: &str) -> bool {
        self.name.as_bytes().get(..start.len()).is_some_and(|name| name.eq_ignore_ascii_case(start.as_bytes()))
    }

    /// Whether its name ends so, in any case.
    fn ends(self, end: &str) -> bool {
        let from = self.name.len().checked_sub(end.len());
        from.is_some_and(|from| self.name.as_bytes()[from..].eq_ignore_ascii_case(end.as_bytes()))
    }

    /// Whether a package manager writes it, of versions and sums: nobody says anything there.
    fn is_lock(self) -> bool {
        const NAMES: [&str; 9] = [
            "package-lock.json",
            "npm-shrinkwrap.json",
            "packages.lock.json",
            "pnpm-lock.yaml",
            "bun.lockb",
            "go.sum",
            "go.work.sum",
            "gradle.lockfile",
            "Package.resolved",
        ];
        self.name.ends_with(".lock") || NAMES.contains(&self.name)
    }

    /// Whether one of `names` is one of the directories it lies in.
    fn is_below(self, names: &[&str]) -> bool {
        self.folder().split('/').any(|part| names.contains(&part))
    }

    /// Whether it is a test or what tests are made with.
    fn is_test(self) -> bool {
        const FOLDERS: [&str; 12] = [
            "test",
            "tests",
            "__tests__",
            "testdata",
            "fixtures",
            "__fixtures__",
            "spec",
            "specs",
            "mocks",
            "__mocks__",
            "e2e",
            "testing",
        ];
        let stem = self.name.split('.').next().unwrap_or_default();
        let is_of_tests = |part: &str| FOLDERS.contains(&part) || part.ends_with("-tests") || part.ends_with("_tests");
        self.folder().split('/').any(is_of_tests)
            || [".test.", ".spec.", ".stories."].iter().any(|part| self.name.contains(part))
            || stem.starts_with("test_")
            || ["_test", "_tests", "Test", "Tests", "Spec"].iter().any(|end| stem.ends_with(end))
            || stem == "conftest"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        matcher::Matcher,
        rule::{Catalog, Speech},
    };
    use proptest::prelude::*;
    use std::sync::OnceLock;

    static MATCHER: OnceLock<Matcher> = OnceLock::new();

    /// Whether a lint reads some format, its examples show; here, that none fails.
    fn check(path: &str, bytes: &[u8]) -> Vec<Diagnostic> {
        let names = Names::of(&Speech { words: vec!["openai".to_owned()], variables: Vec::new() });
        let matcher = MATCHER.get_or_init(|| Matcher::new(&Catalog::builtin()).expect("rules"));
        let (text, mut out) = (Text::from(path), Vec::new());
        let file = File { path: &text, bytes, keys: &[] };
        for lint in LINTS.iter().filter(|lint| lint.reads(Path::of(path))) {
            let ask = Ask { project: &Nowhere, names: &names, matcher, speaks: true };
            lint.check(&file, ask, &mut out);
        }
        out
    }

    const FILES: &[&str] = &[
        "a/Dockerfile",
        ".env.example",
        ".env",
        "main.tf",
        "x.tfvars",
        ".github/workflows/ci.yml",
        "docker-compose.yml",
        "k8s/secret.yaml",
        "values.yaml",
        "a.ipynb",
        ".mcp.json",
        "package.json",
        ".bashrc",
        "a.har",
        "Info.plist",
    ];
    const WORDS: &[&str] = &[
        "OPENAI_API_KEY",
        "ARG ",
        "ENV ",
        "RUN echo ",
        "COPY ",
        "FROM a AS b\n",
        "--from=b ",
        ".env",
        ". ",
        "$",
        "${",
        "}",
        "{",
        "=",
        "\"",
        "'",
        "\\",
        "\n",
        "&&",
        ">",
        "| tee ",
        "<<EOF",
        "variable ",
        "output ",
        "value",
        "[",
        "]",
        " ",
        "#",
    ];

    proptest! {
        #[test]
        fn what_is_said_stands_in_the_file(
            words in prop::collection::vec(prop_oneof![prop::sample::select(WORDS), Just("\u{e9}")], 0..60),
            nth in 0..FILES.len(),
        ) {
            let text = words.concat();
            for said in check(FILES[nth], text.as_bytes()) {
                prop_assert!(said.span.start <= said.span.end && said.span.end <= text.len(), "{said:?}");
            }
        }
    }

    #[test]
    fn large_files_are_read_in_one_go() {
        for (path, line) in [
            ("Dockerfile", "FROM a\nARG OPENAI_API_KEY\nENV OPENAI_API_KEY=$OPENAI_API_KEY\n"),
            ("Dockerfile", "FROM a\nCOPY .env.a /x/.env . b/ --from=c\n"),
            ("Dockerfile", "RUN echo $OPENAI_API_KEY > .env && rm .env; \\\n"),
            (".env", "OPENAI_API_KEY=\"x\n"),
            ("main.tf", "description = { value = { name = \"OPENAI_API_KEY\"\n"),
            ("main.tf", "output \"openai_key\" { value = [\n"),
        ] {
            let text = line.repeat(500_000 / line.len());
            assert!(check(path, text.as_bytes()).len() <= text.len());
        }
    }
}
