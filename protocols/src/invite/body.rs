//! What an invite's envelope holds, and the rules for it.

use libp2p::{Multiaddr, identity::ed25519, multiaddr::Protocol};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Error, InviteDraft, InviteId, MAX_BOOTSTRAP_BYTES, MAX_BOOTSTRAPS, MAX_ENVELOPE};
use crate::{
    card::Card,
    certificate::Certificate,
    envelope::Object,
    network::{Genesis, Realm, Roles},
    trust::MAX_TIME,
};

/// The version of invites that this code writes and reads.
pub(super) const VERSION: u64 = 1;

/// The signed payload of an invite. The order of the fields is their order in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Body {
    version: u64,
    genesis: ByteBuf,
    /// The inviter, who signs.
    #[serde(with = "serde_bytes")]
    by: [u8; 32],
    /// The envelope of its card.
    card: ByteBuf,
    /// The envelope of its certificate.
    certificate: ByteBuf,
    id: InviteId,
    expires: u64,
    roles: Roles,
    reusable: bool,
    ephemeral: bool,
    /// Multiaddrs in binary form.
    bootstraps: Vec<ByteBuf>,
}

impl Object for Body {
    const DOMAIN: &'static str = "airway-invite-v1";
    const MAX_BYTES: usize = MAX_ENVELOPE;

    fn signer(&self) -> &[u8; 32] {
        &self.by
    }
}

/// The contents of an invite after every check but the signature's.
#[derive(Debug, Clone)]
pub(super) struct Contents {
    pub(super) genesis: Genesis,
    pub(super) realm: Realm,
    pub(super) card: Card,
    pub(super) certificate: Certificate,
    pub(super) id: InviteId,
    pub(super) expires: u64,
    pub(super) roles: Roles,
    pub(super) reusable: bool,
    pub(super) ephemeral: bool,
    pub(super) bootstraps: Vec<Multiaddr>,
}

impl Body {
    /// What `by` would sign. Checks nothing.
    pub(super) fn new(by: &ed25519::PublicKey, draft: &InviteDraft<'_>) -> Self {
        Self {
            version: VERSION,
            genesis: ByteBuf::from(draft.genesis.as_bytes()),
            by: by.to_bytes(),
            card: ByteBuf::from(draft.card.as_bytes()),
            certificate: ByteBuf::from(draft.certificate.as_bytes()),
            id: draft.id,
            expires: draft.expires,
            roles: draft.roles,
            reusable: draft.reusable,
            ephemeral: draft.ephemeral,
            bootstraps: draft.bootstraps.iter().map(|address| ByteBuf::from(address.to_vec())).collect(),
        }
    }

    /// Checks every rule and gives the contents their types.
    pub(super) fn validate(self) -> Result<Contents, Error> {
        if self.version != VERSION {
            return Err(Error::Version(self.version));
        }
        if self.expires > MAX_TIME {
            return Err(Error::Time(self.expires));
        }
        let genesis = Genesis::from_bytes(&self.genesis)?;
        let realm = Realm::of(&genesis);
        let card = Card::from_bytes(&self.card)?;
        let certificate = Certificate::from_bytes(&self.certificate, &realm)?;
        if card.public_key().to_bytes() != self.by || certificate.public_key().to_bytes() != self.by {
            return Err(Error::OfAnother);
        }
        if !certificate.roles().inviter {
            return Err(Error::NotInviter);
        }
        if card.address() != certificate.address() {
            return Err(Error::Address);
        }
        if self.bootstraps.len() > MAX_BOOTSTRAPS {
            return Err(Error::BootstrapCount { found: self.bootstraps.len() });
        }
        let bootstraps = self.bootstraps.into_iter().map(bootstrap).collect::<Result<_, _>>()?;
        let Self { id, expires, roles, reusable, ephemeral, .. } = self;
        Ok(Contents {
            genesis,
            realm,
            card,
            certificate,
            id,
            expires,
            roles,
            reusable,
            ephemeral,
            bootstraps,
        })
    }
}

fn bootstrap(bytes: ByteBuf) -> Result<Multiaddr, Error> {
    if bytes.len() > MAX_BOOTSTRAP_BYTES {
        return Err(Error::Bootstrap);
    }
    let address = Multiaddr::try_from(bytes.into_vec()).map_err(|_| Error::Bootstrap)?;
    match address.iter().last() {
        Some(Protocol::P2p(_)) => Ok(address),
        _ => Err(Error::Bootstrap),
    }
}
