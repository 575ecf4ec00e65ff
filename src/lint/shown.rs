//! What a script does with keys: prints them, writes them to files, has the shell print every command. Must not know where
//! the script stands.

use super::{
    names::Names,
    script::{self, Command, Reference, Source, bare},
};
use std::ops::Range;

/// Something that a script does with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) kind: Kind,
    /// Where in the script.
    pub(super) place: Range<usize>,
    /// It in a few words.
    pub(super) what: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is printed.
    Printed,
    /// It is put into the text of the script before a shell reads it.
    Interpolated,
    /// It is handed on to later steps, or to a page that is published.
    HandedOn,
    /// It is written to this file.
    Written(String),
}

/// Where the output of a command goes.
enum Fate<'t> {
    Printed,
    File(&'t str),
    /// To another command, or into a variable.
    Used,
}

/// Commands that print what they are given as arguments.
const PRINTING: &[&str] = &["echo", "printf", "print", "write-host", "write-output"];
/// Commands that pass on what they read, however changed.
const PASSING: &[&str] =
    &["cat", "base64", "tr", "sed", "rev", "xxd", "od", "hexdump", "fold", "sort", "tee", "openssl"];
/// No pipeline has more commands that pass on what they read.
const LONGEST_PIPE: usize = 8;

/// A script being judged.
struct Judge<'a> {
    text: &'a str,
    commands: &'a [Command],
    names: &'a Names,
    /// The names of keys that are in its environment.
    scope: &'a [&'a str],
    deeds: Vec<Deed>,
}

/// What the script `text` does with keys; `scope` are the names of those that its environment is known to have.
pub(super) fn deeds(text: &str, names: &Names, scope: &[&str]) -> Vec<Deed> {
    let commands = script::read(text);
    let mut judge = Judge { text, commands: &commands, names, scope, deeds: Vec::new() };
    for at in 0..commands.len() {
        judge.references(at);
        judge.environment(at);
    }
    judge.traced();
    judge.deeds
}

impl<'a> Judge<'a> {
    fn say(&mut self, kind: Kind, place: Range<usize>, what: String) {
        self.deeds.push(Deed { kind, place, what });
    }

    fn is_key(&self, reference: &Reference) -> bool {
        reference.source == Source::AllSecrets || self.names.is_key(&self.text[reference.name.clone()])
    }

    /// What is called, in lower case.
    fn call(&self, command: &'a Command) -> Option<(String, &'a [Range<usize>])> {
        command.call(self.text).map(|(name, words)| (name.to_ascii_lowercase(), words))
    }

    /// What the command does with the keys that are put into it.
    fn references(&mut self, at: usize) {
        let commands = self.commands;
        let command = &commands[at];
        if command.references.is_empty() {
            return;
        }
        let name = self.call(command).map(|(name, _)| name).unwrap_or_default();
        let has = |mark: &str| command.words.iter().any(|word| self.text[word.clone()].contains(mark));
        let gives = PRINTING.contains(&name.as_str()) || command.has_input && PASSING.contains(&name.as_str());
        let gives = gives && !has("::add-mask::");
        let hands_on = has("::set-output ") || has("::set-env ");
        for reference in &command.references {
            if !self.is_key(reference) {
                continue;
            }
            let key = self.said(reference);
            if reference.source != Source::Variable {
                self.say(Kind::Interpolated, reference.place.clone(), format!("{key} in a script"));
            }
            let kind = match self.fate(at) {
                // Whatever is done with them, they are too many.
                _ if reference.source == Source::AllSecrets => Kind::Printed,
                _ if !gives || !reference.is_whole => continue,
                _ if hands_on => Kind::HandedOn,
                Fate::Printed => Kind::Printed,
                Fate::File(file) => written(file),
                Fate::Used => continue,
            };
            self.say(kind, reference.place.clone(), format!("{name} {key}"));
        }
    }

    fn said(&self, reference: &Reference) -> String {
        match reference.source {
            Source::AllSecrets => "all secrets".to_owned(),
            _ => self.text[reference.name.clone()].to_owned(),
        }
    }

    /// Where what the command numbered `at` prints ends up.
    fn fate(&self, mut at: usize) -> Fate<'a> {
        for _ in 0..LONGEST_PIPE {
            let command = &self.commands[at];
            if let Some(output) = command.outputs.first() {
                let output = bare(&self.text[output.clone()]);
                return match output {
                    "/dev/stdout" | "/dev/stderr" | "/dev/tty" => Fate::Printed,
                    "/dev/null" => Fate::Used,
                    _ => Fate::File(output),
                };
            }
            let Some(next) = command.into.filter(|next| *next > at) else {
                return if command.is_captured { Fate::Used } else { Fate::Printed };
            };
            match self.call(&self.commands[next]) {
                Some((name, words)) if name == "tee" => {
                    // It prints too; where the file goes is what tells more.
                    let mut files = words.iter().map(|word| bare(&self.text[word.clone()]));
                    if let Some(file) = files.find(|file| !file.starts_with('-')) {
                        return if file == "/dev/stderr" { Fate::Printed } else { Fate::File(file) };
                    }
                }
                Some((name, words)) if name == "grep" && self.lets_through(words) => {}
                Some((name, words)) if PASSING.contains(&name.as_str()) => {
                    let edits = name == "openssl" && !words.iter().any(|word| self.text[word.clone()].contains("64"));
                    if edits || name == "sed" {
                        return Fate::Used;
                    }
                }
                _ => return Fate::Used,
            }
            at = next;
        }
        Fate::Used
    }

    /// Whether a search for `words` finds one of the keys that the environment has.
    fn lets_through(&self, words: &[Range<usize>]) -> bool {
        let mut words = words.iter().map(|word| bare(&self.text[word.clone()]));
        let options: Vec<&str> = words.clone().filter(|word| word.starts_with('-')).collect();
        let is_quiet = options.iter().any(|option| option.contains(['q', 'v', 'c', 'l']));
        let sought = words.find(|word| !word.starts_with('-')).map(|word| word.trim_matches(['^', '=', '.', '*']));
        let sought = sought.unwrap_or_default().to_ascii_uppercase();
        !is_quiet && sought.len() > 1 && self.scope.iter().any(|key| key.to_ascii_uppercase().contains(&sought))
    }

    /// `printenv`, and `env` by itself.
    fn environment(&mut self, at: usize) {
        let commands = self.commands;
        let command = &commands[at];
        let Some((name, words)) = self.call(command) else { return };
        let asked: Vec<&str> = words.iter().map(|word| bare(&self.text[word.clone()])).collect();
        let key = asked.iter().find(|word| self.names.is_key(word));
        let is_all = match name.as_str() {
            "printenv" => asked.is_empty(),
            "env" => asked.iter().all(|word| matches!(*word, "-0" | "--null")),
            "get-childitem" | "gci" | "dir" | "ls" => asked.iter().any(|word| word.eq_ignore_ascii_case("env:")),
            _ => return,
        };
        let key = match key {
            Some(key) if name == "printenv" => *key,
            _ if is_all => match self.scope.first() {
                Some(key) => key,
                None => return,
            },
            _ => return,
        };
        let kind = match self.fate(at) {
            Fate::Printed => Kind::Printed,
            Fate::File(file) => written(file),
            Fate::Used => return,
        };
        let place = self.place(command, &name);
        self.say(kind, place, format!("{name} with {key} set"));
    }

    /// From the word that says what is run to the last one.
    fn place(&self, command: &Command, name: &str) -> Range<usize> {
        let is_name = |word: &&Range<usize>| self.text[(*word).clone()].to_ascii_lowercase().ends_with(name);
        let first = command.words.iter().find(is_name).or(command.words.first());
        let last = command.words.last();
        first.zip(last).map_or(0..0, |(first, last)| first.start..last.end)
    }

    /// `set -x`, with a key in a command behind it.
    fn traced(&mut self) {
        let mut tracing: Option<Range<usize>> = None;
        for at in 0..self.commands.len() {
            let command = &self.commands[at];
            let key = command.references.iter().find(|reference| {
                reference.source == Source::Variable && self.names.is_key(&self.text[reference.name.clone()])
            });
            if let (Some(key), Some(place)) = (key, tracing.clone()) {
                let what = format!("set -x with {}", self.said(key));
                self.say(Kind::Printed, place, what);
                return;
            }
            if let Some(("set", words)) = command.call(self.text) {
                let words: Vec<&str> = words.iter().map(|word| &self.text[word.clone()]).collect();
                let has = |sign: char| {
                    words.iter().any(|word| {
                        let flags = word.strip_prefix(sign);
                        flags.is_some_and(|flags| !flags.starts_with('-') && flags.contains('x') && flags.len() < 8)
                    }) || words.windows(2).any(|pair| pair[0].starts_with(sign) && pair[1] == "xtrace")
                };
                if has('-') {
                    tracing = Some(self.place(command, "set"));
                } else if has('+') {
                    tracing = None;
                }
            }
        }
    }
}

/// What it is to write to `file`.
fn written(file: &str) -> Kind {
    let is_handed_on = ["GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY", "GITHUB_STATE", "BASH_ENV"];
    if is_handed_on.iter().any(|name| file.contains(name)) { Kind::HandedOn } else { Kind::Written(file.to_owned()) }
}
