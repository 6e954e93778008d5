//! A process that answers lines with lines, in any order.

use std::{
    collections::HashMap,
    fs::File,
    io,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Map, Value};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::{Mutex as AsyncMutex, oneshot},
    time::timeout,
};

use super::Error;

/// However loaded the machine is, what has not been said by then will not be.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A process; it is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    input: AsyncMutex<Option<ChildStdin>>,
    asked: Asked,
    next: AtomicU64,
}

/// Why there is no answer.
#[derive(Debug)]
enum Mute {
    Ended,
    Silent,
}

/// Who waits for which answer.
type Waiting = HashMap<u64, oneshot::Sender<Value>>;

/// The same, shared; `None` once there will be no more answers.
#[derive(Debug, Clone)]
struct Asked(Arc<Mutex<Option<Waiting>>>);

impl Asked {
    fn lock(&self) -> MutexGuard<'_, Option<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    /// Starts a program, and returns its first line.
    pub(super) async fn start(
        program: &[PathBuf],
        args: &[String],
        log: File,
    ) -> io::Result<(Self, Option<String>)> {
        let [name, words @ ..] = program else { return Err(io::ErrorKind::NotFound.into()) };
        let mut command = Command::new(name);
        command.args(words).args(args).kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let mut lines = BufReader::new(output.ok_or(io::ErrorKind::BrokenPipe)?).lines();
        let first = timeout(PATIENCE, lines.next_line()).await??;
        let asked = Asked(Arc::new(Mutex::new(Some(Waiting::new()))));
        tokio::spawn(hear(lines, asked.clone()));
        let (input, next) = (AsyncMutex::new(input), AtomicU64::new(1));
        Ok((Self { child, input, asked, next }, first))
    }

    /// Has the process, which errors call `peer`, do something; returns what stands in its answer.
    pub(super) async fn ask(
        &self,
        peer: &str,
        verb: &str,
        args: &Value,
        patience: Duration,
    ) -> Result<Value, Error> {
        let (peer, named) = (peer.to_owned(), verb.to_owned());
        let answer = match self.answer(verb, args, patience).await {
            Ok(answer) => answer,
            Err(Mute::Ended) => return Err(Error::Ended { peer }),
            Err(Mute::Silent) => return Err(Error::Silent { peer, verb: named }),
        };
        if answer["ok"] == true {
            return Ok(answer);
        }
        let reason = answer["error"].as_str().map_or_else(|| answer.to_string(), ToOwned::to_owned);
        Err(Error::Refused { peer, verb: named, reason })
    }

    async fn answer(&self, verb: &str, args: &Value, patience: Duration) -> Result<Value, Mute> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut request = Map::from_iter([("id".to_owned(), id.into()), ("do".to_owned(), verb.into())]);
        request.extend(args.as_object().cloned().unwrap_or_default());
        let (reply, answer) = oneshot::channel();
        self.asked.lock().as_mut().ok_or(Mute::Ended)?.insert(id, reply);
        self.write(&Value::from(request)).await.map_err(|_| Mute::Ended)?;
        match timeout(patience, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(Mute::Ended),
            Err(_) => Err(Mute::Silent),
        }
    }

    async fn write(&self, request: &Value) -> io::Result<()> {
        let mut input = self.input.lock().await;
        let input = input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        input.write_all(format!("{request}\n").as_bytes()).await
    }

    /// The number of the process, unless it has ended.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends it at once, and waits until it is gone.
    pub(super) async fn kill(&mut self) -> io::Result<()> {
        self.child.kill().await
    }

    /// Says nothing more, and waits until it has ended by itself; returns its number.
    pub(super) async fn end(&mut self) -> io::Result<Option<i32>> {
        drop(self.input.lock().await.take());
        Ok(timeout(PATIENCE, self.child.wait()).await??.code())
    }
}

/// Hands on the answers. What else a program prints is none.
async fn hear(mut lines: Lines<BufReader<ChildStdout>>, asked: Asked) {
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(answer) = serde_json::from_str::<Value>(&line) else { continue };
        let waiting = |id| asked.lock().as_mut()?.remove(&id);
        if let Some(reply) = answer["id"].as_u64().and_then(waiting) {
            // Whoever asked may have given up.
            let _ = reply.send(answer);
        }
    }
    // Whoever still waits hears that it has ended.
    asked.lock().take();
}
