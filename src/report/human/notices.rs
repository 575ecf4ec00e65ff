//! What of the configuration should be mended. Must not know what a configuration is.

use super::{Page, plain};
use std::io::{self, Write};

pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let notices = &page.input.report.notices;
    if notices.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", page.paint.warning("To be mended"))?;
    for notice in notices.iter().take(page.limits.problems) {
        writeln!(out, "  {}: {}", plain::text(&notice.what), plain::line(notice.why.as_bytes()))?;
    }
    let left = notices.len().saturating_sub(page.limits.problems);
    if left > 0 {
        writeln!(out, "  … and {left} more (all of them: --format json)")?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use crate::{
        model::{Notice, Report, Text},
        report::{Format, Options, sample},
    };

    #[test]
    fn notices_are_listed_and_a_long_list_is_cut() {
        let notice = Notice { what: Text::from("keylint.toml:3"), why: "nothing matches it".to_owned() };
        let of = |count| {
            let report = Report { notices: vec![notice.clone(); count], ..Report::default() };
            sample::written(Format::Human, &report, &Options::default())
        };
        assert_eq!(of(1), "To be mended\n  keylint.toml:3: nothing matches it\n\nno keys found · nothing read\n");
        assert!(of(23).contains("  … and 3 more (all of them: --format json)\n"));
    }
}
