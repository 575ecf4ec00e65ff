//! A stretch of time laid out from left to right. Must not know what happened in it.

use crate::report::date;
use jiff::{Timestamp, civil::Date, tz::Offset};

/// Where it begins and how wide it is, in percent of the drawing. What is left at both sides is for marks and arrows.
const START: f64 = 2.0;
const WIDTH: f64 = 94.0;
/// How near to the beginning and to the end, in percent, the name of a moment would run into theirs.
const CLEAR: (f64, f64) = (16.0, 22.0);
/// More lines than these are no help.
const LINES: i64 = 6;

/// From when until when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    from: i64,
    until: i64,
}

/// How far two lines are apart.
#[derive(Clone, Copy)]
enum Step {
    Days(i64),
    Months(i64),
    Years(i64),
}

impl Step {
    const ALL: &'static [Self] = &[
        Self::Days(1),
        Self::Days(2),
        Self::Days(7),
        Self::Days(14),
        Self::Months(1),
        Self::Months(2),
        Self::Months(3),
        Self::Months(6),
        Self::Years(1),
        Self::Years(2),
        Self::Years(5),
        Self::Years(10),
        Self::Years(20),
        Self::Years(100),
        Self::Years(1000),
    ];

    /// About how many days it is.
    const fn days(self) -> i64 {
        match self {
            Self::Days(days) => days,
            Self::Months(months) => months * 30,
            Self::Years(years) => years * 365,
        }
    }
}

impl Axis {
    /// Over all of `moments`; `None` if there are none.
    pub(super) fn over(moments: impl Iterator<Item = i64> + Clone) -> Option<Self> {
        Some(Self { from: moments.clone().min()?, until: moments.max()? })
    }

    /// Where `time` is, in percent of the drawing.
    pub(super) fn at(&self, time: i64) -> f64 {
        // Differences of clocks that are not right can be larger than either.
        let span = (i128::from(self.until) - i128::from(self.from)).max(1) as f64;
        let past = (i128::from(time) - i128::from(self.from)) as f64;
        START + WIDTH * (past / span).clamp(0.0, 1.0)
    }

    /// Both ends, by their days.
    pub(super) fn ends(&self) -> [String; 2] {
        [self.from, self.until].map(|time| date::day(time, 0))
    }

    /// Where lines help to tell the time, and what they are called; few, and none near the ends.
    pub(super) fn lines(&self) -> Vec<(f64, String)> {
        let [Some(from), Some(until)] = [self.from, self.until].map(day) else { return Vec::new() };
        let span = (self.until - self.from) / (24 * 60 * 60);
        let Some(step) = Step::ALL.iter().find(|step| span / step.days() < LINES).filter(|_| span > 1) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mut at = first(from, *step);
        while let Some(date) = at.filter(|date| *date <= until) {
            let time = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).map(Timestamp::as_second);
            let place = time.map_or(0.0, |time| self.at(time));
            if place > START + CLEAR.0 && place < START + WIDTH - CLEAR.1 {
                out.push((place, name(date, *step)));
            }
            at = next(date, *step);
        }
        out
    }
}

fn day(time: i64) -> Option<Date> {
    Timestamp::from_second(time).ok().map(|timestamp| Offset::UTC.to_datetime(timestamp).date())
}

/// The first line that is not before `from`, or a little before it.
fn first(from: Date, step: Step) -> Option<Date> {
    match step {
        Step::Days(_) => Some(from),
        Step::Months(months) => {
            let month = i64::from(from.month() - 1) / months * months + 1;
            Date::new(from.year(), i8::try_from(month).ok()?, 1).ok()
        }
        Step::Years(years) => {
            let year = i64::from(from.year()).div_euclid(years) * years;
            Date::new(i16::try_from(year).ok()?, 1, 1).ok()
        }
    }
}

fn next(date: Date, step: Step) -> Option<Date> {
    let span = match step {
        Step::Days(days) => jiff::Span::new().try_days(days),
        Step::Months(months) => jiff::Span::new().try_months(months),
        Step::Years(years) => jiff::Span::new().try_years(years),
    };
    date.checked_add(span.ok()?).ok()
}

fn name(date: Date, step: Step) -> String {
    match step {
        Step::Days(_) => date.to_string(),
        Step::Months(_) => format!("{:04}-{:02}", date.year(), date.month()),
        Step::Years(_) => date.year().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn axis(from: i64, until: i64) -> Axis {
        Axis::over([from, until].into_iter()).expect("two moments")
    }

    fn names(from: i64, until: i64) -> Vec<String> {
        axis(from, until).lines().into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn moments_are_laid_out_in_order() {
        let axis = axis(100, 200);
        assert_eq!([axis.at(100), axis.at(150), axis.at(200)], [2.0, 49.0, 96.0]);
        assert_eq!([axis.at(i64::MIN), axis.at(i64::MAX)], [2.0, 96.0]);
        assert_eq!(super::Axis::over(std::iter::empty::<i64>()).map(|axis| axis.from), None);
    }

    #[test]
    fn lines_are_days_months_or_years() {
        let start = 1_714_521_600;
        assert_eq!(names(start, start + DAY / 2), [""; 0]);
        assert_eq!(names(start, start + 5 * DAY), ["2024-05-02", "2024-05-03", "2024-05-04"]);
        assert_eq!(names(start, start + 200 * DAY), ["2024-07", "2024-09"]);
        assert_eq!(names(start, start + 1500 * DAY), ["2026", "2027"]);
    }

    #[test]
    fn no_time_is_too_long_or_too_odd() {
        let all = [i64::MIN, -62_000_000_000, -1, 0, 1, 1_714_521_600, 253_402_300_799, i64::MAX];
        for from in all {
            for until in all {
                let axis = axis(from, until);
                assert!(axis.lines().len() <= 8, "{from} {until}");
                let place = axis.at(from);
                assert!((0.0..=100.0).contains(&place), "{from} {until}");
            }
        }
    }
}
