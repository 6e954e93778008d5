//! Two agents prove to each other that they belong to the network, once they are connected.
//!
//! ```text
//! whoever dialled ─► certificate, card ─► the other: valid? ─► members, DHT ─► its own ─► valid? ─► members, DHT
//!                    the newer list of who was expelled ◄─► to whom it lacks
//! ```
//!
//! A stranger is not answered at all, and learns nothing from that: all agents have this door, those as well that are in no
//! network. Who was a member once is told why it is one no more.

use airway_protocols::{
    admit::{self, Answer, Hello},
    card::Card,
    certificate::{Certificate, Invalid},
    gate::admission::Turn,
    streams::{Incoming, OpenError, Refusal, Stream},
};
use libp2p::{PeerId, swarm::ConnectionId};
use tokio::{
    sync::watch,
    time::{Duration, Instant, sleep, sleep_until, timeout},
};

use super::{Mesh, Standing};
use crate::{clock, door, members::Member, store};

/// How long one exchange about membership may take, dialling aside.
pub(super) const EXCHANGE: Duration = Duration::from_secs(10);

/// When a stream is closed without a word, counted from when it was heard: longer than it takes to find out that nothing is
/// proved, so that the time does not tell whether anything was looked up.
pub(super) const SILENCE: Duration = Duration::from_millis(250);

/// How long dialling and one exchange may take.
const MEETING: Duration = Duration::from_secs(20);

/// Exchanges that we may have under way with others.
const MEETINGS: usize = 256;

/// Wait before another attempt with a peer that is busy; doubled each time.
const BUSY: Duration = Duration::from_millis(50);

/// Why a peer is no member to us.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoMember {
    #[error("its certificate is none of our network: {0}")]
    Certificate(#[from] airway_protocols::certificate::Error),
    #[error("its certificate belongs to another agent")]
    Other,
    #[error("its card is none: {0}")]
    Card(#[from] airway_protocols::card::Error),
    #[error("it is a member no more: {0}")]
    Over(Invalid),
    #[error("it says that we are a member no more: {0}")]
    Refused(Invalid),
    #[error("we are in no network, or in another one by now")]
    Nowhere,
    #[error("our own card cannot be made")]
    OwnCard,
    #[error("it is busy")]
    Busy,
    #[error("too many are being met")]
    Crowd,
    #[error("it does not answer: {0}")]
    Silent(String),
}

/// A member, or why somebody is one no more.
type Judged = Result<Member, Invalid>;

/// An exchange of ours with a peer; over when it is dropped, as it is with whoever waits for it.
struct Meeting<'a> {
    mesh: &'a Mesh,
    peer: PeerId,
}

impl Drop for Meeting<'_> {
    fn drop(&mut self) {
        self.mesh.meeting().remove(&self.peer);
    }
}

impl Mesh {
    /// A peer that the DHT wants to speak with, or that wants to speak with us.
    pub(crate) fn wanted(&self, peer: PeerId) {
        if self.meeting().contains_key(&peer) {
            // Whoever is at it will see to it.
            return;
        }
        let mesh = self.clone();
        self.net.spawn(async move {
            if let Err(error) = mesh.meet(peer).await {
                tracing::debug!(%peer, %error, "not admitted");
            }
        });
    }

    /// Exchanges proofs of membership with a peer, dialling if needed; returns when it speaks the DHT with us. One
    /// exchange at a time with each: one that is under way may have begun before what is to be said now.
    pub(super) async fn meet(&self, peer: PeerId) -> Result<(), NoMember> {
        let met = timeout(MEETING, async {
            let _meeting = self.begin_to_meet(peer).await?;
            self.exchange_patiently(peer).await
        });
        let met = met.await.unwrap_or_else(|_| Err(NoMember::Silent("no answer in time".into())));
        if met.is_err() {
            // Whoever looks for something there need not wait.
            self.net.refuse(peer).await;
        }
        met
    }

    /// Waits until nobody else is at it.
    async fn begin_to_meet(&self, peer: PeerId) -> Result<Meeting<'_>, NoMember> {
        loop {
            let mut other = {
                let mut meeting = self.meeting();
                match meeting.get(&peer) {
                    Some(over) => over.subscribe(),
                    None if meeting.len() >= MEETINGS => return Err(NoMember::Crowd),
                    None => {
                        meeting.insert(peer, watch::Sender::default());
                        return Ok(Meeting { mesh: self, peer });
                    }
                }
            };
            // Nothing is ever sent: this is its end.
            let _ = other.changed().await;
        }
    }

    /// One exchange, begun anew where the other is busy.
    async fn exchange_patiently(&self, peer: PeerId) -> Result<(), NoMember> {
        let mut wait = BUSY;
        loop {
            match self.exchange(peer).await {
                Err(NoMember::Busy) => sleep(wait).await,
                met => return met,
            }
            wait *= 2;
        }
    }

    async fn exchange(&self, peer: PeerId) -> Result<(), NoMember> {
        let silent = |error: &dyn std::error::Error| NoMember::Silent(error.to_string());
        let standing = self.standing().ok_or(NoMember::Nowhere)?;
        let hello = self.hello(&standing)?;
        let opened = self.net.open(peer, admit::PROTOCOL).await;
        let mut stream = opened.map_err(|error| match error {
            OpenError::Refused(Refusal::Busy) => NoMember::Busy,
            error => silent(&error),
        })?;
        let asked = admit::ask(&mut stream, &hello).await;
        let answer = asked.map_err(|error| match door::refusal(&error) {
            Some(Refusal::Busy) => NoMember::Busy,
            _ => silent(&error),
        })?;
        match answer {
            Answer::Hello(theirs) => {
                let verified = self.verify(&standing, &peer, &theirs);
                if let Err(NoMember::Over(_)) = &verified
                    && hello.version > theirs.version
                {
                    // It may not know yet that it was expelled.
                    let list = self.net.shared().members.revocations();
                    let _ = admit::send_list(&mut stream, &list).await;
                    let _ = admit::finish(&mut stream).await;
                }
                let proved = (stream.connection(), Turn::First);
                self.admit(&standing, verified?, proved).await?;
                if let Err(error) = self.even_out(&mut stream, hello.version, theirs.version).await {
                    tracing::debug!(%peer, %error, "lists were not exchanged");
                }
                Ok(())
            }
            Answer::Refused(why) => {
                // If we were expelled, the list that says so follows.
                if let Ok(list) = admit::receive_list(&mut stream).await {
                    self.learn_list(&list).await;
                }
                Err(NoMember::Refused(why))
            }
        }
    }

    /// Answers those who prove to be members, one exchange each.
    pub(super) async fn admit_all(self, incoming: Incoming) {
        let net = self.net.clone();
        door::attend(net, incoming, move |stream| {
            let mesh = self.clone();
            async move {
                let peer = stream.peer();
                match timeout(EXCHANGE, mesh.receive(stream)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::debug!(%peer, %error, "not admitted"),
                    Err(_) => tracing::debug!(%peer, "did not prove its membership in time"),
                }
            }
        })
        .await;
    }

    async fn receive(&self, mut stream: Stream) -> Result<(), NoMember> {
        let silent = |error: &dyn std::error::Error| NoMember::Silent(error.to_string());
        let peer = stream.peer();
        let theirs = admit::hear(&mut stream).await.map_err(|error| silent(&error))?;
        let silent_until = Instant::now() + SILENCE;
        let (standing, hello, judged) = match self.judge(&peer, &theirs) {
            Ok(answer) => answer,
            Err(error) => {
                sleep_until(silent_until).await;
                return Err(error);
            }
        };
        let answered = match judged {
            Ok(member) => {
                self.admit(&standing, member, (stream.connection(), Turn::Second)).await?;
                self.note_found(&stream);
                admit::answer(&mut stream, &Answer::Hello(hello.clone())).await
            }
            Err(why) => {
                let refused = admit::answer(&mut stream, &Answer::Refused(why)).await;
                if refused.is_ok() && hello.version > theirs.version {
                    let list = self.net.shared().members.revocations();
                    let _ = admit::send_list(&mut stream, &list).await;
                    let _ = admit::finish(&mut stream).await;
                }
                return Err(NoMember::Over(why));
            }
        };
        answered.map_err(|error| silent(&error))?;
        self.even_out(&mut stream, hello.version, theirs.version).await.map_err(|error| silent(&error))
    }

    /// Whether a peer is a member, and what we say of ourselves; an error, if it is to hear nothing.
    fn judge(&self, peer: &PeerId, theirs: &Hello) -> Result<(Standing, Hello, Judged), NoMember> {
        let standing = self.standing().ok_or(NoMember::Nowhere)?;
        let judged = match self.verify(&standing, peer, theirs) {
            Ok(member) => Ok(member),
            Err(NoMember::Over(why)) => Err(why),
            Err(error) => return Err(error),
        };
        let hello = self.hello(&standing)?;
        Ok((standing, hello, judged))
    }

    /// The newer list of who was expelled goes to whom it lacks.
    async fn even_out(&self, stream: &mut Stream, ours: u64, theirs: u64) -> Result<(), admit::Error> {
        if ours > theirs {
            admit::send_list(stream, &self.net.shared().members.revocations()).await?;
        } else if theirs > ours {
            let list = admit::receive_list(stream).await?;
            self.learn_list(&list).await;
        }
        admit::finish(stream).await
    }

    /// What we show of ourselves.
    fn hello(&self, standing: &Standing) -> Result<Hello, NoMember> {
        let card = self.own.card().map_err(|_| NoMember::OwnCard)?;
        Ok(Hello {
            certificate: standing.certificate.as_bytes().to_vec(),
            card: card.as_bytes().to_vec(),
            serves: self.serves(),
            relay: self.relays(),
            version: self.net.shared().members.revocations().version(),
        })
    }

    fn verify(&self, standing: &Standing, peer: &PeerId, hello: &Hello) -> Result<Member, NoMember> {
        let certificate = Certificate::from_bytes(&hello.certificate, &standing.realm)?;
        if certificate.peer() != *peer {
            return Err(NoMember::Other);
        }
        let now = clock::unix_ms();
        certificate.stands(now, &self.net.shared().members.revocations()).map_err(NoMember::Over)?;
        let card = Card::from_bytes(&hello.card)?;
        if card.peer_id() != *peer {
            return Err(NoMember::Other);
        }
        let relay = hello.relay && certificate.roles().relay;
        Ok(Member { certificate, card, serves: hello.serves, relay, met: now })
    }

    /// Takes a member in, and remembers it if others can be found by it.
    async fn admit(
        &self,
        standing: &Standing,
        member: Member,
        proved: (ConnectionId, Turn),
    ) -> Result<(), NoMember> {
        let (peer, agent) = (member.peer(), *member.certificate.agent().as_bytes());
        let (addresses, serves) = (member.card.addresses().to_vec(), member.serves);
        let members = &self.net.shared().members;
        let former = members.get(&peer);
        let remembered = store::MeshPeer {
            card: member.card.as_bytes().to_vec(),
            certificate: member.certificate.as_bytes().to_vec(),
            serves,
            relay: member.relay,
            seen_ms: member.met,
        };
        let is_news = former.as_ref().is_none_or(|former| {
            former.card != member.card || former.serves != serves || former.relay != member.relay
        });
        let relays_changed =
            former.is_some_and(|former| former.relay) != member.relay || member.relay && is_news;
        let helps = serves || member.relay;
        if !members.admit(standing.realm.id(), member) {
            return Err(NoMember::Nowhere);
        }
        self.net.admit(peer, addresses, serves, Some(proved)).await;
        if relays_changed {
            self.use_relays();
        }
        if helps
            && is_news
            && let Err(error) = self.store.mesh_peer_put(agent, remembered).await
        {
            tracing::warn!(%error, "a server of the network is not remembered");
        }
        self.0.met.send_modify(|met| *met += 1);
        Ok(())
    }

    /// Members that relay are relays of ours.
    pub(super) fn use_relays(&self) {
        let relays = self.net.shared().members.list().into_iter().filter(|member| member.relay);
        let relays = relays.map(|member| (member.peer(), member.card.addresses().to_vec()));
        self.net.set_mesh_relays(relays.collect());
    }

    /// A member that has come straight to us shows that others can.
    fn note_found(&self, stream: &Stream) {
        let connection = self.net.connection(stream.connection());
        if connection.is_some_and(|connection| !connection.dialled && !connection.is_relayed()) {
            self.0.found.send_if_modified(|found| !std::mem::replace(found, true));
        }
    }
}
