//! The samples of a lint, which hardly any run looks at: of a lint that is stored they are read when one does. Must not know what
//! is done with them.

use super::Sample;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use std::{fmt, sync::OnceLock};

/// Files that a lint must speak of, and files that it must leave alone.
#[derive(Clone)]
pub struct Samples {
    /// As they are stored, if they come from there.
    stored: Vec<u8>,
    read: OnceLock<Read>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Read {
    bad: Vec<Sample>,
    good: Vec<Sample>,
}

impl Samples {
    pub(super) fn new(bad: Vec<Sample>, good: Vec<Sample>) -> Self {
        Self { stored: Vec::new(), read: OnceLock::from(Read { bad, good }) }
    }

    fn read(&self) -> &Read {
        self.read.get_or_init(|| postcard::from_bytes(&self.stored).unwrap_or_default())
    }

    /// Files it must speak of.
    #[must_use]
    pub fn bad(&self) -> &[Sample] {
        &self.read().bad
    }

    /// Files it must leave alone.
    #[must_use]
    pub fn good(&self) -> &[Sample] {
        &self.read().good
    }
}

impl fmt::Debug for Samples {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read().fmt(to)
    }
}

impl Serialize for Samples {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&postcard::to_allocvec(self.read()).map_err(ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Samples {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Bytes)
    }
}

/// Takes samples as they are stored.
struct Bytes;

impl de::Visitor<'_> for Bytes {
    type Value = Samples;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Samples, E> {
        Ok(Samples { stored: bytes.to_vec(), read: OnceLock::new() })
    }
}
