//! Scripts of shells, as far as lints ask: which commands there are, what they are given, where their output goes, and
//! where variables, or expressions of CI, are put in. Must not know what a variable means, or where a script stands.
//!
//! Any text is read, once from its start to its end. PowerShell and `cmd` are read as if they were a shell of Unix, with
//! their own marks for variables.

mod groups;
mod reader;
mod reference;
#[cfg(test)]
mod tests;

pub(super) use reference::{Reference, Source};

use std::ops::Range;

/// One command of a script, with whatever follows it up to where the next one begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// Its words as they are written, redirections left out. Marks that group commands are words too.
    pub(super) words: Vec<Range<usize>>,
    /// What is put into it, in its words, in what it is given as input, and in where its output goes.
    pub(super) references: Vec<Reference>,
    /// The files that its output goes to.
    pub(super) outputs: Vec<Range<usize>>,
    /// The command that its output goes to, as an index.
    pub(super) into: Option<usize>,
    /// Whether its output is taken by the script: `$(…)`.
    pub(super) is_captured: bool,
    /// Whether it is given a text as its input: `<<<`, `<<EOF`.
    pub(super) has_input: bool,
}

/// The commands of `text`, in the order in which they begin.
pub(super) fn read(text: &str) -> Vec<Command> {
    let mut commands = reader::Reader::new(text).read();
    groups::settle(text, &mut commands);
    commands
}

/// Words before the one that says what is run.
const BEFORE: &[&str] = &[
    "{", "}", "(", ")", "!", "if", "then", "else", "elif", "fi", "while", "until", "do", "done", "time", "sudo",
    "exec", "command", "builtin", "nohup",
];

impl Command {
    /// What is run, and the words behind it; nothing if variables are all that is set.
    pub(super) fn call<'t>(&self, text: &'t str) -> Option<(&'t str, &[Range<usize>])> {
        // No command begins with a dash: what does is an option of `sudo`.
        let is_before = |word: &str| BEFORE.contains(&word) || is_assignment(word) || word.starts_with('-');
        let at = self.words.iter().position(|word| !is_before(&text[word.clone()]))?;
        let name = bare(&text[self.words[at].clone()]);
        Some((name.rsplit('/').next().unwrap_or(name), &self.words[at + 1..]))
    }
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `word` without the quotes around it.
pub(super) fn bare(word: &str) -> &str {
    &word[unquoted(word, 0..word.len())]
}

fn unquoted(text: &str, word: Range<usize>) -> Range<usize> {
    let bytes = text[word.clone()].as_bytes();
    match bytes {
        [first @ (b'"' | b'\''), .., last] if first == last => word.start + 1..word.end - 1,
        _ => word,
    }
}
