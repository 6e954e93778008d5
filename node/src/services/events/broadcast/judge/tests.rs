//! What is found about real bytes.

use std::collections::BTreeSet;

use airway_protocols::{
    address::Address,
    certificate::Grant,
    events::{Position, Topic, broadcast::message_id},
    network::{CLOCK_SKEW, Genesis, Policy, Roles},
};
use libp2p::identity::Keypair;

use super::*;
use crate::services::events::broadcast::finding::{GRACE, MAX_AGE, MAX_AHEAD};

const NOW: u64 = 1_800_000_000_000;
const HOUR: u64 = 60 * 60 * 1000;

/// A network, and the key that says who is in it.
struct Network {
    realm: Realm,
    authority: Keypair,
}

impl Network {
    fn new() -> Self {
        let authority = Keypair::generate_ed25519();
        let public = authority.public().try_into_ed25519().unwrap();
        let genesis = Genesis::new("lab".parse().unwrap(), &public, 4242, Policy::default(), NOW, [7; 16]);
        Self { realm: Realm::of(&genesis.unwrap()), authority }
    }

    fn certify(&self, key: &Keypair, expires: u64) -> Certificate {
        let member = key.public().try_into_ed25519().unwrap();
        let (_, nonce) = Address::derive(self.realm.number(), &AgentId::of(&member), 0).unwrap();
        let (roles, not_before, serial) = (Roles::none(), NOW - HOUR, [1; 16]);
        let grant = Grant { member, nonce, name: None, roles, not_before, expires, serial };
        Certificate::sign(&self.realm, &self.authority, None, grant).unwrap()
    }

    fn expel(&self, who: &[&Author]) -> Revocations {
        let agents: BTreeSet<AgentId> = who.iter().map(|author| author.agent()).collect();
        Revocations::sign(&self.realm, &self.authority, 1, NOW, &agents).unwrap()
    }
}

/// A member that says something.
struct Author {
    key: Keypair,
    certificate: Certificate,
    realm: Realm,
}

impl Author {
    fn of(network: &Network) -> Self {
        let key = Keypair::generate_ed25519();
        Self { certificate: network.certify(&key, NOW + HOUR), key, realm: network.realm.clone() }
    }

    fn agent(&self) -> AgentId {
        self.certificate.agent()
    }

    fn peer(&self) -> PeerId {
        self.certificate.peer()
    }

    fn says(&self, seq: u64, at: u64, payload: &[u8]) -> Vec<u8> {
        let topic: Topic = "builds/done".parse().unwrap();
        let position = Position { epoch: 1, seq };
        let (network, payload) = (self.realm.id(), payload.to_vec());
        let said = Broadcast::sign(&self.key, network, topic, position, at, payload, &self.certificate);
        said.unwrap().as_bytes().to_vec()
    }
}

/// A judge, and when and where it looks.
struct Stage {
    network: Network,
    judge: Judge,
    revocations: Revocations,
    own: AgentId,
    start: Instant,
    /// Milliseconds since the start.
    elapsed: u64,
    neighbour: PeerId,
}

impl Stage {
    fn new() -> Self {
        let network = Network::new();
        Self {
            own: Author::of(&network).agent(),
            network,
            judge: Judge::default(),
            revocations: Revocations::none(),
            start: Instant::now(),
            elapsed: 0,
            neighbour: PeerId::random(),
        }
    }

    fn look(&mut self, from: PeerId, data: &[u8]) -> Finding {
        let here = Here {
            realm: &self.network.realm,
            revocations: &self.revocations,
            own: self.own,
            now: NOW + self.elapsed,
            instant: self.start + Duration::from_millis(self.elapsed),
        };
        let (finding, broadcast) = self.judge.look(from, data, &here);
        assert!(finding != Finding::Passed || broadcast.is_some());
        finding
    }

    /// What a neighbour brings that has not said it.
    fn brought(&mut self, data: &[u8]) -> Finding {
        self.look(self.neighbour, data)
    }
}

#[test]
fn a_broadcast_passes_once() {
    let mut stage = Stage::new();
    let author = Author::of(&stage.network);
    let said = author.says(1, NOW, b"done");
    assert_eq!(stage.brought(&said), Finding::Passed);
    assert_eq!(stage.brought(&said), Finding::Duplicate);
    // Another one under the same number is none.
    assert_eq!(stage.brought(&author.says(1, NOW, b"other")), Finding::Duplicate);
    assert_eq!(stage.brought(&author.says(2, NOW, b"next")), Finding::Passed);
}

/// Whatever a hostile member sends ahead of a broadcast, under the same author and number, the broadcast passes.
#[test]
fn a_forgery_sent_ahead_never_suppresses_the_original() {
    let mut stage = Stage::new();
    let (author, hostile) = (Author::of(&stage.network), Author::of(&stage.network));
    let original = author.says(1, NOW, b"original");
    let mut forgeries = vec![
        // Said by another key, with its certificate or with the author's.
        hostile.says(1, NOW, b"original"),
        original[..original.len() - 1].to_vec(),
        [&original[..], &[0]].concat(),
        Vec::new(),
        vec![0xff; 64_512],
    ];
    // Every single byte altered: certificate, number, time, payload, signature.
    for at in 0..original.len() {
        let mut altered = original.clone();
        altered[at] ^= 1;
        forgeries.push(altered);
    }
    for (n, forgery) in forgeries.iter().enumerate() {
        assert_ne!(message_id(forgery), message_id(&original), "{n}: gossip takes it for the original");
        let finding = stage.look(hostile.peer(), forgery);
        assert_eq!(finding == Finding::Passed, n == 0, "{n}: {finding:?}");
    }
    assert_eq!(stage.brought(&original), Finding::Passed);
}

#[test]
fn any_bytes_are_judged() {
    let mut stage = Stage::new();
    for len in 0..300 {
        let data: Vec<u8> = (0..len).map(|_| rand::random()).collect();
        assert_eq!(stage.brought(&data), Finding::Forged, "{data:?}");
    }
}

#[test]
fn only_members_of_this_network_are_heard() {
    let mut stage = Stage::new();
    let other = Network::new();
    let mut outsider = Author::of(&other);
    assert_eq!(stage.brought(&outsider.says(1, NOW, b"")), Finding::Forged);
    outsider.realm = stage.network.realm.clone();
    assert_eq!(stage.brought(&outsider.says(1, NOW, b"")), Finding::Forged);
    let mut lapsed = Author::of(&stage.network);
    lapsed.certificate = stage.network.certify(&lapsed.key, NOW - CLOCK_SKEW - HOUR / 2);
    assert_eq!(stage.brought(&lapsed.says(1, NOW, b"")), Finding::Lapsed);
}

#[test]
fn what_is_old_or_ahead_does_not_pass() {
    let mut stage = Stage::new();
    let author = Author::of(&stage.network);
    for (seq, at, finding) in [
        (1, NOW - MAX_AGE, Finding::Passed),
        (2, NOW - MAX_AGE - 1, Finding::Late),
        (3, NOW - MAX_AGE - CLOCK_SKEW - 1, Finding::Misdated),
        (4, NOW + MAX_AHEAD, Finding::Passed),
        (5, NOW + MAX_AHEAD + 1, Finding::Early),
        (6, NOW + MAX_AHEAD + CLOCK_SKEW + 1, Finding::Misdated),
    ] {
        assert_eq!(stage.brought(&author.says(seq, at, b"")), finding, "{seq}");
    }
}

#[test]
fn who_was_expelled_is_dropped_at_once_and_its_friends_after_a_while() {
    let mut stage = Stage::new();
    let author = Author::of(&stage.network);
    assert_eq!(stage.brought(&author.says(1, NOW, b"")), Finding::Passed);
    stage.revocations = stage.network.expel(&[&author]);
    assert_eq!(stage.brought(&author.says(2, NOW, b"")), Finding::Leaving);
    stage.elapsed = GRACE.as_millis() as u64;
    assert_eq!(stage.brought(&author.says(3, NOW + stage.elapsed, b"")), Finding::Leaving);
    stage.elapsed += 1;
    assert_eq!(stage.brought(&author.says(4, NOW + stage.elapsed, b"")), Finding::Expelled);
}

#[test]
fn the_time_of_an_expulsion_counts_from_the_list_and_not_from_the_first_broadcast() {
    let mut stage = Stage::new();
    let (author, other) = (Author::of(&stage.network), Author::of(&stage.network));
    stage.revocations = stage.network.expel(&[&author]);
    assert_eq!(stage.brought(&other.says(1, NOW, b"")), Finding::Passed);
    stage.elapsed = 61_000;
    assert_eq!(stage.brought(&author.says(1, NOW + stage.elapsed, b"")), Finding::Expelled);
}

#[test]
fn whoever_says_too_much_is_cut_and_whoever_carried_it_is_not() {
    let mut stage = Stage::new();
    let author = Author::of(&stage.network);
    let burst = u64::from(AUTHOR.burst);
    assert!((0..burst).all(|seq| stage.look(author.peer(), &author.says(seq, NOW, b"")) == Finding::Passed));
    assert_eq!(stage.brought(&author.says(burst, NOW, b"")), Finding::Excess);
    assert_eq!(stage.look(author.peer(), &author.says(burst + 1, NOW, b"")), Finding::Flood);
    // Another author is not held up by it, and in a second so many more pass.
    let other = Author::of(&stage.network);
    assert_eq!(stage.brought(&other.says(1, NOW, b"")), Finding::Passed);
    stage.elapsed = 1000;
    let more = (0..60)
        .filter(|seq| stage.brought(&author.says(burst + 2 + seq, NOW + 1000, b"")) == Finding::Passed);
    assert_eq!(more.count(), 50);
}

#[test]
fn whoever_brings_more_of_an_author_than_an_honest_member_lets_pass_is_cut() {
    let mut stage = Stage::new();
    let author = Author::of(&stage.network);
    let (hostile, at) = (PeerId::random(), NOW - MAX_AGE - 1000);
    let brought = |stage: &mut Stage, seq| stage.look(hostile, &author.says(seq, at, b""));
    let late = (0..).take_while(|seq| brought(&mut stage, *seq) == Finding::Late).count();
    assert_eq!(late, BROUGHT.burst as usize);
    assert_eq!(brought(&mut stage, 9999), Finding::Flood);
    // The author has nothing to do with it.
    assert_eq!(stage.brought(&author.says(9998, at, b"")), Finding::Late);
    assert_eq!(stage.brought(&author.says(1, NOW, b"")), Finding::Passed);
}

#[test]
fn nobody_is_to_blame_for_what_we_have_no_room_to_remember() {
    let mut stage = Stage::new();
    let author = Author::of(&stage.network);
    stage.judge.brought = Buckets::new(BROUGHT, 0);
    assert_eq!(stage.brought(&author.says(1, NOW - MAX_AGE - 1000, b"")), Finding::Late);
    stage.judge.authors = Buckets::new(AUTHOR, 0);
    assert_eq!(stage.look(author.peer(), &author.says(2, NOW, b"")), Finding::Excess);
}

/// As after a restore of its home from a copy that somebody has kept.
#[test]
fn an_author_whose_numbers_begin_anew_is_heard_when_all_that_it_said_is_too_old() {
    let mut stage = Stage::new();
    let author = Author::of(&stage.network);
    let early = author.says(1, NOW, b"");
    let newest = author.says(9, NOW + MAX_AHEAD, b"before");
    assert_eq!(stage.brought(&newest), Finding::Passed);
    stage.elapsed = MAX_AHEAD + MAX_AGE;
    assert_eq!(stage.brought(&newest), Finding::Duplicate);
    assert_eq!(stage.brought(&author.says(9, NOW + stage.elapsed, b"anew")), Finding::Duplicate);
    stage.elapsed = 3 * 60 * 1000;
    assert_eq!(stage.brought(&author.says(9, NOW + stage.elapsed, b"anew")), Finding::Passed);
    for old in [early, newest] {
        assert_eq!(stage.brought(&old), Finding::Late);
    }
}

#[test]
fn what_comes_back_to_us_goes_no_further() {
    let mut stage = Stage::new();
    let author = Author::of(&stage.network);
    stage.own = author.agent();
    assert_eq!(stage.brought(&author.says(1, NOW, b"")), Finding::Duplicate);
}
