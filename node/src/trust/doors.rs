//! The two doors at which other agents speak about trust.
//!
//! `/airway/trust/1.0.0` is open to those whom we trust or have asked; it answers what became of a statement.
//! `/airway/knock/1.0.0` is open to everybody; it answers the same whatever became of it, and after the same time.

mod budget;

use std::{sync::Arc, time::Duration};

use airway_protocols::{
    agent::AgentId,
    knock::{self, Knock},
    streams::{AlreadyRegistered, Stream},
    trust::{self, Answer, Kind, Statement, StatementId},
};
use budget::Budgets;
use libp2p::PeerId;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until, timeout},
};

use super::{Trust, hear::HearError};
use crate::{
    bucket::Buckets,
    crash::{self, Place},
    door::{self, QUEUE, Source},
    store,
};

/// How long a statement may take to come in, and its answer to go out.
const EXCHANGE: Duration = Duration::from_secs(10);

/// When a knock is answered, whatever became of it: longer than a commit takes on most disks.
const ANSWER_AFTER: Duration = Duration::from_millis(250);

impl Trust {
    /// Listens at both doors until the network ends.
    pub(super) fn open_doors(&self) -> Result<(), AlreadyRegistered> {
        let statements = self.net.listen(trust::PROTOCOL, QUEUE)?;
        let knocks = self.net.listen(knock::PROTOCOL, QUEUE)?;
        let changes = Arc::new(Mutex::new(budget::changes()));
        let trust = self.clone();
        tokio::spawn(door::attend(self.net.clone(), statements, move |stream| {
            let (trust, changes) = (trust.clone(), changes.clone());
            async move { trust.answer(stream, &changes).await }
        }));
        let budgets = Arc::new(Mutex::new(Budgets::default()));
        let trust = self.clone();
        tokio::spawn(door::attend(self.net.clone(), knocks, move |stream| {
            let (trust, budgets) = (trust.clone(), budgets.clone());
            async move { trust.open_to(stream, &budgets).await }
        }));
        Ok(())
    }

    /// Hears a statement of an agent that we know, and answers it.
    async fn answer(self, mut stream: Stream, changes: &Mutex<Buckets<PeerId>>) {
        let peer = stream.peer();
        let Ok(Ok(statement)) = timeout(EXCHANGE, trust::hear(&mut stream)).await else { return };
        let heard = self.learn(&peer, &statement, changes).await;
        let answer = match &heard {
            Ok(_) => Answer::Taken,
            Err(HearError::Store(_) | HearError::Budget) => Answer::Failed,
            Err(_) => Answer::Invalid,
        };
        if let Err(error) = &heard {
            tracing::debug!(%peer, %error, "a statement about trust was not taken");
        }
        crash::point(Place::ToBeAnswered);
        // Before the connection is closed: otherwise the peer would say it again.
        if let Ok(Err(error)) = timeout(EXCHANGE, trust::answer(&mut stream, answer)).await {
            tracing::debug!(%peer, %error, "a statement about trust was not answered");
        }
        crash::point(Place::Answered);
        if let Ok(Some(turned)) = heard {
            self.follow_up(&turned).await;
        }
    }

    /// Takes in a statement of an agent that we know. What it changes while it is trusted has a limit; all else it can
    /// change once for each time that our owner asks or trusts it.
    async fn learn(
        &self,
        peer: &PeerId,
        statement: &[u8],
        changes: &Mutex<Buckets<PeerId>>,
    ) -> Result<Option<super::Turned>, HearError> {
        let statement = Statement::from_bytes(statement)?;
        let costs = statement.kind() != Kind::Revoke && self.contacts.by_peer(peer).is_some();
        if costs && !changes.lock().await.has(peer, Instant::now().into_std()) {
            return Err(HearError::Budget);
        }
        let turned = self.hear(peer, statement, None, None).await?;
        if costs && turned.is_some() {
            changes.lock().await.take(*peer, Instant::now().into_std());
        }
        Ok(turned)
    }

    /// Hears a stranger, and answers as ever.
    async fn open_to(self, mut stream: Stream, budgets: &Mutex<Budgets>) {
        let peer = stream.peer();
        let Ok(Ok(knock)) = timeout(EXCHANGE, knock::hear(&mut stream)).await else { return };
        let answer_at = Instant::now() + ANSWER_AFTER;
        let source = door::source(&self.net, &stream);
        let heard = self.consider(peer, knock, &source, budgets).await;
        if let Err(error) = &heard {
            tracing::debug!(%peer, %error, "a knock came to nothing");
        }
        if let Ok(Some(turned)) = &heard {
            // Who is trusted from now on hears so at once, and not after the answer.
            self.0.courier.wake(&self, turned.row.agent).await;
        }
        sleep_until(answer_at).await;
        crash::point(Place::KnockToBeAnswered);
        if let Ok(Err(error)) = timeout(EXCHANGE, knock::answer(&mut stream)).await {
            tracing::debug!(%peer, %error, "a knock was not answered");
        }
        crash::point(Place::KnockAnswered);
        if let Ok(Some(turned)) = heard {
            self.follow_up(&turned).await;
        }
    }

    /// The request of a peer that waits for our owner.
    async fn pending(&self, peer: &PeerId) -> Result<Option<StatementId>, store::Error> {
        let Ok(agent) = AgentId::of_peer(peer) else { return Ok(None) };
        let row = self.store.relation(*agent.as_bytes()).await?;
        let pending = row.filter(|row| row.state == store::RelationState::Pending);
        Ok(pending.and_then(|row| row.request).map(StatementId::from_bytes))
    }

    async fn consider(
        &self,
        peer: PeerId,
        knock: Knock,
        source: &Source,
        budgets: &Mutex<Budgets>,
    ) -> Result<Option<super::Turned>, HearError> {
        let (invitation, pending) = (self.invitation(&knock).await?, self.pending(&peer).await?);
        // A reminder of what waits already costs nothing, and changes nothing.
        if invitation.is_none() && pending == Some(StatementId::of(&knock.statement)) {
            return Ok(None);
        }
        // Whom the owner invited is not held up by a crowd. All others pay before their signatures are looked at.
        let paid = invitation.is_some() || budgets.lock().await.pay(peer, source);
        // Nor is whoever takes its request back, which it can do once: nobody is to approve what is asked no longer.
        if !paid && pending.is_none() {
            return Err(HearError::Budget);
        }
        let statement = Statement::from_bytes(&knock.statement)?;
        if !paid && statement.kind() != Kind::Revoke {
            return Err(HearError::Budget);
        }
        self.hear(&peer, statement, invitation, Some(source.to_string())).await
    }
}
