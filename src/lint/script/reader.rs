//! Takes a script apart. Must not know what any command does.

use super::{
    Command,
    reference::{self, Reference},
};
use std::ops::Range;

/// Where the reader is.
struct Frame {
    /// The command that is being read.
    command: usize,
    /// What it is in.
    kind: Kind,
    /// Whether it is within double quotes.
    is_quoted: bool,
    /// Where the word began that is being read.
    word: Option<usize>,
    /// What the word is for.
    role: Role,
    /// How many parentheses are open within it.
    parens: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Script,
    /// `$(…)`
    Substitution,
    /// `` `…` ``
    Backticks,
}

/// What a word is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Word,
    Output,
    Input,
    /// What a redirection that matters to nobody goes to.
    Ignored,
}

/// A text that follows on the next lines, up to a line with its mark.
struct Here {
    mark: String,
    command: usize,
    expands: bool,
}

/// Frames within each other beyond this are read as one.
const DEEPEST: usize = 64;

pub(super) struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    frames: Vec<Frame>,
    commands: Vec<Command>,
    heres: Vec<Here>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut reader =
            Self { text, bytes: text.as_bytes(), at: 0, frames: Vec::new(), commands: Vec::new(), heres: Vec::new() };
        reader.push(Kind::Script);
        reader
    }

    pub(super) fn read(mut self) -> Vec<Command> {
        while let Some(&byte) = self.bytes.get(self.at) {
            self.step(byte);
        }
        self.end_word();
        self.commands
    }

    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.push(Kind::Script);
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn push(&mut self, kind: Kind) {
        let is_captured = kind != Kind::Script;
        self.commands.push(Command { is_captured, ..Command::default() });
        let command = self.commands.len() - 1;
        self.frames.push(Frame { command, kind, is_quoted: false, word: None, role: Role::Word, parens: 0 });
    }

    fn command(&mut self) -> &mut Command {
        let command = self.frame().command;
        &mut self.commands[command]
    }

    fn next(&self, offset: usize) -> Option<u8> {
        self.bytes.get(self.at + offset).copied()
    }

    fn step(&mut self, byte: u8) {
        let at = self.at;
        let is_quoted = self.frame().is_quoted;
        match byte {
            b'\\' => {
                let is_folded = self.next(1) == Some(b'\n');
                if !is_folded {
                    self.in_word(at);
                }
                self.at += 2;
            }
            b'$' | b'%' => self.put_in(),
            b'"' => {
                self.in_word(at);
                let frame = self.frame();
                frame.is_quoted = !frame.is_quoted;
                self.at += 1;
            }
            b'`' => self.backtick(),
            _ if is_quoted => self.at += 1,
            b'\'' => self.literal(),
            b'#' if self.frame().word.is_none() => self.at = self.line_end(),
            b' ' | b'\t' | b'\r' => {
                self.end_word();
                self.at += 1;
            }
            b'\n' => self.line(),
            b';' | b'&' | b'|' => self.separator(byte),
            b'(' | b')' => self.paren(byte),
            b'<' | b'>' => self.redirect(byte),
            _ => {
                self.in_word(at);
                self.at += 1;
            }
        }
    }

    fn in_word(&mut self, at: usize) {
        let frame = self.frame();
        frame.word = frame.word.or(Some(at));
    }

    fn line_end(&self) -> usize {
        memchr::memchr(b'\n', &self.bytes[self.at..]).map_or(self.bytes.len(), |end| self.at + end)
    }

    fn end_word(&mut self) {
        let end = self.at.min(self.bytes.len());
        let frame = self.frame();
        let Some(start) = frame.word.take() else { return };
        let role = std::mem::replace(&mut frame.role, Role::Word);
        let word: Range<usize> = start..end;
        let command = self.command();
        match role {
            Role::Word => command.words.push(word),
            Role::Output => command.outputs.push(word),
            Role::Input => command.has_input = true,
            Role::Ignored => {}
        }
    }

    /// Ends the command, and begins another one in the same frame.
    fn end_command(&mut self) -> usize {
        self.end_word();
        let is_captured = self.frame().kind != Kind::Script;
        self.frame().role = Role::Word;
        self.commands.push(Command { is_captured, ..Command::default() });
        let next = self.commands.len() - 1;
        self.frame().command = next;
        next
    }

    fn separator(&mut self, byte: u8) {
        let doubled = self.next(1) == Some(byte);
        if byte == b'&' && self.next(1) == Some(b'>') {
            self.end_word();
            self.at += 1;
            return self.redirect(b'>');
        }
        self.end_word();
        let before = self.frame().command;
        let next = self.end_command();
        if byte == b'|' && !doubled {
            self.commands[before].into = Some(next);
        }
        self.at += if doubled || byte == b'|' && self.next(1) == Some(b'&') { 2 } else { 1 };
    }

    fn line(&mut self) {
        self.end_command();
        self.at += 1;
        for here in std::mem::take(&mut self.heres) {
            self.here(&here);
        }
    }

    /// Reads the lines of a text up to its mark.
    fn here(&mut self, here: &Here) {
        while self.at < self.bytes.len() {
            let end = self.line_end();
            let line = self.at..end;
            self.at = (end + 1).min(self.bytes.len());
            if self.text[line.clone()].trim() == here.mark {
                return;
            }
            let mut at = line.start;
            while let Some(found) = memchr::memchr3(b'$', b'\\', b'%', &self.bytes[at..line.end]) {
                at += found;
                if self.bytes[at] == b'\\' {
                    at += 2;
                    if at > line.end {
                        break;
                    }
                    continue;
                }
                let read = reference::read(self.text, at, !here.expands);
                let read = read.filter(|(_, end)| *end <= line.end);
                at = read.as_ref().map_or(at + 1, |(_, end)| *end);
                self.commands[here.command].references.extend(read.and_then(|(reference, _)| reference));
            }
        }
    }

    fn put_in(&mut self) {
        let at = self.at;
        self.in_word(at);
        match reference::read(self.text, at, false) {
            Some((reference, end)) => self.refer(reference, end),
            None if self.next(1) == Some(b'(') && self.bytes[at] == b'$' => {
                self.at += 2;
                self.enter(Kind::Substitution);
            }
            None => self.at += 1,
        }
    }

    fn refer(&mut self, reference: Option<Reference>, end: usize) {
        self.command().references.extend(reference);
        self.at = end;
    }

    fn enter(&mut self, kind: Kind) {
        if self.frames.len() < DEEPEST {
            self.push(kind);
        }
    }

    /// Leaves the frame for the one around it.
    fn leave(&mut self) {
        self.end_word();
        self.frames.pop();
        self.at += 1;
    }

    fn backtick(&mut self) {
        if self.frame().kind == Kind::Backticks {
            return self.leave();
        }
        let at = self.at;
        self.in_word(at);
        self.at += 1;
        self.enter(Kind::Backticks);
    }

    /// What stands in single quotes. Expressions of CI are put in all the same.
    fn literal(&mut self) {
        let start = self.at;
        self.in_word(start);
        let end = memchr::memchr(b'\'', &self.bytes[start + 1..]).map_or(self.bytes.len(), |end| start + 1 + end);
        let mut at = start + 1;
        let mut close = end;
        while let Some(found) = self.text.get(at..close).and_then(|text| text.find("${{")) {
            let Some((reference, after)) = reference::read(self.text, at + found, true) else { break };
            self.command().references.extend(reference);
            at = after;
            if after > close {
                close = memchr::memchr(b'\'', &self.bytes[after..]).map_or(self.bytes.len(), |end| after + end);
            }
        }
        self.at = (close + 1).min(self.bytes.len());
    }

    fn paren(&mut self, byte: u8) {
        let at = self.at;
        if byte == b')' && self.frame().parens == 0 && self.frame().kind == Kind::Substitution {
            return self.leave();
        }
        self.end_word();
        if byte == b')' {
            self.end_command();
        }
        self.command().words.push(at..at + 1);
        let frame = self.frame();
        frame.parens = if byte == b'(' { frame.parens + 1 } else { frame.parens.saturating_sub(1) };
        self.at += 1;
    }

    fn redirect(&mut self, byte: u8) {
        // `2>` has the number of what is redirected before it.
        let start = self.at;
        let word = self.frame().word.map(|word| &self.text[word..start]);
        let number = word.filter(|word| word.len() == 1 && word.as_bytes()[0].is_ascii_digit());
        let is_errors = number.is_some_and(|number| number != "1");
        if number.is_some() {
            self.frame().word = None;
        }
        self.end_word();
        let signs = self.bytes[start..].iter().take_while(|next| **next == byte).count().min(3);
        self.at += signs;
        match (byte, signs) {
            (b'<', 2) => return self.begin_here(),
            (b'<', 3) => self.frame().role = Role::Input,
            (b'<', _) => self.frame().role = Role::Ignored,
            _ if is_errors => self.frame().role = Role::Ignored,
            _ => self.frame().role = Role::Output,
        }
        match self.next(0) {
            // `>&2` goes on being seen.
            Some(b'&') => {
                self.frame().role = Role::Ignored;
                self.at += 1;
            }
            Some(b'|') if byte == b'>' => self.at += 1,
            _ => {}
        }
    }

    /// `<<EOF`, behind its signs.
    fn begin_here(&mut self) {
        if self.next(0) == Some(b'-') {
            self.at += 1;
        }
        while matches!(self.next(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let rest = &self.text[self.at..];
        let quoted = rest.starts_with(['\'', '"', '\\']);
        let name = rest.trim_start_matches(['\'', '"', '\\']);
        let len = name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        if len == 0 {
            return;
        }
        let command = self.frame().command;
        self.commands[command].has_input = true;
        self.heres.push(Here { mark: name[..len].to_owned(), command, expands: !quoted });
        let skipped = rest.len() - name.len() + len;
        self.at += skipped + usize::from(quoted && !rest.starts_with('\\'));
    }
}
