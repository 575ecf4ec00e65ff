//! The one test binary. Each module is a layer or a promise.

mod bad_input;
mod fixture;
mod history;
mod layers;
mod properties;
mod rules;
mod tidy;
mod worktree;
