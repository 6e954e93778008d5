//! The door for those who join: invites are checked and counted here, and certificates made.
//!
//! An invite is presented to the member that made it, and to nobody else: so one disk alone counts its uses. Whoever does
//! not prove that it knows the secret of an invite, or to have been a member, is not answered.

use airway_protocols::{
    address::{Address, MAX_NONCE},
    agent::{self, AgentId},
    certificate::{Certificate, Grant, Invalid},
    invite::{self, InviteId},
    join::{self, Granted, Refusal, Reply, Request},
    name::Name,
    network::Roles,
    streams::{Incoming, Stream},
};
use libp2p::{PeerId, identity::ed25519};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    Mesh, MeshError, Standing,
    admission::{EXCHANGE, SILENCE},
    found::{issued, may_grant},
};
use crate::{
    clock,
    crash::{self, Place},
    door,
    store::{Issue, IssueOutcome, IssuedState},
};

/// Cards of members that a newcomer gets, to find the network without us.
const CARDS: usize = 8;

/// Why a newcomer is not answered.
#[derive(Debug, thiserror::Error)]
enum Silence {
    #[error("it does not prove what it says")]
    Unproved,
    #[error(transparent)]
    Stream(#[from] join::Error),
    #[error(transparent)]
    Mesh(#[from] MeshError),
}

impl From<crate::store::Error> for Silence {
    fn from(error: crate::store::Error) -> Self {
        Self::Mesh(error.into())
    }
}

impl From<airway_protocols::certificate::Error> for Silence {
    fn from(error: airway_protocols::certificate::Error) -> Self {
        Self::Mesh(error.into())
    }
}

impl Mesh {
    /// Hears those who want to join, or to have their certificates renewed.
    pub(super) async fn let_in(self, incoming: Incoming) {
        let net = self.net.clone();
        door::attend(net, incoming, move |stream| {
            let mesh = self.clone();
            async move {
                let peer = stream.peer();
                match timeout(EXCHANGE, mesh.hear_out(stream)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::debug!(%peer, %error, "a newcomer was not answered"),
                    Err(_) => tracing::debug!(%peer, "a newcomer took too long"),
                }
            }
        })
        .await;
    }

    async fn hear_out(&self, mut stream: Stream) -> Result<(), Silence> {
        let peer = stream.peer();
        let request = join::hear(&mut stream).await?;
        let silent_until = Instant::now() + SILENCE;
        match self.reply(peer, request).await {
            Ok(reply) => Ok(join::answer(&mut stream, &reply).await?),
            Err(silence) => {
                sleep_until(silent_until).await;
                Err(silence)
            }
        }
    }

    async fn reply(&self, peer: PeerId, request: Request) -> Result<Reply, Silence> {
        let standing = self.stands()?;
        match request {
            Request::Join { invite, proof, name } => {
                self.invited(&standing, peer, invite, &proof, name).await
            }
            Request::Renew { certificate, name } => {
                let former = self.former(&standing, peer, &certificate)?;
                self.renewed(&standing, &former, name).await
            }
            Request::Leave { certificate } => {
                let former = self.former(&standing, peer, &certificate)?;
                self.left(&former).await
            }
        }
    }

    async fn invited(
        &self,
        standing: &Standing,
        peer: PeerId,
        id: InviteId,
        proof: &[u8; 32],
        name: Option<Name>,
    ) -> Result<Reply, Silence> {
        let key = agent::public_key(&peer).map_err(|_| Silence::Unproved)?;
        let row = self.store.invite_get(*id.as_bytes()).await?.ok_or(Silence::Unproved)?;
        if !invite::proves(&row.secret, &standing.genesis.id(), &id, &key, proof) {
            return Err(Silence::Unproved);
        }
        let now = clock::unix_ms();
        let roles = Roles::from_bits(row.roles).unwrap_or_default();
        let wish = Wish { key, nonce: 0, name, roles, life: row.life_ms, invite: Some(row.id) };
        if !standing.certificate.roles().inviter {
            return Ok(Reply::Refused(Refusal::NotInviter));
        }
        if self.is_expelled(&wish.agent()) {
            return Ok(Reply::Refused(Refusal::Expelled));
        }
        self.grant(standing, wish, now).await
    }

    /// A certificate that its holder was given once, and that may have expired since.
    fn former(&self, standing: &Standing, peer: PeerId, bytes: &[u8]) -> Result<Certificate, Silence> {
        let former = Certificate::from_bytes(bytes, &standing.realm).map_err(|_| Silence::Unproved)?;
        if former.peer() == peer { Ok(former) } else { Err(Silence::Unproved) }
    }

    async fn renewed(
        &self,
        standing: &Standing,
        former: &Certificate,
        name: Option<Option<Name>>,
    ) -> Result<Reply, Silence> {
        let now = clock::unix_ms();
        match former.stands(now, &self.net.shared().members.revocations()) {
            Ok(()) => {}
            Err(Invalid::Expelled) => return Ok(Reply::Refused(Refusal::Expelled)),
            Err(_) => return Ok(Reply::Refused(Refusal::Expired)),
        }
        let (own, is_authority) = (standing.certificate.roles(), self.authority()?.is_some());
        if !own.inviter || !may_grant(former.roles(), own, is_authority) {
            return Ok(Reply::Refused(Refusal::NotInviter));
        }
        let wish = Wish {
            key: former.public_key().clone(),
            name: name.unwrap_or_else(|| former.name().cloned()),
            roles: former.roles(),
            // An address is for life, whoever has left meanwhile.
            nonce: former.nonce(),
            life: former.expires().saturating_sub(former.not_before()),
            invite: None,
        };
        self.grant(standing, wish, now).await
    }

    async fn left(&self, former: &Certificate) -> Result<Reply, Silence> {
        self.store.issued_set_state(*former.agent().as_bytes(), IssuedState::Left).await?;
        Ok(Reply::Done)
    }

    /// Signs a certificate at the first nonce where nobody else is, counts the use, and remembers it, in one commit. Who
    /// is a member stays where it is, whoever claims to be there, too.
    async fn grant(&self, standing: &Standing, wish: Wish, now: u64) -> Result<Reply, Silence> {
        let (agent, own) = (wish.agent(), &standing.certificate);
        if wish.name.is_some() && wish.name.as_ref() == own.name() && agent != own.agent() {
            return Ok(Reply::Refused(Refusal::NameTaken));
        }
        let (is_new, mut nonce) = (wish.invite.is_some(), wish.nonce);
        while let Ok((address, used)) = Address::derive(standing.genesis.number(), &agent, nonce) {
            if is_new && self.is_claimed_by_another(&address, &agent).await {
                nonce = used + 1;
                continue;
            }
            let certificate = self.sign(standing, &wish, used, now)?;
            let row = issued(&certificate, wish.invite);
            let issue = Issue { invite: wish.invite, now_ms: now, row, fresh_use: wish.invite.is_some() };
            let bytes = match self.store.issue(issue).await? {
                IssueOutcome::Issued => certificate.as_bytes().to_vec(),
                // The answer was lost on its way.
                IssueOutcome::Same(certificate) => certificate,
                IssueOutcome::NodeTaken if used < MAX_NONCE => {
                    nonce = used + 1;
                    continue;
                }
                refused => return Ok(Reply::Refused(refusal(&refused))),
            };
            crash::point(Place::Issued);
            let helpers = self.helpers().into_iter().take(CARDS);
            let cards = helpers.map(|member| member.card.as_bytes().to_vec()).collect();
            let revocations = self.net.shared().members.revocations().as_bytes().map(<[u8]>::to_vec);
            return Ok(Reply::Granted(Granted { certificate: bytes, revocations, cards }));
        }
        Ok(Reply::Refused(Refusal::AddressTaken))
    }

    fn sign(&self, standing: &Standing, wish: &Wish, nonce: u8, now: u64) -> Result<Certificate, Silence> {
        let grant = |expires| Grant {
            member: wish.key.clone(),
            nonce,
            name: wish.name.clone(),
            roles: wish.roles,
            not_before: now,
            expires,
            serial: rand::random(),
        };
        let expires = now.saturating_add(wish.life);
        match self.authority()? {
            Some(authority) => {
                Ok(Certificate::sign(&standing.realm, &authority.keypair(), None, grant(expires))?)
            }
            None => {
                let own = &standing.certificate;
                let grant = grant(expires.min(own.expires()));
                Ok(Certificate::sign(&standing.realm, &self.own.keypair(), Some(own), grant)?)
            }
        }
    }

    fn is_expelled(&self, agent: &AgentId) -> bool {
        self.net.shared().members.revocations().contains(agent)
    }

    /// Whether somebody else is found at an address, whom another inviter may have let in.
    async fn is_claimed_by_another(&self, address: &Address, agent: &AgentId) -> bool {
        let claims = self.claims_at(address.node()).await;
        claims.iter().any(|claim| claim.agent() != *agent)
    }
}

/// What a newcomer is to get.
#[derive(Debug)]
struct Wish {
    key: ed25519::PublicKey,
    name: Option<Name>,
    roles: Roles,
    /// Where its address is looked for first.
    nonce: u8,
    /// Milliseconds.
    life: u64,
    invite: Option<[u8; 16]>,
}

impl Wish {
    fn agent(&self) -> AgentId {
        AgentId::of(&self.key)
    }
}

pub(super) fn refusal(outcome: &IssueOutcome) -> Refusal {
    match outcome {
        IssueOutcome::Expired => Refusal::Expired,
        IssueOutcome::Exhausted => Refusal::Exhausted,
        IssueOutcome::Withdrawn | IssueOutcome::Unknown => Refusal::Withdrawn,
        IssueOutcome::NameTaken => Refusal::NameTaken,
        IssueOutcome::NodeTaken => Refusal::AddressTaken,
        IssueOutcome::Expelled => Refusal::Expelled,
        IssueOutcome::Issued | IssueOutcome::Same(_) | IssueOutcome::Full => Refusal::Failed,
    }
}
