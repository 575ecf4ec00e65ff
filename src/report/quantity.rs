//! Numbers as people read them. Must not know what is counted.

use std::time::Duration;

/// `1 key`, `2 keys`, `1,000 keys`.
pub(super) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `3.4 MB`: powers of ten, two or three digits.
pub(super) fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if n < 1000 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1000.0;
    let mut unit = 0;
    // From here on it would be rounded to 1000.
    while value >= 999.5 {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = usize::from(value < 9.95);
    format!("{value:.decimals$} {}", UNITS[unit])
}

/// `3.6 GB/s`; `None` where no time passed.
pub(super) fn rate(n: u64, elapsed: Duration) -> Option<String> {
    let seconds = elapsed.as_secs_f64();
    (seconds > 0.0).then(|| format!("{}/s", bytes((n as f64 / seconds) as u64)))
}

/// `7 ms`, `0.51 s`, `12.3 s`, `2 min 5 s`.
pub(super) fn seconds(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if seconds < 0.0995 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 9.995 {
        format!("{seconds:.2} s")
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else {
        let whole = seconds.round() as u64;
        format!("{} min {} s", grouped(whole / 60), whole % 60)
    }
}

/// `233,478`
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!(count(1, "key", "keys"), "1 key");
        assert_eq!(count(0, "key", "keys"), "0 keys");
        assert_eq!(count(1_234_567, "key", "keys"), "1,234,567 keys");
    }

    #[test]
    fn a_list_reads_like_a_sentence() {
        let of = |parts: &[&str]| listed(&parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
        assert_eq!([of(&[]), of(&["a"]), of(&["a", "b"]), of(&["a", "b", "c"])], ["", "a", "a and b", "a, b and c"]);
    }

    #[test]
    fn digits_come_in_groups_of_three() {
        assert_eq!([0, 999, 1000, 34_473, 233_478].map(grouped), ["0", "999", "1,000", "34,473", "233,478"]);
    }

    #[test]
    fn bytes_have_two_or_three_digits() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (3_400_000, "3.4 MB"),
            (1_800_000_000, "1.8 GB"),
            (u64::MAX, "18 EB"),
        ];
        for (n, expected) in cases {
            assert_eq!(bytes(n), expected);
        }
    }

    #[test]
    fn short_times_are_finer() {
        let of = |millis| seconds(Duration::from_millis(millis));
        assert_eq!([of(0), of(99), of(100), of(514)], ["0 ms", "99 ms", "0.10 s", "0.51 s"]);
        assert_eq!([of(9_994), of(9_996)], ["9.99 s", "10.0 s"]);
        assert_eq!([of(59_940), of(59_960), of(125_400)], ["59.9 s", "1 min 0 s", "2 min 5 s"]);
    }

    #[test]
    fn no_time_is_no_speed() {
        assert_eq!(rate(1_800_000_000, Duration::from_millis(500)).as_deref(), Some("3.6 GB/s"));
        assert_eq!(rate(1, Duration::ZERO), None);
    }
}
