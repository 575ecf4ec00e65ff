//! Colours of the human report. Must not know what a terminal is.

use crate::model::Severity;
use annotate_snippets::{Level, Renderer};
use anstyle::{AnsiColor, Style};

const ALARM: Style = AnsiColor::BrightRed.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTICE: Style = AnsiColor::BrightCyan.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();

/// Puts escapes around texts, or leaves them as they are.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    color: bool,
}

impl Paint {
    pub(super) const fn new(color: bool) -> Self {
        Self { color }
    }

    pub(super) fn severity(self, severity: Severity, text: &str) -> String {
        self.with(style(severity), text)
    }

    pub(super) fn strong(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    pub(super) fn good(self, text: &str) -> String {
        self.with(GOOD, text)
    }

    pub(super) fn warning(self, text: &str) -> String {
        self.with(WARNING, text)
    }

    /// What draws source lines in the same colours.
    pub(super) const fn renderer(self) -> Renderer {
        if self.color { Renderer::styled().error(ALARM).warning(WARNING).note(NOTICE) } else { Renderer::plain() }
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The level whose colour [`Paint::renderer`] points with.
pub(super) const fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low | Severity::Note => Level::NOTE,
    }
}

const fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => ALARM,
        Severity::Medium => WARNING,
        Severity::Low | Severity::Note => NOTICE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_texts_stay_as_they_are() {
        let paint = Paint::new(false);
        assert_eq!(paint.severity(Severity::High, "a") + &paint.strong("b") + &paint.faint("c"), "abc");
    }

    #[test]
    fn every_style_is_ended() {
        let paint = Paint::new(true);
        for text in [paint.good("a"), paint.warning("a"), paint.severity(Severity::Note, "a")] {
            assert!(text.starts_with('\u{1b}') && text.ends_with("a\u{1b}[0m"), "{text:?}");
        }
    }
}
