//! Members that do what no agent does, to all others at once.

use std::{
    collections::HashSet,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use airway::protocols::card::Card;
use futures::future::join_all;
use libp2p::PeerId;
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use super::network::Network;
use crate::rogue::{Control, Line, Rogue, Rpc};

/// Between two false signatures.
const LIES: Duration = Duration::from_millis(200);

/// Between two waves of a flood, frames in each, and events in each of those: twice as much at once as an author may say, and
/// more in the long run. A machine that has to run all of them gets through it.
const WAVE: Duration = Duration::from_secs(5);
const FRAMES: usize = 8;
const IN_FRAME: usize = 50;

/// Frames that wait for one to read them; whoever does not keep up misses some.
const QUEUE: usize = 16;

/// How long a rogue tries to come back to whoever has cut it off.
const RETURN: Duration = Duration::from_secs(1);

/// What a rogue does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Signs falsely.
    Liar,
    /// Changes whatever it hears, and says it to all before they hear the original.
    Forger,
    /// Says the truth, and far too much of it.
    Flooder,
    /// Has all take it into their meshes, and forwards nothing.
    Swallower,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Liar, Self::Forger, Self::Flooder, Self::Swallower];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Liar => "signs falsely",
            Self::Forger => "sends forgeries ahead",
            Self::Flooder => "floods",
            Self::Swallower => "forwards nothing",
        })
    }
}

/// A rogue at work, until this is dropped.
#[derive(Debug)]
pub(super) struct Attack {
    pub(super) kind: Kind,
    pub(super) peer: PeerId,
    pub(super) began: Instant,
    _task: JoinSet<()>,
}

/// A rogue with a line to everybody, each with a task of its own: a slow one holds up no other.
struct Rogues {
    rogue: Arc<Rogue>,
    lines: Vec<Sender<Rpc>>,
    _tasks: JoinSet<()>,
}

impl Attack {
    /// Has a new rogue begin, once everybody has admitted it.
    pub(super) async fn begin(kind: Kind, network: &Network) -> Self {
        let mut rogue = Rogue::join(&network.invite).await;
        let (peer, heard) = (rogue.peer(), rogue.hears());
        let rogue = Arc::new(rogue);
        let mut tasks = JoinSet::new();
        let entering = network.cards.iter().map(async |card| (card.clone(), rogue.enter(card).await));
        let lines = join_all(entering).await.into_iter().map(|(card, line)| {
            let (words, said) = channel(QUEUE);
            tasks.spawn(speak(rogue.clone(), card, line, said));
            words
        });
        let lines = lines.collect();
        let rogues = Rogues { rogue, lines, _tasks: tasks };
        let topic = rogues.rogue.topic();
        rogues.say(&Rpc::default().subscription(true, &topic).control([Control::Graft(topic)]));
        let mut task = JoinSet::new();
        task.spawn(async move {
            match kind {
                Kind::Liar => rogues.lie().await,
                Kind::Forger => rogues.forge(heard).await,
                Kind::Flooder => rogues.flood().await,
                Kind::Swallower => rogues.swallow(heard).await,
            }
        });
        Self { kind, peer, began: Instant::now(), _task: task }
    }

    /// Whether what it does is something that others find out.
    pub(super) fn is_found_out(&self) -> bool {
        self.kind != Kind::Swallower
    }
}

/// Says what it is given; comes back to whoever has cut it off.
async fn speak(rogue: Arc<Rogue>, card: Card, mut line: Line, mut words: Receiver<Rpc>) {
    while let Some(rpc) = words.recv().await {
        if line.say(rpc).await.is_err()
            && let Ok(Ok(another)) = timeout(RETURN, rogue.try_enter(&card)).await
        {
            line = another;
        }
    }
}

impl Rogues {
    fn say(&self, rpc: &Rpc) {
        for line in &self.lines {
            let _ = line.try_send(rpc.clone());
        }
    }

    async fn lie(&self) {
        let mut pace = interval(LIES);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for seq in 1.. {
            pace.tick().await;
            let lie = forged(self.rogue.broadcast(seq, &format!("lie {seq}")).as_bytes());
            self.say(&self.rogue.carries(&lie));
        }
    }

    async fn forge(&self, mut heard: Receiver<Vec<u8>>) {
        let mut known = HashSet::new();
        while let Some(data) = heard.recv().await {
            let forged = forged(&data);
            if known.insert(data) {
                known.insert(forged.clone());
                self.say(&self.rogue.carries(&forged));
            }
        }
    }

    async fn flood(&self) {
        let mut pace = interval(WAVE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seq = 1..;
        loop {
            pace.tick().await;
            for _ in 0..FRAMES {
                let frame = seq.by_ref().take(IN_FRAME).fold(Rpc::default(), |frame, seq| {
                    let words = self.rogue.broadcast(seq, &format!("flood {seq}"));
                    frame.publish(&self.rogue.topic(), words.as_bytes())
                });
                self.say(&frame);
            }
        }
    }

    /// It keeps its lines, on which it says nothing.
    async fn swallow(&self, mut heard: Receiver<Vec<u8>>) {
        while heard.recv().await.is_some() {}
    }
}

/// The same with a bit of it changed, somewhere in the middle.
fn forged(data: &[u8]) -> Vec<u8> {
    let mut forged = data.to_vec();
    if let Some(byte) = forged.get_mut(data.len() / 2) {
        *byte ^= 1;
    }
    forged
}
