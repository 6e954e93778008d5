//! The relation of trust, driven by a script.
//!
//! ```text
//! event   deed ‖ id ‖ kind ‖ answers ‖ generation, u64 ‖ at, u64
//! ```
//!
//! Each of the first four is a byte. An id of statements is 32 of that byte; answers of 0 are none.

use airway_protocols::trust::{
    Change, Event, Kind, MAX_GENERATION, Refused, Relation, Say, State, StatementId, Step,
};
use rand::{Rng, rngs::SmallRng, seq::IndexedRandom as _};

/// The name of the decoder.
pub(super) const NAME: &str = "relation";

/// How long an event is.
const EVENT: usize = 20;

/// Any event, of the few statements and numbers that matter to each other.
pub(super) fn event(rng: &mut SmallRng) -> [u8; EVENT] {
    let wild = [0, MAX_GENERATION - 1, MAX_GENERATION, MAX_GENERATION + 1, u64::MAX];
    let mut number = |most| {
        if rng.random_ratio(1, 50) { *wild.choose(rng).unwrap() } else { rng.random_range(0..most) }
    };
    let (generation, at) = (number(8), number(40));
    let mut event = [0; EVENT];
    event[0] = rng.random_range(0..10);
    event[1] = rng.random_range(1..4);
    event[2] = rng.random_range(0..4);
    event[3] = rng.random_range(0..4);
    event[4..12].copy_from_slice(&generation.to_be_bytes());
    event[12..].copy_from_slice(&at.to_be_bytes());
    event
}

/// What comes of each event of a script, one after another.
pub(super) fn decode(script: &[u8]) -> Option<Vec<u8>> {
    let mut relation = Relation::default();
    let mut understood = Vec::new();
    for event in script.chunks_exact(EVENT) {
        match relation.step(read(event)?) {
            Ok(step) => {
                relation = step.relation;
                write(&mut understood, &step);
            }
            Err(refused) => understood.push(match refused {
                Refused::Blocked => 0xF0,
                Refused::AlreadyTrusted => 0xF1,
                Refused::NothingPending => 0xF2,
                Refused::NothingToRevoke => 0xF3,
                Refused::NotBlocked => 0xF4,
                _ => 0xFF,
            }),
        }
    }
    Some(understood)
}

fn read(event: &[u8]) -> Option<Event> {
    let id = StatementId::from_bytes([event[1]; 32]);
    let generation = u64::from_be_bytes(event[4..12].try_into().ok()?);
    let at = u64::from_be_bytes(event[12..20].try_into().ok()?);
    let answers = (event[3] != 0).then(|| StatementId::from_bytes([event[3]; 32]));
    Some(match event[0] % 10 {
        0 => Event::Ask { request: id },
        1 => Event::Approve,
        2 => Event::Reject { tell: event[1] % 2 == 1 },
        3 => Event::Revoke,
        4 => Event::Block,
        5 => Event::Unblock,
        6 => Event::Lapse,
        7 => Event::Vouched { id, generation, at },
        _ => Event::Heard { kind: Kind::try_from(event[2] % 4).ok()?, id, generation, at, answers },
    })
}

fn write(understood: &mut Vec<u8>, step: &Step) {
    let (state, request) = match step.relation.state {
        State::Stranger => (0, None),
        State::Requested { request } => (1, Some(request)),
        State::Pending { request } => (2, Some(request)),
        State::Trusted { request } => (3, request),
        State::Blocked => (4, None),
    };
    understood.push(state);
    write_id(understood, request);
    understood.extend(step.relation.generation.to_be_bytes());
    understood.extend(step.relation.heard.to_be_bytes());
    match step.say {
        None => understood.push(0),
        Some(say) => {
            let (kind, generation, answers) = match say {
                Say::Request { generation } => (Kind::Request, generation, None),
                Say::Accept { generation, answers } => (Kind::Accept, generation, Some(answers)),
                Say::Reject { generation, answers } => (Kind::Reject, generation, Some(answers)),
                Say::Revoke { generation, answers } => (Kind::Revoke, generation, answers),
            };
            understood.push(u8::from(kind) + 1);
            understood.extend(generation.to_be_bytes());
            write_id(understood, answers);
        }
    }
    understood.push(match step.change {
        Change::None => 0,
        Change::Asked => 1,
        Change::Requested => 2,
        Change::Trusted => 3,
        Change::Rejected => 4,
        Change::Withdrawn => 5,
        Change::Revoked { by_us: true } => 6,
        Change::Revoked { by_us: false } => 7,
        Change::Blocked => 8,
        Change::Unblocked => 9,
        Change::Granted => 10,
    });
}

/// Whether there is an id, and its first byte.
fn write_id(understood: &mut Vec<u8>, id: Option<StatementId>) {
    match id {
        None => understood.push(0),
        Some(id) => understood.extend([1, id.as_bytes()[0]]),
    }
}
