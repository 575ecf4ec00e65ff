//! Keys in comments. Must not know how a language writes them: that is `code.rs`.

use super::{Ask, Diagnostic, File, Lint, Need, Path, code::Code};

/// The lint.
pub(super) struct Commented;

/// What documents code and is no comment of it.
const TEXTS: &[&str] = &["md", "mdx", "markdown", "html", "htm", "txt", "rst", "ipynb"];

impl Lint for Commented {
    fn rules(&self) -> &'static [&'static str] {
        &["key-in-comment"]
    }

    fn needs(&self) -> Need {
        Need::Key
    }

    fn reads(&self, path: Path<'_>) -> bool {
        !TEXTS.contains(&path.extension())
    }

    fn check(&self, file: &File<'_>, _: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let path = String::from_utf8_lossy(file.path.as_bytes());
        let code = Code::new(Path::of(&path), file.bytes);
        let commented = file.keys.iter().filter(|key| code.is_comment_at(key.span.start));
        out.extend(commented.map(|key| Diagnostic { rule: "key-in-comment", span: key.span, what: None }));
    }
}
