//! A network namespace, for as long as we hold it.

use std::{
    fs::File,
    io::{self, Read},
    process::{Child, ChildStdin, Command, Stdio},
};

use super::Error;

/// What is run in here, and what brings it on Debian.
const PROGRAMS: [(&str, &str); 5] = [
    ("ip", "iproute2"),
    ("nft", "nftables"),
    ("nsenter", "util-linux"),
    ("sh", "dash"),
    ("unshare", "util-linux"),
];

/// See the module.
#[derive(Debug)]
pub(super) struct Space {
    /// Waits for the end of its input, in the namespace.
    holder: Child,
    _input: ChildStdin,
}

impl Space {
    /// A network in which there is nothing but its own loopback.
    pub(super) fn new() -> Result<Self, Error> {
        let mut command = Command::new("unshare");
        // The line says that the namespace is there: who looks earlier finds the one that it is made from.
        command.args(["--net", "sh", "-c", "ip link set lo up && echo && exec cat"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut holder = command.spawn().map_err(|error| missing("unshare", error))?;
        let (Some(input), Some(mut output)) = (holder.stdin.take(), holder.stdout.take()) else {
            return Err(Error::Forbidden("no pipe".into()));
        };
        if output.read_exact(&mut [0]).is_err() {
            drop(input);
            let says = holder.wait_with_output()?.stderr;
            return Err(Error::Forbidden(String::from_utf8_lossy(&says).trim().to_owned()));
        }
        Ok(Self { holder, _input: input })
    }

    /// Runs a program in the namespace; the arguments are parted by spaces, but for a script of the shell.
    pub(super) fn run(&self, program: &'static str, arguments: &str) -> Result<(), Error> {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", self.path())).arg(program);
        match program {
            "sh" => command.args(["-c", arguments]),
            _ => command.args(arguments.split_whitespace()),
        };
        let ran = command.output().map_err(|error| missing("nsenter", error))?;
        if ran.status.success() {
            return Ok(());
        }
        // nsenter says so when it finds no program of this name.
        if ran.status.code() == Some(127) {
            return Err(missing(program, io::ErrorKind::NotFound.into()));
        }
        let says = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
        Err(Error::Failed { command: format!("{program} {arguments}"), says })
    }

    /// What runs a program in the namespace when it stands before it.
    pub(super) fn prefix(&self) -> Vec<String> {
        vec!["nsenter".into(), format!("--net={}", self.path())]
    }

    /// Lays a cable from our hub to an interface of another namespace.
    pub(super) fn link(&self, port: u8, to: &Self, interface: &str) -> Result<(), Error> {
        let pid = to.holder.id();
        self.run("ip", &format!("link add port{port} type veth peer name {interface} netns {pid}"))?;
        self.run("ip", &format!("link set port{port} master hub up"))?;
        to.run("ip", &format!("link set {interface} up"))
    }

    /// What a thread enters the namespace by.
    pub(super) fn entrance(&self) -> io::Result<File> {
        File::open(self.path())
    }

    fn path(&self) -> String {
        format!("/proc/{}/ns/net", self.holder.id())
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        // Not left to the pipe alone, so that no child is left behind either.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn missing(program: &'static str, error: io::Error) -> Error {
    let package = PROGRAMS.iter().find(|(known, _)| *known == program).map(|(_, package)| *package);
    match package {
        Some(package) if error.kind() == io::ErrorKind::NotFound => Error::Missing { program, package },
        _ => Error::System(error),
    }
}
