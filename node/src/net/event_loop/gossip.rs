//! What the event loop does for gossip.

use airway_protocols::{
    gate::admission::{self, Turn},
    streams::is_relayed,
};
use libp2p::{
    PeerId,
    core::ConnectedPoint,
    gossipsub::{self, MessageAcceptance, PublishError},
    metrics::Recorder as _,
    swarm::ConnectionId,
};
use tokio::sync::{mpsc, oneshot};

use super::{Event, EventLoop};
use crate::net::gossip::{
    self, Command, Gossip, GossipError, GossipPeer, GossipState, Guard, Heard, Members, Verdict,
};

impl EventLoop {
    pub(super) fn on_gossip_command(&mut self, command: Command) {
        match command {
            Command::Enter(gossip, done) => self.enter_gossip(gossip.as_ref(), done),
            Command::Join(joins, done) => {
                if let Some(guard) = self.swarm.behaviour_mut().gossip.inner() {
                    join(guard, joins);
                }
                let _ = done.send(());
            }
            Command::Publish(data, done) => {
                let guard = self.swarm.behaviour_mut().gossip.inner();
                let published = guard.map_or(Err(GossipError::Nowhere), |guard| publish(guard, data));
                if published.is_ok() {
                    self.recorder.gossip.one("published");
                }
                let _ = done.send(published);
            }
            Command::Report(id, from, verdict) => self.report(&id, &from, verdict),
            Command::State(reply) => {
                let guard = self.swarm.behaviour_mut().gossip.inner();
                let state = guard.map(|guard| GossipState {
                    joined: is_joined(guard),
                    copies: guard.copies,
                    peers: peers(guard),
                });
                let _ = reply.send(state.unwrap_or_default());
            }
        }
    }

    fn enter_gossip(&mut self, gossip: Option<&Gossip>, done: oneshot::Sender<()>) {
        let guard = gossip.and_then(|gossip| {
            let built = gossip::build(gossip);
            built.inspect_err(|error| tracing::error!(%error, "no gossip in this network")).ok()
        });
        let behaviour = &mut self.swarm.behaviour_mut().gossip;
        let spoke = behaviour.admitted();
        behaviour.replace(guard, Members);
        let open = self.peers.list().into_iter().filter(|known| spoke.contains(&known.peer));
        self.close(open.map(|known| known.id).collect(), done);
    }

    fn report(&mut self, id: &gossip::MessageId, from: &PeerId, verdict: Verdict) {
        let (verdict, outcome) = match verdict {
            Verdict::Accept => (MessageAcceptance::Accept, "accepted"),
            Verdict::Ignore => (MessageAcceptance::Ignore, "ignored"),
            Verdict::Reject => (MessageAcceptance::Reject, "rejected"),
            Verdict::Flood => (MessageAcceptance::Ignore, "flooded"),
        };
        self.recorder.gossip.one(outcome);
        if let Some(guard) = self.swarm.behaviour_mut().gossip.inner() {
            if outcome == "flooded" {
                guard.flooded(*from);
            }
            guard.inner.report_message_validation_result(id, from, verdict);
        }
    }

    /// Speaks gossip with a member on the connection over which both have proved themselves.
    ///
    /// A direct one takes the place of those through relays, and not the other way round: each forgets what the other has
    /// joined and says it anew. Both decide the same, which they could not between two of a kind; so those are both used.
    pub(super) fn admit_to_gossip(&mut self, peer: PeerId, connection: ConnectionId, turn: Turn) {
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        let is_relayed = |id| self.peers.get(id).is_some_and(|known| known.is_relayed());
        let (relayed, direct): (Vec<_>, Vec<_>) =
            gossip.open_on(&peer).into_iter().partition(|open| is_relayed(*open));
        if !is_relayed(connection) {
            relayed.into_iter().for_each(|former| gossip.end_on(&peer, former));
        } else if !direct.is_empty() {
            return;
        }
        gossip.admit_on(peer, connection, turn);
    }

    pub(super) fn on_gossip_event(&mut self, event: gossip::Event) {
        match event {
            admission::Event::Inner(gossip::Said::Inner(event)) => {
                self.recorder.swarm.record(&event);
                if let gossipsub::Event::Message { propagation_source: from, message_id: id, message } = event
                {
                    self.hear(Heard { id, from, data: message.data });
                }
            }
            admission::Event::Inner(gossip::Said::Over(peer, connection)) => {
                tracing::debug!(%peer, "does not speak gossip on this connection, or has ceased to");
                self.recorder.gossip.one("given_up");
                self.swarm.behaviour_mut().gossip.end_on(&peer, connection);
            }
            // It dials nobody by itself; and whoever waits for an admission waits for the DHT's, which comes after this one.
            admission::Event::Wanted(_) | admission::Event::Admitted(_) => {}
        }
    }

    /// Hands on what is to be judged.
    fn hear(&mut self, heard: Heard) {
        if let Err(mpsc::error::TrySendError::Full(heard) | mpsc::error::TrySendError::Closed(heard)) =
            self.heard.try_send(heard)
        {
            self.report(&heard.id, &heard.from, Verdict::Ignore);
        }
    }

    /// A member with whom gossip is spoken through relays is to be met on the direct connection that there is now, by whoever
    /// has made it.
    pub(super) fn on_gossip_connected(&self, peer: PeerId, endpoint: &ConnectedPoint) {
        let is_direct = endpoint.is_dialer() && !is_relayed(endpoint.get_remote_address());
        let open = self.swarm.behaviour().gossip.open_on(&peer);
        let through_relay = |id| self.peers.get(id).is_some_and(|known| known.is_relayed());
        if is_direct && !open.is_empty() && open.into_iter().all(through_relay) {
            self.want_for_gossip(peer);
        }
    }

    /// A member whose last connection with gossip has closed is to be met over one that is left.
    pub(super) fn on_gossip_closed(&mut self, peer: PeerId) {
        let gossip = &self.swarm.behaviour().gossip;
        if gossip.has_inner() && !gossip.is_admitted(&peer) && self.swarm.is_connected(&peer) {
            self.want_for_gossip(peer);
        }
    }

    fn want_for_gossip(&self, peer: PeerId) {
        if self.dht.is_member(&peer) {
            // Full queue: the next exchange with it does as well.
            let _ = self.events.try_send(Event::Wanted(peer));
        }
    }
}

fn is_joined(guard: &Guard) -> bool {
    guard.inner.topics().next().is_some()
}

fn join(guard: &mut Guard, joins: bool) {
    if !joins {
        guard.inner.unsubscribe(&guard.topic);
    } else if let Err(error) = guard.inner.subscribe(&guard.topic) {
        tracing::error!(%error, "the network's topic cannot be joined");
    }
}

fn publish(guard: &mut Guard, data: Vec<u8>) -> Result<usize, GossipError> {
    let topic = guard.topic.hash();
    if !gossip::fits(topic.as_str(), &data) {
        return Err(GossipError::TooLong);
    }
    let listeners = peers(guard).iter().filter(|peer| peer.joined && peer.score >= gossip::UNHEARD).count();
    match guard.inner.publish(topic, data) {
        Ok(_) => Ok(listeners),
        Err(PublishError::NoPeersSubscribedToTopic) => Err(GossipError::Nobody),
        Err(PublishError::Duplicate) => Err(GossipError::Again),
        Err(PublishError::AllQueuesFull(_)) => Err(GossipError::Busy),
        // Nothing is signed here, or transformed.
        Err(
            PublishError::MessageTooLarge | PublishError::SigningError(_) | PublishError::TransformFailed(_),
        ) => Err(GossipError::TooLong),
    }
}

fn peers(guard: &Guard) -> Vec<GossipPeer> {
    let topic = guard.topic.hash();
    let mesh: std::collections::HashSet<_> = guard.inner.mesh_peers(&topic).collect();
    let known = guard.inner.all_peers().map(|(peer, topics)| GossipPeer {
        peer: *peer,
        joined: topics.contains(&&topic),
        in_mesh: mesh.contains(peer),
        score: guard.inner.peer_score(peer).unwrap_or_default(),
    });
    known.collect()
}
