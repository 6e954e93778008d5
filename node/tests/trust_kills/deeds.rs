//! What is done while somebody dies, and what has to hold afterwards.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests")]

use airway::api::{InboxQuery, RejectRequest, Standing, UntrustQuery, UseRequest};

use crate::{agent::now, busy::Busy, pair::Pair, plan::Round, process::until};

/// Every so many tickets are tried by another as well.
const TRIED: usize = 8;

/// How long the other tries.
const TRY_MS: u64 = 500;

/// Messages that are listed at once.
const PAGE: u32 = 1_000;

impl Pair {
    /// Bob's request reaches alice, or it was not made.
    pub(crate) async fn ask(&mut self, round: Round) -> Option<()> {
        self.become_strangers().await;
        self.alice.forget_knocks().await;
        let (client, request) = (self.bob.client(), self.request().await);
        let asked = request.clone();
        let outcome = self.give(round, async move { client.trust(&asked).await }).await?;
        if !outcome.committed {
            assert_eq!(self.standings().await, (Standing::Stranger, Standing::Stranger), "{round:?}");
            self.bob.client().trust(&request).await.expect("bob can ask again");
        }
        self.come_to(Standing::Pending, Standing::Requested, round).await;
        Some(())
    }

    /// Alice trusts bob and he comes to trust her, or his request waits as before.
    pub(crate) async fn approve(&mut self, round: Round) -> Option<()> {
        self.become_suitors().await;
        let (client, approval) = (self.alice.client(), self.approval());
        let approved = approval.clone();
        let outcome = self.give(round, async move { client.approve(&approved).await }).await?;
        if outcome.committed {
            let standing = self.alice.standing(&self.bob.address).await;
            if standing != Standing::Trusted {
                self.tally.lost.push(format!("{standing:?} though approved: {round:?}"));
                return Some(());
            }
        } else {
            assert_eq!(self.standings().await, (Standing::Pending, Standing::Requested), "{round:?}");
            self.alice.client().approve(&approval).await.expect("alice can approve again");
        }
        self.come_to(Standing::Trusted, Standing::Trusted, round).await;
        Some(())
    }

    /// Bob is served with nothing any more and hears why, or is served as before.
    pub(crate) async fn revoke(&mut self, round: Round) -> Option<()> {
        self.become_friends().await;
        let busy = Busy::begin(&self.alice, &self.bob).await;
        let (client, who) = (self.alice.client(), self.bob.address.clone());
        let end = async move { client.untrust(&who, &UntrustQuery::default()).await };
        let outcome = self.give(round, end).await?;
        let end = if outcome.committed {
            let standing = self.alice.standing(&self.bob.address).await;
            if standing != Standing::Stranger {
                self.tally.lost.push(format!("{standing:?} though revoked: {round:?}"));
            }
            outcome.answered_at.unwrap_or(outcome.died_at)
        } else {
            assert_eq!(self.standings().await, (Standing::Trusted, Standing::Trusted), "{round:?}");
            busy.goes_on(outcome.died_at).await;
            let again = self.alice.client().untrust(&self.bob.address, &UntrustQuery::default()).await;
            again.expect("alice can revoke again");
            now()
        };
        self.come_to(Standing::Stranger, Standing::Stranger, round).await;
        busy.is_cut().await;
        let mut served: Vec<_> =
            busy.since(end).iter().map(|service| format!("{service:?}: {round:?}")).collect();
        drop(busy);
        served.extend(self.arrived_after(end).await.iter().map(|id| format!("message {id}: {round:?}")));
        self.tally.served.extend(served);
        Some(())
    }

    /// The messages that alice took in after a time, in Unix milliseconds.
    async fn arrived_after(&mut self, time: i64) -> Vec<String> {
        let mut late = Vec::new();
        loop {
            let query = InboxQuery { after: Some(self.inbox), limit: Some(PAGE), ..InboxQuery::default() };
            let page = self.alice.client().inbox(&query).await.unwrap();
            let Some(last) = page.last() else { return late };
            self.inbox = last.seq;
            late.extend(page.iter().filter(|item| item.received_at > time).map(|item| item.id.clone()));
        }
    }

    /// Both trust each other by the ticket, or bob can use it again; and nobody else.
    pub(crate) async fn pair(&mut self, round: Round) -> Option<()> {
        self.become_strangers().await;
        let (client, ticket) = (self.bob.client(), self.ticket().await);
        let used = ticket.clone();
        let outcome = self.give(round, async move { client.pair(&used).await }).await?;
        let (alice, bob) = self.standings().await;
        assert!(matches!(alice, Standing::Stranger | Standing::Trusted), "{alice:?}: {round:?}");
        if !outcome.committed {
            assert_eq!((alice, bob), (Standing::Stranger, Standing::Stranger), "{round:?}");
            self.bob.client().pair(&ticket).await.expect("bob can use the ticket again");
        }
        self.come_to(Standing::Trusted, Standing::Trusted, round).await;
        if self.tally.paired.is_multiple_of(TRIED) {
            self.is_used_up(ticket).await;
        }
        self.tally.paired += 1;
        Some(())
    }

    /// Sees that a ticket is worth nothing to another.
    async fn is_used_up(&mut self, ticket: UseRequest) {
        self.alice.forget_knocks().await;
        let (alice, carol) = (self.alice.client(), self.carol.client());
        let used = UseRequest { timeout_ms: Some(TRY_MS), ..ticket };
        carol.pair(&used).await.expect_err("the ticket is used up");
        assert_ne!(self.alice.standing(&self.carol.address).await, Standing::Trusted);
        until("carol has given up", async || {
            drop(carol.untrust(&self.alice.address, &UntrustQuery::default()).await);
            let reject = RejectRequest { who: self.carol.address.clone(), tell: false, reason: None };
            drop(alice.reject(&reject).await);
            let standings = (
                self.alice.standing(&self.carol.address).await,
                self.carol.standing(&self.alice.address).await,
            );
            standings == (Standing::Stranger, Standing::Stranger)
        })
        .await;
    }
}
