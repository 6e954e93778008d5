//! Members that do what no agent does, to all others at once.

use std::{
    collections::HashSet,
    fmt,
    time::{Duration, Instant},
};

use airway::protocols::card::Card;
use futures::future::join_all;
use libp2p::PeerId;
use tokio::{
    sync::mpsc::Receiver,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use super::network::Network;
use crate::rogue::{Control, Line, Rogue, Rpc};

/// Between two false signatures.
const LIES: Duration = Duration::from_millis(200);

/// Between two frames of a flood, and events in each: ten times what an author may say.
const FLOOD: Duration = Duration::from_millis(40);
const IN_FRAME: u64 = 20;

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

/// A rogue with a line to everybody.
struct Rogues {
    rogue: Rogue,
    lines: Vec<(Card, Option<Line>)>,
}

impl Attack {
    /// Has a new rogue begin, once everybody has admitted it.
    pub(super) async fn begin(kind: Kind, network: &Network) -> Self {
        let mut rogue = Rogue::join(&network.invite).await;
        let (peer, heard) = (rogue.peer(), rogue.hears());
        let lines =
            join_all(network.cards.iter().map(async |card| (card.clone(), Some(rogue.enter(card).await))));
        let lines = lines.await;
        let mut rogues = Rogues { rogue, lines };
        let topic = rogues.rogue.topic();
        rogues.say(&Rpc::default().subscription(true, &topic).control([Control::Graft(topic)])).await;
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

impl Rogues {
    /// Says something to everybody; comes back to whoever has cut it off.
    async fn say(&mut self, rpc: &Rpc) {
        let rogue = &self.rogue;
        join_all(self.lines.iter_mut().map(async |(card, line)| {
            if let Some(open) = line
                && open.say(rpc.clone()).await.is_ok()
            {
                return;
            }
            *line = timeout(RETURN, rogue.try_enter(card)).await.ok().and_then(Result::ok);
        }))
        .await;
    }

    async fn lie(&mut self) {
        let mut pace = interval(LIES);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for seq in 1.. {
            pace.tick().await;
            let lie = forged(self.rogue.broadcast(seq, &format!("lie {seq}")).as_bytes());
            self.say(&self.rogue.carries(&lie)).await;
        }
    }

    async fn forge(&mut self, mut heard: Receiver<Vec<u8>>) {
        let mut known = HashSet::new();
        while let Some(data) = heard.recv().await {
            let forged = forged(&data);
            if known.insert(data) {
                known.insert(forged.clone());
                self.say(&self.rogue.carries(&forged)).await;
            }
        }
    }

    async fn flood(&mut self) {
        let mut pace = interval(FLOOD);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for first in (1..).step_by(usize::try_from(IN_FRAME).unwrap()) {
            pace.tick().await;
            let rogue = &self.rogue;
            let frame = (first..first + IN_FRAME).fold(Rpc::default(), |frame, seq| {
                let words = rogue.broadcast(seq, &format!("flood {seq}"));
                frame.publish(&rogue.topic(), words.as_bytes())
            });
            self.say(&frame).await;
        }
    }

    /// It keeps its lines, on which it says nothing.
    async fn swallow(&mut self, mut heard: Receiver<Vec<u8>>) {
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
