//! The `keylint` command. Must not hold any algorithm: arguments in, exit code out.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::quiet_panics();
    cli::run().into()
}
