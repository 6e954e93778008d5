//! Which program a peer is.

use std::{
    env, fmt, io,
    path::{Path, PathBuf},
    process::Command,
};

use tokio::sync::OnceCell;

use super::{Error, go};

/// What a peer is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// On the library of this repository.
    Rust,
    /// On go-libp2p.
    Go,
    /// On js-libp2p: a contact, and no more.
    Js,
    /// On py-libp2p: a contact, and no more.
    Python,
}

impl Language {
    /// In lower case, as it stands in the names of tests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Go => "go",
            Self::Js => "js",
            Self::Python => "python",
        }
    }

    /// As people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Go => "Go",
            Self::Js => "js-libp2p",
            Self::Python => "py-libp2p",
        }
    }

    /// The command that starts a peer, but for its flags. Builds the Go peer, once in each process.
    pub(super) async fn program(self) -> Result<Vec<PathBuf>, Error> {
        static GO: OnceCell<PathBuf> = OnceCell::const_new();
        match self {
            Self::Rust => Ok(vec![rust()?]),
            Self::Go => {
                let program = GO.get_or_try_init(|| build(build_go)).await?;
                Ok(vec![program.clone(), "peer".into()])
            }
            Self::Js => installed("js-peer", "node_modules/.bin/node", "peer.js", INSTALL_JS),
            Self::Python => installed("py-peer", "venv/bin/python", "peer.py", INSTALL_PYTHON),
        }
    }
}

/// How to get what the peer on js-libp2p needs.
const INSTALL_JS: &str = "npm install --no-save --prefix interop-tests/js-peer (npm comes with Node, \
                          https://nodejs.org; it fetches the Node that the peer runs on)";

/// How to get what the peer on py-libp2p needs.
const INSTALL_PYTHON: &str = "python3 -m venv interop-tests/py-peer/venv && interop-tests/py-peer/venv/bin/pip install \
                              --requirement interop-tests/py-peer/requirements.txt (Python 3.11 or newer)";

/// The command that starts a peer whose interpreter is installed beside it.
fn installed(dir: &str, interpreter: &str, program: &str, how: &'static str) -> Result<Vec<PathBuf>, Error> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    let command = [interpreter, program].map(|part| dir.join(part));
    if command[0].exists() { Ok(command.into()) } else { Err(Error::NotInstalled { dir, how }) }
}

/// Builds the Go peer, and returns the program.
///
/// # Errors
/// If there is no Go that would do, or the peer does not build.
pub fn build_go() -> Result<PathBuf, Error> {
    let target = target().map_err(|error| Error::Build(error.to_string()))?;
    go::build(&target, "go-peer", ".")
}

/// As it stands in the names of tests.
impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the peers are built with here, in one line.
///
/// # Errors
/// If there is no Go that would do.
pub fn versions() -> Result<String, Error> {
    let rustc =
        Command::new("rustc").arg("--version").output().map(|answer| answer.stdout).unwrap_or_default();
    let rustc = String::from_utf8_lossy(&rustc);
    let rust = rustc.split_whitespace().nth(1).unwrap_or("?");
    let (go, libp2p) = (go::version()?, go::libp2p());
    Ok(format!("Rust {rust} and Go {go} with go-libp2p {}", libp2p.unwrap_or_default()))
}

/// Builds the plain node of go-libp2p, and returns the program.
pub(super) fn build_plain() -> Result<PathBuf, Error> {
    let target = target().map_err(|error| Error::Build(error.to_string()))?;
    go::build(&target, "plain", "./cmd/plain")
}

/// Builds beside the tasks, which it would hold up.
pub(super) async fn build(build: fn() -> Result<PathBuf, Error>) -> Result<PathBuf, Error> {
    let built = tokio::task::spawn_blocking(build).await;
    built.map_err(|panicked| Error::Build(panicked.to_string()))?
}

/// The directory of the build that this process is of, such as `target/debug`.
fn build_dir() -> io::Result<PathBuf> {
    let mut dir = env::current_exe()?;
    dir.pop();
    if dir.ends_with("deps") {
        dir.pop();
    }
    Ok(dir)
}

/// The directory of all builds.
fn target() -> io::Result<PathBuf> {
    let mut dir = build_dir()?;
    dir.pop();
    Ok(dir)
}

/// The Rust peer is of the same build; Cargo makes it before the tests.
fn rust() -> Result<PathBuf, Error> {
    let program = build_dir().unwrap_or_default().join("peer").with_extension(env::consts::EXE_EXTENSION);
    if program.exists() { Ok(program) } else { Err(Error::NoRust(program)) }
}
