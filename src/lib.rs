//! keylint: finds leaked OpenAI keys in work trees and git histories.
//!
//! The library is everything but the command line. ARCHITECTURE.md draws the picture: bytes come from
//! [`source`], become hits in [`matcher`] and findings in [`engine`], and are written by
//! [`report`]. [`verify`] asks issuers whether a key works, if the user wants that.

pub mod engine;
pub mod fix;
pub mod lint;
pub mod matcher;
pub mod model;
pub mod report;
pub mod rule;
pub mod source;
pub mod verify;
