//! Why a command did not do what it says.

use std::io;

use super::context::Context;
use crate::api::{self, Code};

/// Ends a command.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// What the daemon says, or what is said about it.
    #[error(transparent)]
    Api(#[from] api::Error),
    /// The output cannot be written. A reader who went away is not an error: it had enough.
    #[error("cannot write the output")]
    Output(#[source] io::Error),
    /// What the command printed says already that not all is well.
    #[error("not all is well")]
    Told,
}

impl Error {
    /// The command makes no sense as it was given.
    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        api::Error::new(Code::BadRequest, message).hint(hint).into()
    }

    /// What should not happen.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        api::Error::new(Code::Internal, message).into()
    }

    /// What clap did not like, in our own words: the first paragraph is what, tip or usage is what next.
    pub(super) fn from_clap(refusal: &clap::Error) -> Self {
        use clap::error::ErrorKind;
        if refusal.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self::usage("no command given", "see `airway help`");
        }
        let rendered = refusal.render().to_string();
        let mut paragraphs =
            rendered.split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        let first = paragraphs.next().unwrap_or_default();
        let message = first.strip_prefix("error: ").unwrap_or(&first).to_owned();
        let mut hint = "see `airway help`".to_owned();
        for paragraph in paragraphs {
            if let Some(tip) = paragraph.strip_prefix("tip: ") {
                hint = tip.to_owned();
                break;
            }
            // The usage of a command that was not recognised is that of the one above it.
            if refusal.kind() != ErrorKind::InvalidSubcommand
                && let Some(usage) = paragraph.strip_prefix("Usage: ")
            {
                hint = format!("use it as: {usage}");
            }
        }
        Self::usage(message, hint)
    }

    /// Puts in what only the command line knows: how to start the daemon of the home in use.
    pub(super) fn explain(self, context: &Context) -> Self {
        match self {
            Self::Api(error) if error.code == Code::NotRunning => {
                error.hint(format!("run `{}`", context.up_command())).into()
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, output::Printer};

    fn refusal(args: &[&str]) -> api::Error {
        let refusal = Cli::try_parse_from(args).unwrap_err();
        match Error::from_clap(&refusal) {
            Error::Api(error) => error,
            error => panic!("{error}"),
        }
    }

    #[test]
    fn a_mistyped_command_is_corrected() {
        let error = refusal(&["airway", "stauts"]);
        assert_eq!(error.code, Code::BadRequest);
        assert_eq!(error.message, "unrecognized subcommand 'stauts'");
        assert!(error.hint.unwrap().contains("'status'"));
    }

    #[test]
    fn a_missing_argument_is_named() {
        let error = refusal(&["airway", "ping"]);
        assert!(error.message.ends_with("<WHO>"), "{}", error.message);
        assert!(error.hint.unwrap().starts_with("use it as: airway ping"));
    }

    #[test]
    fn no_command_is_wrong_usage() {
        assert_eq!(refusal(&["airway"]).message, "no command given");
    }

    #[test]
    fn the_hint_starts_the_daemon_of_this_home() {
        let context = Context::new(Some("/srv/a".into()), Printer::new(false, false));
        let error = Error::from(api::Error::new(Code::NotRunning, "the daemon is not running"));
        let Error::Api(error) = error.explain(&context) else { panic!("another error") };
        assert_eq!(error.hint.unwrap(), "run `airway --home /srv/a up`");
    }
}
