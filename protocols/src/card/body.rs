//! What a card's envelope holds, and the rules for it.

use libp2p::{
    Multiaddr,
    identity::{self, ed25519},
    multiaddr::Protocol,
};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Card, MAX_ADDRESS_BYTES, MAX_ADDRESSES, MAX_BYTES};
use crate::{
    address::Address,
    agent::{self, AgentId},
    envelope::Object,
    name::Name,
};

/// The version of cards that this code writes and reads.
const VERSION: u64 = 1;

/// The signed payload of a card. The order of the fields is their order on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Body {
    version: u64,
    #[serde(with = "serde_bytes")]
    key: [u8; 32],
    network: u16,
    nonce: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    /// Multiaddrs in binary form.
    addresses: Vec<ByteBuf>,
}

impl Object for Body {
    const DOMAIN: &'static str = "airway-card-v1";
    const MAX_BYTES: usize = MAX_BYTES;

    fn signer(&self) -> &[u8; 32] {
        &self.key
    }
}

/// Which rule for cards the contents break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBody {
    /// The card is of a version that this code does not know.
    #[error("card version {0} is not known, only {known} is", known = VERSION)]
    Version(u64),
    /// The key is not a point on the curve, or a [weak](crate::agent::is_weak) one.
    #[error("the key of the card is not an ed25519 key")]
    Key,
    /// The agent has no address at this nonce.
    #[error("the agent of the card has no address at nonce {0}")]
    Nonce(u8),
    /// There are more multiaddrs than [`MAX_ADDRESSES`].
    #[error("{found} multiaddrs on a card are over the limit of {max}", max = MAX_ADDRESSES)]
    AddressCount {
        /// Multiaddrs that were given.
        found: usize,
    },
    /// A multiaddr is longer than [`MAX_ADDRESS_BYTES`].
    #[error("a multiaddr of {found} bytes on a card is over the limit of {max}", max = MAX_ADDRESS_BYTES)]
    AddressSize {
        /// Bytes of the multiaddr.
        found: usize,
    },
    /// A multiaddr does not parse, or is empty.
    #[error("a multiaddr on the card is malformed")]
    Address,
    /// A multiaddr ends in `/p2p`, which the card's key says already.
    #[error("a multiaddr on the card ends in /p2p")]
    PeerSuffix,
}

/// The contents of a card after every check but the signature's.
#[derive(Debug)]
pub(super) struct Contents {
    key: ed25519::PublicKey,
    agent: AgentId,
    address: Address,
    name: Option<Name>,
    addresses: Vec<Multiaddr>,
}

impl Contents {
    pub(super) fn into_card(self, envelope: Vec<u8>) -> Card {
        let Self { key, agent, address, name, addresses } = self;
        Card { key, agent, address, name, addresses, envelope }
    }
}

impl Body {
    /// What `key` would sign. Takes the own peer id off the end of each multiaddr, and checks nothing.
    pub(super) fn new(
        key: &ed25519::PublicKey,
        network: u16,
        nonce: u8,
        name: Option<Name>,
        addresses: &[Multiaddr],
    ) -> Self {
        let suffix = Multiaddr::from(Protocol::P2p(identity::PublicKey::from(key.clone()).to_peer_id()));
        let bare = |address: &Multiaddr| {
            let mut address = address.clone();
            if address.ends_with(&suffix) {
                address.pop();
            }
            ByteBuf::from(address.to_vec())
        };
        let addresses = addresses.iter().map(bare).collect();
        Self { version: VERSION, key: key.to_bytes(), network, nonce, name, addresses }
    }

    /// Checks every rule and gives the contents their types.
    pub(super) fn validate(self) -> Result<Contents, InvalidBody> {
        if self.version != VERSION {
            return Err(InvalidBody::Version(self.version));
        }
        let key = agent::strong_key(&self.key).ok_or(InvalidBody::Key)?;
        let agent = AgentId::of(&key);
        let address = address(self.network, &agent, self.nonce)?;
        if self.addresses.len() > MAX_ADDRESSES {
            return Err(InvalidBody::AddressCount { found: self.addresses.len() });
        }
        let addresses = self.addresses.into_iter().map(multiaddr).collect::<Result<_, _>>()?;
        Ok(Contents { key, agent, address, name: self.name, addresses })
    }
}

/// The address at exactly this nonce: a card with a nonce that is skipped would be a second card for one address.
fn address(network: u16, agent: &AgentId, nonce: u8) -> Result<Address, InvalidBody> {
    match Address::derive(network, agent, nonce) {
        Ok((address, used)) if used == nonce => Ok(address),
        _ => Err(InvalidBody::Nonce(nonce)),
    }
}

fn multiaddr(bytes: ByteBuf) -> Result<Multiaddr, InvalidBody> {
    if bytes.len() > MAX_ADDRESS_BYTES {
        return Err(InvalidBody::AddressSize { found: bytes.len() });
    }
    let address = Multiaddr::try_from(bytes.into_vec()).map_err(|_| InvalidBody::Address)?;
    match address.iter().last() {
        None => Err(InvalidBody::Address),
        Some(Protocol::P2p(_)) => Err(InvalidBody::PeerSuffix),
        Some(_) => Ok(address),
    }
}

#[cfg(test)]
mod tests {
    use libp2p::identity::Keypair;

    use super::*;

    fn body() -> Body {
        let key = Keypair::ed25519_from_bytes([7; 32]).unwrap().public().try_into_ed25519().unwrap();
        Body::new(&key, 0, 0, None, &["/ip4/192.0.2.1/tcp/1".parse().unwrap()])
    }

    #[test]
    fn each_rule_has_its_own_error() {
        let refused = |change: fn(&mut Body)| {
            let mut body = body();
            change(&mut body);
            body.validate().unwrap_err()
        };

        assert!(body().validate().is_ok());
        assert_eq!(refused(|body| body.version = 2), InvalidBody::Version(2));
        for key in agent::weak::tests::weak_keys() {
            let weak = Body { key: key.to_bytes(), ..body() };
            assert_eq!(weak.validate().unwrap_err(), InvalidBody::Key);
        }
        assert_eq!(refused(|body| body.nonce = 16), InvalidBody::Nonce(16));
        assert_eq!(refused(|body| body.addresses = vec![ByteBuf::new()]), InvalidBody::Address);
        assert_eq!(refused(|body| body.addresses = vec![ByteBuf::from([0xFF])]), InvalidBody::Address);
    }

    #[test]
    fn a_name_that_breaks_the_rules_is_refused_on_decode() {
        let text =
            serde_json::to_string(&body()).unwrap().replace("\"nonce\":0", "\"nonce\":0,\"name\":\"Ada\"");
        assert!(serde_json::from_str::<Body>(&text).is_err());
    }
}
