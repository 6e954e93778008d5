//! `airway config`: what is set, and where.

use clap::Subcommand;
use serde::Serialize;

use super::finish;
use crate::{
    api,
    cli::{
        Context, Error,
        output::{Output, View, clean, layout::table},
        paths::Paths,
    },
    config::{Config, Overrides, Setting, env},
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
                finish(context, Ok(ConfigPath { path: paths.home.config().display().to_string() }))
            }
            None => finish(context, settings(&paths)),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Settings(Vec<Setting>);

impl Output for Settings {
    fn text(&self, _view: &View) -> String {
        let rows = self.0.iter().map(|Setting { key, value, origin }| {
            [(*key).to_owned(), clean::line(&value.to_string()), origin.to_string()]
        });
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

/// Defaults, file and environment, merged: what a daemon without flags would start with.
fn settings(paths: &Paths) -> Result<Settings, Error> {
    let config = Config::load(&paths.home.config(), env::system, Overrides::default());
    let home = paths.home.root().display().to_string().into();
    let mut settings = vec![Setting { key: "home", value: home, origin: paths.origin }];
    settings.extend(config.map_err(api::Error::from)?.settings());
    Ok(Settings(settings))
}
