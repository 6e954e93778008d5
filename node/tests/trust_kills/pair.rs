//! Alice and bob, one of whom dies while something is done.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{future::Future, panic::AssertUnwindSafe};

use airway::api::{
    ApproveRequest, Error, PairRequest, RejectRequest, Standing, TrustRequest, UntrustQuery, UseRequest, What,
};
use futures::FutureExt as _;
use tokio::time::{sleep, timeout};

use crate::{
    agent::{Agent, now},
    crash::Place,
    plan::{Deed, Moment, Round, Victim},
    process::{PATIENCE, until},
    tally::Tally,
};

/// How often a round is begun whose victim dies of what was done before.
const BEGINNINGS: usize = 3;

/// How long bob waits for the maker of a ticket, who has to be started again meanwhile.
const WAIT_MS: u64 = 50_000;

/// What came of a command while somebody died.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    /// When it was answered with success, in Unix milliseconds.
    pub(crate) answered_at: Option<i64>,
    /// When the victim was dead.
    pub(crate) died_at: i64,
    /// It is in the log of who was to do it.
    pub(crate) committed: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) alice: Agent,
    pub(crate) bob: Agent,
    /// Somebody else, who tries what is not meant for her.
    pub(crate) carol: Agent,
    /// The last message that alice had.
    pub(crate) inbox: u64,
    pub(crate) tally: Tally,
}

impl Pair {
    pub(crate) async fn new() -> Self {
        let (alice, bob, carol) = tokio::join!(Agent::new("alice"), Agent::new("bob"), Agent::new("carol"));
        Self { alice, bob, carol, inbox: 0, tally: Tally::default() }
    }

    /// Plays a round, once its victim dies of what the round is about.
    pub(crate) async fn play(&mut self, round: Round) {
        for beginning in 1.. {
            let played = match round.deed {
                Deed::Ask => self.ask(round).await,
                Deed::Approve => self.approve(round).await,
                Deed::Revoke => self.revoke(round).await,
                Deed::Pair => self.pair(round).await,
            };
            if played.is_some() {
                break;
            }
            self.tally.anew += 1;
            assert!(beginning < BEGINNINGS, "its victim dies before it is committed: {round:?}");
        }
        self.tally.rounds += 1;
    }

    /// Gives a command, and lets the victim die meanwhile and rise again. `None` if it died too early for its place.
    pub(crate) async fn give<T: Send + 'static>(
        &mut self,
        round: Round,
        command: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Option<Outcome> {
        let (doer, event) = match round.deed {
            Deed::Ask | Deed::Pair => (Victim::Bob, What::Requested),
            Deed::Approve => (Victim::Alice, What::Trusted),
            Deed::Revoke => (Victim::Alice, What::Revoked),
        };
        let before = self.agent(doer).newest().await;
        if let Moment::At(place) = round.moment {
            self.agent(round.victim).order(place);
        }
        let given = tokio::spawn(async move { command.await.map(|_| now()) });
        self.bring_death(round).await;
        let died_at = now();
        self.agent(round.victim).rise().await;
        let answer =
            timeout(PATIENCE, given).await.unwrap_or_else(|_| panic!("no answer: {round:?}")).unwrap();
        assert!(answer.is_ok() || round.victim == doer, "{round:?}: {answer:?}");
        let events = self.agent(doer).events(Some(before)).await;
        let committed = events.iter().any(|entry| entry.by_us && entry.what == event);
        let outcome = Outcome { answered_at: answer.ok(), died_at, committed };
        self.judge(round, doer, outcome)
    }

    /// Whether what was done fits to the place of the death.
    fn judge(&mut self, round: Round, doer: Victim, outcome: Outcome) -> Option<Outcome> {
        let Outcome { answered_at, committed, .. } = outcome;
        if answered_at.is_some() && !committed {
            self.tally.lost.push(format!("answered, and not in the log: {round:?}"));
        }
        if let Moment::At(place) = round.moment {
            let early = matches!(place, Place::Decided | Place::HalfWritten | Place::Written);
            let expected = !(early && round.victim == doer);
            if expected && !committed {
                return None;
            }
            assert_eq!(committed, expected, "{round:?}: {outcome:?}");
        }
        self.tally.unheard += usize::from(committed && answered_at.is_none());
        self.tally.again += usize::from(!committed);
        Some(outcome)
    }

    /// Returns when the victim is dead.
    async fn bring_death(&mut self, round: Round) {
        match round.moment {
            Moment::At(_) => {
                if !self.agent(round.victim).obeys().await {
                    self.tally.missed.push(format!("{round:?}"));
                    self.agent(round.victim).kill().await;
                }
            }
            Moment::After(time) => {
                sleep(time).await;
                self.agent(round.victim).kill().await;
            }
        }
        self.tally.kills += 1;
    }

    fn agent(&mut self, victim: Victim) -> &mut Agent {
        match victim {
            Victim::Alice => &mut self.alice,
            Victim::Bob => &mut self.bob,
        }
    }

    /// How alice stands to bob, and he to her.
    pub(crate) async fn standings(&self) -> (Standing, Standing) {
        tokio::join!(self.alice.standing(&self.bob.address), self.bob.standing(&self.alice.address))
    }

    /// Waits until they stand so to each other, without anybody's doing.
    pub(crate) async fn come_to(&self, alice: Standing, bob: Standing, round: Round) {
        let come = until("they stand so", async || self.standings().await == (alice, bob));
        if AssertUnwindSafe(come).catch_unwind().await.is_err() {
            let (standings, words) =
                (self.standings().await, [&self.alice, &self.bob].map(Agent::last_words));
            panic!("{standings:?}, not {:?}: {round:?}\n{}", (alice, bob), words.join("\n\n"));
        }
    }

    /// Ends whatever is between them.
    pub(crate) async fn become_strangers(&self) {
        let (alice, bob) = (self.alice.client(), self.bob.client());
        until("they are strangers", async || {
            // What cannot be done any more is done.
            match self.standings().await {
                (Standing::Stranger, Standing::Stranger) => return true,
                (Standing::Trusted, _) => {
                    drop(alice.untrust(&self.bob.address, &UntrustQuery::default()).await)
                }
                (Standing::Pending, _) => {
                    let reject = RejectRequest { who: self.bob.address.clone(), tell: true, reason: None };
                    drop(alice.reject(&reject).await);
                }
                (_, Standing::Requested) => {
                    drop(bob.untrust(&self.alice.address, &UntrustQuery::default()).await);
                }
                _ => {}
            }
            false
        })
        .await;
    }

    /// Has bob's request wait for alice.
    pub(crate) async fn become_suitors(&mut self) {
        let wanted = (Standing::Pending, Standing::Requested);
        if self.standings().await != wanted {
            self.become_strangers().await;
            self.alice.forget_knocks().await;
            let request = self.request().await;
            self.bob.client().trust(&request).await.unwrap();
            until("the request is there", async || self.standings().await == wanted).await;
        }
    }

    /// Has them trust each other.
    pub(crate) async fn become_friends(&self) {
        let wanted = (Standing::Trusted, Standing::Trusted);
        if self.standings().await != wanted {
            self.become_strangers().await;
            let ticket = self.ticket().await;
            self.bob.client().pair(&ticket).await.unwrap();
            until("they trust each other", async || self.standings().await == wanted).await;
        }
    }

    /// Bob's request.
    pub(crate) async fn request(&self) -> TrustRequest {
        TrustRequest {
            who: self.alice.client().card().await.unwrap().card,
            message: Some("we build together".into()),
            alias: None,
            scopes: None,
            lapse_ms: None,
            timeout_ms: None,
        }
    }

    /// Alice's answer to it.
    pub(crate) fn approval(&self) -> ApproveRequest {
        ApproveRequest { who: self.bob.address.clone(), alias: None, scopes: None }
    }

    /// The use of a new ticket of alice's.
    pub(crate) async fn ticket(&self) -> UseRequest {
        let ticket = self.alice.client().ticket(&PairRequest::default()).await.unwrap().ticket;
        UseRequest { ticket, alias: None, scopes: None, timeout_ms: Some(WAIT_MS) }
    }
}
