//! The only place that prints.
//!
//! stdout is data, stderr is talk. The value of a command goes to stdout, as text or within an envelope;
//! what a command yields while it runs goes there one by one, in JSON as bare objects. Text is free of
//! terminal control whoever wrote it: [`layout`] cleans what it lays out.

pub(super) mod bar;
pub(super) mod clean;
pub(super) mod human;
mod json;
pub(super) mod layout;

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

pub(in crate::cli) use self::bar::Bar;
use super::{error::Error, exit::Exit};
use crate::api::{self, Code};

/// What a command returns.
pub(super) trait Output: Serialize {
    /// How it stands on stdout as JSON.
    const FORM: Form = Form::Envelope;

    /// For people, without a line end after the last line.
    fn text(&self, view: &View) -> String;

    /// Bytes to write in place of the text, exactly as they are.
    fn payload(&self) -> Option<&[u8]> {
        None
    }

    /// Talk to add on stderr: what to do next.
    fn remark(&self, _view: &View) -> Option<String> {
        None
    }
}

/// How a value stands on stdout as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `{"status":"ok","data":…}`
    Envelope,
    /// The object alone: the last line of a command that printed others before.
    Bare,
    /// Not at all: the command's output was something else.
    Silent,
}

/// What text depends on besides the value.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// What relative times count from.
    pub(super) now: Timestamp,
    /// What timestamps are shown in.
    pub(super) zone: TimeZone,
    /// Whether a person seems to look on.
    pub(super) terminal: bool,
}

impl View {
    fn current() -> Self {
        Self { now: Timestamp::now(), zone: TimeZone::system(), terminal: io::stderr().is_terminal() }
    }
}

/// A command that has nothing to say in the end.
#[derive(Debug, Serialize)]
pub(super) struct Nothing;

impl Output for Nothing {
    const FORM: Form = Form::Silent;

    fn text(&self, _view: &View) -> String {
        String::new()
    }
}

/// Prints, in the way that the global flags ask for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printer {
    json: bool,
    quiet: bool,
}

impl Printer {
    pub(super) fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Prints the value of a command.
    pub(super) fn finish<T: Output>(self, value: &T) -> Result<(), Error> {
        match T::FORM {
            Form::Silent => Ok(()),
            Form::Bare => self.item(value),
            Form::Envelope if self.json => write_line(&json::envelope(value)?),
            Form::Envelope => self.text(value),
        }
    }

    /// Prints one of the values that a command yields while it runs.
    pub(super) fn item<T: Output>(self, value: &T) -> Result<(), Error> {
        if self.json { write_line(&json::bare(value)?) } else { self.text(value) }
    }

    /// Tells on stderr what goes on; one that cannot be written is lost.
    pub(super) fn notice<T: Output>(self, value: &T) {
        if self.quiet {
            return;
        }
        if self.json {
            json::bare(value).map(|line| talk(&line)).ok();
        } else {
            talk(&value.text(&View::current()));
        }
    }

    /// A bar on stderr, for a person who waits; nothing for anybody else.
    pub(super) fn bar(self) -> Bar {
        Bar::new(!self.json && !self.quiet)
    }

    /// Prints a help text that clap rendered.
    pub(super) fn help(self, text: &clap::builder::StyledStr) -> Result<(), Error> {
        write_line(text.ansi().to_string().trim_end())
    }

    /// Prints why a command ended, and returns how the process is to end.
    pub(super) fn error(self, error: Error) -> Exit {
        let error = match error {
            Error::Api(error) => error,
            Error::Told => return Exit::Failed,
            Error::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return Exit::Done,
            Error::Output(error) => api::Error::new(Code::Home, format!("cannot write the output: {error}"))
                .hint("see where stdout leads, and whether there is room"),
        };
        if self.json {
            json::error(&error).and_then(|line| write_line(&line)).ok();
        } else {
            talk(&error_text(&error));
        }
        error.code.into()
    }

    fn text<T: Output>(self, value: &T) -> Result<(), Error> {
        if let Some(payload) = value.payload() {
            return write_bytes(payload);
        }
        let view = View::current();
        let text = value.text(&view);
        if !text.is_empty() {
            write_line(&text)?;
        }
        if !self.quiet
            && let Some(remark) = value.remark(&view)
        {
            talk(&remark);
        }
        Ok(())
    }
}

/// An error as people read it.
fn error_text(error: &api::Error) -> String {
    let label = |color: AnsiColor, text: &str| {
        let style: Style = color.on_default().bold();
        format!("{style}{text}{style:#}")
    };
    let mut text = format!("{} {}", label(AnsiColor::Red, "error:"), clean::line(&error.message));
    if let Some(hint) = &error.hint {
        text.push_str(&format!("\n{} {}", label(AnsiColor::Cyan, "hint:"), clean::line(hint)));
    }
    text
}

/// One line or more on stdout, at once: who follows wants it now.
fn write_line(text: &str) -> Result<(), Error> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(Error::Output)
}

fn write_bytes(bytes: &[u8]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Error::Output)
}

/// On stderr. When nobody reads it there is nobody to tell that, either.
fn talk(text: &str) {
    writeln!(anstream::stderr().lock(), "{text}").ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_what_and_what_next() {
        let error = api::Error::new(Code::NotFound, "no contact \u{1b}[2Jbob").hint("see `airway trusted`");
        let text = anstream::adapter::strip_str(&error_text(&error)).to_string();
        assert_eq!(text, "error: no contact [2Jbob\nhint: see `airway trusted`");
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let error = Error::Output(io::ErrorKind::BrokenPipe.into());
        assert_eq!(Printer::new(false, true).error(error), Exit::Done);
    }
}
