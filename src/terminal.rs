//! The two streams of the process: whether they are terminals, how wide, in color or not.

use std::cell::Cell;
use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use miette::{GraphicalReportHandler, GraphicalTheme};
use palisade_lang::diagnostic::Diagnostic;
use palisade_lint::report::diagnostic::{Drawn, SourceTexts};
use palisade_lint::report::{Look, Palette};

/// Columns where there is no terminal.
const DEFAULT_WIDTH: usize = 80;
/// Lines longer than this are hard to read, however wide the terminal.
const MAX_WIDTH: usize = 120;

/// What is known of the terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    color: ColorChoice,
}

impl Terminal {
    /// The terminal, with the color that was asked for.
    pub(crate) fn new(color: ColorChoice) -> Self {
        Self { color }
    }

    /// Standard output. Whoever closes it early gets what was written so far, and no error.
    pub(crate) fn stdout(&self) -> impl Write + use<> {
        BufWriter::with_capacity(1 << 16, Patient::new(io::stdout().lock()))
    }

    /// Standard error.
    pub(crate) fn stderr(&self) -> impl Write + use<> {
        BufWriter::new(Patient::new(io::stderr().lock()))
    }

    /// How a report on standard output looks.
    pub(crate) fn stdout_look(&self) -> Look {
        let stream = io::stdout();
        self.look(self.choose(&stream), stream.is_terminal())
    }

    /// How a report on standard error looks.
    pub(crate) fn stderr_look(&self) -> Look {
        let stream = io::stderr();
        self.look(self.choose(&stream), stream.is_terminal())
    }

    /// How a report in a file looks.
    pub(crate) fn file_look() -> Look {
        Look {
            width: DEFAULT_WIDTH,
            palette: Palette::plain(),
        }
    }

    /// Writes what is wrong in policies.
    pub(crate) fn draw_diagnostics(
        out: &mut dyn Write,
        look: &Look,
        diagnostics: &[Diagnostic],
        sources: &SourceTexts,
    ) -> io::Result<()> {
        let theme = if look.palette.is_colored() {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(look.width)
            .with_links(false)
            .with_context_lines(1);
        for diagnostic in diagnostics {
            let mut text = String::new();
            handler
                .render_report(&mut text, &Drawn::new(diagnostic, sources))
                .map_err(io::Error::other)?;
            writeln!(out, "{}\n", text.trim_matches('\n'))?;
        }
        Ok(())
    }

    /// Writes one line on standard error: what is wrong with the command.
    pub(crate) fn complain(&self, message: &str) {
        let look = self.stderr_look();
        let (on, off) = if look.palette.is_colored() {
            ("\u{1b}[1;31m", "\u{1b}[0m")
        } else {
            ("", "")
        };
        // Nobody is left to tell.
        let _ = writeln!(io::stderr(), "{on}error{off}: {message}");
    }

    fn choose(&self, stream: &impl anstream::stream::RawStream) -> bool {
        let choice = match self.color {
            ColorChoice::Auto => AutoStream::choice(stream),
            asked @ (ColorChoice::AlwaysAnsi | ColorChoice::Always | ColorChoice::Never) => asked,
        };
        match choice {
            ColorChoice::Always | ColorChoice::AlwaysAnsi => true,
            ColorChoice::Never | ColorChoice::Auto => false,
        }
    }

    fn look(&self, is_colored: bool, is_terminal: bool) -> Look {
        let width = if is_terminal {
            terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0))
        } else {
            DEFAULT_WIDTH
        };
        Look {
            width: width.clamp(40, MAX_WIDTH),
            palette: if is_colored {
                Palette::colored()
            } else {
                Palette::plain()
            },
        }
    }
}

/// Writes until the reader goes away, and then quietly nowhere.
#[derive(Debug)]
struct Patient<W> {
    inner: W,
    is_closed: Cell<bool>,
}

impl<W: Write> Patient<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            is_closed: Cell::new(false),
        }
    }

    fn forgive<T>(&self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed.set(true);
                Ok(instead)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed.get() {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.forgive(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed.get() {
            return Ok(());
        }
        let result = self.inner.flush();
        self.forgive(result, ())
    }
}
