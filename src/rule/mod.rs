//! Rules as data: what a rule file says, the catalog of all rules, the generator of examples.
//!
//! Must not know: how matching is done, which files are scanned, the network. `rules/README.md` is
//! the specification of the format.

mod catalog;
mod check;
mod example;
mod lint;
mod needs;
mod paths;
mod phrase;
mod placed;
mod recipe;
mod samples;
mod schema;
mod spoken;
mod stored;

pub use catalog::Catalog;
#[cfg(test)]
pub(crate) use catalog::read_lints;
pub(crate) use catalog::{BUILTIN_SUM, builtin_secrets};
pub use check::RuleError;
pub use example::{Example, ExampleError, expand, outline};
pub use lint::{Earlier, Lint, LintRule, Sample, Tier, Wanted, Within};
pub(crate) use needs::{any_case, cased};
pub use paths::PathRules;
pub(crate) use phrase::{begins_word, outset, without_start};
pub use phrase::{secret_of, spelled};
pub use placed::Placed;
pub use recipe::{Fact, Outcome, Recipe};
pub use samples::Samples;
pub use schema::{Check, InFile, Jwt, Marker, Near, Prefilter, Rule, RuleFile, Speech, Step, Trait};
pub(crate) use spoken::{BETWEEN, stands_between};
