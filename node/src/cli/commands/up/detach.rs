//! `airway up --detach`: the same executable once more, in a process group of its own.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::Stdio,
    time::Duration,
};

use tokio::process::{Child, Command};

use super::Args;
use crate::{
    api::{self, Code, Status, client::Client},
    cli::{Context, Error, commands::status::Running, paths::Paths, wait::Wait},
    config::env,
    home::Home,
};

/// How long the daemon may take to answer if no flag says otherwise.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How often to ask whether it answers.
const ASK: Duration = Duration::from_millis(25);

/// How much of the log is read to show why the daemon ended.
const TAIL: u64 = 4096;

/// How many lines of it are shown.
const TAIL_LINES: usize = 5;

/// Starts the daemon and returns once it answers; when this fails, it does not run.
pub(in crate::cli::commands) async fn run(args: Args, context: &Context) -> Result<Running, Error> {
    let paths = context.paths()?;
    let client = context.client()?;
    if let Ok(status) = client.status().await {
        let message = format!("a daemon runs on this home already, as process {}", status.pid);
        return Err(api::Error::new(Code::AlreadyRunning, message).hint("see `airway status`").into());
    }
    // Whatever makes a home unusable, it is told as in the foreground.
    Home::open(paths.home.root()).map_err(api::Error::from)?;
    let (log, start) = open_log(&paths).map_err(|error| {
        api::Error::new(Code::Home, format!("cannot write {}: {error}", paths.home.log().display()))
            .hint("choose another home with --home")
    })?;
    let mut child = spawn(&args, &paths, log)
        .map_err(|error| Error::internal(format!("cannot start the daemon: {error}")))?;

    let wait = Wait { timeout: Some(args.wait.timeout.unwrap_or(TIMEOUT)) };
    let answered = wait.bound("the start of the daemon", answers(&client, &mut child)).await;
    match answered {
        Ok(Some(status)) => Ok(Running(status)),
        Ok(None) => Err(ended(&paths.home.log(), start)),
        Err(error) => {
            child.kill().await.ok();
            Err(error)
        }
    }
}

/// Waits until the child answers, which gives its status, or ends, which gives none.
async fn answers(client: &Client, child: &mut Child) -> Result<Option<Status>, Error> {
    loop {
        // Another daemon may have won the race for this home; ours ends then, and says so.
        match client.status().await {
            Ok(status) if child.id() == Some(status.pid) => return Ok(Some(status)),
            _ => {}
        }
        tokio::select! {
            _ = child.wait() => return Ok(None),
            () = tokio::time::sleep(ASK) => {}
        }
    }
}

fn spawn(args: &Args, paths: &Paths, log: File) -> io::Result<Child> {
    Command::new(std::env::current_exe()?)
        .args(arguments(args, paths.home.root()))
        .envs(args.invite.as_ref().map(|invite| (env::INVITE, invite)))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}

/// What the daemon is started with: the same, less what is about detaching. The invite is in its environment, where other
/// users do not see it.
fn arguments(args: &Args, home: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["--home".into(), home.into(), "--quiet".into(), "up".into()];
    let mut flag = |name: &str, value: String| arguments.push(format!("--{name}={value}").into());
    let lists = [
        ("listen", &args.listen),
        ("announce", &args.announce),
        ("relay", &args.relay),
        ("expect", &args.expect),
        ("bootstrap", &args.bootstrap),
    ];
    for (name, list) in lists {
        list.iter().for_each(|text| flag(name, text.clone()));
    }
    let texts = [
        ("visibility", &args.visibility),
        ("dht", &args.dht),
        ("dht-prefix", &args.dht_prefix),
        ("name", &args.name),
        ("log", &args.log),
        ("log-format", &args.log_format),
    ];
    for (name, text) in texts {
        text.iter().for_each(|text| flag(name, text.clone()));
    }
    if let Some(path) = &args.swarm_key {
        let mut flag = OsString::from("--swarm-key=");
        flag.push(path);
        arguments.push(flag);
    }
    for (switch, is_on) in [("--relay-server", args.relay_server), ("--stealth", args.stealth)] {
        if is_on {
            arguments.push(switch.into());
        }
    }
    arguments
}

/// The log, to append to, and where in it the new daemon begins.
fn open_log(paths: &Paths) -> io::Result<(File, u64)> {
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(paths.home.log())?;
    let start = log.metadata()?.len();
    Ok((log, start))
}

/// Why the daemon ended, by its own last words: the error and hint that it printed, or else its last lines.
fn ended(log: &Path, start: u64) -> Error {
    let words = last_lines(log, start).unwrap_or_default();
    let said = |label: &str| words.iter().rev().find_map(|line| line.strip_prefix(label)).map(str::to_owned);
    let why = said("error: ").unwrap_or_else(|| words.join(" | "));
    let message = if why.is_empty() { "it said nothing".into() } else { why };
    api::Error::new(Code::Home, format!("the daemon ended at its start: {message}"))
        .hint(said("hint: ").unwrap_or_else(|| format!("see {}", log.display())))
        .into()
}

/// The last lines that were written after `start`.
fn last_lines(log: &Path, start: u64) -> io::Result<Vec<String>> {
    let mut file = File::open(log)?;
    let end = file.metadata()?.len();
    file.seek(SeekFrom::Start(start.max(end.saturating_sub(TAIL))))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let text = anstream::adapter::strip_str(&String::from_utf8_lossy(&bytes)).to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.iter().skip(lines.len().saturating_sub(TAIL_LINES));
    Ok(last.map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::unix::fs::PermissionsExt};

    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, commands};

    fn up(args: &[&str]) -> Args {
        match Cli::try_parse_from(["airway", "up"].iter().chain(args)).unwrap().command {
            commands::Command::Up(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_daemon_is_started_with_the_same_flags() {
        let given = [
            "--listen=/ip4/127.0.0.1/tcp/1",
            "--relay=airway:a",
            "--expect=192.0.2.0/24",
            "--bootstrap=airway:b",
            "--visibility=public",
            "--dht=client",
            "--dht-prefix=/ipfs",
            "--name=--odd",
            "--log=warn",
            "--log-format=json",
            "--swarm-key=/srv/swarm.key",
            "--relay-server",
            "--stealth",
        ];
        let args = up(&[&given[..], &["--detach", "--timeout=5s", "--invite=airway-net:i"]].concat());
        let arguments = arguments(&args, Path::new("/srv/a"));
        assert_eq!(arguments[..4], ["--home", "/srv/a", "--quiet", "up"]);
        assert_eq!(arguments[4..], given);
        let again = Cli::try_parse_from(["airway".into()].into_iter().chain(arguments)).unwrap();
        assert!(matches!(again.command, commands::Command::Up(args) if !args.detach));
    }

    #[test]
    fn the_last_words_are_those_of_this_start() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::resolve(Some(home.path())).unwrap();
        let (mut log, _) = open_log(&paths).unwrap();
        writeln!(log, "error: an old one").unwrap();
        let (mut log, start) = open_log(&paths).unwrap();
        assert!(last_lines(&paths.home.log(), start).unwrap().is_empty());
        writeln!(log, "\u{1b}[31merror:\u{1b}[0m no key\n\nhint: make one").unwrap();
        assert_eq!(last_lines(&paths.home.log(), start).unwrap(), ["error: no key", "hint: make one"]);
        let Error::Api(error) = ended(&paths.home.log(), start) else { panic!("another error") };
        assert_eq!(error.message, "the daemon ended at its start: no key");
        assert_eq!(error.hint.as_deref(), Some("make one"));
    }

    #[test]
    fn the_log_is_private() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::resolve(Some(home.path())).unwrap();
        open_log(&paths).unwrap();
        assert_eq!(paths.home.log().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
