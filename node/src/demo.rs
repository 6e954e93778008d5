//! The demonstration: real agents in temporary homes, on loopback, that do what Airway is for.

use std::{
    fmt,
    path::PathBuf,
    time::{Duration, Instant},
};

use serde::Serialize;
use tempfile::TempDir;

use crate::{
    DialError, Node, Outgoing, Overrides, SendError, Sent,
    api::{Code, Error},
    protocols::port::Port,
    store::Filter,
};

/// QUIC on loopback: nothing leaves the machine.
const LISTEN: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

/// How long any step may take on a machine that is busy with other things.
const WAIT: Duration = Duration::from_secs(30);

/// What alice writes, and bob is to have after a restart.
const GREETING: &str = "hello bob";

/// Something that the demonstration did.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Step {
    /// What it was.
    pub(crate) what: &'static str,
    /// What came of it.
    pub(crate) outcome: String,
    /// Microseconds that it took.
    pub(crate) took_us: u64,
}

/// What the demonstration did.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// In order.
    pub(crate) steps: Vec<Step>,
    /// Homes of the agents, if they were kept.
    pub(crate) homes: Vec<PathBuf>,
}

/// Runs the demonstration and tells each step as it is done; cleans up behind itself unless the homes are kept.
///
/// # Errors
/// At the first step that does not do what it shows.
pub(crate) async fn run(keep: bool, tell: impl FnMut(&Step)) -> Result<Report, Error> {
    let mut demo = Demo { steps: Vec::new(), tell };
    let (alice, bob, mallory) = (Agent::new("alice")?, Agent::new("bob")?, Agent::new("mallory")?);
    demo.play(&alice, &bob, &mallory).await?;
    let Demo { steps, .. } = demo;
    let homes = [alice, bob, mallory].map(|agent| agent.home);
    let homes = if keep { homes.map(TempDir::keep).into() } else { Vec::new() };
    Ok(Report { steps, homes })
}

struct Agent {
    name: &'static str,
    home: TempDir,
}

impl Agent {
    fn new(name: &'static str) -> Result<Self, Error> {
        let home = tempfile::Builder::new().prefix(&format!("airway-demo-{name}-")).tempdir();
        let home = home.map_err(|error| Error::new(Code::Home, format!("no temporary home: {error}")))?;
        Ok(Self { name, home })
    }

    async fn start(&self) -> Result<Node, Error> {
        let flags = Overrides {
            name: Some(self.name.into()),
            listen: Some(vec![LISTEN.into()]),
            ..Overrides::default()
        };
        Ok(Node::start(self.home.path(), flags).await?)
    }
}

struct Demo<F> {
    steps: Vec<Step>,
    tell: F,
}

impl<F: FnMut(&Step)> Demo<F> {
    async fn step<T, E: Into<Error>>(
        &mut self,
        what: &'static str,
        doing: impl Future<Output = Result<T, E>>,
        outcome: impl FnOnce(&T) -> String,
    ) -> Result<T, Error> {
        let start = Instant::now();
        let done = doing.await.map_err(Into::into)?;
        let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let step = Step { what, outcome: outcome(&done), took_us };
        (self.tell)(&step);
        self.steps.push(step);
        Ok(done)
    }

    async fn play(&mut self, alice: &Agent, bob: &Agent, mallory: &Agent) -> Result<(), Error> {
        let address = |node: &Node| node.me().endpoint().to_string();
        let a = self.step("start alice", alice.start(), address).await?;
        let b = self.step("start bob", bob.start(), address).await?;
        let m = self.step("start mallory, a stranger", mallory.start(), address).await?;

        self.step("exchange cards", befriend(&a, &b), |size| format!("{size} characters each, signed"))
            .await?;
        self.talk(&a, &b).await?;
        self.step("mallory, who has alice's card", intrude(&m, &a), |refused| format!("refused: {refused}"))
            .await?;

        let same = |_: &Node| "the same address, the same port".into();
        let b = self.step("restart bob", restart(b, bob), same).await?;
        self.step("alice reaches bob again", ping(&a, "bob"), ToString::to_string).await?;
        self.step("bob's inbox after the restart", inbox(&b), |texts| format!("{texts:?}")).await?;
        for node in [a, b, m] {
            node.shut_down().await;
        }
        Ok(())
    }

    async fn talk(&mut self, a: &Node, b: &Node) -> Result<(), Error> {
        self.step("ping bob", ping(a, "bob"), ToString::to_string).await?;
        let to_bob = a.find("bob")?;
        let durable = |sent: &Sent| match sent {
            Sent::Delivered { .. } => "acknowledged: it is on the receiver's disk".into(),
            Sent::Waiting { obstacle, .. } => format!("in the outbox: {obstacle}"),
        };
        let sent =
            self.step("send bob a message", a.send(&to_bob, Outgoing::text(GREETING).now()), durable).await?;
        let to_alice = b.find("alice")?;
        let reply = Outgoing::text("hello alice").in_reply_to(sent.id()).now();
        self.step("bob replies", b.send(&to_alice, reply), durable).await?;
        self.step("open port 5000 at bob, dial it", stream(a, b), |text| format!("bob answers {text:?}"))
            .await?;
        Ok(())
    }
}

/// Ends a node and starts its agent again. It is an error if anything of it changes.
async fn restart(node: Node, agent: &Agent) -> Result<Node, Error> {
    let before = (node.me().endpoint(), node.listening());
    node.shut_down().await;
    drop(node);
    let node = agent.start().await?;
    if (node.me().endpoint(), node.listening()) != before {
        return Err(Error::new(Code::Internal, "the address or the port did not survive the restart"));
    }
    Ok(node)
}

/// Each trusts the card of the other; returns the length of a card.
async fn befriend(a: &Node, b: &Node) -> Result<usize, Error> {
    let (card_a, card_b) = (a.card()?, b.card()?);
    a.trust(&card_b, None).await?;
    b.trust(&card_a, None).await?;
    Ok(card_a.to_string().len())
}

struct Trip(crate::Pong);

impl fmt::Display for Trip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, transport) = self.0.connection.as_ref().map_or(("gone", "-"), |connection| {
            (if connection.is_relayed() { "relayed" } else { "direct" }, connection.transport())
        });
        write!(f, "round trip {} µs, {path}, {transport}", self.0.rtt.as_micros())
    }
}

async fn ping(from: &Node, who: &str) -> Result<Trip, Error> {
    Ok(Trip(from.ping(&from.find(who)?, WAIT).await?))
}

/// A program at `b` listens and answers; one at `a` dials and asks.
async fn stream(a: &Node, b: &Node) -> Result<String, Error> {
    use futures::{AsyncReadExt as _, AsyncWriteExt as _};
    let broke = |error: std::io::Error| Error::new(Code::Unreachable, error.to_string());
    let port: Port = "5000".parse().map_err(|_| Error::new(Code::Internal, "not a port"))?;
    let mut listener = b.listen(port)?;
    let serve = async {
        if let Some((from, mut stream)) = listener.accept().await {
            stream.write_all(format!("welcome to port {port}, {}", from.label()).as_bytes()).await?;
            stream.close().await?;
        }
        Ok(())
    };
    let ask = async {
        let mut stream = a.dial(&a.find("bob")?, port, WAIT).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.map_err(broke)?;
        Ok::<_, Error>(answer)
    };
    let (served, answer) = tokio::join!(serve, ask);
    served.map_err(broke)?;
    answer
}

/// Tries what a stranger can try; returns what it hears. It is an error if anything works.
async fn intrude(stranger: &Node, victim: &Node) -> Result<String, Error> {
    let failed = || Error::new(Code::Internal, "a stranger was served");
    let victim = stranger.trust(&victim.card()?, None).await?;
    let Err(DialError::NotTrusted { .. }) = stranger.ping(&victim, WAIT).await else { return Err(failed()) };
    match stranger.send(&victim, Outgoing::text("psst")).await {
        Err(refused @ SendError::Dial(DialError::NotTrusted { .. })) => Ok(refused.to_string()),
        _ => Err(failed()),
    }
}

/// The texts in the inbox. It is an error if they are not those that were acknowledged.
async fn inbox(node: &Node) -> Result<Vec<String>, Error> {
    let messages = node.inbox(Filter::default()).await?;
    let texts: Vec<_> =
        messages.iter().map(|message| String::from_utf8_lossy(&message.payload).into_owned()).collect();
    if texts != [GREETING] {
        return Err(Error::new(
            Code::Internal,
            format!("{GREETING:?} was acknowledged, but the inbox has {texts:?}"),
        ));
    }
    Ok(texts)
}
