//! The demonstration: real agents in temporary homes, on loopback, that do what Airway is for.

mod agents;
mod away;
mod events;
mod file;
mod moving;
mod network;
mod strangers;
mod talk;
mod tasks;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use agents::{Agent, Agents};
use serde::Serialize;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::{
    Found, Network, Node, Outgoing, Received, Request, Sent, Task,
    api::{Code, Error},
    protocols::polo::Receipt,
    store::Filter,
};

/// How long any step may take on a machine that is busy with other things.
const WAIT: Duration = Duration::from_secs(30);

/// How often it is looked whether something has happened.
const LOOK: Duration = Duration::from_millis(20);

/// Where the talking agents meet.
const PORT: &str = "5000";

/// What alice writes first.
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
    let agents = Agents::new()?;
    demo.play(&agents).await?;
    let homes = if keep { agents.homes().map(TempDir::keep).into() } else { Vec::new() };
    Ok(Report { steps: demo.steps, homes })
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

    async fn play(&mut self, agents: &Agents) -> Result<(), Error> {
        let address = |node: &Node| node.me().endpoint().to_string();
        let a = self.step("start alice", agents.alice.start(), address).await?;
        let b = self.step("start bob", agents.bob.start(), address).await?;
        let m = self.step("start mallory, a stranger", agents.mallory.start(), address).await?;

        let ticket = |size: &usize| format!("each trusts the other, by {size} characters");
        self.step("alice's ticket, used by bob", talk::befriend(&a, &b), ticket).await?;
        self.talk(&a, &b).await?;
        self.work(&a, &b).await?;
        self.ask(&b, agents).await?;
        let silent = |request: &Request| format!("asks with {}: turned down, and not told", words(request));
        self.step("mallory, who has alice's card", strangers::intrude(&m, &a), silent).await?;
        let b = self.wait(&a, b, &agents.bob).await?;
        let a = self.relocate(a, &b, &agents.moved).await?;
        for node in [a, b, m] {
            node.shut_down().await;
        }
        self.network(agents).await
    }

    /// What two agents do that are there.
    async fn talk(&mut self, a: &Node, b: &Node) -> Result<(), Error> {
        self.step("ping bob", talk::ping(a, "bob"), ToString::to_string).await?;
        let to_bob = a.find("bob")?;
        let durable = |_: &Sent| "acknowledged: it is on the receiver's disk".into();
        let greeting = a.send(&to_bob, Outgoing::text(GREETING).now());
        let sent = self.step("send bob a message", greeting, durable).await?;
        let to_alice = b.find("alice")?;
        let reply = Outgoing::text("hello alice").in_reply_to(sent.id()).now();
        self.step("bob replies", b.send(&to_alice, reply), durable).await?;
        let equal = |(size, digest): &file::Arrived| {
            let digest = digest.to_string();
            format!("{} MiB, BLAKE3 {}… at both ends", size >> 20, digest.get(..16).unwrap_or(&digest))
        };
        self.step("send bob a file", file::send(a, b), equal).await?;
        let answer = |text: &String| format!("bob answers {text:?}");
        let port = PORT.parse().map_err(|_| failed("not a port"))?;
        self.step("open port 5000 at bob, dial it", talk::stream(a, b, "bob", port), answer).await?;
        let in_order = |texts: &Vec<String>| format!("{texts:?}: two of before, one as it comes");
        self.step("bob subscribes to her builds", events::replay(a, b), in_order).await?;
        Ok(())
    }

    /// Alice has bob do something.
    async fn work(&mut self, a: &Node, b: &Node) -> Result<(), Error> {
        let result = |task: &Task| format!("{:?}, and nobody can lose it on the way", tasks::result(task));
        let task = self.step("bob counts words for alice", tasks::have_done(a, b), result).await?;
        let signed = |receipt: &Receipt| {
            format!("number {} between the two, reward {}", receipt.seq(), receipt.reward())
        };
        self.step("both have signed the receipt", tasks::receipt(a, b, &task), signed).await?;
        let worth = |(raw, milli): &(i64, u64)| {
            format!("{}.{:03} by her own receipts and trust, {raw} raw", milli / 1000, milli % 1000)
        };
        self.step("what bob is worth to alice now", tasks::scores(a, b), worth).await?;
        Ok(())
    }

    /// Bob asks carol, whom he reaches through a relay, to be trusted: she does, with little, and for a while.
    async fn ask(&mut self, b: &Node, agents: &Agents) -> Result<(), Error> {
        let hidden = |_: &(Node, Node)| "no open port: found through the relay alone".into();
        let started = strangers::shelter(&agents.relay, &agents.carol);
        let (relay, c) = self.step("start a relay, and carol", started, hidden).await?;
        let shown = |request: &Request| format!("she is shown his fingerprint, and {}", words(request));
        let request = self.step("bob asks carol, by her card", strangers::introduce(b, &c), shown).await?;
        let approved = strangers::approve(&c, b, &request);
        self.step("she approves, for port 5000", approved, ToString::to_string).await?;
        let answer = |text: &String| format!("carol answers {text:?}");
        self.step("bob dials carol's port 5000", strangers::granted(b, &c), answer).await?;
        let refused = |error: &String| format!("{error}, it seems: it was not granted");
        self.step("bob dials carol's port 5001", strangers::beside(b, &c), refused).await?;
        self.step("untrusted amid a busy stream", strangers::end(&c, b), ToString::to_string).await?;
        for node in [c, relay] {
            node.shut_down().await;
        }
        Ok(())
    }

    /// Bob is away for a while; returns him as he is back.
    async fn wait(&mut self, a: &Node, b: Node, bob: &Agent) -> Result<Node, Error> {
        let silent = |_: &away::Kept| "nobody answers at his address".into();
        let kept = self.step("bob goes away", away::leave(b), silent).await?;
        let waiting = |wait: &Duration| {
            let days = wait.as_secs() / (24 * 3600);
            format!("in her outbox, on her disk, for up to {days} days")
        };
        self.step("alice sends three messages", away::send(a), waiting).await?;
        let same = |_: &Node| "the same address and port, the same inbox".into();
        let b = self.step("bob comes back", away::come_back(bob, &kept), same).await?;
        let texts = |texts: &Vec<String>| format!("{texts:?}, in order");
        self.step("they arrive by themselves", away::catch_up(&b, &kept), texts).await?;
        self.step("alice reaches bob again", talk::ping(a, "bob"), ToString::to_string).await?;
        Ok(b)
    }

    /// Alice moves; returns her as she is there.
    async fn relocate(&mut self, a: Node, b: &Node, to: &Agent) -> Result<Node, Error> {
        let arrived = |node: &Node| format!("the same address, {} contact", node.contacts().len());
        let a = self.step("alice moves to another home", moving::relocate(a, to), arrived).await?;
        self.step("bob, told by nobody, finds her", moving::find(b, "alice"), ToString::to_string).await?;
        Ok(a)
    }

    /// Dora founds a private network, in which erin finds frank, until he is expelled.
    async fn network(&mut self, agents: &Agents) -> Result<(), Error> {
        let founded = |(node, network): &(Node, Network)| {
            format!("{}, number {}: she is {}", network.name, network.number, node.me().endpoint())
        };
        let found = network::found(&agents.dora);
        let (d, _) = self.step("dora founds a private network", found, founded).await?;
        let members = |joined: &network::Joined| format!("both are members, by {} characters", joined.invite);
        let join = network::join(&d, &agents.erin, &agents.frank);
        let joined = self.step("erin and frank use her invite", join, members).await?;
        let (e, f) = joined.nodes;
        let vouched = |found: &Found| format!("{}, says the network's authority", found.endpoint);
        self.step("erin looks for frank, by name", network::by_name(&e, "frank"), vouched).await?;
        let says = |found: &Found| format!("{} says so", found.name.as_deref().unwrap_or("somebody"));
        self.step("erin looks for who can do ocr", network::by_tag(&e), says).await?;
        let delivered = |(): &()| "delivered: here members trust each other".into();
        self.step("erin sends frank a message", network::send(&e, "frank"), delivered).await?;
        let heard = |text: &String| format!("frank hears {text:?}: he has subscribed to all of it");
        self.step("dora tells the network", events::tell(&d, &f), heard).await?;
        let over = |error: &String| format!("his subscription at hers is cut: {error}");
        self.step("erin ceases to trust frank", events::cut(&e, &f, "frank"), over).await?;
        let out = |(): &()| "erin has heard, and frank: nobody is left who can do ocr".into();
        let expel = network::expel(&d, &e, "frank", &f);
        self.step("dora expels frank", expel, out).await?;
        for node in [d, e, f] {
            node.shut_down().await;
        }
        Ok(())
    }
}

/// Waits until there are so many messages after `seq` in the inbox, and returns all that are.
async fn arrivals(node: &Node, seq: u64, count: usize) -> Result<Vec<Received>, Error> {
    let mut newest = node.newest();
    let all_there = async {
        loop {
            newest.mark_unchanged();
            let messages = node.inbox(Filter { after: seq, ..Filter::default() }).await?;
            if messages.len() >= count {
                return Ok(messages);
            }
            newest.changed().await.map_err(|_| failed("the node has ended"))?;
        }
    };
    let late = |_| Error::new(Code::Timeout, format!("{count} messages did not arrive within {WAIT:?}"));
    timeout(WAIT, all_there).await.map_err(late)?
}

/// Looks now and then until there is something, which is called `what`.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>, Error>) -> Result<T, Error> {
    let seen = async {
        loop {
            match look().await? {
                Some(seen) => return Ok(seen),
                None => sleep(LOOK).await,
            }
        }
    };
    let late = |_| Error::new(Code::Timeout, format!("no {what} within {WAIT:?}"));
    timeout(WAIT, seen).await.map_err(late)?
}

/// The words of whoever asks, marked as such.
fn words(request: &Request) -> String {
    format!("{:?}, a stranger's words", request.justification.as_deref().unwrap_or_default())
}

/// What a message says; a file, what it is called.
fn text(message: &Received) -> String {
    match &message.file {
        Some(file) => file.name.clone(),
        None => String::from_utf8_lossy(&message.payload).into_owned(),
    }
}

/// Something is not as the demonstration says.
fn failed(what: impl Into<String>) -> Error {
    Error::new(Code::Internal, what)
}
