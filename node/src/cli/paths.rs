//! Which agent, hence which files: `--home`, else `AIRWAY_HOME`, else the data directory of the user.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

use super::error::Error;
use crate::api::{self, Code};

/// Names the home if no flag does.
const HOME_VARIABLE: &str = "AIRWAY_HOME";

/// Where the parts of a home lie that the command line touches itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Paths {
    home: PathBuf,
    origin: &'static str,
}

impl Paths {
    /// The home that flag, environment and user make, as an absolute path. It need not exist.
    pub(super) fn resolve(flag: Option<&Path>) -> Result<Self, Error> {
        Self::choose(flag, std::env::var_os(HOME_VARIABLE))
    }

    fn choose(flag: Option<&Path>, variable: Option<OsString>) -> Result<Self, Error> {
        let variable = variable.filter(|value| !value.is_empty()).map(PathBuf::from);
        let (home, origin) = match (flag, variable) {
            (Some(home), _) => (home.to_path_buf(), "--home"),
            (None, Some(home)) => (home, HOME_VARIABLE),
            (None, None) => {
                let user = etcetera::choose_base_strategy()
                    .map_err(|_| unknown("cannot tell the home directory of the user"))?;
                (user.data_dir().join("airway"), "default")
            }
        };
        let home = std::path::absolute(&home)
            .map_err(|error| unknown(&format!("cannot use {} as home: {error}", home.display())))?;
        Ok(Self { home, origin })
    }

    /// The directory itself.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// What chose it.
    pub(super) fn origin(&self) -> &'static str {
        self.origin
    }

    /// The socket of the local API.
    pub(super) fn socket(&self) -> PathBuf {
        self.home.join("run").join("api.sock")
    }

    /// What a detached daemon says.
    pub(super) fn log(&self) -> PathBuf {
        self.home.join("airway.log")
    }

    /// The settings of this agent.
    pub(super) fn config(&self) -> PathBuf {
        self.home.join("config.toml")
    }
}

fn unknown(message: &str) -> Error {
    api::Error::new(Code::Home, message)
        .hint(format!("name a directory with --home or {HOME_VARIABLE}"))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_over_the_variable() {
        let paths = Paths::choose(Some(Path::new("/a")), Some("/b".into())).unwrap();
        assert_eq!(paths.home(), Path::new("/a"));
        assert_eq!(paths.socket(), Path::new("/a/run/api.sock"));
    }

    #[test]
    fn the_variable_wins_over_the_data_directory() {
        assert_eq!(Paths::choose(None, Some("/b".into())).unwrap().home(), Path::new("/b"));
    }

    #[test]
    fn an_empty_variable_is_none() {
        let paths = Paths::choose(None, Some("".into())).unwrap();
        assert_eq!(paths, Paths::choose(None, None).unwrap());
        assert!(paths.home().ends_with("airway"));
    }

    #[test]
    fn a_relative_home_becomes_absolute() {
        assert!(Paths::choose(Some(Path::new("here")), None).unwrap().home().is_absolute());
    }
}
