//! Which agent, hence which files: `--home`, else `AIRWAY_HOME`, else the data directory of the user.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::error::Error;
use crate::{
    api,
    config::{Origin, env},
    home::Home,
};

/// The home that a command works with, and what chose it. It need not exist.
#[derive(Debug)]
pub(super) struct Paths {
    /// Where everything lies.
    pub(super) home: Home,
    /// What named it.
    pub(super) origin: Origin,
}

impl Paths {
    /// The home that flag, environment and user make.
    pub(super) fn resolve(flag: Option<&Path>) -> Result<Self, Error> {
        Self::choose(flag, std::env::var_os(env::HOME))
    }

    fn choose(flag: Option<&Path>, variable: Option<OsString>) -> Result<Self, Error> {
        let variable = variable.filter(|value| !value.is_empty()).map(PathBuf::from);
        let (root, origin) = match (flag, variable) {
            (Some(root), _) => (root.to_path_buf(), Origin::Flag),
            (None, Some(root)) => (root, Origin::Env),
            (None, None) => (Home::default_path().map_err(api::Error::from)?, Origin::Default),
        };
        Ok(Self { home: Home::at(root), origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_over_the_variable() {
        let paths = Paths::choose(Some(Path::new("/a")), Some("/b".into())).unwrap();
        assert_eq!(paths.home.root(), Path::new("/a"));
        assert_eq!(paths.home.socket(), Path::new("/a/run/api.sock"));
    }

    #[test]
    fn the_variable_wins_over_the_data_directory() {
        assert_eq!(Paths::choose(None, Some("/b".into())).unwrap().home.root(), Path::new("/b"));
    }

    #[test]
    fn an_empty_variable_is_none() {
        let paths = Paths::choose(None, Some("".into())).unwrap();
        assert_eq!(paths.origin, Origin::Default);
        assert!(paths.home.root().ends_with("airway"));
    }

    #[test]
    fn a_relative_home_becomes_absolute() {
        assert!(Paths::choose(Some(Path::new("here")), None).unwrap().home.root().is_absolute());
    }
}
