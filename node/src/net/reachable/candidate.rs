//! Where we may be found, and how far each place has been tried.

use std::time::{Duration, Instant};

use libp2p::{Multiaddr, swarm::ConnectionId};

use super::super::candidates::MAX_CANDIDATES;

/// How often one is tried that no relay says anything about. Each time, 100 KB may have to be sent.
const TRIES: u8 = 3;

/// Wait before it is tried again.
const AGAIN: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not tried before this, if at all.
    Waiting(Option<Instant>),
    /// A relay is asked over this connection to say this number there.
    Asked(ConnectionId, u64),
    Done,
}

#[derive(Debug)]
struct Candidate {
    address: Multiaddr,
    tries: u8,
    state: State,
}

impl Candidate {
    fn is_due(&self, now: Instant) -> bool {
        matches!(self.state, State::Waiting(until) if until.is_none_or(|until| until <= now))
    }
}

/// See the module. Each is tried until a relay has said something about it, or none has so often.
#[derive(Debug, Default)]
pub(super) struct Candidates(Vec<Candidate>);

impl Candidates {
    /// Takes one in, unless it is known already, or there is no room.
    pub(super) fn offer(&mut self, address: &Multiaddr) {
        if self.0.len() < MAX_CANDIDATES && self.0.iter().all(|known| known.address != *address) {
            self.0.push(Candidate { address: address.clone(), tries: 0, state: State::Waiting(None) });
        }
    }

    /// Whether there is one to be tried.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.0.iter().any(|candidate| candidate.is_due(now))
    }

    /// One to be tried, now and over this connection.
    pub(super) fn begin(&mut self, over: ConnectionId, number: u64, now: Instant) -> Option<Multiaddr> {
        let due = self.0.iter_mut().filter(|candidate| candidate.is_due(now));
        let next = due.min_by_key(|candidate| candidate.tries)?;
        next.tries += 1;
        next.state = State::Asked(over, number);
        Some(next.address.clone())
    }

    /// The number that the relay on this connection was told.
    pub(super) fn asked_over(&self, connection: ConnectionId) -> Option<u64> {
        self.0.iter().find_map(|candidate| match candidate.state {
            State::Asked(over, number) if over == connection => Some(number),
            _ => None,
        })
    }

    /// The relay on this connection says whether it could dial there, or nothing; returns the address, once that is settled,
    /// and whether anybody can.
    pub(super) fn end(
        &mut self,
        connection: ConnectionId,
        reached: Option<bool>,
        now: Instant,
    ) -> Option<(Multiaddr, bool)> {
        let is_asked = |state| matches!(state, State::Asked(over, _) if over == connection);
        let candidate = self.0.iter_mut().find(|candidate| is_asked(candidate.state))?;
        if reached.is_none() && candidate.tries < TRIES {
            candidate.state = State::Waiting(Some(now + AGAIN));
            return None;
        }
        candidate.state = State::Done;
        // No answer is none that helps anybody.
        Some((candidate.address.clone(), reached.unwrap_or(false)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: usize) -> Multiaddr {
        format!("/ip4/192.0.2.1/tcp/{port}").parse().unwrap()
    }

    #[test]
    fn each_is_tried_until_something_is_said_of_it_and_no_more_than_a_few_times() {
        let (mut candidates, mut now) = (Candidates::default(), Instant::now());
        let over = ConnectionId::new_unchecked(1);
        for port in [1, 2, 1] {
            candidates.offer(&address(port));
        }
        assert_eq!(candidates.begin(over, 7, now), Some(address(1)));
        assert_eq!(candidates.asked_over(over), Some(7));
        assert_eq!(candidates.end(over, Some(true), now), Some((address(1), true)));
        assert_eq!(candidates.asked_over(over), None);
        for _ in 1..TRIES {
            assert_eq!(candidates.begin(over, 8, now), Some(address(2)));
            assert_eq!(candidates.end(over, None, now), None);
            assert!(!candidates.is_due(now));
            now += AGAIN;
        }
        assert_eq!(candidates.begin(over, 9, now), Some(address(2)));
        assert_eq!(candidates.end(over, None, now), Some((address(2), false)));
        assert!(!candidates.is_due(now + AGAIN) && candidates.end(over, None, now).is_none());
    }

    #[test]
    fn there_are_no_more_than_there_is_room_for() {
        let mut candidates = Candidates::default();
        (0..2 * MAX_CANDIDATES).for_each(|port| candidates.offer(&address(port)));
        assert_eq!(candidates.0.len(), MAX_CANDIDATES);
    }
}
