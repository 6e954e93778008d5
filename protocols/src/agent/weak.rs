//! Keys that prove nothing.

use ed25519_dalek::VerifyingKey;
use libp2p::identity::ed25519;

/// Whether a key is one of the few points of small order: a signature under such a key proves nothing, since anybody can
/// make one that fits almost every message.
#[must_use]
pub fn is_weak(key: &ed25519::PublicKey) -> bool {
    VerifyingKey::from_bytes(&key.to_bytes()).map_or(true, |key| key.is_weak())
}

#[cfg(test)]
pub(crate) mod tests {
    use data_encoding::HEXLOWER;
    use libp2p::{PeerId, identity::PublicKey};

    use super::*;
    use crate::agent::{self, AgentId};

    /// The eight points of small order: of order 1, 2, 4, 4 and 8.
    const CANONICAL: [&str; 8] = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ];

    /// The same points with a sign that is none, or with a coordinate that was not reduced.
    const OTHER_FORMS: [&str; 6] = [
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];

    /// Every weak key that libp2p reads.
    pub(crate) fn weak_keys() -> Vec<ed25519::PublicKey> {
        let read =
            |hex: &&str| ed25519::PublicKey::try_from_bytes(&HEXLOWER.decode(hex.as_bytes()).unwrap()).ok();
        let canonical: Vec<_> = CANONICAL.iter().filter_map(read).collect();
        assert_eq!(canonical.len(), CANONICAL.len(), "a point that is not read");
        canonical.into_iter().chain(OTHER_FORMS.iter().filter_map(read)).collect()
    }

    #[test]
    fn keys_of_small_order_are_weak_in_every_form_and_no_agents() {
        let keys = weak_keys();
        assert!(keys.len() > CANONICAL.len(), "other forms are read as well");
        for key in keys {
            assert!(is_weak(&key), "{key:?}");
            let peer = PeerId::from_public_key(&PublicKey::from(key));
            assert!(agent::public_key(&peer).is_err());
            assert!(AgentId::of_peer(&peer).is_err());
        }
    }

    #[test]
    fn a_key_that_was_made_is_not_weak() {
        let key = libp2p::identity::Keypair::generate_ed25519();
        assert!(!is_weak(&key.public().try_into_ed25519().unwrap()));
    }
}
