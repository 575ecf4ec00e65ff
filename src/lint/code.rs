//! Whether a place in a file of code is code, a string or a comment, as far as its line and a glance at the lines before
//! tell. Must not know what is looked for.
//!
//! It is no parser: it knows how most languages write comments and strings, and errs towards code.

use super::Path;
use crate::rule::Within;
use std::cell::OnceCell;

/// How a language writes its comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `//` and `/* */`.
    Slashes,
    /// `#`.
    Hash,
    /// Both, as PHP does.
    Both,
    /// `--`.
    Dashes,
    /// `<!-- -->`.
    Markup,
    /// None, or not known.
    None,
}

/// What a byte is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Code,
    String,
    Comment,
}

/// How far back the beginning of a comment over several lines is looked for, in bytes.
const BACK: usize = 4096;

/// One file.
pub(super) struct Code<'a> {
    bytes: &'a [u8],
    style: Style,
    is_python: bool,
    /// Where three quotes stand, in a file of Python.
    triples: OnceCell<Vec<usize>>,
}

impl<'a> Code<'a> {
    pub(super) fn new(path: Path<'_>, bytes: &'a [u8]) -> Self {
        let is_python = matches!(path.extension(), "py" | "pyi" | "ipynb");
        Self { bytes, style: style(path), is_python, triples: OnceCell::new() }
    }

    /// Whether the byte at `at` is where `within` looks.
    pub(super) fn is_within(&self, at: usize, within: Within) -> bool {
        match within {
            Within::All => true,
            Within::Code => self.part(at) != Part::Comment,
            Within::Names => self.part(at) == Part::Code,
        }
    }

    fn part(&self, at: usize) -> Part {
        let start = memchr::memrchr(b'\n', &self.bytes[..at]).map_or(0, |end| end + 1);
        if self.style == Style::None {
            return Part::Code;
        }
        if self.is_in_block(start) || self.is_in_docstring(at) {
            return Part::Comment;
        }
        self.part_of_line(&self.bytes[start..at])
    }

    /// Whether the byte at `at` is part of a comment.
    pub(super) fn is_comment_at(&self, at: usize) -> bool {
        self.part(at) == Part::Comment
    }

    /// What follows `line`, the part of a line before a place.
    fn part_of_line(&self, line: &[u8]) -> Part {
        if line.trim_ascii_start().starts_with(b"*") && matches!(self.style, Style::Slashes | Style::Both) {
            return Part::Comment;
        }
        let mut at = 0;
        let mut open: Option<u8> = None;
        // How many braces put code into a string.
        let mut braces = 0_usize;
        while let Some(&byte) = line.get(at) {
            match (open, byte) {
                (Some(_), b'\\') if line.get(at + 1) != Some(&b'(') => at += 1,
                (Some(_), b'{' | b'(') if braces > 0 || puts_in(line, at) => braces += 1,
                (Some(_), b'}' | b')') if braces > 0 => braces -= 1,
                (Some(quote), _) if quote == byte && braces == 0 => open = None,
                (None, b'"' | b'\'' | b'`') if is_quote(line, at) => open = Some(byte),
                (None, _) if self.is_comment(line, at) => match closed(&line[at..]) {
                    Some(length) => at += length,
                    None => return Part::Comment,
                },
                _ => {}
            }
            at += 1;
        }
        if open.is_some() && braces == 0 { Part::String } else { Part::Code }
    }

    /// Whether a comment begins at `at` of `line`.
    fn is_comment(&self, line: &[u8], at: usize) -> bool {
        let rest = &line[at..];
        let after_space = at == 0 || line[at - 1].is_ascii_whitespace();
        let slashes = || (rest.starts_with(b"//") || rest.starts_with(b"/*")) && (at == 0 || line[at - 1] != b':');
        let hash = || rest.starts_with(b"#") && after_space;
        match self.style {
            Style::Slashes => slashes(),
            Style::Hash => hash(),
            Style::Both => slashes() || hash(),
            Style::Dashes => rest.starts_with(b"--") && after_space,
            Style::Markup => rest.starts_with(b"<!--"),
            Style::None => false,
        }
    }

    /// Whether the line that begins at `start` lies within a comment that began on a line of its own before.
    fn is_in_block(&self, start: usize) -> bool {
        let (open, close): (&[u8], &[u8]) = match self.style {
            Style::Slashes | Style::Both => (b"/*", b"*/"),
            Style::Markup => (b"<!--", b"-->"),
            _ => return false,
        };
        let before = &self.bytes[start.saturating_sub(BACK)..start];
        let Some(last) = memchr::memmem::rfind(before, open) else { return false };
        let line = memchr::memrchr(b'\n', &before[..last]).map_or(0, |end| end + 1);
        before[line..last].trim_ascii().is_empty() && memchr::memmem::find(&before[last..], close).is_none()
    }

    fn is_in_docstring(&self, at: usize) -> bool {
        if !self.is_python {
            return false;
        }
        let triples = self.triples.get_or_init(|| {
            let all =
                memchr::memmem::find_iter(self.bytes, "\"\"\"").chain(memchr::memmem::find_iter(self.bytes, "'''"));
            let mut all: Vec<usize> = all.collect();
            all.sort_unstable();
            all
        });
        triples.partition_point(|triple| *triple < at) % 2 == 1
    }
}

/// How long the comment is that `rest` begins with, if it ends on its line before what is asked about.
fn closed(rest: &[u8]) -> Option<usize> {
    let close: &[u8] = if rest.starts_with(b"/*") { b"*/" } else { b"-->" };
    let has_end = rest.starts_with(b"/*") || rest.starts_with(b"<!--");
    memchr::memmem::find(rest, close).filter(|_| has_end).map(|at| at + close.len() - 1)
}

/// Whether the brace at `at` of a line puts code into the string it stands in: `${`, `#{`, `\(`, or any in `f"…"`.
fn puts_in(line: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| line.get(at));
    match line[at] {
        b'(' => before == Some(&b'\\'),
        _ => matches!(before, Some(b'$' | b'#')) || is_formatted(line, at),
    }
}

/// Whether the string that is open at `at` began with an `f` or a `$`.
fn is_formatted(line: &[u8], at: usize) -> bool {
    let open = line[..at].iter().position(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    open.is_some_and(|open| {
        line[..open].ends_with(b"f") || line[..open].ends_with(b"F") || line[..open].ends_with(b"$")
    })
}

/// Whether a quote opens a string, rather than being an apostrophe.
fn is_quote(line: &[u8], at: usize) -> bool {
    let inside_word =
        line[at] == b'\'' && at > 1 && line[at - 1].is_ascii_alphanumeric() && line[at - 2].is_ascii_alphanumeric();
    !inside_word
}

fn style(path: Path<'_>) -> Style {
    match path.extension() {
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" | "vue" | "svelte" | "astro" | "go" | "rs"
        | "java" | "kt" | "kts" | "swift" | "m" | "dart" | "cs" | "c" | "h" | "cc" | "cpp" | "scala" | "gradle"
        | "groovy" | "jsonc" | "json5" | "css" | "scss" => Style::Slashes,
        "py" | "pyi" | "rb" | "sh" | "bash" | "zsh" | "fish" | "ps1" | "yml" | "yaml" | "toml" | "ini" | "cfg"
        | "conf" | "env" | "properties" | "r" | "R" | "pl" | "ex" | "exs" | "jl" | "mk" | "xcconfig" | "dockerfile" => {
            Style::Hash
        }
        "php" | "tf" | "tfvars" | "hcl" | "nix" => Style::Both,
        "sql" | "lua" | "hs" | "elm" => Style::Dashes,
        "html" | "htm" | "xml" | "plist" | "md" | "mdx" | "markdown" => Style::Markup,
        _ if ["Dockerfile", "Containerfile", "Makefile", ".env", ".envrc", ".bashrc", ".zshrc", ".profile"]
            .iter()
            .any(|start| path.name.starts_with(start)) =>
        {
            Style::Hash
        }
        _ => Style::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `#` is part of in a file called `name`; `@` stands for it.
    fn part(name: &str, text: &str) -> Part {
        let at = text.find('@').expect("a place");
        Code::new(Path::of(name), text.as_bytes()).part(at)
    }

    #[test]
    fn comments_are_told_by_language() {
        for (name, text) in [
            ("a.ts", "// @"),
            ("a.ts", "let x = 1; // @"),
            ("a.ts", "/* @ */"),
            ("a.ts", "/**\n * @\n */"),
            ("a.ts", "  /*\n  @\n  */"),
            ("a.py", "x = 1  # @"),
            ("a.py", "\"\"\"\n@\n\"\"\""),
            ("Dockerfile.dev", "# @"),
            ("a.html", "<!-- @ -->"),
            ("a.html", "<!--\n@\n-->"),
        ] {
            assert_eq!(part(name, text), Part::Comment, "{name} {text}");
        }
        for (name, text) in [
            ("a.ts", "/* x */ @"),
            ("a.ts", "// x\n@"),
            ("a.ts", "const glob = '**/*.ts';\n@"),
            ("a.py", "x = 7 // 2 + @"),
            ("a.py", "\"\"\"x\"\"\"\n@"),
            ("a.txt", "# @"),
        ] {
            assert_eq!(part(name, text), Part::Code, "{name} {text}");
        }
    }

    #[test]
    fn strings_are_told_from_what_is_put_into_them() {
        for (name, text) in [
            ("a.py", "print(\"missing @\")"),
            ("a.js", "log('it\\'s @')"),
            ("a.js", "log(`missing @`)"),
            ("a.js", "fetch('https://example.com/@')"),
        ] {
            assert_eq!(part(name, text), Part::String, "{name} {text}");
        }
        for (name, text) in [
            ("a.py", "print(\"key\", @)"),
            ("a.py", "print(f\"key {@}\")"),
            ("a.js", "log(`key ${@}`)"),
            ("a.js", "log(`key ${f('x')} ${@}`)"),
            ("a.swift", "print(\"key \\(@)\")"),
            ("a.rb", "puts \"key #{@}\""),
            ("a.js", "don't(@"),
        ] {
            assert_eq!(part(name, text), Part::Code, "{name} {text}");
        }
    }
}
