//! What the peers have beside their protocol: a version, and tests of their own.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::Outcome;
use crate::driver::Language;

/// The stack that a peer is pinned to, with its version.
///
/// # Errors
/// If the list of what the peer depends on cannot be read, or does not name it.
pub fn version(language: Language) -> io::Result<String> {
    let missing = || io::Error::other(format!("{} is not pinned", language.title()));
    let version = if language == Language::Js {
        let package: Value = serde_json::from_str(&fs::read_to_string(dir(language).join("package.json"))?)?;
        package["dependencies"]["libp2p"].as_str().map(ToOwned::to_owned)
    } else {
        let requirements = fs::read_to_string(dir(language).join("requirements.txt"))?;
        requirements.lines().find_map(|line| line.strip_prefix("libp2p==")).map(ToOwned::to_owned)
    };
    Ok(format!("{} {}", language.title(), version.ok_or_else(missing)?))
}

/// Has a peer check the golden vectors; what its tests say in vain is returned as well.
///
/// # Errors
/// If they cannot be started.
pub fn vectors(language: Language) -> io::Result<(Outcome, String)> {
    let (interpreter, args): (_, &[_]) = if language == Language::Js {
        ("node_modules/.bin/node", &["--test"])
    } else {
        ("venv/bin/python", &["-m", "unittest"])
    };
    let dir = dir(language);
    let interpreter = dir.join(interpreter);
    if !interpreter.exists() {
        return Ok((Outcome::Missing, String::new()));
    }
    let output = Command::new(interpreter).args(args).current_dir(dir).output()?;
    let said = [output.stdout, output.stderr].concat();
    let outcome = if output.status.success() { Outcome::Pass } else { Outcome::Fail };
    Ok((outcome, String::from_utf8_lossy(&said).into_owned()))
}

fn dir(language: Language) -> PathBuf {
    let name = if language == Language::Js { "js-peer" } else { "py-peer" };
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
