mod invites;
mod issuing;
mod membership;
mod migration;
mod peers;

use zeroize::Zeroizing;

use super::*;

const DAY: u64 = 24 * 3600 * 1000;

/// An agent made of the number `n`.
fn agent(n: u16) -> [u8; 32] {
    let mut agent = [0; 32];
    agent[..2].copy_from_slice(&n.to_be_bytes());
    agent
}

/// The id of invite `n`.
fn id(n: u16) -> [u8; 16] {
    u128::from(n).to_be_bytes()
}

/// Invite `n` for this number of uses, made at the time 1 and good for a day.
fn invite(n: u16, uses: Option<u32>) -> InviteRow {
    InviteRow {
        id: id(n),
        secret: Zeroizing::new([7; 16]),
        roles: 3,
        expires_ms: 1 + DAY,
        uses_left: uses,
        life_ms: 30 * DAY,
        ephemeral: true,
        created_ms: 1,
        withdrawn: false,
    }
}

/// The certificate of agent `n`, with a name and a node number of its own, given out at the time 1 for 30 days.
fn issued(n: u16) -> IssuedRow {
    IssuedRow {
        agent: agent(n),
        name: Some(format!("agent-{n}")),
        node: 0x0001_0000 + u32::from(n),
        certificate: n.to_be_bytes().to_vec(),
        expires_ms: 30 * DAY,
        issued_ms: 1,
        invite: None,
        state: IssuedState::Member,
    }
}

/// Agent `n` comes with an invite at the time 2.
fn joining(n: u16, invite: u16) -> Issue {
    let invite = Some(id(invite));
    Issue { invite, now_ms: 2, row: IssuedRow { invite, ..issued(n) }, fresh_use: true }
}

/// The certificate of agent `n` is given out at the time 2, without an invite.
fn renewing(n: u16) -> Issue {
    Issue { invite: None, now_ms: 2, row: issued(n), fresh_use: false }
}

/// A network called `network`.
fn membership(network: u8) -> Membership {
    Membership {
        genesis: vec![network; 3],
        certificate: vec![network; 4],
        revocations: Some(vec![network; 5]),
        revocations_version: 2,
        inviter: Some(vec![network; 6]),
        bootstraps: vec!["/ip4/192.0.2.1/udp/4001/quic-v1".parse().unwrap()],
        ephemeral: true,
        joined_ms: 9,
    }
}
