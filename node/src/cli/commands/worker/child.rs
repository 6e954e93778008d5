//! A command while it runs, with all that it has started: one process group, which ends as a whole.

use std::{io, process::ExitStatus, time::Duration};

use hyper::body::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{self, ChildStderr, ChildStdin},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};

use super::{
    heard::{Heard, Lines},
    said::Said,
};
use crate::cli::{
    material::{Capture, Captured},
    output::Printer,
};

/// How long a command may take to end by itself when it is asked to.
const GRACE: Duration = Duration::from_secs(5);

/// How long what it has written may take to come when it has ended: a process that has left the group may hold the pipe open.
const DRAIN: Duration = Duration::from_secs(5);

/// Bytes of stderr that are read at a time.
const BUFFER: usize = 4096;

/// A command that runs. Dropping it kills the whole group.
#[derive(Debug)]
pub(super) struct Child {
    process: process::Child,
    group: Group,
    stdout: JoinHandle<io::Result<Captured>>,
    stderr: JoinHandle<()>,
    heard: watch::Receiver<Heard>,
}

/// How a command has ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// By itself.
    Exit(ExitStatus, Captured),
    /// It wrote more than it may, and was killed.
    TooMuch,
    /// What it wrote was lost.
    Broken(io::Error),
}

impl Child {
    /// Starts a command, feeds it, and listens to it.
    pub(super) fn start(
        mut command: process::Command,
        stdin: Bytes,
        max_output: u64,
        task: String,
        printer: Printer,
    ) -> io::Result<Self> {
        let mut process = command.kill_on_drop(true).spawn()?;
        let group = Group(process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
        if let Some(pipe) = process.stdin.take() {
            tokio::spawn(feed(pipe, stdin));
        }
        let no_pipe = || io::Error::other("a command without pipes");
        let stdout = process.stdout.take().ok_or_else(no_pipe)?;
        let stderr = process.stderr.take().ok_or_else(no_pipe)?;
        let (sender, heard) = watch::channel(Heard::default());
        Ok(Self {
            process,
            group,
            stdout: tokio::spawn(Capture::read(stdout, max_output)),
            stderr: tokio::spawn(listen(stderr, sender, task, printer)),
            heard,
        })
    }

    /// What it says on stderr.
    pub(super) fn heard(&self) -> watch::Receiver<Heard> {
        self.heard.clone()
    }

    /// Waits until it has ended, or has written too much; whatever it has started ends with it.
    pub(super) async fn ended(&mut self) -> Ended {
        let mut written = None;
        let status = loop {
            tokio::select! {
                status = self.process.wait() => break status,
                captured = &mut self.stdout, if written.is_none() => match captured {
                    Ok(Ok(Captured::TooMuch)) => {
                        self.stop().await;
                        return Ended::TooMuch;
                    }
                    captured => written = Some(captured),
                },
            }
        };
        self.group.end();
        let written = match written {
            Some(written) => written,
            None => match timeout(DRAIN, &mut self.stdout).await {
                Ok(written) => written,
                Err(_) => return Ended::Broken(io::Error::other("something it has started goes on writing")),
            },
        };
        // Its last words stand before its end.
        let _ = timeout(DRAIN, &mut self.stderr).await;
        match (status, written.map_err(io::Error::other)) {
            (Ok(_), Ok(Ok(Captured::TooMuch))) => Ended::TooMuch,
            (Ok(status), Ok(Ok(captured))) => Ended::Exit(status, captured),
            (Err(error), _) | (_, Err(error) | Ok(Err(error))) => Ended::Broken(error),
        }
    }

    /// Asks all of it to end, and kills it if it does not.
    pub(super) async fn stop(&mut self) {
        self.group.signal(Signal::TERM);
        let _ = timeout(GRACE, self.process.wait()).await;
        self.group.end();
        let _ = self.process.wait().await;
    }
}

/// The processes of a command; killed when dropped.
#[derive(Debug)]
struct Group(Option<Pid>);

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.0 {
            // Where nothing is left of it there is nothing to do.
            kill_process_group(pid, signal).ok();
        }
    }

    /// Kills what is left. Nobody else gets a signal later: the number may be another's by then.
    fn end(&mut self) {
        self.signal(Signal::KILL);
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// A command need not read what it is given.
async fn feed(mut pipe: ChildStdin, bytes: Bytes) {
    pipe.write_all(&bytes).await.ok();
}

async fn listen(mut stderr: ChildStderr, heard: watch::Sender<Heard>, task: String, printer: Printer) {
    let (mut lines, mut buffer) = (Lines::default(), [0; BUFFER]);
    let take = |line: String| {
        heard.send_if_modified(|heard| heard.take(&line));
        printer.notice(&Said::Line { task: task.clone(), line });
    };
    while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
        lines.push(&buffer[..read]).into_iter().for_each(take);
    }
    lines.rest().into_iter().for_each(take);
}
