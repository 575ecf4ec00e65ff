//! Dates as reports write them. Must not know what they are the dates of, or the time now.

use jiff::{Timestamp, tz::Offset};

/// The day of `time` (seconds since 1970-01-01T00:00:00Z) where the clock is `offset_minutes` ahead of
/// UTC: `2024-05-01`. A time no calendar holds is written as git does, `@99999999999999`.
pub(super) fn day(time: i64, offset_minutes: i32) -> String {
    match moment(time, offset_minutes) {
        Some((timestamp, offset)) => offset.to_datetime(timestamp).date().to_string(),
        None => format!("@{time}"),
    }
}

/// The same moment as RFC 3339 has it, `2024-05-01T09:30:00+02:00`; `None` outside of the years 0 to
/// 9999.
pub(super) fn rfc3339(time: i64, offset_minutes: i32) -> Option<String> {
    let (timestamp, offset) = moment(time, offset_minutes)?;
    Some(timestamp.display_with_offset(offset).to_string())
}

/// The same in UTC and without saying so, `2024-05-01T07:30:00`; the beginning of 1970 outside of those years.
pub(super) fn utc(time: i64) -> String {
    let text = rfc3339(time, 0).unwrap_or_else(|| "1970-01-01T00:00:00".to_owned());
    text.chars().take("1970-01-01T00:00:00".len()).collect()
}

/// An offset that no clock has (histories hold such) counts as UTC.
fn moment(time: i64, offset_minutes: i32) -> Option<(Timestamp, Offset)> {
    let timestamp = Timestamp::from_second(time).ok()?;
    let seconds = offset_minutes.checked_mul(60);
    let offset = seconds.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC);
    (offset.to_datetime(timestamp).year() >= 0).then_some((timestamp, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_authors() {
        assert_eq!(day(1_714_604_400, 0), "2024-05-01");
        assert_eq!(day(1_714_604_400, 120), "2024-05-02");
        assert_eq!(day(1_714_604_400, -600), "2024-05-01");
    }

    #[test]
    fn a_moment_keeps_its_offset() {
        assert_eq!(rfc3339(1_714_604_400, 120).as_deref(), Some("2024-05-02T01:00:00+02:00"));
        assert_eq!(rfc3339(1_714_604_400, -570).as_deref(), Some("2024-05-01T13:30:00-09:30"));
        assert_eq!(rfc3339(0, 0).as_deref(), Some("1970-01-01T00:00:00+00:00"));
    }

    #[test]
    fn utc_says_no_zone() {
        assert_eq!(utc(1_714_604_400), "2024-05-01T23:00:00");
        assert_eq!(utc(i64::MAX), "1970-01-01T00:00:00");
    }

    #[test]
    fn what_no_calendar_holds_is_no_failure() {
        assert_eq!(day(i64::MAX, 0), "@9223372036854775807");
        assert_eq!(rfc3339(i64::MIN, 0), None);
        assert_eq!(rfc3339(-100_000_000_000, 0), None, "before the year 0");
        assert_eq!(day(0, i32::MAX), "1970-01-01");
    }
}
