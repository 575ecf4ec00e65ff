//! The nouns every stage speaks of: spans, secrets, origins, hits, findings, reports.
//!
//! Must not know: anything else in this crate. No input, no output, no algorithm beyond what a noun
//! needs to be itself.

mod encoding;
mod finding;
mod grade;
mod history;
mod hit;
mod object;
mod origin;
mod position;
mod practice;
mod problem;
mod report;
mod secret;
mod silence;
mod span;
mod text;
mod verdict;

pub use encoding::Encoding;
pub use finding::{CommitInfo, Finding, Place, Site, Subject, Version};
pub use grade::{Confidence, Severity};
pub use history::{Event, History, Identity, Interval, Line, Person, Pushed, Reach, RefKind};
pub use hit::{Hit, Note};
pub use object::{ObjectId, ObjectKind};
pub use origin::{INSIDE, Origin};
pub use position::{Position, Snippet};
pub use practice::Practice;
pub use problem::{Problem, ProblemKind};
pub use report::{Coverage, Report, Repository, Tool};
pub use secret::{Fingerprint, Secret};
pub use silence::{Notice, Silence, Silenced};
pub use span::Span;
pub use text::{Text, visible, visible_lines};
pub use verdict::{Access, State, Verdict};
