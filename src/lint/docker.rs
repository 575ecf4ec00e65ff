//! Keys in Dockerfiles: in `ENV`, in `ARG`, and in the commands that are run. Must not know what lies beside the file.

use super::{
    Ask, Diagnostic, File, Lint, Path,
    literal::Value,
    syntax::dockerfile::{self, Dockerfile, Instruction, Pair, Part},
};
use crate::model::Span;
use std::collections::{HashMap, HashSet};

/// The lint.
pub(super) struct Docker;

const ENV: &str = "docker-key-env";
const ARG: &str = "docker-key-arg";
const RUN: &str = "docker-key-run";

/// So many stages, one built on the other, are followed in search of an `ARG`.
const DEEPEST: usize = 8;

impl Lint for Docker {
    fn rules(&self) -> &'static [&'static str] {
        &[ENV, ARG, RUN]
    }

    fn reads(&self, path: Path<'_>) -> bool {
        is_dockerfile(path)
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let read = dockerfile::read(file.bytes);
        let mut reader = Reader { stages: Stages::of(&read), args: HashSet::new(), file, ask, out };
        for instruction in &read.instructions {
            reader.take(instruction);
        }
    }
}

/// Whether Docker or Podman builds from files of this name.
pub(super) fn is_dockerfile(path: Path<'_>) -> bool {
    let is_other = || [".dockerignore", ".md", ".txt", ".sh", ".py"].iter().any(|end| path.ends(end));
    let is_named = ["dockerfile", "containerfile"].iter().any(|whole| {
        let before = || path.name.as_bytes()[..path.name.len() - whole.len()].last();
        path.begins(whole) && matches!(path.name.as_bytes().get(whole.len()), None | Some(b'.' | b'-' | b'_'))
            || path.ends(whole) && before() == Some(&b'.')
    });
    is_named && !is_other()
}

/// How the stages of a file are built on each other.
pub(super) struct Stages {
    /// By stage: the one that it is built on, if that is in the file too.
    bases: Vec<Option<usize>>,
    /// By stage: whether its layers are part of an image that is kept.
    kept: Vec<bool>,
}

impl Stages {
    pub(super) fn of(file: &Dockerfile) -> Self {
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut bases = Vec::new();
        for (number, stage) in file.stages.iter().enumerate() {
            let from = &file.instructions[stage.from];
            let base = stage.image.and_then(|image| numbers.get(&from.text(image).to_ascii_lowercase()));
            bases.push(base.copied());
            if let Some(name) = stage.name {
                numbers.insert(from.text(name).to_ascii_lowercase(), number);
            }
        }
        let mut is_used = vec![false; bases.len()];
        let mut kept = vec![false; bases.len()];
        for base in bases.iter().flatten() {
            is_used[*base] = true;
        }
        for instruction in &file.instructions {
            for source in copied_from(instruction) {
                let digits = std::str::from_utf8(&source).ok().and_then(|text| text.parse().ok());
                let number = numbers.get(&source).copied().or(digits);
                if let Some(is_used) = number.and_then(|number| is_used.get_mut(number)) {
                    *is_used = true;
                }
            }
        }
        // A stage that no other one takes anything from is built for itself.
        for number in (0..bases.len()).rev() {
            kept[number] |= !is_used[number] || number + 1 == bases.len();
            if let (true, Some(base)) = (kept[number], bases[number]) {
                kept[base] = true;
            }
        }
        Self { bases, kept }
    }

    /// Whether what `instruction` leaves behind is part of an image that is kept.
    pub(super) fn keep(&self, instruction: &Instruction) -> bool {
        instruction.stage.is_some_and(|stage| self.kept[stage])
    }
}

/// The stages or images, in lower case, that `instruction` copies or mounts from.
fn copied_from(instruction: &Instruction) -> Vec<Vec<u8>> {
    let mut from = Vec::new();
    for flag in &instruction.flags {
        let Some(value) = flag.value else { continue };
        match instruction.text(flag.name) {
            b"from" => from.push(instruction.text(value).to_ascii_lowercase()),
            b"mount" => {
                let fields = instruction.fields(value).filter(|field| instruction.text(field.name) == b"from");
                from.extend(fields.filter_map(|field| Some(instruction.text(field.value?).to_ascii_lowercase())));
            }
            _ => {}
        }
    }
    from
}

/// Goes through the instructions of a file.
struct Reader<'r, 'a> {
    stages: Stages,
    /// Every `ARG`, by its name and its stage.
    args: HashSet<(Vec<u8>, usize)>,
    file: &'r File<'a>,
    ask: Ask<'r>,
    out: &'r mut Vec<Diagnostic>,
}

impl Reader<'_, '_> {
    fn take(&mut self, instruction: &Instruction) {
        match instruction.keyword.as_str() {
            "ARG" => self.arg(instruction),
            "ENV" => self.env(instruction),
            "RUN" => {
                self.assigned(instruction);
                self.written(instruction);
                self.keys(instruction);
            }
            "CMD" | "ENTRYPOINT" | "HEALTHCHECK" | "LABEL" => self.keys(instruction),
            _ => {}
        }
    }

    fn say(&mut self, rule: &'static str, span: Span, what: Option<String>) {
        self.out.push(Diagnostic { rule, span, what });
    }

    fn value(&self, instruction: &Instruction, part: Part) -> Value {
        self.file.value_of(instruction.text(part), instruction.span_of(part))
    }

    fn arg(&mut self, instruction: &Instruction) {
        for pair in &instruction.pairs {
            let name = instruction.text(pair.name);
            if let Some(stage) = instruction.stage {
                self.args.insert((name.to_owned(), stage));
            }
            // With a word in the place of a key, nobody is expected to give one.
            let value = pair.value.map_or(Value::Empty, |value| self.value(instruction, value));
            if self.ask.names.is_key(name) && value != Value::Placeholder {
                let what = format!("ARG {}", String::from_utf8_lossy(name));
                self.say(ARG, spanned(instruction, pair, value == Value::Literal), Some(what));
            }
        }
    }

    fn env(&mut self, instruction: &Instruction) {
        for pair in &instruction.pairs {
            let Some(value) = pair.value else { continue };
            let (name, text) = (instruction.text(pair.name), instruction.text(value));
            let is_key = self.ask.names.is_key(name);
            let span = instruction.span_of(value);
            let holds = self.file.has_key(span) || is_key && self.value(instruction, value) == Value::Literal;
            // What an `ARG` brings stays in the image only where the stage does.
            let bakes = self.stages.keep(instruction)
                && references(text).iter().any(|reference| {
                    let reference = &text[reference.range()];
                    (is_key || self.ask.names.is_key(reference)) && self.has_arg(reference, instruction.stage)
                });
            if holds || bakes {
                let from = if holds { "" } else { " from ARG" };
                let what = format!("ENV {}{from}", String::from_utf8_lossy(name));
                self.say(ENV, spanned(instruction, pair, true), Some(what));
            }
        }
    }

    /// Whether `stage`, or one that it is built on, has an `ARG` called `name`.
    fn has_arg(&self, name: &[u8], stage: Option<usize>) -> bool {
        let mut stages = std::iter::successors(stage, |stage| self.stages.bases[*stage]).take(DEEPEST);
        stages.any(|stage| self.args.contains(&(name.to_owned(), stage)))
    }

    /// Secrets that rules know, anywhere in the instruction.
    fn keys(&mut self, instruction: &Instruction) {
        let first = self.file.keys.partition_point(|key| key.span.end <= instruction.span.start);
        for key in self.file.keys[first..].iter().take_while(|key| key.span.start < instruction.span.end) {
            self.out.push(Diagnostic { rule: RUN, span: key.span, what: None });
        }
    }

    /// `RUN export OPENAI_API_KEY=…`
    fn assigned(&mut self, instruction: &Instruction) {
        let text = instruction.text(instruction.arguments);
        let mut said = Vec::new();
        for name in self.ask.names.found(text) {
            let Some(rest) = text[name.end..].strip_prefix(b"=") else { continue };
            let quote = usize::from(rest.first().is_some_and(|byte| matches!(byte, b'"' | b'\'')));
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'\\;&|>)".contains(byte);
            let len = rest[quote..].iter().position(ends).unwrap_or(rest.len() - quote);
            let start = text.len() - rest.len() + quote;
            let value = instruction.within(instruction.arguments, start..start + len);
            if self.value(instruction, value) == Value::Literal {
                let whole = instruction.within(instruction.arguments, name.start..start + len);
                let what = format!("RUN {}=…", String::from_utf8_lossy(&text[name.range()]));
                said.push((instruction.span_of(whole), what));
            }
        }
        said.into_iter().for_each(|(span, what)| self.say(RUN, span, Some(what)));
    }

    /// `RUN echo "OPENAI_API_KEY=$OPENAI_API_KEY" > .env`: what an `ARG` brings, in a file that stays.
    fn written(&mut self, instruction: &Instruction) {
        if !self.stages.keep(instruction) {
            return;
        }
        let text = instruction.text(instruction.arguments);
        let commands = commands(text);
        let removed = removed(text, &commands);
        let mut said = Vec::new();
        for command in commands {
            let target = written_to(&text[command.range()]);
            let Some(target) = target.filter(|target| !removed.contains(target)) else { continue };
            for reference in references(&text[command.range()]) {
                let reference = reference.shifted(command.start);
                let name = &text[reference.range()];
                if self.ask.names.is_key(name) && self.has_arg(name, instruction.stage) {
                    let part = instruction.within(instruction.arguments, reference.range());
                    let names = (String::from_utf8_lossy(name), String::from_utf8_lossy(target));
                    said.push((instruction.span_of(part), format!("{} written to {}", names.0, names.1)));
                }
            }
        }
        said.into_iter().for_each(|(span, what)| self.say(RUN, span, Some(what)));
    }
}

/// Where the name stands, and the value too if `is_whole`.
fn spanned(instruction: &Instruction, pair: &Pair, is_whole: bool) -> Span {
    let name = instruction.span_of(pair.name);
    let value = pair.value.filter(|_| is_whole).map_or(name, |value| instruction.span_of(value));
    Span::new(name.start, value.end.max(name.end))
}

/// Where in `text` the names of variables stand that are put in: `$NAME`, `${NAME:-…}`, but not in single quotes.
fn references(text: &[u8]) -> Vec<Span> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let (mut found, mut quote, mut at) = (Vec::new(), None, 0);
    while at < text.len() {
        match (quote, text[at]) {
            (_, b'\\') if quote != Some(b'\'') => at += 1,
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None | Some(b'"'), b'$') => {
                let start = at + 1 + usize::from(text.get(at + 1) == Some(&b'{'));
                let rest = text.get(start..).unwrap_or_default();
                let len = rest.iter().position(|byte| !is_name(byte)).unwrap_or(rest.len());
                if len > 0 {
                    found.push(Span::new(start, start + len));
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The commands of a line of a shell, as far as `&&`, `||`, `;` and line ends outside of quotes part them.
fn commands(text: &[u8]) -> Vec<Span> {
    let (mut found, mut start, mut quote, mut at) = (Vec::new(), 0, None, 0);
    while at < text.len() {
        let byte = text[at];
        let is_pair = matches!(byte, b'&' | b'|') && text.get(at + 1) == Some(&byte);
        match (quote, byte) {
            (_, b'\\') if quote != Some(b'\'') => at += 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b';' | b'\n') => {
                found.push(Span::new(start, at));
                start = at + 1;
            }
            (None, _) if is_pair => {
                found.push(Span::new(start, at));
                start = at + 2;
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    found.push(Span::new(start.min(text.len()), text.len()));
    found
}

/// The file that a command which prints writes to.
fn written_to(command: &[u8]) -> Option<&[u8]> {
    let words = command.trim_ascii_start();
    let words = words.strip_prefix(b"(").or_else(|| words.strip_prefix(b"{")).unwrap_or(words).trim_ascii_start();
    if !["echo ", "printf "].iter().any(|print| words.starts_with(print.as_bytes())) {
        return None;
    }
    let tee = memchr::memmem::rfind(words, b"| tee ").map(|at| at + b"| tee ".len());
    let arrow = memchr::memrchr(b'>', words).map(|at| at + 1);
    let rest = words.get(tee.or(arrow)?..)?.trim_ascii_start();
    let rest = rest.strip_prefix(b"-a").unwrap_or(rest).trim_ascii_start();
    let len = rest.iter().position(|byte| byte.is_ascii_whitespace() || b")}|".contains(byte)).unwrap_or(rest.len());
    let target = &rest[..len];
    let is_file = !target.is_empty() && !target.starts_with(b"&") && !target.starts_with(b"/dev/");
    // What stands in quotes to the end is text.
    let is_text = rest.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
    (is_file && !is_text).then_some(target)
}

/// What the commands of `text` remove again.
fn removed<'a>(text: &'a [u8], commands: &[Span]) -> HashSet<&'a [u8]> {
    let all = commands.iter().map(|command| text[command.range()].trim_ascii());
    let removing = all.filter_map(|command| command.strip_prefix(b"rm "));
    removing.flat_map(|files| files.split(u8::is_ascii_whitespace)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockerfiles_are_told_by_name() {
        for name in ["Dockerfile", "a/dockerfile", "Dockerfile.dev", "Dockerfile-ci", "api.Dockerfile", "Containerfile"]
        {
            assert!(is_dockerfile(Path::of(name)), "{name}");
        }
        for name in
            ["Dockerfile.dockerignore", "Dockerfile.md", "docker/a", "dockerfiles", "mydockerfile", "Dockerfile.sh"]
        {
            assert!(!is_dockerfile(Path::of(name)), "{name}");
        }
    }

    #[test]
    fn stages_are_kept_that_are_built_for_themselves_or_into_the_last() {
        let kept = |text: &str| Stages::of(&dockerfile::read(text.as_bytes())).kept;
        assert_eq!(kept("FROM a"), [true]);
        assert_eq!(kept("FROM a AS b\nFROM c\nCOPY --from=B x y"), [false, true]);
        assert_eq!(kept("FROM a\nFROM c\nCOPY --from=0 x y"), [false, true]);
        assert_eq!(kept("FROM a AS b\nFROM b AS d\nFROM d"), [true, true, true]);
        assert_eq!(kept("FROM a AS b\nFROM b AS d\nFROM x\nCOPY --from=d x y"), [false, false, true]);
        assert_eq!(kept("FROM a AS b\nFROM c\nRUN --mount=type=bind,from=b,target=/x y"), [false, true]);
        assert_eq!(kept("FROM a AS dev\nFROM c AS prod"), [true, true]);
        assert!(kept("RUN x").is_empty());
    }

    #[test]
    fn commands_end_outside_of_quotes() {
        let parts = |text: &str| -> Vec<String> {
            commands(text.as_bytes()).into_iter().map(|span| text[span.range()].trim().to_owned()).collect()
        };
        assert_eq!(parts("a && b || c; d | e"), ["a", "b", "c", "d | e"]);
        assert_eq!(parts("echo 'a && b' \"c;d\\\" ; e\" && f"), ["echo 'a && b' \"c;d\\\" ; e\"", "f"]);
        assert_eq!(parts("a\\"), ["a\\"]);
        assert_eq!(parts("a &&"), ["a", ""]);
    }

    #[test]
    fn references_are_what_a_shell_puts_in() {
        let names = |text: &'static str| -> Vec<&str> {
            references(text.as_bytes()).into_iter().map(|span| &text[span.range()]).collect()
        };
        assert_eq!(names("$A ${B:-c} \"$C\" \"'$D'\" $"), ["A", "B", "C", "D"]);
        assert!(names("\\$A '$B' '${C}' $( ) ${").is_empty());
    }

    #[test]
    fn the_file_that_is_written_to_is_seen() {
        let target =
            |text: &'static str| written_to(text.as_bytes()).map(|text| String::from_utf8_lossy(text).into_owned());
        assert_eq!(target("echo \"A=$A\" > .env").as_deref(), Some(".env"));
        assert_eq!(target(" echo \"A=$A\">>.env").as_deref(), Some(".env"));
        assert_eq!(target("printf '%s' $A | tee -a /app/.env").as_deref(), Some("/app/.env"));
        assert_eq!(target("echo $A >&2"), None);
        assert_eq!(target("echo $A > /dev/null"), None);
        assert_eq!(target("echo \"a > $A\""), None);
        assert_eq!(target("npm run build > log"), None);
    }
}
