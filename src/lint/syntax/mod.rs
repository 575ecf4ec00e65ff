//! Readers of the formats that lints look into. Each keeps exact positions and never fails: of malformed input it keeps
//! what can be seen. Must not know what lints look for.

pub(super) mod dockerfile;
pub(super) mod dotenv;
pub(super) mod hcl;
mod slice;
