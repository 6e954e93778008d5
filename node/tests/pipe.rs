//! Raw streams between the stdin and stdout of two processes, by `airway listen` and `airway dial`.
//!
//! `AIRWAY_TEST_SIZE=full` pipes 1 GiB each way in place of 64 MiB.
#![expect(clippy::expect_used, reason = "helpers of tests")]

#[path = "common/http.rs"]
mod http;
#[path = "common/process.rs"]
mod process;
#[path = "common/size.rs"]
mod size;

use std::process::{ExitStatus, Stdio};

use airway::api::{Code, client::Client};
use http::call;
use process::{Daemon, PATIENCE, friends, until};
use rand::{RngCore as _, SeedableRng as _, rngs::SmallRng};
use sha2::{Digest as _, Sha256};
use size::{is_full, seed, size};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStdin, ChildStdout},
    time::timeout,
};

/// Bytes that are made, or read, at once.
const PIECE: usize = 256 * 1024;

/// A process that pipes, with both ends in hand.
struct Pipe {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
}

impl Pipe {
    fn start(daemon: &Daemon, args: &[&str]) -> Self {
        let mut command = daemon.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("a process");
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().expect("a pipe"));
        Self { child, stdin, stdout }
    }

    /// Listens on port 5000, and returns once the port is open.
    async fn listen(daemon: &Daemon) -> Self {
        let pipe = Self::start(daemon, &["listen", "5000"]);
        until("the port is open", async || daemon.json(&["status"]).await["ports"][0] == 5000).await;
        pipe
    }

    async fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(bytes).await.expect("the process takes it");
    }

    async fn read(&mut self, bytes: usize) -> Vec<u8> {
        let mut buffer = vec![0; bytes];
        let read = timeout(PATIENCE, self.stdout.read_exact(&mut buffer)).await;
        read.expect("in time").expect("the process gives it");
        buffer
    }

    /// Reads to the end.
    async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let read = timeout(PATIENCE, self.stdout.read_to_end(&mut rest)).await;
        read.expect("in time").expect("the process ends it");
        rest
    }

    async fn ended(mut self) -> ExitStatus {
        drop(self.stdin);
        timeout(PATIENCE, self.child.wait()).await.expect("an end in time").expect("a process")
    }
}

/// Feeds so many bytes of this seed, then closes; returns their digest.
async fn feed(mut stdin: ChildStdin, seed: u64, bytes: u64) -> [u8; 32] {
    let (mut rng, mut digest, mut left) = (SmallRng::seed_from_u64(seed), Sha256::new(), bytes);
    let mut piece = vec![0; PIECE];
    while left > 0 {
        let len = piece.len().min(usize::try_from(left).unwrap_or(PIECE));
        rng.fill_bytes(&mut piece[..len]);
        digest.update(&piece[..len]);
        stdin.write_all(&piece[..len]).await.expect("the process takes it");
        left -= len as u64;
    }
    digest.finalize().into()
}

/// Reads to the end; returns how much it was, and its digest.
async fn drain(mut stdout: ChildStdout) -> (u64, [u8; 32]) {
    let (mut total, mut digest, mut piece) = (0, Sha256::new(), vec![0; PIECE]);
    loop {
        let len = timeout(PATIENCE, stdout.read(&mut piece)).await.expect("no stall").expect("a pipe");
        if len == 0 {
            return (total, digest.finalize().into());
        }
        digest.update(&piece[..len]);
        total += len as u64;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_directions_carry_every_byte_at_once() {
    let bytes: u64 = size(64 << 20, 1 << 30);
    let seed = seed();
    let (alice, bob) = friends().await;
    let listen = Pipe::listen(&bob).await;
    let dial = Pipe::start(&alice, &["dial", "bob", "5000"]);
    let (there, back) = (dial.stdin.expect("a pipe"), listen.stdin.expect("a pipe"));
    let (there, back, arrived_there, arrived_back) = tokio::join!(
        tokio::spawn(feed(there, seed, bytes)),
        tokio::spawn(feed(back, !seed, bytes)),
        tokio::spawn(drain(listen.stdout)),
        tokio::spawn(drain(dial.stdout)),
    );
    assert_eq!(arrived_there.unwrap(), (bytes, there.unwrap()));
    assert_eq!(arrived_back.unwrap(), (bytes, back.unwrap()));
    for mut child in [listen.child, dial.child] {
        assert_eq!(timeout(PATIENCE, child.wait()).await.unwrap().unwrap().code(), Some(0));
    }
    if is_full() {
        assert_eq!(alice.json(&["status"]).await["connected"], 1, "the connection is as good as before");
    }
}

#[tokio::test]
async fn either_side_may_say_all_it_has_and_still_listen() {
    let (alice, bob) = friends().await;
    for first in ["dialler", "listener"] {
        let listen = Pipe::listen(&bob).await;
        let dial = Pipe::start(&alice, &["dial", "bob", "5000"]);
        let (mut early, mut late) = if first == "dialler" { (dial, listen) } else { (listen, dial) };
        early.write(b"that is all").await;
        early.stdin = None;
        assert_eq!(late.read(11).await, b"that is all", "{first}");
        // One direction has ended, and the other goes on.
        for piece in [&b"but I "[..], b"have more"] {
            late.write(piece).await;
            assert_eq!(early.read(piece.len()).await, piece, "{first}");
        }
        // Each process ends when it has heard both ends.
        late.stdin = None;
        assert_eq!((early.rest().await, late.rest().await), (Vec::new(), Vec::new()), "{first}");
        assert!(early.ended().await.success() && late.ended().await.success(), "{first}");
    }
}

#[tokio::test]
async fn a_listener_that_speaks_first_is_heard() {
    let (alice, bob) = friends().await;
    let mut listen = Pipe::listen(&bob).await;
    listen.write(b"welcome").await;
    let mut dial = Pipe::start(&alice, &["dial", &format!("{}:5000", bob.address())]);
    assert_eq!(dial.read(7).await, b"welcome");
    // The port closes with the first dialler: a second one finds nobody.
    alice.fails(&["dial", "bob", "5000"], 4, "port_closed").await;
    (listen.stdin, dial.stdin) = (None, None);
    assert_eq!((listen.rest().await, dial.rest().await), (Vec::new(), Vec::new()));
    assert!(listen.ended().await.success() && dial.ended().await.success());
}

#[tokio::test]
async fn the_echo_port_sends_everything_back() {
    let (alice, _bob) = friends().await;
    let echo = process::run(alice.command(["dial", "bob", "7"]), b"hello").await;
    assert_eq!((echo.code, echo.stdout.as_slice()), (0, &b"hello"[..]), "{echo:?}");
}

#[tokio::test]
async fn a_kept_port_serves_one_dial_after_the_other_without_a_gap() {
    let (alice, bob) = friends().await;
    let mut listen = Pipe::start(&bob, &["listen", "5000", "--keep"]);
    listen.stdin = None;
    until("the port is open", async || bob.json(&["status"]).await["ports"][0] == 5000).await;
    for number in 0..50 {
        let text = format!("dial {number:02}");
        let dial = process::run(alice.command(["dial", "bob", "5000"]), text.as_bytes()).await;
        assert_eq!((dial.code, listen.read(text.len()).await), (0, text.into_bytes()), "{dial:?}");
    }
    // Those who come at once wait for each other.
    let crowd = (0..8).map(|_| process::run(alice.command(["dial", "bob", "5000"]), b"together"));
    let crowd = futures::future::join_all(crowd).await;
    assert!(crowd.iter().all(|dial| dial.code == 0), "{crowd:?}");
    assert_eq!(listen.read(8 * 8).await, b"together".repeat(8));
    listen.child.kill().await.unwrap();
    until("the port is free", async || bob.json(&["status"]).await["ports"] == serde_json::json!([])).await;
    alice.fails(&["dial", "bob", "5000"], 4, "port_closed").await;
}

#[tokio::test]
async fn a_stream_that_nobody_takes_ends_with_the_port() {
    let (alice, bob) = friends().await;
    let client = Client::new(bob.socket());
    let mut offers = client.keep(5000).await.unwrap();
    let dial = alice.command(["--json", "dial", "bob", "5000"]);
    let dial = tokio::spawn(async move { process::run(dial, b"").await });
    let offered = timeout(PATIENCE, offers.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(offered.from, alice.address());
    // Whoever comes behind it gives up in its own time.
    alice.fails(&["dial", "bob", "5000", "--timeout", "300ms"], 4, "timeout").await;
    drop(offers);
    timeout(PATIENCE, dial).await.unwrap().unwrap().error(4, "port_closed");
    let error = client.accept(offered.id).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound, "{error}");
}

#[tokio::test]
async fn every_port_that_is_not_reserved_can_be_listened_on() {
    let (alice, bob) = friends().await;
    for port in ["1", "1000", "1004", "65535"] {
        let mut listen = Pipe::start(&bob, &["listen", port]);
        listen.stdin = None;
        let open = port.parse::<u16>().unwrap();
        until("the port is open", async || bob.json(&["status"]).await["ports"][0] == open).await;
        let dial = process::run(alice.command(["dial", "bob", port]), port.as_bytes()).await;
        assert_eq!((dial.code, listen.rest().await), (0, port.as_bytes().to_vec()), "{dial:?}");
        assert!(listen.ended().await.success());
    }
}

#[tokio::test]
async fn a_dial_to_a_native_port_speaks_to_its_service() {
    let (alice, bob) = friends().await;
    // A frame that is none: the service of messages takes the stream and hangs up.
    process::run(alice.command(["dial", "bob", "1001"]), &[0xff; 64]).await;
    let (_, metrics) = call(&bob, "GET", "/metrics", b"").await;
    let taken = "airway_streams_inbound_total{service=\"data\"} 1";
    assert!(metrics.lines().any(|line| line == taken), "{metrics}");
    assert!(bob.inbox().await.is_empty());
    // Statements of trust, events, and tasks: the same.
    for port in ["444", "1002", "1003"] {
        let ran = process::run(alice.command(["dial", "bob", port]), &[0xff; 64]).await;
        assert!(ran.stdout.is_empty() && !ran.stderr.contains("nobody listens"), "{ran:?}");
    }
    assert_eq!(bob.json(&["trusted"]).await.as_array().unwrap().len(), 1);
    assert_eq!(bob.json(&["topics"]).await, serde_json::json!([]));
}

#[tokio::test]
async fn ports_that_cannot_be_had_are_refused_with_a_way_out() {
    let (alice, bob) = friends().await;
    alice.fails(&["dial", "bob", "5000"], 4, "port_closed").await;
    for (port, service) in
        [("7", "echo"), ("444", "trust"), ("1001", "data"), ("1002", "events"), ("1003", "tasks")]
    {
        for args in [&["listen", port][..], &["listen", port, "--keep"]] {
            let error = bob.fails(args, 1, "conflict").await;
            assert_eq!(error["message"], format!("port {port} is reserved for {service}"));
        }
    }
    let listen = Pipe::listen(&bob).await;
    let error = bob.fails(&["listen", "5000"], 1, "conflict").await;
    assert!(error["message"].as_str().unwrap().contains("in use"), "{error}");
    // Whoever ends gives the port back.
    drop(listen);
    until("the port is free", async || bob.json(&["status"]).await["ports"] == serde_json::json!([])).await;
    bob.fails(&["listen", "5000", "--timeout", "100ms"], 4, "timeout").await;
}

#[tokio::test]
async fn a_peer_that_vanishes_ends_the_pipe() {
    let (alice, bob) = friends().await;
    let mut listen = Pipe::listen(&bob).await;
    let mut dial = Pipe::start(&alice, &["dial", "bob", "5000"]);
    dial.write(b"x").await;
    listen.read(1).await;
    dial.child.kill().await.unwrap();
    listen.stdin = None;
    listen.rest().await;
    listen.ended().await;
    assert_eq!(bob.json(&["status"]).await["pid"], bob.pid(), "the daemon is none the worse for it");
}
