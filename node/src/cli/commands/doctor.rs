//! `airway doctor`: what is wrong, and what to do about it.
//!
//! Looks at the files of the home by itself and asks the daemon for the rest, so that it has something to say
//! whether or not the daemon runs. It changes nothing.

mod clock;
mod contacts;
mod daemon;
mod disk;
mod home;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::{
    api::{self, Status, client::Client},
    cli::{
        Context, Error,
        output::{Output, View, clean},
    },
    config::{self, Config, Overrides, env},
    home::Home,
};

const EXAMPLES: &str = "\
Examples:
  airway doctor
  airway doctor --offline
  airway doctor --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Do not ask the trusted agents whether they answer
    #[arg(long)]
    offline: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// Worth knowing; the agent does its work.
    Warn,
    /// To be seen to. The command ends with 1.
    Fail,
}

/// Something that is not as it should be.
#[derive(Debug)]
struct Finding {
    state: State,
    message: String,
    hint: String,
}

impl Finding {
    fn warn(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { state: State::Warn, message: message.into(), hint: hint.into() }
    }

    fn fail(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { state: State::Fail, message: message.into(), hint: hint.into() }
    }

    /// An error as the command line would tell it.
    fn error(error: impl Into<api::Error>) -> Self {
        let api::Error { message, hint, .. } = error.into();
        Self::fail(message, hint.unwrap_or_else(|| "see the log, airway.log in the home".into()))
    }
}

/// Who is looked at.
struct Patient {
    home: Home,
    config: Result<Config, config::Error>,
    /// What the daemon says, or why it says nothing.
    status: Result<Status, api::Error>,
    client: Client,
    /// The command that starts the daemon.
    up: String,
}

/// A check by what is in the home and what the daemon said.
type Look = fn(&Patient) -> Vec<Finding>;

/// All checks but those that ask other agents, in the order in which they are told.
const LOOKS: [(&str, Look); 10] = [
    ("clock", clock::clock),
    ("home", home::home),
    ("identity", home::identity),
    ("settings", home::settings),
    ("daemon", daemon::running),
    ("network", daemon::listening),
    ("warnings", daemon::warnings),
    ("database", disk::database),
    ("disk", disk::room),
    ("inbox", disk::inbox),
];

/// One thing that was looked at. A check that found several things stands once for each.
#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// All of it.
#[derive(Debug, Serialize)]
struct Report {
    /// Nothing failed.
    healthy: bool,
    checks: Vec<Check>,
}

impl Report {
    fn add(&mut self, check: &'static str, findings: Vec<Finding>) {
        if findings.is_empty() {
            self.checks.push(Check { check, state: State::Ok, message: None, hint: None });
        }
        for Finding { state, message, hint } in findings {
            self.healthy &= state < State::Fail;
            self.checks.push(Check { check, state, message: Some(message), hint: Some(hint) });
        }
    }
}

impl Output for Report {
    fn text(&self, _view: &View) -> String {
        let told = self.checks.iter().filter_map(|check| {
            let (color, label) = match check.state {
                State::Ok => return None,
                State::Warn => (AnsiColor::Yellow, "warning:"),
                State::Fail => (AnsiColor::Red, "wrong:"),
            };
            let style: Style = color.on_default().bold();
            let what = clean::line(check.message.as_deref().unwrap_or_default());
            let next = check.hint.as_deref().filter(|hint| !hint.is_empty());
            let next = next.map_or_else(String::new, |hint| format!(" ({})", clean::line(hint)));
            Some(format!("{style}{label}{style:#} {what}{next}"))
        });
        let told: Vec<_> = told.collect();
        if told.is_empty() { "all is well".into() } else { told.join("\n") }
    }
}

/// Prints what was found; fails if anything is wrong.
pub(super) async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let (home, client) = (context.paths()?.home, context.client()?);
    let config = Config::load(&home.config(), env::system, Overrides::default());
    let status = client.status().await;
    let patient = Patient { home, config, status, client, up: context.up_command() };
    let mut report = Report { healthy: true, checks: Vec::new() };
    for (check, look) in LOOKS {
        report.add(check, look(&patient));
    }
    report.add("contacts", contacts::contacts(&patient, args.offline).await);
    context.printer.finish(&report)?;
    if report.healthy { Ok(()) } else { Err(Error::Told) }
}
