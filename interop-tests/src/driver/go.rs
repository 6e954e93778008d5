//! Builds the Go peer.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use super::Error;

/// The oldest Go that builds the peer: that of its `go.mod`.
pub(super) const NEEDED: (u32, u32) = (1, 26);

/// Where the sources are.
fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("go-peer")
}

/// Builds a program of the module if its sources have changed, into `target`; returns it. Takes a lock, as several tests may
/// do so at once.
pub(super) fn build(target: &Path, name: &str, package: &str) -> Result<PathBuf, Error> {
    version()?;
    let place = target.join("go-peer");
    let lock = || -> io::Result<File> {
        fs::create_dir_all(&place)?;
        let lock = File::create(place.join("lock"))?;
        lock.lock()?;
        Ok(lock)
    };
    let _lock = lock().map_err(|error| Error::Build(error.to_string()))?;
    let program = place.join(name);
    let mut go = go();
    go.args(["build", "-o"]).arg(&program).arg(package);
    let built = go.output().map_err(|error| Error::Build(error.to_string()))?;
    if built.status.success() { Ok(program) } else { Err(Error::Build(said(&built))) }
}

/// The version of Go that builds the peer here, such as `1.26.0`. From 1.21 on, Go fetches the one that the module asks for.
pub(super) fn version() -> Result<String, Error> {
    let asked = go().args(["env", "GOVERSION"]).output();
    let answer = match asked {
        Ok(answer) if answer.status.success() => answer,
        Ok(answer) => return Err(Error::OldGo { found: said(&answer) }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Error::NoGo),
        Err(error) => return Err(Error::Build(error.to_string())),
    };
    let text = String::from_utf8_lossy(&answer.stdout);
    let version = text.trim().trim_start_matches("go");
    if parse(version) >= Some(NEEDED) {
        Ok(version.into())
    } else {
        Err(Error::OldGo { found: version.into() })
    }
}

/// The version of go-libp2p that the peer is built with.
pub(super) fn libp2p() -> Option<String> {
    let module = fs::read_to_string(sources().join("go.mod")).ok()?;
    let mut words = module.lines().map(str::split_whitespace).map(|mut words| (words.next(), words.next()));
    words.find_map(|(name, version)| (name? == "github.com/libp2p/go-libp2p").then_some(version?.to_owned()))
}

/// `go`, in the directory of the module.
fn go() -> Command {
    let mut go = Command::new("go");
    go.current_dir(sources());
    go
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

/// The first two numbers of a version; what follows them, as in `1.26rc1`, does not matter.
fn parse(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_and_not_text() {
        assert_eq!(parse("1.26.8"), Some((1, 26)));
        assert_eq!(parse("1.27rc1"), Some((1, 27)));
        assert_eq!(parse("devel +abc"), None);
        assert!(parse("1.9") < Some(NEEDED) && parse("1.26") >= Some(NEEDED) && parse("2.0") >= Some(NEEDED));
    }

    #[test]
    fn the_module_asks_for_the_same_go() {
        let module = fs::read_to_string(sources().join("go.mod")).unwrap();
        let line = module.lines().find_map(|line| line.strip_prefix("go ")).unwrap();
        assert_eq!(parse(line), Some(NEEDED));
        assert!(libp2p().unwrap().starts_with('v'));
    }
}
