//! How bad a finding is, and how sure. Must not know how either is decided.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! scale {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every step of the scale, lowest first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The step's name as written in rules, flags and reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

scale! {
    /// What the holder of the secret could do with it. Ordered: `Note` is least.
    Severity {
        /// Worth knowing, harmless by itself.
        Note = "note",
        /// Short-lived or narrow.
        Low = "low",
        /// Real, but bounded.
        Medium = "medium",
        /// Someone can spend money or read data.
        High = "high",
        /// Someone can do anything the owner can.
        Critical = "critical",
    }
}

scale! {
    /// How sure we are that the bytes are such a secret. Ordered: `Low` is least.
    Confidence {
        /// Looks like one, in a place where one would be.
        Low = "low",
        /// Carries the mark of one, but something is off.
        Medium = "medium",
        /// Built as the issuer builds them.
        High = "high",
    }
}

impl Confidence {
    /// One step less sure; `Low` stays `Low`.
    #[must_use]
    pub const fn lowered(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}
