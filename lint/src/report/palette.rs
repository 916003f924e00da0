//! Colours of a person's report. Each says something that a word says too.

use owo_colors::Style;

use crate::finding::Severity;

/// The styles of a report.
#[derive(Debug, Clone)]
pub struct Palette {
    is_colored: bool,
}

impl Palette {
    /// The sixteen colours that every terminal has, so that its own theme holds.
    #[must_use]
    pub fn colored() -> Self {
        Self { is_colored: true }
    }

    /// No escape sequences at all.
    #[must_use]
    pub fn plain() -> Self {
        Self { is_colored: false }
    }

    /// True if escape sequences are written.
    #[must_use]
    pub fn is_colored(&self) -> bool {
        self.is_colored
    }

    pub(super) fn severity(&self, severity: Severity) -> Style {
        let style = Style::new().bold();
        self.only_colored(match severity {
            Severity::Critical => style.bright_red(),
            Severity::High => style.red(),
            Severity::Medium => style.yellow(),
            Severity::Low => style.cyan(),
            Severity::Info => style.blue(),
        })
    }

    pub(super) fn error(&self) -> Style {
        self.only_colored(Style::new().bold().red())
    }

    pub(super) fn warning(&self) -> Style {
        self.only_colored(Style::new().bold().yellow())
    }

    pub(super) fn related(&self) -> Style {
        self.only_colored(Style::new().blue())
    }

    pub(super) fn strong(&self) -> Style {
        self.only_colored(Style::new().bold())
    }

    pub(super) fn faint(&self) -> Style {
        self.only_colored(Style::new().dimmed())
    }

    pub(super) fn removed(&self) -> Style {
        self.only_colored(Style::new().red())
    }

    pub(super) fn added(&self) -> Style {
        self.only_colored(Style::new().green())
    }

    pub(super) fn good(&self) -> Style {
        self.only_colored(Style::new().bold().green())
    }

    fn only_colored(&self, style: Style) -> Style {
        if self.is_colored { style } else { Style::new() }
    }
}
