//! `airway config`: what is set, and where.

use clap::Subcommand;
use serde::Serialize;

use super::finish;
use crate::cli::{
    Context, Error,
    output::{Output, View, clean, layout::table},
    paths::Paths,
};

const EXAMPLES: &str = "\
Examples:
  airway config
  airway config path";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print where the file with the settings lies
    #[command(after_help = "Examples:\n  airway config path")]
    Path,
}

impl Args {
    /// Runs the action; without one, shows the settings.
    pub(super) fn run(self, context: &Context) -> Result<(), Error> {
        let paths = context.paths()?;
        match self.action {
            Some(Action::Path) => {
                finish(context, Ok(ConfigPath { path: paths.config().display().to_string() }))
            }
            None => finish(context, settings(&paths).map(Settings)),
        }
    }
}

/// One setting as it is in effect.
#[derive(Debug, Serialize)]
pub(super) struct Setting {
    /// Its name in the file.
    key: String,
    /// Its value, written as in the file.
    value: String,
    /// `default`, or the file, variable or flag that sets it.
    origin: String,
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Settings(Vec<Setting>);

impl Output for Settings {
    fn text(&self, _view: &View) -> String {
        let rows = self.0.iter().map(|Setting { key, value, origin }| [key, value, origin].map(Clone::clone));
        table(["KEY", "VALUE", "FROM"], rows)
    }
}

#[derive(Debug, Serialize)]
struct ConfigPath {
    path: String,
}

impl Output for ConfigPath {
    fn text(&self, _view: &View) -> String {
        clean::line(&self.path)
    }
}

/// Defaults, file, environment and flags, merged.
fn settings(paths: &Paths) -> Result<Vec<Setting>, Error> {
    let home = paths.home().display().to_string();
    Ok(vec![Setting { key: "home".into(), value: home, origin: paths.origin().into() }])
}
