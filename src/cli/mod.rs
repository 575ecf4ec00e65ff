//! The command line: arguments, configuration, standard output, exit codes.
//!
//! Must not know how anything is found, judged or written: it asks the library.

mod args;
mod baseline;
mod clock;
mod config;
mod exit;
mod fix;
mod hook;
mod install;
mod interrupt;
mod known;
mod merge;
mod output;
mod progress;
mod reports;
mod rules;
mod scan;
mod script;
mod settings;
mod story;
mod targets;
mod verdicts;
mod verify;

use args::{Args, Command};
use clap::{CommandFactory, Parser};
pub(crate) use exit::Exit;
use std::io::{self, Write};

/// Something the user can mend, said in one line or a few.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Complaint(String);

impl Complaint {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Runs the command line of this process.
pub(crate) fn run() -> Exit {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are what was asked for; they come as errors all the same.
            let asked = !error.use_stderr();
            let _ = error.print();
            return if asked { Exit::Clean } else { Exit::Failed };
        }
    };
    let outcome = match args.command {
        Command::Scan(scan) => scan::run(&scan),
        Command::Story(story) => story::run(&story),
        Command::Merge(merge) => merge::run(&merge),
        Command::Fix(fix) => fix::run(&fix),
        Command::Verify(verify) => verify::run(&verify),
        Command::Hook(hook) => hook::run(&hook),
        Command::Baseline(baseline) => baseline::run(&baseline),
        Command::Rules(rules) => rules::run(&rules),
        Command::Completions { shell } => completions(shell),
        Command::Man => manual(),
    };
    outcome.unwrap_or_else(|complaint| {
        // What is wrong may be a key in the wrong place.
        let complaint = output::masked(&complaint.to_string());
        let _ = writeln!(anstream::stderr().lock(), "keylint: error: {complaint}");
        Exit::Failed
    })
}

/// Keeps a panic's message, which may quote what was scanned, off the terminal.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let _ = writeln!(io::stderr().lock(), "keylint: defect at {place}; please report it");
    }));
}

fn completions(shell: clap_complete::Shell) -> Result<Exit, Complaint> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "keylint", &mut script);
    output::print(&script)
}

fn manual() -> Result<Exit, Complaint> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command()).render(&mut page).map_err(|error| Complaint::new(error.to_string()))?;
    output::print(&page)
}
