//! Two parties, and everything that either has ever said.

use airway_protocols::trust::{Change, Event, Kind, Relation, Say, State, StatementId, Step};

use crate::promises;

/// A statement, with its place in what its author said: the place is its time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Said {
    pub(crate) kind: Kind,
    pub(crate) id: StatementId,
    pub(crate) generation: u64,
    pub(crate) answers: Option<StatementId>,
    /// Whether it brings the proof of a ticket.
    pub(crate) ticket: bool,
}

/// One agent, and what the promises are about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Party {
    pub(crate) relation: Relation,
    /// All of it may arrive at any time.
    pub(crate) said: Vec<Said>,
    /// Whether a ticket of its own is out and not used.
    ticket: bool,
    /// Whether it has asked or approved since it last left.
    pub(crate) stands: bool,
    /// Whether it has asked or approved since it heard a revoke that left it without trust or request.
    pub(crate) stands_anew: bool,
    /// How much it had said when it last asked or approved.
    pub(crate) stood_at: usize,
    /// How much of what the other said is the last revoke that was heard, and all before.
    pub(crate) revoked_up_to: usize,
    /// Whether it has left without a word, and said nothing since.
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) parties: [Party; 2],
    /// Things that owners may do yet.
    pub(crate) deeds: u8,
}

impl World {
    pub(crate) fn new(relation: Relation, deeds: u8) -> Self {
        let party = Party { relation, stands_anew: true, ..Party::default() };
        Self { parties: [party.clone(), party], deeds }
    }

    /// An owner asks.
    pub(crate) fn ask(&self, who: usize) -> Option<Self> {
        self.act(who, Event::Ask { request: self.next_id(who) })
    }

    /// An owner makes a ticket, which the other has from then on.
    pub(crate) fn make_ticket(&self, who: usize) -> Option<Self> {
        let mut world = self.spend();
        (!std::mem::replace(&mut world.parties[who].ticket, true)).then_some(world)
    }

    /// An owner does something, if that is possible and of any effect.
    pub(crate) fn act(&self, who: usize, deed: Event) -> Option<Self> {
        let before = self.parties[who].relation;
        let step = before.step(deed).ok()?;
        if step.change == Change::None {
            return None;
        }
        let mut world = self.spend();
        if matches!(deed, Event::Ask { .. } | Event::Approve) {
            world.parties[who].stand();
        } else {
            world.parties[who].stands = false;
            world.parties[who].quiet |= step.say.is_none() && before.state != State::Blocked;
        }
        world.take(who, &step);
        Some(world)
    }

    /// A statement of the other arrives, if that is of any effect.
    pub(crate) fn deliver(&self, who: usize, place: usize) -> Option<Self> {
        let mut world = self.clone();
        let said = self.parties[1 - who].said[place].clone();
        let (at, party) = (place as u64 + 1, &mut world.parties[who]);
        let before = party.clone();
        if before.relation.state == State::Blocked {
            return None;
        }
        let Said { kind, id, generation, answers, ticket } = said;
        let vouched = ticket && std::mem::take(&mut party.ticket);
        let event = if vouched {
            Event::Vouched { id, generation, at }
        } else {
            Event::Heard { kind, id, generation, at, answers }
        };
        let step = before.relation.step(event).unwrap();
        if vouched && step.change == Change::Trusted {
            party.stand();
        }
        world.take(who, &step);
        promises::check_step(self, who, place, &step);
        let party = &mut world.parties[who];
        if kind == Kind::Revoke {
            party.revoked_up_to = party.revoked_up_to.max(place + 1);
            let left = matches!(step.relation.state, State::Stranger | State::Pending { .. });
            party.stands_anew &= !left;
        }
        promises::check_return(self, &world, who);
        (world != *self).then_some(world)
    }

    fn spend(&self) -> Self {
        Self { deeds: self.deeds - 1, ..self.clone() }
    }

    /// Where the other party's statement after all others has its id from.
    fn next_id(&self, who: usize) -> StatementId {
        let mut id = [0; 32];
        (id[0], id[1]) = (who as u8, self.parties[who].said.len() as u8);
        StatementId::from_bytes(id)
    }

    fn take(&mut self, who: usize, step: &Step) {
        let id = self.next_id(who);
        let other_has_ticket = self.parties[1 - who].ticket;
        let party = &mut self.parties[who];
        party.relation = step.relation;
        let Some(say) = step.say else { return };
        let (kind, generation, answers) = match say {
            Say::Request { generation } => (Kind::Request, generation, None),
            Say::Accept { generation, answers } => (Kind::Accept, generation, Some(answers)),
            Say::Reject { generation, answers } => (Kind::Reject, generation, Some(answers)),
            Say::Revoke { generation, answers } => (Kind::Revoke, generation, answers),
        };
        party.quiet = false;
        // The same again is the same bytes.
        let again =
            |last: &Said| last.kind == kind && last.generation == generation && last.answers == answers;
        if kind == Kind::Request || !party.said.last().is_some_and(again) {
            let ticket = kind == Kind::Request && other_has_ticket;
            party.said.push(Said { kind, id, generation, answers, ticket });
        }
    }
}

impl Party {
    fn stand(&mut self) {
        self.stands = true;
        self.stands_anew = true;
        self.stood_at = self.said.len() + 1;
    }
}
