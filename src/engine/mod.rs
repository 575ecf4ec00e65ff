//! From targets to a report: what to read, what the hits mean, whose they are.
//!
//! Must not know: formats, the network, the command line. It is the one place where sources and the
//! matcher meet.

mod attribution;
mod change;
mod collect;
mod comment;
mod everything;
mod findings;
mod folders;
pub mod foreign;
mod histories;
mod homes;
mod options;
mod packed;
mod policy;
mod position;
mod project;
mod redact;
mod remarks;
mod scan;
mod seen;
mod suppress;

pub use options::{Options, ScanError, Scope, Target};
pub use policy::{FailOn, Policy, weigh};
pub use redact::mask;
pub use scan::scan;
pub use suppress::{Allow, Base, Baseline, Secrets, Suppression};
