//! The one test binary. Each module is a layer or a promise.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod advice;
mod answers;
mod bad_input;
mod baseline;
mod change;
mod containers;
mod encoded;
mod fix;
mod fixture;
mod formats;
mod golden;
mod history;
mod hooks;
mod hostile;
mod install;
mod issuer;
mod layers;
mod lints;
mod merge;
mod no_secret;
mod output;
mod packed;
mod planted;
mod policy;
mod properties;
mod providers;
mod reftables;
mod rules;
mod seeds;
mod stories;
mod tidy;
mod verify;
mod worktree;
