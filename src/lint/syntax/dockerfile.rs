//! Dockerfiles: instructions with their words, pairs and heredocs. Must not know what an instruction does.
//!
//! An instruction may go over several lines. What it says is read from its lines joined; a [`Part`] of that text leads
//! back to the bytes of the file. Escapes are left as they stand, so that it does.

mod heredoc;
mod joined;
mod lines;
#[cfg(test)]
mod tests;
mod words;

use crate::model::Span;
use joined::Joined;
use lines::Lines;
use std::ops::Range;

pub(crate) use heredoc::Heredoc;
pub(crate) use joined::Part;

/// A Dockerfile, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dockerfile {
    /// The parser directives at its top.
    pub(crate) directives: Vec<Directive>,
    /// The stages, in their order.
    pub(crate) stages: Vec<Stage>,
    /// The instructions, in their order.
    pub(crate) instructions: Vec<Instruction>,
}

/// `# name=value` at the top of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directive {
    /// Its name in small letters.
    pub(crate) name: String,
    /// Where its value stands.
    pub(crate) value: Span,
}

/// What begins with a `FROM`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    /// Its `FROM`, by its index among the instructions.
    pub(crate) from: usize,
    /// The image it builds on, a part of its `FROM`.
    pub(crate) image: Option<Part>,
    /// Its name, a part of its `FROM`. Docker does not tell large letters from small ones.
    pub(crate) name: Option<Part>,
}

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    /// Its keyword in capital letters. Behind `ONBUILD` it is that of the instruction to come.
    pub(crate) keyword: String,
    /// From its first word to the end of its last line, heredocs included.
    pub(crate) span: Span,
    /// Its stage, by its index. Before the first `FROM` there is none.
    pub(crate) stage: Option<usize>,
    /// Whether it waits behind `ONBUILD`.
    pub(crate) is_onbuild: bool,
    /// The flags before its arguments: `--mount=…`.
    pub(crate) flags: Vec<Pair>,
    /// What is behind keyword and flags.
    pub(crate) arguments: Part,
    /// The arguments as words: with their quotes, or as the strings of a JSON array without them.
    pub(crate) words: Vec<Part>,
    /// Whether the words are those of a JSON array.
    pub(crate) is_array: bool,
    /// What `ENV`, `ARG` and `LABEL` set, without quotes.
    pub(crate) pairs: Vec<Pair>,
    /// Its heredocs.
    pub(crate) heredocs: Vec<Heredoc>,
    joined: Joined,
    escape: u8,
}

/// A name and what it is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// The name. A flag's is without its dashes.
    pub(crate) name: Part,
    /// The value, which may be missing or empty.
    pub(crate) value: Option<Part>,
}

impl Instruction {
    /// What `part` of it says.
    pub(crate) fn text(&self, part: Part) -> &[u8] {
        self.joined.text(part)
    }

    /// What is in `range` of the text that `part` says.
    pub(crate) fn within(&self, part: Part, range: Range<usize>) -> Part {
        let at = |offset: usize| part.start.saturating_add(offset).min(part.end);
        Part::new(at(range.start), at(range.end))
    }

    /// Where `part` of it stands, from its first byte to its last.
    pub(crate) fn span_of(&self, part: Part) -> Span {
        self.joined.span(part)
    }

    /// The bytes of `part` in the file and no others: one span for each line that it is on. What spans are tested against.
    #[cfg(test)]
    pub(crate) fn pieces(&self, part: Part) -> impl Iterator<Item = Span> + '_ {
        self.joined.pieces(part)
    }

    /// The fields of a value like `type=secret,id=key`.
    pub(crate) fn fields(&self, value: Part) -> impl Iterator<Item = Pair> + '_ {
        let mut rest = Some(value);
        std::iter::from_fn(move || {
            let part = rest?;
            let comma = words::find(self.joined.all(), part, b',');
            rest = comma.map(|comma| Part::new(comma + 1, part.end));
            Some(self.pair(Part::new(part.start, comma.unwrap_or(part.end))))
        })
    }
}

/// Reads a Dockerfile. What Docker would refuse is read as far as it can be.
pub(crate) fn read(bytes: &[u8]) -> Dockerfile {
    let mut lines = Lines::new(bytes);
    let directives = directives(&mut lines);
    let is_escape = |directive: &&Directive| directive.name == "escape";
    let escape = directives.iter().find(is_escape).map(|directive| &bytes[directive.value.range()]);
    let escape = if escape == Some(b"`") { b'`' } else { b'\\' };
    let mut file = Dockerfile { directives, ..Dockerfile::default() };
    while let Some(joined) = lines.instruction(escape) {
        let Some(mut instruction) = Instruction::of(joined, escape) else { continue };
        if matches!(instruction.keyword.as_str(), "RUN" | "COPY" | "ADD") && !instruction.is_array {
            instruction.heredocs = heredoc::heredocs(instruction.joined.all(), &instruction.words, &mut lines);
        }
        let end_of_heredocs = instruction.heredocs.last().map_or(0, |last| last.body.end);
        instruction.span.end = lines.end_of_last().max(end_of_heredocs);
        if instruction.keyword == "FROM" && !instruction.is_onbuild {
            file.stages.push(instruction.begins(file.instructions.len()));
        }
        instruction.stage = file.stages.len().checked_sub(1);
        file.instructions.push(instruction);
    }
    file
}

/// The directives that `lines` begins with; it goes on with the first line that is none. One that Docker does not know
/// is a comment, after which there are no more.
fn directives(lines: &mut Lines<'_>) -> Vec<Directive> {
    let mut directives: Vec<Directive> = Vec::new();
    let mut ahead = lines.clone();
    while let Some(directive) = ahead.next().and_then(|line| directive(lines.text(line), line)) {
        *lines = ahead.clone();
        directives.push(directive);
    }
    directives
}

fn directive(text: &[u8], line: Span) -> Option<Directive> {
    let text = text.trim_ascii_end();
    let rest = text.trim_ascii_start().strip_prefix(b"#")?;
    let sign = memchr::memchr(b'=', rest)?;
    let name = rest[..sign].trim_ascii().to_ascii_lowercase();
    let name = ["syntax", "escape", "check"].into_iter().find(|known| known.as_bytes() == name)?;
    let value = rest[sign + 1..].trim_ascii_start();
    let end = line.start + text.len();
    Some(Directive { name: name.to_owned(), value: Span::new(end - value.len(), end) })
}

impl Instruction {
    /// What the text says by itself, if it says anything. Stage, heredocs and the end of the span are the file's.
    fn of(joined: Joined, escape: u8) -> Option<Self> {
        let text = joined.all();
        let blanks = text.iter().rev().take_while(|byte| words::is_blank(**byte)).count();
        let mut rest = Part::new(0, text.len() - blanks);
        let mut is_onbuild = false;
        let first = words::skip_blanks(text, rest);
        let keyword = loop {
            let keyword = keyword(text, rest)?;
            let after = Part::new(keyword.end, rest.end);
            // `ONBUILD` alone has nothing to wrap.
            if !joined.text(keyword).eq_ignore_ascii_case(b"ONBUILD") || keyword.end == rest.end {
                break keyword;
            }
            (is_onbuild, rest) = (true, after);
        };
        let span = joined.span(Part::new(first, keyword.end));
        let name = String::from_utf8_lossy(joined.text(keyword)).to_ascii_uppercase();
        let arguments = Part::new(keyword.end, rest.end);
        let mut instruction = Self {
            keyword: name,
            span,
            stage: None,
            is_onbuild,
            flags: Vec::new(),
            arguments,
            words: Vec::new(),
            is_array: false,
            pairs: Vec::new(),
            heredocs: Vec::new(),
            joined,
            escape,
        };
        instruction.read_flags();
        instruction.read_words();
        instruction.read_pairs();
        Some(instruction)
    }

    /// Takes flags from the arguments for as long as there are any; `--` ends them.
    fn read_flags(&mut self) {
        let text = self.joined.all();
        loop {
            self.arguments.start = words::skip_blanks(text, self.arguments);
            if !self.joined.text(self.arguments).starts_with(b"--") {
                return;
            }
            let word = Part::new(self.arguments.start, words::word_end(text, self.arguments, self.escape));
            self.arguments.start = word.end;
            if word.end - word.start == 2 {
                self.arguments.start = words::skip_blanks(text, self.arguments);
                return;
            }
            self.flags.push(self.pair(Part::new(word.start + 2, word.end)));
        }
    }

    fn read_words(&mut self) {
        let text = self.joined.all();
        let takes_array =
            matches!(self.keyword.as_str(), "ADD" | "CMD" | "COPY" | "ENTRYPOINT" | "RUN" | "SHELL" | "VOLUME");
        // `HEALTHCHECK CMD […]`
        let head = (self.keyword == "HEALTHCHECK").then(|| words::word_end(text, self.arguments, self.escape));
        let tail = Part::new(head.unwrap_or(self.arguments.start), self.arguments.end);
        let strings = if takes_array || head.is_some() { words::array(text, tail) } else { None };
        self.is_array = strings.is_some();
        self.words = match strings {
            Some(strings) => head.map(|end| Part::new(self.arguments.start, end)).into_iter().chain(strings).collect(),
            None => words::words(text, self.arguments, self.escape),
        };
    }

    fn read_pairs(&mut self) {
        let Some(first) = self.words.first() else { return };
        let is_old = words::find(self.joined.all(), *first, b'=').is_none();
        self.pairs = match self.keyword.as_str() {
            // `ENV name value`: all the rest is the value.
            "ENV" | "LABEL" if is_old => {
                let rest = Part::new(first.end, self.arguments.end);
                let value = Part::new(words::skip_blanks(self.joined.all(), rest), rest.end);
                vec![Pair { name: self.unquoted(*first), value: Some(self.unquoted(value)) }]
            }
            "ENV" | "LABEL" | "ARG" => self.words.iter().map(|word| self.pair(*word)).collect(),
            _ => return,
        };
    }

    /// `name=value` taken apart.
    fn pair(&self, word: Part) -> Pair {
        let sign = words::find(self.joined.all(), word, b'=');
        let name = self.unquoted(Part::new(word.start, sign.unwrap_or(word.end)));
        Pair { name, value: sign.map(|sign| self.unquoted(Part::new(sign + 1, word.end))) }
    }

    fn unquoted(&self, part: Part) -> Part {
        words::unquoted(self.joined.all(), part, self.escape)
    }

    /// The stage that it begins, being the instruction with this index: `FROM image AS name`.
    fn begins(&self, from: usize) -> Stage {
        let is_as = self.words.get(1).is_some_and(|word| self.text(*word).eq_ignore_ascii_case(b"AS"));
        Stage { from, image: self.words.first().copied(), name: self.words.get(2).copied().filter(|_| is_as) }
    }
}

/// The word that `part` begins with, after blanks.
fn keyword(text: &[u8], part: Part) -> Option<Part> {
    let start = words::skip_blanks(text, part);
    let len = text[start..part.end].iter().position(|byte| words::is_blank(*byte));
    let end = len.map_or(part.end, |len| start + len);
    (start < end).then_some(Part::new(start, end))
}
