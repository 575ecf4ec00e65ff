//! Values of rule files, each with the place where it is written. Must not know what any value means.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::Range;
use toml::Spanned;

/// A value, and where in its file it is written. What was stored of a file stands nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed<T> {
    value: T,
    span: Range<usize>,
}

impl<T> Placed<T> {
    /// The value.
    #[must_use]
    pub const fn get_ref(&self) -> &T {
        &self.value
    }

    /// The same, to be changed.
    pub const fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// Where it is written, in bytes from the start of the file.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

/// A format that people do not read tells no places.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return Ok(Self { value: T::deserialize(deserializer)?, span: 0..0 });
        }
        let spanned = Spanned::deserialize(deserializer)?;
        Ok(Self { span: spanned.span(), value: spanned.into_inner() })
    }
}

impl<T: Serialize> Serialize for Placed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}
