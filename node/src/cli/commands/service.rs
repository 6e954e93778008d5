//! `airway service`: the daemon as a service of the user, by systemd.

use std::path::Path;

use serde::Serialize;

use crate::{
    api::{self, Code},
    cli::{
        Context, Error,
        output::{Output, View},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway service > ~/.config/systemd/user/airway.service
  airway --home /srv/alice service > ~/.config/systemd/user/alice.service";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// A unit file.
#[derive(Debug, Serialize)]
pub(super) struct Unit {
    unit: String,
}

impl Output for Unit {
    fn text(&self, _view: &View) -> String {
        self.unit.trim_end().to_owned()
    }

    fn remark(&self, _view: &View) -> Option<String> {
        Some(
            "to install it:\n  \
             mkdir -p ~/.config/systemd/user && airway service > ~/.config/systemd/user/airway.service\n  \
             systemctl --user daemon-reload && systemctl --user enable --now airway\n  \
             loginctl enable-linger    # so that it runs while you are not logged in"
                .into(),
        )
    }
}

pub(super) fn run(_args: Args, context: &Context) -> Result<Unit, Error> {
    let executable = std::env::current_exe()
        .map_err(|error| Error::internal(format!("the path of this executable is unknown: {error}")))?;
    let mut command = word(&executable)?;
    // Where the home is the usual one it is left to the user who runs the service.
    let paths = context.paths()?;
    if paths.origin != crate::config::Origin::Default {
        command.push_str(&format!(" --home {}", word(paths.home.root())?.replace('$', "$$")));
    }
    Ok(Unit { unit: unit(&command) })
}

/// Hardening that the manager of a user can give without privileges; the rest it would refuse to start with.
fn unit(command: &str) -> String {
    format!(
        "\
[Unit]
Description=Airway agent
Documentation=https://github.com/airway-net/airway

[Service]
ExecStart={command} up
Restart=on-failure
RestartSec=5
TimeoutStopSec=20
NoNewPrivileges=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
UMask=0077

[Install]
WantedBy=default.target
"
    )
}

/// One word of a command line as systemd reads it: in quotes, with `%`, quotes and backslashes taken literally. In
/// arguments, but not in the name of the program, `$` has to be doubled besides.
fn word(path: &Path) -> Result<String, Error> {
    let text = path.to_str().filter(|text| !text.chars().any(char::is_control)).ok_or_else(|| {
        let message = format!("{} cannot stand in a unit file", path.display());
        Error::from(api::Error::new(Code::BadRequest, message).hint("use a path of plain text"))
    })?;
    let mut word = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '"' | '\\' => word.extend(['\\', c]),
            '%' => word.extend([c, c]),
            _ => word.push(c),
        }
    }
    Ok(format!("\"{word}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        let word = |path: &str| word(Path::new(path)).unwrap();
        assert_eq!(word("/usr/bin/airway"), "\"/usr/bin/airway\"");
        assert_eq!(word("/my agents/100%/$x"), "\"/my agents/100%%/$x\"");
        assert_eq!(word(r#"/a"b\c"#), r#""/a\"b\\c""#);
        assert!(super::word(Path::new("/a\nExecStartPost=/bin/sh")).is_err());
    }

    #[test]
    fn the_unit_has_what_a_user_service_needs() {
        let unit = unit("\"/bin/airway\"");
        for line in ["ExecStart=\"/bin/airway\" up", "Restart=on-failure", "WantedBy=default.target"] {
            assert!(unit.lines().any(|found| found == line), "{line}");
        }
    }
}
