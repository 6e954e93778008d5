//! A process of agents, as the test sees it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use std::{
    collections::HashMap,
    env,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::oneshot,
    time::timeout,
};

use crate::{
    wire::{Answer, Order, Request},
    worker::WORKER,
};

/// An answer that has not come by then will not come.
const PATIENCE: Duration = Duration::from_secs(120);

/// See the module. Dropping it kills the process.
#[derive(Debug)]
pub(crate) struct Process {
    /// Which of the test's processes it is.
    pub(crate) number: usize,
    child: tokio::sync::Mutex<Child>,
    orders: tokio::sync::Mutex<ChildStdin>,
    waiting: Waiting,
    next: AtomicU64,
    pid: u32,
}

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Answer>>>>;

impl Process {
    /// Starts this program once more, as a worker.
    pub(crate) fn start(number: usize) -> Arc<Self> {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "worker::runs_agents", "--nocapture"]).env(WORKER, "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (orders, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (waiting, pid) = (Waiting::default(), child.id().unwrap());
        tokio::spawn(hear(BufReader::new(answers).lines(), waiting.clone()));
        let (child, orders) = (tokio::sync::Mutex::new(child), tokio::sync::Mutex::new(orders));
        Arc::new(Self { number, child, orders, waiting, next: AtomicU64::default(), pid })
    }

    /// Has one of its agents do something.
    pub(crate) async fn ask(&self, agent: usize, order: Order) -> Answer {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        self.waiting.lock().unwrap().insert(id, reply);
        let line = serde_json::to_string(&Request { id, agent, order }).unwrap() + "\n";
        self.orders.lock().await.write_all(line.as_bytes()).await.expect("the process has ended");
        timeout(PATIENCE, answer).await.expect("no answer in time").expect("the process has ended")
    }

    /// Ends it by SIGKILL, and waits until it is gone.
    pub(crate) async fn kill(&self) {
        self.child.lock().await.kill().await.unwrap();
    }

    /// Resident memory in MiB; 0 where the system does not say.
    pub(crate) fn memory(&self) -> f64 {
        let all = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let line = all.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()).unwrap_or(0.0)
            / 1024.0
    }
}

/// Hands on what the process says; what the test harness prints in it is none of that.
async fn hear(mut lines: Lines<BufReader<ChildStdout>>, waiting: Waiting) {
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = line.find('{').and_then(|at| serde_json::from_str::<Answer>(&line[at..]).ok());
        if let Some(answer) = answer
            && let Some(reply) = waiting.lock().unwrap().remove(&answer.id)
        {
            let _ = reply.send(answer);
        }
    }
    // Whoever still waits hears that it has ended.
    waiting.lock().unwrap().clear();
}
